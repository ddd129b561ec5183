#ifndef SK_DAEMON_NOTICE_H
#define SK_DAEMON_NOTICE_H

#include "kit/buf.h"
#include "kit/slice.h"
#include "usm/edition.h"

/*
 * A notice to those who are informed, as their team's outlet takes it: JSON, or a message for mail.
 */

#define SK_NOTICE_KEY_MAX 64

/** The key of a notice: the same however often it is sent; SK_NONE if the event has none. Borrowed. */
sk_slice sk_notice_key(sk_slice event);

/**
 * Writes the notice.
 *
 * @param event  value of the `event.informed`
 * @param kind   of the outlet, not NONE
 * @return how many persons it reaches: 0 for mail when none of them has an address
 */
size_t sk_notice_write(const sk_edition *edition, const sk_team *team, sk_slice event, sk_outlet_kind kind,
                       sk_buf *out);

#endif
