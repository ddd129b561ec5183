/*
 * Civil time in the proleptic Gregorian calendar, read and written without asking a clock or a locale. The day
 * arithmetic counts years from March, so that the leap day is the last of a year.
 */

#include "kit/when.h"

#include <assert.h>

#define DAYS_OF_ERA 146097                             /* 400 years */
#define TIME_MIN_US (INT64_C(-719528) * SK_DAY_US)     /* 0000-01-01 */
#define TIME_MAX_US (INT64_C(2932897) * SK_DAY_US - 1) /* 9999-12-31T23:59:59.999999 */

static bool is_leap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month) {
        assert(month >= 1);
        assert(month <= 12);
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        return days[month - 1] + (month == 2 && is_leap(year));
}

bool sk_when_days(int year, int month, int day, int64_t *out_days) {
        assert(out_days != NULL);
        int64_t y, era, year_of_era, day_of_year;

        if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
                return false;
        y = (int64_t)year - (month <= 2);
        era = (y >= 0 ? y : y - 399) / 400;
        year_of_era = y - era * 400;
        day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        *out_days = era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
        return true;
}

void sk_when_date(int64_t days, int *out_year, int *out_month, int *out_day) {
        int64_t z = days + 719468;
        int64_t era = (z >= 0 ? z : z - (DAYS_OF_ERA - 1)) / DAYS_OF_ERA;
        int64_t day_of_era = z - era * DAYS_OF_ERA;
        int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
        int64_t month = (5 * day_of_year + 2) / 153;

        *out_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
        *out_month = (int)(month < 10 ? month + 3 : month - 9);
        *out_year = (int)(year + era * 400 + (*out_month <= 2));
}

/* Two digits and what comes behind them. Small numbers are divided fast. */
static void write_two(char *at, unsigned number, char behind) {
        at[0] = (char)('0' + number / 10);
        at[1] = (char)('0' + number % 10);
        at[2] = behind;
}

static void write_date(char *at, int64_t days) {
        int year, month, day;

        sk_when_date(days, &year, &month, &day);
        write_two(at, (unsigned)year / 100, '-');
        write_two(at + 2, (unsigned)year % 100, '-');
        write_two(at + 5, (unsigned)month, '-');
        write_two(at + 8, (unsigned)day, 'T');
}

static void write_fraction(char *at, unsigned fraction_us) {
        write_two(at, fraction_us / 10000, ' ');
        write_two(at + 2, fraction_us / 100 % 100, ' ');
        write_two(at + 4, fraction_us % 100, 'Z');
}

void sk_when_format(int64_t time_us, char out[SK_WHEN_TEXT]) {
        uint64_t since_us;
        uint64_t of_day_us;
        unsigned second;

        time_us = time_us < TIME_MIN_US ? TIME_MIN_US : time_us;
        time_us = time_us > TIME_MAX_US ? TIME_MAX_US : time_us;
        since_us = (uint64_t)(time_us - TIME_MIN_US);
        of_day_us = since_us % (uint64_t)SK_DAY_US;
        second = (unsigned)(of_day_us / (uint64_t)SK_SECOND_US);
        write_date(out, (int64_t)(since_us / (uint64_t)SK_DAY_US) + TIME_MIN_US / SK_DAY_US);
        write_two(out + 11, second / 3600, ':');
        write_two(out + 14, second / 60 % 60, ':');
        write_two(out + 17, second % 60, '.');
        write_fraction(out + 20, (unsigned)(of_day_us % (uint64_t)SK_SECOND_US));
}

/* Reads exactly @p count digits. */
static bool read_digits(sk_slice *text, size_t count, int *out) {
        assert(out != NULL);
        assert(count <= 9);
        int number = 0;

        if (text->len < count)
                return false;
        for (size_t i = 0; i < count; i++) {
                if (text->at[i] < '0' || text->at[i] > '9')
                        return false;
                number = number * 10 + (text->at[i] - '0');
        }
        *text = (sk_slice){text->at + count, text->len - count};
        *out = number;
        return true;
}

static bool read_char(sk_slice *text, char a, char b) {
        assert(text != NULL);
        if (text->len == 0 || (text->at[0] != a && text->at[0] != b))
                return false;
        *text = (sk_slice){text->at + 1, text->len - 1};
        return true;
}

/* A fraction of 1 to 9 digits in microseconds; what is finer is cut off. */
static bool read_fraction(sk_slice *text, int64_t *out_us) {
        assert(out_us != NULL);
        int64_t unit = SK_SECOND_US / 10;
        size_t count = 0;
        int digit;

        *out_us = 0;
        if (!read_char(text, '.', '.'))
                return true;
        for (; count <= 9 && read_digits(text, 1, &digit); count++, unit /= 10)
                *out_us += digit * unit;
        return count >= 1 && count <= 9;
}

static bool read_offset(sk_slice *text, int64_t *out_us) {
        assert(out_us != NULL);
        int hour, minute;
        int64_t sign;

        *out_us = 0;
        if (read_char(text, 'Z', 'z'))
                return true;
        if (text->len == 0)
                return false;
        sign = text->at[0] == '-' ? -1 : 1;
        if (!read_char(text, '+', '-') || !read_digits(text, 2, &hour) || !read_char(text, ':', ':') ||
            !read_digits(text, 2, &minute) || hour > 23 || minute > 59)
                return false;
        *out_us = sign * (hour * SK_HOUR_US + minute * SK_MINUTE_US);
        return true;
}

static bool read_date(sk_slice *text, int64_t *out_us) {
        int year, month, day;
        int64_t days;

        if (!read_digits(text, 4, &year) || !read_char(text, '-', '-') || !read_digits(text, 2, &month) ||
            !read_char(text, '-', '-') || !read_digits(text, 2, &day) || !sk_when_days(year, month, day, &days))
                return false;
        *out_us = days * SK_DAY_US;
        return true;
}

/* A second 60 is read as the first of the next minute. */
static bool read_time(sk_slice *text, int64_t *out_us, bool *out_leap) {
        int hour, minute, second;

        if (!read_digits(text, 2, &hour) || !read_char(text, ':', ':') || !read_digits(text, 2, &minute) ||
            !read_char(text, ':', ':') || !read_digits(text, 2, &second) || hour > 23 || minute > 59 || second > 60)
                return false;
        *out_leap = second == 60;
        *out_us = hour * SK_HOUR_US + minute * SK_MINUTE_US + second * SK_SECOND_US;
        return true;
}

static bool is_midnight(int64_t time_us) {
        return (time_us - TIME_MIN_US) % SK_DAY_US == 0;
}

bool sk_when_parse(sk_slice text, int64_t *out_us) {
        assert(out_us != NULL);
        int64_t date_us, time_us, fraction_us, offset_us, sum_us;
        bool leap;

        if (!read_date(&text, &date_us) || !read_char(&text, 'T', 't') || !read_time(&text, &time_us, &leap) ||
            !read_fraction(&text, &fraction_us) || !read_offset(&text, &offset_us) || text.len != 0)
                return false;
        sum_us = date_us + time_us - offset_us;
        if (leap && !is_midnight(sum_us))
                return false;
        sum_us += leap ? 0 : fraction_us;
        if (sum_us < TIME_MIN_US || sum_us > TIME_MAX_US)
                return false;
        *out_us = sum_us;
        return true;
}

static bool read_number(sk_slice *text, int64_t *out) {
        assert(out != NULL);
        int64_t number = 0;
        size_t count = 0;
        int digit;

        for (; read_digits(text, 1, &digit); count++)
                if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
                        return false;
        *out = number;
        return count > 0;
}

/* One number and its unit, which must come behind the one before in "WDHMS". */
static bool read_part(sk_slice *text, const char *units, size_t *unit, int64_t *sum_us) {
        assert(*sum_us >= 0);
        static const int64_t unit_us[] = {7 * SK_DAY_US, SK_DAY_US, SK_HOUR_US, SK_MINUTE_US, SK_SECOND_US};
        int64_t number, part_us;

        if (!read_number(text, &number) || text->len == 0)
                return false;
        while (units[*unit] != '\0' && units[*unit] != text->at[0])
                (*unit)++;
        if (units[*unit] == '\0' || __builtin_mul_overflow(number, unit_us[*unit], &part_us) ||
            __builtin_add_overflow(*sum_us, part_us, sum_us))
                return false;
        (*unit)++;
        *text = (sk_slice){text->at + 1, text->len - 1};
        return true;
}

bool sk_when_duration_parse(sk_slice text, int64_t *out_us) {
        assert(out_us != NULL);
        int64_t sum_us = 0;
        size_t unit = 0;

        if (!read_char(&text, 'P', 'P') || text.len == 0)
                return false;
        while (text.len > 0 && text.at[0] != 'T')
                if (!read_part(&text, "WD", &unit, &sum_us))
                        return false;
        if (text.len > 0) {
                unit = 2;
                if (!read_char(&text, 'T', 'T') || text.len == 0)
                        return false;
        }
        while (text.len > 0)
                if (!read_part(&text, "WDHMS", &unit, &sum_us))
                        return false;
        *out_us = sum_us;
        return true;
}

/* The larger unit, and the smaller one if there is any of it. */
static void write_pair(sk_buf *buf, uint64_t large, const char *large_unit, uint64_t small, const char *small_unit) {
        assert(large_unit != NULL);
        assert(small_unit != NULL);
        sk_buf_add_uint(buf, large);
        sk_buf_add_text(buf, large_unit);
        if (small == 0)
                return;
        sk_buf_add_byte(buf, ' ');
        sk_buf_add_uint(buf, small);
        sk_buf_add_text(buf, small_unit);
}

void sk_when_duration_write(sk_buf *buf, int64_t duration_us) {
        assert(buf != NULL);
        uint64_t us = duration_us < 0 ? 0 - (uint64_t)duration_us : (uint64_t)duration_us;
        uint64_t minutes = us / (uint64_t)SK_MINUTE_US;

        if (duration_us < 0)
                sk_buf_add_byte(buf, '-');
        if (us > 0 && us < 1000)
                sk_buf_add_text(buf, "< 1 ms");
        else if (us > 0 && us < (uint64_t)SK_SECOND_US)
                write_pair(buf, us / 1000, " ms", 0, "");
        else if (minutes == 0)
                write_pair(buf, us / (uint64_t)SK_SECOND_US, " s", 0, "");
        else if (minutes < 60)
                write_pair(buf, minutes, " min", 0, "");
        else if (minutes < 24 * 60)
                write_pair(buf, minutes / 60, " h", minutes % 60, " min");
        else
                write_pair(buf, minutes / (24 * 60), " d", minutes / 60 % 24, " h");
}
