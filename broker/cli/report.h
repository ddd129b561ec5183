#ifndef SK_CLI_REPORT_H
#define SK_CLI_REPORT_H

#include "cli/report_ends.h"
#include "cli/session.h"

/*
 * What the files of `schakel report` share.
 */

/** What is asked, and what was found. */
typedef struct sk_report {
        const sk_session *session;
        const sk_team *team;     /**< NULL: all */
        const sk_team *customer; /**< NULL: all */
        sk_report_by by;
        int64_t from_us;
        int64_t to_us; /**< at the latest when reading began */
        sk_figures *figures;
        sk_end *provided; /**< as the providers have it */
        sk_end *told;     /**< as the customers have it */
        bool is_moving;   /**< calls came or went while it was read, so that both ends could not be read alike */
        uint64_t unreadable;
} sk_report;

/** Reads events, archives, calls and feedback. Free with sk_report_forget, also after a failure, which is printed. */
int sk_report_read(sk_report *report);
void sk_report_forget(sk_report *report);

/** Whether both ends have the same figures. */
bool sk_report_is_equal(const sk_report *report);
/** Whether the ends of one agreement have. */
bool sk_report_ends_equal(const sk_report *report, sk_slice customer, sk_slice provider);
/** The agreements that the report is about, and that have any calls: false behind the last. */
bool sk_report_agreement(const sk_report *report, size_t *position, sk_slice *out_customer, sk_slice *out_provider);

int sk_report_print(sk_report *report);
int sk_report_print_json(sk_report *report);
/** RFC 4180, with names in the first line; what a spreadsheet would take for a formula begins with an apostrophe. */
int sk_report_print_csv(sk_report *report);
/** Appends a cell and what stands behind it: ',' or '\n' (which becomes CR LF). */
void sk_report_csv_cell(sk_buf *out, sk_slice text, char behind);

#endif
