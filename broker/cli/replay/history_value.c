/*
 * What a map says of the fields of a call.
 */
#include <stdlib.h>

#include "cli/replay/history_map.h"
#include "kit/hash.h"

static int compare_slices(sk_slice a, sk_slice b) {
        int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int sk_history_pair_compare(const void *a, const void *b) {
        return compare_slices(((const sk_history_pair *)a)->from, ((const sk_history_pair *)b)->from);
}

bool sk_history_is_missing(const sk_history_map *map, sk_slice text) {
        for (size_t i = 0; i < map->missing_count; i++) {
                if (sk_slice_equal(map->missing[i], text))
                        return true;
        }
        return false;
}

sk_slice sk_history_value_of(const sk_history_value *value, const sk_slice *fields) {
        if (!value->is_given || value->column == SK_HISTORY_NONE)
                return value->otherwise;
        sk_slice text = fields[value->column];
        if (!sk_slice_there(text))
                return value->otherwise;
        if (!value->has_table && value->hash_count == 0)
                return text;
        const sk_history_pair wanted = {.from = text};
        const sk_history_pair *found = value->table_count == 0 ? NULL
                                                               : bsearch(&wanted, value->table, value->table_count,
                                                                         sizeof(wanted), sk_history_pair_compare);
        if (found != NULL)
                return found->to;
        return value->hash_count > 0 ? value->hash[sk_hash_crc32c(text) % value->hash_count] : value->otherwise;
}
