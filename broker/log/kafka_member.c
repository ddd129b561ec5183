#include "log/kafka_member.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/map.h"
#include "log/kafka_record.h"

/*
 * Everything comes through the one queue of the consumer, in order: the group's wishes, errors, records. Reading is not
 * paused and resumed, nor sought: the whole assignment is given anew, each topic partition with the offset at which it
 * stands, and librdkafka drops what it had fetched under the one before. That is rare: after a rebalance, when an
 * agreement comes, when a bound is reached.
 */

#define HEADERS_BYTES_MAX ((size_t)1 << 20)
#define TEXT_MAX 512

/* One inbound topic partition. */
struct lane {
        bool is_placed;
        bool has_reached_end; /* once, since it was placed */
        int64_t next_offset;
        int64_t first_end;      /* what its end was when the first record came; 0: not known */
        int64_t behind_record;  /* the offset behind the last record; 0: none has come */
        int64_t backlog_offset; /* the same when the end was reached */
        int64_t done_offset;    /* up to where it is committed, at least */
};

struct inbound {
        const sk_topic *topic;
        rd_kafka_topic_t *handle; /* as long as it is held librdkafka knows who leads the partitions */
        struct lane lanes[];      /* by partition */
};

struct sk_kafka_member {
        rd_kafka_t *client;
        rd_kafka_queue_t *queue;
        int event_fd;
        int32_t partition_count;
        int32_t *assigned;
        char work[SK_KAFKA_NAME_MAX];
        sk_map *inbound; /* struct inbound by the topic's name */
        bool is_assigned;
        bool is_revoking;
        bool holds_calls;
        bool holds_all;
        bool has_changed; /* what is to be read, since the last assignment */
        sk_kafka_member_numbers numbers;
        rd_kafka_event_t *event; /* the last one, to which the last news point */
        sk_buf headers;
        char text[TEXT_MAX];
};

/* ---- making ---- */

static bool parts_make(sk_kafka_member *member) {
        member->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        member->inbound = sk_map_new();
        member->assigned = sk_alloc_zero((size_t)member->partition_count, sizeof(int32_t));
        member->headers = sk_buf_make(HEADERS_BYTES_MAX);
        return member->event_fd >= 0 && member->inbound != NULL && member->assigned != NULL;
}

static void queue_make(sk_kafka_member *member) {
        static const uint64_t one = 1;

        (void)rd_kafka_poll_set_consumer(member->client);
        member->queue = rd_kafka_queue_get_consumer(member->client);
        rd_kafka_queue_io_event_enable(member->queue, member->event_fd, &one, sizeof(one));
}

static sk_err subscribe(sk_kafka_member *member, char *why) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

        (void)rd_kafka_topic_partition_list_add(list, member->work, RD_KAFKA_PARTITION_UA);
        rd_kafka_resp_err_t error = rd_kafka_subscribe(member->client, list);
        rd_kafka_topic_partition_list_destroy(list);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                return SK_OK;
        (void)snprintf(why, SK_KAFKA_WHY_MAX, "subscribing to %s: %s", member->work, rd_kafka_err2str(error));
        return SK_ERR_IO;
}

sk_err sk_kafka_member_new(const sk_kafka_settings *settings, sk_slice work, int32_t partitions,
                           char why[SK_KAFKA_WHY_MAX], sk_kafka_member **out) {
        assert(settings != NULL);
        assert(partitions > 0);
        assert(work.len < SK_KAFKA_NAME_MAX);
        assert(out != NULL);
        sk_kafka_hooks hooks = {.events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS};
        sk_kafka_member *member = sk_alloc_zero(1, sizeof(*member));
        if (member == NULL)
                return SK_ERR_NO_MEMORY;

        member->partition_count = partitions;
        member->numbers.stats.round_trip_us = -1;
        (void)snprintf(member->work, sizeof(member->work), "%.*s", (int)work.len, work.at);
        sk_err err = parts_make(member) ? SK_OK : SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_kafka_client_new(settings, SK_KAFKA_MEMBER, &hooks, why, &member->client);
        if (err == SK_OK) {
                queue_make(member);
                err = subscribe(member, why);
        }
        if (err != SK_OK) {
                rd_kafka_t *client = sk_kafka_member_close(member);
                if (client != NULL)
                        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
                return err;
        }
        *out = member;
        return SK_OK;
}

static void inbound_free(struct inbound *inbound) {
        if (inbound->handle != NULL)
                rd_kafka_topic_destroy(inbound->handle);
        sk_free(inbound);
}

rd_kafka_t *sk_kafka_member_close(sk_kafka_member *member) {
        assert(member != NULL);
        rd_kafka_t *client = member->client;
        size_t position = 0;
        sk_slice name;
        void *inbound;

        if (member->event != NULL)
                rd_kafka_event_destroy(member->event);
        if (member->queue != NULL) {
                rd_kafka_queue_io_event_enable(member->queue, -1, NULL, 0);
                rd_kafka_queue_destroy(member->queue);
        }
        while (member->inbound != NULL && sk_map_next(member->inbound, &position, &name, &inbound))
                inbound_free(inbound);
        sk_map_free(member->inbound);
        sk_buf_free(&member->headers);
        sk_free(member->assigned);
        if (member->event_fd >= 0)
                close(member->event_fd);
        sk_free(member);
        return client;
}

rd_kafka_t *sk_kafka_member_client(const sk_kafka_member *member) {
        assert(member != NULL);
        return member->client;
}

/* ---- the group ---- */

rd_kafka_consumer_group_metadata_t *sk_kafka_member_group(sk_kafka_member *member) {
        assert(member != NULL);
        return rd_kafka_consumer_group_metadata(member->client);
}

void sk_kafka_member_let_go(sk_kafka_member *member) {
        assert(member != NULL);
        if (member->is_revoking)
                (void)rd_kafka_assign(member->client, NULL);
        member->is_revoking = false;
}

void sk_kafka_member_leave(sk_kafka_member *member) {
        assert(member != NULL);
        (void)rd_kafka_unsubscribe(member->client);
}

/* The group's answer is taken at once, without reading anything yet. */
static void on_assign(sk_kafka_member *member, const rd_kafka_topic_partition_list_t *list, sk_kafka_news *out) {
        rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(0);

        (void)rd_kafka_assign(member->client, nothing);
        rd_kafka_topic_partition_list_destroy(nothing);
        member->is_revoking = false;
        member->is_assigned = true;
        *out = (sk_kafka_news){.kind = SK_KAFKA_ASSIGNED, .partitions = member->assigned};
        for (int i = 0; i < list->cnt; i++) {
                if (list->elems[i].partition >= 0 && list->elems[i].partition < member->partition_count)
                        member->assigned[out->partition_count++] = list->elems[i].partition;
        }
}

static void on_revoke(sk_kafka_member *member, sk_kafka_news *out) {
        *out = (sk_kafka_news){.kind = SK_KAFKA_REVOKED, .is_lost = rd_kafka_assignment_lost(member->client) != 0};
        sk_kafka_member_stop(member);
        member->is_revoking = true;
        member->is_assigned = false;
        if (out->is_lost)
                sk_kafka_member_let_go(member);
}

static void on_rebalance(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
                on_assign(member, rd_kafka_event_topic_partition_list(event), out);
        else
                on_revoke(member, out);
}

static sk_kafka_news_kind kind_of(rd_kafka_event_t *event) {
        rd_kafka_resp_err_t error = rd_kafka_event_error(event);

        if (error == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event))
                return SK_KAFKA_FATAL;
        return error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? SK_KAFKA_AWAY : SK_KAFKA_TROUBLE;
}

/* That one connection broke is nothing to tell: librdkafka makes another. */
static bool is_noise(rd_kafka_resp_err_t error) {
        return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__RESOLVE ||
               error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED;
}

static struct inbound *inbound_find(const sk_kafka_member *member, sk_slice topic, int32_t partition) {
        return partition < 0 || partition >= member->partition_count ? NULL : sk_map_get(member->inbound, topic);
}

static void end_reached(struct lane *lane) {
        if (!lane->has_reached_end)
                lane->backlog_offset = lane->behind_record;
        lane->has_reached_end = true;
}

/* Behind the last record stand markers of transactions: the end is reached when they are passed (rule R2d). */
static bool on_end(sk_kafka_member *member, const rd_kafka_topic_partition_t *where, sk_kafka_news *out) {
        struct inbound *inbound = inbound_find(member, sk_slice_of(where->topic), where->partition);
        struct lane *lane = inbound == NULL ? NULL : &inbound->lanes[where->partition];

        if (lane == NULL || !lane->is_placed || member->has_changed || where->offset < lane->next_offset)
                return false;
        bool has_passed = where->offset > lane->next_offset;
        end_reached(lane);
        lane->next_offset = where->offset;
        *out = (sk_kafka_news){.kind = SK_KAFKA_PASSED,
                               .topic = inbound->topic,
                               .partition = where->partition,
                               .offset = where->offset};
        return has_passed;
}

/* Something about one topic partition; most of it librdkafka tries again by itself. */
static bool on_partition_error(sk_kafka_member *member, rd_kafka_event_t *event,
                               const rd_kafka_topic_partition_t *where, sk_kafka_news *out) {
        rd_kafka_resp_err_t error = rd_kafka_event_error(event);
        struct inbound *inbound = inbound_find(member, sk_slice_of(where->topic), where->partition);

        if (inbound == NULL || !inbound->lanes[where->partition].is_placed || is_noise(error))
                return false;
        struct lane *lane = &inbound->lanes[where->partition];
        (void)snprintf(member->text, sizeof(member->text), "%s, partition %d, offset %lld: %s", where->topic,
                       (int)where->partition, (long long)lane->next_offset, rd_kafka_event_error_string(event));
        *out = (sk_kafka_news){.kind = error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ? SK_KAFKA_GAP : SK_KAFKA_TROUBLE,
                               .topic = inbound->topic,
                               .partition = where->partition,
                               .text = member->text};
        return true;
}

static bool on_general_error(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        sk_kafka_news_kind kind = kind_of(event);

        if (kind == SK_KAFKA_TROUBLE && is_noise(rd_kafka_event_error(event)))
                return false;
        if (kind == SK_KAFKA_FATAL)
                (void)rd_kafka_fatal_error(member->client, member->text, sizeof(member->text));
        else
                (void)snprintf(member->text, sizeof(member->text), "%s (%s)", rd_kafka_event_error_string(event),
                               rd_kafka_err2name(rd_kafka_event_error(event)));
        *out = (sk_kafka_news){.kind = kind, .text = member->text};
        return true;
}

static bool on_error(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        rd_kafka_topic_partition_t *where = rd_kafka_event_topic_partition(event);

        if (where == NULL)
                return on_general_error(member, event, out);
        bool is_end = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        bool is_news = is_end ? on_end(member, where, out) : on_partition_error(member, event, where, out);
        rd_kafka_topic_partition_destroy(where);
        return is_news;
}

/* Under load the end may never be reached: that from the beginning of the reading will do. What the broker said with the
 * records is known here already. */
static void look_for_end(sk_kafka_member *member, const rd_kafka_message_t *message, struct lane *lane) {
        int64_t low = 0;
        int64_t high = 0;

        if (lane->has_reached_end)
                return;
        if (lane->first_end == 0 &&
            rd_kafka_get_watermark_offsets(member->client, rd_kafka_topic_name(message->rkt), message->partition, &low,
                                           &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
            high > 0)
                lane->first_end = high;
        if (lane->first_end > 0 && lane->next_offset >= lane->first_end)
                end_reached(lane);
}

/* Only the next one of something that is read. */
static bool on_record(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        const rd_kafka_message_t *message = rd_kafka_event_message_next(event);

        if (message == NULL || message->rkt == NULL || message->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
            message->partition < 0 || message->partition >= member->partition_count)
                return false;
        struct inbound *inbound = sk_map_get(member->inbound, sk_slice_of(rd_kafka_topic_name(message->rkt)));
        if (inbound == NULL)
                return false;
        struct lane *lane = &inbound->lanes[message->partition];
        if (!lane->is_placed || message->offset < lane->next_offset)
                return false;
        lane->next_offset = lane->behind_record = message->offset + 1;
        look_for_end(member, message, lane);
        *out = (sk_kafka_news){.kind = SK_KAFKA_RECORD};
        sk_kafka_record_of(message, inbound->topic, &member->headers, &out->record);
        return true;
}

/* At the end of markers and aborted records reading stands where the broker does: nothing is left. */
static void on_stable_offset(void *self, sk_slice topic, int32_t partition, int64_t stable_offset) {
        sk_kafka_member *member = self;
        const struct inbound *inbound = inbound_find(member, topic, partition);
        const struct lane *lane = inbound == NULL ? NULL : &inbound->lanes[partition];

        if (lane != NULL && lane->is_placed && stable_offset > lane->next_offset)
                member->numbers.lag[inbound->topic->kind] += (uint64_t)(stable_offset - lane->next_offset);
}

static bool on_stats(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        sk_kafka_stats *stats = &member->numbers.stats;
        int64_t round_trip_us = stats->round_trip_us;

        memset(member->numbers.lag, 0, sizeof(member->numbers.lag));
        if (!sk_kafka_stats_read(sk_slice_of(rd_kafka_event_stats(event)), stats, on_stable_offset, member))
                return false;
        if (stats->round_trip_us < 0)
                stats->round_trip_us = round_trip_us;
        *out = (sk_kafka_news){.kind = SK_KAFKA_ALIVE};
        return stats->brokers_up > 0;
}

static bool on_event(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        switch (rd_kafka_event_type(event)) {
        case RD_KAFKA_EVENT_FETCH:
                return on_record(member, event, out);
        case RD_KAFKA_EVENT_REBALANCE:
                on_rebalance(member, event, out);
                return true;
        case RD_KAFKA_EVENT_ERROR:
                return on_error(member, event, out);
        case RD_KAFKA_EVENT_STATS:
                return on_stats(member, event, out);
        default:
                return false;
        }
}

bool sk_kafka_member_news(sk_kafka_member *member, sk_kafka_news *out) {
        assert(member != NULL);
        assert(out != NULL);
        do {
                if (member->event != NULL)
                        rd_kafka_event_destroy(member->event);
                member->event = rd_kafka_queue_poll(member->queue, 0);
                if (member->event == NULL)
                        return false;
        } while (!on_event(member, member->event, out));
        return true;
}

/* ---- what is read ---- */

static struct inbound *inbound_of(sk_kafka_member *member, const sk_topic *topic) {
        struct inbound *inbound = sk_map_get(member->inbound, topic->name);
        char name[SK_KAFKA_NAME_MAX];

        if (inbound != NULL)
                return inbound;
        inbound = sk_alloc_zero(1, sizeof(*inbound) + (size_t)member->partition_count * sizeof(struct lane));
        if (inbound == NULL)
                return NULL;
        inbound->topic = topic;
        (void)snprintf(name, sizeof(name), "%.*s", (int)topic->name.len, topic->name.at);
        inbound->handle = rd_kafka_topic_new(member->client, name, NULL);
        if (inbound->handle != NULL && sk_map_put(member->inbound, topic->name, inbound, NULL) == SK_OK)
                return inbound;
        inbound_free(inbound);
        return NULL;
}

sk_err sk_kafka_member_expect(sk_kafka_member *member, const sk_topic *topic) {
        assert(member != NULL);
        assert(topic != NULL);
        assert(topic->is_inbound);
        return inbound_of(member, topic) == NULL ? SK_ERR_NO_MEMORY : SK_OK;
}

sk_err sk_kafka_member_place(sk_kafka_member *member, const sk_position *position) {
        assert(member != NULL);
        assert(position->partition >= 0);
        assert(position->partition < member->partition_count);
        struct inbound *inbound = inbound_of(member, position->topic);

        if (inbound == NULL)
                return SK_ERR_NO_MEMORY;
        inbound->lanes[position->partition] = (struct lane){.is_placed = true, .next_offset = position->next_offset};
        member->has_changed = true;
        return SK_OK;
}

int64_t sk_kafka_member_next(const sk_kafka_member *member, const sk_topic *topic, int32_t partition) {
        assert(member != NULL);
        assert(topic != NULL);
        assert(partition >= 0);
        assert(partition < member->partition_count);
        const struct inbound *inbound = sk_map_get(member->inbound, topic->name);

        return inbound == NULL || !inbound->lanes[partition].is_placed ? -1 : inbound->lanes[partition].next_offset;
}

void sk_kafka_member_keep_back(sk_kafka_member *member, int32_t partition) {
        assert(member != NULL);
        assert(partition >= 0);
        assert(partition < member->partition_count);
        size_t position = 0;
        sk_slice name;
        void *inbound;

        while (sk_map_next(member->inbound, &position, &name, &inbound))
                ((struct inbound *)inbound)->lanes[partition].is_placed = false;
        member->has_changed = true;
}

void sk_kafka_member_stop(sk_kafka_member *member) {
        assert(member != NULL);
        for (int32_t p = 0; p < member->partition_count; p++)
                sk_kafka_member_keep_back(member, p);
        member->has_changed = false;
}

void sk_kafka_member_hold(sk_kafka_member *member, bool holds_calls, bool holds_all) {
        assert(member != NULL);
        if (member->holds_calls == holds_calls && member->holds_all == holds_all)
                return;
        member->holds_calls = holds_calls;
        member->holds_all = holds_all;
        member->has_changed = true;
}

static bool is_held(const sk_kafka_member *member, const struct inbound *inbound) {
        return member->holds_all || (member->holds_calls && inbound->topic->kind == SK_TOPIC_CALLS);
}

static void list_add(const sk_kafka_member *member, const struct inbound *inbound,
                     rd_kafka_topic_partition_list_t *list) {
        const char *name = rd_kafka_topic_name(inbound->handle);

        if (is_held(member, inbound))
                return;
        for (int32_t p = 0; p < member->partition_count; p++) {
                const struct lane *lane = &inbound->lanes[p];
                if (lane->is_placed)
                        rd_kafka_topic_partition_list_add(list, name, p)->offset =
                                lane->next_offset == 0 ? RD_KAFKA_OFFSET_BEGINNING : lane->next_offset;
        }
}

/* Only between an assignment and its revocation: it would be taken for the answer to either. */
void sk_kafka_member_flow(sk_kafka_member *member) {
        assert(member != NULL);
        size_t position = 0;
        sk_slice name;
        void *inbound;

        if (!member->has_changed || !member->is_assigned)
                return;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
        while (sk_map_next(member->inbound, &position, &name, &inbound))
                list_add(member, inbound, list);
        (void)rd_kafka_assign(member->client, list);
        rd_kafka_topic_partition_list_destroy(list);
        member->has_changed = false;
}

/* ---- how far it is ---- */

void sk_kafka_member_done(sk_kafka_member *member, const sk_position *position) {
        assert(member != NULL);
        assert(position != NULL);
        struct inbound *inbound = inbound_find(member, position->topic->name, position->partition);
        struct lane *lane = inbound == NULL ? NULL : &inbound->lanes[position->partition];

        if (lane != NULL && lane->is_placed && lane->done_offset < position->next_offset)
                lane->done_offset = position->next_offset;
}

static bool is_behind(const struct lane *lane) {
        return lane->is_placed && (!lane->has_reached_end || lane->done_offset < lane->backlog_offset);
}

bool sk_kafka_member_has_caught_up(const sk_kafka_member *member) {
        assert(member != NULL);
        size_t position = 0;
        sk_slice name;
        void *value;

        while (sk_map_next(member->inbound, &position, &name, &value)) {
                const struct inbound *inbound = value;
                for (int32_t p = 0; p < member->partition_count && !is_held(member, inbound); p++) {
                        if (is_behind(&inbound->lanes[p]))
                                return false;
                }
        }
        return true;
}

const sk_kafka_member_numbers *sk_kafka_member_count(const sk_kafka_member *member) {
        assert(member != NULL);
        return &member->numbers;
}

int sk_kafka_member_fd(const sk_kafka_member *member) {
        assert(member != NULL);
        return member->event_fd;
}

void sk_kafka_member_drain(sk_kafka_member *member) {
        uint64_t count;

        assert(member != NULL);
        (void)!read(member->event_fd, &count, sizeof(count));
}
