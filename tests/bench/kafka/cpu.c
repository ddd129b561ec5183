#include "bench/kafka/cpu.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

#define PERIOD_NS 500000
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)

static double proc_seconds(pid_t subject) {
        char path[64];
        unsigned long user = 0;
        unsigned long system = 0;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)subject);
        FILE *file = fopen(path, "re");
        if (file == NULL ||
            fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
                bench_fail("%s cannot be read", path);
        (void)fclose(file);
        return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double cpu_resident_mb(pid_t subject) {
        char path[64];
        unsigned long pages = 0;

        (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)subject);
        FILE *file = fopen(path, "re");
        if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
                bench_fail("%s cannot be read", path);
        (void)fclose(file);
        return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* Starts @p argv; its stdout is @p out, if that is not -1. What it says else is nobody's business. */
static pid_t run(char *const *argv, int out) {
        pid_t child = fork();

        if (child == 0) {
                int nowhere = open("/dev/null", O_RDWR);
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)dup2(out >= 0 ? out : nowhere, STDOUT_FILENO);
                (void)dup2(nowhere, STDERR_FILENO);
                (void)execvp(argv[0], argv);
                _exit(127);
        }
        if (child < 0)
                bench_fail("no process for %s", argv[0]);
        return child;
}

static bool is_acknowledged(const cpu_watch *watch, const char *word) {
        char answer[16];

        return write(watch->control, word, strlen(word)) == (ssize_t)strlen(word) &&
               read(watch->answers, answer, sizeof(answer)) > 0;
}

/* perf begins when it is told to, and says that it has. */
static void perf_begin(cpu_watch *watch) {
        int control[2];
        int answers[2];
        char subject[16];
        char pipes[64];

        if (pipe(control) != 0 || pipe(answers) != 0)
                bench_fail("no pipe");
        (void)snprintf(subject, sizeof(subject), "%d", (int)watch->subject);
        (void)snprintf(pipes, sizeof(pipes), "fd:%d,%d", control[0], answers[1]);
        const char *const argv[] = {"perf", "record",    "-q",  "-e", "cpu-clock", "-c", TEXT_OF(PERIOD_NS), "-D",
                                    "-1",   "--control", pipes, "-p", subject,     "-o", watch->file,        NULL};
        watch->perf = run((char *const *)(uintptr_t)argv, -1);
        (void)close(control[0]);
        (void)close(answers[1]);
        watch->control = control[1];
        watch->answers = answers[0];
        if (is_acknowledged(watch, "enable\n"))
                return;
        (void)waitpid(watch->perf, NULL, 0);
        (void)close(watch->control);
        (void)close(watch->answers);
        watch->perf = 0;
}

void cpu_begin(cpu_watch *watch, const char *folder, pid_t subject) {
        *watch = (cpu_watch){.subject = subject};
        (void)signal(SIGPIPE, SIG_IGN);
        (void)snprintf(watch->file, sizeof(watch->file), "%.500s/perf.data", folder);
        perf_begin(watch);
        watch->proc_s = proc_seconds(subject);
}

static double samples_count(const cpu_watch *watch) {
        const char *const argv[] = {"perf", "script", "-F", "tid", "-i", watch->file, NULL};
        char bytes[65536];
        size_t lines = 0;
        int ends[2];

        if (pipe(ends) != 0)
                bench_fail("no pipe");
        pid_t child = run((char *const *)(uintptr_t)argv, ends[1]);
        (void)close(ends[1]);
        for (ssize_t got; (got = read(ends[0], bytes, sizeof(bytes))) > 0;) {
                for (ssize_t i = 0; i < got; i++)
                        lines += bytes[i] == '\n';
        }
        (void)close(ends[0]);
        (void)waitpid(child, NULL, 0);
        return (double)lines;
}

void cpu_end(cpu_watch *watch, cpu_spent *out) {
        *out = (cpu_spent){.proc_s = proc_seconds(watch->subject) - watch->proc_s};
        if (watch->perf == 0)
                return;
        (void)is_acknowledged(watch, "disable\n");
        (void)kill(watch->perf, SIGINT);
        (void)waitpid(watch->perf, NULL, 0);
        (void)close(watch->control);
        (void)close(watch->answers);
        out->sampled_s = samples_count(watch) * PERIOD_NS / 1e9;
}

double cpu_seconds(const cpu_spent *spent) {
        return spent->sampled_s > 0 ? spent->sampled_s : spent->proc_s;
}
