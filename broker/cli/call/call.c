/*
 * `schakel call`: raises a call for a team, with another team or with itself.
 */
#include "cli/call/follow.h"
#include "cli/session/ids.h"
#include "cli/session/next.h"
#include "cli/session/work.h"
#include "event/envelope.h"
#include "kit/json_scan.h"
#include "usm/suggest.h"

#define VALUE_MAX_BYTES ((size_t)1 << 20)

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        SK_OPTION_WHO,
        SK_OPTION_PERSON,
        {.name = "to",
         .kind = SK_OPTION_TEXT,
         .value = "TEAM",
         .text = "provider, or the own team (default: the only one that has the facility)"},
        {.name = "type",
         .kind = SK_OPTION_TEXT,
         .value = "TYPE",
         .text = "which call (default: support-request)",
         .choices = "wish|request-for-change|incident|service-request|support-request|risk"},
        {.name = "facility",
         .letter = 'f',
         .kind = SK_OPTION_TEXT,
         .value = "NAME",
         .text = "what of the agreement",
         .is_required = true},
        {.name = "need",
         .letter = 'n',
         .kind = SK_OPTION_TEXT,
         .value = "TEXT",
         .text = "what is wanted or wrong",
         .is_required = true},
        {.name = "urgency", .kind = SK_OPTION_COUNT, .value = "1-5", .text = "1 is most urgent", .min = 1, .max = 5},
        {.name = "impact",
         .kind = SK_OPTION_COUNT,
         .value = "1-5",
         .text = "how much is affected, 1 is most",
         .min = 1,
         .max = 5},
        {.name = "due", .kind = SK_OPTION_TIME, .value = "TIME", .text = "when it is needed"},
        {.name = "data",
         .kind = SK_OPTION_TEXT,
         .value = "JSON",
         .text = "an object with anything more; @FILE reads it"},
        {.name = "on-behalf",
         .kind = SK_OPTION_TEXT,
         .value = "NAME",
         .text = "for whom: a person; for a risk, the customer it concerns"},
        {.name = "ref", .kind = SK_OPTION_TEXT, .value = "CALL", .text = "another call that this one is about"},
        {.name = "wait", .letter = 'w', .kind = SK_OPTION_FLAG, .text = "follow it to its end"},
        SK_OPTION_PATIENCE,
        {0},
};

/* ---- to whom ---- */

#define LISTED_MAX 1000 /* bytes of facilities that a message lists */

/** Says that nobody provides the facility, and what may have been meant or is provided at all. */
static void nobody_provides(const sk_session *session, const sk_team *customer, sk_slice facility) {
        sk_suggestion suggestion = sk_suggest_make(facility);
        sk_buf all = sk_buf_make(LISTED_MAX);
        for (size_t i = 0; i < sk_edition_agreement_count(session->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(session->edition, i);
                if (!sk_slice_equal(sk_agreement_customer(agreement), sk_team_name(customer)))
                        continue;
                for (size_t j = 0; j < sk_agreement_facility_count(agreement); j++) {
                        sk_slice name = sk_agreement_facility_at(agreement, j);
                        sk_suggest_offer(&suggestion, name);
                        sk_buf_add_format(&all, "%s%.*s", sk_buf_slice(&all).len == 0 ? "" : ", ", (int)name.len,
                                          name.at);
                }
        }
        sk_hint hint = sk_suggest_hint(&suggestion);
        sk_slice listed = all.err == SK_OK ? sk_buf_slice(&all) : SK_SLICE("see its agreements");
        sk_cli_usage_error(session->cli, "facility", "nobody provides \"%.*s\" to %.*s; %sagreed are: %.*s",
                           (int)facility.len, facility.at, (int)sk_team_name(customer).len, sk_team_name(customer).at,
                           hint.text, (int)listed.len, listed.at);
        sk_buf_free(&all);
}

/** The only provider whose agreement has the facility; NULL, with the message printed, if it is none or several. */
static const sk_team *only_provider(const sk_session *session, const sk_team *customer, sk_slice facility) {
        const sk_team *found = NULL;
        size_t count = 0;
        for (size_t i = 0; i < sk_edition_agreement_count(session->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(session->edition, i);
                if (!sk_slice_equal(sk_agreement_customer(agreement), sk_team_name(customer)) ||
                    !sk_agreement_has(agreement, facility))
                        continue;
                found = sk_edition_team(session->edition, sk_agreement_provider(agreement));
                count++;
        }
        if (count == 1)
                return found;
        if (count == 0)
                nobody_provides(session, customer, facility);
        else
                sk_cli_usage_error(session->cli, "to", "%zu teams provide \"%.*s\" to %.*s; say which: --to TEAM",
                                   count, (int)facility.len, facility.at, (int)sk_team_name(customer).len,
                                   sk_team_name(customer).at);
        return NULL;
}

static const sk_team *provider_of(const sk_session *session, const sk_team *customer) {
        const char *to = sk_cli_text(session->cli, "to");
        const char *type = sk_cli_text_or(session->cli, "type", "support-request");
        if (to != NULL)
                return sk_session_find_team(session, "to", sk_slice_of(to));
        if (strcmp(type, "risk") == 0)
                return customer;
        return only_provider(session, customer, sk_slice_of(sk_cli_text(session->cli, "facility")));
}

/* ---- what ---- */

static int read_data(sk_cli *cli, sk_slice *out) {
        const char *text = sk_cli_text(cli, "data");
        sk_slice data = sk_slice_of(text);
        if (text != NULL && text[0] == '@') {
                int status = sk_cli_read(cli, text + 1, VALUE_MAX_BYTES, &data);
                if (status != SK_EXIT_OK)
                        return status;
        }
        sk_place place;
        sk_err err = text == NULL ? SK_OK : sk_json_check(data, SK_JSON_DEPTH_MAX, &place);
        if (err != SK_OK)
                return sk_cli_usage_error(cli, "data", "line %u, column %u: %s", place.line, place.column,
                                          sk_err_text(err));
        if (text != NULL && sk_json_kind_of(data) != SK_JSON_OBJECT)
                return sk_cli_usage_error(cli, "data", "it must be a JSON object, such as {\"colour\": \"red\"}");
        *out = data;
        return SK_EXIT_OK;
}

static sk_slice write_raise(sk_cli *cli, const sk_team *to, sk_slice data, sk_buf *value) {
        sk_json_writer json = sk_json_writer_make(value);
        sk_json_open_object(&json, NULL);
        sk_json_put_text(&json, "to", sk_team_name(to));
        sk_json_put_cstr(&json, "type", sk_cli_text_or(cli, "type", "support-request"));
        sk_json_put_cstr(&json, "facility", sk_cli_text(cli, "facility"));
        sk_json_put_cstr(&json, "need", sk_cli_text(cli, "need"));
        if (sk_cli_time(cli, "due", 0) != 0)
                sk_json_put_time(&json, "due", sk_cli_time(cli, "due", 0));
        if (sk_cli_count(cli, "urgency", 0) != 0)
                sk_json_put_int(&json, "urgency", (int64_t)sk_cli_count(cli, "urgency", 0));
        if (sk_cli_count(cli, "impact", 0) != 0)
                sk_json_put_int(&json, "impact", (int64_t)sk_cli_count(cli, "impact", 0));
        sk_json_put_optional(&json, "on_behalf", sk_slice_of(sk_cli_text(cli, "on-behalf")));
        sk_json_put_optional(&json, "ref", sk_slice_of(sk_cli_text(cli, "ref")));
        if (sk_slice_there(data))
                sk_json_put_raw(&json, "data", data);
        sk_json_close_object(&json);
        return sk_buf_slice(value);
}

/* ---- raising ---- */

static void print_raised(const sk_session *session, const sk_work *work, const sk_team *to) {
        sk_cli *cli = session->cli;
        char id[SK_ID_TEXT + 1] = "";
        sk_id_format(&work->call, id);
        sk_cli_print(cli, "call %s%s%s  %s  %s  %s > %s\n", sk_cli_style(cli, SK_BOLD), id, sk_cli_style(cli, SK_PLAIN),
                     sk_cli_text_or(cli, "type", "support-request"),
                     sk_cli_safe_text(cli, sk_cli_text(cli, "facility")), sk_cli_safe(cli, sk_team_name(work->team)),
                     sk_cli_safe(cli, sk_team_name(to)));
        fflush(sk_cli_out(cli));
}

static int send(const sk_session *session, const sk_work *work, const sk_team *to) {
        sk_cli *cli = session->cli;
        sk_follow follow = {.session = session};
        sk_work_answer answer;
        bool is_followed = sk_cli_flag(cli, "wait");
        int status = SK_EXIT_OK;
        if (is_followed)
                status = sk_follow_begin(session, sk_team_name(work->team), sk_team_name(to), &work->call, &follow);
        if (status == SK_EXIT_OK)
                status = sk_work_send(session, work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        if (!sk_cli_is_json(cli))
                print_raised(session, work, to);
        status = sk_work_report(session, work, &answer, "%s  raised", sk_follow_clock(cli, sk_cli_now_us()));
        fflush(sk_cli_out(cli));
        bool is_refused = answer.is_answered && !answer.is_done;
        if (is_followed && !is_refused)
                return sk_follow_run(&follow);
        return status == SK_EXIT_OK ? sk_next_after(session, NULL, &work->call, SK_WORK_RAISE) : status;
}

static int raise(const sk_session *session) {
        sk_cli *cli = session->cli;
        sk_who who;
        sk_slice data = SK_NONE;
        int64_t due_us = sk_cli_time(cli, "due", INT64_MAX);
        int status = sk_session_who(session, &who);
        if (status == SK_EXIT_OK && due_us <= sk_cli_now_us())
                status = sk_cli_usage_error(cli, "due", "\"%s\" has passed; give a time that is to come",
                                            sk_cli_when(cli, due_us));
        if (status == SK_EXIT_OK && who.team == NULL)
                status = sk_cli_usage_error(cli, "as", "say whose call it is: --as TEAM or --team TEAM");
        if (status == SK_EXIT_OK)
                status = read_data(cli, &data);
        if (status != SK_EXIT_OK)
                return status;
        const sk_team *to = provider_of(session, who.team);
        if (to == NULL)
                return SK_EXIT_USAGE;
        sk_buf value = sk_buf_make(2 * VALUE_MAX_BYTES);
        sk_work work = {.team = who.team,
                        .person = sk_session_actor(session, &who),
                        .type = SK_WORK_RAISE,
                        .call = sk_work_new_id(),
                        .data = write_raise(cli, to, data, &value)};
        status = value.err != SK_OK ? sk_session_no_memory(session) : send(session, &work, to);
        sk_buf_free(&value);
        return status;
}

static int call_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_START, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = raise(&session);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_call = {
        .name = "call",
        .text = "raise a call, and follow it with --wait",
        .options = options,
        .details =
                "A team raises a call with its provider; with the own team as --to it is a walk-in, and a risk starts "
                "an\n"
                "improvement. Who does not know the type leaves it out: the provider finds it. With --wait the exit\n"
                "status is 0 when the call was completed.",
        .example = "schakel call --as finance --to service-centre --type incident --facility laptop \\\n"
                   "        --need \"screen stays black\" --wait",
        .run = call_run,
};
