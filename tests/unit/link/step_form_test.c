/* What is entered in a task against its form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_load.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"

#define FORM                                                                                                     \
        "{\"manual\":{\"form\":{\"type\":\"object\",\"properties\":{\"cause\":{\"enum\":[\"glass\",\"thorn\"]}," \
        "\"minutes\":{\"type\":\"integer\",\"minimum\":1,\"default\":5}},\"required\":[\"cause\"],"              \
        "\"additionalProperties\":false}}}"

static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}";

static void open(one_call *c) {
        one_call_open(c, "centre", ROUTINE_OPERATE(FORM, "\"manual\""));
        one_call_customer(c, SK_CALL_RAISE, request);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static void test_what_does_not_fit_the_form_is_refused(void **state) {
        static const struct {
                const char *completion;
                const char *code;
        } cases[] = {
                {"\"outcome\":\"completed\"", "bad-form"},
                {"\"result\":{}", "bad-form"},
                {"\"result\":{\"cause\":\"rust\"}", "bad-form"},
                {"\"result\":{\"cause\":\"glass\",\"minutes\":0}", "bad-form"},
                {"\"result\":{\"cause\":\"glass\",\"colour\":\"red\"}", "bad-form"},
                {"\"result\":[\"glass\"]", "bad-result"},
                {"\"result\":{\"cause\":\"glass\",\"priority\":9}", "bad-result"},
                {"\"result\":{\"cause\":\"glass\"}", "ok"},
                {"\"result\":{\"cause\":\"glass\",\"cut\":{\"infrastructure\":true}}", "ok"},
                {"\"outcome\":\"failed\"", "ok"},
        };
        (void)state;

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                one_call c;
                open(&c);
                one_call_do(&c, "anna", cases[i].completion);
                if (strcmp(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), cases[i].code) != 0)
                        fail_msg("%s: %s", cases[i].completion, one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"));
                one_call_free(&c);
        }
}

static void test_members_that_lack_get_the_defaults_of_the_form(void **state) {
        one_call c;
        sk_section section;
        (void)state;

        open(&c);
        one_call_do(&c, "anna", "\"result\":{\"cause\":\"glass\"}");
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_RESULT, 0, &section));
        assert_true(sk_slice_is(section.bytes, "{\"cause\":\"glass\",\"minutes\":5}"));
        one_call_free(&c);
        /* what lacks nothing stays byte for byte */
        open(&c);
        one_call_do(&c, "anna", "\"result\":{ \"minutes\" : 7, \"cause\":\"glass\"}");
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_RESULT, 0, &section));
        assert_true(sk_slice_is(section.bytes, "{ \"minutes\" : 7, \"cause\":\"glass\"}"));
        one_call_free(&c);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_does_not_fit_the_form_is_refused),
                cmocka_unit_test(test_members_that_lack_get_the_defaults_of_the_form),
        };
        return cmocka_run_group_tests(tests, setup, NULL);
}
