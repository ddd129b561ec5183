/*
 * At which shares of a promise a team is told that time runs out, and who of it.
 */
#include <assert.h>

#include "usm/check.h"

#define PERCENT_MAX 1000

static const sk_escalation usual[] = {{50, false}, {75, false}, {90, true}, {100, true}};

static void read_step(sk_check *check, const sk_spot *spot, uint32_t above, sk_escalation *out) {
        assert(out->percent == 0);
        static const char *const allowed[] = {"at", "to", NULL};
        sk_spot at = sk_spot_member(spot, "at");
        sk_spot to = sk_spot_member(spot, "to");
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        if (!sk_read_need(check, &at, "the share of the promise in percent, such as 75") ||
            !sk_read_need(check, &to, "who is told: \"coordinator\" or \"manager\""))
                return;
        out->percent = (uint32_t)sk_read_int(check, &at, 1, PERCENT_MAX, PERCENT_MAX);
        if (out->percent <= above)
                sk_check_say(
                        check, &at, SK_ERROR, "value-range",
                        "the step at %u percent does not come after the one at %u\nput them in order of their share",
                        (unsigned)out->percent, (unsigned)above);
        sk_slice name = sk_read_text(check, &to);
        out->is_manager = sk_slice_is(name, "manager");
        if (sk_slice_there(name) && !out->is_manager && !sk_slice_is(name, "coordinator"))
                sk_check_say(check, &to, SK_ERROR, "value-range",
                             "%s is nobody who can be told\nwrite \"coordinator\" or \"manager\": who that is, the "
                             "team's steering says",
                             sk_quote(name).text);
}

void sk_escalation_read(sk_check *check, const sk_spot *root, sk_team *team) {
        static_assert(sizeof usual / sizeof *usual <= SK_ESCALATIONS_MAX, "the usual steps have room");
        sk_spot steps = sk_spot_member(root, "escalation");
        assert(team->escalation_count == 0);
        if (steps.value == NULL) {
                memcpy(team->escalation, usual, sizeof usual);
                team->escalation_count = sizeof usual / sizeof *usual;
                return;
        }
        if (!sk_read_is_array(check, &steps))
                return;
        size_t count = json_array_size(steps.value);
        if (count > SK_ESCALATIONS_MAX) {
                sk_check_say(check, &steps, SK_ERROR, "value-range",
                             "there are %zu steps of escalation, more than %d\nleave some out", count,
                             SK_ESCALATIONS_MAX);
                return;
        }
        for (size_t i = 0; i < count; i++) {
                sk_spot step = sk_spot_item(&steps, i);
                uint32_t above = i == 0 ? 0 : team->escalation[i - 1].percent;
                read_step(check, &step, above, &team->escalation[team->escalation_count++]);
        }
}

const sk_escalation *sk_team_escalation(const sk_team *team, size_t *out_count) {
        assert(team != NULL);
        assert(out_count != NULL);
        assert(team->escalation_count <= SK_ESCALATIONS_MAX);
        *out_count = team->escalation_count;
        return team->escalation;
}
