#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "how/http_ask.h"
#include "kit/json_scan.h"

/*
 * A request: the first line is the work instruction, the rest is what the call gives. What is sent has no control
 * character in its head, whatever call and secrets hold, and stays in its bounds.
 */

#define DEPTH_MAX 32
#define ARENA_BYTES ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A secret is the name of its file, and what would end a header early. */
static sk_slice secret(void *self, sk_slice path) {
        (void)self;
        return path.len > 3 ? path : SK_SLICE("a\r\nX-Other: 1");
}

static void check_clean(const char *text) {
        for (const char *at = text; *at != '\0'; at++)
                assert((unsigned char)*at >= ' ' && *at != 0x7f);
        assert(strlen(text) <= 2 * SK_HTTP_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_slice all = {(const char *)data, size};
        const char *end = size == 0 ? NULL : memchr(all.at, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - all.at);
        sk_slice config = {all.at, len};
        sk_slice input = end == NULL ? SK_SLICE("{}") : (sk_slice){end + 1, size - len - 1};

        if (sk_json_check(config, DEPTH_MAX, NULL) != SK_OK || sk_json_check(input, DEPTH_MAX, NULL) != SK_OK ||
            sk_json_kind_of(config) != SK_JSON_OBJECT || sk_json_kind_of(input) != SK_JSON_OBJECT)
                return 0;
        sk_effect effect = {
                .how = SK_HOW_HTTP, .key = "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6/3", .config = config, .input = input};
        sk_arena *arena = sk_arena_new(ARENA_BYTES);
        sk_http_ask ask;

        if (sk_http_ask_make(&effect, secret, NULL, arena, &ask) == SK_OK) {
                check_clean(ask.url);
                check_clean(ask.method);
                assert(ask.header_count <= SK_HTTP_HEADERS_MAX);
                for (size_t i = 0; i < ask.header_count; i++)
                        check_clean(ask.headers[i]);
        } else {
                assert(ask.why != NULL);
        }
        sk_arena_free(arena);
        return 0;
}
