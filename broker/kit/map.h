#ifndef SK_KIT_MAP_H
#define SK_KIT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/** Byte strings to pointers; open addressing; keys are copied. One thread. Order of a walk is not defined. */
typedef struct sk_map sk_map;

/** New empty map; NULL without memory. Free with sk_map_free; values stay the caller's. */
sk_map *sk_map_new(void);
/** NULL is legal. */
void sk_map_free(sk_map *map);
/** How many there are. */
size_t sk_map_count(const sk_map *map);
/** The value under @p key or NULL. */
void *sk_map_get(const sk_map *map, sk_slice key);
/** Puts @p value (not NULL) under @p key; the earlier value, if any, goes to *out_old (may be NULL). */
sk_err sk_map_put(sk_map *map, sk_slice key, void *value, void **out_old);
/** Takes @p key out; returns its value or NULL. */
void *sk_map_take(sk_map *map, sk_slice key);
/** Walks: start with *position 0; false at the end. The map must not change meanwhile. */
bool sk_map_next(const sk_map *map, size_t *position, sk_slice *out_key, void **out_value);

#endif
