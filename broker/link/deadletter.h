#ifndef SK_LINK_DEADLETTER_H
#define SK_LINK_DEADLETTER_H

#include <stdint.h>

#include "event/envelope.h"
#include "event/topics.h"
#include "link/out.h"

/** A record that cannot be used, and why. */
typedef struct sk_dead_letter {
        const sk_record *record;
        const sk_reject *reject;
        int64_t now_us;
        int32_t partitions;
} sk_dead_letter;

/**
 * Writes the record byte for byte to the team's dead letters, with the headers `schakel-dl-topic`, -partition, -offset,
 * -reason, -text, -time and -count behind its own. Such headers from an earlier time are replaced and counted. Headers
 * that cannot be kept as they are (malformed, or too many) go whole into `schakel-dl-headers`.
 */
void sk_dead_letter_write(const sk_dead_letter *letter, const sk_topics *topics, sk_out *out);

/** Copies headers without those of a dead letter. */
void sk_headers_without_dead_letter(sk_slice headers, sk_buf *out);

#endif
