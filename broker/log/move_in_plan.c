#include <assert.h>
#include <inttypes.h>

#include "kit/alloc.h"
#include "kit/cursor.h"
#include "link/durations.h"
#include "link/journal.h"
#include "log/move_in.h"

/*
 * The file, gone through piece by piece: once to check it and to count what has to lie where, once to write. Where a
 * record goes follows from the record and from those before it; so do the marks, which are made anew: they name the
 * offsets that the records have on the new log.
 */

#define KEY_MAX 512
#define VALUE_MAX 4096
#define OFFSET_BITS 40
#define KEPT_MAX SK_DURATIONS_MAX /* of a link; what is beyond is learned again */
#define KEPT_KEY 128
#define KEPT_VALUE 512

/* Durations of an activity, as the journal has them. */
struct kept {
        int64_t timestamp_us;
        char key[KEPT_KEY];
        char value[KEPT_VALUE];
        size_t value_len;
};

/** A walk through the file. */
struct walk {
        sk_arrival *arrival;
        sk_arriving_visit *visit;
        bool is_plan;
        sk_move_topic *topic;
        bool has_topic; /* a topic's head was read, and not its sum */
        bool had_others;
        bool is_unread; /* the second half of an inbound topic */
        bool is_over;
        sk_moved_sum sum;
        uint64_t unread; /* of the topic */
        uint64_t open;
        uint64_t closed;
        struct kept *kept; /* of a journal that goes to another number of partitions */
        size_t kept_count;
        uint64_t topics;
        uint64_t records;
};

static sk_err bad(struct walk *walk, sk_err err, const char *what) {
        sk_arrival *arrival = walk->arrival;

        return sk_move_fail(arrival->report->why, err, "%s is damaged at byte %" PRIu64 ": %s", arrival->config->file,
                            sk_export_reader_at(arrival->file), what);
}

/* ---- where letters are now ---- */

static sk_id place_id(const sk_arrival *arrival, const sk_move_topic *topic, int32_t partition, int64_t offset) {
        uint32_t number = (uint32_t)(topic - arrival->topics.at);
        sk_id id = {{0}};

        for (size_t i = 0; i < 4; i++) {
                id.bytes[i] = (uint8_t)((uint32_t)partition >> (8 * i));
                id.bytes[4 + i] = (uint8_t)(number >> (8 * i));
        }
        for (size_t i = 0; i < 8; i++)
                id.bytes[8 + i] = (uint8_t)((uint64_t)offset >> (8 * i));
        return id;
}

static sk_err note_letter(sk_arrival *arrival, const sk_arriving *arriving) {
        const sk_move_place *place = &arriving->topic->places[arriving->partition];
        sk_id id = place_id(arrival, arriving->topic, arriving->moved.partition, arriving->moved.offset);
        int64_t offset = place->base + (int64_t)place->planned.count;

        if (offset >= INT64_C(1) << OFFSET_BITS)
                return SK_ERR_FULL;
        return sk_idmap_put(arrival->letters, &id,
                            (void *)(intptr_t)(((int64_t)arriving->partition << OFFSET_BITS | offset) + 1), NULL);
}

/* A mark whose letter is no longer there is about nothing. */
static sk_err point_anew(sk_arrival *arrival, sk_arriving *arriving) {
        int32_t partition;
        int64_t offset;

        if (arriving->topic->kind != SK_TOPIC_DEADLETTER ||
            !sk_moved_mark_of(arriving->moved.headers, &partition, &offset))
                return SK_OK;
        sk_id id = place_id(arrival, arriving->topic, partition, offset);
        int64_t found = (intptr_t)sk_idmap_get(arrival->letters, &id) - 1;
        sk_buf_clear(&arrival->headers);
        sk_moved_mark_write(arriving->moved.headers, found < 0 ? 0 : (int32_t)(found >> OFFSET_BITS),
                            found < 0 ? -1 : found & ((INT64_C(1) << OFFSET_BITS) - 1), &arrival->headers);
        arriving->moved.headers = sk_buf_slice(&arrival->headers);
        return arrival->headers.err;
}

/* ---- planning ---- */

static sk_err plan_one(sk_arrival *arrival, const sk_arriving *arriving) {
        sk_move_place *place = &arriving->topic->places[arriving->partition];

        sk_moved_sum_add(&place->planned, &arriving->moved, &arrival->scratch);
        if (place->planned.count <= place->there.count)
                place->prefix = place->planned;
        if (sk_move_is_inbound(arriving->topic) && !arriving->moved.is_unread)
                place->read++;
        arrival->total++;
        return arrival->scratch.err;
}

/* ---- marks ---- */

static sk_err give_mark(struct walk *walk, int32_t partition, sk_journal_kind kind, sk_slice key, sk_slice payload) {
        sk_buf value = sk_buf_make(VALUE_MAX);

        sk_journal_wrap(kind, key, payload, &value);
        sk_arriving arriving = {
                .topic = walk->topic,
                .partition = partition,
                .moved = {.timestamp_us = walk->topic->mark_now_us,
                          .key = key,
                          .headers = SK_SLICE(""),
                          .value = sk_buf_slice(&value)},
        };
        sk_err err = value.err == SK_OK ? walk->visit(walk->arrival, &arriving) : value.err;
        sk_buf_free(&value);
        return err;
}

static sk_err give_offset(struct walk *walk, const sk_move_topic *topic, int32_t partition) {
        const sk_move_place *place = &topic->places[partition];
        sk_buf key = sk_buf_make(KEY_MAX);
        sk_buf payload = sk_buf_make(8);

        sk_buf_add_text(&key, "mark/");
        sk_buf_add_text(&key, topic->name);
        sk_buf_add_u64(&payload, (uint64_t)place->base + place->read);
        sk_err err = key.err != SK_OK || payload.err != SK_OK ? SK_ERR_NO_MEMORY
                                                              : give_mark(walk, partition, SK_JOURNAL_OFFSET,
                                                                          sk_buf_slice(&key), sk_buf_slice(&payload));
        sk_buf_free(&key);
        sk_buf_free(&payload);
        return err;
}

/* ---- what a link keeps by partition ---- */

/* The newest of a key stands for all partitions: how long things take is much the same in each. */
static sk_err keep_durations(struct walk *walk, const sk_moved *moved) {
        struct kept *kept = walk->kept;
        size_t i = 0;

        while (i < walk->kept_count && !sk_slice_is(moved->key, kept[i].key))
                i++;
        if (i == KEPT_MAX)
                return SK_OK;
        if (moved->key.len >= sizeof(kept[i].key) || moved->value.len > sizeof(kept[i].value))
                return bad(walk, SK_ERR_SIZE, "durations are too long");
        if (i < walk->kept_count && moved->timestamp_us < kept[i].timestamp_us)
                return SK_OK;
        walk->kept_count += i == walk->kept_count;
        kept[i].timestamp_us = moved->timestamp_us;
        memcpy(kept[i].key, moved->key.at, moved->key.len);
        kept[i].key[moved->key.len] = '\0';
        memcpy(kept[i].value, moved->value.at, moved->value.len);
        kept[i].value_len = moved->value.len;
        return SK_OK;
}

static sk_err give_durations(struct walk *walk) {
        sk_err err = SK_OK;

        for (int32_t p = 0; p < walk->topic->partitions && err == SK_OK; p++) {
                for (size_t i = 0; i < walk->kept_count && err == SK_OK; i++) {
                        sk_arriving arriving = {
                                .topic = walk->topic,
                                .partition = p,
                                .moved = {.timestamp_us = walk->kept[i].timestamp_us,
                                          .key = sk_slice_of(walk->kept[i].key),
                                          .headers = SK_SLICE(""),
                                          .value = {walk->kept[i].value, walk->kept[i].value_len}},
                        };
                        err = walk->visit(walk->arrival, &arriving);
                }
        }
        return err;
}

/* Where the link of the journal in hand stands on the new log: the same in each of its partitions (rule T3). */
static sk_err give_marks(struct walk *walk) {
        const sk_move_topics *topics = &walk->arrival->topics;
        sk_err err = SK_OK;

        for (int32_t p = 0; p < walk->topic->partitions && err == SK_OK; p++) {
                err = give_mark(walk, p, SK_JOURNAL_MARK, SK_SLICE("mark"), sk_buf_slice(&walk->topic->mark));
                for (size_t i = 0; i < topics->count && err == SK_OK; i++) {
                        const sk_move_topic *topic = &topics->at[i];
                        if (sk_move_is_inbound(topic) && sk_slice_equal(topic->owner, walk->topic->owner) &&
                            topic->is_in_file && p < topic->partitions)
                                err = give_offset(walk, topic, p);
                }
        }
        return err;
}

/* Planned last of all, when it is known how much of each topic was read; written behind its journal's records. */
static sk_err plan_marks(struct walk *walk) {
        sk_move_topics *topics = &walk->arrival->topics;
        sk_err err = SK_OK;

        for (size_t i = 0; i < topics->count && err == SK_OK; i++) {
                walk->topic = &topics->at[i];
                if (walk->topic->has_mark)
                        err = give_marks(walk);
        }
        return err == SK_OK ? SK_OK : sk_move_fail(walk->arrival->report->why, err, "marks: %s", sk_err_text(err));
}

/* ---- pieces ---- */

static sk_err on_chain(struct walk *walk, sk_slice payload) {
        sk_arrival *arrival = walk->arrival;
        sk_cursor cursor = sk_cursor_make(payload);
        sk_slice chain = sk_cursor_bytes(&cursor, sk_cursor_u8(&cursor));
        uint32_t partitions = sk_cursor_u32(&cursor);

        (void)sk_cursor_u64(&cursor);
        if (cursor.err != SK_OK || sk_cursor_left(&cursor) > 0 || partitions == 0 ||
            partitions > SK_MOVE_PARTITIONS_MAX)
                return bad(walk, SK_ERR_RANGE, "what it says of the chain cannot be");
        if (!sk_slice_equal(chain, arrival->config->chain))
                return sk_move_fail(arrival->report->why, SK_ERR_CONFLICT, "%s is of the chain %.*s, not of %.*s",
                                    arrival->config->file, (int)chain.len, chain.at, (int)arrival->config->chain.len,
                                    arrival->config->chain.at);
        arrival->from = (int32_t)partitions;
        return SK_OK;
}

static sk_err topic_make(struct walk *walk, sk_slice name) {
        sk_arrival *arrival = walk->arrival;
        char text[SK_MOVE_NAME_MAX] = "";

        walk->topic = sk_move_topics_find(&arrival->topics, name);
        if (walk->topic != NULL)
                return SK_OK;
        if (name.len < sizeof(text))
                memcpy(text, name.at, name.len);
        int32_t count = sk_mover_partitions(arrival->config->mover, sk_slice_of(text));
        if (count < 0)
                return sk_move_fail(arrival->report->why, SK_ERR_IO, "%s", sk_mover_why(arrival->config->mover));
        sk_err err = sk_move_topics_add(&arrival->topics, arrival->config->chain, name,
                                        count > SK_MOVE_PARTITIONS_MAX ? 0 : count, &walk->topic);
        return err == SK_OK ? SK_OK : bad(walk, err, "a topic's name cannot be");
}

static sk_err on_topic(struct walk *walk, sk_slice payload) {
        sk_cursor cursor = sk_cursor_make(payload);
        sk_slice name = sk_cursor_bytes(&cursor, sk_cursor_u8(&cursor));

        if (cursor.err != SK_OK || sk_cursor_left(&cursor) > 0 || walk->has_topic || walk->arrival->from == 0)
                return bad(walk, SK_ERR_SYNTAX, "a topic begins where none may");
        sk_err err = topic_make(walk, name);
        if (err != SK_OK)
                return err;
        bool is_journal = walk->topic->kind == SK_TOPIC_JOURNAL;
        if ((walk->is_plan && walk->topic->is_in_file) || (is_journal && walk->had_others))
                return bad(walk, SK_ERR_CONFLICT, "a topic comes twice, or a journal too late");
        walk->topic->is_in_file = true;
        walk->has_topic = true;
        walk->had_others = walk->had_others || !is_journal;
        walk->is_unread = false;
        walk->sum = (sk_moved_sum){0, 0, 0};
        walk->unread = walk->open = walk->closed = 0;
        walk->kept_count = 0;
        walk->topics++;
        return SK_OK;
}

static sk_err on_mark(struct walk *walk, sk_slice payload) {
        sk_mark mark;

        if (!walk->has_topic || walk->topic->kind != SK_TOPIC_JOURNAL || sk_mark_decode(payload, &mark) != SK_OK)
                return bad(walk, SK_ERR_SYNTAX, "a mark stands where none may");
        walk->topic->has_mark = true;
        walk->topic->mark_now_us = mark.now_us;
        sk_buf_clear(&walk->topic->mark);
        sk_buf_add_slice(&walk->topic->mark, payload);
        return walk->topic->mark.err;
}

static sk_err check_record(struct walk *walk, const sk_moved *moved) {
        sk_journal_kind kind = SK_JOURNAL_MARK;
        sk_slice payload;

        if (moved->partition >= walk->arrival->from)
                return bad(walk, SK_ERR_RANGE, "a record is of a partition that was not there");
        if (walk->is_unread && !moved->is_unread)
                return bad(walk, SK_ERR_CONFLICT, "a record that was read stands behind one that was not");
        if (moved->is_unread && !sk_move_is_inbound(walk->topic))
                return bad(walk, SK_ERR_CONFLICT, "a record that nobody reads counts as unread");
        if (walk->topic->kind == SK_TOPIC_JOURNAL &&
            sk_journal_unwrap(moved->key, moved->value, &kind, &payload) != SK_OK)
                return bad(walk, SK_ERR_CHECKSUM, "a record of a journal is unreadable");
        walk->is_unread = moved->is_unread;
        walk->unread += moved->is_unread;
        walk->open += walk->topic->kind == SK_TOPIC_JOURNAL && kind == SK_JOURNAL_HEAD;
        walk->closed += walk->topic->kind == SK_TOPIC_JOURNAL && kind == SK_JOURNAL_STUB;
        return SK_OK;
}

static sk_err no_topic(struct walk *walk) {
        return sk_move_fail(walk->arrival->report->why, SK_ERR_NOT_FOUND,
                            "the log has no topic %s, or you may not see it", walk->topic->name);
}

static sk_err on_record(struct walk *walk, sk_slice payload) {
        sk_arrival *arrival = walk->arrival;
        sk_arriving arriving = {.topic = walk->topic};
        sk_err err = walk->has_topic ? sk_moved_decode(payload, &arriving.moved) : SK_ERR_SYNTAX;

        if (err != SK_OK)
                return bad(walk, err, "a record cannot be read");
        err = check_record(walk, &arriving.moved);
        if (err != SK_OK)
                return err;
        if (walk->topic->partitions == 0)
                return no_topic(walk);
        sk_moved_way way = {walk->topic->kind, arrival->from, walk->topic->partitions};
        err = sk_moved_partition(&way, &arriving.moved, &arriving.partition);
        if (err != SK_OK)
                return bad(walk, err, "a record's key is of no kind that is known");
        sk_moved_sum_add(&walk->sum, &arriving.moved, &arrival->scratch);
        if (walk->is_plan && walk->topic->kind == SK_TOPIC_DEADLETTER)
                err = note_letter(arrival, &arriving);
        else if (!walk->is_plan)
                err = point_anew(arrival, &arriving);
        if (err == SK_OK)
                err = walk->visit(arrival, &arriving);
        walk->records++;
        return err;
}

static sk_err on_state(struct walk *walk, sk_slice payload) {
        sk_arrival *arrival = walk->arrival;
        sk_arriving arriving = {.topic = walk->topic};
        sk_journal_kind kind = SK_JOURNAL_MARK;
        sk_slice inside;
        bool is_journal = walk->has_topic && walk->topic->kind == SK_TOPIC_JOURNAL;
        sk_err err = is_journal ? sk_moved_decode(payload, &arriving.moved) : SK_ERR_SYNTAX;

        if (err == SK_OK)
                err = sk_journal_unwrap(arriving.moved.key, arriving.moved.value, &kind, &inside);
        if (err != SK_OK || !sk_moved_is_state(kind) || arriving.moved.partition >= arrival->from)
                return bad(walk, err == SK_OK ? SK_ERR_RANGE : err, "a link's own record cannot be read");
        if (walk->topic->partitions == 0)
                return no_topic(walk);
        /* It is about the calls of one partition, and has one outcome. */
        if (kind == SK_JOURNAL_RESYNC && arrival->from != walk->topic->partitions)
                return sk_move_fail(
                        arrival->report->why, SK_ERR_CONFLICT,
                        "the link of team %.*s was still working off a resync; start it where it was, let it "
                        "come to its end, and export again",
                        (int)walk->topic->owner.len, walk->topic->owner.at);
        if (kind == SK_JOURNAL_DURATIONS && arrival->from != walk->topic->partitions)
                return keep_durations(walk, &arriving.moved);
        sk_moved_way way = {walk->topic->kind, arrival->from, walk->topic->partitions};
        err = sk_moved_partition(&way, &arriving.moved, &arriving.partition);
        return err == SK_OK ? walk->visit(arrival, &arriving)
                            : bad(walk, err, "a record's key is of no kind that is known");
}

static sk_err on_sum(struct walk *walk, sk_slice payload) {
        sk_arrival *arrival = walk->arrival;
        sk_cursor cursor = sk_cursor_make(payload);
        sk_moved_sum sum;

        sum.count = sk_cursor_u64(&cursor);
        sum.low = sk_cursor_u64(&cursor);
        sum.high = sk_cursor_u64(&cursor);
        if (cursor.err != SK_OK || sk_cursor_left(&cursor) > 0 || !walk->has_topic)
                return bad(walk, SK_ERR_SYNTAX, "a sum stands where none may");
        if (!sk_moved_sum_equal(&sum, &walk->sum))
                return bad(walk, SK_ERR_CHECKSUM, "the records of a topic do not add up");
        walk->has_topic = false;
        sk_err err = give_durations(walk);
        if (err != SK_OK)
                return err;
        if (!walk->is_plan)
                return walk->topic->has_mark ? give_marks(walk) : SK_OK;
        sk_move_row *row = sk_move_report_row(arrival->report, sk_slice_of(walk->topic->name));
        if (row == NULL)
                return SK_ERR_NO_MEMORY;
        row->sum = sum;
        row->unread = walk->unread;
        row->open = walk->open;
        row->closed = walk->closed;
        return SK_OK;
}

static sk_err on_end(struct walk *walk, sk_slice payload) {
        sk_cursor cursor = sk_cursor_make(payload);
        uint64_t topics = sk_cursor_u64(&cursor);
        uint64_t records = sk_cursor_u64(&cursor);

        if (cursor.err != SK_OK || sk_cursor_left(&cursor) > 0 || walk->has_topic || topics != walk->topics ||
            records != walk->records)
                return bad(walk, SK_ERR_CHECKSUM, "its topics do not add up");
        walk->is_over = true;
        return SK_OK;
}

static sk_err on_piece(struct walk *walk, sk_export_piece kind, sk_slice payload) {
        switch (kind) {
        case SK_EXPORT_CHAIN:
                return on_chain(walk, payload);
        case SK_EXPORT_TOPIC:
                return on_topic(walk, payload);
        case SK_EXPORT_MARK:
                return on_mark(walk, payload);
        case SK_EXPORT_RECORD:
                return on_record(walk, payload);
        case SK_EXPORT_SUM:
                return on_sum(walk, payload);
        case SK_EXPORT_END:
                return on_end(walk, payload);
        case SK_EXPORT_STATE:
                return on_state(walk, payload);
        }
        return bad(walk, SK_ERR_SYNTAX, "a piece is of no kind that is known");
}

static sk_err walk_through(struct walk *walk) {
        sk_arrival *arrival = walk->arrival;
        sk_err err = sk_export_reader_rewind(arrival->file);

        while (err == SK_OK && !walk->is_over) {
                sk_export_piece kind;
                sk_slice payload;
                err = sk_export_reader_next(arrival->file, &kind, &payload);
                if (err != SK_OK)
                        return bad(walk, err, sk_err_text(err));
                err = on_piece(walk, kind, payload);
                if (err == SK_OK && walk->is_plan)
                        err = sk_move_tell(arrival->config, "checking", walk->records, 0);
        }
        if (err != SK_OK && arrival->report->why[0] == '\0')
                (void)sk_move_fail(arrival->report->why, err, "%s: %s", arrival->config->file, sk_err_text(err));
        return err;
}

static sk_err walk_whole(struct walk *walk) {
        walk->kept = sk_alloc_zero(KEPT_MAX, sizeof(*walk->kept));
        if (walk->kept == NULL)
                return SK_ERR_NO_MEMORY;
        sk_err err = walk_through(walk);
        sk_free(walk->kept);
        return err;
}

sk_err sk_arrival_plan(sk_arrival *arrival) {
        struct walk walk = {.arrival = arrival, .visit = plan_one, .is_plan = true};
        sk_err err = walk_whole(&walk);

        return err == SK_OK ? plan_marks(&walk) : err;
}

sk_err sk_arrival_walk(sk_arrival *arrival, sk_arriving_visit *visit) {
        struct walk walk = {.arrival = arrival, .visit = visit};

        return walk_whole(&walk);
}
