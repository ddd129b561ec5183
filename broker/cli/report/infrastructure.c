/*
 * `schakel infrastructure`: what a team manages, what changes have made of it, and what contradicts itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/print/table.h"
#include "cli/report/register.h"
#include "cli/session/chain_files.h"
#include "cli/session/team_files.h"
#include "kit/json_scan.h"
#include "usm/suggest.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {0},
};

/** A run. */
typedef struct looking {
        sk_cli *cli;
        sk_session session;
        bool has_log;
        sk_edition *edition;
        sk_chain_dir *dir;
        const sk_team *only; /**< NULL: all teams */
        sk_register *touches;
        const char *component; /**< NULL: all */
} looking;

static int no_memory(const looking *self) {
        return sk_cli_fail(self->cli, "infrastructure", "end other programs, then try again", "no memory is left");
}

/* ---- what the files say ---- */

/** A component as its file declares it. */
typedef struct declared {
        sk_slice team;
        sk_slice name; /**< raw: such names have no escapes */
        sk_slice says; /**< facility, owner, title */
} declared;

typedef struct walking {
        size_t team;
        sk_json_walk components;
        bool is_begun;
} walking;

static const sk_team *team_at(const looking *self, size_t index) {
        const sk_team *team = sk_edition_team_at(self->edition, index);

        return self->only == NULL || self->only == team ? team : NULL;
}

/* Over the components of all teams that are asked for; false behind the last. */
static bool next_declared(const looking *self, walking *at, declared *out) {
        for (; at->team < sk_edition_team_count(self->edition); at->team++, at->is_begun = false) {
                const sk_team *team = team_at(self, at->team);
                char path[SK_NAME_MAX + 32];
                if (team == NULL)
                        continue;
                sk_slice name = sk_team_name(team);
                (void)snprintf(path, sizeof path, "%.*s/infrastructure.json", (int)name.len, name.at);
                const sk_chain_file *file = sk_chain_dir_find(self->dir, path);
                if (file == NULL)
                        continue;
                if (!at->is_begun)
                        at->components = sk_json_walk_make(sk_json_member(file->text, "components"));
                at->is_begun = true;
                out->team = name;
                while (sk_json_walk_next(&at->components, &out->name, &out->says)) {
                        if (out->name.len > 0 && out->name.at[0] != '$' && !sk_slice_is(out->name, "comment"))
                                return true;
                }
        }
        return false;
}

static bool find_declared(const looking *self, sk_slice name, declared *out) {
        walking at = {0};

        while (next_declared(self, &at, out)) {
                if (sk_slice_equal(out->name, name))
                        return true;
        }
        return false;
}

static sk_slice text_in(const looking *self, const declared *what, const char *member) {
        sk_slice value = sk_json_member(what->says, member);

        if (sk_slice_there(value) && sk_json_kind_of(value) == SK_JSON_OBJECT)
                value = sk_json_member(value, "en");
        sk_slice text = sk_slice_there(value) ? sk_json_string(value, sk_cli_arena(self->cli)) : SK_NONE;
        return sk_slice_there(text) ? text : SK_SLICE("");
}

/* ---- what the log says ---- */

static bool is_wanted(const looking *self, const sk_touch *touch) {
        return self->component == NULL || sk_slice_is(touch->component, self->component);
}

/* The change that came last to a component; NULL: none did. */
static const sk_touch *last_change(const looking *self, sk_slice component, uint64_t *out_count) {
        const sk_touch *last = NULL;

        *out_count = 0;
        for (size_t i = 0; self->touches != NULL && i < sk_register_count(self->touches); i++) {
                const sk_touch *touch = sk_register_at(self->touches, i);
                if (touch->kind != SK_TOUCH_CHANGED || !sk_slice_equal(touch->component, component))
                        continue;
                last = touch;
                (*out_count)++;
        }
        return last;
}

static int read_touches(looking *self) {
        int status = SK_EXIT_OK;

        self->touches = sk_register_new();
        if (self->touches == NULL)
                return no_memory(self);
        for (size_t i = 0; i < sk_edition_team_count(self->edition) && status == SK_EXIT_OK; i++) {
                if (team_at(self, i) != NULL)
                        status = sk_register_read(&self->session, team_at(self, i), self->touches);
        }
        sk_register_sort(self->touches);
        return status;
}

static int begin(sk_cli *cli, bool needs_log, looking *self) {
        *self = (looking){.cli = cli};
        const char *team = sk_cli_text(cli, "team");
        int status = sk_chain_files_read(cli, &self->dir);

        if (status == SK_EXIT_OK)
                status = sk_chain_files_try(cli, self->dir, NULL, 0, "schakel check says all that is wrong",
                                            &self->edition);
        if (status == SK_EXIT_OK && team != NULL) {
                self->only = sk_team_files_find(cli, self->edition, "team", sk_slice_of(team));
                status = self->only == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
        }
        if (status != SK_EXIT_OK || (!needs_log && sk_cli_text(cli, "log") == NULL))
                return status;
        status = sk_session_open(cli, SK_LOOK, &self->session);
        self->has_log = status == SK_EXIT_OK;
        return status == SK_EXIT_OK ? read_touches(self) : status;
}

static int end(looking *self, int status) {
        sk_register_free(self->touches);
        if (self->has_log)
                sk_session_close(&self->session);
        sk_edition_release(self->edition);
        sk_chain_dir_free(self->dir);
        return status;
}

/* ---- list ---- */

static void json_declared(const looking *self, const declared *what, sk_json_writer *json) {
        uint64_t count;
        const sk_touch *last = last_change(self, what->name, &count);

        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "component", what->name);
        sk_json_put_text(json, "team", what->team);
        sk_json_put_text(json, "facility", text_in(self, what, "facility"));
        sk_json_put_text(json, "owner", text_in(self, what, "owner"));
        sk_json_put_text(json, "title", text_in(self, what, "title"));
        if (self->touches != NULL)
                sk_json_put_int(json, "changes", (int64_t)count);
        if (last != NULL) {
                sk_json_put_time(json, "changed", last->time_us);
                sk_json_put_id(json, "call", &last->call);
        }
        sk_json_close_object(json);
}

static void put_call(sk_table *table, const sk_id *call) {
        char text[SK_ID_TEXT];

        sk_id_format(call, text);
        sk_table_cell(table, (sk_slice){text, SK_ID_TEXT});
}

static void put_declared(const looking *self, const declared *what, sk_table *table) {
        uint64_t count;
        const sk_touch *last = last_change(self, what->name, &count);

        sk_table_cell(table, what->name);
        sk_table_cell(table, what->team);
        sk_table_cell(table, text_in(self, what, "facility"));
        sk_table_cell(table, text_in(self, what, "title"));
        if (self->touches == NULL)
                return;
        sk_table_cell_text(table, last == NULL ? "never" : sk_cli_when(self->cli, last->time_us));
        if (last == NULL)
                sk_table_cell_text(table, "");
        else
                put_call(table, &last->call);
}

/* What contradicts itself: each with what would have been right. */
static void remark_contradictions(const looking *self) {
        uint64_t unnamed = sk_register_count_of(self->touches, SK_TOUCH_UNNAMED, INT64_MIN, INT64_MAX);
        uint64_t operated = sk_register_count_of(self->touches, SK_TOUCH_OPERATED, INT64_MIN, INT64_MAX);
        uint64_t unknown = 0;
        declared what;

        for (size_t i = 0; i < sk_register_count(self->touches); i++) {
                const sk_touch *touch = sk_register_at(self->touches, i);
                unknown += touch->kind == SK_TOUCH_CHANGED && !find_declared(self, touch->component, &what);
        }
        if (unnamed > 0)
                sk_cli_remark(self->cli, "%" PRIu64 " changes named no component: were they changes?", unnamed);
        if (operated > 0)
                sk_cli_remark(self->cli,
                              "%" PRIu64 " times operate was chosen for components that were named: what "
                              "modifies one is a change",
                              operated);
        if (unknown > 0)
                sk_cli_remark(self->cli, "%" PRIu64 " changes named a component that infrastructure.json does not have",
                              unknown);
        if (unnamed + operated + unknown > 0)
                sk_cli_remark(self->cli, "schakel infrastructure history shows them");
}

static int list_run(sk_cli *cli, int argc, char **argv) {
        static const sk_column columns[] = {{.title = "COMPONENT"}, {.title = "TEAM"},
                                            {.title = "FACILITY"},  {.title = "TITLE", .shrinks = true},
                                            {.title = "CHANGED"},   {.title = "BY CALL"}};
        walking at = {0};
        declared what;
        looking self;
        int status = begin(cli, false, &self);
        sk_table *table = NULL;
        sk_json_writer *json = NULL;

        (void)argc;
        (void)argv;
        if (status != SK_EXIT_OK)
                return end(&self, status);
        if (sk_cli_is_json(cli)) {
                json = sk_cli_json_begin(cli);
                sk_json_open_array(json, NULL);
        } else {
                table = sk_table_new(cli, columns, self.touches == NULL ? 4 : 6);
                if (table == NULL)
                        return end(&self, no_memory(&self));
        }
        while (next_declared(&self, &at, &what)) {
                if (json != NULL)
                        json_declared(&self, &what, json);
                else
                        put_declared(&self, &what, table);
        }
        if (json != NULL) {
                sk_json_close_array(json);
                return end(&self, sk_cli_json_end(cli));
        }
        status = sk_table_print(table);
        if (self.touches != NULL)
                remark_contradictions(&self);
        return end(&self, status);
}

/* ---- history ---- */

static int print_history(const looking *self) {
        static const sk_column columns[] = {
                {.title = "WHEN"}, {.title = "COMPONENT"}, {.title = "WHAT"}, {.title = "TEAM"}, {.title = "CALL"}};
        sk_table *table = sk_table_new(self->cli, columns, sizeof(columns) / sizeof(columns[0]));

        if (table == NULL)
                return no_memory(self);
        for (size_t i = 0; i < sk_register_count(self->touches); i++) {
                const sk_touch *touch = sk_register_at(self->touches, i);
                if (!is_wanted(self, touch))
                        continue;
                sk_table_cell_text(table, sk_cli_when(self->cli, touch->time_us));
                sk_table_cell(table, touch->component.len == 0 ? SK_SLICE("-") : touch->component);
                sk_table_cell_style(table, sk_slice_of(sk_touch_text(touch->kind)),
                                    touch->kind == SK_TOUCH_CHANGED ? SK_PLAIN : SK_YELLOW);
                sk_table_cell(table, touch->team);
                put_call(table, &touch->call);
        }
        return sk_table_print(table);
}

static void json_history(const looking *self, sk_json_writer *json) {
        for (size_t i = 0; i < sk_register_count(self->touches); i++) {
                const sk_touch *touch = sk_register_at(self->touches, i);
                if (!is_wanted(self, touch))
                        continue;
                sk_json_open_object(json, NULL);
                sk_json_put_time(json, "time", touch->time_us);
                sk_json_put_optional(json, "component", touch->component);
                sk_json_put_cstr(json, "what", sk_touch_text(touch->kind));
                sk_json_put_text(json, "team", touch->team);
                sk_json_put_id(json, "call", &touch->call);
                sk_json_close_object(json);
        }
}

static int history_run(sk_cli *cli, int argc, char **argv) {
        looking self;
        int status = begin(cli, true, &self);

        self.component = argc > 0 ? argv[0] : NULL;
        if (status == SK_EXIT_OK && sk_cli_is_json(cli)) {
                sk_json_writer *json = sk_cli_json_begin(cli);
                sk_json_open_array(json, NULL);
                json_history(&self, json);
                sk_json_close_array(json);
                status = sk_cli_json_end(cli);
        } else if (status == SK_EXIT_OK) {
                status = print_history(&self);
        }
        return end(&self, status);
}

/* ---- show ---- */

static int fail_unknown(const looking *self) {
        sk_suggestion suggestion = sk_suggest_make(sk_slice_of(self->component));
        walking at = {0};
        declared what;

        while (next_declared(self, &at, &what))
                sk_suggest_offer(&suggestion, what.name);
        sk_hint hint = sk_suggest_hint(&suggestion);
        return sk_cli_usage_error(self->cli, "COMPONENT", "no infrastructure.json has \"%s\"; %s", self->component,
                                  hint.text[0] == '\0' ? "schakel infrastructure list names them" : hint.text);
}

static void print_field(const looking *self, const char *name, sk_slice text) {
        if (text.len > 0)
                sk_cli_print(self->cli, "%-10s  %s\n", name, sk_cli_safe(self->cli, text));
}

static int show_run(sk_cli *cli, int argc, char **argv) {
        declared what;
        looking self;
        int status = begin(cli, false, &self);

        (void)argc;
        self.component = argv[0];
        if (status == SK_EXIT_OK && !find_declared(&self, sk_slice_of(argv[0]), &what))
                status = fail_unknown(&self);
        if (status != SK_EXIT_OK)
                return end(&self, status);
        if (sk_cli_is_json(cli)) {
                json_declared(&self, &what, sk_cli_json_begin(cli));
                return end(&self, sk_cli_json_end(cli));
        }
        sk_cli_print(cli, "%s%s%s\n", sk_cli_style(cli, SK_BOLD), sk_cli_safe(cli, what.name),
                     sk_cli_style(cli, SK_PLAIN));
        print_field(&self, "title", text_in(&self, &what, "title"));
        print_field(&self, "team", what.team);
        print_field(&self, "facility", text_in(&self, &what, "facility"));
        print_field(&self, "owner", text_in(&self, &what, "owner"));
        if (self.touches == NULL) {
                sk_cli_remark(cli, "with --log it is shown what has changed it");
                return end(&self, SK_EXIT_OK);
        }
        sk_cli_print(cli, "\n");
        return end(&self, print_history(&self));
}

/* ---- what the commands say about themselves ---- */

static const sk_command list_command = {
        .name = "list",
        .text = "list components, and which call changed each last",
        .options = options,
        .details = "With --log it is said which change registered each component last, and what contradicts itself: "
                   "changes\n"
                   "that named no component, operate chosen for components that were named, components that no\n"
                   "infrastructure.json has.",
        .example = "schakel infrastructure list --team network --log local:chain.db",
        .run = list_run,
};

static const sk_command show_command = {
        .name = "show",
        .text = "show a component and what has changed it",
        .arguments = "COMPONENT",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel infrastructure show controller --log local:chain.db",
        .run = show_run,
};

static const sk_command history_command = {
        .name = "history",
        .text = "show which calls changed what, and what contradicts itself",
        .arguments = "[COMPONENT]",
        .arguments_max = 1,
        .options = options,
        .example = "schakel infrastructure history --team network --log local:chain.db",
        .run = history_run,
};

static const sk_command *const subcommands[] = {&list_command, &show_command, &history_command, NULL};

const sk_command sk_command_infrastructure = {
        .name = "infrastructure",
        .text = "the components that teams manage, and what changed them",
        .arguments = "list|show|history",
        .example = "schakel infrastructure list",
        .subcommands = subcommands,
};
