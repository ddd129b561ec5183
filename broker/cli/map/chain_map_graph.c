/*
 * The chain for programs: a graph for `dot`, and JSON.
 */
#include "cli/map/chain_map.h"
#include "cli/map/dot.h"

#define LABEL_BYTES ((size_t)64 << 10)

/* ---- dot ---- */

static void dot_team(const sk_chain_map *map, const sk_map_team *team, sk_buf *out) {
        sk_buf label = sk_buf_make(LABEL_BYTES);
        sk_slice title = sk_team_title(team->team);
        sk_buf_add_slice(&label, sk_slice_there(title) ? title : sk_team_name(team->team));
        if (map->has_counts && team->open > 0) {
                sk_buf_add_text(&label, ": ");
                sk_buf_add_uint(&label, team->open);
        }
        sk_buf_add_text(out, "  ");
        sk_dot_text(out, sk_team_name(team->team));
        sk_buf_add_text(out, " [label=");
        sk_dot_text(out, sk_buf_slice(&label));
        sk_buf_add_text(out, sk_team_is_consumer_only(team->team) ? ",style=dashed];\n" : "];\n");
        sk_buf_free(&label);
}

static void dot_link(const sk_map_link *link, sk_buf *out) {
        sk_buf label = sk_buf_make(LABEL_BYTES);
        for (size_t i = 0; i < link->delegation_count; i++) {
                sk_buf_add_text(&label, i == 0 ? "" : ", ");
                sk_map_delegation_write(&link->delegations[i], &label);
        }
        sk_buf_add_text(out, "  ");
        sk_dot_text(out, sk_agreement_customer(link->agreement));
        sk_buf_add_text(out, " -> ");
        sk_dot_text(out, sk_agreement_provider(link->agreement));
        if (link->delegation_count > 0) {
                sk_buf_add_text(out, " [penwidth=3,label=");
                sk_dot_text(out, sk_buf_slice(&label));
                sk_buf_add_text(out, "]");
        }
        sk_buf_add_text(out, ";\n");
        sk_buf_free(&label);
}

void sk_chain_map_dot(const sk_chain_map *map, sk_buf *out) {
        sk_buf_add_text(out, "digraph chain {\n  rankdir=LR;\n  node [shape=box];\n  label=");
        sk_dot_text(out, map->chain);
        sk_buf_add_text(out, ";\n");
        for (size_t i = 0; i < map->team_count; i++)
                dot_team(map, &map->teams[i], out);
        for (size_t i = 0; i < map->link_count; i++)
                dot_link(&map->links[i], out);
        sk_buf_add_text(out, "}\n");
}

/* ---- JSON ---- */

static void json_team(const sk_chain_map *map, const sk_map_team *team, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "name", sk_team_name(team->team));
        sk_json_put_optional(json, "title", sk_team_title(team->team));
        sk_json_put_bool(json, "consumer", sk_team_is_consumer_only(team->team));
        if (!sk_team_is_consumer_only(team->team)) {
                sk_json_put_text(json, "organised_by", sk_team_organised_by(team->team));
                sk_json_put_text(json, "coordinated_by", sk_team_coordinated_by(team->team));
        }
        sk_json_put_int(json, "people", (int64_t)sk_team_person_count(team->team));
        sk_json_put_int(json, "routines", (int64_t)team->routine_count);
        if (map->has_counts)
                sk_json_put_int(json, "open", (int64_t)team->open);
        sk_json_put_int(json, "layer", team->layer);
        sk_json_open_array(json, "at");
        sk_json_put_int(json, NULL, team->x);
        sk_json_put_int(json, NULL, team->y);
        sk_json_close_array(json);
        sk_json_close_object(json);
}

static void json_delegation(const sk_map_delegation *delegation, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "routine", delegation->routine);
        if (delegation->activity != NULL) {
                sk_json_put_cstr(json, "activity", delegation->activity->id);
        } else {
                sk_json_put_cstr(json, "cut", sk_process_get(delegation->process)->id);
                sk_json_put_cstr(json, "triggers", sk_process_get(delegation->triggered)->id);
        }
        sk_json_put_cstr(json, "type", sk_call_type_id(delegation->type));
        sk_json_put_optional(json, "facility", delegation->facility);
        sk_json_close_object(json);
}

static void json_link(const sk_chain_map *map, const sk_map_link *link, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "customer", sk_agreement_customer(link->agreement));
        sk_json_put_text(json, "provider", sk_agreement_provider(link->agreement));
        sk_json_open_array(json, "facilities");
        for (size_t i = 0; i < sk_agreement_facility_count(link->agreement); i++)
                sk_json_put_text(json, NULL, sk_agreement_facility_at(link->agreement, i));
        sk_json_close_array(json);
        sk_json_open_array(json, "delegates");
        for (size_t i = 0; i < link->delegation_count; i++)
                json_delegation(&link->delegations[i], json);
        sk_json_close_array(json);
        if (map->has_counts)
                sk_json_put_int(json, "open", (int64_t)link->open);
        sk_json_put_bool(json, "backwards", link->is_backwards);
        sk_json_close_object(json);
}

void sk_chain_map_json(const sk_chain_map *map, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "chain", map->chain);
        sk_json_open_array(json, "teams");
        for (size_t i = 0; i < map->team_count; i++)
                json_team(map, &map->teams[i], json);
        sk_json_close_array(json);
        sk_json_open_array(json, "agreements");
        for (size_t i = 0; i < map->link_count; i++)
                json_link(map, &map->links[i], json);
        sk_json_close_array(json);
        sk_json_close_object(json);
}
