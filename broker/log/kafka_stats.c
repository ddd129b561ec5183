#include "log/kafka_stats.h"

#include <assert.h>

#include "kit/json_scan.h"

/*
 * Brokers are listed by name: those of the configuration, which have no number until they have said who they are, those
 * that the cluster told of, and "logical" ones. Of these the group's coordinator has a connection of its own, over which
 * nothing is fetched: only there is the time of an answer that of a round trip, since a broker keeps a fetch until there
 * is something.
 */

#define DEPTH_MAX 12

/* Between quotes; none of the texts that are looked for has an escape. */
static bool is_text(sk_slice value, const char *text) {
        return value.len >= 2 && sk_slice_is((sk_slice){value.at + 1, value.len - 2}, text);
}

static void read_broker(sk_slice name, sk_slice broker, sk_kafka_stats *out) {
        bool is_up = is_text(sk_json_member(broker, "state"), "UP");
        sk_slice round_trip = sk_json_member(broker, "rtt");
        int64_t count = 0;
        int64_t mean_us = 0;
        int64_t number;

        if (!is_text(sk_json_member(broker, "source"), "logical") &&
            sk_json_member_int(broker, "nodeid", 0, INT32_MAX, &number)) {
                out->brokers++;
                out->brokers_up += is_up;
        }
        if (sk_slice_is(name, "GroupCoordinator") && sk_slice_there(round_trip) &&
            sk_json_member_int(round_trip, "cnt", 1, INT64_MAX, &count) &&
            sk_json_member_int(round_trip, "avg", 0, INT64_MAX, &mean_us))
                out->round_trip_us = mean_us;
}

static void read_topic(sk_slice name, sk_slice topic, sk_kafka_stats_visit *visit, void *self) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(topic, "partitions"));
        sk_slice key;
        sk_slice partition;
        int64_t number;
        int64_t stable_offset;

        while (sk_json_walk_next(&walk, &key, &partition)) {
                /* -1 stands for all that have none. */
                if (sk_json_member_int(partition, "partition", 0, INT32_MAX, &number) &&
                    sk_json_member_int(partition, "ls_offset", INT64_MIN, INT64_MAX, &stable_offset))
                        visit(self, name, (int32_t)number, stable_offset);
        }
}

bool sk_kafka_stats_read(sk_slice json, sk_kafka_stats *out, sk_kafka_stats_visit *visit, void *self) {
        assert(out != NULL);
        assert(visit != NULL);
        sk_kafka_stats stats = {.round_trip_us = -1};
        sk_slice name;
        sk_slice value;

        if (sk_json_check(json, DEPTH_MAX, NULL) != SK_OK || sk_json_kind_of(json) != SK_JSON_OBJECT)
                return false;
        sk_json_walk brokers = sk_json_walk_make(sk_json_member(json, "brokers"));
        while (sk_json_walk_next(&brokers, &name, &value))
                read_broker(name, value, &stats);
        sk_json_walk topics = sk_json_walk_make(sk_json_member(json, "topics"));
        while (sk_json_walk_next(&topics, &name, &value))
                read_topic(name, value, visit, self);
        *out = stats;
        return true;
}
