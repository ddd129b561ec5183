/*
 * A demonstration on a real Kafka: a broker that is there for this alone, and a team with two processes of which one is
 * killed (kill -9) while recorded calls go through it. It is not started again, so that the other takes its partitions
 * over as soon as the brokers hold it for gone.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/demo/demo.h"
#include "cli/inner.h"
#include "kit/when.h"
#include "log/properties.h"

#define TURN_MS 100
#define PATIENCE_MS 60000            /* of a broker that is told to end */
#define TAKE_OVER_US SK_MINUTE_US    /* the brokers wait 30 s for a process that is gone, by default */
#define MIDDLE_DEFAULT 300           /* closed calls after which the kill comes; half of what --limit says */
#define TAKEN_OVER "[taken-over]"    /* event of schakeld's log */
#define SAID_BYTES ((size_t)1 << 20) /* of commands that are run on the way */

/* ---- the broker ---- */

static void hear_broker(void *own, const sk_child_news *news) {
        sk_demo *demo = own;
        sk_slice line = news->line;
        if (!sk_slice_there(line) || demo->kafka.address[0] != '\0')
                return;
        (void)snprintf(demo->kafka.address, sizeof(demo->kafka.address), "%.*s", (int)line.len, line.at);
}

/** Where the links note what they are about to do. */
static int make_state(sk_demo *demo) {
        char path[SK_DEMO_PATH_MAX];
        if (!sk_demo_path(demo, "state", path))
                return SK_EXIT_NEGATIVE;
        if (mkdir(path, 0777) == 0 || errno == EEXIST)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, path, "name a folder that you may write: --folder DIR", "%s",
                           strerrordesc_np(errno));
}

static int start_broker(sk_demo *demo) {
        char dir[SK_DEMO_PATH_MAX];
        const char *const argv[] = {demo->kafka.program, "--dir", dir, "run", NULL};
        if (access(demo->kafka.program, X_OK) != 0)
                return sk_cli_fail(demo->cli, demo->kafka.program,
                                   "name the program that runs a broker: --kafka deploy/kafka/kafka, in the sources",
                                   "%s", strerrordesc_np(errno));
        if (!sk_demo_path(demo, "kafka", dir))
                return SK_EXIT_NEGATIVE;
        demo->kafka.children = sk_children_new(hear_broker, demo);
        if (demo->kafka.children == NULL)
                return sk_cli_fail(demo->cli, "memory", "end other programs, then try again", "none left");
        const sk_child_plan plan = {.name = "kafka", .argv = argv, .shows_errors = true};
        if (sk_children_start(demo->kafka.children, &plan, NULL) == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(demo->cli, "kafka", "end other programs, then try again", "it cannot be started");
}

/** As long as it takes: at the first start Kafka itself is fetched. */
static int await_broker(sk_demo *demo) {
        while (!sk_cli_is_interrupted() && demo->kafka.address[0] == '\0') {
                sk_children_turn(demo->kafka.children, TURN_MS);
                if (demo->kafka.address[0] == '\0' && sk_children_count(demo->kafka.children) == 0)
                        return sk_cli_fail(demo->cli, "kafka", "what it said above tells why",
                                           "no broker runs: it has ended with %d",
                                           sk_children_status(demo->kafka.children, 0));
        }
        (void)snprintf(demo->log, sizeof(demo->log), "kafka:%s", demo->kafka.address);
        return SK_EXIT_OK;
}

static int make_topics(sk_demo *demo) {
        const char *const words[] = {"apply", "-C", demo->chain, "--log", demo->log, "--yes", NULL};
        sk_inner inner = sk_inner_make(words);
        sk_buf said = sk_buf_make(SAID_BYTES);
        int status = sk_inner_run(demo->cli, &inner, &said, NULL);
        if (status != SK_EXIT_OK)
                (void)fwrite(sk_buf_slice(&said).at, 1, sk_buf_slice(&said).len, sk_cli_err(demo->cli));
        sk_buf_free(&said);
        return status;
}

int sk_demo_kafka_begin(sk_demo *demo) {
        demo->kafka.first = demo->kafka.second = SK_DEMO_NONE;
        demo->kafka.before = -1;
        if (demo->kafka.program == NULL)
                return SK_EXIT_OK;
        if (sk_cli_flag(demo->cli, "keep"))
                return sk_cli_usage_error(demo->cli, "--keep", "what was on the broker of --kafka is gone with it");
        /* What its reader says of other brokers is not about this one. */
        (void)unsetenv(SK_PROPERTIES_ENVIRONMENT);
        int status = make_state(demo);
        if (status == SK_EXIT_OK)
                status = start_broker(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_json(demo->cli))
                sk_cli_print(demo->cli, "starting a Kafka broker for this demonstration alone\n");
        fflush(sk_cli_out(demo->cli));
        if (status == SK_EXIT_OK)
                status = await_broker(demo);
        if (status == SK_EXIT_OK && !sk_cli_is_interrupted())
                status = make_topics(demo);
        return status;
}

void sk_demo_kafka_end(sk_demo *demo) {
        if (demo->kafka.children != NULL)
                (void)sk_children_end(demo->kafka.children, PATIENCE_MS);
        sk_children_free(demo->kafka.children);
        demo->kafka.children = NULL;
}

/* ---- two processes ---- */

/** How many customers the team has. */
static size_t customers_of(const sk_edition *edition, sk_slice team) {
        size_t count = 0;
        for (size_t i = 0; i < sk_edition_agreement_count(edition); i++)
                count += sk_slice_equal(sk_agreement_provider(sk_edition_agreement_at(edition, i)), team);
        return count;
}

void sk_demo_kafka_double(sk_demo *demo, sk_links_plan *plan) {
        const sk_edition *edition = demo->session.edition;
        size_t most = 0;
        if (demo->kafka.program == NULL)
                return;
        for (size_t i = 0; i < sk_edition_team_count(edition); i++) {
                sk_slice team = sk_team_name(sk_edition_team_at(edition, i));
                if (customers_of(edition, team) <= most)
                        continue;
                most = customers_of(edition, team);
                demo->kafka.team = team;
                demo->kafka.first = i;
        }
        if (most == 0)
                return;
        demo->kafka.second = sk_edition_team_count(edition);
        plan->doubled = demo->kafka.team;
}

/* ---- the kill ---- */

/** Offsets of the team's archive, all partitions together: one for each closed call, and one for each commit. */
static int64_t count_archive(const sk_demo *demo) {
        sk_slice topic = sk_session_topic(&demo->session, demo->kafka.team, SK_TOPIC_ARCHIVE, SK_NONE);
        int64_t sum = 0;
        for (int32_t p = 0; p < sk_log_tool_partitions(demo->session.log); p++) {
                int64_t end = 0;
                if (!sk_slice_there(topic) || sk_log_tool_end(demo->session.log, topic, p, &end) != SK_OK)
                        return -1;
                sum += end;
        }
        return sum;
}

int sk_demo_kafka_turn(sk_demo *demo) {
        sk_demo_kafka *kafka = &demo->kafka;
        if (kafka->second == SK_DEMO_NONE || kafka->killed_us != 0)
                return SK_EXIT_OK;
        int64_t middle = (int64_t)sk_cli_count(demo->cli, "limit", 2 * MIDDLE_DEFAULT) / 2;
        int64_t now = count_archive(demo);
        if (kafka->before < 0)
                kafka->before = now;
        if (now - kafka->before < (middle < MIDDLE_DEFAULT ? middle : MIDDLE_DEFAULT))
                return SK_EXIT_OK;
        sk_children_signal_one(demo->children, kafka->second, SIGKILL);
        kafka->killed_us = sk_cli_now_us();
        return sk_demo_count_open(demo, &kafka->open);
}

void sk_demo_kafka_hear(sk_demo *demo, const sk_child_news *news) {
        sk_demo_kafka *kafka = &demo->kafka;
        if (kafka->killed_us == 0 || kafka->taken_us != 0 || news->index != kafka->first ||
            !sk_slice_there(news->line) ||
            memmem(news->line.at, news->line.len, TAKEN_OVER, strlen(TAKEN_OVER)) == NULL)
                return;
        kafka->taken_us = sk_cli_now_us();
}

int sk_demo_kafka_settle(sk_demo *demo) {
        sk_demo_kafka *kafka = &demo->kafka;
        while (kafka->killed_us != 0 && kafka->taken_us == 0 && !sk_cli_is_interrupted()) {
                if (sk_cli_now_us() - kafka->killed_us > TAKE_OVER_US)
                        return sk_cli_fail(demo->cli, demo->folder, "links.log in that folder says why: --folder DIR",
                                           "nobody has taken over the partitions of the process that was killed");
                sk_children_turn(demo->children, TURN_MS);
        }
        return SK_EXIT_OK;
}

void sk_demo_kafka_tell(const sk_demo *demo) {
        const sk_demo_kafka *kafka = &demo->kafka;
        if (kafka->killed_us == 0)
                return;
        sk_cli_print(demo->cli,
                     "One of the two processes of %s was killed (kill -9) in the middle, with %zu calls open in the "
                     "chain; the other had its partitions after %.1f s.\n",
                     sk_cli_safe(demo->cli, kafka->team), kafka->open,
                     (double)(kafka->taken_us - kafka->killed_us) / (double)SK_SECOND_US);
}
