/*
 * infrastructure.json: the components that a team manages, and the facility that each belongs to.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

#define COMPONENT_NAME_MAX 80

static bool is_component_name(const char *name) {
        assert(name != NULL);
        size_t len = strlen(name);
        for (size_t i = 0; i < len; i++) {
                char c = name[i];
                bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (!is_letter && !(c >= '0' && c <= '9') && (i == 0 || strchr("-._", c) == NULL))
                        return false;
        }
        return len > 0 && len <= COMPONENT_NAME_MAX;
}

void sk_read_provided(sk_check *check, const sk_team *team, const sk_spot *spot, sk_slice facility) {
        assert(team != NULL);
        assert(spot != NULL);
        if (!sk_slice_there(facility) || sk_findings_is_full(check->findings) ||
            (team->provided.count > 0 &&
             bsearch(&facility, team->provided.at, team->provided.count, sizeof facility, sk_slice_compare_at) != NULL))
                return;
        sk_suggestion suggestion = sk_suggest_make(facility);
        for (size_t i = 0; i < team->provided.count; i++)
                sk_suggest_offer(&suggestion, team->provided.at[i]);
        sk_check_say(check, spot, SK_ERROR, "facility-unknown",
                     "the team provides no facility %s\n%sfacilities stand in the agreements of which the team is the "
                     "provider",
                     sk_quote(facility).text, sk_suggest_hint(&suggestion).text);
}

static void read_component(sk_check *check, const sk_team *team, const sk_spot *spot) {
        assert(spot->name != NULL);
        static const char *const allowed[] = {"facility", "owner", "title", NULL};
        if (!is_component_name(spot->name)) {
                sk_spot at = sk_spot_name(spot);
                sk_check_say(check, &at, SK_ERROR, "name-bad",
                             "%s cannot be the name of a component\nuse up to 80 letters, digits, dots, hyphens and "
                             "underscores, a letter or digit first",
                             sk_quote(sk_slice_of(spot->name)).text);
        }
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        sk_spot facility = sk_spot_member(spot, "facility");
        sk_spot owner = sk_spot_member(spot, "owner");
        sk_spot title = sk_spot_member(spot, "title");
        (void)sk_read_title(check, &title);
        (void)sk_read_text(check, &owner);
        if (sk_read_need(check, &facility, "the facility that the component is part of"))
                sk_read_provided(check, team, &facility, sk_read_text(check, &facility));
}

void sk_infrastructures_read(sk_check *check) {
        assert(check->err == SK_OK);
        static const char *const allowed[] = {"components", NULL};
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++) {
                const sk_team *team = &check->edition->teams[i];
                if (team->infrastructure == NULL || team->infrastructure->root == NULL)
                        continue;
                sk_spot root = sk_spot_root(team->infrastructure);
                sk_spot components = sk_spot_member(&root, "components");
                sk_read_only(check, &root, allowed);
                if (!sk_read_need(check, &components, "what the team manages") ||
                    !sk_read_is_object(check, &components))
                        continue;
                const char *name;
                json_t *value;
                json_object_foreach(components.value, name, value) {
                        sk_spot member = sk_spot_member(&components, name);
                        if (!sk_read_is_remark(name))
                                read_component(check, team, &member);
                }
        }
}
