/*
 * `schakel template list`: the eight workflows, and what a team has made of each.
 */
#include "cli/print/table.h"
#include "cli/session/links.h"
#include "cli/session/team_files.h"
#include "cli/template/template.h"
#include "usm/text.h"

#define TEXT_BYTES ((size_t)64 << 10)

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        SK_OPTION_LANGUAGE("language of the names"),
        {0},
};

/** A run; without a team only the method is listed. */
typedef struct listing {
        sk_cli *cli;
        sk_edition *edition;
        const sk_team *team;
        sk_language language;
} listing;

static bool takes(const listing *list, unsigned number) {
        return list->team == NULL || (sk_team_workflows(list->edition, list->team) & 1u << number) != 0;
}

/* Routines that speak about this workflow: its own, and those of the processes on its way. */
static bool speaks_about(const sk_routine_view *routine, const sk_workflow *workflow) {
        if (routine->workflow != 0)
                return routine->workflow == workflow->number;
        for (unsigned i = 0; i < workflow->path_length; i++) {
                if (workflow->path[i] == routine->process)
                        return true;
        }
        return false;
}

static void write_routines(const listing *list, const sk_workflow *workflow, sk_buf *out) {
        for (size_t i = 0; i < sk_team_routine_count(list->team); i++) {
                sk_routine_view routine;
                sk_team_routine_at(list->team, i, &routine);
                if (!speaks_about(&routine, workflow))
                        continue;
                sk_buf_add_format(out, "%s%.*s%s", out->len == 0 ? "" : ", ", (int)routine.name.len, routine.name.at,
                                  routine.selector != NULL ? "*" : "");
        }
}

static void write_kind(const listing *list, const sk_workflow *workflow, sk_buf *out) {
        sk_template table;
        sk_selection selection = {0};
        sk_template_of_workflow(list->team, &selection, workflow->number, &table);
        sk_template_whole_write(&table, out);
}

/* ---- text ---- */

static void put_row(const listing *list, sk_table *table, const sk_workflow *workflow) {
        sk_buf kind = sk_buf_make(TEXT_BYTES);
        sk_buf routines = sk_buf_make(TEXT_BYTES);
        if (list->team != NULL && takes(list, workflow->number)) {
                write_kind(list, workflow, &kind);
                write_routines(list, workflow, &routines);
        }
        sk_table_cell_format(table, "%u", workflow->number);
        sk_table_cell_text(table, sk_call_type_text(workflow->trigger)->name[list->language]);
        sk_table_cell_text(table, sk_workflow_text(workflow->number)->name[list->language]);
        if (list->team != NULL) {
                sk_table_cell(table, kind.len > 0 ? sk_buf_slice(&kind) : SK_SLICE("not agreed with anybody"));
                sk_table_cell(table, sk_buf_slice(&routines));
        }
        sk_buf_free(&kind);
        sk_buf_free(&routines);
}

static int print_group(const listing *list, bool is_reactive) {
        static const sk_column columns[] = {{.title = "no", .is_right = true},
                                            {.title = "begins with"},
                                            {.title = "workflow"},
                                            {.title = "filled in as"},
                                            {.title = "routines", .shrinks = true}};
        sk_table *table = sk_table_new(list->cli, columns, list->team == NULL ? 3 : 5);
        if (table == NULL)
                return sk_cli_fail(list->cli, "template", "end other programs, then try again", "no memory is left");
        sk_cli_print(list->cli, "%s%s%s\n", sk_cli_style(list->cli, SK_BOLD),
                     is_reactive ? "reactive: a customer calls" : "proactive: the team itself raises a risk",
                     sk_cli_style(list->cli, SK_PLAIN));
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++) {
                if (sk_workflow_get(number)->is_reactive == is_reactive)
                        put_row(list, table, sk_workflow_get(number));
        }
        return sk_table_print(table);
}

static int print(const listing *list) {
        int status = print_group(list, true);
        sk_cli_print(list->cli, "\n");
        if (status == SK_EXIT_OK)
                status = print_group(list, false);
        if (list->team != NULL)
                sk_cli_print(list->cli, "\n* a work instruction for some calls only\n");
        return status;
}

/* ---- JSON ---- */

static void json_routines(const listing *list, const sk_workflow *workflow, sk_json_writer *json) {
        sk_json_open_array(json, "routines");
        for (size_t i = 0; i < sk_team_routine_count(list->team); i++) {
                sk_routine_view routine;
                sk_team_routine_at(list->team, i, &routine);
                if (!speaks_about(&routine, workflow))
                        continue;
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "name", routine.name);
                sk_json_put_bool(json, "for_some", routine.selector != NULL);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void json_workflow(const listing *list, const sk_workflow *workflow, sk_json_writer *json) {
        sk_template table;
        sk_selection selection = {0};
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "no", workflow->number);
        sk_json_put_cstr(json, "trigger", sk_call_type_id(workflow->trigger));
        sk_json_put_bool(json, "reactive", workflow->is_reactive);
        sk_json_put_cstr(json, "name", sk_workflow_text(workflow->number)->name[list->language]);
        if (list->team != NULL) {
                sk_json_put_bool(json, "agreed", takes(list, workflow->number));
                sk_template_of_workflow(list->team, &selection, workflow->number, &table);
                sk_json_put_cstr(json, "kind", sk_template_kind_text(sk_template_whole(&table)));
                sk_json_put_int(json, "who_missing", table.who_missing);
                sk_json_put_int(json, "how_missing", table.how_missing);
                json_routines(list, workflow, json);
        }
        sk_json_close_object(json);
}

static int print_json(const listing *list) {
        sk_json_writer *json = sk_cli_json_begin(list->cli);
        sk_json_open_object(json, NULL);
        if (list->team != NULL)
                sk_json_put_text(json, "team", sk_team_name(list->team));
        sk_json_open_array(json, "workflows");
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++)
                json_workflow(list, sk_workflow_get(number), json);
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(list->cli);
}

static int list_run(sk_cli *cli, int argc, char **argv) {
        listing list = {.cli = cli, .language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")))};
        int status = SK_EXIT_OK;
        (void)argc;
        (void)argv;
        if (sk_cli_text(cli, "team") != NULL)
                status = sk_team_files_open(cli, &list.edition, &list.team);
        if (status == SK_EXIT_OK)
                status = sk_cli_is_json(cli) ? print_json(&list) : print(&list);
        sk_edition_release(list.edition);
        return status;
}

const sk_command sk_command_template_list = {
        .name = "list",
        .text = "list the eight workflows, and what a team has made of them",
        .options = options,
        .details =
                "What alone is a process, with who a procedure, with how as well a work instruction. With --team it "
                "is\n"
                "said how far the team has filled in each workflow that somebody can call it for, and in which files.",
        .example = "schakel template list -C teams/shared-service-centre --team service-centre",
        .run = list_run,
};
