/*
 * What no limit of the kernel says for a program as a whole: how many processes it has, and how much lies in its folder.
 * They are looked at five times a second; who is over is killed. So is what has left its group and lost its parents.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "how/runner_inside.h"

#define DEPTH_MAX 32
#define ENTRIES_MAX 200000

/* ---- folders ---- */

typedef struct walk {
        bool removes;
        unsigned depth;
        unsigned entries;
        uint64_t bytes;
} walk;

static void walk_in(walk *w, int fd);

static void walk_entry(walk *w, int fd, const char *name) {
        struct stat status;

        if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return;
        w->entries++;
        w->bytes += (uint64_t)status.st_blocks * 512;
        if (S_ISDIR(status.st_mode) && w->depth < DEPTH_MAX) {
                if (w->removes)
                        (void)fchmodat(fd, name, 0700, 0);
                int inner = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                w->depth++;
                if (inner >= 0)
                        walk_in(w, inner);
                w->depth--;
        }
        if (w->removes)
                (void)unlinkat(fd, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

/* Takes the descriptor. */
static void walk_in(walk *w, int fd) {
        DIR *folder = fdopendir(fd);
        struct dirent *entry;

        if (folder == NULL) {
                (void)close(fd);
                return;
        }
        while ((entry = readdir(folder)) != NULL && (w->removes || w->entries < ENTRIES_MAX))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        walk_entry(w, dirfd(folder), entry->d_name);
        (void)closedir(folder);
}

static uint64_t bytes_in(const char *path) {
        walk w = {.removes = false};
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0)
                walk_in(&w, fd);
        return w.entries >= ENTRIES_MAX ? UINT64_MAX : w.bytes;
}

void sk_runner_remove(const char *path) {
        walk w = {.removes = true};
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0)
                walk_in(&w, fd);
        (void)rmdir(path);
}

/* ---- processes ---- */

typedef struct process {
        pid_t pid;
        pid_t parent;
        pid_t group;
} process;

/* "pid (name) S ppid pgrp …": the name may hold anything. */
static bool process_read(const char *pid, process *out) {
        char path[64];
        char text[512];
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
        file = fopen(path, "re");
        if (file == NULL)
                return false;
        size_t len = fread(text, 1, sizeof(text) - 1, file);
        (void)fclose(file);
        text[len] = '\0';
        const char *behind = strrchr(text, ')');
        int parent = 0;
        int group = 0;
        if (behind == NULL || sscanf(behind + 1, " %*c %d %d", &parent, &group) != 2)
                return false;
        *out = (process){.pid = (pid_t)strtol(pid, NULL, 10), .parent = parent, .group = group};
        return true;
}

static sk_job *job_of_group(const sk_runner *runner, pid_t group) {
        sk_job *job = runner->jobs;

        while (job != NULL && job->pid != group)
                job = job->next;
        return job;
}

static void processes_look(sk_runner *runner) {
        DIR *folder = opendir("/proc");
        struct dirent *entry;
        process at;

        if (folder == NULL)
                return;
        while ((entry = readdir(folder)) != NULL) {
                if (!isdigit((unsigned char)entry->d_name[0]) || !process_read(entry->d_name, &at))
                        continue;
                sk_job *job = job_of_group(runner, at.group);
                if (job != NULL)
                        job->seen++;
                else if (at.parent == getpid() && job_of_group(runner, at.pid) == NULL) /* not one that just begins */
                        (void)kill(at.pid, SIGKILL);
        }
        (void)closedir(folder);
}

void sk_runner_watch(sk_runner *runner) {
        for (sk_job *job = runner->jobs; job != NULL; job = job->next)
                job->seen = 0;
        processes_look(runner);
        for (sk_job *job = runner->jobs; job != NULL; job = job->next) {
                if (job->seen > job->processes)
                        sk_job_kill(job, SK_RUN_PROCESSES);
                else if (bytes_in(job->scratch) > job->scratch_bytes)
                        sk_job_kill(job, SK_RUN_SCRATCH);
        }
}
