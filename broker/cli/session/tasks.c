/*
 * Tasks, found in the heads of calls.
 */
#include "cli/session/tasks.h"

#include <stdlib.h>

#include "cli/session/ids.h"
#include "kit/json_scan.h"
#include "link/data.h"
#include "usm/steering.h"
#include "usm/text.h"

/* ---- finding ---- */

static int matters_of_asks(const sk_view_record *record, const sk_call *call, sk_task_visit *visit, void *self) {
        int status = SK_EXIT_OK;
        for (unsigned i = 0; i < call->ask_count && status == SK_EXIT_OK; i++) {
                const sk_ask *ask = &call->asks[i];
                sk_task task = {.record = record, .call = call, .ask = ask};
                if (ask->standing == SK_CLOSED)
                        continue;
                if (ask->question != 0) {
                        task.kind = SK_TASK_QUESTION;
                        task.seqno = ask->question;
                        status = visit(self, &task);
                } else if (ask->offer != 0) {
                        task.kind = SK_TASK_OFFER;
                        task.seqno = ask->offer;
                        status = visit(self, &task);
                }
        }
        return status;
}

/* A walk-in's customer is the own team: what is asked of it is the team's to answer. */
static int matters_of_own(const sk_view_record *record, const sk_call *call, sk_task_visit *visit, void *self) {
        sk_task task = {.record = record, .call = call};
        if (record->is_ask || !sk_slice_equal(record->customer, record->team) || call->is_offered)
                return SK_EXIT_OK;
        task.kind = call->question != 0 ? SK_TASK_QUESTION : SK_TASK_OFFER;
        task.seqno = call->question != 0 ? call->question : call->offer;
        return task.seqno == 0 ? SK_EXIT_OK : visit(self, &task);
}

static int matters_of_advice(const sk_view_record *record, const sk_call *call, sk_task_visit *visit, void *self) {
        sk_task_advice advice;
        size_t position = 0;
        int status = SK_EXIT_OK;
        while (status == SK_EXIT_OK && sk_task_advice_next(record, call, &position, &advice)) {
                sk_task task = {.kind = SK_TASK_ADVICE, .record = record, .call = call, .seqno = advice.number};
                if (advice.is_open)
                        status = visit(self, &task);
        }
        return status;
}

static int matters_of_visit(const sk_view_record *record, const sk_call *call, sk_task_visit *visit, void *self) {
        sk_task task = {.record = record, .call = call};
        int status = SK_EXIT_OK;
        if (call->is_ask || call->visit.number == 0)
                return SK_EXIT_OK;
        if (call->visit.how == SK_HOW_MANUAL)
                status = visit(self, &task);
        task.kind = SK_TASK_APPOINT;
        if (status == SK_EXIT_OK && call->visit.accountable.len == 0)
                status = visit(self, &task);
        task.kind = SK_TASK_LATE;
        if (status == SK_EXIT_OK && call->escalated_to != 0)
                status = visit(self, &task);
        return status == SK_EXIT_OK ? matters_of_advice(record, call, visit, self) : status;
}

int sk_tasks_of(const sk_session *session, const sk_view_record *record, sk_task_visit *visit, void *self) {
        sk_call call;
        if (record->is_closed || !sk_view_call(session, record, &call))
                return SK_EXIT_OK;
        int status = matters_of_visit(record, &call, visit, self);
        if (status == SK_EXIT_OK)
                status = matters_of_asks(record, &call, visit, self);
        return status == SK_EXIT_OK ? matters_of_own(record, &call, visit, self) : status;
}

/* Splits CALL/VISIT; false if VISIT is no number. */
static bool name_split(sk_cli *cli, const char *name, const char **out_call, uint32_t *out_visit) {
        const char *slash = strchr(name, '/');
        *out_call = name;
        *out_visit = 0;
        if (slash == NULL)
                return true;
        char *end;
        unsigned long visit = strtoul(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || visit == 0 || visit > UINT32_MAX)
                return false;
        sk_slice call = sk_arena_copy(sk_cli_arena(cli), (sk_slice){name, (size_t)(slash - name)});
        *out_call = sk_slice_there(call) ? call.at : "";
        *out_visit = (uint32_t)visit;
        return true;
}

static int no_task(const sk_session *session, const char *name, const sk_view_record *record, const sk_call *call) {
        if (record == NULL)
                return sk_cli_fail(session->cli, name, "schakel task list shows what is open",
                                   "no team here works on that call now");
        return sk_cli_fail(session->cli, name, "schakel task list shows what is open",
                           "there is no such task; the call stands at %s", sk_view_stands(session, call));
}

/* The task that somebody means. */
struct meant {
        const sk_team *team; /* NULL: whichever has it */
        const char *name;
        bool is_any_how; /* or only a person's own */
};

static int find(const sk_session *session, const sk_view *view, const struct meant *meant, sk_call *call,
                sk_task *out) {
        const char *part;
        uint32_t visit;
        sk_id id;
        if (!name_split(session->cli, meant->name, &part, &visit))
                return sk_cli_usage_error(session->cli, meant->name,
                                          "a task is CALL or CALL/VISIT, as task list shows it");
        int status = sk_view_resolve(session, view, part, &id);
        if (status != SK_EXIT_OK)
                return status;
        sk_slice team = meant->team == NULL ? SK_NONE : sk_team_name(meant->team);
        const sk_view_record *record = sk_view_find(view, team, &id, false);
        if (record == NULL || record->is_closed || !sk_view_call(session, record, call))
                return no_task(session, meant->name, NULL, NULL);
        if (call->visit.number == 0 || (!meant->is_any_how && call->visit.how != SK_HOW_MANUAL) ||
            (visit != 0 && visit != call->visit.number))
                return no_task(session, meant->name, record, call);
        *out = (sk_task){.kind = SK_TASK_VISIT, .record = record, .call = call};
        return SK_EXIT_OK;
}

int sk_task_find(const sk_session *session, const sk_view *view, const sk_team *team, const char *name, sk_call *call,
                 sk_task *out) {
        return find(session, view, &(struct meant){team, name, false}, call, out);
}

int sk_task_find_visit(const sk_session *session, const sk_view *view, const sk_team *team, const char *name,
                       sk_call *call, sk_task *out) {
        return find(session, view, &(struct meant){team, name, true}, call, out);
}

/* ---- what it says ---- */

const char *sk_task_kind_id(sk_task_kind kind) {
        static const char *const ids[SK_TASK_KINDS] = {"task", "question", "offer", "advice", "late", "appoint"};
        return ids[kind];
}

const char *sk_task_what(const sk_session *session, const sk_task *task) {
        if (task->kind != SK_TASK_VISIT)
                return sk_task_kind_id(task->kind);
        return sk_view_activity(session->cli, &task->call->frames[task->call->frame_count - 1]);
}

const char *sk_task_title(const sk_task *task) {
        static const char *const titles[SK_TASK_KINDS] = {NULL,
                                                          "Answer a question",
                                                          "Accept or refuse an offer",
                                                          "Advise a colleague",
                                                          "Look after what takes too long",
                                                          "Say who is accountable"};
        if (task->kind != SK_TASK_VISIT)
                return titles[task->kind];
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        const sk_activity *activity = sk_frame_activity(frame);
        return activity != NULL ? sk_activity_text(activity)->text[SK_ENGLISH]
                                : sk_cut_text(frame->process)->text[SK_ENGLISH];
}

static bool is_advised(const sk_view_record *record, unsigned number) {
        size_t position = 0;
        sk_section section;
        while (sk_data_next(record->data, &position, &section)) {
                if (section.kind == SK_SECTION_ADVICE && section.index == 1 && section.tag == number)
                        return true;
        }
        return false;
}

static bool section_of(const sk_task *task, sk_section_kind kind, uint8_t index, sk_section *out) {
        return sk_slice_there(task->record->data) && sk_data_check(task->record->data) &&
               sk_data_find(task->record->data, kind, index, out);
}

bool sk_task_advice_next(const sk_view_record *record, const sk_call *call, size_t *position, sk_task_advice *out) {
        sk_section section;
        if (!sk_slice_there(record->data) || !sk_data_check(record->data))
                return false;
        while (sk_data_next(record->data, position, &section)) {
                int64_t visit = 0;
                if (section.kind != SK_SECTION_ADVICE)
                        continue;
                (void)sk_json_member_int(section.bytes, "visit", 1, UINT32_MAX, &visit);
                *out = (sk_task_advice){.number = section.tag, .is_given = section.index == 1, .value = section.bytes};
                out->is_open = !out->is_given && visit == call->visit.number && !is_advised(record, section.tag);
                return true;
        }
        return false;
}

bool sk_task_try_next(const sk_task *task, size_t *position, sk_slice *out) {
        sk_section section;
        if (task->kind != SK_TASK_VISIT || !sk_slice_there(task->record->data) || !sk_data_check(task->record->data))
                return false;
        while (sk_data_next(task->record->data, position, &section)) {
                if (section.kind != SK_SECTION_TRY || section.tag != (uint16_t)task->call->visit.number)
                        continue;
                *out = section.bytes;
                return true;
        }
        return false;
}

static sk_slice advice_asked(const sk_task *task) {
        sk_task_advice advice;
        size_t position = 0;
        while (sk_task_advice_next(task->record, task->call, &position, &advice)) {
                if (!advice.is_given && advice.number == task->seqno)
                        return advice.value;
        }
        return SK_SLICE("{}");
}

sk_slice sk_task_text(const sk_session *session, const sk_task *task) {
        if (task->kind == SK_TASK_ADVICE)
                return sk_json_member_string(advice_asked(task), "text", sk_cli_arena(session->cli));
        sk_section section;
        uint8_t index = task->ask == NULL ? 0 : (uint8_t)(task->ask - task->call->asks);
        sk_section_kind kind = task->ask == NULL ? SK_SECTION_QUESTION : SK_SECTION_ASK_QUESTION;
        if (task->kind != SK_TASK_QUESTION || !section_of(task, kind, index, &section))
                return SK_NONE;
        return sk_json_member_string(section.bytes, "text", sk_cli_arena(session->cli));
}

void sk_task_instruction(const sk_session *session, const sk_task *task, sk_slice *out_text, sk_slice *out_form) {
        sk_section section;
        *out_text = SK_NONE;
        *out_form = SK_NONE;
        if (task->kind != SK_TASK_VISIT || !section_of(task, SK_SECTION_FORM, 0, &section))
                return;
        *out_text = sk_json_member_string(section.bytes, "instruction", sk_cli_arena(session->cli));
        *out_form = sk_json_member(section.bytes, "form");
}

sk_slice sk_task_kept(const sk_task *task, const char *name) {
        sk_section section;
        if (task->kind != SK_TASK_VISIT || !section_of(task, SK_SECTION_FORM, 0, &section))
                return SK_NONE;
        return sk_json_member(section.bytes, name);
}

sk_slice sk_task_draft(const sk_task *task) {
        sk_section section;
        bool is_there = task->kind == SK_TASK_VISIT && section_of(task, SK_SECTION_DRAFT, 0, &section);
        return is_there ? section.bytes : SK_NONE;
}

static bool is_asked(const sk_team *team, const sk_task *task, sk_slice person, int64_t now_us) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(advice_asked(task), "to"));
        sk_slice name;
        sk_slice value;
        while (sk_json_walk_next(&walk, &name, &value)) {
                /* names have no escapes */
                if (sk_team_acts(team, person, sk_json_string(value, NULL), now_us))
                        return true;
        }
        return false;
}

/* Whom the steps of escalation have reached so far. */
static bool is_told(const sk_team *team, const sk_task *task, sk_slice person, int64_t now_us) {
        sk_process process = task->call->frames[task->call->frame_count - 1].process;
        return sk_team_acts(team, person, sk_team_coordinator(team, process), now_us) ||
               (task->call->escalated_to > 1 && sk_team_acts(team, person, sk_team_manager(team), now_us));
}

bool sk_task_is_for(const sk_team *team, const sk_task *task, sk_slice person) {
        int64_t now_us = sk_cli_now_us();
        if (!sk_slice_equal(task->record->team, sk_team_name(team)))
                return false;
        switch (task->kind) {
        case SK_TASK_ADVICE:
                return is_asked(team, task, person, now_us);
        case SK_TASK_LATE:
                return is_told(team, task, person, now_us);
        case SK_TASK_APPOINT:
                return sk_team_acts(team, person,
                                    sk_team_coordinator(team, task->call->frames[task->call->frame_count - 1].process),
                                    now_us);
        case SK_TASK_VISIT:
                if (task->call->visit.holder.len > 0)
                        return sk_slice_equal(task->call->visit.holder, person);
                return sk_team_acts(team, person, task->call->visit.responsible, now_us);
        default:
                return true;
        }
}

/* ---- as JSON ---- */

static void put_visit(const sk_session *session, sk_json_writer *json, const sk_task *task) {
        const sk_visit *visit = &task->call->visit;
        const sk_frame *frame = &task->call->frames[task->call->frame_count - 1];
        sk_json_put_int(json, "visit", visit->number);
        sk_json_put_cstr(json, "activity", sk_view_activity(session->cli, frame));
        sk_json_put_cstr(json, "process", sk_process_get(frame->process)->id);
        sk_json_put_text(json, "profile", visit->responsible);
        sk_json_put_optional(json, "holder", visit->holder);
        sk_json_put_optional(json, "accountable", visit->accountable);
        sk_json_put_optional(json, "instead_of", visit->instead_of);
        sk_json_put_text(json, "routine", visit->routine);
        sk_json_put_bool(json, "escalated", visit->is_escalated);
        sk_json_put_time(json, "entered", visit->entered_us);
        if (frame->step != SK_AT_CUT)
                return;
        sk_json_open_array(json, "cut");
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if (sk_process_may_trigger(frame->process, (sk_process)i))
                        sk_json_put_cstr(json, NULL, sk_process_get((sk_process)i)->id);
        }
        sk_json_close_array(json);
}

static void put_matter(sk_json_writer *json, const sk_task *task, sk_slice text) {
        if (task->ask != NULL) {
                sk_json_put_id(json, "ask", &task->ask->id);
                sk_json_put_text(json, "provider", task->ask->provider);
        }
        sk_json_put_int(json, task->kind == SK_TASK_ADVICE ? "advice" : "question", task->seqno);
        if (task->kind == SK_TASK_ADVICE)
                sk_json_put_raw(json, "to", sk_json_member(advice_asked(task), "to"));
        if (sk_slice_there(text))
                sk_json_put_text(json, "text", text);
}

static void put_name(sk_json_writer *json, const sk_task *task) {
        char name[SK_ID_TEXT + 16];
        sk_buf text = sk_buf_make(sizeof(name));
        sk_id_format(&task->record->id, name);
        sk_buf_add(&text, name, SK_ID_TEXT);
        if (task->call->visit.number != 0 && task->kind != SK_TASK_QUESTION && task->kind != SK_TASK_OFFER)
                sk_buf_add_format(&text, "/%u", task->call->visit.number);
        sk_json_put_text(json, "task", sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_call(const sk_session *session, sk_json_writer *json, const sk_task *task) {
        const sk_call *call = task->call;
        int64_t due_us = sk_view_due_us(session, call, sk_cli_now_us());
        sk_json_put_id(json, "call", &task->record->id);
        sk_json_put_text(json, "customer", call->is_ask ? task->record->team : call->customer);
        sk_json_put_cstr(json, "type", sk_call_type_id(call->type));
        sk_json_put_text(json, "facility", call->facility);
        sk_json_put_optional(json, "category", call->category);
        if (call->priority != 0)
                sk_json_put_int(json, "priority", call->priority);
        if (call->workflow != 0)
                sk_json_put_int(json, "workflow", call->workflow);
        if (due_us != 0)
                sk_json_put_time(json, "due", due_us);
        int64_t forecast_us = sk_view_forecast_us(session, call, sk_cli_now_us());
        if (forecast_us != 0)
                sk_json_put_time(json, "forecast", forecast_us);
        sk_json_put_text(json, "need", sk_view_need(session, task->record));
}

int sk_task_json(const sk_session *session, const sk_task *task) {
        sk_json_writer *json = sk_cli_json_begin(session->cli);
        sk_slice text;
        sk_slice form;
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "kind", sk_task_kind_id(task->kind));
        put_name(json, task);
        sk_json_put_text(json, "team", task->record->team);
        if (task->kind == SK_TASK_VISIT || task->kind == SK_TASK_APPOINT)
                put_visit(session, json, task);
        else
                put_matter(json, task, sk_task_text(session, task));
        put_call(session, json, task);
        sk_task_instruction(session, task, &text, &form);
        if (sk_slice_there(text))
                sk_json_put_text(json, "instruction", text);
        if (sk_slice_there(form))
                sk_json_put_raw(json, "form", form);
        if (sk_slice_there(sk_task_kept(task, "consulted")))
                sk_json_put_raw(json, "consulted", sk_task_kept(task, "consulted"));
        if (sk_slice_there(sk_task_kept(task, "wait_for_advice")))
                sk_json_put_bool(json, "wait_for_advice", true);
        if (sk_slice_there(sk_task_draft(task)))
                sk_json_put_raw(json, "draft", sk_task_draft(task));
        sk_json_close_object(json);
        return sk_cli_json_end(session->cli);
}
