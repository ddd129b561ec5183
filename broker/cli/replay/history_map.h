#ifndef SK_CLI_HISTORY_MAP_H
#define SK_CLI_HISTORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/arena.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * What the columns of a recorded history mean (the format: teams/shared-service-centre/history/README.md). Read once,
 * then only looked at. Pure: a text comes in, a map comes out.
 */

#define SK_HISTORY_COLUMNS_MAX 128 /**< that a map may use */
#define SK_HISTORY_MAP_MAX ((size_t)1 << 20)
#define SK_HISTORY_NONE (-1) /**< instead of a column's number */

typedef enum sk_history_format { SK_HISTORY_CSV, SK_HISTORY_JSONL } sk_history_format;

/** One row of a look-up table. */
typedef struct sk_history_pair {
        sk_slice from;
        sk_slice to;
} sk_history_pair;

/** Where a fact of a call comes from: a constant, or a column with what its texts stand for. */
typedef struct sk_history_value {
        bool is_given;
        int column;         /**< SK_HISTORY_NONE: `otherwise` is a constant */
        sk_slice otherwise; /**< the constant, or the default; SK_NONE: there is none */
        bool has_table;
        sk_history_pair *table; /**< by `from` */
        size_t table_count;
        sk_slice *hash;
        size_t hash_count;
} sk_history_value;

/** A piece of a template: literal text, or a column. */
typedef struct sk_history_piece {
        sk_slice text;
        int column; /**< SK_HISTORY_NONE: the text */
} sk_history_piece;

/** A time's layout: `%d-%m-%Y %H:%M`. */
typedef struct sk_history_time {
        int column;
        sk_slice format; /**< SK_NONE: RFC 3339 */
        int64_t zone_us; /**< what the clock was ahead of UTC */
} sk_history_time;

typedef struct sk_history_map {
        sk_arena *arena;
        sk_history_format format;
        char delimiter;
        bool is_of_events; /**< a row is an event of a call, not a call */
        sk_slice *missing;
        size_t missing_count;
        sk_slice columns[SK_HISTORY_COLUMNS_MAX]; /**< names of those that are used */
        int column_count;
        int id;
        sk_history_time time;
        sk_history_value customer;
        sk_history_value provider;
        sk_history_value facility;
        sk_history_value type;
        sk_history_value priority;
        sk_history_value category;
        sk_history_piece *subject;
        size_t subject_count;
        int *data;
        size_t data_count;
        int components;    /**< or SK_HISTORY_NONE */
        int change;        /**< or SK_HISTORY_NONE */
        int reassignments; /**< or SK_HISTORY_NONE */
        int waiting;       /**< or SK_HISTORY_NONE */
        sk_slice *waiting_values;
        size_t waiting_count;
        sk_slice *asked; /**< those of them that wait for the customer */
        size_t asked_count;
        sk_history_time seen;  /**< when a row was written; column SK_HISTORY_NONE: nothing says it */
        sk_history_time ended; /**< when the call was over; the same */
        int kept;              /**< what the record says of the promise, in the last row; or SK_HISTORY_NONE */
        sk_slice *kept_values; /**< those that say that it was kept */
        size_t kept_count;
        sk_history_pair *promises; /**< priority to how soon the call is over: an ISO 8601 duration */
        size_t promise_count;
        int status;                  /**< or SK_HISTORY_NONE */
        sk_history_pair *activities; /**< recorded status to activity */
        size_t activity_count;
} sk_history_map;

/** What is wrong with a map. */
typedef struct sk_history_problem {
        uint32_t line;
        uint32_t column;
        char pointer[256]; /**< JSON Pointer */
        char text[320];    /**< what is wrong and what would be right; not escaped */
} sk_history_problem;

/**
 * Reads a map.
 *
 * @param out  new: free with sk_history_map_free; nothing of @p text is kept
 * @return SK_OK; SK_ERR_CONFIG with *out_problem filled; SK_ERR_NO_MEMORY
 */
sk_err sk_history_map_read(sk_slice text, sk_history_map **out, sk_history_problem *out_problem);
/** NULL is legal. */
void sk_history_map_free(sk_history_map *map);

/** Whether @p text stands for nothing. */
bool sk_history_is_missing(const sk_history_map *map, sk_slice text);

/** What a value is for a call whose columns hold @p fields (SK_NONE: missing); SK_NONE if nothing says it. */
sk_slice sk_history_value_of(const sk_history_value *value, const sk_slice *fields);

/** Order of look-up tables, for qsort(3). */
int sk_history_pair_compare(const void *a, const void *b);

/** Reads a time as the map says; false if it is none. */
bool sk_history_time_read(const sk_history_time *time, sk_slice text, int64_t *out_us);

/** Whether a template's letters are ones that sk_history_time_read knows, and all that a date needs. */
bool sk_history_time_check(sk_slice format);

#endif
