/*
 * Keeps what it was asked for, as tests/support/effects_world.pl does: FOLDER/KEY gets a line for each try, before it
 * is answered.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schakel/plugin.h"

#define WORK_MS 100 /* so that a kill finds some of them under way */

enum { OPTION_FOLDER, OPTION_BUSY };

static const schakel_plugin_option options[] = {
        {"folder", SCHAKEL_PLUGIN_FILE, NULL, "Where a file for each key is kept."},
        {"busy", SCHAKEL_PLUGIN_BOOLEAN, "false", "Whether the first try is to come again."},
        {0}};

typedef struct ledger {
        char folder[1024];
        const char *word;
} ledger;

static ledger kept;

static const char *ledger_init(const char *const *values, void **state) {
        (void)snprintf(kept.folder, sizeof(kept.folder), "%s", values[OPTION_FOLDER]);
        kept.word = strcmp(values[OPTION_BUSY], "true") == 0 ? "busy" : "done";
        *state = &kept;
        return NULL;
}

static int keep(const ledger *of, const schakel_plugin_call *call) {
        char path[2048];
        char line[4096];
        int len = snprintf(line, sizeof(line), "%s %s\n", of->word, call->input);
        int at = snprintf(path, sizeof(path), "%s/", of->folder);

        (void)snprintf(path + at, sizeof(path) - (size_t)at, "%s", call->key);
        for (char *c = path + at; *c != '\0'; c++)
                *c = *c == '/' ? '_' : *c;
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0 || len <= 0 || (size_t)len >= sizeof(line))
                return -1;
        ssize_t written = write(fd, line, (size_t)len);
        (void)close(fd);
        return written == len ? 0 : -1;
}

static schakel_plugin_result ledger_handle(void *state, const schakel_plugin_call *call,
                                           schakel_plugin_answer *answer) {
        const ledger *of = state;

        if (keep(of, call) != 0)
                return SCHAKEL_PLUGIN_FAILED;
        (void)poll(NULL, 0, WORK_MS);
        if (strcmp(of->word, "busy") == 0 && call->attempt == 1)
                return SCHAKEL_PLUGIN_RETRY;
        answer->value = "{\"told\":true}";
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "ledger",
                                                  .about = "Keeps what it was asked for.",
                                                  .options = options,
                                                  .init = ledger_init,
                                                  .handle = ledger_handle};
