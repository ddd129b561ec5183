/*
 * What a stand-in for tools answers. A key is taken once: whatever comes under it later gets the same answer and does
 * nothing.
 */
#include "cli/demo/tool_rules.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/map.h"

#define PERIOD_MAX 1000000

/* What is known of a key, as a value of the map; a key that is not there was never seen. */
enum { SEEN = 1, TAKEN = 2 };

typedef struct rule {
        sk_slice url;
        char *answer;
        uint64_t busy; /**< 0: never */
        uint64_t lost; /**< 0: never */
        uint64_t keys; /**< that it got so far */
} rule;

struct sk_tool_rules {
        rule list[SK_TOOL_RULES_MAX];
        size_t count;
        uint16_t port; /**< 0: any */
        json_t *texts; /**< that the URLs are in */
        sk_map *keys;
};

static const char *const words[SK_TOOL_SAIDS] = {
        [SK_TOOL_DONE] = "done", [SK_TOOL_LOST] = "lost",       [SK_TOOL_AGAIN] = "again",
        [SK_TOOL_BUSY] = "busy", [SK_TOOL_UNKNOWN] = "unknown", [SK_TOOL_KEYLESS] = "keyless",
        [SK_TOOL_FULL] = "full",
};

const char *sk_tool_said_word(sk_tool_said said) {
        assert(said < SK_TOOL_SAIDS);
        return words[said];
}

sk_tool_said sk_tool_said_find(sk_slice word) {
        unsigned said = 0;
        while (said < SK_TOOL_SAIDS && !sk_slice_is(word, words[said]))
                said++;
        return (sk_tool_said)said;
}

/* ---- compiling ---- */

/** A whole number above 0; 0 where there is none. */
static bool read_period(const json_t *of, const char *name, uint64_t *out) {
        const json_t *number = json_object_get(of, name);
        json_int_t value = json_integer_value(number);
        *out = (uint64_t)value;
        return number == NULL || (json_is_integer(number) && value > 0 && value <= PERIOD_MAX);
}

static const char *read_rule(const json_t *from, rule *out) {
        const json_t *url = json_object_get(from, "url");
        const json_t *answer = json_object_get(from, "answer");
        if (!json_is_object(from) || !json_is_string(url))
                return "a rule is an object with a \"url\"";
        if (answer != NULL && !json_is_object(answer))
                return "\"answer\" is an object";
        if (!read_period(from, "busy", &out->busy) || !read_period(from, "lost", &out->lost))
                return "\"busy\" and \"lost\" are whole numbers from 1";
        out->url = (sk_slice){json_string_value(url), json_string_length(url)};
        out->answer = answer == NULL ? sk_alloc_copy("{}", 2) : json_dumps(answer, JSON_COMPACT);
        return NULL;
}

static bool read_port(const json_t *number, uint16_t *out) {
        json_int_t port = json_integer_value(number);
        *out = (uint16_t)port;
        return number == NULL || (port > 0 && port <= UINT16_MAX);
}

static sk_err read_file(sk_tool_rules *to, const json_t *file, const char **ret_why) {
        const json_t *rules = json_object_get(file, "rules");
        *ret_why = "it is an object with at most 32 \"rules\"";
        if (!json_is_array(rules) || json_array_size(rules) > SK_TOOL_RULES_MAX)
                return SK_ERR_SYNTAX;
        *ret_why = "\"port\" is a number from 1 to 65535";
        if (!read_port(json_object_get(file, "port"), &to->port))
                return SK_ERR_SYNTAX;
        for (size_t i = 0; i < json_array_size(rules); i++) {
                *ret_why = read_rule(json_array_get(rules, i), &to->list[i]);
                if (*ret_why != NULL)
                        return SK_ERR_SYNTAX;
                to->count++;
                if (to->list[i].answer == NULL)
                        return SK_ERR_NO_MEMORY;
        }
        return SK_OK;
}

sk_err sk_tool_rules_new(const json_t *file, sk_tool_rules **out, const char **ret_why) {
        sk_tool_rules *made = sk_alloc_zero(1, sizeof(*made));
        json_t *all = file == NULL ? json_pack("{s:[{s:s}]}", "rules", "url", "") : json_deep_copy(file);
        sk_err err = SK_ERR_NO_MEMORY;
        assert(out != NULL && ret_why != NULL);
        *ret_why = NULL;
        if (made != NULL && all != NULL) {
                made->texts = json_incref(all);
                made->keys = sk_map_new();
                err = made->keys == NULL ? SK_ERR_NO_MEMORY : read_file(made, all, ret_why);
        }
        json_decref(all);
        if (err != SK_OK)
                sk_tool_rules_free(made);
        else
                *out = made;
        return err;
}

uint16_t sk_tool_rules_port(const sk_tool_rules *rules) {
        return rules->port;
}

void sk_tool_rules_free(sk_tool_rules *rules) {
        if (rules == NULL)
                return;
        for (size_t i = 0; i < rules->count; i++)
                sk_free(rules->list[i].answer);
        json_decref(rules->texts);
        sk_map_free(rules->keys);
        sk_free(rules);
}

/* ---- asked ---- */

static rule *rule_of(sk_tool_rules *rules, sk_slice url) {
        for (size_t i = 0; i < rules->count; i++) {
                rule *one = &rules->list[i];
                if (one->url.len <= url.len && memcmp(one->url.at, url.at, one->url.len) == 0)
                        return one;
        }
        return NULL;
}

static bool is_due(uint64_t number, uint64_t period) {
        return period > 0 && number % period == 0;
}

/** What a key that was not taken yet is told; @p number is 0 if it was seen before. */
static sk_tool_said first_said(const rule *of, uint64_t number) {
        if (number == 0)
                return SK_TOOL_DONE;
        if (is_due(number, of->busy))
                return SK_TOOL_BUSY;
        return is_due(number, of->lost) ? SK_TOOL_LOST : SK_TOOL_DONE;
}

/** Notes what is known of the key from now on. */
static sk_err know(sk_tool_rules *rules, sk_slice key, sk_tool_said said) {
        uintptr_t known = said == SK_TOOL_BUSY ? SEEN : TAKEN;
        if (sk_map_count(rules->keys) >= SK_TOOL_KEYS_MAX && sk_map_get(rules->keys, key) == NULL)
                return SK_ERR_FULL;
        return sk_map_put(rules->keys, key, (void *)known, NULL);
}

sk_tool_said sk_tool_rules_take(sk_tool_rules *rules, sk_slice url, sk_slice key, sk_slice *ret_answer) {
        rule *one = rule_of(rules, url);
        assert(ret_answer != NULL);
        if (one == NULL)
                return SK_TOOL_UNKNOWN;
        if (key.len == 0)
                return SK_TOOL_KEYLESS;
        *ret_answer = sk_slice_of(one->answer);
        uintptr_t known = (uintptr_t)sk_map_get(rules->keys, key);
        if (known == TAKEN)
                return SK_TOOL_AGAIN;
        sk_tool_said said = first_said(one, known == SEEN ? 0 : one->keys + 1);
        if (know(rules, key, said) != SK_OK)
                return SK_TOOL_FULL;
        one->keys += known == 0;
        return said;
}

sk_err sk_tool_rules_remember(sk_tool_rules *rules, sk_slice url, sk_slice key, sk_tool_said said) {
        rule *one = rule_of(rules, url);
        if (one == NULL || key.len == 0 || said > SK_TOOL_BUSY || (uintptr_t)sk_map_get(rules->keys, key) == TAKEN)
                return SK_OK;
        one->keys += sk_map_get(rules->keys, key) == NULL;
        return know(rules, key, said);
}
