#ifndef SK_HOW_PEER_H
#define SK_HOW_PEER_H

#include <uv.h>

#include "how/frame.h"

/*
 * A process that works for the link, the runner or the host of a plug-in, behind a socket of frames that it finds as
 * descriptor 3. It leads a process group of its own. All on the loop's thread.
 */

typedef struct sk_peer sk_peer;

/** What is heard of it; `self` is that of sk_peer_begin. No function may free the peer but `closed`. */
typedef struct sk_peer_ears {
        /** A whole frame; borrowed for the call. */
        void (*frame)(void *self, const sk_frame_read *frame);
        /** The socket is at its end, or carried what is no frame: nothing more comes through it. */
        void (*silent)(void *self);
        /** Its process has ended: waitpid(2)'s status, or the signal that killed it. */
        void (*exited)(void *self, int64_t status, int signal_number);
        /** After sk_peer_close: whoever holds the peer may free it. */
        void (*closed)(void *self);
} sk_peer_ears;

/** To be kept by who began it, at one place, until `closed`; all of it is the peer's own. */
struct sk_peer {
        const sk_peer_ears *ears;
        void *self;
        uv_process_t process;
        uv_pipe_t pipe;
        sk_buf in;
        unsigned handles; /**< not closed yet */
        bool is_deaf;     /**< nothing that it says counts any more */
        bool is_closing;
};

/**
 * Starts a process. Whatever comes of it, sk_peer_close follows.
 *
 * @param command  program and words; NULL at the end
 * @param last     word that is added to them
 * @param ears     borrowed
 * @return whether it runs; if not, `exited` is never called
 */
bool sk_peer_begin(sk_peer *peer, uv_loop_t *loop, const char *const *command, const char *last,
                   const sk_peer_ears *ears, void *self);
/** Sends what stands in @p frame, and empties it; false: it had no room for it, or the peer cannot be told. */
bool sk_peer_send(sk_peer *peer, sk_buf *frame);
/** Ends it by SIGKILL and hears no more frames of it; that it is gone is told by `exited`. */
void sk_peer_kill(sk_peer *peer);
/** Closes its socket, which tells it to end. Only `closed` is called any more. Again is legal. */
void sk_peer_close(sk_peer *peer);

#endif
