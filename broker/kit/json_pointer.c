#include "kit/json_pointer.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "kit/json_scan.h"
#include "kit/json_text.h"

sk_slice sk_json_pointer_take(sk_slice *rest) {
        assert(rest->len > 0);
        assert(rest->at[0] == '/');
        const char *end = memchr(rest->at + 1, '/', rest->len - 1);
        size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
        sk_slice token = {rest->at + 1, len - 1};

        *rest = (sk_slice){rest->at + len, rest->len - len};
        return token;
}

/* The token's byte at *at, which moves on; -1 at its end. */
static int next_of(sk_slice token, size_t *at) {
        assert(*at <= token.len);
        if (*at == token.len)
                return -1;
        char c = token.at[(*at)++];
        if (c != '~' || *at == token.len || (token.at[*at] != '0' && token.at[*at] != '1'))
                return (uint8_t)c;
        return token.at[(*at)++] == '0' ? '~' : '/';
}

bool sk_json_pointer_is(sk_slice token, sk_slice raw) {
        const char *from = raw.at;
        const char *end = raw.at + raw.len;
        size_t at = 0;

        while (from < end) {
                char unit[4];
                size_t len = sk_json_text_unit(&from, end, unit);

                for (size_t i = 0; i < len; i++) {
                        if (next_of(token, &at) != (uint8_t)unit[i])
                                return false;
                }
        }
        return at == token.len;
}

/* "0" or digits without a leading zero. */
static bool is_index(sk_slice token, size_t *out) {
        assert(out != NULL);
        size_t index = 0;

        for (size_t i = 0; i < token.len; i++) {
                if (token.at[i] < '0' || token.at[i] > '9' || __builtin_mul_overflow(index, (size_t)10, &index) ||
                    __builtin_add_overflow(index, (size_t)(token.at[i] - '0'), &index))
                        return false;
        }
        *out = index;
        return token.len == 1 || (token.len > 1 && token.at[0] != '0');
}

bool sk_json_pointer_step(sk_slice value, sk_slice token, sk_slice *out_name, sk_slice *out_value) {
        assert(out_name != NULL);
        assert(out_value != NULL);
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, child;
        size_t index = 0;

        if (!walk.is_object && !is_index(token, &index))
                return false;
        while (sk_json_walk_next(&walk, &name, &child)) {
                if (walk.is_object ? !sk_json_pointer_is(token, name) : index-- != 0)
                        continue;
                *out_name = name;
                *out_value = child;
                return true;
        }
        return false;
}

sk_slice sk_json_pointer_follow(sk_slice value, sk_slice pointer) {
        assert(pointer.len == 0 || pointer.at[0] == '/');
        while (pointer.len > 0) {
                sk_slice token = sk_json_pointer_take(&pointer);
                sk_slice name;
                if (!sk_json_pointer_step(value, token, &name, &value))
                        return SK_NONE;
        }
        return value;
}

void sk_json_pointer_add(sk_slice name, sk_buf *out) {
        assert(out != NULL);
        sk_buf_add_byte(out, '/');
        for (size_t i = 0; i < name.len; i++) {
                if (name.at[i] == '~' || name.at[i] == '/')
                        sk_buf_add_text(out, name.at[i] == '~' ? "~0" : "~1");
                else
                        sk_buf_add_byte(out, (uint8_t)name.at[i]);
        }
}

void sk_json_pointer_write(sk_slice root, const char *at, sk_buf *out) {
        assert(out != NULL);
        sk_slice value = root;
        bool is_deeper = true;

        while (value.at != at && is_deeper && out->err == SK_OK) {
                sk_json_walk walk = sk_json_walk_make(value);
                sk_slice name, child;
                size_t index = 0;
                for (is_deeper = false; !is_deeper && sk_json_walk_next(&walk, &name, &child); index++) {
                        /* A name is part of its object: what stands at one is told by its member. */
                        const char *from = walk.is_object ? name.at - 1 : child.at;
                        is_deeper = at >= from && at < child.at + child.len;
                        if (!is_deeper)
                                continue;
                        if (walk.is_object)
                                sk_json_pointer_add(name, out);
                        else
                                sk_buf_add_format(out, "/%zu", index);
                        value = at < child.at ? (sk_slice){at, 0} : child;
                }
        }
        if (out->err == SK_ERR_FULL)
                out->err = SK_OK; /* the beginning of it is better than nothing */
}
