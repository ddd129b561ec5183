/*
 * Effects as a work instruction gives them: what exec, http and plugin have in common (tries, times, mappings), and what
 * each needs for itself. What the how itself needs is kept as it stands; here it is only made sure that it can be used.
 */
#include <assert.h>

#include "kit/mapping.h"
#include "kit/when.h"
#include "usm/check.h"

#define ATTEMPTS_MAX 20
#define ATTEMPTS 5
#define ARGUMENTS_MAX 64
#define ARGUMENT_MAX_BYTES 4096
#define TARGET_MAX_BYTES 200
#define TIMEOUT_US (30 * SK_SECOND_US)
#define TIMEOUT_MAX_US SK_DAY_US
#define BACKOFF_US (5 * SK_SECOND_US)
#define BACKOFF_MAX_US (5 * SK_MINUTE_US)
#define DEADLINE_US SK_DAY_US

/** Members that each of them may have. */
#define COMMON "in", "out", "timeout", "attempts", "backoff", "backoff_max", "once", "deadline"

static const char *const common[] = {COMMON, NULL};

static bool is_common(const char *name) {
        assert(name != NULL);
        size_t i = 0;
        while (common[i] != NULL && strcmp(common[i], name) != 0)
                i++;
        return common[i] != NULL;
}

static int64_t read_time(sk_check *check, const sk_spot *object, const char *member, int64_t other_us) {
        assert(other_us > 0);
        sk_spot spot = sk_spot_member(object, member);
        int64_t time_us = sk_read_duration(check, &spot);
        return time_us == 0 ? other_us : time_us;
}

static void check_times(sk_check *check, const sk_spot *object, const sk_effect_terms *effect) {
        assert(effect->timeout_us > 0);
        assert(effect->deadline_us > 0);
        sk_spot timeout = sk_spot_member(object, "timeout");
        sk_spot deadline = sk_spot_member(object, "deadline");
        if (effect->timeout_us > TIMEOUT_MAX_US)
                sk_check_say(check, &timeout, SK_ERROR, "value-range",
                             "one try takes longer than a day\nlet it begin what takes so long and say \"later\"; the "
                             "result comes by schakel result");
        else if (effect->deadline_us < effect->timeout_us)
                sk_check_say(check, deadline.value == NULL ? &timeout : &deadline, SK_ERROR, "value-range",
                             "the deadline is over before the first try is\nmake it longer than \"timeout\"");
}

static uint8_t read_attempts(sk_check *check, const sk_spot *object, bool is_once) {
        sk_spot spot = sk_spot_member(object, "attempts");
        int64_t attempts = sk_read_int(check, &spot, 1, ATTEMPTS_MAX, is_once ? 1 : ATTEMPTS);
        assert(attempts >= 1);
        assert(attempts <= ATTEMPTS_MAX);
        if (is_once && attempts > 1)
                sk_check_say(check, &spot, SK_ERROR, "value-range",
                             "what may happen only once is not tried %lld times\ntake \"attempts\" out, or \"once\" if "
                             "it can be told by its key that it was there before",
                             (long long)attempts);
        return (uint8_t)attempts;
}

const char *const sk_sources[SK_SOURCES] = {"call", "edition", "result"};

/** A mapping that may be filled from so many of the sources. */
static sk_slice read_mapping(sk_check *check, const sk_spot *object, const char *member, size_t sources) {
        assert(sources <= SK_SOURCES);
        sk_spot spot = sk_spot_member(object, member);
        sk_slice text = spot.value == NULL ? SK_NONE : sk_read_json(check, &spot);
        if (!sk_slice_there(text))
                return SK_NONE;
        const sk_mapping *mapping = NULL;
        sk_mapping_fault fault = {.text = ""};
        sk_err err = sk_mapping_compile(check->edition->arena, text, sk_sources, sources, &mapping, &fault);
        if (err == SK_ERR_NO_MEMORY || err == SK_ERR_FULL)
                sk_check_out_of_memory(check);
        else if (err != SK_OK)
                sk_check_say(check, &spot, SK_ERROR, "mapping-bad",
                             "this is no mapping: at %s %s\nschakel map-test tries one; teams/README.md has examples",
                             sk_quote(sk_slice_of(fault.pointer)).text, fault.text);
        return text;
}

/** What is left when the common members are taken out: what the how itself is told. */
static sk_slice read_config(sk_check *check, const sk_spot *object) {
        assert(json_is_object(object->value));
        const char *name;
        json_t *value;
        sk_spot own = *object;
        own.value = json_object();
        json_object_foreach(object->value, name, value) {
                if (!is_common(name) && !sk_read_is_remark(name) && json_object_set(own.value, name, value) != 0)
                        sk_check_out_of_memory(check);
        }
        sk_slice text = SK_NONE;
        if (own.value == NULL)
                sk_check_out_of_memory(check);
        else
                text = sk_read_json(check, &own);
        json_decref(own.value);
        return text;
}

static void read_common(sk_check *check, const sk_spot *object, sk_way *way) {
        assert(sk_how_is_effect(way->how));
        sk_effect_terms *effect = &way->effect;
        sk_spot once = sk_spot_member(object, "once");
        effect->is_once = sk_read_bool(check, &once, false);
        effect->timeout_us = read_time(check, object, "timeout", TIMEOUT_US);
        effect->backoff_us = read_time(check, object, "backoff", BACKOFF_US);
        effect->backoff_max_us = read_time(check, object, "backoff_max", BACKOFF_MAX_US);
        effect->deadline_us = read_time(check, object, "deadline", DEADLINE_US);
        effect->in = read_mapping(check, object, "in", SK_SOURCE_RESULT);
        effect->out = read_mapping(check, object, "out", SK_SOURCES);
        effect->config = read_config(check, object);
        way->attempts = read_attempts(check, object, effect->is_once);
        check_times(check, object, effect);
}

/* ---- exec ---- */

/** A program of the team's folder, or of the system by its whole path; never one that is looked for. */
static bool is_program(sk_slice path) {
        assert(sk_slice_there(path));
        if (path.len == 0 || path.len > TARGET_MAX_BYTES || memchr(path.at, '\0', path.len) != NULL)
                return false;
        for (const char *at = path.at; at != NULL && at < path.at + path.len;) {
                const char *end = memchr(at, '/', (size_t)(path.at + path.len - at));
                size_t len = end == NULL ? (size_t)(path.at + path.len - at) : (size_t)(end - at);
                if (len == 2 && memcmp(at, "..", 2) == 0)
                        return false;
                at = end == NULL ? NULL : end + 1;
        }
        return memchr(path.at, '/', path.len) != NULL && path.at[path.len - 1] != '/';
}

static void read_exec(sk_check *check, const sk_spot *object, sk_effect_terms *effect) {
        assert(effect->target.len == 0);
        static const char *const allowed[] = {"command", COMMON, NULL};
        sk_spot command = sk_spot_member(object, "command");
        sk_read_only(check, object, allowed);
        if (!sk_read_need(check, &command, "the program and its arguments, such as [\"programs/order\", \"--now\"]"))
                return;
        sk_names words = sk_read_names(check, &command);
        bool is_good = words.count > 0 && words.count <= ARGUMENTS_MAX && is_program(words.at[0]);
        for (size_t i = 0; i < words.count; i++)
                is_good = is_good && words.at[i].len <= ARGUMENT_MAX_BYTES &&
                          memchr(words.at[i].at, '\0', words.at[i].len) == NULL;
        if (is_good)
                effect->target = words.at[0];
        else
                sk_check_say(check, &command, SK_ERROR, "value-range",
                             "this is no program with at most %d arguments\nname a file in the team's folder, "
                             "\"programs/order\", or one of the system by its whole path; there is no shell between",
                             ARGUMENTS_MAX - 1);
}

/* ---- http ---- */

/** The host of a URL: what stands between the slashes, without a port; SK_NONE if that is no host. */
static sk_slice host_of(sk_slice url) {
        assert(sk_slice_there(url));
        size_t from = url.len > 8 && memcmp(url.at, "https://", 8) == 0  ? 8
                      : url.len > 7 && memcmp(url.at, "http://", 7) == 0 ? 7
                                                                         : 0;
        size_t to = from;
        while (to < url.len && strchr("/?#:", url.at[to]) == NULL) {
                if (strchr("@{}\\\"<> ", url.at[to]) != NULL || url.at[to] < ' ')
                        return SK_NONE;
                to++;
        }
        return from == 0 || to == from || to - from > TARGET_MAX_BYTES ? SK_NONE : (sk_slice){url.at + from, to - from};
}

/** Members that are objects of texts: headers and secrets. */
static void read_texts(sk_check *check, const sk_spot *object, const char *member) {
        assert(member != NULL);
        sk_spot texts = sk_spot_member(object, member);
        const char *name;
        json_t *value;
        if (texts.value == NULL || !sk_read_is_object(check, &texts))
                return;
        json_object_foreach(texts.value, name, value) {
                sk_spot one = sk_spot_member(&texts, name);
                (void)sk_read_text(check, &one);
        }
}

/** What a header names in braces must be a secret of the instruction. */
static void check_secrets(sk_check *check, const sk_spot *object) {
        assert(object->value != NULL);
        sk_spot headers = sk_spot_member(object, "headers");
        const json_t *secrets = json_object_get(object->value, "secrets");
        const char *name;
        json_t *value;
        json_object_foreach(headers.value, name, value) {
                const char *from = json_is_string(value) ? strchr(json_string_value(value), '{') : NULL;
                const char *to = from == NULL ? NULL : strchr(from, '}');
                if (to == NULL || json_object_getn(secrets, from + 1, (size_t)(to - from) - 1) != NULL)
                        continue;
                sk_spot spot = sk_spot_member(&headers, name);
                sk_check_say(check, &spot, SK_ERROR, "secret-unknown",
                             "\"secrets\" has no %s\ngive the file that holds it: \"secrets\": {\"token\": "
                             "\"/run/credentials/token\"}",
                             sk_quote((sk_slice){from + 1, (size_t)(to - from) - 1}).text);
        }
}

static void read_request(sk_check *check, const sk_spot *object) {
        assert(object->value != NULL);
        static const char *const texts[] = {"key_header", "ca", "certificate", "key", "proxy"};
        sk_spot method = sk_spot_member(object, "method");
        sk_spot body = sk_spot_member(object, "body");
        sk_slice name = sk_read_text(check, &method);
        (void)sk_read_bool(check, &body, true);
        read_texts(check, object, "headers");
        read_texts(check, object, "secrets");
        check_secrets(check, object);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
                sk_spot text = sk_spot_member(object, texts[i]);
                (void)sk_read_text(check, &text);
        }
        if (sk_slice_there(name) && !sk_slice_is(name, "POST") && !sk_slice_is(name, "PUT") &&
            !sk_slice_is(name, "PATCH") && !sk_slice_is(name, "DELETE") && !sk_slice_is(name, "GET"))
                sk_check_say(check, &method, SK_ERROR, "value-range",
                             "there is no method %s\nwrite POST, PUT, PATCH, DELETE or GET", sk_quote(name).text);
}

static void read_http(sk_check *check, const sk_spot *object, sk_effect_terms *effect) {
        assert(effect->target.len == 0);
        static const char *const allowed[] = {"url", "method",      "headers", "secrets", "body", "key_header",
                                              "ca",  "certificate", "key",     "proxy",   COMMON, NULL};
        sk_spot url = sk_spot_member(object, "url");
        sk_read_only(check, object, allowed);
        read_request(check, object);
        if (!sk_read_need(check, &url, "where it is sent, such as \"https://tool.example.org/orders\""))
                return;
        sk_slice text = sk_read_text(check, &url);
        effect->target = sk_slice_there(text) ? host_of(text) : SK_NONE;
        if (sk_slice_there(text) && !sk_slice_there(effect->target))
                sk_check_say(check, &url, SK_ERROR, "value-range",
                             "%s is no address of the web\nwrite \"https://tool.example.org/orders\"; the host is "
                             "always the same",
                             sk_quote(text).text);
}

/* ---- plugin ---- */

static void read_plugin(sk_check *check, const sk_spot *object, sk_effect_terms *effect) {
        assert(effect->target.len == 0);
        static const char *const allowed[] = {"name", "config", COMMON, NULL};
        sk_spot name = sk_spot_member(object, "name");
        sk_spot config = sk_spot_member(object, "config");
        sk_read_only(check, object, allowed);
        (void)sk_read_is_object(check, &config);
        if (!sk_read_need(check, &name, "the plug-in's name, such as \"csv-register\""))
                return;
        sk_slice text = sk_read_text(check, &name);
        if (sk_slice_there(text) && sk_read_name(check, &name, text, "a plug-in"))
                effect->target = text;
}

void sk_effect_read(sk_check *check, const sk_spot *spot, sk_way *way) {
        assert(sk_how_is_effect(way->how));
        if (spot->value == NULL || !json_is_object(spot->value)) {
                sk_check_say(
                        check, spot, SK_ERROR, "how-bare",
                        "%s needs to be told what to do\nwrite {\"%s\": {...}} with what it needs; teams/README.md "
                        "has examples",
                        sk_how_id(way->how), sk_how_id(way->how));
                return;
        }
        way->effect.target = SK_NONE;
        read_common(check, spot, way);
        if (way->how == SK_HOW_EXEC)
                read_exec(check, spot, &way->effect);
        else if (way->how == SK_HOW_HTTP)
                read_http(check, spot, &way->effect);
        else
                read_plugin(check, spot, &way->effect);
}

/* ---- what the team says of all its effects ---- */

#define RUNNING_MAX 100000

void sk_effect_limits_read(sk_check *check, const sk_spot *spot, sk_effect_limits *out) {
        assert(out != NULL);
        static const char *const allowed[] = {"most", "exec", "http", "plugin", "per_target", NULL};
        *out = (sk_effect_limits){
                .most = 256,
                .per_how = {[SK_HOW_EXEC] = 16, [SK_HOW_HTTP] = 128, [SK_HOW_PLUGIN] = 32},
                .per_target = 16,
        };
        uint32_t *const numbers[] = {&out->most, &out->per_how[SK_HOW_EXEC], &out->per_how[SK_HOW_HTTP],
                                     &out->per_how[SK_HOW_PLUGIN], &out->per_target};
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
                sk_spot member = sk_spot_member(spot, allowed[i]);
                *numbers[i] = (uint32_t)sk_read_int(check, &member, 1, RUNNING_MAX, *numbers[i]);
        }
        assert(out->most > 0);
}

static bool is_variable(sk_slice name) {
        assert(sk_slice_there(name));
        for (size_t i = 0; i < name.len; i++) {
                if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == '=')
                        return false;
        }
        return name.len > 0;
}

static void read_sandbox_mode(sk_check *check, const sk_spot *object, sk_sandbox_terms *out) {
        assert(out != NULL);
        sk_spot sandbox = sk_spot_member(object, "sandbox");
        sk_slice text = sk_read_text(check, &sandbox);
        out->is_reduced = sk_slice_is(text, "reduced");
        if (sk_slice_there(text) && !out->is_reduced && !sk_slice_is(text, "strict"))
                sk_check_say(check, &sandbox, SK_ERROR, "value-range",
                             "%s is no sandbox\nthere are \"strict\", which refuses to run where the kernel lacks a "
                             "part of it, and \"reduced\"",
                             sk_quote(text).text);
}

static void read_environment(sk_check *check, const sk_spot *object, sk_sandbox_terms *out) {
        assert(out->environment.count == 0);
        sk_spot spot = sk_spot_member(object, "environment");
        out->environment = sk_read_names(check, &spot);
        for (size_t i = 0; i < out->environment.count; i++) {
                if (!is_variable(out->environment.at[i]))
                        sk_check_say(check, &spot, SK_ERROR, "value-range",
                                     "%s is no name of a variable\ngive names only; their values come from the "
                                     "daemon's own environment",
                                     sk_quote(out->environment.at[i]).text);
        }
}

void sk_sandbox_read(sk_check *check, const sk_spot *spot, sk_sandbox_terms *out) {
        assert(out != NULL);
        static const char *const allowed[] = {"sandbox",    "network",   "read",  "environment", "cpu_s",
                                              "memory_mib", "processes", "files", "scratch_mib", NULL};
        *out = (sk_sandbox_terms){.cpu_s = 60, .memory_mib = 512, .processes = 32, .files = 64, .scratch_mib = 64};
        const struct {
                const char *name;
                uint32_t *number;
                int64_t most;
        } numbers[] = {{"cpu_s", &out->cpu_s, 86400},
                       {"memory_mib", &out->memory_mib, 1 << 20},
                       {"processes", &out->processes, 4096},
                       {"files", &out->files, 65536},
                       {"scratch_mib", &out->scratch_mib, 1 << 20}};
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        sk_spot network = sk_spot_member(spot, "network");
        sk_spot read = sk_spot_member(spot, "read");
        read_sandbox_mode(check, spot, out);
        out->has_network = sk_read_bool(check, &network, false);
        out->read = sk_read_names(check, &read);
        read_environment(check, spot, out);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
                sk_spot member = sk_spot_member(spot, numbers[i].name);
                *numbers[i].number = (uint32_t)sk_read_int(check, &member, 1, numbers[i].most, *numbers[i].number);
        }
}

sk_effect_limits sk_team_effect_limits(const sk_team *team) {
        assert(team != NULL);
        assert(team->effect_limits.most > 0);
        return team->effect_limits;
}

sk_sandbox_terms sk_team_sandbox(const sk_team *team) {
        assert(team != NULL);
        assert(team->sandbox.cpu_s > 0);
        return team->sandbox;
}
