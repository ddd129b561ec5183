/*
 * Progress. Only the clock decides when it shows, so that it costs next to nothing to call.
 */
#include "cli/print/progress.h"

#include <assert.h>
#include <unistd.h>

#include "kit/buf.h"
#include "kit/when.h"

#define FIRST_US SK_SECOND_US
#define TERMINAL_US (SK_SECOND_US / 5)
#define PLAIN_US (10 * SK_SECOND_US)
#define LINE_MAX_BYTES 512

static bool is_terminal(const sk_progress *progress) {
        return isatty(fileno(sk_cli_err(progress->cli))) == 1;
}

sk_progress sk_progress_begin(sk_cli *cli, const char *label, uint64_t total) {
        assert(cli != NULL && label != NULL);
        return (sk_progress){.cli = cli, .label = label, .total = total, .begun_us = sk_cli_now_us()};
}

static void remaining_write(const sk_progress *progress, uint64_t done, double rate, sk_buf *out) {
        if (progress->total == 0 || done >= progress->total || rate <= 0)
                return;
        double seconds = (double)(progress->total - done) / rate;
        if (seconds > 1e9)
                return;
        sk_buf_add_text(out, ", ");
        sk_when_duration_write(out, (int64_t)(seconds + 1) * SK_SECOND_US);
        sk_buf_add_text(out, " left");
}

static void line_write(const sk_progress *progress, uint64_t done, int64_t now_us, sk_buf *out) {
        double elapsed_s = (double)(now_us - progress->begun_us) / (double)SK_SECOND_US;
        double rate = elapsed_s > 0 ? (double)done / elapsed_s : 0;
        sk_buf_add_format(out, "%s: %llu", progress->label, (unsigned long long)done);
        if (progress->total > 0)
                sk_buf_add_format(out, " of %llu (%.0f %%)", (unsigned long long)progress->total,
                                  100.0 * (double)done / (double)progress->total);
        sk_buf_add_format(out, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
        remaining_write(progress, done, rate, out);
}

void sk_progress_set(sk_progress *progress, uint64_t done) {
        int64_t now_us = sk_cli_now_us();
        int64_t last_us = progress->shown_us;
        bool terminal = is_terminal(progress);
        if (last_us == 0 ? now_us - progress->begun_us < FIRST_US
                         : now_us - last_us < (terminal ? TERMINAL_US : PLAIN_US))
                return;
        progress->shown_us = now_us;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        sk_buf_add_text(&line, terminal ? "\r" : "");
        line_write(progress, done, now_us, &line);
        sk_buf_add_text(&line, terminal ? "\x1b[K" : "\n");
        FILE *err = sk_cli_err(progress->cli);
        fwrite(sk_buf_slice(&line).at, 1, line.len, err);
        fflush(err);
        sk_buf_free(&line);
}

void sk_progress_end(sk_progress *progress) {
        if (progress->shown_us == 0 || !is_terminal(progress))
                return;
        fputs("\r\x1b[K", sk_cli_err(progress->cli));
        fflush(sk_cli_err(progress->cli));
        progress->shown_us = 0;
}
