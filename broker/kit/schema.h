#ifndef SK_KIT_SCHEMA_H
#define SK_KIT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * JSON Schema, draft 2020-12: compiled once, then run over JSON texts without a tree and without taking memory. All
 * required features; `format` is asserted where that is asked for, content keywords are annotations. References lead to
 * the texts that were given and nowhere else.
 */

typedef struct sk_schema sk_schema;

/** A document that schemas may refer to. */
typedef struct sk_schema_text {
        sk_slice uri; /**< absolute, without fragment */
        sk_slice text;
} sk_schema_text;

/** What is compiled. */
typedef struct sk_schema_source {
        const sk_schema_text *texts; /**< the meta-schema of the draft is known without being among them */
        size_t count;
        sk_slice uri; /**< of the schema to begin with; may have a fragment */
        bool asserts_formats;
} sk_schema_source;

/** What is wrong, and where. */
typedef struct sk_schema_fault {
        char instance[256]; /**< JSON Pointer into what was checked, also to what lacks there; "" is the whole */
        char schema[256];   /**< URI and JSON Pointer of the keyword that says so */
        char text[256];     /**< for people, the end of a sentence: `must be at least 1`; escaped as JSON is */
} sk_schema_fault;

/**
 * Compiles a schema and all that it refers to.
 *
 * @param source  borrowed for the call; the texts are copied
 * @param out     new: free with sk_schema_free
 * @param fault   filled when this fails
 * @return SK_OK; SK_ERR_SYNTAX and the like (a text is no JSON); SK_ERR_TYPE, SK_ERR_RANGE (a keyword's value is wrong);
 *         SK_ERR_NOT_FOUND (a reference leads nowhere); SK_ERR_VERSION (needs a vocabulary that is not known);
 *         SK_ERR_SIZE; SK_ERR_NO_MEMORY
 */
sk_err sk_schema_compile(const sk_schema_source *source, sk_schema **out, sk_schema_fault *fault);
/** Whether anything of the text of that URI was found to be needed. */
bool sk_schema_uses(const sk_schema *schema, sk_slice uri);
/**
 * Whether something in the schema is not looked at: a keyword that there is not, perhaps a slip, or a format that is not
 * known although formats are asserted. The first such place is in @p fault.
 */
bool sk_schema_is_odd(const sk_schema *schema, sk_schema_fault *fault);
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

/** Whether the schema itself, or one that it refers to, names the member, given as its text has it, among `properties`. */
bool sk_schema_names(const sk_schema *schema, sk_slice name);

/**
 * A schema among those that were compiled together, for sk_schema_check_from.
 *
 * @param uri  of a text, or an `$id` within one
 * @return UINT32_MAX: nothing that was begun with leads there
 */
uint32_t sk_schema_entry(const sk_schema *schema, sk_slice uri);
/** As sk_schema_check, against that schema. */
sk_err sk_schema_check_from(const sk_schema *schema, sk_schema_run *run, uint32_t entry, sk_slice instance,
                            sk_schema_fault *fault);

/** Whether each `default` in the schema fits where it stands; else @p fault says of the first what does not. */
bool sk_schema_has_good_defaults(const sk_schema *schema, sk_schema_run *run, sk_schema_fault *fault);

/**
 * Appends a value that sk_json_check has accepted with the members that lack in its objects and have a default.
 *
 * @return false: nothing lacks, and nothing is appended
 */
bool sk_schema_fill(const sk_schema *schema, sk_slice instance, sk_buf *out);

#endif
