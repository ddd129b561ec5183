/*
 * Printing on stdout: escaped texts, times, styles, and JSON.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/frame.h"
#include "cli/print/escape.h"
#include "kit/when.h"

void sk_cli_print(sk_cli *cli, const char *format, ...) {
        va_list list;
        va_start(list, format);
        vfprintf(cli->out, format, list);
        va_end(list);
}

/* What does not fit into memory any more is shown as such: a display never fails. */
static const char *kept(sk_cli *cli) {
        sk_slice copy = cli->line.err == SK_OK ? sk_arena_copy(cli->arena, sk_buf_slice(&cli->line)) : SK_NONE;
        return sk_slice_there(copy) ? copy.at : "(too long)";
}

const char *sk_cli_safe(sk_cli *cli, sk_slice text) {
        sk_buf_clear(&cli->line);
        sk_escape(&cli->line, text);
        return kept(cli);
}

const char *sk_cli_safe_text(sk_cli *cli, const char *text) {
        return sk_cli_safe(cli, sk_slice_of(text));
}

static bool civil_of(int64_t time_us, struct tm *out) {
        time_t seconds = (time_t)(time_us / SK_SECOND_US - (time_us % SK_SECOND_US < 0));
        return localtime_r(&seconds, out) != NULL;
}

const char *sk_cli_when(sk_cli *cli, int64_t time_us) {
        struct tm civil;
        char text[64];
        if (time_us == 0 || !civil_of(time_us, &civil) ||
            strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &civil) == 0)
                return "-";
        return sk_cli_safe_text(cli, text);
}

const char *sk_cli_when_short(sk_cli *cli, int64_t time_us) {
        struct tm civil;
        struct tm today;
        char text[64];
        if (time_us == 0 || !civil_of(time_us, &civil) || !civil_of(sk_cli_now_us(), &today))
                return "-";
        size_t len = civil.tm_year == today.tm_year ? strftime(text, sizeof(text), "%m-%d %H:%M", &civil)
                                                    : strftime(text, sizeof(text), "%Y-%m-%d", &civil);
        return len == 0 ? "-" : sk_cli_safe_text(cli, text);
}

const char *sk_cli_long(sk_cli *cli, int64_t duration_us) {
        if (duration_us < 0)
                return "-";
        sk_buf_clear(&cli->line);
        sk_when_duration_write(&cli->line, duration_us);
        return kept(cli);
}

sk_json_writer *sk_cli_json_begin(sk_cli *cli) {
        assert(!cli->json_is_open);
        sk_buf_clear(&cli->json);
        cli->writer = sk_json_writer_make(&cli->json);
        cli->json_is_open = true;
        return &cli->writer;
}

int sk_cli_json_end(sk_cli *cli) {
        assert(cli->json_is_open && cli->writer.levels == 0);
        cli->json_is_open = false;
        sk_buf_clear(&cli->line);
        sk_buf safe = sk_buf_make(2 * cli->json.max);
        sk_escape_json(&safe, sk_buf_slice(&cli->json));
        sk_err err = cli->json.err != SK_OK ? cli->json.err : safe.err;
        if (err == SK_OK) {
                sk_buf_add_byte(&safe, '\n');
                fwrite(sk_buf_slice(&safe).at, 1, safe.len, cli->out);
        }
        sk_buf_free(&safe);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(cli, "output", "ask for less at a time", "%s", sk_err_text(err));
}

bool sk_cli_is_terminal(const sk_cli *cli) {
        return isatty(fileno(cli->out)) == 1;
}

const char *sk_cli_style(const sk_cli *cli, sk_style style) {
        static const char *const sequences[SK_STYLES] = {
                [SK_PLAIN] = "\x1b[0m",  [SK_BOLD] = "\x1b[1m",    [SK_DIM] = "\x1b[2m",  [SK_RED] = "\x1b[31m",
                [SK_GREEN] = "\x1b[32m", [SK_YELLOW] = "\x1b[33m", [SK_BLUE] = "\x1b[34m"};
        assert((unsigned)style < SK_STYLES);
        const char *no_color = getenv("NO_COLOR");
        const char *terminal = getenv("TERM");
        if (!sk_cli_is_terminal(cli) || (no_color != NULL && no_color[0] != '\0') ||
            (terminal != NULL && strcmp(terminal, "dumb") == 0))
                return "";
        return sequences[style];
}

size_t sk_cli_columns(const sk_cli *cli) {
        const char *columns = getenv("COLUMNS");
        if (columns != NULL && columns[0] != '\0' && strlen(columns) < 6 &&
            strspn(columns, "0123456789") == strlen(columns)) {
                size_t count = strtoul(columns, NULL, 10);
                if (count > 0)
                        return count;
        }
        struct winsize size;
        if (sk_cli_is_terminal(cli) && ioctl(fileno(cli->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
                return size.ws_col;
        return sk_cli_is_terminal(cli) ? 80 : SIZE_MAX;
}
