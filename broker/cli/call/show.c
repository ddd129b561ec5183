/*
 * `schakel show`: one call: what it is, what was promised, where it stands, who has it, and what came of it.
 */
#include "cli/call/show.h"

#include <stdarg.h>

#include "cli/call/trace.h"
#include "cli/print/plain.h"
#include "cli/session/find.h"
#include "cli/session/ids.h"
#include "cli/session/next.h"
#include "cli/story/margin.h"
#include "kit/json_scan.h"
#include "link/data.h"

#define SHORT_ID 8
#define LABEL 12

static const sk_option options[] = {SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, {0}};

static void label(sk_cli *cli, const char *text) {
        sk_cli_print(cli, "%s%-*s%s ", sk_cli_style(cli, SK_DIM), LABEL, text, sk_cli_style(cli, SK_PLAIN));
}

/* ---- the head ---- */

static sk_slice type_of(const sk_show *show) {
        const sk_known *known = show->known;
        return known->open != NULL ? sk_slice_of(sk_call_type_id(known->call.type))
                                   : sk_known_text(show->session, known, "type");
}

static sk_slice facility_of(const sk_show *show) {
        const sk_known *known = show->known;
        return known->open != NULL ? known->call.facility : sk_known_text(show->session, known, "facility");
}

static sk_slice customer_of(const sk_show *show) {
        const sk_known *known = show->known;
        if (known->is_ask)
                return sk_team_name(known->team);
        return known->open != NULL ? known->open->customer : sk_known_text(show->session, known, "customer");
}

static sk_slice provider_of(const sk_show *show) {
        const sk_known *known = show->known;
        if (!known->is_ask)
                return sk_team_name(known->team);
        if (known->open != NULL && known->call.ask_count > 0)
                return known->call.asks[0].provider;
        return show->run_count > 0 ? show->runs[show->run_count - 1].team : SK_SLICE("?");
}

static uint16_t workflows_of(const sk_show *show) {
        const sk_known *known = show->known;
        int64_t number = known->open != NULL ? known->call.workflow : 0;
        if (known->open == NULL)
                (void)sk_json_member_int(known->archived, "workflow", 1, 8, &number);
        if (number != 0)
                return (uint16_t)(1u << number);
        return show->story != NULL ? show->story->workflows : 0;
}

static void print_head(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        sk_slice need = sk_known_need(show->session, show->known);
        char id[SK_ID_TEXT + 1] = "";
        sk_id_format(&show->id, id);
        sk_cli_print(cli, "%s%s %s%s", sk_cli_style(cli, SK_BOLD), sk_cli_safe(cli, type_of(show)),
                     sk_cli_safe(cli, facility_of(show)), sk_cli_style(cli, SK_PLAIN));
        if (need.len > 0)
                sk_cli_print(cli, " \"%s\"", sk_cli_safe(cli, need));
        sk_cli_print(cli, "   %s > %s", sk_cli_safe(cli, customer_of(show)), sk_cli_safe(cli, provider_of(show)));
        if (workflows_of(show) != 0)
                sk_cli_print(cli, "   workflow %s", sk_trace_workflow(cli, workflows_of(show)));
        sk_cli_print(cli, "\n");
        label(cli, "call");
        sk_cli_print(cli, "%s\n", id);
}

/* ---- promise ---- */

/* A promise and how far from it something was done, or is still to be done. */
typedef struct promised {
        const char *what;
        int64_t due_us;
        bool is_done;
        bool is_late;
        const char *margin;
} promised;

static void print_promised(sk_cli *cli, const promised *promise) {
        sk_cli_print(cli, "%s by %s, ", promise->what, sk_cli_when(cli, promise->due_us));
        if (promise->is_late)
                sk_cli_print(cli, "%slate by %s%s", sk_cli_style(cli, SK_RED), promise->margin,
                             sk_cli_style(cli, SK_PLAIN));
        else
                sk_cli_print(cli, promise->is_done ? "kept with %s to spare" : "in %s", promise->margin);
}

/* Of an open call, whose service hours are known here. */
static void print_open_promise(const sk_show *show, const char *what, int64_t due_us, int64_t done_us) {
        int64_t end_us = done_us != 0 ? done_us : show->now_us;
        bool is_late = end_us > due_us;
        const char *margin =
                sk_view_left(show->session, &show->known->call, is_late ? end_us : due_us, is_late ? due_us : end_us);
        print_promised(show->session->cli, &(promised){what, due_us, done_us != 0, is_late, margin});
}

/* A record that tells no margin was closed by a link that did not count it: then it is the time between. */
static void print_closed_promise(const sk_show *show, sk_slice clock, int64_t due_us, int64_t closed_us) {
        sk_cli *cli = show->session->cli;
        sk_margin margin = {.us = due_us - closed_us, .service_hours = SK_SLICE("")};
        (void)sk_margin_read(cli, clock, &margin);
        print_promised(cli, &(promised){"resolve", due_us, true, closed_us > due_us, sk_margin_text(cli, &margin)});
}

static void print_stopped(sk_cli *cli, int64_t stopped_us, bool stands) {
        if (stopped_us <= 0 && !stands)
                return;
        label(cli, "");
        sk_cli_print(cli, "the clock %s %s\n", stands ? "stands, so far" : "stood", sk_cli_long(cli, stopped_us));
}

static void print_promise_open(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        int64_t due_us = sk_view_due_us(show->session, call, show->now_us);
        label(cli, "promise");
        if (call->respond_by_us != 0) {
                print_open_promise(show, "respond", call->respond_by_us, call->accepted_us);
                sk_cli_print(cli, "\n");
                label(cli, "");
        }
        if (due_us != 0)
                print_open_promise(show, "resolve", due_us, 0);
        else
                sk_cli_print(cli, "nothing about when it is resolved");
        sk_cli_print(cli, "\n");
        int64_t forecast_us = sk_view_forecast_us(show->session, call, show->now_us);
        if (forecast_us != 0) {
                label(cli, "forecast");
                sk_cli_print(cli, "%s, as its customer was told\n", sk_cli_when(cli, forecast_us));
        }
        print_stopped(cli, sk_view_stood_us(show->session, call, show->now_us), call->clock_stands);
}

static void print_promise_closed(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        sk_slice clock = sk_json_member(show->known->archived, "clock");
        int64_t due_us = sk_known_time(show->session, clock, "due");
        int64_t closed_us = sk_known_time(show->session, show->known->archived, "closed");
        label(cli, "promise");
        if (due_us != 0)
                print_closed_promise(show, clock, due_us, closed_us);
        else
                sk_cli_print(cli, "nothing about when it is resolved");
        sk_cli_print(cli, "\n");
        if (show->story != NULL)
                print_stopped(cli, show->story->stopped_us, false);
}

/* ---- where it stands ---- */

static void print_holder(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_visit *visit = &show->known->call.visit;
        if (visit->number == 0 || visit->how != SK_HOW_MANUAL)
                return;
        label(cli, "held by");
        if (visit->holder.len > 0)
                sk_cli_print(cli, "%s, as %s", sk_cli_safe(cli, visit->holder), sk_cli_safe(cli, visit->responsible));
        else
                sk_cli_print(cli, "%snobody%s: it is for %s", sk_cli_style(cli, SK_YELLOW), sk_cli_style(cli, SK_PLAIN),
                             sk_cli_safe(cli, visit->responsible));
        if (visit->accountable.len > 0)
                sk_cli_print(cli, "; %s is accountable", sk_cli_safe(cli, visit->accountable));
        if (visit->instead_of.len > 0)
                sk_cli_print(cli, " for %s, who is away", sk_cli_safe(cli, visit->instead_of));
        sk_cli_print(cli, "%s\n", visit->is_escalated ? "; escalated" : "");
}

/** Why the provider of an ask says that it is late; SK_NONE: it has not said why. */
static sk_slice late_reason(const sk_show *show, unsigned index) {
        sk_slice data = show->known->open->data;
        sk_section section;
        if (!sk_slice_there(data) || !sk_data_check(data) ||
            !sk_data_find(data, SK_SECTION_LATE, (uint8_t)index, &section))
                return SK_NONE;
        return sk_json_member_string(section.bytes, "reason", sk_cli_arena(show->session->cli));
}

/* What was promised, and what is expected since that was said to be too late. */
static void print_ask_times(const sk_show *show, unsigned index) {
        sk_cli *cli = show->session->cli;
        const sk_ask *ask = &show->known->call.asks[index];
        if (ask->standing == SK_CLOSED)
                return;
        if (ask->promised_us != 0) {
                label(cli, "");
                sk_cli_print(cli, "promised for %s\n", sk_cli_when(cli, ask->promised_us));
        }
        if (ask->forecast_us == 0)
                return;
        sk_slice reason = late_reason(show, index);
        label(cli, "");
        sk_cli_print(cli, "%slate%s: expected at %s", sk_cli_style(cli, SK_RED), sk_cli_style(cli, SK_PLAIN),
                     sk_cli_when(cli, ask->forecast_us));
        sk_cli_print(cli, "%s%s\n", reason.len > 0 ? ", " : "", sk_cli_safe(cli, reason));
}

static void print_asks(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                label(cli, i == 0 ? "asked" : "");
                sk_cli_print(cli, "%s  %s: %s of %s, %s%s\n", sk_cli_id(cli, &ask->id, SHORT_ID),
                             sk_cli_safe(cli, ask->provider), sk_call_type_id(ask->type),
                             sk_cli_safe(cli, ask->facility),
                             ask->standing == SK_CLOSED ? sk_outcome_id(ask->outcome) : sk_standing_id(ask->standing),
                             ask->is_onward ? ", onward" : "");
                print_ask_times(show, i);
        }
}

static void print_components(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        for (unsigned i = 0; i < call->component_count; i++) {
                label(cli, i == 0 ? "components" : "");
                sk_cli_print(cli, "%s\n", sk_cli_safe(cli, call->components[i]));
        }
        if (call->component_count > 0 && call->cut_reason.len > 0) {
                label(cli, "");
                sk_cli_print(cli, "%s\n", sk_cli_safe(cli, call->cut_reason));
        }
}

static void print_class(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        if (call->priority == 0)
                return;
        label(cli, "priority");
        sk_cli_print(cli, "%u", call->priority);
        if (call->category.len > 0)
                sk_cli_print(cli, ", category %s", sk_cli_safe(cli, call->category));
        sk_cli_print(cli, "\n");
}

static void print_open(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        int64_t since_us = call->visit.number != 0 ? call->visit.entered_us : call->opened_us;
        if (!show->known->is_ask)
                print_promise_open(show);
        label(cli, "stands at");
        sk_cli_print(cli, "%s, for %s\n", sk_view_stands(show->session, call),
                     sk_cli_long(cli, show->now_us - since_us));
        print_holder(show);
        label(cli, "opened");
        sk_cli_print(cli, "%s, %s ago\n", sk_cli_when(cli, call->opened_us),
                     sk_cli_long(cli, show->now_us - call->opened_us));
        print_class(show);
        print_components(show);
        print_asks(show);
}

/* ---- closed ---- */

/* Components lie in the decision at the cut; the last one counts. */
static bool on_decision(void *self, const sk_known_piece *piece) {
        sk_slice *components = self;
        sk_slice cut = strcmp(piece->kind, "result") == 0 ? sk_json_member(piece->value, "cut") : SK_NONE;
        sk_slice found = sk_slice_there(cut) ? sk_json_member(cut, "components") : SK_NONE;
        if (sk_slice_there(found))
                *components = found;
        return true;
}

static void put_component(void *self, sk_slice name, sk_slice value) {
        sk_cli *cli = self;
        (void)name;
        if (value.len == 0)
                return;
        label(cli, "components");
        sk_cli_print(cli, "%s\n", sk_cli_safe(cli, value));
}

static void print_asked(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_story_call *story = show->story;
        for (size_t i = 0; story != NULL && !show->known->is_ask && i < story->ask_count; i++) {
                const sk_story_ask *ask = &story->asks[i];
                label(cli, i == 0 ? "asked" : "");
                sk_cli_print(cli, "%s  %s: %s of %s, %s\n", sk_cli_id(cli, &ask->id, SHORT_ID),
                             sk_cli_safe(cli, ask->team), sk_cli_safe(cli, ask->type), sk_cli_safe(cli, ask->facility),
                             sk_cli_safe(cli, ask->outcome));
        }
}

static void print_closed(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        sk_slice outcome = sk_known_text(show->session, show->known, "outcome");
        sk_slice code = sk_known_text(show->session, show->known, "code");
        bool has_code = code.len > 0 && !sk_slice_equal(code, outcome);
        sk_slice components = SK_NONE;
        int64_t opened_us = sk_known_time(show->session, show->known->archived, "opened");
        int64_t closed_us = sk_known_time(show->session, show->known->archived, "closed");
        if (!show->known->is_ask)
                print_promise_closed(show);
        label(cli, "closed");
        sk_cli_print(cli, "%s%s%s%s%s, %s, after %s\n",
                     sk_cli_style(cli, sk_slice_is(outcome, "completed") ? SK_GREEN : SK_RED),
                     sk_cli_safe(cli, outcome), sk_cli_style(cli, SK_PLAIN), has_code ? ": " : "",
                     has_code ? sk_cli_safe(cli, code) : "", sk_cli_when(cli, closed_us),
                     sk_cli_long(cli, closed_us - opened_us));
        label(cli, "opened");
        sk_cli_print(cli, "%s\n", sk_cli_when(cli, opened_us));
        sk_known_pieces(show->session, show->known, on_decision, &components);
        if (sk_slice_there(components))
                sk_plain_walk(cli, components, put_component, cli);
        print_asked(show);
}

/* ---- notes, questions ---- */

static bool print_piece(void *self, const sk_known_piece *piece) {
        const sk_show *show = self;
        sk_cli *cli = show->session->cli;
        bool is_note = strcmp(piece->kind, "note") == 0;
        bool is_question = strcmp(piece->kind, "question") == 0 || strcmp(piece->kind, "ask-question") == 0;
        const char *names[] = {"text", "answer", "reason", "decision"};
        const char *labels[] = {"note", "answer", "reason", "decision"};
        sk_slice text = SK_NONE;
        size_t found = 0;
        if (!is_note && !(is_question && show->known->open != NULL))
                return true;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !sk_slice_there(text); i++) {
                text = sk_json_member_string(piece->value, names[i], sk_cli_arena(cli));
                found = i;
        }
        if (!sk_slice_there(text))
                return true;
        label(cli, is_note ? labels[found] : "question");
        sk_cli_print(cli, "%s\n", sk_cli_safe(cli, text));
        return true;
}

/* ---- results ---- */

static void print_runs(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        for (size_t i = 0; i < show->run_count; i++) {
                const sk_show_run *run = &show->runs[i];
                bool runs = run->outcome.len == 0 && show->known->open != NULL;
                const char *outcome = runs ? "runs" : run->outcome.len == 0 ? "ended" : NULL;
                sk_cli_print(cli, "\n%s%s%s   %s   %s", sk_cli_style(cli, SK_BOLD), sk_process_get(run->process)->id,
                             sk_cli_style(cli, SK_PLAIN), outcome != NULL ? outcome : sk_cli_safe(cli, run->outcome),
                             sk_cli_safe(cli, run->team));
                if (run->is_remote && !sk_id_equal(&run->ask, &show->id))
                        sk_cli_print(cli, "   schakel show %s", sk_cli_id(cli, &run->ask, SHORT_ID));
                sk_cli_print(cli, "\n");
                if (sk_slice_there(run->result))
                        sk_plain_print(cli, run->result, 2);
                else if (!runs)
                        sk_cli_print(cli, run->is_remote ? "  the other link tells no result\n"
                                                         : "  nothing was recorded but the outcome\n");
        }
}

/* Whether what is said is for members of @p team: --as names it, or names no team. */
static bool is_for(const sk_show *show, sk_slice team) {
        const char *as = sk_cli_text(show->session->cli, "as");
        const char *at = as == NULL ? NULL : strchr(as, '@');
        sk_slice named = sk_slice_of(at != NULL ? at + 1 : as);
        bool is_team = sk_slice_there(named) && sk_edition_team(show->session->edition, named) != NULL;
        return !is_team || sk_slice_equal(named, team);
}

/* What the customer is asked; what there is to do for those who serve it. */
static void print_hints(const sk_show *show) {
        sk_cli *cli = show->session->cli;
        const sk_call *call = &show->known->call;
        const char *id = sk_cli_id(cli, &show->id, SHORT_ID);
        const char *customer = sk_cli_safe(cli, customer_of(show));
        bool is_asked = call->question != 0 || (show->known->is_ask && call->asks[0].question != 0);
        bool is_offered = call->offer != 0 || (show->known->is_ask && call->asks[0].offer != 0);
        bool is_task = call->visit.number != 0 && call->visit.how == SK_HOW_MANUAL && is_for(show, provider_of(show));
        sk_cli_print(cli, "\n");
        if (is_asked && is_for(show, customer_of(show)))
                sk_next_print_as(cli, customer, "answer it", "answer %s 'ANSWER'", id);
        else if (is_offered && is_for(show, customer_of(show)))
                sk_next_print_as(cli, customer, "answer it (accept or refuse)", "answer %s accept", id);
        else if (is_task && call->visit.holder.len == 0)
                sk_next_print(cli, "claim it", "task claim %s", id);
        if (is_task)
                sk_next_print(cli, "what is to be done", "task show %s", id);
        sk_next_print(cli, "all that was done for it", "trace %s", id);
}

static int print(const sk_show *show) {
        if (sk_cli_is_json(show->session->cli))
                return sk_show_json(show);
        print_head(show);
        if (show->known->open != NULL)
                print_open(show);
        else
                print_closed(show);
        sk_known_pieces(show->session, show->known, print_piece, (void *)(uintptr_t)show);
        print_runs(show);
        if (show->known->open != NULL)
                print_hints(show);
        return SK_EXIT_OK;
}

/* ---- the command ---- */

/* Journal and archive may have forgotten what the events still tell. */
static int nobody_knows(const sk_session *session, const char *text, const sk_id *id) {
        sk_story *story;
        int status = sk_story_read(session, NULL, id, false, &story);
        if (status != SK_EXIT_OK)
                return status;
        bool is_told = story->count > 0;
        sk_story_free(story);
        if (is_told && sk_cli_text(session->cli, "team") != NULL)
                return sk_cli_fail(session->cli, text, "show it without --team", "that team does not know the call");
        if (is_told)
                return sk_cli_fail(session->cli, text, "schakel trace shows them", "only its events are left");
        return sk_cli_fail(session->cli, text, "schakel calls lists what is open; --closed what was",
                           "there is no such call here");
}

static int show_known(const sk_session *session, const char *text, const sk_id *id, const sk_known *known) {
        sk_show show = {.session = session, .known = known, .id = *id, .now_us = sk_cli_now_us()};
        sk_story *story;
        if (known->team == NULL)
                return nobody_knows(session, text, id);
        int status = sk_story_read(session, known->team, id, false, &story);
        if (status != SK_EXIT_OK)
                return status;
        show.story = sk_story_find(story, id, sk_team_name(known->team), known->is_ask);
        sk_show_find_runs(&show);
        status = print(&show);
        sk_story_free(story);
        return status;
}

static int show_call(const sk_session *session, const char *text) {
        const sk_team *team;
        sk_id id;
        sk_known known;
        int status = sk_session_team(session, &team);
        if (status == SK_EXIT_OK)
                status = sk_find_call(session, NULL, text, &id);
        if (status == SK_EXIT_OK)
                status = sk_known_load(session, team, &id, &known);
        if (status != SK_EXIT_OK)
                return status;
        status = show_known(session, text, &id, &known);
        sk_known_free(&known);
        return status;
}

static int show_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = show_call(&session, argv[0]);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_show = {
        .name = "show",
        .text = "show one call: promise, where it stands, who has it, and the result of each process",
        .arguments = "CALL",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .details =
                "Open calls come from the journal of the team that serves them, closed ones from its archive. --team\n"
                "shows what that team knows of the call: the one that raised it knows less.",
        .example = "schakel show 5f2ac41e\nschakel show 5f2ac41e --team finance --json",
        .run = show_run,
};
