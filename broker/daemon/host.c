#include "daemon/host.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/outlet.h"
#include "how/hows.h"
#include "kit/alloc.h"
#include "kit/when.h"
#include "log/properties.h"

#define TROUBLE_EVERY_US (10 * SK_SECOND_US)

struct sk_host {
        sk_driver *driver;
        sk_log *log;
        sk_logger *logger;
        sk_outlet *outlet;
        sk_hows *hows;
        sk_host_changed *changed;
        void *changed_self;
        uv_poll_t poll;
        uv_timer_t timer;
        bool is_closed;
        char team[64];
        sk_log_stage last_stage;
        bool was_ready;
        bool was_stuck;
        char last_trouble[SK_LOG_TEXT_MAX];
        int64_t last_trouble_us;
};

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

static sk_slice team_of(const sk_host *host) {
        return sk_slice_of(host->team);
}

/* What fails again and again is said once in ten seconds. */
static bool is_repeated(sk_host *host, const char *text) {
        int64_t now_us = clock_us();
        int64_t since_us = now_us - host->last_trouble_us;

        if (strcmp(text, host->last_trouble) == 0 && since_us >= 0 && since_us < TROUBLE_EVERY_US)
                return true;
        (void)snprintf(host->last_trouble, sizeof(host->last_trouble), "%s", text);
        host->last_trouble_us = now_us;
        return false;
}

static void on_news(void *self, sk_log_news news, const char *text) {
        sk_host *host = self;
        sk_logger *logger = host->logger;

        switch (news) {
        case SK_NEWS_STANDBY:
                sk_logger_say(logger, SK_LOG_INFO, team_of(host), "standby",
                              "the team is held by %s; standing by until it lets go", text);
                break;
        case SK_NEWS_TAKEN_OVER:
                sk_logger_say(logger, SK_LOG_INFO, team_of(host), "taken-over", "the team is ours, epoch %s", text);
                break;
        case SK_NEWS_UNCLEAN:
                sk_logger_say(logger, SK_LOG_WARNING, team_of(host), "unclean-exit",
                              "the last process %s; going on carefully", text);
                break;
        case SK_NEWS_RESTORED:
                sk_logger_say(logger, SK_LOG_INFO, team_of(host), "restored", "%s records of the journal read", text);
                break;
        case SK_NEWS_GAP:
                sk_logger_say(logger, SK_LOG_ERROR, team_of(host), "gap",
                              "records were deleted before they were read: %s", text);
                break;
        case SK_NEWS_FENCED:
                sk_logger_say(logger, SK_LOG_WARNING, team_of(host), "fenced", "%s; starting afresh", text);
                break;
        case SK_NEWS_LOST:
                sk_logger_say(logger, SK_LOG_WARNING, team_of(host), "transaction-lost", "%s; starting afresh", text);
                break;
        case SK_NEWS_BEWARE:
                sk_logger_say(logger, SK_LOG_WARNING, team_of(host), "beware", "%s", text);
                break;
        case SK_NEWS_AWAY:
                sk_logger_say(logger, SK_LOG_WARNING, team_of(host), "away", "the log cannot be reached: %s", text);
                break;
        case SK_NEWS_BACK:
                sk_logger_say(logger, SK_LOG_INFO, team_of(host), "back", "the log can be reached again, after %s s",
                              text);
                break;
        case SK_NEWS_TELL:
                sk_outlet_tell(host->outlet, sk_slice_of(text));
                break;
        case SK_NEWS_COMMIT_FAILED:
        case SK_NEWS_TROUBLE:
                if (!is_repeated(host, text))
                        sk_logger_say(logger, SK_LOG_WARNING, team_of(host),
                                      news == SK_NEWS_TROUBLE ? "trouble" : "commit-failed", "%s; trying again", text);
                break;
        }
}

/* What needs a person is said when it is found. */
static void look_at_stuck(sk_host *host, const sk_driver_numbers *numbers) {
        char where[64] = "";

        if (numbers->is_stuck && !host->was_stuck) {
                if (numbers->stuck_offset >= 0)
                        (void)snprintf(where, sizeof(where), ", at offset %lld", (long long)numbers->stuck_offset);
                sk_logger_say(host->logger, SK_LOG_ERROR, team_of(host), "not-ready",
                              "partition %d waits for a person, the others go on: %s%s; schakeld(8) says what to do",
                              (int)numbers->stuck_partition, numbers->not_ready_why, where);
        }
        host->was_stuck = numbers->is_stuck;
}

static void look(sk_host *host) {
        sk_driver_numbers numbers;
        sk_log_stage stage = sk_log_stage_of(host->log);

        sk_driver_count(host->driver, &numbers);
        look_at_stuck(host, &numbers);
        sk_log_numbers log;
        sk_log_count_of(host->log, &log);
        bool is_ready = stage == SK_LOG_RUNNING && numbers.is_ready && !log.is_late && !log.is_behind;
        if (is_ready && !host->was_ready)
                sk_logger_say(host->logger, SK_LOG_INFO, team_of(host), "ready", "%llu calls are open",
                              (unsigned long long)numbers.open_calls);
        bool has_changed = stage != host->last_stage || is_ready != host->was_ready;
        host->last_stage = stage;
        host->was_ready = is_ready;
        if (has_changed)
                host->changed(host->changed_self, host);
}

static void on_timer(uv_timer_t *timer);

/*
 * What waits for a whole second waits for a full one of the loop's clock, so that the hosts of a process, and the
 * processes of a machine, wake up together.
 */
static uint64_t timer_ms(const sk_host *host, int64_t delay_us) {
        if (delay_us < SK_SECOND_US)
                return (uint64_t)(delay_us + 999) / 1000;
        return 1000 - uv_now(host->timer.loop) % 1000;
}

/* Gives what the driver wants begun and stopped to who carries it out. Then it may have more to do at once. */
static bool pull_effects(sk_host *host) {
        sk_effect effect;
        bool has_any = false;

        while (sk_driver_next_effect(host->driver, &effect)) {
                sk_hows_take(host->hows, &effect);
                has_any |= effect.is_stop;
        }
        return has_any;
}

static void turn(sk_host *host) {
        if (host->is_closed || host->last_stage == SK_LOG_OVER)
                return;
        int64_t delay_us = sk_log_turn(host->log, clock_us());
        if (pull_effects(host))
                delay_us = 0;
        assert(delay_us >= 0 && delay_us <= SK_SECOND_US);
        if (sk_log_stage_of(host->log) == SK_LOG_OVER) {
                (void)uv_timer_stop(&host->timer);
                (void)uv_poll_stop(&host->poll);
        } else {
                (void)uv_timer_start(&host->timer, on_timer, timer_ms(host, delay_us), 0);
        }
        look(host);
}

static void on_timer(uv_timer_t *timer) {
        turn(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
        (void)status;
        (void)events;
        turn(poll->data);
}

static sk_err driver_make(sk_host *host, const sk_host_config *config) {
        sk_driver_config driver_config = {
                .edition = config->edition,
                .team = team_of(host),
                .partitions = sk_log_partitions(config->log, sk_edition_partitions(config->edition)),
                .instance = sk_slice_of(config->instance)};
        host->driver = sk_driver_new(&driver_config);
        if (host->driver != NULL)
                return SK_OK;
        sk_logger_say(host->logger, SK_LOG_ERROR, team_of(host), "start-failed", "no memory for the team's link");
        return SK_ERR_NO_MEMORY;
}

static sk_err outlet_make(sk_host *host, const sk_host_config *config) {
        sk_outlet_config outlet_config = {.loop = config->loop,
                                          .logger = config->logger,
                                          .edition = config->edition,
                                          .team = config->team,
                                          .folder = config->state_dir};
        host->outlet = sk_outlet_new(&outlet_config);
        return host->outlet == NULL ? SK_ERR_NO_MEMORY : SK_OK;
}

static void on_effect_ended(void *self, const sk_effect_report *report) {
        sk_host *host = self;

        sk_driver_effect_ended(host->driver, report, clock_us());
        turn(host);
}

static sk_err hows_make(sk_host *host, const sk_host_config *config) {
        sk_hows_config hows_config = {.loop = config->loop,
                                      .edition = config->edition,
                                      .team = config->team,
                                      .chain_dir = config->chain_dir,
                                      .state_dir = config->state_dir,
                                      .runner = config->runner,
                                      .plugin_host = config->plugin_host,
                                      .plugins = config->plugins,
                                      .ended = on_effect_ended,
                                      .self = host};

        return sk_hows_new(&hows_config, &host->hows);
}

static sk_err log_open(sk_host *host, const sk_host_config *config) {
        char why[SK_LOG_TEXT_MAX] = "";
        sk_log_config log_config = {.url = config->log,
                                    .state_dir = config->state_dir,
                                    .instance = config->instance,
                                    .driver = host->driver,
                                    .partitions =
                                            sk_log_partitions(config->log, sk_edition_partitions(config->edition)),
                                    .tell = on_news,
                                    .tell_self = host,
                                    .acceptance_days = sk_edition_acceptance_days(config->edition),
                                    .passes_gaps = config->passes_gaps};
        sk_properties_config wanted = {.edition = config->edition, .file = config->properties, .team = team_of(host)};
        sk_properties *properties = NULL;
        sk_err err = sk_properties_new(&wanted, why, &properties);
        if (err == SK_OK) {
                log_config.properties = sk_properties_list(properties, &log_config.property_count);
                err = sk_log_new(&log_config, why, &host->log);
                sk_properties_free(properties);
        }
        if (err != SK_OK)
                sk_logger_say(host->logger, SK_LOG_ERROR, team_of(host), "start-failed", "%s",
                              why[0] == '\0' ? sk_err_text(err) : why);
        return err;
}

sk_err sk_host_new(const sk_host_config *config, sk_host **out) {
        assert(config != NULL && config->changed != NULL && out != NULL);
        sk_host *host = sk_alloc_zero(1, sizeof(*host));
        if (host == NULL)
                return SK_ERR_NO_MEMORY;

        host->logger = config->logger;
        host->changed = config->changed;
        host->changed_self = config->changed_self;
        host->is_closed = true;
        (void)snprintf(host->team, sizeof(host->team), "%s", config->team);
        sk_err err = driver_make(host, config);
        if (err == SK_OK)
                err = outlet_make(host, config);
        if (err == SK_OK)
                err = log_open(host, config);
        if (err != SK_OK) {
                sk_host_free(host);
                return err;
        }
        err = hows_make(host, config);
        if (err != SK_OK) {
                sk_host_free(host);
                return err;
        }
        (void)uv_timer_init(config->loop, &host->timer);
        (void)uv_poll_init(config->loop, &host->poll, sk_log_fd(host->log));
        host->is_closed = false;
        host->timer.data = host;
        host->poll.data = host;
        (void)uv_poll_start(&host->poll, UV_READABLE, on_poll);
        (void)uv_timer_start(&host->timer, on_timer, 0, 0);
        *out = host;
        return SK_OK;
}

void sk_host_close(sk_host *host) {
        assert(host != NULL);
        if (host->is_closed)
                return;
        host->is_closed = true;
        uv_close((uv_handle_t *)&host->timer, NULL);
        uv_close((uv_handle_t *)&host->poll, NULL);
        sk_outlet_close(host->outlet);
        sk_hows_close(host->hows);
}

void sk_host_free(sk_host *host) {
        if (host == NULL)
                return;
        assert(host->is_closed);
        sk_log_free(host->log);
        sk_driver_free(host->driver);
        sk_outlet_free(host->outlet);
        sk_hows_free(host->hows);
        sk_free(host);
}

void sk_host_stop(sk_host *host) {
        assert(host != NULL);
        if (host->is_closed || host->last_stage == SK_LOG_OVER)
                return;
        sk_driver_stop(host->driver, clock_us());
        turn(host);
}

void sk_host_drain(sk_host *host) {
        assert(host != NULL);
        if (host->is_closed || host->last_stage == SK_LOG_OVER)
                return;
        sk_log_drain(host->log, clock_us());
        turn(host);
}

void sk_host_edition(sk_host *host, sk_edition *edition) {
        assert(host != NULL && edition != NULL);
        sk_err err = sk_driver_edition(host->driver, edition);
        assert(err == SK_OK);
        (void)err;
        sk_outlet_edition(host->outlet, edition);
        sk_hows_edition(host->hows, edition);
        turn(host);
}

void sk_host_publish(sk_host *host, const char *suffix, sk_slice text) {
        if (sk_log_publish(host->log, suffix, text) != SK_OK)
                sk_logger_say(host->logger, SK_LOG_WARNING, team_of(host), "trouble",
                              "the state directory cannot be written to");
}

static const char *why_not_ready(const sk_host_status *status) {
        switch (status->stage) {
        case SK_LOG_STANDBY:
                return "standby";
        case SK_LOG_TAKING_OVER:
                return "taking over";
        case SK_LOG_OVER:
                return "stopping";
        case SK_LOG_RUNNING:
                break;
        }
        if (status->is_ready)
                return "";
        if (status->log.is_late)
                return "the log does not answer";
        if (status->driver.not_ready_why != NULL)
                return status->driver.not_ready_why;
        return status->log.is_behind ? "reading what came meanwhile" : "not ready";
}

void sk_host_status_of(const sk_host *host, sk_host_status *out) {
        assert(host != NULL && out != NULL);
        *out = (sk_host_status){.team = team_of(host), .stage = sk_log_stage_of(host->log)};
        sk_driver_count(host->driver, &out->driver);
        sk_log_count_of(host->log, &out->log);
        sk_outlet_count(host->outlet, &out->outlet);
        out->is_ready =
                out->stage == SK_LOG_RUNNING && out->driver.is_ready && !out->log.is_late && !out->log.is_behind;
        out->not_ready_why = why_not_ready(out);
}

int sk_host_exit_code(const sk_host *host) {
        assert(host != NULL);
        return sk_log_exit_code(host->log);
}

const char *sk_host_exit_why(const sk_host *host) {
        assert(host != NULL);
        return sk_log_exit_why(host->log);
}

int sk_host_crash_fd(const sk_host *host) {
        assert(host != NULL);
        return sk_log_crash_fd(host->log);
}
