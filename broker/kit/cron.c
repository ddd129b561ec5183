/*
 * An expression is a set of minutes of the day and a set of days. Looking for an instant walks days by the civil
 * calendar, and within a day the minutes that are in the set; the zone turns what its clocks show into a moment.
 */

#include "kit/cron.h"

#include <assert.h>
#include <string.h>

#include "kit/when.h"

#define DAYS_MAX (10 * 366)
#define FIRST_US (-62135596800 * SK_SECOND_US) /* year 1 */
#define LAST_US (253370764800 * SK_SECOND_US)  /* year 9999 */
#define DAY_MIN (24 * 60)

/* ---- reading ---- */

typedef struct field {
        int min;
        int max;
        const char *names; /* of three letters each, from min on; "" */
} field;

static const field fields[] = {
        {0, 59, ""},
        {0, 23, ""},
        {1, 31, ""},
        {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
        {0, 7, "sunmontuewedthufrisat"},
};

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* A number, or a name, at the beginning of the text; what is left of it then. */
static bool read_value(const field *of, sk_slice *text, int *out) {
        assert(out != NULL);
        size_t count = strlen(of->names) / 3;
        size_t digits = 0;
        int number = 0;

        for (size_t i = 0; i < count && text->len >= 3; i++) {
                if (memcmp(text->at, of->names + 3 * i, 3) != 0)
                        continue;
                *out = of->min + (int)i;
                *text = (sk_slice){text->at + 3, text->len - 3};
                return true;
        }
        while (digits < text->len && digits < 3 && is_digit(text->at[digits]))
                number = number * 10 + (text->at[digits++] - '0');
        if (digits == 0 || digits == 3)
                return false;
        *out = number;
        *text = (sk_slice){text->at + digits, text->len - digits};
        return true;
}

static bool take(sk_slice *text, char c) {
        assert(text != NULL);
        if (text->len == 0 || text->at[0] != c)
                return false;
        *text = (sk_slice){text->at + 1, text->len - 1};
        return true;
}

/* `*`, `5`, `1-5`, and a step behind each. */
static sk_err read_part(const field *of, sk_slice part, uint64_t *set) {
        assert(of->min <= of->max);
        assert(of->max < 64); /* a bit each */
        int from = of->min;
        int to = of->max;
        int step = 1;

        if (!take(&part, '*')) {
                if (!read_value(of, &part, &from))
                        return SK_ERR_SYNTAX;
                to = from;
                if (take(&part, '-') && !read_value(of, &part, &to))
                        return SK_ERR_SYNTAX;
        }
        if (take(&part, '/')) {
                to = to == from ? of->max : to;
                if (!read_value(&(field){0, 99, ""}, &part, &step))
                        return SK_ERR_SYNTAX;
        }
        if (part.len > 0)
                return SK_ERR_SYNTAX;
        if (from < of->min || to > of->max || from > to || step < 1)
                return SK_ERR_RANGE;
        for (int i = from; i <= to; i += step)
                *set |= UINT64_C(1) << i;
        return SK_OK;
}

/* The text up to @p end; what is left of the rest behind it. */
static sk_slice cut(sk_slice *rest, char end) {
        assert(rest != NULL);
        const char *at = rest->len == 0 ? NULL : memchr(rest->at, end, rest->len);
        sk_slice part = *rest;

        if (at == NULL) {
                *rest = SK_SLICE("");
                return part;
        }
        part.len = (size_t)(at - rest->at);
        *rest = (sk_slice){at + 1, rest->len - part.len - 1};
        return part;
}

static sk_err read_field(const field *of, sk_slice text, uint64_t *out) {
        assert(out != NULL);
        sk_err err = text.len == 0 || text.at[text.len - 1] == ',' ? SK_ERR_SYNTAX : SK_OK;

        *out = 0;
        while (err == SK_OK && text.len > 0)
                err = read_part(of, cut(&text, ','), out);
        return err;
}

static sk_slice named(sk_slice text) {
        assert(sk_slice_there(text) || text.len == 0);
        static const struct {
                const char *name;
                const char *meaning;
        } table[] = {{"@hourly", "0 * * * *"},
                     {"@daily", "0 0 * * *"},
                     {"@weekly", "0 0 * * 0"},
                     {"@monthly", "0 0 1 * *"},
                     {"@yearly", "0 0 1 1 *"}};

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (sk_slice_is(text, table[i].name))
                        return sk_slice_of(table[i].meaning);
        return text;
}

sk_err sk_cron_parse(sk_slice text, sk_cron *out) {
        assert(out != NULL);
        sk_cron cron = {0};
        uint64_t sets[5];
        sk_slice parts[5];
        sk_err err = SK_OK;
        int64_t first;

        text = named(text);
        for (size_t i = 0; i < 5; i++) {
                while (take(&text, ' ')) {}
                parts[i] = cut(&text, ' ');
        }
        while (take(&text, ' ')) {}
        for (size_t i = 0; i < 5 && err == SK_OK; i++)
                err = read_field(&fields[i], parts[i], &sets[i]);
        if (err != SK_OK || text.len > 0)
                return err != SK_OK ? err : SK_ERR_SYNTAX;
        cron.minutes = sets[0];
        cron.hours = (uint32_t)sets[1];
        cron.days = (uint32_t)sets[2];
        cron.months = (uint16_t)sets[3];
        cron.weekdays = (uint8_t)((sets[4] | sets[4] >> 7) & 0x7f);
        cron.any_day = parts[2].at[0] == '*';
        cron.any_weekday = parts[4].at[0] == '*';
        if (!sk_cron_next(&cron, NULL, 0, &first))
                return SK_ERR_RANGE;
        assert(cron.minutes != 0);
        assert(cron.weekdays != 0);
        *out = cron;
        return SK_OK;
}

/* ---- days and minutes ---- */

static bool is_day(const sk_cron *cron, int64_t day) {
        int year;
        int month;
        int of_month;
        unsigned weekday = (unsigned)((((day + 4) % 7) + 7) % 7); /* the epoch was a Thursday */

        sk_when_date(day, &year, &month, &of_month);
        assert(month >= 1);
        assert(month <= 12);
        if ((cron->months >> month & 1u) == 0)
                return false;
        bool is_of_month = (cron->days >> of_month & 1u) != 0;
        bool is_weekday = ((unsigned)cron->weekdays >> weekday & 1u) != 0;
        if (!cron->any_day && !cron->any_weekday)
                return is_of_month || is_weekday;
        return is_of_month && is_weekday;
}

static bool is_minute(const sk_cron *cron, int minute) {
        assert(minute >= 0);
        assert(minute < DAY_MIN);
        return (cron->hours >> (minute / 60) & 1u) != 0 && (cron->minutes >> (minute % 60) & 1u) != 0;
}

static int64_t floor_day(int64_t local_us) {
        return local_us >= 0 ? local_us / SK_DAY_US : -((-local_us + SK_DAY_US - 1) / SK_DAY_US);
}

static int64_t local_day(const sk_zone *zone, int64_t time_us) {
        return floor_day(time_us + sk_zone_at(zone, time_us).east_s * SK_SECOND_US);
}

static int64_t moment(const sk_zone *zone, int64_t day, int minute) {
        assert(minute >= 0);
        assert(minute < DAY_MIN);
        return sk_zone_utc(zone, day * SK_DAY_US + minute * SK_MINUTE_US);
}

/* The first instant of the day after that time. */
static bool next_of_day(const sk_cron *cron, const sk_zone *zone, int64_t day, int64_t after_us, int64_t *out_us) {
        assert(out_us != NULL);
        for (int minute = 0; minute < DAY_MIN; minute++) {
                int64_t at_us = is_minute(cron, minute) ? moment(zone, day, minute) : INT64_MIN;

                if (at_us > after_us) {
                        *out_us = at_us;
                        return true;
                }
        }
        return false;
}

static bool last_of_day(const sk_cron *cron, const sk_zone *zone, int64_t day, int64_t until_us, int64_t *out_us) {
        assert(out_us != NULL);
        for (int minute = DAY_MIN - 1; minute >= 0; minute--) {
                int64_t at_us = is_minute(cron, minute) ? moment(zone, day, minute) : INT64_MAX;

                if (at_us <= until_us) {
                        *out_us = at_us;
                        return true;
                }
        }
        return false;
}

/* What is skipped when clocks go forward lies in the day before or after; so a day more is looked at on both sides. */
bool sk_cron_next(const sk_cron *cron, const sk_zone *zone, int64_t after_us, int64_t *out_us) {
        assert(cron != NULL);
        assert(out_us != NULL);
        if (after_us < FIRST_US || after_us >= LAST_US)
                return false;
        int64_t first = local_day(zone, after_us) - 1;

        for (int64_t day = first; day < first + DAYS_MAX; day++)
                if (is_day(cron, day) && next_of_day(cron, zone, day, after_us, out_us))
                        return true;
        return false;
}

bool sk_cron_last(const sk_cron *cron, const sk_zone *zone, int64_t until_us, int64_t *out_us) {
        assert(cron != NULL);
        assert(out_us != NULL);
        if (until_us < FIRST_US || until_us >= LAST_US)
                return false;
        int64_t last = local_day(zone, until_us) + 1;

        for (int64_t day = last; day > last - DAYS_MAX; day--)
                if (is_day(cron, day) && last_of_day(cron, zone, day, until_us, out_us))
                        return true;
        return false;
}
