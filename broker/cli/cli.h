#ifndef SK_CLI_CLI_H
#define SK_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/arena.h"
#include "kit/json_write.h"
#include "kit/slice.h"

/*
 * The frame of the command line. A command is a table: its name, texts, options and a function. The frame reads the
 * options, prints help and usage errors from the same table, and hands the function what is left.
 *
 *     static const sk_option options[] = {SK_OPTION_CHAIN, {.name = "wait", .text = "follow it to its end"}, {0}};
 *
 *     const sk_command sk_command_call = {
 *             .name = "call", .text = "raise a call", .arguments = "FACILITY", .arguments_min = 1, .arguments_max = 1,
 *             .options = options, .example = "schakel call laptop --team finance --type incident", .run = call_run,
 *     };
 *
 * Then one line in main.c. One thread.
 */

#define SK_EXIT_OK 0
#define SK_EXIT_NEGATIVE 1 /**< it ran, and the answer is no: findings, not there, refused, not reached */
#define SK_EXIT_USAGE 2    /**< it was asked wrongly; nothing was done */

#define SK_OPTIONS_MAX 32 /**< of one command */

typedef struct sk_cli sk_cli;
typedef struct sk_command sk_command;

/* ---- what a command says about itself ---- */

typedef enum sk_option_kind {
        SK_OPTION_FLAG,     /**< sk_cli_flag */
        SK_OPTION_TEXT,     /**< sk_cli_text */
        SK_OPTION_LIST,     /**< may be given often: sk_cli_list */
        SK_OPTION_COUNT,    /**< a whole number in [min, max]: sk_cli_count */
        SK_OPTION_NUMBER,   /**< a positive number, also with a fraction: sk_cli_number */
        SK_OPTION_TIME,     /**< RFC 3339, or a date with or without a time in the local zone: sk_cli_time */
        SK_OPTION_DURATION, /**< 90s, 5m, 2h, 3d or ISO 8601: sk_cli_duration */
} sk_option_kind;

/** One option; a table of them ends with {0}. --json and --help are added by the frame: do not list them. */
typedef struct sk_option {
        const char *name; /**< long name without dashes */
        char letter;      /**< short name; 0: none */
        sk_option_kind kind;
        const char *value;       /**< what help calls the value: "DIR"; NULL for a flag */
        const char *text;        /**< one line */
        const char *choices;     /**< "en|nl|es": nothing else is accepted; NULL: anything */
        const char *environment; /**< variable that stands in when the option is not given; NULL: none */
        uint64_t min;            /**< SK_OPTION_COUNT */
        uint64_t max;            /**< SK_OPTION_COUNT; 0: no upper bound */
        bool is_required;
} sk_option;

/* The same option is called the same everywhere. */
#define SK_OPTION_CHAIN                                                                              \
        {                                                                                            \
                .name = "chain", .letter = 'C', .kind = SK_OPTION_TEXT, .value = "DIR",              \
                .text = "chain directory (default: the present one)", .environment = "SCHAKEL_CHAIN" \
        }
#define SK_OPTION_LOG                                                                                        \
        {                                                                                                    \
                .name = "log", .kind = SK_OPTION_TEXT, .value = "LOG",                                       \
                .text = "where the records are: local:FILE or kafka:HOST:PORT", .environment = "SCHAKEL_LOG" \
        }
#define SK_OPTION_TEAM                                                                  \
        {                                                                               \
                .name = "team", .letter = 't', .kind = SK_OPTION_TEXT, .value = "TEAM", \
                .text = "the team it is about", .environment = "SCHAKEL_TEAM"           \
        }
#define SK_OPTION_PROCESS(text_)                                                                \
        {                                                                                       \
                .name = "process", .kind = SK_OPTION_TEXT, .value = "PROCESS", .text = (text_), \
                .choices = "agree|change|recover|operate|improve"                               \
        }
#define SK_OPTION_WORKFLOW(text_) \
        { .name = "workflow", .kind = SK_OPTION_COUNT, .value = "NUMBER", .text = (text_), .min = 1, .max = 8 }
#define SK_OPTION_LANGUAGE(text_) \
        { .name = "lang", .kind = SK_OPTION_TEXT, .value = "LANGUAGE", .text = (text_), .choices = "en|nl|es" }
#define SK_OPTION_AS                                                                            \
        {                                                                                       \
                .name = "as", .kind = SK_OPTION_TEXT, .value = "PERSON", .text = "who does it", \
                .environment = "SCHAKEL_PERSON"                                                 \
        }

struct sk_command {
        const char *name;      /**< "call"; of a subcommand: "claim" */
        const char *text;      /**< one line for `schakel help`, without a full stop */
        const char *arguments; /**< for the usage line: "CALL [TEXT]"; NULL: none */
        unsigned arguments_min;
        unsigned arguments_max;
        const sk_option *options; /**< ends with {0}; NULL: none of its own */
        const char *details;      /**< paragraphs below the usage line, broken into lines already; NULL: none */
        const char *example;      /**< command lines, one or more, each on its own line */
        const sk_command *const *subcommands; /**< ends with NULL; such a command has no run and no options */
        /** What it does; @p argv holds @p argc arguments without options and without the command. Returns SK_EXIT_…. */
        int (*run)(sk_cli *cli, int argc, char **argv);
};

/* ---- options given; asking for a name that the command's table does not have is an assertion ---- */

bool sk_cli_flag(const sk_cli *cli, const char *name);
/** What a text option was given, if the command has such an option at all; else NULL. */
const char *sk_cli_text_if(const sk_cli *cli, const char *name);
/** NULL if not given. Belongs to the caller of main: good for the whole run. */
const char *sk_cli_text(const sk_cli *cli, const char *name);
/** @p otherwise if not given. */
const char *sk_cli_text_or(const sk_cli *cli, const char *name, const char *otherwise);
/** All values in order; *out_count is 0 if there is none. */
const char *const *sk_cli_list(const sk_cli *cli, const char *name, size_t *out_count);
/** Value of a whole-number option; otherwise if it is not given. */
uint64_t sk_cli_count(const sk_cli *cli, const char *name, uint64_t otherwise);
/** Value of an option with a fraction; otherwise if it is not given. */
double sk_cli_number(const sk_cli *cli, const char *name, double otherwise);
/** Microseconds since the epoch. */
int64_t sk_cli_time(const sk_cli *cli, const char *name, int64_t otherwise);
/** Microseconds. */
int64_t sk_cli_duration(const sk_cli *cli, const char *name, int64_t otherwise);
/** Whether --json was given: then stdout carries JSON and nothing else. */
bool sk_cli_is_json(const sk_cli *cli);

/* ---- errors: the whole message is escaped, so that what came from outside may stand in it ---- */

/**
 * Prints `schakel COMMAND: what: why` and, indented below it, what to do.
 *
 * @param what    what it is about: a file, an option, a call
 * @param remedy  what the reader does now; required
 * @param why     printf(3) format and its values
 * @return SK_EXIT_NEGATIVE
 */
int sk_cli_fail(sk_cli *cli, const char *what, const char *remedy, const char *why, ...)
        __attribute__((format(printf, 4, 5)));
/** The same for what was asked wrongly; adds where help is. Returns SK_EXIT_USAGE. */
int sk_cli_usage_error(sk_cli *cli, const char *what, const char *why, ...) __attribute__((format(printf, 3, 4)));
/** A remark on stderr, one line; never with --json's stdout mixed. */
void sk_cli_remark(sk_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- printing on stdout ---- */

/** As printf(3). What is not a literal of ours or a number goes through sk_cli_safe first. */
void sk_cli_print(sk_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * @p text with everything that a terminal could obey made visible (cli/print/escape.h): on one line, valid UTF-8.
 * Good until sk_cli_forget or the end of the run.
 */
const char *sk_cli_safe(sk_cli *cli, sk_slice text);
/** As sk_cli_safe, of C text. */
const char *sk_cli_safe_text(sk_cli *cli, const char *text);

/** Local zone: `2026-11-21 14:22:51`; "-" for 0. Good as sk_cli_safe. */
const char *sk_cli_when(sk_cli *cli, int64_t time_us);
/** For narrow columns: `11-21 14:22`, in another year than this one `2027-01-04`. */
const char *sk_cli_when_short(sk_cli *cli, int64_t time_us);
/** `41 s`, `6 h 48 min`; "-" for a negative one. */
const char *sk_cli_long(sk_cli *cli, int64_t duration_us);

/** Gives back what sk_cli_safe and the like have made; for commands that print without end. */
void sk_cli_forget(sk_cli *cli);
/** Memory for the run of the command, bounded to 64 MiB, forgotten with sk_cli_forget. */
sk_arena *sk_cli_arena(sk_cli *cli);

/** Starts a JSON text. One at a time; any number one after the other (JSON lines). */
sk_json_writer *sk_cli_json_begin(sk_cli *cli);
/** Prints it as one line. Returns SK_EXIT_OK, or says that there was no memory and returns SK_EXIT_NEGATIVE. */
int sk_cli_json_end(sk_cli *cli);

/* ---- the terminal ---- */

typedef enum sk_style { SK_PLAIN, SK_BOLD, SK_DIM, SK_RED, SK_GREEN, SK_YELLOW, SK_BLUE, SK_STYLES } sk_style;

/** What begins @p style on stdout, or "" where stdout is no terminal or NO_COLOR is set. SK_PLAIN ends it. */
const char *sk_cli_style(const sk_cli *cli, sk_style style);
/** Whether stdout is a terminal. */
bool sk_cli_is_terminal(const sk_cli *cli);
/** Columns that a line may have: COLUMNS, else the terminal's; SIZE_MAX where there is no terminal. */
size_t sk_cli_columns(const sk_cli *cli);
/** The stream for results. */
FILE *sk_cli_out(sk_cli *cli);
/** The stream for what is remarked upon. */
FILE *sk_cli_err(sk_cli *cli);

/* ---- the world ---- */

/** The wall clock, microseconds since the epoch. */
int64_t sk_cli_now_us(void);
/** From now on Ctrl-C and SIGTERM only make sk_cli_is_interrupted true (and interrupt what blocks). */
void sk_cli_catch_interrupt(void);
/** Whether Ctrl-C was pressed or the end was asked for. */
bool sk_cli_is_interrupted(void);
/** How often so far: who asks a second time wants it at once. */
unsigned sk_cli_interrupts(void);

/**
 * Reads a whole file ("-": stdin) of at most @p max bytes; on failure the message is printed already.
 *
 * @param out  taken from sk_cli_arena's memory; zero-terminated
 * @return SK_EXIT_OK or SK_EXIT_NEGATIVE
 */
int sk_cli_read(sk_cli *cli, const char *path, size_t max, sk_slice *out);

/* ---- for main and tests ---- */

/** New frame that writes to @p out and @p err (borrowed); NULL without memory. @p commands ends with NULL. */
sk_cli *sk_cli_new(const sk_command *const *commands, FILE *out, FILE *err);
/** NULL is legal. */
void sk_cli_free(sk_cli *cli);
/** Finds the command, reads its options, runs it, flushes. Returns the exit status. */
int sk_cli_main(sk_cli *cli, int argc, char **argv);
/** All commands, ended by NULL. */
const sk_command *const *sk_cli_commands(const sk_cli *cli);
/** The command that runs and, when it is a subcommand, the one above it (else NULL). */
const sk_command *sk_cli_command(const sk_cli *cli);
/** The group that the command belongs to; NULL: none. */
const sk_command *sk_cli_parent(const sk_cli *cli);

#endif
