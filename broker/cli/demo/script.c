/*
 * Reads the script of a demonstration, line by line, so that a mistake is shown with its line.
 */
#include "cli/demo/script.h"

#include <assert.h>
#include <unistd.h>

#include "kit/json_load.h"

#define SCRIPT_MAX_BYTES ((size_t)1 << 20)
#define DEPTH_MAX 16

/** Which kind of value each member has. */
static const struct member {
        const char *name;
        json_type type;
        bool is_required;
} members[] = {{"as", JSON_STRING, true},         {"to", JSON_STRING, false},    {"type", JSON_STRING, true},
               {"facility", JSON_STRING, true},   {"need", JSON_STRING, true},   {"urgency", JSON_INTEGER, false},
               {"on_behalf", JSON_STRING, false}, {"data", JSON_OBJECT, false},  {"cut", JSON_STRING, false},
               {"components", JSON_ARRAY, false}, {"reason", JSON_STRING, false}};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

const char *sk_script_text(const json_t *call, const char *name) {
        return json_string_value(json_object_get(call, name));
}

const json_t *sk_script_find(const json_t *script, const char *need) {
        for (size_t i = 0; i < json_array_size(script); i++) {
                const json_t *call = json_array_get(script, i);
                if (strcmp(sk_script_text(call, "need"), need) == 0)
                        return call;
        }
        return NULL;
}

static const struct member *member_of(const char *name) {
        for (size_t i = 0; i < MEMBERS; i++) {
                if (strcmp(members[i].name, name) == 0)
                        return &members[i];
        }
        return NULL;
}

/** Name of the member that is wrong; NULL if none is. */
static const char *wrong_in(json_t *call, const char **out_why) {
        const char *name;
        json_t *value;
        json_object_foreach(call, name, value) {
                const struct member *member = member_of(name);
                *out_why = member == NULL ? "a call has no such member" : "its value is of another kind";
                if (member == NULL || json_typeof(value) != member->type)
                        return name;
        }
        for (size_t i = 0; i < MEMBERS; i++) {
                *out_why = "it is missing";
                if (members[i].is_required && json_object_get(call, members[i].name) == NULL)
                        return members[i].name;
        }
        return NULL;
}

static int add_line(sk_cli *cli, const char *path, unsigned number, sk_slice line, json_t *script) {
        json_t *call = NULL;
        const char *why = "";
        sk_err err = sk_json_load(line, DEPTH_MAX, &call, NULL);
        if (err == SK_OK && !json_is_object(call))
                err = SK_ERR_SYNTAX;
        const char *wrong = err == SK_OK ? wrong_in(call, &why) : NULL;
        if (err == SK_OK && wrong == NULL && json_array_size(script) < SK_SCRIPT_CALLS_MAX)
                return json_array_append_new(script, call) == 0
                               ? SK_EXIT_OK
                               : sk_cli_fail(cli, path, "end other programs, then try again", "no memory is left");
        int status = sk_cli_fail(cli, path, "each line is a JSON object: as, to, type, facility, need and more",
                                 "line %u: %s%s%s", number, wrong == NULL ? "" : wrong, wrong == NULL ? "" : ": ",
                                 err != SK_OK    ? sk_err_text(err)
                                 : wrong != NULL ? why
                                                 : "there are too many calls");
        json_decref(call);
        return status;
}

static int add_lines(sk_cli *cli, const char *path, sk_slice text, json_t *script) {
        unsigned number = 0;
        size_t from = 0;
        int status = SK_EXIT_OK;
        while (from < text.len && status == SK_EXIT_OK) {
                const char *end = memchr(text.at + from, '\n', text.len - from);
                size_t len = end == NULL ? text.len - from : (size_t)(end - text.at) - from;
                number++;
                if (len > 0)
                        status = add_line(cli, path, number, (sk_slice){text.at + from, len}, script);
                from += len + 1;
        }
        return status;
}

int sk_script_load(sk_cli *cli, const char *path, json_t **out) {
        sk_slice text = SK_SLICE("");
        json_t *script = json_array();
        int status = SK_EXIT_OK;
        if (script == NULL)
                return sk_cli_fail(cli, "memory", "end other programs, then try again", "none left");
        if (path != NULL && access(path, F_OK) == 0)
                status = sk_cli_read(cli, path, SCRIPT_MAX_BYTES, &text);
        if (status == SK_EXIT_OK)
                status = add_lines(cli, path, text, script);
        if (status != SK_EXIT_OK) {
                json_decref(script);
                return status;
        }
        *out = script;
        return SK_EXIT_OK;
}
