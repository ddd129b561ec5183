#include "unit/cli/replay/history_fixture.h"

#include "cli/replay/history_calls.h"
#include "event/record.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"

#define HEADER "id,at,what,p,c,rfc,n,s\n"

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

typedef struct history {
        sk_history_map *map;
        sk_history_calls *calls;
        sk_edition *edition;
} history;

static history history_of(const char *map, sk_slice text) {
        history all = {.map = map_of(map), .edition = edition_of()};
        pieces from = {.rest = text, .each = SIZE_MAX};
        sk_history_rows *rows;
        sk_history_row row;
        char why[320] = "";
        all.calls = sk_history_calls_new(all.map);
        assert_non_null(all.calls);
        if (sk_history_rows_new(all.map, pieces_fill, &from, why, &rows) != SK_OK)
                fail_msg("%s", why);
        while (sk_history_rows_next(rows, &row) == SK_OK) {
                const char *misfit = row.problem;
                if (misfit == NULL)
                        assert_int_equal(sk_history_calls_add(all.calls, &row, &misfit), SK_OK);
        }
        sk_history_rows_free(rows);
        assert_int_equal(sk_history_calls_finish(all.calls, all.edition), SK_OK);
        return all;
}

static void history_end(history *all) {
        sk_history_calls_free(all->calls);
        sk_history_map_free(all->map);
        sk_edition_release(all->edition);
}

static void test_events_of_a_call_are_gathered(void **state) {
        (void)state;
        history all = history_of(MAP_EVENTS, SK_SLICE(HEADER "2,02-03-2016,Lift 1,low,pump,?,1,wait\n"
                                                             "1,01-03-2016,Lift 1,high,pump,?,0,new\n"
                                                             "2,09-09-2016,other,high,motor,CHG,4,wait\n"
                                                             "2,09-09-2016,other,high,pump,?,x,new\n"));
        assert_int_equal(sk_history_calls_count(all.calls), 2);
        assert_int_equal(sk_history_calls_fit(all.calls), 2);
        const sk_history_call *first = sk_history_calls_at(all.calls, 0);
        const sk_history_call *second = sk_history_calls_at(all.calls, 1);
        assert_true(sk_slice_is(first->id, "1") && sk_slice_is(second->id, "2"));
        assert_int_equal(first->priority, 1);
        assert_int_equal(second->priority, 3);
        assert_int_equal(second->rows, 3);
        assert_int_equal(second->waiting, 2);
        assert_int_equal(second->reassignments, 4);
        assert_true(sk_slice_is(second->components->name, "pump"));
        assert_true(sk_slice_is(second->components->next->name, "motor"));
        assert_null(second->components->next->next);
        assert_true(sk_history_was_changed(all.calls, second));
        assert_false(sk_history_was_changed(all.calls, first));
        assert_ptr_equal(sk_history_calls_find(all.calls, SK_SLICE("2")), second);
        history_end(&all);
}

#define MAP_TIMES                                                                                                      \
        "{\"format\":\"csv\",\"rows\":\"events\",\"id\":\"id\",\"missing\":[\"?\"],"                                   \
        "\"priority\":{\"column\":\"p\",\"table\":{\"high\":1},\"default\":3},"                                        \
        "\"happened\":{\"waiting\":{\"column\":\"s\",\"values\":[\"wait\",\"part\"],\"asked\":[\"wait\"]},"            \
        "\"seen\":{\"column\":\"row\",\"format\":\"%d-%m-%Y\"},\"ended\":{\"column\":\"end\",\"format\":\"%d-%m-%Y\"}" \
        ","                                                                                                            \
        "\"kept\":{\"column\":\"sla\",\"values\":[\"yes\"]}},\"promises\":{\"1\":\"P1D\",\"3\":\"P5D\"}," MAP_REST "}"
#define TIMES "id,at,what,p,s,row,end,sla,rfc\n"
#define DAY(n) ((n)*INT64_C(86400000000))

static void test_rows_tell_when_the_customer_was_asked_and_how_it_ended(void **state) {
        (void)state;
        history all = history_of(MAP_TIMES, SK_SLICE(TIMES "1,01-03-2016,x,low,new,01-03-2016,?,yes,?\n"
                                                           "1,01-03-2016,x,low,wait,02-03-2016,?,yes,?\n"
                                                           "1,01-03-2016,x,low,wait,03-03-2016,?,yes,?\n"
                                                           "1,01-03-2016,x,high,part,05-03-2016,?,yes,?\n"
                                                           "1,01-03-2016,x,high,wait,06-03-2016,09-03-2016,no,?\n"
                                                           "1,01-03-2016,x,high,done,07-03-2016,09-03-2016,no,?\n"));
        const sk_history_call *call = sk_history_calls_at(all.calls, 0);
        const sk_history_pause *pause = call->pauses;
        assert_int_equal(pause->from_us - call->time_us, DAY(1));
        assert_int_equal(pause->to_us - call->time_us, DAY(4));
        assert_int_equal(pause->next->from_us - call->time_us, DAY(5));
        assert_int_equal(pause->next->to_us - call->time_us, DAY(6));
        assert_null(pause->next->next);
        assert_true(call->has_end);
        assert_int_equal(call->ended_us - call->time_us, DAY(8));
        assert_true(call->has_verdict);
        assert_false(call->was_kept);
        assert_int_equal(call->priority, 3);
        assert_int_equal(call->last_priority, 1);
        history_end(&all);
}

static void test_a_call_becomes_a_record_for_the_link(void **state) {
        (void)state;
        history all = history_of(MAP_EVENTS, SK_SLICE(HEADER "7,01-03-2016,Lift \"\"1,high,pump,CHG,2,wait\n"));
        sk_buf data = sk_buf_make(SK_VALUE_MAX);
        assert_int_equal(sk_history_calls_fit(all.calls), 1);
        sk_history_raise_write(all.calls, sk_history_calls_at(all.calls, 0), &data);
        sk_buf_add(&data, "", 1);
        assert_string_equal(data.at, "{\"to\":\"b\",\"type\":\"incident\",\"facility\":\"lift\","
                                     "\"need\":\"Lift \\\"\\\"1: {} CHG\",\"urgency\":1,\"ref\":\"7\",\"data\":{"
                                     "\"history\":{\"what\":\"Lift \\\"\\\"1\"},"
                                     "\"cut\":{\"infrastructure\":true,\"components\":[\"pump\"],\"reason\":\"CHG\"},"
                                     "\"happened\":{\"reassignments\":2,\"waiting\":1}}}");
        sk_buf_free(&data);
        history_end(&all);
}

static void test_the_same_recorded_call_has_the_same_id_always(void **state) {
        (void)state;
        history once = history_of(MAP_EVENTS, SK_SLICE(HEADER "7,01-03-2016,Lift 1,high,pump,CHG,2,wait\n"));
        history again = history_of(MAP_EVENTS, SK_SLICE(HEADER "8,01-03-2016,x,?,?,?,?,?\n7,01-03-2016,y,?,?,?,?,?\n"));
        const sk_history_call *one = sk_history_calls_find(once.calls, SK_SLICE("7"));
        const sk_history_call *same = sk_history_calls_find(again.calls, SK_SLICE("7"));
        const sk_history_call *other = sk_history_calls_find(again.calls, SK_SLICE("8"));
        assert_true(sk_id_equal(&one->callid, &same->callid));
        assert_false(sk_id_equal(&one->callid, &other->callid));
        sk_id in_other_chain = sk_history_id(SK_SLICE("d"), one, "call");
        assert_false(sk_id_equal(&one->callid, &in_other_chain));
        history_end(&once);
        history_end(&again);
}

static void test_what_does_not_fit_says_why_and_comes_last(void **state) {
        (void)state;
        static const struct row {
                const char *map;
                const char *rows;
                const char *why;
        } rows[] = {
                {MAP_EVENTS, HEADER "1,99-99-2016,x,?,?,?,?,?\n2,01-03-2016,x,?,?,?,?,?\n", "its time"},
                {MAP_EVENTS, HEADER "1,?,x,?,?,?,?,?\n2,01-03-2016,x,?,?,?,?,?\n", "it has no time"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                history all = history_of(rows[i].map, sk_slice_of(rows[i].rows));
                assert_int_equal(sk_history_calls_fit(all.calls), 1);
                assert_int_equal(sk_history_calls_count(all.calls), 2);
                assert_null(sk_history_calls_at(all.calls, 0)->misfit);
                assert_non_null(strstr(sk_history_calls_at(all.calls, 1)->misfit, rows[i].why));
                history_end(&all);
        }
}

static void test_what_is_larger_than_a_record_is_not_raised(void **state) {
        (void)state;
        size_t len = SK_HISTORY_ROW_MAX;
        char *text = sk_alloc(len);
        assert_non_null(text);
        memset(text, '\x01', len);
        memcpy(text, HEADER "1,01-03-2016,", sizeof(HEADER) + 12);
        memcpy(text + len - 13, ",?,?,?,?,new\n", 13);
        history all = history_of(MAP_EVENTS, (sk_slice){text, len});
        assert_int_equal(sk_history_calls_count(all.calls), 1);
        assert_int_equal(sk_history_calls_fit(all.calls), 0);
        assert_string_equal(sk_history_calls_at(all.calls, 0)->misfit, "it holds more than a call may");
        history_end(&all);
        sk_free(text);
}

static void test_statuses_are_counted_and_mapped(void **state) {
        (void)state;
        history all = history_of(MAP_EVENTS, SK_SLICE(HEADER "1,01-03-2016,x,?,?,?,?,odd\n1,01-03-2016,x,?,?,?,?,odd\n"
                                                             "2,01-03-2016,x,?,?,?,?,new\n"));
        assert_int_equal(sk_history_status_count(all.calls), 2);
        const sk_history_status *most = sk_history_status_at(all.calls, 0);
        const sk_history_status *other = sk_history_status_at(all.calls, 1);
        assert_true(sk_slice_is(most->text, "odd") && most->rows == 2 && !sk_slice_there(most->activity));
        assert_true(sk_slice_is(other->text, "new") && sk_slice_is(other->activity, "recover.accept"));
        history_end(&all);
}

int main(void) {
        sk_json_load_prepare();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_events_of_a_call_are_gathered),
                cmocka_unit_test(test_rows_tell_when_the_customer_was_asked_and_how_it_ended),
                cmocka_unit_test(test_a_call_becomes_a_record_for_the_link),
                cmocka_unit_test(test_the_same_recorded_call_has_the_same_id_always),
                cmocka_unit_test(test_what_does_not_fit_says_why_and_comes_last),
                cmocka_unit_test(test_what_is_larger_than_a_record_is_not_raised),
                cmocka_unit_test(test_statuses_are_counted_and_mapped),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
