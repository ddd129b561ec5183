/*
 * What is to be entered in a task, for people.
 */
#include <ctype.h>
#include <stdio.h>

#include "cli/task/form_follow.h"
#include "cli/task/task_screen.h"
#include "kit/json_scan.h"

#define LINE_MAX_BYTES 16384
#define PREFIX_MAX 200
#define HANGING 2 /* how far a member that takes several lines stands in */

static bool is_required(sk_slice form, sk_slice raw_name) {
        sk_slice required = sk_json_member(form, "required");
        sk_slice name;
        sk_slice value;
        if (!sk_slice_there(required) || sk_json_kind_of(required) != SK_JSON_ARRAY)
                return false;
        sk_json_walk walk = sk_json_walk_make(required);
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (value.len == raw_name.len + 2 && memcmp(value.at + 1, raw_name.at, raw_name.len) == 0)
                        return true;
        }
        return false;
}

static bool has_properties(sk_slice form, sk_slice *out) {
        *out = sk_slice_there(form) ? sk_json_member(form, "properties") : SK_NONE;
        return sk_slice_there(*out) && sk_json_kind_of(*out) == SK_JSON_OBJECT;
}

/* ---- the list ---- */

static void add_choices(sk_cli *cli, sk_buf *line, sk_slice choices) {
        sk_slice name;
        sk_slice value;
        const char *separator = " (";
        sk_json_walk walk = sk_json_walk_make(choices);
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice text = sk_json_string(value, sk_cli_arena(cli));
                sk_buf_add_text(line, separator);
                sk_buf_add_slice(line, sk_slice_there(text) ? text : value);
                separator = ", ";
        }
        sk_buf_add_text(line, ")");
}

static void add_bound(sk_buf *line, const char *text, sk_slice bound) {
        if (sk_slice_there(bound))
                sk_buf_add_format(line, ", %s %.*s", text, (int)bound.len, bound.at);
}

static void add_kind(sk_cli *cli, sk_buf *line, sk_slice property) {
        sk_slice type = sk_json_member_string(property, "type", sk_cli_arena(cli));
        if (!sk_slice_there(type) || sk_slice_is(type, "string"))
                return;
        sk_buf_add_text(line, " (");
        if (sk_slice_is(type, "boolean"))
                sk_buf_add_text(line, "true or false");
        else
                sk_buf_add_slice(line, sk_slice_is(type, "integer") ? SK_SLICE("whole number") : type);
        add_bound(line, "at least", sk_json_member(property, "minimum"));
        add_bound(line, "at most", sk_json_member(property, "maximum"));
        sk_buf_add_text(line, ")");
}

static void add_property(sk_cli *cli, sk_buf *line, sk_slice property) {
        sk_slice title = sk_json_member_string(property, "title", sk_cli_arena(cli));
        sk_slice choices = sk_json_member(property, "enum");
        sk_slice preset = sk_json_member(property, "default");
        if (sk_slice_there(title)) {
                sk_buf_add_text(line, ": ");
                sk_buf_add_slice(line, title);
        }
        if (sk_slice_there(choices) && sk_json_kind_of(choices) == SK_JSON_ARRAY)
                add_choices(cli, line, choices);
        else
                add_kind(cli, line, property);
        if (sk_slice_there(preset))
                sk_buf_add_format(line, " [%.*s]", (int)preset.len, preset.at);
}

/** The form being listed. */
typedef struct listing {
        sk_cli *cli;
        bool is_cut_asked;
        bool is_begun;
        sk_buf line;
} listing;

static bool is_list(sk_cli *cli, sk_slice property) {
        sk_slice type = sk_json_member_string(property, "type", sk_cli_arena(cli));
        return sk_slice_there(type) && sk_slice_is(type, "array");
}

static void list_property(listing *list, sk_slice form, const char *prefix, sk_slice name, sk_slice property) {
        sk_cli *cli = list->cli;
        sk_buf_clear(&list->line);
        sk_buf_add_text(&list->line, prefix);
        sk_buf_add_slice(&list->line, name);
        sk_buf_add_text(&list->line, is_list(cli, property) ? "[]" : "");
        sk_buf_add_text(&list->line, is_required(form, name) ? "*" : "");
        add_property(cli, &list->line, property);
        sk_screen_label(cli, list->is_begun ? "" : "To enter");
        sk_wrap wrap = sk_wrap_make(cli, SK_TASK_INDENT + HANGING, SK_TASK_INDENT);
        sk_wrap_text(&wrap, sk_buf_slice(&list->line));
        sk_wrap_end(&wrap);
        list->is_begun = true;
}

/* Members of a member are named as `task complete --set` takes them: cut.components[]. */
static void list_form(listing *list, sk_slice form, const char *prefix) {
        sk_slice properties;
        sk_slice inside;
        sk_slice name;
        sk_slice value;
        if (!has_properties(form, &properties))
                return;
        sk_json_walk walk = sk_json_walk_make(properties);
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (list->is_cut_asked && sk_slice_is(name, "cut"))
                        continue;
                char longer[PREFIX_MAX];
                int len = snprintf(longer, sizeof(longer), "%s%.*s.", prefix, (int)name.len, name.at);
                if (has_properties(value, &inside) && (size_t)len < sizeof(longer))
                        list_form(list, value, longer);
                else
                        list_property(list, form, prefix, name, value);
        }
}

void sk_screen_form(sk_cli *cli, sk_slice form, bool is_cut_asked) {
        listing list = {.cli = cli, .is_cut_asked = is_cut_asked, .line = sk_buf_make(LINE_MAX_BYTES)};
        list_form(&list, sk_form_flat_text(form, sk_cli_arena(cli)), "");
        sk_buf_free(&list.line);
}

/* ---- as options ---- */

/* NAME=NAME: the second one is what the person replaces. */
static void add_option(sk_cli *cli, sk_buf *line, sk_slice name, sk_slice property) {
        sk_slice type = sk_json_member_string(property, "type", sk_cli_arena(cli));
        bool is_list = sk_slice_there(type) && sk_slice_is(type, "array");
        bool is_tree = sk_slice_there(type) && sk_slice_is(type, "object");
        sk_buf_add_text(line, " --set ");
        sk_buf_add_slice(line, name);
        sk_buf_add_text(line, is_list ? "[]=" : is_tree ? ":=" : "=");
        for (size_t i = 0; i < name.len; i++)
                sk_buf_add_byte(line, (uint8_t)toupper((unsigned char)name.at[i]));
}

const char *sk_screen_required(sk_cli *cli, sk_slice form, sk_slice draft) {
        sk_slice properties;
        sk_slice name;
        sk_slice value;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        form = sk_form_flat_text(form, sk_cli_arena(cli));
        if (!has_properties(form, &properties))
                return "";
        sk_json_walk walk = sk_json_walk_make(properties);
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice text = sk_arena_copy(sk_cli_arena(cli), name);
                bool is_saved =
                        sk_slice_there(draft) && sk_slice_there(text) && sk_slice_there(sk_json_member(draft, text.at));
                bool has_default = sk_slice_there(sk_json_member(value, "default"));
                if (is_required(form, name) && !is_saved && !has_default)
                        add_option(cli, &line, name, value);
        }
        const char *safe = sk_cli_safe(cli, sk_buf_slice(&line));
        sk_buf_free(&line);
        return safe;
}
