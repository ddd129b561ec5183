#ifndef SK_KIT_RANDOM_H
#define SK_KIT_RANDOM_H

#include <stdint.h>

/** A seeded stream of numbers (xoshiro256**), for simulation, jitter and tests: same seed, same numbers. */
typedef struct sk_random {
        uint64_t state[4];
} sk_random;

/** A stream; the same seed gives the same numbers. */
sk_random sk_random_make(uint64_t seed);
/** The next 64 bits. */
uint64_t sk_random_next(sk_random *random);
/** Uniform in [0, bound); 0 for bound 0. */
uint64_t sk_random_below(sk_random *random, uint64_t bound);
/** Uniform in [0, 1). */
double sk_random_unit(sk_random *random);

#endif
