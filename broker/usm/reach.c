/*
 * Which processes a team runs for which call: the way down of a workflow, up to a cut that hands over to another link.
 */
#include "usm/reach.h"

#include <assert.h>

#include "usm/check.h"

unsigned sk_reach_workflows(sk_call_type type) {
        assert(type < SK_CALL_TYPES);
        unsigned workflows = 0;
        for (unsigned number = 1; number <= 8; number++) {
                if (sk_workflow_get(number)->trigger == type)
                        workflows |= 1U << number;
        }
        return workflows;
}

unsigned sk_reach_types(const sk_edition *edition, const sk_team *team) {
        unsigned types = 0;
        assert(edition != NULL);
        assert(team != NULL);
        for (size_t i = 0; i < edition->agreement_count; i++) {
                const sk_agreement *agreement = &edition->agreements[i];
                if (!sk_slice_equal(agreement->provider, team->name))
                        continue;
                for (size_t j = 0; j < agreement->facility_count; j++)
                        types |= agreement->facilities[j].calls;
        }
        return types;
}

/** The row that names the link for @p next; it is known that there is one. */
static const sk_cut_row *row_of_link(const sk_team *team, const sk_cut_way *way, sk_process process, sk_process next) {
        assert(process < SK_PROCESSES);
        assert(next < SK_PROCESSES);
        const sk_cut_list *list = &team->cuts[process];
        for (size_t i = 0; i < list->count; i++) {
                const sk_cut_row *row = list->rows[i];
                if ((row->given & SK_GIVES_LINK << next) != 0 && row->way.link[next].team.at == way->link[next].team.at)
                        return row;
        }
        return NULL;
}

void sk_reach_walk(const sk_team *team, const sk_selection *selection, unsigned number, sk_reach *out) {
        const sk_workflow *workflow = sk_workflow_get(number);
        assert(team != NULL);
        assert(workflow != NULL);
        assert(out != NULL);
        *out = (sk_reach){0};
        unsigned down = sk_workflow_depth(workflow);
        for (unsigned i = 0; i < down; i++) {
                sk_cut_way way;
                const sk_cut_row *first;
                out->processes[out->count++] = workflow->path[i];
                assert(out->count <= SK_WORKFLOW_STEPS);
                if (i + 1 == down)
                        return;
                sk_process next = workflow->path[i + 1];
                (void)sk_cut_resolve(team, selection, workflow->path[i], &way, &first);
                if (!sk_slice_there(way.link[next].team))
                        continue;
                out->target = way.link[next];
                out->remote = &out->target;
                out->cut = row_of_link(team, &way, workflow->path[i], next);
                return;
        }
}
