#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "kit/cursor.h"
#include "kit/idmap.h"
#include "link/journal.h"
#include "log/move_inside.h"

/*
 * Out of a log into a file. Journals come first, each gone through twice: once for the marks and for where the latest
 * record of each key lies, once to write those. Then the other topics; of those that a link reads first what it has read,
 * of all partitions, then the rest, so that a file can be written in that order to any number of partitions.
 */

#define SCRATCH_MAX ((size_t)32 << 20)
#define MARK_PREFIX "mark/"

/** One export. */
typedef struct leaving {
        const sk_move_config *config;
        sk_move_report *report;
        sk_move_topics topics;
        sk_export_writer *writer;
        sk_buf piece;
        sk_buf scratch;
        uint64_t done;
        uint64_t total;

        sk_move_topic *topic; /* being read */
        int32_t partition;
        bool is_unread;     /* which half is being read */
        int64_t until;      /* before which offset */
        sk_idmap *latest;   /* of a journal: key to offset plus one */
        sk_moved_sum sum;   /* of the topic */
        uint64_t unread;    /* of the topic */
        uint64_t counts[2]; /* heads, stubs */
        sk_err err;
} leaving;

static sk_err fail(leaving *way, sk_err err, const char *what) {
        return sk_move_fail(way->report->why, err, "%s: %s", what, sk_err_text(err));
}

static sk_err fail_writing(leaving *way, sk_err err) {
        return sk_move_fail(way->report->why, err, "%s: %s", way->config->file,
                            err == SK_ERR_IO ? strerror(errno) : sk_err_text(err));
}

static sk_err put(leaving *way, sk_export_piece kind) {
        sk_err err = way->piece.err == SK_OK ? sk_export_writer_put(way->writer, kind, sk_buf_slice(&way->piece))
                                             : way->piece.err;

        return err == SK_OK ? SK_OK : fail_writing(way, err);
}

static sk_err read_place(leaving *way, int64_t from, sk_log_visit *visit) {
        sk_log_tool *tool = sk_mover_tool(way->config->mover);
        sk_log_read read = {.topic = sk_slice_of(way->topic->name), .partition = way->partition, .from_offset = from};
        sk_err err = sk_log_tool_read(tool, &read, visit, way, NULL);

        if (err != SK_OK)
                return sk_move_fail(way->report->why, err, "%s cannot be read: %s", way->topic->name,
                                    sk_log_tool_why(tool));
        return way->err;
}

static sk_err advance(leaving *way) {
        way->done++;
        return sk_move_tell(way->config, "exporting", way->done, way->total < way->done ? way->done : way->total);
}

/* ---- records ---- */

static sk_err write_record(leaving *way, const sk_log_entry *entry, sk_export_piece kind) {
        sk_moved moved = {.partition = entry->partition,
                          .offset = entry->offset,
                          .timestamp_us = entry->timestamp_us,
                          .is_unread = way->is_unread,
                          .key = entry->key,
                          .headers = entry->headers,
                          .value = entry->value};

        sk_buf_clear(&way->piece);
        sk_moved_encode(&moved, &way->piece);
        if (kind == SK_EXPORT_RECORD)
                sk_moved_sum_add(&way->sum, &moved, &way->scratch);
        way->unread += moved.is_unread;
        if (way->scratch.err != SK_OK)
                return fail(way, way->scratch.err, way->topic->name);
        sk_err err = put(way, kind);
        return err == SK_OK ? advance(way) : err;
}

static bool on_record(void *self, const sk_log_entry *entry) {
        leaving *way = self;

        if (entry->offset >= way->until)
                return false;
        way->err = write_record(way, entry, SK_EXPORT_RECORD);
        return way->err == SK_OK;
}

/* ---- journals ---- */

static sk_id fingerprint(sk_slice key) {
        sk_digest digest = sk_digest_of(key);
        sk_id id;

        static_assert(sizeof(id.bytes) == sizeof(digest.bytes), "a digest is as long as an id");
        memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
        return id;
}

static sk_err damaged(leaving *way, const sk_log_entry *entry, sk_err err) {
        return sk_move_fail(way->report->why, err, "%s, partition %d, offset %" PRId64 ": the record is %s",
                            way->topic->name, (int)entry->partition, entry->offset, sk_err_text(err));
}

static sk_err note_mark(sk_move_topic *journal, sk_slice payload) {
        sk_mark mark;
        sk_err err = sk_mark_decode(payload, &mark);

        if (err != SK_OK || (journal->has_mark && mark.now_us < journal->mark_now_us))
                return err;
        journal->has_mark = true;
        journal->mark_now_us = mark.now_us;
        sk_buf_clear(&journal->mark);
        sk_buf_add_slice(&journal->mark, payload);
        return journal->mark.err;
}

static sk_err note_offset(leaving *way, const sk_log_entry *entry, sk_slice payload) {
        size_t skip = sizeof(MARK_PREFIX) - 1;
        sk_slice name = {entry->key.at + skip, entry->key.len - skip};
        sk_move_topic *topic = sk_move_topics_find(&way->topics, name);
        sk_cursor cursor = sk_cursor_make(payload);
        uint64_t next = sk_cursor_u64(&cursor);

        if (cursor.err != SK_OK || next > INT64_MAX)
                return SK_ERR_RANGE;
        if (topic != NULL && entry->partition < topic->partitions)
                topic->places[entry->partition].mark = (int64_t)next;
        return SK_OK;
}

static sk_err note_marks(leaving *way, const sk_log_entry *entry) {
        sk_journal_place place;
        sk_journal_kind kind;
        sk_slice name;
        sk_slice payload;
        sk_id id;
        sk_err err = sk_journal_key_parse(entry->key, &place, &name, &id);

        if (err == SK_OK && sk_slice_there(entry->value))
                err = sk_journal_unwrap(entry->key, entry->value, &kind, &payload);
        if (err != SK_OK || !sk_slice_there(entry->value))
                return err;
        if (place == SK_KEY_MARK)
                return note_mark(way->topic, payload);
        return place == SK_KEY_OFFSET ? note_offset(way, entry, payload) : SK_OK;
}

static bool on_first_look(void *self, const sk_log_entry *entry) {
        leaving *way = self;
        sk_id key = fingerprint(entry->key);
        sk_err err = note_marks(way, entry);

        if (err == SK_OK)
                err = sk_idmap_put(way->latest, &key, (void *)(intptr_t)(entry->offset + 1), NULL);
        if (err != SK_OK)
                way->err = damaged(way, entry, err);
        else
                way->err = sk_move_tell(way->config, "looking for the latest records", 0, 0);
        return way->err == SK_OK;
}

static bool is_wanted(const leaving *way, const sk_log_entry *entry) {
        static const sk_slice mark = {MARK_PREFIX, sizeof(MARK_PREFIX) - 1};
        sk_id key = fingerprint(entry->key);

        if (!sk_slice_there(entry->value) || (intptr_t)sk_idmap_get(way->latest, &key) != entry->offset + 1)
                return false;
        return !sk_slice_is(entry->key, "mark") &&
               (entry->key.len < mark.len || memcmp(entry->key.at, mark.at, mark.len) != 0);
}

static bool on_second_look(void *self, const sk_log_entry *entry) {
        leaving *way = self;
        sk_journal_kind kind;
        sk_slice payload;

        if (!is_wanted(way, entry)) {
                way->err = advance(way);
                return way->err == SK_OK;
        }
        sk_err err = sk_journal_unwrap(entry->key, entry->value, &kind, &payload);
        if (err != SK_OK) {
                way->err = damaged(way, entry, err);
                return false;
        }
        way->counts[0] += kind == SK_JOURNAL_HEAD;
        way->counts[1] += kind == SK_JOURNAL_STUB;
        way->err = write_record(way, entry, sk_moved_is_state(kind) ? SK_EXPORT_STATE : SK_EXPORT_RECORD);
        return way->err == SK_OK;
}

static sk_err write_journal(leaving *way) {
        sk_err err = SK_OK;

        for (way->partition = 0; way->partition < way->topic->partitions && err == SK_OK; way->partition++) {
                way->latest = sk_idmap_new();
                if (way->latest == NULL)
                        return fail(way, SK_ERR_NO_MEMORY, way->topic->name);
                err = read_place(way, 0, on_first_look);
                if (err == SK_OK)
                        err = read_place(way, 0, on_second_look);
                sk_idmap_free(way->latest);
        }
        if (err != SK_OK || !way->topic->has_mark)
                return err;
        sk_buf_clear(&way->piece);
        sk_buf_add_slice(&way->piece, sk_buf_slice(&way->topic->mark));
        return put(way, SK_EXPORT_MARK);
}

/* ---- other topics ---- */

static int64_t larger(int64_t a, int64_t b) {
        return a > b ? a : b;
}

static sk_err check_gap(leaving *way) {
        const sk_move_place *place = &way->topic->places[way->partition];

        if (place->mark == 0 || place->mark >= place->low || way->config->passes_gaps)
                return SK_OK;
        return sk_move_fail(way->report->why, SK_ERR_CONFLICT,
                            "%s, partition %d: records %" PRId64 " to %" PRId64
                            " were deleted before the link had read them (a gap)",
                            way->topic->name, (int)way->partition, place->mark, place->low - 1);
}

static sk_err write_half(leaving *way, bool is_unread) {
        sk_err err = SK_OK;

        way->is_unread = is_unread;
        for (way->partition = 0; way->partition < way->topic->partitions && err == SK_OK; way->partition++) {
                const sk_move_place *place = &way->topic->places[way->partition];
                int64_t stands = sk_move_is_inbound(way->topic) ? larger(place->mark, place->low) : place->end;
                way->until = is_unread ? INT64_MAX : stands;
                if (is_unread)
                        err = check_gap(way);
                if (err == SK_OK && (is_unread ? stands < place->end : place->low < stands))
                        err = read_place(way, is_unread ? stands : place->low, on_record);
        }
        way->is_unread = false;
        return err;
}

/* ---- one topic ---- */

static sk_err write_head(leaving *way) {
        sk_slice name = sk_slice_of(way->topic->name);

        sk_buf_clear(&way->piece);
        sk_buf_add_byte(&way->piece, (uint8_t)name.len);
        sk_buf_add_slice(&way->piece, name);
        return put(way, SK_EXPORT_TOPIC);
}

static sk_err write_sum(leaving *way) {
        sk_move_row *row = sk_move_report_row(way->report, sk_slice_of(way->topic->name));

        if (row == NULL)
                return fail(way, SK_ERR_NO_MEMORY, way->topic->name);
        row->sum = way->sum;
        row->unread = way->unread;
        row->open = way->counts[0];
        row->closed = way->counts[1];
        sk_buf_clear(&way->piece);
        sk_buf_add_u64(&way->piece, way->sum.count);
        sk_buf_add_u64(&way->piece, way->sum.low);
        sk_buf_add_u64(&way->piece, way->sum.high);
        return put(way, SK_EXPORT_SUM);
}

static sk_err write_topic(leaving *way, sk_move_topic *topic) {
        way->topic = topic;
        way->sum = (sk_moved_sum){0, 0, 0};
        way->unread = way->counts[0] = way->counts[1] = 0;
        sk_err err = write_head(way);
        if (err == SK_OK && topic->kind == SK_TOPIC_JOURNAL)
                err = write_journal(way);
        else if (err == SK_OK)
                err = write_half(way, false);
        if (err == SK_OK && sk_move_is_inbound(topic))
                err = write_half(way, true);
        return err == SK_OK ? write_sum(way) : err;
}

/* ---- all ---- */

static sk_err write_chain(leaving *way) {
        int32_t most = 1;

        for (size_t i = 0; i < way->topics.count; i++)
                most = way->topics.at[i].partitions > most ? way->topics.at[i].partitions : most;
        sk_buf_clear(&way->piece);
        sk_buf_add_byte(&way->piece, (uint8_t)way->config->chain.len);
        sk_buf_add_slice(&way->piece, way->config->chain);
        sk_buf_add_u32(&way->piece, (uint32_t)most);
        sk_buf_add_u64(&way->piece, (uint64_t)way->config->now_us);
        return put(way, SK_EXPORT_CHAIN);
}

static sk_err write_topics(leaving *way) {
        sk_err err = SK_OK;

        for (unsigned journals = 2; journals-- > 0;) {
                for (size_t i = 0; i < way->topics.count && err == SK_OK; i++) {
                        if ((way->topics.at[i].kind == SK_TOPIC_JOURNAL) == (journals == 1))
                                err = write_topic(way, &way->topics.at[i]);
                }
        }
        if (err != SK_OK)
                return err;
        sk_move_report_add_up(way->report);
        sk_buf_clear(&way->piece);
        sk_buf_add_u64(&way->piece, way->topics.count);
        sk_buf_add_u64(&way->piece, way->report->records);
        return put(way, SK_EXPORT_END);
}

/* What is not seen from groups is seen from ends: a link that came and went has written. */
static sk_err check_unchanged(leaving *way) {
        sk_log_tool *tool = sk_mover_tool(way->config->mover);
        sk_err err = sk_mover_check(way->config->mover);

        if (err != SK_OK)
                return sk_move_fail(way->report->why, err, "%s", sk_mover_why(way->config->mover));
        for (size_t i = 0; i < way->topics.count; i++) {
                sk_move_topic *topic = &way->topics.at[i];
                for (int32_t p = 0; p < topic->partitions; p++) {
                        int64_t end = 0;
                        err = sk_log_tool_end(tool, sk_slice_of(topic->name), p, &end);
                        if (err != SK_OK)
                                return sk_move_fail(way->report->why, err, "%s: %s", topic->name,
                                                    sk_log_tool_why(tool));
                        if (end != topic->places[p].end)
                                return sk_move_fail(way->report->why, SK_ERR_CONFLICT,
                                                    "somebody has written to %s meanwhile", topic->name);
                }
        }
        return SK_OK;
}

static void total_count(leaving *way) {
        for (size_t i = 0; i < way->topics.count; i++) {
                for (int32_t p = 0; p < way->topics.at[i].partitions; p++)
                        way->total += (uint64_t)(way->topics.at[i].places[p].end - way->topics.at[i].places[p].low);
        }
}

static sk_err prepare(leaving *way) {
        sk_err err = sk_move_topics_list(&way->topics, way->config, way->report->why);

        if (err == SK_OK && way->topics.count == 0)
                err = sk_move_fail(way->report->why, SK_ERR_NOT_FOUND, "the log holds nothing of the chain %.*s",
                                   (int)way->config->chain.len, way->config->chain.at);
        if (err == SK_OK)
                err = sk_move_hold(&way->topics, way->config, way->report->why);
        if (err == SK_OK) { /* as they are now that nobody writes any more */
                sk_move_topics_free(&way->topics);
                err = sk_move_topics_list(&way->topics, way->config, way->report->why);
        }
        if (err == SK_OK)
                err = sk_export_writer_new(way->config->file, way->report->why, &way->writer);
        total_count(way);
        return err;
}

sk_err sk_move_out(const sk_move_config *config, sk_move_report *report) {
        assert(config != NULL);
        assert(config->file != NULL);
        assert(report != NULL);
        static_assert(SK_EXPORT_WHY_MAX <= SK_MOVE_WHY_MAX, "a sentence fits");
        leaving way = {.config = config,
                       .report = report,
                       .piece = sk_buf_make(SK_EXPORT_PIECE_MAX),
                       .scratch = sk_buf_make(SCRATCH_MAX)};

        *report = (sk_move_report){NULL, 0, 0, 0, 0, 0, 0, ""};
        sk_err err = prepare(&way);
        if (err == SK_OK)
                err = write_chain(&way);
        if (err == SK_OK)
                err = write_topics(&way);
        if (err == SK_OK)
                err = check_unchanged(&way);
        if (err == SK_OK) {
                err = sk_export_writer_end(way.writer);
                if (err != SK_OK)
                        (void)fail_writing(&way, err);
        }
        sk_export_writer_free(way.writer);
        sk_move_topics_free(&way.topics);
        sk_buf_free(&way.piece);
        sk_buf_free(&way.scratch);
        if (err == SK_ERR_ABORTED)
                (void)sk_move_fail(report->why, err, "given up; there is no file");
        return err;
}
