/*
 * Numbers of JSON texts, compared digit by digit where they stand.
 */

#include "kit/decimal.h"

#include <assert.h>

#define EXPONENT_MAX INT64_C(1000000000000)

/* Walks the digits of a number, the leading zeros and the point left out. */
typedef struct digits {
        const char *at;
        const char *end;
        uint32_t left;
} digits;

static digits digits_of(const sk_decimal *number) {
        digits walk = {number->digits.at, number->digits.at + number->digits.len, number->count};

        while (walk.at < walk.end && (*walk.at == '0' || *walk.at == '.'))
                walk.at++;
        return walk;
}

/* The next digit; zeros behind the last one that counts. */
static unsigned next(digits *walk) {
        if (walk->left == 0)
                return 0;
        assert(walk->at < walk->end);
        walk->left--;
        if (*walk->at == '.')
                walk->at++;
        return (unsigned)(*walk->at++ - '0');
}

static int64_t read_exponent(const char *at, const char *end) {
        assert(at <= end);
        bool is_negative = at < end && *at == '-';
        int64_t exponent = 0;

        if (at < end && (*at == '-' || *at == '+'))
                at++;
        for (; at < end; at++) {
                exponent = exponent * 10 + (*at - '0');
                if (exponent > EXPONENT_MAX)
                        exponent = EXPONENT_MAX;
        }
        assert(exponent <= EXPONENT_MAX);
        return is_negative ? -exponent : exponent;
}

sk_decimal sk_decimal_read(sk_slice number) {
        assert(number.len > 0);
        const char *end = number.at + number.len;
        const char *at = number.at;
        sk_decimal read = {.is_negative = at < end && *at == '-'};
        int64_t behind_point = 0;
        uint32_t trailing = 0;
        bool is_behind = false;

        at += read.is_negative;
        read.digits.at = at;
        for (; at < end && ((*at >= '0' && *at <= '9') || *at == '.'); at++) {
                if (*at == '.') {
                        is_behind = true;
                        continue;
                }
                behind_point += is_behind;
                if (*at != '0') {
                        read.count += trailing + 1;
                        trailing = 0;
                } else if (read.count > 0) {
                        trailing++;
                }
        }
        read.digits.len = (size_t)(at - read.digits.at);
        read.exponent = (int64_t)trailing - behind_point + (at < end ? read_exponent(at + 1, end) : 0);
        if (read.count == 0)
                read = (sk_decimal){.digits = read.digits};
        return read;
}

bool sk_decimal_is_integer(const sk_decimal *number) {
        assert(number != NULL);
        return number->count == 0 || number->exponent >= 0;
}

static int compare_sizes(const sk_decimal *a, const sk_decimal *b) {
        int64_t top_a = a->exponent + a->count;
        int64_t top_b = b->exponent + b->count;

        if (a->count == 0 || b->count == 0)
                return (a->count > 0) - (b->count > 0);
        if (top_a != top_b)
                return top_a < top_b ? -1 : 1;
        digits walk_a = digits_of(a), walk_b = digits_of(b);
        while (walk_a.left > 0 || walk_b.left > 0) {
                unsigned digit_a = next(&walk_a), digit_b = next(&walk_b);
                if (digit_a != digit_b)
                        return digit_a < digit_b ? -1 : 1;
        }
        return 0;
}

int sk_decimal_compare(const sk_decimal *a, const sk_decimal *b) {
        assert(a != NULL);
        assert(b != NULL);
        if (a->is_negative != b->is_negative)
                return a->is_negative ? -1 : 1;
        return a->is_negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

static uint64_t times(uint64_t a, uint64_t b, uint64_t modulus) {
        assert(modulus > 0);
        return (uint64_t)((unsigned __int128)a * b % modulus);
}

/* Ten to a power, modulo. */
static uint64_t power_of_ten(uint64_t exponent, uint64_t modulus) {
        assert(modulus > 0);
        uint64_t result = 1 % modulus;
        uint64_t base = 10 % modulus;

        for (; exponent > 0; exponent >>= 1) {
                if ((exponent & 1) != 0)
                        result = times(result, base, modulus);
                base = times(base, base, modulus);
        }
        return result;
}

bool sk_decimal_is_multiple(const sk_decimal *a, const sk_decimal *b) {
        uint64_t divisor = 0, rest = 0;

        assert(b->count > 0);
        assert(b->count <= SK_DECIMAL_DIVISOR_DIGITS_MAX);
        assert(!b->is_negative);
        if (a->count == 0)
                return true;
        /* The last digit of either is no zero: what has more places behind the point is no multiple. */
        digits walk = digits_of(b);
        for (uint32_t i = 0; i < b->count; i++)
                divisor = divisor * 10 + next(&walk);
        assert(divisor > 0);
        int64_t shift = a->exponent - b->exponent;
        if (shift < 0)
                return false;
        walk = digits_of(a);
        for (uint32_t i = 0; i < a->count; i++)
                rest = (times(rest, 10, divisor) + next(&walk)) % divisor;
        return times(rest, power_of_ten((uint64_t)shift, divisor), divisor) == 0;
}
