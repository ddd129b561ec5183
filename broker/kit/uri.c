#include "kit/uri.h"

#include <assert.h>
#include <stdbool.h>

/* The parts of a URI as RFC 3986, appendix B, takes it apart; what is not there is SK_NONE. */
typedef struct uri_parts {
        sk_slice scheme;
        sk_slice authority;
        sk_slice path;
        sk_slice query;
} uri_parts;

static sk_slice take_until(sk_slice *rest, const char *ends) {
        assert(ends != NULL);
        size_t len = 0;

        while (len < rest->len && strchr(ends, rest->at[len]) == NULL)
                len++;
        sk_slice taken = {rest->at, len};
        *rest = (sk_slice){rest->at + len, rest->len - len};
        return taken;
}

static void skip(sk_slice *rest, size_t count) {
        assert(count <= rest->len);
        rest->at += count;
        rest->len -= count;
}

static uri_parts take_apart(sk_slice uri) {
        uri_parts parts = {0};
        if (!sk_slice_there(uri))
                return parts;
        sk_slice rest = uri;
        sk_slice scheme = take_until(&rest, ":/?#");

        if (scheme.len > 0 && rest.len > 0 && rest.at[0] == ':') {
                parts.scheme = scheme;
                skip(&rest, 1);
        } else {
                rest = uri;
        }
        if (rest.len >= 2 && rest.at[0] == '/' && rest.at[1] == '/') {
                skip(&rest, 2);
                parts.authority = take_until(&rest, "/?#");
        }
        parts.path = take_until(&rest, "?#");
        if (rest.len > 0 && rest.at[0] == '?') {
                skip(&rest, 1);
                parts.query = take_until(&rest, "#");
        }
        return parts;
}

/* Takes the last segment off what stands behind @p from, slash and all. */
static void drop_segment(sk_buf *out, size_t from) {
        assert(from <= out->len);
        while (out->len > from && out->at[out->len - 1] != '/')
                out->len--;
        if (out->len > from)
                out->len--;
}

static bool next_is(sk_slice rest, const char *text) {
        assert(text != NULL);
        return rest.len >= strlen(text) && memcmp(rest.at, text, strlen(text)) == 0;
}

/* RFC 3986, 5.2.4. */
static void add_path(sk_slice path, sk_buf *out) {
        assert(out != NULL);
        size_t from = out->len;

        while (path.len > 0 && out->err == SK_OK) {
                if (next_is(path, "/./") || sk_slice_is(path, "/.")) {
                        skip(&path, path.len == 2 ? 1 : 2);
                        if (path.len == 1)
                                path = SK_SLICE("/");
                } else if (next_is(path, "/../") || sk_slice_is(path, "/..")) {
                        bool is_last = path.len == 3;
                        drop_segment(out, from);
                        skip(&path, 3);
                        if (is_last)
                                path = SK_SLICE("/");
                } else if (next_is(path, "./")) {
                        skip(&path, 2);
                } else if (next_is(path, "../")) {
                        skip(&path, 3);
                } else {
                        sk_buf_add_byte(out, (uint8_t)path.at[0]);
                        skip(&path, 1);
                        sk_buf_add_slice(out, take_until(&path, "/"));
                }
        }
        assert(out->len >= from || out->err != SK_OK);
}

/* RFC 3986, 5.2.3: the base's path up to its last slash, then the reference's. */
static void add_merged(const uri_parts *base, sk_slice path, sk_buf *out) {
        assert(base != NULL);
        sk_buf merged = sk_buf_make(out->max);
        size_t kept = base->path.len;

        while (kept > 0 && base->path.at[kept - 1] != '/')
                kept--;
        if (kept == 0 && sk_slice_there(base->authority))
                sk_buf_add_byte(&merged, '/');
        sk_buf_add(&merged, base->path.at, kept);
        sk_buf_add_slice(&merged, path);
        if (merged.err != SK_OK)
                out->err = merged.err;
        else
                add_path(sk_buf_slice(&merged), out);
        sk_buf_free(&merged);
}

static void add_front(const uri_parts *from, sk_slice scheme, sk_buf *out) {
        assert(from != NULL);
        if (sk_slice_there(scheme)) {
                sk_buf_add_slice(out, scheme);
                sk_buf_add_byte(out, ':');
        }
        if (sk_slice_there(from->authority)) {
                sk_buf_add_text(out, "//");
                sk_buf_add_slice(out, from->authority);
        }
}

static void add_query(sk_slice query, sk_buf *out) {
        if (sk_slice_there(query)) {
                sk_buf_add_byte(out, '?');
                sk_buf_add_slice(out, query);
        }
}

void sk_uri_resolve(sk_slice base, sk_slice reference, sk_buf *out) {
        assert(out != NULL);
        uri_parts from = take_apart(base);
        uri_parts to = take_apart(reference);
        bool is_absolute = sk_slice_there(to.scheme);

        if (is_absolute || sk_slice_there(to.authority)) {
                add_front(&to, is_absolute ? to.scheme : from.scheme, out);
                add_path(to.path, out);
                add_query(to.query, out);
                return;
        }
        add_front(&from, from.scheme, out);
        if (to.path.len == 0) {
                sk_buf_add_slice(out, from.path);
                add_query(sk_slice_there(to.query) ? to.query : from.query, out);
                return;
        }
        if (to.path.at[0] == '/')
                add_path(to.path, out);
        else
                add_merged(&from, to.path, out);
        add_query(to.query, out);
}

sk_slice sk_uri_fragment(sk_slice uri) {
        const char *mark = uri.len == 0 ? NULL : memchr(uri.at, '#', uri.len);

        return mark == NULL ? SK_NONE : (sk_slice){mark + 1, (size_t)(uri.at + uri.len - mark) - 1};
}

static int hex(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void sk_uri_unescape(sk_slice text, sk_buf *out) {
        assert(out != NULL);
        for (size_t i = 0; i < text.len; i++) {
                int high = text.at[i] == '%' && i + 2 < text.len ? hex(text.at[i + 1]) : -1;
                int low = high < 0 ? -1 : hex(text.at[i + 2]);
                if (low >= 0)
                        i += 2;
                sk_buf_add_byte(out, low >= 0 ? (uint8_t)(high * 16 + low) : (uint8_t)text.at[i]);
        }
}
