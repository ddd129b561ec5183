/*
 * Help is made from the tables that the options are read by, so that it cannot tell anything else.
 */
#include <string.h>

#include "cli/frame.h"
#include "cli/print/escape.h"

#define OPTION_COLUMN 26

static void option_print(sk_cli *cli, const sk_option *option) {
        char left[80];
        char letter[8] = "    ";
        if (option->letter != '\0')
                snprintf(letter, sizeof(letter), "-%c, ", option->letter);
        snprintf(left, sizeof(left), "  %s--%s%s%s", letter, option->name, option->value == NULL ? "" : " ",
                 option->value == NULL ? "" : option->value);
        sk_cli_print(cli, "%-*s  %s", OPTION_COLUMN, left, option->text);
        if (option->choices != NULL && (option->value == NULL || strcmp(option->choices, option->value) != 0))
                sk_cli_print(cli, ": %s", option->choices);
        if (option->kind == SK_OPTION_LIST)
                sk_cli_print(cli, "; may be given often");
        if (option->environment != NULL)
                sk_cli_print(cli, " [$%s]", option->environment);
        sk_cli_print(cli, "\n");
}

static void table_print(sk_cli *cli, const sk_option *table) {
        for (; table != NULL && table->name != NULL; table++)
                option_print(cli, table);
}

static void example_print(sk_cli *cli, const char *example) {
        if (example == NULL)
                return;
        sk_cli_print(cli, "\nExample:\n");
        while (*example != '\0') {
                size_t len = strcspn(example, "\n");
                sk_cli_print(cli, "  %.*s\n", (int)len, example);
                example += len + (example[len] == '\n');
        }
}

static void commands_print(sk_cli *cli, const sk_command *const *commands) {
        for (size_t i = 0; commands[i] != NULL; i++)
                sk_cli_print(cli, "  %-12s %s\n", commands[i]->name, commands[i]->text);
}

void sk_help_command(sk_cli *cli, const sk_command *command, const sk_command *parent) {
        sk_cli_print(cli, "Usage: schakel %s%s%s", parent == NULL ? "" : parent->name, parent == NULL ? "" : " ",
                     command->name);
        if (command->subcommands == NULL)
                sk_cli_print(cli, " [OPTION...]");
        sk_cli_print(cli, "%s%s\n\n%s.\n", command->arguments == NULL ? "" : " ",
                     command->arguments == NULL ? "" : command->arguments, command->text);
        if (command->details != NULL)
                sk_cli_print(cli, "\n%s\n", command->details);
        if (command->subcommands != NULL) {
                sk_cli_print(cli, "\nCommands:\n");
                commands_print(cli, command->subcommands);
        } else {
                sk_cli_print(cli, "\nOptions:\n");
                table_print(cli, command->options);
                table_print(cli, sk_cli_common_options);
        }
        example_print(cli, command->example);
}

void sk_help_overview(sk_cli *cli) {
        sk_cli_print(cli, "Usage: schakel COMMAND [OPTION...] [ARGUMENT...]\n\n"
                          "Service management as links of a chain.\n\nCommands:\n");
        commands_print(cli, cli->commands);
        sk_cli_print(cli, "\nExit status: 0 done, 1 the answer is no, 2 asked wrongly.\n"
                          "More: schakel COMMAND --help, man schakel\n");
}

static int json_list(sk_cli *cli) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_array(json, NULL);
        for (size_t i = 0; cli->commands[i] != NULL; i++) {
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "name", cli->commands[i]->name);
                sk_json_put_cstr(json, "text", cli->commands[i]->text);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
        return sk_cli_json_end(cli);
}

static int help_subcommand(sk_cli *cli, const sk_command *parent, const char *name) {
        const sk_command *command = parent->subcommands == NULL ? NULL : sk_command_find(parent->subcommands, name);
        if (command == NULL)
                return sk_cli_usage_error(cli, name, "schakel %s has no such command", parent->name);
        sk_help_command(cli, command, parent);
        return SK_EXIT_OK;
}

static int help_run(sk_cli *cli, int argc, char **argv) {
        if (sk_cli_is_json(cli))
                return json_list(cli);
        if (argc == 0) {
                sk_help_overview(cli);
                return SK_EXIT_OK;
        }
        const sk_command *command = sk_command_find(cli->commands, argv[0]);
        if (command == NULL)
                return sk_cli_usage_error(cli, argv[0], "there is no such command");
        if (argc == 2)
                return help_subcommand(cli, command, argv[1]);
        sk_help_command(cli, command, NULL);
        return SK_EXIT_OK;
}

const sk_command sk_command_help = {
        .name = "help",
        .text = "print what commands there are, or help for one",
        .arguments = "[COMMAND [SUBCOMMAND]]",
        .arguments_max = 2,
        .example = "schakel help call",
        .run = help_run,
};
