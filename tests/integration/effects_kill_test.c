#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/envelope.h"
#include "kit/json_scan.h"
#include "kit/random.h"
#include "kit/when.h"
#include "support/effects_kinds.h"
#include "support/effects_world.h"
#include "support/kafka_links.h"
#include "support/topic_count.h"

/*
 * Programs, webhooks and plug-ins of two teams under kill -9 of all links, on either log: work that fails at first,
 * that says later how it went, that answers when nobody waits any more, some of it to be had once. Then what the tools
 * have kept is held against what the links say (rule E): each key that may come again came at least once and with the
 * same content, each that may not at most once; each call is closed, or with a coordinator who knows that nobody knows;
 * and no process is left.
 */

#define CALLS 68u
#define SECONDS_MOST 200 /* of killing, however slow the machine is */
#define QUIET_MS 500
#define QUIET_MOST 240 /* times that nothing changes, one behind the other */
#define RESULT_ROUNDS 4
#define IDLE_MS 50
#define IDLE_QUIET 10
#define IDLE_MOST 200
#define VISITS_MAX (4 * CALLS)

static kafka_links f;
static effects_world world;
static sk_random chance;
static unsigned starts[TEAMS];
static unsigned events_before[TEAMS]; /* when it was started last */
static unsigned tools_killed;

/* ---- the chain ---- */

static void raise_calls(unsigned from, unsigned to) {
        raised_call call;

        for (unsigned i = from; i < to; i++) {
                const call_place place = {f.chain, "office", "shop", effects_kind_of_call(i)->facility};
                /* every third number is an incident */
                call_raise_at(f.tool, &place, i / 2 * 3 + 1 + i % 2, &call);
        }
}

/* ---- what the links say ---- */

/* Good until the next call but three. */
static const char *own_topic(unsigned team, const char *kind_of_topic) {
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "%s.%s", effects_teams[team], kind_of_topic);
        return kafka_links_topic(&f, rest);
}

/* A visit that is done by an effect. */
typedef struct visit_told {
        char key[SK_ID_TEXT + 16];
        unsigned team;
        const effects_kind *kind;
        sk_id call;
        int64_t number;
        unsigned begun;
        bool is_done; /* by its effect */
        bool is_over;
        bool is_escalated;
        char code[32];
} visit_told;

typedef struct call_told {
        char id[SK_ID_TEXT];
        const effects_kind *kind;
} call_told;

static struct told {
        unsigned team; /* whose events are read */
        call_told calls[2 * CALLS];
        unsigned call_count;
        visit_told visits[VISITS_MAX];
        unsigned visit_count;
        unsigned closed; /* of the office's */
} told;

static void told_opened(sk_slice call, sk_slice value) {
        assert_true(told.call_count < 2 * CALLS && call.len == SK_ID_TEXT);
        call_told *out = &told.calls[told.call_count++];
        memcpy(out->id, call.at, SK_ID_TEXT);
        out->kind = effects_kind_find(sk_json_member_string(value, "facility", NULL));
}

static visit_told *told_visit(sk_slice call, int64_t number, sk_slice value) {
        char key[SK_ID_TEXT + 16];

        (void)snprintf(key, sizeof(key), "%.*s/%lld", (int)call.len, call.at, (long long)number);
        for (unsigned i = 0; i < told.visit_count; i++)
                if (strcmp(told.visits[i].key, key) == 0)
                        return &told.visits[i];
        assert_true(told.visit_count < VISITS_MAX);
        visit_told *out = &told.visits[told.visit_count++];
        *out = (visit_told){.team = told.team, .number = number};
        memcpy(out->key, key, sizeof(key));
        assert_true(sk_id_parse(call, &out->call));
        for (unsigned i = 0; i < told.call_count; i++)
                if (memcmp(told.calls[i].id, call.at, SK_ID_TEXT) == 0)
                        out->kind = effects_kind_of_action(told.calls[i].kind, value);
        assert_non_null(out->kind);
        return out;
}

static void told_ended(visit_told *visit, sk_slice value) {
        sk_how how = sk_how_find(sk_json_member_string(value, "how", NULL));

        visit->is_over = true;
        visit->is_done = how < SK_HOWS && sk_how_is_effect(how) &&
                         sk_slice_is(sk_json_member_string(value, "outcome", NULL), "completed");
}

static bool told_one(void *self, const sk_log_entry *entry) {
        sk_slice call = sk_headers_find(entry->headers, "ce_callid");
        sk_slice activity = sk_json_member_string(entry->value, "activity", NULL);
        int64_t number = 0;

        (void)self;
        if (told.team == OFFICE) {
                told.closed += record_is(entry, "event.closed") ? 1 : 0;
                return true;
        }
        if (record_is(entry, "event.opened"))
                told_opened(call, entry->value);
        if (!sk_slice_is(activity, "operate.perform") ||
            !sk_json_member_int(entry->value, "visit", 1, UINT32_MAX, &number))
                return true;
        visit_told *visit = told_visit(call, number, entry->value);
        visit->begun += record_is(entry, "event.begun") ? 1 : 0;
        if (record_is(entry, "event.escalated")) {
                sk_slice code = sk_json_member_string(entry->value, "code", NULL);
                visit->is_escalated = true;
                (void)snprintf(visit->code, sizeof(visit->code), "%.*s", (int)code.len, code.at);
        }
        if (record_is(entry, "event.ended"))
                told_ended(visit, entry->value);
        return true;
}

static void told_read(void) {
        told = (struct told){.team = OFFICE};
        for (; told.team < TEAMS; told.team++)
                records_read(f.tool, own_topic(told.team, "events"), told_one, NULL);
}

static bool is_waiting(const visit_told *visit) {
        return visit->is_escalated && !visit->is_over;
}

/* The coordinator has been told what to do of so many. */
static char looked_at[VISITS_MAX][SK_ID_TEXT + 16];
static unsigned looked_at_count;

static bool is_looked_at(const visit_told *visit) {
        for (unsigned i = 0; i < looked_at_count; i++)
                if (strcmp(looked_at[i], visit->key) == 0)
                        return true;
        return false;
}

static unsigned told_waiting(void) {
        unsigned count = 0;

        for (unsigned i = 0; i < told.visit_count; i++)
                count += is_waiting(&told.visits[i]) && !is_looked_at(&told.visits[i]) ? 1 : 0;
        return count;
}

/* ---- what people and tools say ---- */

static void say(const visit_told *visit, sk_message type, const char *actor, const char *members) {
        sk_buf headers = sk_buf_make(4096);
        uint8_t random[10];
        char value[256];
        char source[128];
        char id[SK_ID_TEXT];
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        for (size_t i = 0; i < sizeof(random); i++)
                random[i] = (uint8_t)sk_random_next(&chance);
        sk_id own = sk_id_of_time((int64_t)now.tv_sec * SK_SECOND_US, random);
        sk_id_format(&own, id);
        (void)snprintf(source, sizeof(source), "/%s/%s", f.chain, effects_teams[visit->team]);
        const sk_envelope envelope = {.type = type,
                                      .id = {id, sizeof(id)},
                                      .source = sk_slice_of(source),
                                      .time_us = (int64_t)now.tv_sec * SK_SECOND_US,
                                      .callid = visit->call,
                                      .has_callid = true,
                                      .actor = sk_slice_of(actor)};
        sk_envelope_encode(&envelope, &headers);
        assert_int_equal(headers.err, SK_OK);
        (void)snprintf(value, sizeof(value), "{\"visit\":%lld%s}", (long long)visit->number, members);
        const sk_log_append append = {.topic = sk_slice_of(own_topic(visit->team, "work")),
                                      .key = {visit->key, SK_ID_TEXT},
                                      .headers = sk_buf_slice(&headers),
                                      .value = sk_slice_of(value)};
        if (sk_log_tool_append(f.tool, &append, 1, NULL) != SK_OK)
                fail_msg("%s", sk_log_tool_why(f.tool));
        sk_buf_free(&headers);
}

/* What was to come later comes, of each key that the tool has seen. */
static void say_results(void) {
        static effects_seen seen[EFFECTS_KEYS_MAX];
        unsigned count = effects_world_keys(&world, seen);

        for (unsigned i = 0; i < told.visit_count; i++) {
                const visit_told *visit = &told.visits[i];
                bool is_asked = false;
                for (unsigned j = 0; j < count; j++)
                        is_asked |= strcmp(seen[j].key, visit->key) == 0;
                if (is_asked && !visit->is_over && !visit->is_escalated && strcmp(visit->kind->path, "later") == 0)
                        say(visit, SK_WORK_RESULT, "ann", ",\"outcome\":\"completed\"");
        }
}

/* ---- kill -9 ---- */

/* What the command lines of a link's own processes have in them, beside its programs: its runner's, its plug-ins'. */
typedef struct own_words {
        char scratch[FOLDER_PATH_MAX + 64];
        char programs[FOLDER_PATH_MAX + 128];
        const char *words[4];
} own_words;

static const char *const *own_words_of(unsigned team, bool has_programs, own_words *out) {
        const char *plugins = team == SHOP ? world.plugins : NULL;

        (void)snprintf(out->scratch, sizeof(out->scratch), "%s/%s.scratch", f.states[team], effects_teams[team]);
        (void)snprintf(out->programs, sizeof(out->programs), "%s/%s/programs/", f.chain_dir, effects_teams[team]);
        out->words[0] = out->scratch;
        out->words[1] = has_programs ? out->programs : plugins;
        out->words[2] = has_programs ? plugins : NULL;
        out->words[3] = NULL;
        return out->words;
}

static void await_alone(unsigned team) {
        own_words words;

        effects_await_none(own_words_of(team, true, &words));
}

/* Its runner and the processes of its plug-ins, when they are there; the link lives. */
static void kill_tools(unsigned team) {
        own_words words;
        unsigned quiet = 0;

        (void)own_words_of(team, false, &words);
        link_await(&f.links[team], "\"ready\"", starts[team]);
        for (unsigned i = 0; i < IDLE_MOST && quiet < IDLE_QUIET && effects_processes(words.words) == 0; i++)
                quiet += sk_log_tool_wait(f.tool, IDLE_MS) ? 0 : 1;
        tools_killed += effects_kill(words.words);
}

static bool count_any(void *self, const sk_log_entry *entry) {
        (void)entry;
        ++*(unsigned *)self;
        return true;
}

static unsigned events_of(unsigned team) {
        unsigned count = 0;

        records_read(f.tool, own_topic(team, "events"), count_any, &count);
        return count;
}

/*
 * Not before it has got on with its work since it was started, or there is none: a record that a link meets each time
 * when it is killed is taken for poisonous (rule R5).
 */
static void kill_link(unsigned team) {
        unsigned quiet = 0;

        link_await(&f.links[team], "\"ready\"", starts[team]);
        for (unsigned i = 0; i < IDLE_MOST && quiet < IDLE_QUIET && events_of(team) == events_before[team]; i++)
                quiet += sk_log_tool_wait(f.tool, IDLE_MS) ? 0 : 1;
        link_kill(&f.links[team]);
}

static void start_link(unsigned team) {
        events_before[team] = events_of(team);
        link_start_again(&f.links[team]);
        starts[team]++;
}

/* One of them, mostly the shop; or all at once; or only what works for one. What was theirs is waited for every other
 * time, else it meets its successor. */
static void strike(unsigned turn) {
        static const unsigned victims[] = {SHOP, SHOP, SHOP, SHOP, PRINTERS, PRINTERS, OFFICE};
        unsigned one = victims[sk_random_below(&chance, sizeof(victims) / sizeof(*victims))];
        bool is_all = turn % 6 == 5;

        if (turn % 3 == 1) {
                kill_tools(turn % 9 == 1 ? PRINTERS : SHOP);
                return;
        }
        for (unsigned i = 0; i < TEAMS; i++)
                if (is_all || i == one)
                        kill_link(i);
        for (unsigned i = 0; i < TEAMS && turn % 2 == 1; i++)
                if (is_all || i == one)
                        await_alone(i);
        for (unsigned i = 0; i < TEAMS; i++)
                if (is_all || i == one)
                        start_link(i);
}

static void pause_a_while(void) {
        unsigned times = (unsigned)sk_random_below(&chance, 5);

        for (unsigned i = 0; i < times; i++)
                (void)sk_log_tool_wait(f.tool, 20 + (int)sk_random_below(&chance, 200));
}

static unsigned raise_and_kill(unsigned kills) {
        time_t begun = time(NULL);
        unsigned i = 0;

        for (; i < kills && time(NULL) - begun < SECONDS_MOST; i++) {
                raise_calls(i * CALLS / kills, (i + 1) * CALLS / kills);
                told_read();
                say_results();
                pause_a_while();
                strike(i);
        }
        raise_calls(i * CALLS / kills, CALLS);
        return i;
}

/* ---- coming to an end ---- */

static void check_dead_letters(void) {
        for (unsigned i = 0; i < TEAMS; i++)
                topic_check_empty(f.tool, own_topic(i, "deadletter"));
}

static void tell_open(void) {
        for (unsigned i = 0; i < told.visit_count; i++)
                if (!told.visits[i].is_over)
                        print_message("%s of %s: %s, %s, begun %u times%s%s\n", told.visits[i].key,
                                      effects_teams[told.visits[i].team], told.visits[i].kind->facility,
                                      told.visits[i].kind->how, told.visits[i].begun,
                                      told.visits[i].is_escalated ? ", with the coordinator: " : "",
                                      told.visits[i].code);
}

/* Until each call is closed, or with a coordinator who has not looked at it yet. */
static void await_settled(void) {
        unsigned quiet = 0;
        unsigned last = 0;

        for (unsigned round = 0;; round++) {
                told_read();
                unsigned there = told.closed + told_waiting();
                if (there == CALLS)
                        return;
                quiet = there == last ? quiet + 1 : 0;
                last = there;
                if (quiet == QUIET_MOST) {
                        tell_open();
                        check_dead_letters();
                        fail_msg("%u of %u calls are at their end, and it goes no further", there, CALLS);
                }
                if (round % RESULT_ROUNDS == 0)
                        say_results();
                (void)sk_log_tool_wait(f.tool, QUIET_MS);
        }
}

/* Who waits for a coordinator: only what may be had once, when nobody knows whether it was. He looks, and says so. */
static void coordinate(void) {
        for (unsigned i = 0; i < told.visit_count; i++) {
                const visit_told *visit = &told.visits[i];
                if (!is_waiting(visit) || is_looked_at(visit))
                        continue;
                bool is_unknown = strcmp(visit->code, "effect-lost") == 0 || strcmp(visit->code, "effect-unknown") == 0;
                if (visit->kind->terms != ONCE || !is_unknown)
                        fail_msg("%s (%s) is with the coordinator: %s", visit->key, visit->kind->facility, visit->code);
                say(visit, SK_WORK_CLAIM, "boss", "");
                say(visit, SK_WORK_COMPLETE, "boss", ",\"outcome\":\"completed\"");
                memcpy(looked_at[looked_at_count++], visit->key, sizeof(visit->key));
        }
}

static void come_to_an_end(void) {
        looked_at_count = 0;
        do {
                await_settled();
                coordinate();
        } while (told.closed < CALLS);
}

/* ---- the count ---- */

static unsigned seen_times(const effects_seen *seen, unsigned count, const visit_told *visit) {
        for (unsigned i = 0; i < count; i++)
                if (strcmp(seen[i].key, visit->key) == 0)
                        return seen[i].count;
        return 0;
}

/* The register says by itself what is in it. */
static unsigned register_times(const visit_told *visit) {
        char path[2 * FOLDER_PATH_MAX];
        char line[512];
        unsigned count = 0;

        (void)snprintf(path, sizeof(path), "%s/shop/register.csv", f.chain_dir);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof(line), file) != NULL)
                count += strncmp(line + 1, visit->key, strlen(visit->key)) == 0 && line[1 + strlen(visit->key)] == '"'
                                 ? 1
                                 : 0;
        (void)fclose(file);
        return count;
}

static void check_visit(const visit_told *visit, unsigned times) {
        bool is_once = visit->kind->terms == ONCE;

        if (is_once && times > 1)
                fail_msg("%s (%s) may be had once, and was seen %u times", visit->key, visit->kind->facility, times);
        if (is_once && visit->begun > 1)
                fail_msg("%s (%s) may be had once, and was begun %u times", visit->key, visit->kind->facility,
                         visit->begun);
        if ((!is_once || visit->is_done) && times == 0)
                fail_msg("%s (%s) was seen by nobody", visit->key, visit->kind->facility);
        if (!is_once && !visit->is_done)
                fail_msg("%s (%s) was not completed by its %s", visit->key, visit->kind->facility, visit->kind->how);
        if (strcmp(visit->kind->path, "slip") == 0 && visit->is_done)
                fail_msg("%s was answered too late, and is done", visit->key);
        if (strcmp(visit->kind->how, "register") == 0)
                assert_int_equal(times, 1);
}

static void check_keys(unsigned kills) {
        static effects_seen seen[EFFECTS_KEYS_MAX];
        unsigned count = effects_world_keys(&world, seen);
        unsigned repeated = 0;
        unsigned known = 0;

        for (unsigned i = 0; i < count; i++) {
                if (!seen[i].is_same)
                        fail_msg("%s did not always come with the same content", seen[i].key);
                repeated += seen[i].count > 1 ? 1 : 0;
        }
        for (unsigned i = 0; i < told.visit_count; i++) {
                const visit_told *visit = &told.visits[i];
                bool is_registered = strcmp(visit->kind->how, "register") == 0;
                if (visit->team != visit->kind->team)
                        continue; /* delegated */
                unsigned times = is_registered ? register_times(visit) : seen_times(seen, count, visit);
                known += !is_registered && times > 0 ? 1 : 0;
                check_visit(visit, times);
        }
        assert_int_equal(known, count); /* nothing was done that no link knows of */
        print_message("note: %u calls, %u blows, %u runners and plug-ins gone; %u keys seen, %u of them "
                      "again; the coordinator had to look at %u\n",
                      CALLS, kills, tools_killed, count, repeated, looked_at_count);
}

static void check_log(void) {
        unsigned delegated = 0;

        for (unsigned i = 0; i < CALLS; i++)
                delegated += effects_kind_of_call(i)->team == PRINTERS ? 1 : 0;
        const unsigned calls[TEAMS] = {CALLS, CALLS, delegated};
        for (unsigned i = 0; i < TEAMS; i++) {
                topic_check_journal(f.tool, own_topic(i, "journal"), calls[i]);
                const topic_tally events = {own_topic(i, "events"), NULL,
                                            i == OFFICE ? "event.delegated" : "event.opened", "event.closed", calls[i]};
                (void)topic_check(f.tool, &events);
        }
}

/* ---- the test ---- */

static void test_effects_are_had_as_often_as_they_may_whatever_is_killed(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        const char *all[] = {f.chain_dir, f.states[OFFICE], f.states[SHOP], f.states[PRINTERS], world.plugins, NULL};

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        chance = sk_random_make(seed);
        kafka_links_chain(&f, "effects", "effectskilled", "");
        effects_world_start(&world, &f.folder);
        effects_routines_write(&world, f.chain_dir);
        for (unsigned i = 0; i < TEAMS; i++) {
                (void)kafka_links_start(&f, effects_teams[i], "a", NULL);
                starts[i] = 1;
        }
        unsigned kills = raise_and_kill(f.is_local ? 48 : 24);
        come_to_an_end();
        for (unsigned i = 0; i < TEAMS; i++)
                link_await(&f.links[i], "\"ready\"", starts[i]);
        kafka_links_stop(&f);
        effects_await_none(all);
        told_read();
        check_keys(kills);
        check_dead_letters();
        check_log();
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        effects_world_stop(&world);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_either(&f);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_effects_are_had_as_often_as_they_may_whatever_is_killed, end_of_test),
        };

        return cmocka_run_group_tests_name("effects_kill", tests, setup, teardown);
}
