#include "support/topic_count.h"

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

/* What is known of one call on one topic: the numbers of its messages must be 1, 2, 3, ... */
typedef struct tally {
        unsigned last;
        unsigned firsts; /* raise or opened */
        unsigned finals; /* closed */
} tally;

typedef struct counting {
        sk_map *calls;
        const topic_tally *wanted;
        bool is_one; /* the first message is the final one as well */
} counting;

bool record_is(const sk_log_entry *entry, const char *name) {
        char type[64];

        (void)snprintf(type, sizeof(type), "schakel.%s", name);
        return sk_slice_is(sk_headers_find(entry->headers, "ce_type"), type);
}

static tally *tally_of(sk_map *calls, sk_slice key) {
        tally *found = sk_map_get(calls, key);

        if (found == NULL) {
                found = sk_alloc_zero(1, sizeof(*found));
                assert_non_null(found);
                assert_int_equal(sk_map_put(calls, key, found, NULL), SK_OK);
        }
        return found;
}

/* The number in an id follows the call's id and a letter; 0: it belongs to no order. */
static unsigned number_of(const sk_log_entry *entry, const char *header) {
        char text[256];
        sk_slice value = sk_headers_find(entry->headers, header == NULL ? "ce_id" : header);
        size_t start = header == NULL ? SK_ID_TEXT + strlen("/e/") : 0;

        assert_true(value.len > start && value.len < sizeof(text));
        (void)snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
        return (unsigned)strtoul(text + start, NULL, 10);
}

static bool tally_one(void *self, const sk_log_entry *entry) {
        counting *all = self;
        const topic_tally *wanted = all->wanted;
        unsigned number = number_of(entry, wanted->number);

        if (number == 0)
                return true;
        tally *call = tally_of(all->calls, sk_headers_find(entry->headers, "ce_callid"));
        if (number != call->last + 1)
                fail_msg("%s, call %.*s: number %u follows %u", wanted->topic, (int)entry->key.len, entry->key.at,
                         number, call->last);
        if (call->finals > 0 && !all->is_one)
                fail_msg("%s, call %.*s: number %u stands behind %s", wanted->topic, (int)entry->key.len, entry->key.at,
                         number, wanted->final);
        call->last = number;
        call->firsts += record_is(entry, wanted->first) ? 1 : 0;
        call->finals += record_is(entry, wanted->final) ? 1 : 0;
        return true;
}

unsigned topic_check(sk_log_tool *tool, const topic_tally *wanted) {
        counting all = {.calls = sk_map_new(), .wanted = wanted, .is_one = strcmp(wanted->first, wanted->final) == 0};
        size_t position = 0;
        sk_slice key;
        void *value;

        records_read(tool, wanted->topic, tally_one, &all);
        while (sk_map_next(all.calls, &position, &key, &value)) {
                const tally *call = value;
                if (call->firsts != 1 || call->finals != 1)
                        fail_msg("%s, call %.*s: %u times %s, %u times %s", wanted->topic, (int)key.len, key.at,
                                 call->firsts, wanted->first, call->finals, wanted->final);
                sk_free(value);
        }
        unsigned count = (unsigned)sk_map_count(all.calls);
        sk_map_free(all.calls);
        if (wanted->calls != 0 && count != wanted->calls)
                fail_msg("%s tells of %u calls, expected %u", wanted->topic, count, wanted->calls);
        return count;
}

/* ---- the rest ---- */

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
        else if (kind != SK_JOURNAL_MARK && kind != SK_JOURNAL_OFFSET && kind != SK_JOURNAL_DURATIONS)
                count->others++;
        return true;
}

void topic_check_journal(sk_log_tool *tool, const char *topic, unsigned stubs) {
        journal_count count = {0};

        if (sk_log_tool_latest(tool, sk_slice_of(topic), SK_NONE, journal_one, &count) != SK_OK)
                fail_msg("%s: %s", topic, sk_log_tool_why(tool));
        assert_int_equal(count.others, 0);
        assert_int_equal(count.stubs, stubs);
}

static bool outcome_one(void *self, const sk_log_entry *entry) {
        sk_map *works = self;

        if (record_is(entry, "event.outcome")) {
                sk_slice work = sk_json_member_string(entry->value, "work", NULL);
                assert_true(sk_slice_there(work));
                assert_true(sk_slice_is(sk_json_member_string(entry->value, "status", NULL), "done"));
                void *old = NULL;
                assert_int_equal(sk_map_put(works, work, works, &old), SK_OK);
                assert_null(old);
        }
        return true;
}

void topic_check_outcomes(sk_log_tool *tool, const char *topic, unsigned count) {
        sk_map *works = sk_map_new();

        records_read(tool, topic, outcome_one, works);
        assert_int_equal(sk_map_count(works), count);
        sk_map_free(works);
}

static bool any_one(void *self, const sk_log_entry *entry) {
        print_message("there is %.*s, of %.*s\n", (int)entry->key.len, entry->key.at,
                      (int)sk_headers_find(entry->headers, "ce_type").len,
                      sk_headers_find(entry->headers, "ce_type").at);
        ++*(unsigned *)self;
        return true;
}

void topic_check_empty(sk_log_tool *tool, const char *topic) {
        unsigned count = 0;

        records_read(tool, topic, any_one, &count);
        if (count > 0)
                fail_msg("%s has %u records", topic, count);
}
