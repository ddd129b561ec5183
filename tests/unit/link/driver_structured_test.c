#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/driver_world.h"
#include "support/fake_step.h"

/* Records in structured mode are stepped like others; one that is refused is kept as it came. */

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

static const char *event_of(const sk_id *id, const char *source, const char *data) {
        static char event[2048];
        char text[SK_ID_TEXT];

        sk_id_format(id, text);
        (void)snprintf(
                event, sizeof(event),
                "{\"specversion\":\"1.0\",\"id\":\"%.36s/c/1\",\"type\":\"schakel.call.raise\",\"source\":\"%s\","
                "\"dataschema\":\"schakel:call.raise/1.0\",\"time\":\"2026-11-21T14:22:51Z\",\"seqno\":1,"
                "\"callid\":\"%.36s\",\"replykey\":\"%.36s\",\"rootid\":\"%.36s\",\"hops\":0,"
                "\"agreement\":\"00112233445566778899aabbccddeeff\",\"data\":%s}",
                text, source, text, text, text, data);
        return event;
}

static void send(const sk_id *id, const char *event) {
        char key[SK_ID_TEXT];
        sk_buf run = sk_buf_make(256);

        sk_id_format(id, key);
        sk_headers_add(&run, "content-type", SK_SLICE("application/cloudevents+json"));
        world_send(&w, sk_topics_calls_from(w.topics, SK_SLICE("finance")), world_partition(id), 0,
                   (sk_slice){key, sizeof(key)}, sk_buf_slice(&run), sk_slice_of(event));
        world_run(&w);
        sk_buf_free(&run);
}

static void test_the_step_is_given_the_data_of_the_event(void **state) {
        (void)state;
        sk_id id = world_id(1);
        size_t calls = fake_step_calls;

        send(&id, event_of(&id, "/test/finance", "{\"do\":\"data\",\"text\":\"a lift\"}"));
        assert_int_equal(world_numbers(&w).dead_letters, 0);
        assert_int_equal(fake_step_calls, calls + 1);
        send(&id, event_of(&id, "/test/finance", "{\"do\":\"open\"}"));
        assert_string_equal(fake_step_data, "{\"do\":\"data\",\"text\":\"a lift\"}");
}

static void test_what_is_refused_anywhere_is_kept_byte_for_byte(void **state) {
        (void)state;
        static const struct {
                const char *source;
                const char *data;
                const char *reason;
        } cases[] = {
                {"/test/finance", "{\"do\":\"reject\"}", "bad-data"},
                {"/test/legal", "{\"do\":\"open\"}", "wrong-source"},
                {"/test/finance", "[]", "bad-data"},
                {"/test/finance", "{", "bad-envelope"},
        };

        for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_id id = world_id(i);
                const char *event = event_of(&id, cases[i].source, cases[i].data);
                send(&id, event);
                const sk_record *letter = world_written(&w, SK_TOPIC_DEADLETTER, i);
                assert_non_null(letter);
                assert_true(sk_slice_is(letter->value, event));
                assert_true(
                        sk_slice_is(sk_headers_find(letter->headers, "content-type"), "application/cloudevents+json"));
                assert_true(sk_slice_is(sk_headers_find(letter->headers, "schakel-dl-reason"), cases[i].reason));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_the_step_is_given_the_data_of_the_event, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_what_is_refused_anywhere_is_kept_byte_for_byte, open_world,
                                                close_world),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
