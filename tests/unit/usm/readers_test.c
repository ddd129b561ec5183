/*
 * What the readers of a chain's files say of a member that cannot mean anything: one finding, at its place, in words, with
 * what to do. Each row changes one text of a chain that is right. What belongs to whole folders is in check_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/buf.h"
#include "kit/json_load.h"
#include "usm/edition.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TWENTY "xxxxxxxxxxxxxxxxxxxx"

static const struct {
        const char *path;
        const char *text;
} good[] = {
        {"chain.json",
         "{\n"
         "  \"name\": \"tiny\",\n"
         "  \"calendars\": {\n"
         "    \"office\": {\"zone\": \"UTC\", \"open\": {\"mon-fri\": \"08:00-18:00\"}, \"holidays\": []}\n"
         "  }\n"
         "}\n"},
        {"a/team.json", "{\"consumer\": true}\n"},
        {"b/team.json",
         "{\n"
         "  \"organised_by\": \"process\",\n"
         "  \"coordinated_by\": \"line\",\n"
         "  \"infrastructure\": \"infrastructure.json\",\n"
         "  \"schedules\": {\n"
         "    \"look\": {\"cron\": \"@daily\", \"raise\": {\"type\": \"risk\", \"facility\": \"lift\", \"need\": "
         "\"look\"}}\n"
         "  },\n"
         "  \"thresholds\": {\n"
         "    \"late\": {\"when\": \"calls above 3 over 1 day\", \"raise\": {\"facility\": \"lift\", \"need\": "
         "\"look\"}}\n"
         "  },\n"
         "  \"effects\": {},\n"
         "  \"people\": {\n"
         "    \"eva\": {\"profiles\": [\"operator\", \"line-manager\"], \"absent\": [], \"deputies\": []},\n"
         "    \"tom\": {\"profiles\": [\"operator\"]}\n"
         "  }\n"
         "}\n"},
        {"b/infrastructure.json", "{\n"
                                  "  \"components\": {\n"
                                  "    \"pump-1\": {\"facility\": \"lift\", \"owner\": \"eva\"}\n"
                                  "  }\n"
                                  "}\n"},
        {"b/routines/operate.json", "{\n"
                                    "  \"process\": \"operate\",\n"
                                    "  \"activities\": {\n"
                                    "    \"operate.accept\": {\"how\": \"auto\"},\n"
                                    "    \"operate.classify\": {\"how\": \"auto\"},\n"
                                    "    \"operate.plan\": {\"how\": {\"delegate\": {\"to\": [{\"team\": \"c\", "
                                    "\"type\": \"service-request\", \"facility\": \"lift\"}]}}},\n"
                                    "    \"operate.perform\": {\"how\": {\"manual\": {\"instruction\": \"Lift.\", "
                                    "\"form\": {\"type\": \"object\"}}}},\n"
                                    "    \"operate.review\": {\"how\": \"auto\"},\n"
                                    "    \"operate.close\": {\"how\": \"auto\"}\n"
                                    "  }\n"
                                    "}\n"},
        {"c/team.json", "{\"organised_by\": \"process\", \"coordinated_by\": \"line\",\n"
                        " \"people\": {\"kim\": {\"profiles\": [\"operator\", \"line-manager\"]}}}\n"},
        {"agreements/a-b.json", "{\n"
                                "  \"customer\": \"a\",\n"
                                "  \"provider\": \"b\",\n"
                                "  \"facilities\": {\n"
                                "    \"lift\": {\"actions\": [\"repair\"], \"calls\": [\"service-request\"],\n"
                                "             \"promises\": {\"service-request\": {\"resolve_within\": \"PT8H\"}}}\n"
                                "  },\n"
                                "  \"share\": [\"/need\"]\n"
                                "}\n"},
        {"agreements/b-c.json",
         "{\n"
         "  \"customer\": \"b\",\n"
         "  \"provider\": \"c\",\n"
         "  \"facilities\": {\"lift\": {\"actions\": [\"repair\"], \"calls\": [\"service-request\"],\n"
         "             \"promises\": {\"service-request\": {\"resolve_within\": \"PT4H\"}}}}\n"
         "}\n"},
};

typedef struct change {
        const char *path;
        const char *from; /* this text of the file … */
        const char *to;   /* … becomes this */
        const char *at;   /* where the finding is: this text, after the change */
        const char *code;
        const char *says;
        const char *remedy;
} change;

/** The file as it is with the change; freed by the caller. */
static sk_buf changed(const change *row) {
        sk_buf text = sk_buf_make(1u << 20);
        const char *whole = NULL;

        for (size_t i = 0; i < COUNT(good); i++) {
                if (strcmp(good[i].path, row->path) == 0)
                        whole = good[i].text;
        }
        assert_non_null(whole);
        const char *from = strstr(whole, row->from);
        if (from == NULL)
                fail_msg("%s has no %s", row->path, row->from);
        sk_buf_add(&text, whole, (size_t)(from - whole));
        sk_buf_add_text(&text, row->to);
        sk_buf_add_text(&text, from + strlen(row->from));
        sk_buf_add_byte(&text, '\0');
        assert_int_equal(text.err, SK_OK);
        return text;
}

static bool is_at(const sk_finding *found, const char *text, const char *at) {
        const char *place = strstr(text, at);
        unsigned line = 1;
        unsigned column = 1;

        if (place == NULL)
                fail_msg("there is no %s", at);
        for (const char *c = text; c < place; c++) {
                line += *c == '\n' ? 1 : 0;
                column = *c == '\n' ? 1 : column + 1;
        }
        return found->line == line && found->column == column;
}

static void print_findings(const sk_findings *findings) {
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *f = sk_findings_at(findings, i);
                print_error("  %s:%u:%u [%s] %s | %s\n", f->path, f->line, f->column, f->code, f->text, f->remedy);
        }
}

/** The only error among the findings; NULL when there is none, or more. */
static const sk_finding *only_error(const sk_findings *findings) {
        const sk_finding *error = NULL;

        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *finding = sk_findings_at(findings, i);
                if (finding->severity == SK_ERROR && error != NULL)
                        return NULL;
                error = finding->severity == SK_ERROR ? finding : error;
        }
        return error;
}

static bool is_said(const change *row) {
        sk_chain_file files[COUNT(good)];
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_buf text = changed(row);

        for (size_t i = 0; i < COUNT(good); i++) {
                bool is_it = strcmp(good[i].path, row->path) == 0;
                files[i] = (sk_chain_file){good[i].path, sk_slice_of(is_it ? text.at : good[i].text)};
        }
        (void)sk_edition_build(files, COUNT(good), NULL, findings, &edition);
        assert_null(edition);
        const sk_finding *found = only_error(findings);
        bool is_right = found != NULL && strcmp(found->path, row->path) == 0 && strcmp(found->code, row->code) == 0 &&
                        strstr(found->text, row->says) != NULL && strstr(found->remedy, row->remedy) != NULL &&
                        found->remedy[0] != '\0' && is_at(found, text.at, row->at);
        if (!is_right) {
                print_error("%s, %s: expected only [%s] %s | %s, at %s, found:\n", row->path, row->to, row->code,
                            row->says, row->remedy, row->at);
                print_findings(findings);
        }
        sk_buf_free(&text);
        sk_findings_free(findings);
        return is_right;
}

static void check_rows(const change *rows, size_t count) {
        size_t wrong = 0;

        for (size_t i = 0; i < count; i++)
                wrong += is_said(&rows[i]) ? 0 : 1;
        assert_int_equal(wrong, 0);
}

static void test_the_chain_is_right_before_anything_is_changed(void **state) {
        sk_chain_file files[COUNT(good)];
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)state;

        for (size_t i = 0; i < COUNT(good); i++)
                files[i] = (sk_chain_file){good[i].path, sk_slice_of(good[i].text)};
        sk_err err = sk_edition_build(files, COUNT(good), NULL, findings, &edition);
        assert_int_equal(err, SK_OK);
        assert_int_equal(sk_findings_count_of(findings, SK_ERROR), 0);
        sk_edition_release(edition);
        sk_findings_free(findings);
}

#define AGREEMENT "agreements/a-b.json"
#define ROUTINE "b/routines/operate.json"
#define TEAM "b/team.json"
#define PERFORM "{\"manual\": {\"instruction\": \"Lift.\", \"form\": {\"type\": \"object\"}}}"
#define FORM "{\"type\": \"object\"}"

static void test_agreements_that_promise_what_cannot_be_kept_are_refused(void **state) {
        static const change rows[] = {
                {AGREEMENT,
                 "[\"service-request\"],\n             \"promises\": {\"service-request\": {\"resolve_within\": "
                 "\"PT8H\"}}",
                 "[]", "[]}", "value-range", "supported with no call at all", "name at least one"},
                {AGREEMENT, "\"service-request\": {", "\"incident\": {", "\"incident\"", "value-range",
                 "promised for \"incident\", which the facility is not supported with", "take the promise out"},
                {AGREEMENT, "\"/need\"", "\"need\"", "\"need\"", "value-range", "is no JSON Pointer",
                 "begin it with a slash"},
                {AGREEMENT, "\"share\": [\"/need\"]", "\"priorities\": [[1,1,1,1,1]]", "[[1", "value-range",
                 "this is no table of priorities", "give five rows"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_what_a_program_or_a_webhook_needs_is_said(void **state) {
        static const change rows[] = {
                {ROUTINE, PERFORM, "{\"exec\": {}}", "{}", "member-missing",
                 "\"command\" is missing: the program and its arguments", "add it here"},
                {ROUTINE, PERFORM, "{\"exec\": {\"command\": [\"\"]}}", "[\"\"]", "value-range", "this is no program",
                 "a file in the team's folder"},
                {ROUTINE, PERFORM, "{\"exec\": {\"command\": [\"programs/../../x\"]}}", "[\"programs", "value-range",
                 "this is no program", "a file in the team's folder"},
                {ROUTINE, PERFORM, "{\"exec\": {\"command\": [\"programs/p\"], \"timeout\": \"P2D\"}}", "\"P2D\"",
                 "value-range", "one try takes longer than a day", "say \"later\""},
                {ROUTINE, PERFORM, "{\"http\": {}}", "{}", "member-missing", "\"url\" is missing: where it is sent",
                 "add it here"},
                {ROUTINE, PERFORM, "{\"plugin\": {}}", "{}", "member-missing",
                 "\"name\" is missing: the plug-in's name", "add it here"},
                {TEAM, "\"effects\": {}", "\"effects\": {\"most\": 0}", "0}", "value-range",
                 "\"most\" is 0, outside 1 to 100000", "give a number from 1 to"},
                {TEAM, "\"effects\": {}", "\"exec\": {\"environment\": [\"A=1\"]}", "[\"A=1\"]", "value-range",
                 "is no name of a variable", "give names only"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_forms_that_nobody_can_fill_in_are_refused(void **state) {
        static const change rows[] = {
                {ROUTINE, FORM, "{\"properties\": {\"a\": {\"type\": \"string\", \"const\": 7}}}", "7}", "form-bad",
                 "\"const\" contradicts", "let one of the two"},
                {ROUTINE, FORM, "{\"properties\": {\"a\": {\"enum\": [1, 2], \"const\": 7}}}", "7}", "form-bad",
                 "\"const\" contradicts", "let one of the two"},
                {ROUTINE, FORM, "{\"properties\": {\"a\": {\"type\": [\"boolean\", \"null\"], \"enum\": [1, \"x\"]}}}",
                 "[1, ", "form-bad", "no choice is of the \"type\"", "let one of the two"},
                {ROUTINE, FORM, "{\"allOf\": [{}, {\"required\": [\"a\"], \"properties\": {\"a\": false}}]}", "\"a\"]",
                 "form-bad", "must be there, and may not", "describe it under"},
                {ROUTINE, FORM, "{\"properties\": {\"a\": {\"items\": {\"type\": \"array\", \"enum\": [{}]}}}}", "[{}]",
                 "form-bad", "no choice is of the \"type\"", "let one of the two"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_a_delegation_names_a_call_that_the_next_team_takes(void **state) {
        static const change rows[] = {
                {ROUTINE, "\"type\": \"service-request\", ", "\"type\": \"service-reqest\", ", "\"service-reqest\"",
                 "value-range", "is no call that another team takes", "\"service-request\""},
                {ROUTINE, "\"type\": \"service-request\", ", "\"type\": \"risk\", ", "\"risk\"", "value-range",
                 "is no call that another team takes", "\"wish\""},
                {ROUTINE, "\"type\": \"service-request\", ", "\"type\": \"incident\", ", "\"lift\"",
                 "delegation-not-supported", "does not support \"lift\" with a call \"incident\"",
                 "add the call in the agreement"},
                {ROUTINE, "[{\"team\": \"c\", ", "[{", "{\"type\"", "member-missing",
                 "\"team\" is missing: the team that does it", "add it here"},
                {ROUTINE, "[{\"team\": \"c\", \"type\": \"service-request\", \"facility\": \"lift\"}]", "[7]", "7]",
                 "type-wrong", "is a number, not an object", "write an object"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_calendars_say_when_a_team_is_there(void **state) {
        static const change rows[] = {
                {"chain.json", "\"UTC\"", "\"U T C\"", "\"U T C\"", "zone-unknown", "there is no time zone \"U T C\"",
                 "such as \"Europe/Amsterdam\""},
                {"chain.json", "\"mon-fri\"", "\"mon-frix\"", "\"mon-frix\"", "hours-bad",
                 "\"mon-frix\" is no day of the week", "from and to: \"mon-fri\""},
                {"chain.json", "\"08:00-18:00\"", "\"08:xx-18:00\"", "\"08:xx", "hours-bad", "is no time from and to",
                 "write \"08:00-18:00\""},
                {"chain.json", "\"08:00-18:00\"", "\"08:00-18:60\"", "\"08:00-18:60", "hours-bad",
                 "is no time from and to", "write \"08:00-18:00\""},
                {"chain.json", "\"08:00-18:00\"", "true", "true", "type-wrong",
                 "is true or false, not a text or a list of texts", "write a text or"},
                {"chain.json", "{\"mon-fri\": \"08:00-18:00\"}", "\"always\"", "\"always\"", "type-wrong",
                 "\"open\" is a text, not an object", "write an object"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_people_components_and_routines_keep_to_their_words(void **state) {
        static const change rows[] = {
                {TEAM, "\"absent\": []", "\"absent\": [{\"from\": 7, \"to\": \"2026-01-02\"}]", "7, \"to", "type-wrong",
                 "is a number, not a text", "write a text"},
                {TEAM, "\"deputies\": []", "\"deputies\": [\"nobody\"]", "\"nobody\"", "who-unknown",
                 "no person \"nobody\" who could stand in", "name one of \"people\""},
                {TEAM, "\"infrastructure.json\"", "\"other.json\"", "\"other.json\"", "value-range",
                 "cannot stand in \"other.json\"", "beside team.json"},
                {"b/infrastructure.json", "\"pump-1\"", "\"pump 1\"", "\"pump 1\"", "name-bad",
                 "cannot be the name of a component", "use up to 80"},
                {"b/infrastructure.json",
                 "\"components\": {\n    \"pump-1\": {\"facility\": \"lift\", \"owner\": \"eva\"}\n  }", "", "{",
                 "member-missing", "\"components\" is missing: what the team manages", "add it here"},
                {"b/infrastructure.json", "\"facility\": \"lift\", ", "", "{\"owner\"", "member-missing",
                 "\"facility\" is missing: the facility that the component is part of", "add it here"},
                {TEAM, "\"cron\": \"@daily\", ", "", "{\"raise\"", "member-missing",
                 "\"cron\" is missing: when it recurs", "add it here"},
                {TEAM, "\"calls above 3 over 1 day\"", "7", "7, \"raise", "type-wrong", "is a number, not a text",
                 "write a text"},
                {ROUTINE, "\"process\": \"operate\",", "\"process\": \"operate\", \"select\": {\"customer\": []},",
                 "[]}", "value-range", "the list has 0 values", "leave the member out"},
                {ROUTINE, "\"process\": \"operate\",", "\"process\": \"operate\", \"select\": {\"priority\": []},",
                 "[]}", "value-range", "the list is empty", "leave the member out"},
                {ROUTINE, "\"operate.close\": {\"how\": \"auto\"}", "\"operate.close\": [1]", "[1]", "type-wrong",
                 "\"operate.close\" is a list, not an object", "write an object"},
                {TEAM, "\"organised_by\": \"process\"", "\"title\": {\"en\": 7}, \"organised_by\": \"process\"", "7}, ",
                 "type-wrong", "is a number, not a text", "write a text"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

/* ---- bounds ---- */

typedef struct bound {
        const char *path;
        const char *from;   /* becomes `before`, the items, `after` */
        const char *before; /* ends where the finding is said */
        const char *item;   /* with its number where @ stands */
        const char *after;
        size_t there; /* how many there are without them */
        size_t most;
        const char *says; /* with the number for %zu */
        const char *remedy;
} bound;

static sk_buf items_of(const bound *row, size_t count) {
        sk_buf text = sk_buf_make(1u << 20);
        const char *number = strchr(row->item, '@');

        sk_buf_add_text(&text, row->before);
        for (size_t i = 0; i < count; i++) {
                if (i > 0)
                        sk_buf_add_byte(&text, ',');
                sk_buf_add(&text, row->item, number == NULL ? strlen(row->item) : (size_t)(number - row->item));
                if (number != NULL)
                        sk_buf_add_format(&text, "%zu%s", i, number + 1);
        }
        sk_buf_add_text(&text, row->after);
        sk_buf_add_byte(&text, '\0');
        assert_int_equal(text.err, SK_OK);
        return text;
}

static bool has_error(const change *row, const char *says) {
        sk_chain_file files[COUNT(good)];
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_buf text = changed(row);
        bool is_there = false;

        for (size_t i = 0; i < COUNT(good); i++) {
                bool is_it = strcmp(good[i].path, row->path) == 0;
                files[i] = (sk_chain_file){good[i].path, sk_slice_of(is_it ? text.at : good[i].text)};
        }
        sk_err err = sk_edition_build(files, COUNT(good), NULL, findings, &edition);
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *found = sk_findings_at(findings, i);
                is_there =
                        is_there || (found->severity == SK_ERROR && strcmp(found->path, row->path) == 0 &&
                                     strstr(found->text, says) != NULL && strstr(found->remedy, row->remedy) != NULL);
        }
        assert_true(!is_there || err != SK_OK);
        sk_edition_release(edition);
        sk_buf_free(&text);
        sk_findings_free(findings);
        return is_there;
}

static void test_each_list_has_its_most_and_one_more_is_refused_with_what_to_do(void **state) {
        static const bound rows[] = {
                {AGREEMENT, "\"facilities\": {", "\"facilities\": {",
                 "\"f@\": {\"actions\": [\"x\"], \"calls\": [\"incident\"]}", ",", 1, 1000,
                 "the agreement has %zu facilities, more than 1000", "put what is used together into one"},
                {"chain.json", "\"calendars\": {", "\"calendars\": {",
                 "\"c@\": {\"zone\": \"UTC\", \"open\": {\"mon\": \"08:00-09:00\"}}", ",", 1, 100,
                 "there are %zu calendars, more than 100", "let teams share them"},
                {"chain.json", "\"holidays\": []", "\"holidays\": [", "\"2026-12-25\"", "]", 0, 9999,
                 "the calendar has %zu holidays or more", "leave out what is long past"},
                {TEAM, "\"absent\": []", "\"absent\": [", "{\"from\": \"2026-12-24\", \"to\": \"2026-12-31\"}", "]", 0,
                 100, "there are %zu absences, more than 100", "leave out what is past"},
                {TEAM, "\"deputies\": []", "\"deputies\": [", "\"tom\"", "]", 0, 10,
                 "there are %zu deputies, more than 10", "name those who are asked first"},
                {TEAM, "\"schedules\": {", "\"schedules\": {",
                 "\"s@\": {\"cron\": \"@daily\", \"raise\": {\"type\": \"risk\", \"facility\": \"lift\", \"need\": "
                 "\"x\"}}",
                 ",", 1, 100, "the team has %zu schedules, more than 100", "put what recurs together into one"},
                {TEAM, "\"thresholds\": {", "\"thresholds\": {",
                 "\"t@\": {\"when\": \"calls above 3 over 1 day\", \"raise\": {\"facility\": \"lift\", \"need\": "
                 "\"x\"}}",
                 ",", 1, 100, "the team has %zu thresholds, more than 100", "keep those that somebody would act upon"},
                {TEAM, "\"people\": {", "\"people\": {", "\"p@\": {\"profiles\": [\"operator\"]}", ",", 2, 1000,
                 "the team has %zu people, more than 1000", "make several teams of it"},
                {ROUTINE, "\"operate.perform\": {", "\"operate.perform\": {\"consulted\": [", "\"eva\"", "], ", 0, 20,
                 "there are %zu names here, more than 20", "name a profile that they hold"},
                {ROUTINE, "\"process\": \"operate\",", "\"process\": \"operate\", \"select\": {\"facility\": [",
                 "\"lift\"", "]},", 0, 100, "the list has %zu values", "leave the member out to select every call"},
        };
        (void)state;

        for (size_t i = 0; i < COUNT(rows); i++) {
                for (size_t more = 0; more < 2; more++) {
                        char says[100];
                        size_t total = rows[i].most + more;
                        sk_buf items = items_of(&rows[i], total - rows[i].there);
                        change row = {
                                .path = rows[i].path, .from = rows[i].from, .to = items.at, .remedy = rows[i].remedy};
                        const char *number = strstr(rows[i].says, "%zu");
                        (void)snprintf(says, sizeof says, "%.*s%zu%s", (int)(number - rows[i].says), rows[i].says,
                                       total, number + 3);
                        if (has_error(&row, says) != (more == 1))
                                fail_msg("%zu: %s", total, rows[i].says);
                        sk_buf_free(&items);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_chain_is_right_before_anything_is_changed),
                cmocka_unit_test(test_agreements_that_promise_what_cannot_be_kept_are_refused),
                cmocka_unit_test(test_what_a_program_or_a_webhook_needs_is_said),
                cmocka_unit_test(test_forms_that_nobody_can_fill_in_are_refused),
                cmocka_unit_test(test_a_delegation_names_a_call_that_the_next_team_takes),
                cmocka_unit_test(test_calendars_say_when_a_team_is_there),
                cmocka_unit_test(test_people_components_and_routines_keep_to_their_words),
                cmocka_unit_test(test_each_list_has_its_most_and_one_more_is_refused_with_what_to_do),
        };

        sk_json_load_prepare();
        return cmocka_run_group_tests_name("readers", tests, NULL, NULL);
}
