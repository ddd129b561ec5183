/*
 * Chain and log, opened for a command, and who acts in it.
 */
#include "cli/session/session.h"
#include "cli/session/team_files.h"

#include <assert.h>
#include <stdlib.h>

#include "cli/session/connect.h"
#include "kit/buf.h"
#include "log/chain_dir.h"
#include "usm/suggest.h"

#define SESSION_MAX_BYTES ((size_t)4 << 20)
#define TOPIC_MAX 256

/* ---- opening ---- */

static int fail_chain(sk_cli *cli, const char *path, const sk_findings *findings) {
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_ERROR)
                        return sk_cli_fail(cli, path, "schakel check says all that is wrong; -C names another chain",
                                           "%s%s%s", finding->path, finding->path[0] == '\0' ? "" : ": ",
                                           finding->text);
        }
        return sk_cli_fail(cli, path, "end other programs, then try again", "no memory is left");
}

static int open_chain(sk_session *session) {
        const char *path = sk_cli_text_or(session->cli, "chain", ".");
        sk_findings *findings = sk_findings_new();
        if (findings == NULL)
                return sk_session_no_memory(session);
        sk_err err = sk_chain_dir_build(path, findings, &session->edition);
        int status = err == SK_OK ? SK_EXIT_OK : fail_chain(session->cli, path, findings);
        sk_findings_free(findings);
        if (status == SK_EXIT_OK)
                session->chain = sk_edition_chain(session->edition);
        return status;
}

static const sk_team *team_of_person(const sk_session *session, sk_slice person, size_t *out_count);

/* Whose properties the log's client gets: of the team that --team or --as says, as far as it is clear. */
static sk_slice team_of_log(const sk_session *session) {
        sk_slice team = sk_slice_of(sk_cli_text_if(session->cli, "team"));
        sk_slice as = sk_slice_of(sk_cli_text_if(session->cli, "as"));
        const char *at = sk_slice_there(as) ? memchr(as.at, '@', as.len) : NULL;
        size_t count;
        if (sk_slice_there(team) || !sk_slice_there(as))
                return team;
        if (at != NULL)
                return sk_slice_of(at + 1);
        if (sk_edition_team(session->edition, as) != NULL)
                return as;
        const sk_team *of_person = team_of_person(session, as, &count);
        return of_person == NULL ? SK_NONE : sk_team_name(of_person);
}

static int open_log(sk_session *session, sk_log_open how) {
        char why[SK_LOG_WHY_MAX] = "";
        const sk_connect connect = {
                .edition = session->edition, .url = session->log_url, .purpose = how, .team = team_of_log(session)};
        sk_err err = sk_connect_open(&connect, why, &session->log);
        if (err == SK_OK)
                return SK_EXIT_OK;
        if (err == SK_ERR_CONFIG && strncmp(session->log_url, "kafka:", 6) == 0)
                return sk_cli_fail(session->cli, session->log_url,
                                   "mend it in chain.json, or in the file that SCHAKEL_KAFKA_PROPERTIES names", "%s",
                                   why);
        return sk_cli_fail(session->cli, session->log_url,
                           "name the log that the chain's links run on: --log local:FILE", "%s",
                           why[0] == '\0' ? sk_err_text(err) : why);
}

/* A mistyped name shall not become a new log that no link reads. */
static int open_log_for(sk_session *session, sk_purpose purpose) {
        session->log_url = sk_cli_text(session->cli, "log");
        if (session->log_url == NULL)
                return sk_cli_usage_error(session->cli, "log",
                                          "say where the records are: --log local:FILE, or SCHAKEL_LOG");
        if (purpose == SK_START)
                return open_log(session, SK_LOG_APPEND);
        int status = open_log(session, SK_LOG_READ);
        if (status != SK_EXIT_OK || purpose == SK_LOOK)
                return status;
        sk_log_tool_free(session->log);
        session->log = NULL;
        return open_log(session, SK_LOG_APPEND);
}

int sk_session_open(sk_cli *cli, sk_purpose purpose, sk_session *out) {
        assert(cli != NULL && out != NULL);
        sk_session session = {.cli = cli, .arena = sk_arena_new(SESSION_MAX_BYTES)};
        if (session.arena == NULL)
                return sk_session_no_memory(&session);
        int status = open_chain(&session);
        if (status == SK_EXIT_OK)
                status = open_log_for(&session, purpose);
        if (status != SK_EXIT_OK) {
                sk_session_close(&session);
                return status;
        }
        *out = session;
        return SK_EXIT_OK;
}

void sk_session_close(sk_session *session) {
        sk_log_tool_free(session->log);
        sk_edition_release(session->edition);
        sk_arena_free(session->arena);
        *session = (sk_session){0};
}

int sk_session_fail(const sk_session *session, const char *what) {
        return sk_cli_fail(session->cli, what, "see whether the log is there and may be read, then try again", "%s",
                           sk_log_tool_why(session->log));
}

int sk_session_no_memory(const sk_session *session) {
        return sk_cli_fail(session->cli, "memory", "ask for less, or end other programs", "none left");
}

/* ---- who ---- */

const sk_team *sk_session_find_team(const sk_session *session, const char *what, sk_slice name) {
        return sk_team_files_find(session->cli, session->edition, what, name);
}

int sk_session_team(const sk_session *session, const sk_team **out) {
        const char *name = sk_cli_text(session->cli, "team");
        *out = name == NULL ? NULL : sk_session_find_team(session, "team", sk_slice_of(name));
        return name != NULL && *out == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}

/* The one team that knows the person; NULL if none or several do: *out_count says how many. */
static const sk_team *team_of_person(const sk_session *session, sk_slice person, size_t *out_count) {
        const sk_team *found = NULL;
        *out_count = 0;
        for (size_t i = 0; i < sk_edition_team_count(session->edition); i++) {
                const sk_team *team = sk_edition_team_at(session->edition, i);
                if (sk_team_knows(team, person)) {
                        found = team;
                        ++*out_count;
                }
        }
        return *out_count == 1 ? found : NULL;
}

static void offer_people(sk_suggestion *suggestion, const sk_team *team) {
        for (size_t i = 0; i < sk_team_person_count(team); i++)
                sk_suggest_offer(suggestion, sk_team_person_at(team, i));
}

/* Says that a team, or NULL no team, knows the person. */
static int unknown_person(const sk_session *session, const sk_team *team, sk_slice person) {
        sk_suggestion suggestion = sk_suggest_make(person);
        if (team != NULL)
                offer_people(&suggestion, team);
        for (size_t i = 0; team == NULL && i < sk_edition_team_count(session->edition); i++) {
                const sk_team *other = sk_edition_team_at(session->edition, i);
                sk_suggest_offer(&suggestion, sk_team_name(other));
                offer_people(&suggestion, other);
        }
        sk_hint hint = sk_suggest_hint(&suggestion);
        const char *mark = hint.text[0] == '\0' ? "" : "; ";
        if (team == NULL)
                return sk_cli_usage_error(session->cli, "as",
                                          "no team and no person of the chain is called \"%.*s\"%s%s", (int)person.len,
                                          person.at, mark, hint.text);
        return sk_cli_usage_error(session->cli, "as", "team %.*s has no person \"%.*s\"%s%s",
                                  (int)sk_team_name(team).len, sk_team_name(team).at, (int)person.len, person.at, mark,
                                  hint.text);
}

/* PERSON, TEAM or PERSON@TEAM; who->team may be known from --team already. */
static int read_as(const sk_session *session, sk_slice text, sk_who *who) {
        const char *at = memchr(text.at, '@', text.len);
        size_t count;
        if (at != NULL) {
                sk_slice team = {at + 1, (size_t)(text.at + text.len - at) - 1};
                who->person = (sk_slice){text.at, (size_t)(at - text.at)};
                who->team = sk_session_find_team(session, "as", team);
                if (who->team == NULL)
                        return SK_EXIT_USAGE;
                return sk_team_knows(who->team, who->person) ? SK_EXIT_OK
                                                             : unknown_person(session, who->team, who->person);
        }
        const sk_team *named = sk_edition_team(session->edition, text);
        if (named != NULL && (who->team == NULL || who->team == named)) {
                who->team = named;
                return SK_EXIT_OK;
        }
        const sk_team *of_person = team_of_person(session, text, &count);
        if (count == 0 || (who->team != NULL && !sk_team_knows(who->team, text)))
                return unknown_person(session, who->team, text);
        who->person = text;
        if (who->team == NULL)
                who->team = of_person;
        return SK_EXIT_OK;
}

static bool is_actor(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] <= ' ' || text.at[i] > '~')
                        return false;
        }
        return text.len > 0 && text.len <= 100;
}

int sk_session_who(const sk_session *session, sk_who *out) {
        const char *as = sk_cli_text(session->cli, "as");
        const char *person = sk_cli_text(session->cli, "person");
        sk_who who = {.person = SK_NONE};
        int status = sk_session_team(session, &who.team);
        if (status == SK_EXIT_OK && as != NULL)
                status = read_as(session, sk_slice_of(as), &who);
        if (status == SK_EXIT_OK && person != NULL) {
                who.person = sk_slice_of(person);
                if (!is_actor(who.person))
                        status = sk_cli_usage_error(session->cli, "person", "a name is 1 to 100 letters, no blanks");
        }
        *out = who;
        return status;
}

sk_slice sk_session_actor(const sk_session *session, const sk_who *who) {
        (void)session;
        sk_slice login = sk_slice_of(getenv("USER"));
        if (sk_slice_there(who->person))
                return who->person;
        return is_actor(login) ? login : SK_SLICE("schakel");
}

/* ---- topics ---- */

static const char *const topic_parts[SK_TOPIC_KINDS] = {
        [SK_TOPIC_CALLS] = ".calls.",          [SK_TOPIC_FEEDBACK] = ".feedback.", [SK_TOPIC_WORK] = ".work",
        [SK_TOPIC_JOURNAL] = ".journal",       [SK_TOPIC_EVENTS] = ".events",      [SK_TOPIC_ARCHIVE] = ".archive",
        [SK_TOPIC_DEADLETTER] = ".deadletter",
};

sk_slice sk_session_topic(const sk_session *session, sk_slice team, sk_topic_kind kind, sk_slice peer) {
        assert(kind < SK_TOPIC_KINDS && (peer.len > 0) == (kind <= SK_TOPIC_FEEDBACK));
        sk_buf name = sk_buf_make(TOPIC_MAX);
        sk_buf_add_slice(&name, session->chain);
        sk_buf_add_byte(&name, '.');
        sk_buf_add_slice(&name, team);
        sk_buf_add_text(&name, topic_parts[kind]);
        sk_buf_add_slice(&name, peer);
        sk_slice kept = name.err == SK_OK ? sk_arena_copy(session->arena, sk_buf_slice(&name)) : SK_NONE;
        sk_buf_free(&name);
        return kept;
}
