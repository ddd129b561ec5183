/*
 * The links, the log and the clock of a replay as it was. Everything that can happen at one moment has happened before
 * the clock goes on: people act at once, markers arrive, links commit.
 */
#include "cli/replay/recorded.h"

#include <stdio.h>

#include "event/envelope.h"
#include "event/trace.h"
#include "kit/alloc.h"
#include "kit/when.h"

#define HEADERS_MAX 8192

/* ---- beginning and end ---- */

static bool make_calls(sk_recorded *self) {
        char key[SK_ID_TEXT];
        self->list = sk_alloc_zero(self->count + 1, sizeof(*self->list));
        self->by_id = sk_map_new();
        self->agenda = sk_heap_new();
        if (self->list == NULL || self->by_id == NULL || self->agenda == NULL ||
            sk_heap_reserve(self->agenda, self->count) != SK_OK)
                return false;
        for (size_t i = 0; i < self->count; i++) {
                sk_recorded_call *one = &self->list[i];
                one->call = sk_history_calls_at(self->calls, i);
                one->pause = one->call->pauses;
                one->due = (sk_deadline){.at_us = one->call->time_us, .id = one->call->callid};
                sk_id_format(&one->call->callid, key);
                if (sk_map_put(self->by_id, (sk_slice){key, SK_ID_TEXT}, one, NULL) != SK_OK)
                        return false;
                if (one->call->has_end)
                        sk_heap_put(self->agenda, &one->due);
        }
        return true;
}

static bool begin(sk_recorded *self) {
        self->chain = sk_memory_chain_new(self->edition);
        return self->chain != NULL && make_calls(self);
}

static void end(sk_recorded *self) {
        sk_memory_chain_free(self->chain);
        sk_heap_free(self->agenda);
        sk_map_free(self->by_id);
        sk_free(self->list);
}

/* ---- work records ---- */

static sk_id work_id(sk_recorded *self) {
        uint8_t count[10] = {0};
        self->written++;
        for (unsigned i = 0; i < 8; i++)
                count[9 - i] = (uint8_t)(self->written >> 8 * i);
        return sk_id_of_time(self->now_us, count);
}

static bool write_headers(sk_recorded *self, const sk_recorded_deed *deed, sk_buf *out) {
        char id_text[SK_ID_TEXT];
        char source[2 * SK_NAME_MAX + 3];
        char trace[SK_TRACE_TEXT];
        sk_id id = work_id(self);
        sk_slice chain = sk_edition_chain(self->edition);
        sk_slice name = sk_team_name(sk_edition_team_at(self->edition, deed->team));
        int len = snprintf(source, sizeof(source), "/%.*s/%.*s", (int)chain.len, chain.at, (int)name.len, name.at);
        sk_id_format(&id, id_text);
        sk_envelope envelope = {.type = deed->type,
                                .id = {id_text, SK_ID_TEXT},
                                .source = {source, (size_t)len},
                                .time_us = self->now_us,
                                .callid = deed->call,
                                .has_callid = true,
                                .actor = deed->actor};
        if (deed->type == SK_WORK_RAISE) {
                sk_trace_write(&deed->call, &deed->call, 0, trace);
                envelope.traceparent = (sk_slice){trace, sizeof(trace)};
                envelope.chain_traceparent = envelope.traceparent;
        }
        sk_envelope_encode(&envelope, out);
        return out->err == SK_OK;
}

void sk_recorded_work(sk_recorded *self, const sk_recorded_deed *deed, sk_slice value) {
        char key[SK_ID_TEXT];
        sk_buf headers = sk_buf_make(HEADERS_MAX);
        sk_memory_topic *topic = sk_memory_chain_topic(self->chain, deed->team, SK_TOPIC_WORK);
        sk_id_format(&deed->call, key);
        if (topic == NULL || !write_headers(self, deed, &headers)) {
                self->is_full = true;
        } else {
                sk_record record = {.key = {key, SK_ID_TEXT}, .headers = sk_buf_slice(&headers), .value = value};
                self->is_full |= sk_memory_append(sk_memory_chain_broker(self->chain), topic, &record) != SK_OK;
        }
        sk_buf_free(&headers);
}

size_t sk_recorded_team(const sk_recorded *self, sk_slice name) {
        size_t index = 0;
        while (!sk_slice_equal(sk_team_name(sk_edition_team_at(self->edition, index)), name))
                index++;
        return index;
}

/* ---- the clock ---- */

/* Until nobody has anything to do at this moment. */
static void settle(sk_recorded *self) {
        bool is_moving = true;
        while (is_moving && !self->is_full && !sk_cli_is_interrupted()) {
                is_moving = sk_memory_chain_run(self->chain, self->now_us);
                is_moving |= sk_recorded_people(self);
        }
}

static int64_t next_moment(const sk_recorded *self) {
        const sk_deadline *first = sk_heap_first(self->agenda);
        if (first == NULL)
                return INT64_MAX; /* timers of what is over move nothing */
        int64_t wake_us = sk_memory_chain_wake_us(self->chain);
        return wake_us < first->at_us ? wake_us : first->at_us;
}

static sk_recorded_call *call_of(const sk_recorded *self, const sk_id *id) {
        char key[SK_ID_TEXT];
        sk_id_format(id, key);
        return sk_map_get(self->by_id, (sk_slice){key, SK_ID_TEXT});
}

/* All that is due at this moment, in order of time and id. */
static void do_due(sk_recorded *self) {
        const sk_deadline *first = sk_heap_first(self->agenda);
        while (first != NULL && first->at_us <= self->now_us && !self->is_full) {
                sk_recorded_call *call = call_of(self, &first->id);
                sk_heap_take(self->agenda, &call->due);
                sk_recorded_step_do(self, call);
                if (call->step != SK_RECORDED_DONE)
                        sk_heap_put(self->agenda, &call->due);
                settle(self);
                first = sk_heap_first(self->agenda);
        }
}

static void run(sk_recorded *self) {
        int64_t next_us;
        self->now_us = self->count == 0 ? 0 : self->list[0].call->time_us;
        settle(self);
        while ((next_us = next_moment(self)) != INT64_MAX && !self->is_full && !sk_cli_is_interrupted()) {
                if (next_us > self->now_us)
                        self->now_us = next_us;
                settle(self);
                do_due(self);
        }
}

int sk_recorded_run(sk_replay *replay) {
        sk_recorded self = {.cli = replay->cli,
                            .edition = sk_edition_retain((sk_edition *)(uintptr_t)replay->edition),
                            .map = replay->map,
                            .calls = replay->calls,
                            .count = replay->count};
        int status = SK_EXIT_OK;
        if (!begin(&self))
                self.is_full = true;
        else
                run(&self);
        if (self.is_full)
                status = sk_cli_fail(self.cli, "memory", "end other programs, or ask for less: --limit N",
                                     "no memory is left");
        else if (sk_cli_is_interrupted())
                status = sk_cli_fail(self.cli, "replay", "run the same again", "interrupted");
        else
                status = sk_recorded_print(&self);
        end(&self);
        sk_edition_release(self.edition);
        return status;
}
