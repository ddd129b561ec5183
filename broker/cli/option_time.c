/*
 * Times and durations as people type them.
 */
#include <string.h>
#include <time.h>

#include "cli/frame.h"
#include "kit/when.h"

/* A civil time of the local zone; false when the rest of the text is not used up or the date does not exist. */
static bool local_parse(const char *text, const char *format, int64_t *out_us) {
        struct tm civil = {.tm_isdst = -1};
        const char *end = strptime(text, format, &civil);
        int64_t days;
        if (end == NULL || *end != '\0' || !sk_when_days(civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, &days))
                return false;
        time_t seconds = mktime(&civil);
        *out_us = (int64_t)seconds * SK_SECOND_US;
        return true;
}

bool sk_option_time_parse(const char *text, int64_t *out_us) {
        static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                              "%Y-%m-%dT%H:%M:%S"};
        if (sk_when_parse(sk_slice_of(text), out_us))
                return true;
        if (strlen(text) > 19 || strlen(text) < 10 || text[4] != '-')
                return false;
        for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
                if (local_parse(text, formats[i], out_us))
                        return true;
        }
        return false;
}

static int64_t unit_us(char letter) {
        switch (letter) {
        case 's':
                return SK_SECOND_US;
        case 'm':
                return SK_MINUTE_US;
        case 'h':
                return SK_HOUR_US;
        case 'd':
                return SK_DAY_US;
        default:
                return 0;
        }
}

#define DIGITS_MAX 6 /* a million days still fits into microseconds */

bool sk_option_duration_parse(const char *text, int64_t *out_us) {
        if (text[0] == 'P')
                return sk_when_duration_parse(sk_slice_of(text), out_us);
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > DIGITS_MAX || text[digits] == '\0' || text[digits + 1] != '\0')
                return false;
        int64_t number = 0;
        for (size_t i = 0; i < digits; i++)
                number = number * 10 + (text[i] - '0');
        if (unit_us(text[digits]) == 0)
                return false;
        *out_us = number * unit_us(text[digits]);
        return true;
}
