/* UUIDs of RFC 9562: version 7 for what starts a chain, version 8 for what derives from it (rule I). */

#include "kit/id.h"

#include <assert.h>
#include <sodium.h>

static void set_version(sk_id *id, uint8_t version) {
        id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | (version << 4));
        id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

sk_id sk_id_of_time(int64_t now_us, const uint8_t random[10]) {
        uint64_t now_ms = now_us < 0 ? 0 : (uint64_t)now_us / 1000;
        sk_id id;

        for (unsigned i = 0; i < 6; i++)
                id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
        memcpy(id.bytes + 6, random, 10);
        set_version(&id, 7);
        return id;
}

static void hash_part(crypto_generichash_state *state, sk_slice part) {
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

static bool is_dash(unsigned position) {
        return position == 8 || position == 13 || position == 18 || position == 23;
}

void sk_id_format(const sk_id *id, char out[SK_ID_TEXT]) {
        static const char digits[] = "0123456789abcdef";
        unsigned position = 0;

        for (unsigned i = 0; i < sizeof(id->bytes); i++) {
                if (is_dash(position))
                        out[position++] = '-';
                out[position++] = digits[id->bytes[i] >> 4];
                out[position++] = digits[id->bytes[i] & 15];
        }
}

static int digit_of(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sk_id_parse(sk_slice text, sk_id *out) {
        unsigned position = 0;
        sk_id id;

        if (text.len != SK_ID_TEXT)
                return false;
        for (unsigned i = 0; i < sizeof(id.bytes); i++) {
                int high, low;

                if (is_dash(position) && text.at[position++] != '-')
                        return false;
                high = digit_of(text.at[position++]);
                low = digit_of(text.at[position++]);
                if (high < 0 || low < 0)
                        return false;
                id.bytes[i] = (uint8_t)(high << 4 | low);
        }
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
