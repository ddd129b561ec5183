/*
 * A chain of links in one process, on the memory broker.
 */
#include "log/memory_chain.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "link/driver.h"
#include "log/memory_client.h"

#define NEVER_US (INT64_C(10000) * 365 * SK_DAY_US) /* no process dies here, and no transaction hangs */
#define MOVES_MAX ((size_t)1 << 22)
#define IDLE_MOVES 1 /* polling the group is possible at any time */
#define INSTANCE SK_SLICE("1")

typedef struct chain_link {
        sk_driver *driver;
        sk_memory_client *client;
        sk_memory_notes *notes;
} chain_link;

struct sk_memory_chain {
        sk_edition *edition;
        sk_memory_broker *broker;
        chain_link *links; /* one a team, by its index */
        size_t count;
        int64_t now_us;
};

static bool start(sk_memory_chain *chain, chain_link *link, const sk_team *team) {
        sk_driver_config driver = {
                .edition = chain->edition, .team = sk_team_name(team), .partitions = 1, .instance = INSTANCE};
        link->notes = sk_alloc_zero(1, sizeof(*link->notes));
        link->driver = sk_driver_new(&driver);
        if (link->notes == NULL || link->driver == NULL)
                return false;
        sk_memory_client_config client = {.broker = chain->broker,
                                          .driver = link->driver,
                                          .instance = INSTANCE,
                                          .notes = link->notes,
                                          .transaction_timeout_us = NEVER_US,
                                          .session_timeout_us = NEVER_US};
        link->client = sk_memory_client_new(&client);
        return link->client != NULL;
}

sk_memory_chain *sk_memory_chain_new(sk_edition *edition) {
        sk_memory_chain *chain = sk_alloc_zero(1, sizeof(*chain));
        if (chain == NULL)
                return NULL;
        chain->edition = sk_edition_retain(edition);
        chain->count = sk_edition_team_count(edition);
        chain->broker = sk_memory_broker_new(1);
        chain->links = sk_alloc_zero(chain->count + 1, sizeof(*chain->links));
        bool is_made = chain->broker != NULL && chain->links != NULL;
        for (size_t i = 0; is_made && i < chain->count; i++)
                is_made = start(chain, &chain->links[i], sk_edition_team_at(edition, i));
        if (is_made)
                return chain;
        sk_memory_chain_free(chain);
        return NULL;
}

void sk_memory_chain_free(sk_memory_chain *chain) {
        if (chain == NULL)
                return;
        for (size_t i = 0; chain->links != NULL && i < chain->count; i++) {
                sk_memory_client_free(chain->links[i].client);
                sk_driver_free(chain->links[i].driver);
                sk_free(chain->links[i].notes);
        }
        sk_free(chain->links);
        sk_memory_broker_free(chain->broker);
        sk_edition_release(chain->edition);
        sk_free(chain);
}

sk_memory_broker *sk_memory_chain_broker(const sk_memory_chain *chain) {
        return chain->broker;
}

sk_memory_topic *sk_memory_chain_topic(sk_memory_chain *chain, size_t team, sk_topic_kind kind) {
        assert(team < chain->count);
        assert(kind != SK_TOPIC_CALLS);
        assert(kind != SK_TOPIC_FEEDBACK);
        const sk_topic *topic = sk_topics_own(sk_driver_topics(chain->links[team].driver), kind);
        return sk_memory_topic_open(chain->broker, topic->name);
}

bool sk_memory_chain_run(sk_memory_chain *chain, int64_t now_us) {
        bool has_moved = false;
        bool is_moving = true;
        assert(now_us >= chain->now_us);
        chain->now_us = now_us;
        sk_memory_broker_clock(chain->broker, now_us);
        while (is_moving) {
                is_moving = false;
                for (size_t i = 0; i < chain->count; i++)
                        is_moving |= sk_memory_client_run(chain->links[i].client, now_us, MOVES_MAX) > IDLE_MOVES;
                has_moved |= is_moving;
        }
        return has_moved;
}

int64_t sk_memory_chain_wake_us(const sk_memory_chain *chain) {
        int64_t next_us = INT64_MAX;
        for (size_t i = 0; i < chain->count; i++) {
                int64_t wake_us = sk_driver_wake_us(chain->links[i].driver);
                if (wake_us > chain->now_us && wake_us < next_us)
                        next_us = wake_us;
        }
        return next_us;
}

bool sk_memory_chain_walk(const sk_memory_chain *chain, size_t team, size_t *position, sk_slice *out_head,
                          sk_slice *out_data) {
        assert(team < chain->count);
        return sk_driver_walk(chain->links[team].driver, position, out_head, out_data);
}
