/*
 * A routine file as a sheet, and what was edited there back in the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/template/sheet.h"
#include "kit/json_scan.h"

static const char file[] = "{\n"
                           "  \"title\": \"Broken laptop\",\n"
                           "  \"version\": \"7\",\n"
                           "  \"date\": \"2026-06-01\",\n"
                           "  \"process\": \"recover\",\n"
                           "  \"select\": { \"facility\": \"laptop\" },\n"
                           "  \"activities\": {\n"
                           "    \"recover.analyse\": {\n"
                           "      \"responsible\": \"desk\",\n"
                           "      \"consulted\": [\"anna\", \"bram\"],\n"
                           "      \"how\": {\n"
                           "        \"manual\": {\n"
                           "          \"instruction\": \"Look, then say \\\"so\\\".\",\n"
                           "          \"form\": { \"type\":   \"object\" }\n"
                           "        }\n"
                           "      },\n"
                           "      \"timeout\": \"PT4H\"\n"
                           "    },\n"
                           "    \"recover.cut\": { \"link\": { \"change\": { \"team\": \"workplace\" } } }\n"
                           "  }\n"
                           "}\n";

typedef struct world {
        sk_arena *arena;
        sk_sheet before;
        sk_sheet edited;
        sk_buf csv;
        sk_buf out;
        sk_sheet_problem problem;
} world;

static int begin(void **state) {
        static world w;
        sk_sheet_scope scope = sk_sheet_scope_of(sk_slice_of(file));
        w = (world){.arena = sk_arena_new((size_t)8 << 20),
                    .csv = sk_buf_make((size_t)1 << 20),
                    .out = sk_buf_make((size_t)1 << 20)};
        *state = &w;
        return sk_sheet_of_file(sk_slice_of(file), &scope, SK_ENGLISH, w.arena, &w.before) != SK_OK;
}

static int end(void **state) {
        world *w = *state;
        sk_arena_free(w->arena);
        sk_buf_free(&w->csv);
        sk_buf_free(&w->out);
        return 0;
}

/* The file after it came back as this CSV. */
static sk_err import(world *w, const char *csv) {
        sk_buf_clear(&w->out);
        sk_err err = sk_sheet_read(sk_slice_of(csv), w->arena, &w->edited, &w->problem);
        if (err == SK_OK)
                err = sk_sheet_merge(sk_slice_of(file), &w->before, &w->edited, w->arena, &w->out, &w->problem);
        sk_buf_add_byte(&w->out, 0);
        return err;
}

static void test_a_sheet_that_nobody_edited_gives_the_same_bytes(void **state) {
        world *w = *state;
        sk_sheet_csv(&w->before, &w->csv);
        sk_buf_add_byte(&w->csv, 0);
        assert_int_equal(import(w, w->csv.at), SK_OK);
        assert_string_equal(w->out.at, file);
}

static void test_the_same_as_a_spreadsheet_with_semicolons_saves_it(void **state) {
        static const char csv[] = "\xef\xbb\xbfroutine;broken-laptop;;;;;;;;\n"
                                  "title;Broken laptop;;;;;;;;\n"
                                  "date;2026-06-01;;;;;;;;\n"
                                  ";;;;;;;;;\n"
                                  "what;how;who;instruction;consulted;;;;;\n"
                                  "recover.analyse;manual;desk;\"Look, then say \"\"so\"\".\";anna, bram;;;;;\n";
        world *w = *state;
        assert_int_equal(import(w, csv), SK_OK);
        assert_string_equal(w->out.at, file);
        assert_true(sk_slice_is(w->edited.routine, "broken-laptop"));
}

static void test_only_what_was_edited_becomes_another(void **state) {
        static const struct {
                const char *csv;
                const char *from; /* in the file; NULL: nothing there gives way */
                const char *to;   /* what stands there instead */
        } cases[] = {
                {"version,8\nwhat\n", "\"version\": \"7\"", "\"version\": \"8\""},
                {"version,\nwhat\n", "\n  \"version\": \"7\",", "\n "},
                {"version,7\nauthor,dina\nwhat\n", "\"version\": \"7\",",
                 "\"version\": \"7\",\n  \"author\": \"dina\","},
                {"what,who\nrecover.analyse,operator\n", "\"desk\"", "\"operator\""},
                {"what,who\nrecover.analyse,\n", "\n      \"responsible\": \"desk\",", "\n     "},
                {"what,accountable\nrecover.analyse,dina\n", "\"responsible\": \"desk\",",
                 "\"responsible\": \"desk\",\n      \"accountable\": \"dina\","},
                {"what,consulted\nrecover.analyse,\"anna , chioma\"\n", "[\"anna\", \"bram\"]",
                 "[\"anna\", \"chioma\"]"},
                {"what,informed\nrecover.analyse,desk\n", "[\"anna\", \"bram\"],",
                 "[\"anna\", \"bram\"],\n      \"informed\": [\"desk\"],"},
                {"what,instruction\nrecover.analyse,Look.\n", "\"Look, then say \\\"so\\\".\"", "\"Look.\""},
                {"what,more\nrecover.analyse,\"{\"\"timeout\"\": \"\"PT1H\"\"}\"\n", "PT4H", "PT1H"},
                {"what,who\nrecover.cut,desk\n", "\"recover.cut\": { ",
                 "\"recover.cut\": { \"responsible\": \"desk\", "},
                {"what,how\nrecover.accept,auto\n", "\"activities\": {",
                 "\"activities\": {\n    \"recover.accept\": { \"how\": \"auto\" },"},
                {"what,more\nrecover.cut,\n",
                 ",\n    \"recover.cut\": { \"link\": { \"change\": { \"team\": \"workplace\" } } }", ""},
        };
        world *w = *state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf expected = sk_buf_make((size_t)1 << 16);
                const char *at = strstr(file, cases[i].from);
                assert_non_null(at);
                sk_buf_add(&expected, file, (size_t)(at - file));
                sk_buf_add_text(&expected, cases[i].to);
                sk_buf_add_text(&expected, at + strlen(cases[i].from));
                sk_buf_add_byte(&expected, 0);
                assert_int_equal(import(w, cases[i].csv), SK_OK);
                if (i != 1 && i != 4) {
                        assert_string_equal(w->out.at, expected.at);
                } else { /* a member that goes takes its blanks along */
                        assert_int_equal(sk_json_check(sk_slice_of(w->out.at), 16, NULL), SK_OK);
                        assert_null(strstr(w->out.at, i == 1 ? "version" : "responsible"));
                }
                sk_buf_free(&expected);
        }
}

static void test_how_can_become_another(void **state) {
        static const struct {
                const char *csv;
                const char *expected; /* the how of recover.analyse */
        } cases[] = {
                {"what,how,instruction,settings\nrecover.analyse,auto,,\n", "\"auto\""},
                {"what,how,instruction,settings\nrecover.analyse,manual,Look.,\n",
                 "{\"manual\":{\"instruction\":\"Look.\"}}"},
                {"what,how,instruction,settings\nrecover.analyse,delegate,,\"{\"\"to\"\": []}\"\n",
                 "{\"delegate\":{\"to\":[]}}"},
                {"what,how,instruction,settings\nrecover.analyse,list,,\"[{\"\"a\"\": 1}]\"\n", "[{\"a\":1}]"},
        };
        world *w = *state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(import(w, cases[i].csv), SK_OK);
                sk_slice said = sk_json_member(sk_json_member(sk_slice_of(w->out.at), "activities"), "recover.analyse");
                assert_true(sk_json_equal(sk_json_member(said, "how"), sk_slice_of(cases[i].expected)));
        }
        assert_int_equal(import(w, "what,how,instruction,settings\nrecover.analyse,,,\n"), SK_OK);
        sk_slice said = sk_json_member(sk_json_member(sk_slice_of(w->out.at), "activities"), "recover.analyse");
        assert_false(sk_slice_there(sk_json_member(said, "how")));
}

static void test_what_cannot_be_taken_is_said_with_its_place(void **state) {
        static const struct {
                const char *csv;
                uint32_t line;
                const char *why;
        } cases[] = {
                {"", 0, "no row begins with"},
                {"version,8\n", 0, "no row begins with"},
                {"Version 8,x\nwhat\n", 1, "neither"},
                {"version,8\nversion,9\nwhat\n", 2, "twice"},
                {"what,whom\n", 1, "no such column"},
                {"what,who,who\n", 1, "twice"},
                {"what,who\n,desk\n", 2, "does not say"},
                {"what,who\nrecover.cut,a\nrecover.cut,b\n", 3, "two rows"},
                {"what,who\noperate.accept,a\n", 2, "no such activity"},
                {"date,6/1/2026\nwhat\n", 1, "YYYY-MM-DD"},
                {"select,{oops\nwhat\n", 1, "not JSON"},
                {"what,settings\nrecover.analyse,oops\n", 2, "not JSON"},
                {"what,more\nrecover.analyse,[1]\n", 2, "no object"},
                {"what,instruction\nrecover.accept,Do it.\n", 2, "no how"},
                {"what,how,instruction,settings\nrecover.analyse,list,x,[1]\n", 2, "no instruction"},
                {"what,who\n\"recover.cut,a\n", 2, "never closed"},
        };
        world *w = *state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_not_equal(import(w, cases[i].csv), SK_OK);
                assert_int_equal(w->problem.line, cases[i].line);
                assert_non_null(strstr(w->problem.why, cases[i].why));
                assert_true(w->problem.remedy[0] != '\0');
                assert_int_equal(w->out.len, 1);
        }
}

static void test_a_workflow_has_the_rows_of_all_its_processes(void **state) {
        sk_sheet_scope scope = {.process = SK_PROCESSES, .workflow = 3};
        world *w = *state;
        assert_int_equal(sk_sheet_of_file(SK_SLICE("{\"activities\":{}}"), &scope, SK_DUTCH, w->arena, &w->edited),
                         SK_OK);
        assert_true(sk_slice_is(w->edited.rows[0].cells[SK_SHEET_WHAT], "recover.accept"));
        unsigned deepest = 0;
        for (unsigned i = 0; i < w->edited.count; i++)
                deepest = w->edited.rows[i].depth > deepest ? w->edited.rows[i].depth : deepest;
        assert_int_equal(deepest, 2);
        assert_true(sk_slice_is(w->edited.rows[w->edited.count - 1].cells[SK_SHEET_WHAT], "recover.close"));
}

static void test_documents_escape_what_they_hold(void **state) {
        world *w = *state;
        assert_int_equal(import(w, "title,<b>a|b\nwhat\n"), SK_OK);
        w->before.heads[0].text = SK_SLICE("<b>a|b");
        sk_buf_clear(&w->out);
        sk_sheet_markdown(&w->before, w->arena, &w->out);
        sk_buf_add_byte(&w->out, 0);
        assert_non_null(strstr(w->out.at, "# \\<b\\>a\\|b"));
        assert_non_null(strstr(w->out.at,
                               "| Analyse<br>recover.analyse | desk<br>consulted: anna, bram | manual<br>Look, "
                               "then say \"so\". |"));
        sk_buf_clear(&w->out);
        sk_sheet_html(&w->before, w->arena, &w->out);
        sk_buf_add_byte(&w->out, 0);
        assert_non_null(strstr(w->out.at, "<h1>&lt;b&gt;a|b</h1>"));
        assert_null(strstr(w->out.at, "<b>"));
}

#define SHEET_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
        const struct CMUnitTest tests[] = {
                SHEET_TEST(test_a_sheet_that_nobody_edited_gives_the_same_bytes),
                SHEET_TEST(test_the_same_as_a_spreadsheet_with_semicolons_saves_it),
                SHEET_TEST(test_only_what_was_edited_becomes_another),
                SHEET_TEST(test_how_can_become_another),
                SHEET_TEST(test_what_cannot_be_taken_is_said_with_its_place),
                SHEET_TEST(test_a_workflow_has_the_rows_of_all_its_processes),
                SHEET_TEST(test_documents_escape_what_they_hold),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
