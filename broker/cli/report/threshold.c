/*
 * `schakel threshold`: the figures at which teams raise a call with themselves, and the raising, once for each crossing.
 */
#include <assert.h>

#include "cli/print/table.h"
#include "cli/report/figure_days.h"
#include "cli/session/ids.h"
#include "cli/session/view.h"
#include "cli/session/work.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define VALUE_BYTES ((size_t)64 << 10)
#define NAME_BYTES (SK_NAME_MAX + 32)
#define SHORT_ID 8

#define OPTION_ON                                                                                             \
        {                                                                                                     \
                .name = "on", .kind = SK_OPTION_TIME, .value = "DAY",                                         \
                .text = "as it stood at the end of that day, UTC (default: yesterday, the last that is over)" \
        }

static const sk_option list_options[] = {SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, OPTION_ON, {0}};
static const sk_option raise_options[] = {SK_OPTION_CHAIN,  SK_OPTION_LOG,      SK_OPTION_TEAM, SK_OPTION_WHO,
                                          SK_OPTION_PERSON, SK_OPTION_PATIENCE, OPTION_ON,      {0}};

/** A threshold on a day. */
typedef struct state {
        const sk_session *session;
        const sk_team *team;
        const sk_threshold *threshold;
        sk_share share;
        bool is_crossed;
        int64_t crossed; /**< day */
        sk_id call;      /**< that this crossing makes */
        bool is_raised;
} state;

typedef struct run {
        sk_session session;
        sk_table *table; /**< NULL: JSON, or raising */
        bool is_raising;
        size_t raised;
} run;

/* ---- one threshold ---- */

/** The same for whoever raises it: derived from the crossing. */
static sk_id call_of(const state *at) {
        char what[NAME_BYTES];
        char day[11];
        sk_slice name = sk_threshold_name(at->threshold);
        int len = snprintf(what, sizeof(what), "threshold/%.*s/%s", (int)name.len, name.at,
                           sk_figure_day_text(at->crossed, day));
        assert(len > 0 && (size_t)len < sizeof(what));
        return sk_id_derive_own(at->session->chain, sk_team_name(at->team), (sk_slice){what, (size_t)len}, 0);
}

static bool is_among(const sk_report_effects *effects, const sk_id *call) {
        for (size_t i = 0; i < sk_report_effects_count(effects); i++)
                if (sk_id_equal(&sk_report_effects_at(effects, i)->id, call))
                        return true;
        return false;
}

/** What a call that is none of the improvements (an incident, say) has left in the journal. */
static int is_known(const state *at, bool *out) {
        sk_view *view;
        int status = sk_view_load_one(at->session, at->team, &at->call, &view);
        if (status != SK_EXIT_OK)
                return status;
        *out = sk_view_count(view) > 0;
        sk_view_free(view);
        return SK_EXIT_OK;
}

static int look(state *at, const sk_report_effects *effects) {
        sk_slice team = sk_team_name(at->team);
        int64_t yesterday_us = sk_cli_now_us() - SK_DAY_US;
        int64_t day = sk_figure_day(sk_cli_time(at->session->cli, "on", yesterday_us));
        at->share = sk_threshold_share(effects, team, at->threshold, day);
        at->is_crossed = sk_threshold_crossed(effects, team, at->threshold, day, &at->crossed);
        if (!at->is_crossed)
                return SK_EXIT_OK;
        at->call = call_of(at);
        at->is_raised = is_among(effects, &at->call);
        return at->is_raised ? SK_EXIT_OK : is_known(at, &at->is_raised);
}

static void write_value(const state *at, sk_buf *out) {
        sk_figure_kind kind = sk_threshold_figure(at->threshold)->kind;
        double value;
        if (sk_share_figure(&at->share, kind, &value))
                sk_buf_add_format(out, sk_figure_is_share(kind) ? "%.1f %%" : "%.0f", value);
        else
                sk_buf_add_text(out, "-");
}

/* ---- raising ---- */

static void put_figure(sk_json_writer *json, const state *at) {
        const sk_figure *figure = sk_threshold_figure(at->threshold);
        char day[11];
        double value;
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "of", sk_figure_id(figure->kind));
        sk_json_put_int(json, "over_days", figure->days);
        sk_json_put_double(json, figure->is_above ? "above" : "below", figure->limit_tenth / 10.0);
        if (!sk_slice_there(sk_threshold_facility(at->threshold)))
                sk_json_put_bool(json, "all_facilities", true);
        if (sk_share_figure(&at->share, figure->kind, &value))
                sk_json_put_double(json, "was", value);
        sk_json_put_int(json, "calls", (int64_t)at->share.closed);
        sk_json_put_text(json, "threshold", sk_threshold_name(at->threshold));
        sk_json_put_cstr(json, "crossed", sk_figure_day_text(at->crossed, day));
        sk_json_close_object(json);
}

/** The data of the raise as the team has it, and the figure before it. */
static void write_data(const state *at, sk_buf *out) {
        sk_slice data = sk_json_member(sk_threshold_raise(at->threshold), "data");
        sk_buf_add_text(out, "{\"figure\":");
        sk_json_writer json = sk_json_writer_make(out);
        put_figure(&json, at);
        if (sk_slice_there(data) && data.len > 2) {
                sk_buf_add_byte(out, ',');
                sk_buf_add(out, data.at + 1, data.len - 1);
        } else {
                sk_buf_add_byte(out, '}');
        }
}

static void write_raise(const state *at, sk_buf *out) {
        static const char *const passed[] = {"to", "type", "facility", "need", "urgency", "impact", "on_behalf"};
        sk_buf data = sk_buf_make(VALUE_BYTES);
        sk_json_writer json = sk_json_writer_make(out);
        sk_json_open_object(&json, NULL);
        for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
                sk_slice value = sk_json_member(sk_threshold_raise(at->threshold), passed[i]);
                if (sk_slice_there(value))
                        sk_json_put_raw(&json, passed[i], value);
        }
        write_data(at, &data);
        sk_json_put_raw(&json, "data", sk_buf_slice(&data));
        sk_json_close_object(&json);
        out->err = data.err != SK_OK ? data.err : out->err;
        sk_buf_free(&data);
}

static int raise(run *self, state *at) {
        sk_cli *cli = self->session.cli;
        sk_buf value = sk_buf_make(VALUE_BYTES);
        sk_who who;
        sk_work_answer answer;
        int status = sk_session_who(&self->session, &who);
        if (status != SK_EXIT_OK)
                return status;
        write_raise(at, &value);
        sk_work work = {.team = at->team,
                        .person = sk_session_actor(&self->session, &who),
                        .type = SK_WORK_RAISE,
                        .call = at->call,
                        .data = sk_buf_slice(&value)};
        status = value.err != SK_OK ? sk_session_no_memory(&self->session)
                                    : sk_work_send(&self->session, &work, &answer);
        if (status == SK_EXIT_OK)
                status = sk_work_report(
                        &self->session, &work, &answer, "%s of %s: %s; raised %s",
                        sk_cli_safe(cli, sk_threshold_name(at->threshold)), sk_cli_safe(cli, sk_team_name(at->team)),
                        sk_cli_safe(cli, sk_threshold_when(at->threshold)), sk_cli_id(cli, &at->call, SHORT_ID));
        sk_buf_free(&value);
        self->raised += status == SK_EXIT_OK;
        return status;
}

/* ---- listing ---- */

static void put_row(const run *self, const state *at) {
        sk_cli *cli = self->session.cli;
        sk_slice facility = sk_threshold_facility(at->threshold);
        sk_buf value = sk_buf_make(VALUE_BYTES);
        char day[11] = "";
        write_value(at, &value);
        sk_table_cell(self->table, sk_threshold_name(at->threshold));
        sk_table_cell(self->table, sk_team_name(at->team));
        sk_table_cell(self->table, sk_slice_there(facility) ? facility : SK_SLICE("all"));
        sk_table_cell(self->table, sk_threshold_when(at->threshold));
        sk_table_cell(self->table, sk_buf_slice(&value));
        sk_table_cell_text(self->table, at->is_crossed ? sk_figure_day_text(at->crossed, day) : "");
        sk_table_cell_text(self->table, !at->is_crossed ? ""
                                        : at->is_raised ? sk_cli_id(cli, &at->call, SHORT_ID)
                                                        : "not raised");
        sk_buf_free(&value);
}

static int put_json(const run *self, const state *at) {
        sk_json_writer *json = sk_cli_json_begin(self->session.cli);
        sk_figure_kind kind = sk_threshold_figure(at->threshold)->kind;
        char day[11];
        double value;
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "threshold", sk_threshold_name(at->threshold));
        sk_json_put_text(json, "team", sk_team_name(at->team));
        sk_json_put_optional(json, "facility", sk_threshold_facility(at->threshold));
        sk_json_put_text(json, "when", sk_threshold_when(at->threshold));
        if (sk_share_figure(&at->share, kind, &value))
                sk_json_put_double(json, "value", value);
        sk_json_put_int(json, "calls", (int64_t)at->share.closed);
        if (at->is_crossed) {
                sk_json_put_cstr(json, "crossed", sk_figure_day_text(at->crossed, day));
                sk_json_put_id(json, "call", &at->call);
                sk_json_put_bool(json, "is_raised", at->is_raised);
        }
        sk_json_close_object(json);
        return sk_cli_json_end(self->session.cli);
}

/* ---- all of them ---- */

static int take(run *self, state *at) {
        if (self->is_raising)
                return at->is_crossed && !at->is_raised ? raise(self, at) : SK_EXIT_OK;
        if (self->table == NULL)
                return put_json(self, at);
        put_row(self, at);
        return SK_EXIT_OK;
}

static int take_team(run *self, const sk_team *team) {
        sk_report_effects *effects = NULL;
        int status = SK_EXIT_OK;
        if (sk_team_threshold_count(team) == 0)
                return SK_EXIT_OK;
        status = sk_figure_days_read(&self->session, team, &effects);
        for (size_t i = 0; i < sk_team_threshold_count(team) && status == SK_EXIT_OK; i++) {
                state at = {.session = &self->session, .team = team, .threshold = sk_team_threshold_at(team, i)};
                status = look(&at, effects);
                if (status == SK_EXIT_OK)
                        status = take(self, &at);
        }
        sk_report_effects_free(effects);
        return status;
}

static int take_teams(run *self) {
        const sk_edition *edition = self->session.edition;
        const sk_team *only = NULL;
        int status = sk_session_team(&self->session, &only);
        for (size_t i = 0; i < sk_edition_team_count(edition) && status == SK_EXIT_OK; i++) {
                const sk_team *team = sk_edition_team_at(edition, i);
                if (only == NULL || only == team)
                        status = take_team(self, team);
        }
        return status;
}

static int list_run(sk_cli *cli, int argc, char **argv) {
        static const sk_column columns[] = {
                {.title = "threshold"}, {.title = "team"},  {.title = "facility"}, {.title = "when", .shrinks = true},
                {.title = "now"},       {.title = "since"}, {.title = "call"}};
        run self = {0};
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_LOOK, &self.session);
        if (status != SK_EXIT_OK)
                return status;
        self.table = sk_cli_is_json(cli) ? NULL : sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (self.table == NULL && !sk_cli_is_json(cli))
                status = sk_session_no_memory(&self.session);
        if (status == SK_EXIT_OK)
                status = take_teams(&self);
        if (self.table != NULL)
                status = sk_table_print(self.table) == SK_EXIT_OK ? status : SK_EXIT_NEGATIVE;
        sk_session_close(&self.session);
        return status;
}

static int raise_run(sk_cli *cli, int argc, char **argv) {
        run self = {.is_raising = true};
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_ACT, &self.session);
        if (status != SK_EXIT_OK)
                return status;
        status = take_teams(&self);
        if (status == SK_EXIT_OK && self.raised == 0 && !sk_cli_is_json(cli))
                sk_cli_print(cli, "nothing to raise\n");
        sk_session_close(&self.session);
        return status;
}

static const sk_command command_list = {
        .name = "list",
        .text = "list the thresholds of teams, where each figure stands, and what it has raised",
        .options = list_options,
        .details = "A figure is of whole days, UTC, up to yesterday.",
        .example = "schakel threshold list --team service-centre",
        .run = list_run,
};

static const sk_command command_raise = {
        .name = "raise",
        .text = "raise the calls of figures that have crossed their limit, each crossing once",
        .options = raise_options,
        .details = "Whoever runs it, and however often, each crossing makes the same call: its id derives from the\n"
                   "threshold and the day on which the figure crossed the limit. Let a timer run it once a day.",
        .example = "schakel threshold raise --as anna@service-centre",
        .run = raise_run,
};

static const sk_command *const subcommands[] = {&command_list, &command_raise, NULL};

const sk_command sk_command_threshold = {
        .name = "threshold",
        .text = "figures at which a team raises a call with itself: list and raise",
        .arguments = "list|raise",
        .subcommands = subcommands,
        .example = "schakel threshold list",
};
