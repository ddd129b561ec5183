#ifndef SK_LOG_TOOL_H
#define SK_LOG_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/err.h"
#include "kit/slice.h"
#include "usm/edition.h"

/*
 * A log as people's tools see it: they append `work` records and read whatever is there. Nothing here is for a link,
 * which reads and writes through its port (log/local.h).
 *
 * Every function may block for as long as the log takes, at most some seconds. One thread per tool; as many tools as
 * one likes. Functions that fail leave a sentence for people in sk_log_tool_why.
 */

typedef struct sk_log_tool sk_log_tool;

#define SK_LOG_WHY_MAX 512

/** A record as a tool gets it; good until the visitor returns. */
typedef struct sk_log_entry {
        sk_slice topic;
        int32_t partition;
        int64_t offset;
        int64_t timestamp_us;
        sk_slice key;
        sk_slice headers; /**< as in event/record.h; checked */
        sk_slice value;   /**< SK_NONE is a tombstone */
} sk_log_entry;

/** What is known of one partition of a topic. */
typedef struct sk_log_topic_info {
        sk_slice topic;
        int32_t partition;
        int64_t low_offset; /**< everything below it has been deleted */
        int64_t end_offset; /**< where the next record will be, or later */
} sk_log_topic_info;

/** Called for each record; false ends the reading. Must not use the tool that calls it. */
typedef bool sk_log_visit(void *self, const sk_log_entry *entry);
/** Called for each partition of each topic, in order of name and partition; false ends it. */
typedef bool sk_log_topic_visit(void *self, const sk_log_topic_info *info);

/** What a tool wants of the log it opens. */
typedef enum sk_log_open {
        SK_LOG_READ,   /**< must be there already; only reading */
        SK_LOG_APPEND, /**< made if it is not there */
} sk_log_open;

/**
 * Opens the log that @p url names: `local:FILE` or `kafka:HOST:PORT[,HOST:PORT...]`.
 *
 * @param why  gets a sentence that says what is wrong and what to do when this fails; may be NULL
 * @param out  new: free with sk_log_tool_free
 * @return SK_OK; SK_ERR_SYNTAX (no such kind of log); SK_ERR_NOT_FOUND (SK_LOG_READ and nothing there);
 *         SK_ERR_VERSION; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_log_tool_open(const char *url, sk_log_open purpose, char why[SK_LOG_WHY_MAX], sk_log_tool **out);

typedef struct sk_log_tool_config {
        const char *url;
        sk_log_open purpose;
        const sk_chain_property *properties; /**< what the log's client is told (log/properties.h); copied */
        size_t property_count;
        /** Whose topics tell the number of partitions; unset: all topics of the log are of one chain. */
        sk_slice chain;
} sk_log_tool_config;

/** The same, with properties for the client of the log; SK_ERR_CONFIG when one of them is wrong. */
sk_err sk_log_tool_open_with(const sk_log_tool_config *config, char why[SK_LOG_WHY_MAX], sk_log_tool **out);

/** NULL is legal. */
void sk_log_tool_free(sk_log_tool *tool);
/** What went wrong last, one sentence; "" if nothing did. Borrowed, good until the next call. */
const char *sk_log_tool_why(const sk_log_tool *tool);

/** Partitions of every topic of the chain: 1 on a local log. */
int32_t sk_log_tool_partitions(const sk_log_tool *tool);

/** A record that a tool writes; its partition follows from the key (rule I). */
typedef struct sk_log_append {
        sk_slice topic;
        sk_slice key;
        sk_slice headers;
        sk_slice value;
} sk_log_append;

/**
 * Appends records, all or none on a local log, and wakes the teams that own their topics. When it returns SK_OK they
 * are on disk. Not exactly once: after SK_ERR_UNKNOWN_OUTCOME they may be there; a `work` record written again under
 * the same ce_id has no effect (rule O6).
 *
 * @param out_offset  offset of the last one; may be NULL
 * @return SK_OK; SK_ERR_BUSY (the log stayed locked for a while); SK_ERR_SYNTAX (a topic that is none of the
 *         protocol's, or a journal); SK_ERR_SIZE; SK_ERR_UNKNOWN_OUTCOME; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_log_tool_append(sk_log_tool *tool, const sk_log_append *records, size_t count, int64_t *out_offset);

/** Which records to read. */
typedef struct sk_log_read {
        sk_slice topic;
        int32_t partition;
        int64_t from_offset; /**< first offset; 0: from the beginning */
        size_t max;          /**< most records; 0: to the end as it is now */
} sk_log_read;

/**
 * Reads a topic in order of offsets. A topic that is not there yet is empty. The journal gives what compaction has
 * left.
 *
 * @param out_next  where to go on (tail: wait with sk_log_tool_wait, then read from here); may be NULL
 */
sk_err sk_log_tool_read(sk_log_tool *tool, const sk_log_read *read, sk_log_visit *visit, void *self, int64_t *out_next);

/**
 * Latest record of each key of a journal that begins with @p prefix, tombstones left out, in order of the key's bytes
 * on a local log.
 *
 * @param topic  a journal: "ssc.network.journal"
 */
sk_err sk_log_tool_latest(sk_log_tool *tool, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self);

/** Lists the topics whose name begins with @p prefix (SK_NONE: all). */
sk_err sk_log_tool_topics(sk_log_tool *tool, sk_slice prefix, sk_log_topic_visit *visit, void *self);

/** Offset where the next record of the topic's partition will be, or later; 0 if the topic is not there. */
sk_err sk_log_tool_end(sk_log_tool *tool, sk_slice topic, int32_t partition, int64_t *out);

/**
 * Waits until something was committed since the last call (or since opening), at most @p timeout_ms; a signal ends the
 * wait as well.
 *
 * @return true when something was committed
 */
bool sk_log_tool_wait(sk_log_tool *tool, int timeout_ms);

/**
 * Whether a daemon runs the link of @p team of @p chain on this log now. On a local log, which has one chain, that is
 * exact; on Kafka the team's group tells, in which an instance that was killed stays until its session ends.
 */
bool sk_log_tool_is_run(sk_log_tool *tool, sk_slice chain, sk_slice team);

#endif
