#include <assert.h>
#include <stdio.h>

#include "event/contract.h"
#include "link/stepping.h"

/*
 * The border: what comes in is held against the schema of its message before anything is done with it, and what goes out
 * before it is sent. What comes in and does not fit is answered, each topic in its own way. What would go out and does not
 * fit is a defect of this link: the record that would have caused it is a dead letter; where no record did (a timer, an
 * effect) it goes out all the same, for the call would stand still for ever, and is counted. Events and the archive are the
 * team's own: tests and simulation hold them against their schemas, all of them.
 */

static bool fits(sk_stepping *s, sk_message type, sk_slice value, sk_schema_fault *fault) {
        assert(fault != NULL);
        const sk_contract *contract = s->context->contract;

        assert(contract == NULL || s->context->checks != NULL);
        return contract == NULL || type >= SK_MESSAGES ||
               sk_contract_check(contract, s->context->checks, type, value, fault) == SK_OK;
}

/* Cut off where there is no room: the beginning says most. */
static void say(const sk_schema_fault *fault, const char *where, char *out, size_t room) {
        assert(room > 1);
        sk_buf text = sk_buf_make(room - 1);
        const char *const parts[] = {where, fault->instance[0] == '\0' ? "the data" : fault->instance, " ",
                                     fault->text};

        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
                size_t left = room - 1 - text.len;
                size_t len = strlen(parts[i]);
                sk_buf_add(&text, parts[i], len < left ? len : left);
        }
        memcpy(out, sk_buf_slice(&text).at, text.len);
        out[text.len] = '\0';
        sk_buf_free(&text);
}

bool sk_step_is_fit(sk_stepping *s, char why[SK_UNFIT_TEXT]) {
        assert(why != NULL);
        sk_schema_fault fault;

        assert(s->input->record != NULL);
        assert(s->input->envelope != NULL);
        if (fits(s, s->input->envelope->type, s->input->record->value, &fault))
                return true;
        say(&fault, "", why, SK_UNFIT_TEXT);
        return false;
}

void sk_step_check_made(sk_stepping *s) {
        assert(sk_message_is_call(s->envelope.type) || sk_message_is_feedback(s->envelope.type));
        sk_schema_fault fault;
        char where[48];

        assert(s->out->value.len > 0);
        if (fits(s, s->envelope.type, sk_buf_slice(&s->out->value), &fault))
                return;
        s->out->unfit++;
        if (s->input->kind != SK_INPUT_MESSAGE || s->reject->reason != NULL)
                return;
        (void)snprintf(where, sizeof where, "%s that it would send: ", sk_message_name(s->envelope.type));
        s->reject->reason = "unfit";
        say(&fault, where, s->reject->text, sizeof s->reject->text);
}
