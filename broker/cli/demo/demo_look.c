/*
 * What the events of a chain say: how its activities were done, and which call shows most.
 */
#include "cli/demo/demo.h"
#include "cli/report/balance.h"
#include "kit/json_scan.h"
#include "kit/map.h"

#define ARENA_MAX ((size_t)64 << 20)
#define HOPS_MAX 1000

/** A call, with all that it caused. */
typedef struct family {
        sk_id root;
        int64_t hops;
        size_t calls;
} family;

typedef struct looking {
        sk_slice team;
        sk_arena *scratch;
        sk_arena *arena;
        sk_map *families; /**< by root */
        const family *best;
        sk_demo_seen *seen;
} looking;

/* ---- the call ---- */

static family *family_of(looking *at, sk_slice root) {
        family *one = sk_map_get(at->families, root);
        if (one != NULL)
                return one;
        one = sk_arena_get(at->arena, sizeof(*one));
        if (one == NULL)
                return NULL;
        *one = (family){.hops = 0};
        if (!sk_id_parse(root, &one->root) || sk_map_put(at->families, root, one, NULL) != SK_OK)
                return NULL;
        return one;
}

static void see_opened(looking *at, const sk_event_seen *event) {
        int64_t hops;
        if (!sk_json_member_int(event->data, "hops", 0, HOPS_MAX, &hops))
                return;
        sk_slice root = sk_json_member_string(event->data, "rootid", at->scratch);
        family *one = sk_slice_there(root) ? family_of(at, root) : NULL;
        if (one == NULL)
                return;
        one->calls++;
        one->hops = hops > one->hops ? hops : one->hops;
        const family *best = at->best;
        if (best == NULL || one->hops > best->hops || (one->hops == best->hops && one->calls > best->calls))
                at->best = one;
}

/* ---- the hows ---- */

static void see_ended(looking *at, const sk_event_seen *event) {
        sk_how how = sk_how_find(sk_json_member_string(event->data, "how", at->scratch));
        if (how != SK_HOWS)
                at->seen->by_how[how]++;
}

/* ---- all of them ---- */

static bool see(void *self, const sk_log_entry *entry) {
        looking *at = self;
        sk_event_seen event;
        if (!sk_event_see(entry, at->team, &event))
                return true;
        sk_arena_reset(at->scratch);
        if (event.type == SK_EVENT_OPENED)
                see_opened(at, &event);
        else if (event.type == SK_EVENT_ENDED)
                see_ended(at, &event);
        return !sk_cli_is_interrupted();
}

static void look(const sk_demo *demo, looking *at) {
        for (size_t i = 0; i < sk_edition_team_count(demo->session.edition); i++) {
                at->team = sk_team_name(sk_edition_team_at(demo->session.edition, i));
                sk_slice topic = sk_session_topic(&demo->session, at->team, SK_TOPIC_EVENTS, SK_NONE);
                for (int32_t partition = 0; partition < sk_log_tool_partitions(demo->session.log); partition++) {
                        const sk_log_read read = {.topic = topic, .partition = partition};
                        if (sk_slice_there(topic))
                                (void)sk_log_tool_read(demo->session.log, &read, see, at, NULL);
                }
        }
}

void sk_demo_look(const sk_demo *demo, sk_demo_seen *out) {
        looking at = {.scratch = sk_arena_new(ARENA_MAX),
                      .arena = sk_arena_new(ARENA_MAX),
                      .families = sk_map_new(),
                      .seen = out};
        *out = (sk_demo_seen){.has_call = false};
        if (at.scratch != NULL && at.arena != NULL && at.families != NULL)
                look(demo, &at);
        out->has_call = at.best != NULL;
        if (at.best != NULL)
                out->call = at.best->root;
        sk_map_free(at.families);
        sk_arena_free(at.arena);
        sk_arena_free(at.scratch);
}
