#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos/chaos.h"
#include "kit/json_scan.h"
#include "kit/map.h"
#include "link/journal.h"
#include "support/topic_count.h"

/* What is there in the end, read committed, against what was raised. */

#define LOOK_MS 500
#define PATIENCE_MS 300000 /* without anything happening */

/* ---- until the end ---- */

typedef struct tail {
        const char *topic;
        const char *type; /* NULL: tombstones */
        int64_t next[CHAOS_PARTITIONS];
        unsigned found;
} tail;

/* A tombstone of a call. */
static bool is_forgotten(const sk_log_entry *entry) {
        sk_journal_place place;
        sk_slice name;
        sk_id id;

        assert_int_equal(sk_journal_key_parse(entry->key, &place, &name, &id), SK_OK);
        return !sk_slice_there(entry->value) && (place == SK_KEY_CALL || place == SK_KEY_ASK);
}

static bool tail_one(void *self, const sk_log_entry *entry) {
        tail *t = self;

        t->found += (t->type == NULL ? is_forgotten(entry) : record_is(entry, t->type)) ? 1 : 0;
        return true;
}

/* Brokers may still be finding together; whoever only waits asks again. */
static void tail_read(const chaos *c, tail *t) {
        for (int32_t p = 0; p < CHAOS_PARTITIONS; p++) {
                sk_log_read read = {.topic = sk_slice_of(t->topic), .partition = p, .from_offset = t->next[p]};
                if (sk_log_tool_read(c->links.tool, &read, tail_one, t, &t->next[p]) != SK_OK)
                        chaos_say(c, "%s cannot be read now: %s", t->topic, sk_log_tool_why(c->links.tool));
        }
}

static const char *team_topic(const chaos *c, unsigned team, const char *kind) {
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "%s.%s", chaos_teams[team], kind);
        return strdup(kafka_links_topic(&c->links, rest));
}

#define TAILS (2 + CHAOS_TEAMS)

static void tails_make(const chaos *c, tail tails[TAILS]) {
        tails[0] = (tail){.topic = team_topic(c, 0, "feedback.desk"), .type = "feedback.closed"};
        tails[1] = (tail){.topic = team_topic(c, 0, "events"), .type = "event.closed"};
        for (unsigned team = 0; team < CHAOS_TEAMS; team++)
                tails[2 + team] = (tail){.topic = team_topic(c, team, "journal")};
}

static void tails_free(tail tails[TAILS]) {
        for (size_t i = 0; i < TAILS; i++)
                free((void *)(uintptr_t)tails[i].topic);
}

static unsigned missing(const chaos *c, const tail tails[TAILS]) {
        unsigned raised = atomic_load(&c->raised);
        unsigned count = 0;

        for (size_t i = 0; i < TAILS; i++) {
                unsigned wanted = i < 2 ? raised : c->timers;
                count += tails[i].found < wanted ? wanted - tails[i].found : 0;
        }
        return count;
}

static void give_up(const tail tails[TAILS]) {
        for (size_t i = 0; i < TAILS; i++)
                print_message("%s: %u of %s\n", tails[i].topic, tails[i].found,
                              tails[i].type == NULL ? "tombstones" : tails[i].type);
        fail_msg("nothing has happened for a long time");
}

void chaos_await_end(chaos *c) {
        tail tails[TAILS];
        unsigned last = UINT_MAX;
        int64_t since_ms = chaos_clock_ms();

        tails_make(c, tails);
        for (;;) {
                chaos_interrupted_check(c);
                chaos_instances_look(c, chaos_clock_ms());
                chaos_brokers_look(c);
                for (size_t i = 0; i < TAILS; i++)
                        tail_read(c, &tails[i]);
                unsigned left = missing(c, tails);
                if (left == 0)
                        break;
                if (left != last)
                        since_ms = chaos_clock_ms();
                if (chaos_clock_ms() - since_ms > chaos_paced(c, PATIENCE_MS))
                        give_up(tails);
                last = left;
                (void)poll(NULL, 0, LOOK_MS);
        }
        tails_free(tails);
}

/* ---- calls ---- */

typedef struct expected {
        const char *rest; /* of the topic's name */
        const char *number;
        const char *first;
        const char *final;
        unsigned calls;
} expected;

static void check_topics(chaos *c, const expected *list, size_t count) {
        for (size_t i = 0; i < count; i++) {
                topic_tally tally = {.topic = kafka_links_topic(&c->links, list[i].rest),
                                     .number = list[i].number,
                                     .first = list[i].first,
                                     .final = list[i].final,
                                     .calls = list[i].calls};
                (void)topic_check(c->links.tool, &tally);
        }
}

/* Closed exactly once on both sides; each sequence number once. */
static void check_calls(chaos *c, unsigned all, unsigned parts, unsigned of_stock) {
        const expected list[] = {
                {"customer.events", NULL, "event.delegated", "event.closed", all},
                {"desk.events", NULL, "event.opened", "event.closed", all},
                {"bench.events", NULL, "event.opened", "event.closed", all},
                {"stock.events", NULL, "event.opened", "event.closed", of_stock},
                {"desk.calls.customer", "ce_seqno", "call.raise", "call.raise", all},
                {"bench.calls.desk", "ce_seqno", "call.raise", "call.raise", all},
                {"stock.calls.desk", "ce_seqno", "call.raise", "call.raise", parts},
                {"stock.calls.bench", "ce_seqno", "call.raise", "call.raise", all},
                {"customer.feedback.desk", "ce_seqno", "feedback.accepted", "feedback.closed", all},
                {"desk.feedback.bench", "ce_seqno", "feedback.accepted", "feedback.closed", all},
                {"desk.feedback.stock", "ce_seqno", "feedback.accepted", "feedback.closed", parts},
                {"bench.feedback.stock", "ce_seqno", "feedback.accepted", "feedback.closed", all},
        };

        check_topics(c, list, sizeof(list) / sizeof(list[0]));
}

static void check_left_over(chaos *c, unsigned all, unsigned of_stock) {
        for (unsigned team = 0; team < CHAOS_TEAMS; team++) {
                char rest[64];
                (void)snprintf(rest, sizeof(rest), "%s.deadletter", chaos_teams[team]);
                topic_check_empty(c->links.tool, kafka_links_topic(&c->links, rest));
                (void)snprintf(rest, sizeof(rest), "%s.journal", chaos_teams[team]);
                topic_check_journal(c->links.tool, kafka_links_topic(&c->links, rest), team == 3 ? of_stock : all);
                (void)snprintf(rest, sizeof(rest), "%s.archive", chaos_teams[team]);
                assert_int_equal(records_count(c->links.tool, kafka_links_topic(&c->links, rest), "archive.call"),
                                 team == 3 ? of_stock : all);
        }
}

/* ---- each input once, each trigger one feedback ---- */

typedef struct team_count {
        sk_map *inputs; /* by id: how often it was read, then how often it is named as a cause */
        sk_map *frames; /* open crossings, by call and frame */
        sk_arena *arena;
        const char *team;
        unsigned records;
        unsigned again; /* records whose id was there before */
        unsigned duplicates;
        unsigned triggers;
} team_count;

static bool input_one(void *self, const sk_log_entry *entry) {
        static unsigned not_named;
        static unsigned named;
        team_count *count = self;
        void *old = NULL;

        assert_true(&not_named != &named);
        assert_int_equal(sk_map_put(count->inputs, sk_headers_find(entry->headers, "ce_id"), &not_named, &old), SK_OK);
        count->records++;
        count->again += old != NULL ? 1 : 0;
        return true;
}

static void cross(team_count *count, const sk_log_entry *entry, bool is_down) {
        char key[80];
        int64_t frame = 0;
        sk_slice call = sk_headers_find(entry->headers, "ce_callid");

        assert_true(sk_json_member_int(entry->value, "frame", 1, 100, &frame));
        (void)snprintf(key, sizeof(key), "%.*s/%d", (int)call.len, call.at, (int)frame);
        if (is_down) {
                void *old = NULL;
                assert_int_equal(sk_map_put(count->frames, sk_slice_of(key), count, &old), SK_OK);
                if (old != NULL)
                        fail_msg("%s: %s is triggered twice", count->team, key);
                count->triggers++;
        } else if (sk_map_take(count->frames, sk_slice_of(key)) == NULL) {
                fail_msg("%s: %s is fed back without a trigger, or twice", count->team, key);
        }
}

static bool event_one(void *self, const sk_log_entry *entry) {
        static const char *const wrong[] = {"event.gap", "event.unknown", "event.refused", "event.late"};
        team_count *count = self;

        sk_arena_reset(count->arena);
        sk_slice cause = sk_json_member_string(entry->value, "cause", count->arena);
        if (cause.len > 0)
                (void)sk_map_take(count->inputs, cause);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                if (record_is(entry, wrong[i]))
                        fail_msg("%s: %s, %.*s", count->team, wrong[i], (int)entry->value.len, entry->value.at);
        }
        count->duplicates += record_is(entry, "event.duplicate") ? 1 : 0;
        if (record_is(entry, "event.triggered"))
                cross(count, entry, true);
        else if (record_is(entry, "event.fed-back"))
                cross(count, entry, false);
        return true;
}

static void read_inputs(chaos *c, team_count *count, unsigned team) {
        static const char *const inbound[CHAOS_TEAMS][3] = {{"work", "feedback.desk", NULL},
                                                            {"calls.customer", "feedback.bench", "feedback.stock"},
                                                            {"calls.desk", "feedback.stock", NULL},
                                                            {"calls.desk", "calls.bench", NULL}};

        for (size_t i = 0; i < 3 && inbound[team][i] != NULL; i++) {
                char rest[64];
                (void)snprintf(rest, sizeof(rest), "%s.%s", chaos_teams[team], inbound[team][i]);
                records_read(c->links.tool, kafka_links_topic(&c->links, rest), input_one, count);
        }
}

/* Every input is the cause of an event; what came twice was seen to. */
static unsigned check_inputs(chaos *c, unsigned team) {
        team_count count = {.inputs = sk_map_new(),
                            .frames = sk_map_new(),
                            .arena = sk_arena_new((size_t)1 << 20),
                            .team = chaos_teams[team]};
        char rest[64];
        size_t position = 0;
        sk_slice id;
        void *value;

        read_inputs(c, &count, team);
        (void)snprintf(rest, sizeof(rest), "%s.events", chaos_teams[team]);
        records_read(c->links.tool, kafka_links_topic(&c->links, rest), event_one, &count);
        if (sk_map_next(count.inputs, &position, &id, &value))
                fail_msg("%s: %zu inputs are named by no event, such as %.*s", count.team, sk_map_count(count.inputs),
                         (int)id.len, id.at);
        assert_int_equal(sk_map_count(count.frames), 0);
        assert_int_equal(count.duplicates, count.again);
        chaos_say(c, "%s: %u inputs, %u of them twice; %u triggers, each fed back", count.team, count.records,
                  count.again, count.triggers);
        sk_map_free(count.inputs);
        sk_map_free(count.frames);
        sk_arena_free(count.arena);
        return count.triggers;
}

void chaos_count(chaos *c) {
        unsigned all = atomic_load(&c->raised);
        unsigned kinds[3];
        unsigned triggers[CHAOS_TEAMS];

        chaos_kinds_of(all, kinds);
        unsigned parts = kinds[0] + kinds[1];
        check_calls(c, all, parts, all + parts);
        check_left_over(c, all, all + parts);
        topic_check_outcomes(c->links.tool, kafka_links_topic(&c->links, "customer.events"), all);
        for (unsigned team = 0; team < CHAOS_TEAMS; team++)
                triggers[team] = check_inputs(c, team);
        /* Of an incident recover triggers operate, or change next door, which triggers operate there. */
        assert_int_equal(triggers[1], kinds[0] + kinds[2]);
        assert_int_equal(triggers[2], kinds[2]);
}
