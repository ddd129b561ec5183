#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chaos/chaos.h"

/* How much there was of everything, for the table in README.md. */

/* ---- CPU ---- */

/* Of a process that is not ours to wait for; 0: it is gone. */
static uint64_t ticks_of(int pid) {
        char path[64];
        char text[1024] = "";
        unsigned long long user = 0;
        unsigned long long system = 0;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return 0;
        size_t len = fread(text, 1, sizeof(text) - 1, file);
        (void)fclose(file);
        text[len] = '\0';
        const char *behind_name = strrchr(text, ')');
        if (behind_name == NULL ||
            sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
                return 0;
        return user + system;
}

static int pid_of(const chaos *c, unsigned broker) {
        char path[FOLDER_PATH_MAX + 64];
        int pid = 0;

        (void)snprintf(path, sizeof(path), "%s/broker-%u.pid", c->links.cluster.dir, broker + 1);
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return 0;
        if (fscanf(file, "%d", &pid) != 1)
                pid = 0;
        (void)fclose(file);
        return pid;
}

/* A process that has used less than the last one is another. */
void chaos_brokers_look(chaos *c) {
        for (unsigned i = 0; i < c->broker_count; i++) {
                uint64_t ticks = ticks_of(pid_of(c, i));
                if (ticks < c->broker_ticks_now[i])
                        c->broker_ticks[i] += c->broker_ticks_now[i];
                c->broker_ticks_now[i] = ticks;
        }
}

static double seconds_of(struct timeval time) {
        return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void cpu_print(chaos *c) {
        struct rusage links;
        uint64_t ticks = 0;

        chaos_brokers_look(c);
        for (unsigned i = 0; i < c->broker_count; i++)
                ticks += c->broker_ticks[i] + c->broker_ticks_now[i];
        assert_int_equal(getrusage(RUSAGE_CHILDREN, &links), 0);
        print_message("%8.0f  seconds in all; CPU seconds: %.0f of links, %.0f of brokers\n",
                      (double)(chaos_clock_ms() - c->begun_ms) / 1000,
                      seconds_of(links.ru_utime) + seconds_of(links.ru_stime),
                      (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

/* ---- records ---- */

typedef struct counted {
        unsigned messages;
        unsigned events;
} counted;

static bool count_message(void *self, const sk_log_entry *entry) {
        (void)entry;
        ((counted *)self)->messages++;
        return true;
}

static bool count_event(void *self, const sk_log_entry *entry) {
        (void)entry;
        ((counted *)self)->events++;
        return true;
}

static counted count_records(chaos *c) {
        static const char *const between[] = {"desk.calls.customer", "bench.calls.desk",       "stock.calls.desk",
                                              "stock.calls.bench",   "customer.feedback.desk", "desk.feedback.bench",
                                              "desk.feedback.stock", "bench.feedback.stock"};
        counted count = {0};

        for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++)
                records_read(c->links.tool, kafka_links_topic(&c->links, between[i]), count_message, &count);
        for (size_t i = 0; i < CHAOS_TEAMS; i++) {
                char rest[64];
                (void)snprintf(rest, sizeof(rest), "%s.events", chaos_teams[i]);
                records_read(c->links.tool, kafka_links_topic(&c->links, rest), count_event, &count);
        }
        return count;
}

void chaos_figures_print(chaos *c) {
        counted count = count_records(c);
        unsigned transactions = chaos_owners_check(c);

        print_message("%8u  messages between teams, %u events, %u transactions of a partition\n", count.messages,
                      count.events, transactions);
        cpu_print(c);
}
