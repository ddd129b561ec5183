/*
 * What a schema of draft 2020-12 looks like, in our own words: the keywords of all its vocabularies in one schema, which
 * says the same as the draft's own that is spread over eight.
 */

#include "kit/schema_inside.h"

#define ANY "{\"$dynamicRef\":\"#meta\"}"
#define LIST "{\"type\":\"array\",\"minItems\":1,\"items\":" ANY "}"
#define MAP "{\"type\":\"object\",\"additionalProperties\":" ANY "}"
#define TEXT "{\"type\":\"string\"}"
#define NUMBER "{\"type\":\"number\"}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define BOOLEAN "{\"type\":\"boolean\"}"
#define NAMES "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true}"
#define TYPE "{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string\"]}"
#define ANCHOR "{\"type\":\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"}"

static const char text[] =
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
        "\"$id\":\"https://json-schema.org/draft/2020-12/schema\",\"$vocabulary\":{"
        "\"https://json-schema.org/draft/2020-12/vocab/core\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/applicator\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/unevaluated\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/validation\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/meta-data\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/format-annotation\":true,"
        "\"https://json-schema.org/draft/2020-12/vocab/content\":true},"
        "\"$dynamicAnchor\":\"meta\",\"type\":[\"object\",\"boolean\"],\"properties\":{"
        "\"$id\":{\"type\":\"string\",\"pattern\":\"^[^#]*#?$\"},\"$schema\":" TEXT ",\"$ref\":" TEXT
        ",\"$dynamicRef\":" TEXT ",\"$anchor\":" ANCHOR ",\"$dynamicAnchor\":" ANCHOR ",\"$comment\":" TEXT
        ",\"$vocabulary\":{\"type\":\"object\",\"additionalProperties\":" BOOLEAN "},\"$defs\":" MAP
        ",\"prefixItems\":" LIST ",\"items\":" ANY ",\"contains\":" ANY ",\"additionalProperties\":" ANY
        ",\"properties\":" MAP ",\"patternProperties\":" MAP ",\"dependentSchemas\":" MAP ",\"propertyNames\":" ANY
        ",\"if\":" ANY ",\"then\":" ANY ",\"else\":" ANY ",\"allOf\":" LIST ",\"anyOf\":" LIST ",\"oneOf\":" LIST
        ",\"not\":" ANY ",\"unevaluatedItems\":" ANY ",\"unevaluatedProperties\":" ANY ",\"type\":{\"anyOf\":[" TYPE
        ",{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,\"items\":" TYPE "}]},\"enum\":{\"type\":\"array\"}"
        ",\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maximum\":" NUMBER
        ",\"exclusiveMaximum\":" NUMBER ",\"minimum\":" NUMBER ",\"exclusiveMinimum\":" NUMBER ",\"maxLength\":" COUNT
        ",\"minLength\":" COUNT ",\"pattern\":" TEXT ",\"maxItems\":" COUNT ",\"minItems\":" COUNT
        ",\"uniqueItems\":" BOOLEAN ",\"maxContains\":" COUNT ",\"minContains\":" COUNT ",\"maxProperties\":" COUNT
        ",\"minProperties\":" COUNT ",\"required\":" NAMES
        ",\"dependentRequired\":{\"type\":\"object\",\"additionalProperties\":" NAMES "},\"title\":" TEXT
        ",\"description\":" TEXT ",\"deprecated\":" BOOLEAN ",\"readOnly\":" BOOLEAN ",\"writeOnly\":" BOOLEAN
        ",\"examples\":{\"type\":\"array\"},\"format\":" TEXT ",\"contentEncoding\":" TEXT ",\"contentMediaType\":" TEXT
        ",\"contentSchema\":" ANY "}}";

const sk_schema_text sk_schema_meta = {{"https://json-schema.org/draft/2020-12/schema", 44}, {text, sizeof(text) - 1}};
