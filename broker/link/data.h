#ifndef SK_LINK_DATA_H
#define SK_LINK_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * The data of a call: sections, one behind the other, each u8 kind, u8 index, u16 tag, u32 length, bytes. Written when
 * something is added, parsed only when needed.
 */

/*
 * How much one call may hold, so that its record fits in a message of a log with ordinary limits. What a person or a
 * partner says is refused, or left out, beyond the first bound; what the call has to send and to remember of its
 * course, beyond the second; the rest is for forms and withdraws, which are small.
 */
#define SK_DATA_SAID_MAX (512u * 1024u)
#define SK_DATA_SENT_MAX (832u * 1024u)
#define SK_DATA_MAX (960u * 1024u)

#define SK_SECTION_FRAME 8u /**< bytes before those of a section */

typedef enum sk_section_kind {
        SK_SECTION_RAISE = 1,     /**< value of the raise as it came */
        SK_SECTION_RESULT = 2,    /**< JSON; tag: the activity's fixed number (0: the cut); index: SK_RESULT_... */
        SK_SECTION_NOTE = 3,      /**< JSON {from, text} */
        SK_SECTION_ASK_RAISE = 4, /**< value as sent; index: position of the ask */
        SK_SECTION_ASK_ANSWER = 5,
        SK_SECTION_ASK_WITHDRAW = 6,
        SK_SECTION_ASK_RESULT = 7,    /**< JSON: result in the ask's closed */
        SK_SECTION_QUESTION = 8,      /**< JSON of our open question */
        SK_SECTION_OFFER = 9,         /**< JSON of our open offer */
        SK_SECTION_ASK_QUESTION = 10, /**< JSON: the provider's open question */
        SK_SECTION_FORM = 11,         /**< of the running visit: JSON {instruction, form, consulted, wait_for_advice} */
        SK_SECTION_ASK_OFFER = 12,    /**< JSON: the provider's open offer */
        SK_SECTION_ADVICE = 13,       /**< JSON: what colleagues were asked (index 0) and said (1); tag: its number */
        SK_SECTION_INFORMED = 14,     /**< JSON list: who is told when the running visit has ended */
        SK_SECTION_DRAFT = 15,        /**< JSON: what has been entered in the running visit so far */
        SK_SECTION_LATE = 16, /**< JSON {reason}: why it will be late; of an ask by its index, 0xff: a person's */
        SK_SECTION_ASK_SENT =
                17,             /**< JSON {time, agreement}: of the headers of the raise as sent, what no state tells */
        SK_SECTION_ACTION = 18, /**< of the running visit's effect: JSON, see step_effect.c */
        SK_SECTION_TRY = 19,    /**< JSON {visit, try, result, code, text, at}: what became of one; index: the try */
        SK_SECTION_ASK_END = 20 /**< JSON {code, text}: why the provider did not complete the ask */
} sk_section_kind;

/* Who has recorded a result. */
#define SK_RESULT_OF_ACTIVITY 0u
#define SK_RESULT_OF_RUN 1u /**< the link, at the end of a process in which no activity had one */

/** The highest kind. */
#define SK_SECTION_LAST SK_SECTION_ASK_END

/** Name as in the archive and in what is printed; "" for a kind that there is not. Static. */
const char *sk_section_name(unsigned kind);

typedef struct sk_section {
        sk_section_kind kind;
        uint8_t index;
        uint16_t tag;
        sk_slice bytes;
} sk_section;

/** Appends one section. */
void sk_data_add(sk_buf *data, const sk_section *section);

/** Walks: start with *position 0; false at the end or at a damaged rest. */
bool sk_data_next(sk_slice data, size_t *position, sk_section *out);

/** The last section of that kind and index; false if there is none. */
bool sk_data_find(sk_slice data, sk_section_kind kind, uint8_t index, sk_section *out);

/** Checks that the whole is sections. */
bool sk_data_check(sk_slice data);

/** Copies @p data to @p out without the sections of that kind and index. */
void sk_data_without(sk_slice data, sk_section_kind kind, uint8_t index, sk_buf *out);

#endif
