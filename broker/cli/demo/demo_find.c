/*
 * Which call shows most: the one that went through the most teams.
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

typedef struct finding {
        sk_slice team;
        sk_arena *scratch;
        sk_arena *arena;
        sk_map *families; /**< by root */
        const family *best;
} finding;

static family *family_of(finding *found, sk_slice root) {
        family *one = sk_map_get(found->families, root);
        if (one != NULL)
                return one;
        one = sk_arena_get(found->arena, sizeof(*one));
        if (one == NULL)
                return NULL;
        *one = (family){.hops = 0};
        if (!sk_id_parse(root, &one->root) || sk_map_put(found->families, root, one, NULL) != SK_OK)
                return NULL;
        return one;
}

static bool see(void *self, const sk_log_entry *entry) {
        finding *found = self;
        sk_event_seen event;
        int64_t hops;
        if (!sk_event_see(entry, found->team, &event) || event.type != SK_EVENT_OPENED ||
            !sk_json_member_int(event.data, "hops", 0, HOPS_MAX, &hops))
                return true;
        sk_arena_reset(found->scratch);
        sk_slice root = sk_json_member_string(event.data, "rootid", found->scratch);
        family *one = sk_slice_there(root) ? family_of(found, root) : NULL;
        if (one == NULL)
                return true;
        one->calls++;
        one->hops = hops > one->hops ? hops : one->hops;
        const family *best = found->best;
        if (best == NULL || one->hops > best->hops || (one->hops == best->hops && one->calls > best->calls))
                found->best = one;
        return !sk_cli_is_interrupted();
}

static void look(const sk_demo *demo, finding *found) {
        for (size_t i = 0; i < sk_edition_team_count(demo->session.edition); i++) {
                found->team = sk_team_name(sk_edition_team_at(demo->session.edition, i));
                sk_slice topic = sk_session_topic(&demo->session, found->team, SK_TOPIC_EVENTS, SK_NONE);
                for (int32_t partition = 0; partition < sk_log_tool_partitions(demo->session.log); partition++) {
                        const sk_log_read read = {.topic = topic, .partition = partition};
                        if (sk_slice_there(topic))
                                (void)sk_log_tool_read(demo->session.log, &read, see, found, NULL);
                }
        }
}

bool sk_demo_find_call(const sk_demo *demo, sk_id *out) {
        finding found = {
                .scratch = sk_arena_new(ARENA_MAX), .arena = sk_arena_new(ARENA_MAX), .families = sk_map_new()};
        if (found.scratch != NULL && found.arena != NULL && found.families != NULL)
                look(demo, &found);
        if (found.best != NULL)
                *out = found.best->root;
        bool is_found = found.best != NULL;
        sk_map_free(found.families);
        sk_arena_free(found.arena);
        sk_arena_free(found.scratch);
        return is_found;
}
