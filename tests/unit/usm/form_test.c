/* Forms of tasks: compiled with their edition, whole with all files that they refer to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/form.h"
#include "kit/json_scan.h"
#include "usm/edition.h"

#define FILES_MAX 12

static const char team[] =
        "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{\"eva\":{\"profiles\":["
        "\"line-manager\"]},\"tom\":{\"profiles\":[\"operator\"]}}}";
static const char agreement[] =
        "{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"actions\":[\"repair\"],"
        "\"calls\":[\"service-request\"]}},\"share\":[\"/need\"]}";

/** An edition whose operate.perform has that form, with more files behind it; NULL when it has errors. */
static sk_edition *build(const char *form, const sk_chain_file *more, size_t count, sk_findings *findings) {
        static char routine[4096];
        sk_chain_file files[FILES_MAX] = {{"chain.json", SK_SLICE("{\"name\":\"tiny\"}")},
                                          {"agreements/a-b.json", SK_SLICE(agreement)},
                                          {"a/team.json", SK_SLICE("{\"consumer\":true}")},
                                          {"b/team.json", SK_SLICE(team)}};
        sk_edition *edition = NULL;

        (void)snprintf(
                routine, sizeof routine,
                "{\"process\":\"operate\",\"activities\":{\"operate.perform\":{\"how\":{\"manual\":{\"form\":%s}}}}}",
                form);
        files[4] = (sk_chain_file){"b/routines/operate.json", sk_slice_of(routine)};
        assert_true(count + 5 <= FILES_MAX);
        if (count > 0)
                memcpy(files + 5, more, count * sizeof *more);
        (void)sk_edition_build(files, count + 5, NULL, findings, &edition);
        return edition;
}

static sk_slice form_of(const sk_edition *edition) {
        const sk_team *provider = sk_edition_team(edition, SK_SLICE("b"));
        const sk_selection selection = {.first = SK_OPERATE, .workflows = 1u << 5, .customer = SK_SLICE("a")};
        sk_slice routine;
        sk_way way;
        sk_team_way(provider, &selection, sk_activity_find(SK_SLICE("operate.perform")), &way, &routine);
        return way.form;
}

static bool takes(const sk_schema *form, const char *entered) {
        static const char *const passed[] = {NULL};
        sk_schema_run *run = sk_schema_run_new();
        sk_buf out = sk_buf_make(4096);
        sk_schema_fault fault;
        sk_err err = sk_form_fit(form, run, sk_slice_of(entered), passed, &out, &fault);
        sk_buf_free(&out);
        sk_schema_run_free(run);
        return err == SK_OK;
}

static void test_a_form_is_kept_compiled(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = build("{\"required\":[\"cause\"]}", NULL, 0, findings);
        (void)state;
        assert_non_null(edition);
        const sk_schema *form = sk_edition_form(edition, form_of(edition));
        assert_non_null(form);
        assert_ptr_equal(sk_edition_form(edition, SK_SLICE("{\"required\":[\"cause\"]}")), form);
        assert_null(sk_edition_form(edition, SK_SLICE("{}")));
        assert_true(takes(form, "{\"cause\":1}"));
        assert_false(takes(form, "{}"));
        sk_edition_release(edition);
        sk_findings_free(findings);
}

static const sk_chain_file shared[] = {
        {"forms/person.json",
         SK_SLICE("{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"$ref\":"
                  "\"#/$defs/text\"}},\"$defs\":{\"text\":{\"type\":\"string\"}}}")},
        {"b/forms/visit.json", SK_SLICE("{\"properties\":{\"who\":{\"$ref\":\"../../forms/person.json\"}},"
                                        "\"required\":[\"who\"]}")},
        {"b/forms/unused.json", SK_SLICE("{\"type\":\"string\"}")},
};

static void test_a_form_takes_along_the_files_that_it_refers_to(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition =
                build("{\"$ref\":\"../forms/visit.json\",\"$defs\":{\"own\":{\"minimum\":1}},\"properties\":{"
                      "\"n\":{\"$ref\":\"#/$defs/own\"}}}",
                      shared, 3, findings);
        (void)state;
        assert_non_null(edition);
        assert_int_equal(sk_findings_count_of(findings, SK_ERROR), 0);
        sk_slice text = form_of(edition);
        const sk_schema *form = sk_edition_form(edition, text);
        assert_non_null(form);
        assert_null(memmem(text.at, text.len, "unused", 6));
        assert_true(takes(form, "{\"who\":{\"name\":\"Anna\"},\"n\":1}"));
        assert_false(takes(form, "{\"who\":{\"name\":7}}"));
        assert_false(takes(form, "{\"who\":{\"name\":\"Anna\"},\"n\":0}"));
        assert_false(takes(form, "{}"));
        /* By itself, as it goes along with a task, it says the same. */
        sk_schema_run *run = sk_schema_run_new();
        sk_schema_fault fault;
        sk_schema *again = NULL;
        assert_int_equal(sk_form_compile(text, run, &again, &fault), SK_OK);
        assert_true(takes(again, "{\"who\":{\"name\":\"Anna\"},\"n\":1}"));
        assert_false(takes(again, "{\"who\":{\"name\":7}}"));
        sk_schema_free(again);
        sk_schema_run_free(run);
        sk_edition_release(edition);
        sk_findings_free(findings);
}

static void test_an_edition_changes_with_the_files_of_its_forms(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_chain_file other = {"forms/person.json", SK_SLICE("{\"type\":\"object\"}")};
        sk_edition *first = build("{\"$ref\":\"../../forms/person.json\"}", shared, 1, findings);
        sk_edition *second = build("{\"$ref\":\"../../forms/person.json\"}", &other, 1, findings);
        (void)state;
        assert_true(first != NULL && second != NULL);
        assert_memory_not_equal(sk_edition_digest(first), sk_edition_digest(second), sizeof(sk_digest));
        assert_false(sk_slice_equal(form_of(first), form_of(second)));
        sk_edition_release(first);
        sk_edition_release(second);
        sk_findings_free(findings);
}

static void test_references_lead_to_forms_of_the_chain_only(void **state) {
        static const char *const forms[] = {
                "{\"$ref\":\"operate.json\"}",       "{\"$ref\":\"../team.json\"}",
                "{\"$ref\":\"/etc/passwd\"}",        "{\"$ref\":\"file:///etc/passwd\"}",
                "{\"$ref\":\"http://127.0.0.1/x\"}", "{\"$ref\":\"../../../../forms/none.json\"}",
        };
        (void)state;
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
                sk_findings *findings = sk_findings_new();
                sk_edition *edition = build(forms[i], shared, 3, findings);
                if (edition != NULL || strcmp(sk_findings_at(findings, 0)->code, "form-bad") != 0)
                        fail_msg("%s is let through", forms[i]);
                sk_edition_release(edition);
                sk_findings_free(findings);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_form_is_kept_compiled),
                cmocka_unit_test(test_a_form_takes_along_the_files_that_it_refers_to),
                cmocka_unit_test(test_an_edition_changes_with_the_files_of_its_forms),
                cmocka_unit_test(test_references_lead_to_forms_of_the_chain_only),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
