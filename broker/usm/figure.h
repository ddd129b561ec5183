#ifndef SK_USM_FIGURE_H
#define SK_USM_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * What a team wants of a figure of its report, as a sentence: "promise kept below 95 % over 30 days". It is true of a
 * day when the figure of that many days up to it, the day itself among them, is below (or above) the limit.
 */

typedef enum sk_figure_kind {
        SK_FIGURE_PROMISE_KEPT,  /**< share of promises to resolve that were kept */
        SK_FIGURE_RESPONSE_KEPT, /**< share of promises to respond that were kept */
        SK_FIGURE_COMPLETED,     /**< share of closed calls that were completed */
        SK_FIGURE_CALLS,         /**< how many calls closed */
        SK_FIGURE_KINDS,
} sk_figure_kind;

#define SK_FIGURE_DAYS_MAX 366
#define SK_FIGURE_LIMIT_MAX 1000000000u

typedef struct sk_figure {
        sk_figure_kind kind;
        bool is_above;        /**< else below */
        uint32_t limit_tenth; /**< of a per cent, or of a call */
        uint32_t days;        /**< at least 1 */
} sk_figure;

/** "promise kept", "response kept", "completed" or "calls"; static. */
const char *sk_figure_id(sk_figure_kind kind);
/** SK_FIGURE_KINDS: there is none of that name. */
sk_figure_kind sk_figure_find(sk_slice id);
/** Whether it is a share, in per cent. */
bool sk_figure_is_share(sk_figure_kind kind);

/**
 * Reads a sentence; a "when" before it is as good as none.
 *
 * @return SK_OK; SK_ERR_SYNTAX; SK_ERR_RANGE: more than 100 %, no day, or more days than SK_FIGURE_DAYS_MAX
 */
sk_err sk_figure_parse(sk_slice text, sk_figure *out);

#endif
