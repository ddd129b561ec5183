#include "support/kafka_cluster.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/chain_dir.h"
#ifdef SK_HAVE_RDKAFKA
#include "log/kafka_admin.h"
#endif

#define TOPICS_MAX 256
#define ARGUMENTS_MAX 12

/* Starts the script; its stdout is @p out, if that is not -1. */
static pid_t begin(const kafka_cluster *cluster, const char *const *arguments, int out) {
        const char *argv[ARGUMENTS_MAX + 4] = {"deploy/kafka/kafka", "--dir", cluster->dir};

        for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
                argv[i + 3] = arguments[i];
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                if (out >= 0)
                        (void)dup2(out, STDOUT_FILENO);
                (void)execv(argv[0], (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        return pid;
}

/* Runs the script; what it prints goes to @p out, if that is given. Returns its exit status. */
static int run(const kafka_cluster *cluster, const char *const *arguments, char *out, size_t room) {
        int ends[2];
        int status = 0;
        size_t len = 0;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t pid = begin(cluster, arguments, out == NULL ? -1 : ends[1]);
        close(ends[1]);
        for (ssize_t got = 1; out != NULL && got > 0 && len + 1 < room;) {
                got = read(ends[0], out + len, room - 1 - len);
                len += got > 0 ? (size_t)got : 0;
        }
        if (out != NULL)
                out[len] = '\0';
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static bool has_program(const char *name) {
        char path[512];
        const char *folders = getenv("PATH");

        for (const char *at = folders; at != NULL && *at != '\0';) {
                size_t len = strcspn(at, ":");
                (void)snprintf(path, sizeof(path), "%.*s/%s", (int)len, at, name);
                if (access(path, X_OK) == 0)
                        return true;
                at += len + (at[len] == ':');
        }
        return false;
}

static void skip_without(const char *name) {
        if (has_program(name))
                return;
        print_message("%s is not installed: no Kafka to test with\n", name);
        exit(77);
}

void kafka_cluster_address(const kafka_cluster *cluster, const char *which, char out[KAFKA_ADDRESS_MAX]) {
        const char *address[] = {"address", which, NULL};

        assert_int_equal(run(cluster, address, out, KAFKA_ADDRESS_MAX), 0);
        out[strcspn(out, "\n")] = '\0';
}

static void skip_if_impossible(void) {
#ifndef SK_HAVE_RDKAFKA
        print_message("built without librdkafka\n");
        exit(77);
#endif
        skip_without("java");
        skip_without("kcat");
}

static void address_take(kafka_cluster *cluster) {
        kafka_cluster_address(cluster, NULL, cluster->brokers);
        (void)snprintf(cluster->url, sizeof(cluster->url), "kafka:%s", cluster->brokers);
}

void kafka_cluster_up_with(kafka_cluster *cluster, const test_folder *folder, unsigned brokers,
                           const char *const *options) {
        char count[8];
        const char *up[ARGUMENTS_MAX] = {"up", "--brokers", count, "--attached"};

        skip_if_impossible();
        cluster->is_shared = false;
        (void)snprintf(cluster->dir, sizeof(cluster->dir), "%.480s/kafka", folder->path);
        (void)snprintf(count, sizeof(count), "%u", brokers);
        cluster->broker_count = brokers;
        for (size_t i = 0; options[i] != NULL; i++) {
                assert_true(i + 5 < ARGUMENTS_MAX);
                up[i + 4] = options[i];
        }
        assert_int_equal(run(cluster, up, NULL, 0), 0);
        address_take(cluster);
}

void kafka_cluster_share(kafka_cluster *cluster, const test_folder *folder) {
        const char *dir = getenv("SK_TEST_KAFKA");
        int status = 0;

        if (dir == NULL || getenv("SK_TEST_RUN") == NULL) {
                kafka_cluster_up(cluster, folder, 1);
                return;
        }
        skip_if_impossible();
        *cluster = (kafka_cluster){.broker_count = 1, .is_shared = true};
        (void)snprintf(cluster->dir, sizeof(cluster->dir), "%.500s", dir);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)execl("tests/support/shared_kafka.sh", "shared_kafka.sh", (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        address_take(cluster);
}

void kafka_cluster_up(kafka_cluster *cluster, const test_folder *folder, unsigned brokers) {
        const char *nothing[] = {NULL};

        kafka_cluster_up_with(cluster, folder, brokers, nothing);
}

void kafka_cluster_down(kafka_cluster *cluster) {
        const char *down[] = {"down", NULL};

        if (cluster->is_shared)
                return;
        (void)run(cluster, down, NULL, 0);
}

void kafka_cluster_do(const kafka_cluster *cluster, const char *command, unsigned number) {
        char broker[8];
        const char *arguments[] = {command, broker, NULL};

        (void)snprintf(broker, sizeof(broker), "%u", number);
        assert_int_equal(run(cluster, arguments, NULL, 0), 0);
}

pid_t kafka_cluster_begin(const kafka_cluster *cluster, const char *command, unsigned number) {
        char broker[8];
        const char *arguments[] = {command, number == 0 ? NULL : broker, NULL};

        (void)snprintf(broker, sizeof(broker), "%u", number);
        return begin(cluster, arguments, -1);
}

void kafka_cluster_again(const kafka_cluster *cluster) {
        const char *up[] = {"up", NULL};

        assert_int_equal(run(cluster, up, NULL, 0), 0);
}

#ifdef SK_HAVE_RDKAFKA
static void topic_told(void *self, size_t index, sk_err err, const char *why) {
        (void)self;
        (void)index;
        if (err != SK_OK)
                fail_msg("%s", why);
}

static void topics_make(const kafka_cluster *cluster, const sk_plan *plan) {
        static const sk_difference *list[TOPICS_MAX];
        const sk_kafka_admin_config config = {.brokers = cluster->brokers};
        char why[SK_LOG_WHY_MAX] = "";
        sk_kafka_admin *admin = NULL;
        sk_cluster found;
        sk_differences differences;
        size_t count = 0;

        if (sk_kafka_admin_new(&config, why, &admin) != SK_OK || sk_kafka_admin_look(admin, plan, why, &found) != SK_OK)
                fail_msg("%s", why);
        assert_int_equal(sk_cluster_compare(plan, &found, &differences), SK_OK);
        for (size_t i = 0; i < differences.count; i++) {
                if (differences.list[i].kind == SK_LACKS_TOPIC && count < TOPICS_MAX)
                        list[count++] = &differences.list[i];
        }
        const sk_kafka_changes changes = {list, count, topic_told, NULL};
        if (count > 0 && sk_kafka_admin_make_topics(admin, plan, &changes, why) != SK_OK)
                fail_msg("%s", why);
        sk_differences_free(&differences);
        sk_cluster_free(&found);
        sk_kafka_admin_free(admin);
}
#endif

void kafka_cluster_topics(const kafka_cluster *cluster, const char *chain_dir) {
        sk_edition *edition = NULL;
        sk_findings *findings = sk_findings_new();

        assert_int_equal(sk_chain_dir_build(chain_dir, findings, &edition), SK_OK);
#ifdef SK_HAVE_RDKAFKA
        const sk_plan_config config = {.edition = edition, .replicas = (int)cluster->broker_count};
        sk_plan *plan = NULL;
        assert_int_equal(sk_plan_new(&config, &plan), SK_OK);
        topics_make(cluster, plan);
        sk_plan_free(plan);
#else
        (void)cluster;
#endif
        sk_edition_release(edition);
        sk_findings_free(findings);
}
