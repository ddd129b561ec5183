/*
 * Records that no link may use: copies of good ones with one thing made wrong. Each must end as a dead letter for the
 * reason that belongs to it, and nothing else may come of it.
 */

#include "simulation/sim.h"

#include <stdio.h>

#define BYTES_MAX ((size_t)1 << 20)
#define DEPTH 40

typedef struct forgery {
        sim *s;
        sk_record record;
        sk_buf headers;
        sk_buf value;
} forgery;

/* The headers with one of them given another value; SK_NONE leaves it out. */
static void header_forge(forgery *f, const char *name, sk_slice value) {
        size_t position = 0;
        sk_slice found;
        sk_slice old;
        char copy[256];

        sk_buf_clear(&f->headers);
        while (sk_headers_next(f->record.headers, &position, &found, &old)) {
                bool is_it = sk_slice_is(found, name);
                snprintf(copy, sizeof(copy), "%.*s", (int)found.len, found.at);
                if (!is_it || sk_slice_there(value))
                        sk_headers_add(&f->headers, copy, is_it ? value : old);
        }
        f->record.headers = sk_buf_slice(&f->headers);
}

static void value_forge(forgery *f, const char *text) {
        sk_buf_clear(&f->value);
        sk_buf_add_text(&f->value, text);
        f->record.value = sk_buf_slice(&f->value);
}

static void no_headers(forgery *f) {
        f->record.headers = (sk_slice){"", 0};
}

static void headers_cut_short(forgery *f) {
        f->record.headers.len -= 1 + (size_t)sim_below(f->s, 5);
}

static void header_twice(forgery *f) {
        sk_buf_clear(&f->headers);
        sk_buf_add_slice(&f->headers, f->record.headers);
        sk_headers_add(&f->headers, "ce_type", SK_SLICE("schakel.work.note"));
        f->record.headers = sk_buf_slice(&f->headers);
}

static void no_call(forgery *f) {
        header_forge(f, "ce_callid", SK_NONE);
}

static void id_with_a_terminal_in_it(forgery *f) {
        header_forge(f, "ce_id", SK_SLICE("\x1b[2J\n../../etc/passwd"));
}

static void foreign_specification(forgery *f) {
        header_forge(f, "ce_specversion", SK_SLICE("2.0"));
}

static void foreign_schema(forgery *f) {
        char text[96];
        sk_slice schema = sk_headers_find(f->record.headers, "ce_dataschema");

        snprintf(text, sizeof(text), "%.*s", (int)schema.len, schema.at);
        char *version = strrchr(text, '/');
        snprintf(version, sizeof(text) - (size_t)(version - text), "/7.0");
        header_forge(f, "ce_dataschema", sk_slice_of(text));
}

static void foreign_team(forgery *f) {
        header_forge(f, "ce_source", SK_SLICE("/sim/team-99"));
}

static void wrong_partition(forgery *f) {
        f->record.partition = (f->record.partition + 1) % sk_memory_broker_partitions(f->s->broker);
}

static void wrong_key(forgery *f) {
        f->record.key = SK_SLICE("019b76da-0000-7000-8000-000000000000");
}

static void no_json(forgery *f) {
        value_forge(f, "\xff\xfe{");
}

static void json_cut_short(forgery *f) {
        value_forge(f, "{\"text\":\"abc");
}

static void member_twice(forgery *f) {
        value_forge(f, "{\"text\":1,\"text\":2}");
}

static void deep_json(forgery *f) {
        sk_buf_clear(&f->value);
        for (unsigned i = 0; i < DEPTH; i++)
                sk_buf_add_text(&f->value, "{\"a\":");
        sk_buf_add_text(&f->value, "1");
        for (unsigned i = 0; i < DEPTH; i++)
                sk_buf_add_text(&f->value, "}");
        f->record.value = sk_buf_slice(&f->value);
}

static void tombstone(forgery *f) {
        f->record.value = SK_NONE;
}

static void large_value(forgery *f) {
        sk_buf_clear(&f->value);
        sk_buf_add_text(&f->value, "{\"text\":\"");
        while (f->value.len <= SK_VALUE_MAX)
                sk_buf_add_text(&f->value, "all work and no play makes a dull record ");
        sk_buf_add_text(&f->value, "\"}");
        f->record.value = sk_buf_slice(&f->value);
}

static const struct {
        void (*forge)(forgery *);
        const char *reason;
} forgeries[] = {
        {no_headers, "bad-envelope"},
        {headers_cut_short, "bad-envelope"},
        {header_twice, "bad-envelope"},
        {no_call, "bad-envelope"},
        {id_with_a_terminal_in_it, "bad-envelope"},
        {foreign_specification, "bad-version"},
        {foreign_schema, "bad-version"},
        {foreign_team, "wrong-source"},
        {wrong_partition, "misrouted"},
        {wrong_key, "misrouted"},
        {no_json, "bad-data"},
        {json_cut_short, "bad-data"},
        {member_twice, "bad-data"},
        {deep_json, "bad-data"},
        {tombstone, "bad-data"},
        {large_value, "too-large"},
};

static bool is_readable(const sim_input *input, sk_record *out) {
        int64_t next;

        return sk_memory_read(input->topic, input->partition, input->first_offset, SK_READ_COMMITTED, out, &next) ==
                       SK_OK &&
               out->offset == input->first_offset;
}

void sim_hostile(sim *s) {
        size_t which = (size_t)sim_below(s, sizeof(forgeries) / sizeof(forgeries[0]));
        forgery f = {.s = s, .headers = sk_buf_make(BYTES_MAX), .value = sk_buf_make(BYTES_MAX)};
        const sim_input *model = s->input_count == 0 ? NULL : s->inputs[sim_below(s, s->input_count)];

        if (model == NULL || model->is_hostile || model->is_poison || !is_readable(model, &f.record))
                return;
        s->seen[SIM_SEEN_HOSTILE]++;
        f.record.partition = model->partition;
        forgeries[which].forge(&f);
        sim_post_hostile(s, sk_memory_topic_open(s->broker, sk_memory_topic_name(model->topic)), &f.record,
                         forgeries[which].reason);
        sk_buf_free(&f.headers);
        sk_buf_free(&f.value);
}
