/* What rules T and R rely on, each asked of the memory broker. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/memory_broker.h"

#define TIMEOUT_US INT64_C(1000)

struct fixture {
        sk_memory_broker *broker;
        sk_memory_topic *topic;
        sk_memory_topic *work;
        sk_memory_group *group;
        sk_memory_producer producer;
        sk_memory_member member;
};

static int setup(void **state) {
        static struct fixture f;

        f.broker = sk_memory_broker_new(2);
        f.topic = sk_memory_topic_open(f.broker, SK_SLICE("c.a.journal"));
        f.work = sk_memory_topic_open(f.broker, SK_SLICE("c.a.work"));
        f.group = sk_memory_group_open(f.broker, SK_SLICE("c.a"), TIMEOUT_US);
        assert_int_equal(sk_memory_producer_init(f.broker, SK_SLICE("c.a.1"), TIMEOUT_US, &f.producer), SK_OK);
        assert_int_equal(sk_memory_group_join(f.group, SK_SLICE("1"), &f.member), SK_OK);
        *state = &f;
        return 0;
}

static int teardown(void **state) {
        struct fixture *f = *state;

        sk_memory_broker_free(f->broker);
        return 0;
}

static sk_record record_of(const char *key, const char *value) {
        return (sk_record){.key = sk_slice_of(key), .headers = SK_SLICE(""), .value = sk_slice_of(value)};
}

static sk_err produce(struct fixture *f, const sk_memory_producer *producer, const char *key) {
        sk_record record = record_of(key, "v");

        return sk_memory_produce(f->broker, producer, f->topic, &record);
}

static void markers_deliver(struct fixture *f) {
        while (sk_memory_marker_count(f->broker) > 0)
                sk_memory_marker_deliver(f->broker, 0);
}

static size_t visible(struct fixture *f, sk_isolation isolation, int64_t *out_position) {
        sk_record record;
        int64_t position = sk_memory_low(f->topic, 0);
        size_t count = 0;

        while (sk_memory_read(f->topic, 0, position, isolation, &record, &position) == SK_OK)
                count++;
        *out_position = position;
        return count;
}

static sk_err offset_send(struct fixture *f, const sk_memory_producer *producer, const sk_memory_member *member,
                          int64_t next) {
        sk_memory_offset offset = {f->work, 0, next};

        return sk_memory_send_offsets(f->broker, producer, f->group, member, &offset, 1);
}

static void test_an_open_transaction_holds_read_committed_at_its_first_record(void **state) {
        struct fixture *f = *state;
        int64_t position;
        sk_record plain = record_of("k", "v");

        assert_int_equal(produce(f, &f->producer, "a"), SK_OK);
        assert_int_equal(sk_memory_append(f->broker, f->topic, &plain), SK_OK);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 0);
        assert_int_equal(position, 0);
        assert_int_equal(visible(f, SK_READ_UNCOMMITTED, &position), 2);
        assert_int_equal(sk_memory_end(f->topic, 0, SK_READ_COMMITTED), 0);
        assert_int_equal(sk_memory_end(f->topic, 0, SK_READ_UNCOMMITTED), 2);
}

static void test_a_commit_shows_only_when_its_marker_is_there(void **state) {
        struct fixture *f = *state;
        int64_t position;

        assert_int_equal(produce(f, &f->producer, "a"), SK_OK);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_OK);
        assert_int_equal(sk_memory_marker_count(f->broker), 1);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 0);
        markers_deliver(f);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 1);
}

static void test_a_marker_takes_an_offset_and_the_position_passes_it(void **state) {
        struct fixture *f = *state;
        int64_t position;

        produce(f, &f->producer, "a");
        sk_memory_commit(f->broker, &f->producer);
        markers_deliver(f);
        visible(f, SK_READ_COMMITTED, &position);
        assert_int_equal(position, 2);
        produce(f, &f->producer, "b");
        sk_record record;
        assert_int_equal(sk_memory_read(f->topic, 0, 1, SK_READ_UNCOMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 2);
}

static void test_aborted_records_are_skipped_by_read_committed_only(void **state) {
        struct fixture *f = *state;
        int64_t position;

        produce(f, &f->producer, "a");
        produce(f, &f->producer, "b");
        assert_int_equal(sk_memory_abort(f->broker, &f->producer), SK_OK);
        markers_deliver(f);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 0);
        assert_int_equal(position, 3);
        assert_int_equal(visible(f, SK_READ_UNCOMMITTED, &position), 2);
}

static void test_the_next_transaction_waits_for_the_markers_of_the_last(void **state) {
        struct fixture *f = *state;

        produce(f, &f->producer, "a");
        sk_memory_commit(f->broker, &f->producer);
        assert_int_equal(produce(f, &f->producer, "b"), SK_ERR_BUSY);
        markers_deliver(f);
        assert_int_equal(produce(f, &f->producer, "b"), SK_OK);
}

static void test_a_successor_fences_and_aborts_what_was_open(void **state) {
        struct fixture *f = *state;
        sk_memory_producer successor;
        int64_t position;

        produce(f, &f->producer, "a");
        assert_int_equal(sk_memory_producer_init(f->broker, SK_SLICE("c.a.1"), TIMEOUT_US, &successor), SK_ERR_BUSY);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_ERR_FENCED);
        markers_deliver(f);
        assert_int_equal(sk_memory_producer_init(f->broker, SK_SLICE("c.a.1"), TIMEOUT_US, &successor), SK_OK);
        assert_int_equal(produce(f, &f->producer, "b"), SK_ERR_FENCED);
        assert_int_equal(sk_memory_abort(f->broker, &f->producer), SK_ERR_FENCED);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 0);
        assert_int_equal(produce(f, &successor, "c"), SK_OK);
}

static void test_a_successor_waits_for_a_commit_that_was_decided(void **state) {
        struct fixture *f = *state;
        sk_memory_producer successor;
        int64_t position;

        produce(f, &f->producer, "a");
        sk_memory_commit(f->broker, &f->producer);
        assert_int_equal(sk_memory_producer_init(f->broker, SK_SLICE("c.a.1"), TIMEOUT_US, &successor), SK_ERR_BUSY);
        markers_deliver(f);
        assert_int_equal(sk_memory_producer_init(f->broker, SK_SLICE("c.a.1"), TIMEOUT_US, &successor), SK_OK);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 1);
}

static void test_a_transaction_that_outlives_its_time_out_is_aborted_and_fenced(void **state) {
        struct fixture *f = *state;

        produce(f, &f->producer, "a");
        sk_memory_broker_clock(f->broker, TIMEOUT_US);
        assert_int_equal(sk_memory_marker_count(f->broker), 0);
        sk_memory_broker_clock(f->broker, TIMEOUT_US + 1);
        assert_int_equal(sk_memory_marker_count(f->broker), 1);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_ERR_FENCED);
}

static void test_a_commit_asked_again_tells_how_it_ended(void **state) {
        struct fixture *f = *state;

        produce(f, &f->producer, "a");
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_OK);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_OK);
        assert_int_equal(sk_memory_abort(f->broker, &f->producer), SK_ERR_LOST);
        markers_deliver(f);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_OK);
        assert_int_equal(sk_memory_marker_count(f->broker), 0);
        produce(f, &f->producer, "b");
        sk_memory_abort(f->broker, &f->producer);
        assert_int_equal(sk_memory_commit(f->broker, &f->producer), SK_ERR_ABORTED);
}

static void test_committed_blocks_while_offsets_are_pending(void **state) {
        struct fixture *f = *state;
        int64_t next;

        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_OK);
        assert_int_equal(next, -1);
        assert_int_equal(offset_send(f, &f->producer, &f->member, 7), SK_OK);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_ERR_BUSY);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_UNCOMMITTED, &next), SK_OK);
        assert_int_equal(next, -1);
        sk_memory_commit(f->broker, &f->producer);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_ERR_BUSY);
        markers_deliver(f);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_OK);
        assert_int_equal(next, 7);
}

static void test_offsets_and_journal_see_a_commit_at_different_moments(void **state) {
        struct fixture *f = *state;
        int64_t next;
        int64_t position;

        produce(f, &f->producer, "a");
        offset_send(f, &f->producer, &f->member, 7);
        sk_memory_commit(f->broker, &f->producer);
        assert_int_equal(sk_memory_marker_count(f->broker), 2);
        sk_memory_marker_deliver(f->broker, 1);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_OK);
        assert_int_equal(next, 7);
        assert_int_equal(visible(f, SK_READ_COMMITTED, &position), 0);
}

static void test_aborted_offsets_are_not_taken(void **state) {
        struct fixture *f = *state;
        int64_t next;

        offset_send(f, &f->producer, &f->member, 7);
        sk_memory_abort(f->broker, &f->producer);
        markers_deliver(f);
        assert_int_equal(sk_memory_committed(f->group, f->work, 0, SK_READ_COMMITTED, &next), SK_OK);
        assert_int_equal(next, -1);
}

static void test_offsets_of_an_old_generation_are_refused(void **state) {
        struct fixture *f = *state;
        sk_memory_member old = f->member;
        sk_memory_member other;
        int32_t first;
        int32_t count;

        sk_memory_group_join(f->group, SK_SLICE("2"), &other);
        assert_int_equal(sk_memory_group_poll(f->group, &f->member, &first, &count), SK_MEMBER_REBALANCING);
        assert_int_equal(offset_send(f, &f->producer, &old, 1), SK_OK);
        sk_memory_group_rejoin(f->group, &f->member);
        assert_int_equal(offset_send(f, &f->producer, &old, 2), SK_ERR_ABORTED);
        assert_int_equal(sk_memory_group_poll(f->group, &f->member, &first, &count), SK_MEMBER_STABLE);
        assert_int_equal(first, 0);
        assert_int_equal(count, 1);
        assert_int_equal(offset_send(f, &f->producer, &f->member, 2), SK_OK);
}

static void test_send_offsets_without_offsets_fences_nothing(void **state) {
        struct fixture *f = *state;
        sk_memory_member stranger = {f->member.index, f->member.incarnation, f->member.generation + 5};

        assert_int_equal(sk_memory_send_offsets(f->broker, &f->producer, f->group, &stranger, NULL, 0), SK_OK);
        assert_int_equal(offset_send(f, &f->producer, &stranger, 1), SK_ERR_ABORTED);
}

static void test_a_silent_member_is_thrown_out_and_its_partitions_go_over(void **state) {
        struct fixture *f = *state;
        sk_memory_member other;
        int32_t first;
        int32_t count;

        sk_memory_group_join(f->group, SK_SLICE("2"), &other);
        sk_memory_broker_clock(f->broker, TIMEOUT_US);
        sk_memory_group_poll(f->group, &other, &first, &count);
        sk_memory_broker_clock(f->broker, TIMEOUT_US + 1);
        assert_int_equal(sk_memory_group_poll(f->group, &f->member, &first, &count), SK_MEMBER_UNKNOWN);
        assert_int_equal(sk_memory_group_size(f->group), 1);
        sk_memory_group_rejoin(f->group, &other);
        assert_int_equal(sk_memory_group_poll(f->group, &other, &first, &count), SK_MEMBER_STABLE);
        assert_int_equal(count, 2);
        assert_int_equal(offset_send(f, &f->producer, &f->member, 1), SK_ERR_ABORTED);
}

static void test_a_restarted_static_member_keeps_its_partitions_and_fences_its_predecessor(void **state) {
        struct fixture *f = *state;
        sk_memory_member reborn;
        int32_t first;
        int32_t count;
        uint64_t generation = sk_memory_group_generation(f->group);

        sk_memory_group_join(f->group, SK_SLICE("1"), &reborn);
        assert_int_equal(sk_memory_group_poll(f->group, &reborn, &first, &count), SK_MEMBER_STABLE);
        assert_int_equal(count, 2);
        assert_int_equal(sk_memory_group_generation(f->group), generation);
        assert_int_equal(sk_memory_group_poll(f->group, &f->member, &first, &count), SK_MEMBER_FENCED);
        assert_int_equal(offset_send(f, &f->producer, &f->member, 1), SK_ERR_ABORTED);
}

static void test_retention_moves_the_low_watermark(void **state) {
        struct fixture *f = *state;
        sk_record record = record_of("k", "v");
        int64_t position;

        for (int64_t now = 1; now <= 4; now++) {
                sk_memory_broker_clock(f->broker, now);
                sk_memory_append(f->broker, f->topic, &record);
        }
        sk_memory_retain(f->topic, 0, 4, 2);
        assert_int_equal(sk_memory_low(f->topic, 0), 2);
        sk_memory_retain(f->topic, 0, 4, INT64_MAX);
        assert_int_equal(sk_memory_low(f->topic, 0), 3);
        assert_int_equal(sk_memory_read(f->topic, 0, 2, SK_READ_COMMITTED, &record, &position), SK_ERR_RANGE);
        assert_int_equal(sk_memory_read(f->topic, 0, 3, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.timestamp_us, 4);
}

static void test_a_tail_that_is_lost_leaves_offsets_without_records(void **state) {
        struct fixture *f = *state;
        sk_record record = record_of("k", "v");
        int64_t position = 0;

        for (int i = 0; i < 4; i++)
                sk_memory_append(f->broker, f->topic, &record);
        assert_int_equal(sk_memory_lose(f->topic, 0, 1), 3);
        assert_int_equal(sk_memory_lose(f->topic, 0, 1), 0);
        assert_int_equal(sk_memory_read(f->topic, 0, 0, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(sk_memory_read(f->topic, 0, position, SK_READ_COMMITTED, &record, &position),
                         SK_ERR_NOT_FOUND);
        assert_int_equal(position, 4);
        record = record_of("k", "new");
        sk_memory_append(f->broker, f->topic, &record);
        assert_int_equal(sk_memory_read(f->topic, 0, position, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 4);
        assert_int_equal(produce(f, &f->producer, "k"), SK_OK); /* an open transaction stands behind it */
        assert_int_equal(sk_memory_lose(f->topic, 0, 0), 0);
}

static void test_compaction_keeps_the_last_value_of_each_key_at_its_offset(void **state) {
        struct fixture *f = *state;
        const char *keys[] = {"a", "b", "a", "c"};
        int64_t position = 0;
        sk_record record;

        for (size_t i = 0; i < 4; i++) {
                record = record_of(keys[i], i == 3 ? NULL : "v");
                sk_memory_append(f->broker, f->topic, &record);
        }
        assert_int_equal(produce(f, &f->producer, "b"), SK_OK);
        sk_memory_broker_clock(f->broker, 10);
        assert_int_equal(sk_memory_compact(f->topic, 0, 10), SK_OK);
        assert_int_equal(sk_memory_read(f->topic, 0, 0, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 1);
        assert_int_equal(sk_memory_read(f->topic, 0, position, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 2);
        assert_int_equal(sk_memory_read(f->topic, 0, position, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 3);
        assert_false(sk_slice_there(record.value));
        assert_int_equal(sk_memory_read(f->topic, 0, position, SK_READ_COMMITTED, &record, &position),
                         SK_ERR_NOT_FOUND);
        assert_int_equal(position, 4);
}

/* Who has read what it deletes must still see the tombstone, however old that is. */
static void test_compaction_keeps_a_tombstone_for_those_who_are_reading(void **state) {
        struct fixture *f = *state;
        sk_record value = record_of("a", "v");
        sk_record tombstone = record_of("a", NULL);
        sk_record record;
        int64_t position = 0;

        sk_memory_append(f->broker, f->topic, &value);
        sk_memory_append(f->broker, f->topic, &tombstone);
        sk_memory_broker_clock(f->broker, 1000);
        assert_int_equal(sk_memory_compact(f->topic, 0, 900), SK_OK);
        assert_int_equal(sk_memory_read(f->topic, 0, 0, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(record.offset, 1);
        assert_int_equal(sk_memory_compact(f->topic, 0, 1000), SK_OK);
        assert_int_equal(sk_memory_read(f->topic, 0, 0, SK_READ_COMMITTED, &record, &position), SK_OK);
        assert_int_equal(sk_memory_compact(f->topic, 0, 1001), SK_OK);
        assert_int_equal(sk_memory_read(f->topic, 0, 0, SK_READ_COMMITTED, &record, &position), SK_ERR_NOT_FOUND);
        assert_int_equal(position, 2);
}

/* With its last record a partition loses the control records behind it: its low watermark is then its end. */
static void test_retention_takes_what_stands_behind_the_last_record(void **state) {
        struct fixture *f = *state;

        produce(f, &f->producer, "a");
        sk_memory_commit(f->broker, &f->producer);
        markers_deliver(f);
        sk_memory_broker_clock(f->broker, 100);
        sk_memory_retain(f->topic, 0, 100, INT64_MAX);
        assert_int_equal(sk_memory_low(f->topic, 0), sk_memory_end(f->topic, 0, SK_READ_UNCOMMITTED));
}

static void test_what_happens_is_counted(void **state) {
        struct fixture *f = *state;

        produce(f, &f->producer, "a");
        sk_memory_abort(f->broker, &f->producer);
        markers_deliver(f);
        produce(f, &f->producer, "a");
        sk_memory_commit(f->broker, &f->producer);
        markers_deliver(f);
        assert_int_equal(sk_memory_broker_counts(f->broker).aborted, 1);
        assert_int_equal(sk_memory_broker_counts(f->broker).committed, 1);
        assert_int_equal(sk_memory_broker_counts(f->broker).expired, 0);
}

static void count_commit(void *self, const sk_memory_commit_view *view) {
        size_t *records = self;

        *records += view->record_count * 100 + view->offset_count;
}

static void test_the_observer_sees_what_was_committed_and_nothing_else(void **state) {
        struct fixture *f = *state;
        size_t seen = 0;

        sk_memory_broker_observe(f->broker, count_commit, &seen);
        produce(f, &f->producer, "a");
        sk_memory_abort(f->broker, &f->producer);
        markers_deliver(f);
        produce(f, &f->producer, "a");
        produce(f, &f->producer, "b");
        offset_send(f, &f->producer, &f->member, 1);
        sk_memory_commit(f->broker, &f->producer);
        assert_int_equal(seen, 201);
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
                T(test_an_open_transaction_holds_read_committed_at_its_first_record),
                T(test_a_commit_shows_only_when_its_marker_is_there),
                T(test_a_marker_takes_an_offset_and_the_position_passes_it),
                T(test_aborted_records_are_skipped_by_read_committed_only),
                T(test_the_next_transaction_waits_for_the_markers_of_the_last),
                T(test_a_successor_fences_and_aborts_what_was_open),
                T(test_a_successor_waits_for_a_commit_that_was_decided),
                T(test_a_transaction_that_outlives_its_time_out_is_aborted_and_fenced),
                T(test_a_commit_asked_again_tells_how_it_ended),
                T(test_committed_blocks_while_offsets_are_pending),
                T(test_offsets_and_journal_see_a_commit_at_different_moments),
                T(test_aborted_offsets_are_not_taken),
                T(test_offsets_of_an_old_generation_are_refused),
                T(test_send_offsets_without_offsets_fences_nothing),
                T(test_a_silent_member_is_thrown_out_and_its_partitions_go_over),
                T(test_a_restarted_static_member_keeps_its_partitions_and_fences_its_predecessor),
                T(test_retention_moves_the_low_watermark),
                T(test_a_tail_that_is_lost_leaves_offsets_without_records),
                T(test_compaction_keeps_the_last_value_of_each_key_at_its_offset),
                T(test_compaction_keeps_a_tombstone_for_those_who_are_reading),
                T(test_retention_takes_what_stands_behind_the_last_record),
                T(test_what_happens_is_counted),
                T(test_the_observer_sees_what_was_committed_and_nothing_else),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
