#ifndef SK_LOG_KAFKA_ENDS_H
#define SK_LOG_KAFKA_ENDS_H

#include <stdint.h>

#include <librdkafka/rdkafka.h>

/**
 * Where a topic partition begins and ends now. For a consumer that reads committed the end is the first open
 * transaction. A topic that was just made has no leader for a while: that is waited for. Blocks, some seconds at worst.
 */
rd_kafka_resp_err_t sk_kafka_ends(rd_kafka_t *client, const char *topic, int32_t partition, int64_t *out_low,
                                  int64_t *out_end);

#endif
