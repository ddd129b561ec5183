/*
 * `schakel export` and `schakel import`: a chain that stands still goes into a file and out of it onto another log.
 */
#include <assert.h>
#include <inttypes.h>

#include "cli/chain/planned.h"
#include "cli/print/progress.h"
#include "cli/print/table.h"
#include "cli/session/links.h"
#include "log/export_file.h"
#include "log/move.h"
#include "log/properties.h"

/** What both commands work with. */
typedef struct moving {
        sk_cli *cli;
        const char *url;
        sk_edition *edition;
        sk_properties *properties;
        sk_mover *mover;
        sk_slice *teams;
        sk_progress progress;
        const char *phase; /**< what progress tells of; NULL: nothing yet */
} moving;

static const sk_option export_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_PROPERTIES,
        {.name = "past-gaps", .text = "give up records that were deleted before a link had read them"},
        {0},
};

static const sk_option import_options[] = {SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_PROPERTIES, {0}};

/* ---- opening ---- */

static void moving_end(moving *self) {
        sk_mover_free(self->mover);
        sk_properties_free(self->properties);
        sk_edition_release(self->edition);
}

/* A local log has no connection: what is said about one is not looked at. */
static bool is_local(const char *url) {
        return strncmp(url, "local:", strlen("local:")) == 0;
}

static int open_log(moving *self, bool is_target) {
        char why[SK_LOG_WHY_MAX] = "";
        sk_properties_config wanted = {
                .edition = self->edition, .file = sk_cli_text(self->cli, "properties"), .is_person = true};
        sk_mover_config config = {.url = self->url, .chain = sk_edition_chain(self->edition), .is_target = is_target};
        sk_err err = SK_OK;

        if (!is_local(self->url)) {
                err = sk_properties_new(&wanted, why, &self->properties);
                if (err == SK_OK)
                        config.properties = sk_properties_list(self->properties, &config.property_count);
        }
        if (err == SK_OK)
                err = sk_mover_open(&config, why, &self->mover);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(self->cli, self->url, "see whether the log is there and may be used, then try again", "%s",
                           why[0] == '\0' ? sk_err_text(err) : why);
}

static int teams_list(moving *self) {
        size_t count = sk_edition_team_count(self->edition);

        self->teams = sk_arena_get(sk_cli_arena(self->cli), (count + 1) * sizeof(*self->teams));
        if (self->teams == NULL)
                return sk_cli_fail(self->cli, "memory", "end other programs, then try again", "none left");
        for (size_t i = 0; i < count; i++)
                self->teams[i] = sk_team_name(sk_edition_team_at(self->edition, i));
        return SK_EXIT_OK;
}

static int moving_begin(moving *self, sk_cli *cli, bool is_target) {
        *self = (moving){.cli = cli, .url = sk_cli_text(cli, "log")};
        if (self->url == NULL)
                return sk_cli_usage_error(cli, "log", "say where the records are: --log local:FILE, or SCHAKEL_LOG");
        int status = sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), &self->edition);
        if (status == SK_EXIT_OK)
                status = open_log(self, is_target);
        if (status == SK_EXIT_OK)
                status = teams_list(self);
        if (status != SK_EXIT_OK)
                moving_end(self);
        return status;
}

/* ---- on the way ---- */

static bool on_progress(void *own, const char *what, uint64_t done, uint64_t total) {
        moving *self = own;

        if (self->phase != what) {
                if (self->phase != NULL)
                        sk_progress_end(&self->progress);
                self->phase = what;
                self->progress = sk_progress_begin(self->cli, what, total);
        }
        if (done % 256 == 0)
                sk_progress_set(&self->progress, done);
        return !sk_cli_is_interrupted();
}

static sk_move_config config_of(moving *self, const char *file) {
        return (sk_move_config){.mover = self->mover,
                                .chain = sk_edition_chain(self->edition),
                                .teams = self->teams,
                                .team_count = sk_edition_team_count(self->edition),
                                .file = file,
                                .partitions = is_local(self->url) ? 1 : sk_edition_partitions(self->edition),
                                .now_us = sk_cli_now_us(),
                                .progress = on_progress,
                                .progress_self = self};
}

static const char *remedy_of(sk_err err, bool is_import) {
        switch (err) {
        case SK_ERR_BUSY:
                return "stop all links of the chain (and keep them from being started), then try again";
        case SK_ERR_NOT_FOUND:
                return is_import ? "schakel apply makes what a cluster lacks; see that the file is there"
                                 : "-C names the chain, --log where its links ran";
        case SK_ERR_CONFLICT:
                return is_import ? "import into an empty log with as many partitions as chain.json says"
                                 : "see what stands there; --past-gaps gives up what was deleted unread";
        case SK_ERR_CHECKSUM:
        case SK_ERR_TRUNCATED:
        case SK_ERR_SYNTAX:
                return is_import ? "export the chain again" : "ask for help before a link is started on it";
        default:
                return is_import ? "put it right, then repeat the import: it goes on where it stopped"
                                 : "put it right, then export again";
        }
}

static int finish(moving *self, sk_err err, const sk_move_report *report, bool is_import) {
        if (self->phase != NULL)
                sk_progress_end(&self->progress);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(self->cli, is_import ? "import" : "export", remedy_of(err, is_import), "%s", report->why);
}

/* ---- telling ---- */

static int print_json(moving *self, const sk_move_report *report, const char *file, bool is_import) {
        sk_json_writer *json = sk_cli_json_begin(self->cli);
        char digest[SK_DIGEST_TEXT];

        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "chain", sk_edition_chain(self->edition));
        sk_json_put_cstr(json, "file", file);
        sk_json_put_int(json, "records", (int64_t)report->records);
        sk_json_put_int(json, "unread", (int64_t)report->unread);
        sk_json_put_int(json, "open", (int64_t)report->open);
        sk_json_put_int(json, "closed", (int64_t)report->closed);
        if (is_import)
                sk_json_put_int(json, "written", (int64_t)report->written);
        sk_json_open_array(json, "topics");
        for (size_t i = 0; i < report->row_count; i++) {
                const sk_move_row *row = &report->rows[i];
                sk_moved_sum_format(&row->sum, digest);
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "topic", row->topic);
                sk_json_put_int(json, "records", (int64_t)row->sum.count);
                sk_json_put_int(json, "unread", (int64_t)row->unread);
                sk_json_put_text(json, "digest", (sk_slice){digest, sizeof(digest)});
                if (is_import)
                        sk_json_put_int(json, "written", (int64_t)row->written);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(self->cli);
}

static int print_table(moving *self, const sk_move_report *report, bool is_import) {
        static const sk_column columns[] = {{.title = "TOPIC", .shrinks = true},
                                            {.title = "RECORDS", .is_right = true},
                                            {.title = "UNREAD", .is_right = true},
                                            {.title = "DIGEST"},
                                            {.title = "WRITTEN", .is_right = true}};
        char digest[SK_DIGEST_TEXT];
        sk_table *table = sk_table_new(self->cli, columns, is_import ? 5 : 4);

        if (table == NULL)
                return sk_cli_fail(self->cli, "memory", "end other programs, then try again", "none left");
        for (size_t i = 0; i < report->row_count; i++) {
                const sk_move_row *row = &report->rows[i];
                assert(!is_import || row->is_confirmed);
                if (row->sum.count == 0 && row->written == 0)
                        continue;
                sk_moved_sum_format(&row->sum, digest);
                sk_table_cell_text(table, row->topic);
                sk_table_cell_format(table, "%" PRIu64, row->sum.count);
                sk_table_cell_format(table, "%" PRIu64, row->unread);
                sk_table_cell(table, (sk_slice){digest, sizeof(digest)});
                if (is_import)
                        sk_table_cell_format(table, "%" PRIu64, row->written);
        }
        return sk_table_print(table);
}

static int print(moving *self, const sk_move_report *report, const char *file, bool is_import) {
        if (sk_cli_is_json(self->cli))
                return print_json(self, report, file, is_import);
        int status = print_table(self, report, is_import);
        sk_cli_print(self->cli,
                     "%" PRIu64 " records with %" PRIu64 " open and %" PRIu64 " remembered calls; %" PRIu64
                     " not read yet\n",
                     report->records, report->open, report->closed, report->unread);
        if (!is_import)
                sk_cli_print(self->cli, "exported to %s\n", sk_cli_safe_text(self->cli, file));
        else if (report->written == 0)
                sk_cli_print(self->cli, "all of it was there already: nothing was changed\n");
        else
                sk_cli_print(self->cli,
                             "imported, read back, counts and digests agree: links may be started here, and never "
                             "again on the log it came from\n");
        return status;
}

/* ---- commands ---- */

static int export_run(sk_cli *cli, int argc, char **argv) {
        moving self;
        sk_move_report report = {0};
        int status = moving_begin(&self, cli, false);

        (void)argc;
        if (status != SK_EXIT_OK)
                return status;
        sk_cli_catch_interrupt();
        sk_move_config config = config_of(&self, argv[0]);
        config.passes_gaps = sk_cli_flag(cli, "past-gaps");
        status = finish(&self, sk_move_out(&config, &report), &report, false);
        if (status == SK_EXIT_OK)
                status = print(&self, &report, argv[0], false);
        sk_move_report_free(&report);
        moving_end(&self);
        return status;
}

/* Before anything else: a file that is no export shall not leave an empty log behind. */
static int check_file(sk_cli *cli, const char *path) {
        char why[SK_EXPORT_WHY_MAX] = "";
        sk_export_reader *file = NULL;
        sk_err err = sk_export_reader_new(path, why, &file);

        sk_export_reader_free(file);
        return err == SK_OK ? SK_EXIT_OK : sk_cli_fail(cli, "import", remedy_of(err, true), "%s", why);
}

static int import_run(sk_cli *cli, int argc, char **argv) {
        moving self;
        sk_move_report report = {0};
        int status = check_file(cli, argv[0]);

        (void)argc;
        if (status == SK_EXIT_OK)
                status = moving_begin(&self, cli, true);
        if (status != SK_EXIT_OK)
                return status;
        sk_cli_catch_interrupt();
        sk_move_config config = config_of(&self, argv[0]);
        status = finish(&self, sk_move_in(&config, &report), &report, true);
        if (status == SK_EXIT_OK)
                status = print(&self, &report, argv[0], true);
        sk_move_report_free(&report);
        moving_end(&self);
        return status;
}

const sk_command sk_command_export = {
        .name = "export",
        .text = "write a chain that stands still, with all that is open in it, into a file",
        .arguments = "FILE",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = export_options,
        .details = "All topics go into the file: what links have read and what they have not, and where they stand. It "
                   "is\n"
                   "checksummed, and is there under its name only when it is whole. A chain of which a link still runs "
                   "is\n"
                   "refused: on a local log the locks of all teams are taken meanwhile; on Kafka their consumer groups "
                   "must\n"
                   "have no members and no transaction may be open. The log itself is not changed.",
        .example = "schakel export chain.export --log local:chain.db\n"
                   "schakel import chain.export --log kafka:broker-1:9092",
        .run = export_run,
};

const sk_command sk_command_import = {
        .name = "import",
        .text = "write an exported chain onto an empty log",
        .arguments = "FILE",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = import_options,
        .details =
                "The log may be of another kind and have another number of partitions; links go on there where they\n"
                "stopped. On Kafka the topics have to be there (schakel apply). Afterwards everything is read back "
                "and\n"
                "compared. An import that was interrupted goes on when it is repeated; one that is complete changes\n"
                "nothing; a log that holds anything else is refused.",
        .example = "schakel apply --log kafka:broker-1:9092\n"
                   "schakel import chain.export --log kafka:broker-1:9092",
        .run = import_run,
};
