/*
 * Archives read: a record for each closed call, in the order in which they closed.
 */
#include "cli/session/archive.h"

#include <stdlib.h>

#include "cli/print/table.h"
#include "cli/session/ids.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define LIST_MAX_BYTES ((size_t)2 << 30)

/** One archive being read. */
typedef struct reading {
        const sk_team *team;
        sk_slice key; /**< SK_NONE: all */
        sk_archive_visit *visit;
        void *self;
        bool is_over;
} reading;

static bool on_entry(void *self, const sk_log_entry *entry) {
        reading *read = self;
        if (sk_slice_there(read->key) && !sk_slice_equal(read->key, entry->key))
                return true;
        if (!sk_slice_there(entry->value) || sk_json_check(entry->value, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                return true;
        read->is_over = !read->visit(read->self, read->team, entry->value);
        return !read->is_over;
}

static int read_team(const sk_session *session, reading *read) {
        sk_slice topic = sk_session_topic(session, sk_team_name(read->team), SK_TOPIC_ARCHIVE, SK_NONE);
        int32_t partitions = sk_log_tool_partitions(session->log);
        int32_t only = sk_slice_there(read->key) ? sk_hash_partition(read->key, partitions) : -1;
        if (!sk_slice_there(topic))
                return sk_session_no_memory(session);
        for (int32_t i = 0; i < partitions && !read->is_over; i++) {
                sk_log_read part = {.topic = topic, .partition = i};
                if (only >= 0 && i != only)
                        continue;
                if (sk_log_tool_read(session->log, &part, on_entry, read, NULL) != SK_OK)
                        return sk_session_fail(session, session->log_url);
        }
        return SK_EXIT_OK;
}

int sk_archive_read(const sk_session *session, const sk_team *team, const sk_id *id, sk_archive_visit *visit,
                    void *self) {
        char key[SK_ID_TEXT];
        reading read = {.key = SK_NONE, .visit = visit, .self = self};
        int status = SK_EXIT_OK;
        if (id != NULL) {
                sk_id_format(id, key);
                read.key = (sk_slice){key, SK_ID_TEXT};
        }
        for (size_t i = 0; i < sk_edition_team_count(session->edition) && status == SK_EXIT_OK && !read.is_over; i++) {
                read.team = sk_edition_team_at(session->edition, i);
                if (team == NULL || team == read.team)
                        status = read_team(session, &read);
        }
        return status;
}

/* ---- listing ---- */

/** What a line shows of a closed call. */
typedef struct closed_call {
        sk_id id;
        bool is_ask;
        sk_slice team;
        sk_slice customer;
        sk_slice provider;
        sk_slice type;
        sk_slice facility;
        sk_slice outcome;
        sk_slice code;
        int64_t workflow;
        int64_t opened_us;
        int64_t closed_us;
        bool is_late;
} closed_call;

typedef struct closed_list {
        const sk_session *session;
        const sk_team *team;
        sk_arena *arena;
        closed_call *at;
        size_t count;
        size_t capacity;
        bool is_full;
} closed_list;

static sk_slice copy_of(closed_list *list, sk_slice value, const char *name) {
        sk_slice text = sk_json_member_string(value, name, list->arena);
        return sk_slice_there(text) ? sk_arena_copy(list->arena, text) : SK_SLICE("");
}

static int64_t time_of(closed_list *list, sk_slice value, const char *name) {
        int64_t time_us = 0;
        sk_slice text = sk_json_member_string(value, name, list->arena);
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : 0;
}

/* Whom an ask went to: the last that it was raised with. */
static sk_slice asked_of(closed_list *list, sk_slice value) {
        sk_slice asks = sk_json_member(value, "asks");
        sk_slice name;
        sk_slice ask;
        sk_slice team = SK_SLICE("");
        if (!sk_slice_there(asks))
                return team;
        sk_json_walk walk = sk_json_walk_make(asks);
        while (sk_json_walk_next(&walk, &name, &ask))
                team = copy_of(list, ask, "team");
        return team;
}

static bool is_wanted(const closed_list *list, const closed_call *call) {
        const char *facility = sk_cli_text(list->session->cli, "facility");
        const char *type = sk_cli_text(list->session->cli, "type");
        if (facility != NULL && !sk_slice_is(call->facility, facility))
                return false;
        if (type != NULL && !sk_slice_is(call->type, type))
                return false;
        return list->team != NULL || !call->is_ask;
}

static closed_call closed_read(closed_list *list, const sk_team *team, sk_slice value) {
        sk_slice clock = sk_json_member(value, "clock");
        sk_slice kept = sk_slice_there(clock) ? sk_json_member(clock, "kept") : SK_NONE;
        closed_call call = {.team = sk_team_name(team),
                            .is_ask = sk_slice_is(sk_json_member(value, "is_ask"), "true"),
                            .customer = copy_of(list, value, "customer"),
                            .type = copy_of(list, value, "type"),
                            .facility = copy_of(list, value, "facility"),
                            .outcome = copy_of(list, value, "outcome"),
                            .code = copy_of(list, value, "code"),
                            .opened_us = time_of(list, value, "opened"),
                            .closed_us = time_of(list, value, "closed"),
                            .is_late = sk_slice_is(kept, "false")};
        call.provider = call.is_ask ? asked_of(list, value) : call.team;
        (void)sk_json_member_int(value, "workflow", 1, 8, &call.workflow);
        (void)sk_id_parse(sk_json_member_string(value, "id", list->arena), &call.id);
        return call;
}

static bool collect(void *self, const sk_team *team, sk_slice value) {
        closed_list *list = self;
        closed_call call = closed_read(list, team, value);
        if (!is_wanted(list, &call))
                return true;
        if (list->count == list->capacity) {
                size_t capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
                closed_call *more = sk_realloc(list->at, capacity * sizeof(*more));
                list->is_full = more == NULL;
                if (more == NULL)
                        return false;
                list->at = more;
                list->capacity = capacity;
        }
        list->at[list->count++] = call;
        return true;
}

static int by_end(const void *a, const void *b) {
        int64_t left = ((const closed_call *)a)->closed_us;
        int64_t right = ((const closed_call *)b)->closed_us;
        return (left > right) - (left < right);
}

static int put_json(sk_cli *cli, const closed_call *call) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_id(json, "call", &call->id);
        sk_json_put_text(json, "team", call->team);
        sk_json_put_bool(json, "is_ask", call->is_ask);
        sk_json_put_text(json, "customer", call->customer);
        sk_json_put_text(json, "provider", call->provider);
        sk_json_put_text(json, "type", call->type);
        sk_json_put_text(json, "facility", call->facility);
        if (call->workflow != 0)
                sk_json_put_int(json, "workflow", call->workflow);
        sk_json_put_text(json, "outcome", call->outcome);
        sk_json_put_optional(json, "code", call->code);
        sk_json_put_time(json, "opened", call->opened_us);
        sk_json_put_time(json, "closed", call->closed_us);
        sk_json_put_bool(json, "late", call->is_late);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

static const sk_column columns[] = {
        {.title = "CALL"},
        {.title = "TYPE"},
        {.title = "FACILITY", .shrinks = true},
        {.title = "FROM > TO", .shrinks = true},
        {.title = "WF", .is_right = true},
        {.title = "OUTCOME", .shrinks = true},
        {.title = "TOOK", .is_right = true},
        {.title = "CLOSED"},
        {.title = "PROMISE"},
};

static void put_row(sk_cli *cli, sk_table *table, const closed_call *call, size_t id_length) {
        bool is_good = sk_slice_is(call->outcome, "completed");
        sk_table_cell_text(table, sk_cli_id(cli, &call->id, id_length));
        sk_table_cell(table, call->type);
        sk_table_cell(table, call->facility);
        sk_table_cell_format(table, "%.*s > %.*s", (int)call->customer.len, call->customer.at, (int)call->provider.len,
                             call->provider.at);
        if (call->workflow == 0)
                sk_table_cell_text(table, "-");
        else
                sk_table_cell_format(table, "%d", (int)call->workflow);
        if (is_good || call->code.len == 0)
                sk_table_cell_style(table, call->outcome, is_good ? SK_GREEN : SK_RED);
        else
                sk_table_cell_format(table, "%.*s: %.*s", (int)call->outcome.len, call->outcome.at, (int)call->code.len,
                                     call->code.at);
        sk_table_cell_text(table, sk_cli_long(cli, call->closed_us - call->opened_us));
        sk_table_cell_text(table, sk_cli_when(cli, call->closed_us));
        sk_table_cell_style(table, call->is_late ? SK_SLICE("late") : SK_SLICE("kept"),
                            call->is_late ? SK_RED : SK_PLAIN);
}

static size_t id_length_of(const closed_call *calls, size_t count) {
        sk_id *ids = sk_alloc_zero(count + 1, sizeof(*ids));
        if (ids == NULL)
                return SK_ID_TEXT;
        for (size_t i = 0; i < count; i++)
                ids[i] = calls[i].id;
        size_t length = sk_ids_short(ids, count);
        sk_free(ids);
        return length;
}

static int print_list(const sk_session *session, const closed_call *calls, size_t count) {
        sk_cli *cli = session->cli;
        int status = SK_EXIT_OK;
        if (sk_cli_is_json(cli)) {
                for (size_t i = 0; i < count && status == SK_EXIT_OK; i++)
                        status = put_json(cli, &calls[i]);
                return status;
        }
        sk_table *table = sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (table == NULL)
                return sk_session_no_memory(session);
        size_t id_length = id_length_of(calls, count);
        for (size_t i = 0; i < count; i++) {
                put_row(cli, table, &calls[i], id_length);
                sk_cli_forget(cli);
        }
        return sk_table_print(table);
}

int sk_archive_list(const sk_session *session, const sk_team *team, uint64_t limit) {
        closed_list list = {.session = session, .team = team, .arena = sk_arena_new(LIST_MAX_BYTES)};
        if (list.arena == NULL)
                return sk_session_no_memory(session);
        int status = sk_archive_read(session, team, NULL, collect, &list);
        if (status == SK_EXIT_OK && list.is_full)
                status = sk_session_no_memory(session);
        if (status == SK_EXIT_OK) {
                if (list.count > 1)
                        qsort(list.at, list.count, sizeof(*list.at), by_end);
                size_t skipped = list.count > limit ? list.count - (size_t)limit : 0;
                status = print_list(session, list.at + skipped, list.count - skipped);
                if (skipped > 0)
                        sk_cli_remark(session->cli, "%zu earlier ones are not shown; --limit N shows more", skipped);
        }
        sk_free(list.at);
        sk_arena_free(list.arena);
        return status;
}

/* ---- finding ---- */

typedef struct search {
        const sk_session *session;
        sk_slice text;
        sk_id found;
        sk_id other;
        unsigned count; /**< different ids that fit; 2: several */
} search;

static bool match(void *self, const sk_team *team, sk_slice value) {
        search *look = self;
        sk_id id;
        (void)team;
        sk_slice text = sk_json_member(value, "id");
        if (text.len != SK_ID_TEXT + 2 || !sk_id_parse((sk_slice){text.at + 1, SK_ID_TEXT}, &id) ||
            !sk_id_fits(&id, look->text) || (look->count > 0 && sk_id_equal(&id, &look->found)))
                return true;
        if (look->count++ == 0)
                look->found = id;
        else
                look->other = id;
        return look->count < 2;
}

int sk_archive_resolve(const sk_session *session, const char *text, sk_id *out) {
        search look = {.session = session, .text = sk_slice_of(text)};
        char first[SK_ID_TEXT + 1] = "";
        char second[SK_ID_TEXT + 1] = "";
        int status = sk_archive_read(session, NULL, NULL, match, &look);
        if (status != SK_EXIT_OK)
                return status;
        if (look.count == 0)
                return sk_cli_fail(session->cli, text, "schakel calls lists what is open; --closed what was",
                                   "there is no such call here");
        sk_id_format(&look.found, first);
        sk_id_format(&look.other, second);
        if (look.count > 1)
                return sk_cli_usage_error(session->cli, text, "several calls have it: %s, %s; give more of the id",
                                          first, second);
        *out = look.found;
        return SK_EXIT_OK;
}
