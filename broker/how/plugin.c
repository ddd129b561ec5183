/*
 * Tries wait in one list until the process of their plug-in and configuration has nothing else to do. A process is let go of
 * only when its exit has been heard of, so that none is left behind; what is to be told is told from a timer or from there.
 */

#include "how/plugin.h"

#include <assert.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "how/peer.h"
#include "how/run_end.h"
#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"

#define MAGIC 0x51D2E8EDu

/** One try. */
typedef struct job {
        struct job *next;
        uint64_t ticket;
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
        uint64_t timeout_ms;
        sk_slice name;   /* in `texts` */
        sk_slice config; /* there as well */
        sk_buf texts;
        sk_buf frame;
        struct worker *worker;   /* NULL: it waits */
        const char *failed;      /* why it could not be begun; static */
        const char *code;        /* then; static */
        sk_effect_result result; /* then */
} job;

typedef struct sk_plugin {
        uint32_t magic;
        uv_loop_t *loop;
        char team_dir[PATH_MAX];
        char folder[PATH_MAX];
        const char *const *host;
        sk_how_ended *ended;
        void *self;
        uv_timer_t timer; /* gives out what waits, and tells what could not be begun */
        struct worker *workers;
        job *jobs; /* in the order in which they came */
        uint64_t tickets;
        unsigned handles; /* not closed yet */
        bool is_closed;
} sk_plugin;

/** A plug-in's process. */
typedef struct worker {
        struct worker *next;
        sk_plugin *plugin;
        sk_peer peer;
        uv_timer_t timer; /* of the try that it is at */
        sk_buf texts;
        sk_slice name;
        sk_slice config;
        job *job;       /* that it is at; NULL: none */
        uint64_t used;  /* ticket that it was given last */
        unsigned parts; /* peer and timer, not closed yet */
        bool is_over;   /* gets no more work */
        bool is_late;   /* killed, because its time was over */
} worker;

/* ---- tries ---- */

static void job_free(job *one) {
        sk_buf_free(&one->texts);
        sk_buf_free(&one->frame);
        sk_free(one);
}

static void job_forget(sk_plugin *plugin, job *one) {
        job **at = &plugin->jobs;

        while (*at != one)
                at = &(*at)->next;
        *at = one->next;
        if (one->worker != NULL)
                one->worker->job = NULL;
        job_free(one);
}

static void job_end(sk_plugin *plugin, job *one, const sk_effect_report *end) {
        sk_effect_report report = *end;

        report.callid = one->callid;
        report.visit = one->visit;
        report.try_number = one->try_number;
        job_forget(plugin, one);
        plugin->ended(plugin->self, &report);
}

static void job_fail(sk_plugin *plugin, job *one, sk_effect_result result, const char *code, const char *text) {
        job_end(plugin, one,
                &(sk_effect_report){
                        .result = result, .value = SK_NONE, .code = sk_slice_of(code), .text = sk_slice_of(text)});
}

static void on_timer(uv_timer_t *timer);

static void look_soon(sk_plugin *plugin) {
        if (!plugin->is_closed)
                (void)uv_timer_start(&plugin->timer, on_timer, 0, 0);
}

static void fail_later(job *one, sk_effect_result result, const char *code, const char *why) {
        one->failed = why;
        one->code = code;
        one->result = result;
}

/* ---- what a process says ---- */

static void worker_kill(worker *to) {
        to->is_over = true;
        sk_peer_kill(&to->peer);
}

static void on_frame(void *self, const sk_frame_read *frame) {
        worker *from = self;
        sk_plugin *plugin = from->plugin;
        job *one = from->job;
        sk_effect_report report;

        if (frame->kind != SK_FRAME_ENDED || one == NULL || one->ticket != frame->ticket)
                return;
        (void)uv_timer_stop(&from->timer);
        look_soon(plugin);
        sk_arena *arena = sk_arena_new((size_t)2 * SK_RUN_OUTPUT_MAX);
        sk_run_end_plugin(&frame->end, arena, &report);
        job_end(plugin, one, &report);
        sk_arena_free(arena);
}

/* ---- a process ---- */

static void on_silent(void *self) {
        worker_kill(self);
}

static void on_part_closed(void *self) {
        worker *gone = self;
        sk_plugin *plugin = gone->plugin;
        worker **at = &plugin->workers;

        assert(gone->parts > 0);
        if (--gone->parts > 0)
                return;
        while (*at != gone)
                at = &(*at)->next;
        *at = gone->next;
        plugin->handles--;
        sk_buf_free(&gone->texts);
        sk_free(gone);
        look_soon(plugin);
}

static void on_timer_closed(uv_handle_t *timer) {
        on_part_closed(timer->data);
}

static void worker_close(worker *gone) {
        gone->is_over = true;
        sk_peer_close(&gone->peer);
        if (!uv_is_closing((uv_handle_t *)&gone->timer))
                uv_close((uv_handle_t *)&gone->timer, on_timer_closed);
}

static void on_exited(void *self, int64_t status, int signal_number) {
        worker *gone = self;
        job *one = gone->job;
        char text[80];

        if (signal_number != 0)
                (void)snprintf(text, sizeof(text), "the plug-in's process was killed by signal %d", signal_number);
        else
                (void)snprintf(text, sizeof(text), "the plug-in ended its process with status %d", (int)status);
        worker_close(gone);
        if (one == NULL || gone->plugin->is_closed)
                return;
        if (gone->is_late)
                job_fail(gone->plugin, one, SK_EFFECT_RETRY, "timeout", "the plug-in took too long, and was ended");
        else
                job_fail(gone->plugin, one, SK_EFFECT_RETRY, "plugin-died", text);
}

static void on_late(uv_timer_t *timer) {
        worker *late = timer->data;

        late->is_late = true;
        worker_kill(late);
}

static bool path_of(const sk_plugin *plugin, sk_slice name, char path[PATH_MAX]) {
        int len = snprintf(path, PATH_MAX, "%s/%.*s.so", plugin->folder, (int)name.len, name.at);

        return len > 0 && len < PATH_MAX;
}

/* Name and configuration of a try, or of a process, in one buffer. */
static bool texts_keep(sk_buf *texts, sk_slice name, sk_slice config, sk_slice *out_name, sk_slice *out_config) {
        *texts = sk_buf_make(SK_FRAME_MAX);
        sk_buf_add_slice(texts, name);
        sk_buf_add_slice(texts, config);
        if (texts->err != SK_OK)
                return false;
        *out_name = (sk_slice){texts->at, name.len};
        *out_config = (sk_slice){texts->at + name.len, config.len};
        return true;
}

static worker *worker_begin(sk_plugin *plugin, const job *one) {
        static const sk_peer_ears ears = {
                .frame = on_frame, .silent = on_silent, .exited = on_exited, .closed = on_part_closed};
        worker *to = sk_alloc_zero(1, sizeof(*to));
        char path[PATH_MAX];

        if (to == NULL)
                return NULL;
        to->plugin = plugin;
        if (!path_of(plugin, one->name, path) ||
            !texts_keep(&to->texts, one->name, one->config, &to->name, &to->config)) {
                sk_buf_free(&to->texts);
                sk_free(to);
                return NULL;
        }
        (void)uv_timer_init(plugin->loop, &to->timer);
        to->timer.data = to;
        to->parts = 2;
        to->next = plugin->workers;
        plugin->workers = to;
        plugin->handles++;
        if (sk_peer_begin(&to->peer, plugin->loop, plugin->host, path, &ears, to))
                return to;
        worker_close(to);
        return NULL;
}

/* ---- giving out what waits ---- */

static worker *worker_of(const sk_plugin *plugin, const job *one) {
        worker *to = plugin->workers;

        while (to != NULL &&
               (to->is_over || !sk_slice_equal(to->name, one->name) || !sk_slice_equal(to->config, one->config)))
                to = to->next;
        return to;
}

/* Whether there is room for one more; the idle one that was used longest ago is asked to make it. */
static bool make_room(sk_plugin *plugin) {
        worker *oldest = NULL;
        unsigned count = 0;

        for (worker *one = plugin->workers; one != NULL; one = one->next) {
                count++;
                if (!one->is_over && one->job == NULL && (oldest == NULL || one->used < oldest->used))
                        oldest = one;
        }
        if (count < SK_PLUGINS_WARM)
                return true;
        if (oldest != NULL)
                worker_kill(oldest);
        return false;
}

static void job_give(sk_plugin *plugin, job *one) {
        worker *to = worker_of(plugin, one);

        if (to != NULL && to->job != NULL)
                return;
        if (to == NULL && !make_room(plugin))
                return;
        if (to == NULL)
                to = worker_begin(plugin, one);
        if (to == NULL || !sk_peer_send(&to->peer, &one->frame)) {
                fail_later(one, SK_EFFECT_RETRY, "not-started", "the plug-in's process cannot be started");
                look_soon(plugin);
                return;
        }
        to->job = one;
        to->used = one->ticket;
        one->worker = to;
        (void)uv_timer_start(&to->timer, on_late, one->timeout_ms, 0);
}

static job *job_failed(const sk_plugin *plugin) {
        job *one = plugin->jobs;

        while (one != NULL && one->failed == NULL)
                one = one->next;
        return one;
}

static void on_timer(uv_timer_t *timer) {
        sk_plugin *plugin = timer->data;
        job *one;

        for (one = plugin->jobs; one != NULL; one = one->next)
                if (one->worker == NULL && one->failed == NULL)
                        job_give(plugin, one);
        while (!plugin->is_closed && (one = job_failed(plugin)) != NULL)
                job_fail(plugin, one, one->result, one->code, one->failed);
}

/* ---- beginning ---- */

static void input_put(sk_buf *out, const sk_effect *effect) {
        sk_json_writer w = sk_json_writer_make(out);

        sk_json_open_object(&w, NULL);
        sk_json_put_cstr(&w, "key", effect->key);
        sk_json_put_id(&w, "id", &effect->callid);
        sk_json_put_int(&w, "visit", effect->visit);
        sk_json_put_int(&w, "try", effect->try_number);
        sk_json_put_int(&w, "attempts", effect->attempts);
        sk_json_put_int(&w, "deadline", effect->deadline_us);
        sk_json_put_raw(&w, "input", effect->input);
        sk_json_close_object(&w);
}

/* Everything of the effect that is needed later; false: it is too much, or there is no memory. */
static bool job_fill(const sk_plugin *plugin, const sk_effect *effect, job *one) {
        static sk_run wanted;
        sk_buf input = sk_buf_make(SK_FRAME_MAX);
        sk_slice config = sk_json_member(effect->config, "config");

        if (!texts_keep(&one->texts, effect->target, sk_slice_there(config) ? config : SK_SLICE("{}"), &one->name,
                        &one->config))
                return false;
        input_put(&input, effect);
        wanted = (sk_run){.ticket = one->ticket,
                          .program = SK_SLICE("-"),
                          .directory = SK_SLICE("-"),
                          .words = {one->name, one->config, sk_slice_of(plugin->team_dir)},
                          .word_count = 3,
                          .input = sk_buf_slice(&input)};
        one->frame = sk_buf_make(SK_FRAME_BYTES_MAX);
        if (input.err == SK_OK && input.len + one->texts.len + PATH_MAX < SK_FRAME_MAX)
                sk_frame_put_run(&one->frame, &wanted);
        else
                one->frame.err = SK_ERR_FULL;
        sk_buf_free(&input);
        return one->frame.err == SK_OK;
}

static void job_add(sk_plugin *plugin, job *one) {
        job **at = &plugin->jobs;

        while (*at != NULL)
                at = &(*at)->next;
        *at = one;
}

static void plugin_begin(void *self, const sk_effect *effect) {
        sk_plugin *plugin = self;
        job *one = plugin->is_closed ? NULL : sk_alloc_zero(1, sizeof(*one));
        char path[PATH_MAX];

        assert(plugin->magic == MAGIC && effect->how == SK_HOW_PLUGIN && !effect->is_stop);
        if (one == NULL)
                return; /* without memory for a note of it its deadline is what ends it */
        one->ticket = ++plugin->tickets;
        one->callid = effect->callid;
        one->visit = effect->visit;
        one->try_number = effect->try_number;
        one->timeout_ms = effect->timeout_us < 1000 ? 1 : (uint64_t)effect->timeout_us / 1000;
        if (!job_fill(plugin, effect, one))
                fail_later(one, SK_EFFECT_FAILED, "input-limit", "what the plug-in is to be given is too long");
        else if (!path_of(plugin, one->name, path) || access(path, R_OK) != 0)
                fail_later(one, SK_EFFECT_FAILED, "plugin-missing",
                           "the folder of plug-ins has none of that name: see schakeld --plugins");
        job_add(plugin, one);
        look_soon(plugin);
}

static void plugin_stop(void *self, const sk_effect *effect) {
        sk_plugin *plugin = self;
        job *one = plugin->jobs;

        assert(plugin->magic == MAGIC);
        while (one != NULL && (!sk_id_equal(&one->callid, &effect->callid) || one->visit != effect->visit ||
                               one->try_number != effect->try_number))
                one = one->next;
        if (one == NULL)
                return;
        if (one->worker != NULL)
                worker_kill(one->worker);
        job_forget(plugin, one);
        look_soon(plugin);
}

/* ---- the port ---- */

static void on_plugin_closed(uv_handle_t *handle) {
        sk_plugin *plugin = handle->data;

        assert(plugin->handles > 0);
        plugin->handles--;
}

/* A socket that closes ends the process of a plug-in that is idle, in order; one that is at work is killed. */
static void plugin_close(void *self) {
        sk_plugin *plugin = self;

        assert(plugin->magic == MAGIC && !plugin->is_closed);
        plugin->is_closed = true;
        for (worker *one = plugin->workers; one != NULL; one = one->next) {
                if (one->job != NULL)
                        worker_kill(one);
                worker_close(one);
        }
        while (plugin->jobs != NULL)
                job_forget(plugin, plugin->jobs);
        uv_close((uv_handle_t *)&plugin->timer, on_plugin_closed);
}

static void plugin_free(void *self) {
        sk_plugin *plugin = self;

        if (plugin == NULL)
                return;
        assert(plugin->magic == MAGIC && plugin->handles == 0);
        plugin->magic = 0;
        sk_free(plugin);
}

sk_err sk_plugin_new(const sk_plugin_config *config, sk_how_port *out) {
        sk_plugin *plugin = sk_alloc_zero(1, sizeof(*plugin));

        assert(config->ended != NULL && config->host != NULL && config->host[0] != NULL && config->folder != NULL);
        if (plugin == NULL)
                return SK_ERR_NO_MEMORY;
        plugin->magic = MAGIC;
        plugin->loop = config->loop;
        plugin->host = config->host;
        plugin->ended = config->ended;
        plugin->self = config->self;
        (void)snprintf(plugin->team_dir, sizeof(plugin->team_dir), "%s", config->team_dir);
        (void)snprintf(plugin->folder, sizeof(plugin->folder), "%s", config->folder);
        (void)uv_timer_init(config->loop, &plugin->timer);
        plugin->timer.data = plugin;
        plugin->handles = 1;
        *out = (sk_how_port){
                .begin = plugin_begin, .stop = plugin_stop, .close = plugin_close, .free = plugin_free, .self = plugin};
        return SK_OK;
}
