#ifndef SK_LOG_KAFKA_RECORD_H
#define SK_LOG_KAFKA_RECORD_H

#include <librdkafka/rdkafka.h>

#include "event/record.h"
#include "kit/buf.h"
#include "kit/err.h"

/* Records as librdkafka has them and as the link has them. Header by header, nothing is translated. */

/** Topics by name, as handles of one client; made when they are first asked for. One thread. */
typedef struct sk_kafka_topics sk_kafka_topics;

/** New; free before the client. NULL without memory. */
sk_kafka_topics *sk_kafka_topics_new(rd_kafka_t *client);
/** NULL is legal. */
void sk_kafka_topics_free(sk_kafka_topics *topics);
/** The handle; NULL without memory or for a name that Kafka does not take. */
rd_kafka_topic_t *sk_kafka_topics_get(sk_kafka_topics *topics, sk_slice name);

/**
 * What a message says as a record of @p topic. Key and value stay the message's, headers are written into
 * @p headers: both must outlive the record. A header name longer than 255 bytes is cut, more than 64 headers are passed
 * on as they are: the envelope's check refuses such a record.
 */
void sk_kafka_record_of(const rd_kafka_message_t *message, const sk_topic *topic, sk_buf *headers, sk_record *out);
/** Only the headers. */
void sk_kafka_headers_of(const rd_kafka_message_t *message, sk_buf *out);

/**
 * Hands a record to a producer, which copies it. Does not block. A timestamp of 0 is the present time; brokers put their
 * own in its place where the topic says so.
 *
 * @param partition  -1 is not allowed: the protocol names each (rule I)
 * @return SK_OK; SK_ERR_FULL (poll, then again); SK_ERR_NO_MEMORY; SK_ERR_FENCED (a fatal error of the producer);
 *         SK_ERR_SIZE; SK_ERR_IO (see *out_error)
 */
sk_err sk_kafka_send(rd_kafka_t *client, rd_kafka_topic_t *topic, const sk_record *record,
                     rd_kafka_resp_err_t *out_error);

#endif
