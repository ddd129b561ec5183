#ifndef SK_USM_METHOD_H
#define SK_USM_METHOD_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * The method as data: five processes, their activities in fixed order, the cut of each, and what follows from
 * them. Nothing here can be changed by a team. schemas/usm.json holds the same with texts; a test compares both.
 */

#define SK_METHOD_REVISION 1

typedef enum sk_process {
        SK_AGREE,
        SK_CHANGE,
        SK_RECOVER,
        SK_OPERATE,
        SK_IMPROVE,
        SK_PROCESSES, /**< how many; also "none" */
} sk_process;

/** What an activity is for the machinery; the id is `process.activity`. */
typedef enum sk_activity_name {
        SK_ACCEPT,
        SK_IDENTIFY,
        SK_CLASSIFY,
        SK_SPECIFY,
        SK_OFFER,
        SK_NEGOTIATE,
        SK_PLAN,
        SK_PREPARE,
        SK_RELEASE,
        SK_ANALYSE,
        SK_SELECT,
        SK_PERFORM,
        SK_REVIEW,
        SK_REGISTER,
        SK_CLOSE,
        SK_ACTIVITY_NAMES,
} sk_activity_name;

/** One qualified activity. */
typedef struct sk_activity {
        uint16_t number; /**< fixed for ever, never used again */
        sk_process process;
        sk_activity_name name;
        bool after_cut; /**< false for all of operate, which has no cut */
        const char *id; /**< "change.plan" */
} sk_activity;

#define SK_ACTIVITIES_MAX 12 /**< of one process */

/** The activities of a process in order; the cut, where there is one, lies between the two groups. */
typedef struct sk_process_info {
        sk_process process;
        const char *id;
        const sk_activity *activities;
        uint8_t count;
        uint8_t before_cut;  /**< how many stand before the cut; == count where there is no cut */
        uint8_t may_trigger; /**< bit set over sk_process; 0: triggers nothing */
} sk_process_info;

/** What the method says of a process; static. */
const sk_process_info *sk_process_get(sk_process process);
/** By id ("agree"); SK_PROCESSES if there is none. */
sk_process sk_process_find(sk_slice id);
/** By fixed number; NULL if there is none. */
const sk_activity *sk_activity_by_number(uint16_t number);
/** By id ("change.plan"); NULL if there is none. */
const sk_activity *sk_activity_find(sk_slice id);
/** Short name ("plan"); static. */
const char *sk_activity_name_text(sk_activity_name name);

/** The calls (and the risk, which only the team itself raises). */
typedef enum sk_call_type {
        SK_WISH,
        SK_REQUEST_FOR_CHANGE,
        SK_INCIDENT,
        SK_SERVICE_REQUEST,
        SK_SUPPORT_REQUEST, /**< not typed yet */
        SK_RISK,
        SK_CALL_TYPES,
} sk_call_type;

/** Name as in messages; static. */
const char *sk_call_type_id(sk_call_type type);
/** SK_CALL_TYPES if there is none. */
sk_call_type sk_call_type_find(sk_slice id);
/** The process that a call of this type starts with; SK_PROCESSES for a support-request. */
sk_process sk_call_type_process(sk_call_type type);
/** The call that asks another link for this process: agree wish, change request-for-change, operate service-request. */
sk_call_type sk_process_call_type(sk_process process);

#define SK_WORKFLOW_STEPS 7

/** One of the eight, derived from the cuts. */
typedef struct sk_workflow {
        uint8_t number; /**< 1 to 8 */
        sk_call_type trigger;
        bool is_reactive;
        uint8_t path_length;
        sk_process path[SK_WORKFLOW_STEPS]; /**< the way down and back: agree change operate change agree */
} sk_workflow;

/** How many processes its way down has: the first so many of `path`. */
static inline unsigned sk_workflow_depth(const sk_workflow *workflow) {
        return (workflow->path_length + 1u) / 2u;
}

/** Whether a cut of @p process may trigger @p target. */
static inline bool sk_process_may_trigger(sk_process process, sk_process target) {
        return ((unsigned)sk_process_get(process)->may_trigger & 1u << (unsigned)target) != 0;
}

/** The table of cuts as the derivation takes it: may_trigger per process (bit sets). */
typedef struct sk_cut_table {
        uint8_t may_trigger[SK_PROCESSES];
} sk_cut_table;

/** The method's own table. */
sk_cut_table sk_cut_table_of_method(void);

/**
 * Derives every path that the table allows from the processes that calls start with, numbered in the method's order.
 *
 * @param out    room for @p room workflows
 * @return how many there are; more than @p room are counted and not written; the method's own table gives 8.
 *         A table with a cycle gives 0.
 */
unsigned sk_workflows_derive(const sk_cut_table *table, sk_workflow *out, unsigned room);

/** The workflow with this number (1 to 8); NULL otherwise. Derived once from the method's table. */
const sk_workflow *sk_workflow_get(unsigned number);

/**
 * Workflows still possible for a call that started with @p first and whose way down so far is @p path.
 *
 * @return bit set over workflow numbers (bit 1 is workflow 1): {3,4} before the cut of recover, one bit after it
 */
uint16_t sk_workflows_possible(const sk_process *path, unsigned length);

/** How a call, or a frame of it, ends. */
typedef enum sk_outcome {
        SK_OUTCOME_NONE,
        SK_COMPLETED,
        SK_DECLINED,
        SK_WITHDRAWN,
        SK_FAILED,
        SK_NOT_CONFIRMED, /**< review only: the cut again */
        SK_OUTCOMES,
} sk_outcome;

/** Name as in messages; static. */
const char *sk_outcome_id(sk_outcome outcome);
/** By name; SK_OUTCOMES: there is none. */
sk_outcome sk_outcome_find(sk_slice id);

/** What an activity may report, by the table of early endings (design, section 1). */
typedef enum sk_ending {
        SK_GO_ON,       /**< the next activity */
        SK_GO_TO_CLOSE, /**< early end: skip to the close of the frame, each skipped activity recorded not applicable */
        SK_GO_TO_REVIEW, /**< failed: review and close still run */
        SK_GO_TO_CUT,    /**< not confirmed: the cut again (operate: perform again) */
        SK_NOT_ALLOWED,
} sk_ending;

/** What follows when @p activity reports @p outcome; SK_NOT_ALLOWED is an answered error. */
sk_ending sk_ending_of(const sk_activity *activity, sk_outcome outcome);

/** Whether a customer can no longer withdraw a call that enters @p activity: operate.perform and all that comes after it. */
bool sk_is_point_of_no_return(const sk_activity *activity);

#define SK_CUT_ATTEMPTS 3 /**< at the cut of one frame */
#define SK_FRAMES_MAX 4   /**< frames of one call inside one team */
#define SK_MEMORY_DAYS 2  /**< M = A + this (rule C1) */

#endif
