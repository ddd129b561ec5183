#ifndef SK_USM_THRESHOLD_H
#define SK_USM_THRESHOLD_H

#include "usm/edition.h"
#include "usm/figure.h"

/*
 * Thresholds of a team: figures of its report at which it raises a call with itself, once for each time that the figure
 * crosses the limit.
 */

typedef struct sk_threshold sk_threshold;

#define SK_THRESHOLDS_MAX 100 /**< of one team */

/** How many the team has. */
size_t sk_team_threshold_count(const sk_team *team);
/** By index below the count; borrowed. */
const sk_threshold *sk_team_threshold_at(const sk_team *team, size_t index);
/** Name, unique within the team. */
sk_slice sk_threshold_name(const sk_threshold *threshold);
/** The sentence as it is written. */
sk_slice sk_threshold_when(const sk_threshold *threshold);
/** The same, read; borrowed. */
const sk_figure *sk_threshold_figure(const sk_threshold *threshold);
/** Only calls about this facility count; SK_NONE: all of the team's. */
sk_slice sk_threshold_facility(const sk_threshold *threshold);
/** How many must have closed in those days for a share to say anything. */
uint32_t sk_threshold_at_least(const sk_threshold *threshold);
/** The data of the `work.raise`, without the figure. */
sk_slice sk_threshold_raise(const sk_threshold *threshold);

#endif
