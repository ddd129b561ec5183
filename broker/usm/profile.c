/*
 * Profiles: the words of the method, a team's own, and who holds them. A person's name stands for that person alone, so
 * that a routine may name somebody where it means somebody.
 */
#include <assert.h>

#include "usm/check.h"

static const char *const method_profiles[] = {
        "process-manager", "process-coordinator", "process-owner",    "workflow-manager", "workflow-coordinator",
        "workflow-owner",  "line-manager",        "line-coordinator", "operator",         NULL,
};

static bool is_of_method(sk_slice profile) {
        assert(sk_slice_there(profile) || profile.len == 0);
        for (size_t i = 0; method_profiles[i] != NULL; i++) {
                if (sk_slice_is(profile, method_profiles[i]))
                        return true;
        }
        return false;
}

bool sk_profile_is_of_method(sk_slice profile) {
        return is_of_method(profile);
}

bool sk_team_has_profile(const sk_team *team, sk_slice profile) {
        assert(team != NULL);
        return is_of_method(profile) || sk_names_has(&team->profiles, profile) || sk_team_knows(team, profile);
}

void sk_profile_suggest(const sk_team *team, sk_suggestion *suggestion) {
        assert(team != NULL);
        assert(suggestion != NULL);
        for (size_t i = 0; method_profiles[i] != NULL; i++)
                sk_suggest_offer(suggestion, sk_slice_of(method_profiles[i]));
        for (size_t i = 0; i < team->profiles.count; i++)
                sk_suggest_offer(suggestion, team->profiles.at[i]);
        for (size_t i = 0; i < team->person_count; i++)
                sk_suggest_offer(suggestion, team->people[i].name);
}

bool sk_person_holds(const sk_person *person, sk_slice profile) {
        assert(person != NULL);
        return sk_slice_equal(person->name, profile) || sk_names_has(&person->profiles, profile);
}

size_t sk_profile_holders(const sk_team *team, sk_slice profile) {
        size_t count = 0;
        assert(team != NULL);
        for (size_t i = 0; i < team->person_count; i++)
                count += sk_person_holds(&team->people[i], profile) ? 1 : 0;
        assert(count <= team->person_count);
        return count;
}

bool sk_team_knows(const sk_team *team, sk_slice person) {
        assert(team != NULL);
        return sk_person_find(team, person) != NULL;
}

bool sk_team_holds(const sk_team *team, sk_slice person, sk_slice profile) {
        assert(team != NULL);
        const sk_person *found = sk_person_find(team, person);
        return found != NULL && sk_person_holds(found, profile);
}

sk_slice sk_team_holder(const sk_team *team, sk_slice profile) {
        sk_slice holder = SK_NONE;
        assert(team != NULL);
        for (size_t i = 0; i < team->person_count; i++) {
                if (!sk_person_holds(&team->people[i], profile))
                        continue;
                if (sk_slice_there(holder))
                        return SK_NONE;
                holder = team->people[i].name;
        }
        return holder;
}

/** Steering as three profiles: who coordinates, who manages, who owns. */
typedef struct steering {
        const char *id;
        const char *profiles[3];
} steering;

static const steering *steering_of(sk_slice id) {
        assert(sk_slice_there(id) || id.len == 0);
        static const steering table[] = {
                {"process", {"process-coordinator", "process-manager", "process-owner"}},
                {"workflow", {"workflow-coordinator", "workflow-manager", "workflow-owner"}},
                {"line", {"line-coordinator", "line-manager", "operator"}},
        };
        for (size_t i = 0; i < 2; i++) {
                if (sk_slice_is(id, table[i].id))
                        return &table[i];
        }
        return &table[2];
}

/** Late work must land on somebody's list: the first of these that anybody holds. */
static sk_slice find_coordinator(const sk_team *team) {
        const steering *chosen = steering_of(team->coordinated_by);
        const char *const others[] = {"line-coordinator", "line-manager",         "process-coordinator",
                                      "process-manager",  "workflow-coordinator", "workflow-manager",
                                      "operator"};
        for (size_t i = 0; i < 3; i++) {
                if (sk_profile_holders(team, sk_slice_of(chosen->profiles[i])) > 0)
                        return sk_slice_of(chosen->profiles[i]);
        }
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
                if (sk_profile_holders(team, sk_slice_of(others[i])) > 0)
                        return sk_slice_of(others[i]);
        }
        return sk_slice_of(chosen->profiles[0]);
}

/** Who answers for what no routine names an accountable for: the manager of how the team is organised. */
static sk_slice find_steward(const sk_team *team) {
        assert(team->people != NULL || team->person_count == 0);
        const char *const candidates[] = {steering_of(team->organised_by)->profiles[1], "process-manager",
                                          "line-manager"};
        for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
                if (sk_profile_holders(team, sk_slice_of(candidates[i])) == 1)
                        return sk_slice_of(candidates[i]);
        }
        return team->person_count == 1 ? team->people[0].name : SK_NONE;
}

void sk_profiles_settle(sk_team *team) {
        assert(team != NULL);
        team->coordinator = find_coordinator(team);
        team->steward = find_steward(team);
        assert(sk_slice_there(team->coordinator));
}

sk_slice sk_team_coordinator(const sk_team *team, sk_process process) {
        assert(team != NULL);
        assert(process <= SK_PROCESSES);
        (void)process;
        return team->coordinator;
}
