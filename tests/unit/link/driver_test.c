#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        fake_step_calls = 0;
        fake_step_order[0] = '\0';
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static const char *key_of(const char *customer, const sk_id *id) {
        static char key[128];
        char text[SK_ID_TEXT];

        sk_id_format(id, text);
        (void)snprintf(key, sizeof(key), "%s/%.*s", customer, SK_ID_TEXT, text);
        return key;
}

static void raise(unsigned number, const char *what) {
        sk_id id = world_id(number);
        char value[64];

        (void)snprintf(value, sizeof(value), "{\"do\":\"%s\"}", what);
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

static const char *head_of(unsigned number) {
        static char head[256];
        sk_id id = world_id(number);
        bool is_there;
        sk_slice value = world_journal(&w, world_partition(&id), key_of("finance", &id), &is_there);
        sk_journal_kind kind;
        sk_slice payload;

        if (!sk_slice_there(value))
                return "";
        assert_int_equal(sk_journal_unwrap(sk_slice_of(key_of("finance", &id)), value, &kind, &payload), SK_OK);
        (void)snprintf(head, sizeof(head), "%.*s", (int)payload.len, payload.at);
        if (strrchr(head, '|') != NULL)
                *strrchr(head, '|') = '\0';
        return kind == SK_JOURNAL_STUB ? "stub" : head;
}

static void test_every_assigned_partition_is_restored_and_resumed_before_it_is_ready(void **state) {
        (void)state;
        assert_int_equal(w.counts[SK_DO_RESTORE], WORLD_PARTITIONS);
        assert_int_equal(w.counts[SK_DO_RESUME], WORLD_PARTITIONS);
        assert_true(world_numbers(&w).is_ready);
        assert_int_equal(w.counts[SK_DO_COMMIT], 0);
}

static void test_it_is_not_ready_while_a_restore_is_under_way(void **state) {
        (void)state;
        static const int32_t all[] = {0, 1, 2, 3};

        world_restart(&w);
        assert_false(world_numbers(&w).is_ready);
        w.holds_restores = true;
        sk_driver_assigned(w.driver, 9, all, 4, w.now_us);
        world_run(&w);
        assert_false(world_numbers(&w).is_ready);
        for (int32_t p = 0; p < 4; p++)
                world_restore(&w, p);
        assert_true(world_numbers(&w).is_ready);
        w.holds_restores = false;
}

static void test_a_message_is_stepped_and_its_head_stands_in_the_journal(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        assert_string_equal(head_of(1), "finance|1");
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), 1);
        assert_int_equal(world_numbers(&w).open_calls, 1);
        assert_int_equal(world_numbers(&w).batches_committed, 1);
}

static void test_a_second_message_finds_the_head_of_the_first(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "open");
        world_run(&w);
        world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"open\"}");
        world_work(&w, &id, SK_WORK_NOTE, "{\"do\":\"open\"}");
        world_feedback(&w, "network", &id, SK_FEEDBACK_PROGRESS, "{\"do\":\"open\"}");
        world_run(&w);
        assert_string_equal(head_of(1), "finance|4");
}

static void test_many_changes_of_one_call_in_a_batch_are_one_head(void **state) {
        (void)state;
        sk_id id = world_id(1);
        size_t before = world_count(&w, SK_TOPIC_JOURNAL);

        raise(1, "data");
        for (uint32_t i = 2; i < 6; i++)
                world_call(&w, "finance", &id, SK_CALL_NOTE, i, "{\"do\":\"open\"}");
        world_run(&w);
        assert_string_equal(head_of(1), "finance|5");
        /* head, data, mark, offset */
        assert_int_equal(world_count(&w, SK_TOPIC_JOURNAL) - before, 4);
        assert_string_equal(fake_step_data, "{\"do\":\"data\"}");
}

static void test_a_new_process_goes_on_from_the_journal(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "data");
        raise(2, "close");
        world_run(&w);
        world_restart(&w);
        world_assign(&w);
        assert_int_equal(world_numbers(&w).open_calls, 1);
        assert_int_equal(world_numbers(&w).stubs, 1);
        fake_step_calls = 0;
        world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"open\"}");
        world_run(&w);
        assert_int_equal(fake_step_calls, 1); /* nothing from before its marks comes again */
        assert_string_equal(head_of(1), "finance|2");
        assert_string_equal(fake_step_data, "{\"do\":\"data\"}");
}

static void test_the_same_inputs_make_the_same_bytes(void **state) {
        (void)state;
        static driver_world other;

        world_open(&other, NULL);
        world_assign(&other);
        for (unsigned i = 0; i < 50; i++) {
                sk_id id = world_id(i);

                world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"data\"}");
                world_call(&other, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"data\"}");
        }
        world_run(&w);
        world_run(&other);
        assert_int_equal(w.log_count, other.log_count);
        for (size_t i = 0; i < w.log_count; i++) {
                assert_true(sk_slice_equal(w.log[i].record.key, other.log[i].record.key));
                assert_true(sk_slice_equal(w.log[i].record.value, other.log[i].record.value));
        }
        world_close(&other);
}

/* ---- rule T3: marks and offsets ---- */

static void test_a_batch_holds_a_mark_and_the_offsets_of_each_partition_it_touches(void **state) {
        (void)state;
        sk_id id = world_id(1);
        int32_t p = world_partition(&id);
        bool is_there;
        sk_mark mark;
        sk_journal_kind kind;
        sk_slice payload;
        sk_slice value;

        w.holds_commits = true;
        raise(1, "open");
        world_run(&w);
        assert_int_equal(w.batch->offset_count, 2); /* what was consumed, and work */
        for (size_t i = 0; i < 2; i++) {
                bool is_work = w.batch->offsets[i].topic->kind == SK_TOPIC_WORK;

                assert_int_equal(w.batch->offsets[i].partition, p);
                assert_int_equal(w.batch->offsets[i].next_offset, is_work ? 0 : 1);
        }
        assert_int_equal(w.batch->generation, w.generation);
        world_answer(&w, SK_OK);
        value = world_journal(&w, p, "mark", &is_there);
        assert_int_equal(sk_journal_unwrap(SK_SLICE("mark"), value, &kind, &payload), SK_OK);
        assert_int_equal(sk_mark_decode(payload, &mark), SK_OK);
        assert_true(mark.now_us == fake_step_now_us);
        assert_memory_equal(&mark.edition, sk_edition_digest(w.edition), sizeof(mark.edition));
        (void)world_journal(&w, p, "mark/test.centre.calls.finance", &is_there);
        assert_true(is_there);
        (void)world_journal(&w, p, "mark/test.centre.work", &is_there);
        assert_false(is_there);
}

static void test_a_batch_that_consumes_nothing_carries_the_offset_of_work_all_the_same(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "close");
        world_run(&w);
        w.holds_commits = true;
        world_wait(&w, INT64_C(1002000000));
        assert_non_null(w.batch);
        assert_int_equal(w.batch->offset_count, 1);
        assert_int_equal(w.batch->offsets[0].topic->kind, SK_TOPIC_WORK);
        assert_int_equal(w.batch->offsets[0].partition, world_partition(&id));
        world_answer(&w, SK_OK);
}

/* ---- rule O: order and time ---- */

static void test_topics_of_a_partition_are_merged_by_time_and_each_keeps_its_order(void **state) {
        (void)state;
        static const struct {
                const char *customer;
                int64_t at;
                const char *seen;
        } rows[] = {{"legal", 30, "c"},
                    {"finance", 10, "a"},
                    {"finance", 40, "e"},
                    {"legal", 20, "d"},
                    {"finance", 35, "f"}};
        sk_id id = world_id(1);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char value[64];

                (void)snprintf(value, sizeof(value), "{\"do\":\"quiet\",\"seen\":\"%s\"}", rows[i].seen);
                world_call(&w, rows[i].customer, &id, SK_CALL_NOTE, 2, value);
                w.log[w.log_count - 1].record.timestamp_us = rows[i].at;
        }
        world_run(&w);
        assert_string_equal(fake_step_order, "acdef");
}

static void test_partitions_are_folded_in_ascending_order(void **state) {
        (void)state;
        for (int32_t p = 3; p >= 0; p--) {
                sk_id id = world_id_in(p, 5);
                char value[64];

                (void)snprintf(value, sizeof(value), "{\"do\":\"quiet\",\"seen\":\"%d\"}", (int)p);
                world_call(&w, "finance", &id, SK_CALL_NOTE, 2, value);
        }
        world_run(&w);
        assert_string_equal(fake_step_order, "0123");
}

static void test_now_never_goes_back_also_over_a_restart(void **state) {
        (void)state;
        int64_t before;

        raise(1, "open");
        world_run(&w);
        before = fake_step_now_us;
        world_restart(&w);
        w.now_us -= SK_HOUR_US;
        world_assign(&w);
        raise(2, "open");
        world_run(&w);
        assert_true(fake_step_now_us >= before);
}

/* ---- dead letters ---- */

static void test_an_unusable_record_becomes_a_dead_letter_byte_for_byte_and_the_rest_goes_on(void **state) {
        (void)state;
        const sk_record *letter;
        sk_id id = world_id(2);
        char text[SK_ID_TEXT];

        sk_id_format(&id, text);
        world_send(&w, sk_topics_calls_from(w.topics, SK_SLICE("finance")), world_partition(&id), 0,
                   (sk_slice){text, sizeof(text)}, SK_SLICE("\x01xgarbage"), SK_SLICE("\xff not json"));
        raise(1, "open");
        world_run(&w);
        letter = world_written(&w, SK_TOPIC_DEADLETTER, 0);
        assert_non_null(letter);
        assert_true(sk_slice_is(letter->value, "\xff not json"));
        assert_true(sk_slice_equal(letter->key, (sk_slice){text, sizeof(text)}));
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-headers"), "\x01xgarbage"));
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-topic"), "test.centre.calls.finance"));
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-offset"), "0"));
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-count"), "1"));
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-reason"), "bad-envelope"));
        assert_string_equal(head_of(1), "finance|1");
        assert_int_equal(world_numbers(&w).dead_letters, 1);
}

static void test_what_a_rejected_record_had_written_is_taken_back(void **state) {
        (void)state;
        raise(1, "reject");
        world_run(&w);
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), 0);
        assert_int_equal(world_count(&w, SK_TOPIC_DEADLETTER), 1);
        assert_string_equal(head_of(1), "");
}

static void test_a_record_too_large_for_a_batch_of_its_own_is_a_dead_letter(void **state) {
        (void)state;
        const sk_record *letter;

        raise(1, "open");
        raise(2, "huge");
        raise(3, "open");
        world_run(&w);
        letter = world_written(&w, SK_TOPIC_DEADLETTER, 0);
        assert_non_null(letter);
        assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-reason"), "too-large"));
        assert_string_equal(head_of(1), "finance|1");
        assert_string_equal(head_of(3), "finance|1");
        assert_int_equal(w.exit_code, -1);
}

/* ---- rule C: closed calls ---- */

static void test_a_closed_call_leaves_a_stub_and_a_tombstone_for_its_data(void **state) {
        (void)state;
        sk_id id = world_id(1);
        char key[160];
        bool is_there;

        raise(1, "data");
        world_run(&w);
        world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"close\"}");
        world_run(&w);
        assert_string_equal(head_of(1), "stub");
        (void)snprintf(key, sizeof(key), "%s#d", key_of("finance", &id));
        assert_false(sk_slice_there(world_journal(&w, world_partition(&id), key, &is_there)));
        assert_true(is_there);
        assert_int_equal(world_numbers(&w).open_calls, 0);
        assert_int_equal(world_numbers(&w).stubs, 1);
        assert_int_equal(world_numbers(&w).state_bytes, 0);
}

static void test_a_duplicate_waits_for_its_stub_and_holds_back_its_partition_only(void **state) {
        (void)state;
        sk_id other = world_id_in((world_partition(&(sk_id){{1}}) + 1) % 4, 7);
        sk_id id = world_id_in((world_partition(&other) + 1) % 4, 8);
        size_t before;

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"close\"}");
        world_run(&w);
        w.holds_stubs = true;
        before = world_count(&w, SK_TOPIC_EVENTS);
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        world_call(&w, "finance", &other, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_READ_STUB], 1);
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS) - before, 1);
        world_stub_answer(&w, true);
        world_run(&w);
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS) - before, 2);
        assert_true(sk_slice_is(world_written(&w, SK_TOPIC_EVENTS, before + 1)->value, "from the stub"));
        assert_int_equal(world_numbers(&w).stubs, 1);
}

static void test_a_duplicate_of_a_call_closed_in_flight_is_answered_without_reading(void **state) {
        (void)state;
        raise(1, "close");
        raise(1, "open");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_READ_STUB], 0);
        assert_true(sk_slice_is(world_written(&w, SK_TOPIC_EVENTS, 1)->value, "from the stub"));
}

static void test_a_stub_that_is_gone_lets_the_duplicate_pass_unanswered(void **state) {
        (void)state;
        raise(1, "close");
        world_run(&w);
        w.holds_stubs = true;
        raise(1, "open");
        world_run(&w);
        world_stub_answer(&w, false);
        world_run(&w);
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), 1);
        assert_true(sk_driver_wake_us(w.driver) > w.now_us);
}

static void test_the_same_id_of_two_customers_makes_two_stubs(void **state) {
        (void)state;
        sk_id id = world_id(1);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"close\"}");
        world_run(&w);
        world_call(&w, "legal", &id, SK_CALL_RAISE, 1, "{\"do\":\"close\"}");
        world_run(&w);
        assert_int_equal(world_numbers(&w).stubs, 2);
}

static void test_an_open_call_of_another_customer_is_given_to_the_step(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "open");
        world_run(&w);
        world_call(&w, "legal", &id, SK_CALL_RAISE, 1, "{\"do\":\"quiet\"}");
        world_run(&w);
        assert_int_equal(fake_step_known, SK_KNOWN_OPEN);
}

static void test_stubs_expire_at_most_a_thousand_a_batch(void **state) {
        (void)state;
        for (unsigned i = 0; i < 1100; i++)
                raise(i, "close");
        world_run(&w);
        assert_int_equal(world_numbers(&w).stubs, 1100);
        w.holds_commits = true;
        world_wait(&w, INT64_C(1002000000));
        world_answer(&w, SK_OK);
        assert_int_equal(world_numbers(&w).stubs, 100);
        world_answer(&w, SK_OK);
        assert_int_equal(world_numbers(&w).stubs, 0);
        assert_string_equal(head_of(5), "");
        world_restart(&w);
        w.holds_commits = false;
        world_assign(&w);
        assert_int_equal(world_numbers(&w).stubs, 0);
}

/* ---- rule B: the loop check, and bounds ---- */

static void test_the_loop_check_sees_what_is_open_in_the_same_batch_and_forgets_what_closes(void **state) {
        (void)state;
        sk_id id = world_id(1);

        raise(1, "open");
        world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"close\"}");
        world_run(&w);
        assert_true(fake_step_was_open);
        world_call(&w, "finance", &id, SK_CALL_NOTE, 3, "{\"do\":\"quiet\"}");
        world_run(&w);
        assert_false(fake_step_was_open);
}

static void test_too_many_open_calls_pause_calls_alone(void **state) {
        (void)state;
        sk_driver_config config = {.open_calls_max = 2};

        world_close(&w);
        world_open(&w, &config);
        world_assign(&w);
        assert_true(sk_driver_wants(w.driver, SK_TOPIC_CALLS));
        raise(1, "open");
        raise(2, "open");
        world_run(&w);
        assert_false(sk_driver_wants(w.driver, SK_TOPIC_CALLS));
        assert_true(sk_driver_wants(w.driver, SK_TOPIC_FEEDBACK));
        assert_true(sk_driver_wants(w.driver, SK_TOPIC_WORK));
}

static void test_a_full_inbox_stops_the_fetching_of_everything_until_it_is_folded(void **state) {
        (void)state;
        sk_driver_config config = {.inbox_bytes_max = 4096, .batch_records_max = 4};

        world_close(&w);
        world_open(&w, &config);
        world_assign(&w);
        w.holds_commits = true;
        for (unsigned i = 0; i < 100; i++)
                raise(i, "open");
        world_run(&w);
        assert_false(sk_driver_wants(w.driver, SK_TOPIC_WORK));
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_int_equal(world_numbers(&w).open_calls, 100);
}

static void test_a_busy_partition_leaves_room_for_the_others(void **state) {
        (void)state;
        sk_driver_config config = {.batch_records_max = 8};
        sk_id rare = world_id_in(3, 77);

        world_close(&w);
        world_open(&w, &config);
        world_assign(&w);
        for (unsigned i = 0; i < 20; i++) {
                sk_id id = world_id_in(0, i);

                world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        }
        world_call(&w, "finance", &rare, SK_CALL_RAISE, 1, "{\"do\":\"open\",\"seen\":\"x\"}");
        w.holds_commits = true;
        world_run(&w);
        world_answer(&w, SK_OK);
        assert_string_equal(fake_step_order, "x");
}

/* ---- editions, stopping ---- */

static void test_an_edition_of_another_chain_is_refused_and_the_old_one_stays(void **state) {
        (void)state;
        sk_edition *foreign = world_edition("elsewhere");

        assert_int_equal(sk_driver_edition(w.driver, foreign), SK_ERR_CONFLICT);
        sk_edition_release(foreign);
        raise(1, "open");
        world_run(&w);
        assert_string_equal(head_of(1), "finance|1");
}

static void test_a_new_edition_counts_from_the_next_batch_and_resumes_no_topic_that_is_read(void **state) {
        (void)state;
        sk_edition *edition = world_edition("test");
        unsigned resumes = w.counts[SK_DO_RESUME];

        assert_int_equal(sk_driver_edition(w.driver, edition), SK_OK);
        sk_edition_release(edition);
        raise(1, "open");
        world_run(&w);
        assert_string_equal(head_of(1), "finance|1");
        assert_int_equal(w.counts[SK_DO_RESUME], resumes);
}

static void test_stopping_finishes_what_is_in_flight_and_exits_with_zero(void **state) {
        (void)state;
        w.holds_commits = true;
        raise(1, "open");
        world_run(&w);
        sk_driver_stop(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(w.exit_code, -1);
        assert_false(sk_driver_wants(w.driver, SK_TOPIC_WORK));
        world_answer(&w, SK_OK);
        assert_int_equal(w.exit_code, 0);
}

static void test_stopping_when_idle_exits_at_once(void **state) {
        (void)state;
        sk_driver_stop(w.driver, w.now_us);
        world_run(&w);
        assert_int_equal(w.exit_code, 0);
}

static void test_a_walk_gives_every_open_call_once(void **state) {
        (void)state;
        size_t position = 0;
        size_t count = 0;
        sk_slice head;
        sk_slice data;

        for (unsigned i = 0; i < 300; i++)
                raise(i, "data");
        world_run(&w);
        while (sk_driver_walk(w.driver, &position, &head, &data)) {
                count++;
                assert_true(sk_slice_is(data, "{\"do\":\"data\"}"));
        }
        assert_int_equal(count, 300);
        assert_false(sk_driver_walk(w.driver, &position, &head, &data));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, open_world, close_world)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(every_assigned_partition_is_restored_and_resumed_before_it_is_ready),
                TEST(it_is_not_ready_while_a_restore_is_under_way),
                TEST(a_message_is_stepped_and_its_head_stands_in_the_journal),
                TEST(a_second_message_finds_the_head_of_the_first),
                TEST(many_changes_of_one_call_in_a_batch_are_one_head),
                TEST(a_new_process_goes_on_from_the_journal),
                TEST(the_same_inputs_make_the_same_bytes),
                TEST(a_batch_holds_a_mark_and_the_offsets_of_each_partition_it_touches),
                TEST(a_batch_that_consumes_nothing_carries_the_offset_of_work_all_the_same),
                TEST(topics_of_a_partition_are_merged_by_time_and_each_keeps_its_order),
                TEST(partitions_are_folded_in_ascending_order),
                TEST(now_never_goes_back_also_over_a_restart),
                TEST(an_unusable_record_becomes_a_dead_letter_byte_for_byte_and_the_rest_goes_on),
                TEST(what_a_rejected_record_had_written_is_taken_back),
                TEST(a_record_too_large_for_a_batch_of_its_own_is_a_dead_letter),
                TEST(a_closed_call_leaves_a_stub_and_a_tombstone_for_its_data),
                TEST(a_duplicate_waits_for_its_stub_and_holds_back_its_partition_only),
                TEST(a_duplicate_of_a_call_closed_in_flight_is_answered_without_reading),
                TEST(a_stub_that_is_gone_lets_the_duplicate_pass_unanswered),
                TEST(the_same_id_of_two_customers_makes_two_stubs),
                TEST(an_open_call_of_another_customer_is_given_to_the_step),
                TEST(stubs_expire_at_most_a_thousand_a_batch),
                TEST(the_loop_check_sees_what_is_open_in_the_same_batch_and_forgets_what_closes),
                TEST(too_many_open_calls_pause_calls_alone),
                TEST(a_full_inbox_stops_the_fetching_of_everything_until_it_is_folded),
                TEST(a_busy_partition_leaves_room_for_the_others),
                TEST(an_edition_of_another_chain_is_refused_and_the_old_one_stays),
                TEST(a_new_edition_counts_from_the_next_batch_and_resumes_no_topic_that_is_read),
                TEST(stopping_finishes_what_is_in_flight_and_exits_with_zero),
                TEST(stopping_when_idle_exits_at_once),
                TEST(a_walk_gives_every_open_call_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
