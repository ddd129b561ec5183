#ifndef SK_LOG_LOG_INSIDE_H
#define SK_LOG_LOG_INSIDE_H

#include "log/log.h"

/* What a kind of log provides for log/log.h. */
typedef struct sk_log_kind {
        const char *scheme; /**< what stands before the colon of a URL */
        bool is_shared;     /**< by several instances of a team: partitions as the chain says */
        sk_err (*open)(const sk_log_config *config, const char *place, char why[SK_LOG_TEXT_MAX], void **out);
        void (*free)(void *self);
        int (*fd)(const void *self);
        int64_t (*turn)(void *self, int64_t now_us);
        void (*drain)(void *self, int64_t now_us);
        sk_log_stage (*stage_of)(const void *self);
        int (*exit_code)(const void *self);
        const char *(*exit_why)(const void *self);
        void (*count_of)(const void *self, sk_log_numbers *out);
        int (*crash_fd)(const void *self);
        sk_err (*publish)(void *self, const char *suffix, sk_slice text);
} sk_log_kind;

extern const sk_log_kind sk_local_log_kind;
extern const sk_log_kind sk_kafka_log_kind;

#endif
