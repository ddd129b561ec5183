/* Who is there, who stands in, and who is accountable, at a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_load.h"
#include "kit/when.h"
#include "support/zones.h"
#include "usm/edition.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char chain_json[] =
        "{\"name\":\"test\",\"calendars\":{\"office\":{\"zone\":\"Europe/Amsterdam\",\"open\":{"
        "\"mon-fri\":\"08:00-18:00\"}}}}";
static const char team_json[] =
        "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"calendar\":\"office\",\"people\":{"
        "\"eva\":{\"profiles\":[\"process-manager\"],\"deputies\":[\"dina\",\"bo\"],\"absent\":["
        "{\"from\":\"2026-12-24\",\"to\":\"2026-12-26\"},{\"from\":\"2027-03-01T12:00:00Z\",\"to\":\"2027-03-01T13:00:"
        "00Z\"},"
        "{\"from\":\"9999-12-31\"}]},"
        "\"dina\":{\"profiles\":[\"line-coordinator\"],\"deputies\":[\"carl\"],\"absent\":["
        "{\"from\":\"2026-12-25\",\"to\":\"2026-12-26\"}]},"
        "\"bo\":{\"profiles\":[\"operator\"],\"absent\":[{\"from\":\"2026-12-26\",\"to\":\"2026-12-26\"}]},"
        "\"carl\":{\"profiles\":[\"operator\"],\"absent\":[{\"from\":\"1900-01-01\",\"to\":\"1900-01-01\"}]}}}";

static sk_err load_zone(void *self, const char *name, sk_buf *out) {
        (void)self;
        sk_slice bytes = zone_bytes(name);
        sk_buf_add_slice(out, bytes);
        zone_bytes_free(bytes);
        return SK_OK;
}

static int setup(void **state) {
        const sk_chain_file files[] = {{"chain.json", sk_slice_of(chain_json)},
                                       {"desk/team.json", sk_slice_of(team_json)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_zones zones = {.load = load_zone, .version = SK_SLICE("test")};
        sk_json_load_prepare();
        assert_int_equal(sk_edition_build(files, COUNT(files), &zones, findings, &edition), SK_OK);
        sk_findings_free(findings);
        *state = edition;
        return 0;
}

static int teardown(void **state) {
        sk_edition_release(*state);
        return 0;
}

static const sk_team *desk(void **state) {
        return sk_edition_team(*state, SK_SLICE("desk"));
}

static int64_t at(const char *text) {
        int64_t time_us = 0;
        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_days_away_begin_and_end_with_the_clocks_of_the_teams_calendar(void **state) {
        static const struct {
                const char *when;
                const char *person;
                bool is_away;
        } cases[] = {
                {"2026-12-23T22:59:59Z", "eva", false}, {"2026-12-23T23:00:00Z", "eva", true},
                {"2026-12-26T22:59:59Z", "eva", true},  {"2026-12-26T23:00:00Z", "eva", false},
                {"2027-03-01T11:59:59Z", "eva", false}, {"2027-03-01T12:00:00Z", "eva", true},
                {"2027-03-01T13:00:00Z", "eva", false}, {"9999-12-31T12:00:00Z", "eva", true},
                {"1900-01-01T12:00:00Z", "carl", true}, {"1900-01-03T12:00:00Z", "carl", false},
                {"2026-12-25T12:00:00Z", "tim", false},
        };
        for (size_t i = 0; i < COUNT(cases); i++) {
                bool is_away = sk_team_is_away(desk(state), sk_slice_of(cases[i].person), at(cases[i].when));
                if (is_away != cases[i].is_away)
                        fail_msg("%s at %s: %d", cases[i].person, cases[i].when, is_away);
        }
}

static void test_the_nearest_deputy_who_is_there_is_accountable(void **state) {
        static const struct {
                const char *when;
                const char *person;
                const char *instead_of;
        } cases[] = {
                {"2026-12-23T12:00:00Z", "eva", ""},     {"2026-12-24T12:00:00Z", "dina", "eva"},
                {"2026-12-25T12:00:00Z", "bo", "eva"},   /* dina is away too: bo comes before dina's own deputy */
                {"2026-12-26T12:00:00Z", "carl", "eva"}, /* bo as well: dina's deputy */
                {"2026-12-27T12:00:00Z", "eva", ""},
        };
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_accountable found = sk_team_accountable(desk(state), SK_SLICE("process-manager"), at(cases[i].when));
                if (!sk_slice_is(found.person, cases[i].person) ||
                    !sk_slice_equal(found.instead_of, sk_slice_of(cases[i].instead_of)) || found.why != NULL)
                        fail_msg("%s: %.*s", cases[i].when, (int)found.person.len, found.person.at);
        }
}

static void test_who_cannot_be_found_is_said_why(void **state) {
        int64_t now_us = at("2026-12-26T12:00:00Z");
        assert_string_equal(sk_team_accountable(desk(state), SK_SLICE("workflow-owner"), now_us).why,
                            "accountable-nobody");
        assert_string_equal(sk_team_accountable(desk(state), SK_SLICE("operator"), now_us).why, "accountable-several");
        sk_accountable away = sk_team_accountable(desk(state), SK_SLICE("bo"), now_us);
        assert_string_equal(away.why, "accountable-away");
        assert_false(sk_slice_there(away.person));
}

static void test_a_deputy_acts_for_a_profile_only_while_its_holder_is_away(void **state) {
        const sk_team *team = desk(state);
        int64_t here_us = at("2026-12-23T12:00:00Z");
        int64_t away_us = at("2026-12-24T12:00:00Z");
        int64_t both_us = at("2026-12-25T12:00:00Z");
        sk_slice profile = SK_SLICE("process-manager");
        assert_true(sk_team_acts(team, SK_SLICE("eva"), profile, here_us));
        assert_false(sk_team_acts(team, SK_SLICE("dina"), profile, here_us));
        assert_true(sk_team_acts(team, SK_SLICE("dina"), profile, away_us));
        assert_true(sk_team_acts(team, SK_SLICE("bo"), profile, away_us));
        assert_false(sk_team_acts(team, SK_SLICE("carl"), profile, away_us));
        assert_true(sk_team_acts(team, SK_SLICE("carl"), profile, both_us));
        assert_true(sk_team_acts(team, SK_SLICE("eva"), profile, away_us));
        assert_false(sk_team_acts(team, SK_SLICE("tim"), profile, away_us));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_days_away_begin_and_end_with_the_clocks_of_the_teams_calendar),
                cmocka_unit_test(test_the_nearest_deputy_who_is_there_is_accountable),
                cmocka_unit_test(test_who_cannot_be_found_is_said_why),
                cmocka_unit_test(test_a_deputy_acts_for_a_profile_only_while_its_holder_is_away),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
