/*
 * `schakel deadletter`: which records a link could not use, and why.
 */
#include "cli/records/letters.h"

#include <inttypes.h>

#include "cli/print/table.h"

#define SHOWN_BYTES 4096

extern const sk_command sk_command_deadletter_retry;
extern const sk_command sk_command_deadletter_drop;

static const sk_option list_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "all", .letter = 'a', .kind = SK_OPTION_FLAG, .text = "also those that were retried or dropped"},
        {.name = "reason", .kind = SK_OPTION_TEXT, .value = "REASON", .text = "only those put aside for this reason"},
        {0},
};

static const sk_option show_options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "full", .kind = SK_OPTION_FLAG, .text = "the value whole, however long"},
        {0},
};

/* ---- as JSON ---- */

static void json_members(const sk_session *session, const sk_letter *letter, sk_json_writer *json) {
        sk_json_put_cstr(json, "letter", sk_letter_name(session, letter));
        sk_json_put_text(json, "team", sk_team_name(letter->team));
        sk_json_put_cstr(json, "state", sk_letter_state_id(letter->state));
        sk_json_put_time(json, "time", letter->time_us);
        sk_json_put_text(json, "reason", letter->reason);
        sk_json_put_text(json, "text", letter->text);
        sk_json_put_int(json, "times", (int64_t)letter->count);
        sk_json_put_text(json, "topic", letter->topic);
        sk_json_put_text(json, "partition", letter->from_partition);
        sk_json_put_text(json, "offset", letter->from_offset);
        sk_json_put_text(json, "key", letter->key);
        sk_json_put_optional(json, "type", letter->type);
        sk_json_put_int(json, "bytes", (int64_t)letter->size);
        sk_json_put_optional(json, "by", letter->by);
        sk_json_put_optional(json, "why", letter->why);
}

static void json_headers(const sk_letter *letter, sk_json_writer *json) {
        size_t position = 0;
        sk_slice name;
        sk_slice value;
        sk_json_open_array(json, "headers");
        while (sk_headers_next(letter->headers, &position, &name, &value)) {
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "name", name);
                sk_json_put_text(json, "value", value);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static int print_json(const sk_session *session, const sk_letter *letter, bool is_whole) {
        sk_json_writer *json = sk_cli_json_begin(session->cli);
        sk_json_open_object(json, NULL);
        json_members(session, letter, json);
        if (is_whole) {
                json_headers(letter, json);
                if (sk_slice_there(letter->value))
                        sk_json_put_text(json, "value", letter->value);
                else
                        sk_json_put_null(json, "value");
        }
        sk_json_close_object(json);
        return sk_cli_json_end(session->cli);
}

/* ---- list ---- */

static const sk_column columns[] = {
        {.title = "LETTER"},
        {.title = "WHEN"},
        {.title = "REASON"},
        {.title = "MESSAGE", .shrinks = true},
        {.title = "FROM", .shrinks = true},
        {.title = "TIMES", .is_right = true},
        {.title = "STATE"},
        {.title = "WHY", .shrinks = true},
};

static bool is_wanted(sk_cli *cli, const sk_letter *letter) {
        const char *reason = sk_cli_text(cli, "reason");
        if (reason != NULL && !sk_slice_is(letter->reason, reason))
                return false;
        return letter->state == SK_LETTER_OPEN || sk_cli_flag(cli, "all");
}

static void put_row(const sk_session *session, sk_table *table, const sk_letter *letter) {
        sk_table_cell_text(table, sk_letter_name(session, letter));
        sk_table_cell_text(table, sk_cli_when(session->cli, letter->time_us));
        sk_table_cell_style(table, letter->reason, SK_YELLOW);
        sk_table_cell(table, sk_slice_there(letter->type) ? letter->type : SK_SLICE("-"));
        sk_table_cell(table, letter->topic);
        sk_table_cell_format(table, "%" PRIu64, letter->count);
        sk_table_cell_text(table, sk_letter_state_id(letter->state));
        sk_table_cell(table, letter->text);
}

static int list(const sk_session *session, sk_letters *letters, const char *name) {
        (void)name;
        sk_cli *cli = session->cli;
        bool is_json = sk_cli_is_json(cli);
        sk_table *table = is_json ? NULL : sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        int status = SK_EXIT_OK;
        size_t count = 0;
        if (!is_json && table == NULL)
                return sk_session_no_memory(session);
        for (size_t i = 0; i < sk_letters_count(letters) && status == SK_EXIT_OK; i++) {
                const sk_letter *letter = sk_letters_at(letters, i);
                if (!is_wanted(cli, letter))
                        continue;
                count++;
                if (is_json)
                        status = print_json(session, letter, false);
                else
                        put_row(session, table, letter);
                sk_cli_forget(cli);
        }
        if (is_json)
                return status;
        if (count == 0)
                sk_cli_print(cli, "no dead letters\n");
        return sk_table_print(table);
}

typedef int letters_use(const sk_session *session, sk_letters *letters, const char *name);

/* Opens the log, reads the letters, and hands them on. */
static int with_letters(sk_cli *cli, const char *name, letters_use *then) {
        sk_session session;
        const sk_team *team;
        sk_letters *letters = NULL;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_team(&session, &team);
        if (status == SK_EXIT_OK)
                status = sk_letters_load(&session, team, &letters);
        if (status == SK_EXIT_OK)
                status = then(&session, letters, name);
        sk_letters_free(letters);
        sk_session_close(&session);
        return status;
}

static int list_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        return with_letters(cli, NULL, list);
}

/* ---- show ---- */

static void print_headers(sk_cli *cli, const sk_letter *letter) {
        size_t position = 0;
        sk_slice name;
        sk_slice value;
        while (sk_headers_next(letter->headers, &position, &name, &value))
                sk_cli_print(cli, "  %s: %s\n", sk_cli_safe(cli, name), sk_cli_safe(cli, value));
        if (position < letter->headers.len)
                sk_cli_print(
                        cli, "  %zu bytes more that are no headers: %s\n", letter->headers.len - position,
                        sk_cli_safe(cli, (sk_slice){letter->headers.at + position, letter->headers.len - position}));
}

static void print_value(sk_cli *cli, const sk_letter *letter) {
        sk_slice shown = letter->value;
        if (!sk_slice_there(letter->value)) {
                sk_cli_print(cli, "no value\n");
                return;
        }
        if (!sk_cli_flag(cli, "full") && shown.len > SHOWN_BYTES)
                shown.len = SHOWN_BYTES;
        sk_cli_print(cli, "value, %zu bytes\n  %s\n", letter->value.len, sk_cli_safe(cli, shown));
        if (shown.len < letter->value.len)
                sk_cli_print(cli, "  and %zu bytes more; --full shows all\n", letter->value.len - shown.len);
}

static const struct {
        const char *reason;
        const char *remedy;
} remedies[] = {
        {"bad-envelope", "ask the sender to write the attributes as schemas/README.md says; then drop it"},
        {"bad-version", "run a link that knows that version, then retry it"},
        {"bad-data", "ask the sender to write the data as schemas/README.md says; then drop it"},
        {"too-large", "ask the sender to put the bulk elsewhere; then drop it"},
        {"misrouted", "ask the sender to use the key and partition of schemas/README.md; then drop it"},
        {"wrong-source", "find out who wrote it: only the topic's owner may; then drop it"},
};

static void print_remedy(const sk_session *session, const sk_letter *letter) {
        sk_cli *cli = session->cli;
        const char *text = "see whether the cause is gone, then retry it; else drop it";
        for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
                if (sk_slice_is(letter->reason, remedies[i].reason))
                        text = remedies[i].remedy;
        }
        if (letter->state == SK_LETTER_OPEN)
                sk_cli_print(cli, "%s\n  schakel deadletter retry %s\n  schakel deadletter drop %s --why TEXT\n", text,
                             sk_letter_name(session, letter), sk_letter_name(session, letter));
}

static void print_letter(const sk_session *session, const sk_letter *letter) {
        sk_cli *cli = session->cli;
        sk_cli_print(cli, "%s%s%s   %s: %s\n", sk_cli_style(cli, SK_BOLD), sk_letter_name(session, letter),
                     sk_cli_style(cli, SK_PLAIN), sk_cli_safe(cli, letter->reason), sk_cli_safe(cli, letter->text));
        sk_cli_print(cli, "from %s, partition %s, offset %s\n", sk_cli_safe(cli, letter->topic),
                     sk_cli_safe(cli, letter->from_partition), sk_cli_safe(cli, letter->from_offset));
        sk_cli_print(cli, "put aside %s by %s, %" PRIu64 " time%s so far\n", sk_cli_when(cli, letter->time_us),
                     sk_cli_safe(cli, sk_team_name(letter->team)), letter->count, letter->count == 1 ? "" : "s");
        if (letter->state != SK_LETTER_OPEN)
                sk_cli_print(cli, "%s by %s%s%s\n", sk_letter_state_id(letter->state), sk_cli_safe(cli, letter->by),
                             letter->why.len > 0 ? ": " : "", sk_cli_safe(cli, letter->why));
        sk_cli_print(cli, "key %s\n", sk_cli_safe(cli, letter->key));
        sk_cli_print(cli, "headers\n");
        print_headers(cli, letter);
        print_value(cli, letter);
        print_remedy(session, letter);
}

static int show(const sk_session *session, sk_letters *letters, const char *name) {
        sk_letter *letter;
        int status = sk_letters_find(session, letters, name, &letter);
        if (status == SK_EXIT_OK)
                status = sk_letters_whole(session, letters, letter);
        if (status != SK_EXIT_OK)
                return status;
        if (sk_cli_is_json(session->cli))
                return print_json(session, letter, true);
        print_letter(session, letter);
        return SK_EXIT_OK;
}

static int show_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        return with_letters(cli, argv[0], show);
}

static const sk_command command_list = {
        .name = "list",
        .text = "list dead letters",
        .options = list_options,
        .details = "Those that were retried or dropped are left out unless --all is given. With --json there is one\n"
                   "JSON text a line.",
        .example = "schakel deadletter list\nschakel deadletter list --team network --all --json",
        .run = list_run,
};

static const sk_command command_show = {
        .name = "show",
        .text = "show a dead letter whole, and what can be done",
        .arguments = "LETTER",
        .arguments_min = 1,
        .arguments_max = 1,
        .options = show_options,
        .example = "schakel deadletter show network/12",
        .run = show_run,
};

static const sk_command *const subcommands[] = {&command_list, &command_show, &sk_command_deadletter_retry,
                                                &sk_command_deadletter_drop, NULL};

const sk_command sk_command_deadletter = {
        .name = "deadletter",
        .text = "records that a link could not use: list, show, retry, drop",
        .arguments = "list|show|retry|drop",
        .example = "schakel deadletter list --team network",
        .subcommands = subcommands,
};
