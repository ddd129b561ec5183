#include <assert.h>

#include "link/stepping.h"

/*
 * What was asked of others in vain: why the provider did not complete it is kept with the call, and whoever has to go on
 * without it reads that in his task.
 */

enum { REASON_MAX = 400 /* of each ask; all of them are read together */, TEXT_MAX = 12 * 1024 };

void sk_vain_keep(sk_stepping *s, const sk_ask *ask, sk_slice code) {
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_slice text = sk_json_member_string(s->input->record->value, "text", s->context->arena);

        assert(scratch->len == 0);
        assert(ask->outcome != SK_COMPLETED);
        sk_json_open_object(&w, NULL);
        sk_json_put_optional(&w, "code", sk_step_shorten(code, SK_CODE_MAX));
        sk_json_put_optional(&w, "text", sk_step_shorten(text, REASON_MAX));
        sk_json_close_object(&w);
        if (sk_data_has_room(s, scratch->len, SK_DATA_SAID_MAX)) {
                sk_data_append(s, SK_SECTION_ASK_END, sk_ask_index(&s->call, ask), 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

/** @p known has been said already. */
static void add_member(sk_stepping *s, sk_buf *text, const char *known, sk_slice object, const char *name) {
        assert(sk_slice_there(object));
        sk_slice value = sk_json_member_string(object, name, s->context->arena);

        if (value.len > 0 && !sk_slice_is(value, known)) {
                sk_buf_add_text(text, ", ");
                sk_buf_add_slice(text, value);
        }
}

/** Who was asked what, and how that ended. */
static void add_ask(sk_stepping *s, sk_buf *text, const sk_ask *ask) {
        sk_section section;

        assert(ask->standing == SK_CLOSED);
        sk_buf_add_format(text, " %.*s (%s, %.*s): %s", (int)ask->provider.len, ask->provider.at,
                          sk_call_type_id(ask->type), (int)ask->facility.len, ask->facility.at,
                          sk_outcome_id(ask->outcome));
        if (sk_data_find(sk_data_now(s), SK_SECTION_ASK_END, sk_ask_index(&s->call, ask), &section)) {
                add_member(s, text, sk_outcome_id(ask->outcome), section.bytes, "code");
                add_member(s, text, "", section.bytes, "text");
        }
        sk_buf_add_text(text, ".");
}

static void add_all(sk_stepping *s, sk_buf *text) {
        const sk_visit *visit = &s->call.visit;

        assert(text->len == 0);
        sk_buf_add_text(text, visit->is_waiting ? "What went onward was not completed:" : "This was not completed:");
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                const sk_ask *ask = &s->call.asks[i];
                if (ask->visit == visit->number && ask->try_number == visit->try_number &&
                    ask->outcome != SK_COMPLETED) {
                        add_ask(s, text, ask);
                }
        }
        sk_buf_add_text(text, visit->is_waiting
                                      ? " Complete the task to close the call in spite of it, complete it as failed to "
                                        "close the call as failed, or have it asked again: schakel retry."
                                      : " Do it by hand and complete the task, or have it asked again: schakel retry.");
}

void sk_vain_escalate(sk_stepping *s, const char *code) {
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_buf text = sk_buf_make(TEXT_MAX);

        assert(scratch->len == 0);
        assert(s->call.visit.how == SK_HOW_DELEGATE);
        assert(!sk_visit_has_open_asks(&s->call));
        add_all(s, &text);
        sk_json_open_object(&w, NULL);
        sk_json_put_text(&w, "instruction", sk_buf_slice(&text));
        sk_json_close_object(&w);
        if (text.err == SK_ERR_NO_MEMORY) {
                s->out->err = text.err;
        }
        sk_buf_free(&text);
        if (sk_data_has_room(s, scratch->len, SK_DATA_MAX)) {
                sk_data_append(s, SK_SECTION_FORM, 0, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
        sk_visit_escalate(s, code);
}
