#ifndef SK_CLI_CHAIN_MAP_H
#define SK_CLI_CHAIN_MAP_H

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/json_write.h"
#include "usm/edition.h"
#include "usm/text.h"

/*
 * The chain as a drawing: a box for each team, customers left of those who serve them, and an arrow for each agreement,
 * from who calls to who is called. Thick arrows are those along which some routine passes work on.
 *
 * Everything here is pure: an edition in, text out. What it holds is in the arena, or belongs to the edition.
 */

/** Work that a routine passes on. */
typedef struct sk_map_delegation {
        sk_slice routine;
        const sk_activity *activity; /**< NULL: at the cut of `process` */
        sk_process process;
        sk_process triggered; /**< at a cut: what is done there; else SK_PROCESSES */
        sk_call_type type;    /**< what is raised there */
        sk_slice facility;    /**< SK_NONE: the call's own */
} sk_map_delegation;

typedef struct sk_map_link {
        size_t customer; /**< index of the team */
        size_t provider;
        const sk_agreement *agreement;
        sk_map_delegation *delegations;
        size_t delegation_count;
        uint64_t open;     /**< calls open between the two */
        bool is_backwards; /**< against the order in which teams are drawn: closes a circle */
        int *via;          /**< heights at which it passes the layers between the two */
        unsigned via_count;
} sk_map_link;

typedef struct sk_map_team {
        const sk_team *team;
        size_t routine_count;
        uint64_t open; /**< calls that it serves now */
        unsigned layer;
        int x;
        int y; /**< of the upper left corner */
} sk_map_team;

typedef struct sk_chain_map {
        sk_slice chain;
        sk_slice remark; /**< below the title; "" for none */
        sk_language language;
        bool has_counts; /**< the numbers of open calls are known */
        sk_map_team *teams;
        size_t team_count;
        sk_map_link *links;
        size_t link_count;
        int width;
        int height;
} sk_chain_map;

#define SK_MAP_BOX_WIDTH 220
#define SK_MAP_BOX_HEIGHT 92

/** Gathers teams, agreements and delegations and lays them out; NULL without room in the arena. */
sk_chain_map *sk_chain_map_new(const sk_edition *edition, sk_arena *arena);
/** Left side of a layer. */
int sk_chain_map_x(unsigned layer);
/** Index of a team by name; the number of teams if there is none. */
size_t sk_chain_map_team(const sk_chain_map *map, sk_slice name);
/** The link between two; NULL if they have no agreement. */
sk_map_link *sk_chain_map_link(const sk_chain_map *map, sk_slice customer, sk_slice provider);

/** Decides where each team stands; false without room in the arena. */
bool sk_chain_map_lay(sk_chain_map *map, sk_arena *arena);

/** Appends a drawing (SVG). */
void sk_chain_map_svg(const sk_chain_map *map, sk_buf *out);
/** Appends a graph for `dot`. */
void sk_chain_map_dot(const sk_chain_map *map, sk_buf *out);
/** Writes an object. */
void sk_chain_map_json(const sk_chain_map *map, sk_json_writer *json);

/** "recover › change", "operate.perform": what is passed on, in short. */
void sk_map_delegation_write(const sk_map_delegation *delegation, sk_buf *out);

#endif
