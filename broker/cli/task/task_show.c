/*
 * `schakel task show`: one task for somebody on the first day: what it is, for whom, by when, what to do, what to enter,
 * and what comes then.
 */
#include "cli/session/ids.h"
#include "cli/task/form_follow.h"
#include "cli/task/task_screen.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "usm/text.h"

#define LINE_MAX_BYTES 4096

static const sk_option options[] = {
        SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, SK_OPTION_PERSON, {0},
};

void sk_screen_label(sk_cli *cli, const char *label) {
        sk_cli_print(cli, "%s%-*s%s", sk_cli_style(cli, SK_BOLD), SK_TASK_INDENT, label, sk_cli_style(cli, SK_PLAIN));
}

void sk_screen_text(sk_cli *cli, const char *label, sk_slice text) {
        sk_screen_label(cli, label);
        sk_wrap wrap = sk_wrap_make(cli, SK_TASK_INDENT, SK_TASK_INDENT);
        sk_wrap_text(&wrap, text);
        sk_wrap_end(&wrap);
}

/* ---- what comes then ---- */

static const char *text_of_next(const sk_task *task, bool *is_cut) {
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        const sk_process_info *info = sk_process_get(frame->process);
        unsigned next = frame->step + 1u;
        *is_cut = frame->step != SK_AT_CUT && next == info->before_cut && next < info->count;
        if (frame->step == SK_AT_CUT)
                return sk_activity_text(&info->activities[info->before_cut])->text[SK_ENGLISH];
        if (*is_cut)
                return sk_cut_text(frame->process)->text[SK_ENGLISH];
        return next < info->count ? sk_activity_text(&info->activities[next])->text[SK_ENGLISH] : NULL;
}

/* Of an activity that is a list of actions: how many it has today, and the one after this. */
static unsigned actions_of(const sk_team *team, const sk_task *task, sk_way *out_next) {
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        const sk_activity *activity = sk_frame_activity(frame);
        sk_selection selection = sk_call_selection(task->call);
        sk_way way;
        sk_slice routine;
        if (activity == NULL)
                return 0;
        sk_team_way(team, &selection, activity, &way, &routine);
        if (frame->action + 1u < way.action_count)
                sk_way_action(&way, frame->action + 1u, out_next);
        return way.action_count;
}

/* Whether a further action of the same activity comes then. */
static bool print_next_action(sk_cli *cli, const sk_team *team, const sk_task *task) {
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        sk_way next;
        unsigned count = actions_of(team, task, &next);
        if (count == 0)
                return false;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        sk_buf_add_format(&line, "%u of %u", frame->action + 1u, count);
        sk_screen_text(cli, "Part", sk_buf_slice(&line));
        bool is_last = frame->action + 1u >= count;
        sk_buf_clear(&line);
        if (!is_last && next.how == SK_HOW_MANUAL)
                sk_buf_add_format(&line, "its next part, for %.*s", (int)next.responsible.len, next.responsible.at);
        else if (!is_last)
                sk_buf_add_format(&line, "its next part, by itself (%s)", sk_how_id(next.how));
        if (!is_last)
                sk_screen_text(cli, "Then", sk_buf_slice(&line));
        sk_buf_free(&line);
        return !is_last;
}

static void print_then(sk_cli *cli, const sk_task *task) {
        const sk_call *call = task->call;
        const sk_frame *frame = &call->frames[call->frame_count - 1];
        bool is_cut;
        const char *text = text_of_next(task, &is_cut);
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        if (text == NULL && call->frame_count > 1)
                sk_buf_add_format(&line, "back to %s", sk_process_get(call->frames[call->frame_count - 2].process)->id);
        else if (text == NULL)
                sk_buf_add_text(&line, "the call is closed");
        else
                sk_buf_add_format(&line, "%s%s",
                                  is_cut                     ? "the cut: "
                                  : frame->step == SK_AT_CUT ? "the process that was decided on, then: "
                                                             : "",
                                  text);
        sk_screen_text(cli, "Then", sk_buf_slice(&line));
        sk_buf_free(&line);
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

static void add_accountable(sk_cli *cli, sk_wrap *line, const sk_visit *visit) {
        if (visit->accountable.len == 0)
                sk_wrap_piece(line, SK_RED, "accountable: nobody");
        else if (visit->instead_of.len > 0)
                sk_wrap_piece(line, SK_PLAIN, "accountable: %s (for %s, away)", sk_cli_safe(cli, visit->accountable),
                              sk_cli_safe(cli, visit->instead_of));
        else
                sk_wrap_piece(line, SK_PLAIN, "accountable: %s", sk_cli_safe(cli, visit->accountable));
}

static void add_due(const sk_session *session, const sk_call *call, sk_wrap *line) {
        sk_cli *cli = session->cli;
        int64_t now_us = sk_cli_now_us();
        int64_t due_us = sk_view_due_us(session, call, now_us);
        int64_t forecast_us = sk_view_forecast_us(session, call, now_us);
        if (due_us > now_us)
                sk_wrap_piece(line, SK_PLAIN, "due %s (in %s)", sk_cli_when(cli, due_us),
                              sk_view_left(session, call, due_us, now_us));
        else if (due_us != 0)
                sk_wrap_piece(line, SK_RED, "late since %s (%s)", sk_cli_when(cli, due_us),
                              sk_cli_long(cli, now_us - due_us));
        if (call->clock_stands && due_us != 0)
                sk_wrap_piece(line, SK_YELLOW, "the clock stands");
        if (forecast_us != 0)
                sk_wrap_piece(line, SK_PLAIN, "forecast %s", sk_cli_when(cli, forecast_us));
}

static void print_who(const sk_session *session, const sk_task *task) {
        sk_cli *cli = session->cli;
        const sk_visit *visit = &task->call->visit;
        sk_wrap line = sk_wrap_make(cli, 0, 0);
        add_due(session, task->call, &line);
        if (visit->usual_us > 0)
                sk_wrap_piece(&line, SK_PLAIN, "usually takes %s", sk_cli_long(cli, visit->usual_us));
        sk_wrap_piece(&line, SK_PLAIN, "responsible: %s", sk_cli_safe(cli, visit->responsible));
        add_accountable(cli, &line, visit);
        if (visit->holder.len > 0)
                sk_wrap_piece(&line, SK_PLAIN, "claimed by: %s", sk_cli_safe(cli, visit->holder));
        sk_wrap_piece(&line, SK_PLAIN, "waits for %s", sk_cli_long(cli, sk_cli_now_us() - visit->entered_us));
        sk_wrap_end(&line);
}

bool sk_task_decides(sk_cli *cli, const sk_task *task) {
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        unsigned choices = sk_process_get(frame->process)->may_trigger;
        bool has_choice = (choices & (choices - 1u)) != 0;
        sk_slice form = sk_form_flat_text(sk_task_kept(task, "form"), sk_cli_arena(cli));
        sk_slice properties = sk_slice_there(form) ? sk_json_member(form, "properties") : SK_NONE;
        bool is_in_form = sk_slice_there(properties) && sk_json_kind_of(properties) == SK_JSON_OBJECT &&
                          sk_slice_there(sk_json_member(properties, "cut"));
        return has_choice && (frame->step == SK_AT_CUT || is_in_form);
}

static void print_decision(sk_cli *cli, const sk_task *task) {
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        static const char *const answers[SK_PROCESSES] = {[SK_AGREE] = "agree, if an agreement must change",
                                                          [SK_CHANGE] =
                                                                  "change, if something must be modified: say what",
                                                          [SK_OPERATE] = "operate, if nothing must be"};
        bool is_first = true;
        for (unsigned i = 0; i < SK_PROCESSES && sk_task_decides(cli, task); i++) {
                if (!sk_process_may_trigger(frame->process, (sk_process)i))
                        continue;
                sk_screen_text(cli, is_first ? "To decide" : "", sk_slice_of(answers[i]));
                is_first = false;
        }
}

/* When, how it ended, and what it said last. */
static void print_tries(sk_cli *cli, const sk_task *task) {
        size_t position = 0;
        sk_slice try;
        bool is_first = true;
        while (sk_task_try_next(task, &position, &try)) {
                sk_buf line = sk_buf_make(8192);
                sk_slice said = sk_json_member_string(try, "text", sk_cli_arena(cli));
                sk_slice code = sk_json_member_string(try, "code", sk_cli_arena(cli));
                int64_t at_us = 0;
                int64_t number = 0;
                (void)sk_json_member_int(try, "try", 1, UINT8_MAX, &number);
                (void)sk_when_parse(sk_json_member_string(try, "at", sk_cli_arena(cli)), &at_us);
                if (code.len == 0)
                        code = sk_json_member_string(try, "result", sk_cli_arena(cli));
                while (said.len > 0 && (said.at[said.len - 1] == '\n' || said.at[said.len - 1] == ' '))
                        said.len--;
                sk_buf_add_format(&line, "%d  %s  %.*s%s", (int)number, sk_cli_when(cli, at_us), (int)code.len,
                                  code.len == 0 ? "" : code.at, said.len == 0 ? "" : ": ");
                sk_buf_add_slice(&line, said);
                sk_screen_text(cli, is_first ? "What was tried" : "", sk_buf_slice(&line));
                sk_buf_free(&line);
                is_first = false;
        }
}

void sk_task_print(const sk_session *session, const sk_team *team, const sk_task *task, size_t id_length) {
        sk_cli *cli = session->cli;
        sk_slice text;
        sk_slice form;
        sk_task_instruction(session, task, &text, &form);
        print_head(session, task, id_length);
        print_who(session, task);
        sk_screen_text(cli, "What the customer needs", sk_view_need(session, task->record));
        sk_screen_figure(session, team, task);
        if (sk_slice_there(text) && text.len > 0)
                sk_screen_text(cli, "What to do", text);
        print_tries(cli, task);
        sk_screen_form(cli, form, sk_task_decides(cli, task));
        if (sk_slice_there(sk_task_draft(task)))
                sk_screen_text(cli, "Entered so far", sk_task_draft(task));
        print_decision(cli, task);
        sk_screen_people(session, team, task);
        if (!print_next_action(cli, team, task))
                print_then(cli, task);
}

static int print(const sk_session *session, const sk_who *who, const sk_task *task, size_t id_length) {
        const sk_team *team = sk_edition_team(session->edition, task->record->team);
        if (sk_cli_is_json(session->cli))
                return sk_task_json(session, task);
        if (team == NULL)
                return sk_cli_fail(session->cli, "team", "name the chain that the log belongs to: -C DIR",
                                   "the team of that call is not in the chain");
        sk_task_print(session, team, task, id_length);
        sk_screen_deeds(session, team, task, who->person, id_length);
        return SK_EXIT_OK;
}

static int show(const sk_session *session, const char *name) {
        sk_who who;
        sk_view *view;
        sk_call call;
        sk_task task;
        int status = sk_session_who(session, &who);
        if (status == SK_EXIT_OK)
                status = sk_view_load(session, who.team, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_task_find(session, view, who.team, name, &call, &task);
        if (status == SK_EXIT_OK)
                status = print(session, &who, &task, sk_view_id_length(view));
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
        .details = "At its end stand the commands for what can be done with the task: by --as, or by whoever has it. "
                   "What\n"
                   "they say in capitals is to be filled in.",
        .example = "schakel task show 5f2ac41e --as anna",
        .run = task_show_run,
};
