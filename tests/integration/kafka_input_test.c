#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/hash.h"
#include "kit/when.h"
#include "link/journal.h"
#include "log/local_state.h"
#include "support/kafka_foreign.h"
#include "support/kafka_links.h"
#include "support/link_inside.h"

/* What links find on their topics: records of all kinds of hands, and records that are no longer there. */

#define MEGABYTE ((size_t)1000 * 1000)
#define N 4

static kafka_links f;

static const call_place place = {"", "customer", "provider", "facility"};

static void pair_start(const char *name) {
        kafka_links_chain(&f, "pair", name, "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        (void)kafka_links_start(&f, "provider", "a", NULL);
        kafka_links_await_ready(&f);
}

static call_place place_here(void) {
        call_place here = place;

        here.chain = f.chain;
        return here;
}

static void raise_calls(unsigned from, unsigned to) {
        const call_place here = place_here();
        raised_call call;

        for (unsigned i = from; i < to; i++)
                call_raise_at(f.tool, &here, i, &call);
}

static void await_closed(unsigned calls) {
        records_await(f.tool, kafka_links_topic(&f, "customer.events"), "event.closed", calls);
}

static int32_t partition_of(const raised_call *call) {
        return sk_hash_partition((sk_slice){call->id, sizeof(call->id)}, N);
}

/* A raise of the customer as it should be, to be spoilt. */
typedef struct raise {
        raised_call call;
        sk_buf headers;
        char value[CALL_VALUE_MAX];
        foreign_record record;
} raise_record;

static raise_record *raise_make(unsigned number) {
        const call_place here = place_here();
        raise_record *raise = calloc(1, sizeof(*raise));

        assert_non_null(raise);
        raise->headers = sk_buf_make(4096);
        call_compose(&here, number, "", &raise->call, &raise->headers, raise->value);
        raise->record = (foreign_record){.topic = kafka_links_topic(&f, "customer.work"),
                                         .partition = partition_of(&raise->call),
                                         .key = {raise->call.id, sizeof(raise->call.id)},
                                         .headers = sk_buf_slice(&raise->headers),
                                         .value = sk_slice_of(raise->value)};
        return raise;
}

static void raise_free(raise_record *raise) {
        sk_buf_free(&raise->headers);
        free(raise);
}

/* ---- hands that are not ours ---- */

static void test_records_come_compressed_with_each_codec(void **state) {
        static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
        const size_t count = sizeof(codecs) / sizeof(codecs[0]);

        (void)state;
        pair_start("codecs");
        for (unsigned i = 0; i < count; i++) {
                kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, codecs[i]);
                raise_record *raise = raise_make(i);
                (void)kafka_foreign_put(client, &raise->record);
                raise_free(raise);
                kafka_foreign_free(client);
        }
        await_closed((unsigned)count);
        kafka_links_stop(&f);
        assert_int_equal(records_count(f.tool, kafka_links_topic(&f, "provider.archive"), "archive.call"), count);
}

static void no_headers(raise_record *raise) {
        raise->record.headers = SK_SLICE("");
}

static void no_value(raise_record *raise) {
        raise->record.value = SK_NONE;
}

static void no_key(raise_record *raise) {
        raise->record.key = SK_NONE;
}

static void nothing_at_all(raise_record *raise) {
        no_headers(raise);
        no_value(raise);
        no_key(raise);
}

static void elsewhere(raise_record *raise) {
        raise->record.partition = (raise->record.partition + 1) % N;
}

static void too_large(raise_record *raise) {
        static char value[MEGABYTE];

        (void)snprintf(value, sizeof(value), "%s", raise->value);
        memset(value + strlen(value), ' ', sizeof(value) - strlen(value));
        raise->record.value = (sk_slice){value, sizeof(value)};
}

/* One line a case: what is done to a record, and the reason under which it lies among the dead letters then. */
static const struct spoilt {
        void (*spoil)(raise_record *raise);
        const char *reason;
} spoilt[] = {
        {no_headers, "bad-envelope"},     {no_value, "bad-data"},   {no_key, "misrouted"},
        {nothing_at_all, "bad-envelope"}, {elsewhere, "misrouted"}, {too_large, "too-large"},
};

#define SPOILT (sizeof(spoilt) / sizeof(spoilt[0]))

struct letter_search {
        const foreign_record *record;
        int64_t offset;
        const char *reason;
        unsigned found;
};

static bool is_same(sk_slice a, sk_slice b) {
        return sk_slice_there(a) == sk_slice_there(b) && a.len == b.len &&
               (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static bool letter_look(void *self, const sk_log_entry *entry) {
        struct letter_search *search = self;
        char offset[32];
        char partition[16];

        (void)snprintf(offset, sizeof(offset), "%lld", (long long)search->offset);
        (void)snprintf(partition, sizeof(partition), "%d", (int)search->record->partition);
        if (sk_slice_is(sk_headers_find(entry->headers, "schakel-dl-offset"), offset) &&
            sk_slice_is(sk_headers_find(entry->headers, "schakel-dl-partition"), partition) &&
            sk_slice_is(sk_headers_find(entry->headers, "schakel-dl-topic"), search->record->topic)) {
                search->found++;
                assert_true(sk_slice_is(sk_headers_find(entry->headers, "schakel-dl-reason"), search->reason));
                assert_true(is_same(entry->value, search->record->value));
                assert_true(entry->key.len == search->record->key.len);
        }
        return true;
}

static bool letter_count(void *self, const sk_log_entry *entry) {
        (void)entry;
        ++*(unsigned *)self;
        return true;
}

static void letters_await(const char *topic, unsigned count) {
        for (unsigned there = 0; there < count;) {
                there = 0;
                records_read(f.tool, topic, letter_count, &there);
                if (there < count && !sk_log_tool_wait(f.tool, 60000))
                        fail_msg("%s has %u records, and nothing more happens; expected %u", topic, there, count);
        }
}

static void test_what_is_no_message_is_a_dead_letter_byte_for_byte_and_the_rest_goes_on(void **state) {
        raise_record *raises[SPOILT];
        int64_t offsets[SPOILT];

        (void)state;
        pair_start("spoilt");
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "lz4");
        const char *letters = kafka_links_topic(&f, "customer.deadletter");
        for (unsigned i = 0; i < SPOILT; i++) {
                raises[i] = raise_make(i);
                spoilt[i].spoil(raises[i]);
                offsets[i] = kafka_foreign_put(client, &raises[i]->record);
        }
        raise_calls(100, 100 + N * 2);
        letters_await(letters, SPOILT);
        await_closed(N * 2);
        for (unsigned i = 0; i < SPOILT; i++) {
                struct letter_search search = {
                        .record = &raises[i]->record, .offset = offsets[i], .reason = spoilt[i].reason};
                char topic[200];
                (void)snprintf(topic, sizeof(topic), "%s", kafka_links_topic(&f, "customer.work"));
                search.record = &(foreign_record){.topic = topic,
                                                  .partition = raises[i]->record.partition,
                                                  .key = raises[i]->record.key,
                                                  .value = raises[i]->record.value};
                records_read(f.tool, kafka_links_topic(&f, "customer.deadletter"), letter_look, &search);
                assert_int_equal(search.found, 1);
                raise_free(raises[i]);
        }
        kafka_foreign_free(client);
        kafka_links_stop(&f);
}

/* ---- records that cannot be read, or are no longer there ---- */

/* A number whose call is in that partition. */
static unsigned number_in(int32_t partition, unsigned from) {
        const call_place here = place_here();
        sk_buf headers = sk_buf_make(4096);
        char value[CALL_VALUE_MAX];
        raised_call call;

        for (;; from++) {
                sk_buf_clear(&headers);
                call_compose(&here, from, "", &call, &headers, value);
                if (partition_of(&call) == partition)
                        break;
        }
        sk_buf_free(&headers);
        return from;
}

static void raise_one_in_each_partition(unsigned round) {
        for (int32_t p = 0; p < N; p++) {
                unsigned number = number_in(p, round * 1000);
                raise_calls(number, number + 1);
        }
}

static void checksum_break(char *bytes, size_t len) {
        bytes[len - 1] ^= 1;
}

static void version_break(char *bytes, size_t len) {
        (void)len;
        bytes[3] = SK_JOURNAL_FORMAT + 1;
}

/* One line a case: what was done to the first record of a partition of the journal, and what is said of it. */
static const struct damage {
        int32_t partition;
        void (*spoil)(char *bytes, size_t len);
        const char *said;
} damages[] = {
        {0, checksum_break,
         "partition 0 waits for a person, the others go on: the journal has an unreadable record, at offset 0"},
        {2, version_break,
         "partition 2 waits for a person, the others go on: the journal has a record of a format that this "
         "program does not read, at offset 0"},
};

#define DAMAGES (sizeof(damages) / sizeof(damages[0]))

static const sk_slice damage_key = {"ask/0198c5f2-7b1b-7001-8002-000000000003", 40};

static void damage_put(kafka_foreign *client, const struct damage *damage) {
        sk_buf value = sk_buf_make(4096);

        sk_journal_wrap(SK_JOURNAL_STUB, damage_key, SK_SLICE("what is in it does not matter"), &value);
        damage->spoil(value.at, value.len);
        foreign_record record = {.topic = kafka_links_topic(&f, "provider.journal"),
                                 .partition = damage->partition,
                                 .key = damage_key,
                                 .headers = SK_SLICE(""),
                                 .value = sk_buf_slice(&value)};
        assert_int_equal(kafka_foreign_put(client, &record), 0);
        sk_buf_free(&value);
}

/* As an administrator who knows that nothing is lost by it. */
static void damage_mend(kafka_foreign *client, const struct damage *damage) {
        foreign_record record = {.topic = kafka_links_topic(&f, "provider.journal"),
                                 .partition = damage->partition,
                                 .key = damage_key,
                                 .headers = SK_SLICE(""),
                                 .value = SK_NONE};

        (void)kafka_foreign_put(client, &record);
}

static void restart(link_process *link) {
        link_signal(link, SIGTERM);
        assert_int_equal(link_wait(link), 0);
        link_start_again(link);
}

static void test_a_journal_that_cannot_be_read_keeps_its_partition_back_and_nothing_else(void **state) {
        (void)state;
        kafka_links_chain(&f, "pair", "damaged", "");
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        for (size_t i = 0; i < DAMAGES; i++)
                damage_put(client, &damages[i]);
        link_process *customer = kafka_links_start(&f, "customer", "a", NULL);
        link_process *provider = kafka_links_start(&f, "provider", "a", NULL);
        link_await(customer, "\"ready\"", 1);
        for (size_t i = 0; i < DAMAGES; i++) {
                link_await(provider, damages[i].said, 1);
                raise_one_in_each_partition((unsigned)i);
                await_closed((unsigned)((i + 1) * (N - DAMAGES + i)));
                assert_int_equal(link_said(provider, "\"ready\""), 0);
                damage_mend(client, &damages[i]);
                restart(provider);
        }
        link_await(provider, "\"ready\"", 1);
        await_closed(DAMAGES * N);
        kafka_foreign_free(client);
        kafka_links_stop(&f);
}

static void test_records_that_were_deleted_unread_keep_their_partition_back_until_somebody_says_so(void **state) {
        (void)state;
        pair_start("deleted");
        link_process *provider = &f.links[1];
        raise_one_in_each_partition(0);
        await_closed(N);
        link_signal(provider, SIGTERM);
        assert_int_equal(link_wait(provider), 0);
        raise_one_in_each_partition(1);
        records_await(f.tool, kafka_links_topic(&f, "provider.calls.customer"), "call.raise", 2 * N);
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        int64_t end = 0;
        assert_int_equal(
                sk_log_tool_end(f.tool, sk_slice_of(kafka_links_topic(&f, "provider.calls.customer")), 1, &end), SK_OK);
        kafka_foreign_delete(client, kafka_links_topic(&f, "provider.calls.customer"), 1, end);
        kafka_foreign_free(client);

        link_start_again(provider);
        link_await(provider, "deleted.provider.calls.customer, partition 1: wanted offset", 1);
        link_await(provider, "partition 1 waits for a person", 1);
        await_closed(2 * N - 1);
        link_signal(provider, SIGTERM);
        assert_int_equal(link_wait(provider), 0);

        link_process *past = kafka_links_start(&f, "provider", "a", "--past-gaps");
        raise_one_in_each_partition(2);
        await_closed(3 * N - 1);
        link_signal(past, SIGTERM);
        assert_int_equal(link_wait(past), 0);
        link_start_again(provider);
        raise_one_in_each_partition(3);
        await_closed(4 * N - 1);
        kafka_links_stop(&f);
        assert_int_equal(link_said(past, "\"gap\""), 2);
}

/* The end of the last transaction lies behind the last message; when both go, nothing was missed (decision 008). */
static void test_a_topic_of_which_all_was_read_and_then_deleted_is_no_gap(void **state) {
        int64_t end = 0;

        (void)state;
        pair_start("read");
        link_process *provider = &f.links[1];
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        raise_one_in_each_partition(0);
        await_closed(N);
        foreign_record other = {.topic = kafka_links_topic(&f, "provider.work"),
                                .partition = 1,
                                .key = SK_NONE,
                                .headers = SK_SLICE(""),
                                .value = SK_SLICE("so that there is another batch")};
        (void)kafka_foreign_put(client, &other);
        letters_await(kafka_links_topic(&f, "provider.deadletter"), 1);
        link_signal(provider, SIGTERM);
        assert_int_equal(link_wait(provider), 0);
        const char *topic = kafka_links_topic(&f, "provider.calls.customer");
        assert_int_equal(sk_log_tool_end(f.tool, sk_slice_of(topic), 1, &end), SK_OK);
        kafka_foreign_delete(client, topic, 1, end);
        kafka_foreign_free(client);
        link_start_again(provider);
        raise_one_in_each_partition(1);
        await_closed(2 * N);
        kafka_links_stop(&f);
        assert_int_equal(link_said(provider, "\"gap\""), 0);
}

/* ---- a record that ends the process ---- */

struct poison {
        sk_local_state *state;
        const char *topic;
        int32_t partition;
        int64_t offset;
        unsigned times;
};

/* It is noted once more than before, and its step comes with the next turn. */
static bool is_noted(link_inside *link, void *self) {
        const struct poison *poison = self;
        static sk_input_place places[SK_LOCAL_NOTES_MAX];
        size_t count = sk_local_state_noted(poison->state, places, SK_LOCAL_NOTES_MAX);
        unsigned times = 0;

        for (size_t i = 0; i < count; i++)
                times += places[i].offset == poison->offset && places[i].partition == poison->partition &&
                         strcmp(places[i].topic, poison->topic) == 0;
        return times == poison->times && sk_log_crash_fd(link->log) >= 0;
}

/* Nothing has been read yet. */
static bool has_begun(link_inside *link, void *unused) {
        (void)unused;
        return sk_log_crash_fd(link->log) >= 0;
}

static void test_a_record_that_ends_the_process_twice_is_a_dead_letter_and_its_partition_goes_on(void **state) {
        struct poison poison = {.topic = "poisonous.customer.work"};
        char dir[FOLDER_PATH_MAX * 2];
        link_inside link = {0};

        (void)state;
        kafka_links_chain(&f, "pair", "poisonous", "");
        (void)snprintf(dir, sizeof(dir), "%s", folder_file(&f.folder, "poisonous-customer-a.state"));
        const link_inside_config config = {
                .chain_dir = f.chain_dir, .team = "customer", .url = f.cluster.url, .instance = "a", .state_dir = dir};
        assert_int_equal(sk_local_state_open(dir, SK_SLICE("customer"), &poison.state), SK_OK);
        kafka_foreign *client = kafka_foreign_new(f.cluster.brokers, "none");
        raise_record *raise = raise_make(number_in(1, 0));
        poison.partition = raise->record.partition;
        poison.offset = kafka_foreign_put(client, &raise->record);
        for (unsigned i = 1; i < 4; i++) {
                unsigned number = number_in(1, i * 1000);
                raise_calls(number, number + 1);
        }

        link_inside_start(&link, &config);
        link_inside_until(&link, has_begun, NULL);
        link_inside_end(&link, true);
        for (poison.times = 1; poison.times <= 2; poison.times++) {
                link_inside_start(&link, &config);
                link_inside_until(&link, is_noted, &poison);
                link_inside_end(&link, true);
        }
        (void)kafka_links_start(&f, "provider", "a", NULL);
        link_process *customer = kafka_links_start(&f, "customer", "a", NULL);
        await_closed(3);
        assert_int_equal(link_said(customer, "crashed; 2 inputs were noted"), 1);

        struct letter_search search = {.record = &raise->record, .offset = poison.offset, .reason = "crashed"};
        raise->record.topic = poison.topic;
        records_read(f.tool, kafka_links_topic(&f, "customer.deadletter"), letter_look, &search);
        assert_int_equal(search.found, 1);
        raise_free(raise);
        kafka_foreign_free(client);
        sk_local_state_free(poison.state);
        kafka_links_stop(&f);
}

/* ---- a clock that is off ---- */

static bool has_closed(link_inside *link, void *self) {
        sk_driver_numbers numbers;

        sk_driver_count(link->driver, &numbers);
        return numbers.calls_closed >= *(const unsigned *)self && numbers.open_calls == 0;
}

static void clock_case(const char *dir, int64_t shift_us, unsigned round) {
        const link_inside_config config = {.chain_dir = f.chain_dir,
                                           .team = "provider",
                                           .url = f.cluster.url,
                                           .instance = "a",
                                           .state_dir = dir,
                                           .shift_us = shift_us};
        link_inside link = {0};

        raise_one_in_each_partition(round);
        link_inside_start(&link, &config);
        link_inside_until(&link, has_closed, &(unsigned){N});
        link_inside_end(&link, false);
        await_closed((round + 1) * N);
}

/* The provider's is off by turns: what it says of times is wrong then, and nothing else is. */
static void test_a_clock_that_is_an_hour_off_loses_no_call(void **state) {
        static const int64_t shifts_us[] = {0, SK_HOUR_US, -SK_HOUR_US, 0};
        const unsigned count = sizeof(shifts_us) / sizeof(shifts_us[0]);
        char dir[FOLDER_PATH_MAX * 2];

        (void)state;
        kafka_links_chain(&f, "pair", "clocks", "");
        (void)snprintf(dir, sizeof(dir), "%s", folder_file(&f.folder, "clocks.inside"));
        (void)kafka_links_start(&f, "customer", "a", NULL);
        for (unsigned i = 0; i < count; i++)
                clock_case(dir, shifts_us[i], i);
        assert_int_equal(records_count(f.tool, kafka_links_topic(&f, "provider.archive"), "archive.call"), count * N);
        assert_int_equal(records_count(f.tool, kafka_links_topic(&f, "customer.feedback.provider"), "feedback.refused"),
                         0);
        kafka_links_stop(&f);
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
        kafka_links_down(&f);
        return 0;
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, end_of_test)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(records_come_compressed_with_each_codec),
                TEST(what_is_no_message_is_a_dead_letter_byte_for_byte_and_the_rest_goes_on),
                TEST(a_journal_that_cannot_be_read_keeps_its_partition_back_and_nothing_else),
                TEST(records_that_were_deleted_unread_keep_their_partition_back_until_somebody_says_so),
                TEST(a_topic_of_which_all_was_read_and_then_deleted_is_no_gap),
                TEST(a_record_that_ends_the_process_twice_is_a_dead_letter_and_its_partition_goes_on),
                TEST(a_clock_that_is_an_hour_off_loses_no_call),
        };

        return cmocka_run_group_tests_name("kafka_input", tests, setup, teardown);
}
