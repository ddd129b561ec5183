#ifndef SK_TESTS_SUPPORT_ARRAY_LOG_H
#define SK_TESTS_SUPPORT_ARRAY_LOG_H

#include "log/mover_inside.h"
#include "log/tool_inside.h"

/*
 * A log of arrays with any number of partitions, as tools and movers see one. Nobody works on it but the test.
 */

#define ARRAY_TOPICS 16
#define ARRAY_PARTITIONS 8
#define ARRAY_RECORDS 256

typedef struct array_record {
        int64_t offset;
        int64_t timestamp_us;
        sk_buf bytes; /* key, headers, value */
        size_t key_len;
        size_t headers_len;
        bool has_value;
} array_record;

typedef struct array_place {
        int64_t low;
        int64_t end;
        size_t count;
        array_record records[ARRAY_RECORDS];
} array_place;

typedef struct array_topic {
        char name[64];
        array_place places[ARRAY_PARTITIONS];
} array_topic;

typedef struct array_log {
        sk_log_tool tool;
        sk_mover mover;
        int32_t partitions;
        size_t topic_count;
        array_topic topics[ARRAY_TOPICS];
        bool is_made_by_writing; /* a topic that is not there is made, as on a local log */
        bool is_run;             /* a link runs */
        bool is_open;            /* a transaction is open */
        size_t writes_left;      /* after so many, writing fails */
        char held[256];          /* teams, each with a blank behind it */
} array_log;

/** New and empty; free with array_log_free. */
array_log *array_log_new(int32_t partitions);
void array_log_free(array_log *log);
array_topic *array_log_topic(array_log *log, const char *name);
/** Writes a record behind the last one, with that offset (-1: the next). @p value SK_NONE: a tombstone. */
void array_log_put(array_log *log, const char *topic, int32_t partition, int64_t offset, sk_slice key, sk_slice headers,
                   sk_slice value);
/** The value of the last record with that key in a partition; SK_NONE. */
sk_slice array_log_last(array_log *log, const char *topic, int32_t partition, const char *key);
/** How many records a topic has. */
size_t array_log_count(array_log *log, const char *topic);
sk_slice array_record_key(const array_record *record);
sk_slice array_record_headers(const array_record *record);
sk_slice array_record_value(const array_record *record);

#endif
