/*
 * `schakel template show`: one routine as a table of what, who and how.
 */
#include <stdlib.h>

#include "cli/print/table.h"
#include "cli/session/team_files.h"
#include "cli/template/template.h"
#include "usm/text.h"

#define TEXT_BYTES ((size_t)64 << 10)

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        SK_OPTION_PROCESS("the routine of a process, as all workflows inherit it"),
        SK_OPTION_WORKFLOW("the routine of a workflow"),
        {.name = "customer", .kind = SK_OPTION_TEXT, .value = "TEAM", .text = "for calls of this team"},
        {.name = "facility", .kind = SK_OPTION_TEXT, .value = "NAME", .text = "for calls about this facility"},
        {.name = "category", .kind = SK_OPTION_TEXT, .value = "NAME", .text = "for calls of this category"},
        {.name = "priority",
         .kind = SK_OPTION_COUNT,
         .value = "NUMBER",
         .text = "for calls of this priority",
         .min = 1,
         .max = 5},
        SK_OPTION_LANGUAGE("language of the names"),
        {0},
};

/** What is shown. */
typedef struct showing {
        sk_cli *cli;
        const sk_team *team;
        sk_language language;
        sk_process process; /**< SK_PROCESSES: a workflow */
        unsigned workflow;
        sk_template table;
} showing;

static const char *name_of(const showing *show, const sk_template_row *row) {
        return row->said.activity == NULL ? "--" : sk_activity_text(row->said.activity)->name[show->language];
}

static void write_id(const sk_template_row *row, sk_buf *out) {
        for (unsigned i = 0; i < row->depth; i++)
                sk_buf_add_text(out, "  ");
        if (row->said.activity != NULL)
                sk_buf_add_text(out, row->said.activity->id);
        else
                sk_buf_add_format(out, "%s.cut", sk_process_get(row->said.process)->id);
}

static void write_links(const sk_template_row *row, sk_buf *out) {
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_target *target = &row->link[p];
                if (sk_slice_there(target->team))
                        sk_buf_add_format(out, "%s%s at %.*s", out->len == 0 ? "" : ", ",
                                          sk_process_get((sk_process)p)->id, (int)target->team.len, target->team.at);
        }
}

/* How it is done, with whom it is passed on to. */
static void write_how(const sk_template_row *row, sk_buf *out) {
        const sk_way *way = &row->said.way;
        if (row->said.activity != NULL || row->has_choice)
                sk_buf_add_format(out, "%s%s", sk_how_id(way->how), row->said.gives_how ? "" : " (default)");
        for (unsigned i = 0; row->said.activity != NULL && i < way->target_count; i++)
                sk_buf_add_format(out, "%s%.*s%s", i == 0 ? " to " : ", ", (int)way->targets[i].team.len,
                                  way->targets[i].team.at, way->targets[i].is_onward ? " (onward)" : "");
        if (row->said.activity == NULL)
                write_links(row, out);
}

static void write_who(const sk_template_row *row, sk_buf *out) {
        bool is_default = !row->said.gives_responsible;
        if ((row->said.activity == NULL && !row->has_choice) || (is_default && sk_template_row_has_who(row)))
                return;
        sk_buf_add_slice(out, row->said.way.responsible);
        sk_buf_add_text(out, is_default ? " (default)" : "");
}

/* ---- text ---- */

static void put_row(const showing *show, sk_table *table, const sk_template_row *row) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        write_id(row, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_table_cell_text(table, name_of(show, row));
        sk_buf_clear(&text);
        write_who(row, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_table_cell(table, row->said.activity != NULL || row->has_choice ? row->said.way.accountable : SK_SLICE(""));
        sk_buf_clear(&text);
        write_how(row, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_table_cell_text(table, sk_template_kind_text(sk_template_row_kind(row)));
        sk_table_cell(table, row->said.routine);
        sk_buf_free(&text);
}

static void print_title(const showing *show) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        if (show->workflow > 0)
                sk_buf_add_format(&text, "workflow %u: %s", show->workflow,
                                  sk_workflow_text(show->workflow)->name[show->language]);
        else
                sk_buf_add_format(&text, "process %s", sk_process_get(show->process)->id);
        sk_cli_print(show->cli, "%s%s%s   %s   ", sk_cli_style(show->cli, SK_BOLD),
                     sk_cli_safe(show->cli, sk_buf_slice(&text)), sk_cli_style(show->cli, SK_PLAIN),
                     sk_cli_safe(show->cli, sk_team_name(show->team)));
        sk_buf_clear(&text);
        sk_template_whole_write(&show->table, &text);
        sk_cli_print(show->cli, "%s\n\n", sk_cli_safe(show->cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

static int print(const showing *show) {
        static const sk_column columns[] = {{.title = "what"},
                                            {.title = ""},
                                            {.title = "who"},
                                            {.title = "accountable"},
                                            {.title = "how", .shrinks = true},
                                            {.title = "is a"},
                                            {.title = "routine", .shrinks = true}};
        sk_table *table = sk_table_new(show->cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (table == NULL)
                return sk_cli_fail(show->cli, "template", "end other programs, then try again", "no memory is left");
        print_title(show);
        for (unsigned i = 0; i < show->table.count; i++)
                put_row(show, table, &show->table.rows[i]);
        return sk_table_print(table);
}

/* ---- JSON ---- */

static void json_targets(const sk_template_row *row, sk_json_writer *json) {
        sk_json_open_array(json, "delegates_to");
        for (unsigned i = 0; row->said.activity != NULL && i < row->said.way.target_count; i++)
                sk_json_put_text(json, NULL, row->said.way.targets[i].team);
        for (unsigned p = 0; row->said.activity == NULL && p < SK_PROCESSES; p++) {
                if (sk_slice_there(row->link[p].team))
                        sk_json_put_text(json, NULL, row->link[p].team);
        }
        sk_json_close_array(json);
}

/* Those that nobody waits for; left out where there are none. */
static void json_onward(const sk_template_row *row, sk_json_writer *json) {
        bool is_any = false;
        for (unsigned i = 0; row->said.activity != NULL && i < row->said.way.target_count; i++) {
                const sk_target *target = &row->said.way.targets[i];
                if (target->is_onward && !is_any)
                        sk_json_open_array(json, "onward_to");
                if (target->is_onward)
                        sk_json_put_text(json, NULL, target->team);
                is_any |= target->is_onward;
        }
        if (is_any)
                sk_json_close_array(json);
}

static void json_row(const showing *show, const sk_template_row *row, sk_json_writer *json) {
        sk_buf id = sk_buf_make(TEXT_BYTES);
        sk_template_row flat = *row;
        flat.depth = 0;
        write_id(&flat, &id);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "what", sk_buf_slice(&id));
        if (row->said.activity != NULL)
                sk_json_put_cstr(json, "name", name_of(show, row));
        sk_json_put_cstr(json, "kind", sk_template_kind_text(sk_template_row_kind(row)));
        sk_json_put_text(json, "who", row->said.way.responsible);
        sk_json_put_bool(json, "who_is_default", !row->said.gives_responsible);
        sk_json_put_text(json, "accountable", row->said.way.accountable);
        sk_json_put_cstr(json, "how", sk_how_id(row->said.way.how));
        sk_json_put_bool(json, "how_is_default", !row->said.gives_how);
        json_targets(row, json);
        json_onward(row, json);
        sk_json_put_optional(json, "instruction", row->said.way.instruction);
        sk_json_put_text(json, "routine", row->said.routine);
        sk_json_close_object(json);
        sk_buf_free(&id);
}

static int print_json(const showing *show) {
        sk_json_writer *json = sk_cli_json_begin(show->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "team", sk_team_name(show->team));
        if (show->workflow > 0)
                sk_json_put_int(json, "workflow", show->workflow);
        else
                sk_json_put_cstr(json, "process", sk_process_get(show->process)->id);
        sk_json_put_cstr(json, "kind", sk_template_kind_text(sk_template_whole(&show->table)));
        sk_json_put_int(json, "who_missing", show->table.who_missing);
        sk_json_put_int(json, "how_missing", show->table.how_missing);
        sk_json_open_array(json, "rows");
        for (unsigned i = 0; i < show->table.count; i++)
                json_row(show, &show->table.rows[i], json);
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(show->cli);
}

/* ---- the command ---- */

static int read_scope(showing *show) {
        const char *process = sk_cli_text(show->cli, "process");
        static const char *const narrowing[] = {"customer", "facility", "category"};
        show->workflow = (unsigned)sk_cli_count(show->cli, "workflow", 0);
        show->process = process == NULL ? SK_PROCESSES : sk_process_find(sk_slice_of(process));
        if ((process == NULL) == (show->workflow == 0))
                return sk_cli_usage_error(show->cli, "workflow", "give either --process or --workflow");
        for (size_t i = 0; process != NULL && i < sizeof(narrowing) / sizeof(narrowing[0]); i++) {
                if (sk_cli_text(show->cli, narrowing[i]) != NULL)
                        return sk_cli_usage_error(show->cli, narrowing[i], "it goes with --workflow only");
        }
        return SK_EXIT_OK;
}

static void fill(showing *show) {
        sk_selection selection = {.customer = sk_slice_of(sk_cli_text(show->cli, "customer")),
                                  .facility = sk_slice_of(sk_cli_text(show->cli, "facility")),
                                  .category = sk_slice_of(sk_cli_text(show->cli, "category")),
                                  .priority = (unsigned)sk_cli_count(show->cli, "priority", 0)};
        if (show->workflow > 0)
                sk_template_of_workflow(show->team, &selection, show->workflow, &show->table);
        else
                sk_template_of_process(show->team, show->process, &show->table);
}

static int show_run(sk_cli *cli, int argc, char **argv) {
        showing show = {.cli = cli, .language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")))};
        sk_edition *edition = NULL;
        (void)argc;
        (void)argv;
        int status = read_scope(&show);
        if (status == SK_EXIT_OK)
                status = sk_team_files_open(cli, &edition, &show.team);
        if (status == SK_EXIT_OK) {
                fill(&show);
                status = sk_cli_is_json(cli) ? print_json(&show) : print(&show);
        }
        sk_edition_release(edition);
        return status;
}

const sk_command sk_command_template_show = {
        .name = "show",
        .text = "show a routine as a table: what, who and how",
        .options = options,
        .details = "A process is what alone; with who it is a procedure, with how as well a work instruction. What no "
                   "file\n"
                   "of the team says is the default: an operator, by hand. A workflow is shown as the team does it "
                   "itself,\n"
                   "down to a cut where another team goes on, and back. --facility and the like choose among the work\n"
                   "instructions as a call would.",
        .example = "schakel template show --team service-centre --process recover\n"
                   "schakel template show --team service-centre --workflow 5 --facility new-employee",
        .run = show_run,
};
