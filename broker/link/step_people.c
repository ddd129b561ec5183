#include <assert.h>

#include "link/stepping.h"

/*
 * Who has a part in a visit, beside its holder: the accountable, who is one person or to be appointed; the consulted, who
 * are asked and advise; the informed, who are told once when it has ended.
 */

enum { ADVICES_MAX = 999, TOLD_MAX = 100 };

/* ---- accountable ---- */

void sk_visit_put_who(sk_stepping *s, sk_json_writer *w) {
        const sk_visit *visit = &s->call.visit;

        assert(visit->number != 0);
        sk_json_put_text(w, "profile", visit->responsible);
        sk_json_put_optional(w, "accountable", visit->accountable);
        sk_json_put_optional(w, "instead_of", visit->instead_of);
}

const char *sk_task_appoint(sk_stepping *s, sk_slice value) {
        sk_slice to = sk_work_text(s, value, "to");
        int64_t number = 0;

        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &number) ||
            s->call.visit.number != number) {
                return "no-such-visit";
        }
        if (!sk_work_is_coordinator(s)) {
                return "not-entitled";
        }
        if (to.len == 0 || !sk_team_knows(s->context->team, to)) {
                return "unknown-person";
        }
        if (sk_team_is_away(s->context->team, to, s->context->now_us)) {
                return "away";
        }
        s->call.visit.accountable = to;
        s->call.visit.instead_of = SK_SLICE("");
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_APPOINTED);
        sk_event_put_place(s, w);
        sk_json_put_text(w, "accountable", to);
        sk_json_put_text(w, "actor", sk_work_actor(s));
        sk_event_end(s);
        return sk_work_done;
}

/* ---- what the visit keeps of its instruction (rule V3) ---- */

static void put_names(sk_json_writer *w, const char *name, const sk_names *names) {
        assert(names->count > 0);
        sk_json_open_array(w, name);
        for (size_t i = 0; i < names->count; i++) {
                sk_json_put_text(w, NULL, names->at[i]);
        }
        sk_json_close_array(w);
}

void sk_visit_put_advice(sk_json_writer *w, const sk_names *consulted, bool waits) {
        assert(consulted != NULL);
        assert(w->levels > 0);
        if (consulted->count > 0) {
                put_names(w, "consulted", consulted);
        }
        if (waits) {
                sk_json_put_bool(w, "wait_for_advice", true);
        }
}

void sk_visit_keep_form(sk_stepping *s, const sk_way *way) {
        assert(s->call.visit.number != 0);
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);

        assert(scratch->len == 0);
        if (way->instruction.len == 0 && way->form.len == 0 && way->consulted.count == 0 && !way->waits_for_advice) {
                return;
        }
        sk_json_open_object(&w, NULL);
        sk_json_put_optional(&w, "instruction", way->instruction);
        if (way->form.len > 0) {
                sk_json_put_raw(&w, "form", way->form);
        }
        sk_visit_put_advice(&w, &way->consulted, way->waits_for_advice);
        sk_json_close_object(&w);
        if (sk_data_has_room(s, scratch->len, SK_DATA_MAX)) {
                sk_data_append(s, SK_SECTION_FORM, 0, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

void sk_visit_forget_form(sk_stepping *s) {
        sk_data_remove(s, SK_SECTION_FORM, 0);
        sk_data_remove(s, SK_SECTION_DRAFT, 0);
        sk_data_remove(s, SK_SECTION_INFORMED, 0);
        sk_data_remove(s, SK_SECTION_ACTION, 0);
}

/* ---- consulted ---- */

static sk_slice form_member(const sk_stepping *s, const char *name) {
        assert(name != NULL);
        sk_section section;

        return sk_data_find(sk_data_now(s), SK_SECTION_FORM, 0, &section) ? sk_json_member(section.bytes, name)
                                                                          : SK_NONE;
}

/** What was asked under that number; SK_NONE if nothing was. */
static sk_slice advice_asked(const sk_stepping *s, int64_t number) {
        assert(number >= 0);
        size_t position = 0;
        sk_section section;

        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (section.kind == SK_SECTION_ADVICE && section.index == 0 && section.tag == number) {
                        return section.bytes;
                }
        }
        return SK_NONE;
}

static bool is_advised(const sk_stepping *s, int64_t number) {
        assert(number > 0);
        size_t position = 0;
        sk_section section;

        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (section.kind == SK_SECTION_ADVICE && section.index == 1 && section.tag == number) {
                        return true;
                }
        }
        return false;
}

static bool is_of_visit(sk_slice asked, uint32_t visit) {
        assert(visit != 0);
        int64_t number = 0;

        return sk_slice_there(asked) && sk_json_member_int(asked, "visit", 1, UINT32_MAX, &number) && number == visit;
}

/** The number that the next question to colleagues gets. */
static int64_t next_number(const sk_stepping *s) {
        int64_t number = 1;

        while (number <= ADVICES_MAX && sk_slice_there(advice_asked(s, number))) {
                number++;
        }
        assert(number <= ADVICES_MAX + 1);
        return number;
}

static void put_asked(sk_stepping *s, sk_json_writer *w, sk_slice to, sk_slice text) {
        assert(text.len > 0);
        sk_json_open_object(w, NULL);
        sk_json_put_int(w, "visit", s->call.visit.number);
        sk_json_put_text(w, "from", sk_work_actor(s));
        sk_json_put_time(w, "at", s->context->now_us);
        if (to.len > 0) {
                sk_json_open_array(w, "to");
                sk_json_put_text(w, NULL, to);
                sk_json_close_array(w);
        } else {
                sk_json_put_raw(w, "to", form_member(s, "consulted"));
        }
        sk_json_put_text(w, "text", text);
        sk_json_close_object(w);
}

static void report_consulted(sk_stepping *s, sk_message type, int64_t number, sk_slice to) {
        assert(number <= ADVICES_MAX);
        sk_json_writer *w = sk_event_begin(s, type);

        assert(type == SK_EVENT_CONSULTED || type == SK_EVENT_ADVISED);
        sk_event_put_place(s, w);
        sk_json_put_int(w, "advice", number);
        sk_json_put_text(w, "actor", sk_work_actor(s));
        if (sk_slice_there(to)) {
                sk_json_put_raw(w, "to", to);
        }
        sk_event_end(s);
}

static const char *why_not_consulted(sk_stepping *s, sk_slice value, sk_slice to, sk_slice text, int64_t number) {
        assert(s->call.visit.number != 0);
        if (!sk_task_is_holder(s)) {
                return "not-holder";
        }
        if (text.len == 0) {
                return "invalid";
        }
        if (to.len == 0 && !sk_slice_there(form_member(s, "consulted"))) {
                return "nobody-consulted";
        }
        if (to.len > 0 && !sk_team_has_profile(s->context->team, to)) {
                return "unknown-person";
        }
        return number > ADVICES_MAX || !sk_data_has_room(s, value.len + 1000, SK_DATA_SAID_MAX) ? "full" : NULL;
}

const char *sk_task_consult(sk_stepping *s, sk_slice value) {
        sk_slice to = sk_work_text(s, value, "to");
        sk_slice text = sk_work_text(s, value, "text");
        int64_t number = next_number(s);
        const char *code = sk_task_why_none(s, value);

        if (code == NULL) {
                code = why_not_consulted(s, value, to, text, number);
        }
        if (code != NULL) {
                return code;
        }
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        assert(scratch->len == 0);
        put_asked(s, &w, to, text);
        sk_data_append(s, SK_SECTION_ADVICE, 0, (uint16_t)number, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        report_consulted(s, SK_EVENT_CONSULTED, number, sk_json_member(advice_asked(s, number), "to"));
        return sk_work_done;
}

/** Whether he was asked, by name or profile, or stands in for one who was. */
static bool is_asked(sk_stepping *s, sk_slice asked) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(asked, "to"));
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (sk_team_acts(s->context->team, sk_work_actor(s), sk_json_string(value, s->context->arena),
                                 s->context->now_us)) {
                        return true;
                }
        }
        return false;
}

const char *sk_task_advise(sk_stepping *s, sk_slice value) {
        sk_slice text = sk_work_text(s, value, "text");
        int64_t number = 0;

        (void)sk_json_member_int(value, "advice", 1, ADVICES_MAX, &number);
        sk_slice asked = advice_asked(s, number);
        if (s->call.is_ask || s->call.visit.number == 0 || !is_of_visit(asked, s->call.visit.number)) {
                return "no-question";
        }
        if (!is_asked(s, asked)) {
                return "not-entitled";
        }
        if (text.len == 0) {
                return "invalid";
        }
        if (!sk_data_has_room(s, value.len + 1000, SK_DATA_SAID_MAX)) {
                return "full";
        }
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_json_open_object(&w, NULL);
        sk_json_put_text(&w, "from", sk_work_actor(s));
        sk_json_put_time(&w, "at", s->context->now_us);
        sk_json_put_text(&w, "text", text);
        sk_json_close_object(&w);
        sk_data_append(s, SK_SECTION_ADVICE, 1, (uint16_t)number, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        report_consulted(s, SK_EVENT_ADVISED, number, SK_NONE);
        return sk_work_done;
}

const char *sk_task_why_no_advice(const sk_stepping *s) {
        assert(s->call.visit.number != 0);
        bool has_advice = false;

        if (!sk_slice_there(form_member(s, "wait_for_advice"))) {
                return NULL;
        }
        for (int64_t number = 1; number < next_number(s); number++) {
                if (!is_of_visit(advice_asked(s, number), s->call.visit.number)) {
                        continue;
                }
                if (!is_advised(s, number)) {
                        return "advice-open";
                }
                has_advice = true;
        }
        return has_advice ? NULL : "advice-missing";
}

/* ---- informed ---- */

void sk_visit_keep_informed(sk_stepping *s, const sk_names *informed) {
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);

        assert(scratch->len == 0);
        assert(s->call.visit.number != 0);
        if (informed->count == 0) {
                return;
        }
        put_names(&w, NULL, informed);
        if (sk_data_has_room(s, scratch->len, SK_DATA_MAX)) {
                sk_data_append(s, SK_SECTION_INFORMED, 0, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

/** Whether the person holds one of the names of the list. */
static bool is_among(sk_stepping *s, sk_slice list, sk_slice person) {
        sk_json_walk walk = sk_json_walk_make(list);
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (sk_team_holds(s->context->team, person, sk_json_string(value, s->context->arena))) {
                        return true;
                }
        }
        return false;
}

/** Persons who hold a name of the list; who has done it himself is not told. @return how many */
static size_t put_told(sk_stepping *s, sk_json_writer *w, sk_slice list, sk_slice actor) {
        const sk_team *team = s->context->team;
        size_t count = 0;

        sk_json_open_array(w, "to");
        for (size_t i = 0; i < sk_team_person_count(team) && count < TOLD_MAX; i++) {
                sk_slice person = sk_team_person_at(team, i);
                if (!sk_slice_equal(person, actor) && is_among(s, list, person)) {
                        sk_json_put_text(w, NULL, person);
                        count++;
                }
        }
        sk_json_close_array(w);
        assert(count <= TOLD_MAX);
        return count;
}

static void put_key(sk_stepping *s, sk_json_writer *w) {
        assert(s->call.visit.number != 0);
        char key[SK_ID_TEXT + 16];
        sk_buf text = sk_buf_make(sizeof key);

        sk_id_format(&s->call.id, key);
        sk_buf_add(&text, key, SK_ID_TEXT);
        sk_buf_add_format(&text, "/%u", s->call.visit.number);
        if (text.err != SK_OK) {
                s->out->err = text.err;
        }
        sk_json_put_text(w, "key", sk_buf_slice(&text));
        sk_buf_free(&text);
}

void sk_visit_inform(sk_stepping *s, const char *outcome, sk_slice actor) {
        assert(outcome != NULL);
        size_t records = s->out->count;
        uint32_t number = s->call.event_number;
        sk_section section;

        assert(s->call.visit.number != 0);
        if (!sk_data_find(sk_data_now(s), SK_SECTION_INFORMED, 0, &section)) {
                return;
        }
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_INFORMED);
        sk_event_put_place(s, w);
        put_key(s, w);
        sk_json_put_cstr(w, "outcome", outcome);
        sk_json_put_text(w, "customer", s->call.customer);
        sk_json_put_cstr(w, "type", sk_call_type_id(s->call.type));
        sk_json_put_text(w, "facility", s->call.facility);
        size_t count = put_told(s, w, section.bytes, actor);
        s->after->has_told = true;
        sk_event_end(s);
        if (count == 0 && s->out->err == SK_OK) {
                sk_out_rewind(s->out, records);
                s->call.event_number = number;
        }
}
