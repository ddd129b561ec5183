#ifndef SK_CLI_REPORT_H
#define SK_CLI_REPORT_H

#include "cli/report/register.h"
#include "cli/report/report_details.h"
#include "cli/report/report_effects.h"
#include "cli/report/report_ends.h"
#include "cli/report/report_words.h"
#include "cli/session/session.h"

/*
 * What the files of `schakel report` share.
 */

/** What is asked, and what was found. */
typedef struct sk_report {
        const sk_session *session;
        const sk_team *team;     /**< NULL: all */
        const sk_team *customer; /**< NULL: all */
        sk_report_by by;
        bool is_list;         /**< the rows are calls */
        unsigned workflow;    /**< 0: all */
        sk_slice instruction; /**< SK_NONE: all */
        sk_language language;
        int64_t from_us;
        int64_t to_us; /**< at the latest when reading began */
        sk_figures *figures;
        sk_report_details *details; /**< where they are wanted, else NULL */
        sk_report_effects *effects;
        sk_register *touches; /**< of components, of the teams that it is about */
        sk_end *provided;     /**< as the providers have it */
        sk_end *told;         /**< as the customers have it */
        bool is_moving;       /**< calls came or went while it was read, so that both ends could not be read alike */
        uint64_t unreadable;
} sk_report;

/** Reads events, archives, calls and feedback. Free with sk_report_forget, also after a failure, which is printed. */
int sk_report_read(sk_report *report);
/** Frees what sk_report_read made; also after it failed. */
void sk_report_forget(sk_report *report);

/** Whether the report is about all workflows, so that both ends can be compared. */
bool sk_report_is_comparable(const sk_report *report);
/** Whether both ends have the same figures. */
bool sk_report_is_equal(const sk_report *report);
/** Whether the ends of one agreement have. */
bool sk_report_ends_equal(const sk_report *report, sk_slice customer, sk_slice provider);
/** The agreements that the report is about, and that have any calls: false behind the last. */
bool sk_report_agreement(const sk_report *report, size_t *position, sk_slice *out_customer, sk_slice *out_provider);

/** For people. SK_EXIT_OK, or the exit code of what failed, which is printed. */
int sk_report_print(sk_report *report);
/** A page that needs nothing else: sections, small charts, work instructions and calls to open. */
int sk_report_print_html(sk_report *report);
/** Appends that page; well-formed XML too. */
void sk_report_html(sk_report *report, sk_buf *out);
/** Calls as rows, for people. */
int sk_report_print_list(sk_report *report);

/** The same as lines of CSV, with names in the first. */
void sk_report_list_csv(sk_report *report, sk_buf *out);
/** The same as an array `list`. */
void sk_report_list_json(sk_report *report, sk_json_writer *json);

/** "managed infrastructure: 3 changes that named no component": what contradicts itself; nothing if nothing does. */
void sk_report_contradictions_write(const sk_report *report, sk_buf *out);
/** "2026-10", "since …": what the report is about. */
void sk_report_period_write(const sk_report *report, sk_buf *out);
/** Whether details are wanted: on a page, and where the rows are calls. */
bool sk_report_has_details(const sk_report *report);
/** What promises of a row were missed for: "nobody took the task 2 · waited for network 1". */
void sk_report_causes_write(const sk_report *report, const sk_report_row *row, bool of_responses, sk_buf *out);
/** How calls of a row ended early: "declined: not-agreed 3"; returns how many. */
uint64_t sk_report_endings_write(const sk_report *report, const sk_report_row *row, sk_buf *out);
/** Promises kept before and after an improvement: "71 % > 86 %". */
void sk_report_effect_write(const sk_improvement *improvement, sk_buf *out);
/** "41 s", "870 ms" */
const char *sk_report_long(sk_cli *cli, int64_t time_us);
/** The first characters of an id. */
#define SK_REPORT_ID_SHOWN 8
/** One JSON object; see schemas/README.md. */
int sk_report_print_json(sk_report *report);
/** RFC 4180, with names in the first line; what a spreadsheet would take for a formula begins with an apostrophe. */
int sk_report_print_csv(sk_report *report);
/** Appends a cell and what stands behind it: ',' or '\n' (which becomes CR LF). */
void sk_report_csv_cell(sk_buf *out, sk_slice text, char behind);

#endif
