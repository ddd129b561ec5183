/*
 * schakel: the command line. Each command is a file of its own; this is the list.
 */
#include <locale.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "kit/json_load.h"

#define COMMANDS(X)       \
        X(method)         \
        X(check)          \
        X(plan)           \
        X(apply)          \
        X(contract)       \
        X(up)             \
        X(call)           \
        X(calls)          \
        X(watch)          \
        X(note)           \
        X(withdraw)       \
        X(answer)         \
        X(show)           \
        X(trace)          \
        X(task)           \
        X(retry)          \
        X(reissue)        \
        X(result)         \
        X(replay)         \
        X(export)         \
        X(import)         \
        X(journal)        \
        X(deadletter)     \
        X(report)         \
        X(map)            \
        X(map_test)       \
        X(template)       \
        X(steering)       \
        X(threshold)      \
        X(people)         \
        X(tool)           \
        X(infrastructure) \
        X(demo)           \
        X(completion)     \
        X(help)           \
        X(version)

#define DECLARE(name) extern const sk_command sk_command_##name;
COMMANDS(DECLARE)

#define LIST(name) &sk_command_##name,
static const sk_command *const commands[] = {COMMANDS(LIST) NULL};

int main(int argc, char **argv) {
        setlocale(LC_CTYPE, "C.UTF-8"); /* how wide characters are; numbers stay as C writes them */
        sk_json_load_prepare();
        sk_cli *cli = sk_cli_new(commands, stdout, stderr);
        if (cli == NULL) {
                fputs("schakel: memory: none left\n  end other programs, then try again\n", stderr);
                return SK_EXIT_NEGATIVE;
        }
        int status = sk_cli_main(cli, argc, argv);
        sk_cli_free(cli);
        return status;
}
