/*
 * The life of a client: start, group, commands of its driver. Restore and fetching stand in memory_consumer.c, the
 * way of a batch in memory_commit.c.
 */

#include "log/memory_client.h"

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_client_inside.h"

#define TIMEOUT_US (INT64_C(30) * 1000000)

static void exits(sk_memory_client *client, int code) {
        client->has_exited = true;
        client->exit_code = code;
}

static char *names_join(sk_slice chain, sk_slice team, sk_slice instance) {
        sk_buf buf = sk_buf_make(4096);

        sk_buf_add_slice(&buf, chain);
        sk_buf_add_byte(&buf, '.');
        sk_buf_add_slice(&buf, team);
        if (sk_slice_there(instance)) {
                sk_buf_add_byte(&buf, '.');
                sk_buf_add_slice(&buf, instance);
        }
        char *joined = buf.err == SK_OK ? sk_alloc_copy(buf.at, buf.len) : NULL;
        sk_buf_free(&buf);
        return joined;
}

static bool client_open(sk_memory_client *client, const sk_memory_client_config *config) {
        sk_topics *topics = sk_driver_topics(config->driver);
        sk_slice chain = sk_topics_chain(topics);
        sk_slice team = sk_topics_team(topics);

        client->partition_count = sk_memory_broker_partitions(config->broker);
        client->instance = sk_alloc_copy(config->instance.at, config->instance.len);
        client->transactional_id = names_join(chain, team, config->instance);
        client->group_name = names_join(chain, team, SK_NONE);
        client->partitions = sk_alloc_zero((size_t)client->partition_count, sizeof(*client->partitions));
        client->restored_ends = sk_alloc_zero((size_t)client->partition_count, sizeof(int64_t));
        client->journal = sk_topics_own(topics, SK_TOPIC_JOURNAL);
        client->work = sk_topics_own(topics, SK_TOPIC_WORK);
        client->journal_log = sk_memory_topic_open(config->broker, client->journal->name);
        client->work_log = sk_memory_topic_open(config->broker, client->work->name);
        if (client->instance == NULL || client->transactional_id == NULL || client->group_name == NULL ||
            client->partitions == NULL || client->restored_ends == NULL || client->journal_log == NULL ||
            client->work_log == NULL)
                return false;
        client->group =
                sk_memory_group_open(config->broker, sk_slice_of(client->group_name), client->session_timeout_us);
        return client->group != NULL;
}

sk_memory_client *sk_memory_client_new(const sk_memory_client_config *config) {
        assert(config->broker != NULL);
        assert(config->driver != NULL);
        assert(config->notes != NULL);
        sk_memory_client *client = sk_alloc_zero(1, sizeof(*client));
        if (client == NULL)
                return NULL;
        client->broker = config->broker;
        client->driver = config->driver;
        client->notes = config->notes;
        client->keeps_partitions = config->keeps_partitions;
        client->given = config->given;
        client->self = config->self;
        client->transaction_timeout_us =
                config->transaction_timeout_us > 0 ? config->transaction_timeout_us : TIMEOUT_US;
        client->session_timeout_us = config->session_timeout_us > 0 ? config->session_timeout_us : TIMEOUT_US;
        if (!client_open(client, config)) {
                sk_memory_client_free(client);
                return NULL;
        }
        if (client->notes->is_unclean)
                sk_driver_noted_before(client->driver, client->notes->places, client->notes->count);
        client->notes->is_unclean = true;
        return client;
}

void sk_memory_client_leave(sk_memory_client *client) {
        if (client->has_joined)
                sk_memory_group_leave(client->group, &client->member);
        client->has_joined = false;
}

void sk_memory_client_free(sk_memory_client *client) {
        if (client == NULL)
                return;
        sk_memory_stubs_drop(client);
        sk_free(client->stubs);
        sk_free(client->fetches);
        sk_free(client->places);
        sk_free(client->partitions);
        sk_free(client->restored_ends);
        sk_free(client->instance);
        sk_free(client->transactional_id);
        sk_free(client->group_name);
        sk_free(client);
}

/* ---- commands ---- */

static void note_keep(sk_memory_client *client, const sk_command *command) {
        size_t count = command->place_count < SK_MEMORY_NOTES_MAX ? command->place_count : SK_MEMORY_NOTES_MAX;
        sk_free(client->places);
        client->places = sk_alloc_zero(count + 1, sizeof(sk_input_place));
        if (client->places == NULL) {
                exits(client, 75);
                return;
        }
        memcpy(client->places, command->places, count * sizeof(sk_input_place));
        client->place_count = count;
        client->is_noting = true;
        client->is_forgetting = false; /* what is written now takes the old note's place */
}

/* Throws consumer and producer away; the process goes on with new ones. */
static void restarts(sk_memory_client *client) {
        for (int32_t p = 0; p < client->partition_count; p++)
                client->partitions[p].phase = SK_HELD_NOT;
        client->fetch_count = 0;
        client->commit = SK_COMMIT_NONE;
        client->batch = NULL;
        client->is_producing = false;
        client->has_joined = false;
        client->is_assigned = false;
        client->is_revoking = false;
}

static void partition_let_go(sk_memory_client *client, int32_t partition) {
        assert(partition >= 0);
        assert(partition < client->partition_count);
        client->partitions[partition].phase = SK_HELD_NOT;
        sk_memory_fetches_drop(client, partition);
}

static void command_do(sk_memory_client *client, const sk_command *command) {
        switch (command->kind) {
        case SK_DO_RESTORE:
                assert(command->partition >= 0);
                assert(command->partition < client->partition_count);
                client->partitions[command->partition] = (sk_held){.phase = SK_HELD_COMMITTED};
                break;
        case SK_DO_RESUME:
                sk_memory_resume(client, command);
                break;
        case SK_DO_REVOKED:
                partition_let_go(client, command->partition);
                break;
        case SK_DO_COMMIT:
                assert(client->commit == SK_COMMIT_NONE);
                client->batch = command->batch;
                client->begun_us = sk_memory_broker_now(client->broker);
                client->written = 0;
                client->is_unknown = false;
                client->commit = SK_COMMIT_WRITE;
                break;
        case SK_DO_RECOMMIT:
                client->batch = command->batch;
                client->commit = SK_COMMIT_END;
                break;
        case SK_DO_RESTART:
                restarts(client);
                break;
        case SK_DO_NOTE:
                note_keep(client, command);
                break;
        case SK_DO_FORGET:
                client->is_forgetting = true;
                break;
        case SK_DO_TELL:
                break;
        case SK_DO_READ_STUB:
                if (!sk_memory_stub_ask(client, command->partition, command->key))
                        exits(client, 75);
                break;
        case SK_DO_EXIT:
                client->notes->is_unclean = command->exit_code != 0;
                exits(client, command->exit_code);
                break;
        }
}

void sk_memory_client_look(sk_memory_client *client) {
        sk_command command;

        while (!client->has_exited && sk_driver_next(client->driver, &command))
                command_do(client, &command);
}

/* ---- start and group ---- */

static void start(sk_memory_client *client) {
        if (!client->is_producing) {
                sk_err err = sk_memory_producer_init(client->broker, sk_slice_of(client->transactional_id),
                                                     client->transaction_timeout_us, &client->producer);
                client->is_producing = err == SK_OK;
                return;
        }
        client->has_joined =
                sk_memory_group_join(client->group, sk_slice_of(client->instance), &client->member) == SK_OK;
}

/* The partitions held outside of first to first + count - 1. */
static size_t partitions_beside(const sk_memory_client *client, int32_t first, int32_t count, int32_t *out) {
        size_t found = 0;

        for (int32_t p = 0; p < client->partition_count; p++) {
                bool is_beside = p < first || p >= first + count;
                if (is_beside && client->partitions[p].phase != SK_HELD_NOT)
                        out[found++] = p;
        }
        return found;
}

/* The generations under which batches may still be sealed; the number is the client's own, it never comes twice. */
static void generation_keep(sk_memory_client *client) {
        client->generation++;
        client->members[client->generation % SK_GENERATIONS_KEPT] = client->member;
}

static void assigned(sk_memory_client *client, int32_t first, int32_t count, int64_t now_us) {
        int32_t *list = sk_alloc_zero((size_t)count + 1, sizeof(int32_t));
        if (list == NULL) {
                exits(client, 75);
                return;
        }
        for (int32_t i = 0; i < count; i++) {
                list[i] = first + i;
                if (client->partitions[first + i].phase == SK_HELD_NOT)
                        client->partitions[first + i] = (sk_held){.phase = SK_HELD_IDLE};
        }
        client->is_assigned = true;
        generation_keep(client);
        sk_driver_assigned(client->driver, client->generation, list, (size_t)count, now_us);
        sk_free(list);
}

/* Everything is given back but what lies in first to first + count - 1. */
static void revoked(sk_memory_client *client, int32_t first, int32_t count, bool is_lost, int64_t now_us) {
        int32_t *list = sk_alloc_zero((size_t)client->partition_count, sizeof(int32_t));
        if (list == NULL) {
                exits(client, 75);
                return;
        }
        size_t found = partitions_beside(client, first, count, list);
        client->is_assigned = false;
        for (size_t i = 0; i < found; i++) {
                sk_memory_fetches_drop(client, list[i]);
                if (is_lost)
                        client->partitions[list[i]].phase = SK_HELD_NOT;
        }
        if (found > 0)
                sk_driver_revoked(client->driver, list, found, is_lost, now_us);
        sk_free(list);
}

static void rebalances(sk_memory_client *client, int64_t now_us) {
        if (client->keeps_partitions) {
                sk_memory_group_rejoin(client->group, &client->member);
                return;
        }
        if (client->is_assigned) {
                client->is_revoking = true;
                revoked(client, 0, 0, false, now_us);
                return;
        }
        for (int32_t p = 0; p < client->partition_count; p++) {
                if (client->partitions[p].phase != SK_HELD_NOT)
                        return;
        }
        client->is_revoking = false;
        sk_memory_group_rejoin(client->group, &client->member);
}

/*
 * A generation has come; some partitions may have been kept. What is in the new one as well was nobody else's
 * meanwhile, unless a whole generation has gone by unseen.
 */
static void generation_passes(sk_memory_client *client, int32_t first, int32_t count, int64_t now_us) {
        bool is_next = client->member.generation == client->assigned_generation + 1;

        client->assigned_generation = client->member.generation;
        revoked(client, first, is_next ? count : 0, true, now_us);
}

static void group_poll(sk_memory_client *client, int64_t now_us) {
        int32_t first = 0;
        int32_t count = 0;

        switch (sk_memory_group_poll(client->group, &client->member, &first, &count)) {
        case SK_MEMBER_STABLE:
                /* While partitions are being given back, no generation can come: it waits for this member's word. */
                if (client->is_revoking)
                        break;
                if (client->assigned_generation != client->member.generation)
                        generation_passes(client, first, count, now_us);
                else if (!client->is_assigned)
                        assigned(client, first, count, now_us);
                break;
        case SK_MEMBER_REBALANCING:
                rebalances(client, now_us);
                break;
        case SK_MEMBER_UNKNOWN:
                client->is_revoking = false;
                client->has_joined = false;
                revoked(client, 0, 0, true, now_us);
                break;
        case SK_MEMBER_FENCED:
                exits(client, 75);
                break;
        }
}

/* ---- moves ---- */

static void answer(sk_memory_client *client, int64_t now_us) {
        uint64_t number = client->batch->number;

        client->commit = SK_COMMIT_NONE;
        client->batch = NULL;
        sk_driver_committed(client->driver, number, client->result, now_us);
}

static void note(sk_memory_client *client, int64_t now_us) {
        if (client->is_forgetting) {
                client->is_forgetting = false;
                client->notes->count = 0;
                return;
        }
        memcpy(client->notes->places, client->places, client->place_count * sizeof(sk_input_place));
        client->notes->count = client->place_count;
        client->is_noting = false;
        sk_driver_noted(client->driver, now_us);
}

static size_t move_add(sk_memory_move *out, size_t count, size_t room, sk_memory_move_kind kind, size_t index) {
        if (count < room)
                out[count++] = (sk_memory_move){kind, index};
        return count;
}

static sk_memory_move_kind commit_move(const sk_memory_client *client) {
        switch (client->commit) {
        case SK_COMMIT_WRITE:
                return SK_MOVE_WRITE;
        case SK_COMMIT_OFFSETS:
                return SK_MOVE_OFFSETS;
        case SK_COMMIT_END:
                return SK_MOVE_END;
        case SK_COMMIT_ANSWER:
                return SK_MOVE_ANSWER;
        case SK_COMMIT_NONE:
                break;
        }
        return SK_MOVES;
}

size_t sk_memory_client_moves(const sk_memory_client *client, int64_t now_us, sk_memory_move *out, size_t room) {
        size_t count = 0;

        if (client->has_exited)
                return 0;
        if (commit_move(client) != SK_MOVES)
                count = move_add(out, count, room, commit_move(client), 0);
        if (!client->is_producing || !client->has_joined)
                count = move_add(out, count, room, SK_MOVE_START, 0);
        else
                count = move_add(out, count, room, SK_MOVE_GROUP, 0);
        for (int32_t p = 0; p < client->partition_count; p++) {
                if (sk_memory_restore_waits(client, p))
                        count = move_add(out, count, room, SK_MOVE_RESTORE, (size_t)p);
        }
        for (size_t i = 0; i < client->fetch_count; i++) {
                if (sk_memory_fetch_waits(client, i))
                        count = move_add(out, count, room, SK_MOVE_FETCH, i);
        }
        if (client->is_noting || client->is_forgetting)
                count = move_add(out, count, room, SK_MOVE_NOTE, 0);
        if (client->stub_count > 0)
                count = move_add(out, count, room, SK_MOVE_STUB, 0);
        if (client->has_given || sk_driver_wake_us(client->driver) <= now_us)
                count = move_add(out, count, room, SK_MOVE_TURN, 0);
        return count;
}

void sk_memory_client_move(sk_memory_client *client, const sk_memory_move *move, sk_memory_fault fault, size_t amount,
                           int64_t now_us) {
        assert(!client->has_exited);
        switch (move->kind) {
        case SK_MOVE_START:
                start(client);
                break;
        case SK_MOVE_GROUP:
                group_poll(client, now_us);
                break;
        case SK_MOVE_RESTORE:
                sk_memory_restore(client, (int32_t)move->index, amount, now_us);
                break;
        case SK_MOVE_FETCH:
                sk_memory_fetch_some(client, move->index, amount);
                break;
        case SK_MOVE_WRITE:
        case SK_MOVE_OFFSETS:
        case SK_MOVE_END:
                sk_memory_commit_go(client, fault, amount);
                break;
        case SK_MOVE_ANSWER:
                answer(client, now_us);
                break;
        case SK_MOVE_NOTE:
                note(client, now_us);
                break;
        case SK_MOVE_STUB:
                sk_memory_stub_answer(client, now_us);
                break;
        case SK_MOVE_TURN:
                client->has_given = false;
                sk_driver_turn(client->driver, now_us);
                break;
        case SK_MOVES:
                break;
        }
        sk_memory_client_look(client);
}

size_t sk_memory_client_run(sk_memory_client *client, int64_t now_us, size_t max) {
        sk_memory_move moves[64];
        size_t made = 0;
        bool is_idle = false;

        while (!is_idle && made < max) {
                while (sk_memory_marker_count(client->broker) > 0)
                        sk_memory_marker_deliver(client->broker, sk_memory_marker_count(client->broker) - 1);
                size_t count = sk_memory_client_moves(client, now_us, moves, sizeof(moves) / sizeof(moves[0]));
                is_idle = true;
                for (size_t i = 0; i < count && !client->has_exited; i++) {
                        /* A fetch behind a move that changed the list would name something else. */
                        if (moves[i].kind == SK_MOVE_FETCH && !sk_memory_fetch_waits(client, moves[i].index))
                                continue;
                        is_idle = is_idle && moves[i].kind == SK_MOVE_GROUP && client->is_assigned;
                        sk_memory_client_move(client, &moves[i], SK_FAULT_NONE, 256, now_us);
                        made++;
                }
        }
        return made;
}

/* ---- asking ---- */

bool sk_memory_client_has_exited(const sk_memory_client *client, int *out_code) {
        if (client->has_exited)
                *out_code = client->exit_code;
        return client->has_exited;
}

const sk_batch *sk_memory_client_batch(const sk_memory_client *client) {
        return client->batch;
}

int64_t sk_memory_client_restored_end(const sk_memory_client *client, int32_t partition) {
        assert(partition >= 0);
        assert(partition < client->partition_count);
        return client->restored_ends[partition];
}

bool sk_memory_client_is_running(const sk_memory_client *client) {
        bool is_any = false;

        for (int32_t p = 0; p < client->partition_count; p++) {
                sk_held_phase phase = client->partitions[p].phase;
                if (phase != SK_HELD_NOT && phase != SK_HELD_RESTORED)
                        return false;
                is_any = is_any || phase == SK_HELD_RESTORED;
        }
        return is_any && client->is_assigned;
}

size_t sk_memory_client_assigned(const sk_memory_client *client) {
        size_t count = 0;

        for (int32_t p = 0; client->is_assigned && p < client->partition_count; p++)
                count += client->partitions[p].phase != SK_HELD_NOT ? 1 : 0;
        return count;
}
