#ifndef SK_CLI_FRAME_H
#define SK_CLI_FRAME_H

#include "cli/cli.h"
#include "kit/buf.h"

/*
 * The inside of the frame, shared by cli.c, options.c, help.c, print.c and fail.c. Commands include cli/cli.h only.
 */

/** What was given for one option; which member counts follows from its kind. */
typedef struct sk_given {
        const sk_option *option;
        bool is_given;
        const char *text;
        const char **list; /**< SK_OPTION_LIST: as many as there are arguments at most */
        size_t list_count;
        uint64_t count;
        double number;
        int64_t time_us; /**< also a duration */
} sk_given;

#define SK_GIVEN_MAX (SK_OPTIONS_MAX + 2)

struct sk_cli {
        FILE *out;
        FILE *err;
        const sk_command *const *commands;
        const sk_command *command;
        const sk_command *parent;
        sk_given given[SK_GIVEN_MAX];
        size_t given_count;
        sk_arena *arena;
        sk_buf line; /**< scratch for one piece of output */
        sk_buf json;
        sk_json_writer writer;
        bool json_is_open;
};

/** The two options that every command has: --json and --help; ends with {0}. */
extern const sk_option sk_cli_common_options[];

/**
 * Reads the options of cli->command out of @p argv, moving what is left to its front.
 *
 * @param count  in: how many @p argv has; out: how many arguments are left
 * @return SK_EXIT_OK, or SK_EXIT_USAGE with the message printed
 */
int sk_options_read(sk_cli *cli, int *count, char **argv);
/** Frees what was read from the command line. */
void sk_options_forget(sk_cli *cli);
/** NULL if the option was not in the table. */
const sk_given *sk_options_given(const sk_cli *cli, const char *name);

/** Reads a value for SK_OPTION_TIME or SK_OPTION_DURATION; false for anything else. */
bool sk_option_time_parse(const char *text, int64_t *out_us);
/** Reads `10s`, `5m`, `2h` or `1d` into microseconds; false: it is none. */
bool sk_option_duration_parse(const char *text, int64_t *out_us);

/** Prints help for a command (below @p parent, or NULL) on stdout. */
void sk_help_command(sk_cli *cli, const sk_command *command, const sk_command *parent);
/** Prints what commands there are. */
void sk_help_overview(sk_cli *cli);

/** By name; NULL if there is none. */
const sk_command *sk_command_find(const sk_command *const *commands, const char *name);

#endif
