/*
 * One partition of the memory broker: records in order of offsets, with holes where control records stood, where
 * compaction took something away or where offsets were skipped. Reading is a search by offset.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_inside.h"

#define ENTRIES_MAX (64u * 1024u * 1024u)

sk_memory_partition *sk_memory_partition_of(const sk_memory_topic *topic, int32_t partition) {
        assert(partition >= 0);
        assert(partition < topic->partition_count);
        return &topic->partitions[partition];
}

void sk_memory_entry_view(const sk_memory_entry *entry, int32_t partition, sk_record *out) {
        const char *value = entry->bytes + entry->key_len + entry->headers_len;

        *out = (sk_record){
                .partition = partition,
                .offset = entry->offset,
                .timestamp_us = entry->timestamp_us,
                .key = {entry->bytes, entry->key_len},
                .headers = {entry->bytes + entry->key_len, entry->headers_len},
                .value = entry->is_tombstone ? SK_NONE : (sk_slice){value, entry->value_len},
        };
}

static void bytes_put(char *at, sk_slice bytes) {
        if (bytes.len > 0)
                memcpy(at, bytes.at, bytes.len);
}

static sk_memory_entry *entry_new(const sk_record *record) {
        size_t len = record->key.len + record->headers.len + record->value.len;
        if (len > UINT32_MAX)
                return NULL;
        sk_memory_entry *entry = sk_alloc(sizeof(*entry) + len + 1);
        if (entry == NULL)
                return NULL;
        *entry = (sk_memory_entry){
                .key_len = (uint32_t)record->key.len,
                .headers_len = (uint32_t)record->headers.len,
                .value_len = (uint32_t)record->value.len,
                .is_tombstone = !sk_slice_there(record->value),
        };
        bytes_put(entry->bytes, record->key);
        bytes_put(entry->bytes + record->key.len, record->headers);
        bytes_put(entry->bytes + record->key.len + record->headers.len, record->value);
        return entry;
}

/* Room at the end: the kept records move to the front when half of the list is gone, else the list grows. */
static bool entries_room(sk_memory_partition *partition) {
        if (partition->first > 64 && partition->first > partition->count / 2) {
                partition->count -= partition->first;
                memmove(partition->entries, partition->entries + partition->first,
                        partition->count * sizeof(sk_memory_entry *));
                partition->first = 0;
        }
        if (partition->count >= ENTRIES_MAX)
                return false;
        return sk_memory_grow((void **)&partition->entries, partition->count, &partition->capacity,
                              sizeof(sk_memory_entry *));
}

static bool transaction_note(sk_memory_partition *partition, uint64_t transaction) {
        if (transaction == 0 || sk_memory_partition_is_open(partition, transaction))
                return true;
        if (partition->open_count == SK_MEMORY_OPEN_MAX)
                return false;
        partition->open[partition->open_count++] = (sk_memory_open){transaction, partition->next};
        return true;
}

sk_err sk_memory_partition_append(sk_memory_partition *partition, const sk_record *record, int64_t now_us,
                                  uint64_t transaction, sk_memory_entry **out) {
        if (!entries_room(partition))
                return SK_ERR_NO_MEMORY;
        sk_memory_entry *entry = entry_new(record);
        if (entry == NULL)
                return SK_ERR_NO_MEMORY;
        if (!transaction_note(partition, transaction)) {
                sk_free(entry);
                return SK_ERR_FULL;
        }
        entry->offset = partition->next++;
        entry->timestamp_us = now_us;
        entry->transaction = transaction;
        entry->state = transaction == 0 ? SK_MEMORY_STABLE : SK_MEMORY_OPEN;
        partition->entries[partition->count++] = entry;
        partition->changed_us = now_us;
        *out = entry;
        return SK_OK;
}

bool sk_memory_partition_is_open(const sk_memory_partition *partition, uint64_t transaction) {
        for (size_t i = 0; i < partition->open_count; i++) {
                if (partition->open[i].transaction == transaction)
                        return true;
        }
        return false;
}

/* Index of the first record at or behind the offset. */
static size_t entry_find(const sk_memory_partition *partition, int64_t offset) {
        size_t low = partition->first;
        size_t high = partition->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (partition->entries[middle]->offset < offset)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void sk_memory_partition_mark(sk_memory_partition *partition, uint64_t transaction, bool is_commit, int64_t now_us) {
        size_t open = 0;

        while (open < partition->open_count && partition->open[open].transaction != transaction)
                open++;
        assert(open < partition->open_count);
        for (size_t i = entry_find(partition, partition->open[open].first_offset); i < partition->count; i++) {
                if (partition->entries[i]->transaction == transaction)
                        partition->entries[i]->state = is_commit ? SK_MEMORY_STABLE : SK_MEMORY_ABORTED;
        }
        partition->open[open] = partition->open[--partition->open_count];
        partition->next++;
        partition->changed_us = now_us;
}

int64_t sk_memory_low(const sk_memory_topic *topic, int32_t partition) {
        return sk_memory_partition_of(topic, partition)->low;
}

int64_t sk_memory_end(const sk_memory_topic *topic, int32_t partition, sk_isolation isolation) {
        const sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        int64_t end = at->next;

        for (size_t i = 0; isolation == SK_READ_COMMITTED && i < at->open_count; i++) {
                if (at->open[i].first_offset < end)
                        end = at->open[i].first_offset;
        }
        return end;
}

sk_err sk_memory_read(const sk_memory_topic *topic, int32_t partition, int64_t position, sk_isolation isolation,
                      sk_record *out, int64_t *out_next) {
        const sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        if (position < at->low || position > at->next)
                return SK_ERR_RANGE;
        int64_t end = sk_memory_end(topic, partition, isolation);
        for (size_t i = entry_find(at, position); i < at->count && at->entries[i]->offset < end; i++) {
                if (isolation == SK_READ_COMMITTED && at->entries[i]->state != SK_MEMORY_STABLE)
                        continue;
                sk_memory_entry_view(at->entries[i], partition, out);
                *out_next = at->entries[i]->offset + 1;
                return SK_OK;
        }
        *out_next = end > position ? end : position;
        if (end < at->next)
                topic->broker->counts.readers_held++;
        return SK_ERR_NOT_FOUND;
}

void sk_memory_skip(sk_memory_topic *topic, int32_t partition, int64_t count) {
        assert(count >= 0);
        sk_memory_partition *at = sk_memory_partition_of(topic, partition);

        at->next += count;
        at->changed_us = topic->broker->now_us;
}

void sk_memory_retain(sk_memory_topic *topic, int32_t partition, int64_t before_us, int64_t below) {
        sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        int64_t end = sk_memory_end(topic, partition, SK_READ_COMMITTED);

        if (below > end)
                below = end;
        while (at->first < at->count && at->entries[at->first]->offset < below &&
               at->entries[at->first]->timestamp_us < before_us) {
                at->low = at->entries[at->first]->offset + 1;
                sk_free(at->entries[at->first++]);
                topic->broker->counts.retained++;
        }
        /* With the last record goes what stands behind it: the low watermark is then the end. */
        if (at->first == at->count && at->changed_us < before_us && below == at->next)
                at->low = at->next;
}

size_t sk_memory_lose(sk_memory_topic *topic, int32_t partition, int64_t from) {
        sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        size_t first = entry_find(at, from);
        size_t lost = at->count - first;

        if (sk_memory_end(topic, partition, SK_READ_COMMITTED) < at->next)
                return 0;
        while (at->count > first)
                sk_free(at->entries[--at->count]);
        at->changed_us = topic->broker->now_us;
        return lost;
}

/* Whether compaction keeps a record: the map holds the last stable record of each key. */
static bool entry_is_kept(const sk_map *last, const sk_memory_entry *entry, int64_t end, int64_t before_us) {
        if (entry->offset >= end)
                return true;
        if (entry->state == SK_MEMORY_ABORTED)
                return false;
        if (sk_map_get(last, (sk_slice){entry->bytes, entry->key_len}) != entry)
                return false;
        return !entry->is_tombstone || entry->cleaned_us == 0 || entry->cleaned_us >= before_us;
}

static sk_err last_collect(const sk_memory_partition *partition, int64_t end, sk_map *last) {
        for (size_t i = partition->first; i < partition->count && partition->entries[i]->offset < end; i++) {
                sk_memory_entry *entry = partition->entries[i];
                if (entry->state != SK_MEMORY_STABLE)
                        continue;
                sk_err err = sk_map_put(last, (sk_slice){entry->bytes, entry->key_len}, entry, NULL);
                if (err != SK_OK)
                        return err;
        }
        return SK_OK;
}

sk_err sk_memory_compact(sk_memory_topic *topic, int32_t partition, int64_t before_us) {
        sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        int64_t end = sk_memory_end(topic, partition, SK_READ_COMMITTED);
        sk_map *last = sk_map_new();
        sk_err err = last == NULL ? SK_ERR_NO_MEMORY : last_collect(at, end, last);
        if (err != SK_OK)
                goto out;

        size_t kept = at->first;
        for (size_t i = at->first; i < at->count; i++) {
                /* The map is asked by key bytes of an entry that is still whole; what goes is freed afterwards. */
                sk_memory_entry *entry = at->entries[i];
                bool is_kept = entry_is_kept(last, entry, end, before_us);
                if (is_kept && entry->offset < end && entry->is_tombstone && entry->cleaned_us == 0)
                        entry->cleaned_us = topic->broker->now_us;
                if (is_kept)
                        at->entries[kept++] = entry;
                else
                        sk_free(entry);
        }
        topic->broker->counts.compacted += at->count - kept;
        at->count = kept;
out:
        sk_map_free(last);
        return err;
}

void sk_memory_partition_free(sk_memory_partition *partition) {
        for (size_t i = partition->first; i < partition->count; i++)
                sk_free(partition->entries[i]);
        sk_free(partition->entries);
}
