#ifndef SK_CLI_WRAP_H
#define SK_CLI_WRAP_H

#include "cli/cli.h"

/*
 * Text on lines that the terminal has room for. What does not fit goes on below where the text began; where there is
 * no terminal, lines are as long as they are.
 */

typedef struct sk_wrap {
        sk_cli *cli;
        size_t indent;  /**< where each further line begins */
        size_t column;  /**< where the next word goes */
        size_t columns; /**< how many a line has */
} sk_wrap;

/** Begins at @p column of a line that is being printed; further lines begin at @p indent. */
sk_wrap sk_wrap_make(sk_cli *cli, size_t indent, size_t column);
/** Prints text, escaped and broken between words, and at its own ends of lines. */
void sk_wrap_text(sk_wrap *wrap, sk_slice text);
/** Prints a piece that is not broken, three blanks from what is before it. As printf: texts are safe already. */
void sk_wrap_piece(sk_wrap *wrap, sk_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Ends the line. */
void sk_wrap_end(sk_wrap *wrap);

#endif
