#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/template/sheet.h"
#include "kit/json_scan.h"

/*
 * A sheet from bytes, merged into a routine file. Whatever is in it: a problem with a reason and a remedy, or a file that
 * is JSON, whose own sheet then merges into it without changing a byte.
 */

#define ARENA_BYTES ((size_t)16 << 20)
#define TEXT_BYTES ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sk_slice file = SK_SLICE(
        "{\n  \"title\": \"T\",\n  \"version\": \"7\",\n  \"process\": \"recover\",\n  \"activities\": {\n"
        "    \"recover.analyse\": { \"responsible\": \"desk\", \"consulted\": [\"a\", \"b\"],\n"
        "      \"how\": { \"manual\": { \"instruction\": \"Look.\", \"form\": { \"type\": \"object\" } } } },\n"
        "    \"recover.cut\": { \"link\": { \"change\": { \"team\": \"t\" } } }\n  }\n}\n");

/* The file's own sheet, as CSV and back, changes nothing. */
static void comes_back(sk_slice text, sk_arena *arena) {
        sk_sheet_scope scope = sk_sheet_scope_of(text);
        sk_sheet_problem problem;
        sk_sheet *sheets = sk_arena_get_zero(arena, 2, sizeof *sheets);
        sk_buf csv = sk_buf_make(TEXT_BYTES);
        sk_buf out = sk_buf_make(TEXT_BYTES);

        if (sheets != NULL && sk_sheet_of_file(text, &scope, SK_ENGLISH, arena, &sheets[0]) == SK_OK) {
                sk_sheet_csv(&sheets[0], &csv);
                sk_err err = sk_sheet_read(sk_buf_slice(&csv), arena, &sheets[1], &problem);
                if (err == SK_OK)
                        err = sk_sheet_merge(text, &sheets[0], &sheets[1], arena, &out, &problem);
                assert(err != SK_OK || sk_slice_equal(sk_buf_slice(&out), text));
        }
        sk_buf_free(&csv);
        sk_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_arena *arena = sk_arena_new(ARENA_BYTES);
        sk_sheet_scope scope = sk_sheet_scope_of(file);
        sk_sheet_problem problem = {0};
        sk_buf out = sk_buf_make(TEXT_BYTES);

        assert(arena != NULL);
        sk_sheet *sheets = sk_arena_get_zero(arena, 2, sizeof *sheets);
        assert(sheets != NULL && sk_sheet_of_file(file, &scope, SK_ENGLISH, arena, &sheets[0]) == SK_OK);
        sk_err err = sk_sheet_read((sk_slice){(const char *)data, size}, arena, &sheets[1], &problem);
        if (err == SK_OK)
                err = sk_sheet_merge(file, &sheets[0], &sheets[1], arena, &out, &problem);
        assert(err != SK_ERR_SYNTAX || (problem.why != NULL && problem.remedy != NULL));
        if (err == SK_OK) {
                assert(sk_json_check(sk_buf_slice(&out), 32, NULL) == SK_OK);
                comes_back(sk_buf_slice(&out), arena);
        }
        sk_buf_free(&out);
        sk_arena_free(arena);
        return 0;
}
