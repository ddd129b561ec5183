/*
 * The schemas of files and the code that reads the files say the same: whatever member a schema names at the top of a file
 * is read, and what it does not name is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/json_load.h"
#include "usm/edition.h"

#define SCHEMA_MAX_BYTES 65536

static json_t *read_schema(const char *name) {
        char path[128];
        static char text[SCHEMA_MAX_BYTES];
        (void)snprintf(path, sizeof path, "schemas/%s.schema.json", name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
                fail_msg("%s is missing", path);
        size_t len = fread(text, 1, sizeof text, file);
        fclose(file);
        json_t *schema = NULL;
        assert_int_equal(sk_json_load((sk_slice){text, len}, 64, &schema, NULL), SK_OK);
        return schema;
}

/** How often a member of a file made of these members is said to be unknown. */
static size_t count_unknown(const char *path, json_t *document) {
        char *text = json_dumps(document, 0);
        const sk_chain_file files[] = {{path, sk_slice_of(text)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        size_t count = 0;
        (void)sk_edition_build(files, 1, NULL, findings, &edition);
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                if (strcmp(sk_findings_at(findings, i)->code, "member-unknown") == 0)
                        count++;
        }
        sk_edition_release(edition);
        sk_findings_free(findings);
        sk_free(text);
        return count;
}

static void check_members(const char *name, const char *path) {
        json_t *schema = read_schema(name);
        json_t *properties = json_object_get(schema, "properties");
        json_t *document = json_object();
        const char *member;
        json_t *value;
        assert_true(json_object_size(properties) > 0);
        assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
        json_object_foreach(properties, member, value) {
                assert_int_equal(json_object_set_new(document, member, json_null()), 0);
        }
        if (count_unknown(path, document) != 0)
                fail_msg("%s names a member that is not read", name);
        assert_int_equal(json_object_set_new(document, "surely-not-there", json_null()), 0);
        assert_int_equal(json_object_set_new(document, "comment", json_null()), 0);
        assert_int_equal(json_object_set_new(document, "$schema", json_null()), 0);
        assert_int_equal(count_unknown(path, document), 1);
        json_decref(document);
        json_decref(schema);
}

static void test_the_members_of_each_file_are_those_of_its_schema(void **state) {
        (void)state;
        check_members("chain", "chain.json");
        check_members("agreement", "agreements/a.json");
        check_members("team", "a/team.json");
}

/** The object that a list of names leads to. */
static json_t *at(json_t *schema, const char *const *names) {
        for (; *names != NULL; names++) {
                schema = json_object_get(schema, *names);
                if (schema == NULL)
                        fail_msg("no %s", *names);
        }
        return schema;
}

static bool matches(json_t *patterns, const char *id) {
        const char *pattern;
        json_t *value;
        json_object_foreach(patterns, pattern, value) {
                /* The pattern lists the ids between bars, with the dot escaped. */
                sk_buf wanted = sk_buf_make(200);
                for (const char *c = id; *c != '\0'; c++) {
                        if (*c == '.')
                                sk_buf_add_byte(&wanted, '\\');
                        sk_buf_add_byte(&wanted, (uint8_t)*c);
                }
                sk_buf_add_byte(&wanted, '\0');
                bool is_there = strstr(pattern, wanted.at) != NULL;
                sk_buf_free(&wanted);
                if (is_there)
                        return true;
        }
        return false;
}

static void test_the_schema_of_routines_has_every_activity_of_the_method(void **state) {
        static const char *const to_patterns[] = {"properties", "activities", "patternProperties", NULL};
        json_t *schema = read_schema("routine");
        json_t *patterns = at(schema, to_patterns);
        (void)state;
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_process_info *info = sk_process_get((sk_process)p);
                for (unsigned a = 0; a < info->count; a++) {
                        if (!matches(patterns, info->activities[a].id))
                                fail_msg("the schema has no %s", info->activities[a].id);
                }
        }
        assert_false(matches(patterns, "operate.cut"));
        json_decref(schema);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_members_of_each_file_are_those_of_its_schema),
                cmocka_unit_test(test_the_schema_of_routines_has_every_activity_of_the_method),
        };
        return cmocka_run_group_tests(tests, setup, NULL);
}
