/*
 * team.json: who is in a team, what they hold, and its two choices of steering, which have no silent default.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

static const char *const reserved[] = {"ask", "mark", "schedule", "durations", "resync", NULL};

static void check_name(sk_check *check, const sk_spot *root, sk_slice name) {
        assert(sk_slice_there(name));
        if (!sk_read_name(check, root, name, "a team"))
                return;
        for (size_t i = 0; reserved[i] != NULL; i++) {
                if (!sk_slice_is(name, reserved[i]))
                        continue;
                sk_check_say(check, root, SK_ERROR, "name-reserved",
                             "a team cannot be called %s: keys of the journal begin with it\nrename the folder",
                             sk_quote(name).text);
        }
}

typedef struct choice {
        const char *member;
        const char *explanation;
        const char *values[4];
} choice;

static sk_slice read_choice(sk_check *check, const sk_spot *root, const sk_team *team, const choice *asked) {
        assert(asked->values[0] != NULL);
        sk_spot spot = sk_spot_member(root, asked->member);
        if (spot.value == NULL && team->says_consumer)
                return sk_slice_of(asked->values[0]);
        if (spot.value == NULL) {
                sk_check_say(check, root, SK_ERROR, "steering-missing", "the team has not chosen %s\nchoose: %s",
                             sk_quote(sk_slice_of(asked->member)).text, asked->explanation);
                return sk_slice_of(asked->values[0]);
        }
        sk_slice text = sk_read_text(check, &spot);
        sk_suggestion suggestion = sk_suggest_make(text);
        for (size_t i = 0; asked->values[i] != NULL; i++) {
                sk_suggest_offer(&suggestion, sk_slice_of(asked->values[i]));
                if (sk_slice_is(text, asked->values[i]))
                        return text;
        }
        if (sk_slice_there(text))
                sk_check_say(check, &spot, SK_ERROR, "value-range", "%s is no way of steering\n%schoose: %s",
                             sk_quote(text).text, sk_suggest_hint(&suggestion).text, asked->explanation);
        return sk_slice_of(asked->values[0]);
}

static void read_steering(sk_check *check, const sk_spot *root, sk_team *team) {
        assert(team->source->root != NULL);
        static const choice organised = {
                "organised_by",
                "\"process\" (routines and reports are kept per process) or \"workflow\" (kept per workflow, from the "
                "customer's call to the result; for teams that control their processes already)",
                {"process", "workflow", NULL},
        };
        static const choice coordinated = {
                "coordinated_by",
                "\"line\" (late and stuck work goes to the team's line coordinator), \"process\" (to the coordinator "
                "of the process) or \"workflow\" (to the coordinator of the workflow)",
                {"line", "process", "workflow", NULL},
        };
        team->organised_by = read_choice(check, root, team, &organised);
        team->coordinated_by = read_choice(check, root, team, &coordinated);
}

static void read_own_profile(sk_check *check, const sk_spot *spot, sk_team *team) {
        assert(spot->name != NULL);
        assert(team->profiles.at != NULL);
        static const char *const allowed[] = {"title", "designs", NULL};
        bool designs = false;
        sk_spot at = sk_spot_name(spot);
        sk_slice name = sk_slice_of(spot->name);
        if (!sk_read_name(check, &at, name, "a profile"))
                return;
        if (sk_team_has_profile(team, name)) {
                sk_check_say(check, &at, SK_ERROR, "name-reserved",
                             "%s is a profile of the method already\ngive the team's own profile another name",
                             sk_quote(name).text);
                return;
        }
        if (sk_read_is_object(check, spot)) {
                sk_spot title = sk_spot_member(spot, "title");
                sk_read_only(check, spot, allowed);
                (void)sk_read_title(check, &title);
                sk_spot member = sk_spot_member(spot, "designs");
                designs = sk_read_bool(check, &member, false);
        }
        sk_slice copy = sk_arena_copy(check->edition->arena, name);
        if (copy.at == NULL)
                sk_check_out_of_memory(check);
        else
                team->profiles.at[team->profiles.count++] = copy;
        if (designs && copy.at != NULL)
                team->designing.at[team->designing.count++] = copy;
}

static void read_own_profiles(sk_check *check, const sk_spot *root, sk_team *team) {
        assert(team->profiles.count == 0);
        const char *name;
        json_t *value;
        sk_spot profiles = sk_spot_member(root, "profiles");
        if (!sk_read_is_object(check, &profiles))
                return;
        team->profiles.at = sk_check_get(check, json_object_size(profiles.value), sizeof *team->profiles.at);
        team->designing.at = sk_check_get(check, json_object_size(profiles.value), sizeof *team->designing.at);
        json_object_foreach(profiles.value, name, value) {
                sk_spot member = sk_spot_member(&profiles, name);
                if (check->err == SK_OK && !sk_read_is_remark(name))
                        read_own_profile(check, &member, team);
        }
}

static void read_people(sk_check *check, const sk_spot *root, sk_team *team) {
        assert(team->person_count == 0);
        const char *name;
        json_t *value;
        sk_spot people = sk_spot_member(root, "people");
        if (!sk_read_is_object(check, &people))
                return;
        size_t count = json_object_size(people.value);
        if (count > SK_PEOPLE_MAX) {
                sk_check_say(check, &people, SK_ERROR, "value-range",
                             "the team has %zu people, more than %d\nmake several teams of it", count, SK_PEOPLE_MAX);
                return;
        }
        team->people = sk_check_get(check, count, sizeof *team->people);
        json_object_foreach(people.value, name, value) {
                sk_spot member = sk_spot_member(&people, name);
                if (check->err != SK_OK || sk_read_is_remark(name))
                        continue;
                sk_person *person = &team->people[team->person_count];
                sk_person_read(check, &member, team, person);
                team->person_count += sk_slice_there(person->name) ? 1 : 0;
        }
        sk_persons_settle(check, &people, team);
}

static void read_infrastructure_name(sk_check *check, const sk_spot *root, const sk_team *team) {
        assert(team->infrastructure == NULL || team->infrastructure->kind == SK_FILE_INFRASTRUCTURE);
        sk_spot spot = sk_spot_member(root, "infrastructure");
        sk_slice name = sk_read_text(check, &spot);
        if (!sk_slice_there(name))
                return;
        if (!sk_slice_is(name, "infrastructure.json"))
                sk_check_say(check, &spot, SK_ERROR, "value-range",
                             "the managed infrastructure cannot stand in %s\nit stands in \"infrastructure.json\", "
                             "beside team.json",
                             sk_quote(name).text);
        else if (team->infrastructure == NULL)
                sk_check_say(check, &spot, SK_ERROR, "file-missing",
                             "there is no infrastructure.json beside team.json\nmake it, or take this member out");
}

static void read_team(sk_check *check, sk_team *team) {
        static const char *const allowed[] = {
                "title",          "organised_by", "coordinated_by", "consumer",   "people",     "profiles",
                "infrastructure", "calendar",     "outlet",         "four_eyes",  "escalation", "actors",
                "effects",        "exec",         "schedules",      "thresholds", NULL};
        assert(team->source != NULL);
        sk_spot root = sk_spot_root(team->source);
        check_name(check, &root, team->name);
        sk_spot title = sk_spot_member(&root, "title");
        sk_spot consumer = sk_spot_member(&root, "consumer");
        team->says_consumer = sk_read_bool(check, &consumer, false);
        sk_read_only(check, &root, allowed);
        team->title = sk_read_title(check, &title);
        if (!sk_slice_there(team->title))
                team->title = team->name;
        sk_spot calendar = sk_spot_member(&root, "calendar");
        sk_spot outlet = sk_spot_member(&root, "outlet");
        team->calendar = sk_read_calendar(check, &calendar);
        sk_outlet_read(check, &outlet, &team->outlet);
        sk_spot four_eyes = sk_spot_member(&root, "four_eyes");
        sk_four_eyes_read(check, &four_eyes, team);
        sk_actors_read(check, &root, team);
        read_own_profiles(check, &root, team);
        read_people(check, &root, team);
        team->infrastructure = sk_sources_find(check, SK_FILE_INFRASTRUCTURE, team->name);
        read_infrastructure_name(check, &root, team);
        if (team->source->root != NULL)
                read_steering(check, &root, team);
        sk_escalation_read(check, &root, team);
        sk_spot effects = sk_spot_member(&root, "effects");
        sk_spot exec = sk_spot_member(&root, "exec");
        sk_effect_limits_read(check, &effects, &team->effect_limits);
        sk_sandbox_read(check, &exec, &team->sandbox);
        sk_profiles_settle(team);
}

static int compare(const void *left, const void *right) {
        assert(left != NULL);
        assert(right != NULL);
        return sk_slice_compare(((const sk_team *)left)->name, ((const sk_team *)right)->name);
}

/** Files in a folder that has no team.json would silently be nothing. */
static void check_folders(sk_check *check) {
        assert(check->sources != NULL);
        for (size_t i = 0; i < check->source_count; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind != SK_FILE_ROUTINE && source->kind != SK_FILE_INFRASTRUCTURE)
                        continue;
                if (sk_sources_find(check, SK_FILE_TEAM, source->team) != NULL)
                        continue;
                sk_finding whole = {.severity = SK_ERROR};
                sk_check_say_at(check, source->path, &whole, "team-unknown",
                                "the folder %s has no team.json\nadd one, or move the file to the folder of its team",
                                sk_quote(source->team).text);
        }
}

void sk_teams_read(sk_check *check) {
        sk_edition *edition = check->edition;
        size_t count = sk_sources_count(check, SK_FILE_TEAM);
        assert(edition->team_count == 0);
        if (count > SK_TEAMS_MAX) {
                sk_check_say_at(check, "", NULL, "value-range",
                                "the chain has %zu teams, more than %d\nmake several chains of it", count,
                                SK_TEAMS_MAX);
                count = SK_TEAMS_MAX;
        }
        edition->teams = sk_check_get(check, count, sizeof *edition->teams);
        for (size_t i = 0; i < check->source_count && edition->teams != NULL && edition->team_count < count; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind != SK_FILE_TEAM)
                        continue;
                sk_slice name = sk_arena_copy(edition->arena, source->team);
                if (name.at == NULL)
                        sk_check_out_of_memory(check);
                else
                        edition->teams[edition->team_count++] = (sk_team){.source = source, .name = name};
        }
        if (edition->team_count > 1)
                qsort(edition->teams, edition->team_count, sizeof *edition->teams, compare);
        for (size_t i = 0; i < edition->team_count && check->err == SK_OK; i++)
                read_team(check, &edition->teams[i]);
        check_folders(check);
        assert(edition->team_count <= SK_TEAMS_MAX);
}

sk_slice sk_team_name(const sk_team *team) {
        assert(team != NULL);
        return team->name;
}

sk_slice sk_team_title(const sk_team *team) {
        assert(team != NULL);
        return team->title;
}

bool sk_team_is_consumer_only(const sk_team *team) {
        assert(team != NULL);
        return !team->is_provider && team->routine_count == 0;
}

sk_slice sk_team_organised_by(const sk_team *team) {
        assert(team != NULL);
        return team->organised_by;
}

sk_slice sk_team_coordinated_by(const sk_team *team) {
        assert(team != NULL);
        return team->coordinated_by;
}

size_t sk_team_person_count(const sk_team *team) {
        assert(team != NULL);
        return team->person_count;
}

sk_slice sk_team_person_at(const sk_team *team, size_t index) {
        assert(team != NULL);
        assert(index < team->person_count);
        return team->people[index].name;
}
