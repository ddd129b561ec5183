/* UUIDs of RFC 9562: version 7 for what starts a chain, version 8 for what derives from it (rule I). */

#include "kit/id.h"

#include <assert.h>
#include <sodium.h>

static void set_version(sk_id *id, uint8_t version) {
        assert(version < 16);
        id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | (version << 4));
        id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

sk_id sk_id_of_time(int64_t now_us, const uint8_t random[10]) {
        assert(random != NULL);
        uint64_t now_ms = now_us < 0 ? 0 : (uint64_t)now_us / 1000;
        sk_id id;

        for (unsigned i = 0; i < 6; i++)
                id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
        memcpy(id.bytes + 6, random, 10);
        set_version(&id, 7);
        return id;
}

static void hash_part(crypto_generichash_state *state, sk_slice part) {
        assert(sk_slice_there(part) || part.len == 0);
        static const unsigned char zero[1] = {0};

        if (part.len > 0)
                crypto_generichash_update(state, (const unsigned char *)part.at, part.len);
        crypto_generichash_update(state, zero, sizeof(zero));
}

static void hash_number(crypto_generichash_state *state, uint32_t number) {
        char digits[10];
        char *at = digits + sizeof(digits);

        do {
                *--at = (char)('0' + number % 10);
                number /= 10;
        } while (number > 0);
        hash_part(state, (sk_slice){at, (size_t)(digits + sizeof(digits) - at)});
}

sk_id sk_id_derive(const sk_id_origin *origin) {
        crypto_generichash_state state;
        char owner[SK_ID_TEXT];
        sk_id id;

        assert(origin->owner != NULL);
        sk_id_format(origin->owner, owner);
        crypto_generichash_init(&state, NULL, 0, sizeof(id.bytes));
        hash_part(&state, SK_SLICE("schakel-id-1"));
        hash_part(&state, origin->chain);
        hash_part(&state, origin->customer);
        hash_part(&state, (sk_slice){owner, sizeof(owner)});
        hash_number(&state, origin->visit);
        hash_number(&state, origin->target);
        hash_number(&state, origin->try_number);
        crypto_generichash_final(&state, id.bytes, sizeof(id.bytes));
        set_version(&id, 8);
        return id;
}

sk_id sk_id_derive_own(sk_slice chain, sk_slice team, sk_slice what, uint32_t salt) {
        assert(chain.len > 0);
        assert(team.len > 0);
        crypto_generichash_state state;
        sk_id id;

        crypto_generichash_init(&state, NULL, 0, sizeof(id.bytes));
        hash_part(&state, SK_SLICE("schakel-own-1"));
        hash_part(&state, chain);
        hash_part(&state, team);
        hash_part(&state, what);
        hash_number(&state, salt);
        crypto_generichash_final(&state, id.bytes, sizeof(id.bytes));
        set_version(&id, 8);
        return id;
}

/* Where the two digits of each byte stand; 8, 13, 18 and 23 are dashes. */
static const uint8_t places[] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

void sk_id_format(const sk_id *id, char out[SK_ID_TEXT]) {
        static const char digits[] = "0123456789abcdef";

        for (unsigned i = 0; i < sizeof(id->bytes); i++) {
                out[places[i]] = digits[id->bytes[i] >> 4];
                out[places[i] + 1] = digits[id->bytes[i] & 15];
        }
        out[8] = out[13] = out[18] = out[23] = '-';
}

/* 16 or more for what is no lower-case digit, without a branch. */
static unsigned digit_of(char c) {
        unsigned decimal = (unsigned)(uint8_t)c - '0';
        unsigned letter = (unsigned)(uint8_t)c - 'a';

        return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

bool sk_id_parse(sk_slice text, sk_id *out) {
        assert(out != NULL);
        unsigned seen = 0;
        sk_id id;

        if (text.len != SK_ID_TEXT || text.at[8] != '-' || text.at[13] != '-' || text.at[18] != '-' ||
            text.at[23] != '-')
                return false;
        for (unsigned i = 0; i < sizeof(id.bytes); i++) {
                unsigned high = digit_of(text.at[places[i]]);
                unsigned low = digit_of(text.at[places[i] + 1]);

                seen |= high | low;
                id.bytes[i] = (uint8_t)(high << 4 | low);
        }
        if (seen >= 16)
                return false;
        *out = id;
        return true;
}

bool sk_id_equal(const sk_id *a, const sk_id *b) {
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool sk_id_is_zero(const sk_id *id) {
        static const sk_id zero;

        return sk_id_equal(id, &zero);
}

int sk_id_compare(const sk_id *a, const sk_id *b) {
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}
