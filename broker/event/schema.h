#ifndef SK_EVENT_SCHEMA_H
#define SK_EVENT_SCHEMA_H

#include <stddef.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * JSON Schema, draft 2020-12: compiled once, then run over JSON texts without a tree and without taking memory. All
 * required features; `format` and content keywords are annotations. References lead to the texts that were given and
 * nowhere else.
 */

typedef struct sk_schema sk_schema;

/** A document that schemas may refer to. */
typedef struct sk_schema_text {
        sk_slice uri; /**< absolute, without fragment */
        sk_slice text;
} sk_schema_text;

/** What is wrong, and where. */
typedef struct sk_schema_fault {
        char instance[256]; /**< JSON Pointer into what was checked; "" is the whole */
        char schema[256];   /**< URI and JSON Pointer of the keyword that says so */
        char text[256];     /**< for people; what comes from the texts is escaped */
} sk_schema_fault;

/**
 * Compiles the schema @p uri, which may have a fragment, and all that it refers to.
 *
 * @param texts  copied; the meta-schema of the draft is known without being given
 * @param out    new: free with sk_schema_free
 * @param fault  filled when this fails
 * @return SK_OK; SK_ERR_SYNTAX and the like (a text is no JSON); SK_ERR_TYPE, SK_ERR_RANGE (a keyword's value is wrong);
 *         SK_ERR_NOT_FOUND (a reference leads nowhere); SK_ERR_VERSION (needs a vocabulary that is not known);
 *         SK_ERR_SIZE; SK_ERR_NO_MEMORY
 */
sk_err sk_schema_compile(const sk_schema_text *texts, size_t count, sk_slice uri, sk_schema **out,
                         sk_schema_fault *fault);
/** NULL is legal. */
void sk_schema_free(sk_schema *schema);

/** Scratch memory of one thread for any schemas. */
typedef struct sk_schema_run sk_schema_run;

/** New: free with sk_schema_run_free; NULL without memory. */
sk_schema_run *sk_schema_run_new(void);
/** NULL is legal. */
void sk_schema_run_free(sk_schema_run *run);

/**
 * Checks a value that sk_json_check has accepted.
 *
 * @param fault  filled when it does not fit; may be NULL
 * @return SK_OK; SK_ERR_CONFLICT: it does not fit; SK_ERR_SIZE, SK_ERR_DEPTH: too much work to tell
 */
sk_err sk_schema_check(const sk_schema *schema, sk_schema_run *run, sk_slice instance, sk_schema_fault *fault);

#endif
