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
#include "support/members.h"

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

#define EVENT "{\"now\":\"2026-11-23T08:30:00Z\",\"cause\":\"x\",\"n\":1"

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
                {SK_WORK_REDELIVER, "{\"record\":{}}", "/headers", "is required"},
                {SK_WORK_REDELIVER,
                 "{\"topic\":\"a.b.work\",\"partition\":0,\"key\":\"k\",\"headers\":\"\",\"value\":\"e30=\"}", NULL,
                 NULL},
                {SK_EVENT_NOTED, EVENT "}", NULL, NULL},
                {SK_EVENT_NOTED, "{\"now\":\"2026-11-23T08:30:00Z\",\"cause\":\"x\"}", "/n", "is required"},
                {SK_EVENT_CLOSED, EVENT ",\"outcome\":\"completed\",\"elapsed_us\":1,\"stopped_us\":0}", NULL, NULL},
                {SK_EVENT_CLOSED, EVENT ",\"outcome\":\"completed\",\"elapsed_us\":1}", "/stopped_us", "is required"},
                {SK_EVENT_CLOSED, EVENT ",\"outcome\":\"lost\",\"elapsed_us\":1,\"stopped_us\":0}", "/outcome", NULL},
                {SK_ARCHIVE_CALL, "{}", "/asks", "is required"},
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
                (void)snprintf(id, sizeof id, "schakel:%s/" SK_SCHEMA_VERSION, sk_message_name((sk_message)type));
                assert_true(sk_slice_is(sk_contract_id((sk_message)type), id));
                assert_true(sk_slice_there(sk_contract_text(sk_slice_of(id))));
                assert_int_equal(sk_contract_check(f.contract, f.run, (sk_message)type, SK_SLICE("[]"), NULL),
                                 SK_ERR_CONFLICT);
        }
        assert_false(sk_slice_there(sk_contract_text(SK_SLICE("schakel:call.raise/0.9"))));
}

static void test_a_member_that_the_schema_does_not_name_is_found(void **state) {
        static const struct {
                sk_message type;
                const char *value;
                const char *path; /* NULL: all are named */
        } rows[] = {
                {SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"f\",\"need\":\"n\",\"data\":{\"own\":1}}", NULL},
                {SK_CALL_RAISE, "{\"type\":\"incident\",\"colour\":1}", "/colour"},
                {SK_CALL_RAISE, "{\"attachments\":[{\"uri\":\"u\",\"size\":1,\"depth\":1}]}", "/attachments/depth"},
                {SK_FEEDBACK_CLOSED, "{\"standing\":{\"promise\":{\"by\":1}}}", "/standing/promise/by"},
                {SK_FEEDBACK_CLOSED, "{\"clock\":{\"due\":1},\"result\":{\"by\":1}}", NULL},
                {SK_FEEDBACK_REFUSED, "{\"standing\":{\"sitting\":1}}", "/standing/sitting"},
                {SK_WORK_DESIGN, "{\"what\":\"steering\",\"from\":{\"organised_by\":\"process\"},\"by\":1}", "/by"},
                {SK_EVENT_CLAIMED, "{\"now\":1,\"cause\":1,\"n\":1,\"activity\":1,\"actor\":1}", NULL},
                {SK_EVENT_NOTED, "{\"now\":1,\"cause\":1,\"n\":1,\"actor\":1}", "/actor"},
                {SK_EVENT_FED, "{\"clock\":{\"ticks\":1}}", "/clock/ticks"},
                {SK_ARCHIVE_CALL, "{\"asks\":[{\"id\":1},{\"ids\":1}]}", "/asks/ids"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char path[MEMBER_PATH_MAX];
                bool is_good = test_members_are_named(rows[i].type, sk_slice_of(rows[i].value), path);
                if (is_good != (rows[i].path == NULL) || (!is_good && strcmp(path, rows[i].path) != 0))
                        fail_msg("%s: %s", rows[i].value, path);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_does_not_fit_its_schema_is_told_with_its_place, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_every_message_has_a_schema_of_its_own_name, setup, teardown),
                cmocka_unit_test(test_a_member_that_the_schema_does_not_name_is_found),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
