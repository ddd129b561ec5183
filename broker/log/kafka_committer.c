#include "log/kafka_committer.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "log/kafka_producer.h"
#include "log/worker.h"

/*
 * Two threads touch this file: `perform` and what it calls is the committer's, the rest is its owner's. Between them are
 * the worker's queues and `is_stopping`.
 */

#define STACK_BYTES ((size_t)512 * 1024)
#define END_SECONDS 10
#define LEAVE_MS 3000
#define LEAVE_STEP_MS 5

struct sk_kafka_committer {
        const sk_kafka_settings *settings;
        const char *run;
        sk_local_state *state;
        bool has_entered;
        sk_kafka_producer *producer;
        sk_worker *worker;
        atomic_bool is_stopping;
};

/* ---- the committer's thread ---- */

/* Once a process: what the last one left behind in the state directory. */
static sk_err enter(sk_kafka_committer *committer, sk_kafka_job *job) {
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

static sk_err open_producer(sk_kafka_committer *committer, sk_kafka_job *job) {
        sk_kafka_producer_config config = {
                .settings = committer->settings, .is_stopping = &committer->is_stopping, .run = committer->run};

        sk_kafka_keeping keeping = {.topics = job->topics,
                                    .topic_count = job->topic_count,
                                    .team = committer->settings->team,
                                    .acceptance_days = job->acceptance_days};

        sk_kafka_producer_free(committer->producer);
        committer->producer = NULL;
        sk_err err = sk_kafka_producer_new(&config, job->why, &committer->producer);
        if (err == SK_OK)
                err = sk_kafka_producer_look(committer->producer, job->topics, job->topic_count, job->partitions,
                                             job->why);
        if (err == SK_OK)
                err = sk_kafka_producer_keeping(committer->producer, &keeping, job->beware, job->why);
        if (err == SK_OK)
                err = sk_kafka_producer_init(committer->producer, job->why);
        return err == SK_OK ? enter(committer, job) : err;
}

static sk_err commit(sk_kafka_committer *committer, sk_kafka_job *job) {
        assert(committer->producer != NULL);
        assert(job->batch != NULL);
        if (job->kind == SK_KAFKA_RECOMMIT)
                return sk_kafka_producer_recommit(committer->producer, job->why);
        return sk_kafka_producer_commit(committer->producer, job->batch, job->group, job->why);
}

static bool is_member(rd_kafka_t *client) {
        char *id = rd_kafka_memberid(client);
        bool has_id = id != NULL && id[0] != '\0';

        if (id != NULL)
                rd_kafka_mem_free(client, id);
        return has_id;
}

/*
 * Out of the group. librdkafka says so to the group when the assignment is given back, which takes a moment, and closing
 * before that would leave a static member in its place; with its id it forgets that it has to say it.
 */
static void leave_group(rd_kafka_t *client) {
        (void)rd_kafka_unsubscribe(client);
        for (unsigned waited = 0; waited < LEAVE_MS && is_member(client); waited += LEAVE_STEP_MS) {
                (void)rd_kafka_assign(client, NULL);
                (void)poll(NULL, 0, LEAVE_STEP_MS);
        }
        (void)rd_kafka_consumer_close(client); /* waits for the group's answer */
}

/* A static member that is merely freed keeps its place until its session ends (rule R4). */
static sk_err close_client(sk_kafka_job *job) {
        if (job->is_leaving)
                leave_group(job->client);
        rd_kafka_destroy_flags(job->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        return SK_OK;
}

static sk_err do_job(sk_kafka_committer *committer, sk_kafka_job *job) {
        switch (job->kind) {
        case SK_KAFKA_OPEN:
                return open_producer(committer, job);
        case SK_KAFKA_COMMIT:
        case SK_KAFKA_RECOMMIT:
                return commit(committer, job);
        case SK_KAFKA_NOTE:
                return sk_local_state_note(committer->state, sk_buf_slice(&job->text));
        case SK_KAFKA_FORGET:
                return sk_local_state_forget(committer->state);
        case SK_KAFKA_SETTLE:
                return sk_kafka_settle(job->client, job->work, job->settled, job->settled_count, job->why);
        case SK_KAFKA_CLOSE:
                return close_client(job);
        }
        assert(job->kind <= SK_KAFKA_CLOSE);
        return SK_ERR_IO;
}

static void perform(void *self, void *job) {
        sk_kafka_job *it = job;

        it->why[0] = '\0';
        it->result = do_job(self, it);
}

/* ---- the owner's thread ---- */

static bool worker_make(sk_kafka_committer *committer) {
        sk_worker_config config = {.jobs_max = SK_KAFKA_JOBS_MAX,
                                   .stack_bytes = STACK_BYTES,
                                   .gives_back = true,
                                   .perform = perform,
                                   .self = committer,
                                   .is_stopping = &committer->is_stopping};

        committer->worker = sk_worker_new(&config);
        return committer->worker != NULL;
}

sk_err sk_kafka_committer_new(const sk_kafka_committer_config *config, char why[SK_KAFKA_WHY_MAX],
                              sk_kafka_committer **out) {
        assert(config != NULL);
        assert(config->settings != NULL);
        assert(out != NULL);
        sk_kafka_committer *committer = sk_alloc_zero(1, sizeof(*committer));
        if (committer == NULL)
                return SK_ERR_NO_MEMORY;

        atomic_init(&committer->is_stopping, false);
        committer->settings = config->settings;
        committer->run = config->run;
        sk_err err = sk_local_state_open(config->state_dir, config->settings->team, &committer->state);
        if (err != SK_OK)
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "the state directory %.300s cannot be used: %s",
                               config->state_dir, strerror(errno));
        else if (!worker_make(committer))
                err = SK_ERR_NO_MEMORY;
        if (err != SK_OK) {
                sk_kafka_committer_free(committer);
                return err;
        }
        *out = committer;
        return SK_OK;
}

void sk_kafka_committer_free(sk_kafka_committer *committer) {
        if (committer == NULL || !sk_worker_free(committer->worker, END_SECONDS))
                return;
        sk_kafka_producer_free(committer->producer);
        sk_local_state_free(committer->state);
        sk_free(committer);
}

void sk_kafka_committer_put(sk_kafka_committer *committer, sk_kafka_job *job) {
        assert(committer != NULL);
        assert(job != NULL);
        bool has_room = sk_worker_put(committer->worker, job);
        assert(has_room);
        (void)has_room;
}

sk_kafka_job *sk_kafka_committer_take(sk_kafka_committer *committer) {
        assert(committer != NULL);
        return sk_worker_take(committer->worker);
}

int sk_kafka_committer_fd(const sk_kafka_committer *committer) {
        return sk_worker_fd(committer->worker);
}

int sk_kafka_committer_crash_fd(const sk_kafka_committer *committer) {
        assert(committer != NULL);
        return sk_local_state_crash_fd(committer->state);
}
