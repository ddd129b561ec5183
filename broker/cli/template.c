/*
 * `schakel template`: the routines of a team, as tables of what, who and how.
 */
#include "cli/cli.h"

extern const sk_command sk_command_template_list;
extern const sk_command sk_command_template_show;

static const sk_command *const subcommands[] = {&sk_command_template_list, &sk_command_template_show, NULL};

const sk_command sk_command_template = {
        .name = "template",
        .text = "the routines of a team: who does what, and how",
        .arguments = "list|show",
        .example = "schakel template show --team service-centre --workflow 3",
        .subcommands = subcommands,
};
