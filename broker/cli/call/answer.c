/*
 * `schakel answer`: the answer to a question or an offer, from the side that was asked.
 */
#include "cli/session/own.h"

#include "kit/json_scan.h"
#include "link/data.h"

static const sk_option options[] = {
        SK_OWN_OPTIONS,
        {.name = "note", .letter = 'n', .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "a remark with the decision"},
        {0},
};

static sk_slice text_in(const sk_own *own, const sk_view_record *record, sk_section_kind kind, unsigned index) {
        sk_section section;
        if (!sk_slice_there(record->data) || !sk_data_check(record->data) ||
            !sk_data_find(record->data, kind, (uint8_t)index, &section) ||
            sk_json_check(section.bytes, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                return SK_NONE;
        return sk_json_member_string(section.bytes, "text", sk_cli_arena(own->session.cli));
}

/* A question of a provider lies on the ask; one on a call of the team's own is the team's to answer. */
static bool is_asked(const sk_own *own, const sk_view_record *record, const sk_call *call, const sk_ask *ask,
                     sk_own_match *out) {
        if (ask != NULL && ask->standing != SK_CLOSED) {
                out->seqno = ask->question != 0 ? ask->question : ask->offer;
                out->is_offer = ask->question == 0;
                out->text = text_in(own, record, SK_SECTION_ASK_QUESTION, (unsigned)(ask - call->asks));
                return out->seqno != 0;
        }
        if (ask != NULL || record->is_ask || call->is_offered || !sk_slice_equal(record->customer, record->team))
                return false;
        out->seqno = call->question != 0 ? call->question : call->offer;
        out->is_offer = call->question == 0;
        out->text = text_in(own, record, SK_SECTION_QUESTION, 0);
        return out->seqno != 0;
}

static int send(sk_own *own, const char *text) {
        sk_cli *cli = own->session.cli;
        const char *note = sk_cli_text(cli, "note");
        bool accepts = strcmp(text, "accept") == 0;
        if (own->match.is_offer && !accepts && strcmp(text, "refuse") != 0)
                return sk_cli_usage_error(cli, text, "an offer is open: answer it with accept or refuse");
        if (!own->match.is_offer && note != NULL)
                return sk_cli_usage_error(cli, "note", "a question is open: put all into its answer");
        sk_json_writer json = sk_own_data(own);
        sk_json_put_int(&json, "question", own->match.seqno);
        sk_json_put_cstr(&json, "answer", text);
        sk_json_put_optional(&json, "note", sk_slice_of(note));
        const char *done = !own->match.is_offer ? "answered, the clock runs"
                           : accepts            ? "accepted, the clock runs"
                                                : "refused, the clock runs";
        return sk_own_send(own, &json, SK_WORK_ANSWER, done);
}

static int answer_run(sk_cli *cli, int argc, char **argv) {
        sk_own own;
        (void)argc;
        int status = sk_own_begin(cli, argv[0], &own);
        if (status == SK_EXIT_OK && argv[1][0] == '\0')
                status = sk_cli_usage_error(cli, "TEXT", "an answer has words");
        if (status == SK_EXIT_OK)
                status = sk_own_choose(&own, is_asked, "neither a question nor an offer is open on it");
        if (status == SK_EXIT_OK)
                status = send(&own, argv[1]);
        return sk_own_end(&own, status);
}

const sk_command sk_command_answer = {
        .name = "answer",
        .text = "answer the question or the offer that is open on a call",
        .arguments = "CALL TEXT",
        .arguments_min = 2,
        .arguments_max = 2,
        .options = options,
        .details =
                "While it is open the promise's clock stands. An offer is answered with accept or refuse, and --note.\n"
                "CALL may also be what a call of this team asked of a provider that has a question.",
        .example = "schakel answer 5f2ac41e \"yes, it does\" --as finance\n"
                   "schakel answer 77b0d2e1 accept --as lotte --note \"from next month on\"",
        .run = answer_run,
};
