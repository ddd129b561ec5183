/*
 * `schakel watch`: what happens in a chain while it happens, from the events of one team or of all.
 */
#include <stdlib.h>

#include "cli/call/follow.h"
#include "cli/print/escape.h"
#include "cli/session/event_text.h"
#include "cli/session/find.h"
#include "cli/session/ids.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/json_scan.h"

#define NAP_MS 500
#define SHORT_ID 8
#define ROUND_MAX_BYTES ((size_t)256 << 20)
#define ROUND_MAX 512 /* events of one partition at a time */
#define WIDEST_TEAM 20

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "call", .kind = SK_OPTION_TEXT, .value = "CALL", .text = "only of this call"},
        {.name = "since",
         .kind = SK_OPTION_DURATION,
         .value = "DURATION",
         .text = "begin with what happened so long ago (default: now)"},
        {.name = "limit",
         .kind = SK_OPTION_COUNT,
         .value = "N",
         .text = "end after so many events",
         .min = 1,
         .max = 1000000000},
        {.name = "all",
         .letter = 'a',
         .kind = SK_OPTION_FLAG,
         .text = "also what links do by themselves, and what only repeats"},
        {0},
};

/** One partition of the events of a team. */
typedef struct source {
        const sk_team *team;
        sk_slice topic;
        int32_t partition;
        int64_t next;
        uint64_t taken; /**< in this round */
} source;

/** An event, kept until those of all teams in this round can be put in order. */
typedef struct happening {
        const sk_team *team;
        int64_t time_us;
        uint64_t order;
        sk_id id;
        sk_message type;
        sk_slice value;
} happening;

typedef struct watching {
        const sk_session *session;
        source *sources;
        size_t source_count;
        source *source; /**< being read */
        sk_arena *round;
        happening *events;
        size_t count;
        size_t capacity;
        bool is_full;
        bool has_call;
        sk_id call;
        int64_t since_us;
        uint64_t left; /**< events to be shown until the end */
        int team_width;
} watching;

/* ---- reading ---- */

static happening *more(watching *watch) {
        if (watch->count == watch->capacity) {
                size_t capacity = watch->capacity == 0 ? 256 : 2 * watch->capacity;
                happening *at = sk_realloc(watch->events, capacity * sizeof(*at));
                if (at == NULL)
                        return NULL;
                watch->events = at;
                watch->capacity = capacity;
        }
        return &watch->events[watch->count];
}

static bool is_wanted(const watching *watch, sk_message type, const sk_log_entry *entry) {
        if (type == SK_MESSAGES || entry->timestamp_us < watch->since_us || !sk_slice_there(entry->value) ||
            sk_json_check(entry->value, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                return false;
        return sk_cli_flag(watch->session->cli, "all") || sk_cli_is_json(watch->session->cli) ||
               sk_event_matters(type, entry->value);
}

static bool on_event(void *self, const sk_log_entry *entry) {
        watching *watch = self;
        sk_message type = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        sk_id id;
        watch->source->taken++;
        if (!sk_id_parse(entry->key, &id) || (watch->has_call && !sk_id_equal(&id, &watch->call)) ||
            !is_wanted(watch, type, entry))
                return true;
        happening *event = more(watch);
        sk_slice value = sk_arena_copy(watch->round, entry->value);
        watch->is_full = event == NULL || !sk_slice_there(value);
        if (watch->is_full)
                return false;
        *event = (happening){.team = watch->source->team,
                             .time_us = entry->timestamp_us,
                             .order = watch->count,
                             .id = id,
                             .type = type,
                             .value = value};
        watch->count++;
        return true;
}

/* @p out_more is set when there may be more to read at once. */
static int read_round(watching *watch, bool *out_more) {
        const sk_session *session = watch->session;
        watch->count = 0;
        sk_arena_reset(watch->round);
        for (size_t i = 0; i < watch->source_count; i++) {
                source *each = &watch->sources[i];
                watch->source = each;
                each->taken = 0;
                sk_log_read part = {.topic = each->topic,
                                    .partition = each->partition,
                                    .from_offset = each->next,
                                    .max = ROUND_MAX};
                if (sk_log_tool_read(session->log, &part, on_event, watch, &each->next) != SK_OK)
                        return sk_session_fail(session, session->log_url);
                if (watch->is_full)
                        return sk_session_no_memory(session);
                *out_more = *out_more || each->taken == ROUND_MAX;
        }
        return SK_EXIT_OK;
}

/* ---- showing ---- */

static int in_order(const void *a, const void *b) {
        const happening *left = a;
        const happening *right = b;
        if (left->time_us != right->time_us)
                return left->time_us < right->time_us ? -1 : 1;
        return (left->order > right->order) - (left->order < right->order);
}

static int show_json(sk_cli *cli, const happening *event) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_time(json, "time", event->time_us);
        sk_json_put_text(json, "team", sk_team_name(event->team));
        sk_json_put_id(json, "call", &event->id);
        sk_json_put_cstr(json, "message", sk_message_name(event->type));
        sk_json_put_raw(json, "data", event->value);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

static int show_line(const watching *watch, const happening *event) {
        sk_cli *cli = watch->session->cli;
        size_t room = sk_cli_columns(cli);
        const char *clock = sk_follow_clock(cli, event->time_us);
        const char *team = sk_cli_safe(cli, sk_team_name(event->team));
        const char *text = sk_event_text(cli, event->type, event->value);
        size_t before = strlen(clock) + 2 + (size_t)watch->team_width + 2 + SHORT_ID + 2;
        size_t columns = sk_text_columns(sk_slice_of(text));
        bool is_cut = before < room && columns > room - before;
        size_t shown = is_cut ? sk_text_fit(sk_slice_of(text), room - before - 1) : strlen(text);
        sk_cli_print(cli, "%s  %-*s  %s  %s%.*s%s%s\n", clock, watch->team_width, team,
                     sk_cli_id(cli, &event->id, SHORT_ID), sk_cli_style(cli, sk_event_style(event->type, event->value)),
                     (int)shown, text, is_cut ? "…" : "", sk_cli_style(cli, SK_PLAIN));
        return SK_EXIT_OK;
}

static int show_round(watching *watch) {
        sk_cli *cli = watch->session->cli;
        int status = SK_EXIT_OK;
        if (watch->count > 1)
                qsort(watch->events, watch->count, sizeof(*watch->events), in_order);
        for (size_t i = 0; i < watch->count && status == SK_EXIT_OK && watch->left > 0; i++, watch->left--) {
                const happening *event = &watch->events[i];
                status = sk_cli_is_json(cli) ? show_json(cli, event) : show_line(watch, event);
                sk_cli_forget(cli);
        }
        fflush(sk_cli_out(cli));
        return status;
}

static int run(watching *watch) {
        const sk_session *session = watch->session;
        int status = SK_EXIT_OK;
        sk_cli_catch_interrupt();
        while (status == SK_EXIT_OK && !sk_cli_is_interrupted() && !ferror(sk_cli_out(session->cli))) {
                bool has_more = false;
                status = read_round(watch, &has_more);
                if (status == SK_EXIT_OK)
                        status = show_round(watch);
                if (watch->left == 0)
                        break;
                if (status == SK_EXIT_OK && !has_more && !sk_cli_is_interrupted())
                        (void)sk_log_tool_wait(session->log, NAP_MS);
        }
        return status;
}

/* ---- beginning ---- */

static int add_source(watching *watch, const sk_team *team, int32_t partition, bool from_start) {
        const sk_session *session = watch->session;
        source *added = &watch->sources[watch->source_count++];
        *added = (source){.team = team, .partition = partition};
        added->topic = sk_session_topic(session, sk_team_name(team), SK_TOPIC_EVENTS, SK_NONE);
        if (!sk_slice_there(added->topic))
                return sk_session_no_memory(session);
        if (!from_start && sk_log_tool_end(session->log, added->topic, partition, &added->next) != SK_OK)
                return sk_session_fail(session, session->log_url);
        return SK_EXIT_OK;
}

static int find_sources(watching *watch, const sk_team *team) {
        const sk_session *session = watch->session;
        size_t teams = sk_edition_team_count(session->edition);
        int32_t partitions = sk_log_tool_partitions(session->log);
        int64_t since_us = sk_cli_duration(session->cli, "since", 0);
        int status = SK_EXIT_OK;
        watch->since_us = since_us == 0 ? 0 : sk_cli_now_us() - since_us;
        watch->sources = sk_alloc_zero(teams * (size_t)partitions + 1, sizeof(*watch->sources));
        if (watch->sources == NULL)
                return sk_session_no_memory(session);
        for (size_t i = 0; i < teams; i++) {
                const sk_team *each = sk_edition_team_at(session->edition, i);
                int width = (int)sk_team_name(each).len;
                if (team != NULL && each != team)
                        continue;
                watch->team_width = width > watch->team_width && width <= WIDEST_TEAM ? width : watch->team_width;
                for (int32_t j = 0; j < partitions && status == SK_EXIT_OK; j++)
                        status = add_source(watch, each, j, since_us != 0);
        }
        return status;
}

static int watch_all(const sk_session *session) {
        const sk_team *team;
        const char *call = sk_cli_text(session->cli, "call");
        watching watch = {.session = session,
                          .has_call = call != NULL,
                          .left = sk_cli_count(session->cli, "limit", UINT64_MAX),
                          .round = sk_arena_new(ROUND_MAX_BYTES)};
        int status = sk_session_team(session, &team);
        if (status == SK_EXIT_OK && call != NULL)
                status = sk_find_call(session, NULL, call, &watch.call);
        if (status == SK_EXIT_OK && watch.round == NULL)
                status = sk_session_no_memory(session);
        if (status == SK_EXIT_OK)
                status = find_sources(&watch, team);
        if (status == SK_EXIT_OK)
                status = run(&watch);
        sk_arena_free(watch.round);
        sk_free(watch.events);
        sk_free(watch.sources);
        return status;
}

static int watch_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = watch_all(&session);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_watch = {
        .name = "watch",
        .text = "show what happens, while it happens, until Ctrl-C",
        .options = options,
        .details = "One line for each event of a team, or of all: time, team, call, what happened. What links do by\n"
                   "themselves is left out, and what only repeats; --all shows that too. With --json every event is a\n"
                   "line of JSON.",
        .example = "schakel watch --team service-centre\nschakel watch --call 5f2ac41e --since 1h",
        .run = watch_run,
};
