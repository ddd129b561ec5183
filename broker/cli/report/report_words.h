#ifndef SK_CLI_REPORT_WORDS_H
#define SK_CLI_REPORT_WORDS_H

#include "cli/report/report_row.h"
#include "kit/buf.h"
#include "usm/text.h"

/*
 * What reports say, in three languages, beside the method's own texts.
 */

typedef struct sk_report_words {
        const char *title;
        const char *all_teams;
        const char *for_whom;
        const char *until_now;
        const char *until;
        const char *since;
        const char *to;
        const char *rows[4]; /**< by sk_report_by: workflow, process, line, work instruction */
        const char *calls;
        const char *runs;
        const char *open;
        const char *closed;
        const char *responded;
        const char *kept;
        const char *median;
        const char *p90;
        const char *first_time;
        const char *longest_in;
        const char *time;
        const char *for_what;
        const char *where_time;
        const char *waits[SK_WAITS];
        const char *reasons[SK_WAITS];
        const char *in;
        const char *missed;
        const char *missed_responses;
        const char *ended_early;
        const char *same_figures;
        const char *digest;
        const char *differ;
        const char *at_work;
        const char *both; /**< and */
        const char *at_provider;
        const char *at_customer;
        const char *ask;
        const char *no_calls;
        const char *contradictions; /**< of the managed infrastructure */
        const char *unnamed;
        const char *operated;
        const char *improvements;
        const char *started;
        const char *effect;
        const char *before;
        const char *after;
        const char *still_open;
        const char *undecided;
        const char *with_change;
        const char *with_agreement;
        const char *no_instruction;
        const char *call;
        const char *type;
        const char *customer;
        const char *facility;
        const char *opened;
        const char *lead;
        const char *outcome;
        const char *cause;
        const char *late;
        const char *more; /**< behind a number */
        const char *lead_times;
        const char *promises;
        const char *month;
        const char *period;
        const char *nothing_promised;
} sk_report_words;

/** Static. */
const sk_report_words *sk_report_words_of(sk_language language);

/** "3 incident, with a change" */
void sk_report_label_workflow(unsigned number, sk_language language, sk_buf *out);
/** Of calls that ended before it was decided. */
void sk_report_label_undecided(sk_call_type type, sk_language language, sk_buf *out);
/** "recover"; SK_PROCESSES: "none". */
void sk_report_label_process(sk_process process, sk_language language, sk_buf *out);
/** "2nd line" */
void sk_report_label_line(unsigned number, sk_language language, sk_buf *out);
/** The name; of "" that there was none. */
void sk_report_label_instruction(sk_slice name, sk_language language, sk_buf *out);

/** "3 closed and 1 open at the provider, 2 and 2 at the customer" */
void sk_report_ends_write(const sk_report_words *words, const uint64_t counts[4], sk_buf *out);

/** Why a promise was missed, for people: "waited for network". @p names_team: say also where a person had it. */
void sk_report_reason_write(const sk_report_words *words, const sk_report_part *part, sk_slice team, bool names_team,
                            sk_buf *out);

#endif
