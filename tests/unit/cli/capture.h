#ifndef SK_TESTS_CLI_CAPTURE_H
#define SK_TESTS_CLI_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/cli.h"

#define CAPTURE_WORDS_MAX 64

/** A frame of the command line whose output can be read. */
typedef struct capture {
        sk_cli *cli;
        FILE *out;
        FILE *err;
        char *out_text;
        char *err_text;
        size_t out_len;
        size_t err_len;
} capture;

/** Begins; @p commands ends with NULL. Fails the test without memory. */
static inline void capture_begin(capture *captured, const sk_command *const *commands) {
        captured->out = open_memstream(&captured->out_text, &captured->out_len);
        captured->err = open_memstream(&captured->err_text, &captured->err_len);
        assert_non_null(captured->out);
        assert_non_null(captured->err);
        captured->cli = sk_cli_new(commands, captured->out, captured->err);
        assert_non_null(captured->cli);
}

/** Makes out_text and err_text hold all that was printed so far. */
static inline void capture_flush(capture *captured) {
        fflush(captured->out);
        fflush(captured->err);
}

/** Runs `schakel` with these words, up to NULL; gives the exit status. Then out_text and err_text can be read. */
static inline int capture_run(capture *captured, const char *const *words) {
        char *argv[CAPTURE_WORDS_MAX + 2] = {(char *)(uintptr_t) "schakel"};
        int argc = 1;
        while (words[argc - 1] != NULL && argc <= CAPTURE_WORDS_MAX) {
                argv[argc] = (char *)(uintptr_t)words[argc - 1];
                argc++;
        }
        int status = sk_cli_main(captured->cli, argc, argv);
        capture_flush(captured);
        return status;
}

static inline void capture_end(capture *captured) {
        sk_cli_free(captured->cli);
        fclose(captured->out);
        fclose(captured->err);
        free(captured->out_text);
        free(captured->err_text);
}

#endif
