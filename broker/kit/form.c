#include "kit/form.h"

#include <assert.h>
#include <stdio.h>

#include "kit/json_scan.h"
#include "kit/json_text.h"

#define URI "form:"

sk_err sk_form_compile(sk_slice text, sk_schema_run *run, sk_schema **out, sk_schema_fault *fault) {
        assert(fault != NULL);
        const sk_schema_text texts[] = {{SK_SLICE(URI), text}};
        const sk_schema_source source = {.texts = texts, .count = 1, .uri = SK_SLICE(URI), .asserts_formats = true};
        sk_schema *form = NULL;
        sk_err err = sk_schema_compile(&source, &form, fault);

        assert(run != NULL);
        assert(out != NULL);
        if (err != SK_OK)
                return err;
        if (!sk_schema_has_good_defaults(form, run, fault)) {
                sk_schema_free(form);
                return SK_ERR_CONFLICT;
        }
        *out = form;
        return SK_OK;
}

const char *sk_form_fault_place(const sk_schema_fault *fault) {
        assert(fault != NULL);
        const char *mark = strchr(fault->schema, '#');

        return mark == NULL ? "" : mark + 1;
}

/* ---- what is entered ---- */

static bool is_among(sk_slice name, const char *const *names) {
        assert(names != NULL);
        for (; *names != NULL; names++) {
                if (sk_json_text_equal(name, sk_slice_of(*names)))
                        return true;
        }
        return false;
}

/* The object without what is passed; as it is, if nothing is. */
static sk_slice without(sk_slice object, const sk_schema *form, const char *const *passed, sk_buf *out) {
        assert(sk_json_kind_of(object) == SK_JSON_OBJECT);
        size_t before = out->len;
        sk_slice name, value;
        bool has_passed = false;

        sk_json_walk walk = sk_json_walk_make(object);
        while (sk_json_walk_next(&walk, &name, &value))
                has_passed = has_passed || (is_among(name, passed) && !sk_schema_names(form, name));
        if (!has_passed)
                return object;
        walk = sk_json_walk_make(object);
        sk_buf_add_byte(out, '{');
        for (bool is_first = true; sk_json_walk_next(&walk, &name, &value);) {
                if (is_among(name, passed) && !sk_schema_names(form, name))
                        continue;
                sk_buf_add_text(out, is_first ? "\"" : ",\"");
                sk_buf_add_slice(out, name);
                sk_buf_add_text(out, "\":");
                sk_buf_add_slice(out, value);
                is_first = false;
        }
        sk_buf_add_byte(out, '}');
        return out->err == SK_OK ? (sk_slice){out->at + before, out->len - before} : SK_NONE;
}

sk_err sk_form_fit(const sk_schema *form, sk_schema_run *run, sk_slice entered, const char *const *passed, sk_buf *out,
                   sk_schema_fault *fault) {
        sk_slice whole = sk_slice_there(entered) ? sk_slice_trimmed(entered) : SK_SLICE("{}");

        assert(form != NULL);
        assert(run != NULL);
        assert(passed != NULL);
        assert(out->len == 0);
        assert(fault != NULL);
        *fault = (sk_schema_fault){.text = "must be an object"};
        sk_err err = sk_json_check(whole, SK_JSON_SCAN_DEPTH_MAX, NULL);
        if (err != SK_OK || sk_json_kind_of(whole) != SK_JSON_OBJECT)
                return err == SK_ERR_NO_MEMORY ? err : SK_ERR_CONFLICT;
        bool is_filled = sk_schema_fill(form, whole, out);
        size_t filled = out->len;
        /* The room that the rest of the buffer needs is taken first, so that what was filled stays where it is. */
        if (is_filled && sk_buf_grow(out, filled + 2) != NULL)
                out->len = filled;
        if (is_filled && out->err == SK_OK)
                whole = sk_buf_slice(out);
        sk_slice own = out->err == SK_OK ? without(whole, form, passed, out) : SK_NONE;
        err = sk_slice_there(own) ? sk_schema_check(form, run, own, fault) : out->err;
        if (out->err == SK_OK)
                out->len = err == SK_OK ? filled : 0;
        return err;
}
