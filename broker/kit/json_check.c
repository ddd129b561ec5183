/*
 * The check of a JSON text in one pass. The open arrays and objects are a stack of bounded depth; the names of all open
 * objects are a second stack, on ours as long as they are few, so that ordinary texts cost no allocation. A name is
 * compared with the first names of its object at once; the rest of a large object is sorted when it closes.
 */

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/json_text.h"
#include "kit/utf8.h"

#define NAMES_FIRST 128
#define COMPARED_AT_ONCE 16

typedef struct name {
        const char *at;
        size_t len;
        uint32_t hash;
} name;

typedef struct frame {
        size_t names_from;
        bool is_object;
        bool has_items;
} frame;

typedef struct checker {
        const char *at;
        const char *end;
        sk_err err;
        const char *err_at;
        unsigned depth;
        unsigned max_depth;
        name *names;
        size_t name_count;
        size_t name_capacity;
        frame frames[SK_JSON_SCAN_DEPTH_MAX];
        name names_first[NAMES_FIRST];
} checker;

static bool fail(checker *c, sk_err err, const char *at) {
        assert(err != SK_OK);
        c->err = err;
        c->err_at = at;
        return false;
}

static size_t left(const checker *c) {
        return (size_t)(c->end - c->at);
}

static void skip_space(checker *c) {
        while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
                c->at++;
}

static bool check_char(checker *c, char expected) {
        if (c->at == c->end || *c->at != expected)
                return fail(c, SK_ERR_SYNTAX, c->at);
        c->at++;
        return true;
}

/* What is no plain character within a string. */
static bool check_unit(checker *c) {
        assert(c->at < c->end);
        bool is_lone = false;
        size_t len;

        if (*c->at == '\\')
                len = sk_json_text_escape(c->at, left(c), &is_lone);
        else if ((uint8_t)*c->at < 0x20)
                return fail(c, SK_ERR_SYNTAX, c->at);
        else if ((len = sk_utf8_length(c->at, left(c))) == 0)
                return fail(c, SK_ERR_UTF8, c->at);
        if (len == 0)
                return fail(c, is_lone ? SK_ERR_UTF8 : SK_ERR_SYNTAX, c->at);
        c->at += len;
        return true;
}

static bool check_string(checker *c, sk_slice *out_inside) {
        const char *from;

        if (!check_char(c, '"'))
                return false;
        from = c->at;
        for (;;) {
                c->at += sk_utf8_plain_run(c->at, left(c));
                if (c->at == c->end)
                        return fail(c, SK_ERR_SYNTAX, c->at);
                if (*c->at == '"')
                        break;
                if (!check_unit(c))
                        return false;
        }
        *out_inside = (sk_slice){from, (size_t)(c->at - from)};
        c->at++;
        return true;
}

static bool is_digit(const checker *c) {
        return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool check_digits(checker *c) {
        if (!is_digit(c))
                return fail(c, SK_ERR_SYNTAX, c->at);
        while (is_digit(c))
                c->at++;
        return true;
}

static bool is_either(const checker *c, char a, char b) {
        return c->at < c->end && (*c->at == a || *c->at == b);
}

static bool check_number(checker *c) {
        if (is_either(c, '-', '-'))
                c->at++;
        if (is_either(c, '0', '0'))
                c->at++;
        else if (!check_digits(c))
                return false;
        if (is_either(c, '.', '.')) {
                c->at++;
                if (!check_digits(c))
                        return false;
        }
        if (!is_either(c, 'e', 'E'))
                return true;
        c->at++;
        if (is_either(c, '+', '-'))
                c->at++;
        return check_digits(c);
}

static bool check_word(checker *c, const char *word) {
        assert(word != NULL);
        size_t len = strlen(word);

        if (left(c) < len || memcmp(c->at, word, len) != 0)
                return fail(c, SK_ERR_SYNTAX, c->at);
        c->at += len;
        return true;
}

static bool open_frame(checker *c) {
        assert(c->depth <= c->max_depth);
        if (c->depth == c->max_depth)
                return fail(c, SK_ERR_DEPTH, c->at);
        c->frames[c->depth++] = (frame){.names_from = c->name_count, .is_object = *c->at == '{'};
        c->at++;
        return true;
}

/* A whole scalar, or the opening of an array or object. */
static bool check_value(checker *c) {
        sk_slice inside;

        if (c->at == c->end)
                return fail(c, SK_ERR_SYNTAX, c->at);
        switch (*c->at) {
        case '{':
        case '[':
                return open_frame(c);
        case '"':
                return check_string(c, &inside);
        case 't':
                return check_word(c, "true");
        case 'f':
                return check_word(c, "false");
        case 'n':
                return check_word(c, "null");
        default:
                return check_number(c);
        }
}

static sk_slice inside_of(const name *n) {
        return (sk_slice){n->at, n->len};
}

static bool names_grow(checker *c) {
        assert(c->name_count == c->name_capacity);
        size_t capacity = c->name_capacity * 2;
        bool is_first = c->names == c->names_first;
        name *names = sk_realloc(is_first ? NULL : c->names, capacity * sizeof(*names));

        if (names == NULL)
                return fail(c, SK_ERR_NO_MEMORY, c->at);
        if (is_first)
                memcpy(names, c->names_first, sizeof(c->names_first));
        c->names = names;
        c->name_capacity = capacity;
        return true;
}

static bool add_name(checker *c, const frame *in, sk_slice inside) {
        assert(c->name_count <= c->name_capacity);
        assert(in->names_from <= c->name_count);
        name new = {inside.at, inside.len, sk_json_text_hash(inside)};

        if (c->name_count - in->names_from < COMPARED_AT_ONCE)
                for (size_t i = in->names_from; i < c->name_count; i++)
                        if (c->names[i].hash == new.hash && sk_json_text_equal(inside_of(&c->names[i]), inside))
                                return fail(c, SK_ERR_DUPLICATE, inside.at - 1);
        if (c->name_count == c->name_capacity && !names_grow(c))
                return false;
        c->names[c->name_count++] = new;
        return true;
}

/* By hash, then text, then place. */
static bool is_before(const name *a, const name *b) {
        int order;

        if (a->hash != b->hash)
                return a->hash < b->hash;
        order = sk_json_text_compare(inside_of(a), inside_of(b));
        return order != 0 ? order < 0 : a->at < b->at;
}

static void sink(name *names, size_t count, size_t at) {
        assert(at < count);
        name item = names[at];

        for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
                if (child + 1 < count && is_before(&names[child], &names[child + 1]))
                        child++;
                if (!is_before(&item, &names[child]))
                        break;
                names[at] = names[child];
                at = child;
        }
        names[at] = item;
}

/* In place and never quadratic, whatever the names are: they come from outside. */
static void sort_names(name *names, size_t count) {
        assert(names != NULL);
        for (size_t i = count / 2; i-- > 0;)
                sink(names, count, i);
        for (size_t last = count; last-- > 1;) {
                name largest = names[0];

                names[0] = names[last];
                names[last] = largest;
                sink(names, last, 0);
        }
}

static bool check_large_object(checker *c, name *names, size_t count) {
        assert(count > COMPARED_AT_ONCE);
        const char *first = NULL;

        sort_names(names, count);
        for (size_t i = 1; i < count; i++) {
                if (names[i - 1].hash != names[i].hash ||
                    !sk_json_text_equal(inside_of(&names[i - 1]), inside_of(&names[i])))
                        continue;
                if (first == NULL || names[i].at < first)
                        first = names[i].at;
        }
        return first == NULL || fail(c, SK_ERR_DUPLICATE, first - 1);
}

static bool close_frame(checker *c) {
        assert(c->depth > 0);
        const frame *closing = &c->frames[--c->depth];
        size_t count = c->name_count - closing->names_from;

        c->at++;
        c->name_count = closing->names_from;
        assert(c->name_count <= c->name_capacity);
        return count <= COMPARED_AT_ONCE || check_large_object(c, c->names + closing->names_from, count);
}

static bool check_name(checker *c, const frame *in) {
        assert(in->is_object);
        sk_slice inside;

        if (!check_string(c, &inside) || !add_name(c, in, inside))
                return false;
        skip_space(c);
        if (!check_char(c, ':'))
                return false;
        skip_space(c);
        return true;
}

/* The next item or member of the innermost array or object, or its end. */
static bool check_next(checker *c) {
        assert(c->depth > 0);
        frame *in = &c->frames[c->depth - 1];

        skip_space(c);
        if (is_either(c, in->is_object ? '}' : ']', in->is_object ? '}' : ']'))
                return close_frame(c);
        if (in->has_items) {
                if (!check_char(c, ','))
                        return false;
                skip_space(c);
        }
        in->has_items = true;
        return (!in->is_object || check_name(c, in)) && check_value(c);
}

static bool check_text(checker *c) {
        assert(c->depth == 0);
        skip_space(c);
        if (!check_value(c))
                return false;
        while (c->depth > 0)
                if (!check_next(c))
                        return false;
        skip_space(c);
        return c->at == c->end || fail(c, SK_ERR_SYNTAX, c->at);
}

sk_err sk_json_check(sk_slice text, unsigned max_depth, sk_place *out_place) {
        checker c;
        const char *from = text.len == 0 ? "" : text.at;

        c.at = from;
        c.end = c.at + text.len;
        c.err = SK_OK;
        c.err_at = c.at;
        c.depth = 0;
        c.max_depth = max_depth < SK_JSON_SCAN_DEPTH_MAX ? max_depth : SK_JSON_SCAN_DEPTH_MAX;
        c.names = c.names_first;
        c.name_count = 0;
        c.name_capacity = NAMES_FIRST;
        check_text(&c);
        if (c.names != c.names_first)
                sk_free(c.names);
        if (c.err != SK_OK && out_place != NULL)
                *out_place = sk_place_of(text, (size_t)(c.err_at - from));
        return c.err;
}
