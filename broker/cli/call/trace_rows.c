/*
 * The tree of a trace: gathered as rows in order, each with its depth, and printed once it is known which of them are
 * the last of their kind.
 */
#include <assert.h>
#include <time.h>

#include "cli/call/follow.h"
#include "cli/call/trace.h"
#include "cli/print/table.h"
#include "cli/session/ids.h"
#include "kit/alloc.h"
#include "kit/when.h"

#define DEEPEST 64
#define ROWS_MAX 100000
#define SHORT_ID 8
#define WORTH_SAYING_US SK_SECOND_US
#define NAMES_IN_FULL 3

typedef struct row {
        unsigned depth;
        const char *name;
        const char *who;
        const char *remark;
        sk_style style; /**< of the remark */
        int64_t at_us;
        int64_t took_us; /**< negative: nothing to say */
} row;

typedef struct growing {
        const sk_trace *trace;
        sk_cli *cli;
        row *rows;
        size_t count;
        size_t capacity;
        bool is_full;
        const sk_story_call *above[DEEPEST]; /**< the calls that the present one hangs below */
        unsigned above_count;
} growing;

static void add(growing *grow, const row *added) {
        if (grow->count == grow->capacity) {
                size_t capacity = grow->capacity == 0 ? 64 : 2 * grow->capacity;
                row *more = capacity > ROWS_MAX ? NULL : sk_realloc(grow->rows, capacity * sizeof(*more));
                grow->is_full = grow->is_full || more == NULL;
                if (more == NULL)
                        return;
                grow->rows = more;
                grow->capacity = capacity;
        }
        grow->rows[grow->count++] = *added;
}

/* ---- words ---- */

static const char *keep(growing *grow, sk_buf *text) {
        const char *kept = sk_cli_safe(grow->cli, sk_buf_slice(text));
        sk_buf_free(text);
        return kept;
}

/* A dot between what is said already and what comes. */
static sk_buf *next(sk_buf *text) {
        sk_buf_add_text(text, text->len == 0 ? "" : " · ");
        return text;
}

static sk_slice short_name(sk_slice activity) {
        const char *dot = memchr(activity.at, '.', activity.len);
        return dot == NULL ? activity : (sk_slice){dot + 1, (size_t)(activity.at + activity.len - dot) - 1};
}

static int64_t end_of(const growing *grow, int64_t ended_us) {
        return ended_us != 0 ? ended_us : grow->trace->story->now_us;
}

static void add_ending(sk_buf *text, sk_slice outcome, sk_slice code) {
        if (outcome.len == 0 || sk_slice_is(outcome, "completed"))
                return;
        sk_buf_add_slice(next(text), outcome);
        if (code.len > 0 && !sk_slice_equal(code, outcome)) {
                sk_buf_add_text(text, ": ");
                sk_buf_add_slice(text, code);
        }
}

static sk_style style_of(sk_slice outcome) {
        if (outcome.len == 0)
                return SK_YELLOW;
        return sk_slice_is(outcome, "completed") ? SK_PLAIN : SK_RED;
}

/* ---- steps ---- */

static const char *who_of(growing *grow, const sk_story_step *step) {
        sk_buf text = sk_buf_make(4096);
        if (!sk_slice_is(step->how, "manual")) {
                sk_buf_add_slice(&text, sk_slice_is(step->how, "delegate") ? SK_SLICE("delegated") : step->how);
                return keep(grow, &text);
        }
        sk_buf_add_slice(&text, step->profile);
        if (step->actor.len > 0) {
                sk_buf_add_text(&text, text.len == 0 ? "" : ": ");
                sk_buf_add_slice(&text, step->actor);
        }
        return keep(grow, &text);
}

static void add_waits(const growing *grow, const sk_story_call *call, size_t index, sk_buf *text) {
        const sk_story_step *step = &call->steps[index];
        int64_t asked_us = sk_story_step_time(call, index, SK_SPELL_CUSTOMER);
        int64_t waited_us = sk_story_step_time(call, index, SK_SPELL_WAIT);
        bool is_waiting = call->closed_us == 0 && call->current == index;
        if (is_waiting && (call->is_asked || call->is_offered))
                sk_buf_add_format(next(text), "waits for the answer of %.*s", (int)call->customer.len,
                                  call->customer.at);
        else if (is_waiting && sk_slice_is(step->how, "manual"))
                sk_buf_add_text(next(text), call->is_held ? "being done" : "nobody has taken it yet");
        if (asked_us > 0)
                sk_buf_add_format(next(text), "asked %.*s: %s, not counted", (int)call->customer.len, call->customer.at,
                                  sk_cli_long(grow->cli, asked_us));
        if (waited_us >= WORTH_SAYING_US && step->ended_us != 0)
                sk_buf_add_format(next(text), "taken after %s", sk_cli_long(grow->cli, waited_us));
}

static void put_activity(growing *grow, const sk_story_call *call, size_t index, unsigned depth) {
        const sk_story_step *step = &call->steps[index];
        sk_buf text = sk_buf_make(65536);
        sk_buf name = sk_buf_make(4096);
        add_ending(&text, step->outcome, step->code);
        if (step->remark.len > 0)
                sk_buf_add_slice(next(&text), step->remark);
        if (step->is_escalated)
                sk_buf_add_format(next(&text), "escalated: %.*s", (int)step->code.len, step->code.at);
        add_waits(grow, call, index, &text);
        sk_buf_add_slice(&name, short_name(step->activity));
        add(grow, &(row){.depth = depth,
                         .name = keep(grow, &name),
                         .who = who_of(grow, step),
                         .remark = keep(grow, &text),
                         .style = style_of(step->outcome),
                         .at_us = step->entered_us,
                         .took_us = end_of(grow, step->ended_us) - step->entered_us});
}

static void put_cut(growing *grow, const sk_story_call *call, size_t index, unsigned depth) {
        const sk_story_step *step = &call->steps[index];
        sk_buf name = sk_buf_make(65536);
        sk_buf text = sk_buf_make(65536);
        bool is_person = sk_slice_is(step->how, "manual") || step->actor.len > 0;
        sk_buf_add_text(&name, "cut");
        if (step->target.len > 0)
                sk_buf_add_format(&name, " > %.*s", (int)step->target.len, step->target.at);
        if (step->reason.len > 0)
                sk_buf_add_slice(next(&text), step->reason);
        if (step->remark.len > 0)
                sk_buf_add_slice(next(&text), step->remark);
        if (step->attempt > 1)
                sk_buf_add_format(next(&text), "%u. time", step->attempt);
        add_ending(&text, step->outcome, SK_SLICE(""));
        add_waits(grow, call, index, &text);
        add(grow,
            &(row){.depth = depth,
                   .name = keep(grow, &name),
                   .who = is_person && step->target.len == 0 ? who_of(grow, step) : sk_cli_safe(grow->cli, step->rule),
                   .remark = keep(grow, &text),
                   .style = step->outcome.len == 0 && call->current == index ? SK_YELLOW : SK_PLAIN,
                   .at_us = step->entered_us,
                   .took_us = end_of(grow, step->ended_us) - step->entered_us});
}

static bool has_asks(const sk_story_call *call, size_t step) {
        for (size_t i = 0; i < call->ask_count; i++) {
                if (call->asks[i].step == step)
                        return true;
        }
        return false;
}

/* Done by the link itself, and nothing to be said about it. */
static bool is_plain(const sk_story_call *call, size_t index) {
        const sk_story_step *step = &call->steps[index];
        if (step->kind == SK_STORY_SKIPPED)
                return true;
        return step->kind == SK_STORY_ACTIVITY && sk_slice_is(step->how, "auto") &&
               sk_slice_is(step->outcome, "completed") && !has_asks(call, index) &&
               sk_story_step_time(call, index, SK_SPELL_CUSTOMER) == 0;
}

/* Activities that the links did by themselves, one behind the other, and those that were skipped for one reason, are
 * told in one row. */
static bool joins(const sk_story_call *call, size_t a, size_t b) {
        const sk_story_step *first = &call->steps[a];
        const sk_story_step *second = &call->steps[b];
        if (first->kind != second->kind || first->frame != second->frame || !is_plain(call, b))
                return false;
        if (first->kind == SK_STORY_SKIPPED)
                return sk_slice_equal(first->rule, second->rule);
        return second->ended_us - first->entered_us < WORTH_SAYING_US &&
               (first->remark.len == 0 || second->remark.len == 0);
}

/* "accept", "accept · classify", "accept … close". */
static void add_names(sk_buf *name, const sk_story_call *call, size_t begin, size_t end) {
        bool is_long = end - begin > NAMES_IN_FULL;
        sk_buf_add_slice(name, short_name(call->steps[begin].activity));
        for (size_t i = begin + 1; i < end && !is_long; i++) {
                sk_buf_add_text(name, " · ");
                sk_buf_add_slice(name, short_name(call->steps[i].activity));
        }
        if (is_long) {
                sk_buf_add_text(name, " … ");
                sk_buf_add_slice(name, short_name(call->steps[end - 1].activity));
        }
}

/* Returns the index behind the last step told. */
static size_t put_joined(growing *grow, const sk_story_call *call, size_t index, size_t end, unsigned depth) {
        const sk_story_step *first = &call->steps[index];
        bool is_skipped = first->kind == SK_STORY_SKIPPED;
        sk_buf name = sk_buf_make(4096);
        sk_buf text = sk_buf_make(4096);
        sk_slice remark = first->remark;
        const sk_story_step *last = first;
        size_t begin = index;
        for (index++; index < end && joins(call, index - 1, index); index++) {
                last = &call->steps[index];
                remark = last->remark.len > 0 ? last->remark : remark;
        }
        add_names(&name, call, begin, index);
        if (is_skipped)
                sk_buf_add_format(&text, "not applicable: %.*s", (int)first->rule.len, first->rule.at);
        else
                sk_buf_add_slice(&text, remark);
        add(grow, &(row){.depth = depth,
                         .name = keep(grow, &name),
                         .who = is_skipped ? "" : "auto",
                         .remark = keep(grow, &text),
                         .style = is_skipped ? SK_DIM : SK_PLAIN,
                         .at_us = first->entered_us,
                         .took_us = is_skipped ? -1 : last->ended_us - first->entered_us});
        return index;
}

/* ---- calls ---- */

static void put_call(growing *grow, const sk_story_ask *ask, unsigned depth);

static void put_asks(growing *grow, const sk_story_call *call, size_t step, unsigned depth) {
        for (size_t i = 0; i < call->ask_count; i++) {
                if (call->asks[i].step == step)
                        put_call(grow, &call->asks[i], depth);
        }
}

/* The steps from @p index on that belong to @p frame or lie above it. Returns the index behind them. */
static size_t put_frame(growing *grow, const sk_story_call *call, size_t index, unsigned frame, unsigned depth) {
        while (index < call->step_count && call->steps[index].frame >= frame && !grow->is_full) {
                const sk_story_step *step = &call->steps[index];
                if (step->frame > frame && depth < DEEPEST) {
                        index = put_frame(grow, call, index, step->frame, depth + 1);
                        continue;
                }
                if (step->kind == SK_STORY_CUT) {
                        put_cut(grow, call, index, depth);
                } else if (is_plain(call, index)) {
                        index = put_joined(grow, call, index, call->step_count, depth);
                        continue;
                } else {
                        put_activity(grow, call, index, depth);
                }
                put_asks(grow, call, index, depth + 1);
                index++;
        }
        return index;
}

static void put_steps(growing *grow, const sk_story_call *call, unsigned depth) {
        size_t index = 0;
        while (index < call->step_count && !grow->is_full)
                index = put_frame(grow, call, index, 1, depth);
}

static bool is_above(const growing *grow, const sk_story_call *call) {
        for (unsigned i = 0; i < grow->above_count; i++) {
                if (grow->above[i] == call)
                        return true;
        }
        return false;
}

static void put_children(growing *grow, const sk_story_call *call, unsigned depth) {
        if (call == NULL || is_above(grow, call) || grow->above_count == DEEPEST || depth >= DEEPEST)
                return;
        grow->above[grow->above_count++] = call;
        put_steps(grow, call, depth);
        grow->above_count--;
}

/* What its own team tells of a call that was asked. */
static void add_told(const growing *grow, const sk_story_call *asked, sk_buf *text) {
        sk_buf_add_format(next(text), "workflow %s", sk_trace_workflow(grow->cli, asked->workflows));
        add_ending(text, asked->outcome, asked->code);
        if (asked->is_withdrawing && asked->closed_us == 0)
                sk_buf_add_text(next(text), "being withdrawn");
        if (asked->is_late)
                sk_buf_add_format(next(text), "late by %s", sk_margin_text(grow->cli, &asked->margin));
        if (asked->is_headless)
                sk_buf_add_text(next(text), "its first events are no longer there");
}

static void add_untold(const growing *grow, const sk_story_ask *ask, sk_buf *text) {
        if (sk_edition_team(grow->trace->session->edition, ask->team) == NULL)
                sk_buf_add_text(next(text), "a team of another chain");
        else
                sk_buf_add_text(next(text), ask->ended_us != 0 ? "its events are not here" : "not opened yet");
        add_ending(text, ask->outcome, SK_SLICE(""));
}

static const char *call_remark(growing *grow, const sk_story_ask *ask, const sk_story_call *asked) {
        sk_buf text = sk_buf_make(65536);
        sk_buf_add_slice(&text, ask->type);
        sk_buf_add_text(&text, " ");
        sk_buf_add_slice(&text, ask->facility);
        if (ask->attempt > 1)
                sk_buf_add_format(next(&text), "%u. try", ask->attempt);
        if (asked != NULL)
                add_told(grow, asked, &text);
        else
                add_untold(grow, ask, &text);
        if (ask->ended_us == 0)
                sk_buf_add_text(next(&text), "open");
        return keep(grow, &text);
}

static void put_call(growing *grow, const sk_story_ask *ask, unsigned depth) {
        const sk_story_call *asked = sk_story_find(grow->trace->story, &ask->id, ask->team, false);
        sk_process process = sk_story_process(ask->type);
        sk_buf name = sk_buf_make(4096);
        if (process != SK_PROCESSES)
                sk_buf_add_text(&name, sk_process_get(process)->id);
        else
                sk_buf_add_slice(&name, ask->type);
        sk_buf_add_format(&name, " %s", sk_cli_id(grow->cli, &ask->id, SHORT_ID));
        add(grow, &(row){.depth = depth,
                         .name = keep(grow, &name),
                         .who = sk_cli_safe(grow->cli, ask->team),
                         .remark = call_remark(grow, ask, asked),
                         .style = style_of(ask->outcome),
                         .at_us = ask->raised_us,
                         .took_us = end_of(grow, ask->ended_us) - ask->raised_us});
        put_children(grow, asked, depth + 1);
}

static void put_alone(growing *grow, const sk_story_call *call) {
        sk_process process = sk_story_process(call->type);
        const char *name = process == SK_PROCESSES ? sk_cli_safe(grow->cli, call->type) : sk_process_get(process)->id;
        add(grow, &(row){.depth = 0,
                         .name = name,
                         .who = sk_cli_safe(grow->cli, sk_team_name(call->team)),
                         .remark = call->is_headless ? "its first events are no longer there" : "",
                         .style = SK_YELLOW,
                         .at_us = call->first_us,
                         .took_us = end_of(grow, call->closed_us) - call->first_us});
        put_children(grow, call, 1);
}

/* The call itself stands at the top. What its customer's record adds is worth a row only if it led to several calls,
 * or to none yet. */
static void put_top(growing *grow) {
        const sk_trace *trace = grow->trace;
        if (trace->main->is_ask || (trace->top->is_ask && trace->top->ask_count > 1))
                put_asks(grow, trace->top, SK_STORY_NONE, 0);
        else
                put_alone(grow, trace->main);
}

/* ---- printing ---- */

/* Whether another row of the same depth follows below the same row. */
static bool has_next(const growing *grow, size_t index) {
        for (size_t i = index + 1; i < grow->count && grow->rows[i].depth >= grow->rows[index].depth; i++) {
                if (grow->rows[i].depth == grow->rows[index].depth)
                        return true;
        }
        return false;
}

static bool spans_days(const growing *grow) {
        return grow->trace->top->first_us / SK_DAY_US != end_of(grow, grow->trace->top->closed_us) / SK_DAY_US;
}

static void print_row(growing *grow, sk_table *table, size_t index, bool *more, bool has_dates) {
        const row *shown = &grow->rows[index];
        const char *when = sk_cli_when(grow->cli, shown->at_us);
        sk_buf name = sk_buf_make(65536);
        if (shown->depth < DEEPEST)
                more[shown->depth] = has_next(grow, index);
        for (unsigned i = 1; i < shown->depth && i < DEEPEST; i++)
                sk_buf_add_text(&name, more[i] ? "│  " : "   ");
        if (shown->depth > 0)
                sk_buf_add_text(&name, has_next(grow, index) ? "├─ " : "└─ ");
        sk_buf_add_text(&name, shown->name);
        sk_table_cell(table, sk_buf_slice(&name));
        sk_table_cell_text(table, shown->who);
        sk_table_cell_text(table, has_dates && strlen(when) > 5 ? when + 5 : sk_follow_clock(grow->cli, shown->at_us));
        sk_table_cell_text(table, shown->took_us < 0 ? "" : sk_cli_long(grow->cli, shown->took_us));
        sk_table_cell_style(table, sk_slice_of(shown->remark), shown->style);
        sk_buf_free(&name);
}

static const sk_column columns[] = {
        {.title = "WHAT"},
        {.title = "WHO", .shrinks = true},
        {.title = "AT"},
        {.title = "TOOK", .is_right = true},
        {.title = "", .shrinks = true},
};

int sk_trace_rows(const sk_trace *trace) {
        growing grow = {.trace = trace, .cli = trace->session->cli};
        bool more[DEEPEST] = {false};
        put_top(&grow);
        sk_table *table = grow.is_full ? NULL : sk_table_new(grow.cli, columns, sizeof(columns) / sizeof(columns[0]));
        bool has_dates = spans_days(&grow);
        for (size_t i = 0; table != NULL && i < grow.count; i++)
                print_row(&grow, table, i, more, has_dates);
        sk_free(grow.rows);
        return table == NULL ? sk_session_no_memory(trace->session) : sk_table_print(table);
}
