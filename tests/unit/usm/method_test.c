/* The tables of the method against schemas/usm.json, which is read from the root of the repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "usm/method.h"

static json_t *schema;

static int schema_read(void **state) {
        (void)state;
        char path[4096];
        const char *root = getenv("SK_SOURCE_DIR");
        snprintf(path, sizeof(path), "%s/schemas/usm.json", root == NULL ? "." : root);
        json_error_t error;
        schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
        if (schema == NULL)
                print_message("%s:%d: %s\n", path, error.line, error.text);
        return schema == NULL;
}

static int schema_free(void **state) {
        (void)state;
        json_decref(schema);
        return 0;
}

static json_t *list_of(const char *name, size_t count) {
        json_t *list = json_object_get(schema, name);
        assert_true(json_is_array(list));
        assert_int_equal(json_array_size(list), count);
        return list;
}

static const char *text_of(const json_t *object, const char *name) {
        const char *text = json_string_value(json_object_get(object, name));
        assert_non_null(text);
        return text;
}

static long long number_of(const json_t *object, const char *name) {
        json_t *number = json_object_get(object, name);
        assert_true(json_is_integer(number));
        return json_integer_value(number);
}

static void test_revision_and_bounds_are_the_same(void **state) {
        (void)state;
        assert_int_equal(number_of(schema, "revision"), SK_METHOD_REVISION);
        assert_int_equal(number_of(schema, "frames_max"), SK_FRAMES_MAX);
        assert_int_equal(number_of(schema, "cut_attempts"), SK_CUT_ATTEMPTS);
}

static void check_activities(const json_t *process, const sk_process_info *info) {
        json_t *activities = json_object_get(process, "activities");
        assert_int_equal(json_array_size(activities), info->count);
        for (unsigned i = 0; i < info->count; i++) {
                const json_t *row = json_array_get(activities, i);
                const sk_activity *activity = &info->activities[i];
                assert_string_equal(text_of(row, "id"), activity->id);
                assert_int_equal(number_of(row, "number"), activity->number);
                assert_int_equal(json_is_true(json_object_get(row, "after_cut")), activity->after_cut);
        }
}

static void test_processes_activities_and_numbers_are_the_same(void **state) {
        (void)state;
        json_t *processes = list_of("processes", SK_PROCESSES);
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const sk_process_info *info = sk_process_get((sk_process)i);
                assert_int_equal(info->process, i);
                assert_string_equal(text_of(json_array_get(processes, i), "id"), info->id);
                check_activities(json_array_get(processes, i), info);
        }
}

static void test_cuts_are_the_same(void **state) {
        (void)state;
        json_t *processes = list_of("processes", SK_PROCESSES);
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const sk_process_info *info = sk_process_get((sk_process)i);
                json_t *cut = json_object_get(json_array_get(processes, i), "cut");
                json_t *targets = json_object_get(cut, "may_trigger");
                unsigned bits = 0;
                for (size_t n = 0; n < json_array_size(targets); n++)
                        bits |= 1u << sk_process_find(sk_slice_of(json_string_value(json_array_get(targets, n))));
                assert_int_equal(bits, info->may_trigger);
                if (bits != 0)
                        assert_string_equal(text_of(cut, "after"), info->activities[info->before_cut - 1].id);
        }
}

static void test_calls_are_the_same(void **state) {
        (void)state;
        json_t *calls = list_of("calls", SK_CALL_TYPES);
        for (unsigned i = 0; i < SK_CALL_TYPES; i++) {
                const json_t *row = json_array_get(calls, i);
                const char *process = json_string_value(json_object_get(row, "process"));
                assert_string_equal(text_of(row, "id"), sk_call_type_id((sk_call_type)i));
                assert_int_equal(sk_process_find(sk_slice_of(process)), sk_call_type_process((sk_call_type)i));
                assert_int_equal(strcmp(text_of(row, "raised_by"), "team") == 0, i == SK_RISK);
        }
}

static void test_workflows_are_the_same(void **state) {
        (void)state;
        json_t *workflows = list_of("workflows", 8);
        for (unsigned number = 1; number <= 8; number++) {
                const json_t *row = json_array_get(workflows, number - 1);
                const sk_workflow *workflow = sk_workflow_get(number);
                json_t *path = json_object_get(row, "path");
                assert_int_equal(number_of(row, "no"), number);
                assert_string_equal(text_of(row, "trigger"), sk_call_type_id(workflow->trigger));
                assert_int_equal(json_is_true(json_object_get(row, "reactive")), workflow->is_reactive);
                assert_int_equal(json_array_size(path), workflow->path_length);
                for (unsigned i = 0; i < workflow->path_length; i++)
                        assert_string_equal(json_string_value(json_array_get(path, i)),
                                            sk_process_get(workflow->path[i])->id);
        }
}

static void test_activities_stand_before_the_cut_then_after_it(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const sk_process_info *info = sk_process_get((sk_process)i);
                assert_true(info->count <= SK_ACTIVITIES_MAX);
                assert_int_equal(info->before_cut == info->count, info->may_trigger == 0);
                for (unsigned n = 0; n < info->count; n++)
                        assert_int_equal(info->activities[n].after_cut, n >= info->before_cut);
                assert_int_equal(info->activities[info->count - 1].name, SK_CLOSE);
        }
}

static void test_an_activity_is_found_by_its_number_and_by_its_id(void **state) {
        (void)state;
        unsigned found = 0;
        for (unsigned number = 0; number <= UINT16_MAX; number++) {
                const sk_activity *activity = sk_activity_by_number((uint16_t)number);
                if (activity == NULL)
                        continue;
                char id[64];
                found++;
                assert_int_equal(activity->number, number);
                assert_ptr_equal(sk_activity_find(sk_slice_of(activity->id)), activity);
                snprintf(id, sizeof(id), "%s.%s", sk_process_get(activity->process)->id,
                         sk_activity_name_text(activity->name));
                assert_string_equal(id, activity->id);
        }
        assert_int_equal(found, 33);
}

static void test_what_the_method_does_not_have_is_not_found(void **state) {
        (void)state;
        static const char *const strangers[] = {"",
                                                "plan",
                                                "change",
                                                "change.",
                                                ".plan",
                                                "Change.plan",
                                                "change.plan ",
                                                "change.offer",
                                                "operate.register"};
        for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
                assert_null(sk_activity_find(sk_slice_of(strangers[i])));
        assert_null(sk_activity_find(SK_NONE));
        assert_int_equal(sk_process_find(SK_SLICE("manage")), SK_PROCESSES);
        assert_int_equal(sk_process_find(SK_NONE), SK_PROCESSES);
        assert_int_equal(sk_call_type_find(SK_SLICE("Incident")), SK_CALL_TYPES);
}

static void test_a_call_type_is_found_by_its_id_and_asks_for_its_process(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_CALL_TYPES; i++) {
                sk_process process = sk_call_type_process((sk_call_type)i);
                assert_int_equal(sk_call_type_find(sk_slice_of(sk_call_type_id((sk_call_type)i))), i);
                if (process != SK_PROCESSES)
                        assert_int_equal(sk_process_call_type(process), i);
        }
        assert_int_equal(sk_call_type_process(SK_SUPPORT_REQUEST), SK_PROCESSES);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_revision_and_bounds_are_the_same),
                cmocka_unit_test(test_processes_activities_and_numbers_are_the_same),
                cmocka_unit_test(test_cuts_are_the_same),
                cmocka_unit_test(test_calls_are_the_same),
                cmocka_unit_test(test_workflows_are_the_same),
                cmocka_unit_test(test_activities_stand_before_the_cut_then_after_it),
                cmocka_unit_test(test_an_activity_is_found_by_its_number_and_by_its_id),
                cmocka_unit_test(test_what_the_method_does_not_have_is_not_found),
                cmocka_unit_test(test_a_call_type_is_found_by_its_id_and_asks_for_its_process),
        };
        return cmocka_run_group_tests(tests, schema_read, schema_free);
}
