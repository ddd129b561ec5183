#include "kit/form.h"

#include <assert.h>

#include "kit/json_load.h"
#include "kit/schema.h"

static int append(const char *text, size_t len, void *out) {
        sk_buf_add(out, text, len);
        return 0;
}

static sk_err write(const json_t *value, sk_buf *out) {
        if (json_dump_callback(value, append, out, JSON_COMPACT) != 0)
                return SK_ERR_NO_MEMORY;
        return out->err;
}

static sk_err fit(const json_t *form, json_t *entered, const char *const *passed, sk_buf *out, sk_form_fault *fault) {
        size_t count = 0;

        if (sk_schema_fill(form, entered, &count) != SK_OK)
                return SK_ERR_NO_MEMORY;
        if (!sk_schema_fits_but(form, entered, passed, fault))
                return SK_ERR_CONFLICT;
        return count == 0 ? SK_OK : write(entered, out);
}

sk_err sk_form_fit(sk_slice form, sk_slice entered, const char *const *passed, sk_buf *out, sk_form_fault *fault) {
        json_t *schema = NULL;
        json_t *value = NULL;
        sk_err err = sk_json_load(form, SK_JSON_SCAN_DEPTH_MAX, &schema, NULL);

        assert(passed != NULL && out != NULL && fault != NULL);
        *fault = (sk_form_fault){.text = "must be an object"};
        if (err == SK_OK)
                err = sk_json_load(sk_slice_there(entered) ? entered : SK_SLICE("{}"), SK_JSON_SCAN_DEPTH_MAX, &value,
                                   NULL);
        if (err == SK_OK)
                err = json_is_object(value) ? fit(schema, value, passed, out, fault) : SK_ERR_CONFLICT;
        json_decref(schema);
        json_decref(value);
        return err == SK_OK || err == SK_ERR_NO_MEMORY ? err : SK_ERR_CONFLICT;
}
