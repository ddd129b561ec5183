#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef SK_HAVE_RDKAFKA
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/when.h"
#include "log/kafka_restorer.h"
#include "support/kafka_foreign.h"
#include "support/kafka_links.h"

/* What is read of a real broker beside the links' own reading: by people's tools, and stubs out of a journal. */

#define LIMIT_MS 60000
#define OLD 200 /* records of a journal that lie far behind */

static kafka_links f;

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* ---- tools ---- */

static void test_a_link_that_runs_is_one_of_its_chain(void **state) {
        static const struct {
                const char *chain;
                const char *team;
                bool is_run;
        } cases[] = {
                {"production", "provider", true},
                {"production", "customer", false},
                {"trial", "provider", false},
        };

        (void)state;
        kafka_links_chain(&f, "pair", "trial", "");
        kafka_links_end(&f);
        kafka_links_chain(&f, "pair", "production", "");
        (void)kafka_links_start(&f, "provider", "a", NULL);
        kafka_links_await_ready(&f);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                bool is_run = sk_log_tool_is_run(f.tool, sk_slice_of(cases[i].chain), sk_slice_of(cases[i].team));
                if (is_run != cases[i].is_run)
                        fail_msg("%s of %s is %sseen to run", cases[i].team, cases[i].chain, is_run ? "" : "not ");
        }
        kafka_links_stop(&f);
}

/* Keys would be looked for on the wrong partition, were those of another chain counted. */
static void test_each_chain_of_a_cluster_has_its_own_number_of_partitions(void **state) {
        static const char *const chains[] = {"wide", "narrow"};
        int32_t counts[2] = {0};

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                kafka_links_chain(&f, "pair", chains[i], i == 0 ? "\"partitions\": 5" : "\"partitions\": 2");
                kafka_links_end(&f);
        }
        for (size_t i = 0; i < 2; i++) {
                char why[SK_LOG_WHY_MAX] = "";
                sk_log_tool *tool = NULL;
                if (sk_log_tool_open_with(&(sk_log_tool_config){.url = f.cluster.url, .chain = sk_slice_of(chains[i])},
                                          why, &tool) != SK_OK)
                        fail_msg("%s", why);
                counts[i] = sk_log_tool_partitions(tool);
                sk_log_tool_free(tool);
        }
        assert_int_equal(counts[0], 5);
        assert_int_equal(counts[1], 2);
}

/* Groups and transactional ids begin with the prefix, topics do not. */
static void test_a_chain_with_a_prefix_works_and_is_found_under_it(void **state) {
        static const call_place place = {"prefixed", "customer", "provider", "facility"};
        static const sk_chain_property prefix = {SK_SLICE(SK_KAFKA_PREFIX), SK_SLICE("trial.")};
        const sk_log_tool_config config = {.url = f.cluster.url, .properties = &prefix, .property_count = 1};
        char why[SK_LOG_WHY_MAX] = "";
        sk_log_tool *tool = NULL;
        raised_call call;

        (void)state;
        kafka_links_chain(&f, "pair", "prefixed", "\"kafka\": {\"schakel.prefix\": \"trial.\"}");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        (void)kafka_links_start(&f, "provider", "a", NULL);
        kafka_links_await_ready(&f);
        call_raise_at(f.tool, &place, 1, &call);
        records_await(f.tool, "prefixed.customer.feedback.provider", "feedback.closed", 1);
        if (sk_log_tool_open_with(&config, why, &tool) != SK_OK)
                fail_msg("%s", why);
        assert_true(sk_log_tool_is_run(tool, SK_SLICE("prefixed"), SK_SLICE("provider")));
        assert_false(sk_log_tool_is_run(f.tool, SK_SLICE("prefixed"), SK_SLICE("provider")));
        sk_log_tool_free(tool);
        kafka_links_stop(&f);
}

static bool topic_take(void *self, const sk_log_topic_info *info) {
        sk_slice *topics = self;

        while (sk_slice_there(*topics))
                topics++;
        *topics = (sk_slice){strdup(info->topic.at), info->topic.len};
        return true;
}

/* As `schakel watch` does with a large chain: all ends are asked for, then it waits. */
static void test_a_tool_waits_for_any_number_of_partitions(void **state) {
        static sk_slice topics[1000]; /* one entry for each partition */
        kafka_foreign *client = NULL;
        size_t count = 0;
        int64_t end;

        (void)state;
        kafka_links_chain(&f, "automatic", "watched", "");
        assert_int_equal(sk_log_tool_topics(f.tool, SK_SLICE("watched."), topic_take, topics), SK_OK);
        for (; sk_slice_there(topics[count]); count++)
                assert_int_equal(sk_log_tool_end(f.tool, topics[count], (int32_t)(count % 4), &end), SK_OK);
        assert_true(count > 100);
        assert_false(sk_log_tool_wait(f.tool, 0));
        client = kafka_foreign_new(f.cluster.brokers, "none");
        for (size_t i = 0; i < count; i += count - 1) { /* the first that was asked for, and the last */
                (void)kafka_foreign_put(client, &(foreign_record){.topic = topics[i].at,
                                                                  .partition = (int32_t)(i % 4),
                                                                  .key = SK_SLICE("k"),
                                                                  .headers = SK_SLICE(""),
                                                                  .value = SK_SLICE("v")});
                assert_true(sk_log_tool_wait(f.tool, LIMIT_MS));
                assert_false(sk_log_tool_wait(f.tool, 0));
        }
        kafka_foreign_free(client);
        for (size_t i = 0; i < count; i++)
                free((void *)(uintptr_t)topics[i].at);
}

static bool offset_take(void *self, const sk_log_entry *entry) {
        *(int64_t *)self = entry->offset;
        return false;
}

/* Retention goes on while a tool looks: it goes on behind what was taken away. */
static void test_a_tool_reads_from_the_first_record_that_is_there(void **state) {
        static const struct {
                int64_t from;
                int64_t first;
        } cases[] = {{0, 3}, {1, 3}, {3, 3}, {4, 4}, {5, -1}};
        const foreign_record record = {.topic = "shortened.provider.work",
                                       .partition = 1,
                                       .key = SK_SLICE("k"),
                                       .headers = SK_SLICE(""),
                                       .value = SK_SLICE("v")};

        (void)state;
        kafka_links_chain(&f, "pair", "shortened", "");
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        for (int i = 0; i < 5; i++)
                (void)kafka_foreign_put(client, &record);
        kafka_foreign_delete(client, record.topic, 1, 3);
        kafka_foreign_free(client);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const sk_log_read read = {
                        .topic = sk_slice_of(record.topic), .partition = 1, .from_offset = cases[i].from};
                int64_t first = -1;
                assert_int_equal(sk_log_tool_read(f.tool, &read, offset_take, &first, NULL), SK_OK);
                assert_int_equal(first, cases[i].first);
        }
}

/* ---- stubs ---- */

static void journal_put(kafka_foreign *client, const char *key, const char *value, int64_t time_us) {
        (void)kafka_foreign_put(client, &(foreign_record){.topic = kafka_links_topic(&f, "provider.journal"),
                                                          .partition = 1,
                                                          .key = sk_slice_of(key),
                                                          .headers = SK_SLICE(""),
                                                          .value = value == NULL ? SK_NONE : sk_slice_of(value),
                                                          .time_us = time_us});
}

static sk_kafka_piece *piece_await(sk_kafka_restorer *restorer) {
        sk_kafka_piece *piece;

        while ((piece = sk_kafka_restorer_take(restorer)) == NULL) {
                struct pollfd wait = {.fd = sk_kafka_restorer_fd(restorer), .events = POLLIN};
                assert_int_equal(poll(&wait, 1, LIMIT_MS), 1);
        }
        return piece;
}

static const struct stub {
        const char *key;
        int64_t days_ago; /* what is said of it; -1: nothing is */
        const char *value;
        int64_t from_offset;
} stubs[] = {
        {"today", 0, "what holds", OLD}, {"changed", 0, "later", OLD}, {"gone", 0, NULL, 0}, {"never", 0, NULL, 0},
        {"old", 5, "long ago", 0},       {"old", 0, "long ago", 0}, /* said to be of today, and it is not */
        {"today", 5, "what holds", 0},                              /* the other way round */
        {"today", -1, "what holds", 0},
};

static void test_a_stub_is_read_from_about_when_its_call_closed(void **state) {
        int64_t now_us = clock_us();
        sk_kafka_restorer *restorer = NULL;

        (void)state;
        kafka_links_chain(&f, "pair", "stubs", "");
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        for (int i = 0; i < OLD; i++)
                journal_put(client, i == 7 ? "old" : i == 8 ? "changed" : "other", "long ago", now_us - 5 * SK_DAY_US);
        journal_put(client, "changed", "earlier", now_us);
        journal_put(client, "today", "what holds", now_us);
        journal_put(client, "gone", "was there", now_us);
        journal_put(client, "changed", "later", now_us);
        journal_put(client, "gone", NULL, now_us);
        kafka_foreign_free(client);

        sk_kafka_settings settings = {.brokers = f.cluster.brokers,
                                      .chain = sk_slice_of(f.chain),
                                      .team = SK_SLICE("provider"),
                                      .instance = SK_SLICE("a")};
        assert_int_equal(sk_kafka_restorer_new(&settings, 4, &restorer), SK_OK);
        for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
                const struct stub *stub = &stubs[i];
                int64_t since_us = stub->days_ago < 0 ? 0 : now_us - stub->days_ago * SK_DAY_US;
                assert_int_equal(sk_kafka_restorer_stub(restorer, 1, sk_slice_of(stub->key), since_us), SK_OK);
                sk_kafka_piece *piece = piece_await(restorer);
                assert_int_equal(piece->kind, SK_KAFKA_STUB);
                sk_record found = sk_kafka_piece_record(piece, 0);
                assert_int_equal(sk_slice_there(found.value), stub->value != NULL);
                if (stub->value != NULL && !sk_slice_is(found.value, stub->value))
                        fail_msg("%s is %.*s", stub->key, (int)found.value.len, found.value.at);
                assert_int_equal(piece->end_offset, stub->from_offset);
                sk_kafka_restorer_give(restorer, piece);
        }
        sk_kafka_restorer_free(restorer);
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_up(&f, 1);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, end_of_test)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_link_that_runs_is_one_of_its_chain),
                TEST(a_chain_with_a_prefix_works_and_is_found_under_it),
                TEST(each_chain_of_a_cluster_has_its_own_number_of_partitions),
                TEST(a_tool_waits_for_any_number_of_partitions),
                TEST(a_tool_reads_from_the_first_record_that_is_there),
                TEST(a_stub_is_read_from_about_when_its_call_closed),
        };

        return cmocka_run_group_tests_name("kafka_tool", tests, setup, teardown);
}

#else

int main(void) {
        print_message("built without librdkafka\n");
        return 77;
}

#endif
