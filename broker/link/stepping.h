#ifndef SK_LINK_STEPPING_H
#define SK_LINK_STEPPING_H

#include "event/envelope.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"
#include "kit/mapping.h"
#include "kit/when.h"
#include "link/call.h"
#include "link/data.h"
#include "link/step.h"

/** The trace headers made last: most records of a step are about one call, and their digests take time. */
typedef struct sk_traced {
        bool is_there;
        sk_id call;
        uint16_t hops;
        sk_slice rootid; /**< a copy, as are the texts: they live as long as the batch */
        sk_slice text;   /**< of the call */
        sk_slice chain;  /**< of the chain's start */
} sk_traced;

/*
 * What the files of the step share; nobody else includes this. One sk_stepping lives for one input. The call in it is
 * a working copy: it becomes the new state only when everything went well.
 */
typedef struct sk_stepping {
        const sk_step_context *context;
        const sk_before *before;
        const sk_step_input *input;
        sk_out *out;
        sk_after *after;
        sk_reject *reject;
        sk_slice own;   /**< this team's name */
        sk_slice cause; /**< ce_id of the input; of a timer `timer/<deadline>` */
        int64_t at_us;  /**< when the input came about: clocks run from then on (rule O5) */
        sk_call call;
        sk_buf data; /**< sections; filled from `before` when first changed */
        bool data_changed;
        bool call_changed;
        bool is_closed;         /**< the call has closed in this step */
        bool is_untold;         /**< a question or an offer went without an answer, and no feedback says so yet */
        sk_slice final_headers; /**< of the final feedback; in the arena */
        sk_slice final_value;
        sk_slice source; /**< of every record; "" before the first */
        sk_traced traced;
        sk_json_writer writer; /**< of the record being made */
        sk_envelope envelope;  /**< of the record being made */
} sk_stepping;

/*
 * Bounds of what a step writes, so that everything it sends can be read (rule B: SK_VALUE_MAX, SK_JSON_DEPTH_MAX).
 */
#define SK_RESULT_MAX (128u * 1024u)         /**< a result that travels */
#define SK_RESULT_DEPTH_MAX 28               /**< as it came from a provider: it is wrapped twice before it goes on */
#define SK_RAISE_MAX (192u * 1024u)          /**< what a delegated call carries */
#define SK_RAISE_FRAME 512u                  /**< what stands around that */
#define SK_QUESTION_MAX (64u * 1024u)        /**< text and form; each feedback repeats them in its standing */
#define SK_FORM_DEPTH_MAX 24                 /**< of a question's form */
#define SK_RESULT_ENTERED_MAX (256u * 1024u) /**< what a person enters, with the form's defaults */
#define SK_OFFER_MAX (128u * 1024u)          /**< a proposed agreement */
#define SK_REASON_MAX 2000u                  /**< of a withdraw */

/* ---- step_emit.c: records ---- */

/** Starts an event of the call with its common members; add members to the writer, then sk_event_end. */
sk_json_writer *sk_event_begin(sk_stepping *s, sk_message type);
/** Writes it to the team's events. */
void sk_event_end(sk_stepping *s);
/** An event with no members of its own. */
void sk_event_plain(sk_stepping *s, sk_message type);
/** Adds activity (or cut), visit, try, frame of where the call stands. */
void sk_event_put_place(sk_stepping *s, sk_json_writer *w);
/** Starts an event about an id of which the link has no call, numbered 0 and named by its cause; then sk_event_end. */
sk_json_writer *sk_stray_begin(sk_stepping *s, sk_message type, const sk_id *id);
/** The same whole. @p name and @p text are one more member, or NULL. */
void sk_event_stray(sk_stepping *s, sk_message type, const sk_id *id, const char *name, const char *text);

/** Passes on the members of @p object that are there. */
void sk_put_members(sk_json_writer *w, sk_slice object, const char *const *names, size_t count);

/** Starts the record of the whole closed call. */
sk_json_writer *sk_archive_begin(sk_stepping *s);
/** Writes it to the team's archive. */
void sk_archive_end(sk_stepping *s);

/** Starts feedback to the call's customer with the next seqno and the standing; add members, then sk_feedback_end. */
sk_json_writer *sk_feedback_begin(sk_stepping *s, sk_message type);
/** Writes it; for a call of the team's own it becomes `event.fed`. */
void sk_feedback_end(sk_stepping *s);
/** feedback.refused in answer to the input; seqno 0 when there is no call. */
void sk_feedback_refuse(sk_stepping *s, bool has_call, const char *code, const char *text);

/** Starts a message to an ask's provider with the next seqno; add members, then sk_ask_end. */
sk_json_writer *sk_ask_begin(sk_stepping *s, sk_ask *ask, sk_message type);
/** Writes the ask's raise once more: that value, and the same headers as then, of which two have to be told. */
void sk_ask_repeat(sk_stepping *s, const sk_ask *ask, sk_slice value, int64_t time_us, sk_slice agreement);
/** Writes it, and returns its value (good until the batch ends). */
sk_slice sk_ask_end(sk_stepping *s, const sk_ask *ask);

/* ---- step_contract.c: what messages must look like ---- */

#define SK_UNFIT_TEXT 160
/** Whether the data of the record fits the schema of its message; else @p why says where and why not. */
bool sk_step_is_fit(sk_stepping *s, char why[SK_UNFIT_TEXT]);
/** Holds the record being made, which goes to another team, against the schema of its message. */
void sk_step_check_made(sk_stepping *s);

/* ---- step_data.c: the call's data ---- */

/** The sections as they are now. */
sk_slice sk_data_now(const sk_stepping *s);
/** Whether @p len more bytes fit below @p bound, one of SK_DATA_..._MAX. */
bool sk_data_has_room(const sk_stepping *s, size_t len, size_t bound);
/** Takes out all that is kept of the ask in that place of the head. */
void sk_data_forget_ask(sk_stepping *s, uint8_t index);
/** One more section; what may be refused has asked sk_data_has_room before. */
void sk_data_append(sk_stepping *s, sk_section_kind kind, uint8_t index, uint16_t tag, sk_slice bytes);
/** Takes out the sections of that kind and index. */
void sk_data_remove(sk_stepping *s, sk_section_kind kind, uint8_t index);
/** The value of the raise; SK_NONE if there is none. */
sk_slice sk_data_raise(const sk_stepping *s);
/**
 * Result that counts for the customer: the last of a `perform`, else the last there is, but never how the call was
 * classified; SK_NONE without any.
 */
sk_slice sk_data_result(const sk_stepping *s);

/* ---- step_open.c: raise ---- */

/** A customer's `call.raise` under an id that is not known: opens the call, or refuses it (rule C3). */
void sk_step_raise(sk_stepping *s);
/** The same under the id of an open call: the same raise is answered by standing, another one refused. */
void sk_step_raise_again(sk_stepping *s);
/** `work.raise`. @return NULL when done, else the code of the refusal */
const char *sk_step_work_raise(sk_stepping *s);
/** A call that the link raises with its own team. One that is there already was raised before: nothing happens. */
void sk_step_own_raise(sk_stepping *s);
/** An offer about which this link knew nothing (workflow 6): opens a record of it. */
void sk_step_offer_opens(sk_stepping *s);

/* ---- step_frame.c: the walk through the activities ---- */

/** Goes on until the call waits for somebody or is closed. */
void sk_step_advance(sk_stepping *s);

/** How a visit ends. */
typedef struct sk_ending_report {
        sk_outcome outcome;
        sk_slice code;   /**< of an early end; SK_NONE */
        sk_slice actor;  /**< SK_NONE: nobody */
        sk_slice result; /**< JSON; SK_NONE */
} sk_ending_report;

/** Begins a visit of the activity at which the top frame stands; @p is_waiting: for what went onward, before it. */
void sk_visit_begin(sk_stepping *s, const sk_way *way, sk_slice routine, bool is_waiting);
/** Ends the running visit of an activity and moves the frame on; the caller advances. */
void sk_visit_end(sk_stepping *s, const sk_ending_report *report);
/** Turns the running visit into a manual task for the coordinator. */
void sk_visit_escalate(sk_stepping *s, const char *code);
/** Only says that something of the running visit is for the coordinator to mend. */
void sk_visit_report_escalated(sk_stepping *s, const char *code);
/** Ends the top frame early: the activities up to its close are recorded not applicable. */
void sk_frame_skip_to_close(sk_stepping *s, const char *rule);
/** Records everything that the top frame has not begun as not applicable, its close too. */
void sk_frame_skip_all(sk_stepping *s, const char *rule);

/* ---- step_action.c ---- */

/** Of a list the action at which the frame stands; of one that has become shorter meanwhile the last. */
void sk_action_take(sk_stepping *s, sk_way *way);
/** Whether another action follows the one that has ended, as the routines say today. */
bool sk_action_has_next(sk_stepping *s, const sk_activity *activity);

/* ---- step_result.c ---- */

/** The top frame ends so: if no activity of it has recorded a result, its outcome is the result. */
void sk_frame_conclude(sk_stepping *s, sk_outcome outcome);

/** What the activity of that number has recorded last; SK_NONE: nothing. */
sk_slice sk_result_of(const sk_stepping *s, uint16_t number);
/** The same with the members of @p result in it, which go before those of the same name. */
sk_slice sk_result_merged(sk_stepping *s, uint16_t number, sk_slice result);

/* ---- step_cut.c ---- */

/** The call has reached the cut of its top frame: decides, or asks a person. */
void sk_cut_reach(sk_stepping *s);
/** A person has decided at the cut. @return NULL or the code of the refusal */
const char *sk_cut_decided(sk_stepping *s, sk_slice actor, sk_slice result);
/** The feedback at the cut of the top frame. */
void sk_cut_feed_back(sk_stepping *s, sk_outcome outcome);
/** Whether the answers to the cut's questions in an activity's result, if any, are clear and can be kept. */
bool sk_cut_check_answers(sk_stepping *s, sk_slice result);
/** Keeps them; they have been checked. */
void sk_cut_note_answers(sk_stepping *s, sk_slice actor, sk_slice result);

/* ---- step_ask.c: this team as customer ---- */

/** Raises a call with a target for the running visit, as its first try. @return NULL, or why not */
const char *sk_ask_raise(sk_stepping *s, const sk_target *target, sk_call_type type, uint8_t index);
/** Writes what a raise says in @p raise once more, with another type. */
void sk_ask_pass_on(sk_json_writer *w, sk_call_type type, sk_slice raise);
/** Ends a raise that sk_ask_begin began: keeps it with the data, and records that something was delegated. */
void sk_ask_raise_end(sk_stepping *s, const sk_ask *ask);
/**
 * The provider says that it is a call of another type: the right one is raised in its place, once. The ask keeps its
 * place in the head and gets a new id. false: nothing was raised.
 */
bool sk_ask_raise_retyped(sk_stepping *s, sk_ask *ask, sk_slice value);
/** Where it stands in the head; sections of the data name it so. */
uint8_t sk_ask_index(const sk_call *call, const sk_ask *ask);
/** Rule O7: what the provider shows by its @p standing that it has not heard is said again, as a new message. */
void sk_ask_reconcile(sk_stepping *s, sk_ask *ask, sk_slice standing);
/** That ask has closed: what that means to the record it belongs to. */
void sk_ask_ended(sk_stepping *s, const sk_ask *ended);
/** Asks the providers of all open asks to withdraw; true if there was any open. */
bool sk_asks_withdraw(sk_stepping *s);
#define SK_ASK_TRIES_MAX 127 /**< of one visit */
/** Raises again what did not complete, as the next try of the running visit; there must be one left. */
void sk_ask_try_again(sk_stepping *s);
/** Asks its provider to withdraw, once. */
void sk_ask_withdraw(sk_stepping *s, sk_ask *ask, sk_slice reason);
/** Answers the ask's open question or offer. @return NULL or the code of the refusal */
const char *sk_ask_answer(sk_stepping *s, sk_ask *ask, int64_t question, sk_slice answer, sk_slice note);
/** Passes a note on to the provider. */
void sk_ask_note(sk_stepping *s, sk_ask *ask, sk_slice text);

/* ---- step_vain.c: what was asked of others in vain ---- */

/** Keeps why the provider did not complete an ask: what the feedback that is read says of it. */
void sk_vain_keep(sk_stepping *s, const sk_ask *ask, sk_slice code);
/** The running visit's asks have closed and not all are completed: the coordinator's task, which says what became of them. */
void sk_vain_escalate(sk_stepping *s, const char *code);

/* ---- step_onward.c: what only goes onward ---- */

/** Whether the call, about to enter that activity, has to wait first for what went onward. */
bool sk_onward_is_awaited(const sk_stepping *s, const sk_activity *activity);
/** Begins the visit that waits for it. */
void sk_onward_wait(sk_stepping *s, const sk_activity *activity);

/* ---- step_resync.c ---- */

/** The raises of all open asks to a provider once more. */
void sk_step_resync(sk_stepping *s);

/* ---- step_feedback.c ---- */

/** A message on a feedback topic. */
void sk_step_feedback(sk_stepping *s);

/* ---- step_customer.c: messages of the customer ---- */

/** A message on a calls topic. */
void sk_step_customer(sk_stepping *s);
/** @return NULL or the code of the refusal */
const char *sk_customer_answers(sk_stepping *s, uint32_t question, sk_slice answer_json);
/** @return NULL or the code of the refusal */
const char *sk_customer_decides(sk_stepping *s, uint32_t offer, bool accepts);
/** The open offer was not decided in time: as if it had been refused, with the code `offer-lapsed`. */
void sk_offer_lapses(sk_stepping *s);
/** @return NULL or the code of the refusal */
const char *sk_customer_withdraws(sk_stepping *s);
/** Whether a withdraw is under way that ends the running visit; a close that has begun is finished. */
bool sk_withdraw_breaks_off(sk_stepping *s);
/** Goes on with a withdraw: waits for the open asks, then ends what runs. */
void sk_withdraw_go_on(sk_stepping *s);
/** An open question is moot, and the promise's clock runs again; whoever was asked is told. */
void sk_question_drop(sk_stepping *s);
/** The same for an open offer. */
void sk_offer_drop(sk_stepping *s);
/** Tells by its standing what no feedback of this step has told. */
void sk_customer_tell(sk_stepping *s);
/** The promise's clock stands from now on. */
void sk_clock_stop(sk_stepping *s);
/** It runs again from @p at_us on, clamped to [last change, now] (rule O5). */
void sk_clock_start(sk_stepping *s, int64_t at_us);

/* ---- step_work.c ---- */

/** The code of a record that was done. */
extern const char *const sk_work_done;
/** Who wrote it; "" if that is no name. */
sk_slice sk_work_actor(const sk_stepping *s);
/** A text in it; SK_NONE if there is none of ordinary length. */
sk_slice sk_work_text(sk_stepping *s, sk_slice value, const char *name);
/** Whether late and stuck work of the process where the call stands is his. */
bool sk_work_is_coordinator(const sk_stepping *s);
/** A record on the team's own topic. */
void sk_step_work(sk_stepping *s);
/** Bits of a record's id by which it is remembered (rule O6). */
uint64_t sk_work_tail(sk_slice id);
/** A record that names a closed call. @p memory is what is remembered of it, or NULL. */
void sk_work_late(sk_stepping *s, const sk_work_memory *memory);

/* ---- step_task.c: each gives sk_work_done or the code of the refusal ---- */

/** Takes the task. */
const char *sk_task_claim(sk_stepping *s, sk_slice value);
/** Gives it back. */
const char *sk_task_release(sk_stepping *s, sk_slice value);
/** Keeps what has been entered so far. */
const char *sk_task_save(sk_stepping *s, sk_slice value);
/** Gives it to somebody: its holder hands it over, a coordinator assigns it. */
const char *sk_task_assign(sk_stepping *s, sk_slice value);
/** Ends it, with what came out of it. */
const char *sk_task_complete(sk_stepping *s, sk_slice value);
/** Ends it early. */
const char *sk_task_decline(sk_stepping *s, sk_slice value);
/** Asks the customer; the promise's clock stands until he has answered. */
const char *sk_task_ask(sk_stepping *s, sk_slice value);

/** The task that a record names: the running visit, and manual. @return NULL or the code of the refusal */
const char *sk_task_why_none(sk_stepping *s, sk_slice value);
/** Whether the record is its holder's. */
bool sk_task_is_holder(const sk_stepping *s);

/** Whether what came out of an activity can be kept. @return NULL or the code of the refusal */
const char *sk_task_why_bad_result(sk_stepping *s, sk_slice result);

/* ---- step_effect.c: what happens outside of the log (rule E) ---- */

/** The running visit's effect becomes due. */
void sk_effect_start(sk_stepping *s, const sk_way *way);
/** Something has become of it. */
void sk_step_effect(sk_stepping *s);
/** When something of it is due; 0: nothing. */
int64_t sk_effect_due_us(const sk_stepping *s);
/** Does that: the next try, or the end of all. */
void sk_effect_is_due(sk_stepping *s);
/** `work.result`: it comes later than its try. */
const char *sk_task_result(sk_stepping *s, sk_slice value);
/** `work.retry`: another try of what was given up. */
const char *sk_task_retry(sk_stepping *s, sk_slice value);

/* ---- step_mapping.c ---- */

/** Fills a mapping; SK_NONE: it cannot be, and the fault says why. @p result is SK_NONE before there is one. */
sk_slice sk_effect_filled(sk_stepping *s, sk_slice template, sk_slice result, sk_mapping_fault *fault);
/** What an effect without a mapping is given: all there is. SK_NONE: that is too much. */
sk_slice sk_effect_whole(sk_stepping *s);

/** Whether an action is for the call as it stands, by the JSON Schema that says so; SK_NONE: it is for all. */
bool sk_action_is_for(sk_stepping *s, sk_slice when);

/* ---- step_reissue.c ---- */

/** `work.reissue`: the running visit is entered again under today's edition (rule V4). */
const char *sk_visit_reissue(sk_stepping *s, sk_slice value);
/** What it had asked of others has closed: enters it again. */
void sk_visit_enter_again(sk_stepping *s);

/* ---- step_form.c ---- */

/**
 * Whether what was entered fits the running visit's form. Members that lack get their defaults.
 *
 * @param result  SK_NONE: nothing was entered; replaced when defaults were given
 * @return NULL or the code of the refusal
 */
const char *sk_task_why_bad_form(sk_stepping *s, sk_slice *result);

/* ---- step_people.c ---- */

/** Adds to an event of the running visit whose it is. */
void sk_visit_put_who(sk_stepping *s, sk_json_writer *w);
/** Keeps with the call what people need for the running visit, because the visit keeps its instruction (rule V3). */
void sk_visit_keep_form(sk_stepping *s, const sk_way *way);
/** Adds to what is kept whom to ask, and whether to wait for them. */
void sk_visit_put_advice(sk_json_writer *w, const sk_names *consulted, bool waits);
/** Keeps who is to be told when the running visit has ended. */
void sk_visit_keep_informed(sk_stepping *s, const sk_names *informed);
/** Tells them that it has, before what was kept goes; @p actor, who ended it, knows. */
void sk_visit_inform(sk_stepping *s, const char *outcome, sk_slice actor);
/** The visit is over: what it kept goes. */
void sk_visit_forget_form(sk_stepping *s);
/** A coordinator names who is accountable. */
const char *sk_task_appoint(sk_stepping *s, sk_slice value);
/** The holder asks colleagues. */
const char *sk_task_consult(sk_stepping *s, sk_slice value);
/** One who was asked advises. */
const char *sk_task_advise(sk_stepping *s, sk_slice value);
/** Why the task has to wait for the consulted; NULL when it need not. */
const char *sk_task_why_no_advice(const sk_stepping *s);

/** `until` of a question or an offer: when it lapses; 0: never; negative: at no time that is still to come. */
int64_t sk_task_until_us(sk_stepping *s, sk_slice value);

/* ---- step_finding.c ---- */

/** Why the finding in a completion cannot be raised; NULL when it can, or there is none. */
const char *sk_finding_why_bad(sk_stepping *s, sk_slice value);
/** Has it raised, as a call of the team's own that refers to this one. It has been checked. */
void sk_finding_raise(sk_stepping *s, sk_slice value);

/* ---- step_promise.c ---- */

/** By when the call must be accepted, as the agreement says on the day on which it comes. */
void sk_promise_response(sk_stepping *s);
/** The call is accepted: the promise is fixed (rule V5) and the customer told. */
void sk_call_accept(sk_stepping *s);
/** What *classify* says of priority and category. */
void sk_call_classify(sk_stepping *s, sk_slice result);
/** Whether a call can be given that category. */
bool sk_category_check(sk_slice category);
/** Records category and priority as they are now; @p actor SK_NONE: by the activity itself. */
void sk_call_report_classified(sk_stepping *s, sk_slice actor);

/* ---- step_estimate.c ---- */

/** Works out how long the running visit and what is behind it take, once; nothing is promised: nothing to do. */
void sk_visit_estimate(sk_stepping *s);
/** By when the running visit must be over so that the promise can be kept; 0: nothing is promised. */
int64_t sk_visit_due_us(sk_stepping *s);
/** Time spent on the call by now (link/spent.h). */
int64_t sk_spent_now(const sk_stepping *s);
/** An activity that has begun at that time spent is done. */
void sk_duration_note(sk_stepping *s, sk_slice routine, uint16_t number, int64_t began_us);

/* ---- step_late.c ---- */

/** Forecasts the end of the call as it stands, and says so if that is later than promised. */
void sk_late_look(sk_stepping *s);
/** When the forecast is to be looked at again though nothing happens; 0: it need not. */
int64_t sk_late_next_us(const sk_stepping *s);
/** The forecast that the customer was told last; 0: none was. */
int64_t sk_late_forecast_us(const sk_stepping *s);
/** What a provider's standing says about the time. */
void sk_late_learn(sk_stepping *s, sk_ask *ask, sk_slice standing);
/** A provider's `feedback.late`. */
void sk_late_heard(sk_stepping *s, sk_ask *ask, sk_slice value);
/** A person's `forecast` in a note, if there is one. @return NULL or the code of the refusal */
const char *sk_late_said(sk_stepping *s, sk_slice value, sk_slice text);
/** The visit is over: what a person has said of its end is too. */
void sk_late_forget(sk_stepping *s);

/* ---- step_timer.c ---- */

/** Does what is due by now. */
void sk_step_timer(sk_stepping *s);
/** When something is due next, as the call stands; 0: nothing. */
int64_t sk_timer_next_us(const sk_stepping *s);

/* ---- step_design.c ---- */

/** Another steering was chosen: told as an event. @return "ok", or the code of the refusal */
const char *sk_step_design(sk_stepping *s);

/* ---- step_close.c ---- */

/** The call ends with the outcome in it: final feedback, archive, stub. */
void sk_call_close(sk_stepping *s);
/** Closes although frames are open (rule C6): every activity left is recorded not applicable. */
void sk_call_close_forced(sk_stepping *s);

/** How long a call took, as it travels in `closed.clock`. */
typedef struct sk_clock_report {
        int64_t elapsed_us;
        int64_t stopped_us;
        int64_t due_us;         /**< 0: nothing promised */
        int64_t margin_us;      /**< to spare, in the hours of the promise; negative: too late by so much */
        sk_slice service_hours; /**< the calendar of these hours; "": they always run */
        bool kept;
        bool is_response_promised;
        bool response_kept;
        int64_t responded_us; /**< from the opening to the acceptance */
} sk_clock_report;

/** Writes it as member `clock`. */
void sk_clock_put(sk_json_writer *w, const sk_clock_report *clock);

/* ---- step_closed.c: what a stub answers ---- */

/** A message about a call that has closed: asks for its stub. */
void sk_step_ask_stub(sk_stepping *s);
/** The stub was read back for it, or is gone. */
void sk_step_stub_read(sk_stepping *s);

/** The agreement under which the call was raised; NULL for the team's own calls and when it is gone. */
const sk_agreement *sk_step_agreement(const sk_stepping *s);
/** The team to which questions and offers go: the customer, or for a risk the one it is on behalf of; SK_NONE. */
sk_slice sk_step_counterpart(const sk_stepping *s);
/** A string that lives as long as the batch; empty when there is no room (the error sticks in `out`). */
sk_slice sk_step_keep(sk_stepping *s, sk_slice text);
/** Whether JSON that is part of a checked value is no deeper than that. */
bool sk_step_is_json(sk_stepping *s, sk_slice value, unsigned max_depth);
/** In whose service hours the call's promise runs; NULL: always. */
const sk_hours *sk_step_hours(const sk_stepping *s);
/** What work instructions are chosen by, as the call stands. */
sk_selection sk_step_selection(const sk_stepping *s);
/** At most @p max bytes of a text, cut between two characters. */
sk_slice sk_step_shorten(sk_slice text, size_t max);
/** Whether the team itself is the customer: a walk-in, a risk, or an ask of its own. */
bool sk_step_is_own(const sk_stepping *s);

#endif
