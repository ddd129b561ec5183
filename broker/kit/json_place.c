/* Where a JSON Pointer (RFC 6901) leads in a text, for findings that name line and column. */

#include <assert.h>
#include <string.h>

#include "kit/json_scan.h"
#include "kit/json_text.h"

/* The token's next byte with ~0 and ~1 replaced; -1 at its end. */
static int token_next(const char **at) {
        char c = **at;

        if (c == '\0' || c == '/')
                return -1;
        (*at)++;
        if (c != '~' || (**at != '0' && **at != '1'))
                return (uint8_t)c;
        return *(*at)++ == '0' ? '~' : '/';
}

static bool token_is_name(const char *token, sk_slice raw) {
        const char *at = raw.at;
        const char *end = raw.at + raw.len;

        while (at < end) {
                char unit[4];
                size_t len = sk_json_text_unit(&at, end, unit);

                for (size_t i = 0; i < len; i++)
                        if (token_next(&token) != (uint8_t)unit[i])
                                return false;
        }
        return token_next(&token) < 0;
}

/* "0" or digits without a leading zero. */
static bool token_is_index(const char *token, size_t *out) {
        size_t index = 0;
        const char *at = token;

        for (; *at >= '0' && *at <= '9'; at++)
                if (__builtin_mul_overflow(index, (size_t)10, &index) ||
                    __builtin_add_overflow(index, (size_t)(*at - '0'), &index))
                        return false;
        *out = index;
        return at > token && (*at == '\0' || *at == '/') && (token[0] != '0' || at == token + 1);
}

/* One token down from @p value; the name is SK_NONE for an item. */
static bool step(sk_slice value, const char *token, sk_slice *out_name, sk_slice *out_value) {
        sk_json_walk walk = sk_json_walk_make(value);
        size_t index = 0;

        if (!walk.is_object && !token_is_index(token, &index))
                return false;
        while (sk_json_walk_next(&walk, out_name, out_value))
                if (walk.is_object ? token_is_name(token, *out_name) : index-- == 0)
                        return true;
        return false;
}

static const char *first_byte(sk_slice text) {
        const char *at = text.at;

        while (at < text.at + text.len && strchr(" \n\r\t", *at) != NULL && *at != '\0')
                at++;
        return at;
}

bool sk_json_place(sk_slice text, const char *pointer, bool of_name, sk_place *out_place) {
        sk_slice value = text;
        sk_slice name = SK_NONE;
        const char *at;

        assert(text.at != NULL);
        while (*pointer == '/') {
                sk_slice next_name, next_value;

                if (!step(value, pointer + 1, &next_name, &next_value))
                        break;
                name = next_name;
                value = next_value;
                do
                        pointer++;
                while (*pointer != '\0' && *pointer != '/');
        }
        at = of_name && *pointer == '\0' && sk_slice_there(name) ? name.at - 1 : first_byte(value);
        *out_place = sk_place_of(text, (size_t)(at - text.at));
        return *pointer == '\0';
}
