/*
 * The files of a chain directory: which is what, and each as a tree. A path says what a file is; what is not one of the
 * five kinds is left alone, because a folder may hold other things too.
 */
#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/utf8.h"
#include "usm/check.h"

static bool split(sk_slice *rest, sk_slice *out_part) {
        assert(sk_slice_there(*rest));
        assert(out_part != NULL);
        const char *slash = memchr(rest->at, '/', rest->len);
        if (slash == NULL)
                return false;
        *out_part = (sk_slice){rest->at, (size_t)(slash - rest->at)};
        *rest = (sk_slice){slash + 1, rest->len - out_part->len - 1};
        return true;
}

/** Takes ".json" or another ending off. */
static bool take_suffix(sk_slice *name, const char *suffix) {
        assert(suffix != NULL);
        size_t len = strlen(suffix);
        if (name->len < len || memcmp(name->at + name->len - len, suffix, len) != 0)
                return false;
        name->len -= len;
        return true;
}

static sk_file_kind kind_of(sk_source *source) {
        assert(source->path != NULL);
        sk_slice folders[3];
        unsigned depth = 0;
        sk_slice rest = sk_slice_of(source->path);
        while (depth < 3 && split(&rest, &folders[depth]))
                depth++;
        source->base = rest;
        if (depth == 1 && sk_slice_is(folders[0], "calendars") && take_suffix(&source->base, ".ics"))
                return SK_FILE_HOLIDAYS;
        if (!take_suffix(&source->base, ".json") || depth > 2)
                return SK_FILE_OTHER;
        if (depth == 0)
                return sk_slice_is(source->base, "chain") ? SK_FILE_CHAIN : SK_FILE_OTHER;
        if (sk_slice_is(folders[depth - 1], "forms"))
                return SK_FILE_FORM;
        source->team = folders[0];
        if (depth == 2)
                return sk_slice_is(folders[1], "routines") ? SK_FILE_ROUTINE : SK_FILE_OTHER;
        if (sk_slice_is(folders[0], "agreements"))
                return SK_FILE_AGREEMENT;
        if (sk_slice_is(source->base, "team"))
                return SK_FILE_TEAM;
        return sk_slice_is(source->base, "infrastructure") ? SK_FILE_INFRASTRUCTURE : SK_FILE_OTHER;
}

bool sk_chain_file_is_part(const char *path) {
        assert(path != NULL);
        sk_source source = {.path = path};
        return kind_of(&source) != SK_FILE_OTHER;
}

/** What may have been meant by a file that is none of ours: a folder or a file name that is nearly right. */
static sk_hint meant(const sk_source *source) {
        assert(source->kind == SK_FILE_OTHER);
        sk_slice path = sk_slice_of(source->path);
        sk_slice folder;
        if (!split(&path, &folder)) {
                sk_suggestion file = sk_suggest_make(source->base);
                sk_suggest_offer(&file, SK_SLICE("chain"));
                return sk_suggest_hint(&file);
        }
        sk_suggestion agreements = sk_suggest_make(folder);
        sk_suggest_offer(&agreements, SK_SLICE("agreements"));
        if (split(&path, &folder)) {
                sk_suggestion routines = sk_suggest_make(folder);
                sk_suggest_offer(&routines, SK_SLICE("routines"));
                return sk_suggest_hint(&routines);
        }
        sk_suggestion file = sk_suggest_make(source->base);
        sk_suggest_offer(&file, SK_SLICE("team"));
        sk_suggest_offer(&file, SK_SLICE("infrastructure"));
        return sk_suggest_hint(sk_slice_there(agreements.best) ? &agreements : &file);
}

/** A folder may hold other files too; what looks like a slip of the pen is said. */
static void say_other(sk_check *check, const sk_source *source) {
        assert(source->kind == SK_FILE_OTHER);
        sk_finding place = {.severity = SK_NOTICE};
        sk_hint hint = meant(source);
        if (hint.text[0] != '\0')
                sk_check_say_at(check, source->path, &place, "file-unknown",
                                "this file is no part of a chain and is not read\n%sread are chain.json, "
                                "agreements/*.json, calendars/*.ics, forms/*.json, TEAM/team.json, "
                                "TEAM/infrastructure.json, TEAM/routines/*.json and TEAM/forms/*.json",
                                hint.text);
}

typedef struct load_error {
        sk_err err;
        const char *code;
        const char *words;
} load_error;

static void say_load(sk_check *check, const sk_source *source, sk_err err, const sk_place *at) {
        assert(err != SK_OK);
        assert(err != SK_ERR_NO_MEMORY);
        static const load_error table[] = {
                {SK_ERR_DUPLICATE, "json-duplicate",
                 "a member of this name stands in the object already\ntake one of the two out"},
                {SK_ERR_DEPTH, "json-depth", "this is nested more than 32 deep\nmake it flatter"},
                {SK_ERR_UTF8, "json-utf8", "this is not UTF-8\nsave the file as UTF-8"},
                {SK_ERR_RANGE, "value-range",
                 "this number or text cannot be kept\nuse a smaller number, and no U+0000"},
                {SK_ERR_SYNTAX, "json-syntax",
                 "this is not JSON\nlook here, and just before, for a missing or superfluous comma, quotation mark or "
                 "bracket"},
        };
        const load_error *row = table;
        while (row->err != err && row->err != SK_ERR_SYNTAX)
                row++;
        sk_finding place = {.severity = SK_ERROR, .line = at->line, .column = at->column, .length = 1};
        sk_check_say_at(check, source->path, &place, row->code, "%s", row->words);
}

/** Team and routine names are checked where they are used; this keeps out what would garble every message. */
static bool is_printable(const char *path) {
        assert(path != NULL);
        size_t left = strlen(path);
        for (size_t len; left > 0; path += len, left -= len) {
                len = sk_utf8_length(path, left);
                if (len == 0 || (unsigned char)*path < 0x20 || *path == 0x7f)
                        return false;
        }
        return true;
}

static void parse(sk_check *check, sk_source *source) {
        assert(source->kind != SK_FILE_OTHER);
        assert(source->root == NULL);
        sk_finding whole = {.severity = SK_ERROR};
        if (source->text.len > SK_FILE_MAX_BYTES) {
                sk_check_say_at(check, source->path, &whole, "file-too-large",
                                "the file has %zu bytes, more than 1 MiB\nsplit it, or leave out what is not needed",
                                source->text.len);
                return;
        }
        if (!is_printable(source->path)) {
                sk_check_say_at(check, source->path, &whole, "name-bad",
                                "the name of the file has characters that cannot be printed\nrename it");
                return;
        }
        if (source->kind == SK_FILE_HOLIDAYS)
                return;
        sk_place place = {0};
        sk_err err = sk_json_load(source->text, SK_FILE_MAX_DEPTH, &source->root, &place);
        if (err == SK_ERR_NO_MEMORY)
                sk_check_out_of_memory(check);
        else if (err != SK_OK)
                say_load(check, source, err, &place);
        else if (!json_is_object(source->root)) {
                sk_spot root = sk_spot_root(source);
                (void)sk_read_is_object(check, &root);
                json_decref(source->root);
                source->root = NULL;
        }
}

static int compare(const void *left, const void *right) {
        return strcmp(((const sk_source *)left)->path, ((const sk_source *)right)->path);
}

/** A file given twice is the caller's mistake, or an attack; the second is left out. */
static void drop_doubles(sk_check *check) {
        assert(check->sources != NULL);
        for (size_t i = 1; i < check->source_count; i++) {
                sk_source *source = &check->sources[i];
                sk_finding whole = {.severity = SK_ERROR};
                if (strcmp(source->path, check->sources[i - 1].path) != 0)
                        continue;
                source->kind = SK_FILE_OTHER;
                sk_check_say_at(check, source->path, &whole, "file-twice",
                                "the file is given twice\ngive each file of the directory once");
        }
}

static bool fits(sk_check *check, const sk_chain_file *files, size_t count) {
        assert(files != NULL || count == 0);
        size_t total = 0;
        for (size_t i = 0; i < count && total <= SK_CHAIN_MAX_BYTES; i++)
                total += files[i].text.len;
        if (total <= SK_CHAIN_MAX_BYTES)
                return true;
        sk_check_say_at(check, "", NULL, "file-too-large",
                        "the files of the chain have more than 64 MiB together\nleave out what is not needed");
        return false;
}

void sk_sources_load(sk_check *check, const sk_chain_file *files, size_t count) {
        assert(check->sources == NULL);
        assert(check != NULL);
        assert((files != NULL || count == 0));
        if (!fits(check, files, count))
                return;
        check->sources = sk_alloc_zero(count + 1, sizeof *check->sources);
        if (check->sources == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        for (size_t i = 0; i < count; i++)
                check->sources[i] = (sk_source){.path = files[i].path, .text = files[i].text};
        check->source_count = count;
        if (count > 1)
                qsort(check->sources, count, sizeof *check->sources, compare);
        for (size_t i = 0; i < count; i++)
                check->sources[i].kind = kind_of(&check->sources[i]);
        drop_doubles(check);
        for (size_t i = 0; i < count && check->err == SK_OK; i++) {
                if (check->sources[i].kind != SK_FILE_OTHER)
                        parse(check, &check->sources[i]);
                else if (i == 0 || strcmp(check->sources[i].path, check->sources[i - 1].path) != 0)
                        say_other(check, &check->sources[i]);
        }
}

void sk_sources_free(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->source_count; i++)
                json_decref(check->sources[i].root);
        sk_free(check->sources);
        check->sources = NULL;
        check->source_count = 0;
}

size_t sk_sources_count(const sk_check *check, sk_file_kind kind) {
        assert(kind != SK_FILE_OTHER);
        size_t count = 0;
        for (size_t i = 0; i < check->source_count; i++)
                count += check->sources[i].kind == kind ? 1 : 0;
        return count;
}

const sk_source *sk_sources_find(const sk_check *check, sk_file_kind kind, sk_slice team) {
        assert(kind != SK_FILE_OTHER);
        for (size_t i = 0; i < check->source_count; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind == kind && sk_slice_equal(source->team, team))
                        return source;
        }
        return NULL;
}
