#ifndef SK_CLI_REPORT_FIGURES_H
#define SK_CLI_REPORT_FIGURES_H

#include "cli/report/balance.h"
#include "cli/report/report_row.h"
#include "kit/buf.h"
#include "usm/text.h"

/*
 * The figures of a report, computed from the events and archives of teams, in one pass and in memory for the open
 * calls, 24 bytes for each closed one and 8 for its lead time. Nothing is read or printed here.
 *
 * A report is about the calls that were closed from `from_us` on and before `to_us`, and those that were open at the
 * latter. What happened later does not count, so that a report about the past does not change.
 */

typedef enum sk_report_by {
        SK_BY_WORKFLOW,    /**< a row for each workflow; calls that ended before it was decided have rows by type */
        SK_BY_PROCESS,     /**< a row for each process; what is counted are runs of it, of the same calls */
        SK_BY_LINE,        /**< a row for each line of support: 1 is the team that the chain's first customer called */
        SK_BY_INSTRUCTION, /**< a row for each work instruction, and one for the calls that ran under none */
        SK_BYS,
} sk_report_by;

/** As --by takes it: "workflow", "process", ...; static. */
const char *sk_report_by_id(sk_report_by by);

/** A call of the report, whole: for who counts otherwise. */
typedef struct sk_figured {
        sk_id id;
        sk_slice customer;
        sk_slice provider;
        sk_slice facility;
        sk_slice instruction; /**< work instruction; "" if it ran under none */
        sk_call_type type;
        unsigned workflow; /**< 0: not decided */
        bool is_open;
        int64_t opened_us;
        int64_t closed_us;
        sk_outcome outcome;
        sk_slice code;
        int64_t lead_us;
        int64_t stopped_us;
        bool is_promised;
        bool is_kept;
        bool is_response_promised;
        bool is_response_kept;
        const sk_report_ended *ended; /**< the call as one run; NULL while it is open, and by process */
} sk_figured;

/** Called for each call of the report once. */
typedef sk_err sk_figured_visit(void *self, const sk_figured *call);
/** Whether @p routine of @p team is a work instruction: for some calls only. */
typedef bool sk_instruction_test(void *self, sk_slice team, sk_slice routine);

typedef struct sk_figures_plan {
        sk_report_by by;
        int64_t from_us;
        int64_t to_us;
        sk_slice customer;    /**< SK_NONE: all. By line it is the customer with whom the chain of calls began */
        unsigned workflow;    /**< only those of this workflow; 0: all */
        sk_slice instruction; /**< only those that ran under this one; SK_NONE: all */
        sk_instruction_test *is_instruction; /**< NULL: there are none */
        sk_figured_visit *visit;
        sk_figured_visit *seen; /**< also for calls that closed before the period, and all of the team's own risks */
        void *self;
} sk_figures_plan;

typedef struct sk_figures sk_figures;

/** NULL without memory. The customer is borrowed. */
sk_figures *sk_figures_new(const sk_figures_plan *plan);
/** NULL is legal. */
void sk_figures_free(sk_figures *figures);

/** By line with a customer, every team's events go through here first: which chains of calls are his. */
sk_err sk_figures_root(sk_figures *figures, const sk_event_seen *event);

/** Begins with a team. Then come all its events, in the order of each partition, then its archive, then the end. */
sk_err sk_figures_begin(sk_figures *figures, sk_slice team);
/** The next event of the team begun; SK_ERR_NO_MEMORY. */
sk_err sk_figures_add(sk_figures *figures, const sk_event_seen *event);
/** All of the team has been read: what is open now is counted; SK_ERR_NO_MEMORY, or what the plan's visit said. */
sk_err sk_figures_end(sk_figures *figures);

/* ---- the rows that have anything, in order; good until more is added ---- */

size_t sk_figures_count(const sk_figures *figures);
/** One of the rows, index below sk_figures_count; borrowed. */
sk_report_row *sk_figures_at(sk_figures *figures, size_t index);
/** Number of the workflow or line; 0: the workflow was not decided, or the row is a process. */
unsigned sk_figures_number(const sk_figures *figures, size_t index);
/** What the row is about, for people: "3 incident, with a change", "recover", "2nd line". */
void sk_figures_label(const sk_figures *figures, size_t index, sk_language language, sk_buf *out);
/** The names that the rows' numbers stand for; borrowed. */
const sk_report_names *sk_figures_names(const sk_figures *figures);

#endif
