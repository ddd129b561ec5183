/*
 * JSON as people read it.
 */
#include "cli/print/plain.h"

#include "cli/print/escape.h"
#include "kit/json_scan.h"

#define DEEPEST 8
#define NAME_MAX_BYTES 1024
#define TEXT_MAX_BYTES ((size_t)4 << 20)
#define WIDEST_NAME 24

typedef struct walking {
        sk_cli *cli;
        sk_plain_visit *visit;
        void *self;
        sk_buf name;
} walking;

static void walk_value(walking *walk, sk_slice value, unsigned depth);

static sk_slice text_of(walking *walk, sk_slice value) {
        sk_slice text = sk_json_string(value, sk_cli_arena(walk->cli));
        return sk_slice_there(text) ? text : value;
}

static bool is_plain(sk_slice value) {
        sk_json_kind kind = sk_json_kind_of(value);
        return kind != SK_JSON_OBJECT && kind != SK_JSON_ARRAY;
}

static bool is_plain_array(sk_slice array) {
        sk_json_walk walk = sk_json_walk_make(array);
        sk_slice name;
        sk_slice value;
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!is_plain(value))
                        return false;
        }
        return true;
}

static void visit_array(walking *walk, sk_slice array) {
        sk_json_walk items = sk_json_walk_make(array);
        sk_buf text = sk_buf_make(TEXT_MAX_BYTES);
        sk_slice name;
        sk_slice value;
        while (sk_json_walk_next(&items, &name, &value)) {
                sk_buf_add_text(&text, text.len == 0 ? "" : ", ");
                sk_buf_add_slice(&text, text_of(walk, value));
        }
        walk->visit(walk->self, sk_buf_slice(&walk->name), sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void walk_members(walking *walk, sk_slice value, unsigned depth) {
        sk_json_walk members = sk_json_walk_make(value);
        size_t length = walk->name.len;
        unsigned count = 0;
        sk_slice name;
        sk_slice member;
        while (sk_json_walk_next(&members, &name, &member)) {
                count++;
                sk_buf_add_text(&walk->name, length == 0 ? "" : ".");
                if (sk_slice_there(name))
                        sk_buf_add_slice(&walk->name, name);
                else
                        sk_buf_add_uint(&walk->name, count);
                walk_value(walk, member, depth + 1);
                walk->name.len = walk->name.err == SK_OK ? length : walk->name.len;
        }
}

static void walk_value(walking *walk, sk_slice value, unsigned depth) {
        sk_json_kind kind = sk_json_kind_of(value);
        if (kind == SK_JSON_ARRAY && is_plain_array(value))
                visit_array(walk, value);
        else if (is_plain(value) || depth >= DEEPEST)
                walk->visit(walk->self, sk_buf_slice(&walk->name), text_of(walk, value));
        else
                walk_members(walk, value, depth);
}

void sk_plain_walk(sk_cli *cli, sk_slice json, sk_plain_visit *visit, void *self) {
        walking walk = {.cli = cli, .visit = visit, .self = self, .name = sk_buf_make(NAME_MAX_BYTES)};
        walk_value(&walk, json, 0);
        sk_buf_free(&walk.name);
}

/* ---- lines ---- */

typedef struct printing {
        sk_cli *cli;
        int indent;
        size_t width;
} printing;

static void measure(void *self, sk_slice name, sk_slice value) {
        printing *print = self;
        (void)value;
        size_t width = sk_text_columns(sk_slice_of(sk_cli_safe(print->cli, name)));
        if (width > print->width)
                print->width = width < WIDEST_NAME ? width : WIDEST_NAME;
}

static void line(void *self, sk_slice name, sk_slice value) {
        printing *print = self;
        const char *shown = sk_cli_safe(print->cli, name);
        size_t width = sk_text_columns(sk_slice_of(shown));
        int gap = width < print->width ? (int)(print->width - width) : 0;
        sk_cli_print(print->cli, "%*s%s%*s  %s\n", print->indent, "", shown, gap, "", sk_cli_safe(print->cli, value));
}

void sk_plain_print(sk_cli *cli, sk_slice json, int indent) {
        printing print = {.cli = cli, .indent = indent};
        sk_plain_walk(cli, json, measure, &print);
        sk_plain_walk(cli, json, line, &print);
}
