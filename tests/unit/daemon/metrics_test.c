#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/metrics.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const sk_host_status hosts[] = {
        {.team = {"desk", 4}, .stage = SK_LOG_RUNNING, .is_ready = true, .driver = {.open_calls = 12}},
        {.team = {"network", 7}, .stage = SK_LOG_STANDBY, .log = {.commit_us = 1500000}},
};

static const char *written(sk_buf *out) {
        sk_process_numbers process = {.cpu_seconds = 1.5, .resident_bytes = 8388608, .start_seconds = 1790000000};

        *out = sk_buf_make(1 << 20);
        sk_metrics_write(hosts, 2, &process, out);
        sk_buf_add_byte(out, 0);
        assert_int_equal(out->err, SK_OK);
        return out->at;
}

static void test_numbers_stand_under_their_team_in_base_units(void **state) {
        static const char *const lines[] = {
                "\nschakel_open_calls{team=\"desk\"} 12\n",
                "\nschakel_standby{team=\"network\"} 1\n",
                "\nschakel_log_commit_seconds_total{team=\"network\"} 1.5\n",
                "\nschakel_process_resident_bytes 8388608\n",
                "\nschakel_inputs_total{team=\"desk\",topic=\"calls\"} 0\n",
        };
        sk_buf out;
        const char *text = written(&out);

        (void)state;
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                if (strstr(text, lines[i]) == NULL)
                        fail_msg("%s is not there: %s", lines[i], text);
        }
        sk_buf_free(&out);
}

/* Each sample follows the HELP and TYPE of its own name; a counter ends in _total and nothing else does. */
static void check_line(const char *line, char *name, char *type) {
        if (sscanf(line, "# HELP %99s", name) == 1)
                return;
        char typed[100];
        if (sscanf(line, "# TYPE %99s %99s", typed, type) == 2) {
                assert_string_equal(typed, name);
                return;
        }
        size_t len = strcspn(line, "{ ");
        assert_int_equal(len, strlen(name));
        assert_memory_equal(line, name, len);
        bool is_total = len > 6 && memcmp(line + len - 6, "_total", 6) == 0;
        assert_int_equal(is_total, strcmp(type, "counter") == 0);
        for (size_t i = 0; i < len; i++)
                assert_true(islower((unsigned char)line[i]) || line[i] == '_');
}

static void test_the_text_is_as_prometheus_reads_it(void **state) {
        char name[100] = "";
        char type[100] = "";
        char line[512];
        sk_buf out;

        (void)state;
        for (const char *at = written(&out); *at != '\0';) {
                size_t len = strcspn(at, "\n");
                assert_true(len > 0 && len < sizeof(line) && at[len] == '\n');
                (void)snprintf(line, sizeof(line), "%.*s", (int)len, at);
                check_line(line, name, type);
                at += len + 1;
        }
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers_stand_under_their_team_in_base_units),
                cmocka_unit_test(test_the_text_is_as_prometheus_reads_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
