#include "link/broken.h"

#include <assert.h>
#include <string.h>

static size_t place_of(const sk_broken *broken, const sk_digest *key) {
        assert(key != NULL);
        size_t place = 0;

        assert(broken->count <= SK_BROKEN_MAX);
        while (place < broken->count && memcmp(&broken->records[place].key, key, sizeof(*key)) != 0)
                place++;
        assert(place <= broken->count);
        return place;
}

void sk_broken_add(sk_broken *broken, sk_slice key, int64_t offset, const char *why) {
        assert(broken != NULL);
        assert(why != NULL);
        struct sk_broken_record record = {.key = sk_digest_of(key), .offset = offset, .why = why};
        size_t place = place_of(broken, &record.key);

        if (place == SK_BROKEN_MAX) {
                broken->is_beyond = true;
                return;
        }
        broken->records[place] = record;
        broken->count += place == broken->count;
        assert(broken->count <= SK_BROKEN_MAX);
}

void sk_broken_mend(sk_broken *broken, sk_slice key) {
        assert(broken != NULL);
        if (broken->count == 0)
                return;
        sk_digest digest = sk_digest_of(key);
        size_t place = place_of(broken, &digest);
        assert(broken->count <= SK_BROKEN_MAX);

        /* What is beyond keeps the first as its witness. */
        if (place == broken->count || (broken->is_beyond && broken->count == 1))
                return;
        for (broken->count--; place < broken->count; place++)
                broken->records[place] = broken->records[place + 1];
}

const struct sk_broken_record *sk_broken_first(const sk_broken *broken) {
        assert(!broken->is_beyond || broken->count > 0); /* a witness is kept */
        assert(broken != NULL);
        return broken->count == 0 ? NULL : &broken->records[0];
}
