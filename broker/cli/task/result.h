#ifndef SK_CLI_RESULT_H
#define SK_CLI_RESULT_H

#include <jansson.h>

#include "cli/cli.h"
#include "kit/buf.h"

/*
 * The result of a task, as entered on the command line: a whole JSON object, single members, the decision at a cut.
 */

/* Options of `task complete`; sk_result_read asks for all of them. */
#define SK_RESULT_OPTIONS                                                                                             \
        {.name = "result", .kind = SK_OPTION_TEXT, .value = "JSON", .text = "the result, an object; @FILE reads it"}, \
                {.name = "set",                                                                                       \
                 .letter = 's',                                                                                       \
                 .kind = SK_OPTION_LIST,                                                                              \
                 .value = "NAME=VALUE",                                                                               \
                 .text = "a member of the result: a.b=x, list[]=x, name:=JSON"},                                      \
                {.name = "cut",                                                                                       \
                 .kind = SK_OPTION_TEXT,                                                                              \
                 .value = "PROCESS",                                                                                  \
                 .text = "what the cut triggers",                                                                     \
                 .choices = "change|operate|agree"},                                                                  \
                {.name = "component",                                                                                 \
                 .kind = SK_OPTION_LIST,                                                                              \
                 .value = "NAME",                                                                                     \
                 .text = "component that is to be changed, with --cut"},                                              \
        {                                                                                                             \
                .name = "reason", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why, with --cut"                  \
        }

/** What the result is for. */
typedef struct sk_result_wanted {
        sk_slice form;  /**< JSON Schema of the task; SK_NONE: none. It says which values are numbers, and what fits */
        sk_slice draft; /**< what was saved before; SK_NONE: nothing. What is given now goes before it */
        bool is_whole;  /**< it has to fit the form; members that lack get their defaults */
        /** Called with what there is, to ask for the rest; NULL: nobody is asked. @p form is NULL without one. */
        int (*fill)(void *self, const json_t *form, json_t *object);
        void *self;
} sk_result_wanted;

/**
 * Puts the result together.
 *
 * @param out  gets the JSON; stays empty when nothing was entered
 * @return SK_EXIT_OK, or another with the message printed
 */
int sk_result_read(sk_cli *cli, const sk_result_wanted *wanted, sk_buf *out);

#endif
