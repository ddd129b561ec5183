#include "bench/open_calls.h"

#include "kit/hash.h"
#include "link/call.h"
#include "link/journal.h"

typedef struct opened {
        world *manual;
        world *automatic;
        instant *link; /* the one in use */
        sk_arena *arena;
        sk_slice data; /* payloads of an open call */
        sk_call call;
        sk_buf key;
        sk_buf value;
        sk_record records[2 * OPEN_CALLS_BLOCK];
        size_t record_count;
} opened;

static opened o;

/* ---- one open call, as a step makes it ---- */

static void keep_payload(const sk_record *record) {
        sk_journal_kind kind;
        sk_slice payload;

        if (sk_journal_unwrap(record->key, record->value, &kind, &payload) != SK_OK)
                bench_fail("a journal record cannot be read");
        payload = sk_arena_copy(o.arena, payload);
        if (kind == SK_JOURNAL_HEAD && sk_call_decode(payload, &o.call) != SK_OK)
                bench_fail("a head cannot be read");
        if (kind == SK_JOURNAL_DATA)
                o.data = payload;
}

static void open_one(void) {
        instant link;
        sk_command command;
        sk_record record;

        o.manual = world_new(WORLD_MANUAL, 4);
        instant_start(&link, o.manual, "centre");
        record = world_call_record(o.manual, SK_CALL_RAISE, UINT64_MAX, 1, o.manual->raise);
        instant_adopt(&link, &record, 1);
        instant_give(&link, &record);
        sk_driver_turn(link.driver, WORLD_NOW_US);
        while (sk_driver_next(link.driver, &command) && command.kind != SK_DO_COMMIT) {}
        for (size_t i = 0; i < command.batch->record_count; i++)
                if (command.batch->records[i].topic->kind == SK_TOPIC_JOURNAL && command.batch->records[i].key.len > 36)
                        keep_payload(&command.batch->records[i]);
        if (o.data.len < WORLD_DATA_BYTES || o.call.in_seqno != 1)
                bench_fail("the call did not open");
        instant_free(&link);
}

/* ---- a journal of as many as are wanted ---- */

static sk_record journal_record(sk_journal_kind kind, const sk_id *id, int32_t partition, sk_slice payload) {
        sk_record record = {.topic = sk_topics_own(sk_driver_topics(o.link->driver), SK_TOPIC_JOURNAL),
                            .partition = partition};

        sk_buf_clear(&o.key);
        sk_buf_clear(&o.value);
        sk_journal_key_write(SK_SLICE("finance"), id, kind == SK_JOURNAL_DATA, &o.key);
        sk_journal_wrap(kind, sk_buf_slice(&o.key), payload, &o.value);
        record.key = sk_arena_copy(o.manual->arena, sk_buf_slice(&o.key));
        record.value = sk_arena_copy(o.manual->arena, sk_buf_slice(&o.value));
        return record;
}

static void journal_add(uint64_t number, open_calls_timer *timer) {
        sk_id id = world_id(number);
        char *text = sk_arena_get(o.manual->arena, SK_ID_TEXT);
        sk_buf head = sk_buf_make(4096);
        int32_t partition;

        if (text == NULL)
                bench_fail("no memory");
        sk_id_format(&id, text);
        partition = sk_hash_partition((sk_slice){text, SK_ID_TEXT}, 4);
        o.call.id = o.call.replykey = id;
        o.call.rootid = (sk_slice){text, SK_ID_TEXT};
        if (timer != NULL)
                o.call.timer_us = timer((size_t)number);
        sk_call_encode(&o.call, &head);
        o.records[o.record_count++] = journal_record(SK_JOURNAL_HEAD, &id, partition, sk_buf_slice(&head));
        o.records[o.record_count++] = journal_record(SK_JOURNAL_DATA, &id, partition, o.data);
        sk_buf_free(&head);
}

static void run_journal(void *self) {
        (void)self;
        for (size_t i = 0; i < o.record_count; i++)
                sk_driver_journal(o.link->driver, &o.records[i]);
}

void open_calls_restore(instant *link, size_t count, open_calls_timer *timer, bench_time *time) {
        o.link = link;
        for (size_t done = 0; done < count; done += OPEN_CALLS_BLOCK) {
                sk_arena_reset(o.manual->arena);
                o.record_count = 0;
                for (size_t i = done; i < count && i < done + OPEN_CALLS_BLOCK; i++)
                        journal_add(i, timer);
                bench_measured(time, run_journal, NULL);
        }
        instant_restored(link);
}

void open_calls_check(const instant *link, size_t expected) {
        sk_driver_numbers numbers;

        sk_driver_count(link->driver, &numbers);
        if (numbers.open_calls != expected || numbers.dead_letters > 0)
                bench_fail("%llu calls are open instead of %zu", (unsigned long long)numbers.open_calls, expected);
}

/* ---- beginning and end ---- */

void open_calls_begin(void) {
        o.arena = sk_arena_new((size_t)1 << 20);
        o.automatic = world_new(WORLD_AUTOMATIC, 4);
        o.key = sk_buf_make(1024);
        o.value = sk_buf_make((size_t)1 << 20);
        open_one();
}

void open_calls_end(void) {
        world_free(o.manual);
        world_free(o.automatic);
        sk_arena_free(o.arena);
        sk_buf_free(&o.key);
        sk_buf_free(&o.value);
}

world *open_calls_manual(void) {
        return o.manual;
}

world *open_calls_automatic(void) {
        return o.automatic;
}

size_t open_calls_data_bytes(void) {
        return o.data.len;
}
