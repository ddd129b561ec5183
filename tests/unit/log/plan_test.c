/* What chains need of a cluster: rules that hold for each chain there is. Whole plans are compared in tests/cli. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "event/topics.h"
#include "kit/json_load.h"
#include "log/chain_dir.h"
#include "log/plan.h"
#include "support/failing_alloc.h"

#define READS (1u << SK_PLAN_READ)
#define WRITES (1u << SK_PLAN_WRITE)

static const char *const chains[] = {"tests/data/chains/pair",      "tests/data/chains/line",
                                     "tests/data/chains/automatic", "teams/shared-service-centre",
                                     "teams/supplier-network",      "teams/integrated-facilities"};

#define CHAINS (sizeof(chains) / sizeof(chains[0]))

static sk_edition *edition_of(const char *chain) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        assert_int_equal(sk_chain_dir_build(chain, findings, &edition), SK_OK);
        sk_findings_free(findings);
        return edition;
}

static sk_plan *plan_of(const char *chain, const sk_plan_config *with) {
        sk_edition *edition = edition_of(chain);
        sk_plan_config config = *with;
        sk_plan *plan = NULL;

        config.edition = edition;
        assert_int_equal(sk_plan_new(&config, &plan), SK_OK);
        sk_edition_release(edition);
        return plan;
}

static bool covers(const sk_plan_right *right, sk_slice topic) {
        if (right->resource != SK_PLAN_TOPIC)
                return false;
        if (right->is_prefix)
                return topic.len >= right->name.len && memcmp(topic.at, right->name.at, right->name.len) == 0;
        return sk_slice_equal(topic, right->name);
}

/* Who may do that with the topic, as a link; SK_NONE: nobody; more than one fails the test. */
static sk_slice only_link(const sk_plan *plan, sk_slice topic, unsigned operation) {
        sk_slice found = SK_NONE;

        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                if (right->role != SK_PLAN_LINK || !covers(right, topic) || (right->operations & operation) == 0)
                        continue;
                assert_true(!sk_slice_there(found) || sk_slice_equal(found, right->team));
                found = right->team;
        }
        return found;
}

/* Rule K: the name of a topic says who wrote what is in it. */
static void test_each_topic_has_the_one_writer_and_the_one_reader_of_rule_k(void **state) {
        static const sk_plan_config config = {.replicas = 3};

        (void)state;
        for (size_t c = 0; c < CHAINS; c++) {
                sk_plan *plan = plan_of(chains[c], &config);
                for (size_t i = 0; i < sk_plan_topic_count(plan); i++) {
                        const sk_plan_topic *topic = sk_plan_topic_at(plan, i);
                        sk_slice part[3];
                        sk_topic_kind kind;
                        assert_true(sk_topic_parse(topic->name, &part[0], &part[1], &kind, &part[2]));
                        assert_int_equal(kind, topic->kind);
                        sk_slice writer = only_link(plan, topic->name, WRITES);
                        sk_slice reader = only_link(plan, topic->name, READS);
                        bool is_sent = kind == SK_TOPIC_CALLS || kind == SK_TOPIC_FEEDBACK;
                        if (kind == SK_TOPIC_WORK)
                                assert_false(sk_slice_there(writer));
                        else
                                assert_true(sk_slice_equal(writer, is_sent ? part[2] : topic->team));
                        if (is_sent || kind == SK_TOPIC_WORK || kind == SK_TOPIC_JOURNAL)
                                assert_true(sk_slice_equal(reader, topic->team));
                        else
                                assert_false(sk_slice_there(reader));
                }
                sk_plan_free(plan);
        }
}

static void test_people_write_the_work_of_their_team_and_nothing_else(void **state) {
        static const sk_plan_config config = {.replicas = 1};

        (void)state;
        for (size_t c = 0; c < CHAINS; c++) {
                sk_plan *plan = plan_of(chains[c], &config);
                size_t writes = 0;
                for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                        const sk_plan_right *right = sk_plan_right_at(plan, i);
                        if (right->role != SK_PLAN_PEOPLE || (right->operations & WRITES) == 0)
                                continue;
                        const sk_plan_topic *topic = sk_plan_topic_find(plan, right->name);
                        assert_non_null(topic);
                        assert_int_equal(topic->kind, SK_TOPIC_WORK);
                        assert_true(sk_slice_equal(topic->team, right->team));
                        assert_false(right->is_prefix);
                        writes++;
                }
                assert_int_equal(writes, sk_plan_team_count(plan));
                sk_plan_free(plan);
        }
}

static void test_no_two_topics_have_one_name_and_each_is_found(void **state) {
        static const sk_plan_config config = {.replicas = 1};

        (void)state;
        for (size_t c = 0; c < CHAINS; c++) {
                sk_plan *plan = plan_of(chains[c], &config);
                for (size_t i = 0; i < sk_plan_topic_count(plan); i++)
                        assert_ptr_equal(sk_plan_topic_find(plan, sk_plan_topic_at(plan, i)->name),
                                         sk_plan_topic_at(plan, i));
                assert_null(sk_plan_topic_find(plan, SK_SLICE("nothing")));
                sk_plan_free(plan);
        }
}

static const char *setting_of(const sk_plan_topic *topic, const char *name) {
        for (size_t i = 0; i < topic->setting_count; i++) {
                if (strcmp(topic->settings[i].name, name) == 0)
                        return topic->settings[i].value;
        }
        return NULL;
}

/* Rules O5, C1 and S. */
static void test_topics_are_set_as_the_protocol_says(void **state) {
        static const struct {
                const char *topic;
                const char *setting;
                const char *value; /* NULL: is left to the brokers */
        } cases[] = {
                {"pair.provider.calls.customer", "message.timestamp.type", "LogAppendTime"},
                {"pair.customer.feedback.provider", "message.timestamp.type", "LogAppendTime"},
                {"pair.customer.work", "message.timestamp.type", "LogAppendTime"},
                {"pair.customer.work", "retention.ms", "1209600000"},
                {"pair.customer.work", "cleanup.policy", "delete"},
                {"pair.customer.journal", "cleanup.policy", "compact"},
                {"pair.customer.journal", "segment.bytes", "67108864"},
                {"pair.customer.journal", "segment.ms", "3600000"},
                {"pair.customer.journal", "min.cleanable.dirty.ratio", "0.1"},
                {"pair.customer.journal", "max.compaction.lag.ms", "3600000"},
                {"pair.customer.journal", "delete.retention.ms", "86400000"},
                {"pair.customer.journal", "retention.ms", NULL},
                {"pair.customer.journal", "message.timestamp.type", NULL},
                {"pair.customer.events", "retention.ms", "34560000000"},
                {"pair.customer.archive", "retention.ms", "34560000000"},
                {"pair.customer.archive", "min.insync.replicas", "2"},
        };
        static const sk_plan_config config = {.replicas = 3};
        sk_plan *plan = plan_of("tests/data/chains/pair", &config);

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const sk_plan_topic *topic = sk_plan_topic_find(plan, sk_slice_of(cases[i].topic));
                assert_non_null(topic);
                const char *value = setting_of(topic, cases[i].setting);
                if (cases[i].value == NULL)
                        assert_null(value);
                else
                        assert_string_equal(value, cases[i].value);
        }
        sk_plan_free(plan);
}

static void test_other_values_that_do_as_well_are_no_difference(void **state) {
        static const struct {
                sk_plan_relation relation;
                const char *wanted;
                const char *found;
                bool does;
        } cases[] = {
                {SK_PLAN_EQUAL, "compact", "compact", true},     {SK_PLAN_EQUAL, "compact", "compact,delete", false},
                {SK_PLAN_AT_LEAST, "1000", "1000", true},        {SK_PLAN_AT_LEAST, "1000", "1001", true},
                {SK_PLAN_AT_LEAST, "1000", "999", false},        {SK_PLAN_AT_LEAST, "1000", "-1", true},
                {SK_PLAN_AT_MOST, "0.1", "0.05", true},          {SK_PLAN_AT_MOST, "0.1", "0.5", false},
                {SK_PLAN_AT_MOST, "1000", "-1", false},          {SK_PLAN_AT_LEAST, "1000", "", false},
                {SK_PLAN_AT_LEAST, "1000", "many", false},       {SK_PLAN_EQUAL, "1000", "2000", false},
                {SK_PLAN_AT_LEAST, "34560000000", "35e9", true},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_plan_setting setting = {.name = "x", .relation = cases[i].relation};
                (void)snprintf(setting.value, sizeof(setting.value), "%s", cases[i].wanted);
                assert_int_equal(sk_plan_setting_does(&setting, sk_slice_of(cases[i].found)), cases[i].does);
        }
}

static void test_principals_and_prefixes_are_the_users_to_say(void **state) {
        static const sk_plan_config config = {
                .replicas = 1, .prefix = "desk-", .link = "User:CN={team},OU={team}.example", .people = "User:all"};
        sk_plan *plan = plan_of("tests/data/chains/pair", &config);
        unsigned seen = 0;

        (void)state;
        assert_string_equal(sk_plan_principal(plan, 0, SK_PLAN_LINK).at, "User:CN=customer,OU=customer.example");
        assert_string_equal(sk_plan_principal(plan, 1, SK_PLAN_PEOPLE).at, "User:all");
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                if (right->resource == SK_PLAN_GROUP && sk_slice_is(right->name, "desk-pair.customer"))
                        seen |= 1u;
                if (right->resource == SK_PLAN_TRANSACTION && sk_slice_is(right->name, "desk-pair.customer."))
                        seen |= 2u;
        }
        assert_int_equal(seen, 3);
        sk_plan_free(plan);
}

/* A prefix ends with a dot, so that no team's begins another's. */
static void test_no_prefix_reaches_into_another_team(void **state) {
        static const sk_chain_file files[] = {
                {"chain.json", {"{\"name\": \"c\"}", 13}},
                {"net/team.json", {"{\"consumer\": true}", 18}},
                {"network/team.json", {"{\"consumer\": true}", 18}},
        };
        sk_findings *findings = sk_findings_new();
        sk_plan_config config = {.replicas = 1};
        sk_edition *edition = NULL;
        sk_plan *plan = NULL;

        (void)state;
        assert_int_equal(sk_edition_build(files, 3, NULL, findings, &edition), SK_OK);
        config.edition = edition;
        assert_int_equal(sk_plan_new(&config, &plan), SK_OK);
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                for (size_t k = 0; k < sk_plan_topic_count(plan); k++) {
                        if (covers(right, sk_plan_topic_at(plan, k)->name))
                                assert_true(sk_slice_equal(sk_plan_topic_at(plan, k)->team, right->team));
                }
        }
        sk_plan_free(plan);
        sk_edition_release(edition);
        sk_findings_free(findings);
}

static void test_a_name_longer_than_kafka_allows_is_refused(void **state) {
        static char link[300];
        sk_edition *edition = edition_of("tests/data/chains/pair");
        sk_plan_config config = {.edition = edition, .replicas = 1, .link = link};
        sk_plan *plan = NULL;

        (void)state;
        memset(link, 'x', sizeof(link) - 1);
        assert_int_equal(sk_plan_new(&config, &plan), SK_ERR_SIZE);
        assert_null(plan);
        sk_edition_release(edition);
}

static bool plan_once(void *edition) {
        const sk_plan_config config = {.edition = edition, .replicas = 1};
        sk_plan *plan = NULL;
        sk_err err = sk_plan_new(&config, &plan);

        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        sk_plan_free(plan);
        return err == SK_OK;
}

static void test_every_lack_of_memory_is_survived(void **state) {
        sk_edition *edition = edition_of("tests/data/chains/pair");

        (void)state;
        failing_alloc_each(plan_once, edition);
        sk_edition_release(edition);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_topic_has_the_one_writer_and_the_one_reader_of_rule_k),
                cmocka_unit_test(test_people_write_the_work_of_their_team_and_nothing_else),
                cmocka_unit_test(test_no_two_topics_have_one_name_and_each_is_found),
                cmocka_unit_test(test_topics_are_set_as_the_protocol_says),
                cmocka_unit_test(test_other_values_that_do_as_well_are_no_difference),
                cmocka_unit_test(test_principals_and_prefixes_are_the_users_to_say),
                cmocka_unit_test(test_no_prefix_reaches_into_another_team),
                cmocka_unit_test(test_a_name_longer_than_kafka_allows_is_refused),
                cmocka_unit_test(test_every_lack_of_memory_is_survived),
        };

        return cmocka_run_group_tests_name("plan", tests, setup, NULL);
}
