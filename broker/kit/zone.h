#ifndef SK_KIT_ZONE_H
#define SK_KIT_ZONE_H

#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * A time zone: how far its clocks stand from UTC, at any time. Made from the bytes of a TZif file (RFC 8536), versions
 * 1 to 4, as the zone database installs them; who reads the file is no matter of this layer.
 *
 * A zone is immutable and may be used by several threads.
 */

typedef struct sk_zone sk_zone;

/** Clocks stand the same from @p from_us on, until just before @p to_us. */
typedef struct sk_zone_span {
        int64_t from_us; /**< INT64_MIN: always before */
        int64_t to_us;   /**< INT64_MAX: for ever */
        int32_t east_s;  /**< local time is UTC plus this many seconds */
} sk_zone_span;

/** Larger files are refused; the largest in use have some 4 KiB. */
#define SK_ZONE_BYTES_MAX ((size_t)64 << 10)

/**
 * Reads a TZif file.
 *
 * @param bytes  the whole file; copied
 * @param out    new: free with sk_zone_free
 * @return SK_OK; SK_ERR_SYNTAX (no TZif, or inconsistent); SK_ERR_TRUNCATED; SK_ERR_SIZE; SK_ERR_RANGE (an offset of a
 *         day and more); SK_ERR_VERSION (counts leap seconds); SK_ERR_NO_MEMORY
 */
sk_err sk_zone_parse(sk_slice bytes, sk_zone **out);
/** NULL is legal. */
void sk_zone_free(sk_zone *zone);

/** The span that holds @p time_us; NULL is UTC. Spans meet without gap or overlap; two that meet may have one offset. */
sk_zone_span sk_zone_at(const sk_zone *zone, int64_t time_us);

/**
 * The first moment at which local clocks show @p local_us (microseconds, as if they were UTC). A local time that is
 * skipped when clocks go forward is the moment at which they do.
 */
int64_t sk_zone_utc(const sk_zone *zone, int64_t local_us);

#endif
