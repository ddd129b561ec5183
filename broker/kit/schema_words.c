/*
 * What a keyword demands, as the end of a sentence that begins with the value's place: `must be at least 1`. It is read
 * from the schema's text when something does not fit; what is as it should be needs no words.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/json_text.h"
#include "kit/schema_inside.h"

#define SHOWN_MAX 120 /* bytes of a value in a sentence */

/* `%s` is the keyword's value; in front of a word that counts, `1` takes its s away. */
static const struct {
        const char *keyword;
        const char *text;
        const char *counted;
} table[] = {
        {"minimum", "must be at least %s", NULL},
        {"exclusiveMinimum", "must be more than %s", NULL},
        {"maximum", "must be at most %s", NULL},
        {"exclusiveMaximum", "must be less than %s", NULL},
        {"multipleOf", "must be a multiple of %s", NULL},
        {"minLength", "must have at least %s", "letter"},
        {"maxLength", "must have at most %s", "letter"},
        {"pattern", "must match the pattern %s", NULL},
        {"minItems", "must have at least %s", "item"},
        {"maxItems", "must have at most %s", "item"},
        {"minProperties", "must have at least %s", "member"},
        {"maxProperties", "must have at most %s", "member"},
        {"uniqueItems", "must have each item once", NULL},
        {"contains", "has too few items of the kind that it must have", NULL},
        {"maxContains", "must have at most %s of that kind", "item"},
        {"const", "must be %s", NULL},
        {"not", "must not be that", NULL},
        {"anyOf", "fits none of what it may be", NULL},
        {"oneOf", "must fit exactly one of what it may be", NULL},
        {"required", "is required", NULL},
        {"dependentRequired", "is required", NULL},
};

static bool is_short(sk_slice value) {
        return value.len <= SHOWN_MAX;
}

static void add_counted(sk_slice value, const char *text, const char *counted, sk_buf *out) {
        assert(text != NULL);
        const char *place = strstr(text, "%s");

        if (place == NULL) {
                sk_buf_add_text(out, text);
                return;
        }
        sk_buf_add(out, text, (size_t)(place - text));
        sk_buf_add_slice(out, is_short(value) ? value : SK_SLICE("..."));
        if (counted != NULL)
                sk_buf_add_format(out, " %s%s", counted, sk_slice_is(value, "1") ? "" : "s");
        sk_buf_add_text(out, place + 2);
}

/* ---- types and values ---- */

static const char *type_word(sk_slice type) {
        assert(type.len >= 2);
        static const char *const words[][2] = {
                {"string", "a text"},         {"integer", "a whole number"}, {"number", "a number"},
                {"boolean", "true or false"}, {"object", "an object"},       {"array", "a list"},
        };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                if (sk_json_text_equal((sk_slice){type.at + 1, type.len - 2}, sk_slice_of(words[i][0])))
                        return words[i][1];
        }
        return "null";
}

static void add_types(sk_slice types, sk_buf *out) {
        assert(sk_slice_there(types));
        sk_json_walk walk = sk_json_walk_make(types);
        sk_slice name, type;
        const char *between = "";

        sk_buf_add_text(out, "must be ");
        if (!sk_json_walk_next(&walk, &name, &type)) {
                sk_buf_add_text(out, type_word(types));
                return;
        }
        do {
                sk_buf_add_format(out, "%s%s", between, type_word(type));
                between = " or ";
        } while (sk_json_walk_next(&walk, &name, &type));
}

static void add_values(sk_slice values, sk_buf *out) {
        assert(sk_slice_there(values));
        sk_json_walk walk = sk_json_walk_make(values);
        sk_slice name, value;
        size_t shown = 0;

        sk_buf_add_text(out, "must be one of ");
        for (const char *between = ""; sk_json_walk_next(&walk, &name, &value); between = ", ") {
                shown += value.len + 2;
                sk_buf_add_text(out, between);
                if (shown > SHOWN_MAX) {
                        sk_buf_add_text(out, "...");
                        return;
                }
                sk_buf_add_slice(out, value);
        }
}

void sk_schema_words(sk_slice schema, const char *keyword, sk_buf *out) {
        assert(keyword != NULL);
        assert(out != NULL);
        sk_slice value = sk_json_member(schema, keyword);

        if (strcmp(keyword, "type") == 0)
                add_types(value, out);
        else if (strcmp(keyword, "enum") == 0)
                add_values(value, out);
        else if (strcmp(keyword, "format") == 0)
                sk_buf_add_format(out, "must be %s", sk_schema_format_word(value));
        else if (strcmp(keyword, "minLength") == 0 && sk_slice_is(value, "1"))
                sk_buf_add_text(out, "must not be empty");
        else if (strcmp(keyword, "const") == 0 && !is_short(value))
                sk_buf_add_text(out, "is not the one value that it may have");
        else
                for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                        if (strcmp(keyword, table[i].keyword) == 0)
                                add_counted(value, table[i].text, table[i].counted, out);
                }
        if (out->len == 0)
                sk_buf_add_text(out, "may not be there"); /* by a schema that nothing fits */
}
