/* A journal as somebody else may have left it: what cannot be read keeps its partition from starting, until it is mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

#define UNREADABLE "the journal has an unreadable record"
#define FORMAT "the journal has a record of a format that this program does not read"
#define HEADLESS "the journal has the data of a call without its head"
#define CALL "01890000-0000-7000-8000-000000000001" /* of customer finance, or an ask */
#define NEXT_7 "\x07\0\0\0\0\0\0\0"

static driver_world w;
static int64_t offset;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        w.holds_restores = true;
        world_assign(&w);
        world_run(&w);
        offset = 0;
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

/** One more record of partition 0's journal; SK_NONE: a tombstone. */
static void give(const char *key, sk_slice value) {
        sk_record record = {.topic = sk_topics_own(w.topics, SK_TOPIC_JOURNAL),
                            .partition = 0,
                            .offset = offset++,
                            .timestamp_us = w.now_us,
                            .key = sk_slice_of(key),
                            .value = value};

        sk_driver_journal(w.driver, &record);
}

static void give_kind(const char *key, sk_journal_kind kind, sk_slice payload) {
        sk_buf value = sk_buf_make(65536);

        sk_journal_wrap(kind, sk_slice_of(key), payload, &value);
        give(key, sk_buf_slice(&value));
        sk_buf_free(&value);
}

/** All that there is of the journal has been given; the others are empty. */
static void restored(void) {
        for (int32_t p = 0; p < WORLD_PARTITIONS; p++)
                sk_driver_restored(w.driver, p, p == 0 ? offset : 0, w.now_us);
        world_run(&w);
}

/** NULL: it starts. */
static void assert_starts_not(const char *why, int64_t at_offset) {
        sk_driver_numbers numbers = world_numbers(&w);

        if (why == NULL) {
                assert_true(numbers.is_ready);
                assert_false(numbers.is_stuck);
                return;
        }
        assert_false(numbers.is_ready);
        assert_true(numbers.is_stuck);
        assert_string_equal(numbers.not_ready_why, why);
        assert_int_equal(numbers.stuck_partition, 0);
        assert_int_equal(numbers.stuck_offset, at_offset);
}

/* A mark of a program that writes another format. */
static sk_slice mark_of_format(uint16_t format) {
        static sk_buf bytes;

        sk_buf_free(&bytes);
        bytes = sk_buf_make(1000);
        sk_mark_encode(&(sk_mark){.now_us = w.now_us, .format = format, .tzdata = SK_SLICE("2026a")}, &bytes);
        return sk_buf_slice(&bytes);
}

static sk_slice stub_of(const char *id) {
        static sk_buf bytes;
        sk_stub stub = {.customer = SK_SLICE("finance"), .closed_us = 1, .expires_us = w.now_us + SK_DAY_US};

        assert_true(sk_id_parse(sk_slice_of(id), &stub.id));
        sk_buf_free(&bytes);
        bytes = sk_buf_make(1000);
        sk_stub_encode(&stub, &bytes);
        return sk_buf_slice(&bytes);
}

static void test_a_record_without_a_key_keeps_its_partition_from_starting(void **state) {
        (void)state;
        give(NULL, SK_SLICE("SK"));
        restored();
        assert_starts_not(UNREADABLE, 0);
}

static void test_a_record_that_means_nothing_keeps_its_partition_from_starting(void **state) {
        (void)state;
        static const struct {
                const char *key;
                sk_journal_kind kind;
                sk_slice payload;
        } table[] = {
                {"mark", SK_JOURNAL_MARK, SK_SLICE("")},
                {"mark", SK_JOURNAL_MARK, SK_SLICE("too short")},
                {"mark", SK_JOURNAL_HEAD, SK_SLICE("finance|1|r")}, /* a kind that has no place there */
                {"no key at all", SK_JOURNAL_HEAD, SK_SLICE("finance|1|r")},
                {"finance/7", SK_JOURNAL_HEAD, SK_SLICE("finance|1|r")},
                {"FINANCE/" CALL, SK_JOURNAL_HEAD, SK_SLICE("finance|1|r")},
                {"finance/" CALL, SK_JOURNAL_DATA, SK_SLICE("x")},
                {"finance/" CALL, SK_JOURNAL_STUB, SK_SLICE("")},
                {"finance/" CALL "#d", SK_JOURNAL_HEAD, SK_SLICE("finance|1|r")},
                {"mark/test.centre.work", SK_JOURNAL_OFFSET, SK_SLICE("")},
                {"mark/test.centre.work", SK_JOURNAL_OFFSET, {NEXT_7, 7}},
                {"mark/test.centre.work", SK_JOURNAL_OFFSET, {NEXT_7 "\0", 9}},
                {"mark/test.centre.work", SK_JOURNAL_OFFSET, SK_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff")},
                {"mark/test.centre.events", SK_JOURNAL_OFFSET, {NEXT_7, 8}}, /* which no link reads */
                {"mark/other.centre.work", SK_JOURNAL_OFFSET, {NEXT_7, 8}},  /* of another chain */
                {"mark/test.network.work", SK_JOURNAL_OFFSET, {NEXT_7, 8}},  /* of another team */
                {"schedule/week", SK_JOURNAL_SCHEDULE, SK_SLICE("1234567")},
                {"schedule/week", SK_JOURNAL_OFFSET, {NEXT_7, 8}},
                {"durations/work/4", SK_JOURNAL_DURATIONS, SK_SLICE("x")},
                {"resync/network", SK_JOURNAL_RESYNC, SK_SLICE("x")},
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                (void)open_world(state);
                give_kind(table[i].key, table[i].kind, table[i].payload);
                restored();
                if (world_numbers(&w).is_ready)
                        fail_msg("%s, kind %d, row %zu", table[i].key, (int)table[i].kind, i);
                assert_starts_not(UNREADABLE, 0);
                (void)close_world(state);
        }
}

static void test_a_journal_of_a_newer_program_is_not_read(void **state) {
        (void)state;
        give_kind("mark", SK_JOURNAL_MARK, mark_of_format(SK_JOURNAL_FORMAT + 1));
        restored();
        assert_starts_not(FORMAT, 0);
}

static void test_a_stub_under_the_id_of_another_call_is_not_read(void **state) {
        (void)state;
        give_kind("finance/01890000-0000-7000-8000-000000000002", SK_JOURNAL_STUB, stub_of(CALL));
        restored();
        assert_starts_not(UNREADABLE, 0);
}

static void test_data_without_a_head_is_not_started_with(void **state) {
        (void)state;
        give_kind("finance/" CALL "#d", SK_JOURNAL_DATA, SK_SLICE("{}"));
        restored();
        assert_starts_not(HEADLESS, -1);
}

static void test_the_first_of_what_cannot_be_read_is_told(void **state) {
        (void)state;
        give_kind("mark", SK_JOURNAL_MARK, mark_of_format(SK_JOURNAL_FORMAT));
        give_kind("schedule/week", SK_JOURNAL_SCHEDULE, SK_SLICE("x"));
        give_kind("resync/network", SK_JOURNAL_RESYNC, SK_SLICE("x"));
        restored();
        assert_starts_not(UNREADABLE, 1);
}

static void test_a_later_record_of_the_same_key_mends_what_cannot_be_read(void **state) {
        (void)state;
        static const struct {
                const char *key;
                sk_journal_kind kind;
                const char *good; /* NULL: a tombstone */
                size_t good_len;
                bool is_mended;
        } table[] = {
                {"schedule/week", SK_JOURNAL_SCHEDULE, NEXT_7, 8, true},
                {"schedule/week", SK_JOURNAL_SCHEDULE, NULL, 0, true},
                {"mark/test.centre.work", SK_JOURNAL_OFFSET, NEXT_7, 8, true},
                {"resync/network", SK_JOURNAL_RESYNC, NULL, 0, true},
                {"finance/" CALL, SK_JOURNAL_STUB, NULL, 0, true},
                {"finance/" CALL "#d", SK_JOURNAL_HEAD, NULL, 0, true},
                {"no key at all", SK_JOURNAL_HEAD, NULL, 0, true},
                {"schedule/week", SK_JOURNAL_SCHEDULE, "still not", 9, false},
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                (void)open_world(state);
                give_kind(table[i].key, table[i].kind, SK_SLICE("x"));
                if (table[i].good != NULL)
                        give_kind(table[i].key, table[i].kind, (sk_slice){table[i].good, table[i].good_len});
                else
                        give(table[i].key, SK_NONE);
                restored();
                if (world_numbers(&w).is_ready != table[i].is_mended)
                        fail_msg("%s, row %zu", table[i].key, i);
                (void)close_world(state);
        }
}

static void test_a_tombstone_takes_a_call_and_its_data_away(void **state) {
        (void)state;
        give_kind("finance/" CALL, SK_JOURNAL_HEAD, SK_SLICE("finance|1|r"));
        give_kind("finance/" CALL "#d", SK_JOURNAL_DATA, SK_SLICE("{}"));
        give("finance/" CALL "#d", SK_NONE);
        give("finance/" CALL, SK_NONE);
        restored();
        assert_starts_not(NULL, 0);
        assert_int_equal(world_numbers(&w).open_calls, 0);
}

static void test_a_tombstone_of_another_customer_takes_nothing_away(void **state) {
        (void)state;
        give_kind("finance/" CALL, SK_JOURNAL_HEAD, SK_SLICE("finance|1|r"));
        give("legal/" CALL, SK_NONE);
        give("legal/" CALL "#d", SK_NONE);
        restored();
        assert_starts_not(NULL, 0);
        assert_int_equal(world_numbers(&w).open_calls, 1);
}

static void test_what_is_given_of_a_partition_that_is_not_being_restored_is_left_alone(void **state) {
        (void)state;
        give_kind("finance/" CALL, SK_JOURNAL_HEAD, SK_SLICE("finance|1|r"));
        restored();
        give_kind("mark", SK_JOURNAL_MARK, SK_SLICE("x"));
        give("finance/" CALL, SK_NONE);
        restored();
        assert_starts_not(NULL, 0);
        assert_int_equal(world_numbers(&w).open_calls, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_record_that_means_nothing_keeps_its_partition_from_starting),
                cmocka_unit_test_setup_teardown(test_a_record_without_a_key_keeps_its_partition_from_starting,
                                                open_world, close_world),
                cmocka_unit_test_setup_teardown(test_a_journal_of_a_newer_program_is_not_read, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_a_stub_under_the_id_of_another_call_is_not_read, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_data_without_a_head_is_not_started_with, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_the_first_of_what_cannot_be_read_is_told, open_world, close_world),
                cmocka_unit_test(test_a_later_record_of_the_same_key_mends_what_cannot_be_read),
                cmocka_unit_test_setup_teardown(test_a_tombstone_takes_a_call_and_its_data_away, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_a_tombstone_of_another_customer_takes_nothing_away, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(
                        test_what_is_given_of_a_partition_that_is_not_being_restored_is_left_alone, open_world,
                        close_world),
        };

        return cmocka_run_group_tests_name("driver_journal", tests, NULL, NULL);
}
