/*
 * `schakel task show`: one task for somebody on the first day: what it is, for whom, by when, what to do, what to enter,
 * and what comes then.
 */
#include "cli/ids.h"
#include "cli/tasks.h"
#include "kit/json_scan.h"
#include "usm/text.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {0},
};

static void heading(sk_cli *cli, const char *text) {
        sk_cli_print(cli, "%s%-25s%s", sk_cli_style(cli, SK_BOLD), text, sk_cli_style(cli, SK_PLAIN));
}

/* Each line of the text on a line of its own, below the first. */
static void print_lines(sk_cli *cli, sk_slice text) {
        size_t at = 0;
        do {
                const char *newline = at < text.len ? memchr(text.at + at, '\n', text.len - at) : NULL;
                size_t end = newline == NULL ? text.len : (size_t)(newline - text.at);
                sk_cli_print(cli, "%*s%s\n", at == 0 ? 0 : 25, "",
                             sk_cli_safe(cli, (sk_slice){text.at + at, end - at}));
                at = end + 1;
        } while (at < text.len);
}

/* ---- the form ---- */

static bool is_required(sk_slice form, sk_slice raw_name) {
        sk_slice required = sk_json_member(form, "required");
        sk_slice name;
        sk_slice value;
        if (!sk_slice_there(required) || sk_json_kind_of(required) != SK_JSON_ARRAY)
                return false;
        sk_json_walk walk = sk_json_walk_make(required);
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (value.len == raw_name.len + 2 && memcmp(value.at + 1, raw_name.at, raw_name.len) == 0)
                        return true;
        }
        return false;
}

static void print_choices(sk_cli *cli, sk_slice property) {
        sk_slice choices = sk_json_member(property, "enum");
        sk_slice name;
        sk_slice value;
        const char *separator = " (";
        if (!sk_slice_there(choices) || sk_json_kind_of(choices) != SK_JSON_ARRAY)
                return;
        sk_json_walk walk = sk_json_walk_make(choices);
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice text = sk_json_string(value, sk_cli_arena(cli));
                sk_cli_print(cli, "%s%s", separator, sk_cli_safe(cli, sk_slice_there(text) ? text : value));
                separator = ", ";
        }
        sk_cli_print(cli, ")");
}

static void print_property(sk_cli *cli, sk_slice form, sk_slice raw_name, sk_slice property) {
        sk_slice title = sk_json_member_string(property, "title", sk_cli_arena(cli));
        sk_slice type = sk_json_member_string(property, "type", sk_cli_arena(cli));
        sk_cli_print(cli, "%s%s", sk_cli_safe(cli, raw_name), is_required(form, raw_name) ? "*" : "");
        if (sk_slice_there(title))
                sk_cli_print(cli, ": %s", sk_cli_safe(cli, title));
        print_choices(cli, property);
        if (sk_slice_there(type) && !sk_slice_is(type, "string") && !sk_slice_there(sk_json_member(property, "enum")))
                sk_cli_print(cli, " (%s)", sk_cli_safe(cli, type));
        if (sk_slice_there(sk_json_member(property, "default")))
                sk_cli_print(cli, " [%s]", sk_cli_safe(cli, sk_json_member(property, "default")));
        sk_cli_print(cli, "\n");
}

static void print_form(sk_cli *cli, sk_slice form) {
        sk_slice properties = sk_json_member(form, "properties");
        sk_slice name;
        sk_slice value;
        bool is_first = true;
        if (!sk_slice_there(properties) || sk_json_kind_of(properties) != SK_JSON_OBJECT)
                return;
        heading(cli, "To enter");
        sk_json_walk walk = sk_json_walk_make(properties);
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_cli_print(cli, "%*s", is_first ? 0 : 25, "");
                print_property(cli, form, name, value);
                is_first = false;
        }
}

/* ---- what comes then ---- */

static void print_next(const sk_session *session, const sk_task *task) {
        sk_cli *cli = session->cli;
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        const sk_process_info *info = sk_process_get(frame->process);
        heading(cli, "Then");
        if (frame->step == SK_AT_CUT) {
                sk_cli_print(cli, "the process that was decided on, then %s\n",
                             sk_activity_text(&info->activities[info->before_cut])->text[SK_ENGLISH]);
                return;
        }
        unsigned next = frame->step + 1u;
        if (next == info->before_cut && next < info->count)
                sk_cli_print(cli, "the cut: %s\n", sk_cut_text(frame->process)->text[SK_ENGLISH]);
        else if (next < info->count)
                sk_cli_print(cli, "%s\n", sk_activity_text(&info->activities[next])->text[SK_ENGLISH]);
        else if (task->call->frame_count > 1)
                sk_cli_print(cli, "back to %s\n",
                             sk_process_get(task->call->frames[task->call->frame_count - 2].process)->id);
        else
                sk_cli_print(cli, "the call is closed\n");
}

static void print_command(const sk_session *session, const sk_task *task, size_t id_length) {
        sk_cli *cli = session->cli;
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        const char *id = sk_cli_id(cli, &task->record->id, id_length);
        if (task->call->visit.accountable.len == 0)
                sk_cli_print(cli, "nobody is accountable; a coordinator says who: schakel task appoint %s PERSON\n",
                             id);
        if (task->call->visit.holder.len == 0)
                sk_cli_print(cli, "claim it: schakel task claim %s, or be asked for all: schakel task do %s\n", id, id);
        else if (frame->step == SK_AT_CUT)
                sk_cli_print(cli, "decide it: schakel task complete %s --cut PROCESS --component NAME\n", id);
        else
                sk_cli_print(cli, "complete it: schakel task complete %s --set NAME=VALUE\n", id);
}

/* ---- the consulted ---- */

/* The names of a list, with commas. */
static void print_names(sk_cli *cli, sk_slice names) {
        sk_json_walk walk = sk_json_walk_make(names);
        sk_slice name;
        sk_slice value;
        const char *separator = "";
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_cli_print(cli, "%s%s", separator, sk_cli_safe(cli, sk_json_string(value, sk_cli_arena(cli))));
                separator = ", ";
        }
}

static void print_advice(sk_cli *cli, const sk_task_advice *advice, bool is_first) {
        sk_arena *arena = sk_cli_arena(cli);
        sk_cli_print(cli, "%*s%u %s", is_first ? 0 : 25, "", advice->number,
                     sk_cli_safe(cli, sk_json_member_string(advice->value, "from", arena)));
        if (!advice->is_given) {
                sk_cli_print(cli, " > ");
                print_names(cli, sk_json_member(advice->value, "to"));
        }
        sk_cli_print(cli, ": %s%s\n", sk_cli_safe(cli, sk_json_member_string(advice->value, "text", arena)),
                     advice->is_open ? "   (open)" : "");
}

static void print_consulted(const sk_session *session, const sk_task *task) {
        sk_cli *cli = session->cli;
        sk_slice consulted = sk_task_kept(task, "consulted");
        sk_task_advice advice;
        size_t position = 0;
        if (sk_slice_there(consulted)) {
                heading(cli, "Whom to ask");
                print_names(cli, consulted);
                bool waits = sk_slice_there(sk_task_kept(task, "wait_for_advice"));
                sk_cli_print(cli, "%s\n", waits ? "; it cannot be completed without advice" : "");
        }
        for (bool is_first = true; sk_task_advice_next(task->record, task->call, &position, &advice);
             is_first = false) {
                if (is_first)
                        heading(cli, "Asked and advised");
                print_advice(cli, &advice, is_first);
        }
}

/* ---- the whole ---- */

static void print_head(const sk_session *session, const sk_task *task, size_t id_length) {
        sk_cli *cli = session->cli;
        const sk_call *call = task->call;
        sk_cli_print(cli, "%s%s%s\n", sk_cli_style(cli, SK_BOLD), sk_task_title(task), sk_cli_style(cli, SK_PLAIN));
        sk_cli_print(cli, "%s   %s %s · %s of %s", sk_task_what(session, task), sk_call_type_id(call->type),
                     sk_cli_id(cli, &task->record->id, id_length), sk_cli_safe(cli, call->facility),
                     sk_cli_safe(cli, call->customer));
        if (call->priority != 0)
                sk_cli_print(cli, " · priority %u", call->priority);
        sk_cli_print(cli, "\n");
}

static void print_accountable(sk_cli *cli, const sk_visit *visit) {
        if (visit->accountable.len == 0)
                sk_cli_print(cli, "%saccountable: nobody%s   ", sk_cli_style(cli, SK_RED), sk_cli_style(cli, SK_PLAIN));
        else if (visit->instead_of.len > 0)
                sk_cli_print(cli, "accountable: %s (for %s, away)   ", sk_cli_safe(cli, visit->accountable),
                             sk_cli_safe(cli, visit->instead_of));
        else
                sk_cli_print(cli, "accountable: %s   ", sk_cli_safe(cli, visit->accountable));
}

static void print_who(const sk_session *session, const sk_task *task) {
        sk_cli *cli = session->cli;
        const sk_visit *visit = &task->call->visit;
        int64_t now_us = sk_cli_now_us();
        int64_t due_us = sk_view_due_us(session, task->call, now_us);
        if (due_us > now_us)
                sk_cli_print(cli, "due %s (in %s)   ", sk_cli_when(cli, due_us),
                             sk_view_left(session, task->call, due_us, now_us));
        else if (due_us != 0)
                sk_cli_print(cli, "%slate%s since %s (%s)   ", sk_cli_style(cli, SK_RED), sk_cli_style(cli, SK_PLAIN),
                             sk_cli_when(cli, due_us), sk_cli_long(cli, now_us - due_us));
        int64_t forecast_us = sk_view_forecast_us(session, task->call, now_us);
        if (forecast_us != 0)
                sk_cli_print(cli, "forecast %s   ", sk_cli_when(cli, forecast_us));
        if (visit->usual_us > 0)
                sk_cli_print(cli, "usually takes %s   ", sk_cli_long(cli, visit->usual_us));
        sk_cli_print(cli, "responsible: %s   ", sk_cli_safe(cli, visit->responsible));
        print_accountable(cli, visit);
        if (visit->holder.len > 0)
                sk_cli_print(cli, "claimed by: %s   ", sk_cli_safe(cli, visit->holder));
        sk_cli_print(cli, "waits for %s\n", sk_cli_long(cli, now_us - visit->entered_us));
}

int sk_task_print(const sk_session *session, const sk_task *task, size_t id_length) {
        sk_cli *cli = session->cli;
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        sk_slice text;
        sk_slice form;
        sk_task_instruction(session, task, &text, &form);
        print_head(session, task, id_length);
        print_who(session, task);
        heading(cli, "What the customer needs");
        print_lines(cli, sk_view_need(session, task->record));
        if (sk_slice_there(text) && text.len > 0) {
                heading(cli, "What to do");
                print_lines(cli, text);
        }
        if (sk_slice_there(form))
                print_form(cli, form);
        if (sk_slice_there(sk_task_draft(task))) {
                heading(cli, "Entered so far");
                print_lines(cli, sk_task_draft(task));
        }
        print_consulted(session, task);
        if (frame->step == SK_AT_CUT) {
                heading(cli, "To decide");
                for (unsigned i = 0; i < SK_PROCESSES; i++) {
                        if (sk_process_may_trigger(frame->process, (sk_process)i))
                                sk_cli_print(cli, "%s  ", sk_process_get((sk_process)i)->id);
                }
                sk_cli_print(cli, "\n");
        }
        print_next(session, task);
        print_command(session, task, id_length);
        return SK_EXIT_OK;
}

static int show(const sk_session *session, const char *name) {
        const sk_team *team;
        sk_view *view;
        sk_call call;
        sk_task task;
        int status = sk_session_team(session, &team);
        if (status == SK_EXIT_OK)
                status = sk_view_load(session, team, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_task_find(session, view, team, name, &call, &task);
        if (status == SK_EXIT_OK)
                status = sk_cli_is_json(session->cli) ? sk_task_json(session, &task)
                                                      : sk_task_print(session, &task, sk_view_id_length(view));
        sk_view_free(view);
        return status;
}

static int task_show_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = show(&session, argv[0]);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_task_show = {
        .name = "show",
        .text = "show one task: what to do, what to enter, what comes then",
        .arguments = "CALL[/VISIT]",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel task show 5f2ac41e",
        .run = task_show_run,
};
