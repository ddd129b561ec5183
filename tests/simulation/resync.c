/*
 * Tails of logs that are lost, and what repairs them. What nobody has taken in yet goes away, as when a broker that was
 * behind has become the leader of a partition: raises, answers, withdraws on their way to a provider, or what that has
 * told. Then its customer asks for a resync, and everything must come to its end all the same.
 */

#include "link/step.h"
#include "simulation/post.h"
#include "simulation/sim.h"

#include <string.h>

/* ---- orders ---- */

static sk_id id_in(sim *s, int32_t partition) {
        for (;;) {
                sk_id id = sim_new_id(s);
                char key[SK_ID_TEXT];
                sk_id_format(&id, key);
                if (sk_hash_partition((sk_slice){key, sizeof(key)}, sk_memory_broker_partitions(s->broker)) ==
                    partition)
                        return id;
        }
}

static void order(sim *s, unsigned team, unsigned provider) {
        for (int32_t p = 0; p < sk_memory_broker_partitions(s->broker); p++) {
                sk_id id = id_in(s, p);
                sim_work w = sim_work_begin(team, &id, SK_WORK_RESYNC, SK_SLICE("boss"));
                sk_json_put_cstr(sim_work_value(&w), "provider", s->teams[provider].name);
                sim_work_send(s, &w);
        }
}

void sim_resync_any(sim *s) {
        unsigned team = (unsigned)sim_below(s, s->team_count);

        order(s, team, (unsigned)sim_below(s, s->team_count));
}

/* Whether the team waits for something of that provider. */
static bool waits(const sim *s, unsigned team, unsigned provider) {
        for (size_t i = 0; i < s->call_count; i++) {
                const sim_call *call = s->calls[i];
                if (call->team == team && call->head != NULL &&
                    sk_head_asks((sk_slice){call->head, call->head_len}, sk_slice_of(s->teams[provider].name)))
                        return true;
        }
        return false;
}

void sim_resync_finish(sim *s) {
        if (!sim_end_is_done(s))
                return; /* what was asked for before comes first */
        for (unsigned team = 0; team < s->team_count; team++) {
                for (unsigned provider = 0; provider < s->team_count; provider++) {
                        if (s->has_lost[team][provider] && waits(s, team, provider))
                                order(s, team, provider);
                }
        }
}

/* ---- losing ---- */

/* A call that its provider has raised for itself has no raise that could be sent again: its offer is not lost here. */
static bool can_go(const sim *s, unsigned provider, const sk_record *record) {
        const sim_call *call = sim_call_find(s, provider, sk_headers_find(record->headers, "ce_callid"));

        return call == NULL || !call->is_own;
}

static bool may_be_lost(const sim *s, const sk_memory_topic *topic, int32_t partition, int64_t from,
                        unsigned provider) {
        sk_record record;
        unsigned count = 0;

        for (; sk_memory_read(topic, partition, from, SK_READ_COMMITTED, &record, &from) == SK_OK; count++) {
                if (!can_go(s, provider, &record))
                        return false;
        }
        return count > 0;
}

static void note_lost(sim *s, const sk_memory_topic *topic, int32_t partition, int64_t from) {
        for (size_t i = 0; i < s->input_count; i++) {
                sim_input *input = s->inputs[i];
                if (input->topic == topic && input->partition == partition && input->first_offset >= from)
                        input->is_lost = true;
        }
}

/* After the weeks in which what is closed is forgotten, or in runs without them: a raise must not be too old. */
void sim_lose_tail(sim *s) {
        sk_memory_topic *topic = sk_memory_topic_at(s->broker, (size_t)sim_below(s, sk_memory_topic_count(s->broker)));
        int32_t partition = (int32_t)sim_below(s, (uint64_t)sk_memory_broker_partitions(s->broker));
        sk_slice chain;
        sk_slice owner;
        sk_slice peer;
        sk_topic_kind kind;

        if (!sk_topic_parse(sk_memory_topic_name(topic), &chain, &owner, &kind, &peer) ||
            (kind != SK_TOPIC_CALLS && kind != SK_TOPIC_FEEDBACK) || s->step <= s->idle_step)
                return;
        unsigned reader = sim_team_find(s, owner);
        unsigned writer = sim_team_find(s, peer);
        unsigned customer = kind == SK_TOPIC_CALLS ? writer : reader;
        unsigned provider = kind == SK_TOPIC_CALLS ? reader : writer;
        int64_t from = sim_mark_next(s, reader, partition, sk_memory_topic_name(topic));
        if (!may_be_lost(s, topic, partition, from, provider) || sk_memory_lose(topic, partition, from) == 0)
                return;
        note_lost(s, topic, partition, from);
        s->has_lost[customer][provider] = true;
        s->seen[SIM_SEEN_LOST_TAIL]++;
}

/* ---- what is sent again ---- */

static sk_digest digest_of(const sk_record *record) {
        sk_buf bytes = sk_buf_make(1024u * 1024u);

        sk_buf_add_slice(&bytes, record->key);
        sk_buf_add_slice(&bytes, record->headers);
        sk_buf_add_slice(&bytes, record->value);
        sk_digest digest = sk_digest_of(sk_buf_slice(&bytes));
        sk_buf_free(&bytes);
        return digest;
}

bool sim_is_sent_again(sim *s, sim_call *call, const sk_record *record) {
        sk_digest digest;

        if (!sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.call.raise"))
                return false;
        digest = digest_of(record);
        if (!call->has_raise) {
                call->has_raise = true;
                call->raise = digest;
                return false;
        }
        if (memcmp(&digest, &call->raise, sizeof(digest)) != 0)
                sim_fail(s, "rule C3: %s of %s is raised again otherwise than it was", call->id_text,
                         s->teams[call->team].name);
        s->seen[SIM_SEEN_SENT_AGAIN]++;
        return true;
}
