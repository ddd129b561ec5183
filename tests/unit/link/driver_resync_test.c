#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/*
 * work.resync: which calls are told to raise again, how many at a time, and that it is answered once, whatever happens
 * in the middle of it.
 */

#define PARTITION 2

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void call_in(int32_t partition, unsigned number, const char *value) {
        sk_id id = world_id_in(partition, number);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

static void ask_many(unsigned count) {
        for (unsigned i = 0; i < count; i++)
                call_in(PARTITION, i, "{\"do\":\"ask\"}");
        world_run(&w);
}

static void resync(unsigned number, const char *value) {
        sk_id id = world_id_in(PARTITION, 9000 + number);

        world_work(&w, &id, SK_WORK_RESYNC, value);
        world_run(&w);
}

static bool is_outcome(const sk_record *record) {
        return sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.event.outcome");
}

/** The n-th outcome that was written. */
static sk_slice outcome(size_t n) {
        for (size_t i = 0; i < world_count(&w, SK_TOPIC_EVENTS); i++) {
                const sk_record *record = world_written(&w, SK_TOPIC_EVENTS, i);

                if (is_outcome(record) && n-- == 0)
                        return record->value;
        }
        return SK_NONE;
}

static size_t outcomes(void) {
        size_t count = 0;

        while (sk_slice_there(outcome(count)))
                count++;
        return count;
}

static void assert_outcome(size_t n, const char *code, int64_t asks) {
        int64_t said = 0;
        sk_slice value = outcome(n);

        assert_true(sk_slice_there(value));
        assert_true(sk_slice_is(sk_json_member_string(value, "code", NULL), code));
        assert_true(sk_slice_is(sk_json_member_string(value, "status", NULL),
                                strcmp(code, "ok") == 0 ? "done" : "refused"));
        assert_int_equal(sk_json_member_int(value, "asks", 0, INT64_MAX, &said), asks >= 0);
        assert_true(asks < 0 || said == asks);
}

static bool is_ordered(void) {
        bool is_there;
        sk_slice value = world_journal(&w, PARTITION, "resync/network", &is_there);

        return is_there && sk_slice_there(value);
}

static void test_every_open_ask_of_the_partition_is_raised_again(void **state) {
        (void)state;
        ask_many(5);
        call_in(PARTITION, 100, "{\"do\":\"open\"}");
        call_in(PARTITION, 101, "{\"do\":\"close\"}");
        call_in(1, 102, "{\"do\":\"ask\"}");
        world_run(&w);
        resync(0, "{\"provider\":\"network\"}");
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 5);
        for (size_t i = 0; i < 5; i++) {
                assert_true(sk_slice_is(world_written(&w, SK_TOPIC_CALLS, i)->value, "again"));
                assert_int_equal(world_written(&w, SK_TOPIC_CALLS, i)->partition, PARTITION);
        }
        assert_int_equal(outcomes(), 1);
        assert_outcome(0, "ok", 5);
        assert_false(is_ordered());
        assert_true(sk_driver_wake_us(w.driver) > w.now_us);
}

static void test_where_nothing_is_asked_it_is_answered_at_once(void **state) {
        (void)state;
        resync(0, "{\"provider\":\"network\"}");
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 0);
        assert_outcome(0, "ok", 0);
}

static void test_a_million_do_not_fill_a_batch_and_inputs_go_between(void **state) {
        (void)state;
        sk_id late = world_id_in(PARTITION, 7000);

        ask_many(700);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        world_call(&w, "finance", &late, SK_CALL_RAISE, 1, "{\"do\":\"open\",\"seen\":\"late\"}");
        world_run(&w);
        fake_step_order[0] = '\0';
        world_answer(&w, SK_OK);
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 256);
        assert_true(is_ordered());
        assert_string_equal(fake_step_order, "late"); /* in the batch that is folded next, before it goes on */
        world_answer(&w, SK_OK);
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 512);
        assert_int_equal(outcomes(), 0);
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 700);
        assert_int_equal(outcomes(), 1);
        assert_outcome(0, "ok", 700);
        assert_false(is_ordered());
}

/* Another process goes on where the journal says that there is something to go on with: from the beginning. */
static void test_after_a_crash_it_is_done_anew_and_answered_once(void **state) {
        (void)state;
        ask_many(600);
        for (unsigned crashes = 1; crashes < 4; crashes++) {
                size_t sent;

                w.holds_commits = true;
                if (crashes == 1)
                        resync(0, "{\"provider\":\"network\"}");
                world_answer(&w, SK_OK);
                assert_true(is_ordered());
                sent = world_count(&w, SK_TOPIC_CALLS);
                assert_true(sent > 0 && sent % 256 == 0);
                world_restart(&w);
                world_assign(&w);
        }
        w.holds_commits = false;
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_run(&w);
        assert_int_equal(outcomes(), 1);
        assert_outcome(0, "ok", 600);
        assert_false(is_ordered());
        world_restart(&w);
        world_assign(&w);
        world_run(&w);
        assert_int_equal(outcomes(), 1);
}

/* Then inputs are noted one by one; the order goes on beside none of them, and without waiting for any. */
static void test_after_an_unclean_exit_it_goes_on_without_inputs(void **state) {
        (void)state;
        ask_many(600);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        world_answer(&w, SK_OK);
        world_restart(&w);
        sk_driver_noted_before(w.driver, NULL, 0);
        w.holds_commits = false;
        world_assign(&w);
        world_run(&w);
        assert_int_equal(outcomes(), 1);
        assert_outcome(0, "ok", 600);
}

/* The batch that has taken it is lost with the assignment: the record is read again. */
static void test_an_order_that_was_not_committed_is_taken_again(void **state) {
        (void)state;
        const int32_t all[] = {0, 1, 2, 3};

        ask_many(3);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        sk_driver_revoked(w.driver, all, 4, true, w.now_us);
        w.holds_commits = false;
        world_assign(&w);
        world_answer(&w, SK_ERR_ABORTED);
        world_run(&w);
        assert_int_equal(outcomes(), 1);
        assert_outcome(0, "ok", 3);
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 3);
}

static void test_a_batch_that_is_aborted_is_the_same_again(void **state) {
        (void)state;
        ask_many(3);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        world_answer(&w, SK_ERR_ABORTED);
        w.holds_commits = false;
        world_wait(&w, SK_SECOND_US);
        if (w.batch != NULL)
                world_answer(&w, SK_OK);
        assert_int_equal(outcomes(), 1);
        assert_int_equal(world_count(&w, SK_TOPIC_CALLS), 3);
}

static void test_calls_that_come_and_go_meanwhile_do_not_disturb(void **state) {
        (void)state;
        ask_many(600);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        for (unsigned i = 0; i < 600; i += 2) {
                sk_id id = world_id_in(PARTITION, i);
                world_call(&w, "finance", &id, SK_CALL_NOTE, 2, "{\"do\":\"close\"}");
        }
        for (unsigned i = 1000; i < 2000; i++)
                call_in(PARTITION, i, "{\"do\":\"open\"}");
        w.holds_commits = false;
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_run(&w);
        assert_int_equal(outcomes(), 1);
        /* each of the 300 that stayed, once; of the others those that it came to before they went */
        size_t count = world_count(&w, SK_TOPIC_CALLS);
        assert_true(count >= 300 && count <= 600);
        for (unsigned i = 1; i < 600; i += 2) {
                sk_id id = world_id_in(PARTITION, i);
                char key[SK_ID_TEXT];
                unsigned found = 0;
                sk_id_format(&id, key);
                for (size_t n = 0; n < count; n++)
                        found += memcmp(world_written(&w, SK_TOPIC_CALLS, n)->key.at, key, SK_ID_TEXT) == 0;
                assert_int_equal(found, 1);
        }
}

static void test_what_cannot_be_done_is_refused(void **state) {
        (void)state;
        static const struct {
                const char *value;
                const char *code;
        } table[] = {
                {"{}", "invalid"},
                {"{\"provider\":7}", "invalid"},
                {"{\"provider\":\"\"}", "invalid"},
                {"{\"provider\":\"../x\"}", "invalid"},
                {"{\"provider\":\"nobody\"}", "unknown-agreement"},
                {"{\"provider\":\"finance\"}", "unknown-agreement"},
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                resync((unsigned)i, table[i].value);
                assert_int_equal(outcomes(), i + 1);
                assert_outcome(i, table[i].code, -1);
                assert_false(is_ordered());
        }
}

static void test_of_two_for_one_provider_the_second_is_refused_and_a_repeated_one_is_a_duplicate(void **state) {
        (void)state;
        size_t at;

        ask_many(300);
        w.holds_commits = true;
        resync(0, "{\"provider\":\"network\"}");
        at = w.log_count - 1;
        resync(1, "{\"provider\":\"network\"}");
        while (w.log[at].record.topic->kind != SK_TOPIC_WORK)
                at--;
        sk_record same = w.log[at].record;
        world_send(&w, same.topic, same.partition, 0, same.key, same.headers, same.value);
        world_run(&w);
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        world_run(&w);
        assert_int_equal(outcomes(), 2);
        assert_outcome(0, "under-way", -1);
        assert_outcome(1, "ok", 300);
        bool is_duplicate = false;
        for (size_t i = 0; i < world_count(&w, SK_TOPIC_EVENTS); i++)
                is_duplicate = is_duplicate ||
                               sk_slice_is(sk_headers_find(world_written(&w, SK_TOPIC_EVENTS, i)->headers, "ce_type"),
                                           "schakel.event.duplicate");
        assert_true(is_duplicate);
}

int main(void) {
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
        const struct CMUnitTest tests[] = {
                IN_A_WORLD(test_every_open_ask_of_the_partition_is_raised_again),
                IN_A_WORLD(test_where_nothing_is_asked_it_is_answered_at_once),
                IN_A_WORLD(test_a_million_do_not_fill_a_batch_and_inputs_go_between),
                IN_A_WORLD(test_after_a_crash_it_is_done_anew_and_answered_once),
                IN_A_WORLD(test_after_an_unclean_exit_it_goes_on_without_inputs),
                IN_A_WORLD(test_an_order_that_was_not_committed_is_taken_again),
                IN_A_WORLD(test_a_batch_that_is_aborted_is_the_same_again),
                IN_A_WORLD(test_calls_that_come_and_go_meanwhile_do_not_disturb),
                IN_A_WORLD(test_what_cannot_be_done_is_refused),
                IN_A_WORLD(test_of_two_for_one_provider_the_second_is_refused_and_a_repeated_one_is_a_duplicate),
        };
        return cmocka_run_group_tests_name("driver_resync", tests, NULL, NULL);
}
