#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cli/replay/history_calls.h"
#include "event/record.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"
#include "usm/edition.h"

/*
 * A history from bytes: the map, a line that begins with '@', the rows. Whatever is in it: a map or a problem with its
 * place; each row is used or has a reason; and what fits becomes a call that a link can read, always with the same id.
 */

#define CHUNK_MAX 4096
#define DEPTH_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Rows come in pieces, as they do from a file; how large they are must not matter. */
typedef struct source {
        sk_slice rest;
        size_t chunk;
} source;

static long fill(void *self, char *at, size_t size) {
        source *from = self;
        size_t len = from->rest.len < size ? from->rest.len : size;
        len = len < from->chunk ? len : from->chunk;
        memcpy(at, from->rest.at, len);
        from->rest = (sk_slice){from->rest.at + len, from->rest.len - len};
        return (long)len;
}

static const sk_edition *chain(void) {
        static sk_edition *edition;
        if (edition != NULL)
                return edition;
        const sk_chain_file files[] = {
                {"chain.json", SK_SLICE("{\"name\":\"c\"}")},
                {"a/team.json", SK_SLICE("{\"title\":\"A\",\"consumer\":true}")},
                {"b/team.json", SK_SLICE("{\"title\":\"B\",\"organised_by\":\"process\",\"coordinated_by\":\"line\","
                                         "\"people\":{\"p\":{\"profiles\":[\"operator\",\"line-manager\","
                                         "\"process-manager\"]}}}")},
                {"agreements/ab.json",
                 SK_SLICE("{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"goods\":[\"g\"],"
                          "\"actions\":[\"x\"],\"calls\":[\"incident\",\"service-request\"]}}}")}};
        sk_findings *findings = sk_findings_new();
        assert(findings != NULL);
        sk_err err = sk_edition_build(files, sizeof(files) / sizeof(files[0]), NULL, findings, &edition);
        assert(err == SK_OK);
        sk_findings_free(findings);
        return edition;
}

/** Reads all rows; @p calls may be NULL. Returns how many of them had no problem of their own. */
static size_t read_rows(const sk_history_map *map, sk_slice rows, size_t chunk, sk_history_calls *calls) {
        source from = {.rest = rows, .chunk = chunk};
        sk_history_rows *reader;
        sk_history_row row;
        char why[320] = "";
        size_t good = 0;
        sk_err err = sk_history_rows_new(map, fill, &from, why, &reader);
        if (err != SK_OK) {
                assert(err == SK_ERR_SYNTAX && why[0] != '\0');
                return 0;
        }
        uint64_t line = 0;
        while ((err = sk_history_rows_next(reader, &row)) == SK_OK) {
                const char *misfit = NULL;
                assert(row.line > line && row.raw.len <= SK_HISTORY_ROW_MAX);
                line = row.line;
                good += row.problem == NULL;
                if (row.problem == NULL && calls != NULL) {
                        err = sk_history_calls_add(calls, &row, &misfit);
                        assert(err == SK_OK);
                }
        }
        assert(err == SK_ERR_NOT_FOUND);
        sk_history_rows_free(reader);
        return good;
}

static void check_call(const sk_history_calls *calls, const sk_history_call *call) {
        sk_buf data = sk_buf_make(SK_VALUE_MAX);
        if (call->misfit != NULL) {
                assert(call->misfit[0] != '\0');
                return;
        }
        sk_history_raise_write(calls, call, &data);
        assert(data.err == SK_OK && sk_json_check(sk_buf_slice(&data), DEPTH_MAX, NULL) == SK_OK);
        sk_id again = sk_history_id(SK_SLICE("c"), call, "call");
        sk_id other = sk_history_id(SK_SLICE("c"), call, "record");
        assert(sk_id_equal(&call->callid, &again) && !sk_id_equal(&call->callid, &other));
        assert(sk_edition_agreement(chain(), call->customer, call->provider) != NULL);
        sk_buf_free(&data);
}

static void check_calls(const sk_history_map *map, sk_slice rows, size_t chunk) {
        sk_history_calls *calls = sk_history_calls_new(map);
        assert(calls != NULL);
        size_t good = read_rows(map, rows, chunk, calls);
        assert(good == read_rows(map, rows, CHUNK_MAX, NULL));
        assert(sk_history_calls_finish(calls, chain()) == SK_OK);
        size_t fit = 0;
        for (size_t i = 0; i < sk_history_calls_count(calls); i++) {
                const sk_history_call *call = sk_history_calls_at(calls, i);
                check_call(calls, call);
                fit += call->misfit == NULL;
                assert(sk_history_calls_find(calls, call->id) == call);
                assert((call->misfit == NULL) == (i < sk_history_calls_fit(calls)));
        }
        assert(fit == sk_history_calls_fit(calls));
        sk_history_calls_free(calls);
}

static void check_problem(const sk_history_problem *problem) {
        assert(problem->line > 0 && problem->column > 0 && problem->text[0] != '\0');
        assert(memchr(problem->text, '\0', sizeof(problem->text)) != NULL);
        assert(memchr(problem->pointer, '\0', sizeof(problem->pointer)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_slice all = {(const char *)data, size};
        sk_slice rows = SK_SLICE("");
        sk_history_problem problem;
        sk_history_map *map = NULL;
        sk_json_load_prepare();
        const char *end = size == 0 ? NULL : memmem(all.at, all.len, "\n@", 2);
        if (end != NULL) {
                const char *newline = memchr(end + 1, '\n', (size_t)(all.at + all.len - end - 1));
                const char *from = newline == NULL ? all.at + all.len : newline + 1;
                rows = (sk_slice){from, (size_t)(all.at + all.len - from)};
                all.len = (size_t)(end - all.at);
        }
        sk_err err = sk_history_map_read(all, &map, &problem);
        if (err == SK_OK) {
                check_calls(map, rows, 1 + size % 61);
                sk_history_map_free(map);
        } else {
                assert(err == SK_ERR_CONFIG);
                check_problem(&problem);
        }
        return 0;
}
