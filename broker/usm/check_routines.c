/*
 * What shows only when a team's routines are seen together: two that both would decide, and work that none speaks about.
 */
#include <assert.h>

#include "usm/check.h"
#include "usm/reach.h"

static bool is_same_scope(const sk_routine *a, const sk_routine *b) {
        assert(a != b);
        return a->workflow == b->workflow && (a->workflow != 0 || a->process == b->process);
}

static bool has_scope(const sk_routine *routine) {
        assert(routine->workflow <= 8);
        assert(routine->process <= SK_PROCESSES);
        return routine->workflow != 0 || routine->process != SK_PROCESSES;
}

static const sk_way_row *find_row(const sk_routine *routine, const sk_activity *activity) {
        assert(activity != NULL);
        for (size_t i = 0; i < routine->row_count; i++) {
                if (routine->rows[i].activity == activity)
                        return &routine->rows[i];
        }
        return NULL;
}

static const sk_cut_row *find_cut(const sk_routine *routine, sk_process process) {
        assert(process < SK_PROCESSES);
        for (size_t i = 0; i < routine->cut_count; i++) {
                if (routine->cuts[i].process == process)
                        return &routine->cuts[i];
        }
        return NULL;
}

static void say_tie_at(sk_check *check, const sk_routine *a, const sk_routine *b, const char *name) {
        assert(a != b);
        assert(name != NULL);
        sk_spot root = sk_spot_root(b->source);
        sk_spot activities = sk_spot_member(&root, "activities");
        sk_spot activity = sk_spot_member(&activities, name);
        sk_spot at = sk_spot_name(&activity);
        sk_check_say(check, &at, SK_ERROR, "selector-tie",
                     "the routines %s and %s both say who and how of %s for every call\nput it into one of them, or "
                     "make one a work instruction with \"select\"",
                     sk_quote(a->name).text, sk_quote(b->name).text, name);
}

/** Two procedures for the same: only what both speak about is in doubt. */
static void check_procedures(sk_check *check, const sk_routine *a, const sk_routine *b) {
        assert(!a->is_instruction);
        assert(!b->is_instruction);
        char name[48];
        for (size_t i = 0; i < b->row_count; i++) {
                if (find_row(a, b->rows[i].activity) != NULL)
                        say_tie_at(check, a, b, b->rows[i].activity->id);
        }
        for (size_t i = 0; i < b->cut_count; i++) {
                if (find_cut(a, b->cuts[i].process) == NULL)
                        continue;
                (void)snprintf(name, sizeof name, "%s.cut", sk_process_get(b->cuts[i].process)->id);
                say_tie_at(check, a, b, name);
        }
}

static void check_instructions(sk_check *check, const sk_routine *a, const sk_routine *b) {
        assert(a->is_instruction);
        assert(b->is_instruction);
        if (a->selector.given != b->selector.given || !sk_selector_overlaps(&a->selector, &b->selector))
                return;
        sk_spot root = sk_spot_root(b->source);
        sk_spot select = sk_spot_member(&root, "select");
        sk_spot at = sk_spot_name(&select);
        sk_check_say(check, &at, SK_ERROR, "selector-tie",
                     "the work instructions %s and %s select the same call, and neither is more specific\nadd a member "
                     "to one \"select\", or take the value that both have out of one",
                     sk_quote(a->name).text, sk_quote(b->name).text);
}

static bool is_same_way(const sk_way_row *a, const sk_way_row *b) {
        assert(a->activity == b->activity);
        return a->given == b->given && a->way.how == b->way.how &&
               sk_slice_equal(a->way.responsible, b->way.responsible) &&
               sk_slice_equal(a->way.accountable, b->way.accountable) &&
               sk_slice_equal(a->way.instruction, b->way.instruction) && sk_slice_equal(a->way.form, b->way.form) &&
               sk_slice_equal(a->way.result, b->way.result) && a->way.target_count == 0 && b->way.target_count == 0;
}

/** Until the first cut a call is "3 or 4": two workflows that differ before it leave the lower number to decide. */
static void check_undecided(sk_check *check, const sk_routine *a, const sk_routine *b) {
        assert(a->workflow != 0);
        assert(a->workflow <= b->workflow);
        sk_process first = sk_workflow_get(a->workflow)->path[0];
        if (first != sk_workflow_get(b->workflow)->path[0] || a->is_instruction != b->is_instruction ||
            (a->is_instruction &&
             (a->selector.given != b->selector.given || !sk_selector_overlaps(&a->selector, &b->selector))))
                return;
        for (size_t i = 0; i < b->row_count; i++) {
                const sk_activity *activity = b->rows[i].activity;
                const sk_way_row *other = find_row(a, activity);
                if (activity->process != first || activity->after_cut || other == NULL ||
                    is_same_way(other, &b->rows[i]))
                        continue;
                sk_spot root = sk_spot_root(b->source);
                sk_spot activities = sk_spot_member(&root, "activities");
                sk_spot member = sk_spot_member(&activities, activity->id);
                sk_spot at = sk_spot_name(&member);
                sk_check_say(check, &at, SK_WARNING, "selector-tie",
                             "before the cut nobody knows whether the call becomes workflow %u or %u, and %s and %s "
                             "differ about %s: workflow %u decides\nput it into a routine about the process \"%s\"",
                             a->workflow, b->workflow, sk_quote(a->name).text, sk_quote(b->name).text, activity->id,
                             a->workflow, sk_process_get(first)->id);
        }
}

static void check_pair(sk_check *check, const sk_routine *a, const sk_routine *b) {
        assert(a != b);
        if (!has_scope(a) || !has_scope(b))
                return;
        if (is_same_scope(a, b)) {
                if (a->is_instruction && b->is_instruction)
                        check_instructions(check, a, b);
                else if (!a->is_instruction && !b->is_instruction)
                        check_procedures(check, a, b);
        } else if (a->workflow != 0 && b->workflow != 0) {
                check_undecided(check, a->workflow < b->workflow ? a : b, a->workflow < b->workflow ? b : a);
        }
}

typedef struct gap_list {
        unsigned count;
        bool seen[SK_PROCESSES][SK_ACTIVITY_NAMES];
        const char *names[3];
} gap_list;

static void find_gaps(const sk_team *team, unsigned number, gap_list *out) {
        assert(number >= 1);
        assert(number <= 8);
        sk_selection selection = {.workflows = (uint16_t)(1U << number)};
        sk_reach reach;
        sk_reach_walk(team, &selection, number, &reach);
        for (unsigned i = 0; i < reach.count; i++) {
                const sk_process_info *info = sk_process_get(reach.processes[i]);
                for (unsigned j = 0; j < info->count; j++) {
                        const sk_activity *activity = &info->activities[j];
                        if (team->ways[info->process][activity->name].count > 0 ||
                            out->seen[info->process][activity->name])
                                continue;
                        out->seen[info->process][activity->name] = true;
                        if (out->count < 3)
                                out->names[out->count] = activity->id;
                        out->count++;
                }
        }
}

static void check_gaps(sk_check *check, const sk_team *team, const sk_spot *root) {
        assert(team->is_provider);
        gap_list gaps = {.names = {"", "", ""}};
        unsigned types = sk_reach_types(check->edition, team);
        for (unsigned type = 0; type < SK_CALL_TYPES; type++) {
                unsigned workflows = (types & 1U << type) != 0 ? sk_reach_workflows((sk_call_type)type) : 0;
                for (unsigned number = 1; number <= 8; number++) {
                        if ((workflows & 1U << number) != 0)
                                find_gaps(team, number, &gaps);
                }
        }
        if (gaps.count == 0)
                return;
        sk_check_say(check, root, SK_NOTICE, "default-used",
                     "no routine speaks about %u of the activities that calls to %s need, so that an operator does "
                     "them by hand: %s%s%s%s%s%s\nname them in a routine when that is not what is wanted",
                     gaps.count, sk_quote(team->name).text, gaps.names[0], gaps.count > 1 ? ", " : "", gaps.names[1],
                     gaps.count > 2 ? ", " : "", gaps.names[2], gaps.count > 3 ? ", ..." : "");
}

static void check_team(sk_check *check, const sk_team *team) {
        assert(team->source != NULL);
        sk_spot root = sk_spot_root(team->source);
        for (size_t i = 0; i < team->routine_count && !sk_findings_is_full(check->findings); i++) {
                for (size_t j = i + 1; j < team->routine_count; j++)
                        check_pair(check, &team->routines[i], &team->routines[j]);
        }
        if (team->is_provider && team->routine_count == 0 && !team->says_consumer)
                sk_check_say(check, &root, SK_WARNING, "no-routine",
                             "the team %s serves others and has no routine: all its work is done by hand, by an "
                             "operator\nadd one to %s/routines/ when that is not what is wanted",
                             sk_quote(team->name).text, sk_quote_bare(team->name).text);
        else if (team->is_provider && sk_findings_count_of(check->findings, SK_ERROR) == 0)
                check_gaps(check, team, &root);
}

void sk_check_routines(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++)
                check_team(check, &check->edition->teams[i]);
}
