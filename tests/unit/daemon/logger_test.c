#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/logger.h"

#include <string.h>
#include <unistd.h>

#define TIME_US INT64_C(1790000000123456)

static const sk_finding finding = {.severity = SK_ERROR,
                                   .code = "name-bad",
                                   .path = "a\x1b[2J/team.json",
                                   .line = 3,
                                   .column = 7,
                                   .pointer = "/na\nme",
                                   .text = "the name \x1b]0;x\x07 is none",
                                   .remedy = "give another"};

static const struct row {
        sk_log_line line;
        bool is_json;
        const char *expected;
} rows[] = {
        {{.time_us = TIME_US, .level = SK_LOG_INFO, .team = {"desk", 4}, .event = "ready", .text = "go"},
         true,
         "{\"time\":\"2026-09-21T14:13:20.123456Z\",\"level\":\"info\",\"team\":\"desk\",\"event\":\"ready\","
         "\"text\":\"go\"}\n"},
        {{.time_us = TIME_US, .level = SK_LOG_WARNING, .event = "trouble", .text = "a\n\"b\"\xc2\x9b\xff"},
         true,
         "{\"time\":\"2026-09-21T14:13:20.123456Z\",\"level\":\"warning\",\"event\":\"trouble\","
         "\"text\":\"a\\n\\\"b\\\"\\u009b\xef\xbf\xbd\"}\n"},
        {{.time_us = TIME_US, .level = SK_LOG_ERROR, .team = {"desk", 4}, .event = "gap", .text = "a\nb\x9b"},
         false,
         "2026-09-21T14:13:20Z error   desk: [gap] a\\nb\\x9b\n"},
        {{.time_us = TIME_US,
          .level = SK_LOG_ERROR,
          .event = "finding",
          .text = "the name \x1b]0;x\x07 is none",
          .finding = &finding},
         false,
         "2026-09-21T14:13:20Z error   a\\x1b[2J/team.json:3:7: [name-bad] the name \\x1b]0;x\\x07 is none; give "
         "another\n"},
};

static void test_a_line_says_when_how_bad_who_and_what(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_buf out = sk_buf_make(65536);
                sk_log_line_write(&rows[i].line, rows[i].is_json, &out);
                sk_buf_add_byte(&out, 0);
                assert_int_equal(out.err, SK_OK);
                assert_string_equal(out.at, rows[i].expected);
                sk_buf_free(&out);
        }
}

static void test_a_flood_at_one_level_hides_no_other(void **state) {
        int fds[2];

        (void)state;
        assert_int_equal(pipe(fds), 0);
        sk_logger *logger = sk_logger_new(fds[1], true);
        assert_non_null(logger);
        for (unsigned i = 0; i < 100000; i++)
                sk_logger_say(logger, SK_LOG_WARNING, SK_NONE, "w", "%u", i % 10);
        sk_logger_say(logger, SK_LOG_ERROR, SK_NONE, "e", "the end");
        sk_logger_free(logger);
        close(fds[1]);
        static char text[1 << 20];
        ssize_t len = 0;
        for (ssize_t part; (part = read(fds[0], text + len, sizeof(text) - 1 - (size_t)len)) > 0;)
                len += part;
        text[len] = '\0';
        assert_non_null(strstr(text, "\"event\":\"e\""));
        assert_non_null(strstr(text, "\"event\":\"lines-left-out\""));
        assert_true(len < 65536);
        close(fds[0]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_line_says_when_how_bad_who_and_what),
                cmocka_unit_test(test_a_flood_at_one_level_hides_no_other),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
