/*
 * One person of team.json: profiles, deputies, and when he is away. Days are meant as the clocks of the team's calendar
 * show them.
 */
#include <assert.h>

#include "kit/when.h"
#include "usm/check.h"

#define DEPUTIES_MAX 10
#define ABSENCES_MAX 100

static void check_profile(sk_check *check, const sk_spot *list, size_t index, const sk_team *team, sk_slice profile) {
        assert(sk_slice_there(profile));
        if (sk_profile_is_of_method(profile) || sk_names_has(&team->profiles, profile) ||
            sk_findings_is_full(check->findings))
                return;
        sk_spot item = json_is_array(list->value) ? sk_spot_item(list, index) : *list;
        sk_suggestion suggestion = sk_suggest_make(profile);
        sk_profile_suggest(team, &suggestion);
        sk_check_say(check, &item, SK_ERROR, "who-unknown",
                     "there is no profile %s\n%sadd it to \"profiles\" of the team", sk_quote(profile).text,
                     sk_suggest_hint(&suggestion).text);
}

/* ---- absences ---- */

/** A day, which begins or ends by the team's clocks, or a moment. */
static bool parse_moment(const sk_team *team, sk_slice text, bool is_end, int64_t *out_us) {
        assert(out_us != NULL);
        const sk_zone *zone = team->calendar == NULL ? NULL : team->calendar->zone;
        int64_t day;
        if (!sk_read_day(text, &day))
                return sk_when_parse(text, out_us);
        *out_us = sk_zone_utc(zone, (day + (is_end ? 1 : 0)) * SK_DAY_US);
        return true;
}

static bool read_moment(sk_check *check, const sk_team *team, const sk_spot *spot, bool is_end, int64_t *out_us) {
        assert(out_us != NULL);
        sk_slice text = sk_read_text(check, spot);
        if (!sk_slice_there(text))
                return false;
        if (parse_moment(team, text, is_end, out_us))
                return true;
        sk_check_say(check, spot, SK_ERROR, "date-bad",
                     "%s is no day and no moment\nwrite \"2026-12-24\", or \"2026-12-24T12:00:00+01:00\"",
                     sk_quote(text).text);
        return false;
}

static void read_absence(sk_check *check, const sk_team *team, const sk_spot *spot, sk_person *person) {
        assert(person->absence_count < ABSENCES_MAX);
        static const char *const allowed[] = {"from", "to", NULL};
        sk_absence absence = {.to_us = INT64_MAX};
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        sk_spot from = sk_spot_member(spot, "from");
        sk_spot to = sk_spot_member(spot, "to");
        if (!sk_read_need(check, &from, "the first day away, such as \"2026-12-24\"") ||
            !read_moment(check, team, &from, false, &absence.from_us) ||
            (to.value != NULL && !read_moment(check, team, &to, true, &absence.to_us)))
                return;
        if (absence.to_us <= absence.from_us) {
                sk_check_say(check, &to, SK_ERROR, "absence-bad",
                             "the absence ends before it begins\nlet \"to\" be the last day away, not before \"from\"");
                return;
        }
        person->absences[person->absence_count++] = absence;
}

static void read_absences(sk_check *check, const sk_team *team, const sk_spot *spot, sk_person *person) {
        assert(person->absence_count == 0);
        sk_spot absent = sk_spot_member(spot, "absent");
        if (!sk_read_is_array(check, &absent))
                return;
        size_t count = json_array_size(absent.value);
        if (count > ABSENCES_MAX) {
                sk_check_say(check, &absent, SK_ERROR, "value-range",
                             "there are %zu absences, more than %d\nleave out what is past", count, ABSENCES_MAX);
                return;
        }
        person->absences = sk_check_get(check, count, sizeof *person->absences);
        for (size_t i = 0; i < count && person->absences != NULL; i++) {
                sk_spot item = sk_spot_item(&absent, i);
                read_absence(check, team, &item, person);
        }
}

void sk_person_read(sk_check *check, const sk_spot *spot, sk_team *team, sk_person *out) {
        assert(spot->name != NULL);
        static const char *const allowed[] = {"name", "mail", "login", "profiles", "deputies", "absent", NULL};
        sk_spot at = sk_spot_name(spot);
        assert(team != NULL);
        assert(out != NULL);
        if (!sk_read_name(check, &at, sk_slice_of(spot->name), "a person (the full name goes into \"name\")"))
                return;
        out->name = sk_arena_copy(check->edition->arena, sk_slice_of(spot->name));
        if (out->name.at == NULL)
                sk_check_out_of_memory(check);
        if (!sk_read_is_object(check, spot))
                return;
        sk_read_only(check, spot, allowed);
        sk_spot title = sk_spot_member(spot, "name");
        sk_spot profiles = sk_spot_member(spot, "profiles");
        sk_spot mail = sk_spot_member(spot, "mail");
        out->title = sk_read_text(check, &title);
        out->mail = sk_read_mail(check, &mail);
        sk_spot login = sk_spot_member(spot, "login");
        out->login = sk_read_text(check, &login);
        (void)sk_read_need(check, &profiles, "the profiles that the person holds, such as [\"operator\"]");
        out->profiles = sk_read_names(check, &profiles);
        for (size_t i = 0; i < out->profiles.count; i++)
                check_profile(check, &profiles, i, team, out->profiles.at[i]);
        read_absences(check, team, spot, out);
}

/* ---- deputies ---- */

static void say_no_person(sk_check *check, const sk_spot *at, const sk_team *team, sk_slice name) {
        assert(sk_slice_there(name));
        sk_suggestion suggestion = sk_suggest_make(name);
        for (size_t i = 0; i < team->person_count; i++)
                sk_suggest_offer(&suggestion, team->people[i].name);
        sk_check_say(check, at, SK_ERROR, "who-unknown",
                     "the team has no person %s who could stand in\n%sname one of \"people\"", sk_quote(name).text,
                     sk_suggest_hint(&suggestion).text);
}

static void settle_person(sk_check *check, const sk_spot *people, const sk_team *team, sk_person *person) {
        assert(person->deputy_count == 0);
        sk_spot spot = sk_spot_member(people, person->name.at);
        if (spot.value == NULL || !json_is_object(spot.value))
                return;
        sk_spot list = sk_spot_member(&spot, "deputies");
        sk_names names = sk_read_names(check, &list);
        if (names.count > DEPUTIES_MAX) {
                sk_check_say(check, &list, SK_ERROR, "value-range",
                             "there are %zu deputies, more than %d\nname those who are asked first", names.count,
                             DEPUTIES_MAX);
                return;
        }
        person->deputies = sk_check_get(check, names.count, sizeof *person->deputies);
        for (size_t i = 0; i < names.count && person->deputies != NULL; i++) {
                const sk_person *deputy = sk_person_find(team, names.at[i]);
                sk_spot item = json_is_array(list.value) ? sk_spot_item(&list, i) : list;
                if (deputy == NULL)
                        say_no_person(check, &item, team, names.at[i]);
                else
                        person->deputies[person->deputy_count++] = (uint16_t)(deputy - team->people);
        }
        assert(person->deputy_count <= DEPUTIES_MAX);
}

/** Marks everybody whom the deputies of @p first lead to. */
static void mark_reached(const sk_team *team, size_t first, bool *reached, uint16_t *queue) {
        assert(first < team->person_count);
        size_t from = 0;
        size_t to = 0;
        queue[to++] = (uint16_t)first;
        while (from < to) {
                const sk_person *person = &team->people[queue[from++]];
                for (size_t i = 0; i < person->deputy_count; i++) {
                        if (reached[person->deputies[i]])
                                continue;
                        reached[person->deputies[i]] = true;
                        if (person->deputies[i] != first)
                                queue[to++] = person->deputies[i];
                }
        }
        assert(to <= team->person_count);
}

/** One finding for a circle: at the first of its people in the file. */
static void check_circles(sk_check *check, const sk_spot *people, const sk_team *team) {
        assert(team->person_count <= SK_PEOPLE_MAX);
        uint16_t queue[SK_PEOPLE_MAX + 1];
        for (size_t i = 0; i < team->person_count; i++) {
                bool reached[SK_PEOPLE_MAX] = {false};
                mark_reached(team, i, reached, queue);
                if (!reached[i])
                        continue;
                sk_spot person = sk_spot_member(people, team->people[i].name.at);
                sk_spot at = sk_spot_member(&person, "deputies");
                sk_check_say(check, &at, SK_ERROR, "deputy-circle",
                             "the deputies of %s lead back to %s\nlet the circle end: name deputies who stand in for "
                             "others and whose own deputies are not among these",
                             sk_quote(team->people[i].name).text, sk_quote_bare(team->people[i].name).text);
                return;
        }
}

void sk_persons_settle(sk_check *check, const sk_spot *people, sk_team *team) {
        assert(team->person_count <= SK_PEOPLE_MAX);
        for (size_t i = 0; i < team->person_count && check->err == SK_OK; i++)
                settle_person(check, people, team, &team->people[i]);
        if (check->err == SK_OK)
                check_circles(check, people, team);
}
