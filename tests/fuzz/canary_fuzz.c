/* A planted bug: the harness must find it, so that we know that it can find others. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char word[] = "cut";

        if (size == sizeof word - 1 && memcmp(data, word, size) == 0)
                abort();
        return 0;
}
