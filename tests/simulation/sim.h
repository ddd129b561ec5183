#ifndef TESTS_SIMULATION_SIM_H
#define TESTS_SIMULATION_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/message.h"
#include "kit/hash.h"
#include "kit/map.h"
#include "kit/random.h"
#include "link/call.h"
#include "link/driver.h"
#include "log/memory_client.h"

/*
 * The simulator: a whole chain of links in one thread under a virtual clock, from one seed. Drivers and steps are those
 * that ship; the log is the memory broker. Each step of the simulation is one choice of the random stream: a move of a
 * process, a marker that arrives, something a person does, a fault. What the links commit is checked at the moment it
 * is decided (check.c); when the faults have stopped and people have finished everything, the end is (end.c).
 */

#define SIM_TEAMS_MAX 8
#define SIM_INSTANCES_MAX 24
#define SIM_SCHEDULES 2 /* of one team */
#define SIM_STEPS 6000  /* of one run, unless told otherwise */

typedef struct sim sim;
typedef struct sim_call sim_call;

/** What must occur in runs, or else they prove nothing about it. What the broker counts comes from there. */
#define SIM_SEEN_TABLE(X)                                              \
        X(SIM_SEEN_LINE, "a line of teams")                            \
        X(SIM_SEEN_STAR, "a star of teams")                            \
        X(SIM_SEEN_DIAMOND, "a diamond of teams")                      \
        X(SIM_SEEN_MUTUAL, "two teams that supply each other")         \
        X(SIM_SEEN_CRASH, "a crash")                                   \
        X(SIM_SEEN_STOP, "a process that ended by itself")             \
        X(SIM_SEEN_DRAIN, "a process that left its group")             \
        X(SIM_SEEN_EXIT_AGAIN, "an exit with 75")                      \
        X(SIM_SEEN_EXIT_FENCED, "an exit with 70")                     \
        X(SIM_SEEN_PAUSE, "a process that was stopped for a while")    \
        X(SIM_SEEN_OUTAGE, "a whole team that was away")               \
        X(SIM_SEEN_CLOCK_BACK, "a clock that went back")               \
        X(SIM_SEEN_EDITION, "a new edition under way")                 \
        X(SIM_SEEN_WEEKS, "weeks without work")                        \
        X(SIM_SEEN_ABORT, "an aborted commit")                         \
        X(SIM_SEEN_UNKNOWN_BEFORE, "a commit that got lost")           \
        X(SIM_SEEN_UNKNOWN_AFTER, "an answer that got lost")           \
        X(SIM_SEEN_DUPLICATE, "a record that came twice")              \
        X(SIM_SEEN_REPLAY, "an old raise after all was forgotten")     \
        X(SIM_SEEN_GAP, "a gap in offsets")                            \
        X(SIM_SEEN_POISON, "a record that kills")                      \
        X(SIM_SEEN_HOSTILE, "a record that no link may use")           \
        X(SIM_SEEN_BURIED, "a dead letter")                            \
        X(SIM_SEEN_REDELIVERED, "a dead letter that was sent again")   \
        X(SIM_SEEN_NOTE, "a note before a step")                       \
        X(SIM_SEEN_STUB_READ, "a stub that was read back")             \
        X(SIM_SEEN_STUB_EXPIRED, "a stub that was forgotten")          \
        X(SIM_SEEN_TIMER, "a call that was due")                       \
        X(SIM_SEEN_SCHEDULE, "a schedule that was due")                \
        X(SIM_SEEN_FINDING, "a call because of a finding")             \
        X(SIM_SEEN_OFFER_LAPSED, "an offer that lapsed")               \
        X(SIM_SEEN_EXPIRED, "a transaction that timed out")            \
        X(SIM_SEEN_FENCED, "a producer that was fenced")               \
        X(SIM_SEEN_REFUSED, "offsets of a generation that is over")    \
        X(SIM_SEEN_UNSTABLE, "offsets that were pending")              \
        X(SIM_SEEN_HELD, "a reader before an open transaction")        \
        X(SIM_SEEN_LOST, "a member that was thrown out")               \
        X(SIM_SEEN_DEPUTY, "a deputy who is accountable")              \
        X(SIM_SEEN_NOBODY, "an activity that nobody answers for")      \
        X(SIM_SEEN_RETAINED, "records that retention took")            \
        X(SIM_SEEN_RESULT, "a result that is shared")                  \
        X(SIM_SEEN_ONWARD_DATA, "data that goes on to a supplier")     \
        X(SIM_SEEN_LOST_TAIL, "the tail of a log that was lost")       \
        X(SIM_SEEN_SENT_AGAIN, "a raise that was sent again")          \
        X(SIM_SEEN_EFFECT, "an effect")                                \
        X(SIM_SEEN_EFFECT_ONCE, "an effect that may be had once")      \
        X(SIM_SEEN_EFFECT_AGAIN, "another try of an effect")           \
        X(SIM_SEEN_EFFECT_STOPPED, "an effect that was stopped")       \
        X(SIM_SEEN_EFFECT_LOST, "a once effect that was lost")         \
        X(SIM_SEEN_EFFECT_FAILS, "an effect that fails")               \
        X(SIM_SEEN_EFFECT_DECLINES, "an effect that declines")         \
        X(SIM_SEEN_EFFECT_SLOW, "an effect that ends at its time-out") \
        X(SIM_SEEN_EFFECT_LIES, "an effect that answers nonsense")     \
        X(SIM_SEEN_EFFECT_TWICE, "an effect that answers twice")       \
        X(SIM_SEEN_EFFECT_LATE, "an answer after the time-out")        \
        X(SIM_SEEN_EFFECT_DEAD, "effects that died")                   \
        X(SIM_SEEN_EFFECT_LATER, "a result that comes later")          \
        X(SIM_SEEN_EFFECT_RETRIED, "what was given up, once more")     \
        X(SIM_SEEN_REISSUED, "a visit that is entered again")          \
        X(SIM_SEEN_ONWARD, "what only goes onward")                    \
        X(SIM_SEEN_ONWARD_AWAITED, "a close that waits for it")        \
        X(SIM_SEEN_ONWARD_VAIN, "what went onward in vain")            \
        X(SIM_SEEN_COMPACTED, "records that compaction took")

typedef enum sim_sight {
#define SIM_SEEN_ENUM(code, text) code,
        SIM_SEEN_TABLE(SIM_SEEN_ENUM)
#undef SIM_SEEN_ENUM
                SIM_SEENS,
} sim_sight;

/** What a run is made from. */
typedef struct sim_options {
        uint64_t seed;
        uint64_t steps;       /**< before the faults stop; 0: SIM_STEPS */
        unsigned idle_days;   /**< that go by in the middle; 0: as it is drawn, in some runs 17 */
        const char *trace_id; /**< id of a call whose records are printed as they are committed; NULL: none */
} sim_options;

/** One team of the chain. */
typedef struct sim_team {
        char name[16];
        const sk_team *team;
        bool serves;
        sk_memory_topic *topics[SK_TOPIC_KINDS]; /**< own ones; NULL for calls and feedback */
} sim_team;

/** An effect under way in a process, and how it will go. */
#define SIM_TOLD_MAX 256

typedef struct sim_running {
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
        int32_t partition;
        sk_effect_result result;
        int64_t ends_us;
        bool acts;     /**< does what it is there for */
        bool is_lying; /**< answers what nobody can read */
        bool is_twice; /**< answers a second time */
        bool is_slow;  /**< takes its whole time-out */
        bool is_late;  /**< its time-out is reported, and then it answers all the same */
} sim_running;

#define SIM_RUNNING_MAX 300

/** A process of a link, and the place where it runs: what is kept over its crashes. */
typedef struct sim_instance {
        unsigned team;
        char name[16];
        uint64_t incarnation; /**< counts processes of all instances; never twice the same */
        sk_driver *driver;    /**< NULL: not running */
        sk_memory_client *client;
        sk_memory_notes *notes;
        sim *owner;
        int64_t skew_us;
        int64_t latest_us;         /**< the most that its clock has shown */
        int64_t wakes_us;          /**< stopped until then: a zombie in the making */
        int64_t restart_us;        /**< when not running */
        uint64_t epoch;            /**< counts what the driver was told beside records */
        uint64_t poison_batch;     /**< number of the batch looked at for poison */
        unsigned crashes_in_a_row; /**< without a commit between them */
        unsigned edition;          /**< which of the two it follows */
        bool is_leaving;           /**< told to end and to leave its group */
        sim_running running[SIM_RUNNING_MAX];
        unsigned running_count;
        sim_running told[SIM_TOLD_MAX]; /**< what it was told of their ends, and may not forget */
        unsigned told_count;
} sim_instance;

/** A record on an inbound topic: what a link must take in exactly once. */
typedef struct sim_input {
        const sk_memory_topic *topic;
        int32_t partition;
        int64_t first_offset;
        int64_t timestamp_us;
        uint64_t given_to;    /**< incarnation that has it last */
        uint64_t given_epoch; /**< of that process: what was given in one epoch lay in its inbox together */
        bool is_copied;       /**< a duplicate was made: the id is on several offsets */
        bool is_poison;
        char id[64];
        char key[40];
        unsigned outcomes; /**< of a work record */
        unsigned outcomes_on_call;
        unsigned place; /**< how many work records went to this call before it */
        bool is_work;
        bool is_dead;       /**< became a dead letter */
        bool is_order;      /**< work.resync: its outcome comes later */
        bool is_lost;       /**< was lost before it was taken in */
        const char *reason; /**< why it must become one; NULL: it must not */
        bool is_hostile;
        unsigned team; /**< who reads it */
} sim_input;

/** What the log has shown of a call or ask in one team. */
struct sim_call {
        unsigned team;
        sk_id id;
        char id_text[SK_ID_TEXT + 1];
        bool has_head;
        bool is_own; /**< customer is the team itself */
        bool is_opened;
        bool is_closed;
        bool is_withdrawing;
        bool is_forced;  /**< closed by a coordinator although asks were open */
        sim_call *owner; /**< of an ask: the call that it was raised for */
        unsigned asks;   /**< raised for it and not over */
        unsigned unseen; /**< of what it has sent onward: not completed, and nobody has been told */
        bool is_onward;  /**< of an ask: nobody waits for it */
        bool is_anew;    /**< a visit of it was entered again, and has asked anew */
        char *head;      /**< latest committed; NULL when there is none (any more) */
        size_t head_len;
        int64_t due_us;    /**< when the head before the last one wanted to be looked at */
        uint64_t changed;  /**< number of the transaction in which an input changed it last */
        uint32_t events;   /**< last number */
        uint32_t owed;     /**< number of the event that must say that nobody is accountable; 0: none */
        uint32_t feedback; /**< last seqno written to the customer */
        bool feedback_final;
        bool has_raise; /**< to the provider */
        sk_digest raise;
        uint32_t calls;                        /**< last seqno written to the provider (records of asks) */
        unsigned crossings[SK_FRAMES_MAX + 1]; /**< 1 between triggered and fed-back */
        unsigned triggered;
        unsigned fed_back;
        uint16_t covered[SK_PROCESSES]; /**< activities ended or not applicable */
        bool visited[SK_PROCESSES];
        char clock[160];      /**< elapsed, stopped, due, kept: as its provider closed it */
        char told_clock[160]; /**< and as the customer has heard it */
        char outcome[16];     /**< at this side, once closed */
        char code[44];
        char told[16];    /**< outcome of the ask as its owner heard it */
        char told_by[16]; /**< team it was asked of */
        unsigned works;   /**< work records sent to it */
        unsigned waiting; /**< work records without an outcome yet */
};

/** How far a schedule of a team is. */
typedef struct sim_scheduled {
        int64_t made_us;  /**< last instant that made a call; 0: none has */
        int64_t noted_us; /**< up to which it is done by the journal; 0: it has not begun */
        bool is_owed;     /**< that instant has made no call yet */
} sim_scheduled;

struct sim {
        sim_options options;
        sk_random random;
        uint64_t step;
        int64_t start_us;
        int64_t now_us;
        bool is_finishing;
        char failure[512]; /**< empty: none */

        sk_contract *contract; /**< what all records of messages must fit */
        sk_schema_run *checks;
        sk_edition *editions[2]; /**< same teams and agreements, other routines */
        sim_team teams[SIM_TEAMS_MAX];
        unsigned team_count;
        sim_instance instances[SIM_INSTANCES_MAX];
        unsigned instance_count;
        uint64_t incarnations;
        sk_memory_broker *broker;
        int64_t session_timeout_us;
        int64_t transaction_timeout_us;
        uint64_t marker_share; /**< of 1000 steps; few: markers are slow */
        uint64_t idle_step;    /**< step in which weeks go by; 0: they do not */

        sk_map *calls_by_id;
        sim_call **calls;
        size_t call_count;
        size_t call_capacity;
        sk_map *inputs_by_id;
        sim_input **inputs;
        size_t input_count;
        size_t input_capacity;
        sk_map *keys;  /**< of effects, see effects.c */
        sk_map *marks; /**< mark texts, see check.c */
        struct sim_mark **mark_list;
        size_t mark_count;
        size_t mark_capacity;

        sim_scheduled schedules[SIM_TEAMS_MAX][SIM_SCHEDULES];
        bool has_lost[SIM_TEAMS_MAX][SIM_TEAMS_MAX]; /**< [customer][provider]: something on the way between them */
        unsigned raised;
        unsigned raise_max;
        unsigned poisoned;
        sk_digest digest; /**< of everything that was written so far */
        sk_buf written;
        uint64_t closed; /**< calls */
        uint64_t commits;
        uint64_t crashes;
        uint64_t faults;
        uint64_t seen[SIM_SEENS];
        uint64_t messages[SK_MESSAGES + 1]; /**< by type; the last one is none that is known */
        sk_arena *arena;
};

/** How a run ended. */
typedef struct sim_result {
        bool is_passed;
        char failure[512];
        uint64_t step;  /**< in which it ended */
        uint64_t steps; /**< with faults, as it was told */
        uint64_t calls;
        uint64_t closed;
        char first_call[SK_ID_TEXT + 1]; /**< id of the first call that was raised; empty: none */
        uint64_t commits;
        uint64_t crashes;
        uint64_t faults;
        uint64_t seen[SIM_SEENS];
        uint64_t messages[SK_MESSAGES + 1];
        sk_digest digest;
} sim_result;

/** Runs one seed from its beginning to its end. */
sim_result sim_run(const sim_options *options);

/* ---- sim.c ---- */

/** Notes the first violation; the run stops after the step in which it happened. */
void sim_fail(sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool sim_chance(sim *s, uint64_t one_in);
uint64_t sim_below(sim *s, uint64_t bound);
int64_t sim_instance_now(const sim *s, sim_instance *instance);
unsigned sim_team_find(const sim *s, sk_slice name);
/** Puts bytes into the running digest. */
void sim_digest_add(sim *s, sk_slice bytes);

/* ---- chain.c ---- */

/** Makes a random chain and reads it as an edition. */
bool sim_chain_make(sim *s);

/* ---- process.c ---- */

void sim_instance_start(sim *s, sim_instance *instance);
void sim_instance_crash(sim *s, sim_instance *instance);
/** Tells the process to end by itself; with @p is_leaving it leaves its group too (rule R4). */
void sim_instance_stop(sim *s, sim_instance *instance, bool is_leaving);
/** Gives it the other edition (rule V1). */
void sim_instance_edition(sim *s, sim_instance *instance);
/** One move of a random kind; with faults unless the run is finishing. */
void sim_instance_step(sim *s, sim_instance *instance);
/** All moves that are possible now, once. */
void sim_instance_sweep(sim *s, sim_instance *instance);

/* ---- people.c ---- */

void sim_people_step(sim *s);
/** Somebody does what each open call waits for. */
void sim_people_finish(sim *s);
/** Appends a record to an inbound topic as if it had come from outside, and notes it as an input. */
void sim_post(sim *s, sk_memory_topic *topic, const sk_record *record, bool is_poison);
/** Appends one that no link may use; it must become a dead letter for @p reason (static text). */
void sim_post_hostile(sim *s, sk_memory_topic *topic, const sk_record *record, const char *reason);

/* ---- fault.c ---- */

void sim_fault_step(sim *s);

/* ---- effects.c ---- */

/** Begins and stops what the process's driver wants, after each of its moves. */
void sim_effects_look(sim *s, sim_instance *instance);
/** One effect ends whose time has come; false: none. */
bool sim_effect_step(sim *s, sim_instance *instance);
/** The process is gone, and what it had begun with it. */
void sim_effects_die(sim *s, sim_instance *instance);
/** A head of the call is committed: what it makes due. */
void sim_effect_committed(sim *s, const sim_call *call);
/** Whether an event's cause is an effect; then it must be one that somebody was told of. */
bool sim_effect_caused(sim *s, const sim_call *call, sk_slice cause);
/** A visit is completed by its effect: somebody must have seen it. */
void sim_effect_ended_visit(sim *s, const sim_call *call, unsigned visit, sk_slice cause);
/** A tool says what came of an effect. */
void sim_effect_say(sim *s, unsigned team, const sk_call *call);
/** A coordinator has the visit tried or entered again. */
void sim_effect_order(sim *s, unsigned team, const sk_call *call, sk_message type);
void sim_keys_free(sim *s);

/* ---- hostile.c ---- */

/** A record that no link may use appears on some inbound topic. */
void sim_hostile(sim *s);

/* ---- check.c ---- */

/** The observer of the broker. */
void sim_check_commit(void *self, const sk_memory_commit_view *view);
sim_call *sim_call_get(sim *s, unsigned team, sk_slice id);
sim_call *sim_call_find(const sim *s, unsigned team, sk_slice id);
sim_input *sim_input_find(const sim *s, sk_slice id);
/** Notes that a record stands on an inbound topic. */
void sim_input_note(sim *s, const sk_memory_topic *topic, const sk_record *record, bool is_poison);
/** Notes one that no link may use. */
void sim_input_note_hostile(sim *s, const sk_memory_topic *topic, const sk_record *record, const char *reason);
/** Whether a team reads the topic as input, and which. */
bool sim_topic_is_inbound(const sim *s, const sk_memory_topic *topic, unsigned *out_team);
/** The next offset that the marks of a team say; 0 before the first. */
int64_t sim_mark_next(const sim *s, unsigned team, int32_t partition, sk_slice topic);
void sim_marks_free(sim *s);

/* ---- events.c ---- */

/** What an event says about its call, and whether it may. */
void sim_check_event(sim *s, unsigned team, const sk_record *record);

/* ---- inside.c ---- */

/** What a link writes, events and archive too, fits the schema of its message, which names all its members. */
void sim_check_contract(sim *s, unsigned team, const sk_record *record);
/** What a team has written for another: nothing in it may show what is not shared. */
void sim_check_outgoing(sim *s, unsigned team, unsigned reader, const sk_record *record);

/* ---- clocks.c ---- */

/** What the newest head of a call says of time. */
void sim_check_clock(sim *s, const sim_call *call);

/* ---- schedules.c ---- */

/** The journal says up to which instant a schedule is done; @p payload as it stands there. */
void sim_note_schedule(sim *s, unsigned team, sk_slice name, sk_slice payload);
/** An event of a call that a schedule has raised; @p cause names schedule and instant. */
void sim_check_schedule(sim *s, unsigned team, const sk_record *record, sk_slice cause);
/** For the end: none that has begun is behind. */
void sim_check_schedules(sim *s);

/* ---- resync.c ---- */

/** Somebody asks for what is open at some other team to be raised again. */
void sim_resync_any(sim *s);
/** Where something was lost and still waited for, it is raised again once all is quiet. */
void sim_resync_finish(sim *s);
/** What nobody has taken in of some topic between teams is gone. */
void sim_lose_tail(sim *s);
/** Whether the message of the call's customer is its raise once more; then it must be the same to the byte. */
bool sim_is_sent_again(sim *s, sim_call *call, const sk_record *record);

/* ---- end.c ---- */

/** Whether every record of an inbound topic is taken in. */
bool sim_end_is_read(const sim *s);
/** Whether, besides, every order has its outcome. */
bool sim_end_is_done(const sim *s);
bool sim_end_is_quiet(const sim *s);
void sim_end_check(sim *s);
/** What the run still waits for, in words. */
void sim_end_explain(const sim *s, sk_buf *out);

/* ---- trace.c ---- */

/** @param who  process that wrote it; NULL: somebody outside */
void sim_trace(sim *s, const sim_instance *who, const sk_memory_written *written);

#endif
