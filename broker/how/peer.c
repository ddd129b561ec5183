#include "how/peer.h"

#include <assert.h>
#include <signal.h>
#include <unistd.h>

#include "kit/alloc.h"

#define WORDS_MAX 16
#define UNREAD_MAX_BYTES (4 * (size_t)SK_FRAME_MAX)

typedef struct sending {
        uv_write_t request;
        sk_buf bytes;
} sending;

/* ---- what it says ---- */

static bool hear(void *self, const sk_frame_read *frame) {
        sk_peer *peer = self;

        if (!peer->is_deaf)
                peer->ears->frame(peer->self, frame);
        return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
        (void)handle;
        *out = uv_buf_init(sk_alloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes) {
        sk_peer *peer = stream->data;
        bool is_heard = got >= 0;

        if (got > 0 && !peer->is_deaf) {
                sk_buf_add(&peer->in, bytes->base, (size_t)got);
                is_heard = peer->in.err == SK_OK && sk_frames_take(&peer->in, hear, peer);
        }
        sk_free(bytes->base);
        if (is_heard || peer->is_closing)
                return;
        (void)uv_read_stop(stream);
        peer->ears->silent(peer->self);
}

/* ---- its process ---- */

static void on_exit(uv_process_t *process, int64_t status, int signal_number) {
        sk_peer *peer = process->data;

        if (!peer->is_closing)
                peer->ears->exited(peer->self, status, signal_number);
}

static int spawn(sk_peer *peer, uv_loop_t *loop, const char *const *command, const char *last) {
        const char *words[WORDS_MAX + 2] = {NULL};
        size_t count = 0;
        uv_stdio_container_t stdio[4] = {{.flags = UV_IGNORE},
                                         {.flags = UV_IGNORE},
                                         {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                         {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE,
                                          .data.stream = (uv_stream_t *)&peer->pipe}};

        for (; command[count] != NULL; count++) {
                assert(count < WORDS_MAX);
                words[count] = command[count];
        }
        words[count] = last;
        uv_process_options_t options = {.exit_cb = on_exit,
                                        .file = words[0],
                                        .args = (char **)(uintptr_t)words, /* libuv takes what execvp(3) takes */
                                        .flags = UV_PROCESS_DETACHED,
                                        .stdio_count = 4,
                                        .stdio = stdio};
        return uv_spawn(loop, &peer->process, &options);
}

bool sk_peer_begin(sk_peer *peer, uv_loop_t *loop, const char *const *command, const char *last,
                   const sk_peer_ears *ears, void *self) {
        assert(command[0] != NULL && ears != NULL);
        *peer = (sk_peer){.ears = ears, .self = self, .in = sk_buf_make(UNREAD_MAX_BYTES), .handles = 2};
        (void)uv_pipe_init(loop, &peer->pipe, 0);
        peer->pipe.data = peer->process.data = peer;
        return spawn(peer, loop, command, last) == 0 &&
               uv_read_start((uv_stream_t *)&peer->pipe, on_alloc, on_read) == 0;
}

void sk_peer_kill(sk_peer *peer) {
        peer->is_deaf = true;
        if (!peer->is_closing)
                (void)uv_process_kill(&peer->process, SIGKILL);
}

static void on_closed(uv_handle_t *handle) {
        sk_peer *peer = handle->data;

        assert(peer->handles > 0);
        if (--peer->handles > 0)
                return;
        sk_buf_free(&peer->in);
        peer->ears->closed(peer->self);
}

void sk_peer_close(sk_peer *peer) {
        if (peer->is_closing)
                return;
        peer->is_deaf = peer->is_closing = true;
        uv_close((uv_handle_t *)&peer->pipe, on_closed);
        uv_close((uv_handle_t *)&peer->process, on_closed);
}

/* ---- what it is told ---- */

static void sending_free(sending *sent) {
        sk_buf_free(&sent->bytes);
        sk_free(sent);
}

static void on_sent(uv_write_t *request, int status) {
        (void)status; /* a socket that is gone is heard of as its end */
        sending_free(request->data);
}

bool sk_peer_send(sk_peer *peer, sk_buf *frame) {
        sending *sent = sk_alloc_zero(1, sizeof(*sent));

        assert(!peer->is_closing);
        if (sent == NULL) {
                sk_buf_free(frame);
                return false;
        }
        sent->request.data = sent;
        sent->bytes = *frame;
        *frame = sk_buf_make(0);
        uv_buf_t bytes = uv_buf_init(sent->bytes.at, (unsigned)sent->bytes.len);
        if (sent->bytes.err == SK_OK && uv_write(&sent->request, (uv_stream_t *)&peer->pipe, &bytes, 1, on_sent) == 0)
                return true;
        sending_free(sent);
        return false;
}
