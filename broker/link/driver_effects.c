/* Effects as the driver sees them (rule E): nothing makes one due yet. */

#include <assert.h>

#include "link/driver_inside.h"

void sk_driver_effect_ended(sk_driver *driver, const sk_effect_report *report, int64_t now_us) {
        assert(report->result < SK_EFFECT_RESULTS);
        sk_driver_at(driver, now_us);
}

bool sk_driver_next_effect(sk_driver *driver, sk_effect *out) {
        assert(driver != NULL && out != NULL);
        return false;
}
