/* One thread that reads a frame, has it done, and writes its end. */

#include "how/plugin_host.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "how/frame.h"
#include "how/plugin_load.h"
#include "kit/arena.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"
#include "link/port.h"

#define READ_BYTES 65536
#define ARENA_BYTES ((size_t)4 << 20)
#define DEPTH_MAX 64
#define INPUT_DEPTH_MAX (DEPTH_MAX + 2) /* what wraps it counts as well */
#define CODE_MAX_BYTES 31u

enum { WORD_NAME, WORD_CONFIG, WORD_DIRECTORY, WORDS };

typedef struct host {
        int fd;
        const char *path;
        sk_arena *settled; /* what the plug-in was begun with */
        sk_arena *arena;   /* of one frame */
        sk_plugin_loaded loaded;
        const char *values[SK_PLUGIN_OPTIONS_MAX + 1];
        void *state;
        char why[SK_PLUGIN_WHY_MAX]; /* it cannot be used, since */
        bool is_tried;               /* whether it has been begun */
        sk_buf in;
        sk_buf out;
} host;

/* ---- beginning the plug-in ---- */

static void begin(host *h, const sk_run *run) {
        sk_slice config = sk_arena_copy(h->settled, run->words[WORD_CONFIG]);
        sk_slice name = sk_arena_copy(h->settled, run->words[WORD_NAME]);
        sk_slice directory = sk_arena_copy(h->settled, run->words[WORD_DIRECTORY]);
        const char *refused = NULL;

        h->is_tried = true;
        if (!sk_slice_there(config) || !sk_slice_there(name) || !sk_slice_there(directory) ||
            sk_json_check(config, DEPTH_MAX, NULL) != SK_OK)
                (void)snprintf(h->why, sizeof(h->why), "its configuration cannot be read");
        else if (sk_plugin_load(h->path, name.at, &h->loaded, h->why) == SK_OK &&
                 sk_plugin_values(&h->loaded, config, directory.at, h->settled, h->values, h->why) == SK_OK &&
                 h->loaded.plugin->init != NULL)
                refused = h->loaded.plugin->init(h->values, &h->state);
        if (refused != NULL)
                (void)snprintf(h->why, sizeof(h->why), "%s", refused);
}

/* ---- what it answers ---- */

static bool is_code(const char *code) {
        size_t len = code == NULL ? 0 : strnlen(code, CODE_MAX_BYTES + 1);

        return len > 0 && len <= CODE_MAX_BYTES &&
               strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(code);
}

static void end_put(host *h, uint64_t ticket, schakel_plugin_result result, const schakel_plugin_answer *answer) {
        sk_buf text = sk_buf_make(SK_RUN_OUTPUT_MAX);
        sk_json_writer w = sk_json_writer_make(&text);
        sk_slice words = sk_slice_of(answer->text);

        if (words.len > SK_EFFECT_TEXT_MAX)
                words.len = SK_EFFECT_TEXT_MAX;
        sk_json_open_object(&w, NULL);
        if (is_code(answer->code))
                sk_json_put_cstr(&w, "code", answer->code);
        sk_json_put_optional(&w, "text", words);
        if (answer->retry_after_ms > 0)
                sk_json_put_int(&w, "retry_after_ms", answer->retry_after_ms);
        if (answer->value != NULL)
                sk_json_put_raw(&w, "value", sk_slice_of(answer->value));
        sk_json_close_object(&w);
        sk_frame_put_end(&h->out, &(sk_run_end){.ticket = ticket,
                                                .how = text.err == SK_OK ? SK_RUN_EXITED : SK_RUN_OUTPUT,
                                                .number = (int32_t)result,
                                                .output = text.err == SK_OK ? sk_buf_slice(&text) : SK_SLICE(""),
                                                .text = SK_SLICE("")});
        sk_buf_free(&text);
}

static void end_fail(host *h, uint64_t ticket, const char *code, const char *why) {
        end_put(h, ticket, SCHAKEL_PLUGIN_FAILED, &(schakel_plugin_answer){.code = code, .text = why});
}

/* ---- one try ---- */

static const char *c_text(sk_slice object, const char *name, sk_arena *arena) {
        return sk_arena_copy(arena, sk_json_member_string(object, name, arena)).at;
}

static bool call_read(host *h, sk_slice input, schakel_plugin_call *out) {
        int64_t visit = 0;
        int64_t attempt = 0;
        int64_t attempts = 0;
        int64_t deadline_us = 0;

        if (sk_json_check(input, INPUT_DEPTH_MAX, NULL) != SK_OK)
                return false;
        sk_slice given = sk_arena_copy(h->arena, sk_json_member(input, "input"));
        bool is_good = sk_json_member_int(input, "visit", 0, UINT32_MAX, &visit) &&
                       sk_json_member_int(input, "try", 1, UINT8_MAX, &attempt) &&
                       sk_json_member_int(input, "attempts", 1, UINT8_MAX, &attempts) &&
                       sk_json_member_int(input, "deadline", INT64_MIN, INT64_MAX, &deadline_us);
        *out = (schakel_plugin_call){.key = c_text(input, "key", h->arena),
                                     .id = c_text(input, "id", h->arena),
                                     .visit = (uint32_t)visit,
                                     .attempt = (uint32_t)attempt,
                                     .input = given.at,
                                     .input_len = given.len,
                                     .attempts = (uint32_t)attempts,
                                     .deadline_us = deadline_us};
        return is_good && out->key != NULL && out->id != NULL && out->input != NULL;
}

static void handle(host *h, const sk_run *run) {
        schakel_plugin_call call;
        schakel_plugin_answer answer = {0};

        sk_arena_reset(h->arena);
        if (!h->is_tried)
                begin(h, run);
        if (h->why[0] != '\0') {
                end_fail(h, run->ticket, "plugin-refused", h->why);
                return;
        }
        if (!call_read(h, run->input, &call)) {
                end_fail(h, run->ticket, "bad-input", "what it is given cannot be read");
                return;
        }
        schakel_plugin_result result = h->loaded.plugin->handle(h->state, &call, &answer);
        if (h->loaded.plugin->abi < 2) {
                answer.code = NULL;
                answer.retry_after_ms = 0;
        }
        if (result > SCHAKEL_PLUGIN_FAILED)
                end_fail(h, run->ticket, "bad-result", "the plug-in answered a result that does not exist");
        else if (answer.value != NULL && sk_json_check(sk_slice_of(answer.value), DEPTH_MAX, NULL) != SK_OK)
                end_fail(h, run->ticket, "bad-value", "the plug-in answered something that is no JSON");
        else
                end_put(h, run->ticket, result, &answer);
}

/* ---- the socket ---- */

static bool send_all(host *h) {
        size_t at = 0;

        while (at < h->out.len) {
                ssize_t sent = send(h->fd, h->out.at + at, h->out.len - at, MSG_NOSIGNAL);
                if (sent < 0 && errno != EINTR)
                        return false;
                at += sent < 0 ? 0 : (size_t)sent;
        }
        bool is_whole = h->out.err == SK_OK;
        sk_buf_clear(&h->out);
        return is_whole;
}

static bool take(void *self, const sk_frame_read *frame) {
        host *h = self;

        if (frame->kind != SK_FRAME_RUN || frame->run.word_count != WORDS)
                return false;
        handle(h, &frame->run);
        return send_all(h);
}

static bool turn(host *h) {
        char bytes[READ_BYTES];
        ssize_t got = read(h->fd, bytes, sizeof(bytes));

        if (got < 0 && errno == EINTR)
                return true;
        if (got <= 0)
                return false;
        sk_buf_add(&h->in, bytes, (size_t)got);
        return h->in.err == SK_OK && sk_frames_take(&h->in, take, h);
}

/* It is the link that ends it; a terminal's signals go to the link. */
static void settle(void) {
        struct rlimit none = {0, 0};

        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN);
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGTERM, SIG_IGN);
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        (void)prctl(PR_SET_NAME, "schakel-plugin", 0, 0, 0);
}

int sk_plugin_host_main(int fd, const char *path) {
        static host h;

        assert(fd >= 0 && path != NULL);
        h = (host){.fd = fd,
                   .path = path,
                   .settled = sk_arena_new(ARENA_BYTES),
                   .arena = sk_arena_new(ARENA_BYTES),
                   .in = sk_buf_make(2 * (size_t)SK_FRAME_MAX),
                   .out = sk_buf_make(2 * (size_t)SK_FRAME_MAX)};
        if (h.settled == NULL || h.arena == NULL)
                return 1;
        settle();
        while (turn(&h))
                continue;
        if (h.is_tried && h.why[0] == '\0' && h.loaded.plugin->exit != NULL)
                h.loaded.plugin->exit(h.state);
        sk_buf_free(&h.in);
        sk_buf_free(&h.out);
        sk_arena_free(h.settled);
        sk_arena_free(h.arena);
        (void)close(fd);
        return 0;
}
