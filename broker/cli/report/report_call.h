#ifndef SK_CLI_REPORT_CALL_H
#define SK_CLI_REPORT_CALL_H

#include "cli/report/balance.h"
#include "cli/report/report_row.h"
#include "kit/idmap.h"

/*
 * The calls of one team, followed through its events: what each waited for, and for how long. The inside of the
 * figures.
 */

/** A process that runs within a call; when nothing is asked by process, the whole call is one. */
typedef struct sk_report_run {
        struct sk_report_run *next; /**< the one that began before */
        sk_process process;
        bool is_running;
        bool is_repeated;
        uint8_t frame;
        sk_outcome outcome;
        int64_t begun_us;
        int64_t ended_us;
        sk_report_part *parts;
        size_t part_count;
        size_t part_room;
} sk_report_run;

/** An open request to the next link. */
typedef struct sk_report_ask {
        struct sk_report_ask *next; /**< the one asked after it */
        sk_id id;
        uint32_t team;
        bool is_onward; /**< the call goes on without it */
} sk_report_ask;

typedef struct sk_report_call {
        sk_id id;
        int64_t opened_us;
        int64_t booked_us; /**< until when time has been booked */
        uint32_t customer;
        uint32_t facility;
        uint32_t instruction; /**< the first work instruction that it ran under; 0: none, or not known */
        sk_call_type type;
        uint8_t workflow; /**< 0: not decided */
        uint8_t hops;
        bool stands;  /**< the customer has been asked */
        bool is_task; /**< a person is needed */
        bool is_taken;
        bool is_accepted;
        sk_report_part response; /**< what took most of the time until then */
        sk_report_ask *asks;
        sk_report_run *runs; /**< the last that began first */
} sk_report_call;

/** How a call ended. */
typedef struct sk_report_end {
        sk_outcome outcome;
        uint32_t code;
        int64_t closed_us;
        int64_t lead_us;
        int64_t stopped_us;
        bool is_promised;
        bool is_kept;
        bool is_response_promised;
        bool is_response_kept;
        bool is_traced;
} sk_report_end;

typedef struct sk_report_calls_plan {
        sk_report_names *names;
        uint32_t team;
        bool by_process;
        int64_t to_us;                                        /**< what happened from then on does not count */
        bool (*is_instruction)(void *self, sk_slice routine); /**< NULL: none is a work instruction */
        sk_err (*closed)(void *self, const sk_report_call *call, const sk_report_end *end);
        sk_err (*open)(void *self, const sk_report_call *call);
        void *self;
} sk_report_calls_plan;

typedef struct sk_report_calls sk_report_calls;

/** NULL without memory. */
sk_report_calls *sk_report_calls_new(const sk_report_calls_plan *plan);
/** NULL is legal. */
void sk_report_calls_free(sk_report_calls *calls);
/** The next event, or, after all events, an archived call. Calls whose opening was not given are passed over. */
sk_err sk_report_calls_add(sk_report_calls *calls, const sk_event_seen *event);
/** Tells which are open. */
sk_err sk_report_calls_end(sk_report_calls *calls);

/** A member in seconds with a fraction, as microseconds; 0 for what is none. */
int64_t sk_report_seconds(sk_slice object, const char *name);

#endif
