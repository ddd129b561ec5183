/*
 * Completion for bash, generated from the tables of the commands.
 */
#include <string.h>

#include "cli/frame.h"

static void names_add(sk_buf *out, const sk_command *const *commands) {
        for (size_t i = 0; commands[i] != NULL; i++)
                sk_buf_add_format(out, "%s%s", i == 0 ? "" : " ", commands[i]->name);
}

static void options_add(sk_buf *out, const sk_option *table) {
        for (; table != NULL && table->name != NULL; table++)
                sk_buf_add_format(out, " --%s", table->name);
}

static void words_add(sk_buf *out, const char *parent, const sk_command *command) {
        sk_buf_add_format(out, "        '%s%s%s') words='", parent, parent[0] == '\0' ? "" : " ", command->name);
        if (command->subcommands != NULL)
                names_add(out, command->subcommands);
        options_add(out, command->options);
        options_add(out, sk_cli_common_options);
        sk_buf_add_text(out, "' ;;\n");
}

static void all_words_add(sk_buf *out, const sk_command *const *commands) {
        for (size_t i = 0; commands[i] != NULL; i++) {
                words_add(out, "", commands[i]);
                const sk_command *const *below = commands[i]->subcommands;
                for (size_t n = 0; below != NULL && below[n] != NULL; n++)
                        words_add(out, commands[i]->name, below[n]);
        }
}

/* Options with a choice complete to it, all other values to files. */
static void choices_of(sk_buf *out, const sk_command *command) {
        for (const sk_option *option = command->options; option != NULL && option->name != NULL; option++) {
                if (option->choices == NULL)
                        continue;
                sk_buf_add_format(out, "        '%s --%s') words='", command->name, option->name);
                for (const char *at = option->choices; *at != '\0'; at++)
                        sk_buf_add(out, *at == '|' ? " " : at, 1);
                sk_buf_add_text(out, "' ;;\n");
        }
}

static void all_choices_add(sk_buf *out, const sk_command *const *commands) {
        for (size_t i = 0; commands[i] != NULL; i++) {
                choices_of(out, commands[i]);
                const sk_command *const *below = commands[i]->subcommands;
                for (size_t n = 0; below != NULL && below[n] != NULL; n++)
                        choices_of(out, below[n]);
        }
}

static void script_write(sk_buf *out, const sk_command *const *commands) {
        sk_buf_add_text(out, "# Completion of schakel for bash: eval \"$(schakel completion bash)\"\n"
                             "_schakel() {\n"
                             "        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                             "        local command=${COMP_WORDS[1]} below=${COMP_WORDS[2]} words=\n"
                             "        if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                             "                words='");
        names_add(out, commands);
        sk_buf_add_text(out, " --help --version'\n"
                             "                COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                             "                return\n"
                             "        fi\n"
                             "        local last=$command\n"
                             "        case $command in\n        ");
        bool is_first = true;
        for (size_t i = 0; commands[i] != NULL; i++) {
                if (commands[i]->subcommands == NULL)
                        continue;
                sk_buf_add_format(out, "%s%s", is_first ? "" : "|", commands[i]->name);
                is_first = false;
        }
        sk_buf_add_text(out, is_first ? "'') ;;\n"
                                      : ") [ \"$COMP_CWORD\" -gt 2 ] && last=$below command=\"$command $below\" ;;\n");
        sk_buf_add_text(out, "        esac\n"
                             "        case \"$last $before\" in\n");
        all_choices_add(out, commands);
        sk_buf_add_text(out, "        esac\n"
                             "        [ -n \"$words\" ] || case $command in\n");
        all_words_add(out, commands);
        sk_buf_add_text(out, "        esac\n"
                             "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                             "}\n"
                             "complete -o default -F _schakel schakel\n");
}

static int completion_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        if (strcmp(argv[0], "bash") != 0)
                return sk_cli_usage_error(cli, argv[0], "there is completion for bash only");
        sk_buf script = sk_buf_make((size_t)1 << 20);
        script_write(&script, sk_cli_commands(cli));
        int status = SK_EXIT_OK;
        if (script.err != SK_OK) {
                status = sk_cli_fail(cli, "completion", "free memory, then try again", "%s", sk_err_text(script.err));
        } else if (sk_cli_is_json(cli)) {
                sk_json_writer *json = sk_cli_json_begin(cli);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "bash", sk_buf_slice(&script));
                sk_json_close_object(json);
                status = sk_cli_json_end(cli);
        } else {
                sk_cli_print(cli, "%.*s", (int)script.len, sk_buf_slice(&script).at);
        }
        sk_buf_free(&script);
        return status;
}

const sk_command sk_command_completion = {
        .name = "completion",
        .text = "print a completion script for the shell",
        .arguments = "bash",
        .arguments_min = 1,
        .arguments_max = 1,
        .example = "eval \"$(schakel completion bash)\"",
        .run = completion_run,
};
