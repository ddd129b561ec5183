/*
 * What people and tools say of programs, webhooks and plug-ins: `schakel result`, `retry` and `reissue`. Each is one `work`
 * record about the visit that was seen.
 */
#include "cli/task/result.h"
#include "cli/task/task_deed.h"

#define RESULT_MAX_BYTES (256u * 1024u)

static const sk_option options[] = {SK_DEED_OPTIONS, {0}};

static const sk_option reissue_options[] = {
        SK_DEED_OPTIONS,
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why", .is_required = true},
        {0},
};

static const sk_option result_options[] = {
        SK_DEED_OPTIONS,
        {.name = "try",
         .kind = SK_OPTION_COUNT,
         .value = "N",
         .text = "only if this try is awaited",
         .min = 1,
         .max = 255},
        {.name = "outcome",
         .kind = SK_OPTION_TEXT,
         .value = "WHAT",
         .text = "how it ended (default: completed)",
         .choices = "completed|declined|failed"},
        SK_RESULT_OPTIONS,
        {.name = "text", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "what people should know"},
        {0},
};

static int retry_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin_visit(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                status = sk_deed_send(&deed, &json, SK_WORK_RETRY, "tried again");
        }
        return sk_deed_end(&deed, status);
}

static int reissue_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin_visit(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "reason", sk_cli_text(cli, "reason"));
                status = sk_deed_send(&deed, &json, SK_WORK_REISSUE, "entered again");
        }
        return sk_deed_end(&deed, status);
}

/* What came of it, put together as the result of a task is. */
static int result_send(sk_deed *deed) {
        sk_cli *cli = deed->session.cli;
        sk_result_wanted wanted = {.form = SK_NONE, .draft = SK_NONE};
        sk_buf result = sk_buf_make(RESULT_MAX_BYTES);
        const char *outcome = sk_cli_text_or(cli, "outcome", "completed");
        int status = sk_result_read(cli, &wanted, &result);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(deed);
                if (sk_cli_count(cli, "try", 0) != 0)
                        sk_json_put_int(&json, "try", (int64_t)sk_cli_count(cli, "try", 0));
                sk_json_put_cstr(&json, "outcome", outcome);
                sk_json_put_optional(&json, "text", sk_slice_of(sk_cli_text(cli, "text")));
                if (result.len > 0)
                        sk_json_put_raw(&json, "result", sk_buf_slice(&result));
                status = sk_deed_send(deed, &json, SK_WORK_RESULT, outcome);
        }
        sk_buf_free(&result);
        return status;
}

static int result_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin_visit(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = result_send(&deed);
        return sk_deed_end(&deed, status);
}

/* ---- what the commands say about themselves ---- */

const sk_command sk_command_retry = {
        .name = "retry",
        .text = "have a program, a webhook or a supplier tried again that was given up",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = options,
        .details =
                "What has become the coordinator's task because it did not succeed is tried once more, under the same "
                "key;\n"
                "of a delegation what was asked in vain is asked again. Only a coordinator may.",
        .example = "schakel retry 5f2ac41e --as dina",
        .run = retry_run,
};

const sk_command sk_command_reissue = {
        .name = "reissue",
        .text = "have the running activity entered again, under today's who and how",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = reissue_options,
        .details =
                "A running visit keeps the who and how that it began with. This ends it: a program is killed, what was "
                "asked\n"
                "of suppliers is withdrawn and awaited; then the activity begins anew, as the routines say now. Only "
                "a\n"
                "coordinator may.",
        .example = "schakel reissue 5f2ac41e --reason \"a program does this now\" --as dina",
        .run = reissue_run,
};

const sk_command sk_command_result = {
        .name = "result",
        .text = "say what came of a program, a webhook or a plug-in, later than its try",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = result_options,
        .details =
                "For what has said that its result comes later, or still runs. A tool says it as a person of the team, "
                "who "
                "has\n"
                "a profile of the visit; who was asked to do it by its key finds call and visit in that: CALL/VISIT.",
        .example = "schakel result 5f2ac41e/4 --set order=4711 --as order-desk",
        .run = result_run,
};
