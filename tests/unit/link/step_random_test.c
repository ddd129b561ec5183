#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/random.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"
#include "support/way_watch.h"

/*
 * Random inputs in random orders, right and wrong, early, late and twice: no call ever takes a way that the method does
 * not have. A failure prints the run; SK_RANDOM_RUN=n repeats it alone, SK_RANDOM_SECONDS=n goes on for longer.
 */

enum { RUNS = 6000, INPUTS = 90, SECONDS = 20 };

typedef struct run {
        one_call c;
        sk_random random;
        way_watch watch;
        unsigned number;
        unsigned inputs;
        char *large;
        char *large_raise;
} run;

static const char *const routines[] = {
        NULL,
        NULL,
        ROUTINE_OPERATE("\"manual\"", "\"manual\""),
        ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI "," ROUTINE_WIFI), "\"manual\""),
        ROUTINE_CHANGE("\"manual\"", "{\"link\":{\"operate\":{\"team\":\"network\"}}}", "\"manual\""),
        ROUTINE_CHANGE(ROUTINE_DELEGATE(ROUTINE_WIFI), ROUTINE_AUTO, "\"manual\""),
        ROUTINE_OPERATE("{\"delegate\":{\"to\":[" ROUTINE_WIFI "," ROUTINE_WIFI "," ROUTINE_WIFI "],\"attempts\":4}}",
                        "\"manual\""),
        ROUTINE_CHANGE(ROUTINE_DELEGATE(ROUTINE_WIFI "," ROUTINE_WIFI "," ROUTINE_WIFI "," ROUTINE_WIFI "," ROUTINE_WIFI
                                                     "," ROUTINE_WIFI "," ROUTINE_WIFI),
                       ROUTINE_AUTO, "\"manual\""),
        ROUTINE_OPERATE("{\"manual\":{\"instruction\":\"do it\",\"form\":{\"type\":\"object\"}}}", "\"manual\""),
        "{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"how\":\"auto\"}}}",
        "{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"how\":{\"auto\":{\"target\":\"operate\"}}}}}",
        "{\"process\":\"operate\",\"activities\":{\"operate.close\":" ROUTINE_HOW(ROUTINE_DELEGATE(ROUTINE_WIFI)) "}}",
        ROUTINE_OPERATE("{\"delegate\":{\"to\":[" ROUTINE_WIFI "," ROUTINE_WIFI "],\"wait\":false}}", "\"manual\""),
        ROUTINE_CHANGE("{\"delegate\":{\"to\":[" ROUTINE_WIFI "],\"wait\":false}}", ROUTINE_AUTO,
                       ROUTINE_DELEGATE(ROUTINE_WIFI)),
        "{\"process\":\"agree\",\"activities\":{\"agree.negotiate\":" ROUTINE_AUTO
        ",\"agree.cut\":{\"link\":{\"change\":"
        "{\"team\":\"network\"}}}}}",
};

static unsigned below(run *r, unsigned bound) {
        return (unsigned)sk_random_below(&r->random, bound);
}

static bool often(run *r) {
        return below(r, 8) != 0;
}

#define ONE_OF(r, list) ((list)[below((r), (unsigned)(sizeof(list) / sizeof((list)[0])))])

/* ---- what is looked at after each step ---- */

static void same_records(const sk_out *a, const sk_out *b) {
        assert_int_equal(a->count, b->count);
        for (size_t i = 0; i < a->count; i++) {
                assert_true(a->records[i].topic == b->records[i].topic);
                assert_true(sk_slice_equal(a->records[i].headers, b->records[i].headers));
                assert_true(sk_slice_equal(a->records[i].value, b->records[i].value));
        }
}

/** Same inputs, same bytes (rule D). */
static void same_again(one_call *c, const sk_before *before, const sk_step_input *input) {
        sk_arena *arena = sk_arena_new(32u << 20);
        sk_out out = sk_out_make(arena, 10000);
        sk_step_context context = one_call_context(c);
        sk_after after;
        sk_reject reject;

        context.arena = arena;
        assert_int_equal(sk_step(&context, before, input, &out, &after, &reject), c->err);
        if (c->err == SK_OK) {
                same_records(&c->out, &out);
                assert_true(sk_slice_equal(after.head, c->after.head) && sk_slice_equal(after.data, c->after.data));
                assert_true(sk_slice_equal(after.stub, c->after.stub));
        }
        sk_out_free(&out);
        sk_arena_free(arena);
}

static void state_is_sound(const one_call *c) {
        sk_process path[SK_FRAMES_MAX];
        sk_buf again = sk_buf_make(65536);
        sk_call call;

        if (c->after.change != SK_CHANGE_PUT) {
                return;
        }
        assert_int_equal(sk_call_decode(c->after.head, &call), SK_OK);
        sk_call_encode(&call, &again);
        assert_true(sk_slice_equal(sk_buf_slice(&again), c->after.head));
        sk_buf_free(&again);
        assert_true(!c->after.data_changed || sk_data_check(c->after.data));
        assert_true(c->after.data.len <= SK_DATA_MAX);
        for (unsigned i = 0; i < call.frame_count; i++) {
                path[i] = call.frames[i].process;
        }
        unsigned possible = sk_workflows_possible(path, call.frame_count);
        assert_true(call.is_ask || possible != 0);
        assert_true(call.workflow == 0 || (possible >> call.workflow & 1u) != 0);
        assert_true(call.is_ask || call.visit.number != 0);
        assert_int_equal(call.clock_stands, call.question != 0 || call.offer != 0);
        assert_true(call.standing != SK_CLOSED);
        assert_true((call.standing == SK_WAITING) == call.clock_stands || call.is_ask);
}

/** In a batch without room for it the step is as if it never was; it never says something else. */
static void the_same_or_nothing(run *r, const sk_before *before, const sk_step_input *input) {
        sk_arena *arena = sk_arena_new(1 + sk_random_below(&r->random, sk_arena_used(r->c.arena) % 100000 + 5000));
        sk_out out = sk_out_make(arena, 10000);
        sk_step_context context = one_call_context(&r->c);
        sk_after after;
        sk_reject reject;

        context.arena = arena;
        sk_err err = sk_step(&context, before, input, &out, &after, &reject);
        if (err != SK_ERR_FULL) {
                assert_int_equal(err, r->c.err);
                same_records(&r->c.out, &out);
        }
        sk_out_free(&out);
        sk_arena_free(arena);
}

/** A work record that is refused changes nothing but what remembers it. */
static void refused_changes_nothing(const one_call *c, const sk_before *before, const sk_step_input *input) {
        sk_buf heads[2] = {sk_buf_make(65536), sk_buf_make(65536)};
        sk_slice packed[2] = {before->head, c->after.head};
        sk_call call;

        if (before->known != SK_KNOWN_OPEN || input->record->topic->kind != SK_TOPIC_WORK ||
            strcmp(one_call_text(c, SK_EVENT_OUTCOME, 0, "status"), "refused") != 0) {
                return;
        }
        assert_false(c->after.data_changed);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(sk_call_decode(packed[i], &call), SK_OK);
                call.event_number = call.work_count = call.work_next = 0;
                sk_call_encode(&call, &heads[i]);
        }
        assert_true(sk_slice_equal(sk_buf_slice(&heads[0]), sk_buf_slice(&heads[1])));
        sk_buf_free(&heads[0]);
        sk_buf_free(&heads[1]);
}

/** Whatever goes to another link can be read there. */
static void is_readable(const one_call *c, const sk_record *record) {
        const sk_topic *topic = record->topic;
        bool is_calls = topic->kind == SK_TOPIC_CALLS;

        if (topic->kind != SK_TOPIC_FEEDBACK && !is_calls) {
                assert_int_equal(sk_json_check(record->value, 64, NULL), SK_OK);
                return;
        }
        sk_topics *theirs = sk_topics_new(SK_SLICE("test"), topic->owner);
        sk_record received = *record;
        sk_envelope envelope;
        sk_reject reject = {0};
        received.topic = is_calls ? sk_topics_calls_from(theirs, sk_team_name(c->team))
                                  : sk_topics_feedback_from(theirs, sk_team_name(c->team));
        sk_err err = sk_envelope_decode(&received, SK_SLICE("test"), 4, &envelope, &reject);
        if (err != SK_OK) {
                print_message("%s: %s\n", reject.reason, reject.text);
        }
        sk_topics_free(theirs);
        assert_int_equal(err, SK_OK);
}

static void look(one_call *c, const sk_before *before, const sk_step_input *input) {
        run *r = c->self;

        same_again(c, before, input);
        the_same_or_nothing(r, before, input);
        if (c->err != SK_OK) {
                assert_non_null(c->reject.reason);
                return;
        }
        state_is_sound(c);
        refused_changes_nothing(c, before, input);
        for (size_t i = 0; i < c->out.count; i++) {
                is_readable(c, &c->out.records[i]);
                way_watch_record(&r->watch, &c->out.records[i]);
        }
        way_watch_input(&r->watch, input, c->after.wants_stub);
        r->inputs++;
}

/* ---- inputs ---- */

static uint32_t some_seqno(run *r) {
        static const int steps[] = {0, 0, 0, 0, 0, 0, -1, -2, 1, 5};
        int64_t seqno = (int64_t)r->c.seqno + 1 + ONE_OF(r, steps);

        return seqno < 1 ? 1 : (uint32_t)seqno;
}

static sk_call now(const run *r) {
        sk_call call = {.type = SK_CALL_TYPES};

        if (r->c.known == SK_KNOWN_OPEN) {
                call = one_call_now(&r->c);
        }
        return call;
}

static void repeat(run *r) {
        sk_call before = now(r);
        sk_known known = r->c.known;
        sk_message type = r->c.envelope.type;

        one_call_again(&r->c);
        assert_int_equal(r->c.known, known);
        if (known != SK_KNOWN_OPEN) {
                return;
        }
        sk_call after = now(r);
        assert_true(after.frame_count == before.frame_count && after.visit.number == before.visit.number);
        assert_true(after.standing == before.standing && after.in_seqno == before.in_seqno);
        assert_true(after.question == before.question && after.offer == before.offer);
        assert_int_equal(after.ask_count, before.ask_count);
        for (unsigned i = 0; i < after.ask_count; i++) {
                assert_int_equal(after.asks[i].standing, before.asks[i].standing);
                assert_int_equal(after.asks[i].out_seqno, before.asks[i].out_seqno);
        }
        if (type != SK_CALL_RAISE) {
                assert_int_equal(after.out_seqno, before.out_seqno);
        }
}

static void customer(run *r) {
        static const sk_message types[] = {SK_CALL_ANSWER, SK_CALL_ANSWER, SK_CALL_DECIDE,
                                           SK_CALL_DECIDE, SK_CALL_NOTE,   SK_CALL_WITHDRAW};
        sk_message type = below(r, 12) == 0 ? SK_CALL_RAISE : ONE_OF(r, types);
        sk_call call = now(r);
        uint32_t seqno = type == SK_CALL_RAISE ? 1 : some_seqno(r);
        unsigned matter = often(r) ? (type == SK_CALL_DECIDE ? call.offer : call.question) : below(r, 9);
        char value[200];

        if (type == SK_CALL_WITHDRAW && below(r, 4) != 0) {
                type = SK_CALL_NOTE;
        }
        if (type == SK_CALL_RAISE) {
                (void)snprintf(value, sizeof value, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"%u\"}",
                               below(r, 2));
        } else {
                (void)snprintf(value, sizeof value,
                               "{\"question\":%u,\"answer\":\"a\",\"offer\":%u,\"decision\":\"%s\",\"text\":\"t\","
                               "\"reason\":\"r\"}",
                               matter, matter, below(r, 3) == 0 ? "refuse" : "accept");
        }
        if (type == SK_CALL_NOTE && below(r, 20) == 0) {
                one_call_customer_numbered(&r->c, type, seqno, r->large);
                r->c.seqno = seqno > r->c.seqno ? seqno : r->c.seqno;
                return;
        }
        if (type != SK_CALL_RAISE && seqno > r->c.seqno) {
                r->c.seqno = seqno;
        }
        one_call_customer_numbered(&r->c, type, seqno, value);
}

static void some_result(run *r, char *out, size_t size) {
        static const char *const results[] = {
                "{}",
                "{\"done\":true}",
                "{\"cut\":{\"infrastructure\":true,\"components\":[\"c1\",\"c2\"]}}",
                "{\"cut\":{\"infrastructure\":true}}",
                "{\"cut\":{\"infrastructure\":false,\"agreement\":false}}",
                "{\"cut\":{\"infrastructure\":false}}",
                "{\"cut\":{\"agreement\":true,\"infrastructure\":true}}",
                "{\"cut\":{\"agreement\":true}}",
                "{\"cut\":{\"agreement\":false}}",
                "{\"cut\":{\"infrastructure\":\"yes\"}}",
                "{\"cut\":{\"infrastructure\":false,\"components\":[\"c1\"]}}",
                "{\"cut\":[]}",
                "{\"cut\":{\"components\":[1]}}",
                "{\"category\":\"\\u0000\\ud83d\\ude00\",\"priority\":5}",
                "{\"priority\":1e9}",
                "{\"offer\":{\"facilities\":{}}}",
                "{\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                "[]",
                "null",
        };

        (void)snprintf(out, size, "%s", ONE_OF(r, results));
}

static void work(run *r) {
        static const sk_message types[] = {SK_WORK_CLAIM,    SK_WORK_COMPLETE, SK_WORK_COMPLETE, SK_WORK_QUESTION,
                                           SK_WORK_RELEASE,  SK_WORK_ASSIGN,   SK_WORK_DECLINE,  SK_WORK_ANSWER,
                                           SK_WORK_WITHDRAW, SK_WORK_NOTE,     SK_WORK_RESYNC,   SK_WORK_FORCE_CLOSE};
        static const char *const actors[] = {"anna", "anna", "bo", "dina", "dina", "zoe"};
        static const char *const outcomes[] = {"completed", "completed", "completed", "not-confirmed",
                                               "failed",    "declined",  "none",      "x"};
        sk_call call = now(r);
        sk_message type = ONE_OF(r, types);
        char ask[60] = "";
        char id[SK_ID_TEXT + 1] = {0};
        char result[200];
        char value[700];

        if (type == SK_WORK_FORCE_CLOSE && often(r)) {
                type = SK_WORK_CLAIM;
        }
        if (call.ask_count > 0 && below(r, 2) == 0) {
                sk_id_format(&call.asks[below(r, call.ask_count)].id, id);
                (void)snprintf(ask, sizeof ask, "\"ask\":\"%s\",", id);
        }
        some_result(r, result, sizeof result);
        const char *comma = below(r, 3) != 0 ? ",\"result\":" : "";
        unsigned matter = call.ask_count > 0 ? call.asks[0].question + call.asks[0].offer : call.question + call.offer;
        (void)snprintf(
                value, sizeof value,
                "{%s\"visit\":%u,\"to\":\"%s\",\"outcome\":\"%s\",\"text\":\"t\",\"reason\":\"r\",\"question\":%u,"
                "\"answer\":\"%s\"%s%s%s}",
                ask, often(r) ? call.visit.number : below(r, 20), below(r, 3) == 0 ? "customer" : "bo",
                ONE_OF(r, outcomes), often(r) ? matter : below(r, 9), below(r, 3) == 0 ? "refuse" : "accept",
                below(r, 12) == 0 ? ",\"retype\":\"incident\"" : "", comma, comma[0] != '\0' ? result : "");
        one_call_work(&r->c, type, ONE_OF(r, actors), value);
}

static void feedback(run *r) {
        static const sk_message types[] = {SK_FEEDBACK_ACCEPTED, SK_FEEDBACK_QUESTION, SK_FEEDBACK_OFFER,
                                           SK_FEEDBACK_PROGRESS, SK_FEEDBACK_LATE,     SK_FEEDBACK_REFUSED,
                                           SK_FEEDBACK_CLOSED,   SK_FEEDBACK_CLOSED};
        static const char *const states[] = {"accepted", "working", "waiting", "withdrawing", "closed", "x"};
        static const char *const outcomes[] = {"completed", "completed", "declined", "withdrawn", "failed", "x"};
        static const char *const codes[] = {"retyped", "not-agreed", "too-old", "x"};
        static const int steps[] = {0, 0, 0, 0, 0, -1, 1, 4};
        sk_call call = now(r);
        char value[400];

        if (call.ask_count == 0) {
                return;
        }
        const sk_ask *ask = &call.asks[below(r, call.ask_count)];
        int64_t seqno = (int64_t)ask->in_seqno + 1 + ONE_OF(r, steps);
        (void)snprintf(value, sizeof value,
                       "{\"standing\":{\"state\":\"%s\",\"outcome\":\"%s\",\"question\":{\"seqno\":%u,\"text\":\"q\"}},"
                       "\"outcome\":\"%s\",\"code\":\"%s\",\"of\":\"a%s\",\"text\":\"t\",\"agreement\":{},"
                       "\"offer\":{\"type\":\"incident\"},\"result\":{\"a\":%u}}",
                       ONE_OF(r, states), ONE_OF(r, outcomes), below(r, 6), ONE_OF(r, outcomes), ONE_OF(r, codes),
                       below(r, 2) == 0 ? "/c/1" : "", below(r, 9));
        one_call_feedback_numbered(&r->c, "network", &ask->id, seqno < 1 ? 1 : (uint32_t)seqno, ONE_OF(r, types),
                                   value);
}

/** A risk of a provider's, about which this link knows nothing, offers a new agreement. */
static void begin_with_offer(run *r) {
        one_call_feedback_numbered(&r->c, "network", &r->c.id, 1 + below(r, 2), SK_FEEDBACK_OFFER,
                                   "{\"standing\":{\"state\":\"waiting\"},\"agreement\":{}}");
}

static void begin(run *r) {
        static const char *const types[] = {"incident", "service-request", "request-for-change",
                                            "wish",     "support-request", "risk"};
        bool is_own = below(r, 4) == 0;
        char value[300];

        if (below(r, 10) == 0) {
                one_call_customer(&r->c, SK_CALL_RAISE, r->large_raise);
                return;
        }
        if (below(r, 20) == 0) {
                begin_with_offer(r);
                return;
        }

        (void)snprintf(
                value, sizeof value,
                "{%s\"type\":\"%s\",\"facility\":\"%s\",\"need\":\"n\",\"on_behalf\":\"%s\",\"data\":{\"serial\":1,"
                "\"cut\":{\"infrastructure\":true}}}",
                is_own ? (below(r, 4) == 0 ? "\"to\":\"network\"," : "\"to\":\"centre\",") : "",
                is_own && below(r, 2) == 0 ? "risk" : ONE_OF(r, types), often(r) ? "laptop" : "tower",
                below(r, 2) == 0 ? "finance" : "bo");
        if (is_own) {
                one_call_work(&r->c, SK_WORK_RAISE, "anna", value);
        } else {
                one_call_customer(&r->c, SK_CALL_RAISE, value);
        }
}

static void one_input(run *r) {
        switch (below(r, 12)) {
        case 0:
                repeat(r);
                return;
        case 1:
        case 2:
        case 3:
                customer(r);
                return;
        case 4:
        case 5:
        case 6:
                feedback(r);
                return;
        default:
                work(r);
        }
}

/** A task is claimed and completed as it should be now and then, so that calls get on. */
static void diligence(run *r) {
        sk_call call = now(r);
        char result[200];
        char value[400];

        if (call.visit.number == 0 || call.visit.how != SK_HOW_MANUAL) {
                return;
        }
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", call.visit.number);
        one_call_work(&r->c, SK_WORK_CLAIM, below(r, 2) == 0 ? "anna" : "dina", value);
        some_result(r, result, sizeof result);
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"outcome\":\"%s\",\"result\":%s}", call.visit.number,
                       below(r, 6) == 0 ? "not-confirmed" : "completed", result);
        one_call_work(&r->c, SK_WORK_COMPLETE, below(r, 2) == 0 ? "anna" : "dina", value);
}

/** An object of that many bytes, most of them in its last text. */
static char *large_object(const char *begin_with, size_t size) {
        char *value = malloc(size + 1);

        assert_non_null(value);
        memset(value, 'n', size);
        memcpy(value, begin_with, strlen(begin_with));
        memcpy(value + size - 2, "\"}", 3);
        return value;
}

static unsigned one_run(unsigned number, unsigned *ret_closed) {
        run r = {.number = number, .random = sk_random_make(number)};

        one_call_open(&r.c, "centre", ONE_OF(&r, routines));
        r.c.look = look;
        r.c.self = &r;
        way_watch_begin(&r.watch, sk_team_name(r.c.team));
        r.c.is_open_elsewhere = below(&r, 20) == 0;
        r.large = large_object("{\"text\":\"", 200u << 10);
        r.large_raise =
                large_object("{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"", 160u << 10);
        begin(&r);
        for (unsigned i = 0; i < INPUTS; i++) {
                if (below(&r, 3) == 0) {
                        one_input(&r);
                } else {
                        diligence(&r);
                }
                if (r.c.after.wants_stub) {
                        one_call_stub(&r.c);
                }
        }
        *ret_closed += r.c.known == SK_KNOWN_CLOSED;
        free(r.large);
        free(r.large_raise);
        one_call_free(&r.c);
        return r.inputs;
}

static unsigned number_of(const char *name, unsigned otherwise) {
        const char *text = getenv(name);

        return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

static void test_no_order_of_inputs_leads_off_the_eight_ways(void **state) {
        unsigned only = number_of("SK_RANDOM_RUN", 0);
        clock_t end = clock() + (clock_t)number_of("SK_RANDOM_SECONDS", SECONDS) * CLOCKS_PER_SEC;
        unsigned inputs = 0;
        unsigned closed = 0;
        unsigned number = only == 0 ? 1 : only;
        (void)state;

        for (; number <= (only == 0 ? RUNS : only) && clock() < end; number++) {
                way_watch_run = number;
                inputs += one_run(number, &closed);
        }
        print_message("runs up to %u: %u inputs, %u calls closed\n", number - 1, inputs, closed);
        assert_true(inputs > 0 && (only != 0 || closed > 0));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_no_order_of_inputs_leads_off_the_eight_ways),
        };
        return cmocka_run_group_tests_name("step_random", tests, NULL, NULL);
}
