#ifndef SK_DAEMON_LOGGER_H
#define SK_DAEMON_LOGGER_H

#include <stdbool.h>

#include "kit/buf.h"
#include "kit/slice.h"
#include "usm/edition.h"

/*
 * What the daemon says about itself: a line for each thing that happened, as a JSON object or readable for people.
 * Nothing that came from outside reaches a terminal unescaped. Of each level 200 lines are written at once and 20 a
 * second; how many were left out is said. One thread.
 */

typedef struct sk_logger sk_logger;

typedef enum sk_log_level { SK_LOG_INFO, SK_LOG_WARNING, SK_LOG_ERROR } sk_log_level;

/** New logger that writes to @p fd; NULL without memory. Free with sk_logger_free. */
sk_logger *sk_logger_new(int fd, bool is_json);
/** NULL is legal. */
void sk_logger_free(sk_logger *logger);

/**
 * Says something.
 *
 * @param team   whose link it is about; SK_NONE: the daemon
 * @param event  a word for machines: "taken-over"
 */
void sk_logger_say(sk_logger *logger, sk_log_level level, sk_slice team, const char *event, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

/** Says the first 100 findings, with file and line, and how many more there are; notices are left out. */
void sk_logger_findings(sk_logger *logger, const sk_findings *findings);

/** Writes one line, @p time_us being when it happened: what sk_logger_say does, without clock and descriptor. */
typedef struct sk_log_line {
        int64_t time_us;
        sk_log_level level;
        sk_slice team;
        const char *event;
        const char *text;
        const sk_finding *finding; /**< NULL: none */
} sk_log_line;
/** Writes the line, ended by a newline: JSON, or for people. */
void sk_log_line_write(const sk_log_line *line, bool is_json, sk_buf *out);

#endif
