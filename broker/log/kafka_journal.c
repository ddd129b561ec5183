#include "log/kafka_journal.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "log/kafka_ends.h"

#define CALL_MS 1000
#define POLL_MS 100
#define PAUSE_MS 50
#define WARM_MS 1500
#define TOLD_AFTER 5 /* calls that came to nothing */

struct sk_kafka_journal {
        sk_kafka_journal_config config;
        rd_kafka_t *reader;
        rd_kafka_t *watcher;
        char topic[SK_KAFKA_NAME_MAX];
        char work[SK_KAFKA_NAME_MAX];
        unsigned failures; /* in a row */
};

sk_err sk_kafka_journal_new(const sk_kafka_journal_config *config, char why[SK_KAFKA_WHY_MAX], sk_kafka_journal **out) {
        assert(config != NULL && config->goes_on != NULL && out != NULL);
        const sk_kafka_settings *settings = config->settings;
        sk_kafka_journal *journal = sk_alloc_zero(1, sizeof(*journal));
        if (journal == NULL)
                return SK_ERR_NO_MEMORY;

        journal->config = *config;
        (void)snprintf(journal->topic, sizeof(journal->topic), "%.*s.%.*s.journal", (int)settings->chain.len,
                       settings->chain.at, (int)settings->team.len, settings->team.at);
        (void)snprintf(journal->work, sizeof(journal->work), "%.*s.%.*s.work", (int)settings->chain.len,
                       settings->chain.at, (int)settings->team.len, settings->team.at);
        sk_err err = sk_kafka_client_new(settings, SK_KAFKA_RESTORER, NULL, why, &journal->reader);
        if (err == SK_OK)
                err = sk_kafka_client_new(settings, SK_KAFKA_WATCHER, NULL, why, &journal->watcher);
        if (err != SK_OK) {
                sk_kafka_journal_free(journal);
                return err;
        }
        (void)rd_kafka_poll_set_consumer(journal->reader);
        *out = journal;
        return SK_OK;
}

void sk_kafka_journal_free(sk_kafka_journal *journal) {
        if (journal == NULL)
                return;
        if (journal->reader != NULL)
                rd_kafka_destroy_flags(journal->reader, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        if (journal->watcher != NULL)
                rd_kafka_destroy(journal->watcher);
        sk_free(journal);
}

static bool goes_on(const sk_kafka_journal *journal) {
        return journal->config.goes_on(journal->config.self);
}

/* An answer that has not come is waited for again; a broker that says no at once gets a pause. */
static void failed(sk_kafka_journal *journal, const char *what, rd_kafka_resp_err_t error) {
        char text[SK_KAFKA_WHY_MAX];

        if (++journal->failures % TOLD_AFTER == 0 && journal->config.waits != NULL) {
                (void)snprintf(text, sizeof(text), "%s: %s", what, rd_kafka_err2str(error));
                journal->config.waits(journal->config.self, text);
        }
        if (error != RD_KAFKA_RESP_ERR__TIMED_OUT)
                (void)rd_kafka_poll(journal->watcher, PAUSE_MS);
}

static void tag_copy(const rd_kafka_topic_partition_t *entry, char out[SK_KAFKA_TAG_MAX]) {
        size_t len = entry->metadata == NULL ? 0 : entry->metadata_size;

        if (len >= SK_KAFKA_TAG_MAX)
                len = 0;
        if (len > 0)
                memcpy(out, entry->metadata, len);
        out[len] = '\0';
}

void sk_kafka_journal_warm(sk_kafka_journal *journal) {
        assert(journal != NULL);
        int64_t end = 0;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

        (void)rd_kafka_topic_partition_list_add(list, journal->work, 0);
        (void)rd_kafka_committed(journal->reader, list, WARM_MS);
        (void)sk_kafka_ends_once(journal->watcher, journal->topic, 0, WARM_MS, NULL, &end);
        rd_kafka_topic_partition_list_destroy(list);
}

sk_err sk_kafka_journal_settle(sk_kafka_journal *journal, int32_t partition, char out_tag[SK_KAFKA_TAG_MAX]) {
        assert(journal != NULL && out_tag != NULL);
        sk_err err = SK_ERR_ABORTED;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

        (void)rd_kafka_topic_partition_list_add(list, journal->work, partition);
        journal->failures = 0;
        while (err != SK_OK && goes_on(journal)) {
                rd_kafka_resp_err_t error = rd_kafka_committed(journal->reader, list, CALL_MS);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                        error = list->elems[0].err;
                if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                        failed(journal, "asking for the group's offsets", error);
                        continue;
                }
                tag_copy(&list->elems[0], out_tag);
                err = SK_OK;
        }
        rd_kafka_topic_partition_list_destroy(list);
        return err;
}

static sk_err ends_of(sk_kafka_journal *journal, const char *topic, int32_t partition, int64_t *out_low,
                      int64_t *out_end) {
        journal->failures = 0;
        while (goes_on(journal)) {
                rd_kafka_resp_err_t error =
                        sk_kafka_ends_once(journal->watcher, topic, partition, CALL_MS, out_low, out_end);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                        return SK_OK;
                failed(journal, "asking where a partition begins and ends", error);
        }
        return SK_ERR_ABORTED;
}

sk_err sk_kafka_journal_end(sk_kafka_journal *journal, int32_t partition, int64_t *out_offset) {
        assert(journal != NULL && out_offset != NULL);
        return ends_of(journal, journal->topic, partition, NULL, out_offset);
}

sk_err sk_kafka_journal_low(sk_kafka_journal *journal, sk_slice topic, int32_t partition, int64_t *out_offset) {
        assert(journal != NULL && topic.len < SK_KAFKA_NAME_MAX && out_offset != NULL);
        char name[SK_KAFKA_NAME_MAX];

        (void)snprintf(name, sizeof(name), "%.*s", (int)topic.len, topic.at);
        return ends_of(journal, name, partition, out_offset, NULL);
}

/* ---- reading ---- */

struct reading {
        sk_kafka_journal *journal;
        int64_t end_offset;
        sk_kafka_journal_visit *visit;
        void *self;
        int64_t reached; /* -1: not there yet */
        bool is_over;
};

static bool visit_message(struct reading *reading, const rd_kafka_message_t *message) {
        int64_t timestamp_ms = rd_kafka_message_timestamp(message, NULL);
        sk_record record = {.partition = message->partition,
                            .offset = message->offset,
                            .timestamp_us = timestamp_ms < 0 ? 0 : timestamp_ms * 1000,
                            .key = {message->key == NULL ? "" : message->key, message->key_len},
                            .headers = SK_SLICE(""),
                            .value = {message->payload, message->len}};

        return reading->visit(reading->self, &record);
}

static void look_at(struct reading *reading, const rd_kafka_message_t *message) {
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                reading->journal->failures = 0;
                reading->is_over = !visit_message(reading, message);
        } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                if (message->offset >= reading->end_offset)
                        reading->reached = message->offset;
        } else {
                failed(reading->journal, "reading the journal", message->err);
        }
}

sk_err sk_kafka_journal_read(sk_kafka_journal *journal, int32_t partition, int64_t end_offset,
                             sk_kafka_journal_visit *visit, void *self, int64_t *out_offset) {
        assert(journal != NULL && visit != NULL && out_offset != NULL);
        struct reading reading = {
                .journal = journal, .end_offset = end_offset, .visit = visit, .self = self, .reached = -1};
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

        rd_kafka_topic_partition_list_add(list, journal->topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
        (void)rd_kafka_assign(journal->reader, list);
        rd_kafka_topic_partition_list_destroy(list);
        journal->failures = 0;
        while (reading.reached < 0 && !reading.is_over && goes_on(journal)) {
                rd_kafka_message_t *message = rd_kafka_consumer_poll(journal->reader, POLL_MS);
                if (message == NULL)
                        continue;
                look_at(&reading, message);
                rd_kafka_message_destroy(message);
        }
        (void)rd_kafka_assign(journal->reader, NULL);
        if (reading.reached < 0)
                return SK_ERR_ABORTED;
        *out_offset = reading.reached;
        return SK_OK;
}
