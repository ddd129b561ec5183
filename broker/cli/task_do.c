/*
 * What a person does with a task: claim, release, assign, complete, decline, note, question. Each is one `work` record
 * about the visit that was seen, so that it never hits a later one.
 */
#include <assert.h>

#include "cli/ids.h"
#include "cli/result.h"
#include "cli/tasks.h"
#include "cli/work.h"
#include "usm/text.h"

#define DATA_MAX_BYTES ((size_t)1 << 20)

#define TASK_OPTIONS SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, SK_OPTION_PERSON, SK_OPTION_PATIENCE

static const sk_option options[] = {TASK_OPTIONS, {0}};

static const sk_option complete_options[] = {
        TASK_OPTIONS,
        SK_RESULT_OPTIONS,
        {.name = "outcome",
         .kind = SK_OPTION_TEXT,
         .value = "OUTCOME",
         .text = "how it ended (default: completed)",
         .choices = "completed|not-confirmed|failed"},
        {.name = "claim", .kind = SK_OPTION_FLAG, .text = "claim it first, if nobody has"},
        {0},
};

static const sk_option decline_options[] = {
        TASK_OPTIONS,
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why", .is_required = true},
        {.name = "retype",
         .kind = SK_OPTION_TEXT,
         .value = "TYPE",
         .text = "the call should have been this one: it is raised anew",
         .choices = "wish|request-for-change|incident|service-request"},
        {0},
};

static const sk_option note_options[] = {
        TASK_OPTIONS,
        {.name = "to-customer", .kind = SK_OPTION_FLAG, .text = "tell the customer"},
        {0},
};

static const sk_option question_options[] = {
        TASK_OPTIONS,
        {.name = "until", .kind = SK_OPTION_TIME, .value = "TIME", .text = "when it lapses without an answer"},
        {.name = "within", .kind = SK_OPTION_DURATION, .value = "TIME", .text = "the same, from now on"},
        {.name = "then",
         .kind = SK_OPTION_TEXT,
         .value = "WHAT",
         .text = "what follows when it lapses (default: go-on)",
         .choices = "go-on|coordinator|withdraw"},
        {0},
};

/** A task about to be acted upon. */
typedef struct task_deed {
        sk_session session;
        sk_who who;
        sk_view *view;
        sk_call call;
        sk_task task;
        sk_buf data;
        size_t id_length;
} task_deed;

/* ---- beginning and end ---- */

static int find_team(task_deed *deed) {
        const sk_team *team = sk_edition_team(deed->session.edition, deed->task.record->team);
        if (team == NULL)
                return sk_cli_fail(deed->session.cli, "team", "name the chain that the log belongs to: -C DIR",
                                   "the team of that call is not in the chain");
        deed->who.team = team;
        return SK_EXIT_OK;
}

/* Nobody acts as nobody: a task belongs to a person. */
static int find_person(task_deed *deed) {
        if (sk_slice_there(deed->who.person))
                return SK_EXIT_OK;
        sk_slice login = sk_session_actor(&deed->session, &deed->who);
        if (sk_team_knows(deed->who.team, login)) {
                deed->who.person = login;
                return SK_EXIT_OK;
        }
        return sk_cli_usage_error(deed->session.cli, "as", "say who does it: --as PERSON, or SCHAKEL_PERSON");
}

static int deed_begin(sk_cli *cli, const char *name, task_deed *out) {
        *out = (task_deed){.data = sk_buf_make(DATA_MAX_BYTES)};
        int status = sk_session_open(cli, SK_ACT, &out->session);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_who(&out->session, &out->who);
        if (status == SK_EXIT_OK)
                status = sk_view_load(&out->session, out->who.team, false, &out->view);
        if (status == SK_EXIT_OK)
                status = sk_task_find(&out->session, out->view, out->who.team, name, &out->call, &out->task);
        if (status == SK_EXIT_OK)
                status = find_team(out);
        if (status == SK_EXIT_OK)
                status = find_person(out);
        if (status == SK_EXIT_OK)
                out->id_length = sk_view_id_length(out->view);
        return status;
}

static int deed_end(task_deed *deed, int status) {
        sk_view_free(deed->view);
        sk_buf_free(&deed->data);
        if (deed->session.cli != NULL)
                sk_session_close(&deed->session);
        return status;
}

static sk_json_writer data_begin(task_deed *deed) {
        sk_buf_clear(&deed->data);
        sk_json_writer json = sk_json_writer_make(&deed->data);
        sk_json_open_object(&json, NULL);
        return json;
}

static sk_work work_of(const task_deed *deed, sk_message type) {
        return (sk_work){.team = deed->who.team,
                         .person = deed->who.person,
                         .type = type,
                         .call = deed->task.record->id,
                         .data = sk_buf_slice(&deed->data)};
}

/* Closes the object, sends it, and says @p done with what and which call behind it. */
static int send(task_deed *deed, sk_json_writer *json, sk_message type, const char *done) {
        sk_cli *cli = deed->session.cli;
        sk_work_answer answer;
        sk_json_close_object(json);
        if (deed->data.err != SK_OK)
                return sk_session_no_memory(&deed->session);
        sk_work work = work_of(deed, type);
        int status = sk_work_send(&deed->session, &work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        return sk_work_report(&deed->session, &work, &answer, "%s: %s   %s %s of %s", done,
                              sk_task_what(&deed->session, &deed->task),
                              sk_cli_id(cli, &deed->task.record->id, deed->id_length),
                              sk_cli_safe(cli, deed->call.facility), sk_cli_safe(cli, deed->call.customer));
}

static sk_json_writer visit_begin(task_deed *deed) {
        sk_json_writer json = data_begin(deed);
        sk_json_put_int(&json, "visit", deed->call.visit.number);
        return json;
}

/* ---- claim, release, assign ---- */

static int claim_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(&deed);
                status = send(&deed, &json, SK_WORK_CLAIM, "claimed");
        }
        return deed_end(&deed, status);
}

static int release_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(&deed);
                status = send(&deed, &json, SK_WORK_RELEASE, "released");
        }
        return deed_end(&deed, status);
}

static int assign_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(&deed);
                sk_json_put_cstr(&json, "to", argv[1]);
                status = send(&deed, &json, SK_WORK_ASSIGN, "assigned");
        }
        return deed_end(&deed, status);
}

/* ---- complete ---- */

/* Claims for who is about to complete; prints nothing when it goes well. */
static int claim_first(task_deed *deed) {
        sk_work_answer answer;
        if (deed->call.visit.holder.len > 0)
                return SK_EXIT_OK;
        sk_json_writer json = visit_begin(deed);
        sk_json_close_object(&json);
        sk_work work = work_of(deed, SK_WORK_CLAIM);
        int status = deed->data.err == SK_OK ? sk_work_send(&deed->session, &work, &answer)
                                             : sk_session_no_memory(&deed->session);
        if (status == SK_EXIT_OK && answer.is_answered && !answer.is_done)
                return sk_work_refused(&deed->session, &work, &answer);
        return status;
}

static int complete(task_deed *deed) {
        sk_cli *cli = deed->session.cli;
        sk_buf result = sk_buf_make(DATA_MAX_BYTES / 2);
        sk_slice text;
        sk_slice form;
        const char *outcome = sk_cli_text_or(cli, "outcome", "completed");
        sk_task_instruction(&deed->session, &deed->task, &text, &form);
        int status = sk_result_read(cli, strcmp(outcome, "completed") == 0 ? form : SK_NONE, &result);
        if (status == SK_EXIT_OK && sk_cli_flag(cli, "claim"))
                status = claim_first(deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(deed);
                sk_json_put_cstr(&json, "outcome", outcome);
                if (result.len > 0)
                        sk_json_put_raw(&json, "result", sk_buf_slice(&result));
                status = send(deed, &json, SK_WORK_COMPLETE, outcome);
        }
        sk_buf_free(&result);
        return status;
}

static int complete_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = complete(&deed);
        return deed_end(&deed, status);
}

/* ---- decline, note, question ---- */

static int decline_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(&deed);
                sk_json_put_cstr(&json, "reason", sk_cli_text(cli, "reason"));
                sk_json_put_optional(&json, "retype", sk_slice_of(sk_cli_text(cli, "retype")));
                status = send(&deed, &json, SK_WORK_DECLINE, "declined");
        }
        return deed_end(&deed, status);
}

static int note_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = data_begin(&deed);
                sk_json_put_cstr(&json, "text", argv[1]);
                if (sk_cli_flag(cli, "to-customer"))
                        sk_json_put_cstr(&json, "to", "customer");
                status = send(&deed, &json, SK_WORK_NOTE, "noted");
        }
        return deed_end(&deed, status);
}

/* When the question lapses, and what then; nothing: it never does. */
static int put_lapse(task_deed *deed, sk_json_writer *json) {
        sk_cli *cli = deed->session.cli;
        int64_t until_us = sk_cli_time(cli, "until", 0);
        int64_t within_us = sk_cli_duration(cli, "within", 0);
        if (until_us != 0 && within_us != 0)
                return sk_cli_usage_error(cli, "within", "--until and --within say the same: give one of them");
        if (within_us != 0)
                until_us = sk_cli_now_us() + within_us;
        if (until_us == 0 && sk_cli_text(cli, "then") != NULL)
                return sk_cli_usage_error(cli, "then", "say when the question lapses: --until TIME or --within TIME");
        if (until_us != 0)
                sk_json_put_time(json, "until", until_us);
        sk_json_put_optional(json, "then", sk_slice_of(sk_cli_text(cli, "then")));
        return SK_EXIT_OK;
}

static int question_run(sk_cli *cli, int argc, char **argv) {
        task_deed deed;
        (void)argc;
        int status = deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = visit_begin(&deed);
                sk_json_put_cstr(&json, "text", argv[1]);
                status = put_lapse(&deed, &json);
                if (status == SK_EXIT_OK)
                        status = send(&deed, &json, SK_WORK_QUESTION, "asked, the clock stands");
        }
        return deed_end(&deed, status);
}

/* ---- what the commands say about themselves ---- */

#define TASK_NAME "CALL[/VISIT]"

const sk_command sk_command_task_claim = {
        .name = "claim",
        .text = "claim a task: it is yours then, and nobody else's",
        .arguments = TASK_NAME,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel task claim 5f2ac41e --as anna",
        .run = claim_run,
};

const sk_command sk_command_task_release = {
        .name = "release",
        .text = "give a claimed task back",
        .arguments = TASK_NAME,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel task release 5f2ac41e --as anna",
        .run = release_run,
};

const sk_command sk_command_task_assign = {
        .name = "assign",
        .text = "give a task to somebody, as its coordinator",
        .arguments = TASK_NAME " PERSON",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = options,
        .example = "schakel task assign 5f2ac41e bo --as dina",
        .run = assign_run,
};

const sk_command sk_command_task_complete = {
        .name = "complete",
        .text = "complete a claimed task, with its result",
        .arguments = TASK_NAME,
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

const sk_command sk_command_task_decline = {
        .name = "decline",
        .text = "decline the call at a claimed task, where the method allows it",
        .arguments = TASK_NAME,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = decline_options,
        .example = "schakel task decline 5f2ac41e --as anna --reason \"not ours\" --retype service-request",
        .run = decline_run,
};

const sk_command sk_command_task_note = {
        .name = "note",
        .text = "write a note on the call of a task",
        .arguments = TASK_NAME " TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = note_options,
        .example = "schakel task note 5f2ac41e \"the panel is ordered\" --as anna --to-customer",
        .run = note_run,
};

const sk_command sk_command_task_question = {
        .name = "question",
        .text = "ask the customer something; the clock stands until the answer",
        .arguments = TASK_NAME " TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = question_options,
        .details = "A question that lapses is one that was not answered in time: the task goes on without the answer, "
                   "becomes\n"
                   "the coordinator's, or the call ends as if the customer had withdrawn it. The clock runs again from "
                   "then "
                   "on.",
        .example = "schakel task question 5f2ac41e \"Does an external screen work?\" --as anna\n"
                   "schakel task question 5f2ac41e \"Is it still so?\" --as anna --within 3d --then withdraw",
        .run = question_run,
};
