#include "log/kafka_admin.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "log/kafka_admin_inside.h"

#define METADATA_MS 5000
#define ANSWER_MS 60000
#define OPERATION_MS 30000
#define TRIES 2
#define TRY_MS 10000

static void on_failed(rd_kafka_t *client, int error, const char *reason, void *self) {
        sk_kafka_admin *admin = self;

        (void)client;
        sk_kafka_reason_take(&admin->reason, error, reason);
}

void sk_kafka_admin_free(sk_kafka_admin *admin) {
        if (admin == NULL)
                return;
        if (admin->queue != NULL)
                rd_kafka_queue_destroy(admin->queue);
        if (admin->client != NULL)
                rd_kafka_destroy(admin->client);
        sk_kafka_properties_free(admin->properties, admin->settings.property_count);
        sk_free(admin->brokers);
        sk_free(admin);
}

sk_err sk_kafka_admin_new(const sk_kafka_admin_config *config, char why[SK_LOG_WHY_MAX], sk_kafka_admin **out) {
        static_assert(SK_KAFKA_WHY_MAX == SK_LOG_WHY_MAX, "sentences have one length");
        assert(config != NULL);
        assert(config->brokers != NULL);
        assert(out != NULL);
        sk_kafka_admin *admin = sk_alloc_zero(1, sizeof(*admin));
        if (admin == NULL)
                return SK_ERR_NO_MEMORY;

        sk_kafka_hooks hooks = {.failed = on_failed, .self = admin};
        admin->brokers = sk_alloc_copy(config->brokers, strlen(config->brokers));
        admin->properties = sk_kafka_properties_copy(config->properties, config->property_count);
        sk_err err = admin->brokers == NULL || admin->properties == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        if (err == SK_OK) {
                admin->settings.brokers = admin->brokers;
                admin->settings.properties = admin->properties;
                admin->settings.property_count = config->property_count;
                admin->reason = sk_kafka_reason_make(&admin->settings);
                err = sk_kafka_client_new(&admin->settings, SK_KAFKA_ADMIN, &hooks, why, &admin->client);
        }
        if (err != SK_OK) {
                sk_kafka_admin_free(admin);
                return err;
        }
        admin->queue = rd_kafka_queue_new(admin->client);
        *out = admin;
        return SK_OK;
}

/* ---- requests ---- */

rd_kafka_AdminOptions_t *sk_kafka_admin_options(sk_kafka_admin *admin, rd_kafka_admin_op_t operation) {
        char unused[128];
        rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->client, operation);

        if (options == NULL)
                return NULL;
        /* Not every request knows the first one. */
        (void)rd_kafka_AdminOptions_set_operation_timeout(options, OPERATION_MS, unused, sizeof(unused));
        (void)rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, unused, sizeof(unused));
        return options;
}

rd_kafka_event_t *sk_kafka_admin_await(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX]) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(admin->queue, 2 * ANSWER_MS);

        if (event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
                return event;
        (void)snprintf(why, SK_LOG_WHY_MAX, "%s",
                       event == NULL ? "no broker answers in time" : rd_kafka_event_error_string(event));
        if (event != NULL)
                rd_kafka_event_destroy(event);
        return NULL;
}

const rd_kafka_metadata_t *sk_kafka_admin_metadata(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX]) {
        const rd_kafka_metadata_t *metadata = NULL;
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;

        for (unsigned i = 0; i < TRIES; i++) {
                error = rd_kafka_metadata(admin->client, 1, NULL, &metadata, METADATA_MS);
                if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                        return metadata;
                (void)rd_kafka_poll(admin->client, 0);
                if (sk_kafka_reason_is_refusal(&admin->reason))
                        break;
        }
        sk_kafka_reason_explain(&admin->reason, rd_kafka_err2str(error), why);
        return NULL;
}

sk_err sk_kafka_admin_brokers(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX], int *out) {
        assert(admin != NULL);
        assert(out != NULL);
        const rd_kafka_metadata_t *metadata = sk_kafka_admin_metadata(admin, why);

        if (metadata == NULL)
                return SK_ERR_BUSY;
        *out = metadata->broker_cnt;
        rd_kafka_metadata_destroy(metadata);
        return SK_OK;
}

/* ---- trying ---- */

static void on_try_failed(rd_kafka_t *client, int error, const char *text, void *self) {
        (void)client;
        sk_kafka_reason_take(self, error, text);
}

/* A login that is refused fails like one that takes long: what was said in the meantime tells them apart. */
static sk_err register_id(rd_kafka_t *client, const sk_kafka_reason *reason, char *why) {
        for (unsigned i = 0; i < TRIES; i++) {
                rd_kafka_error_t *error = rd_kafka_init_transactions(client, TRY_MS);
                if (error == NULL)
                        return SK_OK;
                bool is_fatal = rd_kafka_error_is_fatal(error) != 0;
                (void)rd_kafka_poll(client, 0);
                if (is_fatal)
                        (void)snprintf(why, SK_LOG_WHY_MAX, "registering a transactional id: %s",
                                       rd_kafka_error_string(error));
                else
                        sk_kafka_reason_explain(reason, rd_kafka_error_string(error), why);
                rd_kafka_error_destroy(error);
                if (is_fatal)
                        return SK_ERR_CONFIG;
                if (sk_kafka_reason_is_refusal(reason))
                        return SK_ERR_BUSY;
        }
        return SK_ERR_BUSY;
}

sk_err sk_kafka_try_link(const sk_kafka_try *try, char why[SK_LOG_WHY_MAX]) {
        assert(try != NULL);
        assert(sk_slice_there(try->team));
        sk_kafka_reason reason = {.error = 0};
        sk_kafka_hooks hooks = {.failed = on_try_failed, .self = &reason};
        sk_kafka_property *properties = sk_kafka_properties_copy(try->properties, try->property_count);
        sk_kafka_settings settings = {.brokers = try->brokers,
                                      .chain = try->chain,
                                      .team = try->team,
                                      .instance = SK_SLICE("schakel-apply"),
                                      .properties = properties,
                                      .property_count = try->property_count};
        rd_kafka_t *client = NULL;
        sk_err err = SK_ERR_NO_MEMORY;

        reason = sk_kafka_reason_make(&settings);
        if (properties != NULL)
                err = sk_kafka_client_new(&settings, SK_KAFKA_PRODUCER, &hooks, why, &client);
        if (err == SK_ERR_CONFIG)
                err = SK_ERR_MISSING;
        if (err == SK_OK) {
                err = register_id(client, &reason, why);
                rd_kafka_destroy(client);
        }
        sk_kafka_properties_free(properties, try->property_count);
        return err;
}
