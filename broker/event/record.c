#include "event/record.h"

#include <assert.h>

/*
 * The run of headers: u8 length, name, u32 little-endian length, value, again and again. Nobody trusts the
 * lengths: each is compared with what is left before a byte is touched.
 */

#define NAME_MAX_BYTES 255

void sk_headers_add(sk_buf *buf, const char *name, sk_slice value) {
        assert(buf != NULL);
        assert(name != NULL);
        assert(value.len <= UINT32_MAX);
        size_t name_len = strlen(name);
        assert(name_len <= NAME_MAX_BYTES);

        sk_buf_add_byte(buf, (uint8_t)name_len);
        sk_buf_add(buf, name, name_len);
        sk_buf_add_u32(buf, (uint32_t)value.len);
        if (value.len > 0)
                sk_buf_add_slice(buf, value);
}

static uint32_t read_u32(const char *at) {
        assert(at != NULL);
        const unsigned char *bytes = (const unsigned char *)at;
        return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

bool sk_headers_next(sk_slice headers, size_t *position, sk_slice *out_name, sk_slice *out_value) {
        if (headers.at == NULL)
                return false;
        const char *at = headers.at + *position;
        size_t left = headers.len - *position;

        if (left < 1)
                return false;
        size_t name_len = (unsigned char)at[0];
        if (left < 1 + name_len + 4)
                return false;
        size_t value_len = read_u32(at + 1 + name_len);
        size_t before_value = 1 + name_len + 4;
        if (left - before_value < value_len)
                return false;

        *out_name = (sk_slice){at + 1, name_len};
        *out_value = (sk_slice){at + before_value, value_len};
        *position += before_value + value_len;
        assert(*position <= headers.len);
        return true;
}

bool sk_headers_check(sk_slice headers) {
        size_t position = 0;
        size_t count = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value)) {
                if (++count > SK_HEADERS_MAX)
                        return false;
        }
        assert(position <= headers.len);
        return position == headers.len;
}

sk_slice sk_headers_find(sk_slice headers, const char *name) {
        assert(name != NULL);
        sk_slice wanted = sk_slice_of(name);
        size_t position = 0;
        sk_slice found;
        sk_slice value;

        while (sk_headers_next(headers, &position, &found, &value)) {
                if (sk_slice_equal(found, wanted))
                        return value;
        }
        return SK_NONE;
}
