#ifndef SK_CLI_TOOL_RULES_H
#define SK_CLI_TOOL_RULES_H

#include <jansson.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * How a tool that stands in for others answers, and what it has done so far:
 *
 *   {"port": NUMBER, "rules": [{"url": PATH, "answer": OBJECT, "busy": N, "lost": N}]}
 *
 * The first rule of which `url` begins the path that is asked counts. Of the keys that it gets, each N-th is told to
 * come again at first (busy), and of each N-th the answer to what was done does not arrive (lost).
 */

#define SK_TOOL_FILE "history/tool.json" /**< below the chain directory */
#define SK_TOOL_RULES_MAX 32
#define SK_TOOL_KEYS_MAX 1000000

typedef struct sk_tool_rules sk_tool_rules;

typedef enum sk_tool_said {
        SK_TOOL_DONE,    /**< now, for the first time */
        SK_TOOL_LOST,    /**< done, and nobody hears of it */
        SK_TOOL_AGAIN,   /**< it was done before under this key: the same answer, and nothing else happens */
        SK_TOOL_BUSY,    /**< nothing was done: to be asked again */
        SK_TOOL_UNKNOWN, /**< no rule for that URL */
        SK_TOOL_KEYLESS, /**< it could be done twice: refused */
        SK_TOOL_FULL,    /**< no memory, or too many keys */
        SK_TOOL_SAIDS
} sk_tool_said;

/**
 * Compiles rules.
 *
 * @param file     the object; borrowed; NULL: everything is done, the answer is {}
 * @param out      new: sk_tool_rules_free
 * @param ret_why  what is wrong, a constant text
 * @return SK_OK; SK_ERR_SYNTAX: not such a file; SK_ERR_NO_MEMORY
 */
sk_err sk_tool_rules_new(const json_t *file, sk_tool_rules **out, const char **ret_why);
/** Where it listens, as the file says; 0: it does not say. */
uint16_t sk_tool_rules_port(const sk_tool_rules *rules);
/** NULL is legal. */
void sk_tool_rules_free(sk_tool_rules *rules);

/**
 * Takes a request.
 *
 * @param key         tells effects apart; empty: there is none
 * @param ret_answer  JSON, good until the rules are freed; for what was done only
 */
sk_tool_said sk_tool_rules_take(sk_tool_rules *rules, sk_slice url, sk_slice key, sk_slice *ret_answer);

/** Takes in what was said to a request earlier, from a record of it. */
sk_err sk_tool_rules_remember(sk_tool_rules *rules, sk_slice url, sk_slice key, sk_tool_said said);

/** A word for it: "done", "lost", … */
const char *sk_tool_said_word(sk_tool_said said);
/** By its word; SK_TOOL_SAIDS: there is none. */
sk_tool_said sk_tool_said_find(sk_slice word);

#endif
