#ifndef SK_HOW_PLUGIN_H
#define SK_HOW_PLUGIN_H

#include <uv.h>

#include "how/how.h"
#include "kit/err.h"

/*
 * Plug-ins (`plugin`): each is kept warm in a process of its own per configuration (how/plugin_host.h), does one try at
 * a time and is killed when its time is over; what waits goes on in the next. One that dies is started again with the
 * next try.
 */

#define SK_PLUGINS_WARM 32u /**< processes at most; one that has nothing to do makes room */

typedef struct sk_plugin_config {
        uv_loop_t *loop;
        const char *team_dir; /**< where files of a configuration stand; copied */
        const char *folder;   /**< where NAME.so is looked for; copied */
        const char *const
                *host; /**< how the process is run: program and words, to which the shared object is added; NULL at
                                     the end. It finds its socket as descriptor 3. Borrowed for as long as it lives */
        sk_how_ended *ended;
        void *self;
} sk_plugin_config;

/** New port; SK_ERR_NO_MEMORY. To be closed, then freed after the loop's next rounds. */
sk_err sk_plugin_new(const sk_plugin_config *config, sk_how_port *out);

#endif
