#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <stdio.h>
#include <stdlib.h>

#include "log/kafka_settings.h"
#include "support/folder.h"

/* Handles of librdkafka: what the protocol fixes, what a user may say, and that secrets are not repeated. */

static sk_kafka_settings settings_of(const sk_kafka_property *properties, size_t count) {
        return (sk_kafka_settings){.brokers = "127.0.0.1:1",
                                   .properties = properties,
                                   .property_count = count,
                                   .chain = SK_SLICE("ssc"),
                                   .team = SK_SLICE("desk"),
                                   .instance = SK_SLICE("a")};
}

static void test_names_begin_with_chain_and_team_and_a_prefix_if_wanted(void **state) {
        static const sk_kafka_property prefix = {SK_KAFKA_PREFIX, "trial."};
        char name[SK_KAFKA_NAME_MAX];
        sk_kafka_settings settings = settings_of(NULL, 0);

        (void)state;
        assert_int_equal(sk_kafka_group_name(&settings, name), SK_OK);
        assert_string_equal(name, "ssc.desk");
        assert_int_equal(sk_kafka_transactional_id(&settings, name), SK_OK);
        assert_string_equal(name, "ssc.desk.a");
        settings = settings_of(&prefix, 1);
        assert_int_equal(sk_kafka_group_name(&settings, name), SK_OK);
        assert_string_equal(name, "trial.ssc.desk");
        assert_int_equal(sk_kafka_transactional_id(&settings, name), SK_OK);
        assert_string_equal(name, "trial.ssc.desk.a");
}

/* It is ours, and librdkafka never hears of it. */
static void test_a_prefix_is_checked_like_other_properties(void **state) {
        static const struct {
                const char *prefix;
                bool is_good;
        } cases[] = {
                {"trial.", true},
                {"", true},
                {"A-b_9.", true},
                {"a b", false},
                {"a/b", false},
                {"file:x", false},
                {"\xc3\xa9", false},
                {"1234567890123456789012345678901234567890123456789012345678901234", true},
                {"12345678901234567890123456789012345678901234567890123456789012345", false},
        };
        char why[SK_KAFKA_WHY_MAX];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_kafka_property property = {SK_KAFKA_PREFIX, cases[i].prefix};
                sk_kafka_settings settings = settings_of(&property, 1);
                why[0] = '\0';
                sk_err err = sk_kafka_client_check(&settings, SK_KAFKA_MEMBER, why);
                if (err != (cases[i].is_good ? SK_OK : SK_ERR_CONFIG))
                        fail_msg("\"%s\": %s", cases[i].prefix, why);
                assert_int_equal(strstr(why, "schakel.prefix") != NULL, !cases[i].is_good);
        }
}

static void test_a_name_that_is_too_long_is_refused(void **state) {
        static char team[300];
        char name[SK_KAFKA_NAME_MAX];
        char why[SK_KAFKA_WHY_MAX] = "";
        sk_kafka_settings settings = settings_of(NULL, 0);

        (void)state;
        memset(team, 'x', sizeof(team) - 1);
        settings.team = sk_slice_of(team);
        assert_int_equal(sk_kafka_group_name(&settings, name), SK_ERR_SIZE);
        assert_int_equal(sk_kafka_client_check(&settings, SK_KAFKA_MEMBER, why), SK_ERR_CONFIG);
        assert_non_null(strstr(why, "too long"));
}

static void test_a_handle_for_each_role_can_be_made_without_a_broker(void **state) {
        sk_kafka_settings settings = settings_of(NULL, 0);
        char why[SK_KAFKA_WHY_MAX] = "";

        (void)state;
        for (int role = 0; role < SK_KAFKA_ROLES; role++) {
                rd_kafka_t *client = NULL;
                if (sk_kafka_client_new(&settings, (sk_kafka_role)role, NULL, why, &client) != SK_OK)
                        fail_msg("role %d: %s", role, why);
                rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
}

static const struct refusal {
        sk_kafka_property property;
        const char *said;
} refusals[] = {
        {{"enable.auto.commit", "true"}, "cannot be set"},
        {{"isolation.level", "read_uncommitted"}, "cannot be set"},
        {{"transactional.id", "mine"}, "cannot be set"},
        {{"group.id", "mine"}, "cannot be set"},
        {{"bootstrap.servers", "elsewhere:9092"}, "cannot be set"},
        {{"no.such.property", "1"}, "knows no property \"no.such.property\""},
        {{"session.timeout.ms", "secret"}, "refuses the value of the property \"session.timeout.ms\""},
        {{"sasl.password", "env:SK_TEST_NOT_SET"}, "in the variable SK_TEST_NOT_SET, which is not set"},
        {{"sasl.password", "file:/no/such/file"}, "from /no/such/file, which cannot be read"},
};

static void test_what_may_not_be_said_is_refused_and_no_value_is_repeated(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
                char why[SK_KAFKA_WHY_MAX] = "";
                sk_kafka_settings settings = settings_of(&refusals[i].property, 1);
                assert_int_equal(sk_kafka_client_check(&settings, SK_KAFKA_PRODUCER, why), SK_ERR_CONFIG);
                if (strstr(why, refusals[i].said) == NULL || strstr(why, "secret") != NULL)
                        fail_msg("%s: %s", refusals[i].property.name, why);
        }
}

static void test_what_a_user_may_say_is_taken(void **state) {
        static const sk_kafka_property properties[] = {
                {"transaction.timeout.ms", "12000"}, {"session.timeout.ms", "6000"}, {"client.id", "somebody"}};
        sk_kafka_settings settings = settings_of(properties, 3);
        char why[SK_KAFKA_WHY_MAX] = "";

        (void)state;
        for (int role = 0; role < SK_KAFKA_ROLES; role++) {
                if (sk_kafka_client_check(&settings, (sk_kafka_role)role, why) != SK_OK)
                        fail_msg("role %d: %s", role, why);
        }
        assert_int_equal(sk_kafka_milliseconds(&settings, "transaction.timeout.ms", 1), 12000);
        assert_int_equal(sk_kafka_milliseconds(&settings, "client.id", 1), 1);
        assert_int_equal(sk_kafka_milliseconds(&settings, "socket.timeout.ms", 7), 7);
}

static void test_a_secret_is_read_from_the_environment_or_a_file(void **state) {
        char path[FOLDER_PATH_MAX + 32];
        char why[SK_KAFKA_WHY_MAX] = "";
        test_folder folder;

        (void)state;
        folder_make(&folder);
        FILE *file = fopen(folder_file(&folder, "password"), "w");
        assert_non_null(file);
        (void)fputs("from-a-file\n", file);
        assert_int_equal(fclose(file), 0);
        (void)snprintf(path, sizeof(path), "file:%s", folder_file(&folder, "password"));
        assert_int_equal(setenv("SK_TEST_USER", "somebody", 1), 0);
        const sk_kafka_property properties[] = {{"sasl.password", path}, {"sasl.username", "env:SK_TEST_USER"}};
        sk_kafka_settings settings = settings_of(properties, 2);
        if (sk_kafka_client_check(&settings, SK_KAFKA_MEMBER, why) != SK_OK)
                fail_msg("%s", why);
        folder_remove(&folder);
}
#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_begin_with_chain_and_team_and_a_prefix_if_wanted),
                cmocka_unit_test(test_a_prefix_is_checked_like_other_properties),
                cmocka_unit_test(test_a_name_that_is_too_long_is_refused),
                cmocka_unit_test(test_a_handle_for_each_role_can_be_made_without_a_broker),
                cmocka_unit_test(test_what_may_not_be_said_is_refused_and_no_value_is_repeated),
                cmocka_unit_test(test_what_a_user_may_say_is_taken),
                cmocka_unit_test(test_a_secret_is_read_from_the_environment_or_a_file),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_settings", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
