#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/print/wrap.h"
#include "unit/cli/capture.h"

static const sk_command *const no_commands[] = {NULL};

static void assert_wrapped(const char *columns, const char *text, const char *expected) {
        capture captured;
        capture_begin(&captured, no_commands);
        if (columns == NULL)
                unsetenv("COLUMNS");
        else
                setenv("COLUMNS", columns, 1);
        sk_wrap wrap = sk_wrap_make(captured.cli, 4, 4);
        sk_wrap_text(&wrap, sk_slice_of(text));
        sk_wrap_end(&wrap);
        capture_flush(&captured);
        assert_string_equal(captured.out_text, expected);
        capture_end(&captured);
}

typedef struct wrapping {
        const char *columns;
        const char *text;
        const char *expected;
} wrapping;

static void test_text_is_broken_between_words_and_goes_on_below_its_beginning(void **state) {
        (void)state;
        static const wrapping cases[] = {
                {"30", "look at the lift in the north wing", "look at the lift in the\n    north wing\n"},
                {"30", "exactly twenty-six columns", "exactly twenty-six columns\n"},
                {"30", "two  blanks  stay  where they are", "two  blanks  stay  where\n    they are\n"},
                {"30", "its own\nlines stay", "its own\n    lines stay\n"},
                {"30", "https://example.org/a/very/long/address x", "https://example.org/a/very/long/address\n    x\n"},
                {"5", "a narrow terminal has room for words", "a narrow terminal has\n    room for words\n"},
                {NULL, "without a terminal a line is as long as it is, whatever is in it",
                 "without a terminal a line is as long as it is, whatever is in it\n"},
                {"30", "", "\n"},
                {"30", "what a terminal obeys \x1b[2J is shown", "what a terminal obeys\n    \\x1b[2J is shown\n"},
                {"30", "caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9",
                 "caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9\n    caf\xc3\xa9\n"},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_wrapped(cases[i].columns, cases[i].text, cases[i].expected);
}

static void test_a_piece_is_not_broken_and_stands_apart(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        setenv("COLUMNS", "30", 1);
        sk_wrap wrap = sk_wrap_make(captured.cli, 0, 0);
        sk_wrap_piece(&wrap, SK_PLAIN, "due %s", "tomorrow");
        sk_wrap_piece(&wrap, SK_RED, "claimed by: %s", "anna");
        sk_wrap_piece(&wrap, SK_PLAIN, "waits for %d s", 12);
        sk_wrap_end(&wrap);
        capture_flush(&captured);
        assert_string_equal(captured.out_text, "due tomorrow\nclaimed by: anna\nwaits for 12 s\n");
        capture_end(&captured);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text_is_broken_between_words_and_goes_on_below_its_beginning),
                cmocka_unit_test(test_a_piece_is_not_broken_and_stands_apart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
