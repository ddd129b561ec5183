#ifndef SK_LOG_KAFKA_TOOL_INSIDE_H
#define SK_LOG_KAFKA_TOOL_INSIDE_H

#include "kit/map.h"
#include "log/kafka_record.h"
#include "log/kafka_settings.h"
#include "log/tool_inside.h"

/* What the files of the Kafka tool share: kafka_tool.c opens and reads, kafka_tool_append.c writes. */

#define SK_KAFKA_WATCHED_MAX 10000

typedef struct sk_kafka_tool {
        sk_log_tool base;
        sk_kafka_settings settings;
        sk_kafka_property *properties;
        char *brokers;
        rd_kafka_t *reader;
        rd_kafka_t *writer; /* NULL until something is appended */
        sk_kafka_topics *topics;
        int32_t partitions;
        sk_map *counts;                           /* partitions by topic: the number plus one as a pointer */
        rd_kafka_topic_partition_list_t *watched; /* what was asked about, and where it ended then: for waiting */
        char place_topic[SK_KAFKA_NAME_MAX];      /* where the reader stands; "": nowhere */
        int32_t place_partition;
        int64_t place_offset;
        sk_buf headers;
        size_t undelivered;
        rd_kafka_resp_err_t delivery_error;
        int64_t delivered_offset;
} sk_kafka_tool;

/** CLOCK_MONOTONIC in milliseconds, for the limits of waiting. */
int64_t sk_kafka_tool_clock_ms(void);
/** Keeps the sentence, and gives the error back. */
sk_err sk_kafka_tool_fail(sk_kafka_tool *tool, sk_err err, const char *what, rd_kafka_resp_err_t error);
/** Partitions of a topic; 0: it is not there, -1: nobody answers. */
int32_t sk_kafka_tool_count(sk_kafka_tool *tool, sk_slice topic);
/** As sk_log_tool_append. */
sk_err sk_kafka_tool_append(sk_log_tool *tool, const sk_log_append *records, size_t count, int64_t *out_offset);
/** Also what was not written yet. */
void sk_kafka_tool_writer_free(sk_kafka_tool *tool);

#endif
