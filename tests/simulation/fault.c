/*
 * What goes wrong around the links. A process that is about to be blamed for a record (rule R5) is let live: that two
 * crashes by chance make a dead letter of an innocent record is what the rule says.
 */

#include "simulation/sim.h"

#include "kit/when.h"

#define KEPT_DAYS 13

static sim_instance *any_instance(sim *s) {
        return &s->instances[sim_below(s, s->instance_count)];
}

static void crash(sim *s) {
        sim_instance *instance = any_instance(s);

        if (instance->client != NULL && instance->notes->count == 0)
                sim_instance_crash(s, instance);
}

/* Longer than its session and maybe its transaction live. */
static void pause(sim *s) {
        sim_instance *instance = any_instance(s);

        instance->wakes_us = s->now_us + s->session_timeout_us / 2 + (int64_t)sim_below(s, 4000000);
}

static void clock_jump(sim *s) {
        any_instance(s)->skew_us = (int64_t)sim_below(s, 1200000000) - 600000000;
}

static void time_jump(sim *s) {
        s->now_us += (int64_t)sim_below(s, 2 * (uint64_t)s->session_timeout_us);
}

static sk_memory_topic *any_topic(sim *s) {
        return sk_memory_topic_at(s->broker, (size_t)sim_below(s, sk_memory_topic_count(s->broker)));
}

static void gap(sim *s) {
        int32_t partition = (int32_t)sim_below(s, (uint64_t)sk_memory_broker_partitions(s->broker));

        sk_memory_skip(any_topic(s), partition, 1 + (int64_t)sim_below(s, 5));
}

static void compact(sim *s) {
        const sim_team *team = &s->teams[sim_below(s, s->team_count)];
        int32_t partition = (int32_t)sim_below(s, (uint64_t)sk_memory_broker_partitions(s->broker));

        if (sk_memory_compact(team->topics[SK_TOPIC_JOURNAL], partition, s->now_us - 60000000) != SK_OK)
                sim_fail(s, "no memory to compact");
}

/* Whether the topic still has it (rule C1), and a link remembers it if it is a work record (rule O6). */
static bool is_remembered(const sim *s, const sim_input *input) {
        const sim_call *call = sim_call_find(s, input->team, sk_slice_of(input->key));

        if (s->now_us - input->timestamp_us > KEPT_DAYS * SK_DAY_US)
                return false;
        return !input->is_work || call == NULL || call->works - input->place < SK_WORK_MEMORY;
}

/* A message that comes a second time, as after a customer's resync; a record of people that is sent again. */
static void duplicate(sim *s) {
        if (s->input_count == 0)
                return;
        sim_input *input = s->inputs[sim_below(s, s->input_count)];
        sk_record record;
        int64_t next;

        if (input->reason != NULL || !is_remembered(s, input) ||
            sk_memory_read(input->topic, input->partition, input->first_offset, SK_READ_COMMITTED, &record, &next) !=
                    SK_OK)
                return;
        if (record.offset != input->first_offset)
                return;
        record.partition = input->partition;
        sim_post(s, sk_memory_topic_open(s->broker, sk_memory_topic_name(input->topic)), &record, false);
}

void sim_fault_step(sim *s) {
        static const struct {
                void (*strike)(sim *);
                unsigned weight;
        } table[] = {{crash, 10}, {pause, 5},   {clock_jump, 2}, {time_jump, 1},
                     {gap, 6},    {compact, 4}, {duplicate, 24}, {sim_hostile, 4}};
        uint64_t dice = sim_below(s, 56);

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                if (dice < table[i].weight) {
                        s->faults++;
                        table[i].strike(s);
                        return;
                }
                dice -= table[i].weight;
        }
}
