/*
 * Short forms of ids.
 */
#include "cli/session/ids.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"

#define SHORTEST 8
#define PART_SHORTEST 4

typedef struct reversed {
        char text[SK_ID_TEXT];
} reversed;

static int reversed_compare(const void *a, const void *b) {
        return memcmp(((const reversed *)a)->text, ((const reversed *)b)->text, SK_ID_TEXT);
}

static reversed reversed_of(const sk_id *id) {
        char text[SK_ID_TEXT];
        reversed result;
        sk_id_format(id, text);
        for (size_t i = 0; i < SK_ID_TEXT; i++)
                result.text[i] = text[SK_ID_TEXT - 1 - i];
        return result;
}

/* Ids that end alike are neighbours once sorted by their ends; equal ones are the same and need not differ. */
static size_t longest_common(const reversed *sorted, size_t count) {
        size_t longest = 0;
        for (size_t i = 1; i < count; i++) {
                size_t common = 0;
                while (common < SK_ID_TEXT && sorted[i].text[common] == sorted[i - 1].text[common])
                        common++;
                if (common < SK_ID_TEXT && common > longest)
                        longest = common;
        }
        return longest;
}

size_t sk_ids_short(const sk_id *ids, size_t count) {
        if (count < 2)
                return SHORTEST;
        reversed *sorted = sk_alloc_zero(count, sizeof(*sorted));
        if (sorted == NULL)
                return SK_ID_TEXT;
        for (size_t i = 0; i < count; i++)
                sorted[i] = reversed_of(&ids[i]);
        qsort(sorted, count, sizeof(*sorted), reversed_compare);
        size_t length = longest_common(sorted, count) + 1;
        sk_free(sorted);
        return length < SHORTEST ? SHORTEST : length;
}

const char *sk_cli_id(sk_cli *cli, const sk_id *id, size_t length) {
        char text[SK_ID_TEXT];
        assert(length <= SK_ID_TEXT);
        sk_id_format(id, text);
        return sk_cli_safe(cli, (sk_slice){text + SK_ID_TEXT - length, length});
}

bool sk_id_is_part(sk_slice text) {
        if (text.len < PART_SHORTEST || text.len > SK_ID_TEXT)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                char c = text.at[i];
                if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && c != '-')
                        return false;
        }
        return true;
}

bool sk_id_fits(const sk_id *id, sk_slice text) {
        char whole[SK_ID_TEXT];
        if (!sk_id_is_part(text))
                return false;
        sk_id_format(id, whole);
        return memcmp(whole, text.at, text.len) == 0 || memcmp(whole + SK_ID_TEXT - text.len, text.at, text.len) == 0;
}
