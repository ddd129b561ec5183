#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/kafka_stats.h"

/* What is taken of the statistics of a consumer, and that nothing else of them matters. */

#define LANES_MAX 8

/* As librdkafka 2.0.2 gives them, with members left out. */
#define BROKER(name, id, source, state, rtt)                                                                         \
        "\"" name "\":{\"name\":\"" name "\",\"nodeid\":" id ",\"nodename\":\"127.0.0.1:9092\",\"source\":\"" source \
        "\",\"state\":\"" state "\",\"stateage\":4990120,\"rtt\":{\"min\":1,\"max\":9," rtt ",\"p99\":9},"           \
        "\"toppars\":{\"t-0\":{\"topic\":\"t\",\"partition\":0}}}"
#define SEED(state) BROKER("127.0.0.1:9092/bootstrap", "-1", "configured", state, "\"avg\":0,\"cnt\":0")
#define NODE(id, state) BROKER("127.0.0.1:9092/" id, id, "learned", state, "\"avg\":71234,\"cnt\":60")
#define GROUP(rtt) BROKER("GroupCoordinator", "1", "logical", "UP", rtt)
#define LANE(p, offset) \
        "\"" p "\":{\"partition\":" p ",\"leader\":1,\"hi_offset\":99,\"ls_offset\":" offset ",\"msgs\":0}"
#define WHOLE(brokers, topics)                                                                              \
        "{\"name\":\"rdkafka#consumer-1\",\"type\":\"consumer\",\"ts\":5016483227792,\"brokers\":{" brokers \
        "},\"topics\":{" topics "},\"cgrp\":{\"state\":\"up\"},\"tx\":0}"
#define TOPIC(name, lanes) "\"" name "\":{\"topic\":\"" name "\",\"age\":9060,\"partitions\":{" lanes "}}"

struct seen {
        char text[256]; /* topic/partition=offset, one after another */
};

static void see(void *self, sk_slice topic, int32_t partition, int64_t stable_offset) {
        struct seen *seen = self;
        size_t len = strlen(seen->text);

        (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%.*s/%d=%lld ", (int)topic.len, topic.at,
                       (int)partition, (long long)stable_offset);
}

static const struct reading {
        const char *json;
        bool is_taken;
        unsigned brokers;
        unsigned brokers_up;
        int64_t round_trip_us;
        const char *lanes;
} readings[] = {
        {WHOLE(SEED("UP") "," NODE("1", "UP") "," GROUP("\"avg\":812,\"cnt\":2"),
               TOPIC("c.desk.work", LANE("0", "7") "," LANE("-1", "-1001") "," LANE("3", "0"))),
         true, 1, 1, 812, "c.desk.work/0=7 c.desk.work/3=0 "},
        {WHOLE(NODE("1", "UP") "," NODE("2", "CONNECT") "," NODE("3", "DOWN"), ""), true, 3, 1, -1, ""},
        /* Nothing was asked lately. */
        {WHOLE(GROUP("\"avg\":0,\"cnt\":0"), ""), true, 0, 0, -1, ""},
        {WHOLE("", TOPIC("a", LANE("0", "-1001")) "," TOPIC("b", LANE("0", "5"))), true, 0, 0, -1, "a/0=-1001 b/0=5 "},
        {"{}", true, 0, 0, -1, ""},
        /* Another version's, or nobody's: what is not as it should be is left out. */
        {"{\"brokers\":[1,2],\"topics\":\"none\"}", true, 0, 0, -1, ""},
        {"{\"brokers\":{\"a\":7,\"b\":{},\"c\":{\"nodeid\":\"1\",\"state\":1}}}", true, 0, 0, -1, ""},
        {"{\"brokers\":{\"a\":{\"nodeid\":99999999999}}}", true, 0, 0, -1, ""},
        {"{\"brokers\":{\"GroupCoordinator\":{\"rtt\":{\"cnt\":3,\"avg\":-5}}}}", true, 0, 0, -1, ""},
        {"{\"brokers\":{\"GroupCoordinator\":{\"rtt\":[3]}}}", true, 0, 0, -1, ""},
        {"{\"topics\":{\"a\":{\"partitions\":{\"0\":{\"partition\":0}}}}}", true, 0, 0, -1, ""},
        {"{\"topics\":{\"a\":{\"partitions\":{\"0\":{\"partition\":0,\"ls_offset\":1e3}}}}}", true, 0, 0, -1, ""},
        {"{\"topics\":{\"a\":{\"partitions\":[{\"partition\":5,\"ls_offset\":6}]}}}", true, 0, 0, -1, "a/5=6 "},
        {"{\"topics\":{\"a\":{\"partitions\":{\"0\":{\"partition\":4294967296,\"ls_offset\":6}}}}}", true, 0, 0, -1,
         ""},
        /* Not JSON, or not all of it. */
        {"", false, 0, 0, 0, ""},
        {"null", false, 0, 0, 0, ""},
        {"[]", false, 0, 0, 0, ""},
        {"{\"brokers\":{", false, 0, 0, 0, ""},
        {"{\"brokers\":{}} x", false, 0, 0, 0, ""},
        {"{\"brokers\":{},\"brokers\":{}}", false, 0, 0, 0, ""},
        {"{\"a\":\"\xff\"}", false, 0, 0, 0, ""},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", false, 0, 0, 0, ""},
};

static void test_of_statistics_is_taken_what_is_known(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
                const struct reading *r = &readings[i];
                const sk_kafka_stats untouched = {.brokers = 77, .brokers_up = 66, .round_trip_us = 55};
                sk_kafka_stats stats = untouched;
                struct seen seen = {""};
                bool is_taken = sk_kafka_stats_read(sk_slice_of(r->json), &stats, see, &seen);
                if (is_taken != r->is_taken || strcmp(seen.text, r->lanes) != 0)
                        fail_msg("%s: taken %d, lanes %s", r->json, is_taken, seen.text);
                assert_int_equal(stats.brokers, is_taken ? r->brokers : untouched.brokers);
                assert_int_equal(stats.brokers_up, is_taken ? r->brokers_up : untouched.brokers_up);
                assert_int_equal(stats.round_trip_us, is_taken ? r->round_trip_us : untouched.round_trip_us);
        }
}

static bool is_read(const char *at, size_t len) {
        struct seen seen = {""};
        sk_kafka_stats stats = {0};
        char *copy = malloc(len == 0 ? 1 : len); /* with nothing behind its end */

        assert_non_null(copy);
        memcpy(copy, at, len);
        bool is_taken = sk_kafka_stats_read((sk_slice){copy, len}, &stats, see, &seen);
        free(copy);
        return is_taken;
}

static void test_what_is_cut_off_anywhere_is_not_taken(void **state) {
        const char *whole = readings[0].json;

        (void)state;
        for (size_t len = 0; len < strlen(whole); len++)
                assert_false(is_read(whole, len));
        assert_true(is_read(whole, strlen(whole)));
}

/* Whatever comes out of it, it is within the text. */
static void test_damage_of_any_byte_does_no_harm(void **state) {
        static const char wrong[] = "\"{}[]:,\\0-x";
        char text[4096];
        size_t len = strlen(readings[0].json);

        (void)state;
        assert_true(len < sizeof(text));
        for (size_t at = 0; at < len; at++) {
                for (size_t w = 0; w < sizeof(wrong); w++) {
                        memcpy(text, readings[0].json, len);
                        text[at] = wrong[w];
                        (void)is_read(text, len);
                }
        }
}
#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_of_statistics_is_taken_what_is_known),
                cmocka_unit_test(test_what_is_cut_off_anywhere_is_not_taken),
                cmocka_unit_test(test_damage_of_any_byte_does_no_harm),
        };

        return cmocka_run_group_tests_name("kafka_stats", tests, NULL, NULL);
#else
        print_message("not without librdkafka\n");
        return 77;
#endif
}
