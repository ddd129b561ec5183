#ifndef SK_TESTS_SUPPORT_KAFKA_CLUSTER_H
#define SK_TESTS_SUPPORT_KAFKA_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "support/folder.h"

/*
 * A real Kafka of a test program, started with deploy/kafka/kafka. A start takes seconds: one for all tests of a program,
 * with a chain of its own for each. Every failed expectation fails the test that runs.
 */

#define KAFKA_ADDRESS_MAX 256

typedef struct kafka_cluster {
        char dir[FOLDER_PATH_MAX];
        unsigned broker_count;
        char brokers[KAFKA_ADDRESS_MAX];
        char url[KAFKA_ADDRESS_MAX + 8]; /**< kafka:BROKERS */
        bool is_shared;                  /**< with other suites of this run: not to be harmed, nor stopped */
} kafka_cluster;

/** Starts @p brokers brokers (1 or 3) below @p folder. Ends the program as a skipped suite where there is no Java. */
void kafka_cluster_up(kafka_cluster *cluster, const test_folder *folder, unsigned brokers);
/** The same with more words for `kafka up`; NULL stands behind the last. */
void kafka_cluster_up_with(kafka_cluster *cluster, const test_folder *folder, unsigned brokers,
                           const char *const *options);
/**
 * One broker that all suites of a run have together (tests/support/shared_kafka.sh); of its own for a suite that runs
 * alone. For tests that do nothing to brokers, with names of chains that no other suite has.
 */
void kafka_cluster_share(kafka_cluster *cluster, const test_folder *folder);
/** What `kafka address` says, of @p which or NULL. */
void kafka_cluster_address(const kafka_cluster *cluster, const char *which, char out[KAFKA_ADDRESS_MAX]);
/** Stops and removes them. */
void kafka_cluster_down(kafka_cluster *cluster);
/** kill, stop, pause, resume broker @p number. */
void kafka_cluster_do(const kafka_cluster *cluster, const char *command, unsigned number);
/** Starts again what was killed, and waits until it works. */
void kafka_cluster_again(const kafka_cluster *cluster);
/**
 * Begins any command of the script, such as `up`, about one broker or none (0): a child process that ends with 0 when it
 * is done.
 */
pid_t kafka_cluster_begin(const kafka_cluster *cluster, const char *command, unsigned number);
/** Makes the topics of a chain directory. */
void kafka_cluster_topics(const kafka_cluster *cluster, const char *chain_dir);

#endif
