/*
 * Figures day by day, from a team's events alone.
 */
#include "cli/report/figure_days.h"

#include <assert.h>
#include <stdio.h>

#include "cli/session/reading.h"
#include "kit/when.h"

static sk_err on_event(void *self, const sk_event_seen *seen) {
        return sk_figures_add(self, seen);
}

static int read_all(const sk_session *session, sk_slice team, sk_figures *figures) {
        if (sk_figures_begin(figures, team) != SK_OK)
                return sk_session_no_memory(session);
        int status = sk_read_events(session, team, SK_TOPIC_EVENTS, on_event, figures);
        if (status == SK_EXIT_OK)
                status = sk_read_events(session, team, SK_TOPIC_ARCHIVE, on_event, figures);
        if (status == SK_EXIT_OK && sk_figures_end(figures) != SK_OK)
                status = sk_session_no_memory(session);
        return status;
}

int sk_figure_days_read(const sk_session *session, const sk_team *team, sk_report_effects **out) {
        sk_report_effects *effects = sk_report_effects_new();
        sk_figures_plan plan = {.by = SK_BY_WORKFLOW,
                                .from_us = INT64_MIN,
                                .to_us = INT64_MAX,
                                .customer = SK_NONE,
                                .instruction = SK_NONE,
                                .seen = sk_report_effects_add,
                                .self = effects};
        sk_figures *figures = sk_figures_new(&plan);
        int status = effects == NULL || figures == NULL ? sk_session_no_memory(session)
                                                        : read_all(session, sk_team_name(team), figures);
        sk_figures_free(figures);
        if (status == SK_EXIT_OK)
                *out = effects;
        else
                sk_report_effects_free(effects);
        return status;
}

/* ---- days ---- */

int64_t sk_figure_day(int64_t now_us) {
        return now_us / SK_DAY_US - (now_us % SK_DAY_US < 0);
}

const char *sk_figure_day_text(int64_t day, char out[11]) {
        char text[SK_WHEN_TEXT];
        sk_when_format(day * SK_DAY_US, text);
        (void)snprintf(out, 11, "%.10s", text);
        return out;
}

/* ---- thresholds ---- */

sk_share sk_threshold_share(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold,
                            int64_t day) {
        sk_slice facility = sk_threshold_facility(threshold);
        int64_t days = sk_threshold_figure(threshold)->days;
        return sk_report_effects_sum(effects, team, sk_slice_there(facility) ? facility : SK_SLICE(""), day + 1 - days,
                                     day + 1);
}

bool sk_threshold_holds(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold, int64_t day) {
        const sk_figure *figure = sk_threshold_figure(threshold);
        sk_share share = sk_threshold_share(effects, team, threshold, day);
        double value;
        if (sk_figure_is_share(figure->kind) && share.closed < sk_threshold_at_least(threshold))
                return false;
        if (!sk_share_figure(&share, figure->kind, &value))
                return false;
        double limit = figure->limit_tenth / 10.0;
        return figure->is_above ? value > limit : value < limit;
}

bool sk_threshold_crossed(const sk_report_effects *effects, sk_slice team, const sk_threshold *threshold, int64_t day,
                          int64_t *out_day) {
        int64_t at = day;
        while (day - at < SK_CROSSED_DAYS_MAX && sk_threshold_holds(effects, team, threshold, at))
                at--;
        if (at == day)
                return false;
        *out_day = at + 1;
        return true;
}
