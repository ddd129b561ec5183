/*
 * Whether there is somebody for what the routines say: a responsible on whose worklist a task can land, and exactly one
 * person behind each accountable.
 */
#include <assert.h>

#include "usm/check.h"
#include "usm/reach.h"

/** Where a routine says it. */
typedef struct place {
        const sk_routine *routine;
        const char *activity;
} place;

/** What is wrong with one member of an activity. */
typedef struct complaint {
        const char *member;
        const char *code;
        const char *what; /**< ends before the profile's name */
        const char *remedy;
} complaint;

static void say_of(sk_check *check, const place *told, const complaint *wrong, sk_slice profile) {
        assert(told->routine->source != NULL);
        sk_spot root = sk_spot_root(told->routine->source);
        sk_spot activities = sk_spot_member(&root, "activities");
        sk_spot activity = sk_spot_member(&activities, told->activity);
        sk_spot at = sk_spot_member(&activity, wrong->member);
        sk_check_say(check, &at, SK_ERROR, wrong->code, "%s %s\n%s", wrong->what, sk_quote(profile).text,
                     wrong->remedy);
}

static void check_accountable(sk_check *check, const sk_team *team, const place *told, sk_slice profile) {
        assert(sk_slice_there(profile));
        static const complaint nobody = {"accountable", "accountable-nobody", "nobody in the team is",
                                         "give the profile to one person in team.json, or name another"};
        static const complaint several = {"accountable", "accountable-several", "more than one person in the team is",
                                          "exactly one must be accountable: take the profile from the others in "
                                          "team.json, or name the person"};
        size_t holders = sk_profile_holders(team, profile);
        if (holders != 1)
                say_of(check, told, holders == 0 ? &nobody : &several, profile);
}

static void check_responsible(sk_check *check, const sk_team *team, const place *told, sk_slice profile) {
        assert(sk_slice_there(profile));
        static const complaint missing = {"responsible", "responsible-missing",
                                          "the task would be on nobody's worklist: nobody in the team is",
                                          "give the profile to somebody in team.json, or name another"};
        if (sk_profile_holders(team, profile) == 0)
                say_of(check, told, &missing, profile);
}

static void check_given(sk_check *check, const sk_team *team, const place *told, unsigned given, const sk_way *way) {
        assert(way != NULL);
        bool is_by_hand = (given & SK_GIVES_HOW) == 0 || way->how == SK_HOW_MANUAL;
        if ((given & SK_GIVES_ACCOUNTABLE) != 0)
                check_accountable(check, team, told, way->accountable);
        if ((given & SK_GIVES_RESPONSIBLE) != 0 && is_by_hand)
                check_responsible(check, team, told, way->responsible);
}

static void check_routine(sk_check *check, const sk_team *team, const sk_routine *routine) {
        assert(routine->source != NULL);
        char cut[48];
        for (size_t i = 0; i < routine->row_count; i++) {
                const sk_way_row *row = &routine->rows[i];
                place told = {routine, row->activity->id};
                check_given(check, team, &told, row->given, &row->way);
        }
        for (size_t i = 0; i < routine->cut_count; i++) {
                const sk_cut_row *row = &routine->cuts[i];
                place told = {routine, cut};
                (void)snprintf(cut, sizeof cut, "%s.cut", sk_process_get(row->process)->id);
                sk_way way = {
                        .how = row->way.how, .responsible = row->way.responsible, .accountable = row->way.accountable};
                check_given(check, team, &told, row->given, &way);
        }
}

/** What the built-in default would have to give, and the first activity that needs it. */
typedef struct wants {
        const char *responsible;
        const char *accountable;
} wants;

static void need_of_process(const sk_team *team, const sk_selection *selection, sk_process process, wants *out) {
        assert(process < SK_PROCESSES);
        const sk_process_info *info = sk_process_get(process);
        for (unsigned i = 0; i < info->count; i++) {
                sk_way way;
                const sk_way_row *first;
                unsigned missing = sk_way_resolve(team, selection, &info->activities[i], &way, &first);
                if ((missing & SK_GIVES_ACCOUNTABLE) != 0 && out->accountable == NULL)
                        out->accountable = info->activities[i].id;
                if ((missing & SK_GIVES_RESPONSIBLE) != 0 && way.how == SK_HOW_MANUAL && out->responsible == NULL)
                        out->responsible = info->activities[i].id;
        }
}

static wants needs_of(const sk_edition *edition, const sk_team *team) {
        assert(team != NULL);
        wants needs = {0};
        unsigned types = sk_reach_types(edition, team);
        for (unsigned number = 1; number <= 8; number++) {
                sk_selection selection = {.workflows = (uint16_t)(1U << number)};
                sk_reach reach;
                if ((types & 1U << sk_workflow_get(number)->trigger) == 0)
                        continue;
                sk_reach_walk(team, &selection, number, &reach);
                for (unsigned i = 0; i < reach.count; i++)
                        need_of_process(team, &selection, reach.processes[i], &needs);
        }
        return needs;
}

static void check_default(sk_check *check, const sk_team *team) {
        assert(team->source != NULL);
        wants needs = needs_of(check->edition, team);
        sk_spot root = sk_spot_root(team->source);
        sk_spot people = sk_spot_member(&root, "people");
        sk_spot at = people.value != NULL ? sk_spot_name(&people) : root;
        if (needs.accountable != NULL && !sk_slice_there(team->steward))
                sk_check_say(
                        check, &at, SK_ERROR, "accountable-missing",
                        "no routine says who is accountable for %s, and no profile of a manager is held by exactly one "
                        "person\ngive one person the profile process-manager or line-manager, or name an "
                        "\"accountable\" in the routine",
                        needs.accountable);
        if (needs.responsible != NULL && sk_profile_holders(team, SK_SLICE("operator")) == 0)
                sk_check_say(check, &at, SK_ERROR, "responsible-missing",
                             "no routine says who is responsible for %s, and nobody is operator\ngive somebody the "
                             "profile operator, or name a \"responsible\" in the routine",
                             needs.responsible);
}

void sk_check_people(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++) {
                const sk_team *team = &check->edition->teams[i];
                if (sk_team_is_consumer_only(team) || team->says_consumer || team->source->root == NULL)
                        continue;
                for (size_t j = 0; j < team->routine_count && check->err == SK_OK; j++)
                        check_routine(check, team, &team->routines[j]);
                check_default(check, team);
        }
}
