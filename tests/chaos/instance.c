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
 * The links, supervised as a service manager would: what ends by itself is started again. Ending with 70 asks for a
 * person; this one starts it again after a while.
 */

#define EXIT_FENCED 70
#define EXIT_AGAIN 75
#define PERSON_MS 3000

const char *const chaos_teams[CHAOS_TEAMS] = {"customer", "desk", "bench", "stock"};

void chaos_instance_start(chaos *c, chaos_instance *instance) {
        if (instance->link == NULL) {
                instance->link = kafka_links_start(&c->links, instance->team, instance->name, NULL);
        } else {
                instance->ready_before = link_said(instance->link, "\"ready\"");
                link_start_again(instance->link);
        }
        instance->state = CHAOS_RUNS;
}

void chaos_instances_start(chaos *c) {
        for (size_t i = 0; i < CHAOS_INSTANCES; i++) {
                chaos_instance *instance = &c->instances[i];
                instance->team = chaos_teams[i / 2];
                (void)snprintf(instance->name, sizeof(instance->name), "%s", i % 2 == 0 ? "a" : "b");
                (void)snprintf(instance->client, sizeof(instance->client), "schakel-%s-%s", instance->team,
                               instance->name);
                chaos_instance_start(c, instance);
        }
        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                link_await(c->instances[i].link, "\"ready\"", 1);
}

bool chaos_instance_is_ready(const chaos_instance *instance) {
        return instance->state == CHAOS_RUNS && link_said(instance->link, "\"ready\"") > instance->ready_before;
}

static bool has_asked_for_it(chaos *c, int status) {
        if (status == EXIT_AGAIN)
                c->exits_again++;
        else if (status == EXIT_FENCED)
                c->exits_fenced++;
        return status == EXIT_AGAIN || status == EXIT_FENCED;
}

/* It may just have ended by itself. */
void chaos_instance_kill(chaos *c, chaos_instance *instance) {
        link_signal(instance->link, SIGKILL);
        int status = link_wait(instance->link);
        if (status != 1000 + SIGKILL && !has_asked_for_it(c, status))
                fail_msg("%s/%s has ended with %d; its lines are in %s", instance->team, instance->name, status,
                         instance->link->log);
        instance->state = CHAOS_DOWN;
}

/* It has ended: because it was told to, or by itself with a status that promises something. */
static void ended(chaos *c, chaos_instance *instance, int status, int64_t now_ms) {
        if (!has_asked_for_it(c, status) && (instance->state != CHAOS_ENDING || status != 0))
                fail_msg("%s/%s has ended with %d; its lines are in %s", instance->team, instance->name, status,
                         instance->link->log);
        if (status != 0)
                chaos_say(c, "%s/%s has ended with %d", instance->team, instance->name, status);
        if (instance->state != CHAOS_ENDING)
                instance->until_ms = now_ms + (status == EXIT_FENCED ? chaos_paced(c, PERSON_MS) : 0);
        instance->state = CHAOS_DOWN;
}

void chaos_instances_look(chaos *c, int64_t now_ms) {
        int status;

        for (size_t i = 0; i < CHAOS_INSTANCES; i++) {
                chaos_instance *instance = &c->instances[i];
                if (instance->link->pid != 0 && link_has_ended(instance->link, &status))
                        ended(c, instance, status, now_ms);
                if (instance->until_ms > now_ms)
                        continue;
                if (instance->state == CHAOS_DOWN) {
                        chaos_instance_start(c, instance);
                } else if (instance->state == CHAOS_PAUSED) {
                        link_signal(instance->link, SIGCONT);
                        instance->state = CHAOS_RUNS;
                }
        }
}

void chaos_instances_stop(chaos *c) {
        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                link_signal(c->instances[i].link, SIGTERM);
        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                assert_int_equal(link_wait(c->instances[i].link), 0);
}

/* As the last thing: nothing is expected of them any more. */
void chaos_instances_kill(chaos *c) {
        for (size_t i = 0; i < CHAOS_INSTANCES; i++) {
                link_process *link = c->instances[i].link;
                if (link == NULL || link->pid <= 0)
                        continue;
                (void)kill(link->pid, SIGKILL);
                (void)waitpid(link->pid, NULL, 0);
                link->pid = 0;
        }
}
