/*
 * What a person does with a task: claim, release, assign, decline, note, question. Each is one `work` record
 * about the visit that was seen, so that it never hits a later one.
 */
#include "cli/task/task_deed.h"

static const sk_option options[] = {SK_DEED_OPTIONS, {0}};

static const sk_option assign_options[] = {
        SK_DEED_OPTIONS,
        {.name = "note", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "what the person should know"},
        {0},
};

static const sk_option decline_options[] = {
        SK_DEED_OPTIONS,
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why", .is_required = true},
        {.name = "retype",
         .kind = SK_OPTION_TEXT,
         .value = "TYPE",
         .text = "the call should have been this one: it is raised anew",
         .choices = "wish|request-for-change|incident|service-request"},
        {0},
};

static const sk_option note_options[] = {
        SK_DEED_OPTIONS,
        {.name = "to-customer", .kind = SK_OPTION_FLAG, .text = "tell the customer"},
        {.name = "forecast",
         .kind = SK_OPTION_TIME,
         .value = "TIME",
         .text = "when the task will be ready; the text is the reason"},
        {0},
};

static const sk_option question_options[] = {
        SK_DEED_OPTIONS,
        {.name = "until", .kind = SK_OPTION_TIME, .value = "TIME", .text = "when it lapses without an answer"},
        {.name = "within", .kind = SK_OPTION_DURATION, .value = "TIME", .text = "the same, from now on"},
        {.name = "then",
         .kind = SK_OPTION_TEXT,
         .value = "WHAT",
         .text = "what follows when it lapses (default: go-on)",
         .choices = "go-on|coordinator|withdraw"},
        {0},
};

/* ---- claim, release, assign ---- */

static int claim_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                status = sk_deed_send(&deed, &json, SK_WORK_CLAIM, "claimed");
        }
        return sk_deed_end(&deed, status);
}

static int release_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                status = sk_deed_send(&deed, &json, SK_WORK_RELEASE, "released");
        }
        return sk_deed_end(&deed, status);
}

static int assign_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "to", argv[1]);
                sk_json_put_optional(&json, "text", sk_slice_of(sk_cli_text(cli, "note")));
                status = sk_deed_send(&deed, &json, SK_WORK_ASSIGN, "assigned");
        }
        return sk_deed_end(&deed, status);
}

/* ---- decline, note, question ---- */

static int decline_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "reason", sk_cli_text(cli, "reason"));
                sk_json_put_optional(&json, "retype", sk_slice_of(sk_cli_text(cli, "retype")));
                status = sk_deed_send(&deed, &json, SK_WORK_DECLINE, "declined");
        }
        return sk_deed_end(&deed, status);
}

static int note_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_data(&deed);
                sk_json_put_cstr(&json, "text", argv[1]);
                if (sk_cli_flag(cli, "to-customer"))
                        sk_json_put_cstr(&json, "to", "customer");
                if (sk_cli_time(cli, "forecast", 0) != 0)
                        sk_json_put_time(&json, "forecast", sk_cli_time(cli, "forecast", 0));
                status = sk_deed_send(&deed, &json, SK_WORK_NOTE, "noted");
        }
        return sk_deed_end(&deed, status);
}

/* When the question lapses, and what then; nothing: it never does. */
static int put_lapse(sk_deed *deed, sk_json_writer *json) {
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
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "text", argv[1]);
                status = put_lapse(&deed, &json);
                if (status == SK_EXIT_OK)
                        status = sk_deed_send(&deed, &json, SK_WORK_QUESTION, "asked, the clock stands");
        }
        return sk_deed_end(&deed, status);
}

/* ---- what the commands say about themselves ---- */

const sk_command sk_command_task_claim = {
        .name = "claim",
        .text = "claim a task: it is yours then, and nobody else's",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel task claim 5f2ac41e --as anna",
        .run = claim_run,
};

const sk_command sk_command_task_release = {
        .name = "release",
        .text = "give a claimed task back",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .example = "schakel task release 5f2ac41e --as anna",
        .run = release_run,
};

const sk_command sk_command_task_assign = {
        .name = "assign",
        .text = "hand a task over that you hold; as its coordinator, give any to somebody",
        .arguments = SK_DEED_TASK " PERSON",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = assign_options,
        .example = "schakel task assign 5f2ac41e bo --as anna --note \"the part comes at noon\"\n"
                   "schakel task assign 5f2ac41e carl --as dina",
        .run = assign_run,
};

const sk_command sk_command_task_decline = {
        .name = "decline",
        .text = "decline the call at a claimed task, where the method allows it",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = decline_options,
        .example = "schakel task decline 5f2ac41e --as anna --reason \"not ours\" --retype service-request",
        .run = decline_run,
};

const sk_command sk_command_task_note = {
        .name = "note",
        .text = "write a note on the call of a task",
        .arguments = SK_DEED_TASK " TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = note_options,
        .details =
                "With --forecast the holder says when the task will be ready. If that is too late for the promise, the "
                "customer\n"
                "is told at once, with the note as the reason.",
        .example = "schakel task note 5f2ac41e \"the panel is ordered\" --as anna --to-customer\n"
                   "schakel task note 5f2ac41e \"the panel must come from stock\" --as anna --forecast "
                   "\"2026-11-23 16:30\"",
        .run = note_run,
};

const sk_command sk_command_task_question = {
        .name = "question",
        .text = "ask the customer something; the clock stands until the answer",
        .arguments = SK_DEED_TASK " TEXT",
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
