/*
 * Whether two JSON values mean the same: numbers by value, texts by what they stand for, objects without regard to order.
 */

#include <assert.h>

#include "kit/decimal.h"
#include "kit/json_scan.h"
#include "kit/json_text.h"

static bool equal_numbers(sk_slice a, sk_slice b) {
        assert(a.len > 0);
        assert(b.len > 0);
        sk_decimal left = sk_decimal_read(a), right = sk_decimal_read(b);

        return sk_decimal_compare(&left, &right) == 0;
}

static sk_slice inside(sk_slice text) {
        assert(text.len >= 2);
        return (sk_slice){text.at + 1, text.len - 2};
}

static bool equal_arrays(sk_slice a, sk_slice b) {
        assert(a.len >= 2);
        assert(b.len >= 2);
        sk_json_walk left = sk_json_walk_make(a), right = sk_json_walk_make(b);
        sk_slice name, item, other;

        while (sk_json_walk_next(&left, &name, &item)) {
                if (!sk_json_walk_next(&right, &name, &other) || !sk_json_equal(item, other))
                        return false;
        }
        return !sk_json_walk_next(&right, &name, &other);
}

static bool has_equal(sk_slice object, sk_slice wanted, sk_slice value) {
        assert(sk_slice_there(value));
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice name, found;

        while (sk_json_walk_next(&walk, &name, &found)) {
                if (sk_json_text_equal(name, wanted))
                        return sk_json_equal(found, value);
        }
        return false;
}

static size_t count(sk_slice object) {
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice name, value;
        size_t members = 0;

        while (sk_json_walk_next(&walk, &name, &value))
                members++;
        return members;
}

/* No member stands twice in a checked text, so that equal counts and a partner for each are enough. */
static bool equal_objects(sk_slice a, sk_slice b) {
        assert(a.len >= 2);
        assert(b.len >= 2);
        sk_json_walk walk = sk_json_walk_make(a);
        sk_slice name, value;

        if (count(a) != count(b))
                return false;
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!has_equal(b, name, value))
                        return false;
        }
        return true;
}

bool sk_json_equal(sk_slice a, sk_slice b) {
        sk_json_kind kind = sk_json_kind_of(a);

        if (kind != sk_json_kind_of(b))
                return false;
        switch (kind) {
        case SK_JSON_NUMBER:
                return equal_numbers(a, b);
        case SK_JSON_STRING:
                return sk_json_text_equal(inside(a), inside(b));
        case SK_JSON_ARRAY:
                return equal_arrays(a, b);
        case SK_JSON_OBJECT:
                return equal_objects(a, b);
        default:
                return true;
        }
}
