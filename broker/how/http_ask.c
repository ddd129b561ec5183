/*
 * Requests. Everything that a call gives is data: it is percent-encoded, or stands in the body.
 */
#include "how/http_ask.h"

#include <assert.h>

#include "kit/buf.h"
#include "kit/json_pointer.h"
#include "kit/json_scan.h"

#define NAME_MAX_BYTES 200
#define BODY_MAX ((size_t)1 << 20)

/* A request being made. */
typedef struct asking {
        const sk_effect *effect;
        sk_http_secret *secret;
        void *self;
        sk_arena *arena;
        sk_http_ask *out;
        sk_buf text;
} asking;

static sk_err fail(const asking *self, sk_err err, const char *why) {
        self->out->why = why;
        return err;
}

/* What has been written, as C text in the arena. */
static sk_err keep(asking *self, const char **out) {
        sk_err err = self->text.err;
        sk_slice kept = sk_arena_copy(self->arena, sk_buf_slice(&self->text));

        sk_buf_clear(&self->text);
        if (err == SK_ERR_FULL)
                return fail(self, SK_ERR_RANGE, "the URL or a header is too long");
        if (err != SK_OK || !sk_slice_there(kept))
                return fail(self, SK_ERR_NO_MEMORY, "no memory is left");
        *out = kept.at;
        return SK_OK;
}

static sk_slice member(const asking *self, const char *name) {
        return sk_json_member_string(self->effect->config, name, self->arena);
}

static bool is_clean(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
                        return false;
        }
        return true;
}

/* ---- the URL ---- */

static void add_encoded(sk_buf *out, sk_slice text) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

        for (size_t i = 0; i < text.len; i++) {
                if (memchr(plain, text.at[i], sizeof plain - 1) != NULL)
                        sk_buf_add_byte(out, (uint8_t)text.at[i]);
                else
                        sk_buf_add_format(out, "%%%02X", (unsigned char)text.at[i]);
        }
}

/* A text, number, true or false of what is given; SK_NONE if there is nothing, or something else. */
static sk_slice given(const asking *self, sk_slice pointer) {
        sk_slice value = sk_json_pointer_follow(self->effect->input, pointer);

        if (!sk_slice_there(value) || sk_json_kind_of(value) >= SK_JSON_ARRAY || sk_json_kind_of(value) == SK_JSON_NULL)
                return SK_NONE;
        return sk_json_kind_of(value) == SK_JSON_STRING ? sk_json_string(value, self->arena) : value;
}

static sk_err make_url(asking *self) {
        sk_slice url = member(self, "url");

        if (!sk_slice_there(url) || !is_clean(url))
                return fail(self, SK_ERR_TYPE, "the work instruction has no good url");
        for (size_t i = 0; i < url.len; i++) {
                const char *end = url.at[i] == '{' ? memchr(url.at + i, '}', url.len - i) : NULL;
                if (end == NULL) {
                        sk_buf_add_byte(&self->text, (uint8_t)url.at[i]);
                        continue;
                }
                sk_slice pointer = {url.at + i + 1, (size_t)(end - url.at) - i - 1};
                sk_slice text = pointer.len > 0 && pointer.at[0] == '/' ? given(self, pointer) : SK_NONE;
                if (!sk_slice_there(text))
                        return fail(self, SK_ERR_NOT_FOUND, "the url asks for something that the call does not have");
                add_encoded(&self->text, text);
                i = (size_t)(end - url.at);
        }
        return keep(self, &self->out->url);
}

/* ---- headers ---- */

static bool is_header_name(sk_slice name) {
        static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        bool is_good = name.len > 0 && name.len <= NAME_MAX_BYTES;

        for (size_t i = 0; i < name.len && is_good; i++)
                is_good = memchr(allowed, name.at[i], sizeof allowed - 1) != NULL;
        return is_good;
}

static sk_slice secret_of(const asking *self, sk_slice name) {
        char text[NAME_MAX_BYTES];
        sk_slice secrets = sk_json_member(self->effect->config, "secrets");

        if (name.len == 0 || name.len >= sizeof text || !sk_slice_there(secrets))
                return SK_NONE;
        memcpy(text, name.at, name.len);
        text[name.len] = '\0';
        sk_slice path = sk_json_member_string(secrets, text, self->arena);
        sk_slice secret = sk_slice_there(path) ? self->secret(self->self, path) : SK_NONE;
        while (secret.len > 0 && (secret.at[secret.len - 1] == '\n' || secret.at[secret.len - 1] == '\r'))
                secret.len--;
        return secret;
}

static sk_err add_value(asking *self, sk_slice value) {
        for (size_t i = 0; i < value.len; i++) {
                const char *end = value.at[i] == '{' ? memchr(value.at + i, '}', value.len - i) : NULL;
                if (end == NULL) {
                        sk_buf_add_byte(&self->text, (uint8_t)value.at[i]);
                        continue;
                }
                sk_slice secret = secret_of(self, (sk_slice){value.at + i + 1, (size_t)(end - value.at) - i - 1});
                if (!sk_slice_there(secret))
                        return fail(self, SK_ERR_NOT_FOUND, "a header names a secret that cannot be read");
                sk_buf_add_slice(&self->text, secret);
                i = (size_t)(end - value.at);
        }
        return is_clean(sk_buf_slice(&self->text))
                       ? SK_OK
                       : fail(self, SK_ERR_RANGE, "a header would have a control character");
}

static sk_err add_header(asking *self, sk_slice name, sk_slice value) {
        if (self->out->header_count == SK_HTTP_HEADERS_MAX)
                return fail(self, SK_ERR_RANGE, "there are too many headers");
        if (!is_header_name(name) || !sk_slice_there(value))
                return fail(self, SK_ERR_TYPE, "a header has no good name, or no text");
        sk_buf_add_slice(&self->text, name);
        sk_buf_add_text(&self->text, ": ");
        sk_err err = add_value(self, value);
        if (err == SK_OK)
                err = keep(self, &self->out->headers[self->out->header_count]);
        self->out->header_count += err == SK_OK;
        return err;
}

static sk_err make_headers(asking *self) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(self->effect->config, "headers"));
        sk_slice key = member(self, "key_header");
        sk_err err = SK_OK;
        sk_slice name;
        sk_slice value;

        if (sk_slice_there(self->out->body))
                err = add_header(self, SK_SLICE("Content-Type"), SK_SLICE("application/json"));
        if (err == SK_OK && !(sk_slice_there(key) && key.len == 0))
                err = add_header(self, sk_slice_there(key) ? key : SK_SLICE("Idempotency-Key"),
                                 sk_slice_of(self->effect->key));
        while (err == SK_OK && sk_json_walk_next(&walk, &name, &value))
                err = add_header(self, name, sk_json_string(value, self->arena));
        return err;
}

/* ---- the rest ---- */

static sk_err make_method(asking *self) {
        static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "GET"};
        sk_slice method = member(self, "method");
        sk_slice body = sk_json_member(self->effect->config, "body");
        bool is_bare = sk_slice_there(body) && sk_slice_is(body, "false");

        self->out->method = methods[0];
        for (size_t i = 0; sk_slice_there(method) && i < sizeof methods / sizeof methods[0]; i++) {
                if (sk_slice_is(method, methods[i]))
                        self->out->method = methods[i];
        }
        if (sk_slice_there(method) && !sk_slice_is(method, self->out->method))
                return fail(self, SK_ERR_TYPE, "the method is none of POST, PUT, PATCH, DELETE, GET");
        if (!is_bare && strcmp(self->out->method, "GET") != 0)
                self->out->body = self->effect->input;
        return self->out->body.len > BODY_MAX ? fail(self, SK_ERR_RANGE, "what is sent is too long") : SK_OK;
}

static sk_err make_files(asking *self) {
        const struct {
                const char *name;
                const char **to;
        } members[] = {{"ca", &self->out->ca},
                       {"certificate", &self->out->certificate},
                       {"key", &self->out->key},
                       {"proxy", &self->out->proxy}};
        sk_err err = SK_OK;

        for (size_t i = 0; i < sizeof members / sizeof members[0] && err == SK_OK; i++) {
                sk_slice text = member(self, members[i].name);
                if (!sk_slice_there(text) || text.len == 0)
                        continue;
                if (!is_clean(text))
                        return fail(self, SK_ERR_RANGE, "a path or the proxy has a control character");
                sk_buf_add_slice(&self->text, text);
                err = keep(self, members[i].to);
        }
        return err;
}

sk_err sk_http_ask_make(const sk_effect *effect, sk_http_secret *secret, void *self, sk_arena *arena,
                        sk_http_ask *out) {
        asking make = {.effect = effect,
                       .secret = secret,
                       .self = self,
                       .arena = arena,
                       .out = out,
                       .text = sk_buf_make(SK_HTTP_TEXT_MAX)};

        assert(effect->how == SK_HOW_HTTP && secret != NULL);
        *out = (sk_http_ask){.body = SK_NONE};
        sk_err err = make_method(&make);
        if (err == SK_OK)
                err = make_url(&make);
        if (err == SK_OK)
                err = make_headers(&make);
        if (err == SK_OK)
                err = make_files(&make);
        sk_buf_free(&make.text);
        return err;
}
