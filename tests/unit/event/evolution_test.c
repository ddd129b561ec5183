/*
 * Messages of an earlier version are still read. tests/data/messages/1.0 has that version's schemas without their words, and
 * two records of each message, one with all members and one with those that are required. It stays as it is; the next
 * version gets a folder of its own. The rules stand in schemas/README.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "event/contract.h"
#include "kit/json_load.h"

#define BEFORE "tests/data/messages/1.0/"
#define LINE_MAX_BYTES 65536

static char line[LINE_MAX_BYTES];

static FILE *open_file(const char *path) {
        FILE *file = fopen(path, "r");
        if (file == NULL)
                fail_msg("%s is missing", path);
        return file;
}

static json_t *next_line(FILE *file) {
        json_t *value = NULL;
        if (fgets(line, sizeof line, file) == NULL)
                return NULL;
        assert_int_equal(sk_json_load(sk_slice_of(line), SK_JSON_SCAN_DEPTH_MAX, &value, NULL), SK_OK);
        return value;
}

static void test_records_of_an_earlier_version_fit_the_schemas_of_today(void **state) {
        FILE *file = open_file(BEFORE "records.jsonl");
        sk_contract *contract = sk_contract_new();
        sk_schema_run *run = sk_schema_run_new();
        unsigned counts[SK_MESSAGES] = {0};
        (void)state;
        while (fgets(line, sizeof line, file) != NULL) {
                sk_slice whole = {line, strcspn(line, "\n")};
                sk_message type = sk_message_find(sk_json_member_string(whole, "type", NULL));
                sk_schema_fault fault = {.text = ""};
                assert_true(type < SK_MESSAGES);
                if (sk_contract_check(contract, run, type, sk_json_member(whole, "data"), &fault) != SK_OK)
                        fail_msg("%s: \"%s\" %s", sk_message_name(type), fault.instance, fault.text);
                counts[type]++;
        }
        for (unsigned type = 0; type < SK_MESSAGES; type++) {
                if (counts[type] < 2)
                        fail_msg("there are no two records of %s", sk_message_name((sk_message)type));
        }
        fclose(file);
        sk_contract_free(contract);
        sk_schema_run_free(run);
}

/* ---- what may not change ---- */

static bool has(const json_t *list, const json_t *value) {
        for (size_t i = 0; i < json_array_size(list); i++) {
                if (json_equal(json_array_get(list, i), value))
                        return true;
        }
        return false;
}

static void compare(const char *where, json_t *before, json_t *now);

static void compare_properties(const char *where, json_t *before, json_t *now) {
        const char *name;
        json_t *schema;
        json_object_foreach(before, name, schema) {
                char at[512];
                (void)snprintf(at, sizeof at, "%s/%s", where, name);
                if (json_object_get(now, name) == NULL)
                        fail_msg("%s is gone: that needs a new major version", at);
                compare(at, schema, json_object_get(now, name));
        }
}

/* What may be said of a value: a reader of before refuses what is only allowed now, one of now what was only allowed
 * before. */
static const char *const said[] = {"type",    "$ref",      "const",     "minimum", "maximum", "exclusiveMinimum",
                                   "pattern", "minLength", "maxLength", "format",  "enum",    "exclusiveMaximum"};

static void compare_said(const char *where, json_t *before, json_t *now) {
        for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
                json_t *was = json_object_get(before, said[i]);
                json_t *is = json_object_get(now, said[i]);
                if ((was == NULL) != (is == NULL) || (was != NULL && !json_equal(was, is)))
                        fail_msg("%s: %s has changed: that needs a new major version", where, said[i]);
        }
}

/* A writer of before must be understood, and a reader of before must understand: nothing more is asked for. */
static void compare(const char *where, json_t *before, json_t *now) {
        json_t *required = json_object_get(now, "required");
        if (!json_is_object(before) || !json_is_object(now))
                return;
        for (size_t i = 0; i < json_array_size(required); i++) {
                if (!has(json_object_get(before, "required"), json_array_get(required, i)))
                        fail_msg("%s: %s is required now: that needs a new major version", where,
                                 json_string_value(json_array_get(required, i)));
        }
        for (size_t i = 0; i < json_array_size(json_object_get(before, "required")); i++) {
                if (!has(required, json_array_get(json_object_get(before, "required"), i)))
                        fail_msg("%s: %s may be left out now: that needs a new major version", where,
                                 json_string_value(json_array_get(json_object_get(before, "required"), i)));
        }
        compare_said(where, before, now);
        compare_properties(where, json_object_get(before, "properties"), json_object_get(now, "properties"));
        compare_properties(where, json_object_get(before, "$defs"), json_object_get(now, "$defs"));
        if (json_object_get(before, "items") != NULL)
                compare(where, json_object_get(before, "items"), json_object_get(now, "items"));
}

static void test_schemas_ask_for_no_more_than_those_of_the_same_major_version(void **state) {
        FILE *file = open_file(BEFORE "schemas.jsonl");
        json_t *before;
        unsigned count = 0;
        (void)state;
        while ((before = next_line(file)) != NULL) {
                const char *id = json_string_value(json_object_get(before, "$id"));
                json_t *now = NULL;
                if (!sk_slice_there(sk_contract_text(sk_slice_of(id))))
                        fail_msg("%s is gone", id);
                assert_int_equal(sk_json_load(sk_contract_text(sk_slice_of(id)), SK_JSON_SCAN_DEPTH_MAX, &now, NULL),
                                 SK_OK);
                compare(id, before, now);
                json_decref(before);
                json_decref(now);
                count++;
        }
        assert_true(count >= 72);
        fclose(file);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_records_of_an_earlier_version_fit_the_schemas_of_today),
                cmocka_unit_test(test_schemas_ask_for_no_more_than_those_of_the_same_major_version),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
