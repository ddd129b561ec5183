#ifndef SK_TESTS_SUPPORT_LINK_FIXTURE_H
#define SK_TESTS_SUPPORT_LINK_FIXTURE_H

#include <netinet/in.h>

#include "log/tool.h"
#include "support/folder.h"
#include "support/link_process.h"

/* A folder with a log, a tool that writes to it, and up to two daemons; and what a daemon says over HTTP. */

#define LINE_CHAIN "tests/data/chains/line"

typedef struct link_fixture {
        test_folder folder;
        char file[FOLDER_PATH_MAX];     /**< the log */
        char url[FOLDER_PATH_MAX + 64]; /**< the log, as a daemon is told of it */
        link_process first;
        link_process second;
        sk_log_tool *tool;
} link_fixture;

/** For a test's setup: 0 when all is there. */
int link_fixture_open(link_fixture *f);
/** Kills what runs, and removes the folder. */
void link_fixture_close(link_fixture *f);

/** Starts `schakeld -C chain --team team --log …`, with one more option and its value, or NULL. */
void link_fixture_start(link_fixture *f, link_process *link, const char *name, const char *chain, const char *team,
                        const char *option, const char *value);
/** SIGTERM; it must end with status 0. */
void link_stop(link_process *link);

/** Copies the chain `line` into the folder, to be changed there. */
void link_fixture_copy_chain(link_fixture *f, char *out, size_t room);
/** Replaces a file. */
void text_write(const char *path, const char *text);

/** Waits for `<team>.http` in the state directory and reads it. */
struct sockaddr_in link_fixture_http(const link_fixture *f, const char *team);
/** The address that its first lines tell. */
struct sockaddr_in link_http_said(const link_process *link);
/** Connects, and does not wait for it when @p flags say so. */
int http_connect(const struct sockaddr_in *address, int flags);
/** Sends and reads to the end, at most @p room - 1 bytes; gives @p out. */
const char *http_ask(const struct sockaddr_in *address, const char *request, char *out, size_t room);
/** Asks /metrics until @p name, with its labels, is at least @p wanted. */
void metric_await(const struct sockaddr_in *address, const char *name, double wanted);

/** What a process has used, from /proc. */
typedef struct process_use {
        unsigned long long wake_ups; /**< how often one of its threads has waited */
        unsigned long long cpu_ticks;
        unsigned long resident_kib;
        double at_seconds; /**< when this was looked up */
} process_use;
process_use process_use_of(pid_t pid);

#endif
