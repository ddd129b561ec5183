#include "bench/kafka/customer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/kafka/rig.h"
#include "bench/world.h"
#include "kit/hash.h"
#include "kit/when.h"
#include "log/kafka_record.h"

#define PARTITIONS 4
#define CALL_MS 60000
#define LOST_US (120 * SK_SECOND_US)

struct customer {
        rd_kafka_t *producer;
        rd_kafka_t *reader; /* of the feedback */
        sk_topics *topics;
        rd_kafka_topic_t *calls;
        const sk_topic *calls_topic;
        bool is_open; /* a transaction */
        char source[64];
        char values[2][WORLD_DATA_BYTES + 1];
        sk_buf headers;
        uint8_t salt[4];
        size_t raised;
        size_t first; /* of the calls that are measured */
        size_t left;
        int64_t *due_us;
        double *took_us;
        size_t count;
        const char *type;
};

static int64_t clock_us(clockid_t clock) {
        struct timespec now;

        (void)clock_gettime(clock, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* ---- making ---- */

static rd_kafka_t *client_new(rd_kafka_type_t type, const char *const (*properties)[2], size_t count) {
        char why[256];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        for (size_t i = 0; i < count; i++) {
                if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], why, sizeof(why)) != RD_KAFKA_CONF_OK)
                        bench_fail("%s: %s", properties[i][0], why);
        }
        rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof(why));
        if (client == NULL)
                bench_fail("librdkafka: %s", why);
        return client;
}

static void must(rd_kafka_error_t *error) {
        if (error != NULL)
                bench_fail("the customer: %s", rd_kafka_error_string(error));
}

static void producer_make(customer *c, const char *brokers, customer_way way) {
        char id[80];
        const char *const properties[][2] = {{"bootstrap.servers", brokers},
                                             {"linger.ms", way == CUSTOMER_AT_ONCE ? "5" : "0"},
                                             {"socket.nagle.disable", "true"},
                                             {"enable.idempotence", "true"},
                                             {"queue.buffering.max.kbytes", "1000000"},
                                             {"transactional.id", id},
                                             {"transaction.timeout.ms", "600000"}};
        size_t count = sizeof(properties) / sizeof(properties[0]) - (way == CUSTOMER_AT_ONCE ? 0 : 2);

        (void)snprintf(id, sizeof(id), "%s-bench", c->source);
        c->producer = client_new(RD_KAFKA_PRODUCER, properties, count);
        c->calls = rd_kafka_topic_new(c->producer, c->calls_topic->name.at, NULL);
        if (way == CUSTOMER_AT_ONCE)
                must(rd_kafka_init_transactions(c->producer, CALL_MS));
}

/* From where the feedback ends now. */
static void reader_make(customer *c, const char *brokers, const sk_topic *feedback) {
        const char *const properties[][2] = {{"bootstrap.servers", brokers},   {"group.id", "bench"},
                                             {"enable.auto.commit", "false"},  {"isolation.level", "read_committed"},
                                             {"socket.nagle.disable", "true"}, {"fetch.error.backoff.ms", "5"},
                                             {"auto.offset.reset", "error"}};
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
        int64_t low;

        c->reader = client_new(RD_KAFKA_CONSUMER, properties, sizeof(properties) / sizeof(properties[0]));
        (void)rd_kafka_poll_set_consumer(c->reader);
        for (int32_t p = 0; p < PARTITIONS; p++) {
                rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(list, feedback->name.at, p);
                if (rd_kafka_query_watermark_offsets(c->reader, feedback->name.at, p, &low, &at->offset, CALL_MS) !=
                    RD_KAFKA_RESP_ERR_NO_ERROR)
                        bench_fail("%s cannot be read", feedback->name.at);
        }
        (void)rd_kafka_assign(c->reader, list);
        rd_kafka_topic_partition_list_destroy(list);
}

static void values_make(customer *c) {
        world *w = world_new(WORLD_AUTOMATIC, PARTITIONS);

        for (size_t i = 0; i < 2; i++)
                (void)snprintf(c->values[i], sizeof(c->values[i]), "%s", w->raise);
        memcpy(strstr(c->values[CUSTOMER_BEAMER], "laptop"), "beamer", 6);
        world_free(w);
}

customer *customer_new(const char *brokers, const char *chain, customer_way way) {
        customer *c = calloc(1, sizeof(*c));

        if (c == NULL)
                bench_fail("no memory");
        c->topics = sk_topics_new(sk_slice_of(chain), SK_SLICE(RIG_CUSTOMER));
        c->calls_topic = sk_topics_calls_to(c->topics, SK_SLICE("link1"));
        c->headers = sk_buf_make(65536);
        (void)snprintf(c->source, sizeof(c->source), "/%.40s/" RIG_CUSTOMER, chain);
        int64_t salt = clock_us(CLOCK_REALTIME);
        memcpy(c->salt, &salt, sizeof(c->salt));
        values_make(c);
        producer_make(c, brokers, way);
        if (way == CUSTOMER_ONE_BY_ONE)
                reader_make(c, brokers, sk_topics_feedback_from(c->topics, SK_SLICE("link1")));
        return c;
}

void customer_free(customer *c) {
        rd_kafka_topic_destroy(c->calls);
        rd_kafka_destroy(c->producer);
        if (c->reader != NULL)
                rd_kafka_destroy(c->reader);
        sk_topics_free(c->topics);
        sk_buf_free(&c->headers);
        free(c);
}

/* ---- raising ---- */

/* The number stands in the id, so that the feedback says which call it is about. */
static sk_id id_of(const customer *c, size_t number, int64_t now_us) {
        const uint8_t bytes[10] = {c->salt[0],
                                   c->salt[1],
                                   0,
                                   c->salt[2],
                                   c->salt[3],
                                   0,
                                   (uint8_t)(number >> 24),
                                   (uint8_t)(number >> 16),
                                   (uint8_t)(number >> 8),
                                   (uint8_t)number};

        return sk_id_of_time(now_us, bytes);
}

static void raise_one(customer *c, customer_facility facility) {
        int64_t now_us = clock_us(CLOCK_REALTIME);
        sk_id id = id_of(c, c->raised++, now_us);
        char text[SK_ID_TEXT + 1] = {0};
        char message[64];
        rd_kafka_resp_err_t error;

        sk_id_format(&id, text);
        (void)snprintf(message, sizeof(message), "%s/c/1", text);
        sk_envelope envelope = {.type = SK_CALL_RAISE,
                                .id = sk_slice_of(message),
                                .source = sk_slice_of(c->source),
                                .time_us = now_us,
                                .callid = id,
                                .has_callid = true,
                                .replykey = id,
                                .has_replykey = true,
                                .rootid = {text, SK_ID_TEXT},
                                .seqno = 1,
                                .agreement = SK_SLICE("00000000000000000000000000000000"),
                                .traceparent = SK_SLICE("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                                .chain_traceparent =
                                        SK_SLICE("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")};
        sk_buf_clear(&c->headers);
        sk_envelope_encode(&envelope, &c->headers);
        sk_record record = {.topic = c->calls_topic,
                            .partition = sk_hash_partition((sk_slice){text, SK_ID_TEXT}, PARTITIONS),
                            .key = {text, SK_ID_TEXT},
                            .headers = sk_buf_slice(&c->headers),
                            .value = {c->values[facility], WORLD_DATA_BYTES}};
        while (sk_kafka_send(c->producer, c->calls, &record, &error) == SK_ERR_FULL)
                (void)rd_kafka_poll(c->producer, 20);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                bench_fail("a call cannot be raised: %s", rd_kafka_err2str(error));
        (void)rd_kafka_poll(c->producer, 0);
}

void customer_raise(customer *c, size_t count, customer_facility facility) {
        if (!c->is_open)
                must(rd_kafka_begin_transaction(c->producer));
        c->is_open = true;
        for (size_t i = 0; i < count; i++)
                raise_one(c, facility);
        (void)rd_kafka_flush(c->producer, CALL_MS);
}

void customer_release(customer *c) {
        must(rd_kafka_commit_transaction(c->producer, CALL_MS));
        c->is_open = false;
}

/* ---- measuring ---- */

static bool is_of_type(const rd_kafka_message_t *message, const char *type) {
        rd_kafka_headers_t *headers;
        const void *value;
        size_t size;

        return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
               rd_kafka_header_get_last(headers, "ce_type", &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
               size == strlen(type) && memcmp(value, type, size) == 0;
}

static void look_at(customer *c, const rd_kafka_message_t *message) {
        sk_id id;

        if (!sk_id_parse((sk_slice){message->key, message->key_len}, &id) || !is_of_type(message, c->type))
                return;
        size_t number = (size_t)id.bytes[12] << 24 | (size_t)id.bytes[13] << 16 | (size_t)id.bytes[14] << 8 |
                        (size_t)id.bytes[15];
        if (number < c->first || number - c->first >= c->count || c->took_us[number - c->first] > 0)
                return;
        c->took_us[number - c->first] = (double)(clock_us(CLOCK_MONOTONIC) - c->due_us[number - c->first]);
        c->left--;
}

static void hear(customer *c, int64_t until_us) {
        do {
                int64_t wait_us = until_us - clock_us(CLOCK_MONOTONIC);
                rd_kafka_message_t *message =
                        rd_kafka_consumer_poll(c->reader, wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000));
                if (message == NULL)
                        return;
                if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
                        look_at(c, message);
                rd_kafka_message_destroy(message);
        } while (c->left > 0);
}

static int compare(const void *a, const void *b) {
        double left = *(const double *)a;
        double right = *(const double *)b;
        return (left > right) - (left < right);
}

void customer_measure(customer *c, size_t count, double each_us, const char *type, double *out_us) {
        int64_t since_us = clock_us(CLOCK_MONOTONIC) + 1000;
        size_t begun = 0;

        c->due_us = calloc(count, sizeof(*c->due_us));
        if (c->due_us == NULL)
                bench_fail("no memory");
        memset(out_us, 0, count * sizeof(*out_us));
        c->took_us = out_us;
        c->count = c->left = count;
        c->first = c->raised;
        c->type = type;
        while (c->left > 0) {
                int64_t now_us = clock_us(CLOCK_MONOTONIC);
                int64_t next_us = since_us + (int64_t)((double)begun * each_us);
                for (; begun < count && next_us <= now_us; next_us = since_us + (int64_t)((double)begun * each_us)) {
                        c->due_us[begun++] = next_us;
                        raise_one(c, CUSTOMER_LAPTOP);
                }
                hear(c, begun < count ? next_us : now_us + 100000);
                if (begun == count && now_us - next_us > LOST_US)
                        bench_fail("%zu calls have not come back", c->left);
        }
        free(c->due_us);
        qsort(out_us, count, sizeof(*out_us), compare);
}
