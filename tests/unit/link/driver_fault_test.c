#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/* What goes wrong around a driver: rules T5 (but for fences), R3, R5 and the redelivery of dead letters. */

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        w.holds_commits = true;
        fake_step_calls = 0;
        fake_step_order[0] = '\0';
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void raise(unsigned number, const char *what) {
        sk_id id = world_id(number);
        char value[64];

        (void)snprintf(value, sizeof(value), "{\"do\":\"%s\"}", what);
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

static size_t open_calls(void) {
        return world_numbers(&w).open_calls;
}

/* ---- aborts ---- */

static void test_an_aborted_batch_is_given_again_byte_for_byte_after_a_pause(void **state) {
        (void)state;
        const sk_batch *first;
        sk_record *copy;
        uint64_t number;

        raise(1, "open");
        world_run(&w);
        first = w.batch;
        number = first->number;
        copy = malloc(first->record_count * sizeof(*copy));
        assert_non_null(copy);
        memcpy(copy, first->records, first->record_count * sizeof(*copy));
        world_answer(&w, SK_ERR_ABORTED);
        assert_null(w.batch); /* not at once */
        world_wait(&w, SK_SECOND_US);
        assert_ptr_equal(w.batch, first);
        assert_int_equal(w.batch->number, number);
        assert_memory_equal(copy, w.batch->records, w.batch->record_count * sizeof(*copy));
        assert_int_equal(fake_step_calls, 1);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
        assert_int_equal(world_numbers(&w).batches_aborted, 1);
        free(copy);
}

static void test_ten_repeats_are_tried_then_the_process_ends_with_75(void **state) {
        (void)state;
        unsigned given = 0;

        raise(1, "open");
        world_run(&w);
        for (; w.exit_code < 0 && given < 20; given++) {
                assert_non_null(w.batch);
                world_answer(&w, SK_ERR_ABORTED);
                world_wait(&w, 10 * SK_SECOND_US);
        }
        assert_int_equal(given, 11);
        assert_int_equal(w.exit_code, 75);
}

static void test_nothing_is_seen_of_a_batch_before_it_is_committed(void **state) {
        (void)state;
        size_t position = 0;
        sk_slice head;
        sk_slice data;

        raise(1, "open");
        world_run(&w);
        assert_int_equal(open_calls(), 0);
        assert_false(sk_driver_walk(w.driver, &position, &head, &data));
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
}

static void test_one_batch_folds_behind_the_one_in_flight_and_sees_its_overlay(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "open");
        world_run(&w);
        for (unsigned i = 0; i < 300; i++)
                world_call(&w, "finance", &id, SK_CALL_NOTE, 2 + i, "{\"do\":\"open\"}");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_COMMIT], 1);
        assert_true(fake_step_calls > 256);
        assert_int_equal(fake_step_known, SK_KNOWN_OPEN);
        world_answer(&w, SK_OK);
        assert_int_equal(w.counts[SK_DO_COMMIT], 2);
        assert_int_equal(w.batch->number, 2);
        world_answer(&w, SK_OK);
}

/* ---- unknown ---- */

static void test_an_unknown_outcome_is_asked_for_again_and_nothing_else_is_done(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_ERR_UNKNOWN_OUTCOME);
        assert_int_equal(w.batch_command, SK_DO_RECOMMIT);
        raise(2, "open");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_COMMIT], 1);
        world_answer(&w, SK_ERR_UNKNOWN_OUTCOME);
        world_wait(&w, SK_SECOND_US);
        assert_int_equal(w.counts[SK_DO_RECOMMIT], 2);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 2);
}

static void test_an_outcome_unknown_for_twenty_seconds_ends_the_process_with_75(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_ERR_UNKNOWN_OUTCOME);
        world_wait(&w, 19 * SK_SECOND_US);
        assert_int_equal(w.exit_code, -1);
        world_wait(&w, 2 * SK_SECOND_US);
        assert_int_equal(w.exit_code, 75);
}

static void test_an_unknown_outcome_that_was_an_abort_is_tried_again(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_ERR_UNKNOWN_OUTCOME);
        world_answer(&w, SK_ERR_ABORTED);
        world_wait(&w, SK_SECOND_US);
        assert_int_equal(w.batch_command, SK_DO_COMMIT);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
}

/* ---- the assignment changes ---- */

static void revoke(bool is_lost) {
        static const int32_t all[] = {0, 1, 2, 3};

        sk_driver_revoked(w.driver, all, 4, is_lost, w.now_us);
        world_run(&w);
}

static void test_a_revoked_partition_waits_for_the_commit_in_flight(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        revoke(false);
        assert_int_equal(w.counts[SK_DO_REVOKED], 0);
        world_answer(&w, SK_OK);
        assert_int_equal(w.counts[SK_DO_REVOKED], 4);
        assert_int_equal(open_calls(), 0);
        world_assign(&w);
        assert_int_equal(open_calls(), 1);
        assert_null(w.batch);
}

static void test_a_revoke_waits_five_seconds_at_most(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        revoke(false);
        world_wait(&w, 4 * SK_SECOND_US);
        assert_int_equal(w.counts[SK_DO_REVOKED], 0);
        world_wait(&w, 2 * SK_SECOND_US);
        assert_int_equal(w.counts[SK_DO_REVOKED], 4);
        world_answer(&w, SK_OK); /* too late to be merged; the journal has it */
        assert_int_equal(open_calls(), 0);
        world_assign(&w);
        assert_int_equal(open_calls(), 1);
}

static void test_a_batch_aborted_after_a_revoke_is_dropped_and_folded_anew(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        revoke(false);
        world_answer(&w, SK_ERR_ABORTED);
        assert_int_equal(w.counts[SK_DO_REVOKED], 4);
        world_assign(&w);
        assert_non_null(w.batch);
        assert_int_equal(w.batch->generation, w.generation);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
        assert_int_equal(fake_step_calls, 2);
}

static void test_lost_partitions_are_forgotten_at_once(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_OK);
        raise(2, "open");
        world_run(&w);
        revoke(true);
        assert_int_equal(open_calls(), 0);
        assert_int_equal(w.counts[SK_DO_REVOKED], 0);
        world_assign(&w);
        assert_int_equal(w.restore_count, 4); /* not before the outcome is known */
        world_answer(&w, SK_ERR_ABORTED);
        assert_int_equal(w.restore_count, 8);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 2);
}

static void test_a_closed_call_of_a_lost_partition_leaves_the_loop_check_in_order(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_OK);
        world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"close\"}");
        world_run(&w);
        revoke(true);
        world_answer(&w, SK_ERR_ABORTED);
        world_assign(&w);
        assert_true(fake_step_was_open);
        world_answer(&w, SK_OK);
        world_call(&w, "finance", &id, SK_CALL_NOTE, 3, "{\"do\":\"quiet\"}");
        world_run(&w);
        assert_false(fake_step_was_open);
        world_answer(&w, SK_OK);
}

static void test_a_new_generation_with_the_same_partitions_resumes_from_the_marks(void **state) {
        (void)state;
        unsigned restores = w.counts[SK_DO_RESTORE];
        unsigned resumes = w.counts[SK_DO_RESUME];

        raise(1, "open");
        world_run(&w);
        world_assign(&w);
        world_answer(&w, SK_ERR_ABORTED);
        assert_int_equal(w.counts[SK_DO_RESTORE], restores);
        assert_int_equal(w.counts[SK_DO_RESUME], resumes + 4);
        assert_int_equal(w.batch->generation, w.generation);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
}

static void test_losing_some_partitions_keeps_the_state_of_the_others(void **state) {
        (void)state;
        static const int32_t none[] = {0};
        sk_id kept = world_id_in(1, 1);
        sk_id lost = world_id_in(0, 1);

        world_call(&w, "finance", &kept, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        world_call(&w, "finance", &lost, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        world_run(&w);
        sk_driver_revoked(w.driver, none, 1, true, w.now_us);
        world_run(&w);
        world_answer(&w, SK_OK);
        assert_int_equal(open_calls(), 1);
        world_call(&w, "finance", &kept, SK_CALL_NOTE, 2, "{\"do\":\"open\"}");
        world_run(&w);
        assert_int_equal(fake_step_known, SK_KNOWN_OPEN);
        world_answer(&w, SK_OK);
}

static void test_a_stub_being_expired_is_there_again_when_the_batch_is_dropped(void **state) {
        (void)state;
        raise(1, "close");
        world_run(&w);
        world_answer(&w, SK_OK);
        world_wait(&w, INT64_C(1002000000));
        assert_non_null(w.batch);
        world_assign(&w); /* a new generation */
        world_answer(&w, SK_ERR_ABORTED);
        assert_int_equal(world_numbers(&w).stubs, 1);
        assert_non_null(w.batch); /* tried again under it */
        world_answer(&w, SK_OK);
        assert_int_equal(world_numbers(&w).stubs, 0);
}

/* ---- damage ---- */

static void test_a_damaged_journal_record_makes_the_partition_not_ready(void **state) {
        (void)state;
        bool is_there;
        sk_id id = world_id(1);
        sk_slice value;

        w.holds_commits = false;
        raise(1, "open");
        world_run(&w);
        value = world_journal(&w, world_partition(&id), "mark", &is_there);
        ((char *)(uintptr_t)value.at)[12] ^= 1;
        world_restart(&w);
        world_assign(&w);
        assert_false(world_numbers(&w).is_ready);
        assert_string_equal(world_numbers(&w).not_ready_why, "the journal has an unreadable record");
        assert_true(world_numbers(&w).is_stuck);
        assert_int_equal(world_numbers(&w).stuck_partition, world_partition(&id));
        assert_true(world_numbers(&w).stuck_offset >= 0);
}

static void test_a_gap_keeps_its_partition_from_folding(void **state) {
        (void)state;
        sk_id id = world_id(1);

        sk_driver_gap(w.driver, sk_topics_own(sk_driver_topics(w.driver), SK_TOPIC_WORK), world_partition(&id), 7);
        raise(1, "open");
        world_run(&w);
        assert_int_equal(fake_step_calls, 0);
        assert_false(world_numbers(&w).is_ready);
        assert_true(world_numbers(&w).is_stuck);
}

/* ---- rule R5 ---- */

static void careful_restart(const sk_input_place *places, size_t count) {
        world_restart(&w);
        sk_driver_noted_before(w.driver, places, count);
        w.holds_commits = false;
        w.holds_notes = true;
        world_assign(&w);
}

static void test_after_an_unclean_exit_each_input_is_noted_before_its_step(void **state) {
        (void)state;
        w.holds_commits = false;
        careful_restart(NULL, 0);
        raise(1, "open");
        raise(2, "open");
        world_run(&w);
        assert_int_equal(fake_step_calls, 0);
        assert_int_equal(w.note_count, 1);
        sk_driver_noted(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(fake_step_calls, 1);
        assert_int_equal(w.counts[SK_DO_FORGET], 1);
        assert_int_equal(w.counts[SK_DO_NOTE], 2); /* for the next one */
        assert_int_equal(world_numbers(&w).batches_committed, 1);
        sk_driver_noted(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(open_calls(), 2);
}

static void test_an_input_that_ended_two_processes_is_a_dead_letter(void **state) {
        (void)state;
        sk_input_place noted[16];
        size_t count;

        raise(1, "open");
        raise(2, "open");
        careful_restart(NULL, 0);
        count = w.note_count;
        memcpy(noted, w.note, sizeof(noted));
        assert_int_equal(count, 1);
        careful_restart(noted, count); /* it ended the process: once */
        count = w.note_count;
        memcpy(noted, w.note, sizeof(noted));
        assert_int_equal(count, 2);
        careful_restart(noted, count); /* and twice */
        sk_driver_noted(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(world_count(&w, SK_TOPIC_DEADLETTER), 1);
        assert_true(sk_slice_is(
                sk_headers_find(world_written(&w, SK_TOPIC_DEADLETTER, 0)->headers, "schakel-dl-reason"), "crashed"));
        assert_int_equal(open_calls(), 1);
}

/* A process that was killed after the commit and before its note was gone. */
static void test_what_was_noted_and_is_behind_the_mark_is_not_noted_again(void **state) {
        (void)state;
        sk_input_place noted[16];

        w.holds_commits = false;
        careful_restart(NULL, 0);
        raise(1, "open");
        world_run(&w);
        assert_int_equal(w.note_count, 1);
        memcpy(noted, w.note, sizeof(noted));
        sk_driver_noted(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(open_calls(), 1);
        careful_restart(noted, 1);
        unsigned forgotten = w.counts[SK_DO_FORGET];
        raise(2, "open");
        world_run(&w);
        assert_int_equal(w.note_count, 1);
        sk_driver_noted(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(open_calls(), 2);
        assert_true(w.counts[SK_DO_FORGET] > forgotten);
}

static void test_care_ends_after_two_batches_of_inputs(void **state) {
        (void)state;
        sk_driver_config config = {.batch_records_max = 4};
        unsigned notes;

        world_close(&w);
        world_open(&w, &config);
        sk_driver_noted_before(w.driver, NULL, 0);
        world_assign(&w);
        for (unsigned i = 0; i < 20; i++)
                raise(i, "open");
        world_run(&w);
        notes = w.counts[SK_DO_NOTE];
        assert_int_equal(notes, 8);
        assert_int_equal(open_calls(), 20);
}

/* ---- redelivery ---- */

static void base64(char *out, size_t room, sk_slice bytes) {
        assert_true(sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL) <= room);
        sodium_bin2base64(out, room, (const unsigned char *)bytes.at, bytes.len, sodium_base64_VARIANT_ORIGINAL);
}

static void redeliver(const sk_id *id, const char *topic, int partition, sk_slice headers, const char *value) {
        static char text[8192];
        static char run[4096];
        static char body[1024];
        char key[SK_ID_TEXT];

        sk_id_format(id, key);
        base64(run, sizeof(run), headers);
        base64(body, sizeof(body), sk_slice_of(value));
        (void)snprintf(text, sizeof(text),
                       "{\"topic\":\"%s\",\"partition\":%d,\"key\":\"%.*s\",\"headers\":\"%s\",\"value\":\"%s\"}",
                       topic, partition, SK_ID_TEXT, key, run, body);
        world_work(&w, id, SK_WORK_REDELIVER, text);
        world_run(&w);
}

static const char *outcome_code(size_t n) {
        static char text[4096];
        const sk_record *event = world_written(&w, SK_TOPIC_EVENTS, n);
        const char *code;

        assert_non_null(event);
        assert_true(sk_slice_is(sk_headers_find(event->headers, "ce_type"), "schakel.event.outcome"));
        (void)snprintf(text, sizeof(text), "%.*s", (int)event->value.len, event->value.at);
        code = strstr(text, "\"code\":");
        assert_non_null(code);
        return code;
}

static void test_a_redelivered_dead_letter_is_stepped_as_if_from_its_topic(void **state) {
        (void)state;
        sk_id id = world_id(1);
        const sk_record *letter;

        w.holds_commits = false;
        raise(1, "reject");
        world_run(&w);
        letter = world_written(&w, SK_TOPIC_DEADLETTER, 0);
        redeliver(&id, "test.centre.calls.finance", world_partition(&id), letter->headers, "{\"do\":\"open\"}");
        assert_int_equal(open_calls(), 1);
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), 2);
        assert_non_null(strstr(outcome_code(1), "\"ok\""));
}

static void test_a_redelivered_record_that_is_of_no_use_again_is_counted(void **state) {
        (void)state;
        sk_id id = world_id(1);
        const sk_record *letter;

        w.holds_commits = false;
        raise(1, "reject");
        world_run(&w);
        letter = world_written(&w, SK_TOPIC_DEADLETTER, 0);
        redeliver(&id, "test.centre.calls.finance", world_partition(&id), letter->headers, "{\"do\":\"reject\"}");
        letter = world_written(&w, SK_TOPIC_DEADLETTER, 1);
        assert_non_null(letter);
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-count"), "2"));
        assert_non_null(strstr(outcome_code(0), "\"bad-data\""));
}

static void test_a_redelivery_that_does_not_fit_is_refused_with_one_outcome(void **state) {
        (void)state;
        sk_id id = world_id(1);
        int other = (world_partition(&id) + 1) % 4;

        w.holds_commits = false;
        redeliver(&id, "test.finance.work", world_partition(&id), SK_SLICE(""), "{}");
        assert_non_null(strstr(outcome_code(0), "\"unknown-topic\""));
        redeliver(&id, "test.centre.calls.finance", other, SK_SLICE(""), "{}");
        assert_non_null(strstr(outcome_code(1), "\"misrouted\""));
        redeliver(&id, "test.centre.calls.finance", world_partition(&id),
                  SK_SLICE("\x05"
                           "a"),
                  "{}");
        assert_non_null(strstr(outcome_code(2), "\"bad-data\""));
        world_work(&w, &id, SK_WORK_REDELIVER, "{\"record\":{}}");
        world_run(&w);
        assert_non_null(strstr(outcome_code(3), "\"invalid\""));
        assert_int_equal(world_count(&w, SK_TOPIC_DEADLETTER), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, open_world, close_world)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(an_aborted_batch_is_given_again_byte_for_byte_after_a_pause),
                TEST(ten_repeats_are_tried_then_the_process_ends_with_75),
                TEST(nothing_is_seen_of_a_batch_before_it_is_committed),
                TEST(one_batch_folds_behind_the_one_in_flight_and_sees_its_overlay),
                TEST(an_unknown_outcome_is_asked_for_again_and_nothing_else_is_done),
                TEST(an_outcome_unknown_for_twenty_seconds_ends_the_process_with_75),
                TEST(an_unknown_outcome_that_was_an_abort_is_tried_again),
                TEST(a_revoked_partition_waits_for_the_commit_in_flight),
                TEST(a_revoke_waits_five_seconds_at_most),
                TEST(a_batch_aborted_after_a_revoke_is_dropped_and_folded_anew),
                TEST(lost_partitions_are_forgotten_at_once),
                TEST(a_closed_call_of_a_lost_partition_leaves_the_loop_check_in_order),
                TEST(a_new_generation_with_the_same_partitions_resumes_from_the_marks),
                TEST(losing_some_partitions_keeps_the_state_of_the_others),
                TEST(a_stub_being_expired_is_there_again_when_the_batch_is_dropped),
                TEST(a_damaged_journal_record_makes_the_partition_not_ready),
                TEST(a_gap_keeps_its_partition_from_folding),
                TEST(after_an_unclean_exit_each_input_is_noted_before_its_step),
                TEST(an_input_that_ended_two_processes_is_a_dead_letter),
                TEST(what_was_noted_and_is_behind_the_mark_is_not_noted_again),
                TEST(care_ends_after_two_batches_of_inputs),
                TEST(a_redelivered_dead_letter_is_stepped_as_if_from_its_topic),
                TEST(a_redelivered_record_that_is_of_no_use_again_is_counted),
                TEST(a_redelivery_that_does_not_fit_is_refused_with_one_outcome),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
