/*
 * `schakel tool`: stands in for the tools of teams that webhooks go to, for demonstrations and tests.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/demo/tool_rules.h"
#include "cli/demo/tool_serve.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define RULES_MAX_BYTES ((size_t)1 << 20)
#define RECORD_MAX_BYTES ((size_t)32 << 20)
#define LINE_MAX_BYTES (2 * SK_TOOL_BODY_MAX)
#define PATH_MAX_BYTES 4096
#define DEPTH_MAX 32
#define TURN_MS 100

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "port",
         .kind = SK_OPTION_COUNT,
         .value = "NUMBER",
         .text = "of this machine; 0: a free one (default: what the rules say)",
         .max = UINT16_MAX},
        {.name = "rules",
         .kind = SK_OPTION_TEXT,
         .value = "FILE",
         .text = "which paths there are, and what is answered (default: DIR/" SK_TOOL_FILE ", if it is there)"},
        {.name = "record",
         .kind = SK_OPTION_TEXT,
         .value = "FILE",
         .text = "where each request is written; what stands there is known already"},
        {0},
};

typedef struct tool {
        sk_cli *cli;
        sk_tool_rules *rules;
        sk_tool_server *server;
        FILE *record; /**< NULL: none, and each request is printed */
        sk_buf line;
        bool is_broken; /**< the record cannot be written */
} tool;

/* ---- a request ---- */

/** A request as one line of JSON. */
static bool describe(tool *self, const sk_tool_request *request, sk_tool_said said) {
        char now[SK_WHEN_TEXT + 1] = "";
        sk_json_writer json = sk_json_writer_make(&self->line);
        bool is_json = request->body.len > 0 && sk_json_check(request->body, DEPTH_MAX, NULL) == SK_OK;
        sk_when_format(sk_cli_now_us(), now);
        sk_buf_clear(&self->line);
        sk_json_open_object(&json, NULL);
        sk_json_put_cstr(&json, "time", now);
        sk_json_put_cstr(&json, "said", sk_tool_said_word(said));
        sk_json_put_text(&json, "key", request->key);
        sk_json_put_cstr(&json, "method", request->method);
        sk_json_put_text(&json, "url", request->url);
        if (is_json)
                sk_json_put_raw(&json, "body", request->body);
        else
                sk_json_put_text(&json, "body", request->body);
        sk_json_close_object(&json);
        sk_buf_add_byte(&self->line, '\n');
        return self->line.err == SK_OK;
}

static void tell(const tool *self, const sk_tool_request *request, sk_tool_said said) {
        sk_cli *cli = self->cli;
        if (self->record != NULL)
                return;
        if (sk_cli_is_json(cli)) {
                sk_slice line = sk_buf_slice(&self->line);
                (void)fwrite(line.at, 1, line.len, sk_cli_out(cli));
        } else {
                sk_cli_print(cli, "%-7s  %s %s  %s\n", sk_tool_said_word(said), sk_cli_safe_text(cli, request->method),
                             sk_cli_safe(cli, request->url), sk_cli_safe(cli, request->key));
        }
        fflush(sk_cli_out(cli));
        sk_cli_forget(cli);
}

/** What is answered is on record first: who comes again after a crash finds it done. */
static bool write_down(tool *self, const sk_tool_request *request, sk_tool_said said) {
        if (!describe(self, request, said))
                return false;
        sk_slice line = sk_buf_slice(&self->line);
        if (self->record != NULL &&
            (fwrite(line.at, 1, line.len, self->record) != line.len || fflush(self->record) != 0))
                self->is_broken = true;
        return !self->is_broken;
}

static unsigned answer(void *own, const sk_tool_request *request, sk_slice *out_body) {
        static const unsigned statuses[SK_TOOL_SAIDS] = {
                [SK_TOOL_DONE] = 200,    [SK_TOOL_LOST] = 0,      [SK_TOOL_AGAIN] = 200, [SK_TOOL_BUSY] = 503,
                [SK_TOOL_UNKNOWN] = 404, [SK_TOOL_KEYLESS] = 400, [SK_TOOL_FULL] = 503,
        };
        tool *self = own;
        sk_slice done = SK_SLICE("{}");
        sk_tool_said said = sk_tool_rules_take(self->rules, request->url, request->key, &done);
        *out_body = SK_SLICE("{}");
        if (!write_down(self, request, said))
                return 500;
        tell(self, request, said);
        if (said == SK_TOOL_DONE || said == SK_TOOL_AGAIN)
                *out_body = done;
        return statuses[said];
}

/* ---- what is there ---- */

static int load_rules(tool *self) {
        sk_cli *cli = self->cli;
        char otherwise[PATH_MAX_BYTES];
        const char *path = sk_cli_text(cli, "rules");
        json_t *rules = NULL;
        sk_slice text;
        sk_place place = {0};
        const char *why = NULL;
        (void)snprintf(otherwise, sizeof(otherwise), "%s/" SK_TOOL_FILE, sk_cli_text_or(cli, "chain", "."));
        bool is_given = path != NULL;
        path = is_given ? path : otherwise;
        if (is_given || access(path, F_OK) == 0) {
                int status = sk_cli_read(cli, path, RULES_MAX_BYTES, &text);
                if (status != SK_EXIT_OK)
                        return status;
                sk_err err = sk_json_load(text, DEPTH_MAX, &rules, &place);
                if (err != SK_OK)
                        return sk_cli_fail(cli, path, "say it as teams/README.md tells, under Webhooks", "line %u: %s",
                                           place.line, sk_err_text(err));
        }
        sk_err err = sk_tool_rules_new(rules, &self->rules, &why);
        json_decref(rules);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(cli, path, "say it as teams/README.md tells, under Webhooks", "%s",
                           why == NULL ? sk_err_text(err) : why);
}

static sk_err remember(const tool *self, sk_slice line, sk_arena *arena) {
        sk_tool_said said = sk_tool_said_find(sk_json_member_string(line, "said", arena));
        sk_slice url = sk_json_member_string(line, "url", arena);
        sk_slice key = sk_json_member_string(line, "key", arena);
        if (said == SK_TOOL_SAIDS || !sk_slice_there(url) || !sk_slice_there(key))
                return SK_ERR_SYNTAX;
        return sk_tool_rules_remember(self->rules, url, key, said);
}

/** The last line may be half of one: who wrote it was killed, and answered nothing. *out_whole is where it begins. */
static int load_record(const tool *self, const char *path, size_t *out_whole) {
        sk_slice rest = SK_SLICE("");
        const char *end;
        int status = access(path, F_OK) != 0 ? SK_EXIT_OK : sk_cli_read(self->cli, path, RECORD_MAX_BYTES, &rest);
        *out_whole = 0;
        while (status == SK_EXIT_OK && (end = memchr(rest.at, '\n', rest.len)) != NULL) {
                sk_slice line = {rest.at, (size_t)(end - rest.at)};
                if (sk_json_check(line, DEPTH_MAX + 1, NULL) != SK_OK ||
                    remember(self, line, sk_cli_arena(self->cli)) != SK_OK)
                        return sk_cli_fail(self->cli, path, "name another file, or remove this one",
                                           "what stands at byte %zu is no request", *out_whole);
                *out_whole += line.len + 1;
                rest = (sk_slice){end + 1, rest.len - line.len - 1};
        }
        return status;
}

static int open_record(tool *self) {
        const char *path = sk_cli_text(self->cli, "record");
        size_t whole;
        if (path == NULL)
                return SK_EXIT_OK;
        int status = load_record(self, path, &whole);
        if (status != SK_EXIT_OK)
                return status;
        self->record = fopen(path, "ae");
        if (self->record != NULL && ftruncate(fileno(self->record), (off_t)whole) == 0)
                return SK_EXIT_OK;
        return sk_cli_fail(self->cli, path, "name a file that you may write: --record FILE", "%s",
                           strerrordesc_np(errno));
}

static int listen_here(tool *self) {
        sk_cli *cli = self->cli;
        sk_err err = sk_tool_server_new((uint16_t)sk_cli_count(cli, "port", sk_tool_rules_port(self->rules)), answer,
                                        self, &self->server);
        if (err != SK_OK)
                return sk_cli_fail(cli, "127.0.0.1", "name a port that is free, or none", "%s",
                                   err == SK_ERR_IO ? strerrordesc_np(errno) : sk_err_text(err));
        unsigned port = sk_tool_server_port(self->server);
        if (sk_cli_is_json(cli))
                sk_cli_print(cli, "{\"address\":\"http://127.0.0.1:%u\"}\n", port);
        else
                sk_cli_print(cli, "http://127.0.0.1:%u\n", port);
        fflush(sk_cli_out(cli));
        return SK_EXIT_OK;
}

static int tool_run(sk_cli *cli, int argc, char **argv) {
        tool self = {.cli = cli, .line = sk_buf_make(LINE_MAX_BYTES)};
        (void)argc;
        (void)argv;
        sk_cli_catch_interrupt();
        int status = load_rules(&self);
        if (status == SK_EXIT_OK)
                status = open_record(&self);
        sk_cli_forget(cli);
        if (status == SK_EXIT_OK)
                status = listen_here(&self);
        while (status == SK_EXIT_OK && !self.is_broken && !sk_cli_is_interrupted())
                sk_tool_server_turn(self.server, TURN_MS);
        if (self.is_broken)
                status = sk_cli_fail(cli, "--record", "make room, then begin again", "it cannot be written");
        sk_tool_server_free(self.server);
        if (self.record != NULL)
                fclose(self.record);
        sk_tool_rules_free(self.rules);
        sk_buf_free(&self.line);
        return status;
}

const sk_command sk_command_tool = {
        .name = "tool",
        .text = "stand in for the tools that webhooks go to, for demonstrations and tests",
        .options = options,
        .details = "Prints its address, then answers until Ctrl-C what comes to it, as the rules say: once for each "
                   "idempotency\n"
                   "key, and the same for whoever comes again with it.",
        .example = "schakel tool -C teams/shared-service-centre",
        .run = tool_run,
};
