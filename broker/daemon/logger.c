#include "daemon/logger.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/rate.h"
#include "kit/alloc.h"
#include "kit/escape.h"
#include "kit/json_write.h"
#include "kit/when.h"

#define LINE_MAX_BYTES 65536
#define TEXT_MAX_BYTES 2048
#define LINES_AT_ONCE 200
#define LINES_PER_SECOND 20
#define FINDINGS_MAX 100

/* Each level has a bound of its own, so that a flood of one does not hide another. */
struct sk_logger {
        int fd;
        bool is_json;
        sk_buf line;
        sk_rate rates[SK_LOG_ERROR + 1];
};

static const char *const level_names[] = {
        [SK_LOG_INFO] = "info",
        [SK_LOG_WARNING] = "warning",
        [SK_LOG_ERROR] = "error",
};

sk_logger *sk_logger_new(int fd, bool is_json) {
        sk_logger *logger = sk_alloc_zero(1, sizeof(*logger));
        if (logger == NULL)
                return NULL;
        logger->fd = fd;
        logger->is_json = is_json;
        logger->line = sk_buf_make(LINE_MAX_BYTES);
        for (size_t i = 0; i < sizeof(logger->rates) / sizeof(logger->rates[0]); i++)
                logger->rates[i] = sk_rate_make(LINES_AT_ONCE, LINES_PER_SECOND);
        return logger;
}

static void write_members(const sk_log_line *line, sk_buf *out) {
        sk_json_writer writer = sk_json_writer_make(out);

        sk_json_open_object(&writer, NULL);
        sk_json_put_time(&writer, "time", line->time_us);
        sk_json_put_cstr(&writer, "level", level_names[line->level]);
        sk_json_put_optional(&writer, "team", line->team);
        sk_json_put_cstr(&writer, "event", line->event);
        sk_json_put_cstr(&writer, "text", line->text);
        if (line->finding != NULL) {
                sk_json_put_cstr(&writer, "code", line->finding->code);
                sk_json_put_cstr(&writer, "file", line->finding->path);
                sk_json_put_int(&writer, "line", line->finding->line);
                sk_json_put_int(&writer, "column", line->finding->column);
                sk_json_put_cstr(&writer, "pointer", line->finding->pointer);
                sk_json_put_cstr(&writer, "remedy", line->finding->remedy);
        }
        sk_json_close_object(&writer);
}

/* JSON may hold characters that a terminal obeys: those are written as escapes. */
static void write_json(const sk_log_line *line, sk_buf *out) {
        sk_buf plain = sk_buf_make(LINE_MAX_BYTES);

        write_members(line, &plain);
        if (plain.err == SK_OK)
                sk_escape_json(out, sk_buf_slice(&plain));
        else
                out->err = plain.err;
        sk_buf_free(&plain);
}

static void add_escaped(sk_buf *out, const char *text) {
        sk_escape(out, sk_slice_of(text));
}

static void write_text(const sk_log_line *line, sk_buf *out) {
        char when[SK_WHEN_TEXT];

        sk_when_format(line->time_us, when);
        sk_buf_add(out, when, 19);
        sk_buf_add_format(out, "Z %-7s ", level_names[line->level]);
        if (sk_slice_there(line->team)) {
                sk_escape(out, line->team);
                sk_buf_add_text(out, ": ");
        }
        if (line->finding != NULL && line->finding->path[0] != '\0') {
                add_escaped(out, line->finding->path);
                sk_buf_add_format(out, ":%u:%u: ", line->finding->line, line->finding->column);
        }
        sk_buf_add_format(out, "[%s] ", line->finding == NULL ? line->event : line->finding->code);
        add_escaped(out, line->text);
        if (line->finding != NULL && line->finding->remedy != NULL && line->finding->remedy[0] != '\0') {
                sk_buf_add_text(out, "; ");
                add_escaped(out, line->finding->remedy);
        }
}

void sk_log_line_write(const sk_log_line *line, bool is_json, sk_buf *out) {
        assert(line != NULL && line->level <= SK_LOG_ERROR);
        if (is_json)
                write_json(line, out);
        else
                write_text(line, out);
        sk_buf_add_byte(out, '\n');
}

static int64_t clock_us(clockid_t clock) {
        struct timespec now;

        (void)clock_gettime(clock, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* One write for a line, so that lines of several processes on one pipe do not mix. */
static void write_line(sk_logger *logger, const sk_log_line *line) {
        sk_buf_clear(&logger->line);
        sk_log_line_write(line, logger->is_json, &logger->line);
        if (logger->line.err != SK_OK)
                return;
        while (write(logger->fd, logger->line.at, logger->line.len) < 0 && errno == EINTR)
                continue;
}

static void say_left_out(sk_logger *logger, sk_log_level level) {
        char text[128];
        uint64_t left_out = sk_rate_left_out(&logger->rates[level]);

        if (left_out == 0)
                return;
        (void)snprintf(text, sizeof(text), "%llu lines were left out: there were more than %d a second",
                       (unsigned long long)left_out, LINES_PER_SECOND);
        sk_log_line line = {
                .time_us = clock_us(CLOCK_REALTIME), .level = level, .event = "lines-left-out", .text = text};
        write_line(logger, &line);
}

static void emit(sk_logger *logger, sk_log_line *line) {
        if (!sk_rate_take(&logger->rates[line->level], clock_us(CLOCK_MONOTONIC)))
                return;
        say_left_out(logger, line->level);
        line->time_us = clock_us(CLOCK_REALTIME);
        write_line(logger, line);
}

void sk_logger_free(sk_logger *logger) {
        if (logger == NULL)
                return;
        for (sk_log_level level = SK_LOG_INFO; level <= SK_LOG_ERROR; level++)
                say_left_out(logger, level);
        sk_buf_free(&logger->line);
        sk_free(logger);
}

void sk_logger_say(sk_logger *logger, sk_log_level level, sk_slice team, const char *event, const char *format, ...) {
        assert(logger != NULL && event != NULL);
        char text[TEXT_MAX_BYTES];
        va_list list;

        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        sk_log_line line = {.level = level, .team = team, .event = event, .text = text};
        emit(logger, &line);
}

static void say_finding(sk_logger *logger, const sk_finding *finding) {
        sk_log_line line = {.level = finding->severity == SK_ERROR ? SK_LOG_ERROR : SK_LOG_WARNING,
                            .event = "finding",
                            .text = finding->text,
                            .finding = finding};
        emit(logger, &line);
}

void sk_logger_findings(sk_logger *logger, const sk_findings *findings) {
        assert(logger != NULL && findings != NULL);
        size_t said = 0;

        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_NOTICE)
                        continue;
                if (++said <= FINDINGS_MAX)
                        say_finding(logger, finding);
        }
        if (said > FINDINGS_MAX)
                sk_logger_say(logger, SK_LOG_WARNING, SK_NONE, "findings-left-out",
                              "%zu more findings; 'schakel check' lists all", said - FINDINGS_MAX);
}
