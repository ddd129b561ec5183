#ifndef SK_LOG_KAFKA_ENDS_H
#define SK_LOG_KAFKA_ENDS_H

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

#endif
