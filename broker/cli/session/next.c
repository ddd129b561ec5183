/*
 * What a person can do next, as commands.
 */
#include "cli/session/next.h"

#include <stdarg.h>
#include <stdlib.h>

#include "cli/frame.h"
#include "cli/session/ids.h"
#include "cli/session/tasks.h"

#define SHORT_ID 8
#define PLAIN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

/* ---- the options that go on ---- */

/* As a shell takes it for one word; what a terminal could obey is made visible, and then cannot be entered. */
static void print_word(sk_cli *cli, const char *text) {
        if (strspn(text, PLAIN_CHARACTERS) == strlen(text)) {
                sk_cli_print(cli, "%s", text);
                return;
        }
        sk_cli_print(cli, "'");
        for (const char *at = sk_cli_safe_text(cli, text); *at != '\0'; at++) {
                if (*at == '\'')
                        sk_cli_print(cli, "'\\''");
                else
                        sk_cli_print(cli, "%c", *at);
        }
        sk_cli_print(cli, "'");
}

/* The command whose words begin the line; NULL: there is none. */
static const sk_command *command_of(const sk_cli *cli, const char *line) {
        const sk_command *const *commands = sk_cli_commands(cli);
        const sk_command *found = NULL;
        while (commands != NULL) {
                char word[32];
                size_t len = strcspn(line, " ");
                if (len >= sizeof(word))
                        return found;
                memcpy(word, line, len);
                word[len] = '\0';
                found = sk_command_find(commands, word);
                commands = found == NULL ? NULL : found->subcommands;
                line += len + (line[len] == ' ');
        }
        return found;
}

static bool takes(const sk_command *command, const char *name) {
        for (const sk_option *option = command->options; option != NULL && option->name != NULL; option++) {
                if (strcmp(option->name, name) == 0)
                        return true;
        }
        return false;
}

/* What was given on the command line, and does not stand in the environment. */
static const char *carried(const sk_cli *cli, const char *name) {
        const sk_given *given = sk_options_given(cli, name);
        if (given == NULL || !given->is_given || given->option->kind != SK_OPTION_TEXT)
                return NULL;
        const char *known = given->option->environment == NULL ? NULL : getenv(given->option->environment);
        return known != NULL && strcmp(known, given->text) == 0 ? NULL : given->text;
}

static void print_option(sk_cli *cli, const sk_command *command, const char *option, const char *text) {
        if (text == NULL || command == NULL || !takes(command, option))
                return;
        sk_cli_print(cli, " --%s ", option);
        print_word(cli, text);
}

static void print_options(sk_cli *cli, const sk_command *command, const char *who) {
        const char *as = carried(cli, "as");
        print_option(cli, command, "chain", carried(cli, "chain"));
        print_option(cli, command, "log", carried(cli, "log"));
        print_option(cli, command, "team", carried(cli, "team"));
        if (as == NULL)
                as = carried(cli, "person");
        print_option(cli, command, "as", as != NULL || sk_cli_text_if(cli, "as") != NULL ? as : who);
}

static void print(sk_cli *cli, const char *who, const char *label, const char *command, va_list list)
        __attribute__((format(printf, 4, 0)));

static void print(sk_cli *cli, const char *who, const char *label, const char *command, va_list list) {
        sk_cli_print(cli, "%s: schakel ", label);
        vfprintf(sk_cli_out(cli), command, list);
        print_options(cli, command_of(cli, command), who);
        sk_cli_print(cli, "\n");
}

void sk_next_print(sk_cli *cli, const char *label, const char *command, ...) {
        va_list list;
        va_start(list, command);
        print(cli, NULL, label, command, list);
        va_end(list);
}

void sk_next_print_as(sk_cli *cli, const char *who, const char *label, const char *command, ...) {
        va_list list;
        va_start(list, command);
        print(cli, who, label, command, list);
        va_end(list);
}

/* ---- after a deed ---- */

static void print_list(sk_cli *cli) {
        sk_next_print(cli, "what else there is", "task list");
}

static void print_visit(const sk_session *session, const sk_who *who, const sk_view_record *record, const sk_call *call,
                        const char *id) {
        sk_cli *cli = session->cli;
        sk_task task = {.kind = SK_TASK_VISIT, .record = record, .call = call};
        sk_cli_print(cli, "it stands at %s, for %s\n", sk_task_what(session, &task),
                     sk_cli_safe(cli, call->visit.holder.len > 0 ? call->visit.holder : call->visit.responsible));
        if (sk_task_is_for(who->team, &task, who->person))
                sk_next_print(cli, "go on with it", "task show %s", id);
        else
                print_list(cli);
}

static void print_asked(const sk_session *session, const sk_call *call, const char *id) {
        sk_cli *cli = session->cli;
        sk_cli_print(cli, "it waits for");
        const char *separator = " ";
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (call->asks[i].standing == SK_CLOSED || call->asks[i].is_onward)
                        continue;
                sk_cli_print(cli, "%s%s (%s %s)", separator, sk_cli_safe(cli, call->asks[i].provider),
                             sk_call_type_id(call->asks[i].type), sk_cli_id(cli, &call->asks[i].id, SHORT_ID));
                separator = ", ";
        }
        sk_cli_print(cli, "\n");
        sk_next_print(cli, "how it stands", "show %s", id);
}

static void print_open(const sk_session *session, const sk_who *who, const sk_known *known, const char *id) {
        const sk_call *call = &known->call;
        if (call->visit.number != 0 && call->visit.how == SK_HOW_MANUAL)
                print_visit(session, who, known->open, call, id);
        else if (sk_visit_has_open_asks(call))
                print_asked(session, call, id);
        else
                sk_next_print(session->cli, "how it stands", "show %s", id);
}

/* The link has moved the call on in the same transaction in which it said that the deed is done. */
static int print_standing(const sk_session *session, const sk_who *who, const sk_id *id, const char *name) {
        sk_known known;
        int status = sk_known_load(session, who->team, id, &known);
        if (status != SK_EXIT_OK)
                return status;
        if (known.open != NULL && !known.is_ask) {
                print_open(session, who, &known, name);
        } else {
                sk_cli_print(session->cli, "the call is closed\n");
                sk_next_print(session->cli, "how it ended", "show %s", name);
        }
        sk_known_free(&known);
        return SK_EXIT_OK;
}

int sk_next_after(const sk_session *session, const sk_who *who, const sk_id *id, sk_message deed) {
        const char *name = sk_cli_id(session->cli, id, SHORT_ID);
        if (sk_cli_is_json(session->cli))
                return SK_EXIT_OK;
        switch (deed) {
        case SK_WORK_COMPLETE:
        case SK_WORK_DECLINE:
                return print_standing(session, who, id, name);
        case SK_WORK_CLAIM:
        case SK_WORK_SAVE:
        case SK_WORK_ASK:
                sk_next_print(session->cli, "go on with it", "task show %s", name);
                return SK_EXIT_OK;
        case SK_WORK_RELEASE:
        case SK_WORK_ASSIGN:
        case SK_WORK_ADVISE:
        case SK_WORK_APPOINT:
                print_list(session->cli);
                return SK_EXIT_OK;
        default:
                sk_next_print(session->cli, "how it stands", "show %s", name);
                return SK_EXIT_OK;
        }
}
