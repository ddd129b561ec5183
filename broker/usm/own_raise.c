/*
 * What a team raises with itself, as its team.json says it.
 */
#include <assert.h>

#include "usm/check.h"

/** A call of its own has no customer who could have typed it. */
static void check_type(sk_check *check, const sk_spot *spot, sk_slice text) {
        assert(sk_slice_there(text));
        sk_call_type type = sk_call_type_find(text);
        if (type != SK_CALL_TYPES && type != SK_SUPPORT_REQUEST)
                return;
        sk_check_say(
                check, spot, SK_ERROR, "value-range",
                "%s is no call that a team raises with itself\nthere are \"risk\", \"incident\", \"service-request\", "
                "\"request-for-change\" and \"wish\"",
                sk_quote(text).text);
}

/** The data of a `work.raise`, whole. */
static sk_slice make_raise(sk_check *check, const sk_team *team, const sk_spot *raise) {
        assert(json_is_object(raise->value));
        sk_spot whole = *raise;
        const char *name;
        json_t *value;
        void *next;
        sk_slice made = SK_NONE;
        whole.value = json_copy(raise->value);
        json_object_foreach_safe(whole.value, next, name, value) {
                if (sk_read_is_remark(name))
                        (void)json_object_del(whole.value, name);
        }
        json_t *to = json_stringn_nocheck(team->name.at, team->name.len);
        bool has_type = json_object_get(whole.value, "type") != NULL;
        if (whole.value == NULL || json_object_set_new_nocheck(whole.value, "to", to) != 0 ||
            (!has_type && json_object_set_new_nocheck(whole.value, "type", json_string_nocheck("risk")) != 0))
                sk_check_out_of_memory(check);
        else
                made = sk_read_json(check, &whole);
        json_decref(whole.value);
        return made;
}

sk_slice sk_own_raise_read(sk_check *check, const sk_team *team, const sk_spot *of, sk_slice *out_facility) {
        assert(team != NULL);
        assert(of != NULL);
        static const char *const allowed[] = {"type",   "facility",  "need", "urgency",
                                              "impact", "on_behalf", "data", NULL};
        sk_spot raise = sk_spot_member(of, "raise");
        if (!sk_read_need(check, &raise, "the call: {\"facility\": \"…\", \"need\": \"…\"}") ||
            !sk_read_is_object(check, &raise))
                return SK_NONE;
        sk_spot type = sk_spot_member(&raise, "type");
        sk_spot facility = sk_spot_member(&raise, "facility");
        sk_spot need = sk_spot_member(&raise, "need");
        sk_spot urgency = sk_spot_member(&raise, "urgency");
        sk_spot impact = sk_spot_member(&raise, "impact");
        sk_spot on_behalf = sk_spot_member(&raise, "on_behalf");
        sk_spot data = sk_spot_member(&raise, "data");
        sk_read_only(check, &raise, allowed);
        sk_slice text = sk_read_text(check, &type);
        if (sk_slice_there(text))
                check_type(check, &type, text);
        (void)sk_read_int(check, &urgency, 1, 5, 3);
        (void)sk_read_int(check, &impact, 1, 5, 3);
        if (on_behalf.value != NULL)
                (void)sk_read_team(check, &on_behalf);
        (void)sk_read_is_object(check, &data);
        if (!sk_read_need(check, &facility, "the facility that it is about") ||
            !sk_read_need(check, &need, "what is to be done, in words"))
                return SK_NONE;
        sk_slice name = sk_read_text(check, &facility);
        if (sk_slice_there(name))
                sk_read_provided(check, team, &facility, name);
        if (out_facility != NULL)
                *out_facility = name;
        return sk_slice_there(sk_read_text(check, &need)) ? make_raise(check, team, &raise) : SK_NONE;
}
