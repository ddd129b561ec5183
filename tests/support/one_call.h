#ifndef SK_TESTS_ONE_CALL_H
#define SK_TESTS_ONE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "event/envelope.h"
#include "event/topics.h"
#include "kit/arena.h"
#include "link/call.h"
#include "link/step.h"
#include "usm/edition.h"

/*
 * One call of one team, stepped by hand: give it messages, then ask what it wrote and where it stands. Any failed
 * expectation of the bench itself fails the test that runs.
 */
typedef struct one_call {
        sk_edition *edition;
        const sk_team *team;
        sk_topics *topics;
        sk_arena *arena;
        sk_out out;
        int64_t now_us;
        sk_id id;
        sk_known known;
        char *head;
        size_t head_len;
        char *data;
        size_t data_len;
        char *stub;
        size_t stub_len;
        uint32_t seqno;          /**< the customer's last */
        unsigned work;           /**< work records made */
        int64_t behind_us;       /**< how far the time that the customer's messages tell lies behind */
        const char *centre;      /**< its team.json */
        const char *proven;      /**< login that the log has proof of, for the next records; NULL: none */
        const char *share;       /**< what it and finance share, JSON */
        bool is_open_elsewhere;  /**< what the loop check is told */
        sk_durations *durations; /**< of whoever sets it; NULL */
        sk_after after;
        sk_reject reject;
        sk_err err;
        uint32_t feedback_seqno; /**< a provider's last */
        /** Called after each step, before its state is taken over; NULL. */
        void (*look)(struct one_call *c, const sk_before *before, const sk_step_input *input);
        void *self;       /**< of whoever looks */
        sk_record record; /**< the last input */
        sk_envelope envelope;
        bool is_strict; /**< what comes in is held against its schema too; tests may say less than that */
} one_call;

/** A chain of finance (consumer), centre and network; @p routine is the centre's only routine (JSON) or NULL. */
void one_call_open(one_call *c, const char *team, const char *routine);
/** The same with another team.json of the centre. */
void one_call_open_team(one_call *c, const char *team, const char *routine, const char *centre);
/** The same with what the centre and finance share, a JSON list of pointers. */
void one_call_open_sharing(one_call *c, const char *team, const char *routine, const char *share);
/** From the next step on another routine is the centre's only one. */
void one_call_new_edition(one_call *c, const char *routine);
void one_call_free(one_call *c);
/** What a step of this call is given beside the input. */
sk_step_context one_call_context(one_call *c);

/** A message of customer finance. @p attributes may change what is sent; NULL. */
void one_call_customer(one_call *c, sk_message type, const char *value);
/** The same message as the last customer's one, byte for byte, under seqno @p seqno. */
void one_call_customer_numbered(one_call *c, sk_message type, uint32_t seqno, const char *value);
/** A `work` record of @p actor. */
void one_call_work(one_call *c, sk_message type, const char *actor, const char *value);
/** The same `work` record as the last one, by its id. */
void one_call_work_again(one_call *c, sk_message type, const char *actor, const char *value);
/** @p actor claims the running task and completes it; @p completion holds the members beside the visit. */
void one_call_do(one_call *c, const char *actor, const char *completion);
/** Feedback of @p provider about the ask with index @p ask. */
void one_call_feedback(one_call *c, const char *provider, unsigned ask, sk_message type, const char *value);
/** The same of an ask with that id, under that number. */
void one_call_feedback_numbered(one_call *c, const char *provider, const sk_id *ask, uint32_t seqno, sk_message type,
                                const char *value);
/** The last input once more, byte for byte; its stub is read if it asks for one. */
void one_call_again(one_call *c);
/** Time passes; what is due by then is done, one timer after the other as a driver gives them. */
void one_call_wait(one_call *c, int64_t us);
/** What is open at @p provider is raised again. */
void one_call_resync(one_call *c, const char *provider);
/** Something becomes of the running visit's effect; a second passes. */
void one_call_effect(one_call *c, sk_effect_word word, const sk_effect_report *report);
/** Time passes while nobody is there; then the timer that was due first is given. */
void one_call_late(one_call *c, int64_t us);
/** The stub read back. */
void one_call_stub(one_call *c);

/** How many records of that type the last step wrote. */
unsigned one_call_count(const one_call *c, sk_message type);
/** The value of the last step's record number @p index of that type; SK_NONE if there is none. */
sk_slice one_call_value(const one_call *c, sk_message type, unsigned index);
const sk_record *one_call_record(const one_call *c, sk_message type, unsigned index);
/** Text member of such a value; "" if there is none. Good until the next step. */
const char *one_call_text(const one_call *c, sk_message type, unsigned index, const char *member);
/** The call as it stands; must be open. Good until the next step. */
sk_call one_call_now(const one_call *c);

#endif
