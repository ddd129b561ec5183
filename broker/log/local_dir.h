#ifndef SK_LOG_LOCAL_DIR_H
#define SK_LOG_LOCAL_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/err.h"
#include "kit/slice.h"
#include "log/local_file.h"

/*
 * The folder FILE.d beside a local log: a lock and a socket for each team (rules L2 and L4). Any thread may use a
 * folder of its own; sk_local_dir_wake of one folder may run on one thread while another uses the rest.
 */

typedef struct sk_local_dir sk_local_dir;

/**
 * Opens `<file>.d`, making it if @p may_create.
 *
 * @param why  gets the sentence when this fails; may be NULL
 * @param out  new: free with sk_local_dir_free
 * @return SK_OK; SK_ERR_NOT_FOUND; SK_ERR_SIZE; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_local_dir_open(const char *file, bool may_create, char why[SK_LOCAL_WHY_MAX], sk_local_dir **out);
/** NULL is legal. */
void sk_local_dir_free(sk_local_dir *dir);

/**
 * Takes the lock of a team, or says at once that it is held. The lock goes when the descriptor is closed, at the
 * latest with the process, however it ends.
 *
 * @param out_fd  the lock; close(2) it to let go
 * @return SK_OK; SK_ERR_BUSY; SK_ERR_RANGE (not a team's name); SK_ERR_IO
 */
sk_err sk_local_dir_lock(sk_local_dir *dir, sk_slice team, int *out_fd);
/** Whether the lock file is still the one that @p fd locks: somebody may have removed it. */
bool sk_local_dir_lock_stands(sk_local_dir *dir, sk_slice team, int fd);
/** Whether anybody holds the team's lock. */
bool sk_local_dir_is_held(sk_local_dir *dir, sk_slice team);
/** What the holder said about itself: "process 4711"; "" if nothing. Not to be relied upon. */
void sk_local_dir_holder(sk_local_dir *dir, sk_slice team, char *out, size_t room);

/** Binds the team's datagram socket, not blocking and told who sends, in place of a left-over one. Only who has the
 * lock may. */
sk_err sk_local_dir_bind(sk_local_dir *dir, sk_slice team, int *out_fd);
/** Tells the team's socket that this process is about to write the record @p id; nobody there is fine. Never blocks. */
void sk_local_dir_announce(sk_local_dir *dir, sk_slice team, sk_slice id);
/** Sends a byte to the team's socket; nobody there is fine. Never blocks. */
void sk_local_dir_wake(sk_local_dir *dir, sk_slice team);

/** errno of the last failure. */
int sk_local_dir_errno(const sk_local_dir *dir);

#endif
