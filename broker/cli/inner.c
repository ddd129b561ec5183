/*
 * A frame within the frame: what it prints is caught in memory, so that whoever runs it can read it.
 */
#include "cli/inner.h"

#include <assert.h>
#include <stdio.h>
#include <sys/types.h>

#include "cli/frame.h"
#include "kit/alloc.h"

sk_inner sk_inner_make(const char *const *words) {
        sk_inner inner = {.count = 0};
        while (*words != NULL)
                sk_inner_add(&inner, *words++);
        return inner;
}

void sk_inner_add(sk_inner *inner, const char *word) {
        assert(word != NULL && inner->count < SK_INNER_WORDS_MAX);
        inner->words[inner->count++] = word;
}

void sk_inner_add_option(sk_inner *inner, const char *option, const char *value) {
        if (value == NULL)
                return;
        sk_inner_add(inner, option);
        sk_inner_add(inner, value);
}

bool sk_inner_has(const sk_cli *cli, const char *command) {
        return sk_command_find(sk_cli_commands(cli), command) != NULL;
}

static int no_memory(sk_cli *cli) {
        return sk_cli_fail(cli, "memory", "end other programs, then try again", "none left");
}

/* What is too much for the buffer is counted as printed: the buffer remembers that it is full. */
static ssize_t catch_write(void *into, const char *bytes, size_t len) {
        sk_buf_add(into, bytes, len);
        return (ssize_t)len;
}

/** A stream into @p into, or @p otherwise where there is none; NULL without memory. */
static FILE *catch_begin(sk_buf *into, FILE *otherwise) {
        const cookie_io_functions_t functions = {.write = catch_write};
        return into == NULL ? otherwise : fopencookie(into, "w", functions);
}

static void catch_end(const sk_buf *into, FILE *stream) {
        if (into != NULL && stream != NULL)
                fclose(stream);
}

/** Options are moved to and fro in the list of words: it is a copy. */
static int run(sk_cli *inside, const sk_inner *inner) {
        char *argv[SK_INNER_WORDS_MAX + 2] = {NULL};
        int argc = 0;
        bool is_copied = true;
        argv[argc++] = sk_alloc_copy("schakel", strlen("schakel"));
        for (size_t i = 0; i < inner->count; i++)
                argv[argc++] = sk_alloc_copy(inner->words[i], strlen(inner->words[i]));
        char *copies[SK_INNER_WORDS_MAX + 2];
        memcpy(copies, argv, sizeof(copies));
        for (int i = 0; i < argc; i++)
                is_copied = is_copied && argv[i] != NULL;
        int status = is_copied ? sk_cli_main(inside, argc, argv) : no_memory(inside);
        for (int i = 0; i < argc; i++)
                sk_free(copies[i]);
        return status;
}

int sk_inner_run(sk_cli *cli, const sk_inner *inner, sk_buf *out, sk_buf *err) {
        FILE *outs = catch_begin(out, sk_cli_out(cli));
        FILE *errs = catch_begin(err, sk_cli_err(cli));
        sk_cli *inside = outs == NULL || errs == NULL ? NULL : sk_cli_new(sk_cli_commands(cli), outs, errs);
        int status = inside == NULL ? no_memory(cli) : run(inside, inner);
        sk_cli_free(inside);
        catch_end(out, outs);
        catch_end(err, errs);
        return status;
}
