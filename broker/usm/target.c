/*
 * The next link, as a delegation or a cut names it: a team that there is an agreement with, for a facility and a call that
 * the agreement has.
 */
#include <assert.h>

#include "usm/check.h"

static sk_call_type read_type(sk_check *check, const sk_spot *target) {
        assert(target != NULL);
        sk_spot spot = sk_spot_member(target, "type");
        if (!sk_read_need(check, &spot, "the call that is raised there, such as \"service-request\""))
                return SK_CALL_TYPES;
        sk_slice text = sk_read_text(check, &spot);
        sk_call_type type = sk_call_type_find(text);
        if (!sk_slice_there(text) || (type != SK_CALL_TYPES && type != SK_RISK))
                return type;
        sk_suggestion suggestion = sk_suggest_make(text);
        for (unsigned i = 0; i < SK_CALL_TYPES; i++) {
                if (i != SK_RISK)
                        sk_suggest_offer(&suggestion, sk_slice_of(sk_call_type_id((sk_call_type)i)));
        }
        sk_check_say(check, &spot, SK_ERROR, "value-range",
                     "%s is no call that another team takes\n%sthere are \"incident\", \"service-request\", "
                     "\"request-for-change\", \"wish\" and \"support-request\"",
                     sk_quote(text).text, sk_suggest_hint(&suggestion).text);
        return SK_CALL_TYPES;
}

static bool supports(const sk_agreement *agreement, sk_slice facility, sk_call_type type) {
        assert(agreement != NULL);
        assert(type < SK_CALL_TYPES);
        if (type == SK_SUPPORT_REQUEST)
                return sk_agreement_has(agreement, facility);
        return sk_agreement_supports(agreement, facility, type);
}

/** Whether at least one call that the team may have can be passed on with the facility that it has. */
static bool passes_on(const sk_team *team, const sk_agreement *next, sk_call_type type) {
        assert(next != NULL);
        for (size_t i = 0; i < team->provided.count; i++) {
                if (supports(next, team->provided.at[i], type))
                        return true;
        }
        for (size_t i = 0; i < next->facility_count && team->provided.count == 0; i++) {
                if (supports(next, next->facilities[i].name, type))
                        return true;
        }
        return false;
}

static bool check_facility(sk_check *check, const sk_spot *spot, const sk_agreement *agreement, sk_slice facility,
                           sk_call_type type) {
        assert(sk_slice_there(facility));
        assert(type < SK_CALL_TYPES);
        if (type == SK_WISH || sk_agreement_has(agreement, facility)) {
                if (supports(agreement, facility, type))
                        return true;
                sk_check_say(check, spot, SK_ERROR, "delegation-not-supported",
                             "%s does not support %s with a call %s\nadd the call in the agreement, or raise another",
                             sk_quote(agreement->provider).text, sk_quote(facility).text,
                             sk_quote(sk_slice_of(sk_call_type_id(type))).text);
                return false;
        }
        sk_suggestion suggestion = sk_suggest_make(facility);
        for (size_t i = 0; i < agreement->facility_count; i++)
                sk_suggest_offer(&suggestion, agreement->facilities[i].name);
        sk_check_say(check, spot, SK_ERROR, "facility-unknown",
                     "the agreement with %s has no facility %s\n%sadd it to the agreement, or name one that it has",
                     sk_quote(agreement->provider).text, sk_quote(facility).text, sk_suggest_hint(&suggestion).text);
        return false;
}

static bool check_agreed(sk_check *check, const sk_team *team, const sk_spot *target, const sk_target *out) {
        assert(sk_slice_there(out->team));
        assert(out->type < SK_CALL_TYPES);
        sk_spot next = sk_spot_member(target, "team");
        sk_spot facility = sk_spot_member(target, "facility");
        const sk_agreement *agreement = sk_edition_agreement(check->edition, team->name, out->team);
        if (agreement == NULL) {
                sk_check_say(check, &next, SK_ERROR, "delegation-no-agreement",
                             "%s has no agreement with %s as its provider\nmake one in agreements/, or name another "
                             "team",
                             sk_quote(team->name).text, sk_quote(out->team).text);
                return false;
        }
        if (sk_slice_there(out->facility))
                return check_facility(check, &facility, agreement, out->facility, out->type);
        if (passes_on(team, agreement, out->type))
                return true;
        sk_check_say(check, &next, SK_ERROR, "delegation-not-supported",
                     "%s supports no facility that a call may come with, with a call %s\nname a \"facility\" of the "
                     "agreement, or add the call to the agreement",
                     sk_quote(out->team).text, sk_quote(sk_slice_of(sk_call_type_id(out->type))).text);
        return false;
}

bool sk_target_read(sk_check *check, const sk_team *team, const sk_spot *spot, sk_call_type type, sk_target *out) {
        assert(type <= SK_CALL_TYPES);
        static const char *const allowed[] = {"team", "facility", "need", "type", NULL};
        static const char *const allowed_of_cut[] = {"team", "facility", "need", NULL};
        assert(team != NULL);
        assert(out != NULL);
        if (!sk_read_is_object(check, spot))
                return false;
        bool is_cut = type != SK_CALL_TYPES;
        sk_read_only(check, spot, is_cut ? allowed_of_cut : allowed);
        sk_spot next = sk_spot_member(spot, "team");
        sk_spot facility = sk_spot_member(spot, "facility");
        sk_spot need = sk_spot_member(spot, "need");
        sk_target target = {.type = is_cut ? type : read_type(check, spot)};
        target.facility = sk_read_text(check, &facility);
        target.need = sk_read_text(check, &need);
        if (!sk_read_need(check, &next, "the team that does it"))
                return false;
        const sk_team *found = sk_read_team(check, &next);
        if (found == NULL || target.type == SK_CALL_TYPES || target.type == SK_RISK)
                return false;
        target.team = found->name;
        if (!check_agreed(check, team, spot, &target))
                return false;
        *out = target;
        return true;
}
