/*
 * What people do with each other about a task: ask, advise, appoint who is accountable, and say what a call is.
 */
#include "cli/task/task_deed.h"
#include "kit/json_scan.h"

static const sk_option options[] = {SK_DEED_OPTIONS, {0}};

static const sk_option ask_options[] = {
        SK_DEED_OPTIONS,
        {.name = "to", .kind = SK_OPTION_TEXT, .value = "WHO", .text = "a person or profile (default: the consulted)"},
        {0},
};

static const sk_option advise_options[] = {
        SK_DEED_OPTIONS,
        {.name = "question",
         .kind = SK_OPTION_COUNT,
         .value = "N",
         .text = "which, if there are several",
         .min = 1,
         .max = 999},
        {0},
};

static const sk_option classify_options[] = {
        SK_DEED_OPTIONS,
        {.name = "priority", .kind = SK_OPTION_COUNT, .value = "N", .text = "1, the highest, to 5", .min = 1, .max = 5},
        {.name = "category", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "what kind of matter it is"},
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why"},
        {0},
};

static int ask_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "text", argv[1]);
                sk_json_put_optional(&json, "to", sk_slice_of(sk_cli_text(cli, "to")));
                status = sk_deed_send(&deed, &json, SK_WORK_ASK, "asked");
        }
        return sk_deed_end(&deed, status);
}

/* The question that is answered: the one named, or the oldest open one that this person was asked. */
static int find_question(sk_deed *deed, uint32_t *out) {
        sk_cli *cli = deed->session.cli;
        uint32_t wanted = (uint32_t)sk_cli_count(cli, "question", 0);
        sk_task_advice advice;
        size_t position = 0;
        while (sk_task_advice_next(deed->task.record, &deed->call, &position, &advice)) {
                sk_task task = deed->task;
                task.kind = SK_TASK_ADVICE;
                task.seqno = advice.number;
                bool is_asked = !advice.is_given && sk_task_is_for(deed->who.team, &task, deed->who.person);
                if (wanted == 0 ? !advice.is_open || !is_asked : advice.is_given || advice.number != wanted)
                        continue;
                *out = advice.number;
                return SK_EXIT_OK;
        }
        return sk_cli_fail(cli, "advise", "schakel task show lists what was asked; --question N takes one",
                           "nobody has asked that of this person here");
}

static int advise_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        uint32_t number = 0;
        (void)argc;
        int status = sk_deed_begin(cli, argv[0], &deed);
        if (status == SK_EXIT_OK)
                status = find_question(&deed, &number);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_data(&deed);
                sk_json_put_int(&json, "advice", number);
                sk_json_put_cstr(&json, "text", argv[1]);
                status = sk_deed_send(&deed, &json, SK_WORK_ADVISE, "advised");
        }
        return sk_deed_end(&deed, status);
}

static int appoint_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        (void)argc;
        int status = sk_deed_begin_visit(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_visit(&deed);
                sk_json_put_cstr(&json, "to", argv[1]);
                status = sk_deed_send(&deed, &json, SK_WORK_APPOINT, "appointed");
        }
        return sk_deed_end(&deed, status);
}

static int classify_run(sk_cli *cli, int argc, char **argv) {
        sk_deed deed;
        int64_t priority = (int64_t)sk_cli_count(cli, "priority", 0);
        const char *category = sk_cli_text(cli, "category");
        (void)argc;
        if (priority == 0 && category == NULL)
                return sk_cli_usage_error(cli, "classify", "give --priority, --category or both");
        int status = sk_deed_begin_visit(cli, argv[0], &deed);
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_deed_data(&deed);
                if (priority != 0)
                        sk_json_put_int(&json, "priority", priority);
                sk_json_put_optional(&json, "category", sk_slice_of(category));
                sk_json_put_optional(&json, "reason", sk_slice_of(sk_cli_text(cli, "reason")));
                status = sk_deed_send(&deed, &json, SK_WORK_CLASSIFY, "classified");
        }
        return sk_deed_end(&deed, status);
}

/* ---- what the commands say about themselves ---- */

const sk_command sk_command_task_ask = {
        .name = "ask",
        .text = "ask colleagues for advice about a claimed task",
        .arguments = SK_DEED_TASK " TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = ask_options,
        .details = "It stands on the list of those whom the routine names as consulted, or of whom --to names. The "
                   "task goes\n"
                   "on meanwhile, unless its routine says that it waits for advice. The customer is asked by task\n"
                   "question.",
        .example = "schakel task ask 5f2ac41e \"Which panel fits?\" --as anna --to carl",
        .run = ask_run,
};

const sk_command sk_command_task_advise = {
        .name = "advise",
        .text = "answer a colleague who has asked for advice",
        .arguments = SK_DEED_TASK " TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = advise_options,
        .example = "schakel task advise 5f2ac41e \"the one of 2024\" --as carl",
        .run = advise_run,
};

const sk_command sk_command_task_appoint = {
        .name = "appoint",
        .text = "say who is accountable for what runs, as its coordinator",
        .arguments = SK_DEED_TASK " PERSON",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = options,
        .example = "schakel task appoint 5f2ac41e bo --as dina",
        .run = appoint_run,
};

const sk_command sk_command_task_classify = {
        .name = "classify",
        .text = "change priority or category of a call",
        .arguments = SK_DEED_TASK,
        .arguments_min = 1,
        .arguments_max = 1,
        .options = classify_options,
        .details = "For the coordinator, who holds the task, or who is accountable, once the call has been classified. "
                   "What\n"
                   "was promised stays as it is; worklists, and routines that select by it, follow.",
        .example = "schakel task classify 5f2ac41e --priority 1 --reason \"payday\" --as dina",
        .run = classify_run,
};
