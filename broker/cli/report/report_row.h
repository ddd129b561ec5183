#ifndef SK_CLI_REPORT_ROW_H
#define SK_CLI_REPORT_ROW_H

#include "kit/err.h"
#include "kit/slice.h"
#include "usm/method.h"

/*
 * One line of a report: how many, how they ended, how long they took and what they waited for. Times are microseconds.
 */

/** What a call waits for; at each moment exactly one thing. */
typedef enum sk_wait {
        SK_WAIT_NOBODY,   /**< a task that nobody has taken */
        SK_WAIT_PERSON,   /**< a task that somebody has taken */
        SK_WAIT_PROVIDER, /**< the next link; of several the one that was asked first */
        SK_WAIT_CUSTOMER, /**< an answer of the customer: the promise's clock stands */
        SK_WAIT_LINK,     /**< the machinery */
        SK_WAIT_UNKNOWN,  /**< the events are gone, or never told */
        SK_WAITS,
} sk_wait;

/** "nobody", "person", ...; static. */
const char *sk_wait_id(sk_wait wait);

/** Names of teams and codes, each once, by number; number 0 is "". */
typedef struct sk_report_names sk_report_names;

/** NULL without memory. */
sk_report_names *sk_report_names_new(void);
/** NULL is legal. */
void sk_report_names_free(sk_report_names *names);
/** Number of a name, which is copied; 0 without memory, which sk_report_names_err tells, or behind 65,535 of them. */
uint32_t sk_report_names_add(sk_report_names *names, sk_slice name);
/** SK_ERR_NO_MEMORY if a name could not be kept. */
sk_err sk_report_names_err(const sk_report_names *names);
/** How many there are, number 0 among them. */
uint32_t sk_report_names_count(const sk_report_names *names);
/** The name with that number, below the count; borrowed, good until one is added. */
sk_slice sk_report_names_at(const sk_report_names *names, uint32_t number);

/** Time that passed in one place for one reason. */
typedef struct sk_report_part {
        sk_wait wait;
        uint32_t team; /**< where: the provider, the customer, else the team itself */
        int64_t time_us;
        uint64_t missed; /**< promises to resolve missed because of it: it took the most of those calls' time */
        uint64_t missed_responses; /**< the same of promises to respond, of the time until the acceptance */
} sk_report_part;

/** Calls that did not end as completed, by code. */
typedef struct sk_report_ending {
        sk_outcome outcome;
        uint32_t code;
        uint64_t count;
} sk_report_ending;

typedef struct sk_report_row {
        uint64_t closed;
        uint64_t open;
        uint64_t outcomes[SK_OUTCOMES];
        uint64_t promised; /**< closed ones with a promise to resolve */
        uint64_t kept;
        uint64_t response_promised; /**< closed ones with a promise to respond */
        uint64_t response_kept;
        uint64_t first_time; /**< completed with nothing done twice */
        uint64_t traced;     /**< completed ones whose events are there, so that it can be known */
        int64_t total_us;    /**< of all parts */
        int64_t *leads;      /**< from beginning to end, one for each closed; sorted when asked for */
        size_t lead_count;
        size_t lead_room;
        bool is_sorted;
        sk_report_part *parts;
        size_t part_count;
        size_t part_room;
        sk_report_ending *endings;
        size_t ending_count;
        size_t ending_room;
} sk_report_row;

/** One that has ended. */
typedef struct sk_report_ended {
        sk_outcome outcome;
        uint32_t code;
        int64_t lead_us;
        bool is_promised;
        bool is_kept;
        bool is_response_promised;
        bool is_response_kept;
        sk_report_part response; /**< what took most of the time until the acceptance */
        bool is_traced;          /**< its events were there */
        bool is_repeated;
        const sk_report_part *parts;
        size_t part_count;
} sk_report_ended;

/** Frees what the row holds, not the row. */
void sk_report_row_free(sk_report_row *row);
/** Adds one that has ended; SK_ERR_NO_MEMORY. */
sk_err sk_report_row_add(sk_report_row *row, const sk_report_ended *ended);
/** Adds so many that ended in that way. */
sk_err sk_report_ending_add(sk_report_row *row, const sk_report_ending *ending);
/** Adds @p time_us to a list of parts, which grows. */
sk_err sk_report_part_add(sk_report_part **parts, size_t *count, size_t *room, const sk_report_part *part);

/** The part that took the most time; of equals the first. 0 if there is none. */
size_t sk_report_part_largest(const sk_report_part *parts, size_t count);
/** The least time within which @p percent of them (at least one) had ended (nearest rank); 0 if none has. */
int64_t sk_report_row_percentile(sk_report_row *row, unsigned percent);
/** The same of any list, which is sorted. */
int64_t sk_percentile_of(const int64_t *sorted, size_t count, unsigned percent);
/** As qsort(3) wants it. */
int sk_lead_compare(const void *a, const void *b);

/** The team in which most of the time passed, and how much; 0 and 0 if no time passed. */
uint32_t sk_report_row_longest(const sk_report_row *row, int64_t *out_us);
/** Time that passed in a team, whatever for. */
int64_t sk_report_row_time_in(const sk_report_row *row, uint32_t team);
/** Time that passed for a reason, wherever. */
int64_t sk_report_row_time_for(const sk_report_row *row, sk_wait wait);

#endif
