#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "chaos/chaos.h"
#include "kit/alloc.h"
#include "kit/map.h"
#include "kit/when.h"
#include "link/journal.h"
#ifdef SK_HAVE_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif

/*
 * The journals from their beginning: marks and time only go forward (rules T3, O4), each planted stub has exactly one
 * tombstone, and where the marks end the group's offsets are the same.
 */

typedef struct journal {
        const char *team;
        int32_t partition;
        int64_t now_us;
        sk_map *nexts;      /* int64_t by the inbound topic's name */
        sk_map *tombstones; /* by key, of those that were planted */
        unsigned planted;
} journal;

static int64_t next_of(sk_slice payload) {
        uint64_t next = 0;

        for (size_t i = payload.len; i > 0; i--)
                next = next << 8 | (uint8_t)payload.at[i - 1];
        return (int64_t)next;
}

static void take_now(journal *j, sk_slice payload) {
        sk_mark mark;

        assert_int_equal(sk_mark_decode(payload, &mark), SK_OK);
        if (mark.now_us < j->now_us)
                fail_msg("%s, partition %d: time goes back", j->team, (int)j->partition);
        j->now_us = mark.now_us;
}

static void take_next(journal *j, sk_slice topic, sk_slice payload) {
        int64_t *last = sk_map_get(j->nexts, topic);
        int64_t next = next_of(payload);

        if (last == NULL) {
                last = sk_alloc_zero(1, sizeof(*last));
                assert_int_equal(sk_map_put(j->nexts, topic, last, NULL), SK_OK);
        }
        if (next < *last)
                fail_msg("%s, partition %d: the mark of %.*s goes from %lld back to %lld", j->team, (int)j->partition,
                         (int)topic.len, topic.at, (long long)*last, (long long)next);
        *last = next;
}

/* What was planted expires soon after it was written, other stubs in days. */
static void take_stub(journal *j, const sk_log_entry *entry, sk_slice payload) {
        sk_stub stub;

        assert_int_equal(sk_stub_decode(payload, &stub), SK_OK);
        j->planted += stub.expires_us - entry->timestamp_us < SK_DAY_US ? 1 : 0;
}

static void take_tombstone(journal *j, const sk_log_entry *entry) {
        void *old = NULL;

        assert_int_equal(sk_map_put(j->tombstones, entry->key, j, &old), SK_OK);
        if (old != NULL)
                fail_msg("%s, partition %d: %.*s has a second tombstone", j->team, (int)j->partition,
                         (int)entry->key.len, entry->key.at);
}

static bool journal_one(void *self, const sk_log_entry *entry) {
        journal *j = self;
        sk_journal_place place;
        sk_journal_kind kind;
        sk_slice name;
        sk_slice payload;
        sk_id id;

        assert_int_equal(sk_journal_key_parse(entry->key, &place, &name, &id), SK_OK);
        if (!sk_slice_there(entry->value)) {
                if (place == SK_KEY_CALL || place == SK_KEY_ASK)
                        take_tombstone(j, entry);
                return true;
        }
        assert_int_equal(sk_journal_unwrap(entry->key, entry->value, &kind, &payload), SK_OK);
        if (kind == SK_JOURNAL_MARK)
                take_now(j, payload);
        else if (kind == SK_JOURNAL_OFFSET)
                take_next(j, name, payload);
        else if (kind == SK_JOURNAL_STUB)
                take_stub(j, entry, payload);
        return true;
}

#ifdef SK_HAVE_RDKAFKA

static rd_kafka_t *group_open(const chaos *c, const char *team) {
        char reason[256];
        char group[128];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)snprintf(group, sizeof(group), "%s.%s", c->links.chain, team);
        assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", c->links.cluster.brokers, reason, sizeof(reason)),
                         RD_KAFKA_CONF_OK);
        assert_int_equal(rd_kafka_conf_set(conf, "group.id", group, reason, sizeof(reason)), RD_KAFKA_CONF_OK);
        rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
        assert_non_null(client);
        return client;
}

/* Rule T3: the same offsets in the journal and with the group. */
static void check_group(rd_kafka_t *client, const journal *j) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);
        size_t position = 0;
        sk_slice topic;
        void *next;

        while (sk_map_next(j->nexts, &position, &topic, &next)) {
                char name[256];
                (void)snprintf(name, sizeof(name), "%.*s", (int)topic.len, topic.at);
                rd_kafka_topic_partition_list_add(list, name, j->partition)->opaque = next;
        }
        assert_int_equal(rd_kafka_committed(client, list, 60000), RD_KAFKA_RESP_ERR_NO_ERROR);
        for (int i = 0; i < list->cnt; i++) {
                const rd_kafka_topic_partition_t *entry = &list->elems[i];
                const int64_t *marked = entry->opaque;
                if (entry->offset != *marked)
                        fail_msg("%s, partition %d: the mark of %s is %lld, the group's offset %lld", j->team,
                                 (int)j->partition, entry->topic, (long long)*marked, (long long)entry->offset);
        }
        rd_kafka_topic_partition_list_destroy(list);
}

static void journal_free(journal *j) {
        size_t position = 0;
        sk_slice key;
        void *value;

        while (sk_map_next(j->nexts, &position, &key, &value))
                sk_free(value);
        sk_map_free(j->nexts);
        sk_map_free(j->tombstones);
}

static void check_team(chaos *c, const char *team) {
        char topic[160];
        unsigned planted = 0;
        size_t tombstones = 0;
        rd_kafka_t *client = group_open(c, team);

        (void)snprintf(topic, sizeof(topic), "%s.%s.journal", c->links.chain, team);
        for (int32_t p = 0; p < CHAOS_PARTITIONS; p++) {
                journal j = {.team = team, .partition = p, .nexts = sk_map_new(), .tombstones = sk_map_new()};
                sk_log_read read = {.topic = sk_slice_of(topic), .partition = p};
                if (sk_log_tool_read(c->links.tool, &read, journal_one, &j, NULL) != SK_OK)
                        fail_msg("%s: %s", topic, sk_log_tool_why(c->links.tool));
                check_group(client, &j);
                planted += j.planted;
                tombstones += sk_map_count(j.tombstones);
                journal_free(&j);
        }
        rd_kafka_destroy(client);
        assert_int_equal(planted, c->timers);
        assert_int_equal(tombstones, c->timers);
}

void chaos_marks_check(chaos *c) {
        for (unsigned team = 0; team < CHAOS_TEAMS; team++)
                check_team(c, chaos_teams[team]);
        chaos_say(c, "%u timers of each team, each done once; marks only go forward and are the group's offsets",
                  c->timers);
}

#else

void chaos_marks_check(chaos *c) {
        (void)c;
}

#endif
