#ifndef SK_LINK_DURATIONS_H
#define SK_LINK_DURATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/**
 * How long activities have taken, by routine and activity: the last so many of each, so that what is usual follows how a
 * team works today. One set per partition; one thread.
 */
typedef struct sk_durations sk_durations;

#define SK_DURATIONS_KEPT 32     /**< of one activity */
#define SK_DURATIONS_ENOUGH 8    /**< from so many on they say something */
#define SK_DURATIONS_MAX 4096    /**< activities of a set; further ones are not kept */
#define SK_DURATIONS_CUT 0x8000u /**< as the number: the round at the cut of the process that is added to it */

/** One activity, by the routine that says how it is done; a cut has no routine. */
typedef struct sk_duration_key {
        sk_slice routine;
        uint16_t activity; /**< fixed number, or SK_DURATIONS_CUT with the process */
} sk_duration_key;

/** What is usual. */
typedef struct sk_usual {
        int64_t median_us;
        int64_t p90_us;
} sk_usual;

/** New and empty, free with sk_durations_free; NULL: no memory. */
sk_durations *sk_durations_new(void);
/** NULL is legal. */
void sk_durations_free(sk_durations *durations);
/** Adds one, in place of the oldest of many. SK_ERR_FULL: too many activities; SK_ERR_NO_MEMORY: nothing has changed. */
sk_err sk_durations_add(sk_durations *durations, const sk_duration_key *key, int64_t duration_us);
/** What is usual; false as long as there are too few to say. */
bool sk_durations_usual(const sk_durations *durations, const sk_duration_key *key, sk_usual *out);
/** How many activities there are. */
size_t sk_durations_count(const sk_durations *durations);

/**
 * Appends the durations of one activity as a journal record holds them, and behind them @p more that are not in the set
 * yet, the newest last.
 */
void sk_durations_encode(const sk_durations *durations, const sk_duration_key *key, const int64_t *more_us,
                         size_t count, sk_buf *out);
/** Puts those of a journal record in place of what there is. SK_ERR_SYNTAX, SK_ERR_FULL, SK_ERR_NO_MEMORY */
sk_err sk_durations_decode(sk_durations *durations, const sk_duration_key *key, sk_slice payload);

#define SK_DURATION_KEY_TEXT 64
/** Writes the key as the journal names it, "ROUTINE/NUMBER"; @return its length. */
size_t sk_duration_key_write(const sk_duration_key *key, char out[SK_DURATION_KEY_TEXT]);
/** Reads it; false for anything else. */
bool sk_duration_key_parse(sk_slice text, sk_duration_key *out);

#endif
