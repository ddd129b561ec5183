/*
 * `schakel replay`: recorded history becomes calls; what the chain makes of them is counted.
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>

#include "cli/print/progress.h"
#include "cli/replay/recorded.h"
#include "cli/session/connect.h"
#include "cli/session/links.h"
#include "kit/when.h"

#define BATCH 200
#define TURN_MS 50 /* between two looks at what has closed: looking costs the links time as well */
#define WAIT_MS 200
#define NEVER INT64_MAX

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        {.name = "history",
         .kind = SK_OPTION_TEXT,
         .value = "FILE",
         .text = "the recorded calls: CSV or JSON lines, packed with gzip or not",
         .is_required = true},
        {.name = "map", .kind = SK_OPTION_TEXT, .value = "FILE", .text = "what its columns mean", .is_required = true},
        {.name = "limit", .kind = SK_OPTION_COUNT, .value = "N", .text = "only the first N calls", .min = 1},
        {.name = "speed",
         .kind = SK_OPTION_NUMBER,
         .value = "X",
         .text = "X times as fast as it happened (default: as fast as it goes)"},
        {.name = "as-recorded",
         .kind = SK_OPTION_FLAG,
         .text = "here and under its own clock: compare promises with the record"},
        {.name = "no-wait", .kind = SK_OPTION_FLAG, .text = "raise them, and do not wait until they are closed"},
        {.name = "timeout",
         .kind = SK_OPTION_DURATION,
         .value = "TIME",
         .text = "give up when nothing has closed for so long (default: never)"},
        {.name = "aside",
         .kind = SK_OPTION_TEXT,
         .value = "FILE",
         .text = "where rows go that do not fit (default: HISTORY.aside.jsonl here)"},
        {0},
};

/** Microseconds of history that have passed at @p now_us. */
static int64_t history_now(const sk_replay *replay, double speed, int64_t now_us) {
        if (speed <= 0 || replay->count == 0)
                return NEVER;
        double passed = (double)(now_us - replay->begun_us) * speed;
        double first = (double)replay->list[0].call->time_us;
        return passed + first > 9e18 ? NEVER : (int64_t)(first + passed);
}

static bool warn_of_absent(sk_replay *replay) {
        for (size_t i = 0; i < replay->reader_count; i++) {
                sk_slice team = replay->readers[i].team;
                if (sk_log_tool_is_run(replay->log, sk_edition_chain(replay->edition), team))
                        continue;
                sk_cli_remark(replay->cli,
                              "no link runs for %.*s%s: calls that need it wait until one does (schakel up)",
                              (int)team.len, team.at, replay->reader_count > 1 ? ", or more" : "");
                return true;
        }
        return false;
}

/** Whether to go on waiting. */
static bool is_patient(sk_replay *replay, size_t *last, int64_t *since_us) {
        int64_t timeout_us = sk_cli_duration(replay->cli, "timeout", NEVER);
        int64_t now_us = sk_cli_now_us();
        if (*last != replay->finished) {
                *last = replay->finished;
                *since_us = now_us;
        }
        if (now_us - *since_us < timeout_us)
                return true;
        sk_cli_remark(replay->cli, "nothing has closed for %s: giving up", sk_cli_long(replay->cli, timeout_us));
        return false;
}

static void wait_a_little(sk_replay *replay) {
        (void)poll(NULL, 0, TURN_MS);
        if (!sk_cli_is_interrupted())
                (void)sk_log_tool_wait(replay->log, WAIT_MS);
}

/** Raises what is due and follows until all is closed. */
static int run(sk_replay *replay) {
        double speed = sk_cli_number(replay->cli, "speed", 0);
        bool waits = !sk_cli_flag(replay->cli, "no-wait");
        size_t next = 0;
        size_t last = replay->finished;
        int status = SK_EXIT_OK;
        sk_progress progress = sk_progress_begin(replay->cli, waits ? "closed" : "raised", replay->count);
        replay->begun_us = sk_cli_now_us();
        int64_t since_us = replay->begun_us;
        while (status == SK_EXIT_OK && !sk_cli_is_interrupted()) {
                size_t before = next;
                status = sk_replay_raise(replay, &next, BATCH, history_now(replay, speed, sk_cli_now_us()));
                if (status == SK_EXIT_OK && waits)
                        status = sk_replay_follow(replay, false);
                sk_progress_set(&progress, waits ? replay->finished : next);
                bool is_raised = next == replay->count;
                if (status != SK_EXIT_OK || (is_raised && (!waits || replay->finished >= replay->count)))
                        break;
                if (is_raised && !is_patient(replay, &last, &since_us))
                        break;
                if (next == before)
                        wait_a_little(replay);
        }
        sk_progress_end(&progress);
        return status;
}

static int tell_raised(sk_replay *replay) {
        if (!sk_cli_is_json(replay->cli)) {
                sk_cli_print(replay->cli, "%zu call%s raised, %zu raised before\n", replay->raised,
                             replay->raised == 1 ? "" : "s", replay->known);
                return SK_EXIT_OK;
        }
        sk_json_writer *json = sk_cli_json_begin(replay->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "calls", (int64_t)replay->count);
        sk_json_put_int(json, "raised", (int64_t)replay->raised);
        sk_json_put_int(json, "known", (int64_t)replay->known);
        sk_json_put_int(json, "rows", (int64_t)replay->tally.rows);
        sk_json_put_int(json, "rows_aside", (int64_t)replay->tally.rows_aside);
        sk_json_put_int(json, "calls_aside", (int64_t)replay->tally.calls_aside);
        sk_json_close_object(json);
        return sk_cli_json_end(replay->cli);
}

static int tell_result(sk_replay *replay) {
        sk_replay_result result;
        int status = sk_replay_follow(replay, true);
        if (status == SK_EXIT_OK)
                status = sk_replay_read_archives(replay);
        if (status != SK_EXIT_OK)
                return status;
        if (sk_cli_is_interrupted())
                return sk_cli_fail(replay->cli, replay->log_name, "run the same again: it goes on where it stopped",
                                   "interrupted; %zu of %zu calls are raised, %zu closed",
                                   replay->raised + replay->known, replay->count, replay->finished);
        sk_replay_sum(replay, &result);
        status = sk_replay_print(replay, &result);
        return status == SK_EXIT_OK && !result.is_ok ? SK_EXIT_NEGATIVE : status;
}

static int follow(sk_replay *replay) {
        int status = sk_replay_follow_begin(replay);
        if (status == SK_EXIT_OK)
                status = sk_replay_find_known(replay);
        if (status == SK_EXIT_OK) {
                (void)warn_of_absent(replay);
                status = run(replay);
        }
        if (status == SK_EXIT_OK)
                status = sk_cli_flag(replay->cli, "no-wait") && !sk_cli_is_interrupted() ? tell_raised(replay)
                                                                                         : tell_result(replay);
        sk_replay_follow_end(replay);
        return status;
}

static int open_log(sk_replay *replay) {
        char why[SK_LOG_WHY_MAX] = "";
        const sk_connect connect = {
                .edition = replay->edition, .url = replay->log_name, .purpose = SK_LOG_APPEND, .team = SK_NONE};
        sk_err err = sk_connect_open(&connect, why, &replay->log);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(replay->cli, replay->log_name, "name the log of the chain: --log local:FILE", "%s", why);
}

/** Where what does not fit goes: beside nothing of the reader's, but where he stands. */
static const char *aside_of(sk_cli *cli, const char *history, char *out, size_t out_size) {
        const char *given = sk_cli_text(cli, "aside");
        const char *slash = strrchr(history, '/');
        (void)snprintf(out, out_size, "%s.aside.jsonl", slash == NULL ? history : slash + 1);
        return given != NULL ? given : out;
}

static int load(sk_replay *replay) {
        sk_cli *cli = replay->cli;
        const char *history = sk_cli_text(cli, "history");
        char aside[4200];
        int status = replay->map != NULL ? SK_EXIT_OK : sk_history_load_map(cli, sk_cli_text(cli, "map"), &replay->map);
        if (status == SK_EXIT_OK)
                status = sk_history_load(cli, history, replay->map, replay->edition, &replay->calls, &replay->tally);
        if (status == SK_EXIT_OK)
                status = sk_history_keep_aside(cli, history, replay->map, replay->calls,
                                               aside_of(cli, history, aside, sizeof(aside)), &replay->tally);
        if (status != SK_EXIT_OK)
                return status;
        uint64_t limit = sk_cli_count(cli, "limit", UINT64_MAX);
        replay->count = sk_history_calls_fit(replay->calls);
        replay->count = limit < replay->count ? (size_t)limit : replay->count;
        if (replay->count == 0)
                return sk_cli_fail(cli, history, "see why the rows are kept aside, and mend the map",
                                   "it has no call that fits");
        return SK_EXIT_OK;
}

/** In this process, on a log in memory: nothing of it stays. */
static int replay_recorded(sk_replay *replay) {
        sk_cli *cli = replay->cli;
        sk_edition *edition = NULL;
        sk_cli_catch_interrupt();
        int status = sk_history_load_map(cli, sk_cli_text(cli, "map"), &replay->map);
        if (status == SK_EXIT_OK && (replay->map->promise_count == 0 || replay->map->ended.column == SK_HISTORY_NONE ||
                                     replay->map->kept == SK_HISTORY_NONE))
                status = sk_cli_fail(cli, sk_cli_text(cli, "map"),
                                     "add \"promises\", and \"ended\" and \"kept\" to \"happened\"",
                                     "the map does not say what was promised, when calls were over, or what was kept");
        if (status == SK_EXIT_OK)
                status = sk_recorded_edition(cli, sk_cli_text_or(cli, "chain", "."), replay->map, &edition);
        replay->edition = edition;
        if (status == SK_EXIT_OK)
                status = load(replay);
        if (status == SK_EXIT_OK)
                status = sk_recorded_run(replay);
        sk_history_calls_free(replay->calls);
        sk_history_map_free(replay->map);
        sk_edition_release(edition);
        return status;
}

static int replay_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        sk_replay replay = {.cli = cli, .log_name = sk_cli_text(cli, "log")};
        sk_edition *edition = NULL;
        if (sk_cli_flag(cli, "as-recorded"))
                return replay_recorded(&replay);
        if (replay.log_name == NULL)
                return sk_cli_usage_error(cli, "--log", "say where the records are: --log local:FILE");
        sk_cli_catch_interrupt();
        int status = sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), &edition);
        replay.edition = edition;
        if (status == SK_EXIT_OK)
                status = load(&replay);
        if (status == SK_EXIT_OK)
                status = open_log(&replay);
        if (status == SK_EXIT_OK)
                status = follow(&replay);
        sk_log_tool_free(replay.log);
        sk_history_calls_free(replay.calls);
        sk_history_map_free(replay.map);
        sk_edition_release(edition);
        return status;
}

const sk_command sk_command_replay = {
        .name = "replay",
        .text = "raise the calls of recorded history and see what becomes of them",
        .options = options,
        .details =
                "Each recorded call becomes one call, at the team that the map says, with an id that follows from the\n"
                "recorded one: a second replay raises nothing twice and goes on where the first stopped. Then it "
                "waits\n"
                "until all are closed, and counts at both ends of each agreement. The exit status is 1 if a call was\n"
                "lost or doubled, if the ends differ, or if a cut was decided otherwise than recorded.\n"
                "\n"
                "With --as-recorded no log is needed: the links run in this process, under a clock that goes from one\n"
                "recorded moment to the next. The agreements promise what the map says; which promises are kept is\n"
                "counted as the report counts it, and compared with the record, with a reason for each difference.",
        .example = "schakel replay -C teams/shared-service-centre --log local:chain.db \\\n"
                   "          --history teams/shared-service-centre/history/incidents.csv.gz \\\n"
                   "          --map teams/shared-service-centre/history/servicenow.map.json",
        .run = replay_run,
};
