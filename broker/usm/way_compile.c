/*
 * Lays out a team's routines for the question that is asked for every activity of every call: per activity one list of
 * rows, the most specific first, so that the answer is a walk over few rows.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

/** Negative when @p a is asked before @p b. */
static int compare_routines(const sk_routine *a, const sk_routine *b) {
        assert(a->workflow <= 8);
        assert(b->workflow <= 8);
        unsigned rank_a = a->is_instruction ? sk_selector_rank(&a->selector) : 0;
        unsigned rank_b = b->is_instruction ? sk_selector_rank(&b->selector) : 0;
        if (rank_a != rank_b)
                return rank_a > rank_b ? -1 : 1;
        bool is_workflow_a = a->workflow != 0;
        bool is_workflow_b = b->workflow != 0;
        if (is_workflow_a != is_workflow_b)
                return is_workflow_a ? -1 : 1;
        if (a->workflow != b->workflow)
                return a->workflow < b->workflow ? -1 : 1;
        return sk_slice_compare(a->name, b->name);
}

static int compare_rows(const void *left, const void *right) {
        assert(left != NULL);
        assert(right != NULL);
        return compare_routines((*(const sk_way_row *const *)left)->routine,
                                (*(const sk_way_row *const *)right)->routine);
}

static int compare_cuts(const void *left, const void *right) {
        assert(left != NULL);
        assert(right != NULL);
        return compare_routines((*(const sk_cut_row *const *)left)->routine,
                                (*(const sk_cut_row *const *)right)->routine);
}

static void count_rows(sk_team *team) {
        assert(team->routines != NULL || team->routine_count == 0);
        for (size_t i = 0; i < team->routine_count; i++) {
                const sk_routine *routine = &team->routines[i];
                for (size_t j = 0; j < routine->row_count; j++)
                        team->ways[routine->rows[j].activity->process][routine->rows[j].activity->name].count++;
                for (size_t j = 0; j < routine->cut_count; j++)
                        team->cuts[routine->cuts[j].process].count++;
        }
}

static void make_room(sk_check *check, sk_team *team) {
        assert(check->err == SK_OK);
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                for (unsigned a = 0; a < SK_ACTIVITY_NAMES; a++) {
                        sk_way_list *list = &team->ways[p][a];
                        if (list->count > 0)
                                list->rows = sk_check_get(check, list->count, sizeof *list->rows);
                        list->count = 0;
                }
                sk_cut_list *cuts = &team->cuts[p];
                if (cuts->count > 0)
                        cuts->rows = sk_check_get(check, cuts->count, sizeof *cuts->rows);
                cuts->count = 0;
        }
}

static void fill(sk_team *team) {
        assert(team->routines != NULL || team->routine_count == 0);
        for (size_t i = 0; i < team->routine_count; i++) {
                const sk_routine *routine = &team->routines[i];
                for (size_t j = 0; j < routine->row_count; j++) {
                        const sk_way_row *row = &routine->rows[j];
                        sk_way_list *list = &team->ways[row->activity->process][row->activity->name];
                        list->rows[list->count++] = row;
                }
                for (size_t j = 0; j < routine->cut_count; j++) {
                        sk_cut_list *list = &team->cuts[routine->cuts[j].process];
                        list->rows[list->count++] = &routine->cuts[j];
                }
        }
}

static void sort(sk_team *team) {
        assert(team->routines != NULL || team->routine_count == 0);
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                for (unsigned a = 0; a < SK_ACTIVITY_NAMES; a++) {
                        if (team->ways[p][a].count > 1)
                                qsort(team->ways[p][a].rows, team->ways[p][a].count, sizeof *team->ways[p][a].rows,
                                      compare_rows);
                }
                if (team->cuts[p].count > 1)
                        qsort(team->cuts[p].rows, team->cuts[p].count, sizeof *team->cuts[p].rows, compare_cuts);
        }
}

/** Manual, by an operator; where a cut has one target only there is nothing to decide. */
static void make_default(sk_team *team) {
        sk_slice steward = sk_slice_there(team->steward) ? team->steward : SK_SLICE("process-manager");
        team->default_way = (sk_way){
                .how = SK_HOW_MANUAL, .responsible = SK_SLICE("operator"), .accountable = steward, .attempts = 1};
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                uint8_t may = sk_process_get((sk_process)p)->may_trigger;
                bool is_decided = __builtin_popcount(may) == 1;
                team->default_cuts[p] = (sk_cut_way){
                        .how = is_decided ? SK_HOW_AUTO : SK_HOW_MANUAL,
                        .responsible = SK_SLICE("operator"),
                        .accountable = steward,
                        .preset = is_decided ? (sk_process)__builtin_ctz(may) : SK_PROCESSES,
                };
        }
        assert(sk_slice_there(team->default_way.accountable));
}

void sk_ways_compile(sk_check *check, sk_team *team) {
        assert(check != NULL);
        assert(team != NULL);
        make_default(team);
        count_rows(team);
        make_room(check, team);
        if (check->err != SK_OK)
                return;
        fill(team);
        sort(team);
}
