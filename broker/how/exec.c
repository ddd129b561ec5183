/*
 * Frames to the runner and back. Each try has a ticket; what the runner says of a ticket that is not known any more is left
 * out. What cannot even be begun is told from a timer, never from within the beginning.
 */

#include "how/exec.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "how/peer.h"
#include "how/run_end.h"
#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"

#define MAGIC 0x51D2E8ECu
#define ARENA_BYTES ((size_t)4 << 20)
#define TIMEOUT_MAX_MS 86400000

/** One try that the runner has, or that could not be begun. */
typedef struct running {
        struct running *next;
        uint64_t ticket;
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
        pid_t group;             /* 0: not started yet */
        const char *failed;      /* why it could not be begun; static */
        sk_effect_result result; /* then */
} running;

typedef struct sk_exec {
        uint32_t magic;
        uv_loop_t *loop;
        sk_edition *edition;
        char team[64];
        char chain_dir[PATH_MAX];
        char scratch[PATH_MAX];
        const char *const *runner;
        sk_how_ended *ended;
        void *self;
        uv_timer_t timer;      /* tells what could not be begun */
        struct worker *worker; /* the runner; NULL: there is none */
        running *runs;
        uint64_t tickets;
        sk_arena *arena;
        unsigned handles; /* not closed yet */
        bool is_closed;
} sk_exec;

/** A runner; keeps the port from being freed until it is closed. */
typedef struct worker {
        sk_exec *exec;
        sk_peer peer;
} worker;

/* ---- what runs ---- */

static running *run_find(const sk_exec *exec, uint64_t ticket) {
        running *run = exec->runs;

        while (run != NULL && run->ticket != ticket)
                run = run->next;
        return run;
}

static void run_forget(sk_exec *exec, running *run) {
        running **at = &exec->runs;

        while (*at != run)
                at = &(*at)->next;
        *at = run->next;
        sk_free(run);
}

/* Tells the end of a try and forgets it. */
static void run_end(sk_exec *exec, running *run, const sk_effect_report *end) {
        sk_effect_report report = *end;

        report.callid = run->callid;
        report.visit = run->visit;
        report.try_number = run->try_number;
        run_forget(exec, run);
        exec->ended(exec->self, &report);
}

static void run_fail(sk_exec *exec, running *run, sk_effect_result result, const char *code, const char *text) {
        run_end(exec, run,
                &(sk_effect_report){
                        .result = result, .value = SK_NONE, .code = sk_slice_of(code), .text = sk_slice_of(text)});
}

static running *run_unbegun(const sk_exec *exec) {
        running *run = exec->runs;

        while (run != NULL && run->failed == NULL)
                run = run->next;
        return run;
}

static void on_timer(uv_timer_t *timer) {
        sk_exec *exec = timer->data;
        running *run;

        while (!exec->is_closed && (run = run_unbegun(exec)) != NULL)
                run_fail(exec, run, run->result, "not-started", run->failed);
}

static void fail_later(sk_exec *exec, running *run, sk_effect_result result, const char *why) {
        run->failed = why;
        run->result = result;
        (void)uv_timer_start(&exec->timer, on_timer, 0, 0);
}

/* ---- what the runner says ---- */

static void on_frame(void *self, const sk_frame_read *frame) {
        sk_exec *exec = ((worker *)self)->exec;
        running *run = run_find(exec, frame->ticket);
        char code[SK_RUN_CODE_MAX];
        sk_effect_report report;

        if (run == NULL)
                return;
        if (frame->kind == SK_FRAME_STARTED) {
                run->group = frame->number;
        } else if (frame->kind == SK_FRAME_ENDED) {
                sk_run_end_program(&frame->end, code, &report);
                run_end(exec, run, &report);
        }
}

/* ---- the runner ---- */

static void on_exec_closed(uv_handle_t *handle) {
        sk_exec *exec = handle->data;

        assert(exec->handles > 0);
        exec->handles--;
}

/* The runner is gone: what it ran goes with it, and is tried again. Its own end kills what it had, if it still can. */
static void runs_lost(sk_exec *exec) {
        running *next;

        for (running *run = exec->runs; run != NULL; run = next) {
                next = run->next;
                if (run->failed != NULL)
                        continue;
                if (run->group > 1)
                        (void)kill(-run->group, SIGKILL);
                fail_later(exec, run, SK_EFFECT_RETRY, "the runner has died");
        }
}

static void worker_lose(worker *lost) {
        sk_exec *exec = lost->exec;

        if (exec->worker != lost)
                return;
        exec->worker = NULL;
        runs_lost(exec);
}

static void on_silent(void *self) {
        worker *lost = self;

        worker_lose(lost);
        sk_peer_kill(&lost->peer);
}

static void on_exited(void *self, int64_t status, int signal_number) {
        worker *gone = self;

        (void)status;
        (void)signal_number;
        worker_lose(gone);
        sk_peer_close(&gone->peer);
}

static void on_worker_closed(void *self) {
        worker *gone = self;

        assert(gone->exec->handles > 0);
        gone->exec->handles--;
        sk_free(gone);
}

/* By its whole path: the runner's programs have other folders to stand in. */
static void scratch_make(sk_exec *exec) {
        char whole[PATH_MAX];

        (void)mkdir(exec->scratch, 0700);
        if (realpath(exec->scratch, whole) != NULL)
                memcpy(exec->scratch, whole, strlen(whole) + 1);
}

static worker *worker_begin(sk_exec *exec) {
        static const sk_peer_ears ears = {
                .frame = on_frame, .silent = on_silent, .exited = on_exited, .closed = on_worker_closed};
        worker *to = sk_alloc_zero(1, sizeof(*to));

        if (to == NULL)
                return NULL;
        to->exec = exec;
        exec->handles++;
        scratch_make(exec);
        if (!sk_peer_begin(&to->peer, exec->loop, exec->runner, exec->scratch, &ears, to)) {
                sk_peer_close(&to->peer);
                return NULL;
        }
        exec->worker = to;
        return to;
}

/* ---- beginning ---- */

static const sk_team *team_of(const sk_exec *exec) {
        const sk_team *team = sk_edition_team(exec->edition, sk_slice_of(exec->team));

        assert(team != NULL);
        return team;
}

static sk_slice path_in(sk_exec *exec, sk_slice path, bool of_team) {
        sk_buf whole = sk_buf_make(PATH_MAX);

        if (path.len > 0 && path.at[0] == '/')
                return sk_arena_copy(exec->arena, path);
        sk_buf_add_text(&whole, exec->chain_dir);
        sk_buf_add_byte(&whole, '/');
        if (of_team) {
                sk_buf_add_text(&whole, exec->team);
                sk_buf_add_byte(&whole, '/');
        }
        sk_buf_add_slice(&whole, path);
        sk_slice copy = whole.err == SK_OK ? sk_arena_copy(exec->arena, sk_buf_slice(&whole)) : SK_NONE;
        sk_buf_free(&whole);
        return copy;
}

static sk_slice directory_of(sk_slice path) {
        size_t len = path.len;

        while (len > 1 && path.at[len - 1] != '/')
                len--;
        return (sk_slice){path.at, len > 1 ? len - 1 : len};
}

static bool words_read(sk_exec *exec, const sk_effect *effect, sk_run *run) {
        sk_slice command = sk_json_member(effect->config, "command");
        sk_json_walk walk = sk_json_walk_make(command);
        sk_slice name;
        sk_slice word;

        if (sk_json_kind_of(command) == SK_JSON_STRING)
                run->words[run->word_count++] = sk_json_string(command, exec->arena);
        while (run->word_count < SK_FRAME_WORDS_MAX && sk_json_walk_next(&walk, &name, &word))
                run->words[run->word_count++] = sk_json_string(word, exec->arena);
        if (run->word_count == 0)
                return false;
        run->program = path_in(exec, run->words[0], true);
        run->directory = directory_of(run->program);
        return sk_slice_there(run->program);
}

static void sandbox_read(sk_exec *exec, sk_run *run) {
        sk_sandbox_terms terms = sk_team_sandbox(team_of(exec));

        run->cpu_s = terms.cpu_s;
        run->memory_mib = terms.memory_mib;
        run->processes = terms.processes;
        run->files = terms.files;
        run->scratch_mib = terms.scratch_mib;
        run->has_network = terms.has_network;
        run->is_reduced = terms.is_reduced;
        for (size_t i = 0; i < terms.read.count && run->read_count < SK_FRAME_WORDS_MAX; i++)
                run->read[run->read_count++] = path_in(exec, terms.read.at[i], false);
        for (size_t i = 0; i < terms.environment.count && run->variable_count < SK_FRAME_WORDS_MAX; i++) {
                char line[8192];
                sk_slice name = sk_arena_copy(exec->arena, terms.environment.at[i]);
                const char *value = name.at == NULL ? NULL : getenv(name.at);
                int len = value == NULL ? -1 : snprintf(line, sizeof(line), "%s=%s", name.at, value);
                if (len > 0 && (size_t)len < sizeof(line))
                        run->variables[run->variable_count++] =
                                sk_arena_copy(exec->arena, (sk_slice){line, (size_t)len});
        }
}

/* What the program gets on stdin. */
static sk_slice input_of(sk_exec *exec, const sk_effect *effect) {
        sk_buf text = sk_buf_make(SK_FRAME_MAX);
        sk_json_writer w = sk_json_writer_make(&text);

        sk_json_open_object(&w, NULL);
        sk_json_put_cstr(&w, "key", effect->key);
        sk_json_put_id(&w, "id", &effect->callid);
        sk_json_put_int(&w, "visit", effect->visit);
        sk_json_put_int(&w, "try", effect->try_number);
        sk_json_put_int(&w, "attempts", effect->attempts);
        sk_json_put_time(&w, "deadline", effect->deadline_us);
        sk_json_put_raw(&w, "input", effect->input);
        sk_json_close_object(&w);
        sk_buf_add_byte(&text, '\n');
        sk_slice copy = text.err == SK_OK ? sk_arena_copy(exec->arena, sk_buf_slice(&text)) : SK_NONE;
        sk_buf_free(&text);
        return copy;
}

static running *run_add(sk_exec *exec, const sk_effect *effect) {
        running *run = sk_alloc_zero(1, sizeof(*run));

        if (run == NULL)
                return NULL;
        run->ticket = ++exec->tickets;
        run->callid = effect->callid;
        run->visit = effect->visit;
        run->try_number = effect->try_number;
        run->next = exec->runs;
        exec->runs = run;
        return run;
}

static bool run_send(sk_exec *exec, const sk_effect *effect, uint64_t ticket) {
        static sk_run wanted;
        int64_t timeout_ms = effect->timeout_us / 1000;
        worker *to = exec->worker != NULL ? exec->worker : worker_begin(exec);
        sk_buf frame = sk_buf_make(SK_FRAME_BYTES_MAX);

        if (to == NULL)
                return false;
        wanted = (sk_run){.ticket = ticket,
                          .timeout_ms = (uint32_t)(timeout_ms < 1                ? 1
                                                   : timeout_ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS
                                                                                 : timeout_ms)};
        bool is_good = words_read(exec, effect, &wanted);
        sandbox_read(exec, &wanted);
        wanted.input = input_of(exec, effect);
        if (!is_good || !sk_slice_there(wanted.input) || sk_arena_err(exec->arena) != SK_OK)
                return false;
        sk_frame_put_run(&frame, &wanted);
        return sk_peer_send(&to->peer, &frame);
}

static void exec_begin(void *self, const sk_effect *effect) {
        sk_exec *exec = self;
        running *run;

        assert(exec->magic == MAGIC && effect->how == SK_HOW_EXEC && !effect->is_stop);
        if (exec->is_closed)
                return;
        sk_arena_reset(exec->arena);
        run = run_add(exec, effect);
        if (run == NULL)
                return; /* without memory for a note of it its deadline is what ends it */
        if (!run_send(exec, effect, run->ticket))
                fail_later(exec, run, SK_EFFECT_RETRY, "the runner cannot be told");
}

static void exec_stop(void *self, const sk_effect *effect) {
        sk_exec *exec = self;
        running *run = exec->runs;

        assert(exec->magic == MAGIC);
        while (run != NULL && (!sk_id_equal(&run->callid, &effect->callid) || run->visit != effect->visit ||
                               run->try_number != effect->try_number))
                run = run->next;
        if (run == NULL)
                return;
        if (exec->worker != NULL && run->failed == NULL) {
                sk_buf frame = sk_buf_make(SK_FRAME_BYTES_MAX);
                sk_frame_put(&frame, SK_FRAME_STOP, run->ticket, 0);
                (void)sk_peer_send(&exec->worker->peer, &frame);
        }
        run_forget(exec, run);
}

/* ---- the port ---- */

static void exec_edition(void *self, sk_edition *edition) {
        sk_exec *exec = self;
        sk_edition *before = exec->edition;

        assert(exec->magic == MAGIC);
        exec->edition = sk_edition_retain(edition);
        sk_edition_release(before);
}

static void exec_close(void *self) {
        sk_exec *exec = self;

        assert(exec->magic == MAGIC && !exec->is_closed);
        exec->is_closed = true;
        while (exec->runs != NULL)
                run_forget(exec, exec->runs);
        uv_close((uv_handle_t *)&exec->timer, on_exec_closed);
        if (exec->worker != NULL)
                sk_peer_close(&exec->worker->peer);
}

static void exec_free(void *self) {
        sk_exec *exec = self;

        if (exec == NULL)
                return;
        assert(exec->magic == MAGIC && exec->handles == 0);
        sk_edition_release(exec->edition);
        sk_arena_free(exec->arena);
        exec->magic = 0;
        sk_free(exec);
}

sk_err sk_exec_new(const sk_exec_config *config, sk_how_port *out) {
        sk_exec *exec = sk_alloc_zero(1, sizeof(*exec));

        assert(config->ended != NULL && config->runner != NULL && config->runner[0] != NULL);
        if (exec == NULL)
                return SK_ERR_NO_MEMORY;
        exec->magic = MAGIC;
        exec->arena = sk_arena_new(ARENA_BYTES);
        if (exec->arena == NULL) {
                sk_free(exec);
                return SK_ERR_NO_MEMORY;
        }
        exec->loop = config->loop;
        exec->edition = sk_edition_retain(config->edition);
        exec->runner = config->runner;
        exec->ended = config->ended;
        exec->self = config->self;
        (void)snprintf(exec->team, sizeof(exec->team), "%s", config->team);
        (void)snprintf(exec->scratch, sizeof(exec->scratch), "%s", config->scratch);
        if (realpath(config->chain_dir, exec->chain_dir) == NULL)
                (void)snprintf(exec->chain_dir, sizeof(exec->chain_dir), "%s", config->chain_dir);
        (void)uv_timer_init(config->loop, &exec->timer);
        exec->timer.data = exec;
        exec->handles = 1;
        *out = (sk_how_port){.begin = exec_begin,
                             .stop = exec_stop,
                             .edition = exec_edition,
                             .close = exec_close,
                             .free = exec_free,
                             .self = exec};
        return SK_OK;
}
