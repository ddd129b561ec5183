/*
 * Text on lines that the terminal has room for.
 */
#include "cli/print/wrap.h"

#include <stdarg.h>

#include "cli/print/escape.h"
#include "kit/buf.h"

#define NARROWEST 24 /* columns beside the indent; below that words would stand alone */
#define GAP 3
#define PIECE_MAX_BYTES 4096

sk_wrap sk_wrap_make(sk_cli *cli, size_t indent, size_t column) {
        size_t columns = sk_cli_columns(cli);
        if (columns < indent + NARROWEST)
                columns = indent + NARROWEST;
        return (sk_wrap){.cli = cli, .indent = indent, .column = column, .columns = columns};
}

static void begin_line(sk_wrap *wrap) {
        sk_cli_print(wrap->cli, "\n%*s", (int)wrap->indent, "");
        wrap->column = wrap->indent;
}

/* A word that is too long for any line is not broken: it may be an address. */
static void put(sk_wrap *wrap, size_t gap, const char *safe, sk_style style) {
        size_t width = sk_text_columns(sk_slice_of(safe));
        if (wrap->column > wrap->indent && wrap->column + gap + width > wrap->columns)
                begin_line(wrap);
        else if (wrap->column > wrap->indent)
                sk_cli_print(wrap->cli, "%*s", (int)gap, "");
        else
                gap = 0;
        sk_cli_print(wrap->cli, "%s%s%s", style == SK_PLAIN ? "" : sk_cli_style(wrap->cli, style), safe,
                     style == SK_PLAIN ? "" : sk_cli_style(wrap->cli, SK_PLAIN));
        wrap->column += gap + width;
}

void sk_wrap_text(sk_wrap *wrap, sk_slice text) {
        size_t at = 0;
        size_t gap = 0;
        while (at < text.len) {
                size_t end = at;
                while (end < text.len && text.at[end] != ' ' && text.at[end] != '\n')
                        end++;
                if (end > at)
                        put(wrap, gap, sk_cli_safe(wrap->cli, (sk_slice){text.at + at, end - at}), SK_PLAIN);
                for (gap = 0; end < text.len && text.at[end] == ' '; end++)
                        gap++;
                if (end < text.len && text.at[end] == '\n') {
                        begin_line(wrap);
                        gap = 0;
                        end++;
                }
                at = end;
        }
}

void sk_wrap_piece(sk_wrap *wrap, sk_style style, const char *format, ...) {
        sk_buf text = sk_buf_make(PIECE_MAX_BYTES);
        va_list list;
        va_start(list, format);
        sk_buf_add_format_list(&text, format, list);
        va_end(list);
        sk_buf_add_byte(&text, 0);
        put(wrap, GAP, text.err == SK_OK ? text.at : "(too long)", style);
        sk_buf_free(&text);
}

void sk_wrap_end(sk_wrap *wrap) {
        sk_cli_print(wrap->cli, "\n");
        wrap->column = 0;
}
