/*
 * Liveness: when faults have stopped and people have done what there was to do, every input is taken in, every work
 * record has its outcome, every call is closed, and what the customer was told is what the provider did.
 */

#include "simulation/sim.h"

#include <stdio.h>

static bool is_taken(const sim *s, const sim_input *input) {
        return input->is_lost || sim_mark_next(s, input->team, input->partition, sk_memory_topic_name(input->topic)) >
                                         input->first_offset;
}

static const sim_call *first_open(const sim *s) {
        for (size_t i = 0; i < s->call_count; i++) {
                if (s->calls[i]->head != NULL)
                        return s->calls[i];
        }
        return NULL;
}

static const sim_input *first_untaken(const sim *s) {
        for (size_t i = 0; i < s->input_count; i++) {
                if (!is_taken(s, s->inputs[i]))
                        return s->inputs[i];
        }
        return NULL;
}

static bool topic_is_read(const sim *s, unsigned team, const sk_memory_topic *topic) {
        for (int32_t p = 0; p < sk_memory_broker_partitions(s->broker); p++) {
                int64_t position = sim_mark_next(s, team, p, sk_memory_topic_name(topic));
                sk_record record;
                if (sk_memory_read(topic, p, position, SK_READ_COMMITTED, &record, &position) == SK_OK)
                        return false;
        }
        return true;
}

/* Copies count as well, so it is the topics that are looked at and not the list of inputs. */
bool sim_end_is_read(const sim *s) {
        for (size_t i = 0; i < sk_memory_topic_count(s->broker); i++) {
                const sk_memory_topic *topic = sk_memory_topic_at(s->broker, i);
                unsigned team;
                if (sim_topic_is_inbound(s, topic, &team) && !topic_is_read(s, team, topic))
                        return false;
        }
        return first_untaken(s) == NULL && sk_memory_marker_count(s->broker) == 0;
}

static const sim_input *first_order(const sim *s) {
        for (size_t i = 0; i < s->input_count; i++) {
                if (s->inputs[i]->is_order && s->inputs[i]->outcomes == 0)
                        return s->inputs[i];
        }
        return NULL;
}

bool sim_end_is_done(const sim *s) {
        return first_order(s) == NULL && sim_end_is_read(s);
}

bool sim_end_is_quiet(const sim *s) {
        return first_open(s) == NULL && sim_end_is_done(s);
}

static void explain_processes(const sim *s, unsigned team, sk_buf *out) {
        for (unsigned i = 0; i < s->instance_count; i++) {
                const sim_instance *instance = &s->instances[i];
                sk_driver_numbers numbers = {.not_ready_why = "not running"};
                if (instance->team != team)
                        continue;
                if (instance->driver != NULL)
                        sk_driver_count(instance->driver, &numbers);
                sk_buf_add_format(out, "; %s has %zu partitions, %s", instance->name,
                                  instance->client == NULL ? 0 : sk_memory_client_assigned(instance->client),
                                  numbers.not_ready_why == NULL ? "ready" : numbers.not_ready_why);
        }
}

void sim_end_explain(const sim *s, sk_buf *out) {
        const sim_call *open = first_open(s);
        const sim_input *input = first_untaken(s);
        sk_call call;

        if (input != NULL) {
                sk_buf_add_format(out, "%s waits on %.*s/%d at %lld", input->id,
                                  (int)sk_memory_topic_name(input->topic).len, sk_memory_topic_name(input->topic).at,
                                  input->partition, (long long)input->first_offset);
                explain_processes(s, input->team, out);
        } else if (open != NULL && sk_call_decode((sk_slice){open->head, open->head_len}, &call) == SK_OK) {
                sk_buf_add_format(out, "call %s in %s is %s, visit %u how %d, %u work records unanswered",
                                  open->id_text, s->teams[open->team].name, sk_standing_id(call.standing),
                                  call.visit.number, (int)call.visit.how, open->waiting);
        } else if (first_order(s) != NULL) {
                sk_buf_add_format(out, "%s on partition %d has no outcome", first_order(s)->id,
                                  first_order(s)->partition);
                explain_processes(s, first_order(s)->team, out);
        } else {
                sk_buf_add_text(out, "markers are under way, or a record that came twice is not read");
        }
}

static void check_input(sim *s, const sim_input *input) {
        if (input->reason != NULL) {
                if (!input->is_dead && !input->is_lost)
                        sim_fail(s, "%s (%s) is no dead letter", input->id, input->reason);
                return;
        }
        if (input->is_work && (input->outcomes == 0 || (input->outcomes > 1 && !input->is_copied)))
                sim_fail(s, "exactly one outcome for each work record: %s has %u", input->id, input->outcomes);
}

/* The provider's record of a call against what its customer was told. */
static void check_sides(sim *s, const sim_call *told) {
        unsigned provider = sim_team_find(s, sk_slice_of(told->told_by));
        const sim_call *done = provider < s->team_count ? sim_call_find(s, provider, sk_slice_of(told->id_text)) : NULL;

        if (told->told[0] == '\0' || done == NULL || !done->is_opened)
                return;
        if (!done->is_closed)
                sim_fail(s, "equal on both sides: %s of %s is over for the customer only", told->id_text,
                         s->teams[told->team].name);
        else if (told->told_clock[0] != '\0' && strcmp(told->told_clock, done->clock) != 0)
                sim_fail(s, "equal on both sides: %s took %s to its customer and %s at its provider", told->id_text,
                         told->told_clock, done->clock);
        else if (strcmp(told->told, done->outcome) != 0)
                sim_fail(s, "equal on both sides: %s is %s to its customer and %s at its provider", told->id_text,
                         told->told, done->outcome);
}

static void check_call(sim *s, const sim_call *call) {
        if (call->is_opened && !call->is_closed)
                sim_fail(s, "no call lost: %s in %s was opened and never closed", call->id_text,
                         s->teams[call->team].name);
        if (call->has_head && !call->is_closed)
                sim_fail(s, "no call lost: %s in %s has gone without a closing", call->id_text,
                         s->teams[call->team].name);
        if (call->calls > 0 && call->told[0] == '\0' && call->told_by[0] != '\0' &&
            (call->owner == NULL || !call->owner->is_forced)) {
                const sim_call *done =
                        sim_call_find(s, sim_team_find(s, sk_slice_of(call->told_by)), sk_slice_of(call->id_text));
                if (done == NULL || strcmp(done->code, "retyped") != 0)
                        sim_fail(s, "no call lost: nobody told %s how %s ended", s->teams[call->team].name,
                                 call->id_text);
        }
        check_sides(s, call);
}

void sim_end_check(sim *s) {
        for (size_t i = 0; i < s->input_count && s->failure[0] == '\0'; i++)
                check_input(s, s->inputs[i]);
        for (size_t i = 0; i < s->call_count && s->failure[0] == '\0'; i++)
                check_call(s, s->calls[i]);
        if (s->failure[0] == '\0')
                sim_check_schedules(s);
}
