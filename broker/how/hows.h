#ifndef SK_HOW_HOWS_H
#define SK_HOW_HOWS_H

#include "how/exec.h"

/*
 * All ways in which a link has effects, as one: what its driver gives out goes to whom it is for.
 */
typedef struct sk_hows sk_hows;

typedef struct sk_hows_config {
        uv_loop_t *loop;
        sk_edition *edition;
        const char *team;
        const char *chain_dir;
        const char *state_dir;          /**< each how has a folder of its own in it; NULL: in /tmp */
        const char *const *runner;      /**< see sk_exec_config */
        const char *const *plugin_host; /**< see sk_plugin_config */
        const char *plugins;            /**< where plug-ins are found; NULL: there are none */
        sk_how_ended *ended;
        void *self;
} sk_hows_config;

/** New; SK_ERR_NO_MEMORY. */
sk_err sk_hows_new(const sk_hows_config *config, sk_hows **out);
/** Begins or stops an effect. */
void sk_hows_take(sk_hows *hows, const sk_effect *effect);
/** Today's edition. */
void sk_hows_edition(sk_hows *hows, sk_edition *edition);
/** Stops everything; to be freed after the loop's next rounds. */
void sk_hows_close(sk_hows *hows);
/** NULL is legal. */
void sk_hows_free(sk_hows *hows);

#endif
