/*
 * The inside of a link stays invisible: what it tells another names no person, no activity, no tool and no other team, and
 * of data and results only what the agreement of today shares.
 */

#include "simulation/sim.h"

#include <stdio.h>
#include <string.h>

#include "kit/json_scan.h"
#include "support/members.h"

#define PATH_MAX_BYTES 256
#define NAMED_FIRST 8
#define NAMED_EACH 16

static bool has_word(sk_slice text, const char *word) {
        return text.len > 0 && memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/** A record that leaves a team. */
typedef struct letter {
        unsigned team;
        unsigned reader;
        sk_message type;
        const sk_agreement *agreement; /**< NULL: they have none */
        sk_slice value;
} letter;

/* Persons, profiles, activities, routines and tools of simulated chains. */
static void check_words(sim *s, const letter *l, sk_slice text) {
        static const char *const inside[] = {"\"ann\"",   "\"bob\"",    "\"boss\"",    "operator", "agree.",
                                             "change.",   "recover.",   "operate.",    "improve.", "programs/",
                                             "a.example", "\"plugin\"", "\"routine\"", "\"visit\""};

        for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
                if (has_word(text, inside[i]))
                        sim_fail(s, "the inside of %s shows: a %s tells %s of %s", s->teams[l->team].name,
                                 sk_message_name(l->type), s->teams[l->reader].name, inside[i]);
        }
}

static void check_teams(sim *s, const letter *l, sk_slice text) {
        for (unsigned i = 0; i < s->team_count; i++) {
                if (i != l->team && i != l->reader && has_word(text, s->teams[i].name))
                        sim_fail(s, "the inside of %s shows: a %s tells %s of %s", s->teams[l->team].name,
                                 sk_message_name(l->type), s->teams[l->reader].name, s->teams[i].name);
        }
}

/* ---- what is shared ---- */

/**
 * Whether pointers of the agreement lead to all that stands in @p value, which is at @p path. Written without the code
 * under test: names in simulated calls need no escapes.
 */
static bool is_covered(const sk_agreement *agreement, const char *path, sk_slice value) {
        char below[PATH_MAX_BYTES];
        sk_json_walk walk = sk_json_walk_make(value);
        unsigned members = 0;
        sk_slice name;
        sk_slice inner;

        for (size_t i = 0; i < sk_agreement_share_count(agreement); i++) {
                if (sk_slice_is(sk_agreement_share_at(agreement, i), path))
                        return true;
        }
        if (sk_json_kind_of(value) == SK_JSON_ARRAY || sk_json_kind_of(value) == SK_JSON_OBJECT) {
                for (; sk_json_walk_next(&walk, &name, &inner); members++) {
                        if (sk_slice_there(name))
                                snprintf(below, sizeof(below), "%s/%.*s", path, (int)name.len, name.at);
                        else
                                snprintf(below, sizeof(below), "%s/%u", path, members);
                        if (!sk_slice_is(inner, "null") && !is_covered(agreement, below, inner))
                                return false;
                }
        }
        return members > 0;
}

static void check_shared(sim *s, const letter *l, const char *member) {
        sk_slice value = sk_json_member(l->value, member);
        char path[PATH_MAX_BYTES];

        snprintf(path, sizeof(path), "/%s", member);
        if (sk_slice_there(value) && (l->agreement == NULL || !is_covered(l->agreement, path, value)))
                sim_fail(s, "%s tells %s more of %s than they share: %.*s", s->teams[l->team].name,
                         s->teams[l->reader].name, path + 1, (int)value.len, value.at);
}

/* ---- members ---- */

/* Of each message all that may stand in it. What the agreement shares comes on top, see check_shared. */
static const char *const members[SK_MESSAGES][12] = {
        [SK_CALL_RAISE] = {"type", "facility", "need", "due", "urgency", "impact", "ref", "on_behalf", "data"},
        [SK_CALL_ANSWER] = {"question", "answer", "note"},
        [SK_CALL_DECIDE] = {"offer", "decision", "note"},
        [SK_CALL_NOTE] = {"text", "data"},
        [SK_CALL_WITHDRAW] = {"reason"},
        [SK_FEEDBACK_ACCEPTED] = {"standing", "type", "promise", "agreement_digest"},
        [SK_FEEDBACK_QUESTION] = {"standing", "text", "form", "until", "then"},
        [SK_FEEDBACK_OFFER] = {"standing", "agreement", "until"},
        [SK_FEEDBACK_PROGRESS] = {"standing", "text", "data", "of", "lapsed"},
        [SK_FEEDBACK_LATE] = {"standing", "forecast", "reason"},
        [SK_FEEDBACK_REFUSED] = {"standing", "of", "code", "text"},
        [SK_FEEDBACK_CLOSED] = {"standing", "outcome", "code", "clock", "result", "resultref", "text", "offer"},
};

static bool is_member(sk_message type, sk_slice name) {
        for (size_t i = 0; i < sizeof(members[0]) / sizeof(members[0][0]) && members[type][i] != NULL; i++) {
                if (sk_slice_is(name, members[type][i]))
                        return true;
        }
        return false;
}

static void check_members(sim *s, const letter *l) {
        sk_json_walk walk = sk_json_walk_make(l->value);
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!is_member(l->type, name))
                        sim_fail(s, "the inside of %s shows: a %s has a member %.*s", s->teams[l->team].name,
                                 sk_message_name(l->type), (int)name.len, name.at);
        }
}

/** What a person raises with another team is told by that person; what goes onward is told by the link. */
static bool is_onward(const sk_record *record) {
        return !sk_slice_equal(sk_headers_find(record->headers, "ce_callid"),
                               sk_headers_find(record->headers, "ce_replykey"));
}

static void check_raise(sim *s, const letter *l) {
        sk_slice need = sk_json_member(l->value, "need");

        check_shared(s, l, "data");
        if (!sk_slice_is(need, "\"\""))
                check_shared(s, l, "need");
        s->seen[SIM_SEEN_ONWARD_DATA] += sk_slice_there(sk_json_member(l->value, "data")) ? 1 : 0;
}

void sim_check_outgoing(sim *s, unsigned team, unsigned reader, const sk_record *record) {
        letter l = {.team = team,
                    .reader = reader,
                    .type = sk_message_find(sk_headers_find(record->headers, "ce_type")),
                    .value = record->value};
        sk_slice own = sk_slice_of(s->teams[team].name);
        sk_slice other = sk_slice_of(s->teams[reader].name);

        if (!sk_message_is_call(l.type) && !sk_message_is_feedback(l.type)) {
                sim_fail(s, "%s sends %s what is no message between teams", s->teams[team].name, s->teams[reader].name);
                return;
        }
        bool is_call = sk_message_is_call(l.type);
        l.agreement = is_call ? sk_edition_agreement(s->editions[0], own, other)
                              : sk_edition_agreement(s->editions[0], other, own);
        check_members(s, &l);
        check_words(s, &l, record->headers);
        check_words(s, &l, record->value);
        if (!is_call)
                check_shared(s, &l, "result");
        if (!is_call || is_onward(record)) {
                check_teams(s, &l, record->headers);
                check_teams(s, &l, record->value);
        }
        if (l.type == SK_CALL_RAISE && is_onward(record))
                check_raise(s, &l);
        s->seen[SIM_SEEN_RESULT] += sk_slice_there(sk_json_member(l.value, "result")) ? 1 : 0;
}

/* That takes as long as everything else: the first ones of each message in a run, and some of the others. */
static bool has_turn(const sim *s, sk_message type) {
        return s->messages[type] <= NAMED_FIRST || s->messages[type] % NAMED_EACH == 0;
}

void sim_check_contract(sim *s, unsigned team, const sk_record *record) {
        sk_message type = sk_message_find(sk_headers_find(record->headers, "ce_type"));
        char path[MEMBER_PATH_MAX];
        sk_schema_fault fault;

        if (type >= SK_MESSAGES)
                return;
        sk_slice key = sk_headers_find(record->headers, sk_message_is_feedback(type) ? "ce_replykey" : "ce_callid");
        if (!sk_slice_equal(record->key, key))
                sim_fail(s, "a %s of %s has another key than it names", sk_message_name(type), s->teams[team].name);
        else if (sk_contract_check(s->contract, s->checks, type, record->value, &fault) != SK_OK)
                sim_fail(s, "a %s of %s does not fit its schema: \"%s\" %s", sk_message_name(type), s->teams[team].name,
                         fault.instance, fault.text);
        else if (has_turn(s, type) && !test_members_are_named(type, record->value, path))
                sim_fail(s, "a %s of %s has a member that its schema does not name: %s", sk_message_name(type),
                         s->teams[team].name, path);
}
