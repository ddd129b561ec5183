/* What people's tools may write and read on a local log, and what they are told when they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "kit/buf.h"
#include "log/local_file.h"
#include "support/folder.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define WORK SK_SLICE("ssc.desk.work")
#define JOURNAL SK_SLICE("ssc.desk.journal")
#define MANY 10000

typedef struct fixture {
        test_folder folder;
        char file[FOLDER_PATH_MAX];
        char url[FOLDER_PATH_MAX + 8];
        char why[SK_LOG_WHY_MAX];
        sk_log_tool *tool;
} fixture;

static fixture f;

static int setup(void **state) {
        (void)state;
        f = (fixture){.tool = NULL};
        folder_make(&f.folder);
        (void)snprintf(f.file, sizeof(f.file), "%s", folder_file(&f.folder, "chain.log"));
        (void)snprintf(f.url, sizeof(f.url), "local:%s", f.file);
        return sk_log_tool_open(f.url, SK_LOG_APPEND, f.why, &f.tool) == SK_OK ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        sk_log_tool_free(f.tool);
        folder_remove(&f.folder);
        return 0;
}

static sk_err append(sk_slice topic, const char *key, const char *value) {
        sk_log_append record = {
                .topic = topic, .key = sk_slice_of(key), .headers = SK_SLICE(""), .value = sk_slice_of(value)};

        return sk_log_tool_append(f.tool, &record, 1, NULL);
}

static int64_t end_of(sk_slice topic) {
        int64_t end = -1;

        assert_int_equal(sk_log_tool_end(f.tool, topic, 0, &end), SK_OK);
        return end;
}

/* As a link writes its journal; NULL: a tombstone. */
static void write_journal(const char *key, const char *value) {
        sk_local_file *file = NULL;
        sk_local_append record = {.topic = JOURNAL,
                                  .timestamp_us = 1,
                                  .key = sk_slice_of(key),
                                  .headers = SK_SLICE(""),
                                  .value = value == NULL ? SK_NONE : sk_slice_of(value)};

        assert_int_equal(sk_local_file_open(f.file, false, NULL, &file), SK_OK);
        assert_int_equal(sk_local_begin(file), SK_OK);
        assert_int_equal(sk_local_append_row(file, &record, NULL), SK_OK);
        assert_int_equal(sk_local_commit(file), SK_OK);
        sk_local_file_free(file);
}

/* ---- visitors ---- */

typedef struct seen {
        char text[400];
        unsigned left; /* after so many it has seen enough */
} seen;

static bool see(void *self, const sk_log_entry *entry) {
        seen *all = self;
        size_t len = strlen(all->text);

        (void)snprintf(all->text + len, sizeof(all->text) - len, "%lld:%.*s=%.*s ", (long long)entry->offset,
                       (int)entry->key.len, entry->key.at, (int)entry->value.len, entry->value.at);
        return --all->left > 0;
}

static bool see_topic(void *self, const sk_log_topic_info *info) {
        seen *all = self;
        size_t len = strlen(all->text);

        (void)snprintf(all->text + len, sizeof(all->text) - len, "%.*s:%lld-%lld ", (int)info->topic.len,
                       info->topic.at, (long long)info->low_offset, (long long)info->end_offset);
        return --all->left > 0;
}

/* ---- opening ---- */

static void test_a_log_that_cannot_be_opened_says_what_to_do(void **state) {
        char missing[FOLDER_PATH_MAX + 16];
        char folder[FOLDER_PATH_MAX + 8];
        const struct {
                const char *url;
                sk_log_open purpose;
                sk_err err;
                const char *says;
        } table[] = {
                {"chain.log", SK_LOG_READ, SK_ERR_SYNTAX, "a log is given as local:FILE or kafka:HOST:PORT"},
                {"local:", SK_LOG_APPEND, SK_ERR_SYNTAX, "a log is given as local:FILE or kafka:HOST:PORT"},
                {"", SK_LOG_READ, SK_ERR_SYNTAX, "a log is given as local:FILE"},
                {missing, SK_LOG_READ, SK_ERR_NOT_FOUND, "start a daemon to make it"},
                {folder, SK_LOG_APPEND, SK_ERR_CONFIG, "is no ordinary file; give another path"},
        };

        (void)state;
        (void)snprintf(missing, sizeof(missing), "%s.none", f.url);
        (void)snprintf(folder, sizeof(folder), "local:%s", f.folder.path);
        for (size_t i = 0; i < COUNT(table); i++) {
                sk_log_tool *tool = NULL;
                f.why[0] = '\0';
                sk_err err = sk_log_tool_open(table[i].url, table[i].purpose, f.why, &tool);
                if (err != table[i].err || strstr(f.why, table[i].says) == NULL)
                        fail_msg("%s: %s", table[i].url, f.why);
                assert_null(tool);
        }
}

/* ---- writing ---- */

static void test_what_no_tool_may_write_is_refused_with_all_that_came_with_it(void **state) {
        static char large[256 * 1024 + 1];
        (void)state;
        const struct {
                sk_log_append record;
                sk_err err;
                const char *says;
        } table[] = {
                {{SK_SLICE("nonsense"), SK_SLICE("k"), SK_SLICE(""), SK_SLICE("v")},
                 SK_ERR_SYNTAX,
                 "none of the protocol's"},
                {{SK_SLICE("ssc.desk.work.x"), SK_SLICE("k"), SK_SLICE(""), SK_SLICE("v")},
                 SK_ERR_SYNTAX,
                 "none of the protocol's"},
                {{JOURNAL, SK_SLICE("k"), SK_SLICE(""), SK_SLICE("v")}, SK_ERR_SYNTAX, "written by its link only"},
                {{WORK, SK_SLICE("k"), SK_SLICE(""), {large, sizeof(large)}},
                 SK_ERR_SIZE,
                 "put it elsewhere and send a URI"},
                {{WORK, SK_SLICE("k"), SK_SLICE("no headers"), SK_SLICE("v")}, SK_ERR_SIZE, "too many or malformed"},
        };

        memset(large, 'x', sizeof(large));
        for (size_t i = 0; i < COUNT(table); i++) {
                sk_log_append records[2] = {{WORK, SK_SLICE("good"), SK_SLICE(""), SK_SLICE("v")}, table[i].record};
                assert_int_equal(sk_log_tool_append(f.tool, records, 2, NULL), table[i].err);
                assert_non_null(strstr(sk_log_tool_why(f.tool), table[i].says));
                assert_int_equal(end_of(WORK), 0);
                assert_string_equal(sk_log_tool_why(f.tool), ""); /* of the last function only */
        }
        sk_log_append most = {WORK, SK_SLICE("k"), SK_SLICE(""), {large, sizeof(large) - 1}};
        assert_int_equal(sk_log_tool_append(f.tool, &most, 1, NULL), SK_OK);
}

static void test_so_many_records_are_written_at_once_and_no_more(void **state) {
        sk_log_append *records = calloc(MANY + 1, sizeof(*records));
        int64_t offset = -1;
        (void)state;

        assert_non_null(records);
        for (size_t i = 0; i <= MANY; i++)
                records[i] = (sk_log_append){WORK, SK_SLICE("k"), SK_SLICE(""), SK_SLICE("v")};
        assert_int_equal(sk_log_tool_append(f.tool, records, MANY + 1, &offset), SK_ERR_SIZE);
        assert_non_null(strstr(sk_log_tool_why(f.tool), "append them in parts"));
        assert_int_equal(offset, -1);
        assert_int_equal(sk_log_tool_append(f.tool, records, MANY, &offset), SK_OK);
        assert_int_equal(offset, MANY - 1);
        assert_int_equal(sk_log_tool_append(f.tool, records, 0, &offset), SK_OK);
        assert_int_equal(end_of(WORK), MANY);
        free(records);
}

static void test_on_a_full_disk_nothing_is_written_and_it_is_said(void **state) {
        struct rlimit limit;
        (void)state;

        assert_int_equal(append(WORK, "a", "1"), SK_OK);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        struct rlimit full = {1, limit.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
        sk_err err = append(WORK, "b", "2");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_not_equal(err, SK_OK);
        assert_string_not_equal(sk_log_tool_why(f.tool), "");
        assert_int_equal(end_of(WORK), 1);
        assert_int_equal(append(WORK, "c", "3"), SK_OK);
        assert_int_equal(end_of(WORK), 2);
}

/* ---- reading ---- */

static void test_a_topic_is_read_from_anywhere_as_far_as_one_likes(void **state) {
        (void)state;
        static const struct {
                int64_t from;
                size_t max;
                unsigned enough;
                const char *text;
                int64_t next;
        } table[] = {
                {0, 0, 9, "0:a=1 1:b=2 2:c=3 ", 3},
                {1, 0, 9, "1:b=2 2:c=3 ", 3},
                {0, 2, 9, "0:a=1 1:b=2 ", 2},
                {0, 0, 1, "0:a=1 ", 1},
                {3, 0, 9, "", 3},
                {77, 5, 9, "", 77},
        };

        assert_int_equal(append(WORK, "a", "1"), SK_OK);
        assert_int_equal(append(WORK, "b", "2"), SK_OK);
        assert_int_equal(append(WORK, "c", "3"), SK_OK);
        for (size_t i = 0; i < COUNT(table); i++) {
                seen all = {.left = table[i].enough};
                int64_t next = -1;
                sk_log_read read = {.topic = WORK, .from_offset = table[i].from, .max = table[i].max};
                assert_int_equal(sk_log_tool_read(f.tool, &read, see, &all, &next), SK_OK);
                assert_string_equal(all.text, table[i].text);
                assert_int_equal(next, table[i].next);
        }
}

static void test_places_that_do_not_exist_are_refused_and_topics_that_are_not_there_are_empty(void **state) {
        seen all = {.left = 9};
        int64_t end = -1;
        (void)state;

        assert_int_equal(sk_log_tool_read(f.tool, &(sk_log_read){.topic = WORK, .from_offset = -1}, see, &all, NULL),
                         SK_ERR_RANGE);
        assert_int_equal(sk_log_tool_read(f.tool, &(sk_log_read){.topic = WORK, .partition = 1}, see, &all, NULL),
                         SK_ERR_RANGE);
        assert_string_not_equal(sk_log_tool_why(f.tool), "");
        assert_int_equal(sk_log_tool_end(f.tool, WORK, 1, &end), SK_ERR_RANGE);
        assert_int_equal(sk_log_tool_read(f.tool, &(sk_log_read){.topic = WORK}, see, &all, NULL), SK_OK);
        assert_int_equal(end_of(WORK), 0);
        assert_string_equal(all.text, "");
}

static void test_of_a_journal_the_latest_of_each_key_is_read_without_tombstones(void **state) {
        seen all = {.left = 9};
        seen some = {.left = 9};
        seen one = {.left = 1};
        (void)state;

        write_journal("shop/1", "old");
        write_journal("mark", "m");
        write_journal("shop/1", "new");
        write_journal("shop/2", "x");
        write_journal("shop/2", NULL);
        write_journal("shop/3", "y");
        assert_int_equal(sk_log_tool_latest(f.tool, JOURNAL, SK_NONE, see, &all), SK_OK);
        assert_string_equal(all.text, "1:mark=m 2:shop/1=new 5:shop/3=y ");
        assert_int_equal(sk_log_tool_latest(f.tool, JOURNAL, SK_SLICE("shop/"), see, &some), SK_OK);
        assert_string_equal(some.text, "2:shop/1=new 5:shop/3=y ");
        assert_int_equal(sk_log_tool_latest(f.tool, JOURNAL, SK_NONE, see, &one), SK_OK);
        assert_string_equal(one.text, "1:mark=m ");
        assert_int_equal(append(WORK, "a", "1"), SK_OK);
        assert_int_not_equal(sk_log_tool_latest(f.tool, WORK, SK_NONE, see, &all), SK_OK); /* no journal */
        assert_string_not_equal(sk_log_tool_why(f.tool), "");
}

static void test_topics_are_listed_with_their_ends(void **state) {
        seen all = {.left = 9};
        seen some = {.left = 9};
        seen one = {.left = 1};
        (void)state;

        assert_int_equal(append(SK_SLICE("ssc.network.work"), "a", "1"), SK_OK);
        assert_int_equal(append(WORK, "a", "1"), SK_OK);
        assert_int_equal(append(WORK, "b", "2"), SK_OK);
        assert_int_equal(sk_log_tool_topics(f.tool, SK_NONE, see_topic, &all), SK_OK);
        assert_string_equal(all.text, "ssc.desk.work:0-2 ssc.network.work:0-1 ");
        assert_int_equal(sk_log_tool_topics(f.tool, SK_SLICE("ssc.network."), see_topic, &some), SK_OK);
        assert_string_equal(some.text, "ssc.network.work:0-1 ");
        assert_int_equal(sk_log_tool_topics(f.tool, SK_NONE, see_topic, &one), SK_OK);
        assert_string_equal(one.text, "ssc.desk.work:0-2 ");
}

static void test_who_waits_hears_of_what_another_has_committed_and_of_nothing_else(void **state) {
        (void)state;
        assert_false(sk_log_tool_wait(f.tool, 0));
        write_journal("mark", "m");
        assert_true(sk_log_tool_wait(f.tool, 60000));
        assert_false(sk_log_tool_wait(f.tool, 0)); /* it has been told */
        assert_false(sk_log_tool_is_run(f.tool, SK_SLICE("ssc"), SK_SLICE("desk")));
}

#define WITH_TOOL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_TOOL(test_a_log_that_cannot_be_opened_says_what_to_do),
                WITH_TOOL(test_what_no_tool_may_write_is_refused_with_all_that_came_with_it),
                WITH_TOOL(test_so_many_records_are_written_at_once_and_no_more),
                WITH_TOOL(test_on_a_full_disk_nothing_is_written_and_it_is_said),
                WITH_TOOL(test_a_topic_is_read_from_anywhere_as_far_as_one_likes),
                WITH_TOOL(test_places_that_do_not_exist_are_refused_and_topics_that_are_not_there_are_empty),
                WITH_TOOL(test_of_a_journal_the_latest_of_each_key_is_read_without_tombstones),
                WITH_TOOL(test_topics_are_listed_with_their_ends),
                WITH_TOOL(test_who_waits_hears_of_what_another_has_committed_and_of_nothing_else),
        };

        (void)signal(SIGXFSZ, SIG_IGN);
        return cmocka_run_group_tests_name("tool", tests, NULL, NULL);
}
