#include <assert.h>

#include "log/move_in.h"

/* What the target holds. */

struct looking {
        sk_arrival *arrival;
        sk_move_place *place;
        const char *what;
        sk_err err;
};

static bool on_record(void *self, const sk_log_entry *entry) {
        struct looking *looking = self;
        sk_move_place *place = looking->place;
        sk_moved moved = {.key = entry->key, .headers = entry->headers, .value = entry->value};

        if (place->there.count == 0)
                place->base = entry->offset;
        place->last = entry->offset;
        sk_moved_sum_add(&place->there, &moved, &looking->arrival->scratch);
        looking->err = looking->arrival->scratch.err;
        if (looking->err == SK_OK)
                looking->err = sk_move_tell(looking->arrival->config, looking->what, ++looking->arrival->done, 0);
        return looking->err == SK_OK;
}

static sk_err look_at(sk_arrival *arrival, sk_move_topic *topic, int32_t partition, const char *what) {
        sk_log_tool *tool = sk_mover_tool(arrival->config->mover);
        sk_log_read read = {.topic = sk_slice_of(topic->name), .partition = partition};
        struct looking looking = {.arrival = arrival, .place = &topic->places[partition], .what = what};

        looking.place->there = (sk_moved_sum){0, 0, 0};
        looking.place->last = looking.place->base - 1;
        if (looking.place->end == looking.place->low)
                return SK_OK;
        read.from_offset = looking.place->low;
        sk_err err = sk_log_tool_read(tool, &read, on_record, &looking, NULL);
        if (err == SK_OK)
                return looking.err;
        return sk_move_fail(arrival->report->why, err, "%s cannot be read: %s", topic->name, sk_log_tool_why(tool));
}

sk_err sk_arrival_look(sk_arrival *arrival, const char *what) {
        assert(arrival != NULL);
        sk_err err = SK_OK;

        arrival->done = 0;
        for (size_t i = 0; i < arrival->topics.count && err == SK_OK; i++) {
                for (int32_t p = 0; p < arrival->topics.at[i].partitions && err == SK_OK; p++)
                        err = look_at(arrival, &arrival->topics.at[i], p, what);
        }
        return err;
}
