#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/metrics.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The second one is on Kafka. */
static const sk_host_status hosts[] = {
        {.team = {"desk", 4}, .stage = SK_LOG_RUNNING, .is_ready = true, .driver = {.open_calls = 12}},
        {.team = {"network", 7},
         .stage = SK_LOG_STANDBY,
         .log = {.commit_us = 1500000,
                 .transaction_us = 2500000,
                 .is_unknown = true,
                 .is_behind = true,
                 .has_brokers = true,
                 .lag = {[SK_TOPIC_CALLS] = 31, [SK_TOPIC_WORK] = 7},
                 .rebalances = 3,
                 .absences = 2,
                 .away_us = 12500000,
                 .brokers = 3,
                 .brokers_up = 1,
                 .round_trip_us = 1250}},
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
                "\nschakel_log_lag_records{team=\"network\",topic=\"calls\"} 31\n",
                "\nschakel_log_lag_records{team=\"network\",topic=\"feedback\"} 0\n",
                "\nschakel_log_lag_records{team=\"network\",topic=\"work\"} 7\n",
                "\nschakel_log_transaction{team=\"desk\",state=\"none\"} 1\n",
                "\nschakel_log_transaction{team=\"desk\",state=\"unknown\"} 0\n",
                "\nschakel_log_transaction{team=\"network\",state=\"none\"} 0\n",
                "\nschakel_log_transaction{team=\"network\",state=\"underway\"} 0\n",
                "\nschakel_log_transaction{team=\"network\",state=\"unknown\"} 1\n",
                "\nschakel_log_transaction_seconds{team=\"network\"} 2.5\n",
                "\nschakel_log_caught_up{team=\"desk\"} 1\n",
                "\nschakel_log_caught_up{team=\"network\"} 0\n",
                "\nschakel_log_rebalances_total{team=\"network\"} 3\n",
                "\nschakel_log_absences_total{team=\"network\"} 2\n",
                "\nschakel_log_away_seconds{team=\"network\"} 12.5\n",
                "\nschakel_log_brokers{team=\"network\"} 3\n",
                "\nschakel_log_brokers_up{team=\"network\"} 1\n",
                "\nschakel_log_round_trip_seconds{team=\"network\"} 0.00125\n",
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

static void test_where_no_brokers_are_nothing_is_said_of_them(void **state) {
        static const char *const names[] = {"schakel_log_lag_records{team=\"desk\"",
                                            "schakel_log_brokers{team=\"desk\"",
                                            "schakel_log_away_seconds{team=\"desk\""};
        sk_buf out;
        const char *text = written(&out);

        (void)state;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                assert_null(strstr(text, names[i]));
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
                cmocka_unit_test(test_where_no_brokers_are_nothing_is_said_of_them),
                cmocka_unit_test(test_the_text_is_as_prometheus_reads_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
