/*
 * Running a compiled schema over a text. Nothing is taken from the heap: what has been looked at is marked in bits, on a
 * stack of a fixed size, and unescaped texts go into an arena that is emptied between values.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/json_pointer.h"
#include "kit/json_text.h"
#include "kit/schema_inside.h"

#define DEPTH_MAX 300
#define STEPS_MAX 2000000
#define BITS_MAX ((size_t)1 << 20)
#define TEXT_MAX ((size_t)2 << 20)

/* What has gone wrong first, outside of what may go wrong. */
typedef struct verdict {
        const char *at; /**< of the value; NULL: nothing has */
        uint32_t node;
        const char *keyword;
        sk_slice name; /**< of the member at `at` that it is about; SK_NONE */
} verdict;

struct sk_schema_run {
        sk_arena *arena;
        sk_pattern_run *patterns;
        uint64_t bits[BITS_MAX / 64];
        size_t words; /**< of bits in use */
        const sk_schema *schema;
        sk_err err;
        unsigned depth;
        unsigned steps;
        unsigned quiet; /**< within something that may fail */
        verdict verdict;
};

/* Members or items of one value that some schema has looked at. */
typedef struct marks {
        uint64_t *bits;
        size_t words;
        bool all;
} marks;

/* Resources that were entered, the innermost first. */
typedef struct scope {
        uint32_t resource;
        const struct scope *outer;
} scope;

static bool eval(sk_schema_run *run, uint32_t index, sk_slice value, marks *seen, const scope *around);

/* ---- marks ---- */

static size_t children(sk_slice value) {
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, child;
        size_t count = 0;

        while (sk_json_walk_next(&walk, &name, &child))
                count++;
        return count;
}

static bool marks_take(sk_schema_run *run, size_t words, marks *out) {
        assert(run->words <= sizeof(run->bits) / sizeof(run->bits[0]));
        if (words > sizeof(run->bits) / sizeof(run->bits[0]) - run->words) {
                run->err = SK_ERR_SIZE;
                return false;
        }
        *out = (marks){.bits = run->bits + run->words, .words = words};
        if (words > 0)
                memset(out->bits, 0, words * sizeof(uint64_t));
        run->words += words;
        return true;
}

static void marks_give(sk_schema_run *run, const marks *taken) {
        assert(taken->bits >= run->bits);
        assert(taken->bits <= run->bits + run->words);
        run->words = (size_t)(taken->bits - run->bits);
}

static void mark(marks *seen, size_t index) {
        if (seen != NULL && index / 64 < seen->words)
                seen->bits[index / 64] |= UINT64_C(1) << index % 64;
}

static bool is_marked(const marks *seen, size_t index) {
        return seen->all || (index / 64 < seen->words && (seen->bits[index / 64] >> index % 64 & 1) != 0);
}

static void marks_join(marks *to, const marks *from) {
        if (to == NULL)
                return;
        to->all = to->all || from->all;
        for (size_t i = 0; i < to->words && i < from->words; i++)
                to->bits[i] |= from->bits[i];
}

/* ---- saying no ---- */

static bool no(sk_schema_run *run, uint32_t node, sk_slice value, const char *keyword, sk_slice name) {
        assert(keyword != NULL);
        if (run->quiet == 0 && run->verdict.at == NULL)
                run->verdict = (verdict){value.at, node, keyword, name};
        return false;
}

static bool is_never(const sk_schema_run *run, uint32_t node) {
        assert(node < run->schema->node_count);
        return run->schema->nodes[node].is_never;
}

/* ---- texts ---- */

static bool matches(sk_schema_run *run, const sk_pattern *pattern, sk_slice value) {
        sk_slice text = sk_json_string(value, run->arena);
        sk_err err = sk_slice_there(text) ? sk_pattern_match(pattern, run->patterns, text) : SK_ERR_SIZE;

        if (err != SK_OK && err != SK_ERR_CONFLICT)
                run->err = SK_ERR_SIZE;
        return err == SK_OK;
}

static bool fits_format(sk_schema_run *run, size_t format, sk_slice value) {
        sk_slice text = sk_json_string(value, run->arena);

        if (!sk_slice_there(text))
                run->err = SK_ERR_SIZE;
        return sk_slice_there(text) && sk_schema_format_fits(format, text);
}

/* ---- objects ---- */

static const sk_schema_property *property_of(const sk_schema_object *object, sk_slice name) {
        size_t low = 0, high = object->property_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = sk_json_text_compare(name, object->properties[middle].name);
                if (order == 0)
                        return &object->properties[middle];
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

/* The name with its quotes: a value of its own. */
static sk_slice quoted(sk_slice name) {
        assert(sk_slice_there(name));
        return (sk_slice){name.at - 1, name.len + 2};
}

/* What is being looked at: the operation's node, the value, and what else all of them need. */
typedef struct look {
        sk_schema_run *run;
        uint32_t node;
        sk_slice value;
        marks *seen;
        const scope *around;
} look;

/* A member that no schema at all fits is told as such, by its name. */
static bool eval_member(const look *at, uint32_t node, sk_slice name, sk_slice value, const char *keyword) {
        if (is_never(at->run, node))
                return no(at->run, at->node, at->value, keyword, name);
        return eval(at->run, node, value, NULL, at->around);
}

static bool eval_patterned(const look *at, const sk_schema_object *object, sk_slice name, sk_slice value, bool *seen) {
        assert(seen != NULL);
        for (size_t i = 0; i < object->patterned_count; i++) {
                if (!matches(at->run, object->patterned[i].pattern, quoted(name)))
                        continue;
                *seen = true;
                if (!eval_member(at, object->patterned[i].node, name, value, "patternProperties"))
                        return false;
        }
        return at->run->err == SK_OK;
}

static bool eval_one(const look *at, const sk_schema_object *object, sk_slice name, sk_slice value, size_t index,
                     size_t *required) {
        assert(required != NULL);
        const sk_schema_property *property = property_of(object, name);
        bool seen = property != NULL && property->node != SK_NO_NODE;

        *required += property != NULL && property->is_required;
        if (seen && !eval_member(at, property->node, name, value, "properties"))
                return false;
        if (object->patterned_count > 0 && !eval_patterned(at, object, name, value, &seen))
                return false;
        if (!seen && object->additional != SK_NO_NODE) {
                if (!eval_member(at, object->additional, name, value, "additionalProperties"))
                        return false;
                seen = true;
        }
        if (seen)
                mark(at->seen, index);
        return object->names == SK_NO_NODE || eval(at->run, object->names, quoted(name), NULL, at->around);
}

static bool has_member(sk_slice object, sk_slice name) {
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice found, value;

        while (sk_json_walk_next(&walk, &found, &value)) {
                if (sk_json_text_equal(found, name))
                        return true;
        }
        return false;
}

static bool eval_dependency(const look *at, const sk_schema_dependency *dependency) {
        assert(dependency != NULL);
        sk_json_walk walk = sk_json_walk_make(dependency->required);
        sk_slice none, item;

        if (!has_member(at->value, dependency->name))
                return true;
        while (sk_json_walk_next(&walk, &none, &item)) {
                sk_slice name = {item.at + 1, item.len - 2};
                if (!has_member(at->value, name))
                        return no(at->run, at->node, at->value, "dependentRequired", name);
        }
        return dependency->node == SK_NO_NODE || eval(at->run, dependency->node, at->value, at->seen, at->around);
}

static bool missing(const look *at, const sk_schema_object *object) {
        assert(object->required_count > 0);
        for (size_t i = 0; i < object->property_count; i++) {
                if (object->properties[i].is_required && !has_member(at->value, object->properties[i].name))
                        return no(at->run, at->node, at->value, "required", object->properties[i].name);
        }
        return true;
}

static bool eval_object(const look *at, const sk_schema_object *object) {
        sk_json_walk walk = sk_json_walk_make(at->value);
        sk_slice name, value;
        size_t count = 0, required = 0;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!eval_one(at, object, name, value, count++, &required))
                        return false;
        }
        if (required < object->required_count)
                return missing(at, object);
        if (count < object->min)
                return no(at->run, at->node, at->value, "minProperties", SK_NONE);
        if (count > object->max)
                return no(at->run, at->node, at->value, "maxProperties", SK_NONE);
        for (size_t i = 0; i < object->dependency_count; i++) {
                if (!eval_dependency(at, &object->dependencies[i]))
                        return false;
        }
        return true;
}

/* ---- arrays ---- */

static bool is_unique(sk_schema_run *run, sk_slice array) {
        sk_json_walk walk = sk_json_walk_make(array);
        sk_slice name, item, other;

        while (sk_json_walk_next(&walk, &name, &item)) {
                sk_json_walk rest = walk;
                while (sk_json_walk_next(&rest, &name, &other)) {
                        if (++run->steps > STEPS_MAX) {
                                run->err = SK_ERR_SIZE;
                                return false;
                        }
                        if (sk_json_equal(item, other))
                                return false;
                }
        }
        return true;
}

static bool eval_items(const look *at, const sk_schema_array *array, size_t *out_count) {
        assert(out_count != NULL);
        sk_json_walk walk = sk_json_walk_make(at->value);
        sk_slice name, item;
        size_t index = 0;

        for (; sk_json_walk_next(&walk, &name, &item); index++) {
                uint32_t node = index < array->prefix_count ? array->prefix[index] : array->items;
                if (node == SK_NO_NODE)
                        continue;
                if (is_never(at->run, node))
                        return no(at->run, at->node, item, index < array->prefix_count ? "prefixItems" : "items",
                                  SK_NONE);
                if (!eval(at->run, node, item, NULL, at->around))
                        return false;
                mark(at->seen, index);
        }
        *out_count = index;
        return true;
}

static bool eval_contains(const look *at, const sk_schema_array *array) {
        assert(array->contains != SK_NO_NODE);
        sk_json_walk walk = sk_json_walk_make(at->value);
        sk_slice name, item;
        uint64_t count = 0;

        at->run->quiet++;
        for (size_t index = 0; sk_json_walk_next(&walk, &name, &item); index++) {
                if (!eval(at->run, array->contains, item, NULL, at->around))
                        continue;
                count++;
                mark(at->seen, index);
        }
        at->run->quiet--;
        if (count < array->min_contains)
                return no(at->run, at->node, at->value, "contains", SK_NONE);
        return count <= array->max_contains || no(at->run, at->node, at->value, "maxContains", SK_NONE);
}

static bool eval_array(const look *at, const sk_schema_array *array) {
        size_t count = 0;

        if (!eval_items(at, array, &count))
                return false;
        if (count < array->min)
                return no(at->run, at->node, at->value, "minItems", SK_NONE);
        if (count > array->max)
                return no(at->run, at->node, at->value, "maxItems", SK_NONE);
        if (array->is_unique && !is_unique(at->run, at->value))
                return no(at->run, at->node, at->value, "uniqueItems", SK_NONE);
        return array->contains == SK_NO_NODE || eval_contains(at, array);
}

/* ---- schemas of the same value ---- */

/* Runs a schema that may fail; what it has looked at counts only if it does not. */
static bool attempt(const look *at, uint32_t node) {
        assert(node < at->run->schema->node_count);
        marks own = {.bits = at->run->bits + at->run->words};

        if (at->seen != NULL && !marks_take(at->run, at->seen->words, &own))
                return false;
        at->run->quiet++;
        bool fits = eval(at->run, node, at->value, at->seen == NULL ? NULL : &own, at->around);
        at->run->quiet--;
        if (fits)
                marks_join(at->seen, &own);
        marks_give(at->run, &own);
        return fits;
}

static bool eval_any(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_ANY_OF);
        bool fits = false;

        /* Where marks count, each one that fits counts. */
        for (size_t i = 0; i < op->as.list.count && (!fits || at->seen != NULL); i++)
                fits = attempt(at, op->as.list.nodes[i]) || fits;
        return fits || no(at->run, at->node, at->value, op->keyword, SK_NONE);
}

static bool eval_one_of(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_ONE_OF);
        size_t fitting = 0;

        for (size_t i = 0; i < op->as.list.count && fitting < 2; i++)
                fitting += attempt(at, op->as.list.nodes[i]);
        if (fitting == 0)
                return no(at->run, at->node, at->value, op->keyword, SK_NONE);
        return fitting == 1 || no(at->run, at->node, at->value, op->keyword, SK_NONE);
}

static bool eval_all(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_ALL_OF);
        for (size_t i = 0; i < op->as.list.count; i++) {
                if (!eval(at->run, op->as.list.nodes[i], at->value, at->seen, at->around))
                        return false;
        }
        return true;
}

static bool eval_not(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_NOT);
        look unseen = *at;

        unseen.seen = NULL;
        return !attempt(&unseen, op->as.node) || no(at->run, at->node, at->value, op->keyword, SK_NONE);
}

static bool eval_if(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_IF);
        assert(op->as.list.count == 3);
        uint32_t next = attempt(at, op->as.list.nodes[0]) ? op->as.list.nodes[1] : op->as.list.nodes[2];

        return next == SK_NO_NODE || eval(at->run, next, at->value, at->seen, at->around);
}

/* The outermost resource that has such an anchor decides. */
static bool eval_dynamic(const look *at, const sk_schema_op *op) {
        assert(op->code == SK_OP_DYNAMIC_REF);
        uint32_t node = op->as.dynamic.node;

        for (const scope *in = at->around; in != NULL; in = in->outer) {
                const sk_schema_anchor *anchor = sk_schema_dynamic(at->run->schema, in->resource, op->as.dynamic.name);
                if (anchor != NULL)
                        node = anchor->node;
        }
        return eval(at->run, node, at->value, at->seen, at->around);
}

static bool eval_unevaluated(const look *at, const sk_schema_op *op) {
        sk_json_walk walk = sk_json_walk_make(at->value);
        sk_slice name, child;

        assert(at->seen != NULL);
        for (size_t index = 0; sk_json_walk_next(&walk, &name, &child); index++) {
                if (is_marked(at->seen, index))
                        continue;
                if (is_never(at->run, op->as.node))
                        return no(at->run, at->node, walk.is_object ? at->value : child, op->keyword, name);
                if (!eval(at->run, op->as.node, child, NULL, at->around))
                        return false;
        }
        at->seen->all = true;
        return true;
}

/* ---- one operation, one schema ---- */

static bool eval_op(const look *at, const sk_schema_op *op) {
        sk_json_kind kind = sk_json_kind_of(at->value);

        switch (op->code) {
        case SK_OP_PATTERN:
                return kind != SK_JSON_STRING || matches(at->run, op->as.pattern, at->value) ||
                       no(at->run, at->node, at->value, op->keyword, SK_NONE);
        case SK_OP_FORMAT:
                return kind != SK_JSON_STRING || fits_format(at->run, op->as.count, at->value) ||
                       no(at->run, at->node, at->value, op->keyword, SK_NONE);
        case SK_OP_ARRAY:
                return kind != SK_JSON_ARRAY || eval_array(at, op->as.array);
        case SK_OP_OBJECT:
                return kind != SK_JSON_OBJECT || eval_object(at, op->as.object);
        case SK_OP_ALL_OF:
                return eval_all(at, op);
        case SK_OP_ANY_OF:
                return eval_any(at, op);
        case SK_OP_ONE_OF:
                return eval_one_of(at, op);
        case SK_OP_NOT:
                return eval_not(at, op);
        case SK_OP_IF:
                return eval_if(at, op);
        case SK_OP_REF:
                return eval(at->run, op->as.node, at->value, at->seen, at->around);
        case SK_OP_DYNAMIC_REF:
                return eval_dynamic(at, op);
        case SK_OP_UNEVALUATED_ITEMS:
                return kind != SK_JSON_ARRAY || eval_unevaluated(at, op);
        case SK_OP_UNEVALUATED_PROPERTIES:
                return kind != SK_JSON_OBJECT || eval_unevaluated(at, op);
        default:
                break;
        }
        return sk_schema_value_fits(op, at->value) || no(at->run, at->node, at->value, op->keyword, SK_NONE);
}

static bool eval_ops(const look *at, const sk_schema_node *node) {
        assert(node->is_compiled);
        for (uint32_t i = 0; i < node->count; i++) {
                if (!eval_op(at, &at->run->schema->ops[node->first + i]) || at->run->err != SK_OK)
                        return false;
        }
        return true;
}

/* A schema that asks what has not been looked at knows of its own parts only; those around it learn the sum. */
static bool eval_marked(const look *at, const sk_schema_node *node) {
        assert(node->has_unevaluated);
        look inner = *at;
        marks own;

        if (!marks_take(at->run, (children(at->value) + 63) / 64, &own))
                return false;
        inner.seen = &own;
        bool fits = eval_ops(&inner, node);
        if (fits)
                marks_join(at->seen, &own);
        marks_give(at->run, &own);
        return fits;
}

static bool eval(sk_schema_run *run, uint32_t index, sk_slice value, marks *seen, const scope *around) {
        assert(index < run->schema->node_count);
        const sk_schema_node *node = &run->schema->nodes[index];
        scope own = {node->resource, around};
        bool is_entered = around == NULL || around->resource != node->resource;
        look at = {run, index, value, seen, is_entered ? &own : around};

        if (node->is_never)
                return no(run, index, value, "", SK_NONE);
        if (node->count == 0 || run->err != SK_OK)
                return run->err == SK_OK;
        if (run->depth >= DEPTH_MAX || run->steps >= STEPS_MAX) {
                run->err = run->depth >= DEPTH_MAX ? SK_ERR_DEPTH : SK_ERR_SIZE;
                return false;
        }
        run->depth++;
        run->steps++;
        bool fits = node->has_unevaluated ? eval_marked(&at, node) : eval_ops(&at, node);
        run->depth--;
        return fits;
}

/* ---- from outside ---- */

sk_schema_run *sk_schema_run_new(void) {
        sk_schema_run *run = sk_alloc_zero(1, sizeof(*run));

        if (run == NULL)
                return NULL;
        run->arena = sk_arena_new(TEXT_MAX);
        run->patterns = sk_pattern_run_new();
        if (run->arena == NULL || run->patterns == NULL) {
                sk_schema_run_free(run);
                return NULL;
        }
        return run;
}

void sk_schema_run_free(sk_schema_run *run) {
        if (run == NULL)
                return;
        sk_arena_free(run->arena);
        sk_pattern_run_free(run->patterns);
        sk_free(run);
}

static void put(const sk_buf *text, char *out, size_t room) {
        assert(text->len < room);
        memcpy(out, sk_buf_slice(text).at, text->len);
        out[text->len] = '\0';
}

static void tell(const sk_schema_run *run, sk_slice instance, sk_schema_fault *fault) {
        assert(run->verdict.at != NULL);
        const verdict *said = &run->verdict;
        const sk_schema_node *node = &run->schema->nodes[said->node];
        sk_buf text = sk_buf_make(sizeof(fault->instance) - 1);

        *fault = (sk_schema_fault){.text = ""};
        sk_json_pointer_write(instance, said->at, &text);
        if (sk_slice_there(said->name))
                sk_json_pointer_add(said->name, &text);
        put(&text, fault->instance, sizeof(fault->instance));
        sk_buf_clear(&text);
        sk_schema_locate(run->schema, node->resource, node->at, said->keyword, fault->schema, sizeof(fault->schema));
        sk_schema_words(node->at, said->keyword, &text);
        put(&text, fault->text, sizeof(fault->text));
        sk_buf_free(&text);
}

sk_err sk_schema_check_from(const sk_schema *schema, sk_schema_run *run, uint32_t node, sk_slice instance,
                            sk_schema_fault *fault) {
        assert(node < schema->node_count);
        sk_arena_reset(run->arena);
        run->words = 0;
        run->schema = schema;
        run->err = SK_OK;
        run->depth = 0;
        run->steps = 0;
        run->quiet = 0;
        run->verdict = (verdict){.at = NULL};
        bool fits = eval(run, node, instance, NULL, NULL);
        assert(run->depth == 0);
        assert(run->quiet == 0);
        if (run->err != SK_OK) {
                if (fault != NULL)
                        *fault = (sk_schema_fault){.text = "takes too much work to check"};
                return run->err;
        }
        if (!fits && fault != NULL)
                tell(run, instance, fault);
        return fits ? SK_OK : SK_ERR_CONFLICT;
}

sk_err sk_schema_check(const sk_schema *schema, sk_schema_run *run, sk_slice instance, sk_schema_fault *fault) {
        assert(schema->node_count > 0);
        return sk_schema_check_from(schema, run, 0, instance, fault);
}
