/*
 * XML, as far as drawings and pages need it.
 */
#include "cli/print/xml.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "kit/escape.h"

#define FORMATTED_MAX 1024

sk_xml sk_xml_make(sk_buf *out, bool is_html) {
        assert(out != NULL);
        return (sk_xml){.out = out, .is_html = is_html};
}

/* ---- escaping ---- */

/* Char of XML 1.0, without what turns the writing direction of the text around it. */
static bool is_allowed(uint32_t character) {
        if (character < 0x20)
                return character == '\t' || character == '\n';
        if (character >= 0x7f && character < 0xa0)
                return false;
        if ((character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069))
                return false;
        return character < 0xfffe || (character >= 0x10000 && character <= 0x10ffff);
}

static const char *entity_of(char byte) {
        switch (byte) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

void sk_xml_escape(sk_buf *out, sk_slice text) {
        size_t position = 0;
        while (position < text.len) {
                size_t begin = position;
                uint32_t character;
                const char *entity = entity_of(text.at[begin]);
                bool is_good = sk_escape_next(text, &position, &character) && is_allowed(character);
                if (!is_good)
                        sk_buf_add_text(out, "\xef\xbf\xbd");
                else if (entity != NULL)
                        sk_buf_add_text(out, entity);
                else
                        sk_buf_add(out, text.at + begin, position - begin);
        }
}

/* ---- elements ---- */

static void end_start_tag(sk_xml *xml) {
        if (xml->is_starting)
                sk_buf_add_byte(xml->out, '>');
        xml->is_starting = false;
}

void sk_xml_open(sk_xml *xml, const char *name) {
        assert(xml->depth < SK_XML_DEPTH_MAX);
        end_start_tag(xml);
        if (!xml->has_text && xml->out->len > 0)
                sk_buf_add_byte(xml->out, '\n');
        sk_buf_add_byte(xml->out, '<');
        sk_buf_add_text(xml->out, name);
        xml->names[xml->depth++] = name;
        xml->is_starting = true;
        xml->has_text = false;
}

/* The elements that HTML lets end where they begin; all others need an end tag there. */
static bool is_void(const char *name) {
        static const char *const names[] = {"meta", "link", "br", "hr", "col"};
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (sk_slice_is(sk_slice_of(name), names[i]))
                        return true;
        }
        return false;
}

void sk_xml_close(sk_xml *xml) {
        assert(xml->depth > 0);
        const char *name = xml->names[--xml->depth];
        if (xml->is_starting && (!xml->is_html || is_void(name)))
                sk_buf_add_text(xml->out, "/>");
        else
                sk_buf_add_format(xml->out, "%s</%s>", xml->is_starting ? ">" : "", name);
        xml->is_starting = false;
        xml->has_text = false;
        if (xml->depth == 0)
                sk_buf_add_byte(xml->out, '\n');
}

bool sk_xml_is_complete(const sk_xml *xml) {
        return xml->depth == 0;
}

/* ---- attributes ---- */

void sk_xml_attribute_slice(sk_xml *xml, const char *name, sk_slice value) {
        assert(xml->is_starting);
        sk_buf_add_format(xml->out, " %s=\"", name);
        sk_xml_escape(xml->out, value);
        sk_buf_add_byte(xml->out, '"');
}

void sk_xml_attribute(sk_xml *xml, const char *name, const char *value) {
        sk_xml_attribute_slice(xml, name, sk_slice_of(value));
}

void sk_xml_attribute_int(sk_xml *xml, const char *name, int64_t value) {
        sk_xml_attribute_format(xml, name, "%" PRId64, value);
}

__attribute__((format(printf, 2, 0))) static sk_slice formatted(char text[FORMATTED_MAX], const char *format,
                                                                va_list list) {
        int len = vsnprintf(text, FORMATTED_MAX, format, list);
        assert(len >= 0);
        return (sk_slice){text, len < FORMATTED_MAX ? (size_t)len : FORMATTED_MAX - 1};
}

void sk_xml_attribute_format(sk_xml *xml, const char *name, const char *format, ...) {
        char text[FORMATTED_MAX];
        va_list list;
        va_start(list, format);
        sk_xml_attribute_slice(xml, name, formatted(text, format, list));
        va_end(list);
}

/* ---- text ---- */

void sk_xml_text(sk_xml *xml, sk_slice text) {
        assert(xml->depth > 0);
        end_start_tag(xml);
        xml->has_text = true;
        sk_xml_escape(xml->out, text);
}

void sk_xml_cstr(sk_xml *xml, const char *text) {
        sk_xml_text(xml, sk_slice_of(text));
}

void sk_xml_format(sk_xml *xml, const char *format, ...) {
        char text[FORMATTED_MAX];
        va_list list;
        va_start(list, format);
        sk_xml_text(xml, formatted(text, format, list));
        va_end(list);
}

void sk_xml_element(sk_xml *xml, const char *name, const char *class_name, sk_slice text) {
        sk_xml_open(xml, name);
        if (class_name != NULL)
                sk_xml_attribute(xml, "class", class_name);
        sk_xml_text(xml, text);
        sk_xml_close(xml);
}

void sk_xml_literal(sk_xml *xml, const char *text) {
        end_start_tag(xml);
        sk_buf_add_text(xml->out, text);
}
