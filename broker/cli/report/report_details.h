#ifndef SK_CLI_REPORT_DETAILS_H
#define SK_CLI_REPORT_DETAILS_H

#include "cli/report/report_figures.h"

/*
 * Below the rows of a report by workflow: for each work instruction its own figures, and its calls. Of calls a bounded
 * number is kept; where there are more, those with a missed promise or an early end stay.
 */

typedef struct sk_detail_call {
        sk_id id;
        sk_slice customer; /**< borrowed from the figures */
        sk_slice facility;
        sk_slice provider;
        sk_slice code;
        sk_call_type type;
        bool is_open;
        bool is_promised;
        bool is_kept;
        bool is_response_promised;
        bool is_response_kept;
        sk_outcome outcome;
        int64_t opened_us;
        int64_t closed_us;
        int64_t lead_us;
        sk_report_part cause; /**< what took the most of its time; team 0: not known */
} sk_detail_call;

typedef struct sk_detail {
        unsigned workflow; /**< 0: not decided */
        sk_call_type type; /**< then, the type */
        sk_slice instruction;
        sk_report_row row;
        sk_detail_call *calls;
        size_t call_count;
        size_t call_room;
        uint64_t left_out; /**< calls that were not kept */
} sk_detail;

typedef struct sk_report_details sk_report_details;

/** At most @p calls_max calls are kept of each work instruction. NULL without memory. */
sk_report_details *sk_report_details_new(size_t calls_max);
/** NULL is legal. */
void sk_report_details_free(sk_report_details *details);
/** A sk_figured_visit with the details as `self`. */
sk_err sk_report_details_add(void *details, const sk_figured *call);
/** Orders them: by workflow, then by name; calls as they were opened. */
void sk_report_details_sort(sk_report_details *details);
/** How many calls there are. */
size_t sk_report_details_count(const sk_report_details *details);
/** One of them, index below the count; borrowed, good until one is added. */
sk_detail *sk_report_details_at(sk_report_details *details, size_t index);

#endif
