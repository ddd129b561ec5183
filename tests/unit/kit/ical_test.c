#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/ical.h"
#include "kit/when.h"

#define FILE_OF(events) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" events "END:VCALENDAR\r\n"
#define EVENT(members) "BEGIN:VEVENT\r\n" members "END:VEVENT\r\n"

typedef struct found {
        char text[2000];
        size_t len;
        int limit;
} found;

static bool add(void *self, int64_t day, sk_slice summary) {
        found *all = self;
        int year, month, date;

        sk_when_date(day, &year, &month, &date);
        all->len += (size_t)snprintf(all->text + all->len, sizeof(all->text) - all->len, "%s%04d-%02d-%02d %.*s",
                                     all->len == 0 ? "" : ", ", year, month, date, (int)summary.len, summary.at);
        return --all->limit != 0;
}

static void test_days_are_read(void **state) {
        static const struct {
                const char *file;
                const char *days;
        } cases[] = {
                {FILE_OF(""), ""},
                {FILE_OF(EVENT("DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\n")), "2026-12-25 Christmas"},
                {FILE_OF(EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:C\r\n")),
                 "2026-12-25 C, 2026-12-26 C"},
                {FILE_OF(EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261225\r\nSUMMARY:C\r\n")),
                 "2026-12-25 C"},
                {"BEGIN:VCALENDAR\nbegin:vevent\ndtstart:20240229\nend:vevent\nEND:VCALENDAR", "2024-02-29 "},
                {FILE_OF(EVENT("DTSTART;VALUE=DATE:20200427\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:K\r\n")),
                 "2025-04-27 K, 2026-04-27 K, 2027-04-27 K"},
                {FILE_OF(EVENT("DTSTART:20240229\r\nRRULE:FREQ=YEARLY;INTERVAL=1\r\nSUMMARY:L\r\n")), ""},
                {FILE_OF(EVENT(
                         "DTSTART:20200505\r\nRRULE:FREQ=YEARLY;INTERVAL=5;BYMONTH=5;BYMONTHDAY=5\r\nSUMMARY:L\r\n")),
                 "2025-05-05 L"},
                {FILE_OF(EVENT("DTSTART:20250101\r\nRRULE:FREQ=YEARLY;COUNT=2\r\nSUMMARY:L\r\n")),
                 "2025-01-01 L, 2026-01-01 L"},
                {FILE_OF(EVENT("DTSTART:20250101\r\nRRULE:FREQ=YEARLY;UNTIL=20260101\r\nSUMMARY:L\r\n")),
                 "2025-01-01 L, 2026-01-01 L"},
                /* Neither a time of day nor what was cancelled is a holiday. */
                {FILE_OF(EVENT("DTSTART:20261225T100000Z\r\n") EVENT("DTSTART:20261226\r\nSTATUS:CANCELLED\r\n")), ""},
                /* Folded lines, quoted colons, escapes, an alarm within, a byte order mark in front. */
                {FILE_OF(EVENT("DTSTART;X=\"a:b\";VALUE=DATE:2026\r\n 1225\r\nSUMMARY:Fol\r\n\tded\\, twice\r\n")),
                 "2026-12-25 Folded, twice"},
                {FILE_OF(EVENT("BEGIN:VALARM\r\nDTSTART:20200101\r\nEND:VALARM\r\nDTSTART:20261225\r\n")),
                 "2026-12-25 "},
                {"\xef\xbb\xbf" FILE_OF(EVENT("DTSTART:20261225\r\n")), "2026-12-25 "},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                found all = {.limit = 100};
                sk_ical_fault fault = {0};
                sk_err err = sk_ical_read(sk_slice_of(cases[i].file), (sk_ical_years){2025, 2027}, add, &all, &fault);
                if (err != SK_OK || strcmp(all.text, cases[i].days) != 0)
                        fail_msg("case %zu: %s%s, not %s", i, err == SK_OK ? "" : fault.what, all.text, cases[i].days);
        }
}

static void test_what_is_wrong_is_said_with_its_line(void **state) {
        static const struct {
                const char *file;
                sk_err err;
                size_t line;
        } cases[] = {
                {"", SK_ERR_SYNTAX, 1},
                {"{\"holidays\":[]}", SK_ERR_SYNTAX, 1},
                {"\r\n\r\nBEGIN:VEVENT\r\n", SK_ERR_SYNTAX, 3},
                {"BEGIN:VCALENDAR\r\n", SK_ERR_SYNTAX, 1},
                {FILE_OF("no colon\r\n"), SK_ERR_SYNTAX, 3},
                {FILE_OF(EVENT("SUMMARY:when?\r\n")), SK_ERR_SYNTAX, 3},
                {FILE_OF(EVENT("DTSTART:20260230\r\n")), SK_ERR_RANGE, 4},
                {FILE_OF(EVENT("DTSTART:2026\r\n")), SK_ERR_RANGE, 4},
                {FILE_OF(EVENT("DTSTART:20260101\r\nDTSTART:20260102\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF(EVENT("DTSTART:20260102\r\nDTEND:20260101\r\n")), SK_ERR_RANGE, 3},
                {FILE_OF(EVENT("DTSTART:20260102\r\nDTEND:20290101\r\n")), SK_ERR_RANGE, 3},
                {FILE_OF(EVENT("DTSTART:20260102\r\nRRULE:FREQ=WEEKLY\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF(EVENT("DTSTART:20260102\r\nRRULE:FREQ=YEARLY;BYDAY=1MO\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF(EVENT("DTSTART:20260102\r\nRRULE:FREQ=YEARLY;INTERVAL=0\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF(EVENT("DTSTART:20260102\r\nRRULE:FREQ\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF(EVENT("RRULE:FREQ=YEARLY\r\nDTSTART:20260102\r\n")), SK_ERR_SYNTAX, 4},
                {FILE_OF(EVENT("DTSTART:20260102\r\nEXDATE:20270102\r\n")), SK_ERR_SYNTAX, 5},
                {FILE_OF("X:\xff\r\n"), SK_ERR_UTF8, 1},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                found all = {.limit = 100};
                sk_ical_fault fault = {0};
                sk_err err = sk_ical_read(sk_slice_of(cases[i].file), (sk_ical_years){2025, 2027}, add, &all, &fault);
                if (err != cases[i].err || fault.line != cases[i].line || fault.what == NULL)
                        fail_msg("case %zu: %s in line %zu: %s", i, sk_err_name(err), fault.line,
                                 fault.what == NULL ? "" : fault.what);
        }
}

static void test_lines_and_files_have_bounds(void **state) {
        size_t size = SK_ICAL_BYTES_MAX + 1;
        char *text = sk_alloc(size);
        found all = {.limit = 100};
        sk_ical_fault fault = {0};

        (void)state;
        memset(text, 'x', size);
        memcpy(text, "BEGIN:VCALENDAR\n", 16);
        assert_int_equal(sk_ical_read((sk_slice){text, size}, (sk_ical_years){0, 9999}, add, &all, &fault),
                         SK_ERR_SIZE);
        assert_int_equal(sk_ical_read((sk_slice){text, size / 2}, (sk_ical_years){0, 9999}, add, &all, &fault),
                         SK_ERR_SIZE);
        assert_int_equal(fault.line, 2);
        sk_free(text);
}

static void test_the_visitor_ends_it(void **state) {
        static const char file[] = FILE_OF(EVENT("DTSTART:20250101\r\nRRULE:FREQ=YEARLY\r\n") "garbage behind\r\n");
        found all = {.limit = 2};
        sk_ical_fault fault = {0};

        (void)state;
        assert_int_equal(sk_ical_read(sk_slice_of(file), (sk_ical_years){0, 9999}, add, &all, &fault), SK_OK);
        assert_string_equal(all.text, "2025-01-01 , 2026-01-01 ");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_days_are_read),
                cmocka_unit_test(test_what_is_wrong_is_said_with_its_line),
                cmocka_unit_test(test_lines_and_files_have_bounds),
                cmocka_unit_test(test_the_visitor_ends_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
