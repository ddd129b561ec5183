#ifndef SK_USM_CHECK_H
#define SK_USM_CHECK_H

#include <jansson.h>

#include "usm/findings.h"
#include "usm/model.h"
#include "usm/quote.h"
#include "usm/suggest.h"

/*
 * What building and checking share: the files as trees, spots in them, and saying what is wrong there.
 */

#define SK_FILE_MAX_BYTES ((size_t)1024 * 1024)
#define SK_CHAIN_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define SK_FILE_MAX_DEPTH 32

typedef enum sk_file_kind {
        SK_FILE_CHAIN,
        SK_FILE_AGREEMENT,
        SK_FILE_TEAM,
        SK_FILE_INFRASTRUCTURE,
        SK_FILE_ROUTINE,
        SK_FILE_FORM,     /**< JSON Schema that forms of tasks refer to; of a team or of the chain */
        SK_FILE_HOLIDAYS, /**< iCalendar below calendars: no tree, only text */
        SK_FILE_OTHER,    /**< not ours: not read */
} sk_file_kind;

/** A file of the chain directory while it is being read. */
struct sk_source {
        const char *path;
        sk_slice text;
        sk_file_kind kind;
        sk_slice team; /**< the folder; borrowed from path */
        sk_slice base; /**< file name without ".json"; borrowed from path */
        json_t *root;  /**< NULL if it could not be read */
};

/** What forms are compiled with, made when the first is read (usm/form.c). */
typedef struct sk_form_build sk_form_build;

/** One build. */
typedef struct sk_check {
        sk_findings *findings;
        sk_edition *edition;
        const sk_zones *zones; /**< NULL: only UTC */
        sk_source *sources;    /**< in order of path */
        size_t source_count;
        sk_form_build *forms;
        sk_err err; /**< the first lack of memory; sticks */
} sk_check;

/** A place in a source: a chain of names up to the root, made on the stack while walking down. */
typedef struct sk_spot {
        const sk_source *source;
        const struct sk_spot *above;
        const char *name; /**< member; NULL: item, or the root when `above` is NULL */
        size_t index;
        json_t *value; /**< borrowed; NULL when it is not there */
        bool is_name;  /**< means the member's name, not its value */
} sk_spot;

/** The whole file. */
sk_spot sk_spot_root(const sk_source *source);
/** A member of an object, there or not. */
sk_spot sk_spot_member(const sk_spot *above, const char *name);
/** An item of an array. */
sk_spot sk_spot_item(const sk_spot *above, size_t index);
/** The name of the member instead of its value. */
sk_spot sk_spot_name(const sk_spot *spot);

/* ---- saying ---- */

/**
 * Adds a finding. The text behind the first newline of @p format is the remedy. Names from outside go in through
 * sk_quote only.
 */
void sk_check_say(sk_check *check, const sk_spot *at, sk_severity severity, const char *code, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

/** The same about a place that is known already, or about no file (path ""). */
void sk_check_say_at(sk_check *check, const char *path, const sk_finding *place, const char *code, const char *format,
                     ...) __attribute__((format(printf, 5, 6)));

/** Notes that memory ran out; everything after it is in vain. */
void sk_check_out_of_memory(sk_check *check);

/* ---- reading values; each says what is wrong and then gives false or nothing ---- */

/** Whether the value there is an object; missing or of another type is said. */
bool sk_read_is_object(sk_check *check, const sk_spot *spot);
/** Whether it is an array; says so if it is something else. */
bool sk_read_is_array(sk_check *check, const sk_spot *spot);

/** Says each member of the object that is not in @p allowed (ends with NULL). */
void sk_read_only(sk_check *check, const sk_spot *object, const char *const *allowed);

/** Whether a member is one that may stand anywhere: "comment" and "$...". */
bool sk_read_is_remark(const char *name);

/** Says that @p member is required in @p object, unless it is there. */
bool sk_read_need(sk_check *check, const sk_spot *member, const char *what);

/** The string there, copied to the arena; SK_NONE if it is missing (not said) or no string. */
sk_slice sk_read_text(sk_check *check, const sk_spot *spot);

/** A string or an object of language to string; English first. */
sk_slice sk_read_title(sk_check *check, const sk_spot *spot);

/** An integer in [min, max], or @p other when it is missing or wrong. */
int64_t sk_read_int(sk_check *check, const sk_spot *spot, int64_t min, int64_t max, int64_t other);

/** true or false; other if it is not given or wrong. */
bool sk_read_bool(sk_check *check, const sk_spot *spot, bool other);

/** A string or a list of strings, copied to the arena. */
sk_names sk_read_names(sk_check *check, const sk_spot *spot);

/** `2026-12-25` as days since the epoch; false if it is none. */
bool sk_read_day(sk_slice text, int64_t *out_day);

/** A time longer than none (ISO 8601), in microseconds; 0 when missing or wrong. */
int64_t sk_read_duration(sk_check *check, const sk_spot *spot);

/** The value there as compact JSON, copied to the arena. */
sk_slice sk_read_json(sk_check *check, const sk_spot *spot);

/** Says that @p name is no name, unless it is. */
bool sk_read_name(sk_check *check, const sk_spot *at, sk_slice name, const char *what);

/** Cleared memory of the edition; NULL (noted) when there is none. Never NULL for a count of 0. */
void *sk_check_get(sk_check *check, size_t count, size_t size);

/* ---- the files ---- */

/** Sorts the files, says what is not one of a chain directory, and parses the rest; no sources: they are too much. */
void sk_sources_load(sk_check *check, const sk_chain_file *files, size_t count);
/** NULL is legal. */
void sk_sources_free(sk_check *check);
/** How many files of this kind there are. */
size_t sk_sources_count(const sk_check *check, sk_file_kind kind);
/** The one file of that kind of a team; NULL if there is none. */
const sk_source *sk_sources_find(const sk_check *check, sk_file_kind kind, sk_slice team);

/** Reads chain.json. */
void sk_chain_read(sk_check *check);
/** Where a calendar may be named: time runs always. */
#define SK_ELAPSED "elapsed"

/** Reads the calendars of chain.json. */
void sk_calendars_read(sk_check *check, const sk_spot *root);
/** The calendar that is named there; NULL: nothing is, or there is none of that name, which has been said. */
const sk_calendar *sk_read_calendar(sk_check *check, const sk_spot *spot);
/** Frees what calendars hold outside of the arena. */
void sk_calendars_free(sk_edition *edition);
/**
 * Reads the member "raise" of a schedule or threshold: the data of the `work.raise`, whole; SK_NONE when it is wrong,
 * which is said.
 *
 * @param out_facility  which it is about; may be NULL
 */
sk_slice sk_own_raise_read(sk_check *check, const sk_team *team, const sk_spot *of, sk_slice *out_facility);
/** Reads the thresholds of each team.json, once it is known what the teams provide. */
void sk_thresholds_read(sk_check *check);
/** Reads the schedules of each team.json, once it is known what the teams provide. */
void sk_schedules_read(sk_check *check);
/** Reads the steps of escalation in team.json. */
void sk_escalation_read(sk_check *check, const sk_spot *root, sk_team *team);
/** Reads an exec, http or plugin: its details, into `effect` and `attempts` of the way. */
void sk_effect_read(sk_check *check, const sk_spot *spot, sk_way *way);
/** Reads how many effects may run at a time; what is not given is as ever. */
void sk_effect_limits_read(sk_check *check, const sk_spot *spot, sk_effect_limits *out);
/** Reads what programs may do; what is not given is as ever. */
void sk_sandbox_read(sk_check *check, const sk_spot *spot, sk_sandbox_terms *out);
/** Reads each team.json. */
void sk_teams_read(sk_check *check);
/** Most people of one team. */
#define SK_PEOPLE_MAX 1000

/** Reads one person: the name as given, profiles, deputies and absences. */
void sk_person_read(sk_check *check, const sk_spot *spot, sk_team *team, sk_person *out);
/** Reads what two people have to decide. */
void sk_four_eyes_read(sk_check *check, const sk_spot *spot, sk_team *team);
/** Reads what is asked of its actors. */
void sk_actors_read(sk_check *check, const sk_spot *root, sk_team *team);
/** Reads where the team's notices go. */
void sk_outlet_read(sk_check *check, const sk_spot *spot, sk_outlet_terms *out);
/** The address for mail there; SK_NONE: there is none, or it is none, which has been said. */
sk_slice sk_read_mail(sk_check *check, const sk_spot *spot);
/** When all people of the team are known: who stands in for whom. */
void sk_persons_settle(sk_check *check, const sk_spot *people, sk_team *team);
/** The person by name; NULL if the team has none. */
const sk_person *sk_person_find(const sk_team *team, sk_slice name);
/** Whether the person holds the profile; his own name is one. */
bool sk_person_holds(const sk_person *person, sk_slice profile);
/** Who acts for the person: he himself or, while he is away, the nearest deputy who is not; NULL if nobody is there. */
const sk_person *sk_person_stand_in(const sk_team *team, const sk_person *person, int64_t now_us);

/** Reads the agreements. */
void sk_agreements_read(sk_check *check);
/** Reads what each team manages. */
void sk_infrastructures_read(sk_check *check);
/** Reads the routines of each team. */
void sk_routines_read(sk_check *check);

/** Reads who and how of one activity: a member of `activities`, an object. */
void sk_way_read(sk_check *check, const sk_team *team, const sk_spot *spot, const sk_activity *activity,
                 sk_way_row *out);
/** The same for the cut of @p process. */
void sk_cut_read(sk_check *check, const sk_team *team, const sk_spot *spot, sk_process process, sk_cut_row *out);
/**
 * Reads a target that @p team may call.
 *
 * @param type  the call that is raised there; SK_CALL_TYPES: the target says it
 * @return false if it cannot be used, which has been said
 */
bool sk_target_read(sk_check *check, const sk_team *team, const sk_spot *spot, sk_call_type type, sk_target *out);

/** Says that the team provides no such facility, unless it does. */
void sk_read_provided(sk_check *check, const sk_team *team, const sk_spot *spot, sk_slice facility);

/** The team by name while the edition is being built; says it when there is none. */
const sk_team *sk_read_team(sk_check *check, const sk_spot *spot);

/* ---- profiles ---- */

bool sk_profile_is_of_method(sk_slice profile);

/** Adds the team's profiles to what may have been meant. */
void sk_profile_suggest(const sk_team *team, sk_suggestion *suggestion);
/** How many persons hold the profile. */
size_t sk_profile_holders(const sk_team *team, sk_slice profile);
/** Decides the coordinator and who is accountable by default. */
void sk_profiles_settle(sk_team *team);

/* ---- what runs when everything has been read ---- */

void sk_ways_compile(sk_check *check, sk_team *team);

/**
 * As sk_team_way, for the checks.
 *
 * @param out_first  the first row that gives anything; NULL if none does
 * @return the parts (SK_GIVES_...) that the built-in default had to give
 */
unsigned sk_way_resolve(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_way *out,
                        const sk_way_row **out_first);
/** As sk_team_cut_way; links that nothing gives are not counted as the default's. */
unsigned sk_cut_resolve(const sk_team *team, const sk_selection *selection, sk_process process, sk_cut_way *out,
                        const sk_cut_row **out_first);

/** Ties, what no routine speaks about. */
void sk_check_routines(sk_check *check);
/** Responsible and accountable that nobody, or more than one, holds. */
void sk_check_people(sk_check *check);
/** Times at which nobody is there for what the routines say; people told what they know anyway. */
void sk_check_presence(sk_check *check);
/** What two people are to decide where there is one. */
void sk_check_authority(sk_check *check);
/** Delegations that come back; promises that a supplier does not keep up with. */
void sk_check_loops(sk_check *check);

#endif
