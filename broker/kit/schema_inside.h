#ifndef SK_KIT_SCHEMA_INSIDE_H
#define SK_KIT_SCHEMA_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/decimal.h"
#include "kit/json_scan.h"
#include "kit/schema.h"
#include "kit/schema_pattern.h"

/*
 * What the files of the schema share; nobody else includes this.
 *
 *     texts ──schema_index.c──> resources, anchors, places ──schema_compile.c──> nodes and operations
 *           ──schema_run.c──> verdict
 *
 * A place is where a schema stands in a text; a node is a place compiled. Everything lives in the schema's arena, except
 * for compiled patterns and the arrays that grow.
 */

#define SK_NO_NODE UINT32_MAX

/** A schema with a URI of its own: what relative references and anchors within it start from. */
typedef struct sk_schema_resource {
        sk_slice uri;
        sk_slice root;
        bool validates;  /**< false: its vocabulary has no assertions */
        bool is_reached; /**< some node stands in it */
} sk_schema_resource;

typedef struct sk_schema_anchor {
        uint32_t resource;
        bool is_dynamic;
        sk_slice name;
        sk_slice at;
        uint32_t node;
} sk_schema_anchor;

typedef struct sk_schema_place {
        sk_slice at;
        uint32_t resource;
        uint32_t node;
} sk_schema_place;

typedef enum sk_schema_code {
        SK_OP_TYPE,
        SK_OP_CONST,
        SK_OP_ENUM,
        SK_OP_MULTIPLE,
        SK_OP_MAXIMUM,
        SK_OP_EXCLUSIVE_MAXIMUM,
        SK_OP_MINIMUM,
        SK_OP_EXCLUSIVE_MINIMUM,
        SK_OP_MAX_LENGTH,
        SK_OP_MIN_LENGTH,
        SK_OP_PATTERN,
        SK_OP_FORMAT,
        SK_OP_ARRAY,
        SK_OP_OBJECT,
        SK_OP_ALL_OF,
        SK_OP_ANY_OF,
        SK_OP_ONE_OF,
        SK_OP_NOT,
        SK_OP_IF,
        SK_OP_REF,
        SK_OP_DYNAMIC_REF,
        SK_OP_UNEVALUATED_ITEMS,
        SK_OP_UNEVALUATED_PROPERTIES,
} sk_schema_code;

typedef struct sk_schema_property {
        sk_slice name; /**< the inside of the text, as it stands there */
        uint32_t node; /**< SK_NO_NODE: only required */
        bool is_required;
} sk_schema_property;

typedef struct sk_schema_patterned {
        const sk_pattern *pattern;
        uint32_t node;
} sk_schema_patterned;

/** If the member is there, so must be others, or the object must fit a schema. */
typedef struct sk_schema_dependency {
        sk_slice name;
        sk_slice required; /**< array of texts; SK_NONE */
        uint32_t node;     /**< or SK_NO_NODE */
} sk_schema_dependency;

/** All keywords of objects at once, so that members are walked once. */
typedef struct sk_schema_object {
        sk_schema_property *properties; /**< by name */
        size_t property_count;
        size_t required_count;
        sk_schema_patterned *patterned;
        size_t patterned_count;
        sk_schema_dependency *dependencies;
        size_t dependency_count;
        uint32_t additional;
        uint32_t names;
        uint64_t min;
        uint64_t max;
} sk_schema_object;

typedef struct sk_schema_array {
        const uint32_t *prefix;
        size_t prefix_count;
        uint32_t items;
        uint32_t contains;
        uint64_t min_contains;
        uint64_t max_contains;
        uint64_t min;
        uint64_t max;
        bool is_unique;
} sk_schema_array;

typedef struct sk_schema_op {
        sk_schema_code code;
        const char *keyword; /**< static */
        union {
                uint32_t types; /**< bit set over sk_json_kind; SK_TYPE_INTEGER */
                uint64_t count;
                uint32_t node;
                sk_slice value;
                sk_decimal number;
                const sk_pattern *pattern;
                const sk_schema_array *array;
                const sk_schema_object *object;
                struct {
                        const uint32_t *nodes; /**< of `if`: condition, then, else; SK_NO_NODE where there is none */
                        size_t count;
                } list;
                struct {
                        sk_slice name;
                        uint32_t node; /**< where the reference leads without regard to how it was come to */
                } dynamic;
        } as;
} sk_schema_op;

#define SK_TYPE_INTEGER 7 /* behind the kinds of sk_json_kind */

typedef struct sk_schema_node {
        uint32_t resource;
        uint32_t first; /**< of its operations */
        uint32_t count;
        sk_slice at;
        bool is_compiled;
        bool is_never;        /**< the schema false */
        bool has_unevaluated; /**< must know what its parts have looked at */
} sk_schema_node;

struct sk_schema {
        sk_arena *arena;
        sk_schema_resource *resources;
        size_t resource_count, resource_room;
        sk_schema_anchor *anchors;
        size_t anchor_count, anchor_room;
        sk_schema_place *places; /**< by address */
        size_t place_count, place_room;
        sk_schema_node *nodes; /**< the first is where to begin */
        size_t node_count, node_room;
        sk_schema_op *ops;
        size_t op_count, op_room;
        sk_pattern **patterns;
        size_t pattern_count, pattern_room;
        sk_slice odd; /**< the first value that nothing looks at; SK_NONE */
        const char *odd_text;
        uint32_t odd_resource;
};

/** One compilation. */
typedef struct sk_schema_build {
        sk_schema *schema;
        const sk_schema_text *texts; /**< in the arena, the meta-schema among them */
        size_t text_count;
        bool asserts_formats;
        sk_err err;
        sk_schema_fault *fault;
} sk_schema_build;

/** Notes the first error; @p at is the value it is about, within a known place, or SK_NONE. */
void sk_schema_fail(sk_schema_build *build, sk_err err, sk_slice at, const char *text);
/** Makes room for one more element; NULL without memory, which is noted. */
void *sk_schema_grow(sk_schema_build *build, void **items, size_t *count, size_t *room, size_t size);

/** Finds all resources, anchors and places of a text. */
void sk_schema_index_text(sk_schema_build *build, const sk_schema_text *text);
/** The same below a value that no keyword leads to. */
void sk_schema_index_below(sk_schema_build *build, sk_slice value, uint32_t resource);
/** The place of a value; NULL if no schema is known to stand there. Good until the next one is added. */
sk_schema_place *sk_schema_place_find(const sk_schema *schema, sk_slice value);
/** What a reference within a resource leads to; SK_NONE and noted if nothing. */
sk_slice sk_schema_resolve(sk_schema_build *build, uint32_t resource, sk_slice reference, sk_slice at,
                           uint32_t *out_resource);
/** The dynamic anchor of a resource; NULL: it has none of that name. */
sk_schema_anchor *sk_schema_dynamic(const sk_schema *schema, uint32_t resource, sk_slice name);

/** Compiles the nodes from the first on, and whatever they lead to. */
void sk_schema_compile_all(sk_schema_build *build, sk_slice start, uint32_t resource);

/** Notes a value that nothing looks at, if it is the first. */
void sk_schema_note_odd(sk_schema *schema, uint32_t resource, sk_slice at, const char *text);
/** Notes the members of a schema that are no keywords. */
void sk_schema_look_for_odd(sk_schema *schema, uint32_t resource, sk_slice value);

/** Whether a value fits an operation that looks at nothing else. */
bool sk_schema_value_fits(const sk_schema_op *op, sk_slice value);

/** The place of a format in the table of those that can be asserted; SIZE_MAX: it is none of them. */
size_t sk_schema_format_find(sk_slice name);
/** Whether a text is of that format. */
bool sk_schema_format_fits(size_t index, sk_slice text);
/** What a text of the format is, the keyword's value being given: `a date such as 2026-12-24`; static. */
const char *sk_schema_format_word(sk_slice value);

/** Appends what the keyword of the schema demands: `must be at least 1`; "" is the schema false. */
void sk_schema_words(sk_slice schema, const char *keyword, sk_buf *out);

/** Writes `URI#/pointer/to/value`; behind it the keyword, if any. */
void sk_schema_locate(const sk_schema *schema, uint32_t resource, sk_slice value, const char *keyword, char *out,
                      size_t room);
/** The meta-schema of the draft, in our own words. */
extern const sk_schema_text sk_schema_meta;

#endif
