/*
 * libschakel as an embedding program sees it: on a log of its own, which here is this test, and on one of the library's.
 * What is recorded of the interface stands in tests/data/golden/schakel.abi: a difference there breaks programs.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/buf.h"
#include "schakel/schakel.h"
#include "support/folder.h"
#include "support/golden.h"
#include "support/record_fixture.h"

#define CHAIN "tests/data/chains/pair"
#define NOW_US INT64_C(1790000000000000)
#define CALLID "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6"

static schakel_link *open_own(const char *team) {
        schakel_options options = {.size = sizeof options, .chain_dir = CHAIN, .team = team};
        schakel_link *link = NULL;
        char why[SCHAKEL_WHY_MAX];
        assert_int_equal(schakel_open(&options, &link, why), SCHAKEL_OK);
        return link;
}

/* The next command must be of this kind. */
static schakel_command next(schakel_link *link, schakel_command_kind kind) {
        schakel_command command;
        assert_int_equal(schakel_next(link, &command), 1);
        assert_int_equal(command.kind, kind);
        return command;
}

static void make_ready(schakel_link *link) {
        schakel_assigned(link, 0, 1, NOW_US);
        assert_int_equal(next(link, SCHAKEL_RESTORE).partition, 0);
        assert_false(schakel_is_ready(link));
        schakel_restored(link, 0, 0, NOW_US);
        schakel_command resume = next(link, SCHAKEL_RESUME);
        assert_true(resume.count > 0);
        for (size_t i = 0; i < resume.count; i++)
                assert_int_equal(schakel_position(link, i).offset, 0);
        assert_true(schakel_is_ready(link));
}

static schakel_bytes bytes(sk_slice slice) {
        return (schakel_bytes){slice.at, slice.len};
}

/* Somebody of the customer raises a call. */
static schakel_status feed_raise(schakel_link *link) {
        record_fixture fixture = record_fixture_make(SK_TOPIC_WORK);
        record_fixture_set(&fixture, "ce_type", "schakel.work.raise");
        record_fixture_set(&fixture, "ce_dataschema", "schakel:work.raise/1.0");
        record_fixture_set(&fixture, "ce_source", "/pair/customer");
        record_fixture_set(&fixture, "ce_callid", CALLID);
        record_fixture_build(&fixture);
        schakel_record record = {.topic = "pair.customer.work",
                                 .timestamp_us = NOW_US,
                                 .key = bytes(SK_SLICE(CALLID)),
                                 .headers = bytes(fixture.record.headers),
                                 .value = bytes(SK_SLICE("{\"to\":\"provider\",\"type\":\"incident\",\"facility\":"
                                                         "\"facility\",\"need\":\"It is dark.\"}"))};
        schakel_status status = schakel_feed(link, &record);
        record_fixture_free(&fixture);
        return status;
}

/* Index of the record of a batch on a topic; -1 if there is none. */
static int output_on(schakel_link *link, size_t count, const char *topic) {
        for (size_t i = 0; i < count; i++) {
                if (strcmp(schakel_output(link, i).topic, topic) == 0)
                        return (int)i;
        }
        return -1;
}

static void test_a_record_that_is_fed_becomes_one_transaction(void **state) {
        schakel_link *link = open_own("customer");
        (void)state;
        make_ready(link);
        assert_int_equal(feed_raise(link), SCHAKEL_OK);
        (void)schakel_poll(link, NOW_US);
        schakel_command commit = next(link, SCHAKEL_COMMIT);
        int call = output_on(link, commit.count, "pair.provider.calls.customer");
        assert_true(call >= 0);
        schakel_record raised = schakel_output(link, (size_t)call);
        schakel_bytes type = schakel_header(&raised, "ce_type");
        assert_int_equal(type.len, strlen("schakel.call.raise"));
        assert_memory_equal(type.at, "schakel.call.raise", type.len);
        assert_null(schakel_header(&raised, "none").at);
        assert_true(output_on(link, commit.count, schakel_journal(link)) >= 0);
        schakel_committed(link, commit.number, SCHAKEL_OK, NOW_US);
        schakel_command command;
        while (schakel_next(link, &command))
                assert_int_not_equal(command.kind, SCHAKEL_COMMIT);
        schakel_close(link);
}

static void test_what_was_aborted_comes_again_with_the_same_bytes(void **state) {
        schakel_link *link = open_own("customer");
        (void)state;
        make_ready(link);
        assert_int_equal(feed_raise(link), SCHAKEL_OK);
        (void)schakel_poll(link, NOW_US);
        schakel_command commit = next(link, SCHAKEL_COMMIT);
        schakel_record first = schakel_output(link, 0);
        char value[512];
        assert_true(first.value.len < sizeof value);
        memcpy(value, first.value.at, first.value.len);
        size_t len = first.value.len;
        schakel_committed(link, commit.number, SCHAKEL_IO, NOW_US);
        schakel_command again = {0};
        for (int64_t now_us = NOW_US; now_us < NOW_US + 60000000 && again.kind != SCHAKEL_COMMIT; now_us += 100000) {
                (void)schakel_poll(link, now_us);
                while (again.kind != SCHAKEL_COMMIT && schakel_next(link, &again)) {
                        if (again.kind == SCHAKEL_RECOMMIT)
                                fail_msg("it is known how it ended");
                }
        }
        assert_int_equal(again.kind, SCHAKEL_COMMIT);
        assert_int_equal(again.count, commit.count);
        schakel_record second = schakel_output(link, 0);
        assert_int_equal(second.value.len, len);
        assert_memory_equal(second.value.at, value, len);
        schakel_close(link);
}

static void test_it_stops_and_says_with_what(void **state) {
        schakel_link *link = open_own("provider");
        int exit_code = -1;
        (void)state;
        make_ready(link);
        assert_int_equal(schakel_is_over(link, NULL), 0);
        schakel_stop(link, NOW_US);
        (void)schakel_poll(link, NOW_US);
        assert_int_equal(next(link, SCHAKEL_EXIT).number, 0);
        assert_int_equal(schakel_is_over(link, &exit_code), 1);
        assert_int_equal(exit_code, 0);
        schakel_close(link);
        schakel_close(NULL);
}

static void test_misuse_is_answered_not_done(void **state) {
        schakel_link *link = open_own("provider");
        (void)state;
        make_ready(link);
        schakel_record record = {.topic = "pair.provider.events", .key = bytes(SK_SLICE("k"))};
        assert_int_equal(schakel_feed(link, &record), SCHAKEL_MISUSE);
        assert_int_equal(schakel_restore(link, &record), SCHAKEL_MISUSE);
        record.topic = "nobody.knows.it";
        assert_int_equal(schakel_feed(link, &record), SCHAKEL_MISUSE);
        record.topic = "pair.provider.work";
        record.partition = 1;
        assert_int_equal(schakel_feed(link, &record), SCHAKEL_MISUSE);
        static const char *const keys[] = {"", "x", CALLID "/", CALLID "/0", CALLID "/4294967296", CALLID "/1x", NULL};
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
                assert_int_equal(schakel_effect_ended(link, keys[i], 1, SCHAKEL_EFFECT_DONE, (schakel_bytes){0},
                                                      (schakel_bytes){0}, NOW_US),
                                 SCHAKEL_MISUSE);
        assert_int_equal(schakel_effect_ended(link, CALLID "/1", 1, SCHAKEL_EFFECT_DONE, (schakel_bytes){0},
                                              (schakel_bytes){0}, NOW_US),
                         SCHAKEL_OK);
        schakel_effect effect;
        assert_int_equal(schakel_next_effect(link, &effect), 0);
        schakel_close(link);
}

static void test_what_cannot_be_opened_says_why(void **state) {
        static const struct {
                schakel_options options;
                schakel_status status;
                const char *why;
        } cases[] = {
                {{.size = 0, .chain_dir = CHAIN, .team = "provider"}, SCHAKEL_MISUSE, "size"},
                {{.size = sizeof(schakel_options), .chain_dir = CHAIN}, SCHAKEL_MISUSE, "team"},
                {{.size = sizeof(schakel_options), .chain_dir = CHAIN, .team = "nobody"},
                 SCHAKEL_CONFIG,
                 "no such team"},
                {{.size = sizeof(schakel_options), .chain_dir = "tests/none", .team = "provider"}, SCHAKEL_CONFIG, ""},
                {{.size = sizeof(schakel_options), .chain_dir = CHAIN, .team = "provider", .log = "local:x"},
                 SCHAKEL_CONFIG,
                 "state_dir"},
                {{.size = sizeof(schakel_options),
                  .chain_dir = CHAIN,
                  .team = "provider",
                  .log = "x",
                  .state_dir = "."},
                 SCHAKEL_CONFIG,
                 ""},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                schakel_link *link = NULL;
                char why[SCHAKEL_WHY_MAX] = "";
                assert_int_equal(schakel_open(&cases[i].options, &link, why), cases[i].status);
                assert_null(link);
                assert_true(why[0] != '\0');
                assert_non_null(strstr(why, cases[i].why));
                assert_int_equal(schakel_open(&cases[i].options, &link, NULL), cases[i].status);
        }
}

static void test_an_older_caller_knows_fewer_options(void **state) {
        schakel_options options = {
                .size = offsetof(schakel_options, partitions), .chain_dir = CHAIN, .team = "provider"};
        schakel_link *link = NULL;
        (void)state;
        options.partitions = -7; /* behind what such a caller knows */
        assert_int_equal(schakel_open(&options, &link, NULL), SCHAKEL_OK);
        schakel_close(link);
}

/* ---- what programs are built against ---- */

#define FIELD(type, member) sk_buf_add_format(&text, "%s.%s %zu\n", #type, #member, offsetof(type, member))
#define SIZE(type) sk_buf_add_format(&text, "%s %zu\n", #type, sizeof(type))
#define VALUE(name) sk_buf_add_format(&text, "%s %d\n", #name, (int)name)

static void test_the_interface_is_the_one_on_record(void **state) {
        sk_buf text = sk_buf_make(1 << 16);
        (void)state;
        VALUE(SCHAKEL_ABI);
        SIZE(schakel_options), FIELD(schakel_options, chain_dir), FIELD(schakel_options, team);
        FIELD(schakel_options, log), FIELD(schakel_options, state_dir), FIELD(schakel_options, instance);
        FIELD(schakel_options, partitions), FIELD(schakel_options, tell), FIELD(schakel_options, self);
        SIZE(schakel_bytes), FIELD(schakel_bytes, at), FIELD(schakel_bytes, len);
        SIZE(schakel_record), FIELD(schakel_record, topic), FIELD(schakel_record, partition);
        FIELD(schakel_record, offset), FIELD(schakel_record, timestamp_us), FIELD(schakel_record, key);
        FIELD(schakel_record, headers), FIELD(schakel_record, value);
        SIZE(schakel_command), FIELD(schakel_command, kind), FIELD(schakel_command, partition);
        FIELD(schakel_command, number), FIELD(schakel_command, count), FIELD(schakel_command, text);
        SIZE(schakel_effect), FIELD(schakel_effect, is_stop), FIELD(schakel_effect, key);
        FIELD(schakel_effect, try_number), FIELD(schakel_effect, how), FIELD(schakel_effect, config);
        FIELD(schakel_effect, input), FIELD(schakel_effect, timeout_us);
        VALUE(SCHAKEL_OK), VALUE(SCHAKEL_CONFIG), VALUE(SCHAKEL_IO), VALUE(SCHAKEL_NO_MEMORY);
        VALUE(SCHAKEL_UNKNOWN), VALUE(SCHAKEL_MISUSE), VALUE(SCHAKEL_RESTORE), VALUE(SCHAKEL_RESUME);
        VALUE(SCHAKEL_REVOKED), VALUE(SCHAKEL_COMMIT), VALUE(SCHAKEL_RECOMMIT), VALUE(SCHAKEL_RESTART);
        VALUE(SCHAKEL_NOTE), VALUE(SCHAKEL_FORGET), VALUE(SCHAKEL_TELL), VALUE(SCHAKEL_READ_STUB), VALUE(SCHAKEL_EXIT);
        VALUE(SCHAKEL_EFFECT_DONE), VALUE(SCHAKEL_EFFECT_LATER), VALUE(SCHAKEL_EFFECT_DECLINED);
        VALUE(SCHAKEL_EFFECT_RETRY), VALUE(SCHAKEL_EFFECT_FAILED);
        golden_compare("schakel.abi", sk_buf_slice(&text));
        sk_buf_free(&text);
        assert_int_equal(schakel_abi(), SCHAKEL_ABI);
        assert_string_equal(schakel_version(), SK_VERSION);
}

/* ---- on a log of the library's ---- */

static void on_tell(void *self, const char *text) {
        unsigned *count = self;
        assert_true(text[0] != '\0');
        ++*count;
}

static void test_on_a_local_log_it_needs_only_to_be_polled(void **state) {
        test_folder folder;
        char log[FOLDER_PATH_MAX + 16];
        unsigned told = 0;
        int exit_code = -1;
        schakel_link *link = NULL;
        int64_t now_us = NOW_US;
        (void)state;
        folder_make(&folder);
        (void)snprintf(log, sizeof log, "local:%s", folder_file(&folder, "log.db"));
        schakel_options options = {.size = sizeof options,
                                   .chain_dir = CHAIN,
                                   .team = "provider",
                                   .log = log,
                                   .state_dir = folder.path,
                                   .tell = on_tell,
                                   .self = &told};
        assert_int_equal(schakel_open(&options, &link, NULL), SCHAKEL_OK);
        assert_true(schakel_fd(link) >= 0);
        while (!schakel_is_ready(link)) {
                struct pollfd fd = {.fd = schakel_fd(link), .events = POLLIN};
                int64_t wait_us = schakel_poll(link, now_us);
                (void)poll(&fd, 1, (int)(wait_us / 1000));
                now_us += wait_us + 1;
        }
        assert_true(told > 0);
        assert_int_equal(schakel_open_calls(link), 0);
        schakel_command command;
        assert_int_equal(schakel_next(link, &command), 0);
        schakel_stop(link, now_us);
        while (!schakel_is_over(link, &exit_code))
                now_us += schakel_poll(link, now_us) + 1;
        assert_int_equal(exit_code, 0);
        schakel_close(link);
        folder_remove(&folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_record_that_is_fed_becomes_one_transaction),
                cmocka_unit_test(test_what_was_aborted_comes_again_with_the_same_bytes),
                cmocka_unit_test(test_it_stops_and_says_with_what),
                cmocka_unit_test(test_misuse_is_answered_not_done),
                cmocka_unit_test(test_what_cannot_be_opened_says_why),
                cmocka_unit_test(test_an_older_caller_knows_fewer_options),
                cmocka_unit_test(test_the_interface_is_the_one_on_record),
                cmocka_unit_test(test_on_a_local_log_it_needs_only_to_be_polled),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
