#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/topics.h"
#include "support/failing_alloc.h"

static int make_topics(void **state) {
        *state = sk_topics_new(SK_SLICE("ssc"), SK_SLICE("network"));
        return *state == NULL;
}

static int free_topics(void **state) {
        sk_topics_free(*state);
        return 0;
}

static void assert_topic(const sk_topic *topic, const char *name, sk_topic_kind kind, bool is_inbound,
                         const char *owner, const char *peer) {
        assert_non_null(topic);
        assert_true(sk_slice_is(topic->name, name));
        assert_int_equal(topic->kind, kind);
        assert_int_equal(topic->is_inbound, is_inbound);
        assert_true(sk_slice_is(topic->owner, owner));
        assert_true(sk_slice_equal(topic->peer, sk_slice_of(peer)));
        assert_int_equal(sk_slice_there(topic->peer), peer != NULL);
}

static void test_a_team_has_five_topics_of_its_own_and_reads_work(void **state) {
        sk_topics *topics = *state;
        assert_topic(sk_topics_own(topics, SK_TOPIC_WORK), "ssc.network.work", SK_TOPIC_WORK, true, "network", NULL);
        assert_topic(sk_topics_own(topics, SK_TOPIC_JOURNAL), "ssc.network.journal", SK_TOPIC_JOURNAL, false, "network",
                     NULL);
        assert_topic(sk_topics_own(topics, SK_TOPIC_EVENTS), "ssc.network.events", SK_TOPIC_EVENTS, false, "network",
                     NULL);
        assert_topic(sk_topics_own(topics, SK_TOPIC_ARCHIVE), "ssc.network.archive", SK_TOPIC_ARCHIVE, false, "network",
                     NULL);
        assert_topic(sk_topics_own(topics, SK_TOPIC_DEADLETTER), "ssc.network.deadletter", SK_TOPIC_DEADLETTER, false,
                     "network", NULL);
        assert_int_equal(sk_topics_count(topics), 5);
        assert_true(sk_slice_is(sk_topics_team(topics), "network"));
        assert_true(sk_slice_is(sk_topics_chain(topics), "ssc"));
}

static void test_a_pair_has_a_topic_each_way_in_both_roles(void **state) {
        sk_topics *topics = *state;
        sk_slice peer = SK_SLICE("service-centre");
        assert_topic(sk_topics_calls_from(topics, peer), "ssc.network.calls.service-centre", SK_TOPIC_CALLS, true,
                     "network", "service-centre");
        assert_topic(sk_topics_feedback_to(topics, peer), "ssc.service-centre.feedback.network", SK_TOPIC_FEEDBACK,
                     false, "service-centre", "network");
        assert_topic(sk_topics_calls_to(topics, peer), "ssc.service-centre.calls.network", SK_TOPIC_CALLS, false,
                     "service-centre", "network");
        assert_topic(sk_topics_feedback_from(topics, peer), "ssc.network.feedback.service-centre", SK_TOPIC_FEEDBACK,
                     true, "network", "service-centre");
        assert_int_equal(sk_topics_count(topics), 9);
}

static void test_a_topic_is_interned_once_and_found_by_its_name(void **state) {
        sk_topics *topics = *state;
        char peer[] = "finance";
        const sk_topic *first = sk_topics_calls_from(topics, sk_slice_of(peer));
        peer[0] = 'x';

        assert_ptr_equal(sk_topics_calls_from(topics, SK_SLICE("finance")), first);
        assert_ptr_equal(sk_topics_find(topics, SK_SLICE("ssc.network.calls.finance")), first);
        assert_ptr_equal(sk_topics_at(topics, 5), first);
        assert_null(sk_topics_find(topics, SK_SLICE("ssc.network.calls.xinance")));
}

static void test_topics_stay_good_while_the_table_grows(void **state) {
        sk_topics *topics = *state;
        const sk_topic *first = sk_topics_calls_from(topics, SK_SLICE("peer"));
        for (unsigned i = 0; i < 1000; i++) {
                char peer[] = {'p', (char)('0' + i / 100), (char)('0' + i / 10 % 10), (char)('0' + i % 10)};
                assert_non_null(sk_topics_calls_to(topics, (sk_slice){peer, sizeof(peer)}));
        }
        assert_int_equal(sk_topics_count(topics), 1006);
        assert_ptr_equal(sk_topics_find(topics, SK_SLICE("ssc.network.calls.peer")), first);
}

static void test_a_peer_with_an_impossible_name_has_no_topics(void **state) {
        static const char *const names[] = {"",
                                            "Finance",
                                            "../etc",
                                            "a.b",
                                            "a b",
                                            "a\nb",
                                            "-a",
                                            "9a",
                                            "a_b",
                                            "a/b\x1b",
                                            "a2345678901234567890123456789012345678901"};
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                assert_null(sk_topics_calls_from(*state, sk_slice_of(names[i])));
        assert_int_equal(sk_topics_count(*state), 5);
}

static bool make_and_intern(void *context) {
        (void)context;
        sk_topics *topics = sk_topics_new(SK_SLICE("ssc"), SK_SLICE("network"));
        if (topics == NULL)
                return false;
        const sk_topic *topic = sk_topics_calls_from(topics, SK_SLICE("finance"));
        const sk_topic *again = sk_topics_calls_from(topics, SK_SLICE("finance"));
        assert_true(topic == NULL || topic == again);
        sk_topics_free(topics);
        return topic != NULL;
}

static void test_without_memory_nothing_is_given_and_nothing_is_lost(void **state) {
        (void)state;
        failing_alloc_each(make_and_intern, NULL);
}

static void test_names_are_taken_apart(void **state) {
        (void)state;
        static const struct {
                const char *name;
                bool is_topic;
                sk_topic_kind kind;
                const char *peer;
        } cases[] = {
                {"ssc.network.calls.finance", true, SK_TOPIC_CALLS, "finance"},
                {"ssc.network.feedback.finance", true, SK_TOPIC_FEEDBACK, "finance"},
                {"ssc.network.work", true, SK_TOPIC_WORK, NULL},
                {"ssc.network.journal", true, SK_TOPIC_JOURNAL, NULL},
                {"ssc.network.events", true, SK_TOPIC_EVENTS, NULL},
                {"ssc.network.archive", true, SK_TOPIC_ARCHIVE, NULL},
                {"ssc.network.deadletter", true, SK_TOPIC_DEADLETTER, NULL},
                {"ssc.network.calls", false, 0, NULL},
                {"ssc.network.calls.", false, 0, NULL},
                {"ssc.network.calls.finance.x", false, 0, NULL},
                {"ssc.network.work.finance", false, 0, NULL},
                {"ssc.network.work.", false, 0, NULL},
                {"ssc.network.other", false, 0, NULL},
                {"ssc.network", false, 0, NULL},
                {"ssc..work", false, 0, NULL},
                {".network.work", false, 0, NULL},
                {"ssc.Network.work", false, 0, NULL},
                {"", false, 0, NULL},
                {"...", false, 0, NULL},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_slice chain = SK_NONE;
                sk_slice team = SK_NONE;
                sk_slice peer = SK_NONE;
                sk_topic_kind kind = SK_TOPIC_KINDS;
                bool is_topic = sk_topic_parse(sk_slice_of(cases[i].name), &chain, &team, &kind, &peer);
                assert_int_equal(is_topic, cases[i].is_topic);
                if (!is_topic) {
                        assert_int_equal(kind, SK_TOPIC_KINDS);
                        continue;
                }
                assert_true(sk_slice_is(chain, "ssc") && sk_slice_is(team, "network"));
                assert_int_equal(kind, cases[i].kind);
                assert_true(sk_slice_equal(peer, sk_slice_of(cases[i].peer)));
        }
}

#define WITH_TOPICS(test) cmocka_unit_test_setup_teardown(test, make_topics, free_topics)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_TOPICS(test_a_team_has_five_topics_of_its_own_and_reads_work),
                WITH_TOPICS(test_a_pair_has_a_topic_each_way_in_both_roles),
                WITH_TOPICS(test_a_topic_is_interned_once_and_found_by_its_name),
                WITH_TOPICS(test_topics_stay_good_while_the_table_grows),
                WITH_TOPICS(test_a_peer_with_an_impossible_name_has_no_topics),
                cmocka_unit_test(test_without_memory_nothing_is_given_and_nothing_is_lost),
                cmocka_unit_test(test_names_are_taken_apart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
