#ifndef SK_LINK_SPENT_H
#define SK_LINK_SPENT_H

#include "kit/hours.h"
#include "link/call.h"

/*
 * Time spent on a call: since it was opened, in the hours in which its promise runs, without what its clock stood. On this
 * scale a promise is a number that does not move; moments follow from it. Microseconds.
 */

/** How much has been spent by @p at_us, which is not before the opening or the clock's last change. */
int64_t sk_spent_by(const sk_call *call, const sk_hours *hours, int64_t at_us);
/** When so much will have been spent, if the clock runs from @p now_us on; 0: not before the year 10000. */
int64_t sk_spent_moment(const sk_call *call, const sk_hours *hours, int64_t spent_us, int64_t now_us);
/** How much may be spent until @p by_us, a promise of this call; 0: there is none. */
int64_t sk_spent_within(const sk_call *call, const sk_hours *hours, int64_t by_us);

#endif
