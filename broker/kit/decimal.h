#ifndef SK_KIT_DECIMAL_H
#define SK_KIT_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/slice.h"

/**
 * A JSON number as it is written, exactly: digits times ten to the power of an exponent. No digit is lost, however many
 * there are, so that 1e2 is 100 and 9007199254740993 is not 9007199254740992.
 */
typedef struct sk_decimal {
        bool is_negative;
        sk_slice digits;  /**< as written, with a point among them perhaps; borrowed */
        int64_t exponent; /**< of the last digit that counts */
        uint32_t count;   /**< digits that count: neither leading nor trailing zeros; 0: the number is zero */
} sk_decimal;

/** Reads a number that sk_json_check has accepted. An exponent beyond a million million counts as that. */
sk_decimal sk_decimal_read(sk_slice number);
/** Whether it has no fraction: 1.0 and 1e2 have none. */
bool sk_decimal_is_integer(const sk_decimal *number);
/** As memcmp. */
int sk_decimal_compare(const sk_decimal *a, const sk_decimal *b);
#define SK_DECIMAL_DIVISOR_DIGITS_MAX 18

/** Whether @p a is @p b times a whole number; @p b is greater than zero and has at most so many digits that count. */
bool sk_decimal_is_multiple(const sk_decimal *a, const sk_decimal *b);

#endif
