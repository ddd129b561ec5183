/*
 * Who is there: people at a moment, and who stands in for those who are away. Deputies are asked in the order of the
 * file, the nearest first; a deputy who is away himself is passed over for his own deputies.
 */
#include <assert.h>

#include "usm/check.h"

const sk_person *sk_person_find(const sk_team *team, sk_slice name) {
        assert(team != NULL);
        for (size_t i = 0; i < team->person_count; i++) {
                if (sk_slice_equal(team->people[i].name, name))
                        return &team->people[i];
        }
        return NULL;
}

static bool is_away(const sk_person *person, int64_t now_us) {
        assert(person->absences != NULL || person->absence_count == 0);
        for (size_t i = 0; i < person->absence_count; i++) {
                if (now_us >= person->absences[i].from_us && now_us < person->absences[i].to_us)
                        return true;
        }
        return false;
}

/** A walk over a person and his deputies, each once. */
typedef struct deputies {
        const sk_team *team;
        bool seen[SK_PEOPLE_MAX];
        uint16_t queue[SK_PEOPLE_MAX];
        size_t from;
        size_t to;
} deputies;

static void add(deputies *walk, size_t index) {
        assert(index < walk->team->person_count);
        if (walk->seen[index])
                return;
        assert(walk->to < SK_PEOPLE_MAX);
        walk->seen[index] = true;
        walk->queue[walk->to++] = (uint16_t)index;
}

/** The next in the walk; those who are there have no deputies. NULL at the end. */
static const sk_person *next(deputies *walk, int64_t now_us) {
        assert(walk->from <= walk->to);
        if (walk->from == walk->to)
                return NULL;
        const sk_person *person = &walk->team->people[walk->queue[walk->from++]];
        for (size_t i = 0; is_away(person, now_us) && i < person->deputy_count; i++)
                add(walk, person->deputies[i]);
        return person;
}

const sk_person *sk_person_stand_in(const sk_team *team, const sk_person *person, int64_t now_us) {
        assert(team != NULL);
        assert(person >= team->people);
        assert(person < team->people + team->person_count);
        if (!is_away(person, now_us))
                return person;
        deputies walk = {.team = team};
        add(&walk, (size_t)(person - team->people));
        for (const sk_person *found = next(&walk, now_us); found != NULL; found = next(&walk, now_us)) {
                if (!is_away(found, now_us))
                        return found;
        }
        return NULL;
}

/** Whether @p deputy is one of those who stand in for the person, who is away. */
static bool stands_in(const sk_team *team, const sk_person *deputy, const sk_person *person, int64_t now_us) {
        assert(is_away(person, now_us));
        deputies walk = {.team = team};
        add(&walk, (size_t)(person - team->people));
        for (const sk_person *found = next(&walk, now_us); found != NULL; found = next(&walk, now_us)) {
                if (found == deputy)
                        return true;
        }
        return false;
}

bool sk_team_is_away(const sk_team *team, sk_slice person, int64_t now_us) {
        assert(team != NULL);
        const sk_person *found = sk_person_find(team, person);
        return found != NULL && is_away(found, now_us);
}

bool sk_team_acts(const sk_team *team, sk_slice person, sk_slice profile, int64_t now_us) {
        assert(team != NULL);
        const sk_person *found = sk_person_find(team, person);
        if (found == NULL)
                return false;
        if (sk_person_holds(found, profile))
                return true;
        for (size_t i = 0; i < team->person_count; i++) {
                const sk_person *holder = &team->people[i];
                if (holder->deputy_count > 0 && sk_person_holds(holder, profile) && is_away(holder, now_us) &&
                    stands_in(team, found, holder, now_us))
                        return true;
        }
        return false;
}

sk_accountable sk_team_accountable(const sk_team *team, sk_slice profile, int64_t now_us) {
        assert(team != NULL);
        size_t holders = sk_profile_holders(team, profile);
        if (holders != 1)
                return (sk_accountable){.why = holders == 0 ? "accountable-nobody" : "accountable-several"};
        const sk_person *holder = sk_person_find(team, sk_team_holder(team, profile));
        assert(holder != NULL);
        const sk_person *person = sk_person_stand_in(team, holder, now_us);
        if (person == NULL)
                return (sk_accountable){.why = "accountable-away"};
        return (sk_accountable){.person = person->name, .instead_of = person == holder ? SK_NONE : holder->name};
}
