/*
 * Raising the calls of a history, and reading what the chain says of them.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/replay/replay.h"
#include "event/envelope.h"
#include "event/trace.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define BATCH_MAX 200
#define WORK_BYTES_MAX ((size_t)64 << 20)

static int no_memory(sk_replay *replay) {
        return sk_cli_fail(replay->cli, replay->log_name, "end other programs, then try again", "no memory is left");
}

static int say_log(sk_replay *replay) {
        return sk_cli_fail(replay->cli, replay->log_name,
                           "see that the file is there and can be written, then try again", "%s",
                           sk_log_tool_why(replay->log));
}

static sk_slice key_of(const sk_id *id, char out[SK_ID_TEXT]) {
        sk_id_format(id, out);
        return (sk_slice){out, SK_ID_TEXT};
}

/* ---- beginning ---- */

static int make_list(sk_replay *replay) {
        char key[SK_ID_TEXT];
        replay->list = sk_alloc_zero(replay->count + 1, sizeof(*replay->list));
        replay->by_id = sk_map_new();
        if (replay->list == NULL || replay->by_id == NULL)
                return no_memory(replay);
        for (size_t i = 0; i < replay->count; i++) {
                sk_replayed *one = &replay->list[i];
                one->call = sk_history_calls_at(replay->calls, i);
                if (sk_map_put(replay->by_id, key_of(&one->call->callid, key), one, NULL) != SK_OK)
                        return no_memory(replay);
        }
        return SK_EXIT_OK;
}

static sk_replay_reader *reader_of(sk_replay *replay, sk_slice team) {
        for (size_t i = 0; i < replay->reader_count; i++) {
                if (sk_slice_equal(replay->readers[i].team, team))
                        return &replay->readers[i];
        }
        return NULL;
}

static int make_readers(sk_replay *replay) {
        sk_slice chain = sk_edition_chain(replay->edition);
        size_t partitions = (size_t)sk_log_tool_partitions(replay->log);
        replay->reader_count = sk_edition_team_count(replay->edition);
        replay->readers = sk_alloc_zero(replay->reader_count + 1, sizeof(*replay->readers));
        replay->nexts = sk_alloc_zero(replay->reader_count * partitions + 1, sizeof(*replay->nexts));
        if (replay->readers == NULL || replay->nexts == NULL)
                return no_memory(replay);
        for (size_t i = 0; i < replay->reader_count; i++) {
                sk_replay_reader *reader = &replay->readers[i];
                reader->team = sk_team_name(sk_edition_team_at(replay->edition, i));
                reader->nexts = replay->nexts + i * partitions;
                (void)snprintf(reader->topic, sizeof(reader->topic), "%.*s.%.*s.events", (int)chain.len, chain.at,
                               (int)reader->team.len, reader->team.at);
        }
        for (size_t i = 0; i < replay->count; i++)
                reader_of(replay, replay->list[i].call->customer)->is_customer = true;
        return SK_EXIT_OK;
}

int sk_replay_follow_begin(sk_replay *replay) {
        replay->balance = sk_balance_new(replay->edition);
        if (replay->balance == NULL)
                return no_memory(replay);
        int status = make_list(replay);
        return status == SK_EXIT_OK ? make_readers(replay) : status;
}

void sk_replay_follow_end(sk_replay *replay) {
        sk_map_free(replay->by_id);
        sk_free(replay->list);
        sk_free(replay->readers);
        sk_free(replay->nexts);
        sk_balance_free(replay->balance);
}

/* ---- following ---- */

typedef struct visit {
        sk_replay *replay;
        sk_slice team;
        sk_arena *arena;
} visit;

static void finished(sk_replay *replay, const sk_event_seen *event) {
        replay->finished++;
        if (event->time_us > replay->ended_us)
                replay->ended_us = event->time_us;
}

static void at_customer(visit *self, sk_replayed *one, const sk_event_seen *event) {
        if (event->type == SK_EVENT_DELEGATED) {
                one->asked++;
                one->is_known |= !one->is_raised;
        } else if (event->type == SK_EVENT_CLOSED) {
                one->told++;
                one->outcome = sk_outcome_find(sk_json_member_string(event->data, "outcome", self->arena));
                if (one->told == 1)
                        finished(self->replay, event);
        } else if (event->type == SK_EVENT_OUTCOME && one->asked == 0 && !one->is_refused &&
                   sk_slice_is(sk_json_member_string(event->data, "status", self->arena), "refused")) {
                one->is_refused = true;
                finished(self->replay, event);
        }
}

static void at_provider(visit *self, sk_replayed *one, const sk_event_seen *event) {
        int64_t workflow;
        (void)self;
        one->opened += event->type == SK_EVENT_OPENED;
        if (event->type != SK_EVENT_CLOSED)
                return;
        one->closed++;
        if (sk_json_member_int(event->data, "workflow", 1, 8, &workflow))
                one->workflow = (uint32_t)workflow;
}

static bool see_event(void *own, const sk_log_entry *entry) {
        visit *self = own;
        sk_event_seen event;
        if (!sk_event_see(entry, self->team, &event))
                return true;
        sk_arena_reset(self->arena);
        sk_balance_add(self->replay->balance, &event);
        sk_replayed *one = sk_map_get(self->replay->by_id, entry->key);
        if (one != NULL && sk_slice_equal(self->team, one->call->customer))
                at_customer(self, one, &event);
        else if (one != NULL && sk_slice_equal(self->team, one->call->provider))
                at_provider(self, one, &event);
        return !sk_cli_is_interrupted();
}

static sk_err read_partition(visit *self, const char *topic, int32_t partition, sk_log_visit *see, int64_t *next) {
        const sk_log_read read = {.topic = sk_slice_of(topic), .partition = partition, .from_offset = *next};
        sk_err err = sk_log_tool_read(self->replay->log, &read, see, self, next);
        return err == SK_ERR_BUSY ? SK_OK : err;
}

/** Reads on from @p nexts, one for each partition; NULL: all from the beginning. */
static int read_topic(sk_replay *replay, sk_slice team, const char *topic, sk_log_visit *see, int64_t *nexts) {
        visit self = {.replay = replay, .team = team, .arena = sk_arena_new((size_t)1 << 20)};
        sk_err err = SK_OK;
        if (self.arena == NULL)
                return no_memory(replay);
        for (int32_t i = 0; i < sk_log_tool_partitions(replay->log) && err == SK_OK; i++) {
                int64_t from_start = 0;
                err = read_partition(&self, topic, i, see, nexts == NULL ? &from_start : &nexts[i]);
        }
        sk_arena_free(self.arena);
        return err == SK_OK ? SK_EXIT_OK : say_log(replay);
}

int sk_replay_follow(sk_replay *replay, bool of_all) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < replay->reader_count && status == SK_EXIT_OK; i++) {
                sk_replay_reader *reader = &replay->readers[i];
                if (of_all || reader->is_customer)
                        status = read_topic(replay, reader->team, reader->topic, see_event, reader->nexts);
        }
        return status;
}

static bool see_work(void *own, const sk_log_entry *entry) {
        visit *self = own;
        sk_replayed *one = sk_map_get(self->replay->by_id, entry->key);
        bool is_raise = sk_message_find(sk_headers_find(entry->headers, "ce_type")) == SK_WORK_RAISE;
        if (one != NULL && is_raise && sk_slice_equal(self->team, one->call->customer))
                one->is_known = true;
        return !sk_cli_is_interrupted();
}

static int read_other(sk_replay *replay, const sk_replay_reader *reader, const char *kind, sk_log_visit *see) {
        char topic[sizeof(reader->topic)];
        (void)snprintf(topic, sizeof(topic), "%.*s%s", (int)(strlen(reader->topic) - strlen("events")), reader->topic,
                       kind);
        return read_topic(replay, reader->team, topic, see, NULL);
}

int sk_replay_find_known(sk_replay *replay) {
        int status = sk_replay_follow(replay, false);
        for (size_t i = 0; i < replay->reader_count && status == SK_EXIT_OK; i++) {
                if (replay->readers[i].is_customer)
                        status = read_other(replay, &replay->readers[i], "work", see_work);
        }
        for (size_t i = 0; i < replay->count; i++)
                replay->known += replay->list[i].is_known;
        return status;
}

static bool see_archive(void *own, const sk_log_entry *entry) {
        visit *self = own;
        sk_event_seen seen;
        if (!sk_event_see(entry, self->team, &seen) || seen.type != SK_ARCHIVE_CALL)
                return true;
        sk_balance_add(self->replay->balance, &seen);
        sk_replayed *one = sk_map_get(self->replay->by_id, entry->key);
        if (one != NULL && sk_slice_equal(self->team, one->call->customer))
                one->kept++;
        else if (one != NULL && sk_slice_equal(self->team, one->call->provider))
                one->archived++;
        return !sk_cli_is_interrupted();
}

int sk_replay_read_archives(sk_replay *replay) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < replay->reader_count && status == SK_EXIT_OK; i++)
                status = read_other(replay, &replay->readers[i], "archive", see_archive);
        return status;
}

/* ---- raising ---- */

/** Records on their way into the log; slices are made when all bytes are there: the buffer moves while it grows. */
typedef struct raising {
        sk_buf bytes;
        size_t count;
        struct raising_at {
                size_t topic;
                size_t key;
                size_t headers;
                size_t value;
                size_t end;
        } at[BATCH_MAX];
} raising;

static void write_headers(const sk_replay *replay, const sk_history_call *call, sk_buf *out) {
        char id_text[SK_ID_TEXT];
        char source[2 * SK_NAME_MAX + 3];
        char trace[SK_TRACE_TEXT];
        sk_slice chain = sk_edition_chain(replay->edition);
        sk_id id = sk_history_id(chain, call, "record");
        int len = snprintf(source, sizeof(source), "/%.*s/%.*s", (int)chain.len, chain.at, (int)call->customer.len,
                           call->customer.at);
        sk_trace_write(&call->callid, &call->callid, 0, trace);
        const sk_envelope envelope = {.type = SK_WORK_RAISE,
                                      .id = key_of(&id, id_text),
                                      .source = {source, (size_t)len},
                                      .source_team = call->customer,
                                      .time_us = sk_cli_now_us(),
                                      .callid = call->callid,
                                      .has_callid = true,
                                      .actor = SK_SLICE("replay"),
                                      .traceparent = {trace, sizeof(trace)},
                                      .chain_traceparent = {trace, sizeof(trace)}};
        sk_envelope_encode(&envelope, out);
}

static void add_record(const sk_replay *replay, const sk_history_call *call, raising *batch) {
        struct raising_at *at = &batch->at[batch->count++];
        sk_slice chain = sk_edition_chain(replay->edition);
        char key[SK_ID_TEXT];
        at->topic = batch->bytes.len;
        sk_buf_add_format(&batch->bytes, "%.*s.%.*s.work", (int)chain.len, chain.at, (int)call->customer.len,
                          call->customer.at);
        at->key = batch->bytes.len;
        sk_buf_add_slice(&batch->bytes, key_of(&call->callid, key));
        at->headers = batch->bytes.len;
        write_headers(replay, call, &batch->bytes);
        at->value = batch->bytes.len;
        sk_history_raise_write(replay->calls, call, &batch->bytes);
        at->end = batch->bytes.len;
}

static int append(sk_replay *replay, const raising *batch) {
        sk_log_append records[BATCH_MAX];
        const char *bytes = sk_buf_slice(&batch->bytes).at;
        if (batch->bytes.err != SK_OK)
                return no_memory(replay);
        for (size_t i = 0; i < batch->count; i++) {
                const struct raising_at *at = &batch->at[i];
                records[i] = (sk_log_append){.topic = {bytes + at->topic, at->key - at->topic},
                                             .key = {bytes + at->key, at->headers - at->key},
                                             .headers = {bytes + at->headers, at->value - at->headers},
                                             .value = {bytes + at->value, at->end - at->value}};
        }
        sk_err err = SK_ERR_BUSY;
        while (err == SK_ERR_BUSY && !sk_cli_is_interrupted())
                err = sk_log_tool_append(replay->log, records, batch->count, NULL);
        return err == SK_OK || err == SK_ERR_BUSY ? SK_EXIT_OK : say_log(replay);
}

int sk_replay_raise(sk_replay *replay, size_t *next, size_t max, int64_t until_us) {
        raising *batch = sk_alloc_zero(1, sizeof(*batch));
        size_t first = *next;
        size_t after = first;
        if (batch == NULL)
                return no_memory(replay);
        batch->bytes = sk_buf_make(WORK_BYTES_MAX);
        for (; after < replay->count && batch->count < max && batch->count < BATCH_MAX; after++) {
                sk_replayed *one = &replay->list[after];
                if (one->call->time_us > until_us)
                        break;
                if (!one->is_known)
                        add_record(replay, one->call, batch);
        }
        int status = batch->count == 0 ? SK_EXIT_OK : append(replay, batch);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted()) {
                replay->raised += batch->count;
                for (size_t i = first; i < after; i++)
                        replay->list[i].is_raised |= !replay->list[i].is_known;
                *next = after;
        }
        sk_buf_free(&batch->bytes);
        sk_free(batch);
        return status;
}
