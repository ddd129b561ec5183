/* In what a cluster differs from a plan: one line of a table for each ACL that could help, hinder or be spare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "kit/json_load.h"
#include "log/chain_dir.h"
#include "log/cluster.h"
#include "support/failing_alloc.h"

#define R (1u << SK_PLAN_READ)
#define W (1u << SK_PLAN_WRITE)
#define D (1u << SK_PLAN_DESCRIBE)
#define C (1u << SK_PLAN_DESCRIBE_CONFIGS)
#define ALL (R | W | D | C)

static sk_plan *plan;

static sk_cluster_acl acl_of(sk_plan_resource resource, const char *name, bool is_prefix, const char *principal,
                             unsigned operations, sk_cluster_answer answer) {
        return (sk_cluster_acl){.resource = resource,
                                .name = sk_slice_of(name),
                                .is_prefix = is_prefix,
                                .principal = sk_slice_of(principal),
                                .host = SK_SLICE("*"),
                                .operations = operations,
                                .answer = answer};
}

static const sk_plan_right *right_find(const char *principal, sk_plan_resource resource, const char *name) {
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                if (sk_slice_is(right->principal, principal) && right->resource == resource &&
                    sk_slice_is(right->name, name))
                        return right;
        }
        fail_msg("no right of %s to %s", principal, name);
        return NULL;
}

static void test_what_an_acl_does_for_a_right(void **state) {
        static const struct {
                sk_plan_resource wanted;
                const char *name;
                sk_plan_resource resource;
                const char *acl_name;
                bool is_prefix;
                const char *principal;
                unsigned operations;
                sk_cluster_answer answer;
                unsigned lacks;
                bool is_denied;
        } cases[] = {
#define JOURNAL SK_PLAN_TOPIC, "pair.customer.journal"
#define INBOUND SK_PLAN_TOPIC, "pair.customer.feedback."
#define IDS SK_PLAN_TRANSACTION, "pair.customer."
#define ME "User:customer"
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, ME, R, SK_CLUSTER_ALLOW, W, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, ME, ALL, SK_CLUSTER_ALLOW, 0, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.", true, ME, R | W, SK_CLUSTER_ALLOW, 0, false},
                {JOURNAL, SK_PLAN_TOPIC, "*", false, ME, R | W, SK_CLUSTER_ALLOW, 0, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, "User:*", W, SK_CLUSTER_ALLOW, R, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, "User:provider", R | W, SK_CLUSTER_ALLOW,
                 R | W, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journals", false, ME, R | W, SK_CLUSTER_ALLOW, R | W, false},
                {JOURNAL, SK_PLAN_GROUP, "pair.customer.journal", false, ME, R | W, SK_CLUSTER_ALLOW, R | W, false},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, ME, W, SK_CLUSTER_DENY, W, true},
                {JOURNAL, SK_PLAN_TOPIC, "*", false, "User:*", ALL, SK_CLUSTER_DENY, R | W, true},
                {JOURNAL, SK_PLAN_TOPIC, "pair.customer.journal", false, ME, C, SK_CLUSTER_DENY, R | W, false},
                {INBOUND, SK_PLAN_TOPIC, "pair.customer.feedback.", true, ME, R, SK_CLUSTER_ALLOW, 0, false},
                {INBOUND, SK_PLAN_TOPIC, "pair.", true, ME, R, SK_CLUSTER_ALLOW, 0, false},
                {INBOUND, SK_PLAN_TOPIC, "pair.customer.feedback.provider", false, ME, R, SK_CLUSTER_ALLOW, R, false},
                {INBOUND, SK_PLAN_TOPIC, "pair.customer.feedback.provider", false, ME, R, SK_CLUSTER_DENY, R, true},
                /* Write implies Describe; what librdkafka has no name for is a transactional id. */
                {IDS, SK_PLAN_RESOURCES, "pair.customer.", true, ME, W, SK_CLUSTER_ALLOW, 0, false},
                {IDS, SK_PLAN_TRANSACTION, "pair.customer.", true, ME, D, SK_CLUSTER_ALLOW, W, false},
                {IDS, SK_PLAN_TOPIC, "pair.customer.", true, ME, W, SK_CLUSTER_ALLOW, W | D, false},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_cluster_acl acl = acl_of(cases[i].resource, cases[i].acl_name, cases[i].is_prefix,
                                            cases[i].principal, cases[i].operations, cases[i].answer);
                const sk_cluster cluster = {.acls = &acl, .acl_count = 1};
                const sk_cluster_acl *denied = NULL;
                unsigned lacks = sk_cluster_lacks(&cluster, right_find(ME, cases[i].wanted, cases[i].name), &denied);
                if (lacks != cases[i].lacks || (denied != NULL) != cases[i].is_denied)
                        fail_msg("case %zu: lacks %x", i, lacks);
        }
}

static void test_an_acl_for_one_host_only_is_not_relied_on(void **state) {
        sk_cluster_acl acl = acl_of(SK_PLAN_TOPIC, "pair.customer.journal", false, ME, ALL, SK_CLUSTER_ALLOW);
        const sk_cluster cluster = {.acls = &acl, .acl_count = 1};
        const sk_cluster_acl *denied = NULL;

        (void)state;
        acl.host = SK_SLICE("10.0.0.1");
        assert_int_equal(sk_cluster_lacks(&cluster, right_find(ME, JOURNAL), &denied), R | W);
}

/* ---- whole clusters ---- */

/* As if everything had been made; the settings are the plan's own. */
static sk_cluster cluster_of(void) {
        sk_cluster cluster = {.arena = sk_arena_new((size_t)1 << 20), .broker_count = 3};

        cluster.topics = sk_arena_get_zero(cluster.arena, sk_plan_topic_count(plan) + 1, sizeof(sk_cluster_topic));
        cluster.acls = sk_arena_get_zero(cluster.arena, sk_plan_right_count(plan) + 1, sizeof(sk_cluster_acl));
        for (size_t i = 0; i < sk_plan_topic_count(plan); i++) {
                const sk_plan_topic *topic = sk_plan_topic_at(plan, i);
                sk_cluster_topic *made = &cluster.topics[cluster.topic_count++];
                *made = (sk_cluster_topic){.name = topic->name, .partitions = 4, .replicas = 3, .records = -1};
                made->settings = sk_arena_get_zero(cluster.arena, topic->setting_count, sizeof(sk_cluster_setting));
                for (size_t k = 0; k < topic->setting_count; k++)
                        made->settings[made->setting_count++] = (sk_cluster_setting){
                                sk_slice_of(topic->settings[k].name), sk_slice_of(topic->settings[k].value)};
        }
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                cluster.acls[cluster.acl_count++] = acl_of(right->resource, right->name.at, right->is_prefix,
                                                           right->principal.at, right->operations, SK_CLUSTER_ALLOW);
        }
        return cluster;
}

/* The one difference that there is, if any. */
static sk_difference_kind compare(sk_cluster *cluster) {
        sk_differences differences;

        assert_int_equal(sk_cluster_compare(plan, cluster, &differences), SK_OK);
        assert_true(differences.count <= 1);
        sk_difference_kind kind = differences.count == 0 ? SK_DIFFERENCE_KINDS : differences.list[0].kind;
        assert_int_equal(differences.count == 0 ? 0 : differences.counts[kind], differences.count);
        sk_differences_free(&differences);
        sk_cluster_free(cluster);
        return kind;
}

static void test_a_cluster_that_was_made_by_the_plan_does_not_differ(void **state) {
        sk_cluster cluster = cluster_of();

        (void)state;
        assert_int_equal(compare(&cluster), SK_DIFFERENCE_KINDS);
}

static void test_each_difference_is_found(void **state) {
        sk_cluster cluster = cluster_of();

        (void)state;
        cluster.topics[0].name = SK_SLICE("other.customer.work");
        assert_int_equal(compare(&cluster), SK_LACKS_TOPIC);
        cluster = cluster_of();
        cluster.topics[0].partitions = 5;
        assert_int_equal(compare(&cluster), SK_OTHER_PARTITIONS);
        cluster = cluster_of();
        cluster.topics[0].replicas = 1;
        assert_int_equal(compare(&cluster), SK_OTHER_REPLICAS);
        cluster = cluster_of();
        cluster.topics[0].replicas = 5;
        assert_int_equal(compare(&cluster), SK_DIFFERENCE_KINDS);
        cluster = cluster_of();
        cluster.topics[0].settings[0].value = SK_SLICE("compact");
        assert_int_equal(compare(&cluster), SK_OTHER_SETTING);
        cluster = cluster_of();
        cluster.topics[0].setting_count = 0;
        assert_int_equal(compare(&cluster), SK_HIDDEN_SETTINGS);
        cluster = cluster_of();
        cluster.acls[0].principal = SK_SLICE("User:somebody");
        assert_int_equal(compare(&cluster), SK_LACKS_RIGHT);
}

static void test_what_is_spare_is_found_and_what_is_not_ours_is_left_alone(void **state) {
        static const struct {
                const char *principal;
                const char *name;
                bool is_prefix;
                unsigned operations;
                bool is_spare;
        } cases[] = {
                {"User:customer", "pair.customer.work", false, W, true},
                {"User:customer", "pair.provider.work", false, W, true},
                {"User:customer", "pair.", true, R, true},
                {"User:customer", "pair.customer.journal", false, ALL, true},
                {"User:customer", "pair.customer.journal", false, D, false},
                {"User:customer", "pairs.customer.work", false, W, false},
                {"User:auditor", "pair.customer.events", false, R, false},
        };
        sk_cluster cluster;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                cluster = cluster_of();
                cluster.acls[cluster.acl_count++] = acl_of(SK_PLAN_TOPIC, cases[i].name, cases[i].is_prefix,
                                                           cases[i].principal, cases[i].operations, SK_CLUSTER_ALLOW);
                sk_difference_kind kind = compare(&cluster);
                if (kind != (cases[i].is_spare ? SK_SPARE_RIGHT : SK_DIFFERENCE_KINDS))
                        fail_msg("case %zu: %d", i, (int)kind);
        }
        cluster = cluster_of();
        cluster.topics[cluster.topic_count++] = (sk_cluster_topic){.name = SK_SLICE("pair.gone.work")};
        assert_int_equal(compare(&cluster), SK_SPARE_TOPIC);
        cluster = cluster_of();
        cluster.topics[cluster.topic_count++] = (sk_cluster_topic){.name = SK_SLICE("pair.their.own.thing")};
        assert_int_equal(compare(&cluster), SK_DIFFERENCE_KINDS);
}

/* Else taking it away would leave a link without its right until somebody looks again. */
static void test_a_right_that_is_wider_than_needed_does_not_stand_for_the_narrow_one(void **state) {
        sk_cluster cluster = cluster_of();
        sk_differences differences;

        (void)state;
        for (size_t i = 0; i < cluster.acl_count; i++) {
                if (sk_slice_is(cluster.acls[i].name, "pair.customer.journal"))
                        cluster.acls[i].operations = ALL;
        }
        assert_int_equal(sk_cluster_compare(plan, &cluster, &differences), SK_OK);
        assert_int_equal(differences.count, 2);
        assert_int_equal(differences.list[0].kind, SK_LACKS_RIGHT);
        assert_int_equal(differences.list[0].operations, R | W);
        assert_int_equal(differences.list[1].kind, SK_SPARE_RIGHT);
        sk_differences_free(&differences);
        sk_cluster_free(&cluster);
}

static void test_rights_are_compared_only_where_they_can_be_seen(void **state) {
        sk_cluster cluster = cluster_of();

        (void)state;
        cluster.acl_count = 0;
        cluster.guard = SK_CLUSTER_UNGUARDED;
        assert_int_equal(compare(&cluster), SK_DIFFERENCE_KINDS);
        cluster = cluster_of();
        cluster.acl_count = 0;
        cluster.guard = SK_CLUSTER_HIDDEN;
        assert_int_equal(compare(&cluster), SK_DIFFERENCE_KINDS);
}

static void test_a_difference_that_turned_out_to_be_none_is_forgotten(void **state) {
        const sk_cluster nothing = {.guard = SK_CLUSTER_GUARDED};
        sk_differences differences;

        (void)state;
        assert_int_equal(sk_cluster_compare(plan, &nothing, &differences), SK_OK);
        size_t count = differences.count;
        const sk_plan_topic *second = differences.list[1].topic;
        sk_differences_drop(&differences, 0);
        assert_int_equal(differences.count, count - 1);
        assert_int_equal(differences.counts[SK_LACKS_TOPIC], sk_plan_topic_count(plan) - 1);
        assert_ptr_equal(differences.list[0].topic, second);
        sk_differences_free(&differences);
}

static bool compare_once(void *cluster) {
        sk_differences differences = {0};
        sk_err err = sk_cluster_compare(plan, cluster, &differences);

        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        sk_differences_free(&differences);
        return err == SK_OK;
}

static void test_every_lack_of_memory_is_survived(void **state) {
        sk_cluster cluster = cluster_of();

        (void)state;
        failing_alloc_each(compare_once, &cluster);
        sk_cluster_free(&cluster);
}

static int setup(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        (void)state;
        sk_json_load_prepare();
        assert_int_equal(sk_chain_dir_build("tests/data/chains/pair", findings, &edition), SK_OK);
        const sk_plan_config config = {.edition = edition, .replicas = 3};
        assert_int_equal(sk_plan_new(&config, &plan), SK_OK);
        sk_edition_release(edition);
        sk_findings_free(findings);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        sk_plan_free(plan);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_an_acl_does_for_a_right),
                cmocka_unit_test(test_an_acl_for_one_host_only_is_not_relied_on),
                cmocka_unit_test(test_a_cluster_that_was_made_by_the_plan_does_not_differ),
                cmocka_unit_test(test_each_difference_is_found),
                cmocka_unit_test(test_what_is_spare_is_found_and_what_is_not_ours_is_left_alone),
                cmocka_unit_test(test_a_right_that_is_wider_than_needed_does_not_stand_for_the_narrow_one),
                cmocka_unit_test(test_rights_are_compared_only_where_they_can_be_seen),
                cmocka_unit_test(test_a_difference_that_turned_out_to_be_none_is_forgotten),
                cmocka_unit_test(test_every_lack_of_memory_is_survived),
        };

        return cmocka_run_group_tests_name("cluster", tests, setup, teardown);
}
