#ifndef SK_USM_EDITION_H
#define SK_USM_EDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/hash.h"
#include "kit/hours.h"
#include "kit/name.h"
#include "kit/schema.h"
#include "kit/slice.h"
#include "usm/method.h"

/*
 * An edition: a chain directory read whole, checked, and never changed again (rule V1). Everything that these
 * accessors give belongs to the edition and lives as long as it does. Several threads may read one edition.
 */

#define SK_TEAMS_MAX 1000
#define SK_TARGETS_MAX 8 /**< of one delegation */

typedef enum sk_how {
        SK_HOW_AUTO,
        SK_HOW_MANUAL,
        SK_HOW_DELEGATE,
        SK_HOW_EXEC,   /**< a program */
        SK_HOW_HTTP,   /**< a webhook */
        SK_HOW_PLUGIN, /**< a shared object with the C ABI of schakel/plugin.h */
        SK_HOWS,
} sk_how;

typedef struct sk_edition sk_edition;
typedef struct sk_team sk_team;
typedef struct sk_agreement sk_agreement;

/** Names in the edition's memory. */
typedef struct sk_names {
        sk_slice *at;
        size_t count;
} sk_names;

/** A file of a chain directory as the caller has read it; the edition copies what it keeps. */
typedef struct sk_chain_file {
        const char *path; /**< inside the chain directory, with slashes: "network/team.json" */
        sk_slice text;
} sk_chain_file;

/* ---- findings ---- */

typedef enum sk_severity { SK_NOTICE, SK_WARNING, SK_ERROR } sk_severity;

typedef struct sk_finding {
        sk_severity severity;
        const char *code; /**< "who-unknown"; static */
        const char *path; /**< file inside the chain directory; "" for the chain as a whole */
        uint32_t line;    /**< 0 when the finding has no place */
        uint32_t column;
        const char *pointer; /**< JSON Pointer; "" for the whole file */
        const char *text;    /**< what is wrong, one sentence, names escaped */
        const char *remedy;  /**< what to do */
        uint32_t length;     /**< bytes to underline at the place; 0 if unknown */
} sk_finding;

/** Findings in order of file, line, column. */
typedef struct sk_findings sk_findings;
/** New and empty, free with sk_findings_free; NULL: no memory. */
sk_findings *sk_findings_new(void);
/** NULL is legal. */
void sk_findings_free(sk_findings *findings);
/** How many there are. */
size_t sk_findings_count(const sk_findings *findings);
/** Finding by index, in order of file and line; borrowed. */
const sk_finding *sk_findings_at(const sk_findings *findings, size_t index);
/** How many are of this severity. */
size_t sk_findings_count_of(const sk_findings *findings, sk_severity severity);

/* ---- reading ---- */

/** Whether a file at this path inside a chain directory is read; what is not may be given with an empty text. */
bool sk_chain_file_is_part(const char *path);

/**
 * Where the time zones of calendars come from: who builds an edition knows where the machine keeps their files.
 */
typedef struct sk_zones {
        /**
         * Appends the TZif file of a zone ("Europe/Amsterdam"; letters, digits and `_+-/`, not from the root).
         *
         * @return SK_OK; SK_ERR_NOT_FOUND; anything else: it is there and cannot be read
         */
        sk_err (*load)(void *self, const char *name, sk_buf *out);
        void *self;
        sk_slice version; /**< of the database, such as "2026a"; "" if unknown */
} sk_zones;

/**
 * Builds an edition from the files of a chain directory and checks it whole.
 *
 * @param files     every *.json and *.ics below the directory, in any order; borrowed for the call
 * @param zones     borrowed for the call; NULL: there is no zone but UTC
 * @param findings  gets everything that is to be said about it, also when it succeeds; borrowed
 * @param out       new: release with sk_edition_release
 * @return SK_OK; SK_ERR_CONFIG when a finding is an error; SK_ERR_NO_MEMORY
 */
sk_err sk_edition_build(const sk_chain_file *files, size_t count, const sk_zones *zones, sk_findings *findings,
                        sk_edition **out);

/** One more owner. Thread-safe. */
sk_edition *sk_edition_retain(sk_edition *edition);
/** One owner less; the last one frees it. NULL is legal. Thread-safe. */
void sk_edition_release(sk_edition *edition);

/** BLAKE2b-128 of the canonical JSON of all files (rule V1). */
const sk_digest *sk_edition_digest(const sk_edition *edition);
/** The chain's name. */
sk_slice sk_edition_chain(const sk_edition *edition);
/** Partitions of every topic (rule I); 1 on a local log whatever is said here. */
int32_t sk_edition_partitions(const sk_edition *edition);
/** Acceptance age A in days (rule C1); default 14. */
uint32_t sk_edition_acceptance_days(const sk_edition *edition);
/** A property of librdkafka; texts end with a zero byte. A secret stands elsewhere: `env:NAME` or `file:PATH`. */
typedef struct sk_chain_property {
        sk_slice name;
        sk_slice value;
} sk_chain_property;
/**
 * The one that is none of librdkafka's: what the team's consumer group and transactional ids begin with, before the chain's
 * name. Letters, digits, dot, hyphen and underscore.
 */
#define SK_KAFKA_PREFIX "schakel.prefix"
#define SK_KAFKA_PREFIX_MAX 64
/** Whether a prefix may be that. */
bool sk_edition_is_kafka_prefix(sk_slice prefix);
/** `kafka` of chain.json, in no order. */
const sk_chain_property *sk_edition_kafka(const sk_edition *edition, size_t *out_count);
/** Most open calls of a team before `calls` pauses; default 10,000,000. */
uint64_t sk_edition_open_calls_max(const sk_edition *edition);

/** Version of the time zones that calendars use; "" if there are none. */
sk_slice sk_edition_tzdata(const sk_edition *edition);

/* ---- calendars ---- */

/** How many calendars there are. */
size_t sk_edition_calendar_count(const sk_edition *edition);
/** Name of a calendar, by index below the count. */
sk_slice sk_edition_calendar_name(const sk_edition *edition, size_t index);
/** Service hours of a calendar by name; NULL if there is none of that name. Borrowed. */
const sk_hours *sk_edition_hours(const sk_edition *edition, sk_slice name);

/* ---- teams ---- */

size_t sk_edition_team_count(const sk_edition *edition);
/** Team by index, below the count; borrowed. */
const sk_team *sk_edition_team_at(const sk_edition *edition, size_t index);
/** NULL if there is none. */
const sk_team *sk_edition_team(const sk_edition *edition, sk_slice name);
/** Name, as in topics. */
sk_slice sk_team_name(const sk_team *team);
/** Title, as people call it. */
sk_slice sk_team_title(const sk_team *team);
/** Has no routines and serves nobody: it only consumes. */
bool sk_team_is_consumer_only(const sk_team *team);
/** "process" or "workflow". */
sk_slice sk_team_organised_by(const sk_team *team);
/** "line", "process" or "workflow". */
sk_slice sk_team_coordinated_by(const sk_team *team);
/** Whether @p person holds @p profile in the team. */
bool sk_team_holds(const sk_team *team, sk_slice person, sk_slice profile);
/** Whether the person is known in the team at all. */
bool sk_team_knows(const sk_team *team, sk_slice person);
/** Whether @p name is a profile of the method or of the team, or a person of it. */
bool sk_team_has_profile(const sk_team *team, sk_slice name);
/** The one person who holds @p profile; SK_NONE if nobody or several do. */
sk_slice sk_team_holder(const sk_team *team, sk_slice profile);
/** Whether the person is away at that moment, by what team.json says. */
bool sk_team_is_away(const sk_team *team, sk_slice person, int64_t now_us);
/** Whether @p person holds @p profile, or stands in for one who does and is away. */
bool sk_team_acts(const sk_team *team, sk_slice person, sk_slice profile, int64_t now_us);

/** Whether @p person, or one he stands in for, holds a profile that designs routines: manager or owner of processes or
 * workflows, or one of the team's own that says so. */
bool sk_team_designs(const sk_team *team, sk_slice person, int64_t now_us);
/** Whether he holds a profile that executes: any that does not design. */
bool sk_team_executes(const sk_team *team, sk_slice person, int64_t now_us);
/** Whether the team wants it decided by somebody else than who did the activity before it. */
bool sk_team_wants_four_eyes(const sk_team *team, const sk_activity *activity);
/** Whether the team wants each change of a routine approved by a second person who designs. */
bool sk_team_wants_four_eyes_on_routines(const sk_team *team);

/** Whether what this login wrote counts as the person's: `login` in team.json, else the person's own name. */
bool sk_team_is_login(const sk_team *team, sk_slice person, sk_slice login);
/** Whether only proven actors may do anything. */
bool sk_team_wants_proof(const sk_team *team);

/** Who answers for something at a moment. */
typedef struct sk_accountable {
        sk_slice person;     /**< SK_NONE: nobody can be found */
        sk_slice instead_of; /**< who is away, and whose deputy the person is; SK_NONE: nobody */
        const char *why;     /**< when nobody can be found: accountable-nobody, -several or -away; static */
} sk_accountable;

/** The one person who is accountable: the holder of @p profile or, while he is away, the nearest deputy who is not. */
sk_accountable sk_team_accountable(const sk_team *team, sk_slice profile, int64_t now_us);
/** Profile on whose worklist late and stuck work lands ("coordinator" by the team's steering); never SK_NONE. */
sk_slice sk_team_coordinator(const sk_team *team, sk_process process);
/** Where the team's notices go. */
typedef enum sk_outlet_kind {
        SK_OUTLET_NONE,
        SK_OUTLET_COMMAND, /**< a program gets JSON on stdin */
        SK_OUTLET_MAIL,    /**< sendmail(8) or what stands in for it gets a message on stdin */
        SK_OUTLET_WEBHOOK, /**< JSON is posted to a URL */
} sk_outlet_kind;

typedef struct sk_outlet_terms {
        sk_outlet_kind kind;
        sk_names command; /**< program and arguments, as C texts too; of mail: the program */
        sk_slice from;    /**< of mail: the sender's address */
        sk_slice url;     /**< of a webhook */
} sk_outlet_terms;

/** Where the team's notices go; kind NONE: nowhere. */
sk_outlet_terms sk_team_outlet(const sk_team *team);
/** The person's address for mail; SK_NONE: none is given. */
sk_slice sk_team_person_mail(const sk_team *team, sk_slice person);

/** How many effects of a team may run at a time (never pinned, rule V6). */
typedef struct sk_effect_limits {
        uint32_t most;             /**< of the link */
        uint32_t per_how[SK_HOWS]; /**< of one how; 0 for what is no effect */
        uint32_t per_target;       /**< of one program, host or plug-in */
} sk_effect_limits;

/** The team's bounds; without any of its own 256, exec 16, http 128, plugin 32, per target 16. */
sk_effect_limits sk_team_effect_limits(const sk_team *team);

/** What the team's programs may do (never pinned, rule V6). */
typedef struct sk_sandbox_terms {
        bool is_reduced;  /**< run all the same where the kernel lacks a part of the sandbox */
        bool has_network; /**< sockets of the internet are allowed */
        sk_names read; /**< paths, absolute or in the chain directory, that may be read besides the program's folder */
        sk_names environment; /**< names of variables that are passed on */
        uint32_t cpu_s;       /**< processor time of a try */
        uint32_t memory_mib;  /**< address space of each process */
        uint32_t processes;   /**< of a try, at a time */
        uint32_t files;       /**< open at a time */
        uint32_t scratch_mib; /**< of one file that it writes */
} sk_sandbox_terms;

/** The team's sandbox; without one of its own: strict, no network, 60 s, 512 MiB, 32 processes, 64 files, 64 MiB. */
sk_sandbox_terms sk_team_sandbox(const sk_team *team);
#define SK_ESCALATIONS_MAX 8

/** A step of escalation: at this share of a promise somebody is told. */
typedef struct sk_escalation {
        uint32_t percent;
        bool is_manager; /**< the manager; else the coordinator */
} sk_escalation;
/** The team's steps in order of their share; without any of its own 50, 75 (coordinator), 90, 100 (manager). */
const sk_escalation *sk_team_escalation(const sk_team *team, size_t *out_count);

/** How many persons the team has. */
size_t sk_team_person_count(const sk_team *team);
/** Name of a person, by index below the count. */
sk_slice sk_team_person_at(const sk_team *team, size_t index);

/* ---- agreements ---- */

/** A promise; 0 means none. */
typedef struct sk_promise_terms {
        int64_t respond_within_us;
        int64_t resolve_within_us;
        sk_slice calendar; /**< in whose service hours; SK_NONE: in elapsed time */
} sk_promise_terms;

/** How many agreements there are. */
size_t sk_edition_agreement_count(const sk_edition *edition);
/** Agreement by index, below the count; borrowed. */
const sk_agreement *sk_edition_agreement_at(const sk_edition *edition, size_t index);
/** The one agreement between the two, or NULL. */
const sk_agreement *sk_edition_agreement(const sk_edition *edition, sk_slice customer, sk_slice provider);
/** Name of the customer's team. */
sk_slice sk_agreement_customer(const sk_agreement *agreement);
/** Name of the provider's team. */
sk_slice sk_agreement_provider(const sk_agreement *agreement);
/** BLAKE2b-128 of the agreement's canonical JSON; travels as `ce_agreement` in hexadecimal. */
const sk_digest *sk_agreement_digest(const sk_agreement *agreement);
/** How many facilities are agreed. */
size_t sk_agreement_facility_count(const sk_agreement *agreement);
/** Name of a facility, by index below the count, in order of names. */
sk_slice sk_agreement_facility_at(const sk_agreement *agreement, size_t index);
/** Whether the agreement has the facility. */
bool sk_agreement_has(const sk_agreement *agreement, sk_slice facility);
/** Whether the facility is supported with calls of that type. A wish is allowed wherever the agreement has any facility. */
bool sk_agreement_supports(const sk_agreement *agreement, sk_slice facility, sk_call_type type);
/** What a support-request for the facility becomes: its `support_request` member, else its first call type;
 * SK_CALL_TYPES if not agreed. */
sk_call_type sk_agreement_type(const sk_agreement *agreement, sk_slice facility);
/** What is promised (rule V5: the caller fixes it at acceptance). Zeroes when nothing is. */
sk_promise_terms sk_agreement_promise(const sk_agreement *agreement, sk_slice facility, sk_call_type type,
                                      unsigned priority);
/**
 * The priority of a call, 1 to 5: by the agreement's table of impact and urgency, or without one the urgency. What is
 * 0 is not known and counts as 3.
 */
unsigned sk_agreement_priority(const sk_agreement *agreement, unsigned impact, unsigned urgency);
/** The agreement's JSON, whole, for offers. */
sk_slice sk_agreement_json(const sk_agreement *agreement);
#define SK_SHARE_DEPTH_MAX 16 /**< names in one JSON Pointer of what is shared */
/** JSON Pointers of what the other side may see; nothing else leaves. */
size_t sk_agreement_share_count(const sk_agreement *agreement);
/** What is shared, by index below the count. */
sk_slice sk_agreement_share_at(const sk_agreement *agreement, size_t index);

/* ---- routines: who and how ---- */

/** Name as in files; static. */
const char *sk_how_id(sk_how how);
/** By name; SK_HOWS: there is none. */
sk_how sk_how_find(sk_slice id);
/** Whether something happens outside of the log (rule E): exec, http, plugin. */
bool sk_how_is_effect(sk_how how);

/** What a mapping of an effect may be filled from, in this order; `in` has no result yet. */
enum { SK_SOURCE_CALL, SK_SOURCE_EDITION, SK_SOURCE_RESULT, SK_SOURCES };
/** Their names in pointers. */
extern const char *const sk_sources[SK_SOURCES];

/** How an effect is to be had (rule E): of exec, http and plugin. Tries are `attempts` of the way. */
typedef struct sk_effect_terms {
        sk_slice config; /**< what the how itself needs, as it stands in the file, compact JSON: {"command": [...]} */
        sk_slice target; /**< what it counts for where few may run at a time: the program, the host, the plug-in */
        sk_slice in;     /**< mapping of the call to what it is given, JSON; SK_NONE: the call as a whole */
        sk_slice out;    /**< mapping of what it answers to the activity's result, JSON; SK_NONE: as it is */
        bool is_once;    /**< never begun twice: one try, and whatever is not known becomes a person's task */
        int64_t timeout_us;     /**< of one try, from its real start */
        int64_t backoff_us;     /**< before the second try; doubled for each more */
        int64_t backoff_max_us; /**< but no longer than that, before jitter */
        int64_t deadline_us;    /**< of the visit, from its entering, tries and pauses included */
} sk_effect_terms;

/**
 * A form of this edition, compiled when it was built.
 *
 * @param text  as `form` of an sk_way; the bytes count, not where they are
 * @return NULL: this edition has no such form; lives as long as the edition
 */
const sk_schema *sk_edition_form(const sk_edition *edition, sk_slice text);

/** One target of a delegation, or the link that does a triggered process. */
typedef struct sk_target {
        sk_slice team;
        sk_slice facility; /**< SK_NONE: the call's own */
        sk_call_type type; /**< for the cut: follows from the triggered process */
        sk_slice need;     /**< SK_NONE: the call's own */
        bool is_onward;    /**< no activity waits for it; only the close of the call does */
} sk_target;

/** How long something takes, in the hours in which its call's promise runs; 0: that is not said. */
typedef struct sk_times {
        int64_t estimate_us; /**< as a rule; of a cut: from the question to the feedback of what it triggered */
        int64_t timeout_us;  /**< the coordinator is told when it takes longer */
} sk_times;

/** Who and how of one activity (or of the cut), resolved: nothing is inherited any more. */
typedef struct sk_way {
        sk_how how;
        sk_slice responsible;  /**< profile; its holders have the task on their worklist */
        sk_slice accountable;  /**< profile that one person holds */
        sk_names consulted;    /**< profiles and persons who can be asked for advice */
        sk_names informed;     /**< profiles and persons who are told once that it has ended */
        sk_slice instruction;  /**< text for the person; may be SK_NONE */
        sk_slice form;         /**< JSON Schema as JSON; may be SK_NONE */
        sk_slice result;       /**< JSON that an auto activity records as its result; may be SK_NONE */
        bool waits_for_advice; /**< manual: cannot be completed before the consulted have advised */
        sk_times times;
        sk_effect_terms effect; /**< exec, http and plugin */
        uint8_t attempts;       /**< tries of a delegation or of an effect; at least 1 */
        uint8_t target_count;   /**< of a list of actions those of all of them */
        sk_target targets[SK_TARGETS_MAX];
        sk_slice when;                /**< of an action: JSON Schema of calls for which it is; SK_NONE: of all */
        const struct sk_way *actions; /**< a list, one done after the other; what stands above is of the first */
        uint8_t action_count;         /**< 0: there is no list */
} sk_way;

#define SK_ACTIONS_MAX 8 /**< of one activity */

/** One action of a list, by itself: @p index is below the count; of a way without a list 0 gives the way. */
void sk_way_action(const sk_way *way, unsigned index, sk_way *out);

/** Who and how of the cut of one process. */
typedef struct sk_cut_way {
        sk_how how; /**< auto: decided from the answers on the call; manual: a person decides */
        sk_slice responsible;
        sk_slice accountable;
        sk_names consulted;
        sk_names informed;
        sk_slice instruction;
        bool waits_for_advice;
        sk_times times;
        sk_process preset; /**< target when nothing on the call says otherwise; SK_PROCESSES: none, a person is asked */
        sk_target link[SK_PROCESSES]; /**< the link that does this process; team is SK_NONE: done here */
} sk_cut_way;

/** What a work instruction is chosen by. */
typedef struct sk_selection {
        sk_process first;   /**< process that the call started with */
        uint16_t workflows; /**< still possible, bit set over numbers */
        sk_slice customer;
        sk_slice facility;
        sk_slice category; /**< SK_NONE before classify */
        unsigned priority; /**< 1 highest to 5; 0 before classify */
} sk_selection;

/**
 * The way of an activity for a call: the most specific work instruction whose selector matches, then the team's
 * procedure for the workflow, then its procedure for the process, then the built-in default (manual, operator).
 * Never fails: `check` has made sure that there is always exactly one answer.
 *
 * @param out_routine  name of the routine that decided; "default" for the built-in one
 */
void sk_team_way(const sk_team *team, const sk_selection *selection, const sk_activity *activity, sk_way *out,
                 sk_slice *out_routine);

/** The same for the cut of @p process. */
void sk_team_cut_way(const sk_team *team, const sk_selection *selection, sk_process process, sk_cut_way *out,
                     sk_slice *out_routine);

#endif
