#ifndef SK_KIT_HASH_H
#define SK_KIT_HASH_H

#include <stdint.h>

#include "kit/slice.h"

#define SK_DIGEST_BYTES 16
#define SK_DIGEST_TEXT 32

/** BLAKE2b-128 (RFC 7693). */
typedef struct sk_digest {
        uint8_t bytes[SK_DIGEST_BYTES];
} sk_digest;

/** Murmur2 as Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2). */
uint32_t sk_hash_murmur2(sk_slice bytes);

/** Partition of a key: (murmur2 AND 0x7fffffff) mod @p partitions (rule I). */
int32_t sk_hash_partition(sk_slice key, int32_t partitions);

/** CRC-32C (Castagnoli, RFC 3720) of @p bytes. */
uint32_t sk_hash_crc32c(sk_slice bytes);

/** The same, without the processor's own instruction for it. */
uint32_t sk_hash_crc32c_by_tables(sk_slice bytes);

/**
 * Another seed for sk_hash_table, so that nobody outside can choose keys that collide. A program that takes keys from
 * outside calls it once with a random number, before the first table is made; without it every run hashes alike.
 * Nothing but the order of walks through tables depends on it.
 */
void sk_hash_table_seed(uint64_t seed);

/** For hash tables only; differs between versions of the program. */
uint64_t sk_hash_table(sk_slice bytes);

/** Digest of all the bytes at once. */
sk_digest sk_digest_of(sk_slice bytes);
/** Writes 32 lower-case hexadecimal characters, without a zero byte. */
void sk_digest_format(const sk_digest *digest, char out[SK_DIGEST_TEXT]);
/** Reads hexadecimal text; false: it is no digest. */
bool sk_digest_parse(sk_slice text, sk_digest *out);

#endif
