/* The texts against schemas/usm.json: none is missing in any language, and none belongs to one trade. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <jansson.h>

#include "usm/text.h"

static json_t *schema;

static int schema_read(void **state) {
        (void)state;
        char path[4096];
        const char *root = getenv("SK_SOURCE_DIR");
        snprintf(path, sizeof(path), "%s/schemas/usm.json", root == NULL ? "." : root);
        schema = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
        return schema == NULL;
}

static int schema_free(void **state) {
        (void)state;
        json_decref(schema);
        return 0;
}

static const json_t *row_of(const char *list, size_t index) {
        const json_t *row = json_array_get(json_object_get(schema, list), index);
        assert_non_null(row);
        return row;
}

static void assert_texts(const json_t *row, const char *member, const char *const texts[SK_LANGUAGES]) {
        const json_t *object = json_object_get(row, member);
        assert_int_equal(json_object_size(object), SK_LANGUAGES);
        for (unsigned language = 0; language < SK_LANGUAGES; language++) {
                const char *text = json_string_value(json_object_get(object, sk_language_id((sk_language)language)));
                assert_non_null(text);
                assert_non_null(texts[language]);
                assert_true(strlen(text) > 1);
                assert_string_equal(text, texts[language]);
        }
}

static void assert_text(const json_t *row, const sk_text *text) {
        assert_non_null(text);
        assert_texts(row, "name", text->name);
        assert_texts(row, "text", text->text);
}

static void test_processes_and_cuts_have_the_same_texts(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const json_t *row = row_of("processes", i);
                assert_texts(row, "name", sk_process_text((sk_process)i)->name);
                assert_texts(row, "goal", sk_process_text((sk_process)i)->text);
                assert_texts(row, "name", sk_cut_text((sk_process)i)->name);
                assert_texts(json_object_get(row, "cut"), "text", sk_cut_text((sk_process)i)->text);
        }
}

static void test_activities_have_the_same_texts(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const sk_process_info *info = sk_process_get((sk_process)i);
                const json_t *activities = json_object_get(row_of("processes", i), "activities");
                for (unsigned n = 0; n < info->count; n++)
                        assert_text(json_array_get(activities, n), sk_activity_text(&info->activities[n]));
        }
}

static void test_calls_workflows_and_outcomes_have_the_same_texts(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_CALL_TYPES; i++)
                assert_text(row_of("calls", i), sk_call_type_text((sk_call_type)i));
        for (unsigned number = 1; number <= 8; number++)
                assert_text(row_of("workflows", number - 1), sk_workflow_text(number));
        for (unsigned outcome = SK_COMPLETED; outcome < SK_OUTCOMES; outcome++) {
                const json_t *row = row_of("outcomes", outcome - 1);
                assert_string_equal(json_string_value(json_object_get(row, "id")), sk_outcome_id((sk_outcome)outcome));
                assert_text(row, sk_outcome_text((sk_outcome)outcome));
        }
        assert_null(sk_workflow_text(0));
        assert_null(sk_workflow_text(9));
        assert_null(sk_outcome_text(SK_OUTCOME_NONE));
}

static void test_profiles_have_the_same_ids_and_texts(void **state) {
        (void)state;
        assert_int_equal(json_array_size(json_object_get(schema, "profiles")), SK_METHOD_PROFILES);
        for (unsigned i = 0; i < SK_METHOD_PROFILES; i++) {
                const json_t *row = row_of("profiles", i);
                assert_string_equal(json_string_value(json_object_get(row, "id")), sk_method_profile_id(i));
                assert_text(row, sk_method_profile_text(i));
        }
}

static void test_a_language_is_found_by_its_id(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_LANGUAGES; i++)
                assert_int_equal(sk_language_find(sk_slice_of(sk_language_id((sk_language)i))), i);
        assert_int_equal(sk_language_find(SK_SLICE("de")), SK_LANGUAGES);
        assert_int_equal(sk_language_find(SK_NONE), SK_LANGUAGES);
}

/** Whole words, lower case; "IT" is looked for as it is written. */
static const char *const trade_words[] = {
        "server", "cmdb",     "ticket", "software", "computer", "laptop", "network",   "netwerk", "servidor", "desk",
        "itil",   "hardware", "system", "systeem",  "sistema",  "user",   "gebruiker", "usuario", "patient",  "klas"};

static bool is_letter(char c) {
        return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool has_word(const char *text, size_t len, const char *word) {
        return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static void assert_no_trade(const char *text) {
        while (*text != '\0') {
                size_t len = 0;
                while (is_letter(text[len]))
                        len++;
                for (size_t i = 0; i < sizeof(trade_words) / sizeof(trade_words[0]); i++)
                        assert_false(has_word(text, len, trade_words[i]));
                assert_false(len == 2 && strncmp(text, "IT", 2) == 0);
                text += len == 0 ? 1 : len;
        }
}

static void walk(const json_t *value) {
        const char *name;
        json_t *member;
        size_t index;
        if (json_is_string(value))
                assert_no_trade(json_string_value(value));
        json_object_foreach((json_t *)(uintptr_t)value, name, member) walk(member);
        json_array_foreach(value, index, member) walk(member);
}

static void test_no_text_has_a_word_of_one_trade(void **state) {
        (void)state;
        walk(schema);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_processes_and_cuts_have_the_same_texts),
                cmocka_unit_test(test_activities_have_the_same_texts),
                cmocka_unit_test(test_calls_workflows_and_outcomes_have_the_same_texts),
                cmocka_unit_test(test_profiles_have_the_same_ids_and_texts),
                cmocka_unit_test(test_a_language_is_found_by_its_id),
                cmocka_unit_test(test_no_text_has_a_word_of_one_trade),
        };
        return cmocka_run_group_tests(tests, schema_read, schema_free);
}
