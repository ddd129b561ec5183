#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/topics.h"
#include "kit/random.h"
#include "link/inbox.h"
#include "support/failing_alloc.h"

typedef struct fixture {
        sk_topics *topics;
        sk_inbox *inbox;
        sk_lane *lanes[3]; /* calls of a, calls of b, work; of partition 1 */
} fixture;

static fixture make(void) {
        fixture f = {.topics = sk_topics_new(SK_SLICE("ssc"), SK_SLICE("desk")), .inbox = sk_inbox_new(4)};

        f.lanes[0] = sk_inbox_lane(f.inbox, sk_topics_calls_from(f.topics, SK_SLICE("a")), 1);
        f.lanes[1] = sk_inbox_lane(f.inbox, sk_topics_calls_from(f.topics, SK_SLICE("b")), 1);
        f.lanes[2] = sk_inbox_lane(f.inbox, sk_topics_own(f.topics, SK_TOPIC_WORK), 1);
        return f;
}

static void unmake(fixture *f) {
        sk_inbox_free(f->inbox);
        sk_topics_free(f->topics);
}

static sk_err put(fixture *f, unsigned lane, int64_t offset, int64_t time, const char *value) {
        return sk_inbox_put(f->inbox, f->lanes[lane],
                            &(sk_record){.topic = f->lanes[lane]->topic,
                                         .partition = 1,
                                         .offset = offset,
                                         .timestamp_us = time,
                                         .key = SK_SLICE("key"),
                                         .headers = SK_SLICE(""),
                                         .value = sk_slice_of(value)});
}

static void check_order(fixture *f, const char *wanted) {
        for (; *wanted != '\0'; wanted++) {
                const sk_record *record = sk_inbox_peek(f->inbox, 1);

                assert_non_null(record);
                assert_int_equal(record->value.at[0], *wanted);
                sk_inbox_take(f->inbox, 1);
        }
        assert_null(sk_inbox_peek(f->inbox, 1));
}

static void test_what_was_passed_counts_once_the_records_before_it_are_taken(void **state) {
        (void)state;
        fixture f = make();

        put(&f, 0, 4, 10, "a");
        assert_false(sk_lane_pass(f.lanes[0], 7));
        assert_int_equal(f.lanes[0]->folded_next, 0);
        check_order(&f, "a");
        assert_int_equal(f.lanes[0]->folded_next, 7);
        assert_true(sk_lane_pass(f.lanes[0], 9));
        assert_int_equal(f.lanes[0]->folded_next, 9);
        assert_false(sk_lane_pass(f.lanes[0], 8));
        assert_int_equal(f.lanes[0]->fetched_next, 9);
        assert_int_equal(f.lanes[0]->committed_next, 0);
        unmake(&f);
}

static void test_lanes_are_merged_by_time_then_by_name(void **state) {
        (void)state;
        fixture f = make();

        put(&f, 2, 0, 5, "e");
        put(&f, 1, 0, 5, "d");
        put(&f, 0, 0, 5, "c");
        put(&f, 0, 1, 9, "f");
        put(&f, 1, 5, 10, "g");
        sk_inbox_take(f.inbox, 1); /* c */
        assert_int_equal(sk_inbox_count(f.inbox), 4);
        check_order(&f, "defg");
        unmake(&f);
}

static void test_a_lane_is_never_reordered_whatever_its_timestamps_say(void **state) {
        (void)state;
        fixture f = make();

        put(&f, 0, 0, 50, "b");
        put(&f, 0, 1, 10, "c");
        put(&f, 1, 0, 20, "a");
        put(&f, 1, 1, 60, "d");
        check_order(&f, "abcd");
        unmake(&f);
}

static void test_a_record_fetched_twice_is_left_out_and_gaps_are_borne(void **state) {
        (void)state;
        fixture f = make();

        put(&f, 0, 3, 1, "a");
        put(&f, 0, 3, 1, "x");
        put(&f, 0, 1, 1, "x");
        put(&f, 0, 9, 1, "b");
        check_order(&f, "ab");
        assert_int_equal(f.lanes[0]->folded_next, 10);
        unmake(&f);
}

static void test_taking_moves_the_folded_offset_and_rewinding_goes_back_to_the_mark(void **state) {
        (void)state;
        fixture f = make();

        sk_lane_start(f.lanes[0], 4);
        put(&f, 0, 4, 1, "a");
        put(&f, 0, 5, 2, "b");
        sk_inbox_take(f.inbox, 1);
        assert_int_equal(f.lanes[0]->folded_next, 5);
        assert_int_equal(f.lanes[0]->fetched_next, 6);
        assert_int_equal(f.lanes[0]->committed_next, 4);
        sk_inbox_rewind(f.inbox, 1);
        assert_null(sk_inbox_peek(f.inbox, 1));
        assert_int_equal(f.lanes[0]->fetched_next, 4);
        assert_int_equal(sk_inbox_bytes(f.inbox), 0);
        put(&f, 0, 4, 1, "a");
        check_order(&f, "a");
        unmake(&f);
}

static void test_a_record_is_copied_whole_and_a_tombstone_stays_one(void **state) {
        (void)state;
        fixture f = make();
        char value[] = "abc";
        const sk_record *record;

        put(&f, 0, 0, 1, value);
        memset(value, 'z', 3);
        record = sk_inbox_peek(f.inbox, 1);
        assert_true(sk_slice_is(record->value, "abc") && sk_slice_is(record->key, "key"));
        assert_true(sk_slice_there(record->headers) && record->headers.len == 0);
        sk_inbox_take(f.inbox, 1);
        put(&f, 0, 1, 1, NULL);
        assert_false(sk_slice_there(sk_inbox_peek(f.inbox, 1)->value));
        unmake(&f);
}

static void test_closing_a_partition_forgets_its_lanes_and_no_other(void **state) {
        (void)state;
        fixture f = make();
        sk_lane *other = sk_inbox_lane(f.inbox, f.lanes[0]->topic, 2);
        const sk_topic *topic = f.lanes[0]->topic;

        put(&f, 0, 0, 1, "a");
        sk_inbox_close(f.inbox, 1);
        assert_null(sk_inbox_find(f.inbox, topic, 1));
        assert_ptr_equal(sk_inbox_find(f.inbox, topic, 2), other);
        assert_int_equal(sk_inbox_count(f.inbox), 0);
        unmake(&f);
}

/* Sizes around those of a chunk, taken in another order than put. */
static void test_many_records_of_all_sizes_come_out_as_they_went_in(void **state) {
        (void)state;
        fixture f = make();
        sk_random random = sk_random_make(11);
        static char bytes[200000];
        int64_t next[3] = {0};
        int64_t taken[3] = {0};

        for (unsigned i = 0; i < 3000; i++) {
                unsigned lane = (unsigned)sk_random_below(&random, 3);
                size_t len = (size_t)sk_random_below(&random, i % 50 == 0 ? sizeof(bytes) : 2000);

                memset(bytes, (int)(next[lane] % 251), len);
                assert_int_equal(sk_inbox_put(f.inbox, f.lanes[lane],
                                              &(sk_record){.topic = f.lanes[lane]->topic,
                                                           .partition = 1,
                                                           .offset = next[lane]++,
                                                           .timestamp_us = (int64_t)sk_random_below(&random, 1000),
                                                           .key = SK_SLICE("k"),
                                                           .headers = SK_SLICE(""),
                                                           .value = {bytes, len}}),
                                 SK_OK);
                while (sk_inbox_count(f.inbox) > 40) {
                        const sk_record *record = sk_inbox_peek(f.inbox, 1);

                        for (unsigned l = 0; l < 3; l++) {
                                if (record->topic != f.lanes[l]->topic)
                                        continue;
                                assert_int_equal(record->offset, taken[l]);
                                for (size_t b = 0; b < record->value.len; b++)
                                        if ((uint8_t)record->value.at[b] != (uint8_t)(taken[l] % 251))
                                                fail_msg("bytes of another record");
                                taken[l]++;
                                break;
                        }
                        sk_inbox_take(f.inbox, 1);
                }
        }
        unmake(&f);
}

static bool fill(void *context) {
        sk_topics *topics = context;
        sk_inbox *inbox = sk_inbox_new(4);
        bool is_done = inbox != NULL;

        for (unsigned i = 0; is_done && i < 20; i++) {
                char name[8];
                const sk_topic *topic;
                sk_lane *lane;

                (void)snprintf(name, sizeof(name), "c%u", i);
                topic = sk_topics_calls_from(topics, sk_slice_of(name));
                lane = topic == NULL ? NULL : sk_inbox_lane(inbox, topic, 3);
                is_done = lane != NULL && sk_inbox_put(inbox, lane,
                                                       &(sk_record){.topic = topic,
                                                                    .partition = 3,
                                                                    .key = SK_SLICE("k"),
                                                                    .headers = SK_SLICE(""),
                                                                    .value = SK_SLICE("v")}) == SK_OK;
                if (is_done)
                        assert_int_equal(sk_inbox_count(inbox), i + 1);
        }
        sk_inbox_free(inbox);
        return is_done;
}

static void test_without_memory_nothing_is_lost_or_left_behind(void **state) {
        (void)state;
        sk_topics *topics = sk_topics_new(SK_SLICE("ssc"), SK_SLICE("desk"));

        (void)fill(topics); /* so that the topics themselves are there */
        failing_alloc_each(fill, topics);
        sk_topics_free(topics);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_was_passed_counts_once_the_records_before_it_are_taken),
                cmocka_unit_test(test_lanes_are_merged_by_time_then_by_name),
                cmocka_unit_test(test_a_lane_is_never_reordered_whatever_its_timestamps_say),
                cmocka_unit_test(test_a_record_fetched_twice_is_left_out_and_gaps_are_borne),
                cmocka_unit_test(test_taking_moves_the_folded_offset_and_rewinding_goes_back_to_the_mark),
                cmocka_unit_test(test_a_record_is_copied_whole_and_a_tombstone_stays_one),
                cmocka_unit_test(test_closing_a_partition_forgets_its_lanes_and_no_other),
                cmocka_unit_test(test_many_records_of_all_sizes_come_out_as_they_went_in),
                cmocka_unit_test(test_without_memory_nothing_is_lost_or_left_behind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
