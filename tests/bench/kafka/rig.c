#include "bench/kafka/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "bench/bench.h"

#define TOPICS_MAX 256

void rig_up(rig *r) {
        const char *brokers = getenv("BENCH_BROKERS");

        *r = (rig){.is_borrowed = false};
        folder_make(&r->folder);
        if (brokers == NULL) {
                kafka_cluster_up(&r->cluster, &r->folder, 1);
                return;
        }
        r->cluster.broker_count = 1;
        r->is_borrowed = true;
        (void)snprintf(r->cluster.brokers, sizeof(r->cluster.brokers), "%s", brokers);
        (void)snprintf(r->cluster.url, sizeof(r->cluster.url), "kafka:%s", brokers);
}

void rig_down(rig *r) {
        if (!r->is_borrowed)
                kafka_cluster_down(&r->cluster);
        folder_remove(&r->folder);
}

/* ---- a chain's files ---- */

static void file_write(const rig_chain *chain, const char *name, const char *text) {
        char path[sizeof(chain->dir) + 128];

        (void)snprintf(path, sizeof(path), "%s/%s", chain->dir, name);
        for (char *at = path + strlen(chain->dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
                *at = '\0';
                (void)mkdir(path, 0700);
                *at = '/';
        }
        FILE *file = fopen(path, "we");
        if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
                bench_fail("%s cannot be written", path);
}

static void team_write(const rig_chain *chain, const char *team, bool is_customer) {
        char name[64];
        char text[512];

        (void)snprintf(name, sizeof(name), "%s/team.json", team);
        (void)snprintf(text, sizeof(text),
                       "{\"title\":\"%s\",%s\"organised_by\":\"process\",\"coordinated_by\":\"process\",\"people\":{"
                       "\"anna\":{\"profiles\":[\"process-manager\",\"process-coordinator\",\"operator\"]}}}",
                       team, is_customer ? "\"consumer\":true," : "");
        file_write(chain, name, text);
}

static void agreement_write(const rig_chain *chain, const char *customer, const char *provider) {
        char name[64];
        char text[1024];

        (void)snprintf(name, sizeof(name), "agreements/%s-%s.json", customer, provider);
        (void)snprintf(text, sizeof(text),
                       "{\"customer\":\"%s\",\"provider\":\"%s\",\"facilities\":{"
                       "\"laptop\":{\"goods\":[\"laptop\"],\"calls\":[\"service-request\"],\"promises\":{"
                       "\"service-request\":{\"respond_within\":\"PT1H\",\"resolve_within\":\"PT8H\"}}},"
                       "\"beamer\":{\"goods\":[\"beamer\"],\"calls\":[\"service-request\"]}},"
                       "\"share\":[\"/need\",\"/result\"]}",
                       customer, provider);
        file_write(chain, name, text);
}

static void routine_write(const rig_chain *chain, const char *team, const char *next) {
        char name[64];
        char how[200] = "{\"auto\":{\"result\":{\"done\":true}}}";
        char text[1024];

        if (next != NULL)
                (void)snprintf(how, sizeof(how),
                               "{\"delegate\":{\"to\":[{\"team\":\"%s\",\"type\":\"service-request\"}]}}", next);
        (void)snprintf(name, sizeof(name), "%s/routines/operate.json", team);
        (void)snprintf(text, sizeof(text),
                       "{\"process\":\"operate\",\"select\":{\"facility\":\"laptop\"},\"activities\":{"
                       "\"operate.accept\":{\"how\":\"auto\"},\"operate.classify\":{\"how\":\"auto\"},"
                       "\"operate.plan\":{\"how\":\"auto\"},\"operate.perform\":{\"how\":%s},"
                       "\"operate.review\":{\"how\":\"auto\"},\"operate.close\":{\"how\":\"auto\"}}}",
                       how);
        file_write(chain, name, text);
}

static void team_name(unsigned number, char out[16]) {
        (void)snprintf(out, 16, number == 0 ? RIG_CUSTOMER : "link%u", number);
}

void rig_chain_make(const rig *r, const char *name, unsigned links, rig_chain *out) {
        char team[16];
        char next[16];
        char text[128];

        /* Brokers that run already may know a chain of that name. */
        (void)snprintf(out->name, sizeof(out->name), "%.20s-%d", name, (int)getpid());
        (void)snprintf(out->dir, sizeof(out->dir), "%s/%s", r->folder.path, out->name);
        (void)mkdir(out->dir, 0700);
        (void)snprintf(text, sizeof(text), "{\"name\":\"%s\",\"partitions\":4}", out->name);
        file_write(out, "chain.json", text);
        for (unsigned i = 0; i <= links; i++) {
                team_name(i, team);
                team_name(i + 1, next);
                team_write(out, team, i == 0);
                if (i < links)
                        agreement_write(out, team, next);
                if (i > 0)
                        routine_write(out, team, i < links ? next : NULL);
        }
        kafka_cluster_topics(&r->cluster, out->dir);
}

static rd_kafka_t *admin_new(const rig *r) {
        char why[256];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)rd_kafka_conf_set(conf, "bootstrap.servers", r->cluster.brokers, why, sizeof(why));
        rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
        if (client == NULL)
                bench_fail("librdkafka: %s", why);
        return client;
}

static size_t topics_find(rd_kafka_t *client, const rig_chain *chain, rd_kafka_DeleteTopic_t **out) {
        const rd_kafka_metadata_t *metadata = NULL;
        size_t count = 0;

        if (rd_kafka_metadata(client, 1, NULL, &metadata, 30000) != RD_KAFKA_RESP_ERR_NO_ERROR)
                bench_fail("no metadata");
        for (int i = 0; i < metadata->topic_cnt && count < TOPICS_MAX; i++) {
                const char *name = metadata->topics[i].topic;
                if (strncmp(name, chain->name, strlen(chain->name)) == 0 && name[strlen(chain->name)] == '.')
                        out[count++] = rd_kafka_DeleteTopic_new(name);
        }
        rd_kafka_metadata_destroy(metadata);
        return count;
}

void rig_chain_drop(const rig *r, const rig_chain *chain) {
        rd_kafka_DeleteTopic_t *topics[TOPICS_MAX];
        rd_kafka_t *client = admin_new(r);
        rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
        size_t count = topics_find(client, chain, topics);

        rd_kafka_DeleteTopics(client, topics, count, NULL, queue);
        rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 60000));
        rd_kafka_DeleteTopic_destroy_array(topics, count);
        rd_kafka_queue_destroy(queue);
        rd_kafka_destroy(client);
}

/* ---- a link ---- */

static double clock_s(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The port is in the state directory from the start. */
static void port_read(rig_link *link) {
        char path[sizeof(link->state) + 64];
        char line[64] = "";

        (void)snprintf(path, sizeof(path), "%s/%s.http", link->state, link->team);
        FILE *file = fopen(path, "re");
        if (file == NULL || fgets(line, sizeof(line), file) == NULL || strrchr(line, ':') == NULL)
                bench_fail("%s does not say where the link's metrics are", path);
        (void)fclose(file);
        (void)snprintf(link->port, sizeof(link->port), "%.7s", strrchr(line, ':') + 1);
}

void rig_link_start(const rig *r, const rig_chain *chain, unsigned number, rig_link *out) {
        char name[128];

        team_name(number, out->team);
        (void)snprintf(name, sizeof(name), "%s-%s", chain->name, out->team);
        (void)snprintf(out->state, sizeof(out->state), "%.500s/%.100s.state", r->folder.path, name);
        const char *arguments[] = {"-C",           chain->dir, "--team",   out->team, "--log",
                                   r->cluster.url, "--state",  out->state, "--http",  "127.0.0.1:0",
                                   "--instance",   "bench",    NULL};
        link_start(&out->process, &r->folder, name, arguments);
        link_await(&out->process, "\"ready\"", 1);
        port_read(out);
}

double rig_link_start_again(rig_link *link) {
        unsigned said = link_said(&link->process, "\"ready\"");
        double since_s = clock_s();

        link_start_again(&link->process);
        link_await(&link->process, "\"ready\"", said + 1);
        port_read(link);
        return clock_s() - since_s;
}

void rig_link_stop(rig_link *link) {
        link_signal(&link->process, SIGTERM);
        if (link_wait(&link->process) != 0)
                bench_fail("a link has not ended in order; %s says why", link->process.log);
}

static void http_get(const rig_link *link, char *out, size_t room) {
        static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)strtoul(link->port, NULL, 10)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        size_t len = 0;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
            write(fd, request, sizeof(request) - 1) != (ssize_t)sizeof(request) - 1)
                bench_fail("no metrics of %s; %s says why", link->team, link->process.log);
        for (ssize_t got = 1; got > 0 && len + 1 < room; len += got > 0 ? (size_t)got : 0)
                got = read(fd, out + len, room - 1 - len);
        out[len] = '\0';
        (void)close(fd);
}

double rig_link_metric(const rig_link *link, const char *name) {
        char body[65536];
        char start[128];

        http_get(link, body, sizeof(body));
        (void)snprintf(start, sizeof(start), "\n%s", name);
        const char *at = strstr(body, start);
        while (at != NULL && at[strlen(start)] != '{' && at[strlen(start)] != ' ')
                at = strstr(at + 1, start);
        at = at == NULL ? NULL : strchr(at, ' ');
        if (at == NULL)
                bench_fail("no metric %s", name);
        return strtod(at, NULL);
}
