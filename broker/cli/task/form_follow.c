#include "cli/task/form_follow.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/json_load.h"
#include "kit/json_pointer.h"
#include "kit/uri.h"

#define SCHEMAS_MAX 64
#define FLAT_DEPTH_MAX 6
#define FLAT_MEMBERS_MAX 2000 /* that are taken apart */
#define URI_MAX_BYTES 8192

bool sk_form_requires(const json_t *form, const char *name) {
        const json_t *list = json_object_get(form, "required");
        for (size_t i = 0; i < json_array_size(list); i++) {
                const char *one = json_string_value(json_array_get(list, i));
                if (one != NULL && strcmp(one, name) == 0)
                        return true;
        }
        return false;
}

static sk_slice text_of(const json_t *value) {
        return json_is_string(value) ? (sk_slice){json_string_value(value), json_string_length(value)} : SK_SLICE("");
}

/** The form, or a file that came with it; NULL: it is neither. */
static const json_t *file_of(const json_t *form, const json_t *from, sk_slice reference) {
        const json_t *defs = json_object_get(form, "$defs");
        const json_t *found = NULL;
        sk_buf uri = sk_buf_make(URI_MAX_BYTES);
        const char *name;
        json_t *one;

        if (reference.len == 0 || reference.at[0] == '#')
                return from;
        sk_uri_resolve(text_of(json_object_get(from, "$id")), reference, &uri);
        sk_slice wanted = uri.err == SK_OK ? sk_buf_slice(&uri) : SK_NONE;
        if (wanted.len > 0 && sk_slice_equal(text_of(json_object_get(form, "$id")), wanted))
                found = form;
        json_object_foreach((json_t *)(uintptr_t)defs, name, one) {
                if (found == NULL && wanted.len > 0 && sk_slice_equal(text_of(json_object_get(one, "$id")), wanted))
                        found = one;
        }
        sk_buf_free(&uri);
        return found;
}

/** One token of a JSON Pointer down. */
static const json_t *step(const json_t *at, sk_slice token) {
        char index[24];
        const char *name;
        json_t *value;

        for (size_t i = 0; i < json_array_size(at); i++) {
                (void)snprintf(index, sizeof index, "%zu", i);
                if (sk_slice_is(token, index))
                        return json_array_get(at, i);
        }
        json_object_foreach((json_t *)(uintptr_t)at, name, value) {
                if (sk_json_pointer_is(token, sk_slice_of(name)))
                        return value;
        }
        return NULL;
}

/* Anchors are not known here. */
static bool follow_pointer(sk_form_place *at) {
        sk_slice rest = sk_slice_of(at->pointer);

        at->schema = rest.len > 0 && rest.at[0] != '/' ? NULL : at->file;
        while (at->schema != NULL && rest.len > 0)
                at->schema = step(at->schema, sk_json_pointer_take(&rest));
        return json_is_object(at->schema);
}

/** From a schema to what its `$ref` leads to; false: it has none, or it leads nowhere. */
static bool follow(const json_t *form, sk_form_place *at) {
        sk_slice reference = text_of(json_object_get(at->schema, "$ref"));
        sk_form_place found = {.file = reference.len == 0 ? NULL : file_of(form, at->file, reference)};
        sk_buf plain = sk_buf_make(SK_FORM_POINTER_MAX - 1);
        sk_slice fragment = sk_uri_fragment(reference);

        if (fragment.len > 0)
                sk_uri_unescape(fragment, &plain);
        bool is_plain = plain.err == SK_OK;
        if (is_plain && plain.len > 0)
                memcpy(found.pointer, plain.at, plain.len);
        sk_buf_free(&plain);
        if (found.file == NULL || !is_plain || !follow_pointer(&found))
                return false;
        *at = found;
        return true;
}

/** The place of what stands in a schema, a keyword and a name down; false: that is too long for a place. */
static bool go_down(const sk_form_place *at, const char *keyword, const char *name, const json_t *schema,
                    sk_form_place *out) {
        sk_buf pointer = sk_buf_make(SK_FORM_POINTER_MAX - 1);

        sk_buf_add_format(&pointer, "%s/%s", at->pointer, keyword);
        sk_json_pointer_add(sk_slice_of(name), &pointer);
        *out = (sk_form_place){.file = at->file, .schema = schema};
        bool is_whole = pointer.err == SK_OK;
        if (is_whole)
                memcpy(out->pointer, pointer.at, pointer.len);
        sk_buf_free(&pointer);
        return is_whole;
}

/* ---- all schemas that hold for one value ---- */

typedef struct walk {
        const json_t *form;
        unsigned left; /* schemas may refer to themselves */
        bool (*each)(void *self, const sk_form_place *at);
        void *self;
} walk;

/* False: `each` has ended it. */
static bool walk_on(walk *on, const sk_form_place *at) {
        const json_t *all = json_object_get(at->schema, "allOf");
        sk_form_place next = *at;
        char index[24];

        if (!json_is_object(at->schema) || on->left == 0)
                return true;
        on->left--;
        if (!on->each(on->self, at))
                return false;
        for (size_t i = 0; i < json_array_size(all); i++) {
                (void)snprintf(index, sizeof index, "%zu", i);
                if (go_down(at, "allOf", index, json_array_get(all, i), &next) && !walk_on(on, &next))
                        return false;
        }
        next = *at;
        return !follow(on->form, &next) || walk_on(on, &next);
}

static bool add_schema(void *self, const sk_form_place *at) {
        json_t **whole = self;
        json_t *schema = (json_t *)(uintptr_t)at->schema;

        if (*whole == NULL) {
                *whole = json_copy(schema);
                return *whole != NULL;
        }
        (void)json_object_del(*whole, "$ref");
        (void)json_object_del(*whole, "allOf");
        return json_object_update_missing(*whole, schema) == 0;
}

json_t *sk_form_whole(const json_t *form, const sk_form_place *at) {
        json_t *whole = NULL;
        walk on = {.form = form, .left = SCHEMAS_MAX, .each = add_schema, .self = &whole};

        assert(form != NULL && at->file != NULL);
        if (walk_on(&on, at))
                return whole;
        json_decref(whole);
        return NULL;
}

/* ---- members ---- */

typedef struct naming {
        json_t *seen;
        sk_form_visit *visit;
        void *self;
} naming;

static bool name_members(void *self, const sk_form_place *at) {
        naming *of = self;
        sk_form_place member;
        const char *name;
        json_t *schema;

        json_object_foreach(json_object_get(at->schema, "properties"), name, schema) {
                if (json_object_get(of->seen, name) != NULL || !go_down(at, "properties", name, schema, &member))
                        continue;
                if (json_object_set_new(of->seen, name, json_true()) != 0 || !of->visit(of->self, name, &member))
                        return false;
        }
        return true;
}

bool sk_form_members(const json_t *form, const sk_form_place *at, sk_form_visit *visit, void *self) {
        naming of = {.seen = json_object(), .visit = visit, .self = self};
        walk on = {.form = form, .left = SCHEMAS_MAX, .each = name_members, .self = &of};

        assert(form != NULL && at->file != NULL);
        bool is_through = of.seen != NULL && walk_on(&on, at);
        json_decref(of.seen);
        return is_through;
}

/* ---- the form as it is shown ---- */

typedef struct flattening {
        const json_t *form;
        unsigned depth;
        unsigned *left; /* of FLAT_MEMBERS_MAX */
        json_t *members;
        json_t *required;
} flattening;

static bool add_required(void *self, const sk_form_place *at) {
        const json_t *list = json_object_get(at->schema, "required");

        for (size_t i = 0; i < json_array_size(list); i++)
                if (json_array_append(self, json_array_get(list, i)) != 0)
                        return false;
        return true;
}

static json_t *flat(const json_t *form, const sk_form_place *at, unsigned depth, unsigned *left);

static bool add_member(void *self, const char *name, const sk_form_place *member) {
        const flattening *into = self;
        json_t *one = *into->left == 0 ? NULL : flat(into->form, member, into->depth + 1, into->left);

        return json_object_set_new(into->members, name,
                                   one == NULL ? json_incref((json_t *)(uintptr_t)member->schema) : one) == 0;
}

static json_t *flat(const json_t *form, const sk_form_place *at, unsigned depth, unsigned *left) {
        flattening into = {
                .form = form, .depth = depth, .left = left, .members = json_object(), .required = json_array()};
        walk on = {.form = form, .left = SCHEMAS_MAX, .each = add_required, .self = into.required};
        json_t *whole = sk_form_whole(form, at);

        (*left)--;
        if (depth < FLAT_DEPTH_MAX && sk_form_members(form, at, add_member, &into) &&
            json_object_size(into.members) > 0)
                (void)json_object_set(whole, "properties", into.members);
        if (walk_on(&on, at) && json_array_size(into.required) > 0)
                (void)json_object_set(whole, "required", into.required);
        json_decref(into.members);
        json_decref(into.required);
        return whole;
}

json_t *sk_form_flat(const json_t *form) {
        unsigned left = FLAT_MEMBERS_MAX;

        assert(form != NULL);
        return flat(form, &(sk_form_place){.file = form, .schema = form}, 0, &left);
}

sk_slice sk_form_flat_text(sk_slice form, sk_arena *arena) {
        json_t *tree = NULL;
        json_t *whole = NULL;
        char *text = NULL;
        sk_slice out = SK_NONE;

        if (sk_slice_there(form) && sk_json_load(form, SK_JSON_SCAN_DEPTH_MAX, &tree, NULL) == SK_OK)
                whole = sk_form_flat(tree);
        if (whole != NULL)
                text = json_dumps(whole, JSON_COMPACT);
        if (text != NULL)
                out = sk_arena_copy(arena, sk_slice_of(text));
        sk_free(text);
        json_decref(whole);
        json_decref(tree);
        return sk_slice_there(out) ? out : form;
}
