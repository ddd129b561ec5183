/*
 * Margins of closed calls, as they are read and printed.
 */
#include "cli/story/margin.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kit/buf.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define NUMBER_MAX 40
#define SECONDS_MAX 1e11

static bool seconds_read(sk_slice number, int64_t *out_us) {
        char text[NUMBER_MAX] = "";
        if (!sk_slice_there(number) || number.len >= sizeof(text) || sk_json_kind_of(number) != SK_JSON_NUMBER)
                return false;
        memcpy(text, number.at, number.len);
        double seconds = strtod(text, NULL);
        if (!(seconds > -SECONDS_MAX && seconds < SECONDS_MAX))
                return false;
        *out_us = (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
        return true;
}

bool sk_margin_read(sk_cli *cli, sk_slice clock, sk_margin *out) {
        assert(out != NULL);
        if (!sk_slice_there(clock) || !seconds_read(sk_json_member(clock, "margin_s"), &out->us))
                return false;
        sk_slice hours = sk_json_member_string(clock, "service_hours", sk_cli_arena(cli));
        out->service_hours = sk_slice_there(hours) ? hours : SK_SLICE("");
        return true;
}

const char *sk_margin_text(sk_cli *cli, const sk_margin *margin) {
        sk_buf text = sk_buf_make(80);
        sk_when_duration_write(&text, margin->us < 0 ? -margin->us : margin->us);
        sk_buf_add_text(&text, margin->service_hours.len == 0 ? "" : " of service hours");
        const char *kept = sk_cli_safe(cli, sk_buf_slice(&text));
        sk_buf_free(&text);
        return kept;
}
