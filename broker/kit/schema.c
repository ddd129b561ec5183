/*
 * From texts to a compiled schema, and back from places in texts to what people can find.
 */

#include "kit/schema.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/escape.h"
#include "kit/json_pointer.h"
#include "kit/schema_inside.h"
#include "kit/uri.h"

#define ARENA_MAX ((size_t)64 << 20)
#define DEPTH_MAX 128
#define COUNT_MAX 1000000

void *sk_schema_grow(sk_schema_build *build, void **items, size_t *count, size_t *room, size_t size) {
        assert(*count <= *room);
        if (*count == *room) {
                size_t more = *room == 0 ? 16 : 2 * *room;
                void *grown = more > COUNT_MAX ? NULL : sk_realloc(*items, more * size);
                if (grown == NULL) {
                        sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
                        return NULL;
                }
                *items = grown;
                *room = more;
        }
        return (char *)*items + (*count)++ * size;
}

/* ---- where something stands ---- */

void sk_schema_locate(const sk_schema *schema, uint32_t resource, sk_slice value, const char *keyword, char *out,
                      size_t room) {
        assert(room > 0);
        assert(keyword != NULL);
        sk_buf text = sk_buf_make(room - 1);

        if (resource < schema->resource_count) {
                sk_buf_add_slice(&text, schema->resources[resource].uri);
                sk_buf_add_byte(&text, '#');
                sk_json_pointer_write(schema->resources[resource].root, value.at, &text);
        }
        if (keyword[0] != '\0')
                sk_buf_add_format(&text, "/%s", keyword);
        memcpy(out, text.at == NULL ? "" : text.at, text.len);
        out[text.len] = '\0';
        sk_buf_free(&text);
}

static bool holds(sk_slice text, sk_slice value) {
        assert(sk_slice_there(text));
        return value.at >= text.at && value.at < text.at + text.len;
}

void sk_schema_fail(sk_schema_build *build, sk_err err, sk_slice at, const char *text) {
        assert(err != SK_OK);
        if (build->err != SK_OK)
                return;
        build->err = err;
        *build->fault = (sk_schema_fault){.text = ""};
        (void)snprintf(build->fault->text, sizeof(build->fault->text), "%s", text[0] == '\0' ? sk_err_text(err) : text);
        for (size_t i = 0; i < build->text_count && sk_slice_there(at); i++) {
                sk_buf where = sk_buf_make(sizeof(build->fault->schema) - 1);
                if (!holds(build->texts[i].text, at))
                        continue;
                sk_buf_add_slice(&where, build->texts[i].uri);
                sk_buf_add_byte(&where, '#');
                sk_json_pointer_write(build->texts[i].text, at.at, &where);
                memcpy(build->fault->schema, where.at == NULL ? "" : where.at, where.len);
                sk_buf_free(&where);
        }
}

/* ---- compiling ---- */

static void say_syntax(sk_schema_build *build, const sk_schema_text *text, sk_err err, const sk_place *place) {
        assert(err != SK_OK);
        build->err = err;
        *build->fault = (sk_schema_fault){.text = ""};
        (void)snprintf(build->fault->schema, sizeof(build->fault->schema), "%.*s", (int)text->uri.len, text->uri.at);
        (void)snprintf(build->fault->text, sizeof(build->fault->text), "line %u, column %u: %s", place->line,
                       place->column, sk_err_text(err));
}

/* Whether a text may refer to the meta-schema, which else need not be looked at. */
static bool may_mean_meta(const sk_schema_source *source) {
        assert(source->texts != NULL || source->count == 0);
        for (size_t i = 0; i < source->count; i++) {
                if (memmem(source->texts[i].text.at, source->texts[i].text.len, "2020-12", 7) != NULL)
                        return true;
        }
        return source->uri.len >= 7 && memmem(source->uri.at, source->uri.len, "2020-12", 7) != NULL;
}

/* Copies the texts, the meta-schema behind them. */
static void take_texts(sk_schema_build *build, const sk_schema_source *source) {
        assert(build->texts == NULL);
        sk_arena *arena = build->schema->arena;
        size_t count = source->count + (may_mean_meta(source) ? 1 : 0);
        sk_schema_text *kept = sk_arena_get_zero(arena, count + 1, sizeof(*kept));

        for (size_t i = 0; i < count && kept != NULL && build->err == SK_OK; i++) {
                sk_place place = {0};
                const sk_schema_text *from = i < source->count ? &source->texts[i] : &sk_schema_meta;
                kept[i].uri = sk_arena_copy(arena, from->uri);
                kept[i].text = sk_slice_trimmed(sk_arena_copy(arena, from->text));
                sk_err err = sk_json_check(from->text, DEPTH_MAX, &place);
                if (err != SK_OK)
                        say_syntax(build, from, err, &place);
                else if (kept[i].uri.at == NULL || kept[i].text.at == NULL)
                        sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        }
        if (kept == NULL)
                sk_schema_fail(build, SK_ERR_NO_MEMORY, SK_NONE, "");
        build->texts = kept;
        build->text_count = kept == NULL ? 0 : count;
}

static void start(sk_schema_build *build, sk_slice uri) {
        assert(build->err == SK_OK);
        uint32_t resource = 0;
        sk_slice value = sk_schema_resolve(build, UINT32_MAX, uri, SK_NONE, &resource);

        if (sk_slice_there(value))
                sk_schema_compile_all(build, value, resource);
}

sk_err sk_schema_compile(const sk_schema_source *source, sk_schema **out, sk_schema_fault *fault) {
        sk_schema_build build = {.fault = fault, .asserts_formats = source->asserts_formats};

        assert((source->texts != NULL || source->count == 0));
        assert(out != NULL);
        assert(fault != NULL);
        build.schema = sk_alloc_zero(1, sizeof(*build.schema));
        if (build.schema == NULL)
                return SK_ERR_NO_MEMORY;
        build.schema->arena = sk_arena_new(ARENA_MAX);
        if (build.schema->arena == NULL)
                build.err = SK_ERR_NO_MEMORY;
        if (build.err == SK_OK)
                take_texts(&build, source);
        for (size_t i = 0; i < build.text_count && build.err == SK_OK; i++)
                sk_schema_index_text(&build, &build.texts[i]);
        if (build.err == SK_OK)
                start(&build, source->uri);
        if (build.err != SK_OK) {
                sk_schema_free(build.schema);
                return build.err;
        }
        *out = build.schema;
        assert(build.schema->node_count > 0);
        return SK_OK;
}

bool sk_schema_uses(const sk_schema *schema, sk_slice uri) {
        assert(schema != NULL);
        for (size_t i = 0; i < schema->resource_count; i++) {
                if (schema->resources[i].is_reached && sk_slice_equal(schema->resources[i].uri, uri))
                        return true;
        }
        return false;
}

uint32_t sk_schema_entry(const sk_schema *schema, sk_slice uri) {
        assert(schema != NULL);
        for (size_t i = 0; i < schema->resource_count; i++) {
                if (!sk_slice_equal(schema->resources[i].uri, uri))
                        continue;
                const sk_schema_place *place = sk_schema_place_find(schema, schema->resources[i].root);
                return place == NULL ? SK_NO_NODE : place->node;
        }
        return SK_NO_NODE;
}

void sk_schema_free(sk_schema *schema) {
        if (schema == NULL)
                return;
        for (size_t i = 0; i < schema->pattern_count; i++)
                sk_pattern_free(schema->patterns[i]);
        sk_free(schema->resources);
        sk_free(schema->anchors);
        sk_free(schema->places);
        sk_free(schema->nodes);
        sk_free(schema->ops);
        sk_free(schema->patterns);
        sk_arena_free(schema->arena);
        sk_free(schema);
}
