/*
 * libschakel: the driver, and the logs that are known, behind an interface of plain structs.
 */
#include "schakel/schakel.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "link/driver.h"
#include "log/chain_dir.h"
#include "log/log.h"

#define MAGIC 0x5c4a4b31u
#define SECOND_US 1000000
#define INBOUND_MAX 4096u

struct schakel_link {
        unsigned magic;
        sk_driver *driver;
        sk_log *log; /**< NULL: the program's own */
        schakel_tell *tell;
        void *self;
        int32_t partitions;
        sk_command command; /**< given out last */
        const sk_batch *batch;
        bool has_exited;
        int exit_code;
};

static sk_slice slice_of(schakel_bytes bytes) {
        return (sk_slice){bytes.at, bytes.len};
}

static schakel_bytes bytes_of(sk_slice slice) {
        return (schakel_bytes){slice.at, slice.len};
}

const char *schakel_version(void) {
        return SK_VERSION;
}

int schakel_abi(void) {
        return SCHAKEL_ABI;
}

/* ---- opening ---- */

static schakel_status fail(char *why, schakel_status status, const char *text) {
        if (why != NULL)
                (void)snprintf(why, SCHAKEL_WHY_MAX, "%s", text);
        return status;
}

static schakel_status status_of(sk_err err) {
        if (err == SK_OK)
                return SCHAKEL_OK;
        if (err == SK_ERR_NO_MEMORY)
                return SCHAKEL_NO_MEMORY;
        return err == SK_ERR_CONFIG ? SCHAKEL_CONFIG : SCHAKEL_IO;
}

/* The first error of a chain directory. */
static void say_first(const sk_findings *findings, char *why) {
        for (size_t i = 0; why != NULL && i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity != SK_ERROR)
                        continue;
                (void)snprintf(why, SCHAKEL_WHY_MAX, "%s:%u: %s; %s", finding->path, finding->line, finding->text,
                               finding->remedy);
                return;
        }
}

static schakel_status edition_open(const schakel_options *options, sk_edition **out, char *why) {
        sk_findings *findings = sk_findings_new();

        *out = NULL;
        if (findings == NULL)
                return fail(why, SCHAKEL_NO_MEMORY, "no memory is left");
        (void)fail(why, SCHAKEL_CONFIG, "the chain directory cannot be used; schakel check says why");
        sk_err err = sk_chain_dir_build(options->chain_dir, findings, out);
        if (err != SK_OK)
                say_first(findings, why);
        sk_findings_free(findings);
        return status_of(err);
}

static void on_news(void *self, sk_log_news news, const char *text) {
        schakel_link *link = self;

        (void)news;
        if (link->tell != NULL)
                link->tell(link->self, text);
}

static schakel_status driver_open(schakel_link *link, const schakel_options *options, sk_edition *edition, char *why) {
        sk_driver_config config = {.edition = edition,
                                   .team = sk_slice_of(options->team),
                                   .partitions = link->partitions,
                                   .instance = sk_slice_of(options->instance == NULL ? "embedded" : options->instance)};

        if (sk_edition_team(edition, config.team) == NULL)
                return fail(why, SCHAKEL_CONFIG, "the chain has no such team");
        link->driver = sk_driver_new(&config);
        return link->driver == NULL ? fail(why, SCHAKEL_NO_MEMORY, "no memory is left") : SCHAKEL_OK;
}

static schakel_status log_open(schakel_link *link, const schakel_options *options, const sk_edition *edition,
                               char *why) {
        char text[SK_LOG_TEXT_MAX] = "";
        sk_log_config config = {.url = options->log,
                                .state_dir = options->state_dir,
                                .instance = options->instance == NULL ? "embedded" : options->instance,
                                .driver = link->driver,
                                .partitions = link->partitions,
                                .tell = on_news,
                                .tell_self = link,
                                .acceptance_days = sk_edition_acceptance_days(edition)};
        sk_err err = SK_ERR_CONFIG;

        config.properties = sk_edition_kafka(edition, &config.property_count);
        if (options->state_dir == NULL)
                (void)snprintf(text, sizeof text, "a log needs a state_dir: a folder for the notes of this process");
        else if (sk_log_is_url(options->log, text))
                err = sk_log_new(&config, text, &link->log);
        return err == SK_OK ? SCHAKEL_OK : fail(why, status_of(err), text[0] == '\0' ? sk_err_text(err) : text);
}

/* Options of an older caller end earlier: what he does not know is as if it were not given. */
static bool options_take(const schakel_options *given, schakel_options *out) {
        *out = (schakel_options){0};
        if (given == NULL || given->size < offsetof(schakel_options, log) || given->size > 65536)
                return false;
        memcpy(out, given, given->size < sizeof *out ? given->size : sizeof *out);
        return out->chain_dir != NULL && out->team != NULL && out->partitions >= 0;
}

schakel_status schakel_open(const schakel_options *given, schakel_link **out, char why[SCHAKEL_WHY_MAX]) {
        schakel_options options;
        sk_edition *edition;

        assert(out != NULL);
        if (!options_take(given, &options))
                return fail(why, SCHAKEL_MISUSE, "options need their size, a chain_dir and a team");
        schakel_status status = edition_open(&options, &edition, why);
        if (status != SCHAKEL_OK)
                return status;
        schakel_link *link = sk_alloc_zero(1, sizeof *link);
        if (link == NULL) {
                sk_edition_release(edition);
                return fail(why, SCHAKEL_NO_MEMORY, "no memory is left");
        }
        link->magic = MAGIC;
        link->tell = options.tell;
        link->self = options.self;
        link->partitions = options.log != NULL       ? sk_log_partitions(options.log, sk_edition_partitions(edition))
                           : options.partitions == 0 ? 1
                                                     : options.partitions;
        status = driver_open(link, &options, edition, why);
        if (status == SCHAKEL_OK && options.log != NULL)
                status = log_open(link, &options, edition, why);
        sk_edition_release(edition);
        if (status == SCHAKEL_OK)
                *out = link;
        else
                schakel_close(link);
        return status;
}

void schakel_close(schakel_link *link) {
        if (link == NULL)
                return;
        assert(link->magic == MAGIC);
        sk_log_free(link->log);
        sk_driver_free(link->driver);
        link->magic = 0;
        sk_free(link);
}

/* ---- running ---- */

int schakel_fd(const schakel_link *link) {
        assert(link->magic == MAGIC);
        return link->log == NULL ? -1 : sk_log_fd(link->log);
}

int64_t schakel_poll(schakel_link *link, int64_t now_us) {
        assert(link->magic == MAGIC);
        if (link->log != NULL)
                return sk_log_stage_of(link->log) == SK_LOG_OVER ? SECOND_US : sk_log_turn(link->log, now_us);
        if (link->has_exited)
                return SECOND_US;
        sk_driver_turn(link->driver, now_us);
        int64_t wait_us = sk_driver_wake_us(link->driver) - now_us;
        return wait_us < 0 ? 0 : wait_us > SECOND_US ? SECOND_US : wait_us;
}

void schakel_stop(schakel_link *link, int64_t now_us) {
        assert(link->magic == MAGIC);
        if (!schakel_is_over(link, NULL))
                sk_driver_stop(link->driver, now_us);
}

int schakel_is_over(const schakel_link *link, int *exit_code) {
        bool is_over = link->log == NULL ? link->has_exited : sk_log_stage_of(link->log) == SK_LOG_OVER;

        assert(link->magic == MAGIC);
        if (is_over && exit_code != NULL)
                *exit_code = link->log == NULL ? link->exit_code : sk_log_exit_code(link->log);
        return is_over;
}

int schakel_is_ready(const schakel_link *link) {
        sk_driver_numbers numbers;

        assert(link->magic == MAGIC);
        sk_driver_count(link->driver, &numbers);
        return numbers.is_ready && !schakel_is_over(link, NULL) &&
               (link->log == NULL || sk_log_stage_of(link->log) == SK_LOG_RUNNING);
}

uint64_t schakel_open_calls(const schakel_link *link) {
        sk_driver_numbers numbers;

        assert(link->magic == MAGIC);
        sk_driver_count(link->driver, &numbers);
        return numbers.open_calls;
}

/* ---- records ---- */

schakel_bytes schakel_header(const schakel_record *record, const char *name) {
        sk_slice headers = slice_of(record->headers);

        return sk_slice_there(headers) && sk_headers_check(headers) ? bytes_of(sk_headers_find(headers, name))
                                                                    : (schakel_bytes){0};
}

/* Names of topics end with NUL in the table that they are interned in. */
const char *schakel_inbound(schakel_link *link, size_t index) {
        const sk_topic *topics[INBOUND_MAX];
        size_t count = sk_driver_inbound(link->driver, topics, INBOUND_MAX);

        assert(link->magic == MAGIC);
        return index < count ? topics[index]->name.at : NULL;
}

const char *schakel_journal(schakel_link *link) {
        assert(link->magic == MAGIC);
        return sk_topics_own(sk_driver_topics(link->driver), SK_TOPIC_JOURNAL)->name.at;
}

static schakel_record record_of(const sk_record *record) {
        return (schakel_record){.topic = record->topic->name.at,
                                .partition = record->partition,
                                .offset = record->offset,
                                .timestamp_us = record->timestamp_us,
                                .key = bytes_of(record->key),
                                .headers = bytes_of(record->headers),
                                .value = bytes_of(record->value)};
}

/* False if the record is of no topic that the link knows, or of no partition. */
static bool record_take(schakel_link *link, const schakel_record *given, sk_record *out) {
        *out = (sk_record){.topic = sk_topics_find(sk_driver_topics(link->driver), sk_slice_of(given->topic)),
                           .partition = given->partition,
                           .offset = given->offset,
                           .timestamp_us = given->timestamp_us,
                           .key = slice_of(given->key),
                           .headers = slice_of(given->headers),
                           .value = slice_of(given->value)};
        return link->log == NULL && out->topic != NULL && given->partition >= 0 &&
               given->partition < link->partitions && given->offset >= 0;
}

/* ---- inputs ---- */

void schakel_assigned(schakel_link *link, int32_t first, int32_t count, int64_t now_us) {
        assert(link->magic == MAGIC);
        assert(link->log == NULL);
        assert(first >= 0);
        assert(count > 0);
        assert(first + count <= link->partitions);
        int32_t *partitions = sk_alloc((size_t)count * sizeof *partitions);
        if (partitions == NULL) {
                link->has_exited = true;
                link->exit_code = 75;
                return;
        }
        for (int32_t i = 0; i < count; i++)
                partitions[i] = first + i;
        sk_driver_assigned(link->driver, 1, partitions, (size_t)count, now_us);
        sk_free(partitions);
}

schakel_status schakel_restore(schakel_link *link, const schakel_record *given) {
        sk_record record;

        assert(link->magic == MAGIC);
        if (!record_take(link, given, &record) || record.topic->kind != SK_TOPIC_JOURNAL)
                return SCHAKEL_MISUSE;
        sk_driver_journal(link->driver, &record);
        return SCHAKEL_OK;
}

void schakel_restored(schakel_link *link, int32_t partition, int64_t end_offset, int64_t now_us) {
        assert(link->magic == MAGIC);
        assert(link->log == NULL);
        sk_driver_restored(link->driver, partition, end_offset, now_us);
}

schakel_status schakel_feed(schakel_link *link, const schakel_record *given) {
        sk_record record;

        assert(link->magic == MAGIC);
        if (!record_take(link, given, &record) || !record.topic->is_inbound)
                return SCHAKEL_MISUSE;
        sk_driver_record(link->driver, &record);
        return SCHAKEL_OK;
}

void schakel_committed(schakel_link *link, uint64_t number, schakel_status status, int64_t now_us) {
        assert(link->magic == MAGIC);
        assert(link->log == NULL);
        sk_driver_committed(link->driver, number,
                            status == SCHAKEL_OK        ? SK_OK
                            : status == SCHAKEL_UNKNOWN ? SK_ERR_UNKNOWN_OUTCOME
                                                        : SK_ERR_ABORTED,
                            now_us);
        link->batch = NULL;
}

void schakel_noted(schakel_link *link, int64_t now_us) {
        assert(link->magic == MAGIC);
        assert(link->log == NULL);
        sk_driver_noted(link->driver, now_us);
}

void schakel_stub(schakel_link *link, int32_t partition, schakel_bytes key, schakel_bytes value, int64_t now_us) {
        assert(link->magic == MAGIC);
        assert(link->log == NULL);
        sk_driver_stub(link->driver, partition, slice_of(key), slice_of(value), now_us);
}

/* ---- commands ---- */

static const schakel_command_kind kinds[] = {
        [SK_DO_RESTORE] = SCHAKEL_RESTORE,     [SK_DO_RESUME] = SCHAKEL_RESUME,     [SK_DO_REVOKED] = SCHAKEL_REVOKED,
        [SK_DO_COMMIT] = SCHAKEL_COMMIT,       [SK_DO_RECOMMIT] = SCHAKEL_RECOMMIT, [SK_DO_RESTART] = SCHAKEL_RESTART,
        [SK_DO_NOTE] = SCHAKEL_NOTE,           [SK_DO_FORGET] = SCHAKEL_FORGET,     [SK_DO_TELL] = SCHAKEL_TELL,
        [SK_DO_READ_STUB] = SCHAKEL_READ_STUB, [SK_DO_EXIT] = SCHAKEL_EXIT,
};

int schakel_next(schakel_link *link, schakel_command *out) {
        assert(link->magic == MAGIC);
        if (link->log != NULL || link->has_exited || !sk_driver_next(link->driver, &link->command))
                return 0;
        const sk_command *command = &link->command;
        *out = (schakel_command){.kind = kinds[command->kind], .partition = command->partition};
        out->text = bytes_of(command->why != NULL ? sk_slice_of(command->why) : command->key);
        switch (command->kind) {
        case SK_DO_COMMIT:
        case SK_DO_RECOMMIT:
                link->batch = command->batch;
                out->number = command->batch->number;
                out->count = command->batch->record_count;
                break;
        case SK_DO_NOTE:
                out->count = command->place_count;
                break;
        case SK_DO_EXIT:
                link->has_exited = true;
                link->exit_code = command->exit_code;
                out->number = (uint64_t)command->exit_code;
                break;
        default:
                out->count = command->position_count;
        }
        return 1;
}

schakel_record schakel_position(const schakel_link *link, size_t index) {
        const sk_command *command = &link->command;

        assert(link->magic == MAGIC);
        if (command->kind == SK_DO_NOTE) {
                assert(index < command->place_count);
                return (schakel_record){.topic = command->places[index].topic,
                                        .partition = command->places[index].partition,
                                        .offset = command->places[index].offset};
        }
        assert(command->kind == SK_DO_RESUME);
        assert(index < command->position_count);
        return (schakel_record){.topic = command->positions[index].topic->name.at,
                                .partition = command->positions[index].partition,
                                .offset = command->positions[index].next_offset};
}

schakel_record schakel_output(const schakel_link *link, size_t index) {
        assert(link->magic == MAGIC);
        assert(link->batch != NULL);
        assert(index < link->batch->record_count);
        return record_of(&link->batch->records[index]);
}

/* ---- effects ---- */

int schakel_next_effect(schakel_link *link, schakel_effect *out) {
        sk_effect effect;

        assert(link->magic == MAGIC);
        if (!sk_driver_next_effect(link->driver, &effect))
                return 0;
        *out = (schakel_effect){.is_stop = effect.is_stop,
                                .try_number = effect.try_number,
                                .how = sk_how_id(effect.how),
                                .config = bytes_of(effect.config),
                                .input = bytes_of(effect.input),
                                .timeout_us = effect.timeout_us};
        sk_id_format(&effect.callid, out->key);
        (void)snprintf(out->key + SK_ID_TEXT, sizeof out->key - SK_ID_TEXT, "/%u", (unsigned)effect.visit);
        return 1;
}

static bool key_read(const char *key, sk_id *out_call, uint32_t *out_visit) {
        uint64_t visit = 0;
        size_t len = key == NULL ? 0 : strlen(key);

        if (len < SK_ID_TEXT + 2 || len >= SCHAKEL_KEY_MAX || key[SK_ID_TEXT] != '/' ||
            !sk_id_parse((sk_slice){key, SK_ID_TEXT}, out_call))
                return false;
        for (size_t i = SK_ID_TEXT + 1; i < len && visit <= UINT32_MAX; i++) {
                if (key[i] < '0' || key[i] > '9')
                        return false;
                visit = visit * 10 + (uint64_t)(key[i] - '0');
        }
        *out_visit = (uint32_t)visit;
        return visit > 0 && visit <= UINT32_MAX;
}

schakel_status schakel_effect_ended(schakel_link *link, const char *key, unsigned try_number,
                                    schakel_effect_result result, schakel_bytes value, schakel_bytes text,
                                    int64_t now_us) {
        static const sk_effect_result results[] = {SK_EFFECT_DONE, SK_EFFECT_LATER, SK_EFFECT_DECLINED, SK_EFFECT_RETRY,
                                                   SK_EFFECT_FAILED};
        sk_effect_report report = {.try_number = (uint8_t)try_number,
                                   .value = slice_of(value),
                                   .code = SK_SLICE(""),
                                   .text = slice_of(text)};

        assert(link->magic == MAGIC);
        if (!key_read(key, &report.callid, &report.visit) || (unsigned)result > SCHAKEL_EFFECT_FAILED ||
            try_number == 0 || try_number > UINT8_MAX)
                return SCHAKEL_MISUSE;
        report.result = results[result];
        sk_driver_effect_ended(link->driver, &report, now_us);
        return SCHAKEL_OK;
}
