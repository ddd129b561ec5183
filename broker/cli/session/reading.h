#ifndef SK_CLI_READING_H
#define SK_CLI_READING_H

#include "cli/session/session.h"
#include "event/message.h"
#include "kit/id.h"
#include "log/tool.h"

/* Topics of teams, read from their beginning to where they end now: all partitions, one after the other. */

/** An event of a team, as far as everybody needs it. */
typedef struct sk_event_seen {
        sk_slice team; /**< who wrote it */
        sk_message type;
        sk_id id; /**< of the call, or of the team's own ask */
        int64_t time_us;
        sk_slice data; /**< checked JSON */
} sk_event_seen;

/** Reads an entry of events or archive; false if it is no such record. @p team is borrowed into *out. */
bool sk_event_see(const sk_log_entry *entry, sk_slice team, sk_event_seen *out);

/**
 * Reads a topic until the visit has enough of it.
 *
 * @param topic  sk_session_topic; SK_NONE is told as missing memory
 * @return SK_EXIT_OK, or another with the message printed: the log cannot be read, or somebody pressed Ctrl-C
 */
int sk_read_topic(const sk_session *session, sk_slice topic, sk_log_visit *visit, void *self);

/** Takes an event; anything but SK_OK is missing memory and ends the reading. */
typedef sk_err sk_event_take(void *self, const sk_event_seen *seen);

/**
 * Reads what a team has written for itself.
 *
 * @param kind  SK_TOPIC_EVENTS or SK_TOPIC_ARCHIVE
 * @return SK_EXIT_OK, or another with the message printed
 */
int sk_read_events(const sk_session *session, sk_slice team, sk_topic_kind kind, sk_event_take *take, void *self);

#endif
