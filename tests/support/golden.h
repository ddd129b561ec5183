#ifndef SK_TESTS_GOLDEN_H
#define SK_TESTS_GOLDEN_H

#include "kit/slice.h"

/**
 * Fails the test unless tests/data/golden/@p name holds exactly @p text. With SK_GOLDEN=write in the environment it is
 * written instead: look at the difference before you keep it.
 */
void golden_compare(const char *name, sk_slice text);

#endif
