/*
 * Routines as tables.
 */
#include <assert.h>

#include "cli/template/template.h"

static sk_template_row *add_row(sk_template *out, unsigned depth) {
        assert(out->count < SK_TEMPLATE_ROWS);
        sk_template_row *row = &out->rows[out->count++];
        *row = (sk_template_row){.depth = depth};
        return row;
}

/* What is done by itself, or by another team, needs nobody of one's own. */
bool sk_template_row_has_who(const sk_template_row *row) {
        return row->said.gives_responsible || (row->said.gives_how && row->said.way.how != SK_HOW_MANUAL);
}

/* At a cut with one way on nobody decides anything: no who and no how is missing there. */
static void note_missing(sk_template *out, const sk_template_row *row) {
        bool counts = row->said.activity != NULL || row->has_choice;
        out->who_missing += counts && !sk_template_row_has_who(row);
        out->how_missing += counts && !row->said.gives_how;
}

static void add_activity(sk_template *out, const sk_team *team, const sk_selection *selection,
                         const sk_activity *activity, unsigned depth) {
        sk_template_row *row = add_row(out, depth);
        sk_team_row(team, selection, activity, &row->said);
        note_missing(out, row);
}

static void add_cut(sk_template *out, const sk_team *team, const sk_selection *selection, sk_process process,
                    unsigned depth) {
        sk_template_row *row = add_row(out, depth);
        unsigned targets = sk_process_get(process)->may_trigger;
        sk_team_cut_row(team, selection, process, row->link, &row->said);
        row->has_choice = (targets & (targets - 1)) != 0;
        note_missing(out, row);
}

void sk_template_of_process(const sk_team *team, sk_process process, sk_template *out) {
        const sk_process_info *info = sk_process_get(process);
        sk_selection selection = {.first = process};
        *out = (sk_template){0};
        for (unsigned i = 0; i < info->count; i++) {
                if (i == info->before_cut)
                        add_cut(out, team, &selection, process, 0);
                add_activity(out, team, &selection, &info->activities[i], 0);
        }
}

/* A process, and at its cut the one that it triggers: as deep as the workflow goes, or as the team does it itself. */
static void add_process(sk_template *out, const sk_team *team, const sk_selection *selection,
                        const sk_process *processes, unsigned count) {
        const sk_process_info *info = sk_process_get(processes[0]);
        unsigned depth = 0;
        for (const sk_template_row *row = out->rows; row < out->rows + out->count; row++)
                depth = row->said.activity == NULL ? row->depth + 1 : depth;
        for (unsigned i = 0; i < info->count; i++) {
                if (i == info->before_cut) {
                        add_cut(out, team, selection, processes[0], depth);
                        if (count > 1)
                                add_process(out, team, selection, processes + 1, count - 1);
                }
                add_activity(out, team, selection, &info->activities[i], depth);
        }
}

void sk_template_of_workflow(const sk_team *team, const sk_selection *selection, unsigned number, sk_template *out) {
        sk_process processes[SK_WORKFLOW_STEPS];
        sk_selection chosen = *selection;
        chosen.first = sk_workflow_get(number)->path[0];
        chosen.workflows = (uint16_t)(1u << number);
        unsigned count = sk_team_processes(team, &chosen, number, processes);
        *out = (sk_template){0};
        assert(count > 0);
        add_process(out, team, &chosen, processes, count);
}

/* ---- which of the three ---- */

const char *sk_template_kind_text(sk_template_kind kind) {
        static const char *const texts[] = {"process", "procedure", "work instruction"};
        assert(kind <= SK_TEMPLATE_INSTRUCTION);
        return texts[kind];
}

sk_template_kind sk_template_row_kind(const sk_template_row *row) {
        if (row->said.activity == NULL && !row->has_choice)
                return SK_TEMPLATE_INSTRUCTION;
        if (!sk_template_row_has_who(row))
                return SK_TEMPLATE_PROCESS;
        return row->said.gives_how ? SK_TEMPLATE_INSTRUCTION : SK_TEMPLATE_PROCEDURE;
}

sk_template_kind sk_template_whole(const sk_template *table) {
        if (table->who_missing > 0)
                return SK_TEMPLATE_PROCESS;
        return table->how_missing > 0 ? SK_TEMPLATE_PROCEDURE : SK_TEMPLATE_INSTRUCTION;
}

void sk_template_whole_write(const sk_template *table, sk_buf *out) {
        sk_buf_add_text(out, sk_template_kind_text(sk_template_whole(table)));
        if (table->who_missing > 0)
                sk_buf_add_format(out, ", %u who missing", table->who_missing);
        if (table->how_missing > 0)
                sk_buf_add_format(out, ", %u how missing", table->how_missing);
}
