#include "log/properties.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/buf.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024)
#define PROPERTIES_MAX 1000
#define TEXT_BYTES_MAX ((size_t)64 * 1024)
#define TEAM "{team}"

struct sk_properties {
        sk_chain_property *list; /* each text is memory of its own */
        size_t count;
};

static void text_free(sk_slice text) {
        if (sk_slice_there(text))
                explicit_bzero((void *)(uintptr_t)text.at, text.len);
        sk_free((void *)(uintptr_t)text.at);
}

static void remove_at(sk_properties *properties, size_t index) {
        text_free(properties->list[index].name);
        text_free(properties->list[index].value);
        properties->list[index] = properties->list[--properties->count];
}

void sk_properties_free(sk_properties *properties) {
        if (properties == NULL)
                return;
        while (properties->count > 0)
                remove_at(properties, properties->count - 1);
        sk_free(properties->list);
        sk_free(properties);
}

const sk_chain_property *sk_properties_list(const sk_properties *properties, size_t *out_count) {
        assert(properties != NULL);
        assert(out_count != NULL);
        *out_count = properties->count;
        return properties->list;
}

/* ---- one property ---- */

static sk_slice copy_of(sk_slice text) {
        char *copy = sk_alloc_copy(text.at, text.len);
        return copy == NULL ? SK_NONE : (sk_slice){copy, text.len};
}

/* The value with the team's name in it; SK_NONE: no memory. */
static sk_slice expand(sk_slice value, sk_slice team) {
        sk_buf text = sk_buf_make(TEXT_BYTES_MAX);
        const char *end = value.at + value.len;

        for (const char *at = value.at; at < end;) {
                const char *mark = memmem(at, (size_t)(end - at), TEAM, strlen(TEAM));
                sk_buf_add(&text, at, (size_t)((mark == NULL ? end : mark) - at));
                if (mark != NULL)
                        sk_buf_add_slice(&text, team);
                at = mark == NULL ? end : mark + strlen(TEAM);
        }
        sk_slice made = text.err == SK_OK ? copy_of(sk_buf_slice(&text)) : SK_NONE;
        if (text.len > 0)
                explicit_bzero(text.at, text.len);
        sk_buf_free(&text);
        return made;
}

static void forget(sk_properties *properties, sk_slice name) {
        for (size_t i = 0; i < properties->count; i++) {
                if (sk_slice_equal(properties->list[i].name, name)) {
                        remove_at(properties, i);
                        return;
                }
        }
}

/* In place of what was said before; an empty value says that nothing is to be said. */
static sk_err put(sk_properties *properties, sk_slice name, sk_slice value) {
        sk_chain_property made;

        forget(properties, name);
        if (value.len == 0)
                return SK_OK;
        if (properties->count == PROPERTIES_MAX)
                return SK_ERR_FULL;
        made = (sk_chain_property){.name = copy_of(name), .value = copy_of(value)};
        if (!sk_slice_there(made.name) || !sk_slice_there(made.value)) {
                text_free(made.name);
                text_free(made.value);
                return SK_ERR_NO_MEMORY;
        }
        properties->list[properties->count++] = made;
        return SK_OK;
}

/* ---- the file ---- */

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
}

static sk_slice trim(sk_slice text) {
        while (text.len > 0 && is_blank(text.at[0]))
                text = (sk_slice){text.at + 1, text.len - 1};
        while (text.len > 0 && is_blank(text.at[text.len - 1]))
                text.len--;
        return text;
}

/* `NAME=VALUE`, a remark, or nothing. */
static sk_err line_take(sk_properties *properties, sk_slice line) {
        line = trim(line);
        if (line.len == 0 || line.at[0] == '#')
                return SK_OK;
        const char *equals = memchr(line.at, '=', line.len);
        if (equals == NULL || memchr(line.at, '\0', line.len) != NULL)
                return SK_ERR_SYNTAX;
        sk_slice name = trim((sk_slice){line.at, (size_t)(equals - line.at)});
        sk_slice value = trim((sk_slice){equals + 1, (size_t)(line.at + line.len - equals) - 1});
        return name.len == 0 ? SK_ERR_SYNTAX : put(properties, name, value);
}

static sk_err lines_take(sk_properties *properties, const char *path, sk_slice text, char *why) {
        const char *end = text.at + text.len;
        unsigned number = 1;

        for (const char *at = text.at; at < end; number++) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const char *stop = newline == NULL ? end : newline;
                sk_err err = line_take(properties, (sk_slice){at, (size_t)(stop - at)});
                if (err == SK_ERR_NO_MEMORY)
                        return err;
                if (err != SK_OK) {
                        (void)snprintf(why, SK_PROPERTIES_WHY_MAX, "%.300s:%u: %s", path, number,
                                       err == SK_ERR_FULL ? "there are more than 1000 properties"
                                                          : "a line is NAME=VALUE, or a remark that begins with #");
                        return SK_ERR_CONFIG;
                }
                at = stop + 1;
        }
        return SK_OK;
}

static sk_err file_take(sk_properties *properties, const char *path, char *why) {
        FILE *file = fopen(path, "re");
        char *text = sk_alloc(FILE_BYTES_MAX + 1);
        size_t len = file == NULL || text == NULL ? 0 : fread(text, 1, FILE_BYTES_MAX + 1, file);
        bool is_read = file != NULL && ferror(file) == 0;
        sk_err err = text == NULL ? SK_ERR_NO_MEMORY : SK_ERR_CONFIG;

        if (text != NULL && !is_read)
                (void)snprintf(why, SK_PROPERTIES_WHY_MAX, "the properties in %.300s cannot be read: %s", path,
                               strerrordesc_np(errno));
        else if (len > FILE_BYTES_MAX)
                (void)snprintf(why, SK_PROPERTIES_WHY_MAX, "%.300s is longer than 64 KiB; these are no properties",
                               path);
        else if (text != NULL)
                err = lines_take(properties, path, (sk_slice){text, len}, why);
        if (file != NULL)
                (void)fclose(file);
        if (text != NULL)
                explicit_bzero(text, len);
        sk_free(text);
        return err;
}

/* ---- the whole ---- */

static bool has_team(sk_slice value) {
        return memmem(value.at, value.len, TEAM, strlen(TEAM)) != NULL;
}

/* A variable of the environment that is empty names none. */
static bool has_file(const sk_properties_config *config) {
        return config->file != NULL && config->file[0] != '\0';
}

static sk_err edition_take(sk_properties *properties, const sk_properties_config *config) {
        size_t count = 0;
        const sk_chain_property *said = sk_edition_kafka(config->edition, &count);
        bool is_own = config->is_person && has_file(config);
        sk_err err = SK_OK;

        for (size_t i = 0; i < count && err == SK_OK; i++) {
                if (!is_own || !has_team(said[i].value))
                        err = put(properties, said[i].name, said[i].value);
        }
        return err;
}

static sk_err teams_fill(sk_properties *properties, sk_slice team, char *why) {
        for (size_t i = 0; i < properties->count; i++) {
                sk_chain_property *property = &properties->list[i];
                if (!has_team(property->value))
                        continue;
                if (!sk_slice_there(team)) {
                        (void)snprintf(
                                why, SK_PROPERTIES_WHY_MAX,
                                "the property \"%.100s\" is another for each team; say which team's is meant, or "
                                "name a file with properties of your own in " SK_PROPERTIES_ENVIRONMENT,
                                property->name.at);
                        return SK_ERR_CONFIG;
                }
                sk_slice value = expand(property->value, team);
                if (!sk_slice_there(value))
                        return SK_ERR_NO_MEMORY;
                text_free(property->value);
                property->value = value;
        }
        return SK_OK;
}

sk_err sk_properties_new(const sk_properties_config *config, char why[SK_PROPERTIES_WHY_MAX], sk_properties **out) {
        assert(config != NULL);
        assert(why != NULL);
        assert(out != NULL);
        sk_properties *properties = sk_alloc_zero(1, sizeof(*properties));
        if (properties == NULL)
                return SK_ERR_NO_MEMORY;

        why[0] = '\0';
        properties->list = sk_alloc_zero(PROPERTIES_MAX, sizeof(sk_chain_property));
        sk_err err = properties->list == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        if (err == SK_OK && config->edition != NULL)
                err = edition_take(properties, config);
        if (err == SK_OK && has_file(config))
                err = file_take(properties, config->file, why);
        if (err == SK_OK)
                err = teams_fill(properties, config->team, why);
        if (err == SK_ERR_FULL) {
                (void)snprintf(why, SK_PROPERTIES_WHY_MAX, "chain.json has more than 1000 properties of the client");
                err = SK_ERR_CONFIG;
        }
        if (err != SK_OK) {
                sk_properties_free(properties);
                return err;
        }
        *out = properties;
        return SK_OK;
}
