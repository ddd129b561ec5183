#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "kit/when.h"
#include "log/kafka_inside.h"
#include "log/kafka_producer.h"

/*
 * What the driver wants is carried out, and what the committer and the restorer have done is told to the driver.
 */

#define RETRY_US SK_SECOND_US
#define TELL_AGAIN_US (15 * SK_MINUTE_US)
#define COMMANDS_MAX 1000
#define PIECES_MAX 16
#define EXIT_AGAIN 75

/* ---- jobs ---- */

sk_kafka_job *sk_kafka_job_begin(sk_kafka *kafka, sk_kafka_job_kind kind) {
        sk_kafka_slot *slot = kafka->slots;

        while (slot < kafka->slots + SK_KAFKA_JOBS_MAX && slot->is_used)
                slot++;
        /* One commit, one opening; notes follow each other; a member is made no more often than once a second. */
        assert(slot < kafka->slots + SK_KAFKA_JOBS_MAX);
        slot->is_used = true;
        slot->started_us = sk_kafka_monotonic_us();
        slot->generation = NULL;
        slot->job.kind = kind;
        slot->job.result = SK_OK;
        slot->job.batch = NULL;
        slot->job.client = NULL;
        slot->job.is_leaving = false;
        sk_buf_clear(&slot->job.text);
        return &slot->job;
}

static sk_kafka_slot *slot_of(sk_kafka *kafka, sk_kafka_job *job) {
        sk_kafka_slot *slot = (sk_kafka_slot *)(void *)job; /* its first member */

        assert(slot >= kafka->slots);
        assert(slot < kafka->slots + SK_KAFKA_JOBS_MAX);
        return slot;
}

/* What the link reads and writes under the present edition; all of it must be there. */
static size_t wanted_list(sk_kafka *kafka) {
        static const sk_topic_kind own[] = {SK_TOPIC_JOURNAL, SK_TOPIC_EVENTS, SK_TOPIC_ARCHIVE, SK_TOPIC_DEADLETTER};
        const sk_topic *inbound[SK_KAFKA_WANTED_MAX / 2];
        size_t room = SK_KAFKA_WANTED_MAX / 2 - sizeof(own) / sizeof(own[0]);
        size_t inbound_count = sk_driver_inbound(kafka->driver, inbound, room);
        size_t count = 0;

        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
                kafka->wanted[count++] = sk_topics_own(kafka->topics, own[i])->name;
        for (size_t i = 0; i < inbound_count; i++) {
                const sk_topic *back = NULL;
                kafka->wanted[count++] = inbound[i]->name;
                if (inbound[i]->kind == SK_TOPIC_CALLS)
                        back = sk_topics_feedback_to(kafka->topics, inbound[i]->peer);
                else if (inbound[i]->kind == SK_TOPIC_FEEDBACK)
                        back = sk_topics_calls_to(kafka->topics, inbound[i]->peer);
                if (back != NULL)
                        kafka->wanted[count++] = back->name;
        }
        assert(count <= SK_KAFKA_WANTED_MAX);
        return count;
}

void sk_kafka_do_open(sk_kafka *kafka) {
        if (!kafka->wants_producer || kafka->is_opening || sk_kafka_monotonic_us() < kafka->retry_us)
                return;
        sk_kafka_job *job = sk_kafka_job_begin(kafka, SK_KAFKA_OPEN);
        job->topics = kafka->wanted;
        job->topic_count = wanted_list(kafka);
        job->partitions = kafka->partitions;
        job->acceptance_days = kafka->acceptance_days;
        job->beware[0] = '\0';
        job->places = kafka->has_entered ? NULL : kafka->places;
        kafka->is_opening = true;
        sk_kafka_committer_put(kafka->committer, job);
}

static void tell_driver_of_notes(sk_kafka *kafka, const sk_kafka_job *job) {
        sk_kafka_tell(kafka, SK_NEWS_UNCLEAN, "%s; %zu inputs were noted",
                      job->last_exit == SK_LAST_CRASHED ? "crashed" : "was killed", job->place_count);
        sk_driver_noted_before(kafka->driver, job->places, job->place_count);
}

/* That brokers are away is told as such. Whatever else is tried again each second is told once, and now and then. */
static void not_opened(sk_kafka *kafka, const sk_kafka_job *job) {
        const char *why = job->why[0] == '\0' ? sk_err_text(job->result) : job->why;
        uint64_t now_us = sk_kafka_monotonic_us();

        kafka->retry_us = now_us + RETRY_US;
        if (job->result == SK_ERR_BUSY) {
                sk_kafka_is_away(kafka, why);
                return;
        }
        if (job->result != SK_ERR_CONFIG)
                sk_kafka_is_back(kafka);
        if (strcmp(kafka->told, why) == 0 && now_us - kafka->told_us < TELL_AGAIN_US)
                return;
        (void)snprintf(kafka->told, sizeof(kafka->told), "%s", why);
        kafka->told_us = now_us;
        sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "%s", why);
}

static void opened(sk_kafka *kafka, const sk_kafka_job *job) {
        kafka->is_opening = false;
        if (job->result != SK_OK) {
                not_opened(kafka, job);
                return;
        }
        sk_kafka_is_back(kafka);
        kafka->told[0] = '\0';
        if (job->beware[0] != '\0')
                sk_kafka_tell(kafka, SK_NEWS_BEWARE, "%s", job->beware);
        kafka->wants_producer = false;
        kafka->numbers.take_overs++;
        if (!kafka->has_entered && job->last_exit != SK_LAST_CLEAN)
                tell_driver_of_notes(kafka, job);
        kafka->has_entered = true;
        kafka->wants_member = !kafka->is_draining;
        kafka->retry_us = 0;
}

static void tags_keep(sk_kafka *kafka, const sk_batch *batch) {
        for (size_t i = 0; i < batch->offset_count; i++) {
                const sk_position *position = &batch->offsets[i];
                if (position->topic->kind == SK_TOPIC_WORK)
                        sk_kafka_tag_make(kafka->run, batch->number, kafka->shares[position->partition].tag);
        }
}

static void offsets_tell(sk_kafka *kafka, const sk_batch *batch) {
        for (size_t i = 0; kafka->member != NULL && i < batch->offset_count; i++)
                sk_kafka_member_done(kafka->member, &batch->offsets[i]);
}

static void tell_of_failure(sk_kafka *kafka, const sk_kafka_job *job) {
        sk_log_news news = job->result == SK_ERR_FENCED ? SK_NEWS_FENCED
                           : job->result == SK_ERR_LOST ? SK_NEWS_LOST
                                                        : SK_NEWS_COMMIT_FAILED;

        sk_kafka_tell(kafka, news, "%s", job->why);
}

static void committed(sk_kafka *kafka, sk_kafka_slot *slot, int64_t now_us) {
        const sk_kafka_job *job = &slot->job;

        kafka->numbers.commits++;
        kafka->numbers.commit_us += sk_kafka_monotonic_us() - slot->started_us;
        if (slot->generation != NULL)
                slot->generation->users--;
        kafka->is_unknown = job->result == SK_ERR_UNKNOWN_OUTCOME;
        if (!kafka->is_unknown)
                kafka->transaction_us = 0;
        if (job->result == SK_OK) {
                sk_kafka_is_back(kafka);
                tags_keep(kafka, job->batch);
                offsets_tell(kafka, job->batch);
        } else {
                if (job->result == SK_ERR_LOST)
                        kafka->lost_us = sk_kafka_monotonic_us();
                kafka->numbers.commits_failed++;
                tell_of_failure(kafka, job);
        }
        sk_driver_committed(kafka->driver, job->batch->number, job->result, now_us);
}

/* The group has been left for good: now the driver may end. */
static void closed(sk_kafka *kafka, const sk_kafka_job *job, int64_t now_us) {
        if (job->is_leaving)
                sk_driver_stop(kafka->driver, now_us);
}

static void job_done(sk_kafka *kafka, sk_kafka_slot *slot, int64_t now_us) {
        switch (slot->job.kind) {
        case SK_KAFKA_OPEN:
                opened(kafka, &slot->job);
                break;
        case SK_KAFKA_COMMIT:
        case SK_KAFKA_RECOMMIT:
                committed(kafka, slot, now_us);
                break;
        case SK_KAFKA_NOTE:
                if (slot->job.result != SK_OK)
                        sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "an input could not be noted in the state directory");
                sk_driver_noted(kafka->driver, now_us);
                break;
        case SK_KAFKA_FORGET:
                break;
        case SK_KAFKA_SETTLE:
                sk_kafka_park_settled(kafka, &slot->job, now_us);
                break;
        case SK_KAFKA_CLOSE:
                closed(kafka, &slot->job, now_us);
                break;
        }
}

static void refused(sk_kafka *kafka, int64_t now_us) {
        const sk_batch *batch = kafka->refused;

        if (batch == NULL || kafka->is_parked)
                return;
        kafka->refused = NULL;
        sk_driver_committed(kafka->driver, batch->number, SK_ERR_ABORTED, now_us);
}

void sk_kafka_do_jobs(sk_kafka *kafka, int64_t now_us) {
        for (sk_kafka_job *job; (job = sk_kafka_committer_take(kafka->committer)) != NULL;) {
                sk_kafka_slot *slot = slot_of(kafka, job);
                assert(slot->is_used);
                job_done(kafka, slot, now_us);
                slot->is_used = false;
        }
        refused(kafka, now_us);
}

/* ---- what was read back ---- */

static void ask(sk_kafka *kafka, sk_err err) {
        if (err != SK_OK)
                sk_kafka_over(kafka, EXIT_AGAIN, "out of memory");
}

static void records(sk_kafka *kafka, const sk_kafka_piece *piece) {
        const sk_topic *journal = sk_topics_own(kafka->topics, SK_TOPIC_JOURNAL);

        for (size_t i = 0; i < piece->count; i++) {
                sk_record record = sk_kafka_piece_record(piece, i);
                record.topic = journal;
                sk_driver_journal(kafka->driver, &record);
        }
}

static void restored(sk_kafka *kafka, const sk_kafka_piece *piece, int64_t now_us) {
        kafka->shares[piece->partition].is_restored = true;
        sk_driver_restored(kafka->driver, piece->partition, piece->end_offset, now_us);
}

/* What was to be read next is not there: it has been deleted, or, which nobody can go past, it is not there yet. */
static void gap(sk_kafka *kafka, const sk_kafka_piece *piece) {
        sk_slice name = sk_kafka_piece_record(piece, 0).key;
        const sk_topic *topic = sk_topics_find(kafka->topics, name);
        sk_position next = {.topic = topic, .partition = piece->partition, .next_offset = piece->end_offset};
        int64_t wanted = kafka->member == NULL ? -1 : sk_kafka_member_next(kafka->member, topic, piece->partition);

        if (wanted < 0 || !kafka->shares[piece->partition].is_held)
                return;
        sk_kafka_tell(kafka, SK_NEWS_GAP,
                      "%.*s, partition %d: wanted offset %" PRId64 ", the first one left is %" PRId64, (int)name.len,
                      name.at, (int)piece->partition, wanted, piece->end_offset);
        if (!kafka->passes_gaps || wanted >= piece->end_offset) {
                sk_kafka_member_keep_back(kafka->member, piece->partition);
                sk_driver_gap(kafka->driver, topic, piece->partition, piece->end_offset);
                return;
        }
        sk_driver_past_gap(kafka->driver, topic, piece->partition, piece->end_offset);
        ask(kafka, sk_kafka_member_place(kafka->member, &next));
}

static void piece_take(sk_kafka *kafka, const sk_kafka_piece *piece, int64_t now_us) {
        switch (piece->kind) {
        case SK_KAFKA_RECORDS:
                if (piece->bytes.err != SK_OK)
                        sk_kafka_over(kafka, EXIT_AGAIN, "out of memory while restoring");
                else
                        records(kafka, piece);
                break;
        case SK_KAFKA_RESTORED:
                sk_kafka_tell(kafka, SK_NEWS_RESTORED, "partition %d, offset %" PRId64 ", all", (int)piece->partition,
                              piece->end_offset);
                restored(kafka, piece, now_us);
                break;
        case SK_KAFKA_LOW:
                gap(kafka, piece);
                break;
        case SK_KAFKA_STUB: {
                sk_record found = sk_kafka_piece_record(piece, 0);
                sk_driver_stub(kafka->driver, piece->partition, found.key, found.value, now_us);
                break;
        }
        case SK_KAFKA_WAITS:
                sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "restoring partition %d waits: %s", (int)piece->partition,
                              piece->text);
                break;
        }
}

void sk_kafka_do_pieces(sk_kafka *kafka, int64_t now_us) {
        for (size_t i = 0; i < PIECES_MAX && kafka->stage != SK_LOG_OVER; i++) {
                sk_kafka_piece *piece = sk_kafka_restorer_take(kafka->restorer);
                if (piece == NULL)
                        return;
                piece_take(kafka, piece, now_us);
                sk_kafka_restorer_give(kafka->restorer, piece);
        }
        kafka->is_pressing = true;
}

/* ---- commands ---- */

/*
 * A batch of an earlier generation is none that the group would take. A commit whose end is unknown is asked about
 * whatever has happened since.
 */
static void commit(sk_kafka *kafka, const sk_command *command) {
        bool is_first = command->kind == SK_DO_COMMIT;

        if (is_first && (kafka->is_parked || command->batch->generation != kafka->generation)) {
                kafka->refused = command->batch;
                return;
        }
        sk_kafka_generation *generation = sk_kafka_group_generation(kafka, command->batch->generation);
        sk_kafka_job *job = sk_kafka_job_begin(kafka, is_first ? SK_KAFKA_COMMIT : SK_KAFKA_RECOMMIT);

        job->batch = command->batch;
        job->group = generation == NULL ? NULL : generation->group;
        slot_of(kafka, job)->generation = generation;
        if (generation != NULL)
                generation->users++;
        if (kafka->transaction_us == 0)
                kafka->transaction_us = slot_of(kafka, job)->started_us;
        sk_kafka_committer_put(kafka->committer, job);
}

static void resume(sk_kafka *kafka, const sk_command *command) {
        bool is_ours = kafka->shares[command->partition].is_held && !kafka->is_revoking && !kafka->is_parked;

        if (kafka->member == NULL || !is_ours)
                return; /* the next assignment says it again */
        for (size_t i = 0; i < command->position_count; i++) {
                if (sk_kafka_member_place(kafka->member, &command->positions[i]) != SK_OK)
                        sk_kafka_over(kafka, EXIT_AGAIN, "out of memory");
        }
        kafka->is_pressing = true;
}

/* What is lost again and again is not tried without end, as nobody else is to blame for it. */
static void restart(sk_kafka *kafka) {
        sk_kafka_restorer_forget(kafka->restorer);
        memset(kafka->shares, 0, (size_t)kafka->partitions * sizeof(*kafka->shares));
        sk_kafka_park_end(kafka);
        kafka->is_revoking = false;
        kafka->is_unknown = false;
        kafka->transaction_us = 0;
        kafka->refused = NULL;
        sk_kafka_group_leave(kafka, kafka->is_draining);
        kafka->wants_member = false;
        kafka->wants_producer = !kafka->is_draining; /* who only wanted to leave has left */
        kafka->retry_us = kafka->lost_us == 0 ? 0 : kafka->lost_us + RETRY_US;
        kafka->stage = SK_LOG_TAKING_OVER;
}

static void note(sk_kafka *kafka, const sk_command *command) {
        sk_kafka_job *job = sk_kafka_job_begin(kafka, SK_KAFKA_NOTE);
        sk_local_note_format(command->places, command->place_count, &job->text);
        sk_kafka_committer_put(kafka->committer, job);
}

static void carry_out(sk_kafka *kafka, const sk_command *command) {
        switch (command->kind) {
        case SK_DO_RESTORE:
                ask(kafka, sk_kafka_restorer_restore(kafka->restorer, command->partition));
                break;
        case SK_DO_RESUME:
                resume(kafka, command);
                break;
        case SK_DO_REVOKED:
                sk_kafka_group_let_go(kafka, command->partition);
                break;
        case SK_DO_COMMIT:
        case SK_DO_RECOMMIT:
                commit(kafka, command);
                break;
        case SK_DO_RESTART:
                restart(kafka);
                break;
        case SK_DO_NOTE:
                note(kafka, command);
                break;
        case SK_DO_FORGET:
                sk_kafka_committer_put(kafka->committer, sk_kafka_job_begin(kafka, SK_KAFKA_FORGET));
                break;
        case SK_DO_TELL:
                if (kafka->tell != NULL)
                        kafka->tell(kafka->tell_self, SK_NEWS_TELL, command->key.at);
                break;
        case SK_DO_READ_STUB:
                ask(kafka,
                    sk_kafka_restorer_stub(kafka->restorer, command->partition, command->key, command->since_us));
                break;
        case SK_DO_EXIT:
                sk_kafka_over(kafka, command->exit_code, command->why);
                break;
        }
}

bool sk_kafka_do_commands(sk_kafka *kafka) {
        sk_command command;

        for (size_t i = 0; i < COMMANDS_MAX && kafka->stage != SK_LOG_OVER; i++) {
                if (!sk_driver_next(kafka->driver, &command))
                        return false;
                carry_out(kafka, &command);
        }
        return kafka->stage != SK_LOG_OVER;
}
