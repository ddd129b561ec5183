#include <assert.h>

#include "kit/form.h"
#include "link/stepping.h"

/*
 * What is entered in a task against the task's form: members that lack get their defaults, the rest must fit.
 */

const char *const sk_result_understood[] = {"cut", "category", "priority", "offer", NULL};

static sk_slice form_of(const sk_stepping *s) {
        sk_section section;

        if (!sk_data_find(sk_data_now(s), SK_SECTION_FORM, 0, &section)) {
                return SK_NONE;
        }
        return sk_json_member(section.bytes, "form");
}

const char *sk_task_why_bad_form(sk_stepping *s, sk_slice *result) {
        sk_buf *scratch = &s->out->value;
        sk_slice form = form_of(s);
        sk_form_fault fault;

        assert(result != NULL && s->call.visit.number != 0 && scratch->len == 0);
        if (!sk_slice_there(form)) {
                return NULL;
        }
        sk_err err = sk_form_fit(form, *result, sk_result_understood, scratch, &fault);
        if (err == SK_ERR_NO_MEMORY) {
                s->out->err = err;
        }
        if (err == SK_OK && scratch->len > 0) {
                *result = sk_step_keep(s, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
        if (err != SK_OK) {
                return "bad-form";
        }
        return result->len > SK_RESULT_ENTERED_MAX ? "too-large" : NULL;
}
