#include <assert.h>
#include <stdio.h>

#include "link/stepping.h"

/*
 * Findings: who ends a task may say what struck him. It becomes a call of the team's own, a risk unless he says
 * otherwise, which refers to the call that it was found in. The driver raises it in the same transaction.
 */

enum { NEED_MAX = 4000, NAME_ROOM = SK_ID_TEXT + 32, DATA_MAX = 16 * 1024 };

static sk_slice finding_of(sk_slice value) {
        return sk_json_member(value, "finding");
}

static sk_call_type type_of(sk_stepping *s, sk_slice finding) {
        assert(sk_slice_there(finding));
        sk_slice type = sk_json_member(finding, "type");

        return sk_slice_there(type) ? sk_call_type_find(sk_json_string(type, s->context->arena)) : SK_RISK;
}

/** A text of at most so many bytes, if it is there. */
static bool is_text(sk_stepping *s, sk_slice value, size_t max) {
        assert(max > 0);
        sk_slice text = sk_slice_there(value) ? sk_json_string(value, s->context->arena) : SK_NONE;

        return !sk_slice_there(value) || (text.len > 0 && text.len <= max);
}

static bool is_level(sk_slice finding, const char *name) {
        assert(name != NULL);
        int64_t level;

        return !sk_slice_there(sk_json_member(finding, name)) || sk_json_member_int(finding, name, 1, 5, &level);
}

const char *sk_finding_why_bad(sk_stepping *s, sk_slice value) {
        sk_slice finding = finding_of(value);

        if (!sk_slice_there(finding)) {
                return NULL;
        }
        if (sk_json_kind_of(finding) != SK_JSON_OBJECT || !sk_slice_there(sk_json_member(finding, "need")) ||
            !is_text(s, sk_json_member(finding, "need"), NEED_MAX) ||
            !is_text(s, sk_json_member(finding, "facility"), SK_NAME_MAX)) {
                return "bad-finding";
        }
        sk_call_type type = type_of(s, finding);
        sk_slice data = sk_json_member(finding, "data");
        if (type == SK_CALL_TYPES || type == SK_SUPPORT_REQUEST || !is_level(finding, "urgency") ||
            !is_level(finding, "impact") ||
            (sk_slice_there(data) && (sk_json_kind_of(data) != SK_JSON_OBJECT || data.len > DATA_MAX))) {
                return "bad-finding";
        }
        return NULL;
}

static void put_raise(sk_stepping *s, sk_json_writer *w, sk_slice finding) {
        static const char *const passed[] = {"need", "data", "urgency", "impact"};
        sk_slice facility = sk_json_member_string(finding, "facility", s->context->arena);

        sk_json_open_object(w, NULL);
        sk_json_put_text(w, "to", s->own);
        sk_json_put_cstr(w, "type", sk_call_type_id(type_of(s, finding)));
        sk_json_put_text(w, "facility", facility.len > 0 ? facility : s->call.facility);
        sk_put_members(w, finding, passed, sizeof passed / sizeof passed[0]);
        sk_json_put_id(w, "ref", &s->call.id);
        sk_json_close_object(w);
}

void sk_finding_raise(sk_stepping *s, sk_slice value) {
        sk_slice finding = finding_of(value);
        sk_buf *scratch = &s->out->value;
        char id[SK_ID_TEXT];
        char name[NAME_ROOM];

        if (!sk_slice_there(finding)) {
                return;
        }
        assert(scratch->len == 0);
        assert(s->call.visit.number != 0);
        sk_json_writer w = sk_json_writer_make(scratch);
        put_raise(s, &w, finding);
        s->after->finding = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        sk_id_format(&s->call.id, id);
        int len = snprintf(name, sizeof name, "finding/%.*s/%u", SK_ID_TEXT, id, s->call.visit.number);
        assert(len > 0);
        assert(len < NAME_ROOM);
        s->after->finding_name = sk_step_keep(s, (sk_slice){name, (size_t)len});
}
