/*
 * `schakel task`: the worklist and what people do with it.
 */
#include "cli/tasks.h"

static const sk_command *const subcommands[] = {
        &sk_command_task_list,     &sk_command_task_show,
        &sk_command_task_claim,    &sk_command_task_release,
        &sk_command_task_assign,   &sk_command_task_complete,
        &sk_command_task_decline,  &sk_command_task_note,
        &sk_command_task_question, NULL,
};

const sk_command sk_command_task = {
        .name = "task",
        .text = "what waits for people: list, show, claim, complete and more",
        .arguments = "list|show|claim|release|assign|complete|decline|note|question",
        .example = "schakel task list --person anna",
        .subcommands = subcommands,
};
