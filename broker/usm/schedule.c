/*
 * Schedules, as team.json has them and as a link asks for them.
 */
#include "usm/schedule.h"

#include <assert.h>

#include "kit/when.h"
#include "usm/check.h"

#define CLOSED_MAX_US (400 * SK_DAY_US) /* what is closed for longer begins no earlier than that */

/* ---- reading ---- */

static void read_cron(sk_check *check, const sk_spot *schedule, sk_cron *out) {
        assert(out != NULL);
        sk_spot spot = sk_spot_member(schedule, "cron");
        if (!sk_read_need(check, &spot,
                          "when it recurs, such as \"0 9 * * mon\": minute, hour, day, month, day of the week"))
                return;
        sk_slice text = sk_read_text(check, &spot);
        if (!sk_slice_there(text))
                return;
        sk_err err = sk_cron_parse(text, out);
        if (err == SK_ERR_RANGE)
                sk_check_say(check, &spot, SK_ERROR, "cron-bad",
                             "%s never comes, or has a number that there is not\nminutes are 0 to 59, hours 0 to 23, "
                             "days 1 to "
                             "31, months 1 to 12, days of the week 0 (Sunday) to 6",
                             sk_quote(text).text);
        else if (err != SK_OK)
                sk_check_say(check, &spot, SK_ERROR, "cron-bad",
                             "%s is not what cron understands\nwrite minute, hour, day of the month, month and day of "
                             "the week: "
                             "\"0 9 * * mon\", \"*/15 8-17 * * mon-fri\", or \"@weekly\"",
                             sk_quote(text).text);
}

static void read_schedule(sk_check *check, const sk_spot *spot, sk_team *team) {
        assert(spot->name != NULL);
        assert(team->schedules != NULL);
        static const char *const allowed[] = {"title", "cron", "calendar", "in_service_hours", "raise", NULL};
        sk_schedule *schedule = &team->schedules[team->schedule_count];
        sk_spot at = sk_spot_name(spot);
        sk_spot title = sk_spot_member(spot, "title");
        sk_spot calendar = sk_spot_member(spot, "calendar");
        sk_spot hours = sk_spot_member(spot, "in_service_hours");
        if (!sk_read_name(check, &at, sk_slice_of(spot->name), "a schedule") || !sk_read_is_object(check, spot))
                return;
        *schedule = (sk_schedule){.name = sk_arena_copy(check->edition->arena, sk_slice_of(spot->name)),
                                  .calendar = team->calendar,
                                  .raise = SK_NONE};
        if (schedule->name.at == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        team->schedule_count++;
        sk_read_only(check, spot, allowed);
        (void)sk_read_title(check, &title);
        read_cron(check, spot, &schedule->cron);
        if (calendar.value != NULL)
                schedule->calendar = sk_read_calendar(check, &calendar);
        schedule->in_service_hours = sk_read_bool(check, &hours, false);
        if (schedule->in_service_hours && schedule->calendar == NULL && calendar.value == NULL)
                sk_check_say(check, &hours, SK_ERROR, "member-missing",
                             "there is no calendar that would say when service hours are\nname one of chain.json: "
                             "\"calendar\": \"…\"");
        schedule->raise = sk_own_raise_read(check, team, spot, NULL);
}

static void read_team(sk_check *check, sk_team *team) {
        assert(team->schedule_count == 0);
        sk_spot root = sk_spot_root(team->source);
        sk_spot schedules = sk_spot_member(&root, "schedules");
        const char *name;
        json_t *value;
        if (!sk_read_is_object(check, &schedules))
                return;
        size_t count = json_object_size(schedules.value);
        if (count > SK_SCHEDULES_MAX) {
                sk_check_say(check, &schedules, SK_ERROR, "value-range",
                             "the team has %zu schedules, more than %d\nput what recurs together into one", count,
                             SK_SCHEDULES_MAX);
                return;
        }
        if (count > 0 && !team->is_provider && team->routine_count == 0) {
                sk_check_say(
                        check, &schedules, SK_ERROR, "consumer-schedules",
                        "the team %s only consumes: nobody there would work on what it raises with itself\ngive it a "
                        "routine, or take the schedules out",
                        sk_quote(team->name).text);
                return;
        }
        team->schedules = sk_check_get(check, count, sizeof *team->schedules);
        json_object_foreach(schedules.value, name, value) {
                sk_spot member = sk_spot_member(&schedules, name);
                if (check->err == SK_OK && !sk_read_is_remark(name))
                        read_schedule(check, &member, team);
        }
        assert(team->schedule_count <= SK_SCHEDULES_MAX);
}

void sk_schedules_read(sk_check *check) {
        assert(check->err == SK_OK);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++)
                read_team(check, &check->edition->teams[i]);
}

/* ---- asking ---- */

size_t sk_team_schedule_count(const sk_team *team) {
        assert(team != NULL);
        return team->schedule_count;
}

const sk_schedule *sk_team_schedule_at(const sk_team *team, size_t index) {
        assert(team != NULL);
        assert(index < team->schedule_count);
        return &team->schedules[index];
}

sk_slice sk_schedule_name(const sk_schedule *schedule) {
        assert(schedule != NULL);
        return schedule->name;
}

sk_slice sk_schedule_raise(const sk_schedule *schedule) {
        assert(schedule != NULL);
        assert(sk_slice_there(schedule->raise));
        return schedule->raise;
}

static const sk_zone *zone_of(const sk_schedule *schedule) {
        assert(schedule != NULL);
        return schedule->calendar == NULL ? NULL : schedule->calendar->zone;
}

static const sk_hours *hours_of(const sk_schedule *schedule) {
        assert(!schedule->in_service_hours || schedule->calendar != NULL);
        return schedule->in_service_hours ? schedule->calendar->hours : NULL;
}

bool sk_schedule_due(const sk_schedule *schedule, int64_t done_us, int64_t *out_due_us) {
        assert(out_due_us != NULL);
        int64_t instant_us;
        int64_t open_us;
        if (!sk_cron_next(&schedule->cron, zone_of(schedule), done_us, &instant_us))
                return false;
        if (sk_hours_open(hours_of(schedule), instant_us)) {
                *out_due_us = instant_us;
                return true;
        }
        if (sk_hours_add(hours_of(schedule), instant_us, 1, &open_us) != SK_OK)
                return false;
        assert(open_us > instant_us);
        *out_due_us = open_us - 1; /* the first moment that is open */
        return true;
}

/** Since when it has been closed. */
static int64_t closed_since(const sk_hours *hours, int64_t now_us) {
        assert(!sk_hours_open(hours, now_us));
        int64_t closed_us = now_us; /* closed from here on */
        int64_t open_us = now_us - CLOSED_MAX_US;
        while (closed_us - open_us > 1) {
                int64_t middle_us = open_us + (closed_us - open_us) / 2;
                if (sk_hours_between(hours, middle_us, now_us) == 0)
                        closed_us = middle_us;
                else
                        open_us = middle_us;
        }
        assert(closed_us <= now_us);
        return closed_us;
}

bool sk_schedule_last(const sk_schedule *schedule, int64_t done_us, int64_t now_us, int64_t *out_instant_us) {
        assert(out_instant_us != NULL);
        const sk_hours *hours = hours_of(schedule);
        int64_t until_us = sk_hours_open(hours, now_us) ? now_us : closed_since(hours, now_us) - 1;
        int64_t instant_us;
        if (!sk_cron_last(&schedule->cron, zone_of(schedule), until_us, &instant_us) || instant_us <= done_us)
                return false;
        assert(instant_us <= now_us);
        *out_instant_us = instant_us;
        return true;
}
