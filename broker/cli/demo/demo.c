/*
 * `schakel demo`: a chain at work on recorded calls, from beginning to end, with nothing left running.
 */
#include <assert.h>

#include "cli/demo/demo.h"
#include "cli/demo/script.h"
#include "cli/inner.h"
#include "cli/print/progress.h"
#include "cli/session/links.h"
#include "cli/session/view.h"
#include "kit/alloc.h"
#include "kit/when.h"

#define PATIENCE_MS 30000
#define TURN_MS 100
#define START_US (60 * SK_SECOND_US)
#define ARENA_MAX ((size_t)64 << 20)
#define NUMBER_MAX 32

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "folder",
         .kind = SK_OPTION_TEXT,
         .value = "DIR",
         .text = "where its log and what it says go (default: schakel-demo)"},
        {.name = "kafka",
         .kind = SK_OPTION_TEXT,
         .value = "PROGRAM",
         .text = "on a Kafka broker that this starts and stops: deploy/kafka/kafka of the sources"},
        {.name = "limit", .kind = SK_OPTION_COUNT, .value = "N", .text = "only the first N recorded calls", .min = 1},
        {.name = "no-scenes",
         .kind = SK_OPTION_FLAG,
         .text = "only the recorded calls, without the scenes before them"},
        {.name = "keep", .kind = SK_OPTION_FLAG, .text = "go on with what is in the folder, do not begin anew"},
        {0},
};

/* ---- what the children say ---- */

static void tell(void *own, const sk_child_news *news) {
        sk_demo *demo = own;
        sk_buf text = sk_buf_make(256);
        if (news->index == demo->replay && sk_slice_there(news->line)) {
                sk_buf_add_slice(&demo->result, news->line);
                return;
        }
        if (!sk_slice_there(news->line))
                sk_link_end_write(&text, news);
        sk_demo_kafka_hear(demo, news);
        sk_slice line = sk_slice_there(news->line) ? news->line : sk_buf_slice(&text);
        fprintf(demo->said, "%s | %.*s\n", news->name, (int)line.len, line.at);
        fflush(demo->said);
        sk_buf_free(&text);
}

static int say_ended(const sk_demo *demo, const char *what) {
        return sk_cli_fail(demo->cli, what, "links.log in that folder says why: --folder DIR", "it has ended");
}

bool sk_demo_is_any_gone(const sk_demo *demo, size_t others) {
        size_t second = demo->kafka.second != SK_DEMO_NONE && sk_children_is_up(demo->children, demo->kafka.second);
        return sk_children_count(demo->children) - second < sk_edition_team_count(demo->session.edition) + others;
}

/* ---- starting ---- */

static bool all_run(const sk_demo *demo) {
        for (size_t i = 0; i < sk_edition_team_count(demo->session.edition); i++) {
                sk_slice team = sk_team_name(sk_edition_team_at(demo->session.edition, i));
                if (!sk_log_tool_is_run(demo->session.log, sk_edition_chain(demo->session.edition), team))
                        return false;
        }
        return true;
}

static int wait_for_links(sk_demo *demo) {
        int64_t until_us = sk_cli_now_us() + START_US;
        while (!sk_cli_is_interrupted() && !all_run(demo)) {
                if (sk_demo_is_any_gone(demo, 0))
                        return say_ended(demo, "a link");
                if (sk_cli_now_us() > until_us)
                        return sk_cli_fail(demo->cli, demo->folder, "see what links.log in that folder says",
                                           "not all links have come up");
                sk_children_turn(demo->children, TURN_MS);
        }
        return SK_EXIT_OK;
}

static int open_log(sk_demo *demo) {
        char why[SK_LOG_WHY_MAX];
        demo->session.cli = demo->cli;
        demo->session.log_url = demo->log;
        demo->session.chain = sk_edition_chain(demo->session.edition);
        demo->session.arena = sk_arena_new(ARENA_MAX);
        if (demo->session.arena == NULL)
                return sk_session_no_memory(&demo->session);
        if (sk_log_tool_open(demo->log, SK_LOG_APPEND, why, &demo->session.log) == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, demo->log, "name another folder: --folder DIR", "%s", why);
}

static int start_links(sk_demo *demo) {
        sk_links_plan plan = {.chain = demo->chain, .log = demo->log, .edition = demo->session.edition};
        char state[SK_DEMO_PATH_MAX];
        size_t count = sk_edition_team_count(demo->session.edition);
        if (!sk_demo_path(demo, "state", state))
                return SK_EXIT_NEGATIVE;
        plan.state = demo->kafka.program == NULL ? NULL : state;
        sk_demo_kafka_double(demo, &plan);
        int status = sk_links_start(demo->cli, &plan, demo->children);
        if (status == SK_EXIT_OK)
                status = open_log(demo);
        if (status == SK_EXIT_OK)
                status = wait_for_links(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_json(demo->cli))
                sk_cli_print(demo->cli, "%zu teams, each with a process of its own%s%s%s, on one log: %s\n", count,
                             demo->kafka.program == NULL ? "" : " and ", sk_cli_safe(demo->cli, demo->kafka.team),
                             demo->kafka.program == NULL ? "" : " with two",
                             sk_cli_safe_text(demo->cli, demo->kafka.program == NULL ? demo->file : demo->log));
        fflush(sk_cli_out(demo->cli));
        return status;
}

int sk_demo_links_begin(sk_demo *demo) {
        demo->children = sk_children_new(tell, demo);
        if (demo->children == NULL)
                return sk_cli_fail(demo->cli, "memory", "end other programs, then try again", "none left");
        return start_links(demo);
}

static int start_one(sk_demo *demo, const sk_child_plan *plan, size_t *out_index) {
        if (sk_children_start(demo->children, plan, out_index) == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, plan->name, "end other programs, then try again", "it cannot be started");
}

static int start_people(sk_demo *demo) {
        const char *const argv[] = {demo->program, "people", "-C", demo->chain, "--log", demo->log, NULL};
        return start_one(demo, &(sk_child_plan){.name = "people", .argv = argv, .is_kept = true}, NULL);
}

/* ---- calls of every kind ---- */

static void add_number(sk_inner *inner, const char *option, const json_t *number, char text[NUMBER_MAX]) {
        (void)snprintf(text, NUMBER_MAX, "%lld", (long long)json_integer_value(number));
        sk_inner_add_option(inner, option, number == NULL ? NULL : text);
}

static int raise_one(sk_demo *demo, const json_t *call) {
        const char *const words[] = {"call", "-C", demo->chain, "--log", demo->log, NULL};
        static const char *const texts[][2] = {{"--as", "as"},     {"--to", "to"},
                                               {"--type", "type"}, {"--facility", "facility"},
                                               {"--need", "need"}, {"--on-behalf", "on_behalf"}};
        char urgency[NUMBER_MAX];
        json_t *data = json_object_get(call, "data");
        char *encoded = data == NULL ? NULL : json_dumps(data, JSON_COMPACT);
        sk_inner inner = sk_inner_make(words);
        sk_buf printed = sk_buf_make(ARENA_MAX);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                sk_inner_add_option(&inner, texts[i][0], sk_script_text(call, texts[i][1]));
        add_number(&inner, "--urgency", json_object_get(call, "urgency"), urgency);
        sk_inner_add_option(&inner, "--data", encoded);
        int status = sk_inner_run(demo->cli, &inner, &printed, NULL);
        sk_buf_free(&printed);
        sk_free(encoded);
        return status;
}

int sk_demo_count_open(const sk_demo *demo, size_t *out) {
        sk_view *view;
        int status = sk_view_load(&demo->session, NULL, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        *out = sk_view_count(view);
        sk_view_free(view);
        return SK_EXIT_OK;
}

static int wait_for_calls(sk_demo *demo) {
        size_t open = 1;
        int status = SK_EXIT_OK;
        while (status == SK_EXIT_OK && open > 0 && !sk_cli_is_interrupted()) {
                sk_children_turn(demo->children, TURN_MS);
                if (sk_demo_is_any_gone(demo, 1))
                        return say_ended(demo, "a link or the people");
                status = sk_demo_count_open(demo, &open);
        }
        return status;
}

static int raise_script(sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        json_t *script;
        (void)snprintf(path, sizeof(path), "%s/%s", demo->chain, SK_SCRIPT_FILE);
        int status = sk_script_load(demo->cli, path, &script);
        if (status != SK_EXIT_OK)
                return status;
        size_t count = demo->is_new ? json_array_size(script) : 0;
        int64_t begun_us = sk_cli_now_us();
        for (size_t i = 0; i < count && status == SK_EXIT_OK && !sk_cli_is_interrupted(); i++) {
                status = raise_one(demo, json_array_get(script, i));
                sk_children_turn(demo->children, 0);
        }
        json_decref(script);
        if (status == SK_EXIT_OK && count > 0)
                status = wait_for_calls(demo);
        if (status == SK_EXIT_OK && count > 0 && !sk_cli_is_interrupted() && !sk_cli_is_json(demo->cli))
                sk_cli_print(demo->cli, "%zu calls of every kind, through all eight workflows: closed in %.1f s\n",
                             count, (double)(sk_cli_now_us() - begun_us) / (double)SK_SECOND_US);
        fflush(sk_cli_out(demo->cli));
        return status;
}

/* ---- recorded calls ---- */

static int start_replay(sk_demo *demo, char aside[SK_DEMO_PATH_MAX], char limit[NUMBER_MAX]) {
        const char *argv[16] = {demo->program, "replay", "-C",      demo->chain, "--log", demo->log, "--history",
                                demo->history, "--map",  demo->map, "--aside",   aside,   "--json"};
        (void)snprintf(limit, NUMBER_MAX, "%llu", (unsigned long long)sk_cli_count(demo->cli, "limit", 0));
        if (sk_cli_count(demo->cli, "limit", 0) > 0) {
                argv[13] = "--limit";
                argv[14] = limit;
        }
        return start_one(demo, &(sk_child_plan){.name = "replay", .argv = argv, .shows_errors = true}, &demo->replay);
}

static int replay(sk_demo *demo) {
        char aside[SK_DEMO_PATH_MAX];
        char limit[NUMBER_MAX];
        if (!sk_demo_path(demo, "aside.jsonl", aside))
                return SK_EXIT_NEGATIVE;
        if (!sk_cli_is_json(demo->cli))
                sk_cli_print(demo->cli, "now the recorded calls of a real service desk; people are played by schakel "
                                        "people (links.log there)\n");
        fflush(sk_cli_out(demo->cli));
        demo->begun_us = sk_cli_now_us();
        int status = start_replay(demo, aside, limit);
        while (status == SK_EXIT_OK && !sk_cli_is_interrupted() && sk_children_is_up(demo->children, demo->replay)) {
                sk_children_turn(demo->children, TURN_MS);
                if (sk_demo_is_any_gone(demo, 2) && sk_children_is_up(demo->children, demo->replay))
                        return say_ended(demo, "a link or the people");
                status = sk_demo_kafka_turn(demo);
        }
        return status == SK_EXIT_OK && !sk_cli_is_interrupted() ? sk_demo_kafka_settle(demo) : status;
}

/* ---- the whole ---- */

static int say_interrupted(const sk_demo *demo) {
        if (demo->kafka.program != NULL)
                return sk_cli_fail(demo->cli, demo->folder, "links.log there tells what the links said",
                                   "interrupted; the broker is gone, with all that was on it");
        return sk_cli_fail(demo->cli, demo->folder,
                           "schakel demo --keep goes on where it stopped; so does schakel up, without the people",
                           "interrupted; nothing runs any more, and the log is whole");
}

static int play(sk_demo *demo) {
        int status = sk_demo_scenes(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = sk_demo_kafka_begin(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = sk_demo_tool_begin(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = sk_demo_links_begin(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = start_people(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = raise_script(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = replay(demo);
        bool is_interrupted = sk_cli_is_interrupted();
        if (demo->children != NULL)
                (void)sk_children_end(demo->children, PATIENCE_MS);
        sk_demo_tool_end(demo);
        if (is_interrupted)
                return say_interrupted(demo);
        return status == SK_EXIT_OK ? sk_demo_tell(demo) : status;
}

static int demo_run(sk_cli *cli, int argc, char **argv) {
        sk_demo demo = {.cli = cli, .replay = SK_DEMO_NONE, .result = sk_buf_make(ARENA_MAX)};
        (void)argc;
        (void)argv;
        demo.kafka.program = sk_cli_text(cli, "kafka");
        sk_cli_catch_interrupt();
        int status = sk_demo_folder_begin(&demo);
        if (status == SK_EXIT_OK)
                status = play(&demo);
        sk_children_free(demo.children);
        sk_session_close(&demo.session);
        sk_demo_tool_end(&demo);
        sk_demo_kafka_end(&demo);
        sk_demo_folder_end(&demo);
        sk_buf_free(&demo.result);
        return status;
}

const sk_command sk_command_demo = {
        .name = "demo",
        .text = "show a chain at work on recorded calls, from beginning to end",
        .options = options,
        .details = "First some scenes on a small chain, each command as somebody would type it. Then it\n"
                   "starts a process for each team on a log in a folder of its own, lets a program play the people, "
                   "raises\n"
                   "calls of every kind and then the recorded ones, and ends everything. What an earlier demo left in "
                   "the\n"
                   "folder is removed first, unless --keep is given. With --kafka the log is a Kafka broker that is "
                   "there for\n"
                   "this alone; the busiest team has two processes, and one of them is killed in the middle.",
        .example = "schakel demo -C teams/shared-service-centre\n"
                   "  schakel demo -C teams/shared-service-centre --kafka deploy/kafka/kafka",
        .run = demo_run,
};
