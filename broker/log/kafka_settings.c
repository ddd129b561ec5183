#include "log/kafka_settings.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"

/*
 * A row of the table is a property; who changes a fixed one would break a promise, so it is an error. Times that follow
 * from others are computed. librdkafka below 2.4 does not know `group.protocol`: what is not known there and has the
 * wanted effect anyway is passed over.
 */

#define TRANSACTION_TIMEOUT_MS 30000
#define TEXT_MAX 300
#define SECRET_MAX 4096

enum {
        MEMBER = 1 << SK_KAFKA_MEMBER,
        RESTORER = 1 << SK_KAFKA_RESTORER,
        WATCHER = 1 << SK_KAFKA_WATCHER,
        PRODUCER = 1 << SK_KAFKA_PRODUCER,
        READER = 1 << SK_KAFKA_READER,
        WRITER = 1 << SK_KAFKA_WRITER,
        ADMIN = 1 << SK_KAFKA_ADMIN,
        CONSUMERS = MEMBER | RESTORER | READER,
        PRODUCERS = PRODUCER | WRITER | WATCHER | ADMIN,
        EVERY = CONSUMERS | PRODUCERS,
};

static const struct row {
        int roles;
        const char *name;
        const char *value;
        bool is_fixed;
        bool may_be_unknown;
} rows[] = {
        {EVERY, "socket.keepalive.enable", "true", false, false},
        {EVERY, "socket.nagle.disable", "true", false, false},
        {EVERY, "socket.timeout.ms", "20000", false, false},
        {EVERY, "reconnect.backoff.ms", "50", false, false},
        {EVERY, "reconnect.backoff.max.ms", "1000", false, false},
        {EVERY, "retry.backoff.ms", "10", false, false},
        {EVERY, "topic.metadata.refresh.fast.interval.ms", "100", false, false},
        {CONSUMERS, "enable.auto.commit", "false", true, false},
        {CONSUMERS, "enable.auto.offset.store", "false", true, false},
        {CONSUMERS, "allow.auto.create.topics", "false", true, false},
        {CONSUMERS, "auto.offset.reset", "error", true, false},
        {CONSUMERS, "isolation.level", "read_committed", true, false},
        {CONSUMERS, "fetch.error.backoff.ms", "50", false, false},
        /* Fetching that has stopped at a full queue may begin again a second later: the queue must last for that long. */
        {CONSUMERS, "queued.min.messages", "100000", false, false},
        {CONSUMERS, "queued.max.messages.kbytes", "16384", false, false},
        {MEMBER, "group.protocol", "classic", true, true},
        {MEMBER, "partition.assignment.strategy", "range", true, false},
        {MEMBER, "session.timeout.ms", "30000", false, false},
        {CONSUMERS, "enable.partition.eof", "true", true, false},
        {MEMBER, "statistics.interval.ms", "5000", true, false},
        {MEMBER, "fetch.wait.max.ms", "200", false, false}, /* a partition that is added waits for the fetch underway */
        {RESTORER, "fetch.wait.max.ms", "20", false, false},
        {READER, "fetch.wait.max.ms", "1", false, false}, /* it fetches while somebody reads, and no longer */
        {WATCHER, "isolation.level", "read_uncommitted", true, false},
        {WATCHER, "acks", "all", true, false},
        {WATCHER, "message.timeout.ms", "10000", false, false},
        {PRODUCER | WRITER, "enable.idempotence", "true", true, false},
        {PRODUCER | WRITER | WATCHER, "linger.ms", "0", false, false},
        {PRODUCER | WRITER, "message.max.bytes", "4194304", false, false},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What is computed here and is not the user's to say. */
static const char *const own[] = {"bootstrap.servers", "metadata.broker.list", "group.id",
                                  "group.instance.id", "transactional.id",     "request.required.acks"};

static const char *said(const sk_kafka_settings *settings, const char *name) {
        for (size_t i = 0; i < settings->property_count; i++) {
                if (strcmp(settings->properties[i].name, name) == 0)
                        return settings->properties[i].value;
        }
        return NULL;
}

int sk_kafka_milliseconds(const sk_kafka_settings *settings, const char *name, int otherwise) {
        assert(settings != NULL);
        assert(name != NULL);
        const char *text = said(settings, name);
        char *end = NULL;
        long value = text == NULL ? 0 : strtol(text, &end, 10);

        return text == NULL || *text == '\0' || *end != '\0' || value <= 0 || value > INT_MAX ? otherwise : (int)value;
}

int sk_kafka_transaction_timeout_ms(const sk_kafka_settings *settings) {
        return sk_kafka_milliseconds(settings, "transaction.timeout.ms", TRANSACTION_TIMEOUT_MS);
}

static sk_err name_make(const sk_kafka_settings *settings, sk_slice last, char out[SK_KAFKA_NAME_MAX]) {
        const char *prefix = said(settings, SK_KAFKA_PREFIX);
        int len = snprintf(out, SK_KAFKA_NAME_MAX, "%s%.*s.%.*s%s%.*s", prefix == NULL ? "" : prefix,
                           (int)settings->chain.len, settings->chain.at, (int)settings->team.len, settings->team.at,
                           sk_slice_there(last) ? "." : "", (int)last.len, sk_slice_there(last) ? last.at : "");

        return len > 0 && len < SK_KAFKA_NAME_MAX ? SK_OK : SK_ERR_SIZE;
}

sk_err sk_kafka_group_name(const sk_kafka_settings *settings, char out[SK_KAFKA_NAME_MAX]) {
        assert(settings != NULL);
        assert(sk_slice_there(settings->team));
        return name_make(settings, SK_NONE, out);
}

sk_err sk_kafka_transactional_id(const sk_kafka_settings *settings, char out[SK_KAFKA_NAME_MAX]) {
        assert(settings != NULL);
        assert(sk_slice_there(settings->instance));
        return name_make(settings, settings->instance, out);
}

sk_kafka_property *sk_kafka_properties_copy(const sk_chain_property *properties, size_t count) {
        assert(properties != NULL || count == 0);
        sk_kafka_property *list = sk_alloc_zero(count + 1, sizeof(*list));

        for (size_t i = 0; list != NULL && i < count; i++) {
                list[i].name = sk_alloc_copy(properties[i].name.at, properties[i].name.len);
                list[i].value = sk_alloc_copy(properties[i].value.at, properties[i].value.len);
                if (list[i].name == NULL || list[i].value == NULL) {
                        sk_kafka_properties_free(list, count);
                        return NULL;
                }
        }
        return list;
}

void sk_kafka_properties_free(sk_kafka_property *properties, size_t count) {
        for (size_t i = 0; properties != NULL && i < count; i++) {
                char *value = (char *)(uintptr_t)properties[i].value;
                if (value != NULL)
                        explicit_bzero(value, strlen(value));
                sk_free(value);
                sk_free((void *)(uintptr_t)properties[i].name);
        }
        sk_free(properties);
}

/* ---- setting ---- */

/* Values may be secrets: librdkafka's own sentence quotes them, so it is not passed on. */
static sk_err set(rd_kafka_conf_t *conf, const char *name, const char *value, char *why) {
        char reason[TEXT_MAX];

        switch (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason))) {
        case RD_KAFKA_CONF_OK:
                return SK_OK;
        case RD_KAFKA_CONF_UNKNOWN:
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "librdkafka %s knows no property \"%.100s\"",
                               rd_kafka_version_str(), name);
                return SK_ERR_NOT_FOUND;
        default:
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "librdkafka refuses the value of the property \"%.100s\"", name);
                return SK_ERR_CONFIG;
        }
}

static bool is_fixed(const char *name) {
        for (size_t i = 0; i < ROWS; i++) {
                if (rows[i].is_fixed && strcmp(rows[i].name, name) == 0)
                        return true;
        }
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
                if (strcmp(own[i], name) == 0)
                        return true;
        }
        return false;
}

static sk_err set_rows(rd_kafka_conf_t *conf, sk_kafka_role role, char *why) {
        for (size_t i = 0; i < ROWS; i++) {
                if ((rows[i].roles & 1 << role) == 0)
                        continue;
                sk_err err = set(conf, rows[i].name, rows[i].value, why);
                if (err == SK_ERR_NOT_FOUND && rows[i].may_be_unknown)
                        continue;
                if (err != SK_OK)
                        return SK_ERR_CONFIG;
        }
        return SK_OK;
}

/* A secret in a file ends where its line ends. */
static sk_err set_from_file(rd_kafka_conf_t *conf, const char *name, const char *path, char *why) {
        char value[SECRET_MAX];
        FILE *file = fopen(path, "re");
        size_t len = file == NULL ? 0 : fread(value, 1, sizeof(value) - 1, file);
        bool is_whole = file != NULL && ferror(file) == 0 && len < sizeof(value) - 1;

        if (file != NULL)
                (void)fclose(file);
        if (!is_whole) {
                (void)snprintf(why, SK_KAFKA_WHY_MAX,
                               "the property \"%.100s\" is to be read from %.200s, which cannot be read or is too long",
                               name, path);
                return SK_ERR_CONFIG;
        }
        value[len] = '\0';
        value[strcspn(value, "\r\n")] = '\0';
        sk_err err = set(conf, name, value, why);
        explicit_bzero(value, sizeof(value));
        return err;
}

static sk_err set_value(rd_kafka_conf_t *conf, const sk_kafka_property *property, char *why) {
        static const char in_environment[] = "env:";
        static const char in_file[] = "file:";

        if (strncmp(property->value, in_file, strlen(in_file)) == 0)
                return set_from_file(conf, property->name, property->value + strlen(in_file), why);
        if (strncmp(property->value, in_environment, strlen(in_environment)) != 0)
                return set(conf, property->name, property->value, why);
        const char *value = getenv(property->value + strlen(in_environment));
        if (value != NULL)
                return set(conf, property->name, value, why);
        (void)snprintf(why, SK_KAFKA_WHY_MAX,
                       "the property \"%.100s\" is to be in the variable %.100s, which is not set", property->name,
                       property->value + strlen(in_environment));
        return SK_ERR_CONFIG;
}

static sk_err check_prefix(const char *prefix, char *why) {
        if (sk_edition_is_kafka_prefix(sk_slice_of(prefix)))
                return SK_OK;
        (void)snprintf(why, SK_KAFKA_WHY_MAX,
                       "the property \"%s\" is up to %d letters, digits, dots, hyphens and underscores",
                       SK_KAFKA_PREFIX, SK_KAFKA_PREFIX_MAX);
        return SK_ERR_CONFIG;
}

/* A property of consumers is nothing to a producer: librdkafka would only warn. */
static sk_err set_said(rd_kafka_conf_t *conf, const sk_kafka_settings *settings, char *why) {
        for (size_t i = 0; i < settings->property_count; i++) {
                const sk_kafka_property *property = &settings->properties[i];
                if (is_fixed(property->name)) {
                        (void)snprintf(why, SK_KAFKA_WHY_MAX,
                                       "the property \"%.100s\" follows from the protocol and "
                                       "cannot be set; leave it out",
                                       property->name);
                        return SK_ERR_CONFIG;
                }
                bool is_ours = strcmp(property->name, SK_KAFKA_PREFIX) == 0;
                if ((is_ours ? check_prefix(property->value, why) : set_value(conf, property, why)) != SK_OK)
                        return SK_ERR_CONFIG;
        }
        return SK_OK;
}

static sk_err set_number(rd_kafka_conf_t *conf, const char *name, int value, char *why) {
        char text[32];

        (void)snprintf(text, sizeof(text), "%d", value);
        return set(conf, name, text, why);
}

/* Rule T1: a message gives up before its transaction does, so that a commit fails and does not hang. */
static sk_err set_producer(rd_kafka_conf_t *conf, const sk_kafka_settings *settings, char *why) {
        char name[SK_KAFKA_NAME_MAX];
        int timeout_ms = sk_kafka_transaction_timeout_ms(settings);
        sk_err err = sk_kafka_transactional_id(settings, name);

        if (err != SK_OK)
                return err;
        err = set(conf, "transactional.id", name, why);
        if (err == SK_OK)
                err = set_number(conf, "transaction.timeout.ms", timeout_ms, why);
        if (err == SK_OK && said(settings, "message.timeout.ms") == NULL)
                err = set_number(conf, "message.timeout.ms", timeout_ms - timeout_ms / 6, why);
        return err;
}

static sk_err set_group(rd_kafka_conf_t *conf, const sk_kafka_settings *settings, sk_kafka_role role, char *why) {
        char name[SK_KAFKA_NAME_MAX];
        sk_err err = sk_kafka_group_name(settings, name);

        if (err == SK_OK)
                err = set(conf, "group.id", name, why);
        if (err != SK_OK || role != SK_KAFKA_MEMBER)
                return err;
        (void)snprintf(name, sizeof(name), "%.*s", (int)settings->instance.len, settings->instance.at);
        return set(conf, "group.instance.id", name, why);
}

static sk_err set_names(rd_kafka_conf_t *conf, const sk_kafka_settings *settings, sk_kafka_role role, char *why) {
        char client[SK_KAFKA_NAME_MAX];

        (void)snprintf(client, sizeof(client), "schakel-%.*s-%.*s", (int)settings->team.len,
                       sk_slice_there(settings->team) ? settings->team.at : "", (int)settings->instance.len,
                       sk_slice_there(settings->instance) ? settings->instance.at : "");
        sk_err err = set(conf, "bootstrap.servers", settings->brokers, why);
        if (err == SK_OK && said(settings, "client.id") == NULL)
                err = set(conf, "client.id", client, why);
        if (err == SK_OK && (role == SK_KAFKA_MEMBER || role == SK_KAFKA_RESTORER))
                err = set_group(conf, settings, role, why);
        if (err == SK_OK && role == SK_KAFKA_READER)
                err = set(conf, "group.id", "schakel-tool", why); /* never joined, but librdkafka wants one */
        if (err == SK_OK && role == SK_KAFKA_PRODUCER)
                err = set_producer(conf, settings, why);
        return err;
}

/* What librdkafka has to say is said by the calls that fail; its own lines would come by the thousand. */
static void be_quiet(const rd_kafka_t *client, int level, const char *facility, const char *text) {
        (void)client;
        (void)level;
        (void)facility;
        (void)text;
}

static void set_hooks(rd_kafka_conf_t *conf, const sk_kafka_hooks *hooks) {
        rd_kafka_conf_set_log_cb(conf, be_quiet);
        if (hooks == NULL)
                return;
        rd_kafka_conf_set_opaque(conf, hooks->self);
        if (hooks->delivered != NULL)
                rd_kafka_conf_set_dr_msg_cb(conf, hooks->delivered);
        if (hooks->logged != NULL) {
                rd_kafka_conf_set_log_cb(conf, hooks->logged);
                (void)rd_kafka_conf_set(conf, "log.queue", "true", NULL, 0); /* not on librdkafka's own threads */
        }
        if (hooks->failed != NULL)
                rd_kafka_conf_set_error_cb(conf, hooks->failed);
        if (hooks->events != 0)
                rd_kafka_conf_set_events(conf, hooks->events);
}

static sk_err conf_make(const sk_kafka_settings *settings, sk_kafka_role role, char *why, rd_kafka_conf_t **out) {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        sk_err err = set_rows(conf, role, why);
        if (err == SK_OK)
                err = set_said(conf, settings, why);
        if (err == SK_OK)
                err = set_names(conf, settings, role, why);
        if (err == SK_ERR_SIZE)
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "the names of chain, team and instance are too long together");
        if (err != SK_OK) {
                rd_kafka_conf_destroy(conf);
                return SK_ERR_CONFIG;
        }
        *out = conf;
        return SK_OK;
}

sk_err sk_kafka_client_check(const sk_kafka_settings *settings, sk_kafka_role role, char why[SK_KAFKA_WHY_MAX]) {
        assert(settings != NULL);
        assert(role < SK_KAFKA_ROLES);
        rd_kafka_conf_t *conf = NULL;
        sk_err err = conf_make(settings, role, why, &conf);

        if (err == SK_OK)
                rd_kafka_conf_destroy(conf);
        return err;
}

sk_err sk_kafka_client_new(const sk_kafka_settings *settings, sk_kafka_role role, const sk_kafka_hooks *hooks,
                           char why[SK_KAFKA_WHY_MAX], rd_kafka_t **out) {
        assert(settings != NULL);
        assert(role < SK_KAFKA_ROLES);
        assert(out != NULL);
        char reason[TEXT_MAX];
        rd_kafka_conf_t *conf = NULL;
        bool is_consumer = (CONSUMERS & 1 << role) != 0;
        sk_err err = conf_make(settings, role, why, &conf);

        if (err != SK_OK)
                return err;
        set_hooks(conf, hooks);
        rd_kafka_t *client =
                rd_kafka_new(is_consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
        if (client == NULL) {
                rd_kafka_conf_destroy(conf);
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "librdkafka cannot be started: %s", reason);
                return SK_ERR_CONFIG;
        }
        if (hooks != NULL && hooks->logged != NULL)
                (void)rd_kafka_set_log_queue(client, NULL);
        *out = client;
        return SK_OK;
}
