#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kit/json_scan.h"
#include "kit/schema.h"

/* A schema and, behind a line feed of its own, a value; either may be anything. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const sk_schema *schema, sk_slice value) {
        static sk_schema_run *run;
        sk_schema_fault first = {.text = ""}, again = {.text = ""};

        if (run == NULL)
                run = sk_schema_run_new();
        assert(run != NULL);
        sk_err err = sk_schema_check(schema, run, value, &first);
        assert(err == SK_OK || first.text[0] != '\0');
        assert(sk_schema_check(schema, run, value, &again) == err);
        assert(strcmp(first.text, again.text) == 0 && strcmp(first.instance, again.instance) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *text = (const char *)data;
        const char *end = size == 0 ? NULL : memchr(text, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - text);
        sk_slice value = {text + len + (end != NULL), size - len - (end != NULL)};
        const sk_schema_text texts[] = {{SK_SLICE("fuzz:s"), {text, len}}};
        const sk_schema_source source = {texts, 1, SK_SLICE("fuzz:s"), true};
        sk_schema_fault fault = {.text = ""};
        sk_schema *schema = NULL;

        if (sk_schema_compile(&source, &schema, &fault) != SK_OK) {
                assert(schema == NULL && fault.text[0] != '\0');
                return 0;
        }
        while (value.len > 0 && (unsigned char)value.at[0] <= ' ')
                value = (sk_slice){value.at + 1, value.len - 1};
        if (sk_json_check(value, 128, NULL) == SK_OK)
                check_value(schema, value);
        sk_schema_free(schema);
        return 0;
}
