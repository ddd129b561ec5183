#include <assert.h>

#include "kit/form.h"
#include "link/stepping.h"

/*
 * What is entered in a task against the task's form: members that lack get their defaults, the rest must fit.
 */

const char *const sk_result_understood[] = {"cut", "category", "priority", "offer", "until", NULL};

static sk_slice form_of(const sk_stepping *s) {
        assert(s->call.visit.number != 0);
        sk_section section;

        if (!sk_data_find(sk_data_now(s), SK_SECTION_FORM, 0, &section)) {
                return SK_NONE;
        }
        return sk_json_member(section.bytes, "form");
}

/*
 * Forms of this edition have been compiled. One that the task has from an edition before is compiled for this once; if it
 * cannot be, what was entered counts, for nobody could ever complete the task.
 */
static sk_err fit(sk_stepping *s, sk_slice text, sk_slice entered, sk_schema_fault *fault) {
        assert(sk_slice_there(text));
        const sk_schema *form = sk_edition_form(s->context->edition, text);
        sk_schema_run *run = s->context->checks != NULL ? s->context->checks : sk_schema_run_new();
        sk_schema *own = NULL;
        sk_err err = run == NULL ? SK_ERR_NO_MEMORY : SK_OK;

        if (err == SK_OK && form == NULL)
                err = sk_form_compile(text, run, &own, fault);
        bool is_unfit = err != SK_OK && err != SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_form_fit(form == NULL ? own : form, run, entered, sk_result_understood, &s->out->value, fault);
        sk_schema_free(own);
        if (run != s->context->checks)
                sk_schema_run_free(run);
        return is_unfit ? SK_OK : err;
}

const char *sk_task_why_bad_form(sk_stepping *s, sk_slice *result) {
        sk_buf *scratch = &s->out->value;
        sk_slice form = form_of(s);
        sk_schema_fault fault;

        assert(result != NULL);
        assert(s->call.visit.number != 0);
        assert(scratch->len == 0);
        if (!sk_slice_there(form)) {
                return NULL;
        }
        sk_err err = fit(s, form, *result, &fault);
        if (err == SK_ERR_NO_MEMORY) {
                s->out->err = err;
        }
        if (err == SK_OK && scratch->len > 0) {
                *result = sk_step_keep(s, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
        if (err != SK_OK) {
                return err == SK_ERR_FULL ? "too-large" : "bad-form";
        }
        return result->len > SK_RESULT_ENTERED_MAX ? "too-large" : NULL;
}
