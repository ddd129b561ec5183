/*
 * Restore by rule R2, seek to the marks, and fetching of the inbound topics that a client has assigned itself beside
 * its group's subscription (rule R1).
 */

#include <assert.h>

#include "kit/alloc.h"
#include "link/mutation.h"
#include "log/memory_client_inside.h"
#include "log/memory_inside.h"

bool sk_memory_restore_waits(const sk_memory_client *client, int32_t partition) {
        sk_held_phase phase = client->partitions[partition].phase;

        return phase == SK_HELD_COMMITTED || phase == SK_HELD_END || phase == SK_HELD_READ;
}

/* R2c: reads on to the barrier. A transaction that is not done yet holds the position before it: try again later. */
static void restore_read(sk_memory_client *client, int32_t partition, size_t amount, int64_t now_us) {
        sk_held *held = &client->partitions[partition];
        int64_t low = sk_memory_low(client->journal_log, partition);

        if (held->position < low)
                held->position = low;
        for (size_t i = 0; i < amount && held->position < held->end; i++) {
                sk_record record;
                sk_err err = sk_memory_read(client->journal_log, partition, held->position, SK_READ_COMMITTED, &record,
                                            &held->position);
                if (err == SK_ERR_NOT_FOUND)
                        break;
                assert(err == SK_OK);
                record.topic = client->journal;
                sk_driver_journal(client->driver, &record);
        }
        if (held->position < held->end)
                return;
        held->phase = SK_HELD_RESTORED;
        client->restored_ends[partition] = held->position;
        sk_driver_restored(client->driver, partition, held->position, now_us);
}

void sk_memory_restore(sk_memory_client *client, int32_t partition, size_t amount, int64_t now_us) {
        sk_held *held = &client->partitions[partition];
        int64_t committed;

        switch (held->phase) {
        case SK_HELD_COMMITTED: /* R2a */
                if (SK_MUTATED(R2) || sk_memory_committed(client->group, client->work_log, partition, SK_READ_COMMITTED,
                                                          &committed) == SK_OK)
                        held->phase = SK_HELD_END;
                break;
        case SK_HELD_END: /* R2b */
                held->end = sk_memory_end(client->journal_log, partition,
                                          SK_MUTATED(R2) ? SK_READ_COMMITTED : SK_READ_UNCOMMITTED);
                held->phase = SK_HELD_READ;
                break;
        case SK_HELD_READ:
                restore_read(client, partition, amount, now_us);
                break;
        case SK_HELD_NOT:
        case SK_HELD_IDLE:
        case SK_HELD_RESTORED:
                assert(false);
        }
}

/* Without rule R1 the numbers of an inbound topic are dealt out without looking at those of work. */
static void fetch_misplace(const sk_memory_client *client, sk_fetch *fetch) {
        if (!SK_MUTATED(R1) || fetch->topic == client->work)
                return;
        fetch->partition = (fetch->partition + 1) % client->partition_count;
        fetch->next_offset = -1;
        sk_memory_committed(client->group, fetch->log, fetch->partition, SK_READ_UNCOMMITTED, &fetch->next_offset);
        if (fetch->next_offset < 0)
                fetch->next_offset = 0;
}

/* A topic partition that is fetched already goes on at the place that is said now. */
static bool fetch_put(sk_memory_client *client, const sk_fetch *fetch) {
        for (size_t i = 0; i < client->fetch_count; i++) {
                if (client->fetches[i].topic == fetch->topic && client->fetches[i].partition == fetch->partition) {
                        client->fetches[i] = *fetch;
                        return true;
                }
        }
        if (!sk_memory_grow((void **)&client->fetches, client->fetch_count, &client->fetch_capacity, sizeof(*fetch)))
                return false;
        client->fetches[client->fetch_count++] = *fetch;
        return true;
}

void sk_memory_resume(sk_memory_client *client, const sk_command *command) {
        client->partitions[command->partition].phase = SK_HELD_RESTORED;
        for (size_t i = 0; i < command->position_count; i++) {
                const sk_position *position = &command->positions[i];
                sk_fetch fetch = {.topic = position->topic,
                                  .log = sk_memory_topic_open(client->broker, position->topic->name),
                                  .partition = position->partition,
                                  .next_offset = position->next_offset};
                if (fetch.log == NULL) {
                        client->has_exited = true;
                        client->exit_code = 75;
                        return;
                }
                fetch_misplace(client, &fetch);
                int64_t low = sk_memory_low(fetch.log, fetch.partition);
                fetch.is_paused = fetch.next_offset < low;
                if (!fetch_put(client, &fetch)) {
                        client->has_exited = true;
                        client->exit_code = 75;
                        return;
                }
                if (fetch.is_paused)
                        sk_driver_gap(client->driver, position->topic, position->partition, low);
        }
}

bool sk_memory_fetch_waits(const sk_memory_client *client, size_t index) {
        if (index >= client->fetch_count)
                return false;
        const sk_fetch *fetch = &client->fetches[index];

        return !fetch->is_paused && sk_driver_wants(client->driver, fetch->topic->kind) &&
               fetch->next_offset < sk_memory_end(fetch->log, fetch->partition, SK_READ_COMMITTED);
}

void sk_memory_fetch_some(sk_memory_client *client, size_t index, size_t amount) {
        assert(index < client->fetch_count);
        sk_fetch *fetch = &client->fetches[index];

        for (size_t i = 0; i < amount && sk_driver_wants(client->driver, fetch->topic->kind); i++) {
                sk_record record;
                sk_err err = sk_memory_read(fetch->log, fetch->partition, fetch->next_offset, SK_READ_COMMITTED,
                                            &record, &fetch->next_offset);
                if (err != SK_OK) {
                        sk_driver_passed(client->driver, fetch->topic, fetch->partition, fetch->next_offset);
                        client->has_given = true;
                        return;
                }
                record.topic = fetch->topic;
                if (client->given != NULL)
                        client->given(client->self, &record);
                sk_driver_record(client->driver, &record);
                client->has_given = true;
        }
}

void sk_memory_fetches_drop(sk_memory_client *client, int32_t partition) {
        size_t kept = 0;

        for (size_t i = 0; i < client->fetch_count; i++) {
                if (client->fetches[i].partition != partition)
                        client->fetches[kept++] = client->fetches[i];
        }
        client->fetch_count = kept;
}

/* ---- stubs ---- */

bool sk_memory_stub_ask(sk_memory_client *client, int32_t partition, sk_slice key) {
        if (!sk_memory_grow((void **)&client->stubs, client->stub_count, &client->stub_capacity, sizeof(sk_stub_asked)))
                return false;
        char *copy = sk_alloc_copy(key.at, key.len);
        if (copy == NULL)
                return false;
        client->stubs[client->stub_count++] = (sk_stub_asked){partition, copy, key.len};
        return true;
}

sk_slice sk_memory_latest(const sk_memory_topic *topic, int32_t partition, sk_slice key) {
        const sk_memory_partition *at = sk_memory_partition_of(topic, partition);
        int64_t end = sk_memory_end(topic, partition, SK_READ_COMMITTED);

        for (size_t i = at->count; i > at->first; i--) {
                sk_record record;
                sk_memory_entry_view(at->entries[i - 1], partition, &record);
                if (record.offset < end && at->entries[i - 1]->state == SK_MEMORY_STABLE &&
                    sk_slice_equal(record.key, key))
                        return record.value;
        }
        return SK_NONE;
}

void sk_memory_stub_answer(sk_memory_client *client, int64_t now_us) {
        assert(client->stub_count > 0);
        sk_stub_asked asked = client->stubs[0];
        sk_slice key = {asked.key, asked.key_len};

        memmove(client->stubs, client->stubs + 1, --client->stub_count * sizeof(asked));
        sk_driver_stub(client->driver, asked.partition, key,
                       sk_memory_latest(client->journal_log, asked.partition, key), now_us);
        sk_free(asked.key);
}

void sk_memory_stubs_drop(sk_memory_client *client) {
        for (size_t i = 0; i < client->stub_count; i++)
                sk_free(client->stubs[i].key);
        client->stub_count = 0;
}
