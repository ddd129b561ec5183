#ifndef SK_LOG_KAFKA_ENDS_H
#define SK_LOG_KAFKA_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

/**
 * Where a topic partition begins and ends now. For a consumer that reads committed the end is the first open
 * transaction. A topic that was just made, or whose leader has changed, is asked about again for a while. Blocks, some
 * seconds at worst.
 */
rd_kafka_resp_err_t sk_kafka_ends(rd_kafka_t *client, const char *topic, int32_t partition, int64_t *out_low,
                                  int64_t *out_end);

/**
 * The same, asked once. When it fails the cluster has been asked who leads the partition now, so that it is worth asking
 * again. Blocks for three times @p call_ms at worst. @p out_low may be NULL, @p out_end too.
 */
rd_kafka_resp_err_t sk_kafka_ends_once(rd_kafka_t *client, const char *topic, int32_t partition, int call_ms,
                                       int64_t *out_low, int64_t *out_end);

/**
 * The ends of all topic partitions in @p list, asked once, with one request to each broker. They become the offsets of the
 * list; those that were not found out have an error.
 *
 * @return false if nothing was found out; when it fails, wholly or in part, it is worth asking again
 */
bool sk_kafka_ends_of_all(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int call_ms);

/**
 * Where the first record stands that was written at @p time_ms or later; below zero if there is none. Asked once, as
 * sk_kafka_ends_once does it.
 */
rd_kafka_resp_err_t sk_kafka_ends_at(rd_kafka_t *client, const char *topic, int32_t partition, int64_t time_ms,
                                     int call_ms, int64_t *out);

#endif
