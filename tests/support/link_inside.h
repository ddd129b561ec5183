#ifndef SK_TESTS_SUPPORT_LINK_INSIDE_H
#define SK_TESTS_SUPPORT_LINK_INSIDE_H

#include <stdbool.h>

#include "link/driver.h"
#include "log/log.h"

/*
 * A link in the test's own process: its driver and its log, turned by the test, so that it can be looked at and ended
 * between any two turns. Its clock is the test's. Every failed expectation fails the test that runs.
 */

typedef struct link_inside {
        sk_edition *edition;
        sk_driver *driver;
        sk_log *log;
        int64_t shift_us;              /**< how far its clock is off */
        unsigned gaps;                 /**< SK_NEWS_GAP so far */
        unsigned fences;               /**< SK_NEWS_FENCED */
        char trouble[SK_LOG_TEXT_MAX]; /**< the last of SK_NEWS_TROUBLE */
} link_inside;

typedef struct link_inside_config {
        const char *chain_dir;
        const char *team;
        const char *url;
        const char *instance;
        const char *state_dir;
        int64_t shift_us;
} link_inside_config;

/** Makes driver and log; nothing has been turned yet. */
void link_inside_start(link_inside *link, const link_inside_config *config);
/** One turn. */
void link_inside_turn(link_inside *link);
/** Turns until @p holds, which is asked before each turn; fails the test after a generous limit. */
void link_inside_until(link_inside *link, bool (*holds)(link_inside *link, void *self), void *self);
/** Ends it as kill -9 does; @p has_crashed: as a fault of its own does. */
void link_inside_end(link_inside *link, bool has_crashed);

/** For link_inside_until: restored, and reading. */
bool link_inside_is_ready(link_inside *link, void *unused);

#endif
