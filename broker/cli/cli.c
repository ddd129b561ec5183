/*
 * The frame: finds the command, has its options read, runs it, and sees to it that what was printed has arrived.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cli/frame.h"
#include "kit/alloc.h"
#include "usm/suggest.h"

#define ARENA_MAX ((size_t)64 << 20)
#define LINE_MAX_BYTES ((size_t)16 << 20)
#define JSON_MAX_BYTES ((size_t)256 << 20)

sk_cli *sk_cli_new(const sk_command *const *commands, FILE *out, FILE *err) {
        assert(commands != NULL && out != NULL && err != NULL);
        sk_cli *cli = sk_alloc_zero(1, sizeof(*cli));
        if (cli == NULL)
                return NULL;
        cli->arena = sk_arena_new(ARENA_MAX);
        if (cli->arena == NULL) {
                sk_free(cli);
                return NULL;
        }
        cli->commands = commands;
        cli->out = out;
        cli->err = err;
        cli->line = sk_buf_make(LINE_MAX_BYTES);
        cli->json = sk_buf_make(JSON_MAX_BYTES);
        return cli;
}

void sk_cli_free(sk_cli *cli) {
        if (cli == NULL)
                return;
        sk_options_forget(cli);
        sk_buf_free(&cli->line);
        sk_buf_free(&cli->json);
        sk_arena_free(cli->arena);
        sk_free(cli);
}

const sk_command *sk_command_find(const sk_command *const *commands, const char *name) {
        for (size_t i = 0; commands[i] != NULL; i++) {
                if (strcmp(commands[i]->name, name) == 0)
                        return commands[i];
        }
        return NULL;
}

/* Names the command that may have been meant; the message says where the list is. */
static int unknown(sk_cli *cli, const sk_command *const *commands, const char *name) {
        sk_suggestion suggestion = sk_suggest_make(sk_slice_of(name));
        for (size_t i = 0; commands[i] != NULL; i++)
                sk_suggest_offer(&suggestion, sk_slice_of(commands[i]->name));
        if (!sk_slice_there(suggestion.best))
                return sk_cli_usage_error(cli, name, "there is no such command");
        return sk_cli_usage_error(cli, name, "there is no such command; did you mean \"%.*s\"?",
                                  (int)suggestion.best.len, suggestion.best.at);
}

static bool is_help(const char *argument) {
        return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int run_command(sk_cli *cli, int argc, char **argv) {
        const sk_command *command = cli->command;
        assert(command->run != NULL);
        int status = sk_options_read(cli, &argc, argv);
        if (status != SK_EXIT_OK)
                return status;
        if (sk_cli_flag(cli, "help")) {
                sk_help_command(cli, command, cli->parent);
                return SK_EXIT_OK;
        }
        if ((unsigned)argc < command->arguments_min)
                return sk_cli_usage_error(cli, "arguments", "%s is missing", command->arguments);
        if ((unsigned)argc > command->arguments_max)
                return sk_cli_usage_error(cli, argv[command->arguments_max], "one argument too many");
        for (size_t i = 0; i < cli->given_count; i++) {
                if (cli->given[i].option->is_required && !cli->given[i].is_given)
                        return sk_cli_usage_error(cli, "options", "--%s is required", cli->given[i].option->name);
        }
        return command->run(cli, argc, argv);
}

static int run_subcommand(sk_cli *cli, int argc, char **argv) {
        const sk_command *parent = cli->command;
        if (argc == 0)
                return sk_cli_usage_error(cli, "arguments", "say which: %s", parent->arguments);
        if (is_help(argv[0])) {
                sk_help_command(cli, parent, NULL);
                return SK_EXIT_OK;
        }
        const sk_command *command = sk_command_find(parent->subcommands, argv[0]);
        if (command == NULL)
                return unknown(cli, parent->subcommands, argv[0]);
        cli->parent = parent;
        cli->command = command;
        return run_command(cli, argc - 1, argv + 1);
}

static int dispatch(sk_cli *cli, int argc, char **argv) {
        if (argc < 2)
                return sk_cli_usage_error(cli, "arguments", "say which command");
        const char *name = argv[1];
        if (is_help(name)) {
                sk_help_overview(cli);
                return SK_EXIT_OK;
        }
        if (strcmp(name, "--version") == 0)
                name = "version";
        cli->command = sk_command_find(cli->commands, name);
        if (cli->command == NULL)
                return unknown(cli, cli->commands, name);
        if (cli->command->subcommands != NULL)
                return run_subcommand(cli, argc - 2, argv + 2);
        return run_command(cli, argc - 2, argv + 2);
}

int sk_cli_main(sk_cli *cli, int argc, char **argv) {
        assert(cli != NULL && argc >= 0);
        int status = dispatch(cli, argc, argv);
        errno = 0;
        if (fflush(cli->out) == 0 && !ferror(cli->out))
                return status;
        return sk_cli_fail(cli, "standard output", "make room or choose another place, then run it again",
                           "could not be written: %s", errno == 0 ? "an earlier write failed" : strerror(errno));
}

const sk_command *const *sk_cli_commands(const sk_cli *cli) {
        return cli->commands;
}

const sk_command *sk_cli_command(const sk_cli *cli) {
        return cli->command;
}

const sk_command *sk_cli_parent(const sk_cli *cli) {
        return cli->parent;
}

FILE *sk_cli_out(sk_cli *cli) {
        return cli->out;
}

FILE *sk_cli_err(sk_cli *cli) {
        return cli->err;
}

sk_arena *sk_cli_arena(sk_cli *cli) {
        return cli->arena;
}

void sk_cli_forget(sk_cli *cli) {
        sk_arena_reset(cli->arena);
}
