#ifndef SK_CLI_INNER_H
#define SK_CLI_INNER_H

#include "cli/cli.h"
#include "kit/buf.h"

/*
 * Commands run by a command, as if somebody had typed them: the same words, the same options, the same checks.
 */

#define SK_INNER_WORDS_MAX 48

/** A command line being put together; the words are borrowed. Plain value. */
typedef struct sk_inner {
        const char *words[SK_INNER_WORDS_MAX];
        size_t count;
} sk_inner;

/** A line that begins with these words; ends with NULL. */
sk_inner sk_inner_make(const char *const *words);
/** One more word. */
void sk_inner_add(sk_inner *inner, const char *word);
/** An option and its value; nothing when @p value is NULL. */
void sk_inner_add_option(sk_inner *inner, const char *option, const char *value);

/** Whether there is such a command. */
bool sk_inner_has(const sk_cli *cli, const char *command);

/**
 * Runs it.
 *
 * @param out  gets what it prints on stdout; NULL: it is printed on ours
 * @param err  gets what it prints on stderr; NULL: it is printed on ours
 * @return its exit status; SK_EXIT_NEGATIVE with the message printed when there is no memory
 */
int sk_inner_run(sk_cli *cli, const sk_inner *inner, sk_buf *out, sk_buf *err);

#endif
