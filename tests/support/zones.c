#include "support/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "kit/alloc.h"

sk_slice zone_bytes(const char *name) {
        char path[200];
        char *bytes = sk_alloc(SK_ZONE_BYTES_MAX);

        assert_non_null(bytes);
        snprintf(path, sizeof(path), ZONE_FOLDER "/%s", name);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                fail_msg("%s is missing: install tzdata", path);
        size_t len = fread(bytes, 1, SK_ZONE_BYTES_MAX, file);
        fclose(file);
        return (sk_slice){bytes, len};
}

void zone_bytes_free(sk_slice bytes) {
        sk_free((void *)(uintptr_t)bytes.at);
}

sk_zone *zone_load(const char *name) {
        sk_slice bytes = zone_bytes(name);
        sk_zone *zone = NULL;

        assert_int_equal(sk_zone_parse(bytes, &zone), SK_OK);
        zone_bytes_free(bytes);
        return zone;
}
