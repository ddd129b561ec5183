/* What the client of a log is told: chain.json, a file over it, the team's name in both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/json_load.h"
#include "log/properties.h"
#include "support/failing_alloc.h"
#include "support/folder.h"

typedef struct fixture {
        test_folder folder;
        sk_edition *edition;
        char why[SK_PROPERTIES_WHY_MAX];
} fixture;

static fixture f;

static sk_edition *edition_make(const char *kafka) {
        char chain[512];
        (void)snprintf(chain, sizeof(chain), "{\"name\": \"tiny\", \"kafka\": %s}", kafka);
        const sk_chain_file files[] = {{"chain.json", sk_slice_of(chain)},
                                       {"a/team.json", SK_SLICE("{\"consumer\": true}")}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        assert_int_equal(sk_edition_build(files, 2, NULL, findings, &edition), SK_OK);
        sk_findings_free(findings);
        return edition;
}

static const char *file_with(const char *text, size_t len) {
        const char *path = folder_file(&f.folder, "kafka.properties");
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, len, file), len);
        assert_int_equal(fclose(file), 0);
        return path;
}

static const char *value_of(const sk_properties *properties, const char *name) {
        size_t count = 0;
        const sk_chain_property *list = sk_properties_list(properties, &count);

        for (size_t i = 0; i < count; i++) {
                if (sk_slice_is(list[i].name, name)) {
                        assert_int_equal(list[i].value.at[list[i].value.len], '\0');
                        return list[i].value.at;
                }
        }
        return NULL;
}

static sk_err read_all(const char *file, sk_slice team, sk_properties **out) {
        sk_properties_config config = {.edition = f.edition, .file = file, .team = team};
        return sk_properties_new(&config, f.why, out);
}

static void test_a_chain_without_properties_has_none(void **state) {
        sk_properties *properties = NULL;
        sk_properties_config config = {.team = SK_NONE};
        size_t count = 1;

        (void)state;
        assert_int_equal(sk_properties_new(&config, f.why, &properties), SK_OK);
        (void)sk_properties_list(properties, &count);
        assert_int_equal(count, 0);
        sk_properties_free(properties);
        sk_properties_free(NULL);
}

static void test_the_team_stands_in_each_value(void **state) {
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(read_all(NULL, SK_SLICE("a"), &properties), SK_OK);
        assert_string_equal(value_of(properties, "ssl.key.location"), "/keys/a/a.key");
        assert_string_equal(value_of(properties, "security.protocol"), "ssl");
        sk_properties_free(properties);
}

static void test_without_a_team_it_is_said_which_property_needs_one(void **state) {
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(read_all(NULL, SK_NONE, &properties), SK_ERR_CONFIG);
        assert_non_null(strstr(f.why, "ssl.key.location"));
        assert_non_null(strstr(f.why, SK_PROPERTIES_ENVIRONMENT));
        assert_null(strstr(f.why, "/keys"));
}

static void test_a_file_stands_over_the_chain(void **state) {
        static const char text[] = "# mine\n\n security.protocol = sasl_ssl \r\n"
                                   "ssl.key.location=\nsasl.password=a=b {team}\nclient.id=x";
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(read_all(file_with(text, strlen(text)), SK_SLICE("a"), &properties), SK_OK);
        assert_string_equal(value_of(properties, "security.protocol"), "sasl_ssl");
        assert_null(value_of(properties, "ssl.key.location"));
        assert_string_equal(value_of(properties, "sasl.password"), "a=b a");
        assert_string_equal(value_of(properties, "client.id"), "x");
        sk_properties_free(properties);
}

static void test_a_file_without_a_name_is_none(void **state) {
        char why[SK_PROPERTIES_WHY_MAX] = "";
        const sk_properties_config config = {.edition = f.edition, .file = "", .team = SK_SLICE("a")};
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(sk_properties_new(&config, why, &properties), SK_OK);
        sk_properties_free(properties);
}

static void test_who_has_a_file_of_his_own_does_not_log_in_as_a_link(void **state) {
        static const char text[] = "sasl.username=ada\n";
        sk_properties_config config = {
                .edition = f.edition, .file = file_with(text, strlen(text)), .team = SK_SLICE("a"), .is_person = true};
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(sk_properties_new(&config, f.why, &properties), SK_OK);
        assert_null(value_of(properties, "ssl.key.location"));
        assert_string_equal(value_of(properties, "security.protocol"), "ssl");
        assert_string_equal(value_of(properties, "sasl.username"), "ada");
        sk_properties_free(properties);
}

static void test_a_bad_file_is_named_with_its_line_and_never_quoted(void **state) {
        static const struct {
                const char *text;
                size_t len;
                const char *says;
        } cases[] = {
                {"a=b\nhunter2\n", 12, "kafka.properties:2: "},
                {"=hunter2", 8, ":1: "},
                {"a=hunter2\0", 10, ":1: "},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_properties *properties = NULL;
                assert_int_equal(read_all(file_with(cases[i].text, cases[i].len), SK_SLICE("a"), &properties),
                                 SK_ERR_CONFIG);
                assert_non_null(strstr(f.why, cases[i].says));
                assert_null(strstr(f.why, "hunter2"));
        }
}

static void test_a_file_that_is_not_there_or_too_long_is_refused(void **state) {
        static char much[65 * 1024];
        sk_properties *properties = NULL;

        (void)state;
        assert_int_equal(read_all(folder_file(&f.folder, "none"), SK_SLICE("a"), &properties), SK_ERR_CONFIG);
        assert_non_null(strstr(f.why, "cannot be read"));
        memset(much, '#', sizeof(much));
        assert_int_equal(read_all(file_with(much, sizeof(much)), SK_SLICE("a"), &properties), SK_ERR_CONFIG);
        assert_non_null(strstr(f.why, "64 KiB"));
}

static void test_too_many_properties_are_refused(void **state) {
        static char many[20 * 1024];
        size_t len = 0;
        sk_properties *properties = NULL;

        (void)state;
        for (unsigned i = 0; i < 1001; i++)
                len += (size_t)snprintf(many + len, sizeof(many) - len, "property.%u=1\n", i);
        assert_int_equal(read_all(file_with(many, len), SK_SLICE("a"), &properties), SK_ERR_CONFIG);
        assert_non_null(strstr(f.why, "1000"));
}

static bool read_and_free(void *path) {
        sk_properties *properties = NULL;
        sk_err err = read_all(path, SK_SLICE("a"), &properties);

        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        sk_properties_free(properties);
        return err == SK_OK;
}

static void test_every_lack_of_memory_is_survived(void **state) {
        static const char text[] = "sasl.password=x\nsecurity.protocol=plaintext\n";

        (void)state;
        failing_alloc_each(read_and_free, (void *)(uintptr_t)file_with(text, strlen(text)));
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        folder_make(&f.folder);
        f.edition = edition_make("{\"security.protocol\": \"ssl\", \"ssl.key.location\": \"/keys/{team}/{team}.key\"}");
        return 0;
}

static int teardown(void **state) {
        (void)state;
        sk_edition_release(f.edition);
        folder_remove(&f.folder);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_chain_without_properties_has_none),
                cmocka_unit_test(test_the_team_stands_in_each_value),
                cmocka_unit_test(test_without_a_team_it_is_said_which_property_needs_one),
                cmocka_unit_test(test_a_file_stands_over_the_chain),
                cmocka_unit_test(test_a_file_without_a_name_is_none),
                cmocka_unit_test(test_who_has_a_file_of_his_own_does_not_log_in_as_a_link),
                cmocka_unit_test(test_a_bad_file_is_named_with_its_line_and_never_quoted),
                cmocka_unit_test(test_a_file_that_is_not_there_or_too_long_is_refused),
                cmocka_unit_test(test_too_many_properties_are_refused),
                cmocka_unit_test(test_every_lack_of_memory_is_survived),
        };

        return cmocka_run_group_tests_name("properties", tests, setup, teardown);
}
