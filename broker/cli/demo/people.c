/*
 * `schakel people`: plays the people of a chain, for demonstrations and tests. It does nothing that a person could not
 * do: it looks at `schakel task list`, claims and completes with `schakel task complete`, and answers.
 */
#include <assert.h>
#include <stdio.h>

#include "cli/demo/script.h"
#include "cli/inner.h"
#include "cli/session/session.h"
#include "cli/session/team_files.h"
#include "cli/task/form.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/json_load.h"
#include "kit/map.h"

#define LIST_MAX_BYTES ((size_t)256 << 20)
#define LINE_DEPTH_MAX 64
#define WAIT_MS 200
#define TRIES_MAX 5      /* a task that is refused so often is left to others */
#define CURIOUS_SHARE 20 /* of so many analyses, one begins with a question to the customer */
#define ANSWER_MAX_BYTES 4096

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "script",
         .kind = SK_OPTION_TEXT,
         .value = "FILE",
         .text = "what is decided at the cut of some calls (default: DIR/" SK_SCRIPT_FILE ")"},
        {.name = "until-idle", .kind = SK_OPTION_FLAG, .text = "end when there is nothing to be done"},
        {0},
};

typedef struct people {
        sk_cli *cli;
        sk_session session;
        json_t *script;
        sk_map *tries; /**< by task: how often it was refused */
        sk_map *asked; /**< calls whose customer was asked something */
        sk_buf out;
        sk_buf err;
} people;

static sk_inner command_of(const people *self, const char *const *words) {
        sk_inner inner = sk_inner_make(words);
        sk_inner_add_option(&inner, "--chain", sk_cli_text_or(self->cli, "chain", "."));
        sk_inner_add_option(&inner, "--log", sk_cli_text(self->cli, "log"));
        return inner;
}

static int run(people *self, const sk_inner *inner) {
        sk_buf_clear(&self->out);
        sk_buf_clear(&self->err);
        return sk_inner_run(self->cli, inner, &self->out, &self->err);
}

static const char *text_in(const json_t *task, const char *name) {
        const char *text = json_string_value(json_object_get(task, name));
        return text == NULL ? "" : text;
}

/* ---- who ---- */

/** Whether he is there, and has the profile or stands in for one who has. */
static bool is_there(const sk_team *team, sk_slice person, sk_slice profile) {
        int64_t now_us = sk_cli_now_us();
        return sk_team_acts(team, person, profile, now_us) && !sk_team_is_away(team, person, now_us);
}

/** One of those with the profile: not always the same one. */
static sk_slice somebody(const sk_team *team, sk_slice profile, uint32_t seed) {
        size_t count = 0;
        for (size_t i = 0; i < sk_team_person_count(team); i++)
                count += is_there(team, sk_team_person_at(team, i), profile);
        size_t wanted = count == 0 ? 0 : seed % count;
        for (size_t i = 0; i < sk_team_person_count(team); i++) {
                if (is_there(team, sk_team_person_at(team, i), profile) && wanted-- == 0)
                        return sk_team_person_at(team, i);
        }
        return SK_NONE;
}

static void name_person(const sk_team *team, sk_slice person, char out[2 * SK_NAME_MAX + 2]) {
        (void)snprintf(out, 2 * SK_NAME_MAX + 2, "%.*s@%.*s", (int)person.len, person.at, (int)sk_team_name(team).len,
                       sk_team_name(team).at);
}

/** Who does the task: PERSON@TEAM; false if nobody can. */
static bool find_person(const people *self, const json_t *task, uint32_t seed, char out[2 * SK_NAME_MAX + 2]) {
        const sk_team *team = sk_edition_team(self->session.edition, sk_slice_of(text_in(task, "team")));
        sk_slice person = sk_slice_of(text_in(task, "holder"));
        if (team == NULL)
                return false;
        if (person.len == 0)
                person = somebody(team, sk_slice_of(text_in(task, "profile")), seed);
        if (!sk_slice_there(person) || !sk_team_knows(team, person))
                return false;
        name_person(team, person, out);
        return true;
}

/* ---- remembering ---- */

/** How often this has been counted before; counts it. */
static size_t count_of(sk_map *map, const char *name) {
        sk_slice key = sk_slice_of(name);
        size_t before = (size_t)(uintptr_t)sk_map_get(map, key);
        (void)sk_map_put(map, key, (void *)(uintptr_t)(before + 1), NULL);
        return before;
}

static bool is_hopeless(const people *self, const char *name) {
        return (uintptr_t)sk_map_get(self->tries, sk_slice_of(name)) >= TRIES_MAX;
}

/* ---- doing ---- */

static void tell(const people *self, const json_t *task, const char *person, const char *what) {
        sk_cli *cli = self->cli;
        const char *id = text_in(task, "call");
        size_t len = strlen(id);
        sk_cli_print(
                cli, "%-28s %-10s %-18s %s  %s of %s\n", sk_cli_safe_text(cli, person), what,
                sk_cli_safe_text(cli, text_in(task, "activity")), sk_cli_safe_text(cli, len > 8 ? id + len - 8 : id),
                sk_cli_safe_text(cli, text_in(task, "facility")), sk_cli_safe_text(cli, text_in(task, "customer")));
}

/** What the command said, once it has said no. */
static void tell_refusal(const people *self) {
        sk_slice said = sk_buf_slice(&self->err);
        while (said.len > 0 && said.at[said.len - 1] == '\n')
                said.len--;
        sk_cli_remark(self->cli, "%.*s", (int)(said.len > 500 ? 500 : said.len), said.at);
}

/** The decision at a cut: as the script says, else that nothing has to be modified. */
static void add_cut(const people *self, const json_t *task, sk_inner *inner) {
        const json_t *call = sk_script_find(self->script, text_in(task, "need"));
        const json_t *components = json_object_get(call, "components");
        const char *target = call == NULL ? NULL : sk_script_text(call, "cut");
        if (json_array_size(json_object_get(task, "cut")) == 0)
                return;
        sk_inner_add_option(inner, "--cut", target == NULL ? "operate" : target);
        for (size_t i = 0; i < json_array_size(components) && i < 4; i++)
                sk_inner_add_option(inner, "--component", json_string_value(json_array_get(components, i)));
        sk_inner_add_option(inner, "--reason", call == NULL ? "nothing is broken" : sk_script_text(call, "reason"));
}

static bool complete(people *self, const json_t *task, const char *person, uint32_t seed) {
        json_t *filled = sk_form_fill(json_object_get(task, "form"), seed, sk_cli_now_us());
        char *result = filled == NULL ? NULL : json_dumps(filled, JSON_COMPACT);
        const char *const words[] = {"task", "complete", text_in(task, "task"), "--claim", "--json", "--as",
                                     person, NULL};
        sk_inner inner = command_of(self, words);
        add_cut(self, task, &inner);
        if (json_object_size(filled) > 0)
                sk_inner_add_option(&inner, "--result", result);
        bool is_done = result != NULL && run(self, &inner) == SK_EXIT_OK;
        sk_free(result);
        json_decref(filled);
        return is_done;
}

/** Whether the customer is to be asked something first: once, and not of every call. */
static bool is_curious(people *self, const json_t *task, uint32_t seed) {
        return seed % CURIOUS_SHARE == 0 && strcmp(text_in(task, "activity"), "recover.analyse") == 0 &&
               count_of(self->asked, text_in(task, "call")) == 0;
}

/** Whether the task waits for advice, and nobody was asked yet. */
static bool is_unsure(people *self, const json_t *task) {
        return json_is_true(json_object_get(task, "wait_for_advice")) &&
               count_of(self->asked, text_in(task, "task")) == 0;
}

static bool ask(people *self, const json_t *task, const char *person, bool is_colleague) {
        const char *name = text_in(task, "task");
        const char *const claim[] = {"task", "claim", name, "--as", person, NULL};
        const char *const question[] = {
                "task", is_colleague ? "ask" : "question",
                name,   is_colleague ? "What would you do?" : "Since when, and does it come back?",
                "--as", person,
                NULL};
        sk_inner inner = command_of(self, claim);
        if (text_in(task, "holder")[0] == '\0' && run(self, &inner) != SK_EXIT_OK)
                return false;
        inner = command_of(self, question);
        return run(self, &inner) == SK_EXIT_OK;
}

static bool work_on(people *self, const json_t *task) {
        const char *name = text_in(task, "task");
        uint32_t seed = sk_hash_crc32c(sk_slice_of(name));
        char person[2 * SK_NAME_MAX + 2];
        if (is_hopeless(self, name) || !find_person(self, task, seed, person))
                return false;
        bool is_colleague = is_unsure(self, task);
        bool asks = is_colleague || is_curious(self, task, seed);
        bool is_done = asks ? ask(self, task, person, is_colleague) : complete(self, task, person, seed);
        if (is_done)
                tell(self, task, person, asks ? "asked" : "completed");
        else if (count_of(self->tries, name) + 1 >= TRIES_MAX)
                tell_refusal(self);
        return is_done;
}

/* ---- answering ---- */

/** Somebody of the team that was asked: whoever is there. */
static bool find_asked(const people *self, const json_t *task, char out[2 * SK_NAME_MAX + 2]) {
        const sk_team *team = sk_edition_team(self->session.edition, sk_slice_of(text_in(task, "team")));
        size_t count = team == NULL ? 0 : sk_team_person_count(team);
        if (count == 0)
                return false;
        name_person(team, sk_team_person_at(team, count - 1), out);
        return true;
}

static bool answer(people *self, const json_t *task) {
        bool is_offer = strcmp(text_in(task, "kind"), "offer") == 0;
        const char *ask = text_in(task, "ask");
        const char *call = ask[0] == '\0' ? text_in(task, "call") : ask;
        char person[2 * SK_NAME_MAX + 2];
        if (is_hopeless(self, call) || !find_asked(self, task, person))
                return false;
        const char *const words[] = {"answer", call,   is_offer ? "accept" : "since this morning; yes, it comes back",
                                     "--as",   person, NULL};
        sk_inner inner = command_of(self, words);
        bool is_done = run(self, &inner) == SK_EXIT_OK;
        if (is_done)
                tell(self, task, person, is_offer ? "accepted" : "answered");
        else if (count_of(self->tries, call) + 1 >= TRIES_MAX)
                tell_refusal(self);
        return is_done;
}

/* ---- colleagues ---- */

/** Who was asked for advice, or else coordinates. */
static sk_slice colleague(const sk_team *team, const json_t *task, uint32_t seed) {
        const json_t *to = json_object_get(task, "to");
        sk_slice person = SK_NONE;
        if (strcmp(text_in(task, "kind"), "appoint") == 0)
                return somebody(team, sk_team_coordinator(team, sk_process_find(sk_slice_of(text_in(task, "process")))),
                                seed);
        for (size_t i = 0; i < json_array_size(to) && !sk_slice_there(person); i++)
                person = somebody(team, sk_slice_of(json_string_value(json_array_get(to, i))), seed);
        return person;
}

/** Advises, or takes it upon himself to be accountable. */
static bool help(people *self, const json_t *task) {
        const sk_team *team = sk_edition_team(self->session.edition, sk_slice_of(text_in(task, "team")));
        const char *name = text_in(task, "task");
        bool is_advice = strcmp(text_in(task, "kind"), "advice") == 0;
        sk_slice person = team == NULL ? SK_NONE : colleague(team, task, sk_hash_crc32c(sk_slice_of(name)));
        char who[2 * SK_NAME_MAX + 2];
        if (is_hopeless(self, name) || !sk_slice_there(person))
                return false;
        name_person(team, person, who);
        const char *const advise[] = {"task", "advise", name, "as usual", "--as", who, NULL};
        const char *const appoint[] = {"task", "appoint", name, person.at, "--as", who, NULL};
        sk_inner inner = command_of(self, is_advice ? advise : appoint);
        bool is_done = run(self, &inner) == SK_EXIT_OK;
        if (is_done)
                tell(self, task, who, is_advice ? "advised" : "appointed");
        else if (count_of(self->tries, name) + 1 >= TRIES_MAX)
                tell_refusal(self);
        return is_done;
}

/* ---- the whole day ---- */

static bool do_line(people *self, sk_slice line) {
        json_t *task = NULL;
        if (sk_json_load(line, LINE_DEPTH_MAX, &task, NULL) != SK_OK)
                return false;
        const char *kind = text_in(task, "kind");
        bool is_task = strcmp(kind, "task") == 0;
        bool is_help = strcmp(kind, "advice") == 0 || strcmp(kind, "appoint") == 0;
        bool is_done = is_task ? work_on(self, task) : is_help ? help(self, task) : answer(self, task);
        json_decref(task);
        fflush(sk_cli_out(self->cli));
        sk_cli_forget(self->cli);
        return is_done;
}

/** Does what there is; *out_done says whether anything could be done. */
static int do_all(people *self, bool *out_done) {
        static const char *const words[] = {"task", "list", "--json", NULL};
        sk_inner inner = command_of(self, words);
        sk_inner_add_option(&inner, "--team", sk_cli_text(self->cli, "team"));
        sk_buf list = sk_buf_make(LIST_MAX_BYTES);
        sk_buf_clear(&self->err);
        int status = sk_inner_run(self->cli, &inner, &list, &self->err);
        sk_slice rest = sk_buf_slice(&list);
        *out_done = false;
        if (status != SK_EXIT_OK)
                tell_refusal(self);
        while (status == SK_EXIT_OK && rest.len > 0 && !sk_cli_is_interrupted()) {
                const char *end = memchr(rest.at, '\n', rest.len);
                size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);
                *out_done |= do_line(self, (sk_slice){rest.at, len});
                rest = end == NULL ? SK_SLICE("") : (sk_slice){end + 1, rest.len - len - 1};
        }
        sk_buf_free(&list);
        return status;
}

static int play(people *self) {
        int status = SK_EXIT_OK;
        while (status == SK_EXIT_OK && !sk_cli_is_interrupted()) {
                bool is_done;
                status = do_all(self, &is_done);
                if (status != SK_EXIT_OK || is_done)
                        continue;
                if (sk_cli_flag(self->cli, "until-idle"))
                        break;
                (void)sk_log_tool_wait(self->session.log, WAIT_MS);
        }
        return status;
}

static int load_script(people *self) {
        sk_buf path = sk_buf_make(ANSWER_MAX_BYTES);
        sk_buf_add_format(&path, "%s/%s", sk_cli_text_or(self->cli, "chain", "."), SK_SCRIPT_FILE);
        sk_buf_add_byte(&path, 0);
        const char *otherwise = path.err == SK_OK ? path.at : NULL;
        int status = sk_script_load(self->cli, sk_cli_text_or(self->cli, "script", otherwise), &self->script);
        sk_buf_free(&path);
        return status;
}

static bool is_team_there(const people *self) {
        const char *name = sk_cli_text(self->cli, "team");

        return name == NULL || sk_team_files_find(self->cli, self->session.edition, "team", sk_slice_of(name)) != NULL;
}

static int people_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        people self = {.cli = cli, .out = sk_buf_make(LIST_MAX_BYTES), .err = sk_buf_make(LIST_MAX_BYTES)};
        sk_cli_catch_interrupt();
        int status = load_script(&self);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_open(cli, SK_LOOK, &self.session);
        if (status == SK_EXIT_OK && !is_team_there(&self)) {
                status = SK_EXIT_USAGE;
                sk_session_close(&self.session);
        }
        if (status == SK_EXIT_OK) {
                self.tries = sk_map_new();
                self.asked = sk_map_new();
                status = self.tries == NULL || self.asked == NULL ? sk_session_no_memory(&self.session) : play(&self);
                sk_map_free(self.tries);
                sk_map_free(self.asked);
                sk_session_close(&self.session);
        }
        json_decref(self.script);
        sk_buf_free(&self.out);
        sk_buf_free(&self.err);
        return status;
}

const sk_command sk_command_people = {
        .name = "people",
        .text = "play the people of a chain, for demonstrations and tests",
        .options = options,
        .details =
                "Claims and completes every task as soon as it is there, by somebody who may, with whatever fits "
                "the\n"
                "form; answers questions and accepts offers. It uses the same commands as people do. Ctrl-C ends it.",
        .example = "schakel people -C teams/shared-service-centre --log local:chain.db",
        .run = people_run,
};
