#ifndef SK_USM_REACH_H
#define SK_USM_REACH_H

#include "usm/model.h"

/** What a team does itself for calls of one workflow. */
typedef struct sk_reach {
        sk_process processes[SK_WORKFLOW_STEPS]; /**< on the way down, the first first */
        unsigned count;
        const sk_target *remote; /**< what the way goes on at: the link of the last one's cut; NULL: nothing */
        const sk_cut_row *cut;   /**< the row that gave it; NULL if none */
        sk_target target;
} sk_reach;

/** Walks the way down of workflow @p number until it ends or another link goes on. */
void sk_reach_walk(const sk_team *team, const sk_selection *selection, unsigned number, sk_reach *out);

/** Workflows that a call of @p type may become; bit set over numbers. */
unsigned sk_reach_workflows(sk_call_type type);

/** Calls that some agreement lets the team have; bit set over sk_call_type. */
unsigned sk_reach_types(const sk_edition *edition, const sk_team *team);

#endif
