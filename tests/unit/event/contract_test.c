/* Data of messages against the schemas that the library carries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "event/contract.h"
#include "event/envelope.h"
#include "kit/json_scan.h"

static struct {
        sk_contract *contract;
        sk_schema_run *run;
} f;

static int setup(void **state) {
        (void)state;
        f.contract = sk_contract_new();
        f.run = sk_schema_run_new();
        return f.contract == NULL || f.run == NULL;
}

static int teardown(void **state) {
        (void)state;
        sk_contract_free(f.contract);
        sk_schema_run_free(f.run);
        return 0;
}

static void test_what_does_not_fit_its_schema_is_told_with_its_place(void **state) {
        static const struct {
                sk_message type;
                const char *value;
                const char *instance; /* NULL: it fits */
                const char *text;
        } rows[] = {
                {SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\",\"from_1_7\":[1]}", NULL,
                 NULL},
                {SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"laptop\"}", "/need", "is required"},
                {SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\",\"urgency\":9}",
                 "/urgency", "must be at most 5"},
                {SK_CALL_RAISE, "[]", "", "must be an object"},
                {SK_FEEDBACK_LATE,
                 "{\"standing\":{\"state\":\"sleeping\",\"seen\":1,\"type\":\"incident\"},\"forecast\":"
                 "\"2026-11-23T08:30:00Z\",\"reason\":\"x\"}",
                 "/standing/state", NULL},
                {SK_WORK_CLAIM, "{\"visit\":0}", "/visit", "must be at least 1"},
                {SK_EVENT_CLOSED, "{\"now\":\"2026-11-23T08:30:00Z\",\"cause\":\"x\",\"n\":1}", NULL, NULL},
                {SK_EVENT_CLOSED, "{\"now\":\"2026-11-23T08:30:00Z\",\"cause\":\"x\"}", "/n", "is required"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                sk_schema_fault fault = {.text = ""};
                sk_err err = sk_contract_check(f.contract, f.run, rows[i].type, sk_slice_of(rows[i].value), &fault);
                if (err != (rows[i].instance == NULL ? SK_OK : SK_ERR_CONFLICT) ||
                    (err != SK_OK && strcmp(fault.instance, rows[i].instance) != 0) ||
                    (rows[i].text != NULL && strcmp(fault.text, rows[i].text) != 0))
                        fail_msg("%s: \"%s\" %s", rows[i].value, fault.instance, fault.text);
        }
}

static void test_every_message_has_a_schema_of_its_own_name(void **state) {
        (void)state;
        for (unsigned type = 0; type < SK_MESSAGES; type++) {
                char id[64];
                bool is_event = strncmp(sk_message_name((sk_message)type), "event.", 6) == 0;
                (void)snprintf(id, sizeof id, "schakel:%s/" SK_SCHEMA_VERSION,
                               is_event ? "event" : sk_message_name((sk_message)type));
                assert_true(sk_slice_is(sk_contract_id((sk_message)type), id));
                assert_true(sk_slice_there(sk_contract_text(sk_slice_of(id))));
                assert_int_equal(sk_contract_check(f.contract, f.run, (sk_message)type, SK_SLICE("[]"), NULL),
                                 SK_ERR_CONFLICT);
        }
        assert_false(sk_slice_there(sk_contract_text(SK_SLICE("schakel:call.raise/0.9"))));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_does_not_fit_its_schema_is_told_with_its_place, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_every_message_has_a_schema_of_its_own_name, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
