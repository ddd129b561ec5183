/*
 * Where the teams of a chain stand. Customers stand left of those who serve them: a team's layer is the longest way to it
 * from somebody whom it does not serve itself; an agreement that would close a circle is drawn backwards and does not
 * count. Within a layer teams are ordered so that few arrows cross: each near the middle of those it is tied to.
 */
#include <assert.h>
#include <stdlib.h>

#include "cli/map/chain_map.h"

#define LEFT 40
#define TOP 120
#define GAP_ACROSS 200
#define GAP_DOWN 44
#define VIA_HEIGHT 8
#define SWEEPS 8
#define BELOW 130
#define WIDTH_LEAST 720

enum { UNSEEN, OPEN, DONE };

/** What takes room in a layer: a team, or an arrow that passes between teams. */
typedef struct item {
        size_t index; /**< in the order of making: decides between equals */
        size_t team;  /**< SIZE_MAX: none */
        int *via;     /**< where an arrow's height goes */
        unsigned layer;
        double place; /**< share of the layer's height */
        double sum;   /**< of the places of those it is tied to */
        unsigned ties;
} item;

/** A piece of an arrow, between neighbouring layers. */
typedef struct tie {
        item *left;
        item *right;
} tie;

/** While it is laid out. */
typedef struct laying {
        sk_chain_map *map;
        uint8_t *state; /**< of the walk */
        unsigned layers;
        item *items; /**< teams first */
        item **order;
        size_t item_count;
        tie *ties;
        size_t tie_count;
} laying;

/* ---- layers ---- */

/* Marks the links that lead back to where the walk came from. */
static void walk(laying *lay, size_t team) {
        sk_chain_map *map = lay->map;
        lay->state[team] = OPEN;
        for (size_t i = 0; i < map->link_count; i++) {
                sk_map_link *link = &map->links[i];
                if (link->customer != team)
                        continue;
                link->is_backwards = lay->state[link->provider] == OPEN;
                if (lay->state[link->provider] == UNSEEN)
                        walk(lay, link->provider);
        }
        lay->state[team] = DONE;
}

static bool serves_somebody(const sk_chain_map *map, size_t team) {
        for (size_t i = 0; i < map->link_count; i++) {
                if (map->links[i].provider == team)
                        return true;
        }
        return false;
}

static void find_circles(laying *lay) {
        for (int pass = 0; pass < 2; pass++) {
                for (size_t i = 0; i < lay->map->team_count; i++) {
                        if (lay->state[i] == UNSEEN && (pass == 1 || !serves_somebody(lay->map, i)))
                                walk(lay, i);
                }
        }
}

/* Without the backward ones there is no circle: as many rounds as there are teams are enough. */
static void find_layers(laying *lay) {
        sk_chain_map *map = lay->map;
        bool is_moving = true;
        for (size_t round = 0; round <= map->team_count && is_moving; round++) {
                is_moving = false;
                for (size_t i = 0; i < map->link_count; i++) {
                        const sk_map_link *link = &map->links[i];
                        unsigned wanted = map->teams[link->customer].layer + 1;
                        if (link->is_backwards || map->teams[link->provider].layer >= wanted)
                                continue;
                        map->teams[link->provider].layer = wanted;
                        is_moving = true;
                }
        }
        assert(!is_moving);
        for (size_t i = 0; i < map->team_count; i++) {
                if (map->teams[i].layer + 1 > lay->layers)
                        lay->layers = map->teams[i].layer + 1;
        }
}

/* ---- items and ties ---- */

static unsigned span_of(const sk_chain_map *map, const sk_map_link *link) {
        return link->is_backwards ? 0 : map->teams[link->provider].layer - map->teams[link->customer].layer;
}

static bool make_room(laying *lay, sk_arena *arena) {
        const sk_chain_map *map = lay->map;
        size_t items = map->team_count;
        size_t ties = 0;
        for (size_t i = 0; i < map->link_count; i++) {
                unsigned span = span_of(map, &map->links[i]);
                ties += span;
                items += span > 0 ? span - 1 : 0;
        }
        lay->items = sk_arena_get_zero(arena, items + 1, sizeof(*lay->items));
        lay->order = sk_arena_get_zero(arena, items + 1, sizeof(item *));
        lay->ties = sk_arena_get_zero(arena, ties + 1, sizeof(*lay->ties));
        return lay->items != NULL && lay->order != NULL && lay->ties != NULL;
}

static item *add_item(laying *lay, const item *added) {
        item *at = &lay->items[lay->item_count];
        *at = *added;
        at->index = lay->item_count;
        lay->order[lay->item_count++] = at;
        return at;
}

static void add_tie(laying *lay, item *left, item *right) {
        lay->ties[lay->tie_count++] = (tie){left, right};
}

/* An arrow over several layers takes room in each between. */
static bool thread_link(laying *lay, sk_map_link *link, sk_arena *arena) {
        unsigned span = span_of(lay->map, link);
        if (span == 0)
                return true;
        item *last = &lay->items[link->customer];
        link->via_count = span - 1;
        link->via = sk_arena_get_zero(arena, span, sizeof(*link->via));
        for (unsigned i = 0; link->via != NULL && i < link->via_count; i++) {
                item *next = add_item(lay, &(item){.team = SIZE_MAX, .via = &link->via[i], .layer = last->layer + 1});
                add_tie(lay, last, next);
                last = next;
        }
        add_tie(lay, last, &lay->items[link->provider]);
        return link->via != NULL;
}

static bool make_items(laying *lay, sk_arena *arena) {
        sk_chain_map *map = lay->map;
        if (!make_room(lay, arena))
                return false;
        for (size_t i = 0; i < map->team_count; i++)
                (void)add_item(lay, &(item){.team = i, .layer = map->teams[i].layer});
        for (size_t i = 0; i < map->link_count; i++) {
                if (!thread_link(lay, &map->links[i], arena))
                        return false;
        }
        return true;
}

/* ---- within a layer ---- */

static int compare(const void *a, const void *b) {
        const item *left = *(item *const *)a;
        const item *right = *(item *const *)b;
        if (left->layer != right->layer)
                return left->layer < right->layer ? -1 : 1;
        if (left->place < right->place || left->place > right->place)
                return left->place < right->place ? -1 : 1;
        return (left->index > right->index) - (left->index < right->index);
}

/* Where the items of the layer that begins at @p from end. */
static size_t end_of(const laying *lay, size_t from) {
        size_t end = from;
        while (end < lay->item_count && lay->order[end]->layer == lay->order[from]->layer)
                end++;
        return end;
}

/* Places as shares of the layer's height, so that layers of different size can be compared. */
static void number(laying *lay) {
        if (lay->item_count > 1)
                qsort(lay->order, lay->item_count, sizeof(item *), compare);
        for (size_t from = 0; from < lay->item_count;) {
                size_t end = end_of(lay, from);
                for (size_t i = from; i < end; i++)
                        lay->order[i]->place = ((double)(i - from) + 0.5) / (double)(end - from);
                from = end;
        }
}

/* To the middle of those it is tied to, on the one side or on the other. */
static void draw_near(laying *lay, bool is_left) {
        for (size_t i = 0; i < lay->item_count; i++) {
                lay->items[i].sum = 0;
                lay->items[i].ties = 0;
        }
        for (size_t i = 0; i < lay->tie_count; i++) {
                item *own = is_left ? lay->ties[i].right : lay->ties[i].left;
                own->sum += is_left ? lay->ties[i].left->place : lay->ties[i].right->place;
                own->ties++;
        }
        for (size_t i = 0; i < lay->item_count; i++) {
                if (lay->items[i].ties > 0)
                        lay->items[i].place = lay->items[i].sum / lay->items[i].ties;
        }
}

static void find_order(laying *lay) {
        number(lay);
        for (int i = 0; i < SWEEPS; i++) {
                draw_near(lay, i % 2 == 0);
                number(lay);
        }
}

/* ---- where it is drawn ---- */

int sk_chain_map_x(unsigned layer) {
        return LEFT + (int)layer * (SK_MAP_BOX_WIDTH + GAP_ACROSS);
}

static int height_of(const item *at) {
        return (at->team == SIZE_MAX ? VIA_HEIGHT : SK_MAP_BOX_HEIGHT) + GAP_DOWN;
}

static int height_of_layer(const laying *lay, size_t from) {
        int height = 0;
        for (size_t i = from; i < end_of(lay, from); i++)
                height += height_of(lay->order[i]);
        return height;
}

static int greatest_height(const laying *lay) {
        int greatest = 0;
        for (size_t from = 0; from < lay->item_count; from = end_of(lay, from)) {
                int height = height_of_layer(lay, from);
                greatest = height > greatest ? height : greatest;
        }
        return greatest;
}

static void place_item(sk_chain_map *map, const item *at, int y) {
        if (at->team == SIZE_MAX) {
                *at->via = y + VIA_HEIGHT / 2;
                return;
        }
        map->teams[at->team].x = sk_chain_map_x(at->layer);
        map->teams[at->team].y = y;
}

static void place_items(laying *lay) {
        sk_chain_map *map = lay->map;
        int height = greatest_height(lay);
        for (size_t from = 0; from < lay->item_count;) {
                size_t end = end_of(lay, from);
                int y = TOP + (height - height_of_layer(lay, from)) / 2;
                for (size_t i = from; i < end; i++) {
                        place_item(map, lay->order[i], y);
                        y += height_of(lay->order[i]);
                }
                from = end;
        }
        int width = lay->layers == 0 ? 0 : sk_chain_map_x(lay->layers - 1) + SK_MAP_BOX_WIDTH + LEFT;
        map->width = width > WIDTH_LEAST ? width : WIDTH_LEAST;
        map->height = TOP + height + BELOW;
}

bool sk_chain_map_lay(sk_chain_map *map, sk_arena *arena) {
        laying lay = {.map = map, .state = sk_arena_get_zero(arena, map->team_count + 1, sizeof(*lay.state))};
        if (lay.state == NULL)
                return false;
        find_circles(&lay);
        find_layers(&lay);
        if (!make_items(&lay, arena))
                return false;
        find_order(&lay);
        place_items(&lay);
        return true;
}
