#include <assert.h>

#include "event/trace.h"
#include "kit/hash.h"
#include "link/stepping.h"

/*
 * The records that a step writes. One record is made at a time, in the scratch buffers of sk_out.
 */

enum { ID_TEXT_MAX = SK_ID_TEXT + 24 };

static sk_slice id_with(sk_stepping *s, const sk_id *id, char letter, uint64_t number) {
        assert(letter == 'e' || letter == 'a' || letter == 'f' || letter == 'c');
        char *text = sk_arena_get(s->context->arena, ID_TEXT_MAX);
        char digits[20];
        size_t count = 0;
        size_t len = SK_ID_TEXT;

        if (text == NULL) {
                s->out->err = SK_ERR_FULL;
                return SK_SLICE("");
        }
        sk_id_format(id, text);
        text[len++] = '/';
        text[len++] = letter;
        text[len++] = '/';
        do {
                digits[count++] = (char)('0' + number % 10);
                number /= 10;
        } while (number != 0);
        while (count > 0) {
                text[len++] = digits[--count];
        }
        assert(len <= ID_TEXT_MAX);
        return (sk_slice){text, len};
}

static sk_slice source_of(sk_stepping *s) {
        assert(s->own.len > 0);
        sk_slice chain = sk_edition_chain(s->context->edition);
        char *text;

        if (s->source.len > 0) {
                return s->source;
        }
        text = sk_arena_get(s->context->arena, chain.len + s->own.len + 2);
        if (text == NULL) {
                s->out->err = SK_ERR_FULL;
                return SK_SLICE("");
        }
        text[0] = '/';
        memcpy(text + 1, chain.at, chain.len);
        text[chain.len + 1] = '/';
        memcpy(text + chain.len + 2, s->own.at, s->own.len);
        s->source = (sk_slice){text, chain.len + s->own.len + 2};
        return s->source;
}

static bool is_traced(const sk_traced *traced, const sk_id *call, uint16_t hops, sk_slice rootid) {
        assert(!traced->is_there || sk_slice_there(traced->text));
        return traced->is_there && traced->hops == hops && sk_id_equal(&traced->call, call) &&
               sk_slice_equal(traced->rootid, rootid);
}

/** Remembers the headers of this call; false without room. */
static bool trace_make(sk_stepping *s, const sk_id *call, uint16_t hops) {
        assert(call != NULL);
        sk_slice rootid = s->call.rootid;
        sk_id root;
        char *text = sk_arena_get(s->context->arena, 2 * SK_TRACE_TEXT + rootid.len);

        s->traced.is_there = text != NULL;
        if (text == NULL) {
                s->out->err = SK_ERR_FULL;
                return false;
        }
        if (!sk_id_parse(rootid, &root)) {
                root = *call;
        }
        if (rootid.len > 0) {
                memcpy(text + 2 * SK_TRACE_TEXT, rootid.at, rootid.len);
        }
        sk_trace_write(&root, call, hops, text);
        sk_trace_write(&root, &root, 0, text + SK_TRACE_TEXT);
        s->traced.call = *call;
        s->traced.hops = hops;
        s->traced.rootid = (sk_slice){text + 2 * SK_TRACE_TEXT, rootid.len};
        s->traced.text = (sk_slice){text, SK_TRACE_TEXT};
        s->traced.chain = (sk_slice){text + SK_TRACE_TEXT, SK_TRACE_TEXT};
        return true;
}

static void trace(sk_stepping *s, const sk_id *call, uint16_t hops) {
        if (!is_traced(&s->traced, call, hops, s->call.rootid) && !trace_make(s, call, hops)) {
                return;
        }
        s->envelope.traceparent = s->traced.text;
        s->envelope.chain_traceparent = s->call.chain_trace.len > 0 ? s->call.chain_trace : s->traced.chain;
        assert(s->traced.is_there);
}

static void begin(sk_stepping *s, sk_message type, const sk_id *callid) {
        assert(type < SK_MESSAGES);
        assert(s->out->value.len == 0);
        assert(s->out->headers.len == 0);
        s->envelope = (sk_envelope){.type = type,
                                    .source = source_of(s),
                                    .time_us = s->context->now_us,
                                    .callid = *callid,
                                    .has_callid = true};
        s->writer = sk_json_writer_make(&s->out->value);
        sk_json_open_object(&s->writer, NULL);
}

/** What another link could not read is never sent: the input that would have caused it is a dead letter (rule B). */
static void reject_large(sk_stepping *s) {
        assert(s->out->value.len > SK_VALUE_MAX);
        static const char text[] = "what it would send to another link is larger than a record may be";

        s->reject->reason = "too-large";
        memcpy(s->reject->text, text, sizeof text);
}

static void end(sk_stepping *s, const sk_topic *topic, const sk_id *key) {
        assert(s->out->headers.len == 0);
        char text[SK_ID_TEXT];
        sk_slice slice = {text, SK_ID_TEXT};

        assert(s->writer.levels == 1);
        sk_json_close_object(&s->writer);
        if (topic == NULL) {
                s->out->err = SK_ERR_NO_MEMORY;
                return;
        }
        if (s->out->value.len > SK_VALUE_MAX && (topic->kind == SK_TOPIC_CALLS || topic->kind == SK_TOPIC_FEEDBACK)) {
                reject_large(s);
        }
        if (topic->kind == SK_TOPIC_CALLS || topic->kind == SK_TOPIC_FEEDBACK) {
                sk_step_check_made(s);
        }
        sk_id_format(key, text);
        sk_envelope_encode(&s->envelope, &s->out->headers);
        sk_out_add(s->out, topic, sk_hash_partition(slice, s->context->partitions), slice);
}

static const sk_topic *own_topic(const sk_stepping *s, sk_topic_kind kind) {
        return sk_topics_own(s->context->topics, kind);
}

/* ---- events ---- */

static void put_common(sk_stepping *s, uint32_t number) {
        assert(s->writer.levels == 1);
        sk_json_put_time(&s->writer, "now", s->context->now_us);
        sk_json_put_text(&s->writer, "cause", s->cause);
        sk_json_put_int(&s->writer, "n", number);
}

sk_json_writer *sk_event_begin(sk_stepping *s, sk_message type) {
        assert(type < SK_MESSAGES);
        s->call.event_number++;
        s->call_changed = true;
        begin(s, type, &s->call.id);
        s->envelope.id = id_with(s, &s->call.id, 'e', s->call.event_number);
        trace(s, &s->call.id, s->call.hops);
        put_common(s, s->call.event_number);
        assert(s->writer.levels == 1 || s->out->value.err != SK_OK);
        return &s->writer;
}

void sk_event_end(sk_stepping *s) {
        assert(s->writer.levels > 0);
        end(s, own_topic(s, SK_TOPIC_EVENTS), &s->call.id);
}

void sk_event_plain(sk_stepping *s, sk_message type) {
        sk_event_begin(s, type);
        sk_event_end(s);
}

void sk_event_put_place(sk_stepping *s, sk_json_writer *w) {
        assert(w->levels > 0);
        if (s->call.frame_count == 0) {
                return;
        }
        const sk_frame *frame = sk_call_top(&s->call);
        const sk_activity *activity = sk_frame_activity(frame);
        if (activity != NULL) {
                sk_json_put_cstr(w, "activity", activity->id);
        } else {
                char id[32];
                size_t len = strlen(sk_process_get(frame->process)->id);
                memcpy(id, sk_process_get(frame->process)->id, len);
                memcpy(id + len, ".cut", 4);
                sk_json_put_text(w, "activity", (sk_slice){id, len + 4});
        }
        sk_json_put_int(w, "frame", s->call.frame_count);
        if (frame->action > 0) {
                sk_json_put_int(w, "action", frame->action + 1);
        }
        if (s->call.visit.number != 0) {
                sk_json_put_int(w, "visit", s->call.visit.number);
                sk_json_put_int(w, "try", s->call.visit.try_number);
        }
}

sk_json_writer *sk_stray_begin(sk_stepping *s, sk_message type, const sk_id *id) {
        assert(id != NULL);
        sk_slice numbered = id_with(s, id, 'e', 0);
        char *whole = sk_arena_get(s->context->arena, numbered.len + 1 + s->cause.len);

        assert(type < SK_MESSAGES);
        begin(s, type, id);
        if (whole == NULL) {
                s->out->err = SK_ERR_FULL;
                return &s->writer;
        }
        memcpy(whole, numbered.at, numbered.len);
        whole[numbered.len] = '/';
        memcpy(whole + numbered.len + 1, s->cause.at, s->cause.len);
        s->envelope.id = (sk_slice){whole, numbered.len + 1 + s->cause.len};
        put_common(s, 0);
        return &s->writer;
}

void sk_event_stray(sk_stepping *s, sk_message type, const sk_id *id, const char *name, const char *text) {
        assert((name == NULL) == (text == NULL));
        sk_json_writer *w = sk_stray_begin(s, type, id);

        if (name != NULL) {
                sk_json_put_cstr(w, name, text);
        }
        end(s, own_topic(s, SK_TOPIC_EVENTS), id);
}

sk_json_writer *sk_archive_begin(sk_stepping *s) {
        assert(!s->is_closed); /* once */
        assert(s->call.standing == SK_CLOSED);
        begin(s, SK_ARCHIVE_CALL, &s->call.id);
        s->envelope.id = id_with(s, &s->call.id, 'a', 1);
        trace(s, &s->call.id, s->call.hops);
        return &s->writer;
}

void sk_archive_end(sk_stepping *s) {
        assert(s->envelope.type == SK_ARCHIVE_CALL);
        end(s, own_topic(s, SK_TOPIC_ARCHIVE), &s->call.id);
}

void sk_put_members(sk_json_writer *w, sk_slice object, const char *const *names, size_t count) {
        assert(w->levels > 0);
        assert(names != NULL);
        for (size_t i = 0; i < count; i++) {
                sk_slice value = sk_json_member(object, names[i]);
                if (sk_slice_there(value)) {
                        sk_json_put_raw(w, names[i], value);
                }
        }
}

/* ---- feedback ---- */

static void put_question(sk_stepping *s, sk_json_writer *w) {
        assert(w->levels > 0);
        static const char *const said[] = {"text", "form", "until", "then"};
        sk_section section;

        if (s->call.question == 0) {
                return;
        }
        sk_json_open_object(w, "question");
        sk_json_put_int(w, "seqno", s->call.question);
        if (sk_data_find(sk_data_now(s), SK_SECTION_QUESTION, 0, &section)) {
                sk_put_members(w, section.bytes, said, sizeof said / sizeof said[0]);
        }
        sk_json_close_object(w);
}

static void put_promise(const sk_call *call, sk_json_writer *w) {
        assert(w->levels > 0);
        if (call->respond_by_us == 0 && call->resolve_by_us == 0) {
                return;
        }
        sk_json_open_object(w, "promise");
        if (call->respond_by_us != 0) {
                sk_json_put_time(w, "respond_by", call->respond_by_us);
        }
        if (call->resolve_by_us != 0) {
                sk_json_put_time(w, "resolve_by", call->resolve_by_us);
        }
        sk_json_close_object(w);
}

static void put_standing(sk_stepping *s, sk_json_writer *w) {
        const sk_call *call = &s->call;

        assert(call->standing < SK_STANDINGS);
        sk_json_open_object(w, "standing");
        sk_json_put_cstr(w, "state", sk_standing_id(call->standing));
        sk_json_put_int(w, "seen", call->in_seqno);
        sk_json_put_cstr(w, "type", sk_call_type_id(call->type == SK_CALL_TYPES ? call->asked_type : call->type));
        put_promise(call, w);
        if (call->late_us != 0) {
                sk_json_put_time(w, "forecast", sk_late_forecast_us(s));
        }
        put_question(s, w);
        if (call->offer != 0) {
                sk_json_put_int(w, "offer", call->offer);
        }
        if (call->standing == SK_CLOSED) {
                sk_json_put_cstr(w, "outcome", sk_outcome_id(call->outcome));
        }
        sk_json_close_object(w);
}

static void feedback_envelope(sk_stepping *s, uint32_t seqno) {
        s->envelope.id = id_with(s, &s->envelope.callid, 'f', seqno);
        s->envelope.seqno = seqno;
        s->envelope.replykey = s->call.replykey;
        s->envelope.has_replykey = true;
        s->envelope.rootid = s->call.rootid;
        s->envelope.hops = s->call.hops;
        s->envelope.agreement = s->call.agreement;
        trace(s, &s->envelope.callid, s->call.hops);
}

sk_json_writer *sk_feedback_begin(sk_stepping *s, sk_message type) {
        assert(!s->is_closed); /* nothing follows a closed */
        assert(sk_message_is_feedback(type));
        s->call.out_seqno++;
        s->call_changed = true;
        s->is_untold = false;
        begin(s, type, &s->call.id);
        feedback_envelope(s, s->call.out_seqno);
        put_standing(s, &s->writer);
        return &s->writer;
}

/** The team's own calls have no customer to tell: an event says what would have been told. */
static void own_feedback(sk_stepping *s) {
        const char *name = sk_message_name(s->envelope.type);

        assert(s->call.out_seqno > 0);
        assert(sk_step_is_own(s));
        s->call.out_seqno--; /* whoever gets the offer and the end of the call counts only these */
        sk_json_close_object(&s->writer);
        sk_buf_clear(&s->out->value);
        sk_json_put_cstr(sk_event_begin(s, SK_EVENT_FED), "message", name);
        sk_event_end(s);
}

/** Who has got an offer is told what becomes of it, and that he has said something that could not be used. */
static bool goes_to_counterpart(const sk_stepping *s) {
        assert(sk_message_is_feedback(s->envelope.type));
        sk_message type = s->envelope.type;

        return type == SK_FEEDBACK_OFFER ||
               (s->call.is_offered &&
                (type == SK_FEEDBACK_CLOSED || type == SK_FEEDBACK_REFUSED || type == SK_FEEDBACK_PROGRESS));
}

void sk_feedback_end(sk_stepping *s) {
        sk_slice to = s->call.customer;

        assert(sk_message_is_feedback(s->envelope.type));
        if (sk_step_is_own(s)) {
                to = sk_step_counterpart(s);
                if (to.len == 0 || !goes_to_counterpart(s)) {
                        own_feedback(s);
                        return;
                }
        }
        size_t index = s->out->count;
        end(s, sk_topics_feedback_to(s->context->topics, to), &s->call.replykey);
        if (s->envelope.type == SK_FEEDBACK_CLOSED && s->out->count > index) {
                s->final_headers = s->out->records[index].headers;
                s->final_value = s->out->records[index].value;
        }
}

/** A refusal when there is no call to number it in: everything comes from the message that is refused. */
static void begin_stray_refusal(sk_stepping *s) {
        assert(s->input->record->topic->kind == SK_TOPIC_CALLS);
        const sk_envelope *asked = s->input->envelope;

        assert(sk_message_is_call(asked->type) || asked->type == SK_MESSAGES);
        begin(s, SK_FEEDBACK_REFUSED, &asked->callid);
        s->envelope.id = id_with(s, &asked->callid, 'f', 0);
        s->envelope.replykey = asked->replykey;
        s->envelope.has_replykey = true;
        s->envelope.rootid = asked->rootid;
        s->envelope.hops = asked->hops;
        s->envelope.agreement = asked->agreement;
        s->envelope.traceparent = asked->traceparent;
        sk_json_put_null(&s->writer, "standing");
}

void sk_feedback_refuse(sk_stepping *s, bool has_call, const char *code, const char *text) {
        assert(code != NULL);
        assert(text != NULL);
        const sk_envelope *asked = s->input->envelope;
        sk_id replykey = has_call ? s->call.replykey : asked->replykey;

        if (has_call) {
                sk_feedback_begin(s, SK_FEEDBACK_REFUSED);
        } else {
                begin_stray_refusal(s);
        }
        sk_json_put_text(&s->writer, "of", asked->id);
        sk_json_put_cstr(&s->writer, "code", code);
        sk_json_put_cstr(&s->writer, "text", text);
        if (has_call) {
                sk_feedback_end(s);
                sk_json_put_cstr(sk_event_begin(s, SK_EVENT_REFUSED), "code", code);
                sk_event_end(s);
        } else {
                end(s, sk_topics_feedback_to(s->context->topics, s->input->record->topic->peer), &replykey);
                sk_event_stray(s, SK_EVENT_REFUSED, &asked->callid, "code", code);
        }
}

/* ---- messages to providers ---- */

/** What the state of the ask says about its messages; their type, time and agreement come from elsewhere. */
static void ask_envelope(sk_stepping *s, const sk_ask *ask, uint32_t seqno) {
        assert(seqno > 0);
        assert(sk_message_is_call(s->envelope.type));
        s->envelope.source = source_of(s);
        s->envelope.callid = ask->id;
        s->envelope.has_callid = true;
        s->envelope.id = id_with(s, &ask->id, 'c', seqno);
        s->envelope.seqno = seqno;
        s->envelope.replykey = s->call.id;
        s->envelope.has_replykey = true;
        s->envelope.rootid = s->call.rootid;
        s->envelope.hops = (uint16_t)(s->call.is_ask ? s->call.hops : s->call.hops + 1);
        trace(s, &ask->id, s->envelope.hops);
}

sk_json_writer *sk_ask_begin(sk_stepping *s, sk_ask *ask, sk_message type) {
        assert(ask->standing != SK_CLOSED);
        assert(!s->is_closed);
        const sk_agreement *agreement = sk_edition_agreement(s->context->edition, s->own, ask->provider);

        assert(sk_message_is_call(type));
        ask->out_seqno++;
        s->call_changed = true;
        begin(s, type, &ask->id);
        ask_envelope(s, ask, ask->out_seqno);
        if (agreement != NULL) {
                char *text = sk_arena_get(s->context->arena, SK_DIGEST_TEXT);
                if (text != NULL) {
                        sk_digest_format(sk_agreement_digest(agreement), text);
                        s->envelope.agreement = (sk_slice){text, SK_DIGEST_TEXT};
                }
        }
        return &s->writer;
}

void sk_ask_repeat(sk_stepping *s, const sk_ask *ask, sk_slice value, int64_t time_us, sk_slice agreement) {
        assert(ask->standing != SK_CLOSED);
        char key[SK_ID_TEXT];
        sk_slice key_text = {key, SK_ID_TEXT};
        const sk_topic *topic = sk_topics_calls_to(s->context->topics, ask->provider);

        assert(s->out->value.len == 0);
        assert(s->out->headers.len == 0);
        if (topic == NULL) {
                s->out->err = SK_ERR_NO_MEMORY;
                return;
        }
        s->envelope = (sk_envelope){.type = SK_CALL_RAISE, .time_us = time_us, .agreement = agreement};
        ask_envelope(s, ask, 1);
        sk_id_format(&ask->id, key);
        sk_buf_add_slice(&s->out->value, value);
        sk_envelope_encode(&s->envelope, &s->out->headers);
        sk_out_add(s->out, topic, sk_hash_partition(key_text, s->context->partitions), key_text);
}

sk_slice sk_ask_end(sk_stepping *s, const sk_ask *ask) {
        assert(sk_message_is_call(s->envelope.type));
        size_t index = s->out->count;

        assert(ask->out_seqno > 0);
        end(s, sk_topics_calls_to(s->context->topics, ask->provider), &ask->id);
        return s->out->count > index ? s->out->records[index].value : SK_SLICE("{}");
}
