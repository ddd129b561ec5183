#ifndef SK_CLI_REPORT_EFFECTS_H
#define SK_CLI_REPORT_EFFECTS_H

#include "cli/report_figures.h"

/*
 * Improvements: the risks that a team raised itself, and what became of the share of promises kept. Before is the time of
 * SK_EFFECT_DAYS before it was raised, after the same time from its end. Only calls about the facility that it names are
 * counted; if it names none, all of the team's.
 */

#define SK_EFFECT_DAYS 30

typedef struct sk_share {
        uint64_t closed;
        uint64_t promised;
        uint64_t kept;
} sk_share;

typedef struct sk_improvement {
        sk_id id;
        sk_slice team;
        sk_slice facility;
        sk_slice need; /**< what it is about; "" if the archive does not have it */
        unsigned workflow;
        int64_t opened_us;
        int64_t closed_us; /**< 0: still open */
        sk_outcome outcome;
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
/** Works out the shares; only improvements open or raised in [from_us, to_us) stay, in order. */
void sk_report_effects_end(sk_report_effects *effects, int64_t from_us, int64_t to_us);
/** How many improvements there are. */
size_t sk_report_effects_count(const sk_report_effects *effects);
/** One of them, index below sk_report_effects_count; borrowed. */
const sk_improvement *sk_report_effects_at(const sk_report_effects *effects, size_t index);

#endif
