#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/print/xml.h"
#include "support/xml_check.h"

static void test_text_is_escaped(void **state) {
        static const struct {
                sk_slice text;
                const char *expected;
        } cases[] = {
                {SK_SLICE("plain"), "plain"},
                {SK_SLICE("<script>&\"'"), "&lt;script&gt;&amp;&quot;&#39;"},
                {SK_SLICE("caf\xc3\xa9 \xe2\x80\xba"), "caf\xc3\xa9 \xe2\x80\xba"},
                {SK_SLICE("\x1b[2J"), "\xef\xbf\xbd[2J"},
                {SK_SLICE("a\0b"), "a\xef\xbf\xbd"
                                   "b"},
                {SK_SLICE("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd"},
                {SK_SLICE("\xe2\x80\xae"), "\xef\xbf\xbd"},
                {SK_SLICE("\xef\xbf\xbf"), "\xef\xbf\xbd"},
                {SK_SLICE("two\nlines"), "two\nlines"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf out = sk_buf_make(1000);
                sk_xml_escape(&out, cases[i].text);
                sk_buf_add_byte(&out, 0);
                assert_string_equal(out.at, cases[i].expected);
                sk_buf_free(&out);
        }
}

static void test_elements_end_in_order(void **state) {
        sk_buf out = sk_buf_make(1000);
        sk_xml xml = sk_xml_make(&out, false);
        (void)state;
        sk_xml_open(&xml, "g");
        sk_xml_attribute(&xml, "class", "a\"b");
        sk_xml_open(&xml, "rect");
        sk_xml_attribute_int(&xml, "x", -3);
        sk_xml_close(&xml);
        sk_xml_element(&xml, "text", NULL, SK_SLICE("1 < 2"));
        assert_false(sk_xml_is_complete(&xml));
        sk_xml_close(&xml);
        assert_true(sk_xml_is_complete(&xml));
        assert_true(sk_slice_is(sk_buf_slice(&out),
                                "<g class=\"a&quot;b\">\n<rect x=\"-3\"/>\n<text>1 &lt; 2</text></g>\n"));
        assert_null(xml_check(sk_buf_slice(&out)));
        sk_buf_free(&out);
}

static void test_pages_have_end_tags_where_html_wants_them(void **state) {
        sk_buf out = sk_buf_make(1000);
        sk_xml xml = sk_xml_make(&out, true);
        (void)state;
        sk_xml_open(&xml, "td");
        sk_xml_open(&xml, "br");
        sk_xml_close(&xml);
        sk_xml_open(&xml, "span");
        sk_xml_close(&xml);
        sk_xml_close(&xml);
        assert_true(sk_slice_is(sk_buf_slice(&out), "<td>\n<br/>\n<span></span></td>\n"));
        sk_buf_free(&out);
}

static void test_the_check_itself_finds_what_is_wrong(void **state) {
        static const char *const wrong[] = {
                "",         "<a>",      "<a></b>",      "<a x=1/>",    "<a x=\"1\" x=\"2\"/>", "<a>&x;</a>",
                "<a/><b/>", "text<a/>", "<a x=\"<\"/>", "<a>\x01</a>", "<a>\xff</a>"};
        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                assert_non_null(xml_check(sk_slice_of(wrong[i])));
        assert_null(xml_check(SK_SLICE("<!DOCTYPE html><a x=\"1\">b &amp; c<d/></a>\n")));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text_is_escaped),
                cmocka_unit_test(test_elements_end_in_order),
                cmocka_unit_test(test_pages_have_end_tags_where_html_wants_them),
                cmocka_unit_test(test_the_check_itself_finds_what_is_wrong),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
