/*
 * Which who and how is for a call: for each activity the rows of all routines that speak about it, the most specific
 * first. A call takes each part (responsible, accountable, how) from the first row that is for it and gives that part; what
 * no row gives comes from the built-in default. Nothing is allocated here, and nothing can fail.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

static bool is_for(const sk_routine *routine, const sk_selection *selection) {
        if (routine->workflow != 0 && (selection->workflows & 1U << routine->workflow) == 0)
                return false;
        return !routine->is_instruction || sk_selector_matches(&routine->selector, selection);
}

static void take_how(sk_way *out, const sk_way *way) {
        sk_way before = *out;
        *out = *way;
        out->responsible = before.responsible;
        out->accountable = before.accountable;
        out->consulted = before.consulted;
        out->informed = before.informed;
        out->times = before.times;
}

static void take_times(sk_times *out, const sk_times *times, unsigned taken) {
        assert(times->estimate_us >= 0);
        assert(times->timeout_us >= 0);
        if ((taken & SK_GIVES_ESTIMATE) != 0)
                out->estimate_us = times->estimate_us;
        if ((taken & SK_GIVES_TIMEOUT) != 0)
                out->timeout_us = times->timeout_us;
}

/** Takes what is still wanted of @p way; gives what is wanted after it. */
static unsigned take(sk_way *out, const sk_way *way, unsigned given, unsigned wanted) {
        assert((wanted & ~(unsigned)SK_GIVES_ALL) == 0);
        unsigned taken = given & wanted;
        if ((taken & SK_GIVES_HOW) != 0)
                take_how(out, way);
        if ((taken & SK_GIVES_RESPONSIBLE) != 0)
                out->responsible = way->responsible;
        if ((taken & SK_GIVES_ACCOUNTABLE) != 0)
                out->accountable = way->accountable;
        if ((taken & SK_GIVES_CONSULTED) != 0)
                out->consulted = way->consulted;
        if ((taken & SK_GIVES_INFORMED) != 0)
                out->informed = way->informed;
        take_times(&out->times, &way->times, taken);
        return wanted & ~taken;
}

void sk_way_action(const sk_way *way, unsigned index, sk_way *out) {
        assert(way->action_count <= SK_ACTIONS_MAX);
        assert(index == 0 || index < way->action_count);
        sk_way whole = *way;
        if (way->action_count == 0) {
                *out = whole;
                return;
        }
        const sk_way *action = &whole.actions[index];
        *out = *action;
        out->responsible = sk_slice_there(action->responsible) ? action->responsible : whole.responsible;
        out->accountable = whole.accountable;
        out->consulted = whole.consulted;
        out->informed = whole.informed;
        out->times = whole.times;
}

unsigned sk_way_resolve(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_way *out,
                        const sk_way_row **out_first) {
        unsigned wanted = SK_GIVES_ALL;
        const sk_way_list *list = &team->ways[activity->process][activity->name];
        *out_first = NULL;
        *out = (sk_way){.how = SK_HOWS};
        for (size_t i = 0; i < list->count && wanted != 0; i++) {
                const sk_way_row *row = list->rows[i];
                if (!is_for(row->routine, selection))
                        continue;
                if (*out_first == NULL && row->given != 0)
                        *out_first = row;
                wanted = take(out, &row->way, row->given, wanted);
        }
        (void)take(out, &team->default_way, SK_GIVES_ALL, wanted);
        assert(out->how < SK_HOWS);
        return wanted;
}

void sk_team_way(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_way *out,
                 sk_slice *out_routine) {
        const sk_way_row *first;
        assert(team != NULL);
        assert(selection != NULL);
        assert(activity != NULL);
        assert(out != NULL);
        assert(out_routine != NULL);
        assert(activity->process < SK_PROCESSES);
        assert(activity->name < SK_ACTIVITY_NAMES);
        (void)sk_way_resolve(team, selection, activity, out, &first);
        *out_routine = first == NULL ? SK_SLICE("default") : first->routine->name;
        assert(out->how < SK_HOWS);
        assert(sk_slice_there(out->responsible));
        assert(sk_slice_there(out->accountable));
}

static unsigned take_cut(sk_cut_way *out, const sk_cut_way *way, unsigned given, unsigned wanted) {
        assert(way->preset <= SK_PROCESSES);
        unsigned taken = given & wanted;
        if ((taken & SK_GIVES_HOW) != 0) {
                out->how = way->how;
                out->instruction = way->instruction;
                out->waits_for_advice = way->waits_for_advice;
                out->preset = way->preset;
        }
        if ((taken & SK_GIVES_RESPONSIBLE) != 0)
                out->responsible = way->responsible;
        if ((taken & SK_GIVES_ACCOUNTABLE) != 0)
                out->accountable = way->accountable;
        if ((taken & SK_GIVES_CONSULTED) != 0)
                out->consulted = way->consulted;
        if ((taken & SK_GIVES_INFORMED) != 0)
                out->informed = way->informed;
        take_times(&out->times, &way->times, taken);
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                if ((taken & (unsigned)SK_GIVES_LINK << p) != 0)
                        out->link[p] = way->link[p];
        }
        return wanted & ~taken;
}

unsigned sk_cut_resolve(const sk_team *team, const sk_selection *selection, sk_process process, sk_cut_way *out,
                        const sk_cut_row **out_first) {
        assert(process < SK_PROCESSES);
        unsigned wanted = SK_GIVES_ALL | (((unsigned)SK_GIVES_LINK << SK_PROCESSES) - SK_GIVES_LINK);
        const sk_cut_list *list = &team->cuts[process];
        *out_first = NULL;
        *out = (sk_cut_way){.preset = SK_PROCESSES};
        for (size_t i = 0; i < list->count && wanted != 0; i++) {
                const sk_cut_row *row = list->rows[i];
                if (!is_for(row->routine, selection))
                        continue;
                if (*out_first == NULL && row->given != 0)
                        *out_first = row;
                wanted = take_cut(out, &row->way, row->given, wanted);
        }
        (void)take_cut(out, &team->default_cuts[process], SK_GIVES_ALL, wanted);
        return wanted & SK_GIVES_ALL;
}

void sk_team_cut_way(const sk_team *team, const sk_selection *selection, sk_process process, sk_cut_way *out,
                     sk_slice *out_routine) {
        const sk_cut_row *first;
        assert(team != NULL);
        assert(selection != NULL);
        assert(out != NULL);
        assert(out_routine != NULL);
        assert(process < SK_PROCESSES);
        (void)sk_cut_resolve(team, selection, process, out, &first);
        *out_routine = first == NULL ? SK_SLICE("default") : first->routine->name;
        assert(sk_slice_there(out->responsible));
        assert(sk_slice_there(out->accountable));
}

static const char *const how_ids[SK_HOWS] = {
        [SK_HOW_AUTO] = "auto", [SK_HOW_MANUAL] = "manual", [SK_HOW_DELEGATE] = "delegate",
        [SK_HOW_EXEC] = "exec", [SK_HOW_HTTP] = "http",     [SK_HOW_PLUGIN] = "plugin"};

const char *sk_how_id(sk_how how) {
        assert(how < SK_HOWS);
        return how_ids[how];
}

bool sk_how_is_effect(sk_how how) {
        assert(how <= SK_HOWS);
        return how == SK_HOW_EXEC || how == SK_HOW_HTTP || how == SK_HOW_PLUGIN;
}

sk_how sk_how_find(sk_slice id) {
        for (unsigned i = 0; i < SK_HOWS; i++) {
                if (sk_slice_is(id, how_ids[i]))
                        return (sk_how)i;
        }
        return SK_HOWS;
}
