#include "log/local_reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "log/local_file.h"

/*
 * Offsets of a topic on a local log have no holes, so a row that is not the next one means that retention has deleted
 * something unread: a gap (rule R2d). A topic that was never read begins with what is left of it.
 */

#define FETCH_ROWS 512
#define FETCH_ROWS_TOPIC 64
#define FETCH_BYTES ((size_t)1024 * 1024)
#define RESTORE_ROWS 2000
#define RESTORE_BYTES ((size_t)2 * 1024 * 1024)
#define END_UNKNOWN (-1)

/* An inbound topic and how far it was read. */
struct inbound {
        const sk_topic *topic;
        int64_t next_offset;
        bool has_gap;
};

struct sk_local_reader {
        sk_local_file *file;
        sk_driver *driver;
        const sk_local_proofs *proofs;
        const sk_topic *journal;
        bool passes_gaps;
        sk_log_tell *tell;
        void *tell_self;
        int64_t data_version;
        uint64_t count;

        bool is_restoring;
        int64_t restore_next;
        int64_t restore_end;
        uint64_t restore_count;

        struct inbound *inbound;
        size_t inbound_count;
        size_t inbound_first; /* where the next fetch begins, so that no topic starves another */
};

/* A reading underway. */
struct reading {
        sk_local_reader *reader;
        const sk_topic *topic;
        int64_t expected;
        size_t bytes;
        bool is_full; /* the driver wants no more */
        bool has_gap;
};

sk_err sk_local_reader_new(const sk_local_config *config, char why[SK_LOG_TEXT_MAX], sk_local_reader **out) {
        assert(config != NULL);
        assert(out != NULL);
        sk_local_reader *reader = sk_alloc_zero(1, sizeof(*reader));
        if (reader == NULL)
                return SK_ERR_NO_MEMORY;

        reader->driver = config->driver;
        reader->journal = sk_topics_own(sk_driver_topics(config->driver), SK_TOPIC_JOURNAL);
        reader->passes_gaps = config->passes_gaps;
        reader->tell = config->tell;
        reader->tell_self = config->tell_self;
        sk_err err = sk_local_file_open(config->file, true, why, &reader->file);
        if (err != SK_OK) {
                sk_local_reader_free(reader);
                return err;
        }
        *out = reader;
        return SK_OK;
}

void sk_local_reader_free(sk_local_reader *reader) {
        if (reader == NULL)
                return;
        sk_local_file_free(reader->file);
        sk_free(reader->inbound);
        sk_free(reader);
}

void sk_local_reader_reset(sk_local_reader *reader) {
        assert(reader != NULL);
        reader->inbound_count = 0;
        reader->is_restoring = false;
}

static void tell(const sk_local_reader *reader, sk_log_news news, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void tell(const sk_local_reader *reader, sk_log_news news, const char *format, ...) {
        char text[SK_LOG_TEXT_MAX];
        va_list list;

        if (reader->tell == NULL)
                return;
        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        reader->tell(reader->tell_self, news, text);
}

static sk_record record_of(const struct reading *reading, const sk_local_row *row) {
        return (sk_record){.topic = reading->topic,
                           .partition = 0,
                           .offset = row->offset,
                           .timestamp_us = row->timestamp_us,
                           .key = row->key,
                           .headers = row->headers,
                           .value = row->value};
}

static size_t row_bytes(const sk_local_row *row) {
        return row->key.len + row->headers.len + row->value.len;
}

void sk_local_reader_proofs(sk_local_reader *reader, const sk_local_proofs *proofs) {
        assert(reader != NULL);
        reader->proofs = proofs;
}

/* ---- restore ---- */

void sk_local_reader_restore(sk_local_reader *reader) {
        assert(reader != NULL);
        reader->is_restoring = true;
        reader->restore_next = 0;
        reader->restore_end = END_UNKNOWN;
        reader->restore_count = 0;
}

static bool restore_row(void *self, const sk_local_row *row) {
        struct reading *reading = self;
        sk_record record = record_of(reading, row);

        sk_driver_journal(reading->reader->driver, &record);
        reading->reader->restore_count++;
        reading->bytes += row_bytes(row);
        return reading->bytes < RESTORE_BYTES;
}

static sk_err restore_read(sk_local_reader *reader, size_t *out_rows) {
        struct reading reading = {.reader = reader, .topic = reader->journal};
        sk_local_range range = {
                .topic = reader->journal->name, .from_offset = reader->restore_next, .max = RESTORE_ROWS};

        if (reader->restore_end == END_UNKNOWN) {
                sk_local_ends ends = {0};
                sk_err err = sk_local_ends_of(reader->file, reader->journal->name, &ends);
                if (err != SK_OK)
                        return err;
                reader->restore_end = ends.end_offset;
        }
        return sk_local_read(reader->file, &range, restore_row, &reading, &reader->restore_next, out_rows);
}

bool sk_local_reader_restore_some(sk_local_reader *reader, int64_t now_us) {
        assert(reader != NULL);
        size_t rows = 0;

        if (!reader->is_restoring)
                return false;
        if (restore_read(reader, &rows) != SK_OK) {
                tell(reader, SK_NEWS_TROUBLE, "the journal cannot be read: %s", sk_local_file_why(reader->file));
                return false;
        }
        if (rows > 0 && reader->restore_next < reader->restore_end)
                return true;
        reader->is_restoring = false;
        tell(reader, SK_NEWS_RESTORED, "%" PRIu64, reader->restore_count);
        sk_driver_restored(reader->driver, 0, reader->restore_end, now_us);
        return true;
}

/* ---- fetch ---- */

sk_err sk_local_reader_place(sk_local_reader *reader, const sk_position *position) {
        assert(reader != NULL);
        assert(position != NULL);
        assert(position->partition == 0);
        struct inbound placed = {position->topic, position->next_offset, false};

        for (size_t i = 0; i < reader->inbound_count; i++) {
                if (reader->inbound[i].topic == position->topic) {
                        reader->inbound[i] = placed;
                        return SK_OK;
                }
        }
        struct inbound *grown = sk_realloc(reader->inbound, (reader->inbound_count + 1) * sizeof(*grown));
        if (grown == NULL)
                return SK_ERR_NO_MEMORY;
        reader->inbound = grown;
        reader->inbound[reader->inbound_count++] = placed;
        return SK_OK;
}

/* Nothing of a row has been looked at yet: it may be anything. */
static sk_slice proven_by(const sk_local_reader *reader, const sk_local_row *row) {
        if (reader->proofs == NULL || !sk_headers_check(row->headers))
                return SK_NONE;
        return sk_local_proofs_login(reader->proofs, sk_headers_find(row->headers, "ce_id"));
}

static bool fetch_row(void *self, const sk_local_row *row) {
        struct reading *reading = self;

        if (row->offset != reading->expected) {
                reading->has_gap = true;
                return false;
        }
        sk_record record = record_of(reading, row);
        if (record.topic->kind == SK_TOPIC_WORK)
                record.proven = proven_by(reading->reader, row);
        sk_driver_record(reading->reader->driver, &record);
        reading->reader->count++;
        reading->expected = row->offset + 1;
        reading->bytes += row_bytes(row);
        reading->is_full = !sk_driver_wants(reading->reader->driver, reading->topic->kind);
        return !reading->is_full && reading->bytes < FETCH_BYTES;
}

/* True when what is left is to be read: nobody will say again that it is there. */
static bool gap_found(sk_local_reader *reader, struct inbound *inbound) {
        sk_local_ends ends = {0};

        sk_err err = sk_local_ends_of(reader->file, inbound->topic->name, &ends);
        tell(reader, SK_NEWS_GAP, "%.*s: wanted offset %" PRId64 ", the first one left is %" PRId64,
             (int)inbound->topic->name.len, inbound->topic->name.at, inbound->next_offset, ends.low_offset);
        if (reader->passes_gaps && err == SK_OK) {
                inbound->next_offset = ends.low_offset;
                sk_driver_past_gap(reader->driver, inbound->topic, 0, ends.low_offset);
                return true;
        }
        inbound->has_gap = true;
        sk_driver_gap(reader->driver, inbound->topic, 0, ends.low_offset);
        return false;
}

/* A topic that was never read begins with what is left of it. */
static sk_err begin_at_low(sk_local_reader *reader, struct inbound *inbound) {
        sk_local_ends ends = {0};
        sk_err err = sk_local_ends_of(reader->file, inbound->topic->name, &ends);

        if (err == SK_OK)
                inbound->next_offset = ends.low_offset;
        return err;
}

/* Reads some of a topic; true when there may be more, now or when the driver has room. */
static bool fetch_topic(struct inbound *inbound, struct reading *reading) {
        sk_local_reader *reader = reading->reader;
        size_t rows = 0;
        sk_err err = SK_OK;

        if (!sk_driver_wants(reader->driver, inbound->topic->kind))
                return true;
        if (inbound->next_offset == 0)
                err = begin_at_low(reader, inbound);
        reading->topic = inbound->topic;
        reading->expected = inbound->next_offset;
        reading->is_full = false;
        reading->has_gap = false;
        sk_local_range range = {
                .topic = inbound->topic->name, .from_offset = inbound->next_offset, .max = FETCH_ROWS_TOPIC};
        if (err == SK_OK)
                err = sk_local_read(reader->file, &range, fetch_row, reading, NULL, &rows);
        inbound->next_offset = reading->expected;
        if (err != SK_OK)
                tell(reader, SK_NEWS_TROUBLE, "records cannot be read: %s", sk_local_file_why(reader->file));
        if (err == SK_OK && reading->has_gap && gap_found(reader, inbound))
                return true;
        return err != SK_OK || rows == FETCH_ROWS_TOPIC || reading->is_full || reading->bytes >= FETCH_BYTES;
}

bool sk_local_reader_fetch(sk_local_reader *reader, bool *out_has_more) {
        assert(reader != NULL);
        assert(out_has_more != NULL);
        struct reading reading = {.reader = reader};
        uint64_t before = reader->count;
        size_t first = reader->inbound_first++;
        bool has_more = false;

        if (sk_local_read_begin(reader->file) != SK_OK) {
                *out_has_more = true;
                return false;
        }
        for (size_t i = 0; i < reader->inbound_count; i++) {
                struct inbound *inbound = &reader->inbound[(first + i) % reader->inbound_count];
                if (inbound->has_gap)
                        continue;
                if (reading.bytes >= FETCH_BYTES || reader->count - before >= FETCH_ROWS)
                        has_more = true;
                else
                        has_more = fetch_topic(inbound, &reading) || has_more;
        }
        sk_local_read_end(reader->file);
        *out_has_more = has_more;
        return has_more && reader->count > before;
}

/* ---- stubs ---- */

struct stub {
        sk_driver *driver;
        sk_slice key;
        int64_t now_us;
        bool is_there;
};

static bool stub_row(void *self, const sk_local_row *row) {
        struct stub *stub = self;

        stub->is_there = true;
        sk_driver_stub(stub->driver, 0, stub->key, row->value, stub->now_us);
        return false;
}

void sk_local_reader_stub(sk_local_reader *reader, sk_slice key, int64_t now_us) {
        assert(reader != NULL);
        struct stub stub = {.driver = reader->driver, .key = key, .now_us = now_us};

        (void)sk_local_read_key(reader->file, reader->journal->name, key, stub_row, &stub);
        if (!stub.is_there)
                sk_driver_stub(reader->driver, 0, key, SK_NONE, now_us);
}

bool sk_local_reader_has_changed(sk_local_reader *reader) {
        assert(reader != NULL);
        int64_t version = reader->data_version;

        if (sk_local_data_version(reader->file, &version) != SK_OK || version == reader->data_version)
                return false;
        reader->data_version = version;
        return true;
}

uint64_t sk_local_reader_count(const sk_local_reader *reader) {
        assert(reader != NULL);
        return reader->count;
}
