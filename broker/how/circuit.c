/*
 * Circuits: a host that answers has none. Without memory for one, nothing is held back.
 */
#include "how/circuit.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/map.h"

typedef struct circuit {
        unsigned failures; /* in a row */
        int64_t pause_us;  /* the present one; 0: the circuit is closed */
        int64_t until_us;  /* open until then */
        bool is_trying;    /* one try finds out */
        char host[];
} circuit;

struct sk_circuits {
        sk_map *by_host;
};

sk_circuits *sk_circuits_new(void) {
        sk_circuits *circuits = sk_alloc_zero(1, sizeof *circuits);

        if (circuits == NULL)
                return NULL;
        circuits->by_host = sk_map_new();
        if (circuits->by_host != NULL)
                return circuits;
        sk_free(circuits);
        return NULL;
}

void sk_circuits_free(sk_circuits *circuits) {
        size_t position = 0;
        sk_slice host;
        void *value;

        if (circuits == NULL)
                return;
        while (sk_map_next(circuits->by_host, &position, &host, &value))
                sk_free(value);
        sk_map_free(circuits->by_host);
        sk_free(circuits);
}

bool sk_circuit_allows(sk_circuits *circuits, sk_slice host, int64_t now_us, int64_t *out_wait_us) {
        circuit *it = sk_map_get(circuits->by_host, host);

        if (it == NULL || it->pause_us == 0)
                return true;
        if (now_us < it->until_us || it->is_trying) {
                *out_wait_us = now_us < it->until_us ? it->until_us - now_us : SK_CIRCUIT_PAUSE_US;
                return false;
        }
        it->is_trying = true;
        return true;
}

static void forget(sk_circuits *circuits, sk_slice host) {
        sk_free(sk_map_take(circuits->by_host, host));
}

static circuit *circuit_of(sk_circuits *circuits, sk_slice host) {
        circuit *it = sk_map_get(circuits->by_host, host);

        if (it != NULL || sk_map_count(circuits->by_host) >= SK_CIRCUIT_HOSTS)
                return it;
        it = sk_alloc_zero(1, sizeof *it + host.len);
        if (it == NULL)
                return NULL;
        memcpy(it->host, host.at, host.len);
        if (sk_map_put(circuits->by_host, (sk_slice){it->host, host.len}, it, NULL) == SK_OK)
                return it;
        sk_free(it);
        return NULL;
}

void sk_circuit_ended(sk_circuits *circuits, sk_slice host, bool has_answered, int64_t now_us) {
        assert(sk_slice_there(host));
        if (has_answered) {
                forget(circuits, host);
                return;
        }
        circuit *it = circuit_of(circuits, host);
        if (it == NULL || ++it->failures < SK_CIRCUIT_FAILURES)
                return;
        if (it->pause_us > 0 && !it->is_trying)
                return; /* one of those that were underway when it opened */
        it->pause_us = it->pause_us == 0 ? SK_CIRCUIT_PAUSE_US : 2 * it->pause_us;
        if (it->pause_us > SK_CIRCUIT_PAUSE_MAX_US)
                it->pause_us = SK_CIRCUIT_PAUSE_MAX_US;
        it->until_us = now_us + it->pause_us;
        it->is_trying = false;
}
