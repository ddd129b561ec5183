#ifndef SK_TESTS_BENCH_KAFKA_RIG_H
#define SK_TESTS_BENCH_KAFKA_RIG_H

#include <stdbool.h>

#include "support/kafka_cluster.h"
#include "support/link_process.h"

/*
 * One broker and chains on it. A chain of n links is the customer, which is no process but the benchmark itself, and
 * teams link1 to linkn. All but the last delegate to the next one; the last does everything by itself. Work on a
 * `laptop` is automatic, on a `beamer` it is done by people, who never come.
 */

#define RIG_LINKS_MAX 5
#define RIG_CUSTOMER "customer"

typedef struct rig {
        test_folder folder;
        kafka_cluster cluster;
        bool is_borrowed; /**< the brokers of $BENCH_BROKERS, which run already */
} rig;

typedef struct rig_chain {
        char name[40];
        char dir[FOLDER_PATH_MAX + 64];
} rig_chain;

typedef struct rig_link {
        link_process process;
        char state[FOLDER_PATH_MAX + 128];
        char team[16];
        char port[8];
} rig_link;

void rig_up(rig *r);
void rig_down(rig *r);

/** A chain with its topics. */
void rig_chain_make(const rig *r, const char *name, unsigned links, rig_chain *out);
/** Deletes its topics. */
void rig_chain_drop(const rig *r, const rig_chain *chain);

/** Starts the link of a team, and waits until it is ready. */
void rig_link_start(const rig *r, const rig_chain *chain, unsigned number, rig_link *out);
/** The same again after its end; how many seconds that took. */
double rig_link_start_again(rig_link *link);
/** Ends it in order. */
void rig_link_stop(rig_link *link);
/** One of its metrics. */
double rig_link_metric(const rig_link *link, const char *name);

#endif
