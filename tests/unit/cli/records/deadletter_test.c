#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "kit/id.h"
#include "kit/json_scan.h"
#include "log/tool.h"
#include "support/folder.h"
#include "unit/cli/capture.h"

/*
 * Dead letters as a link leaves them, on a local log, and what people do with them. No link runs here: what one does
 * with a letter that is retried is tested with the driver.
 */

#define KEY "01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3"
#define TOPIC "pair.provider.deadletter"

extern const sk_command sk_command_deadletter;
static const sk_command *const commands[] = {&sk_command_deadletter, NULL};

typedef struct fixture {
        test_folder folder;
        char url[FOLDER_PATH_MAX + 16];
        capture captured;
} fixture;

static fixture f;

static void append_letter(sk_log_tool *tool, const char *key, sk_slice own_headers, sk_slice value) {
        sk_buf headers = sk_buf_make(65536);
        sk_buf_add_slice(&headers, own_headers);
        sk_headers_add(&headers, "schakel-dl-topic", SK_SLICE("pair.provider.calls.customer"));
        sk_headers_add(&headers, "schakel-dl-partition", SK_SLICE("0"));
        sk_headers_add(&headers, "schakel-dl-offset", SK_SLICE("17"));
        sk_headers_add(&headers, "schakel-dl-reason", SK_SLICE("bad-data"));
        sk_headers_add(&headers, "schakel-dl-text", SK_SLICE("the \x1b[31mneed is missing"));
        sk_headers_add(&headers, "schakel-dl-time", SK_SLICE("2026-11-21T14:00:00Z"));
        sk_headers_add(&headers, "schakel-dl-count", SK_SLICE("2"));
        sk_log_append record = {
                .topic = SK_SLICE(TOPIC), .key = sk_slice_of(key), .headers = sk_buf_slice(&headers), .value = value};
        assert_int_equal(sk_log_tool_append(tool, &record, 1, NULL), SK_OK);
        sk_buf_free(&headers);
}

static int setup(void **state) {
        sk_log_tool *tool;
        sk_buf own = sk_buf_make(4096);
        (void)state;
        folder_make(&f.folder);
        snprintf(f.url, sizeof(f.url), "local:%s", folder_file(&f.folder, "log.db"));
        assert_int_equal(sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &tool), SK_OK);
        sk_headers_add(&own, "ce_type", SK_SLICE("schakel.call.raise\x1b]0;owned\x07"));
        append_letter(tool, KEY, sk_buf_slice(&own), SK_SLICE("{\"facility\":\"\x1b[2J\"}"));
        append_letter(tool, "no-id", sk_buf_slice(&own), SK_SLICE("{}"));
        append_letter(tool, KEY, sk_buf_slice(&own), SK_NONE);
        sk_log_tool_free(tool);
        sk_buf_free(&own);
        capture_begin(&f.captured, commands);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        capture_end(&f.captured);
        folder_remove(&f.folder);
        return 0;
}

/* Runs `schakel deadletter …` with up to six words more. */
static int run(const char *subcommand, const char *a, const char *b, const char *c, const char *d) {
        const char *words[] = {"deadletter", subcommand, "-C", "tests/data/chains/pair", "--log", f.url, a, b, c, d,
                               NULL};
        capture_end(&f.captured); /* a frame runs one command */
        capture_begin(&f.captured, commands);
        return capture_run(&f.captured, words);
}

static void assert_says(const char *text) {
        if (strstr(f.captured.out_text, text) == NULL && strstr(f.captured.err_text, text) == NULL)
                fail_msg("\"%s\" is not in\n%s%s", text, f.captured.out_text, f.captured.err_text);
}

static void assert_says_nothing_hostile(void) {
        for (const char *at = f.captured.out_text; *at != '\0'; at++)
                assert_true((unsigned char)*at >= ' ' || *at == '\n');
}

static void test_letters_are_listed_with_their_reason(void **state) {
        (void)state;
        assert_int_equal(run("list", NULL, NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("provider/0");
        assert_says("provider/2");
        assert_says("bad-data");
        assert_says("the \\x1b[31mneed is missing");
        assert_says_nothing_hostile();
}

static void test_another_team_has_none(void **state) {
        (void)state;
        assert_int_equal(run("list", "--team", "customer", NULL, NULL), SK_EXIT_OK);
        assert_says("no dead letters");
}

static void test_only_one_reason_can_be_asked_for(void **state) {
        (void)state;
        assert_int_equal(run("list", "--reason", "misrouted", NULL, NULL), SK_EXIT_OK);
        assert_says("no dead letters");
}

static void test_a_letter_is_shown_whole(void **state) {
        (void)state;
        assert_int_equal(run("show", "provider/0", NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("from pair.provider.calls.customer, partition 0, offset 17");
        assert_says("2 times so far");
        assert_says("ce_type: schakel.call.raise\\x1b]0;owned\\x07");
        assert_says("schakel deadletter retry provider/0");
        assert_null(strstr(f.captured.out_text, "schakel-dl-"));
        assert_says_nothing_hostile();
}

static void test_json_holds_the_letter_and_is_json(void **state) {
        (void)state;
        assert_int_equal(run("show", "provider/0", "--json", NULL, NULL), SK_EXIT_OK);
        sk_slice json = {f.captured.out_text, f.captured.out_len};
        assert_int_equal(sk_json_check(json, 16, NULL), SK_OK);
        assert_true(sk_slice_is(sk_json_member(json, "times"), "2"));
        assert_true(sk_slice_is(sk_json_member(json, "state"), "\"open\""));
        assert_says_nothing_hostile();
}

static void test_what_does_not_exist_or_is_no_name_is_refused(void **state) {
        (void)state;
        assert_int_equal(run("show", "provider/99", NULL, NULL, NULL), SK_EXIT_NEGATIVE);
        assert_says("there is no such dead letter");
        assert_int_equal(run("show", "99", NULL, NULL, NULL), SK_EXIT_USAGE);
        assert_int_equal(run("drop", "provider/0", NULL, NULL, NULL), SK_EXIT_USAGE);
        assert_int_equal(run("drop", "--why", "x", NULL, NULL), SK_EXIT_USAGE);
        assert_int_equal(run("retry", NULL, NULL, NULL, NULL), SK_EXIT_USAGE);
        assert_int_equal(run("retry", "provider/0", "--all", NULL, NULL), SK_EXIT_USAGE);
}

static void test_a_dropped_letter_leaves_the_list_and_stays_on_the_log(void **state) {
        (void)state;
        assert_int_equal(run("drop", "provider/0", "--why", "sent \x1b[1magain", "--json"), SK_EXIT_OK);
        assert_int_equal(run("list", "--json", NULL, NULL, NULL), SK_EXIT_OK);
        assert_null(strstr(f.captured.out_text, "\"letter\":\"provider/0\",\"team\""));
        assert_says("provider/1");
        assert_int_equal(run("show", "provider/0", NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("dropped by ");
        assert_says("sent \\x1b[1magain");
        assert_int_equal(run("list", "--all", NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("dropped");
        assert_says_nothing_hostile();
        assert_int_equal(run("drop", "provider/0", "--why", "x", NULL), SK_EXIT_NEGATIVE);
        assert_int_equal(run("retry", "provider/0", NULL, NULL, NULL), SK_EXIT_NEGATIVE);
        assert_says("it was dropped");
}

static void test_what_no_link_could_take_is_not_retried(void **state) {
        (void)state;
        assert_int_equal(run("retry", "provider/1", "--timeout", "0s", NULL), SK_EXIT_NEGATIVE);
        assert_says("its key is no id");
        assert_int_equal(run("retry", "provider/2", "--timeout", "0s", NULL), SK_EXIT_NEGATIVE);
        assert_says("it has no value");
}

/* The bytes behind a base64 member. */
static sk_slice decoded(sk_slice object, const char *name, char *out, size_t room) {
        sk_slice text = sk_json_member(object, name);
        size_t len = 0;
        assert_true(text.len >= 2);
        assert_int_equal(sodium_base642bin((unsigned char *)out, room, text.at + 1, text.len - 2, NULL, &len, NULL,
                                           sodium_base64_VARIANT_ORIGINAL),
                         0);
        return (sk_slice){out, len};
}

static bool check_redelivery(void *self, const sk_log_entry *entry) {
        char bytes[4096];
        unsigned *count = self;
        ++*count;
        assert_true(sk_slice_is(entry->key, KEY));
        assert_true(sk_slice_is(sk_headers_find(entry->headers, "ce_type"), "schakel.work.redeliver"));
        assert_true(sk_slice_is(sk_headers_find(entry->headers, "ce_actor"), "bo"));
        assert_true(sk_slice_is(sk_json_member(entry->value, "topic"), "\"pair.provider.calls.customer\""));
        assert_true(sk_slice_is(sk_json_member(entry->value, "key"), "\"" KEY "\""));
        assert_true(sk_slice_is(sk_json_member(entry->value, "partition"), "0"));
        sk_slice value = decoded(entry->value, "value", bytes, sizeof(bytes));
        assert_true(sk_slice_is(value, "{\"facility\":\"\x1b[2J\"}"));
        sk_slice headers = decoded(entry->value, "headers", bytes, sizeof(bytes));
        assert_true(sk_headers_check(headers));
        assert_true(sk_slice_is(sk_headers_find(headers, "ce_type"), "schakel.call.raise\x1b]0;owned\x07"));
        assert_true(sk_slice_is(sk_headers_find(headers, "schakel-dl-count"), "2"));
        assert_false(sk_slice_there(sk_headers_find(headers, "schakel-dl-reason")));
        return true;
}

static void test_a_retry_hands_the_letter_in_byte_for_byte(void **state) {
        sk_log_tool *tool;
        sk_log_read read = {.topic = SK_SLICE("pair.provider.work")};
        unsigned count = 0;
        (void)state;
        (void)run("retry", "provider/0", "--person=bo", "--timeout", "0s");
        assert_int_equal(sk_log_tool_open(f.url, SK_LOG_READ, NULL, &tool), SK_OK);
        assert_int_equal(sk_log_tool_read(tool, &read, check_redelivery, &count, NULL), SK_OK);
        assert_int_equal(count, 1);
        sk_log_tool_free(tool);
        assert_int_equal(run("list", NULL, NULL, NULL, NULL), SK_EXIT_OK);
        assert_says("provider/0"); /* nobody has taken it yet */
}

/* ---- what the link answers ---- */

/** Stands for the provider's link: answers the first `work` record, perhaps after it has put the letter aside again. */
typedef struct link_answer {
        const char *status;
        const char *code;
        bool puts_aside;
        bool is_answered;
} link_answer;

static bool answer_one(void *self, const sk_log_entry *entry) {
        link_answer *it = self;
        sk_log_tool *tool;
        sk_buf headers = sk_buf_make(4096);
        char value[200];
        char key[SK_ID_TEXT + 1];
        sk_slice id = sk_headers_find(entry->headers, "ce_id");

        (void)snprintf(value, sizeof(value), "{\"cause\":\"%.*s\",\"status\":\"%s\",\"code\":\"%s\"}", (int)id.len,
                       id.at, it->status, it->code);
        (void)snprintf(key, sizeof(key), "%.*s", (int)entry->key.len, entry->key.at);
        sk_headers_add(&headers, "ce_type", SK_SLICE("schakel.event.outcome"));
        assert_int_equal(sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &tool), SK_OK);
        if (it->puts_aside)
                append_letter(tool, KEY, SK_SLICE(""), SK_SLICE("{}"));
        sk_log_append record = {.topic = SK_SLICE("pair.provider.events"),
                                .key = sk_slice_of(key),
                                .headers = sk_buf_slice(&headers),
                                .value = sk_slice_of(value)};
        assert_int_equal(sk_log_tool_append(tool, &record, 1, NULL), SK_OK);
        sk_log_tool_free(tool);
        sk_buf_free(&headers);
        it->is_answered = true;
        return false;
}

static void *link_run(void *self) {
        link_answer *it = self;
        sk_log_tool *tool;
        sk_log_read read = {.topic = SK_SLICE("pair.provider.work")};

        assert_int_equal(sk_log_tool_open(f.url, SK_LOG_READ, NULL, &tool), SK_OK);
        while (!it->is_answered) {
                (void)sk_log_tool_wait(tool, 100);
                assert_int_equal(sk_log_tool_read(tool, &read, answer_one, it, NULL), SK_OK);
        }
        sk_log_tool_free(tool);
        return NULL;
}

static void test_what_the_link_makes_of_a_letter_is_told(void **state) {
        static const struct {
                link_answer link;
                int status;
                const char *says;
                bool is_done_with; /* it has left the list */
        } table[] = {
                {{"done", "ok", false, false}, SK_EXIT_OK, "provider/0 retried", true},
                {{"done", "bad-data", true, false},
                 SK_EXIT_NEGATIVE,
                 "the link could not use it again: bad-data\n  schakel deadletter list shows it under its new number",
                 true},
                {{"refused", "unknown-topic", false, false},
                 SK_EXIT_NEGATIVE,
                 "the team does not read that topic any more: the agreement is gone\n  ask the sender to send it again",
                 false},
                {{"refused", "misrouted", false, false},
                 SK_EXIT_NEGATIVE,
                 "its partition is not that of its key",
                 false},
                {{"refused", "not-allowed", false, false}, SK_EXIT_NEGATIVE, "it holds another letter", false},
                {{"refused", "bad-data", false, false}, SK_EXIT_NEGATIVE, "what came out is no record", false},
                {{"refused", "not-entitled", false, false}, SK_EXIT_NEGATIVE, "not-entitled, said by provider", false},
        };

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                link_answer link = table[i].link;
                pthread_t thread;
                assert_int_equal(pthread_create(&thread, NULL, link_run, &link), 0);
                int status = run("retry", "provider/0", "--person=bo", "--timeout", "1h");
                assert_int_equal(pthread_join(thread, NULL), 0);
                if (status != table[i].status)
                        fail_msg("%s: %d %s%s", table[i].link.code, status, f.captured.out_text, f.captured.err_text);
                assert_says(table[i].says);
                assert_int_equal(run("list", NULL, NULL, NULL, NULL), SK_EXIT_OK);
                assert_true((strstr(f.captured.out_text, "provider/0") == NULL) == table[i].is_done_with);
                (void)teardown(state);
                (void)setup(state);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_letters_are_listed_with_their_reason, setup, teardown),
                cmocka_unit_test_setup_teardown(test_another_team_has_none, setup, teardown),
                cmocka_unit_test_setup_teardown(test_only_one_reason_can_be_asked_for, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_letter_is_shown_whole, setup, teardown),
                cmocka_unit_test_setup_teardown(test_json_holds_the_letter_and_is_json, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_does_not_exist_or_is_no_name_is_refused, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_dropped_letter_leaves_the_list_and_stays_on_the_log, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_what_no_link_could_take_is_not_retried, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_the_link_makes_of_a_letter_is_told, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_retry_hands_the_letter_in_byte_for_byte, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
