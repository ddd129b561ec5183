#ifndef SK_CLI_FIGURE_DAYS_H
#define SK_CLI_FIGURE_DAYS_H

#include "cli/report/report_effects.h"
#include "cli/session/session.h"
#include "usm/threshold.h"

/*
 * Figures of a team day by day, and since when they have been beyond a threshold. Days are of UTC and whole: today does not
 * count yet. So whoever works it out, and whenever, comes to the same.
 */

#define SK_CROSSED_DAYS_MAX 400 /**< further back it is not looked for a crossing */

/** Reads the team's events. @p out  new: sk_report_effects_free. Returns SK_EXIT_…, with the message printed */
int sk_figure_days_read(const sk_session *session, const sk_team *team, sk_report_effects **out);
/** The day of a moment, since the epoch. */
int64_t sk_figure_day(int64_t now_us);
/** "2026-11-20" */
const char *sk_figure_day_text(int64_t day, char out[11]);

/** What a threshold looks at on a day: the sum of its days up to that one, which is among them. */
sk_share sk_threshold_share(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold,
                            int64_t day);
/** Whether the figure is beyond the limit on that day; too few calls are not. */
bool sk_threshold_holds(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold, int64_t day);
/** The day on which it crossed the limit, as it has been beyond it up to @p day; false: it is not beyond it then. */
bool sk_threshold_crossed(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold, int64_t day,
                          int64_t *out_day);

#endif
