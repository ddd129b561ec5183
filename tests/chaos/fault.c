#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "chaos/chaos.h"

/*
 * The faults. Each kind is a row: how often it is drawn, and what begins it; what it has begun ends by the clock. Some
 * are underway at the same time. How long one lasts is drawn with the session's time-out (6 s) and the transaction's
 * (8 s) in mind: some are over before, some after. On a slow machine all of these are longer, in proportion.
 */

#define AT_ONCE_MAX 3
#define EVERY_MS 4000
#define SHORT_MS 1500
#define SESSION_MS 6000
#define LONG_MS 15000

/* A broker that is needed by all must not be away for long each time, or nothing happens meanwhile. */
#define BROKER_MS 12000

/* How long, on this machine. */
static int64_t lasts(chaos *c, int64_t from_ms, int64_t to_ms) {
        return chaos_paced(c, chaos_between(c, from_ms, to_ms));
}

/* ---- who ---- */

/* One that works, so that a link is not killed again and again before it has done anything (rule R5); NULL: none. */
static chaos_instance *any_instance(chaos *c) {
        size_t first = (size_t)sk_random_below(&c->random, CHAOS_INSTANCES);

        for (size_t i = 0; i < CHAOS_INSTANCES; i++) {
                chaos_instance *instance = &c->instances[(first + i) % CHAOS_INSTANCES];
                if (instance->state == CHAOS_RUNS && chaos_instance_is_ready(instance))
                        return instance;
        }
        return NULL;
}

/* Two that are down at the same time would only be one that is down for longer. */
static chaos_broker *any_broker(chaos *c) {
        size_t first = (size_t)sk_random_below(&c->random, c->broker_count);

        for (unsigned i = 0; i < c->broker_count; i++) {
                if (c->brokers[i].state != CHAOS_RUNS)
                        return NULL;
        }
        return &c->brokers[first];
}

static unsigned number_of(const chaos *c, const chaos_broker *broker) {
        return (unsigned)(broker - c->brokers) + 1;
}

static chaos_way *free_way(chaos *c) {
        for (size_t i = 0; i < CHAOS_WAYS; i++) {
                if (c->ways[i].until_ms == 0)
                        return &c->ways[i];
        }
        return NULL;
}

/* ---- what ---- */

static bool down(chaos *c, int number, int64_t for_ms, const char *what) {
        chaos_instance *instance = any_instance(c);

        if (instance == NULL)
                return false;
        chaos_say(c, "%s %s/%s, again after %.1f s", what, instance->team, instance->name, (double)for_ms / 1000);
        instance->until_ms = chaos_clock_ms() + for_ms;
        instance->state = CHAOS_ENDING;
        if (number == SIGKILL)
                chaos_instance_kill(c, instance);
        else
                link_signal(instance->link, number);
        return true;
}

static bool kill_link(chaos *c) {
        bool is_short = sk_random_below(&c->random, 2) == 0;
        int64_t for_ms = is_short ? lasts(c, 0, SHORT_MS) : lasts(c, SESSION_MS, LONG_MS);

        return down(c, SIGKILL, for_ms, "kill");
}

static bool restart_link(chaos *c) {
        return down(c, SIGTERM, lasts(c, 0, SHORT_MS), "restart");
}

static bool drain_link(chaos *c) {
        return down(c, SIGUSR2, lasts(c, 0, LONG_MS), "drain");
}

static bool pause_link(chaos *c) {
        chaos_instance *instance = any_instance(c);
        int64_t for_ms = lasts(c, SESSION_MS + 1000, LONG_MS);

        if (instance == NULL)
                return false;
        chaos_say(c, "pause %s/%s for %.1f s", instance->team, instance->name, (double)for_ms / 1000);
        link_signal(instance->link, SIGSTOP);
        instance->state = CHAOS_PAUSED;
        instance->until_ms = chaos_clock_ms() + for_ms;
        return true;
}

static bool cut(chaos *c, proxy_way kind, int64_t for_ms, const char *what) {
        chaos_way *way = free_way(c);
        unsigned instance = (unsigned)sk_random_below(&c->random, CHAOS_INSTANCES);
        unsigned broker = (unsigned)sk_random_below(&c->random, c->broker_count);
        unsigned delay_ms = (unsigned)chaos_between(c, 50, 1500);

        if (way == NULL)
                return false;
        for (size_t i = 0; i < CHAOS_WAYS; i++) {
                if (c->ways[i].until_ms != 0 && c->ways[i].instance == instance && c->ways[i].broker == broker)
                        return false;
        }
        *way = (chaos_way){.instance = instance, .broker = broker, .until_ms = chaos_clock_ms() + for_ms};
        chaos_say(c, "%s between %s/%s and broker %u for %.1f s", what, c->instances[instance].team,
                  c->instances[instance].name, broker + 1, (double)for_ms / 1000);
        proxy_set(c->network, c->instances[instance].client, broker, kind, delay_ms);
        return true;
}

static bool reset_way(chaos *c) {
        return cut(c, PROXY_RESETS, lasts(c, 0, SESSION_MS), "connections reset");
}

static bool hang_way(chaos *c) {
        return cut(c, PROXY_HANGS, lasts(c, SHORT_MS, LONG_MS), "everything lost");
}

static bool slow_way(chaos *c) {
        return cut(c, PROXY_DELAYS, lasts(c, SHORT_MS, LONG_MS), "delays");
}

static bool broker_down(chaos *c, const char *command) {
        chaos_broker *broker = any_broker(c);

        if (broker == NULL)
                return false;
        chaos_say(c, "%s broker %u", command, number_of(c, broker));
        broker->script = kafka_cluster_begin(&c->links.cluster, command, number_of(c, broker));
        broker->state = CHAOS_ENDING;
        broker->until_ms = chaos_clock_ms() + lasts(c, 0, SESSION_MS);
        return true;
}

static bool kill_broker(chaos *c) {
        return broker_down(c, "kill");
}

static bool stop_broker(chaos *c) {
        return broker_down(c, "stop");
}

static bool pause_broker(chaos *c) {
        chaos_broker *broker = any_broker(c);
        int64_t for_ms = lasts(c, SHORT_MS, BROKER_MS);

        if (broker == NULL)
                return false;
        chaos_say(c, "pause broker %u for %.1f s", number_of(c, broker), (double)for_ms / 1000);
        kafka_cluster_do(&c->links.cluster, "pause", number_of(c, broker));
        broker->state = CHAOS_PAUSED;
        broker->until_ms = chaos_clock_ms() + for_ms;
        return true;
}

static const struct kind {
        const char *name;
        unsigned weight;
        bool (*begin)(chaos *c); /* false: not now */
} kinds[CHAOS_KINDS] = {
        {"links killed (kill -9)", 5, kill_link},
        {"links paused beyond their session", 5, pause_link},
        {"links restarted", 2, restart_link},
        {"links drained", 2, drain_link},
        {"ways between link and broker: connections reset", 2, reset_way},
        {"ways between link and broker: everything lost", 3, hang_way},
        {"ways between link and broker: slow", 2, slow_way},
        {"brokers killed (kill -9)", 2, kill_broker},
        {"brokers paused", 2, pause_broker},
        {"brokers restarted", 1, stop_broker},
};

/* ---- ends ---- */

static void rise(chaos *c, chaos_broker *broker) {
        broker->state = CHAOS_RISING;
        broker->script = kafka_cluster_begin(&c->links.cluster, "up", 0);
}

/* The script has done what it was to do. */
static void script_ended(chaos *c, chaos_broker *broker, int status) {
        bool is_up = broker->state == CHAOS_RISING;

        broker->script = 0;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                fail_msg("broker %u is not %s", number_of(c, broker), is_up ? "up again" : "down");
        chaos_say(c, "broker %u is %s", number_of(c, broker), is_up ? "back" : "down");
        broker->state = is_up ? CHAOS_RUNS : CHAOS_DOWN;
}

static void brokers_look(chaos *c, int64_t now_ms) {
        int status;

        for (unsigned i = 0; i < c->broker_count; i++) {
                chaos_broker *broker = &c->brokers[i];
                if (broker->script != 0 && waitpid(broker->script, &status, WNOHANG) == broker->script)
                        script_ended(c, broker, status);
                if (broker->script != 0 || broker->until_ms > now_ms)
                        continue;
                if (broker->state == CHAOS_DOWN) {
                        rise(c, broker);
                } else if (broker->state == CHAOS_PAUSED) {
                        kafka_cluster_do(&c->links.cluster, "resume", i + 1);
                        broker->state = CHAOS_RUNS;
                }
        }
}

static void ways_look(chaos *c, int64_t now_ms) {
        for (size_t i = 0; i < CHAOS_WAYS; i++) {
                chaos_way *way = &c->ways[i];
                if (way->until_ms == 0 || way->until_ms > now_ms)
                        continue;
                proxy_set(c->network, c->instances[way->instance].client, way->broker, PROXY_PASSES, 0);
                way->until_ms = 0;
        }
}

static unsigned underway(const chaos *c) {
        unsigned count = 0;

        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                count += c->instances[i].state != CHAOS_RUNS;
        for (unsigned i = 0; i < c->broker_count; i++)
                count += c->brokers[i].state != CHAOS_RUNS;
        for (size_t i = 0; i < CHAOS_WAYS; i++)
                count += c->ways[i].until_ms != 0;
        return count;
}

/* ---- the course of it ---- */

static void begin_one(chaos *c) {
        unsigned all = 0;
        unsigned at = 0;

        for (unsigned i = 0; i < CHAOS_KINDS; i++)
                all += kinds[i].weight;
        unsigned drawn = (unsigned)sk_random_below(&c->random, all);
        while (drawn >= kinds[at].weight)
                drawn -= kinds[at++].weight;
        if (!kinds[at].begin(c))
                return;
        c->by_kind[at]++;
        c->faults++;
}

bool chaos_faults_look(chaos *c, int64_t now_ms) {
        bool goes_on = c->faults < c->faults_wanted && now_ms - c->begun_ms < (int64_t)c->seconds * 1000;

        brokers_look(c, now_ms);
        ways_look(c, now_ms);
        if (goes_on && underway(c) < AT_ONCE_MAX && now_ms >= c->next_ms) {
                begin_one(c);
                c->next_ms = now_ms + chaos_between(c, 0, EVERY_MS);
        }
        return goes_on || underway(c) > 0;
}

void chaos_scripts_kill(chaos *c) {
        for (unsigned i = 0; i < c->broker_count; i++) {
                if (c->brokers[i].script == 0)
                        continue;
                (void)kill(c->brokers[i].script, SIGKILL);
                (void)waitpid(c->brokers[i].script, NULL, 0);
                c->brokers[i].script = 0;
        }
}

void chaos_faults_print(const chaos *c) {
        for (unsigned i = 0; i < CHAOS_KINDS; i++)
                print_message("%8u  %s\n", c->by_kind[i], kinds[i].name);
        print_message("%8u  faults in all\n", c->faults);
}
