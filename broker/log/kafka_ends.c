#include "log/kafka_ends.h"

#include <assert.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * librdkafka remembers for a quarter of an hour who leads a partition that it neither reads nor writes: "not the leader"
 * does not make it look again, nor does a leader that is gone. So it is made to. Offsets are asked for by time, the
 * only question that keeps its limit when the leader does not answer; its watermarks wait until it does.
 */

#define CALL_MS 5000
#define STEP_MS 25
#define TRIES 600
#define SILENCES 3 /* of a leader that may be gone */

static void look_for_leader(rd_kafka_t *client, const char *name, int call_ms) {
        rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
        const rd_kafka_metadata_t *metadata = NULL;

        if (topic == NULL)
                return;
        if (rd_kafka_metadata(client, 0, topic, &metadata, call_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
                rd_kafka_metadata_destroy(metadata);
        rd_kafka_topic_destroy(topic);
}

/* @p which: RD_KAFKA_OFFSET_BEGINNING or _END, which are times to a broker. */
static rd_kafka_resp_err_t ask(rd_kafka_t *client, const char *topic, int32_t partition, int64_t which, int call_ms,
                               int64_t *out) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = which;
        rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client, list, call_ms);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                error = list->elems[0].err;
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                *out = list->elems[0].offset;
        rd_kafka_topic_partition_list_destroy(list);
        return error;
}

rd_kafka_resp_err_t sk_kafka_ends_once(rd_kafka_t *client, const char *topic, int32_t partition, int call_ms,
                                       int64_t *out_low, int64_t *out_end) {
        assert(client != NULL);
        assert(topic != NULL);
        assert(partition >= 0);
        assert(call_ms > 0);
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;

        if (out_low != NULL)
                error = ask(client, topic, partition, RD_KAFKA_OFFSET_BEGINNING, call_ms, out_low);
        if (out_end != NULL && error == RD_KAFKA_RESP_ERR_NO_ERROR)
                error = ask(client, topic, partition, RD_KAFKA_OFFSET_END, call_ms, out_end);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                look_for_leader(client, topic, call_ms);
        return error;
}

rd_kafka_resp_err_t sk_kafka_ends_at(rd_kafka_t *client, const char *topic, int32_t partition, int64_t time_ms,
                                     int call_ms, int64_t *out) {
        assert(client != NULL);
        assert(topic != NULL);
        assert(partition >= 0);
        assert(time_ms >= 0);
        assert(call_ms > 0);
        assert(out != NULL);
        rd_kafka_resp_err_t error = ask(client, topic, partition, time_ms, call_ms, out);

        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                look_for_leader(client, topic, call_ms);
        return error;
}

bool sk_kafka_ends_of_all(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int call_ms) {
        assert(client != NULL);
        assert(list != NULL);
        assert(call_ms > 0);
        const rd_kafka_metadata_t *metadata = NULL;

        for (int i = 0; i < list->cnt; i++)
                list->elems[i].offset = RD_KAFKA_OFFSET_END;
        bool is_answered = rd_kafka_offsets_for_times(client, list, call_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
        bool is_whole = is_answered;
        for (int i = 0; i < list->cnt; i++)
                is_whole = is_whole && list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (!is_whole && rd_kafka_metadata(client, 1, NULL, &metadata, call_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
                rd_kafka_metadata_destroy(metadata);
        return is_answered;
}

static bool is_about_the_leader(rd_kafka_resp_err_t error) {
        return error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
}

rd_kafka_resp_err_t sk_kafka_ends(rd_kafka_t *client, const char *topic, int32_t partition, int64_t *out_low,
                                  int64_t *out_end) {
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
        unsigned silences = 0;

        for (unsigned i = 0; i < TRIES; i++) {
                error = sk_kafka_ends_once(client, topic, partition, CALL_MS, out_low, out_end);
                silences += error == RD_KAFKA_RESP_ERR__TIMED_OUT ? 1 : 0;
                if (error != RD_KAFKA_RESP_ERR__TIMED_OUT ? !is_about_the_leader(error) : silences == SILENCES)
                        return error;
                (void)poll(NULL, 0, STEP_MS);
        }
        return error;
}
