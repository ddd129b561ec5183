/*
 * `schakel template raci`: who is responsible, accountable, consulted and informed, as a matrix.
 */
#include <stdlib.h>

#include "cli/print/table.h"
#include "cli/session/team_files.h"
#include "cli/template/template.h"
#include "usm/selector.h"

#define NAMES_MAX 64
#define COLUMNS_MAX 15 /* beside the activities: what a table can have */
#define CELL_BYTES 64

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        SK_OPTION_PROCESS("only this process"),
        SK_OPTION_WORKFLOW("only this workflow, as the team does it itself"),
        {.name = "facility", .kind = SK_OPTION_TEXT, .value = "NAME", .text = "for calls about this facility"},
        {.name = "customer", .kind = SK_OPTION_TEXT, .value = "TEAM", .text = "for calls of this team"},
        {0},
};

/** The matrix: rows are activities, columns those who have a part in any. */
typedef struct matrix {
        sk_cli *cli;
        const sk_team *team;
        sk_template tables[SK_PROCESSES];
        unsigned table_count;
        sk_slice names[NAMES_MAX];
        bool is_team[NAMES_MAX]; /**< another link, not a profile */
        size_t name_count;
} matrix;

/* ---- collecting ---- */

static void add_name(matrix *self, sk_slice name, bool is_team) {
        if (!sk_slice_there(name))
                return;
        for (size_t i = 0; i < self->name_count; i++) {
                if (sk_slice_equal(self->names[i], name) && self->is_team[i] == is_team)
                        return;
        }
        if (self->name_count == NAMES_MAX)
                return;
        self->names[self->name_count] = name;
        self->is_team[self->name_count++] = is_team;
}

/* Nobody decides at a cut with one way on. */
static bool is_shown(const sk_template_row *row) {
        return row->said.activity != NULL || row->has_choice;
}

static bool is_by_hand(const sk_template_row *row) {
        return row->said.way.how == SK_HOW_MANUAL;
}

static void collect_row(matrix *self, const sk_template_row *row) {
        const sk_way *way = &row->said.way;
        if (is_by_hand(row))
                add_name(self, way->responsible, false);
        add_name(self, way->accountable, false);
        for (size_t i = 0; i < way->consulted.count; i++)
                add_name(self, way->consulted.at[i], false);
        for (size_t i = 0; i < way->informed.count; i++)
                add_name(self, way->informed.at[i], false);
        for (unsigned i = 0; way->how == SK_HOW_DELEGATE && i < way->target_count; i++)
                add_name(self, way->targets[i].team, true);
        for (unsigned p = 0; row->said.activity == NULL && p < SK_PROCESSES; p++)
                add_name(self, row->link[p].team, true);
}

static void collect(matrix *self) {
        for (unsigned t = 0; t < self->table_count; t++) {
                for (unsigned i = 0; i < self->tables[t].count; i++) {
                        if (is_shown(&self->tables[t].rows[i]))
                                collect_row(self, &self->tables[t].rows[i]);
                }
        }
}

/* ---- one cell ---- */

static bool is_link(const sk_template_row *row, sk_slice team) {
        const sk_way *way = &row->said.way;
        for (unsigned i = 0; way->how == SK_HOW_DELEGATE && i < way->target_count; i++) {
                if (sk_slice_equal(way->targets[i].team, team))
                        return true;
        }
        for (unsigned p = 0; row->said.activity == NULL && p < SK_PROCESSES; p++) {
                if (sk_slice_equal(row->link[p].team, team))
                        return true;
        }
        return false;
}

static void write_cell(const matrix *self, const sk_template_row *row, size_t column, sk_buf *out) {
        const sk_way *way = &row->said.way;
        sk_slice name = self->names[column];
        if (self->is_team[column]) {
                sk_buf_add_text(out, is_link(row, name) ? "R" : "");
                return;
        }
        sk_buf_add_text(out, is_by_hand(row) && sk_slice_equal(way->responsible, name) ? "R" : "");
        sk_buf_add_text(out, sk_slice_equal(way->accountable, name) ? "A" : "");
        sk_buf_add_text(out, sk_names_has(&way->consulted, name) ? "C" : "");
        sk_buf_add_text(out, sk_names_has(&way->informed, name) ? "I" : "");
}

static void write_what(const sk_template_row *row, sk_buf *out) {
        if (row->said.activity != NULL)
                sk_buf_add_text(out, row->said.activity->id);
        else
                sk_buf_add_format(out, "%s.cut", sk_process_get(row->said.process)->id);
}

/* ---- text ---- */

static void put_row(const matrix *self, sk_table *table, const sk_template_row *row, size_t columns) {
        sk_buf text = sk_buf_make(CELL_BYTES);
        write_what(row, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        for (size_t i = 0; i < columns; i++) {
                sk_buf_clear(&text);
                write_cell(self, row, i, &text);
                sk_table_cell(table, sk_buf_slice(&text));
        }
        sk_buf_free(&text);
}

/* Who holds what: people, and who stands in for whom now. */
static void print_holders(const matrix *self) {
        int64_t now_us = sk_cli_now_us();
        sk_cli_print(self->cli, "\n");
        for (size_t i = 0; i < self->name_count; i++) {
                sk_slice name = self->names[i];
                const char *separator = ": ";
                if (self->is_team[i] || sk_team_knows(self->team, name))
                        continue;
                sk_cli_print(self->cli, "%s", sk_cli_safe(self->cli, name));
                for (size_t j = 0; j < sk_team_person_count(self->team); j++) {
                        sk_slice person = sk_team_person_at(self->team, j);
                        if (!sk_team_acts(self->team, person, name, now_us))
                                continue;
                        bool holds = sk_team_holds(self->team, person, name);
                        bool is_away = sk_team_is_away(self->team, person, now_us);
                        sk_cli_print(self->cli, "%s%s%s%s", separator, sk_cli_safe(self->cli, person),
                                     holds ? "" : " (stands in)", is_away ? " (away)" : "");
                        separator = ", ";
                }
                sk_cli_print(self->cli, "%s\n", separator[0] == ':' ? ": nobody" : "");
        }
}

static int print(const matrix *self) {
        sk_column columns[COLUMNS_MAX + 1] = {{.title = "what"}};
        size_t count = self->name_count < COLUMNS_MAX ? self->name_count : COLUMNS_MAX;
        for (size_t i = 0; i < count; i++) {
                sk_buf title = sk_buf_make(CELL_BYTES);
                sk_buf_add_format(&title, "%s%.*s", self->is_team[i] ? "@" : "", (int)self->names[i].len,
                                  self->names[i].at);
                columns[i + 1].title = sk_cli_safe(self->cli, sk_buf_slice(&title));
                sk_buf_free(&title);
        }
        sk_table *table = sk_table_new(self->cli, columns, count + 1);
        if (table == NULL)
                return sk_cli_fail(self->cli, "template", "end other programs, then try again", "no memory is left");
        for (unsigned t = 0; t < self->table_count; t++) {
                for (unsigned i = 0; i < self->tables[t].count; i++) {
                        if (is_shown(&self->tables[t].rows[i]))
                                put_row(self, table, &self->tables[t].rows[i], count);
                }
        }
        int status = sk_table_print(table);
        if (count < self->name_count)
                sk_cli_remark(self->cli, "%zu more have a part in it: --process shows less at once, --json all",
                              self->name_count - count);
        print_holders(self);
        return status;
}

/* ---- JSON ---- */

static void put_names(sk_json_writer *json, const char *name, const sk_names *names) {
        sk_json_open_array(json, name);
        for (size_t i = 0; i < names->count; i++)
                sk_json_put_text(json, NULL, names->at[i]);
        sk_json_close_array(json);
}

static void json_row(sk_json_writer *json, const sk_template_row *row) {
        const sk_way *way = &row->said.way;
        sk_buf what = sk_buf_make(CELL_BYTES);
        write_what(row, &what);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "what", sk_buf_slice(&what));
        sk_json_put_optional(json, "responsible", is_by_hand(row) ? way->responsible : SK_NONE);
        sk_json_open_array(json, "links");
        for (unsigned i = 0; way->how == SK_HOW_DELEGATE && i < way->target_count; i++)
                sk_json_put_text(json, NULL, way->targets[i].team);
        for (unsigned p = 0; row->said.activity == NULL && p < SK_PROCESSES; p++) {
                if (sk_slice_there(row->link[p].team))
                        sk_json_put_text(json, NULL, row->link[p].team);
        }
        sk_json_close_array(json);
        sk_json_put_text(json, "accountable", way->accountable);
        put_names(json, "consulted", &way->consulted);
        put_names(json, "informed", &way->informed);
        sk_json_close_object(json);
        sk_buf_free(&what);
}

static int print_json(const matrix *self) {
        sk_json_writer *json = sk_cli_json_begin(self->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "team", sk_team_name(self->team));
        sk_json_open_array(json, "rows");
        for (unsigned t = 0; t < self->table_count; t++) {
                for (unsigned i = 0; i < self->tables[t].count; i++) {
                        if (is_shown(&self->tables[t].rows[i]))
                                json_row(json, &self->tables[t].rows[i]);
                }
        }
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(self->cli);
}

/* ---- the command ---- */

static void fill(matrix *self, const char *process, unsigned workflow) {
        sk_selection selection = {.customer = sk_slice_of(sk_cli_text(self->cli, "customer")),
                                  .facility = sk_slice_of(sk_cli_text(self->cli, "facility"))};
        if (workflow != 0) {
                self->table_count = 1;
                sk_template_of_workflow(self->team, &selection, workflow, &self->tables[0]);
                return;
        }
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                if (process == NULL || strcmp(sk_process_get((sk_process)p)->id, process) == 0)
                        sk_template_of_process(self->team, (sk_process)p, &self->tables[self->table_count++]);
        }
}

static int raci_run(sk_cli *cli, int argc, char **argv) {
        matrix *self = sk_arena_get_zero(sk_cli_arena(cli), 1, sizeof *self);
        const char *process = sk_cli_text(cli, "process");
        unsigned workflow = (unsigned)sk_cli_count(cli, "workflow", 0);
        sk_edition *edition = NULL;
        (void)argc;
        (void)argv;
        if (self == NULL)
                return sk_cli_fail(cli, "template", "end other programs, then try again", "no memory is left");
        if (process != NULL && workflow != 0)
                return sk_cli_usage_error(cli, "workflow", "give either --process or --workflow, or neither");
        if (workflow == 0 && (sk_cli_text(cli, "customer") != NULL || sk_cli_text(cli, "facility") != NULL))
                return sk_cli_usage_error(cli, "facility", "it goes with --workflow only");
        self->cli = cli;
        int status = sk_team_files_open(cli, &edition, &self->team);
        if (status == SK_EXIT_OK) {
                fill(self, process, workflow);
                collect(self);
                status = sk_cli_is_json(cli) ? print_json(self) : print(self);
        }
        sk_edition_release(edition);
        return status;
}

const sk_command sk_command_template_raci = {
        .name = "raci",
        .text = "show who is responsible, accountable, consulted and informed, as a matrix",
        .options = options,
        .details =
                "R does it, A answers for it, C is asked, I is told. A column is a profile, a person or, with @, "
                "another\n"
                "link; what is automatic has no R. Below stands who holds the profiles now, with those who stand in.",
        .example = "schakel template raci --team service-centre --process change",
        .run = raci_run,
};
