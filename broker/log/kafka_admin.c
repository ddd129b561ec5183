#include "log/kafka_admin.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/when.h"

#define ANSWER_MS 60000
#define OPERATION_MS 30000
#define TRIES 3
#define LONG_DAYS 400

/* ---- which ---- */

struct listing {
        const sk_edition *edition;
        sk_slice team;
        sk_kafka_topic *out;
        size_t room;
        size_t count;
};

static void list_one(struct listing *listing, sk_slice owner, sk_topic_kind kind, sk_slice peer) {
        static const char *const words[SK_TOPIC_KINDS] = {
                [SK_TOPIC_CALLS] = "calls",          [SK_TOPIC_FEEDBACK] = "feedback", [SK_TOPIC_WORK] = "work",
                [SK_TOPIC_JOURNAL] = "journal",      [SK_TOPIC_EVENTS] = "events",     [SK_TOPIC_ARCHIVE] = "archive",
                [SK_TOPIC_DEADLETTER] = "deadletter"};
        sk_slice chain = sk_edition_chain(listing->edition);

        if (sk_slice_there(listing->team) && !sk_slice_equal(listing->team, owner))
                return;
        if (listing->count < listing->room) {
                sk_kafka_topic *topic = &listing->out[listing->count];
                topic->kind = kind;
                (void)snprintf(topic->name, sizeof(topic->name), "%.*s.%.*s.%s%s%.*s", (int)chain.len, chain.at,
                               (int)owner.len, owner.at, words[kind], sk_slice_there(peer) ? "." : "", (int)peer.len,
                               sk_slice_there(peer) ? peer.at : "");
        }
        listing->count++;
}

size_t sk_kafka_chain_topics(const sk_edition *edition, sk_slice team, sk_kafka_topic *out, size_t room) {
        static const sk_topic_kind own[] = {SK_TOPIC_WORK, SK_TOPIC_JOURNAL, SK_TOPIC_EVENTS, SK_TOPIC_ARCHIVE,
                                            SK_TOPIC_DEADLETTER};
        struct listing listing = {.edition = edition, .team = team, .out = out, .room = room};

        assert(edition != NULL && (out != NULL || room == 0));
        for (size_t i = 0; i < sk_edition_team_count(edition); i++) {
                for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
                        list_one(&listing, sk_team_name(sk_edition_team_at(edition, i)), own[k], SK_NONE);
        }
        for (size_t i = 0; i < sk_edition_agreement_count(edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                sk_slice customer = sk_agreement_customer(agreement);
                sk_slice provider = sk_agreement_provider(agreement);
                list_one(&listing, provider, SK_TOPIC_CALLS, customer);
                list_one(&listing, customer, SK_TOPIC_FEEDBACK, provider);
        }
        return listing.count;
}

/* ---- how ---- */

static const struct setting {
        unsigned kinds;
        const char *name;
        const char *value; /* NULL: milliseconds of `days` */
        uint32_t days;     /* 0: the acceptance age */
} settings[] = {
#define OF(kind) (1u << SK_TOPIC_##kind)
#define SENT (OF(CALLS) | OF(FEEDBACK) | OF(WORK))
#define KEPT (OF(EVENTS) | OF(ARCHIVE) | OF(DEADLETTER))
        {SENT | KEPT, "cleanup.policy", "delete", 0},
        {SENT, "message.timestamp.type", "LogAppendTime", 0},
        {SENT, "retention.ms", NULL, 0},
        {KEPT, "retention.ms", NULL, LONG_DAYS},
        {OF(DEADLETTER), "max.message.bytes", "4194304", 0},
        {OF(JOURNAL), "cleanup.policy", "compact", 0},
        {OF(JOURNAL), "segment.bytes", "67108864", 0},
        {OF(JOURNAL), "segment.ms", "3600000", 0},
        {OF(JOURNAL), "min.cleanable.dirty.ratio", "0.1", 0},
        {OF(JOURNAL), "max.compaction.lag.ms", "3600000", 0},
        {OF(JOURNAL), "delete.retention.ms", "86400000", 0},
};

size_t sk_kafka_topic_settings(sk_topic_kind kind, uint32_t acceptance_days,
                               sk_kafka_topic_setting out[SK_KAFKA_TOPIC_SETTINGS]) {
        assert(kind < SK_TOPIC_KINDS && out != NULL);
        size_t count = 0;

        for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
                uint32_t days = settings[i].days == 0 ? acceptance_days : settings[i].days;
                if ((settings[i].kinds & 1u << kind) == 0)
                        continue;
                assert(count < SK_KAFKA_TOPIC_SETTINGS);
                out[count].name = settings[i].name;
                if (settings[i].value != NULL)
                        (void)snprintf(out[count].value, sizeof(out[count].value), "%s", settings[i].value);
                else
                        (void)snprintf(out[count].value, sizeof(out[count].value), "%" PRIu64,
                                       (uint64_t)days * (uint64_t)(SK_DAY_US / 1000));
                count++;
        }
        return count;
}

/* ---- making ---- */

static rd_kafka_NewTopic_t *new_topic(const sk_kafka_topics_make *make, const sk_kafka_topic *topic, char *why) {
        sk_kafka_topic_setting list[SK_KAFKA_TOPIC_SETTINGS];
        size_t count = sk_kafka_topic_settings(topic->kind, make->acceptance_days, list);
        rd_kafka_NewTopic_t *made =
                rd_kafka_NewTopic_new(topic->name, make->partitions, make->replicas, why, SK_KAFKA_WHY_MAX);

        for (size_t i = 0; made != NULL && i < count; i++)
                (void)rd_kafka_NewTopic_set_config(made, list[i].name, list[i].value);
        return made;
}

static sk_err result_of(rd_kafka_event_t *event, char *why) {
        size_t count = 0;
        const rd_kafka_topic_result_t **results = NULL;
        const rd_kafka_CreateTopics_result_t *all = rd_kafka_event_CreateTopics_result(event);

        if (all == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "no broker has made the topics: %s",
                               rd_kafka_event_error_string(event));
                return SK_ERR_BUSY;
        }
        results = rd_kafka_CreateTopics_result_topics(all, &count);
        for (size_t i = 0; i < count; i++) {
                rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
                const char *text = rd_kafka_topic_result_error_string(results[i]);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
                        continue;
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "topic %s: %s", rd_kafka_topic_result_name(results[i]),
                               text == NULL ? rd_kafka_err2str(error) : text);
                return error == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT ? SK_ERR_BUSY : SK_ERR_CONFIG;
        }
        return SK_OK;
}

static sk_err ask(rd_kafka_t *client, rd_kafka_NewTopic_t **topics, size_t count, char *why) {
        char reason[128];
        rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
        rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
        sk_err err = SK_ERR_BUSY;

        (void)rd_kafka_AdminOptions_set_operation_timeout(options, OPERATION_MS, reason, sizeof(reason));
        (void)rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, reason, sizeof(reason));
        rd_kafka_CreateTopics(client, topics, count, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS);
        if (event != NULL) {
                err = result_of(event, why);
                rd_kafka_event_destroy(event);
        }
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_queue_destroy(queue);
        return err;
}

sk_err sk_kafka_topics_create(const sk_kafka_topics_make *make, char why[SK_KAFKA_WHY_MAX]) {
        assert(make != NULL && make->partitions > 0);
        rd_kafka_t *client = NULL;
        size_t count = 0;
        why[0] = '\0';
        rd_kafka_NewTopic_t **topics = sk_alloc_zero(make->topic_count + 1, sizeof(rd_kafka_NewTopic_t *));
        sk_err err = topics == NULL ? SK_ERR_NO_MEMORY
                                    : sk_kafka_client_new(make->settings, SK_KAFKA_ADMIN, NULL, why, &client);

        while (err == SK_OK && count < make->topic_count) {
                topics[count] = new_topic(make, &make->topics[count], why);
                if (topics[count] == NULL)
                        err = SK_ERR_CONFIG;
                else
                        count++;
        }
        if (err == SK_OK) {
                err = SK_ERR_BUSY;
                for (unsigned i = 0; i < TRIES && err == SK_ERR_BUSY && count > 0; i++)
                        err = ask(client, topics, count, why);
        }
        for (size_t i = 0; topics != NULL && i < count; i++)
                rd_kafka_NewTopic_destroy(topics[i]);
        sk_free(topics);
        if (client != NULL)
                rd_kafka_destroy(client);
        return err;
}
