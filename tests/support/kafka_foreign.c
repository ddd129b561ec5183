#include "support/kafka_foreign.h"

#ifdef SK_HAVE_RDKAFKA
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include "event/record.h"

#define LIMIT_MS 60000

struct kafka_foreign {
        rd_kafka_t *client;
        int64_t offset; /* of the last record that was delivered */
};

static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        kafka_foreign *foreign = self;

        (void)client;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail_msg("%s: %s", rd_kafka_topic_name(message->rkt), rd_kafka_err2str(message->err));
        foreign->offset = message->offset;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
        char why[256];

        if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
                fail_msg("%s", why);
}

kafka_foreign *kafka_foreign_new(const char *brokers, const char *codec) {
        char why[256];
        kafka_foreign *foreign = calloc(1, sizeof(*foreign));
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        assert_non_null(foreign);
        set(conf, "bootstrap.servers", brokers);
        set(conf, "compression.codec", codec);
        set(conf, "message.max.bytes", "4000000");
        set(conf, "log_level", "0");
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
        rd_kafka_conf_set_opaque(conf, foreign);
        foreign->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
        if (foreign->client == NULL)
                fail_msg("%s", why);
        return foreign;
}

void kafka_foreign_free(kafka_foreign *foreign) {
        if (foreign == NULL)
                return;
        rd_kafka_destroy(foreign->client);
        free(foreign);
}

int64_t kafka_foreign_put(kafka_foreign *foreign, const foreign_record *record) {
        rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(record->headers, &position, &name, &value))
                (void)rd_kafka_header_add(headers, name.at, (ssize_t)name.len, value.at, (ssize_t)value.len);
        foreign->offset = -1;
        rd_kafka_resp_err_t error = rd_kafka_producev(
                foreign->client, RD_KAFKA_V_TOPIC(record->topic), RD_KAFKA_V_PARTITION(record->partition),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY((void *)record->key.at, record->key.len),
                RD_KAFKA_V_VALUE((void *)record->value.at, record->value.len), RD_KAFKA_V_HEADERS(headers),
                RD_KAFKA_V_TIMESTAMP(record->time_us / 1000), RD_KAFKA_V_END);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail_msg("%s: %s", record->topic, rd_kafka_err2str(error));
        assert_int_equal(rd_kafka_flush(foreign->client, LIMIT_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_true(foreign->offset >= 0);
        return foreign->offset;
}

void kafka_foreign_delete(kafka_foreign *foreign, const char *topic, int32_t partition, int64_t offset) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_queue_t *queue = rd_kafka_queue_new(foreign->client);

        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
        rd_kafka_DeleteRecords_t *wish = rd_kafka_DeleteRecords_new(list);
        rd_kafka_DeleteRecords(foreign->client, &wish, 1, NULL, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, LIMIT_MS);
        assert_non_null(event);
        if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail_msg("%s: %s", topic, rd_kafka_event_error_string(event));
        assert_true(kafka_foreign_low(foreign, topic, partition) >= offset);
        rd_kafka_event_destroy(event);
        rd_kafka_DeleteRecords_destroy(wish);
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_queue_destroy(queue);
}

int64_t kafka_foreign_low(kafka_foreign *foreign, const char *topic, int32_t partition) {
        int64_t low = -1;
        int64_t high = -1;

        assert_int_equal(rd_kafka_query_watermark_offsets(foreign->client, topic, partition, &low, &high, LIMIT_MS),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        return low;
}

#else

typedef int kafka_foreign_is_not_there;

#endif
