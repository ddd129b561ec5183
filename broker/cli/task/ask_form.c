/*
 * One question a member, also of a form or member that is in another file (`$ref`). What cannot be asked in one line
 * (objects, lists of anything but texts) is asked for as JSON.
 */
#include "cli/task/ask_form.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/task/form_fit.h"
#include "cli/task/form_follow.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/json_pointer.h"

#define LINE_MAX_BYTES 65536
#define JSON_DEPTH_MAX 28
#define REFERENCE_MAX ((size_t)8192)

/** One member being asked for. */
typedef struct question {
        const sk_asking *asking;
        const char *name;
        const json_t *form;    /**< that the schema stands in */
        const json_t *schema;  /**< with what it refers to */
        const json_t *checked; /**< what an answer has to fit */
        json_t *offered;       /**< taken when nothing is said; borrowed, NULL: nothing */
        bool is_required;
        char line[LINE_MAX_BYTES];
} question;

static const char *text_in(const json_t *schema, const char *name) {
        return json_string_value(json_object_get(schema, name));
}

static bool is_type(const json_t *schema, const char *type) {
        const char *said = text_in(schema, "type");
        return said != NULL && strcmp(said, type) == 0;
}

/* ---- asking ---- */

static const char *shown(sk_cli *cli, const json_t *value) {
        if (json_is_string(value))
                return sk_cli_safe(cli, (sk_slice){json_string_value(value), json_string_length(value)});
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        const char *safe = sk_cli_safe_text(cli, text == NULL ? "" : text);
        sk_free(text);
        return safe;
}

static const char *kind_of(const json_t *schema) {
        static const char *const kinds[][2] = {{"integer", "a whole number"},
                                               {"number", "a number"},
                                               {"boolean", "yes or no"},
                                               {"array", "a list"},
                                               {"object", "JSON"}};
        const char *format = text_in(schema, "format");
        if (format != NULL && strcmp(format, "date") == 0)
                return "a date: 2026-12-24";
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
                if (is_type(schema, kinds[i][0]))
                        return kinds[i][1];
        }
        return NULL;
}

static void print_choices(const question *asked, const json_t *choices) {
        for (size_t i = 0; i < json_array_size(choices); i++)
                sk_cli_print(asked->asking->cli, "  %zu %s", i + 1,
                             shown(asked->asking->cli, json_array_get(choices, i)));
        sk_cli_print(asked->asking->cli, "\n");
}

static void print_question(const question *asked) {
        sk_cli *cli = asked->asking->cli;
        const json_t *choices = json_object_get(asked->schema, "enum");
        const char *title = text_in(asked->schema, "title");
        const char *help = text_in(asked->schema, "description");
        sk_cli_print(cli, "\n%s%s%s%s", sk_cli_style(cli, SK_BOLD), sk_cli_safe_text(cli, asked->name),
                     asked->is_required ? "*" : "", sk_cli_style(cli, SK_PLAIN));
        if (title != NULL)
                sk_cli_print(cli, "  %s", sk_cli_safe_text(cli, title));
        if (kind_of(asked->schema) != NULL && choices == NULL)
                sk_cli_print(cli, " (%s)", kind_of(asked->schema));
        sk_cli_print(cli, "\n");
        if (help != NULL)
                sk_cli_print(cli, "  %s\n", sk_cli_safe_text(cli, help));
        if (choices != NULL)
                print_choices(asked, choices);
}

/** Reads one line without its end; false at the end of all. */
static bool read_line(question *asked) {
        sk_cli *cli = asked->asking->cli;
        if (asked->offered != NULL)
                sk_cli_print(cli, "[%s] ", shown(cli, asked->offered));
        sk_cli_print(cli, "> ");
        (void)fflush(sk_cli_out(cli));
        if (fgets(asked->line, sizeof asked->line, asked->asking->in) == NULL) {
                sk_cli_print(cli, "\n");
                return false;
        }
        size_t len = strlen(asked->line);
        while (len > 0 && strchr(" \t\r\n", asked->line[len - 1]) != NULL)
                asked->line[--len] = '\0';
        return true;
}

/* ---- answers ---- */

/** The choice meant by its number, or by letters that only it begins with; NULL: none, or several. */
static json_t *choice_of(const json_t *choices, const char *line) {
        size_t count = json_array_size(choices);
        char *end;
        unsigned long number = strtoul(line, &end, 10);
        json_t *found = NULL;
        size_t begun = 0;
        for (size_t i = 0; i < count; i++) {
                const char *text = json_string_value(json_array_get(choices, i));
                if (text == NULL || strncasecmp(text, line, strlen(line)) != 0)
                        continue;
                found = json_array_get(choices, i);
                if (text[strlen(line)] == '\0')
                        return json_incref(found);
                begun++;
        }
        if (begun == 0 && *end == '\0' && number >= 1 && number <= count)
                found = json_array_get(choices, number - 1);
        return begun <= 1 ? json_incref(found) : NULL;
}

static json_t *truth_of(const char *line) {
        static const char *const words[] = {"yes", "true", "no", "false"};
        for (size_t i = 0; i < 4; i++) {
                if (line[0] != '\0' && strncasecmp(words[i], line, strlen(line)) == 0)
                        return json_boolean(i < 2);
        }
        return NULL;
}

/** Texts between commas. */
static json_t *list_of(char *line) {
        json_t *list = json_array();
        char *rest = NULL;
        for (char *item = strtok_r(line, ",", &rest); item != NULL; item = strtok_r(NULL, ",", &rest)) {
                item += strspn(item, " ");
                if (list != NULL && *item != '\0' && json_array_append_new(list, json_string(item)) != 0) {
                        json_decref(list);
                        return NULL;
                }
        }
        return list;
}

static json_t *json_of(const char *line) {
        json_t *value = NULL;
        return sk_json_load(sk_slice_of(line), JSON_DEPTH_MAX, &value, NULL) == SK_OK ? value : NULL;
}

/** New; NULL: the line is none. */
static json_t *answer_of(question *asked) {
        const json_t *schema = asked->schema;
        const json_t *choices = json_object_get(schema, "enum");
        const json_t *items = json_object_get(schema, "items");
        if (choices != NULL)
                return choice_of(choices, asked->line);
        if (is_type(schema, "boolean"))
                return truth_of(asked->line);
        if (is_type(schema, "array") && asked->line[0] != '[' && (items == NULL || is_type(items, "string")))
                return list_of(asked->line);
        bool is_text = is_type(schema, "string") || text_in(schema, "type") == NULL;
        return is_text ? json_string(asked->line) : json_of(asked->line);
}

/** Whether the answer fits; says why not. */
static bool is_fit(const question *asked, const json_t *value) {
        sk_schema_fault fault = {.text = "is none of these"};
        if (value != NULL && sk_form_takes_value(asked->form, asked->checked, value, &fault))
                return true;
        if (value == NULL && json_object_get(asked->schema, "enum") == NULL)
                (void)snprintf(fault.text, sizeof fault.text, "must be %s",
                               kind_of(asked->schema) == NULL ? "valid text" : kind_of(asked->schema));
        sk_cli_print(asked->asking->cli, "  it %s\n", fault.text);
        return false;
}

/** Asks until the answer fits; NULL in *out: none is needed. false at the end of all. */
static bool ask(question *asked, json_t **out) {
        *out = NULL;
        print_question(asked);
        while (read_line(asked)) {
                if (asked->line[0] == '\0' && asked->offered != NULL) {
                        *out = json_incref(asked->offered);
                        return true;
                }
                if (asked->line[0] == '\0' && !asked->is_required)
                        return true;
                json_t *value = asked->line[0] == '\0' ? NULL : answer_of(asked);
                if (asked->line[0] == '\0')
                        sk_cli_print(asked->asking->cli, "  it is required\n");
                else if (is_fit(asked, value)) {
                        *out = value;
                        return true;
                }
                json_decref(value);
        }
        return false;
}

/* ---- the whole ---- */

static bool ask_member(question *asked, json_t *object) {
        json_t *value;
        asked->offered = json_object_get(object, asked->name);
        if (asked->offered == NULL)
                asked->offered = json_object_get(asked->schema, "default");
        if (!ask(asked, &value))
                return false;
        return value == NULL || json_object_set_new(object, asked->name, value) == 0;
}

static bool ask_one(question *asked, const char *name, const char *schema, bool is_needed, json_t *object) {
        json_t *of = json_of(schema);
        asked->name = name;
        asked->schema = asked->checked = of;
        asked->is_required = is_needed;
        bool is_done = of != NULL && ask_member(asked, object);
        json_decref(of);
        return is_done;
}

/** What a cut asks: which process follows, which components, and why. */
static bool ask_cut(question *asked, json_t *object) {
        const sk_process cut = asked->asking->cut;
        json_t *answers = json_object();
        json_t *targets = json_pack("{s:s, s:[]}", "title", "what follows", "enum");
        json_t *list = json_object_get(targets, "enum");
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if (sk_process_may_trigger(cut, (sk_process)i))
                        (void)json_array_append_new(list, json_string(sk_process_get((sk_process)i)->id));
        }
        asked->name = "process";
        asked->schema = asked->checked = targets;
        asked->is_required = !asked->asking->is_cut_later;
        bool is_done = answers != NULL && targets != NULL && ask_member(asked, answers);
        const char *target = text_in(answers, "process");
        bool is_change = is_done && target != NULL && strcmp(target, "change") == 0;
        bool is_agree = is_done && target != NULL && strcmp(target, "agree") == 0;
        json_t *said = json_pack("{s:b}", "agreement", is_agree);
        if (is_done && !is_agree)
                (void)json_object_set_new(said, "infrastructure", json_boolean(is_change));
        if (is_change)
                is_done = ask_one(asked, "components",
                                  "{\"title\":\"which are modified\",\"type\":\"array\",\"minItems\":1}", true, said);
        if (is_done && target != NULL)
                is_done = ask_one(asked, "reason", "{\"type\":\"string\"}", false, said) &&
                          json_object_set(object, "cut", said) == 0;
        json_decref(said);
        json_decref(answers);
        json_decref(targets);
        return is_done;
}

/** What an answer has to fit, so that its references lead from where it stands; new. */
static json_t *checked_of(const json_t *form, const sk_form_place *at) {
        const char *id = json_string_value(json_object_get(at->file, "$id"));
        sk_buf to = sk_buf_make(REFERENCE_MAX);
        json_t *made = NULL;

        if (at->file == form || id == NULL)
                return json_incref((json_t *)(uintptr_t)at->schema);
        sk_buf_add_format(&to, "%s#%s", id, at->pointer);
        if (to.err == SK_OK)
                made = json_pack("{s:s%}", "$ref", sk_buf_slice(&to).at, to.len);
        sk_buf_free(&to);
        return made;
}

/** What is asked, of which form. */
typedef struct asking_all {
        question *asked;
        json_t *shown; /* the form as a whole */
        json_t *object;
} asking_all;

static bool ask_of(void *self, const char *name, const sk_form_place *member) {
        const asking_all *all = self;
        question *asked = all->asked;
        if (strcmp(name, "cut") == 0)
                return true;
        json_t *whole = sk_form_whole(asked->form, member);
        json_t *checked = checked_of(asked->form, member);
        asked->name = name;
        asked->is_required = sk_form_requires(all->shown, name);
        asked->schema = whole == NULL ? member->schema : whole;
        asked->checked = checked;
        bool is_going = checked != NULL && ask_member(asked, all->object);
        json_decref(checked);
        json_decref(whole);
        return is_going;
}

static bool ask_members(question *asked, json_t *object) {
        const sk_form_place at = {.file = asked->form, .schema = asked->form};
        asking_all all = {asked, sk_form_flat(asked->form), object};
        bool is_going = sk_form_members(asked->form, &at, ask_of, &all);
        json_decref(all.shown);
        return is_going;
}

bool sk_ask_form(const sk_asking *asking, const json_t *form, json_t *object) {
        question *asked = sk_alloc_zero(1, sizeof *asked);
        bool is_going = asked != NULL;
        assert(asking != NULL && form != NULL && json_is_object(object));
        if (asked != NULL) {
                asked->asking = asking;
                asked->form = form;
                is_going = ask_members(asked, object);
        }
        if (is_going && asking->cut != SK_PROCESSES)
                is_going = ask_cut(asked, object);
        sk_free(asked);
        return is_going;
}
