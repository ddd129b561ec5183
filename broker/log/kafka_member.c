#include "log/kafka_member.h"

#include <assert.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/map.h"
#include "log/kafka_record.h"

/*
 * Reading is not paused and resumed, nor sought: the whole assignment is given anew, each topic partition with the
 * offset at which it stands. That happens after a rebalance and when an agreement comes; nothing is fetched twice into
 * the driver, since librdkafka drops what it had fetched under an earlier assignment, and what it might not drop is
 * recognised by its offset.
 *
 * Calls have a queue of their own, so that a bound on open calls holds back calls only.
 */

#define HEADERS_BYTES_MAX ((size_t)1 << 20)
#define TEXT_MAX 512

/* One inbound topic partition. */
struct lane {
        bool is_placed;
        bool is_forwarded;
        int64_t next_offset;
};

struct inbound {
        const sk_topic *topic;
        struct lane lanes[]; /* by partition */
};

struct sk_kafka_member {
        rd_kafka_t *client;
        rd_kafka_queue_t *control;
        rd_kafka_queue_t *calls;
        rd_kafka_queue_t *others;
        int event_fd;
        int32_t partition_count;
        int32_t *assigned;
        char work[SK_KAFKA_NAME_MAX];
        sk_map *inbound; /* struct inbound by the topic's name */
        bool is_revoking;
        bool has_new_places;
        rd_kafka_message_t *message; /* last one given */
        sk_buf headers;
        char text[TEXT_MAX];
        struct inbound *gap; /* found while fetching, not told yet */
        int32_t gap_partition;
        bool has_trouble; /* the same, in `text` */
};

/* ---- making ---- */

static void ring(rd_kafka_queue_t *queue, int fd) {
        static const uint64_t one = 1;
        rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof(one));
}

static bool parts_make(sk_kafka_member *member) {
        member->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        member->inbound = sk_map_new();
        member->assigned = sk_alloc_zero((size_t)member->partition_count, sizeof(int32_t));
        member->headers = sk_buf_make(HEADERS_BYTES_MAX);
        return member->event_fd >= 0 && member->inbound != NULL && member->assigned != NULL;
}

static void queues_make(sk_kafka_member *member) {
        (void)rd_kafka_poll_set_consumer(member->client);
        member->control = rd_kafka_queue_get_consumer(member->client);
        member->calls = rd_kafka_queue_new(member->client);
        member->others = rd_kafka_queue_new(member->client);
        ring(member->control, member->event_fd);
        ring(member->calls, member->event_fd);
        ring(member->others, member->event_fd);
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
        assert(settings != NULL && partitions > 0 && work.len < SK_KAFKA_NAME_MAX && out != NULL);
        sk_kafka_hooks hooks = {.events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR};
        sk_kafka_member *member = sk_alloc_zero(1, sizeof(*member));
        if (member == NULL)
                return SK_ERR_NO_MEMORY;

        member->partition_count = partitions;
        (void)snprintf(member->work, sizeof(member->work), "%.*s", (int)work.len, work.at);
        sk_err err = parts_make(member) ? SK_OK : SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_kafka_client_new(settings, SK_KAFKA_MEMBER, &hooks, why, &member->client);
        if (err == SK_OK) {
                queues_make(member);
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

static void queue_end(rd_kafka_queue_t *queue) {
        if (queue == NULL)
                return;
        rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
        rd_kafka_queue_destroy(queue);
}

rd_kafka_t *sk_kafka_member_close(sk_kafka_member *member) {
        assert(member != NULL);
        rd_kafka_t *client = member->client;
        size_t position = 0;
        sk_slice name;
        void *inbound;

        if (member->message != NULL)
                rd_kafka_message_destroy(member->message);
        queue_end(member->control);
        queue_end(member->calls);
        queue_end(member->others);
        while (member->inbound != NULL && sk_map_next(member->inbound, &position, &name, &inbound))
                sk_free(inbound);
        sk_map_free(member->inbound);
        sk_buf_free(&member->headers);
        sk_free(member->assigned);
        if (member->event_fd >= 0)
                close(member->event_fd);
        sk_free(member);
        return client;
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

static bool on_error(sk_kafka_member *member, rd_kafka_event_t *event, sk_kafka_news *out) {
        const char *reason = rd_kafka_event_error_string(event);
        sk_kafka_news_kind kind = kind_of(event);

        if (kind == SK_KAFKA_TROUBLE && is_noise(rd_kafka_event_error(event)))
                return false;
        if (kind == SK_KAFKA_FATAL)
                (void)rd_kafka_fatal_error(member->client, member->text, sizeof(member->text));
        else
                (void)snprintf(member->text, sizeof(member->text), "%s (%s)", reason == NULL ? "unknown" : reason,
                               rd_kafka_err2name(rd_kafka_event_error(event)));
        *out = (sk_kafka_news){.kind = kind, .text = member->text};
        return true;
}

/* A place of which the log has nothing: what is there is asked of librdkafka's memory, which may not know. */
static void on_gap(sk_kafka_member *member, sk_kafka_news *out) {
        char name[SK_KAFKA_NAME_MAX];
        const sk_topic *topic = member->gap->topic;
        int64_t low = -1;
        int64_t high = -1;

        (void)snprintf(name, sizeof(name), "%.*s", (int)topic->name.len, topic->name.at);
        (void)rd_kafka_get_watermark_offsets(member->client, name, member->gap_partition, &low, &high);
        (void)snprintf(member->text, sizeof(member->text), "%s, partition %d: offset %lld is not there", name,
                       (int)member->gap_partition, (long long)member->gap->lanes[member->gap_partition].next_offset);
        *out = (sk_kafka_news){.kind = SK_KAFKA_GAP,
                               .topic = topic,
                               .partition = member->gap_partition,
                               .offset = low < 0 ? -1 : low,
                               .text = member->text};
        member->gap = NULL;
}

bool sk_kafka_member_news(sk_kafka_member *member, sk_kafka_news *out) {
        assert(member != NULL && out != NULL);
        bool is_news = false;

        if (member->gap != NULL) {
                on_gap(member, out);
                return true;
        }
        if (member->has_trouble) {
                *out = (sk_kafka_news){.kind = SK_KAFKA_TROUBLE, .text = member->text};
                member->has_trouble = false;
                return true;
        }
        while (!is_news) {
                rd_kafka_event_t *event = rd_kafka_queue_poll(member->control, 0);
                if (event == NULL)
                        return false;
                if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) {
                        on_rebalance(member, event, out);
                        is_news = true;
                } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
                        is_news = on_error(member, event, out);
                }
                rd_kafka_event_destroy(event);
        }
        return true;
}

/* ---- what is read ---- */

static struct inbound *inbound_of(sk_kafka_member *member, const sk_topic *topic) {
        struct inbound *inbound = sk_map_get(member->inbound, topic->name);

        if (inbound != NULL)
                return inbound;
        inbound = sk_alloc_zero(1, sizeof(*inbound) + (size_t)member->partition_count * sizeof(struct lane));
        if (inbound == NULL)
                return NULL;
        inbound->topic = topic;
        if (sk_map_put(member->inbound, topic->name, inbound, NULL) == SK_OK)
                return inbound;
        sk_free(inbound);
        return NULL;
}

sk_err sk_kafka_member_place(sk_kafka_member *member, const sk_position *position) {
        assert(member != NULL && position->partition >= 0 && position->partition < member->partition_count);
        struct inbound *inbound = inbound_of(member, position->topic);

        if (inbound == NULL)
                return SK_ERR_NO_MEMORY;
        inbound->lanes[position->partition].is_placed = true;
        inbound->lanes[position->partition].next_offset = position->next_offset;
        member->has_new_places = true;
        return SK_OK;
}

void sk_kafka_member_stop(sk_kafka_member *member) {
        assert(member != NULL);
        size_t position = 0;
        sk_slice name;
        void *value;

        while (sk_map_next(member->inbound, &position, &name, &value)) {
                struct inbound *inbound = value;
                for (int32_t p = 0; p < member->partition_count; p++)
                        inbound->lanes[p].is_placed = false;
        }
        member->has_new_places = false;
        member->gap = NULL;
}

/* Once for each topic partition and handle: the forwarding outlives assignments. */
static void forward(sk_kafka_member *member, struct inbound *inbound, const char *name, int32_t partition) {
        if (inbound->lanes[partition].is_forwarded)
                return;
        rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(member->client, name, partition);
        if (queue == NULL)
                return;
        rd_kafka_queue_forward(queue, inbound->topic->kind == SK_TOPIC_CALLS ? member->calls : member->others);
        rd_kafka_queue_destroy(queue);
        inbound->lanes[partition].is_forwarded = true;
}

static void list_add(sk_kafka_member *member, struct inbound *inbound, rd_kafka_topic_partition_list_t *list) {
        char name[SK_KAFKA_NAME_MAX];

        (void)snprintf(name, sizeof(name), "%.*s", (int)inbound->topic->name.len, inbound->topic->name.at);
        for (int32_t p = 0; p < member->partition_count; p++) {
                const struct lane *lane = &inbound->lanes[p];
                if (!lane->is_placed)
                        continue;
                forward(member, inbound, name, p);
                rd_kafka_topic_partition_list_add(list, name, p)->offset =
                        lane->next_offset == 0 ? RD_KAFKA_OFFSET_BEGINNING : lane->next_offset;
        }
}

void sk_kafka_member_flow(sk_kafka_member *member) {
        assert(member != NULL);
        size_t position = 0;
        sk_slice name;
        void *inbound;

        if (!member->has_new_places || member->is_revoking)
                return;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
        while (sk_map_next(member->inbound, &position, &name, &inbound))
                list_add(member, inbound, list);
        (void)rd_kafka_assign(member->client, list);
        rd_kafka_topic_partition_list_destroy(list);
        member->has_new_places = false;
}

/* ---- records ---- */

/* What comes with an error is of one topic partition; most of them librdkafka tries again by itself. */
static void message_failed(sk_kafka_member *member, struct inbound *inbound, const rd_kafka_message_t *message) {
        if (inbound == NULL || !inbound->lanes[message->partition].is_placed)
                return;
        if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
                member->gap = inbound;
                member->gap_partition = message->partition;
        } else if (!is_noise(message->err)) {
                (void)snprintf(member->text, sizeof(member->text), "reading %s: %s", rd_kafka_topic_name(message->rkt),
                               rd_kafka_err2str(message->err));
                member->has_trouble = true;
        }
}

/* Whether the message is the next one of something that is read. */
static bool is_next(sk_kafka_member *member, const rd_kafka_message_t *message, struct inbound **out) {
        if (message->rkt == NULL || message->partition < 0 || message->partition >= member->partition_count)
                return false;
        struct inbound *inbound = sk_map_get(member->inbound, sk_slice_of(rd_kafka_topic_name(message->rkt)));
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                message_failed(member, inbound, message);
                return false;
        }
        if (inbound == NULL || !inbound->lanes[message->partition].is_placed ||
            message->offset < inbound->lanes[message->partition].next_offset)
                return false;
        *out = inbound;
        return true;
}

bool sk_kafka_member_record(sk_kafka_member *member, bool is_of_calls, sk_record *out) {
        assert(member != NULL && out != NULL);
        struct inbound *inbound = NULL;

        for (;;) {
                if (member->message != NULL)
                        rd_kafka_message_destroy(member->message);
                member->message = rd_kafka_consume_queue(is_of_calls ? member->calls : member->others, 0);
                if (member->message == NULL)
                        return false;
                if (is_next(member, member->message, &inbound))
                        break;
        }
        sk_kafka_record_of(member->message, inbound->topic, &member->headers, out);
        inbound->lanes[out->partition].next_offset = out->offset + 1;
        return true;
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
