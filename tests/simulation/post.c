/*
 * Records that people and partners write: noted as inputs, then appended.
 */
#include "simulation/post.h"

#include <stdio.h>

#include "event/envelope.h"
#include "kit/json_scan.h"

#define VALUE_MAX 4096

sk_id sim_new_id(sim *s) {
        uint8_t random[10];

        for (unsigned i = 0; i < sizeof(random); i++)
                random[i] = (uint8_t)sim_below(s, 256);
        return sk_id_of_time(s->now_us, random);
}

/* The record as the topic will have it. */
static sk_record posted_of(const sim *s, const sk_memory_topic *topic, const sk_record *record) {
        sk_record posted = *record;

        posted.offset = sk_memory_end(topic, record->partition, SK_READ_UNCOMMITTED);
        posted.timestamp_us = s->now_us;
        return posted;
}

/* What people and partners write counts as a message where it fits its schema; some of it is nonsense. */
static void count(sim *s, const sk_record *record) {
        sk_message type = sk_headers_check(record->headers)
                                  ? sk_message_find(sk_headers_find(record->headers, "ce_type"))
                                  : SK_MESSAGES;

        if (type == SK_MESSAGES || (sk_json_check(record->value, SK_JSON_DEPTH_MAX, NULL) == SK_OK &&
                                    sk_contract_check(s->contract, s->checks, type, record->value, NULL) == SK_OK))
                s->messages[type]++;
}

static void append(sim *s, sk_memory_topic *topic, const sk_record *record) {
        sk_record posted = posted_of(s, topic, record);

        count(s, record);
        sim_digest_add(s, record->headers);
        sim_digest_add(s, record->value);
        if (s->options.trace_id != NULL)
                sim_trace(s, NULL, &(sk_memory_written){topic, posted});
        if (sk_memory_append(s->broker, topic, record) != SK_OK)
                sim_fail(s, "no memory to append");
}

void sim_post(sim *s, sk_memory_topic *topic, const sk_record *record, bool is_poison) {
        sk_record posted = posted_of(s, topic, record);

        sim_input_note(s, topic, &posted, is_poison);
        append(s, topic, record);
}

void sim_post_hostile(sim *s, sk_memory_topic *topic, const sk_record *record, const char *reason) {
        sk_record posted = posted_of(s, topic, record);

        sim_input_note_hostile(s, topic, &posted, reason);
        append(s, topic, record);
}

sim_work sim_work_begin(unsigned team, const sk_id *call, sk_message type, sk_slice actor) {
        sim_work w = {.team = team, .call = *call, .type = type, .actor = actor, .value = sk_buf_make(VALUE_MAX)};

        return w;
}

sk_json_writer *sim_work_value(sim_work *w) {
        w->writer = sk_json_writer_make(&w->value);
        sk_json_open_object(&w->writer, NULL);
        return &w->writer;
}

void sim_work_send(sim *s, sim_work *w) {
        char id[SK_ID_TEXT];
        char key[SK_ID_TEXT];
        char source[64];
        sk_buf headers = sk_buf_make(VALUE_MAX);
        sk_id own = sim_new_id(s);

        sk_json_close_object(&w->writer);
        sk_id_format(&own, id);
        sk_id_format(&w->call, key);
        snprintf(source, sizeof(source), "/sim/%s", s->teams[w->team].name);
        sk_envelope envelope = {.type = w->type,
                                .id = {id, SK_ID_TEXT},
                                .source = sk_slice_of(source),
                                .time_us = s->now_us,
                                .callid = w->call,
                                .has_callid = true,
                                .actor = w->actor};
        sk_envelope_encode(&envelope, &headers);
        sk_slice key_slice = {key, SK_ID_TEXT};
        sk_record record = {.partition = sk_hash_partition(key_slice, sk_memory_broker_partitions(s->broker)),
                            .key = key_slice,
                            .headers = sk_buf_slice(&headers),
                            .value = sk_buf_slice(&w->value)};
        sim_post(s, s->teams[w->team].topics[SK_TOPIC_WORK], &record, w->is_poison);
        sk_buf_free(&headers);
        sk_buf_free(&w->value);
}
