/*
 * `schakel up`: all links of a chain at once, below one program, for one machine.
 */
#include <assert.h>
#include <signal.h>

#include "cli/print/escape.h"
#include "cli/session/links.h"

#define PATIENCE_MS 30000
#define TURN_MS 1000

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        {.name = "team",
         .letter = 't',
         .kind = SK_OPTION_LIST,
         .value = "TEAM",
         .text = "only the link of this team; may be given again"},
        {0},
};

typedef struct up {
        sk_cli *cli;
        int width; /**< of the longest name */
        bool has_failed;
} up;

static const sk_style colours[] = {SK_GREEN, SK_YELLOW, SK_BLUE, SK_RED, SK_BOLD, SK_DIM};

static void print_line(up *self, const sk_child_news *news) {
        sk_cli *cli = self->cli;
        sk_style colour = colours[news->index % (sizeof(colours) / sizeof(colours[0]))];
        sk_cli_print(cli, "%s%-*s |%s %s\n", sk_cli_style(cli, colour), self->width, news->name,
                     sk_cli_style(cli, SK_PLAIN), sk_cli_safe(cli, news->line));
}

static void print_line_json(up *self, const sk_child_news *news) {
        sk_json_writer *json = sk_cli_json_begin(self->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "team", news->name);
        sk_json_put_text(json, "line", news->line);
        sk_json_close_object(json);
        (void)sk_cli_json_end(self->cli);
}

static void tell(void *own, const sk_child_news *news) {
        up *self = own;
        sk_buf text = sk_buf_make(256);
        sk_child_news shown = *news;
        if (!sk_slice_there(news->line)) {
                sk_link_end_write(&text, news);
                shown.line = sk_buf_slice(&text);
                self->has_failed |= news->again_in_us < 0 && news->exit_status != 0;
        }
        if (sk_cli_is_json(self->cli))
                print_line_json(self, &shown);
        else
                print_line(self, &shown);
        fflush(sk_cli_out(self->cli));
        sk_buf_free(&text);
        sk_cli_forget(self->cli);
}

/** Until asked to stop, or until nothing runs any more. */
static int stay(up *self, sk_children *children, size_t count) {
        sk_cli_remark(self->cli, "%zu link%s; Ctrl-C ends %s", count, count == 1 ? "" : "s",
                      count == 1 ? "it" : "them all");
        while (!sk_cli_is_interrupted() && sk_children_count(children) > 0)
                sk_children_turn(children, TURN_MS);
        if (sk_cli_is_interrupted())
                sk_cli_remark(self->cli, "ending: what is underway is finished first; Ctrl-C again ends at once");
        bool is_peaceful = sk_children_end(children, PATIENCE_MS);
        if (!is_peaceful)
                sk_cli_remark(self->cli, "ended at once; the log is whole all the same");
        return self->has_failed && is_peaceful ? SK_EXIT_NEGATIVE : SK_EXIT_OK;
}

static int width_of(const sk_links_plan *plan) {
        size_t width = 0;
        for (size_t i = 0; i < sk_links_team_count(plan); i++) {
                size_t len = sk_links_team(plan, i).len;
                width = len > width && len <= SK_NAME_MAX ? len : width;
        }
        return (int)width;
}

static int run_all(sk_cli *cli, const sk_links_plan *plan) {
        up self = {.cli = cli, .width = width_of(plan)};
        sk_children *children = sk_children_new(tell, &self);
        if (children == NULL)
                return sk_cli_fail(cli, plan->chain, "end other programs, then try again", "no memory is left");
        sk_cli_catch_interrupt();
        int status = sk_links_start(cli, plan, children);
        if (status == SK_EXIT_OK)
                status = stay(&self, children, sk_links_team_count(plan));
        else
                (void)sk_children_end(children, PATIENCE_MS);
        sk_children_free(children);
        return status;
}

static int up_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        sk_links_plan plan = {.chain = sk_cli_text_or(cli, "chain", "."), .log = sk_cli_text(cli, "log")};
        if (plan.log == NULL)
                return sk_cli_usage_error(cli, "--log", "say where the records are: --log local:FILE");
        plan.teams = sk_cli_list(cli, "team", &plan.team_count);
        if (plan.team_count == 0)
                plan.teams = NULL;
        sk_edition *edition = NULL;
        int status = sk_links_edition(cli, plan.chain, &edition);
        plan.edition = edition;
        if (status == SK_EXIT_OK)
                status = run_all(cli, &plan);
        sk_edition_release(edition);
        return status;
}

const sk_command sk_command_up = {
        .name = "up",
        .text = "run all links of a chain here, until Ctrl-C",
        .options = options,
        .details =
                "Starts one schakeld for each team, beside each other on one log, and shows what they say. One that\n"
                "cannot go on is started again after a while. Ctrl-C ends them all when they have finished what is\n"
                "underway; a second one ends them at once. They also end when this program does.",
        .example = "schakel up -C teams/shared-service-centre --log local:chain.db",
        .run = up_run,
};
