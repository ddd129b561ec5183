/*
 * Histories in files. zlib reads what is not packed as it is.
 */
#include "cli/replay/history_file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <zlib.h>

#include "cli/print/progress.h"

#define MAP_REMEDY "the format of maps: teams/shared-service-centre/history/README.md"
#define LISTED_MAX 10
#define WHY_MAX 320
#define GZIP_BUFFER (256u << 10)

int sk_history_load_map(sk_cli *cli, const char *path, sk_history_map **out) {
        sk_slice text;
        sk_history_problem problem;
        int status = sk_cli_read(cli, path, SK_HISTORY_MAP_MAX, &text);
        if (status != SK_EXIT_OK)
                return status;
        sk_err err = sk_history_map_read(text, out, &problem);
        if (err == SK_OK)
                return SK_EXIT_OK;
        if (err != SK_ERR_CONFIG)
                return sk_cli_fail(cli, path, "end other programs, then try again", "%s", sk_err_text(err));
        sk_buf place = sk_buf_make(8192);
        sk_buf_add_format(&place, "%s:%u:%u%s%s", path, problem.line, problem.column,
                          problem.pointer[0] == '\0' ? "" : ":", problem.pointer);
        sk_buf_add_byte(&place, 0);
        status = sk_cli_fail(cli, place.err == SK_OK ? place.at : path, MAP_REMEDY, "%s", problem.text);
        sk_buf_free(&place);
        return status;
}

/* ---- reading ---- */

typedef struct source {
        sk_cli *cli;
        const char *path;
        gzFile file;
        sk_history_rows *rows;
} source;

static long fill(void *self, char *at, size_t size) {
        source *from = self;
        assert(size <= INT32_MAX);
        if (sk_cli_is_interrupted()) {
                errno = EINTR;
                return -1;
        }
        int got = gzread(from->file, at, (unsigned)size);
        int problem = Z_OK;
        if (got == 0)
                (void)gzerror(from->file, &problem);
        return problem == Z_OK ? got : -1;
}

static int say_reading(const source *from) {
        int problem;
        const char *why = gzerror(from->file, &problem);
        if (sk_cli_is_interrupted())
                return sk_cli_fail(from->cli, from->path, "run it again", "reading was interrupted");
        if (problem == Z_BUF_ERROR)
                return sk_cli_fail(from->cli, from->path, "get the file again", "it ends too early");
        return sk_cli_fail(from->cli, from->path, "get the file again", "it cannot be read: %s",
                           problem == Z_ERRNO ? strerrordesc_np(errno) : why);
}

static int open_source(source *from, const sk_history_map *map) {
        char why[WHY_MAX] = "";
        errno = 0;
        from->file = gzopen(from->path, "rbe");
        if (from->file == NULL)
                return sk_cli_fail(from->cli, from->path, "name a file that you may read: --history FILE", "%s",
                                   errno == 0 ? sk_err_text(SK_ERR_NO_MEMORY) : strerrordesc_np(errno));
        (void)gzbuffer(from->file, GZIP_BUFFER);
        sk_err err = sk_history_rows_new(map, fill, from, why, &from->rows);
        if (err == SK_OK)
                return SK_EXIT_OK;
        int status = err == SK_ERR_IO ? say_reading(from)
                     : err == SK_ERR_SYNTAX
                             ? sk_cli_fail(from->cli, from->path, "give the map that goes with this file", "%s", why)
                             : sk_cli_fail(from->cli, from->path, "end other programs, then try again", "%s",
                                           sk_err_text(err));
        (void)gzclose(from->file);
        return status;
}

static void close_source(source *from) {
        sk_history_rows_free(from->rows);
        (void)gzclose(from->file);
}

static int read_rows(source *from, sk_history_calls *calls, sk_history_tally *tally) {
        sk_history_row row;
        sk_progress progress = sk_progress_begin(from->cli, "reading rows", 0);
        sk_err err;
        while ((err = sk_history_rows_next(from->rows, &row)) == SK_OK) {
                const char *misfit = row.problem;
                tally->rows++;
                sk_progress_set(&progress, tally->rows);
                if (misfit == NULL)
                        err = sk_history_calls_add(calls, &row, &misfit);
                if (err != SK_OK)
                        break;
                tally->rows_aside += misfit != NULL;
        }
        sk_progress_end(&progress);
        if (err == SK_ERR_NOT_FOUND)
                return SK_EXIT_OK;
        if (err == SK_ERR_IO)
                return say_reading(from);
        return sk_cli_fail(from->cli, from->path, "give a part of it", "it does not fit into memory");
}

int sk_history_load(sk_cli *cli, const char *path, const sk_history_map *map, const sk_edition *edition,
                    sk_history_calls **out, sk_history_tally *out_tally) {
        source from = {.cli = cli, .path = path};
        *out_tally = (sk_history_tally){0};
        int status = open_source(&from, map);
        if (status != SK_EXIT_OK)
                return status;
        sk_history_calls *calls = sk_history_calls_new(map);
        if (calls == NULL)
                status = sk_cli_fail(cli, path, "end other programs, then try again", "no memory is left");
        else
                status = read_rows(&from, calls, out_tally);
        close_source(&from);
        if (status != SK_EXIT_OK) {
                sk_history_calls_free(calls);
                return status;
        }
        sk_history_calls_finish(calls, edition);
        for (size_t i = sk_history_calls_fit(calls); i < sk_history_calls_count(calls); i++)
                out_tally->rows_aside += sk_history_calls_at(calls, i)->rows;
        out_tally->calls_aside = sk_history_calls_count(calls) - sk_history_calls_fit(calls);
        *out = calls;
        return SK_EXIT_OK;
}

/* ---- keeping aside ---- */

static void write_row(FILE *file, const sk_history_row *row, const char *reason) {
        sk_buf text = sk_buf_make(8 * SK_HISTORY_ROW_MAX);
        sk_json_writer json = sk_json_writer_make(&text);
        sk_json_open_object(&json, NULL);
        sk_json_put_int(&json, "line", (int64_t)row->line);
        sk_json_put_cstr(&json, "reason", reason);
        sk_json_put_text(&json, "row", row->raw);
        sk_json_close_object(&json);
        sk_buf_add_byte(&text, '\n');
        (void)fwrite(sk_buf_slice(&text).at, 1, text.len, file);
        sk_buf_free(&text);
}

static sk_err write_rows(source *from, const sk_history_calls *calls, FILE *file, uint64_t *written) {
        sk_history_row row;
        sk_err err;
        while ((err = sk_history_rows_next(from->rows, &row)) == SK_OK) {
                const char *misfit = sk_history_row_misfit(calls, &row);
                if (misfit == NULL)
                        continue;
                write_row(file, &row, misfit);
                if (++*written <= LISTED_MAX)
                        sk_cli_remark(from->cli, "%s:%llu: kept aside: %s", from->path, (unsigned long long)row.line,
                                      misfit);
        }
        return err;
}

int sk_history_keep_aside(sk_cli *cli, const char *path, const sk_history_map *map, const sk_history_calls *calls,
                          const char *aside, sk_history_tally *tally) {
        source from = {.cli = cli, .path = path};
        uint64_t written = 0;
        if (tally->rows_aside == 0)
                return SK_EXIT_OK;
        int status = open_source(&from, map);
        if (status != SK_EXIT_OK)
                return status;
        FILE *file = fopen(aside, "we");
        sk_err err = file == NULL ? SK_ERR_IO : write_rows(&from, calls, file, &written);
        bool is_whole = file != NULL && !ferror(file) && fclose(file) == 0;
        if (!is_whole)
                status = sk_cli_fail(cli, aside, "name a file that you may write: --aside FILE",
                                     "what does not fit cannot be kept there: %s", strerrordesc_np(errno));
        else if (err == SK_ERR_IO)
                status = say_reading(&from);
        else if (err != SK_ERR_NOT_FOUND)
                status = sk_cli_fail(cli, path, "end other programs, then try again", "%s", sk_err_text(err));
        close_source(&from);
        if (status == SK_EXIT_OK && written > LISTED_MAX)
                sk_cli_remark(cli, "and %llu more", (unsigned long long)(written - LISTED_MAX));
        if (status == SK_EXIT_OK)
                sk_cli_remark(cli, "%llu of %llu rows are kept aside in %s", (unsigned long long)written,
                              (unsigned long long)tally->rows, aside);
        return status;
}
