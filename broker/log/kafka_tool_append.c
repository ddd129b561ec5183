#include <assert.h>
#include <stdio.h>

#include "kit/hash.h"
#include "log/kafka_tool_inside.h"

/* Appending for command line tools: an idempotent producer, made when there is something to write first. */

#define POLL_MS 1000
#define FULL_MS 25
#define APPEND_MS 60000

void sk_kafka_tool_writer_free(sk_kafka_tool *tool) {
        sk_kafka_topics_free(tool->topics);
        tool->topics = NULL;
        if (tool->writer != NULL)
                rd_kafka_destroy(tool->writer);
        tool->writer = NULL;
}

static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        sk_kafka_tool *tool = self;

        (void)client;
        tool->undelivered--;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                tool->delivery_error = message->err;
        else
                tool->delivered_offset = message->offset;
}

static sk_err writer_make(sk_kafka_tool *tool) {
        sk_kafka_hooks hooks = {.delivered = on_delivered, .self = tool};

        if (tool->writer != NULL)
                return SK_OK;
        sk_err err = sk_kafka_client_new(&tool->settings, SK_KAFKA_WRITER, &hooks, tool->base.why, &tool->writer);
        if (err == SK_OK)
                tool->topics = sk_kafka_topics_new(tool->writer);
        return err == SK_OK && tool->topics == NULL ? SK_ERR_NO_MEMORY : err;
}

static sk_err append_one(sk_kafka_tool *tool, const sk_log_append *append) {
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
        int32_t count = sk_kafka_tool_count(tool, append->topic);

        if (count <= 0) {
                if (count == 0)
                        (void)snprintf(tool->base.why, sizeof(tool->base.why),
                                       "the cluster has no topic %.*s, or you may not see it", (int)append->topic.len,
                                       append->topic.at);
                return count == 0 ? SK_ERR_NOT_FOUND : SK_ERR_IO;
        }
        sk_record record = {.partition = sk_hash_partition(append->key, count),
                            .key = append->key,
                            .headers = append->headers,
                            .value = append->value};
        for (;;) {
                sk_err err =
                        sk_kafka_send(tool->writer, sk_kafka_topics_get(tool->topics, append->topic), &record, &error);
                if (err == SK_OK)
                        tool->undelivered++;
                if (err != SK_ERR_FULL)
                        return err == SK_OK ? SK_OK : sk_kafka_tool_fail(tool, err, "writing", error);
                (void)rd_kafka_poll(tool->writer, FULL_MS);
        }
}

static sk_err delivered(sk_kafka_tool *tool) {
        int64_t until_ms = sk_kafka_tool_clock_ms() + APPEND_MS;

        while (tool->undelivered > 0 && sk_kafka_tool_clock_ms() < until_ms)
                (void)rd_kafka_poll(tool->writer, POLL_MS);
        if (tool->undelivered > 0 || tool->delivery_error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
                return sk_kafka_tool_fail(tool, SK_ERR_UNKNOWN_OUTCOME, "writing", RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
        if (tool->delivery_error != RD_KAFKA_RESP_ERR_NO_ERROR)
                return sk_kafka_tool_fail(tool, SK_ERR_IO, "writing", tool->delivery_error);
        return SK_OK;
}

/* What was given up may still be written, and be told of: not by the one who tells of the next records. */
sk_err sk_kafka_tool_append(sk_log_tool *base, const sk_log_append *records, size_t count, int64_t *out_offset) {
        assert(base->kind == &sk_kafka_tool_kind);
        sk_kafka_tool *tool = (sk_kafka_tool *)base;
        sk_err err = writer_make(tool);

        tool->undelivered = 0;
        tool->delivery_error = RD_KAFKA_RESP_ERR_NO_ERROR;
        for (size_t i = 0; i < count && err == SK_OK; i++)
                err = append_one(tool, &records[i]);
        sk_err end = tool->writer == NULL ? SK_OK : delivered(tool);
        if (tool->undelivered > 0)
                sk_kafka_tool_writer_free(tool);
        if (err == SK_OK && end == SK_OK && out_offset != NULL)
                *out_offset = tool->delivered_offset;
        return err == SK_OK ? end : err;
}
