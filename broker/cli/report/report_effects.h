#ifndef SK_CLI_REPORT_EFFECTS_H
#define SK_CLI_REPORT_EFFECTS_H

#include "cli/report/report_figures.h"
#include "kit/arena.h"
#include "usm/figure.h"

/*
 * Improvements: the risks that a team raised itself, and what became of the figure that each wants to change; where
 * none was said that is the share of promises kept, over SK_EFFECT_DAYS. Before is so many days before it was raised,
 * after as many from its end. Only calls about the facility that it names are counted; if it names none, or its figure
 * is of all, all of the team's.
 */

#define SK_EFFECT_DAYS 30

typedef struct sk_share {
        uint64_t closed;
        uint64_t promised;
        uint64_t kept;
        uint64_t response_promised;
        uint64_t response_kept;
        uint64_t completed;
} sk_share;

/** The figure in per cent, or in calls; false if there is nothing to make it of. */
bool sk_share_figure(const sk_share *share, sk_figure_kind kind, double *out);

/** Which figure a call wants to change, as its raise says it in `data.figure`. */
typedef struct sk_wanted {
        sk_figure_kind kind;
        uint32_t days;
        bool is_all; /**< of all facilities */
        bool is_said;
        bool has_was;
        double was; /**< when it was raised */
} sk_wanted;

/** Reads it out of the data of a raise; the default where it says nothing, or nothing that is known. */
sk_wanted sk_wanted_read(sk_slice raise, sk_arena *arena);

typedef struct sk_improvement {
        sk_id id;
        sk_slice team;
        sk_slice facility;
        sk_slice need; /**< what it is about; "" if the archive does not have it */
        unsigned workflow;
        int64_t opened_us;
        int64_t closed_us; /**< 0: still open */
        sk_outcome outcome;
        sk_wanted wanted;
        sk_share before;
        sk_share after;
} sk_improvement;

typedef struct sk_report_effects sk_report_effects;

/** NULL without memory. */
sk_report_effects *sk_report_effects_new(void);
/** NULL is legal. */
void sk_report_effects_free(sk_report_effects *effects);
/** Every call of the teams, whenever it closed; a sk_figured_visit with the effects as `self`. */
sk_err sk_report_effects_add(void *effects, const sk_figured *call);
/** What an archived call was about; of those that are no improvements it is forgotten. */
sk_err sk_report_effects_need(sk_report_effects *effects, const sk_event_seen *archived);
/** Of calls of the team about a facility (SK_SLICE(""): all) that closed on these days since the epoch, UTC; the last
 * excluded. */
sk_share sk_report_effects_sum(const sk_report_effects *effects, sk_slice team, sk_slice facility, int64_t first_day,
                               int64_t last_day);
/** Works out the shares; only improvements open or raised in [from_us, to_us) stay, in order. */
void sk_report_effects_end(sk_report_effects *effects, int64_t from_us, int64_t to_us);
/** How many improvements there are. */
size_t sk_report_effects_count(const sk_report_effects *effects);
/** One of them, index below sk_report_effects_count; borrowed. */
const sk_improvement *sk_report_effects_at(const sk_report_effects *effects, size_t index);

#endif
