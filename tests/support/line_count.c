#include "support/line_count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/map.h"
#include "link/journal.h"
#include "support/link_process.h"

/* Name of a topic; good until the next call but three. */
static const char *topic_of(const char *chain, const char *rest) {
        static char names[4][128];
        static unsigned turn;
        char *name = names[turn++ % 4];

        (void)snprintf(name, sizeof(names[0]), "%.40s.%.80s", chain, rest);
        return name;
}

static const char *team_topic(const char *chain, const char *team, const char *kind) {
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "%.40s.%.20s", team, kind);
        return topic_of(chain, rest);
}

const char *const line_teams[LINE_TEAMS] = {"customer", "desk", "supplier"};

/* What is known of one call on one topic: the numbers of its messages must be 1, 2, 3, ... */
typedef struct tally {
        unsigned last;
        unsigned firsts; /* raise or opened */
        unsigned finals; /* closed */
        bool is_final;   /* and nothing after it */
} tally;

typedef struct counting {
        sk_map *calls;
        const char *topic;
        const char *number; /* header that numbers the messages; NULL: the end of ce_id */
        const char *first;
        const char *final;
} counting;

static tally *tally_of(sk_map *calls, sk_slice key) {
        tally *found = sk_map_get(calls, key);

        if (found == NULL) {
                found = sk_alloc_zero(1, sizeof(*found));
                assert_non_null(found);
                assert_int_equal(sk_map_put(calls, key, found, NULL), SK_OK);
        }
        return found;
}

static unsigned number_of(const sk_log_entry *entry, const char *header) {
        char text[128];
        sk_slice value = sk_headers_find(entry->headers, header == NULL ? "ce_id" : header);

        assert_true(value.len > 0 && value.len < sizeof(text));
        (void)snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
        const char *start = header == NULL ? strrchr(text, '/') + 1 : text;
        return (unsigned)strtoul(start, NULL, 10);
}

static bool is_type(const sk_log_entry *entry, const char *name) {
        char type[64];

        (void)snprintf(type, sizeof(type), "schakel.%s", name);
        return sk_slice_is(sk_headers_find(entry->headers, "ce_type"), type);
}

static bool tally_one(void *self, const sk_log_entry *entry) {
        counting *all = self;
        tally *call = tally_of(all->calls, sk_headers_find(entry->headers, "ce_callid"));
        unsigned number = number_of(entry, all->number);

        if (number != call->last + 1)
                fail_msg("%s, call %.*s: number %u follows %u", all->topic, (int)entry->key.len, entry->key.at, number,
                         call->last);
        call->last = number;
        call->firsts += is_type(entry, all->first) ? 1 : 0;
        if (is_type(entry, all->final)) {
                call->finals++;
                call->is_final = true;
        }
        return true;
}

/* Every call once from first to last, none more and none less than expected. */
static void tally_topic(sk_log_tool *tool, const char *topic, const char *number, const char *first, const char *final,
                        unsigned calls) {
        counting all = {.calls = sk_map_new(), .topic = topic, .number = number, .first = first, .final = final};
        size_t position = 0;
        sk_slice key;
        void *value;

        records_read(tool, topic, tally_one, &all);
        while (sk_map_next(all.calls, &position, &key, &value)) {
                const tally *call = value;
                if (call->firsts != 1 || call->finals > 1 || (strcmp(first, final) != 0 && call->finals != 1))
                        fail_msg("%s, call %.*s: %u times %s, %u times %s", topic, (int)key.len, key.at, call->firsts,
                                 first, call->finals, final);
                sk_free(value);
        }
        assert_int_equal(sk_map_count(all.calls), calls);
        sk_map_free(all.calls);
}

typedef struct journal_count {
        unsigned stubs;
        unsigned others;
} journal_count;

static bool journal_one(void *self, const sk_log_entry *entry) {
        journal_count *count = self;
        sk_journal_kind kind;
        sk_slice payload;

        assert_int_equal(sk_journal_unwrap(entry->key, entry->value, &kind, &payload), SK_OK);
        if (kind == SK_JOURNAL_STUB)
                count->stubs++;
        else if (kind != SK_JOURNAL_MARK && kind != SK_JOURNAL_OFFSET)
                count->others++;
        return true;
}

static void check_journal(sk_log_tool *tool, const char *topic, unsigned stubs) {
        journal_count count = {0};

        assert_int_equal(sk_log_tool_latest(tool, sk_slice_of(topic), SK_NONE, journal_one, &count), SK_OK);
        assert_int_equal(count.others, 0);
        assert_int_equal(count.stubs, stubs);
}

typedef struct outcome_count {
        sk_map *works;
} outcome_count;

static bool outcome_one(void *self, const sk_log_entry *entry) {
        outcome_count *count = self;

        if (is_type(entry, "event.outcome")) {
                sk_slice work = sk_json_member_string(entry->value, "work", NULL);
                assert_true(sk_slice_there(work));
                assert_true(sk_slice_is(sk_json_member_string(entry->value, "status", NULL), "done"));
                void *old = NULL;
                assert_int_equal(sk_map_put(count->works, work, count, &old), SK_OK);
                assert_null(old);
        }
        return true;
}

static void check_outcomes(sk_log_tool *tool, const char *chain, unsigned calls) {
        outcome_count count = {.works = sk_map_new()};

        records_read(tool, topic_of(chain, "customer.events"), outcome_one, &count);
        assert_int_equal(sk_map_count(count.works), calls);
        sk_map_free(count.works);
}

static bool any_one(void *self, const sk_log_entry *entry) {
        (void)entry;
        ++*(unsigned *)self;
        return true;
}

static void check_empty(sk_log_tool *tool, const char *topic) {
        unsigned count = 0;

        records_read(tool, topic, any_one, &count);
        assert_int_equal(count, 0);
}

static void check_completed(sk_log_tool *tool, const char *chain, unsigned calls) {
        assert_int_equal(records_count(tool, topic_of(chain, "customer.feedback.desk"), "feedback.refused"), 0);
        assert_int_equal(records_count(tool, topic_of(chain, "desk.feedback.supplier"), "feedback.refused"), 0);
        assert_int_equal(records_count(tool, topic_of(chain, "desk.archive"), "archive.call"), calls);
        assert_int_equal(records_count(tool, topic_of(chain, "supplier.archive"), "archive.call"), calls);
}

void line_await(sk_log_tool *tool, const char *chain, unsigned calls) {
        records_await(tool, topic_of(chain, "customer.feedback.desk"), "feedback.closed", calls);
        records_await(tool, topic_of(chain, "customer.events"), "event.closed", calls);
}

void line_check(sk_log_tool *tool, const char *chain, unsigned calls) {
        for (size_t i = 0; i < LINE_TEAMS; i++) {
                check_empty(tool, team_topic(chain, line_teams[i], "deadletter"));
                tally_topic(tool, team_topic(chain, line_teams[i], "events"), NULL,
                            i == 0 ? "event.delegated" : "event.opened", "event.closed", calls);
                check_journal(tool, team_topic(chain, line_teams[i], "journal"), calls);
        }
        tally_topic(tool, topic_of(chain, "desk.calls.customer"), "ce_seqno", "call.raise", "call.raise", calls);
        tally_topic(tool, topic_of(chain, "supplier.calls.desk"), "ce_seqno", "call.raise", "call.raise", calls);
        tally_topic(tool, topic_of(chain, "customer.feedback.desk"), "ce_seqno", "feedback.accepted", "feedback.closed",
                    calls);
        tally_topic(tool, topic_of(chain, "desk.feedback.supplier"), "ce_seqno", "feedback.accepted", "feedback.closed",
                    calls);
        check_outcomes(tool, chain, calls);
        check_completed(tool, chain, calls);
}
