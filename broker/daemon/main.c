#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/plugin_help.h"
#include "how/plugin_host.h"
#include "how/runner.h"

#define SOCKET 3

/* schakeld: see sk_options_parse for the command line. */
int main(int argc, char **argv) {
        sk_options options;

        if (argc == 3 && strcmp(argv[1], SK_RUNNER_WORD) == 0)
                return sk_runner_main(SOCKET, argv[2]);
        if (argc == 3 && strcmp(argv[1], SK_PLUGIN_WORD) == 0)
                return sk_plugin_host_main(SOCKET, argv[2]);

        switch (sk_options_parse(argc, argv, isatty(STDERR_FILENO) == 1, &options)) {
        case SK_OPTIONS_DONE:
                return SK_EXIT_STOPPED;
        case SK_OPTIONS_WRONG:
                return SK_EXIT_USAGE;
        case SK_OPTIONS_RUN:
                break;
        }
        if (options.plugin_help != NULL)
                return sk_plugin_help(options.plugins, options.plugin_help) ? SK_EXIT_STOPPED : SK_EXIT_CONFIG;
        sk_logger *logger = sk_logger_new(STDERR_FILENO, options.is_json);
        if (logger == NULL)
                return SK_EXIT_AGAIN;
        int code = options.is_check ? sk_daemon_check(&options, logger) : sk_daemon_run(&options, logger);
        sk_logger_free(logger);
        return code;
}
