#include "daemon/daemon.h"

#include <assert.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "daemon/crash.h"
#include "daemon/host.h"
#include "daemon/http.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/plugin_check.h"
#include "daemon/status.h"
#include "daemon/turn_watch.h"
#include "kit/alloc.h"
#include "log/chain_dir.h"

/*
 * The process: one loop, a host for each team, signals, the small HTTP server, the service manager.
 *
 *   starting ──> running ──SIGTERM, SIGINT, a host that must exit──> stopping ──all hosts over──> ended
 *
 * A chain directory is read on a worker thread, since a disk may be slow; the edition that comes of it is taken on the
 * loop, by all hosts or by none.
 */

typedef struct sk_reload {
        uv_work_t work;
        const char *path;
        sk_findings *findings;
        sk_edition *edition;
        sk_err result;
} sk_reload;

typedef struct sk_daemon {
        uv_loop_t loop;
        const sk_options *options;
        sk_logger *logger;
        sk_edition *edition;
        sk_host *hosts[SK_HOSTED_TEAMS_MAX];
        bool has_address[SK_HOSTED_TEAMS_MAX]; /* the host's state directory says where HTTP is served */
        size_t host_count;
        sk_http *http;
        uv_signal_t signals[4];
        size_t signal_count;
        uv_timer_t watchdog;
        bool has_watchdog;
        sk_turn_watch turn_watch;
        bool has_turn_watch;
        uv_async_t settle; /* looks at the hosts outside of their turns */
        bool has_settle;
        bool is_stopping;
        bool is_ready_told;
        bool is_reloading;
        bool wants_reload;
        bool is_edition_refused; /* the last new one */
        int exit_code;
        double start_seconds;
} sk_daemon;

/* ---- how we are ---- */

static size_t statuses_of(const sk_daemon *daemon, sk_host_status out[SK_HOSTED_TEAMS_MAX]) {
        for (size_t i = 0; i < daemon->host_count; i++)
                sk_host_status_of(daemon->hosts[i], &out[i]);
        return daemon->host_count;
}

/* Tells the service manager, with a word of what has happened: "READY=1\n", or "". */
static void manager_tell(const sk_daemon *daemon, const char *word) {
        sk_host_status hosts[SK_HOSTED_TEAMS_MAX];
        size_t count = statuses_of(daemon, hosts);
        sk_buf text = sk_buf_make(1024);

        sk_buf_add_format(&text, "%sSTATUS=", word);
        sk_status_line(hosts, count, daemon->is_edition_refused, &text);
        sk_buf_add_byte(&text, 0);
        if (text.err == SK_OK)
                sk_notify(text.at);
        sk_buf_free(&text);
}

/* ---- editions ---- */

static sk_err edition_read(const char *path, sk_findings **out_findings, sk_edition **out) {
        *out_findings = sk_findings_new();
        if (*out_findings == NULL)
                return SK_ERR_NO_MEMORY;
        return sk_chain_dir_build(path, *out_findings, out);
}

static bool has_teams(const sk_options *options, const sk_edition *edition, sk_logger *logger) {
        bool has_all = true;

        for (size_t i = 0; i < options->team_count; i++) {
                if (sk_edition_team(edition, sk_slice_of(options->teams[i])) != NULL)
                        continue;
                sk_logger_say(logger, SK_LOG_ERROR, SK_NONE, "team-unknown",
                              "the chain in %s has no team %s; give the name of one of its folders", options->chain_dir,
                              options->teams[i]);
                has_all = false;
        }
        return has_all;
}

static void edition_say(sk_logger *logger, const sk_edition *edition, const char *event, const char *text) {
        char digest[SK_DIGEST_TEXT];

        sk_digest_format(sk_edition_digest(edition), digest);
        sk_logger_say(logger, SK_LOG_INFO, SK_NONE, event, "%s: edition %.*s of chain %.*s", text, SK_DIGEST_TEXT,
                      digest, (int)sk_edition_chain(edition).len, sk_edition_chain(edition).at);
}

/* The edition to start with; its findings are logged. */
static int edition_first(const sk_options *options, sk_logger *logger, sk_edition **out) {
        sk_findings *findings = NULL;
        sk_edition *edition = NULL;
        sk_err err = edition_read(options->chain_dir, &findings, &edition);

        if (findings != NULL)
                sk_logger_findings(logger, findings);
        sk_findings_free(findings);
        if (err != SK_OK) {
                sk_logger_say(logger, SK_LOG_ERROR, SK_NONE, "edition-refused",
                              "the chain directory %s cannot be used: %s; see 'schakel check -C %s'",
                              options->chain_dir, sk_err_text(err), options->chain_dir);
                return err == SK_ERR_NO_MEMORY ? SK_EXIT_AGAIN : SK_EXIT_CONFIG;
        }
        if (!has_teams(options, edition, logger)) {
                sk_edition_release(edition);
                return SK_EXIT_CONFIG;
        }
        *out = edition;
        return SK_EXIT_STOPPED;
}

static bool plugins_are_good(const sk_options *options, const sk_edition *edition, sk_logger *logger) {
        char team_dir[PATH_MAX];
        bool is_good = true;

        for (size_t i = 0; i < options->team_count; i++) {
                const sk_team *team = sk_edition_team(edition, sk_slice_of(options->teams[i]));
                (void)snprintf(team_dir, sizeof(team_dir), "%s/%s", options->chain_dir, options->teams[i]);
                is_good = sk_plugin_check(team, options->plugins, team_dir, logger) && is_good;
        }
        return is_good;
}

int sk_daemon_check(const sk_options *options, sk_logger *logger) {
        assert(options != NULL && logger != NULL);
        sk_edition *edition = NULL;
        int code = edition_first(options, logger, &edition);

        if (code == SK_EXIT_STOPPED && !plugins_are_good(options, edition, logger))
                code = SK_EXIT_CONFIG;
        if (code == SK_EXIT_STOPPED)
                edition_say(logger, edition, "edition-good", "the chain directory is good");
        sk_edition_release(edition);
        return code;
}

static void on_reload_work(uv_work_t *work) {
        sk_reload *reload = work->data;
        reload->result = edition_read(reload->path, &reload->findings, &reload->edition);
}

static void reload_begin(sk_daemon *daemon);

static bool is_same_chain(const sk_daemon *daemon, const sk_edition *edition) {
        if (sk_slice_equal(sk_edition_chain(edition), sk_edition_chain(daemon->edition)))
                return true;
        sk_logger_say(daemon->logger, SK_LOG_ERROR, SK_NONE, "chain-changed",
                      "the chain's name has changed from %.*s to %.*s; a running link keeps its chain",
                      (int)sk_edition_chain(daemon->edition).len, sk_edition_chain(daemon->edition).at,
                      (int)sk_edition_chain(edition).len, sk_edition_chain(edition).at);
        return false;
}

/* All hosts take it, or none (rule V1). */
static bool edition_take(sk_daemon *daemon, sk_edition *edition) {
        if (!is_same_chain(daemon, edition) || !has_teams(daemon->options, edition, daemon->logger))
                return false;
        sk_edition_release(daemon->edition);
        daemon->edition = sk_edition_retain(edition);
        for (size_t i = 0; i < daemon->host_count; i++)
                sk_host_edition(daemon->hosts[i], edition);
        return true;
}

static void reload_end(sk_daemon *daemon, bool is_taken) {
        daemon->is_edition_refused = !is_taken;
        daemon->is_reloading = false;
        if (daemon->is_stopping)
                return;
        if (is_taken)
                edition_say(daemon->logger, daemon->edition, "edition-taken", "taken");
        else
                edition_say(daemon->logger, daemon->edition, "edition-kept", "the new one is not taken, going on with");
        if (daemon->wants_reload)
                reload_begin(daemon);
        else
                manager_tell(daemon, "READY=1\n");
}

static void on_reload_done(uv_work_t *work, int status) {
        sk_reload *reload = work->data;
        sk_daemon *daemon = work->loop->data;
        bool is_built = status == 0 && reload->result == SK_OK;

        if (reload->findings != NULL)
                sk_logger_findings(daemon->logger, reload->findings);
        if (!is_built && !daemon->is_stopping)
                sk_logger_say(daemon->logger, SK_LOG_ERROR, SK_NONE, "edition-refused",
                              "the chain directory %s cannot be used: %s", reload->path, sk_err_text(reload->result));
        bool is_taken = is_built && !daemon->is_stopping && edition_take(daemon, reload->edition);
        sk_findings_free(reload->findings);
        sk_edition_release(reload->edition);
        sk_free(reload);
        reload_end(daemon, is_taken);
}

static void reload_begin(sk_daemon *daemon) {
        daemon->wants_reload = daemon->is_reloading;
        if (daemon->is_reloading || daemon->is_stopping)
                return;
        sk_reload *reload = sk_alloc_zero(1, sizeof(*reload));
        daemon->is_reloading = true;
        sk_notify_reloading("STATUS=reading the chain directory again");
        if (reload != NULL) {
                reload->path = daemon->options->chain_dir;
                reload->work.data = reload;
        }
        if (reload == NULL || uv_queue_work(&daemon->loop, &reload->work, on_reload_work, on_reload_done) != 0) {
                sk_logger_say(daemon->logger, SK_LOG_ERROR, SK_NONE, "edition-refused", "no memory to read it");
                sk_free(reload);
                reload_end(daemon, false);
        }
}

/* ---- hosts ---- */

static bool are_over(const sk_daemon *daemon) {
        for (size_t i = 0; i < daemon->host_count; i++) {
                sk_host_status status;
                sk_host_status_of(daemon->hosts[i], &status);
                if (status.stage != SK_LOG_OVER)
                        return false;
        }
        return true;
}

static void stop_with(sk_daemon *daemon, void (*stop_host)(sk_host *host)) {
        if (daemon->is_stopping)
                return;
        daemon->is_stopping = true;
        sk_notify("STOPPING=1");
        for (size_t i = 0; i < daemon->host_count; i++)
                stop_host(daemon->hosts[i]);
        (void)uv_async_send(&daemon->settle);
}

static void stop(sk_daemon *daemon) {
        stop_with(daemon, sk_host_stop);
}

static void ready_tell(sk_daemon *daemon) {
        sk_host_status hosts[SK_HOSTED_TEAMS_MAX];
        size_t count = statuses_of(daemon, hosts);

        if (daemon->is_reloading)
                return;
        bool is_first = !daemon->is_ready_told && sk_status_is_settled(hosts, count);
        daemon->is_ready_told = daemon->is_ready_told || is_first;
        manager_tell(daemon, is_first ? "READY=1\n" : "");
}

/* The state directory names the address of the process that runs the team: a standby writes it when it takes over. */
static void address_tell(sk_daemon *daemon, size_t host, const sk_host_status *status) {
        char line[SK_HTTP_ADDRESS_MAX + 2];

        if (daemon->http == NULL || status->stage == SK_LOG_OVER)
                return;
        if (status->stage != SK_LOG_RUNNING) {
                daemon->has_address[host] = false;
                return;
        }
        if (daemon->has_address[host])
                return;
        daemon->has_address[host] = true;
        (void)snprintf(line, sizeof(line), "%s\n", sk_http_address(daemon->http));
        sk_host_publish(daemon->hosts[host], "http", sk_slice_of(line));
}

static void crash_tell(const sk_daemon *daemon) {
        int fds[SK_HOSTED_TEAMS_MAX];

        for (size_t i = 0; i < daemon->host_count; i++)
                fds[i] = sk_host_crash_fd(daemon->hosts[i]);
        sk_crash_tell(fds, daemon->host_count);
}

static void host_settle(sk_daemon *daemon, size_t host) {
        sk_host_status status;

        sk_host_status_of(daemon->hosts[host], &status);
        address_tell(daemon, host, &status);
        if (status.stage != SK_LOG_OVER || sk_host_exit_code(daemon->hosts[host]) == 0)
                return;
        if (daemon->exit_code == 0) {
                daemon->exit_code = sk_host_exit_code(daemon->hosts[host]);
                sk_logger_say(daemon->logger, SK_LOG_ERROR, status.team, "giving-up", "%s",
                              sk_host_exit_why(daemon->hosts[host]));
        }
        stop(daemon);
}

static void on_settle(uv_async_t *settle) {
        sk_daemon *daemon = settle->loop->data;

        crash_tell(daemon);
        for (size_t i = 0; i < daemon->host_count; i++)
                host_settle(daemon, i);
        if (are_over(daemon))
                uv_stop(&daemon->loop);
        else if (!daemon->is_stopping)
                ready_tell(daemon);
}

static void on_host_changed(void *self, sk_host *host) {
        sk_daemon *daemon = self;

        (void)host;
        (void)uv_async_send(&daemon->settle);
}

static int exit_code_of(sk_err err) {
        switch (err) {
        case SK_ERR_CONFIG:
        case SK_ERR_VERSION:
        case SK_ERR_SIZE:
        case SK_ERR_SYNTAX:
        case SK_ERR_RANGE:
                return SK_EXIT_CONFIG;
        default:
                return SK_EXIT_AGAIN;
        }
}

/* Itself, as another process: see main.c. */
static const char *const runner_words[] = {"/proc/self/exe", SK_RUNNER_WORD, NULL};
static const char *const plugin_words[] = {"/proc/self/exe", SK_PLUGIN_WORD, NULL};

static int hosts_start(sk_daemon *daemon) {
        for (size_t i = 0; i < daemon->options->team_count; i++) {
                sk_host_config config = {.loop = &daemon->loop,
                                         .logger = daemon->logger,
                                         .edition = daemon->edition,
                                         .team = daemon->options->teams[i],
                                         .log = daemon->options->log,
                                         .instance = daemon->options->instance,
                                         .properties = daemon->options->properties,
                                         .state_dir = daemon->options->state_dir,
                                         .chain_dir = daemon->options->chain_dir,
                                         .runner = runner_words,
                                         .plugin_host = plugin_words,
                                         .plugins = daemon->options->plugins,
                                         .passes_gaps = daemon->options->passes_gaps,
                                         .changed = on_host_changed,
                                         .changed_self = daemon};
                sk_err err = sk_host_new(&config, &daemon->hosts[daemon->host_count]);
                if (err != SK_OK)
                        return exit_code_of(err);
                daemon->host_count++;
        }
        return SK_EXIT_STOPPED;
}

/* ---- HTTP ---- */

static void process_numbers(const sk_daemon *daemon, sk_process_numbers *out) {
        struct rusage usage = {0};
        size_t resident = 0;

        (void)getrusage(RUSAGE_SELF, &usage);
        (void)uv_resident_set_memory(&resident);
        out->cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
        out->resident_bytes = (double)resident;
        out->start_seconds = daemon->start_seconds;
}

static unsigned on_answer(void *self, const char *path, sk_buf *body) {
        sk_daemon *daemon = self;
        sk_host_status hosts[SK_HOSTED_TEAMS_MAX];
        sk_process_numbers process;

        if (strcmp(path, "/livez") == 0) {
                sk_buf_add_text(body, "ok\n");
                return 200;
        }
        size_t count = statuses_of(daemon, hosts);
        if (strcmp(path, "/readyz") == 0)
                return sk_status_ready(hosts, count, body) ? 200 : 503;
        if (strcmp(path, "/metrics") == 0) {
                process_numbers(daemon, &process);
                sk_metrics_write(hosts, count, &process, body);
                return 200;
        }
        sk_buf_add_text(body, "there are /livez, /readyz and /metrics\n");
        return 404;
}

static int http_start(sk_daemon *daemon) {
        char why[SK_HTTP_ADDRESS_MAX + 120] = "";

        if (daemon->options->http == NULL)
                return SK_EXIT_STOPPED;
        sk_http_config config = {
                .loop = &daemon->loop, .address = daemon->options->http, .answer = on_answer, .self = daemon};
        sk_err err = sk_http_new(&config, why, &daemon->http);
        if (err != SK_OK) {
                sk_logger_say(daemon->logger, SK_LOG_ERROR, SK_NONE, "http-failed", "%s", why);
                return err == SK_ERR_SYNTAX ? SK_EXIT_USAGE : SK_EXIT_AGAIN;
        }
        sk_logger_say(daemon->logger, SK_LOG_INFO, SK_NONE, "http", "%s", sk_http_address(daemon->http));
        return SK_EXIT_STOPPED;
}

/* ---- signals and the service manager ---- */

static void on_signal(uv_signal_t *handle, int number) {
        sk_daemon *daemon = handle->loop->data;

        if (number == SIGHUP) {
                sk_logger_say(daemon->logger, SK_LOG_INFO, SK_NONE, "reload", "reading %s again",
                              daemon->options->chain_dir);
                reload_begin(daemon);
        } else if (!daemon->is_stopping) {
                bool is_drain = number == SIGUSR2 || daemon->options->is_drain;
                sk_logger_say(daemon->logger, SK_LOG_INFO, SK_NONE, "stopping", "finishing what is underway%s",
                              is_drain ? ", leaving the team's partitions to others" : "");
                stop_with(daemon, is_drain ? sk_host_drain : sk_host_stop);
        } else {
                sk_logger_say(daemon->logger, SK_LOG_WARNING, SK_NONE, "stopped", "told twice: ending at once");
                uv_stop(&daemon->loop);
        }
}

static void signals_start(sk_daemon *daemon) {
        static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2};

        /* A reader that is gone, a file at its bound: errors to be dealt with where they come. */
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGXFSZ, SIG_IGN);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                uv_signal_t *handle = &daemon->signals[daemon->signal_count++];
                (void)uv_signal_init(&daemon->loop, handle);
                (void)uv_signal_start(handle, on_signal, numbers[i]);
        }
}

static void on_watchdog(uv_timer_t *timer) {
        (void)timer;
        sk_notify("WATCHDOG=1");
}

static void watchdog_start(sk_daemon *daemon) {
        uint64_t every_ms = sk_notify_watchdog_ms();

        if (every_ms == 0)
                return;
        daemon->has_watchdog = true;
        (void)uv_timer_init(&daemon->loop, &daemon->watchdog);
        (void)uv_timer_start(&daemon->watchdog, on_watchdog, every_ms, every_ms);
}

static void turn_watch_start(sk_daemon *daemon) {
        if (!SK_TURN_IS_WATCHED)
                return;
        sk_logger_say(daemon->logger, SK_LOG_WARNING, SK_NONE, "beware",
                      "this is a debug build: it ends itself when a turn of its loop takes too long");
        sk_turn_watch_start(&daemon->turn_watch, &daemon->loop, SK_TURN_MAX_US, daemon->logger);
        daemon->has_turn_watch = true;
}

/* ---- from the beginning to the end ---- */

static void close_all(sk_daemon *daemon) {
        for (size_t i = 0; i < daemon->host_count; i++)
                sk_host_close(daemon->hosts[i]);
        if (daemon->http != NULL)
                sk_http_close(daemon->http);
        for (size_t i = 0; i < daemon->signal_count; i++)
                uv_close((uv_handle_t *)&daemon->signals[i], NULL);
        if (daemon->has_watchdog)
                uv_close((uv_handle_t *)&daemon->watchdog, NULL);
        if (daemon->has_settle)
                uv_close((uv_handle_t *)&daemon->settle, NULL);
        if (daemon->has_turn_watch)
                sk_turn_watch_stop(&daemon->turn_watch);
        (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
        sk_http_free(daemon->http);
        sk_crash_tell(NULL, 0);
        for (size_t i = 0; i < daemon->host_count; i++) {
                if (daemon->has_address[i])
                        sk_host_publish(daemon->hosts[i], "http", SK_NONE);
        }
        for (size_t i = 0; i < daemon->host_count; i++)
                sk_host_free(daemon->hosts[i]);
}

static int start(sk_daemon *daemon) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        daemon->start_seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
        daemon->has_settle = uv_async_init(&daemon->loop, &daemon->settle, on_settle) == 0;
        if (!daemon->has_settle)
                return SK_EXIT_AGAIN;
        signals_start(daemon);
        sk_crash_watch();
        int code = hosts_start(daemon);
        if (code == SK_EXIT_STOPPED)
                code = http_start(daemon);
        if (code == SK_EXIT_STOPPED)
                watchdog_start(daemon);
        if (code == SK_EXIT_STOPPED)
                turn_watch_start(daemon);
        return code;
}

int sk_daemon_run(const sk_options *options, sk_logger *logger) {
        assert(options != NULL && logger != NULL);
        sk_daemon *daemon = sk_alloc_zero(1, sizeof(*daemon));
        if (daemon == NULL || uv_loop_init(&daemon->loop) != 0) {
                sk_free(daemon);
                return SK_EXIT_AGAIN;
        }
        daemon->options = options;
        daemon->logger = logger;
        daemon->loop.data = daemon;

        daemon->exit_code = edition_first(options, logger, &daemon->edition);
        if (daemon->exit_code == SK_EXIT_STOPPED) {
                edition_say(logger, daemon->edition, "started", "starting with");
                daemon->exit_code = start(daemon);
        }
        if (daemon->exit_code == SK_EXIT_STOPPED)
                (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
        daemon->is_stopping = true;
        close_all(daemon);
        (void)uv_loop_close(&daemon->loop);
        sk_edition_release(daemon->edition);
        int code = daemon->exit_code;
        sk_logger_say(logger, code == 0 ? SK_LOG_INFO : SK_LOG_ERROR, SK_NONE, "ended", "exit status %d", code);
        sk_free(daemon);
        return code;
}
