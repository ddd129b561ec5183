#include "daemon/turn_watch.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

static uint64_t processor_us(void) {
        struct timespec now = {0};

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* Just before the loop looks for what there is to do: the turn before has ended. */
static void on_prepare(uv_prepare_t *prepare) {
        sk_turn_watch *watch = prepare->data;
        uint64_t now_us = processor_us();
        uint64_t took_us = now_us - watch->began_us;

        watch->began_us = now_us;
        if (took_us <= watch->max_us)
                return;
        sk_logger_say(
                watch->logger, SK_LOG_ERROR, SK_NONE, "turn-too-long",
                "a turn of the loop took %.1f ms of processor time, of which it may take %.1f: what takes so long "
                "belongs on a thread of its own, or into several turns",
                (double)took_us / 1e3, (double)watch->max_us / 1e3);
        abort();
}

void sk_turn_watch_start(sk_turn_watch *watch, uv_loop_t *loop, uint64_t max_us, sk_logger *logger) {
        assert(watch != NULL && loop != NULL && max_us > 0 && logger != NULL);
        watch->logger = logger;
        watch->max_us = max_us;
        watch->began_us = processor_us();
        (void)uv_prepare_init(loop, &watch->prepare);
        watch->prepare.data = watch;
        (void)uv_prepare_start(&watch->prepare, on_prepare);
        uv_unref((uv_handle_t *)&watch->prepare);
}

void sk_turn_watch_stop(sk_turn_watch *watch) {
        assert(watch != NULL);
        uv_close((uv_handle_t *)&watch->prepare, NULL);
}
