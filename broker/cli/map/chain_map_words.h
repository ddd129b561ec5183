#ifndef SK_CLI_CHAIN_MAP_WORDS_H
#define SK_CLI_CHAIN_MAP_WORDS_H

#include "usm/text.h"

/** What the drawing of a chain says. */
typedef struct sk_chain_map_words {
        const char *chain;
        const char *facility;
        const char *facilities;
        const char *person;
        const char *people;
        const char *routine;
        const char *routines;
        const char *open;
        const char *consumer;
        const char *organised;
        const char *coordinated;
        const char *legend;
        const char *counts;
} sk_chain_map_words;

/** Static. */
const sk_chain_map_words *sk_chain_map_words_of(sk_language language);

#endif
