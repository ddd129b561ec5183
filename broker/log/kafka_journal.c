#include "log/kafka_journal.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "link/journal.h"
#include "log/kafka_ends.h"

#define CALL_MS 1000
#define POLL_MS 100
#define PAUSE_MS 50
#define WARM_MS 1500
#define TOLD_AFTER 5 /* calls that came to nothing */
#define WRITING "writing to the journal"

struct sk_kafka_journal {
        sk_kafka_journal_config config;
        rd_kafka_t *reader;
        rd_kafka_t *watcher;
        char topic[SK_KAFKA_NAME_MAX];
        unsigned failures; /* in a row */
        struct {
                uintptr_t number; /* of the one that was written last */
                bool has_ended;
                rd_kafka_resp_err_t error;
                int64_t offset;
        } barrier;
};

/* Of an earlier one, which has been given up, nobody wants to know. */
static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        sk_kafka_journal *journal = self;

        (void)client;
        if ((uintptr_t)message->_private != journal->barrier.number)
                return;
        journal->barrier.has_ended = true;
        journal->barrier.error = message->err;
        journal->barrier.offset = message->offset;
}

sk_err sk_kafka_journal_new(const sk_kafka_journal_config *config, char why[SK_KAFKA_WHY_MAX], sk_kafka_journal **out) {
        assert(config != NULL);
        assert(config->goes_on != NULL);
        assert(out != NULL);
        const sk_kafka_settings *settings = config->settings;
        sk_kafka_journal *journal = sk_alloc_zero(1, sizeof(*journal));
        if (journal == NULL)
                return SK_ERR_NO_MEMORY;

        const sk_kafka_hooks hooks = {.delivered = on_delivered, .self = journal};
        journal->config = *config;
        (void)snprintf(journal->topic, sizeof(journal->topic), "%.*s.%.*s.journal", (int)settings->chain.len,
                       settings->chain.at, (int)settings->team.len, settings->team.at);
        sk_err err = sk_kafka_client_new(settings, SK_KAFKA_RESTORER, NULL, why, &journal->reader);
        if (err == SK_OK)
                err = sk_kafka_client_new(settings, SK_KAFKA_WATCHER, &hooks, why, &journal->watcher);
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

void sk_kafka_journal_warm(sk_kafka_journal *journal) {
        assert(journal != NULL);
        int64_t end = 0;

        (void)sk_kafka_ends_once(journal->reader, journal->topic, 0, WARM_MS, NULL, &end);
        (void)sk_kafka_ends_once(journal->watcher, journal->topic, 0, WARM_MS, NULL, &end);
}

/* ---- the end ---- */

static rd_kafka_resp_err_t barrier_send(sk_kafka_journal *journal, int32_t partition) {
        journal->barrier.number++;
        journal->barrier.has_ended = false;
        return rd_kafka_producev(journal->watcher, RD_KAFKA_V_TOPIC(journal->topic), RD_KAFKA_V_PARTITION(partition),
                                 RD_KAFKA_V_KEY(SK_JOURNAL_BARRIER, strlen(SK_JOURNAL_BARRIER)),
                                 RD_KAFKA_V_OPAQUE((void *)journal->barrier.number), RD_KAFKA_V_END);
}

static void barrier_await(sk_kafka_journal *journal) {
        while (!journal->barrier.has_ended && goes_on(journal)) {
                if (rd_kafka_poll(journal->watcher, CALL_MS) == 0 && !journal->barrier.has_ended)
                        failed(journal, WRITING, RD_KAFKA_RESP_ERR__TIMED_OUT);
        }
}

sk_err sk_kafka_journal_end(sk_kafka_journal *journal, int32_t partition, int64_t *out_offset) {
        assert(journal != NULL);
        assert(out_offset != NULL);
        journal->failures = 0;
        while (goes_on(journal)) {
                rd_kafka_resp_err_t error = barrier_send(journal, partition);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
                        barrier_await(journal);
                        error = journal->barrier.error;
                }
                if (journal->barrier.has_ended && error == RD_KAFKA_RESP_ERR_NO_ERROR) {
                        *out_offset = journal->barrier.offset + 1;
                        return SK_OK;
                }
                if (goes_on(journal))
                        failed(journal, WRITING, error);
        }
        return SK_ERR_ABORTED;
}

sk_err sk_kafka_journal_low(sk_kafka_journal *journal, sk_slice topic, int32_t partition, int64_t *out_offset) {
        assert(journal != NULL);
        assert(topic.len < SK_KAFKA_NAME_MAX);
        assert(out_offset != NULL);
        char name[SK_KAFKA_NAME_MAX];

        (void)snprintf(name, sizeof(name), "%.*s", (int)topic.len, topic.at);
        journal->failures = 0;
        while (goes_on(journal)) {
                rd_kafka_resp_err_t error =
                        sk_kafka_ends_once(journal->watcher, name, partition, CALL_MS, out_offset, NULL);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                        return SK_OK;
                failed(journal, "asking where a partition begins", error);
        }
        return SK_ERR_ABORTED;
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

sk_err sk_kafka_journal_read(sk_kafka_journal *journal, const sk_kafka_journal_range *range,
                             sk_kafka_journal_visit *visit, void *self, int64_t *out_offset) {
        assert(journal != NULL);
        assert(range != NULL);
        assert(visit != NULL);
        assert(out_offset != NULL);
        struct reading reading = {
                .journal = journal, .end_offset = range->end_offset, .visit = visit, .self = self, .reached = -1};
        int64_t from_offset = range->from_offset;

        /* By its number: librdkafka may let half a second go by before it looks for a beginning. */
        if (from_offset == 0 &&
            sk_kafka_journal_low(journal, sk_slice_of(journal->topic), range->partition, &from_offset) != SK_OK)
                return SK_ERR_ABORTED;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, journal->topic, range->partition)->offset = from_offset;
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

sk_err sk_kafka_journal_since(sk_kafka_journal *journal, int32_t partition, int64_t since_us, int64_t *out_offset) {
        assert(journal != NULL);
        assert(since_us >= 0);
        assert(out_offset != NULL);
        int64_t found = 0;

        journal->failures = 0;
        while (goes_on(journal)) {
                rd_kafka_resp_err_t error =
                        sk_kafka_ends_at(journal->reader, journal->topic, partition, since_us / 1000, CALL_MS, &found);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
                        *out_offset = found < 0 ? 0 : found;
                        return SK_OK;
                }
                failed(journal, "asking for an offset by time", error);
        }
        return SK_ERR_ABORTED;
}
