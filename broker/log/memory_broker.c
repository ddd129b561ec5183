/*
 * The memory broker as a whole: its topics, its time, and the markers that are under way. What a partition, a
 * transaction and a group are stands in memory_partition.c, memory_transaction.c and memory_group.c.
 */

#include "log/memory_broker.h"

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_inside.h"

#define PARTITIONS_MAX 1024
#define TOPICS_MAX 100000

bool sk_memory_grow(void **items, size_t count, size_t *capacity, size_t item_size) {
        if (count < *capacity)
                return true;
        size_t more = *capacity == 0 ? 8 : *capacity * 2;
        void *grown = sk_realloc(*items, more * item_size);
        if (grown == NULL)
                return false;
        *items = grown;
        *capacity = more;
        return true;
}

sk_memory_broker *sk_memory_broker_new(int32_t partitions) {
        assert(partitions > 0);
        assert(partitions <= PARTITIONS_MAX);
        sk_memory_broker *broker = sk_alloc_zero(1, sizeof(*broker));
        if (broker == NULL)
                return NULL;
        broker->partitions = partitions;
        broker->by_name = sk_map_new();
        if (broker->by_name == NULL) {
                sk_free(broker);
                return NULL;
        }
        return broker;
}

static void topic_free(sk_memory_topic *topic) {
        for (int32_t p = 0; p < topic->partition_count; p++)
                sk_memory_partition_free(&topic->partitions[p]);
        sk_free(topic->partitions);
        sk_free(topic);
}

void sk_memory_broker_free(sk_memory_broker *broker) {
        if (broker == NULL)
                return;
        for (size_t i = 0; i < broker->topic_count; i++)
                topic_free(broker->topics[i]);
        for (size_t i = 0; i < broker->producer_count; i++)
                sk_memory_transaction_free(&broker->producers[i]);
        for (size_t i = 0; i < broker->group_count; i++)
                sk_memory_group_free(broker->groups[i]);
        sk_free(broker->topics);
        sk_free(broker->producers);
        sk_free(broker->groups);
        sk_free(broker->markers);
        sk_map_free(broker->by_name);
        sk_free(broker);
}

int32_t sk_memory_broker_partitions(const sk_memory_broker *broker) {
        return broker->partitions;
}

void sk_memory_broker_clock(sk_memory_broker *broker, int64_t now_us) {
        if (now_us > broker->now_us)
                broker->now_us = now_us;
        sk_memory_transactions_expire(broker);
        sk_memory_groups_expire(broker);
}

int64_t sk_memory_broker_now(const sk_memory_broker *broker) {
        return broker->now_us;
}

sk_memory_counts sk_memory_broker_counts(const sk_memory_broker *broker) {
        return broker->counts;
}

static sk_memory_topic *topic_new(sk_memory_broker *broker, sk_slice name) {
        sk_memory_topic *topic = sk_alloc(sizeof(*topic) + name.len + 1);
        if (topic == NULL)
                return NULL;
        *topic = (sk_memory_topic){.broker = broker, .partition_count = broker->partitions, .name_len = name.len};
        memcpy(topic->name, name.at, name.len);
        topic->name[name.len] = '\0';
        topic->partitions = sk_alloc_zero((size_t)broker->partitions, sizeof(sk_memory_partition));
        if (topic->partitions == NULL) {
                sk_free(topic);
                return NULL;
        }
        return topic;
}

static bool topic_add(sk_memory_broker *broker, sk_memory_topic *topic) {
        sk_memory_topic **grown = sk_realloc(broker->topics, (broker->topic_count + 1) * sizeof(sk_memory_topic *));
        if (grown == NULL)
                return false;
        broker->topics = grown;
        if (sk_map_put(broker->by_name, sk_memory_topic_name(topic), topic, NULL) != SK_OK)
                return false;
        broker->topics[broker->topic_count++] = topic;
        return true;
}

sk_memory_topic *sk_memory_topic_open(sk_memory_broker *broker, sk_slice name) {
        assert(name.len > 0);
        sk_memory_topic *topic = sk_map_get(broker->by_name, name);
        if (topic != NULL || broker->topic_count == TOPICS_MAX)
                return topic;
        topic = topic_new(broker, name);
        if (topic != NULL && !topic_add(broker, topic)) {
                topic_free(topic);
                return NULL;
        }
        return topic;
}

size_t sk_memory_topic_count(const sk_memory_broker *broker) {
        return broker->topic_count;
}

sk_memory_topic *sk_memory_topic_at(const sk_memory_broker *broker, size_t index) {
        assert(index < broker->topic_count);
        return broker->topics[index];
}

sk_slice sk_memory_topic_name(const sk_memory_topic *topic) {
        return (sk_slice){topic->name, topic->name_len};
}

sk_err sk_memory_append(sk_memory_broker *broker, sk_memory_topic *topic, const sk_record *record) {
        sk_memory_entry *entry;

        return sk_memory_partition_append(sk_memory_partition_of(topic, record->partition), record, broker->now_us, 0,
                                          &entry);
}

void sk_memory_broker_observe(sk_memory_broker *broker, sk_memory_observer observer, void *self) {
        broker->observer = observer;
        broker->observer_self = self;
}
