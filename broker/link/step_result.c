#include <assert.h>

#include "link/stepping.h"

/*
 * Each process yields something: when no activity of a run has recorded a result, how it ended is its result. So a run
 * cannot end without one, and whoever looks at a call finds one for each.
 */

/** What a process has yielded of which no activity says more than how it ended. */
static void put_yield(const sk_stepping *s, sk_json_writer *w, sk_outcome outcome) {
        const sk_call *call = &s->call;
        sk_process process = call->frames[call->frame_count - 1].process;

        assert(call->frame_count > 0);
        sk_json_put_cstr(w, "outcome", sk_outcome_id(outcome));
        sk_json_put_optional(w, "code", outcome == SK_COMPLETED ? SK_SLICE("") : call->code);
        if (process == SK_AGREE && call->decision != 0) {
                sk_json_put_cstr(w, "decision", call->decision == 1 ? "accept" : "refuse");
        }
        if (process == SK_CHANGE && call->component_count > 0) {
                sk_json_open_array(w, "components");
                for (unsigned i = 0; i < call->component_count; i++) {
                        sk_json_put_text(w, NULL, call->components[i]);
                }
                sk_json_close_array(w);
        }
}

void sk_frame_conclude(sk_stepping *s, sk_outcome outcome) {
        sk_frame *frame = sk_call_top(&s->call);
        const sk_process_info *info = sk_process_get(frame->process);
        sk_buf *scratch = &s->out->value;

        assert(scratch->len == 0);
        assert(outcome != SK_OUTCOME_NONE);
        if (frame->has_result) {
                return;
        }
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_json_open_object(&w, NULL);
        put_yield(s, &w, outcome);
        sk_json_close_object(&w);
        if (sk_data_has_room(s, scratch->len, SK_DATA_MAX)) {
                sk_data_append(s, SK_SECTION_RESULT, SK_RESULT_OF_RUN, info->activities[info->count - 1].number,
                               sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
        frame->has_result = true;
        assert(frame->has_result);
}

sk_slice sk_result_of(const sk_stepping *s, uint16_t number) {
        sk_slice found = SK_NONE;
        size_t position = 0;
        sk_section section;

        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (section.kind == SK_SECTION_RESULT && section.index == SK_RESULT_OF_ACTIVITY &&
                    section.tag == number) {
                        found = section.bytes;
                }
        }
        return found;
}

/** Whether the object has a member of that name, which stands as it is written. */
static bool has_member(sk_slice object, sk_slice wanted) {
        assert(sk_slice_there(wanted));
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (sk_slice_equal(name, wanted)) {
                        return true;
                }
        }
        return false;
}

static void put_members_but(sk_stepping *s, sk_json_writer *w, sk_slice object, sk_slice but) {
        assert(w->levels > 0);
        sk_json_walk walk = sk_json_walk_make(object);
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice copy = has_member(but, name) ? SK_NONE : sk_arena_copy(s->context->arena, name);
                if (sk_slice_there(copy)) {
                        sk_json_put_raw(w, copy.at, value);
                }
        }
}

sk_slice sk_result_merged(sk_stepping *s, uint16_t number, sk_slice result) {
        assert(sk_slice_there(result));
        sk_slice before = sk_result_of(s, number);
        sk_buf text = sk_buf_make(SK_RESULT_ENTERED_MAX);
        sk_json_writer w = sk_json_writer_make(&text);

        if (!sk_slice_there(before) || sk_json_kind_of(before) != SK_JSON_OBJECT ||
            sk_json_kind_of(result) != SK_JSON_OBJECT) {
                return result;
        }
        sk_json_open_object(&w, NULL);
        put_members_but(s, &w, before, result);
        put_members_but(s, &w, result, SK_SLICE("{}"));
        sk_json_close_object(&w);
        sk_slice merged = text.err == SK_OK ? sk_step_keep(s, sk_buf_slice(&text)) : result;
        if (text.err == SK_ERR_NO_MEMORY) {
                s->out->err = text.err;
        }
        sk_buf_free(&text);
        return merged;
}
