/*
 * Messages on stderr: what it is about, why, and what to do. They are put together first and escaped as a whole, so
 * that names and texts from outside may stand in them.
 */
#include <assert.h>
#include <stdarg.h>

#include "cli/frame.h"
#include "cli/print/escape.h"

#define MESSAGE_MAX ((size_t)64 << 10)

static void add_command(const sk_cli *cli, sk_buf *out) {
        sk_buf_add_text(out, "schakel");
        if (cli->parent != NULL)
                sk_buf_add_format(out, " %s", cli->parent->name);
        if (cli->command != NULL)
                sk_buf_add_format(out, " %s", cli->command->name);
}

/* What @p raw holds goes out escaped; what is too long is cut, which a message survives. */
static void message_print(sk_cli *cli, const sk_buf *raw) {
        sk_buf safe = sk_buf_make(8 * MESSAGE_MAX);
        sk_escape_lines(&safe, sk_buf_slice(raw));
        fflush(cli->out);
        fwrite(sk_buf_slice(&safe).at, 1, safe.len, cli->err);
        fputc('\n', cli->err);
        fflush(cli->err);
        sk_buf_free(&safe);
}

/* One line of a message; line feeds inside it are shown, not obeyed. */
static void add_line(sk_buf *out, sk_slice text) {
        sk_escape(out, text.len > MESSAGE_MAX / 16 ? (sk_slice){text.at, MESSAGE_MAX / 16} : text);
}

__attribute__((format(printf, 2, 0))) static void add_list(sk_buf *out, const char *format, va_list list) {
        sk_buf text = sk_buf_make((size_t)16 << 20);
        sk_buf_add_format_list(&text, format, list);
        add_line(out, sk_buf_slice(&text));
        sk_buf_free(&text);
}

/* A remedy is ours and may have several lines. */
static void add_remedy(sk_buf *out, const char *remedy) {
        sk_buf_add_text(out, "\n  ");
        for (; *remedy != '\0'; remedy++) {
                sk_buf_add(out, remedy, 1);
                if (*remedy == '\n')
                        sk_buf_add_text(out, "  ");
        }
}

int sk_cli_fail(sk_cli *cli, const char *what, const char *remedy, const char *why, ...) {
        assert(cli != NULL && what != NULL && remedy != NULL && why != NULL);
        sk_buf message = sk_buf_make(MESSAGE_MAX);
        add_command(cli, &message);
        sk_buf_add_text(&message, ": ");
        add_line(&message, sk_slice_of(what));
        sk_buf_add_text(&message, ": ");
        va_list list;
        va_start(list, why);
        add_list(&message, why, list);
        va_end(list);
        add_remedy(&message, remedy);
        message_print(cli, &message);
        sk_buf_free(&message);
        return SK_EXIT_NEGATIVE;
}

int sk_cli_usage_error(sk_cli *cli, const char *what, const char *why, ...) {
        assert(cli != NULL && what != NULL && why != NULL);
        sk_buf message = sk_buf_make(MESSAGE_MAX);
        add_command(cli, &message);
        sk_buf_add_text(&message, ": ");
        add_line(&message, sk_slice_of(what));
        sk_buf_add_text(&message, ": ");
        va_list list;
        va_start(list, why);
        add_list(&message, why, list);
        va_end(list);
        sk_buf_add_text(&message, "\n  see: ");
        add_command(cli, &message);
        sk_buf_add_text(&message, " --help");
        message_print(cli, &message);
        sk_buf_free(&message);
        return SK_EXIT_USAGE;
}

void sk_cli_remark(sk_cli *cli, const char *format, ...) {
        assert(cli != NULL && format != NULL);
        sk_buf message = sk_buf_make(MESSAGE_MAX);
        va_list list;
        va_start(list, format);
        add_list(&message, format, list);
        va_end(list);
        message_print(cli, &message);
        sk_buf_free(&message);
}
