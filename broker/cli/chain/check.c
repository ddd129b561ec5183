/*
 * `schakel check`: reads a chain directory whole and says what is wrong with it, as a good compiler does: where, the line
 * itself, and what to do.
 */
#include <string.h>

#include "cli/chain/check_host.h"
#include "cli/chain/conformance.h"
#include "cli/cli.h"
#include "cli/print/escape.h"
#include "cli/report/maturity_show.h"
#include "kit/alloc.h"
#include "log/chain_dir.h"
#include "log/zone_files.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "maturity", .kind = SK_OPTION_FLAG, .text = "facts about how teams work, instead of findings"},
        {.name = "log",
         .kind = SK_OPTION_TEXT,
         .value = "LOG",
         .text = "for --maturity: the record to look at, local:FILE",
         .environment = "SCHAKEL_LOG"},
        {.name = "team",
         .letter = 't',
         .kind = SK_OPTION_TEXT,
         .value = "TEAM",
         .text = "for --maturity: only this team"},
        {.name = "since",
         .kind = SK_OPTION_TIME,
         .value = "TIME",
         .text = "for --maturity: calls that closed from then on (default: 90 days ago)"},
        {.name = "host",
         .kind = SK_OPTION_FLAG,
         .text = "what this machine can enforce on programs, instead of findings"},
        {.name = "conformance",
         .kind = SK_OPTION_FLAG,
         .text = "whether this build keeps the rules of the method, instead of findings"},
        {.name = "quiet", .letter = 'q', .kind = SK_OPTION_FLAG, .text = "errors and warnings only, no notices"},
        {0},
};

/** Everything that a run prints from. */
typedef struct check_report {
        sk_cli *cli;
        const char *chain;
        sk_chain_dir *dir;   /**< NULL if it could not be read at all */
        sk_edition *edition; /**< NULL if there are errors */
        sk_findings *findings;
        size_t teams;
        size_t agreements;
        size_t routines;
} check_report;

#define LEAD_COLUMNS_MAX 48 /* of a source line before the place */
#define TAIL_COLUMNS_MAX 96 /* of the place and what is behind it */

static const char *const severity_names[] = {[SK_NOTICE] = "notice", [SK_WARNING] = "warning", [SK_ERROR] = "error"};
static const sk_style severity_styles[] = {[SK_NOTICE] = SK_BLUE, [SK_WARNING] = SK_YELLOW, [SK_ERROR] = SK_RED};

static bool ends_with(const char *text, const char *end) {
        size_t len = strlen(text);
        return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static void count_files(check_report *report) {
        size_t count;
        const sk_chain_file *files = sk_chain_dir_files(report->dir, &count);
        for (size_t i = 0; i < count; i++) {
                if (!sk_chain_file_is_part(files[i].path))
                        continue;
                if (strncmp(files[i].path, "agreements/", 11) == 0)
                        report->agreements++;
                else if (strstr(files[i].path, "/routines/") != NULL)
                        report->routines++;
                else if (ends_with(files[i].path, "/team.json"))
                        report->teams++;
        }
}

/** The line of the file that the finding stands in; SK_NONE if there is none. */
static sk_slice line_of(const check_report *report, const sk_finding *finding) {
        const sk_chain_file *file = report->dir == NULL ? NULL : sk_chain_dir_find(report->dir, finding->path);
        if (file == NULL || finding->line == 0)
                return SK_NONE;
        const char *at = file->text.at;
        const char *end = at + file->text.len;
        for (uint32_t line = 1; line < finding->line; line++) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                if (newline == NULL)
                        return SK_NONE;
                at = newline + 1;
        }
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline == NULL ? end : newline) - at);
        return (sk_slice){at, len > 0 && at[len - 1] == '\r' ? len - 1 : len};
}

/** As much of the end of @p lead as fits; begins at a whole character. */
static const char *fit_lead(sk_cli *cli, sk_slice lead, bool *out_is_cut) {
        const char *safe = sk_cli_safe(cli, lead);
        *out_is_cut = false;
        while (sk_text_columns(sk_slice_of(safe)) > LEAD_COLUMNS_MAX) {
                *out_is_cut = true;
                do
                        safe++;
                while (((unsigned char)*safe & 0xc0) == 0x80);
        }
        return safe;
}

/** Whether a secret stands in the line: then nobody shows it, whatever else is wrong there. */
static bool has_secret(const check_report *report, const sk_finding *finding) {
        bool may_have = strcmp(finding->path, "chain.json") == 0;
        for (size_t i = 0; may_have && i < sk_findings_count(report->findings); i++) {
                const sk_finding *other = sk_findings_at(report->findings, i);
                if (strcmp(other->code, "secret-plain") == 0 && other->line == finding->line &&
                    strcmp(other->path, finding->path) == 0)
                        return true;
        }
        return false;
}

static void print_line(const check_report *report, const sk_finding *finding) {
        sk_cli *cli = report->cli;
        sk_slice line = has_secret(report, finding) ? SK_NONE : line_of(report, finding);
        size_t before = finding->column - 1;
        if (!sk_slice_there(line) || finding->column == 0 || before > line.len)
                return;
        size_t len = finding->length < line.len - before ? finding->length : line.len - before;
        bool is_cut;
        const char *lead = fit_lead(cli, (sk_slice){line.at, before}, &is_cut);
        const char *place = sk_cli_safe(cli, (sk_slice){line.at + before, len});
        const char *rest = sk_cli_safe(cli, (sk_slice){line.at + before + len, line.len - before - len});
        size_t place_len = sk_text_fit(sk_slice_of(place), TAIL_COLUMNS_MAX);
        size_t width = sk_text_columns((sk_slice){place, place_len});
        size_t rest_len = sk_text_fit(sk_slice_of(rest), TAIL_COLUMNS_MAX - width);
        bool is_long = place_len < strlen(place) || rest_len < strlen(rest);
        sk_cli_print(cli, "%s%6u |%s %s%s%.*s%.*s%s\n", sk_cli_style(cli, SK_DIM), finding->line,
                     sk_cli_style(cli, SK_PLAIN), is_cut ? "..." : "", lead, (int)place_len, place, (int)rest_len, rest,
                     is_long ? "..." : "");
        size_t indent = (is_cut ? 3 : 0) + sk_text_columns(sk_slice_of(lead));
        sk_cli_print(cli, "%s       |%s %*s%s", sk_cli_style(cli, SK_DIM), sk_cli_style(cli, SK_PLAIN), (int)indent, "",
                     sk_cli_style(cli, severity_styles[finding->severity]));
        for (size_t i = 0; i < (width == 0 ? 1 : width); i++)
                sk_cli_print(cli, "^");
        sk_cli_print(cli, "%s\n", sk_cli_style(cli, SK_PLAIN));
}

static void print_path(const check_report *report, const sk_finding *finding) {
        sk_cli *cli = report->cli;
        bool is_here = strcmp(report->chain, ".") == 0;
        sk_cli_print(cli, "%s", sk_cli_style(cli, SK_BOLD));
        if (!is_here || finding->path[0] == '\0')
                sk_cli_print(cli, "%s", sk_cli_safe_text(cli, report->chain));
        if (!is_here && finding->path[0] != '\0' && !ends_with(report->chain, "/"))
                sk_cli_print(cli, "/");
        sk_cli_print(cli, "%s", sk_cli_safe_text(cli, finding->path));
        if (finding->line != 0)
                sk_cli_print(cli, ":%u:%u", finding->line, finding->column);
        sk_cli_print(cli, ":%s ", sk_cli_style(cli, SK_PLAIN));
}

static void print_finding(const check_report *report, const sk_finding *finding) {
        sk_cli *cli = report->cli;
        print_path(report, finding);
        sk_cli_print(cli, "%s%s:%s %s [%s]\n", sk_cli_style(cli, severity_styles[finding->severity]),
                     severity_names[finding->severity], sk_cli_style(cli, SK_PLAIN),
                     sk_cli_safe_text(cli, finding->text), finding->code);
        print_line(report, finding);
        if (finding->remedy[0] != '\0')
                sk_cli_print(cli, "         %s\n", sk_cli_safe_text(cli, finding->remedy));
        sk_cli_print(cli, "\n");
        sk_cli_forget(cli);
}

static void print_count(sk_cli *cli, size_t count, const char *what, const char *end) {
        sk_cli_print(cli, "%zu %s%s%s", count, what, count == 1 ? "" : "s", end);
}

static void print_report(const check_report *report, bool is_quiet) {
        const sk_findings *findings = report->findings;
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (!is_quiet || finding->severity != SK_NOTICE)
                        print_finding(report, finding);
        }
        print_count(report->cli, report->teams, "team", ", ");
        print_count(report->cli, report->agreements, "agreement", ", ");
        print_count(report->cli, report->routines, "routine", "; ");
        print_count(report->cli, sk_findings_count_of(findings, SK_ERROR), "error", ", ");
        print_count(report->cli, sk_findings_count_of(findings, SK_WARNING), "warning", ", ");
        print_count(report->cli, sk_findings_count_of(findings, SK_NOTICE), "notice", "\n");
}

static void json_finding(sk_json_writer *json, const sk_finding *finding) {
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "severity", severity_names[finding->severity]);
        sk_json_put_cstr(json, "code", finding->code);
        sk_json_put_cstr(json, "file", finding->path);
        sk_json_put_int(json, "line", finding->line);
        sk_json_put_int(json, "column", finding->column);
        sk_json_put_int(json, "length", finding->length);
        sk_json_put_cstr(json, "pointer", finding->pointer);
        sk_json_put_cstr(json, "text", finding->text);
        sk_json_put_cstr(json, "remedy", finding->remedy);
        sk_json_close_object(json);
}

static int print_json(const check_report *report) {
        const sk_findings *findings = report->findings;
        sk_json_writer *json = sk_cli_json_begin(report->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_bool(json, "ok", report->edition != NULL);
        if (report->edition != NULL) {
                char digest[SK_DIGEST_TEXT];
                sk_digest_format(sk_edition_digest(report->edition), digest);
                sk_json_put_text(json, "chain", sk_edition_chain(report->edition));
                sk_json_put_text(json, "edition", (sk_slice){digest, sizeof digest});
        }
        sk_json_put_int(json, "teams", (int64_t)report->teams);
        sk_json_put_int(json, "agreements", (int64_t)report->agreements);
        sk_json_put_int(json, "routines", (int64_t)report->routines);
        sk_json_put_int(json, "errors", (int64_t)sk_findings_count_of(findings, SK_ERROR));
        sk_json_put_int(json, "warnings", (int64_t)sk_findings_count_of(findings, SK_WARNING));
        sk_json_put_int(json, "notices", (int64_t)sk_findings_count_of(findings, SK_NOTICE));
        sk_json_open_array(json, "findings");
        for (size_t i = 0; i < sk_findings_count(findings); i++)
                json_finding(json, sk_findings_at(findings, i));
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(report->cli);
}

/** Reads and builds; false without memory. */
static bool gather(check_report *report) {
        sk_err err = sk_chain_dir_read(report->chain, report->findings, &report->dir);
        if (report->dir == NULL)
                return false;
        size_t count;
        const sk_chain_file *files = sk_chain_dir_files(report->dir, &count);
        count_files(report);
        if (err != SK_OK && count == 0)
                return true;
        sk_edition *edition = NULL;
        sk_err built = sk_edition_build(files, count, sk_zone_files(), report->findings, &edition);
        if (err == SK_OK && built == SK_OK)
                report->edition = edition;
        else
                sk_edition_release(edition);
        return built != SK_ERR_NO_MEMORY;
}

static int check_run(sk_cli *cli, int argc, char **argv) {
        check_report report = {.cli = cli, .chain = sk_cli_text_or(cli, "chain", "."), .findings = sk_findings_new()};
        int status = SK_EXIT_OK;
        (void)argc;
        (void)argv;
        if (sk_cli_flag(cli, "conformance")) {
                sk_findings_free(report.findings);
                return sk_conformance_check(cli);
        }
        if (sk_cli_flag(cli, "maturity") || sk_cli_flag(cli, "host")) {
                sk_findings_free(report.findings);
                return sk_cli_flag(cli, "host") ? sk_host_check(cli) : sk_maturity_check(cli);
        }
        if (report.findings == NULL || !gather(&report))
                status = sk_cli_fail(cli, report.chain, "end other programs, then try again", "no memory is left");
        else if (sk_cli_is_json(cli))
                status = print_json(&report);
        else
                print_report(&report, sk_cli_flag(cli, "quiet"));
        if (status == SK_EXIT_OK && report.edition == NULL)
                status = SK_EXIT_NEGATIVE;
        sk_edition_release(report.edition);
        sk_chain_dir_free(report.dir);
        sk_findings_free(report.findings);
        return status;
}

const sk_command sk_command_check = {
        .name = "check",
        .text = "check a chain directory: teams, agreements, routines",
        .options = options,
        .details =
                "Reads every file and says all that is wrong, where it stands and what to do. Errors keep a link from\n"
                "starting; warnings and notices do not. The exit status is 1 if there is any error.\n"
                "\n"
                "--maturity says, for each team that serves others, how many of its workflows are complete and, with "
                "--log,\n"
                "what share of the calls that closed had no skipped, late or returned activity, and whether reports "
                "led to\n"
                "improvements. Where a team steers by workflows too early, these facts are warnings.\n"
                "\n"
                "--host says what the kernel of this machine can enforce on the programs of work instructions; the "
                "exit "
                "status\n"
                "is 1 if that is less than a strict sandbox needs.\n"
                "\n"
                "--conformance runs every rule of the method on this build, in its tables and with calls that go "
                "through\n"
                "links in memory, and prints each with its result. It reads no chain. The exit status is 1 if one "
                "fails.",
        .example = "schakel check -C teams/shared-service-centre\n"
                   "schakel check --host\n"
                   "schakel check --conformance\n"
                   "schakel check --maturity --team service-centre --log local:chain.db",
        .run = check_run,
};
