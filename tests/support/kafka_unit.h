#ifndef SK_TESTS_SUPPORT_KAFKA_UNIT_H
#define SK_TESTS_SUPPORT_KAFKA_UNIT_H

#include <stdbool.h>

/*
 * For the one file of a test program that runs librdkafka in its own process: what sanitizers must know about it. It
 * loses some bytes of its own when it is torn down while something is underway, and its C11 threads are unknown to the
 * thread sanitizer of gcc 12, which crashes. The sanitizer looks for the symbol in the program, so it is not hidden.
 */

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void) {
        return "leak:librdkafka\n";
}

static inline bool kafka_unit_is_possible(void) {
#if defined(SK_HAVE_RDKAFKA) && !defined(__SANITIZE_THREAD__)
        return true;
#else
        return false;
#endif
}

#endif
