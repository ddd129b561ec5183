/*
 * `schakel map`: the chain as a drawing, and the method as a subway map with what is on its way there.
 */
#include <stdio.h>
#include <string.h>

#include "cli/map/chain_map.h"
#include "cli/map/map_way.h"
#include "cli/map/subway_words.h"
#include "cli/print/output.h"
#include "cli/session/find.h"
#include "cli/session/known.h"
#include "cli/session/links.h"

#define DRAWING_BYTES ((size_t)64 << 20)
#define ARENA_BYTES ((size_t)256 << 20)
#define REMARK_BYTES 1024

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "log",
         .kind = SK_OPTION_TEXT,
         .value = "LOG",
         .text = "count the open calls on this log: local:FILE",
         .environment = "SCHAKEL_LOG"},
        {.name = "team",
         .letter = 't',
         .kind = SK_OPTION_TEXT,
         .value = "TEAM",
         .text = "only the calls of this team",
         .environment = "SCHAKEL_TEAM"},
        {.name = "usm", .kind = SK_OPTION_FLAG, .text = "the method as a subway map, instead of the chain"},
        {.name = "dot", .kind = SK_OPTION_FLAG, .text = "a graph for dot instead of a drawing"},
        SK_OPTION_LANGUAGE("language of the words"),
        SK_OPTION_OUTPUT,
        {0},
};

/** A run. */
typedef struct mapping {
        sk_cli *cli;
        sk_session session; /**< with a log only */
        sk_edition *edition;
        const sk_team *team;
        bool has_log;
        sk_language language;
        sk_arena *arena;
        char remark[REMARK_BYTES];
} mapping;

static int no_memory(sk_cli *cli) {
        return sk_cli_fail(cli, "map", "end other programs, then try again", "no memory is left");
}

/* ---- output ---- */

static int print(const mapping *map, sk_buf *text) {
        int status = text->err == SK_OK ? sk_output_write(map->cli, sk_buf_slice(text)) : no_memory(map->cli);
        sk_buf_free(text);
        return status;
}

static int print_chain(const mapping *map, const sk_chain_map *chain) {
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        if (sk_cli_is_json(map->cli)) {
                sk_chain_map_json(chain, sk_cli_json_begin(map->cli));
                return sk_cli_json_end(map->cli);
        }
        if (sk_cli_flag(map->cli, "dot"))
                sk_chain_map_dot(chain, &out);
        else
                sk_chain_map_svg(chain, &out);
        return print(map, &out);
}

static int print_subway(const mapping *map, const sk_subway *subway) {
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        if (sk_cli_is_json(map->cli)) {
                sk_subway_json(subway, sk_cli_json_begin(map->cli));
                return sk_cli_json_end(map->cli);
        }
        if (sk_cli_flag(map->cli, "dot"))
                sk_subway_dot(subway, &out);
        else
                sk_subway_svg(subway, &out);
        return print(map, &out);
}

/* ---- what is counted ---- */

static void note_time(mapping *map, const char *what) {
        snprintf(map->remark, sizeof(map->remark), "%s%s%s", what, what[0] == '\0' ? "" : "   ",
                 sk_cli_when(map->cli, sk_cli_now_us()));
}

static void count_chain(sk_chain_map *chain, const sk_view *view) {
        for (size_t i = 0; i < sk_view_count(view); i++) {
                const sk_view_record *record = sk_view_at(view, i);
                size_t team = sk_chain_map_team(chain, record->team);
                if (record->is_ask || record->is_closed || team == chain->team_count)
                        continue;
                sk_map_link *link = sk_chain_map_link(chain, record->customer, record->team);
                chain->teams[team].open++;
                if (link != NULL)
                        link->open++;
        }
}

static void count_stations(const mapping *map, sk_subway *subway, const sk_view *view) {
        for (size_t i = 0; i < sk_view_count(view); i++) {
                const sk_view_record *record = sk_view_at(view, i);
                sk_subway_station station;
                sk_call call;
                if (record->is_ask || record->is_closed || !sk_view_call(&map->session, record, &call) ||
                    call.frame_count == 0)
                        continue;
                const char *id = sk_view_activity(map->cli, &call.frames[call.frame_count - 1]);
                if (sk_subway_find(sk_slice_of(id), &station))
                        subway->open[station.process][station.place]++;
        }
}

/* ---- the three drawings ---- */

static int draw_chain(mapping *map) {
        sk_chain_map *chain = sk_chain_map_new(map->edition, map->arena);
        sk_view *view = NULL;
        if (chain == NULL)
                return no_memory(map->cli);
        if (map->has_log) {
                int status = sk_view_load(&map->session, map->team, false, &view);
                if (status != SK_EXIT_OK)
                        return status;
                count_chain(chain, view);
                sk_view_free(view);
                note_time(map, "");
        }
        chain->has_counts = map->has_log;
        chain->language = map->language;
        chain->remark = sk_slice_of(map->remark);
        return print_chain(map, chain);
}

static int draw_method(mapping *map) {
        sk_subway subway = {.language = map->language,
                            .title = sk_slice_of(sk_subway_words_of(map->language)->title),
                            .has_counts = map->has_log};
        sk_view *view = NULL;
        if (map->has_log) {
                int status = sk_view_load(&map->session, map->team, false, &view);
                if (status != SK_EXIT_OK)
                        return status;
                count_stations(map, &subway, view);
                sk_view_free(view);
                sk_slice name = map->team != NULL ? sk_team_name(map->team) : map->session.chain;
                note_time(map, sk_cli_safe(map->cli, name));
        }
        subway.remark = sk_slice_of(map->remark);
        return print_subway(map, &subway);
}

static int draw_way_of(mapping *map, const sk_story *story, const sk_story_call *call, const char *text) {
        sk_cli *cli = map->cli;
        sk_subway subway = {.language = map->language, .has_way = true};
        char title[REMARK_BYTES];
        subway.stops = sk_map_way(cli, story, call, &subway.stop_count);
        if (subway.stops == NULL)
                return no_memory(cli);
        snprintf(title, sizeof(title), "%s %s", sk_cli_safe(cli, call->type), sk_cli_safe_text(cli, text));
        snprintf(map->remark, sizeof(map->remark), "%s   %s › %s   %s", sk_cli_safe(cli, call->facility),
                 sk_cli_safe(cli, call->customer), sk_cli_safe(cli, sk_team_name(call->team)),
                 sk_cli_safe(cli, call->closed_us != 0 ? call->outcome : SK_SLICE("open")));
        subway.title = sk_slice_of(title);
        subway.remark = sk_slice_of(map->remark);
        return print_subway(map, &subway);
}

static int draw_way(mapping *map, const char *text) {
        sk_story *story;
        sk_id id;
        int status = sk_find_call(&map->session, NULL, text, &id);
        if (status == SK_EXIT_OK)
                status = sk_story_read(&map->session, NULL, &id, true, &story);
        if (status != SK_EXIT_OK)
                return status;
        const sk_story_call *call = sk_story_find(story, &id, SK_NONE, false);
        if (call == NULL)
                status = sk_cli_fail(map->cli, text, "schakel show tells what else is known of it",
                                     "no events of the team that serves it are left");
        else
                status = draw_way_of(map, story, call, text);
        sk_story_free(story);
        return status;
}

static int draw(mapping *map, const char *call) {
        if (map->has_log) {
                int status = sk_session_team(&map->session, &map->team);
                if (status != SK_EXIT_OK)
                        return status;
        }
        if (!sk_cli_flag(map->cli, "usm"))
                return draw_chain(map);
        return call == NULL ? draw_method(map) : draw_way(map, call);
}

/* ---- the command ---- */

static int check_options(sk_cli *cli, int argc) {
        if (argc > 0 && !sk_cli_flag(cli, "usm"))
                return sk_cli_usage_error(cli, "CALL", "the way of a call is shown on the subway map: add --usm");
        if (argc > 0 && sk_cli_text(cli, "log") == NULL)
                return sk_cli_usage_error(cli, "log", "say with --log where the records of the call are");
        if (sk_cli_flag(cli, "dot") && sk_cli_is_json(cli))
                return sk_cli_usage_error(cli, "dot", "give either --dot or --json");
        return SK_EXIT_OK;
}

/* The subway map alone needs neither chain nor log. */
static int open_world(mapping *map) {
        map->has_log = sk_cli_text(map->cli, "log") != NULL;
        if (map->has_log) {
                int status = sk_session_open(map->cli, SK_LOOK, &map->session);
                map->edition = status == SK_EXIT_OK ? map->session.edition : NULL;
                return status;
        }
        if (sk_cli_flag(map->cli, "usm"))
                return SK_EXIT_OK;
        return sk_links_edition(map->cli, sk_cli_text_or(map->cli, "chain", "."), &map->edition);
}

static int map_run(sk_cli *cli, int argc, char **argv) {
        mapping map = {.cli = cli, .language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")))};
        int status = check_options(cli, argc);
        if (status == SK_EXIT_OK)
                status = open_world(&map);
        if (status != SK_EXIT_OK)
                return status;
        map.arena = sk_arena_new(ARENA_BYTES);
        status = map.arena == NULL ? no_memory(cli) : draw(&map, argc > 0 ? argv[0] : NULL);
        sk_arena_free(map.arena);
        if (map.has_log)
                sk_session_close(&map.session);
        else
                sk_edition_release(map.edition);
        return status;
}

const sk_command sk_command_map = {
        .name = "map",
        .text = "draw the chain, or the method as a subway map with the calls on it",
        .arguments = "[CALL]",
        .arguments_max = 1,
        .options = options,
        .details =
                "Without --usm: a box for each team, an arrow for each agreement, thick where routines pass work on.\n"
                "With --usm: the five processes as lines, from the reactive platform on the left and the proactive\n"
                "one on the right, with the changes at the cuts and the way back. CALL shows the way of one call.\n"
                "\n"
                "What comes out is SVG, or with --dot a graph for dot, or JSON. With --log the open calls are "
                "counted:\n"
                "at each team, or at each station.",
        .example = "schakel map -C teams/shared-service-centre > chain.svg\n"
                   "schakel map --usm --log local:chain.db --team service-centre --output usm.svg\n"
                   "schakel map --usm 5f2ac41e --lang nl --output way.svg",
        .run = map_run,
};
