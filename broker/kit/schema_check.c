/*
 * Whether a schema says what its author means: words with values that they cannot have, defaults that do not fit, words
 * that are not looked at.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kit/schema_inside.h"

typedef enum word_kind {
        WORD_ANYTHING,
        WORD_TEXT,
        WORD_BOOL,
        WORD_NUMBER,
        WORD_COUNT,
        WORD_TYPE,
        WORD_VALUES,
        WORD_NAMES,
        WORD_NAMES_BY_NAME,
        WORD_SCHEMA,
        WORD_SCHEMAS,
        WORD_SCHEMAS_BY_NAME,
        WORD_REFERENCE,
        WORD_UNCHECKED,
} word_kind;

static const struct word {
        const char *name;
        word_kind kind;
} words[] = {
        {"type", WORD_TYPE},
        {"enum", WORD_VALUES},
        {"const", WORD_ANYTHING},
        {"minimum", WORD_NUMBER},
        {"maximum", WORD_NUMBER},
        {"exclusiveMinimum", WORD_NUMBER},
        {"exclusiveMaximum", WORD_NUMBER},
        {"multipleOf", WORD_NUMBER},
        {"minLength", WORD_COUNT},
        {"maxLength", WORD_COUNT},
        {"minItems", WORD_COUNT},
        {"maxItems", WORD_COUNT},
        {"uniqueItems", WORD_BOOL},
        {"minProperties", WORD_COUNT},
        {"maxProperties", WORD_COUNT},
        {"required", WORD_NAMES},
        {"dependentRequired", WORD_NAMES_BY_NAME},
        {"properties", WORD_SCHEMAS_BY_NAME},
        {"additionalProperties", WORD_SCHEMA},
        {"propertyNames", WORD_SCHEMA},
        {"items", WORD_SCHEMA},
        {"prefixItems", WORD_SCHEMAS},
        {"allOf", WORD_SCHEMAS},
        {"anyOf", WORD_SCHEMAS},
        {"oneOf", WORD_SCHEMAS},
        {"not", WORD_SCHEMA},
        {"if", WORD_SCHEMA},
        {"then", WORD_SCHEMA},
        {"else", WORD_SCHEMA},
        {"$ref", WORD_REFERENCE},
        {"$defs", WORD_SCHEMAS_BY_NAME},
        {"format", WORD_TEXT},
        {"title", WORD_ANYTHING},
        {"description", WORD_TEXT},
        {"default", WORD_ANYTHING},
        {"examples", WORD_ANYTHING},
        {"comment", WORD_ANYTHING},
        {"readOnly", WORD_BOOL},
        {"writeOnly", WORD_BOOL},
        {"deprecated", WORD_BOOL},
        {"pattern", WORD_UNCHECKED},
        {"patternProperties", WORD_UNCHECKED},
        {"contains", WORD_UNCHECKED},
        {"minContains", WORD_UNCHECKED},
        {"maxContains", WORD_UNCHECKED},
        {"dependentSchemas", WORD_UNCHECKED},
        {"unevaluatedProperties", WORD_UNCHECKED},
        {"unevaluatedItems", WORD_UNCHECKED},
};

typedef struct checking {
        const json_t *root;
        sk_form_fault *fault;
        sk_form_fault unchecked; /**< the first; told when nothing is wrong */
        unsigned depth;
} checking;

static bool check(checking *self, const json_t *schema);

static bool no(checking *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool no(checking *self, const char *format, ...) {
        va_list list;
        va_start(list, format);
        (void)vsnprintf(self->fault->text, sizeof self->fault->text, format, list);
        va_end(list);
        return false;
}

static const struct word *word_of(const char *name) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
                if (strcmp(words[i].name, name) == 0)
                        return &words[i];
        }
        return NULL;
}

static void note_unchecked(checking *self, const char *name) {
        if (self->unchecked.is_unchecked)
                return;
        self->unchecked = *self->fault;
        self->unchecked.is_unchecked = true;
        (void)snprintf(self->unchecked.text, sizeof self->unchecked.text, "\"%.40s\" is not looked at", name);
}

static bool is_type_name(const json_t *value) {
        static const char *const names[] = {"string", "integer", "number", "boolean", "object", "array", "null"};
        for (size_t i = 0; json_is_string(value) && i < sizeof names / sizeof *names; i++) {
                if (strcmp(names[i], json_string_value(value)) == 0)
                        return true;
        }
        return false;
}

static bool are_all(const json_t *list, bool (*is_one)(const json_t *value)) {
        for (size_t i = 0; i < json_array_size(list); i++) {
                if (!is_one(json_array_get(list, i)))
                        return false;
        }
        return json_is_array(list);
}

static bool is_text(const json_t *value) {
        return json_is_string(value);
}

static bool check_member(checking *self, const json_t *schema, const char *name) {
        size_t len = sk_schema_enter(self->fault->pointer, sizeof self->fault->pointer, name);
        if (!check(self, schema))
                return false;
        self->fault->pointer[len] = '\0';
        return true;
}

static bool check_list(checking *self, const json_t *list) {
        if (!json_is_array(list) || json_array_size(list) == 0)
                return no(self, "must be a list of schemas, at least one");
        for (size_t i = 0; i < json_array_size(list); i++) {
                char name[24];
                (void)snprintf(name, sizeof name, "%zu", i);
                if (!check_member(self, json_array_get(list, i), name))
                        return false;
        }
        return true;
}

static bool check_by_name(checking *self, json_t *object, bool (*is_one)(checking *, const json_t *, const char *)) {
        const char *name;
        json_t *value;
        if (!json_is_object(object))
                return no(self, "must be an object");
        json_object_foreach(object, name, value) {
                if (!is_one(self, value, name))
                        return false;
        }
        return true;
}

static bool check_names(checking *self, const json_t *names, const char *name) {
        (void)name;
        return are_all(names, is_text) || no(self, "must be a list of names");
}

static bool check_reference(checking *self, const json_t *value) {
        const char *reference = json_string_value(value);
        if (reference == NULL)
                return no(self, "must be a text");
        if (reference[0] != '#') {
                note_unchecked(self, "$ref");
                return true;
        }
        return sk_schema_refer(self->root, reference) != NULL || no(self, "leads nowhere in the schema");
}

static bool check_word(checking *self, word_kind kind, const char *name, json_t *value) {
        switch (kind) {
        case WORD_TEXT:
                return json_is_string(value) || no(self, "must be a text");
        case WORD_BOOL:
                return json_is_boolean(value) || no(self, "must be true or false");
        case WORD_NUMBER:
                return json_is_number(value) || no(self, "must be a number");
        case WORD_COUNT:
                return (json_is_integer(value) && json_integer_value(value) >= 0) ||
                       no(self, "must be a whole number, not negative");
        case WORD_TYPE:
                return is_type_name(value) || (json_array_size(value) > 0 && are_all(value, is_type_name)) ||
                       no(self, "must be \"string\", \"integer\", \"number\", \"boolean\", \"object\", \"array\" or "
                                "\"null\"");
        case WORD_VALUES:
                return json_array_size(value) > 0 || no(self, "must be a list of values, at least one");
        case WORD_NAMES:
                return check_names(self, value, name);
        case WORD_NAMES_BY_NAME:
                return check_by_name(self, value, check_names);
        case WORD_SCHEMA:
                return check(self, value);
        case WORD_SCHEMAS:
                return check_list(self, value);
        case WORD_SCHEMAS_BY_NAME:
                return check_by_name(self, value, check_member);
        case WORD_REFERENCE:
                return check_reference(self, value);
        case WORD_UNCHECKED:
                note_unchecked(self, name);
                return true;
        default:
                return true;
        }
}

/** A default that the rest of the schema refuses would make each form that leaves it out wrong. */
static bool check_default(checking *self, const json_t *schema) {
        const json_t *value = json_object_get(schema, "default");
        sk_form_fault found = {.pointer = ""};
        if (value == NULL || json_object_get(schema, "$ref") != NULL || sk_schema_fits(schema, value, &found))
                return true;
        (void)sk_schema_enter(self->fault->pointer, sizeof self->fault->pointer, "default");
        return no(self, "the default %.150s", found.text);
}

static bool check_words(checking *self, json_t *schema) {
        const char *name;
        json_t *value;
        json_object_foreach(schema, name, value) {
                const struct word *word = word_of(name);
                size_t len = sk_schema_enter(self->fault->pointer, sizeof self->fault->pointer, name);
                if (word == NULL && name[0] != '$')
                        note_unchecked(self, name);
                if (word != NULL && !check_word(self, word->kind, name, value))
                        return false;
                self->fault->pointer[len] = '\0';
        }
        return check_default(self, schema);
}

static bool check(checking *self, const json_t *schema) {
        if (json_is_boolean(schema))
                return true;
        if (!json_is_object(schema))
                return no(self, "must be a schema: an object, true or false");
        if (self->depth == SK_SCHEMA_DEPTH_MAX)
                return no(self, "is nested too deeply");
        self->depth++;
        /* the walk changes nothing; jansson has no walk over what is const */
        bool is_good = check_words(self, (json_t *)(uintptr_t)schema);
        self->depth--;
        return is_good;
}

bool sk_schema_is_sound(const json_t *schema, sk_form_fault *out) {
        sk_form_fault fault = {.pointer = ""};
        checking self = {.root = schema, .fault = &fault};
        assert(schema != NULL && out != NULL);
        if (!check(&self, schema)) {
                *out = fault;
                return false;
        }
        if (self.unchecked.is_unchecked)
                *out = self.unchecked;
        return !self.unchecked.is_unchecked;
}
