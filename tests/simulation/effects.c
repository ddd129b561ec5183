/*
 * Programs, webhooks and plug-ins as a world that does not keep its promises: slow, failing, lying, answering twice or
 * after the time-out, and dead with the process that began them. What they have seen is held against rule E: nothing is
 * begun that no commit made due, each try of a key is given the same, what may happen only once is begun once.
 */

#include "simulation/sim.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "link/driver_inside.h"
#include "simulation/post.h"

#define KEY_MAX 64
#define TRIES_MAX 256

/* What is known of one key, over all processes and for good. */
typedef struct sim_key {
        char key[KEY_MAX];
        unsigned due_try;   /* the last that a commit has made due */
        unsigned begun_try; /* the last that a commit has begun, of what may happen only once */
        bool is_once;
        unsigned begun_count; /* tries that were begun */
        unsigned ordered;     /* how often a person has asked for another try */
        bool has_input;
        sk_digest input;
        unsigned seen;                /* how often it was acted upon */
        uint8_t begun[TRIES_MAX];     /* which tries were begun */
        uint8_t ended[TRIES_MAX / 8]; /* tries of which somebody was told the end */
        uint8_t good[TRIES_MAX / 8];  /* tries that said in time, and truly, that it is done */
} sim_key;

static bool bit_of(const uint8_t *bits, unsigned at) {
        return at < TRIES_MAX && ((unsigned)bits[at / 8] >> (at % 8) & 1u) != 0;
}

static void bit_set(uint8_t *bits, unsigned at) {
        assert(at < TRIES_MAX);
        bits[at / 8] |= (uint8_t)(1u << (at % 8));
}

static sk_slice key_text(char *out, unsigned team, sk_slice call, unsigned visit) {
        int len = snprintf(out, KEY_MAX, "%u/%.*s/%u", team, (int)call.len, call.len == 0 ? "" : call.at, visit);

        return (sk_slice){out, (size_t)len};
}

static sim_key *key_get(sim *s, unsigned team, sk_slice call, unsigned visit) {
        char text[KEY_MAX];
        sk_slice name = key_text(text, team, call, visit);
        sim_key *key = sk_map_get(s->keys, name);

        if (key != NULL)
                return key;
        key = sk_alloc_zero(1, sizeof(*key));
        if (key == NULL || sk_map_put(s->keys, name, key, NULL) != SK_OK) {
                sim_fail(s, "no memory for a key");
                sk_free(key);
                return NULL;
        }
        memcpy(key->key, text, name.len);
        return key;
}

void sim_keys_free(sim *s) {
        size_t position = 0;
        sk_slice name;
        void *key;

        while (s->keys != NULL && sk_map_next(s->keys, &position, &name, &key))
                sk_free(key);
        sk_map_free(s->keys);
}

/* ---- what the log says ---- */

void sim_effect_committed(sim *s, const sim_call *call) {
        sk_head_effect due;

        if (call->head == NULL || !sk_head_effect_of((sk_slice){call->head, call->head_len}, &due))
                return;
        sim_key *key = key_get(s, call->team, sk_slice_of(call->id_text), due.visit);
        if (key == NULL)
                return;
        key->is_once = due.is_once;
        key->due_try = due.try_number > key->due_try ? due.try_number : key->due_try;
        if (due.is_begun)
                key->begun_try = due.try_number > key->begun_try ? due.try_number : key->begun_try;
}

/* "effect/<visit>/<try>" and a word behind it. */
static bool cause_parse(sk_slice cause, unsigned *out_visit, unsigned *out_try, const char **out_word) {
        static char word[16];
        char text[64];

        if (cause.len >= sizeof(text) || cause.len < 8 || memcmp(cause.at, "effect/", 7) != 0)
                return false;
        memcpy(text, cause.at, cause.len);
        text[cause.len] = '\0';
        word[0] = '\0';
        *out_word = word;
        return sscanf(text, "effect/%u/%u%15s", out_visit, out_try, word) >= 2;
}

bool sim_effect_caused(sim *s, const sim_call *call, sk_slice cause) {
        unsigned visit;
        unsigned try_number;
        const char *word;

        if (!cause_parse(cause, &visit, &try_number, &word))
                return false;
        sim_key *key = key_get(s, call->team, sk_slice_of(call->id_text), visit);
        if (key == NULL || try_number >= TRIES_MAX)
                return true;
        bool is_told = bit_of(key->ended, try_number);
        bool is_right = strcmp(word, "/begins") == 0 ? key->is_once && key->due_try >= try_number
                        : strcmp(word, "/lost") == 0 ? key->is_once && key->begun_try >= try_number
                                                     : is_told;
        s->seen[SIM_SEEN_EFFECT_LOST] += strcmp(word, "/lost") == 0 ? 1 : 0;
        if (!is_right)
                sim_fail(s, "no effect without its record: %s of try %u has no reason for %.*s", key->key, try_number,
                         (int)cause.len, cause.at);
        return true;
}

void sim_effect_ended_visit(sim *s, const sim_call *call, unsigned visit, sk_slice cause) {
        const sim_key *key = key_get(s, call->team, sk_slice_of(call->id_text), visit);
        unsigned of_visit;
        unsigned try_number;
        const char *word;

        /* what a customer has decided was never due */
        if (key != NULL && key->due_try > 0 && key->seen == 0)
                sim_fail(s, "each key is seen at least once: %s is completed, and nobody has seen it", key->key);
        if (key != NULL && cause_parse(cause, &of_visit, &try_number, &word) &&
            (of_visit != visit || !bit_of(key->good, try_number)))
                sim_fail(s, "rule E: %s is completed by try %u, which has not said so in time", key->key, try_number);
}

/* ---- what the world does ---- */

static bool is_of(const sim_running *at, const sk_effect *effect) {
        return sk_id_equal(&at->callid, &effect->callid) && at->visit == effect->visit &&
               at->try_number == effect->try_number;
}

static void stop(sim *s, sim_instance *instance, const sk_effect *effect) {
        for (unsigned i = 0; i < instance->running_count; i++) {
                if (!is_of(&instance->running[i], effect))
                        continue;
                s->seen[SIM_SEEN_EFFECT_STOPPED]++;
                instance->running[i] = instance->running[--instance->running_count];
                return;
        }
        sim_fail(s, "what is to be stopped does not run");
}

static void check_content(sim *s, sim_key *key, const sk_effect *effect) {
        sk_buf all = sk_buf_make(1u << 20);

        sk_buf_add_slice(&all, effect->config);
        sk_buf_add_byte(&all, 0);
        sk_buf_add_slice(&all, effect->input);
        sk_digest digest = sk_digest_of(sk_buf_slice(&all));
        sk_buf_free(&all);
        if (key->has_input && memcmp(&digest, &key->input, sizeof(digest)) != 0)
                sim_fail(s, "each key is given the same each time: %s is not", key->key);
        key->has_input = true;
        key->input = digest;
}

static void check_begin(sim *s, const sim_instance *instance, sim_key *key, const sk_effect *effect) {
        unsigned try_number = effect->try_number;

        if (key->due_try < try_number || (key->is_once && key->begun_try < try_number))
                sim_fail(s, "rule E: try %u of %s is begun, and no commit has made it so", try_number, key->key);
        if (key->is_once && key->begun[try_number] > 0)
                sim_fail(s, "each once key is seen at most once: try %u of %s is begun again", try_number, key->key);
        for (unsigned i = 0; i < instance->running_count; i++)
                if (sk_id_equal(&instance->running[i].callid, &effect->callid))
                        sim_fail(s, "rule E: %s is begun while another effect of its call runs", key->key);
        if (key->is_once && key->begun_count > key->ordered)
                sim_fail(s, "each once key is seen at most once: %s is tried again, and nobody has asked for it",
                         key->key);
        key->begun[try_number] = 1;
        key->begun_count++;
        check_content(s, key, effect);
}

/* How the try will go: drawn when it begins. Most do what they should. */
static void draw(sim *s, sim_running *out, int64_t timeout_us) {
        uint64_t dice = sim_below(s, s->is_finishing ? 6 : 16);

        out->acts = true;
        out->ends_us = s->now_us + (int64_t)sim_below(s, 200000);
        out->result = SK_EFFECT_DONE;
        if (dice < 6)
                return;
        switch (dice) {
        case 6:
                out->result = SK_EFFECT_DECLINED;
                return;
        case 7:
                out->result = SK_EFFECT_FAILED;
                return;
        case 8:
        case 9:
                out->result = SK_EFFECT_RETRY;
                out->acts = sim_chance(s, 2);
                return;
        case 10:
                out->result = SK_EFFECT_LATER;
                return;
        case 11:
                out->is_lying = true;
                return;
        case 12:
                out->is_twice = true;
                return;
        default: /* hangs; nobody knows whether it has done anything */
                out->result = SK_EFFECT_RETRY;
                out->acts = sim_chance(s, 2);
                out->is_late = sim_chance(s, 2);
                out->is_slow = true;
                out->ends_us = s->now_us + timeout_us;
        }
}

static void begin(sim *s, sim_instance *instance, const sk_effect *effect) {
        char id[SK_ID_TEXT];

        sk_id_format(&effect->callid, id);
        sim_key *key = key_get(s, instance->team, (sk_slice){id, sizeof(id)}, effect->visit);
        if (key == NULL)
                return;
        check_begin(s, instance, key, effect);
        if (instance->running_count == SIM_RUNNING_MAX) {
                sim_fail(s, "more effects run than may");
                return;
        }
        sim_running *at = &instance->running[instance->running_count++];
        *at = (sim_running){
                .callid = effect->callid,
                .visit = effect->visit,
                .try_number = effect->try_number,
                .partition = sk_hash_partition((sk_slice){id, sizeof(id)}, sk_memory_broker_partitions(s->broker))};
        draw(s, at, effect->timeout_us);
        key->seen += at->acts ? 1 : 0;
        s->seen[SIM_SEEN_EFFECT]++;
        s->seen[SIM_SEEN_EFFECT_AGAIN] += effect->try_number > 1 ? 1 : 0;
        s->seen[SIM_SEEN_EFFECT_ONCE] += effect->is_once ? 1 : 0;
}

/* Rule E: nothing runs on for a partition that has gone away. */
static void check_held(sim *s, const sim_instance *instance) {
        for (unsigned i = 0; i < instance->running_count; i++)
                if (instance->driver->shares[instance->running[i].partition].state == SK_SHARE_NONE)
                        sim_fail(s, "rule E: %s has lost partition %d, and an effect of it runs on", instance->name,
                                 instance->running[i].partition);
}

/* ---- what a process was told ---- */

static bool is_kept(const sk_driver *driver, const sim_running *told) {
        for (const sk_local *local = driver->locals; local != NULL; local = local->next)
                if (sk_id_equal(&local->report.callid, &told->callid) && local->report.visit == told->visit &&
                    local->report.try_number == told->try_number)
                        return true;
        return false;
}

/* Whether what is committed still waits for it. */
static bool is_waited_for(const sim *s, const sim_instance *instance, const sim_running *told) {
        char id[SK_ID_TEXT];
        sk_head_effect due;

        sk_id_format(&told->callid, id);
        const sim_call *call = sim_call_find(s, instance->team, (sk_slice){id, sizeof(id)});
        return call != NULL && call->head != NULL && sk_head_effect_of((sk_slice){call->head, call->head_len}, &due) &&
               due.visit == told->visit && due.try_number == told->try_number;
}

/* How an effect has ended is an input: it is not forgotten before what it has led to is committed. */
static void check_told(sim *s, sim_instance *instance) {
        for (unsigned i = 0; i < instance->told_count;) {
                const sim_running *told = &instance->told[i];
                bool is_held = instance->driver->shares[told->partition].state == SK_SHARE_READY;

                if (is_held && is_waited_for(s, instance, told)) {
                        if (!is_kept(instance->driver, told))
                                sim_fail(s, "rule E: %s was told how an effect has ended, and has forgotten it",
                                         instance->name);
                        i++;
                        continue;
                }
                instance->told[i] = instance->told[--instance->told_count];
        }
}

void sim_effects_look(sim *s, sim_instance *instance) {
        sk_effect effect;

        while (instance->driver != NULL && s->failure[0] == '\0' && sk_driver_next_effect(instance->driver, &effect)) {
                if (effect.is_stop)
                        stop(s, instance, &effect);
                else
                        begin(s, instance, &effect);
        }
        if (instance->driver != NULL) {
                check_held(s, instance);
                check_told(s, instance);
        }
}

/* @p is_good: that it is done may be believed. */
static void tell(sim *s, sim_instance *instance, const sim_running *at, bool is_good) {
        sk_effect_report report = {.callid = at->callid,
                                   .visit = at->visit,
                                   .try_number = at->try_number,
                                   .result = at->result,
                                   .value = at->is_lying                   ? SK_SLICE("{\"done\":")
                                            : at->result == SK_EFFECT_DONE ? SK_SLICE("{\"done\":true}")
                                                                           : SK_NONE,
                                   .code = at->result == SK_EFFECT_DONE ? SK_NONE : SK_SLICE("exit-1"),
                                   .text = SK_SLICE("it went \xff wrong")};
        char id[SK_ID_TEXT];

        sk_id_format(&at->callid, id);
        sim_key *key = key_get(s, instance->team, (sk_slice){id, sizeof(id)}, at->visit);
        if (key == NULL)
                return;
        bit_set(key->ended, at->try_number);
        if (is_good)
                bit_set(key->good, at->try_number);
        uint64_t before = instance->driver->numbers.effects_ended[report.result];
        sk_driver_effect_ended(instance->driver, &report, sim_instance_now(s, instance));
        bool is_heard = instance->driver->numbers.effects_ended[report.result] > before;
        if (is_heard && instance->told_count < SIM_TOLD_MAX)
                instance->told[instance->told_count++] = *at;
        sk_memory_client_look(instance->client);
}

/* Something that was over already says once more how it was. */
static void tell_again(sim *s, sim_instance *instance, const sim_running *told) {
        sim_running again = *told;

        again.result = SK_EFFECT_DONE;
        tell(s, instance, &again, false);
        s->seen[told->is_late ? SIM_SEEN_EFFECT_LATE : SIM_SEEN_EFFECT_TWICE]++;
}

static void note_end(sim *s, const sim_running *told) {
        s->seen[SIM_SEEN_EFFECT_LIES] += told->is_lying ? 1 : 0;
        s->seen[SIM_SEEN_EFFECT_SLOW] += told->is_slow ? 1 : 0;
        s->seen[SIM_SEEN_EFFECT_FAILS] += told->result == SK_EFFECT_FAILED ? 1 : 0;
        s->seen[SIM_SEEN_EFFECT_DECLINES] += told->result == SK_EFFECT_DECLINED ? 1 : 0;
}

bool sim_effect_step(sim *s, sim_instance *instance) {
        for (unsigned i = 0; i < instance->running_count; i++) {
                sim_running told = instance->running[i];
                if (told.ends_us > s->now_us)
                        continue;
                instance->running[i] = instance->running[--instance->running_count];
                note_end(s, &told);
                tell(s, instance, &told, told.result == SK_EFFECT_DONE && !told.is_lying);
                if (told.is_late || told.is_twice)
                        tell_again(s, instance, &told);
                return true;
        }
        return false;
}

void sim_effects_die(sim *s, sim_instance *instance) {
        s->seen[SIM_SEEN_EFFECT_DEAD] += instance->running_count > 0 ? 1 : 0;
        instance->running_count = 0;
        instance->told_count = 0;
}

/* ---- what people and tools say of effects ---- */

void sim_effect_say(sim *s, unsigned team, const sk_call *call) {
        static const char *const outcomes[] = {"completed", "completed", "declined", "failed"};
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_RESULT, SK_SLICE("boss"));
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "visit", call->visit.number);
        if (sim_chance(s, 2))
                sk_json_put_int(writer, "try", call->visit.try_number);
        sk_json_put_cstr(writer, "outcome", outcomes[s->is_finishing ? 0 : sim_below(s, 4)]);
        sk_json_put_raw(writer, "result", SK_SLICE("{\"later\":true}"));
        sim_work_send(s, &w);
        s->seen[SIM_SEEN_EFFECT_LATER]++;
}

void sim_effect_order(sim *s, unsigned team, const sk_call *call, sk_message type) {
        sim_work w = sim_work_begin(team, &call->id, type, SK_SLICE("boss"));
        sk_json_writer *writer = sim_work_value(&w);
        char id[SK_ID_TEXT];

        sk_json_put_int(writer, "visit", call->visit.number);
        sk_json_put_cstr(writer, "reason", "it is better so");
        sim_work_send(s, &w);
        sk_id_format(&call->id, id);
        sim_key *key = type == SK_WORK_RETRY ? key_get(s, team, (sk_slice){id, sizeof(id)}, call->visit.number) : NULL;
        if (key != NULL)
                key->ordered++;
        s->seen[type == SK_WORK_RETRY ? SIM_SEEN_EFFECT_RETRIED : SIM_SEEN_REISSUED]++;
}
