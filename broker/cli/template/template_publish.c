/*
 * `schakel template diff|publish|history`: each change of a routine is an event with person, reason and difference. The
 * link asks who may; where the team wants four eyes a second person publishes the same.
 */
#include <string.h>

#include "cli/print/table.h"
#include "cli/session/work.h"
#include "cli/template/designs.h"
#include "cli/template/json_diff.h"
#include "kit/alloc.h"

#define DATA_MAX_BYTES ((size_t)240 << 10)

static const sk_option look_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {0},
};

static const sk_option publish_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        SK_OPTION_WHO,
        SK_OPTION_PERSON,
        SK_OPTION_PATIENCE,
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why", .is_required = true},
        {0},
};

/** One of the commands at work. */
typedef struct publishing {
        sk_session session;
        const sk_team *team;
        sk_who who;
        sk_designs designs;
        const char *only; /**< routine; NULL: all */
        size_t count;
} publishing;

static int need_team(publishing *self) {
        if (self->team != NULL)
                return SK_EXIT_OK;
        return sk_cli_usage_error(self->session.cli, "team", "say with --team whose routines are meant");
}

static int begin(sk_cli *cli, sk_purpose purpose, int argc, char **argv, publishing *self) {
        *self = (publishing){.only = argc > 0 ? argv[0] : NULL};
        int status = sk_session_open(cli, purpose, &self->session);
        if (status != SK_EXIT_OK)
                return status;
        status = purpose == SK_ACT ? sk_session_who(&self->session, &self->who)
                                   : sk_session_team(&self->session, &self->team);
        if (self->who.team != NULL)
                self->team = self->who.team;
        if (status == SK_EXIT_OK)
                status = need_team(self);
        if (status == SK_EXIT_OK)
                status = sk_designs_load(&self->session, self->team, &self->designs);
        return status;
}

static int end(publishing *self, int status) {
        sk_designs_free(&self->designs);
        if (self->session.cli != NULL)
                sk_session_close(&self->session);
        return status;
}

static bool is_wanted(const publishing *self, const char *name) {
        return self->only == NULL || strcmp(self->only, name) == 0;
}

/* ---- diff ---- */

static void print_redesign(sk_cli *cli, const sk_redesign *redesign) {
        const char *what = redesign->before_digest[0] == '\0' ? "new" : redesign->content == NULL ? "gone" : "changed";
        sk_cli_print(cli, "%s%s%s  %s", sk_cli_style(cli, SK_BOLD), sk_cli_safe_text(cli, redesign->name),
                     sk_cli_style(cli, SK_PLAIN), what);
        if (redesign->proposed != NULL)
                sk_cli_print(
                        cli, ", proposed by %s: a second person publishes it",
                        sk_cli_safe_text(cli, json_string_value(json_object_get(redesign->proposed->event, "actor"))));
        sk_cli_print(cli, "\n");
        if (redesign->before_digest[0] != '\0' && redesign->content != NULL)
                sk_json_diff_print(cli, redesign->difference);
}

static int json_redesign(const publishing *self, const sk_redesign *redesign) {
        sk_json_writer *json = sk_cli_json_begin(self->session.cli);
        char *difference = json_dumps(redesign->difference, JSON_COMPACT);
        if (difference == NULL)
                return sk_session_no_memory(&self->session);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "team", sk_team_name(self->team));
        sk_json_put_cstr(json, "routine", redesign->name);
        sk_json_put_optional(json, "before", sk_slice_of(redesign->before_digest));
        sk_json_put_optional(json, "after", sk_slice_of(redesign->after_digest));
        sk_json_put_bool(json, "proposed", redesign->proposed != NULL);
        sk_json_put_raw(json, "difference", sk_slice_of(difference));
        sk_json_close_object(json);
        sk_free(difference);
        return sk_cli_json_end(self->session.cli);
}

static int show(void *own, const sk_redesign *redesign) {
        publishing *self = own;
        if (!is_wanted(self, redesign->name))
                return SK_EXIT_OK;
        self->count++;
        if (sk_cli_is_json(self->session.cli))
                return json_redesign(self, redesign);
        print_redesign(self->session.cli, redesign);
        return SK_EXIT_OK;
}

static int diff_run(sk_cli *cli, int argc, char **argv) {
        publishing self;
        int status = begin(cli, SK_LOOK, argc, argv, &self);
        if (status == SK_EXIT_OK)
                status = sk_redesigns_walk(&self.session, self.team, &self.designs, show, &self);
        if (status == SK_EXIT_OK && self.count == 0)
                sk_cli_remark(cli, "every routine is as it was published");
        return end(&self, status);
}

/* ---- publish ---- */

static bool add_tree(sk_json_writer *json, const char *name, const json_t *tree) {
        char *text = json_dumps(tree, JSON_COMPACT | JSON_SORT_KEYS);
        if (text == NULL)
                return false;
        sk_json_put_raw(json, name, sk_slice_of(text));
        sk_free(text);
        return true;
}

/* A routine too large to be kept whole is published all the same: the next difference is then told whole. */
static bool write_record(const publishing *self, const sk_redesign *redesign, bool with_content, sk_buf *out) {
        sk_json_writer json = sk_json_writer_make(out);
        const sk_design *proposed = redesign->proposed;
        const char *by = proposed == NULL ? NULL : json_string_value(json_object_get(proposed->event, "actor"));
        bool is_written = true;
        sk_buf_clear(out);
        sk_json_open_object(&json, NULL);
        sk_json_put_cstr(&json, "what", "routine");
        sk_json_put_cstr(&json, "routine", redesign->name);
        sk_json_put_optional(&json, "before", sk_slice_of(redesign->before_digest));
        sk_json_put_optional(&json, "after", sk_slice_of(redesign->after_digest));
        is_written = with_content ? add_tree(&json, "difference", redesign->difference)
                                  : (sk_json_open_array(&json, "difference"), sk_json_close_array(&json), true);
        if (is_written && with_content && redesign->content != NULL)
                is_written = add_tree(&json, "content", redesign->content);
        sk_json_put_optional(&json, "proposed_by", sk_slice_of(by));
        sk_json_put_cstr(&json, "reason", sk_cli_text(self->session.cli, "reason"));
        sk_json_close_object(&json);
        return is_written && out->err == SK_OK;
}

static int publish(void *own, const sk_redesign *redesign) {
        publishing *self = own;
        sk_buf data = sk_buf_make(DATA_MAX_BYTES);
        sk_work_answer answer;
        if (!is_wanted(self, redesign->name))
                return SK_EXIT_OK;
        self->count++;
        if (!write_record(self, redesign, true, &data)) {
                sk_buf_free(&data);
                data = sk_buf_make(DATA_MAX_BYTES);
                (void)write_record(self, redesign, false, &data);
        }
        sk_work work = {.team = self->team,
                        .person = sk_session_actor(&self->session, &self->who),
                        .type = SK_WORK_DESIGN,
                        .call = sk_work_new_id(),
                        .data = sk_buf_slice(&data)};
        bool is_proposal = redesign->proposed == NULL && sk_team_wants_four_eyes_on_routines(self->team);
        int status =
                data.err == SK_OK ? sk_work_send(&self->session, &work, &answer) : sk_session_no_memory(&self->session);
        if (status == SK_EXIT_OK)
                status = sk_work_report(&self->session, &work, &answer, "%s: %s%s",
                                        is_proposal ? "proposed" : "published",
                                        sk_cli_safe_text(self->session.cli, redesign->name),
                                        is_proposal ? "; a second person who designs publishes it too" : "");
        sk_buf_free(&data);
        return status;
}

static int publish_run(sk_cli *cli, int argc, char **argv) {
        publishing self;
        int status = begin(cli, SK_ACT, argc, argv, &self);
        if (status == SK_EXIT_OK)
                status = sk_redesigns_walk(&self.session, self.team, &self.designs, publish, &self);
        if (status == SK_EXIT_OK && self.count == 0)
                sk_cli_remark(cli, "every routine is as it was published");
        return end(&self, status);
}

/* ---- history ---- */

static const char *text_of(const sk_design *design, const char *name) {
        const char *text = json_string_value(json_object_get(design->event, name));
        return text == NULL ? "" : text;
}

static int json_design(const publishing *self, const sk_design *design) {
        char *text = json_dumps(design->event, JSON_COMPACT);
        if (text == NULL)
                return sk_session_no_memory(&self->session);
        sk_json_put_raw(sk_cli_json_begin(self->session.cli), NULL, sk_slice_of(text));
        sk_free(text);
        return sk_cli_json_end(self->session.cli);
}

static void put_design(sk_cli *cli, sk_table *table, const sk_design *design) {
        const char *status = design->is_proposal                    ? "proposed"
                             : text_of(design, "before")[0] == '\0' ? "new"
                             : text_of(design, "after")[0] == '\0'  ? "gone"
                                                                    : "changed";
        sk_table_cell_text(table, sk_cli_when(cli, design->time_us));
        sk_table_cell_text(table, design->name);
        sk_table_cell_text(table, status);
        if (text_of(design, "proposed_by")[0] == '\0')
                sk_table_cell_text(table, text_of(design, "actor"));
        else
                sk_table_cell_format(table, "%s, %s", text_of(design, "proposed_by"), text_of(design, "actor"));
        sk_table_cell_format(table, "%zu", json_array_size(json_object_get(design->event, "difference")));
        sk_table_cell_text(table, text_of(design, "reason"));
}

static int history(const publishing *self) {
        static const sk_column columns[] = {{.title = "WHEN"},
                                            {.title = "ROUTINE"},
                                            {.title = "WHAT"},
                                            {.title = "WHO", .shrinks = true},
                                            {.title = "CHANGES", .is_right = true},
                                            {.title = "REASON", .shrinks = true}};
        sk_cli *cli = self->session.cli;
        bool is_json = sk_cli_is_json(cli);
        sk_table *table = is_json ? NULL : sk_table_new(cli, columns, sizeof columns / sizeof *columns);
        int status = SK_EXIT_OK;
        if (!is_json && table == NULL)
                return sk_session_no_memory(&self->session);
        for (size_t i = 0; i < self->designs.count && status == SK_EXIT_OK; i++) {
                const sk_design *design = &self->designs.at[i];
                if (!is_wanted(self, design->name))
                        continue;
                if (is_json)
                        status = json_design(self, design);
                else
                        put_design(cli, table, design);
        }
        if (is_json)
                return status;
        if (self->designs.count == 0)
                sk_cli_remark(cli, "no change of a routine was published");
        return sk_table_print(table);
}

static int history_run(sk_cli *cli, int argc, char **argv) {
        publishing self;
        int status = begin(cli, SK_LOOK, argc, argv, &self);
        if (status == SK_EXIT_OK)
                status = history(&self);
        return end(&self, status);
}

/* ---- what the commands say about themselves ---- */

const sk_command sk_command_template_diff = {
        .name = "diff",
        .text = "show what in the routine files has not been published",
        .arguments = "[ROUTINE]",
        .arguments_max = 1,
        .options = look_options,
        .example = "schakel template diff --team service-centre",
        .run = diff_run,
};

const sk_command sk_command_template_publish = {
        .name = "publish",
        .text = "record changes of routines, with person, reason and difference",
        .arguments = "[ROUTINE]",
        .arguments_max = 1,
        .options = publish_options,
        .details =
                "Needs a person who designs: a manager or owner of processes or workflows, or a profile of the team's "
                "own\n"
                "that does. Where team.json wants four eyes on routines it is a proposal, until a second person "
                "publishes\n"
                "the same. The link works by its files in any case: a new edition is taken with SIGHUP.",
        .example = "schakel template publish --team service-centre --as dina --reason \"the desk is ordered first\"",
        .run = publish_run,
};

const sk_command sk_command_template_history = {
        .name = "history",
        .text = "show who changed which routine, when and why",
        .arguments = "[ROUTINE]",
        .arguments_max = 1,
        .options = look_options,
        .example = "schakel template history --team service-centre",
        .run = history_run,
};
