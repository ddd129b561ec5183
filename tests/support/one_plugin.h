#ifndef TEST_ONE_PLUGIN_H
#define TEST_ONE_PLUGIN_H

#include "how/plugin_load.h"
#include "support/folder.h"

/* One plug-in of this build in the process of the test, begun with a configuration, given calls by hand. */

typedef struct one_plugin {
        test_folder folder; /* that of the team */
        sk_arena *arena;
        sk_plugin_loaded loaded;
        void *state;
        schakel_plugin_answer answer; /* to the last call */
} one_plugin;

/** Loads build/<variant>/plugins/NAME.so. */
void one_plugin_open(one_plugin *bench, const char *name);
/** Begins it; NULL: well, else why not. */
const char *one_plugin_begin(one_plugin *bench, const char *config);
/** Does one call; the answer is in the bench. */
schakel_plugin_result one_plugin_call(one_plugin *bench, const char *key, const char *input);
/** Ends it, as a link that stops does. */
void one_plugin_end(one_plugin *bench);
/** Ends it, and takes its folder away. */
void one_plugin_close(one_plugin *bench);

#endif
