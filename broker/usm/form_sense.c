/*
 * Forms that are good JSON Schemas and yet can be filled in by nobody: words that leave each other nothing, and members that
 * mean something in every result and are asked for as something else. The task would never end.
 */
#include <assert.h>
#include <math.h>

#include "usm/form.h"

/* ---- types ---- */

static bool is_of_type(const json_t *value, const char *type) {
        assert(type != NULL);
        if (strcmp(type, "integer") == 0)
                return json_is_integer(value) ||
                       (json_is_real(value) && trunc(json_real_value(value)) == json_real_value(value));
        return (strcmp(type, "string") == 0 && json_is_string(value)) ||
               (strcmp(type, "number") == 0 && json_is_number(value)) ||
               (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
               (strcmp(type, "object") == 0 && json_is_object(value)) ||
               (strcmp(type, "array") == 0 && json_is_array(value)) ||
               (strcmp(type, "null") == 0 && json_is_null(value));
}

/* A type alone, or a list of them; none at all allows everything. */
static bool allows(const json_t *schema, const json_t *value) {
        const json_t *types = json_object_get(schema, "type");
        bool is_any = types == NULL || (json_is_string(types) && is_of_type(value, json_string_value(types)));
        for (size_t i = 0; i < json_array_size(types) && !is_any; i++)
                is_any = is_of_type(value, json_string_value(json_array_get(types, i)));
        return is_any;
}

static bool may_be(const json_t *schema, const char *type) {
        assert(type != NULL);
        const json_t *types = json_object_get(schema, "type");
        bool is_any = types == NULL || (json_is_string(types) && strcmp(json_string_value(types), type) == 0);
        for (size_t i = 0; i < json_array_size(types) && !is_any; i++)
                is_any = strcmp(json_string_value(json_array_get(types, i)), type) == 0;
        return is_any;
}

/* ---- words that contradict each other ---- */

static void check_bounds(sk_check *check, const sk_spot *schema) {
        assert(json_is_object(schema->value));
        static const struct {
                const char *least;
                const char *most;
                bool also_equal;
        } pairs[] = {{"minimum", "maximum", false},
                     {"exclusiveMinimum", "maximum", true},
                     {"minimum", "exclusiveMaximum", true},
                     {"exclusiveMinimum", "exclusiveMaximum", true},
                     {"minLength", "maxLength", false},
                     {"minItems", "maxItems", false},
                     {"minProperties", "maxProperties", false}};
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                sk_spot least = sk_spot_member(schema, pairs[i].least);
                sk_spot most = sk_spot_member(schema, pairs[i].most);
                if (least.value == NULL || most.value == NULL)
                        continue;
                double low = json_number_value(least.value);
                double high = json_number_value(most.value);
                if (high < low || (pairs[i].also_equal && high <= low))
                        sk_check_say(check, &most, SK_ERROR, "form-bad",
                                     "\"%s\" leaves nothing above \"%s\"\nlet it be more", pairs[i].most,
                                     pairs[i].least);
        }
}

static void check_choices(sk_check *check, const sk_spot *schema) {
        assert(json_is_object(schema->value));
        sk_spot values = sk_spot_member(schema, "enum");
        sk_spot value = sk_spot_member(schema, "const");
        bool is_any = values.value == NULL;
        bool is_among = is_any || value.value == NULL;
        for (size_t i = 0; i < json_array_size(values.value); i++) {
                const json_t *one = json_array_get(values.value, i);
                is_any |= allows(schema->value, one);
                is_among |= value.value != NULL && json_equal(one, value.value);
        }
        if (!is_any)
                sk_check_say(check, &values, SK_ERROR, "form-bad",
                             "no choice is of the \"type\" beside it\nlet one of the two be what is meant");
        if (!is_among || (value.value != NULL && !allows(schema->value, value.value)))
                sk_check_say(check, &value, SK_ERROR, "form-bad",
                             "\"const\" contradicts what stands beside it\nlet one of the two be what is meant");
}

/* A member that must be there and may not. */
static void check_required(sk_check *check, const sk_spot *schema) {
        assert(json_is_object(schema->value));
        sk_spot names = sk_spot_member(schema, "required");
        sk_spot properties = sk_spot_member(schema, "properties");
        bool is_closed = json_is_false(json_object_get(schema->value, "additionalProperties")) &&
                         json_object_get(schema->value, "patternProperties") == NULL;
        for (size_t i = 0; i < json_array_size(names.value); i++) {
                sk_spot item = sk_spot_item(&names, i);
                const char *name = json_string_value(item.value);
                const json_t *property = json_object_get(properties.value, name);
                if (json_is_false(property) || (property == NULL && is_closed))
                        sk_check_say(check, &item, SK_ERROR, "form-bad",
                                     "%s must be there, and may not\ndescribe it under \"properties\"",
                                     sk_quote(sk_slice_of(name)).text);
        }
}

/* Only where something must fit: one branch of several may be impossible. */
static void check_schema(sk_check *check, const sk_spot *schema) {
        assert(schema != NULL);
        const char *name;
        json_t *value;
        if (!json_is_object(schema->value))
                return;
        check_bounds(check, schema);
        check_choices(check, schema);
        check_required(check, schema);
        sk_spot properties = sk_spot_member(schema, "properties");
        sk_spot items = sk_spot_member(schema, "items");
        sk_spot all = sk_spot_member(schema, "allOf");
        json_object_foreach(properties.value, name, value) {
                sk_spot property = sk_spot_member(&properties, name);
                check_schema(check, &property);
        }
        for (size_t i = 0; i < json_array_size(all.value); i++) {
                sk_spot one = sk_spot_item(&all, i);
                check_schema(check, &one);
        }
        if (items.value != NULL)
                check_schema(check, &items);
}

/* ---- members that mean something ---- */

static bool may_be_1_to_5(const json_t *schema) {
        const json_t *values = json_object_get(schema, "enum");
        const json_t *most = json_object_get(schema, "maximum");
        const json_t *least = json_object_get(schema, "minimum");
        bool is_any = values == NULL;
        for (size_t i = 0; i < json_array_size(values) && !is_any; i++) {
                json_int_t one = json_integer_value(json_array_get(values, i));
                is_any = one >= 1 && one <= 5;
        }
        return is_any && (may_be(schema, "integer") || may_be(schema, "number")) &&
               (most == NULL || json_number_value(most) >= 1) && (least == NULL || json_number_value(least) <= 5);
}

static void check_meanings(sk_check *check, const sk_spot *form) {
        assert(form->value != NULL);
        static const struct {
                const char *name;
                const char *type; /* NULL: 1 to 5 */
                const char *words;
        } meanings[] = {{"priority", NULL, "1 to 5"},     {"impact", NULL, "1 to 5"},
                        {"urgency", NULL, "1 to 5"},      {"category", "string", "a text"},
                        {"offer", "object", "an object"}, {"cut", "object", "an object"}};
        sk_spot properties = sk_spot_member(form, "properties");
        for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
                sk_spot member = sk_spot_member(&properties, meanings[i].name);
                if (member.value == NULL || json_object_get(member.value, "$ref") != NULL)
                        continue;
                if (meanings[i].type == NULL ? may_be_1_to_5(member.value) : may_be(member.value, meanings[i].type))
                        continue;
                sk_check_say(check, &member, SK_ERROR, "form-bad",
                             "\"%s\" means something in every result, and must be %s\ncall it otherwise, or let it be "
                             "that",
                             meanings[i].name, meanings[i].words);
        }
}

void sk_form_check_sense(sk_check *check, const sk_spot *form) {
        assert(form->value != NULL);
        if (!may_be(form->value, "object")) {
                sk_check_say(check, form, SK_ERROR, "form-bad",
                             "what is entered is an object, and the form wants something else\nsay \"type\": "
                             "\"object\", and what is to be entered under \"properties\"");
                return;
        }
        check_schema(check, form);
        check_meanings(check, form);
}
