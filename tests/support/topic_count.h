#ifndef SK_TESTS_SUPPORT_TOPIC_COUNT_H
#define SK_TESTS_SUPPORT_TOPIC_COUNT_H

#include "log/tool.h"

/*
 * What must be true of the topics of a chain when all its calls are closed, whatever happened to its links meanwhile.
 * Any difference fails the test that runs.
 */

/** One topic on which calls are told of. */
typedef struct topic_tally {
        const char *topic;
        const char *number; /**< header that numbers the messages of a call; NULL: the end of ce_id does */
        const char *first;  /**< type of the first of them, without "schakel." */
        const char *final;  /**< of the last */
        unsigned calls;     /**< so many; 0: as many as there are */
} topic_tally;

/** Every call once from first to final, numbered 1, 2, 3, ..., none more and none less than expected; how many. */
unsigned topic_check(sk_log_tool *tool, const topic_tally *tally);
/** There is no record in it. */
void topic_check_empty(sk_log_tool *tool, const char *topic);
/** Each `work` record that this topic of events tells of had one outcome, done; so many there are. */
void topic_check_outcomes(sk_log_tool *tool, const char *topic, unsigned works);
/** What is left of a journal: @p stubs stubs, marks, nothing else. */
void topic_check_journal(sk_log_tool *tool, const char *topic, unsigned stubs);

/** Whether a record is of this type, without "schakel.". */
bool record_is(const sk_log_entry *entry, const char *type);

#endif
