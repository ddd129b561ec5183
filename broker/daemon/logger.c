#include "daemon/logger.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "kit/alloc.h"
#include "kit/json_write.h"
#include "kit/when.h"

#define LINE_MAX_BYTES 16384
#define TEXT_MAX_BYTES 2048

struct sk_logger {
        int fd;
        bool is_json;
        sk_buf line;
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
        return logger;
}

void sk_logger_free(sk_logger *logger) {
        if (logger == NULL)
                return;
        sk_buf_free(&logger->line);
        sk_free(logger);
}

static void write_json(const sk_log_line *line, sk_buf *out) {
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

/* Control characters, and their C1 cousins in UTF-8, must not drive a terminal. */
static void add_escaped(sk_buf *out, const char *text) {
        const unsigned char *at = (const unsigned char *)text;

        for (; *at != '\0'; at++) {
                if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
                        sk_buf_add_format(out, "\\x%02x", *++at);
                else if (*at < 0x20 || *at == 0x7f)
                        sk_buf_add_format(out, "\\x%02x", *at);
                else
                        sk_buf_add_byte(out, *at);
        }
}

static void write_text(const sk_log_line *line, sk_buf *out) {
        char when[SK_WHEN_TEXT];

        sk_when_format(line->time_us, when);
        sk_buf_add(out, when, 19);
        sk_buf_add_format(out, "Z %-7s ", level_names[line->level]);
        if (sk_slice_there(line->team)) {
                sk_buf_add_slice(out, line->team);
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

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* One write for a line, so that lines of several processes on one pipe do not mix. */
static void emit(sk_logger *logger, const sk_log_line *line) {
        sk_buf_clear(&logger->line);
        sk_log_line_write(line, logger->is_json, &logger->line);
        if (logger->line.err != SK_OK)
                return;
        while (write(logger->fd, logger->line.at, logger->line.len) < 0 && errno == EINTR)
                continue;
}

void sk_logger_say(sk_logger *logger, sk_log_level level, sk_slice team, const char *event, const char *format, ...) {
        assert(logger != NULL && event != NULL);
        char text[TEXT_MAX_BYTES];
        va_list list;

        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        sk_log_line line = {.time_us = clock_us(), .level = level, .team = team, .event = event, .text = text};
        emit(logger, &line);
}

void sk_logger_findings(sk_logger *logger, const sk_findings *findings) {
        assert(logger != NULL && findings != NULL);
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_NOTICE)
                        continue;
                sk_log_line line = {.time_us = clock_us(),
                                    .level = finding->severity == SK_ERROR ? SK_LOG_ERROR : SK_LOG_WARNING,
                                    .event = "finding",
                                    .text = finding->text,
                                    .finding = finding};
                emit(logger, &line);
        }
}
