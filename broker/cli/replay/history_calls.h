#ifndef SK_CLI_HISTORY_CALLS_H
#define SK_CLI_HISTORY_CALLS_H

#include "cli/replay/history_rows.h"
#include "kit/buf.h"
#include "kit/id.h"
#include "usm/edition.h"

/*
 * The calls of a recorded history: rows gathered by id, then seen as a chain sees them. Pure: no file, no clock.
 */

#define SK_HISTORY_CALLS_MAX 5000000
#define SK_HISTORY_STATUSES_MAX 1000
#define SK_HISTORY_COMPONENTS_MAX 16 /**< of one call */

/** A component of a call, and the next. */
typedef struct sk_history_component {
        sk_slice name;
        struct sk_history_component *next;
} sk_history_component;

/** A while in which the customer was asked, and the next. */
typedef struct sk_history_pause {
        int64_t from_us;
        int64_t to_us;
        struct sk_history_pause *next;
} sk_history_pause;

typedef struct sk_history_call {
        sk_slice id;     /**< as recorded */
        sk_slice *first; /**< by column: the first that is not missing */
        uint64_t line;   /**< of its first row */
        uint64_t rows;
        sk_history_component *components;
        uint64_t reassignments;
        uint64_t waiting;
        sk_history_pause *pauses; /**< in order */
        int64_t asked_us;         /**< while rows are added: since when the customer is asked; 0: he is not */
        bool has_verdict;         /**< the record says whether the promise was kept */
        bool was_kept;
        bool has_end;
        int64_t ended_us;
        const char *misfit; /**< why it cannot be raised; NULL: it can; then what is below holds */
        int64_t time_us;    /**< when it was raised */
        sk_slice customer;
        sk_slice provider;
        sk_slice facility;
        sk_call_type type;
        int priority;      /**< 0: none */
        int last_priority; /**< of the last row that says one; 0: none */
        sk_id callid;
} sk_history_call;

/** How often a status was recorded, and what it stands for. */
typedef struct sk_history_status {
        sk_slice text;
        uint64_t rows;
        sk_slice activity; /**< SK_NONE: none */
} sk_history_status;

typedef struct sk_history_calls sk_history_calls;

/** New; NULL without memory. @p map is borrowed. */
sk_history_calls *sk_history_calls_new(const sk_history_map *map);
/** NULL is legal. */
void sk_history_calls_free(sk_history_calls *calls);

/**
 * Adds a row without a problem.
 *
 * @param out_misfit  why the row is not used; NULL if it is
 * @return SK_OK; SK_ERR_FULL; SK_ERR_NO_MEMORY
 */
sk_err sk_history_calls_add(sk_history_calls *calls, const sk_history_row *row, const char **out_misfit);

/** No more rows: finds what each call is in that chain, and puts them in order of time. */
sk_err sk_history_calls_finish(sk_history_calls *calls, const sk_edition *edition);

/** How many there are. */
size_t sk_history_calls_count(const sk_history_calls *calls);
/** In order of time once finished, those that do not fit at the end. */
sk_history_call *sk_history_calls_at(const sk_history_calls *calls, size_t index);
/** How many fit. */
size_t sk_history_calls_fit(const sk_history_calls *calls);
/** By recorded id; NULL if there is none. */
sk_history_call *sk_history_calls_find(const sk_history_calls *calls, sk_slice id);

/** Statuses in order of how often they were recorded, then those that were not; not more than SK_HISTORY_STATUSES_MAX. */
size_t sk_history_status_count(const sk_history_calls *calls);
/** Recorded status by index, with how often it occurs; borrowed. */
const sk_history_status *sk_history_status_at(const sk_history_calls *calls, size_t index);

/** Why a row with that id would not be used now; NULL if it is. For keeping rows aside. */
const char *sk_history_row_misfit(const sk_history_calls *calls, const sk_history_row *row);

/** Whether the managed infrastructure was modified for the call; false also where nothing is recorded of it. */
bool sk_history_was_changed(const sk_history_calls *calls, const sk_history_call *call);
/** Whether the history says at all which calls modified the infrastructure. */
bool sk_history_tells_changes(const sk_history_calls *calls);

/** Appends the data of the `work.raise` that the call becomes. */
void sk_history_raise_write(const sk_history_calls *calls, const sk_history_call *call, sk_buf *out);

/** The id that a recorded call always has in that chain: UUIDv7 of its time and its recorded id. */
sk_id sk_history_id(sk_slice chain, const sk_history_call *call, const char *purpose);

#endif
