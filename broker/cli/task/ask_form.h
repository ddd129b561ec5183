#ifndef SK_CLI_ASK_FORM_H
#define SK_CLI_ASK_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/cli.h"
#include "usm/method.h"

/*
 * Asks a person on a terminal for the members of a form, one after the other, until each fits.
 */

typedef struct sk_asking {
        sk_cli *cli;
        FILE *in;          /**< where the answers come from; borrowed */
        sk_process cut;    /**< at the cut of this process: it is asked what follows; SK_PROCESSES: at none */
        bool is_cut_later; /**< it may be left open until the cut */
} sk_asking;

/**
 * Asks for what the form names.
 *
 * @param form    JSON Schema, an object
 * @param object  has what was entered before, which is offered again; gets the answers
 * @return false when the answers ended before the form did
 */
bool sk_ask_form(const sk_asking *asking, const json_t *form, json_t *object);

#endif
