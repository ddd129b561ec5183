/*
 * `schakel template new`: the eight templates, or one, as files to fill in.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/print/output.h"
#include "cli/session/chain_files.h"
#include "cli/session/team_files.h"
#include "cli/template/json_edit.h"
#include "kit/json_scan.h"
#include "usm/routine_view.h"
#include "usm/text.h"

#define WORKFLOWS 8u
#define FILE_BYTES ((size_t)64 << 10)
#define PATH_BYTES 4096

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "kind",
         .kind = SK_OPTION_TEXT,
         .value = "KIND",
         .text = "who and how blank, or only how (default: procedure)",
         .choices = "procedure|work-instruction"},
        SK_OPTION_PROCESS("only the template of a process"),
        SK_OPTION_WORKFLOW("only the template of a workflow"),
        {.name = "author", .kind = SK_OPTION_TEXT, .value = "PERSON", .text = "who writes them"},
        {0},
};

/** A template being made. */
typedef struct making {
        const sk_team *team;
        sk_process process; /**< SK_PROCESSES: a workflow */
        unsigned workflow;
        char inside[PATH_BYTES]; /**< path in the chain directory */
        sk_buf text;
} making;

typedef struct creating {
        sk_cli *cli;
        const char *chain;
        const char *author;
        bool has_who;
        sk_chain_dir *dir;
        sk_edition *edition;
        const sk_team *team;
        making files[WORKFLOWS];
        unsigned count;
} creating;

static int no_memory(const creating *self) {
        return sk_cli_fail(self->cli, "template", "end other programs, then try again", "no memory is left");
}

/* ---- one file ---- */

/* The team's who for one row, as it is now; nobody is needed where it is done by itself or elsewhere. */
static void put_who(const creating *self, const sk_row_view *said, sk_json_writer *json) {
        bool needs_one = said->way.how == SK_HOW_MANUAL || said->gives_responsible;

        if (self->has_who && needs_one)
                sk_json_put_text(json, "responsible", said->way.responsible);
}

static void put_process(const creating *self, const making *file, sk_process process, sk_json_writer *json) {
        const sk_process_info *info = sk_process_get(process);
        sk_selection selection = {.first = file->workflow > 0 ? sk_workflow_get(file->workflow)->path[0] : process,
                                  .workflows = (uint16_t)(file->workflow > 0 ? 1u << file->workflow : 0)};
        sk_target link[SK_PROCESSES];
        sk_row_view said;

        for (unsigned i = 0; i < info->count; i++) {
                sk_team_row(self->team, &selection, &info->activities[i], &said);
                sk_json_open_object(json, info->activities[i].id);
                put_who(self, &said, json);
                sk_json_close_object(json);
                if (i + 1 != info->before_cut || (info->may_trigger & (info->may_trigger - 1)) == 0)
                        continue;
                char cut[32];
                (void)snprintf(cut, sizeof cut, "%s.cut", info->id);
                sk_team_cut_row(self->team, &selection, process, link, &said);
                sk_json_open_object(json, cut);
                put_who(self, &said, json);
                sk_json_close_object(json);
        }
}

static void put_title(const sk_text *text, sk_json_writer *json) {
        sk_json_open_object(json, "title");
        for (sk_language language = SK_ENGLISH; language < SK_LANGUAGES; language++)
                sk_json_put_cstr(json, sk_language_id(language), text->name[language]);
        sk_json_close_object(json);
}

/*
 * The schema of the file, for editors, where chain.json names its own: beside that one. A relative one is seen from
 * TEAM/routines/.
 */
static void put_schema(const creating *self, sk_json_writer *json) {
        static const sk_slice own = {"chain.schema.json", 17};
        const sk_chain_file *chain = sk_chain_dir_find(self->dir, "chain.json");
        sk_slice text = chain == NULL ? SK_NONE : chain->text;
        bool is_good = text.len > 0 && sk_json_check(text, SK_JSON_SCAN_DEPTH_MAX, NULL) == SK_OK;
        sk_slice said = is_good ? sk_json_member_string(text, "$schema", NULL) : SK_NONE;
        char path[PATH_BYTES];

        if (said.len < own.len || memcmp(said.at + said.len - own.len, own.at, own.len) != 0)
                return;
        said.len -= own.len;
        bool is_relative = said.len == 0 || (said.at[0] != '/' && memmem(said.at, said.len, "://", 3) == NULL);
        int len = snprintf(path, sizeof path, "%s%.*sroutine.schema.json", is_relative ? "../../" : "", (int)said.len,
                           said.at);
        if (len > 0 && (size_t)len < sizeof path)
                sk_json_put_cstr(json, "$schema", path);
}

static void put_file(const creating *self, const making *file, const char *date, sk_buf *out) {
        sk_json_writer json = sk_json_writer_make(out);

        sk_json_open_object(&json, NULL);
        put_schema(self, &json);
        put_title(file->workflow > 0 ? sk_workflow_text(file->workflow) : sk_process_text(file->process), &json);
        sk_json_put_cstr(&json, "version", "1");
        if (self->author != NULL)
                sk_json_put_cstr(&json, "author", self->author);
        sk_json_put_cstr(&json, "date", date);
        if (file->workflow > 0)
                sk_json_put_int(&json, "workflow", file->workflow);
        else
                sk_json_put_cstr(&json, "process", sk_process_get(file->process)->id);
        sk_json_open_object(&json, "activities");
        const sk_workflow *workflow = sk_workflow_get(file->workflow);
        for (unsigned i = 0; workflow != NULL && i < sk_workflow_depth(workflow); i++)
                put_process(self, file, workflow->path[i], &json);
        if (workflow == NULL)
                put_process(self, file, file->process, &json);
        sk_json_close_object(&json);
        sk_json_close_object(&json);
}

static int make_file(const creating *self, making *file) {
        time_t now = (time_t)(sk_cli_now_us() / 1000000);
        sk_buf flat = sk_buf_make(FILE_BYTES);
        struct tm local;
        char date[16] = "";

        if (localtime_r(&now, &local) != NULL)
                (void)strftime(date, sizeof date, "%Y-%m-%d", &local);
        put_file(self, file, date, &flat);
        if (flat.err == SK_OK) {
                sk_json_pretty(sk_buf_slice(&flat), 0, FILE_BYTES, &file->text);
                sk_buf_add_byte(&file->text, '\n');
        }
        sk_err err = flat.err == SK_OK ? file->text.err : flat.err;
        sk_buf_free(&flat);
        return err == SK_OK ? SK_EXIT_OK : no_memory(self);
}

/* ---- all of them ---- */

/* The team's routine that all such calls have already; SK_NONE: there is none. */
static sk_slice present(const creating *self, const making *file) {
        sk_routine_view view;

        for (size_t i = 0; i < sk_team_routine_count(self->team); i++) {
                sk_team_routine_at(self->team, i, &view);
                if (view.selector == NULL && view.process == file->process && view.workflow == file->workflow)
                        return view.name;
        }
        return SK_NONE;
}

static int add_file(creating *self, sk_process process, unsigned workflow) {
        making *file = &self->files[self->count];
        sk_slice team = sk_team_name(self->team);
        *file = (making){.process = process, .workflow = workflow, .text = sk_buf_make(FILE_BYTES)};
        sk_slice name = present(self, file);

        if (sk_slice_there(name)) {
                sk_cli_remark(self->cli, "%.*s has a routine for it, %.*s: it stays as it is", (int)team.len, team.at,
                              (int)name.len, name.at);
                return SK_EXIT_OK;
        }
        if (workflow > 0)
                (void)snprintf(file->inside, sizeof file->inside, "%.*s/routines/workflow-%u.json", (int)team.len,
                               team.at, workflow);
        else
                (void)snprintf(file->inside, sizeof file->inside, "%.*s/routines/%s.json", (int)team.len, team.at,
                               sk_process_get(process)->id);
        if (sk_chain_dir_find(self->dir, file->inside) != NULL)
                return sk_cli_fail(self->cli, file->inside, "give it another name", "it is there already");
        self->count++;
        return make_file(self, file);
}

static int add_files(creating *self) {
        const char *process = sk_cli_text(self->cli, "process");
        unsigned workflow = (unsigned)sk_cli_count(self->cli, "workflow", 0);
        int status = SK_EXIT_OK;

        if (process != NULL && workflow > 0)
                return sk_cli_usage_error(self->cli, "workflow", "give --process or --workflow, not both");
        if (process != NULL)
                return add_file(self, sk_process_find(sk_slice_of(process)), 0);
        for (unsigned number = 1; number <= WORKFLOWS && status == SK_EXIT_OK; number++) {
                if (workflow == 0 || workflow == number)
                        status = add_file(self, SK_PROCESSES, number);
        }
        return status;
}

static int try_files(const creating *self) {
        sk_chain_file changed[WORKFLOWS];
        sk_edition *after = NULL;

        for (unsigned i = 0; i < self->count; i++)
                changed[i] = (sk_chain_file){.path = self->files[i].inside, .text = sk_buf_slice(&self->files[i].text)};
        int status = sk_chain_files_try(self->cli, self->dir, changed, self->count, "nothing was written", &after);
        sk_edition_release(after);
        return status;
}

static bool path_of(const creating *self, const char *inside, char out[PATH_BYTES]) {
        int len = snprintf(out, PATH_BYTES, "%s/%s", self->chain, inside);

        return len >= 0 && len < PATH_BYTES;
}

static int make_folder(const creating *self) {
        char path[PATH_BYTES];
        sk_slice team = sk_team_name(self->team);
        int len = snprintf(path, sizeof path, "%s/%.*s/routines", self->chain, (int)team.len, team.at);

        if (len < 0 || (size_t)len >= sizeof path)
                return sk_cli_fail(self->cli, "chain", "choose a shorter name", "the path is too long");
        if (mkdir(path, 0777) == 0 || errno == EEXIST)
                return SK_EXIT_OK;
        return sk_cli_fail(self->cli, path, "see that you may write there", "it cannot be made: %s", strerror(errno));
}

/* All or none. */
static int write_files(const creating *self) {
        char path[PATH_BYTES];
        int status = make_folder(self);
        unsigned written = 0;

        for (; written < self->count && status == SK_EXIT_OK; written++) {
                if (!path_of(self, self->files[written].inside, path))
                        status = sk_cli_fail(self->cli, "chain", "choose a shorter name", "the path is too long");
                else
                        status = sk_file_write(self->cli, path, sk_buf_slice(&self->files[written].text));
        }
        while (status != SK_EXIT_OK && written-- > 0) {
                if (path_of(self, self->files[written].inside, path))
                        (void)unlink(path);
        }
        return status;
}

static int tell(const creating *self) {
        for (unsigned i = 0; i < self->count; i++) {
                const making *file = &self->files[i];
                if (sk_cli_is_json(self->cli)) {
                        sk_json_writer *json = sk_cli_json_begin(self->cli);
                        sk_json_open_object(json, NULL);
                        sk_json_put_cstr(json, "file", file->inside);
                        if (file->workflow > 0)
                                sk_json_put_int(json, "workflow", file->workflow);
                        else
                                sk_json_put_cstr(json, "process", sk_process_get(file->process)->id);
                        sk_json_close_object(json);
                        int status = sk_cli_json_end(self->cli);
                        if (status != SK_EXIT_OK)
                                return status;
                        continue;
                }
                const sk_text *text =
                        file->workflow > 0 ? sk_workflow_text(file->workflow) : sk_process_text(file->process);
                sk_cli_print(self->cli, "%s  %s\n", sk_cli_safe_text(self->cli, file->inside), text->name[SK_ENGLISH]);
        }
        if (self->count > 0)
                sk_cli_remark(self->cli,
                              "fill them in with an editor, or in a spreadsheet: schakel template export, import");
        return SK_EXIT_OK;
}

static int new_run(sk_cli *cli, int argc, char **argv) {
        creating self = {.cli = cli,
                         .chain = sk_cli_text_or(cli, "chain", "."),
                         .author = sk_cli_text(cli, "author"),
                         .has_who = strcmp(sk_cli_text_or(cli, "kind", "procedure"), "work-instruction") == 0};
        int status = sk_chain_files_read(cli, &self.dir);

        (void)argc;
        if (status == SK_EXIT_OK)
                status = sk_chain_files_try(cli, self.dir, NULL, 0, "schakel check says all that is wrong",
                                            &self.edition);
        if (status == SK_EXIT_OK) {
                self.team = sk_team_files_find(cli, self.edition, "team", sk_slice_of(argv[0]));
                status = self.team == NULL ? SK_EXIT_USAGE : add_files(&self);
        }
        if (status == SK_EXIT_OK)
                status = try_files(&self);
        if (status == SK_EXIT_OK && self.count > 0)
                status = write_files(&self);
        if (status == SK_EXIT_OK)
                status = tell(&self);
        for (unsigned i = 0; i < WORKFLOWS; i++)
                sk_buf_free(&self.files[i].text);
        sk_edition_release(self.edition);
        sk_chain_dir_free(self.dir);
        return status;
}

const sk_command sk_command_template_new = {
        .name = "new",
        .text = "write templates to fill in: one for each workflow, or one",
        .arguments = "TEAM",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .details = "A procedure template gives what, and leaves who and how blank; a work-instruction template gives "
                   "what and\n"
                   "the team's who, and leaves how blank. What is blank is inherited, so that the files pass schakel "
                   "check and\n"
                   "change nothing before somebody fills them in. A file that is there is never written over.",
        .example = "schakel template new network\n"
                   "schakel template new network --kind work-instruction --workflow 3",
        .run = new_run,
};
