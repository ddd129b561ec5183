#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/report/balance.h"
#include "kit/json_load.h"

#define ID_1 "01a1fee5-bc5c-702d-b233-39c8bfe2da0c"
#define ID_2 "01a1fee5-bc6b-78d9-a145-91765810c42e"

static sk_edition *edition_of(void) {
        const sk_chain_file files[] = {
                {"chain.json", SK_SLICE("{\"name\":\"c\"}")},
                {"a/team.json", SK_SLICE("{\"title\":\"A\",\"consumer\":true}")},
                {"b/team.json",
                 SK_SLICE(
                         "{\"title\":\"B\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{\"p\":{"
                         "\"profiles\":[\"operator\",\"line-manager\",\"process-manager\"]}}}")},
                {"agreements/ab.json",
                 SK_SLICE("{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"goods\":[\"g\"],"
                          "\"actions\":[\"x\"],\"calls\":[\"incident\"]}}}")}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        assert_non_null(findings);
        assert_int_equal(sk_edition_build(files, sizeof(files) / sizeof(files[0]), NULL, findings, &edition), SK_OK);
        sk_findings_free(findings);
        return edition;
}

/** An event of a team about call @p id. */
typedef struct told {
        const char *team;
        sk_message type;
        const char *id;
        const char *data;
} told;

#define ASKED(id) \
        { "a", SK_EVENT_DELEGATED, id, "{\"ask\":\"" id "\",\"team\":\"b\"}" }
#define OPENED(id) \
        { "b", SK_EVENT_OPENED, id, "{\"customer\":\"a\"}" }
#define CLOSED(id, how) \
        { "b", SK_EVENT_CLOSED, id, "{\"customer\":\"a\",\"outcome\":\"" how "\"}" }
#define ARCHIVED(id) \
        { "b", SK_ARCHIVE_CALL, id, "{\"customer\":\"a\"}" }
#define FED(id, how)                                                                                                  \
        {                                                                                                             \
                "a", SK_EVENT_FED, id,                                                                                \
                        "{\"ask\":\"" id "\",\"team\":\"b\",\"message\":\"feedback.closed\",\"outcome\":\"" how "\"}" \
        }
#define REFUSED(id)                                                                                                   \
        {                                                                                                             \
                "a", SK_EVENT_FED, id,                                                                                \
                        "{\"ask\":\"" id "\",\"team\":\"b\",\"message\":\"feedback.refused\",\"outcome\":\"failed\"}" \
        }
#define TOLD_MAX 10

static void test_both_ends_are_compared(void **state) {
        (void)state;
        static const struct row {
                const char *what;
                told told[TOLD_MAX];
                bool is_equal;
                uint64_t asked;
        } rows[] = {
                {"nothing", {{0}}, true, 0},
                {"a whole call",
                 {ASKED(ID_1), OPENED(ID_1), CLOSED(ID_1, "completed"), ARCHIVED(ID_1), FED(ID_1, "completed")},
                 true,
                 1},
                {"one that is open at both ends", {ASKED(ID_1), OPENED(ID_1)}, true, 1},
                {"one that was never taken", {ASKED(ID_1)}, false, 1},
                {"one taken, but another one asked", {ASKED(ID_1), OPENED(ID_2)}, false, 1},
                {"one taken twice", {ASKED(ID_1), OPENED(ID_1), OPENED(ID_1)}, false, 1},
                {"one whose end was not told",
                 {ASKED(ID_1), OPENED(ID_1), CLOSED(ID_1, "completed"), ARCHIVED(ID_1)},
                 false,
                 1},
                {"one that ended differently at each end",
                 {ASKED(ID_1), OPENED(ID_1), CLOSED(ID_1, "completed"), ARCHIVED(ID_1), FED(ID_1, "declined")},
                 false,
                 1},
                {"one that was not kept",
                 {ASKED(ID_1), OPENED(ID_1), CLOSED(ID_1, "completed"), FED(ID_1, "completed")},
                 false,
                 1},
                {"one that was refused", {ASKED(ID_1), REFUSED(ID_1)}, true, 0},
                {"an offer that nobody asked for", {FED(ID_2, "completed")}, true, 0},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_edition *edition = edition_of();
                sk_balance *balance = sk_balance_new(edition);
                assert_non_null(balance);
                for (size_t n = 0; n < TOLD_MAX && rows[i].told[n].team != NULL; n++) {
                        const told *one = &rows[i].told[n];
                        sk_event_seen event = {
                                .team = sk_slice_of(one->team), .type = one->type, .data = sk_slice_of(one->data)};
                        assert_true(sk_id_parse(sk_slice_of(one->id), &event.id));
                        sk_balance_add(balance, &event);
                }
                assert_int_equal(sk_balance_count(balance), 1);
                const sk_balance_row *row = sk_balance_at(balance, 0);
                if (sk_balance_is_equal(row) != rows[i].is_equal || row->asked != rows[i].asked)
                        fail_msg("%s", rows[i].what);
                sk_balance_free(balance);
                sk_edition_release(edition);
        }
}

int main(void) {
        sk_json_load_prepare();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_both_ends_are_compared),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
