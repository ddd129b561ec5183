/*
 * What a schema says that nothing looks at. The draft lets it pass; who wrote it may have meant something by it.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/json_text.h"
#include "kit/schema_inside.h"

static const char *const keywords[] = {
        "additionalProperties",
        "allOf",
        "anyOf",
        "comment",
        "const",
        "contains",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "dependentRequired",
        "dependentSchemas",
        "deprecated",
        "description",
        "else",
        "enum",
        "examples",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "if",
        "items",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "prefixItems",
        "properties",
        "propertyNames",
        "readOnly",
        "required",
        "then",
        "title",
        "type",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
        "writeOnly",
};

static bool is_keyword(sk_slice name) {
        assert(sk_slice_there(name));
        for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
                if (sk_json_text_equal(name, sk_slice_of(keywords[i])))
                        return true;
        }
        return name.len > 0 && name.at[0] == '$';
}

void sk_schema_note_odd(sk_schema *schema, uint32_t resource, sk_slice at, const char *text) {
        assert(sk_slice_there(at));
        assert(text != NULL);
        if (sk_slice_there(schema->odd))
                return;
        schema->odd = at;
        schema->odd_text = text;
        schema->odd_resource = resource;
}

void sk_schema_look_for_odd(sk_schema *schema, uint32_t resource, sk_slice value) {
        assert(resource < schema->resource_count);
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, member;

        while (sk_json_walk_next(&walk, &name, &member)) {
                if (!is_keyword(name))
                        sk_schema_note_odd(schema, resource, member, "is no keyword of JSON Schema, and not looked at");
        }
}

bool sk_schema_is_odd(const sk_schema *schema, sk_schema_fault *fault) {
        assert(fault != NULL);
        if (!sk_slice_there(schema->odd))
                return false;
        *fault = (sk_schema_fault){.text = ""};
        sk_schema_locate(schema, schema->odd_resource, schema->odd, "", fault->schema, sizeof(fault->schema));
        (void)snprintf(fault->text, sizeof(fault->text), "%s", schema->odd_text);
        return true;
}
