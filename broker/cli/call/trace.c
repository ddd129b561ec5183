/*
 * `schakel trace`: a call with everything that it caused in other teams, as a tree with times, and where the time went.
 */
#include "cli/call/trace.h"

#include "cli/session/find.h"

static const sk_option options[] = {SK_OPTION_CHAIN, SK_OPTION_LOG, {0}};

const char *sk_trace_workflow(sk_cli *cli, uint16_t workflows) {
        unsigned left = 0;
        sk_buf text = sk_buf_make(256);
        for (unsigned i = 1; i <= 8; i++)
                left += (unsigned)workflows >> i & 1u;
        for (unsigned i = 1; i <= 8; i++) {
                if (((unsigned)workflows >> i & 1u) == 0)
                        continue;
                left--;
                sk_buf_add_format(&text, "%s%u", text.len == 0 ? "" : left == 0 ? " or " : ", ", i);
        }
        const char *kept = text.len == 0 ? "-" : sk_cli_safe(cli, sk_buf_slice(&text));
        sk_buf_free(&text);
        return kept;
}

const char *sk_spell_id(sk_spell_kind kind) {
        static const char *const ids[SK_SPELL_KINDS] = {
                [SK_SPELL_LINK] = "link",         [SK_SPELL_WAIT] = "waiting", [SK_SPELL_WORK] = "work",
                [SK_SPELL_CUSTOMER] = "customer", [SK_SPELL_ASKS] = "asks",    [SK_SPELL_UNSEEN] = "elsewhere"};
        return ids[kind];
}

/* ---- the head ---- */

/* How far the promise is from the end, or from now, in its own hours where they are known. */
static const char *margin_of(const sk_trace *trace, int64_t end_us) {
        const sk_known *known = trace->known;
        bool is_late = end_us > trace->due_us;
        sk_margin between = {.us = trace->due_us - end_us, .service_hours = SK_SLICE("")};
        if (trace->main->closed_us != 0)
                return sk_margin_text(trace->session->cli, &trace->main->margin);
        if (known->open == NULL || known->is_ask)
                return sk_margin_text(trace->session->cli, &between);
        return sk_view_left(trace->session, &known->call, is_late ? end_us : trace->due_us,
                            is_late ? trace->due_us : end_us);
}

static void print_promise(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        const sk_story_call *call = trace->main;
        int64_t end_us = call->closed_us != 0 ? call->closed_us : trace->story->now_us;
        int64_t due_us = trace->due_us;
        if (due_us == 0)
                sk_cli_print(cli, call->closed_us != 0 && !call->is_ask ? "   nothing was promised" : "");
        else if (end_us > due_us)
                sk_cli_print(cli, "   %slate by %s%s", sk_cli_style(cli, SK_RED), margin_of(trace, end_us),
                             sk_cli_style(cli, SK_PLAIN));
        else if (call->closed_us != 0)
                sk_cli_print(cli, "   promise %skept%s, %s to spare", sk_cli_style(cli, SK_GREEN),
                             sk_cli_style(cli, SK_PLAIN), margin_of(trace, end_us));
        else
                sk_cli_print(cli, "   due %s, in %s", sk_cli_when(cli, due_us), margin_of(trace, end_us));
}

static void print_state(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        const sk_story_call *call = trace->main;
        const sk_known *known = trace->known;
        if (call->closed_us == 0) {
                sk_cli_print(cli, "%sopen%s", sk_cli_style(cli, SK_YELLOW), sk_cli_style(cli, SK_PLAIN));
                if (known->open != NULL)
                        sk_cli_print(cli, ": %s", sk_view_stands(trace->session, &known->call));
                return;
        }
        bool is_good = sk_slice_is(call->outcome, "completed");
        sk_cli_print(cli, "%s%s%s", sk_cli_style(cli, is_good ? SK_GREEN : SK_RED), sk_cli_safe(cli, call->outcome),
                     sk_cli_style(cli, SK_PLAIN));
        if (call->code.len > 0 && !sk_slice_equal(call->code, call->outcome))
                sk_cli_print(cli, ": %s", sk_cli_safe(cli, call->code));
}

/* The provider said that it is a call of another type. */
static void print_again(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        const sk_story_call *top = trace->top;
        if (!top->is_ask || top->ask_count < 2)
                return;
        const sk_story_ask *last = &top->asks[top->ask_count - 1];
        sk_cli_print(cli, ", raised again as %s: %s", sk_cli_safe(cli, last->type),
                     last->outcome.len == 0 ? "open" : sk_cli_safe(cli, last->outcome));
}

static void print_what(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        const sk_story_call *call = trace->main;
        sk_slice need = sk_known_need(trace->session, trace->known);
        sk_slice from = call->is_ask ? sk_team_name(call->team) : call->customer;
        sk_slice to = call->is_ask && call->ask_count > 0 ? call->asks[0].team : sk_team_name(call->team);
        sk_cli_print(cli, "%s%s %s%s", sk_cli_style(cli, SK_BOLD), sk_cli_safe(cli, call->type),
                     sk_cli_safe(cli, call->facility), sk_cli_style(cli, SK_PLAIN));
        if (need.len > 0)
                sk_cli_print(cli, " \"%s\"", sk_cli_safe(cli, need));
        sk_cli_print(cli, "   %s > %s\n", sk_cli_safe(cli, from), sk_cli_safe(cli, to));
}

static void print_head(const sk_trace *trace) {
        sk_cli *cli = trace->session->cli;
        const sk_story_call *call = trace->main;
        int64_t end_us = call->closed_us != 0 ? call->closed_us : trace->story->now_us;
        char id[SK_ID_TEXT + 1] = "";
        sk_id_format(&call->id, id);
        print_what(trace);
        if (call->workflows != 0)
                sk_cli_print(cli, "workflow %s   ", sk_trace_workflow(cli, call->workflows));
        sk_cli_print(cli, "%s   ", sk_cli_long(cli, end_us - call->first_us));
        print_state(trace);
        print_again(trace);
        print_promise(trace);
        sk_cli_print(cli, "\n%s%s%s\n", sk_cli_style(cli, SK_DIM), id, sk_cli_style(cli, SK_PLAIN));
        if (call->rootid.len == SK_ID_TEXT && memcmp(call->rootid.at, id, SK_ID_TEXT) != 0)
                sk_cli_print(cli, "part of a larger call: schakel trace %s\n", sk_cli_safe(cli, call->rootid));
        sk_cli_print(cli, "\n");
}

/* ---- the command ---- */

static int print(const sk_trace *trace) {
        if (sk_cli_is_json(trace->session->cli))
                return sk_trace_json(trace);
        print_head(trace);
        int status = sk_trace_rows(trace);
        if (status == SK_EXIT_OK)
                sk_trace_time(trace);
        return status;
}

static int nothing_told(const sk_session *session, const sk_known *known, const char *text) {
        if (known->team == NULL)
                return sk_cli_fail(session->cli, text, "schakel calls lists what is open; --closed what was",
                                   "there is no such call here");
        return sk_cli_fail(session->cli, text, "schakel show tells what is left of it",
                           "its events are no longer in the log");
}

/* What the call stands for: with the customer's record at the top, if there is one. */
static int show_story(const sk_session *session, const char *text, const sk_id *id, const sk_known *known,
                      const sk_story *story) {
        const sk_story_call *ask = sk_story_find(story, id, SK_NONE, true);
        const sk_story_call *call = sk_story_find(story, id, SK_NONE, false);
        sk_trace trace = {.session = session, .story = story, .known = known};
        if (ask == NULL && call == NULL)
                return nothing_told(session, known, text);
        bool is_ours = ask != NULL && ask->ask_count > 0;
        trace.top = is_ours ? ask : call != NULL ? call : ask;
        trace.main = call != NULL ? call : ask;
        trace.due_us = trace.main->due_us;
        if (trace.main->closed_us == 0 && known->open != NULL && !known->is_ask)
                trace.due_us = sk_view_due_us(session, &known->call, story->now_us);
        return print(&trace);
}

static int trace_call(const sk_session *session, const char *text) {
        sk_id id;
        sk_known known;
        sk_story *story;
        int status = sk_find_call(session, NULL, text, &id);
        if (status == SK_EXIT_OK)
                status = sk_known_load(session, NULL, &id, &known);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_story_read(session, NULL, &id, true, &story);
        if (status == SK_EXIT_OK) {
                status = show_story(session, text, &id, &known, story);
                sk_story_free(story);
        }
        sk_known_free(&known);
        return status;
}

static int trace_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = trace_call(&session, argv[0]);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_trace = {
        .name = "trace",
        .text = "show a call with everything it caused in other teams, and where the time went",
        .arguments = "CALL",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .details =
                "A tree of what each team did, over delegated work and remote cuts, from the events of all teams.\n"
                "What links did by themselves stands in one row. Below it, where the time went: to the teams that\n"
                "were at work, to whoever was asked, to waiting for somebody to take a task, and to the links. While\n"
                "several teams worked at the same time, it counts for the one that all had to wait for.",
        .example = "schakel trace 5f2ac41e",
        .run = trace_run,
};
