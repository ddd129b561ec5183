#ifndef SK_USM_MODEL_H
#define SK_USM_MODEL_H

#include <stdatomic.h>

#include "kit/arena.h"
#include "kit/cron.h"
#include "usm/edition.h"
#include "usm/schedule.h"
#include "usm/selector.h"
#include "usm/threshold.h"

/*
 * What an edition holds inside. Only the files of usm/ that build or read editions include this; everybody else has the
 * accessors of usm/edition.h. All memory is the edition's arena but for calendars and forms; nothing changes after
 * the build.
 */

typedef struct sk_source sk_source;
typedef struct sk_routine sk_routine;

/** Away from a moment on until just before another. */
typedef struct sk_absence {
        int64_t from_us;
        int64_t to_us; /**< INT64_MAX: until further notice */
} sk_absence;

/** What a person has of the team: the name, the profiles held, and who stands in when he is away. */
typedef struct sk_person {
        sk_slice name;
        sk_slice title;
        sk_slice mail;  /**< SK_NONE: not given */
        sk_slice login; /**< SK_NONE: the same as the name */
        sk_names profiles;
        uint16_t *deputies; /**< indices of the team's people, the first to be asked first */
        size_t deputy_count;
        sk_absence *absences; /**< in order of the file */
        size_t absence_count;
} sk_person;

/** Service hours by name. The zone and the hours are the only memory of an edition outside of its arena. */
typedef struct sk_calendar {
        sk_slice name;
        sk_zone *zone; /**< NULL: UTC */
        sk_hours *hours;
} sk_calendar;

/** Calls that a team raises with itself. */
struct sk_schedule {
        sk_slice name;
        sk_cron cron;
        const sk_calendar *calendar; /**< NULL: UTC */
        bool in_service_hours;       /**< those of the calendar */
        sk_slice raise;              /**< JSON */
};

/** A figure at which a team raises a call with itself. */
struct sk_threshold {
        sk_slice name;
        sk_slice when;
        sk_figure figure;
        sk_slice facility; /**< SK_NONE: all */
        uint32_t at_least;
        sk_slice raise; /**< JSON */
};

typedef struct sk_facility {
        sk_slice name;
        uint8_t calls;                /**< bit set over sk_call_type */
        sk_call_type support_request; /**< what an untyped call becomes */
        struct sk_facility_promise {
                sk_promise_terms terms;
                const sk_calendar *calendar; /**< NULL: elapsed time */
                uint8_t priorities;          /**< bits 1 to 5: by_priority says something else */
                sk_promise_terms by_priority[6];
        } promises[SK_CALL_TYPES];
} sk_facility;

struct sk_agreement {
        const sk_source *source; /**< NULL after the build */
        sk_slice customer;
        sk_slice provider;
        sk_facility *facilities; /**< by name */
        size_t facility_count;
        const sk_calendar *calendar; /**< of promises that name none; NULL: elapsed time */
        bool has_priorities;
        uint8_t priorities[5][5]; /**< by impact and urgency, both from 1 */
        sk_names share;
        sk_slice json;
        sk_digest digest;
};

/** Which parts of who and how a row gives itself; the rest is inherited. */
enum {
        SK_GIVES_RESPONSIBLE = 1,
        SK_GIVES_ACCOUNTABLE = 2,
        SK_GIVES_HOW = 4,
        SK_GIVES_CONSULTED = 8,
        SK_GIVES_INFORMED = 16,
        SK_GIVES_ESTIMATE = 32,
        SK_GIVES_TIMEOUT = 64,
        SK_GIVES_ALL = 127,
        SK_GIVES_LINK = 128, /**< shifted by the process: only for cuts */
};

/** What a routine says about one activity. */
typedef struct sk_way_row {
        const sk_routine *routine;
        const sk_activity *activity;
        uint8_t given;
        sk_way way;
} sk_way_row;

/** What a routine says about one cut. */
typedef struct sk_cut_row {
        const sk_routine *routine;
        sk_process process;
        uint16_t given;
        sk_cut_way way;
} sk_cut_row;

struct sk_routine {
        const sk_source *source; /**< NULL after the build */
        sk_slice name;
        sk_process process;  /**< SK_PROCESSES: at the scope of a workflow */
        uint8_t workflow;    /**< 0: at the scope of a process */
        bool is_instruction; /**< has a selector */
        sk_selector selector;
        sk_way_row *rows;
        size_t row_count;
        sk_cut_row *cuts;
        size_t cut_count;
};

/** A form of tasks, compiled. */
typedef struct sk_kept_form {
        sk_slice text;
        sk_schema *schema;
} sk_kept_form;

/** Rows about one activity, the most specific first. */
typedef struct sk_way_list {
        const sk_way_row **rows;
        size_t count;
} sk_way_list;

typedef struct sk_cut_list {
        const sk_cut_row **rows;
        size_t count;
} sk_cut_list;

struct sk_team {
        const sk_source *source;         /**< team.json; NULL after the build */
        const sk_source *infrastructure; /**< NULL if there is none, and after the build */
        sk_slice name;
        sk_slice title;
        sk_slice organised_by;
        sk_slice coordinated_by;
        const sk_calendar *calendar; /**< in whose zone days of absence are meant; NULL: UTC */
        sk_outlet_terms outlet;
        bool says_consumer;
        bool is_provider; /**< some agreement names it so */
        sk_person *people;
        size_t person_count;
        sk_names profiles;  /**< its own, beside the method's */
        sk_names designing; /**< those of them that design routines */
        sk_names four_eyes; /**< activities, and "routines" */
        bool wants_proof;   /**< of who its actors are */
        sk_names provided;  /**< facilities of all agreements in which it is the provider; by name, each once */
        sk_routine *routines;
        size_t routine_count;
        sk_slice coordinator;
        sk_schedule *schedules; /**< in order of the file */
        size_t schedule_count;
        sk_threshold *thresholds; /**< in order of the file */
        size_t threshold_count;
        sk_escalation escalation[SK_ESCALATIONS_MAX]; /**< by share */
        size_t escalation_count;
        sk_effect_limits effect_limits;
        sk_sandbox_terms sandbox;
        sk_slice steward; /**< accountable by default; SK_NONE: nobody can be found */
        sk_way default_way;
        sk_cut_way default_cuts[SK_PROCESSES];
        sk_way_list ways[SK_PROCESSES][SK_ACTIVITY_NAMES];
        sk_cut_list cuts[SK_PROCESSES];
};

struct sk_edition {
        sk_arena *arena;
        atomic_uint owners;
        sk_digest digest;
        sk_slice chain;
        int32_t partitions;
        uint32_t acceptance_days;
        uint64_t open_calls_max;
        sk_chain_property *kafka;
        size_t kafka_count;
        sk_slice tzdata;
        sk_calendar *calendars; /**< in order of the file */
        size_t calendar_count;
        sk_team *teams; /**< by name */
        size_t team_count;
        sk_agreement *agreements; /**< by customer, provider */
        size_t agreement_count;
        sk_kept_form *forms; /**< by length and text; not in the arena */
        size_t form_count;
        size_t form_room;
};

/** The facility of an agreement, or NULL. */
const sk_facility *sk_agreement_facility(const sk_agreement *agreement, sk_slice facility);

#endif
