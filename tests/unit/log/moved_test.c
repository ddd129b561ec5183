#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log/moved.h"

#define ID "01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3" /* partition 3 of 4, 1 of 2 */

static sk_moved moved_make(const char *key, sk_slice headers, const char *value) {
        return (sk_moved){.partition = 2,
                          .offset = 41,
                          .timestamp_us = 1763734971000000,
                          .is_unread = true,
                          .key = sk_slice_of(key),
                          .headers = headers,
                          .value = sk_slice_of(value)};
}

static void test_a_record_is_read_as_it_was_written(void **state) {
        (void)state;
        static const struct {
                const char *key;
                const char *headers;
                size_t headers_len;
                const char *value;
        } cases[] = {
                {ID, "\x01x\x01\x00\x00\x00y", 7, "{}"},
                {ID, "", 0, NULL},
                {NULL, "", 0, "text"},
                {NULL, "", 0, ""},
        };
        sk_buf bytes = sk_buf_make(4096);

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_moved moved =
                        moved_make(cases[i].key, (sk_slice){cases[i].headers, cases[i].headers_len}, cases[i].value);
                sk_moved found;
                sk_buf_clear(&bytes);
                sk_moved_encode(&moved, &bytes);
                assert_int_equal(sk_moved_decode(sk_buf_slice(&bytes), &found), SK_OK);
                assert_int_equal(found.partition, 2);
                assert_true(found.offset == 41 && found.timestamp_us == 1763734971000000 && found.is_unread);
                assert_true(sk_slice_equal(found.key, moved.key) && sk_slice_equal(found.headers, moved.headers));
                assert_true(sk_slice_equal(found.value, moved.value));
                assert_int_equal(sk_slice_there(found.value), cases[i].value != NULL);
        }
        sk_buf_free(&bytes);
}

static void test_a_record_cut_anywhere_or_with_more_behind_it_is_refused(void **state) {
        (void)state;
        sk_moved moved = moved_make(ID, SK_SLICE("\x01x\x01\x00\x00\x00y"), "{}");
        sk_moved found;
        sk_buf bytes = sk_buf_make(4096);

        sk_moved_encode(&moved, &bytes);
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_not_equal(sk_moved_decode((sk_slice){bytes.at, len}, &found), SK_OK);
        sk_buf_add_byte(&bytes, 0);
        assert_int_equal(sk_moved_decode(sk_buf_slice(&bytes), &found), SK_ERR_RANGE);
        bytes.len--;
        bytes.at[0] = 8;
        assert_int_equal(sk_moved_decode(sk_buf_slice(&bytes), &found), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

static sk_moved_sum sum_of(const sk_moved *const *list, size_t count) {
        sk_moved_sum sum = {0, 0, 0};
        sk_buf scratch = sk_buf_make(4096);

        for (size_t i = 0; i < count; i++)
                sk_moved_sum_add(&sum, list[i], &scratch);
        assert_int_equal(scratch.err, SK_OK);
        sk_buf_free(&scratch);
        return sum;
}

static void test_sums_agree_in_any_order_and_differ_with_any_byte(void **state) {
        (void)state;
        sk_moved a = moved_make("a", SK_SLICE(""), "1");
        sk_moved b = moved_make("b", SK_SLICE(""), "2");
        sk_moved other = moved_make("b", SK_SLICE(""), "3");
        sk_moved longer = moved_make("b2", SK_SLICE(""), "");
        sk_moved none = moved_make("b", SK_SLICE(""), NULL);
        sk_moved empty = moved_make("b", SK_SLICE(""), "");
        sk_moved headed = moved_make("b", SK_SLICE("\x01x\x01\x00\x00\x00y"), "2");
        sk_moved elsewhere = b;
        elsewhere.partition = 0;
        elsewhere.offset = 7;
        elsewhere.timestamp_us = 1;
        elsewhere.is_unread = false;
        sk_moved_sum ab = sum_of((const sk_moved *[]){&a, &b}, 2);
        sk_moved_sum ba = sum_of((const sk_moved *[]){&elsewhere, &a}, 2);
        assert_true(sk_moved_sum_equal(&ab, &ba));

        const sk_moved *const others[] = {&other, &longer, &none, &empty, &headed, &a};
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                sk_moved_sum sum = sum_of((const sk_moved *[]){&a, others[i]}, 2);
                assert_false(sk_moved_sum_equal(&ab, &sum));
        }
        sk_moved_sum joined = sum_of((const sk_moved *[]){&a}, 1);
        sk_moved_sum rest = sum_of((const sk_moved *[]){&b}, 1);
        sk_moved_sum_join(&joined, &rest);
        assert_true(sk_moved_sum_equal(&joined, &ab));
}

static void test_what_a_mark_names_is_no_part_of_its_sum(void **state) {
        (void)state;
        sk_buf one = sk_buf_make(1024);
        sk_buf two = sk_buf_make(1024);
        int32_t partition;
        int64_t offset;

        sk_headers_add(&one, "schakel-dl-mark", SK_SLICE("dropped"));
        sk_headers_add(&one, "schakel-dl-of", SK_SLICE("0/17"));
        sk_headers_add(&one, "schakel-dl-by", SK_SLICE("anna"));
        assert_true(sk_moved_mark_of(sk_buf_slice(&one), &partition, &offset));
        assert_int_equal(partition, 0);
        assert_true(offset == 17);
        sk_moved_mark_write(sk_buf_slice(&one), 3, 5, &two);
        assert_true(sk_slice_is(sk_headers_find(sk_buf_slice(&two), "schakel-dl-of"), "3/5"));
        assert_true(sk_slice_is(sk_headers_find(sk_buf_slice(&two), "schakel-dl-by"), "anna"));
        sk_moved before = moved_make("k", sk_buf_slice(&one), "{}");
        sk_moved after = moved_make("k", sk_buf_slice(&two), "{}");
        sk_moved_sum a = sum_of((const sk_moved *[]){&before}, 1);
        sk_moved_sum b = sum_of((const sk_moved *[]){&after}, 1);
        assert_true(sk_moved_sum_equal(&a, &b));
        sk_buf_free(&one);
        sk_buf_free(&two);
}

static void test_only_a_mark_that_names_a_place_names_one(void **state) {
        (void)state;
        static const char *const bad[] = {"", "17", "0/", "/17", "0/17 ", "0/17/3", "-1/17", "0/-17", "a/b", "0x1/2"};
        int32_t partition;
        int64_t offset;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                sk_buf run = sk_buf_make(1024);
                sk_headers_add(&run, "schakel-dl-mark", SK_SLICE("dropped"));
                sk_headers_add(&run, "schakel-dl-of", sk_slice_of(bad[i]));
                if (sk_moved_mark_of(sk_buf_slice(&run), &partition, &offset))
                        fail_msg("\"%s\" was taken for a place", bad[i]);
                sk_buf_free(&run);
        }
}

static void test_the_key_says_the_partition_where_their_number_changes(void **state) {
        (void)state;
        static const struct {
                sk_topic_kind kind;
                int32_t from;
                int32_t to;
                const char *key;
                int32_t partition;
                sk_err err;
        } cases[] = {
                {SK_TOPIC_CALLS, 4, 4, ID, 2, SK_OK},
                {SK_TOPIC_JOURNAL, 4, 4, "mark", 2, SK_OK},
                {SK_TOPIC_CALLS, 3, 4, ID, 3, SK_OK},
                {SK_TOPIC_CALLS, 4, 1, ID, 0, SK_OK},
                {SK_TOPIC_WORK, 4, 2, ID, 1, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "finance/" ID, 3, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "finance/" ID "#d", 3, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "ask/" ID, 3, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "ask/" ID "#d", 3, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "mark", 0, SK_ERR_SYNTAX},
                {SK_TOPIC_JOURNAL, 3, 4, "schedule/night", 1, SK_OK},
                {SK_TOPIC_JOURNAL, 3, 4, "schedule/Night", 0, SK_ERR_SYNTAX},
                {SK_TOPIC_JOURNAL, 3, 4, "durations/repair/17", 0, SK_ERR_SYNTAX},
                {SK_TOPIC_JOURNAL, 3, 4, "nonsense", 0, SK_ERR_SYNTAX},
                {SK_TOPIC_JOURNAL, 3, 4, "resync/network", 0, SK_OK},
                {SK_TOPIC_DEADLETTER, 3, 4, "", 0, SK_OK},
                {SK_TOPIC_DEADLETTER, 3, 4, "abc", 3, SK_OK},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_moved moved = moved_make(cases[i].key, SK_SLICE(""), "");
                sk_moved_way way = {cases[i].kind, cases[i].from, cases[i].to};
                int32_t found = 0;
                assert_int_equal(sk_moved_partition(&way, &moved, &found), cases[i].err);
                assert_int_equal(found, cases[i].partition);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_record_is_read_as_it_was_written),
                cmocka_unit_test(test_a_record_cut_anywhere_or_with_more_behind_it_is_refused),
                cmocka_unit_test(test_sums_agree_in_any_order_and_differ_with_any_byte),
                cmocka_unit_test(test_what_a_mark_names_is_no_part_of_its_sum),
                cmocka_unit_test(test_only_a_mark_that_names_a_place_names_one),
                cmocka_unit_test(test_the_key_says_the_partition_where_their_number_changes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
