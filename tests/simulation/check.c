/*
 * Safety, checked whenever a transaction is decided: what it takes in and what it puts out belong together.
 *
 * Exactly once rests on three things seen here from the outside. Each partition's marks go forward only and each
 * transaction goes on where the last one ended; every record between the old mark and the new one shows in this
 * transaction, by an event that names it or as a dead letter; and every event names an input between these marks.
 * With them, an input lost, an input applied twice, and an effect of something that was never read all show at once.
 */

#include "simulation/sim.h"

#include <stdio.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/journal.h"
#include "link/step.h"

#define PARTITIONS_MAX 8
#define TEXT_MAX 128
#define TIMER "timer/"
#define TIMER_LEN (sizeof(TIMER) - 1)

/* Where the log says that a team has come in one topic partition; topic "": the partition of its journal. */
typedef struct sim_mark {
        char key[TEXT_MAX];
        unsigned team;
        int32_t partition;
        int64_t next;       /* of the topic */
        int64_t before;     /* as it was before the transaction that is looked at */
        int64_t now_us;     /* of the journal partition */
        uint64_t author;    /* incarnation that wrote the partition last */
        int64_t author_end; /* and up to which offset */
        uint64_t commit;    /* number of the transaction that moved it last */
} sim_mark;

static sim_mark *mark_get(sim *s, unsigned team, int32_t partition, sk_slice topic) {
        char key[TEXT_MAX];
        int len = snprintf(key, sizeof(key), "%u/%d/%.*s", team, partition, (int)topic.len,
                           topic.len == 0 ? "" : topic.at);
        sim_mark *mark = sk_map_get(s->marks, (sk_slice){key, (size_t)len});

        if (mark != NULL)
                return mark;
        mark = sk_alloc_zero(1, sizeof(*mark));
        memcpy(mark->key, key, sizeof(key));
        mark->team = team;
        mark->partition = partition;
        sk_map_put(s->marks, (sk_slice){key, (size_t)len}, mark, NULL);
        return mark;
}

int64_t sim_mark_next(const sim *s, unsigned team, int32_t partition, sk_slice topic) {
        char key[TEXT_MAX];
        int len = snprintf(key, sizeof(key), "%u/%d/%.*s", team, partition, (int)topic.len, topic.at);
        const sim_mark *mark = sk_map_get(s->marks, (sk_slice){key, (size_t)len});

        return mark == NULL ? 0 : mark->next;
}

void sim_marks_free(sim *s) {
        size_t position = 0;
        sk_slice key;
        void *mark;

        while (s->marks != NULL && sk_map_next(s->marks, &position, &key, &mark))
                sk_free(mark);
        sk_map_free(s->marks);
}

/* ---- inputs ---- */

sim_input *sim_input_find(const sim *s, sk_slice id) {
        return id.len == 0 ? NULL : sk_map_get(s->inputs_by_id, id);
}

static void copy_text(char *out, size_t size, sk_slice text) {
        size_t len = text.len < size - 1 ? text.len : size - 1;

        if (len > 0)
                memcpy(out, text.at, len);
        out[len] = '\0';
}

static bool input_keep(sim *s, sim_input *input) {
        if (s->input_count == s->input_capacity) {
                s->input_capacity = s->input_capacity == 0 ? 256 : s->input_capacity * 2;
                sim_input **grown = sk_realloc(s->inputs, s->input_capacity * sizeof(sim_input *));
                if (grown == NULL)
                        return false;
                s->inputs = grown;
        }
        s->inputs[s->input_count++] = input;
        return sk_map_put(s->inputs_by_id, sk_slice_of(input->id), input, NULL) == SK_OK;
}

static sim_input *input_add(sim *s, const sk_memory_topic *topic, const sk_record *record, sk_slice id) {
        sim_input *input = sk_alloc_zero(1, sizeof(*input));
        sk_slice chain;
        sk_slice team;
        sk_slice peer;
        sk_topic_kind kind;

        if (input == NULL || !sk_topic_parse(sk_memory_topic_name(topic), &chain, &team, &kind, &peer)) {
                sim_fail(s, "no memory for an input");
                return NULL;
        }
        input->topic = topic;
        input->partition = record->partition;
        input->first_offset = record->offset;
        input->timestamp_us = record->timestamp_us;
        input->is_work = kind == SK_TOPIC_WORK;
        input->team = sim_team_find(s, team);
        copy_text(input->id, sizeof(input->id), id);
        copy_text(input->key, sizeof(input->key), record->key);
        if (!input_keep(s, input))
                sim_fail(s, "no memory for an input");
        return input;
}

void sim_input_note_hostile(sim *s, const sk_memory_topic *topic, const sk_record *record, const char *reason) {
        char id[32];
        int len = snprintf(id, sizeof(id), "hostile-%zu", s->input_count);
        sim_input *input = input_add(s, topic, record, (sk_slice){id, (size_t)len});

        if (input == NULL)
                return;
        input->is_hostile = true;
        input->reason = reason;
}

void sim_input_note(sim *s, const sk_memory_topic *topic, const sk_record *record, bool is_poison) {
        sk_slice id = sk_headers_find(record->headers, "ce_id");
        sim_input *input = sim_input_find(s, id);

        if (input != NULL) {
                input->is_copied = true;
                if (input->is_work)
                        sim_call_get(s, input->team, record->key)->works++;
                return;
        }
        input = input_add(s, topic, record, id);
        if (input == NULL)
                return;
        input->is_order = sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.work.resync");
        input->is_poison = is_poison;
        input->reason = is_poison ? "crashed" : NULL;
        if (!input->is_work)
                return;
        sim_call *call = sim_call_get(s, input->team, record->key);
        input->place = call->works++;
        call->waiting += is_poison ? 0 : 1;
}

/* ---- one transaction ---- */

typedef struct commit {
        sim *s;
        const sk_memory_commit_view *view;
        unsigned team;
        sim_instance *author;
        uint64_t number;
        bool is_touched[PARTITIONS_MAX]; /* the journal's */
        const sim_input *last[PARTITIONS_MAX];
} commit;

static bool topic_take_apart(const sim *s, const sk_memory_topic *topic, unsigned *out_team, sk_topic_kind *out_kind) {
        sk_slice chain;
        sk_slice team;
        sk_slice peer;

        if (!sk_topic_parse(sk_memory_topic_name(topic), &chain, &team, out_kind, &peer))
                return false;
        *out_team = sim_team_find(s, team);
        return *out_team < s->team_count;
}

bool sim_topic_is_inbound(const sim *s, const sk_memory_topic *topic, unsigned *out_team) {
        sk_topic_kind kind;

        return topic_take_apart(s, topic, out_team, &kind) &&
               (kind == SK_TOPIC_CALLS || kind == SK_TOPIC_FEEDBACK || kind == SK_TOPIC_WORK);
}

static bool author_find(commit *c) {
        sk_slice id = c->view->transactional_id;
        sim *s = c->s;

        for (unsigned i = 0; i < s->instance_count; i++) {
                sim_instance *instance = &s->instances[i];
                char name[TEXT_MAX];
                int len = snprintf(name, sizeof(name), "sim.%s.%s", s->teams[instance->team].name, instance->name);
                if (sk_slice_equal(id, (sk_slice){name, (size_t)len})) {
                        c->author = instance;
                        c->team = instance->team;
                        return true;
                }
        }
        return false;
}

/* ---- marks ---- */

static void check_owner(commit *c, sim_mark *mark, int32_t partition, int64_t offset) {
        if (mark->author != 0 && mark->author != c->author->incarnation) {
                int64_t restored = sk_memory_client_restored_end(c->author->client, partition);
                if (restored <= mark->author_end)
                        sim_fail(c->s,
                                 "one owner: %s commits for partition %d of %s without having read what its "
                                 "predecessor wrote at %lld",
                                 c->author->name, partition, c->s->teams[c->team].name, (long long)mark->author_end);
        }
        mark->author = c->author->incarnation;
        mark->author_end = offset;
}

static void take_now(commit *c, sim_mark *mark, sk_slice payload) {
        sk_mark read;

        if (sk_mark_decode(payload, &read) != SK_OK) {
                sim_fail(c->s, "a mark cannot be read");
                return;
        }
        if (read.now_us < mark->now_us)
                sim_fail(c->s, "rule O4: time goes back in partition %d of %s", mark->partition,
                         c->s->teams[c->team].name);
        mark->now_us = read.now_us;
}

static void take_offset(commit *c, const sk_record *record, sk_slice topic, sk_slice payload) {
        sim_mark *mark = mark_get(c->s, c->team, record->partition, topic);
        int64_t next = 0;

        for (size_t i = payload.len; i > 0; i--)
                next = (int64_t)((uint64_t)next << 8 | (uint8_t)payload.at[i - 1]);
        if (next < mark->next)
                sim_fail(c->s, "marks only forward: %.*s/%d goes from %lld back to %lld", (int)topic.len, topic.at,
                         record->partition, (long long)mark->next, (long long)next);
        mark->before = mark->next;
        mark->next = next;
        mark->commit = c->number;
}

static void take_head(commit *c, sk_slice key, sk_slice id, sk_journal_kind kind, sk_slice payload) {
        sim_call *call = sim_call_get(c->s, c->team, id);
        bool is_data = key.len > 2 && key.at[key.len - 2] == '#';

        if (is_data)
                return;
        call->due_us = call->head == NULL ? 0 : sk_head_timer_us((sk_slice){call->head, call->head_len});
        sk_free(call->head);
        call->head = NULL;
        if (kind != SK_JOURNAL_HEAD)
                return;
        call->head = sk_alloc_copy(payload.at, payload.len);
        call->head_len = payload.len;
        call->has_head = true;
        sim_effect_committed(c->s, call);
        sim_check_clock(c->s, call);
}

static bool is_stub_gone(const commit *c, const sk_record *record, const char *id) {
        const sim_call *call = sim_call_find(c->s, c->team, (sk_slice){id, SK_ID_TEXT});
        bool is_data = record->key.at[record->key.len - 2] == '#';

        return !is_data && !sk_slice_there(record->value) && call != NULL && call->has_head && call->head == NULL;
}

static void take_journal(commit *c, const sk_record *record) {
        sk_journal_place place;
        sk_journal_kind kind = SK_JOURNAL_STUB;
        sk_slice name;
        sk_slice payload = SK_NONE;
        sk_id id;
        char text[SK_ID_TEXT];
        sim_mark *partition = mark_get(c->s, c->team, record->partition, SK_NONE);

        c->is_touched[record->partition] = true;
        check_owner(c, partition, record->partition, record->offset);
        if (sk_journal_key_parse(record->key, &place, &name, &id) != SK_OK ||
            (sk_slice_there(record->value) &&
             sk_journal_unwrap(record->key, record->value, &kind, &payload) != SK_OK)) {
                sim_fail(c->s, "the journal of %s has a record that cannot be read", c->s->teams[c->team].name);
                return;
        }
        if (place == SK_KEY_MARK) {
                take_now(c, partition, payload);
        } else if (place == SK_KEY_OFFSET) {
                take_offset(c, record, name, payload);
        } else if (place == SK_KEY_SCHEDULE) {
                sim_note_schedule(c->s, c->team, name, payload);
        } else if (place < SK_KEY_MARK) {
                sk_id_format(&id, text);
                c->s->seen[SIM_SEEN_STUB_EXPIRED] += is_stub_gone(c, record, text) ? 1 : 0;
                take_head(c, record->key, (sk_slice){text, SK_ID_TEXT}, kind, payload);
        }
}

static bool is_sent(const sk_memory_commit_view *view, sk_slice topic, int32_t partition, int64_t next) {
        for (size_t i = 0; i < view->offset_count; i++) {
                if (view->offsets[i].partition == partition &&
                    sk_slice_equal(sk_memory_topic_name(view->offsets[i].topic), topic))
                        return next < 0 || view->offsets[i].next_offset == next;
        }
        return false;
}

/* Rule T3: for every partition touched the same offsets go to the group, and those of work always. */
static void check_offsets(commit *c) {
        sk_slice work = sk_memory_topic_name(c->s->teams[c->team].topics[SK_TOPIC_WORK]);

        for (int32_t p = 0; p < sk_memory_broker_partitions(c->s->broker); p++) {
                if (c->is_touched[p] && !is_sent(c->view, work, p, -1))
                        sim_fail(c->s, "rule T3: a transaction of %s touches partition %d without a fence",
                                 c->s->teams[c->team].name, p);
        }
        for (size_t i = 0; i < c->view->offset_count; i++) {
                const sk_memory_offset *offset = &c->view->offsets[i];
                sk_slice topic = sk_memory_topic_name(offset->topic);
                if (sim_mark_next(c->s, c->team, offset->partition, topic) != offset->next_offset)
                        sim_fail(c->s, "rule T3: %.*s/%d has mark %lld and group offset %lld", (int)topic.len, topic.at,
                                 offset->partition, (long long)sim_mark_next(c->s, c->team, offset->partition, topic),
                                 (long long)offset->next_offset);
        }
}

/* ---- what it took in ---- */

static bool is_between(const sim *s, const commit *c, const sim_input *input) {
        sk_slice topic = sk_memory_topic_name(input->topic);
        const sim_mark *mark = mark_get((sim *)(uintptr_t)s, c->team, input->partition, topic);

        if (mark->commit != c->number)
                return false;
        return input->is_copied || (mark->before <= input->first_offset && input->first_offset < mark->next);
}

/* Rule O3: of two records that lay in the inbox together, the earlier one by time and topic was taken first. */
static void check_order(commit *c, const sim_input *input) {
        const sim_input *last = c->last[input->partition];

        c->last[input->partition] = input;
        if (last == NULL || last == input || last->is_copied || input->is_copied ||
            last->given_to != c->author->incarnation || input->given_to != last->given_to ||
            input->given_epoch != last->given_epoch)
                return;
        sk_slice a = sk_memory_topic_name(last->topic);
        sk_slice b = sk_memory_topic_name(input->topic);
        size_t len = a.len < b.len ? a.len : b.len;
        int names = memcmp(a.at, b.at, len);
        names = names != 0 ? names : (int)a.len - (int)b.len;
        bool is_wrong = last->timestamp_us != input->timestamp_us ? last->timestamp_us > input->timestamp_us
                        : names != 0                              ? names > 0
                                                                  : last->first_offset > input->first_offset;
        if (is_wrong)
                sim_fail(c->s, "rule O3: %s was taken before %s, which is earlier and was there", last->id, input->id);
}

/* A timer is no record: what it names must be the moment that the call's head named, unless an input came before it. */
static void take_timer(commit *c, const sk_record *record, sk_slice cause) {
        sk_slice when = {cause.at + TIMER_LEN, cause.len - TIMER_LEN};
        sk_slice now = sk_json_member_string(record->value, "now", c->s->arena);
        const sim_call *call = sim_call_get(c->s, c->team, record->key);
        int64_t deadline_us = 0;
        int64_t now_us = 0;

        c->s->seen[SIM_SEEN_TIMER]++;
        if (!sk_when_parse(when, &deadline_us) || !sk_when_parse(now, &now_us) || deadline_us > now_us)
                sim_fail(c->s, "a timer of %s is not due", call->id_text);
        if (call->changed == c->number)
                return;
        if (call->due_us != deadline_us)
                sim_fail(c->s, "no effect without its record: %s in %s was not to be looked at at %.*s", call->id_text,
                         c->s->teams[c->team].name, (int)when.len, when.at);
}

static bool begins_with(sk_slice cause, const char *text) {
        size_t len = strlen(text);
        return cause.len > len && memcmp(cause.at, text, len) == 0;
}

/* Counts outcomes of work; the rest of what an event says stands in events.c. */
static void take_event(commit *c, const sk_record *record) {
        sk_slice cause = sk_json_member_string(record->value, "cause", c->s->arena);
        const sim_input *input = sim_input_find(c->s, cause);

        if (input != NULL && input->is_order) {
                sim_call_get(c->s, c->team, record->key)->changed = c->number;
        } else if (input != NULL) {
                if (input->team != c->team || !is_between(c->s, c, input))
                        sim_fail(c->s,
                                 "no effect without its record: an event of %s names %s, which lies outside "
                                 "the marks of its transaction",
                                 c->s->teams[c->team].name, input->id);
                check_order(c, input);
                sim_call_get(c->s, c->team, record->key)->changed = c->number;
                c->s->seen[SIM_SEEN_FINDING] +=
                        input->is_work && !sk_slice_is(record->key, input->key) &&
                        sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.event.opened");
        } else if (begins_with(cause, TIMER)) {
                take_timer(c, record, cause);
        } else if (begins_with(cause, "schedule/") && cause.len > SK_WHEN_TEXT) {
                sim_check_schedule(c->s, c->team, record, cause);
        } else if (sim_effect_caused(c->s, sim_call_get(c->s, c->team, record->key), cause)) {
                sim_call_get(c->s, c->team, record->key)->changed = c->number;
        } else if (!sk_slice_is(cause, "stub")) {
                sim_fail(c->s, "no effect without its record: nobody sent %.*s", (int)cause.len,
                         cause.len == 0 ? "" : cause.at);
        }
        sim_check_event(c->s, c->team, record);
}

static int64_t number_of(sk_slice text) {
        int64_t number = 0;

        for (size_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
                number = number * 10 + (text.at[i] - '0');
        return number;
}

/* The input that lay where a dead letter says that it did. */
static sim_input *buried_find(const commit *c, const sk_record *letter) {
        sk_slice topic = sk_headers_find(letter->headers, "schakel-dl-topic");
        int64_t partition = number_of(sk_headers_find(letter->headers, "schakel-dl-partition"));
        int64_t offset = number_of(sk_headers_find(letter->headers, "schakel-dl-offset"));

        for (size_t i = 0; i < c->s->input_count; i++) {
                sim_input *input = c->s->inputs[i];
                if (input->first_offset == offset && input->partition == partition &&
                    sk_slice_equal(sk_memory_topic_name(input->topic), topic))
                        return input;
        }
        return NULL;
}

static void take_dead_letter(commit *c, const sk_record *record) {
        sim_input *input = buried_find(c, record);
        sk_slice reason = sk_headers_find(record->headers, "schakel-dl-reason");
        sk_slice text = sk_headers_find(record->headers, "schakel-dl-text");

        if (input == NULL || input->team != c->team || input->reason == NULL)
                sim_fail(c->s, "a dead letter of %s for the reason %.*s (%.*s), and nothing was wrong with the record",
                         input == NULL ? "nothing" : input->id, (int)reason.len, reason.at, (int)text.len, text.at);
        else if (input->is_dead)
                sim_fail(c->s, "%s is a dead letter for the second time", input->id);
        else if (!sk_slice_is(reason, input->reason))
                sim_fail(c->s, "%s is a dead letter for the reason %.*s, not %s", input->id, (int)reason.len, reason.at,
                         input->reason);
        else
                input->is_dead = true;
        c->s->seen[SIM_SEEN_BURIED]++;
}

/* Whether the transaction says of the record at this offset that it was taken in. */
static bool shows(const commit *c, sk_slice topic, const sk_record *wanted, sk_slice id) {
        for (size_t i = 0; i < c->view->record_count; i++) {
                const sk_memory_written *written = &c->view->records[i];
                unsigned team;
                sk_topic_kind kind;
                if (!topic_take_apart(c->s, written->topic, &team, &kind))
                        continue;
                if (kind == SK_TOPIC_EVENTS &&
                    sk_slice_equal(sk_json_member_string(written->record.value, "cause", c->s->arena), id))
                        return true;
                if (kind == SK_TOPIC_DEADLETTER &&
                    sk_slice_equal(sk_headers_find(written->record.headers, "schakel-dl-topic"), topic) &&
                    number_of(sk_headers_find(written->record.headers, "schakel-dl-partition")) == wanted->partition &&
                    number_of(sk_headers_find(written->record.headers, "schakel-dl-offset")) == wanted->offset)
                        return true;
        }
        return false;
}

/* A refusal of what is closed on both sides has nothing left to say; nor has a withdraw that was asked for before. */
static bool may_be_silent(const commit *c, const sk_record *record) {
        if (sk_slice_is(sk_headers_find(record->headers, "ce_seqno"), "0") ||
            sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.work.resync"))
                return true;
        return sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.call.withdraw") &&
               sim_call_get(c->s, c->team, sk_headers_find(record->headers, "ce_callid"))->is_withdrawing;
}

static void check_mark_range(commit *c, const sim_mark *mark, sk_slice topic) {
        const sk_memory_topic *log = sk_memory_topic_open(c->s->broker, topic);
        int64_t position = mark->before;
        sk_record record;

        while (sk_memory_read(log, mark->partition, position, SK_READ_COMMITTED, &record, &position) == SK_OK &&
               record.offset < mark->next) {
                sk_slice id = sk_headers_find(record.headers, "ce_id");
                if (!may_be_silent(c, &record) && !shows(c, topic, &record, id))
                        sim_fail(c->s, "no call lost: the mark of %.*s/%d passes %.*s and nothing shows it",
                                 (int)topic.len, topic.at, mark->partition, (int)id.len, id.at);
        }
}

static void check_taken(commit *c) {
        for (size_t i = 0; i < c->view->offset_count; i++) {
                const sk_memory_offset *offset = &c->view->offsets[i];
                sk_slice topic = sk_memory_topic_name(offset->topic);
                const sim_mark *mark = mark_get(c->s, c->team, offset->partition, topic);
                if (mark->commit == c->number)
                        check_mark_range(c, mark, topic);
        }
}

/* ---- what it put out ---- */

/* Messages between teams: numbered without holes; the final one may be repeated as it was. */
static void take_message(commit *c, const sk_memory_written *written, sk_topic_kind kind) {
        const sk_record *record = &written->record;
        sim_call *call = sim_call_get(c->s, c->team, sk_headers_find(record->headers, "ce_callid"));
        uint32_t seqno = (uint32_t)number_of(sk_headers_find(record->headers, "ce_seqno"));
        uint32_t *last = kind == SK_TOPIC_CALLS ? &call->calls : &call->feedback;
        bool is_repeated =
                kind == SK_TOPIC_CALLS ? sim_is_sent_again(c->s, call, record) : call->is_closed && seqno == *last;

        sim_input_note(c->s, written->topic, record, false);
        if (seqno == 0 || is_repeated)
                return;
        if (seqno <= *last || (seqno != *last + 1 && !call->is_own))
                sim_fail(c->s, "seqnos without holes: %s of %s on %s comes after %u",
                         kind == SK_TOPIC_CALLS ? "a message" : "feedback", call->id_text, c->s->teams[c->team].name,
                         *last);
        *last = seqno;
}

static void take_record(commit *c, const sk_memory_written *written) {
        unsigned owner;
        sk_topic_kind kind;

        if (!topic_take_apart(c->s, written->topic, &owner, &kind)) {
                sim_fail(c->s, "something is written to a topic that is none");
                return;
        }
        if (kind != SK_TOPIC_CALLS && kind != SK_TOPIC_FEEDBACK && owner != c->team)
                sim_fail(c->s, "%s writes to a topic of another team", c->s->teams[c->team].name);
        if (kind == SK_TOPIC_CALLS || kind == SK_TOPIC_FEEDBACK)
                take_message(c, written, kind);
        if (kind != SK_TOPIC_DEADLETTER)
                sim_check_contract(c->s, c->team, &written->record);
        if (kind == SK_TOPIC_FEEDBACK || kind == SK_TOPIC_CALLS)
                sim_check_outgoing(c->s, c->team, owner, &written->record);
        else if (kind == SK_TOPIC_EVENTS)
                take_event(c, &written->record);
        else if (kind == SK_TOPIC_DEADLETTER)
                take_dead_letter(c, &written->record);
        else if (kind == SK_TOPIC_WORK)
                sim_fail(c->s, "a link writes to %s", sk_memory_topic_name(written->topic).at);
}

static void digest_take(sim *s, const sk_memory_written *written) {
        char place[64];
        int len = snprintf(place, sizeof(place), "%d/%lld/%lld", written->record.partition,
                           (long long)written->record.offset, (long long)written->record.timestamp_us);

        sim_digest_add(s, sk_memory_topic_name(written->topic));
        sim_digest_add(s, (sk_slice){place, (size_t)len});
        sim_digest_add(s, written->record.key);
        sim_digest_add(s, written->record.headers);
        sim_digest_add(s, written->record.value);
}

void sim_check_commit(void *self, const sk_memory_commit_view *view) {
        sim *s = self;
        commit c = {.s = s, .view = view, .number = ++s->commits};

        if (!author_find(&c)) {
                sim_fail(s, "a commit of nobody");
                return;
        }
        for (size_t i = 0; i < view->record_count; i++) {
                digest_take(s, &view->records[i]);
                s->messages[sk_message_find(sk_headers_find(view->records[i].record.headers, "ce_type"))]++;
                if (s->options.trace_id != NULL)
                        sim_trace(s, c.author, &view->records[i]);
                if (view->records[i].topic == s->teams[c.team].topics[SK_TOPIC_JOURNAL])
                        take_journal(&c, &view->records[i].record);
        }
        for (size_t i = 0; i < view->record_count && s->failure[0] == '\0'; i++) {
                if (view->records[i].topic != s->teams[c.team].topics[SK_TOPIC_JOURNAL])
                        take_record(&c, &view->records[i]);
                sk_arena_reset(s->arena);
        }
        if (s->failure[0] == '\0') {
                check_offsets(&c);
                check_taken(&c);
        }
        sk_arena_reset(s->arena);
}
