#include "support/driver_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "kit/hash.h"
#include "kit/when.h"
#include "support/contract.h"

#define START_US INT64_C(1790000000000000)
#define RUNS_MAX 100000

#define TEAM                                                                        \
        "\"title\":\"T\",\"organised_by\":\"process\",\"coordinated_by\":\"line\"," \
        "\"people\":{\"dina\":{\"profiles\":[\"operator\",\"process-manager\","     \
        "\"process-coordinator\",\"line-coordinator\"]}}"

sk_edition *world_edition(const char *chain) {
        return world_edition_with(chain, "");
}

sk_edition *world_edition_with(const char *chain, const char *members) {
        static const char team[] = "{" TEAM "}";
        char centre[2048];
        static const char consumer[] =
                "{\"title\":\"C\",\"consumer\":true,\"organised_by\":\"process\",\"coordinated_by\":\"line\"}";
        static const char facilities[] = "\"facilities\":{\"laptop\":{\"goods\":[\"a "
                                         "laptop\"],\"calls\":[\"incident\"]}},\"share\":[\"/need\"]}";
        char agreement[3][512];
        char name[128];
        static const char *const pairs[3][2] = {{"finance", "centre"}, {"legal", "centre"}, {"centre", "network"}};
        sk_chain_file files[8] = {{"chain.json", SK_NONE},
                                  {"finance/team.json", sk_slice_of(consumer)},
                                  {"legal/team.json", sk_slice_of(consumer)},
                                  {"centre/team.json", SK_NONE},
                                  {"network/team.json", sk_slice_of(team)},
                                  {"agreements/a.json", SK_NONE},
                                  {"agreements/b.json", SK_NONE},
                                  {"agreements/c.json", SK_NONE}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        (void)snprintf(centre, sizeof(centre), "{" TEAM "%s}", members);
        files[3].text = sk_slice_of(centre);
        (void)snprintf(name, sizeof(name), "{\"name\":\"%s\",\"partitions\":4}", chain);
        files[0].text = sk_slice_of(name);
        for (size_t i = 0; i < 3; i++) {
                (void)snprintf(agreement[i], sizeof(agreement[i]), "{\"customer\":\"%s\",\"provider\":\"%s\",%s",
                               pairs[i][0], pairs[i][1], facilities);
                files[5 + i].text = sk_slice_of(agreement[i]);
        }
        if (sk_edition_build(files, 8, NULL, findings, &edition) != SK_OK)
                for (size_t i = 0; i < sk_findings_count(findings); i++)
                        print_message("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        assert_non_null(edition);
        sk_findings_free(findings);
        return edition;
}

static void forget_positions(driver_world *w) {
        for (size_t p = 0; p < WORLD_PARTITIONS; p++)
                for (size_t i = 0; i < 8; i++)
                        w->next[p][i] = -1;
}

void world_open(driver_world *w, const sk_driver_config *config) {
        *w = (driver_world){.now_us = START_US, .exit_code = -1};
        if (config != NULL)
                w->config = *config;
        w->edition = w->config.edition != NULL ? w->config.edition : world_edition("test");
        w->config.edition = w->edition;
        w->config.team = SK_SLICE("centre");
        w->config.partitions = WORLD_PARTITIONS;
        w->config.instance = SK_SLICE("one");
        w->config.contract = test_contract();
        w->topics = sk_topics_new(SK_SLICE("test"), SK_SLICE("centre"));
        w->stub_key = sk_buf_make(1024);
        w->driver = sk_driver_new(&w->config);
        assert_non_null(w->driver);
        forget_positions(w);
}

static void record_free(sk_record *record) {
        free((void *)(uintptr_t)record->key.at);
        free((void *)(uintptr_t)record->headers.at);
        free((void *)(uintptr_t)record->value.at);
}

void world_close(driver_world *w) {
        sk_driver_free(w->driver);
        for (size_t i = 0; i < w->log_count; i++)
                record_free(&w->log[i].record);
        sk_topics_free(w->topics);
        sk_buf_free(&w->stub_key);
        sk_edition_release(w->edition);
}

void world_restart(driver_world *w) {
        sk_driver_free(w->driver);
        w->driver = sk_driver_new(&w->config);
        assert_non_null(w->driver);
        w->batch = NULL;
        w->exit_code = -1;
        forget_positions(w);
}

/* ---- the log ---- */

static sk_slice keep(sk_slice bytes) {
        char *copy;

        if (!sk_slice_there(bytes))
                return SK_NONE;
        copy = malloc(bytes.len + 1);
        assert_non_null(copy);
        memcpy(copy, bytes.at, bytes.len);
        copy[bytes.len] = '\0';
        return (sk_slice){copy, bytes.len};
}

static bool is_place(const sk_record *record, sk_slice topic, int32_t partition) {
        return record->partition == partition && sk_slice_equal(record->topic->name, topic);
}

static void append(driver_world *w, const sk_record *record, uint64_t batch) {
        world_record *at = &w->log[w->log_count++];
        int64_t offset = 0;

        assert_true(w->log_count <= WORLD_RECORDS_MAX);
        for (size_t i = 0; i + 1 < w->log_count; i++)
                if (is_place(&w->log[i].record, record->topic->name, record->partition))
                        offset = w->log[i].record.offset + 1;
        *at = (world_record){*record, batch};
        at->record.offset = offset;
        at->record.key = keep(record->key);
        at->record.headers = keep(record->headers);
        at->record.value = keep(record->value);
        if (at->record.timestamp_us == 0)
                at->record.timestamp_us = START_US + (int64_t)w->log_count;
}

/* Names outlive a driver only in the log's own table. */
static const sk_topic *topic_of(driver_world *w, const sk_topic *topic) {
        switch (topic->kind) {
        case SK_TOPIC_CALLS:
                return topic->is_inbound ? sk_topics_calls_from(w->topics, topic->peer)
                                         : sk_topics_calls_to(w->topics, topic->owner);
        case SK_TOPIC_FEEDBACK:
                return topic->is_inbound ? sk_topics_feedback_from(w->topics, topic->peer)
                                         : sk_topics_feedback_to(w->topics, topic->owner);
        default:
                return sk_topics_own(w->topics, topic->kind);
        }
}

void world_write_batch(driver_world *w) {
        w->commits++;
        for (size_t i = 0; i < w->batch->record_count; i++) {
                sk_record record = w->batch->records[i];

                record.topic = topic_of(w, record.topic);
                append(w, &record, w->batch->number);
        }
}

/* ---- commands ---- */

void world_restore(driver_world *w, int32_t partition) {
        const sk_topic *journal = sk_topics_own(w->topics, SK_TOPIC_JOURNAL);
        int64_t end = 0;

        for (size_t i = 0; i < w->log_count; i++) {
                if (!is_place(&w->log[i].record, journal->name, partition))
                        continue;
                sk_driver_journal(w->driver, &w->log[i].record);
                end = w->log[i].record.offset + 1;
        }
        sk_driver_restored(w->driver, partition, end, w->now_us);
}

static void resume(driver_world *w, const sk_command *command) {
        const sk_topic *inbound[8];
        size_t count = sk_driver_inbound(w->driver, inbound, 8);

        for (size_t i = 0; i < command->position_count; i++)
                for (size_t t = 0; t < count; t++)
                        if (inbound[t] == command->positions[i].topic)
                                w->next[command->partition][t] = command->positions[i].next_offset;
}

static void read_stub(driver_world *w, const sk_command *command) {
        sk_buf_clear(&w->stub_key);
        sk_buf_add_slice(&w->stub_key, command->key);
        w->stub_partition = command->partition;
        w->stub_since_us = command->since_us;
        if (!w->holds_stubs)
                world_stub_answer(w, true);
}

static void note(driver_world *w, const sk_command *command) {
        assert_true(command->place_count <= 16);
        memcpy(w->note, command->places, command->place_count * sizeof(*w->note));
        w->note_count = command->place_count;
        if (!w->holds_notes)
                sk_driver_noted(w->driver, w->now_us);
}

static void commit(driver_world *w, const sk_command *command) {
        w->batch = command->batch;
        w->batch_command = command->kind;
        if (w->holds_commits)
                return;
        world_write_batch(w);
        w->batch = NULL;
        sk_driver_committed(w->driver, command->batch->number, SK_OK, w->now_us);
}

static void carry_out(driver_world *w, const sk_command *command) {
        w->counts[command->kind]++;
        switch (command->kind) {
        case SK_DO_RESTORE:
                w->restores[w->restore_count++ % WORLD_COMMANDS_MAX] = command->partition;
                if (!w->holds_restores)
                        world_restore(w, command->partition);
                return;
        case SK_DO_RESUME:
                resume(w, command);
                return;
        case SK_DO_COMMIT:
        case SK_DO_RECOMMIT:
                commit(w, command);
                return;
        case SK_DO_NOTE:
                note(w, command);
                return;
        case SK_DO_READ_STUB:
                read_stub(w, command);
                return;
        case SK_DO_RESTART:
                forget_positions(w);
                return;
        case SK_DO_FORGET:
                w->note_count = 0;
                return;
        case SK_DO_TELL:
                return;
        case SK_DO_EXIT:
                w->exit_code = command->exit_code;
                return;
        case SK_DO_REVOKED:
                for (size_t t = 0; t < 8; t++)
                        w->next[command->partition][t] = -1;
        }
}

/* Commands are copied out one by one: what a command points to is good until the next input only. */
static bool work_off(driver_world *w) {
        sk_command command;
        bool any = false;

        while (sk_driver_next(w->driver, &command)) {
                carry_out(w, &command);
                any = true;
        }
        return any;
}

static bool deliver(driver_world *w) {
        const sk_topic *inbound[8];
        size_t count = sk_driver_inbound(w->driver, inbound, 8);
        bool any = false;

        for (size_t i = 0; i < w->log_count; i++) {
                sk_record record = w->log[i].record;

                for (size_t t = 0; t < count; t++) {
                        int64_t *next = &w->next[record.partition][t];

                        if (!is_place(&record, inbound[t]->name, record.partition) || *next < 0 ||
                            record.offset < *next || !sk_driver_wants(w->driver, inbound[t]->kind))
                                continue;
                        record.topic = inbound[t];
                        *next = record.offset + 1;
                        sk_driver_record(w->driver, &record);
                        any = true;
                }
        }
        return any;
}

void world_run(driver_world *w) {
        for (unsigned i = 0; i < RUNS_MAX; i++) {
                bool any = work_off(w);

                any |= deliver(w);
                sk_driver_turn(w->driver, w->now_us);
                any |= work_off(w);
                if (!any && sk_driver_wake_us(w->driver) > w->now_us)
                        return;
                if (!any && w->exit_code >= 0)
                        return;
        }
        fail_msg("the driver never comes to rest");
}

void world_assign(driver_world *w) {
        static const int32_t all[WORLD_PARTITIONS] = {0, 1, 2, 3};

        sk_driver_assigned(w->driver, ++w->generation, all, WORLD_PARTITIONS, w->now_us);
        world_run(w);
}

void world_answer(driver_world *w, sk_err result) {
        uint64_t number;

        assert_non_null(w->batch);
        number = w->batch->number;
        if (result == SK_OK)
                world_write_batch(w);
        w->batch = NULL;
        sk_driver_committed(w->driver, number, result, w->now_us);
        world_run(w);
}

void world_stub_answer(driver_world *w, bool is_there) {
        bool found;
        char key[256];
        char text[256];
        sk_slice value;

        assert_true(w->stub_key.len < sizeof(key));
        memcpy(key, w->stub_key.at, w->stub_key.len);
        memcpy(text, key, w->stub_key.len);
        text[w->stub_key.len] = '\0';
        value = world_journal(w, w->stub_partition, text, &found);
        sk_driver_stub(w->driver, w->stub_partition, (sk_slice){key, strlen(text)}, is_there ? value : SK_NONE,
                       w->now_us);
}

void world_wait(driver_world *w, int64_t us) {
        w->now_us += us;
        world_run(w);
}

/* ---- inputs ---- */

sk_id world_id(unsigned number) {
        sk_id id = {{0}};

        memcpy(id.bytes, &number, sizeof(number));
        id.bytes[6] = 0x70;
        id.bytes[8] = 0x80;
        id.bytes[15] = 1;
        return id;
}

int32_t world_partition(const sk_id *id) {
        char text[SK_ID_TEXT];

        sk_id_format(id, text);
        return sk_hash_partition((sk_slice){text, sizeof(text)}, WORLD_PARTITIONS);
}

sk_id world_id_in(int32_t partition, unsigned number) {
        for (unsigned i = 0; i < 1000; i++) {
                sk_id id = world_id(number * 1000 + i);

                if (world_partition(&id) == partition)
                        return id;
        }
        fail_msg("no id falls on the partition");
        return world_id(0);
}

void world_send(driver_world *w, const sk_topic *topic, int32_t partition, int64_t timestamp_us, sk_slice key,
                sk_slice headers, sk_slice value) {
        append(w, &(sk_record){topic, partition, 0, timestamp_us, key, headers, value, SK_NONE}, 0);
}

static void send_envelope(driver_world *w, const sk_topic *topic, const sk_id *key, sk_envelope *envelope,
                          const char *value) {
        sk_buf headers = sk_buf_make(65536);
        char text[SK_ID_TEXT];

        sk_id_format(key, text);
        envelope->time_us = w->now_us;
        sk_envelope_encode(envelope, &headers);
        world_send(w, topic, world_partition(key), 0, (sk_slice){text, sizeof(text)}, sk_buf_slice(&headers),
                   sk_slice_of(value));
        sk_buf_free(&headers);
}

static void send_between(driver_world *w, const sk_topic *topic, const char *writer, char letter, const sk_id *id,
                         const sk_id *key, sk_message type, uint32_t seqno, const char *value) {
        char source[64];
        char text[SK_ID_TEXT];
        char name[SK_ID_TEXT + 32];
        int len = snprintf(source, sizeof(source), "/test/%s", writer);
        int name_len;
        sk_envelope envelope = {.type = type,
                                .source = {source, (size_t)len},
                                .callid = *id,
                                .has_callid = true,
                                .replykey = *key,
                                .has_replykey = true,
                                .rootid = {text, sizeof(text)},
                                .seqno = seqno,
                                .agreement = SK_SLICE("00112233445566778899aabbccddeeff")};

        sk_id_format(id, text);
        name_len = snprintf(name, sizeof(name), "%.*s/%c/%u", SK_ID_TEXT, text, letter, seqno);
        envelope.id = (sk_slice){name, (size_t)name_len};
        send_envelope(w, topic, letter == 'c' ? id : key, &envelope, value);
}

void world_call(driver_world *w, const char *customer, const sk_id *id, sk_message type, uint32_t seqno,
                const char *value) {
        sk_id reply = world_id(999999);

        send_between(w, sk_topics_calls_from(w->topics, sk_slice_of(customer)), customer, 'c', id, &reply, type, seqno,
                     value);
}

void world_feedback(driver_world *w, const char *provider, const sk_id *key, sk_message type, const char *value) {
        sk_id id = world_id(888888);

        send_between(w, sk_topics_feedback_from(w->topics, sk_slice_of(provider)), provider, 'f', &id, key, type, 1,
                     value);
}

void world_work(driver_world *w, const sk_id *id, sk_message type, const char *value) {
        char name[64];
        int len = snprintf(name, sizeof(name), "0198c5f2-7b1b-7001-8002-%012zx", w->log_count);
        sk_envelope envelope = {.type = type,
                                .id = {name, (size_t)len},
                                .source = SK_SLICE("/test/centre"),
                                .callid = *id,
                                .has_callid = true,
                                .actor = SK_SLICE("dina")};

        send_envelope(w, sk_topics_own(w->topics, SK_TOPIC_WORK), id, &envelope, value);
}

/* ---- what was written ---- */

const sk_record *world_written(const driver_world *w, sk_topic_kind kind, size_t n) {
        for (size_t i = 0; i < w->log_count; i++)
                if (w->log[i].batch != 0 && w->log[i].record.topic->kind == kind && n-- == 0)
                        return &w->log[i].record;
        return NULL;
}

size_t world_count(const driver_world *w, sk_topic_kind kind) {
        size_t count = 0;

        for (size_t i = 0; i < w->log_count; i++)
                count += w->log[i].batch != 0 && w->log[i].record.topic->kind == kind;
        return count;
}

sk_slice world_journal(const driver_world *w, int32_t partition, const char *key, bool *out_is_there) {
        const sk_topic *journal = sk_topics_own(w->topics, SK_TOPIC_JOURNAL);
        sk_slice value = SK_NONE;

        *out_is_there = false;
        for (size_t i = 0; i < w->log_count; i++) {
                if (!is_place(&w->log[i].record, journal->name, partition) || !sk_slice_is(w->log[i].record.key, key))
                        continue;
                value = w->log[i].record.value;
                *out_is_there = true;
        }
        return value;
}

sk_driver_numbers world_numbers(const driver_world *w) {
        sk_driver_numbers numbers;

        sk_driver_count(w->driver, &numbers);
        return numbers;
}
