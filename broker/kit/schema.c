/*
 * Values against schemas. A fault is said where the value does not fit; the pointer grows and shrinks with the walk.
 */
#include "kit/schema.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/schema_inside.h"
#include "kit/utf8.h"
#include "kit/when.h"

typedef struct fitting {
        const json_t *root;
        sk_form_fault *fault;
        unsigned depth;
} fitting;

static bool fits(fitting *fit, const json_t *schema, const json_t *value);

static bool no(fitting *fit, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool no(fitting *fit, const char *format, ...) {
        va_list list;
        va_start(list, format);
        (void)vsnprintf(fit->fault->text, sizeof fit->fault->text, format, list);
        va_end(list);
        return false;
}

/* ---- the pointer ---- */

size_t sk_schema_enter(char *pointer, size_t size, const char *name) {
        size_t len = strlen(pointer);
        size_t at = len;
        if (at + 1 < size)
                pointer[at++] = '/';
        for (; *name != '\0' && at + 3 < size; name++) {
                if (*name == '~' || *name == '/') {
                        pointer[at++] = '~';
                        pointer[at++] = *name == '~' ? '0' : '1';
                } else {
                        pointer[at++] = *name;
                }
        }
        pointer[at] = '\0';
        return len;
}

static bool fits_member(fitting *fit, const json_t *schema, const json_t *value, const char *name) {
        char *pointer = fit->fault->pointer;
        size_t len = sk_schema_enter(pointer, sizeof fit->fault->pointer, name);
        if (!fits(fit, schema, value))
                return false;
        pointer[len] = '\0';
        return true;
}

static bool fits_item(fitting *fit, const json_t *schema, const json_t *value, size_t index) {
        char name[24];
        (void)snprintf(name, sizeof name, "%zu", index);
        return fits_member(fit, schema, value, name);
}

/* ---- types, and values as they are ---- */

#define WHOLE_MAX 9007199254740992.0 /* what is larger has no fraction */

/** The whole number next to zero. */
static double whole_of(double number) {
        return number > -WHOLE_MAX && number < WHOLE_MAX ? (double)(int64_t)number : number;
}

static bool is_whole(const json_t *value) {
        double number = json_real_value(value);
        return json_is_integer(value) ||
               (json_is_real(value) && number <= whole_of(number) && number >= whole_of(number));
}

bool sk_schema_is_type(const json_t *value, const char *type) {
        if (strcmp(type, "string") == 0)
                return json_is_string(value);
        if (strcmp(type, "integer") == 0)
                return is_whole(value);
        if (strcmp(type, "number") == 0)
                return json_is_number(value);
        if (strcmp(type, "boolean") == 0)
                return json_is_boolean(value);
        if (strcmp(type, "object") == 0)
                return json_is_object(value);
        if (strcmp(type, "array") == 0)
                return json_is_array(value);
        return json_is_null(value);
}

static const char *words_of(const char *type) {
        static const char *const words[][2] = {{"string", "a text"},    {"integer", "a whole number"},
                                               {"number", "a number"},  {"boolean", "true or false"},
                                               {"object", "an object"}, {"array", "a list"}};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
                if (strcmp(words[i][0], type) == 0)
                        return words[i][1];
        }
        return "null";
}

static bool fits_type(fitting *fit, const json_t *type, const json_t *value) {
        if (json_is_string(type))
                return sk_schema_is_type(value, json_string_value(type)) ||
                       no(fit, "must be %s", words_of(json_string_value(type)));
        for (size_t i = 0; i < json_array_size(type); i++) {
                const char *name = json_string_value(json_array_get(type, i));
                if (name != NULL && sk_schema_is_type(value, name))
                        return true;
        }
        return !json_is_array(type) || no(fit, "is of none of the types that it may have");
}

/** Equal as JSON Schema means it: 1 and 1.0 are one number. */
static bool is_equal(const json_t *a, const json_t *b) {
        if (json_is_number(a) && json_is_number(b) && json_typeof(a) != json_typeof(b))
                return json_number_value(a) == json_number_value(b);
        return json_equal(a, b) != 0;
}

/** The values, as many as fit. */
static void list_values(const json_t *values, char *out, size_t size) {
        size_t len = 0;
        out[0] = '\0';
        for (size_t i = 0; i < json_array_size(values) && len + 8 < size; i++) {
                char one[48];
                size_t used = json_dumpb(json_array_get(values, i), one, sizeof one, JSON_ENCODE_ANY | JSON_COMPACT);
                if (used == 0 || used > sizeof one || len + used + 8 > size) {
                        (void)snprintf(out + len, size - len, "%s...", len == 0 ? "" : ", ");
                        return;
                }
                len += (size_t)snprintf(out + len, size - len, "%s%.*s", len == 0 ? "" : ", ", (int)used, one);
        }
}

static bool fits_enum(fitting *fit, const json_t *values, const json_t *value) {
        char list[150];
        for (size_t i = 0; i < json_array_size(values); i++) {
                if (is_equal(json_array_get(values, i), value))
                        return true;
        }
        list_values(values, list, sizeof list);
        return no(fit, "must be one of %s", list);
}

/* ---- numbers, texts ---- */

/** Less than, equal to or more than 0, as @p a is to @p b. */
static int compare(const json_t *a, const json_t *b) {
        if (json_is_integer(a) && json_is_integer(b)) {
                json_int_t left = json_integer_value(a);
                json_int_t right = json_integer_value(b);
                return (left > right) - (left < right);
        }
        double left = json_number_value(a);
        double right = json_number_value(b);
        return (left > right) - (left < right);
}

static bool is_multiple(const json_t *value, const json_t *of) {
        if (json_is_integer(value) && json_is_integer(of))
                return json_integer_value(of) == -1 || json_integer_value(value) % json_integer_value(of) == 0;
        double share = json_number_value(value) / json_number_value(of);
        share = share < 0 ? -share : share;
        double rest = share - whole_of(share);
        return rest < 1e-9 * (1 + share) || rest > 1 - 1e-9 * (1 + share);
}

static bool fits_number(fitting *fit, const json_t *schema, const json_t *value) {
        static const struct {
                const char *name;
                int least;
                int most;
                const char *words;
        } bounds[] = {
                {"minimum", 0, 1, "at least"},
                {"exclusiveMinimum", 1, 1, "more than"},
                {"maximum", -1, 0, "at most"},
                {"exclusiveMaximum", -1, -1, "less than"},
        };
        for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
                const json_t *bound = json_object_get(schema, bounds[i].name);
                if (!json_is_number(bound))
                        continue;
                int order = compare(value, bound);
                if (order < bounds[i].least || order > bounds[i].most)
                        return no(fit, "must be %s %.15g", bounds[i].words, json_number_value(bound));
        }
        const json_t *of = json_object_get(schema, "multipleOf");
        return !json_is_number(of) || json_number_value(of) <= 0 || is_multiple(value, of) ||
               no(fit, "must be a multiple of %.15g", json_number_value(of));
}

static size_t letters_of(const json_t *value) {
        const char *at = json_string_value(value);
        size_t left = json_string_length(value);
        size_t count = 0;
        while (left > 0) {
                size_t len = sk_utf8_length(at, left);
                len = len == 0 ? 1 : len;
                at += len;
                left -= len;
                count++;
        }
        return count;
}

/** A bound that is a whole number; @p other when there is none. */
static size_t bound_of(const json_t *schema, const char *name, size_t other) {
        const json_t *bound = json_object_get(schema, name);
        return json_is_integer(bound) && json_integer_value(bound) >= 0 ? (size_t)json_integer_value(bound) : other;
}

static bool is_date(const json_t *value) {
        char moment[] = "0000-00-00T00:00:00Z";
        int64_t time_us;
        if (json_string_length(value) != 10)
                return false;
        memcpy(moment, json_string_value(value), 10);
        return sk_when_parse(sk_slice_of(moment), &time_us);
}

static bool fits_format(fitting *fit, const json_t *schema, const json_t *value) {
        const char *format = json_string_value(json_object_get(schema, "format"));
        int64_t time_us;
        if (format != NULL && strcmp(format, "date") == 0)
                return is_date(value) || no(fit, "must be a date such as 2026-12-24");
        if (format != NULL && strcmp(format, "date-time") == 0)
                return sk_when_parse((sk_slice){json_string_value(value), json_string_length(value)}, &time_us) ||
                       no(fit, "must be a time such as 2026-12-24T12:00:00+01:00");
        return true;
}

static bool fits_text(fitting *fit, const json_t *schema, const json_t *value) {
        size_t count = letters_of(value);
        size_t least = bound_of(schema, "minLength", 0);
        size_t most = bound_of(schema, "maxLength", SIZE_MAX);
        if (count < least)
                return least == 1 ? no(fit, "must not be empty") : no(fit, "must have at least %zu letters", least);
        if (count > most)
                return no(fit, "must have at most %zu letters", most);
        return fits_format(fit, schema, value);
}

/* ---- lists, objects ---- */

static bool is_each_once(const json_t *value) {
        for (size_t i = 0; i < json_array_size(value); i++) {
                for (size_t j = i + 1; j < json_array_size(value); j++) {
                        if (is_equal(json_array_get(value, i), json_array_get(value, j)))
                                return false;
                }
        }
        return true;
}

static bool fits_list(fitting *fit, const json_t *schema, const json_t *value) {
        const json_t *first = json_object_get(schema, "prefixItems");
        const json_t *items = json_object_get(schema, "items");
        size_t count = json_array_size(value);
        if (count < bound_of(schema, "minItems", 0))
                return no(fit, "must have at least %zu items", bound_of(schema, "minItems", 0));
        if (count > bound_of(schema, "maxItems", SIZE_MAX))
                return no(fit, "must have at most %zu items", bound_of(schema, "maxItems", SIZE_MAX));
        if (json_is_true(json_object_get(schema, "uniqueItems")) && !is_each_once(value))
                return no(fit, "must have each item once");
        for (size_t i = 0; i < count; i++) {
                const json_t *of = i < json_array_size(first) ? json_array_get(first, i) : items;
                if (of != NULL && !fits_item(fit, of, json_array_get(value, i), i))
                        return false;
        }
        return true;
}

static bool has_all(fitting *fit, const json_t *names, const json_t *value) {
        for (size_t i = 0; i < json_array_size(names); i++) {
                const char *name = json_string_value(json_array_get(names, i));
                if (name != NULL && json_object_get(value, name) == NULL) {
                        (void)sk_schema_enter(fit->fault->pointer, sizeof fit->fault->pointer, name);
                        return no(fit, "is required");
                }
        }
        return true;
}

static bool fits_members(fitting *fit, const json_t *schema, json_t *value) {
        const json_t *properties = json_object_get(schema, "properties");
        const json_t *patterns = json_object_get(schema, "patternProperties");
        const json_t *others = json_object_get(schema, "additionalProperties");
        const json_t *names = json_object_get(schema, "propertyNames");
        const char *name;
        json_t *member;
        json_object_foreach(value, name, member) {
                const json_t *known = json_object_get(properties, name);
                const json_t *of = known != NULL ? known : patterns != NULL ? NULL : others;
                if (of != NULL && !fits_member(fit, of, member, name))
                        return false;
                json_t *text = names == NULL ? NULL : json_string(name);
                bool is_named = text == NULL || fits_member(fit, names, text, name);
                json_decref(text);
                if (!is_named)
                        return false;
        }
        return true;
}

static bool fits_object(fitting *fit, const json_t *schema, const json_t *value) {
        json_t *dependent = json_object_get(schema, "dependentRequired");
        const char *name;
        json_t *names;
        size_t count = json_object_size(value);
        if (!has_all(fit, json_object_get(schema, "required"), value))
                return false;
        json_object_foreach(dependent, name, names) {
                if (json_object_get(value, name) != NULL && !has_all(fit, names, value))
                        return false;
        }
        if (count < bound_of(schema, "minProperties", 0))
                return no(fit, "must have at least %zu members", bound_of(schema, "minProperties", 0));
        if (count > bound_of(schema, "maxProperties", SIZE_MAX))
                return no(fit, "must have at most %zu members", bound_of(schema, "maxProperties", SIZE_MAX));
        /* the walk changes nothing; jansson has no walk over what is const */
        return fits_members(fit, schema, (json_t *)(uintptr_t)value);
}

/* ---- schemas of schemas ---- */

/** Whether it fits, without a word about it. */
static bool fits_quietly(fitting *fit, const json_t *schema, const json_t *value) {
        sk_form_fault before = *fit->fault;
        bool is_fit = fits(fit, schema, value);
        *fit->fault = before;
        return is_fit;
}

static size_t count_fits(fitting *fit, const json_t *list, const json_t *value) {
        size_t count = 0;
        for (size_t i = 0; i < json_array_size(list); i++)
                count += fits_quietly(fit, json_array_get(list, i), value) ? 1 : 0;
        return count;
}

static bool fits_combined(fitting *fit, const json_t *schema, const json_t *value) {
        const json_t *all = json_object_get(schema, "allOf");
        const json_t *any = json_object_get(schema, "anyOf");
        const json_t *one = json_object_get(schema, "oneOf");
        const json_t *not = json_object_get(schema, "not");
        const json_t *when = json_object_get(schema, "if");
        for (size_t i = 0; i < json_array_size(all); i++) {
                if (!fits(fit, json_array_get(all, i), value))
                        return false;
        }
        if (any != NULL && count_fits(fit, any, value) == 0)
                return no(fit, "fits none of what it may be");
        if (one != NULL && count_fits(fit, one, value) != 1)
                return no(fit, "must fit exactly one of what it may be");
        if (not != NULL && fits_quietly(fit, not, value))
                return no(fit, "must not be that");
        if (when == NULL)
                return true;
        const json_t *then = json_object_get(schema, fits_quietly(fit, when, value) ? "then" : "else");
        return then == NULL || fits(fit, then, value);
}

const json_t *sk_schema_refer(const json_t *root, const char *reference) {
        const json_t *found = root;
        char name[128];
        if (reference[0] != '#' || (reference[1] != '\0' && reference[1] != '/'))
                return NULL;
        for (const char *at = reference + 1; *at == '/' && found != NULL;) {
                size_t len = 0;
                for (at++; *at != '\0' && *at != '/' && len + 1 < sizeof name; at++) {
                        bool is_escape = *at == '~' && (at[1] == '0' || at[1] == '1');
                        name[len++] = !is_escape ? *at : at[1] == '0' ? '~' : '/';
                        at += is_escape ? 1 : 0;
                }
                name[len] = '\0';
                found = json_object_get(found, name);
        }
        return found;
}

static bool fits_reference(fitting *fit, const json_t *schema, const json_t *value) {
        const char *reference = json_string_value(json_object_get(schema, "$ref"));
        const json_t *found = reference == NULL ? NULL : sk_schema_refer(fit->root, reference);
        return found == NULL || fits(fit, found, value);
}

static bool fits_own(fitting *fit, const json_t *schema, const json_t *value) {
        const json_t *type = json_object_get(schema, "type");
        const json_t *values = json_object_get(schema, "enum");
        const json_t *constant = json_object_get(schema, "const");
        if (type != NULL && !fits_type(fit, type, value))
                return false;
        if (values != NULL && !fits_enum(fit, values, value))
                return false;
        if (constant != NULL && !is_equal(constant, value))
                return no(fit, "is not the one value that it may have");
        if (json_is_number(value))
                return fits_number(fit, schema, value);
        if (json_is_string(value))
                return fits_text(fit, schema, value);
        if (json_is_array(value))
                return fits_list(fit, schema, value);
        return !json_is_object(value) || fits_object(fit, schema, value);
}

static bool fits(fitting *fit, const json_t *schema, const json_t *value) {
        if (json_is_boolean(schema))
                return json_is_true(schema) || no(fit, "may not be there");
        if (!json_is_object(schema))
                return true;
        if (fit->depth == SK_SCHEMA_DEPTH_MAX)
                return no(fit, "is nested deeper than can be checked");
        fit->depth++;
        bool is_fit =
                fits_own(fit, schema, value) && fits_combined(fit, schema, value) && fits_reference(fit, schema, value);
        fit->depth--;
        return is_fit;
}

bool sk_schema_fits(const json_t *schema, const json_t *value, sk_form_fault *out) {
        sk_form_fault fault = {.pointer = ""};
        fitting fit = {.root = schema, .fault = &fault};
        assert(schema != NULL && value != NULL && out != NULL);
        if (fits(&fit, schema, value))
                return true;
        *out = fault;
        return false;
}

bool sk_schema_fits_but(const json_t *schema, const json_t *value, const char *const *passed, sk_form_fault *out) {
        json_t *own = json_copy((json_t *)(uintptr_t)value);
        const json_t *properties = json_object_get(schema, "properties");

        assert(json_is_object(value) && passed != NULL);
        *out = (sk_form_fault){.text = "cannot be checked without memory"};
        for (size_t i = 0; own != NULL && passed[i] != NULL; i++) {
                if (json_object_get(properties, passed[i]) == NULL)
                        (void)json_object_del(own, passed[i]);
        }
        bool is_fit = own != NULL && sk_schema_fits(schema, own, out);
        json_decref(own);
        return is_fit;
}

/* ---- defaults ---- */

static sk_err fill(const json_t *root, const json_t *schema, json_t *value, size_t *out_count, unsigned depth) {
        json_t *properties = json_object_get(schema, "properties");
        const char *reference = json_string_value(json_object_get(schema, "$ref"));
        const char *name;
        json_t *of;
        if (depth == SK_SCHEMA_DEPTH_MAX || !json_is_object(value))
                return SK_OK;
        if (reference != NULL) {
                const json_t *found = sk_schema_refer(root, reference);
                return found == NULL ? SK_OK : fill(root, found, value, out_count, depth + 1);
        }
        json_object_foreach(properties, name, of) {
                json_t *member = json_object_get(value, name);
                const json_t *other = json_object_get(of, "default");
                if (member == NULL && other != NULL) {
                        if (json_object_set_new(value, name, json_deep_copy(other)) != 0)
                                return SK_ERR_NO_MEMORY;
                        (*out_count)++;
                } else if (member != NULL && fill(root, of, member, out_count, depth + 1) != SK_OK) {
                        return SK_ERR_NO_MEMORY;
                }
        }
        return SK_OK;
}

sk_err sk_schema_fill(const json_t *schema, json_t *value, size_t *out_count) {
        assert(schema != NULL && value != NULL && out_count != NULL);
        return fill(schema, schema, value, out_count, 0);
}
