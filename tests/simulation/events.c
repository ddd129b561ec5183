/*
 * What the events of a call tell, held against what may happen: numbers without holes, one closing, exactly one
 * fed-back for each trigger, one outcome for each work record, no gap in the activities of what is closed.
 */

#include "simulation/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "event/message.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

typedef struct event {
        sim *s;
        sim_call *call;
        sk_slice value;
        sk_message type;
} event;

static sk_slice call_key(char *out, size_t size, unsigned team, sk_slice id) {
        int len = snprintf(out, size, "%u/%.*s", team, (int)id.len, id.len == 0 ? "" : id.at);

        return (sk_slice){out, (size_t)len < size ? (size_t)len : size - 1};
}

sim_call *sim_call_find(const sim *s, unsigned team, sk_slice id) {
        char key[64];

        return sk_map_get(s->calls_by_id, call_key(key, sizeof(key), team, id));
}

static bool call_keep(sim *s, sim_call *call) {
        if (s->call_count == s->call_capacity) {
                s->call_capacity = s->call_capacity == 0 ? 64 : s->call_capacity * 2;
                sim_call **grown = sk_realloc(s->calls, s->call_capacity * sizeof(sim_call *));
                if (grown == NULL)
                        return false;
                s->calls = grown;
        }
        s->calls[s->call_count++] = call;
        return true;
}

sim_call *sim_call_get(sim *s, unsigned team, sk_slice id) {
        static sim_call spare;
        char key[64];
        sim_call *call = sim_call_find(s, team, id);

        if (call != NULL)
                return call;
        call = sk_alloc_zero(1, sizeof(*call));
        if (call == NULL || !call_keep(s, call) ||
            sk_map_put(s->calls_by_id, call_key(key, sizeof(key), team, id), call, NULL) != SK_OK) {
                sim_fail(s, "no memory for a call");
                return &spare;
        }
        call->team = team;
        sk_id_parse(id, &call->id);
        snprintf(call->id_text, sizeof(call->id_text), "%.*s", (int)(id.len < SK_ID_TEXT ? id.len : SK_ID_TEXT),
                 id.len == 0 ? "" : id.at);
        return call;
}

static sk_slice text_of(const event *e, const char *name) {
        return sk_json_member_string(e->value, name, e->s->arena);
}

static void fail(const event *e, const char *what) {
        sim_fail(e->s, "%s: call %s in %s", what, e->call->id_text, e->s->teams[e->call->team].name);
}

static void keep(char *out, size_t size, sk_slice text) {
        snprintf(out, size, "%.*s", (int)text.len, text.len == 0 ? "" : text.at);
}

/* ---- outcome ---- */

static bool is_numbered(const event *e) {
        int64_t number = 0;

        return sk_json_member_int(e->value, "n", 1, UINT32_MAX, &number);
}

static void outcome(const event *e) {
        sk_slice work = text_of(e, "work");
        sim_input *input = sim_input_find(e->s, work);

        if (input == NULL || !input->is_work) {
                fail(e, "an outcome for no work record");
                return;
        }
        /* A repeated record that finds no call is told so each time: there is nothing that could remember it. */
        input->outcomes++;
        input->outcomes_on_call += is_numbered(e) ? 1 : 0;
        if (input->outcomes_on_call > 1 || (input->outcomes > 1 && !input->is_copied))
                fail(e, "exactly one outcome for each work record: there is a second one");
        sim_call *waited = sim_call_get(e->s, e->call->team, sk_slice_of(input->key));
        if (!input->is_poison && waited->waiting > 0)
                waited->waiting--;
}

/* ---- activities ---- */

/** Completed by an effect, and not by what somebody said of it. */
static void ended_by_effect(const event *e) {
        int64_t visit = 0;
        sk_how how = sk_how_find(text_of(e, "how"));

        if (how < SK_HOWS && sk_how_is_effect(how) && sk_slice_is(text_of(e, "outcome"), "completed") &&
            text_of(e, "actor").len == 0 && sk_json_member_int(e->value, "visit", 1, UINT32_MAX, &visit))
                sim_effect_ended_visit(e->s, e->call, (unsigned)visit, text_of(e, "cause"));
}

static void cover(const event *e) {
        const sk_activity *activity = sk_activity_find(text_of(e, "activity"));

        if (activity == NULL)
                return;
        const sk_process_info *info = sk_process_get(activity->process);
        e->call->covered[activity->process] |= (uint16_t)(1u << (activity - info->activities));
        e->call->visited[activity->process] = true;
}

static void cross(const event *e, bool is_down) {
        int64_t frame = 0;

        if (!sk_json_member_int(e->value, "frame", 1, SK_FRAMES_MAX, &frame)) {
                fail(e, "a crossing without its frame");
                return;
        }
        unsigned *open = &e->call->crossings[frame];
        if (is_down == (*open == 1))
                fail(e,
                     is_down ? "each trigger one feedback: a second trigger" : "each trigger one feedback: fed twice");
        *open = is_down ? 1 : 0;
        e->call->triggered += is_down ? 1 : 0;
        e->call->fed_back += is_down ? 0 : 1;
}

static void check_no_gap(const event *e) {
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                uint16_t all = (uint16_t)((1u << sk_process_get((sk_process)p)->count) - 1u);
                if (e->call->visited[p] && (e->call->covered[p] & all) != all)
                        fail(e, "closed with a gap in its activities");
        }
        if (e->call->triggered != e->call->fed_back)
                fail(e, "each trigger one feedback: closed before it came");
}

/* ---- its clock ---- */

static int64_t microseconds(sk_slice clock, const char *name) {
        sk_slice text = sk_json_member(clock, name);
        char number[40] = "";

        if (sk_slice_there(text) && text.len < sizeof(number))
                memcpy(number, text.at, text.len);
        return (int64_t)(strtod(number, NULL) * 1e6 + 0.5);
}

/* As the customer has heard it: seconds in `clock`. */
static void keep_told_clock(const event *e, sim_call *side) {
        sk_slice clock = sk_json_member(e->value, "clock");

        if (!sk_slice_there(clock))
                return;
        sk_slice due = sk_json_member(clock, "due");
        sk_slice kept = sk_json_member(clock, "kept");
        (void)snprintf(side->told_clock, sizeof(side->told_clock), "%lld %lld %.*s %.*s",
                       (long long)microseconds(clock, "elapsed_s"), (long long)microseconds(clock, "stopped_s"),
                       (int)due.len, due.len == 0 ? "" : due.at, (int)kept.len, kept.len == 0 ? "" : kept.at);
}

/* As the provider counts: microseconds. */
static void keep_clock(const event *e) {
        int64_t elapsed_us = -1;
        int64_t stopped_us = -1;
        sk_slice due = sk_json_member(e->value, "due");
        sk_slice kept = sk_json_member(e->value, "kept");

        (void)sk_json_member_int(e->value, "elapsed_us", 0, INT64_MAX, &elapsed_us);
        (void)sk_json_member_int(e->value, "stopped_us", 0, INT64_MAX, &stopped_us);
        (void)snprintf(e->call->clock, sizeof(e->call->clock), "%lld %lld %.*s %.*s", (long long)elapsed_us,
                       (long long)stopped_us, (int)due.len, due.len == 0 ? "" : due.at, (int)kept.len,
                       kept.len == 0 ? "" : kept.at);
        if (stopped_us < 0 || stopped_us > elapsed_us)
                fail(e, "a clock has stood longer than the call was open");
}

/* ---- its life ---- */

static void opened(const event *e) {
        if (e->call->is_opened)
                fail(e, "opened twice");
        e->call->is_opened = true;
        e->call->is_own = sk_slice_is(text_of(e, "customer"), e->s->teams[e->call->team].name);
}

static void closed(const event *e) {
        if (e->call->is_closed)
                fail(e, "none closed twice");
        e->s->closed += e->call->is_closed ? 0 : 1;
        e->call->is_closed = true;
        keep(e->call->outcome, sizeof(e->call->outcome), text_of(e, "outcome"));
        keep(e->call->code, sizeof(e->call->code), text_of(e, "code"));
        e->call->is_forced = strcmp(e->call->code, "forced") == 0;
        if (e->call->asks > 0 && !e->call->is_forced)
                fail(e, "rule C6: closed although asks are open");
        if (e->call->unseen > 0 && !e->call->is_anew && sk_slice_is(text_of(e, "outcome"), "completed"))
                fail(e, "what went onward in vain was shown to nobody");
        check_no_gap(e);
        keep_clock(e);
}

/* What the customer's side has heard of an ask. It may hear of its end once only. */
static void fed(const event *e) {
        sk_slice ask = text_of(e, "ask");
        sk_slice how = text_of(e, "outcome");

        if (ask.len == 0 || how.len == 0)
                return;
        sim_call *side = sim_call_get(e->s, e->call->team, ask);
        if (side->told[0] != '\0')
                fail(e, "an ask ended twice");
        e->call->asks -= side->owner == e->call ? 1 : 0;
        if (side->is_onward && !sk_slice_is(how, "completed"))
                e->call->unseen++;
        keep(side->told, sizeof(side->told), how);
        keep(side->told_by, sizeof(side->told_by), text_of(e, "team"));
        keep_told_clock(e, side);
}

static void delegated(const event *e) {
        sim_call *side = sim_call_get(e->s, e->call->team, text_of(e, "ask"));

        if (side->owner == NULL)
                e->call->asks++;
        side->owner = e->call;
        side->is_onward = sk_slice_is(sk_json_member(e->value, "onward"), "true");
        e->s->seen[SIM_SEEN_ONWARD] += side->is_onward ? 1 : 0;
        keep(side->told_by, sizeof(side->told_by), text_of(e, "team"));
}

/*
 * Of a call that its provider raised for itself, the customer that an offer goes to sees only some messages; and some
 * may be lost.
 */
static void gap(const event *e) {
        if (e->s->seen[SIM_SEEN_LOST_TAIL] > 0)
                return;
        for (unsigned team = 0; team < e->s->team_count; team++) {
                const sim_call *call = sim_call_find(e->s, team, text_of(e, "ask"));
                if (call != NULL && call->is_own)
                        return;
        }
        fail(e, "a gap in the messages of another link");
}

static void numbered(const event *e) {
        int64_t number = 0;

        if (!sk_json_member_int(e->value, "n", 0, UINT32_MAX, &number)) {
                fail(e, "an event without a number");
                return;
        }
        if (number == 0)
                return;
        if (e->call->is_closed)
                fail(e, "none closed twice: it goes on after its end");
        if (number != e->call->events + 1)
                fail(e, "one owner: its events are not numbered one after the other");
        e->call->events = (uint32_t)number;
}

/* ---- who answers for it ---- */

static bool is_of_accountable(const event *e) {
        sk_slice code = text_of(e, "code");

        return e->type == SK_EVENT_ESCALATED && code.len > 12 && memcmp(code.at, "accountable-", 12) == 0;
}

/** That nobody could be found is said with the next event. */
static void check_owed(const event *e) {
        int64_t number = 0;

        if (e->call->owed == 0 || !sk_json_member_int(e->value, "n", 1, UINT32_MAX, &number))
                return;
        if (number != e->call->owed || !is_of_accountable(e))
                fail(e, "one accountable for each activity: there is none, and nobody is told");
        e->call->owed = 0;
}

/** Whether that person, in place of that other one, can be accountable by the absences of this edition. */
static bool is_right(const event *e, const sk_edition *edition, int64_t now_us) {
        const sk_team *team = sk_edition_team(edition, sk_slice_of(e->s->teams[e->call->team].name));
        sk_slice person = text_of(e, "accountable");
        sk_slice instead_of = text_of(e, "instead_of");

        return sk_team_knows(team, person) && !sk_team_is_away(team, person, now_us) &&
               (instead_of.len == 0 || sk_team_is_away(team, instead_of, now_us));
}

/** What went onward in vain is the coordinator's when the call comes to its close; an activity entered again asks anew. */
static void seen(const event *e) {
        static const char *const codes[] = {"onward-failed", "too-old", "id-conflict"};

        e->call->is_anew |= e->type == SK_EVENT_REISSUED;
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
                if (sk_slice_is(text_of(e, "code"), codes[i])) {
                        e->s->seen[SIM_SEEN_ONWARD_VAIN] += e->call->unseen > 0 ? 1 : 0;
                        e->call->unseen = 0;
                }
        }
}

/** Exactly one person who is there answers for an activity that is entered; or the coordinator is told. */
static void entered(const event *e) {
        bool has_deputy = text_of(e, "instead_of").len > 0;
        int64_t now_us = 0;

        if (!sk_when_parse(text_of(e, "now"), &now_us)) {
                fail(e, "an event without its time");
                return;
        }
        if (text_of(e, "accountable").len == 0) {
                bool is_auto = sk_slice_is(text_of(e, "how"), "auto");
                e->call->owed = is_auto ? 0 : e->call->events + 1;
                e->s->seen[SIM_SEEN_NOBODY]++;
                return;
        }
        e->s->seen[SIM_SEEN_DEPUTY] += has_deputy ? 1 : 0;
        if (!is_right(e, e->s->editions[0], now_us) && !is_right(e, e->s->editions[1], now_us))
                fail(e, "one accountable for each activity: it is not he");
}

static sk_message type_of(const sk_record *record) {
        return sk_message_find(sk_headers_find(record->headers, "ce_type"));
}

void sim_check_event(sim *s, unsigned team, const sk_record *record) {
        event e = {.s = s,
                   .call = sim_call_get(s, team, sk_headers_find(record->headers, "ce_callid")),
                   .value = record->value,
                   .type = type_of(record)};

        check_owed(&e);
        numbered(&e);
        switch (e.type) {
        case SK_EVENT_ESCALATED:
        case SK_EVENT_REISSUED:
                seen(&e);
                break;
        case SK_EVENT_ENTERED:
                entered(&e);
                s->seen[SIM_SEEN_ONWARD_AWAITED] += sk_slice_is(sk_json_member(e.value, "onward"), "true") ? 1 : 0;
                break;
        case SK_EVENT_OPENED:
                opened(&e);
                break;
        case SK_EVENT_ANSWERED:
                s->seen[SIM_SEEN_OFFER_LAPSED] += sk_slice_there(sk_json_member(record->value, "offer")) &&
                                                  sk_slice_is(text_of(&e, "code"), "lapsed");
                break;
        case SK_EVENT_ENDED:
                ended_by_effect(&e);
                cover(&e);
                break;
        case SK_EVENT_NOT_APPLICABLE:
                cover(&e);
                break;
        case SK_EVENT_TRIGGERED:
                cross(&e, true);
                break;
        case SK_EVENT_FED_BACK:
                cross(&e, false);
                break;
        case SK_EVENT_DELEGATED:
                delegated(&e);
                break;
        case SK_EVENT_FED:
                fed(&e);
                break;
        case SK_EVENT_OUTCOME:
                outcome(&e);
                break;
        case SK_EVENT_WITHDRAWING:
                e.call->is_withdrawing = true;
                break;
        case SK_EVENT_CLOSED:
                closed(&e);
                break;
        case SK_EVENT_GAP:
                gap(&e);
                break;
        default:
                break;
        }
}
