#ifndef SK_USM_SCHEDULE_H
#define SK_USM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "usm/edition.h"

/*
 * Schedules of a team: calls that it raises with itself at recurring instants, by the clocks of a calendar's zone. One
 * that runs in service hours is due at its instant if these are open then, else when they open next; of all that fall
 * into one closed time only the last counts.
 */

typedef struct sk_schedule sk_schedule;

#define SK_SCHEDULES_MAX 100 /**< of one team */

/** How many the team has. */
size_t sk_team_schedule_count(const sk_team *team);
/** By index below the count; borrowed. */
const sk_schedule *sk_team_schedule_at(const sk_team *team, size_t index);
/** Name, unique within the team. */
sk_slice sk_schedule_name(const sk_schedule *schedule);
/** The data of the `work.raise` that each instant makes. */
sk_slice sk_schedule_raise(const sk_schedule *schedule);

/** When something is due next for the instants after @p done_us; false: never again. */
bool sk_schedule_due(const sk_schedule *schedule, int64_t done_us, int64_t *out_due_us);
/** The last instant that is due by @p now_us; false if there is none after @p done_us. */
bool sk_schedule_last(const sk_schedule *schedule, int64_t done_us, int64_t now_us, int64_t *out_instant_us);

#endif
