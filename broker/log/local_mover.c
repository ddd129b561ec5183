#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "log/local_dir.h"
#include "log/local_file.h"
#include "log/mover_inside.h"

/*
 * A local log: the teams' locks are held for as long as it is open, so that a daemon that starts stands by. Records are
 * written many in a transaction.
 */

#define TEAMS_MAX 4096
#define ROWS_MAX 500
#define BYTES_MAX ((size_t)4 << 20)

typedef struct sk_local_mover {
        sk_mover base;
        sk_local_file *file; /* NULL: only read from */
        sk_local_dir *dir;
        int *locks;
        size_t lock_count;
        size_t rows; /* of the open transaction; 0: none is open */
        size_t bytes;
} sk_local_mover;

static sk_local_mover *self_of(sk_mover *mover) {
        assert(mover->kind == &sk_local_mover_kind);
        return (sk_local_mover *)mover;
}

static sk_err fail(sk_local_mover *mover, sk_err err) {
        (void)snprintf(mover->base.why, sizeof(mover->base.why), "%s", sk_local_file_why(mover->file));
        return err;
}

static void mover_free(sk_mover *base) {
        sk_local_mover *mover = self_of(base);

        if (mover->file != NULL)
                sk_local_rollback(mover->file);
        sk_local_file_free(mover->file);
        for (size_t i = 0; i < mover->lock_count; i++)
                (void)close(mover->locks[i]);
        sk_free(mover->locks);
        sk_local_dir_free(mover->dir);
        sk_log_tool_free(base->tool);
        sk_free(mover);
}

static sk_err mover_open(const sk_mover_config *config, const char *place, sk_log_tool *tool, char why[SK_LOG_WHY_MAX],
                         sk_mover **out) {
        sk_local_mover *mover = sk_alloc_zero(1, sizeof(*mover));
        sk_err err = SK_OK;

        if (mover == NULL) {
                sk_log_tool_free(tool);
                return SK_ERR_NO_MEMORY;
        }
        mover->base.kind = &sk_local_mover_kind;
        mover->base.tool = tool;
        mover->locks = sk_alloc_zero(TEAMS_MAX, sizeof(int));
        if (mover->locks == NULL)
                err = SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_local_dir_open(place, true, why, &mover->dir);
        if (err == SK_OK && config->is_target)
                err = sk_local_file_open(place, true, why, &mover->file);
        if (err != SK_OK) {
                mover_free(&mover->base);
                return err;
        }
        *out = &mover->base;
        return SK_OK;
}

/* ---- keeping links out ---- */

static sk_err mover_hold(sk_mover *base, sk_slice team) {
        sk_local_mover *mover = self_of(base);
        char holder[100] = "";

        if (mover->lock_count == TEAMS_MAX)
                return SK_ERR_FULL;
        sk_err err = sk_local_dir_lock(mover->dir, team, &mover->locks[mover->lock_count]);
        if (err == SK_OK) {
                mover->lock_count++;
                return SK_OK;
        }
        sk_local_dir_holder(mover->dir, team, holder, sizeof(holder));
        if (err == SK_ERR_BUSY)
                (void)snprintf(base->why, sizeof(base->why), "the link of team %.*s runs (%s)", (int)team.len, team.at,
                               holder[0] == '\0' ? "its lock is held" : holder);
        else
                (void)snprintf(base->why, sizeof(base->why), "the lock of team %.*s cannot be taken: %s", (int)team.len,
                               team.at, strerror(sk_local_dir_errno(mover->dir)));
        return err;
}

/* Who has the locks is alone. */
static sk_err mover_check(sk_mover *base) {
        (void)base;
        return SK_OK;
}

static sk_err mover_settled(sk_mover *base, sk_slice topic, int32_t partition) {
        (void)base;
        (void)topic;
        (void)partition;
        return SK_OK;
}

static int32_t mover_partitions(sk_mover *base, sk_slice topic) {
        (void)base;
        (void)topic;
        return 1;
}

/* ---- writing ---- */

static sk_err mover_flush(sk_mover *base) {
        sk_local_mover *mover = self_of(base);

        if (mover->rows == 0)
                return SK_OK;
        mover->rows = 0;
        mover->bytes = 0;
        sk_err err = sk_local_commit(mover->file);
        if (err != SK_OK)
                return fail(mover, err);
        if (sk_local_wal_bytes(mover->file) > SK_LOCAL_WAL_BYTES)
                sk_local_checkpoint(mover->file);
        return SK_OK;
}

static sk_err mover_write(sk_mover *base, const sk_mover_record *record) {
        sk_local_mover *mover = self_of(base);
        sk_local_append append = {.topic = record->topic,
                                  .timestamp_us = record->timestamp_us,
                                  .key = record->key,
                                  .headers = record->headers,
                                  .value = record->value};
        sk_err err = SK_OK;

        assert(mover->file != NULL);
        assert(record->partition == 0);
        if (mover->rows == 0)
                err = sk_local_begin(mover->file);
        if (err == SK_OK)
                err = sk_local_append_row(mover->file, &append, NULL);
        if (err != SK_OK) {
                (void)fail(mover, err);
                sk_local_rollback(mover->file);
                mover->rows = 0;
                return err;
        }
        mover->rows++;
        mover->bytes += record->key.len + record->headers.len + record->value.len;
        return mover->rows >= ROWS_MAX || mover->bytes >= BYTES_MAX ? mover_flush(base) : SK_OK;
}

const sk_mover_kind sk_local_mover_kind = {
        .scheme = "local",
        .open = mover_open,
        .free = mover_free,
        .hold = mover_hold,
        .check = mover_check,
        .settled = mover_settled,
        .partitions = mover_partitions,
        .write = mover_write,
        .flush = mover_flush,
};
