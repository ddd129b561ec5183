/*
 * Processes of links: started, moved, and dead from one moment to the next. A poisoned record kills the process that
 * steps it: what the step made never comes out, which is seen here from the batch that would have carried it.
 */

#include "simulation/sim.h"

#include <stdio.h>

#define AMOUNT_MAX 12
#define CRASHES_IN_A_ROW_MAX 60

static sk_driver *driver_start(sim *s, const sim_instance *instance) {
        sk_driver_config config = {
                .edition = s->editions[instance->edition],
                .team = sk_slice_of(s->teams[instance->team].name),
                .partitions = sk_memory_broker_partitions(s->broker),
                .instance = sk_slice_of(instance->name),
                .contract = s->contract,
                .batch_records_max = 1 + (size_t)sim_below(s, 20),
        };

        return sk_driver_new(&config);
}

static void given(void *self, const sk_record *record) {
        sim_instance *instance = self;
        sim_input *input = sim_input_find(instance->owner, sk_headers_find(record->headers, "ce_id"));

        if (input == NULL || input->partition != record->partition ||
            (!input->is_copied && input->first_offset != record->offset))
                return;
        input->given_to = instance->incarnation;
        input->given_epoch = instance->epoch;
}

void sim_instance_start(sim *s, sim_instance *instance) {
        instance->driver = driver_start(s, instance);
        if (instance->driver == NULL) {
                sim_fail(s, "no driver for %s", s->teams[instance->team].name);
                return;
        }
        sk_memory_client_config config = {
                .broker = s->broker,
                .driver = instance->driver,
                .instance = sk_slice_of(instance->name),
                .notes = instance->notes,
                .transaction_timeout_us = s->transaction_timeout_us,
                .session_timeout_us = s->session_timeout_us,
                .keeps_partitions = sim_chance(s, 2),
                .given = given,
                .self = instance,
        };
        instance->incarnation = ++s->incarnations;
        instance->poison_batch = 0;
        instance->client = sk_memory_client_new(&config);
        if (instance->client == NULL)
                sim_fail(s, "no client for %s", s->teams[instance->team].name);
}

void sim_instance_crash(sim *s, sim_instance *instance) {
        sk_memory_client_free(instance->client);
        sk_driver_free(instance->driver);
        sim_effects_die(s, instance);
        instance->client = NULL;
        instance->driver = NULL;
        instance->is_leaving = false;
        instance->restart_us = s->now_us + (int64_t)sim_below(s, sim_chance(s, 3) && !s->is_finishing ? 3000000 : 1000);
        s->crashes++;
}

/* What the exit code says (rule T). */
static void exit_take(sim *s, sim_instance *instance, int code) {
        s->seen[code == 0 ? SIM_SEEN_STOP : code == 70 ? SIM_SEEN_EXIT_FENCED : SIM_SEEN_EXIT_AGAIN]++;
        if (code == 70)
                sim_fail(s, "rule T5: nobody has the name of %s of %s, and it ends as fenced", instance->name,
                         s->teams[instance->team].name);
        if (code != 0 && code != 70 && code != 75)
                sim_fail(s, "%s of %s exits with %d", instance->name, s->teams[instance->team].name, code);
        if (instance->is_leaving) {
                s->seen[SIM_SEEN_DRAIN]++;
                sk_memory_client_leave(instance->client);
        }
        sim_instance_crash(s, instance);
}

void sim_instance_stop(sim *s, sim_instance *instance, bool is_leaving) {
        int code;

        if (instance->client == NULL)
                return;
        instance->is_leaving = is_leaving;
        sk_driver_stop(instance->driver, sim_instance_now(s, instance));
        sk_memory_client_look(instance->client);
        if (sk_memory_client_has_exited(instance->client, &code))
                exit_take(s, instance, code);
}

void sim_instance_edition(sim *s, sim_instance *instance) {
        instance->edition ^= 1u;
        if (instance->client == NULL)
                return;
        if (sk_driver_edition(instance->driver, s->editions[instance->edition]) != SK_OK)
                sim_fail(s, "%s does not take a new edition", instance->name);
        sk_memory_client_look(instance->client);
        sim_effects_look(s, instance);
}

int64_t sim_instance_now(const sim *s, sim_instance *instance) {
        int64_t now_us = s->now_us + instance->skew_us;

        if (now_us > instance->latest_us)
                instance->latest_us = now_us;
        return now_us;
}

/* ---- poison ---- */

static int64_t number_of(sk_slice text) {
        int64_t number = 0;

        for (size_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
                number = number * 10 + (text.at[i] - '0');
        return number;
}

static bool is_dead_letter_of(const sk_record *record, const sim_input *input) {
        if (record->topic->kind != SK_TOPIC_DEADLETTER)
                return false;
        return sk_slice_equal(sk_headers_find(record->headers, "schakel-dl-topic"),
                              sk_memory_topic_name(input->topic)) &&
               number_of(sk_headers_find(record->headers, "schakel-dl-partition")) == input->partition &&
               number_of(sk_headers_find(record->headers, "schakel-dl-offset")) == input->first_offset;
}

/* Whether making this batch took a step with the record. */
static bool batch_stepped(const sk_batch *batch, const sim_input *input, int64_t from) {
        bool is_covered = false;

        for (size_t i = 0; i < batch->offset_count; i++) {
                const sk_position *position = &batch->offsets[i];
                is_covered = is_covered || (position->partition == input->partition &&
                                            sk_slice_equal(position->topic->name, sk_memory_topic_name(input->topic)) &&
                                            from <= input->first_offset && input->first_offset < position->next_offset);
        }
        for (size_t i = 0; is_covered && i < batch->record_count; i++)
                is_covered = !is_dead_letter_of(&batch->records[i], input);
        return is_covered;
}

static bool dies_of_poison(sim *s, sim_instance *instance) {
        const sk_batch *batch = instance->client == NULL ? NULL : sk_memory_client_batch(instance->client);

        if (batch == NULL || batch->number == instance->poison_batch || s->poisoned == 0)
                return false;
        instance->poison_batch = batch->number;
        for (size_t i = 0; i < s->input_count; i++) {
                const sim_input *input = s->inputs[i];
                if (!input->is_poison || input->is_dead || input->team != instance->team)
                        continue;
                int64_t from = sim_mark_next(s, instance->team, input->partition, sk_memory_topic_name(input->topic));
                if (batch_stepped(batch, input, from))
                        return true;
        }
        return false;
}

/* ---- moves ---- */

static void after_move(sim *s, sim_instance *instance) {
        int code;

        if (dies_of_poison(s, instance)) {
                s->seen[SIM_SEEN_POISON]++;
                sim_instance_crash(s, instance);
                if (++instance->crashes_in_a_row > CRASHES_IN_A_ROW_MAX)
                        sim_fail(s, "rule R5: a poisoned record has stopped %s for ever",
                                 s->teams[instance->team].name);
                return;
        }
        if (sk_memory_client_has_exited(instance->client, &code))
                exit_take(s, instance, code);
        else
                sim_effects_look(s, instance);
}

static sk_memory_fault fault_of(sim *s, sk_memory_move_kind kind) {
        if (s->is_finishing)
                return SK_FAULT_NONE;
        switch (kind) {
        case SK_MOVE_WRITE:
        case SK_MOVE_OFFSETS:
                return sim_chance(s, 60) ? SK_FAULT_ABORT : SK_FAULT_NONE;
        case SK_MOVE_END:
                if (!sim_chance(s, 12))
                        return SK_FAULT_NONE;
                s->faults++;
                return (sk_memory_fault)(SK_FAULT_ABORT + sim_below(s, 3));
        default:
                return SK_FAULT_NONE;
        }
}

static bool may_run(sim *s, sim_instance *instance) {
        if (instance->client == NULL) {
                if (instance->restart_us > s->now_us)
                        return false;
                sim_instance_start(s, instance);
        }
        return instance->client != NULL && instance->wakes_us <= s->now_us;
}

static void move(sim *s, sim_instance *instance, const sk_memory_move *chosen) {
        uint64_t commits = s->commits;
        instance->epoch += chosen->kind == SK_MOVE_FETCH ? 0 : 1;
        sk_memory_fault fault = fault_of(s, chosen->kind);
        if (fault != SK_FAULT_NONE)
                s->seen[SIM_SEEN_ABORT + (fault - SK_FAULT_ABORT)]++;
        s->seen[SIM_SEEN_NOTE] += chosen->kind == SK_MOVE_NOTE ? 1 : 0;
        s->seen[SIM_SEEN_STUB_READ] += chosen->kind == SK_MOVE_STUB ? 1 : 0;

        sk_memory_client_move(instance->client, chosen, fault, 1 + (size_t)sim_below(s, AMOUNT_MAX),
                              sim_instance_now(s, instance));
        if (s->commits > commits)
                instance->crashes_in_a_row = 0;
        after_move(s, instance);
}

void sim_instance_step(sim *s, sim_instance *instance) {
        sk_memory_move moves[64];

        if (!may_run(s, instance))
                return;
        if (sim_chance(s, 4) && sim_effect_step(s, instance)) {
                after_move(s, instance);
                return;
        }
        size_t count = sk_memory_client_moves(instance->client, sim_instance_now(s, instance), moves, 64);
        if (count > 0)
                move(s, instance, &moves[sim_below(s, count)]);
}

/* Whether the move is still one that can be made, after others of the same list. */
static bool is_possible(const sim *s, sim_instance *instance, const sk_memory_move *wanted) {
        sk_memory_move moves[64];
        size_t count = sk_memory_client_moves(instance->client, sim_instance_now(s, instance), moves, 64);

        for (size_t i = 0; i < count; i++) {
                if (moves[i].kind == wanted->kind && moves[i].index == wanted->index)
                        return true;
        }
        return false;
}

void sim_instance_sweep(sim *s, sim_instance *instance) {
        sk_memory_move moves[64];

        if (!may_run(s, instance))
                return;
        while (instance->client != NULL && s->failure[0] == '\0' && sim_effect_step(s, instance))
                after_move(s, instance);
        if (instance->client == NULL)
                return;
        size_t count = sk_memory_client_moves(instance->client, sim_instance_now(s, instance), moves, 64);
        for (size_t i = 0; i < count && instance->client != NULL && s->failure[0] == '\0'; i++) {
                if (is_possible(s, instance, &moves[i]))
                        move(s, instance, &moves[i]);
        }
}
