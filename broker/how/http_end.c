/*
 * Answers of webhooks.
 */
#include "how/http_end.h"

#include <assert.h>
#include <stdio.h>

#include "kit/json_scan.h"
#include "kit/when.h"

#define RETRY_AFTER_MAX_S 86400
#define SECOND_US INT64_C(1000000)
#define DEPTH_MAX 32

static sk_effect_result result_of(unsigned status) {
        if (status >= 200 && status <= 299)
                return status == 202 ? SK_EFFECT_LATER : SK_EFFECT_DONE;
        if (status == 409 || status == 422)
                return SK_EFFECT_DECLINED;
        if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599))
                return SK_EFFECT_RETRY;
        return SK_EFFECT_FAILED;
}

static bool digits(sk_slice text, size_t from, size_t count, int *out) {
        *out = 0;
        for (size_t i = from; i < from + count; i++) {
                if (i >= text.len || text.at[i] < '0' || text.at[i] > '9')
                        return false;
                *out = *out * 10 + (text.at[i] - '0');
        }
        return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7; the obsolete forms are not read); false for anything else. */
static bool read_date(sk_slice text, int64_t *out_us) {
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        int day, year, hour, minute, second, month = 0;
        int64_t days;

        if (text.len != 29 || memcmp(text.at + 25, " GMT", 4) != 0 || !digits(text, 5, 2, &day) ||
            !digits(text, 12, 4, &year) || !digits(text, 17, 2, &hour) || !digits(text, 20, 2, &minute) ||
            !digits(text, 23, 2, &second) || hour > 23 || minute > 59 || second > 60)
                return false;
        while (month < 12 && memcmp(months + 3 * month, text.at + 8, 3) != 0)
                month++;
        if (month == 12 || !sk_when_days(year, month + 1, day, &days))
                return false;
        *out_us = (((days * 24 + hour) * 60 + minute) * 60 + second) * SECOND_US;
        return true;
}

/* Retry-After: seconds or a date; a day at most. 0: nothing is said. */
static int64_t retry_after(const sk_http_end *end) {
        sk_slice text = end->retry_after;
        int64_t until_us;
        int64_t seconds = 0;
        bool is_number = text.len > 0 && text.len <= 9;

        for (size_t i = 0; i < text.len && is_number; i++) {
                is_number = text.at[i] >= '0' && text.at[i] <= '9';
                seconds = seconds * 10 + (text.at[i] - '0');
        }
        if (!is_number) {
                if (!sk_slice_there(text) || !read_date(text, &until_us) || until_us <= end->now_us)
                        return 0;
                seconds = (until_us - end->now_us + SECOND_US - 1) / SECOND_US;
        }
        return (seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds) * SECOND_US;
}

static bool is_json(sk_slice body) {
        return body.len > 0 && sk_json_check(body, DEPTH_MAX, NULL) == SK_OK;
}

static void read_fault(const sk_http_end *end, char code[32], sk_effect_report *out) {
        static const char *const codes[SK_HTTP_FAULTS] = {
                [SK_HTTP_NO_HOST] = "no-host", [SK_HTTP_NO_ACCESS] = "no-access", [SK_HTTP_NO_TRUST] = "no-trust",
                [SK_HTTP_TIMEOUT] = "timeout", [SK_HTTP_TOO_LONG] = "too-long",   [SK_HTTP_BROKEN] = "broken-off"};

        out->result = end->fault == SK_HTTP_TOO_LONG ? SK_EFFECT_FAILED : SK_EFFECT_RETRY;
        out->text = sk_slice_of(end->text);
        (void)snprintf(code, 32, "%s", codes[end->fault]);
}

void sk_http_end_read(const sk_http_end *end, char code[32], sk_effect_report *out) {
        assert(end->fault < SK_HTTP_FAULTS);
        *out = (sk_effect_report){.value = SK_NONE, .text = SK_NONE};
        if (end->fault != SK_HTTP_ANSWERED) {
                read_fault(end, code, out);
        } else {
                out->result = result_of(end->status);
                (void)snprintf(code, 32, "http-%u", end->status);
                if (out->result == SK_EFFECT_DONE)
                        out->value = is_json(end->body) ? end->body : SK_NONE;
                else if (out->result != SK_EFFECT_LATER)
                        out->text = end->body;
                if (out->result == SK_EFFECT_RETRY)
                        out->retry_after_us = retry_after(end);
        }
        out->code = sk_slice_of(code);
}
