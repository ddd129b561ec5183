/*
 * Spots: where in which file something stands, kept as a chain of names on the stack, so that walking a good file costs no
 * memory. Only when something is to be said does a spot become a JSON Pointer, a line and a column.
 */
#include <assert.h>
#include <stdarg.h>

#include "kit/buf.h"
#include "kit/json_scan.h"
#include "usm/check.h"

/* A longer pointer is cut at a member: a finding then points at what contains the place. */
#define POINTER_MAX 512
#define TEXT_MAX 1000
#define LEVELS_MAX (SK_FILE_MAX_DEPTH + 2)

sk_spot sk_spot_root(const sk_source *source) {
        assert(source != NULL);
        return (sk_spot){.source = source, .value = source->root};
}

sk_spot sk_spot_member(const sk_spot *above, const char *name) {
        assert(above != NULL);
        assert(name != NULL);
        return (sk_spot){
                .source = above->source, .above = above, .name = name, .value = json_object_get(above->value, name)};
}

sk_spot sk_spot_item(const sk_spot *above, size_t index) {
        assert(above != NULL);
        return (sk_spot){
                .source = above->source, .above = above, .index = index, .value = json_array_get(above->value, index)};
}

sk_spot sk_spot_name(const sk_spot *spot) {
        assert(spot != NULL);
        sk_spot name = *spot;
        name.is_name = true;
        return name;
}

static void add_step(sk_buf *pointer, const sk_spot *spot) {
        assert(spot->above != NULL);
        sk_buf_add_byte(pointer, '/');
        if (spot->name == NULL) {
                sk_buf_add_uint(pointer, spot->index);
                return;
        }
        for (const char *at = spot->name; *at != '\0'; at++) {
                if (*at == '~')
                        sk_buf_add_text(pointer, "~0");
                else if (*at == '/')
                        sk_buf_add_text(pointer, "~1");
                else
                        sk_buf_add_byte(pointer, (uint8_t)*at);
        }
}

/** Writes the pointer; false if it had to be cut short. */
static bool write_pointer(sk_buf *pointer, const sk_spot *spot) {
        assert(pointer->len == 0);
        const sk_spot *steps[LEVELS_MAX];
        unsigned count = 0;
        for (const sk_spot *at = spot; at->above != NULL && count < LEVELS_MAX; at = at->above)
                steps[count++] = at;
        bool is_whole = true;
        while (count > 0 && is_whole) {
                size_t before = pointer->len;
                add_step(pointer, steps[--count]);
                if (pointer->len > POINTER_MAX) {
                        pointer->len = before;
                        is_whole = false;
                }
        }
        sk_buf_add_byte(pointer, '\0');
        return is_whole;
}

/** Bytes of the scalar or name that starts at @p offset; 1 for an object or array. */
static uint32_t length_at(sk_slice text, size_t offset) {
        assert(sk_slice_there(text) || text.len == 0);
        size_t end = offset;
        if (offset >= text.len)
                return 0;
        if (text.at[offset] == '"') {
                for (end++; end < text.len && text.at[end] != '"' && text.at[end] != '\n'; end++)
                        end += text.at[end] == '\\' ? 1 : 0;
                end = end < text.len ? end + 1 : text.len;
        } else if (text.at[offset] == '{' || text.at[offset] == '[') {
                end++;
        } else {
                while (end < text.len && strchr(" \t\r\n,]}", text.at[end]) == NULL)
                        end++;
        }
        return (uint32_t)(end - offset);
}

static void find_place(const sk_spot *spot, const char *pointer, bool is_whole, sk_finding *out) {
        assert(spot->source->root != NULL);
        sk_place place = {0};
        bool of_name = spot->is_name && is_whole;
        if (!sk_json_place(spot->source->text, pointer, of_name, &place))
                return;
        out->line = place.line;
        out->column = place.column;
        out->length = length_at(spot->source->text, place.offset);
}

void sk_check_out_of_memory(sk_check *check) {
        assert(check != NULL);
        check->err = SK_ERR_NO_MEMORY;
}

/** Formats, splits at the first newline and adds. */
__attribute__((format(printf, 3, 0))) static void add_formatted(sk_check *check, sk_finding *finding,
                                                                const char *format, va_list list) {
        sk_buf text = sk_buf_make(TEXT_MAX * 2);
        sk_buf_add_format_list(&text, format, list);
        sk_buf_add_byte(&text, '\0');
        if (text.err != SK_OK) {
                sk_check_out_of_memory(check);
        } else {
                char *newline = strchr(text.at, '\n');
                finding->text = text.at;
                finding->remedy = "";
                if (newline != NULL) {
                        *newline = '\0';
                        finding->remedy = newline + 1;
                }
                if (sk_findings_add(check->findings, finding) != SK_OK)
                        sk_check_out_of_memory(check);
        }
        sk_buf_free(&text);
}

void sk_check_say(sk_check *check, const sk_spot *at, sk_severity severity, const char *code, const char *format, ...) {
        assert(check != NULL);
        assert(at != NULL);
        assert(code != NULL);
        if (check->err != SK_OK || sk_findings_is_full(check->findings))
                return;
        /* Names of up to a file's size may stand on the way; they are looked at and cut, never refused. */
        sk_buf pointer = sk_buf_make(SK_FILE_MAX_BYTES * 4);
        bool is_whole = write_pointer(&pointer, at);
        if (pointer.err != SK_OK) {
                sk_buf_free(&pointer);
                sk_check_out_of_memory(check);
                return;
        }
        sk_finding finding = {.severity = severity, .code = code, .path = at->source->path, .pointer = pointer.at};
        if (at->source->root != NULL)
                find_place(at, pointer.at, is_whole, &finding);
        va_list list;
        va_start(list, format);
        add_formatted(check, &finding, format, list);
        va_end(list);
        sk_buf_free(&pointer);
}

void sk_check_say_at(sk_check *check, const char *path, const sk_finding *place, const char *code, const char *format,
                     ...) {
        assert(check != NULL);
        assert(path != NULL);
        assert(code != NULL);
        if (check->err != SK_OK)
                return;
        sk_finding finding = place != NULL ? *place : (sk_finding){.severity = SK_ERROR};
        finding.path = path;
        finding.code = code;
        finding.pointer = "";
        va_list list;
        va_start(list, format);
        add_formatted(check, &finding, format, list);
        va_end(list);
}
