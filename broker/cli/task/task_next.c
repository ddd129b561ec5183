/*
 * What a person can do with a task now, as commands to be entered.
 */
#include "cli/session/ids.h"
#include "cli/session/next.h"
#include "cli/task/task_screen.h"

/** What the commands are made of. */
typedef struct deeds {
        sk_cli *cli;
        const sk_team *team;
        const sk_task *task;
        const char *id;
        const char *required; /**< options that enter what the form requires */
} deeds;

static const sk_frame *frame_of(const deeds *self) {
        return &self->task->call->frames[self->task->call->frame_count - 1];
}

/* ---- completing ---- */

/* The one of whom the triggered process is asked, as the routines say today; SK_NONE: it is done here. */
static sk_slice done_by(const deeds *self, sk_process target) {
        sk_selection selection = sk_call_selection(self->task->call);
        sk_cut_way way;
        sk_slice routine;
        sk_team_cut_way(self->team, &selection, frame_of(self)->process, &way, &routine);
        return way.link[target].team;
}

static void print_decision(const deeds *self, sk_process target) {
        sk_slice link = done_by(self, target);
        char label[SK_NAME_MAX + 80];
        if (sk_slice_there(link))
                (void)snprintf(label, sizeof(label), "complete it, and hand over to %.*s (%s)", (int)link.len, link.at,
                               sk_process_get(target)->id);
        else
                (void)snprintf(label, sizeof(label), "complete it, and go on here (%s)", sk_process_get(target)->id);
        sk_next_print(self->cli, label, "task complete %s%s --cut %s%s --reason 'WHY'", self->id, self->required,
                      sk_process_get(target)->id, target == SK_CHANGE ? " --component NAME" : "");
}

static void print_complete(const deeds *self) {
        const sk_frame *frame = frame_of(self);
        if (frame->step != SK_AT_CUT)
                sk_next_print(self->cli, "complete it", "task complete %s%s", self->id, self->required);
        for (unsigned i = 0; i < SK_PROCESSES && sk_task_decides(self->cli, self->task); i++) {
                if (sk_process_may_trigger(frame->process, (sk_process)i))
                        print_decision(self, (sk_process)i);
        }
        const sk_activity *activity = sk_frame_activity(frame);
        if (activity != NULL && sk_ending_of(activity, SK_NOT_CONFIRMED) != SK_NOT_ALLOWED)
                sk_next_print(self->cli, "it is not what was wanted", "task complete %s --outcome not-confirmed",
                              self->id);
        sk_next_print(self->cli, "be asked for everything", "task do %s", self->id);
}

/* ---- everything else ---- */

static void print_others(const deeds *self) {
        const sk_activity *activity = sk_frame_activity(frame_of(self));
        bool is_consulted = sk_slice_there(sk_task_kept(self->task, "consulted"));
        sk_cli *cli = self->cli;
        if (self->task->call->question == 0 && self->task->call->offer == 0)
                sk_next_print(cli, "ask the customer", "task question %s 'QUESTION'", self->id);
        sk_next_print(cli, "ask a colleague", "task ask %s 'QUESTION'%s", self->id, is_consulted ? "" : " --to WHO");
        sk_next_print(cli, "give it to a colleague", "task assign %s PERSON", self->id);
        sk_next_print(cli, "give it back", "task release %s", self->id);
        if (activity != NULL && sk_ending_of(activity, SK_FAILED) != SK_NOT_ALLOWED)
                sk_next_print(cli, "give up: it cannot be done", "task complete %s --outcome failed", self->id);
        if (activity != NULL && sk_ending_of(activity, SK_DECLINED) != SK_NOT_ALLOWED)
                sk_next_print(cli, "decline the call", "task decline %s --reason 'WHY'", self->id);
}

static void print_free(const deeds *self, sk_slice person) {
        if (sk_slice_there(person) && !sk_task_is_for(self->team, self->task, person)) {
                sk_cli_print(self->cli, "it is not for %s to do\n", sk_cli_safe(self->cli, person));
                sk_next_print(self->cli, "what is", "task list");
                return;
        }
        sk_next_print(self->cli, "claim it", "task claim %s", self->id);
        sk_next_print(self->cli, "claim it and be asked for everything", "task do %s", self->id);
}

static void print_appoint(const deeds *self) {
        if (self->task->call->visit.accountable.len == 0)
                sk_next_print(self->cli, "nobody is accountable; a coordinator says who", "task appoint %s PERSON",
                              self->id);
}

void sk_screen_deeds(const sk_session *session, const sk_team *team, const sk_task *task, sk_slice person,
                     size_t id_length) {
        sk_cli *cli = session->cli;
        sk_slice text;
        sk_slice form;
        sk_task_instruction(session, task, &text, &form);
        sk_slice holder = task->call->visit.holder;
        deeds self = {.cli = cli, .team = team, .task = task};
        self.id = sk_cli_id(cli, &task->record->id, id_length);
        self.required = sk_screen_required(cli, form, sk_task_draft(task));
        sk_cli_print(cli, "\n");
        print_appoint(&self);
        if (task->call->visit.due == SK_DUE_GIVEN_UP)
                sk_next_print(cli, "have it tried again", "retry %s", self.id);
        if (holder.len == 0) {
                print_free(&self, person);
        } else if (sk_slice_there(person) && !sk_slice_equal(person, holder)) {
                sk_cli_print(cli, "%s has claimed it\n", sk_cli_safe(cli, holder));
                sk_next_print(cli, "its coordinator may give it to somebody", "task assign %s PERSON", self.id);
        } else {
                print_complete(&self);
                print_others(&self);
        }
}
