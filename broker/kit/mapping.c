/*
 * Templates to nodes. Directives are objects of one or two members whose names begin with a dollar; any other such name is
 * an error, so that a slip is not taken for a member.
 */

#include "kit/mapping.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/json_pointer.h"
#include "kit/json_scan.h"
#include "kit/json_text.h"
#include "kit/mapping_inside.h"

typedef struct build {
        sk_arena *arena;
        sk_slice text;
        const char *const *sources;
        size_t source_count;
        size_t node_count;
        uint32_t used;
        sk_mapping_fault *fault;
} build;

sk_err sk_mapping_say(sk_mapping_fault *fault, sk_err err, sk_slice text, sk_slice at, const char *format, ...) {
        assert(fault != NULL);
        sk_buf pointer = sk_buf_make(sizeof fault->pointer - 1);
        va_list list;

        assert(err != SK_OK);
        if (sk_slice_there(at))
                sk_json_pointer_write(text, at.at, &pointer);
        memcpy(fault->pointer, sk_buf_slice(&pointer).at, pointer.len);
        fault->pointer[pointer.len] = '\0';
        sk_buf_free(&pointer);
        va_start(list, format);
        (void)vsnprintf(fault->text, sizeof fault->text, format, list);
        va_end(list);
        return err;
}

static sk_err without_room(build *self) {
        assert(sk_arena_err(self->arena) != SK_OK);
        return sk_mapping_say(self->fault, sk_arena_err(self->arena), self->text, SK_NONE, "%s",
                              sk_err_text(sk_arena_err(self->arena)));
}

static sk_err compile(build *self, sk_slice value, unsigned depth, sk_mapping_node **out);

/* ---- directives ---- */

static sk_err name_source(build *self, sk_slice at, sk_slice name, size_t *out) {
        assert(out != NULL);
        char known[120] = "";

        for (size_t i = 0; i < self->source_count; i++) {
                size_t used = strlen(known);
                if (sk_slice_is(name, self->sources[i])) {
                        *out = i;
                        return SK_OK;
                }
                (void)snprintf(known + used, sizeof known - used, "%s/%s", used == 0 ? "" : ", ", self->sources[i]);
        }
        return sk_mapping_say(
                self->fault, SK_ERR_NOT_FOUND, self->text, at,
                "a text that begins with a slash is a pointer into %s; write {\"$literal\": ...} around it "
                "if it is none",
                known);
}

static bool is_escaped_well(sk_slice pointer) {
        for (size_t i = 0; i < pointer.len; i++) {
                char next = i + 1 < pointer.len ? pointer.at[i + 1] : '\0';
                if (pointer.at[i] == '~' && next != '0' && next != '1')
                        return false;
        }
        return true;
}

/* @p value is a text; fills the node with where it leads. */
static sk_err read_pointer(build *self, sk_slice value, sk_mapping_node *node) {
        assert(sk_json_kind_of(value) == SK_JSON_STRING);
        sk_slice rest = sk_json_string(value, self->arena);

        if (!sk_slice_there(rest))
                return without_room(self);
        assert(rest.len > 0);
        assert(rest.at[0] == '/');
        if (!is_escaped_well(rest))
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, value,
                                      "the pointer has a ~ that is neither ~0, a tilde, nor ~1, a slash");
        sk_slice name = sk_json_pointer_take(&rest);
        node->kind = SK_MAPPING_FROM;
        node->pointer = rest;
        sk_err err = name_source(self, value, name, &node->source);
        if (err == SK_OK)
                self->used |= 1u << node->source;
        return err;
}

static bool is_pointer(sk_slice value) {
        assert(sk_slice_there(value) || value.len == 0);
        const char *at = value.at + 1;
        char unit[4];

        if (sk_json_kind_of(value) != SK_JSON_STRING || value.len < 3)
                return false;
        return sk_json_text_unit(&at, value.at + value.len - 1, unit) == 1 && unit[0] == '/';
}

static bool is_bool(sk_slice value) {
        return sk_json_kind_of(value) == SK_JSON_TRUE || sk_json_kind_of(value) == SK_JSON_FALSE;
}

static sk_err compile_from(build *self, sk_slice value, unsigned depth, sk_mapping_node *node) {
        assert(sk_json_kind_of(value) == SK_JSON_OBJECT);
        sk_slice from = sk_json_member(value, "$from");
        sk_slice otherwise = sk_json_member(value, "$default");
        sk_slice optional = sk_json_member(value, "$optional");
        sk_mapping_node *fallback = NULL;
        sk_err err;

        if (!is_pointer(from))
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, sk_slice_there(from) ? from : value,
                                      "\"$from\" must be a pointer such as \"/%s\"", self->sources[0]);
        err = read_pointer(self, from, node);
        if (err == SK_OK && sk_slice_there(otherwise))
                err = compile(self, otherwise, depth, &fallback);
        node->otherwise = fallback;
        node->is_optional = sk_slice_there(optional) && sk_json_kind_of(optional) == SK_JSON_TRUE;
        if (err == SK_OK && sk_slice_there(optional) && !is_bool(optional))
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, optional,
                                      "\"$optional\" must be true or false");
        if (err == SK_OK && node->is_optional && fallback != NULL)
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, value,
                                      "there can be a \"$default\" or \"$optional\", not both");
        return err;
}

static sk_err compile_children(build *self, sk_slice value, unsigned depth, sk_mapping_node *node) {
        assert(node->first == NULL);
        sk_json_walk walk = sk_json_walk_make(value);
        const sk_mapping_node **tail = &node->first;
        sk_slice name, child;
        sk_err err = SK_OK;

        while (err == SK_OK && sk_json_walk_next(&walk, &name, &child)) {
                sk_mapping_node *made = NULL;
                err = compile(self, child, depth + 1, &made);
                if (err != SK_OK)
                        break;
                made->name = name;
                *tail = made;
                tail = &made->next;
        }
        return err;
}

static bool may_be_part(const sk_mapping_node *node) {
        assert(node->kind <= SK_MAPPING_OBJECT);
        sk_json_kind kind = sk_json_kind_of(node->literal);

        if (node->kind != SK_MAPPING_LITERAL)
                return node->kind == SK_MAPPING_FROM || node->kind == SK_MAPPING_TEXT;
        return kind != SK_JSON_NULL && kind != SK_JSON_ARRAY && kind != SK_JSON_OBJECT;
}

static sk_err compile_text(build *self, sk_slice value, unsigned depth, sk_mapping_node *node) {
        assert(sk_json_kind_of(value) == SK_JSON_OBJECT);
        sk_slice list = sk_json_member(value, "$text");

        if (sk_json_kind_of(list) != SK_JSON_ARRAY)
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, list,
                                      "\"$text\" must be a list of texts and pointers");
        node->kind = SK_MAPPING_TEXT;
        sk_err err = compile_children(self, list, depth, node);
        for (const sk_mapping_node *part = node->first; err == SK_OK && part != NULL; part = part->next) {
                if (!may_be_part(part))
                        err = sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, part->at,
                                             "a text is made of texts, numbers, true and false");
        }
        return err;
}

static sk_err compile_literal(build *self, sk_slice value, unsigned depth, sk_mapping_node *node) {
        (void)self;
        assert(depth <= SK_MAPPING_DEPTH_MAX);
        node->kind = SK_MAPPING_LITERAL;
        node->literal = sk_json_member(value, "$literal");
        return SK_OK;
}

static const struct directive {
        const char *name;
        sk_err (*compile)(build *self, sk_slice value, unsigned depth,
                          sk_mapping_node *node); /* NULL: goes with $from */
} directives[] = {
        {"$from", compile_from},       {"$default", NULL}, {"$optional", NULL}, {"$text", compile_text},
        {"$literal", compile_literal},
};

static const struct directive *directive_of(sk_slice name) {
        assert(sk_slice_there(name));
        for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
                if (sk_json_text_equal(name, sk_slice_of(directives[i].name)))
                        return &directives[i];
        }
        return NULL;
}

/* What the object says to do; NULL for an object that is only that, or is wrong. */
static sk_err find_directive(build *self, sk_slice value, const struct directive **out) {
        assert(*out == NULL);
        sk_json_walk walk = sk_json_walk_make(value);
        sk_slice name, child, odd = SK_NONE;
        size_t count = 0, belonging = 0;

        while (sk_json_walk_next(&walk, &name, &child)) {
                const struct directive *found = directive_of(name);
                count++;
                if (found == NULL && name.len > 0 && name.at[0] == '$')
                        return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, child,
                                              "%.*s is not known: there are $from, $default, $optional, $text and "
                                              "$literal; write {\"$literal\": ...} around what is only data",
                                              (int)(name.len > 40 ? 40 : name.len), name.at);
                if (found != NULL && found->compile != NULL)
                        *out = found;
                belonging += found != NULL ? 1 : 0;
                odd = found == NULL ? child : odd;
        }
        if (belonging == 0)
                return SK_OK;
        bool is_from = *out == &directives[0];
        if (*out == NULL || belonging != count || (!is_from && count > 1))
                return sk_mapping_say(self->fault, SK_ERR_SYNTAX, self->text, sk_slice_there(odd) ? odd : value,
                                      "$text and $literal stand alone in their object, and $from with $default or "
                                      "$optional only");
        return SK_OK;
}

static sk_err compile_object(build *self, sk_slice value, unsigned depth, sk_mapping_node *node) {
        assert(sk_json_kind_of(value) == SK_JSON_OBJECT);
        const struct directive *directive = NULL;
        sk_err err = find_directive(self, value, &directive);

        if (err != SK_OK)
                return err;
        if (directive != NULL)
                return directive->compile(self, value, depth, node);
        node->kind = SK_MAPPING_OBJECT;
        return compile_children(self, value, depth, node);
}

/* ---- values ---- */

static sk_err compile(build *self, sk_slice value, unsigned depth, sk_mapping_node **out) {
        assert(depth > 0);
        assert(self->node_count <= SK_MAPPING_NODES_MAX);
        if (depth > SK_MAPPING_DEPTH_MAX)
                return sk_mapping_say(self->fault, SK_ERR_DEPTH, self->text, value, "this is nested too deeply");
        if (++self->node_count > SK_MAPPING_NODES_MAX)
                return sk_mapping_say(self->fault, SK_ERR_SIZE, self->text, value,
                                      "the template has more than %d values", SK_MAPPING_NODES_MAX);
        sk_mapping_node *node = sk_arena_get_zero(self->arena, 1, sizeof *node);
        if (node == NULL)
                return without_room(self);
        *node = (sk_mapping_node){.kind = SK_MAPPING_LITERAL, .at = value, .literal = value};
        *out = node;
        if (is_pointer(value))
                return read_pointer(self, value, node);
        if (sk_json_kind_of(value) == SK_JSON_OBJECT)
                return compile_object(self, value, depth, node);
        if (sk_json_kind_of(value) != SK_JSON_ARRAY)
                return SK_OK;
        node->kind = SK_MAPPING_ARRAY;
        return compile_children(self, value, depth, node);
}

sk_err sk_mapping_compile(sk_arena *arena, sk_slice template, const char *const *sources, size_t count,
                          const sk_mapping **out, sk_mapping_fault *fault) {
        build self = {.arena = arena, .sources = sources, .source_count = count, .fault = fault};
        sk_mapping_node *root = NULL;

        assert(count > 0);
        assert(count <= SK_MAPPING_SOURCES_MAX);
        assert(out != NULL);
        assert(fault != NULL);
        self.text = sk_slice_trimmed(template);
        assert(self.text.len > 0);
        sk_mapping *mapping = sk_arena_get_zero(arena, 1, sizeof *mapping);
        if (mapping == NULL)
                return without_room(&self);
        sk_err err = compile(&self, self.text, 1, &root);
        if (err == SK_OK && root->is_optional)
                err = sk_mapping_say(fault, SK_ERR_SYNTAX, self.text, self.text, "the whole cannot be left out");
        if (err != SK_OK)
                return err;
        assert(root != NULL);
        *mapping = (sk_mapping){.text = self.text, .root = root, .used = self.used, .count = count};
        *out = mapping;
        return SK_OK;
}

bool sk_mapping_uses(const sk_mapping *mapping, size_t source) {
        assert(source < mapping->count);
        return (mapping->used >> source & 1) != 0;
}
