#ifndef SK_TESTS_SUPPORT_KAFKA_LINKS_H
#define SK_TESTS_SUPPORT_KAFKA_LINKS_H

#include "log/tool.h"
#include "support/folder.h"
#include "support/kafka_cluster.h"
#include "support/link_process.h"

/*
 * A chain and its links, as processes on a real Kafka; on a local log where a test is for either and SK_TEST_LOG does not
 * say kafka. One cluster for the tests of a program; each test has a chain of its own: a copy of one of
 * tests/data/chains under another name.
 */

#define KAFKA_LINKS_MAX 24
#define KAFKA_CHAIN_MAX 40

typedef struct kafka_links {
        test_folder folder;
        kafka_cluster cluster;
        bool is_local;
        char url[FOLDER_PATH_MAX + 64]; /**< the log of the present chain */
        char chain[KAFKA_CHAIN_MAX];    /**< its name */
        char chain_dir[FOLDER_PATH_MAX + 64];
        link_process links[KAFKA_LINKS_MAX];
        char states[KAFKA_LINKS_MAX][FOLDER_PATH_MAX + 64];
        size_t count;
        sk_log_tool *tool;
} kafka_links;

/** For cmocka's group set-up and tear-down. */
void kafka_links_up(kafka_links *links, unsigned brokers);
void kafka_links_down(kafka_links *links);
/** The same on a broker that other suites use too: kafka_cluster_share. */
void kafka_links_share(kafka_links *links);
/** A shared broker, or local logs: what SK_TEST_LOG says. */
void kafka_links_either(kafka_links *links);

/** A copy of tests/data/chains/@p from named @p name; @p members go into its chain.json, such as "\"kafka\": {}" or "". */
void kafka_links_chain(kafka_links *links, const char *from, const char *name, const char *members);
/** The same without topics. */
void kafka_links_chain_bare(kafka_links *links, const char *from, const char *name, const char *members);
/** Starts an instance of a team, with @p option in addition or NULL. */
link_process *kafka_links_start(kafka_links *links, const char *team, const char *instance, const char *option);
/** Starts one process for several teams; NULL stands behind the last. */
link_process *kafka_links_start_all(kafka_links *links, const char *const *teams);
/** Waits until all are ready. */
void kafka_links_await_ready(const kafka_links *links);
/** Stops all that run; each must end with 0. */
void kafka_links_stop(kafka_links *links);
/** At the end of a test, however it ended. */
void kafka_links_end(kafka_links *links);

/** Name of a topic of the chain; good until the next call but three. */
const char *kafka_links_topic(const kafka_links *links, const char *rest);
/** Raises the calls @p from to @p to - 1 of customer at desk, in a chain of the shape of `line`. */
void kafka_links_raise(kafka_links *links, unsigned from, unsigned to);

#endif
