#include "bench/kafka/runs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

#define LOOK_MS 10

static double clock_s(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void await_closed(const rig_link *link, double count) {
        while (rig_link_metric(link, "schakel_calls_closed_total") < count)
                (void)poll(NULL, 0, LOOK_MS);
}

void run_link(const rig *r, customer *c, const rig_link *link, size_t calls, run *out) {
        cpu_watch watch;
        double closed = rig_link_metric(link, "schakel_calls_closed_total");
        double commits = rig_link_metric(link, "schakel_batches_committed_total");

        customer_raise(c, calls, CUSTOMER_LAPTOP);
        cpu_begin(&watch, r->folder.path, link->process.pid);
        double since_s = clock_s();
        customer_release(c);
        await_closed(link, closed + (double)calls);
        out->wall_s = clock_s() - since_s;
        cpu_end(&watch, &out->cpu);
        out->calls = calls;
        out->commits = rig_link_metric(link, "schakel_batches_committed_total") - commits;
}

/* ---- the bare program ---- */

typedef struct bare {
        pid_t pid;
        FILE *in;
        FILE *out;
} bare;

static void bare_start(const rig *r, const rig_chain *chain, const char *shape, bare *out) {
        int in[2];
        int outs[2];
        char line[64];
        char program[1024];

        (void)snprintf(program, sizeof(program), "%s", program_path("tests/bench/raw"));
        if (pipe2(in, 0) != 0 || pipe2(outs, 0) != 0)
                bench_fail("no pipe");
        out->pid = fork();
        if (out->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)dup2(in[0], STDIN_FILENO);
                (void)dup2(outs[1], STDOUT_FILENO);
                (void)close(in[1]);
                (void)close(outs[0]);
                (void)execl(program, "raw", r->cluster.brokers, chain->name, shape, (char *)NULL);
                _exit(127);
        }
        (void)close(in[0]);
        (void)close(outs[1]);
        out->in = fdopen(in[1], "w");
        out->out = fdopen(outs[0], "r");
        if (out->in == NULL || out->out == NULL || fgets(line, sizeof(line), out->out) == NULL)
                bench_fail("%s does not start", program);
}

void run_bare(const rig *r, const rig_chain *chain, const char *shape, size_t calls, run *out) {
        bare b;
        cpu_watch watch;
        char line[64];

        bare_start(r, chain, shape, &b);
        cpu_begin(&watch, r->folder.path, b.pid);
        (void)fputs("go\n", b.in);
        (void)fflush(b.in);
        if (fgets(line, sizeof(line), b.out) == NULL)
                bench_fail("the bare program has failed");
        cpu_end(&watch, &out->cpu);
        out->wall_s = strtod(line, NULL);
        out->calls = calls;
        (void)fclose(b.in);
        (void)fclose(b.out);
        (void)waitpid(b.pid, NULL, 0);
}

double run_per_second(const run *of) {
        return (double)of->calls / of->wall_s;
}

double run_cpu_us(const run *of) {
        return cpu_seconds(&of->cpu) * 1e6 / (double)of->calls;
}

double run_proc_us(const run *of) {
        return of->cpu.proc_s * 1e6 / (double)of->calls;
}
