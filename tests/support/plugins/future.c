/* A plug-in of a version that nobody knows yet. */
#include "schakel/plugin.h"

static const schakel_plugin_option options[] = {{0}};

static schakel_plugin_result future_handle(void *state, const schakel_plugin_call *call,
                                           schakel_plugin_answer *answer) {
        (void)state;
        (void)call;
        (void)answer;
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI_LATEST + 1,
                                                  .name = "future",
                                                  .about = "Is of a version to come.",
                                                  .options = options,
                                                  .handle = future_handle};
