/*
 * Differences of JSON values. Members are taken in order of their names, so that the same files give the same list.
 */
#include "cli/template/json_diff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/buf.h"

#define POINTER_MAX 2048
#define DEPTH_MAX 64
#define SHOWN_MAX 60

typedef struct differing {
        sk_buf pointer;
        json_t *out;
        size_t limit;
        size_t more;
        sk_err err;
} differing;

static void compare(differing *self, json_t *from, json_t *to, unsigned depth);

static void say(differing *self, json_t *from, json_t *to) {
        json_t *one = json_object();
        if (json_array_size(self->out) >= self->limit) {
                self->more++;
                json_decref(one);
                return;
        }
        bool is_said = one != NULL &&
                       json_object_set_new(
                               one, "at",
                               json_stringn(self->pointer.len == 0 ? "" : self->pointer.at, self->pointer.len)) == 0 &&
                       (from == NULL || json_object_set(one, "from", from) == 0) &&
                       (to == NULL || json_object_set(one, "to", to) == 0);
        if (!is_said || json_array_append(self->out, one) != 0)
                self->err = SK_ERR_NO_MEMORY;
        json_decref(one);
}

static void enter(differing *self, const char *name) {
        sk_buf_add_byte(&self->pointer, '/');
        for (; *name != '\0'; name++) {
                if (*name == '~' || *name == '/')
                        sk_buf_add_text(&self->pointer, *name == '~' ? "~0" : "~1");
                else
                        sk_buf_add_byte(&self->pointer, (uint8_t)*name);
        }
        if (self->pointer.err != SK_OK)
                self->err = self->pointer.err;
}

static int by_name(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Names of both objects, each once, in order; NULL without memory. */
static const char **names_of(json_t *from, json_t *to, size_t *out_count) {
        const char **names = sk_alloc((json_object_size(from) + json_object_size(to) + 1) * sizeof *names);
        const char *name;
        json_t *value;
        size_t count = 0;
        if (names == NULL)
                return NULL;
        json_object_foreach(from, name, value) names[count++] = name;
        json_object_foreach(to, name, value) {
                if (json_object_get(from, name) == NULL)
                        names[count++] = name;
        }
        qsort(names, count, sizeof *names, by_name);
        *out_count = count;
        return names;
}

static void compare_members(differing *self, json_t *from, json_t *to, unsigned depth) {
        size_t count = 0;
        const char **names = names_of(from, to, &count);
        if (names == NULL) {
                self->err = SK_ERR_NO_MEMORY;
                return;
        }
        for (size_t i = 0; i < count && self->err == SK_OK; i++) {
                size_t len = self->pointer.len;
                enter(self, names[i]);
                compare(self, json_object_get(from, names[i]), json_object_get(to, names[i]), depth + 1);
                self->pointer.len = len;
        }
        sk_free(names);
}

static void compare(differing *self, json_t *from, json_t *to, unsigned depth) {
        if (from != NULL && to != NULL && json_equal(from, to))
                return;
        if (json_is_object(from) && json_is_object(to) && depth < DEPTH_MAX)
                compare_members(self, from, to, depth);
        else
                say(self, from, to);
}

sk_err sk_json_diff(json_t *from, json_t *to, size_t limit, json_t *out) {
        differing self = {.pointer = sk_buf_make(POINTER_MAX), .out = out, .limit = limit};
        assert(json_is_array(out) && limit > 0);
        if (from != NULL || to != NULL)
                compare(&self, from, to, 0);
        if (self.err == SK_OK && self.more > 0) {
                json_t *last = json_pack("{s:s, s:I}", "at", "", "more", (json_int_t)self.more);
                if (last == NULL || json_array_append_new(out, last) != 0)
                        self.err = SK_ERR_NO_MEMORY;
        }
        sk_buf_free(&self.pointer);
        return self.err;
}

/* ---- for people ---- */

static void print_value(sk_cli *cli, const json_t *value) {
        char *text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        size_t len = text == NULL ? 0 : strlen(text);
        if (text == NULL)
                sk_cli_print(cli, "nothing");
        else
                sk_cli_print(cli, "%s%s", sk_cli_safe(cli, (sk_slice){text, len > SHOWN_MAX ? SHOWN_MAX : len}),
                             len > SHOWN_MAX ? "…" : "");
        sk_free(text);
}

void sk_json_diff_print(sk_cli *cli, const json_t *list) {
        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *one = json_array_get(list, i);
                const json_t *more = json_object_get(one, "more");
                if (more != NULL) {
                        sk_cli_print(cli, "  and %lld more\n", (long long)json_integer_value(more));
                        continue;
                }
                sk_cli_print(cli, "  %s  ", sk_cli_safe_text(cli, json_string_value(json_object_get(one, "at"))));
                print_value(cli, json_object_get(one, "from"));
                sk_cli_print(cli, " > ");
                print_value(cli, json_object_get(one, "to"));
                sk_cli_print(cli, "\n");
        }
}
