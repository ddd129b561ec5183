#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kit/json_scan.h"
#include "kit/mapping.h"

/* A template and, behind a line feed of its own, what it is filled from; what comes out must be JSON again. */

#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(const sk_mapping *mapping, sk_slice source) {
        const sk_slice sources[] = {source, SK_NONE};
        sk_mapping_fault fault = {.text = ""};
        sk_buf out = sk_buf_make(OUT_MAX);
        sk_err err = sk_mapping_run(mapping, sources, &out, &fault);

        assert(err == SK_OK ? sk_json_check(sk_buf_slice(&out), SK_MAPPING_DEPTH_MAX, NULL) == SK_OK
                            : out.len == 0 && fault.text[0] != '\0');
        sk_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const names[] = {"call", "result"};
        const char *text = (const char *)data;
        const char *end = size == 0 ? NULL : memchr(text, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - text);
        sk_slice template = {text, len};
        sk_slice source = {text + len + (end != NULL), size - len - (end != NULL)};
        sk_mapping_fault fault = {.text = ""};
        const sk_mapping *mapping = NULL;
        sk_arena *arena;

        if (sk_json_check(template, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                return 0;
        arena = sk_arena_new((size_t)1 << 20);
        assert(arena != NULL);
        if (sk_mapping_compile(arena, template, names, 2, &mapping, &fault) != SK_OK)
                assert(mapping == NULL && fault.text[0] != '\0');
        else
                fill(mapping, sk_json_check(source, SK_JSON_SCAN_DEPTH_MAX, NULL) == SK_OK ? source : SK_NONE);
        sk_arena_free(arena);
        return 0;
}
