#ifndef SK_USM_TEXT_H
#define SK_USM_TEXT_H

#include "kit/slice.h"
#include "usm/method.h"

/*
 * The method's texts for people, in three languages; our own words, and no word of one trade. schemas/usm.json holds
 * the same, a test compares both.
 */

typedef enum sk_language { SK_ENGLISH, SK_DUTCH, SK_SPANISH, SK_LANGUAGES } sk_language;

/** "en", "nl", "es". */
const char *sk_language_id(sk_language language);
/** SK_LANGUAGES if there is none. */
sk_language sk_language_find(sk_slice id);

/** A name and one line about it; static. */
typedef struct sk_text {
        const char *name[SK_LANGUAGES];
        const char *text[SK_LANGUAGES];
} sk_text;

/** Name and goal. */
const sk_text *sk_process_text(sk_process process);
/** What is asked at the cut of the process; of operate, why it has none. The name is that of the process. */
const sk_text *sk_cut_text(sk_process process);
/** Text of an activity, in all languages; static. */
const sk_text *sk_activity_text(const sk_activity *activity);
/** Text of a call type, in all languages; static. */
const sk_text *sk_call_type_text(sk_call_type type);
/** NULL unless 1 to 8. */
const sk_text *sk_workflow_text(unsigned number);
/** NULL for SK_OUTCOME_NONE. */
const sk_text *sk_outcome_text(sk_outcome outcome);

/** The profiles that the method knows. */
#define SK_METHOD_PROFILES 9
/** By index, in the method's order; "process-manager". */
const char *sk_method_profile_id(unsigned index);
/** Text of one of the method's own profiles; static. */
const sk_text *sk_method_profile_text(unsigned index);

#endif
