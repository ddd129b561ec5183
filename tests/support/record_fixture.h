#ifndef SK_TESTS_RECORD_FIXTURE_H
#define SK_TESTS_RECORD_FIXTURE_H

#include "event/record.h"

/*
 * Records as they should be, one for each topic that a link reads, for tests to spoil: headers can be replaced,
 * left out and added before the record is built. Chain `ssc`, customer `finance`, provider `desk`.
 */

#define FIXTURE_CHAIN SK_SLICE("ssc")
#define FIXTURE_PARTITIONS 4
#define FIXTURE_CALLID "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f"
#define FIXTURE_REPLYKEY "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6"
#define FIXTURE_WORKID "0198c5f2-7b1b-7001-8002-000000000003"
#define FIXTURE_AGREEMENT "00112233445566778899aabbccddeeff"
#define FIXTURE_HEADERS 16

typedef struct fixture_header {
        const char *name;
        const char *value; /**< NULL: left out */
} fixture_header;

typedef struct record_fixture {
        fixture_header headers[FIXTURE_HEADERS];
        sk_topic topic;
        sk_buf run; /**< of the headers; more may be added to it */
        sk_record record;
} record_fixture;

/** A right record for calls, feedback or work. */
record_fixture record_fixture_make(sk_topic_kind kind);
void record_fixture_free(record_fixture *fixture);

/** Gives a header another value, NULL for none; one that is not there is added. */
void record_fixture_set(record_fixture *fixture, const char *name, const char *value);

/** Builds the headers anew from what was set. */
void record_fixture_build(record_fixture *fixture);

#endif
