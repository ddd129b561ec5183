/*
 * The end of a demonstration: what came of it, and what to try next.
 */
#include "cli/demo/demo.h"
#include "cli/inner.h"
#include "kit/json_scan.h"

#define SAID_BYTES ((size_t)1 << 20)
#define NUMBER_LAST INT64_MAX

static int64_t number_of(sk_slice json, const char *name) {
        int64_t number = 0;
        return sk_json_member_int(json, name, 0, NUMBER_LAST, &number) ? number : 0;
}

/** The provider that opened the most calls: whose report says most. */
static sk_slice busiest(sk_slice agreements, sk_arena *arena) {
        sk_json_walk walk = sk_json_walk_make(agreements);
        sk_slice name;
        sk_slice agreement;
        sk_slice found = SK_NONE;
        int64_t most = 0;
        while (sk_json_walk_next(&walk, &name, &agreement)) {
                if (number_of(agreement, "opened") <= most)
                        continue;
                most = number_of(agreement, "opened");
                found = sk_json_member_string(agreement, "provider", arena);
        }
        return found;
}

static void count_agreements(sk_slice agreements, size_t *out_all, size_t *out_unequal) {
        sk_json_walk walk = sk_json_walk_make(agreements);
        sk_slice name;
        sk_slice agreement;
        *out_all = 0;
        *out_unequal = 0;
        while (sk_json_walk_next(&walk, &name, &agreement)) {
                ++*out_all;
                *out_unequal += !sk_slice_is(sk_json_member(agreement, "equal"), "true");
        }
}

/** `schakel NAME …`, if there is such a command. */
static void show(const sk_demo *demo, const char *title, const char *const *words, const char *option,
                 const char *value) {
        sk_cli *cli = demo->cli;
        sk_inner inner = sk_inner_make(words);
        if (!sk_inner_has(cli, words[0]))
                return;
        sk_inner_add_option(&inner, "-C", demo->chain);
        sk_inner_add_option(&inner, "--log", demo->log);
        if (option == NULL)
                sk_inner_add(&inner, value);
        else
                sk_inner_add_option(&inner, option, value);
        sk_cli_print(cli, "\n");
        if (title != NULL)
                sk_cli_print(cli, "%s%s%s\n", sk_cli_style(cli, SK_BOLD), title, sk_cli_style(cli, SK_PLAIN));
        fflush(sk_cli_out(cli));
        (void)sk_inner_run(cli, &inner, NULL, NULL);
}

static void tell_calls(const sk_demo *demo, sk_slice json) {
        sk_cli *cli = demo->cli;
        sk_slice three_or_four = sk_json_member(json, "three_or_four");
        size_t agreements;
        size_t unequal;
        double seconds = (double)(sk_cli_now_us() - demo->begun_us) / 1e6;
        count_agreements(sk_json_member(json, "agreements"), &agreements, &unequal);
        sk_cli_print(cli, "\n%s%lld call%s of a real service desk went through %zu teams in %.0f s; ",
                     sk_cli_style(cli, SK_BOLD), (long long)number_of(json, "calls"),
                     number_of(json, "calls") == 1 ? "" : "s", sk_edition_team_count(demo->session.edition), seconds);
        sk_cli_print(cli, "%lld closed, %lld lost, %lld doubled, ", (long long)number_of(json, "closed"),
                     (long long)number_of(json, "lost"), (long long)number_of(json, "doubled"));
        if (unequal == 0)
                sk_cli_print(cli, "equal at both ends of %zu agreements.%s\n", agreements, sk_cli_style(cli, SK_PLAIN));
        else
                sk_cli_print(cli, "not equal at both ends of %zu of %zu agreements.%s\n", unequal, agreements,
                             sk_cli_style(cli, SK_PLAIN));
        sk_cli_print(cli, "%lld were restored with a change and %lld without, %lld of them otherwise than recorded.\n",
                     (long long)number_of(three_or_four, "changed"),
                     (long long)(number_of(json, "calls") - number_of(three_or_four, "changed")),
                     (long long)number_of(three_or_four, "otherwise"));
}

static void tell_next_kafka(const sk_demo *demo) {
        sk_cli_print(demo->cli,
                     "\nThe broker ends with this demonstration. One that stays:  make kafka  starts it and says how "
                     "to go on;\n"
                     "deploy/README.md tells how to run links on a cluster that is there.\n");
}

static void tell_next(const sk_demo *demo, const char *call, const char *team) {
        sk_cli *cli = demo->cli;
        const char *chain = sk_cli_safe_text(cli, demo->chain);
        const char *slash = strrchr(demo->program, '/');
        bool is_installed = strncmp(demo->program, "/usr/", 5) == 0 || slash == NULL;
        sk_cli_print(cli, "\nTry:  export SCHAKEL_CHAIN=%s SCHAKEL_LOG=%s", chain, sk_cli_safe_text(cli, demo->log));
        if (!is_installed) {
                sk_slice folder = {demo->program, (size_t)(slash - demo->program)};
                sk_cli_print(cli, " PATH=%s:$PATH", sk_cli_safe(cli, folder));
        }
        sk_cli_print(cli, "\n");
        sk_cli_print(cli, "      schakel trace %s   ·   schakel report --team %s   ·   schakel calls --closed\n", call,
                     team);
        sk_cli_print(cli, "      schakel up   and in another terminal   schakel call --as finance --facility laptop "
                          "--need \"screen stays black\"\n"
                          "      then   schakel task list   and, for all people at once,   schakel people\n");
        if (demo->tool.address[0] != '\0')
                sk_cli_print(cli, "      schakel tool   in a third one answers the webhooks again: else they become "
                                  "tasks\n");
        sk_cli_print(cli,
                     "      kill -9 a schakeld while it works: schakel up starts it again, nothing is lost\n"
                     "      edit %s/service-centre/routines/..., then   schakel check\n",
                     chain);
}

/* The result of a command as a file of the demo's folder; says nothing if it cannot be written. */
static bool write_file(const sk_demo *demo, const char *name, sk_inner *inner, const char *team) {
        char path[SK_DEMO_PATH_MAX];
        sk_buf said = sk_buf_make(SAID_BYTES);
        sk_inner_add_option(inner, "-C", demo->chain);
        sk_inner_add_option(inner, "--log", demo->log);
        sk_inner_add_option(inner, "--team", team);
        bool is_there = sk_demo_path(demo, name, path);
        sk_inner_add_option(inner, "--output", path);
        is_there = is_there && sk_inner_run(demo->cli, inner, NULL, &said) == SK_EXIT_OK;
        sk_buf_free(&said);
        return is_there;
}

/* Things to open: the report as a page, the chain, the method with its calls, and the way of one call. */
static void write_files(const sk_demo *demo, const char *call, const char *team) {
        static const char *const report[] = {"report", "--html", NULL};
        static const char *const map[] = {"map", NULL};
        static const char *const usm[] = {"map", "--usm", NULL};
        const char *const way[] = {"map", "--usm", call, NULL};
        sk_inner page = sk_inner_make(report);
        sk_inner chain = sk_inner_make(map);
        sk_inner method = sk_inner_make(usm);
        sk_inner one = sk_inner_make(way);
        bool is_whole = write_file(demo, "report.html", &page, team[0] == '\0' ? NULL : team) &&
                        write_file(demo, "chain.svg", &chain, NULL) && write_file(demo, "usm.svg", &method, NULL);
        if (is_whole && call[0] != '\0')
                is_whole = write_file(demo, "way.svg", &one, NULL);
        if (is_whole)
                sk_cli_print(demo->cli, "\nTo open in a browser:  %s/report.html, chain.svg, usm.svg%s\n",
                             sk_cli_safe_text(demo->cli, demo->folder), call[0] == '\0' ? "" : ", way.svg");
}

static int tell_json(const sk_demo *demo, sk_slice result, const char *call, const sk_demo_seen *seen) {
        sk_json_writer *json = sk_cli_json_begin(demo->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "chain", demo->chain);
        sk_json_put_cstr(json, "log", demo->log);
        sk_json_put_cstr(json, "call", call);
        sk_json_open_object(json, "by_how");
        for (unsigned how = 0; how < SK_HOWS; how++)
                sk_json_put_int(json, sk_how_id((sk_how)how), (int64_t)seen->by_how[how]);
        sk_json_close_object(json);
        sk_json_put_raw(json, "replay", result);
        sk_json_close_object(json);
        return sk_cli_json_end(demo->cli);
}

static void tell_text(const sk_demo *demo, sk_slice json, const char *call, const sk_demo_seen *seen) {
        static const char *const trace[] = {"trace", NULL};
        static const char *const report[] = {"report", "--by", "workflow", NULL};
        sk_slice team = busiest(sk_json_member(json, "agreements"), sk_cli_arena(demo->cli));
        const char *busy = sk_cli_safe(demo->cli, team);
        if (call[0] != '\0')
                show(demo, "One call over all its hops", trace, NULL, call);
        if (sk_slice_there(team))
                show(demo, NULL, report, "--team", busy);
        sk_demo_hows_tell(demo, seen);
        (void)sk_demo_tool_tell(demo);
        tell_calls(demo, json);
        sk_demo_kafka_tell(demo);
        write_files(demo, call, busy);
        if (demo->kafka.program != NULL)
                tell_next_kafka(demo);
        else
                tell_next(demo, call, busy);
}

int sk_demo_tell(sk_demo *demo) {
        sk_slice json = sk_buf_slice(&demo->result);
        char call[SK_ID_TEXT + 1] = "";
        sk_demo_seen seen;
        int status = sk_children_status(demo->children, demo->replay);
        if (json.len == 0 || sk_json_check(json, 16, NULL) != SK_OK)
                return sk_cli_fail(demo->cli, "replay", "links.log in that folder may say more",
                                   "it has ended with exit status %d", status);
        sk_demo_look(demo, &seen);
        if (seen.has_call)
                sk_id_format(&seen.call, call);
        if (sk_cli_is_json(demo->cli)) {
                int printed = tell_json(demo, json, call, &seen);
                return printed == SK_EXIT_OK ? status : printed;
        }
        tell_text(demo, json, call, &seen);
        return status == 0 ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
}
