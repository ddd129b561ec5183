#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/uri.h"

static void check(const char *base, const char *reference, const char *expected) {
        sk_buf out = sk_buf_make(1000);

        sk_uri_resolve(sk_slice_of(base), sk_slice_of(reference), &out);
        assert_int_equal(out.err, SK_OK);
        if (!sk_slice_is(sk_buf_slice(&out), expected))
                fail_msg("%s from %s is %.*s, not %s", reference, base, (int)out.len, out.at, expected);
        sk_buf_free(&out);
}

/* The examples of RFC 3986, 5.4, without their fragments. */
static void test_references_are_resolved_as_the_rfc_says(void **state) {
        static const char *const cases[][2] = {
                {"g:h", "g:h"},
                {"g", "http://a/b/c/g"},
                {"./g", "http://a/b/c/g"},
                {"g/", "http://a/b/c/g/"},
                {"/g", "http://a/g"},
                {"//g", "http://g"},
                {"?y", "http://a/b/c/d;p?y"},
                {"g?y", "http://a/b/c/g?y"},
                {"#s", "http://a/b/c/d;p?q"},
                {"g#s", "http://a/b/c/g"},
                {"g?y#s", "http://a/b/c/g?y"},
                {";x", "http://a/b/c/;x"},
                {"g;x", "http://a/b/c/g;x"},
                {"", "http://a/b/c/d;p?q"},
                {".", "http://a/b/c/"},
                {"./", "http://a/b/c/"},
                {"..", "http://a/b/"},
                {"../", "http://a/b/"},
                {"../g", "http://a/b/g"},
                {"../..", "http://a/"},
                {"../../", "http://a/"},
                {"../../g", "http://a/g"},
                {"../../../g", "http://a/g"},
                {"/./g", "http://a/g"},
                {"/../g", "http://a/g"},
                {"g.", "http://a/b/c/g."},
                {".g", "http://a/b/c/.g"},
                {"g..", "http://a/b/c/g.."},
                {"./../g", "http://a/b/g"},
                {"./g/.", "http://a/b/c/g/"},
                {"g/./h", "http://a/b/c/g/h"},
                {"g/../h", "http://a/b/c/h"},
                {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                check("http://a/b/c/d;p?q", cases[i][0], cases[i][1]);
}

static void test_bases_of_other_kinds_and_none(void **state) {
        (void)state;
        check("", "a/b.json", "a/b.json");
        check("urn:uuid:feebdaed-ffff-0000-ffff-0000deadbeef", "#/x", "urn:uuid:feebdaed-ffff-0000-ffff-0000deadbeef");
        check("file:///folder/file.json", "other.json", "file:///folder/other.json");
        check("http://localhost:1234", "x", "http://localhost:1234/x");
        check("http://localhost:1234/a/", "urn:x", "urn:x");
}

static void test_fragments_are_cut_and_unescaped(void **state) {
        sk_buf out = sk_buf_make(100);

        (void)state;
        assert_true(sk_slice_is(sk_uri_fragment(SK_SLICE("a#b#c")), "b#c"));
        assert_true(sk_slice_is(sk_uri_fragment(SK_SLICE("a#")), ""));
        assert_false(sk_slice_there(sk_uri_fragment(SK_SLICE("a"))));
        sk_uri_unescape(SK_SLICE("/a%25b%2Fc%zz%4"), &out);
        assert_true(sk_slice_is(sk_buf_slice(&out), "/a%b/c%zz%4"));
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_references_are_resolved_as_the_rfc_says),
                cmocka_unit_test(test_bases_of_other_kinds_and_none),
                cmocka_unit_test(test_fragments_are_cut_and_unescaped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
