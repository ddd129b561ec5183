/* A plug-in whose descriptor lacks what SK_TEST_BARE says; its table of options is as long as SK_TEST_OPTIONS. */
#include <stdlib.h>
#include <string.h>

/* The header has it constant, as it should be. */
#define schakel_plugin schakel_plugin_as_it_should_be
#include "schakel/plugin.h"
#undef schakel_plugin

#define OPTIONS_MAX 100

static schakel_plugin_option options[OPTIONS_MAX + 1];

static schakel_plugin_result bare_handle(void *state, const schakel_plugin_call *call, schakel_plugin_answer *answer) {
        (void)state;
        (void)call;
        (void)answer;
        return SCHAKEL_PLUGIN_DONE;
}

__attribute__((visibility("default"))) schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI_LATEST,
                                                                                   .name = "bare",
                                                                                   .about = "Lacks something.",
                                                                                   .options = options,
                                                                                   .handle = bare_handle};

static void take_away(const char *what) {
        if (strcmp(what, "abi") == 0)
                schakel_plugin.abi = 0;
        if (strcmp(what, "name") == 0)
                schakel_plugin.name = NULL;
        if (strcmp(what, "good name") == 0)
                schakel_plugin.name = "Bare/../x";
        if (strcmp(what, "about") == 0)
                schakel_plugin.about = NULL;
        if (strcmp(what, "handle") == 0)
                schakel_plugin.handle = NULL;
        if (strcmp(what, "options") == 0)
                schakel_plugin.options = NULL;
        if (strcmp(what, "option name") == 0)
                options[1].name = "A b";
        if (strcmp(what, "option type") == 0)
                options[1].type = (schakel_plugin_type)77;
        if (strcmp(what, "option help") == 0)
                options[1].help = NULL;
}

__attribute__((constructor)) static void begin(void) {
        const char *what = getenv("SK_TEST_BARE");
        const char *count = getenv("SK_TEST_OPTIONS");
        unsigned long most = count == NULL ? 0 : strtoul(count, NULL, 10);

        for (unsigned long i = 0; i < most && i < OPTIONS_MAX; i++)
                options[i] = (schakel_plugin_option){.name = "some", .type = SCHAKEL_PLUGIN_TEXT, .help = "Some."};
        if (what != NULL)
                take_away(what);
}
