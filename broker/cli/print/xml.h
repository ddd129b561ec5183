#ifndef SK_CLI_XML_H
#define SK_CLI_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/slice.h"

/*
 * Writes XML: drawings (SVG) and pages (HTML that is XML as well). Elements end in the order in which they began, and
 * every text is escaped, so that what comes out is well-formed whatever went in. Names of elements and attributes are
 * trusted literals. Errors stick in the buffer.
 */

#define SK_XML_DEPTH_MAX 32

typedef struct sk_xml {
        sk_buf *out;
        const char *names[SK_XML_DEPTH_MAX]; /**< open elements */
        unsigned depth;
        bool is_starting; /**< the start tag is not ended yet: attributes may follow */
        bool is_html;     /**< only elements that HTML knows as empty are written as such */
        bool has_text;    /**< the present element holds text: no line break is put before its end */
} sk_xml;

/** A writer that appends to the buffer. */
sk_xml sk_xml_make(sk_buf *out, bool is_html);

/** Begins an element. */
void sk_xml_open(sk_xml *xml, const char *name);
/** Ends the element that began last. */
void sk_xml_close(sk_xml *xml);
/** Whether all that began has ended. */
bool sk_xml_is_complete(const sk_xml *xml);

/* Attributes: directly behind sk_xml_open. */
void sk_xml_attribute(sk_xml *xml, const char *name, const char *value);
/** The same with a text of given length. */
void sk_xml_attribute_slice(sk_xml *xml, const char *name, sk_slice value);
/** The same with a number. */
void sk_xml_attribute_int(sk_xml *xml, const char *name, int64_t value);
/** As by printf(3), at most 1 KiB. */
void sk_xml_attribute_format(sk_xml *xml, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/** Text; characters that XML cannot hold and bytes that are not UTF-8 become U+FFFD. */
void sk_xml_text(sk_xml *xml, sk_slice text);
/** The same with a text that ends with NUL. */
void sk_xml_cstr(sk_xml *xml, const char *text);
/** As by printf(3), at most 1 KiB. */
void sk_xml_format(sk_xml *xml, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** An element with nothing but a class (NULL: none) and a text. */
void sk_xml_element(sk_xml *xml, const char *name, const char *class_name, sk_slice text);

/** Text of our own that is written as it is: style sheets. */
void sk_xml_literal(sk_xml *xml, const char *text);

/** Appends @p text escaped, for use in text and in attributes. */
void sk_xml_escape(sk_buf *out, sk_slice text);

#endif
