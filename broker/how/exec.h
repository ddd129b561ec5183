#ifndef SK_HOW_EXEC_H
#define SK_HOW_EXEC_H

#include <uv.h>

#include "how/how.h"
#include "kit/err.h"

/*
 * Programs (`exec`): argv from the work instruction, without a shell; JSON on stdin, JSON on stdout, the end of standard
 * error kept. They are started by a runner (how/runner.h), a process of its own which is begun with the first program and
 * again when it has died; what it ran is then another try's matter.
 *
 *   exit 0 done · 10 declined · 75 try again · anything else failed · out of time: try again
 */

typedef struct sk_exec_config {
        uv_loop_t *loop;
        sk_edition *edition;       /**< retained */
        const char *team;          /**< copied */
        const char *chain_dir;     /**< its folder of the team is where programs stand; copied */
        const char *scratch;       /**< a folder of its own, made if it is not there; copied */
        const char *const *runner; /**< how the runner is run: program and words, to which the folder is added; NULL
                                       at the end. It finds its socket as descriptor 3. Borrowed for as long as it lives */
        sk_how_ended *ended;
        void *self;
} sk_exec_config;

/** New port; SK_ERR_NO_MEMORY. To be closed, then freed after the loop's next rounds. */
sk_err sk_exec_new(const sk_exec_config *config, sk_how_port *out);

/** Exit statuses that mean something else than failed. */
enum { SK_EXEC_DONE = 0, SK_EXEC_DECLINED = 10, SK_EXEC_AGAIN = 75 };

#endif
