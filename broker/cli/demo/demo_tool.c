/*
 * The tools of the teams in a demonstration: `schakel tool` stands in for them, on a free port of this machine. The
 * copy of the chain that is played gets that port in its URLs, instead of the one that its tool.json says.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/demo/demo.h"
#include "cli/demo/tool_rules.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"

#define TURN_MS 100
#define PATIENCE_MS 30000
#define FILE_MAX_BYTES ((size_t)1 << 20)
#define ADDRESS_MAX 80
#define RECORD_MAX_BYTES ((size_t)32 << 20)

static void hear(void *own, const sk_child_news *news) {
        sk_demo *demo = own;
        sk_slice line = news->line;
        if (!sk_slice_there(line))
                return;
        if (demo->tool.address[0] == '\0' && line.len > 7 && memcmp(line.at, "http://", 7) == 0)
                (void)snprintf(demo->tool.address, sizeof(demo->tool.address), "%.*s", (int)line.len, line.at);
        fprintf(demo->said, "%s | %.*s\n", news->name, (int)line.len, line.at);
        fflush(demo->said);
}

static int start(sk_demo *demo) {
        char record[SK_DEMO_PATH_MAX];
        const char *const argv[] = {demo->program, "tool", "-C", demo->chain, "--port", "0", "--record", record, NULL};
        if (!sk_demo_path(demo, SK_DEMO_RECORD, record))
                return SK_EXIT_NEGATIVE;
        demo->tool.children = sk_children_new(hear, demo);
        if (demo->tool.children == NULL)
                return sk_cli_fail(demo->cli, "memory", "end other programs, then try again", "none left");
        const sk_child_plan plan = {.name = "tool", .argv = argv, .shows_errors = true};
        if (sk_children_start(demo->tool.children, &plan, NULL) == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, "tool", "end other programs, then try again", "it cannot be started");
}

/* ---- its port, in the copy ---- */

/** All of @p from in @p text are @p to in @p out. */
static void replace(sk_slice text, const char *from, const char *to, sk_buf *out) {
        size_t len = strlen(from);
        const char *found;
        while ((found = memmem(text.at, text.len, from, len)) != NULL) {
                size_t before = (size_t)(found - text.at);
                sk_buf_add(out, text.at, before);
                sk_buf_add_text(out, to);
                text = (sk_slice){found + len, text.len - before - len};
        }
        sk_buf_add_slice(out, text);
}

static int fail(const sk_demo *demo, const char *path) {
        return sk_cli_fail(demo->cli, path, "name another folder: --folder DIR", "%s", strerrordesc_np(errno));
}

static int no_memory(const sk_demo *demo) {
        return sk_cli_fail(demo->cli, "memory", "end other programs, then try again", "none left");
}

/** In place of the file that is there, whole or not at all. */
static int put_file(const sk_demo *demo, const char *path, sk_slice text) {
        char unfinished[SK_DEMO_PATH_MAX];
        int len = snprintf(unfinished, sizeof(unfinished), "%s.new", path);
        FILE *file = len < SK_DEMO_PATH_MAX ? fopen(unfinished, "we") : NULL;
        if (file == NULL)
                return fail(demo, path);
        bool is_written = fwrite(text.at, 1, text.len, file) == text.len;
        is_written = fclose(file) == 0 && is_written;
        return is_written && rename(unfinished, path) == 0 ? SK_EXIT_OK : fail(demo, path);
}

static int move_file(const sk_demo *demo, const char *path, const char *from, const char *to) {
        sk_buf moved = sk_buf_make(2 * FILE_MAX_BYTES);
        sk_slice text;
        int status = sk_cli_read(demo->cli, path, FILE_MAX_BYTES, &text);
        if (status == SK_EXIT_OK && memmem(text.at, text.len, from, strlen(from)) != NULL) {
                replace(text, from, to, &moved);
                status = moved.err == SK_OK ? put_file(demo, path, sk_buf_slice(&moved)) : no_memory(demo);
        }
        sk_buf_free(&moved);
        return status;
}

static bool is_routine(const char *name) {
        size_t len = strlen(name);
        return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int move_routines(const sk_demo *demo, sk_slice team, const char *from, const char *to) {
        char folder[SK_DEMO_PATH_MAX];
        char path[SK_DEMO_PATH_MAX + 256];
        int status = SK_EXIT_OK;
        int len = snprintf(folder, sizeof(folder), "%s/%.*s/routines", demo->chain, (int)team.len, team.at);
        DIR *entries = len < SK_DEMO_PATH_MAX ? opendir(folder) : NULL;
        for (const struct dirent *entry;
             entries != NULL && status == SK_EXIT_OK && (entry = readdir(entries)) != NULL;) {
                (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                status = is_routine(entry->d_name) ? move_file(demo, path, from, to) : SK_EXIT_OK;
        }
        if (entries != NULL)
                closedir(entries);
        return status;
}

static int move_teams(const sk_demo *demo, const char *from, const char *to) {
        const sk_edition *edition = demo->session.edition;
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(edition) && status == SK_EXIT_OK; i++)
                status = move_routines(demo, sk_team_name(sk_edition_team_at(edition, i)), from, to);
        return status;
}

/** The file of rules says where the tool is from now on. */
static int put_port(const sk_demo *demo, const char *path, json_t *file, long port) {
        bool is_set = json_object_set_new(file, "port", json_integer(port)) == 0;
        char *text = is_set ? json_dumps(file, JSON_INDENT(2)) : NULL;
        int status = text == NULL ? no_memory(demo) : put_file(demo, path, sk_slice_of(text));
        sk_free(text);
        return status;
}

/** The routines of all teams call tools at the new address; without a port in the file they have no old one. */
static int move_tool(const sk_demo *demo, const char *path) {
        char from[ADDRESS_MAX];
        char to[ADDRESS_MAX];
        const char *colon = strrchr(demo->tool.address, ':');
        json_t *file = json_load_file(path, 0, NULL);
        json_int_t port = json_integer_value(json_object_get(file, "port"));
        int status = SK_EXIT_OK;
        assert(colon != NULL);
        (void)snprintf(from, sizeof(from), "http://127.0.0.1:%lld/", (long long)port);
        (void)snprintf(to, sizeof(to), "%s/", demo->tool.address);
        if (port != 0)
                status = move_teams(demo, from, to);
        if (port != 0 && status == SK_EXIT_OK)
                status = put_port(demo, path, file, strtol(colon + 1, NULL, 10));
        json_decref(file);
        return status;
}

int sk_demo_tool_begin(sk_demo *demo) {
        char rules[SK_DEMO_PATH_MAX + sizeof(SK_TOOL_FILE)];
        (void)snprintf(rules, sizeof(rules), "%s/" SK_TOOL_FILE, demo->chain);
        if (access(rules, R_OK) != 0)
                return SK_EXIT_OK;
        int status = start(demo);
        while (status == SK_EXIT_OK && !sk_cli_is_interrupted() && demo->tool.address[0] == '\0') {
                sk_children_turn(demo->tool.children, TURN_MS);
                if (demo->tool.address[0] == '\0' && sk_children_count(demo->tool.children) == 0)
                        return sk_cli_fail(demo->cli, "tool", "what it said above tells why", "it has ended with %d",
                                           sk_children_status(demo->tool.children, 0));
        }
        return status == SK_EXIT_OK && !sk_cli_is_interrupted() ? move_tool(demo, rules) : status;
}

void sk_demo_tool_end(sk_demo *demo) {
        if (demo->tool.children != NULL)
                (void)sk_children_end(demo->tool.children, PATIENCE_MS);
        sk_children_free(demo->tool.children);
        demo->tool.children = NULL;
}

/* ---- what it was asked ---- */

typedef struct asked {
        uint64_t requests;
        uint64_t said[SK_TOOL_SAIDS];
} asked;

static void count(sk_slice rest, sk_arena *arena, asked *out) {
        const char *end;
        while ((end = memchr(rest.at, '\n', rest.len)) != NULL) {
                sk_slice line = {rest.at, (size_t)(end - rest.at)};
                rest = (sk_slice){end + 1, rest.len - line.len - 1};
                if (sk_json_check(line, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                        continue;
                sk_tool_said said = sk_tool_said_find(sk_json_member_string(line, "said", arena));
                out->requests++;
                if (said < SK_TOOL_SAIDS)
                        out->said[said]++;
        }
}

int sk_demo_tool_tell(const sk_demo *demo) {
        sk_cli *cli = demo->cli;
        char record[SK_DEMO_PATH_MAX];
        sk_slice text;
        asked of = {.requests = 0};
        if (demo->tool.address[0] == '\0')
                return SK_EXIT_OK;
        if (!sk_demo_path(demo, SK_DEMO_RECORD, record) ||
            sk_cli_read(cli, record, RECORD_MAX_BYTES, &text) != SK_EXIT_OK)
                return SK_EXIT_NEGATIVE;
        count(text, sk_cli_arena(cli), &of);
        sk_cli_print(cli,
                     "The tools were asked %llu times: %llu webhooks done, each once; %llu were told to come again, "
                     "the answer "
                     "to %llu got lost, and whoever came again was known (%llu).\n",
                     (unsigned long long)of.requests,
                     (unsigned long long)(of.said[SK_TOOL_DONE] + of.said[SK_TOOL_LOST]),
                     (unsigned long long)of.said[SK_TOOL_BUSY], (unsigned long long)of.said[SK_TOOL_LOST],
                     (unsigned long long)of.said[SK_TOOL_AGAIN]);
        return SK_EXIT_OK;
}

/* ---- beside the others ---- */

void sk_demo_hows_tell(const sk_demo *demo, const sk_demo_seen *seen) {
        static const char *const by[SK_HOWS] = {
                [SK_HOW_AUTO] = "the routine itself, at once",
                [SK_HOW_MANUAL] = "a person",
                [SK_HOW_DELEGATE] = "another team",
                [SK_HOW_EXEC] = "a program",
                [SK_HOW_HTTP] = "a webhook to a tool",
                [SK_HOW_PLUGIN] = "a plug-in of the link",
        };
        sk_cli *cli = demo->cli;
        sk_cli_print(cli, "\n%-8s  %10s  %s\n", "how", "activities", "done by");
        for (unsigned how = 0; how < SK_HOWS; how++)
                sk_cli_print(cli, "%-8s  %10llu  %s\n", sk_how_id((sk_how)how), (unsigned long long)seen->by_how[how],
                             by[how]);
}
