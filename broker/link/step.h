#ifndef SK_LINK_STEP_H
#define SK_LINK_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "event/contract.h"
#include "event/envelope.h"
#include "event/topics.h"
#include "kit/err.h"
#include "kit/hash.h"
#include "kit/id.h"
#include "kit/schema.h"
#include "link/durations.h"
#include "link/out.h"
#include "link/port.h"
#include "usm/edition.h"

/*
 * The step: one call, one input, one moment; out come the call as it is then and the records that say so. Pure: the
 * same arguments give the same bytes. It knows calls (this team is the provider) and asks without an owner (this team
 * is the customer); both are kept as a head and as data, see link/call.h and link/data.h.
 */

/** What every step of a batch has in common; borrowed for the call. */
typedef struct sk_step_context {
        const sk_edition *edition;
        const sk_team *team;           /**< whose link this is */
        sk_topics *topics;             /**< of that team */
        int32_t partitions;            /**< N, of every topic */
        int64_t now_us;                /**< the batch's (rule O4) */
        sk_arena *arena;               /**< for what lives as long as the batch */
        const sk_durations *durations; /**< how long activities have taken; NULL: nobody knows */
        sk_schema_run *checks;         /**< scratch for schemas; NULL: taken for each form that is checked */
        const sk_contract *contract;   /**< what messages must look like; NULL: nothing is held against it */
        /** Whether a call with this root, facility and type is open in this link (rule B: loop). */
        bool (*is_open)(void *self, sk_slice rootid, sk_slice facility, sk_call_type type);
        void *self;
} sk_step_context;

/** What the link has about the record's id. */
typedef enum sk_known {
        SK_KNOWN_NOT,    /**< nothing */
        SK_KNOWN_OPEN,   /**< head and data */
        SK_KNOWN_CLOSED, /**< a stub: seqnos only */
} sk_known;

/** State before the step; payloads as they stand in the journal, unwrapped. */
typedef struct sk_before {
        sk_known known;
        sk_slice head;
        sk_slice data;
        uint32_t in_seqno;  /**< of a stub */
        uint32_t out_seqno; /**< of a stub */
} sk_before;

typedef enum sk_input_kind {
        SK_INPUT_MESSAGE,   /**< a record of calls, feedback or work */
        SK_INPUT_STUB_READ, /**< the bytes of a stub that the message before asked for */
        SK_INPUT_OWN_RAISE, /**< the link raises a call with its own team; record and envelope as of a `work.raise` */
        SK_INPUT_TIMER,     /**< a moment that the head has named (sk_head_timer_us) has come; the call is open */
        SK_INPUT_EFFECT,    /**< something has become of an effect that was begun or is to be begun; the call is open */
        SK_INPUT_RESYNC, /**< the raises of all open asks to a provider once more; the call is open and stays as it is */
} sk_input_kind;

/** What has become of an effect (rule E). */
typedef enum sk_effect_word {
        SK_EFFECT_BEGINS, /**< there is room for it: what may happen only once is noted before */
        SK_EFFECT_ENDED,  /**< its try has ended, see the report */
        SK_EFFECT_LOST,   /**< it was begun, and who did so is gone */
} sk_effect_word;

typedef struct sk_step_input {
        sk_input_kind kind;
        const sk_record *record;        /**< the message; SK_INPUT_STUB_READ: the one that asked; else NULL */
        const sk_envelope *envelope;    /**< of that */
        sk_slice stub;                  /**< SK_INPUT_STUB_READ: payload of the stub; SK_NONE: it is gone */
        int64_t deadline_us;            /**< SK_INPUT_TIMER: the moment, not after now */
        sk_slice provider;              /**< SK_INPUT_RESYNC */
        sk_effect_word word;            /**< SK_INPUT_EFFECT */
        const sk_effect_report *report; /**< SK_INPUT_EFFECT; without SK_EFFECT_ENDED only visit and try count */
} sk_step_input;

typedef enum sk_change {
        SK_CHANGE_NOTHING, /**< the state stays; records may have been written all the same */
        SK_CHANGE_PUT,     /**< head (and data, if data_changed) are new */
        SK_CHANGE_CLOSE,   /**< the head is replaced by the stub, the data goes */
} sk_change;

/** How long something took that ended in the step; texts in the context's arena. */
typedef struct sk_duration {
        sk_duration_key key;
        int64_t duration_us;
} sk_duration;

#define SK_STEP_DURATIONS_MAX 4 /**< of one step; the rest is left out */

/** State after the step; bytes in the context's arena. */
typedef struct sk_after {
        sk_change change;
        sk_slice customer; /**< of the record's key; SK_NONE for an ask */
        sk_id id;
        sk_slice head;
        bool data_changed;
        sk_slice data;
        sk_slice stub;         /**< SK_CHANGE_CLOSE: payload */
        sk_slice finding;      /**< value of a `work.raise` that the link shall make; SK_NONE */
        sk_slice finding_name; /**< what its id derives from, see sk_id_derive_own */
        bool has_told;         /**< there is an `event.informed` among the records */
        size_t duration_count;
        sk_duration durations[SK_STEP_DURATIONS_MAX];
        bool wants_stub; /**< SK_KNOWN_CLOSED: read the stub back and give it as SK_INPUT_STUB_READ */
} sk_after;

/**
 * Applies one input.
 *
 * @param out         gets the records for calls, feedback, events and archive; journal records are the driver's
 * @param out_after   the new state
 * @param out_reject  filled when the input cannot be used at all
 * @return SK_OK; an SK_CLASS_INPUT error: the input is a dead letter for the reason given, nothing changed (the
 *         driver rewinds @p out); SK_ERR_FULL or SK_ERR_NO_MEMORY: nothing changed, try in an emptier batch
 */
sk_err sk_step(const sk_step_context *context, const sk_before *before, const sk_step_input *input, sk_out *out,
               sk_after *out_after, sk_reject *out_reject);

/** What the driver's indexes need of a head. */
typedef struct sk_head_summary {
        bool is_ask; /**< an ask without owner: not in the index of open calls */
        sk_slice customer;
        sk_id id;
        sk_slice rootid;
        sk_slice facility;
        sk_call_type type;
} sk_head_summary;

/** When the call with that head is to be given SK_INPUT_TIMER; 0: at no time. */
int64_t sk_head_timer_us(sk_slice head);

/** An effect that is to be begun, or was (SK_DUE_NOW, SK_DUE_BEGUN). */
typedef struct sk_head_effect {
        uint32_t visit;
        uint8_t try_number;
        sk_how how;
        bool is_once;
        bool is_begun;
        sk_slice customer;
} sk_head_effect;

/** The effect of the call with that head; false if none is to be begun. Quick where there is none. */
bool sk_head_effect_of(sk_slice head, sk_head_effect *out);

/**
 * What whoever begins the effect has to know, from the call as it is committed: all but `is_stop` and the key.
 *
 * @return SK_OK; SK_ERR_NOT_FOUND: there is none to be begun
 */
sk_err sk_effect_describe(sk_slice head, sk_slice data, sk_arena *arena, sk_effect *out);

/** What the effect counts for, and what it is; slices borrow from @p data. */
sk_slice sk_effect_target(sk_slice data);

/** Whether anything of the call is open at that provider: whether SK_INPUT_RESYNC concerns it. */
bool sk_head_asks(sk_slice head, sk_slice provider);

/** Reads the summary of a head; slices borrow from it. */
sk_err sk_head_summarise(sk_slice head, sk_head_summary *out);

#endif
