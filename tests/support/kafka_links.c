#include "support/kafka_links.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void kafka_links_up(kafka_links *links, unsigned brokers) {
        memset(links, 0, sizeof(*links));
        folder_make(&links->folder);
        kafka_cluster_up(&links->cluster, &links->folder, brokers);
}

void kafka_links_share(kafka_links *links) {
        memset(links, 0, sizeof(*links));
        folder_make(&links->folder);
        kafka_cluster_share(&links->cluster, &links->folder);
}

void kafka_links_either(kafka_links *links) {
        const char *log = getenv("SK_TEST_LOG");

        if (log != NULL && strcmp(log, "kafka") == 0) {
                kafka_links_share(links);
                return;
        }
        memset(links, 0, sizeof(*links));
        folder_make(&links->folder);
        links->is_local = true;
}

void kafka_links_down(kafka_links *links) {
        if (!links->is_local)
                kafka_cluster_down(&links->cluster);
        folder_remove(&links->folder);
}

static void copy(const char *from, const char *to) {
        int status = 0;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                (void)execlp("cp", "cp", "-r", from, to, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

void kafka_links_chain_bare(kafka_links *links, const char *from, const char *name, const char *members) {
        char source[FOLDER_PATH_MAX];
        char path[2 * FOLDER_PATH_MAX];

        links->count = 0;
        (void)snprintf(links->chain, sizeof(links->chain), "%s", name);
        if (links->is_local)
                (void)snprintf(links->url, sizeof(links->url), "local:%.500s/%s.db", links->folder.path, name);
        else
                (void)snprintf(links->url, sizeof(links->url), "%s", links->cluster.url);
        (void)snprintf(links->chain_dir, sizeof(links->chain_dir), "%s/%s", links->folder.path, name);
        (void)snprintf(source, sizeof(source), "tests/data/chains/%.100s", from);
        copy(source, links->chain_dir);
        (void)snprintf(path, sizeof(path), "%s/chain.json", links->chain_dir);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fprintf(file, "{\"name\": \"%s\"%s%s}\n", name, members[0] == '\0' ? "" : ", ", members);
        assert_int_equal(fclose(file), 0);
}

void kafka_links_chain(kafka_links *links, const char *from, const char *name, const char *members) {
        char why[SK_LOG_WHY_MAX] = "";

        kafka_links_chain_bare(links, from, name, members);
        if (!links->is_local)
                kafka_cluster_topics(&links->cluster, links->chain_dir);
        if (sk_log_tool_open(links->url, SK_LOG_APPEND, why, &links->tool) != SK_OK)
                fail_msg("%s", why);
}

/* Starts it with these options, and with what each has: a chain, a log and a place for its notes. */
static link_process *start(kafka_links *links, const char *name, const char *const *options) {
        const char *arguments[LINK_ARGUMENTS_MAX] = {"-C", links->chain_dir, "--log", links->url};
        size_t count = 4;

        assert_true(links->count < KAFKA_LINKS_MAX);
        link_process *link = &links->links[links->count];
        char *state = links->states[links->count++];
        (void)snprintf(state, sizeof(links->states[0]), "%.500s.state", folder_file(&links->folder, name));
        arguments[count++] = "--state";
        arguments[count++] = state;
        for (size_t i = 0; options[i] != NULL; i++) {
                assert_true(count + 1 < LINK_ARGUMENTS_MAX);
                arguments[count++] = options[i];
        }
        link_start(link, &links->folder, name, arguments);
        return link;
}

link_process *kafka_links_start(kafka_links *links, const char *team, const char *instance, const char *option) {
        const char *options[] = {"--team", team, "--instance", instance, option, NULL};
        char name[128];

        (void)snprintf(name, sizeof(name), "%.40s-%.40s-%.40s", links->chain, team, instance);
        return start(links, name, options);
}

link_process *kafka_links_start_all(kafka_links *links, const char *const *teams) {
        const char *options[LINK_ARGUMENTS_MAX] = {"--instance", "all"};
        char name[128];

        for (size_t i = 0; teams[i] != NULL; i++) {
                assert_true(2 * i + 4 < LINK_ARGUMENTS_MAX);
                options[2 * i + 2] = "--team";
                options[2 * i + 3] = teams[i];
        }
        (void)snprintf(name, sizeof(name), "%.40s-all", links->chain);
        return start(links, name, options);
}

void kafka_links_await_ready(const kafka_links *links) {
        for (size_t i = 0; i < links->count; i++)
                link_await(&links->links[i], "\"ready\"", 1);
}

void kafka_links_stop(kafka_links *links) {
        for (size_t i = 0; i < links->count; i++) {
                if (links->links[i].pid == 0)
                        continue;
                link_signal(&links->links[i], SIGTERM);
                assert_int_equal(link_wait(&links->links[i]), 0);
        }
}

void kafka_links_end(kafka_links *links) {
        for (size_t i = 0; i < links->count; i++)
                link_kill(&links->links[i]);
        links->count = 0;
        sk_log_tool_free(links->tool);
        links->tool = NULL;
}

const char *kafka_links_topic(const kafka_links *links, const char *rest) {
        static char names[4][160];
        static unsigned turn;
        char *name = names[turn++ % 4];

        (void)snprintf(name, sizeof(names[0]), "%s.%.100s", links->chain, rest);
        return name;
}

void kafka_links_raise(kafka_links *links, unsigned from, unsigned to) {
        const call_place desk = {links->chain, "customer", "desk", "laptop"};
        raised_call call;

        for (unsigned i = from; i < to; i++)
                call_raise_at(links->tool, &desk, i, &call);
}
