/*
 * The one loop over a topic's partitions, and the one that takes events out of what it reads.
 */
#include "cli/session/reading.h"

#include <assert.h>

#include "kit/json_scan.h"

#define DEPTH_MAX 32

typedef struct reading {
        sk_log_visit *visit;
        void *self;
        bool is_over;
} reading;

static bool on_entry(void *self, const sk_log_entry *entry) {
        reading *read = self;

        read->is_over = sk_cli_is_interrupted() || !read->visit(read->self, entry);
        return !read->is_over;
}

int sk_read_topic(const sk_session *session, sk_slice topic, sk_log_visit *visit, void *self) {
        reading read = {.visit = visit, .self = self};

        assert(visit != NULL);
        if (!sk_slice_there(topic))
                return sk_session_no_memory(session);
        for (int32_t i = 0; i < sk_log_tool_partitions(session->log) && !read.is_over; i++) {
                sk_log_read part = {.topic = topic, .partition = i};
                if (sk_log_tool_read(session->log, &part, on_entry, &read, NULL) != SK_OK)
                        return sk_session_fail(session, session->log_url);
        }
        if (sk_cli_is_interrupted())
                return sk_cli_fail(session->cli, "reading", "ask again, perhaps for one --team", "interrupted");
        return SK_EXIT_OK;
}

/* ---- events ---- */

bool sk_event_see(const sk_log_entry *entry, sk_slice team, sk_event_seen *out) {
        sk_event_seen seen = {.team = team, .time_us = entry->timestamp_us, .data = entry->value};
        seen.type = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        if (seen.type == SK_MESSAGES || !sk_id_parse(entry->key, &seen.id) || !sk_slice_there(entry->value))
                return false;
        if (sk_json_check(entry->value, DEPTH_MAX, NULL) != SK_OK || sk_json_kind_of(entry->value) != SK_JSON_OBJECT)
                return false;
        *out = seen;
        return true;
}

typedef struct taking {
        sk_slice team;
        sk_event_take *take;
        void *self;
        sk_err err;
} taking;

static bool on_event(void *self, const sk_log_entry *entry) {
        taking *it = self;
        sk_event_seen seen;

        if (sk_event_see(entry, it->team, &seen))
                it->err = it->take(it->self, &seen);
        return it->err == SK_OK;
}

int sk_read_events(const sk_session *session, sk_slice team, sk_topic_kind kind, sk_event_take *take, void *self) {
        taking it = {.team = team, .take = take, .self = self};

        assert(take != NULL && (kind == SK_TOPIC_EVENTS || kind == SK_TOPIC_ARCHIVE));
        int status = sk_read_topic(session, sk_session_topic(session, team, kind, SK_NONE), on_event, &it);
        return status == SK_EXIT_OK && it.err != SK_OK ? sk_session_no_memory(session) : status;
}
