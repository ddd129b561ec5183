/* What an edition gives for a chain that is right: tests/data/chain-small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_load.h"
#include "kit/when.h"
#include "log/chain_dir.h"
#include "support/failing_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int setup(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_json_load_prepare();
        assert_non_null(findings);
        sk_err err = sk_chain_dir_build("tests/data/chain-small", findings, &edition);
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                if (sk_findings_at(findings, i)->severity == SK_ERROR)
                        print_error("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        }
        assert_int_equal(err, SK_OK);
        sk_findings_free(findings);
        *state = edition;
        return 0;
}

static int teardown(void **state) {
        sk_edition_release(*state);
        return 0;
}

static void assert_slice(sk_slice found, const char *expected) {
        if (!sk_slice_is(found, expected))
                fail_msg("expected %s, found %.*s", expected, (int)found.len, found.at == NULL ? "" : found.at);
}

static void test_the_chain_has_what_chain_json_says(void **state) {
        const sk_edition *edition = *state;
        assert_slice(sk_edition_chain(edition), "small");
        assert_int_equal(sk_edition_partitions(edition), 2);
        assert_int_equal(sk_edition_acceptance_days(edition), 7);
        assert_int_equal(sk_edition_open_calls_max(edition), 5000);
        assert_int_equal(sk_edition_team_count(edition), 3);
        assert_int_equal(sk_edition_agreement_count(edition), 2);
}

static void test_teams_are_found_by_name_and_no_others(void **state) {
        static const char *const names[] = {"desk", "finance", "network"};
        const sk_edition *edition = *state;
        for (size_t i = 0; i < COUNT(names); i++) {
                const sk_team *team = sk_edition_team(edition, sk_slice_of(names[i]));
                assert_non_null(team);
                assert_slice(sk_team_name(team), names[i]);
                assert_ptr_equal(team, sk_edition_team_at(edition, i));
        }
        assert_null(sk_edition_team(edition, SK_SLICE("des")));
        assert_null(sk_edition_team(edition, SK_SLICE("desks")));
        assert_null(sk_edition_team(edition, SK_NONE));
        assert_slice(sk_team_title(sk_edition_team(edition, SK_SLICE("finance"))), "Finance");
}

static void test_a_team_that_serves_nobody_only_consumes(void **state) {
        assert_true(sk_team_is_consumer_only(sk_edition_team(*state, SK_SLICE("finance"))));
        assert_false(sk_team_is_consumer_only(sk_edition_team(*state, SK_SLICE("desk"))));
}

static void test_people_hold_their_profiles_and_their_own_name(void **state) {
        const sk_team *desk = sk_edition_team(*state, SK_SLICE("desk"));
        assert_int_equal(sk_team_person_count(desk), 2);
        assert_slice(sk_team_person_at(desk, 1), "bas");
        assert_true(sk_team_knows(desk, SK_SLICE("anna")));
        assert_false(sk_team_knows(desk, SK_SLICE("operator")));
        assert_true(sk_team_holds(desk, SK_SLICE("bas"), SK_SLICE("mechanic")));
        assert_false(sk_team_holds(desk, SK_SLICE("anna"), SK_SLICE("mechanic")));
        assert_true(sk_team_holds(desk, SK_SLICE("anna"), SK_SLICE("anna")));
        assert_false(sk_team_holds(desk, SK_SLICE("nobody"), SK_SLICE("operator")));
}

static void test_a_holder_is_one_person_or_nobody(void **state) {
        const sk_team *desk = sk_edition_team(*state, SK_SLICE("desk"));
        assert_slice(sk_team_holder(desk, SK_SLICE("process-manager")), "anna");
        assert_false(sk_slice_there(sk_team_holder(desk, SK_SLICE("operator"))));
        assert_false(sk_slice_there(sk_team_holder(desk, SK_SLICE("workflow-owner"))));
}

static void test_late_work_lands_with_who_coordinates_or_the_nearest_that_is_held(void **state) {
        const sk_edition *edition = *state;
        assert_slice(sk_team_coordinator(sk_edition_team(edition, SK_SLICE("desk")), SK_OPERATE),
                     "process-coordinator");
        assert_slice(sk_team_coordinator(sk_edition_team(edition, SK_SLICE("network")), SK_OPERATE), "operator");
        assert_slice(sk_team_organised_by(sk_edition_team(edition, SK_SLICE("network"))), "workflow");
        assert_slice(sk_team_coordinated_by(sk_edition_team(edition, SK_SLICE("network"))), "line");
}

static void test_an_agreement_supports_what_it_says(void **state) {
        const sk_agreement *agreement = sk_edition_agreement(*state, SK_SLICE("finance"), SK_SLICE("desk"));
        assert_non_null(agreement);
        assert_null(sk_edition_agreement(*state, SK_SLICE("desk"), SK_SLICE("finance")));
        assert_slice(sk_agreement_customer(agreement), "finance");
        assert_slice(sk_agreement_provider(agreement), "desk");
        assert_true(sk_agreement_has(agreement, SK_SLICE("wifi")));
        assert_false(sk_agreement_has(agreement, SK_SLICE("phone")));
        assert_true(sk_agreement_supports(agreement, SK_SLICE("laptop"), SK_REQUEST_FOR_CHANGE));
        assert_false(sk_agreement_supports(agreement, SK_SLICE("wifi"), SK_REQUEST_FOR_CHANGE));
        assert_false(sk_agreement_supports(agreement, SK_SLICE("phone"), SK_INCIDENT));
        assert_true(sk_agreement_supports(agreement, SK_SLICE("phone"), SK_WISH));
        assert_false(sk_agreement_supports(agreement, SK_SLICE("laptop"), SK_CALL_TYPES));
        assert_int_equal(sk_agreement_share_count(agreement), 2);
        assert_slice(sk_agreement_share_at(agreement, 1), "/result");
}

static void test_a_support_request_becomes_what_is_said_or_the_first_call(void **state) {
        const sk_agreement *agreement = sk_edition_agreement(*state, SK_SLICE("finance"), SK_SLICE("desk"));
        assert_int_equal(sk_agreement_type(agreement, SK_SLICE("laptop")), SK_INCIDENT);
        assert_int_equal(sk_agreement_type(agreement, SK_SLICE("wifi")), SK_INCIDENT);
        assert_int_equal(sk_agreement_type(agreement, SK_SLICE("phone")), SK_CALL_TYPES);
        assert_int_equal(sk_agreement_type(agreement, SK_NONE), SK_CALL_TYPES);
}

static void test_promises_are_by_facility_type_and_priority(void **state) {
        static const struct {
                const char *facility;
                sk_call_type type;
                unsigned priority;
                int64_t respond_minutes;
                int64_t resolve_minutes;
        } cases[] = {
                {"laptop", SK_INCIDENT, 0, 60, 480},     {"laptop", SK_INCIDENT, 1, 15, 240},
                {"laptop", SK_INCIDENT, 2, 60, 480},     {"laptop", SK_INCIDENT, 99, 60, 480},
                {"laptop", SK_SERVICE_REQUEST, 1, 0, 0}, {"wifi", SK_INCIDENT, 1, 0, 0},
                {"phone", SK_INCIDENT, 1, 0, 0},         {"laptop", SK_CALL_TYPES, 1, 0, 0},
        };
        const sk_agreement *agreement = sk_edition_agreement(*state, SK_SLICE("finance"), SK_SLICE("desk"));
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_promise_terms terms = sk_agreement_promise(agreement, sk_slice_of(cases[i].facility), cases[i].type,
                                                              cases[i].priority);
                assert_int_equal(terms.respond_within_us, cases[i].respond_minutes * SK_MINUTE_US);
                assert_int_equal(terms.resolve_within_us, cases[i].resolve_minutes * SK_MINUTE_US);
        }
}

static const struct {
        const char *team;
        const char *activity;
        sk_selection call;
        const char *routine;
        sk_how how;
        const char *responsible;
        const char *accountable;
} ways[] = {
        {"desk", "operate.accept", {.workflows = 1 << 5}, "operate", SK_HOW_AUTO, "operator", "process-manager"},
        {"desk", "operate.perform", {.workflows = 1 << 5}, "operate", SK_HOW_MANUAL, "mechanic", "process-manager"},
        {"desk",
         "operate.perform",
         {.workflows = 1 << 5, .facility = SK_SLICE("wifi")},
         "wifi",
         SK_HOW_DELEGATE,
         "mechanic",
         "process-manager"},
        {"desk",
         "operate.perform",
         {.workflows = 1 << 4, .facility = SK_SLICE("wifi")},
         "wifi",
         SK_HOW_DELEGATE,
         "mechanic",
         "process-manager"},
        {"desk",
         "operate.perform",
         {.workflows = 1 << 5, .facility = SK_SLICE("laptop"), .priority = 1},
         "urgent",
         SK_HOW_MANUAL,
         "bas",
         "process-manager"},
        {"desk",
         "operate.perform",
         {.workflows = 1 << 4, .facility = SK_SLICE("laptop"), .priority = 1},
         "operate",
         SK_HOW_MANUAL,
         "mechanic",
         "process-manager"},
        {"desk",
         "operate.perform",
         {.workflows = 1 << 5, .facility = SK_SLICE("laptop"), .priority = 3},
         "operate",
         SK_HOW_MANUAL,
         "mechanic",
         "process-manager"},
        {"desk", "agree.offer", {.workflows = 1 << 1}, "default", SK_HOW_MANUAL, "operator", "process-manager"},
        {"network", "operate.perform", {.workflows = 1 << 5}, "all", SK_HOW_AUTO, "operator", "nour"},
        {"finance", "agree.offer", {.workflows = 1 << 1}, "default", SK_HOW_MANUAL, "operator", "line-manager"},
};

static const struct {
        sk_process process;
        sk_how how;
        sk_process preset;
} way_cases[] = {
        {SK_AGREE, SK_HOW_AUTO, SK_CHANGE},
        {SK_CHANGE, SK_HOW_AUTO, SK_OPERATE},
        {SK_RECOVER, SK_HOW_MANUAL, SK_PROCESSES},
        {SK_IMPROVE, SK_HOW_MANUAL, SK_PROCESSES},
};

static void test_the_way_of_an_activity_is_the_most_specific_with_the_rest_inherited(void **state) {
        for (size_t i = 0; i < COUNT(ways); i++) {
                sk_way way;
                sk_slice routine;
                sk_team_way(sk_edition_team(*state, sk_slice_of(ways[i].team)), &ways[i].call,
                            sk_activity_find(sk_slice_of(ways[i].activity)), &way, &routine);
                assert_slice(routine, ways[i].routine);
                assert_int_equal(way.how, ways[i].how);
                assert_slice(way.responsible, ways[i].responsible);
                assert_slice(way.accountable, ways[i].accountable);
                assert_true(way.attempts >= 1);
        }
}

static void test_the_details_of_a_how_come_with_it(void **state) {
        const sk_team *desk = sk_edition_team(*state, SK_SLICE("desk"));
        sk_selection call = {.workflows = 1 << 5};
        sk_slice routine;
        sk_way way;
        sk_team_way(desk, &call, sk_activity_find(SK_SLICE("operate.classify")), &way, &routine);
        assert_slice(way.result, "{\"category\":\"standard\",\"priority\":3}");
        sk_team_way(desk, &call, sk_activity_find(SK_SLICE("operate.perform")), &way, &routine);
        assert_slice(way.instruction, "Deliver it.");
        call.facility = SK_SLICE("wifi");
        sk_team_way(desk, &call, sk_activity_find(SK_SLICE("operate.perform")), &way, &routine);
        assert_int_equal(way.target_count, 1);
        assert_int_equal(way.attempts, 2);
        assert_slice(way.targets[0].team, "network");
        assert_int_equal(way.targets[0].type, SK_SERVICE_REQUEST);
        assert_false(sk_slice_there(way.targets[0].facility));
        assert_false(sk_slice_there(way.instruction));
}

static void test_a_cut_has_a_target_of_its_own_and_may_be_another_link(void **state) {
        const sk_team *desk = sk_edition_team(*state, SK_SLICE("desk"));
        sk_selection call = {.first = SK_RECOVER, .workflows = 1 << 3 | 1 << 4};
        sk_cut_way way;
        sk_slice routine;
        sk_team_cut_way(desk, &call, SK_RECOVER, &way, &routine);
        assert_slice(routine, "recover");
        assert_int_equal(way.how, SK_HOW_AUTO);
        assert_int_equal(way.preset, SK_OPERATE);
        assert_slice(way.link[SK_CHANGE].team, "network");
        assert_slice(way.link[SK_CHANGE].facility, "wifi");
        assert_int_equal(way.link[SK_CHANGE].type, SK_REQUEST_FOR_CHANGE);
        assert_false(sk_slice_there(way.link[SK_OPERATE].team));
}

static void test_the_default_decides_a_cut_only_where_there_is_one_target(void **state) {
        const sk_team *network = sk_edition_team(*state, SK_SLICE("network"));
        for (size_t i = 0; i < COUNT(way_cases); i++) {
                sk_selection call = {.first = way_cases[i].process};
                sk_cut_way way;
                sk_slice routine;
                sk_team_cut_way(network, &call, way_cases[i].process, &way, &routine);
                assert_slice(routine, "default");
                assert_int_equal(way.how, way_cases[i].how);
                assert_int_equal(way.preset, way_cases[i].preset);
        }
}

static void test_every_activity_of_every_team_has_exactly_one_way(void **state) {
        const sk_edition *edition = *state;
        for (size_t t = 0; t < sk_edition_team_count(edition); t++) {
                for (unsigned p = 0; p < SK_PROCESSES; p++) {
                        const sk_process_info *info = sk_process_get((sk_process)p);
                        for (unsigned a = 0; a < info->count; a++) {
                                sk_selection call = {.workflows = 0x1fe};
                                sk_way way;
                                sk_slice routine = SK_NONE;
                                sk_team_way(sk_edition_team_at(edition, t), &call, &info->activities[a], &way,
                                            &routine);
                                assert_true(sk_slice_there(routine) && way.how < SK_HOWS);
                        }
                }
        }
}

static void test_hows_have_ids(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_HOWS; i++)
                assert_int_equal(sk_how_find(sk_slice_of(sk_how_id((sk_how)i))), i);
        assert_int_equal(sk_how_find(SK_SLICE("shell")), SK_HOWS);
        assert_int_equal(sk_how_find(SK_NONE), SK_HOWS);
}

static void test_an_edition_lives_as_long_as_its_last_owner(void **state) {
        sk_edition *edition = *state;
        assert_ptr_equal(sk_edition_retain(edition), edition);
        sk_edition_release(edition);
        assert_slice(sk_edition_chain(edition), "small");
        sk_edition_release(NULL);
}

/* ---- editions from texts ---- */

static const sk_chain_file tiny[] = {
        {"chain.json", SK_SLICE("{\"name\": \"tiny\"}")},
        {"agreements/ab.json",
         SK_SLICE("{\"customer\": \"a\", \"provider\": \"b\", \"share\": [\"/need\"], \"facilities\": "
                  "{\"lift\": {\"actions\": [\"repair\"], \"calls\": [\"incident\"]}}}")},
        {"a/team.json", SK_SLICE("{\"consumer\": true}")},
        {"b/team.json",
         SK_SLICE("{\"organised_by\": \"process\", \"coordinated_by\": \"line\", \"people\": "
                  "{\"eva\": {\"profiles\": [\"operator\", \"line-manager\"]}}, \"title\": {\"nl\": \"B\"}}")},
        {"b/infrastructure.json", SK_SLICE("{\"components\": {\"lift-1\": {\"facility\": \"lift\"}}}")},
        {"b/routines/do.json",
         SK_SLICE("{\"process\": \"recover\", \"select\": {\"facility\": \"lift\"}, \"activities\": "
                  "{\"recover.accept\": {\"how\": {\"auto\": {\"result\": {\"x\": 1}}}}, "
                  "\"recover.cut\": {\"how\": \"auto\"}}}")},
};

static sk_edition *build(const sk_chain_file *files, size_t count) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        assert_non_null(findings);
        assert_int_equal(sk_edition_build(files, count, NULL, findings, &edition), SK_OK);
        sk_findings_free(findings);
        return edition;
}

static bool same_digest(const sk_edition *a, const sk_edition *b) {
        return memcmp(sk_edition_digest(a), sk_edition_digest(b), sizeof(sk_digest)) == 0;
}

static void test_the_digest_is_of_what_is_said_not_of_how_it_is_written(void **state) {
        sk_chain_file other[COUNT(tiny)];
        (void)state;
        for (size_t i = 0; i < COUNT(tiny); i++)
                other[i] = tiny[COUNT(tiny) - 1 - i];
        other[COUNT(tiny) - 1].text = SK_SLICE("\n{ \"name\" :\t\"tiny\" }\n");
        sk_edition *a = build(tiny, COUNT(tiny));
        sk_edition *b = build(other, COUNT(tiny));
        assert_true(same_digest(a, b));
        sk_edition_release(b);
        other[COUNT(tiny) - 1].text = SK_SLICE("{\"name\": \"tiny\", \"partitions\": 4}");
        b = build(other, COUNT(tiny));
        assert_false(same_digest(a, b));
        sk_edition_release(a);
        sk_edition_release(b);
}

static void test_where_the_schema_of_a_file_is_kept_is_no_part_of_an_agreement(void **state) {
        sk_chain_file named[COUNT(tiny)];
        char text[1024];
        (void)state;
        memcpy(named, tiny, sizeof tiny);
        sk_edition *a = build(tiny, COUNT(tiny));
        for (size_t i = 0; i < COUNT(tiny); i++) {
                if (strncmp(tiny[i].path, "agreements/", 11) != 0)
                        continue;
                (void)snprintf(text, sizeof text, "{\"$schema\": \"../../schemas/agreement.schema.json\", %.*s",
                               (int)tiny[i].text.len - 1, tiny[i].text.at + 1);
                named[i].text = sk_slice_of(text);
        }
        sk_edition *b = build(named, COUNT(tiny));
        assert_int_equal(sk_edition_agreement_count(a), 1);
        const sk_agreement *one = sk_edition_agreement_at(a, 0), *other = sk_edition_agreement_at(b, 0);
        assert_true(sk_slice_equal(sk_agreement_json(one), sk_agreement_json(other)));
        assert_memory_equal(sk_agreement_digest(one), sk_agreement_digest(other), sizeof(sk_digest));
        sk_edition_release(a);
        sk_edition_release(b);
}

static void test_an_edition_keeps_nothing_of_the_files(void **state) {
        sk_chain_file copies[COUNT(tiny)];
        char *texts[COUNT(tiny)];
        (void)state;
        for (size_t i = 0; i < COUNT(tiny); i++) {
                texts[i] = test_malloc(tiny[i].text.len);
                memcpy(texts[i], tiny[i].text.at, tiny[i].text.len);
                copies[i] = (sk_chain_file){tiny[i].path, {texts[i], tiny[i].text.len}};
        }
        sk_edition *edition = build(copies, COUNT(tiny));
        for (size_t i = 0; i < COUNT(tiny); i++) {
                memset(texts[i], 'x', tiny[i].text.len);
                test_free(texts[i]);
        }
        assert_slice(sk_edition_chain(edition), "tiny");
        const sk_agreement *agreement = sk_edition_agreement(edition, SK_SLICE("a"), SK_SLICE("b"));
        assert_true(sk_agreement_has(agreement, SK_SLICE("lift")));
        assert_slice(
                sk_agreement_json(agreement),
                "{\"customer\":\"a\",\"facilities\":{\"lift\":{\"actions\":[\"repair\"],\"calls\":[\"incident\"]}},"
                "\"provider\":\"b\",\"share\":[\"/need\"]}");
        sk_edition_release(edition);
}

static bool build_once(void *context) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)context;
        if (findings == NULL)
                return false;
        sk_err err = sk_edition_build(tiny, COUNT(tiny), NULL, findings, &edition);
        if (err != SK_OK) {
                assert_int_equal(err, SK_ERR_NO_MEMORY);
                assert_null(edition);
        }
        sk_edition_release(edition);
        sk_findings_free(findings);
        return err == SK_OK;
}

static void test_a_build_without_memory_leaves_nothing_behind(void **state) {
        (void)state;
        failing_alloc_each(build_once, NULL);
}

static bool build_broken_once(void *context) {
        const sk_chain_file files[] = {
                {"chain.json", SK_SLICE("{\"nam\": \"tiny\"}")},
                {"a/team.json", SK_SLICE("{\"consumer\": tru}")},
        };
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)context;
        if (findings == NULL)
                return false;
        sk_err err = sk_edition_build(files, COUNT(files), NULL, findings, &edition);
        assert_null(edition);
        assert_true(err == SK_ERR_NO_MEMORY || err == SK_ERR_CONFIG);
        sk_findings_free(findings);
        return err == SK_ERR_CONFIG;
}

static void test_saying_what_is_wrong_without_memory_leaves_nothing_behind(void **state) {
        (void)state;
        failing_alloc_each(build_broken_once, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_chain_has_what_chain_json_says),
                cmocka_unit_test(test_teams_are_found_by_name_and_no_others),
                cmocka_unit_test(test_a_team_that_serves_nobody_only_consumes),
                cmocka_unit_test(test_people_hold_their_profiles_and_their_own_name),
                cmocka_unit_test(test_a_holder_is_one_person_or_nobody),
                cmocka_unit_test(test_late_work_lands_with_who_coordinates_or_the_nearest_that_is_held),
                cmocka_unit_test(test_an_agreement_supports_what_it_says),
                cmocka_unit_test(test_a_support_request_becomes_what_is_said_or_the_first_call),
                cmocka_unit_test(test_promises_are_by_facility_type_and_priority),
                cmocka_unit_test(test_the_way_of_an_activity_is_the_most_specific_with_the_rest_inherited),
                cmocka_unit_test(test_the_details_of_a_how_come_with_it),
                cmocka_unit_test(test_a_cut_has_a_target_of_its_own_and_may_be_another_link),
                cmocka_unit_test(test_the_default_decides_a_cut_only_where_there_is_one_target),
                cmocka_unit_test(test_every_activity_of_every_team_has_exactly_one_way),
                cmocka_unit_test(test_hows_have_ids),
                cmocka_unit_test(test_an_edition_lives_as_long_as_its_last_owner),
                cmocka_unit_test(test_the_digest_is_of_what_is_said_not_of_how_it_is_written),
                cmocka_unit_test(test_where_the_schema_of_a_file_is_kept_is_no_part_of_an_agreement),
                cmocka_unit_test(test_an_edition_keeps_nothing_of_the_files),
                cmocka_unit_test(test_a_build_without_memory_leaves_nothing_behind),
                cmocka_unit_test(test_saying_what_is_wrong_without_memory_leaves_nothing_behind),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
