/*
 * What routines say, for those who show them.
 */
#include "usm/routine_view.h"

#include <assert.h>

#include "usm/check.h"
#include "usm/reach.h"

size_t sk_team_routine_count(const sk_team *team) {
        assert(team != NULL);
        return team->routine_count;
}

void sk_team_routine_at(const sk_team *team, size_t index, sk_routine_view *out) {
        assert(team != NULL);
        assert(index < team->routine_count);
        const sk_routine *routine = &team->routines[index];
        *out = (sk_routine_view){.name = routine->name,
                                 .process = routine->workflow == 0 ? routine->process : SK_PROCESSES,
                                 .workflow = routine->workflow,
                                 .selector = routine->is_instruction ? &routine->selector : NULL,
                                 .row_count = routine->row_count + routine->cut_count};
}

static void note_given(sk_row_view *out, unsigned given) {
        assert(out != NULL);
        out->gives_responsible = (given & SK_GIVES_RESPONSIBLE) != 0;
        out->gives_accountable = (given & SK_GIVES_ACCOUNTABLE) != 0;
        out->gives_how = (given & SK_GIVES_HOW) != 0;
}

static void take_cut_way(sk_row_view *out, const sk_cut_way *way) {
        assert(way != NULL);
        out->way = (sk_way){.how = way->how,
                            .responsible = way->responsible,
                            .accountable = way->accountable,
                            .consulted = way->consulted,
                            .informed = way->informed,
                            .instruction = way->instruction};
}

void sk_team_routine_row(const sk_team *team, size_t index, size_t row, sk_row_view *out) {
        assert(team != NULL);
        assert(index < team->routine_count);
        const sk_routine *routine = &team->routines[index];
        assert(row < routine->row_count + routine->cut_count);
        *out = (sk_row_view){.routine = routine->name};
        if (row < routine->row_count) {
                const sk_way_row *said = &routine->rows[row];
                out->activity = said->activity;
                out->process = said->activity->process;
                out->way = said->way;
                note_given(out, said->given);
                return;
        }
        const sk_cut_row *said = &routine->cuts[row - routine->row_count];
        out->process = said->process;
        out->link = said->way.link;
        take_cut_way(out, &said->way);
        note_given(out, said->given);
}

void sk_team_row(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_row_view *out) {
        const sk_way_row *first;
        assert(team != NULL);
        assert(selection != NULL);
        assert(activity != NULL);
        *out = (sk_row_view){.activity = activity, .process = activity->process};
        unsigned missing = sk_way_resolve(team, selection, activity, &out->way, &first);
        out->routine = first == NULL ? SK_SLICE("default") : first->routine->name;
        note_given(out, SK_GIVES_ALL & ~missing);
}

void sk_team_cut_row(const sk_team *team, const sk_selection *selection, sk_process process,
                     sk_target link[SK_PROCESSES], sk_row_view *out) {
        const sk_cut_row *first;
        sk_cut_way way;
        assert(team != NULL);
        assert(selection != NULL);
        assert(process < SK_PROCESSES);
        *out = (sk_row_view){.process = process, .link = link};
        unsigned missing = sk_cut_resolve(team, selection, process, &way, &first);
        out->routine = first == NULL ? SK_SLICE("default") : first->routine->name;
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                link[i] = way.link[i];
        take_cut_way(out, &way);
        note_given(out, SK_GIVES_ALL & ~missing);
}

uint16_t sk_team_workflows(const sk_edition *edition, const sk_team *team) {
        assert(edition != NULL);
        uint16_t found = 0;
        unsigned types = sk_reach_types(edition, team);
        if (types != 0)
                types |= 1U << SK_RISK; /* who serves others may raise one at any time */
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++) {
                if ((types & 1U << sk_workflow_get(number)->trigger) != 0)
                        found |= (uint16_t)(1U << number);
        }
        return found;
}

unsigned sk_team_processes(const sk_team *team, const sk_selection *selection, unsigned number,
                           sk_process out[SK_WORKFLOW_STEPS]) {
        sk_reach reach;
        assert(sk_workflow_get(number) != NULL);
        sk_reach_walk(team, selection, number, &reach);
        for (unsigned i = 0; i < reach.count; i++)
                out[i] = reach.processes[i];
        assert(reach.count <= SK_WORKFLOW_STEPS);
        return reach.count;
}
