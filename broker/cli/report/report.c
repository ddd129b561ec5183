/*
 * `schakel report`: what was done for customers, how fast, and what it waited for.
 */
#include "cli/report/report.h"

#include <stdlib.h>
#include <time.h>

#include "cli/print/output.h"
#include "kit/when.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        {.name = "team",
         .letter = 't',
         .kind = SK_OPTION_TEXT,
         .value = "TEAM",
         .text = "the team that serves (default: all)",
         .environment = "SCHAKEL_TEAM"},
        {.name = "customer", .kind = SK_OPTION_TEXT, .value = "TEAM", .text = "only what was done for this team"},
        {.name = "month", .kind = SK_OPTION_TEXT, .value = "YYYY-MM", .text = "only this month"},
        {.name = "from", .kind = SK_OPTION_TIME, .value = "TIME", .text = "only what was closed from then on"},
        {.name = "to", .kind = SK_OPTION_TIME, .value = "TIME", .text = "as it was at that time (default: now)"},
        {.name = "by",
         .kind = SK_OPTION_TEXT,
         .value = "WHAT",
         .text = "what the rows are (default: workflow; without --customer what the team is organised by)",
         .choices = "workflow|process|line|instruction|call"},
        SK_OPTION_WORKFLOW("only calls of this workflow"),
        {.name = "instruction",
         .kind = SK_OPTION_TEXT,
         .value = "NAME",
         .text = "only calls that ran under this work instruction"},
        {.name = "csv", .kind = SK_OPTION_FLAG, .text = "print CSV instead of text"},
        {.name = "html", .kind = SK_OPTION_FLAG, .text = "print a page for a browser instead of text"},
        SK_OPTION_LANGUAGE("language of the words"),
        SK_OPTION_OUTPUT,
        {0},
};

/* The first moment of a month, local; @p month may be 13. */
static int64_t month_begin(int year, int month) {
        struct tm civil = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = 1, .tm_isdst = -1};
        return (int64_t)mktime(&civil) * SK_SECOND_US;
}

static int read_month(sk_cli *cli, sk_report *report) {
        const char *text = sk_cli_text(cli, "month");
        bool is_good = strlen(text) == 7 && text[4] == '-' && strspn(text, "0123456789") == 4 &&
                       strspn(text + 5, "0123456789") == 2;
        long year = is_good ? strtol(text, NULL, 10) : 0;
        long month = is_good ? strtol(text + 5, NULL, 10) : 0;
        if (year < 1970 || month < 1 || month > 12)
                return sk_cli_usage_error(cli, "month", "\"%s\" is no month; write 2026-10", text);
        if (report->from_us != INT64_MIN || report->to_us != INT64_MAX)
                return sk_cli_usage_error(cli, "month", "give either a month, or --from and --to");
        report->from_us = month_begin((int)year, (int)month);
        report->to_us = month_begin((int)year, (int)month + 1);
        return SK_EXIT_OK;
}

static int read_period(sk_cli *cli, sk_report *report) {
        report->from_us = sk_cli_time(cli, "from", INT64_MIN);
        report->to_us = sk_cli_time(cli, "to", INT64_MAX);
        int status = sk_cli_text(cli, "month") == NULL ? SK_EXIT_OK : read_month(cli, report);
        if (status == SK_EXIT_OK && report->from_us >= report->to_us)
                return sk_cli_usage_error(cli, "to", "the report would end before it begins");
        return status;
}

static int read_teams(const sk_session *session, sk_report *report) {
        const char *customer = sk_cli_text(session->cli, "customer");
        int status = sk_session_team(session, &report->team);
        if (status != SK_EXIT_OK || customer == NULL)
                return status;
        report->customer = sk_session_find_team(session, "customer", sk_slice_of(customer));
        return report->customer == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}

/* A report for a customer is by workflow, whatever the team is organised by; one for the team itself is as it steers. */
static const char *default_by(const sk_report *report) {
        bool is_own = report->team != NULL && report->customer == NULL && report->workflow == 0 &&
                      !sk_slice_there(report->instruction) && !sk_cli_flag(report->session->cli, "html");
        return is_own && sk_slice_is(sk_team_organised_by(report->team), "process") ? "process" : "workflow";
}

static void read_rows(sk_report *report) {
        sk_cli *cli = report->session->cli;
        report->workflow = (unsigned)sk_cli_count(cli, "workflow", 0);
        report->instruction = sk_slice_of(sk_cli_text(cli, "instruction"));
        const char *by = sk_cli_text_or(cli, "by", default_by(report));
        report->is_list = strcmp(by, "call") == 0;
        report->by = SK_BY_WORKFLOW;
        for (unsigned i = 0; i < SK_BYS; i++) {
                if (strcmp(sk_report_by_id((sk_report_by)i), by) == 0)
                        report->by = (sk_report_by)i;
        }
}

bool sk_report_has_details(const sk_report *report) {
        return report->is_list || (report->by == SK_BY_WORKFLOW && sk_cli_flag(report->session->cli, "html"));
}

static int print(sk_cli *cli, sk_report *report) {
        if (sk_cli_flag(cli, "csv"))
                return sk_report_print_csv(report);
        if (sk_cli_flag(cli, "html"))
                return sk_report_print_html(report);
        if (sk_cli_is_json(cli))
                return sk_report_print_json(report);
        return report->is_list ? sk_report_print_list(report) : sk_report_print(report);
}

static int check_options(sk_cli *cli) {
        int formats = sk_cli_flag(cli, "csv") + sk_cli_flag(cli, "html") + sk_cli_is_json(cli);
        bool is_file = sk_cli_flag(cli, "csv") || sk_cli_flag(cli, "html");
        if (formats > 1)
                return sk_cli_usage_error(cli, "csv", "give one of --csv, --html and --json");
        if (sk_cli_text(cli, "output") != NULL && !is_file)
                return sk_cli_usage_error(cli, "output", "it goes with --html or --csv");
        return SK_EXIT_OK;
}

static int report_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        (void)argv;
        sk_report report = {.session = &session,
                            .language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")))};
        int status = read_period(cli, &report);
        if (status == SK_EXIT_OK)
                status = check_options(cli);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = read_teams(&session, &report);
        if (status == SK_EXIT_OK) {
                read_rows(&report);
                status = sk_report_read(&report);
        }
        if (status == SK_EXIT_OK)
                status = print(cli, &report);
        if (status == SK_EXIT_OK && !sk_report_is_equal(&report) && !report.is_moving)
                status = SK_EXIT_NEGATIVE;
        sk_report_forget(&report);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_report = {
        .name = "report",
        .text = "print how many calls there were, how long they took and what they waited for",
        .options = options,
        .details =
                "Counted are the calls that were closed in the time asked for, and those open at its end. Times are\n"
                "from the opening of a call to its end, whoever had it; half of the calls took no longer than the\n"
                "median, nine of ten no longer than p90. At each moment a call waits for one thing: for its customer\n"
                "if he was asked something, else for the next link (the one that was asked first), else for a person.\n"
                "Reply and kept are the shares of promises to respond and to resolve; 1st try that of completed\n"
                "calls in which nothing was done twice.\n"
                "\n"
                "By process, the rows count runs of the processes within these calls. By line, the first line is the\n"
                "team that was called, the second whom it called, and so on; --customer is then who called first.\n"
                "To look closer: --workflow 3 --by instruction, then --instruction NAME --by call.\n"
                "\n"
                "Improvements are the risks that the team raised itself; beside each stands the share of promises "
                "kept\n"
                "in the 30 days before it was raised and in the 30 days after it ended, about the same facility.\n"
                "\n"
                "The same figures are counted once more from what the customers wrote and were told, by type of call,\n"
                "since that is what they can see. The exit status is 1 if both ends differ while the chain rests.",
        .example =
                "schakel report --team service-centre --customer finance --month 2026-10\n"
                "schakel report --team service-centre --customer finance --month 2026-10 --html --output report.html\n"
                "schakel report --team service-centre --workflow 3 --by instruction\n"
                "schakel report --team service-centre --by process --csv > report.csv",
        .run = report_run,
};
