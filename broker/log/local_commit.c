/*
 * What stands below "the owner's thread" runs there, what stands above on the committer's. They share the worker's
 * queues, `is_stopping` and `waits`, nothing else.
 *
 * Whether a batch was written after the disk failed underway is seen from the journal: every batch writes to it, and
 * nobody else does under this epoch, so its end has moved exactly when the batch is there.
 */

#include "log/local_commit.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "event/topics.h"
#include "kit/alloc.h"
#include "kit/when.h"
#include "log/local_dir.h"
#include "log/worker.h"

#define TEAM_MAX 40
#define TOPIC_MAX 256
#define OWNERS_MAX 64
#define RETAIN_EVERY_MS 60000
#define RETAIN_AGAIN_MS 100
#define KEPT_LONG_US (400 * SK_DAY_US)
#define STACK_BYTES ((size_t)1024 * 1024)

struct sk_local_committer {
        char path[SK_LOCAL_PATH_MAX];
        char prefix[2 * TEAM_MAX + 3]; /* "<chain>.<team>." */
        char journal[TOPIC_MAX];
        char team[TEAM_MAX + 1];
        uint32_t acceptance_days;
        sk_local_dir *dir;
        sk_local_state *state;
        sk_worker *worker;
        atomic_bool is_stopping;
        atomic_uint_fast64_t waits;

        /* The committer's thread only, once it runs. */
        sk_local_file *file; /* NULL after a failure, until it is opened anew */
        bool has_entered;    /* the state directory says that the link runs */
        int64_t epoch;       /* 0 before the take-over */
        int64_t journal_end; /* before the commit whose outcome is unknown */
        size_t wal_checked;  /* size of the write-ahead log at the last checkpoint that did not empty it */
};

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

static bool is_stopping(void *self) {
        sk_local_committer *committer = self;
        return atomic_load(&committer->is_stopping);
}

static sk_slice team_of(const sk_local_committer *committer) {
        return sk_slice_of(committer->team);
}

static sk_err file_open(sk_local_committer *committer, char *why) {
        if (committer->file != NULL)
                return SK_OK;
        sk_err err = sk_local_file_open(committer->path, true, why, &committer->file);
        if (err == SK_OK)
                sk_local_file_give_up(committer->file, is_stopping, committer);
        return err;
}

static sk_err explain(const sk_local_committer *committer, sk_local_job *job, sk_err err) {
        if (err == SK_ERR_FENCED)
                (void)snprintf(job->why, sizeof(job->why), "another daemon has taken over the team %s",
                               committer->team);
        else
                (void)snprintf(job->why, sizeof(job->why), "%s", sk_local_file_why(committer->file));
        return err;
}

/* BEGIN IMMEDIATE for as long as it takes: the sealed batch waits (rule L3). */
static sk_err begin(sk_local_committer *committer) {
        for (;;) {
                sk_err err = sk_local_begin(committer->file);
                if (err != SK_ERR_BUSY || is_stopping(committer))
                        return err;
                atomic_fetch_add(&committer->waits, 1);
        }
}

/* ---- take-over ---- */

static sk_err make_topics(sk_local_committer *committer) {
        static const char *const own[] = {"work", "journal", "events", "archive", "deadletter"};

        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
                char name[TOPIC_MAX];
                (void)snprintf(name, sizeof(name), "%s%s", committer->prefix, own[i]);
                sk_err err = sk_local_topic_make(committer->file, sk_slice_of(name));
                if (err != SK_OK)
                        return err;
        }
        return SK_OK;
}

static sk_err enter(sk_local_committer *committer, sk_local_job *job) {
        job->last_exit = SK_LAST_CLEAN;
        job->place_count = 0;
        if (committer->has_entered)
                return SK_OK;
        sk_err err = sk_local_state_enter(committer->state, &job->last_exit);
        if (err != SK_OK)
                (void)snprintf(job->why, sizeof(job->why), "writing to the state directory: %s", strerror(errno));
        if (err == SK_OK && job->last_exit != SK_LAST_CLEAN && job->places != NULL)
                job->place_count =
                        sk_local_state_find(committer->state, job->last_exit, job->places, SK_LOCAL_NOTES_MAX);
        committer->has_entered = err == SK_OK;
        return err;
}

static sk_err take_over(sk_local_committer *committer, sk_local_job *job) {
        sk_err err = file_open(committer, job->why);
        if (err != SK_OK)
                return err;
        err = begin(committer);
        if (err == SK_OK)
                err = sk_local_epoch_raise(committer->file, team_of(committer), &job->epoch);
        if (err == SK_OK)
                err = make_topics(committer);
        if (err != SK_OK) {
                sk_local_rollback(committer->file);
                return explain(committer, job, err);
        }
        err = sk_local_commit(committer->file);
        if (err != SK_OK)
                return explain(committer, job, err);
        committer->epoch = job->epoch;
        return enter(committer, job);
}

/* ---- commit ---- */

/* Whose sockets get a byte: the readers of what was written. */
static void wake_owners(sk_local_committer *committer, const sk_batch *batch) {
        sk_slice woken[OWNERS_MAX];
        size_t count = 0;

        for (size_t i = 0; i < batch->record_count; i++) {
                const sk_topic *topic = batch->records[i].topic;
                if (topic->kind != SK_TOPIC_CALLS && topic->kind != SK_TOPIC_FEEDBACK && topic->kind != SK_TOPIC_WORK)
                        continue;
                size_t at = 0;
                while (at < count && !sk_slice_equal(woken[at], topic->owner))
                        at++;
                if (at < count)
                        continue;
                sk_local_dir_wake(committer->dir, topic->owner);
                if (count < OWNERS_MAX)
                        woken[count++] = topic->owner;
        }
}

/* Inside the transaction: still ours? And how far is the journal, for a commit whose outcome stays unknown. */
static sk_err check_epoch(sk_local_committer *committer) {
        int64_t epoch = 0;
        sk_local_ends ends;
        sk_err err = sk_local_epoch_get(committer->file, team_of(committer), &epoch);

        if (err == SK_OK && epoch != committer->epoch)
                return SK_ERR_FENCED;
        if (err == SK_OK)
                err = sk_local_ends_of(committer->file, sk_slice_of(committer->journal), &ends);
        if (err == SK_OK)
                committer->journal_end = ends.end_offset;
        return err;
}

static sk_err write_batch(sk_local_committer *committer, const sk_batch *batch) {
        int64_t now_us = clock_us();
        sk_err err = SK_OK;

        for (size_t i = 0; i < batch->record_count && err == SK_OK; i++) {
                const sk_record *record = &batch->records[i];
                sk_local_append append = {.topic = record->topic->name,
                                          .timestamp_us = now_us,
                                          .key = record->key,
                                          .headers = record->headers,
                                          .value = record->value};
                err = sk_local_append_row(committer->file, &append, NULL);
        }
        return err;
}

/* A checkpoint that a reader held up is tried again when the log has grown by half. */
static void checkpoint(sk_local_committer *committer) {
        size_t bytes = sk_local_wal_bytes(committer->file);

        if (bytes < committer->wal_checked)
                committer->wal_checked = 0;
        if (bytes <= SK_LOCAL_WAL_BYTES || bytes < committer->wal_checked + committer->wal_checked / 2)
                return;
        sk_local_checkpoint(committer->file);
        committer->wal_checked = bytes;
}

static sk_err commit(sk_local_committer *committer, sk_local_job *job) {
        assert(job->batch != NULL);
        assert(committer->epoch != 0);
        sk_err err = file_open(committer, job->why);
        if (err != SK_OK)
                return SK_ERR_ABORTED;
        err = begin(committer);
        if (err == SK_OK)
                err = check_epoch(committer);
        if (err == SK_OK)
                err = write_batch(committer, job->batch);
        if (err != SK_OK) {
                (void)explain(committer, job, err);
                sk_local_rollback(committer->file);
                return err == SK_ERR_FENCED ? SK_ERR_FENCED : SK_ERR_ABORTED;
        }
        err = sk_local_commit(committer->file);
        if (err != SK_OK)
                return explain(committer, job, err);
        wake_owners(committer, job->batch);
        checkpoint(committer);
        return SK_OK;
}

static sk_err is_written(sk_local_committer *committer, bool *out) {
        sk_local_ends ends;
        int64_t epoch = 0;
        sk_err err = sk_local_epoch_get(committer->file, team_of(committer), &epoch);

        if (err == SK_OK && epoch != committer->epoch)
                return SK_ERR_FENCED;
        if (err == SK_OK)
                err = sk_local_ends_of(committer->file, sk_slice_of(committer->journal), &ends);
        if (err == SK_OK)
                *out = ends.end_offset > committer->journal_end;
        return err;
}

static sk_err recommit(sk_local_committer *committer, sk_local_job *job) {
        bool is_there = false;

        sk_local_file_free(committer->file);
        committer->file = NULL;
        if (file_open(committer, job->why) != SK_OK)
                return SK_ERR_UNKNOWN_OUTCOME;
        sk_err err = is_written(committer, &is_there);
        if (err != SK_OK)
                return explain(committer, job, err == SK_ERR_FENCED ? err : SK_ERR_UNKNOWN_OUTCOME);
        if (!is_there)
                return commit(committer, job);
        wake_owners(committer, job->batch);
        return SK_OK;
}

/* ---- retention ---- */

static int64_t kept_us(const sk_local_committer *committer, sk_topic_kind kind) {
        if (kind == SK_TOPIC_CALLS || kind == SK_TOPIC_FEEDBACK || kind == SK_TOPIC_WORK)
                return (int64_t)committer->acceptance_days * SK_DAY_US;
        return KEPT_LONG_US;
}

/* One transaction, one topic (or all tombstones, without one): at most SK_LOCAL_RETAIN_ROWS rows (rule L5). */
static bool retain_one(sk_local_committer *committer, const char *topic, int64_t before_us) {
        size_t rows = 0;
        sk_err err = sk_local_begin(committer->file);

        if (err == SK_OK)
                err = check_epoch(committer);
        if (err == SK_OK)
                err = topic == NULL ? sk_local_retain_tombstones(committer->file, before_us, &rows)
                                    : sk_local_retain_topic(committer->file, sk_slice_of(topic), before_us, &rows);
        if (err != SK_OK || sk_local_commit(committer->file) != SK_OK) {
                sk_local_rollback(committer->file);
                return false;
        }
        return rows >= SK_LOCAL_RETAIN_ROWS;
}

/* Goes through the team's topics once; whatever fails is tried again the next time. */
static int retain(void *self) {
        sk_local_committer *committer = self;
        int64_t now_us = clock_us();
        char name[TOPIC_MAX];
        char next[TOPIC_MAX];
        bool is_behind = false;

        if (committer->epoch == 0 || committer->file == NULL)
                return RETAIN_EVERY_MS;
        (void)snprintf(name, sizeof(name), "%s", committer->prefix);
        while (sk_local_topic_next(committer->file, sk_slice_of(name), next, sizeof(next)) == SK_OK &&
               strncmp(next, committer->prefix, strlen(committer->prefix)) == 0 && !is_stopping(committer)) {
                sk_slice chain;
                sk_slice team;
                sk_slice peer;
                sk_topic_kind kind;
                (void)snprintf(name, sizeof(name), "%s", next);
                if (!sk_topic_parse(sk_slice_of(name), &chain, &team, &kind, &peer) || kind == SK_TOPIC_JOURNAL)
                        continue;
                is_behind = retain_one(committer, name, now_us - kept_us(committer, kind)) || is_behind;
        }
        is_behind = retain_one(committer, NULL, now_us - SK_DAY_US) || is_behind;
        return is_behind ? RETAIN_AGAIN_MS : RETAIN_EVERY_MS;
}

/* ---- jobs ---- */

static sk_err do_job(sk_local_committer *committer, sk_local_job *job) {
        switch (job->kind) {
        case SK_JOB_TAKE_OVER:
                return take_over(committer, job);
        case SK_JOB_COMMIT:
                return commit(committer, job);
        case SK_JOB_RECOMMIT:
                return recommit(committer, job);
        case SK_JOB_NOTE:
                return sk_local_state_note(committer->state, sk_buf_slice(&job->text));
        case SK_JOB_FORGET:
                return sk_local_state_forget(committer->state);
        }
        assert(job->kind <= SK_JOB_FORGET);
        return SK_ERR_IO;
}

static void perform(void *self, void *job) {
        sk_local_job *it = job;

        it->why[0] = '\0';
        it->result = do_job(self, it);
}

/* ---- the owner's thread ---- */

static bool worker_make(sk_local_committer *committer) {
        sk_worker_config config = {.jobs_max = SK_LOCAL_JOBS_MAX,
                                   .stack_bytes = STACK_BYTES,
                                   .gives_back = true,
                                   .perform = perform,
                                   .chore = retain,
                                   .chore_ms = RETAIN_AGAIN_MS,
                                   .self = committer,
                                   .is_stopping = &committer->is_stopping};

        committer->worker = sk_worker_new(&config);
        return committer->worker != NULL;
}

static sk_err open_all(sk_local_committer *committer, const sk_local_commit_config *config, char *why) {
        sk_err err = file_open(committer, why);
        if (err == SK_OK)
                err = sk_local_dir_open(config->file, true, why, &committer->dir);
        if (err != SK_OK)
                return err;
        err = sk_local_state_open(config->state_dir, config->team, &committer->state);
        if (err != SK_OK) {
                (void)snprintf(why, SK_LOCAL_WHY_MAX, "the state directory %.300s cannot be used: %s",
                               config->state_dir, strerror(errno));
                return err == SK_ERR_IO ? SK_ERR_CONFIG : err;
        }
        if (!worker_make(committer)) {
                (void)snprintf(why, SK_LOCAL_WHY_MAX, "no memory or no thread for the committer");
                return SK_ERR_NO_MEMORY;
        }
        return SK_OK;
}

sk_err sk_local_committer_new(const sk_local_commit_config *config, char why[SK_LOCAL_WHY_MAX],
                              sk_local_committer **out) {
        assert(config != NULL);
        assert(out != NULL);
        assert(config->team.len <= TEAM_MAX);
        assert(config->chain.len <= TEAM_MAX);
        sk_local_committer *committer = sk_alloc_zero(1, sizeof(*committer));
        if (committer == NULL)
                return SK_ERR_NO_MEMORY;

        atomic_init(&committer->is_stopping, false);
        atomic_init(&committer->waits, 0);
        committer->acceptance_days = config->acceptance_days;
        (void)snprintf(committer->path, sizeof(committer->path), "%s", config->file);
        (void)snprintf(committer->team, sizeof(committer->team), "%.*s", (int)config->team.len, config->team.at);
        (void)snprintf(committer->prefix, sizeof(committer->prefix), "%.*s.%s.", (int)config->chain.len,
                       config->chain.at, committer->team);
        (void)snprintf(committer->journal, sizeof(committer->journal), "%sjournal", committer->prefix);
        sk_err err = open_all(committer, config, why);
        if (err != SK_OK) {
                sk_local_committer_free(committer);
                return err;
        }
        *out = committer;
        return SK_OK;
}

void sk_local_committer_free(sk_local_committer *committer) {
        if (committer == NULL)
                return;
        (void)sk_worker_free(committer->worker, 0);
        sk_local_file_free(committer->file);
        sk_local_dir_free(committer->dir);
        sk_local_state_free(committer->state);
        sk_free(committer);
}

void sk_local_committer_put(sk_local_committer *committer, sk_local_job *job) {
        assert(committer != NULL);
        assert(job != NULL);
        bool has_room = sk_worker_put(committer->worker, job);
        assert(has_room);
        (void)has_room;
}

sk_local_job *sk_local_committer_take(sk_local_committer *committer) {
        assert(committer != NULL);
        return sk_worker_take(committer->worker);
}

int sk_local_committer_fd(const sk_local_committer *committer) {
        return sk_worker_fd(committer->worker);
}

int sk_local_committer_crash_fd(const sk_local_committer *committer) {
        assert(committer != NULL);
        return sk_local_state_crash_fd(committer->state);
}

uint64_t sk_local_committer_waits(const sk_local_committer *committer) {
        return atomic_load(&committer->waits);
}
