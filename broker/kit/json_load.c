/*
 * Trees for configuration, made of jansson's values but not by its parser: that one reads behind its buffer when memory
 * runs out inside a long string. The text is checked first; the tree is then built by walking it.
 */

#include "kit/json_load.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/json_text.h"

#define SHORT_NUMBER 63

/* One load: the first error and where it stands. */
typedef struct json_loader {
        sk_err err;
        const char *at;
} json_loader;

void sk_json_load_prepare(void) {
        json_set_alloc_funcs(sk_alloc, sk_free);
}

static json_t *refuse(json_loader *loader, sk_err err, const char *at) {
        assert(err != SK_OK);
        if (loader->err == SK_OK) {
                loader->err = err;
                loader->at = at;
        }
        return NULL;
}

/*
 * The text behind the inside of a string: the inside itself, or new memory in *out_new when it has escapes.
 * SK_NONE when there is no memory for it, or when it has U+0000, which C strings cannot hold.
 */
static sk_slice unescape(json_loader *loader, sk_slice inside, char **out_new) {
        assert(out_new != NULL);
        *out_new = NULL;
        if (inside.len == 0)
                return SK_SLICE("");
        if (memchr(inside.at, '\\', inside.len) == NULL)
                return inside;
        char *text = sk_alloc(inside.len);
        size_t len = 0;
        if (text == NULL) {
                (void)refuse(loader, SK_ERR_NO_MEMORY, inside.at);
                return SK_NONE;
        }
        for (const char *at = inside.at; at < inside.at + inside.len;) {
                char unit[4];
                const char *from = at;
                size_t unit_len = sk_json_text_unit(&at, inside.at + inside.len, unit);
                assert(len + unit_len <= inside.len);
                memcpy(text + len, unit, unit_len);
                len += unit_len;
                if (unit_len == 1 && unit[0] == '\0') {
                        (void)refuse(loader, SK_ERR_RANGE, from);
                        sk_free(text);
                        return SK_NONE;
                }
        }
        *out_new = text;
        return (sk_slice){text, len};
}

static json_t *string_of(json_loader *loader, sk_slice value) {
        char *memory;
        assert(value.len >= 2);
        assert(value.at[0] == '"');
        sk_slice text = unescape(loader, (sk_slice){value.at + 1, value.len - 2}, &memory);
        if (!sk_slice_there(text))
                return NULL;
        json_t *string = json_stringn_nocheck(text.at, text.len);
        sk_free(memory);
        return string != NULL ? string : refuse(loader, SK_ERR_NO_MEMORY, value.at);
}

static json_t *integer_of(json_loader *loader, const char *digits, const char *at) {
        assert(digits != NULL);
        errno = 0;
        long long number = strtoll(digits, NULL, 10);
        if (errno == ERANGE)
                return refuse(loader, SK_ERR_RANGE, at);
        json_t *integer = json_integer(number);
        return integer != NULL ? integer : refuse(loader, SK_ERR_NO_MEMORY, at);
}

/* strtod wants the decimal point of the locale, which may be anything in a program that embeds this. */
static json_t *real_of(json_loader *loader, char *digits, const char *at) {
        assert(digits != NULL);
        char *point = strchr(digits, '.');
        if (point != NULL)
                *point = localeconv()->decimal_point[0];
        double number = strtod(digits, NULL);
        if (!isfinite(number))
                return refuse(loader, SK_ERR_RANGE, at);
        json_t *real = json_real(number);
        return real != NULL ? real : refuse(loader, SK_ERR_NO_MEMORY, at);
}

static json_t *number_of(json_loader *loader, sk_slice value) {
        assert(value.len > 0);
        char few[SHORT_NUMBER + 1];
        bool is_short = value.len <= SHORT_NUMBER;
        bool is_integer = true;
        for (size_t i = 0; i < value.len; i++)
                is_integer &= strchr(".eE", value.at[i]) == NULL;
        if (is_integer && !is_short)
                return refuse(loader, SK_ERR_RANGE, value.at);
        char *digits = is_short ? few : sk_alloc(value.len + 1);
        if (digits == NULL)
                return refuse(loader, SK_ERR_NO_MEMORY, value.at);
        memcpy(digits, value.at, value.len);
        digits[value.len] = '\0';
        json_t *number = is_integer ? integer_of(loader, digits, value.at) : real_of(loader, digits, value.at);
        if (!is_short)
                sk_free(digits);
        return number;
}

static json_t *value_of(json_loader *loader, sk_slice value);

static json_t *array_of(json_loader *loader, sk_slice value) {
        assert(value.len >= 2);
        json_t *array = json_array();
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name;
        sk_slice item;
        if (array == NULL)
                return refuse(loader, SK_ERR_NO_MEMORY, value.at);
        while (sk_json_walk_next(&walk, &name, &item)) {
                json_t *loaded = value_of(loader, item);
                /* A failed append gives the item back. */
                if (loaded == NULL || json_array_append_new(array, loaded) != 0) {
                        json_decref(array);
                        return refuse(loader, SK_ERR_NO_MEMORY, item.at);
                }
        }
        return array;
}

static bool put_member(json_loader *loader, json_t *object, sk_slice name, sk_slice value) {
        assert(json_is_object(object));
        char *memory;
        sk_slice text = unescape(loader, name, &memory);
        json_t *loaded = sk_slice_there(text) ? value_of(loader, value) : NULL;
        bool is_put = loaded != NULL && json_object_setn_new_nocheck(object, text.at, text.len, loaded) == 0;
        sk_free(memory);
        if (!is_put)
                (void)refuse(loader, SK_ERR_NO_MEMORY, name.at);
        return is_put;
}

static json_t *object_of(json_loader *loader, sk_slice value) {
        assert(value.len >= 2);
        json_t *object = json_object();
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name;
        sk_slice member;
        if (object == NULL)
                return refuse(loader, SK_ERR_NO_MEMORY, value.at);
        while (sk_json_walk_next(&walk, &name, &member)) {
                if (!put_member(loader, object, name, member)) {
                        json_decref(object);
                        return NULL;
                }
        }
        return object;
}

/* As deep as the check has let through. */
static json_t *value_of(json_loader *loader, sk_slice value) {
        assert(sk_slice_there(value));
        switch (sk_json_kind_of(value)) {
        case SK_JSON_NULL:
                return json_null();
        case SK_JSON_FALSE:
                return json_false();
        case SK_JSON_TRUE:
                return json_true();
        case SK_JSON_NUMBER:
                return number_of(loader, value);
        case SK_JSON_STRING:
                return string_of(loader, value);
        case SK_JSON_ARRAY:
                return array_of(loader, value);
        case SK_JSON_OBJECT:
                break;
        }
        return object_of(loader, value);
}

static sk_slice trim(sk_slice text) {
        while (text.len > 0 && strchr(" \t\r\n", text.at[0]) != NULL)
                text = (sk_slice){text.at + 1, text.len - 1};
        while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]) != NULL)
                text.len--;
        return text;
}

sk_err sk_json_load(sk_slice text, unsigned max_depth, json_t **out, sk_place *out_place) {
        json_loader loader = {.err = SK_OK};
        sk_err err = sk_json_check(text, max_depth, out_place);
        assert(out != NULL);
        if (err != SK_OK)
                return err;
        json_t *tree = value_of(&loader, trim(text));
        if (tree == NULL) {
                assert(loader.err != SK_OK);
                if (out_place != NULL)
                        *out_place = sk_place_of(text, (size_t)(loader.at - text.at));
                return loader.err;
        }
        assert(loader.err == SK_OK);
        *out = tree;
        return SK_OK;
}
