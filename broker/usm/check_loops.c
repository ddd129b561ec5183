/*
 * What shows only across teams: delegations that come back to where they started, and suppliers who promise to be slower
 * than what is promised on the strength of them.
 *
 * A node is one kind of call: (agreement, facility, type). An edge is a call that working on it raises at a next link; it is
 * certain when every call of that kind raises it, whatever its category, priority and outcome at the cut.
 */
#include <assert.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/when.h"
#include "usm/check.h"
#include "usm/reach.h"

#define EDGES_MAX 1000000

/** One call raised for another. */
typedef struct edge {
        uint32_t from;
        uint32_t to;
        bool is_certain;
        uint8_t target;        /**< index in a delegation */
        const sk_way_row *row; /**< a delegation; or */
        const sk_cut_row *cut; /**< the link of a cut, to the process */
        sk_process process;
} edge;

typedef struct call_graph {
        sk_check *check;
        uint32_t *first_node; /**< of each agreement */
        uint32_t node_count;
        edge *edges; /**< in order of `from` */
        size_t edge_count;
        size_t edge_room;
        size_t *first_edge; /**< of each node; one more behind */
        size_t comparisons; /**< of promises in two calendars */
} call_graph;

/** A node taken apart. */
typedef struct kind {
        const sk_agreement *agreement;
        const sk_facility *facility;
        sk_call_type type;
} kind;

static kind kind_of(const call_graph *graph, uint32_t node) {
        assert(node < graph->node_count);
        const sk_edition *edition = graph->check->edition;
        size_t from = 0;
        size_t to = edition->agreement_count;
        while (to - from > 1) {
                size_t middle = from + (to - from) / 2;
                if (graph->first_node[middle] <= node)
                        from = middle;
                else
                        to = middle;
        }
        uint32_t inside = node - graph->first_node[from];
        const sk_agreement *agreement = &edition->agreements[from];
        assert(inside / SK_CALL_TYPES < agreement->facility_count);
        return (kind){agreement, &agreement->facilities[inside / SK_CALL_TYPES],
                      (sk_call_type)(inside % SK_CALL_TYPES)};
}

/** The node of a call to @p target; false if there is none (a wish for something new, or what would be declined). */
static bool find_node(const call_graph *graph, const kind *from, const sk_target *target, uint32_t *out) {
        assert(target != NULL);
        assert(out != NULL);
        const sk_edition *edition = graph->check->edition;
        const sk_agreement *agreement = sk_edition_agreement(edition, from->agreement->provider, target->team);
        sk_slice name = sk_slice_there(target->facility) ? target->facility : from->facility->name;
        const sk_facility *facility = agreement == NULL ? NULL : sk_agreement_facility(agreement, name);
        if (facility == NULL)
                return false;
        sk_call_type type = target->type == SK_SUPPORT_REQUEST ? facility->support_request : target->type;
        if (type >= SK_CALL_TYPES || !sk_agreement_supports(agreement, name, type))
                return false;
        size_t inside = (size_t)(facility - agreement->facilities) * SK_CALL_TYPES + type;
        *out = graph->first_node[agreement - edition->agreements] + (uint32_t)inside;
        assert(*out < graph->node_count);
        return true;
}

static void add_edge(call_graph *graph, const edge *added) {
        assert(added->from < graph->node_count);
        assert(added->to < graph->node_count);
        assert((added->row == NULL) != (added->cut == NULL)); /* either a delegation or a link */
        if (graph->edge_count == EDGES_MAX)
                return;
        if (graph->edge_count == graph->edge_room) {
                size_t room = graph->edge_room == 0 ? 64 : graph->edge_room * 2;
                edge *edges = sk_realloc(graph->edges, room * sizeof *edges);
                if (edges == NULL) {
                        sk_check_out_of_memory(graph->check);
                        return;
                }
                graph->edges = edges;
                graph->edge_room = room;
        }
        graph->edges[graph->edge_count++] = *added;
}

static void add_targets(call_graph *graph, const kind *from, const sk_way_row *row, edge *draft) {
        assert(row->way.target_count <= SK_TARGETS_MAX);
        draft->row = row;
        for (uint8_t i = 0; i < row->way.target_count; i++) {
                draft->target = i;
                if (find_node(graph, from, &row->way.targets[i], &draft->to))
                        add_edge(graph, draft);
        }
}

/** Rows for the activity that some call of this kind follows; the last of them is the one without a condition. */
static void add_activity(call_graph *graph, const kind *from, const sk_activity *activity, sk_selection *selection,
                         edge *draft) {
        assert(activity->process < SK_PROCESSES);
        const uint8_t conditions = SK_SELECTS_CATEGORY | SK_SELECTS_PRIORITY;
        const sk_team *team = sk_edition_team(graph->check->edition, from->agreement->provider);
        const sk_way_list *list = &team->ways[activity->process][activity->name];
        bool was_certain = draft->is_certain;
        for (size_t i = 0; i < list->count; i++) {
                const sk_way_row *row = list->rows[i];
                const sk_routine *routine = row->routine;
                sk_selector known = routine->selector;
                bool has_condition = (known.given & conditions) != 0;
                known.given &= (uint8_t)~conditions;
                if ((routine->workflow != 0 && (selection->workflows & 1U << routine->workflow) == 0) ||
                    !sk_selector_matches(&known, selection) || (row->given & SK_GIVES_HOW) == 0)
                        continue;
                if (has_condition)
                        draft->is_certain = false;
                if (row->way.target_count > 0)
                        add_targets(graph, from, row, draft);
                if (!has_condition)
                        break;
        }
        draft->is_certain = was_certain;
        draft->row = NULL;
}

/** Whether each of @p workflows runs @p process within the team. */
static bool is_on_all(const sk_team *team, const sk_selection *selection, unsigned workflows, sk_process process) {
        assert(process < SK_PROCESSES);
        for (unsigned number = 1; number <= 8; number++) {
                sk_reach reach;
                bool is_there = false;
                if ((workflows & 1U << number) == 0)
                        continue;
                sk_selection one = *selection;
                one.workflows = (uint16_t)(1U << number);
                sk_reach_walk(team, &one, number, &reach);
                for (unsigned i = 0; i < reach.count; i++)
                        is_there |= reach.processes[i] == process;
                if (!is_there)
                        return false;
        }
        return true;
}

static void add_workflow(call_graph *graph, const kind *from, edge *draft, unsigned workflows, unsigned number) {
        assert(number >= 1);
        assert(number <= 8);
        const sk_team *team = sk_edition_team(graph->check->edition, from->agreement->provider);
        sk_selection selection = {.customer = from->agreement->customer,
                                  .facility = from->facility->name,
                                  .workflows = (uint16_t)(1U << number)};
        bool is_only = (workflows & (workflows - 1)) == 0;
        sk_reach reach;
        sk_reach_walk(team, &selection, number, &reach);
        for (unsigned i = 0; i < reach.count; i++) {
                const sk_process_info *info = sk_process_get(reach.processes[i]);
                draft->is_certain = is_only || is_on_all(team, &selection, workflows, info->process);
                for (unsigned j = 0; j < info->count; j++)
                        add_activity(graph, from, &info->activities[j], &selection, draft);
        }
        if (reach.remote == NULL || reach.cut == NULL || !find_node(graph, from, reach.remote, &draft->to))
                return;
        draft->is_certain = is_only;
        draft->cut = reach.cut;
        draft->process = sk_workflow_get(number)->path[reach.count];
        add_edge(graph, draft);
        draft->cut = NULL;
}

static void add_node(call_graph *graph, uint32_t node) {
        assert(node < graph->node_count);
        kind from = kind_of(graph, node);
        unsigned workflows = sk_reach_workflows(from.type);
        edge draft = {.from = node};
        if (from.type == SK_RISK || (from.facility->calls & 1U << from.type) == 0)
                return;
        for (unsigned number = 1; number <= 8; number++) {
                if ((workflows & 1U << number) != 0)
                        add_workflow(graph, &from, &draft, workflows, number);
        }
}

/* ---- saying ---- */

static const sk_target *target_of(const edge *at) {
        assert((at->row == NULL) != (at->cut == NULL));
        return at->row != NULL ? &at->row->way.targets[at->target] : &at->cut->way.link[at->process];
}

/** The finding's place is the team that the delegation or the link names. */
static void say_edge(sk_check *check, const edge *at, sk_severity severity, const char *code, const char *text) {
        assert((at->row == NULL) != (at->cut == NULL));
        char cut[48];
        (void)snprintf(cut, sizeof cut, "%s.cut", at->cut != NULL ? sk_process_get(at->cut->process)->id : "");
        sk_spot root = sk_spot_root(at->row != NULL ? at->row->routine->source : at->cut->routine->source);
        sk_spot activities = sk_spot_member(&root, "activities");
        sk_spot activity = sk_spot_member(&activities, at->row != NULL ? at->row->activity->id : cut);
        sk_spot how = sk_spot_member(&activity, at->row != NULL ? "how" : "link");
        sk_spot inner = sk_spot_member(&how, at->row != NULL ? "delegate" : sk_process_get(at->process)->id);
        sk_spot to = sk_spot_member(&inner, "to");
        sk_spot item = sk_spot_item(&to, at->target);
        sk_spot team = sk_spot_member(at->row != NULL ? &item : &inner, "team");
        sk_check_say(check, &team, severity, code, "%s", text);
}

static void say_loop(call_graph *graph, const edge *const *path, size_t count, bool is_certain) {
        assert(count > 0);
        sk_buf text = sk_buf_make(4096);
        const size_t shown = count < 10 ? count : 10;
        sk_buf_add_text(&text, is_certain ? "every such call comes back to where it started: "
                                          : "some calls may come back to where they started: ");
        for (size_t i = 0; i < shown; i++) {
                kind at = kind_of(graph, path[i]->from);
                sk_buf_add_format(&text, "%s (%s) > ", sk_quote_bare(at.agreement->provider).text,
                                  sk_quote_bare(at.facility->name).text);
        }
        sk_buf_add_format(&text, "%s%s\n", shown < count ? "... > " : "",
                          sk_quote_bare(kind_of(graph, path[0]->from).agreement->provider).text);
        sk_buf_add_text(&text, is_certain ? "let one of these teams do it itself"
                                          : "make sure that the condition ends the round; the link declines a call "
                                            "that comes back as \"loop\"");
        sk_buf_add_byte(&text, '\0');
        if (text.err != SK_OK)
                sk_check_out_of_memory(graph->check);
        else
                say_edge(graph->check, path[count - 1], is_certain ? SK_ERROR : SK_WARNING, "delegation-loop", text.at);
        sk_buf_free(&text);
}

/* ---- looking for rounds: depth first, without recursion ---- */

typedef struct round_search {
        call_graph *graph;
        uint8_t *colours; /**< 0 not seen, 1 on the path, 2 done */
        const edge **path;
        size_t *next; /**< next edge of each node on the path */
        uint32_t *nodes;
        size_t depth;
        bool only_certain;
} round_search;

static void found_round(round_search *search, const edge *back) {
        assert(search->depth > 0);
        size_t from = search->depth - 1;
        bool is_certain = back->is_certain;
        while (search->nodes[from] != back->to)
                from--;
        search->path[search->depth - 1] = back;
        for (size_t i = from; i + 1 < search->depth; i++)
                is_certain &= search->path[i]->is_certain;
        if (is_certain == search->only_certain)
                say_loop(search->graph, &search->path[from], search->depth - from, is_certain);
}

static void push(round_search *search, uint32_t node) {
        assert(search->colours[node] == 0);
        assert(search->depth < search->graph->node_count);
        search->colours[node] = 1;
        search->nodes[search->depth] = node;
        search->next[search->depth] = search->graph->first_edge[node];
        search->depth++;
}

static void search_from(round_search *search, uint32_t start) {
        assert(search->depth == 0);
        const call_graph *graph = search->graph;
        push(search, start);
        while (search->depth > 0) {
                size_t top = search->depth - 1;
                uint32_t node = search->nodes[top];
                if (search->next[top] == graph->first_edge[node + 1]) {
                        search->colours[node] = 2;
                        search->depth--;
                        continue;
                }
                const edge *taken = &graph->edges[search->next[top]++];
                assert(taken->from == node);
                if (search->only_certain && !taken->is_certain)
                        continue;
                search->path[top] = taken;
                if (search->colours[taken->to] == 1)
                        found_round(search, taken);
                else if (search->colours[taken->to] == 0)
                        push(search, taken->to);
        }
        assert(search->depth == 0);
}

static void find_rounds(call_graph *graph, bool only_certain) {
        assert(graph->first_edge != NULL);
        size_t count = graph->node_count;
        round_search search = {
                .graph = graph,
                .colours = sk_alloc_zero(count + 1, sizeof *search.colours),
                .path = sk_alloc_zero(count + 1, sizeof(void *)),
                .next = sk_alloc_zero(count + 1, sizeof *search.next),
                .nodes = sk_alloc_zero(count + 1, sizeof *search.nodes),
                .only_certain = only_certain,
        };
        if (search.colours == NULL || search.path == NULL || search.next == NULL || search.nodes == NULL) {
                sk_check_out_of_memory(graph->check);
        } else {
                for (uint32_t node = 0; node < count && graph->check->err == SK_OK; node++) {
                        if (search.colours[node] == 0)
                                search_from(&search, node);
                }
        }
        sk_free(search.colours);
        sk_free(search.path);
        sk_free(search.next);
        sk_free(search.nodes);
}

/* ---- promises ---- */

/** A promise as its calendar makes it. */
typedef struct owed {
        int64_t within_us;
        const sk_calendar *calendar; /**< NULL: elapsed time */
} owed;

/** What is promised for calls of a priority; 0: in general. */
static owed owed_of(kind of, unsigned priority) {
        assert(priority <= 5);
        const struct sk_facility_promise *promise = &of.facility->promises[of.type];
        bool is_special = priority != 0 && (promise->priorities & 1u << priority) != 0;
        const sk_promise_terms *terms = is_special ? &promise->by_priority[priority] : &promise->terms;
        return (owed){terms->resolve_within_us, promise->calendar};
}

static int64_t due_of(const owed *promise, int64_t from_us) {
        assert(promise->within_us > 0);
        int64_t due_us = INT64_MAX;
        const sk_hours *hours = promise->calendar == NULL ? NULL : promise->calendar->hours;
        if (sk_hours_add(hours, from_us, promise->within_us, &due_us) != SK_OK)
                return INT64_MAX;
        return due_us;
}

#define SAMPLE_FROM_US (INT64_C(20458) * SK_DAY_US) /* Monday 2026-01-05 */
#define SAMPLE_HOURS (52 * 7 * 24)
#define SAMPLE_STEP_HOURS 5  /* meets each hour of the week within a year */
#define COMPARISONS_MAX 1000 /* of promises in two calendars; some seconds at most */

/**
 * Whether what @p got promises may come later than what is @p due. Promises in one calendar are compared as they are;
 * in two, for calls all over a year.
 */
static bool comes_later(call_graph *graph, const owed *got, const owed *due) {
        assert(got != due);
        if (got->within_us == 0 || due->within_us == 0)
                return false;
        if (got->calendar == due->calendar)
                return got->within_us > due->within_us;
        if (++graph->comparisons > COMPARISONS_MAX)
                return false;
        for (int64_t hour = 0; hour < SAMPLE_HOURS; hour += SAMPLE_STEP_HOURS) {
                int64_t from_us = SAMPLE_FROM_US + hour * SK_HOUR_US;
                if (due_of(got, from_us) > due_of(due, from_us))
                        return true;
        }
        return false;
}

static void write_owed(sk_buf *text, const owed *promise) {
        assert(promise->within_us > 0);
        sk_when_duration_write(text, promise->within_us);
        if (promise->calendar != NULL)
                sk_buf_add_format(text, " of %s", sk_quote_bare(promise->calendar->name).text);
}

static void say_too_long(call_graph *graph, const edge *at, const owed *got, const owed *due, unsigned priority) {
        assert(priority <= 5);
        kind from = kind_of(graph, at->from);
        kind to = kind_of(graph, at->to);
        sk_buf text = sk_buf_make(2048);
        sk_buf_add_format(&text, "%s promises ", sk_quote(target_of(at)->team).text);
        write_owed(&text, got);
        sk_buf_add_format(&text, " for %s", sk_quote(to.facility->name).text);
        if (priority != 0)
                sk_buf_add_format(&text, " with priority %u", priority);
        sk_buf_add_format(&text, ", while %s is promised ", sk_quote(from.agreement->customer).text);
        write_owed(&text, due);
        sk_buf_add_format(&text,
                          " for %s\nagree on a shorter time with the supplier, or on a longer one with the customer",
                          sk_quote(from.facility->name).text);
        sk_buf_add_byte(&text, '\0');
        if (text.err != SK_OK)
                sk_check_out_of_memory(graph->check);
        else
                say_edge(graph->check, at, SK_WARNING, "promise-too-long", text.at);
        sk_buf_free(&text);
}

static void say_missing(call_graph *graph, const edge *at, const owed *due, unsigned priority) {
        assert(priority <= 5);
        assert(due->within_us > 0);
        kind from = kind_of(graph, at->from);
        kind to = kind_of(graph, at->to);
        sk_buf text = sk_buf_make(2048);
        sk_buf_add_format(&text, "%s promises nothing for %s", sk_quote(target_of(at)->team).text,
                          sk_quote(to.facility->name).text);
        if (priority != 0)
                sk_buf_add_format(&text, " with priority %u", priority);
        sk_buf_add_format(&text, ", while %s is promised ", sk_quote(from.agreement->customer).text);
        write_owed(&text, due);
        sk_buf_add_format(&text, " for %s\nagree with the supplier by when it is resolved",
                          sk_quote(from.facility->name).text);
        sk_buf_add_byte(&text, '\0');
        if (text.err != SK_OK)
                sk_check_out_of_memory(graph->check);
        else
                say_edge(graph->check, at, SK_WARNING, "promise-missing", text.at);
        sk_buf_free(&text);
}

/** In general, then by priority where either side promises something else for it; the first that comes too late is said. */
static void check_promise(call_graph *graph, const edge *at) {
        assert(at->from < graph->node_count);
        kind from = kind_of(graph, at->from);
        kind to = kind_of(graph, at->to);
        unsigned special = from.facility->promises[from.type].priorities | to.facility->promises[to.type].priorities;
        for (unsigned priority = 0; priority <= 5; priority++) {
                owed due = owed_of(from, priority);
                owed got = owed_of(to, priority);
                if (priority != 0 && (special & 1u << priority) == 0)
                        continue;
                if (due.within_us != 0 && got.within_us == 0) {
                        say_missing(graph, at, &due, priority);
                        return;
                }
                if (comes_later(graph, &got, &due)) {
                        say_too_long(graph, at, &got, &due, priority);
                        return;
                }
        }
}

static void say_unchecked(const call_graph *graph) {
        sk_finding whole = {.severity = SK_NOTICE};
        if (graph->comparisons > COMPARISONS_MAX)
                sk_check_say_at(graph->check, "", &whole, "promise-unchecked",
                                "only the first %d of %zu promises in different calendars were compared\nlet suppliers "
                                "promise in the calendar of those whom they serve",
                                COMPARISONS_MAX, graph->comparisons);
}

static bool make_graph(call_graph *graph) {
        assert(graph->node_count == 0);
        assert(graph->edge_count == 0);
        const sk_edition *edition = graph->check->edition;
        graph->first_node = sk_alloc_zero(edition->agreement_count + 1, sizeof *graph->first_node);
        if (graph->first_node == NULL)
                return false;
        for (size_t i = 0; i < edition->agreement_count; i++) {
                graph->first_node[i] = graph->node_count;
                graph->node_count += (uint32_t)(edition->agreements[i].facility_count * SK_CALL_TYPES);
        }
        graph->first_edge = sk_alloc_zero((size_t)graph->node_count + 1, sizeof *graph->first_edge);
        if (graph->first_edge == NULL)
                return false;
        for (uint32_t node = 0; node < graph->node_count && graph->check->err == SK_OK; node++) {
                graph->first_edge[node] = graph->edge_count;
                add_node(graph, node);
        }
        graph->first_edge[graph->node_count] = graph->edge_count;
        return graph->check->err == SK_OK;
}

void sk_check_loops(sk_check *check) {
        call_graph graph = {.check = check};
        assert(check != NULL);
        if (!make_graph(&graph)) {
                sk_check_out_of_memory(check);
        } else {
                find_rounds(&graph, true);
                find_rounds(&graph, false);
                for (size_t i = 0; i < graph.edge_count && check->err == SK_OK; i++)
                        check_promise(&graph, &graph.edges[i]);
                say_unchecked(&graph);
        }
        sk_free(graph.first_node);
        sk_free(graph.edges);
        sk_free(graph.first_edge);
}
