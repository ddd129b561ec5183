/*
 * Where schemas stand in their texts, what their URIs are, and where references lead.
 */

#include <assert.h>
#include <stdlib.h>

#include "kit/json_pointer.h"
#include "kit/json_text.h"
#include "kit/schema_inside.h"
#include "kit/uri.h"

#define URI_MAX 4096
#define VALIDATION "https://json-schema.org/draft/2020-12/vocab/validation"
#define VOCABULARIES "https://json-schema.org/draft/2020-12/vocab/"

/* ---- places ---- */

static size_t places_before(const sk_schema *schema, const char *at) {
        size_t low = 0, high = schema->place_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if ((uintptr_t)schema->places[middle].at.at < (uintptr_t)at)
                        low = middle + 1;
                else
                        high = middle;
        }
        assert(low <= schema->place_count);
        return low;
}

sk_schema_place *sk_schema_place_find(const sk_schema *schema, sk_slice value) {
        assert(sk_slice_there(value));
        size_t index = places_before(schema, value.at);
        bool is_there = index < schema->place_count && schema->places[index].at.at == value.at;

        return is_there ? &schema->places[index] : NULL;
}

/* Schemas are met in the order of their text, so that a new one mostly goes to the end. */
static void add_place(sk_schema_build *build, sk_slice value, uint32_t resource) {
        assert(resource < build->schema->resource_count);
        sk_schema *schema = build->schema;
        size_t index = places_before(schema, value.at);
        sk_schema_place *last = sk_schema_grow(build, (void **)&schema->places, &schema->place_count,
                                               &schema->place_room, sizeof(*schema->places));

        if (last == NULL)
                return;
        memmove(&schema->places[index + 1], &schema->places[index],
                (schema->place_count - 1 - index) * sizeof(*schema->places));
        schema->places[index] = (sk_schema_place){value, resource, SK_NO_NODE};
}

/* ---- resources and anchors ---- */

static sk_slice text_member(sk_schema_build *build, sk_slice object, const char *name) {
        assert(name != NULL);
        sk_slice value = sk_json_member(object, name);

        if (!sk_slice_there(value))
                return SK_NONE;
        sk_slice text = sk_json_string(value, build->schema->arena);
        if (!sk_slice_there(text) && sk_json_kind_of(value) != SK_JSON_STRING)
                sk_schema_fail(build, SK_ERR_TYPE, value, "must be a text");
        else if (!sk_slice_there(text))
                sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        return text;
}

static uint32_t add_resource(sk_schema_build *build, sk_slice uri, sk_slice root, bool validates) {
        assert(sk_slice_there(root));
        sk_schema *schema = build->schema;
        sk_schema_resource *resource = sk_schema_grow(build, (void **)&schema->resources, &schema->resource_count,
                                                      &schema->resource_room, sizeof(*schema->resources));

        if (resource == NULL)
                return 0;
        *resource = (sk_schema_resource){uri, root, validates, false};
        return (uint32_t)(schema->resource_count - 1);
}

static void add_anchor(sk_schema_build *build, sk_slice value, const char *keyword, uint32_t resource) {
        assert(keyword[0] == '$');
        sk_schema *schema = build->schema;
        sk_slice name = text_member(build, value, keyword);

        if (!sk_slice_there(name))
                return;
        sk_schema_anchor *anchor = sk_schema_grow(build, (void **)&schema->anchors, &schema->anchor_count,
                                                  &schema->anchor_room, sizeof(*schema->anchors));
        if (anchor != NULL)
                *anchor = (sk_schema_anchor){resource, keyword[1] == 'd', name, value, SK_NO_NODE};
}

/* Resolved and kept; SK_NONE: noted. */
static sk_slice resolve(sk_schema_build *build, sk_slice base, sk_slice reference, sk_slice at) {
        sk_buf uri = sk_buf_make(URI_MAX);
        sk_slice kept = SK_NONE;

        sk_uri_resolve(base, reference, &uri);
        if (uri.err != SK_OK)
                sk_schema_fail(build, uri.err == SK_ERR_FULL ? SK_ERR_SIZE : uri.err, at, "the URI is too long");
        else if (!sk_slice_there(kept = sk_arena_copy(build->schema->arena, sk_buf_slice(&uri))))
                sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        sk_buf_free(&uri);
        return kept;
}

static const sk_schema_text *text_of(const sk_schema_build *build, sk_slice uri) {
        for (size_t i = 0; i < build->text_count; i++) {
                if (sk_slice_equal(build->texts[i].uri, uri))
                        return &build->texts[i];
        }
        return NULL;
}

static bool is_known_vocabulary(sk_slice uri) {
        size_t len = strlen(VOCABULARIES);

        return uri.len > len && memcmp(uri.at, VOCABULARIES, len) == 0;
}

/* What the meta-schema of a document says about its vocabularies decides whether assertions count. */
static bool validates(sk_schema_build *build, sk_slice value, bool otherwise) {
        sk_slice meta_uri = text_member(build, value, "$schema");
        const sk_schema_text *meta = sk_slice_there(meta_uri) ? text_of(build, meta_uri) : NULL;
        sk_slice vocabularies = meta == NULL ? SK_NONE : sk_json_member(meta->text, "$vocabulary");
        sk_slice name, needed;

        if (!sk_slice_there(vocabularies))
                return otherwise;
        sk_json_walk walk = sk_json_walk_make(vocabularies);
        while (sk_json_walk_next(&walk, &name, &needed)) {
                if (sk_json_kind_of(needed) == SK_JSON_TRUE && !is_known_vocabulary(name))
                        sk_schema_fail(build, SK_ERR_VERSION, value, "this needs a vocabulary that is not known");
        }
        return sk_slice_there(sk_json_member(vocabularies, VALIDATION));
}

/* ---- walking a text ---- */

typedef enum holds { HOLDS_SCHEMA, HOLDS_LIST, HOLDS_MAP } holds;

static const struct {
        const char *keyword;
        holds holds;
} parts[] = {
        {"additionalProperties", HOLDS_SCHEMA},
        {"propertyNames", HOLDS_SCHEMA},
        {"items", HOLDS_SCHEMA},
        {"contains", HOLDS_SCHEMA},
        {"not", HOLDS_SCHEMA},
        {"if", HOLDS_SCHEMA},
        {"then", HOLDS_SCHEMA},
        {"else", HOLDS_SCHEMA},
        {"unevaluatedItems", HOLDS_SCHEMA},
        {"unevaluatedProperties", HOLDS_SCHEMA},
        {"contentSchema", HOLDS_SCHEMA},
        {"allOf", HOLDS_LIST},
        {"anyOf", HOLDS_LIST},
        {"oneOf", HOLDS_LIST},
        {"prefixItems", HOLDS_LIST},
        {"properties", HOLDS_MAP},
        {"patternProperties", HOLDS_MAP},
        {"dependentSchemas", HOLDS_MAP},
        {"$defs", HOLDS_MAP},
};

static void index_value(sk_schema_build *build, sk_slice value, uint32_t resource);

static void index_children(sk_schema_build *build, sk_slice value, uint32_t resource) {
        assert(resource < build->schema->resource_count);
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, child;

        while (build->err == SK_OK && sk_json_walk_next(&walk, &name, &child))
                index_value(build, child, resource);
}

static void index_member(sk_schema_build *build, sk_slice name, sk_slice value, uint32_t resource) {
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                if (!sk_json_text_equal(name, sk_slice_of(parts[i].keyword)))
                        continue;
                if (parts[i].holds == HOLDS_SCHEMA)
                        index_value(build, value, resource);
                else if (sk_json_kind_of(value) == (parts[i].holds == HOLDS_LIST ? SK_JSON_ARRAY : SK_JSON_OBJECT))
                        index_children(build, value, resource);
                return;
        }
}

/* The resource that begins here, or the one around. */
static uint32_t resource_of(sk_schema_build *build, sk_slice value, uint32_t around) {
        assert(around < build->schema->resource_count);
        const sk_schema_resource outer = build->schema->resources[around];
        sk_slice id = text_member(build, value, "$id");
        bool is_valid = validates(build, value, outer.validates);

        if (!sk_slice_there(id)) {
                build->schema->resources[around].validates = is_valid;
                return around;
        }
        sk_slice uri = resolve(build, outer.uri, id, value);
        return build->err == SK_OK ? add_resource(build, uri, value, is_valid) : around;
}

static void index_value(sk_schema_build *build, sk_slice value, uint32_t resource) {
        assert(resource < build->schema->resource_count);
        sk_json_kind kind = sk_json_kind_of(value);
        sk_slice name, member;

        if (kind != SK_JSON_OBJECT) {
                if (kind == SK_JSON_TRUE || kind == SK_JSON_FALSE)
                        add_place(build, value, resource);
                return; /* of the wrong type: said when it is compiled */
        }
        resource = resource_of(build, value, resource);
        add_place(build, value, resource);
        add_anchor(build, value, "$anchor", resource);
        add_anchor(build, value, "$dynamicAnchor", resource);
        sk_json_walk walk = sk_json_walk_make(value);
        while (build->err == SK_OK && sk_json_walk_next(&walk, &name, &member))
                index_member(build, name, member, resource);
}

void sk_schema_index_text(sk_schema_build *build, const sk_schema_text *text) {
        assert(sk_slice_there(text->text));
        uint32_t resource = add_resource(build, text->uri, text->text, true);

        if (build->err == SK_OK)
                index_value(build, text->text, resource);
}

void sk_schema_index_below(sk_schema_build *build, sk_slice value, uint32_t resource) {
        assert(resource < build->schema->resource_count);
        index_value(build, value, resource);
}

/* ---- references ---- */

static const sk_schema_resource *resource_by_uri(const sk_schema *schema, sk_slice uri, uint32_t *out_index) {
        assert(out_index != NULL);
        for (size_t i = 0; i < schema->resource_count; i++) {
                if (sk_slice_equal(schema->resources[i].uri, uri)) {
                        *out_index = (uint32_t)i;
                        return &schema->resources[i];
                }
        }
        return NULL;
}

static sk_slice follow(sk_schema_build *build, sk_slice root, sk_slice pointer, uint32_t *resource) {
        assert(pointer.len == 0 || pointer.at[0] == '/');
        sk_slice value = root;

        while (pointer.len > 0) {
                sk_slice token = sk_json_pointer_take(&pointer);
                sk_slice name;
                if (!sk_json_pointer_step(value, token, &name, &value))
                        return SK_NONE;
                const sk_schema_place *place = sk_schema_place_find(build->schema, value);
                if (place != NULL)
                        *resource = place->resource;
        }
        return value;
}

static sk_slice find_anchor(const sk_schema *schema, uint32_t resource, sk_slice name) {
        assert(resource < schema->resource_count);
        for (size_t i = 0; i < schema->anchor_count; i++) {
                if (schema->anchors[i].resource == resource && sk_slice_equal(schema->anchors[i].name, name))
                        return schema->anchors[i].at;
        }
        return SK_NONE;
}

sk_schema_anchor *sk_schema_dynamic(const sk_schema *schema, uint32_t resource, sk_slice name) {
        assert(resource < schema->resource_count);
        for (size_t i = 0; i < schema->anchor_count; i++) {
                sk_schema_anchor *anchor = &schema->anchors[i];
                if (anchor->resource == resource && anchor->is_dynamic && sk_slice_equal(anchor->name, name))
                        return anchor;
        }
        return NULL;
}

static sk_slice within(sk_schema_build *build, const sk_schema_resource *found, sk_slice fragment, uint32_t *resource) {
        assert(found != NULL);
        assert(resource != NULL);
        sk_buf text = sk_buf_make(URI_MAX);
        const sk_schema_place *place = sk_schema_place_find(build->schema, found->root);
        sk_slice root = found->root;
        sk_slice target;

        if (place != NULL)
                *resource = place->resource; /* the text's own $id stands over the URI it was got by */
        sk_uri_unescape(fragment, &text);
        sk_slice plain = sk_buf_slice(&text);
        if (text.err == SK_ERR_NO_MEMORY)
                sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        if (text.err != SK_OK)
                target = SK_NONE;
        else if (plain.len == 0)
                target = root;
        else
                target = plain.at[0] == '/' ? follow(build, root, plain, resource)
                                            : find_anchor(build->schema, *resource, plain);
        sk_buf_free(&text);
        return target;
}

sk_slice sk_schema_resolve(sk_schema_build *build, uint32_t resource, sk_slice reference, sk_slice at,
                           uint32_t *out_resource) {
        assert(out_resource != NULL);
        sk_slice base = build->schema->resource_count > resource ? build->schema->resources[resource].uri : SK_NONE;
        sk_slice uri = resolve(build, base, reference, at);
        sk_slice fragment = sk_uri_fragment(reference);
        sk_slice target = SK_NONE;

        if (build->err != SK_OK)
                return SK_NONE;
        const sk_schema_resource *found = resource_by_uri(build->schema, uri, out_resource);
        if (found != NULL)
                target = within(build, found, fragment, out_resource);
        if (!sk_slice_there(target))
                sk_schema_fail(build, SK_ERR_NOT_FOUND, at, "leads nowhere");
        return target;
}
