/*
 * `schakel template`: the routines of a team, as tables of what, who and how.
 */
#include "cli/cli.h"

extern const sk_command sk_command_template_list;
extern const sk_command sk_command_template_show;
extern const sk_command sk_command_template_raci;
extern const sk_command sk_command_template_new;
extern const sk_command sk_command_template_export;
extern const sk_command sk_command_template_import;
extern const sk_command sk_command_template_diff;
extern const sk_command sk_command_template_publish;
extern const sk_command sk_command_template_history;

static const sk_command *const subcommands[] = {&sk_command_template_list,    &sk_command_template_show,
                                                &sk_command_template_raci,    &sk_command_template_new,
                                                &sk_command_template_export,  &sk_command_template_import,
                                                &sk_command_template_diff,    &sk_command_template_publish,
                                                &sk_command_template_history, NULL};

const sk_command sk_command_template = {
        .name = "template",
        .text = "the routines of a team: who does what, and how",
        .arguments = "list|show|raci|new|export|import|diff|publish|history",
        .example = "schakel template show --team service-centre --workflow 3",
        .subcommands = subcommands,
};
