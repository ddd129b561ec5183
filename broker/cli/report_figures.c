/*
 * Figures. Each call that is under way is followed through its events: at each event the time since the last one is
 * booked on what the call waited for until then.
 */
#include "cli/report_figures.h"

#include <assert.h>

#include "cli/report_call.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define LINES_MAX (16u + 1u) /* hops of an envelope, and the first */
#define WORKFLOWS 8u
#define ROWS_MAX (WORKFLOWS + SK_CALL_TYPES + 1u + LINES_MAX)
#define ARENA_BYTES ((size_t)1 << 20)

struct sk_figures {
        sk_figures_plan plan;
        sk_report_row rows[ROWS_MAX];
        sk_report_names *names;
        sk_report_calls *calls; /**< of the present team */
        sk_idmap *roots;        /**< chains of calls that began with the customer */
        sk_arena *arena;
        uint32_t team;
};

static char mark; /* what stands in `roots` */

static const char *const by_ids[SK_BYS] = {"workflow", "process", "line"};

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
        for (size_t i = 0; i < ROWS_MAX; i++)
                sk_report_row_free(&figures->rows[i]);
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
        if (figures->plan.by != SK_BY_LINE)
                return sk_slice_equal(sk_json_member_string(event->data, "customer", figures->arena),
                                      figures->plan.customer);
        return sk_id_parse(sk_json_member_string(event->data, "rootid", figures->arena), &root) &&
               sk_idmap_get(figures->roots, &root) != NULL;
}

/* ---- rows ---- */

static size_t row_of(const sk_figures *figures, const sk_report_call *call, sk_process process) {
        switch (figures->plan.by) {
        case SK_BY_PROCESS:
                return process;
        case SK_BY_LINE:
                return call->hops;
        default:
                return call->workflow > 0 ? call->workflow - 1u : WORKFLOWS + call->type;
        }
}

static sk_err tell(const sk_figures *figures, const sk_report_call *call, const sk_report_end *end) {
        if (figures->plan.visit == NULL)
                return SK_OK;
        sk_figured figured = {.customer = sk_report_names_at(figures->names, call->customer),
                              .provider = sk_report_names_at(figures->names, figures->team),
                              .type = call->type,
                              .is_open = end == NULL};
        if (end != NULL) {
                figured.outcome = end->outcome;
                figured.lead_us = end->lead_us;
                figured.stopped_us = end->stopped_us;
                figured.is_promised = end->is_promised;
                figured.is_kept = end->is_kept;
        }
        return figures->plan.visit(figures->plan.self, &figured);
}

static sk_err close_run(sk_figures *figures, const sk_report_call *call, const sk_report_run *run,
                        const sk_report_end *end) {
        bool is_whole = figures->plan.by != SK_BY_PROCESS; /* the only run is the call */
        sk_report_ended ended = {.outcome = is_whole ? end->outcome : run->outcome,
                                 .code = is_whole || run->outcome == end->outcome ? end->code : 0,
                                 .lead_us = is_whole ? end->lead_us : run->ended_us - run->begun_us,
                                 .is_promised = is_whole && end->is_promised,
                                 .is_kept = is_whole && end->is_kept,
                                 .is_traced = end->is_traced,
                                 .is_repeated = run->is_repeated,
                                 .parts = run->parts,
                                 .part_count = run->part_count};
        return sk_report_row_add(&figures->rows[row_of(figures, call, run->process)], &ended);
}

/* From sk_report_calls: a call has closed. */
static sk_err on_closed(void *self, const sk_report_call *call, const sk_report_end *end) {
        sk_figures *figures = self;
        if (end->closed_us < figures->plan.from_us)
                return SK_OK;
        sk_err err = tell(figures, call, end);
        for (const sk_report_run *run = call->runs; run != NULL && err == SK_OK; run = run->next)
                err = close_run(figures, call, run, end);
        return err;
}

/* From sk_report_calls: a call was open at the end. */
static sk_err on_open(void *self, const sk_report_call *call) {
        sk_figures *figures = self;
        if (figures->plan.by != SK_BY_PROCESS) {
                figures->rows[row_of(figures, call, SK_PROCESSES)].open++;
                return tell(figures, call, NULL);
        }
        for (const sk_report_run *run = call->runs; run != NULL; run = run->next) {
                if (run->is_running)
                        figures->rows[row_of(figures, call, run->process)].open++;
        }
        return tell(figures, call, NULL);
}

/* ---- teams ---- */

sk_err sk_figures_begin(sk_figures *figures, sk_slice team) {
        assert(figures->calls == NULL);
        figures->team = sk_report_names_add(figures->names, team);
        sk_report_calls_plan plan = {.names = figures->names,
                                     .team = figures->team,
                                     .by_process = figures->plan.by == SK_BY_PROCESS,
                                     .to_us = figures->plan.to_us,
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
        while (place < ROWS_MAX && (!has_any(&figures->rows[place]) || index-- > 0))
                place++;
        assert(place < ROWS_MAX);
        return place;
}

size_t sk_figures_count(const sk_figures *figures) {
        size_t count = 0;
        for (size_t i = 0; i < ROWS_MAX; i++)
                count += has_any(&figures->rows[i]);
        return count;
}

sk_report_row *sk_figures_at(sk_figures *figures, size_t index) {
        return &figures->rows[place_of(figures, index)];
}

unsigned sk_figures_number(const sk_figures *figures, size_t index) {
        unsigned place = (unsigned)place_of(figures, index);
        if (figures->plan.by == SK_BY_PROCESS || (figures->plan.by == SK_BY_WORKFLOW && place >= WORKFLOWS))
                return 0;
        return place + 1;
}

static void add_type(sk_buf *out, sk_call_type type) {
        const char *id = type < SK_CALL_TYPES ? sk_call_type_id(type) : "call";
        for (; *id != '\0'; id++)
                sk_buf_add_byte(out, (uint8_t)(*id == '-' ? ' ' : *id));
}

static void label_workflow(unsigned number, sk_buf *out) {
        const sk_workflow *workflow = sk_workflow_get(number);
        bool is_long = workflow->trigger == SK_INCIDENT || workflow->trigger == SK_RISK;
        sk_buf_add_uint(out, number);
        sk_buf_add_byte(out, ' ');
        add_type(out, workflow->trigger);
        if (is_long && workflow->path[1] == SK_CHANGE)
                sk_buf_add_text(out, ", with a change");
        else if (is_long && workflow->path[1] == SK_AGREE)
                sk_buf_add_text(out, ", with an agreement");
}

static void label_line(unsigned number, sk_buf *out) {
        static const char *const endings[] = {"th", "st", "nd", "rd"};
        sk_buf_add_uint(out, number);
        sk_buf_add_text(out, number < 4 ? endings[number] : endings[0]);
        sk_buf_add_text(out, " line");
}

void sk_figures_label(const sk_figures *figures, size_t index, sk_buf *out) {
        unsigned place = (unsigned)place_of(figures, index);
        if (figures->plan.by == SK_BY_PROCESS) {
                sk_buf_add_text(out, place < SK_PROCESSES ? sk_process_get((sk_process)place)->id : "none");
        } else if (figures->plan.by == SK_BY_LINE) {
                label_line(place + 1, out);
        } else if (place < WORKFLOWS) {
                label_workflow(place + 1, out);
        } else {
                add_type(out, (sk_call_type)(place - WORKFLOWS));
                sk_buf_add_text(out, ", workflow not decided");
        }
}

const sk_report_names *sk_figures_names(const sk_figures *figures) {
        return figures->names;
}
