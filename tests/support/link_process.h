#ifndef SK_TESTS_SUPPORT_LINK_PROCESS_H
#define SK_TESTS_SUPPORT_LINK_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kit/buf.h"
#include "log/tool.h"
#include "support/folder.h"

/*
 * schakeld as a child process of a test, on the chain `line` (customer, desk, supplier) or another, and calls raised
 * there. Every failed expectation fails the test that runs. Children die with the test, however it ends.
 */

#define LINK_ARGUMENTS_MAX 16

typedef struct link_process {
        pid_t pid;                 /**< 0: not running */
        char log[FOLDER_PATH_MAX]; /**< where its stderr goes; appended to */
        const char *arguments[LINK_ARGUMENTS_MAX];
} link_process;

/** Starts it with these arguments (borrowed, NULL behind the last), its log lines in `<folder>/<name>.out`. */
void link_start(link_process *link, const test_folder *folder, const char *name, const char *const *arguments);
/** Starts it again with what it was started with. */
void link_start_again(link_process *link);
/** Sends a signal. */
void link_signal(const link_process *link, int number);
/** Whether it has ended, and how; without waiting. */
bool link_has_ended(link_process *link, int *out_status);
/** Waits for its end; its exit status, or 1000 + the signal that ended it. Fails after a generous limit. */
int link_wait(link_process *link);
/** kill -9, and waits. */
void link_kill(link_process *link);
/** How often @p text stands in its log lines so far. */
unsigned link_said(const link_process *link, const char *text);
/** Waits until it has said @p text @p times, or fails the test with its log printed. */
void link_await(const link_process *link, const char *text, unsigned times);
/** Whether its process is there. */
bool link_is_alive(const link_process *link);

/** Path of the program @p name: in $SK_BUILD. */
const char *program_path(const char *name);

/** Raises a service-request or incident for a laptop at the desk, as team customer of chain line. */
typedef struct raised_call {
        char id[36];
        char work_id[36];
        bool is_incident;
} raised_call;
/** @p number makes the ids; the same number again writes the same record again. */
void call_raise(sk_log_tool *tool, unsigned number, raised_call *out);

/** The same of any customer and provider of any chain. */
typedef struct call_place {
        const char *chain;
        const char *customer;
        const char *provider;
        const char *facility;
} call_place;
void call_raise_at(sk_log_tool *tool, const call_place *place, unsigned number, raised_call *out);
/** The same with more members in its JSON, such as "\"data\":{}"; tells of an error instead of failing the test. */
sk_err call_raise_with(sk_log_tool *tool, const call_place *place, unsigned number, const char *members,
                       raised_call *out);

#define CALL_VALUE_MAX 512
/** Headers and value of the record that call_raise_with would append; its key is out->id. */
void call_compose(const call_place *place, unsigned number, const char *members, raised_call *out, sk_buf *headers,
                  char value[CALL_VALUE_MAX]);

/** Gives all records of a topic, partition by partition. */
void records_read(sk_log_tool *tool, const char *topic, sk_log_visit *visit, void *self);
/** How many records of @p topic have @p type (without "schakel."). */
unsigned records_count(sk_log_tool *tool, const char *topic, const char *type);
/** Waits until there are @p count of them, as long as something happens at least once a minute. */
void records_await(sk_log_tool *tool, const char *topic, const char *type, unsigned count);

#endif
