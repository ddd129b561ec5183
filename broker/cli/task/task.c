/*
 * `schakel task`: the worklist and what people do with it.
 */
#include "cli/session/tasks.h"

static const sk_command *const subcommands[] = {
        &sk_command_task_list,    &sk_command_task_show,    &sk_command_task_do,       &sk_command_task_claim,
        &sk_command_task_release, &sk_command_task_assign,  &sk_command_task_save,     &sk_command_task_complete,
        &sk_command_task_decline, &sk_command_task_note,    &sk_command_task_question, &sk_command_task_ask,
        &sk_command_task_advise,  &sk_command_task_appoint, &sk_command_task_classify, NULL,
};

const sk_command sk_command_task = {
        .name = "task",
        .text = "what waits for people: list, show, do, claim, complete and more",
        .arguments =
                "list|show|do|claim|release|assign|save|complete|decline|note|question|ask|advise|appoint|classify",
        .example = "schakel task list --as anna",
        .subcommands = subcommands,
};
