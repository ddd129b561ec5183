/*
 * Times as histories write them.
 */
#include <string.h>

#include "cli/replay/history_map.h"
#include "kit/when.h"

/** The parts of a time, by their letters. */
typedef struct civil {
        int year;
        int month;
        int day;
        int hour;
        int minute;
        int second;
} civil;

typedef struct part {
        char letter;
        unsigned digits_max;
        int low;
        int high;
} part;

static const part parts[] = {
        {'Y', 4, 1, 9999}, {'y', 2, 0, 99}, {'m', 2, 1, 12}, {'d', 2, 1, 31},
        {'H', 2, 0, 23},   {'M', 2, 0, 59}, {'S', 2, 0, 60},
};

static const part *part_of(char letter) {
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                if (parts[i].letter == letter)
                        return &parts[i];
        }
        return NULL;
}

bool sk_history_time_check(sk_slice format) {
        bool has_year = false;
        bool has_month = false;
        bool has_day = false;
        for (size_t i = 0; i < format.len; i++) {
                if (format.at[i] != '%')
                        continue;
                if (++i == format.len || part_of(format.at[i]) == NULL)
                        return false;
                has_year |= format.at[i] == 'Y' || format.at[i] == 'y';
                has_month |= format.at[i] == 'm';
                has_day |= format.at[i] == 'd';
        }
        return has_year && has_month && has_day;
}

static bool take_number(sk_slice *text, const part *what, int *out) {
        int number = 0;
        size_t used = 0;
        while (used < what->digits_max && used < text->len && text->at[used] >= '0' && text->at[used] <= '9')
                number = number * 10 + (text->at[used++] - '0');
        if (used == 0 || number < what->low || number > what->high)
                return false;
        *text = (sk_slice){text->at + used, text->len - used};
        *out = number;
        return true;
}

static void set(civil *out, char letter, int number) {
        switch (letter) {
        case 'Y':
                out->year = number;
                break;
        case 'y':
                out->year = number < 70 ? 2000 + number : 1900 + number;
                break;
        case 'm':
                out->month = number;
                break;
        case 'd':
                out->day = number;
                break;
        case 'H':
                out->hour = number;
                break;
        case 'M':
                out->minute = number;
                break;
        default:
                out->second = number;
        }
}

static bool read_parts(sk_slice format, sk_slice text, civil *out) {
        for (size_t i = 0; i < format.len; i++) {
                int number;
                if (format.at[i] == '%') {
                        const part *what = part_of(format.at[++i]);
                        if (!take_number(&text, what, &number))
                                return false;
                        set(out, what->letter, number);
                } else if (text.len == 0 || text.at[0] != format.at[i]) {
                        return false;
                } else {
                        text = (sk_slice){text.at + 1, text.len - 1};
                }
        }
        return text.len == 0;
}

bool sk_history_time_read(const sk_history_time *time, sk_slice text, int64_t *out_us) {
        civil when = {0};
        int64_t days;
        if (!sk_slice_there(time->format))
                return sk_when_parse(text, out_us);
        if (!read_parts(time->format, text, &when) || !sk_when_days(when.year, when.month, when.day, &days))
                return false;
        *out_us = days * SK_DAY_US + when.hour * SK_HOUR_US + when.minute * SK_MINUTE_US + when.second * SK_SECOND_US -
                  time->zone_us;
        return true;
}
