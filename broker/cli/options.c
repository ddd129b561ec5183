/*
 * Options, read after a command's table. Long ones may be written `--name value` or `--name=value`, short ones
 * `-C dir` or `-Cdir`; `--` ends them; a lone `-` is an argument. They may stand between arguments.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/frame.h"
#include "kit/alloc.h"
#include "usm/suggest.h"

const sk_option sk_cli_common_options[] = {
        {.name = "json", .text = "print JSON instead of text"},
        {.name = "help", .letter = 'h', .text = "print this help"},
        {0},
};

static void table_take(sk_cli *cli, const sk_option *table) {
        for (; table != NULL && table->name != NULL; table++) {
                assert(cli->given_count < SK_GIVEN_MAX);
                cli->given[cli->given_count++] = (sk_given){.option = table};
        }
}

static sk_given *given_by_name(sk_cli *cli, const char *name, size_t len) {
        for (size_t i = 0; i < cli->given_count; i++) {
                const char *candidate = cli->given[i].option->name;
                if (strlen(candidate) == len && memcmp(candidate, name, len) == 0)
                        return &cli->given[i];
        }
        return NULL;
}

static sk_given *given_by_letter(sk_cli *cli, char letter) {
        for (size_t i = 0; i < cli->given_count; i++) {
                if (letter != '\0' && cli->given[i].option->letter == letter)
                        return &cli->given[i];
        }
        return NULL;
}

static bool is_choice(const char *choices, const char *text) {
        size_t len = strlen(text);
        for (const char *at = choices; *at != '\0'; at += strspn(at, "|")) {
                size_t choice = strcspn(at, "|");
                if (choice == len && memcmp(at, text, len) == 0)
                        return true;
                at += choice;
        }
        return false;
}

static bool count_parse(const sk_option *option, const char *text, uint64_t *out) {
        if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
                return false;
        errno = 0;
        uint64_t number = strtoull(text, NULL, 10);
        if (errno != 0 || number < option->min || (option->max != 0 && number > option->max))
                return false;
        *out = number;
        return true;
}

static bool number_parse(const char *text, double *out) {
        if (text[0] == '\0' || strspn(text, "0123456789.") != strlen(text))
                return false;
        char *end = NULL;
        double number = strtod(text, &end);
        if (*end != '\0' || !isfinite(number) || number <= 0)
                return false;
        *out = number;
        return true;
}

static int bad_value(sk_cli *cli, const sk_option *option, const char *text) {
        char name[64];
        snprintf(name, sizeof(name), "--%s", option->name);
        switch (option->kind) {
        case SK_OPTION_COUNT:
                if (option->max != 0)
                        return sk_cli_usage_error(cli, name, "\"%s\" is not a whole number from %llu to %llu", text,
                                                  (unsigned long long)option->min, (unsigned long long)option->max);
                return sk_cli_usage_error(cli, name, "\"%s\" is not a whole number of at least %llu", text,
                                          (unsigned long long)option->min);
        case SK_OPTION_NUMBER:
                return sk_cli_usage_error(cli, name, "\"%s\" is not a number above zero, such as 1.5", text);
        case SK_OPTION_TIME:
                return sk_cli_usage_error(cli, name,
                                          "\"%s\" is not a time such as 2026-11-21, \"2026-11-21 14:30\" or "
                                          "2026-11-21T14:30:00Z",
                                          text);
        case SK_OPTION_DURATION:
                return sk_cli_usage_error(cli, name, "\"%s\" is not a duration such as 90s, 5m, 2h, 3d or PT1H30M",
                                          text);
        case SK_OPTION_FLAG:
        case SK_OPTION_TEXT:
        case SK_OPTION_LIST:
                break;
        }
        return sk_cli_usage_error(cli, name, "\"%s\" is none of %s", text, option->choices);
}

static bool list_add(sk_given *given, const char *text) {
        const char **list = sk_realloc(given->list, (given->list_count + 1) * sizeof(*list));
        if (list == NULL)
                return false;
        given->list = list;
        given->list[given->list_count++] = text;
        return true;
}

/* True when the value is one of the option's kind; the text itself is kept in any case. */
static bool value_read(sk_given *given, const char *text) {
        const sk_option *option = given->option;
        if (option->choices != NULL && !is_choice(option->choices, text))
                return false;
        switch (option->kind) {
        case SK_OPTION_FLAG:
        case SK_OPTION_TEXT:
                return true;
        case SK_OPTION_LIST:
                return list_add(given, text);
        case SK_OPTION_COUNT:
                return count_parse(option, text, &given->count);
        case SK_OPTION_NUMBER:
                return number_parse(text, &given->number);
        case SK_OPTION_TIME:
                return sk_option_time_parse(text, &given->time_us);
        case SK_OPTION_DURATION:
                return sk_option_duration_parse(text, &given->time_us);
        }
        return false;
}

static int option_set(sk_cli *cli, sk_given *given, const char *text) {
        char name[64];
        snprintf(name, sizeof(name), "--%s", given->option->name);
        if (given->is_given && given->option->kind != SK_OPTION_LIST && given->option->kind != SK_OPTION_FLAG)
                return sk_cli_usage_error(cli, name, "given twice: \"%s\" and \"%s\"", given->text, text);
        if (given->option->kind != SK_OPTION_FLAG && text[0] == '\0')
                return sk_cli_usage_error(cli, name, "the value is empty");
        if (!value_read(given, text))
                return bad_value(cli, given->option, text);
        given->is_given = true;
        given->text = text;
        return SK_EXIT_OK;
}

static int long_unknown(sk_cli *cli, const char *argument, size_t len) {
        sk_suggestion suggestion = sk_suggest_make((sk_slice){argument + 2, len});
        for (size_t i = 0; i < cli->given_count; i++)
                sk_suggest_offer(&suggestion, sk_slice_of(cli->given[i].option->name));
        if (!sk_slice_there(suggestion.best))
                return sk_cli_usage_error(cli, argument, "there is no such option");
        return sk_cli_usage_error(cli, argument, "there is no such option; did you mean --%.*s?",
                                  (int)suggestion.best.len, suggestion.best.at);
}

/* Both readers take argv[*position], and the value behind it where there is one. */
static int long_read(sk_cli *cli, int count, char **argv, int *position) {
        const char *argument = argv[*position];
        size_t len = strcspn(argument + 2, "=");
        bool has_value = argument[2 + len] == '=';
        sk_given *given = given_by_name(cli, argument + 2, len);
        if (given == NULL)
                return long_unknown(cli, argument, len);
        if (given->option->kind == SK_OPTION_FLAG)
                return has_value ? sk_cli_usage_error(cli, argument, "this option takes no value")
                                 : option_set(cli, given, argument);
        if (has_value)
                return option_set(cli, given, argument + 2 + len + 1);
        if (*position + 1 >= count)
                return sk_cli_usage_error(cli, argument, "%s is missing", given->option->value);
        return option_set(cli, given, argv[++*position]);
}

static int short_read(sk_cli *cli, int count, char **argv, int *position) {
        const char *argument = argv[*position];
        sk_given *given = given_by_letter(cli, argument[1]);
        if (given == NULL || (given->option->kind == SK_OPTION_FLAG && argument[2] != '\0'))
                return sk_cli_usage_error(cli, argument, "there is no such option");
        if (given->option->kind == SK_OPTION_FLAG)
                return option_set(cli, given, argument);
        if (argument[2] != '\0')
                return option_set(cli, given, argument + 2);
        if (*position + 1 >= count)
                return sk_cli_usage_error(cli, argument, "%s is missing", given->option->value);
        return option_set(cli, given, argv[++*position]);
}

static int environment_read(sk_cli *cli) {
        for (size_t i = 0; i < cli->given_count; i++) {
                sk_given *given = &cli->given[i];
                if (given->is_given || given->option->environment == NULL)
                        continue;
                const char *text = getenv(given->option->environment);
                int status = text == NULL || text[0] == '\0' ? SK_EXIT_OK : option_set(cli, given, text);
                if (status != SK_EXIT_OK)
                        return status;
        }
        return SK_EXIT_OK;
}

int sk_options_read(sk_cli *cli, int *count, char **argv) {
        assert(cli->command != NULL && *count >= 0);
        table_take(cli, cli->command->options);
        table_take(cli, sk_cli_common_options);
        bool is_over = false;
        int left = 0;
        for (int i = 0; i < *count; i++) {
                int status = SK_EXIT_OK;
                if (is_over || argv[i][0] != '-' || argv[i][1] == '\0')
                        argv[left++] = argv[i];
                else if (strcmp(argv[i], "--") == 0)
                        is_over = true;
                else if (argv[i][1] == '-')
                        status = long_read(cli, *count, argv, &i);
                else
                        status = short_read(cli, *count, argv, &i);
                if (status != SK_EXIT_OK)
                        return status;
        }
        *count = left;
        return environment_read(cli);
}

void sk_options_forget(sk_cli *cli) {
        for (size_t i = 0; i < cli->given_count; i++)
                sk_free(cli->given[i].list);
        cli->given_count = 0;
}

const sk_given *sk_options_given(const sk_cli *cli, const char *name) {
        for (size_t i = 0; i < cli->given_count; i++) {
                if (strcmp(cli->given[i].option->name, name) == 0)
                        return &cli->given[i];
        }
        return NULL;
}

static const sk_given *given_of(const sk_cli *cli, const char *name, sk_option_kind kind) {
        const sk_given *given = sk_options_given(cli, name);
        assert(given != NULL && given->option->kind == kind);
        return given;
}

bool sk_cli_flag(const sk_cli *cli, const char *name) {
        return given_of(cli, name, SK_OPTION_FLAG)->is_given;
}

const char *sk_cli_text(const sk_cli *cli, const char *name) {
        return given_of(cli, name, SK_OPTION_TEXT)->text;
}

const char *sk_cli_text_if(const sk_cli *cli, const char *name) {
        const sk_given *given = sk_options_given(cli, name);
        return given == NULL || given->option->kind != SK_OPTION_TEXT ? NULL : given->text;
}

const char *sk_cli_text_or(const sk_cli *cli, const char *name, const char *otherwise) {
        const char *text = sk_cli_text(cli, name);
        return text == NULL ? otherwise : text;
}

const char *const *sk_cli_list(const sk_cli *cli, const char *name, size_t *out_count) {
        const sk_given *given = given_of(cli, name, SK_OPTION_LIST);
        *out_count = given->list_count;
        return given->list;
}

uint64_t sk_cli_count(const sk_cli *cli, const char *name, uint64_t otherwise) {
        const sk_given *given = given_of(cli, name, SK_OPTION_COUNT);
        return given->is_given ? given->count : otherwise;
}

double sk_cli_number(const sk_cli *cli, const char *name, double otherwise) {
        const sk_given *given = given_of(cli, name, SK_OPTION_NUMBER);
        return given->is_given ? given->number : otherwise;
}

int64_t sk_cli_time(const sk_cli *cli, const char *name, int64_t otherwise) {
        const sk_given *given = given_of(cli, name, SK_OPTION_TIME);
        return given->is_given ? given->time_us : otherwise;
}

int64_t sk_cli_duration(const sk_cli *cli, const char *name, int64_t otherwise) {
        const sk_given *given = given_of(cli, name, SK_OPTION_DURATION);
        return given->is_given ? given->time_us : otherwise;
}

bool sk_cli_is_json(const sk_cli *cli) {
        const sk_given *given = sk_options_given(cli, "json");
        return given != NULL && given->is_given;
}
