#ifndef SK_LOG_KAFKA_H
#define SK_LOG_KAFKA_H

#include "link/driver.h"
#include "log/kafka_settings.h"
#include "log/log.h"

/*
 * Kafka as a port of a driver (link/port.h, rules T and R): joins the team's group, restores what is assigned, feeds the
 * driver and carries out its commands. Nothing here waits for a broker: what does is on the committer's thread (producer)
 * or on the restorer's (journals).
 *
 *     taking over ──topics there, transactional id registered, joined──> running, or standby without partitions
 *         ^                                                                 │            │
 *         └── fenced, or a transaction outlived its time-out: all anew ─────┘          exit ──> over
 *
 * One thread: the one that owns the driver.
 */

typedef struct sk_kafka sk_kafka;

typedef struct sk_kafka_config {
        const char *brokers;  /**< HOST:PORT[,HOST:PORT...] */
        const char *instance; /**< static member, and end of the transactional id: one process at a time has it */
        const sk_chain_property *properties;
        size_t property_count;
        const char *state_dir;    /**< for notes and the mark of an unclean exit: of this instance only */
        sk_driver *driver;        /**< borrowed */
        int32_t partitions;       /**< as the driver was told */
        uint32_t acceptance_days; /**< rule C1: how long topics should keep what was sent */
        bool passes_gaps;         /**< see sk_log_config */
        sk_log_tell *tell;        /**< borrowed; may be NULL */
        void *tell_self;
} sk_kafka_config;

/**
 * Makes ready; no broker is asked before the first turn.
 *
 * @param config  copied, but for what is borrowed
 * @param why     gets a sentence when this fails
 * @param out     new: free with sk_kafka_free, before the driver
 * @return SK_OK; SK_ERR_CONFIG (a property); SK_ERR_IO (the state directory); SK_ERR_NO_MEMORY
 */
sk_err sk_kafka_new(const sk_kafka_config *config, char why[SK_LOG_TEXT_MAX], sk_kafka **out);
/**
 * Lets go of everything, whatever is underway; the membership stays until its session ends, so that a process that comes
 * back meanwhile has its partitions again (rule R4). May take some seconds. NULL is legal.
 */
void sk_kafka_free(sk_kafka *kafka);

/** Leave the group, as soon as what is underway is committed, then stop the driver (rule R4). */
void sk_kafka_drain(sk_kafka *kafka, int64_t now_us);

/** As sk_log_fd, sk_log_turn and so on: see log/log.h. */
int sk_kafka_fd(const sk_kafka *kafka);
/** As sk_log_turn. */
int64_t sk_kafka_turn(sk_kafka *kafka, int64_t now_us);
/** As sk_log_stage_of. */
sk_log_stage sk_kafka_stage_of(const sk_kafka *kafka);
/** As sk_log_exit_code. */
int sk_kafka_exit_code(const sk_kafka *kafka);
/** As sk_log_exit_why. */
const char *sk_kafka_exit_why(const sk_kafka *kafka);
/** `epoch` counts assignments, `take_overs` fresh starts. */
void sk_kafka_count_of(const sk_kafka *kafka, sk_log_numbers *out);
/** As sk_log_crash_fd. */
int sk_kafka_crash_fd(const sk_kafka *kafka);
/** As sk_log_publish. */
sk_err sk_kafka_publish(sk_kafka *kafka, const char *suffix, sk_slice text);

#endif
