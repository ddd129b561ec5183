#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <stdio.h>

#include "log/kafka_reason.h"

/* What librdkafka says while no connection comes about, in a sentence for people. */

static const sk_kafka_property scram[] = {{"sasl.mechanism", "SCRAM-SHA-512"}, {"sasl.password", "hunter2"}};

static sk_kafka_settings settings_of(size_t property_count) {
        return (sk_kafka_settings){.brokers = "b:1", .properties = scram, .property_count = property_count};
}

static void test_what_tells_most_is_kept(void **state) {
        static const struct {
                int first;
                int second;
                const char *says;
                bool is_refusal;
        } cases[] = {
                {RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "first", true},
                {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__AUTHENTICATION, "second", true},
                {RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR__TRANSPORT, "first", true},
                {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "first", false},
                {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, "second", false},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_kafka_settings settings = settings_of(0);
                sk_kafka_reason reason = sk_kafka_reason_make(&settings);
                char why[SK_KAFKA_WHY_MAX];
                sk_kafka_reason_take(&reason, cases[i].first, "first");
                sk_kafka_reason_take(&reason, cases[i].second, "second");
                sk_kafka_reason_explain(&reason, "time", why);
                assert_non_null(strstr(why, cases[i].says));
                assert_int_equal(sk_kafka_reason_is_refusal(&reason), cases[i].is_refusal);
        }
}

static void test_where_nothing_was_said_the_call_itself_speaks(void **state) {
        sk_kafka_settings settings = settings_of(0);
        sk_kafka_reason reason = sk_kafka_reason_make(&settings);
        char why[SK_KAFKA_WHY_MAX];

        (void)state;
        sk_kafka_reason_explain(&reason, "it took long", why);
        assert_string_equal(why, "no broker answers: it took long");
        assert_false(sk_kafka_reason_is_refusal(&reason));
}

/* What is tried each second is told once, if it reads the same each time. */
static void test_each_attempt_at_a_login_reads_the_same(void **state) {
        static const char *const texts[] = {
                "sasl_ssl://kafka-1:9093/bootstrap: Authentication failed: no (after 12ms in state AUTH_REQ)",
                "sasl_ssl://kafka-2:9093/2: Authentication failed: no (after 3010ms in state AUTH_REQ, 2 identical)",
        };
        char said[2][SK_KAFKA_WHY_MAX];

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                sk_kafka_settings settings = settings_of(0);
                sk_kafka_reason reason = sk_kafka_reason_make(&settings);
                sk_kafka_reason_take(&reason, RD_KAFKA_RESP_ERR__AUTHENTICATION, texts[i]);
                sk_kafka_reason_explain(&reason, "", said[i]);
        }
        assert_string_equal(said[0], said[1]);
        assert_non_null(strstr(said[0], "refuse the login: Authentication failed: no; "));
}

static void test_a_scram_that_cannot_work_is_known(void **state) {
        sk_kafka_settings settings = settings_of(2);
        sk_kafka_reason reason = sk_kafka_reason_make(&settings);
        bool is_old = rd_kafka_version() < 0x02060100;
        bool is_said = false;
        char text[SK_KAFKA_WHY_MAX];

        (void)state;
        sk_kafka_reason_take(&reason, RD_KAFKA_RESP_ERR__AUTHENTICATION, "invalid credentials");
        sk_kafka_reason_explain(&reason, "", text);
        assert_int_equal(strstr(text, "although the password is right") != NULL, is_old);
        assert_null(strstr(text, "hunter2"));
        for (unsigned i = 0; sk_kafka_beware(&settings, i, text); i++)
                is_said = is_said || strstr(text, "SCRAM") != NULL;
        assert_int_equal(is_said, is_old);
}

static void test_unsigned_work_is_warned_of_whatever_the_settings(void **state) {
        sk_kafka_settings settings = settings_of(0);
        char text[SK_KAFKA_WHY_MAX];

        (void)state;
        assert_true(sk_kafka_beware(&settings, 0, text));
        assert_non_null(strstr(text, "unsigned"));
        assert_false(sk_kafka_beware(&settings, 100, text));
}
#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_tells_most_is_kept),
                cmocka_unit_test(test_where_nothing_was_said_the_call_itself_speaks),
                cmocka_unit_test(test_each_attempt_at_a_login_reads_the_same),
                cmocka_unit_test(test_a_scram_that_cannot_work_is_known),
                cmocka_unit_test(test_unsigned_work_is_warned_of_whatever_the_settings),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_reason", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
