/* A plug-in as it was built when there was only version 1: what came later is not in its structs. */
#define SCHAKEL_PLUGIN_ABI 1
#include <stdio.h>

#include "schakel/plugin.h"

static const schakel_plugin_option options[] = {{0}};
static char answer_json[64];

static schakel_plugin_result first_handle(void *state, const schakel_plugin_call *call, schakel_plugin_answer *answer) {
        (void)state;
        (void)snprintf(answer_json, sizeof(answer_json), "{\"version\":1,\"sizes\":[%zu,%zu]}", sizeof(*call),
                       sizeof(*answer));
        answer->value = answer_json;
        return SCHAKEL_PLUGIN_DONE;
}

const schakel_plugin_descriptor schakel_plugin = {.abi = SCHAKEL_PLUGIN_ABI,
                                                  .name = "first",
                                                  .about = "Is of version 1.",
                                                  .options = options,
                                                  .handle = first_handle};
