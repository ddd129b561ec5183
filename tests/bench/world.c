#include "bench/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kit/hash.h"

static const char chain_json[] = "{\"name\":\"bench\",\"partitions\":4}";
static const char finance_json[] =
        "{\"title\":\"Finance\",\"consumer\":true,\"organised_by\":\"process\",\"coordinated_by\":\"line\"}";
static const char centre_json[] =
        "{\"title\":\"Centre\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{"
        "\"anna\":{\"profiles\":[\"operator\"]},"
        "\"dina\":{\"profiles\":[\"process-manager\",\"process-coordinator\",\"line-coordinator\"]}},"
        "\"effects\":{\"most\":1000,\"exec\":1000,\"per_target\":1000}}";
static const char agreement_json[] =
        "{\"customer\":\"finance\",\"provider\":\"centre\",\"facilities\":{\"laptop\":{\"goods\":[\"a laptop\"],"
        "\"calls\":[\"incident\",\"service-request\"],\"promises\":{\"service-request\":{\"respond_within\":\"PT1H\","
        "\"resolve_within\":\"PT8H\"}}}}}";
static const char automatic_json[] =
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":{\"how\":\"auto\"},\"operate.classify\":{\"how\":"
        "\"auto\"},\"operate.plan\":{\"how\":\"auto\"},\"operate.perform\":{\"how\":{\"auto\":{\"result\":{\"done\":"
        "true}}}},\"operate.review\":{\"how\":\"auto\"},\"operate.close\":{\"how\":\"auto\"}}}";
static const char hanging_json[] = "{\"process\":\"recover\",\"activities\":{\"recover.accept\":{\"how\":{\"exec\":{"
                                   "\"command\":[\"programs/hang\"],"
                                   "\"timeout\":\"PT1H\"}}}}}";
static const char prose[] =
        "The lid does not close since Tuesday, and the dock in room \\\"Maas\\\" loses its screens; "
        "a loan until Friday would do.\\nThe stand-up is at nine. ";

static sk_edition *edition_build(world_routine routine) {
        sk_chain_file files[] = {{"chain.json", sk_slice_of(chain_json)},
                                 {"finance/team.json", sk_slice_of(finance_json)},
                                 {"centre/team.json", sk_slice_of(centre_json)},
                                 {"agreements/finance-centre.json", sk_slice_of(agreement_json)},
                                 {"centre/routines/operate.json", sk_slice_of(automatic_json)},
                                 {"centre/routines/recover.json", sk_slice_of(hanging_json)}};
        static const size_t left_out[] = {[WORLD_AUTOMATIC] = 1, [WORLD_MANUAL] = 2, [WORLD_HANGING] = 0};
        size_t count = sizeof(files) / sizeof(files[0]) - left_out[routine];
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        if (sk_edition_build(files, count, NULL, findings, &edition) != SK_OK)
                bench_fail("the chain is wrong: %s",
                           sk_findings_count(findings) > 0 ? sk_findings_at(findings, 0)->text : "no memory");
        sk_findings_free(findings);
        return edition;
}

/* JSON of exactly WORLD_DATA_BYTES bytes. */
static void value_fill(char *out, const char *first) {
        size_t at = strlen(first);

        memcpy(out, first, at);
        while (at + sizeof(prose) + 2 < WORLD_DATA_BYTES) {
                memcpy(out + at, prose, sizeof(prose) - 1);
                at += sizeof(prose) - 1;
        }
        memset(out + at, '.', WORLD_DATA_BYTES - 2 - at);
        memcpy(out + WORLD_DATA_BYTES - 2, "\"}", 3);
}

world *world_new(world_routine routine, int32_t partitions) {
        world *w = calloc(1, sizeof(*w));

        if (w == NULL)
                bench_fail("no memory");
        w->edition = edition_build(routine);
        w->centre = sk_edition_team(w->edition, SK_SLICE("centre"));
        w->topics = sk_topics_new(SK_SLICE("bench"), SK_SLICE("centre"));
        w->arena = sk_arena_new((size_t)256 << 20);
        w->partitions = partitions;
        if (w->centre == NULL || w->topics == NULL || w->arena == NULL)
                bench_fail("no memory");
        value_fill(w->raise, "{\"type\":\"service-request\",\"facility\":\"laptop\",\"urgency\":3,\"need\":\"");
        value_fill(w->work_raise,
                   "{\"to\":\"centre\",\"type\":\"service-request\",\"facility\":\"laptop\",\"urgency\":3,\"need\":\"");
        return w;
}

void world_free(world *w) {
        sk_arena_free(w->arena);
        sk_topics_free(w->topics);
        sk_edition_release(w->edition);
        free(w);
}

sk_id world_id(uint64_t number) {
        uint8_t random[10] = {0};

        for (unsigned i = 0; i < 8; i++)
                random[i + 2] = (uint8_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 8 * i);
        return sk_id_of_time(WORLD_NOW_US, random);
}

static sk_slice kept(world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static sk_slice kept(world *w, const char *format, ...) {
        char text[200];
        va_list list;

        va_start(list, format);
        int len = vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        sk_slice copy = sk_arena_copy(w->arena, (sk_slice){text, (size_t)len});
        if (!sk_slice_there(copy))
                bench_fail("too many records at once");
        return copy;
}

static sk_record record_of(world *w, const sk_topic *topic, const sk_envelope *envelope, const char *value) {
        sk_buf headers = sk_buf_make(65536);
        char key[SK_ID_TEXT];

        sk_id_format(&envelope->callid, key);
        sk_envelope_encode(envelope, &headers);
        sk_record record = {.topic = topic,
                            .partition = sk_hash_partition((sk_slice){key, sizeof(key)}, w->partitions),
                            .timestamp_us = WORLD_NOW_US,
                            .key = sk_arena_copy(w->arena, (sk_slice){key, sizeof(key)}),
                            .headers = sk_arena_copy(w->arena, sk_buf_slice(&headers)),
                            .value = sk_arena_copy(w->arena, sk_slice_of(value))};
        if (!sk_slice_there(record.key) || !sk_slice_there(record.headers) || !sk_slice_there(record.value))
                bench_fail("too many records at once");
        sk_buf_free(&headers);
        return record;
}

sk_record world_call_record(world *w, sk_message type, uint64_t call, uint32_t seqno, const char *value) {
        sk_id callid = world_id(call);
        char id[SK_ID_TEXT + 1] = {0};

        sk_id_format(&callid, id);
        sk_envelope envelope = {.type = type,
                                .id = kept(w, "%s/c/%u", id, seqno),
                                .source = SK_SLICE("/bench/finance"),
                                .time_us = WORLD_NOW_US,
                                .callid = callid,
                                .has_callid = true,
                                .replykey = callid,
                                .has_replykey = true,
                                .rootid = kept(w, "%s", id),
                                .seqno = seqno,
                                .agreement = SK_SLICE("00000000000000000000000000000000"),
                                .traceparent = SK_SLICE("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                                .chain_traceparent =
                                        SK_SLICE("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")};
        return record_of(w, sk_topics_calls_from(w->topics, SK_SLICE("finance")), &envelope, value);
}

sk_record world_work_record(world *w, const sk_topic *topic, sk_message type, uint64_t call, unsigned nth,
                            const char *value) {
        sk_id callid = world_id(call);
        sk_id work = callid;
        char id[SK_ID_TEXT + 1] = {0};

        work.bytes[15] = (uint8_t)(work.bytes[15] + nth);
        sk_id_format(&work, id);
        sk_envelope envelope = {.type = type,
                                .id = kept(w, "%s", id),
                                .source = kept(w, "/bench/%.*s", (int)topic->owner.len, topic->owner.at),
                                .time_us = WORLD_NOW_US,
                                .callid = callid,
                                .has_callid = true,
                                .actor = SK_SLICE("anna")};
        return record_of(w, topic, &envelope, value);
}

void world_life(world *w, uint64_t call, sk_record out[WORLD_LIFE_INPUTS]) {
        const sk_topic *work = sk_topics_own(w->topics, SK_TOPIC_WORK);
        char value[100];

        out[0] = world_call_record(w, SK_CALL_RAISE, call, 1, w->raise);
        for (unsigned visit = 1; visit <= WORLD_VISITS; visit++) {
                (void)snprintf(value, sizeof(value), "{\"visit\":%u}", visit);
                out[2 * visit - 1] = world_work_record(w, work, SK_WORK_CLAIM, call, 2 * visit, value);
                (void)snprintf(value, sizeof(value), "{\"visit\":%u,\"outcome\":\"completed\"}", visit);
                out[2 * visit] = world_work_record(w, work, SK_WORK_COMPLETE, call, 2 * visit + 1, value);
        }
}
