/*
 * One member of a JSON text is changed where it stands. New members are laid out as their neighbours are.
 */
#include "cli/template/json_edit.h"

#include <assert.h>

#include "kit/json_scan.h"
#include "kit/json_text.h"

#define COLUMNS 110u
#define STEP 2u

/* ---- laying out ---- */

static bool is_container(sk_slice value) {
        sk_json_kind kind = sk_json_kind_of(value);

        return kind == SK_JSON_OBJECT || kind == SK_JSON_ARRAY;
}

static void put_name(sk_slice name, sk_buf *out) {
        if (!sk_slice_there(name))
                return;
        sk_buf_add_byte(out, '"');
        sk_buf_add_slice(out, name);
        sk_buf_add_text(out, "\": ");
}

void sk_json_flat(sk_slice value, sk_buf *out) {
        sk_json_walk walk = sk_json_walk_make(value);
        bool is_object = sk_json_kind_of(value) == SK_JSON_OBJECT;
        const char *before = is_object ? "{ " : "[";
        sk_slice name;
        sk_slice item;

        if (!is_container(value)) {
                sk_buf_add_slice(out, value);
                return;
        }
        while (sk_json_walk_next(&walk, &name, &item)) {
                sk_buf_add_text(out, before);
                put_name(name, out);
                sk_json_flat(item, out);
                before = ", ";
        }
        if (before[0] != ',')
                sk_buf_add_text(out, is_object ? "{}" : "[]");
        else
                sk_buf_add_text(out, is_object ? " }" : "]");
}

static void put_break(unsigned indent, sk_buf *out) {
        sk_buf_add_byte(out, '\n');
        for (unsigned i = 0; i < indent; i++)
                sk_buf_add_byte(out, ' ');
}

void sk_json_pretty(sk_slice value, unsigned indent, size_t used, sk_buf *out) {
        sk_json_walk walk = sk_json_walk_make(value);
        bool is_object = sk_json_kind_of(value) == SK_JSON_OBJECT;
        size_t start = out->len;
        char before = is_object ? '{' : '[';
        sk_slice name;
        sk_slice item;

        sk_json_flat(value, out);
        if (out->err != SK_OK || used + (out->len - start) <= COLUMNS || !is_container(value))
                return;
        out->len = start;
        while (sk_json_walk_next(&walk, &name, &item)) {
                sk_buf_add_byte(out, (uint8_t)before);
                put_break(indent + STEP, out);
                put_name(name, out);
                sk_json_pretty(item, indent + STEP, indent + STEP + (sk_slice_there(name) ? name.len + 4 : 0), out);
                before = ',';
        }
        put_break(indent, out);
        sk_buf_add_byte(out, is_object ? '}' : ']');
}

/* ---- finding ---- */

/* A member of an object, or the place where one would stand. */
typedef struct spot {
        sk_slice object;
        sk_slice first;    /* raw name of the object's first member; SK_NONE: it has none */
        sk_slice name;     /* raw name of the member; SK_NONE: it is not there */
        sk_slice value;    /* of the member */
        sk_slice next;     /* raw name of the one behind it */
        sk_slice previous; /* value of the one in front of it, or in front of where it would stand */
} spot;

static bool is_named(sk_slice raw, const char *name) {
        return sk_json_text_equal(raw, sk_slice_of(name));
}

static spot spot_of(sk_slice object, const sk_json_edit *edit) {
        sk_json_walk walk = sk_json_walk_make(object);
        bool is_behind = edit->after != NULL && edit->after[0] == '\0';
        spot at = {.object = object};
        sk_slice last = SK_NONE;
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!sk_slice_there(at.first))
                        at.first = name;
                if (sk_slice_there(at.name)) {
                        at.next = name;
                        return at;
                }
                if (is_named(name, edit->name)) {
                        at.name = name;
                        at.value = value;
                        at.previous = last;
                }
                last = value;
                if (!sk_slice_there(at.name) && !is_behind) {
                        at.previous = last;
                        is_behind = edit->after != NULL && is_named(name, edit->after);
                }
        }
        return at;
}

/* Blanks at the beginning of the line in which @p at stands. */
static unsigned indent_of(sk_slice text, const char *at) {
        unsigned indent = 0;
        const char *line = at;

        while (line > text.at && line[-1] != '\n')
                line--;
        while (line < at && *line == ' ')
                line++, indent++;
        return indent;
}

/* ---- changing ---- */

static void put_until(sk_slice text, const char *to, sk_buf *out) {
        sk_buf_add(out, text.at, (size_t)(to - text.at));
}

static void put_from(sk_slice text, const char *from, sk_buf *out) {
        sk_buf_add(out, from, (size_t)(text.at + text.len - from));
}

static void replace(sk_slice text, const spot *at, sk_slice value, sk_buf *out) {
        put_until(text, at->value.at, out);
        sk_json_pretty(value, indent_of(text, at->name.at), at->name.len + 4 + indent_of(text, at->name.at), out);
        put_from(text, at->value.at + at->value.len, out);
}

static void take_away(sk_slice text, const spot *at, sk_buf *out) {
        if (sk_slice_there(at->previous)) {
                put_until(text, at->previous.at + at->previous.len, out);
                put_from(text, at->value.at + at->value.len, out);
        } else if (sk_slice_there(at->next)) {
                put_until(text, at->name.at - 1, out);
                put_from(text, at->next.at - 1, out);
        } else {
                put_until(text, at->object.at, out);
                sk_buf_add_text(out, "{}");
                put_from(text, at->object.at + at->object.len, out);
        }
}

static void put_member(const sk_json_edit *edit, unsigned indent, sk_buf *out) {
        put_name(sk_slice_of(edit->name), out);
        sk_json_pretty(edit->value, indent, indent + strlen(edit->name) + 4, out);
}

static void add(sk_slice text, const spot *at, const sk_json_edit *edit, sk_buf *out) {
        if (!sk_slice_there(at->first)) {
                put_until(text, at->object.at, out);
                sk_buf_add_text(out, "{ ");
                put_member(edit, indent_of(text, at->object.at), out);
                sk_buf_add_text(out, " }");
                put_from(text, at->object.at + at->object.len, out);
                return;
        }
        sk_slice between = {at->object.at + 1, (size_t)(at->first.at - 1 - at->object.at - 1)};
        unsigned indent = indent_of(text, at->first.at);
        const char *where = sk_slice_there(at->previous) ? at->previous.at + at->previous.len : at->first.at - 1;
        put_until(text, where, out);
        if (sk_slice_there(at->previous)) {
                sk_buf_add_byte(out, ',');
                sk_buf_add_slice(out, between);
        }
        put_member(edit, indent, out);
        if (!sk_slice_there(at->previous)) {
                sk_buf_add_byte(out, ',');
                sk_buf_add_slice(out, between);
        }
        put_from(text, where, out);
}

/* The text's own braces, without what stands around them. */
static sk_slice whole(sk_slice text) {
        while (text.len > 0 && memchr(" \t\r\n", text.at[0], 4) != NULL)
                text = (sk_slice){text.at + 1, text.len - 1};
        while (text.len > 0 && memchr(" \t\r\n", text.at[text.len - 1], 4) != NULL)
                text.len--;
        return text;
}

sk_err sk_json_edit_apply(sk_slice text, const sk_json_edit *edit, sk_buf *out) {
        sk_slice object = whole(text);

        assert(edit->name != NULL && edit->depth <= SK_JSON_EDIT_DEPTH);
        for (unsigned i = 0; i < edit->depth && sk_slice_there(object); i++)
                object = sk_json_member(object, edit->path[i]);
        if (!sk_slice_there(object) || sk_json_kind_of(object) != SK_JSON_OBJECT)
                return SK_ERR_NOT_FOUND;
        spot at = spot_of(object, edit);
        if (!sk_slice_there(edit->value) && !sk_slice_there(at.name))
                sk_buf_add_slice(out, text);
        else if (!sk_slice_there(edit->value))
                take_away(text, &at, out);
        else if (sk_slice_there(at.name))
                replace(text, &at, edit->value, out);
        else
                add(text, &at, edit, out);
        return out->err;
}
