#ifndef SCHAKEL_PLUGIN_H
#define SCHAKEL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/*
 * A plug-in: a shared object that does an activity for a team's link, as the how {"plugin": {"name": ..., "config": ...}}
 * of its work instruction says. It defines one symbol, `schakel_plugin`, and nothing else of it is looked at.
 *
 * It runs in a process of its own, started with its first call and kept: `init` once, then `handle` for one call after the
 * other, in one thread; `exit` when the link ends. One that takes too long is killed with its process, one that crashes takes
 * nothing with it; the next call starts it anew. So whatever has to outlive a call is kept outside, and the same key may come
 * again: a plug-in does nothing twice for one key.
 *
 * Structs grow only at their end, and what a version does not have is neither read nor written: define
 * SCHAKEL_PLUGIN_ABI as 1 before including this to build for links that know only version 1.
 */

#ifdef __cplusplus
extern "C" {
#endif

#define SCHAKEL_PLUGIN_ABI_LATEST 2
#ifndef SCHAKEL_PLUGIN_ABI
#define SCHAKEL_PLUGIN_ABI SCHAKEL_PLUGIN_ABI_LATEST
#endif

typedef enum schakel_plugin_result {
        SCHAKEL_PLUGIN_DONE,     /**< the activity is completed */
        SCHAKEL_PLUGIN_DECLINED, /**< it is not to be done */
        SCHAKEL_PLUGIN_RETRY,    /**< it did not work; another try may help */
        SCHAKEL_PLUGIN_FAILED,   /**< it did not work, and no other try will help */
} schakel_plugin_result;

typedef enum schakel_plugin_type {
        SCHAKEL_PLUGIN_TEXT,    /**< a JSON string without zero bytes */
        SCHAKEL_PLUGIN_INTEGER, /**< a whole number; given as decimal digits */
        SCHAKEL_PLUGIN_BOOLEAN, /**< true or false; given as these words */
        SCHAKEL_PLUGIN_FILE,    /**< a path; given whole, from the team's folder of the chain directory */
} schakel_plugin_type;

/** What may stand in `config`. */
typedef struct schakel_plugin_option {
        const char *name; /**< NULL: the table ends here */
        schakel_plugin_type type;
        const char *standard; /**< its value when it is not there, as it would be given; NULL: it must be there */
        const char *help;     /**< a sentence */
} schakel_plugin_option;

/** One try of an activity; borrowed for the call of `handle`. */
typedef struct schakel_plugin_call {
        const char *key;   /**< the same for every try: what was done for it is not done again */
        const char *id;    /**< the call's id */
        uint32_t visit;    /**< which visit of the activity */
        uint32_t attempt;  /**< which try, from 1 */
        const char *input; /**< JSON, what the instruction's `in` made of the call; zero-terminated */
        size_t input_len;
#if SCHAKEL_PLUGIN_ABI >= 2
        uint32_t attempts;   /**< how many tries there will be at most */
        int64_t deadline_us; /**< by when the activity is given up, microseconds since the epoch */
#endif
} schakel_plugin_call;

/** What came of it; all zero before `handle`. Texts are the plug-in's and good until its next function is called. */
typedef struct schakel_plugin_answer {
        const char *value; /**< JSON: the result of the activity; NULL: none */
        const char *text;  /**< for people: why it did not work; NULL: nothing to say */
#if SCHAKEL_PLUGIN_ABI >= 2
        const char *code;       /**< small letters, digits and hyphens: "http-503"; NULL: name of the result */
        int64_t retry_after_ms; /**< RETRY: not before so long; 0: as the work instruction says */
#endif
} schakel_plugin_answer;

typedef struct schakel_plugin_descriptor {
        uint32_t abi;                         /**< SCHAKEL_PLUGIN_ABI */
        const char *name;                     /**< that of its file, without ".so" */
        const char *about;                    /**< one line */
        const schakel_plugin_option *options; /**< NULL name at the end */
        /**
         * Begins; may be NULL.
         *
         * @param values  of the options, in their order
         * @param state   for the other functions; NULL before
         * @return NULL; or a sentence: why it cannot begin, which is told instead of each call
         */
        const char *(*init)(const char *const *values, void **state);
        /** Does one call. */
        schakel_plugin_result (*handle)(void *state, const schakel_plugin_call *call, schakel_plugin_answer *answer);
        /** Ends; may be NULL. Not called when the process is killed. */
        void (*exit)(void *state);
} schakel_plugin_descriptor;

/** The one symbol of a plug-in. */
extern __attribute__((visibility("default"))) const schakel_plugin_descriptor schakel_plugin;

#ifdef __cplusplus
}
#endif

#endif
