/*
 * `schakel note`: a remark on a call, kept by the team that makes it, and passed on to the other side if wanted.
 */
#include "cli/session/own.h"

static const sk_option options[] = {
        SK_OWN_OPTIONS,
        {.name = "to-customer", .kind = SK_OPTION_FLAG, .text = "tell the customer of the call"},
        {0},
};

/* The own record of the call; by the id of something asked, the provider gets the note. */
static bool is_notable(const sk_own *own, const sk_view_record *record, const sk_call *call, const sk_ask *ask,
                       sk_own_match *out) {
        (void)call;
        (void)out;
        if (ask == NULL)
                return true;
        return !record->is_ask && ask->standing != SK_CLOSED && sk_id_equal(&ask->id, &own->id) &&
               !sk_id_equal(&record->id, &own->id);
}

static int send(sk_own *own, const char *text) {
        sk_cli *cli = own->session.cli;
        bool goes_to_provider = own->match.has_ask || own->match.record->is_ask;
        if (sk_cli_flag(cli, "to-customer") && goes_to_provider)
                return sk_cli_usage_error(cli, "to-customer", "the team is the customer there; the provider gets it");
        sk_json_writer json = sk_own_data(own);
        sk_json_put_cstr(&json, "text", text);
        if (sk_cli_flag(cli, "to-customer"))
                sk_json_put_cstr(&json, "to", "customer");
        const char *done = sk_cli_flag(cli, "to-customer") ? "noted, the customer is told"
                           : goes_to_provider              ? "noted, the provider is told"
                                                           : "noted";
        return sk_own_send(own, &json, SK_WORK_NOTE, done);
}

static int note_run(sk_cli *cli, int argc, char **argv) {
        sk_own own;
        (void)argc;
        int status = sk_own_begin(cli, argv[0], &own);
        if (status == SK_EXIT_OK && argv[1][0] == '\0')
                status = sk_cli_usage_error(cli, "TEXT", "a note has words");
        if (status == SK_EXIT_OK)
                status = sk_own_choose(&own, is_notable, "there is nothing to note on");
        if (status == SK_EXIT_OK)
                status = send(&own, argv[1]);
        return sk_own_end(&own, status);
}

const sk_command sk_command_note = {
        .name = "note",
        .text = "write a note on a call; it changes nothing else",
        .arguments = "CALL TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = options,
        .details =
                "The team that raised the call tells its provider in this way. The team that serves it keeps the note\n"
                "to itself unless --to-customer is given; by the id of something that the call asked, the provider\n"
                "gets it.",
        .example = "schakel note 5f2ac41e \"it is the one with the sticker\" --as finance\n"
                   "schakel note 5f2ac41e \"the panel is ordered\" --as anna --to-customer",
        .run = note_run,
};
