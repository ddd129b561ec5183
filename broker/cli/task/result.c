/*
 * Results from options. A tree is built, because members may be given in any order and below one another.
 */
#include "cli/task/result.h"

#include <assert.h>
#include <stdlib.h>

#include "cli/task/form_fit.h"
#include "cli/task/form_follow.h"
#include "event/envelope.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "link/call.h"
#include "usm/suggest.h"

#define RESULT_MAX_BYTES ((size_t)256 << 10)
#define PATH_MAX_PARTS 16

/* ---- a whole object ---- */

static int read_object(sk_cli *cli, json_t **out) {
        const char *text = sk_cli_text(cli, "result");
        sk_slice bytes = sk_slice_of(text);
        sk_place place = {0};
        json_t *object = NULL;
        if (text == NULL) {
                *out = json_object();
                return *out == NULL ? sk_cli_fail(cli, "result", "end other programs", "no memory is left")
                                    : SK_EXIT_OK;
        }
        if (text[0] == '@') {
                int status = sk_cli_read(cli, text + 1, RESULT_MAX_BYTES, &bytes);
                if (status != SK_EXIT_OK)
                        return status;
        }
        sk_err err = sk_json_load(bytes, SK_JSON_DEPTH_MAX, &object, &place);
        if (err != SK_OK)
                return sk_cli_usage_error(cli, "result", "line %u, column %u: %s", place.line, place.column,
                                          sk_err_text(err));
        if (!json_is_object(object)) {
                json_decref(object);
                return sk_cli_usage_error(cli, "result", "it must be a JSON object, such as {\"cause\": \"cable\"}");
        }
        *out = object;
        return SK_EXIT_OK;
}

/* ---- single members ---- */

/** NAME=VALUE taken apart. */
typedef struct setting {
        const char *parts[PATH_MAX_PARTS];
        size_t count;
        bool is_item; /**< name[]: one more in a list */
        bool is_json; /**< name:=VALUE */
        const char *value;
} setting;

static bool setting_split(char *text, setting *out) {
        char *equals = strchr(text, '=');
        if (equals == NULL || equals == text)
                return false;
        *out = (setting){.value = equals + 1, .is_json = equals[-1] == ':'};
        char *end = out->is_json ? equals - 1 : equals;
        *end = '\0';
        size_t len = (size_t)(end - text);
        if (len >= 2 && strcmp(end - 2, "[]") == 0) {
                out->is_item = true;
                end[-2] = '\0';
        }
        for (char *part = text; part != NULL;) {
                char *dot = strchr(part, '.');
                if (dot != NULL)
                        *dot = '\0';
                if (*part == '\0' || out->count == PATH_MAX_PARTS)
                        return false;
                out->parts[out->count++] = part;
                part = dot == NULL ? NULL : dot + 1;
        }
        return out->count > 0;
}

/* Type that the form gives the member; NULL if it says nothing. */
static const char *type_in(const json_t *form, const setting *set) {
        const json_t *schema = form;
        for (size_t i = 0; i < set->count && schema != NULL; i++)
                schema = json_object_get(json_object_get(schema, "properties"), set->parts[i]);
        if (set->is_item && schema != NULL)
                schema = json_object_get(schema, "items");
        return schema == NULL ? NULL : json_string_value(json_object_get(schema, "type"));
}

/* Without a word of the form, what looks like a number or a truth is one: nobody names a priority "2". */
static bool is_bare(const char *value) {
        if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
                return true;
        size_t digits = strspn(value + (*value == '-'), "0123456789.");
        return digits > 0 && digits <= 15 && value[digits + (*value == '-')] == '\0';
}

static json_t *value_of(const json_t *form, const setting *set) {
        const char *type = type_in(form, set);
        bool is_text = type != NULL && strcmp(type, "string") == 0;
        bool is_json = set->is_json || (type != NULL && !is_text) || (type == NULL && is_bare(set->value));
        json_t *value = NULL;
        if (!is_json)
                return json_string(set->value);
        if (sk_json_load(sk_slice_of(set->value), SK_JSON_DEPTH_MAX, &value, NULL) == SK_OK)
                return value;
        return type == NULL && !set->is_json ? json_string(set->value) : NULL;
}

static bool put(json_t *object, const setting *set, json_t *value) {
        for (size_t i = 0; i + 1 < set->count; i++) {
                json_t *below = json_object_get(object, set->parts[i]);
                if (below == NULL) {
                        below = json_object();
                        if (json_object_set_new(object, set->parts[i], below) != 0)
                                return false;
                }
                if (!json_is_object(below))
                        return false;
                object = below;
        }
        const char *last = set->parts[set->count - 1];
        if (!set->is_item)
                return json_object_set(object, last, value) == 0;
        json_t *list = json_object_get(object, last);
        if (list == NULL) {
                list = json_array();
                if (json_object_set_new(object, last, list) != 0)
                        return false;
        }
        return json_is_array(list) && json_array_append(list, value) == 0;
}

static int apply_setting(sk_cli *cli, const json_t *form, const char *text, json_t *object) {
        sk_slice copy = sk_arena_copy(sk_cli_arena(cli), sk_slice_of(text));
        setting set;
        char *writable = sk_slice_there(copy) ? sk_arena_get(sk_cli_arena(cli), copy.len + 1) : NULL;
        if (writable == NULL)
                return sk_cli_fail(cli, "set", "give less", "no memory is left");
        memcpy(writable, text, copy.len + 1);
        if (!setting_split(writable, &set))
                return sk_cli_usage_error(cli, "set", "\"%s\" is not NAME=VALUE", text);
        json_t *value = value_of(form, &set);
        const char *type = set.is_json ? "JSON" : type_in(form, &set);
        if (value == NULL)
                return sk_cli_usage_error(cli, "set", "\"%s\": the value must be %s", text,
                                          type == NULL || strcmp(type, "string") == 0 ? "text in UTF-8" : type);
        bool is_put = put(object, &set, value);
        json_decref(value);
        return is_put ? SK_EXIT_OK : sk_cli_usage_error(cli, "set", "\"%s\" does not fit what was set before it", text);
}

/* ---- the cut ---- */

static int apply_cut(sk_cli *cli, json_t *object) {
        size_t count;
        const char *target = sk_cli_text(cli, "cut");
        const char *reason = sk_cli_text(cli, "reason");
        const char *const *components = sk_cli_list(cli, "component", &count);
        if (target == NULL)
                return count == 0 && reason == NULL
                               ? SK_EXIT_OK
                               : sk_cli_usage_error(cli, "component", "it is for a cut: give --cut as well");
        json_t *cut = json_object();
        bool is_put = cut != NULL;
        if (is_put && strcmp(target, "agree") == 0)
                is_put = json_object_set_new(cut, "agreement", json_true()) == 0;
        else if (is_put)
                is_put = json_object_set_new(cut, "agreement", json_false()) == 0 &&
                         json_object_set_new(cut, "infrastructure", json_boolean(strcmp(target, "change") == 0)) == 0;
        if (is_put && reason != NULL)
                is_put = json_object_set_new(cut, "reason", json_string(reason)) == 0;
        json_t *list = is_put && count > 0 ? json_array() : NULL;
        for (size_t i = 0; i < count && is_put; i++)
                is_put = json_array_append_new(list, json_string(components[i])) == 0;
        if (is_put && list != NULL)
                is_put = json_object_set(cut, "components", list) == 0;
        json_decref(list);
        is_put = json_object_set_new(object, "cut", cut) == 0 && is_put;
        return is_put ? SK_EXIT_OK : sk_cli_usage_error(cli, "cut", "a name or reason is not valid UTF-8");
}

/* ---- what the form asks for ---- */

/** Gives members that lack their defaults, and says what does not fit. */
static int check_form(sk_cli *cli, const json_t *form, json_t *object) {
        sk_schema_fault fault;
        if (form == NULL)
                return SK_EXIT_OK;
        if (sk_form_takes(form, object, &fault))
                return SK_EXIT_OK;
        return sk_cli_fail(cli, fault.instance[0] == '\0' ? "result" : fault.instance + 1,
                           "enter it: --set NAME=VALUE; schakel task show lists what is to be entered", "%s",
                           fault.text);
}

static int write_result(sk_cli *cli, const json_t *object, sk_buf *out) {
        if (json_object_size(object) == 0)
                return SK_EXIT_OK;
        char *text = json_dumps(object, JSON_COMPACT);
        if (text == NULL)
                return sk_cli_fail(cli, "result", "give less", "no memory is left");
        sk_buf_add_text(out, text);
        sk_free(text);
        return out->err == SK_OK ? SK_EXIT_OK : sk_cli_fail(cli, "result", "give less", "%s", sk_err_text(out->err));
}

/** Members of the draft that were not given anew. */
static int add_draft(sk_cli *cli, sk_slice draft, json_t *object) {
        json_t *before = NULL;
        if (!sk_slice_there(draft) || sk_json_load(draft, SK_JSON_SCAN_DEPTH_MAX, &before, NULL) != SK_OK)
                return SK_EXIT_OK;
        bool is_added = json_object_update_missing(object, before) == 0;
        json_decref(before);
        return is_added ? SK_EXIT_OK : sk_cli_fail(cli, "result", "give less", "no memory is left");
}

int sk_result_read(sk_cli *cli, const sk_result_wanted *wanted, sk_buf *out) {
        size_t count;
        const char *const *settings = sk_cli_list(cli, "set", &count);
        json_t *object = NULL;
        json_t *schema = NULL;
        int status = read_object(cli, &object);
        if (status != SK_EXIT_OK)
                return status;
        if (sk_slice_there(wanted->form))
                (void)sk_json_load(wanted->form, SK_JSON_SCAN_DEPTH_MAX, &schema, NULL);
        json_t *shown = schema == NULL ? NULL : sk_form_flat(schema);
        status = add_draft(cli, wanted->draft, object);
        for (size_t i = 0; i < count && status == SK_EXIT_OK; i++)
                status = apply_setting(cli, shown, settings[i], object);
        if (status == SK_EXIT_OK)
                status = apply_cut(cli, object);
        if (status == SK_EXIT_OK && wanted->fill != NULL)
                status = wanted->fill(wanted->self, schema, object);
        if (status == SK_EXIT_OK && wanted->is_whole)
                status = check_form(cli, schema, object);
        if (status == SK_EXIT_OK)
                status = write_result(cli, object, out);
        json_decref(shown);
        json_decref(schema);
        json_decref(object);
        return status;
}
