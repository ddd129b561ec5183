#include "support/way_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/message.h"
#include "kit/json_scan.h"

unsigned way_watch_run;

#define EXPECT(what)                                                           \
        do {                                                                   \
                if (!(what)) {                                                 \
                        fail_msg("run %u: expected %s", way_watch_run, #what); \
                }                                                              \
        } while (0)

void way_watch_begin(way_watch *w, sk_slice team) {
        *w = (way_watch){.team = team};
}

static way_run *top(way_watch *w) {
        EXPECT(w->depth > 0);
        return &w->runs[w->depth - 1];
}

static void push(way_watch *w, sk_process process) {
        EXPECT(process < SK_PROCESSES && w->depth < SK_FRAMES_MAX);
        w->runs[w->depth++] = (way_run){.process = process};
}

static sk_slice text(const sk_record *record, const char *name) {
        sk_slice value = sk_json_member(record->value, name);

        return sk_slice_there(value) ? sk_json_string(value, NULL) : SK_NONE;
}

static unsigned index_of(const sk_activity *activity) {
        return (unsigned)(activity - sk_process_get(activity->process)->activities);
}

static bool is_whole(const way_run *run) {
        return run->done == (1u << sk_process_get(run->process)->count) - 1u;
}

/** The activity that an event names, of the process where the call stands; NULL: its cut. */
static const sk_activity *activity_of(way_watch *w, const sk_record *record) {
        sk_slice id = text(record, "activity");
        const sk_activity *activity = sk_activity_find(id);

        if (activity == NULL) {
                EXPECT(id.len > 4 && memcmp(id.at + id.len - 4, ".cut", 4) == 0);
                EXPECT(sk_process_find((sk_slice){id.at, id.len - 4}) == top(w)->process);
                return NULL;
        }
        EXPECT(activity->process == top(w)->process);
        return activity;
}

static void entered(way_watch *w, const sk_record *record) {
        const sk_activity *activity = activity_of(w, record);

        EXPECT(w->running == NULL && !top(w)->is_triggered);
        w->running = activity;
}

static void ended(way_watch *w, const sk_record *record) {
        const sk_activity *activity = activity_of(w, record);

        EXPECT(activity != NULL && activity == w->running);
        top(w)->done |= 1u << index_of(activity);
        w->running = NULL;
}

static void not_applicable(way_watch *w, const sk_record *record) {
        const sk_activity *activity = activity_of(w, record);

        EXPECT(activity != NULL && w->running == NULL);
        EXPECT(text(record, "rule").len > 0);
        top(w)->done |= 1u << index_of(activity);
}

static void triggered(way_watch *w, const sk_record *record) {
        const sk_process_info *info = sk_process_get(top(w)->process);
        sk_process to = sk_process_find(text(record, "to"));
        uint32_t before = (1u << info->before_cut) - 1u;

        EXPECT(w->running == NULL && !top(w)->is_triggered);
        EXPECT(sk_process_find(text(record, "from")) == info->process);
        EXPECT(to < SK_PROCESSES && (info->may_trigger >> to & 1u) != 0);
        EXPECT((top(w)->done & before) == before);
        EXPECT(text(record, "decided_by").len > 0);
        top(w)->is_triggered = true;
        top(w)->is_remote = text(record, "team").len > 0;
        if (!top(w)->is_remote) {
                push(w, to);
        }
}

static void fed_back(way_watch *w, const sk_record *record) {
        sk_process from = sk_process_find(text(record, "from"));

        if (!top(w)->is_triggered) {
                EXPECT(w->depth > 1 && is_whole(top(w)) && w->running == NULL && top(w)->process == from);
                w->depth--;
        }
        EXPECT(top(w)->is_triggered);
        EXPECT(sk_process_find(text(record, "to")) == top(w)->process);
        EXPECT(text(record, "outcome").len > 0);
        top(w)->is_triggered = false;
        top(w)->is_remote = false;
}

static void closed(way_watch *w) {
        EXPECT(!w->is_closed && w->running == NULL);
        EXPECT(w->depth <= 1);
        EXPECT(w->depth == 0 || (is_whole(top(w)) && !top(w)->is_triggered));
        w->is_closed = true;
}

static void typed(way_watch *w, const sk_record *record) {
        EXPECT(w->depth == 0);
        push(w, sk_call_type_process(sk_call_type_find(text(record, "type"))));
}

static void count_event(way_watch *w, const sk_record *record) {
        int64_t n = -1;

        EXPECT(sk_json_member_int(record->value, "n", 0, UINT32_MAX, &n));
        EXPECT(n == 0 || (uint32_t)n == w->last_event + 1);
        w->last_event = n == 0 ? w->last_event : (uint32_t)n;
        w->events++;
}

static void event(way_watch *w, const sk_record *record, sk_message type) {
        count_event(w, record);
        switch (type) {
        case SK_EVENT_TYPED:
                typed(w, record);
                return;
        case SK_EVENT_ENTERED:
                entered(w, record);
                return;
        case SK_EVENT_ENDED:
                ended(w, record);
                return;
        case SK_EVENT_NOT_APPLICABLE:
                not_applicable(w, record);
                return;
        case SK_EVENT_TRIGGERED:
                triggered(w, record);
                return;
        case SK_EVENT_FED_BACK:
                fed_back(w, record);
                return;
        case SK_EVENT_CLOSED:
                closed(w);
                return;
        case SK_EVENT_OUTCOME:
                w->outcomes++;
                return;
        case SK_EVENT_DUPLICATE:
                w->duplicates++;
                return;
        default:
                return;
        }
}

/** Each message has the next number; nothing follows the last, which may be said again (rules O2, C3). */
static void feedback(way_watch *w, const sk_record *record, sk_message type) {
        sk_slice digits = sk_headers_find(record->headers, "ce_seqno");
        uint32_t seqno = 0;

        for (size_t i = 0; i < digits.len; i++) {
                seqno = seqno * 10 + (uint32_t)(digits.at[i] - '0');
        }
        if (seqno == 0) {
                EXPECT(type == SK_FEEDBACK_REFUSED);
                return;
        }
        if (w->is_closed) {
                EXPECT(type == SK_FEEDBACK_CLOSED && seqno == w->last_feedback);
                return;
        }
        EXPECT(seqno == w->last_feedback + 1);
        w->last_feedback = seqno;
}

void way_watch_record(way_watch *w, const sk_record *record) {
        sk_message type = sk_message_find(sk_headers_find(record->headers, "ce_type"));

        if (record->topic->kind == SK_TOPIC_EVENTS) {
                event(w, record, type);
        } else if (record->topic->kind == SK_TOPIC_FEEDBACK) {
                feedback(w, record, type);
        }
}

void way_watch_input(way_watch *w, const sk_step_input *input, bool wants_stub) {
        if (wants_stub) {
                return;
        }
        EXPECT(w->events > 0);
        if (input->record->topic->kind == SK_TOPIC_WORK) {
                EXPECT(w->outcomes + w->duplicates == 1);
        } else {
                EXPECT(w->outcomes == 0);
        }
        w->events = w->outcomes = w->duplicates = 0;
}
