/* A plug-in of version 2 that does what its input says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schakel/plugin.h"

static const schakel_plugin_option options[] = {{"word", SCHAKEL_PLUGIN_TEXT, NULL, "A word that comes back."},
                                                {"number", SCHAKEL_PLUGIN_INTEGER, "7", "A number that comes back."},
                                                {"loud", SCHAKEL_PLUGIN_BOOLEAN, "false", "Whether it is said loudly."},
                                                {"file", SCHAKEL_PLUGIN_FILE, "", "A file that is named."},
                                                {0}};

typedef struct second {
        char word[64];
        char number[32];
        char loud[8];
        char file[1024];
        unsigned count;
        char answer[2048];
} second;

static const char *second_init(const char *const *values, void **state) {
        second *of = calloc(1, sizeof(*of));

        if (strcmp(values[0], "refuse") == 0)
                return "word: this one is refused";
        if (strcmp(values[0], "crash") == 0)
                abort();
        (void)snprintf(of->word, sizeof(of->word), "%s", values[0]);
        (void)snprintf(of->number, sizeof(of->number), "%s", values[1]);
        (void)snprintf(of->loud, sizeof(of->loud), "%s", values[2]);
        (void)snprintf(of->file, sizeof(of->file), "%s", values[3]);
        *state = of;
        return NULL;
}

static schakel_plugin_result second_handle(void *state, const schakel_plugin_call *call,
                                           schakel_plugin_answer *answer) {
        second *of = state;

        of->count++;
        answer->code = "as-told";
        answer->text = "it was told to";
        if (strcmp(call->input, "\"decline\"") == 0)
                return SCHAKEL_PLUGIN_DECLINED;
        if (strcmp(call->input, "\"retry\"") == 0) {
                answer->retry_after_ms = 1500;
                return SCHAKEL_PLUGIN_RETRY;
        }
        if (strcmp(call->input, "\"fail\"") == 0)
                return SCHAKEL_PLUGIN_FAILED;
        if (strcmp(call->input, "\"crash\"") == 0)
                (void)raise(SIGKILL);
        if (strcmp(call->input, "\"leave\"") == 0)
                _exit(3);
        if (strcmp(call->input, "\"hang\"") == 0)
                for (;;)
                        (void)pause();
        if (strcmp(call->input, "\"lie\"") == 0)
                return (schakel_plugin_result)99;
        answer->value = of->answer;
        if (strcmp(call->input, "\"babble\"") == 0) {
                (void)snprintf(of->answer, sizeof(of->answer), "no JSON");
                return SCHAKEL_PLUGIN_DONE;
        }
        (void)snprintf(
                of->answer, sizeof(of->answer),
                "{\"count\":%u,\"word\":\"%s\",\"number\":%s,\"loud\":%s,\"file\":\"%s\",\"key\":\"%s\",\"try\":%u,"
                "\"attempts\":%u}",
                of->count, of->word, of->number, of->loud, of->file, call->key, (unsigned)call->attempt,
                (unsigned)call->attempts);
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "second",
                                                  .about = "Does what it is told.",
                                                  .options = options,
                                                  .init = second_init,
                                                  .handle = second_handle};
