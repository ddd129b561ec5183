/*
 * Transactions of the memory broker. Deciding one is one moment; that its partitions and the group's offsets see it
 * is as many later moments, one for each marker. A transactional id has one transaction at a time: a new one waits
 * until every marker of the last is delivered, as Kafka's CONCURRENT_TRANSACTIONS makes its clients do.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_inside.h"

#define PRODUCERS_MAX 100000
#define MARKERS_MAX 1000000

void sk_memory_transaction_free(sk_memory_transaction *transaction) {
        sk_free(transaction->id);
        sk_free(transaction->touched);
        sk_free(transaction->written);
        sk_free(transaction->offsets);
}

static bool marker_add(sk_memory_broker *broker, const sk_memory_marker *marker) {
        if (broker->marker_count >= MARKERS_MAX ||
            !sk_memory_grow((void **)&broker->markers, broker->marker_count, &broker->marker_capacity, sizeof(*marker)))
                return false;
        broker->markers[broker->marker_count++] = *marker;
        return true;
}

/* Room first, so that a decision is either taken with all its markers or not at all. */
static bool markers_reserve(sk_memory_broker *broker, size_t count) {
        while (broker->marker_capacity < broker->marker_count + count) {
                if (!sk_memory_grow((void **)&broker->markers, broker->marker_capacity, &broker->marker_capacity,
                                    sizeof(sk_memory_marker)))
                        return false;
        }
        return true;
}

static void observer_tell(sk_memory_broker *broker, const sk_memory_transaction *transaction) {
        if (broker->observer == NULL)
                return;
        sk_memory_commit_view view = {
                .transactional_id = {transaction->id, transaction->id_len},
                .records = transaction->written,
                .record_count = transaction->written_count,
                .offsets = transaction->offsets,
                .offset_count = transaction->offset_count,
        };
        broker->observer(broker->observer_self, &view);
}

static void transaction_finish(sk_memory_transaction *transaction) {
        transaction->phase = SK_MEMORY_IDLE;
        transaction->touched_count = 0;
        transaction->written_count = 0;
        transaction->offset_count = 0;
        transaction->group = NULL;
}

static sk_err transaction_decide(sk_memory_broker *broker, uint32_t index, bool is_commit) {
        sk_memory_transaction *transaction = &broker->producers[index];
        assert(transaction->phase == SK_MEMORY_RUNNING);
        size_t markers = transaction->touched_count + (transaction->offset_count > 0 ? 1 : 0);
        if (!markers_reserve(broker, markers))
                return SK_ERR_NO_MEMORY;

        transaction->phase = is_commit ? SK_MEMORY_COMMITTING : SK_MEMORY_ABORTING;
        broker->counts.committed += is_commit ? 1 : 0;
        broker->counts.aborted += is_commit ? 0 : 1;
        transaction->was_committed = is_commit;
        transaction->markers = (uint32_t)markers;
        for (size_t i = 0; i < transaction->touched_count; i++) {
                sk_memory_marker marker = {index, transaction->touched[i].topic, transaction->touched[i].partition};
                marker_add(broker, &marker);
        }
        if (transaction->offset_count > 0)
                marker_add(broker, &(sk_memory_marker){index, NULL, -1});
        if (is_commit)
                observer_tell(broker, transaction);
        if (markers == 0)
                transaction_finish(transaction);
        return SK_OK;
}

size_t sk_memory_marker_count(const sk_memory_broker *broker) {
        return broker->marker_count;
}

void sk_memory_marker_deliver(sk_memory_broker *broker, size_t index) {
        assert(index < broker->marker_count);
        sk_memory_marker marker = broker->markers[index];
        sk_memory_transaction *transaction = &broker->producers[marker.producer];
        bool is_commit = transaction->phase == SK_MEMORY_COMMITTING;

        assert(is_commit || transaction->phase == SK_MEMORY_ABORTING);
        memmove(broker->markers + index, broker->markers + index + 1,
                (broker->marker_count - index - 1) * sizeof(marker));
        broker->marker_count--;
        if (marker.topic != NULL) {
                sk_memory_partition_mark(sk_memory_partition_of(marker.topic, marker.partition), transaction->number,
                                         is_commit, broker->now_us);
        } else {
                for (size_t i = 0; i < transaction->offset_count; i++)
                        sk_memory_group_offset_settle(transaction->group, &transaction->offsets[i], transaction->number,
                                                      is_commit);
        }
        assert(transaction->markers > 0);
        if (--transaction->markers == 0)
                transaction_finish(transaction);
}

static sk_memory_transaction *producer_find(sk_memory_broker *broker, sk_slice id, uint32_t *out_index) {
        for (size_t i = 0; i < broker->producer_count; i++) {
                if (sk_slice_equal((sk_slice){broker->producers[i].id, broker->producers[i].id_len}, id)) {
                        *out_index = (uint32_t)i;
                        return &broker->producers[i];
                }
        }
        return NULL;
}

static sk_memory_transaction *producer_add(sk_memory_broker *broker, sk_slice id, uint32_t *out_index) {
        if (broker->producer_count >= PRODUCERS_MAX)
                return NULL;
        sk_memory_transaction *grown =
                sk_realloc(broker->producers, (broker->producer_count + 1) * sizeof(sk_memory_transaction));
        if (grown == NULL)
                return NULL;
        broker->producers = grown;
        char *copy = sk_alloc_copy(id.at, id.len);
        if (copy == NULL)
                return NULL;
        grown[broker->producer_count] = (sk_memory_transaction){.id = copy, .id_len = id.len};
        *out_index = (uint32_t)broker->producer_count;
        return &grown[broker->producer_count++];
}

sk_err sk_memory_producer_init(sk_memory_broker *broker, sk_slice transactional_id, int64_t timeout_us,
                               sk_memory_producer *out) {
        uint32_t index;
        sk_memory_transaction *transaction = producer_find(broker, transactional_id, &index);
        if (transaction == NULL)
                transaction = producer_add(broker, transactional_id, &index);
        if (transaction == NULL)
                return SK_ERR_NO_MEMORY;

        if (transaction->phase == SK_MEMORY_RUNNING) {
                sk_err err = transaction_decide(broker, index, false);
                if (err != SK_OK)
                        return err;
                transaction->epoch++;
        }
        if (transaction->phase != SK_MEMORY_IDLE)
                return SK_ERR_BUSY;
        transaction->epoch++;
        transaction->was_committed = false;
        transaction->timeout_us = timeout_us;
        *out = (sk_memory_producer){index, transaction->epoch};
        return SK_OK;
}

static bool is_fenced(sk_memory_broker *broker, const sk_memory_producer *producer) {
        bool is_over = broker->producers[producer->index].epoch != producer->epoch;

        broker->counts.fenced += is_over ? 1 : 0;
        return is_over;
}

/* The producer's transaction, running; opens one if none does. */
static sk_err transaction_use(sk_memory_broker *broker, const sk_memory_producer *producer,
                              sk_memory_transaction **out) {
        assert(producer->index < broker->producer_count);
        sk_memory_transaction *transaction = &broker->producers[producer->index];
        if (is_fenced(broker, producer))
                return SK_ERR_FENCED;
        if (transaction->phase == SK_MEMORY_COMMITTING || transaction->phase == SK_MEMORY_ABORTING)
                return SK_ERR_BUSY;
        if (transaction->phase == SK_MEMORY_IDLE) {
                transaction->phase = SK_MEMORY_RUNNING;
                transaction->number = ++broker->transactions;
                transaction->began_us = broker->now_us;
        }
        *out = transaction;
        return SK_OK;
}

static bool touched_add(sk_memory_transaction *transaction, sk_memory_topic *topic, int32_t partition) {
        for (size_t i = 0; i < transaction->touched_count; i++) {
                if (transaction->touched[i].topic == topic && transaction->touched[i].partition == partition)
                        return true;
        }
        if (!sk_memory_grow((void **)&transaction->touched, transaction->touched_count, &transaction->touched_capacity,
                            sizeof(*transaction->touched)))
                return false;
        transaction->touched[transaction->touched_count].topic = topic;
        transaction->touched[transaction->touched_count++].partition = partition;
        return true;
}

sk_err sk_memory_produce(sk_memory_broker *broker, const sk_memory_producer *producer, sk_memory_topic *topic,
                         const sk_record *record) {
        sk_memory_transaction *transaction;
        sk_err err = transaction_use(broker, producer, &transaction);
        if (err != SK_OK)
                return err;
        if (!sk_memory_grow((void **)&transaction->written, transaction->written_count, &transaction->written_capacity,
                            sizeof(sk_memory_written)))
                return SK_ERR_NO_MEMORY;
        sk_memory_entry *entry;
        err = sk_memory_partition_append(sk_memory_partition_of(topic, record->partition), record, broker->now_us,
                                         transaction->number, &entry);
        if (err != SK_OK)
                return err;
        if (!touched_add(transaction, topic, record->partition))
                return SK_ERR_NO_MEMORY;
        sk_memory_written *written = &transaction->written[transaction->written_count++];
        written->topic = topic;
        sk_memory_entry_view(entry, record->partition, &written->record);
        return SK_OK;
}

static sk_err offset_stage(sk_memory_transaction *transaction, const sk_memory_offset *offset) {
        if (!sk_memory_grow((void **)&transaction->offsets, transaction->offset_count, &transaction->offset_capacity,
                            sizeof(*offset)))
                return SK_ERR_NO_MEMORY;
        sk_err err = sk_memory_group_offset_pend(transaction->group, offset);
        if (err == SK_OK)
                transaction->offsets[transaction->offset_count++] = *offset;
        return err;
}

sk_err sk_memory_send_offsets(sk_memory_broker *broker, const sk_memory_producer *producer, sk_memory_group *group,
                              const sk_memory_member *member, const sk_memory_offset *offsets, size_t count) {
        sk_memory_transaction *transaction;
        sk_err err = transaction_use(broker, producer, &transaction);
        if (err != SK_OK || count == 0)
                return err;
        if (!sk_memory_group_allows(group, member)) {
                broker->counts.offsets_refused++;
                return SK_ERR_ABORTED;
        }
        assert(transaction->group == NULL || transaction->group == group);
        transaction->group = group;
        for (size_t i = 0; i < count && err == SK_OK; i++)
                err = offset_stage(transaction, &offsets[i]);
        return err;
}

static sk_err transaction_end(sk_memory_broker *broker, const sk_memory_producer *producer, bool is_commit) {
        assert(producer->index < broker->producer_count);
        sk_memory_transaction *transaction = &broker->producers[producer->index];
        if (is_fenced(broker, producer))
                return SK_ERR_FENCED;
        if (transaction->phase == SK_MEMORY_RUNNING)
                return transaction_decide(broker, producer->index, is_commit);
        /* Asked again: the answer is the decision that was taken, not the one that is wished for now. */
        if (is_commit)
                return transaction->was_committed ? SK_OK : SK_ERR_ABORTED;
        return transaction->phase == SK_MEMORY_COMMITTING ? SK_ERR_LOST : SK_OK;
}

sk_err sk_memory_commit(sk_memory_broker *broker, const sk_memory_producer *producer) {
        return transaction_end(broker, producer, true);
}

sk_err sk_memory_abort(sk_memory_broker *broker, const sk_memory_producer *producer) {
        return transaction_end(broker, producer, false);
}

void sk_memory_transactions_expire(sk_memory_broker *broker) {
        for (size_t i = 0; i < broker->producer_count; i++) {
                sk_memory_transaction *transaction = &broker->producers[i];
                if (transaction->phase != SK_MEMORY_RUNNING ||
                    broker->now_us - transaction->began_us <= transaction->timeout_us)
                        continue;
                if (transaction_decide(broker, (uint32_t)i, false) != SK_OK)
                        continue;
                transaction->epoch++;
                broker->counts.expired++;
        }
}
