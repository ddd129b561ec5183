/*
 * Counts in a map of ids: the key is 128 bits of hash over root, facility and type, the count is kept in the pointer.
 * Two different triples that share a key would decline a call by mistake; at 128 bits that does not happen.
 */

#include "link/openings.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/idmap.h"

#define KEY_MAX_BYTES 512

struct sk_openings {
        sk_idmap *counts;
};

sk_openings *sk_openings_new(void) {
        sk_openings *openings = sk_alloc_zero(1, sizeof(*openings));

        if (openings == NULL)
                return NULL;
        openings->counts = sk_idmap_new();
        if (openings->counts == NULL) {
                sk_free(openings);
                return NULL;
        }
        return openings;
}

void sk_openings_free(sk_openings *openings) {
        if (openings == NULL)
                return;
        sk_idmap_free(openings->counts);
        sk_free(openings);
}

static size_t put(char *at, size_t room, sk_slice bytes) {
        size_t len = bytes.len < room ? bytes.len : room;

        assert(room <= KEY_MAX_BYTES);
        if (len > 0)
                memcpy(at, bytes.at, len);
        return len;
}

sk_opening sk_opening_of(sk_slice rootid, sk_slice facility, sk_call_type type) {
        char text[KEY_MAX_BYTES];
        size_t len = 0;
        sk_opening opening;
        uint64_t half[2];

        assert((unsigned)type <= SK_CALL_TYPES);
        text[len++] = 'a';
        text[len++] = (char)type;
        len += put(text + len, SK_ID_TEXT, rootid);
        text[len++] = '\0';
        len += put(text + len, sizeof(text) - len, facility);
        assert(len <= sizeof(text));
        half[0] = sk_hash_table((sk_slice){text, len});
        text[0] = 'b';
        half[1] = sk_hash_table((sk_slice){text, len}) | 1; /* never all zero */
        memcpy(opening.key.bytes, half, sizeof(half));
        assert(!sk_id_is_zero(&opening.key));
        return opening;
}

sk_err sk_opening_of_head(sk_slice head, sk_opening *out) {
        assert(out != NULL);
        sk_head_summary summary;
        sk_err err = sk_head_summarise(head, &summary);

        if (err != SK_OK)
                return err;
        memset(out, 0, sizeof(*out)); /* an ask opens nothing here */
        if (!summary.is_ask)
                *out = sk_opening_of(summary.rootid, summary.facility, summary.type);
        return SK_OK;
}

bool sk_openings_has(const sk_openings *openings, const sk_opening *opening) {
        assert(openings != NULL);
        assert(opening != NULL);
        return sk_idmap_get(openings->counts, &opening->key) != NULL;
}

sk_err sk_openings_add(sk_openings *openings, const sk_opening *opening) {
        assert(openings != NULL);
        assert(opening != NULL);
        uintptr_t count;

        if (sk_id_is_zero(&opening->key))
                return SK_OK;
        count = (uintptr_t)sk_idmap_get(openings->counts, &opening->key);
        return sk_idmap_put(openings->counts, &opening->key, (void *)(count + 1), NULL);
}

void sk_openings_remove(sk_openings *openings, const sk_opening *opening) {
        assert(openings != NULL);
        assert(opening != NULL);
        uintptr_t count;

        if (sk_id_is_zero(&opening->key))
                return;
        count = (uintptr_t)sk_idmap_take(openings->counts, &opening->key);
        assert(count > 0);
        if (count > 1)
                (void)sk_idmap_put(openings->counts, &opening->key, (void *)(count - 1), NULL);
}
