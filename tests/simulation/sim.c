/*
 * One run: the chain and its processes come into being, chance has its way for so many steps, then the faults stop and
 * everybody finishes what there is to do.
 */

#include "simulation/sim.h"

#include <stdarg.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/when.h"

#define START_US (INT64_C(1767225600) * SK_SECOND_US)
/* So long may go by without a call being closed, and so long may it take in all (a chain that makes calls for ever). */
#define FINISH_ROUNDS 12000
#define FINISH_ROUNDS_MAX (10u * FINISH_ROUNDS)
#define IDLE_DAYS 17
#define DAY_STEPS 250
#define WRITTEN_MAX (64u * 1024u * 1024u)

void sim_fail(sim *s, const char *format, ...) {
        va_list list;

        if (s->failure[0] != '\0')
                return;
        va_start(list, format);
        (void)vsnprintf(s->failure, sizeof(s->failure), format, list);
        va_end(list);
}

uint64_t sim_below(sim *s, uint64_t bound) {
        return sk_random_below(&s->random, bound);
}

bool sim_chance(sim *s, uint64_t one_in) {
        return sim_below(s, one_in) == 0;
}

unsigned sim_team_find(const sim *s, sk_slice name) {
        for (unsigned i = 0; i < s->team_count; i++) {
                if (sk_slice_is(name, s->teams[i].name))
                        return i;
        }
        return s->team_count;
}

/* The digest of a run is a chain: each stretch of what was written is put behind the digest so far. */
static void digest_fold(sim *s) {
        sk_buf_add(&s->written, s->digest.bytes, sizeof(s->digest.bytes));
        s->digest = sk_digest_of(sk_buf_slice(&s->written));
        sk_buf_clear(&s->written);
}

void sim_digest_add(sim *s, sk_slice bytes) {
        sk_buf_add_uint(&s->written, bytes.len);
        sk_buf_add_slice(&s->written, bytes);
        if (s->written.len > 1024u * 1024u)
                digest_fold(s);
}

static sk_memory_topic *own_topic(sim *s, const sim_team *team, const char *kind) {
        char name[64];

        snprintf(name, sizeof(name), "sim.%s.%s", team->name, kind);
        return sk_memory_topic_open(s->broker, sk_slice_of(name));
}

static void topics_open(sim *s) {
        static const char *const kinds[SK_TOPIC_KINDS] = {
                [SK_TOPIC_WORK] = "work",       [SK_TOPIC_JOURNAL] = "journal",       [SK_TOPIC_EVENTS] = "events",
                [SK_TOPIC_ARCHIVE] = "archive", [SK_TOPIC_DEADLETTER] = "deadletter",
        };

        for (unsigned i = 0; i < s->team_count; i++) {
                for (unsigned kind = SK_TOPIC_WORK; kind < SK_TOPIC_KINDS; kind++)
                        s->teams[i].topics[kind] = own_topic(s, &s->teams[i], kinds[kind]);
        }
}

static void instances_make(sim *s) {
        for (unsigned team = 0; team < s->team_count; team++) {
                unsigned count = 1 + (unsigned)sim_below(s, 3);
                for (unsigned i = 0; i < count && s->instance_count < SIM_INSTANCES_MAX; i++) {
                        sim_instance *instance = &s->instances[s->instance_count++];
                        *instance = (sim_instance){.team = team, .owner = s};
                        snprintf(instance->name, sizeof(instance->name), "i%u", i);
                        instance->notes = sk_alloc_zero(1, sizeof(*instance->notes));
                        sim_instance_start(s, instance);
                }
        }
}

static bool begin(sim *s, const sim_options *options) {
        s->options = *options;
        if (s->options.steps == 0)
                s->options.steps = SIM_STEPS;
        s->random = sk_random_make(options->seed);
        s->start_us = s->now_us = START_US;
        s->written = sk_buf_make(WRITTEN_MAX);
        s->arena = sk_arena_new(16u * 1024u * 1024u);
        s->calls_by_id = sk_map_new();
        s->inputs_by_id = sk_map_new();
        s->marks = sk_map_new();
        s->keys = sk_map_new();
        s->session_timeout_us = 1000000 + (int64_t)sim_below(s, 2000000);
        s->transaction_timeout_us = 1000000 + (int64_t)sim_below(s, 2000000);
        s->idle_step = sim_chance(s, 3) ? 1 + sim_below(s, 5000) : 0;
        if (s->options.idle_days != 0 && s->idle_step == 0)
                s->idle_step = 1000;
        s->marker_share = sim_chance(s, 3) ? 25 : 140;
        s->raise_max = 6 + (unsigned)sim_below(s, 14);
        if (!sim_chain_make(s))
                return false;
        s->contract = sk_contract_new();
        s->checks = sk_schema_run_new();
        s->broker = sk_memory_broker_new(sk_edition_partitions(s->editions[0]));
        sk_memory_broker_clock(s->broker, s->now_us);
        sk_memory_broker_observe(s->broker, sim_check_commit, s);
        topics_open(s);
        instances_make(s);
        return s->failure[0] == '\0';
}

static void instances_free(sim *s) {
        for (unsigned i = 0; i < s->instance_count; i++) {
                sk_memory_client_free(s->instances[i].client);
                sk_driver_free(s->instances[i].driver);
                sk_free(s->instances[i].notes);
        }
}

static void end(sim *s) {
        instances_free(s);
        for (size_t i = 0; i < s->call_count; i++) {
                sk_free(s->calls[i]->head);
                sk_free(s->calls[i]);
        }
        for (size_t i = 0; i < s->input_count; i++)
                sk_free(s->inputs[i]);
        sim_marks_free(s);
        sim_keys_free(s);
        sk_free(s->calls);
        sk_free(s->inputs);
        sk_map_free(s->calls_by_id);
        sk_map_free(s->inputs_by_id);
        sk_memory_broker_free(s->broker);
        sk_contract_free(s->contract);
        sk_schema_run_free(s->checks);
        sk_edition_release(s->editions[0]);
        sk_edition_release(s->editions[1]);
        sk_arena_free(s->arena);
        sk_buf_free(&s->written);
        sk_free(s);
}

static void time_pass(sim *s) {
        s->now_us += (int64_t)sim_below(s, 4000);
        sk_memory_broker_clock(s->broker, s->now_us);
}

static void marker_deliver(sim *s) {
        size_t count = sk_memory_marker_count(s->broker);

        if (count > 0)
                sk_memory_marker_deliver(s->broker, (size_t)sim_below(s, count));
}

/* What the clocks of a team's processes have shown at most: its partitions go by that, whoever has them now. */
static int64_t team_latest(const sim *s, unsigned team) {
        int64_t latest_us = 0;

        for (unsigned i = 0; i < s->instance_count; i++)
                if (s->instances[i].team == team && s->instances[i].latest_us > latest_us)
                        latest_us = s->instances[i].latest_us;
        return latest_us;
}

static void faults_stop(sim *s) {
        s->is_finishing = true;
        for (unsigned i = 0; i < s->instance_count; i++) {
                s->instances[i].wakes_us = 0;
                /* A clock that was set back would only make its timers wait. */
                int64_t latest_us = team_latest(s, s->instances[i].team);
                if (latest_us > s->now_us + s->instances[i].skew_us)
                        s->instances[i].skew_us = latest_us - s->now_us;
                if (s->instances[i].restart_us > s->now_us)
                        s->instances[i].restart_us = s->now_us;
        }
}

static void processes_sweep(sim *s) {
        time_pass(s);
        while (sk_memory_marker_count(s->broker) > 0)
                marker_deliver(s);
        for (unsigned i = 0; i < s->instance_count && s->failure[0] == '\0'; i++)
                sim_instance_sweep(s, &s->instances[i]);
}

static void everything_is_read(sim *s) {
        faults_stop(s);
        for (unsigned i = 0; i < FINISH_ROUNDS && s->failure[0] == '\0' && !sim_end_is_read(s); i++)
                processes_sweep(s);
        s->is_finishing = false;
}

static void chaos_move(sim *s) {
        uint64_t dice = sim_below(s, 1000);

        time_pass(s);
        if (dice < 900 - s->marker_share)
                sim_instance_step(s, &s->instances[sim_below(s, s->instance_count)]);
        else if (dice < 900)
                marker_deliver(s);
        else if (dice < 980)
                sim_people_step(s);
        else
                sim_fault_step(s);
}

/*
 * Long enough that what is closed is forgotten. Each day begins with every process thrown out of its group, its timers
 * due and not knowing it. Each day ends when everything is read that was written: a record that nobody has read for
 * weeks is one that the topics do not keep either (rule C1).
 */
static void weeks_pass(sim *s) {
        s->seen[SIM_SEEN_WEEKS]++;
        everything_is_read(s);
        unsigned days = s->options.idle_days != 0 ? s->options.idle_days : IDLE_DAYS;

        for (unsigned day = 0; day < days; day++) {
                s->now_us += SK_DAY_US;
                for (unsigned i = 0; i < DAY_STEPS && s->failure[0] == '\0'; i++)
                        chaos_move(s);
                everything_is_read(s);
        }
}

static void chaos_step(sim *s) {
        if (s->step == s->idle_step)
                weeks_pass(s);
        chaos_move(s);
}

/* A process whose clock is fast takes all that it reads for old, and its timers would wait for more of it, ever again. */
static void clocks_agree(sim *s) {
        for (unsigned i = 0; i < s->instance_count; i++)
                if (s->instances[i].latest_us > s->now_us)
                        s->now_us = s->instances[i].latest_us;
        for (unsigned i = 0; i < s->instance_count; i++)
                s->instances[i].skew_us = 0;
}

static void finish_round(sim *s) {
        processes_sweep(s);
        if (s->failure[0] == '\0')
                sim_people_finish(s);
        if (s->failure[0] == '\0')
                sim_resync_finish(s);
}

static void finish(sim *s) {
        uint64_t closed = s->closed;
        unsigned still = 0;

        faults_stop(s);
        clocks_agree(s);
        for (unsigned round = 0;
             s->failure[0] == '\0' && !sim_end_is_quiet(s) && still < FINISH_ROUNDS && round < FINISH_ROUNDS_MAX;
             round++) {
                s->step++;
                finish_round(s);
                still = s->closed == closed ? still + 1 : 0;
                closed = s->closed;
        }
        if (s->failure[0] == '\0' && !sim_end_is_quiet(s)) {
                sk_buf why = sk_buf_make(400);
                sim_end_explain(s, &why);
                sim_fail(s, "liveness: faults have stopped and the chain does not come to its end: %.*s", (int)why.len,
                         why.at == NULL ? "" : why.at);
                sk_buf_free(&why);
        }
        if (s->failure[0] == '\0')
                sim_end_check(s);
}

/* What the broker has counted. */
static void seen_complete(sim *s) {
        if (s->broker == NULL)
                return;
        sk_memory_counts counts = sk_memory_broker_counts(s->broker);
        s->seen[SIM_SEEN_EXPIRED] = counts.expired;
        s->seen[SIM_SEEN_FENCED] = counts.fenced;
        s->seen[SIM_SEEN_REFUSED] = counts.offsets_refused;
        s->seen[SIM_SEEN_UNSTABLE] = counts.offsets_unstable;
        s->seen[SIM_SEEN_HELD] = counts.readers_held;
        s->seen[SIM_SEEN_LOST] = counts.members_lost;
        s->seen[SIM_SEEN_RETAINED] = counts.retained;
        s->seen[SIM_SEEN_COMPACTED] = counts.compacted;
}

static sim_result result_of(sim *s) {
        sim_result result = {.is_passed = s->failure[0] == '\0',
                             .step = s->step,
                             .steps = s->options.steps,
                             .calls = s->call_count,
                             .closed = s->closed,
                             .commits = s->commits,
                             .crashes = s->crashes,
                             .faults = s->faults};

        digest_fold(s);
        seen_complete(s);
        result.digest = s->digest;
        memcpy(result.seen, s->seen, sizeof(result.seen));
        memcpy(result.messages, s->messages, sizeof(result.messages));
        memcpy(result.failure, s->failure, sizeof(result.failure));
        if (s->call_count > 0)
                memcpy(result.first_call, s->calls[0]->id_text, sizeof(result.first_call));
        return result;
}

sim_result sim_run(const sim_options *options) {
        sim *s = sk_alloc_zero(1, sizeof(*s));

        if (s == NULL)
                return (sim_result){.failure = "no memory"};
        bool has_begun = begin(s, options);
        while (has_begun && s->failure[0] == '\0' && s->step < s->options.steps) {
                s->step++;
                chaos_step(s);
        }
        if (has_begun && s->failure[0] == '\0')
                finish(s);
        sim_result result = result_of(s);
        end(s);
        return result;
}
