/*
 * To start a plug-in of one's own from: it greets. Copy it, give it another name, and build it with
 *
 *      cc -std=c11 -fPIC -shared -o greeter.so greeter.c
 */
#include <stdio.h>
#include <string.h>

#include "schakel/plugin.h"

enum { OPTION_GREETING };

/* What may stand in "config"; the order is that of the values that init gets. */
static const schakel_plugin_option options[] = {{"greeting", SCHAKEL_PLUGIN_TEXT, "Good day", "What is said first."},
                                                {0}};

static char greeting[200];
static char answer_json[400];

/* Opens what is kept open between calls. What it returns is told instead of each call. */
static const char *template_init(const char *const *values, void **state) {
        (void)state;
        if (strlen(values[OPTION_GREETING]) >= sizeof(greeting) || strpbrk(values[OPTION_GREETING], "\"\\") != NULL)
                return "greeting: it is too long, or has quotes in it";
        (void)snprintf(greeting, sizeof(greeting), "%s", values[OPTION_GREETING]);
        return NULL;
}

/* Does one call. The same key may come again, and has to have the same effect as once. */
static schakel_plugin_result template_handle(void *state, const schakel_plugin_call *call,
                                             schakel_plugin_answer *answer) {
        (void)state;
        (void)snprintf(answer_json, sizeof(answer_json), "{\"said\":\"%s, %s\"}", greeting, call->key);
        answer->value = answer_json;
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "template",
                                                  .about = "Greets; to start a plug-in of one's own from.",
                                                  .options = options,
                                                  .init = template_init,
                                                  .handle = template_handle};
