#ifndef SK_HOW_HOW_H
#define SK_HOW_HOW_H

#include "link/port.h"

/*
 * One way of having effects: exec, http, plugin. Each is made with a loop and the functions below, carries out what it is
 * given, and answers later from the loop. All on the loop's thread. Nothing here decides whether, when and how often
 * something is tried: that is the link's (rule E).
 */

/** How a try has ended; the report is borrowed for the call. Never called from within `begin` or `stop`. */
typedef void sk_how_ended(void *self, const sk_effect_report *report);

/** What a how can be told. */
typedef struct sk_how_port {
        /** Begins a try; what is needed of @p effect is copied. Whatever goes wrong is answered as an ended try. */
        void (*begin)(void *self, const sk_effect *effect);
        /** Ends the try with that callid, visit and number, if it still runs; it is not answered any more. */
        void (*stop)(void *self, const sk_effect *effect);
        /** Today's edition, whose limits hold at once (rule V6). NULL: each effect brings along all that it needs. */
        void (*edition)(void *self, sk_edition *edition);
        /** Stops everything that runs and takes itself out of the loop; to be freed after the loop's next round. */
        void (*close)(void *self);
        /** After close. NULL is legal. */
        void (*free)(void *self);
        void *self; /**< NULL: there is no such how here; its effects fail with code `how-missing` */
} sk_how_port;

#endif
