/*
 * `schakel withdraw`: the customer no longer wants it. Also for what a call of the team's own asked of a provider.
 */
#include "cli/session/own.h"

static const sk_option options[] = {SK_OWN_OPTIONS, {0}};

/* The own record of a call raised elsewhere, a walk-in, or, by its own id, one thing that a call asked of another. */
static bool is_withdrawable(const sk_own *own, const sk_view_record *record, const sk_call *call, const sk_ask *ask,
                            sk_own_match *out) {
        (void)call;
        (void)out;
        if (record->is_ask)
                return ask == NULL;
        if (ask == NULL)
                return sk_slice_equal(record->customer, record->team);
        return ask->standing != SK_CLOSED && sk_id_equal(&ask->id, &own->id) && !sk_id_equal(&record->id, &own->id);
}

static int withdraw_run(sk_cli *cli, int argc, char **argv) {
        sk_own own;
        (void)argc;
        int status = sk_own_begin(cli, argv[0], &own);
        if (status == SK_EXIT_OK)
                status = sk_own_choose(&own, is_withdrawable, "only its customer may withdraw it");
        if (status == SK_EXIT_OK) {
                sk_json_writer json = sk_own_data(&own);
                sk_json_put_cstr(&json, "reason", argv[1]);
                status = sk_own_send(&own, &json, SK_WORK_WITHDRAW,
                                     own.match.has_ask || own.match.record->is_ask ? "asked to withdraw" : "withdrawn");
        }
        return sk_own_end(&own, status);
}

const sk_command sk_command_withdraw = {
        .name = "withdraw",
        .text = "ask the provider to stop: the call is no longer wanted",
        .arguments = "CALL REASON",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = options,
        .details =
                "What is being done is broken off, also at the providers behind it, unless the work is past the point\n"
                "of no return; then it ends as if nothing had been said. schakel show tells which it was. A\n"
                "coordinator may also withdraw, by its own id, what a call asked of a provider.",
        .example = "schakel withdraw 5f2ac41e \"it works again\" --as finance",
        .run = withdraw_run,
};
