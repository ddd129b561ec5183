/*
 * What a person enters in a task: complete, save, and do, which asks for it. What was saved before is there again.
 */
#include <unistd.h>

#include "cli/task/ask_form.h"
#include "cli/task/form_fit.h"
#include "cli/task/result.h"
#include "cli/task/task_deed.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "link/call.h"

#define RESULT_MAX_BYTES ((size_t)512 << 10)

static const sk_option complete_options[] = {
        SK_DEED_OPTIONS,
        SK_RESULT_OPTIONS,
        {.name = "outcome",
         .kind = SK_OPTION_TEXT,
         .value = "OUTCOME",
         .text = "how it ended (default: completed)",
         .choices = "completed|not-confirmed|failed"},
        {.name = "claim", .kind = SK_OPTION_FLAG, .text = "claim it first, if nobody has"},
        {.name = "finding",
         .kind = SK_OPTION_TEXT,
         .value = "TEXT",
         .text = "what struck you: the team raises it with itself as a risk"},
        {0},
};

static const sk_option save_options[] = {SK_DEED_OPTIONS, SK_RESULT_OPTIONS, {0}};

static const sk_option do_options[] = {SK_DEED_OPTIONS, {0}};

static sk_slice form_of(const sk_deed *deed) {
        sk_slice text;
        sk_slice form;
        sk_task_instruction(&deed->session, &deed->task, &text, &form);
        return form;
}

/* What struck who ends the task becomes a call of the team's own. */
static void put_finding(sk_json_writer *json, const char *text) {
        if (text == NULL)
                return;
        sk_json_open_object(json, "finding");
        sk_json_put_cstr(json, "need", text);
        sk_json_close_object(json);
}

/* Sends what was entered: as the end of the task or, without an outcome, to be kept. */
static int send_result(sk_deed *deed, const char *outcome, sk_slice result, const char *finding) {
        sk_json_writer json = sk_deed_visit(deed);
        if (outcome != NULL)
                sk_json_put_cstr(&json, "outcome", outcome);
        if (result.len > 0 || outcome == NULL)
                sk_json_put_raw(&json, "result", result.len > 0 ? result : SK_SLICE("{}"));
        put_finding(&json, finding);
        return outcome != NULL ? sk_deed_send(deed, &json, SK_WORK_COMPLETE, outcome)
                               : sk_deed_send(deed, &json, SK_WORK_SAVE, "saved");
}

/* ---- complete, save ---- */

static int complete(sk_deed *deed) {
        sk_cli *cli = deed->session.cli;
        sk_buf result = sk_buf_make(RESULT_MAX_BYTES);
        const char *outcome = sk_cli_text_or(cli, "outcome", "completed");
        sk_result_wanted wanted = {.form = form_of(deed), .draft = sk_task_draft(&deed->task)};
        wanted.is_whole = strcmp(outcome, "completed") == 0;
        int status = sk_result_read(cli, &wanted, &result);
        if (status == SK_EXIT_OK && sk_cli_flag(cli, "claim"))
                status = sk_deed_claim(deed);
        if (status == SK_EXIT_OK)
                status = send_result(deed, outcome, sk_buf_slice(&result), sk_cli_text(cli, "finding"));
        sk_buf_free(&result);
        return status;
}

static int complete_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = complete(&deed);
        return sk_deed_end(&deed, status);
}

static int save(sk_deed *deed) {
        sk_buf result = sk_buf_make(RESULT_MAX_BYTES);
        sk_result_wanted wanted = {.form = form_of(deed), .draft = sk_task_draft(&deed->task)};
        int status = sk_result_read(deed->session.cli, &wanted, &result);
        if (status == SK_EXIT_OK)
                status = send_result(deed, NULL, sk_buf_slice(&result), NULL);
        sk_buf_free(&result);
        return status;
}

static int save_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = save(&deed);
        return sk_deed_end(&deed, status);
}

/* ---- do ---- */

/* The tree of JSON that the log holds, or an empty object. */
static json_t *tree_of(sk_slice json) {
        json_t *tree = NULL;
        if (!sk_slice_there(json) || sk_json_load(json, SK_JSON_SCAN_DEPTH_MAX, &tree, NULL) != SK_OK)
                tree = json_object();
        return tree;
}

static int send_tree(sk_deed *deed, const char *outcome, const json_t *object) {
        char *text = json_dumps(object, JSON_COMPACT);
        if (text == NULL)
                return sk_session_no_memory(&deed->session);
        int status = send_result(deed, outcome, sk_slice_of(text), NULL);
        sk_free(text);
        return status;
}

/* Asks for everything, then sends it; what does not fit as a whole is kept, so that nothing is entered twice. */
static int ask_and_send(sk_deed *deed, const sk_asking *asking, const json_t *form, json_t *object) {
        sk_cli *cli = asking->cli;
        sk_schema_fault fault;
        bool is_whole = sk_ask_form(asking, form, object);
        if (is_whole && sk_form_takes(form, object, &fault))
                return send_tree(deed, "completed", object);
        if (is_whole)
                sk_cli_remark(cli, "%s %s", fault.instance[0] == '\0' ? "what was entered" : fault.instance + 1,
                              fault.text);
        if (json_object_size(object) == 0)
                return sk_cli_fail(cli, "do", "schakel task do asks again",
                                   "nothing was entered; the task stays yours");
        return send_tree(deed, NULL, object);
}

static int do_task(sk_deed *deed) {
        const sk_frame *frame = &deed->call.frames[deed->call.frame_count - 1];
        sk_asking asking = {.cli = deed->session.cli, .in = stdin, .cut = SK_PROCESSES};
        int status = sk_deed_claim(deed);
        if (status != SK_EXIT_OK)
                return status;
        sk_task_print(&deed->session, deed->who.team, &deed->task, deed->id_length);
        if (frame->step == SK_AT_CUT || sk_task_decides(deed->session.cli, &deed->task))
                asking.cut = frame->process;
        asking.is_cut_later = frame->step != SK_AT_CUT;
        json_t *form = tree_of(form_of(deed));
        json_t *object = tree_of(sk_task_draft(&deed->task));
        status = form == NULL || !json_is_object(object) ? sk_session_no_memory(&deed->session)
                                                         : ask_and_send(deed, &asking, form, object);
        json_decref(form);
        json_decref(object);
        return status;
}

static int do_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        if (!isatty(STDIN_FILENO))
                return sk_cli_fail(cli, "do", "say it with schakel task complete --set NAME=VALUE",
                                   "it asks for what is to be entered, and there is no terminal");
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = do_task(&deed);
        return sk_deed_end(&deed, status);
}

/* ---- what the commands say about themselves ---- */

const sk_command sk_command_task_complete = {
        .name = "complete",
        .text = "complete a claimed task, with its result",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = complete_options,
        .details = "What is to be entered stands in the task's form: schakel task show. At a cut --cut says which "
                   "process\n"
                   "follows: change if a component must be modified, operate if none, agree if an agreement must.",
        .example = "schakel task complete 5f2ac41e --as anna --set cause=cable --set note=\"was loose\"\n"
                   "schakel task complete 5f2ac41e --as anna --cut change --component laptop-4711 --reason \"panel "
                   "broken\"",
        .run = complete_run,
};

const sk_command sk_command_task_save = {
        .name = "save",
        .text = "keep what has been entered in a claimed task so far",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = save_options,
        .details = "It need not be whole yet. It stays with the task, also when that is given back or handed over, and "
                   "is\n"
                   "there again for task do and task complete.",
        .example = "schakel task save 5f2ac41e --as anna --set cause=cable",
        .run = save_run,
};

const sk_command sk_command_task_do = {
        .name = "do",
        .text = "claim a task, be asked for what is to be entered, and complete it",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = do_options,
        .details = "Needs a terminal. Enter alone takes what stands in brackets; a choice is given by its number or "
                   "its\n"
                   "first letters; Ctrl-D stops and keeps what has been entered.",
        .example = "schakel task do 5f2ac41e --as anna",
        .run = do_run,
};
