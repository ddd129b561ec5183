/*
 * Values of the files, read with every expectation said: what was found, what is wanted, and where. Each function goes on
 * after saying what is wrong, so that one run says everything.
 */
#include <assert.h>

#include "kit/buf.h"
#include "kit/when.h"
#include "usm/check.h"

/* More text than this in one list is a mistake. */
#define NAMES_MAX 10000

static const char *kind_of(const json_t *value) {
        assert(value != NULL);
        switch (json_typeof(value)) {
        case JSON_OBJECT:
                return "an object";
        case JSON_ARRAY:
                return "a list";
        case JSON_STRING:
                return "a text";
        case JSON_INTEGER:
        case JSON_REAL:
                return "a number";
        case JSON_TRUE:
        case JSON_FALSE:
                return "true or false";
        case JSON_NULL:
                break;
        }
        return "null";
}

static sk_quoted name_of(const sk_spot *spot) {
        assert(spot != NULL);
        if (spot->name != NULL)
                return sk_quote(sk_slice_of(spot->name));
        if (spot->above != NULL && spot->above->name != NULL)
                return sk_quote(sk_slice_of(spot->above->name));
        return (sk_quoted){"the file"};
}

static void say_type(sk_check *check, const sk_spot *spot, const char *wanted) {
        assert(wanted != NULL);
        bool is_item = spot->name == NULL && spot->above != NULL;
        sk_check_say(check, spot, SK_ERROR, "type-wrong", "%s%s is %s, not %s\nwrite %s here",
                     is_item ? "an item of " : "", name_of(spot).text, kind_of(spot->value), wanted, wanted);
}

void *sk_check_get(sk_check *check, size_t count, size_t size) {
        assert(size > 0);
        void *at = sk_arena_get_zero(check->edition->arena, count == 0 ? 1 : count, size);
        if (at == NULL)
                sk_check_out_of_memory(check);
        return at;
}

bool sk_read_is_object(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        assert(spot != NULL);
        if (spot->value == NULL)
                return false;
        if (json_is_object(spot->value))
                return true;
        say_type(check, spot, "an object");
        return false;
}

bool sk_read_is_array(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        assert(spot != NULL);
        if (spot->value == NULL)
                return false;
        if (json_is_array(spot->value))
                return true;
        say_type(check, spot, "a list");
        return false;
}

bool sk_read_is_remark(const char *name) {
        assert(name != NULL);
        return name[0] == '$' || strcmp(name, "comment") == 0;
}

void sk_read_only(sk_check *check, const sk_spot *object, const char *const *allowed) {
        const char *name;
        json_t *value;
        assert(allowed != NULL);
        json_object_foreach(object->value, name, value) {
                bool is_known = sk_read_is_remark(name);
                sk_suggestion suggestion = sk_suggest_make(sk_slice_of(name));
                for (size_t i = 0; allowed[i] != NULL && !is_known; i++) {
                        is_known = strcmp(allowed[i], name) == 0;
                        sk_suggest_offer(&suggestion, sk_slice_of(allowed[i]));
                }
                if (is_known)
                        continue;
                sk_spot member = sk_spot_member(object, name);
                sk_spot at = sk_spot_name(&member);
                sk_check_say(check, &at, SK_ERROR, "member-unknown",
                             "%s is not a member that may stand here\n%stake it out, or call it \"comment\" if it is a "
                             "remark",
                             sk_quote(sk_slice_of(name)).text, sk_suggest_hint(&suggestion).text);
        }
}

bool sk_read_need(sk_check *check, const sk_spot *member, const char *what) {
        assert(member != NULL);
        assert(member->above != NULL);
        assert(member->name != NULL);
        if (member->value != NULL)
                return true;
        sk_check_say(check, member->above, SK_ERROR, "member-missing", "%s is missing: %s\nadd it here",
                     sk_quote(sk_slice_of(member->name)).text, what);
        return false;
}

static sk_slice keep(sk_check *check, sk_slice text) {
        assert(sk_slice_there(text));
        sk_slice copy = sk_arena_copy(check->edition->arena, text);
        if (copy.at == NULL)
                sk_check_out_of_memory(check);
        return copy;
}

static sk_slice text_of(const json_t *value) {
        assert(json_is_string(value));
        return (sk_slice){json_string_value(value), json_string_length(value)};
}

sk_slice sk_read_text(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        assert(spot != NULL);
        if (spot->value == NULL)
                return SK_NONE;
        if (json_is_string(spot->value))
                return keep(check, text_of(spot->value));
        say_type(check, spot, "a text");
        return SK_NONE;
}

static void check_languages(sk_check *check, const sk_spot *spot) {
        assert(json_is_object(spot->value));
        const char *language;
        json_t *value;
        json_object_foreach(spot->value, language, value) {
                sk_spot member = sk_spot_member(spot, language);
                if (!json_is_string(value) && !sk_read_is_remark(language))
                        say_type(check, &member, "a text");
        }
}

sk_slice sk_read_title(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        assert(spot != NULL);
        if (spot->value == NULL || json_is_string(spot->value))
                return sk_read_text(check, spot);
        if (!json_is_object(spot->value)) {
                say_type(check, spot, "a text, or an object of language to text");
                return SK_NONE;
        }
        check_languages(check, spot);
        json_t *text = json_object_get(spot->value, "en");
        void *first = json_object_iter(spot->value);
        if (text == NULL && first != NULL)
                text = json_object_iter_value(first);
        return json_is_string(text) ? keep(check, text_of(text)) : SK_NONE;
}

int64_t sk_read_int(sk_check *check, const sk_spot *spot, int64_t min, int64_t max, int64_t other) {
        assert(spot != NULL);
        assert(min <= max);
        if (spot->value == NULL)
                return other;
        if (!json_is_integer(spot->value)) {
                say_type(check, spot, "a whole number");
                return other;
        }
        int64_t number = json_integer_value(spot->value);
        if (number >= min && number <= max)
                return number;
        sk_check_say(check, spot, SK_ERROR, "value-range",
                     "%s is %lld, outside %lld to %lld\ngive a number from %lld to %lld", name_of(spot).text,
                     (long long)number, (long long)min, (long long)max, (long long)min, (long long)max);
        return other;
}

bool sk_read_bool(sk_check *check, const sk_spot *spot, bool other) {
        assert(spot != NULL);
        if (spot->value == NULL)
                return other;
        if (json_is_boolean(spot->value))
                return json_is_true(spot->value);
        say_type(check, spot, "true or false");
        return other;
}

sk_names sk_read_names(sk_check *check, const sk_spot *spot) {
        assert(spot != NULL);
        sk_names names = {0};
        if (spot->value == NULL)
                return names;
        size_t count = json_is_array(spot->value) ? json_array_size(spot->value) : 1;
        if (count > NAMES_MAX || (!json_is_array(spot->value) && !json_is_string(spot->value))) {
                say_type(check, spot, "a text or a list of texts");
                return names;
        }
        names.at = sk_check_get(check, count, sizeof *names.at);
        for (size_t i = 0; i < count && names.at != NULL; i++) {
                sk_spot item = json_is_array(spot->value) ? sk_spot_item(spot, i) : *spot;
                sk_slice text = sk_read_text(check, &item);
                if (sk_slice_there(text))
                        names.at[names.count++] = text;
        }
        assert(names.count <= count);
        return names;
}

int64_t sk_read_duration(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        int64_t duration_us = 0;
        sk_slice text = sk_read_text(check, spot);
        if (!sk_slice_there(text))
                return 0;
        if (sk_when_duration_parse(text, &duration_us) && duration_us > 0)
                return duration_us;
        sk_check_say(check, spot, SK_ERROR, "duration-bad",
                     "%s is no time longer than none\nwrite it as \"PT30M\", \"PT8H\", \"P2D\" or \"P1W\"",
                     sk_quote(text).text);
        return 0;
}

sk_slice sk_read_json(sk_check *check, const sk_spot *spot) {
        assert(spot->value != NULL);
        size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
        size_t size = json_dumpb(spot->value, NULL, 0, flags);
        char *text = size == 0 ? NULL : sk_check_get(check, size + 1, 1);
        if (text == NULL || json_dumpb(spot->value, text, size, flags) != size) {
                sk_check_out_of_memory(check);
                return SK_NONE;
        }
        return (sk_slice){text, size};
}

bool sk_read_name(sk_check *check, const sk_spot *at, sk_slice name, const char *what) {
        assert(what != NULL);
        if (sk_name_is_good(name))
                return true;
        sk_check_say(check, at, SK_ERROR, "name-bad",
                     "%s cannot be the name of %s\nuse a small letter and then up to 39 small letters, digits and "
                     "hyphens; a title may be anything",
                     sk_quote(name).text, what);
        return false;
}

const sk_team *sk_read_team(sk_check *check, const sk_spot *spot) {
        assert(check->edition != NULL);
        sk_slice name = sk_read_text(check, spot);
        if (!sk_slice_there(name))
                return NULL;
        const sk_team *team = sk_edition_team(check->edition, name);
        if (team != NULL)
                return team;
        sk_suggestion suggestion = sk_suggest_make(name);
        for (size_t i = 0; i < check->edition->team_count; i++)
                sk_suggest_offer(&suggestion, check->edition->teams[i].name);
        sk_check_say(check, spot, SK_ERROR, "team-unknown",
                     "there is no team %s\n%sa team is a folder with a team.json in it", sk_quote(name).text,
                     sk_suggest_hint(&suggestion).text);
        return NULL;
}
