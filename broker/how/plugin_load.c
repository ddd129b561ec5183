/* What a descriptor says is believed only where it is bounded: names, the table's length, the version. */

#include "how/plugin_load.h"

#include <assert.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/json_scan.h"

#define NAME_MAX_BYTES 60u

static sk_err fail(char why[SK_PLUGIN_WHY_MAX], sk_err err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static sk_err fail(char why[SK_PLUGIN_WHY_MAX], sk_err err, const char *format, ...) {
        va_list list;

        va_start(list, format);
        (void)vsnprintf(why, SK_PLUGIN_WHY_MAX, format, list);
        va_end(list);
        return err;
}

/* ---- loading ---- */

static bool is_name(const char *text) {
        size_t len = text == NULL ? 0 : strnlen(text, NAME_MAX_BYTES + 1);

        return len > 0 && len <= NAME_MAX_BYTES &&
               strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(text);
}

/* As many options as the table has, or more than there may be. */
static size_t options_count(const schakel_plugin_option *options) {
        size_t count = 0;

        while (options != NULL && count <= SK_PLUGIN_OPTIONS_MAX && options[count].name != NULL)
                count++;
        return count;
}

static sk_err options_look(const schakel_plugin_option *options, size_t count, char why[SK_PLUGIN_WHY_MAX]) {
        if (options == NULL || count > SK_PLUGIN_OPTIONS_MAX)
                return fail(why, SK_ERR_CONFIG, "it has no table of options, or one with more than %u",
                            SK_PLUGIN_OPTIONS_MAX);
        for (size_t i = 0; i < count; i++) {
                if (!is_name(options[i].name) || options[i].type > SCHAKEL_PLUGIN_FILE || options[i].help == NULL)
                        return fail(why, SK_ERR_CONFIG, "option %zu of it has no good name, type or help", i + 1);
        }
        return SK_OK;
}

static sk_err descriptor_look(sk_plugin_loaded *loaded, const char *name, char why[SK_PLUGIN_WHY_MAX]) {
        const schakel_plugin_descriptor *plugin = loaded->plugin;

        if (plugin->abi == 0 || plugin->abi > SCHAKEL_PLUGIN_ABI_LATEST)
                return fail(why, SK_ERR_VERSION,
                            "it is built for version %u of schakel/plugin.h; versions 1 to %u are known here: build it "
                            "again, with -DSCHAKEL_PLUGIN_ABI=%u",
                            (unsigned)plugin->abi, SCHAKEL_PLUGIN_ABI_LATEST, SCHAKEL_PLUGIN_ABI_LATEST);
        if (!is_name(plugin->name) || plugin->about == NULL || plugin->handle == NULL)
                return fail(why, SK_ERR_CONFIG, "its descriptor lacks a name, a line about it, or handle");
        if (name != NULL && strcmp(plugin->name, name) != 0)
                return fail(why, SK_ERR_CONFIG, "it calls itself %s, and its file %s", plugin->name, name);
        loaded->option_count = options_count(plugin->options);
        return options_look(plugin->options, loaded->option_count, why);
}

sk_err sk_plugin_load(const char *path, const char *name, sk_plugin_loaded *out, char why[SK_PLUGIN_WHY_MAX]) {
        assert(path != NULL && out != NULL);
        *out = (sk_plugin_loaded){.object = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
        if (out->object == NULL)
                return fail(why, SK_ERR_IO, "it cannot be loaded: %s", dlerror());
        out->plugin = dlsym(out->object, "schakel_plugin");
        if (out->plugin == NULL)
                return fail(why, SK_ERR_CONFIG, "it has no symbol schakel_plugin");
        return descriptor_look(out, name, why);
}

/* ---- a configuration ---- */

static const char *const type_words[] = {[SCHAKEL_PLUGIN_TEXT] = "text",
                                         [SCHAKEL_PLUGIN_INTEGER] = "a whole number",
                                         [SCHAKEL_PLUGIN_BOOLEAN] = "true or false",
                                         [SCHAKEL_PLUGIN_FILE] = "a path"};

static bool is_integer(sk_slice value) {
        size_t i = value.len > 0 && value.at[0] == '-' ? 1 : 0;

        if (value.len - i == 0 || value.len - i > 18)
                return false;
        while (i < value.len && value.at[i] >= '0' && value.at[i] <= '9')
                i++;
        return i == value.len;
}

static sk_slice file_of(sk_slice path, const char *team_dir, sk_arena *arena) {
        char whole[PATH_MAX];

        if (path.len == 0 || path.at[0] == '/')
                return path;
        int len = snprintf(whole, sizeof(whole), "%s/%.*s", team_dir, (int)path.len, path.at);
        return len < 0 || (size_t)len >= sizeof(whole) ? SK_NONE : sk_arena_copy(arena, (sk_slice){whole, (size_t)len});
}

/* The value as it is given; SK_NONE: it is not of the type. */
static sk_slice value_of(schakel_plugin_type type, sk_slice value, const char *team_dir, sk_arena *arena) {
        sk_json_kind kind = sk_json_kind_of(value);

        if (type == SCHAKEL_PLUGIN_BOOLEAN)
                return kind == SK_JSON_TRUE || kind == SK_JSON_FALSE ? value : SK_NONE;
        if (type == SCHAKEL_PLUGIN_INTEGER)
                return kind == SK_JSON_NUMBER && is_integer(value) ? value : SK_NONE;
        if (kind != SK_JSON_STRING)
                return SK_NONE;
        sk_slice text = sk_json_string(value, arena);
        if (!sk_slice_there(text) || text.len >= PATH_MAX || memchr(text.at, '\0', text.len) != NULL)
                return SK_NONE;
        return type == SCHAKEL_PLUGIN_FILE ? file_of(text, team_dir, arena) : text;
}

static bool is_option(const sk_plugin_loaded *loaded, sk_slice name) {
        size_t i = 0;

        while (i < loaded->option_count && !sk_slice_is(name, loaded->plugin->options[i].name))
                i++;
        return i < loaded->option_count;
}

static sk_err names_look(const sk_plugin_loaded *loaded, sk_slice config, char why[SK_PLUGIN_WHY_MAX]) {
        sk_json_walk walk = sk_json_walk_make(config);
        sk_slice name;
        sk_slice value;

        if (sk_json_kind_of(config) != SK_JSON_OBJECT)
                return fail(why, SK_ERR_CONFIG, "config: an object is expected");
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!is_option(loaded, name))
                        return fail(why, SK_ERR_CONFIG, "config: %s has no option \"%.*s\"; schakeld --plugin-help %s",
                                    loaded->plugin->name, (int)(name.len > 60 ? 60 : name.len), name.at,
                                    loaded->plugin->name);
        }
        return SK_OK;
}

sk_err sk_plugin_values(const sk_plugin_loaded *loaded, sk_slice config, const char *team_dir, sk_arena *arena,
                        const char *values[SK_PLUGIN_OPTIONS_MAX + 1], char why[SK_PLUGIN_WHY_MAX]) {
        sk_slice given = sk_slice_there(config) ? config : SK_SLICE("{}");
        sk_err err = names_look(loaded, given, why);

        for (size_t i = 0; err == SK_OK && i < loaded->option_count; i++) {
                const schakel_plugin_option *option = &loaded->plugin->options[i];
                sk_slice value = sk_json_member(given, option->name);
                values[i] = option->standard;
                if (!sk_slice_there(value) && option->standard == NULL)
                        err = fail(why, SK_ERR_CONFIG, "config: \"%s\" is missing: %s", option->name, option->help);
                if (!sk_slice_there(value))
                        continue;
                value = value_of(option->type, value, team_dir, arena);
                if (!sk_slice_there(value))
                        return fail(why, SK_ERR_CONFIG, "config: \"%s\" is not %s", option->name,
                                    type_words[option->type]);
                values[i] = sk_arena_copy(arena, value).at;
        }
        values[loaded->option_count] = NULL;
        if (err == SK_OK && sk_arena_err(arena) != SK_OK)
                err = fail(why, SK_ERR_NO_MEMORY, "no memory is left");
        return err;
}

/* ---- the page ---- */

static void option_page(const schakel_plugin_option *option, sk_buf *out) {
        sk_buf_add_format(out, "| `%s` | %s | ", option->name, type_words[option->type]);
        if (option->standard == NULL)
                sk_buf_add_text(out, "must be given");
        else if (option->standard[0] == '\0')
                sk_buf_add_text(out, "none");
        else
                sk_buf_add_format(out, "`%s`", option->standard);
        sk_buf_add_format(out, " | %s |\n", option->help);
}

void sk_plugin_page(const sk_plugin_loaded *loaded, sk_buf *out) {
        sk_buf_add_format(out, "## %s\n\n%s\n", loaded->plugin->name, loaded->plugin->about);
        if (loaded->option_count > 0)
                sk_buf_add_text(out, "\n| option | type | otherwise | what it is |\n|---|---|---|---|\n");
        for (size_t i = 0; i < loaded->option_count; i++)
                option_page(&loaded->plugin->options[i], out);
}
