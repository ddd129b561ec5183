#ifndef SK_USM_STEERING_H
#define SK_USM_STEERING_H

#include "usm/edition.h"

/*
 * Steering: what a team's routines are organised by, and who coordinates. Both are chosen, never defaulted, and every
 * combination is legal. They say on whose worklist late and stuck work lands: first on that of the coordinator
 * (sk_team_coordinator), then on that of the manager.
 */

#define SK_ORGANISED_BY "process|workflow"
#define SK_COORDINATED_BY "line|process|workflow"

/** A choice of both. */
typedef struct sk_steering {
        sk_slice organised_by;
        sk_slice coordinated_by;
} sk_steering;

/** What team.json says; empty where it says nothing. */
sk_steering sk_team_steering(const sk_team *team);
/** Whether both are words that may stand in team.json. */
bool sk_steering_is_legal(const sk_steering *steering);

/** Profile whose holders hear of late and stuck work after the coordinator; never SK_NONE. */
sk_slice sk_team_manager(const sk_team *team);
/** Who is accountable for what no routine names anybody for: profile or person; SK_NONE if nobody can be found. */
sk_slice sk_team_steward(const sk_team *team);

#endif
