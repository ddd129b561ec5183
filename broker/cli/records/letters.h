#ifndef SK_CLI_LETTERS_H
#define SK_CLI_LETTERS_H

#include "cli/session/session.h"
#include "kit/id.h"

/*
 * Dead letters: records that a link could not use, as it put them aside. What people did with one is told by a mark, a
 * record on the same topic; nothing is ever taken away. Letters are named TEAM/OFFSET, or TEAM/PARTITION/OFFSET where
 * the log has several partitions.
 */

typedef enum sk_letter_state {
        SK_LETTER_OPEN,
        SK_LETTER_RETRIED,
        SK_LETTER_DROPPED,
} sk_letter_state;

/** "open", "retried", "dropped"; static. */
const char *sk_letter_state_id(sk_letter_state state);

typedef struct sk_letter {
        const sk_team *team; /**< who could not use it */
        int32_t partition;
        int64_t offset;
        int64_t time_us;
        sk_slice topic; /**< where it came from */
        sk_slice from_partition;
        sk_slice from_offset;
        sk_slice reason;
        sk_slice text;
        sk_slice type; /**< of the message, as it says itself; SK_NONE */
        sk_slice key;
        uint64_t count; /**< how often it was put aside */
        uint64_t size;  /**< of the value */
        sk_letter_state state;
        sk_slice by; /**< who retried or dropped it */
        sk_slice why;
        sk_slice headers; /**< its own; filled by sk_letters_whole */
        sk_slice value;
} sk_letter;

typedef struct sk_letters sk_letters;

/**
 * Reads the dead letters of a team, or of all (NULL), in order.
 *
 * @param out  new: free with sk_letters_free
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_letters_load(const sk_session *session, const sk_team *team, sk_letters **out);
/** NULL is legal. */
void sk_letters_free(sk_letters *letters);
/** How many there are. */
size_t sk_letters_count(const sk_letters *letters);
/** One of them, index below sk_letters_count; borrowed. */
sk_letter *sk_letters_at(sk_letters *letters, size_t index);

/**
 * The letter of that name.
 *
 * @return SK_EXIT_OK; SK_EXIT_NEGATIVE: there is none; SK_EXIT_USAGE: that is no name; the message is printed
 */
int sk_letters_find(const sk_session *session, sk_letters *letters, const char *name, sk_letter **out);

/** Reads headers and value of a letter; its own headers are those it came with. */
int sk_letters_whole(const sk_session *session, sk_letters *letters, sk_letter *letter);

/** Marks a letter as retried or dropped. */
int sk_letters_mark(const sk_session *session, const sk_letter *letter, sk_letter_state state, sk_slice by,
                    sk_slice why);

/** "network/12"; good as sk_cli_safe. */
const char *sk_letter_name(const sk_session *session, const sk_letter *letter);

#endif
