/*
 * Figures. Each call that is under way is followed through its events: at each event the time since the last one is
 * booked on what the call waited for until then.
 */
#include "cli/report/report_figures.h"

#include <assert.h>

#include "cli/report/report_call.h"
#include "cli/report/report_words.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define WORKFLOWS 8u
#define ARENA_BYTES ((size_t)1 << 20)

struct sk_figures {
        sk_figures_plan plan;
        sk_report_row *rows;
        size_t row_room;
        sk_report_names *names;
        sk_report_calls *calls; /**< of the present team */
        sk_idmap *roots;        /**< chains of calls that began with the customer */
        sk_arena *arena;
        uint32_t team;
};

static char mark; /* what stands in `roots` */

static const char *const by_ids[SK_BYS] = {"workflow", "process", "line", "instruction"};

const char *sk_report_by_id(sk_report_by by) {
        assert(by < SK_BYS);
        return by_ids[by];
}

sk_figures *sk_figures_new(const sk_figures_plan *plan) {
        assert(plan->by < SK_BYS);
        sk_figures *figures = sk_alloc_zero(1, sizeof(*figures));
        if (figures == NULL)
                return NULL;
        figures->plan = *plan;
        figures->names = sk_report_names_new();
        figures->roots = sk_idmap_new();
        figures->arena = sk_arena_new(ARENA_BYTES);
        if (figures->names == NULL || figures->roots == NULL || figures->arena == NULL) {
                sk_figures_free(figures);
                return NULL;
        }
        return figures;
}

void sk_figures_free(sk_figures *figures) {
        if (figures == NULL)
                return;
        for (size_t i = 0; i < figures->row_room; i++)
                sk_report_row_free(&figures->rows[i]);
        sk_free(figures->rows);
        sk_report_calls_free(figures->calls);
        sk_report_names_free(figures->names);
        sk_idmap_free(figures->roots);
        sk_arena_free(figures->arena);
        sk_free(figures);
}

/* ---- which calls ---- */

sk_err sk_figures_root(sk_figures *figures, const sk_event_seen *event) {
        int64_t hops;
        if (event->type != SK_EVENT_OPENED || !sk_json_member_int(event->data, "hops", 0, 0, &hops))
                return SK_OK;
        sk_arena_reset(figures->arena);
        if (!sk_slice_equal(sk_json_member_string(event->data, "customer", figures->arena), figures->plan.customer))
                return SK_OK;
        return sk_idmap_put(figures->roots, &event->id, &mark, NULL);
}

static bool is_wanted(const sk_figures *figures, const sk_event_seen *event) {
        sk_id root;
        if (!sk_slice_there(figures->plan.customer))
                return true;
        if (figures->plan.by != SK_BY_LINE &&
            sk_slice_is(sk_json_member_string(event->data, "type", figures->arena), "risk"))
                return true;
        if (figures->plan.by != SK_BY_LINE)
                return sk_slice_equal(sk_json_member_string(event->data, "customer", figures->arena),
                                      figures->plan.customer);
        return sk_id_parse(sk_json_member_string(event->data, "rootid", figures->arena), &root) &&
               sk_idmap_get(figures->roots, &root) != NULL;
}

/* ---- rows ---- */

static size_t place_for(const sk_figures *figures, const sk_report_call *call, sk_process process) {
        switch (figures->plan.by) {
        case SK_BY_PROCESS:
                return process;
        case SK_BY_LINE:
                return call->hops;
        case SK_BY_INSTRUCTION:
                return call->instruction;
        default:
                return call->workflow > 0 ? call->workflow - 1u : WORKFLOWS + call->type;
        }
}

/* NULL without memory. */
static sk_report_row *row_of(sk_figures *figures, const sk_report_call *call, sk_process process) {
        size_t place = place_for(figures, call, process);
        if (place < figures->row_room)
                return &figures->rows[place];
        size_t room = place + 32;
        sk_report_row *rows = sk_realloc(figures->rows, room * sizeof(*rows));
        if (rows == NULL)
                return NULL;
        memset(rows + figures->row_room, 0, (room - figures->row_room) * sizeof(*rows));
        figures->rows = rows;
        figures->row_room = room;
        return &rows[place];
}

static sk_figured figured_of(const sk_figures *figures, const sk_report_call *call) {
        return (sk_figured){.id = call->id,
                            .customer = sk_report_names_at(figures->names, call->customer),
                            .provider = sk_report_names_at(figures->names, figures->team),
                            .facility = sk_report_names_at(figures->names, call->facility),
                            .instruction = sk_report_names_at(figures->names, call->instruction),
                            .type = call->type,
                            .workflow = call->workflow,
                            .opened_us = call->opened_us,
                            .is_open = true,
                            .code = SK_SLICE("")};
}

static void fill_end(const sk_figures *figures, const sk_report_end *end, sk_figured *out) {
        out->is_open = false;
        out->closed_us = end->closed_us;
        out->outcome = end->outcome;
        out->code = sk_report_names_at(figures->names, end->code);
        out->lead_us = end->lead_us;
        out->stopped_us = end->stopped_us;
        out->is_promised = end->is_promised;
        out->is_kept = end->is_kept;
        out->is_response_promised = end->is_response_promised;
        out->is_response_kept = end->is_response_kept;
}

static sk_report_ended ended_of(const sk_figures *figures, const sk_report_call *call, const sk_report_run *run,
                                const sk_report_end *end) {
        bool is_whole = figures->plan.by != SK_BY_PROCESS; /* the only run is the call */
        return (sk_report_ended){.outcome = is_whole ? end->outcome : run->outcome,
                                 .code = is_whole || run->outcome == end->outcome ? end->code : 0,
                                 .lead_us = is_whole ? end->lead_us : run->ended_us - run->begun_us,
                                 .is_promised = is_whole && end->is_promised,
                                 .is_kept = is_whole && end->is_kept,
                                 .is_response_promised = is_whole && end->is_response_promised,
                                 .is_response_kept = is_whole && end->is_response_kept,
                                 .response = call->response,
                                 .is_traced = end->is_traced,
                                 .is_repeated = run->is_repeated,
                                 .parts = run->parts,
                                 .part_count = run->part_count};
}

/* Whether the report is about this call; its customer was looked at when it opened, unless it is a risk. */
static bool is_chosen(const sk_figures *figures, const sk_figured *call) {
        const sk_figures_plan *plan = &figures->plan;
        bool is_others = call->type == SK_RISK && sk_slice_there(plan->customer) && plan->by != SK_BY_LINE &&
                         !sk_slice_equal(call->customer, plan->customer);
        return !is_others && (plan->workflow == 0 || call->workflow == plan->workflow) &&
               (!sk_slice_there(plan->instruction) || sk_slice_equal(call->instruction, plan->instruction));
}

static sk_err tell(sk_figured_visit *visit, const sk_figures *figures, const sk_figured *call) {
        return visit == NULL ? SK_OK : visit(figures->plan.self, call);
}

static sk_err close_runs(sk_figures *figures, const sk_report_call *call, const sk_report_end *end) {
        sk_err err = SK_OK;
        for (const sk_report_run *run = call->runs; run != NULL && err == SK_OK; run = run->next) {
                sk_report_ended ended = ended_of(figures, call, run, end);
                sk_report_row *row = row_of(figures, call, run->process);
                err = row == NULL ? SK_ERR_NO_MEMORY : sk_report_row_add(row, &ended);
        }
        return err;
}

/* From sk_report_calls: a call has closed. */
static sk_err on_closed(void *self, const sk_report_call *call, const sk_report_end *end) {
        sk_figures *figures = self;
        sk_figured figured = figured_of(figures, call);
        fill_end(figures, end, &figured);
        sk_err err = tell(figures->plan.seen, figures, &figured);
        if (err != SK_OK || end->closed_us < figures->plan.from_us || !is_chosen(figures, &figured))
                return err;
        sk_report_ended ended = {0};
        if (figures->plan.by != SK_BY_PROCESS && call->runs != NULL) {
                ended = ended_of(figures, call, call->runs, end);
                figured.ended = &ended;
        }
        err = tell(figures->plan.visit, figures, &figured);
        return err == SK_OK ? close_runs(figures, call, end) : err;
}

static sk_err count_open(sk_figures *figures, const sk_report_call *call, sk_process process) {
        sk_report_row *row = row_of(figures, call, process);
        if (row == NULL)
                return SK_ERR_NO_MEMORY;
        row->open++;
        return SK_OK;
}

/* From sk_report_calls: a call was open at the end. */
static sk_err on_open(void *self, const sk_report_call *call) {
        sk_figures *figures = self;
        sk_figured figured = figured_of(figures, call);
        sk_err err = tell(figures->plan.seen, figures, &figured);
        if (err != SK_OK || !is_chosen(figures, &figured))
                return err;
        if (figures->plan.by != SK_BY_PROCESS)
                err = count_open(figures, call, SK_PROCESSES);
        for (const sk_report_run *run = call->runs; run != NULL && err == SK_OK; run = run->next) {
                if (figures->plan.by == SK_BY_PROCESS && run->is_running)
                        err = count_open(figures, call, run->process);
        }
        return err == SK_OK ? tell(figures->plan.visit, figures, &figured) : err;
}

static bool is_instruction(void *self, sk_slice routine) {
        const sk_figures *figures = self;
        return figures->plan.is_instruction(figures->plan.self, sk_report_names_at(figures->names, figures->team),
                                            routine);
}

/* ---- teams ---- */

sk_err sk_figures_begin(sk_figures *figures, sk_slice team) {
        assert(figures->calls == NULL);
        figures->team = sk_report_names_add(figures->names, team);
        sk_report_calls_plan plan = {.names = figures->names,
                                     .team = figures->team,
                                     .by_process = figures->plan.by == SK_BY_PROCESS,
                                     .to_us = figures->plan.to_us,
                                     .is_instruction = figures->plan.is_instruction == NULL ? NULL : is_instruction,
                                     .closed = on_closed,
                                     .open = on_open,
                                     .self = figures};
        if (figures->team != 0)
                figures->calls = sk_report_calls_new(&plan);
        return figures->calls == NULL ? SK_ERR_NO_MEMORY : SK_OK;
}

sk_err sk_figures_add(sk_figures *figures, const sk_event_seen *event) {
        bool opens = event->type == SK_EVENT_OPENED || event->type == SK_ARCHIVE_CALL;
        assert(figures->calls != NULL);
        sk_arena_reset(figures->arena);
        /* A closed call without its opening is known by its customer alone. */
        if (opens && !is_wanted(figures, event))
                return SK_OK;
        return sk_report_calls_add(figures->calls, event);
}

sk_err sk_figures_end(sk_figures *figures) {
        assert(figures->calls != NULL);
        sk_err err = sk_report_calls_end(figures->calls);
        sk_report_calls_free(figures->calls);
        figures->calls = NULL;
        return err == SK_OK ? sk_report_names_err(figures->names) : err;
}

/* ---- what came of it ---- */

static bool has_any(const sk_report_row *row) {
        return row->closed > 0 || row->open > 0;
}

/* Place of the row with that index among all. */
static size_t place_of(const sk_figures *figures, size_t index) {
        size_t place = 0;
        while (place < figures->row_room && (!has_any(&figures->rows[place]) || index-- > 0))
                place++;
        assert(place < figures->row_room);
        return place;
}

size_t sk_figures_count(const sk_figures *figures) {
        size_t count = 0;
        for (size_t i = 0; i < figures->row_room; i++)
                count += has_any(&figures->rows[i]);
        return count;
}

sk_report_row *sk_figures_at(sk_figures *figures, size_t index) {
        return &figures->rows[place_of(figures, index)];
}

unsigned sk_figures_number(const sk_figures *figures, size_t index) {
        unsigned place = (unsigned)place_of(figures, index);
        bool has_number = figures->plan.by == SK_BY_LINE || (figures->plan.by == SK_BY_WORKFLOW && place < WORKFLOWS);
        if (!has_number)
                return 0;
        return place + 1;
}

void sk_figures_label(const sk_figures *figures, size_t index, sk_language language, sk_buf *out) {
        unsigned place = (unsigned)place_of(figures, index);
        switch (figures->plan.by) {
        case SK_BY_PROCESS:
                sk_report_label_process((sk_process)place, language, out);
                return;
        case SK_BY_LINE:
                sk_report_label_line(place + 1, language, out);
                return;
        case SK_BY_INSTRUCTION:
                sk_report_label_instruction(sk_report_names_at(figures->names, place), language, out);
                return;
        default:
                if (place < WORKFLOWS)
                        sk_report_label_workflow(place + 1, language, out);
                else
                        sk_report_label_undecided((sk_call_type)(place - WORKFLOWS), language, out);
        }
}

const sk_report_names *sk_figures_names(const sk_figures *figures) {
        return figures->names;
}
