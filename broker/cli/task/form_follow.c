#include "cli/task/form_follow.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/json_load.h"
#include "kit/json_pointer.h"
#include "kit/uri.h"

#define FOLLOWED_MAX 32 /* schemas may refer to themselves */
#define FLAT_DEPTH_MAX 6
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
        const char *name;
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)at, name, value) {
                if (sk_json_pointer_is(token, sk_slice_of(name)))
                        return value;
        }
        return NULL;
}

/** What the fragment of a reference leads to in a file; anchors are not known here. */
static const json_t *inside(const json_t *file, sk_slice fragment) {
        sk_buf plain = sk_buf_make(URI_MAX_BYTES);
        const json_t *at = file;

        if (fragment.len > 0)
                sk_uri_unescape(fragment, &plain);
        sk_slice rest = plain.err == SK_OK ? sk_buf_slice(&plain) : SK_NONE;
        if (plain.err != SK_OK || (rest.len > 0 && rest.at[0] != '/'))
                at = NULL;
        while (at != NULL && rest.len > 0)
                at = step(at, sk_json_pointer_take(&rest));
        sk_buf_free(&plain);
        return json_is_object(at) ? at : NULL;
}

static bool follow(const json_t *form, sk_form_place *at) {
        const json_t *reference = json_object_get(at->schema, "$ref");
        const json_t *file = json_is_string(reference) ? file_of(form, at->file, text_of(reference)) : NULL;
        const json_t *found = file == NULL ? NULL : inside(file, sk_uri_fragment(text_of(reference)));

        if (found == NULL)
                return false;
        *at = (sk_form_place){file, found};
        return true;
}

json_t *sk_form_followed(const json_t *form, sk_form_place *at) {
        json_t *whole = json_is_object(at->schema) ? json_copy((json_t *)(uintptr_t)at->schema) : NULL;

        assert(form != NULL && at->file != NULL);
        for (unsigned i = 0; whole != NULL && i < FOLLOWED_MAX && follow(form, at); i++) {
                (void)json_object_del(whole, "$ref");
                if (json_object_update_missing(whole, (json_t *)(uintptr_t)at->schema) != 0) {
                        json_decref(whole);
                        return NULL;
                }
        }
        return whole;
}

/** The place of a member: where the schema that has it stands, which may be beside a reference that was followed. */
static sk_form_place member_of(const sk_form_place *beside, const sk_form_place *found, const char *name,
                               json_t *schema) {
        bool is_beside = json_object_get(json_object_get(beside->schema, "properties"), name) == schema;

        return (sk_form_place){is_beside ? beside->file : found->file, schema};
}

static json_t *flat(const json_t *form, sk_form_place at, unsigned depth) {
        sk_form_place beside = at;
        json_t *whole = sk_form_followed(form, &at);
        json_t *properties = json_object_get(whole, "properties");
        json_t *members = json_is_object(properties) ? json_object() : NULL;
        const char *name;
        json_t *schema;

        json_object_foreach(depth < FLAT_DEPTH_MAX && members != NULL ? properties : NULL, name, schema) {
                json_t *one = flat(form, member_of(&beside, &at, name, schema), depth + 1);
                (void)json_object_set_new(members, name, one == NULL ? json_incref(schema) : one);
        }
        if (json_object_size(members) > 0)
                (void)json_object_set(whole, "properties", members);
        json_decref(members);
        return whole;
}

json_t *sk_form_flat(const json_t *form) {
        assert(form != NULL);
        return flat(form, (sk_form_place){form, form}, 0);
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
