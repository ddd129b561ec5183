#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chaos/chaos.h"
#include "kit/when.h"
#include "link/journal.h"
#ifdef SK_HAVE_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif

/*
 * Timers for the whole run: stubs of calls that closed long ago and are to be forgotten now, one after the other. When
 * one is due its link writes a tombstone, in a transaction that has read nothing, which is what a process that was
 * paused has in hand when it wakes up. They are written into the journals before any link looks at them.
 */

#define FIRST_SECONDS 20
#define EACH_SECOND 4 /* of a team */
#define FAULT_SECONDS 3

#ifdef SK_HAVE_RDKAFKA

static sk_id id_of(unsigned team, unsigned number, int64_t now_us) {
        uint8_t random[10] = {
                0x71, (uint8_t)team, 0, 0, 0, 0, 0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};

        return sk_id_of_time(now_us, random);
}

static void record_make(const sk_stub *stub, sk_buf *key, sk_buf *value) {
        sk_buf payload = sk_buf_make(4096);

        sk_buf_clear(key);
        sk_buf_clear(value);
        sk_journal_key_write(stub->customer, &stub->id, false, key);
        sk_stub_encode(stub, &payload);
        sk_journal_wrap(SK_JOURNAL_STUB, sk_buf_slice(key), sk_buf_slice(&payload), value);
        assert_int_equal(payload.err, SK_OK);
        assert_int_equal(key->err, SK_OK);
        assert_int_equal(value->err, SK_OK);
        sk_buf_free(&payload);
}

static void plant_one(rd_kafka_t *writer, const char *topic, const sk_stub *stub, sk_buf *key, sk_buf *value) {
        char text[SK_ID_TEXT];
        rd_kafka_resp_err_t error;

        sk_id_format(&stub->id, text);
        int32_t partition = sk_hash_partition((sk_slice){text, sizeof(text)}, CHAOS_PARTITIONS);
        record_make(stub, key, value);
        do {
                error = rd_kafka_producev(writer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key->at, key->len),
                                          RD_KAFKA_V_VALUE(value->at, value->len), RD_KAFKA_V_END);
                (void)rd_kafka_poll(writer, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 100 : 0);
        } while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
        assert_int_equal(error, RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void plant_team(chaos *c, rd_kafka_t *writer, unsigned team, int64_t now_us) {
        sk_buf key = sk_buf_make(1024);
        sk_buf value = sk_buf_make(65536);
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "%s.journal", chaos_teams[team]);
        const char *topic = kafka_links_topic(&c->links, rest);
        for (unsigned i = 0; i < c->timers; i++) {
                sk_id id = id_of(team, i, now_us);
                sk_stub stub = {.customer = team == 0 ? SK_NONE : sk_slice_of(chaos_teams[team - 1]),
                                .id = id,
                                .replykey = id,
                                .in_seqno = 1,
                                .out_seqno = 2,
                                .closed_us = now_us - 16 * SK_DAY_US,
                                .expires_us = now_us + FIRST_SECONDS * SK_SECOND_US +
                                              (int64_t)i * SK_SECOND_US / EACH_SECOND};
                plant_one(writer, topic, &stub, &key, &value);
        }
        sk_buf_free(&key);
        sk_buf_free(&value);
}

static rd_kafka_t *writer_new(const chaos *c) {
        char reason[256];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();

        assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", c->links.cluster.brokers, reason, sizeof(reason)),
                         RD_KAFKA_CONF_OK);
        assert_int_equal(rd_kafka_conf_set(conf, "enable.idempotence", "true", reason, sizeof(reason)),
                         RD_KAFKA_CONF_OK);
        rd_kafka_t *writer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
        assert_non_null(writer);
        return writer;
}

static unsigned horizon_seconds(const chaos *c) {
        unsigned by_faults = c->faults_wanted * FAULT_SECONDS;

        return by_faults < c->seconds ? by_faults : c->seconds;
}

void chaos_timers_plant(chaos *c) {
        struct timespec now;
        rd_kafka_t *writer = writer_new(c);

        (void)clock_gettime(CLOCK_REALTIME, &now);
        c->timers = EACH_SECOND * horizon_seconds(c);
        for (unsigned team = 0; team < CHAOS_TEAMS; team++)
                plant_team(c, writer, team, (int64_t)now.tv_sec * SK_SECOND_US);
        assert_int_equal(rd_kafka_flush(writer, 60000), RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_destroy(writer);
}

#else

void chaos_timers_plant(chaos *c) {
        c->timers = 0;
}

#endif
