/*
 * The way of a sealed batch through a transaction (rules T2, T3, T5): its records, its offsets under the generation
 * for which it was sealed, the commit. Every request can be where the process dies or where a fault strikes.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_client_inside.h"

/* Fenced before its time-out is up, it has a successor; later the time-out may be all there is to it. */
static void ends(sk_memory_client *client, sk_err result) {
        int64_t lasted_us = sk_memory_broker_now(client->broker) - client->begun_us;
        bool is_late = lasted_us >= client->transaction_timeout_us;

        client->result = result == SK_ERR_FENCED && is_late ? SK_ERR_LOST : result;
        client->commit = SK_COMMIT_ANSWER;
}

/* An abortable error: nothing of the transaction stays. */
static void gives_up(sk_memory_client *client) {
        sk_err err = sk_memory_abort(client->broker, &client->producer);

        ends(client, err == SK_ERR_FENCED || err == SK_ERR_LOST ? err : SK_ERR_ABORTED);
}

static void write_some(sk_memory_client *client, size_t amount) {
        const sk_batch *batch = client->batch;

        for (size_t i = 0; i < amount && client->written < batch->record_count; i++) {
                const sk_record *record = &batch->records[client->written];
                sk_memory_topic *log = sk_memory_topic_open(client->broker, record->topic->name);
                sk_err err = log == NULL ? SK_ERR_NO_MEMORY
                                         : sk_memory_produce(client->broker, &client->producer, log, record);
                if (err == SK_ERR_BUSY)
                        return;
                if (err == SK_ERR_FENCED) {
                        ends(client, err);
                        return;
                }
                if (err != SK_OK) {
                        gives_up(client);
                        return;
                }
                client->written++;
        }
        if (client->written == batch->record_count)
                client->commit = SK_COMMIT_OFFSETS;
}

static sk_err offsets_send(sk_memory_client *client) {
        const sk_batch *batch = client->batch;
        sk_memory_offset *offsets = sk_alloc_zero(batch->offset_count + 1, sizeof(*offsets));
        if (offsets == NULL)
                return SK_ERR_NO_MEMORY;
        for (size_t i = 0; i < batch->offset_count; i++) {
                offsets[i] = (sk_memory_offset){sk_memory_topic_open(client->broker, batch->offsets[i].topic->name),
                                                batch->offsets[i].partition, batch->offsets[i].next_offset};
        }
        sk_err err = SK_ERR_ABORTED;
        if (batch->generation + SK_GENERATIONS_KEPT > client->generation)
                err = sk_memory_send_offsets(client->broker, &client->producer, client->group,
                                             &client->members[batch->generation % SK_GENERATIONS_KEPT], offsets,
                                             batch->offset_count);
        sk_free(offsets);
        return err;
}

static void offsets_go(sk_memory_client *client) {
        sk_err err = offsets_send(client);

        if (err == SK_OK)
                client->commit = SK_COMMIT_END;
        else if (err == SK_ERR_FENCED)
                ends(client, err);
        else if (err != SK_ERR_BUSY)
                gives_up(client);
}

static void end_go(sk_memory_client *client, sk_memory_fault fault) {
        client->is_unknown = client->is_unknown || fault != SK_FAULT_NONE;
        if (fault == SK_FAULT_UNKNOWN_BEFORE) {
                ends(client, SK_ERR_UNKNOWN_OUTCOME);
                return;
        }
        sk_err err = sk_memory_commit(client->broker, &client->producer);
        ends(client, fault == SK_FAULT_UNKNOWN_AFTER ? SK_ERR_UNKNOWN_OUTCOME : err);
}

void sk_memory_commit_go(sk_memory_client *client, sk_memory_fault fault, size_t amount) {
        assert(client->batch != NULL);
        if (fault == SK_FAULT_ABORT && !client->is_unknown) {
                gives_up(client);
                return;
        }
        if (client->commit == SK_COMMIT_WRITE)
                write_some(client, amount);
        else if (client->commit == SK_COMMIT_OFFSETS)
                offsets_go(client);
        else
                end_go(client, fault == SK_FAULT_ABORT ? SK_FAULT_NONE : fault);
}
