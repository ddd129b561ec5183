#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/map/chain_map_words.h"
#include "cli/map/subway_words.h"
#include "cli/report/report_words.h"

/* Tables of texts are structs of nothing but texts: each must be there in each language. */
static void assert_texts(const void *table, size_t size) {
        const char *const *texts = table;
        for (size_t i = 0; i < size / sizeof(*texts); i++) {
                assert_non_null(texts[i]);
                assert_int_not_equal(texts[i][0], '\0');
        }
}

static void test_no_language_lacks_a_text(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_LANGUAGES; i++) {
                assert_texts(sk_report_words_of((sk_language)i), sizeof(sk_report_words));
                assert_texts(sk_subway_words_of((sk_language)i), sizeof(sk_subway_words));
                assert_texts(sk_chain_map_words_of((sk_language)i), sizeof(sk_chain_map_words));
        }
}

static void test_labels_are_in_the_language_asked_for(void **state) {
        static const struct {
                sk_language language;
                const char *workflow;
                const char *undecided;
                const char *process;
                const char *line;
        } cases[] = {
                {SK_ENGLISH, "3 incident, with a change", "wish, workflow not decided", "recover", "2nd line"},
                {SK_DUTCH, "3 incident, met een wijziging", "wens, workflow niet beslist", "Herstellen", "2e lijn"},
                {SK_SPANISH, "3 incidente, con un cambio", "deseo, flujo sin decidir", "Recuperar", "2.ª línea"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf text = sk_buf_make(1000);
                sk_report_label_workflow(3, cases[i].language, &text);
                assert_true(sk_slice_is(sk_buf_slice(&text), cases[i].workflow));
                sk_buf_clear(&text);
                sk_report_label_undecided(SK_WISH, cases[i].language, &text);
                assert_true(sk_slice_is(sk_buf_slice(&text), cases[i].undecided));
                sk_buf_clear(&text);
                sk_report_label_process(SK_RECOVER, cases[i].language, &text);
                assert_true(sk_slice_is(sk_buf_slice(&text), cases[i].process));
                sk_buf_clear(&text);
                sk_report_label_line(2, cases[i].language, &text);
                assert_true(sk_slice_is(sk_buf_slice(&text), cases[i].line));
                sk_buf_free(&text);
        }
}

static void test_a_reason_names_who_was_waited_for(void **state) {
        static const struct {
                sk_report_part part;
                bool names_team;
                const char *expected;
        } cases[] = {
                {{.wait = SK_WAIT_PROVIDER}, false, "waited for network"},
                {{.wait = SK_WAIT_CUSTOMER}, false, "waited for network"},
                {{.wait = SK_WAIT_NOBODY}, false, "nobody took the task"},
                {{.wait = SK_WAIT_PERSON}, true, "a person had it in network"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf text = sk_buf_make(1000);
                sk_report_reason_write(sk_report_words_of(SK_ENGLISH), &cases[i].part, SK_SLICE("network"),
                                       cases[i].names_team, &text);
                assert_true(sk_slice_is(sk_buf_slice(&text), cases[i].expected));
                sk_buf_free(&text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_no_language_lacks_a_text),
                cmocka_unit_test(test_labels_are_in_the_language_asked_for),
                cmocka_unit_test(test_a_reason_names_who_was_waited_for),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
