#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>

#include "chaos/chaos.h"

/*
 * Somebody who raises calls all the time, whatever is the matter with the brokers. A call of which nobody knows whether
 * it was written is written again: the same record, which must not count twice.
 */

#define PAUSE_MS 120
#define AGAIN_MS 500

static const char *members_of(unsigned number) {
        return number % 6 == 3 ? "\"data\":{\"cut\":{\"infrastructure\":true,\"components\":[\"screen\"]}}" : "";
}

void chaos_kinds_of(unsigned calls, unsigned out[3]) {
        out[0] = out[1] = out[2] = 0;
        for (unsigned i = 0; i < calls; i++)
                out[i % 6 == 3 ? 2 : i % 3 == 0 ? 0 : 1]++;
}

static void raise_one(chaos *c, sk_log_tool *tool, const call_place *place, unsigned number) {
        raised_call call;

        while (call_raise_with(tool, place, number, members_of(number), &call) != SK_OK && !atomic_load(&c->gives_up)) {
                (void)atomic_fetch_add(&c->raised_again, 1);
                (void)poll(NULL, 0, AGAIN_MS);
        }
        (void)atomic_fetch_add(&c->raised, 1);
}

static void *run(void *self) {
        chaos *c = self;
        const call_place desk = {c->links.chain, "customer", "desk", "laptop"};
        sk_log_tool *tool = NULL;

        if (sk_log_tool_open(c->direct_url, SK_LOG_APPEND, NULL, &tool) != SK_OK)
                return NULL;
        for (unsigned number = 0; atomic_load(&c->is_raising); number++) {
                raise_one(c, tool, &desk, number);
                (void)poll(NULL, 0, PAUSE_MS);
        }
        sk_log_tool_free(tool);
        return NULL;
}

void chaos_raiser_start(chaos *c) {
        atomic_store(&c->is_raising, true);
        assert_int_equal(pthread_create(&c->raiser, NULL, run, c), 0);
}

void chaos_raiser_stop(chaos *c) {
        if (!atomic_exchange(&c->is_raising, false))
                return;
        assert_int_equal(pthread_join(c->raiser, NULL), 0);
}
