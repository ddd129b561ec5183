#include "daemon/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#ifndef SK_VERSION
#define SK_VERSION "unknown"
#endif

static const char help[] =
        "Usage: schakeld -C DIR --team TEAM [--team TEAM ...] --log local:FILE [OPTION ...]\n"
        "\n"
        "Hosts the link of a team (or of several) of the chain that DIR describes.\n"
        "\n"
        "  -C, --chain DIR        the chain directory\n"
        "  -t, --team TEAM        host the link of this team; may be given again\n"
        "  -l, --log local:FILE   the log; FILE is made if it is not there\n"
        "  -s, --state DIR        where notes for after a crash are kept (default: FILE.d/state)\n"
        "      --http ADDR:PORT   serve /livez, /readyz and /metrics there; port 0: any free one,\n"
        "                         which is then logged and written to the state directory\n"
        "      --log-format FORM  json (one object a line) or text (default: text on a terminal)\n"
        "      --check            say whether the chain directory is good, and end\n"
        "  -V, --version          print the version, and end\n"
        "  -h, --help             print this, and end\n"
        "\n"
        "SIGTERM and SIGINT finish what is underway and end; a second one ends at once.\n"
        "SIGHUP reads DIR again: the new edition is taken whole or not at all.\n"
        "Exit status: 0 asked to stop, 64 usage, 65 bad configuration, 70 fenced by a rival, 75 try again.\n"
        "\n"
        "Example: schakeld -C teams/shared-service-centre --team network --log local:chain.log --http 127.0.0.1:0\n";

enum { OPTION_HTTP = 256, OPTION_FORMAT, OPTION_CHECK };

static const struct option long_options[] = {
        {"chain", required_argument, NULL, 'C'},
        {"team", required_argument, NULL, 't'},
        {"log", required_argument, NULL, 'l'},
        {"state", required_argument, NULL, 's'},
        {"http", required_argument, NULL, OPTION_HTTP},
        {"log-format", required_argument, NULL, OPTION_FORMAT},
        {"check", no_argument, NULL, OPTION_CHECK},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
};

static sk_options_result wrong(const char *text) {
        (void)fprintf(stderr, "schakeld: %s\nTry 'schakeld --help'.\n", text);
        return SK_OPTIONS_WRONG;
}

static bool is_name(const char *text) {
        size_t len = strlen(text);

        return len > 0 && len <= 40 && text[0] >= 'a' && text[0] <= 'z' &&
               strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static sk_options_result team_add(sk_options *options, const char *team) {
        if (!is_name(team))
                return wrong("a team's name is a small letter and up to 39 small letters, digits and hyphens");
        if (options->team_count == SK_HOSTED_TEAMS_MAX)
                return wrong("one daemon hosts at most 64 teams; start another");
        for (size_t i = 0; i < options->team_count; i++) {
                if (strcmp(options->teams[i], team) == 0)
                        return wrong("the same team is given twice");
        }
        options->teams[options->team_count++] = team;
        return SK_OPTIONS_RUN;
}

static sk_options_result format_set(sk_options *options, const char *format) {
        options->is_json = strcmp(format, "json") == 0;
        if (!options->is_json && strcmp(format, "text") != 0)
                return wrong("--log-format is json or text");
        return SK_OPTIONS_RUN;
}

static sk_options_result take(sk_options *options, int option, const char *value) {
        switch (option) {
        case 'C':
                options->chain_dir = value;
                return SK_OPTIONS_RUN;
        case 't':
                return team_add(options, value);
        case 'l':
                options->log = value;
                return SK_OPTIONS_RUN;
        case 's':
                options->state_dir = value;
                return SK_OPTIONS_RUN;
        case OPTION_HTTP:
                options->http = value;
                return SK_OPTIONS_RUN;
        case OPTION_FORMAT:
                return format_set(options, value);
        case OPTION_CHECK:
                options->is_check = true;
                return SK_OPTIONS_RUN;
        case 'V':
                (void)printf("schakeld %s\n", SK_VERSION);
                return SK_OPTIONS_DONE;
        case 'h':
                (void)fputs(help, stdout);
                return SK_OPTIONS_DONE;
        default:
                (void)fputs("Try 'schakeld --help'.\n", stderr);
                return SK_OPTIONS_WRONG;
        }
}

static sk_options_result complete(sk_options *options) {
        static const char scheme[] = "local:";

        if (options->chain_dir == NULL)
                return wrong("say where the chain directory is: -C DIR");
        if (options->is_check)
                return SK_OPTIONS_RUN;
        if (options->team_count == 0)
                return wrong("say whose link to host: --team TEAM");
        if (options->log == NULL)
                return wrong("say which log: --log local:FILE");
        if (strncmp(options->log, scheme, strlen(scheme)) != 0 || options->log[strlen(scheme)] == '\0')
                return wrong("a log is given as local:FILE, such as local:chain.log");
        options->log_file = options->log + strlen(scheme);
        if (strlen(options->log_file) > SK_OPTION_TEXT_MAX)
                return wrong("the path of the log is too long");
        if (options->state_dir == NULL) {
                (void)snprintf(options->state_default, sizeof(options->state_default), "%s.d/state", options->log_file);
                options->state_dir = options->state_default;
        }
        return SK_OPTIONS_RUN;
}

sk_options_result sk_options_parse(int argc, char **argv, bool is_terminal, sk_options *out) {
        assert(argv != NULL && out != NULL);
        *out = (sk_options){.is_json = !is_terminal};
        optind = 1;
        for (;;) {
                int option = getopt_long(argc, argv, "C:t:l:s:Vh", long_options, NULL);
                if (option == -1)
                        break;
                sk_options_result result = take(out, option, optarg);
                if (result != SK_OPTIONS_RUN)
                        return result;
        }
        if (optind < argc)
                return wrong("there is something on the command line that belongs to no option");
        return complete(out);
}
