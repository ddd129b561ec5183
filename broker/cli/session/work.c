/*
 * Sending `work` records and waiting for their outcome. A record is written once; it is never lost when the link does
 * not run, only answered later.
 */
#include "cli/session/work.h"

#include <assert.h>
#include <stdarg.h>
#include <sys/random.h>

#include "event/envelope.h"
#include "event/trace.h"
#include "kit/hash.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define PATIENCE_US (10 * SK_SECOND_US)
#define NAP_MS 200
#define HEADERS_MAX 8192

sk_id sk_work_new_id(void) {
        uint8_t random[10] = {0};
        ssize_t got = getrandom(random, sizeof(random), 0);
        assert(got == (ssize_t)sizeof(random));
        return sk_id_of_time(sk_cli_now_us(), random);
}

/* ---- sending ---- */

/** Where the answer will be. */
typedef struct awaiting {
        char id[SK_ID_TEXT];
        char call[SK_ID_TEXT];
        sk_slice events;
        int32_t partition;
        int64_t from;
        sk_work_answer *answer;
} awaiting;

static bool envelope_write(const sk_session *session, const sk_work *work, const awaiting *wait, sk_buf *out) {
        char trace[SK_TRACE_TEXT];
        char source[2 * SK_NAME_MAX + 3];
        sk_buf text = sk_buf_make(sizeof(source));
        sk_buf_add_format(&text, "/%.*s/%.*s", (int)session->chain.len, session->chain.at,
                          (int)sk_team_name(work->team).len, sk_team_name(work->team).at);
        sk_envelope envelope = {.type = work->type,
                                .id = {wait->id, SK_ID_TEXT},
                                .source = sk_buf_slice(&text),
                                .time_us = sk_cli_now_us(),
                                .callid = work->call,
                                .has_callid = true,
                                .actor = work->person};
        if (work->type == SK_WORK_RAISE) {
                sk_trace_write(&work->call, &work->call, 0, trace);
                envelope.traceparent = (sk_slice){trace, sizeof(trace)};
                envelope.chain_traceparent = envelope.traceparent;
        }
        if (text.err == SK_OK)
                sk_envelope_encode(&envelope, out);
        bool is_written = text.err == SK_OK && out->err == SK_OK;
        sk_buf_free(&text);
        return is_written;
}

static int check_data(const sk_session *session, sk_slice data) {
        if (data.len > SK_VALUE_MAX)
                return sk_cli_fail(session->cli, "data", "put the bulk elsewhere and give its address",
                                   "%zu bytes are more than the %u that a record may have", data.len, SK_VALUE_MAX);
        sk_place place;
        sk_err err = sk_json_check(data, SK_JSON_DEPTH_MAX, &place);
        if (err != SK_OK)
                return sk_cli_fail(session->cli, "data", "give JSON as it stands in RFC 8259", "not usable as JSON: %s",
                                   sk_err_text(err));
        return SK_EXIT_OK;
}

static int append(const sk_session *session, const sk_work *work, awaiting *wait) {
        sk_slice topic = sk_session_topic(session, sk_team_name(work->team), SK_TOPIC_WORK, SK_NONE);
        sk_buf headers = sk_buf_make(HEADERS_MAX);
        int status = SK_EXIT_OK;
        if (!sk_slice_there(topic) || !envelope_write(session, work, wait, &headers)) {
                status = sk_session_no_memory(session);
        } else {
                sk_log_append record = {.topic = topic,
                                        .key = {wait->call, SK_ID_TEXT},
                                        .headers = sk_buf_slice(&headers),
                                        .value = work->data};
                sk_err err = sk_log_tool_append(session->log, &record, 1, NULL);
                if (err != SK_OK)
                        status = sk_cli_fail(session->cli, session->log_url,
                                             err == SK_ERR_UNKNOWN_OUTCOME
                                                     ? "look with schakel show before doing it again"
                                                     : "make the log writable, then do it again",
                                             "the record could not be written: %s", sk_log_tool_why(session->log));
        }
        sk_buf_free(&headers);
        return status;
}

/* ---- waiting ---- */

static bool is_word_on(const awaiting *wait, const sk_log_entry *entry) {
        sk_slice type = sk_headers_find(entry->headers, "ce_type");
        sk_slice cause = sk_json_member(entry->value, "cause");
        return (sk_slice_is(type, "schakel.event.outcome") || sk_slice_is(type, "schakel.event.duplicate")) &&
               cause.len == SK_ID_TEXT + 2 && memcmp(cause.at + 1, wait->id, SK_ID_TEXT) == 0;
}

static bool look(void *self, const sk_log_entry *entry) {
        awaiting *wait = self;
        if (!sk_slice_equal(entry->key, (sk_slice){wait->call, SK_ID_TEXT}) || !sk_slice_there(entry->value) ||
            !is_word_on(wait, entry))
                return true;
        sk_work_answer *answer = wait->answer;
        sk_slice status = sk_json_member(entry->value, "status");
        sk_slice code = sk_json_member(entry->value, "code");
        answer->is_answered = true;
        answer->is_proven = sk_slice_is(sk_json_member(entry->value, "assurance"), "\"proven\"");
        answer->is_done = !sk_slice_there(status) || sk_slice_is(status, "\"done\"");
        if (code.len > 2 && code.len - 2 < sizeof(answer->code))
                memcpy(answer->code, code.at + 1, code.len - 2);
        return false;
}

static int await(const sk_session *session, awaiting *wait, int64_t patience_us) {
        int64_t end_us = sk_cli_now_us() + patience_us;
        while (patience_us > 0) {
                sk_log_read read = {.topic = wait->events, .partition = wait->partition, .from_offset = wait->from};
                if (sk_log_tool_read(session->log, &read, look, wait, &wait->from) != SK_OK)
                        return sk_session_fail(session, session->log_url);
                if (wait->answer->is_answered || sk_cli_now_us() >= end_us || sk_cli_is_interrupted())
                        return SK_EXIT_OK;
                (void)sk_log_tool_wait(session->log, NAP_MS);
        }
        return SK_EXIT_OK;
}

int sk_work_send(const sk_session *session, const sk_work *work, sk_work_answer *out) {
        assert(work->team != NULL && sk_message_is_work(work->type) && work->person.len > 0);
        sk_work_answer answer = {.id = sk_work_new_id()};
        awaiting wait = {.answer = &answer};
        sk_id_format(&answer.id, wait.id);
        sk_id_format(&work->call, wait.call);
        wait.events = sk_session_topic(session, sk_team_name(work->team), SK_TOPIC_EVENTS, SK_NONE);
        wait.partition = sk_hash_partition((sk_slice){wait.call, SK_ID_TEXT}, sk_log_tool_partitions(session->log));
        int status = check_data(session, work->data);
        if (status == SK_EXIT_OK && sk_log_tool_end(session->log, wait.events, wait.partition, &wait.from) != SK_OK)
                status = sk_session_fail(session, session->log_url);
        if (status == SK_EXIT_OK)
                status = append(session, work, &wait);
        if (status == SK_EXIT_OK)
                status = await(session, &wait, sk_cli_duration(session->cli, "timeout", PATIENCE_US));
        *out = answer;
        return status;
}

/* ---- saying what came of it ---- */

typedef struct refusal {
        const char *code;
        const char *why;
        const char *remedy;
} refusal;

static const refusal refusals[] = {
        {"unknown-call", "the team has no such call", "schakel calls lists what it has"},
        {"closed", "the call is closed", "schakel show tells how it ended; raise a new one with --ref if need be"},
        {"no-such-visit", "the task is over, or it never was", "schakel task list shows what is open"},
        {"not-manual", "it is not for a person to do", "schakel show tells what it waits for"},
        {"not-holder", "it is not claimed by this person", "claim it first: schakel task claim"},
        {"held", "somebody else has claimed it", "schakel task show tells who; a coordinator may assign it anew"},
        {"not-entitled", "this person does not hold the profile for it", "schakel task show tells which profile does"},
        {"designs-only", "this person designs routines and does not execute them",
         "let somebody do it who holds the profile: schakel task show tells which"},
        {"not-proven", "the team wants proof of who acts, and the log has none",
         "act under your own login, on the machine of the link, while it runs"},
        {"executes-only", "this person executes routines and does not design them",
         "let somebody publish it who holds a profile that designs: teams/README.md lists them"},
        {"four-eyes", "the same person did what comes before it, and the team wants a second one here",
         "let a colleague do it"},
        {"not-a-holder", "that person does not hold the profile for it",
         "name one who does: schakel task show lists who can do it"},
        {"not-allowed", "the method does not allow that here", "schakel method shows what may end where"},
        {"not-due", "nothing of the kind is awaited there", "schakel show tells what it waits for"},
        {"asks-open", "what was asked of others is still open", "wait for it, or withdraw it: schakel withdraw"},
        {"withdrawing", "the customer has withdrawn the call", "wait for its end"},
        {"bad-result", "the result does not say what is needed", "schakel task show tells what to enter"},
        {"bad-type", "that is not another type of call", "give a type that the call should have had"},
        {"too-late", "the point of no return has passed", "wait for its end, then raise a new call"},
        {"no-question", "no such question is open", "schakel show tells what is"},
        {"no-offer", "no such offer is open", "schakel show tells what is"},
        {"question-open", "a question or an offer is open already", "wait for its answer"},
        {"offer-open", "the customer has not answered the offer yet", "wait for the answer, or decline"},
        {"no-such-ask", "the team has not asked that of anybody", "schakel calls lists what it has asked"},
        {"unknown-agreement", "there is no agreement between the two teams", "make one in agreements/, then check"},
        {"invalid", "the link cannot use what was given", "see --help for what is needed"},
        {"unsupported", "links of this version do not do that yet", "do by hand what is needed: schakel show"},
        {"bad-form", "what was entered does not fit the task's form", "schakel task show tells what to enter"},
        {"too-early", "the call has not been classified yet", "do it in the task of classify"},
        {"away", "that person is away now", "name somebody who is there, or change the absence in team.json"},
        {"unknown-person", "the team has no such person or profile", "schakel check names those that there are"},
        {"nobody-consulted", "the routine names nobody to be asked", "say whom: --to PERSON"},
        {"advice-missing", "the task waits for advice, and nobody was asked", "ask first: schakel task ask"},
        {"advice-open", "the task waits for advice that was asked for", "wait for it: schakel task show tells who"},
        {"asks-open", "something that was asked of others is still open", "wait for it, or withdraw it: schakel show"},
        {"bad-until", "the moment until which an answer is waited for has passed, or lies too far off",
         "give one that is to come: --until TIME, or --within TIME"},
        {"bad-forecast", "the forecast lies in the past", "say when the task will be ready: --forecast TIME"},
        {"bad-answer", "an offer is accepted or refused", "answer accept or refuse"},
        {"bad-finding", "the finding does not say of what type it is and what about", "give type, facility and need"},
        {"not-due", "nothing of it is due now", "schakel show tells what it waits for"},
        {"no-agreement", "the two teams have no agreement any more", "make one in agreements/, then check"},
        {"hops", "the call has gone through as many links as it may", "do it here, or raise a call of its own"},
        {"too-large", "it is more than a record may carry", "put the bulk elsewhere and give its address"},
        {"too-many-asks", "the call has asked as many others as it may", "raise a call of its own with --ref"},
        {"withdrawing", "the call is being withdrawn", "wait for its end"},
        {"full", "the call holds as much as it may", "put the bulk elsewhere and give its address"},
        {"id-conflict", "another call has that id", "raise it again without an id of your own"},
};

/* What is not for whoever has the profile, but for who coordinates. */
static const refusal *of_deed(sk_message deed) {
        static const refusal assign = {"", "only who holds the task gives it to somebody else, or a coordinator",
                                       "schakel task show tells who holds it; schakel task claim takes a free one"};
        static const refusal appoint = {"", "only a coordinator says who is accountable",
                                        "let the team's coordinator do it"};
        static const refusal classify = {"",
                                         "only a coordinator, who holds the task, or who is accountable may do that",
                                         "schakel task show tells who that is"};
        return deed == SK_WORK_ASSIGN     ? &assign
               : deed == SK_WORK_APPOINT  ? &appoint
               : deed == SK_WORK_CLASSIFY ? &classify
                                          : NULL;
}

int sk_work_refused(const sk_session *session, const sk_work *work, const sk_work_answer *answer) {
        sk_slice team = sk_team_name(work->team);
        const refusal *own = strcmp(answer->code, "not-entitled") == 0 ? of_deed(work->type) : NULL;
        char call[SK_ID_TEXT + 1] = "";
        sk_id_format(&work->call, call);
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
                const refusal *known = own != NULL ? own : &refusals[i];
                if (own != NULL || strcmp(known->code, answer->code) == 0)
                        return sk_cli_fail(session->cli, call, known->remedy, "%s (%s, said by %.*s)", known->why,
                                           answer->code, (int)team.len, team.at);
        }
        return sk_cli_fail(session->cli, call, "schakel show tells how it stands", "refused by %.*s: %s", (int)team.len,
                           team.at, answer->code);
}

static int not_answered(const sk_session *session, const sk_work *work) {
        sk_slice team = sk_team_name(work->team);
        bool is_run = sk_log_tool_is_run(session->log, sk_edition_chain(session->edition), team);
        if (sk_cli_duration(session->cli, "timeout", PATIENCE_US) == 0)
                return SK_EXIT_OK;
        if (is_run)
                return sk_cli_fail(session->cli, session->log_url, "look with schakel show; --timeout waits longer",
                                   "written, but %.*s has not answered yet", (int)team.len, team.at);
        return sk_cli_fail(session->cli, session->log_url,
                           "start it: schakeld, or schakel up for the whole chain; it then takes the record",
                           "written, but no link of %.*s runs on this log", (int)team.len, team.at);
}

static int report_json(const sk_session *session, const sk_work *work, const sk_work_answer *answer) {
        sk_json_writer *json = sk_cli_json_begin(session->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_bool(json, "ok", answer->is_done);
        sk_json_put_cstr(json, "status", !answer->is_answered ? "sent" : answer->is_done ? "done" : "refused");
        sk_json_put_optional(json, "code", sk_slice_of(answer->code));
        sk_json_put_text(json, "team", sk_team_name(work->team));
        sk_json_put_id(json, "call", &work->call);
        sk_json_put_id(json, "work", &answer->id);
        sk_json_put_text(json, "person", work->person);
        if (answer->is_answered)
                sk_json_put_cstr(json, "assurance", answer->is_proven ? "proven" : "claimed");
        sk_json_close_object(json);
        return sk_cli_json_end(session->cli);
}

int sk_work_report(const sk_session *session, const sk_work *work, const sk_work_answer *answer, const char *done,
                   ...) {
        int status = SK_EXIT_OK;
        if (sk_cli_is_json(session->cli))
                status = report_json(session, work, answer);
        if (status != SK_EXIT_OK)
                return status;
        if (!answer->is_answered)
                return not_answered(session, work);
        if (!answer->is_done)
                return sk_work_refused(session, work, answer);
        if (!sk_cli_is_json(session->cli)) {
                va_list list;
                va_start(list, done);
                vfprintf(sk_cli_out(session->cli), done, list);
                va_end(list);
                fputc('\n', sk_cli_out(session->cli));
        }
        return SK_EXIT_OK;
}
