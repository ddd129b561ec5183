#include "daemon/rate.h"

#include <assert.h>
#include <stddef.h>

#include "kit/when.h"

sk_rate sk_rate_make(int64_t at_once, int64_t per_second) {
        assert(at_once > 0 && per_second > 0 && per_second <= SK_SECOND_US);
        return (sk_rate){.every_us = SK_SECOND_US / per_second, .at_once = at_once};
}

bool sk_rate_take(sk_rate *rate, int64_t now_us) {
        assert(rate != NULL && rate->every_us > 0);
        int64_t due_us = rate->due_us > now_us ? rate->due_us : now_us;

        if (due_us - now_us > (rate->at_once - 1) * rate->every_us) {
                rate->left_out++;
                return false;
        }
        rate->due_us = due_us + rate->every_us;
        return true;
}

uint64_t sk_rate_left_out(sk_rate *rate) {
        assert(rate != NULL);
        uint64_t left_out = rate->left_out;

        rate->left_out = 0;
        return left_out;
}
