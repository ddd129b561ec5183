#include "log/kafka_ends.h"

#include <assert.h>
#include <poll.h>

#define CALL_MS 5000
#define STEP_MS 25
#define TRIES 600

rd_kafka_resp_err_t sk_kafka_ends(rd_kafka_t *client, const char *topic, int32_t partition, int64_t *out_low,
                                  int64_t *out_end) {
        assert(client != NULL && topic != NULL && partition >= 0);
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;

        for (unsigned i = 0; i < TRIES; i++) {
                error = rd_kafka_query_watermark_offsets(client, topic, partition, out_low, out_end, CALL_MS);
                if (error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE &&
                    error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)
                        return error;
                (void)poll(NULL, 0, STEP_MS);
        }
        return error;
}
