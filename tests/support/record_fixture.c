#include "support/record_fixture.h"

#include <assert.h>
#include <string.h>

#include "kit/hash.h"

#define RUN_MAX (1024 * 1024)

static const fixture_header common_headers[] = {
        {"ce_specversion", "1.0"},
        {"content-type", "application/json"},
        {"ce_callid", FIXTURE_CALLID},
        {"ce_time", "2026-11-21T14:22:51.000000Z"},
};

static const fixture_header between_headers[] = {
        {"ce_seqno", "1"},
        {"ce_replykey", FIXTURE_REPLYKEY},
        {"ce_rootid", FIXTURE_REPLYKEY},
        {"ce_hops", "0"},
        {"ce_agreement", FIXTURE_AGREEMENT},
        {"traceparent", "00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b7-01"},
        {"ce_traceparent", "00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b8-01"},
};

static const fixture_header calls_headers[] = {
        {"ce_type", "schakel.call.raise"},
        {"ce_dataschema", "schakel:call.raise/1.0"},
        {"ce_id", FIXTURE_CALLID "/c/1"},
        {"ce_source", "/ssc/finance"},
};

static const fixture_header feedback_headers[] = {
        {"ce_type", "schakel.feedback.progress"},
        {"ce_dataschema", "schakel:feedback.progress/1.0"},
        {"ce_id", FIXTURE_CALLID "/f/1"},
        {"ce_source", "/ssc/desk"},
};

static const fixture_header work_headers[] = {
        {"ce_type", "schakel.work.claim"},
        {"ce_dataschema", "schakel:work.claim/1.0"},
        {"ce_id", FIXTURE_WORKID},
        {"ce_source", "/ssc/desk"},
        {"ce_actor", "anna"},
};

static const struct {
        const char *name;
        const char *owner;
        const char *peer;
        const char *key;
} topics[] = {
        [SK_TOPIC_CALLS] = {"ssc.desk.calls.finance", "desk", "finance", FIXTURE_CALLID},
        [SK_TOPIC_FEEDBACK] = {"ssc.finance.feedback.desk", "finance", "desk", FIXTURE_REPLYKEY},
        [SK_TOPIC_WORK] = {"ssc.desk.work", "desk", NULL, FIXTURE_CALLID},
};

static void set_all(record_fixture *fixture, const fixture_header *headers, size_t count) {
        for (size_t i = 0; i < count; i++)
                record_fixture_set(fixture, headers[i].name, headers[i].value);
}

#define SET_ALL(fixture, headers) set_all(fixture, headers, sizeof(headers) / sizeof((headers)[0]))

static void set_of_kind(record_fixture *fixture, sk_topic_kind kind) {
        SET_ALL(fixture, common_headers);
        if (kind == SK_TOPIC_WORK) {
                SET_ALL(fixture, work_headers);
                return;
        }
        SET_ALL(fixture, between_headers);
        if (kind == SK_TOPIC_CALLS)
                SET_ALL(fixture, calls_headers);
        else
                SET_ALL(fixture, feedback_headers);
}

record_fixture record_fixture_make(sk_topic_kind kind) {
        assert(kind <= SK_TOPIC_WORK);
        sk_slice key = sk_slice_of(topics[kind].key);
        record_fixture fixture = {
                .topic = {.name = sk_slice_of(topics[kind].name),
                          .kind = kind,
                          .is_inbound = true,
                          .owner = sk_slice_of(topics[kind].owner),
                          .peer = sk_slice_of(topics[kind].peer)},
                .run = sk_buf_make(RUN_MAX),
                .record = {.partition = sk_hash_partition(key, FIXTURE_PARTITIONS),
                           .key = key,
                           .value = SK_SLICE("{\"text\":\"The lift is stuck.\"}")},
        };
        set_of_kind(&fixture, kind);
        return fixture;
}

void record_fixture_free(record_fixture *fixture) {
        sk_buf_free(&fixture->run);
}

void record_fixture_set(record_fixture *fixture, const char *name, const char *value) {
        size_t at = 0;
        while (fixture->headers[at].name != NULL && strcmp(fixture->headers[at].name, name) != 0) {
                at++;
                assert(at < FIXTURE_HEADERS);
        }
        fixture->headers[at] = (fixture_header){name, value};
}

void record_fixture_build(record_fixture *fixture) {
        sk_buf_clear(&fixture->run);
        for (size_t i = 0; i < FIXTURE_HEADERS && fixture->headers[i].name != NULL; i++) {
                if (fixture->headers[i].value != NULL)
                        sk_headers_add(&fixture->run, fixture->headers[i].name, sk_slice_of(fixture->headers[i].value));
        }
        fixture->record.topic = &fixture->topic;
        fixture->record.headers = sk_buf_slice(&fixture->run);
}
