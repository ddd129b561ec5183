#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "event/trace.h"
#include "kit/when.h"
#include "log/chain_dir.h"
#include "log/memory_chain.h"

#define START_US (INT64_C(1456704000) * SK_SECOND_US) /* 29 February 2016 */

static sk_edition *edition_of(const char *path) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        assert_int_equal(sk_chain_dir_build(path, findings, &edition), SK_OK);
        sk_findings_free(findings);
        return edition;
}

static size_t team_of(const sk_edition *edition, const char *name) {
        size_t index = 0;
        while (!sk_slice_is(sk_team_name(sk_edition_team_at(edition, index)), name))
                index++;
        return index;
}

/* Somebody of the first team calls the second one. */
static void raise_call(sk_memory_chain *chain, size_t team, const char *source, const char *value) {
        uint8_t random[10] = {1};
        sk_id id = sk_id_of_time(START_US, random);
        char text[SK_ID_TEXT];
        char trace[SK_TRACE_TEXT];
        sk_buf headers = sk_buf_make(8192);
        sk_id_format(&id, text);
        sk_trace_write(&id, &id, 0, trace);
        sk_envelope envelope = {.type = SK_WORK_RAISE,
                                .id = {text, SK_ID_TEXT},
                                .source = sk_slice_of(source),
                                .time_us = START_US,
                                .callid = id,
                                .has_callid = true,
                                .actor = SK_SLICE("somebody"),
                                .traceparent = {trace, sizeof(trace)},
                                .chain_traceparent = {trace, sizeof(trace)}};
        sk_envelope_encode(&envelope, &headers);
        sk_record record = {.key = {text, SK_ID_TEXT}, .headers = sk_buf_slice(&headers), .value = sk_slice_of(value)};
        assert_int_equal(sk_memory_append(sk_memory_chain_broker(chain),
                                          sk_memory_chain_topic(chain, team, SK_TOPIC_WORK), &record),
                         SK_OK);
        sk_buf_free(&headers);
}

static size_t count_open(const sk_memory_chain *chain, size_t team) {
        size_t position = 0;
        size_t count = 0;
        sk_slice head;
        sk_slice data;
        while (sk_memory_chain_walk(chain, team, &position, &head, &data))
                count++;
        return count;
}

static void test_a_call_goes_through_the_chain_at_one_moment(void **state) {
        (void)state;
        sk_edition *edition = edition_of("tests/data/chains/pair");
        sk_memory_chain *chain = sk_memory_chain_new(edition);
        size_t customer = team_of(edition, "customer");
        size_t provider = team_of(edition, "provider");
        sk_record record;
        int64_t next;
        assert_non_null(chain);
        (void)sk_memory_chain_run(chain, START_US);
        assert_false(sk_memory_chain_run(chain, START_US));
        raise_call(chain, customer, "/pair/customer",
                   "{\"to\":\"provider\",\"type\":\"service-request\",\"facility\":\"facility\",\"need\":\"x\"}");
        assert_true(sk_memory_chain_run(chain, START_US + SK_HOUR_US));
        assert_false(sk_memory_chain_run(chain, START_US + SK_HOUR_US));
        assert_int_equal(count_open(chain, customer) + count_open(chain, provider), 0);
        assert_int_equal(sk_memory_read(sk_memory_chain_topic(chain, provider, SK_TOPIC_ARCHIVE), 0, 0,
                                        SK_READ_COMMITTED, &record, &next),
                         SK_OK);
        assert_int_equal(record.timestamp_us, START_US + SK_HOUR_US);
        assert_true(sk_memory_chain_wake_us(chain) > START_US + SK_HOUR_US);
        sk_memory_chain_free(chain);
        sk_edition_release(edition);
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_call_goes_through_the_chain_at_one_moment)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
