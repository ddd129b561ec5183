#include "log/local_watch.h"

#include <assert.h>
#include <stddef.h>

bool sk_local_watch_look(sk_local_watch *watch, uint64_t since_us, uint64_t now_us) {
        assert(watch != NULL);
        assert(since_us <= now_us);
        watch->waiting_us = since_us == 0 ? 0 : now_us - since_us;
        watch->is_late = watch->waiting_us >= SK_LOCAL_LATE_US;
        if (!watch->is_late) {
                watch->told_us = 0;
                return false;
        }
        if (watch->told_us != 0 && now_us - watch->told_us < SK_LOCAL_LATE_US)
                return false;
        watch->told_us = now_us;
        return true;
}
