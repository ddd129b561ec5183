#include <assert.h>

#include "link/stepping.h"

/*
 * What an effect is given of the call, and what of its answer becomes the result: mappings over the call, the edition and the
 * answer.
 */

enum { FILLED_MAX = 256 * 1024, SOURCE_MAX = 1024 * 1024 };

/** Whether a later section holds a result of the same activity. */
static bool is_superseded(const sk_stepping *s, size_t position, uint16_t tag) {
        assert(position <= sk_data_now(s).len);
        sk_section section;

        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (section.kind == SK_SECTION_RESULT && section.index == SK_RESULT_OF_ACTIVITY && section.tag == tag) {
                        return true;
                }
        }
        return false;
}

/** What activities have recorded so far, by their ids; of one that was done twice what it said last. */
static void put_results(sk_stepping *s, sk_json_writer *w) {
        assert(w->levels > 0);
        size_t position = 0;
        sk_section section;

        sk_json_open_object(w, "results");
        while (sk_data_next(sk_data_now(s), &position, &section)) {
                const sk_activity *activity =
                        section.kind == SK_SECTION_RESULT ? sk_activity_by_number(section.tag) : NULL;
                if (activity != NULL && section.index == SK_RESULT_OF_ACTIVITY &&
                    !is_superseded(s, position, section.tag)) {
                        sk_json_put_raw(w, activity->id, section.bytes);
                }
        }
        sk_json_close_object(w);
}

/** The call as the team's own tools see it: inside the team nothing is hidden. */
static void put_call(sk_stepping *s, sk_json_writer *w, const char *name) {
        static const char *const passed[] = {"need", "due", "urgency", "impact", "ref", "data", "attachments"};
        const sk_call *call = &s->call;
        sk_slice raise = sk_data_raise(s);

        assert(!call->is_ask);
        sk_json_open_object(w, name);
        sk_json_put_id(w, "id", &call->id);
        sk_json_put_text(w, "customer", call->customer);
        sk_json_put_cstr(w, "type", sk_call_type_id(call->type));
        sk_json_put_text(w, "facility", call->facility);
        sk_json_put_optional(w, "category", call->category);
        if (call->priority != 0) {
                sk_json_put_int(w, "priority", call->priority);
        }
        sk_json_put_optional(w, "on_behalf", call->on_behalf);
        if (sk_slice_there(raise)) {
                sk_put_members(w, raise, passed, sizeof passed / sizeof passed[0]);
        }
        put_results(s, w);
        sk_json_close_object(w);
}

static void put_edition(sk_stepping *s, sk_json_writer *w, const char *name) {
        char digest[SK_DIGEST_TEXT];

        sk_digest_format(sk_edition_digest(s->context->edition), digest);
        sk_json_open_object(w, name);
        sk_json_put_text(w, "chain", sk_edition_chain(s->context->edition));
        sk_json_put_text(w, "team", s->own);
        sk_json_put_text(w, "digest", (sk_slice){digest, sizeof digest});
        sk_json_close_object(w);
}

/** What is put with @p put, as a text of its own. */
static sk_slice text_of(sk_stepping *s, void (*put)(sk_stepping *s, sk_json_writer *w, const char *name)) {
        assert(put != NULL);
        sk_buf text = sk_buf_make(SOURCE_MAX);
        sk_json_writer w = sk_json_writer_make(&text);

        put(s, &w, NULL);
        if (text.err == SK_ERR_NO_MEMORY) {
                s->out->err = text.err;
        }
        sk_slice kept = text.err == SK_OK ? sk_step_keep(s, sk_buf_slice(&text)) : SK_NONE;
        sk_buf_free(&text);
        return kept;
}

sk_slice sk_effect_filled(sk_stepping *s, sk_slice template, sk_slice result, sk_mapping_fault *fault) {
        assert(fault != NULL);
        size_t count = sk_slice_there(result) ? SK_SOURCES : SK_SOURCE_RESULT;
        sk_slice sources[SK_SOURCES] = {[SK_SOURCE_RESULT] = result};
        const sk_mapping *mapping = NULL;
        sk_buf text = sk_buf_make(FILLED_MAX);
        sk_err err = sk_mapping_compile(s->context->arena, template, sk_sources, count, &mapping, fault);

        if (err == SK_OK) {
                sources[SK_SOURCE_CALL] = sk_mapping_uses(mapping, SK_SOURCE_CALL) ? text_of(s, put_call) : SK_NONE;
                sources[SK_SOURCE_EDITION] =
                        sk_mapping_uses(mapping, SK_SOURCE_EDITION) ? text_of(s, put_edition) : SK_NONE;
                err = sk_mapping_run(mapping, sources, &text, fault);
        }
        if (err == SK_ERR_NO_MEMORY) {
                s->out->err = err;
        }
        sk_slice kept = err == SK_OK ? sk_step_keep(s, sk_buf_slice(&text)) : SK_NONE;
        sk_buf_free(&text);
        return kept;
}

/** Without a mapping all there is. */
static void put_whole(sk_stepping *s, sk_json_writer *w, const char *name) {
        const sk_activity *activity = sk_frame_activity(sk_call_top(&s->call));

        assert(activity != NULL);
        sk_json_open_object(w, name);
        sk_json_put_cstr(w, "activity", activity->id);
        put_call(s, w, "call");
        put_edition(s, w, "edition");
        sk_json_close_object(w);
}

sk_slice sk_effect_whole(sk_stepping *s) {
        return text_of(s, put_whole);
}

bool sk_action_is_for(sk_stepping *s, sk_slice when) {
        const sk_schema *schema = sk_slice_there(when) ? sk_edition_form(s->context->edition, when) : NULL;
        sk_schema_run *run = s->context->checks;
        sk_schema_fault fault;

        if (schema == NULL) {
                return true;
        }
        sk_slice call = text_of(s, put_call);
        run = run != NULL ? run : sk_schema_run_new();
        sk_err err = run == NULL ? SK_ERR_NO_MEMORY : sk_schema_check(schema, run, call, &fault);
        if (run != s->context->checks) {
                sk_schema_run_free(run);
        }
        if (err == SK_ERR_NO_MEMORY) {
                s->out->err = err;
        }
        return err == SK_OK;
}
