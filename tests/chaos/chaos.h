#ifndef SK_TESTS_CHAOS_CHAOS_H
#define SK_TESTS_CHAOS_CHAOS_H

#include <pthread.h>
#include <stdatomic.h>

#include "chaos/proxy.h"
#include "kit/random.h"
#include "support/kafka_links.h"

/*
 * What the files of the chaos test share. The chain is tests/data/chains/diamond, each team with two instances:
 *
 *     customer ──> desk ──laptop──> bench ──tool──> stock
 *                    └────────────part───────────────^
 */

#define CHAOS_TEAMS 4
#define CHAOS_INSTANCES (2 * CHAOS_TEAMS)
#define CHAOS_PARTITIONS 4
#define CHAOS_KINDS 10

extern const char *const chaos_teams[CHAOS_TEAMS];

/** What is with a process, of a link or of a broker. */
typedef enum chaos_state {
        CHAOS_RUNS,
        CHAOS_PAUSED, /**< SIGSTOP, until `until_ms` */
        CHAOS_ENDING, /**< told to end, or being ended by a script */
        CHAOS_DOWN,   /**< until `until_ms` */
        CHAOS_RISING, /**< brokers: a script starts it again */
} chaos_state;

typedef struct chaos_instance {
        const char *team;
        char name[8];
        char client[PROXY_NAME_MAX]; /**< as its connections name it */
        link_process *link;
        chaos_state state;
        int64_t until_ms;
        unsigned ready_before; /**< how often it had said so when it was started last */
} chaos_instance;

typedef struct chaos_broker {
        chaos_state state;
        int64_t until_ms;
        pid_t script; /**< 0: none is running */
} chaos_broker;

/** A way between an instance and a broker that is not as it should be. */
typedef struct chaos_way {
        unsigned instance;
        unsigned broker;
        int64_t until_ms; /**< 0: free */
} chaos_way;
#define CHAOS_WAYS 8

typedef struct chaos {
        uint64_t seed;
        sk_random random;
        unsigned broker_count;
        unsigned faults_wanted;
        unsigned seconds; /**< after which no fault begins */
        unsigned pace;    /**< of this machine, in percent of what a fast one takes; see chaos_paced */
        int64_t begun_ms;
        char direct_url[KAFKA_ADDRESS_MAX + 8];   /**< for who counts: past the network; links go through it */
        uint64_t broker_ticks[PROXY_BROKERS_MAX]; /**< of CPU, of the processes that it has had */
        uint64_t broker_ticks_now[PROXY_BROKERS_MAX];

        kafka_links links;
        proxy *network;
        chaos_instance instances[CHAOS_INSTANCES];
        chaos_broker brokers[PROXY_BROKERS_MAX];
        chaos_way ways[CHAOS_WAYS];

        int64_t next_ms; /**< when the next fault may begin */
        unsigned faults;
        unsigned by_kind[CHAOS_KINDS];
        unsigned exits_again;  /**< by themselves, with 75 */
        unsigned exits_fenced; /**< with 70 */
        unsigned timers;       /**< of each team */

        pthread_t raiser;
        atomic_bool is_raising;
        atomic_bool gives_up; /**< and does not finish what it is at */
        atomic_bool is_interrupted;
        atomic_uint raised;
        atomic_uint raised_again; /**< records that were written once more because nobody knew */
} chaos;

int64_t chaos_clock_ms(void);
/** So long as @p ms would be on a fast machine: limits of time that end things, and what is to outlast them. */
int64_t chaos_paced(const chaos *c, int64_t ms);
/** Fails when somebody has asked to stop. */
void chaos_interrupted_check(const chaos *c);
/** A line of the course of things, with the time since the beginning. */
void chaos_say(const chaos *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Between @p from and @p to. */
int64_t chaos_between(chaos *c, int64_t from, int64_t to);

/** instance.c: starts all. */
void chaos_instances_start(chaos *c);
void chaos_instance_start(chaos *c, chaos_instance *instance);
/** kill -9; it is down then. */
void chaos_instance_kill(chaos *c, chaos_instance *instance);
/** Takes note of those that have ended, and starts again what is to be started. */
void chaos_instances_look(chaos *c, int64_t now_ms);
/** Whether it has come as far as working since it was started last. */
bool chaos_instance_is_ready(const chaos_instance *instance);
/** SIGTERM to all; each must end well. */
void chaos_instances_stop(chaos *c);
/** Kills all there are, whatever they are at. */
void chaos_instances_kill(chaos *c);

/** fault.c: ends what is over; begins one more if it is time; false when all has been done and is over. */
bool chaos_faults_look(chaos *c, int64_t now_ms);
void chaos_faults_print(const chaos *c);
/** Ends scripts that are underway. */
void chaos_scripts_kill(chaos *c);

/** raiser.c: a thread that raises calls, some every second, until it is told to stop; legal when it does not run. */
void chaos_raiser_start(chaos *c);
void chaos_raiser_stop(chaos *c);
/** Calls of each kind among the first @p calls: incidents without change, service requests, incidents with change. */
void chaos_kinds_of(unsigned calls, unsigned out[3]);

/** timers.c: writes stubs that expire in the course of the run into each journal, before any link is started. */
void chaos_timers_plant(chaos *c);

/** count.c: waits until everything has ended, then counts it. */
void chaos_await_end(chaos *c);
void chaos_count(chaos *c);
/** owners.c: who wrote the journals, from the files of the brokers: no two at a time. How many transactions. */
unsigned chaos_owners_check(chaos *c);
/** report.c: both ends of each agreement say the same of it, and of as many calls as there were. */
void chaos_report_check(chaos *c);
/** figures.c: looks at what brokers have used; to be called now and then, as a broker that is killed tells no more. */
void chaos_brokers_look(chaos *c);
/** How much there was of everything. */
void chaos_figures_print(chaos *c);
/** marks.c: journals only go forward, and the group's offsets are what the marks say. */
void chaos_marks_check(chaos *c);

#endif
