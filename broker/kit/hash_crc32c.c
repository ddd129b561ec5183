/*
 * CRC-32C: by the processor's own instruction where it has one, else eight bytes at a time from tables that the first
 * use computes.
 */

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "kit/hash.h"

#define POLYNOMIAL 0x82f63b78u /* Castagnoli, bits reversed */

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void tables_fill(void) {
        for (uint32_t byte = 0; byte < 256; byte++) {
                uint32_t crc = byte;

                for (int bit = 0; bit < 8; bit++)
                        crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
                tables[0][byte] = crc;
        }
        for (uint32_t byte = 0; byte < 256; byte++)
                for (int i = 1; i < 8; i++)
                        tables[i][byte] = (tables[i - 1][byte] >> 8) ^ tables[0][tables[i - 1][byte] & 255];
}

static uint32_t crc_by_tables(uint32_t crc, const uint8_t *at, size_t left) {
        assert(at != NULL || left == 0);
        pthread_once(&tables_once, tables_fill);
        for (; left >= 8; left -= 8, at += 8) {
                crc ^= (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
                crc = tables[7][crc & 255] ^ tables[6][(crc >> 8) & 255] ^ tables[5][(crc >> 16) & 255] ^
                      tables[4][crc >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^ tables[0][at[7]];
        }
        for (; left > 0; left--, at++)
                crc = (crc >> 8) ^ tables[0][(crc ^ *at) & 255];
        return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *at, size_t left) {
        uint64_t wide = crc;

        for (; left >= 8; left -= 8, at += 8) {
                uint64_t word;

                memcpy(&word, at, sizeof(word));
                wide = __builtin_ia32_crc32di(wide, word);
        }
        crc = (uint32_t)wide;
        for (; left > 0; left--, at++)
                crc = __builtin_ia32_crc32qi(crc, *at);
        return crc;
}
#endif

uint32_t sk_hash_crc32c_by_tables(sk_slice bytes) {
        return ~crc_by_tables(~0u, (const uint8_t *)bytes.at, bytes.len);
}

uint32_t sk_hash_crc32c(sk_slice bytes) {
#if defined(__x86_64__)
        if (__builtin_cpu_supports("sse4.2"))
                return ~crc_by_instruction(~0u, (const uint8_t *)bytes.at, bytes.len);
#endif
        return sk_hash_crc32c_by_tables(bytes);
}
