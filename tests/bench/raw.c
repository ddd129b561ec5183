/*
 * The yardstick of the Kafka log: one thread, plain librdkafka transactions, no logic. It reads what a link has written
 * (kafka/shape.h), sizes only, and writes as many records of the same sizes to the same partitions in batches of the
 * same size. It reads no topic, sends no offsets, and never looks at what it writes.
 *
 *   raw BROKERS CHAIN SHAPE   prints `ready`, waits for a line on stdin, writes, prints the seconds that took
 *
 * $RAW_SET: properties of librdkafka in addition, NAME=VALUE[,NAME=VALUE...].
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <librdkafka/rdkafka.h>

#define TOPICS_MAX 64
#define SHAPES_MAX 4096
#define HEADERS_MAX 64
#define NAME_MAX_BYTES 250
#define CALL_MS 60000

typedef struct shape {
        size_t count;
        struct {
                char name[64];
                size_t len;
        } headers[HEADERS_MAX];
} shape;

typedef struct line {
        unsigned short topic;
        unsigned short shape;
        int partition; /* -1: the batch ends */
        int key_len;
        int value_len; /* -1: a tombstone */
} line;

static struct raw {
        rd_kafka_t *client;
        rd_kafka_topic_t *topics[TOPICS_MAX];
        size_t topic_count;
        shape *shapes;
        size_t shape_count;
        line *lines;
        size_t line_count;
        size_t line_room;
        char filler[1 << 20];
} raw;

static void fail(const char *what, const char *why) {
        (void)fprintf(stderr, "raw: %s: %s\n", what, why);
        exit(1);
}

/* ---- a client ---- */

static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        (void)client;
        (void)self;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail("delivery", rd_kafka_err2str(message->err));
}

static void must(rd_kafka_error_t *error, const char *what) {
        if (error != NULL)
                fail(what, rd_kafka_error_string(error));
}

static void client_make(const char *brokers, const char *chain) {
        /* As a link sets them (log/kafka_settings.c); the rest is librdkafka's default. */
        const char *const properties[][2] = {{"bootstrap.servers", brokers},      {"transactional.id", chain},
                                             {"socket.nagle.disable", "true"},    {"retry.backoff.ms", "10"},
                                             {"transaction.timeout.ms", "60000"}, {"message.max.bytes", "4194304"}};
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        char why[256];

        for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
                if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], why, sizeof(why)) != RD_KAFKA_CONF_OK)
                        fail(properties[i][0], why);
        }
        for (const char *extra = getenv("RAW_SET"); extra != NULL && *extra != '\0';) {
                char name[100];
                char value[100];
                int used = 0;
                if (sscanf(extra, "%99[^=]=%99[^,]%n", name, value, &used) != 2 ||
                    rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
                        fail("RAW_SET", extra);
                extra += used;
                extra += *extra == ',';
        }
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
        raw.client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
        if (raw.client == NULL)
                fail("librdkafka", why);
        must(rd_kafka_init_transactions(raw.client, CALL_MS), "init");
}

/* ---- what is to be written ---- */

static void read_topic(FILE *file, const char *chain) {
        char rest[NAME_MAX_BYTES];
        char name[2 * NAME_MAX_BYTES];

        if (fscanf(file, " %249s", rest) != 1 || raw.topic_count == TOPICS_MAX)
                fail("shape", "a topic is wrong");
        (void)snprintf(name, sizeof(name), "%s.%s", chain, rest);
        raw.topics[raw.topic_count++] = rd_kafka_topic_new(raw.client, name, NULL);
}

static void read_shape(FILE *file) {
        shape *to = &raw.shapes[raw.shape_count++];

        if (raw.shape_count > SHAPES_MAX || fscanf(file, " %zu", &to->count) != 1 || to->count > HEADERS_MAX)
                fail("shape", "headers are wrong");
        for (size_t i = 0; i < to->count; i++) {
                if (fscanf(file, " %63s %zu", to->headers[i].name, &to->headers[i].len) != 2)
                        fail("shape", "a header is wrong");
        }
}

static line *line_add(void) {
        if (raw.line_count == raw.line_room) {
                raw.line_room = raw.line_room == 0 ? 65536 : 2 * raw.line_room;
                raw.lines = realloc(raw.lines, raw.line_room * sizeof(*raw.lines));
        }
        if (raw.lines == NULL)
                fail("shape", "no memory");
        return &raw.lines[raw.line_count++];
}

static void read_record(FILE *file) {
        line *to = line_add();

        if (fscanf(file, " %hu %d %hu %d %d", &to->topic, &to->partition, &to->shape, &to->key_len, &to->value_len) !=
                    5 ||
            to->topic >= raw.topic_count || to->shape >= raw.shape_count || to->value_len > (int)sizeof(raw.filler))
                fail("shape", "a record is wrong");
}

static void shape_read(const char *path, const char *chain) {
        FILE *file = fopen(path, "re");
        char kind;

        raw.shapes = calloc(SHAPES_MAX + 1, sizeof(*raw.shapes));
        if (file == NULL || raw.shapes == NULL)
                fail(path, "cannot be read");
        while (fscanf(file, " %c", &kind) == 1) {
                if (kind == 't')
                        read_topic(file, chain);
                else if (kind == 'h')
                        read_shape(file);
                else if (kind == 'r')
                        read_record(file);
                else
                        line_add()->partition = -1;
        }
        (void)fclose(file);
        memset(raw.filler, 'x', sizeof(raw.filler));
}

/* ---- writing ---- */

static void produce(const line *at) {
        const shape *with = &raw.shapes[at->shape];
        rd_kafka_headers_t *headers = with->count == 0 ? NULL : rd_kafka_headers_new(with->count);
        bool is_tombstone = at->value_len < 0;
        char *value = is_tombstone ? NULL : raw.filler;
        size_t value_len = is_tombstone ? 0 : (size_t)at->value_len;
        rd_kafka_resp_err_t error;

        for (size_t i = 0; i < with->count; i++)
                (void)rd_kafka_header_add(headers, with->headers[i].name, -1, raw.filler,
                                          (ssize_t)with->headers[i].len);
        do {
                error = rd_kafka_producev(
                        raw.client, RD_KAFKA_V_RKT(raw.topics[at->topic]), RD_KAFKA_V_PARTITION(at->partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(raw.filler, (size_t)at->key_len),
                        RD_KAFKA_V_VALUE(value, value_len), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
                (void)rd_kafka_poll(raw.client, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 20 : 0);
        } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                fail("produce", rd_kafka_err2str(error));
}

static void write_all(void) {
        must(rd_kafka_begin_transaction(raw.client), "begin");
        for (size_t i = 0; i < raw.line_count; i++) {
                if (raw.lines[i].partition >= 0) {
                        produce(&raw.lines[i]);
                        continue;
                }
                must(rd_kafka_commit_transaction(raw.client, CALL_MS), "commit");
                if (i + 1 < raw.line_count)
                        must(rd_kafka_begin_transaction(raw.client), "begin");
        }
}

static double clock_s(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
        char go[8];

        if (argc != 4)
                fail("usage", "raw BROKERS CHAIN SHAPE");
        client_make(argv[1], argv[2]);
        shape_read(argv[3], argv[2]);
        (void)printf("ready\n");
        (void)fflush(stdout);
        if (fgets(go, sizeof(go), stdin) == NULL)
                return 1;
        double since_s = clock_s();
        write_all();
        (void)printf("%.6f\n", clock_s() - since_s);
        (void)fflush(stdout);
        (void)!fgets(go, sizeof(go), stdin); /* so that it is there as long as it is looked at */
        return 0;
}
