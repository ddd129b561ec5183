#include "support/one_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/hash.h"
#include "kit/json_scan.h"
#include "support/contract.h"

static const char chain_json[] = "{\"name\":\"test\",\"partitions\":4,\"calendars\":{"
                                 "\"day\":{\"zone\":\"UTC\",\"open\":{\"mon-fri\":\"08:00-18:00\"}}}}";
static const char finance_json[] =
        "{\"title\":\"Finance\",\"consumer\":true,\"organised_by\":\"process\",\"coordinated_by\":\"line\"}";
static const char centre_json[] =
        "{\"title\":\"Centre\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{"
        "\"anna\":{\"profiles\":[\"operator\"]},\"bo\":{\"profiles\":[\"operator\"]},"
        "\"dina\":{\"profiles\":[\"process-manager\",\"process-coordinator\",\"line-coordinator\"]}}}";
static const char network_json[] =
        "{\"title\":\"Network\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{"
        "\"carl\":{\"profiles\":[\"operator\",\"process-manager\",\"line-coordinator\",\"process-coordinator\"]}}}";
static const char agreement_json[] =
        "{\"customer\":\"finance\",\"provider\":\"centre\",\"facilities\":{\"laptop\":{\"goods\":[\"a "
        "laptop\"],\"calls\":"
        "[\"incident\",\"service-request\",\"request-for-change\"],\"promises\":{\"incident\":{\"respond_within\":"
        "\"PT1H\",\"resolve_within\":\"PT8H\"}}},\"desk\":{\"goods\":[\"a desk\"],\"calls\":[\"incident\"],"
        "\"promises\":{\"incident\":{\"resolve_within\":\"PT8H\",\"service_hours\":\"day\"}}}},"
        "\"priorities\":[[1,1,1,2,3],[1,1,2,3,4],[1,2,3,4,5],[2,3,4,5,5],[3,4,5,5,5]],\"share\":";
static const char network_agreement_json[] =
        "{\"customer\":\"centre\",\"provider\":\"network\",\"facilities\":{\"wifi\":{\"goods\":[\"wifi\"],\"calls\":"
        "[\"incident\",\"service-request\",\"request-for-change\"]},\"laptop\":{\"goods\":[\"a laptop\"],\"calls\":"
        "[\"incident\",\"service-request\",\"request-for-change\"]}},\"share\":[\"/need\",\"/data/serial\",\"/result/"
        "port\",\"/result/by\"]}";

static sk_edition *build(const char *routine, const char *centre, const char *share) {
        char agreement[sizeof agreement_json + 200];
        (void)snprintf(agreement, sizeof agreement, "%s%s}", agreement_json, share);
        sk_chain_file files[] = {{"chain.json", sk_slice_of(chain_json)},
                                 {"finance/team.json", sk_slice_of(finance_json)},
                                 {"centre/team.json", sk_slice_of(centre)},
                                 {"network/team.json", sk_slice_of(network_json)},
                                 {"agreements/finance-centre.json", sk_slice_of(agreement)},
                                 {"agreements/centre-network.json", sk_slice_of(network_agreement_json)},
                                 {"centre/routines/only.json", sk_slice_of(routine)}};
        size_t count = sizeof files / sizeof files[0] - (routine == NULL ? 1 : 0);
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        sk_err err = sk_edition_build(files, count, NULL, findings, &edition);
        for (size_t i = 0; err != SK_OK && i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                print_message("%s:%u:%u: %s: %s\n", finding->path, finding->line, finding->column, finding->code,
                              finding->text);
        }
        assert_int_equal(err, SK_OK);
        sk_findings_free(findings);
        return edition;
}

static void open_all(one_call *c, const char *team, const char *routine, const char *centre, const char *share) {
        *c = (one_call){.now_us = INT64_C(1790000000000000), .centre = centre, .share = share};
        c->edition = build(routine, centre, c->share);
        c->team = sk_edition_team(c->edition, sk_slice_of(team));
        assert_non_null(c->team);
        c->topics = sk_topics_new(sk_edition_chain(c->edition), sk_slice_of(team));
        c->arena = sk_arena_new(256u << 20);
        c->out = sk_out_make(c->arena, 10000);
        c->id = sk_id_of_time(c->now_us, (const uint8_t *)"0123456789");
}

void one_call_open(one_call *c, const char *team, const char *routine) {
        open_all(c, team, routine, centre_json, "[\"/need\",\"/result\"]");
}

void one_call_open_team(one_call *c, const char *team, const char *routine, const char *centre) {
        open_all(c, team, routine, centre, "[\"/need\",\"/result\"]");
}

void one_call_open_sharing(one_call *c, const char *team, const char *routine, const char *share) {
        open_all(c, team, routine, centre_json, share);
}

void one_call_new_edition(one_call *c, const char *routine) {
        sk_slice name = sk_arena_copy(c->arena, sk_team_name(c->team));

        sk_edition_release(c->edition);
        c->edition = build(routine, c->centre, c->share);
        c->team = sk_edition_team(c->edition, name);
        assert_non_null(c->team);
}

static void forget(char **at, size_t *len) {
        free(*at);
        *at = NULL;
        *len = 0;
}

void one_call_free(one_call *c) {
        forget(&c->head, &c->head_len);
        forget(&c->data, &c->data_len);
        forget(&c->stub, &c->stub_len);
        sk_out_free(&c->out);
        sk_arena_free(c->arena);
        sk_topics_free(c->topics);
        sk_edition_release(c->edition);
}

static bool is_open(void *self, sk_slice rootid, sk_slice facility, sk_call_type type) {
        (void)rootid;
        (void)facility;
        (void)type;
        return ((one_call *)self)->is_open_elsewhere;
}

static void keep(char **at, size_t *len, sk_slice bytes) {
        char *copy = malloc(bytes.len + 1);

        assert_non_null(copy);
        memcpy(copy, bytes.at, bytes.len);
        free(*at);
        *at = copy;
        *len = bytes.len;
}

static void take(one_call *c) {
        if (c->err != SK_OK || c->after.change == SK_CHANGE_NOTHING) {
                return;
        }
        if (c->after.change == SK_CHANGE_CLOSE) {
                keep(&c->stub, &c->stub_len, c->after.stub);
                forget(&c->head, &c->head_len);
                forget(&c->data, &c->data_len);
                c->known = SK_KNOWN_CLOSED;
                return;
        }
        keep(&c->head, &c->head_len, c->after.head);
        if (c->after.data_changed) {
                keep(&c->data, &c->data_len, c->after.data);
        }
        c->known = SK_KNOWN_OPEN;
}

sk_step_context one_call_context(one_call *c) {
        return (sk_step_context){.edition = c->edition,
                                 .team = c->team,
                                 .topics = c->topics,
                                 .partitions = 4,
                                 .now_us = c->now_us,
                                 .arena = c->arena,
                                 .durations = c->durations,
                                 .checks = test_checks(),
                                 .contract = c->is_strict ? test_contract() : NULL,
                                 .is_open = is_open,
                                 .self = c};
}

/** Whatever a test sends, what comes out fits the schemas of the messages. */
static void check_made(const one_call *c) {
        for (size_t i = 0; i < c->out.count && c->err == SK_OK; i++) {
                const sk_record *record = &c->out.records[i];
                sk_message type = sk_message_find(sk_headers_find(record->headers, "ce_type"));
                sk_schema_fault fault;
                if (sk_contract_check(test_contract(), test_checks(), type, record->value, &fault) != SK_OK)
                        fail_msg("%s does not fit its schema: \"%s\" %s: %.*s", sk_message_name(type), fault.instance,
                                 fault.text, (int)record->value.len, record->value.at);
        }
}

static void step(one_call *c, const sk_step_input *input) {
        sk_step_context context = one_call_context(c);
        sk_before before = {.known = c->known,
                            .head = {c->head, c->head_len},
                            .data = {c->data == NULL ? "" : c->data, c->data_len}};

        sk_out_rewind(&c->out, 0);
        c->err = sk_step(&context, &before, input, &c->out, &c->after, &c->reject);
        check_made(c);
        if (c->look != NULL) {
                c->look(c, &before, input);
        }
        take(c);
}

static void send(one_call *c, const sk_topic *topic, sk_envelope *envelope, const char *value) {
        sk_buf headers = sk_buf_make(65536);
        char key[SK_ID_TEXT];
        sk_reject reject;
        sk_envelope decoded;

        sk_envelope_encode(envelope, &headers);
        sk_id_format(topic->kind == SK_TOPIC_FEEDBACK ? &envelope->replykey : &envelope->callid, key);
        sk_slice key_slice = sk_arena_copy(c->arena, (sk_slice){key, sizeof key});
        sk_record record = {.topic = topic,
                            .partition = sk_hash_partition(key_slice, 4),
                            .timestamp_us = c->now_us,
                            .key = key_slice,
                            .headers = sk_arena_copy(c->arena, sk_buf_slice(&headers)),
                            .value = sk_arena_copy(c->arena, sk_slice_of(value)),
                            .proven = sk_slice_of(c->proven)};
        sk_buf_free(&headers);
        sk_err err = sk_envelope_decode(&record, SK_SLICE("test"), 4, &decoded, &reject);
        if (err != SK_OK) {
                print_message("%s: %s\n", reject.reason, reject.text);
        }
        assert_int_equal(err, SK_OK);
        c->record = record;
        c->envelope = decoded;
        step(c, &(sk_step_input){.kind = SK_INPUT_MESSAGE, .record = &c->record, .envelope = &c->envelope});
        c->now_us += 1000000;
}

static sk_slice kept_format(one_call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static sk_slice kept_format(one_call *c, const char *format, ...) {
        char text[200];
        va_list list;

        va_start(list, format);
        int len = vsnprintf(text, sizeof text, format, list);
        va_end(list);
        assert_true(len > 0 && (size_t)len < sizeof text);
        return sk_arena_copy(c->arena, (sk_slice){text, (size_t)len});
}

void one_call_customer_numbered(one_call *c, sk_message type, uint32_t seqno, const char *value) {
        char id[SK_ID_TEXT + 1] = {0};

        sk_id_format(&c->id, id);
        sk_envelope envelope = {.type = type,
                                .id = kept_format(c, "%s/c/%u", id, seqno),
                                .source = SK_SLICE("/test/finance"),
                                .time_us = c->now_us - c->behind_us,
                                .callid = c->id,
                                .has_callid = true,
                                .replykey = c->id,
                                .has_replykey = true,
                                .rootid = kept_format(c, "%s", id),
                                .seqno = seqno,
                                .agreement = SK_SLICE("00000000000000000000000000000000")};
        send(c, sk_topics_calls_from(c->topics, SK_SLICE("finance")), &envelope, value);
}

void one_call_customer(one_call *c, sk_message type, const char *value) {
        one_call_customer_numbered(c, type, ++c->seqno, value);
}

void one_call_work(one_call *c, sk_message type, const char *actor, const char *value) {
        c->work++;
        one_call_work_again(c, type, actor, value);
}

void one_call_work_again(one_call *c, sk_message type, const char *actor, const char *value) {
        sk_slice team = sk_team_name(c->team);
        sk_id work = sk_id_of_time(INT64_C(1790000000000000), (const uint8_t *)"9876543210");
        char id[SK_ID_TEXT + 1] = {0};

        work.bytes[14] = (uint8_t)(c->work >> 8);
        work.bytes[15] = (uint8_t)c->work;
        sk_id_format(&work, id);
        sk_envelope envelope = {.type = type,
                                .id = kept_format(c, "%s", id),
                                .source = kept_format(c, "/test/%.*s", (int)team.len, team.at),
                                .time_us = c->now_us,
                                .callid = c->id,
                                .has_callid = true,
                                .actor = sk_slice_of(actor)};
        send(c, sk_topics_own(c->topics, SK_TOPIC_WORK), &envelope, value);
}

void one_call_feedback_numbered(one_call *c, const char *provider, const sk_id *ask, uint32_t seqno, sk_message type,
                                const char *value) {
        char id[SK_ID_TEXT + 1] = {0};

        sk_id_format(ask, id);
        sk_envelope envelope = {.type = type,
                                .id = kept_format(c, "%s/f/%u", id, seqno),
                                .source = kept_format(c, "/test/%s", provider),
                                .time_us = c->now_us,
                                .callid = *ask,
                                .has_callid = true,
                                .replykey = c->id,
                                .has_replykey = true,
                                .rootid = kept_format(c, "%s", id),
                                .seqno = seqno,
                                .agreement = SK_SLICE("00000000000000000000000000000000")};
        send(c, sk_topics_feedback_from(c->topics, sk_slice_of(provider)), &envelope, value);
}

void one_call_feedback(one_call *c, const char *provider, unsigned ask, sk_message type, const char *value) {
        sk_call call = one_call_now(c);

        assert_true(ask < call.ask_count);
        one_call_feedback_numbered(c, provider, &call.asks[ask].id, call.asks[ask].in_seqno + 1, type, value);
}

void one_call_do(one_call *c, const char *actor, const char *completion) {
        sk_call call = one_call_now(c);
        char value[400];

        (void)snprintf(value, sizeof value, "{\"visit\":%u}", call.visit.number);
        one_call_work(c, SK_WORK_CLAIM, actor, value);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
        (void)snprintf(value, sizeof value, "{\"visit\":%u,%s}", call.visit.number, completion);
        one_call_work(c, SK_WORK_COMPLETE, actor, value);
}

void one_call_again(one_call *c) {
        step(c, &(sk_step_input){.kind = SK_INPUT_MESSAGE, .record = &c->record, .envelope = &c->envelope});
        if (c->after.wants_stub) {
                one_call_stub(c);
        }
}

void one_call_resync(one_call *c, const char *provider) {
        step(c, &(sk_step_input){.kind = SK_INPUT_RESYNC, .provider = sk_slice_of(provider)});
}

void one_call_effect(one_call *c, sk_effect_word word, const sk_effect_report *report) {
        step(c, &(sk_step_input){.kind = SK_INPUT_EFFECT, .word = word, .report = report});
        assert_int_equal(c->err, SK_OK);
        c->now_us += 1000000;
}

void one_call_wait(one_call *c, int64_t us) {
        int64_t until_us = c->now_us + us;
        int64_t due_us = 0;

        sk_out_rewind(&c->out, 0);
        for (unsigned i = 0; c->known == SK_KNOWN_OPEN; i++) {
                due_us = sk_head_timer_us((sk_slice){c->head, c->head_len});
                if (due_us == 0 || due_us > until_us)
                        break;
                assert_true(i < 100);
                c->now_us = due_us > c->now_us ? due_us : c->now_us;
                step(c, &(sk_step_input){.kind = SK_INPUT_TIMER, .deadline_us = due_us});
                assert_int_equal(c->err, SK_OK);
                assert_true(c->after.change != SK_CHANGE_NOTHING);
        }
        c->now_us = until_us;
}

void one_call_late(one_call *c, int64_t us) {
        int64_t due_us = sk_head_timer_us((sk_slice){c->head, c->head_len});

        c->now_us += us;
        assert_true(due_us != 0 && due_us <= c->now_us);
        step(c, &(sk_step_input){.kind = SK_INPUT_TIMER, .deadline_us = due_us});
        assert_int_equal(c->err, SK_OK);
}

void one_call_stub(one_call *c) {
        step(c, &(sk_step_input){.kind = SK_INPUT_STUB_READ,
                                 .record = &c->record,
                                 .envelope = &c->envelope,
                                 .stub = {c->stub, c->stub_len}});
}

const sk_record *one_call_record(const one_call *c, sk_message type, unsigned index) {
        for (size_t i = 0; i < c->out.count; i++) {
                sk_slice found = sk_headers_find(c->out.records[i].headers, "ce_type");
                if (sk_message_find(found) == type && index-- == 0) {
                        return &c->out.records[i];
                }
        }
        return NULL;
}

unsigned one_call_count(const one_call *c, sk_message type) {
        unsigned count = 0;

        while (one_call_record(c, type, count) != NULL) {
                count++;
        }
        return count;
}

sk_slice one_call_value(const one_call *c, sk_message type, unsigned index) {
        const sk_record *record = one_call_record(c, type, index);

        return record == NULL ? SK_NONE : record->value;
}

const char *one_call_text(const one_call *c, sk_message type, unsigned index, const char *member) {
        sk_slice value = one_call_value(c, type, index);
        sk_slice text = sk_slice_there(value) ? sk_json_member_string(value, member, c->arena) : SK_NONE;

        return text.len == 0 ? "" : sk_arena_copy(c->arena, text).at;
}

sk_call one_call_now(const one_call *c) {
        sk_call call;

        assert_int_equal(c->known, SK_KNOWN_OPEN);
        assert_int_equal(sk_call_decode((sk_slice){c->head, c->head_len}, &call), SK_OK);
        return call;
}
