/*
 * Templates filled. What a pointer leads to is written once it has been found; only whether there is anything is asked
 * before, so that a member that is left out leaves no comma behind.
 */

#include <assert.h>

#include "kit/json_pointer.h"
#include "kit/json_scan.h"
#include "kit/mapping_inside.h"

typedef struct filling {
        const sk_mapping *mapping;
        const sk_slice *sources;
        sk_buf *out;
        sk_mapping_fault *fault;
} filling;

static sk_err fill(filling *self, const sk_mapping_node *node, unsigned depth);

static sk_slice value_of(const filling *self, const sk_mapping_node *node) {
        sk_slice source = self->sources[node->source];

        assert(node->kind == SK_MAPPING_FROM);
        assert(node->source < self->mapping->count);
        return sk_slice_there(source) ? sk_json_pointer_follow(source, node->pointer) : SK_NONE;
}

/* How many arrays and objects stand inside each other at most. */
static unsigned depth_of(sk_slice json) {
        assert(sk_slice_there(json));
        unsigned depth = 0, most = 0;
        bool is_text = false;

        for (size_t i = 0; i < json.len; i++) {
                char c = json.at[i];
                if (c == '"')
                        is_text = !is_text;
                else if (is_text)
                        i += c == '\\' ? 1 : 0;
                else if (c == '{' || c == '[')
                        most = ++depth > most ? depth : most;
                else if (c == '}' || c == ']')
                        depth--;
        }
        return most;
}

static sk_err put(filling *self, const sk_mapping_node *node, sk_slice json, unsigned depth) {
        assert(sk_slice_there(json));
        if (depth + depth_of(json) > SK_MAPPING_DEPTH_MAX)
                return sk_mapping_say(self->fault, SK_ERR_DEPTH, self->mapping->text, node->at,
                                      "what comes here is nested too deeply");
        sk_buf_add_slice(self->out, json);
        return SK_OK;
}

static sk_err say_missing(filling *self, const sk_mapping_node *node) {
        assert(node->kind == SK_MAPPING_FROM);
        sk_slice at = sk_json_kind_of(node->at) == SK_JSON_OBJECT ? sk_json_member(node->at, "$from") : node->at;

        return sk_mapping_say(self->fault, SK_ERR_MISSING, self->mapping->text, node->at,
                              "there is nothing at %.*s, and no \"$default\"", (int)(at.len > 120 ? 120 : at.len),
                              at.at);
}

static sk_err fill_from(filling *self, const sk_mapping_node *node, unsigned depth) {
        assert(node->kind == SK_MAPPING_FROM);
        sk_slice value = value_of(self, node);

        if (sk_slice_there(value))
                return put(self, node, value, depth);
        return node->otherwise == NULL ? say_missing(self, node) : fill(self, node->otherwise, depth);
}

/* Whether it gives nothing at all: it, or the default that stands in for it. */
static bool is_left_out(const filling *self, const sk_mapping_node *node) {
        assert(node != NULL);
        while (node->kind == SK_MAPPING_FROM && node->otherwise != NULL && !sk_slice_there(value_of(self, node)))
                node = node->otherwise;
        return node->is_optional && !sk_slice_there(value_of(self, node));
}

static sk_err fill_children(filling *self, const sk_mapping_node *node, unsigned depth) {
        assert(node->kind == SK_MAPPING_OBJECT || node->kind == SK_MAPPING_ARRAY);
        bool is_object = node->kind == SK_MAPPING_OBJECT;
        bool is_first = true;
        sk_err err = SK_OK;

        sk_buf_add_byte(self->out, is_object ? '{' : '[');
        for (const sk_mapping_node *child = node->first; err == SK_OK && child != NULL; child = child->next) {
                if (is_left_out(self, child))
                        continue;
                if (!is_first)
                        sk_buf_add_byte(self->out, ',');
                is_first = false;
                if (is_object) {
                        sk_buf_add_byte(self->out, '"');
                        sk_buf_add_slice(self->out, child->name);
                        sk_buf_add_text(self->out, "\":");
                }
                err = fill(self, child, depth + 1);
        }
        sk_buf_add_byte(self->out, is_object ? '}' : ']');
        return err;
}

/* ---- texts ---- */

static sk_err fill_part(filling *self, const sk_mapping_node *node) {
        sk_slice value = node->literal;

        if (is_left_out(self, node))
                return SK_OK;
        while (node->kind == SK_MAPPING_FROM) {
                value = value_of(self, node);
                if (!sk_slice_there(value) && node->otherwise == NULL)
                        return say_missing(self, node);
                if (sk_slice_there(value))
                        break;
                node = node->otherwise;
                value = node->literal;
        }
        if (node->kind == SK_MAPPING_TEXT) {
                sk_err err = SK_OK;
                for (const sk_mapping_node *part = node->first; err == SK_OK && part != NULL; part = part->next)
                        err = fill_part(self, part);
                return err;
        }
        sk_json_kind kind = node->kind == SK_MAPPING_LITERAL || node->kind == SK_MAPPING_FROM ? sk_json_kind_of(value)
                                                                                              : SK_JSON_OBJECT;
        if (kind == SK_JSON_ARRAY || kind == SK_JSON_OBJECT || kind == SK_JSON_NULL)
                return sk_mapping_say(self->fault, SK_ERR_TYPE, self->mapping->text, node->at,
                                      "only a text, a number, true or false can be part of a text");
        /* The inside of a text goes as it stands: escaped in the source, it is escaped here. */
        sk_buf_add_slice(self->out, kind == SK_JSON_STRING ? (sk_slice){value.at + 1, value.len - 2} : value);
        return SK_OK;
}

static sk_err fill_text(filling *self, const sk_mapping_node *node) {
        assert(node->kind == SK_MAPPING_TEXT);
        sk_buf_add_byte(self->out, '"');
        sk_err err = fill_part(self, node);
        sk_buf_add_byte(self->out, '"');
        return err;
}

static sk_err fill(filling *self, const sk_mapping_node *node, unsigned depth) {
        assert(depth <= SK_MAPPING_DEPTH_MAX + 1);
        switch (node->kind) {
        case SK_MAPPING_LITERAL:
                return put(self, node, node->literal, depth);
        case SK_MAPPING_FROM:
                return fill_from(self, node, depth);
        case SK_MAPPING_TEXT:
                return fill_text(self, node);
        default:
                return fill_children(self, node, depth);
        }
}

sk_err sk_mapping_run(const sk_mapping *mapping, const sk_slice *sources, sk_buf *out, sk_mapping_fault *fault) {
        filling self = {.mapping = mapping, .sources = sources, .out = out, .fault = fault};
        size_t before = out->len;

        assert(mapping != NULL);
        assert(mapping->root != NULL);
        assert(sources != NULL);
        assert(fault != NULL);
        sk_err err = out->err == SK_OK ? fill(&self, mapping->root, 0) : out->err;
        if (err == SK_OK && out->err != SK_OK)
                err = sk_mapping_say(fault, out->err, mapping->text, SK_NONE, "%s",
                                     out->err == SK_ERR_FULL ? "what comes out is too large" : sk_err_text(out->err));
        if (err != SK_OK)
                out->len = before;
        return err;
}
