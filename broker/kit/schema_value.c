/*
 * Keywords that look at one value and at nothing within it or around it.
 */

#include <assert.h>

#include "kit/json_text.h"
#include "kit/schema_inside.h"

static bool fits_type(uint32_t types, sk_slice value) {
        assert(types != 0);
        sk_json_kind kind = sk_json_kind_of(value);

        if ((types >> kind & 1) != 0)
                return true;
        if (kind != SK_JSON_NUMBER || (types >> SK_TYPE_INTEGER & 1) == 0)
                return false;
        sk_decimal number = sk_decimal_read(value);
        return sk_decimal_is_integer(&number);
}

static bool is_among(sk_slice list, sk_slice value) {
        assert(sk_json_kind_of(list) == SK_JSON_ARRAY);
        sk_json_walk walk = sk_json_walk_make(list);
        sk_slice name, item;

        while (sk_json_walk_next(&walk, &name, &item)) {
                if (sk_json_equal(item, value))
                        return true;
        }
        return false;
}

static bool fits_number(const sk_schema_op *op, sk_slice value) {
        if (sk_json_kind_of(value) != SK_JSON_NUMBER)
                return true;
        sk_decimal number = sk_decimal_read(value);
        if (op->code == SK_OP_MULTIPLE)
                return sk_decimal_is_multiple(&number, &op->as.number);
        int order = sk_decimal_compare(&number, &op->as.number);
        switch (op->code) {
        case SK_OP_MAXIMUM:
                return order <= 0;
        case SK_OP_EXCLUSIVE_MAXIMUM:
                return order < 0;
        case SK_OP_MINIMUM:
                return order >= 0;
        default:
                assert(op->code == SK_OP_EXCLUSIVE_MINIMUM);
                return order > 0;
        }
}

/* Characters of a text, not bytes. */
static uint64_t length_of(sk_slice value) {
        const char *at = value.at + 1, *end = value.at + value.len - 1;
        uint64_t count = 0;
        char out[4];

        while (at < end) {
                if (*at == '\\') {
                        (void)sk_json_text_unit(&at, end, out);
                        count++;
                } else {
                        count += ((unsigned char)*at++ & 0xc0) != 0x80;
                }
        }
        return count;
}

static bool fits_length(const sk_schema_op *op, sk_slice value) {
        if (sk_json_kind_of(value) != SK_JSON_STRING)
                return true;
        uint64_t length = length_of(value);
        return op->code == SK_OP_MAX_LENGTH ? length <= op->as.count : length >= op->as.count;
}

bool sk_schema_value_fits(const sk_schema_op *op, sk_slice value) {
        switch (op->code) {
        case SK_OP_TYPE:
                return fits_type(op->as.types, value);
        case SK_OP_CONST:
                return sk_json_equal(op->as.value, value);
        case SK_OP_ENUM:
                return is_among(op->as.value, value);
        case SK_OP_MAX_LENGTH:
        case SK_OP_MIN_LENGTH:
                return fits_length(op, value);
        default:
                return fits_number(op, value);
        }
}
