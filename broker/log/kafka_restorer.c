#include "log/kafka_restorer.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/spsc.h"
#include "kit/when.h"
#include "log/worker.h"

/*
 * Two threads touch this file: what stands above "the owner's thread" is the restorer's. Between them are the worker's
 * queue of asks, one of full pieces, and one of empty ones on their way back. `round` is counted up by the owner; an ask
 * of an earlier round is given up where it is.
 */

#define STACK_BYTES ((size_t)512 * 1024)
#define ASKS_MAX 4096
#define PIECES 8
#define PIECE_BYTES ((size_t)1024 * 1024)
#define PIECE_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define KEY_BYTES_MAX 65536
#define STUB_SLACK_US (2 * SK_HOUR_US)
#define AGAIN_MS 1000
#define IDLE_MS 600000 /* connections are dropped after that, or twice that */

enum ask_kind { ASK_WARM, ASK_RESTORE, ASK_LOW, ASK_STUB };

struct ask {
        enum ask_kind kind;
        unsigned round;
        int32_t partition;
        sk_buf key; /* of a stub; or a topic */
        int64_t since_us;
        sk_buf found;
        bool is_found;
};

struct sk_kafka_restorer {
        const sk_kafka_settings *settings;
        int32_t partitions;
        sk_worker *worker;
        sk_spsc *full;
        sk_spsc *empty;
        atomic_uint round;
        atomic_bool is_stopping;
        sk_kafka_piece *pieces;

        sk_kafka_journal *journal; /* from here on: the restorer's */
        struct ask *current;
        sk_kafka_piece *filling;
        bool is_in_use; /* something was asked for since it was looked at */
};

/* ---- the restorer's thread ---- */

static bool is_stopping(const sk_kafka_restorer *restorer) {
        return atomic_load(&restorer->is_stopping);
}

static bool is_wanted(void *self) {
        const sk_kafka_restorer *restorer = self;

        return !is_stopping(restorer) &&
               (restorer->current == NULL || restorer->current->round == atomic_load(&restorer->round));
}

/* An empty piece, for which the owner may have to be waited; NULL when nobody wants it any more. */
static sk_kafka_piece *piece_begin(sk_kafka_restorer *restorer, sk_kafka_piece_kind kind) {
        for (;;) {
                sk_kafka_piece *piece = sk_spsc_take(restorer->empty);
                if (piece != NULL) {
                        piece->kind = kind;
                        piece->round = restorer->current->round;
                        piece->partition = restorer->current->partition;
                        piece->count = 0;
                        sk_buf_clear(&piece->bytes);
                        return piece;
                }
                if (is_stopping(restorer))
                        return NULL;
                struct pollfd wait = {.fd = sk_spsc_fd(restorer->empty), .events = POLLIN};
                (void)poll(&wait, 1, 1000);
                sk_spsc_drain(restorer->empty);
        }
}

static void piece_end(sk_kafka_restorer *restorer, sk_kafka_piece *piece) {
        bool has_room = sk_spsc_put(restorer->full, piece);
        assert(has_room);
        (void)has_room;
}

static void row_add(sk_kafka_piece *piece, const sk_record *record) {
        assert(piece->count < SK_KAFKA_PIECE_ROWS);
        piece->rows[piece->count++] = (struct sk_kafka_row){.offset = record->offset,
                                                            .timestamp_us = record->timestamp_us,
                                                            .start = piece->bytes.len,
                                                            .key_len = record->key.len,
                                                            .value_len = record->value.len,
                                                            .is_tombstone = !sk_slice_there(record->value)};
        sk_buf_add_slice(&piece->bytes, record->key);
        sk_buf_add_slice(&piece->bytes, record->value);
}

static void waits(void *self, const char *text) {
        sk_kafka_restorer *restorer = self;
        sk_kafka_piece *piece = restorer->filling == NULL ? piece_begin(restorer, SK_KAFKA_WAITS) : NULL;

        if (piece == NULL)
                return;
        (void)snprintf(piece->text, sizeof(piece->text), "%s", text);
        piece_end(restorer, piece);
}

static bool restore_record(void *self, const sk_record *record) {
        sk_kafka_restorer *restorer = self;

        if (restorer->filling == NULL)
                restorer->filling = piece_begin(restorer, SK_KAFKA_RECORDS);
        sk_kafka_piece *piece = restorer->filling;
        if (piece == NULL)
                return false;
        row_add(piece, record);
        if (piece->count == SK_KAFKA_PIECE_ROWS || piece->bytes.len >= PIECE_BYTES) {
                restorer->filling = NULL;
                piece_end(restorer, piece);
        }
        return is_wanted(restorer);
}

static void answer_end(sk_kafka_restorer *restorer, int64_t end_offset) {
        sk_kafka_piece *piece = piece_begin(restorer, SK_KAFKA_RESTORED);

        if (piece == NULL)
                return;
        piece->end_offset = end_offset;
        piece_end(restorer, piece);
}

static sk_err restore(sk_kafka_restorer *restorer, int32_t partition) {
        int64_t end_offset = 0;
        sk_err err = sk_kafka_journal_end(restorer->journal, partition, &end_offset);

        if (err == SK_OK)
                err = sk_kafka_journal_read(restorer->journal, &(sk_kafka_journal_range){partition, 0, end_offset},
                                            restore_record, restorer, &end_offset);
        if (restorer->filling != NULL)
                piece_end(restorer, restorer->filling);
        restorer->filling = NULL;
        if (err == SK_OK)
                answer_end(restorer, end_offset);
        return err;
}

static sk_err low(sk_kafka_restorer *restorer, struct ask *ask) {
        sk_record record = {.key = sk_buf_slice(&ask->key), .value = SK_NONE};
        int64_t offset = 0;
        sk_err err = sk_kafka_journal_low(restorer->journal, record.key, ask->partition, &offset);
        sk_kafka_piece *piece = err == SK_OK ? piece_begin(restorer, SK_KAFKA_LOW) : NULL;

        if (piece == NULL)
                return err;
        piece->end_offset = offset;
        row_add(piece, &record);
        piece_end(restorer, piece);
        return SK_OK;
}

/* ---- a stub ---- */

/* What comes later in the journal holds. */
static bool stub_record(void *self, const sk_record *record) {
        sk_kafka_restorer *restorer = self;
        struct ask *ask = restorer->current;

        if (sk_slice_equal(record->key, sk_buf_slice(&ask->key))) {
                sk_buf_clear(&ask->found);
                sk_buf_add_slice(&ask->found, record->value);
                ask->is_found = sk_slice_there(record->value) && ask->found.err == SK_OK;
        }
        return is_wanted(restorer);
}

/*
 * From about when the call closed, which is not long ago for most that are asked for. Clocks differ, and memory may have
 * been given another length: what is not found there is looked for in all of the journal.
 */
static sk_err stub(sk_kafka_restorer *restorer, struct ask *ask) {
        sk_kafka_journal_range range = {.partition = ask->partition};
        sk_record record = {.key = sk_buf_slice(&ask->key)};
        int64_t since_us = ask->since_us > STUB_SLACK_US ? ask->since_us - STUB_SLACK_US : 0;
        int64_t reached = 0;
        sk_err err = sk_kafka_journal_end(restorer->journal, ask->partition, &range.end_offset);

        ask->is_found = false;
        if (err == SK_OK)
                err = sk_kafka_journal_since(restorer->journal, ask->partition, since_us, &range.from_offset);
        if (err == SK_OK)
                err = sk_kafka_journal_read(restorer->journal, &range, stub_record, restorer, &reached);
        if (err == SK_OK && !ask->is_found && range.from_offset > 0) {
                range.from_offset = 0;
                err = sk_kafka_journal_read(restorer->journal, &range, stub_record, restorer, &reached);
        }
        sk_kafka_piece *piece = err == SK_OK ? piece_begin(restorer, SK_KAFKA_STUB) : NULL;
        if (piece == NULL)
                return err;
        piece->end_offset = range.from_offset;
        record.value = ask->is_found ? sk_buf_slice(&ask->found) : SK_NONE;
        row_add(piece, &record);
        piece_end(restorer, piece);
        return SK_OK;
}

/* ---- the thread's life ---- */

static sk_err journal_open(sk_kafka_restorer *restorer) {
        sk_kafka_journal_config config = {
                .settings = restorer->settings, .goes_on = is_wanted, .waits = waits, .self = restorer};
        char why[SK_KAFKA_WHY_MAX] = "";

        if (restorer->journal != NULL)
                return SK_OK;
        sk_err err = sk_kafka_journal_new(&config, why, &restorer->journal);
        if (err != SK_OK)
                waits(restorer, why[0] == '\0' ? sk_err_text(err) : why);
        return err;
}

static sk_err attend(sk_kafka_restorer *restorer, struct ask *ask) {
        sk_err err = journal_open(restorer);

        if (err != SK_OK)
                return err;
        switch (ask->kind) {
        case ASK_WARM:
                sk_kafka_journal_warm(restorer->journal);
                return SK_OK;
        case ASK_RESTORE:
                return restore(restorer, ask->partition);
        case ASK_LOW:
                return low(restorer, ask);
        case ASK_STUB:
                return stub(restorer, ask);
        }
        return SK_ERR_ABORTED;
}

static void ask_free(struct ask *ask) {
        if (ask == NULL)
                return;
        sk_buf_free(&ask->key);
        sk_buf_free(&ask->found);
        sk_free(ask);
}

/* Without memory or handles there is nothing to do but to try again while it is wanted. */
static void perform(void *self, void *job) {
        sk_kafka_restorer *restorer = self;
        struct ask *ask = job;

        restorer->is_in_use = true;
        restorer->current = ask;
        while (is_wanted(restorer) && attend(restorer, ask) != SK_OK) {
                if (is_wanted(restorer))
                        (void)poll(NULL, 0, AGAIN_MS);
        }
        restorer->current = NULL;
        ask_free(ask);
}

/* Connections are kept for as long as something is asked for now and then. */
static int tidy(void *self) {
        sk_kafka_restorer *restorer = self;

        if (restorer->is_in_use) {
                restorer->is_in_use = false;
                return IDLE_MS;
        }
        sk_kafka_journal_free(restorer->journal);
        restorer->journal = NULL;
        return -1;
}

/* ---- the owner's thread ---- */

static void drop(void *self, void *ask) {
        (void)self;
        ask_free(ask);
}

static bool worker_make(sk_kafka_restorer *restorer) {
        sk_worker_config config = {.jobs_max = ASKS_MAX,
                                   .stack_bytes = STACK_BYTES,
                                   .perform = perform,
                                   .chore = tidy,
                                   .chore_ms = IDLE_MS,
                                   .drop = drop,
                                   .self = restorer,
                                   .is_stopping = &restorer->is_stopping};

        restorer->worker = sk_worker_new(&config);
        return restorer->worker != NULL;
}

static bool parts_make(sk_kafka_restorer *restorer) {
        restorer->full = sk_spsc_new(PIECES);
        restorer->empty = sk_spsc_new(PIECES);
        restorer->pieces = sk_alloc_zero(PIECES, sizeof(*restorer->pieces));
        if (restorer->full == NULL || restorer->empty == NULL || restorer->pieces == NULL)
                return false;
        for (size_t i = 0; i < PIECES; i++) {
                restorer->pieces[i].bytes = sk_buf_make(PIECE_BYTES_MAX);
                (void)sk_spsc_put(restorer->empty, &restorer->pieces[i]);
        }
        return true;
}

sk_err sk_kafka_restorer_new(const sk_kafka_settings *settings, int32_t partitions, sk_kafka_restorer **out) {
        assert(settings != NULL);
        assert(partitions > 0);
        assert(out != NULL);
        sk_kafka_restorer *restorer = sk_alloc_zero(1, sizeof(*restorer));
        if (restorer == NULL)
                return SK_ERR_NO_MEMORY;

        restorer->settings = settings;
        restorer->partitions = partitions;
        atomic_init(&restorer->round, 0);
        atomic_init(&restorer->is_stopping, false);
        if (!parts_make(restorer) || !worker_make(restorer)) {
                sk_kafka_restorer_free(restorer);
                return SK_ERR_NO_MEMORY;
        }
        *out = restorer;
        return SK_OK;
}

void sk_kafka_restorer_free(sk_kafka_restorer *restorer) {
        if (restorer == NULL)
                return;
        (void)sk_worker_free(restorer->worker, 0);
        sk_kafka_journal_free(restorer->journal);
        for (size_t i = 0; restorer->pieces != NULL && i < PIECES; i++)
                sk_buf_free(&restorer->pieces[i].bytes);
        sk_free(restorer->pieces);
        sk_spsc_free(restorer->full);
        sk_spsc_free(restorer->empty);
        sk_free(restorer);
}

/* With a key that is still borrowed. */
static sk_err put(sk_kafka_restorer *restorer, const struct ask *wanted, sk_slice key) {
        assert(wanted->partition >= 0);
        assert(wanted->partition < restorer->partitions);
        struct ask *ask = sk_alloc_zero(1, sizeof(*ask));
        if (ask == NULL)
                return SK_ERR_NO_MEMORY;

        *ask = *wanted;
        ask->round = atomic_load(&restorer->round);
        ask->key = sk_buf_make(KEY_BYTES_MAX);
        ask->found = sk_buf_make(PIECE_BYTES_MAX);
        sk_buf_add_slice(&ask->key, key);
        if (ask->key.err == SK_OK && sk_worker_put(restorer->worker, ask))
                return SK_OK;
        ask_free(ask);
        return SK_ERR_NO_MEMORY;
}

void sk_kafka_restorer_warm(sk_kafka_restorer *restorer) {
        assert(restorer != NULL);
        (void)put(restorer, &(struct ask){.kind = ASK_WARM}, SK_SLICE(""));
}

sk_err sk_kafka_restorer_restore(sk_kafka_restorer *restorer, int32_t partition) {
        assert(restorer != NULL);
        return put(restorer, &(struct ask){.kind = ASK_RESTORE, .partition = partition}, SK_SLICE(""));
}

sk_err sk_kafka_restorer_low(sk_kafka_restorer *restorer, int32_t partition, sk_slice topic) {
        assert(restorer != NULL);
        return put(restorer, &(struct ask){.kind = ASK_LOW, .partition = partition}, topic);
}

sk_err sk_kafka_restorer_stub(sk_kafka_restorer *restorer, int32_t partition, sk_slice key, int64_t since_us) {
        assert(restorer != NULL);
        return put(restorer, &(struct ask){.kind = ASK_STUB, .partition = partition, .since_us = since_us}, key);
}

void sk_kafka_restorer_forget(sk_kafka_restorer *restorer) {
        assert(restorer != NULL);
        atomic_fetch_add(&restorer->round, 1);
}

sk_kafka_piece *sk_kafka_restorer_take(sk_kafka_restorer *restorer) {
        assert(restorer != NULL);
        sk_spsc_drain(restorer->full);
        for (;;) {
                sk_kafka_piece *piece = sk_spsc_take(restorer->full);
                if (piece == NULL || piece->round == atomic_load(&restorer->round))
                        return piece;
                sk_kafka_restorer_give(restorer, piece);
        }
}

void sk_kafka_restorer_give(sk_kafka_restorer *restorer, sk_kafka_piece *piece) {
        assert(restorer != NULL);
        assert(piece != NULL);
        bool has_room = sk_spsc_put(restorer->empty, piece);
        assert(has_room);
        (void)has_room;
}

sk_record sk_kafka_piece_record(const sk_kafka_piece *piece, size_t index) {
        assert(piece != NULL);
        assert(index < piece->count);
        const struct sk_kafka_row *row = &piece->rows[index];
        const char *at = sk_buf_slice(&piece->bytes).at + row->start;
        sk_record record = {.partition = piece->partition,
                            .offset = row->offset,
                            .timestamp_us = row->timestamp_us,
                            .key = {at, row->key_len},
                            .headers = SK_SLICE(""),
                            .value = {at + row->key_len, row->value_len}};

        if (row->is_tombstone)
                record.value = SK_NONE;
        return record;
}

int sk_kafka_restorer_fd(const sk_kafka_restorer *restorer) {
        return sk_spsc_fd(restorer->full);
}
