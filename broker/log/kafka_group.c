#include <assert.h>
#include <inttypes.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "log/kafka_inside.h"

/*
 * The instance in its group: what is assigned and revoked reaches the driver as inputs, and the group hears of it when
 * the driver has let go. A member that has become useless is replaced without the producer; whether that is a rival's
 * doing shows in how often it happens.
 */

#define RETRY_US SK_SECOND_US
#define NEWS_MAX 1000 /* of one turn */
#define HOLD_US (SK_SECOND_US / 2)
#define FENCES_US (10 * SK_MINUTE_US)
#define EXIT_FENCED 70
#define EXIT_AGAIN 75

/* ---- generations ---- */

static void generation_free(sk_kafka_generation *generation) {
        if (generation->group != NULL)
                rd_kafka_consumer_group_metadata_destroy(generation->group);
        *generation = (sk_kafka_generation){0};
}

/* The oldest that no job has; the commit underway has one at most. */
static sk_kafka_generation *generation_replace(sk_kafka *kafka) {
        sk_kafka_generation *oldest = NULL;

        for (size_t i = 0; i < SK_KAFKA_GENERATIONS; i++) {
                sk_kafka_generation *generation = &kafka->generations[i];
                if (generation->users == 0 && (oldest == NULL || generation->number < oldest->number))
                        oldest = generation;
        }
        assert(oldest != NULL);
        generation_free(oldest);
        return oldest;
}

static void generation_keep(sk_kafka *kafka) {
        sk_kafka_generation *generation = generation_replace(kafka);

        generation->number = ++kafka->generation;
        generation->group = sk_kafka_member_group(kafka->member);
}

sk_kafka_generation *sk_kafka_group_generation(sk_kafka *kafka, uint64_t number) {
        assert(kafka != NULL);
        assert(number != 0);
        for (size_t i = 0; i < SK_KAFKA_GENERATIONS; i++) {
                if (kafka->generations[i].number == number && kafka->generations[i].group != NULL)
                        return &kafka->generations[i];
        }
        return NULL;
}

/* ---- what is ours ---- */

static size_t held_list(const sk_kafka *kafka, int32_t *out) {
        size_t count = 0;

        for (int32_t p = 0; p < kafka->partitions; p++) {
                if (kafka->shares[p].is_held)
                        out[count++] = p;
        }
        return count;
}

static bool holds_any(const sk_kafka *kafka) {
        for (int32_t p = 0; p < kafka->partitions; p++) {
                if (kafka->shares[p].is_held)
                        return true;
        }
        return false;
}

static void shares_forget(sk_kafka *kafka) {
        for (int32_t p = 0; p < kafka->partitions; p++)
                kafka->shares[p].is_held = kafka->shares[p].is_restored = false;
}

static void revoked(sk_kafka *kafka, bool is_lost, int64_t now_us) {
        int32_t *list = sk_alloc_zero((size_t)kafka->partitions, sizeof(*list));
        if (list == NULL) {
                sk_kafka_over(kafka, EXIT_AGAIN, "out of memory");
                return;
        }
        size_t count = held_list(kafka, list);

        sk_kafka_restorer_forget(kafka->restorer);
        sk_kafka_park_end(kafka);
        kafka->stage = SK_LOG_TAKING_OVER;
        if (is_lost)
                shares_forget(kafka);
        if (count > 0)
                sk_driver_revoked(kafka->driver, list, count, is_lost, now_us);
        sk_free(list);
}

void sk_kafka_group_lose(sk_kafka *kafka, int64_t now_us) {
        revoked(kafka, true, now_us);
        kafka->is_revoking = false;
}

static void let_go_if_done(sk_kafka *kafka) {
        if (!kafka->is_revoking || kafka->is_parked || holds_any(kafka))
                return;
        kafka->is_revoking = false;
        sk_kafka_member_let_go(kafka->member);
        if (kafka->is_draining)
                sk_kafka_group_leave(kafka, true);
}

void sk_kafka_group_let_go(sk_kafka *kafka, int32_t partition) {
        assert(kafka != NULL);
        assert(partition >= 0);
        assert(partition < kafka->partitions);
        kafka->shares[partition].is_held = kafka->shares[partition].is_restored = false;
        let_go_if_done(kafka);
}

void sk_kafka_group_assign(sk_kafka *kafka, const int32_t *partitions, size_t count, int64_t now_us) {
        for (size_t i = 0; i < count; i++)
                kafka->shares[partitions[i]].is_held = true;
        if (count == 0) {
                kafka->stage = SK_LOG_STANDBY;
                sk_kafka_tell(kafka, SK_NEWS_STANDBY, "other instances, which have all partitions");
                return;
        }
        kafka->stage = SK_LOG_RUNNING;
        kafka->has_caught_up = false;
        sk_kafka_tell(kafka, SK_NEWS_TAKEN_OVER, "%" PRIu64 " with %zu of %d partitions", kafka->generation, count,
                      (int)kafka->partitions);
        sk_driver_assigned(kafka->driver, kafka->generation, partitions, count, now_us);
}

static void on_assigned(sk_kafka *kafka, const sk_kafka_news *news, int64_t now_us) {
        kafka->is_revoking = false;
        generation_keep(kafka);
        kafka->numbers.epoch++;
        kafka->numbers.rebalances++;
        sk_kafka_park_assigned(kafka, news->partitions, news->partition_count, now_us);
}

/* The state of what goes is kept, in case that it comes back; unless it is gone already, or is to go for good. */
static void on_revoked(sk_kafka *kafka, const sk_kafka_news *news, int64_t now_us) {
        kafka->is_revoking = !news->is_lost;
        if (news->is_lost || kafka->is_draining)
                revoked(kafka, news->is_lost, now_us);
        else
                sk_kafka_park(kafka);
        if (kafka->stage != SK_LOG_OVER)
                let_go_if_done(kafka);
        if (news->is_lost && kafka->is_draining)
                sk_kafka_group_leave(kafka, true);
}

/* ---- a member that is of no use ---- */

/* Brokers that crash make members useless as well: only what happens while they can be reached is held against us. */
static bool is_fenced_too_often(sk_kafka *kafka) {
        uint64_t now_us = sk_kafka_monotonic_us();
        bool is_third = kafka->fences_us[0] != 0 && now_us - kafka->fences_us[0] < FENCES_US;

        if (sk_kafka_absence_is_near(&kafka->absence, now_us))
                return false;
        kafka->fences_us[0] = kafka->fences_us[1];
        kafka->fences_us[1] = now_us;
        return is_third;
}

static void on_fatal(sk_kafka *kafka, const char *text, int64_t now_us) {
        sk_kafka_tell(kafka, SK_NEWS_FENCED, "the group no longer wants instance %.*s: %s",
                      (int)kafka->settings.instance.len, kafka->settings.instance.at, text);
        sk_kafka_group_lose(kafka, now_us);
        sk_kafka_group_leave(kafka, false);
        if (kafka->is_draining) {
                sk_driver_stop(kafka->driver, now_us); /* out of the group is where it wanted to be */
                return;
        }
        if (is_fenced_too_often(kafka)) {
                sk_kafka_over(kafka, EXIT_FENCED, "another process has the same instance name; give each its own");
                return;
        }
        kafka->wants_member = true;
        kafka->retry_us = sk_kafka_monotonic_us() + RETRY_US;
}

/* What is left of it has to be asked for. */
static void on_gap(sk_kafka *kafka, const sk_kafka_news *news) {
        if (sk_kafka_restorer_low(kafka->restorer, news->partition, news->topic->name) != SK_OK)
                sk_kafka_over(kafka, EXIT_AGAIN, "out of memory");
}

static void on_news(sk_kafka *kafka, const sk_kafka_news *news, int64_t now_us) {
        switch (news->kind) {
        case SK_KAFKA_RECORD:
                sk_kafka_is_back(kafka);
                sk_driver_record(kafka->driver, &news->record);
                kafka->numbers.records_fetched++;
                break;
        case SK_KAFKA_PASSED:
                sk_kafka_is_back(kafka);
                sk_driver_passed(kafka->driver, news->topic, news->partition, news->offset);
                break;
        case SK_KAFKA_ALIVE:
                sk_kafka_is_back(kafka);
                break;
        case SK_KAFKA_ASSIGNED:
                sk_kafka_is_back(kafka);
                on_assigned(kafka, news, now_us);
                break;
        case SK_KAFKA_REVOKED:
                on_revoked(kafka, news, now_us);
                break;
        case SK_KAFKA_GAP:
                on_gap(kafka, news);
                break;
        case SK_KAFKA_AWAY:
                sk_kafka_is_away(kafka, news->text);
                break;
        case SK_KAFKA_TROUBLE:
                sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "%s", news->text);
                break;
        case SK_KAFKA_FATAL:
                on_fatal(kafka, news->text, now_us);
                break;
        }
}

/*
 * Whether to look for more. While the driver has no room the queue is left alone, since a commit takes milliseconds; if
 * it takes longer nothing more is fetched, and the group's wishes are looked at again.
 */
static bool is_open(sk_kafka *kafka) {
        bool holds_calls = !sk_driver_wants(kafka->driver, SK_TOPIC_CALLS);
        uint64_t now_us = sk_kafka_monotonic_us();

        if (sk_driver_wants(kafka->driver, SK_TOPIC_WORK)) {
                kafka->full_us = 0;
                if (holds_calls != kafka->holds_calls && now_us - kafka->held_us >= HOLD_US) {
                        kafka->holds_calls = holds_calls;
                        kafka->held_us = now_us;
                }
                sk_kafka_member_hold(kafka->member, kafka->holds_calls, false);
                return true;
        }
        if (kafka->full_us == 0)
                kafka->full_us = now_us;
        if (now_us - kafka->full_us < HOLD_US)
                return false;
        sk_kafka_member_hold(kafka->member, kafka->holds_calls, true);
        return true;
}

void sk_kafka_group_look(sk_kafka *kafka, int64_t now_us) {
        sk_kafka_news news;

        for (size_t i = 0; i < NEWS_MAX; i++) {
                if (kafka->member == NULL || kafka->stage == SK_LOG_OVER || !is_open(kafka) ||
                    !sk_kafka_member_news(kafka->member, &news))
                        return;
                on_news(kafka, &news, now_us);
        }
        kafka->is_pressing = true;
}

/* ---- coming and going ---- */

void sk_kafka_group_leave(sk_kafka *kafka, bool is_leaving) {
        if (kafka->member == NULL)
                return;
        if (is_leaving)
                sk_kafka_member_let_go(kafka->member); /* librdkafka does not leave before it has this answer */
        sk_kafka_job *job = sk_kafka_job_begin(kafka, SK_KAFKA_CLOSE);
        job->client = sk_kafka_member_close(kafka->member);
        job->is_leaving = is_leaving;
        kafka->member = NULL;
        sk_kafka_committer_put(kafka->committer, job);
}

void sk_kafka_group_join(sk_kafka *kafka) {
        char why[SK_KAFKA_WHY_MAX] = "";

        if (!kafka->wants_member || kafka->member != NULL || sk_kafka_monotonic_us() < kafka->retry_us)
                return;
        sk_slice work = sk_topics_own(kafka->topics, SK_TOPIC_WORK)->name;
        sk_err err = sk_kafka_member_new(&kafka->settings, work, kafka->partitions, why, &kafka->member);
        if (err != SK_OK) {
                sk_kafka_tell(kafka, SK_NEWS_TROUBLE, "joining the group: %s", why[0] == '\0' ? sk_err_text(err) : why);
                kafka->retry_us = sk_kafka_monotonic_us() + RETRY_US;
                return;
        }
        kafka->wants_member = false;
        for (size_t i = 0; i < sk_topics_count(kafka->topics); i++)
                if (sk_topics_at(kafka->topics, i)->is_inbound)
                        (void)sk_kafka_member_expect(kafka->member, sk_topics_at(kafka->topics, i));
        sk_kafka_watch(kafka, sk_kafka_member_fd(kafka->member));
}

void sk_kafka_group_free(sk_kafka *kafka) {
        if (kafka->member != NULL)
                rd_kafka_destroy_flags(sk_kafka_member_close(kafka->member), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        kafka->member = NULL;
        for (size_t i = 0; i < SK_KAFKA_GENERATIONS; i++)
                generation_free(&kafka->generations[i]);
}
