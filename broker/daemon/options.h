#ifndef SK_DAEMON_OPTIONS_H
#define SK_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define SK_HOSTED_TEAMS_MAX 64
#define SK_OPTION_TEXT_MAX 3000
#define SK_INSTANCE_MAX 40

/** What the command line of schakeld says. Texts are borrowed from argv and the environment, but for defaults. */
typedef struct sk_options {
        const char *chain_dir;
        const char *teams[SK_HOSTED_TEAMS_MAX];
        size_t team_count;
        const char *log;        /**< its URL, see log/log.h */
        const char *instance;   /**< where a log is shared by instances */
        const char *properties; /**< a file for the client of the log; NULL: none */
        const char *state_dir;
        const char *http;        /**< NULL: none */
        bool is_json;            /**< log lines as JSON */
        bool is_check;           /**< only look whether the configuration is good */
        bool passes_gaps;        /**< go on behind records that were deleted unread */
        bool is_drain;           /**< leave the partitions to others when told to stop */
        const char *plugins;     /**< folder of plug-ins */
        const char *plugin_help; /**< only print what that plug-in takes; NULL: no */
        char plugins_default[SK_OPTION_TEXT_MAX + 64];
        char state_default[SK_OPTION_TEXT_MAX + 64];
        char instance_default[SK_INSTANCE_MAX + 1];
} sk_options;

typedef enum sk_options_result {
        SK_OPTIONS_RUN,
        SK_OPTIONS_DONE,  /**< --help or --version has been printed */
        SK_OPTIONS_WRONG, /**< a message is on stderr; exit status 64 */
} sk_options_result;

/** Reads the command line; @p is_terminal chooses the log's format when nothing is said. */
sk_options_result sk_options_parse(int argc, char **argv, bool is_terminal, sk_options *out);

#endif
