#ifndef SK_KIT_SPSC_H
#define SK_KIT_SPSC_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A bounded queue of pointers between exactly two threads, with an eventfd that becomes readable when something
 * was put into an empty queue. sk_spsc_put on one thread, sk_spsc_take on the other, new and free outside both.
 */
typedef struct sk_spsc sk_spsc;

/** New queue for @p capacity pointers (a power of two); NULL without memory or file descriptors. */
sk_spsc *sk_spsc_new(size_t capacity);
/** NULL is legal. */
void sk_spsc_free(sk_spsc *queue);
/** false when full. Wakes the reader. */
bool sk_spsc_put(sk_spsc *queue, void *item);
/** The next item or NULL. */
void *sk_spsc_take(sk_spsc *queue);
/** Readable when there may be something; drain with sk_spsc_drain before taking. */
int sk_spsc_fd(const sk_spsc *queue);
/** Consumer: resets the eventfd, before it takes what is there. */
void sk_spsc_drain(sk_spsc *queue);

#endif
