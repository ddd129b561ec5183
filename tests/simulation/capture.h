#ifndef TESTS_SIMULATION_CAPTURE_H
#define TESTS_SIMULATION_CAPTURE_H

#include "kit/buf.h"

/** Appends what @p write prints to @p out. It runs in a process of its own; what it changes is gone afterwards. */
bool sim_capture(void (*write)(void *self), void *self, sk_buf *out);

#endif
