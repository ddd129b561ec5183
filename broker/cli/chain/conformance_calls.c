/*
 * A customer, a provider, and people who do at once whatever they are asked, on links in memory: one call at a time,
 * under a clock that stands still.
 */
#include <stdio.h>
#include <string.h>

#include "cli/chain/conformance.h"
#include "event/envelope.h"
#include "event/trace.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "log/memory_chain.h"
#include "usm/edition.h"

#define START_US (INT64_C(1767225600) * SK_SECOND_US) /* 1 January 2026 */
#define HEADERS_MAX 8192
#define VALUE_MAX 4096
#define ROUNDS_MAX 1000 /* far more than any call has tasks */

/* Nothing but the method: all that a routine could say is left to what holds without one, a task for a person. */
static const sk_chain_file files[] = {
        {"chain.json", {"{\"name\":\"conformance\"}", sizeof("{\"name\":\"conformance\"}") - 1}},
#define TEAM(name, more)                                                                                          \
        "{\"title\":\"" name "\",\"organised_by\":\"process\",\"coordinated_by\":\"process\",\"people\":{\"" name \
        "-person\":{\"profiles\":[\"process-manager\",\"process-coordinator\",\"operator\"]}}" more "}"
        {"customer/team.json",
         {TEAM("customer", ",\"consumer\":true"), sizeof(TEAM("customer", ",\"consumer\":true")) - 1}},
        {"provider/team.json", {TEAM("provider", ""), sizeof(TEAM("provider", "")) - 1}},
#define AGREEMENT                                                                                                      \
        "{\"customer\":\"customer\",\"provider\":\"provider\",\"facilities\":{\"facility\":{\"goods\":[\"a thing\"],"  \
        "\"actions\":[\"make it work\"],\"calls\":[\"incident\",\"service-request\",\"request-for-change\",\"wish\"]," \
        "\"promises\":{\"incident\":{\"respond_within\":\"PT1H\",\"resolve_within\":\"PT8H\"}}}},"                     \
        "\"share\":[\"/need\",\"/result\"]}"
#define COMPONENTS "{\"components\":{\"thing\":{\"facility\":\"facility\",\"title\":\"A thing\"}}}"
        {"provider/infrastructure.json", {COMPONENTS, sizeof(COMPONENTS) - 1}},
        {"agreements/customer-provider.json", {AGREEMENT, sizeof(AGREEMENT) - 1}},
};

typedef struct walk {
        const sk_conformance_call *rule;
        sk_edition *edition;
        sk_memory_chain *chain;
        sk_buf *way;
        sk_buf value;
        size_t customer; /**< index of the team */
        size_t provider;
        sk_id call;
        uint8_t written;    /**< ids made so far */
        unsigned times;     /**< how often the other thing has happened */
        int64_t event_next; /**< offsets of what has been read */
        int64_t feedback_next;
        bool is_full;
} walk;

static sk_id new_id(walk *self) {
        uint8_t random[10] = {0};
        random[9] = ++self->written;
        return sk_id_of_time(START_US, random);
}

/* ---- what people write ---- */

static void write_work(walk *self, size_t team, sk_message type) {
        char key[SK_ID_TEXT];
        char id_text[SK_ID_TEXT];
        char trace[SK_TRACE_TEXT];
        bool is_customer = team == self->customer;
        sk_id id = new_id(self);
        sk_buf headers = sk_buf_make(HEADERS_MAX);
        sk_memory_topic *topic = sk_memory_chain_topic(self->chain, team, SK_TOPIC_WORK);
        sk_id_format(&id, id_text);
        sk_id_format(&self->call, key);
        sk_trace_write(&self->call, &self->call, 0, trace);
        sk_envelope envelope = {.type = type,
                                .id = {id_text, SK_ID_TEXT},
                                .source = is_customer ? SK_SLICE("/conformance/customer")
                                                      : SK_SLICE("/conformance/provider"),
                                .time_us = START_US,
                                .callid = self->call,
                                .has_callid = true,
                                .actor = is_customer ? SK_SLICE("customer-person") : SK_SLICE("provider-person"),
                                .traceparent = {trace, sizeof(trace)},
                                .chain_traceparent = {trace, sizeof(trace)}};
        sk_envelope_encode(&envelope, &headers);
        sk_record record = {
                .key = {key, SK_ID_TEXT}, .headers = sk_buf_slice(&headers), .value = sk_buf_slice(&self->value)};
        self->is_full |= topic == NULL || headers.err != SK_OK || self->value.err != SK_OK ||
                         sk_memory_append(sk_memory_chain_broker(self->chain), topic, &record) != SK_OK;
        sk_buf_free(&headers);
}

static void raise_call(walk *self) {
        bool is_own = strcmp(self->rule->type, "risk") == 0;
        self->call = new_id(self);
        sk_buf_clear(&self->value);
        sk_buf_add_format(&self->value,
                          "{\"to\":\"provider\",\"type\":\"%s\",\"facility\":\"facility\",\"need\":\"x\"}",
                          self->rule->type);
        write_work(self, is_own ? self->provider : self->customer, SK_WORK_RAISE);
}

static void write_end(walk *self, int64_t visit, const char *outcome) {
        bool is_declined = strcmp(outcome, "declined") == 0;
        sk_buf_clear(&self->value);
        if (is_declined)
                sk_buf_add_format(&self->value, "{\"visit\":%lld,\"reason\":\"x\"}", (long long)visit);
        else
                sk_buf_add_format(&self->value, "{\"visit\":%lld,\"outcome\":\"%s\",\"result\":{\"cut\":%s}}",
                                  (long long)visit, outcome, self->rule->cut);
        write_work(self, self->provider, is_declined ? SK_WORK_DECLINE : SK_WORK_COMPLETE);
}

static void withdraw(walk *self) {
        sk_buf_clear(&self->value);
        sk_buf_add_text(&self->value, "{\"reason\":\"x\"}");
        write_work(self, self->customer, SK_WORK_WITHDRAW);
        self->is_full |= !sk_memory_chain_run(self->chain, START_US);
}

/** What the provider proposes is accepted, unless the rule is about what follows when it is not. */
static void decide(walk *self, sk_slice seqno) {
        sk_buf_clear(&self->value);
        sk_buf_add_format(&self->value, "{\"question\":%.*s,\"answer\":\"%s\"}", (int)seqno.len, seqno.at,
                          self->rule->refuses ? "refuse" : "accept");
        write_work(self, self->customer, SK_WORK_ANSWER);
}

static void do_task(walk *self, sk_slice activity, int64_t visit) {
        const char *outcome = "completed";
        if (self->rule->at != NULL && sk_slice_is(activity, self->rule->at) && self->times < self->rule->times) {
                self->times++;
                outcome = self->rule->outcome;
        }
        if (strcmp(outcome, "withdrawn") == 0) {
                withdraw(self);
                outcome = "completed";
        }
        sk_buf_clear(&self->value);
        sk_buf_add_format(&self->value, "{\"visit\":%lld}", (long long)visit);
        write_work(self, self->provider, SK_WORK_CLAIM);
        write_end(self, visit, outcome);
}

/* ---- what they read ---- */

static sk_slice text_of(sk_slice value, const char *member) {
        sk_slice text = sk_json_member_string(value, member, NULL);
        return sk_slice_there(text) ? text : SK_SLICE("?");
}

static void add_text(walk *self, const char *before, sk_slice text, const char *behind) {
        sk_buf_add_text(self->way, before);
        sk_buf_add_slice(self->way, text);
        sk_buf_add_text(self->way, behind);
}

static void take_event(walk *self, sk_slice type, sk_slice value) {
        int64_t number = 0;
        if (sk_slice_is(type, "schakel.event.entered")) {
                sk_slice activity = text_of(value, "activity");
                if (activity.len < 4 || memcmp(activity.at + activity.len - 4, ".cut", 4) != 0)
                        add_text(self, "", activity, " ");
                if (sk_slice_is(text_of(value, "how"), "manual") &&
                    sk_json_member_int(value, "visit", 1, UINT32_MAX, &number))
                        do_task(self, text_of(value, "activity"), number);
        } else if (sk_slice_is(type, "schakel.event.not-applicable")) {
                add_text(self, "(", text_of(value, "activity"), ") ");
        } else if (sk_slice_is(type, "schakel.event.triggered")) {
                add_text(self, "", text_of(value, "from"), ">");
                add_text(self, "", text_of(value, "to"), " ");
        } else if (sk_slice_is(type, "schakel.event.closed")) {
                add_text(self, "= ", text_of(value, "outcome"), " ");
                (void)sk_json_member_int(value, "workflow", 0, 8, &number);
                sk_buf_add_int(self->way, number);
        }
}

/** The next record of a topic; false: there is none yet. */
static bool read_next(const sk_memory_topic *topic, int64_t *position, sk_record *out) {
        return sk_memory_read(topic, 0, *position, SK_READ_COMMITTED, out, position) == SK_OK;
}

static void take_events(walk *self) {
        sk_record record;
        sk_memory_topic *events = sk_memory_chain_topic(self->chain, self->provider, SK_TOPIC_EVENTS);
        sk_memory_topic *feedback = sk_memory_topic_open(sk_memory_chain_broker(self->chain),
                                                         SK_SLICE("conformance.customer.feedback.provider"));
        self->is_full |= events == NULL || feedback == NULL;
        while (!self->is_full && read_next(feedback, &self->feedback_next, &record)) {
                sk_slice type = sk_headers_find(record.headers, "ce_type");
                if (sk_slice_is(type, "schakel.feedback.refused"))
                        add_text(self, "[", text_of(record.value, "code"), "] ");
                else if (sk_slice_is(type, "schakel.feedback.offer"))
                        decide(self, sk_headers_find(record.headers, "ce_seqno"));
        }
        while (!self->is_full && read_next(events, &self->event_next, &record))
                take_event(self, sk_headers_find(record.headers, "ce_type"), record.value);
}

/* ---- from beginning to end ---- */

static bool begin(walk *self) {
        sk_findings *findings = sk_findings_new();
        sk_err err = findings == NULL ? SK_ERR_NO_MEMORY
                                      : sk_edition_build(files, sizeof(files) / sizeof(files[0]), NULL, findings,
                                                         &self->edition);
        sk_findings_free(findings);
        if (err != SK_OK)
                return false;
        self->chain = sk_memory_chain_new(self->edition);
        self->customer = sk_slice_is(sk_team_name(sk_edition_team_at(self->edition, 0)), "customer") ? 0 : 1;
        self->provider = 1 - self->customer;
        return self->chain != NULL;
}

bool sk_conformance_walk(const sk_conformance_call *call, sk_buf *way) {
        walk self = {.rule = call, .way = way, .value = sk_buf_make(VALUE_MAX)};
        bool is_whole = begin(&self);
        if (is_whole) {
                (void)sk_memory_chain_run(self.chain, START_US);
                raise_call(&self);
                for (unsigned i = 0; i < ROUNDS_MAX && !self.is_full && sk_memory_chain_run(self.chain, START_US); i++)
                        take_events(&self);
        }
        is_whole = is_whole && !self.is_full && way->err == SK_OK;
        sk_memory_chain_free(self.chain);
        sk_edition_release(self.edition);
        sk_buf_free(&self.value);
        return is_whole;
}
