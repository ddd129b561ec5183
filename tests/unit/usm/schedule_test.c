#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "usm/schedule.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define RAISE "\"raise\":{\"facility\":\"lift\",\"need\":\"look at the cables\",\"comment\":\"each week\"}"

static const char chain_json[] = "{\"name\":\"tiny\",\"calendars\":{\"day\":{\"zone\":\"UTC\",\"open\":{\"mon-fri\":"
                                 "\"08:00-18:00\"},\"holidays\":[\"2026-11-24\"]}}}";
static const char agreement_json[] = "{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"actions\":["
                                     "\"repair\"],\"calls\":[\"incident\"]}}}";

/* A team whose only schedule is @p schedule. */
static sk_edition *build(const char *schedule) {
        char team[800];
        (void)snprintf(
                team, sizeof team,
                "{\"organised_by\":\"process\",\"coordinated_by\":\"process\",\"people\":{\"eva\":{\"profiles\":["
                "\"operator\",\"process-manager\"]}},\"schedules\":{\"cables\":{%s," RAISE "}}}",
                schedule);
        sk_chain_file files[] = {{"chain.json", sk_slice_of(chain_json)},
                                 {"a/team.json", SK_SLICE("{\"consumer\":true}")},
                                 {"b/team.json", sk_slice_of(team)},
                                 {"agreements/a-b.json", sk_slice_of(agreement_json)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)sk_edition_build(files, COUNT(files), NULL, findings, &edition);
        for (size_t i = 0; edition == NULL && i < sk_findings_count(findings); i++)
                print_message("%s %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        sk_findings_free(findings);
        assert_non_null(edition);
        return edition;
}

static const sk_schedule *schedule_of(const sk_edition *edition) {
        const sk_team *team = sk_edition_team(edition, SK_SLICE("b"));
        assert_int_equal(sk_team_schedule_count(team), 1);
        return sk_team_schedule_at(team, 0);
}

static int64_t time_of(const char *text) {
        int64_t time_us = 0;
        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_a_schedule_has_its_name_and_the_data_of_a_raise(void **state) {
        sk_edition *edition = build("\"cron\":\"0 9 * * mon\"");
        const sk_schedule *schedule = schedule_of(edition);
        (void)state;

        assert_true(sk_slice_is(sk_schedule_name(schedule), "cables"));
        assert_true(sk_slice_is(sk_schedule_raise(schedule), "{\"facility\":\"lift\",\"need\":\"look at the cables\","
                                                             "\"to\":\"b\",\"type\":\"risk\"}"));
        sk_edition_release(edition);
}

static void test_when_it_is_due_and_for_which_instant(void **state) {
        static const struct {
                const char *schedule;
                const char *done;
                const char *now;
                const char *due;     /* after done */
                const char *instant; /* by now; NULL: none */
        } cases[] = {
                /* Saturday 21 November 2026 */
                {"\"cron\":\"0 9 * * mon\"", "2026-11-21T00:00:00Z", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z",
                 "2026-11-23T09:00:00Z"},
                {"\"cron\":\"0 9 * * mon\"", "2026-11-21T00:00:00Z", "2026-11-23T08:59:59Z", "2026-11-23T09:00:00Z",
                 NULL},
                {"\"cron\":\"0 9 * * mon\"", "2026-11-23T09:00:00Z", "2026-11-29T09:00:00Z", "2026-11-30T09:00:00Z",
                 NULL},
                /* away for weeks: the last one only */
                {"\"cron\":\"0 9 * * mon\"", "2026-11-02T09:00:00Z", "2026-11-24T12:00:00Z", "2026-11-09T09:00:00Z",
                 "2026-11-23T09:00:00Z"},
                /* in service hours: at its instant while they are open, else when they open */
                {"\"cron\":\"0 * * * *\",\"calendar\":\"day\",\"in_service_hours\":true", "2026-11-20T16:00:00Z",
                 "2026-11-20T17:30:00Z", "2026-11-20T17:00:00Z", "2026-11-20T17:00:00Z"},
                {"\"cron\":\"0 * * * *\",\"calendar\":\"day\",\"in_service_hours\":true", "2026-11-20T17:00:00Z",
                 "2026-11-22T17:30:00Z", "2026-11-23T08:00:00Z", NULL},
                {"\"cron\":\"0 * * * *\",\"calendar\":\"day\",\"in_service_hours\":true", "2026-11-20T17:00:00Z",
                 "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"},
                {"\"cron\":\"30 6 * * *\",\"calendar\":\"day\",\"in_service_hours\":true", "2026-11-20T06:30:00Z",
                 "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T06:30:00Z"},
                /* over a holiday on Tuesday */
                {"\"cron\":\"30 6 * * *\",\"calendar\":\"day\",\"in_service_hours\":true", "2026-11-23T06:30:00Z",
                 "2026-11-25T07:59:59Z", "2026-11-25T08:00:00Z", NULL},
        };
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_edition *edition = build(cases[i].schedule);
                const sk_schedule *schedule = schedule_of(edition);
                int64_t due_us = 0;
                int64_t instant_us = 0;

                assert_true(sk_schedule_due(schedule, time_of(cases[i].done), &due_us));
                assert_int_equal(due_us, time_of(cases[i].due));
                bool is_due = sk_schedule_last(schedule, time_of(cases[i].done), time_of(cases[i].now), &instant_us);
                assert_int_equal(is_due, cases[i].instant != NULL);
                assert_int_equal(is_due, due_us <= time_of(cases[i].now));
                if (is_due)
                        assert_int_equal(instant_us, time_of(cases[i].instant));
                sk_edition_release(edition);
        }
}

static void test_what_is_due_is_always_found(void **state) {
        sk_edition *edition = build("\"cron\":\"*/7 * * * *\",\"calendar\":\"day\",\"in_service_hours\":true");
        const sk_schedule *schedule = schedule_of(edition);
        int64_t done_us = time_of("2026-11-19T12:00:00Z");
        int64_t end_us = time_of("2026-11-26T12:00:00Z");
        unsigned count = 0;
        (void)state;

        while (done_us < end_us) {
                int64_t due_us = 0;
                int64_t before_us = done_us;
                assert_true(sk_schedule_due(schedule, done_us, &due_us));
                assert_false(sk_schedule_last(schedule, done_us, due_us - 1, &before_us));
                assert_true(sk_schedule_last(schedule, done_us, due_us, &done_us));
                assert_true(done_us > before_us && done_us <= due_us);
                count++;
        }
        assert_in_range(count, 4 * 86, 6 * 86);
        sk_edition_release(edition);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_schedule_has_its_name_and_the_data_of_a_raise),
                cmocka_unit_test(test_when_it_is_due_and_for_which_instant),
                cmocka_unit_test(test_what_is_due_is_always_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
