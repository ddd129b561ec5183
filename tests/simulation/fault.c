/*
 * What goes wrong around the links. A process that is about to be blamed for a record (rule R5) is let live: that two
 * crashes by chance make a dead letter of an innocent record is what the rule says.
 */

#include "simulation/sim.h"

#include "kit/when.h"

#define KEPT_DAYS 13
#define RETENTION_DAYS 14
#define FORGOTTEN_DAYS 17

static sim_instance *any_instance(sim *s) {
        return &s->instances[sim_below(s, s->instance_count)];
}

static void crash(sim *s) {
        sim_instance *instance = any_instance(s);

        if (instance->client == NULL || instance->notes->count > 0)
                return;
        sim_instance_crash(s, instance);
        s->seen[SIM_SEEN_CRASH]++;
}

static void stop(sim *s) {
        sim_instance *instance = any_instance(s);

        sim_instance_stop(s, instance, sim_chance(s, 2));
}

static void edition(sim *s) {
        sim_instance_edition(s, any_instance(s));
        s->seen[SIM_SEEN_EDITION]++;
}

/* Longer than its session and maybe its transaction live. */
static void pause(sim *s) {
        sim_instance *instance = any_instance(s);

        instance->wakes_us = s->now_us + s->session_timeout_us / 2 + (int64_t)sim_below(s, 4000000);
        s->seen[SIM_SEEN_PAUSE]++;
}

/* All of a team at once: its partners send into the void, and are answered late. */
static void outage(sim *s) {
        unsigned team = (unsigned)sim_below(s, s->team_count);
        int64_t wakes_us = s->now_us + 2 * s->session_timeout_us + (int64_t)sim_below(s, 4000000);

        for (unsigned i = 0; i < s->instance_count; i++) {
                if (s->instances[i].team == team)
                        s->instances[i].wakes_us = wakes_us;
        }
        s->seen[SIM_SEEN_OUTAGE]++;
}

static void clock_jump(sim *s) {
        sim_instance *instance = any_instance(s);
        int64_t skew_us = (int64_t)sim_below(s, 1200000000) - 600000000;

        s->seen[SIM_SEEN_CLOCK_BACK] += skew_us < instance->skew_us ? 1 : 0;
        instance->skew_us = skew_us;
}

static void time_jump(sim *s) {
        s->now_us += (int64_t)sim_below(s, 2 * (uint64_t)s->session_timeout_us);
}

static sk_memory_topic *any_topic(sim *s) {
        return sk_memory_topic_at(s->broker, (size_t)sim_below(s, sk_memory_topic_count(s->broker)));
}

static void gap(sim *s) {
        int32_t partition = (int32_t)sim_below(s, (uint64_t)sk_memory_broker_partitions(s->broker));

        sk_memory_topic *topic = any_topic(s);

        sk_memory_skip(topic, partition, 1 + (int64_t)sim_below(s, 5));
        s->seen[SIM_SEEN_GAP]++;
}

static void compact(sim *s) {
        const sim_team *team = &s->teams[sim_below(s, s->team_count)];
        int32_t partition = (int32_t)sim_below(s, (uint64_t)sk_memory_broker_partitions(s->broker));

        if (sk_memory_compact(team->topics[SK_TOPIC_JOURNAL], partition, s->now_us - SK_DAY_US) != SK_OK)
                sim_fail(s, "no memory to compact");
}

/* Rule C1: what links read from each other is kept for so long and no longer. */
static void retain(sim *s) {
        unsigned team;

        for (size_t i = 0; i < sk_memory_topic_count(s->broker); i++) {
                sk_memory_topic *topic = sk_memory_topic_at(s->broker, i);
                bool is_inbound = sim_topic_is_inbound(s, topic, &team);
                for (int32_t p = 0; is_inbound && p < sk_memory_broker_partitions(s->broker); p++) {
                        if (sim_chance(s, 2))
                                sk_memory_retain(topic, p, s->now_us - RETENTION_DAYS * SK_DAY_US, INT64_MAX);
                }
        }
}

/* Whether the topic still has it (rule C1), and a link remembers it if it is a work record (rule O6). */
static bool is_remembered(const sim *s, const sim_input *input) {
        const sim_call *call = sim_call_find(s, input->team, sk_slice_of(input->key));

        if (s->now_us - input->timestamp_us > KEPT_DAYS * SK_DAY_US)
                return false;
        return !input->is_work || call == NULL || call->works - input->place < SK_WORK_MEMORY;
}

/* A raise of a call that is forgotten, sent by somebody who kept it: too old to be taken for a new one (rule C3). */
static bool is_replay(const sim *s, const sim_input *input) {
        size_t len = strlen(input->id);

        return s->now_us - input->timestamp_us > FORGOTTEN_DAYS * SK_DAY_US && len > 4 &&
               strcmp(input->id + len - 4, "/c/1") == 0;
}

/* A message that comes a second time, as after a customer's resync; a record of people that is sent again. */
static void duplicate(sim *s) {
        if (s->input_count == 0)
                return;
        sim_input *input = s->inputs[sim_below(s, s->input_count)];
        sk_record record;
        int64_t next;

        if (input->reason != NULL || (!is_remembered(s, input) && !is_replay(s, input)) ||
            sk_memory_read(input->topic, input->partition, input->first_offset, SK_READ_COMMITTED, &record, &next) !=
                    SK_OK)
                return;
        if (record.offset != input->first_offset)
                return;
        record.partition = input->partition;
        s->seen[is_remembered(s, input) ? SIM_SEEN_DUPLICATE : SIM_SEEN_REPLAY]++;
        sim_post(s, sk_memory_topic_open(s->broker, sk_memory_topic_name(input->topic)), &record, false);
}

void sim_fault_step(sim *s) {
        static const struct {
                void (*strike)(sim *);
                unsigned weight;
        } table[] = {{crash, 10},     {stop, 3},        {pause, 5},        {outage, 1},  {edition, 3},
                     {clock_jump, 2}, {time_jump, 1},   {gap, 6},          {compact, 4}, {retain, 2},
                     {duplicate, 24}, {sim_hostile, 4}, {sim_lose_tail, 6}};
        uint64_t dice = sim_below(s, 71);

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                if (dice < table[i].weight) {
                        s->faults++;
                        table[i].strike(s);
                        return;
                }
                dice -= table[i].weight;
        }
}
