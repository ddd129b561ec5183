#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_scan.h"

static const char text[] = "\n{\n"
                           "  \"a\": [10, {\"b/c\": 1, \"~\": 2}],\n"
                           "  \"\": 3,\n"
                           "  \"n\\u0061me\": { \"x\": 4 }\n"
                           "}\n";

typedef struct place_case {
        const char *pointer;
        bool of_name;
        bool is_found;
        uint32_t line;
        uint32_t column;
} place_case;

static void test_a_pointer_leads_to_line_and_column(void **state) {
        static const place_case cases[] = {
                {"", false, true, 2, 1},          {"", true, true, 2, 1},
                {"/a", false, true, 3, 8},        {"/a", true, true, 3, 3},
                {"/a/0", false, true, 3, 9},      {"/a/0", true, true, 3, 9},
                {"/a/1", false, true, 3, 13},     {"/a/1/b~1c", false, true, 3, 21},
                {"/a/1/b~1c", true, true, 3, 14}, {"/a/1/~0", false, true, 3, 29},
                {"/", false, true, 4, 7},         {"/", true, true, 4, 3},
                {"/name/x", true, true, 5, 18},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_place place;

                if (!sk_json_place(SK_SLICE(text), cases[i].pointer, cases[i].of_name, &place) ||
                    place.line != cases[i].line || place.column != cases[i].column)
                        fail_msg("%s leads to %u:%u", cases[i].pointer, place.line, place.column);
        }
}

static void test_a_pointer_to_nowhere_gives_the_nearest_parent(void **state) {
        static const place_case cases[] = {
                {"/b", false, false, 2, 1},
                {"/a/2", false, false, 3, 8},
                {"/a/-", false, false, 3, 8},
                {"/a/00", false, false, 3, 8},
                {"/a/01", false, false, 3, 8},
                {"/a/1x", false, false, 3, 8},
                {"/a/99999999999999999999999999", false, false, 3, 8},
                {"/a/0/x", true, false, 3, 9},
                {"/a/1/b", true, false, 3, 13},
                {"/a/1/b/c", true, false, 3, 13},
                {"/name/x/y/z", false, false, 5, 23},
                {"/n\\u0061me", false, false, 2, 1},
                {"a", false, false, 2, 1},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_place place;

                if (sk_json_place(SK_SLICE(text), cases[i].pointer, cases[i].of_name, &place) ||
                    place.line != cases[i].line || place.column != cases[i].column)
                        fail_msg("%s leads to %u:%u", cases[i].pointer, place.line, place.column);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_pointer_leads_to_line_and_column),
                cmocka_unit_test(test_a_pointer_to_nowhere_gives_the_nearest_parent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
