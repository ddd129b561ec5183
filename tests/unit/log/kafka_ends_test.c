#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* after the other */

#include "log/kafka_ends.h"
#include "log/kafka_settings.h"

/* Where a partition ends is asked of its leader, and leaders change. librdkafka's mock brokers change them. */

#define BROKERS 2
#define TOPIC "test.desk.journal"
#define CALL_MS 300
#define TRIES 100

typedef struct mock {
        rd_kafka_t *host;
        rd_kafka_mock_cluster_t *cluster;
        rd_kafka_t *client;
} mock;

static void lead(const mock *m, int32_t broker) {
        assert_int_equal(rd_kafka_mock_partition_set_leader(m->cluster, TOPIC, 1, broker), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static rd_kafka_resp_err_t ask(const mock *m) {
        int64_t low = -1;
        int64_t end = -1;

        return sk_kafka_ends_once(m->client, TOPIC, 1, CALL_MS, &low, &end);
}

/* One that is known: broker 1 leads, and the client has asked it. */
static void mock_open(mock *m, sk_kafka_role role) {
        char reason[256];
        char why[SK_KAFKA_WHY_MAX] = "";
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
        m->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
        m->cluster = rd_kafka_mock_cluster_new(m->host, BROKERS);
        assert_int_equal(rd_kafka_mock_topic_create(m->cluster, TOPIC, 4, BROKERS), RD_KAFKA_RESP_ERR_NO_ERROR);
        lead(m, 1);
        const sk_kafka_settings settings = {.brokers = rd_kafka_mock_cluster_bootstraps(m->cluster),
                                            .chain = SK_SLICE("test"),
                                            .team = SK_SLICE("desk"),
                                            .instance = SK_SLICE("a")};
        if (sk_kafka_client_new(&settings, role, NULL, why, &m->client) != SK_OK)
                fail_msg("%s", why);
        assert_int_equal(ask(m), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void mock_close(mock *m) {
        rd_kafka_destroy(m->client);
        rd_kafka_mock_cluster_destroy(m->cluster);
        rd_kafka_destroy(m->host);
}

static void check_found(const mock *m) {
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_UNKNOWN;

        for (unsigned i = 0; i < TRIES && error != RD_KAFKA_RESP_ERR_NO_ERROR; i++)
                error = ask(m);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail_msg("asked %u times: %s", TRIES, rd_kafka_err2name(error));
}

/* The link's watcher is a producer, the tool's reader a consumer. */
static const sk_kafka_role roles[] = {SK_KAFKA_WATCHER, SK_KAFKA_READER, SK_KAFKA_ADMIN};

static void test_another_leader_is_found(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
                mock m;
                mock_open(&m, roles[i]);
                lead(&m, 2);
                check_found(&m);
                mock_close(&m);
        }
}

static void test_another_leader_is_found_when_the_last_one_is_gone(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
                mock m;
                mock_open(&m, roles[i]);
                assert_int_equal(rd_kafka_mock_broker_set_down(m.cluster, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
                lead(&m, 2);
                check_found(&m);
                mock_close(&m);
        }
}

#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_another_leader_is_found),
                cmocka_unit_test(test_another_leader_is_found_when_the_last_one_is_gone),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_ends", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
