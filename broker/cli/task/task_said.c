/*
 * Who can help with a task, and what has been said about its call so far.
 */
#include "cli/session/known.h"
#include "cli/task/task_screen.h"
#include "kit/json_scan.h"

#define LINE_MAX_BYTES 65536
#define NAMED_MAX 8 /* persons that are named for one profile */

/* ---- people ---- */

/* Those who are there and act for the profile (SK_NONE: for any), but for one; the rest is counted. */
static void add_holders(sk_buf *line, const sk_team *team, sk_slice profile, sk_slice but) {
        int64_t now_us = sk_cli_now_us();
        size_t count = 0;
        for (size_t i = 0; i < sk_team_person_count(team); i++) {
                sk_slice person = sk_team_person_at(team, i);
                bool is_it = !sk_slice_there(profile) || sk_team_acts(team, person, profile, now_us);
                if (!is_it || sk_slice_equal(person, but) || sk_team_is_away(team, person, now_us))
                        continue;
                if (++count > NAMED_MAX)
                        continue;
                sk_buf_add_text(line, count == 1 ? "" : ", ");
                sk_buf_add_slice(line, person);
        }
        if (count > NAMED_MAX)
                sk_buf_add_format(line, " and %zu more", count - NAMED_MAX);
        if (count == 0)
                sk_buf_add_text(line, "nobody who is there now");
}

static void print_colleagues(sk_cli *cli, const sk_team *team, const sk_task *task) {
        const sk_visit *visit = &task->call->visit;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        add_holders(&line, team, visit->responsible, visit->holder);
        sk_screen_text(cli, visit->holder.len > 0 ? "Who else can do it" : "Who can do it", sk_buf_slice(&line));
        sk_buf_free(&line);
}

/* A person stands for himself, a profile for those who hold it. */
static void add_consulted(sk_buf *line, const sk_team *team, sk_slice name) {
        sk_buf_add_text(line, line->len == 0 ? "" : "; ");
        sk_buf_add_slice(line, name);
        if (sk_team_knows(team, name))
                return;
        sk_buf_add_text(line, " (");
        add_holders(line, team, name, SK_NONE);
        sk_buf_add_text(line, ")");
}

static void print_consulted(sk_cli *cli, const sk_team *team, const sk_task *task) {
        sk_slice consulted = sk_task_kept(task, "consulted");
        sk_slice name;
        sk_slice value;
        if (!sk_slice_there(consulted))
                consulted = SK_SLICE("[]");
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        sk_json_walk walk = sk_json_walk_make(consulted);
        while (sk_json_walk_next(&walk, &name, &value))
                add_consulted(&line, team, sk_json_string(value, sk_cli_arena(cli)));
        if (line.len == 0)
                add_holders(&line, team, SK_NONE, task->call->visit.holder);
        if (sk_slice_there(sk_task_kept(task, "wait_for_advice")))
                sk_buf_add_text(&line, "; it cannot be completed without advice");
        sk_screen_text(cli, "Whom to ask", sk_buf_slice(&line));
        sk_buf_free(&line);
}

/* ---- what was asked and advised ---- */

static void add_names(sk_cli *cli, sk_buf *line, sk_slice names) {
        sk_json_walk walk = sk_json_walk_make(names);
        sk_slice name;
        sk_slice value;
        const char *separator = " > ";
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_buf_add_text(line, separator);
                sk_buf_add_slice(line, sk_json_string(value, sk_cli_arena(cli)));
                separator = ", ";
        }
}

static void add_advice(sk_cli *cli, sk_buf *line, const sk_task_advice *advice) {
        sk_arena *arena = sk_cli_arena(cli);
        sk_buf_add_format(line, "%u ", advice->number);
        sk_buf_add_slice(line, sk_json_member_string(advice->value, "from", arena));
        if (!advice->is_given)
                add_names(cli, line, sk_json_member(advice->value, "to"));
        sk_buf_add_text(line, ": ");
        sk_buf_add_slice(line, sk_json_member_string(advice->value, "text", arena));
        sk_buf_add_text(line, advice->is_open ? "   (open)" : "");
}

static void print_advice(sk_cli *cli, const sk_task *task) {
        sk_task_advice advice;
        size_t position = 0;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        for (bool is_first = true; sk_task_advice_next(task->record, task->call, &position, &advice);
             is_first = false) {
                sk_buf_clear(&line);
                add_advice(cli, &line, &advice);
                sk_screen_text(cli, is_first ? "Asked and advised" : "", sk_buf_slice(&line));
        }
        sk_buf_free(&line);
}

/* ---- questions to the customer, answers, notes ---- */

#define OF_THE_TEAM 0xfeu
#define OF_THE_CUSTOMER 0xffu

typedef struct saying {
        sk_cli *cli;
        const sk_call *call;
        bool is_begun;
} saying;

static sk_slice words_of(const saying *said, const sk_known_piece *piece, const char **out_kind) {
        static const char *const members[] = {"answer", "text", "reason", "decision"};
        sk_slice text = SK_NONE;
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !sk_slice_there(text); i++) {
                text = sk_json_member_string(piece->value, members[i], sk_cli_arena(said->cli));
                *out_kind = members[i];
        }
        return text;
}

/* Whose words they are; what somebody gives as a reason is his own. */
static void add_speaker(const saying *said, const sk_known_piece *piece, const char *kind, sk_buf *line) {
        const sk_call *call = said->call;
        if (piece->index == OF_THE_CUSTOMER)
                sk_buf_add_text(line, strcmp(kind, "answer") == 0 ? "the customer answers: " : "the customer: ");
        else if (piece->index == OF_THE_TEAM)
                sk_buf_add_text(line, "a colleague: ");
        else if (piece->index < call->ask_count)
                sk_buf_add_format(line, "%.*s: ", (int)call->asks[piece->index].provider.len,
                                  call->asks[piece->index].provider.at);
}

static bool on_piece(void *self, const sk_known_piece *piece) {
        saying *said = self;
        const char *kind = "";
        bool is_note = strcmp(piece->kind, "note") == 0;
        bool is_question = strcmp(piece->kind, "question") == 0 && said->call->question != 0;
        sk_slice text = is_note || is_question ? words_of(said, piece, &kind) : SK_NONE;
        if (!sk_slice_there(text))
                return true;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        if (is_note)
                add_speaker(said, piece, kind, &line);
        sk_buf_add_slice(&line, text);
        sk_buf_add_text(&line, is_question ? "   (asked, not answered yet)" : "");
        sk_screen_text(said->cli, said->is_begun ? "" : "Said so far", sk_buf_slice(&line));
        sk_buf_free(&line);
        said->is_begun = true;
        return true;
}

void sk_screen_people(const sk_session *session, const sk_team *team, const sk_task *task) {
        sk_known known = {.open = task->record, .archived = SK_NONE};
        saying said = {.cli = session->cli, .call = task->call};
        print_colleagues(session->cli, team, task);
        print_consulted(session->cli, team, task);
        print_advice(session->cli, task);
        sk_known_pieces(session, &known, on_piece, &said);
}
