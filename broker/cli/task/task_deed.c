/*
 * What all deeds of people have in common: a session, the task that is meant, who does it, and one `work` record.
 */
#include "cli/task/task_deed.h"

#include "cli/session/ids.h"
#include "cli/session/next.h"

#define DATA_MAX_BYTES ((size_t)1 << 20)

/* ---- beginning and end ---- */

static int find_team(sk_deed *deed) {
        const sk_team *team = sk_edition_team(deed->session.edition, deed->task.record->team);
        if (team == NULL)
                return sk_cli_fail(deed->session.cli, "team", "name the chain that the log belongs to: -C DIR",
                                   "the team of that call is not in the chain");
        deed->who.team = team;
        return SK_EXIT_OK;
}

/* Nobody acts as nobody: a task belongs to a person. */
static int find_person(sk_deed *deed) {
        if (sk_slice_there(deed->who.person))
                return SK_EXIT_OK;
        sk_slice login = sk_session_actor(&deed->session, &deed->who);
        if (sk_team_knows(deed->who.team, login)) {
                deed->who.person = login;
                return SK_EXIT_OK;
        }
        return sk_cli_usage_error(deed->session.cli, "as", "say who does it: --as PERSON, or SCHAKEL_PERSON");
}

typedef int finding(const sk_session *session, const sk_view *view, const sk_team *team, const char *name,
                    sk_call *call, sk_task *out);

static int begin(sk_cli *cli, const char *name, finding *find, sk_deed *out) {
        *out = (sk_deed){.data = sk_buf_make(DATA_MAX_BYTES)};
        int status = sk_session_open(cli, SK_ACT, &out->session);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_who(&out->session, &out->who);
        if (status == SK_EXIT_OK)
                status = sk_view_load(&out->session, out->who.team, false, &out->view);
        if (status == SK_EXIT_OK)
                status = find(&out->session, out->view, out->who.team, name, &out->call, &out->task);
        if (status == SK_EXIT_OK)
                status = find_team(out);
        if (status == SK_EXIT_OK)
                status = find_person(out);
        if (status == SK_EXIT_OK)
                out->id_length = sk_view_id_length(out->view);
        return status;
}

int sk_deed_begin(sk_cli *cli, const char *name, sk_deed *out) {
        return begin(cli, name, sk_task_find, out);
}

int sk_deed_begin_visit(sk_cli *cli, const char *name, sk_deed *out) {
        return begin(cli, name, sk_task_find_visit, out);
}

int sk_deed_end(sk_deed *deed, int status) {
        sk_view_free(deed->view);
        sk_buf_free(&deed->data);
        if (deed->session.cli != NULL)
                sk_session_close(&deed->session);
        return status;
}

sk_json_writer sk_deed_data(sk_deed *deed) {
        sk_buf_clear(&deed->data);
        sk_json_writer json = sk_json_writer_make(&deed->data);
        sk_json_open_object(&json, NULL);
        return json;
}

static sk_work work_of(const sk_deed *deed, sk_message type) {
        return (sk_work){.team = deed->who.team,
                         .person = deed->who.person,
                         .type = type,
                         .call = deed->task.record->id,
                         .data = sk_buf_slice(&deed->data)};
}

int sk_deed_send(sk_deed *deed, sk_json_writer *json, sk_message type, const char *done) {
        sk_cli *cli = deed->session.cli;
        sk_work_answer answer;
        sk_json_close_object(json);
        if (deed->data.err != SK_OK)
                return sk_session_no_memory(&deed->session);
        sk_work work = work_of(deed, type);
        int status = sk_work_send(&deed->session, &work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_work_report(&deed->session, &work, &answer, "%s: %s   %s %s of %s", done,
                                sk_task_what(&deed->session, &deed->task),
                                sk_cli_id(cli, &deed->task.record->id, deed->id_length),
                                sk_cli_safe(cli, deed->call.facility), sk_cli_safe(cli, deed->call.customer));
        bool is_done = status == SK_EXIT_OK && answer.is_answered;
        return is_done ? sk_next_after(&deed->session, &deed->who, &work.call, type) : status;
}

sk_json_writer sk_deed_visit(sk_deed *deed) {
        sk_json_writer json = sk_deed_data(deed);
        sk_json_put_int(&json, "visit", deed->call.visit.number);
        return json;
}

int sk_deed_claim(sk_deed *deed) {
        sk_work_answer answer;
        if (deed->call.visit.holder.len > 0)
                return SK_EXIT_OK;
        sk_json_writer json = sk_deed_visit(deed);
        sk_json_close_object(&json);
        sk_work work = work_of(deed, SK_WORK_CLAIM);
        int status = deed->data.err == SK_OK ? sk_work_send(&deed->session, &work, &answer)
                                             : sk_session_no_memory(&deed->session);
        if (status == SK_EXIT_OK && answer.is_answered && !answer.is_done)
                return sk_work_refused(&deed->session, &work, &answer);
        return status;
}
