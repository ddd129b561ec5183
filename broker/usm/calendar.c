/*
 * Calendars of chain.json: a zone, when it is open by the clocks there, and holidays. Their arithmetic is that of
 * kit/hours.h.
 */
#include <assert.h>

#include "kit/alloc.h"
#include "kit/ical.h"
#include "kit/when.h"
#include "usm/check.h"

#define CALENDARS_MAX 100
#define ZONE_NAME_MAX 60
#define HOLIDAY_YEAR_FIRST 2000
#define HOLIDAY_YEAR_LAST 2150
#define DAY_MIN (24 * 60)

/** A calendar while it is being read. */
typedef struct draft {
        sk_check *check;
        sk_hours_window windows[SK_HOURS_WINDOWS_MAX];
        size_t window_count;
        int64_t *holidays;
        size_t holiday_count;
} draft;

/* ---- the zone ---- */

static bool is_zone_name(sk_slice name) {
        assert(sk_slice_there(name) || name.len == 0);
        if (name.len == 0 || name.len > ZONE_NAME_MAX || name.at[0] == '/')
                return false;
        for (size_t i = 0; i < name.len; i++) {
                char c = name.at[i];
                bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                               c == '-' || c == '+' || c == '/';
                if (!is_good)
                        return false;
        }
        return true;
}

static sk_err load_zone(const sk_zones *zones, sk_slice name, sk_zone **out) {
        assert(out != NULL);
        char text[ZONE_NAME_MAX + 1];
        if (!is_zone_name(name) || zones == NULL)
                return SK_ERR_NOT_FOUND;
        assert(name.len < sizeof text);
        memcpy(text, name.at, name.len);
        text[name.len] = '\0';
        sk_buf bytes = sk_buf_make(SK_ZONE_BYTES_MAX);
        sk_err err = zones->load(zones->self, text, &bytes);
        if (err == SK_OK)
                err = bytes.err == SK_OK ? sk_zone_parse(sk_buf_slice(&bytes), out) : bytes.err;
        sk_buf_free(&bytes);
        return err;
}

static void read_zone(sk_check *check, const sk_spot *calendar, sk_calendar *out) {
        assert(out->zone == NULL);
        sk_spot zone = sk_spot_member(calendar, "zone");
        if (!sk_read_need(check, &zone, "the time zone whose clocks count, such as \"Europe/Amsterdam\""))
                return;
        sk_slice name = sk_read_text(check, &zone);
        if (!sk_slice_there(name) || sk_slice_is(name, "UTC"))
                return;
        sk_err err = load_zone(check->zones, name, &out->zone);
        if (err == SK_ERR_NO_MEMORY)
                sk_check_out_of_memory(check);
        else if (err == SK_ERR_NOT_FOUND)
                sk_check_say(check, &zone, SK_ERROR, "zone-unknown",
                             "there is no time zone %s on this machine\nuse a name of the IANA database, such as "
                             "\"Europe/Amsterdam\"; they come with the package tzdata",
                             sk_quote(name).text);
        else if (err != SK_OK)
                sk_check_say(check, &zone, SK_ERROR, "zone-unknown",
                             "the file of the time zone %s cannot be used: %s\ninstall the package tzdata anew",
                             sk_quote(name).text, sk_err_text(err));
}

/* ---- the week ---- */

static int day_of(sk_slice name) {
        assert(sk_slice_there(name));
        static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
        for (int i = 0; i < 7; i++) {
                if (sk_slice_is(name, days[i]))
                        return i;
        }
        return -1;
}

/** `mon` or `sat-sun`; a range may go over the end of the week. */
static bool parse_days(sk_slice text, int *out_first, int *out_count) {
        assert(sk_slice_there(text));
        assert(out_first != NULL);
        const char *dash = memchr(text.at, '-', text.len);
        sk_slice first = {text.at, dash == NULL ? text.len : (size_t)(dash - text.at)};
        sk_slice last = dash == NULL ? first : (sk_slice){dash + 1, text.len - first.len - 1};
        int from = day_of(first);
        int to = day_of(last);
        if (from < 0 || to < 0)
                return false;
        *out_first = from;
        *out_count = (to - from + 7) % 7 + 1;
        assert(*out_count >= 1);
        assert(*out_count <= 7);
        return true;
}

/** `09:30`, up to `24:00`. */
static bool parse_minute(sk_slice text, int *out) {
        assert(out != NULL);
        if (text.len != 5 || text.at[2] != ':')
                return false;
        for (size_t i = 0; i < 5; i++) {
                if (i != 2 && (text.at[i] < '0' || text.at[i] > '9'))
                        return false;
        }
        int hour = (text.at[0] - '0') * 10 + text.at[1] - '0';
        int minute = (text.at[3] - '0') * 10 + text.at[4] - '0';
        *out = hour * 60 + minute;
        return minute < 60 && *out <= DAY_MIN;
}

/** `08:00-18:00`; one that ends before it begins goes on after midnight. */
static bool parse_window(sk_slice text, int *out_from, int *out_to) {
        assert(out_from != NULL);
        assert(out_to != NULL);
        if (text.len != 11 || text.at[5] != '-' || !parse_minute((sk_slice){text.at, 5}, out_from) ||
            !parse_minute((sk_slice){text.at + 6, 5}, out_to) || *out_from == DAY_MIN || *out_from == *out_to)
                return false;
        if (*out_to < *out_from)
                *out_to += DAY_MIN;
        assert(*out_from < *out_to);
        return true;
}

static void add_windows(draft *new, const sk_spot *spot, int day, int count, sk_slice text) {
        assert(day >= 0);
        assert(day < 7);
        int from = 0, to = 0;
        if (!parse_window(text, &from, &to)) {
                sk_check_say(
                        new->check, spot, SK_ERROR, "hours-bad",
                        "%s is no time from and to\nwrite \"08:00-18:00\"; \"22:00-06:00\" goes on after midnight, "
                        "\"00:00-24:00\" is the whole day",
                        sk_quote(text).text);
                return;
        }
        for (int i = 0; i < count && new->window_count < SK_HOURS_WINDOWS_MAX; i++) {
                int midnight = (day + i) % 7 * DAY_MIN;
                new->windows[new->window_count++] = (sk_hours_window){midnight + from, midnight + to};
        }
        assert(new->window_count <= SK_HOURS_WINDOWS_MAX);
}

static void read_days(draft *new, const sk_spot *spot) {
        assert(spot->name != NULL);
        int day = 0, count = 0;
        if (!parse_days(sk_slice_of(spot->name), &day, &count)) {
                sk_spot at = sk_spot_name(spot);
                sk_check_say(new->check, &at, SK_ERROR, "hours-bad",
                             "%s is no day of the week\nwrite \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", "
                             "\"sun\", or from and to: \"mon-fri\"",
                             sk_quote(sk_slice_of(spot->name)).text);
                return;
        }
        sk_names times = sk_read_names(new->check, spot);
        for (size_t i = 0; i < times.count; i++) {
                sk_spot item = json_is_array(spot->value) ? sk_spot_item(spot, i) : *spot;
                add_windows(new, &item, day, count, times.at[i]);
        }
}

static void read_open(draft *new, const sk_spot *calendar) {
        assert(new->window_count == 0);
        const char *name;
        json_t *value;
        sk_spot open = sk_spot_member(calendar, "open");
        if (!sk_read_need(new->check, &open, "when it is open, such as {\"mon-fri\": \"08:00-18:00\"}") ||
            !sk_read_is_object(new->check, &open))
                return;
        json_object_foreach(open.value, name, value) {
                sk_spot member = sk_spot_member(&open, name);
                if (!sk_read_is_remark(name))
                        read_days(new, &member);
        }
}

/* ---- holidays ---- */

static bool add_holiday(draft *new, int64_t day) {
        assert(new->holidays != NULL);
        assert(new->holiday_count <= SK_HOURS_HOLIDAYS_MAX);
        if (new->holiday_count == SK_HOURS_HOLIDAYS_MAX)
                return false;
        new->holidays[new->holiday_count++] = day;
        return true;
}

bool sk_read_day(sk_slice text, int64_t *out_day) {
        assert(out_day != NULL);
        char moment[] = "0000-00-00T00:00:00Z";
        int64_t time_us = 0;
        if (text.len != 10)
                return false;
        memcpy(moment, text.at, 10);
        if (!sk_when_parse(sk_slice_of(moment), &time_us))
                return false;
        *out_day = time_us / SK_DAY_US - (time_us % SK_DAY_US < 0);
        return true;
}

static void read_holidays(draft *new, const sk_spot *calendar) {
        assert(new->holiday_count == 0);
        sk_spot holidays = sk_spot_member(calendar, "holidays");
        sk_names dates = sk_read_names(new->check, &holidays);
        for (size_t i = 0; i < dates.count; i++) {
                sk_spot item = json_is_array(holidays.value) ? sk_spot_item(&holidays, i) : holidays;
                int64_t day = 0;
                if (!sk_read_day(dates.at[i], &day))
                        sk_check_say(new->check, &item, SK_ERROR, "date-bad",
                                     "%s is no date\nwrite it as \"2026-12-25\"", sk_quote(dates.at[i]).text);
                else
                        (void)add_holiday(new, day);
        }
}

static bool visit_holiday(void *self, int64_t day, sk_slice summary) {
        assert(self != NULL);
        (void)summary;
        return add_holiday(self, day);
}

static const sk_source *find_file(const sk_check *check, sk_slice path) {
        assert(check->sources != NULL || check->source_count == 0);
        for (size_t i = 0; i < check->source_count; i++) {
                const sk_source *source = &check->sources[i];
                if (source->kind == SK_FILE_HOLIDAYS && sk_slice_is(path, source->path))
                        return source;
        }
        return NULL;
}

static void say_no_file(draft *new, const sk_spot *at, sk_slice path) {
        assert(sk_slice_there(path));
        sk_suggestion suggestion = sk_suggest_make(path);
        for (size_t i = 0; i < new->check->source_count; i++) {
                if (new->check->sources[i].kind == SK_FILE_HOLIDAYS)
                        sk_suggest_offer(&suggestion, sk_slice_of(new->check->sources[i].path));
        }
        sk_check_say(new->check, at, SK_ERROR, "file-missing",
                     "there is no file %s\n%sput an iCalendar file into calendars/ and name it as "
                     "\"calendars/holidays.ics\"",
                     sk_quote(path).text, sk_suggest_hint(&suggestion).text);
}

static void read_holiday_file(draft *new, const sk_spot *calendar) {
        assert(new->holidays != NULL);
        sk_spot spot = sk_spot_member(calendar, "holidays_from");
        sk_slice path = sk_read_text(new->check, &spot);
        if (!sk_slice_there(path))
                return;
        const sk_source *file = find_file(new->check, path);
        if (file == NULL) {
                say_no_file(new, &spot, path);
                return;
        }
        sk_ical_fault fault = {0};
        sk_ical_years years = {HOLIDAY_YEAR_FIRST, HOLIDAY_YEAR_LAST};
        if (sk_ical_read(file->text, years, visit_holiday, new, &fault) != SK_OK) {
                sk_finding place = {
                        .severity = SK_ERROR, .line = (uint32_t)fault.line, .column = 1, .length = 1, .pointer = ""};
                sk_check_say_at(new->check, file->path, &place, "ical-bad",
                                "%s\ngive an iCalendar file of whole days, or list the dates under \"holidays\"",
                                fault.what);
        }
}

/* ---- the whole ---- */

static void say_hours(sk_check *check, const sk_spot *calendar, sk_err err) {
        assert(err != SK_OK);
        sk_spot open = sk_spot_member(calendar, "open");
        const sk_spot *at = open.value == NULL ? calendar : &open;
        if (err == SK_ERR_NO_MEMORY)
                sk_check_out_of_memory(check);
        else if (err == SK_ERR_CONFLICT)
                sk_check_say(check, at, SK_ERROR, "hours-bad",
                             "two times of the week overlap\nlet each begin when the one before has ended; what begins "
                             "before midnight may reach into the next day");
        else if (sk_findings_count_of(check->findings, SK_ERROR) == 0)
                sk_check_say(check, at, SK_ERROR, "hours-bad",
                             "the calendar is never open\nsay when, such as {\"mon-fri\": \"08:00-18:00\"}");
}

static void read_calendar(sk_check *check, const sk_spot *spot, sk_calendar *out) {
        assert(out->hours == NULL);
        static const char *const allowed[] = {"title", "zone", "open", "holidays", "holidays_from", NULL};
        draft new = {.check = check};
        sk_spot title = sk_spot_member(spot, "title");
        new.holidays = sk_alloc_zero(SK_HOURS_HOLIDAYS_MAX, sizeof *new.holidays);
        if (new.holidays == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        sk_read_only(check, spot, allowed);
        (void)sk_read_title(check, &title);
        read_zone(check, spot, out);
        read_open(&new, spot);
        read_holidays(&new, spot);
        read_holiday_file(&new, spot);
        if (new.holiday_count == SK_HOURS_HOLIDAYS_MAX)
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "the calendar has %d holidays or more\nleave out what is long past",
                             SK_HOURS_HOLIDAYS_MAX);
        sk_err err =
                sk_hours_new(out->zone, new.windows, new.window_count, new.holidays, new.holiday_count, &out->hours);
        if (err != SK_OK)
                say_hours(check, spot, err);
        sk_free(new.holidays);
}

void sk_calendars_read(sk_check *check, const sk_spot *root) {
        assert(check->edition->calendar_count == 0);
        const char *name;
        json_t *value;
        sk_edition *edition = check->edition;
        sk_spot calendars = sk_spot_member(root, "calendars");
        if (!sk_read_is_object(check, &calendars))
                return;
        if (json_object_size(calendars.value) > CALENDARS_MAX) {
                sk_check_say(check, &calendars, SK_ERROR, "value-range",
                             "there are %zu calendars, more than %d\nlet teams share them",
                             json_object_size(calendars.value), CALENDARS_MAX);
                return;
        }
        edition->calendars = sk_check_get(check, json_object_size(calendars.value), sizeof *edition->calendars);
        json_object_foreach(calendars.value, name, value) {
                sk_spot member = sk_spot_member(&calendars, name);
                sk_spot at = sk_spot_name(&member);
                if (sk_read_is_remark(name) || check->err != SK_OK)
                        continue;
                if (!sk_read_name(check, &at, sk_slice_of(name), "a calendar") || !sk_read_is_object(check, &member))
                        continue;
                if (strcmp(name, SK_ELAPSED) == 0)
                        sk_check_say(check, &at, SK_ERROR, "name-reserved",
                                     "\"" SK_ELAPSED "\" means that time runs always\ngive the calendar another name");
                sk_calendar *calendar = &edition->calendars[edition->calendar_count++];
                calendar->name = sk_arena_copy(edition->arena, sk_slice_of(name));
                read_calendar(check, &member, calendar);
        }
        assert(edition->calendar_count <= CALENDARS_MAX);
}

const sk_calendar *sk_read_calendar(sk_check *check, const sk_spot *spot) {
        assert(check->edition != NULL);
        sk_slice name = sk_read_text(check, spot);
        if (!sk_slice_there(name))
                return NULL;
        sk_suggestion suggestion = sk_suggest_make(name);
        for (size_t i = 0; i < check->edition->calendar_count; i++) {
                const sk_calendar *calendar = &check->edition->calendars[i];
                if (sk_slice_equal(calendar->name, name))
                        return calendar;
                sk_suggest_offer(&suggestion, calendar->name);
        }
        sk_check_say(check, spot, SK_ERROR, "calendar-unknown",
                     "there is no calendar %s\n%scalendars stand in chain.json: \"calendars\": {\"office\": {...}}",
                     sk_quote(name).text, sk_suggest_hint(&suggestion).text);
        return NULL;
}

void sk_calendars_free(sk_edition *edition) {
        assert(edition->calendars != NULL || edition->calendar_count == 0);
        for (size_t i = 0; i < edition->calendar_count; i++) {
                sk_hours_free(edition->calendars[i].hours);
                sk_zone_free(edition->calendars[i].zone);
        }
}
