/*
 * Forms of tasks. Each is compiled once, when its edition is built. A `$ref` may lead to `forms/NAME.json` of the chain
 * directory and to `TEAM/forms/NAME.json`, from where the routine's file stands; nothing else is ever looked for. What a
 * form refers to is put into it, so that a task takes its whole form along and an edition to come changes nothing of it.
 */
#include "usm/form.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/form.h"

#define URI_ROOT "chain:/"
#define FORM_MAX_BYTES ((size_t)65536)

/** Texts that a form may refer to, and scratch. */
struct sk_form_build {
        sk_schema_run *run;
        sk_schema_text *texts; /**< the last is for the form itself */
        const sk_source **sources;
        size_t count;
};

/* ---- what may be referred to ---- */

static sk_slice uri_of(sk_check *check, const sk_source *source) {
        assert(source->path != NULL);
        size_t len = sizeof URI_ROOT - 1 + strlen(source->path);
        char *at = sk_check_get(check, len + 1, 1);
        if (at == NULL)
                return SK_NONE;
        (void)snprintf(at, len + 1, URI_ROOT "%s", source->path);
        return (sk_slice){at, len};
}

static bool add_file(sk_check *check, sk_form_build *forms, const sk_source *source) {
        assert(source->kind == SK_FILE_FORM);
        assert(source->root != NULL);
        sk_spot root = sk_spot_root(source);
        sk_slice uri = uri_of(check, source);
        if (!sk_read_name(check, &root, source->base, "a form"))
                return true;
        sk_slice text = sk_read_json(check, &root);
        if (!sk_slice_there(uri) || !sk_slice_there(text))
                return false;
        forms->sources[forms->count] = source;
        forms->texts[forms->count++] = (sk_schema_text){uri, text};
        return true;
}

static sk_form_build *forms_of(sk_check *check) {
        assert(check->edition != NULL);
        if (check->forms != NULL || check->err != SK_OK)
                return check->forms;
        size_t count = sk_sources_count(check, SK_FILE_FORM);
        sk_form_build *forms = sk_check_get(check, 1, sizeof *forms);
        if (forms == NULL)
                return NULL;
        forms->texts = sk_check_get(check, count + 1, sizeof *forms->texts);
        forms->sources = sk_check_get(check, count + 1, sizeof *forms->sources);
        forms->run = sk_schema_run_new();
        check->forms = forms;
        if (forms->run == NULL)
                sk_check_out_of_memory(check);
        for (size_t i = 0; i < check->source_count && check->err == SK_OK; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind == SK_FILE_FORM && source->root != NULL && !add_file(check, forms, source))
                        break;
        }
        return check->err == SK_OK ? forms : NULL;
}

void sk_forms_end(sk_check *check) {
        assert(check != NULL);
        if (check->forms != NULL)
                sk_schema_run_free(check->forms->run);
        check->forms = NULL;
}

/* ---- one form ---- */

static void say_bad(sk_check *check, const sk_spot *spot, const sk_schema_fault *fault, sk_severity severity) {
        assert(severity != SK_NOTICE);
        const char *mark = strchr(fault->schema, '#');
        size_t root = strncmp(fault->schema, URI_ROOT, sizeof URI_ROOT - 1) == 0 ? sizeof URI_ROOT - 1 : 0;
        bool is_own = mark != NULL && (size_t)(mark - fault->schema) == root + strlen(spot->source->path) &&
                      memcmp(fault->schema + root, spot->source->path, strlen(spot->source->path)) == 0;
        sk_slice place = sk_slice_of(root == 0 || is_own ? (mark == NULL ? "" : mark + 1) : fault->schema + root);
        if (severity == SK_WARNING)
                sk_check_say(check, spot, SK_WARNING, "form-unchecked",
                             "what stands at %s %s\nmend the name, or take it out", sk_quote(place).text, fault->text);
        else
                sk_check_say(check, spot, SK_ERROR, "form-bad",
                             "the form is no JSON Schema: what stands at %s %s\nmend it there%s", sk_quote(place).text,
                             fault->text,
                             strcmp(fault->text, "leads nowhere") == 0
                                     ? ": a form refers to itself, to forms/*.json and to TEAM/forms/*.json"
                                     : "");
}

/** Puts a file into the form's `$defs` under its URI. */
static bool embed(json_t *defs, const sk_schema_text *text, const sk_source *source) {
        assert(source->root != NULL);
        json_t *copy = json_deep_copy(source->root);
        bool is_put = copy != NULL && json_object_set_new(copy, "$id", json_stringn(text->uri.at, text->uri.len)) == 0;
        return json_object_set_new(defs, text->uri.at, copy) == 0 && is_put;
}

/** The form with all that it refers to; NULL without memory. */
static json_t *bundle(const sk_form_build *forms, const sk_schema *schema, const sk_schema_text *own, json_t *form) {
        assert(json_is_object(form));
        json_t *whole = json_copy(form);
        json_t *defs =
                json_object_get(form, "$defs") == NULL ? json_object() : json_copy(json_object_get(form, "$defs"));
        bool is_good = whole != NULL && defs != NULL &&
                       json_object_set_new(whole, "$id", json_stringn(own->uri.at, own->uri.len)) == 0;
        for (size_t i = 0; i < forms->count && is_good; i++) {
                if (sk_schema_uses(schema, forms->texts[i].uri))
                        is_good = embed(defs, &forms->texts[i], forms->sources[i]);
        }
        is_good = is_good && json_object_set(whole, "$defs", defs) == 0;
        json_decref(defs);
        if (is_good)
                return whole;
        json_decref(whole);
        return NULL;
}

static bool refers_to_files(const sk_form_build *forms, const sk_schema *schema) {
        assert(schema != NULL);
        for (size_t i = 0; i < forms->count; i++) {
                if (sk_schema_uses(schema, forms->texts[i].uri))
                        return true;
        }
        return false;
}

/** Where it is, or would be, among those kept. */
static size_t place_of(const sk_edition *edition, sk_slice text) {
        size_t low = 0;
        size_t high = edition->form_count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                sk_slice other = edition->forms[middle].text;
                int order =
                        other.len != text.len ? (other.len < text.len ? -1 : 1) : memcmp(other.at, text.at, text.len);
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        assert(low <= edition->form_count);
        return low;
}

/** Takes the schema in any case. */
static void keep(sk_check *check, sk_slice text, sk_schema *schema) {
        assert(schema != NULL);
        sk_edition *edition = check->edition;
        assert(edition->form_count <= edition->form_room);
        if (sk_edition_form(edition, text) != NULL) {
                sk_schema_free(schema);
                return;
        }
        if (edition->form_count == edition->form_room) {
                size_t room = edition->form_room == 0 ? 16 : 2 * edition->form_room;
                sk_kept_form *forms = sk_realloc(edition->forms, room * sizeof *forms);
                if (forms == NULL) {
                        sk_schema_free(schema);
                        sk_check_out_of_memory(check);
                        return;
                }
                edition->forms = forms;
                edition->form_room = room;
        }
        size_t at = place_of(edition, text);
        memmove(&edition->forms[at + 1], &edition->forms[at], (edition->form_count - at) * sizeof *edition->forms);
        edition->forms[at] = (sk_kept_form){text, schema};
        edition->form_count++;
        assert(sk_edition_form(edition, text) == schema);
}

/** The form's text with all files that it refers to; as it is, if those are none; SK_NONE and said if it is wrong. */
static sk_slice make_whole(sk_check *check, sk_form_build *forms, const sk_spot *spot, sk_slice text) {
        assert(forms->count > 0);
        sk_schema_text *own = &forms->texts[forms->count];
        *own = (sk_schema_text){uri_of(check, spot->source), text};
        if (check->err != SK_OK)
                return SK_NONE;
        const sk_schema_source source = {.texts = forms->texts, .count = forms->count + 1, .uri = own->uri};
        sk_schema_fault fault = {.text = ""};
        sk_schema *schema = NULL;
        sk_err err = sk_schema_compile(&source, &schema, &fault);
        if (err != SK_OK && err != SK_ERR_NO_MEMORY)
                say_bad(check, spot, &fault, SK_ERROR);
        bool refers = err == SK_OK && refers_to_files(forms, schema);
        json_t *whole = refers ? bundle(forms, schema, own, spot->value) : NULL;
        if (err == SK_ERR_NO_MEMORY || (refers && whole == NULL))
                sk_check_out_of_memory(check);
        sk_schema_free(schema);
        sk_spot made = *spot;
        made.value = whole;
        text = err != SK_OK || check->err != SK_OK ? SK_NONE : whole == NULL ? text : sk_read_json(check, &made);
        json_decref(whole);
        return text;
}

static sk_schema *compile(sk_check *check, sk_form_build *forms, const sk_spot *spot, sk_slice text) {
        assert(sk_slice_there(text));
        sk_schema_fault fault = {.text = ""};
        sk_schema *schema = NULL;
        sk_err err = sk_form_compile(text, forms->run, &schema, &fault);
        if (err == SK_ERR_NO_MEMORY)
                sk_check_out_of_memory(check);
        else if (err != SK_OK)
                say_bad(check, spot, &fault, SK_ERROR);
        else if (sk_schema_is_odd(schema, &fault))
                say_bad(check, spot, &fault, SK_WARNING);
        return schema;
}

sk_slice sk_form_read(sk_check *check, const sk_spot *spot) {
        assert(spot->value != NULL);
        sk_form_build *forms = forms_of(check);
        sk_slice text = forms == NULL ? SK_NONE : sk_read_json(check, spot);
        bool may_refer = sk_slice_there(text) && forms->count > 0 && memmem(text.at, text.len, "ef\"", 3) != NULL;
        if (may_refer)
                text = make_whole(check, forms, spot, text);
        if (text.len > FORM_MAX_BYTES) {
                sk_check_say(check, spot, SK_ERROR, "form-bad",
                             "the form has %zu bytes with all that it refers to, more than 64 KiB\nmake it smaller",
                             text.len);
                return SK_NONE;
        }
        sk_schema *schema = sk_slice_there(text) ? compile(check, forms, spot, text) : NULL;
        if (schema == NULL)
                return SK_NONE;
        sk_form_check_sense(check, spot);
        keep(check, text, schema);
        return text;
}

const sk_schema *sk_edition_form(const sk_edition *edition, sk_slice text) {
        assert(edition != NULL);
        size_t at = place_of(edition, text);
        return at < edition->form_count && sk_slice_equal(edition->forms[at].text, text) ? edition->forms[at].schema
                                                                                         : NULL;
}

void sk_forms_free(sk_edition *edition) {
        assert(edition->forms != NULL || edition->form_count == 0);
        for (size_t i = 0; i < edition->form_count; i++)
                sk_schema_free(edition->forms[i].schema);
        sk_free(edition->forms);
}
