#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef SK_HAVE_RDKAFKA
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kit/random.h"
#include "link/journal.h"
#include "log/kafka_journal.h"
#include "log/kafka_member.h"
#include "log/kafka_producer.h"
#include "log/kafka_settle.h"
#include "support/kafka_foreign.h"
#include "support/kafka_links.h"

/*
 * What the promises of rules T and R rest on, shown of a real broker with the parts of the port themselves: who is no
 * member any more is refused, partitions beyond the subscription are committed all the same, and what a restore has read
 * is all there ever was.
 */

#define N 4
#define LIMIT_MS 60000
#define STEP_MS 20

static kafka_links f;

/* ---- an instance of team provider, in parts ---- */

typedef struct instance {
        sk_kafka_settings settings;
        sk_kafka_member *member;
        sk_kafka_producer *producer;
        atomic_bool is_stopping;
        size_t assigned; /* partitions at the last assignment */
        unsigned assignments;
        bool has[N];
        unsigned records;
} instance;

static sk_topics *topics;

static void instance_join(instance *i, const char *name) {
        char why[SK_KAFKA_WHY_MAX] = "";

        *i = (instance){.settings = {.brokers = f.cluster.brokers,
                                     .chain = sk_slice_of(f.chain),
                                     .team = SK_SLICE("provider"),
                                     .instance = sk_slice_of(name)}};
        atomic_init(&i->is_stopping, false);
        sk_kafka_producer_config config = {.settings = &i->settings, .is_stopping = &i->is_stopping, .run = name};
        if (sk_kafka_producer_new(&config, why, &i->producer) != SK_OK ||
            sk_kafka_producer_init(i->producer, why) != SK_OK ||
            sk_kafka_member_new(&i->settings, sk_topics_own(topics, SK_TOPIC_WORK)->name, N, why, &i->member) != SK_OK)
                fail_msg("%s", why);
}

static void instance_leave(instance *i) {
        if (i->member != NULL) {
                rd_kafka_t *client = sk_kafka_member_close(i->member);
                (void)rd_kafka_consumer_close(client);
                rd_kafka_destroy(client);
        }
        sk_kafka_producer_free(i->producer);
        i->member = NULL;
        i->producer = NULL;
}

static void on_news(instance *i, const sk_kafka_news *news) {
        if (news->kind == SK_KAFKA_REVOKED)
                sk_kafka_member_let_go(i->member);
        i->records += news->kind == SK_KAFKA_RECORD;
        if (news->kind != SK_KAFKA_ASSIGNED)
                return;
        memset(i->has, 0, sizeof(i->has));
        i->assigned = news->partition_count;
        i->assignments++;
        for (size_t n = 0; n < news->partition_count; n++)
                i->has[news->partitions[n]] = true;
}

/* Lets the instances do what the group wants until the first has been given that many partitions, or so many records. */
static void await(instance *const *all, size_t count, size_t assigned, unsigned records) {
        sk_kafka_news news;

        for (int waited = 0; all[0]->assigned != assigned || all[0]->records < records; waited += STEP_MS) {
                if (waited > LIMIT_MS)
                        fail_msg("%zu partitions, not %zu; %u records, not %u", all[0]->assigned, assigned,
                                 all[0]->records, records);
                (void)poll(NULL, 0, STEP_MS);
                for (size_t n = 0; n < count; n++) {
                        while (sk_kafka_member_news(all[n]->member, &news))
                                on_news(all[n], &news);
                        sk_kafka_member_flow(all[n]->member);
                }
        }
}

/* A batch that something other than a record was the reason for: it leaves `work` where it was. */
static sk_err commit_one(instance *i, const sk_record *record, const rd_kafka_consumer_group_metadata_t *group,
                         char why[SK_KAFKA_WHY_MAX]) {
        const sk_position work = {.topic = sk_topics_own(topics, SK_TOPIC_WORK), .partition = 1, .next_offset = 0};
        const sk_batch batch = {.number = (uint64_t)record->value.at[0],
                                .generation = 1,
                                .records = record,
                                .record_count = 1,
                                .offsets = &work,
                                .offset_count = 1};

        return sk_kafka_producer_commit(i->producer, &batch, group, why);
}

static sk_err commit_timer(instance *i, char name, const rd_kafka_consumer_group_metadata_t *group,
                           char why[SK_KAFKA_WHY_MAX]) {
        const sk_record mark = {.topic = sk_topics_own(topics, SK_TOPIC_JOURNAL),
                                .partition = 1,
                                .key = SK_SLICE("mark"),
                                .headers = SK_SLICE(""),
                                .value = {&name, 1}};

        return commit_one(i, &mark, group, why);
}

struct names {
        char text[16];
        size_t len;
};

static bool name_take(void *self, const sk_log_entry *entry) {
        struct names *names = self;

        assert_true(entry->value.len == 1 && names->len + 1 < sizeof(names->text));
        names->text[names->len++] = entry->value.at[0];
        return true;
}

/* The marks in the journal, once there are that many: what is committed shows a moment later. */
static const char *marks_await(size_t count) {
        static struct names names;
        sk_log_read read = {.topic = sk_topics_own(topics, SK_TOPIC_JOURNAL)->name, .partition = 1};

        do {
                names = (struct names){.len = 0};
                if (sk_log_tool_read(f.tool, &read, name_take, &names, NULL) != SK_OK)
                        fail_msg("%s", sk_log_tool_why(f.tool));
        } while (names.len < count && sk_log_tool_wait(f.tool, LIMIT_MS));
        return names.text;
}

static void chain_make(const char *name) {
        kafka_links_chain(&f, "pair", name, "");
        sk_topics_free(topics);
        topics = sk_topics_new(sk_slice_of(f.chain), SK_SLICE("provider"));
        assert_non_null(topics);
}

static void test_a_transaction_of_a_zombie_that_only_time_has_caused_is_refused(void **state) {
        char why[SK_KAFKA_WHY_MAX] = "";
        instance a;
        instance b;
        instance *const alone[] = {&a};
        instance *const both[] = {&a, &b};

        (void)state;
        chain_make("zombie");
        instance_join(&a, "a");
        await(alone, 1, N, 0);
        rd_kafka_consumer_group_metadata_t *before = sk_kafka_member_group(a.member);
        assert_int_equal(commit_timer(&a, 'x', before, why), SK_OK);

        instance_join(&b, "b");
        await(both, 2, N / 2, 0);
        assert_int_equal(commit_timer(&a, 'y', before, why), SK_ERR_ABORTED);
        /* Which call learns of it first, and how librdkafka then words it, is chance. */
        if (strstr(why, "ILLEGAL_GENERATION") == NULL && strstr(why, "group generation id is not valid") == NULL)
                fail_msg("%s", why);

        rd_kafka_consumer_group_metadata_t *now = sk_kafka_member_group(a.member);
        assert_int_equal(commit_timer(&a, 'z', now, why), SK_OK);
        assert_string_equal(marks_await(2), "xz");
        rd_kafka_consumer_group_metadata_destroy(before);
        rd_kafka_consumer_group_metadata_destroy(now);
        instance_leave(&a);
        instance_leave(&b);
}

/* ---- beyond the subscription ---- */

static const sk_topic *calls(void) {
        return sk_topics_calls_from(topics, SK_SLICE("customer"));
}

static void read_calls(instance *i, int64_t from) {
        for (int32_t p = 0; p < N; p++) {
                const sk_position position = {.topic = calls(), .partition = p, .next_offset = from};
                if (i->has[p])
                        assert_int_equal(sk_kafka_member_place(i->member, &position), SK_OK);
        }
}

static void commit_calls(instance *i, int32_t partition, int64_t next_offset) {
        char why[SK_KAFKA_WHY_MAX] = "";
        rd_kafka_consumer_group_metadata_t *group = sk_kafka_member_group(i->member);
        const sk_position offsets[] = {
                {.topic = sk_topics_own(topics, SK_TOPIC_WORK), .partition = partition, .next_offset = 0},
                {.topic = calls(), .partition = partition, .next_offset = next_offset}};
        const sk_batch batch = {
                .number = (uint64_t)next_offset, .generation = 1, .offsets = offsets, .offset_count = 2};

        if (sk_kafka_producer_commit(i->producer, &batch, group, why) != SK_OK)
                fail_msg("%s", why);
        rd_kafka_consumer_group_metadata_destroy(group);
}

/* What the group says of calls[partition]. */
static int64_t committed_calls(int32_t partition) {
        char why[256];
        char group[KAFKA_CHAIN_MAX + 16];
        char topic[200];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)snprintf(group, sizeof(group), "%s.provider", f.chain);
        (void)snprintf(topic, sizeof(topic), "%.*s", (int)calls()->name.len, calls()->name.at);
        (void)rd_kafka_conf_set(conf, "bootstrap.servers", f.cluster.brokers, why, sizeof(why));
        (void)rd_kafka_conf_set(conf, "group.id", group, why, sizeof(why));
        rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
        assert_non_null(client);
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        (void)rd_kafka_topic_partition_list_add(list, topic, partition);
        assert_int_equal(rd_kafka_committed(client, list, LIMIT_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
        int64_t offset = list->elems[0].offset;
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_destroy(client);
        return offset;
}

static void put_calls(kafka_foreign *client) {
        for (int32_t p = 0; p < N; p++) {
                const foreign_record record = {.topic = kafka_links_topic(&f, "provider.calls.customer"),
                                               .partition = p,
                                               .key = SK_NONE,
                                               .headers = SK_SLICE(""),
                                               .value = SK_SLICE("a call")};
                (void)kafka_foreign_put(client, &record);
        }
}

static void test_what_is_assigned_beyond_the_subscription_is_committed_also_after_a_rebalance(void **state) {
        instance a;
        instance b;
        instance *const alone[] = {&a};
        instance *const both[] = {&a, &b};
        instance *const turned[] = {&b, &a};

        (void)state;
        chain_make("beyond");
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        instance_join(&a, "a");
        await(alone, 1, N, 0);
        read_calls(&a, 0);
        put_calls(client);
        await(alone, 1, N, N);
        for (int32_t p = 0; p < N; p++)
                commit_calls(&a, p, 1);

        instance_join(&b, "b");
        await(both, 2, N / 2, N);
        await(turned, 2, N / 2, 0);
        read_calls(&a, 1);
        read_calls(&b, 1);
        put_calls(client);
        await(both, 2, N / 2, N + N / 2);
        await(turned, 2, N / 2, N / 2);
        for (int32_t p = 0; p < N; p++) {
                assert_int_equal(committed_calls(p), 1);
                assert_true(a.has[p] != b.has[p]);
                commit_calls(a.has[p] ? &a : &b, p, 2);
                assert_int_equal(committed_calls(p), 2);
        }
        kafka_foreign_free(client);
        instance_leave(&a);
        instance_leave(&b);
}

/* ---- what stands behind the last record ---- */

/* The marker has an offset, as a record has, and nobody is ever given it. */
static void test_the_marker_of_a_transaction_is_neither_lag_nor_a_backlog(void **state) {
        char why[SK_KAFKA_WHY_MAX] = "";
        instance a;
        sk_kafka_news news = {.kind = SK_KAFKA_RECORD};

        (void)state;
        chain_make("marker");
        instance_join(&a, "a");
        await((instance *const[]){&a}, 1, N, 0);
        rd_kafka_consumer_group_metadata_t *group = sk_kafka_member_group(a.member);
        const sk_record call = {.topic = calls(),
                                .partition = 1,
                                .key = SK_SLICE("k"),
                                .headers = SK_SLICE(""),
                                .value = SK_SLICE("v")};
        assert_int_equal(commit_one(&a, &call, group, why), SK_OK);
        rd_kafka_consumer_group_metadata_destroy(group);
        read_calls(&a, 0);
        await((instance *const[]){&a}, 1, N, 1);
        const sk_kafka_member_numbers *numbers = sk_kafka_member_count(a.member);
        for (int waited = 0; sk_kafka_member_next(a.member, calls(), 1) < 2 || news.kind != SK_KAFKA_ALIVE ||
                             numbers->lag[SK_TOPIC_CALLS] > 0;
             waited += STEP_MS) {
                assert_true(waited < LIMIT_MS);
                (void)poll(NULL, 0, STEP_MS);
                news.kind = SK_KAFKA_RECORD;
                (void)sk_kafka_member_news(a.member, &news);
        }
        assert_false(sk_kafka_member_has_caught_up(a.member));
        sk_kafka_member_done(a.member, &(sk_position){.topic = calls(), .partition = 1, .next_offset = 1});
        assert_true(sk_kafka_member_has_caught_up(a.member));
        instance_leave(&a);
}

/* ---- killed around the end of a transaction ---- */

#define KILLS 30
#define ROUNDS_MAX 4096
#define RECORDS 5

static void must(rd_kafka_error_t *error) {
        if (error != NULL)
                _exit(1);
}

/* One transaction, as the port writes it. It says when it asks for its end, and when that has come. */
static void transaction_write(rd_kafka_t *client, const char *chain, unsigned number,
                              const rd_kafka_consumer_group_metadata_t *group) {
        char journal[200];
        char work[200];
        char value[32];
        rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);

        (void)snprintf(journal, sizeof(journal), "%s.provider.journal", chain);
        (void)snprintf(work, sizeof(work), "%s.provider.work", chain);
        rd_kafka_topic_partition_list_add(offsets, work, 1)->offset = 0;
        int len = snprintf(value, sizeof(value), "%u", number);
        must(rd_kafka_begin_transaction(client));
        for (size_t i = 0; i < RECORDS; i++)
                (void)rd_kafka_producev(client, RD_KAFKA_V_TOPIC(journal), RD_KAFKA_V_PARTITION(1),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY("key", 3),
                                        RD_KAFKA_V_VALUE(value, (size_t)len), RD_KAFKA_V_END);
        must(rd_kafka_send_offsets_to_transaction(client, offsets, group, LIMIT_MS));
        rd_kafka_topic_partition_list_destroy(offsets);
        (void)rd_kafka_flush(client, LIMIT_MS);
        (void)dprintf(STDOUT_FILENO, "ending %u\n", number);
        must(rd_kafka_commit_transaction(client, LIMIT_MS));
        (void)dprintf(STDOUT_FILENO, "ended %u\n", number);
}

/* The child: transaction after transaction, until it is killed. */
static int writer_main(const char *brokers, const char *chain, unsigned first) {
        char why[SK_KAFKA_WHY_MAX] = "";
        const sk_kafka_settings settings = {.brokers = brokers,
                                            .chain = sk_slice_of(chain),
                                            .team = SK_SLICE("provider"),
                                            .instance = SK_SLICE("a")};
        rd_kafka_t *client = NULL;
        rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata_new("nobody");

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (sk_kafka_client_new(&settings, SK_KAFKA_PRODUCER, NULL, why, &client) != SK_OK)
                return 1;
        must(rd_kafka_init_transactions(client, LIMIT_MS));
        for (unsigned number = first;; number++)
                transaction_write(client, chain, number, group);
}

static pid_t writer_start(unsigned first, FILE **out) {
        char number[16];
        int ends[2];

        (void)snprintf(number, sizeof(number), "%u", first);
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)dup2(ends[1], STDOUT_FILENO);
                close(ends[0]);
                close(ends[1]);
                (void)execl("/proc/self/exe", "writer", f.cluster.brokers, f.chain, number, (char *)NULL);
                _exit(127);
        }
        close(ends[1]);
        *out = fdopen(ends[0], "r");
        assert_non_null(*out);
        return pid;
}

/* What is known of each transaction. */
typedef struct history {
        unsigned last;                /* the last of which the end was asked for */
        uint64_t asked_us;            /* and when */
        uint64_t lasted_us;           /* how long the last end took that came */
        bool is_ended[ROUNDS_MAX];    /* its writer was told so */
        bool is_restored[ROUNDS_MAX]; /* the restore after it gave it */
        unsigned seen[ROUNDS_MAX];    /* records of it in the restore that is looked at */
} history;

static uint64_t monotonic_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void lines_read(FILE *out, history *h, unsigned lines) {
        char line[64];
        unsigned number;

        for (unsigned i = 0; (lines == 0 || i < lines) && fgets(line, sizeof(line), out) != NULL; i++) {
                if (sscanf(line, "ending %u", &number) == 1) {
                        assert_true(number < ROUNDS_MAX);
                        h->last = number;
                        h->asked_us = monotonic_us();
                } else if (sscanf(line, "ended %u", &number) == 1) {
                        h->is_ended[number] = true;
                        h->lasted_us = monotonic_us() - h->asked_us;
                }
        }
}

/* kill -9 some transactions after its start, a random time after the end of one was asked for. */
static void write_and_kill(history *h, sk_random *random) {
        FILE *out = NULL;
        pid_t pid = writer_start(h->last + 1, &out);
        int status = 0;

        lines_read(out, h, 1 + 2 * (1 + (unsigned)sk_random_below(random, 3)));
        uint64_t pause_us = sk_random_below(random, 2 * h->lasted_us + 1);
        const struct timespec pause = {.tv_sec = (time_t)(pause_us / 1000000),
                                       .tv_nsec = (long)(pause_us % 1000000) * 1000};
        (void)nanosleep(&pause, NULL); /* where in the transaction is what the test is about */
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        lines_read(out, h, 0);
        (void)fclose(out);
}

static bool goes_on(void *unused) {
        (void)unused;
        return true;
}

static bool see(void *self, const sk_record *record) {
        history *h = self;
        char text[32];

        if (sk_slice_is(record->key, SK_JOURNAL_BARRIER))
                return true;
        (void)snprintf(text, sizeof(text), "%.*s", (int)record->value.len, record->value.at);
        unsigned long number = strtoul(text, NULL, 10);
        assert_true(number > 0 && number < ROUNDS_MAX);
        h->seen[number]++;
        return true;
}

static void settle(const sk_kafka_settings *settings) {
        char why[SK_KAFKA_WHY_MAX] = "";
        sk_kafka_settled settled = {.partition = 1};
        rd_kafka_t *client = NULL;

        assert_int_equal(sk_kafka_client_new(settings, SK_KAFKA_RESTORER, NULL, why, &client), SK_OK);
        while (sk_kafka_settle(client, sk_topics_own(topics, SK_TOPIC_WORK)->name.at, &settled, 1, why) != SK_OK)
                ;
        rd_kafka_destroy(client);
}

/* Rules R2 a to c, after the successor has registered under the same transactional id. */
static void restore(history *h) {
        char why[SK_KAFKA_WHY_MAX] = "";
        int64_t end_offset = 0;
        sk_kafka_settings settings = {.brokers = f.cluster.brokers,
                                      .chain = sk_slice_of(f.chain),
                                      .team = SK_SLICE("provider"),
                                      .instance = SK_SLICE("a")};
        atomic_bool is_stopping;
        sk_kafka_producer_config successor = {.settings = &settings, .is_stopping = &is_stopping, .run = "successor"};
        sk_kafka_journal_config config = {.settings = &settings, .goes_on = goes_on};
        sk_kafka_producer *producer = NULL;
        sk_kafka_journal *journal = NULL;

        atomic_init(&is_stopping, false);
        memset(h->seen, 0, sizeof(h->seen));
        if (sk_kafka_producer_new(&successor, why, &producer) != SK_OK)
                fail_msg("%s", why);
        while (sk_kafka_producer_init(producer, why) == SK_ERR_BUSY)
                ;
        assert_int_equal(sk_kafka_journal_new(&config, why, &journal), SK_OK);
        settle(&settings);
        assert_int_equal(sk_kafka_journal_end(journal, 1, &end_offset), SK_OK);
        assert_int_equal(
                sk_kafka_journal_read(journal, &(sk_kafka_journal_range){1, 0, end_offset}, see, h, &end_offset),
                SK_OK);
        sk_kafka_journal_free(journal);
        sk_kafka_producer_free(producer);
}

static void look_through(history *h, unsigned known) {
        for (unsigned number = 1; number <= h->last; number++) {
                if (h->seen[number] != 0 && h->seen[number] != RECORDS)
                        fail_msg("transaction %u has %u records of %d", number, h->seen[number], RECORDS);
                if (h->is_ended[number] && h->seen[number] == 0)
                        fail_msg("transaction %u was ended, and the restore after it has missed it", number);
                if (number <= known && h->is_restored[number] != (h->seen[number] != 0))
                        fail_msg("transaction %u is %s, and an earlier restore has said otherwise", number,
                                 h->is_restored[number] ? "gone" : "there");
                h->is_restored[number] = h->seen[number] != 0;
        }
}

static void test_what_a_restore_finds_after_a_kill_around_the_end_of_a_transaction_is_all_there_is(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);
        static history h;
        unsigned cut = 0;
        unsigned saved = 0;

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        chain_make("ended");
        for (unsigned kills = 0; kills < KILLS; kills++) {
                unsigned known = h.last;
                write_and_kill(&h, &random);
                restore(&h);
                look_through(&h, known);
                cut += !h.is_restored[h.last];
                saved += h.is_restored[h.last] && !h.is_ended[h.last];
        }
        restore(&h);
        look_through(&h, h.last);
        print_message("%u transactions; of %d that were cut, %u were aborted, %u committed unheard\n", h.last, KILLS,
                      cut, saved);
        /* Ends that came and were not heard of are what this is about. */
        assert_true(saved > 0);
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_share(&f);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        sk_topics_free(topics);
        kafka_links_down(&f);
        return 0;
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, end_of_test)

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(a_transaction_of_a_zombie_that_only_time_has_caused_is_refused),
                TEST(what_is_assigned_beyond_the_subscription_is_committed_also_after_a_rebalance),
                TEST(the_marker_of_a_transaction_is_neither_lag_nor_a_backlog),
                TEST(what_a_restore_finds_after_a_kill_around_the_end_of_a_transaction_is_all_there_is),
        };

        if (argc == 4)
                return writer_main(argv[1], argv[2], (unsigned)strtoul(argv[3], NULL, 10));
        return cmocka_run_group_tests_name("kafka_fence", tests, setup, teardown);
}

#else

int main(void) {
        print_message("built without librdkafka\n");
        return 77;
}

#endif
