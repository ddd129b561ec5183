#ifndef SK_TESTS_CLI_HISTORY_FIXTURE_H
#define SK_TESTS_CLI_HISTORY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/replay/history_rows.h"

/** What every map of these tests has, but for `id`. */
#define MAP_REST                                                                                      \
        "\"time\":{\"column\":\"at\",\"format\":\"%d-%m-%Y\"},\"customer\":\"a\",\"provider\":\"b\"," \
        "\"facility\":{\"column\":\"what\",\"table\":{\"Lift 1\":\"lift\"},\"default\":\"lift\"},"    \
        "\"type\":\"incident\",\"subject\":\"{what}: {{}} {rfc}\""
#define MAP_CSV "{\"format\":\"csv\",\"id\":\"id\",\"missing\":[\"?\",\"\"]," MAP_REST "}"
#define MAP_JSONL "{\"format\":\"jsonl\",\"id\":\"id\"," MAP_REST "}"
#define MAP_EVENTS                                                                                       \
        "{\"format\":\"csv\",\"rows\":\"events\",\"id\":\"id\",\"missing\":[\"?\"],\"data\":[\"what\"]," \
        "\"priority\":{\"column\":\"p\",\"table\":{\"high\":1},\"default\":3},"                          \
        "\"happened\":{\"components\":{\"column\":\"c\"},\"change\":{\"column\":\"rfc\"},"               \
        "\"reassignments\":{\"column\":\"n\"},\"waiting\":{\"column\":\"s\",\"values\":[\"wait\"]}},"    \
        "\"statuses\":{\"column\":\"s\",\"activities\":{\"new\":\"recover.accept\"}}," MAP_REST "}"

/** A map that is good; free it with sk_history_map_free. */
static inline sk_history_map *map_of(const char *text) {
        sk_history_problem problem;
        sk_history_map *map = NULL;
        if (sk_history_map_read(sk_slice_of(text), &map, &problem) != SK_OK)
                fail_msg("%u:%u:%s: %s", problem.line, problem.column, problem.pointer, problem.text);
        return map;
}

/** Bytes of a file, handed out in pieces. */
typedef struct pieces {
        sk_slice rest;
        size_t each;
        bool fails; /**< at the end */
} pieces;

static inline long pieces_fill(void *self, char *at, size_t size) {
        pieces *from = self;
        size_t len = from->rest.len < size ? from->rest.len : size;
        len = len < from->each ? len : from->each;
        if (len == 0)
                return from->fails ? -1 : 0;
        memcpy(at, from->rest.at, len);
        from->rest = (sk_slice){from->rest.at + len, from->rest.len - len};
        return (long)len;
}

/** Number of a column in the map; fails if it does not use it. */
static inline int column_of(const sk_history_map *map, const char *name) {
        for (int i = 0; i < map->column_count; i++) {
                if (sk_slice_is(map->columns[i], name))
                        return i;
        }
        fail_msg("the map does not use %s", name);
        return 0;
}

#endif
