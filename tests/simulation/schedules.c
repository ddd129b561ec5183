/*
 * What schedules have made: each instant one call, in the transaction that notes it, whoever does it and however often it
 * is tried; never before its time, and after a pause only the last that was missed. The first note is where one begins:
 * it makes no call.
 */

#include "simulation/sim.h"

#include "event/message.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "usm/schedule.h"

#define PREFIX "schedule/"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define SKEW_MAX_US (20 * SK_MINUTE_US) /* of the clocks of two processes */

static void fail(sim *s, unsigned team, sk_slice name, const char *what) {
        sim_fail(s, "%s: schedule %.*s of %s", what, (int)name.len, name.at, s->teams[team].name);
}

/* Where it stands among those of the team; NULL: it has none of that name. */
static const sk_schedule *find(sim *s, unsigned team, sk_slice name, sim_scheduled **out) {
        const sk_team *of = s->teams[team].team;

        for (size_t i = 0; i < sk_team_schedule_count(of) && i < SIM_SCHEDULES; i++) {
                *out = &s->schedules[team][i];
                if (sk_slice_equal(sk_schedule_name(sk_team_schedule_at(of, i)), name))
                        return sk_team_schedule_at(of, i);
        }
        fail(s, team, name, "there is no such one");
        return NULL;
}

void sim_note_schedule(sim *s, unsigned team, sk_slice name, sk_slice payload) {
        sim_scheduled *at = NULL;
        uint64_t noted = 0;

        if (find(s, team, name, &at) == NULL)
                return;
        for (size_t i = payload.len; i > 0; i--)
                noted = noted << 8 | (uint8_t)payload.at[i - 1];
        if (at->is_owed)
                fail(s, team, name, "each schedule instant one call: one has made none");
        if ((int64_t)noted <= at->noted_us)
                fail(s, team, name, "each schedule instant one call: one is done again");
        at->is_owed = at->noted_us != 0;
        at->noted_us = (int64_t)noted;
}

static bool read_cause(sk_slice cause, sk_slice *out_name, int64_t *out_instant_us) {
        if (cause.len <= PREFIX_LEN + 1 + SK_WHEN_TEXT)
                return false;
        size_t name_len = cause.len - PREFIX_LEN - 1 - SK_WHEN_TEXT;
        *out_name = (sk_slice){cause.at + PREFIX_LEN, name_len};
        return sk_when_parse((sk_slice){cause.at + PREFIX_LEN + name_len + 1, SK_WHEN_TEXT}, out_instant_us);
}

void sim_check_schedule(sim *s, unsigned team, const sk_record *record, sk_slice cause) {
        sk_slice now = sk_json_member_string(record->value, "now", s->arena);
        sim_scheduled *at = NULL;
        sk_slice name = cause;
        int64_t instant_us = 0;
        int64_t later_us = 0;
        int64_t now_us = 0;

        if (!sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.event.opened"))
                return;
        s->seen[SIM_SEEN_SCHEDULE]++;
        if (!read_cause(cause, &name, &instant_us) || !sk_when_parse(now, &now_us)) {
                fail(s, team, name, "an instant that cannot be read");
                return;
        }
        const sk_schedule *schedule = find(s, team, name, &at);
        if (schedule == NULL)
                return;
        if (instant_us > now_us)
                fail(s, team, name, "a call before its time");
        if (instant_us <= at->made_us || !at->is_owed || instant_us != at->noted_us)
                fail(s, team, name, "each schedule instant one call: this one is not noted with it");
        if (sk_schedule_last(schedule, instant_us, now_us, &later_us))
                fail(s, team, name, "of what was missed the last only: this one is earlier");
        at->made_us = instant_us;
        at->is_owed = false;
}

void sim_check_schedules(sim *s) {
        for (unsigned team = 0; team < s->team_count; team++) {
                const sk_team *of = s->teams[team].team;

                for (size_t i = 0; i < sk_team_schedule_count(of) && i < SIM_SCHEDULES; i++) {
                        const sk_schedule *schedule = sk_team_schedule_at(of, i);
                        const sim_scheduled *at = &s->schedules[team][i];
                        int64_t missed_us = 0;

                        if (at->is_owed || (at->noted_us != 0 && sk_schedule_last(schedule, at->noted_us,
                                                                                  s->now_us - SKEW_MAX_US, &missed_us)))
                                fail(s, team, sk_schedule_name(schedule),
                                     "each schedule instant one call: one that is due has none");
                }
        }
}
