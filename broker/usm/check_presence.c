/*
 * What absences and roles come to, as far as files tell: times at which nobody stands in for who is needed, and people
 * who would be told what they know from another role.
 */
#include <assert.h>

#include "kit/when.h"
#include "usm/check.h"

/** What a profile is needed for. */
typedef enum need { NEED_ACCOUNTABLE, NEED_RESPONSIBLE } need;

/** A moment at which nobody is there, and whose absence brings it about. */
typedef struct gap {
        const sk_person *person;
        size_t absence;
} gap;

static bool is_anybody_there(const sk_team *team, sk_slice profile, int64_t now_us) {
        assert(sk_slice_there(profile));
        for (size_t i = 0; i < team->person_count; i++) {
                const sk_person *holder = &team->people[i];
                if (sk_person_holds(holder, profile) && sk_person_stand_in(team, holder, now_us) != NULL)
                        return true;
        }
        return false;
}

/** The first absence of holders of the profile, or else of the others, that begins when nobody acts for it. */
static bool find_gap_of(const sk_team *team, sk_slice profile, bool of_holders, gap *out) {
        assert(out != NULL);
        for (size_t i = 0; i < team->person_count; i++) {
                const sk_person *person = &team->people[i];
                if (sk_person_holds(person, profile) != of_holders)
                        continue;
                for (size_t j = 0; j < person->absence_count; j++) {
                        if (is_anybody_there(team, profile, person->absences[j].from_us))
                                continue;
                        *out = (gap){person, j};
                        return true;
                }
        }
        return false;
}

static bool find_gap(const sk_team *team, sk_slice profile, gap *out) {
        assert(sk_slice_there(profile));
        return find_gap_of(team, profile, true, out) || find_gap_of(team, profile, false, out);
}

static void say_gap(sk_check *check, const sk_team *team, sk_slice profile, need why, const gap *found) {
        assert(found->absence < found->person->absence_count);
        char since[SK_WHEN_TEXT];
        sk_spot root = sk_spot_root(team->source);
        sk_spot people = sk_spot_member(&root, "people");
        sk_spot person = sk_spot_member(&people, found->person->name.at);
        sk_spot at = sk_spot_member(&person, "absent");
        sk_when_format(found->person->absences[found->absence].from_us, since);
        sk_check_say(check, &at, SK_WARNING, "absence-uncovered",
                     "from %.16sZ on nobody is there %s %s\nname \"deputies\" who are there then, or take the absence "
                     "out if it is past",
                     since, why == NEED_ACCOUNTABLE ? "to be accountable as" : "to do the tasks of",
                     sk_quote(profile).text);
}

/** What was said about already: one finding a profile is enough. */
typedef struct said {
        sk_check *check;
        const sk_team *team;
        bool is_needed; /**< anybody is ever away */
        sk_slice profiles[64];
        size_t count;
} said;

static void check_profile(said *so_far, sk_slice profile, need why) {
        assert(so_far->count <= sizeof so_far->profiles / sizeof *so_far->profiles);
        gap found;
        size_t room = sizeof so_far->profiles / sizeof *so_far->profiles;
        if (!sk_slice_there(profile) || so_far->count == room || sk_profile_holders(so_far->team, profile) == 0)
                return;
        for (size_t i = 0; i < so_far->count; i++) {
                if (sk_slice_equal(so_far->profiles[i], profile))
                        return;
        }
        so_far->profiles[so_far->count++] = profile;
        if (find_gap(so_far->team, profile, &found))
                say_gap(so_far->check, so_far->team, profile, why, &found);
}

/* ---- who is told twice ---- */

/** Where a routine says who. */
typedef struct place {
        const sk_routine *routine;
        const char *activity;
        sk_slice responsible;
        sk_slice accountable;
        const sk_names *consulted;
        const sk_names *informed;
} place;

static const char *other_role_of(const sk_person *person, const place *told) {
        assert(told->consulted != NULL);
        if (sk_slice_there(told->accountable) && sk_person_holds(person, told->accountable))
                return "accountable";
        if (sk_slice_there(told->responsible) && sk_person_holds(person, told->responsible))
                return "responsible";
        for (size_t i = 0; i < told->consulted->count; i++) {
                if (sk_person_holds(person, told->consulted->at[i]))
                        return "consulted";
        }
        return NULL;
}

static void check_informed(sk_check *check, const sk_team *team, const place *told) {
        assert(told->informed != NULL);
        for (size_t i = 0; i < told->informed->count; i++) {
                for (size_t j = 0; j < team->person_count; j++) {
                        const sk_person *person = &team->people[j];
                        if (!sk_person_holds(person, told->informed->at[i]))
                                continue;
                        const char *role = other_role_of(person, told);
                        if (role == NULL)
                                continue;
                        sk_spot root = sk_spot_root(told->routine->source);
                        sk_spot activities = sk_spot_member(&root, "activities");
                        sk_spot activity = sk_spot_member(&activities, told->activity);
                        sk_spot at = sk_spot_member(&activity, "informed");
                        sk_check_say(check, &at, SK_WARNING, "informed-twice",
                                     "%s is to be informed and is %s for the same activity\ntake one of the two out: "
                                     "who has a part in it knows",
                                     sk_quote(person->name).text, role);
                        return;
                }
        }
}

/* ---- the whole ---- */

static void check_place(said *so_far, const place *told, bool is_by_hand) {
        assert(told->routine->source != NULL);
        if (so_far->is_needed) {
                check_profile(so_far, told->accountable, NEED_ACCOUNTABLE);
                if (is_by_hand)
                        check_profile(so_far, told->responsible, NEED_RESPONSIBLE);
        }
        check_informed(so_far->check, so_far->team, told);
}

static void check_routine(said *so_far, const sk_routine *routine) {
        assert(routine->source != NULL);
        char cut[48];
        for (size_t i = 0; i < routine->row_count; i++) {
                const sk_way_row *row = &routine->rows[i];
                place told = {routine,
                              row->activity->id,
                              row->way.responsible,
                              row->way.accountable,
                              &row->way.consulted,
                              &row->way.informed};
                check_place(so_far, &told, (row->given & SK_GIVES_HOW) == 0 || row->way.how == SK_HOW_MANUAL);
        }
        for (size_t i = 0; i < routine->cut_count; i++) {
                const sk_cut_row *row = &routine->cuts[i];
                place told = {routine,           cut, row->way.responsible, row->way.accountable, &row->way.consulted,
                              &row->way.informed};
                (void)snprintf(cut, sizeof cut, "%s.cut", sk_process_get(row->process)->id);
                check_place(so_far, &told, (row->given & SK_GIVES_HOW) == 0 || row->way.how == SK_HOW_MANUAL);
        }
}

static bool is_anybody_ever_away(const sk_team *team) {
        assert(team->people != NULL || team->person_count == 0);
        for (size_t i = 0; i < team->person_count; i++) {
                if (team->people[i].absence_count > 0)
                        return true;
        }
        return false;
}

void sk_check_presence(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++) {
                const sk_team *team = &check->edition->teams[i];
                said so_far = {.check = check, .team = team, .is_needed = is_anybody_ever_away(team)};
                if (team->source->root == NULL || team->says_consumer)
                        continue;
                for (size_t j = 0; j < team->routine_count && check->err == SK_OK; j++)
                        check_routine(&so_far, &team->routines[j]);
                if (!so_far.is_needed || !team->is_provider)
                        continue;
                check_profile(&so_far, team->steward, NEED_ACCOUNTABLE);
                check_profile(&so_far, SK_SLICE("operator"), NEED_RESPONSIBLE);
        }
}
