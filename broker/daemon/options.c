#include "daemon/options.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/log.h"
#include "log/properties.h"

#ifndef SK_VERSION
#define SK_VERSION "unknown"
#endif

static const char help[] =
        "Usage: schakeld -C DIR --team TEAM [--team TEAM ...] --log LOG [OPTION ...]\n"
        "\n"
        "Hosts the link of a team (or of several) of the chain that DIR describes.\n"
        "\n"
        "  -C, --chain DIR        the chain directory\n"
        "  -t, --team TEAM        host the link of this team; may be given again\n"
        "  -l, --log LOG          local:FILE, made if it is not there; or kafka:HOST:PORT[,HOST:PORT...]\n"
        "  -s, --state DIR        where notes for after a crash are kept (default: FILE.d/state; on Kafka\n"
        "                         schakel/INSTANCE in $STATE_DIRECTORY, $XDG_STATE_HOME or ~/.local/state)\n"
        "  -i, --instance NAME    on Kafka: the name of this process among those that share the team's\n"
        "                         partitions; each has its own and keeps it (default: the host's name)\n"
        "      --properties FILE  on Kafka: lines NAME=VALUE for the client, over those of chain.json\n"
        "                         (default: $SCHAKEL_KAFKA_PROPERTIES)\n"
        "      --drain            on Kafka: when told to stop, leave the partitions to the others first\n"
        "      --past-gaps        go on behind records that the log has deleted before they were read\n"
        "      --http ADDR:PORT   serve /livez, /readyz and /metrics there; port 0: any free one,\n"
        "                         which is then logged and written to the state directory\n"
        "      --log-format FORM  json (one object a line) or text (default: text on a terminal)\n"
        "      --plugins DIR      where plug-ins are found, NAME.so each (default: $SCHAKEL_PLUGINS, or\n"
        "                         ../lib/schakel/plugins or plugins beside this program)\n"
        "      --plugin-help NAME print what that plug-in does and what its configuration takes, and end\n"
        "      --check            say whether the chain directory is good, for each --team its\n"
        "                         plug-ins as well, and end\n"
        "  -V, --version          print the version, and end\n"
        "  -h, --help             print this, and end\n"
        "\n"
        "SIGTERM and SIGINT finish what is underway and end; a second one ends at once.\n"
        "SIGUSR2 is SIGTERM with --drain. SIGHUP reads DIR again: the new edition is taken whole or not at all.\n"
        "Exit status: 0 asked to stop, 64 usage, 65 bad configuration, 70 fenced by a rival, 75 try again.\n"
        "\n"
        "Example: schakeld -C teams/shared-service-centre --team network --log local:chain.log --http 127.0.0.1:0\n";

enum {
        OPTION_HTTP = 256,
        OPTION_FORMAT,
        OPTION_CHECK,
        OPTION_DRAIN,
        OPTION_PROPERTIES,
        OPTION_GAPS,
        OPTION_PLUGINS,
        OPTION_PLUGIN_HELP
};

static const struct option long_options[] = {
        {"chain", required_argument, NULL, 'C'},
        {"team", required_argument, NULL, 't'},
        {"log", required_argument, NULL, 'l'},
        {"state", required_argument, NULL, 's'},
        {"instance", required_argument, NULL, 'i'},
        {"properties", required_argument, NULL, OPTION_PROPERTIES},
        {"drain", no_argument, NULL, OPTION_DRAIN},
        {"past-gaps", no_argument, NULL, OPTION_GAPS},
        {"plugins", required_argument, NULL, OPTION_PLUGINS},
        {"plugin-help", required_argument, NULL, OPTION_PLUGIN_HELP},
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

static bool is_instance(const char *text) {
        size_t len = strlen(text);

        return len > 0 && len <= SK_INSTANCE_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
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
        case 'i':
                options->instance = value;
                return SK_OPTIONS_RUN;
        case OPTION_PROPERTIES:
                options->properties = value;
                return SK_OPTIONS_RUN;
        case OPTION_DRAIN:
                options->is_drain = true;
                return SK_OPTIONS_RUN;
        case OPTION_HTTP:
                options->http = value;
                return SK_OPTIONS_RUN;
        case OPTION_PLUGINS:
                options->plugins = value;
                return SK_OPTIONS_RUN;
        case OPTION_PLUGIN_HELP:
                options->plugin_help = value;
                return SK_OPTIONS_RUN;
        case OPTION_FORMAT:
                return format_set(options, value);
        case OPTION_GAPS:
                options->passes_gaps = true;
                return SK_OPTIONS_RUN;
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

/* Beside the log's file; a log without a file is shared by machines, so that the place is one of this machine. */
static sk_options_result state_complete(sk_options *options) {
        const char *base = getenv("STATE_DIRECTORY");
        const char *between = "";
        int len;

        if (base == NULL && (base = getenv("XDG_STATE_HOME")) == NULL) {
                base = getenv("HOME");
                between = "/.local/state";
        }
        if (!sk_log_is_shared(options->log))
                len = snprintf(options->state_default, sizeof(options->state_default), "%s.d/state",
                               strchr(options->log, ':') + 1);
        else if (base != NULL)
                len = snprintf(options->state_default, sizeof(options->state_default), "%s%s/schakel/%s", base, between,
                               options->instance);
        else
                return wrong("say where notes for after a crash are kept: --state DIR");
        if (len < 0 || (size_t)len >= sizeof(options->state_default))
                return wrong("the path of the state directory is too long");
        options->state_dir = options->state_default;
        return SK_OPTIONS_RUN;
}

/* The host's name up to the first dot, as far as it is a name. */
static void instance_complete(sk_options *options) {
        char host[SK_INSTANCE_MAX + 1] = "";

        (void)gethostname(host, sizeof(host) - 1);
        size_t len = 0;
        for (const char *at = host; *at != '\0' && *at != '.'; at++)
                options->instance_default[len++] =
                        (char)(isalnum((unsigned char)*at) ? tolower((unsigned char)*at) : '-');
        options->instance_default[len] = '\0';
        options->instance = is_instance(options->instance_default) ? options->instance_default : "instance";
}

/* Where an installation has them: bin and lib lie beside each other. Where they are built, they lie beside the program. */
static void plugins_complete(sk_options *options) {
        static const char *const folders[] = {"../lib/schakel/plugins", "plugins", "../lib/schakel/plugins"};
        char program[SK_OPTION_TEXT_MAX];
        ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
        bool is_there = options->plugins != NULL;

        while (len > 0 && program[len - 1] != '/')
                len--;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !is_there; i++) {
                (void)snprintf(options->plugins_default, sizeof(options->plugins_default), "%.*s%s",
                               len > 0 ? (int)len : 0, program, folders[i]);
                options->plugins = options->plugins_default;
                is_there = access(options->plugins, F_OK) == 0;
        }
}

static sk_options_result complete(sk_options *options) {
        static char why[SK_LOG_TEXT_MAX];

        plugins_complete(options);
        if (options->plugin_help != NULL)
                return SK_OPTIONS_RUN;
        if (options->chain_dir == NULL)
                return wrong("say where the chain directory is: -C DIR");
        if (options->is_check)
                return SK_OPTIONS_RUN;
        if (options->team_count == 0)
                return wrong("say whose link to host: --team TEAM");
        if (options->log == NULL)
                return wrong("say which log: --log local:FILE or --log kafka:HOST:PORT");
        if (!sk_log_is_url(options->log, why))
                return wrong(why);
        if (strlen(options->log) > SK_OPTION_TEXT_MAX)
                return wrong("the path of the log is too long");
        if (options->instance == NULL)
                instance_complete(options);
        else if (!is_instance(options->instance))
                return wrong("an instance's name is up to 40 small letters, digits and hyphens");
        return options->state_dir == NULL ? state_complete(options) : SK_OPTIONS_RUN;
}

sk_options_result sk_options_parse(int argc, char **argv, bool is_terminal, sk_options *out) {
        assert(argv != NULL && out != NULL);
        *out = (sk_options){.is_json = !is_terminal,
                            .properties = getenv(SK_PROPERTIES_ENVIRONMENT),
                            .plugins = getenv("SCHAKEL_PLUGINS")};
        optind = 1;
        for (;;) {
                int option = getopt_long(argc, argv, "C:t:l:s:i:Vh", long_options, NULL);
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
