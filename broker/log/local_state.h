#ifndef SK_LOG_LOCAL_STATE_H
#define SK_LOG_LOCAL_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"
#include "link/port.h"

/*
 * A team's state directory (rule R5): `<team>.running` is there while a daemon runs the team's link, and stays after
 * an unclean exit; `<team>.noted` names the inputs that were being worked on, `<team>.found` how often such inputs were
 * found at a start. All of it can be lost without losing a call. These functions block for a disk's time.
 */

#define SK_LOCAL_NOTES_MAX 64

typedef struct sk_local_state sk_local_state;

/** Opens the directory, making it; free with sk_local_state_free. SK_ERR_IO (errno says why) or SK_ERR_NO_MEMORY. */
sk_err sk_local_state_open(const char *path, sk_slice team, sk_local_state **out);
/** NULL is legal. */
void sk_local_state_free(sk_local_state *state);

/** How the last process that ran the link ended. */
typedef enum sk_local_exit {
        SK_LAST_CLEAN,
        SK_LAST_KILLED,  /**< from outside: by a person, for want of memory, with the machine */
        SK_LAST_CRASHED, /**< by its own fault */
} sk_local_exit;

/** Says that the link runs. */
sk_err sk_local_state_enter(sk_local_state *state, sk_local_exit *out_last);
/** Where a handler of a fatal signal writes "crashed" and a line's end, as its last act; -1 before the link runs. */
int sk_local_state_crash_fd(const sk_local_state *state);
/** Says that it ended cleanly; takes the note away too. */
void sk_local_state_leave(sk_local_state *state);

/** Writes places as the note's text. */
void sk_local_note_format(const sk_input_place *places, size_t count, sk_buf *out);
/** Reads a note's text; what cannot be read is left out. Returns how many places were put into @p out. */
size_t sk_local_note_parse(sk_slice text, sk_input_place *out, size_t room);

/** Puts a note on disk, whole or not at all, in place of the last one. */
sk_err sk_local_state_note(sk_local_state *state, sk_slice text);
/** Takes the note away. */
sk_err sk_local_state_forget(sk_local_state *state);
/** Ends from outside that an input may meet before it counts as poisonous. */
#define SK_LOCAL_KILLS_MAX 5
/**
 * The places to give to a driver after an unclean exit, once each when there is only a suspicion, twice when a place is
 * to be a dead letter: found twice after a crash, or SK_LOCAL_KILLS_MAX times after ends that came from outside, which
 * harmless inputs meet as well. Counts this finding.
 *
 * @param room  of @p out
 * @return how many there are
 */
size_t sk_local_state_find(sk_local_state *state, sk_local_exit last, sk_input_place *out, size_t room);
/** The places of the note that is there; 0 if there is none. */
size_t sk_local_state_noted(sk_local_state *state, sk_input_place *out, size_t room);

/** Writes a small file beside them, such as the address of a server: `<team>.<suffix>`; SK_NONE takes it away. */
sk_err sk_local_state_publish(sk_local_state *state, const char *suffix, sk_slice text);

#endif
