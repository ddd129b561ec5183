#ifndef SK_KIT_ID_H
#define SK_KIT_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/slice.h"

#define SK_ID_TEXT 36

/** A UUID (RFC 9562) as 16 bytes. */
typedef struct sk_id {
        uint8_t bytes[16];
} sk_id;

/** What a derived id is made of (rule I). */
typedef struct sk_id_origin {
        sk_slice chain;
        sk_slice customer;  /**< the team that raises */
        const sk_id *owner; /**< the call whose activity delegates, or the ask */
        uint32_t visit;
        uint32_t target;
        uint32_t try_number;
} sk_id_origin;

/** UUIDv7 of a time (microseconds since the epoch; milliseconds go in) and 10 bytes of randomness. */
sk_id sk_id_of_time(int64_t now_us, const uint8_t random[10]);

/**
 * UUIDv8 of BLAKE2b-128 over `schakel-id-1`, chain, customer, owner's id as text, visit, target and try in
 * decimal, each followed by a zero byte (rule I).
 */
sk_id sk_id_derive(const sk_id_origin *origin);

/**
 * UUIDv8 of BLAKE2b-128 over `schakel-own-1`, chain, team, @p what and @p salt in decimal, each followed by a zero
 * byte: of a call that a link raises with its own team. @p what says why: `schedule/<name>/<instant>`,
 * `finding/<call>/<visit>`.
 */
sk_id sk_id_derive_own(sk_slice chain, sk_slice team, sk_slice what, uint32_t salt);

/** Writes 36 lower-case characters, without a zero byte. */
void sk_id_format(const sk_id *id, char out[SK_ID_TEXT]);

/** Reads exactly 36 characters, lower case; false for anything else, and *out is untouched. */
bool sk_id_parse(sk_slice text, sk_id *out);

/** Whether both are the same. */
bool sk_id_equal(const sk_id *a, const sk_id *b);
/** Whether it is the id of nothing. */
bool sk_id_is_zero(const sk_id *id);
/** As memcmp. */
int sk_id_compare(const sk_id *a, const sk_id *b);

#endif
