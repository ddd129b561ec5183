/* Ends of runs, as sentences that the driver understands; nothing of it is believed before it has been looked at. */

#include "how/run_end.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "how/exec.h"
#include "kit/json_scan.h"
#include "schakel/plugin.h"

#define DEPTH_MAX 66
#define RETRY_AFTER_MAX_MS (INT64_C(86400) * 1000)

/* ---- programs ---- */

static sk_effect_result result_of_status(int32_t status) {
        return status == SK_EXEC_DONE       ? SK_EFFECT_DONE
               : status == SK_EXEC_DECLINED ? SK_EFFECT_DECLINED
               : status == SK_EXEC_AGAIN    ? SK_EFFECT_RETRY
                                            : SK_EFFECT_FAILED;
}

void sk_run_end_program(const sk_run_end *end, char code[SK_RUN_CODE_MAX], sk_effect_report *out) {
        static const char *const killed[SK_RUN_HOWS] = {
                [SK_RUN_TIMEOUT] = "timeout",         [SK_RUN_OUTPUT] = "output-limit",
                [SK_RUN_PROCESSES] = "process-limit", [SK_RUN_SCRATCH] = "disk-limit",
                [SK_RUN_NOT_STARTED] = "not-started", [SK_RUN_REFUSED] = "sandbox"};

        assert(end->how < SK_RUN_HOWS);
        *out = (sk_effect_report){.result = SK_EFFECT_FAILED, .value = SK_NONE, .text = end->text};
        if (end->how == SK_RUN_EXITED) {
                (void)snprintf(code, SK_RUN_CODE_MAX, "exit-%d", (int)end->number);
                out->result = result_of_status(end->number);
                out->value = out->result == SK_EFFECT_DONE ? end->output : SK_NONE;
        } else if (end->how == SK_RUN_KILLED) {
                (void)snprintf(code, SK_RUN_CODE_MAX, "signal-%d", (int)end->number);
        } else {
                (void)snprintf(code, SK_RUN_CODE_MAX, "%s", killed[end->how]);
        }
        if (end->how == SK_RUN_TIMEOUT || (end->how == SK_RUN_NOT_STARTED && end->number == EAGAIN))
                out->result = SK_EFFECT_RETRY;
        out->code = sk_slice_of(code);
}

/* ---- plug-ins ---- */

/* The code that stands in front of the bytes: without escapes, as the process writes it. */
static sk_slice code_of(sk_slice answer, schakel_plugin_result result) {
        static const char *const others[] = {"done", "declined", "retry", "failed"};
        sk_slice code = sk_json_member_string(answer, "code", NULL);

        return sk_slice_there(code) ? code : sk_slice_of(others[result]);
}

static void fail(sk_effect_report *out, const char *code, const char *text) {
        *out = (sk_effect_report){
                .result = SK_EFFECT_FAILED, .value = SK_NONE, .code = sk_slice_of(code), .text = sk_slice_of(text)};
}

void sk_run_end_plugin(const sk_run_end *end, sk_arena *arena, sk_effect_report *out) {
        static const sk_effect_result results[] = {SK_EFFECT_DONE, SK_EFFECT_DECLINED, SK_EFFECT_RETRY,
                                                   SK_EFFECT_FAILED};
        sk_slice answer = end->output;
        int64_t after_ms = 0;

        assert(end->how < SK_RUN_HOWS);
        if (end->how == SK_RUN_OUTPUT) {
                fail(out, "output-limit", "the plug-in answered too much");
                return;
        }
        if (end->how != SK_RUN_EXITED || end->number < SCHAKEL_PLUGIN_DONE || end->number > SCHAKEL_PLUGIN_FAILED ||
            sk_json_check(answer, DEPTH_MAX, NULL) != SK_OK) {
                fail(out, "bad-answer", "the plug-in's process said what it must not say");
                return;
        }
        (void)sk_json_member_int(answer, "retry_after_ms", 0, RETRY_AFTER_MAX_MS, &after_ms);
        *out = (sk_effect_report){.result = results[end->number],
                                  .value = end->number == SCHAKEL_PLUGIN_DONE ? sk_json_member(answer, "value")
                                                                              : SK_NONE,
                                  .code = code_of(answer, (schakel_plugin_result)end->number),
                                  .text = arena == NULL ? SK_NONE : sk_json_member_string(answer, "text", arena),
                                  .retry_after_us = end->number == SCHAKEL_PLUGIN_RETRY ? after_ms * 1000 : 0};
}
