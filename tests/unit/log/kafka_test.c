#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "log/kafka.h"
#include "support/driver_world.h"
#include "support/folder.h"
#include "support/kafka_fakes.h"

/*
 * The loop's side of Kafka (rules T5 and R) without any broker: committer, member and restorer are fakes. The driver is
 * a real one.
 */

#define N WORLD_PARTITIONS
#define NOW_US INT64_C(1790000000000000)
#define TURNS 20
#define LIMIT_MS 60000
#define STEP_MS 10

/* ---- a port, and what is done to it ---- */

static struct port {
        test_folder folder;
        sk_edition *edition;
        sk_driver *driver;
        sk_kafka *kafka;
        int64_t now_us;
        int64_t next_offset;
} port;

static void turns(void) {
        for (unsigned i = 0; i < TURNS && sk_kafka_stage_of(port.kafka) != SK_LOG_OVER; i++)
                (void)sk_kafka_turn(port.kafka, port.now_us += 1000);
}

static sk_kafka_job *job_find(sk_kafka_job_kind kind) {
        for (size_t i = 0; i < fake.job_count; i++) {
                if (fake.jobs[i]->kind == kind)
                        return fake.jobs[i];
        }
        return NULL;
}

static sk_kafka_job *job_of(sk_kafka_job_kind kind) {
        sk_kafka_job *job = job_find(kind);

        assert_non_null(job);
        return job;
}

static void answer(sk_kafka_job_kind kind, sk_err result) {
        sk_kafka_job *job = job_of(kind);
        size_t i = 0;

        while (fake.jobs[i] != job)
                i++;
        for (fake.job_count--; i < fake.job_count; i++)
                fake.jobs[i] = fake.jobs[i + 1];
        job->result = result;
        (void)snprintf(job->why, sizeof(job->why), "%s", result == SK_OK ? "" : "as the test says");
        fake.answered = job;
        turns();
}

static void news(sk_kafka_news item) {
        assert_true(fake.is_member && fake.news_count < FAKES_MAX);
        fake.news[fake.news_count++] = item;
        turns();
}

static void assigned(size_t count) {
        static const int32_t all[N] = {0, 1, 2, 3};

        news((sk_kafka_news){.kind = SK_KAFKA_ASSIGNED, .partitions = all, .partition_count = count});
}

static void revoked(bool is_lost) {
        news((sk_kafka_news){.kind = SK_KAFKA_REVOKED, .is_lost = is_lost});
}

static void fatal(void) {
        news((sk_kafka_news){.kind = SK_KAFKA_FATAL, .text = "as the test says"});
}

/* The group says that this process, or whoever it was, wrote last to all that is assigned. */
static void settled(const char *tag) {
        sk_kafka_job *job = job_of(SK_KAFKA_SETTLE);

        for (size_t i = 0; i < job->settled_count; i++)
                (void)snprintf(job->settled[i].tag, sizeof(job->settled[i].tag), "%s", tag);
        answer(SK_KAFKA_SETTLE, SK_OK);
}

static void restored(void) {
        for (size_t i = 0; i < fake.ask_count; i++)
                fake.pieces[fake.piece_count++] =
                        (sk_kafka_piece){.kind = SK_KAFKA_RESTORED, .partition = fake.asks[i]};
        fake.ask_count = 0;
        turns();
}

/* Something that is no message: a dead letter, which is a batch. */
static void record(void) {
        const sk_topic *work = sk_topics_own(sk_driver_topics(port.driver), SK_TOPIC_WORK);

        news((sk_kafka_news){.kind = SK_KAFKA_RECORD,
                             .record = {.topic = work,
                                        .partition = 1,
                                        .offset = port.next_offset++,
                                        .timestamp_us = port.now_us,
                                        .key = SK_SLICE("k"),
                                        .headers = SK_SLICE(""),
                                        .value = SK_SLICE("v")}});
}

static void open_port(void) {
        char why[SK_LOG_TEXT_MAX] = "";

        fake = (struct fakes){0};
        port = (struct port){.now_us = NOW_US, .edition = world_edition("test")};
        folder_make(&port.folder);
        const sk_driver_config config = {
                .edition = port.edition, .team = SK_SLICE("centre"), .partitions = N, .instance = SK_SLICE("a")};
        port.driver = sk_driver_new(&config);
        assert_non_null(port.driver);
        const sk_kafka_config kafka = {.brokers = "127.0.0.1:1",
                                       .instance = "a",
                                       .state_dir = port.folder.path,
                                       .driver = port.driver,
                                       .partitions = N,
                                       .acceptance_days = 14};
        if (sk_kafka_new(&kafka, why, &port.kafka) != SK_OK)
                fail_msg("%s", why);
}

/* Opened, joined, restored: all partitions are ours and nothing is underway. */
static void open_running(void) {
        open_port();
        turns();
        answer(SK_KAFKA_OPEN, SK_OK);
        assigned(N);
        assert_int_equal(fake.ask_count, 0); /* not before the group has spoken (rule R2a) */
        settled("before");
        assert_int_equal(fake.ask_count, N);
        restored();
        assert_int_equal(sk_kafka_stage_of(port.kafka), SK_LOG_RUNNING);
        assert_int_equal(fake.job_count, 0);
}

static void close_port(void) {
        fake.is_end = true;
        sk_kafka_free(port.kafka);
        sk_driver_free(port.driver);
        sk_edition_release(port.edition);
        folder_remove(&port.folder);
}

/* The next member is made after a second. */
static void await_join(unsigned joins) {
        for (int waited = 0; waited < LIMIT_MS && fake.joins < joins; waited += STEP_MS) {
                (void)poll(NULL, 0, STEP_MS);
                turns();
        }
        assert_int_equal(fake.joins, joins);
}

/* A producer that was lost is replaced after as long. */
static void await_opening(void) {
        for (int waited = 0; waited < LIMIT_MS && job_find(SK_KAFKA_OPEN) == NULL; waited += STEP_MS) {
                (void)poll(NULL, 0, STEP_MS);
                turns();
        }
}

static void check_over(int exit_code) {
        assert_int_equal(sk_kafka_stage_of(port.kafka), SK_LOG_OVER);
        assert_int_equal(sk_kafka_exit_code(port.kafka), exit_code);
        assert_false(fake.is_member);
}

/* ---- leaving (rule R4) ---- */

static void test_a_drain_leaves_the_group_then_ends(void **state) {
        (void)state;
        open_running();
        sk_kafka_drain(port.kafka, port.now_us);
        turns();
        assert_int_equal(fake.leaves, 1);
        revoked(false);
        assert_int_equal(fake.let_goes, 1);
        assert_true(job_of(SK_KAFKA_CLOSE)->is_leaving);
        answer(SK_KAFKA_CLOSE, SK_OK);
        check_over(0);
        close_port();
}

static void test_a_drain_waits_for_the_commit_that_is_underway(void **state) {
        (void)state;
        open_running();
        record();
        sk_kafka_drain(port.kafka, port.now_us);
        revoked(false);
        assert_int_equal(fake.let_goes, 0);
        assert_null(job_find(SK_KAFKA_CLOSE));
        answer(SK_KAFKA_COMMIT, SK_OK);
        assert_int_equal(fake.let_goes, 1);
        answer(SK_KAFKA_CLOSE, SK_OK);
        check_over(0);
        close_port();
}

static void test_a_drain_whose_last_commit_is_fenced_ends_all_the_same(void **state) {
        (void)state;
        open_running();
        record();
        sk_kafka_drain(port.kafka, port.now_us);
        revoked(false);
        assert_int_equal(fake.let_goes, 0);
        answer(SK_KAFKA_COMMIT, SK_ERR_FENCED);
        assert_int_equal(fake.let_goes, 1);
        assert_true(job_of(SK_KAFKA_CLOSE)->is_leaving);
        assert_null(job_find(SK_KAFKA_OPEN));
        answer(SK_KAFKA_CLOSE, SK_OK);
        check_over(0);
        assert_int_equal(fake.joins, 1);
        close_port();
}

static void test_a_drain_whose_member_becomes_useless_ends_and_does_not_join_again(void **state) {
        (void)state;
        open_running();
        sk_kafka_drain(port.kafka, port.now_us);
        turns();
        fatal();
        check_over(0);
        assert_int_equal(fake.joins, 1);
        close_port();
}

static void test_a_drain_while_the_group_waits_for_a_commit_gives_it_its_answer(void **state) {
        (void)state;
        open_running();
        record();
        revoked(false);
        assert_int_equal(fake.let_goes, 0);
        sk_kafka_drain(port.kafka, port.now_us);
        turns();
        assert_int_equal(fake.let_goes, 1);
        assert_true(job_of(SK_KAFKA_CLOSE)->is_leaving);
        answer(SK_KAFKA_COMMIT, SK_OK);
        answer(SK_KAFKA_CLOSE, SK_OK);
        check_over(0);
        close_port();
}

static void test_a_drain_before_anything_is_open_ends_at_once(void **state) {
        (void)state;
        open_port();
        turns();
        sk_kafka_drain(port.kafka, port.now_us);
        turns();
        check_over(0);
        close_port();
}

/* ---- fenced (rule T5) ---- */

static void test_who_is_fenced_makes_everything_anew_and_goes_on(void **state) {
        (void)state;
        open_running();
        record();
        answer(SK_KAFKA_COMMIT, SK_ERR_FENCED);
        assert_false(fake.is_member);
        assert_false(job_of(SK_KAFKA_CLOSE)->is_leaving);
        answer(SK_KAFKA_CLOSE, SK_OK);
        assert_int_equal(fake.joins, 1); /* not before there is a producer */
        answer(SK_KAFKA_OPEN, SK_OK);
        assert_int_equal(fake.joins, 2);
        assigned(N);
        settled("before");
        assert_int_equal(fake.ask_count, N);
        close_port();
}

static void test_who_is_fenced_three_times_ends_with_70(void **state) {
        (void)state;
        open_running();
        for (unsigned i = 1; i <= 3; i++) {
                record();
                answer(SK_KAFKA_COMMIT, SK_ERR_FENCED);
                if (i == 3)
                        break;
                answer(SK_KAFKA_CLOSE, SK_OK);
                answer(SK_KAFKA_OPEN, SK_OK);
                assigned(N);
                settled("before");
                restored();
        }
        assert_int_equal(sk_kafka_stage_of(port.kafka), SK_LOG_OVER);
        assert_int_equal(sk_kafka_exit_code(port.kafka), 70);
        close_port();
}

/* As when brokers hang for longer than a transaction may last: whose doing that is, is known. */
static void test_who_loses_transactions_makes_all_anew_after_a_while_and_goes_on(void **state) {
        (void)state;
        open_running();
        for (unsigned i = 1; i <= 4; i++) {
                record();
                answer(SK_KAFKA_COMMIT, SK_ERR_LOST);
                answer(SK_KAFKA_CLOSE, SK_OK);
                await_opening();
                answer(SK_KAFKA_OPEN, SK_OK);
                assigned(N);
                settled("before");
                restored();
        }
        assert_int_equal(sk_kafka_stage_of(port.kafka), SK_LOG_RUNNING);
        close_port();
}

static void test_a_member_that_is_refused_three_times_ends_with_70(void **state) {
        (void)state;
        open_running();
        fatal();
        answer(SK_KAFKA_CLOSE, SK_OK);
        await_join(2);
        fatal();
        answer(SK_KAFKA_CLOSE, SK_OK);
        await_join(3);
        fatal();
        check_over(70);
        close_port();
}

static void test_a_member_that_is_lost_while_brokers_are_away_is_no_rivals_doing(void **state) {
        (void)state;
        open_running();
        for (unsigned i = 2; i < 6; i++) {
                news((sk_kafka_news){.kind = SK_KAFKA_AWAY, .text = "as the test says"});
                fatal();
                answer(SK_KAFKA_CLOSE, SK_OK);
                await_join(i);
        }
        assert_int_not_equal(sk_kafka_stage_of(port.kafka), SK_LOG_OVER);
        close_port();
}

/* ---- what comes back (rule R3) ---- */

static void test_what_comes_back_and_nobody_has_written_to_is_not_restored(void **state) {
        (void)state;
        open_running();
        revoked(false);
        assert_int_equal(fake.let_goes, 1);
        assigned(N);
        settled("before");
        assert_int_equal(sk_kafka_stage_of(port.kafka), SK_LOG_RUNNING);
        assert_int_equal(fake.ask_count, 0);
        record();
        assert_non_null(job_find(SK_KAFKA_COMMIT));
        close_port();
}

static void test_what_comes_back_with_the_writing_of_another_is_restored(void **state) {
        (void)state;
        open_running();
        revoked(false);
        assigned(N);
        settled("another");
        assert_int_equal(fake.ask_count, N);
        close_port();
}

static void test_what_is_lost_is_restored_whoever_wrote_last(void **state) {
        (void)state;
        open_running();
        revoked(true);
        assigned(N);
        settled("before");
        assert_int_equal(fake.ask_count, N);
        close_port();
}

/* The end of it may still change the journal, so that no tag proves anything. */
static void test_what_comes_back_during_a_commit_is_restored_when_its_end_is_known(void **state) {
        (void)state;
        open_running();
        record();
        answer(SK_KAFKA_COMMIT, SK_ERR_UNKNOWN_OUTCOME);
        revoked(false);
        assigned(N);
        settled("before");
        assert_int_equal(fake.ask_count, 0);
        answer(SK_KAFKA_RECOMMIT, SK_OK);
        assert_int_equal(fake.ask_count, N);
        close_port();
}

/* A transaction with offsets of it is open, or nobody answers. */
static void test_the_group_is_asked_until_it_answers(void **state) {
        (void)state;
        open_port();
        turns();
        answer(SK_KAFKA_OPEN, SK_OK);
        assigned(N);
        for (unsigned i = 0; i < 20; i++)
                answer(SK_KAFKA_SETTLE, SK_ERR_BUSY);
        assert_int_equal(fake.ask_count, 0);
        settled("before");
        assert_int_equal(fake.ask_count, N);
        close_port();
}

static void test_an_answer_about_an_earlier_assignment_is_none(void **state) {
        (void)state;
        open_port();
        turns();
        answer(SK_KAFKA_OPEN, SK_OK);
        assigned(N);
        revoked(false);
        assigned(N / 2);
        settled("before");
        assert_int_equal(fake.ask_count, 0);
        settled("before");
        assert_int_equal(fake.ask_count, N / 2);
        close_port();
}

/* Or of a member that is gone: its handle has been closed behind that question. */
static void test_an_answer_to_a_member_that_is_gone_is_none(void **state) {
        (void)state;
        open_port();
        turns();
        answer(SK_KAFKA_OPEN, SK_OK);
        assigned(N);
        fatal();
        settled("before");
        assert_int_equal(fake.ask_count, 0);
        assert_null(job_find(SK_KAFKA_SETTLE));
        close_port();
}

static void test_the_group_waits_for_the_commit_that_is_underway(void **state) {
        (void)state;
        open_running();
        record();
        revoked(false);
        assert_int_equal(fake.let_goes, 0);
        answer(SK_KAFKA_COMMIT, SK_OK);
        assert_int_equal(fake.let_goes, 1);
        close_port();
}

/* Rule T5: only the same generation tries the same bytes again. */
static void test_what_was_aborted_is_tried_again_unless_the_group_has_changed(void **state) {
        (void)state;
        for (int has_changed = 0; has_changed < 2; has_changed++) {
                open_running();
                record();
                const sk_batch *batch = job_of(SK_KAFKA_COMMIT)->batch;
                uint64_t number = batch->number;
                if (has_changed)
                        revoked(true);
                answer(SK_KAFKA_COMMIT, SK_ERR_ABORTED);
                port.now_us += 60000000;
                turns();
                if (has_changed)
                        assert_null(job_find(SK_KAFKA_COMMIT));
                else
                        assert_int_equal(job_of(SK_KAFKA_COMMIT)->batch->number, number);
                close_port();
        }
}

#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_drain_leaves_the_group_then_ends),
                cmocka_unit_test(test_a_drain_waits_for_the_commit_that_is_underway),
                cmocka_unit_test(test_a_drain_whose_last_commit_is_fenced_ends_all_the_same),
                cmocka_unit_test(test_a_drain_whose_member_becomes_useless_ends_and_does_not_join_again),
                cmocka_unit_test(test_a_drain_while_the_group_waits_for_a_commit_gives_it_its_answer),
                cmocka_unit_test(test_a_drain_before_anything_is_open_ends_at_once),
                cmocka_unit_test(test_who_is_fenced_makes_everything_anew_and_goes_on),
                cmocka_unit_test(test_who_is_fenced_three_times_ends_with_70),
                cmocka_unit_test(test_who_loses_transactions_makes_all_anew_after_a_while_and_goes_on),
                cmocka_unit_test(test_a_member_that_is_refused_three_times_ends_with_70),
                cmocka_unit_test(test_a_member_that_is_lost_while_brokers_are_away_is_no_rivals_doing),
                cmocka_unit_test(test_what_comes_back_and_nobody_has_written_to_is_not_restored),
                cmocka_unit_test(test_what_comes_back_with_the_writing_of_another_is_restored),
                cmocka_unit_test(test_what_is_lost_is_restored_whoever_wrote_last),
                cmocka_unit_test(test_what_comes_back_during_a_commit_is_restored_when_its_end_is_known),
                cmocka_unit_test(test_the_group_is_asked_until_it_answers),
                cmocka_unit_test(test_an_answer_about_an_earlier_assignment_is_none),
                cmocka_unit_test(test_an_answer_to_a_member_that_is_gone_is_none),
                cmocka_unit_test(test_the_group_waits_for_the_commit_that_is_underway),
                cmocka_unit_test(test_what_was_aborted_is_tried_again_unless_the_group_has_changed),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
