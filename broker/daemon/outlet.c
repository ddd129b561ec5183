#include "daemon/outlet.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/notice.h"
#include "kit/alloc.h"

#define WAITING_MAX 1000
#define RUNNING_MAX 4
#define TRIES_MAX 3
#define LIMIT_MS 30000
#define RETRY_MS 10000
#define NOTICE_MAX_BYTES ((size_t)256 << 10)
#define ARGUMENTS_MAX 40

typedef enum telling_state { TELLING_WAITS, TELLING_RUNS, TELLING_PAUSES } telling_state;

/** One notice, from when it came until it is told or given up. */
typedef struct telling {
        struct telling *next;
        sk_outlet *outlet;
        telling_state state;
        unsigned tries;
        sk_buf event;
        sk_buf text; /**< what the program gets */
        char key[SK_NOTICE_KEY_MAX];
        uv_process_t process;
        uv_pipe_t pipe;
        uv_write_t writing;
        uv_timer_t timer; /**< the limit of a try, or the pause before the next */
        unsigned handles; /**< of these three, not closed yet */
        bool is_ended;    /**< the try is over; the handles close */
        bool has_failed;
        bool is_over; /**< it goes as soon as its handles are closed */
} telling;

struct sk_outlet {
        uv_loop_t *loop;
        sk_logger *logger;
        sk_edition *edition;
        char team[64];
        char folder[4096];
        uint64_t retry_ms;
        telling *tellings; /**< the oldest first */
        size_t count;
        size_t running;
        bool is_closed;
        sk_outlet_numbers numbers;
};

static void go_on(sk_outlet *outlet);

static const sk_team *team_of(const sk_outlet *outlet) {
        const sk_team *team = sk_edition_team(outlet->edition, sk_slice_of(outlet->team));
        assert(team != NULL);
        return team;
}

/* ---- the end of a notice ---- */

static void forget(telling *told) {
        sk_outlet *outlet = told->outlet;
        telling **at = &outlet->tellings;
        assert(told->handles == 0);
        while (*at != told)
                at = &(*at)->next;
        *at = told->next;
        outlet->count--;
        sk_buf_free(&told->event);
        sk_buf_free(&told->text);
        sk_free(told);
}

static void give_up(telling *told, const char *why) {
        told->outlet->numbers.failed++;
        told->is_over = true;
        sk_logger_say(told->outlet->logger, SK_LOG_WARNING, sk_slice_of(told->outlet->team), "not-told",
                      "the notice %s was not taken by the outlet: %s", told->key, why);
}

static void on_pause(uv_timer_t *timer);

/* After a try: told, or again later, or given up. */
static void settle(telling *told) {
        sk_outlet *outlet = told->outlet;
        outlet->running--;
        told->is_ended = false;
        if (!told->has_failed && !outlet->is_closed) {
                outlet->numbers.told++;
                told->is_over = true;
        } else if (told->tries >= TRIES_MAX && !outlet->is_closed) {
                give_up(told, "it failed three times");
        }
        if (told->is_over || outlet->is_closed) {
                forget(told);
                return;
        }
        told->state = TELLING_PAUSES;
        if (uv_timer_init(outlet->loop, &told->timer) == 0) {
                told->timer.data = told;
                told->handles = 1;
                (void)uv_timer_start(&told->timer, on_pause, outlet->retry_ms * (told->tries == 1 ? 1 : 6), 0);
        }
}

static void on_closed(uv_handle_t *handle) {
        telling *told = handle->data;
        sk_outlet *outlet = told->outlet;
        assert(told->handles > 0);
        told->handles--;
        if (told->handles > 0)
                return;
        if (told->state == TELLING_RUNS)
                settle(told);
        else if (outlet->is_closed)
                forget(told);
        else
                told->state = TELLING_WAITS;
        go_on(outlet);
}

static void close_handle(uv_handle_t *handle) {
        if (!uv_is_closing(handle))
                uv_close(handle, on_closed);
}

static void on_pause(uv_timer_t *timer) {
        close_handle((uv_handle_t *)timer);
}

/* ---- one try ---- */

static void end_try(telling *told, bool has_failed) {
        if (told->is_ended)
                return;
        told->is_ended = true;
        told->has_failed = has_failed;
        close_handle((uv_handle_t *)&told->process);
        close_handle((uv_handle_t *)&told->pipe);
        close_handle((uv_handle_t *)&told->timer);
}

static void on_ended(uv_process_t *process, int64_t status, int signal) {
        end_try(process->data, status != 0 || signal != 0);
}

static void kill_group(telling *told) {
        if (told->process.pid > 0)
                (void)kill(-told->process.pid, SIGKILL);
}

static void on_limit(uv_timer_t *timer) {
        kill_group(timer->data);
}

/* A program that does not read to the end is no fault of its own: its exit status counts. */
static void on_written(uv_write_t *writing, int status) {
        telling *told = writing->data;
        (void)status;
        if (!told->is_ended)
                close_handle((uv_handle_t *)&told->pipe);
}

static void pass_text(telling *told) {
        uv_buf_t bytes = uv_buf_init(told->text.at, (unsigned)told->text.len);
        told->writing.data = told;
        if (uv_write(&told->writing, (uv_stream_t *)&told->pipe, &bytes, 1, on_written) != 0)
                close_handle((uv_handle_t *)&told->pipe);
}

/** What is run, and for a webhook the header that carries the key. */
typedef struct run_line {
        char *words[ARGUMENTS_MAX];
        size_t count;
        char header[SK_NOTICE_KEY_MAX + 32];
        char key[SK_NOTICE_KEY_MAX + 16];
        char *environment[3];
} run_line;

static void add_word(run_line *line, const char *word) {
        assert(line->count + 1 < ARGUMENTS_MAX);
        /* libuv takes what execvp(3) takes, and changes nothing */
        line->words[line->count++] = (char *)(uintptr_t)word;
}

static void write_line(const telling *told, const sk_outlet_terms *terms, run_line *line) {
        /* That it is elsewhere is a failure, which curl says only when it is to follow and may not. */
        static const char *const curl[] = {"curl",
                                           "--disable",
                                           "--fail",
                                           "--silent",
                                           "--show-error",
                                           "--max-time",
                                           "20",
                                           "--location",
                                           "--max-redirs",
                                           "0",
                                           "--proto",
                                           "=http,https",
                                           "--header",
                                           "Content-Type: application/json",
                                           "--data-binary",
                                           "@-"};
        *line = (run_line){.count = 0};
        (void)snprintf(line->key, sizeof line->key, "SCHAKEL_KEY=%s", told->key);
        (void)snprintf(line->header, sizeof line->header, "Idempotency-Key: %s", told->key);
        line->environment[0] = line->key;
        line->environment[1] = (char *)(uintptr_t) "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        for (size_t i = 0; i < terms->command.count; i++)
                add_word(line, terms->command.at[i].at);
        if (terms->kind == SK_OUTLET_MAIL)
                add_word(line, "-t");
        if (terms->kind != SK_OUTLET_WEBHOOK)
                return;
        for (size_t i = 0; i < sizeof curl / sizeof *curl; i++)
                add_word(line, curl[i]);
        add_word(line, "--header");
        add_word(line, line->header);
        add_word(line, "--");
        add_word(line, terms->url.at);
}

static int spawn(telling *told, run_line *line) {
        uv_stdio_container_t stdio[3] = {
                {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
        uv_process_options_t options = {.exit_cb = on_ended,
                                        .file = line->words[0],
                                        .args = line->words,
                                        .env = line->environment,
                                        .cwd = told->outlet->folder[0] == '\0' ? NULL : told->outlet->folder,
                                        .flags = UV_PROCESS_DETACHED,
                                        .stdio_count = 3,
                                        .stdio = stdio};
        stdio[0].data.stream = (uv_stream_t *)&told->pipe;
        return uv_spawn(told->outlet->loop, &told->process, &options);
}

static void begin_try(telling *told, const sk_outlet_terms *terms) {
        sk_outlet *outlet = told->outlet;
        run_line line;
        told->state = TELLING_RUNS;
        told->tries++;
        outlet->running++;
        (void)uv_pipe_init(outlet->loop, &told->pipe, 0);
        (void)uv_timer_init(outlet->loop, &told->timer);
        told->process = (uv_process_t){.pid = 0};
        told->process.data = told->pipe.data = told->timer.data = told;
        told->handles = 3;
        write_line(told, terms, &line);
        int error = spawn(told, &line);
        if (error != 0) {
                sk_logger_say(outlet->logger, SK_LOG_WARNING, sk_slice_of(outlet->team), "trouble",
                              "the outlet's program %s cannot be run: %s", line.words[0], uv_strerror(error));
                end_try(told, true);
                return;
        }
        (void)uv_timer_start(&told->timer, on_limit, LIMIT_MS, 0);
        pass_text(told);
}

/* Writes what is told as today's edition has it; false: there is nothing to be told. */
static bool prepare(telling *told, const sk_outlet_terms *terms) {
        sk_outlet *outlet = told->outlet;
        sk_buf_clear(&told->text);
        if (terms->kind == SK_OUTLET_NONE)
                return false;
        size_t count =
                sk_notice_write(outlet->edition, team_of(outlet), sk_buf_slice(&told->event), terms->kind, &told->text);
        if (told->text.err != SK_OK)
                give_up(told, sk_err_text(told->text.err));
        return told->text.err == SK_OK && count > 0;
}

static telling *first_waiting(const sk_outlet *outlet) {
        telling *told = outlet->tellings;
        while (told != NULL && told->state != TELLING_WAITS)
                told = told->next;
        return told;
}

static void go_on(sk_outlet *outlet) {
        telling *told;
        while (!outlet->is_closed && outlet->running < RUNNING_MAX && (told = first_waiting(outlet)) != NULL) {
                sk_outlet_terms terms = sk_team_outlet(team_of(outlet));
                if (prepare(told, &terms))
                        begin_try(told, &terms);
                else
                        forget(told);
        }
}

/* ---- the outlet ---- */

sk_outlet *sk_outlet_new(const sk_outlet_config *config) {
        sk_outlet *outlet = sk_alloc_zero(1, sizeof *outlet);
        assert(config->loop != NULL && config->edition != NULL);
        if (outlet == NULL)
                return NULL;
        outlet->loop = config->loop;
        outlet->logger = config->logger;
        outlet->edition = sk_edition_retain(config->edition);
        outlet->retry_ms = config->retry_ms == 0 ? RETRY_MS : config->retry_ms;
        (void)snprintf(outlet->team, sizeof outlet->team, "%s", config->team);
        (void)snprintf(outlet->folder, sizeof outlet->folder, "%s", config->folder == NULL ? "" : config->folder);
        return outlet;
}

void sk_outlet_close(sk_outlet *outlet) {
        telling *next;
        assert(outlet != NULL);
        outlet->is_closed = true;
        for (telling *told = outlet->tellings; told != NULL; told = next) {
                next = told->next;
                if (told->state == TELLING_RUNS) {
                        kill_group(told);
                        end_try(told, true);
                } else if (told->state == TELLING_PAUSES) {
                        close_handle((uv_handle_t *)&told->timer);
                } else {
                        forget(told);
                }
        }
}

void sk_outlet_free(sk_outlet *outlet) {
        if (outlet == NULL)
                return;
        assert(outlet->tellings == NULL);
        sk_edition_release(outlet->edition);
        sk_free(outlet);
}

void sk_outlet_edition(sk_outlet *outlet, sk_edition *edition) {
        assert(outlet != NULL && edition != NULL);
        sk_edition *before = outlet->edition;
        outlet->edition = sk_edition_retain(edition);
        sk_edition_release(before);
}

static telling *telling_new(sk_outlet *outlet, sk_slice event) {
        telling *told = sk_alloc_zero(1, sizeof *told);
        sk_slice key = sk_notice_key(event);
        if (told == NULL)
                return NULL;
        told->outlet = outlet;
        told->event = sk_buf_make(NOTICE_MAX_BYTES);
        told->text = sk_buf_make(NOTICE_MAX_BYTES);
        sk_buf_add_slice(&told->event, event);
        memcpy(told->key, key.at, key.len);
        if (told->event.err == SK_OK)
                return told;
        sk_buf_free(&told->event);
        sk_free(told);
        return NULL;
}

void sk_outlet_tell(sk_outlet *outlet, sk_slice event) {
        assert(outlet != NULL);
        if (outlet->is_closed || !sk_slice_there(sk_notice_key(event)) ||
            sk_team_outlet(team_of(outlet)).kind == SK_OUTLET_NONE)
                return;
        telling *told = outlet->count < WAITING_MAX ? telling_new(outlet, event) : NULL;
        if (told == NULL) {
                if (outlet->numbers.dropped++ == 0)
                        sk_logger_say(outlet->logger, SK_LOG_WARNING, sk_slice_of(outlet->team), "not-told",
                                      "notices come faster than the outlet takes them: some are left out");
                return;
        }
        telling **at = &outlet->tellings;
        while (*at != NULL)
                at = &(*at)->next;
        *at = told;
        outlet->count++;
        go_on(outlet);
}

void sk_outlet_count(const sk_outlet *outlet, sk_outlet_numbers *out) {
        assert(outlet != NULL && out != NULL);
        *out = outlet->numbers;
        out->waiting = outlet->count;
}
