#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "kit/json_scan.h"
#include "link/call.h"
#include "link/data.h"
#include "link/journal.h"
#include "log/tool.h"
#include "support/folder.h"
#include "unit/cli/capture.h"

/*
 * A journal as a link writes it, put into the file of a local log by hand: only links may write one.
 */

#define ID "01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3"
#define CALL_KEY "customer/" ID

extern const sk_command sk_command_journal;
static const sk_command *const commands[] = {&sk_command_journal, NULL};

typedef struct fixture {
        test_folder folder;
        char url[FOLDER_PATH_MAX + 16];
        capture captured;
        sqlite3 *db;
} fixture;

static fixture f;

static void put_raw(const char *key, sk_slice value) {
        sqlite3_stmt *statement;
        assert_int_equal(sqlite3_prepare_v2(f.db,
                                            "insert into journal (topic, timestamp, key, value) select id, 1, ?, ? "
                                            "from topics where name = 'pair.provider.journal'",
                                            -1, &statement, NULL),
                         SQLITE_OK);
        sqlite3_bind_blob(statement, 1, key, (int)strlen(key), SQLITE_STATIC);
        sqlite3_bind_blob(statement, 2, value.at, (int)value.len, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_finalize(statement);
}

static void put(sk_journal_kind kind, const char *key, sk_slice payload) {
        sk_buf value = sk_buf_make(65536);
        sk_journal_wrap(kind, sk_slice_of(key), payload, &value);
        put_raw(key, sk_buf_slice(&value));
        sk_buf_free(&value);
}

static void put_head(void) {
        sk_call call = {.customer = SK_SLICE("customer"),
                        .rootid = SK_SLICE(ID),
                        .facility = SK_SLICE("lap\x1b[31mtop"),
                        .asked_type = SK_INCIDENT,
                        .type = SK_INCIDENT,
                        .standing = SK_WORKING,
                        .in_seqno = 7,
                        .opened_us = INT64_C(1790000000000000),
                        .frame_count = 1};
        sk_buf head = sk_buf_make(65536);
        assert_true(sk_id_parse(SK_SLICE(ID), &call.id));
        call.frames[0] = (sk_frame){.process = SK_RECOVER, .step = 2, .triggered = SK_PROCESSES};
        sk_call_encode(&call, &head);
        put(SK_JOURNAL_HEAD, CALL_KEY, sk_buf_slice(&head));
        sk_buf_free(&head);
}

static void put_data(void) {
        sk_buf data = sk_buf_make(65536);
        sk_data_add(&data, &(sk_section){.kind = SK_SECTION_RAISE, .bytes = SK_SLICE("{\"need\":\"\x1b[2J\"}")});
        sk_data_add(&data, &(sk_section){.kind = SK_SECTION_RESULT, .tag = 1, .bytes = SK_SLICE("no JSON")});
        put(SK_JOURNAL_DATA, (CALL_KEY "#d"), sk_buf_slice(&data));
        sk_buf_free(&data);
}

static void put_rest(void) {
        sk_buf payload = sk_buf_make(65536);
        sk_stub stub = {.customer = SK_NONE, .outcome = SK_DECLINED, .code = SK_SLICE("not-agreed"), .closed_us = 1};
        assert_true(sk_id_parse(SK_SLICE(ID), &stub.id));
        sk_stub_encode(&stub, &payload);
        put(SK_JOURNAL_STUB, "ask/" ID, sk_buf_slice(&payload));
        sk_buf_clear(&payload);
        sk_mark_encode(&(sk_mark){.now_us = 1, .format = 1, .tzdata = SK_SLICE("")}, &payload);
        put(SK_JOURNAL_MARK, "mark", sk_buf_slice(&payload));
        sk_buf_clear(&payload);
        sk_buf_add_u64(&payload, 42);
        put(SK_JOURNAL_OFFSET, "mark/pair.provider.work", sk_buf_slice(&payload));
        sk_buf_free(&payload);
}

static int setup(void **state) {
        sk_log_tool *tool;
        (void)state;
        folder_make(&f.folder);
        snprintf(f.url, sizeof(f.url), "local:%s", folder_file(&f.folder, "log.db"));
        assert_int_equal(sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &tool), SK_OK);
        sk_log_tool_free(tool);
        assert_int_equal(sqlite3_open(folder_file(&f.folder, "log.db"), &f.db), SQLITE_OK);
        assert_int_equal(
                sqlite3_exec(f.db, "insert into topics (name) values ('pair.provider.journal')", NULL, NULL, NULL),
                SQLITE_OK);
        put_head();
        put_data();
        put_rest();
        capture_begin(&f.captured, commands);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        capture_end(&f.captured);
        sqlite3_close(f.db);
        folder_remove(&f.folder);
        return 0;
}

static int run(const char *a, const char *b, const char *c) {
        const char *words[] = {"journal", "-C", "tests/data/chains/pair", "--log", f.url, a, b, c, NULL};
        capture_end(&f.captured); /* a frame runs one command */
        capture_begin(&f.captured, commands);
        return capture_run(&f.captured, words);
}

static void assert_says(const char *text) {
        if (strstr(f.captured.out_text, text) == NULL && strstr(f.captured.err_text, text) == NULL)
                fail_msg("\"%s\" is not in\n%s%s", text, f.captured.out_text, f.captured.err_text);
}

static void assert_says_nothing_hostile(void) {
        for (const char *at = f.captured.out_text; *at != '\0'; at++)
                assert_true((unsigned char)*at >= ' ' || *at == '\n');
        for (const char *at = f.captured.err_text; *at != '\0'; at++)
                assert_true((unsigned char)*at >= ' ' || *at == '\n');
}

static void test_every_kind_of_record_is_readable(void **state) {
        static const char *const texts[] = {CALL_KEY,
                                            "head",
                                            "recover.analyse",
                                            "in 7",
                                            "lap\\x1b[31mtop",
                                            (CALL_KEY "#d"),
                                            "raise",
                                            "ask/" ID,
                                            "declined not-agreed",
                                            "mark/pair.provider.work",
                                            "next offset 42",
                                            "format 1"};
        (void)state;
        assert_int_equal(run(NULL, NULL, NULL), SK_EXIT_OK);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_says(texts[i]);
        assert_says_nothing_hostile();
}

static void test_every_kind_of_record_is_json(void **state) {
        unsigned lines = 0;
        (void)state;
        assert_int_equal(run("--json", NULL, NULL), SK_EXIT_OK);
        for (const char *at = f.captured.out_text; *at != '\0'; at = strchr(at, '\n') + 1) {
                sk_slice line = {at, strcspn(at, "\n")};
                assert_int_equal(sk_json_check(line, 32, NULL), SK_OK);
                assert_true(sk_slice_there(sk_json_member(line, "kind")));
                lines++;
        }
        assert_int_equal(lines, 5);
        assert_says("\"in_seqno\":7");
        assert_says("\"text\":\"no JSON\"");
        assert_says_nothing_hostile();
}

static void test_keys_and_kinds_can_be_chosen(void **state) {
        (void)state;
        assert_int_equal(run("--key", "mark", "--json"), SK_EXIT_OK);
        assert_null(strstr(f.captured.out_text, "ask/"));
        assert_says("next_offset");
        assert_int_equal(run("--kind", "stub", NULL), SK_EXIT_OK);
        assert_int_equal(run("--team", "customer", NULL), SK_EXIT_OK);
        assert_says("no records");
        assert_int_equal(run("--kind", "tail", NULL), SK_EXIT_USAGE);
}

/* Puts a value in the place of the mark, runs, and looks that this alone is left out. */
static void assert_left_out(sk_slice value, const char *why) {
        assert_int_equal(sqlite3_exec(f.db, "delete from journal where key = x'6d61726b'", NULL, NULL, NULL),
                         SQLITE_OK);
        put_raw("mark", value);
        assert_int_equal(run(NULL, NULL, NULL), SK_EXIT_NEGATIVE);
        assert_says(why);
        assert_says("1 record could not be read");
        assert_says("next offset 42");
        assert_says_nothing_hostile();
}

static void test_a_damaged_record_is_told_and_left_out(void **state) {
        sk_buf value = sk_buf_make(65536);
        (void)state;
        sk_journal_wrap(SK_JOURNAL_MARK, SK_SLICE("mark"), SK_SLICE("whatever it is"), &value);
        assert_left_out(sk_buf_slice(&value), "mark is left out");
        value.at[value.len - 1] ^= 1;
        assert_left_out(sk_buf_slice(&value), "mark is left out");
        assert_left_out(SK_SLICE(""), "mark is left out");
        assert_left_out(SK_SLICE("SK\x1b[2J\n"), "mark is left out");
        sk_buf_free(&value);
}

static void test_a_record_of_another_version_is_told_and_left_out(void **state) {
        sk_buf value = sk_buf_make(65536);
        (void)state;
        sk_journal_wrap(SK_JOURNAL_MARK, SK_SLICE("mark"), SK_SLICE("whatever it is"), &value);
        value.at[3] = SK_JOURNAL_FORMAT + 1;
        assert_left_out(sk_buf_slice(&value), "written by a version that this one does not know");
        sk_buf_free(&value);
}

static void put_named(void) {
        sk_buf payload = sk_buf_make(65536);
        sk_resync_order order = {.work = SK_SLICE("w-1"), .actor = SK_SLICE("dina\x1b[2J")};

        sk_buf_add_u64(&payload, UINT64_C(1790000000000000));
        put(SK_JOURNAL_SCHEDULE, "schedule/week", sk_buf_slice(&payload));
        sk_buf_clear(&payload);
        assert_true(sk_id_parse(SK_SLICE(ID), &order.callid));
        sk_resync_order_encode(&order, &payload);
        put(SK_JOURNAL_RESYNC, "resync/network", sk_buf_slice(&payload));
        sk_buf_free(&payload);
}

static void test_schedules_and_what_is_raised_again_are_readable(void **state) {
        (void)state;
        put_named();
        assert_int_equal(run(NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("schedule/week");
        assert_says("last done 2026-09-2");
        assert_says("open asks of network are raised again, for dina\\x1b[2J");
        assert_says_nothing_hostile();
        assert_int_equal(run("--json", NULL, NULL), SK_EXIT_OK);
        assert_says("\"schedule\":\"week\",\"last_done\":\"2026-09-2");
        assert_says("\"provider\":\"network\",\"call\":\"" ID "\",\"work\":\"w-1\"");
        assert_says_nothing_hostile();
}

static void test_a_record_that_does_not_fit_its_key_is_told_and_left_out(void **state) {
        static const struct {
                const char *key;
                sk_journal_kind kind;
                sk_slice payload;
        } table[] = {
                {"schedule/week", SK_JOURNAL_SCHEDULE, SK_SLICE("1234567")},
                {"schedule/week", SK_JOURNAL_OFFSET, SK_SLICE("12345678")},
                {"resync/network", SK_JOURNAL_RESYNC, SK_SLICE("x")},
                {"resync/network", SK_JOURNAL_SCHEDULE, SK_SLICE("12345678")},
                {"durations/work/4", SK_JOURNAL_DURATIONS, SK_SLICE("x")},
                {"mark/pair.provider.work", SK_JOURNAL_OFFSET, SK_SLICE("1234567")},
                {"mark/pair.provider.work", SK_JOURNAL_MARK, SK_SLICE("12345678")},
                {"mark", SK_JOURNAL_HEAD, SK_SLICE("x")},
                {CALL_KEY, SK_JOURNAL_HEAD, SK_SLICE("x")},
                {CALL_KEY, SK_JOURNAL_DATA, SK_SLICE("x")},
                {CALL_KEY, SK_JOURNAL_STUB, SK_SLICE("x")},
                {"ask/" ID, SK_JOURNAL_STUB, SK_SLICE("x")},
                {(CALL_KEY "#d"), SK_JOURNAL_DATA, SK_SLICE("x")},
                {(CALL_KEY "#d"), SK_JOURNAL_HEAD, SK_SLICE("x")},
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                for (unsigned is_json = 0; is_json < 2; is_json++) {
                        char why[200];
                        assert_int_equal(sqlite3_exec(f.db, "delete from journal", NULL, NULL, NULL), SQLITE_OK);
                        put(table[i].kind, table[i].key, table[i].payload);
                        int status = run(is_json ? "--json" : NULL, NULL, NULL);
                        (void)snprintf(why, sizeof(why), "%s is left out", table[i].key);
                        if (status != SK_EXIT_NEGATIVE || strstr(f.captured.err_text, why) == NULL)
                                fail_msg("row %zu: %d %s%s", i, status, f.captured.out_text, f.captured.err_text);
                        assert_says("1 record could not be read");
                        assert_says_nothing_hostile();
                }
        }
        (void)state;
}

static void test_a_hostile_key_is_told_and_left_out(void **state) {
        (void)state;
        put(SK_JOURNAL_MARK, "\x1b]0;owned\x07/../x", SK_SLICE("x"));
        assert_int_equal(run("--json", NULL, NULL), SK_EXIT_NEGATIVE);
        assert_says("\\x1b]0;owned\\x07/../x is left out");
        assert_says_nothing_hostile();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_every_kind_of_record_is_readable, setup, teardown),
                cmocka_unit_test_setup_teardown(test_every_kind_of_record_is_json, setup, teardown),
                cmocka_unit_test_setup_teardown(test_keys_and_kinds_can_be_chosen, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_damaged_record_is_told_and_left_out, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_record_of_another_version_is_told_and_left_out, setup, teardown),
                cmocka_unit_test_setup_teardown(test_schedules_and_what_is_raised_again_are_readable, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_record_that_does_not_fit_its_key_is_told_and_left_out, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_a_hostile_key_is_told_and_left_out, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
