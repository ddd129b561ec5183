/*
 * iCalendar as far as whole days need it. A content line is `NAME;PARAMETER=VALUE:value`; one that begins with a blank
 * goes on the line before. Names are compared without regard to case.
 */

#include "kit/ical.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "kit/utf8.h"
#include "kit/when.h"

#define LINE_MAX_BYTES 8192

/* One content line, unfolded. */
typedef struct ical_line {
        size_t line; /**< where it begins */
        size_t len;
        char text[LINE_MAX_BYTES];
        sk_slice name;
        sk_slice parameters; /**< with the semicolon in front */
        sk_slice value;
} ical_line;

/* What is known of the event so far. */
typedef struct ical_event {
        size_t line;
        bool has_start;
        bool has_end;
        bool is_timed;
        bool is_cancelled;
        bool repeats;
        int64_t start;
        int64_t end; /**< the day behind the last */
        int interval;
        int count;     /**< 0: without end */
        int64_t until; /**< INT64_MAX: without end */
        size_t summary_len;
        char summary[200];
} ical_event;

typedef struct ical_reader {
        sk_slice left;
        size_t line;
        sk_ical_years years;
        sk_ical_visit *visit;
        void *self;
        sk_ical_fault *fault;
        bool is_over; /* the visitor has enough */
        ical_line content;
        ical_event event;
} ical_reader;

static sk_err fail(ical_reader *reader, sk_err err, size_t line, const char *what) {
        assert(err != SK_OK);
        assert(what != NULL);
        *reader->fault = (sk_ical_fault){line, what};
        return err;
}

static bool is_utf8(sk_slice text) {
        size_t i = 0;

        while (i < text.len) {
                size_t len = sk_utf8_length(text.at + i, text.len - i);
                if (len == 0)
                        return false;
                i += len;
        }
        return true;
}

static bool is_name(sk_slice slice, const char *name) {
        assert(name != NULL);
        return slice.len == strlen(name) && strncasecmp(slice.at, name, slice.len) == 0;
}

/* ---- lines ---- */

static sk_slice next_line(ical_reader *reader) {
        assert(reader->left.len > 0);
        const char *end = memchr(reader->left.at, '\n', reader->left.len);
        size_t len = end == NULL ? reader->left.len : (size_t)(end - reader->left.at);
        sk_slice line = {reader->left.at, len};

        reader->left.at += len + (end != NULL);
        reader->left.len -= len + (end != NULL);
        reader->line++;
        if (line.len > 0 && line.at[line.len - 1] == '\r')
                line.len--;
        return line;
}

static bool goes_on(const ical_reader *reader) {
        assert(reader != NULL);
        return reader->left.len > 0 && (reader->left.at[0] == ' ' || reader->left.at[0] == '\t');
}

static bool append(ical_line *content, sk_slice part) {
        assert(content->len <= LINE_MAX_BYTES);
        if (part.len > LINE_MAX_BYTES - content->len)
                return false;
        memcpy(content->text + content->len, part.at, part.len);
        content->len += part.len;
        return true;
}

/* Name, parameters and value; a colon within quotes does not end the parameters. */
static bool split(ical_line *content) {
        size_t name_len = 0;
        size_t i;
        bool is_quoted = false;

        while (name_len < content->len && content->text[name_len] != ';' && content->text[name_len] != ':')
                name_len++;
        for (i = name_len; i < content->len && (is_quoted || content->text[i] != ':'); i++) {
                if (content->text[i] == '"')
                        is_quoted = !is_quoted;
        }
        if (i == content->len || name_len == 0)
                return false;
        content->name = (sk_slice){content->text, name_len};
        content->parameters = (sk_slice){content->text + name_len, i - name_len};
        content->value = (sk_slice){content->text + i + 1, content->len - i - 1};
        assert(content->value.at <= content->text + content->len);
        return true;
}

/* Reads the next content line that is not empty; false at the end or on an error. */
static bool next_content(ical_reader *reader, sk_err *err) {
        assert(*err == SK_OK);
        ical_line *content = &reader->content;

        while (reader->left.len > 0) {
                sk_slice line = next_line(reader);
                content->line = reader->line;
                content->len = 0;
                bool fits = append(content, line);
                while (fits && goes_on(reader)) {
                        line = next_line(reader);
                        fits = append(content, (sk_slice){line.at + 1, line.len - 1});
                }
                if (!fits)
                        *err = fail(reader, SK_ERR_SIZE, content->line, "a line is too long");
                else if (content->len == 0)
                        continue;
                else if (!split(content))
                        *err = fail(reader, SK_ERR_SYNTAX, content->line, "a line is not NAME:value");
                return *err == SK_OK;
        }
        return false;
}

/* ---- values ---- */

static bool read_digits(sk_slice text, size_t from, size_t count, int *out) {
        assert(out != NULL);
        int number = 0;

        for (size_t i = from; i < from + count; i++) {
                if (i >= text.len || text.at[i] < '0' || text.at[i] > '9')
                        return false;
                number = number * 10 + (text.at[i] - '0');
        }
        *out = number;
        return true;
}

/* `20261225`, or its first eight digits. */
static bool read_date(sk_slice text, int64_t *out_day) {
        assert(out_day != NULL);
        int year, month, day;

        return read_digits(text, 0, 4, &year) && read_digits(text, 4, 2, &month) && read_digits(text, 6, 2, &day) &&
               sk_when_days(year, month, day, out_day);
}

static sk_err put_date(ical_reader *reader, bool *has, int64_t *out_day) {
        assert(has != NULL);
        const ical_line *content = &reader->content;

        if (*has)
                return fail(reader, SK_ERR_SYNTAX, content->line, "the event has two of these");
        if (!read_date(content->value, out_day))
                return fail(reader, SK_ERR_RANGE, content->line, "there is no such date");
        *has = true;
        if (content->value.len > 8)
                reader->event.is_timed = true;
        return SK_OK;
}

/* `COUNT=5`: at most 9,999. */
static bool read_small(sk_slice value, int *out) {
        assert(out != NULL);
        return value.len > 0 && value.len <= 4 && read_digits(value, 0, value.len, out) && *out > 0;
}

/* One `KEY=value` of a rule; what only repeats what the start says already is let pass. */
static bool read_rule_part(ical_event *event, sk_slice key, sk_slice value) {
        assert(event->has_start);
        if (is_name(key, "FREQ"))
                return is_name(value, "YEARLY");
        if (is_name(key, "INTERVAL"))
                return read_small(value, &event->interval);
        if (is_name(key, "COUNT"))
                return read_small(value, &event->count);
        if (is_name(key, "UNTIL"))
                return read_date(value, &event->until);
        int year, month, day, wanted;
        sk_when_date(event->start, &year, &month, &day);
        if (is_name(key, "BYMONTH"))
                return read_small(value, &wanted) && wanted == month;
        if (is_name(key, "BYMONTHDAY"))
                return read_small(value, &wanted) && wanted == day;
        return is_name(key, "WKST");
}

static sk_err read_rule(ical_reader *reader) {
        assert(reader->content.len <= LINE_MAX_BYTES);
        ical_event *event = &reader->event;
        sk_slice left = reader->content.value;

        if (!event->has_start)
                return fail(reader, SK_ERR_SYNTAX, reader->content.line, "a rule stands before the start of its event");
        event->repeats = true;
        while (left.len > 0) {
                const char *end = memchr(left.at, ';', left.len);
                sk_slice part = {left.at, end == NULL ? left.len : (size_t)(end - left.at)};
                const char *equal = memchr(part.at, '=', part.len);
                left.at += part.len + (end != NULL);
                left.len -= part.len + (end != NULL);
                if (equal == NULL || !read_rule_part(event, (sk_slice){part.at, (size_t)(equal - part.at)},
                                                     (sk_slice){equal + 1, (size_t)(part.at + part.len - equal) - 1}))
                        return fail(reader, SK_ERR_SYNTAX, reader->content.line,
                                    "only FREQ=YEARLY on the date of the start is understood");
        }
        return SK_OK;
}

/* Text without its escapes, cut where it would be too long. */
static void read_summary(ical_event *event, sk_slice value) {
        event->summary_len = 0;
        for (size_t i = 0; i < value.len && event->summary_len < sizeof(event->summary); i++) {
                if (value.at[i] == '\\' && i + 1 < value.len)
                        i++;
                event->summary[event->summary_len++] = value.at[i];
        }
        while (event->summary_len > 0 && !is_utf8((sk_slice){event->summary, event->summary_len}))
                event->summary_len--;
        assert(event->summary_len <= sizeof(event->summary));
}

/* ---- events ---- */

static bool give_days(ical_reader *reader, int64_t first, int64_t count) {
        assert(count > 0);
        assert(count <= SK_ICAL_EVENT_DAYS_MAX);
        const ical_event *event = &reader->event;

        for (int64_t day = first; day < first + count && !reader->is_over; day++)
                reader->is_over = !reader->visit(reader->self, day, (sk_slice){event->summary, event->summary_len});
        return !reader->is_over;
}

/* A 29th of February comes back in leap years only. */
static void give_yearly(ical_reader *reader, int64_t count) {
        assert(reader->event.interval > 0);
        const ical_event *event = &reader->event;
        int year, month, day, given = 0;

        sk_when_date(event->start, &year, &month, &day);
        for (int y = year; y <= reader->years.last; y += event->interval) {
                int64_t start;
                if (!sk_when_days(y, month, day, &start))
                        continue;
                if (start > event->until || (event->count > 0 && ++given > event->count))
                        return;
                if (y >= reader->years.first && !give_days(reader, start, count))
                        return;
        }
}

static sk_err end_event(ical_reader *reader) {
        assert(!reader->is_over);
        const ical_event *event = &reader->event;
        int64_t count = event->has_end && event->end > event->start ? event->end - event->start : 1;

        if (event->is_cancelled || event->is_timed)
                return SK_OK;
        if (!event->has_start)
                return fail(reader, SK_ERR_SYNTAX, event->line, "an event has no DTSTART");
        if (event->has_end && event->end < event->start)
                return fail(reader, SK_ERR_RANGE, event->line, "an event ends before it starts");
        if (count > SK_ICAL_EVENT_DAYS_MAX)
                return fail(reader, SK_ERR_RANGE, event->line, "an event lasts longer than a year");
        if (event->repeats)
                give_yearly(reader, count);
        else
                (void)give_days(reader, event->start, count);
        return SK_OK;
}

static sk_err read_member(ical_reader *reader) {
        const ical_line *content = &reader->content;
        ical_event *event = &reader->event;

        if (is_name(content->name, "DTSTART"))
                return put_date(reader, &event->has_start, &event->start);
        if (is_name(content->name, "DTEND"))
                return put_date(reader, &event->has_end, &event->end);
        if (is_name(content->name, "RRULE"))
                return read_rule(reader);
        if (is_name(content->name, "RDATE") || is_name(content->name, "EXDATE") || is_name(content->name, "DURATION"))
                return fail(reader, SK_ERR_SYNTAX, content->line, "RDATE, EXDATE and DURATION are not understood");
        if (is_name(content->name, "STATUS"))
                event->is_cancelled = is_name(content->value, "CANCELLED");
        if (is_name(content->name, "SUMMARY"))
                read_summary(event, content->value);
        return SK_OK;
}

/* Components lie within each other; an event's own (alarms) are of no interest. */
static sk_err read_all(ical_reader *reader) {
        sk_err err = SK_OK;
        unsigned depth = 0, event_depth = 0;

        while (!reader->is_over && next_content(reader, &err)) {
                const ical_line *content = &reader->content;
                if (depth == 0 && !(is_name(content->name, "BEGIN") && is_name(content->value, "VCALENDAR")))
                        return fail(reader, SK_ERR_SYNTAX, content->line,
                                    "this is no iCalendar file: no BEGIN:VCALENDAR");
                if (is_name(content->name, "BEGIN")) {
                        depth++;
                        if (is_name(content->value, "VEVENT") && event_depth == 0) {
                                event_depth = depth;
                                reader->event = (ical_event){.line = content->line, .interval = 1, .until = INT64_MAX};
                        }
                } else if (is_name(content->name, "END")) {
                        if (depth-- == event_depth) {
                                event_depth = 0;
                                err = end_event(reader);
                        }
                } else if (event_depth == depth) {
                        err = read_member(reader);
                }
                if (err != SK_OK)
                        return err;
        }
        if (err == SK_OK && !reader->is_over && depth > 0)
                return fail(reader, SK_ERR_SYNTAX, reader->line, "the file ends before END:VCALENDAR");
        if (err == SK_OK && reader->line == 0)
                return fail(reader, SK_ERR_SYNTAX, 1, "the file is empty");
        return err;
}

sk_err sk_ical_read(sk_slice text, sk_ical_years years, sk_ical_visit *visit, void *self, sk_ical_fault *fault) {
        assert(fault != NULL);
        ical_reader reader;

        assert(years.first <= years.last);
        assert(visit != NULL);
        if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0) /* what some programs put in front */
                text = (sk_slice){text.at + 3, text.len - 3};
        reader.left = text;
        reader.line = 0;
        reader.years = years;
        reader.visit = visit;
        reader.self = self;
        reader.fault = fault;
        reader.is_over = false;
        if (text.len > SK_ICAL_BYTES_MAX)
                return fail(&reader, SK_ERR_SIZE, 1, "the file is too large");
        if (!is_utf8(text))
                return fail(&reader, SK_ERR_UTF8, 1, "the file is not UTF-8");
        return read_all(&reader);
}
