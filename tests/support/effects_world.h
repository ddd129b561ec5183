#ifndef SK_TESTS_SUPPORT_EFFECTS_WORLD_H
#define SK_TESTS_SUPPORT_EFFECTS_WORLD_H

#include <stdbool.h>
#include <sys/types.h>

#include "kit/id.h"
#include "support/folder.h"

/*
 * The tools of a chain, outside of it: a server that programs and webhooks speak to (effects_world.pl), and plug-ins
 * that keep what they were asked for in the same folder. Dies with the test.
 */

#define EFFECTS_KEYS_MAX 512u

typedef struct effects_world {
        pid_t pid;
        char port[16];
        char seen[FOLDER_PATH_MAX + 64];    /**< a file for each key, a line for each time that it came */
        char plugins[FOLDER_PATH_MAX + 64]; /**< ledger and csv-register of this build */
} effects_world;

/** Starts it in @p folder; SEEN_PORT and SCHAKEL_PLUGINS of whatever is started after it name it. */
void effects_world_start(effects_world *world, const test_folder *folder);
void effects_world_stop(effects_world *world);

/** What is known of one key. */
typedef struct effects_seen {
        char key[SK_ID_TEXT + 16]; /**< call/visit */
        char path[16];             /**< what it was asked for: done, busy, ... */
        unsigned count;
        bool is_same; /**< the content, each time */
} effects_seen;

/** All keys so far; how many. */
unsigned effects_world_keys(const effects_world *world, effects_seen out[EFFECTS_KEYS_MAX]);

/** How many processes have one of @p words in their command line, NULL behind the last; those of the world not counted. */
unsigned effects_processes(const char *const *words);
/** kill -9 for all of them; how many. */
unsigned effects_kill(const char *const *words);
/** Waits until there is none; tells which, and fails the test, when that takes too long. */
void effects_await_none(const char *const *words);

#endif
