/*
 * What a chain consists of: teams, agreements, and what routines pass on.
 */
#include "cli/map/chain_map.h"

#include <assert.h>

#include "usm/routine_view.h"

size_t sk_chain_map_team(const sk_chain_map *map, sk_slice name) {
        size_t i = 0;
        while (i < map->team_count && !sk_slice_equal(sk_team_name(map->teams[i].team), name))
                i++;
        return i;
}

sk_map_link *sk_chain_map_link(const sk_chain_map *map, sk_slice customer, sk_slice provider) {
        for (size_t i = 0; i < map->link_count; i++) {
                sk_map_link *link = &map->links[i];
                if (sk_slice_equal(sk_agreement_customer(link->agreement), customer) &&
                    sk_slice_equal(sk_agreement_provider(link->agreement), provider))
                        return link;
        }
        return NULL;
}

void sk_map_delegation_write(const sk_map_delegation *delegation, sk_buf *out) {
        if (delegation->activity != NULL)
                sk_buf_add_text(out, delegation->activity->id);
        else
                sk_buf_add_format(out, "%s › %s", sk_process_get(delegation->process)->id,
                                  sk_process_get(delegation->triggered)->id);
}

/* ---- gathering: first counted, then kept ---- */

/** Those of one team; visited twice. */
typedef struct gathering {
        sk_chain_map *map;
        const sk_team *team;
        bool is_counting;
} gathering;

static void found(const gathering *gather, const sk_target *target, const sk_map_delegation *delegation) {
        sk_map_link *link = sk_chain_map_link(gather->map, sk_team_name(gather->team), target->team);
        if (link == NULL)
                return;
        if (!gather->is_counting)
                link->delegations[link->delegation_count] = *delegation;
        link->delegation_count++;
}

static void visit_row(const gathering *gather, const sk_row_view *row) {
        sk_map_delegation delegation = {
                .routine = row->routine, .activity = row->activity, .process = row->process, .triggered = SK_PROCESSES};
        for (unsigned i = 0; row->activity != NULL && row->gives_how && i < row->way.target_count; i++) {
                delegation.type = row->way.targets[i].type;
                delegation.facility = row->way.targets[i].facility;
                found(gather, &row->way.targets[i], &delegation);
        }
        for (unsigned p = 0; row->link != NULL && p < SK_PROCESSES; p++) {
                if (!sk_slice_there(row->link[p].team))
                        continue;
                delegation.triggered = (sk_process)p;
                delegation.type = sk_process_call_type((sk_process)p);
                delegation.facility = row->link[p].facility;
                found(gather, &row->link[p], &delegation);
        }
}

static void visit_teams(sk_chain_map *map, bool is_counting) {
        gathering gather = {.map = map, .is_counting = is_counting};
        for (size_t t = 0; t < map->team_count; t++) {
                gather.team = map->teams[t].team;
                for (size_t i = 0; i < map->teams[t].routine_count; i++) {
                        sk_routine_view routine;
                        sk_team_routine_at(gather.team, i, &routine);
                        for (size_t n = 0; n < routine.row_count; n++) {
                                sk_row_view row;
                                sk_team_routine_row(gather.team, i, n, &row);
                                visit_row(&gather, &row);
                        }
                }
        }
}

static bool gather_delegations(sk_chain_map *map, sk_arena *arena) {
        visit_teams(map, true);
        for (size_t i = 0; i < map->link_count; i++) {
                sk_map_link *link = &map->links[i];
                link->delegations = sk_arena_get_zero(arena, link->delegation_count + 1, sizeof(*link->delegations));
                if (link->delegations == NULL)
                        return false;
                link->delegation_count = 0;
        }
        visit_teams(map, false);
        return true;
}

/* ---- teams and agreements ---- */

static void take_teams(sk_chain_map *map, const sk_edition *edition) {
        for (size_t i = 0; i < map->team_count; i++) {
                map->teams[i].team = sk_edition_team_at(edition, i);
                map->teams[i].routine_count = sk_team_routine_count(map->teams[i].team);
        }
}

static void take_links(sk_chain_map *map, const sk_edition *edition) {
        for (size_t i = 0; i < map->link_count; i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                map->links[i] = (sk_map_link){.agreement = agreement,
                                              .customer = sk_chain_map_team(map, sk_agreement_customer(agreement)),
                                              .provider = sk_chain_map_team(map, sk_agreement_provider(agreement))};
                assert(map->links[i].customer < map->team_count && map->links[i].provider < map->team_count);
        }
}

sk_chain_map *sk_chain_map_new(const sk_edition *edition, sk_arena *arena) {
        assert(edition != NULL && arena != NULL);
        sk_chain_map *map = sk_arena_get_zero(arena, 1, sizeof(*map));
        if (map == NULL)
                return NULL;
        map->chain = sk_edition_chain(edition);
        map->remark = SK_SLICE("");
        map->team_count = sk_edition_team_count(edition);
        map->link_count = sk_edition_agreement_count(edition);
        map->teams = sk_arena_get_zero(arena, map->team_count + 1, sizeof(*map->teams));
        map->links = sk_arena_get_zero(arena, map->link_count + 1, sizeof(*map->links));
        if (map->teams == NULL || map->links == NULL)
                return NULL;
        take_teams(map, edition);
        take_links(map, edition);
        return gather_delegations(map, arena) && sk_chain_map_lay(map, arena) ? map : NULL;
}
