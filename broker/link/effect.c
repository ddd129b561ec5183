/* Names of what an effect can come to. */

#include <assert.h>

#include "link/port.h"

const char *sk_effect_result_id(sk_effect_result result) {
        static const char *const ids[SK_EFFECT_RESULTS] = {"done", "later", "declined", "retry", "failed"};

        assert((unsigned)result < SK_EFFECT_RESULTS);
        return ids[result];
}
