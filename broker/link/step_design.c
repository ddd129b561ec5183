#include <assert.h>

#include "link/stepping.h"
#include "usm/steering.h"

/*
 * A change of how the team works, told as an event. The link takes a new edition when it is given one; what is said here
 * is who chose it, and why. It is about no call: the id is the record's own.
 */

enum { REASON_MAX = 2000 };

/** The choice in member @p name, if it is a legal one. */
static bool read_choice(sk_stepping *s, sk_slice value, const char *name, sk_steering *out) {
        assert(out != NULL);
        sk_slice choice = sk_json_member(value, name);

        if (!sk_slice_there(choice) || sk_json_kind_of(choice) != SK_JSON_OBJECT) {
                return false;
        }
        out->organised_by = sk_work_text(s, choice, "organised_by");
        out->coordinated_by = sk_work_text(s, choice, "coordinated_by");
        return sk_slice_there(out->organised_by) && sk_slice_there(out->coordinated_by) && sk_steering_is_legal(out);
}

static void put_choice(sk_json_writer *w, const char *name, const sk_steering *steering) {
        sk_json_open_object(w, name);
        sk_json_put_text(w, "organised_by", steering->organised_by);
        sk_json_put_text(w, "coordinated_by", steering->coordinated_by);
        sk_json_close_object(w);
}

static void report_designed(sk_stepping *s, const sk_steering *from, const sk_steering *to, sk_slice reason) {
        assert(sk_steering_is_legal(to));
        sk_json_writer *w = sk_stray_begin(s, SK_EVENT_DESIGNED, &s->input->envelope->callid);

        assert(reason.len > 0);
        assert(reason.len <= REASON_MAX);
        sk_json_put_cstr(w, "what", "steering");
        put_choice(w, "from", from);
        put_choice(w, "to", to);
        sk_json_put_text(w, "actor", sk_work_actor(s));
        sk_json_put_text(w, "reason", reason);
        sk_event_end(s);
}

/** Only the choice that holds now can be left: who plans with an older file is told so. */
static const char *design_steering(sk_stepping *s, sk_slice value, sk_slice reason) {
        assert(reason.len > 0);
        sk_steering now = sk_team_steering(s->context->team);
        sk_steering from;
        sk_steering to;

        if (!read_choice(s, value, "from", &from) || !read_choice(s, value, "to", &to)) {
                return "invalid";
        }
        if (!sk_team_designs(s->context->team, sk_work_actor(s), s->context->now_us)) {
                return "not-entitled";
        }
        if (!sk_slice_equal(from.organised_by, now.organised_by) ||
            !sk_slice_equal(from.coordinated_by, now.coordinated_by)) {
                return "too-late";
        }
        report_designed(s, &from, &to, reason);
        return sk_work_done;
}

/* ---- routines ---- */

/** Members of a changed routine that go into the event as they came. */
static const char *const passed[] = {"routine", "before", "after", "difference", "content"};

static const char *why_not_routine(sk_stepping *s, sk_slice value, sk_slice proposer) {
        assert(s->context->team != NULL);
        const sk_team *team = s->context->team;
        sk_slice actor = sk_work_actor(s);
        sk_slice name = sk_work_text(s, value, "routine");
        sk_slice before = sk_work_text(s, value, "before");
        sk_slice after = sk_work_text(s, value, "after");
        sk_slice difference = sk_json_member(value, "difference");

        if (name.len == 0 || name.len > SK_NAME_MAX || (before.len == 0 && after.len == 0) ||
            !sk_slice_there(difference) || sk_json_kind_of(difference) != SK_JSON_ARRAY) {
                return "invalid";
        }
        if (!sk_team_designs(team, actor, s->context->now_us)) {
                return sk_team_executes(team, actor, s->context->now_us) ? "executes-only" : "not-entitled";
        }
        if (proposer.len > 0 && !sk_team_designs(team, proposer, s->context->now_us)) {
                return "not-entitled";
        }
        return sk_slice_equal(proposer, actor) && proposer.len > 0 ? "four-eyes" : NULL;
}

/** What one person has changed; where the team wants four eyes it is a proposal until a second one approves of it. */
static const char *design_routine(sk_stepping *s, sk_slice value, sk_slice reason) {
        assert(reason.len > 0);
        sk_slice proposer = sk_work_text(s, value, "proposed_by");
        bool is_proposal = proposer.len == 0 && sk_team_wants_four_eyes_on_routines(s->context->team);
        const char *code = why_not_routine(s, value, proposer);

        if (code != NULL) {
                return code;
        }
        sk_json_writer *w = sk_stray_begin(s, SK_EVENT_DESIGNED, &s->input->envelope->callid);
        sk_json_put_cstr(w, "what", "routine");
        sk_json_put_cstr(w, "status", is_proposal ? "proposed" : "in-force");
        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
                sk_slice member = sk_json_member(value, passed[i]);
                if (sk_slice_there(member)) {
                        sk_json_put_raw(w, passed[i], member);
                }
        }
        sk_json_put_text(w, "actor", sk_work_actor(s));
        sk_json_put_optional(w, "proposed_by", proposer);
        sk_json_put_text(w, "reason", reason);
        sk_event_end(s);
        return sk_work_done;
}

static const char *design(sk_stepping *s, sk_slice value) {
        sk_slice what = sk_work_text(s, value, "what");
        sk_slice reason = sk_work_text(s, value, "reason");

        if (!sk_slice_there(what) || reason.len == 0 || reason.len > REASON_MAX) {
                return "invalid";
        }
        if (sk_slice_is(what, "steering")) {
                return design_steering(s, value, reason);
        }
        return sk_slice_is(what, "routine") ? design_routine(s, value, reason) : "unsupported";
}

const char *sk_step_design(sk_stepping *s) {
        sk_call before = s->call;
        bool was_changed = s->call_changed;

        assert(s->before->known == SK_KNOWN_NOT);
        assert(s->input->envelope->type == SK_WORK_DESIGN);
        s->call.id = s->input->envelope->callid; /* the key of its event, as of all others */
        const char *code = design(s, s->input->record->value);
        assert(code != NULL);
        s->call = before;
        s->call_changed = was_changed;
        return code;
}
