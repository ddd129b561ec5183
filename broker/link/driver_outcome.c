/*
 * `event.outcome` of the `work` records that no step answers: the driver's own. Like every event that no call counts it
 * is numbered 0 and named by its cause.
 */

#include <assert.h>

#include "event/contract.h"
#include "event/envelope.h"
#include "kit/json_write.h"
#include "link/driver_inside.h"

static sk_slice event_id(sk_buf *buf, const sk_worked *work) {
        assert(sk_slice_there(work->id));
        char id[SK_ID_TEXT];

        sk_id_format(&work->callid, id);
        sk_buf_clear(buf);
        sk_buf_add(buf, id, sizeof(id));
        sk_buf_add_text(buf, "/e/0/");
        sk_buf_add_slice(buf, work->id);
        return sk_buf_slice(buf);
}

static sk_slice own_source(sk_driver *driver, sk_buf *buf) {
        assert(driver->topics != NULL);
        sk_buf_clear(buf);
        sk_buf_add_byte(buf, '/');
        sk_buf_add_slice(buf, sk_topics_chain(driver->topics));
        sk_buf_add_byte(buf, '/');
        sk_buf_add_slice(buf, sk_topics_team(driver->topics));
        return sk_buf_slice(buf);
}

static void put_value(sk_json_writer *w, const sk_worked *work, const char *code, int64_t now_us) {
        assert(work->has_counts || work->calls == 0);
        sk_json_open_object(w, NULL);
        sk_json_put_time(w, "now", now_us);
        sk_json_put_text(w, "cause", work->id);
        sk_json_put_int(w, "n", 0);
        sk_json_put_text(w, "work", work->id);
        sk_json_put_cstr(w, "status", strcmp(code, "ok") == 0 ? "done" : "refused");
        sk_json_put_cstr(w, "code", code);
        sk_json_put_optional(w, "actor", work->actor);
        sk_json_put_cstr(w, "message", sk_message_name(work->type));
        if (work->has_counts) {
                sk_json_put_int(w, "calls", (int64_t)work->calls);
                sk_json_put_int(w, "asks", (int64_t)work->asks);
        }
        sk_json_close_object(w);
}

void sk_driver_report(sk_driver *driver, sk_folding *batch, sk_message event, const sk_worked *work, const char *code) {
        assert(event == SK_EVENT_OUTCOME || event == SK_EVENT_DUPLICATE);
        assert(batch->sealed.records == NULL);
        sk_json_writer writer = sk_json_writer_make(&batch->out.value);
        sk_envelope envelope = {.type = event, .time_us = batch->now_us, .callid = work->callid, .has_callid = true};
        char key[SK_ID_TEXT];

        assert(sk_message_is_work(work->type));
        assert(code != NULL);
        assert(batch->out.value.len == 0);
        envelope.id = event_id(&driver->key, work);
        envelope.source = own_source(driver, &driver->headers);
        sk_id_format(&work->callid, key);
        put_value(&writer, work, code, batch->now_us);
        sk_envelope_encode(&envelope, &batch->out.headers);
        sk_out_add(&batch->out, sk_topics_own(driver->topics, SK_TOPIC_EVENTS), work->partition,
                   (sk_slice){key, sizeof(key)});
}

bool sk_driver_is_fit(sk_driver *driver, const sk_record *work, sk_message type) {
        assert(work->topic->kind == SK_TOPIC_WORK && sk_message_is_work(type));
        return sk_contract_check(driver->contract, driver->checks, type, work->value, NULL) == SK_OK;
}
