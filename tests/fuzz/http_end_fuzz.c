#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "how/http_end.h"

/*
 * The answer of a webhook: a line with its status, a line with its Retry-After ("-": none), and its body. Whatever comes
 * means one of few things, and what is kept of it lies in what came.
 */

#define NOW_US (INT64_C(784111777) * 1000000)
#define DAY_US (INT64_C(86400) * 1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sk_slice take_line(sk_slice *rest) {
        const char *end = rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
        sk_slice line = {rest->at, end == NULL ? rest->len : (size_t)(end - rest->at)};
        size_t taken = line.len + (end == NULL ? 0 : 1);

        rest->at += taken;
        rest->len -= taken;
        return line;
}

static unsigned status_of(sk_slice line) {
        unsigned status = 0;

        for (size_t i = 0; i < line.len && i < 4; i++)
                status = status * 10 + (unsigned char)line.at[i] % 10u;
        return status;
}

static bool is_in(sk_slice part, sk_slice whole) {
        return !sk_slice_there(part) || part.len == 0 ||
               (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_slice rest = {(const char *)data, size};
        sk_slice first = take_line(&rest);
        sk_slice second = take_line(&rest);
        sk_http_end end = {.fault = (sk_http_fault)(first.len == 0 ? 0 : (unsigned char)first.at[0] % SK_HTTP_FAULTS),
                           .status = status_of(first),
                           .retry_after = sk_slice_is(second, "-") ? SK_NONE : second,
                           .body = rest,
                           .now_us = NOW_US};
        sk_effect_report report;
        char code[32];

        memset(code, 'x', sizeof(code));
        sk_http_end_read(&end, code, &report);
        assert(memchr(code, '\0', sizeof(code)) != NULL);
        assert(report.code.len < sizeof(code) && is_in(report.value, rest));
        assert(report.retry_after_us >= 0 && report.retry_after_us <= DAY_US);
        assert(!sk_slice_there(report.value) || report.result == SK_EFFECT_DONE);
        return 0;
}
