#ifndef SK_CLI_CHILDREN_H
#define SK_CLI_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * Programs that run below this one: their output line by line, what becomes of them, and that they end with us. Each is
 * in a process group of its own, so that Ctrl-C reaches this program alone, and it decides; each gets SIGTERM from the
 * kernel when this program dies, however it dies. One thread.
 */

typedef struct sk_children sk_children;

#define SK_CHILDREN_MAX 1024
#define SK_CHILD_AGAIN 75 /**< exit status of a program that wants to be started again (rule T) */

/** What becomes of a child. */
typedef struct sk_child_news {
        const char *name;
        size_t index;
        sk_slice line;       /**< a line that it wrote, without the line feed; SK_NONE: it has ended */
        int exit_status;     /**< ended: its exit status; -1 if a signal ended it */
        int signal;          /**< ended: the signal, or 0 */
        int64_t again_in_us; /**< ended: when it is started again; -1: not */
} sk_child_news;

typedef void sk_child_tell(void *self, const sk_child_news *news);

/** What to run. */
typedef struct sk_child_plan {
        const char *name;        /**< copied */
        const char *const *argv; /**< the path of the program first; ends with NULL; copied; at most 31 */
        bool is_kept;            /**< started again after SK_CHILD_AGAIN and after a signal, later each time */
        bool is_loud;            /**< writes where we write; else what it writes is told line by line */
        bool is_silent;          /**< what it writes goes nowhere */
        bool shows_errors;       /**< what it writes on stderr goes where ours does; the rest is told */
} sk_child_plan;

/** New, with no child; NULL without memory. @p tell may be NULL. */
sk_children *sk_children_new(sk_child_tell *tell, void *self);
/** Kills what still runs, waits for it and frees. NULL is legal. */
void sk_children_free(sk_children *children);

/**
 * Starts a program.
 *
 * @param out_index  counts from 0 in the order of starting
 * @return SK_OK; SK_ERR_FULL; SK_ERR_IO (errno says why); SK_ERR_NO_MEMORY
 */
sk_err sk_children_start(sk_children *children, const sk_child_plan *plan, size_t *out_index);

/**
 * Tells what there is to tell, starts again what is due, and waits for more at most @p timeout_ms. A signal ends the
 * wait.
 */
void sk_children_turn(sk_children *children, int timeout_ms);

/** How many run, or will be started again. */
size_t sk_children_count(const sk_children *children);
/** Whether that one runs, or will be started again. */
bool sk_children_is_up(const sk_children *children, size_t index);
/** Exit status of one that has ended; 128 and the signal for one that was killed. */
int sk_children_status(const sk_children *children, size_t index);

/** Sends a signal to all that run; none is started again from now on. */
void sk_children_signal(sk_children *children, int signal);
/** Sends a signal to one; it is not started again. */
void sk_children_signal_one(sk_children *children, size_t index, int signal);

/**
 * Ends all, in peace: SIGTERM, then turns until all have ended. Another Ctrl-C, or @p patience_ms, and it is SIGKILL.
 * @return whether all ended in peace
 */
bool sk_children_end(sk_children *children, int64_t patience_ms);

/**
 * Finds a program beside this one, else in PATH.
 * @return its path in @p out, or NULL
 */
const char *sk_program_find(const char *name, char *out, size_t out_size);

#endif
