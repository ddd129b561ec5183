#include "log/kafka.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "log/kafka_inside.h"
#include "log/kafka_reason.h"

/*
 * The loop's side of Kafka. A turn takes what the committer and the restorer have done and what the group says, fetches
 * a bounded number of records, gives the driver its turn and carries out its commands. Commands never answer at once.
 */

#define MAGIC 0x6b61666bu
#define POLL_US SK_SECOND_US
#define NOTE_BYTES_MAX ((size_t)1024 * 1024)
#define TEXTS_BYTES_MAX ((size_t)1024 * 1024)
#define LATE_US (10 * SK_SECOND_US)

void sk_kafka_tell(sk_kafka *kafka, sk_log_news news, const char *format, ...) {
        char text[SK_LOG_TEXT_MAX];
        va_list list;

        if (kafka->tell == NULL)
                return;
        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        kafka->tell(kafka->tell_self, news, text);
}

void sk_kafka_watch(sk_kafka *kafka, int fd) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        (void)epoll_ctl(kafka->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void sk_kafka_over(sk_kafka *kafka, int exit_code, const char *why) {
        if (kafka->stage == SK_LOG_OVER)
                return;
        kafka->stage = SK_LOG_OVER;
        kafka->exit_code = exit_code;
        kafka->exit_why = why;
        if (exit_code == 0 && kafka->has_entered)
                sk_local_state_leave(kafka->state);
}

static void look_at_absence(sk_kafka *kafka) {
        if (sk_kafka_absence_tells(&kafka->absence, sk_kafka_monotonic_us()))
                sk_kafka_tell(kafka, SK_NEWS_AWAY, "%s", kafka->away_why);
}

void sk_kafka_is_away(sk_kafka *kafka, const char *why) {
        sk_kafka_absence_begin(&kafka->absence, sk_kafka_monotonic_us());
        (void)snprintf(kafka->away_why, sizeof(kafka->away_why), "%s", why);
        look_at_absence(kafka);
}

void sk_kafka_is_back(sk_kafka *kafka) {
        uint64_t away_us;

        if (sk_kafka_absence_end(&kafka->absence, sk_kafka_monotonic_us(), &away_us))
                sk_kafka_tell(kafka, SK_NEWS_BACK, "%.1f", (double)away_us / SK_SECOND_US);
}

/* ---- a turn ---- */

static void warn(sk_kafka *kafka) {
        char text[SK_KAFKA_WHY_MAX];

        for (unsigned i = 0; sk_kafka_beware(&kafka->settings, i, text); i++)
                sk_kafka_tell(kafka, SK_NEWS_BEWARE, "%s", text);
        kafka->has_warned = true;
}

static void look_at_group(sk_kafka *kafka, int64_t now_us) {
        sk_kafka_group_join(kafka);
        if (kafka->member == NULL)
                return;
        sk_kafka_member_drain(kafka->member);
        sk_kafka_group_look(kafka, now_us);
        sk_kafka_park_look(kafka);
}

/* Once the state is there and what had come meanwhile was read; more may come faster than it is worked off. */
static void look_at_backlog(sk_kafka *kafka) {
        sk_driver_numbers numbers;

        if (kafka->has_caught_up || kafka->is_pressing || kafka->member == NULL || kafka->stage != SK_LOG_RUNNING)
                return;
        sk_driver_count(kafka->driver, &numbers);
        kafka->has_caught_up = numbers.is_ready && sk_kafka_member_has_caught_up(kafka->member);
}

static int64_t next_turn_us(const sk_kafka *kafka, int64_t now_us) {
        if (kafka->is_pressing)
                return 0;
        int64_t wake_us = sk_driver_wake_us(kafka->driver);
        int64_t delay_us = wake_us <= now_us ? 0 : wake_us == INT64_MAX ? POLL_US : wake_us - now_us;
        return delay_us < POLL_US ? delay_us : POLL_US;
}

int64_t sk_kafka_turn(sk_kafka *kafka, int64_t now_us) {
        assert(kafka != NULL);
        assert(kafka->magic == MAGIC);
        if (kafka->stage == SK_LOG_OVER)
                return 0;
        kafka->is_pressing = false;
        if (!kafka->has_warned)
                warn(kafka);
        sk_kafka_do_jobs(kafka, now_us);
        if (sk_kafka_do_commands(kafka)) /* the batch behind a commit that has ended goes first */
                kafka->is_pressing = true;
        if (kafka->stage == SK_LOG_OVER)
                return 0;
        sk_kafka_do_open(kafka);
        sk_kafka_do_pieces(kafka, now_us);
        look_at_group(kafka, now_us);
        if (kafka->stage == SK_LOG_OVER)
                return 0;
        sk_driver_turn(kafka->driver, now_us);
        if (sk_kafka_do_commands(kafka) || (kafka->refused != NULL && !kafka->is_parked))
                kafka->is_pressing = true;
        if (kafka->member != NULL)
                sk_kafka_member_flow(kafka->member);
        look_at_backlog(kafka);
        look_at_absence(kafka);
        return kafka->stage == SK_LOG_OVER ? 0 : next_turn_us(kafka, now_us);
}

void sk_kafka_drain(sk_kafka *kafka, int64_t now_us) {
        assert(kafka != NULL);
        assert(kafka->magic == MAGIC);
        if (kafka->is_draining || kafka->stage == SK_LOG_OVER)
                return;
        kafka->is_draining = true;
        kafka->wants_member = false;
        if (kafka->member == NULL) {
                sk_driver_stop(kafka->driver, now_us);
        } else if (kafka->stage == SK_LOG_RUNNING) {
                sk_kafka_member_leave(kafka->member); /* a revocation follows */
        } else {
                sk_kafka_group_lose(kafka, now_us); /* what is parked, or nothing */
                sk_kafka_group_leave(kafka, true);
        }
}

/* ---- from the beginning to the end ---- */

/* Settings point into one block of texts. */
static bool settings_copy(sk_kafka *kafka, const sk_kafka_config *config) {
        sk_buf texts = sk_buf_make(TEXTS_BYTES_MAX);
        size_t count = config->property_count;
        size_t table = (count + 1) * sizeof(sk_kafka_property);
        const char *const all[] = {config->brokers, config->instance};

        (void)sk_buf_grow(&texts, table);
        for (size_t i = 0; i < 2; i++)
                sk_buf_add(&texts, all[i], strlen(all[i]) + 1);
        for (size_t i = 0; i < count; i++) {
                sk_buf_add(&texts, config->properties[i].name.at, config->properties[i].name.len + 1);
                sk_buf_add(&texts, config->properties[i].value.at, config->properties[i].value.len + 1);
        }
        if (texts.err != SK_OK) {
                sk_buf_free(&texts);
                return false;
        }
        kafka->texts = texts.at;
        sk_kafka_property *properties = (sk_kafka_property *)(void *)kafka->texts;
        const char *at = kafka->texts + table;
        kafka->settings.brokers = at;
        at += strlen(at) + 1;
        kafka->settings.instance = sk_slice_of(at);
        for (size_t i = 0; i < count; i++) {
                properties[i].name = at = at + strlen(at) + 1;
                properties[i].value = at = at + strlen(at) + 1;
        }
        kafka->settings.properties = properties;
        kafka->settings.property_count = count;
        kafka->settings.chain = sk_topics_chain(kafka->topics);
        kafka->settings.team = sk_topics_team(kafka->topics);
        return true;
}

/* Nobody else will have it. */
static void run_make(char out[SK_KAFKA_RUN]) {
        uint8_t bytes[(SK_KAFKA_RUN - 1) / 2] = {0};

        (void)getentropy(bytes, sizeof(bytes));
        for (size_t i = 0; i < sizeof(bytes); i++)
                (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static sk_err parts_make(sk_kafka *kafka, const sk_kafka_config *config, char *why) {
        for (size_t i = 0; i < SK_KAFKA_JOBS_MAX; i++)
                kafka->slots[i].job.text = sk_buf_make(NOTE_BYTES_MAX);
        kafka->shares = sk_alloc_zero((size_t)kafka->partitions, sizeof(*kafka->shares));
        kafka->coming = sk_alloc_zero((size_t)kafka->partitions, sizeof(*kafka->coming));
        kafka->settled = sk_alloc_zero((size_t)kafka->partitions, sizeof(*kafka->settled));
        kafka->wanted = sk_alloc_zero(SK_KAFKA_WANTED_MAX, sizeof(*kafka->wanted));
        kafka->places = sk_alloc_zero(SK_LOCAL_NOTES_MAX, sizeof(*kafka->places));
        kafka->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (kafka->shares == NULL || kafka->coming == NULL || kafka->settled == NULL || kafka->wanted == NULL ||
            kafka->places == NULL || !settings_copy(kafka, config) || kafka->epoll_fd < 0)
                return SK_ERR_NO_MEMORY;
        sk_kafka_committer_config committer = {
                .settings = &kafka->settings, .state_dir = config->state_dir, .run = kafka->run};
        sk_err err = sk_local_state_open(config->state_dir, kafka->settings.team, &kafka->state);
        if (err != SK_OK)
                (void)snprintf(why, SK_LOG_TEXT_MAX, "the state directory %.300s cannot be used: %s", config->state_dir,
                               strerror(errno));
        if (err == SK_OK)
                err = sk_kafka_committer_new(&committer, why, &kafka->committer);
        if (err == SK_OK)
                err = sk_kafka_restorer_new(&kafka->settings, kafka->partitions, &kafka->restorer);
        return err;
}

/* A property that is wrong is wrong at once: a handle of each kind is tried. */
static sk_err settings_check(const sk_kafka *kafka, char *why) {
        static const sk_kafka_role roles[] = {SK_KAFKA_MEMBER, SK_KAFKA_PRODUCER};

        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
                sk_err err = sk_kafka_client_check(&kafka->settings, roles[i], why);
                if (err != SK_OK)
                        return err;
        }
        return SK_OK;
}

sk_err sk_kafka_new(const sk_kafka_config *config, char why[SK_LOG_TEXT_MAX], sk_kafka **out) {
        static_assert(SK_KAFKA_WHY_MAX == SK_LOG_TEXT_MAX, "sentences have one length");
        assert(config != NULL);
        assert(config->driver != NULL);
        assert(config->instance != NULL);
        assert(out != NULL);
        sk_kafka *kafka = sk_alloc_zero(1, sizeof(*kafka));
        if (kafka == NULL)
                return SK_ERR_NO_MEMORY;

        kafka->magic = MAGIC;
        kafka->driver = config->driver;
        kafka->topics = sk_driver_topics(config->driver);
        kafka->tell = config->tell;
        kafka->tell_self = config->tell_self;
        kafka->partitions = config->partitions;
        kafka->acceptance_days = config->acceptance_days;
        kafka->passes_gaps = config->passes_gaps;
        kafka->epoll_fd = -1;
        kafka->stage = SK_LOG_TAKING_OVER;
        kafka->wants_producer = true;
        run_make(kafka->run);
        why[0] = '\0';
        sk_err err = parts_make(kafka, config, why);
        if (err == SK_OK)
                err = settings_check(kafka, why);
        if (err != SK_OK) {
                sk_kafka_free(kafka);
                return err;
        }
        sk_kafka_restorer_warm(kafka->restorer);
        sk_kafka_watch(kafka, sk_kafka_committer_fd(kafka->committer));
        sk_kafka_watch(kafka, sk_kafka_restorer_fd(kafka->restorer));
        *out = kafka;
        return SK_OK;
}

void sk_kafka_free(sk_kafka *kafka) {
        if (kafka == NULL)
                return;
        assert(kafka->magic == MAGIC);
        /* The committer first: it may still read the driver's batch. */
        sk_kafka_committer_free(kafka->committer);
        sk_kafka_restorer_free(kafka->restorer);
        sk_kafka_group_free(kafka);
        sk_local_state_free(kafka->state);
        if (kafka->epoll_fd >= 0)
                close(kafka->epoll_fd);
        for (size_t i = 0; i < SK_KAFKA_JOBS_MAX; i++)
                sk_buf_free(&kafka->slots[i].job.text);
        sk_free(kafka->shares);
        sk_free(kafka->coming);
        sk_free(kafka->settled);
        sk_free(kafka->wanted);
        sk_free(kafka->places);
        sk_free(kafka->texts);
        kafka->magic = 0;
        sk_free(kafka);
}

int sk_kafka_fd(const sk_kafka *kafka) {
        assert(kafka != NULL);
        assert(kafka->magic == MAGIC);
        return kafka->epoll_fd;
}

sk_log_stage sk_kafka_stage_of(const sk_kafka *kafka) {
        assert(kafka != NULL);
        assert(kafka->magic == MAGIC);
        return kafka->stage;
}

int sk_kafka_exit_code(const sk_kafka *kafka) {
        assert(kafka != NULL);
        assert(kafka->stage == SK_LOG_OVER);
        return kafka->exit_code;
}

const char *sk_kafka_exit_why(const sk_kafka *kafka) {
        assert(kafka != NULL);
        assert(kafka->stage == SK_LOG_OVER);
        return kafka->exit_why == NULL ? "" : kafka->exit_why;
}

static void count_member(const sk_kafka_member *member, sk_log_numbers *out) {
        const sk_kafka_member_numbers *numbers = sk_kafka_member_count(member);

        static_assert(sizeof(out->lag) == sizeof(numbers->lag), "a number for each kind of topic");
        memcpy(out->lag, numbers->lag, sizeof(out->lag));
        out->brokers = numbers->stats.brokers;
        out->brokers_up = numbers->stats.brokers_up;
        out->round_trip_us = numbers->stats.round_trip_us < 0 ? 0 : (uint64_t)numbers->stats.round_trip_us;
}

void sk_kafka_count_of(const sk_kafka *kafka, sk_log_numbers *out) {
        assert(kafka != NULL);
        assert(out != NULL);
        uint64_t now_us = sk_kafka_monotonic_us();

        *out = kafka->numbers;
        for (size_t i = 0; i < SK_KAFKA_JOBS_MAX; i++) {
                const sk_kafka_slot *slot = &kafka->slots[i];
                if (slot->is_used && now_us - slot->started_us > out->waiting_us)
                        out->waiting_us = now_us - slot->started_us;
        }
        out->has_brokers = true;
        out->is_behind = kafka->stage == SK_LOG_RUNNING && !kafka->has_caught_up;
        out->is_unknown = kafka->is_unknown;
        out->transaction_us = kafka->transaction_us == 0 ? 0 : now_us - kafka->transaction_us;
        out->absences = kafka->absence.count;
        out->away_us = sk_kafka_absence_us(&kafka->absence, now_us);
        out->is_late = out->waiting_us > LATE_US || out->away_us > LATE_US;
        if (kafka->member != NULL)
                count_member(kafka->member, out);
}

int sk_kafka_crash_fd(const sk_kafka *kafka) {
        assert(kafka != NULL);
        assert(kafka->magic == MAGIC);
        return kafka->has_entered && kafka->stage != SK_LOG_OVER ? sk_kafka_committer_crash_fd(kafka->committer) : -1;
}

sk_err sk_kafka_publish(sk_kafka *kafka, const char *suffix, sk_slice text) {
        assert(kafka != NULL);
        assert(suffix != NULL);
        return sk_local_state_publish(kafka->state, suffix, text);
}
