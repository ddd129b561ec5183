#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/report/report_figures.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/failing_alloc.h"

#define SECOND SK_SECOND_US

/** An event as a test says it: of call `id`, `at` seconds after the start. */
typedef struct said {
        int id;
        int at;
        sk_message type;
        const char *members; /**< of the data, with a comma before each */
} said;

static sk_id id_of(int number) {
        sk_id id = {{0}};
        id.bytes[14] = (uint8_t)(number >> 8);
        id.bytes[15] = (uint8_t)number;
        return id;
}

static sk_err add(sk_figures *figures, const said *event) {
        char data[1024];
        char now[SK_WHEN_TEXT];
        sk_when_format(event->at * SECOND, now);
        int len = snprintf(data, sizeof(data), "{\"now\":\"%.*s\"%s}", SK_WHEN_TEXT, now, event->members);
        assert_in_range(len, 1, sizeof(data) - 1);
        sk_event_seen seen = {.team = SK_SLICE("desk"),
                              .type = event->type,
                              .id = id_of(event->id),
                              .time_us = event->at * SECOND,
                              .data = {data, (size_t)len}};
        assert_int_equal(sk_json_check(seen.data, 32, NULL), SK_OK);
        return sk_figures_add(figures, &seen);
}

static sk_figures_plan plan_of(sk_report_by by) {
        return (sk_figures_plan){.by = by, .from_us = INT64_MIN, .to_us = INT64_MAX};
}

static sk_figures *figures_of(const sk_figures_plan *plan, const said *events, size_t count) {
        sk_figures *figures = sk_figures_new(plan);
        assert_non_null(figures);
        assert_int_equal(sk_figures_begin(figures, SK_SLICE("desk")), SK_OK);
        for (size_t i = 0; i < count; i++)
                assert_int_equal(add(figures, &events[i]), SK_OK);
        assert_int_equal(sk_figures_end(figures), SK_OK);
        return figures;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

#define OPENED ",\"customer\":\"sales\",\"type\":\"incident\",\"facility\":\"lift\",\"rootid\":\"\",\"hops\":0"
#define CLOSED(elapsed)                                                                                     \
        ",\"outcome\":\"completed\",\"type\":\"incident\",\"customer\":\"sales\",\"workflow\":4,\"elapsed_" \
        "us\":" #elapsed "000000,\"stopped_us\":0"
#define ASK_A ",\"ask\":\"00000000-0000-0000-0000-00000000000a\",\"team\":\"alpha\""
#define ASK_B ",\"ask\":\"00000000-0000-0000-0000-00000000000b\",\"team\":\"beta\""
#define FED ",\"outcome\":\"completed\""
#define MANUAL ",\"activity\":\"recover.analyse\",\"frame\":1,\"visit\":1,\"try\":1,\"how\":\"manual\""
#define AUTO ",\"activity\":\"recover.accept\",\"frame\":1,\"visit\":1,\"try\":1,\"how\":\"auto\""

static void assert_part(const sk_figures *figures, const sk_report_row *row, sk_wait wait, const char *team,
                        int64_t seconds) {
        for (size_t i = 0; i < row->part_count; i++) {
                const sk_report_part *part = &row->parts[i];
                if (part->wait == wait &&
                    sk_slice_is(sk_report_names_at(sk_figures_names(figures), part->team), team)) {
                        assert_int_equal(part->time_us, seconds * SECOND);
                        return;
                }
        }
        fail_msg("no time for %s in %s", sk_wait_id(wait), team);
}

/* ---- nothing ---- */

static void test_without_events_there_are_no_rows(void **state) {
        (void)state;
        for (sk_report_by by = SK_BY_WORKFLOW; by < SK_BYS; by++) {
                sk_figures_plan plan = plan_of(by);
                sk_figures *figures = figures_of(&plan, NULL, 0);
                assert_int_equal(sk_figures_count(figures), 0);
                sk_figures_free(figures);
        }
}

/* ---- waits ---- */

static void test_time_is_booked_on_one_thing_at_each_moment(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 1, SK_EVENT_ENTERED, MANUAL},           /* 1 s: the machinery */
                {1, 11, SK_EVENT_CLAIMED, MANUAL},          /* 10 s: nobody */
                {1, 31, SK_EVENT_ASKED, ",\"question\":2"}, /* 20 s: a person */
                {1, 61, SK_EVENT_ANSWERED, ",\"question\":2"},
                {1, 65, SK_EVENT_RELEASED, MANUAL}, /* 4 s: the person again */
                {1, 70, SK_EVENT_CLAIMED, MANUAL},  /* 5 s: nobody again */
                {1, 72, SK_EVENT_ENDED, MANUAL FED},
                {1, 75, SK_EVENT_CLOSED, CLOSED(75)},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_count(figures), 1);
        const sk_report_row *row = sk_figures_at(figures, 0);
        assert_part(figures, row, SK_WAIT_LINK, "desk", 4);
        assert_part(figures, row, SK_WAIT_NOBODY, "desk", 15);
        assert_part(figures, row, SK_WAIT_PERSON, "desk", 26);
        assert_part(figures, row, SK_WAIT_CUSTOMER, "sales", 30);
        assert_int_equal(row->total_us, 75 * SECOND);
        sk_figures_free(figures);
}

static void test_of_two_asked_at_once_the_first_has_the_time_until_it_is_done(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 0, SK_EVENT_DELEGATED, ASK_A},
                {1, 0, SK_EVENT_DELEGATED, ASK_B},
                {1, 0, SK_EVENT_DELEGATED, ASK_B}, /* told twice: asked once */
                {1, 5, SK_EVENT_FED, ASK_A ",\"message\":\"feedback.accepted\""},
                {1, 10, SK_EVENT_FED, ASK_A FED},
                {1, 100, SK_EVENT_FED, ASK_B FED},
                {1, 100, SK_EVENT_CLOSED, CLOSED(100)},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        const sk_report_row *row = sk_figures_at(figures, 0);
        int64_t longest_us;
        uint32_t longest = sk_report_row_longest(row, &longest_us);
        assert_part(figures, row, SK_WAIT_PROVIDER, "alpha", 10);
        assert_part(figures, row, SK_WAIT_PROVIDER, "beta", 90);
        assert_int_equal(row->total_us, 100 * SECOND);
        assert_true(sk_slice_is(sk_report_names_at(sk_figures_names(figures), longest), "beta"));
        assert_int_equal(longest_us, 90 * SECOND);
        sk_figures_free(figures);
}

static void test_a_question_comes_before_an_open_ask(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED}, {1, 0, SK_EVENT_DELEGATED, ASK_A},
                {1, 10, SK_EVENT_ASKED, ""},     {1, 30, SK_EVENT_FED, ASK_A FED},
                {1, 40, SK_EVENT_ANSWERED, ""},  {1, 40, SK_EVENT_CLOSED, CLOSED(40)},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_part(figures, sk_figures_at(figures, 0), SK_WAIT_PROVIDER, "alpha", 10);
        assert_part(figures, sk_figures_at(figures, 0), SK_WAIT_CUSTOMER, "sales", 30);
        sk_figures_free(figures);
}

static void test_a_clock_that_goes_back_books_no_time_twice(void **state) {
        static const said events[] = {
                {1, 10, SK_EVENT_OPENED, OPENED},
                {1, 20, SK_EVENT_ENTERED, MANUAL},
                {1, 12, SK_EVENT_CLAIMED, MANUAL},
                {1, 30, SK_EVENT_CLOSED, CLOSED(20)},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_at(figures, 0)->total_us, 20 * SECOND);
        sk_figures_free(figures);
}

/* ---- which calls ---- */

static void test_a_period_has_what_was_closed_in_it_and_what_was_open_at_its_end(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},  {1, 5, SK_EVENT_CLOSED, CLOSED(5)},   /* before */
                {2, 5, SK_EVENT_OPENED, OPENED},  {2, 15, SK_EVENT_CLOSED, CLOSED(10)}, /* in it */
                {3, 12, SK_EVENT_OPENED, OPENED}, {3, 25, SK_EVENT_CLOSED, CLOSED(13)}, /* open at the end */
                {4, 20, SK_EVENT_OPENED, OPENED},                                       /* after */
                {5, 19, SK_EVENT_OPENED, OPENED},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        plan.from_us = 10 * SECOND;
        plan.to_us = 20 * SECOND;
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        uint64_t closed = 0;
        uint64_t open = 0;
        for (size_t i = 0; i < sk_figures_count(figures); i++) {
                closed += sk_figures_at(figures, i)->closed;
                open += sk_figures_at(figures, i)->open;
        }
        assert_int_equal(closed, 1);
        assert_int_equal(open, 2);
        sk_figures_free(figures);
}

static void test_other_customers_are_left_out(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, ",\"customer\":\"other\",\"type\":\"incident\""},
                {1, 5, SK_EVENT_CLOSED, CLOSED(5)},
                {2, 0, SK_EVENT_OPENED, OPENED},
                {1, 6, SK_ARCHIVE_CALL, ",\"customer\":\"other\",\"is_ask\":false,\"outcome\":\"completed\""},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        plan.customer = SK_SLICE("sales");
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_count(figures), 1);
        assert_int_equal(sk_figures_at(figures, 0)->open, 1);
        assert_int_equal(sk_figures_at(figures, 0)->closed, 0);
        sk_figures_free(figures);
}

#define ARCHIVED                                                                                                   \
        ",\"is_ask\":false,\"customer\":\"sales\",\"type\":\"incident\",\"workflow\":3,\"outcome\":\"completed\"," \
        "\"opened\":\"1970-01-01T00:00:01Z\",\"closed\":\"1970-01-01T00:00:09Z\",\"clock\":{\"elapsed_s\":8,"      \
        "\"stopped_s\":2.5,\"due\":\"1970-01-01T00:00:05Z\",\"kept\":false}"

static void test_the_archive_stands_in_for_events_that_are_gone(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 9, SK_EVENT_CLOSED, CLOSED(9)},
                {2, 9, SK_EVENT_CLOSED, CLOSED(8)}, /* its opening is gone */
                {1, 9, SK_ARCHIVE_CALL, ARCHIVED},  /* counted already */
                {2, 9, SK_ARCHIVE_CALL, ARCHIVED},
                {3, 9, SK_ARCHIVE_CALL, ",\"is_ask\":true,\"customer\":\"\",\"outcome\":\"completed\""},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_count(figures), 2);
        sk_report_row *row = sk_figures_at(figures, 0);
        assert_int_equal(sk_figures_number(figures, 0), 3);
        assert_int_equal(row->closed, 1);
        assert_int_equal(row->promised, 1);
        assert_int_equal(row->kept, 0);
        assert_int_equal(row->traced, 0);
        assert_part(figures, row, SK_WAIT_UNKNOWN, "desk", 8);
        assert_int_equal(sk_report_row_percentile(row, 50), 8 * SECOND);
        assert_int_equal(sk_figures_at(figures, 1)->closed, 1);
        sk_figures_free(figures);
}

/* ---- rows ---- */

static void test_calls_whose_workflow_was_not_decided_have_a_row_by_type(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 1, SK_EVENT_CLOSED,
                 ",\"outcome\":\"declined\",\"code\":\"not-agreed\",\"customer\":\"sales\",\"elapsed_us\":1000000"},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        const sk_report_row *row = sk_figures_at(figures, 0);
        sk_buf label = sk_buf_make(100);
        sk_figures_label(figures, 0, SK_ENGLISH, &label);
        assert_true(sk_slice_is(sk_buf_slice(&label), "incident, workflow not decided"));
        assert_int_equal(sk_figures_number(figures, 0), 0);
        assert_int_equal(row->outcomes[SK_DECLINED], 1);
        assert_int_equal(row->ending_count, 1);
        assert_true(sk_slice_is(sk_report_names_at(sk_figures_names(figures), row->endings[0].code), "not-agreed"));
        sk_buf_free(&label);
        sk_figures_free(figures);
}

static void test_the_eight_workflows_have_different_labels(void **state) {
        static const char *const labels[] = {"1 wish",
                                             "2 request for change",
                                             "3 incident, with a change",
                                             "4 incident",
                                             "5 service request",
                                             "6 risk, with an agreement",
                                             "7 risk, with a change",
                                             "8 risk"};
        (void)state;
        said events[16];
        char closed[8][200];
        for (int i = 0; i < 8; i++) {
                snprintf(closed[i], sizeof(closed[i]),
                         ",\"outcome\":\"completed\",\"customer\":\"sales\",\"workflow\":%d,\"elapsed_us\":0", i + 1);
                events[2 * i] = (said){i, 0, SK_EVENT_OPENED, OPENED};
                events[2 * i + 1] = (said){i, 0, SK_EVENT_CLOSED, closed[i]};
        }
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_count(figures), 8);
        for (size_t i = 0; i < 8; i++) {
                sk_buf label = sk_buf_make(100);
                sk_figures_label(figures, i, SK_ENGLISH, &label);
                assert_true(sk_slice_is(sk_buf_slice(&label), labels[i]));
                sk_buf_free(&label);
        }
        sk_figures_free(figures);
}

#define AT(process, frame) ",\"activity\":\"" process "\",\"frame\":" #frame ",\"try\":1,\"how\":\"manual\""

static const said with_a_cut[] = {
        {1, 0, SK_EVENT_OPENED, OPENED},
        {1, 0, SK_EVENT_TYPED, ",\"type\":\"incident\",\"workflows\":[3,4]"},
        {1, 0, SK_EVENT_ENTERED, AT("recover.accept", 1)},
        {1, 10, SK_EVENT_TRIGGERED, ",\"activity\":\"recover.cut\",\"frame\":1,\"attempt\":1,\"workflow\":4"},
        {1, 10, SK_EVENT_ENTERED, AT("operate.accept", 2)},
        {1, 40, SK_EVENT_FED_BACK, ",\"frame\":1,\"outcome\":\"failed\""},
        {1, 40, SK_EVENT_TRIGGERED, ",\"activity\":\"recover.cut\",\"frame\":1,\"attempt\":2,\"workflow\":4"},
        {1, 40, SK_EVENT_ENTERED, AT("operate.accept", 2)},
        {1, 60, SK_EVENT_FED_BACK, ",\"frame\":1,\"outcome\":\"completed\""},
        {1, 60, SK_EVENT_ENTERED, AT("recover.review", 1)},
        {1, 65, SK_EVENT_CLOSED, CLOSED(65)},
};

static void test_by_process_each_run_counts_and_the_times_add_up(void **state) {
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_PROCESS);
        sk_figures *figures = figures_of(&plan, with_a_cut, COUNT(with_a_cut));
        assert_int_equal(sk_figures_count(figures), 2);
        sk_report_row *recover = sk_figures_at(figures, 0);
        sk_report_row *operate = sk_figures_at(figures, 1);
        assert_int_equal(recover->closed, 1);
        assert_int_equal(recover->total_us, 15 * SECOND);
        assert_int_equal(sk_report_row_percentile(recover, 50), 65 * SECOND);
        assert_int_equal(recover->first_time, 0);
        assert_int_equal(operate->closed, 2);
        assert_int_equal(operate->total_us, 50 * SECOND);
        assert_int_equal(operate->outcomes[SK_FAILED], 1);
        assert_int_equal(operate->outcomes[SK_COMPLETED], 1);
        assert_int_equal(sk_report_row_percentile(operate, 90), 30 * SECOND);
        sk_figures_free(figures);
}

static void test_by_process_an_open_call_has_a_run_in_each_frame(void **state) {
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_PROCESS);
        sk_figures *figures = figures_of(&plan, with_a_cut, 5);
        assert_int_equal(sk_figures_count(figures), 2);
        assert_int_equal(sk_figures_at(figures, 0)->open, 1);
        assert_int_equal(sk_figures_at(figures, 1)->open, 1);
        sk_figures_free(figures);
}

static void test_what_was_done_twice_was_not_right_the_first_time(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 0, SK_EVENT_ENTERED, ",\"activity\":\"recover.analyse\",\"frame\":1,\"try\":2,\"how\":\"auto\""},
                {1, 1, SK_EVENT_CLOSED, CLOSED(1)},
                {2, 0, SK_EVENT_OPENED, OPENED},
                {2, 0, SK_EVENT_ENTERED, AUTO},
                {2, 1, SK_EVENT_CLOSED, CLOSED(1)},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        assert_int_equal(sk_figures_at(figures, 0)->traced, 2);
        assert_int_equal(sk_figures_at(figures, 0)->first_time, 1);
        sk_figures_free(figures);
}

static void test_by_line_the_hops_decide_and_the_customer_is_who_called_first(void **state) {
        static const char root[] = ",\"customer\":\"sales\",\"type\":\"incident\",\"hops\":0,"
                                   "\"rootid\":\"00000000-0000-0000-0000-000000000001\"";
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, root},
                {2, 0, SK_EVENT_OPENED,
                 ",\"customer\":\"desk\",\"type\":\"incident\",\"hops\":1,"
                 "\"rootid\":\"00000000-0000-0000-0000-000000000001\""},
                {3, 0, SK_EVENT_OPENED,
                 ",\"customer\":\"desk\",\"type\":\"incident\",\"hops\":1,"
                 "\"rootid\":\"00000000-0000-0000-0000-000000000009\""},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_LINE);
        plan.customer = SK_SLICE("sales");
        sk_figures *figures = sk_figures_new(&plan);
        sk_event_seen first = {
                .type = SK_EVENT_OPENED, .id = id_of(1), .data = SK_SLICE("{\"customer\":\"sales\",\"hops\":0}")};
        assert_int_equal(sk_figures_root(figures, &first), SK_OK);
        assert_int_equal(sk_figures_begin(figures, SK_SLICE("desk")), SK_OK);
        for (size_t i = 0; i < COUNT(events); i++)
                assert_int_equal(add(figures, &events[i]), SK_OK);
        assert_int_equal(sk_figures_end(figures), SK_OK);
        assert_int_equal(sk_figures_count(figures), 2);
        assert_int_equal(sk_figures_number(figures, 1), 2);
        assert_int_equal(sk_figures_at(figures, 0)->open, 1);
        assert_int_equal(sk_figures_at(figures, 1)->open, 1);
        sk_figures_free(figures);
}

static void test_a_missed_promise_is_booked_on_what_took_the_most_time(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},
                {1, 0, SK_EVENT_DELEGATED, ASK_A},
                {1, 50, SK_EVENT_FED, ASK_A FED},
                {1, 50, SK_EVENT_ENTERED, MANUAL},
                {1, 60, SK_EVENT_CLOSED, CLOSED(60) ",\"due\":\"1970-01-01T00:00:30Z\",\"kept\":false"},
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        const sk_report_row *row = sk_figures_at(figures, 0);
        assert_int_equal(row->promised, 1);
        assert_int_equal(row->kept, 0);
        for (size_t i = 0; i < row->part_count; i++)
                assert_int_equal(row->parts[i].missed, row->parts[i].wait == SK_WAIT_PROVIDER);
        sk_figures_free(figures);
}

/* ---- memory ---- */

static bool count_a_call(void *context) {
        sk_figures_plan plan = plan_of(SK_BY_PROCESS);
        sk_figures *figures = sk_figures_new(&plan);
        sk_err err = figures == NULL ? SK_ERR_NO_MEMORY : sk_figures_begin(figures, SK_SLICE("desk"));
        (void)context;
        for (size_t i = 0; err == SK_OK && i < COUNT(with_a_cut); i++)
                err = add(figures, &with_a_cut[i]);
        if (err == SK_OK)
                err = sk_figures_end(figures);
        sk_figures_free(figures);
        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        return err == SK_OK;
}

/* ---- responses ---- */

#define RESPONDED(us, kept) ",\"responded_us\":" #us ",\"response_kept\":" #kept
#define ACCEPT ",\"activity\":\"recover.accept\",\"frame\":1,\"visit\":1,\"try\":1,\"how\":\"manual\""

static void test_a_late_response_is_laid_on_what_took_the_time_until_then(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, OPENED},     {1, 0, SK_EVENT_ENTERED, ACCEPT},
                {1, 50, SK_EVENT_CLAIMED, ACCEPT}, /* 50 s: nobody */
                {1, 60, SK_EVENT_ENDED, ACCEPT FED}, {1, 60, SK_EVENT_DELEGATED, ASK_A},
                {1, 900, SK_EVENT_FED, ASK_A FED},   {1, 900, SK_EVENT_CLOSED, CLOSED(900) RESPONDED(60000000, false)},
                {2, 0, SK_EVENT_OPENED, OPENED},     {2, 1, SK_EVENT_CLOSED, CLOSED(1) RESPONDED(0, true)},
                {3, 0, SK_EVENT_OPENED, OPENED},     {3, 1, SK_EVENT_CLOSED, CLOSED(1)}, /* nothing was promised */
        };
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
        sk_figures *figures = figures_of(&plan, events, COUNT(events));
        const sk_report_row *row = sk_figures_at(figures, 0);
        assert_int_equal(row->closed, 3);
        assert_int_equal(row->response_promised, 2);
        assert_int_equal(row->response_kept, 1);
        for (size_t i = 0; i < row->part_count; i++)
                assert_int_equal(row->parts[i].missed_responses, row->parts[i].wait == SK_WAIT_NOBODY ? 1 : 0);
        sk_figures_free(figures);
}

/* ---- looking closer ---- */

static bool is_special(void *self, sk_slice team, sk_slice routine) {
        (void)self;
        assert_true(sk_slice_is(team, "desk"));
        return sk_slice_is(routine, "lift-stuck");
}

#define ROUTINE(name) ",\"activity\":\"recover.analyse\",\"frame\":1,\"how\":\"auto\",\"routine\":\"" name "\""

static const said with_routines[] = {
        {1, 0, SK_EVENT_OPENED, OPENED},
        {1, 0, SK_EVENT_ENTERED, ROUTINE("recover")},
        {1, 0, SK_EVENT_ENTERED, ROUTINE("lift-stuck")},
        {1, 5, SK_EVENT_CLOSED, CLOSED(5)},
        {2, 0, SK_EVENT_OPENED, OPENED},
        {2, 0, SK_EVENT_ENTERED, ROUTINE("recover")},
        {2, 7, SK_EVENT_CLOSED, CLOSED(7)},
        {3, 0, SK_EVENT_OPENED, OPENED},
        {3, 0, SK_EVENT_ENTERED, ROUTINE("lift-stuck")},
};

static void test_by_instruction_a_call_counts_where_it_ran_under_one(void **state) {
        (void)state;
        sk_figures_plan plan = plan_of(SK_BY_INSTRUCTION);
        plan.is_instruction = is_special;
        sk_figures *figures = figures_of(&plan, with_routines, COUNT(with_routines));
        sk_buf label = sk_buf_make(100);
        assert_int_equal(sk_figures_count(figures), 2);
        sk_figures_label(figures, 0, SK_ENGLISH, &label);
        assert_true(sk_slice_is(sk_buf_slice(&label), "no work instruction"));
        assert_int_equal(sk_figures_at(figures, 0)->closed, 1);
        sk_buf_clear(&label);
        sk_figures_label(figures, 1, SK_ENGLISH, &label);
        assert_true(sk_slice_is(sk_buf_slice(&label), "lift-stuck"));
        assert_int_equal(sk_figures_at(figures, 1)->closed, 1);
        assert_int_equal(sk_figures_at(figures, 1)->open, 1);
        assert_int_equal(sk_figures_number(figures, 1), 0);
        sk_buf_free(&label);
        sk_figures_free(figures);
}

static void test_only_those_of_one_instruction_or_workflow_are_counted_when_asked(void **state) {
        static const struct {
                unsigned workflow;
                const char *instruction;
                uint64_t closed;
        } cases[] = {{0, NULL, 2}, {4, NULL, 2}, {3, NULL, 0}, {0, "lift-stuck", 1}, {4, "lift-stuck", 1}, {0, "x", 0}};
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_figures_plan plan = plan_of(SK_BY_WORKFLOW);
                plan.is_instruction = is_special;
                plan.workflow = cases[i].workflow;
                plan.instruction = sk_slice_of(cases[i].instruction);
                sk_figures *figures = figures_of(&plan, with_routines, COUNT(with_routines));
                uint64_t closed = 0;
                for (size_t n = 0; n < sk_figures_count(figures); n++)
                        closed += sk_figures_at(figures, n)->closed;
                assert_int_equal(closed, cases[i].closed);
                sk_figures_free(figures);
        }
}

static void test_without_memory_it_says_so_and_keeps_nothing(void **state) {
        (void)state;
        failing_alloc_each(count_a_call, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_without_events_there_are_no_rows),
                cmocka_unit_test(test_time_is_booked_on_one_thing_at_each_moment),
                cmocka_unit_test(test_of_two_asked_at_once_the_first_has_the_time_until_it_is_done),
                cmocka_unit_test(test_a_question_comes_before_an_open_ask),
                cmocka_unit_test(test_a_clock_that_goes_back_books_no_time_twice),
                cmocka_unit_test(test_a_period_has_what_was_closed_in_it_and_what_was_open_at_its_end),
                cmocka_unit_test(test_other_customers_are_left_out),
                cmocka_unit_test(test_the_archive_stands_in_for_events_that_are_gone),
                cmocka_unit_test(test_calls_whose_workflow_was_not_decided_have_a_row_by_type),
                cmocka_unit_test(test_the_eight_workflows_have_different_labels),
                cmocka_unit_test(test_by_process_each_run_counts_and_the_times_add_up),
                cmocka_unit_test(test_by_process_an_open_call_has_a_run_in_each_frame),
                cmocka_unit_test(test_what_was_done_twice_was_not_right_the_first_time),
                cmocka_unit_test(test_by_line_the_hops_decide_and_the_customer_is_who_called_first),
                cmocka_unit_test(test_a_missed_promise_is_booked_on_what_took_the_most_time),
                cmocka_unit_test(test_without_memory_it_says_so_and_keeps_nothing),
                cmocka_unit_test(test_a_late_response_is_laid_on_what_took_the_time_until_then),
                cmocka_unit_test(test_by_instruction_a_call_counts_where_it_ran_under_one),
                cmocka_unit_test(test_only_those_of_one_instruction_or_workflow_are_counted_when_asked),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
