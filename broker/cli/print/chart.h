#ifndef SK_CLI_CHART_H
#define SK_CLI_CHART_H

#include "cli/print/xml.h"

/*
 * Small charts for pages: SVG without script, readable in greyscale and on paper. Pure.
 */

/** A part of a whole. */
typedef struct sk_chart_part {
        sk_slice label;
        int64_t value;
} sk_chart_part;

#define SK_CHART_PARTS_MAX 8u
#define SK_CHART_BUCKETS 10u

/** How a part is filled: shades that differ in brightness; the last one stands for all others. */
const char *sk_chart_fill(unsigned index);

/**
 * One bar divided into parts, the largest first, with what each is below it.
 *
 * @param parts  reordered; those beyond SK_CHART_PARTS_MAX are one part
 * @param rest   what that one is called
 */
void sk_chart_stack(sk_xml *xml, sk_chart_part *parts, size_t count, const char *rest);

/** A bar that is filled as far as @p part is of @p of; nothing if @p of is 0. */
void sk_chart_share(sk_xml *xml, uint64_t part, uint64_t of);

/** How many of some durations lie in each span up to a minute, five minutes, ... a week and beyond. */
void sk_chart_durations(sk_xml *xml, const int64_t *durations_us, size_t count);
/** The span that a duration falls into, 0 to SK_CHART_BUCKETS - 1. */
unsigned sk_chart_bucket(int64_t duration_us);

#endif
