#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "kit/cursor.h"
#include "link/journal.h"
#include "log/move.h"
#include "support/array_log.h"
#include "support/folder.h"

/*
 * A chain `c` with the teams `a` and `b`; b serves a. Its log has two partitions, or one, or four. Ids are chosen by
 * where they fall: of two partitions I1 and I3 in the first, I0 and I2 in the second.
 */

#define CALLS "c.b.calls.a"
#define FEEDBACK "c.a.feedback.b"
#define WORK "c.a.work"
#define JOURNAL "c.b.journal"
#define JOURNAL_A "c.a.journal"
#define EVENTS "c.b.events"
#define LETTERS "c.b.deadletter"

static const char *const topics[] = {WORK, JOURNAL_A, FEEDBACK, CALLS, EVENTS, LETTERS, JOURNAL};

typedef struct fixture {
        test_folder folder;
        array_log *source;
        array_log *target;
        char file[FOLDER_PATH_MAX];
        sk_move_report report;
        uint64_t progress_left; /* after so many calls it gives up */
        bool passes_gaps;
} fixture;

static fixture f;

/* ---- logs ---- */

/* The n-th id that falls on a partition of as many. */
static const char *id_in(int32_t partition, int32_t partitions, unsigned n) {
        static char ids[4][40];
        static unsigned next;
        char *id = ids[next++ % 4];

        for (unsigned i = 0;; i++) {
                (void)snprintf(id, sizeof(ids[0]), "01a20786-bb40-7b1d-9c3e-%012x", i);
                if (sk_hash_partition(sk_slice_of(id), partitions) == partition && n-- == 0)
                        return id;
        }
}

static void put(const char *topic, int32_t partition, int64_t offset, const char *key, const char *value) {
        array_log_put(f.source, topic, partition, offset, sk_slice_of(key), SK_SLICE(""), sk_slice_of(value));
}

static void put_journal(const char *topic, int32_t partition, int64_t offset, sk_journal_kind kind, const char *key,
                        sk_slice payload) {
        sk_buf value = sk_buf_make(4096);

        sk_journal_wrap(kind, sk_slice_of(key), payload, &value);
        array_log_put(f.source, topic, partition, offset, sk_slice_of(key), SK_SLICE(""), sk_buf_slice(&value));
        sk_buf_free(&value);
}

static void put_offset(const char *journal, int32_t partition, const char *of, uint64_t next) {
        char key[128];
        sk_buf payload = sk_buf_make(8);

        (void)snprintf(key, sizeof(key), "mark/%s", of);
        sk_buf_add_u64(&payload, next);
        put_journal(journal, partition, -1, SK_JOURNAL_OFFSET, key, sk_buf_slice(&payload));
        sk_buf_free(&payload);
}

static void put_mark(const char *journal, int32_t partition, int64_t now_us) {
        sk_buf payload = sk_buf_make(256);
        sk_mark mark = {.now_us = now_us, .format = SK_JOURNAL_FORMAT, .tzdata = SK_SLICE("2026a")};

        sk_mark_encode(&mark, &payload);
        put_journal(journal, partition, -1, SK_JOURNAL_MARK, "mark", sk_buf_slice(&payload));
        sk_buf_free(&payload);
}

static const char *key_of(const char *customer, const char *id, const char *end) {
        static char key[128];

        (void)snprintf(key, sizeof(key), "%s/%s%s", customer, id, end);
        return key;
}

static void put_letters(void) {
        sk_buf mark = sk_buf_make(256);
        char of[32];

        put(LETTERS, 0, 7, "", "first");
        put(LETTERS, 1, 8, id_in(1, 2, 0), "second");
        (void)snprintf(of, sizeof(of), "1/8");
        sk_headers_add(&mark, "schakel-dl-mark", SK_SLICE("dropped"));
        sk_headers_add(&mark, "schakel-dl-of", sk_slice_of(of));
        array_log_put(f.source, LETTERS, 1, 20, sk_slice_of(id_in(1, 2, 0)), sk_buf_slice(&mark), SK_SLICE("{}"));
        sk_buf_free(&mark);
}

/* Two partitions. b has read two of three calls in the first, none of two in the second; one call was superseded. */
static void source_fill(void) {
        for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
                (void)array_log_topic(f.source, topics[i]);
        put(CALLS, 0, 3, id_in(0, 2, 0), "call 0");
        put(CALLS, 0, 5, id_in(0, 2, 1), "call 1");
        put(CALLS, 0, 9, id_in(0, 2, 2), "call 2");
        put(CALLS, 1, 0, id_in(1, 2, 0), "call 3");
        put(CALLS, 1, 1, id_in(1, 2, 1), "call 4");
        put_journal(JOURNAL, 0, 2, SK_JOURNAL_HEAD, key_of("a", id_in(0, 2, 0), ""), SK_SLICE("old head"));
        put_journal(JOURNAL, 0, 3, SK_JOURNAL_DATA, key_of("a", id_in(0, 2, 0), "#d"), SK_SLICE("data"));
        put_journal(JOURNAL, 0, 4, SK_JOURNAL_HEAD, key_of("a", id_in(0, 2, 0), ""), SK_SLICE("head"));
        put_journal(JOURNAL, 0, 5, SK_JOURNAL_STUB, key_of("a", id_in(0, 2, 1), ""), SK_SLICE("stub"));
        put_journal(JOURNAL, 0, 6, SK_JOURNAL_DATA, key_of("a", id_in(0, 2, 1), "#d"), SK_SLICE("gone"));
        put(JOURNAL, 0, 7, key_of("a", id_in(0, 2, 1), "#d"), NULL);
        put_journal(JOURNAL, 0, 8, SK_JOURNAL_DURATIONS, "durations/repair/17", SK_SLICE("older"));
        put_journal(JOURNAL, 1, 8, SK_JOURNAL_SCHEDULE, "schedule/abc", SK_SLICE("12345678"));
        put_journal(JOURNAL, 1, 9, SK_JOURNAL_DURATIONS, "durations/repair/17", SK_SLICE("other"));
        put_journal(JOURNAL, 0, 10, SK_JOURNAL_DURATIONS, "durations/repair/17", SK_SLICE("newer"));
        put_mark(JOURNAL, 0, 2000);
        put_mark(JOURNAL, 1, 3000);
        put_offset(JOURNAL, 0, CALLS, 6);
        put(EVENTS, 0, -1, id_in(0, 2, 0), "opened");
        put(EVENTS, 0, -1, id_in(0, 2, 1), "closed");
        put_letters();
}

static bool on_progress(void *self, const char *what, uint64_t done, uint64_t total) {
        (void)self;
        assert_non_null(what);
        assert_true(total == 0 || done <= total);
        return f.progress_left-- > 0;
}

static sk_move_config config_of(array_log *log) {
        return (sk_move_config){.mover = &log->mover,
                                .chain = SK_SLICE("c"),
                                .file = f.file,
                                .passes_gaps = f.passes_gaps,
                                .now_us = 1763734971000000,
                                .progress = on_progress};
}

static sk_err move_out(array_log *log) {
        sk_move_config config = config_of(log);

        sk_move_report_free(&f.report);
        return sk_move_out(&config, &f.report);
}

static sk_err move_in(array_log *log) {
        sk_move_config config = config_of(log);

        sk_move_report_free(&f.report);
        return sk_move_in(&config, &f.report);
}

static void target_make(int32_t partitions) {
        f.target = array_log_new(partitions);
        for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
                (void)array_log_topic(f.target, topics[i]);
}

static int begin(void **state) {
        (void)state;
        folder_make(&f.folder);
        (void)snprintf(f.file, sizeof(f.file), "%s", folder_file(&f.folder, "chain.export"));
        f.source = array_log_new(2);
        f.progress_left = UINT64_MAX;
        f.passes_gaps = false;
        f.report = (sk_move_report){0};
        source_fill();
        target_make(4);
        return 0;
}

static int end(void **state) {
        (void)state;
        sk_move_report_free(&f.report);
        array_log_free(f.source);
        array_log_free(f.target);
        folder_remove(&f.folder);
        return 0;
}

static bool file_is_there(void) {
        struct stat there;

        return stat(f.file, &there) == 0;
}

static void assert_said(const char *words) {
        if (strstr(f.report.why, words) == NULL)
                fail_msg("\"%s\" says nothing of \"%s\"", f.report.why, words);
}

static int64_t offset_of(array_log *log, const char *journal, int32_t partition, const char *topic) {
        char key[128];
        sk_journal_kind kind;
        sk_slice payload;

        (void)snprintf(key, sizeof(key), "mark/%s", topic);
        sk_slice value = array_log_last(log, journal, partition, key);
        if (!sk_slice_there(value))
                return -1;
        assert_int_equal(sk_journal_unwrap(sk_slice_of(key), value, &kind, &payload), SK_OK);
        assert_int_equal(kind, SK_JOURNAL_OFFSET);
        sk_cursor cursor = sk_cursor_make(payload);
        return (int64_t)sk_cursor_u64(&cursor);
}

/* ---- moving ---- */

static void test_everything_lies_where_its_key_says_and_links_stand_where_they_stood(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(f.report.open, 1);
        assert_int_equal(f.report.closed, 1);
        assert_int_equal(f.report.unread, 3);
        if (move_in(f.target) != SK_OK)
                fail_msg("%s", f.report.why);
        assert_int_equal(array_log_count(f.target, CALLS), 5);
        size_t read = 0;
        for (int32_t p = 0; p < 4; p++) {
                const array_place *place = &array_log_topic(f.target, CALLS)->places[p];
                int64_t stands = offset_of(f.target, JOURNAL, p, CALLS);
                assert_true(stands >= 0 && stands <= place->end);
                for (size_t i = 0; i < place->count; i++) {
                        const array_record *record = &place->records[i];
                        sk_slice value = array_record_value(record);
                        bool was_read = sk_slice_is(value, "call 0") || sk_slice_is(value, "call 1");
                        assert_int_equal(sk_hash_partition(array_record_key(record), 4), p);
                        assert_int_equal(record->offset < stands, was_read);
                        read += was_read;
                }
        }
        assert_int_equal(read, 2);
}

static void test_only_the_latest_of_each_key_of_a_journal_goes_along(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_OK);
        size_t found = 0;
        for (int32_t p = 0; p < 4; p++) {
                const array_place *place = &array_log_topic(f.target, JOURNAL)->places[p];
                sk_slice mark = array_log_last(f.target, JOURNAL, p, "mark");
                sk_journal_kind kind;
                sk_slice payload;
                sk_mark said;
                assert_true(sk_slice_there(mark));
                assert_int_equal(sk_journal_unwrap(SK_SLICE("mark"), mark, &kind, &payload), SK_OK);
                assert_int_equal(sk_mark_decode(payload, &said), SK_OK);
                assert_true(said.now_us == 3000 && sk_slice_is(said.tzdata, "2026a"));
                for (size_t i = 0; i < place->count; i++)
                        found += array_record_key(&place->records[i]).at[0] == 'a';
        }
        assert_int_equal(found, 3);
        const char *id = id_in(0, 2, 0);
        sk_slice head = array_log_last(f.target, JOURNAL, sk_hash_partition(sk_slice_of(id), 4), key_of("a", id, ""));
        assert_true(head.len > 4 && memcmp(head.at + head.len - 4, "head", 4) == 0);
        assert_memory_not_equal(head.at + head.len - 8, "old head", 8);
}

static void test_what_a_link_keeps_for_each_partition_is_there_in_each(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_OK);
        for (int32_t p = 0; p < 4; p++) {
                sk_slice value = array_log_last(f.target, JOURNAL, p, "durations/repair/17");
                assert_true(value.len > 5 && memcmp(value.at + value.len - 5, "newer", 5) == 0);
                value = array_log_last(f.target, JOURNAL, p, "schedule/abc");
                assert_int_equal(sk_slice_there(value), p == sk_hash_partition(SK_SLICE("schedule/abc"), 4));
        }
}

static void test_a_resync_underway_goes_along_only_to_as_many_partitions(void **state) {
        (void)state;
        array_log *same = array_log_new(2);

        same->is_made_by_writing = true;
        put_journal(JOURNAL, 1, -1, SK_JOURNAL_RESYNC, "resync/b", SK_SLICE("order"));
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_ERR_CONFLICT);
        assert_said("the link of team b was still working off a resync");
        assert_int_equal(array_log_count(f.target, JOURNAL), 0);
        assert_int_equal(move_in(same), SK_OK);
        assert_true(sk_slice_there(array_log_last(same, JOURNAL, 1, "resync/b")));
        array_log_free(same);
}

static void test_a_link_that_never_ran_gets_no_marks(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_OK);
        assert_int_equal(array_log_count(f.target, JOURNAL_A), 0);
}

static void test_what_was_done_with_a_dead_letter_names_where_that_is_now(void **state) {
        (void)state;
        array_place *place = NULL;
        int32_t partition;
        int64_t offset;

        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_OK);
        for (int32_t p = 0; p < 4; p++) {
                if (array_log_topic(f.target, LETTERS)->places[p].count >= 2)
                        place = &array_log_topic(f.target, LETTERS)->places[p];
        }
        assert_non_null(place);
        const array_record *mark = &place->records[place->count - 1];
        assert_true(sk_moved_mark_of(array_record_headers(mark), &partition, &offset));
        const array_place *named = &array_log_topic(f.target, LETTERS)->places[partition];
        bool is_found = false;
        for (size_t i = 0; i < named->count; i++)
                is_found = is_found || (named->records[i].offset == offset &&
                                        sk_slice_is(array_record_value(&named->records[i]), "second"));
        assert_true(is_found);
}

static void test_there_and_back_is_the_same(void **state) {
        (void)state;
        array_log *one = array_log_new(1);

        one->is_made_by_writing = true;
        assert_int_equal(move_out(f.source), SK_OK);
        sk_move_report first = f.report;
        f.report = (sk_move_report){0};
        assert_int_equal(move_in(f.target), SK_OK);
        assert_int_equal(remove(f.file), 0);
        assert_int_equal(move_out(f.target), SK_OK);
        assert_int_equal(f.report.unread, 3);
        assert_int_equal(move_in(one), SK_OK);
        assert_true(offset_of(one, JOURNAL, 0, CALLS) == 2);
        assert_int_equal(remove(f.file), 0);
        assert_int_equal(move_out(one), SK_OK);
        assert_int_equal(f.report.unread, 3);
        for (size_t i = 0; i < first.row_count; i++) {
                const sk_move_row *row = sk_move_report_row(&f.report, sk_slice_of(first.rows[i].topic));
                assert_true(sk_moved_sum_equal(&row->sum, &first.rows[i].sum));
        }
        sk_move_report_free(&first);
        array_log_free(one);
}

static void test_the_same_import_again_changes_nothing(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(move_in(f.target), SK_OK);
        assert_true(f.report.written > 0);
        f.target->writes_left = 0;
        assert_int_equal(move_in(f.target), SK_OK);
        assert_int_equal(f.report.written, 0);
}

static void test_an_import_that_ends_anywhere_goes_on_when_it_is_repeated(void **state) {
        (void)state;
        assert_int_equal(move_out(f.source), SK_OK);
        for (size_t writes = 0;; writes++) {
                array_log_free(f.target);
                target_make(4);
                f.target->writes_left = writes;
                sk_err err = move_in(f.target);
                if (err == SK_OK) {
                        assert_true(writes > 15);
                        return;
                }
                assert_int_equal(err, SK_ERR_IO);
                assert_said("the disk is full");
                f.target->writes_left = SIZE_MAX;
                if (move_in(f.target) != SK_OK)
                        fail_msg("after %zu writes: %s", writes, f.report.why);
                assert_int_equal(array_log_count(f.target, CALLS), 5);
        }
}

static void test_giving_up_anywhere_leaves_no_file_and_nothing_that_keeps_from_trying_again(void **state) {
        (void)state;
        uint64_t steps = 0;

        for (f.progress_left = 0; move_out(f.source) != SK_OK; f.progress_left = ++steps)
                assert_false(file_is_there());
        assert_true(steps > 10);
        for (f.progress_left = steps = 0; move_in(f.target) != SK_OK; f.progress_left = ++steps)
                assert_said("given up");
        assert_true(steps > 20);
        assert_int_equal(array_log_count(f.target, CALLS), 5);
}

/* ---- refusing ---- */

static void test_a_chain_whose_links_run_is_refused_on_both_ends(void **state) {
        (void)state;
        f.source->is_run = true;
        assert_int_equal(move_out(f.source), SK_ERR_BUSY);
        f.source->is_run = false;
        f.source->is_open = true;
        assert_int_equal(move_out(f.source), SK_ERR_BUSY);
        assert_said("a transaction is open");
        assert_false(file_is_there());
        f.source->is_open = false;
        f.source->held[0] = '\0';
        assert_int_equal(move_out(f.source), SK_OK);
        assert_string_equal(f.source->held, "a b ");
        f.target->is_run = true;
        assert_int_equal(move_in(f.target), SK_ERR_BUSY);
        assert_int_equal(array_log_count(f.target, CALLS), 0);
}

static void test_a_log_that_holds_anything_else_is_refused_and_left_alone(void **state) {
        (void)state;
        static const struct {
                const char *topic;
                const char *value;
        } cases[] = {{CALLS, "another"}, {EVENTS, "opened"}, {"c.x.work", "of nobody in the file"}, {JOURNAL, "state"}};

        assert_int_equal(move_out(f.source), SK_OK);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                array_log_free(f.target);
                target_make(4);
                array_log_put(f.target, cases[i].topic, 3, -1, SK_SLICE("k"), SK_SLICE(""),
                              sk_slice_of(cases[i].value));
                assert_int_equal(move_in(f.target), SK_ERR_CONFLICT);
                assert_said("is not empty");
                assert_int_equal(f.report.written, 0);
                assert_int_equal(array_log_count(f.target, cases[i].topic), 1);
        }
}

static void test_a_gap_is_refused_unless_it_is_accepted(void **state) {
        (void)state;
        array_place *place = &array_log_topic(f.source, CALLS)->places[0];

        for (size_t i = 0; i < place->count; i++)
                sk_buf_free(&place->records[i].bytes);
        place->low = 9;
        place->end = 9;
        place->count = 0;
        put(CALLS, 0, 9, id_in(0, 2, 2), "call 2");
        assert_int_equal(move_out(f.source), SK_ERR_CONFLICT);
        assert_said("records 6 to 8 were deleted before the link had read them");
        f.passes_gaps = true;
        assert_int_equal(move_out(f.source), SK_OK);
        assert_int_equal(f.report.unread, 3);
}

static void test_a_damaged_journal_is_not_exported(void **state) {
        (void)state;
        put(JOURNAL, 1, -1, key_of("a", id_in(1, 2, 0), ""), "SK nonsense");
        assert_int_not_equal(move_out(f.source), SK_OK);
        assert_said(JOURNAL ", partition 1, offset ");
        assert_false(file_is_there());
}

static void test_topics_have_to_be_there_and_to_have_one_number_of_partitions(void **state) {
        (void)state;
        sk_move_config config = config_of(f.target);

        assert_int_equal(move_out(f.source), SK_OK);
        config.partitions = 8;
        sk_move_report_free(&f.report);
        assert_int_equal(sk_move_in(&config, &f.report), SK_ERR_CONFLICT);
        assert_said("has 4 partitions, but chain.json says 8");
        sk_move_report_free(&f.report);
        array_log_free(f.target);
        f.target = array_log_new(4);
        assert_int_equal(move_in(f.target), SK_ERR_NOT_FOUND);
        assert_said("the log has no topic");
}

static void test_another_chain_and_an_empty_one_are_refused(void **state) {
        (void)state;
        sk_move_config config = config_of(f.target);

        config.chain = SK_SLICE("d");
        config.file = folder_file(&f.folder, "d.export");
        assert_int_equal(sk_move_out(&config, &f.report), SK_ERR_NOT_FOUND);
        assert_int_equal(move_out(f.source), SK_OK);
        config.file = f.file;
        sk_move_report_free(&f.report);
        assert_int_equal(sk_move_in(&config, &f.report), SK_ERR_CONFLICT);
        assert_said("is of the chain c, not of d");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_everything_lies_where_its_key_says_and_links_stand_where_they_stood),
                TEST(test_only_the_latest_of_each_key_of_a_journal_goes_along),
                TEST(test_what_a_link_keeps_for_each_partition_is_there_in_each),
                TEST(test_a_resync_underway_goes_along_only_to_as_many_partitions),
                TEST(test_a_link_that_never_ran_gets_no_marks),
                TEST(test_what_was_done_with_a_dead_letter_names_where_that_is_now),
                TEST(test_there_and_back_is_the_same),
                TEST(test_the_same_import_again_changes_nothing),
                TEST(test_an_import_that_ends_anywhere_goes_on_when_it_is_repeated),
                TEST(test_giving_up_anywhere_leaves_no_file_and_nothing_that_keeps_from_trying_again),
                TEST(test_a_chain_whose_links_run_is_refused_on_both_ends),
                TEST(test_a_log_that_holds_anything_else_is_refused_and_left_alone),
                TEST(test_a_gap_is_refused_unless_it_is_accepted),
                TEST(test_a_damaged_journal_is_not_exported),
                TEST(test_topics_have_to_be_there_and_to_have_one_number_of_partitions),
                TEST(test_another_chain_and_an_empty_one_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
