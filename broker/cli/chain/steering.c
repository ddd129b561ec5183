/*
 * `schakel steering`: what a team's routines are organised by and who coordinates, looked at before it is changed, and
 * changed with an event.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/chain/steering_plan.h"
#include "cli/print/output.h"
#include "cli/print/table.h"
#include "cli/report/maturity_show.h"
#include "cli/session/chain_files.h"
#include "cli/session/links.h"
#include "cli/session/team_files.h"
#include "cli/session/view.h"
#include "cli/session/work.h"
#include "kit/alloc.h"
#include "kit/when.h"
#include "log/chain_dir.h"
#include "log/zone_files.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define FILE_BYTES ((size_t)2 << 20)
#define PATH_BYTES 4096
#define WARNING_BYTES 1024

#define OPTION_ORGANISED                                                                    \
        {                                                                                   \
                .name = "organised-by", .kind = SK_OPTION_TEXT, .value = "WHAT",            \
                .text = "what routines and reports are kept by", .choices = SK_ORGANISED_BY \
        }
#define OPTION_COORDINATED                                                                            \
        {                                                                                             \
                .name = "coordinated-by", .kind = SK_OPTION_TEXT, .value = "WHO",                     \
                .text = "whose coordinator late and stuck work goes to", .choices = SK_COORDINATED_BY \
        }

/** A run. */
typedef struct steering {
        sk_cli *cli;
        const char *chain;
        sk_chain_dir *dir;
        sk_edition *before;
        sk_edition *after;
        const sk_team *team;
        sk_buf file; /**< team.json as it would be */
        char path[PATH_BYTES];
        sk_arena *arena;
        sk_steering_plan *plan;
        bool has_log;
        sk_session session;
        sk_maturity_facts facts;
        uint64_t on_list; /**< open tasks on the list of the present coordinator */
} steering;

static int no_memory(sk_cli *cli) {
        return sk_cli_fail(cli, "steering", "end other programs, then try again", "no memory is left");
}

/* ---- the chain as it is, and as it would be ---- */

static int read_chain(steering *self, const char *name) {
        int status = sk_chain_files_read(self->cli, &self->dir);
        if (status == SK_EXIT_OK)
                status = sk_chain_files_try(self->cli, self->dir, NULL, 0, "schakel check says all that is wrong",
                                            &self->before);
        if (status != SK_EXIT_OK)
                return status;
        self->team = sk_team_files_find(self->cli, self->before, "team", sk_slice_of(name));
        return self->team == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}

static sk_steering wanted(const steering *self) {
        sk_steering to = sk_team_steering(self->team);
        const char *organised = sk_cli_text(self->cli, "organised-by");
        const char *coordinated = sk_cli_text(self->cli, "coordinated-by");
        to.organised_by = organised == NULL ? to.organised_by : sk_slice_of(organised);
        to.coordinated_by = coordinated == NULL ? to.coordinated_by : sk_slice_of(coordinated);
        return to;
}

static int read_after(steering *self) {
        sk_slice name = sk_team_name(self->team);
        sk_steering to = wanted(self);
        char inside[SK_NAME_MAX + 16];
        snprintf(inside, sizeof(inside), "%.*s/team.json", (int)(name.len < SK_NAME_MAX ? name.len : SK_NAME_MAX),
                 name.at);
        int len = snprintf(self->path, sizeof(self->path), "%s/%s", self->chain, inside);
        const sk_chain_file *file = sk_chain_dir_find(self->dir, inside);
        if (len < 0 || (size_t)len >= sizeof(self->path))
                return sk_cli_fail(self->cli, "chain", "choose a shorter name", "the path is too long");
        if (file == NULL || sk_steering_rewrite(file->text, &to, &self->file) != SK_OK)
                return sk_cli_fail(self->cli, self->path, "write organised_by and coordinated_by into it by hand",
                                   "it does not name both choices");
        sk_chain_file changed = {.path = inside, .text = sk_buf_slice(&self->file)};
        return sk_chain_files_try(self->cli, self->dir, &changed, 1,
                                  "so steered the chain would not pass schakel check", &self->after);
}

/* ---- what the record adds ---- */

static void count_tasks(steering *self, const sk_view *view) {
        sk_slice coordinator = sk_team_coordinator(self->team, SK_PROCESSES);
        for (size_t i = 0; i < sk_view_count(view); i++) {
                const sk_view_record *record = sk_view_at(view, i);
                sk_call call;
                if (record->is_ask || record->is_closed || !sk_view_call(&self->session, record, &call))
                        continue;
                self->on_list += call.visit.number != 0 && sk_slice_equal(call.visit.responsible, coordinator);
        }
}

static int read_record(steering *self) {
        sk_view *view;
        int64_t from_us = sk_cli_now_us() - SK_MATURITY_DAYS * SK_DAY_US;
        sk_maturity_routines(self->before, self->team, &self->facts);
        self->has_log = sk_cli_text(self->cli, "log") != NULL;
        if (!self->has_log)
                return SK_EXIT_OK;
        int status = sk_session_open(self->cli, SK_ACT, &self->session);
        if (status != SK_EXIT_OK) {
                self->has_log = false;
                return status;
        }
        status = sk_maturity_read(&self->session, self->team, from_us, &self->facts);
        if (status == SK_EXIT_OK)
                status = sk_view_load(&self->session, self->team, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        count_tasks(self, view);
        sk_view_free(view);
        return SK_EXIT_OK;
}

static int prepare(steering *self, const char *team) {
        self->arena = sk_arena_new(ARENA_BYTES);
        if (self->arena == NULL)
                return no_memory(self->cli);
        int status = read_chain(self, team);
        if (status == SK_EXIT_OK)
                status = read_after(self);
        if (status == SK_EXIT_OK)
                status = read_record(self);
        if (status != SK_EXIT_OK)
                return status;
        self->plan = sk_steering_plan_new(self->before, self->after, sk_team_name(self->team), self->arena);
        return self->plan == NULL ? no_memory(self->cli) : SK_EXIT_OK;
}

static int finish(steering *self, int status) {
        if (self->has_log)
                sk_session_close(&self->session);
        sk_edition_release(self->before);
        sk_edition_release(self->after);
        sk_chain_dir_free(self->dir);
        sk_buf_free(&self->file);
        sk_arena_free(self->arena);
        return status;
}

static bool is_same(const sk_steering *a, const sk_steering *b) {
        return sk_slice_equal(a->organised_by, b->organised_by) && sk_slice_equal(a->coordinated_by, b->coordinated_by);
}

/* ---- text ---- */

static void print_choice(const steering *self, const char *what, sk_slice from, sk_slice to) {
        sk_cli *cli = self->cli;
        sk_cli_print(cli, "%s %s", what, sk_cli_safe(cli, from));
        if (!sk_slice_equal(from, to))
                sk_cli_print(cli, " > %s%s%s", sk_cli_style(cli, SK_BOLD), sk_cli_safe(cli, to),
                             sk_cli_style(cli, SK_PLAIN));
}

static void put_touch(sk_cli *cli, sk_table *table, const sk_touch *touch) {
        sk_buf text = sk_buf_make(FILE_BYTES);
        sk_buf_add_slice(&text, touch->before);
        if (!sk_slice_equal(touch->before, touch->after)) {
                sk_buf_add_text(&text, " > ");
                sk_buf_add_slice(&text, touch->after);
        }
        (void)cli;
        sk_table_cell_text(table, touch->is_changed ? "*" : "");
        sk_table_cell(table, touch->subject);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_table_cell(table, touch->note);
        sk_buf_free(&text);
}

static int print_kind(const steering *self, sk_touched kind) {
        static const sk_column columns[] = {{.title = ""},
                                            {.title = "what"},
                                            {.title = "before > after", .shrinks = true},
                                            {.title = "what to do", .shrinks = true}};
        sk_cli *cli = self->cli;
        sk_table *table = sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        size_t count = 0;
        if (table == NULL)
                return no_memory(cli);
        for (size_t i = 0; i < self->plan->count; i++) {
                if (self->plan->touches[i].kind != kind)
                        continue;
                put_touch(cli, table, &self->plan->touches[i]);
                count++;
        }
        sk_cli_print(cli, "\n%s: %zu, %zu of them change\n", sk_touched_id(kind), count,
                     sk_steering_plan_changes(self->plan, kind));
        return sk_table_print(table);
}

static void print_warnings(const steering *self) {
        sk_cli *cli = self->cli;
        sk_buf warnings[SK_MATURITY_WARNINGS];
        if (!sk_maturity_matters(self->plan->to.organised_by, self->plan->to.coordinated_by))
                return;
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                warnings[i] = sk_buf_make(WARNING_BYTES);
        unsigned count = self->has_log ? sk_maturity_warnings(&self->facts, warnings) : 0;
        if (!self->has_log)
                sk_cli_print(cli, "\nwhether the team is ready for it is told with --log: from its record\n");
        else if (count > 0)
                sk_cli_print(cli, "\n%swarning:%s it may be too early to steer by workflows\n",
                             sk_cli_style(cli, SK_YELLOW), sk_cli_style(cli, SK_PLAIN));
        for (unsigned i = 0; i < count; i++)
                sk_cli_print(cli, "  %s\n", sk_cli_safe(cli, sk_buf_slice(&warnings[i])));
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                sk_buf_free(&warnings[i]);
}

static int print_plan(const steering *self) {
        sk_cli *cli = self->cli;
        const sk_steering_plan *plan = self->plan;
        int status = SK_EXIT_OK;
        sk_cli_print(cli, "%s%s%s   ", sk_cli_style(cli, SK_BOLD), sk_cli_safe(cli, plan->team),
                     sk_cli_style(cli, SK_PLAIN));
        print_choice(self, "organised by", plan->from.organised_by, plan->to.organised_by);
        sk_cli_print(cli, "   ");
        print_choice(self, "coordinated by", plan->from.coordinated_by, plan->to.coordinated_by);
        sk_cli_print(cli, "\n");
        for (unsigned kind = 0; kind < SK_TOUCHED_KINDS && status == SK_EXIT_OK; kind++)
                status = print_kind(self, (sk_touched)kind);
        if (self->has_log)
                sk_cli_print(cli, "\n%" PRIu64 " open tasks are on the coordinator's list now; they stay there\n",
                             self->on_list);
        print_warnings(self);
        return status;
}

/* ---- JSON ---- */

static void json_steering(sk_json_writer *json, const char *name, const sk_steering *choice) {
        sk_json_open_object(json, name);
        sk_json_put_text(json, "organised_by", choice->organised_by);
        sk_json_put_text(json, "coordinated_by", choice->coordinated_by);
        sk_json_close_object(json);
}

static void json_kind(const sk_steering_plan *plan, sk_touched kind, sk_json_writer *json) {
        sk_json_open_array(json, sk_touched_id(kind));
        for (size_t i = 0; i < plan->count; i++) {
                const sk_touch *touch = &plan->touches[i];
                if (touch->kind != kind)
                        continue;
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "what", touch->subject);
                sk_json_put_bool(json, "changes", touch->is_changed);
                sk_json_put_text(json, "before", touch->before);
                sk_json_put_text(json, "after", touch->after);
                sk_json_put_optional(json, "note", touch->note);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void json_warnings(const steering *self, sk_json_writer *json) {
        sk_buf warnings[SK_MATURITY_WARNINGS];
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                warnings[i] = sk_buf_make(WARNING_BYTES);
        bool matters = sk_maturity_matters(self->plan->to.organised_by, self->plan->to.coordinated_by);
        unsigned count = matters ? sk_maturity_warnings(&self->facts, warnings) : 0;
        sk_json_open_array(json, "too_early");
        for (unsigned i = 0; i < count; i++)
                sk_json_put_text(json, NULL, sk_buf_slice(&warnings[i]));
        sk_json_close_array(json);
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                sk_buf_free(&warnings[i]);
}

static int json_plan(const steering *self) {
        sk_json_writer *json = sk_cli_json_begin(self->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "team", self->plan->team);
        json_steering(json, "from", &self->plan->from);
        json_steering(json, "to", &self->plan->to);
        for (unsigned kind = 0; kind < SK_TOUCHED_KINDS; kind++)
                json_kind(self->plan, (sk_touched)kind, json);
        if (self->has_log) {
                sk_json_put_int(json, "tasks_with_coordinator", (int64_t)self->on_list);
                json_warnings(self, json);
        }
        sk_json_close_object(json);
        return sk_cli_json_end(self->cli);
}

/* ---- plan ---- */

static int plan_run(sk_cli *cli, int argc, char **argv) {
        steering self = {.cli = cli, .chain = sk_cli_text_or(cli, "chain", "."), .file = sk_buf_make(FILE_BYTES)};
        (void)argc;
        int status = prepare(&self, argv[0]);
        if (status == SK_EXIT_OK)
                status = sk_cli_is_json(cli) ? json_plan(&self) : print_plan(&self);
        return finish(&self, status);
}

/* ---- apply ---- */

static int send_choice(const steering *self, sk_slice person, sk_work *work, sk_work_answer *answer) {
        sk_buf data = sk_buf_make(FILE_BYTES);
        sk_json_writer json = sk_json_writer_make(&data);
        sk_json_open_object(&json, NULL);
        sk_json_put_cstr(&json, "what", "steering");
        json_steering(&json, "from", &self->plan->from);
        json_steering(&json, "to", &self->plan->to);
        sk_json_put_cstr(&json, "reason", sk_cli_text(self->cli, "reason"));
        sk_json_close_object(&json);
        *work = (sk_work){.team = sk_edition_team(self->session.edition, self->plan->team),
                          .person = person,
                          .type = SK_WORK_DESIGN,
                          .call = sk_work_new_id(),
                          .data = sk_buf_slice(&data)};
        int status = data.err == SK_OK ? sk_work_send(&self->session, work, answer) : no_memory(self->cli);
        work->data = SK_SLICE("{}");
        sk_buf_free(&data);
        return status;
}

/* The event first: where the link says no, nothing has changed. */
static int apply(const steering *self) {
        sk_cli *cli = self->cli;
        sk_who who;
        sk_work work;
        sk_work_answer answer;
        int status = sk_session_who(&self->session, &who);
        if (status == SK_EXIT_OK)
                status = send_choice(self, sk_session_actor(&self->session, &who), &work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        if (answer.is_answered && answer.is_done) {
                status = sk_file_write(cli, self->path, sk_buf_slice(&self->file));
                if (status != SK_EXIT_OK)
                        return status;
        }
        status = sk_work_report(&self->session, &work, &answer, "chosen: organised by %s, coordinated by %s",
                                sk_cli_safe(cli, self->plan->to.organised_by),
                                sk_cli_safe(cli, self->plan->to.coordinated_by));
        if (status == SK_EXIT_OK && !sk_cli_is_json(cli))
                sk_cli_print(cli, "%s is written; links take it with SIGHUP, or when they start. Open calls go on.\n",
                             sk_cli_safe_text(cli, self->path));
        return status;
}

static int check_apply(sk_cli *cli) {
        const char *reason = sk_cli_text(cli, "reason");
        if (sk_cli_text(cli, "log") == NULL)
                return sk_cli_usage_error(cli, "log", "say where the links' records are: the change becomes an event");
        if (reason == NULL || reason[0] == '\0')
                return sk_cli_usage_error(cli, "reason", "say why: it stands in the event");
        return SK_EXIT_OK;
}

static int apply_run(sk_cli *cli, int argc, char **argv) {
        steering self = {.cli = cli, .chain = sk_cli_text_or(cli, "chain", "."), .file = sk_buf_make(FILE_BYTES)};
        (void)argc;
        int status = check_apply(cli);
        if (status == SK_EXIT_OK)
                status = prepare(&self, argv[0]);
        if (status == SK_EXIT_OK && is_same(&self.plan->from, &self.plan->to))
                status =
                        sk_cli_usage_error(cli, "organised-by", "the team is steered so already: nothing would change");
        if (status == SK_EXIT_OK)
                status = apply(&self);
        return finish(&self, status);
}

/* ---- the commands ---- */

static const sk_option plan_options[] = {SK_OPTION_CHAIN,
                                         {.name = "log",
                                          .kind = SK_OPTION_TEXT,
                                          .value = "LOG",
                                          .text = "look at the record too: local:FILE",
                                          .environment = "SCHAKEL_LOG"},
                                         OPTION_ORGANISED,
                                         OPTION_COORDINATED,
                                         {0}};

static const sk_command command_plan = {
        .name = "plan",
        .text = "list every template, worklist and report that another steering would touch",
        .arguments = "TEAM",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = plan_options,
        .details = "Nothing is changed. What changes is marked with *. With --log it is said as well what is on the\n"
                   "coordinator's list now, and, where it is to be by workflow, what speaks against it.",
        .example = "schakel steering plan service-centre --organised-by workflow --coordinated-by workflow",
        .run = plan_run,
};

static const sk_option apply_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_WHO,
        SK_OPTION_TEAM,
        SK_OPTION_PERSON,
        SK_OPTION_PATIENCE,
        OPTION_ORGANISED,
        OPTION_COORDINATED,
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why; it stands in the event"},
        {0}};

static const sk_command command_apply = {
        .name = "apply",
        .text = "choose another steering: an event with person and reason, then team.json",
        .arguments = "TEAM",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = apply_options,
        .details =
                "The team's link is told first, by somebody who may design: a manager or owner of processes or of\n"
                "workflows. When it has written the event, the two words in team.json are changed and nothing else.\n"
                "Open calls keep their state; what is on somebody's list stays there.",
        .example = "schakel steering apply service-centre --coordinated-by workflow --as eva@service-centre \\\n"
                   "        --reason \"the processes are under control\" --log local:chain.db",
        .run = apply_run,
};

static const sk_command *const subcommands[] = {&command_plan, &command_apply, NULL};

const sk_command sk_command_steering = {
        .name = "steering",
        .text = "what a team is organised by and who coordinates: plan and apply another choice",
        .arguments = "plan|apply",
        .example = "schakel steering plan service-centre --coordinated-by workflow",
        .subcommands = subcommands,
};
