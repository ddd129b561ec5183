#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <stdio.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h> /* after the other */

#include "link/journal.h"
#include "log/kafka_journal.h"

/* Reading a journal back (rule R2). librdkafka's mock brokers keep it; they know of no transactions. */

enum { PRODUCE = 0 }; /* a request, by Kafka's numbers */

#define TOPIC "test.desk.journal"
#define RECORDS 3
#define REFUSALS_MAX 100

typedef struct mock {
        rd_kafka_t *host;
        rd_kafka_mock_cluster_t *cluster;
        sk_kafka_settings settings;
        sk_kafka_journal *journal;
        unsigned patience; /* what is waited for that often is given up */
        unsigned visited;
        unsigned barriers;
} mock;

static bool goes_on(void *self) {
        const mock *m = self;

        return m->patience > 0;
}

static void waits(void *self, const char *text) {
        mock *m = self;

        assert_non_null(strstr(text, "writing to the journal: "));
        m->patience -= m->patience > 0 ? 1 : 0;
}

static void write_some(const mock *m) {
        char reason[256];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)rd_kafka_conf_set(conf, "bootstrap.servers", m->settings.brokers, reason, sizeof(reason));
        rd_kafka_t *writer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
        assert_non_null(writer);
        for (unsigned i = 0; i < RECORDS; i++)
                assert_int_equal(rd_kafka_producev(writer, RD_KAFKA_V_TOPIC(TOPIC), RD_KAFKA_V_PARTITION(1),
                                                   RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_END),
                                 RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_int_equal(rd_kafka_flush(writer, 60000), RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_destroy(writer);
}

static void mock_open(mock *m) {
        char reason[256];
        char why[SK_KAFKA_WHY_MAX] = "";
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        (void)rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof(reason));
        *m = (mock){.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason)), .patience = REFUSALS_MAX};
        m->cluster = rd_kafka_mock_cluster_new(m->host, 1);
        assert_int_equal(rd_kafka_mock_topic_create(m->cluster, TOPIC, 4, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
        m->settings = (sk_kafka_settings){.brokers = rd_kafka_mock_cluster_bootstraps(m->cluster),
                                          .chain = SK_SLICE("test"),
                                          .team = SK_SLICE("desk"),
                                          .instance = SK_SLICE("a")};
        const sk_kafka_journal_config config = {
                .settings = &m->settings, .goes_on = goes_on, .waits = waits, .self = m};
        if (sk_kafka_journal_new(&config, why, &m->journal) != SK_OK)
                fail_msg("%s", why);
        write_some(m);
}

static void mock_close(mock *m) {
        sk_kafka_journal_free(m->journal);
        rd_kafka_mock_cluster_destroy(m->cluster);
        rd_kafka_destroy(m->host);
}

static bool visit(void *self, const sk_record *record) {
        mock *m = self;

        m->visited++;
        m->barriers += sk_slice_is(record->key, SK_JOURNAL_BARRIER) && !sk_slice_there(record->value) ? 1 : 0;
        return true;
}

static void refuse(const mock *m, size_t times, rd_kafka_resp_err_t error) {
        rd_kafka_resp_err_t errors[REFUSALS_MAX];

        for (size_t i = 0; i < times; i++)
                errors[i] = error;
        rd_kafka_mock_push_request_errors_array(m->cluster, PRODUCE, times, errors);
}

static void test_a_journal_ends_behind_what_was_written_to_find_its_end(void **state) {
        int64_t end_offset = 0;
        int64_t reached = 0;
        mock m;

        (void)state;
        mock_open(&m);
        assert_int_equal(sk_kafka_journal_end(m.journal, 1, &end_offset), SK_OK);
        assert_int_equal(end_offset, RECORDS + 1);
        assert_int_equal(
                sk_kafka_journal_read(m.journal, &(sk_kafka_journal_range){1, 0, end_offset}, visit, &m, &reached),
                SK_OK);
        assert_int_equal(reached, RECORDS + 1);
        assert_int_equal(m.visited, RECORDS + 1);
        assert_int_equal(m.barriers, 1);
        mock_close(&m);
}

static void test_each_end_is_asked_for_anew(void **state) {
        int64_t first = 0;
        int64_t second = 0;
        mock m;

        (void)state;
        mock_open(&m);
        assert_int_equal(sk_kafka_journal_end(m.journal, 1, &first), SK_OK);
        write_some(&m);
        assert_int_equal(sk_kafka_journal_end(m.journal, 1, &second), SK_OK);
        assert_int_equal(second, first + RECORDS + 1);
        mock_close(&m);
}

static void test_an_end_that_is_refused_for_a_while_is_asked_for_until_it_comes(void **state) {
        int64_t end_offset = 0;
        mock m;

        (void)state;
        mock_open(&m);
        refuse(&m, 10, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
        assert_int_equal(sk_kafka_journal_end(m.journal, 1, &end_offset), SK_OK);
        assert_int_equal(end_offset, RECORDS + 1);
        assert_true(m.patience < REFUSALS_MAX);
        mock_close(&m);
}

/* As of a broker that leads no longer and has not heard of it: it answers, but no replica takes anything from it. */
static void test_who_acknowledges_nothing_is_not_believed_to_know_the_end(void **state) {
        int64_t end_offset = 0;
        mock m;

        (void)state;
        mock_open(&m);
        m.patience = 2;
        refuse(&m, REFUSALS_MAX, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
        assert_int_equal(sk_kafka_journal_end(m.journal, 1, &end_offset), SK_ERR_ABORTED);
        mock_close(&m);
}

#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_journal_ends_behind_what_was_written_to_find_its_end),
                cmocka_unit_test(test_each_end_is_asked_for_anew),
                cmocka_unit_test(test_an_end_that_is_refused_for_a_while_is_asked_for_until_it_comes),
                cmocka_unit_test(test_who_acknowledges_nothing_is_not_believed_to_know_the_end),
        };

        if (kafka_unit_is_possible())
                return cmocka_run_group_tests_name("kafka_journal", tests, NULL, NULL);
#endif
        print_message("not without librdkafka, nor under the thread sanitizer\n");
        return 77;
}
