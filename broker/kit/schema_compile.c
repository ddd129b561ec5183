/*
 * Schemas to nodes: each keyword becomes an operation, those of objects and of arrays one each, so that members and items
 * are walked once. What needs to know what the others have looked at comes last.
 */

#include <assert.h>
#include <stdlib.h>

#include "kit/json_text.h"
#include "kit/schema_inside.h"
#include "kit/uri.h"

#define NODES_MAX 100000

/* ---- small helpers ---- */

static void *get(sk_schema_build *build, size_t count, size_t size) {
        void *at = sk_arena_get_zero(build->schema->arena, count == 0 ? 1 : count, size);

        if (at == NULL)
                sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        return at;
}

static size_t count_in(sk_slice value) {
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, child;
        size_t count = 0;

        while (sk_json_walk_next(&walk, &name, &child))
                count++;
        return count;
}

static bool needs(sk_schema_build *build, sk_slice value, sk_json_kind kind, const char *text) {
        if (sk_json_kind_of(value) == kind)
                return true;
        sk_schema_fail(build, SK_ERR_TYPE, value, text);
        return false;
}

/* The node of a schema that stands there; it is compiled later. */
static uint32_t node_of(sk_schema_build *build, sk_slice value, uint32_t resource) {
        assert(resource < build->schema->resource_count);
        sk_schema *schema = build->schema;
        sk_json_kind kind = sk_json_kind_of(value);

        if (kind != SK_JSON_OBJECT && kind != SK_JSON_TRUE && kind != SK_JSON_FALSE) {
                sk_schema_fail(build, SK_ERR_TYPE, value, "must be a schema: an object, true or false");
                return 0;
        }
        if (sk_schema_place_find(schema, value) == NULL)
                sk_schema_index_below(build, value, resource);
        sk_schema_place *place = sk_schema_place_find(schema, value);
        if (place == NULL || build->err != SK_OK)
                return 0;
        if (place->node != SK_NO_NODE)
                return place->node;
        if (schema->node_count >= NODES_MAX) {
                sk_schema_fail(build, SK_ERR_SIZE, value, "has too many schemas within it");
                return 0;
        }
        sk_schema_node *node = sk_schema_grow(build, (void **)&schema->nodes, &schema->node_count, &schema->node_room,
                                              sizeof(*schema->nodes));
        if (node == NULL)
                return 0;
        *node = (sk_schema_node){.resource = place->resource, .at = value};
        schema->resources[place->resource].is_reached = true;
        place->node = (uint32_t)(schema->node_count - 1);
        return place->node;
}

static sk_schema_op *add_op(sk_schema_build *build, sk_schema_code code, const char *keyword) {
        static sk_schema_op nowhere;
        sk_schema_op *op = sk_schema_grow(build, (void **)&build->schema->ops, &build->schema->op_count,
                                          &build->schema->op_room, sizeof(*build->schema->ops));

        if (op == NULL)
                return &nowhere;
        *op = (sk_schema_op){.code = code, .keyword = keyword};
        return op;
}

static uint64_t read_count(sk_schema_build *build, sk_slice value) {
        sk_decimal number;
        uint64_t count = 0;

        if (!needs(build, value, SK_JSON_NUMBER, "must be a whole number, not negative"))
                return 0;
        number = sk_decimal_read(value);
        if (!sk_decimal_is_integer(&number) || number.is_negative) {
                sk_schema_fail(build, SK_ERR_RANGE, value, "must be a whole number, not negative");
                return 0;
        }
        if (number.exponent + number.count > 18)
                return UINT64_MAX;
        for (size_t i = 0, seen = 0; i < number.digits.len && seen < number.count; i++) {
                if (number.digits.at[i] == '.' || (seen == 0 && number.digits.at[i] == '0'))
                        continue;
                count = count * 10 + (uint64_t)(number.digits.at[i] - '0');
                seen++;
        }
        for (int64_t i = 0; i < number.exponent; i++)
                count *= 10;
        return count;
}

static const sk_pattern *pattern_of(sk_schema_build *build, sk_slice expression, sk_slice at) {
        sk_schema *schema = build->schema;
        sk_pattern *pattern = NULL;
        sk_err err = sk_slice_there(expression) ? sk_pattern_compile(expression, &pattern) : SK_ERR_NO_MEMORY;

        if (err != SK_OK) {
                sk_schema_fail(build, err, at, "is no regular expression");
                return NULL;
        }
        sk_pattern **kept = sk_schema_grow(build, (void **)&schema->patterns, &schema->pattern_count,
                                           &schema->pattern_room, sizeof(*schema->patterns));
        if (kept == NULL)
                sk_pattern_free(pattern);
        else
                *kept = pattern;
        return pattern;
}

/* Text of a name, whose inside is given. */
static sk_slice text_of_name(sk_schema_build *build, sk_slice name) {
        return sk_json_string((sk_slice){name.at - 1, name.len + 2}, build->schema->arena);
}

/* ---- one keyword ---- */

#define MEMBERS_MAX 32 /* looked at again and again: found once; of a schema with more they are looked for each time */

typedef struct keywords {
        sk_slice at; /**< the schema */
        uint32_t resource;
        bool validates;
        size_t count; /**< of members; more than MEMBERS_MAX: not found */
        sk_slice names[MEMBERS_MAX];
        sk_slice values[MEMBERS_MAX];
} keywords;

static void find_members(keywords *schema) {
        assert(schema->count == 0);
        sk_json_walk walk = sk_json_walk_make(schema->at);
        sk_slice name, value;

        for (; sk_json_walk_next(&walk, &name, &value); schema->count++) {
                if (schema->count < MEMBERS_MAX) {
                        schema->names[schema->count] = name;
                        schema->values[schema->count] = value;
                }
        }
}

static sk_slice keyword_of(const keywords *schema, const char *keyword) {
        sk_slice wanted = sk_slice_of(keyword);

        if (schema->count > MEMBERS_MAX)
                return sk_json_member(schema->at, keyword);
        for (size_t i = 0; i < schema->count; i++) {
                if (sk_json_text_equal(schema->names[i], wanted))
                        return schema->values[i];
        }
        return SK_NONE;
}

static uint32_t type_bit(sk_slice name) {
        static const char *const names[] = {"null", "", "boolean", "number", "string", "array", "object", "integer"};

        for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (names[i][0] != '\0' && sk_slice_is(name, names[i]))
                        return i == SK_JSON_TRUE ? 1u << SK_JSON_TRUE | 1u << SK_JSON_FALSE : 1u << i;
        }
        return 0;
}

static uint32_t type_of(sk_schema_build *build, sk_slice value) {
        sk_slice name = sk_json_kind_of(value) == SK_JSON_STRING ? (sk_slice){value.at + 1, value.len - 2} : SK_NONE;
        uint32_t bit = type_bit(name);

        if (bit == 0)
                sk_schema_fail(build, SK_ERR_RANGE, value,
                               "must be \"null\", \"boolean\", \"number\", \"integer\", \"string\", \"array\" or "
                               "\"object\"");
        return bit;
}

static void compile_type(sk_schema_build *build, const char *keyword, sk_slice value) {
        uint32_t types = 0;

        if (sk_json_kind_of(value) == SK_JSON_ARRAY) {
                sk_json_walk walk = sk_json_walk_make(value);
                sk_slice name, item;
                while (sk_json_walk_next(&walk, &name, &item))
                        types |= type_of(build, item);
                if (types == 0)
                        sk_schema_fail(build, SK_ERR_RANGE, value, "must have one type at least");
        } else {
                types = type_of(build, value);
        }
        add_op(build, SK_OP_TYPE, keyword)->as.types = types;
}

static void compile_number(sk_schema_build *build, sk_schema_code code, const char *keyword, sk_slice value) {
        if (!needs(build, value, SK_JSON_NUMBER, "must be a number"))
                return;
        sk_decimal number = sk_decimal_read(value);
        if (code == SK_OP_MULTIPLE &&
            (number.count == 0 || number.is_negative || number.count > SK_DECIMAL_DIVISOR_DIGITS_MAX))
                sk_schema_fail(build, SK_ERR_RANGE, value, "must be more than 0 and have 18 digits at most");
        add_op(build, code, keyword)->as.number = number;
}

static void compile_format(sk_schema_build *build, const keywords *schema, sk_slice value) {
        assert(build->asserts_formats);
        sk_slice name = sk_json_string(value, build->schema->arena);
        size_t found = sk_slice_there(name) ? sk_schema_format_find(name) : SIZE_MAX;

        if (found == SIZE_MAX)
                sk_schema_note_odd(build->schema, schema->resource, value, "is a format that is not looked at");
        else
                add_op(build, SK_OP_FORMAT, "format")->as.count = found;
}

static void compile_list(sk_schema_build *build, sk_schema_code code, const char *keyword, sk_slice value,
                         uint32_t resource) {
        assert(code == SK_OP_ALL_OF || code == SK_OP_ANY_OF || code == SK_OP_ONE_OF);
        size_t count = count_in(value);
        sk_slice name, item;
        if (!needs(build, value, SK_JSON_ARRAY, "must be a list of schemas"))
                return;
        if (count == 0)
                sk_schema_fail(build, SK_ERR_RANGE, value, "must have one schema at least");
        uint32_t *nodes = get(build, count, sizeof(*nodes));
        sk_json_walk walk = sk_json_walk_make(value);
        for (size_t i = 0; nodes != NULL && sk_json_walk_next(&walk, &name, &item); i++)
                nodes[i] = node_of(build, item, resource);
        sk_schema_op *op = add_op(build, code, keyword);
        op->as.list.nodes = nodes;
        op->as.list.count = count;
}

static void compile_if(sk_schema_build *build, const keywords *schema, sk_slice value) {
        sk_slice then = keyword_of(schema, "then");
        sk_slice otherwise = keyword_of(schema, "else");
        uint32_t *nodes = get(build, 3, sizeof(*nodes));

        if (nodes == NULL)
                return;
        nodes[0] = node_of(build, value, schema->resource);
        nodes[1] = sk_slice_there(then) ? node_of(build, then, schema->resource) : SK_NO_NODE;
        nodes[2] = sk_slice_there(otherwise) ? node_of(build, otherwise, schema->resource) : SK_NO_NODE;
        sk_schema_op *op = add_op(build, SK_OP_IF, "if");
        op->as.list.nodes = nodes;
        op->as.list.count = 3;
}

static void compile_ref(sk_schema_build *build, const keywords *schema, const char *keyword, sk_slice value) {
        assert(keyword[0] == '$');
        uint32_t resource = schema->resource;
        sk_slice reference = sk_json_string(value, build->schema->arena);

        if (!sk_slice_there(reference)) {
                sk_schema_fail(build, sk_json_kind_of(value) == SK_JSON_STRING ? SK_ERR_NO_MEMORY : SK_ERR_TYPE, value,
                               "must be a text");
                return;
        }
        sk_slice target = sk_schema_resolve(build, schema->resource, reference, value, &resource);
        if (!sk_slice_there(target))
                return;
        uint32_t node = node_of(build, target, resource);
        sk_slice fragment = sk_uri_fragment(reference);
        bool is_dynamic = keyword[1] == 'd' && sk_schema_dynamic(build->schema, resource, fragment) != NULL;
        sk_schema_op *op = add_op(build, is_dynamic ? SK_OP_DYNAMIC_REF : SK_OP_REF, keyword);
        if (is_dynamic) {
                op->as.dynamic.name = fragment;
                op->as.dynamic.node = node;
        } else {
                op->as.node = node;
        }
}

/* ---- objects ---- */

static int compare_properties(const void *a, const void *b) {
        return sk_json_text_compare(((const sk_schema_property *)a)->name, ((const sk_schema_property *)b)->name);
}

static void add_required(sk_schema_build *build, sk_schema_object *object, sk_slice required) {
        assert(object->properties != NULL);
        sk_json_walk walk = sk_json_walk_make(required);
        sk_slice none, item;

        while (sk_json_walk_next(&walk, &none, &item)) {
                size_t i = 0;
                if (!needs(build, item, SK_JSON_STRING, "must be the name of a member"))
                        return;
                sk_slice name = {item.at + 1, item.len - 2};
                while (i < object->property_count && !sk_json_text_equal(object->properties[i].name, name))
                        i++;
                if (i == object->property_count)
                        object->properties[object->property_count++] =
                                (sk_schema_property){.name = name, .node = SK_NO_NODE};
                object->required_count += !object->properties[i].is_required;
                object->properties[i].is_required = true;
        }
}

static void read_properties(sk_schema_build *build, const keywords *schema, sk_schema_object *object) {
        sk_slice properties = keyword_of(schema, "properties");
        sk_slice required = schema->validates ? keyword_of(schema, "required") : SK_NONE;
        sk_slice name, value;

        if (sk_slice_there(properties) && !needs(build, properties, SK_JSON_OBJECT, "must be an object of schemas"))
                return;
        if (sk_slice_there(required) && !needs(build, required, SK_JSON_ARRAY, "must be a list of names"))
                return;
        object->properties = get(build, count_in(properties) + count_in(required), sizeof(*object->properties));
        if (object->properties == NULL)
                return;
        sk_json_walk walk = sk_json_walk_make(properties);
        while (sk_json_walk_next(&walk, &name, &value))
                object->properties[object->property_count++] =
                        (sk_schema_property){.name = name, .node = node_of(build, value, schema->resource)};
        add_required(build, object, required);
        if (object->property_count > 1)
                qsort(object->properties, object->property_count, sizeof(*object->properties), compare_properties);
}

static void read_patterned(sk_schema_build *build, const keywords *schema, sk_schema_object *object) {
        sk_slice patterned = keyword_of(schema, "patternProperties");
        sk_slice name, value;

        if (!sk_slice_there(patterned) || !needs(build, patterned, SK_JSON_OBJECT, "must be an object of schemas"))
                return;
        object->patterned = get(build, count_in(patterned), sizeof(*object->patterned));
        sk_json_walk walk = sk_json_walk_make(patterned);
        while (object->patterned != NULL && sk_json_walk_next(&walk, &name, &value)) {
                sk_schema_patterned *one = &object->patterned[object->patterned_count++];
                one->pattern = pattern_of(build, text_of_name(build, name), value);
                one->node = node_of(build, value, schema->resource);
        }
}

static void needs_names(sk_schema_build *build, sk_slice list) {
        sk_json_walk walk = sk_json_walk_make(list);
        sk_slice none, item;

        if (!needs(build, list, SK_JSON_ARRAY, "must be a list of names"))
                return;
        while (sk_json_walk_next(&walk, &none, &item)) {
                if (!needs(build, item, SK_JSON_STRING, "must be the name of a member"))
                        return;
        }
}

static void read_dependencies(sk_schema_build *build, const keywords *schema, sk_schema_object *object) {
        sk_slice schemas = keyword_of(schema, "dependentSchemas");
        sk_slice names = schema->validates ? keyword_of(schema, "dependentRequired") : SK_NONE;
        sk_slice name, value;

        if (sk_slice_there(schemas) && !needs(build, schemas, SK_JSON_OBJECT, "must be an object of schemas"))
                return;
        if (sk_slice_there(names) && !needs(build, names, SK_JSON_OBJECT, "must be an object of lists of names"))
                return;
        object->dependencies = get(build, count_in(schemas) + count_in(names), sizeof(*object->dependencies));
        if (object->dependencies == NULL)
                return;
        sk_json_walk walk = sk_json_walk_make(schemas);
        while (sk_json_walk_next(&walk, &name, &value))
                object->dependencies[object->dependency_count++] = (sk_schema_dependency){
                        .name = name, .required = SK_NONE, .node = node_of(build, value, schema->resource)};
        walk = sk_json_walk_make(names);
        while (sk_json_walk_next(&walk, &name, &value)) {
                needs_names(build, value);
                object->dependencies[object->dependency_count++] =
                        (sk_schema_dependency){.name = name, .required = value, .node = SK_NO_NODE};
        }
}

static uint32_t node_member(sk_schema_build *build, const keywords *schema, const char *keyword) {
        sk_slice value = keyword_of(schema, keyword);

        return sk_slice_there(value) ? node_of(build, value, schema->resource) : SK_NO_NODE;
}

static uint64_t count_member(sk_schema_build *build, const keywords *schema, const char *keyword, uint64_t otherwise) {
        sk_slice value = schema->validates ? keyword_of(schema, keyword) : SK_NONE;

        return sk_slice_there(value) ? read_count(build, value) : otherwise;
}

static void compile_object(sk_schema_build *build, const keywords *schema) {
        sk_schema_object *object = get(build, 1, sizeof(*object));

        if (object == NULL)
                return;
        read_properties(build, schema, object);
        read_patterned(build, schema, object);
        read_dependencies(build, schema, object);
        object->additional = node_member(build, schema, "additionalProperties");
        object->names = node_member(build, schema, "propertyNames");
        object->min = count_member(build, schema, "minProperties", 0);
        object->max = count_member(build, schema, "maxProperties", UINT64_MAX);
        if (object->property_count > 0 || object->patterned_count > 0 || object->dependency_count > 0 ||
            object->additional != SK_NO_NODE || object->names != SK_NO_NODE || object->min > 0 ||
            object->max < UINT64_MAX)
                add_op(build, SK_OP_OBJECT, "")->as.object = object;
}

/* ---- arrays ---- */

static void compile_array(sk_schema_build *build, const keywords *schema) {
        sk_schema_array *array = get(build, 1, sizeof(*array));
        sk_slice prefix = keyword_of(schema, "prefixItems");
        sk_slice unique = schema->validates ? keyword_of(schema, "uniqueItems") : SK_NONE;
        sk_slice name, item;

        if (array == NULL)
                return;
        if (sk_slice_there(prefix) && !needs(build, prefix, SK_JSON_ARRAY, "must be a list of schemas"))
                return;
        if (sk_slice_there(unique) && sk_json_kind_of(unique) != SK_JSON_FALSE)
                (void)needs(build, unique, SK_JSON_TRUE, "must be true or false");
        array->prefix_count = count_in(prefix);
        uint32_t *nodes = get(build, array->prefix_count, sizeof(*nodes));
        sk_json_walk walk = sk_json_walk_make(prefix);
        for (size_t i = 0; nodes != NULL && sk_json_walk_next(&walk, &name, &item); i++)
                nodes[i] = node_of(build, item, schema->resource);
        array->prefix = nodes;
        array->items = node_member(build, schema, "items");
        array->contains = node_member(build, schema, "contains");
        array->min_contains = count_member(build, schema, "minContains", 1);
        array->max_contains = count_member(build, schema, "maxContains", UINT64_MAX);
        array->min = count_member(build, schema, "minItems", 0);
        array->max = count_member(build, schema, "maxItems", UINT64_MAX);
        array->is_unique = sk_slice_there(unique) && sk_json_kind_of(unique) == SK_JSON_TRUE;
        if (array->prefix_count > 0 || array->items != SK_NO_NODE || array->contains != SK_NO_NODE || array->min > 0 ||
            array->max < UINT64_MAX || array->is_unique)
                add_op(build, SK_OP_ARRAY, "")->as.array = array;
}

/* ---- a schema ---- */

typedef enum reads {
        READS_TYPE,
        READS_VALUE,
        READS_NUMBER,
        READS_COUNT,
        READS_PATTERN,
        READS_FORMAT,
        READS_LIST,
        READS_NODE,
        READS_IF,
        READS_REF
} reads;

/* Keywords that stand for themselves, in the order in which they are looked at: cheap ones first, references before what
 * they may fill in for, unevaluated last (see compile_node). */
static const struct {
        const char *keyword;
        sk_schema_code code;
        reads reads;
        bool asserts; /* of the vocabulary of validation */
} table[] = {
        {"type", SK_OP_TYPE, READS_TYPE, true},
        {"const", SK_OP_CONST, READS_VALUE, true},
        {"enum", SK_OP_ENUM, READS_VALUE, true},
        {"multipleOf", SK_OP_MULTIPLE, READS_NUMBER, true},
        {"maximum", SK_OP_MAXIMUM, READS_NUMBER, true},
        {"exclusiveMaximum", SK_OP_EXCLUSIVE_MAXIMUM, READS_NUMBER, true},
        {"minimum", SK_OP_MINIMUM, READS_NUMBER, true},
        {"exclusiveMinimum", SK_OP_EXCLUSIVE_MINIMUM, READS_NUMBER, true},
        {"maxLength", SK_OP_MAX_LENGTH, READS_COUNT, true},
        {"minLength", SK_OP_MIN_LENGTH, READS_COUNT, true},
        {"pattern", SK_OP_PATTERN, READS_PATTERN, true},
        {"format", SK_OP_FORMAT, READS_FORMAT, true},
        {"$ref", SK_OP_REF, READS_REF, false},
        {"$dynamicRef", SK_OP_DYNAMIC_REF, READS_REF, false},
        {"allOf", SK_OP_ALL_OF, READS_LIST, false},
        {"anyOf", SK_OP_ANY_OF, READS_LIST, false},
        {"oneOf", SK_OP_ONE_OF, READS_LIST, false},
        {"not", SK_OP_NOT, READS_NODE, false},
        {"if", SK_OP_IF, READS_IF, false},
        {"unevaluatedItems", SK_OP_UNEVALUATED_ITEMS, READS_NODE, false},
        {"unevaluatedProperties", SK_OP_UNEVALUATED_PROPERTIES, READS_NODE, false},
};

#define KEYWORDS (sizeof(table) / sizeof(table[0]))
#define FIRST_UNEVALUATED (KEYWORDS - 2)

static void compile_keyword(sk_schema_build *build, const keywords *schema, size_t row) {
        assert(row < KEYWORDS);
        sk_slice value = keyword_of(schema, table[row].keyword);
        const char *keyword = table[row].keyword;
        sk_schema_code code = table[row].code;

        if (!sk_slice_there(value) || (table[row].asserts && !schema->validates))
                return;
        switch (table[row].reads) {
        case READS_TYPE:
                compile_type(build, keyword, value);
                break;
        case READS_VALUE:
                if (code == SK_OP_CONST || needs(build, value, SK_JSON_ARRAY, "must be a list of values"))
                        add_op(build, code, keyword)->as.value = value;
                break;
        case READS_NUMBER:
                compile_number(build, code, keyword, value);
                break;
        case READS_COUNT:
                add_op(build, code, keyword)->as.count = read_count(build, value);
                break;
        case READS_PATTERN:
                if (needs(build, value, SK_JSON_STRING, "must be a text"))
                        add_op(build, code, keyword)->as.pattern =
                                pattern_of(build, sk_json_string(value, build->schema->arena), value);
                break;
        case READS_FORMAT:
                if (build->asserts_formats && needs(build, value, SK_JSON_STRING, "must be a text"))
                        compile_format(build, schema, value);
                break;
        case READS_LIST:
                compile_list(build, code, keyword, value, schema->resource);
                break;
        case READS_NODE:
                add_op(build, code, keyword)->as.node = node_of(build, value, schema->resource);
                break;
        case READS_IF:
                compile_if(build, schema, value);
                break;
        case READS_REF:
                compile_ref(build, schema, keyword, value);
                break;
        }
}

static void compile_node(sk_schema_build *build, uint32_t index) {
        assert(index < build->schema->node_count);
        assert(!build->schema->nodes[index].is_compiled);
        sk_schema *schema = build->schema;
        sk_schema_node node = schema->nodes[index];
        keywords read = {
                .at = node.at, .resource = node.resource, .validates = schema->resources[node.resource].validates};

        node.first = (uint32_t)schema->op_count;
        node.is_never = sk_json_kind_of(node.at) == SK_JSON_FALSE;
        if (sk_json_kind_of(node.at) == SK_JSON_OBJECT) {
                find_members(&read);
                sk_schema_look_for_odd(schema, node.resource, node.at);
                for (size_t i = 0; i < FIRST_UNEVALUATED && build->err == SK_OK; i++)
                        compile_keyword(build, &read, i);
                if (build->err == SK_OK)
                        compile_object(build, &read);
                if (build->err == SK_OK)
                        compile_array(build, &read);
                size_t before = schema->op_count;
                for (size_t i = FIRST_UNEVALUATED; i < KEYWORDS && build->err == SK_OK; i++)
                        compile_keyword(build, &read, i);
                node.has_unevaluated = schema->op_count > before;
        }
        node.count = (uint32_t)(schema->op_count - node.first);
        node.is_compiled = true;
        schema->nodes[index] = node;
}

/*
 * A dynamic reference may lead to any anchor of its name in a resource that was entered on the way: those of all resources
 * that can be entered are compiled.
 */
static void reach_anchors(sk_schema_build *build) {
        sk_schema *schema = build->schema;

        for (size_t i = 0; i < schema->anchor_count && build->err == SK_OK; i++) {
                const sk_schema_anchor anchor = schema->anchors[i];
                if (anchor.is_dynamic && anchor.node == SK_NO_NODE && schema->resources[anchor.resource].is_reached) {
                        uint32_t node = node_of(build, anchor.at, anchor.resource);
                        schema->anchors[i].node = node;
                }
        }
}

void sk_schema_compile_all(sk_schema_build *build, sk_slice start, uint32_t resource) {
        assert(build->schema->node_count == 0);
        const sk_schema *schema = build->schema;
        bool has_dynamic = false;
        uint32_t next = 0;

        (void)node_of(build, start, resource);
        while (next < schema->node_count && build->err == SK_OK) {
                size_t before = schema->op_count;
                compile_node(build, next++);
                for (size_t i = before; i < schema->op_count; i++)
                        has_dynamic = has_dynamic || schema->ops[i].code == SK_OP_DYNAMIC_REF;
                if (has_dynamic && next == schema->node_count && build->err == SK_OK)
                        reach_anchors(build);
        }
}
