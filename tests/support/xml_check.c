/*
 * Well-formedness of XML: elements, attributes, entities, characters. Comments, CDATA, DTDs and processing instructions
 * are not known, but for one document type at the beginning.
 */
#include "support/xml_check.h"

#include <stdbool.h>
#include <stdint.h>

#include "kit/escape.h"

#define DEPTH_MAX 64

typedef struct reading {
        const char *at;
        const char *end;
        sk_slice open[DEPTH_MAX];
        unsigned depth;
        unsigned roots;
} reading;

static bool is_name(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == ':';
}

static bool is_space(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(reading *read) {
        while (read->at < read->end && is_space(*read->at))
                read->at++;
}

static sk_slice take_name(reading *read) {
        const char *begin = read->at;
        while (read->at < read->end && is_name(*read->at))
                read->at++;
        return (sk_slice){begin, (size_t)(read->at - begin)};
}

static const char *take_entity(reading *read) {
        static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&apos;"};
        size_t left = (size_t)(read->end - read->at);
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
                size_t len = strlen(known[i]);
                if (left >= len && memcmp(read->at, known[i], len) == 0) {
                        read->at += len;
                        return NULL;
                }
        }
        return "an ampersand that begins no entity";
}

static const char *take_character(reading *read) {
        size_t position = 0;
        uint32_t point;
        if (*read->at == '&')
                return take_entity(read);
        if (!sk_escape_next((sk_slice){read->at, (size_t)(read->end - read->at)}, &position, &point))
                return "no UTF-8";
        if ((point < 0x20 && !is_space((char)point)) || point == 0xfffe || point == 0xffff)
                return "a character that XML does not allow";
        read->at += position;
        return NULL;
}

static const char *take_value(reading *read) {
        if (read->at == read->end || *read->at != '"')
                return "an attribute without quotes";
        read->at++;
        while (read->at < read->end && *read->at != '"') {
                const char *wrong = *read->at == '<' ? "a tag within an attribute" : take_character(read);
                if (wrong != NULL)
                        return wrong;
        }
        if (read->at == read->end)
                return "an attribute without end";
        read->at++;
        return NULL;
}

static const char *take_attributes(reading *read) {
        sk_slice names[32];
        unsigned count = 0;
        for (skip_space(read); read->at < read->end && is_name(*read->at); skip_space(read)) {
                sk_slice name = take_name(read);
                for (unsigned i = 0; i < count; i++) {
                        if (sk_slice_equal(names[i], name))
                                return "an attribute given twice";
                }
                if (count == 32 || read->at == read->end || *read->at != '=')
                        return "an attribute without a value";
                names[count++] = name;
                read->at++;
                const char *wrong = take_value(read);
                if (wrong != NULL)
                        return wrong;
        }
        return NULL;
}

static const char *take_start(reading *read) {
        sk_slice name = take_name(read);
        const char *wrong = name.len == 0 ? "a tag without a name" : take_attributes(read);
        if (wrong != NULL)
                return wrong;
        read->roots += read->depth == 0;
        bool is_empty = read->at < read->end && *read->at == '/';
        read->at += is_empty;
        if (read->at == read->end || *read->at != '>' || read->depth == DEPTH_MAX)
                return "a tag without end";
        read->at++;
        if (!is_empty)
                read->open[read->depth++] = name;
        return NULL;
}

static const char *take_end(reading *read) {
        sk_slice name = take_name(read);
        if (read->depth == 0 || !sk_slice_equal(read->open[--read->depth], name))
                return "an end tag that ends something else";
        if (read->at == read->end || *read->at != '>')
                return "an end tag without end";
        read->at++;
        return NULL;
}

static const char *take_tag(reading *read) {
        read->at++;
        if (read->at < read->end && *read->at == '/') {
                read->at++;
                return take_end(read);
        }
        return take_start(read);
}

const char *xml_check(sk_slice text) {
        static const char type[] = "<!DOCTYPE html>";
        reading read = {.at = text.at, .end = text.at + text.len};
        if (text.len > sizeof(type) && memcmp(text.at, type, sizeof(type) - 1) == 0)
                read.at += sizeof(type) - 1;
        while (read.at < read.end) {
                bool is_outside = read.depth == 0 && *read.at != '<';
                const char *wrong = is_outside && !is_space(*read.at) ? "text outside of the root" : NULL;
                if (wrong == NULL)
                        wrong = *read.at == '<' ? take_tag(&read) : take_character(&read);
                if (wrong != NULL)
                        return wrong;
        }
        if (read.depth > 0)
                return "an element without end";
        return read.roots == 1 ? NULL : "not one root";
}
