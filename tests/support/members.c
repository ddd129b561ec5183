#include "support/members.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/contract.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"

#define EVENT "schakel:event/1.0"
#define SEEN_MAX 100

/* Schemas that were read, by their `$id`; for as long as the test runs. */
static struct {
        sk_slice id;
        json_t *schema;
} seen[SEEN_MAX];
static size_t seen_count;

static void end(void) {
        while (seen_count > 0)
                json_decref(seen[--seen_count].schema);
}

static json_t *schema_of(sk_slice id) {
        for (size_t i = 0; i < seen_count; i++)
                if (sk_slice_equal(seen[i].id, id))
                        return seen[i].schema;
        json_t *schema = NULL;
        sk_slice text = sk_contract_text(id);
        if (seen_count == 0)
                atexit(end);
        if (!sk_slice_there(text) || seen_count == SEEN_MAX ||
            sk_json_load(text, SK_JSON_SCAN_DEPTH_MAX, &schema, NULL) != SK_OK)
                abort();
        seen[seen_count].id = id;
        seen[seen_count++].schema = schema;
        return schema;
}

/* A schema and the document that its own references are in. */
typedef struct place {
        json_t *schema;
        json_t *whole;
} place;

static place follow(place at) {
        const char *to = json_string_value(json_object_get(at.schema, "$ref"));
        const char *name = to == NULL ? NULL : strstr(to, "#/$defs/");

        if (to == NULL)
                return at;
        if (name != to)
                at.whole = schema_of((sk_slice){to, name == NULL ? strlen(to) : (size_t)(name - to)});
        at.schema = name == NULL ? at.whole : json_object_get(json_object_get(at.whole, "$defs"), name + 8);
        assert(at.schema != NULL);
        return follow(at);
}

static const char *const branches[] = {"anyOf", "oneOf"};

/* The schema of a member, also in a branch; .schema is NULL: none names it. *is_closed: some name members. */
static place member_of(place at, sk_slice name, bool *is_closed) {
        at = follow(at);
        json_t *properties = json_object_get(at.schema, "properties");
        place found = {json_object_getn(properties, name.at, name.len), at.whole};

        *is_closed = *is_closed || json_object_size(properties) > 0;
        for (size_t b = 0; b < sizeof branches / sizeof *branches && found.schema == NULL; b++) {
                json_t *list = json_object_get(at.schema, branches[b]);
                for (size_t i = 0; i < json_array_size(list) && found.schema == NULL; i++)
                        found = member_of((place){json_array_get(list, i), at.whole}, name, is_closed);
        }
        return found;
}

/* What events share is described once. */
static place shared(sk_slice name) {
        json_t *event = schema_of(SK_SLICE(EVENT));

        return (place){json_object_getn(json_object_get(event, "properties"), name.at, name.len), event};
}

static bool is_of_all_events(sk_slice name) {
        return sk_slice_is(name, "now") || sk_slice_is(name, "cause") || sk_slice_is(name, "n");
}

static bool walk(place at, sk_slice value, bool is_event, char *path, size_t len);

static bool walk_member(place at, sk_slice name, sk_slice value, bool is_event, char *path, size_t len) {
        bool is_closed = is_event;
        place found = member_of(at, name, &is_closed);

        if (is_event && (is_of_all_events(name) || json_is_true(found.schema)))
                found = shared(name);
        int more = snprintf(path + len, MEMBER_PATH_MAX - len, "/%.*s", (int)name.len, name.at);
        if (found.schema == NULL)
                return !is_closed;
        return (size_t)more >= MEMBER_PATH_MAX - len || walk(found, value, false, path, len + (size_t)more);
}

/* No schema of the catalogue describes the members of objects by anything but `properties`. */
static bool walk(place at, sk_slice value, bool is_event, char *path, size_t len) {
        sk_json_walk members = sk_json_walk_make(value);
        sk_json_kind kind = sk_json_kind_of(value);
        json_t *items = json_object_get(follow(at).schema, "items");
        sk_slice name;
        sk_slice inner;

        if (kind != SK_JSON_OBJECT && (kind != SK_JSON_ARRAY || items == NULL))
                return true;
        while (sk_json_walk_next(&members, &name, &inner)) {
                bool is_named = kind == SK_JSON_OBJECT
                                        ? walk_member(at, name, inner, is_event, path, len)
                                        : walk((place){items, follow(at).whole}, inner, false, path, len);
                if (!is_named)
                        return false;
        }
        return true;
}

bool test_members_are_named(sk_message type, sk_slice value, char out[MEMBER_PATH_MAX]) {
        json_t *schema = schema_of(sk_contract_id(type));

        out[0] = '\0';
        return walk((place){schema, schema}, value, type >= SK_EVENT_OPENED && type <= SK_EVENT_UNKNOWN, out, 0);
}
