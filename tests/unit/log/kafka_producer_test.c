#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <inttypes.h>
#include <stdio.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* after the other */

#include "event/topics.h"
#include "log/kafka_producer.h"

/*
 * What becomes of a batch under each error that a broker may answer with (rule T5). librdkafka's mock brokers answer;
 * they keep no promise about transactions, which is not what is tested here.
 */

enum {
        PRODUCE = 0,
        COORDINATOR = 10,
        INIT = 22,
        PARTITIONS = 24,
        OFFSETS = 25,
        END = 26,
        GROUP = 28
}; /* requests, by Kafka's numbers */

#define ERRORS_MAX 4
#define CALL_MS 4000
#define TRIES_MAX 500 /* librdkafka remembers a refusal of a topic until it looks at it again */

typedef struct mock {
        rd_kafka_t *host;
        rd_kafka_mock_cluster_t *cluster;
        sk_topics *topics;
        sk_kafka_settings settings;
        sk_kafka_producer *producer;
        atomic_bool is_stopping;
        rd_kafka_consumer_group_metadata_t *group;
        sk_record records[2];
        sk_position offset;
        sk_batch batch;
        char why[SK_KAFKA_WHY_MAX];
} mock;

/* When a transaction begins, and how old it is when anybody asks later. */
static uint64_t age_us;
static bool has_begun;

static uint64_t clock_us(void) {
        uint64_t now_us = 1 + (has_begun ? age_us : 0);

        has_begun = true;
        return now_us;
}

static void batch_make(mock *m) {
        static const sk_record journal = {.partition = 1, .key = {"mark", 4}, .headers = {"", 0}, .value = {"m", 1}};
        static const sk_record event = {.partition = 2, .key = {"k", 1}, .headers = {"", 0}, .value = {"v", 1}};

        m->records[0] = journal;
        m->records[0].topic = sk_topics_own(m->topics, SK_TOPIC_JOURNAL);
        m->records[1] = event;
        m->records[1].topic = sk_topics_own(m->topics, SK_TOPIC_EVENTS);
        m->offset = (sk_position){.topic = sk_topics_own(m->topics, SK_TOPIC_WORK), .partition = 1, .next_offset = 7};
        m->batch = (sk_batch){.number = 1,
                              .generation = 1,
                              .records = m->records,
                              .record_count = 2,
                              .offsets = &m->offset,
                              .offset_count = 1};
}

static void mock_open(mock *m, const sk_kafka_property *properties, size_t count) {
        char reason[256];
        static const sk_topic_kind own[] = {SK_TOPIC_WORK, SK_TOPIC_JOURNAL, SK_TOPIC_EVENTS};

        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        (void)rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
        *m = (mock){.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason))};
        assert_non_null(m->host);
        m->cluster = rd_kafka_mock_cluster_new(m->host, 1);
        assert_non_null(m->cluster);
        m->topics = sk_topics_new(SK_SLICE("test"), SK_SLICE("desk"));
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
                assert_int_equal(
                        rd_kafka_mock_topic_create(m->cluster, sk_topics_own(m->topics, own[i])->name.at, 4, 1),
                        RD_KAFKA_RESP_ERR_NO_ERROR);
        m->settings = (sk_kafka_settings){.brokers = rd_kafka_mock_cluster_bootstraps(m->cluster),
                                          .properties = properties,
                                          .property_count = count,
                                          .chain = SK_SLICE("test"),
                                          .team = SK_SLICE("desk"),
                                          .instance = SK_SLICE("a")};
        atomic_init(&m->is_stopping, false);
        sk_kafka_producer_config config = {.settings = &m->settings,
                                           .is_stopping = &m->is_stopping,
                                           .run = "run",
                                           .call_ms = CALL_MS,
                                           .now_us = clock_us};
        if (sk_kafka_producer_new(&config, m->why, &m->producer) != SK_OK)
                fail_msg("%s", m->why);
        m->group = rd_kafka_consumer_group_metadata_new("test.desk");
        batch_make(m);
}

static void mock_ready(mock *m) {
        mock_open(m, NULL, 0);
        if (sk_kafka_producer_init(m->producer, m->why) != SK_OK)
                fail_msg("%s", m->why);
}

static void mock_close(mock *m) {
        sk_kafka_producer_free(m->producer);
        rd_kafka_consumer_group_metadata_destroy(m->group);
        sk_topics_free(m->topics);
        rd_kafka_mock_cluster_destroy(m->cluster);
        rd_kafka_destroy(m->host);
}

static sk_err commit(mock *m) {
        m->why[0] = '\0';
        has_begun = false;
        return sk_kafka_producer_commit(m->producer, &m->batch, m->group, m->why);
}

/* One line a case: which request is answered how, how often, and what that means for the batch. */
static const struct reaction {
        int16_t request;
        size_t times;
        rd_kafka_resp_err_t error;
        sk_err result;
} reactions[] = {
        {COORDINATOR, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {COORDINATOR, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {PARTITIONS, 2, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, SK_OK},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, SK_OK},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, SK_OK},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, SK_OK},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, SK_ERR_ABORTED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, SK_ERR_ABORTED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED, SK_ERR_ABORTED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, SK_ERR_LOST},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {PARTITIONS, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, SK_OK},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_MSG, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_RECORD, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {PRODUCE, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, SK_ERR_LOST},
        {OFFSETS, 2, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, SK_OK},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, SK_OK},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, SK_OK},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, SK_ERR_ABORTED},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, SK_ERR_LOST},
        {OFFSETS, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {GROUP, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, SK_OK},
        {GROUP, 1, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, SK_OK},
        {GROUP, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {GROUP, 1, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, SK_OK},
        {GROUP, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, SK_OK},
        {GROUP, 1, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, SK_ERR_LOST},
        {GROUP, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {GROUP, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {GROUP, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, SK_ERR_LOST},
        {GROUP, 1, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, SK_ERR_LOST},
        {END, 2, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, SK_OK},
        {END, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {END, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, SK_OK},
        {END, 1, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, SK_OK},
        {END, 1, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
        {END, 1, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, SK_ERR_LOST},
        {END, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {END, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, SK_ERR_LOST},
        {END, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {END, 1, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_LOST},
        {END, 1, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, SK_ERR_LOST},
};

static void react(const struct reaction *reaction) {
        rd_kafka_resp_err_t errors[ERRORS_MAX];
        mock m;

        mock_ready(&m);
        for (size_t i = 0; i < reaction->times; i++)
                errors[i] = reaction->error;
        rd_kafka_mock_push_request_errors_array(m.cluster, reaction->request, reaction->times, errors);
        sk_err result = commit(&m);
        if (result != reaction->result)
                fail_msg("request %d answered with %s: %s, expected %s; %s", reaction->request,
                         rd_kafka_err2name(reaction->error), sk_err_name(result), sk_err_name(reaction->result), m.why);
        assert_true(result == SK_OK || m.why[0] != '\0');
        /* What was aborted is written by trying the same bytes again. */
        for (unsigned tries = 0; result == SK_ERR_ABORTED && tries < TRIES_MAX; tries++) {
                (void)rd_kafka_poll(m.host, 20);
                result = commit(&m);
        }
        if (result != reaction->result && result != SK_OK)
                fail_msg("request %d answered with %s, then again: %s", reaction->request,
                         rd_kafka_err2name(reaction->error), m.why);
        mock_close(&m);
}

static void test_each_error_of_a_broker_has_its_reaction(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(reactions) / sizeof(reactions[0]); i++)
                react(&reactions[i]);
}

/*
 * A rival, or a transaction that the coordinator has ended because of its time-out: it says the same. What tells them
 * apart is whether the time-out can be up (rule T5).
 */
static const struct fence {
        int16_t request;
        const char *timeout_ms; /* as the chain has it; NULL: as rule T1 says */
        uint64_t age_us;
        rd_kafka_resp_err_t error;
        sk_err result;
} fences[] = {
        {END, NULL, 0, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {END, NULL, 29999999, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {END, NULL, 30000000, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_LOST},
        {END, NULL, 29999999, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {END, NULL, 30000000, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_LOST},
        {END, "60000", 59999999, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {END, "60000", 60000000, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_LOST},
        {PRODUCE, NULL, 29999999, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {PRODUCE, NULL, 30000000, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_LOST},
        {PARTITIONS, NULL, 29999999, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {PARTITIONS, NULL, 30000000, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_LOST},
        {OFFSETS, NULL, 29999999, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
        {GROUP, NULL, 29999999, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {END, NULL, 30000000, RD_KAFKA_RESP_ERR_NO_ERROR, SK_OK},
        {OFFSETS, NULL, 30000000, RD_KAFKA_RESP_ERR_UNKNOWN, SK_ERR_ABORTED},
};

static void test_who_is_fenced_before_the_time_out_can_be_up_has_a_rival(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(fences) / sizeof(fences[0]); i++) {
                const struct fence *fence = &fences[i];
                sk_kafka_property property = {"transaction.timeout.ms", (char *)(uintptr_t)fence->timeout_ms};
                mock m;
                age_us = fence->age_us;
                mock_open(&m, &property, fence->timeout_ms == NULL ? 0 : 1);
                if (sk_kafka_producer_init(m.producer, m.why) != SK_OK)
                        fail_msg("%s", m.why);
                rd_kafka_mock_push_request_errors_array(m.cluster, fence->request, 1, &fence->error);
                sk_err result = commit(&m);
                if (result != fence->result)
                        fail_msg("request %d answered with %s after %" PRIu64 " us: %s; %s", fence->request,
                                 rd_kafka_err2name(fence->error), fence->age_us, sk_err_name(result), m.why);
                mock_close(&m);
        }
        age_us = 0;
}

static void test_a_fence_that_only_asking_again_tells_of_is_as_old_as_its_transaction(void **state) {
        mock m;

        (void)state;
        mock_ready(&m);
        assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(
                                 m.cluster, 1, END, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, CALL_MS + CALL_MS / 2),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_int_equal(commit(&m), SK_ERR_UNKNOWN_OUTCOME);
        age_us = 30000000;
        assert_int_equal(sk_kafka_producer_recommit(m.producer, m.why), SK_ERR_LOST);
        age_us = 0;
        mock_close(&m);
}

static void test_a_commit_without_an_answer_is_unknown_until_it_is_asked_about_again(void **state) {
        mock m;

        (void)state;
        mock_ready(&m);
        /* The answer comes later than a call lasts. */
        assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(m.cluster, 1, END, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                                      CALL_MS + CALL_MS / 2),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_int_equal(commit(&m), SK_ERR_UNKNOWN_OUTCOME);
        assert_int_equal(sk_kafka_producer_recommit(m.producer, m.why), SK_OK);
        assert_int_equal(commit(&m), SK_OK);
        mock_close(&m);
}

/* The same of the beginning: what becomes of a producer that registers. */
static const struct registration {
        rd_kafka_resp_err_t error;
        sk_err result;
} registrations[] = {
        {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, SK_OK},
        {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, SK_OK},
        {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, SK_OK},
        {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, SK_OK},
        {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SK_ERR_CONFIG},
        {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, SK_ERR_FENCED},
        {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, SK_ERR_FENCED},
        {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, SK_ERR_FENCED},
        {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, SK_ERR_FENCED},
};

static void test_each_error_at_the_registration_has_its_reaction(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(registrations) / sizeof(registrations[0]); i++) {
                mock m;
                mock_open(&m, NULL, 0);
                rd_kafka_mock_push_request_errors_array(m.cluster, INIT, 1, &registrations[i].error);
                sk_err result = sk_kafka_producer_init(m.producer, m.why);
                const char *name = rd_kafka_err2name(registrations[i].error);
                if (result != registrations[i].result)
                        fail_msg("%s: %s, expected %s; %s", name, sk_err_name(result),
                                 sk_err_name(registrations[i].result), m.why);
                assert_true(result == SK_OK || m.why[0] != '\0');
                if (result == SK_ERR_CONFIG)
                        assert_non_null(strstr(m.why, name));
                mock_close(&m);
        }
}

static void test_topics_must_be_there_with_the_right_number_of_partitions(void **state) {
        static const sk_slice there[] = {{"test.desk.work", 14}, {"test.desk.journal", 17}};
        static const sk_slice missing[] = {{"test.desk.work", 14}, {"test.nobody.work", 16}};
        mock m;

        (void)state;
        mock_open(&m, NULL, 0);
        rd_kafka_mock_topic_set_error(m.cluster, "test.nobody.work", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        assert_int_equal(sk_kafka_producer_look(m.producer, there, 2, 4, m.why), SK_OK);
        assert_int_equal(sk_kafka_producer_look(m.producer, there, 2, 3, m.why), SK_ERR_CONFLICT);
        assert_non_null(strstr(m.why, "test.desk.work has 4 partitions and the chain 3"));
        assert_int_equal(sk_kafka_producer_look(m.producer, missing, 2, 4, m.why), SK_ERR_NOT_FOUND);
        assert_non_null(strstr(m.why, "test.nobody.work"));
        mock_close(&m);
}

#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_error_of_a_broker_has_its_reaction),
                cmocka_unit_test(test_who_is_fenced_before_the_time_out_can_be_up_has_a_rival),
                cmocka_unit_test(test_a_fence_that_only_asking_again_tells_of_is_as_old_as_its_transaction),
                cmocka_unit_test(test_a_commit_without_an_answer_is_unknown_until_it_is_asked_about_again),
                cmocka_unit_test(test_each_error_at_the_registration_has_its_reaction),
                cmocka_unit_test(test_topics_must_be_there_with_the_right_number_of_partitions),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_producer", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
