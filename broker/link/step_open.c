#include <assert.h>

#include "link/stepping.h"

/*
 * How a call begins: a customer's raise, a raise of the team's own, an ask of the team's own, an offer that nobody
 * asked for.
 */

enum { NAME_MAX_BYTES = 100 };

/** What a raise says. */
typedef struct raise_data {
        sk_call_type type;
        sk_slice facility;
        sk_slice need;
        int64_t urgency;
        int64_t impact;
} raise_data;

static bool read_raise(sk_stepping *s, sk_slice value, raise_data *out) {
        assert(out != NULL);
        sk_arena *arena = s->context->arena;

        out->type = sk_call_type_find(sk_json_member_string(value, "type", arena));
        out->facility = sk_json_member_string(value, "facility", arena);
        out->need = sk_json_member(value, "need");
        out->urgency = 0;
        out->impact = 0;
        if ((sk_slice_there(sk_json_member(value, "urgency")) &&
             !sk_json_member_int(value, "urgency", 1, 5, &out->urgency)) ||
            (sk_slice_there(sk_json_member(value, "impact")) &&
             !sk_json_member_int(value, "impact", 1, 5, &out->impact))) {
                return false;
        }
        return out->type != SK_CALL_TYPES && out->facility.len > 0 && out->facility.len <= NAME_MAX_BYTES &&
               sk_slice_there(out->need) && sk_json_kind_of(out->need) == SK_JSON_STRING;
}

/** Why a customer's call is declined at once; NULL when it is not. Sets the type. */
static const char *why_declined(sk_stepping *s, const raise_data *data) {
        assert(data->type < SK_CALL_TYPES);
        const sk_agreement *agreement = sk_step_agreement(s);
        sk_call *call = &s->call;

        call->type = data->type;
        if (data->type == SK_RISK) {
                call->type = SK_SERVICE_REQUEST; /* a customer has no improve to start: the decline needs a process */
                return "proactive";
        }
        if (data->type == SK_SUPPORT_REQUEST) {
                call->type = agreement == NULL ? SK_CALL_TYPES : sk_agreement_type(agreement, data->facility);
        }
        if (agreement == NULL || call->type == SK_CALL_TYPES ||
            !sk_agreement_supports(agreement, data->facility, call->type)) {
                call->type = call->type == SK_CALL_TYPES ? SK_SERVICE_REQUEST : call->type;
                return "not-agreed";
        }
        if (s->context->is_open(s->context->self, call->rootid, data->facility, call->type)) {
                return "loop";
        }
        return NULL;
}

static void fill_call(sk_stepping *s, const raise_data *data, sk_slice customer, sk_slice rootid) {
        assert(s->before->known == SK_KNOWN_NOT);
        sk_call *call = &s->call;
        const sk_envelope *envelope = s->input->envelope;

        assert(data->type < SK_CALL_TYPES);
        assert(customer.len > 0);
        *call = (sk_call){.id = envelope->callid,
                          .customer = customer,
                          .replykey = envelope->has_replykey ? envelope->replykey : envelope->callid,
                          .rootid = rootid,
                          .facility = data->facility,
                          .hops = envelope->hops,
                          .asked_type = data->type,
                          .type = data->type,
                          .urgency = (uint8_t)data->urgency,
                          .impact = (uint8_t)data->impact,
                          .standing = SK_RAISED,
                          .raise_digest = sk_digest_of(s->input->record->value),
                          .agreement = envelope->agreement,
                          .in_seqno = envelope->seqno,
                          .opened_us = s->context->now_us,
                          .clock_changed_us = s->context->now_us};
}

static void put_workflows(sk_stepping *s, sk_json_writer *w) {
        assert(s->call.frame_count > 0);
        sk_process first = s->call.frames[0].process;
        uint16_t possible = sk_workflows_possible(&first, 1);

        sk_json_open_array(w, "workflows");
        for (unsigned number = 1; number <= 8; number++) {
                if (((unsigned)possible >> number & 1u) != 0) {
                        sk_json_put_int(w, NULL, number);
                }
        }
        sk_json_close_array(w);
}

static void report_opened(sk_stepping *s) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_OPENED);

        assert(s->call.frame_count == 1);
        sk_json_put_text(w, "customer", s->call.customer);
        sk_json_put_cstr(w, "type", sk_call_type_id(s->call.asked_type));
        sk_json_put_text(w, "facility", s->call.facility);
        sk_json_put_text(w, "rootid", s->call.rootid);
        sk_json_put_int(w, "hops", s->call.hops);
        sk_event_end(s);
        w = sk_event_begin(s, SK_EVENT_TYPED);
        sk_json_put_cstr(w, "type", sk_call_type_id(s->call.type));
        put_workflows(s, w);
        sk_event_end(s);
}

static void open_call(sk_stepping *s, const char *declined) {
        assert(s->call.visit.number == 0);
        assert(s->call.frame_count == 0);
        sk_call *call = &s->call;
        sk_process first = sk_call_type_process(call->type);
        uint16_t possible = sk_workflows_possible(&first, 1);

        assert(first != SK_PROCESSES);
        assert(possible != 0);
        call->frame_count = 1;
        call->frames[0] = (sk_frame){.process = first, .triggered = SK_PROCESSES};
        if ((possible & (possible - 1)) == 0) {
                for (call->workflow = 1; (possible >> call->workflow) != 1; call->workflow++) {}
        }
        if (declined != NULL) {
                call->outcome = SK_DECLINED;
                call->code = sk_slice_of(declined);
        }
        sk_promise_response(s);
        sk_data_append(s, SK_SECTION_RAISE, 0, 0, s->input->record->value);
        report_opened(s);
        sk_step_advance(s);
}

/** Rule C3: how far from now a call may be dated. */
static const char *why_refused(sk_stepping *s) {
        assert(s->input->envelope != NULL);
        int64_t age_us = s->context->now_us - s->input->envelope->time_us;

        if (age_us > (int64_t)sk_edition_acceptance_days(s->context->edition) * SK_DAY_US) {
                return "too-old";
        }
        return age_us < -SK_HOUR_US ? "clock" : NULL;
}

void sk_step_raise(sk_stepping *s) {
        assert(s->input->envelope->type == SK_CALL_RAISE);
        const sk_envelope *envelope = s->input->envelope;
        raise_data data;
        char why[SK_UNFIT_TEXT];
        const char *code = why_refused(s);

        assert(s->before->known == SK_KNOWN_NOT);
        if (code != NULL) {
                sk_feedback_refuse(s, false, code, "the time of the call lies outside what this link remembers");
                return;
        }
        if (!sk_step_is_fit(s, why)) {
                sk_feedback_refuse(s, false, "invalid", why);
                return;
        }
        if (!read_raise(s, s->input->record->value, &data)) {
                sk_feedback_refuse(s, false, "invalid",
                                   "a call needs type, facility and need; urgency and impact are 1 to 5");
                return;
        }
        sk_id root;
        bool has_root = sk_id_parse(envelope->rootid, &root);
        char *own_root = sk_arena_get(s->context->arena, SK_ID_TEXT);
        if (own_root == NULL) {
                s->out->err = SK_ERR_FULL;
                return;
        }
        sk_id_format(&envelope->callid, own_root);
        fill_call(s, &data, s->input->record->topic->peer,
                  has_root ? envelope->rootid : (sk_slice){own_root, SK_ID_TEXT});
        s->call.chain_trace =
                envelope->chain_traceparent.len < NAME_MAX_BYTES ? envelope->chain_traceparent : SK_SLICE("");
        open_call(s, why_declined(s, &data));
}

void sk_step_raise_again(sk_stepping *s) {
        assert(s->input->envelope->type == SK_CALL_RAISE);
        sk_digest digest = sk_digest_of(s->input->record->value);

        assert(s->before->known == SK_KNOWN_OPEN);
        if (memcmp(digest.bytes, s->call.raise_digest.bytes, SK_DIGEST_BYTES) != 0) {
                sk_feedback_refuse(s, true, "id-conflict", "another call has this id");
                return;
        }
        sk_event_plain(s, SK_EVENT_DUPLICATE);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_PROGRESS);
        sk_json_put_text(w, "of", s->input->envelope->id);
        sk_feedback_end(s);
}

/* ---- raised by this team ---- */

static const char *open_own(sk_stepping *s, const raise_data *data) {
        assert(s->before->known == SK_KNOWN_NOT);
        assert(data->type < SK_CALL_TYPES);
        if (sk_team_is_consumer_only(s->context->team) || data->type == SK_SUPPORT_REQUEST) {
                return "not-allowed";
        }
        sk_slice on_behalf = sk_json_member_string(s->input->record->value, "on_behalf", s->context->arena);
        char *root = sk_arena_get(s->context->arena, SK_ID_TEXT);
        if (root == NULL) {
                s->out->err = SK_ERR_FULL;
                return NULL;
        }
        sk_id_format(&s->input->envelope->callid, root);
        fill_call(s, data, s->own, (sk_slice){root, SK_ID_TEXT});
        s->call.replykey = s->call.id;
        s->call.in_seqno = 0;
        s->call.on_behalf = on_behalf.len <= NAME_MAX_BYTES ? on_behalf : SK_SLICE("");
        open_call(s, NULL);
        return NULL;
}

/** False when there is no room, which `out` then says. */
static bool open_ask_record(sk_stepping *s) {
        assert(s->before->known == SK_KNOWN_NOT);
        char *root = sk_arena_get(s->context->arena, SK_ID_TEXT);

        if (root == NULL) {
                s->out->err = SK_ERR_FULL;
                return false;
        }
        sk_id_format(&s->input->envelope->callid, root);
        s->call = (sk_call){.is_ask = true,
                            .id = s->input->envelope->callid,
                            .customer = s->own,
                            .replykey = s->input->envelope->callid,
                            .rootid = {root, SK_ID_TEXT},
                            .standing = SK_RAISED,
                            .opened_us = s->context->now_us,
                            .clock_changed_us = s->context->now_us,
                            .ask_count = 1};
        s->call_changed = true;
        return true;
}

static const char *open_ask(sk_stepping *s, const raise_data *data, sk_slice to) {
        assert(data->type < SK_CALL_TYPES);
        assert(to.len > 0);
        if (data->type == SK_RISK) {
                return "not-allowed";
        }
        if (sk_edition_agreement(s->context->edition, s->own, to) == NULL) {
                return "unknown-agreement";
        }
        if (!open_ask_record(s)) {
                return NULL;
        }
        s->call.asked_type = data->type;
        s->call.type = data->type;
        s->call.facility = data->facility;
        s->call.raise_digest = sk_digest_of(s->input->record->value);
        s->call.asks[0] = (sk_ask){.id = s->call.id,
                                   .provider = to,
                                   .facility = data->facility,
                                   .type = data->type,
                                   .try_number = 1,
                                   .standing = SK_RAISED};
        sk_json_writer *w = sk_ask_begin(s, &s->call.asks[0], SK_CALL_RAISE);
        sk_ask_pass_on(w, data->type, s->input->record->value);
        sk_ask_raise_end(s, &s->call.asks[0]);
        return NULL;
}

const char *sk_step_work_raise(sk_stepping *s) {
        raise_data data;
        sk_slice to = sk_json_member_string(s->input->record->value, "to", s->context->arena);

        assert(s->before->known == SK_KNOWN_NOT);
        if (!read_raise(s, s->input->record->value, &data) || to.len == 0) {
                return "invalid";
        }
        return sk_slice_equal(to, s->own) ? open_own(s, &data) : open_ask(s, &data, to);
}

void sk_step_own_raise(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_OWN_RAISE);
        if (s->before->known != SK_KNOWN_NOT) {
                return;
        }
        const char *code = sk_step_work_raise(s);
        if (code != NULL) { /* another edition: what made it is not checked against this one */
                s->call_changed = false;
                sk_event_stray(s, SK_EVENT_REFUSED, &s->input->envelope->callid, "code", code);
        }
}

void sk_step_offer_opens(sk_stepping *s) {
        assert(s->input->envelope->type == SK_FEEDBACK_OFFER);
        const sk_envelope *envelope = s->input->envelope;

        assert(envelope->seqno > 0);
        open_ask_record(s);
        s->call.type = SK_WISH;
        s->call.asked_type = SK_WISH;
        s->call.facility = SK_SLICE("agreement");
        s->call.asks[0] = (sk_ask){.id = envelope->callid,
                                   .provider = s->input->record->topic->peer,
                                   .facility = SK_SLICE("agreement"),
                                   .type = SK_WISH,
                                   .try_number = 1,
                                   .in_seqno = envelope->seqno - 1,
                                   .standing = SK_ACCEPTED};
}
