#ifndef SK_LOG_MOVE_IN_H
#define SK_LOG_MOVE_IN_H

#include "kit/idmap.h"
#include "log/move_inside.h"

/*
 * What the files of an import share: move_in.c goes its way, move_in_plan.c reads the file and says which record has to
 * lie where, move_in_there.c reads what the log holds.
 */

/** One import. */
typedef struct sk_arrival {
        const sk_move_config *config;
        sk_move_report *report;
        sk_move_topics topics; /**< on the log, and in the file */
        sk_export_reader *file;
        int32_t from;      /**< partitions of the log that was exported */
        sk_idmap *letters; /**< dead letters by their old places: new offset and partition */
        sk_buf scratch;
        sk_buf headers;
        uint64_t total; /**< records and marks to go through */
        uint64_t done;
} sk_arrival;

/** A record or mark as it has to be written. */
typedef struct sk_arriving {
        sk_move_topic *topic;
        int32_t partition;
        sk_moved moved;
} sk_arriving;

/** Called for each, in the order in which they have to lie in their places. */
typedef sk_err sk_arriving_visit(sk_arrival *arrival, const sk_arriving *arriving);

/** Reads the file whole, checks it, and fills `planned`, `prefix` and `read` of all places. */
sk_err sk_arrival_plan(sk_arrival *arrival);
/** Goes through the file again, after sk_arrival_plan. */
sk_err sk_arrival_walk(sk_arrival *arrival, sk_arriving_visit *visit);

/** Reads all that the log holds of the chain into `there`, `base` and `last` of the places. */
sk_err sk_arrival_look(sk_arrival *arrival, const char *what);

#endif
