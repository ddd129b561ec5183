/*
 * Thresholds, as team.json has them.
 */
#include "usm/threshold.h"

#include <assert.h>

#include "kit/json_scan.h"
#include "usm/check.h"

#define AT_LEAST_DEFAULT 10
#define AT_LEAST_MAX 1000000

static void read_when(sk_check *check, const sk_spot *threshold, sk_threshold *out) {
        assert(out->when.len == 0);
        sk_spot spot = sk_spot_member(threshold, "when");
        if (!sk_read_need(check, &spot, "the figure and its limit, such as \"promise kept below 95 % over 30 days\""))
                return;
        out->when = sk_read_text(check, &spot);
        if (!sk_slice_there(out->when))
                return;
        sk_err err = sk_figure_parse(out->when, &out->figure);
        if (err == SK_ERR_RANGE)
                sk_check_say(check, &spot, SK_ERROR, "figure-bad",
                             "%s can never be, or looks back too far\na share is at most 100 %%, and days are 1 to %d",
                             sk_quote(out->when).text, SK_FIGURE_DAYS_MAX);
        else if (err != SK_OK)
                sk_check_say(
                        check, &spot, SK_ERROR, "figure-bad",
                        "%s says no figure and limit\nwrite \"promise kept below 95 %% over 30 days\"; figures are "
                        "promise kept, response kept and completed, in %%, and calls; below or above",
                        sk_quote(out->when).text);
}

/** The figure in the data is the threshold's own. */
static void check_data(sk_check *check, const sk_spot *threshold, sk_slice raise) {
        assert(threshold->name != NULL);
        sk_spot spot = sk_spot_member(threshold, "raise");
        sk_spot inside = sk_spot_member(&spot, "data");
        sk_spot figure = sk_spot_member(&inside, "figure");
        sk_slice data = sk_slice_there(raise) ? sk_json_member(raise, "data") : SK_NONE;
        if (!sk_slice_there(data) || sk_json_kind_of(data) != SK_JSON_OBJECT ||
            !sk_slice_there(sk_json_member(data, "figure")))
                return;
        sk_spot at = sk_spot_name(&figure);
        sk_check_say(check, &at, SK_ERROR, "member-unknown",
                     "the figure is that of \"when\"; it cannot stand here\ntake it out");
}

static void read_threshold(sk_check *check, const sk_spot *spot, sk_team *team) {
        assert(spot->name != NULL);
        assert(team->thresholds != NULL);
        static const char *const allowed[] = {"title", "when", "all_facilities", "at_least", "raise", NULL};
        sk_threshold *threshold = &team->thresholds[team->threshold_count];
        sk_spot at = sk_spot_name(spot);
        sk_spot title = sk_spot_member(spot, "title");
        sk_spot all = sk_spot_member(spot, "all_facilities");
        sk_spot least = sk_spot_member(spot, "at_least");
        if (!sk_read_name(check, &at, sk_slice_of(spot->name), "a threshold") || !sk_read_is_object(check, spot))
                return;
        *threshold = (sk_threshold){.name = sk_arena_copy(check->edition->arena, sk_slice_of(spot->name)),
                                    .facility = SK_NONE,
                                    .raise = SK_NONE};
        if (threshold->name.at == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        team->threshold_count++;
        sk_read_only(check, spot, allowed);
        (void)sk_read_title(check, &title);
        read_when(check, spot, threshold);
        threshold->at_least = (uint32_t)sk_read_int(check, &least, 1, AT_LEAST_MAX, AT_LEAST_DEFAULT);
        threshold->raise = sk_own_raise_read(check, team, spot, &threshold->facility);
        check_data(check, spot, threshold->raise);
        if (sk_read_bool(check, &all, false))
                threshold->facility = SK_NONE;
}

static void read_team(sk_check *check, sk_team *team) {
        assert(team->threshold_count == 0);
        sk_spot root = sk_spot_root(team->source);
        sk_spot thresholds = sk_spot_member(&root, "thresholds");
        const char *name;
        json_t *value;
        if (!sk_read_is_object(check, &thresholds))
                return;
        size_t count = json_object_size(thresholds.value);
        if (count > SK_THRESHOLDS_MAX) {
                sk_check_say(check, &thresholds, SK_ERROR, "value-range",
                             "the team has %zu thresholds, more than %d\nkeep those that somebody would act upon",
                             count, SK_THRESHOLDS_MAX);
                return;
        }
        team->thresholds = sk_check_get(check, count, sizeof *team->thresholds);
        json_object_foreach(thresholds.value, name, value) {
                sk_spot member = sk_spot_member(&thresholds, name);
                if (check->err == SK_OK && !sk_read_is_remark(name))
                        read_threshold(check, &member, team);
        }
}

void sk_thresholds_read(sk_check *check) {
        assert(check->err == SK_OK);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++)
                read_team(check, &check->edition->teams[i]);
}

/* ---- asking ---- */

size_t sk_team_threshold_count(const sk_team *team) {
        assert(team != NULL);
        return team->threshold_count;
}

const sk_threshold *sk_team_threshold_at(const sk_team *team, size_t index) {
        assert(team != NULL);
        assert(index < team->threshold_count);
        return &team->thresholds[index];
}

sk_slice sk_threshold_name(const sk_threshold *threshold) {
        assert(threshold != NULL);
        return threshold->name;
}

sk_slice sk_threshold_when(const sk_threshold *threshold) {
        assert(threshold != NULL);
        return threshold->when;
}

const sk_figure *sk_threshold_figure(const sk_threshold *threshold) {
        assert(threshold != NULL);
        return &threshold->figure;
}

sk_slice sk_threshold_facility(const sk_threshold *threshold) {
        assert(threshold != NULL);
        return threshold->facility;
}

uint32_t sk_threshold_at_least(const sk_threshold *threshold) {
        assert(threshold != NULL);
        return threshold->at_least;
}

sk_slice sk_threshold_raise(const sk_threshold *threshold) {
        assert(threshold != NULL);
        assert(sk_slice_there(threshold->raise));
        return threshold->raise;
}
