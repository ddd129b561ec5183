/*
 * Steering, for those who look at it, plan another one, or act by it.
 */
#include "usm/steering.h"

#include <assert.h>

#include "usm/check.h"

sk_steering sk_team_steering(const sk_team *team) {
        assert(team != NULL);
        return (sk_steering){team->organised_by, team->coordinated_by};
}

static bool is_one_of(sk_slice word, const char *const *words) {
        assert(words != NULL);
        for (; *words != NULL; words++) {
                if (sk_slice_is(word, *words))
                        return true;
        }
        return false;
}

bool sk_steering_is_legal(const sk_steering *steering) {
        static const char *const organised[] = {"process", "workflow", NULL};
        static const char *const coordinated[] = {"line", "process", "workflow", NULL};
        assert(steering != NULL);
        return is_one_of(steering->organised_by, organised) && is_one_of(steering->coordinated_by, coordinated);
}

/** The first of these that anybody holds; SK_NONE if nobody holds any. */
static sk_slice first_held(const sk_team *team, const char *const *profiles) {
        assert(profiles != NULL);
        for (; *profiles != NULL; profiles++) {
                if (sk_profile_holders(team, sk_slice_of(*profiles)) > 0)
                        return sk_slice_of(*profiles);
        }
        return SK_NONE;
}

sk_slice sk_team_manager(const sk_team *team) {
        static const char *const by_line[] = {"line-manager", "process-manager", "workflow-manager", NULL};
        static const char *const by_process[] = {"process-manager", "process-owner", "line-manager", "workflow-manager",
                                                 NULL};
        static const char *const by_workflow[] = {"workflow-manager", "workflow-owner", "line-manager",
                                                  "process-manager", NULL};
        assert(team != NULL);
        const char *const *profiles = by_line;
        if (sk_slice_is(team->coordinated_by, "process"))
                profiles = by_process;
        else if (sk_slice_is(team->coordinated_by, "workflow"))
                profiles = by_workflow;
        sk_slice found = first_held(team, profiles);
        return sk_slice_there(found) ? found : team->coordinator;
}

sk_slice sk_team_steward(const sk_team *team) {
        assert(team != NULL);
        return team->steward;
}
