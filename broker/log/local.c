#include "log/local.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "log/local_commit.h"
#include "log/local_dir.h"
#include "log/local_proof.h"
#include "log/local_reader.h"
#include "log/local_state.h"
#include "log/local_watch.h"

/*
 * The loop's side of a local log. A turn takes what the committer has done, moves the stage, restores or fetches a
 * bounded amount, gives the driver its turn and carries out its commands. Commands never answer at once: a stub that
 * the driver asks for is read when all commands have been fetched.
 *
 * Reads go through a connection of the loop's own. A byte on the team's socket says that something may have come;
 * once a second `PRAGMA data_version` says so too, should a byte have been lost (rule L4).
 */

#define MAGIC 0x6c6f636cu
#define POLL_US SK_SECOND_US
#define POLL_SLACK_US (SK_SECOND_US / 10) /* a loop that wakes up each second may be a little early */
#define COMMANDS_MAX 1000
#define WAKES_MAX 64

struct job_slot {
        sk_local_job job;
        bool is_used;
        uint64_t started_us;
};

struct sk_local {
        unsigned magic;
        sk_driver *driver;
        sk_log_tell *tell;
        void *tell_self;
        const sk_topics *topics;
        sk_local_reader *reader;
        sk_local_dir *dir;
        sk_local_state *state;
        sk_local_committer *committer;
        struct job_slot jobs[SK_LOCAL_JOBS_MAX];
        int epoll_fd;
        int lock_fd;
        int socket_fd;
        sk_local_proofs *proofs; /* of who writes; NULL: no memory for them */

        sk_log_stage stage;
        bool has_told_standby;
        bool has_entered;
        sk_input_place *places; /* what a take-over finds in the state directory */
        uint64_t tried_us;      /* last try for the lock, monotonic; 0: never */
        uint64_t polled_us;     /* last look at data_version, monotonic */
        int exit_code;
        const char *exit_why;

        bool may_have_records;
        bool is_pressing; /* a command has made something to do at once */
        sk_buf stubs;     /* keys that were asked for: u16 length, bytes */
        sk_local_watch watch;
        sk_log_numbers numbers;
};

static uint64_t monotonic_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u + 1;
}

static sk_slice team_of(const sk_local *local) {
        return sk_topics_team(local->topics);
}

static void tell(sk_local *local, sk_log_news news, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void tell(sk_local *local, sk_log_news news, const char *format, ...) {
        char text[SK_LOG_TEXT_MAX];
        va_list list;

        if (local->tell == NULL)
                return;
        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        local->tell(local->tell_self, news, text);
}

/* ---- jobs ---- */

static sk_local_job *job_begin(sk_local *local, sk_local_job_kind kind) {
        struct job_slot *slot = local->jobs;

        while (slot < local->jobs + SK_LOCAL_JOBS_MAX && slot->is_used)
                slot++;
        /* One commit and one take-over at a time; a note follows the one before it. */
        assert(slot < local->jobs + SK_LOCAL_JOBS_MAX);
        slot->is_used = true;
        slot->started_us = monotonic_us();
        slot->job.kind = kind;
        slot->job.batch = NULL;
        sk_buf_clear(&slot->job.text);
        return &slot->job;
}

static void watch(sk_local *local, int fd) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        (void)epoll_ctl(local->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* ---- stages ---- */

static void socket_close(sk_local *local) {
        if (local->socket_fd >= 0)
                close(local->socket_fd);
        local->socket_fd = -1;
}

static void lock_release(sk_local *local) {
        socket_close(local);
        if (local->lock_fd >= 0)
                close(local->lock_fd);
        local->lock_fd = -1;
}

static void take_over(sk_local *local) {
        if (local->socket_fd < 0) {
                if (sk_local_dir_bind(local->dir, team_of(local), &local->socket_fd) == SK_OK)
                        watch(local, local->socket_fd);
                else
                        tell(local, SK_NEWS_TROUBLE,
                             "the team's socket cannot be made: %s; looking once a second instead",
                             strerror(sk_local_dir_errno(local->dir)));
        }
        local->stage = SK_LOG_TAKING_OVER;
        if (local->places == NULL)
                local->places = sk_alloc_zero(SK_LOCAL_NOTES_MAX, sizeof(*local->places));
        sk_local_job *job = job_begin(local, SK_JOB_TAKE_OVER);
        job->places = local->places;
        sk_local_committer_put(local->committer, job);
}

static void stand_by(sk_local *local) {
        char holder[64];

        if (local->has_told_standby)
                return;
        local->has_told_standby = true;
        sk_local_dir_holder(local->dir, team_of(local), holder, sizeof(holder));
        tell(local, SK_NEWS_STANDBY, "%s", holder[0] == '\0' ? "another process" : holder);
}

static void try_lock(sk_local *local) {
        local->tried_us = monotonic_us();
        sk_err err = sk_local_dir_lock(local->dir, team_of(local), &local->lock_fd);
        if (err == SK_OK)
                take_over(local);
        else if (err == SK_ERR_BUSY)
                stand_by(local);
        else
                tell(local, SK_NEWS_TROUBLE, "the team's lock cannot be taken: %s",
                     strerror(sk_local_dir_errno(local->dir)));
}

static void tell_driver_of_notes(sk_local *local, const sk_local_job *job) {
        tell(local, SK_NEWS_UNCLEAN, "%s; %zu inputs were noted",
             job->last_exit == SK_LAST_CRASHED ? "crashed" : "was killed", job->place_count);
        sk_driver_noted_before(local->driver, job->places, job->place_count);
}

static void taken_over(sk_local *local, const sk_local_job *job, int64_t now_us) {
        static const int32_t partitions[] = {0};

        if (job->result != SK_OK) {
                /* With the lock kept: the next turn after a second tries again. */
                tell(local, SK_NEWS_TROUBLE, "the take-over failed: %s", job->why);
                local->tried_us = monotonic_us();
                return;
        }
        local->stage = SK_LOG_RUNNING;
        local->has_entered = true;
        local->numbers.epoch = job->epoch;
        local->numbers.take_overs++;
        tell(local, SK_NEWS_TAKEN_OVER, "%" PRId64, job->epoch);
        if (job->last_exit != SK_LAST_CLEAN && job->places != NULL)
                tell_driver_of_notes(local, job);
        sk_free(local->places);
        local->places = NULL;
        sk_driver_assigned(local->driver, (uint64_t)job->epoch, partitions, 1, now_us);
}

static bool has_waited(uint64_t since_us) {
        return since_us == 0 || monotonic_us() - since_us >= POLL_US - POLL_SLACK_US;
}

/* Another try for the lock, or for a take-over that failed with the lock in our hand. */
static void stage_move(sk_local *local) {
        if (local->stage == SK_LOG_STANDBY && has_waited(local->tried_us))
                try_lock(local);
        else if (local->stage == SK_LOG_TAKING_OVER && local->tried_us != 0 && has_waited(local->tried_us)) {
                bool is_underway = false;
                for (size_t i = 0; i < SK_LOCAL_JOBS_MAX; i++)
                        is_underway =
                                is_underway || (local->jobs[i].is_used && local->jobs[i].job.kind == SK_JOB_TAKE_OVER);
                if (!is_underway)
                        take_over(local);
        }
}

static void restart(sk_local *local) {
        sk_local_reader_reset(local->reader);
        local->may_have_records = false;
        sk_buf_clear(&local->stubs);
        if (local->lock_fd >= 0 && sk_local_dir_lock_stands(local->dir, team_of(local), local->lock_fd)) {
                take_over(local);
                return;
        }
        lock_release(local);
        local->has_told_standby = false;
        local->tried_us = 0;
        local->stage = SK_LOG_STANDBY;
}

/* ---- what the committer has done ---- */

static void committed(sk_local *local, const struct job_slot *slot, int64_t now_us) {
        const sk_local_job *job = &slot->job;

        local->numbers.commits++;
        local->numbers.commit_us += monotonic_us() - slot->started_us;
        if (job->result != SK_OK) {
                local->numbers.commits_failed++;
                tell(local, job->result == SK_ERR_FENCED ? SK_NEWS_FENCED : SK_NEWS_COMMIT_FAILED, "%s", job->why);
        }
        sk_driver_committed(local->driver, job->batch->number, job->result, now_us);
}

static void job_done(sk_local *local, struct job_slot *slot, int64_t now_us) {
        switch (slot->job.kind) {
        case SK_JOB_TAKE_OVER:
                taken_over(local, &slot->job, now_us);
                break;
        case SK_JOB_COMMIT:
        case SK_JOB_RECOMMIT:
                committed(local, slot, now_us);
                break;
        case SK_JOB_NOTE:
                if (slot->job.result != SK_OK)
                        tell(local, SK_NEWS_TROUBLE, "an input could not be noted in the state directory");
                sk_driver_noted(local->driver, now_us);
                break;
        case SK_JOB_FORGET:
                break;
        }
}

static void jobs_take(sk_local *local, int64_t now_us) {
        for (sk_local_job *job; (job = sk_local_committer_take(local->committer)) != NULL;) {
                struct job_slot *slot = (struct job_slot *)(void *)job; /* its first member */
                assert(slot >= local->jobs);
                assert(slot < local->jobs + SK_LOCAL_JOBS_MAX);
                assert(slot->is_used);
                job_done(local, slot, now_us);
                slot->is_used = false;
        }
}

static void committer_watch(sk_local *local) {
        uint64_t since_us = 0;

        for (size_t i = 0; i < SK_LOCAL_JOBS_MAX; i++) {
                const struct job_slot *slot = &local->jobs[i];
                if (slot->is_used && (since_us == 0 || slot->started_us < since_us))
                        since_us = slot->started_us;
        }
        if (sk_local_watch_look(&local->watch, since_us, monotonic_us()))
                tell(local, SK_NEWS_TROUBLE,
                     "the log has not answered for %" PRIu64 " s: the disk is slow, or another program holds the file",
                     local->watch.waiting_us / (uint64_t)SK_SECOND_US);
}

/* ---- a wake-up ---- */

static void look_for_changes(sk_local *local) {
        if (local->socket_fd >= 0 && sk_local_proofs_receive(local->proofs, local->socket_fd, WAKES_MAX))
                local->may_have_records = true;
        if (!has_waited(local->polled_us))
                return;
        local->polled_us = monotonic_us();
        if (sk_local_reader_has_changed(local->reader))
                local->may_have_records = true;
}

/* ---- the driver's commands ---- */

/* Whether a mark still lies within what the log has is seen at the first fetch. */
static void resume(sk_local *local, const sk_command *command) {
        for (size_t i = 0; i < command->position_count; i++) {
                if (sk_local_reader_place(local->reader, &command->positions[i]) != SK_OK)
                        tell(local, SK_NEWS_TROUBLE, "no memory to read a topic");
        }
        local->may_have_records = true;
        local->is_pressing = true;
}

static void commit(sk_local *local, const sk_command *command) {
        sk_local_job *job = job_begin(local, command->kind == SK_DO_COMMIT ? SK_JOB_COMMIT : SK_JOB_RECOMMIT);
        job->batch = command->batch;
        sk_local_committer_put(local->committer, job);
}

static void note(sk_local *local, const sk_command *command) {
        sk_local_job *job = job_begin(local, SK_JOB_NOTE);
        sk_local_note_format(command->places, command->place_count, &job->text);
        sk_local_committer_put(local->committer, job);
}

static void exit_with(sk_local *local, const sk_command *command) {
        local->stage = SK_LOG_OVER;
        local->exit_code = command->exit_code;
        local->exit_why = command->why;
        if (command->exit_code == 0 && local->has_entered)
                sk_local_state_leave(local->state);
}

static void carry_out(sk_local *local, const sk_command *command) {
        switch (command->kind) {
        case SK_DO_RESTORE:
                sk_local_reader_restore(local->reader);
                local->is_pressing = true;
                break;
        case SK_DO_RESUME:
                resume(local, command);
                break;
        case SK_DO_COMMIT:
        case SK_DO_RECOMMIT:
                commit(local, command);
                break;
        case SK_DO_RESTART:
                restart(local);
                break;
        case SK_DO_NOTE:
                note(local, command);
                break;
        case SK_DO_FORGET:
                sk_local_committer_put(local->committer, job_begin(local, SK_JOB_FORGET));
                break;
        case SK_DO_TELL:
                if (local->tell != NULL)
                        local->tell(local->tell_self, SK_NEWS_TELL, command->key.at);
                break;
        case SK_DO_READ_STUB:
                sk_buf_add_u16(&local->stubs, (uint16_t)command->key.len);
                sk_buf_add_slice(&local->stubs, command->key);
                break;
        case SK_DO_EXIT:
                exit_with(local, command);
                break;
        case SK_DO_REVOKED:
                /* One partition, one process: nobody takes it away but by a fence. */
                break;
        }
}

static bool commands_fetch(sk_local *local) {
        sk_command command;

        for (size_t i = 0; i < COMMANDS_MAX && local->stage != SK_LOG_OVER; i++) {
                if (!sk_driver_next(local->driver, &command))
                        return false;
                carry_out(local, &command);
        }
        return local->stage != SK_LOG_OVER;
}

static bool stubs_answer(sk_local *local, int64_t now_us) {
        bool has_any = local->stubs.len > 0;

        for (size_t at = 0; at + 2 <= local->stubs.len;) {
                const unsigned char *bytes = (const unsigned char *)local->stubs.at + at;
                size_t len = (size_t)bytes[0] | (size_t)bytes[1] << 8;
                sk_local_reader_stub(local->reader, (sk_slice){local->stubs.at + at + 2, len}, now_us);
                at += 2 + len;
        }
        sk_buf_clear(&local->stubs);
        return has_any;
}

/* ---- a turn ---- */

static int64_t next_turn_us(const sk_local *local, int64_t now_us) {
        if (local->is_pressing)
                return 0;
        int64_t wake_us = sk_driver_wake_us(local->driver);
        int64_t delay_us = wake_us <= now_us ? 0 : wake_us == INT64_MAX ? POLL_US : wake_us - now_us;
        return delay_us < POLL_US ? delay_us : POLL_US;
}

int64_t sk_local_turn(sk_local *local, int64_t now_us) {
        assert(local != NULL);
        assert(local->magic == MAGIC);
        local->is_pressing = false;
        jobs_take(local, now_us);
        committer_watch(local);
        stage_move(local);
        if (local->stage == SK_LOG_RUNNING) {
                look_for_changes(local);
                if (sk_local_reader_restore_some(local->reader, now_us))
                        local->is_pressing = true;
                if (local->may_have_records && sk_local_reader_fetch(local->reader, &local->may_have_records))
                        local->is_pressing = true;
        }
        sk_driver_turn(local->driver, now_us);
        if (commands_fetch(local))
                local->is_pressing = true;
        if (local->stage == SK_LOG_RUNNING && stubs_answer(local, now_us))
                local->is_pressing = true;
        return local->stage == SK_LOG_OVER ? 0 : next_turn_us(local, now_us);
}

/* ---- from the beginning to the end ---- */

static sk_err open_all(sk_local *local, const sk_local_config *config, char *why) {
        sk_local_commit_config commit_config = {.file = config->file,
                                                .state_dir = config->state_dir,
                                                .chain = sk_topics_chain(local->topics),
                                                .team = team_of(local),
                                                .acceptance_days = config->acceptance_days};
        sk_err err = sk_local_committer_new(&commit_config, why, &local->committer);
        if (err == SK_OK)
                err = sk_local_reader_new(config, why, &local->reader);
        if (err == SK_OK)
                sk_local_reader_proofs(local->reader, local->proofs);
        if (err == SK_OK)
                err = sk_local_dir_open(config->file, true, why, &local->dir);
        if (err == SK_OK)
                err = sk_local_state_open(config->state_dir, team_of(local), &local->state);
        if (err != SK_OK)
                return err;
        local->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (local->epoll_fd < 0) {
                (void)snprintf(why, SK_LOG_TEXT_MAX, "no descriptor to wait with: %s", strerror(errno));
                return SK_ERR_IO;
        }
        watch(local, sk_local_committer_fd(local->committer));
        return SK_OK;
}

sk_err sk_local_new(const sk_local_config *config, char why[SK_LOG_TEXT_MAX], sk_local **out) {
        assert(config != NULL);
        assert(config->driver != NULL);
        assert(out != NULL);
        sk_local *local = sk_alloc_zero(1, sizeof(*local));
        if (local == NULL)
                return SK_ERR_NO_MEMORY;

        local->magic = MAGIC;
        local->driver = config->driver;
        local->topics = sk_driver_topics(config->driver);
        local->tell = config->tell;
        local->tell_self = config->tell_self;
        local->proofs = sk_local_proofs_new();
        local->epoll_fd = -1;
        local->lock_fd = -1;
        local->socket_fd = -1;
        local->stubs = sk_buf_make((size_t)16 * 1024 * 1024);
        for (size_t i = 0; i < SK_LOCAL_JOBS_MAX; i++)
                local->jobs[i].job.text = sk_buf_make((size_t)1024 * 1024);
        why[0] = '\0';
        sk_err err = open_all(local, config, why);
        if (err != SK_OK) {
                sk_local_free(local);
                return err;
        }
        *out = local;
        return SK_OK;
}

void sk_local_free(sk_local *local) {
        if (local == NULL)
                return;
        assert(local->magic == MAGIC);
        /* The committer first: it may still read the driver's batch, and the lock must outlive its last commit. */
        sk_local_committer_free(local->committer);
        sk_local_reader_free(local->reader);
        lock_release(local);
        sk_local_dir_free(local->dir);
        sk_local_proofs_free(local->proofs);
        sk_local_state_free(local->state);
        if (local->epoll_fd >= 0)
                close(local->epoll_fd);
        for (size_t i = 0; i < SK_LOCAL_JOBS_MAX; i++)
                sk_buf_free(&local->jobs[i].job.text);
        sk_buf_free(&local->stubs);
        sk_free(local->places);
        local->magic = 0;
        sk_free(local);
}

int sk_local_fd(const sk_local *local) {
        assert(local != NULL);
        assert(local->magic == MAGIC);
        return local->epoll_fd;
}

void sk_local_drain(sk_local *local, int64_t now_us) {
        assert(local != NULL);
        assert(local->magic == MAGIC);
        if (local->stage != SK_LOG_OVER)
                sk_driver_stop(local->driver, now_us);
}

sk_log_stage sk_local_stage_of(const sk_local *local) {
        assert(local != NULL);
        assert(local->magic == MAGIC);
        return local->stage;
}

int sk_local_exit_code(const sk_local *local) {
        assert(local != NULL);
        assert(local->stage == SK_LOG_OVER);
        return local->exit_code;
}

const char *sk_local_exit_why(const sk_local *local) {
        assert(local != NULL);
        assert(local->stage == SK_LOG_OVER);
        return local->exit_why == NULL ? "" : local->exit_why;
}

void sk_local_count_of(const sk_local *local, sk_log_numbers *out) {
        assert(local != NULL);
        assert(out != NULL);
        *out = local->numbers;
        out->records_fetched = sk_local_reader_count(local->reader);
        out->busy_waits = sk_local_committer_waits(local->committer);
        for (size_t i = 0; i < SK_LOCAL_JOBS_MAX; i++) {
                const struct job_slot *slot = &local->jobs[i];
                if (slot->is_used && slot->job.batch != NULL)
                        out->transaction_us = monotonic_us() - slot->started_us;
        }
        out->waiting_us = local->watch.waiting_us;
        out->is_late = local->watch.is_late;
}

int sk_local_crash_fd(const sk_local *local) {
        assert(local != NULL);
        assert(local->magic == MAGIC);
        return local->stage == SK_LOG_RUNNING ? sk_local_committer_crash_fd(local->committer) : -1;
}

sk_err sk_local_publish(sk_local *local, const char *suffix, sk_slice text) {
        assert(local != NULL);
        assert(suffix != NULL);
        return sk_local_state_publish(local->state, suffix, text);
}
