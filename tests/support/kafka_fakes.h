#ifndef SK_TESTS_SUPPORT_KAFKA_FAKES_H
#define SK_TESTS_SUPPORT_KAFKA_FAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "log/kafka_committer.h"
#include "log/kafka_member.h"
#include "log/kafka_restorer.h"

/*
 * For the one file of a test program that looks at the loop's side of Kafka alone: committer, member and restorer that
 * note what they are asked and answer what the test has put into `fake`. They take the place of those of the library.
 */

#define FAKES_MAX 64

static struct fakes {
        sk_kafka_job *jobs[SK_KAFKA_JOBS_MAX]; /* not yet answered */
        size_t job_count;
        sk_kafka_job *answered;
        bool is_member;
        bool is_end; /* the port destroys its member's handle itself */
        unsigned joins;
        unsigned leaves;
        bool is_revoking;  /* and waits for an answer */
        unsigned let_goes; /* answers */
        sk_kafka_news news[FAKES_MAX];
        size_t news_count;
        size_t news_taken;
        int32_t asks[FAKES_MAX]; /* to restore them */
        size_t ask_count;
        sk_kafka_piece pieces[FAKES_MAX];
        size_t piece_count;
        size_t piece_taken;
} fake;

static int a_thing; /* all handles point to it */

sk_err sk_kafka_committer_new(const sk_kafka_committer_config *config, char why[SK_KAFKA_WHY_MAX],
                              sk_kafka_committer **out) {
        (void)config;
        (void)why;
        *out = (sk_kafka_committer *)(void *)&a_thing;
        return SK_OK;
}

void sk_kafka_committer_free(sk_kafka_committer *committer) {
        (void)committer;
}

void sk_kafka_committer_put(sk_kafka_committer *committer, sk_kafka_job *job) {
        (void)committer;
        assert_true(fake.job_count < SK_KAFKA_JOBS_MAX);
        fake.jobs[fake.job_count++] = job;
}

sk_kafka_job *sk_kafka_committer_take(sk_kafka_committer *committer) {
        sk_kafka_job *job = fake.answered;

        (void)committer;
        fake.answered = NULL;
        return job;
}

int sk_kafka_committer_fd(const sk_kafka_committer *committer) {
        (void)committer;
        return -1;
}

int sk_kafka_committer_crash_fd(const sk_kafka_committer *committer) {
        (void)committer;
        return -1;
}

sk_err sk_kafka_member_new(const sk_kafka_settings *settings, sk_slice work, int32_t partitions,
                           char why[SK_KAFKA_WHY_MAX], sk_kafka_member **out) {
        (void)settings;
        (void)work;
        (void)partitions;
        (void)why;
        assert_false(fake.is_member);
        fake.is_member = true;
        fake.joins++;
        *out = (sk_kafka_member *)(void *)&a_thing;
        return SK_OK;
}

static rd_kafka_t *handle_new(void) {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
        return rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
}

rd_kafka_t *sk_kafka_member_close(sk_kafka_member *member) {
        (void)member;
        assert_true(fake.is_member);
        fake.is_member = fake.is_revoking = false;
        fake.news_count = fake.news_taken = 0;
        return fake.is_end ? handle_new() : NULL;
}

bool sk_kafka_member_news(sk_kafka_member *member, sk_kafka_news *out) {
        (void)member;
        if (fake.news_taken == fake.news_count)
                return false;
        *out = fake.news[fake.news_taken++];
        fake.is_revoking = fake.is_revoking || (out->kind == SK_KAFKA_REVOKED && !out->is_lost);
        return true;
}

rd_kafka_t *sk_kafka_member_client(const sk_kafka_member *member) {
        (void)member;
        return NULL;
}

rd_kafka_consumer_group_metadata_t *sk_kafka_member_group(sk_kafka_member *member) {
        (void)member;
        return rd_kafka_consumer_group_metadata_new("test.centre");
}

void sk_kafka_member_let_go(sk_kafka_member *member) {
        (void)member;
        fake.let_goes += fake.is_revoking ? 1 : 0;
        fake.is_revoking = false;
}

void sk_kafka_member_leave(sk_kafka_member *member) {
        (void)member;
        fake.leaves++;
}

sk_err sk_kafka_member_expect(sk_kafka_member *member, const sk_topic *topic) {
        (void)member;
        assert_true(topic->is_inbound);
        return SK_OK;
}

sk_err sk_kafka_member_place(sk_kafka_member *member, const sk_position *position) {
        (void)member;
        (void)position;
        return SK_OK;
}

void sk_kafka_member_done(sk_kafka_member *member, const sk_position *position) {
        (void)member;
        (void)position;
}

bool sk_kafka_member_has_caught_up(const sk_kafka_member *member) {
        (void)member;
        return true;
}

const sk_kafka_member_numbers *sk_kafka_member_count(const sk_kafka_member *member) {
        static const sk_kafka_member_numbers none;

        (void)member;
        return &none;
}

int64_t sk_kafka_member_next(const sk_kafka_member *member, const sk_topic *topic, int32_t partition) {
        (void)member;
        (void)topic;
        (void)partition;
        return -1;
}

void sk_kafka_member_keep_back(sk_kafka_member *member, int32_t partition) {
        (void)member;
        (void)partition;
}

void sk_kafka_member_hold(sk_kafka_member *member, bool holds_calls, bool holds_all) {
        (void)member;
        (void)holds_calls;
        (void)holds_all;
}

void sk_kafka_member_flow(sk_kafka_member *member) {
        (void)member;
}

int sk_kafka_member_fd(const sk_kafka_member *member) {
        (void)member;
        return -1;
}

void sk_kafka_member_drain(sk_kafka_member *member) {
        (void)member;
}

sk_err sk_kafka_restorer_new(const sk_kafka_settings *settings, int32_t partitions, sk_kafka_restorer **out) {
        (void)settings;
        (void)partitions;
        *out = (sk_kafka_restorer *)(void *)&a_thing;
        return SK_OK;
}

void sk_kafka_restorer_free(sk_kafka_restorer *restorer) {
        (void)restorer;
}

void sk_kafka_restorer_warm(sk_kafka_restorer *restorer) {
        (void)restorer;
}

sk_err sk_kafka_restorer_restore(sk_kafka_restorer *restorer, int32_t partition) {
        (void)restorer;
        assert_true(fake.ask_count < FAKES_MAX);
        fake.asks[fake.ask_count++] = partition;
        return SK_OK;
}

sk_err sk_kafka_restorer_low(sk_kafka_restorer *restorer, int32_t partition, sk_slice topic) {
        (void)restorer;
        (void)partition;
        (void)topic;
        return SK_OK;
}

sk_err sk_kafka_restorer_stub(sk_kafka_restorer *restorer, int32_t partition, sk_slice key, int64_t since_us) {
        (void)restorer;
        (void)partition;
        (void)key;
        (void)since_us;
        return SK_OK;
}

void sk_kafka_restorer_forget(sk_kafka_restorer *restorer) {
        (void)restorer;
        fake.ask_count = 0;
        fake.piece_taken = fake.piece_count = 0;
}

sk_kafka_piece *sk_kafka_restorer_take(sk_kafka_restorer *restorer) {
        (void)restorer;
        return fake.piece_taken == fake.piece_count ? NULL : &fake.pieces[fake.piece_taken++];
}

void sk_kafka_restorer_give(sk_kafka_restorer *restorer, sk_kafka_piece *piece) {
        (void)restorer;
        (void)piece;
}

sk_record sk_kafka_piece_record(const sk_kafka_piece *piece, size_t index) {
        (void)piece;
        (void)index;
        return (sk_record){0};
}

int sk_kafka_restorer_fd(const sk_kafka_restorer *restorer) {
        (void)restorer;
        return -1;
}

#endif
