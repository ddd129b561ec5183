#include "support/effects_world.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/link_process.h"

/* Long enough for any machine. */
#define LIMIT_MS 120000
#define STEP_MS 5
#define PROGRAM "tests/support/effects_world.pl"
#define LINE_MAX_BYTES 4096

/* ---- the server ---- */

static void plugin_put(const effects_world *world, const char *name, const char *built) {
        char whole[PATH_MAX];
        char path[2 * FOLDER_PATH_MAX];

        if (realpath(program_path(built), whole) == NULL)
                fail_msg("%s is not built", program_path(built));
        (void)snprintf(path, sizeof(path), "%s/%s", world->plugins, name);
        assert_int_equal(symlink(whole, path), 0);
}

static bool port_read(effects_world *world, const char *file) {
        FILE *from = fopen(file, "r");
        bool is_there = from != NULL && fgets(world->port, sizeof(world->port), from) != NULL;

        if (from != NULL)
                (void)fclose(from);
        return is_there;
}

static void server_begin(effects_world *world, const char *file) {
        world->pid = fork();
        assert_true(world->pid >= 0);
        if (world->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)execlp("perl", "perl", PROGRAM, world->seen, file, (char *)NULL);
                _exit(127);
        }
        for (int waited = 0; !port_read(world, file); waited += STEP_MS) {
                if (waited > LIMIT_MS)
                        fail_msg("%s has not said its port", PROGRAM);
                (void)poll(NULL, 0, STEP_MS);
        }
}

void effects_world_start(effects_world *world, const test_folder *folder) {
        *world = (effects_world){.pid = 0};
        (void)snprintf(world->seen, sizeof(world->seen), "%s/seen", folder->path);
        (void)snprintf(world->plugins, sizeof(world->plugins), "%s/plugins", folder->path);
        assert_int_equal(mkdir(world->seen, 0700), 0);
        assert_int_equal(mkdir(world->plugins, 0700), 0);
        plugin_put(world, "csv-register.so", "plugins/csv-register.so");
        plugin_put(world, "ledger.so", "tests/plugins/ledger.so");
        server_begin(world, folder_file(folder, "port"));
        assert_int_equal(setenv("SEEN_PORT", world->port, 1), 0);
        assert_int_equal(setenv("SCHAKEL_PLUGINS", world->plugins, 1), 0);
}

void effects_world_stop(effects_world *world) {
        if (world->pid <= 0)
                return;
        (void)kill(world->pid, SIGKILL);
        (void)waitpid(world->pid, NULL, 0);
        world->pid = 0;
}

/* ---- what it has seen ---- */

/* A line is written at once, so it is whole. */
static bool seen_read(const effects_world *world, const char *name, effects_seen *out) {
        char path[2 * FOLDER_PATH_MAX];
        char first[LINE_MAX_BYTES] = "";
        char line[LINE_MAX_BYTES];

        (void)snprintf(path, sizeof(path), "%s/%.200s", world->seen, name);
        FILE *from = fopen(path, "r");
        if (from == NULL)
                return false;
        *out = (effects_seen){.is_same = true};
        while (fgets(line, sizeof(line), from) != NULL) {
                if (out->count++ == 0)
                        memcpy(first, line, sizeof(first));
                out->is_same = out->is_same && strcmp(first, line) == 0;
        }
        (void)fclose(from);
        (void)snprintf(out->key, sizeof(out->key), "%.*s", (int)sizeof(out->key) - 1, name);
        for (char *at = out->key; *at != '\0'; at++)
                *at = *at == '_' ? '/' : *at;
        (void)snprintf(out->path, sizeof(out->path), "%.*s", (int)strcspn(first, " "), first);
        return out->count > 0;
}

unsigned effects_world_keys(const effects_world *world, effects_seen out[EFFECTS_KEYS_MAX]) {
        DIR *folder = opendir(world->seen);
        struct dirent *entry;
        unsigned count = 0;

        assert_non_null(folder);
        while ((entry = readdir(folder)) != NULL) {
                assert_true(count < EFFECTS_KEYS_MAX);
                if (entry->d_name[0] != '.' && seen_read(world, entry->d_name, &out[count]))
                        count++;
        }
        (void)closedir(folder);
        return count;
}

/* ---- processes ---- */

/* Its words with blanks between them; false for one that is not there any more, and for a zombie. */
static bool command_read(const char *pid, char out[LINE_MAX_BYTES]) {
        char path[64];

        (void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
        FILE *from = fopen(path, "r");
        if (from == NULL)
                return false;
        size_t len = fread(out, 1, LINE_MAX_BYTES - 1, from);
        (void)fclose(from);
        out[len] = '\0';
        for (size_t i = 0; i + 1 < len; i++)
                out[i] = out[i] == '\0' ? ' ' : out[i];
        return len > 0 && strstr(out, PROGRAM) == NULL;
}

typedef enum process_use { COUNT, TELL, KILL } process_use;

static unsigned processes(const char *const *words, process_use use) {
        DIR *folder = opendir("/proc");
        struct dirent *entry;
        char command[LINE_MAX_BYTES];
        unsigned count = 0;

        assert_non_null(folder);
        while ((entry = readdir(folder)) != NULL) {
                if (!isdigit((unsigned char)entry->d_name[0]) || !command_read(entry->d_name, command))
                        continue;
                size_t i = 0;
                while (words[i] != NULL && strstr(command, words[i]) == NULL)
                        i++;
                if (words[i] == NULL)
                        continue;
                count++;
                if (use == KILL)
                        (void)kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
                if (use == TELL)
                        print_message("%s is still there: %s\n", entry->d_name, command);
        }
        (void)closedir(folder);
        return count;
}

unsigned effects_processes(const char *const *words) {
        return processes(words, COUNT);
}

unsigned effects_kill(const char *const *words) {
        return processes(words, KILL);
}

void effects_await_none(const char *const *words) {
        for (int waited = 0; waited < LIMIT_MS; waited += STEP_MS) {
                if (effects_processes(words) == 0)
                        return;
                (void)poll(NULL, 0, STEP_MS);
        }
        if (processes(words, TELL) > 0)
                fail_msg("processes are left of a link that was killed");
}
