/*
 * Gathers rows to calls. All of it lies in one arena: a history is read whole before the first call is raised, because
 * the last row of a call may be the last of the file.
 */
#include "cli/replay/history_calls.h"

#include <assert.h>
#include <stdlib.h>

#include "event/record.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/json_write.h"
#include "kit/map.h"

#define ARENA_MAX ((size_t)2 << 30)
#define ID_BYTES_MAX 200
#define NEED_BYTES_MAX ((size_t)16 << 10)
#define NAME_BYTES_MAX 200

struct sk_history_calls {
        const sk_history_map *map;
        sk_arena *arena;
        sk_map *by_id;
        sk_map *by_status;
        sk_history_call **list;
        size_t count;
        size_t room;
        size_t fit;
        sk_history_status *statuses[SK_HISTORY_STATUSES_MAX];
        size_t status_count;
};

static sk_history_status *status_of(sk_history_calls *calls, sk_slice text) {
        sk_history_status *status = sk_map_get(calls->by_status, text);
        if (status != NULL || calls->status_count == SK_HISTORY_STATUSES_MAX)
                return status;
        status = sk_arena_get_zero(calls->arena, 1, sizeof(*status));
        if (status == NULL)
                return NULL;
        status->text = sk_arena_copy(calls->arena, text);
        if (!sk_slice_there(status->text) || sk_map_put(calls->by_status, text, status, NULL) != SK_OK)
                return NULL;
        calls->statuses[calls->status_count++] = status;
        return status;
}

static void statuses_prepare(sk_history_calls *calls) {
        for (size_t i = 0; i < calls->map->activity_count; i++) {
                sk_history_status *status = status_of(calls, calls->map->activities[i].from);
                if (status != NULL)
                        status->activity = calls->map->activities[i].to;
        }
}

sk_history_calls *sk_history_calls_new(const sk_history_map *map) {
        sk_history_calls *calls = sk_alloc_zero(1, sizeof(*calls));
        if (calls == NULL)
                return NULL;
        calls->map = map;
        calls->arena = sk_arena_new(ARENA_MAX);
        calls->by_id = sk_map_new();
        calls->by_status = sk_map_new();
        if (calls->arena == NULL || calls->by_id == NULL || calls->by_status == NULL) {
                sk_history_calls_free(calls);
                return NULL;
        }
        statuses_prepare(calls);
        return calls;
}

void sk_history_calls_free(sk_history_calls *calls) {
        if (calls == NULL)
                return;
        sk_map_free(calls->by_id);
        sk_map_free(calls->by_status);
        sk_arena_free(calls->arena);
        sk_free(calls->list);
        sk_free(calls);
}

/* ---- rows ---- */

static sk_err make_room(sk_history_calls *calls) {
        if (calls->count < calls->room)
                return SK_OK;
        if (calls->count == SK_HISTORY_CALLS_MAX)
                return SK_ERR_FULL;
        size_t room = calls->room == 0 ? 1024 : calls->room * 2;
        sk_history_call **list = sk_realloc(calls->list, room * sizeof(sk_history_call *));
        if (list == NULL)
                return SK_ERR_NO_MEMORY;
        calls->list = list;
        calls->room = room;
        return SK_OK;
}

static sk_err open_call(sk_history_calls *calls, sk_slice id, uint64_t line, sk_history_call **out) {
        sk_err err = make_room(calls);
        if (err != SK_OK)
                return err;
        sk_history_call *call = sk_arena_get_zero(calls->arena, 1, sizeof(*call));
        sk_slice *first = call == NULL
                                  ? NULL
                                  : sk_arena_get_zero(calls->arena, (size_t)calls->map->column_count, sizeof(sk_slice));
        sk_slice copy = first == NULL ? SK_NONE : sk_arena_copy(calls->arena, id);
        if (!sk_slice_there(copy) || sk_map_put(calls->by_id, id, call, NULL) != SK_OK)
                return SK_ERR_NO_MEMORY;
        *call = (sk_history_call){.id = copy, .first = first, .line = line};
        calls->list[calls->count++] = call;
        *out = call;
        return SK_OK;
}

static sk_err keep_first(sk_history_calls *calls, sk_history_call *call, const sk_slice *fields) {
        for (int i = 0; i < calls->map->column_count; i++) {
                if (sk_slice_there(call->first[i]) || !sk_slice_there(fields[i]))
                        continue;
                call->first[i] = sk_arena_copy(calls->arena, fields[i]);
                if (!sk_slice_there(call->first[i]))
                        return SK_ERR_NO_MEMORY;
        }
        return SK_OK;
}

static sk_err keep_component(sk_history_calls *calls, sk_history_call *call, sk_slice name) {
        unsigned count = 0;
        sk_history_component **at = &call->components;
        if (!sk_slice_there(name) || name.len > NAME_BYTES_MAX)
                return SK_OK;
        for (; *at != NULL; at = &(*at)->next, count++) {
                if (sk_slice_equal((*at)->name, name))
                        return SK_OK;
        }
        if (count == SK_HISTORY_COMPONENTS_MAX)
                return SK_OK;
        sk_history_component *one = sk_arena_get_zero(calls->arena, 1, sizeof(*one));
        if (one != NULL)
                one->name = sk_arena_copy(calls->arena, name);
        if (one == NULL || !sk_slice_there(one->name))
                return SK_ERR_NO_MEMORY;
        *at = one;
        return SK_OK;
}

static uint64_t number_of(sk_slice text) {
        uint64_t number = 0;
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] < '0' || text.at[i] > '9' || i == 9)
                        return 0;
                number = number * 10 + (uint64_t)(text.at[i] - '0');
        }
        return number;
}

static bool is_among(const sk_slice *values, size_t count, sk_slice text) {
        for (size_t i = 0; i < count; i++) {
                if (sk_slice_there(text) && sk_slice_equal(text, values[i]))
                        return true;
        }
        return false;
}

/** The customer is asked from the row that says so until the next one that does not. */
static sk_err keep_pause(sk_history_calls *calls, sk_history_call *call, const sk_slice *fields) {
        const sk_history_map *map = calls->map;
        int64_t now_us;
        sk_history_pause **at = &call->pauses;
        if (map->asked_count == 0 || map->seen.column == SK_HISTORY_NONE || !sk_slice_there(fields[map->seen.column]) ||
            !sk_history_time_read(&map->seen, fields[map->seen.column], &now_us))
                return SK_OK;
        bool is_asked = is_among(map->asked, map->asked_count, fields[map->waiting]);
        int64_t asked_us = call->asked_us;
        call->asked_us = !is_asked ? 0 : asked_us != 0 ? asked_us : now_us;
        if (is_asked || asked_us == 0 || now_us <= asked_us)
                return SK_OK;
        sk_history_pause *pause = sk_arena_get_zero(calls->arena, 1, sizeof(*pause));
        if (pause == NULL)
                return SK_ERR_NO_MEMORY;
        *pause = (sk_history_pause){.from_us = asked_us, .to_us = now_us};
        while (*at != NULL)
                at = &(*at)->next;
        *at = pause;
        return SK_OK;
}

/** What only looks at every row tells. */
static sk_err keep_happened(sk_history_calls *calls, sk_history_call *call, const sk_slice *fields) {
        const sk_history_map *map = calls->map;
        if (map->waiting != SK_HISTORY_NONE)
                call->waiting += is_among(map->waiting_values, map->waiting_count, fields[map->waiting]);
        if (map->reassignments != SK_HISTORY_NONE && sk_slice_there(fields[map->reassignments])) {
                uint64_t number = number_of(fields[map->reassignments]);
                call->reassignments = number > call->reassignments ? number : call->reassignments;
        }
        if (map->status != SK_HISTORY_NONE && sk_slice_there(fields[map->status])) {
                sk_history_status *status = status_of(calls, fields[map->status]);
                if (status != NULL)
                        status->rows++;
        }
        sk_slice priority = sk_history_value_of(&map->priority, fields);
        if (sk_slice_there(priority) && priority.len == 1)
                call->last_priority = priority.at[0] - '0';
        if (map->kept != SK_HISTORY_NONE && sk_slice_there(fields[map->kept])) {
                call->has_verdict = true;
                call->was_kept = is_among(map->kept_values, map->kept_count, fields[map->kept]);
        }
        sk_err err = keep_pause(calls, call, fields);
        if (err != SK_OK)
                return err;
        return map->components == SK_HISTORY_NONE ? SK_OK : keep_component(calls, call, fields[map->components]);
}

static const char *id_misfit(const sk_history_map *map, const sk_slice *fields) {
        sk_slice id = fields[map->id];
        if (!sk_slice_there(id) || id.len == 0)
                return "it has no id";
        return id.len > ID_BYTES_MAX ? "its id is longer than 200 bytes" : NULL;
}

static bool is_repeated(const sk_history_calls *calls, const sk_history_call *call, const sk_history_row *row) {
        return !calls->map->is_of_events && call->line != row->line;
}

static const char *const repeated = "its id stood in an earlier row already";

sk_err sk_history_calls_add(sk_history_calls *calls, const sk_history_row *row, const char **out_misfit) {
        assert(row->problem == NULL);
        *out_misfit = id_misfit(calls->map, row->fields);
        if (*out_misfit != NULL)
                return SK_OK;
        sk_slice id = row->fields[calls->map->id];
        sk_history_call *call = sk_map_get(calls->by_id, id);
        if (call == NULL) {
                sk_err err = open_call(calls, id, row->line, &call);
                if (err != SK_OK)
                        return err;
        }
        if (is_repeated(calls, call, row)) {
                *out_misfit = repeated;
                return SK_OK;
        }
        call->rows++;
        sk_err err = keep_first(calls, call, row->fields);
        return err != SK_OK ? err : keep_happened(calls, call, row->fields);
}

const char *sk_history_row_misfit(const sk_history_calls *calls, const sk_history_row *row) {
        if (row->problem != NULL)
                return row->problem;
        const char *misfit = id_misfit(calls->map, row->fields);
        if (misfit != NULL)
                return misfit;
        const sk_history_call *call = sk_map_get(calls->by_id, row->fields[calls->map->id]);
        if (call == NULL)
                return "it is not there any more";
        return is_repeated(calls, call, row) ? repeated : call->misfit;
}

/* ---- what they are in a chain ---- */

static const char *fit_parties(sk_history_call *call, const sk_edition *edition) {
        if (!sk_slice_there(call->customer))
                return "nothing says who the customer is";
        if (!sk_slice_there(call->provider))
                return "nothing says who the provider is";
        if (sk_edition_team(edition, call->customer) == NULL)
                return "its customer is no team of the chain";
        if (sk_edition_team(edition, call->provider) == NULL)
                return "its provider is no team of the chain";
        return sk_edition_agreement(edition, call->customer, call->provider) == NULL
                       ? "its customer and its provider have no agreement"
                       : NULL;
}

static const char *fit_facility(sk_history_call *call, const sk_edition *edition) {
        const sk_agreement *agreement = sk_edition_agreement(edition, call->customer, call->provider);
        if (!sk_slice_there(call->facility))
                return "nothing says which facility it is about";
        return sk_agreement_has(agreement, call->facility) ? NULL : "its facility is not in the agreement";
}

static const char *fit_rest(const sk_history_calls *calls, sk_history_call *call) {
        const sk_history_map *map = calls->map;
        sk_slice type = sk_history_value_of(&map->type, call->first);
        sk_slice priority = sk_history_value_of(&map->priority, call->first);
        sk_slice time = call->first[map->time.column];
        call->type = sk_slice_there(type) ? sk_call_type_find(type) : SK_CALL_TYPES;
        if (call->type == SK_CALL_TYPES || call->type == SK_RISK)
                return "nothing says of which type it is";
        if (sk_slice_there(priority) && (priority.len != 1 || priority.at[0] < '1' || priority.at[0] > '5'))
                return "its priority is not one of 1 to 5";
        call->priority = sk_slice_there(priority) ? priority.at[0] - '0' : 0;
        if (!sk_slice_there(time))
                return "it has no time";
        sk_slice end = map->ended.column == SK_HISTORY_NONE ? SK_NONE : call->first[map->ended.column];
        call->has_end = sk_slice_there(end) && sk_history_time_read(&map->ended, end, &call->ended_us);
        return sk_history_time_read(&map->time, time, &call->time_us) ? NULL : "its time is not as the map says";
}

/** Nothing may be raised that no link takes (rule B). */
static const char *fit_size(const sk_history_calls *calls, const sk_history_call *call) {
        sk_buf data = sk_buf_make(SK_VALUE_MAX);
        sk_history_raise_write(calls, call, &data);
        bool is_too_much = data.err != SK_OK;
        sk_buf_free(&data);
        return is_too_much ? "it holds more than a call may" : NULL;
}

static void fit(const sk_history_calls *calls, sk_history_call *call, const sk_edition *edition) {
        const sk_history_map *map = calls->map;
        call->customer = sk_history_value_of(&map->customer, call->first);
        call->provider = sk_history_value_of(&map->provider, call->first);
        call->facility = sk_history_value_of(&map->facility, call->first);
        call->misfit = fit_parties(call, edition);
        if (call->misfit == NULL)
                call->misfit = fit_facility(call, edition);
        if (call->misfit == NULL)
                call->misfit = fit_rest(calls, call);
        if (call->misfit == NULL)
                call->misfit = fit_size(calls, call);
        if (call->misfit == NULL)
                call->callid = sk_history_id(sk_edition_chain(edition), call, "call");
}

static int compare_calls(const void *a, const void *b) {
        const sk_history_call *left = *(sk_history_call *const *)a;
        const sk_history_call *right = *(sk_history_call *const *)b;
        if ((left->misfit != NULL) != (right->misfit != NULL))
                return left->misfit != NULL ? 1 : -1;
        if (left->misfit == NULL && left->time_us != right->time_us)
                return left->time_us < right->time_us ? -1 : 1;
        return (left->line > right->line) - (left->line < right->line);
}

static int compare_statuses(const void *a, const void *b) {
        const sk_history_status *left = *(sk_history_status *const *)a;
        const sk_history_status *right = *(sk_history_status *const *)b;
        return (left->rows < right->rows) - (left->rows > right->rows);
}

sk_err sk_history_calls_finish(sk_history_calls *calls, const sk_edition *edition) {
        calls->fit = 0;
        for (size_t i = 0; i < calls->count; i++) {
                fit(calls, calls->list[i], edition);
                calls->fit += calls->list[i]->misfit == NULL;
        }
        if (calls->count > 0)
                qsort(calls->list, calls->count, sizeof(sk_history_call *), compare_calls);
        if (calls->status_count > 0)
                qsort(calls->statuses, calls->status_count, sizeof(sk_history_status *), compare_statuses);
        return SK_OK;
}

size_t sk_history_calls_count(const sk_history_calls *calls) {
        return calls->count;
}

sk_history_call *sk_history_calls_at(const sk_history_calls *calls, size_t index) {
        assert(index < calls->count);
        return calls->list[index];
}

size_t sk_history_calls_fit(const sk_history_calls *calls) {
        return calls->fit;
}

sk_history_call *sk_history_calls_find(const sk_history_calls *calls, sk_slice id) {
        return sk_map_get(calls->by_id, id);
}

size_t sk_history_status_count(const sk_history_calls *calls) {
        return calls->status_count;
}

const sk_history_status *sk_history_status_at(const sk_history_calls *calls, size_t index) {
        assert(index < calls->status_count);
        return calls->statuses[index];
}

/* ---- raising ---- */

bool sk_history_tells_changes(const sk_history_calls *calls) {
        return calls->map->change != SK_HISTORY_NONE;
}

bool sk_history_was_changed(const sk_history_calls *calls, const sk_history_call *call) {
        return sk_history_tells_changes(calls) && sk_slice_there(call->first[calls->map->change]);
}

static void write_need(const sk_history_map *map, const sk_history_call *call, sk_json_writer *json) {
        sk_buf need = sk_buf_make(NEED_BYTES_MAX);
        for (size_t i = 0; i < map->subject_count; i++) {
                const sk_history_piece *piece = &map->subject[i];
                sk_slice text = piece->column == SK_HISTORY_NONE ? piece->text : call->first[piece->column];
                sk_buf_add_slice(&need, sk_slice_there(text) ? text : SK_SLICE("-"));
        }
        sk_json_put_text(json, "need", sk_buf_slice(&need));
        sk_buf_free(&need);
}

/** Names of columns come from outside, and the writer takes them as they are: written as JSON by themselves first. */
static void put_named(sk_json_writer *json, sk_slice name, sk_slice value) {
        sk_buf text = sk_buf_make(SK_HISTORY_MAP_MAX);
        sk_json_writer own = sk_json_writer_make(&text);
        sk_json_put_text(&own, NULL, name);
        if (text.err == SK_OK && text.len >= 2) {
                text.at[text.len - 1] = '\0';
                sk_json_put_text(json, text.at + 1, value);
        }
        sk_buf_free(&text);
}

static void write_history(const sk_history_map *map, const sk_history_call *call, sk_json_writer *json) {
        if (map->data_count == 0)
                return;
        sk_json_open_object(json, "history");
        for (size_t i = 0; i < map->data_count; i++) {
                if (sk_slice_there(call->first[map->data[i]]))
                        put_named(json, map->columns[map->data[i]], call->first[map->data[i]]);
        }
        sk_json_close_object(json);
}

static void write_cut(const sk_history_calls *calls, const sk_history_call *call, sk_json_writer *json) {
        if (!sk_history_tells_changes(calls))
                return;
        sk_json_open_object(json, "cut");
        sk_json_put_bool(json, "infrastructure", sk_history_was_changed(calls, call));
        sk_json_open_array(json, "components");
        for (const sk_history_component *one = call->components; one != NULL; one = one->next)
                sk_json_put_text(json, NULL, one->name);
        sk_json_close_array(json);
        sk_json_put_optional(json, "reason", call->first[calls->map->change]);
        sk_json_close_object(json);
}

static void write_happened(const sk_history_map *map, const sk_history_call *call, sk_json_writer *json) {
        if (map->reassignments == SK_HISTORY_NONE && map->waiting == SK_HISTORY_NONE)
                return;
        sk_json_open_object(json, "happened");
        if (map->reassignments != SK_HISTORY_NONE)
                sk_json_put_int(json, "reassignments", (int64_t)call->reassignments);
        if (map->waiting != SK_HISTORY_NONE)
                sk_json_put_int(json, "waiting", (int64_t)call->waiting);
        sk_json_close_object(json);
}

void sk_history_raise_write(const sk_history_calls *calls, const sk_history_call *call, sk_buf *out) {
        assert(call->misfit == NULL);
        const sk_history_map *map = calls->map;
        sk_json_writer json = sk_json_writer_make(out);
        sk_json_open_object(&json, NULL);
        sk_json_put_text(&json, "to", call->provider);
        sk_json_put_cstr(&json, "type", sk_call_type_id(call->type));
        sk_json_put_text(&json, "facility", call->facility);
        write_need(map, call, &json);
        if (call->priority != 0)
                sk_json_put_int(&json, "urgency", call->priority);
        sk_json_put_text(&json, "ref", call->id);
        sk_json_open_object(&json, "data");
        write_history(map, call, &json);
        sk_json_put_optional(&json, "category", sk_history_value_of(&map->category, call->first));
        write_cut(calls, call, &json);
        write_happened(map, call, &json);
        sk_json_close_object(&json);
        sk_json_close_object(&json);
}

sk_id sk_history_id(sk_slice chain, const sk_history_call *call, const char *purpose) {
        sk_buf text = sk_buf_make((size_t)4096);
        const sk_slice parts[] = {
                SK_SLICE("schakel-replay-1"), sk_slice_of(purpose), chain, call->customer, call->provider, call->id};
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                sk_buf_add_slice(&text, parts[i]);
                sk_buf_add_byte(&text, 0);
        }
        sk_digest digest = sk_digest_of(sk_buf_slice(&text));
        sk_buf_free(&text);
        return sk_id_of_time(call->time_us < 0 ? 0 : call->time_us, digest.bytes);
}
