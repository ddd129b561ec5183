#ifndef SK_LOG_KAFKA_REASON_H
#define SK_LOG_KAFKA_REASON_H

#include "log/kafka_settings.h"

/*
 * Why no connection comes about. librdkafka tells of each attempt and each broker, and its calls then only time out;
 * kept is what tells most: a refused login before a failed handshake before anything else.
 */

typedef struct sk_kafka_reason {
        int error; /**< rd_kafka_resp_err_t; 0: nothing was said */
        bool is_scram;
        char text[300];
} sk_kafka_reason;

/** Nothing is said yet. */
sk_kafka_reason sk_kafka_reason_make(const sk_kafka_settings *settings);
/** As sk_kafka_hooks.failed says it. */
void sk_kafka_reason_take(sk_kafka_reason *reason, int error, const char *text);
/** Whether the brokers are there and do not let us in: waiting alone will not help. */
bool sk_kafka_reason_is_refusal(const sk_kafka_reason *reason);
/**
 * A sentence that says why, and what to do where that is known.
 *
 * @param otherwise  what to say when nothing was said
 */
void sk_kafka_reason_explain(const sk_kafka_reason *reason, const char *otherwise, char why[SK_KAFKA_WHY_MAX]);

/** What people should know about the settings before anything has gone wrong; false: there is no more. */
bool sk_kafka_beware(const sk_kafka_settings *settings, unsigned index, char text[SK_KAFKA_WHY_MAX]);

#endif
