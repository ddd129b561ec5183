/*
 * What people do in a replay as it was: the customer raises and answers, who has the task of a recorded call asks him
 * when the record does and completes it when the call was over. All other tasks take no time.
 */
#include <jansson.h>

#include "cli/replay/recorded.h"
#include "cli/task/form.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"
#include "link/data.h"

#define VALUE_MAX ((size_t)1 << 20)
#define DEPTH_MAX 64
#define HELD SK_SLICE("replay") /* actor of those that no team knows */

/** An open call at one link. */
typedef struct standing {
        size_t team; /**< index in the edition */
        sk_call call;
        sk_slice data;
} standing;

static const sk_team *team_of(const sk_recorded *self, const standing *at) {
        return sk_edition_team_at(self->edition, at->team);
}

static sk_recorded_call *recorded_of(const sk_recorded *self, const standing *at) {
        char key[SK_ID_TEXT];
        sk_id_format(&at->call.id, key);
        sk_recorded_call *one = sk_map_get(self->by_id, (sk_slice){key, SK_ID_TEXT});
        bool is_provider = one != NULL && sk_slice_equal(sk_team_name(team_of(self, at)), one->call->provider);
        return is_provider ? one : NULL;
}

/* Whoever may do it and is there; there is always somebody to play, else nothing would end. */
static sk_slice somebody(const sk_recorded *self, const standing *at) {
        const sk_team *team = team_of(self, at);
        for (size_t i = 0; i < sk_team_person_count(team); i++) {
                sk_slice person = sk_team_person_at(team, i);
                if (sk_team_acts(team, person, at->call.visit.responsible, self->now_us) &&
                    !sk_team_is_away(team, person, self->now_us))
                        return person;
        }
        return SK_NONE;
}

/* ---- one task ---- */

static void claim(sk_recorded *self, const standing *at, sk_slice person) {
        sk_buf value = sk_buf_make(VALUE_MAX);
        sk_buf_add_format(&value, "{\"visit\":%u}", at->call.visit.number);
        sk_recorded_work(self, &(sk_recorded_deed){at->team, at->call.id, SK_WORK_CLAIM, person}, sk_buf_slice(&value));
        sk_buf_free(&value);
}

/* What is entered: the form as somebody might fill it in, at a cut that nothing has to be modified. */
static char *result_of(const sk_recorded *self, const standing *at) {
        sk_section section;
        json_t *form = NULL;
        bool has_form = sk_slice_there(at->data) && sk_data_check(at->data) &&
                        sk_data_find(at->data, SK_SECTION_FORM, 0, &section) &&
                        sk_json_load(sk_json_member(section.bytes, "form"), DEPTH_MAX, &form, NULL) == SK_OK;
        json_t *result = sk_form_fill(has_form ? form : NULL, at->call.visit.number, self->now_us);
        if (result != NULL && at->call.frames[at->call.frame_count - 1].step == SK_AT_CUT)
                (void)json_object_set_new(result, "cut", json_pack("{s:b,s:b}", "infrastructure", 0, "agreement", 0));
        char *text = result == NULL ? NULL : json_dumps(result, JSON_COMPACT);
        json_decref(result);
        json_decref(form);
        return text;
}

static void complete(sk_recorded *self, const standing *at, sk_slice person) {
        char *result = result_of(self, at);
        sk_buf value = sk_buf_make(VALUE_MAX);
        sk_buf_add_format(&value, "{\"visit\":%u,\"outcome\":\"completed\",\"result\":%s}", at->call.visit.number,
                          result == NULL ? "{}" : result);
        self->is_full |= result == NULL || value.err != SK_OK;
        sk_recorded_work(self, &(sk_recorded_deed){at->team, at->call.id, SK_WORK_COMPLETE, person},
                         sk_buf_slice(&value));
        sk_buf_free(&value);
        sk_free(result);
}

/* ---- all tasks ---- */

/* The first task of a recorded call is begun and held; every other one is done. */
static bool look_at(sk_recorded *self, const standing *at) {
        sk_recorded_call *one = recorded_of(self, at);
        sk_slice person = at->call.visit.holder.len > 0 ? at->call.visit.holder : somebody(self, at);
        if (!sk_slice_there(person))
                return false;
        if (one != NULL && one->step != SK_RECORDED_DONE) {
                if (one->is_held && one->visit == at->call.visit.number)
                        return false;
                if (!one->is_held) {
                        one->is_held = true;
                        one->visit = at->call.visit.number;
                        claim(self, at, person);
                        return true;
                }
        }
        if (at->call.visit.holder.len == 0)
                claim(self, at, person);
        complete(self, at, person);
        return true;
}

/* Fetches one open call after the other; what is committed only. */
static bool next_standing(const sk_recorded *self, size_t *position, standing *out) {
        sk_slice head;
        while (sk_memory_chain_walk(self->chain, out->team, position, &head, &out->data)) {
                if (sk_call_decode(head, &out->call) == SK_OK && !out->call.is_ask)
                        return true;
        }
        return false;
}

static bool is_task(const sk_call *call) {
        return call->visit.number != 0 && call->visit.how == SK_HOW_MANUAL && call->question == 0 && call->offer == 0;
}

bool sk_recorded_people(sk_recorded *self) {
        bool is_busy = false;
        standing at;
        for (at.team = 0; at.team < sk_edition_team_count(self->edition); at.team++) {
                size_t position = 0;
                while (!self->is_full && next_standing(self, &position, &at))
                        is_busy |= is_task(&at.call) && look_at(self, &at);
        }
        return is_busy;
}

/* ---- the steps of a recorded call ---- */

static bool find_standing(const sk_recorded *self, const sk_recorded_call *one, standing *out) {
        size_t position = 0;
        out->team = sk_recorded_team(self, one->call->provider);
        while (next_standing(self, &position, out)) {
                if (sk_id_equal(&out->call.id, &one->call->callid))
                        return true;
        }
        return false;
}

static void raise(sk_recorded *self, const sk_recorded_call *one) {
        sk_buf value = sk_buf_make(VALUE_MAX);
        sk_history_raise_write(self->calls, one->call, &value);
        self->is_full |= value.err != SK_OK;
        sk_recorded_work(self,
                         &(sk_recorded_deed){sk_recorded_team(self, one->call->customer), one->call->callid,
                                             SK_WORK_RAISE, HELD},
                         sk_buf_slice(&value));
        sk_buf_free(&value);
}

static void ask(sk_recorded *self, const standing *at) {
        sk_buf value = sk_buf_make(VALUE_MAX);
        sk_buf_add_format(&value, "{\"visit\":%u,\"text\":\"as recorded\"}", at->call.visit.number);
        sk_recorded_work(self, &(sk_recorded_deed){at->team, at->call.id, SK_WORK_QUESTION, at->call.visit.holder},
                         sk_buf_slice(&value));
        sk_buf_free(&value);
}

static void answer(sk_recorded *self, const sk_recorded_call *one, const standing *at) {
        sk_buf value = sk_buf_make(VALUE_MAX);
        sk_buf_add_format(&value, "{\"question\":%u,\"answer\":\"as recorded\"}", at->call.question);
        sk_recorded_work(self,
                         &(sk_recorded_deed){sk_recorded_team(self, one->call->customer), one->call->callid,
                                             SK_WORK_ANSWER, HELD},
                         sk_buf_slice(&value));
        sk_buf_free(&value);
}

/* What is next, and when: never before now, and a pause ends with the call at the latest. */
static void plan(const sk_recorded *self, sk_recorded_call *one) {
        int64_t end_us = one->call->ended_us;
        bool is_asked = one->step == SK_RECORDED_ASK; /* just done */
        int64_t at_us = end_us;
        if (is_asked) {
                at_us = one->pause->to_us;
                one->step = SK_RECORDED_ANSWER;
        } else {
                if (one->step == SK_RECORDED_ANSWER)
                        one->pause = one->pause->next;
                bool has_pause = one->pause != NULL && one->pause->from_us < end_us;
                at_us = has_pause ? one->pause->from_us : end_us;
                one->step = has_pause ? SK_RECORDED_ASK : SK_RECORDED_END;
        }
        at_us = at_us > end_us ? end_us : at_us;
        one->due.at_us = at_us < self->now_us ? self->now_us : at_us;
}

void sk_recorded_step_do(sk_recorded *self, sk_recorded_call *one) {
        standing at;
        bool is_open = one->step != SK_RECORDED_RAISE && find_standing(self, one, &at);
        bool is_at_it = is_open && one->is_held && at.call.visit.number == one->visit;
        if (one->step == SK_RECORDED_END) {
                one->step = SK_RECORDED_DONE;
                if (is_at_it)
                        complete(self, &at, at.call.visit.holder);
                return;
        }
        if (one->step == SK_RECORDED_RAISE)
                raise(self, one);
        else if (one->step == SK_RECORDED_ASK && is_at_it && at.call.question == 0)
                ask(self, &at);
        else if (one->step == SK_RECORDED_ANSWER && is_open && at.call.question != 0)
                answer(self, one, &at);
        plan(self, one);
}
