#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "kit/when.h"
#include "support/failing_alloc.h"
#include "support/zones.h"
#include "usm/edition.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const sk_chain_file chain[] = {
        {"chain.json", SK_SLICE("{\"name\": \"tiny\", \"calendars\": {"
                                "\"office\": {\"zone\": \"Europe/Amsterdam\", \"open\": {\"mon-fri\": "
                                "[\"08:00-12:00\", \"13:00-18:00\"],"
                                " \"sat-sun\": \"22:00-02:00\"}, \"holidays\": \"2026-12-24\", \"holidays_from\": "
                                "\"calendars/nl.ics\"},"
                                "\"always\": {\"zone\": \"UTC\", \"open\": {\"mon-sun\": \"00:00-24:00\"}}}}")},
        {"calendars/nl.ics", SK_SLICE("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\n"
                                      "END:VEVENT\nEND:VCALENDAR\n")},
        {"agreements/ab.json",
         SK_SLICE("{\"customer\": \"a\", \"provider\": \"b\", \"service_hours\": \"office\", \"facilities\": {"
                  "\"lift\": {\"actions\": [\"repair\"], \"calls\": [\"incident\", \"service-request\", "
                  "\"request-for-change\"], \"promises\": {"
                  "\"incident\": {\"resolve_within\": \"PT8H\", \"by_priority\": {\"1\": {\"resolve_within\": "
                  "\"PT2H\"}}},"
                  "\"service-request\": {\"resolve_within\": \"PT4H\", \"service_hours\": \"always\"},"
                  "\"request-for-change\": {\"resolve_within\": \"P5D\", \"service_hours\": \"elapsed\"}}}}}")},
        {"a/team.json", SK_SLICE("{\"consumer\": true}")},
        {"b/team.json", SK_SLICE("{\"organised_by\": \"process\", \"coordinated_by\": \"line\", \"people\": "
                                 "{\"eva\": {\"profiles\": [\"operator\", \"line-manager\"]}}}")},
};

static sk_err load(void *self, const char *name, sk_buf *out) {
        (void)self;
        if (strcmp(name, "Europe/Amsterdam") != 0)
                return SK_ERR_NOT_FOUND;
        sk_slice bytes = zone_bytes(name);
        sk_buf_add_slice(out, bytes);
        zone_bytes_free(bytes);
        return SK_OK;
}

static const sk_zones zones = {.load = load, .version = {"2026z", 5}};

static sk_edition *build(const sk_zones *from) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_err err = sk_edition_build(chain, COUNT(chain), from, findings, &edition);
        assert_int_equal(err, SK_OK);
        sk_findings_free(findings);
        return edition;
}

static int64_t at(const char *text) {
        int64_t time_us = 0;
        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_a_calendar_is_open_when_it_says(void **state) {
        static const struct {
                const char *moment;
                bool is_open;
        } cases[] = {
                {"2026-11-23T07:00:00Z", true},  {"2026-11-23T06:59:59Z", false}, {"2026-11-23T11:00:00Z", false},
                {"2026-11-23T12:00:00Z", true},  {"2026-11-23T17:00:00Z", false}, {"2026-07-01T06:00:00Z", true},
                {"2026-11-21T21:00:00Z", true},  {"2026-11-22T00:59:59Z", true},  {"2026-11-22T01:00:00Z", false},
                {"2026-11-23T00:30:00Z", true}, /* Sunday's night, on Monday */
                {"2026-12-24T09:00:00Z", false}, {"2026-12-25T09:00:00Z", false}, {"2027-12-25T21:00:00Z", false},
                {"2028-12-25T09:00:00Z", false}, {"2026-12-28T09:00:00Z", true},
        };
        sk_edition *edition = build(&zones);
        const sk_hours *office = sk_edition_hours(edition, SK_SLICE("office"));
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                if (sk_hours_open(office, at(cases[i].moment)) != cases[i].is_open)
                        fail_msg("%s should be %s", cases[i].moment, cases[i].is_open ? "open" : "closed");
        }
        assert_int_equal(sk_edition_calendar_count(edition), 2);
        assert_true(sk_slice_is(sk_edition_calendar_name(edition, 0), "office"));
        assert_null(sk_edition_hours(edition, SK_SLICE("nights")));
        sk_edition_release(edition);
}

static void test_a_promise_runs_in_its_own_hours_else_in_those_of_the_agreement(void **state) {
        sk_edition *edition = build(&zones);
        const sk_agreement *agreement = sk_edition_agreement(edition, SK_SLICE("a"), SK_SLICE("b"));
        sk_slice lift = SK_SLICE("lift");
        (void)state;
        assert_true(sk_slice_is(sk_agreement_promise(agreement, lift, SK_INCIDENT, 0).calendar, "office"));
        assert_true(sk_slice_is(sk_agreement_promise(agreement, lift, SK_INCIDENT, 1).calendar, "office"));
        assert_int_equal(sk_agreement_promise(agreement, lift, SK_INCIDENT, 1).resolve_within_us, 2 * SK_HOUR_US);
        assert_true(sk_slice_is(sk_agreement_promise(agreement, lift, SK_SERVICE_REQUEST, 0).calendar, "always"));
        assert_false(sk_slice_there(sk_agreement_promise(agreement, lift, SK_REQUEST_FOR_CHANGE, 0).calendar));
        sk_edition_release(edition);
}

static void test_the_version_of_the_zones_is_kept(void **state) {
        sk_edition *edition = build(&zones);
        (void)state;
        assert_true(sk_slice_is(sk_edition_tzdata(edition), "2026z"));
        sk_edition_release(edition);
}

static void test_holidays_are_part_of_the_digest(void **state) {
        sk_chain_file other[COUNT(chain)];
        sk_findings *findings = sk_findings_new();
        sk_edition *changed = NULL;
        sk_edition *edition = build(&zones);
        (void)state;
        memcpy(other, chain, sizeof chain);
        other[1].text = SK_SLICE("BEGIN:VCALENDAR\nEND:VCALENDAR\n");
        assert_int_equal(sk_edition_build(other, COUNT(other), &zones, findings, &changed), SK_OK);
        assert_memory_not_equal(sk_edition_digest(edition), sk_edition_digest(changed), sizeof(sk_digest));
        sk_edition_release(changed);
        sk_edition_release(edition);
        sk_findings_free(findings);
}

static void check_refused(sk_err (*other)(void *, const char *, sk_buf *)) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        const sk_zones from = {.load = other};
        assert_int_equal(sk_edition_build(chain, COUNT(chain), other == NULL ? NULL : &from, findings, &edition),
                         SK_ERR_CONFIG);
        assert_int_equal(sk_findings_count_of(findings, SK_ERROR), 1);
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                if (sk_findings_at(findings, i)->severity == SK_ERROR)
                        assert_string_equal(sk_findings_at(findings, i)->code, "zone-unknown");
        }
        sk_findings_free(findings);
}

static sk_err load_nonsense(void *self, const char *name, sk_buf *out) {
        (void)self;
        sk_buf_add_text(out, name);
        return SK_OK;
}

static sk_err load_nothing(void *self, const char *name, sk_buf *out) {
        (void)self;
        (void)name;
        (void)out;
        return SK_ERR_IO;
}

static void test_zones_that_cannot_be_had_are_said(void **state) {
        (void)state;
        check_refused(NULL);
        check_refused(load_nonsense);
        check_refused(load_nothing);
}

static sk_err load_fixed(void *self, const char *name, sk_buf *out) {
        (void)name;
        sk_buf_add_slice(out, *(const sk_slice *)self);
        return out->err;
}

static bool build_once(void *context) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)context;
        if (findings == NULL)
                return false;
        /* The same zone without a file, which would need memory of the test's own. */
        static const char bytes[] = "TZif\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                                    "\0\0\16\20\0\0"
                                    "CET";
        sk_slice zone = {bytes, sizeof bytes};
        const sk_zones fixed = {.load = load_fixed, .self = &zone, .version = {"x", 1}};
        sk_err err = sk_edition_build(chain, COUNT(chain), &fixed, findings, &edition);
        if (err != SK_OK)
                assert_int_equal(err, SK_ERR_NO_MEMORY);
        sk_edition_release(edition);
        sk_findings_free(findings);
        return err == SK_OK;
}

static void test_calendars_without_memory_leave_nothing_behind(void **state) {
        (void)state;
        failing_alloc_each(build_once, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_calendar_is_open_when_it_says),
                cmocka_unit_test(test_a_promise_runs_in_its_own_hours_else_in_those_of_the_agreement),
                cmocka_unit_test(test_the_version_of_the_zones_is_kept),
                cmocka_unit_test(test_holidays_are_part_of_the_digest),
                cmocka_unit_test(test_zones_that_cannot_be_had_are_said),
                cmocka_unit_test(test_calendars_without_memory_leave_nothing_behind),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
