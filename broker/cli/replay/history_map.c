/*
 * Reads a map. Every member stands in a table with the function that reads it; the way down to where the reading is goes
 * along as a JSON Pointer, from which the line of a mistake is found.
 */
#include "cli/replay/history_map.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "usm/method.h"
#include "usm/quote.h"
#include "usm/suggest.h"

#define ARENA_MAX ((size_t)16 << 20)
#define DEPTH_MAX 8

typedef struct map_reader {
        sk_history_map *map;
        sk_slice text;
        sk_history_problem *problem;
        sk_err err;
        char pointer[sizeof(((sk_history_problem *)NULL)->pointer)];
} map_reader;

/* ---- saying what is wrong ---- */

static bool wrong(map_reader *reader, bool of_name, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool wrong(map_reader *reader, bool of_name, const char *format, ...) {
        sk_history_problem *problem = reader->problem;
        sk_place place;
        va_list list;
        if (reader->err != SK_OK)
                return false;
        reader->err = SK_ERR_CONFIG;
        va_start(list, format);
        (void)vsnprintf(problem->text, sizeof(problem->text), format, list);
        va_end(list);
        (void)snprintf(problem->pointer, sizeof(problem->pointer), "%s", reader->pointer);
        (void)sk_json_place(reader->text, reader->pointer, of_name, &place);
        problem->line = place.line;
        problem->column = place.column;
        return false;
}

static bool no_memory(map_reader *reader) {
        if (reader->err == SK_OK)
                reader->err = SK_ERR_NO_MEMORY;
        return false;
}

/** Goes one member deeper; what does not fit is left out, and the place is that of what is above it. */
static size_t enter(map_reader *reader, sk_slice name) {
        size_t before = strlen(reader->pointer);
        size_t at = before;
        if (before + 2 * name.len + 2 > sizeof(reader->pointer))
                return before;
        reader->pointer[at++] = '/';
        for (size_t i = 0; i < name.len; i++) {
                bool is_special = name.at[i] == '~' || name.at[i] == '/';
                if (is_special)
                        reader->pointer[at++] = '~';
                reader->pointer[at++] = !is_special ? name.at[i] : name.at[i] == '~' ? '0' : '1';
        }
        reader->pointer[at] = '\0';
        return before;
}

static void leave(map_reader *reader, size_t before) {
        reader->pointer[before] = '\0';
}

/* ---- reading ---- */

typedef bool read_member(map_reader *reader, sk_slice value, void *out);

/** A member that an object may have. */
typedef struct member {
        const char *name;
        bool is_required;
        read_member *read;
        void *out;
} member;

static sk_slice keep(map_reader *reader, sk_slice text) {
        sk_slice copy = sk_arena_copy(reader->map->arena, text);
        if (!sk_slice_there(copy))
                (void)no_memory(reader);
        return copy;
}

static bool text_of(map_reader *reader, sk_slice value, sk_slice *out) {
        if (sk_json_kind_of(value) != SK_JSON_STRING)
                return wrong(reader, false, "a string is wanted here");
        sk_slice text = sk_json_string(value, reader->map->arena);
        if (!sk_slice_there(text))
                return no_memory(reader);
        *out = keep(reader, text);
        return reader->err == SK_OK;
}

/** A string, or a number as it is written. */
static bool scalar_of(map_reader *reader, sk_slice value, sk_slice *out) {
        if (sk_json_kind_of(value) != SK_JSON_NUMBER)
                return text_of(reader, value, out);
        *out = keep(reader, value);
        return reader->err == SK_OK;
}

static bool read_scalar(map_reader *reader, sk_slice value, void *out) {
        return scalar_of(reader, value, out);
}

static const member *find(const member *members, sk_slice name) {
        for (const member *one = members; one->name != NULL; one++) {
                if (sk_slice_is(name, one->name))
                        return one;
        }
        return NULL;
}

static bool unknown(map_reader *reader, const member *members, sk_slice name) {
        sk_suggestion suggestion = sk_suggest_make(name);
        for (const member *one = members; one->name != NULL; one++)
                sk_suggest_offer(&suggestion, sk_slice_of(one->name));
        return wrong(reader, true, "no member of that name is known here; %staking it out helps",
                     sk_suggest_hint(&suggestion).text);
}

static bool read_object(map_reader *reader, sk_slice value, const member *members) {
        sk_slice name;
        sk_slice inside;
        if (sk_json_kind_of(value) != SK_JSON_OBJECT)
                return wrong(reader, false, "an object is wanted here");
        for (const member *one = members; one->name != NULL; one++) {
                if (one->is_required && !sk_slice_there(sk_json_member(value, one->name)))
                        return wrong(reader, false, "\"%s\" is missing", one->name);
        }
        sk_json_walk walk = sk_json_walk_make(value);
        while (reader->err == SK_OK && sk_json_walk_next(&walk, &name, &inside)) {
                if (sk_slice_is(name, "comment") || (name.len > 0 && name.at[0] == '$'))
                        continue;
                const member *one = find(members, name);
                size_t before = enter(reader, name);
                if (one == NULL)
                        return unknown(reader, members, name);
                (void)one->read(reader, inside, one->out);
                leave(reader, before);
        }
        return reader->err == SK_OK;
}

/** Counts the members or items of a value; 0 if it is neither object nor array. */
static size_t count_of(sk_slice value) {
        sk_slice name;
        sk_slice inside;
        size_t count = 0;
        sk_json_walk walk = sk_json_walk_make(value);
        while (sk_json_walk_next(&walk, &name, &inside))
                count++;
        return count;
}

typedef struct text_list {
        sk_slice **texts;
        size_t *count;
} text_list;

static bool read_texts(map_reader *reader, sk_slice value, void *out) {
        text_list *list = out;
        sk_slice name;
        sk_slice inside;
        size_t count = 0;
        if (sk_json_kind_of(value) != SK_JSON_ARRAY || count_of(value) == 0)
                return wrong(reader, false, "a list of at least one text is wanted here");
        sk_slice *texts = sk_arena_get_zero(reader->map->arena, count_of(value), sizeof(*texts));
        if (texts == NULL)
                return no_memory(reader);
        sk_json_walk walk = sk_json_walk_make(value);
        while (sk_json_walk_next(&walk, &name, &inside)) {
                char index[24];
                (void)snprintf(index, sizeof(index), "%zu", count);
                size_t before = enter(reader, sk_slice_of(index));
                if (!scalar_of(reader, inside, &texts[count++]))
                        return false;
                leave(reader, before);
        }
        *list->texts = texts;
        *list->count = count;
        return true;
}

/* ---- columns ---- */

static bool column_use(map_reader *reader, sk_slice name, int *out) {
        sk_history_map *map = reader->map;
        for (int i = 0; i < map->column_count; i++) {
                if (sk_slice_equal(map->columns[i], name)) {
                        *out = i;
                        return true;
                }
        }
        if (map->column_count == SK_HISTORY_COLUMNS_MAX)
                return wrong(reader, false, "a map uses at most %d columns", SK_HISTORY_COLUMNS_MAX);
        *out = map->column_count;
        map->columns[map->column_count++] = name;
        return true;
}

static bool read_column(map_reader *reader, sk_slice value, void *out) {
        sk_slice name;
        return text_of(reader, value, &name) && column_use(reader, name, out);
}

static bool read_data(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        sk_slice *names = NULL;
        size_t count = 0;
        if (sk_json_kind_of(value) == SK_JSON_ARRAY && count_of(value) == 0)
                return true;
        if (!read_texts(reader, value, &(text_list){&names, &count}))
                return false;
        map->data = sk_arena_get_zero(map->arena, count, sizeof(*map->data));
        if (map->data == NULL)
                return no_memory(reader);
        for (size_t i = 0; i < count; i++) {
                if (!column_use(reader, names[i], &map->data[i]))
                        return false;
        }
        map->data_count = count;
        return true;
}

/* ---- look-up tables ---- */

typedef struct pair_list {
        sk_history_pair **pairs;
        size_t *count;
        read_member *read_to;
} pair_list;

static bool name_text(map_reader *reader, sk_slice raw, sk_slice *out) {
        sk_buf quoted = sk_buf_make(SK_HISTORY_MAP_MAX);
        sk_buf_add_byte(&quoted, '"');
        sk_buf_add_slice(&quoted, raw);
        sk_buf_add_byte(&quoted, '"');
        sk_slice text = quoted.err == SK_OK ? sk_json_string(sk_buf_slice(&quoted), reader->map->arena) : SK_NONE;
        *out = sk_slice_there(text) ? keep(reader, text) : SK_NONE;
        sk_buf_free(&quoted);
        return sk_slice_there(*out) || no_memory(reader);
}

static bool read_pairs(map_reader *reader, sk_slice value, void *out) {
        pair_list *list = out;
        sk_slice name;
        sk_slice inside;
        size_t count = 0;
        if (sk_json_kind_of(value) != SK_JSON_OBJECT)
                return wrong(reader, false, "an object is wanted here: from a column's text to what it stands for");
        sk_history_pair *pairs = sk_arena_get_zero(reader->map->arena, count_of(value) + 1, sizeof(*pairs));
        if (pairs == NULL)
                return no_memory(reader);
        sk_json_walk walk = sk_json_walk_make(value);
        while (sk_json_walk_next(&walk, &name, &inside)) {
                size_t before = enter(reader, name);
                if (!name_text(reader, name, &pairs[count].from) || !list->read_to(reader, inside, &pairs[count].to))
                        return false;
                leave(reader, before);
                count++;
        }
        qsort(pairs, count, sizeof(*pairs), sk_history_pair_compare);
        *list->pairs = pairs;
        *list->count = count;
        return true;
}

static bool read_activity(map_reader *reader, sk_slice value, void *out) {
        sk_slice *id = out;
        if (!text_of(reader, value, id))
                return false;
        size_t dot = id->len > 4 ? id->len - 4 : 0;
        bool is_cut = dot > 0 && memcmp(id->at + dot, ".cut", 4) == 0 &&
                      sk_process_find((sk_slice){id->at, dot}) != SK_PROCESSES;
        if (is_cut || sk_activity_find(*id) != NULL)
                return true;
        return wrong(reader, false, "%s is no activity; schakel method lists them", sk_quote(*id).text);
}

/* ---- values ---- */

static bool read_value(map_reader *reader, sk_slice value, void *out) {
        sk_history_value *into = out;
        into->is_given = true;
        into->column = SK_HISTORY_NONE;
        if (sk_json_kind_of(value) != SK_JSON_OBJECT)
                return scalar_of(reader, value, &into->otherwise);
        into->has_table = sk_slice_there(sk_json_member(value, "table"));
        pair_list table = {&into->table, &into->table_count, read_scalar};
        text_list hash = {&into->hash, &into->hash_count};
        const member members[] = {{"column", true, read_column, &into->column},
                                  {"table", false, read_pairs, &table},
                                  {"hash", false, read_texts, &hash},
                                  {"default", false, read_scalar, &into->otherwise},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

/** All that a value can become, for checks while reading. */
static bool each_outcome(map_reader *reader, const sk_history_value *value, bool (*is_good)(sk_slice),
                         const char *what) {
        sk_slice bad = SK_NONE;
        for (size_t i = 0; i < value->table_count; i++)
                bad = is_good(value->table[i].to) ? bad : value->table[i].to;
        for (size_t i = 0; i < value->hash_count; i++)
                bad = is_good(value->hash[i]) ? bad : value->hash[i];
        if (sk_slice_there(value->otherwise) && !is_good(value->otherwise))
                bad = value->otherwise;
        if (!sk_slice_there(bad))
                return true;
        return wrong(reader, false, "%s is not %s", sk_quote(bad).text, what);
}

static bool is_priority(sk_slice text) {
        return text.len == 1 && text.at[0] >= '1' && text.at[0] <= '5';
}

static bool is_type(sk_slice text) {
        sk_call_type type = sk_call_type_find(text);
        return type != SK_CALL_TYPES && type != SK_RISK;
}

static bool read_priority(map_reader *reader, sk_slice value, void *out) {
        return read_value(reader, value, out) && each_outcome(reader, out, is_priority, "a priority: 1 to 5");
}

static bool read_type(map_reader *reader, sk_slice value, void *out) {
        return read_value(reader, value, out) &&
               each_outcome(reader, out, is_type,
                            "a type of call: wish, request-for-change, incident, service-request or support-request");
}

/* ---- the subject ---- */

static bool add_piece(map_reader *reader, sk_slice text, bool is_column) {
        sk_history_map *map = reader->map;
        sk_history_piece *piece = &map->subject[map->subject_count++];
        *piece = (sk_history_piece){.text = text, .column = SK_HISTORY_NONE};
        return !is_column || column_use(reader, text, &piece->column);
}

static bool read_subject(map_reader *reader, sk_slice value, void *out) {
        sk_slice text;
        (void)out;
        if (!text_of(reader, value, &text))
                return false;
        reader->map->subject = sk_arena_get_zero(reader->map->arena, text.len + 1, sizeof(sk_history_piece));
        if (reader->map->subject == NULL)
                return no_memory(reader);
        while (text.len > 0) {
                size_t len = 0;
                bool is_brace = text.at[0] == '{' || text.at[0] == '}';
                bool is_column = text.at[0] == '{' && (text.len < 2 || text.at[1] != '{');
                while (len < text.len && text.at[len] != '{' && text.at[len] != '}')
                        len++;
                if (is_column) {
                        const char *close = memchr(text.at, '}', text.len);
                        if (close == NULL || close == text.at + 1)
                                return wrong(reader, false, "a { needs a column and a }; a brace itself is {{ or }}");
                        len = (size_t)(close - text.at) + 1;
                } else if (is_brace) {
                        if (text.len < 2 || text.at[1] != text.at[0])
                                return wrong(reader, false, "a } stands alone; a brace itself is {{ or }}");
                        len = 2;
                }
                sk_slice piece = is_column  ? (sk_slice){text.at + 1, len - 2}
                                 : is_brace ? (sk_slice){text.at, 1}
                                            : (sk_slice){text.at, len};
                if (!add_piece(reader, piece, is_column))
                        return false;
                text = (sk_slice){text.at + len, text.len - len};
        }
        return true;
}

/* ---- the small ones ---- */

static bool read_format(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        sk_slice text;
        if (!text_of(reader, value, &text))
                return false;
        if (!sk_slice_is(text, "csv") && !sk_slice_is(text, "jsonl"))
                return wrong(reader, false, "\"csv\" or \"jsonl\" is wanted here");
        map->format = sk_slice_is(text, "csv") ? SK_HISTORY_CSV : SK_HISTORY_JSONL;
        return true;
}

static bool read_delimiter(map_reader *reader, sk_slice value, void *out) {
        sk_slice text;
        if (!text_of(reader, value, &text))
                return false;
        if (text.len != 1 || (unsigned char)text.at[0] > 126 || strchr("\"\r\n", text.at[0]) != NULL)
                return wrong(reader, false, "one character is wanted here, such as \",\" or \"\\t\"");
        *(char *)out = text.at[0];
        return true;
}

static bool read_rows(map_reader *reader, sk_slice value, void *out) {
        sk_slice text;
        if (!text_of(reader, value, &text))
                return false;
        if (!sk_slice_is(text, "calls") && !sk_slice_is(text, "events"))
                return wrong(reader, false, "\"calls\" or \"events\" is wanted here: what a row is");
        *(bool *)out = sk_slice_is(text, "events");
        return true;
}

static bool read_time_format(map_reader *reader, sk_slice value, void *out) {
        sk_slice text;
        if (!text_of(reader, value, &text))
                return false;
        if (sk_slice_is(text, "rfc3339"))
                return true;
        if (!sk_history_time_check(text))
                return wrong(reader, false,
                             "\"rfc3339\", or a layout with a year, a month and a day out of %%d %%m %%Y "
                             "%%y %%H %%M %%S is wanted here");
        *(sk_slice *)out = text;
        return true;
}

static bool read_zone(map_reader *reader, sk_slice value, void *out) {
        sk_slice text;
        if (!text_of(reader, value, &text))
                return false;
        if (sk_slice_is(text, "UTC"))
                return true;
        static const char layout[] = "+00:00";
        bool is_good = text.len == sizeof(layout) - 1 && (text.at[0] == '+' || text.at[0] == '-') && text.at[3] == ':';
        for (size_t i = 1; i < sizeof(layout) - 1 && is_good; i++)
                is_good = i == 3 || (text.at[i] >= '0' && text.at[i] <= '9');
        int64_t minutes =
                is_good ? ((text.at[1] - '0') * 10 + text.at[2] - '0') * 60 + (text.at[4] - '0') * 10 + text.at[5] - '0'
                        : 0;
        if (!is_good || minutes > 14 * 60)
                return wrong(reader, false,
                             "\"UTC\" or what the clock was ahead of it, such as \"+01:00\", is wanted here");
        *(int64_t *)out = (text.at[0] == '-' ? -minutes : minutes) * SK_MINUTE_US;
        return true;
}

static bool read_time(map_reader *reader, sk_slice value, void *out) {
        sk_history_time *time = out;
        const member members[] = {{"column", true, read_column, &time->column},
                                  {"format", true, read_time_format, &time->format},
                                  {"zone", false, read_zone, &time->zone_us},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

/* ---- what happened ---- */

static bool read_in_column(map_reader *reader, sk_slice value, void *out) {
        const member members[] = {{"column", true, read_column, out}, {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

static bool read_waiting(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        text_list values = {&map->waiting_values, &map->waiting_count};
        text_list asked = {&map->asked, &map->asked_count};
        const member members[] = {{"column", true, read_column, &map->waiting},
                                  {"values", true, read_texts, &values},
                                  {"asked", false, read_texts, &asked},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

static bool read_kept(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        text_list values = {&map->kept_values, &map->kept_count};
        const member members[] = {{"column", true, read_column, &map->kept},
                                  {"values", true, read_texts, &values},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

static bool read_within(map_reader *reader, sk_slice value, void *out) {
        int64_t within_us;
        return text_of(reader, value, out) &&
               (sk_when_duration_parse(*(sk_slice *)out, &within_us) ||
                wrong(reader, false, "a duration such as \"PT8H\" or \"P5D\" is wanted here"));
}

static bool read_happened(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        const member members[] = {{"components", false, read_in_column, &map->components},
                                  {"change", false, read_in_column, &map->change},
                                  {"reassignments", false, read_in_column, &map->reassignments},
                                  {"waiting", false, read_waiting, map},
                                  {"seen", false, read_time, &map->seen},
                                  {"ended", false, read_time, &map->ended},
                                  {"kept", false, read_kept, map},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

static bool read_statuses(map_reader *reader, sk_slice value, void *out) {
        sk_history_map *map = out;
        pair_list activities = {&map->activities, &map->activity_count, read_activity};
        const member members[] = {{"column", true, read_column, &map->status},
                                  {"activities", true, read_pairs, &activities},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, value, members);
}

/* ---- all of it ---- */

static bool read_all(map_reader *reader) {
        sk_history_map *map = reader->map;
        text_list missing = {&map->missing, &map->missing_count};
        pair_list promises = {&map->promises, &map->promise_count, read_within};
        const member members[] = {{"format", true, read_format, map},
                                  {"delimiter", false, read_delimiter, &map->delimiter},
                                  {"missing", false, read_texts, &missing},
                                  {"rows", false, read_rows, &map->is_of_events},
                                  {"id", true, read_column, &map->id},
                                  {"time", true, read_time, &map->time},
                                  {"customer", true, read_value, &map->customer},
                                  {"provider", true, read_value, &map->provider},
                                  {"facility", true, read_value, &map->facility},
                                  {"type", true, read_type, &map->type},
                                  {"priority", false, read_priority, &map->priority},
                                  {"category", false, read_value, &map->category},
                                  {"subject", true, read_subject, NULL},
                                  {"data", false, read_data, map},
                                  {"happened", false, read_happened, map},
                                  {"statuses", false, read_statuses, map},
                                  {"promises", false, read_pairs, &promises},
                                  {NULL, false, NULL, NULL}};
        return read_object(reader, reader->text, members);
}

static sk_history_map *make_map(void) {
        static sk_slice nothing[] = {{"", 0}};
        sk_arena *arena = sk_arena_new(ARENA_MAX);
        sk_history_map *map = arena == NULL ? NULL : sk_alloc_zero(1, sizeof(*map));
        if (map == NULL) {
                sk_arena_free(arena);
                return NULL;
        }
        *map = (sk_history_map){.arena = arena,
                                .delimiter = ',',
                                .missing = nothing,
                                .missing_count = 1,
                                .components = SK_HISTORY_NONE,
                                .change = SK_HISTORY_NONE,
                                .reassignments = SK_HISTORY_NONE,
                                .waiting = SK_HISTORY_NONE,
                                .seen.column = SK_HISTORY_NONE,
                                .ended.column = SK_HISTORY_NONE,
                                .kept = SK_HISTORY_NONE,
                                .status = SK_HISTORY_NONE};
        return map;
}

void sk_history_map_free(sk_history_map *map) {
        if (map == NULL)
                return;
        sk_arena_free(map->arena);
        sk_free(map);
}

sk_err sk_history_map_read(sk_slice text, sk_history_map **out, sk_history_problem *out_problem) {
        sk_place place;
        assert(out != NULL && out_problem != NULL);
        *out_problem = (sk_history_problem){0};
        sk_err err = text.len > SK_HISTORY_MAP_MAX ? SK_ERR_SIZE : sk_json_check(text, DEPTH_MAX, &place);
        if (err != SK_OK) {
                out_problem->line = err == SK_ERR_SIZE ? 0 : place.line;
                out_problem->column = err == SK_ERR_SIZE ? 0 : place.column;
                (void)snprintf(out_problem->text, sizeof(out_problem->text), "%s", sk_err_text(err));
                return err == SK_ERR_NO_MEMORY ? err : SK_ERR_CONFIG;
        }
        map_reader reader = {.map = make_map(), .text = text, .problem = out_problem};
        if (reader.map == NULL)
                return SK_ERR_NO_MEMORY;
        if (!read_all(&reader)) {
                sk_history_map_free(reader.map);
                return reader.err;
        }
        *out = reader.map;
        return SK_OK;
}
