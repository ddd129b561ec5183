#include "support/link_inside.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/when.h"
#include "log/chain_dir.h"
#include "log/local.h"
#include "log/properties.h"

#define LIMIT_S 120
#define TURN_MS 50

static int64_t clock_us(const link_inside *link) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000 + link->shift_us;
}

static void on_news(void *self, sk_log_news news, const char *text) {
        link_inside *link = self;

        link->gaps += news == SK_NEWS_GAP;
        link->fences += news == SK_NEWS_FENCED;
        if (news == SK_NEWS_TROUBLE)
                (void)snprintf(link->trouble, sizeof(link->trouble), "%s", text);
}

static void log_open(link_inside *link, const link_inside_config *config, int32_t partitions) {
        char why[SK_LOG_TEXT_MAX] = "";
        sk_properties *properties = NULL;
        sk_properties_config wanted = {.edition = link->edition, .team = sk_slice_of(config->team)};
        sk_log_config log_config = {.url = config->url,
                                    .state_dir = config->state_dir,
                                    .instance = config->instance,
                                    .driver = link->driver,
                                    .partitions = partitions,
                                    .tell = on_news,
                                    .tell_self = link,
                                    .acceptance_days = sk_edition_acceptance_days(link->edition)};

        assert_int_equal(sk_properties_new(&wanted, why, &properties), SK_OK);
        log_config.properties = sk_properties_list(properties, &log_config.property_count);
        if (sk_log_new(&log_config, why, &link->log) != SK_OK)
                fail_msg("%s", why);
        sk_properties_free(properties);
}

void link_inside_start(link_inside *link, const link_inside_config *config) {
        sk_findings *findings = sk_findings_new();

        *link = (link_inside){.shift_us = config->shift_us};
        assert_int_equal(sk_chain_dir_build(config->chain_dir, findings, &link->edition), SK_OK);
        sk_findings_free(findings);
        int32_t partitions = sk_log_partitions(config->url, sk_edition_partitions(link->edition));
        link->driver = sk_driver_new(&(sk_driver_config){.edition = link->edition,
                                                         .team = sk_slice_of(config->team),
                                                         .partitions = partitions,
                                                         .instance = sk_slice_of(config->instance)});
        assert_non_null(link->driver);
        log_open(link, config, partitions);
}

void link_inside_turn(link_inside *link) {
        (void)sk_log_turn(link->log, clock_us(link));
        if (sk_log_stage_of(link->log) == SK_LOG_OVER)
                fail_msg("a link has ended: %s", sk_log_exit_why(link->log));
}

void link_inside_until(link_inside *link, bool (*holds)(link_inside *link, void *self), void *self) {
        struct pollfd wait = {.fd = sk_log_fd(link->log), .events = POLLIN};
        sk_driver_numbers numbers;
        time_t end = time(NULL) + LIMIT_S;

        for (int wait_ms = 0; !holds(link, self); wait_ms = TURN_MS) {
                if (time(NULL) > end) {
                        sk_driver_count(link->driver, &numbers);
                        fail_msg("a link does not come to what is expected; not ready: %s; trouble: %s",
                                 numbers.not_ready_why == NULL ? "no" : numbers.not_ready_why, link->trouble);
                }
                (void)poll(&wait, 1, wait_ms);
                if (holds(link, self))
                        return;
                link_inside_turn(link);
        }
}

void link_inside_end(link_inside *link, bool has_crashed) {
        if (link->log == NULL)
                return;
        int fd = sk_log_crash_fd(link->log);
        if (has_crashed)
                assert_int_equal(write(fd, SK_LOCAL_CRASH, strlen(SK_LOCAL_CRASH)), (ssize_t)strlen(SK_LOCAL_CRASH));
        sk_log_free(link->log);
        sk_driver_free(link->driver);
        sk_edition_release(link->edition);
        *link = (link_inside){0};
}

bool link_inside_is_ready(link_inside *link, void *unused) {
        sk_driver_numbers numbers;

        (void)unused;
        sk_driver_count(link->driver, &numbers);
        return sk_log_stage_of(link->log) == SK_LOG_RUNNING && numbers.is_ready;
}
