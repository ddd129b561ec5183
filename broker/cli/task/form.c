/*
 * Answers to forms. No thought goes into them: what matters is that they fit.
 */
#include "cli/task/form.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/task/form_follow.h"
#include "kit/when.h"

#define DAYS_MAX 14
#define NUMBER_SPAN 30

static json_t *some_of(const json_t *list, uint32_t seed) {
        size_t count = json_array_size(list);
        return count == 0 ? NULL : json_deep_copy(json_array_get(list, seed % count));
}

static json_t *some_number(const json_t *schema, uint32_t seed) {
        const json_t *min = json_object_get(schema, "minimum");
        const json_t *max = json_object_get(schema, "maximum");
        json_int_t from = json_is_integer(min) ? json_integer_value(min) : 0;
        json_int_t to = json_is_integer(max) ? json_integer_value(max) : from + NUMBER_SPAN;
        return json_integer(to <= from ? from : from + (json_int_t)seed % (to - from + 1));
}

static json_t *some_date(uint32_t seed, int64_t now_us) {
        time_t day = (time_t)(now_us / SK_SECOND_US) + (time_t)(1 + seed % DAYS_MAX) * 86400;
        struct tm civil;
        char text[32];
        if (gmtime_r(&day, &civil) == NULL || strftime(text, sizeof(text), "%Y-%m-%d", &civil) == 0)
                return NULL;
        return json_string(text);
}

static json_t *some_text(const char *name, const json_t *schema, uint32_t seed, int64_t now_us) {
        const char *format = json_string_value(json_object_get(schema, "format"));
        const char *title = json_string_value(json_object_get(schema, "title"));
        if (format != NULL && strcmp(format, "date") == 0)
                return some_date(seed, now_us);
        return json_sprintf("%s: as usual", title != NULL ? title : name);
}

static json_t *fill(const json_t *form, uint32_t seed, int64_t now_us);

/** NULL also where nothing needs to be said. */
static json_t *answer(const char *name, const json_t *schema, bool is_required, uint32_t seed, int64_t now_us) {
        const char *type = json_string_value(json_object_get(schema, "type"));
        if (json_array_size(json_object_get(schema, "examples")) > 0)
                return some_of(json_object_get(schema, "examples"), seed);
        if (json_array_size(json_object_get(schema, "enum")) > 0)
                return some_of(json_object_get(schema, "enum"), seed);
        if (type == NULL || strcmp(type, "string") == 0)
                return some_text(name, schema, seed, now_us);
        if (strcmp(type, "boolean") == 0)
                return json_true();
        if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
                return some_number(schema, seed);
        if (!is_required)
                return NULL;
        return strcmp(type, "array") == 0 ? json_array() : fill(schema, seed, now_us);
}

static json_t *fill(const json_t *form, uint32_t seed, int64_t now_us) {
        json_t *filled = json_object();
        const char *name;
        json_t *schema;
        json_object_foreach(json_object_get(form, "properties"), name, schema) {
                if (strcmp(name, "cut") == 0)
                        continue;
                json_t *value = answer(name, schema, sk_form_requires(form, name), seed, now_us);
                if (value != NULL && json_object_set_new(filled, name, value) != 0) {
                        json_decref(filled);
                        return NULL;
                }
        }
        return filled;
}

json_t *sk_form_fill(const json_t *form, uint32_t seed, int64_t now_us) {
        json_t *whole = form == NULL ? NULL : sk_form_flat(form);
        json_t *filled = fill(whole, seed, now_us);
        json_decref(whole);
        return filled;
}
