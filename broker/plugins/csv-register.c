/*
 * A register that a spreadsheet reads: one line for each call, behind those that are there. A line begins with the key of its
 * try, so that the register itself says what is in it; it is on the disk before the activity is completed.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schakel/plugin.h"

#define COLUMNS_MAX 64
#define REGISTER_MAX (256l * 1024 * 1024)

enum { OPTION_FILE, OPTION_COLUMNS };

static const schakel_plugin_option options[] = {
        {"file", SCHAKEL_PLUGIN_FILE, NULL, "The register; it is made if it is not there, its folder is not."},
        {"columns", SCHAKEL_PLUGIN_TEXT, NULL,
         "Names of the members of the input that are written, with commas between them; they are the head of the "
         "table."},
        {0}};

typedef struct csv {
        int fd;
        char *columns[COLUMNS_MAX];
        size_t column_count;
        char *names; /* the option, cut into columns */
        char why[160];
        char answer[96];
} csv;

/* ---- a line ---- */

/* A line is a line, so that half of one is seen to be half. What begins as a formula does is text for a spreadsheet
 * with an apostrophe in front. */
static void cell_put(FILE *line, const char *text) {
        (void)fputc('"', line);
        if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
                (void)fputc('\'', line);
        for (; *text != '\0'; text++) {
                if (*text == '"')
                        (void)fputc('"', line);
                (void)fputc(*text == '\n' || *text == '\r' ? ' ' : *text, line);
        }
        (void)fputc('"', line);
}

static void value_put(FILE *line, const json_t *value) {
        char *text = NULL;

        (void)fputc(',', line);
        if (json_is_string(value)) {
                cell_put(line, json_string_value(value));
                return;
        }
        if (json_is_number(value)) /* a number below zero is no formula */
                text = json_dumps(value, JSON_ENCODE_ANY);
        if (text != NULL)
                (void)fputs(text, line);
        else if (value != NULL && !json_is_null(value) &&
                 (text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL)
                cell_put(line, text);
        free(text);
}

/* New, to be freed; NULL without memory. */
static char *line_make(const csv *of, const char *key, const json_t *input, size_t *out_len) {
        char *text = NULL;
        FILE *line = open_memstream(&text, out_len);

        if (line == NULL)
                return NULL;
        cell_put(line, key);
        for (size_t i = 0; i < of->column_count; i++) {
                if (input != NULL)
                        value_put(line, json_object_get(input, of->columns[i]));
                else {
                        (void)fputc(',', line);
                        cell_put(line, of->columns[i]);
                }
        }
        (void)fputs("\r\n", line);
        if (fclose(line) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

/* ---- the file ---- */

/* The register whole, to be freed; a line that was not finished when the power went is cut off first. */
static char *register_read(csv *of, size_t *out_len) {
        struct stat is;
        char *text;
        size_t len = 0;
        ssize_t got = 1;

        if (fstat(of->fd, &is) != 0 || is.st_size > REGISTER_MAX)
                return NULL;
        text = malloc((size_t)is.st_size + 1);
        while (text != NULL && got > 0 && len < (size_t)is.st_size) {
                got = pread(of->fd, text + len, (size_t)is.st_size - len, (off_t)len);
                len += got > 0 ? (size_t)got : 0;
        }
        while (text != NULL && len > 0 && text[len - 1] != '\n')
                len--;
        if (text == NULL || got < 0 || ftruncate(of->fd, (off_t)len) != 0) {
                free(text);
                return NULL;
        }
        text[len] = '\0';
        *out_len = len;
        return text;
}

static int write_all(int fd, const char *text, size_t len) {
        while (len > 0) {
                ssize_t written = write(fd, text, len);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -1;
                text += written;
                len -= (size_t)written;
        }
        return 0;
}

/* Keys hold neither quotes nor commas, and no cell that is quoted begins a line and ends in `",` by chance. */
static int has_key(const char *text, const char *key) {
        char start[200];
        int len = snprintf(start, sizeof(start), "\"%s\",", key);

        for (const char *at = strstr(text, start); at != NULL; at = strstr(at + len, start))
                if (at == text || at[-1] == '\n')
                        return 1;
        return 0;
}

static int line_add(csv *of, const char *key, const json_t *input) {
        size_t len = 0;
        char *line = line_make(of, key, input, &len);
        int failed = line == NULL || write_all(of->fd, line, len) != 0;

        free(line);
        return failed;
}

/* 0: it is there, and on the disk. */
static int register_add(csv *of, const char *key, const json_t *input, int *was_there) {
        size_t len = 0;
        char *text = register_read(of, &len);
        int failed = text == NULL;

        *was_there = !failed && has_key(text, key);
        if (!failed && len == 0)
                failed = line_add(of, "key", NULL);
        if (!failed && !*was_there)
                failed = line_add(of, key, input);
        if (!failed)
                failed = fsync(of->fd) != 0;
        if (failed && text != NULL)
                (void)!ftruncate(of->fd, (off_t)len);
        free(text);
        return failed;
}

/* ---- the plug-in ---- */

static void csv_exit(void *state) {
        csv *of = state;

        if (of->fd >= 0)
                (void)close(of->fd);
        free(of->names);
        free(of);
}

static const char *columns_take(csv *of, const char *names) {
        char *rest = NULL;

        of->names = strdup(names);
        if (of->names == NULL)
                return "no memory is left";
        for (char *name = strtok_r(of->names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest)) {
                if (of->column_count == COLUMNS_MAX)
                        return "columns: there are more than 64";
                of->columns[of->column_count++] = name;
        }
        return of->column_count == 0 ? "columns: there are none" : NULL;
}

static const char *csv_init(const char *const *values, void **state) {
        static char why[400];
        csv *of = calloc(1, sizeof(*of));
        const char *wrong;

        if (of == NULL)
                return "no memory is left";
        of->fd = open(values[OPTION_FILE], O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        wrong = columns_take(of, values[OPTION_COLUMNS]);
        if (of->fd < 0) {
                (void)snprintf(why, sizeof(why), "file: %.200s cannot be written: %s", values[OPTION_FILE],
                               strerror(errno));
                wrong = why;
        }
        if (wrong != NULL)
                csv_exit(of);
        else
                *state = of;
        return wrong;
}

static schakel_plugin_result csv_handle(void *state, const schakel_plugin_call *call, schakel_plugin_answer *answer) {
        csv *of = state;
        json_t *input = json_loadb(call->input, call->input_len, 0, NULL);
        int was_there = 0;

        if (!json_is_object(input)) {
                json_decref(input);
                answer->code = "bad-input";
                answer->text = "the input is no object: say in \"in\" what the register is to get";
                return SCHAKEL_PLUGIN_FAILED;
        }
        int failed = flock(of->fd, LOCK_EX) != 0; /* another link may write to it as well */
        if (!failed) {
                failed = register_add(of, call->key, input, &was_there);
                (void)snprintf(of->why, sizeof(of->why), "the register cannot be written: %s", strerror(errno));
                (void)flock(of->fd, LOCK_UN);
        }
        json_decref(input);
        if (failed) {
                answer->code = "register";
                answer->text = of->why;
                return SCHAKEL_PLUGIN_RETRY;
        }
        (void)snprintf(of->answer, sizeof(of->answer), "{\"was_there\":%s}", was_there ? "true" : "false");
        answer->value = of->answer;
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "csv-register",
                                                  .about = "Writes each call as a line of a CSV register, once.",
                                                  .options = options,
                                                  .init = csv_init,
                                                  .handle = csv_handle,
                                                  .exit = csv_exit};
