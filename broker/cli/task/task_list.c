/*
 * `schakel task list`: the worklist of a person, a team or the chain, the most urgent first.
 */
#include <stdlib.h>

#include "cli/print/table.h"
#include "cli/session/ids.h"
#include "cli/session/next.h"
#include "cli/session/tasks.h"
#include "kit/alloc.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        SK_OPTION_WHO,
        SK_OPTION_PERSON,
        {.name = "mine", .kind = SK_OPTION_FLAG, .text = "only what is claimed by --as"},
        {.name = "free", .kind = SK_OPTION_FLAG, .text = "only what nobody has claimed"},
        {.name = "profile",
         .kind = SK_OPTION_TEXT,
         .value = "NAME",
         .text = "only what this profile is responsible for"},
        {.name = "customer", .kind = SK_OPTION_TEXT, .value = "TEAM", .text = "only calls of this customer"},
        {.name = "facility", .kind = SK_OPTION_TEXT, .value = "NAME", .text = "only calls about this facility"},
        {.name = "limit", .kind = SK_OPTION_COUNT, .value = "N", .text = "at most so many", .min = 1, .max = 1000000},
        {0},
};

/** A task as it is sorted; unpacked again when it is shown. */
typedef struct entry {
        const sk_view_record *record;
        sk_task_kind kind;
        uint32_t seqno;
        sk_id ask; /**< of a question or an offer of a provider */
        bool has_ask;
        uint8_t priority; /**< 9: none */
        int64_t due_us;   /**< INT64_MAX: none */
        int64_t entered_us;
} entry;

typedef struct worklist {
        const sk_session *session;
        const sk_who *who;
        entry *entries;
        size_t count;
        size_t capacity;
        sk_table *table;
        const entry *shown;
        size_t id_length;
} worklist;

/* Whether the option was not given, or names @p value. */
static bool is_named(const worklist *list, const char *option, sk_slice value) {
        const char *name = sk_cli_text(list->session->cli, option);
        return name == NULL || sk_slice_is(value, name);
}

static bool is_wanted(const worklist *list, const sk_task *task) {
        sk_cli *cli = list->session->cli;
        const sk_call *call = task->call;
        if (!is_named(list, "customer", call->is_ask ? task->record->team : call->customer) ||
            !is_named(list, "facility", call->facility) ||
            !is_named(list, "profile", task->kind == SK_TASK_VISIT ? call->visit.responsible : SK_SLICE("")))
                return false;
        sk_slice holder = task->kind == SK_TASK_VISIT ? task->call->visit.holder : SK_SLICE("");
        if (sk_cli_flag(cli, "free") && holder.len > 0)
                return false;
        if (sk_cli_flag(cli, "mine") && (holder.len == 0 || !sk_slice_equal(holder, list->who->person)))
                return false;
        if (!sk_slice_there(list->who->person))
                return true;
        const sk_team *team = sk_edition_team(list->session->edition, task->record->team);
        return team != NULL && sk_task_is_for(team, task, list->who->person);
}

static int collect(void *self, const sk_task *task) {
        worklist *list = self;
        if (!is_wanted(list, task))
                return SK_EXIT_OK;
        if (list->count == list->capacity) {
                size_t capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
                entry *more = sk_realloc(list->entries, capacity * sizeof(*more));
                if (more == NULL)
                        return sk_session_no_memory(list->session);
                list->entries = more;
                list->capacity = capacity;
        }
        int64_t due_us = sk_view_due_us(list->session, task->call, sk_cli_now_us());
        entry *new = &list->entries[list->count++];

        *new = (entry){.record = task->record, .kind = task->kind, .seqno = task->seqno};
        new->has_ask = task->ask != NULL;
        if (new->has_ask)
                new->ask = task->ask->id;
        new->priority = task->call->priority == 0 ? 9 : task->call->priority;
        new->due_us = due_us == 0 ? INT64_MAX : due_us;
        new->entered_us = task->kind == SK_TASK_VISIT ? task->call->visit.entered_us : task->call->opened_us;
        return SK_EXIT_OK;
}

static int by_urgency(const void *a, const void *b) {
        const entry *left = a;
        const entry *right = b;
        if (left->priority != right->priority)
                return left->priority - right->priority;
        if (left->due_us != right->due_us)
                return left->due_us < right->due_us ? -1 : 1;
        if (left->entered_us != right->entered_us)
                return left->entered_us < right->entered_us ? -1 : 1;
        return sk_id_compare(&left->record->id, &right->record->id);
}

/* ---- showing ---- */

/* What and need matter most on a narrow terminal. Whose list it is need not be said on the list of one team. */
static const sk_column columns[] = {
        {.title = "TASK"},
        {.title = "TEAM", .shrinks = true},
        {.title = "WHAT"},
        {.title = "WHO", .shrinks = true},
        {.title = "CALL", .shrinks = true},
        {.title = "P", .is_right = true},
        {.title = "WAITS", .is_right = true},
        {.title = "DUE"},
        {.title = "NEED", .shrinks = true},
};

static const sk_column columns_of_team[] = {
        {.title = "TASK"},
        {.title = "WHAT"},
        {.title = "WHO", .shrinks = true},
        {.title = "CALL", .shrinks = true},
        {.title = "P", .is_right = true},
        {.title = "WAITS", .is_right = true},
        {.title = "DUE"},
        {.title = "NEED", .shrinks = true},
};

static void put_who(sk_table *table, const sk_task *task) {
        const sk_visit *visit = &task->call->visit;
        if (task->kind == SK_TASK_ADVICE)
                sk_table_cell_text(table, "(who was asked)");
        else if (task->kind == SK_TASK_APPOINT)
                sk_table_cell_text(table, "(coordinator)");
        else if (task->kind == SK_TASK_LATE)
                sk_table_cell_text(table, task->call->escalated_to > 1 ? "(manager)" : "(coordinator)");
        else if (task->kind != SK_TASK_VISIT)
                sk_table_cell_text(table, "anybody");
        else if (visit->holder.len > 0)
                sk_table_cell_style(table, visit->holder, SK_BOLD);
        else
                sk_table_cell_format(table, "(%.*s)", (int)visit->responsible.len, visit->responsible.at);
}

static void put_row(const worklist *list, const sk_task *task) {
        sk_cli *cli = list->session->cli;
        const entry *shown = list->shown;
        sk_slice customer = task->call->is_ask ? shown->record->team : task->call->customer;
        sk_slice text = sk_task_text(list->session, task);
        int64_t now_us = sk_cli_now_us();
        bool is_due = shown->due_us != INT64_MAX;
        sk_table_cell_text(list->table, sk_cli_id(cli, &shown->record->id, list->id_length));
        if (list->who->team == NULL)
                sk_table_cell(list->table, shown->record->team);
        sk_table_cell_text(list->table, sk_task_what(list->session, task));
        put_who(list->table, task);
        sk_table_cell_format(list->table, "%s %.*s of %.*s", sk_call_type_id(task->call->type),
                             (int)task->call->facility.len, task->call->facility.at, (int)customer.len, customer.at);
        if (task->call->priority == 0)
                sk_table_cell_text(list->table, "");
        else
                sk_table_cell_format(list->table, "%u", task->call->priority);
        sk_table_cell_text(list->table, sk_cli_long(cli, now_us - shown->entered_us));
        sk_table_cell_style(list->table, sk_slice_of(is_due ? sk_cli_when_short(cli, shown->due_us) : ""),
                            is_due && shown->due_us < now_us ? SK_RED : SK_PLAIN);
        sk_table_cell(list->table, sk_slice_there(text) ? text : sk_view_need(list->session, shown->record));
}

static int show(void *self, const sk_task *task) {
        worklist *list = self;
        const entry *shown = list->shown;
        if (task->kind != shown->kind || task->seqno != shown->seqno ||
            (task->ask != NULL && !sk_id_equal(&task->ask->id, &shown->ask)))
                return SK_EXIT_OK;
        if (list->table == NULL)
                return sk_task_json(list->session, task);
        put_row(list, task);
        return SK_EXIT_OK;
}

/* How the first of the list is gone about. */
static void print_first(const worklist *list) {
        sk_cli *cli = list->session->cli;
        const entry *first = &list->entries[0];
        const char *id = sk_cli_id(cli, first->has_ask ? &first->ask : &first->record->id, list->id_length);
        switch (first->kind) {
        case SK_TASK_QUESTION:
                sk_next_print(cli, "answer the first", "answer %s 'ANSWER'", id);
                return;
        case SK_TASK_OFFER:
                sk_next_print(cli, "answer the first (accept or refuse)", "answer %s accept", id);
                return;
        case SK_TASK_ADVICE:
                sk_next_print(cli, "answer the first", "task advise %s 'ADVICE'", id);
                return;
        case SK_TASK_LATE:
                sk_next_print(cli, "look after the first", "show %s", id);
                return;
        case SK_TASK_APPOINT:
                sk_next_print(cli, "appoint for the first", "task appoint %s PERSON", id);
                return;
        default:
                sk_next_print(cli, "open the first", "task show %s", id);
        }
}

static int show_all(worklist *list) {
        sk_cli *cli = list->session->cli;
        size_t limit = (size_t)sk_cli_count(cli, "limit", UINT64_MAX);
        int status = SK_EXIT_OK;
        if (!sk_cli_is_json(cli)) {
                list->table = list->who->team == NULL
                                      ? sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]))
                                      : sk_table_new(cli, columns_of_team,
                                                     sizeof(columns_of_team) / sizeof(columns_of_team[0]));
                if (list->table == NULL)
                        return sk_session_no_memory(list->session);
        }
        for (size_t i = 0; i < list->count && i < limit && status == SK_EXIT_OK; i++) {
                list->shown = &list->entries[i];
                status = sk_tasks_of(list->session, list->shown->record, show, list);
                sk_cli_forget(cli);
        }
        if (list->table == NULL)
                return status;
        if (list->count == 0)
                sk_cli_remark(cli, "nothing is to be done");
        status = sk_table_print(list->table);
        if (status == SK_EXIT_OK && list->count > 0)
                print_first(list);
        return status;
}

static int list_tasks(const sk_session *session, const sk_who *who) {
        worklist list = {.session = session, .who = who};
        sk_view *view;
        int status = sk_view_load(session, who->team, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        list.id_length = sk_view_id_length(view);
        for (size_t i = 0; i < sk_view_count(view) && status == SK_EXIT_OK; i++)
                status = sk_tasks_of(session, sk_view_at(view, i), collect, &list);
        if (list.count > 1)
                qsort(list.entries, list.count, sizeof(*list.entries), by_urgency);
        if (status == SK_EXIT_OK)
                status = show_all(&list);
        sk_free(list.entries);
        sk_view_free(view);
        return status;
}

static int task_list_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        sk_who who;
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_who(&session, &who);
        if (status == SK_EXIT_OK && sk_cli_flag(cli, "mine") && !sk_slice_there(who.person))
                status = sk_cli_usage_error(cli, "mine", "say who: --as PERSON");
        if (status == SK_EXIT_OK)
                status = list_tasks(&session, &who);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_task_list = {
        .name = "list",
        .text = "list what waits for people, the most urgent first",
        .options = options,
        .details =
                "In order of priority, then of when it is due. With --as PERSON only what this person has claimed or "
                "may\n"
                "claim, also for those he stands in for; with --as TEAM or --team the team's; otherwise the chain's.\n"
                "Questions and offers of providers are in it (schakel answer), questions of colleagues (schakel task\n"
                "advise), and where nobody is accountable (schakel task appoint). With --json there is one JSON text\n"
                "a line, with instruction and form.",
        .example = "schakel task list --as anna@service-centre\nschakel task list --team service-centre --free --json",
        .run = task_list_run,
};
