#include "event/topics.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/map.h"
#include "kit/name.h"

/*
 * Topics by name and, for the step's quick path, by peer: one look-up gives all four that a pair can have.
 * Entries are never moved or freed before the table, so pointers to them stay good.
 */

#define TOPICS_MAX 65536

static const sk_slice kind_names[SK_TOPIC_KINDS] = {
        [SK_TOPIC_CALLS] = {"calls", 5},
        [SK_TOPIC_FEEDBACK] = {"feedback", 8},
        [SK_TOPIC_WORK] = {"work", 4},
        [SK_TOPIC_JOURNAL] = {"journal", 7},
        [SK_TOPIC_EVENTS] = {"events", 6},
        [SK_TOPIC_ARCHIVE] = {"archive", 7},
        [SK_TOPIC_DEADLETTER] = {"deadletter", 10},
};

/* What the team is in a topic that it shares with a peer. */
enum side { CALLS_FROM, FEEDBACK_TO, CALLS_TO, FEEDBACK_FROM, SIDES };

struct entry {
        sk_topic topic;
        char name[];
};

struct peer {
        const sk_topic *sides[SIDES];
};

struct sk_topics {
        sk_map *by_name;
        sk_map *by_peer;
        struct entry **entries;
        size_t count;
        size_t capacity;
        const sk_topic *own[SK_TOPIC_KINDS];
        sk_slice chain;
        sk_slice team;
        char chain_bytes[SK_NAME_MAX];
        char team_bytes[SK_NAME_MAX];
};

static bool kind_has_peer(sk_topic_kind kind) {
        assert(kind < SK_TOPIC_KINDS);
        return kind == SK_TOPIC_CALLS || kind == SK_TOPIC_FEEDBACK;
}

static char *put(char *at, sk_slice bytes) {
        assert(sk_slice_there(bytes) || bytes.len == 0);
        memcpy(at, bytes.at, bytes.len);
        return at + bytes.len;
}

/* A topic of its own memory; the slices of owner and peer point into the name. */
static struct entry *entry_new(sk_slice chain, sk_slice owner, sk_topic_kind kind, sk_slice peer) {
        assert(kind_has_peer(kind) == (peer.len > 0));
        size_t len = chain.len + 1 + owner.len + 1 + kind_names[kind].len + (peer.len > 0 ? 1 + peer.len : 0);
        struct entry *entry = sk_alloc(sizeof(*entry) + len + 1);
        if (entry == NULL)
                return NULL;

        char *at = put(entry->name, chain);
        *at++ = '.';
        sk_slice owner_copy = {at, owner.len};
        at = put(at, owner);
        *at++ = '.';
        at = put(at, kind_names[kind]);
        sk_slice peer_copy = SK_NONE;
        if (peer.len > 0) {
                *at++ = '.';
                peer_copy = (sk_slice){at, peer.len};
                at = put(at, peer);
        }
        *at = '\0';
        assert((size_t)(at - entry->name) == len);
        entry->topic = (sk_topic){.name = {entry->name, len}, .kind = kind, .owner = owner_copy, .peer = peer_copy};
        return entry;
}

static bool entries_grow(sk_topics *topics) {
        assert(topics->count <= topics->capacity);
        if (topics->count < topics->capacity)
                return true;
        size_t capacity = topics->capacity == 0 ? 16 : topics->capacity * 2;
        if (capacity > TOPICS_MAX)
                return false;
        struct entry **entries = sk_realloc(topics->entries, capacity * sizeof(struct entry *));
        if (entries == NULL)
                return false;
        topics->entries = entries;
        topics->capacity = capacity;
        return true;
}

static const sk_topic *intern(sk_topics *topics, sk_slice owner, sk_topic_kind kind, sk_slice peer, bool is_inbound) {
        assert(kind_has_peer(kind) == sk_slice_there(peer));
        if (!entries_grow(topics))
                return NULL;
        struct entry *entry = entry_new(topics->chain, owner, kind, peer);
        if (entry == NULL)
                return NULL;
        entry->topic.is_inbound = is_inbound;
        if (sk_map_put(topics->by_name, entry->topic.name, entry, NULL) != SK_OK) {
                sk_free(entry);
                return NULL;
        }
        topics->entries[topics->count++] = entry;
        assert(topics->count <= topics->capacity);
        return &entry->topic;
}

static bool own_fill(sk_topics *topics) {
        assert(topics->count == 0);
        for (unsigned kind = SK_TOPIC_WORK; kind < SK_TOPIC_KINDS; kind++) {
                topics->own[kind] = intern(topics, topics->team, (sk_topic_kind)kind, SK_NONE, kind == SK_TOPIC_WORK);
                if (topics->own[kind] == NULL)
                        return false;
        }
        return true;
}

sk_topics *sk_topics_new(sk_slice chain, sk_slice team) {
        assert(sk_name_is_good(chain));
        assert(sk_name_is_good(team));
        sk_topics *topics = sk_alloc_zero(1, sizeof(*topics));
        if (topics == NULL)
                return NULL;

        put(topics->chain_bytes, chain);
        put(topics->team_bytes, team);
        topics->chain = (sk_slice){topics->chain_bytes, chain.len};
        topics->team = (sk_slice){topics->team_bytes, team.len};
        topics->by_name = sk_map_new();
        topics->by_peer = sk_map_new();
        if (topics->by_name == NULL || topics->by_peer == NULL || !own_fill(topics)) {
                sk_topics_free(topics);
                return NULL;
        }
        return topics;
}

static void peers_free(sk_map *by_peer) {
        assert(by_peer != NULL);
        size_t position = 0;
        sk_slice name;
        void *peer;

        while (sk_map_next(by_peer, &position, &name, &peer))
                sk_free(peer);
        sk_map_free(by_peer);
}

void sk_topics_free(sk_topics *topics) {
        if (topics == NULL)
                return;
        if (topics->by_peer != NULL)
                peers_free(topics->by_peer);
        sk_map_free(topics->by_name);
        for (size_t i = 0; i < topics->count; i++)
                sk_free(topics->entries[i]);
        sk_free(topics->entries);
        sk_free(topics);
}

sk_slice sk_topics_team(const sk_topics *topics) {
        assert(topics != NULL);
        return topics->team;
}

sk_slice sk_topics_chain(const sk_topics *topics) {
        assert(topics != NULL);
        return topics->chain;
}

const sk_topic *sk_topics_own(const sk_topics *topics, sk_topic_kind kind) {
        assert(topics != NULL);
        assert(kind < SK_TOPIC_KINDS);
        assert(!kind_has_peer(kind));
        return topics->own[kind];
}

static struct peer *peer_of(sk_topics *topics, sk_slice name) {
        assert(topics->by_peer != NULL);
        struct peer *peer = sk_map_get(topics->by_peer, name);
        if (peer != NULL)
                return peer;
        if (!sk_name_is_good(name) || sk_map_count(topics->by_peer) >= TOPICS_MAX)
                return NULL;
        peer = sk_alloc_zero(1, sizeof(*peer));
        if (peer == NULL)
                return NULL;
        if (sk_map_put(topics->by_peer, name, peer, NULL) != SK_OK) {
                sk_free(peer);
                return NULL;
        }
        return peer;
}

static const sk_topic *side_make(sk_topics *topics, enum side side, sk_slice peer) {
        assert(sk_name_is_good(peer));
        switch (side) {
        case CALLS_FROM:
                return intern(topics, topics->team, SK_TOPIC_CALLS, peer, true);
        case FEEDBACK_TO:
                return intern(topics, peer, SK_TOPIC_FEEDBACK, topics->team, false);
        case CALLS_TO:
                return intern(topics, peer, SK_TOPIC_CALLS, topics->team, false);
        case FEEDBACK_FROM:
                return intern(topics, topics->team, SK_TOPIC_FEEDBACK, peer, true);
        case SIDES:
                break;
        }
        assert(side != SIDES);
        return NULL;
}

static const sk_topic *side_of(sk_topics *topics, enum side side, sk_slice name) {
        assert(side < SIDES);
        assert(topics != NULL);
        struct peer *peer = peer_of(topics, name);
        if (peer == NULL)
                return NULL;
        if (peer->sides[side] == NULL)
                peer->sides[side] = side_make(topics, side, name);
        return peer->sides[side];
}

const sk_topic *sk_topics_calls_from(sk_topics *topics, sk_slice customer) {
        assert(topics != NULL);
        return side_of(topics, CALLS_FROM, customer);
}

const sk_topic *sk_topics_feedback_to(sk_topics *topics, sk_slice customer) {
        assert(topics != NULL);
        return side_of(topics, FEEDBACK_TO, customer);
}

const sk_topic *sk_topics_calls_to(sk_topics *topics, sk_slice provider) {
        assert(topics != NULL);
        return side_of(topics, CALLS_TO, provider);
}

const sk_topic *sk_topics_feedback_from(sk_topics *topics, sk_slice provider) {
        assert(topics != NULL);
        return side_of(topics, FEEDBACK_FROM, provider);
}

const sk_topic *sk_topics_find(const sk_topics *topics, sk_slice name) {
        assert(topics != NULL);
        const struct entry *entry = sk_map_get(topics->by_name, name);
        return entry == NULL ? NULL : &entry->topic;
}

size_t sk_topics_count(const sk_topics *topics) {
        assert(topics != NULL);
        return topics->count;
}

const sk_topic *sk_topics_at(const sk_topics *topics, size_t index) {
        assert(topics != NULL);
        assert(index < topics->count);
        return &topics->entries[index]->topic;
}

/* The part up to the next dot; *rest becomes what is behind the dot, SK_NONE if there was none. */
static sk_slice part_take(sk_slice *rest) {
        assert(rest != NULL);
        if (!sk_slice_there(*rest))
                return SK_NONE;
        const char *dot = rest->len == 0 ? NULL : memchr(rest->at, '.', rest->len);
        size_t len = dot == NULL ? rest->len : (size_t)(dot - rest->at);
        sk_slice part = {rest->at, len};
        *rest = dot == NULL ? SK_NONE : (sk_slice){dot + 1, rest->len - len - 1};
        return part;
}

static bool kind_find(sk_slice name, sk_topic_kind *out) {
        assert(out != NULL);
        for (unsigned kind = 0; kind < SK_TOPIC_KINDS; kind++) {
                if (sk_slice_equal(kind_names[kind], name)) {
                        *out = (sk_topic_kind)kind;
                        return true;
                }
        }
        return false;
}

bool sk_topic_parse(sk_slice name, sk_slice *out_chain, sk_slice *out_team, sk_topic_kind *out_kind,
                    sk_slice *out_peer) {
        assert(out_chain != NULL);
        assert(out_team != NULL);
        assert(out_kind != NULL);
        assert(out_peer != NULL);
        sk_slice rest = name;
        sk_slice chain = part_take(&rest);
        sk_slice team = part_take(&rest);
        sk_slice kind_name = part_take(&rest);
        sk_slice peer = part_take(&rest);
        sk_topic_kind kind;

        if (!sk_name_is_good(chain) || !sk_name_is_good(team) || !kind_find(kind_name, &kind) || sk_slice_there(rest))
                return false;
        if (kind_has_peer(kind) ? !sk_name_is_good(peer) : sk_slice_there(peer))
                return false;
        *out_chain = chain;
        *out_team = team;
        *out_kind = kind;
        *out_peer = peer;
        return true;
}
