#include <assert.h>

#include "kit/cursor.h"
#include "link/journal.h"
#include "link/mutation.h"
#include "link/stepping.h"

/*
 * What a closed call still answers (rules C3 to C5 and O6). The link keeps only numbers of it; the message waits until
 * its stub was read back from the journal, then it is told from the stub what it is: a duplicate, or late.
 */

void sk_step_ask_stub(sk_stepping *s) {
        assert(!s->after->wants_stub);
        const sk_envelope *envelope = s->input->envelope;
        const sk_topic *topic = s->input->record->topic;

        assert(s->before->known == SK_KNOWN_CLOSED);
        s->after->wants_stub = true;
        s->after->id = topic->kind == SK_TOPIC_FEEDBACK ? envelope->replykey : envelope->callid;
        s->after->customer = topic->kind == SK_TOPIC_CALLS ? topic->peer : SK_NONE;
}

/* ---- the customer's messages ---- */

/** The call as far as its final feedback tells of it. */
static void recall(sk_stepping *s, const sk_stub *stub) {
        assert(stub->outcome < SK_OUTCOMES);
        const sk_envelope *asked = s->input->envelope;

        assert(stub->out_seqno > 0);
        s->call.id = stub->id;
        s->call.replykey = stub->replykey;
        s->call.customer = stub->customer;
        s->call.standing = SK_CLOSED;
        s->call.outcome = (sk_outcome)stub->outcome;
        s->call.type = SK_SERVICE_REQUEST;
        s->call.in_seqno = stub->in_seqno;
        s->call.out_seqno = stub->out_seqno - 1; /* the same number again */
        s->call.rootid = asked->rootid;
        s->call.hops = asked->hops;
        s->call.agreement = asked->agreement;
}

/** The final feedback was too large for the stub: its end is told, what came out is in the archive. */
static void answer_without_result(sk_stepping *s, const sk_stub *stub) {
        assert(stub->headers.len == 0);
        char digest[SK_DIGEST_TEXT];

        recall(s, stub);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_CLOSED);
        sk_json_put_cstr(w, "outcome", sk_outcome_id((sk_outcome)stub->outcome));
        sk_json_put_optional(w, "code", stub->code);
        sk_clock_put(w, &(sk_clock_report){.elapsed_us = stub->elapsed_us,
                                           .stopped_us = stub->stopped_us,
                                           .due_us = stub->due_us,
                                           .margin_us = stub->margin_us,
                                           .service_hours = stub->service_hours,
                                           .kept = stub->due_us == 0 || stub->closed_us <= stub->due_us});
        sk_digest_format(&stub->feedback_digest, digest);
        sk_json_put_text(w, "resultref", (sk_slice){digest, sizeof digest});
        sk_feedback_end(s);
        s->call_changed = false;
}

/** The same bytes as then. */
static void answer_by_standing(sk_stepping *s, const sk_stub *stub) {
        assert(sk_slice_there(stub->customer));
        char key[SK_ID_TEXT];
        sk_slice key_text = {key, sizeof key};

        assert(s->out->headers.len == 0);
        assert(s->out->value.len == 0);
        if (stub->headers.len == 0) {
                answer_without_result(s, stub);
                return;
        }
        sk_id_format(&stub->replykey, key);
        sk_buf_add_slice(&s->out->headers, stub->headers);
        sk_buf_add_slice(&s->out->value, stub->value);
        sk_out_add(s->out, sk_topics_feedback_to(s->context->topics, stub->customer),
                   sk_hash_partition(key_text, s->context->partitions), key_text);
}

static bool is_same_raise(const sk_stepping *s, const sk_stub *stub) {
        assert(s->input->record->topic->kind == SK_TOPIC_CALLS);
        sk_digest digest = sk_digest_of(s->input->record->value);

        assert(s->input->envelope->type == SK_CALL_RAISE);
        return memcmp(digest.bytes, stub->raise_digest.bytes, SK_DIGEST_BYTES) == 0;
}

static void customer(sk_stepping *s, const sk_stub *stub) {
        assert(s->input->record->topic->kind == SK_TOPIC_CALLS);
        const sk_envelope *envelope = s->input->envelope;
        bool is_raise = envelope->type == SK_CALL_RAISE;

        if (stub != NULL && (stub->out_seqno == 0 || !sk_slice_equal(stub->customer, s->input->record->topic->peer))) {
                stub = NULL; /* the end of a call is told to its customer only, once it has been */
        }
        if (!is_raise && envelope->type != SK_CALL_WITHDRAW) {
                sk_event_stray(s, SK_EVENT_LATE, &envelope->callid, "message", sk_message_name(envelope->type));
                return;
        }
        if (stub != NULL && is_raise && !is_same_raise(s, stub)) {
                sk_feedback_refuse(s, false, "id-conflict", "a closed call has this id");
                return;
        }
        sk_event_stray(s, SK_EVENT_DUPLICATE, &envelope->callid, NULL, NULL);
        if (stub != NULL) {
                answer_by_standing(s, stub);
        }
}

/* ---- feedback of providers ---- */

/** Rule C5: a number that the ask had seen is a duplicate. */
static bool has_seen(const sk_stub *stub, const sk_envelope *envelope) {
        sk_cursor cursor = sk_cursor_make(stub->asks);

        assert(stub->asks.len % SK_STUB_ASK_BYTES == 0);
        while (sk_cursor_left(&cursor) >= SK_STUB_ASK_BYTES) {
                sk_slice id = sk_cursor_bytes(&cursor, sizeof envelope->callid.bytes);
                uint32_t last = sk_cursor_u32(&cursor);
                if (memcmp(id.at, envelope->callid.bytes, id.len) == 0) {
                        return envelope->seqno != 0 && envelope->seqno <= last;
                }
        }
        return false;
}

static void feedback(sk_stepping *s, const sk_stub *stub) {
        assert(s->input->record->topic->kind == SK_TOPIC_FEEDBACK);
        const sk_envelope *envelope = s->input->envelope;
        bool is_duplicate = stub != NULL && has_seen(stub, envelope);

        sk_event_stray(s, is_duplicate ? SK_EVENT_DUPLICATE : SK_EVENT_LATE, &envelope->replykey, "message",
                       sk_message_name(envelope->type));
}

/* ---- the team's own records ---- */

static void work(sk_stepping *s, const sk_stub *stub) {
        assert(s->input->record->topic->kind == SK_TOPIC_WORK);
        sk_cursor cursor = sk_cursor_make(stub == NULL ? SK_SLICE("") : stub->works);
        uint64_t tail = sk_work_tail(s->cause);

        while (sk_cursor_left(&cursor) >= SK_STUB_WORK_BYTES) {
                sk_work_memory memory = {.tail = sk_cursor_u64(&cursor)};
                memory.was_done = sk_cursor_u8(&cursor) != 0;
                if (memory.tail == tail) {
                        sk_work_late(s, &memory);
                        return;
                }
        }
        sk_work_late(s, NULL);
}

void sk_step_stub_read(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_STUB_READ);
        sk_stub read;
        const sk_stub *stub = sk_stub_decode(s->input->stub, &read) == SK_OK ? &read : NULL;

        assert(s->before->known == SK_KNOWN_CLOSED);
        switch (s->input->record->topic->kind) {
        case SK_TOPIC_CALLS:
                customer(s, stub);
                return;
        case SK_TOPIC_FEEDBACK:
                feedback(s, stub);
                return;
        default:
                work(s, stub);
        }
}
