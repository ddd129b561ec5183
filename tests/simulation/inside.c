/*
 * The inside of a link stays invisible: what it tells a customer names no person, no activity and no other team, and of
 * a result only what the agreement of today shares.
 */

#include "simulation/sim.h"

#include <string.h>

#include "kit/json_scan.h"

static bool has_word(sk_slice text, const char *word) {
        return text.len > 0 && memmem(text.at, text.len, word, strlen(word)) != NULL;
}

static void check_words(sim *s, unsigned team, sk_slice reader, sk_slice value) {
        static const char *const inside[] = {"\"ann\"", "\"bob\"",  "\"boss\"", "operator", "agree.",
                                             "change.", "recover.", "operate.", "improve."};

        for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
                if (has_word(value, inside[i]))
                        sim_fail(s, "the inside of %s shows: %s tells %.*s of %s", s->teams[team].name,
                                 s->teams[team].name, (int)reader.len, reader.at, inside[i]);
        }
        for (unsigned i = 0; i < s->team_count; i++) {
                if (i != team && !sk_slice_is(reader, s->teams[i].name) && has_word(value, s->teams[i].name))
                        sim_fail(s, "the inside of %s shows: it tells %.*s of %s", s->teams[team].name, (int)reader.len,
                                 reader.at, s->teams[i].name);
        }
}

static bool is_shared(const sk_agreement *agreement, const char *pointer) {
        for (size_t i = 0; i < sk_agreement_share_count(agreement); i++) {
                if (sk_slice_is(sk_agreement_share_at(agreement, i), pointer))
                        return true;
        }
        return false;
}

/* Agreements of simulated chains share the result, its member `step`, or nothing. */
static bool is_cut(const sk_agreement *agreement, sk_slice result) {
        sk_json_walk walk = sk_json_walk_make(result);
        sk_slice name;
        sk_slice value;
        bool has_step = false;

        if (is_shared(agreement, "/result"))
                return true;
        while (sk_json_walk_next(&walk, &name, &value)) {
                if (!sk_slice_is(name, "step"))
                        return false;
                has_step = true;
        }
        return has_step && is_shared(agreement, "/result/step");
}

void sim_check_inside(sim *s, unsigned team, sk_slice reader, const sk_record *record) {
        sk_slice result = sk_json_member(record->value, "result");
        const sk_agreement *agreement = sk_edition_agreement(s->editions[0], reader, sk_slice_of(s->teams[team].name));

        check_words(s, team, reader, record->value);
        if (sk_slice_there(result) && (agreement == NULL || !is_cut(agreement, result)))
                sim_fail(s, "%s tells %.*s more of a result than they share: %.*s", s->teams[team].name,
                         (int)reader.len, reader.at, (int)result.len, result.at);
        s->seen[SIM_SEEN_RESULT] += sk_slice_there(result) ? 1 : 0;
}

void sim_check_contract(sim *s, unsigned team, const sk_record *record) {
        sk_message type = sk_message_find(sk_headers_find(record->headers, "ce_type"));
        sk_schema_fault fault;

        if (type < SK_MESSAGES && sk_contract_check(s->contract, s->checks, type, record->value, &fault) != SK_OK)
                sim_fail(s, "a %s of %s does not fit its schema: \"%s\" %s", sk_message_name(type), s->teams[team].name,
                         fault.instance, fault.text);
}
