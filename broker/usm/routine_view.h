#ifndef SK_USM_ROUTINE_VIEW_H
#define SK_USM_ROUTINE_VIEW_H

#include "usm/edition.h"
#include "usm/selector.h"

/*
 * What a team's routines say, for those who show them: file by file, and resolved for calls of one kind. Everything given
 * out belongs to the edition.
 */

/** A routine file. */
typedef struct sk_routine_view {
        sk_slice name;
        sk_process process;          /**< SK_PROCESSES: it is about a workflow */
        unsigned workflow;           /**< 0: it is about a process */
        const sk_selector *selector; /**< NULL: for every call; else it is a work instruction for some */
        size_t row_count;            /**< activities and cuts that it speaks about */
} sk_routine_view;

/** What is said about one activity or cut, and whether a routine says it. */
typedef struct sk_row_view {
        const sk_activity *activity; /**< NULL: the cut */
        sk_process process;
        bool gives_responsible;
        bool gives_accountable;
        bool gives_how;
        sk_way way;            /**< of a cut: who, how and instruction */
        const sk_target *link; /**< of a cut: by triggered process; NULL for an activity */
        sk_slice routine;      /**< that decides; "default": none does */
} sk_row_view;

/** How many routine files the team has. */
size_t sk_team_routine_count(const sk_team *team);
/** Routine by index, below the count. */
void sk_team_routine_at(const sk_team *team, size_t index, sk_routine_view *out);
/** Row of a routine, by indexes below both counts: activities first, then cuts. What it does not give is empty. */
void sk_team_routine_row(const sk_team *team, size_t index, size_t row, sk_row_view *out);

/** As sk_team_way; parts that no routine gives come from the default, and `gives_...` is false. */
void sk_team_row(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_row_view *out);
/** The same of a cut; the links go to @p link, which must have room for SK_PROCESSES. */
void sk_team_cut_row(const sk_team *team, const sk_selection *selection, sk_process process,
                     sk_target link[SK_PROCESSES], sk_row_view *out);

/** Workflows that calls to the team, or its own, can take; bit set over numbers. */
uint16_t sk_team_workflows(const sk_edition *edition, const sk_team *team);

/** What the team does itself of workflow @p number for the call; returns how many, the first first. */
unsigned sk_team_processes(const sk_team *team, const sk_selection *selection, unsigned number,
                           sk_process out[SK_WORKFLOW_STEPS]);

#endif
