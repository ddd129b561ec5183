/*
 * Finding the record that somebody means who names a call.
 */
#include "cli/session/own.h"

#include <assert.h>

#include "cli/session/find.h"
#include "cli/session/ids.h"
#include "cli/session/next.h"

#define DATA_MAX_BYTES ((size_t)1 << 20)
#define MATCHES_MAX 8
#define SHORT_ID 8

typedef struct choosing {
        sk_own *own;
        sk_own_fits *fits;
        sk_own_match matches[MATCHES_MAX];
        size_t count;
        size_t open;   /**< records of the call that are open */
        size_t closed; /**< and closed */
} choosing;

int sk_own_begin(sk_cli *cli, const char *text, sk_own *out) {
        *out = (sk_own){.data = sk_buf_make(DATA_MAX_BYTES)};
        int status = sk_session_open(cli, SK_ACT, &out->session);
        if (status == SK_EXIT_OK)
                status = sk_session_who(&out->session, &out->who);
        if (status == SK_EXIT_OK)
                status = sk_find_call(&out->session, NULL, text, &out->id);
        return status;
}

int sk_own_end(sk_own *own, int status) {
        sk_view_free(own->view);
        sk_buf_free(&own->data);
        if (own->session.cli != NULL)
                sk_session_close(&own->session);
        return status;
}

/* ---- choosing ---- */

static bool is_of_team(const sk_own *own, const sk_view_record *record) {
        return own->who.team == NULL || sk_slice_equal(sk_team_name(own->who.team), record->team);
}

static void try(choosing *choose, const sk_view_record *record, const sk_call *call, const sk_ask *ask) {
        sk_own_match match = {.record = record, .text = SK_NONE};
        if (choose->count == MATCHES_MAX || !choose->fits(choose->own, record, call, ask, &match))
                return;
        if (ask != NULL) {
                match.has_ask = true;
                match.ask = ask->id;
                match.provider = sk_arena_copy(choose->own->session.arena, ask->provider);
        }
        choose->matches[choose->count++] = match;
}

static void consider(choosing *choose, const sk_view_record *record) {
        sk_own *own = choose->own;
        bool is_it = sk_id_equal(&record->id, &own->id);
        sk_call call;
        if (!is_of_team(own, record))
                return;
        choose->closed += is_it && record->is_closed;
        if (record->is_closed || !sk_view_call(&own->session, record, &call))
                return;
        choose->open += is_it;
        if (is_it)
                try(choose, record, &call, NULL);
        for (unsigned i = 0; i < call.ask_count; i++) {
                if (is_it || sk_id_equal(&call.asks[i].id, &own->id))
                        try(choose, record, &call, &call.asks[i]);
        }
}

static void consider_all(choosing *choose) {
        for (size_t i = 0; i < sk_view_count(choose->own->view); i++)
                consider(choose, sk_view_at(choose->own->view, i));
}

static int none(const choosing *choose, const char *what) {
        const sk_own *own = choose->own;
        sk_cli *cli = own->session.cli;
        const char *id = sk_cli_id(cli, &own->id, SK_ID_TEXT);
        if (choose->open > 0)
                return sk_cli_fail(cli, id, "schakel show tells where it stands", "%s", what);
        if (choose->closed > 0)
                return sk_cli_fail(cli, id, "schakel show tells how it ended; raise a new one with --ref if need be",
                                   "the call is closed");
        if (own->who.team != NULL)
                return sk_cli_fail(cli, id, "schakel show tells whose it is; --as names another team",
                                   "%.*s has no such call open", (int)sk_team_name(own->who.team).len,
                                   sk_team_name(own->who.team).at);
        return sk_cli_fail(cli, id, "schakel calls lists what is open; --closed what was",
                           "there is no such call open here");
}

/* Several fit: the teams or the asks among which to choose. */
static int several(const choosing *choose) {
        sk_cli *cli = choose->own->session.cli;
        sk_buf text = sk_buf_make(4096);
        bool is_one_team = true;
        for (size_t i = 1; i < choose->count; i++)
                is_one_team =
                        is_one_team && sk_slice_equal(choose->matches[i].record->team, choose->matches[0].record->team);
        for (size_t i = 0; i < choose->count; i++) {
                const sk_own_match *match = &choose->matches[i];
                sk_buf_add_text(&text, i == 0 ? "" : i + 1 == choose->count ? " or " : ", ");
                if (!is_one_team)
                        sk_buf_add_slice(&text, match->record->team);
                else if (match->has_ask)
                        sk_buf_add_text(&text, sk_cli_id(cli, &match->ask, SHORT_ID));
                else
                        sk_buf_add_text(&text, "the call itself");
        }
        sk_slice list = sk_buf_slice(&text);
        int status = sk_cli_usage_error(cli, is_one_team ? "call" : "as",
                                        is_one_team ? "it fits more than one; name which: %.*s"
                                                    : "say for which team you do it: %.*s",
                                        (int)list.len, list.at);
        sk_buf_free(&text);
        return status;
}

/* Both sides of a call have a record of it: what is found by the very id goes before what another call asked. */
static int load(sk_own *own, bool all) {
        sk_view_free(own->view);
        own->view = NULL;
        return all ? sk_view_load(&own->session, own->who.team, true, &own->view)
                   : sk_view_load_one(&own->session, own->who.team, &own->id, &own->view);
}

int sk_own_choose(sk_own *own, sk_own_fits *fits, const char *what) {
        choosing choose = {.own = own, .fits = fits};
        for (int all = 0; all < 2 && choose.count == 0; all++) {
                choose.open = 0;
                choose.closed = 0;
                int status = load(own, all == 1);
                if (status != SK_EXIT_OK)
                        return status;
                consider_all(&choose);
        }
        if (choose.count == 0)
                return none(&choose, what);
        if (choose.count > 1)
                return several(&choose);
        own->match = choose.matches[0];
        (void)sk_view_call(&own->session, own->match.record, &own->call);
        own->who.team = sk_edition_team(own->session.edition, own->match.record->team);
        return SK_EXIT_OK;
}

/* ---- sending ---- */

sk_json_writer sk_own_data(sk_own *own) {
        sk_json_writer json = sk_json_writer_make(&own->data);
        sk_json_open_object(&json, NULL);
        if (own->match.has_ask && !own->match.record->is_ask)
                sk_json_put_id(&json, "ask", &own->match.ask);
        return json;
}

int sk_own_send(sk_own *own, sk_json_writer *json, sk_message type, const char *done) {
        sk_cli *cli = own->session.cli;
        sk_work_answer answer;
        sk_json_close_object(json);
        if (own->data.err != SK_OK)
                return sk_cli_fail(cli, "text", "put the bulk elsewhere and give its address", "it is too long");
        assert(own->who.team != NULL);
        sk_work work = {.team = own->who.team,
                        .person = sk_session_actor(&own->session, &own->who),
                        .type = type,
                        .call = own->match.record->id,
                        .data = sk_buf_slice(&own->data)};
        int status = sk_work_send(&own->session, &work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        const sk_id *shown = own->match.has_ask ? &own->match.ask : &own->match.record->id;
        status =
                sk_work_report(&own->session, &work, &answer, "%s: %s of %s, %s", done, sk_call_type_id(own->call.type),
                               sk_cli_safe(cli, own->call.facility), sk_cli_id(cli, shown, SHORT_ID));
        bool is_done = status == SK_EXIT_OK && answer.is_answered;
        return is_done ? sk_next_after(&own->session, &own->who, shown, type) : status;
}
