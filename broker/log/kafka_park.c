#include <assert.h>

#include "kit/when.h"
#include "log/kafka_inside.h"

/*
 * What is kept over a rebalance (rule R3). The group takes everything back from everybody before it gives it out anew,
 * mostly to the same. So the driver is not told of a revocation: what it has in memory is parked until the group has
 * spoken. Each transaction leaves its tag with the group's offset of `work`; when a partition comes back and the tag is
 * the one that we know, nobody has written since, and its state is true. Else it is restored, for which no transaction
 * of its last owner may be open any more either (rule R2a).
 *
 *     revoked ──> parked ──commit ended, or 5 s──> let go ──assigned──> verifying ──all tags known──> driver told
 *
 * While parked nothing is committed: a batch that the driver sends then is refused once the new generation is there.
 */

#define PARK_US (5 * SK_SECOND_US)
#define TOLD_AFTER 5 /* questions to the group that came to nothing */

static bool is_committing(const sk_kafka *kafka) {
        for (size_t i = 0; i < SK_KAFKA_JOBS_MAX; i++) {
                const sk_kafka_slot *slot = &kafka->slots[i];
                if (slot->is_used && (slot->job.kind == SK_KAFKA_COMMIT || slot->job.kind == SK_KAFKA_RECOMMIT))
                        return true;
        }
        return false;
}

void sk_kafka_park(sk_kafka *kafka) {
        sk_kafka_restorer_forget(kafka->restorer);
        kafka->is_verifying = false;
        kafka->is_parked = true;
        kafka->parked_us = sk_kafka_monotonic_us();
        kafka->stage = SK_LOG_TAKING_OVER;
        sk_kafka_park_look(kafka);
}

void sk_kafka_park_end(sk_kafka *kafka) {
        kafka->is_parked = false;
        kafka->is_verifying = false;
}

void sk_kafka_park_look(sk_kafka *kafka) {
        if (!kafka->is_parked || !kafka->is_revoking)
                return;
        if (is_committing(kafka) && sk_kafka_monotonic_us() - kafka->parked_us < PARK_US)
                return;
        kafka->is_revoking = false;
        sk_kafka_member_let_go(kafka->member);
}

/* ---- it comes back ---- */

static bool is_known(const sk_kafka *kafka, const sk_kafka_settled *settled) {
        const sk_kafka_share *share = &kafka->shares[settled->partition];

        return share->is_worth_a_look && strcmp(share->tag, settled->tag) == 0;
}

static bool is_coming_known(const sk_kafka *kafka, int32_t partition) {
        for (size_t i = 0; i < kafka->coming_count; i++) {
                if (kafka->settled[i].partition == partition)
                        return is_known(kafka, &kafka->settled[i]);
        }
        return false;
}

/* The driver hears first of what is lost, then of what it has. */
static void finish(sk_kafka *kafka, int64_t now_us) {
        sk_kafka_restorer_forget(kafka->restorer); /* what was begun before belongs to nobody */
        for (int32_t p = 0; p < kafka->partitions; p++) {
                sk_kafka_share *share = &kafka->shares[p];
                if (!share->is_held || is_coming_known(kafka, p))
                        continue;
                share->is_held = share->is_restored = false;
                sk_driver_revoked(kafka->driver, &p, 1, true, now_us);
        }
        for (size_t i = 0; i < kafka->coming_count; i++) {
                const sk_kafka_settled *settled = &kafka->settled[i];
                memcpy(kafka->shares[settled->partition].tag, settled->tag, sizeof(settled->tag));
        }
        sk_kafka_park_end(kafka);
        sk_kafka_group_assign(kafka, kafka->coming, kafka->coming_count, now_us);
}

/* One question at a time; what it is about is the committer's meanwhile. */
static void settle(sk_kafka *kafka) {
        if (kafka->is_settling || kafka->member == NULL)
                return;
        for (size_t i = 0; i < kafka->coming_count; i++)
                kafka->settled[i] = (sk_kafka_settled){.partition = kafka->coming[i]};
        sk_kafka_job *job = sk_kafka_job_begin(kafka, SK_KAFKA_SETTLE);
        job->client = sk_kafka_member_client(kafka->member);
        job->work = sk_topics_own(kafka->topics, SK_TOPIC_WORK)->name.at;
        job->settled = kafka->settled;
        job->settled_count = kafka->coming_count;
        kafka->is_settling = true;
        kafka->settling = kafka->generation;
        sk_kafka_committer_put(kafka->committer, job);
}

/* A commit whose end is not known yet may still change the journal. */
static bool is_worth_a_look(const sk_kafka *kafka, int32_t partition) {
        const sk_kafka_share *share = &kafka->shares[partition];

        return share->is_held && share->is_restored && !is_committing(kafka) && !kafka->is_unknown;
}

void sk_kafka_park_assigned(sk_kafka *kafka, const int32_t *partitions, size_t count, int64_t now_us) {
        assert(count <= (size_t)kafka->partitions);
        kafka->is_parked = true;
        kafka->is_verifying = true;
        kafka->settle_fails = 0;
        for (int32_t p = 0; p < kafka->partitions; p++)
                kafka->shares[p].is_worth_a_look = is_worth_a_look(kafka, p);
        kafka->coming_count = count;
        for (size_t i = 0; i < count; i++)
                kafka->coming[i] = partitions[i];
        if (count == 0)
                finish(kafka, now_us);
        else
                settle(kafka);
}

void sk_kafka_park_settled(sk_kafka *kafka, const sk_kafka_job *job, int64_t now_us) {
        assert(kafka->is_settling);
        kafka->is_settling = false;
        if (!kafka->is_verifying)
                return;
        if (job->result == SK_OK && kafka->settling == kafka->generation) {
                finish(kafka, now_us);
                return;
        }
        if (job->result != SK_OK && ++kafka->settle_fails % TOLD_AFTER == 0)
                sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "restoring waits: %s", job->why);
        settle(kafka);
}
