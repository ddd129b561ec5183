#ifndef SK_LOG_KAFKA_COMMITTER_H
#define SK_LOG_KAFKA_COMMITTER_H

#include "kit/buf.h"
#include "log/kafka_settings.h"
#include "log/kafka_settle.h"
#include "log/local_state.h"

/*
 * The committer: one thread that owns the producer and the state directory, and does whatever else waits for brokers
 * without an answer to the loop being urgent. Jobs go in and come back through bounded queues, in order.
 *
 * All functions are for the one thread that owns the committer.
 */

typedef struct sk_kafka_committer sk_kafka_committer;

typedef enum sk_kafka_job_kind {
        SK_KAFKA_OPEN,     /**< a new producer in place of the last one: topics are there, transactions work */
        SK_KAFKA_COMMIT,   /**< write `batch`: SK_OK, SK_ERR_ABORTED, _UNKNOWN_OUTCOME, _FENCED or _LOST */
        SK_KAFKA_RECOMMIT, /**< how did the commit of `batch` end? */
        SK_KAFKA_NOTE,     /**< put `text` into the state directory */
        SK_KAFKA_FORGET,   /**< take the note away */
        SK_KAFKA_SETTLE,   /**< ask the group with `client`, a consumer, about `settled`: SK_OK or SK_ERR_BUSY */
        SK_KAFKA_CLOSE,    /**< free `client`, a consumer that nobody uses any more */
} sk_kafka_job_kind;

/** A job is the owner's memory; untouched by the owner until it is taken back. */
typedef struct sk_kafka_job {
        sk_kafka_job_kind kind;
        sk_err result;
        char why[SK_KAFKA_WHY_MAX]; /**< "" unless the result is an error */
        /* SK_KAFKA_OPEN */
        const sk_slice *topics; /**< must be there */
        size_t topic_count;
        int32_t partitions;
        uint32_t acceptance_days;
        char beware[SK_KAFKA_WHY_MAX]; /**< what is unwise about them; "": nothing */
        sk_local_exit last_exit; /**< how the last process of this instance ended (rule R5); the first time only */
        sk_input_place *places;  /**< SK_LOCAL_NOTES_MAX of the owner's; NULL: not wanted */
        size_t place_count;      /**< what was found there */
        /* SK_KAFKA_COMMIT, SK_KAFKA_RECOMMIT */
        const sk_batch *batch;
        const rd_kafka_consumer_group_metadata_t *group; /**< of the generation under which it was sealed */
        /* SK_KAFKA_NOTE */
        sk_buf text;
        /* SK_KAFKA_SETTLE */
        const char *work;          /**< name of the topic */
        sk_kafka_settled *settled; /**< the owner's */
        size_t settled_count;
        /* SK_KAFKA_SETTLE, SK_KAFKA_CLOSE */
        rd_kafka_t *client; /**< closed by no earlier job */
        bool is_leaving;    /**< leave the group first */
} sk_kafka_job;

typedef struct sk_kafka_committer_config {
        const sk_kafka_settings *settings; /**< borrowed until the committer is freed */
        const char *state_dir;
        const char *run; /**< see log/kafka_producer.h; borrowed until the committer is freed */
} sk_kafka_committer_config;

/**
 * Opens the state directory and starts the thread; no broker is asked for anything yet.
 *
 * @param why  gets a sentence when this fails
 * @param out  new: free with sk_kafka_committer_free
 */
sk_err sk_kafka_committer_new(const sk_kafka_committer_config *config, char why[SK_KAFKA_WHY_MAX],
                              sk_kafka_committer **out);
/**
 * Ends the thread. Waits for the call that it is in, but no longer than ten seconds: librdkafka does not always keep
 * its limits when brokers are gone. After that the thread is left to itself, for the process that ends anyway. NULL is
 * legal.
 */
void sk_kafka_committer_free(sk_kafka_committer *committer);

/** Hands over a job; there is room for SK_KAFKA_JOBS_MAX. */
#define SK_KAFKA_JOBS_MAX 16
/** The job is the committer's until it is taken back. */
void sk_kafka_committer_put(sk_kafka_committer *committer, sk_kafka_job *job);
/** A job that is done, or NULL: ask until then, only an empty queue rings again. */
sk_kafka_job *sk_kafka_committer_take(sk_kafka_committer *committer);
/** Readable when a job is done; sk_kafka_committer_take drains it. */
int sk_kafka_committer_fd(const sk_kafka_committer *committer);
/** See sk_local_state_crash_fd; good from the first SK_KAFKA_OPEN that succeeded. */
int sk_kafka_committer_crash_fd(const sk_kafka_committer *committer);

#endif
