#ifndef SK_CLI_DEMO_H
#define SK_CLI_DEMO_H

#include <stdio.h>

#include "cli/children.h"
#include "cli/session.h"

/*
 * What the files of `schakel demo` share: a folder of its own, with a log, and the programs that run on it.
 */

#define SK_DEMO_PATH_MAX 4096

typedef struct sk_demo {
        sk_cli *cli;
        const char *chain;              /**< directory */
        const char *folder;             /**< where the log is */
        char file[SK_DEMO_PATH_MAX];    /**< of the log */
        char log[SK_DEMO_PATH_MAX + 8]; /**< local:FILE */
        char program[SK_DEMO_PATH_MAX]; /**< schakel itself */
        char history[SK_DEMO_PATH_MAX]; /**< recorded calls; "" if the chain has none */
        char map[SK_DEMO_PATH_MAX];     /**< what they mean */
        bool is_new;                    /**< nothing was in the log */
        int lock;                       /**< of the folder; -1: none */
        FILE *said;                     /**< what links and people say */
        sk_session session;
        sk_children *children;
        sk_buf result; /**< of the replay, JSON */
        size_t replay; /**< among the children; SIZE_MAX: none yet */
        int64_t begun_us;
} sk_demo;

/** Finds the chain's files, makes the folder and locks it; unless --keep, removes what an earlier demo left in it. */
int sk_demo_folder_begin(sk_demo *demo);
/** Closes what sk_demo_folder_begin opened; the folder itself stays for whoever wants to look. On a half-made one it is legal. */
void sk_demo_folder_end(sk_demo *demo);
/** FOLDER/NAME. @return false, with the message printed, if it is too long */
bool sk_demo_path(const sk_demo *demo, const char *name, char out[SK_DEMO_PATH_MAX]);

/** The call that went through the most teams, the one with the most calls below it; false if there is none. */
bool sk_demo_find_call(const sk_demo *demo, sk_id *out);

/** Says what came of it, shows the report and one call, and what to try. Returns SK_EXIT_…. */
int sk_demo_tell(sk_demo *demo);

#endif
