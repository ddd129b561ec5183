#ifndef SK_CLI_DEMO_H
#define SK_CLI_DEMO_H

#include <stdio.h>

#include "cli/session/links.h"
#include "cli/session/session.h"

/*
 * What the files of `schakel demo` share: a folder of its own, with a log, and the programs that run on it.
 */

#define SK_DEMO_PATH_MAX 4096

#define SK_DEMO_SCENES_LOG "scenes.db" /**< in the folder */
#define SK_DEMO_CHAIN "demo-chain"     /**< in the folder: the copy of the chain that is played */
#define SK_DEMO_RECORD "tool.jsonl"    /**< in the folder: what the tools were asked */
#define SK_DEMO_NONE SIZE_MAX          /**< no such child */

/** A Kafka of its own, on which the busiest team has two processes, of which one is killed. */
typedef struct sk_demo_kafka {
        const char *program;   /**< starts and stops it (deploy/kafka/kafka); NULL: the log is local */
        sk_children *children; /**< that program */
        char address[256];     /**< "" until it is ready */
        sk_slice team;         /**< that has two processes */
        size_t first;          /**< the one that stays, among the links */
        size_t second;         /**< the one that is killed */
        int64_t before;        /**< offsets in the team's archive when the recorded calls began; -1: not yet */
        size_t open;           /**< records open in the chain when it was killed */
        int64_t killed_us;     /**< 0: not yet */
        int64_t taken_us;      /**< when the other had its partitions; 0: not yet */
} sk_demo_kafka;

/** What stands in for the tools of the teams, if the chain says how they answer. */
typedef struct sk_demo_tool {
        sk_children *children; /**< NULL: there are none */
        char address[64];      /**< http://127.0.0.1:PORT; "" until it listens */
} sk_demo_tool;

/** What the events of the chain say. */
typedef struct sk_demo_seen {
        bool has_call;
        sk_id call;               /**< the one that went through the most teams, with the most calls below it */
        uint64_t by_how[SK_HOWS]; /**< activities that have ended, by how they were done */
} sk_demo_seen;

typedef struct sk_demo {
        sk_cli *cli;
        const char *source; /**< the chain directory that was named */
        const char *chain;  /**< the one that is played: its copy */
        char copied[SK_DEMO_PATH_MAX];
        const char *folder;             /**< where the log is, and what is said */
        char file[SK_DEMO_PATH_MAX];    /**< of a local log */
        char log[SK_DEMO_PATH_MAX + 8]; /**< local:FILE or kafka:HOST:PORT */
        char program[SK_DEMO_PATH_MAX]; /**< schakel itself */
        char history[SK_DEMO_PATH_MAX]; /**< recorded calls; "" if the chain has none */
        char map[SK_DEMO_PATH_MAX];     /**< what they mean */
        bool is_new;                    /**< nothing was in the log */
        int lock;                       /**< of the folder; -1: none */
        FILE *said;                     /**< what links and people say */
        sk_session session;
        sk_children *children;
        sk_buf result; /**< of the replay, JSON */
        size_t replay; /**< among the children, or SK_DEMO_NONE */
        int64_t begun_us;
        sk_demo_kafka kafka;
        sk_demo_tool tool;
} sk_demo;

/** Finds the chain's files, makes the folder and locks it; unless --keep, removes what an earlier demo left in it. */
int sk_demo_folder_begin(sk_demo *demo);
/** Closes what sk_demo_folder_begin opened; the folder itself stays for whoever wants to look. On a half-made one it is
 * legal. */
void sk_demo_folder_end(sk_demo *demo);
/** Removes a folder in it, with all that is there. */
int sk_demo_folder_remove(const sk_demo *demo, const char *name);
/** Copies the chain into the folder, unless it is there already, and makes the copy the one that is played. */
int sk_demo_chain_copy(sk_demo *demo);
/** FOLDER/NAME. @return false, with the message printed, if it is too long */
bool sk_demo_path(const sk_demo *demo, const char *name, char out[SK_DEMO_PATH_MAX]);

/** Starts the broker, waits until it is ready, and makes the chain's topics. Nothing to do on a local log. */
int sk_demo_kafka_begin(sk_demo *demo);
/** Which team has two processes, and which of the links they are; the plan of the links is told so. */
void sk_demo_kafka_double(sk_demo *demo, sk_links_plan *plan);
/** Kills the second process in the middle of the recorded calls; to be called while they are replayed. */
int sk_demo_kafka_turn(sk_demo *demo);
/** Looks for the line with which the process that stays says that it has all partitions. */
void sk_demo_kafka_hear(sk_demo *demo, const sk_child_news *news);
/** Waits until the process that stays has them, if the other was killed. */
int sk_demo_kafka_settle(sk_demo *demo);
/** Stops the broker; what was in it is gone. */
void sk_demo_kafka_end(sk_demo *demo);
/** What became of the process that was killed, as a sentence; on a local log nothing. */
void sk_demo_kafka_tell(const sk_demo *demo);

/** Starts what stands in for the tools, waits until it listens, and puts its address into the copy of the chain. */
int sk_demo_tool_begin(sk_demo *demo);
/** Ends it; to be called when the links have ended. */
void sk_demo_tool_end(sk_demo *demo);
/** How often the tools were asked, and for what; nothing where there are none. */
int sk_demo_tool_tell(const sk_demo *demo);
/** How the activities were done, as a table. */
void sk_demo_hows_tell(const sk_demo *demo, const sk_demo_seen *seen);

/** Starts the links of its edition, opens its log, and waits until all run. */
int sk_demo_links_begin(sk_demo *demo);
/** Plays the scenes of the chain, if it has any and they are wanted, on links and a log of their own that end with them. */
int sk_demo_scenes(sk_demo *demo);

/** How many calls and asks are open in the chain. */
int sk_demo_count_open(const sk_demo *demo, size_t *out);
/** Whether a link, or one of @p others beside them, has ended for good; that which was killed on purpose is none. */
bool sk_demo_is_any_gone(const sk_demo *demo, size_t others);

/** Reads the events of all teams. */
void sk_demo_look(const sk_demo *demo, sk_demo_seen *out);

/** Says what came of it, shows the report and one call, and what to try. Returns SK_EXIT_…. */
int sk_demo_tell(sk_demo *demo);

#endif
