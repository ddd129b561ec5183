#include "log/kafka.h"
#include "log/log_inside.h"

/* Kafka as a log among others. */

static sk_err port_open(const sk_log_config *config, const char *place, char why[SK_LOG_TEXT_MAX], void **out) {
        sk_kafka_config kafka_config = {.brokers = place,
                                        .instance = config->instance,
                                        .properties = config->properties,
                                        .property_count = config->property_count,
                                        .state_dir = config->state_dir,
                                        .driver = config->driver,
                                        .partitions = config->partitions,
                                        .acceptance_days = config->acceptance_days,
                                        .passes_gaps = config->passes_gaps,
                                        .tell = config->tell,
                                        .tell_self = config->tell_self};
        sk_kafka *kafka = NULL;
        sk_err err = sk_kafka_new(&kafka_config, why, &kafka);

        if (err == SK_OK)
                *out = kafka;
        return err;
}

static void port_free(void *self) {
        sk_kafka_free(self);
}

static int port_fd(const void *self) {
        return sk_kafka_fd(self);
}

static int64_t port_turn(void *self, int64_t now_us) {
        return sk_kafka_turn(self, now_us);
}

static void port_drain(void *self, int64_t now_us) {
        sk_kafka_drain(self, now_us);
}

static sk_log_stage port_stage_of(const void *self) {
        return sk_kafka_stage_of(self);
}

static int port_exit_code(const void *self) {
        return sk_kafka_exit_code(self);
}

static const char *port_exit_why(const void *self) {
        return sk_kafka_exit_why(self);
}

static void port_count_of(const void *self, sk_log_numbers *out) {
        sk_kafka_count_of(self, out);
}

static int port_crash_fd(const void *self) {
        return sk_kafka_crash_fd(self);
}

static sk_err port_publish(void *self, const char *suffix, sk_slice text) {
        return sk_kafka_publish(self, suffix, text);
}

const sk_log_kind sk_kafka_log_kind = {
        .scheme = "kafka",
        .is_shared = true,
        .open = port_open,
        .free = port_free,
        .fd = port_fd,
        .turn = port_turn,
        .drain = port_drain,
        .stage_of = port_stage_of,
        .exit_code = port_exit_code,
        .exit_why = port_exit_why,
        .count_of = port_count_of,
        .crash_fd = port_crash_fd,
        .publish = port_publish,
};
