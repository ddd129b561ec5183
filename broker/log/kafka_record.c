#include "log/kafka_record.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/map.h"

#define HEADER_NAME_MAX 255
#define TOPIC_NAME_MAX 250

struct sk_kafka_topics {
        rd_kafka_t *client;
        sk_map *by_name;
};

sk_kafka_topics *sk_kafka_topics_new(rd_kafka_t *client) {
        assert(client != NULL);
        sk_kafka_topics *topics = sk_alloc_zero(1, sizeof(*topics));

        if (topics == NULL)
                return NULL;
        topics->client = client;
        topics->by_name = sk_map_new();
        if (topics->by_name == NULL) {
                sk_free(topics);
                return NULL;
        }
        return topics;
}

void sk_kafka_topics_free(sk_kafka_topics *topics) {
        size_t position = 0;
        sk_slice name;
        void *topic;

        if (topics == NULL)
                return;
        while (sk_map_next(topics->by_name, &position, &name, &topic))
                rd_kafka_topic_destroy(topic);
        sk_map_free(topics->by_name);
        sk_free(topics);
}

rd_kafka_topic_t *sk_kafka_topics_get(sk_kafka_topics *topics, sk_slice name) {
        assert(topics != NULL);
        char text[TOPIC_NAME_MAX];
        rd_kafka_topic_t *topic = sk_map_get(topics->by_name, name);

        if (topic != NULL || name.len == 0 || name.len >= sizeof(text))
                return topic;
        memcpy(text, name.at, name.len);
        text[name.len] = '\0';
        topic = rd_kafka_topic_new(topics->client, text, NULL);
        if (topic != NULL && sk_map_put(topics->by_name, name, topic, NULL) != SK_OK) {
                rd_kafka_topic_destroy(topic);
                return NULL;
        }
        return topic;
}

/* ---- read ---- */

void sk_kafka_headers_of(const rd_kafka_message_t *message, sk_buf *out) {
        rd_kafka_headers_t *headers = NULL;
        const char *name;
        const void *value;
        size_t size;
        char cut[HEADER_NAME_MAX + 1];

        if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
                return;
        for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
                           i <= SK_HEADERS_MAX;
             i++) {
                size_t len = strlen(name);
                if (len > HEADER_NAME_MAX) {
                        memcpy(cut, name, HEADER_NAME_MAX);
                        cut[HEADER_NAME_MAX] = '\0';
                        name = cut;
                }
                sk_headers_add(out, name, (sk_slice){value == NULL ? "" : value, value == NULL ? 0 : size});
        }
}

void sk_kafka_record_of(const rd_kafka_message_t *message, const sk_topic *topic, sk_buf *headers, sk_record *out) {
        assert(message != NULL);
        assert(headers != NULL);
        assert(out != NULL);
        int64_t timestamp_ms = rd_kafka_message_timestamp(message, NULL);

        sk_buf_clear(headers);
        sk_kafka_headers_of(message, headers);
        *out = (sk_record){.topic = topic,
                           .partition = message->partition,
                           .offset = message->offset,
                           .timestamp_us = timestamp_ms < 0 ? 0 : timestamp_ms * 1000,
                           .key = {message->key, message->key_len},
                           .headers = sk_buf_slice(headers),
                           .value = {message->payload, message->len}};
}

/* ---- write ---- */

static rd_kafka_headers_t *headers_make(sk_slice headers) {
        rd_kafka_headers_t *list = rd_kafka_headers_new(16);
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value))
                (void)rd_kafka_header_add(list, name.at, (ssize_t)name.len, value.at, (ssize_t)value.len);
        return list;
}

static sk_err result_of(rd_kafka_resp_err_t error) {
        switch (error) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
                return SK_OK;
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
                return SK_ERR_FULL;
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
                return SK_ERR_SIZE;
        case RD_KAFKA_RESP_ERR__FATAL:
        case RD_KAFKA_RESP_ERR__FENCED:
                return SK_ERR_FENCED;
        default:
                return SK_ERR_IO;
        }
}

sk_err sk_kafka_send(rd_kafka_t *client, rd_kafka_topic_t *topic, const sk_record *record,
                     rd_kafka_resp_err_t *out_error) {
        assert(client != NULL);
        assert(record != NULL);
        assert(record->partition >= 0);
        rd_kafka_headers_t *headers = NULL;
        int64_t timestamp_ms = record->timestamp_us > 0 ? record->timestamp_us / 1000 : 0;

        if (topic == NULL)
                return SK_ERR_NO_MEMORY;
        if (record->headers.len > 0)
                headers = headers_make(record->headers);
        /* librdkafka takes an address for "there", also of no bytes. */
        rd_kafka_resp_err_t error = rd_kafka_producev(
                client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(record->partition),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY((void *)record->key.at, record->key.len),
                RD_KAFKA_V_VALUE((void *)record->value.at, record->value.len), RD_KAFKA_V_HEADERS(headers),
                RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_END);
        /* What was not taken is still ours. */
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers != NULL)
                rd_kafka_headers_destroy(headers);
        *out_error = error;
        return result_of(error);
}
