#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "how/run_end.h"

/*
 * What a link reads from its runner and from the processes of plug-ins: frames, one behind the other. Each end means one of
 * few things to a program and to a plug-in, and what is kept of it lies in what came or in the arena.
 */

#define ARENA_BYTES ((size_t)2 * SK_RUN_OUTPUT_MAX)
#define DAY_US (INT64_C(86400) * 1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_in(sk_slice part, sk_slice whole) {
        return !sk_slice_there(part) || part.len == 0 ||
               (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_report(const sk_effect_report *report, const sk_run_end *end) {
        assert(report->result < SK_EFFECT_RESULTS && report->result != SK_EFFECT_LATER);
        assert(report->retry_after_us >= 0 && report->retry_after_us <= DAY_US);
        assert(report->retry_after_us == 0 || report->result == SK_EFFECT_RETRY);
        assert(!sk_slice_there(report->value) || report->result == SK_EFFECT_DONE);
        assert(is_in(report->value, end->output) && sk_slice_there(report->code));
}

static void check_program(const sk_run_end *end) {
        sk_effect_report report;
        char code[SK_RUN_CODE_MAX];

        memset(code, 'x', sizeof(code));
        sk_run_end_program(end, code, &report);
        check_report(&report, end);
        assert(memchr(code, '\0', sizeof(code)) != NULL && report.code.at == code && is_in(report.text, end->text));
}

static void check_plugin(const sk_run_end *end) {
        sk_arena *arena = sk_arena_new(ARENA_BYTES);
        sk_effect_report report;
        sk_effect_report bare;

        sk_run_end_plugin(end, arena, &report);
        check_report(&report, end);
        sk_run_end_plugin(end, NULL, &bare);
        check_report(&bare, end);
        assert(bare.result == report.result && bare.retry_after_us == report.retry_after_us);
        assert(sk_slice_equal(bare.code, report.code) && bare.value.len == report.value.len);
        sk_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static sk_frame_read frame;
        sk_slice rest = {(const char *)data, size};
        size_t len = 0;

        while (sk_frame_take(rest, &frame, &len) == SK_OK && len > 0) {
                if (frame.kind == SK_FRAME_ENDED) {
                        check_program(&frame.end);
                        check_plugin(&frame.end);
                }
                rest.at += len;
                rest.len -= len;
        }
        return 0;
}
