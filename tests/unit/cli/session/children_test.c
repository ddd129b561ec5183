#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session/children.h"

#define TURN_MS 1000

/** What was told, one after the other: `name:line;` or `name=status/signal;`. */
typedef struct told {
        char text[4096];
        size_t again;
} told;

static void tell(void *self, const sk_child_news *news) {
        told *all = self;
        size_t used = strlen(all->text);
        if (sk_slice_there(news->line))
                (void)snprintf(all->text + used, sizeof(all->text) - used, "%s:%.*s;", news->name, (int)news->line.len,
                               news->line.at);
        else
                (void)snprintf(all->text + used, sizeof(all->text) - used, "%s=%d/%d;", news->name, news->exit_status,
                               news->signal);
        all->again += news->again_in_us >= 0;
}

static size_t start(sk_children *children, const char *name, const char *script, bool is_kept) {
        const char *const argv[] = {"/bin/sh", "-c", script, NULL};
        size_t index = SIZE_MAX;
        const sk_child_plan plan = {.name = name, .argv = argv, .is_kept = is_kept};
        assert_int_equal(sk_children_start(children, &plan, &index), SK_OK);
        return index;
}

static void wait_for_all(sk_children *children) {
        while (sk_children_count(children) > 0)
                sk_children_turn(children, TURN_MS);
}

static void test_lines_and_ends_are_told(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(tell, &all);
        assert_non_null(children);
        size_t index = start(children, "a", "echo one; echo two >&2; printf three; exit 3", false);
        assert_true(sk_children_is_up(children, index));
        wait_for_all(children);
        assert_string_equal(all.text, "a:one;a:two;a:three;a=3/0;");
        assert_int_equal(sk_children_status(children, index), 3);
        sk_children_free(children);
}

static void test_errors_can_be_left_to_whoever_reads_ours(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(tell, &all);
        const char *const argv[] = {"/bin/sh", "-c", "echo one; echo shown >&2", NULL};
        const sk_child_plan plan = {.name = "a", .argv = argv, .shows_errors = true};
        assert_int_equal(sk_children_start(children, &plan, NULL), SK_OK);
        wait_for_all(children);
        assert_string_equal(all.text, "a:one;a=0/0;");
        sk_children_free(children);
}

static void test_a_long_line_is_told_in_pieces_and_whole(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(NULL, &all);
        start(children, "a", "head -c 100000 /dev/zero | tr '\\0' x", false);
        wait_for_all(children);
        sk_children_free(children);
}

static void test_who_wants_to_come_again_does(void **state) {
        (void)state;
        char folder[] = "/tmp/children-XXXXXX";
        char script[256];
        told all = {.text = ""};
        assert_non_null(mkdtemp(folder));
        (void)snprintf(script, sizeof(script), "mkdir %s/once 2>/dev/null && exit 75; exit 0", folder);
        sk_children *children = sk_children_new(tell, &all);
        start(children, "a", script, true);
        wait_for_all(children);
        assert_string_equal(all.text, "a=75/0;a=0/0;");
        assert_int_equal(all.again, 1);
        sk_children_free(children);
        (void)snprintf(script, sizeof(script), "%s/once", folder);
        rmdir(script);
        rmdir(folder);
}

static void test_who_ends_badly_otherwise_does_not(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(tell, &all);
        start(children, "a", "exit 65", true);
        wait_for_all(children);
        assert_string_equal(all.text, "a=65/0;");
        assert_int_equal(all.again, 0);
        sk_children_free(children);
}

static void test_all_end_in_peace_when_asked(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(tell, &all);
        start(children, "a", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done", true);
        while (strstr(all.text, "ready") == NULL)
                sk_children_turn(children, TURN_MS);
        assert_true(sk_children_end(children, 60000));
        assert_string_equal(all.text, "a:ready;a=0/0;");
        sk_children_free(children);
}

static void test_who_does_not_end_is_made_to(void **state) {
        (void)state;
        told all = {.text = ""};
        sk_children *children = sk_children_new(tell, &all);
        size_t index = start(children, "a", "trap '' TERM; echo ready; while :; do sleep 0.01; done", true);
        while (strstr(all.text, "ready") == NULL)
                sk_children_turn(children, TURN_MS);
        assert_false(sk_children_end(children, 1));
        assert_int_equal(sk_children_status(children, index), 128 + SIGKILL);
        sk_children_free(children);
}

static void test_a_program_that_is_not_there_ends_with_127(void **state) {
        (void)state;
        told all = {.text = ""};
        const char *const argv[] = {"/there/is/none", NULL};
        sk_children *children = sk_children_new(tell, &all);
        const sk_child_plan plan = {.name = "a", .argv = argv};
        size_t index;
        assert_int_equal(sk_children_start(children, &plan, &index), SK_OK);
        wait_for_all(children);
        assert_int_equal(sk_children_status(children, index), 127);
        assert_string_equal(all.text, "a:it cannot be run;a=127/0;");
        sk_children_free(children);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines_and_ends_are_told),
                cmocka_unit_test(test_errors_can_be_left_to_whoever_reads_ours),
                cmocka_unit_test(test_a_long_line_is_told_in_pieces_and_whole),
                cmocka_unit_test(test_who_wants_to_come_again_does),
                cmocka_unit_test(test_who_ends_badly_otherwise_does_not),
                cmocka_unit_test(test_all_end_in_peace_when_asked),
                cmocka_unit_test(test_who_does_not_end_is_made_to),
                cmocka_unit_test(test_a_program_that_is_not_there_ends_with_127),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
