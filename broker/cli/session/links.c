/*
 * Starts one schakeld per team.
 */
#include "cli/session/links.h"
#include "cli/session/team_files.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "cli/session/connect.h"
#include "kit/buf.h"
#include "kit/when.h"
#include "log/chain_dir.h"
#include "log/tool.h"
#include "usm/findings.h"

#define PATH_BYTES_MAX 4200

int sk_links_edition(sk_cli *cli, const char *chain, sk_edition **out) {
        sk_findings *findings = sk_findings_new();
        if (findings == NULL)
                return sk_cli_fail(cli, chain, "end other programs, then try again", "no memory is left");
        sk_err err = sk_chain_dir_build(chain, findings, out);
        size_t errors = sk_findings_count_of(findings, SK_ERROR);
        const sk_finding *first = NULL;
        for (size_t i = 0; i < sk_findings_count(findings) && first == NULL; i++) {
                if (sk_findings_at(findings, i)->severity == SK_ERROR)
                        first = sk_findings_at(findings, i);
        }
        int status = SK_EXIT_OK;
        if (err != SK_OK && first != NULL)
                status = sk_cli_fail(cli, chain, "schakel check -C DIR  shows all of it", "%s%s%s%s", first->path,
                                     first->path[0] == '\0' ? "" : ": ", first->text, errors > 1 ? ", and more" : "");
        else if (err != SK_OK)
                status = sk_cli_fail(cli, chain, "schakel check -C DIR  shows what is wrong", "%s", sk_err_text(err));
        sk_findings_free(findings);
        return status;
}

size_t sk_links_team_count(const sk_links_plan *plan) {
        return plan->teams != NULL ? plan->team_count : sk_edition_team_count(plan->edition);
}

sk_slice sk_links_team(const sk_links_plan *plan, size_t index) {
        if (plan->teams != NULL)
                return sk_slice_of(plan->teams[index]);
        return sk_team_name(sk_edition_team_at(plan->edition, index));
}

/** The log is made here, so that what is wrong with it is said once and not by each link. */
static int make_log(sk_cli *cli, const sk_links_plan *plan) {
        char why[SK_LOG_WHY_MAX] = "";
        sk_log_tool *tool;
        const sk_connect connect = {.edition = plan->edition,
                                    .url = plan->log,
                                    .purpose = SK_LOG_APPEND,
                                    .team = sk_links_team_count(plan) == 0 ? SK_NONE : sk_links_team(plan, 0)};
        sk_err err = sk_connect_open(&connect, why, &tool);
        if (err != SK_OK)
                return sk_cli_fail(cli, plan->log, "name a file in a folder that you may write: --log local:FILE", "%s",
                                   why);
        sk_log_tool_free(tool);
        return SK_EXIT_OK;
}

/** @p instance  its name among those of the team; NULL: it has none, the only one */
static int start_one(sk_cli *cli, const sk_links_plan *plan, const char *program, sk_slice team, const char *instance,
                     sk_children *children) {
        char name[SK_NAME_MAX + 1];
        char shown[SK_NAME_MAX + 16];
        char state[PATH_BYTES_MAX];
        (void)snprintf(name, sizeof(name), "%.*s", (int)team.len, team.at);
        (void)snprintf(shown, sizeof(shown), "%s%s%s", name, instance == NULL ? "" : "/",
                       instance == NULL ? "" : instance);
        (void)snprintf(state, sizeof(state), "%s/%s%s%s", plan->state == NULL ? "" : plan->state, name,
                       instance == NULL ? "" : "-", instance == NULL ? "" : instance);
        const char *argv[SK_LINK_ARGUMENTS_MAX] = {program, "-C",      plan->chain,    "--team", name,
                                                   "--log", plan->log, "--log-format", "text"};
        size_t count = 9;
        if (plan->state != NULL) {
                argv[count++] = "--state";
                argv[count++] = state;
        }
        if (instance != NULL) {
                argv[count++] = "--instance";
                argv[count++] = instance;
        }
        assert(count < SK_LINK_ARGUMENTS_MAX);
        sk_err err = sk_children_start(children, &(sk_child_plan){.name = shown, .argv = argv, .is_kept = true}, NULL);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(cli, shown, "end other programs, then try again", "its link cannot be started: %s",
                           err == SK_ERR_IO ? strerrordesc_np(errno) : sk_err_text(err));
}

int sk_links_start(sk_cli *cli, const sk_links_plan *plan, sk_children *children) {
        assert(plan->edition != NULL);
        char program[PATH_BYTES_MAX];
        if (sk_program_find("schakeld", program, sizeof(program)) == NULL)
                return sk_cli_fail(cli, "schakeld", "run make, or put it beside schakel or into PATH",
                                   "the daemon is not there");
        int status = make_log(cli, plan);
        for (size_t i = 0; i < sk_links_team_count(plan) && status == SK_EXIT_OK; i++) {
                sk_slice team = sk_links_team(plan, i);
                if (sk_team_files_find(cli, plan->edition, "team", team) == NULL)
                        return SK_EXIT_USAGE;
                bool is_doubled = sk_slice_there(plan->doubled) && sk_slice_equal(team, plan->doubled);
                status = start_one(cli, plan, program, team, is_doubled ? "a" : NULL, children);
        }
        if (status == SK_EXIT_OK && sk_slice_there(plan->doubled))
                status = start_one(cli, plan, program, plan->doubled, "b", children);
        return status;
}

const char *sk_link_status_text(int exit_status) {
        switch (exit_status) {
        case 0:
                return "ended";
        case 64:
                return "ended: it was started wrongly (64)";
        case 65:
                return "ended: the chain directory is bad (65), schakel check says why";
        case 70:
                return "ended: another instance of its team pushed it out three times (70)";
        case SK_CHILD_AGAIN:
                return "ended: it could not go on (75)";
        default:
                return "ended unexpectedly";
        }
}

void sk_link_end_write(sk_buf *out, const sk_child_news *news) {
        if (news->signal != 0)
                sk_buf_add_format(out, "ended by signal %d (%s)", news->signal, sigdescr_np(news->signal));
        else
                sk_buf_add_text(out, sk_link_status_text(news->exit_status));
        if (news->again_in_us < 0)
                return;
        sk_buf_add_format(out, "; again in %.2g s", (double)news->again_in_us / (double)SK_SECOND_US);
}
