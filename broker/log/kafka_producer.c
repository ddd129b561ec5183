#include "log/kafka_producer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "log/kafka_clock.h"
#include "log/kafka_reason.h"
#include "log/kafka_record.h"

/*
 * What to do about an error stands in the error itself (fatal, abort, again), never in its code: the same time-out is
 * one or the other. Everything is delivered before the commit is asked for, so that an error of the commit is about the
 * commit alone; a delivery that failed is the better sentence for why a transaction was aborted.
 */

#define CALL_MS 5000
#define DELIVERY_MS 100
#define FULL_MS 20
#define REFUSAL_MAX 256
#define NAMED_MAX 3 /* topics in a sentence */

struct sk_kafka_producer {
        rd_kafka_t *client;
        sk_kafka_topics *topics;
        const atomic_bool *is_stopping;
        const char *run;
        int call_ms;
        uint64_t (*now_us)(void);
        uint64_t timeout_us; /* of a transaction */
        uint64_t begun_us;   /* when the one that is underway was */
        bool is_fenced;      /* a broker has said so, in the one that is underway */
        size_t undelivered;
        rd_kafka_resp_err_t delivery_error; /* of the first message that was not delivered */
        char delivery_topic[SK_KAFKA_NAME_MAX];
        sk_kafka_reason reason;    /* why there is no connection */
        char refusal[REFUSAL_MAX]; /* why the transaction that is underway cannot be committed; "" */
};

/* What an error asks for. */
typedef enum asked { ASKED_NOTHING, ASKED_AGAIN, ASKED_ABORT, ASKED_NEW_PRODUCER, ASKED_UNKNOWN } asked;

static void explain(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void explain(char *why, const char *format, ...) {
        va_list list;

        va_start(list, format);
        (void)vsnprintf(why, SK_KAFKA_WHY_MAX, format, list);
        va_end(list);
}

static bool is_stopping(const sk_kafka_producer *producer) {
        return atomic_load(producer->is_stopping);
}

static bool is_fence(rd_kafka_resp_err_t code) {
        return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
               code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

/* Takes the error: says what it asks for, keeps its sentence. */
static asked take(sk_kafka_producer *producer, rd_kafka_error_t *error, const char *what, char *why) {
        asked result = ASKED_UNKNOWN;

        if (error == NULL)
                return ASKED_NOTHING;
        explain(why, "%s: %s (%s)", what, rd_kafka_error_string(error), rd_kafka_error_name(error));
        producer->is_fenced = producer->is_fenced || is_fence(rd_kafka_error_code(error));
        if (rd_kafka_error_is_fatal(error) || is_fence(rd_kafka_error_code(error)))
                result = ASKED_NEW_PRODUCER; /* not every call marks a fence as fatal */
        else if (rd_kafka_error_txn_requires_abort(error))
                result = ASKED_ABORT;
        else if (rd_kafka_error_is_retriable(error))
                result = ASKED_AGAIN;
        rd_kafka_error_destroy(error);
        return result;
}

/* ---- making ---- */

static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        sk_kafka_producer *producer = self;

        (void)client;
        assert(producer->undelivered > 0);
        producer->undelivered--;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || producer->delivery_error != RD_KAFKA_RESP_ERR_NO_ERROR)
                return;
        producer->delivery_error = message->err;
        (void)snprintf(producer->delivery_topic, sizeof(producer->delivery_topic), "%s",
                       rd_kafka_topic_name(message->rkt));
}

/* A broker that takes no partition into a transaction says so here only; every message of it then is merely dropped. */
static void on_logged(const rd_kafka_t *client, int level, const char *what, const char *text) {
        sk_kafka_producer *producer = rd_kafka_opaque(client);

        (void)level;
        if (strcmp(what, "TXNERR") == 0)
                (void)snprintf(producer->refusal, sizeof(producer->refusal), "%s", text);
}

static void on_failed(rd_kafka_t *client, int error, const char *reason, void *self) {
        sk_kafka_producer *producer = self;

        (void)client;
        sk_kafka_reason_take(&producer->reason, error, reason);
}

sk_err sk_kafka_producer_new(const sk_kafka_producer_config *config, char why[SK_KAFKA_WHY_MAX],
                             sk_kafka_producer **out) {
        assert(config != NULL);
        assert(config->is_stopping != NULL);
        assert(config->run != NULL);
        assert(out != NULL);
        sk_kafka_producer *producer = sk_alloc_zero(1, sizeof(*producer));
        if (producer == NULL)
                return SK_ERR_NO_MEMORY;

        producer->is_stopping = config->is_stopping;
        producer->run = config->run;
        producer->reason = sk_kafka_reason_make(config->settings);
        producer->call_ms = config->call_ms > 0 ? config->call_ms : CALL_MS;
        producer->now_us = config->now_us != NULL ? config->now_us : sk_kafka_monotonic_us;
        producer->timeout_us = (uint64_t)sk_kafka_transaction_timeout_ms(config->settings) * 1000;
        sk_kafka_hooks hooks = {.delivered = on_delivered, .failed = on_failed, .logged = on_logged, .self = producer};
        sk_err err = sk_kafka_client_new(config->settings, SK_KAFKA_PRODUCER, &hooks, why, &producer->client);
        if (err == SK_OK) {
                producer->topics = sk_kafka_topics_new(producer->client);
                err = producer->topics == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        }
        if (err != SK_OK) {
                sk_kafka_producer_free(producer);
                return err;
        }
        *out = producer;
        return SK_OK;
}

void sk_kafka_producer_free(sk_kafka_producer *producer) {
        if (producer == NULL)
                return;
        sk_kafka_topics_free(producer->topics);
        if (producer->client != NULL) {
                /* What is still queued belongs to a transaction that will not be committed. */
                (void)rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                                               RD_KAFKA_PURGE_F_NON_BLOCKING);
                rd_kafka_destroy(producer->client);
        }
        sk_free(producer);
}

sk_err sk_kafka_producer_init(sk_kafka_producer *producer, char why[SK_KAFKA_WHY_MAX]) {
        assert(producer != NULL);
        rd_kafka_error_t *error = rd_kafka_init_transactions(producer->client, producer->call_ms);
        bool is_refused =
                error != NULL && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;

        switch (take(producer, error, "registering the transactional id", why)) {
        case ASKED_NOTHING:
                return SK_OK;
        case ASKED_NEW_PRODUCER:
                return is_refused ? SK_ERR_CONFIG : SK_ERR_FENCED;
        default:
                return SK_ERR_BUSY;
        }
}

static const rd_kafka_metadata_topic_t *topic_find(const rd_kafka_metadata_t *metadata, sk_slice name) {
        for (int i = 0; i < metadata->topic_cnt; i++) {
                if (sk_slice_is(name, metadata->topics[i].topic))
                        return &metadata->topics[i];
        }
        return NULL;
}

static sk_err topic_check(const rd_kafka_metadata_t *metadata, sk_slice name, int32_t partitions, char *why) {
        const rd_kafka_metadata_topic_t *topic = topic_find(metadata, name);

        if (topic == NULL || topic->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
            (topic->err == RD_KAFKA_RESP_ERR_NO_ERROR && topic->partition_cnt == 0)) {
                explain(why, "the cluster has no topic %.*s, or the team may not see it; make it, or allow it",
                        (int)name.len, name.at);
                return SK_ERR_NOT_FOUND;
        }
        if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                explain(why, "topic %.*s: %s; schakel plan says which rights the team needs", (int)name.len, name.at,
                        rd_kafka_err2str(topic->err));
                return topic->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ? SK_ERR_NOT_FOUND : SK_ERR_BUSY;
        }
        if (topic->partition_cnt != partitions) {
                explain(why, "topic %.*s has %d partitions and the chain %d; they must be the same for all topics",
                        (int)name.len, name.at, topic->partition_cnt, (int)partitions);
                return SK_ERR_CONFLICT;
        }
        return SK_OK;
}

sk_err sk_kafka_producer_look(sk_kafka_producer *producer, const sk_slice *topics, size_t count, int32_t partitions,
                              char why[SK_KAFKA_WHY_MAX]) {
        assert(producer != NULL);
        assert((topics != NULL || count == 0));
        const rd_kafka_metadata_t *metadata = NULL;
        sk_err err = SK_OK;

        for (size_t i = 0; i < count; i++) {
                if (sk_kafka_topics_get(producer->topics, topics[i]) == NULL)
                        return SK_ERR_NO_MEMORY;
        }
        rd_kafka_resp_err_t error = rd_kafka_metadata(producer->client, 0, NULL, &metadata, producer->call_ms);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                (void)rd_kafka_poll(producer->client, 0); /* what has failed is told here */
                sk_kafka_reason_explain(&producer->reason, rd_kafka_err2str(error), why);
                return sk_kafka_reason_is_refusal(&producer->reason) ? SK_ERR_CONFIG : SK_ERR_BUSY;
        }
        for (size_t i = 0; i < count && err == SK_OK; i++)
                err = topic_check(metadata, topics[i], partitions, why);
        rd_kafka_metadata_destroy(metadata);
        return err;
}

sk_err sk_kafka_producer_keeping(sk_kafka_producer *producer, const sk_kafka_keeping *keeping,
                                 char beware[SK_KAFKA_WHY_MAX], char why[SK_KAFKA_WHY_MAX]) {
        assert(producer != NULL);
        return sk_kafka_keeping_check(producer->client, keeping, beware, why);
}

/* ---- a transaction ---- */

static asked produce_one(sk_kafka_producer *producer, const sk_record *record, char *why) {
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_topic_t *topic = sk_kafka_topics_get(producer->topics, record->topic->name);

        for (;;) {
                sk_err err = sk_kafka_send(producer->client, topic, record, &error);
                if (err == SK_OK) {
                        producer->undelivered++;
                        return ASKED_NOTHING;
                }
                if (err != SK_ERR_FULL || is_stopping(producer)) {
                        explain(why, "writing to %.*s: %s", (int)record->topic->name.len, record->topic->name.at,
                                error == RD_KAFKA_RESP_ERR_NO_ERROR ? sk_err_text(err) : rd_kafka_err2str(error));
                        return err == SK_ERR_FENCED ? ASKED_NEW_PRODUCER : ASKED_ABORT;
                }
                (void)rd_kafka_poll(producer->client, FULL_MS);
        }
}

static asked produce(sk_kafka_producer *producer, const sk_batch *batch, char *why) {
        producer->undelivered = 0;
        producer->delivery_error = RD_KAFKA_RESP_ERR_NO_ERROR;
        producer->refusal[0] = '\0';
        producer->is_fenced = false;
        producer->begun_us = producer->now_us();
        asked result = take(producer, rd_kafka_begin_transaction(producer->client), "beginning a transaction", why);

        for (size_t i = 0; i < batch->record_count && result == ASKED_NOTHING; i++)
                result = produce_one(producer, &batch->records[i], why);
        return result;
}

void sk_kafka_tag_make(const char *run, uint64_t number, char out[SK_KAFKA_TAG_MAX]) {
        assert(run != NULL);
        assert(out != NULL);
        (void)snprintf(out, SK_KAFKA_TAG_MAX, "%.24s/%" PRIu64, run, number);
}

/* The tag is lent: take it back with offsets_free. */
static rd_kafka_topic_partition_list_t *offsets_of(const sk_batch *batch, char *tag) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)batch->offset_count);

        for (size_t i = 0; i < batch->offset_count; i++) {
                const sk_position *position = &batch->offsets[i];
                char name[SK_KAFKA_NAME_MAX];
                (void)snprintf(name, sizeof(name), "%.*s", (int)position->topic->name.len, position->topic->name.at);
                rd_kafka_topic_partition_t *entry = rd_kafka_topic_partition_list_add(list, name, position->partition);
                entry->offset = position->next_offset;
                entry->metadata = tag;
                entry->metadata_size = strlen(tag);
        }
        return list;
}

static void offsets_free(rd_kafka_topic_partition_list_t *list) {
        for (int i = 0; i < list->cnt; i++)
                list->elems[i].metadata = NULL;
        rd_kafka_topic_partition_list_destroy(list);
}

/* Also when nothing was consumed: the group's answer is the fence (rule T3). */
static asked send_offsets(sk_kafka_producer *producer, const sk_batch *batch,
                          const rd_kafka_consumer_group_metadata_t *group, char *why) {
        char tag[SK_KAFKA_TAG_MAX];
        sk_kafka_tag_make(producer->run, batch->number, tag);
        rd_kafka_topic_partition_list_t *offsets = offsets_of(batch, tag);
        asked result = ASKED_AGAIN;

        assert(batch->offset_count > 0);
        while (result == ASKED_AGAIN && !is_stopping(producer))
                result = take(producer,
                              rd_kafka_send_offsets_to_transaction(producer->client, offsets, group, producer->call_ms),
                              "sending offsets", why);
        offsets_free(offsets);
        return result;
}

/* Ends, as messages time out before their transaction does. */
static asked await_delivery(sk_kafka_producer *producer, char *why) {
        char reason[256];

        while (producer->undelivered > 0 && !is_stopping(producer))
                (void)rd_kafka_poll(producer->client, DELIVERY_MS);
        if (rd_kafka_fatal_error(producer->client, reason, sizeof(reason)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                explain(why, "writing: %s", reason);
                return ASKED_NEW_PRODUCER;
        }
        if (producer->delivery_error == RD_KAFKA_RESP_ERR_NO_ERROR)
                return producer->undelivered > 0 ? ASKED_ABORT : ASKED_NOTHING;
        explain(why, "writing to %s: %s (%s)", producer->delivery_topic, rd_kafka_err2str(producer->delivery_error),
                rd_kafka_err2name(producer->delivery_error));
        return ASKED_ABORT;
}

static bool is_named(const sk_batch *batch, size_t before, const sk_topic *topic) {
        for (size_t i = 0; i < before; i++) {
                if (batch->records[i].topic == topic)
                        return true;
        }
        return false;
}

/* Which of its topics the broker refused is not said: those of other teams are where a right is lost easily. */
static void explain_refusal(const sk_kafka_producer *producer, const sk_batch *batch, char *why) {
        const char *state = strstr(producer->refusal, "failed in state ");
        const char *text = state == NULL ? NULL : strstr(state, ": ");
        unsigned named = 0;

        text = text == NULL ? producer->refusal : text + 2;
        const char *times = strstr(text, " (after ");
        explain(why, "%.*s", (int)(times == NULL ? strlen(text) : (size_t)(times - text)), text);
        for (size_t i = 0; i < batch->record_count && named < NAMED_MAX; i++) {
                const sk_topic *topic = batch->records[i].topic;
                size_t len = strlen(why);
                if ((topic->kind != SK_TOPIC_CALLS && topic->kind != SK_TOPIC_FEEDBACK) || is_named(batch, i, topic))
                        continue;
                (void)snprintf(why + len, SK_KAFKA_WHY_MAX - len, "%s%.*s",
                               named++ == 0 ? "; the link writes to topics of its own and to " : ", ",
                               (int)topic->name.len, topic->name.at);
        }
}

/* What follows from a refusal says nothing of why. */
static void look_for_refusal(sk_kafka_producer *producer, const sk_batch *batch, char *why) {
        (void)rd_kafka_poll(producer->client, 0);
        if (producer->refusal[0] != '\0' &&
            (producer->delivery_error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || strstr(why, "(_STATE)") != NULL))
                explain_refusal(producer, batch, why);
}

/* The reason stays what it was. */
static sk_err abort_transaction(sk_kafka_producer *producer) {
        char unused[SK_KAFKA_WHY_MAX];
        asked result = ASKED_AGAIN;

        while (result == ASKED_AGAIN && !is_stopping(producer))
                result = take(producer, rd_kafka_abort_transaction(producer->client, producer->call_ms), "aborting",
                              unused);
        return result == ASKED_NOTHING ? SK_ERR_ABORTED : SK_ERR_FENCED;
}

/*
 * An abort that the broker carries out proves that nothing was committed. After these errors librdkafka takes a new
 * epoch instead of asking for an abort, which proves nothing.
 */
static bool is_abort_a_proof(rd_kafka_resp_err_t code) {
        return code != RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID && code != RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING;
}

static sk_err end(sk_kafka_producer *producer, char *why) {
        rd_kafka_error_t *error = rd_kafka_commit_transaction(producer->client, producer->call_ms);
        rd_kafka_resp_err_t code = error == NULL ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);

        switch (take(producer, error, "committing", why)) {
        case ASKED_NOTHING:
                return SK_OK;
        case ASKED_AGAIN:
                return SK_ERR_UNKNOWN_OUTCOME;
        case ASKED_ABORT:
                return is_abort_a_proof(code) ? abort_transaction(producer) : SK_ERR_FENCED;
        case ASKED_UNKNOWN:
        case ASKED_NEW_PRODUCER:
                break;
        }
        return SK_ERR_FENCED;
}

/*
 * Whether another process has taken the id over. Who has lost it is told "fenced", and nothing else: the epoch is the
 * first thing that is looked at. So is who has kept a transaction open for longer than its time-out; that has run since
 * the coordinator first heard of the transaction, which is after it was begun here, so whatever comes sooner is no
 * time-out's doing. What comes later is not held against anybody: a rival fences again, and then it comes soon.
 */
static bool has_rival(const sk_kafka_producer *producer) {
        char unused[REFUSAL_MAX];

        if (producer->now_us() - producer->begun_us >= producer->timeout_us)
                return false;
        return producer->is_fenced || is_fence(rd_kafka_fatal_error(producer->client, unused, sizeof(unused)));
}

static sk_err judge(const sk_kafka_producer *producer, sk_err err) {
        return err == SK_ERR_FENCED && !has_rival(producer) ? SK_ERR_LOST : err;
}

static sk_err transact(sk_kafka_producer *producer, const sk_batch *batch,
                       const rd_kafka_consumer_group_metadata_t *group, char *why) {
        asked result = produce(producer, batch, why);

        if (result == ASKED_NOTHING)
                result = send_offsets(producer, batch, group, why);
        if (result == ASKED_NOTHING)
                result = await_delivery(producer, why);
        if (result == ASKED_NOTHING)
                return end(producer, why);
        if (result == ASKED_NEW_PRODUCER)
                return SK_ERR_FENCED;
        look_for_refusal(producer, batch, why);
        return abort_transaction(producer);
}

sk_err sk_kafka_producer_commit(sk_kafka_producer *producer, const sk_batch *batch,
                                const rd_kafka_consumer_group_metadata_t *group, char why[SK_KAFKA_WHY_MAX]) {
        assert(producer != NULL);
        assert(batch != NULL);
        assert(group != NULL);
        return judge(producer, transact(producer, batch, group, why));
}

sk_err sk_kafka_producer_recommit(sk_kafka_producer *producer, char why[SK_KAFKA_WHY_MAX]) {
        assert(producer != NULL);
        return judge(producer, end(producer, why));
}
