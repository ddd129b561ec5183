/*
 * Defaults: whether they fit, and objects with those that lack. What `properties` and `$ref` lead to is looked at; which
 * branch of an `anyOf` and the like is meant cannot be told before all is there.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/json_text.h"
#include "kit/schema_inside.h"

#define REFERENCES_MAX 16
#define FILL_DEPTH_MAX 64

/* ---- whether they fit ---- */

bool sk_schema_has_good_defaults(const sk_schema *schema, sk_schema_run *run, sk_schema_fault *fault) {
        assert(run != NULL);
        assert(fault != NULL);
        for (uint32_t i = 0; i < schema->node_count; i++) {
                const sk_schema_node *node = &schema->nodes[i];
                sk_slice value = sk_json_member(node->at, "default");
                sk_schema_fault found;
                if (!sk_slice_there(value) || sk_schema_check_from(schema, run, i, value, &found) == SK_OK)
                        continue;
                *fault = (sk_schema_fault){.text = ""};
                sk_schema_locate(schema, node->resource, node->at, "default", fault->schema, sizeof(fault->schema));
                (void)snprintf(fault->text, sizeof(fault->text), "%.200s", found.text);
                return false;
        }
        return true;
}

/* ---- what lacks ---- */

/* A schema and those that it refers to, which hold for the same value. */
typedef struct joint {
        const sk_schema_node *nodes[REFERENCES_MAX];
        size_t count;
} joint;

static joint joint_of(const sk_schema *schema, const sk_schema_node *node) {
        assert(node != NULL);
        joint all = {.count = 0};

        while (node != NULL && all.count < REFERENCES_MAX) {
                const sk_schema_node *next = NULL;
                all.nodes[all.count++] = node;
                for (uint32_t i = 0; i < node->count; i++) {
                        if (schema->ops[node->first + i].code == SK_OP_REF)
                                next = &schema->nodes[schema->ops[node->first + i].as.node];
                }
                node = next;
        }
        assert(all.count <= REFERENCES_MAX);
        return all;
}

static sk_slice member(sk_slice object, sk_slice name) {
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice found, value;

        while (walk.is_object && sk_json_walk_next(&walk, &found, &value)) {
                if (sk_json_text_equal(found, name))
                        return value;
        }
        return SK_NONE;
}

/* The schema that the first of so many gives for a member; SK_NONE. */
static sk_slice property_of(const joint *all, size_t count, sk_slice name) {
        assert(count <= all->count);
        sk_slice found = SK_NONE;

        for (size_t i = 0; i < count && !sk_slice_there(found); i++)
                found = member(sk_json_member(all->nodes[i]->at, "properties"), name);
        return found;
}

bool sk_schema_names(const sk_schema *schema, sk_slice name) {
        assert(schema->node_count > 0);
        joint all = joint_of(schema, &schema->nodes[0]);

        return sk_slice_there(property_of(&all, all.count, name));
}

static const sk_schema_node *node_at(const sk_schema *schema, sk_slice at) {
        const sk_schema_place *place = sk_slice_there(at) ? sk_schema_place_find(schema, at) : NULL;

        assert(place == NULL || place->node == SK_NO_NODE || place->node < schema->node_count);
        return place == NULL || place->node == SK_NO_NODE ? NULL : &schema->nodes[place->node];
}

/* Walks the defaults of members that lack. */
typedef struct lacking {
        const joint *all;
        sk_slice object;
        size_t index;
        bool is_started;
        sk_json_walk walk;
} lacking;

static bool next_lacking(lacking *at, sk_slice *out_name, sk_slice *out_default) {
        assert(at->index <= at->all->count);
        for (; at->index < at->all->count; at->index++, at->is_started = false) {
                sk_slice property;
                if (!at->is_started)
                        at->walk = sk_json_walk_make(sk_json_member(at->all->nodes[at->index]->at, "properties"));
                at->is_started = true;
                while (sk_json_walk_next(&at->walk, out_name, &property)) {
                        *out_default = sk_json_member(property, "default");
                        if (sk_slice_there(*out_default) && !sk_slice_there(member(at->object, *out_name)) &&
                            !sk_slice_there(property_of(at->all, at->index, *out_name)))
                                return true;
                }
        }
        return false;
}

static bool lacks(const sk_schema *schema, const sk_schema_node *node, sk_slice value, unsigned depth) {
        assert(depth <= FILL_DEPTH_MAX);
        sk_slice name, other, child;

        if (node == NULL || depth == FILL_DEPTH_MAX || sk_json_kind_of(value) != SK_JSON_OBJECT)
                return false;
        joint all = joint_of(schema, node);
        lacking at = {.all = &all, .object = value};
        if (next_lacking(&at, &name, &other))
                return true;
        sk_json_walk walk = sk_json_walk_make(value);
        while (sk_json_walk_next(&walk, &name, &child)) {
                if (lacks(schema, node_at(schema, property_of(&all, all.count, name)), child, depth + 1))
                        return true;
        }
        return false;
}

static void put_member(sk_slice name, bool *is_first, sk_buf *out) {
        assert(sk_slice_there(name));
        sk_buf_add_text(out, *is_first ? "\"" : ",\"");
        sk_buf_add_slice(out, name);
        sk_buf_add_text(out, "\":");
        *is_first = false;
}

static void fill(const sk_schema *schema, const sk_schema_node *node, sk_slice value, unsigned depth, sk_buf *out) {
        assert(depth <= FILL_DEPTH_MAX);
        sk_slice name, child;
        bool is_first = true;

        if (!lacks(schema, node, value, depth)) {
                sk_buf_add_slice(out, value);
                return;
        }
        joint all = joint_of(schema, node);
        lacking at = {.all = &all, .object = value};
        sk_json_walk walk = sk_json_walk_make(value);
        sk_buf_add_byte(out, '{');
        while (sk_json_walk_next(&walk, &name, &child)) {
                put_member(name, &is_first, out);
                fill(schema, node_at(schema, property_of(&all, all.count, name)), child, depth + 1, out);
        }
        while (next_lacking(&at, &name, &child)) {
                put_member(name, &is_first, out);
                sk_buf_add_slice(out, child);
        }
        sk_buf_add_byte(out, '}');
}

bool sk_schema_fill(const sk_schema *schema, sk_slice instance, sk_buf *out) {
        assert(out != NULL);
        assert(schema->node_count > 0);
        if (!lacks(schema, &schema->nodes[0], instance, 0))
                return false;
        fill(schema, &schema->nodes[0], instance, 0, out);
        return true;
}
