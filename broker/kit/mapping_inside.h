#ifndef SK_KIT_MAPPING_INSIDE_H
#define SK_KIT_MAPPING_INSIDE_H

#include "kit/mapping.h"

/* What the files of the mapping share; nobody else includes this. */

typedef enum sk_mapping_kind {
        SK_MAPPING_LITERAL,
        SK_MAPPING_FROM,
        SK_MAPPING_TEXT,
        SK_MAPPING_ARRAY,
        SK_MAPPING_OBJECT,
} sk_mapping_kind;

/** One value of a template; those within it hang at `first` and follow each other by `next`. */
typedef struct sk_mapping_node {
        sk_mapping_kind kind;
        sk_slice at;   /**< where it stands in the template */
        sk_slice name; /**< raw, of a member; SK_NONE of an item */
        const struct sk_mapping_node *next;
        const struct sk_mapping_node *first; /**< of arrays, objects and texts */
        sk_slice literal;                    /**< of literals */
        size_t source;
        sk_slice pointer; /**< below the source */
        const struct sk_mapping_node *otherwise;
        bool is_optional;
} sk_mapping_node;

struct sk_mapping {
        sk_slice text;
        const sk_mapping_node *root;
        uint32_t used; /**< bit set over the sources */
        size_t count;
};

/** Says what is wrong at @p at in the template @p text; gives @p err back. */
sk_err sk_mapping_say(sk_mapping_fault *fault, sk_err err, sk_slice text, sk_slice at, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

#endif
