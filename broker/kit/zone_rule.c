/*
 * The yearly rule at the end of a TZif file.
 */

#include "kit/zone_rule.h"

#include <assert.h>

#include "kit/when.h"

#define HOUR_S 3600
#define RULE_HOURS_MAX 167
#define OFFSET_HOURS_MAX 24

/* ---- reading ---- */

/* What is left of the text; at == end when all is read. */
typedef struct reading {
        const char *at;
        const char *end;
} reading;

static bool next_is(reading *text, char wanted) {
        assert(text->at <= text->end);
        if (text->at == text->end || *text->at != wanted)
                return false;
        text->at++;
        return true;
}

static bool is_digit(const reading *text) {
        return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static bool read_number(reading *text, int max, int *out) {
        assert(max > 0);
        assert(out != NULL);
        int number = 0;

        if (!is_digit(text))
                return false;
        while (is_digit(text)) {
                number = number * 10 + (*text->at++ - '0');
                if (number > max)
                        return false;
        }
        *out = number;
        return true;
}

static bool is_letter(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* `CET`, or within angles whatever else a name has: `<+0330>`. */
static bool skip_name(reading *text) {
        assert(text->at <= text->end);
        const char *from;
        bool is_quoted = next_is(text, '<');

        from = text->at;
        while (text->at < text->end && (is_quoted ? *text->at != '>' : is_letter(*text->at)))
                text->at++;
        return text->at - from >= 3 && (!is_quoted || next_is(text, '>'));
}

/* `[+-]hh[:mm[:ss]]` in seconds. */
static bool read_time(reading *text, int hours_max, int32_t *out) {
        assert(hours_max > 0);
        bool is_negative = next_is(text, '-');
        int hours, minutes = 0, seconds = 0;

        if (!is_negative)
                (void)next_is(text, '+');
        if (!read_number(text, hours_max, &hours))
                return false;
        if (next_is(text, ':')) {
                if (!read_number(text, 59, &minutes))
                        return false;
                if (next_is(text, ':') && !read_number(text, 59, &seconds))
                        return false;
        }
        *out = hours * HOUR_S + minutes * 60 + seconds;
        if (is_negative)
                *out = -*out;
        return true;
}

/* POSIX counts hours west of Greenwich. */
static bool read_offset(reading *text, int32_t *out_east_s) {
        assert(out_east_s != NULL);
        int32_t west;

        if (!skip_name(text) || !read_time(text, OFFSET_HOURS_MAX, &west))
                return false;
        *out_east_s = -west;
        return true;
}

static bool read_day(reading *text, sk_zone_change *out) {
        assert(out != NULL);
        if (next_is(text, 'M')) {
                out->kind = SK_CHANGE_WEEKDAY;
                return read_number(text, 12, &out->month) && out->month >= 1 && next_is(text, '.') &&
                       read_number(text, 5, &out->week) && out->week >= 1 && next_is(text, '.') &&
                       read_number(text, 6, &out->day);
        }
        if (next_is(text, 'J')) {
                out->kind = SK_CHANGE_JULIAN;
                return read_number(text, 365, &out->day) && out->day >= 1;
        }
        out->kind = SK_CHANGE_DAY;
        return read_number(text, 365, &out->day);
}

static bool read_change(reading *text, sk_zone_change *out) {
        assert(out != NULL);
        *out = (sk_zone_change){.at_s = 2 * HOUR_S};
        if (!next_is(text, ',') || !read_day(text, out))
                return false;
        return !next_is(text, '/') || read_time(text, RULE_HOURS_MAX, &out->at_s);
}

bool sk_zone_rule_parse(sk_slice text, sk_zone_rule *out) {
        assert(out != NULL);
        reading left = {text.at, text.at + text.len};
        sk_zone_rule rule = {0};

        if (!read_offset(&left, &rule.standard_s))
                return false;
        rule.has_summer = left.at < left.end;
        if (rule.has_summer) {
                if (!skip_name(&left))
                        return false;
                rule.summer_s = rule.standard_s + HOUR_S;
                if (left.at < left.end && *left.at != ',') {
                        int32_t west;
                        if (!read_time(&left, OFFSET_HOURS_MAX, &west))
                                return false;
                        rule.summer_s = -west;
                }
                if (!read_change(&left, &rule.to_summer) || !read_change(&left, &rule.to_standard))
                        return false;
        }
        if (left.at != left.end)
                return false;
        *out = rule;
        return true;
}

/* ---- applying ---- */

static bool is_leap(int year) {
        int64_t day;

        return sk_when_days(year, 2, 29, &day);
}

/* The day since the epoch of a date that is known to be one. */
static int64_t day_of(int year, int month, int day) {
        int64_t days = 0;
        bool is_date = sk_when_days(year, month, day, &days);

        assert(is_date);
        (void)is_date;
        return days;
}

/* 1970-01-01 was a Thursday. */
static int weekday_of(int64_t days) {
        return (int)(((days + 4) % 7 + 7) % 7);
}

static int64_t weekday_in(const sk_zone_change *change, int year) {
        assert(change->kind == SK_CHANGE_WEEKDAY);
        assert(change->week >= 1);
        int64_t first = day_of(year, change->month, 1);
        int64_t next_month = change->month == 12 ? day_of(year + 1, 1, 1) : day_of(year, change->month + 1, 1);
        int64_t day = first + (change->day - weekday_of(first) + 7) % 7 + INT64_C(7) * (change->week - 1);

        return day < next_month ? day : day - 7;
}

static int64_t change_day(const sk_zone_change *change, int year) {
        switch (change->kind) {
        case SK_CHANGE_JULIAN:
                return day_of(year, 1, 1) + change->day - 1 + (is_leap(year) && change->day >= 60);
        case SK_CHANGE_DAY:
                return day_of(year, 1, 1) + change->day;
        case SK_CHANGE_WEEKDAY:
                break;
        }
        return weekday_in(change, year);
}

static int64_t change_us(const sk_zone_change *change, int year, int32_t east_before_s) {
        assert(change != NULL);
        return change_day(change, year) * SK_DAY_US + (change->at_s - east_before_s) * SK_SECOND_US;
}

/* Narrows the span around time_us by a change that happens at @p change_us, to @p east_s. */
static void narrow(sk_zone_span *span, int64_t time_us, int64_t change_us, int32_t east_s) {
        if (change_us <= time_us && change_us > span->from_us) {
                span->from_us = change_us;
                span->east_s = east_s;
        } else if (change_us > time_us && change_us < span->to_us) {
                span->to_us = change_us;
        }
}

sk_zone_span sk_zone_rule_at(const sk_zone_rule *rule, int64_t time_us) {
        sk_zone_span span = {INT64_MIN, INT64_MAX, rule->standard_s};
        int year, month, day;

        if (!rule->has_summer)
                return span;
        int64_t days = time_us / SK_DAY_US - (time_us % SK_DAY_US < 0);
        sk_when_date(days, &year, &month, &day);
        /* Changes near the turn of a year may fall into the next: the year before and behind are looked at as well. */
        for (int y = year - 1; y <= year + 1; y++) {
                narrow(&span, time_us, change_us(&rule->to_summer, y, rule->standard_s), rule->summer_s);
                narrow(&span, time_us, change_us(&rule->to_standard, y, rule->summer_s), rule->standard_s);
        }
        return span;
}
