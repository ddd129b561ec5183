#ifndef SK_EVENT_MESSAGE_H
#define SK_EVENT_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * The catalogue of messages (rule M). Types travel as `schakel.` + the name here.
 */

#define SK_MESSAGE_TABLE(X)                                \
        X(SK_CALL_RAISE, "call.raise")                     \
        X(SK_CALL_ANSWER, "call.answer")                   \
        X(SK_CALL_DECIDE, "call.decide")                   \
        X(SK_CALL_NOTE, "call.note")                       \
        X(SK_CALL_WITHDRAW, "call.withdraw")               \
        X(SK_FEEDBACK_ACCEPTED, "feedback.accepted")       \
        X(SK_FEEDBACK_QUESTION, "feedback.question")       \
        X(SK_FEEDBACK_OFFER, "feedback.offer")             \
        X(SK_FEEDBACK_PROGRESS, "feedback.progress")       \
        X(SK_FEEDBACK_LATE, "feedback.late")               \
        X(SK_FEEDBACK_REFUSED, "feedback.refused")         \
        X(SK_FEEDBACK_CLOSED, "feedback.closed")           \
        X(SK_WORK_RAISE, "work.raise")                     \
        X(SK_WORK_ANSWER, "work.answer")                   \
        X(SK_WORK_WITHDRAW, "work.withdraw")               \
        X(SK_WORK_NOTE, "work.note")                       \
        X(SK_WORK_QUESTION, "work.question")               \
        X(SK_WORK_CLAIM, "work.claim")                     \
        X(SK_WORK_RELEASE, "work.release")                 \
        X(SK_WORK_ASSIGN, "work.assign")                   \
        X(SK_WORK_COMPLETE, "work.complete")               \
        X(SK_WORK_DECLINE, "work.decline")                 \
        X(SK_WORK_SAVE, "work.save")                       \
        X(SK_WORK_ASK, "work.ask")                         \
        X(SK_WORK_ADVISE, "work.advise")                   \
        X(SK_WORK_APPOINT, "work.appoint")                 \
        X(SK_WORK_CLASSIFY, "work.classify")               \
        X(SK_WORK_DESIGN, "work.design")                   \
        X(SK_WORK_RESULT, "work.result")                   \
        X(SK_WORK_RETRY, "work.retry")                     \
        X(SK_WORK_REISSUE, "work.reissue")                 \
        X(SK_WORK_REDELIVER, "work.redeliver")             \
        X(SK_WORK_RESYNC, "work.resync")                   \
        X(SK_WORK_FORCE_CLOSE, "work.force-close")         \
        X(SK_EVENT_OPENED, "event.opened")                 \
        X(SK_EVENT_TYPED, "event.typed")                   \
        X(SK_EVENT_CLASSIFIED, "event.classified")         \
        X(SK_EVENT_ENTERED, "event.entered")               \
        X(SK_EVENT_CLAIMED, "event.claimed")               \
        X(SK_EVENT_RELEASED, "event.released")             \
        X(SK_EVENT_SAVED, "event.saved")                   \
        X(SK_EVENT_CONSULTED, "event.consulted")           \
        X(SK_EVENT_ADVISED, "event.advised")               \
        X(SK_EVENT_APPOINTED, "event.appointed")           \
        X(SK_EVENT_INFORMED, "event.informed")             \
        X(SK_EVENT_BEGUN, "event.begun")                   \
        X(SK_EVENT_TRIED, "event.tried")                   \
        X(SK_EVENT_REISSUED, "event.reissued")             \
        X(SK_EVENT_ENDED, "event.ended")                   \
        X(SK_EVENT_NOT_APPLICABLE, "event.not-applicable") \
        X(SK_EVENT_TRIGGERED, "event.triggered")           \
        X(SK_EVENT_FED_BACK, "event.fed-back")             \
        X(SK_EVENT_REGISTERED, "event.registered")         \
        X(SK_EVENT_ASKED, "event.asked")                   \
        X(SK_EVENT_ANSWERED, "event.answered")             \
        X(SK_EVENT_DELEGATED, "event.delegated")           \
        X(SK_EVENT_FED, "event.fed")                       \
        X(SK_EVENT_LATE, "event.late")                     \
        X(SK_EVENT_ESCALATED, "event.escalated")           \
        X(SK_EVENT_NOTED, "event.noted")                   \
        X(SK_EVENT_WITHDRAWING, "event.withdrawing")       \
        X(SK_EVENT_CLOSED, "event.closed")                 \
        X(SK_EVENT_DESIGNED, "event.designed")             \
        X(SK_EVENT_OUTCOME, "event.outcome")               \
        X(SK_EVENT_DUPLICATE, "event.duplicate")           \
        X(SK_EVENT_GAP, "event.gap")                       \
        X(SK_EVENT_REFUSED, "event.refused")               \
        X(SK_EVENT_UNKNOWN, "event.unknown")               \
        X(SK_ARCHIVE_CALL, "archive.call")

typedef enum sk_message {
#define SK_MESSAGE_ENUM(code, name) code,
        SK_MESSAGE_TABLE(SK_MESSAGE_ENUM)
#undef SK_MESSAGE_ENUM
                SK_MESSAGES, /**< how many; also "a type that this version does not know" */
} sk_message;

/** Name without `schakel.`; "unknown" for SK_MESSAGES, which input can bring about; static. */
const char *sk_message_name(sk_message message);
/** From a whole type ("schakel.call.raise"); SK_MESSAGES if it is not known. */
sk_message sk_message_find(sk_slice type);
/** Whether it goes from a customer to a provider. */
bool sk_message_is_call(sk_message message);
/** Whether it goes from a provider to a customer. */
bool sk_message_is_feedback(sk_message message);
/** Whether it is a `work` record. */
bool sk_message_is_work(sk_message message);

#endif
