/*
 * Results compared with files that were looked at once.
 */
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GOLDEN_MAX ((size_t)1 << 20)

static void write_file(const char *path, sk_slice text) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
        assert_int_equal(fclose(file), 0);
}

void golden_compare(const char *name, sk_slice text) {
        char path[512];
        char *kept = malloc(GOLDEN_MAX);
        assert_non_null(kept);
        snprintf(path, sizeof(path), "tests/data/golden/%s", name);
        const char *wish = getenv("SK_GOLDEN");
        if (wish != NULL && strcmp(wish, "write") == 0)
                write_file(path, text);
        FILE *file = fopen(path, "r");
        if (file == NULL)
                fail_msg("%s is not there: SK_GOLDEN=write makes it", path);
        size_t len = fread(kept, 1, GOLDEN_MAX, file);
        fclose(file);
        size_t same = 0;
        while (same < len && same < text.len && kept[same] == text.at[same])
                same++;
        if (len != text.len || same < len)
                fail_msg("%s differs at byte %zu: \"%.60s\" instead of \"%.60s\"", path, same,
                         same < text.len ? text.at + same : "", same < len ? kept + same : "");
        free(kept);
}
