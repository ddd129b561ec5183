/*
 * What was recorded of routines, and what the files say now.
 */
#include "cli/template/designs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session/reading.h"
#include "cli/template/json_diff.h"
#include "event/envelope.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/json_load.h"
#include "kit/when.h"
#include "usm/routine_view.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define DIFFERENCES_MAX 200

/* ---- what was recorded ---- */

typedef struct loading {
        sk_designs *out;
        bool is_full;
} loading;

static const char *text_in(const json_t *event, const char *name) {
        const char *text = json_string_value(json_object_get(event, name));
        return text == NULL ? "" : text;
}

static bool keep(loading *load, json_t *event) {
        sk_designs *out = load->out;
        if (out->count == out->capacity) {
                size_t capacity = out->capacity == 0 ? 64 : 2 * out->capacity;
                sk_design *more = sk_realloc(out->at, capacity * sizeof *more);
                if (more == NULL)
                        return false;
                out->at = more;
                out->capacity = capacity;
        }
        sk_design *new = &out->at[out->count];
        *new = (sk_design){.event = event, .is_proposal = strcmp(text_in(event, "status"), "proposed") == 0};
        new->name = text_in(event, "routine");
        (void)sk_when_parse(sk_slice_of(text_in(event, "now")), &new->time_us);
        out->count++;
        return true;
}

static bool take(void *self, const sk_log_entry *entry) {
        loading *load = self;
        json_t *event = NULL;
        if (!sk_slice_is(sk_headers_find(entry->headers, "ce_type"), "schakel.event.designed") ||
            sk_json_load(entry->value, SK_JSON_SCAN_DEPTH_MAX, &event, NULL) != SK_OK)
                return true;
        if (strcmp(text_in(event, "what"), "routine") != 0) {
                json_decref(event);
                return true;
        }
        load->is_full = !keep(load, event);
        if (load->is_full)
                json_decref(event);
        return !load->is_full;
}

static int by_time(const void *a, const void *b) {
        const sk_design *left = a;
        const sk_design *right = b;
        return left->time_us < right->time_us ? -1 : left->time_us > right->time_us;
}

int sk_designs_load(const sk_session *session, const sk_team *team, sk_designs *out) {
        sk_slice topic = sk_session_topic(session, sk_team_name(team), SK_TOPIC_EVENTS, SK_NONE);
        loading load = {.out = out};
        *out = (sk_designs){.count = 0};
        int status = sk_read_topic(session, topic, take, &load);
        if (out->count > 1)
                qsort(out->at, out->count, sizeof *out->at, by_time);
        return status == SK_EXIT_OK && load.is_full ? sk_session_no_memory(session) : status;
}

void sk_designs_free(sk_designs *designs) {
        for (size_t i = 0; i < designs->count; i++)
                json_decref(designs->at[i].event);
        sk_free(designs->at);
        *designs = (sk_designs){.count = 0};
}

const sk_design *sk_designs_in_force(const sk_designs *designs, const char *name) {
        const sk_design *found = NULL;
        for (size_t i = 0; i < designs->count; i++) {
                if (!designs->at[i].is_proposal && strcmp(designs->at[i].name, name) == 0)
                        found = &designs->at[i];
        }
        return found;
}

const sk_design *sk_designs_proposed(const sk_designs *designs, const char *name) {
        const sk_design *found = NULL;
        for (size_t i = 0; i < designs->count; i++) {
                if (strcmp(designs->at[i].name, name) == 0)
                        found = designs->at[i].is_proposal ? &designs->at[i] : NULL;
        }
        return found;
}

/* ---- what the files say ---- */

static void digest_of(const json_t *content, char out[33]) {
        out[0] = '\0';
        char *text = content == NULL ? NULL : json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS);
        if (text == NULL)
                return;
        sk_digest digest = sk_digest_of(sk_slice_of(text));
        sk_digest_format(&digest, out);
        out[32] = '\0';
        sk_free(text);
}

static int read_file(const sk_session *session, const sk_team *team, sk_slice name, json_t **out) {
        char path[4096];
        sk_slice text;
        (void)snprintf(path, sizeof path, "%s/%.*s/routines/%.*s.json", sk_cli_text_or(session->cli, "chain", "."),
                       (int)sk_team_name(team).len, sk_team_name(team).at, (int)name.len, name.at);
        int status = sk_cli_read(session->cli, path, FILE_MAX_BYTES, &text);
        if (status == SK_EXIT_OK && sk_json_load(text, SK_JSON_DEPTH_MAX, out, NULL) != SK_OK)
                status = sk_cli_fail(session->cli, path, "schakel check says what is wrong", "it cannot be read");
        return status;
}

typedef struct walking {
        const sk_session *session;
        const sk_designs *designs;
        sk_redesign_visit *visit;
        void *self;
} walking;

static bool is_approval(const sk_design *proposed, const char *digest) {
        return proposed != NULL && strcmp(text_in(proposed->event, "after"), digest) == 0;
}

/* The file, or nothing, against what is in force. */
static int walk_one(const walking *walk, const char *name, json_t *content) {
        const sk_design *before = sk_designs_in_force(walk->designs, name);
        const sk_design *proposed = sk_designs_proposed(walk->designs, name);
        sk_redesign found = {.name = name, .before = before, .content = content, .difference = json_array()};
        int status = SK_EXIT_OK;
        digest_of(content, found.after_digest);
        if (before != NULL)
                (void)snprintf(found.before_digest, sizeof found.before_digest, "%.32s",
                               text_in(before->event, "after"));
        found.proposed = is_approval(proposed, found.after_digest) ? proposed : NULL;
        json_t *old = before == NULL ? NULL : json_object_get(before->event, "content");
        if (found.difference == NULL || sk_json_diff(old, content, DIFFERENCES_MAX, found.difference) != SK_OK)
                status = sk_session_no_memory(walk->session);
        else if (strcmp(found.before_digest, found.after_digest) != 0)
                status = walk->visit(walk->self, &found);
        json_decref(found.difference);
        return status;
}

static int walk_files(const walking *walk, const sk_team *team) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_team_routine_count(team) && status == SK_EXIT_OK; i++) {
                char name[SK_NAME_MAX + 1];
                sk_routine_view view;
                json_t *content = NULL;
                sk_team_routine_at(team, i, &view);
                (void)snprintf(name, sizeof name, "%.*s", (int)view.name.len, view.name.at);
                status = read_file(walk->session, team, view.name, &content);
                if (status == SK_EXIT_OK)
                        status = walk_one(walk, name, content);
                json_decref(content);
        }
        return status;
}

static bool has_routine(const sk_team *team, const char *name) {
        for (size_t i = 0; i < sk_team_routine_count(team); i++) {
                sk_routine_view view;
                sk_team_routine_at(team, i, &view);
                if (sk_slice_is(view.name, name))
                        return true;
        }
        return false;
}

/* Routines whose record is the last word and whose file is gone; each once, at its record. */
static int walk_gone(const walking *walk, const sk_team *team) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < walk->designs->count && status == SK_EXIT_OK; i++) {
                const sk_design *design = &walk->designs->at[i];
                if (design == sk_designs_in_force(walk->designs, design->name) && !has_routine(team, design->name) &&
                    text_in(design->event, "after")[0] != '\0')
                        status = walk_one(walk, design->name, NULL);
        }
        return status;
}

int sk_redesigns_walk(const sk_session *session, const sk_team *team, const sk_designs *designs,
                      sk_redesign_visit *visit, void *self) {
        walking walk = {.session = session, .designs = designs, .visit = visit, .self = self};
        assert(visit != NULL);
        int status = walk_files(&walk, team);
        return status == SK_EXIT_OK ? walk_gone(&walk, team) : status;
}
