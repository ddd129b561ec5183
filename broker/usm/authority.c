/*
 * Authority: to design routines and to execute them are two things, and a profile has one of them. What the method's
 * managers and owners of processes and workflows do is design; whoever coordinates, leads the line or does the work
 * executes.
 */
#include <assert.h>

#include "usm/check.h"

static const char *const designing[] = {"process-manager", "process-owner", "workflow-manager", "workflow-owner", NULL};

static bool is_designing(const sk_team *team, sk_slice profile) {
        assert(sk_slice_there(profile) || profile.len == 0);
        for (size_t i = 0; designing[i] != NULL; i++) {
                if (sk_slice_is(profile, designing[i]))
                        return true;
        }
        return sk_names_has(&team->designing, profile);
}

bool sk_team_designs(const sk_team *team, sk_slice person, int64_t now_us) {
        assert(team != NULL);
        for (size_t i = 0; designing[i] != NULL; i++) {
                if (sk_team_acts(team, person, sk_slice_of(designing[i]), now_us))
                        return true;
        }
        for (size_t i = 0; i < team->designing.count; i++) {
                if (sk_team_acts(team, person, team->designing.at[i], now_us))
                        return true;
        }
        return false;
}

/** Whether he stands in for somebody who executes. */
static bool stands_in_to_execute(const sk_team *team, const sk_person *person, int64_t now_us) {
        assert(person >= team->people);
        assert(person < team->people + team->person_count);
        for (size_t i = 0; i < team->person_count; i++) {
                const sk_person *other = &team->people[i];
                for (size_t j = 0; other != person && j < other->profiles.count; j++) {
                        if (!is_designing(team, other->profiles.at[j]) &&
                            sk_team_acts(team, person->name, other->profiles.at[j], now_us))
                                return true;
                }
        }
        return false;
}

bool sk_team_executes(const sk_team *team, sk_slice person, int64_t now_us) {
        const sk_person *found = sk_person_find(team, person);
        assert(team != NULL);
        if (found == NULL)
                return false;
        for (size_t i = 0; i < found->profiles.count; i++) {
                if (!is_designing(team, found->profiles.at[i]))
                        return true;
        }
        return stands_in_to_execute(team, found, now_us);
}

/* ---- four eyes ---- */

#define ROUTINES "routines"

void sk_four_eyes_read(sk_check *check, const sk_spot *spot, sk_team *team) {
        assert(team->four_eyes.count == 0);
        sk_names names = sk_read_names(check, spot);
        for (size_t i = 0; i < names.count; i++) {
                sk_spot item = json_is_array(spot->value) ? sk_spot_item(spot, i) : *spot;
                if (sk_slice_is(names.at[i], ROUTINES) || sk_activity_find(names.at[i]) != NULL)
                        continue;
                sk_suggestion suggestion = sk_suggest_make(names.at[i]);
                sk_suggest_offer(&suggestion, SK_SLICE(ROUTINES));
                sk_suggest_offer(&suggestion, SK_SLICE("change.plan"));
                sk_suggest_offer(&suggestion, SK_SLICE("change.release"));
                sk_check_say(check, &item, SK_ERROR, "activity-unknown",
                             "%s is no activity of the method\n%sname one, such as \"change.release\", or \"" ROUTINES
                             "\"",
                             sk_quote(names.at[i]).text, sk_suggest_hint(&suggestion).text);
        }
        team->four_eyes = names;
}

bool sk_team_wants_four_eyes(const sk_team *team, const sk_activity *activity) {
        assert(team != NULL);
        assert(activity != NULL);
        return sk_names_has(&team->four_eyes, sk_slice_of(activity->id));
}

bool sk_team_wants_four_eyes_on_routines(const sk_team *team) {
        assert(team != NULL);
        return sk_names_has(&team->four_eyes, SK_SLICE(ROUTINES));
}

/** A second person has to be there, or the work would stand still. */
static void check_second(sk_check *check, const sk_team *team, size_t index) {
        assert(index < team->four_eyes.count);
        const sk_activity *activity = sk_activity_find(team->four_eyes.at[index]);
        sk_selection selection = {.first = activity == NULL ? SK_OPERATE : activity->process, .workflows = 0x1fe};
        const sk_way_row *first;
        sk_way way;
        if (activity == NULL)
                return;
        (void)sk_way_resolve(team, &selection, activity, &way, &first);
        if (way.how != SK_HOW_MANUAL || sk_profile_holders(team, way.responsible) != 1)
                return;
        sk_spot root = sk_spot_root(team->source);
        sk_spot list = sk_spot_member(&root, "four_eyes");
        sk_spot at = json_is_array(list.value) ? sk_spot_item(&list, index) : list;
        sk_check_say(check, &at, SK_WARNING, "four-eyes-alone",
                     "only one person is %s, and could not do %s after the activity before it\ngive the profile to a "
                     "second person, or take the activity out",
                     sk_quote(way.responsible).text, activity->id);
}

void sk_check_authority(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++) {
                const sk_team *team = &check->edition->teams[i];
                for (size_t j = 0; team->source->root != NULL && j < team->four_eyes.count; j++)
                        check_second(check, team, j);
        }
}

/* ---- who an actor is ---- */

void sk_actors_read(sk_check *check, const sk_spot *root, sk_team *team) {
        assert(root != NULL);
        sk_spot spot = sk_spot_member(root, "actors");
        sk_slice text = sk_read_text(check, &spot);
        team->wants_proof = sk_slice_is(text, "proven");
        if (sk_slice_there(text) && !team->wants_proof && !sk_slice_is(text, "claimed"))
                sk_check_say(
                        check, &spot, SK_ERROR, "value-range",
                        "%s is nothing that can be asked of actors\nthere are \"claimed\": who somebody says he is, "
                        "and \"proven\": whose login the log proves",
                        sk_quote(text).text);
}

bool sk_team_is_login(const sk_team *team, sk_slice person, sk_slice login) {
        assert(team != NULL);
        const sk_person *found = sk_person_find(team, person);
        bool has_own = found != NULL && sk_slice_there(found->login);
        return login.len > 0 && sk_slice_equal(has_own ? found->login : person, login);
}

bool sk_team_wants_proof(const sk_team *team) {
        assert(team != NULL);
        return team->wants_proof;
}
