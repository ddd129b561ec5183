/*
 * People, drawn at random: they raise calls, claim and complete tasks, ask and answer, change their minds, press twice,
 * and send what makes no sense. What they know is what the log shows: the latest committed head of each call. At the
 * end they do what every open call waits for.
 */

#include "simulation/post.h"

#include <sodium.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/json_write.h"
#include "kit/when.h"
#include "link/journal.h"
#include "usm/steering.h"

/* ---- raising ---- */

static const char *any_type(sim *s) {
        return sk_call_type_id((sk_call_type)sim_below(s, SK_CALL_TYPES));
}

/* Somebody to raise with: a provider, sometimes the own team, seldom somebody without an agreement. */
static unsigned any_provider(sim *s, unsigned team) {
        for (unsigned i = 0; i < 8; i++) {
                unsigned other = (unsigned)sim_below(s, s->team_count);
                if (sk_edition_agreement(s->editions[0], sk_slice_of(s->teams[team].name),
                                         sk_slice_of(s->teams[other].name)) != NULL)
                        return other;
        }
        return sim_chance(s, 8) ? (unsigned)sim_below(s, s->team_count) : team;
}

static void put_raise_data(sim *s, sk_json_writer *w) {
        if (!sim_chance(s, 3))
                return;
        sk_json_open_object(w, "data");
        sk_json_open_object(w, "cut");
        sk_json_put_bool(w, "infrastructure", sim_chance(s, 2));
        sk_json_close_object(w);
        sk_json_put_cstr(w, "room", "which no agreement shares");
        sk_json_close_object(w);
}

static void raise_call(sim *s) {
        unsigned team = (unsigned)sim_below(s, s->team_count);
        unsigned to = any_provider(s, team);
        char facility[16];
        sk_id id = sim_new_id(s);
        sim_work w = sim_work_begin(team, &id, SK_WORK_RAISE, SK_SLICE("ann"));
        sk_json_writer *writer = sim_work_value(&w);

        snprintf(facility, sizeof(facility), "%c-%u", sim_chance(s, 10) ? 'x' : "fg"[sim_below(s, 4) == 0], to);
        sk_json_put_cstr(writer, "to", s->teams[to].name);
        sk_json_put_cstr(writer, "type", to == team && sim_chance(s, 2) ? "risk" : any_type(s));
        sk_json_put_cstr(writer, "facility", facility);
        sk_json_put_cstr(writer, "need", "something that the team needs");
        if (sim_chance(s, 4))
                sk_json_put_int(writer, "urgency", 1 + (int64_t)sim_below(s, 5));
        if (sim_chance(s, 4))
                sk_json_put_int(writer, "impact", 1 + (int64_t)sim_below(s, 5));
        if (sim_chance(s, 3))
                sk_json_put_cstr(writer, "on_behalf", s->teams[sim_below(s, s->team_count)].name);
        put_raise_data(s, writer);
        sim_work_send(s, &w);
        s->raised++;
}

/* ---- serving ---- */

static sk_slice any_holder(sim *s, unsigned team, sk_slice profile) {
        const sk_team *of = s->teams[team].team;
        size_t count = sk_team_person_count(of);
        size_t start = (size_t)sim_below(s, count);

        for (size_t i = 0; i < count; i++) {
                sk_slice person = sk_team_person_at(of, (start + i) % count);
                if (sk_team_holds(of, person, profile))
                        return person;
        }
        return SK_SLICE("nobody");
}

static void put_cut(sim *s, sk_json_writer *w, sk_process process) {
        bool is_change = !s->is_finishing && sim_chance(s, 2);
        bool is_agree = process == SK_IMPROVE && !s->is_finishing && sim_chance(s, 3);

        sk_json_open_object(w, "cut");
        sk_json_put_bool(w, "infrastructure", is_change);
        if (process == SK_IMPROVE)
                sk_json_put_bool(w, "agreement", is_agree);
        if (is_change) {
                sk_json_open_array(w, "components");
                sk_json_put_cstr(w, NULL, "c1");
                sk_json_close_array(w);
        }
        sk_json_close_object(w);
}

/* What the clocks of a team's processes have shown at most: they are not right, and the team goes by them. */
static int64_t team_now(const sim *s, unsigned team) {
        int64_t now_us = s->now_us;

        for (unsigned i = 0; i < s->instance_count; i++)
                if (s->instances[i].team == team && s->instances[i].latest_us > now_us)
                        now_us = s->instances[i].latest_us;
        return now_us;
}

/* Half of the offers lapse if nobody decides soon. */
static void put_until(sim *s, unsigned team, sk_json_writer *w, const sk_frame *frame) {
        const sk_activity *activity = sk_frame_activity(frame);

        if (activity != NULL && activity->name == SK_OFFER && sim_chance(s, 2))
                sk_json_put_time(w, "until", team_now(s, team) + (int64_t)sim_below(s, SK_SECOND_US));
}

static void put_result(sim *s, unsigned team, sk_json_writer *w, const sk_frame *frame) {
        const sk_activity *activity = sk_frame_activity(frame);

        sk_json_open_object(w, "result");
        if (activity == NULL || (activity->name == SK_ANALYSE && sim_chance(s, 2)))
                put_cut(s, w, frame->process);
        if (activity != NULL && activity->name == SK_CLASSIFY)
                sk_json_put_int(w, "priority", 1 + (int64_t)sim_below(s, 5));
        put_until(s, team, w, frame);
        sk_json_put_int(w, "step", (int64_t)s->step);
        sk_json_close_object(w);
}

/* Sometimes who ends a task has found something. */
static void put_finding(sim *s, sk_json_writer *w) {
        if (s->is_finishing || !sim_chance(s, 12))
                return;
        sk_json_open_object(w, "finding");
        sk_json_put_cstr(w, "need", "it happens too often");
        if (sim_chance(s, 3))
                sk_json_put_cstr(w, "type", sim_chance(s, 2) ? "service-request" : "support-request");
        sk_json_close_object(w);
}

static const char *outcome_of(sim *s, const sk_frame *frame) {
        const sk_activity *activity = sk_frame_activity(frame);

        if (s->is_finishing || activity == NULL)
                return "completed";
        if (activity->name == SK_REVIEW && sim_chance(s, 4))
                return "not-confirmed";
        return sim_chance(s, 15) ? "failed" : "completed";
}

static void complete(sim *s, unsigned team, sk_call *call) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_COMPLETE, call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);
        const sk_frame *frame = sk_call_top(call);

        sk_json_put_int(writer, "visit", call->visit.number);
        sk_json_put_cstr(writer, "outcome", outcome_of(s, frame));
        if (sk_frame_activity(frame) == NULL || sim_chance(s, 2))
                put_result(s, team, writer, frame);
        put_finding(s, writer);
        sim_work_send(s, &w);
}

static void claim(sim *s, unsigned team, const sk_call *call, sk_slice person) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_CLAIM, person);

        sk_json_put_int(sim_work_value(&w), "visit", call->visit.number);
        sim_work_send(s, &w);
}

/* A record about the running visit with one more member. */
static void say(sim *s, unsigned team, const sk_call *call, sk_message type, const char *name, const char *text) {
        sim_work w = sim_work_begin(team, &call->id, type, call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "visit", call->visit.number);
        if (name != NULL)
                sk_json_put_cstr(writer, name, text);
        sim_work_send(s, &w);
}

/* Half of the questions lapse if nobody answers soon. */
static void ask(sim *s, unsigned team, const sk_call *call) {
        static const char *const then[] = {"go-on", "coordinator", "withdraw"};
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_QUESTION, call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "visit", call->visit.number);
        sk_json_put_cstr(writer, "text", "which one?");
        if (sim_chance(s, 2)) {
                sk_json_put_time(writer, "until", team_now(s, team) + (int64_t)sim_below(s, SK_SECOND_US));
                sk_json_put_cstr(writer, "then", then[sim_below(s, 3)]);
        }
        sim_work_send(s, &w);
}

/* Who has the task says when it will be ready. */
static void forecast(sim *s, unsigned team, const sk_call *call) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_NOTE, call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_cstr(writer, "text", "the part is ordered");
        sk_json_put_time(writer, "forecast", team_now(s, team) + (int64_t)sim_below(s, 20 * SK_SECOND_US));
        sim_work_send(s, &w);
}

/* What was entered so far is kept. */
static void save(sim *s, unsigned team, const sk_call *call) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_SAVE, call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "visit", call->visit.number);
        sk_json_open_object(writer, "result");
        sk_json_put_int(writer, "step", (int64_t)s->step);
        sk_json_close_object(writer);
        sim_work_send(s, &w);
}

/* A colleague is asked, and some time one answers, whether that was the one or not. */
static void consult(sim *s, unsigned team, const sk_call *call) {
        bool is_answer = sim_chance(s, 2);
        sk_slice colleague = any_holder(s, team, SK_SLICE("operator"));
        sim_work w = sim_work_begin(team, &call->id, is_answer ? SK_WORK_ADVISE : SK_WORK_ASK,
                                    is_answer ? colleague : call->visit.holder);
        sk_json_writer *writer = sim_work_value(&w);

        if (is_answer) {
                sk_json_put_int(writer, "advice", 1 + (int64_t)sim_below(s, 2));
        } else {
                sk_json_put_int(writer, "visit", call->visit.number);
                if (sim_chance(s, 2))
                        sk_json_put_cstr(writer, "to", "operator");
        }
        sk_json_put_cstr(writer, "text", is_answer ? "try the other one" : "have you seen this before?");
        sim_work_send(s, &w);
}

static void serve_held(sim *s, unsigned team, sk_call *call) {
        uint64_t dice = s->is_finishing ? 99 : sim_below(s, 40);

        if (dice < 2)
                say(s, team, call, SK_WORK_DECLINE, "reason", "not now");
        else if (dice < 8 && call->question == 0)
                ask(s, team, call);
        else if (dice < 11)
                forecast(s, team, call);
        else if (dice < 12)
                say(s, team, call, SK_WORK_RELEASE, NULL, NULL);
        else if (dice < 13)
                save(s, team, call);
        else if (dice < 21)
                consult(s, team, call);
        else
                complete(s, team, call);
}

static void answer_own(sim *s, unsigned team, const sk_call *call, uint32_t question) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_ANSWER, SK_SLICE("ann"));
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "question", question);
        sk_json_put_cstr(writer, "answer", s->is_finishing || !sim_chance(s, 3) ? "accept" : "refuse");
        sim_work_send(s, &w);
}

static void answer_ask(sim *s, unsigned team, const sk_call *call, const sk_ask *ask) {
        char id[SK_ID_TEXT];
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_ANSWER, SK_SLICE("bob"));
        sk_json_writer *writer = sim_work_value(&w);

        sk_id_format(&ask->id, id);
        sk_json_put_text(writer, "ask", (sk_slice){id, SK_ID_TEXT});
        sk_json_put_int(writer, "question", ask->question != 0 ? ask->question : ask->offer);
        sk_json_put_cstr(writer, "answer", s->is_finishing || !sim_chance(s, 3) ? "accept" : "refuse");
        sim_work_send(s, &w);
}

/* Answers what a provider has asked this team about the call; true if there was anything. */
static bool answer_asked(sim *s, unsigned team, const sk_call *call) {
        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                if (ask->standing != SK_CLOSED && (ask->question != 0 || ask->offer != 0)) {
                        answer_ask(s, team, call, ask);
                        return true;
                }
        }
        return false;
}

/* Whether the customer's side has ended by force: then nobody is left who would answer. */
static bool is_left_alone(const sim *s, const sk_call *call) {
        unsigned customer = sim_team_find(s, call->customer);
        char id[SK_ID_TEXT];

        sk_id_format(&call->id, id);
        const sim_call *side = customer < s->team_count ? sim_call_find(s, customer, (sk_slice){id, SK_ID_TEXT}) : NULL;
        return side != NULL && (side->is_forced || (side->owner != NULL && side->owner->is_forced));
}

static void force_close(sim *s, unsigned team, const sk_call *call) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_FORCE_CLOSE, SK_SLICE("boss"));

        sk_json_put_cstr(sim_work_value(&w), "reason", "nobody is left to answer");
        sim_work_send(s, &w);
}

/* Does what the call waits for in this team; false when that is somebody else's matter. */
static bool serve(sim *s, unsigned team, sk_call *call) {
        bool is_own = sk_slice_is(call->customer, s->teams[team].name);

        if (answer_asked(s, team, call))
                return true;
        if (call->is_ask)
                return false;
        if (is_own && call->question != 0) {
                answer_own(s, team, call, call->question);
                return true;
        }
        if (is_own && call->offer != 0 && !call->is_offered) {
                answer_own(s, team, call, call->offer);
                return true;
        }
        if (s->is_finishing && (call->question != 0 || call->offer != 0) && is_left_alone(s, call)) {
                force_close(s, team, call);
                return true;
        }
        if (call->visit.due == SK_DUE_LATER) {
                sim_effect_say(s, team, call);
                return true;
        }
        if (call->visit.due == SK_DUE_GIVEN_UP && call->visit.holder.len == 0 && !s->is_finishing && sim_chance(s, 3)) {
                sim_effect_order(s, team, call, SK_WORK_RETRY);
                return true;
        }
        if (call->visit.number == 0 || call->visit.how != SK_HOW_MANUAL ||
            (s->is_finishing && (call->question != 0 || call->offer != 0)))
                return false;
        if (call->visit.holder.len == 0)
                claim(s, team, call, any_holder(s, team, call->visit.responsible));
        else
                serve_held(s, team, call);
        return true;
}

/* ---- what people do by the way ---- */

static void note(sim *s, unsigned team, const sk_call *call, bool is_poison) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_NOTE, SK_SLICE("ann"));
        sk_json_writer *writer = sim_work_value(&w);

        w.is_poison = is_poison;
        sk_json_put_cstr(writer, "text", is_poison ? "poison" : "by the way");
        if (call->ask_count > 0 && sim_chance(s, 2)) {
                char id[SK_ID_TEXT];
                sk_id_format(&call->asks[sim_below(s, call->ask_count)].id, id);
                sk_json_put_text(writer, "ask", (sk_slice){id, SK_ID_TEXT});
        } else if (sim_chance(s, 2)) {
                sk_json_put_cstr(writer, "to", "customer");
        }
        sim_work_send(s, &w);
        s->poisoned += is_poison ? 1 : 0;
}

static void withdraw(sim *s, unsigned team, const sk_call *call) {
        sim_work w = sim_work_begin(team, &call->id, SK_WORK_WITHDRAW, SK_SLICE("boss"));

        sk_json_put_cstr(sim_work_value(&w), "reason", "not needed any more");
        sim_work_send(s, &w);
}

/* A coordinator takes an ask back, gives the task away, appoints, classifies, or ends the call although asks are open. */
static void coordinate(sim *s, unsigned team, const sk_call *call) {
        static const sk_message types[] = {SK_WORK_WITHDRAW, SK_WORK_ASSIGN,   SK_WORK_ASSIGN,
                                           SK_WORK_APPOINT,  SK_WORK_CLASSIFY, SK_WORK_FORCE_CLOSE};
        sk_message type = types[sim_below(s, sizeof(types) / sizeof(types[0]))];

        if (call->visit.number != 0 && sim_chance(s, 3)) {
                sim_effect_order(s, team, call, sim_chance(s, 3) ? SK_WORK_RETRY : SK_WORK_REISSUE);
                return;
        }
        if (call->visit.due != SK_DUE_NONE && sim_chance(s, 2)) {
                sim_effect_say(s, team, call);
                return;
        }
        sim_work w = sim_work_begin(team, &call->id, type, SK_SLICE("boss"));
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_cstr(writer, "reason", "it is better so");
        if (type == SK_WORK_ASSIGN || type == SK_WORK_APPOINT) {
                sk_json_put_int(writer, "visit", call->visit.number);
                sk_json_put_text(writer, "to", any_holder(s, team, call->visit.responsible));
        } else if (type == SK_WORK_CLASSIFY) {
                sk_json_put_int(writer, "priority", 1 + (int64_t)sim_below(s, 5));
        } else if (type == SK_WORK_WITHDRAW && call->ask_count > 0) {
                char id[SK_ID_TEXT];
                sk_id_format(&call->asks[sim_below(s, call->ask_count)].id, id);
                sk_json_put_text(writer, "ask", (sk_slice){id, SK_ID_TEXT});
        }
        sim_work_send(s, &w);
}

static void put_base64(sk_json_writer *writer, const char *name, sk_slice bytes) {
        size_t room = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
        char *text = sk_alloc(room);

        if (text == NULL)
                return;
        sodium_bin2base64(text, room, (const unsigned char *)bytes.at, bytes.len, sodium_base64_VARIANT_ORIGINAL);
        sk_json_put_cstr(writer, name, text);
        sk_free(text);
}

static sim_input *buried_by_a_crash(const sim *s) {
        for (size_t i = 0; i < s->input_count; i++) {
                if (s->inputs[i]->is_poison && s->inputs[i]->is_dead && !s->inputs[i]->is_copied)
                        return s->inputs[i];
        }
        return NULL;
}

/* A dead letter that did no harm by itself: once what it met is mended, somebody sends it again. */
static void redeliver(sim *s) {
        sim_input *input = buried_by_a_crash(s);
        sk_record record;
        int64_t next;
        sk_id id;

        if (input == NULL ||
            sk_memory_read(input->topic, input->partition, input->first_offset, SK_READ_COMMITTED, &record, &next) !=
                    SK_OK ||
            record.offset != input->first_offset || !sk_id_parse(record.key, &id))
                return;
        sim_work w = sim_work_begin(input->team, &id, SK_WORK_REDELIVER, SK_SLICE("boss"));
        sk_json_writer *writer = sim_work_value(&w);
        sk_json_put_text(writer, "topic", sk_memory_topic_name(input->topic));
        sk_json_put_int(writer, "partition", record.partition);
        sk_json_put_text(writer, "key", record.key);
        put_base64(writer, "headers", record.headers);
        put_base64(writer, "value", record.value);
        sim_work_send(s, &w);
        input->is_copied = true;
        s->seen[SIM_SEEN_REDELIVERED]++;
}

/* Two people press at the same time; only the first in the partition has it. */
static void claim_twice(sim *s, unsigned team, const sk_call *call) {
        if (call->is_ask || call->visit.number == 0)
                return;
        claim(s, team, call, SK_SLICE("ann"));
        claim(s, team, call, SK_SLICE("bob"));
}

static void put_steering(sk_json_writer *writer, const char *name, const sk_steering *steering) {
        sk_json_open_object(writer, name);
        sk_json_put_text(writer, "organised_by", steering->organised_by);
        sk_json_put_text(writer, "coordinated_by", steering->coordinated_by);
        sk_json_close_object(writer);
}

/* Another steering is chosen, by who may and by who may not. */
static void redesign(sim *s, unsigned team) {
        const sk_team *known = sk_edition_team(s->editions[0], sk_slice_of(s->teams[team].name));
        sk_id id = sim_new_id(s);
        sim_work w = sim_work_begin(team, &id, SK_WORK_DESIGN, sim_chance(s, 4) ? SK_SLICE("ann") : SK_SLICE("boss"));
        sk_json_writer *writer = sim_work_value(&w);
        sk_steering from = sk_team_steering(known);

        sk_json_put_cstr(writer, "what", "steering");
        put_steering(writer, "from", &from);
        put_steering(writer, "to", &(sk_steering){SK_SLICE("workflow"), SK_SLICE("workflow")});
        sk_json_put_cstr(writer, "reason", "it is better so");
        sim_work_send(s, &w);
}

static void junk(sim *s, unsigned team, const sk_call *call) {
        sk_id stranger = sim_new_id(s);
        sk_message type = (sk_message)(SK_WORK_RAISE + (int)sim_below(s, SK_WORK_DECLINE - SK_WORK_RAISE + 1));
        sim_work w = sim_work_begin(team, sim_chance(s, 2) ? &stranger : &call->id, type, SK_SLICE("mallory"));
        sk_json_writer *writer = sim_work_value(&w);

        sk_json_put_int(writer, "visit", (int64_t)sim_below(s, 9));
        sk_json_put_int(writer, "question", (int64_t)sim_below(s, 9));
        sk_json_put_cstr(writer, "answer", "\x01\"\\");
        sim_work_send(s, &w);
}

/* An open call of those that the log has shown; NULL if none was hit. */
static sim_call *any_open(sim *s) {
        for (unsigned i = 0; i < 8 && s->call_count > 0; i++) {
                sim_call *call = s->calls[sim_below(s, s->call_count)];
                if (call->head != NULL)
                        return call;
        }
        return NULL;
}

void sim_people_step(sim *s) {
        sim_call *open = any_open(s);
        uint64_t dice = sim_below(s, 100);
        sk_call call;

        if (s->poisoned > 0 && sim_chance(s, 8))
                redeliver(s);
        if (sim_chance(s, 60))
                sim_resync_any(s);

        if (open == NULL || (dice < 10 && s->raised < s->raise_max)) {
                if (s->raised < s->raise_max)
                        raise_call(s);
                return;
        }
        if (sk_call_decode((sk_slice){open->head, open->head_len}, &call) != SK_OK) {
                sim_fail(s, "a head in the journal of %s cannot be read", s->teams[open->team].name);
                return;
        }
        if (dice < 78)
                serve(s, open->team, &call);
        else if (dice < 84)
                note(s, open->team, &call, s->poisoned < 2 && sim_chance(s, 4));
        else if (dice < 87)
                withdraw(s, open->team, &call);
        else if (dice < 93)
                claim_twice(s, open->team, &call);
        else if (dice < 95)
                coordinate(s, open->team, &call);
        else if (dice < 96)
                redesign(s, open->team);
        else
                junk(s, open->team, &call);
}

void sim_people_finish(sim *s) {
        if (s->poisoned > 0)
                redeliver(s);
        for (size_t i = 0; i < s->call_count && s->failure[0] == '\0'; i++) {
                sim_call *open = s->calls[i];
                sk_call call;
                if (open->head == NULL || open->waiting > 0)
                        continue;
                if (sk_call_decode((sk_slice){open->head, open->head_len}, &call) == SK_OK)
                        serve(s, open->team, &call);
        }
}
