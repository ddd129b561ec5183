#include "log/kafka_settle.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define CALL_MS 1000
#define PAUSE_MS 50

static void tag_copy(const rd_kafka_topic_partition_t *entry, char out[SK_KAFKA_TAG_MAX]) {
        size_t len = entry->metadata == NULL ? 0 : entry->metadata_size;

        if (len >= SK_KAFKA_TAG_MAX)
                len = 0;
        if (len > 0)
                memcpy(out, entry->metadata, len);
        out[len] = '\0';
}

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list) {
        for (int i = 0; i < list->cnt; i++) {
                if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
                        return list->elems[i].err;
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* librdkafka waits by itself while offsets are not stable; a broker that says no at once gets a pause. */
sk_err sk_kafka_settle(rd_kafka_t *client, const char *work, sk_kafka_settled *list, size_t count,
                       char why[SK_KAFKA_WHY_MAX]) {
        assert(client != NULL);
        assert(work != NULL);
        assert(list != NULL);
        assert(count > 0);
        rd_kafka_topic_partition_list_t *asked = rd_kafka_topic_partition_list_new((int)count);

        for (size_t i = 0; i < count; i++)
                (void)rd_kafka_topic_partition_list_add(asked, work, list[i].partition);
        rd_kafka_resp_err_t error = rd_kafka_committed(client, asked, CALL_MS);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                error = first_error(asked);
        for (size_t i = 0; i < count && error == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
                tag_copy(&asked->elems[i], list[i].tag);
        rd_kafka_topic_partition_list_destroy(asked);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                return SK_OK;
        (void)snprintf(why, SK_KAFKA_WHY_MAX, "asking for the group's offsets: %s", rd_kafka_err2str(error));
        if (error != RD_KAFKA_RESP_ERR__TIMED_OUT)
                (void)poll(NULL, 0, PAUSE_MS);
        return SK_ERR_BUSY;
}
