/*
 * `schakel template export|import`: a routine file as a sheet to print or to edit, and back. The document and the
 * running file come from one source.
 */
#include <stdio.h>
#include <string.h>

#include "cli/print/output.h"
#include "cli/session/chain_files.h"
#include "cli/session/team_files.h"
#include "cli/template/json_diff.h"
#include "cli/template/json_edit.h"
#include "cli/template/sheet.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"
#include "kit/name.h"
#include "usm/suggest.h"

#define ARENA_BYTES ((size_t)16 << 20)
#define TEXT_BYTES ((size_t)4 << 20)
#define PATH_BYTES 4096
#define PLACE_BYTES 128
#define DEPTH_MAX 32
#define CHANGES_MAX 200
#define NO_FILE SK_SLICE("{\n  \"activities\": {}\n}\n")

static const sk_option export_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        SK_OPTION_PROCESS("the routine of a process"),
        SK_OPTION_WORKFLOW("the routine of a workflow"),
        {.name = "format",
         .kind = SK_OPTION_TEXT,
         .value = "FORMAT",
         .text = "how it is written (default: csv)",
         .choices = "csv|markdown|html"},
        SK_OPTION_LANGUAGE("language of the activities' names"),
        SK_OPTION_OUTPUT,
        {0},
};

static const sk_option import_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        {.name = "routine",
         .kind = SK_OPTION_TEXT,
         .value = "ROUTINE",
         .text = "name of the routine file (default: as the sheet says)"},
        {.name = "dry-run", .kind = SK_OPTION_FLAG, .text = "say what would change, and change nothing"},
        {0},
};

/** One of the two at work. */
typedef struct sheeting {
        sk_cli *cli;
        const char *team;
        sk_chain_dir *dir;
        sk_edition *edition;
        sk_arena *arena;
        const sk_chain_file *file; /**< NULL: there is none yet */
        char inside[PATH_BYTES];   /**< its path in the chain directory */
        sk_buf text;
        sk_sheet sheet; /**< of the file */
} sheeting;

static int no_memory(const sheeting *self) {
        return sk_cli_fail(self->cli, "template", "end other programs, then try again", "no memory is left");
}

static int begin(sk_cli *cli, sheeting *self) {
        *self = (sheeting){.cli = cli,
                           .team = sk_cli_text(cli, "team"),
                           .arena = sk_arena_new(ARENA_BYTES),
                           .text = sk_buf_make(TEXT_BYTES)};
        if (self->arena == NULL)
                return no_memory(self);
        if (self->team == NULL)
                return sk_cli_usage_error(cli, "team", "say with --team whose routines are meant");
        int status = sk_chain_files_read(cli, &self->dir);
        if (status == SK_EXIT_OK)
                status = sk_chain_files_try(cli, self->dir, NULL, 0, "schakel check says all that is wrong",
                                            &self->edition);
        if (status == SK_EXIT_OK && sk_team_files_find(cli, self->edition, "team", sk_slice_of(self->team)) == NULL)
                status = SK_EXIT_USAGE;
        return status;
}

static int end(sheeting *self, int status) {
        sk_edition_release(self->edition);
        sk_chain_dir_free(self->dir);
        sk_buf_free(&self->text);
        sk_arena_free(self->arena);
        return status;
}

/* ---- finding the file ---- */

/* Name of a routine of the team by the path of its file; SK_NONE: it is none. */
static sk_slice routine_of(const sheeting *self, const char *path) {
        size_t team = strlen(self->team);
        size_t len = strlen(path);
        bool is_one = len > team + 15 && strncmp(path, self->team, team) == 0 &&
                      strncmp(path + team, "/routines/", 10) == 0 && strcmp(path + len - 5, ".json") == 0;

        return is_one ? (sk_slice){path + team + 10, len - team - 15} : SK_NONE;
}

/* The file of a routine; what is not there yet has only a path. */
static int find_named(sheeting *self, sk_slice name, bool may_be_new) {
        sk_suggestion suggestion = sk_suggest_make(name);
        size_t count;
        const sk_chain_file *files = sk_chain_dir_files(self->dir, &count);

        if (!sk_name_is_good(name))
                return sk_cli_usage_error(self->cli, "routine",
                                          "\"%.*s\" is no name of a routine: letters a to z, "
                                          "digits and dashes",
                                          (int)(name.len < 60 ? name.len : 60), name.at);
        (void)snprintf(self->inside, sizeof self->inside, "%s/routines/%.*s.json", self->team, (int)name.len, name.at);
        self->file = sk_chain_dir_find(self->dir, self->inside);
        if (self->file != NULL || may_be_new)
                return SK_EXIT_OK;
        for (size_t i = 0; i < count; i++) {
                if (sk_slice_there(routine_of(self, files[i].path)))
                        sk_suggest_offer(&suggestion, routine_of(self, files[i].path));
        }
        sk_hint hint = sk_suggest_hint(&suggestion);
        return sk_cli_usage_error(self->cli, "ROUTINE", "%s has no routine \"%.*s\"; %s", self->team, (int)name.len,
                                  name.at, hint.text[0] == '\0' ? "its folder routines/ has them" : hint.text);
}

static bool is_of(sk_slice file, const sk_sheet_scope *scope) {
        sk_sheet_scope own = sk_sheet_scope_of(file);

        return own.process == scope->process && own.workflow == scope->workflow &&
               !sk_slice_there(sk_json_member(file, "select"));
}

/* The routine that all calls of the process or workflow have; NULL: none has been written. */
static void find_scoped(sheeting *self, const sk_sheet_scope *scope) {
        size_t count;
        const sk_chain_file *files = sk_chain_dir_files(self->dir, &count);

        for (size_t i = 0; i < count && self->file == NULL; i++) {
                if (sk_slice_there(routine_of(self, files[i].path)) && is_of(files[i].text, scope))
                        self->file = &files[i];
        }
}

/* ---- export ---- */

static int wanted(sheeting *self, int argc, char **argv, sk_sheet_scope *scope) {
        const char *process = sk_cli_text(self->cli, "process");

        *scope = (sk_sheet_scope){.process = process == NULL ? SK_PROCESSES : sk_process_find(sk_slice_of(process)),
                                  .workflow = (unsigned)sk_cli_count(self->cli, "workflow", 0)};
        if (argc + (process != NULL) + (scope->workflow > 0) != 1)
                return sk_cli_usage_error(self->cli, "ROUTINE", "give one of ROUTINE, --process and --workflow");
        if (argc == 0) {
                find_scoped(self, scope);
                return SK_EXIT_OK;
        }
        int status = find_named(self, sk_slice_of(argv[0]), false);
        if (status == SK_EXIT_OK)
                *scope = sk_sheet_scope_of(self->file->text);
        return status;
}

/* Who exports what is not written yet gets a blank sheet, which says what it is about. */
static void name_scope(sheeting *self, const sk_sheet_scope *scope) {
        char number[16];
        sk_sheet_head *head = &self->sheet.heads[self->sheet.head_count];

        if (self->file != NULL) {
                self->sheet.routine = routine_of(self, self->file->path);
                return;
        }
        (void)snprintf(number, sizeof number, "%u", scope->workflow);
        *head = scope->workflow > 0 ? (sk_sheet_head){.name = SK_SLICE("workflow"),
                                                      .text = sk_arena_copy(self->arena, sk_slice_of(number))}
                                    : (sk_sheet_head){.name = SK_SLICE("process"),
                                                      .text = sk_slice_of(sk_process_get(scope->process)->id)};
        self->sheet.head_count++;
        self->sheet.routine = scope->workflow > 0 ? SK_SLICE("") : head->text;
}

static int export_run(sk_cli *cli, int argc, char **argv) {
        const char *format = sk_cli_text_or(cli, "format", "csv");
        sk_language language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")));
        sk_sheet_scope scope;
        sheeting self;
        int status = begin(cli, &self);

        if (status == SK_EXIT_OK)
                status = wanted(&self, argc, argv, &scope);
        if (status == SK_EXIT_OK && sk_sheet_of_file(self.file == NULL ? NO_FILE : self.file->text, &scope, language,
                                                     self.arena, &self.sheet) != SK_OK)
                status = no_memory(&self);
        if (status == SK_EXIT_OK) {
                name_scope(&self, &scope);
                if (strcmp(format, "csv") == 0)
                        sk_sheet_csv(&self.sheet, &self.text);
                else if (strcmp(format, "html") == 0)
                        sk_sheet_html(&self.sheet, self.arena, &self.text);
                else
                        sk_sheet_markdown(&self.sheet, self.arena, &self.text);
                status = self.text.err == SK_OK ? sk_output_write(cli, sk_buf_slice(&self.text)) : no_memory(&self);
        }
        return end(&self, status);
}

/* ---- import ---- */

/* "line 14: who: ...", as far as the place is known. */
static int fail_problem(const sheeting *self, const char *path, const sk_sheet_problem *problem) {
        sk_buf place = sk_buf_make(PLACE_BYTES);

        if (problem->line > 0)
                sk_buf_add_format(&place, "line %u: ", problem->line);
        if (sk_slice_there(problem->column))
                sk_buf_add_format(&place, "%.*s: ", (int)(problem->column.len < 60 ? problem->column.len : 60),
                                  problem->column.at);
        sk_slice where = sk_buf_slice(&place);
        int status = sk_cli_fail(self->cli, strcmp(path, "-") == 0 ? "stdin" : path, problem->remedy, "%.*s%s",
                                 (int)where.len, where.at, problem->why);
        sk_buf_free(&place);
        return status;
}

/* The sheet's own scope, for a routine that has no file yet. */
static sk_sheet_scope scope_of_sheet(const sk_sheet *sheet) {
        sk_sheet_scope scope = {.process = SK_PROCESSES};

        for (unsigned i = 0; i < sheet->head_count; i++) {
                const sk_sheet_head *head = &sheet->heads[i];
                if (sk_slice_is(head->name, "process"))
                        scope.process = sk_process_find(head->text);
                else if (sk_slice_is(head->name, "workflow") && head->text.len == 1)
                        scope.workflow = (unsigned)(head->text.at[0] - '0');
        }
        return scope;
}

/* What the file will be. */
static int merge(sheeting *self, const char *path, const sk_sheet *edited) {
        sk_slice before = self->file == NULL ? NO_FILE : self->file->text;
        sk_sheet_scope scope = self->file == NULL ? scope_of_sheet(edited) : sk_sheet_scope_of(before);
        sk_buf merged = sk_buf_make(TEXT_BYTES);
        sk_sheet_problem problem;
        sk_err err = sk_sheet_of_file(before, &scope, SK_ENGLISH, self->arena, &self->sheet);

        if (err == SK_OK)
                err = sk_sheet_merge(before, &self->sheet, edited, self->arena, &merged, &problem);
        if (err == SK_OK && self->file == NULL) {
                sk_json_pretty(sk_buf_slice(&merged), 0, SIZE_MAX / 2, &self->text);
                sk_buf_add_byte(&self->text, '\n');
        } else if (err == SK_OK) {
                sk_buf_add_slice(&self->text, sk_buf_slice(&merged));
        }
        sk_buf_free(&merged);
        if (err == SK_ERR_SYNTAX || err == SK_ERR_FULL)
                return fail_problem(self, path, &problem);
        return err == SK_OK && self->text.err == SK_OK ? SK_EXIT_OK : no_memory(self);
}

static json_t *difference(const sheeting *self) {
        json_t *before = NULL;
        json_t *after = NULL;
        json_t *list = json_array();
        sk_err err = self->file == NULL ? SK_OK : sk_json_load(self->file->text, DEPTH_MAX, &before, NULL);

        if (err == SK_OK)
                err = sk_json_load(sk_buf_slice(&self->text), DEPTH_MAX, &after, NULL);
        if (err == SK_OK && list != NULL && self->file != NULL)
                err = sk_json_diff(before, after, CHANGES_MAX, list);
        json_decref(before);
        json_decref(after);
        if (err == SK_OK)
                return list;
        json_decref(list);
        return NULL;
}

static int tell(const sheeting *self, const json_t *list, bool is_written) {
        const char *what = self->file == NULL ? "new" : json_array_size(list) == 0 ? "as it was" : "changed";

        if (sk_cli_is_json(self->cli)) {
                sk_json_writer *json = sk_cli_json_begin(self->cli);
                char *text = json_dumps(list, JSON_COMPACT);
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "file", self->inside);
                sk_json_put_cstr(json, "is", what);
                sk_json_put_bool(json, "written", is_written);
                sk_json_put_raw(json, "difference", sk_slice_of(text == NULL ? "[]" : text));
                sk_json_close_object(json);
                sk_free(text);
                return sk_cli_json_end(self->cli);
        }
        sk_cli_print(self->cli, "%s%s%s  %s\n", sk_cli_style(self->cli, SK_BOLD),
                     sk_cli_safe_text(self->cli, self->inside), sk_cli_style(self->cli, SK_PLAIN), what);
        sk_json_diff_print(self->cli, list);
        if (is_written)
                sk_cli_remark(self->cli, "schakel template publish records it, with person and reason");
        return SK_EXIT_OK;
}

static int write_file(const sheeting *self) {
        char path[PATH_BYTES];
        int len = snprintf(path, sizeof path, "%s/%s", sk_cli_text_or(self->cli, "chain", "."), self->inside);

        if (len < 0 || (size_t)len >= sizeof path)
                return sk_cli_fail(self->cli, "chain", "choose a shorter name", "the path is too long");
        return sk_file_write(self->cli, path, sk_buf_slice(&self->text));
}

/* The file is written when the chain with it passes its check, and if it is another at all. */
static int take_over(sheeting *self) {
        sk_chain_file changed = {.path = self->inside, .text = sk_buf_slice(&self->text)};
        bool is_other = self->file == NULL || !sk_slice_equal(self->file->text, changed.text);
        bool is_written = is_other && !sk_cli_flag(self->cli, "dry-run");
        sk_edition *after = NULL;
        int status = sk_chain_files_try(self->cli, self->dir, &changed, 1,
                                        "correct it in the sheet; nothing was written", &after);

        sk_edition_release(after);
        if (status == SK_EXIT_OK && is_written)
                status = write_file(self);
        json_t *list = status == SK_EXIT_OK ? difference(self) : NULL;
        if (status == SK_EXIT_OK)
                status = list == NULL ? no_memory(self) : tell(self, list, is_written);
        json_decref(list);
        return status;
}

static int import_run(sk_cli *cli, int argc, char **argv) {
        const char *routine = sk_cli_text(cli, "routine");
        sk_sheet_problem problem = {0};
        sk_sheet *edited = NULL;
        sk_slice csv;
        sheeting self;
        int status = begin(cli, &self);

        (void)argc;
        if (status == SK_EXIT_OK)
                status = sk_cli_read(cli, argv[0], TEXT_BYTES, &csv);
        if (status == SK_EXIT_OK) {
                edited = sk_arena_get(self.arena, sizeof *edited);
                if (edited == NULL)
                        status = no_memory(&self);
                else if (sk_sheet_read(csv, self.arena, edited, &problem) != SK_OK)
                        status = fail_problem(&self, argv[0], &problem);
        }
        if (status == SK_EXIT_OK && routine == NULL && edited->routine.len == 0)
                status = sk_cli_usage_error(cli, "routine",
                                            "the sheet does not name its routine: say it with --routine");
        if (status == SK_EXIT_OK)
                status = find_named(&self, routine == NULL ? edited->routine : sk_slice_of(routine), true);
        if (status == SK_EXIT_OK)
                status = merge(&self, argv[0], edited);
        if (status == SK_EXIT_OK)
                status = take_over(&self);
        return end(&self, status);
}

const sk_command sk_command_template_export = {
        .name = "export",
        .text = "write a routine as a table: to print, or to edit in a spreadsheet",
        .arguments = "[ROUTINE]",
        .arguments_max = 1,
        .options = export_options,
        .details =
                "CSV says all that the file says, and template import brings what was edited back into it. Markdown "
                "and\n"
                "HTML are documents: what, who and how. ROUTINE is the name of a file in TEAM/routines; --process and\n"
                "--workflow choose the routine that all calls of it have, or a blank sheet where there is none.",
        .example = "schakel template export --team service-centre broken-laptop -o broken-laptop.csv\n"
                   "schakel template export --team service-centre --process recover --format html -o recover.html",
        .run = export_run,
};

const sk_command sk_command_template_import = {
        .name = "import",
        .text = "bring an edited table back into its routine file",
        .arguments = "FILE",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = import_options,
        .details = "FILE is CSV from template export, edited or not, saved by any spreadsheet; \"-\" is stdin. Only "
                   "what was\n"
                   "changed is written; a file that nobody edited stays as it is, byte for byte. Rows and columns that "
                   "are\n"
                   "missing change nothing, an empty cell takes away what stood there. The chain must pass its check "
                   "with\n"
                   "the change, or nothing is written.",
        .example = "schakel template import --team service-centre broken-laptop.csv --dry-run",
        .run = import_run,
};
