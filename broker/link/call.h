#ifndef SK_LINK_CALL_H
#define SK_LINK_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/err.h"
#include "kit/hash.h"
#include "kit/id.h"
#include "usm/edition.h"
#include "usm/method.h"

/*
 * A call as the step sees it, and its packed form, the head. An ask without an owner (this team raised it for itself)
 * is the same thing without frames. Slices borrow from the head or from the step's arena.
 *
 *     raised ──> accepted ──> working <──> waiting ──> closed
 *        └───────────┴───────────┴── withdrawing ──────^
 *
 * A call has 1 to 4 frames while it is open; the last one is where it stands. At most one visit runs at a time.
 */

#define SK_ASKS_MAX 16    /**< open or ended asks kept in one head */
#define SK_WORK_MEMORY 16 /**< rule O6 */
#define SK_COMPONENTS_MAX 8
#define SK_CODE_MAX 40

typedef enum sk_standing {
        SK_RAISED,
        SK_ACCEPTED,
        SK_WORKING,
        SK_WAITING, /**< for the customer: a question or an offer is open */
        SK_WITHDRAWING,
        SK_CLOSED,
        SK_STANDINGS,
} sk_standing;

/** Name as in messages; static. */
const char *sk_standing_id(sk_standing standing);

/** Step within a frame: an index into the process's activities, or the cut. */
#define SK_AT_CUT 0xffu

/** What follows when a question of ours was not answered in time. */
typedef enum sk_lapse {
        SK_LAPSE_GO_ON,       /**< the task goes on without the answer */
        SK_LAPSE_COORDINATOR, /**< the task becomes the coordinator's */
        SK_LAPSE_WITHDRAW, /**< as if the customer had withdrawn the call; past the point of no return: the coordinator's */
        SK_LAPSES,
} sk_lapse;

/** Name as in messages; static. */
const char *sk_lapse_id(sk_lapse lapse);
/** By name; SK_LAPSES: there is none. */
sk_lapse sk_lapse_find(sk_slice id);

/** One process running within the call. */
typedef struct sk_frame {
        sk_process process;
        uint8_t step;         /**< index of the activity, or SK_AT_CUT */
        uint8_t attempt;      /**< at the cut, from 1; 0 before it */
        sk_process triggered; /**< what the cut triggered; SK_PROCESSES before that */
        sk_outcome outcome;   /**< SK_OUTCOME_NONE while it goes well */
        sk_outcome fed;       /**< what came back at the cut; SK_OUTCOME_NONE before that */
        uint8_t action;       /**< of a list of actions, the one at which it stands; 0 without a list */
        bool has_result;      /**< an activity of it behind classify has recorded one; none ends without */
        uint32_t cut_visit;   /**< visit number of the round at the cut */
        sk_slice worker;      /**< who did the last activity in it that a person did; "" nobody yet */
        int64_t cut_began_us; /**< when that began; spent, see link/spent.h */
} sk_frame;

/** How it stands with the effect of a visit (rule E). */
typedef enum sk_due {
        SK_DUE_NONE,     /**< there is none */
        SK_DUE_NOW,      /**< the try is to be begun, or was: whoever has the call begins it again */
        SK_DUE_BEGUN,    /**< what may happen only once is to be begun, or was: nobody else begins it again */
        SK_DUE_PAUSED,   /**< the try has ended, and the next is due at again_us */
        SK_DUE_LATER,    /**< begun well; its result comes as `work.result` */
        SK_DUE_GIVEN_UP, /**< has become a person's task, who may have it tried again */
        SK_DUES,
} sk_due;

/** The running visit; number 0: none (the call waits for a frame above to be fed, or is closing). */
typedef struct sk_visit {
        uint32_t number;
        uint8_t try_number; /**< from 1 */
        sk_how how;         /**< pinned at entering (rule V3) */
        bool is_escalated;  /**< became a manual task for the coordinator */
        uint8_t attempts;   /**< tries that a delegation or an effect has */
        sk_due due;         /**< of an effect; its terms are with the data (SK_SECTION_ACTION) */
        bool is_once;       /**< the effect may be begun only once */
        bool is_reissued;   /**< to be entered again once its asks have closed */
        bool is_waiting;    /**< at the call's close, for what went onward; the activity is entered once that is over */
        int64_t entered_us;
        sk_slice responsible; /**< profile */
        sk_slice accountable; /**< the person resolved at entering; "" if nobody, which the coordinator is to mend */
        sk_slice instead_of;  /**< who is away, and whose deputy that is; "" */
        sk_slice routine;
        sk_digest edition;
        sk_slice holder;     /**< person who has claimed it; "" nobody */
        int64_t began_us;    /**< the same as entered_us; spent, see link/spent.h */
        int64_t usual_us;    /**< how long it takes; 0: nobody knows */
        int64_t long_us;     /**< how long it takes at most, but for one of ten; not less */
        int64_t rest_us;     /**< how long what follows it takes; negative: not worked out yet */
        int64_t timeout_us;  /**< how long it may take until the coordinator is told; 0: as long as it likes */
        int64_t said_us;     /**< when it will be ready, as a person has said; 0: nobody has */
        int64_t again_us;    /**< SK_DUE_PAUSED: when the next try is due */
        int64_t deadline_us; /**< of an effect: when it becomes a person's task whatever happens; 0: there is none */
} sk_visit;

/** A call that this one raised with another link: the customer's record of it. */
typedef struct sk_ask {
        sk_id id;
        sk_slice provider;
        sk_slice facility;
        sk_call_type type;
        uint32_t visit;
        uint8_t target;
        uint8_t try_number;
        uint32_t out_seqno;   /**< our last message on calls */
        uint32_t in_seqno;    /**< the provider's last, applied */
        sk_standing standing; /**< as the provider last said; SK_WITHDRAWING once we asked for that */
        sk_outcome outcome;   /**< once closed */
        bool withdraw_sent;
        uint32_t question;      /**< seqno of the provider's open question; 0 none */
        uint32_t offer;         /**< seqno of the provider's open offer; 0 none */
        uint32_t answered;      /**< last question or offer that we have answered */
        int64_t due_us;         /**< by when we asked for it; 0: at no time */
        int64_t promised_us;    /**< by when the provider has promised it; 0: it has not */
        int64_t forecast_us;    /**< when it expects to be ready, since it said that it will be late; 0: it has not */
        bool is_retyped;        /**< was raised again with the type that the provider said */
        bool needs_coordinator; /**< refused with too-old or id-conflict */
        bool is_onward;         /**< no visit waits for it, only the close of the call does */
} sk_ask;

/** Outcome of one `work` record. */
typedef struct sk_work_memory {
        uint64_t tail; /**< last 8 bytes of the record's id */
        bool was_done;
} sk_work_memory;

typedef struct sk_call {
        int64_t timer_us;    /**< when it is to be looked at, whatever comes or does not; 0: at no time */
        bool is_ask;         /**< no frames: a record of asks this team raised for itself */
        bool is_past_return; /**< operate.perform was entered: a withdraw comes too late */
        bool is_unanswered;  /**< withdrawn because the customer did not answer */
        bool is_offered;     /**< an offer went to `on_behalf`, who gets the end of the call as well */
        sk_id id;
        sk_slice customer; /**< own team: a walk-in or a risk */
        sk_id replykey;
        sk_slice rootid;
        sk_slice chain_trace; /**< traceparent of the chain's start */
        sk_slice facility;
        sk_slice category;
        sk_slice on_behalf; /**< risk: the customer team that an offer goes to; may be "" */
        uint16_t hops;
        sk_call_type asked_type; /**< as raised */
        sk_call_type type;       /**< as typed */
        uint8_t workflow;        /**< 0 while several are possible */
        uint8_t priority;        /**< 0 before classify */
        uint8_t urgency;         /**< 0 not given */
        uint8_t impact;          /**< 0 not given */
        sk_standing standing;
        sk_outcome outcome; /**< of the call, once an early end is decided */
        sk_slice code;      /**< of an early end; "" */
        sk_digest raise_digest;
        sk_slice agreement; /**< digest in hexadecimal */

        uint32_t in_seqno;         /**< the customer's last, applied */
        uint32_t out_seqno;        /**< our last on feedback */
        uint32_t event_number;     /**< last n of our events */
        uint32_t visit_number;     /**< last visit given */
        uint32_t question;         /**< seqno of our open question; 0 none */
        int64_t question_until_us; /**< when that, or an open offer, lapses; 0: never */
        sk_lapse question_then;    /**< and what follows */
        uint32_t offer;            /**< seqno of our open offer; 0 none */
        uint32_t decision;         /**< 0 none, 1 accept, 2 refuse: the customer's answer to our offer */

        int64_t opened_us;
        int64_t accepted_us;      /**< 0 before */
        int64_t clock_changed_us; /**< when the promise's clock last started or stopped */
        int64_t stopped_us;       /**< how long it stood, in the hours of the promise */
        bool clock_stands;
        uint8_t escalated;     /**< steps of escalation of the promise under way that were taken */
        uint8_t escalated_to;  /**< 0 nobody, 1 the coordinator, 2 the manager: the most that was told */
        int64_t late_us;       /**< the forecast that was said last; spent, see link/spent.h; 0: none was */
        int64_t respond_by_us; /**< 0: nothing promised */
        int64_t resolve_by_us; /**< as long as the clock never stood, see sk_call_due_us */
        sk_slice calendar;     /**< in whose service hours the promise runs; "": always */

        bool answered_infrastructure; /**< the cut's two questions, as recorded by an activity */
        bool infrastructure;
        bool answered_agreement;
        bool agreement_change;
        uint8_t component_count;
        sk_slice components[SK_COMPONENTS_MAX];
        sk_slice cut_reason;
        sk_slice cut_actor;

        uint8_t frame_count;
        sk_frame frames[SK_FRAMES_MAX];
        sk_visit visit;
        uint8_t ask_count;
        sk_ask asks[SK_ASKS_MAX];
        uint8_t work_count; /**< in use of work[]; a ring once full */
        uint8_t work_next;
        sk_work_memory work[SK_WORK_MEMORY];
} sk_call;

/** Members of a result that mean something to the step, in whatever activity; ends with NULL. */
extern const char *const sk_result_understood[];

/** Whether the head says that an effect of the call is to be begun, or was; reads no more than a byte. */
bool sk_head_has_effect(sk_slice head);

/** Packs a call; the layout is described in call.c. */
void sk_call_encode(const sk_call *call, sk_buf *out);

/** Unpacks; slices borrow from @p head. SK_ERR_TRUNCATED or SK_ERR_RANGE for anything that encode would not write. */
sk_err sk_call_decode(sk_slice head, sk_call *out);

/**
 * When the call must be resolved: the promise, later by how long its clock stood and still stands.
 *
 * @param hours  the calendar's; NULL: time runs always
 * @return 0: nothing is promised, or not before the year 10000
 */
int64_t sk_call_due_us(const sk_call *call, const sk_hours *hours, int64_t now_us);

/** The frame in which the call stands; the call must have one. */
sk_frame *sk_call_top(sk_call *call);

/** The activity at which a frame stands; NULL at the cut. */
const sk_activity *sk_frame_activity(const sk_frame *frame);

/** By id; NULL if there is none. */
sk_ask *sk_call_ask(sk_call *call, const sk_id *id);

/** Whether any ask is not closed yet. */
bool sk_call_has_open_asks(const sk_call *call);

/** Whether any is not that the running visit waits for: what went onward does not count. */
bool sk_visit_has_open_asks(const sk_call *call);

/** What routines are chosen by, where the call stands; it must have a frame. */
sk_selection sk_call_selection(const sk_call *call);

#endif
