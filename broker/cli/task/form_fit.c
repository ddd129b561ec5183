#include "cli/task/form_fit.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/form.h"
#include "kit/json_load.h"
#include "link/call.h"

#define RESULT_MAX ((size_t)1024 * 1024)

static bool without_memory(sk_schema_fault *fault) {
        *fault = (sk_schema_fault){.text = "no memory is left"};
        return false;
}

static sk_slice text_of(const json_t *value, sk_buf *out) {
        size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
        size_t size = json_dumpb(value, NULL, 0, flags);
        char *at = size == 0 ? NULL : sk_buf_grow(out, size);

        return at != NULL && json_dumpb(value, at, size, flags) == size ? sk_buf_slice(out) : SK_NONE;
}

static bool take(json_t *object, sk_slice filled, sk_schema_fault *fault) {
        json_t *whole = NULL;
        bool is_good = sk_json_load(filled, SK_JSON_SCAN_DEPTH_MAX, &whole, NULL) == SK_OK &&
                       json_object_update(object, whole) == 0;

        json_decref(whole);
        return is_good || without_memory(fault);
}

bool sk_form_takes(const json_t *form, json_t *object, sk_schema_fault *fault) {
        sk_buf texts[2] = {sk_buf_make(RESULT_MAX), sk_buf_make(RESULT_MAX)};
        sk_buf filled = sk_buf_make(4 * RESULT_MAX);
        sk_schema_run *run = sk_schema_run_new();
        sk_schema *schema = NULL;

        assert(form != NULL && json_is_object(object));
        *fault = (sk_schema_fault){.text = "no memory is left"};
        sk_slice schema_text = text_of(form, &texts[0]);
        sk_slice entered = text_of(object, &texts[1]);
        bool is_good = run != NULL && sk_slice_there(schema_text) && sk_slice_there(entered) &&
                       sk_form_compile(schema_text, run, &schema, fault) == SK_OK &&
                       sk_form_fit(schema, run, entered, sk_result_understood, &filled, fault) == SK_OK;
        if (is_good && filled.len > 0)
                is_good = take(object, sk_buf_slice(&filled), fault);
        sk_schema_free(schema);
        sk_schema_run_free(run);
        sk_buf_free(&filled);
        sk_buf_free(&texts[0]);
        sk_buf_free(&texts[1]);
        return is_good;
}

/*
 * A form with one more member of that schema, and an object with only that: references within the form lead where they did.
 */
bool sk_form_takes_value(const json_t *form, const json_t *schema, const json_t *value, sk_schema_fault *fault) {
        static const char name[] = " it"; /* not to be taken for a member that somebody thought of */
        json_t *properties = json_copy(json_object_get(form, "properties"));
        if (properties == NULL)
                properties = json_object();
        bool is_made = json_object_set(properties, name, (json_t *)(uintptr_t)schema) == 0;
        json_t *one = json_pack("{s:O, s:O*, s:O*}", "properties", properties, "$defs", json_object_get(form, "$defs"),
                                "$id", json_object_get(form, "$id"));
        json_t *object = json_pack("{s:O}", name, value);
        is_made = is_made && one != NULL && object != NULL;
        bool is_good = is_made ? sk_form_takes(one, object, fault) : without_memory(fault);

        json_decref(properties);
        json_decref(one);
        json_decref(object);
        return is_good;
}
