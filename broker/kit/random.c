/* xoshiro256** by Blackman and Vigna, seeded by splitmix64. */

#include "kit/random.h"

#include <assert.h>

static uint64_t splitmix(uint64_t *state) {
        uint64_t z = *state += 0x9e3779b97f4a7c15u;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

sk_random sk_random_make(uint64_t seed) {
        sk_random random;

        for (int i = 0; i < 4; i++)
                random.state[i] = splitmix(&seed);
        return random;
}

static uint64_t rotated(uint64_t word, int by) {
        assert(by > 0);
        assert(by < 64);
        return word << by | word >> (64 - by);
}

uint64_t sk_random_next(sk_random *random) {
        uint64_t *s = random->state;
        uint64_t result = rotated(s[1] * 5, 7) * 9;
        uint64_t shifted = s[1] << 17;

        assert((s[0] | s[1] | s[2] | s[3]) != 0);
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = rotated(s[3], 45);
        return result;
}

/* Numbers below 2^64 mod bound are thrown away: with them the small results would come up more often. */
uint64_t sk_random_below(sk_random *random, uint64_t bound) {
        uint64_t number;

        if (bound == 0)
                return 0;
        do
                number = sk_random_next(random);
        while (number < (0 - bound) % bound);
        return number % bound;
}

double sk_random_unit(sk_random *random) {
        return (double)(sk_random_next(random) >> 11) * 0x1.0p-53;
}
