#include "log/kafka_absence.h"

#include <assert.h>

#include "kit/when.h"

#define TELL_US ((uint64_t)SK_MINUTE_US)
#define NEAR_US ((uint64_t)SK_MINUTE_US / 2)

void sk_kafka_absence_begin(sk_kafka_absence *absence, uint64_t now_us) {
        assert(absence != NULL);
        assert(now_us > 0);
        if (absence->since_us != 0)
                return;
        absence->since_us = now_us;
        absence->is_told = false;
        absence->count++;
}

bool sk_kafka_absence_tells(sk_kafka_absence *absence, uint64_t now_us) {
        assert(absence != NULL);
        if (absence->since_us == 0 || absence->is_told ||
            (absence->told_us != 0 && now_us - absence->told_us < TELL_US))
                return false;
        absence->is_told = true;
        absence->told_us = now_us;
        return true;
}

bool sk_kafka_absence_end(sk_kafka_absence *absence, uint64_t now_us, uint64_t *out_us) {
        assert(absence != NULL);
        assert(out_us != NULL);
        uint64_t since_us = absence->since_us;

        if (since_us != 0)
                absence->ended_us = now_us;
        absence->since_us = 0;
        if (since_us == 0 || !absence->is_told)
                return false;
        *out_us = now_us - since_us;
        return true;
}

bool sk_kafka_absence_is_near(const sk_kafka_absence *absence, uint64_t now_us) {
        assert(absence != NULL);
        return absence->since_us != 0 || (absence->ended_us != 0 && now_us - absence->ended_us < NEAR_US);
}

uint64_t sk_kafka_absence_us(const sk_kafka_absence *absence, uint64_t now_us) {
        assert(absence != NULL);
        return absence->since_us == 0 ? 0 : now_us - absence->since_us;
}
