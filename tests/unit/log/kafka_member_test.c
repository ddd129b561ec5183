#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <poll.h>
#include <stdio.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* after the other */

#include "event/topics.h"
#include "log/kafka_member.h"

/* A member of a group with what it reads, how far it is, and what it knows of its brokers; the brokers are mock ones. */

#define RECORDS 100
#define RECORDS_SLOW 3000 /* minutes of fetching, if anybody waited for them all */
#define WAIT_MS 60000

typedef struct mock {
        rd_kafka_t *host; /* of the mock brokers; writes as well */
        rd_kafka_mock_cluster_t *cluster;
        sk_topics *topics;
        const sk_topic *work;
        sk_kafka_settings settings;
        sk_kafka_member *member;
} mock;

static void topic_fill(mock *m, int32_t partition, unsigned count) {
        for (unsigned i = 0; i < count; i++) {
                int error =
                        rd_kafka_producev(m->host, RD_KAFKA_V_TOPIC(m->work->name.at), RD_KAFKA_V_PARTITION(partition),
                                          RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_END);
                assert_int_equal(error, RD_KAFKA_RESP_ERR_NO_ERROR);
        }
        assert_int_equal(rd_kafka_flush(m->host, WAIT_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* With properties by which few records are fetched in advance, and a second passes between fetches; or without. */
static void mock_open(mock *m, bool is_slow) {
        static const sk_kafka_property slow[] = {{"queued.min.messages", "1"}, {"fetch.message.max.bytes", "600"}};
        char why[SK_KAFKA_WHY_MAX] = "";
        char reason[256];

        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        (void)rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
        (void)rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", reason, sizeof(reason));
        (void)rd_kafka_conf_set(conf, "batch.num.messages", "10", reason, sizeof(reason));
        *m = (mock){.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason))};
        assert_non_null(m->host);
        m->cluster = rd_kafka_handle_mock_cluster(m->host);
        m->topics = sk_topics_new(SK_SLICE("test"), SK_SLICE("desk"));
        m->work = sk_topics_own(m->topics, SK_TOPIC_WORK);
        assert_int_equal(rd_kafka_mock_topic_create(m->cluster, m->work->name.at, 2, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
        topic_fill(m, 0, is_slow ? RECORDS_SLOW : RECORDS);
        m->settings = (sk_kafka_settings){.brokers = rd_kafka_mock_cluster_bootstraps(m->cluster),
                                          .properties = slow,
                                          .property_count = is_slow ? 2 : 0,
                                          .chain = SK_SLICE("test"),
                                          .team = SK_SLICE("desk"),
                                          .instance = SK_SLICE("a")};
        if (sk_kafka_member_new(&m->settings, m->work->name, 2, why, &m->member) != SK_OK)
                fail_msg("%s", why);
}

static void mock_close(mock *m) {
        rd_kafka_destroy_flags(sk_kafka_member_close(m->member), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        sk_topics_free(m->topics);
        rd_kafka_destroy(m->host);
}

static void news_await(mock *m, sk_kafka_news *out) {
        for (int waited = 0; !sk_kafka_member_news(m->member, out); waited++) {
                struct pollfd wait = {.fd = sk_kafka_member_fd(m->member), .events = POLLIN};
                if (waited > WAIT_MS / 10)
                        fail_msg("no more news");
                (void)poll(&wait, 1, 10);
                sk_kafka_member_drain(m->member);
        }
}

static void kind_await(mock *m, sk_kafka_news_kind kind, sk_kafka_news *out) {
        do
                news_await(m, out);
        while (out->kind != kind);
}

/* Both partitions, from their beginnings. */
static void read_begin(mock *m) {
        sk_kafka_news news;

        kind_await(m, SK_KAFKA_ASSIGNED, &news);
        assert_int_equal(news.partition_count, 2);
        for (int32_t p = 0; p < 2; p++) {
                sk_position position = {.topic = m->work, .partition = p, .next_offset = 0};
                assert_int_equal(sk_kafka_member_place(m->member, &position), SK_OK);
        }
        sk_kafka_member_flow(m->member);
}

static void committed(mock *m, int64_t next_offset) {
        sk_position position = {.topic = m->work, .partition = 0, .next_offset = next_offset};
        sk_kafka_member_done(m->member, &position);
}

static void test_it_has_caught_up_when_the_last_of_what_was_there_is_committed(void **state) {
        sk_kafka_news news;
        mock m;

        (void)state;
        mock_open(&m, false);
        read_begin(&m);
        for (int64_t i = 0; i < RECORDS; i++) {
                assert_false(sk_kafka_member_has_caught_up(m.member));
                kind_await(&m, SK_KAFKA_RECORD, &news);
                assert_int_equal(news.record.offset, i);
                committed(&m, i);
        }
        /* That a partition is empty is found as well, and is no news. */
        kind_await(&m, SK_KAFKA_ALIVE, &news);
        assert_false(sk_kafka_member_has_caught_up(m.member));
        committed(&m, RECORDS);
        assert_true(sk_kafka_member_has_caught_up(m.member));
        /* What comes later is nothing to catch up with. */
        topic_fill(&m, 0, 1);
        kind_await(&m, SK_KAFKA_RECORD, &news);
        assert_true(sk_kafka_member_has_caught_up(m.member));
        mock_close(&m);
}

static void test_what_was_not_fetched_when_statistics_came_is_lag(void **state) {
        const sk_kafka_member_numbers *numbers;
        sk_kafka_news news;
        mock m;

        (void)state;
        mock_open(&m, true);
        read_begin(&m);
        numbers = sk_kafka_member_count(m.member);
        assert_int_equal(numbers->lag[SK_TOPIC_WORK], 0);
        do
                kind_await(&m, SK_KAFKA_ALIVE, &news);
        while (sk_kafka_member_next(m.member, m.work, 0) == 0);
        assert_int_equal(numbers->lag[SK_TOPIC_WORK], RECORDS_SLOW - sk_kafka_member_next(m.member, m.work, 0));
        assert_true(numbers->lag[SK_TOPIC_WORK] > 0);
        assert_int_equal(numbers->stats.brokers, 1);
        assert_int_equal(numbers->stats.brokers_up, 1);
        mock_close(&m);
}

static void test_there_is_no_lag_when_all_was_fetched(void **state) {
        sk_kafka_news news;
        mock m;

        (void)state;
        mock_open(&m, false);
        read_begin(&m);
        do
                kind_await(&m, SK_KAFKA_RECORD, &news);
        while (news.record.offset < RECORDS - 1);
        /* The first may have been made before the last fetch. */
        for (unsigned i = 0; i == 0 || (i < 10 && sk_kafka_member_count(m.member)->lag[SK_TOPIC_WORK] > 0); i++)
                kind_await(&m, SK_KAFKA_ALIVE, &news);
        assert_int_equal(sk_kafka_member_count(m.member)->lag[SK_TOPIC_WORK], 0);
        mock_close(&m);
}

static void test_what_is_held_is_nothing_to_catch_up_with(void **state) {
        mock m;

        (void)state;
        mock_open(&m, false);
        read_begin(&m);
        assert_false(sk_kafka_member_has_caught_up(m.member));
        sk_kafka_member_hold(m.member, true, true);
        assert_true(sk_kafka_member_has_caught_up(m.member));
        sk_kafka_member_hold(m.member, false, false);
        assert_false(sk_kafka_member_has_caught_up(m.member));
        mock_close(&m);
}
#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_it_has_caught_up_when_the_last_of_what_was_there_is_committed),
                cmocka_unit_test(test_what_was_not_fetched_when_statistics_came_is_lag),
                cmocka_unit_test(test_there_is_no_lag_when_all_was_fetched),
                cmocka_unit_test(test_what_is_held_is_nothing_to_catch_up_with),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_member", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
