#include "log/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "log/log_inside.h"

/* Finds the kind of log by the scheme of its URL. */

struct sk_log {
        const sk_log_kind *kind;
        void *self;
};

static const sk_log_kind *const kinds[] = {
        &sk_local_log_kind,
#ifdef SK_HAVE_RDKAFKA
        &sk_kafka_log_kind,
#endif
};

static const sk_log_kind *kind_find(const char *url, const char **out_place) {
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                size_t len = strlen(kinds[i]->scheme);
                if (strncmp(url, kinds[i]->scheme, len) == 0 && url[len] == ':' && url[len + 1] != '\0') {
                        *out_place = url + len + 1;
                        return kinds[i];
                }
        }
        return NULL;
}

bool sk_log_is_url(const char *url, char why[SK_LOG_TEXT_MAX]) {
        assert(url != NULL);
        const char *place = NULL;
        bool is_known = kind_find(url, &place) != NULL;

        if (is_known || why == NULL)
                return is_known;
        (void)snprintf(why, SK_LOG_TEXT_MAX, "%s",
                       strncmp(url, "kafka:", 6) == 0 && sizeof(kinds) / sizeof(kinds[0]) == 1
                               ? "this program was built without librdkafka; build it with librdkafka-dev installed"
                               : "a log is given as local:FILE or kafka:HOST:PORT, such as local:chain.log");
        return false;
}

int32_t sk_log_partitions(const char *url, int32_t of_chain) {
        return sk_log_is_shared(url) ? of_chain : 1;
}

bool sk_log_is_shared(const char *url) {
        assert(url != NULL);
        const char *place = NULL;
        const sk_log_kind *kind = kind_find(url, &place);

        return kind != NULL && kind->is_shared;
}

sk_err sk_log_new(const sk_log_config *config, char why[SK_LOG_TEXT_MAX], sk_log **out) {
        assert(config != NULL);
        assert(config->driver != NULL);
        assert(out != NULL);
        const char *place = NULL;
        const sk_log_kind *kind = kind_find(config->url, &place);

        if (!sk_log_is_url(config->url, why))
                return SK_ERR_SYNTAX;
        sk_log *log = sk_alloc_zero(1, sizeof(*log));
        if (log == NULL)
                return SK_ERR_NO_MEMORY;
        log->kind = kind;
        sk_err err = kind->open(config, place, why, &log->self);
        if (err != SK_OK) {
                sk_free(log);
                return err;
        }
        *out = log;
        return SK_OK;
}

void sk_log_free(sk_log *log) {
        if (log == NULL)
                return;
        log->kind->free(log->self);
        sk_free(log);
}

int sk_log_fd(const sk_log *log) {
        return log->kind->fd(log->self);
}

int64_t sk_log_turn(sk_log *log, int64_t now_us) {
        return log->kind->turn(log->self, now_us);
}

void sk_log_drain(sk_log *log, int64_t now_us) {
        log->kind->drain(log->self, now_us);
}

sk_log_stage sk_log_stage_of(const sk_log *log) {
        return log->kind->stage_of(log->self);
}

int sk_log_exit_code(const sk_log *log) {
        return log->kind->exit_code(log->self);
}

const char *sk_log_exit_why(const sk_log *log) {
        return log->kind->exit_why(log->self);
}

void sk_log_count_of(const sk_log *log, sk_log_numbers *out) {
        log->kind->count_of(log->self, out);
}

int sk_log_crash_fd(const sk_log *log) {
        return log->kind->crash_fd(log->self);
}

sk_err sk_log_publish(sk_log *log, const char *suffix, sk_slice text) {
        return log->kind->publish(log->self, suffix, text);
}
