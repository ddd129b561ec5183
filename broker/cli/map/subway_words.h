#ifndef SK_CLI_SUBWAY_WORDS_H
#define SK_CLI_SUBWAY_WORDS_H

#include "usm/text.h"

/** What the subway map says beside the method's own texts. */
typedef struct sk_subway_words {
        const char *title;
        const char *reactive;
        const char *proactive;
        const char *workflow;
        const char *cut;
        const char *legend;
        const char *counts;
        const char *way;
        const char *skipped;
} sk_subway_words;

/** Static. */
const sk_subway_words *sk_subway_words_of(sk_language language);

#endif
