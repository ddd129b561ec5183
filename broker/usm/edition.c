/*
 * An edition as one checked whole: made from all files at once, counted by its owners, never changed. All of it lives in
 * one arena. The trees of the files are gone when the build ends.
 */
#include "usm/edition.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "usm/check.h"
#include "usm/form.h"

#define ARENA_MAX_BYTES ((size_t)512 * 1024 * 1024)

static void edition_free(sk_edition *edition) {
        assert(edition->arena != NULL);
        sk_calendars_free(edition);
        sk_forms_free(edition);
        sk_arena_free(edition->arena);
        sk_free(edition);
}

static sk_edition *edition_new(void) {
        sk_edition *edition = sk_alloc_zero(1, sizeof *edition);
        if (edition == NULL)
                return NULL;
        atomic_init(&edition->owners, 1);
        edition->arena = sk_arena_new(ARENA_MAX_BYTES);
        if (edition->arena == NULL) {
                sk_free(edition);
                return NULL;
        }
        assert(sk_arena_used(edition->arena) == 0);
        return edition;
}

static int write_part(const char *at, size_t len, void *buf) {
        assert(buf != NULL);
        sk_buf_add(buf, at, len);
        return ((sk_buf *)buf)->err == SK_OK ? 0 : -1;
}

/** Of a file that is no JSON, and that need not even be text. */
static json_t *digest_of(sk_slice text) {
        sk_digest digest = sk_digest_of(text);
        char hex[SK_DIGEST_TEXT];
        sk_digest_format(&digest, hex);
        return json_stringn_nocheck(hex, sizeof hex);
}

/** One object: path to document, in order of path, nothing superfluous; two directories that say the same agree. */
static void make_digest(sk_check *check) {
        assert(check->err == SK_OK);
        sk_buf text = sk_buf_make(SK_CHAIN_MAX_BYTES * 8);
        json_t *all = json_object();
        int failed = all == NULL ? -1 : 0;
        for (size_t i = 0; i < check->source_count && failed == 0; i++) {
                sk_source *source = &check->sources[i];
                if (source->kind == SK_FILE_HOLIDAYS)
                        failed = json_object_set_new_nocheck(all, source->path, digest_of(source->text));
                else if (source->root != NULL)
                        failed = json_object_set_nocheck(all, source->path, source->root);
        }
        if (failed == 0)
                failed = json_dump_callback(all, write_part, &text, JSON_SORT_KEYS | JSON_COMPACT);
        if (failed != 0)
                sk_check_out_of_memory(check);
        else
                check->edition->digest = sk_digest_of(sk_buf_slice(&text));
        json_decref(all);
        sk_buf_free(&text);
}

/** The version of the zones counts only where one is used. */
static void keep_version(sk_check *check) {
        assert(check->err == SK_OK);
        sk_edition *edition = check->edition;
        edition->tzdata = SK_SLICE("");
        for (size_t i = 0; i < edition->calendar_count; i++) {
                if (edition->calendars[i].zone == NULL)
                        continue;
                if (check->zones->version.len == 0)
                        return;
                edition->tzdata = sk_arena_copy(edition->arena, check->zones->version);
                if (edition->tzdata.at == NULL)
                        sk_check_out_of_memory(check);
                return;
        }
}

static void read_all(sk_check *check) {
        assert(check->sources != NULL);
        sk_chain_read(check);
        sk_teams_read(check);
        if (check->err == SK_OK)
                sk_agreements_read(check);
        if (check->err == SK_OK)
                sk_infrastructures_read(check);
        if (check->err == SK_OK)
                sk_routines_read(check);
        if (check->err == SK_OK)
                sk_schedules_read(check);
        if (check->err == SK_OK)
                sk_thresholds_read(check);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++)
                sk_ways_compile(check, &check->edition->teams[i]);
}

static void check_whole(sk_check *check) {
        assert(check->err == SK_OK);
        void (*const checks[])(sk_check *) = {sk_check_routines, sk_check_people, sk_check_presence, sk_check_authority,
                                              sk_check_loops};
        for (size_t i = 0; i < sizeof checks / sizeof *checks && check->err == SK_OK; i++)
                checks[i](check);
}

/** Files are the caller's: nothing of an edition may point to them after the build. */
static void forget_sources(sk_edition *edition) {
        assert(edition->team_count <= SK_TEAMS_MAX);
        for (size_t i = 0; i < edition->team_count; i++) {
                sk_team *team = &edition->teams[i];
                team->source = NULL;
                team->infrastructure = NULL;
                for (size_t j = 0; j < team->routine_count; j++)
                        team->routines[j].source = NULL;
        }
        for (size_t i = 0; i < edition->agreement_count; i++)
                edition->agreements[i].source = NULL;
}

sk_err sk_edition_build(const sk_chain_file *files, size_t count, const sk_zones *zones, sk_findings *findings,
                        sk_edition **out) {
        assert((files != NULL || count == 0));
        assert(findings != NULL);
        assert(out != NULL);
        sk_check check = {.findings = findings, .edition = edition_new(), .zones = zones};
        if (check.edition == NULL)
                return SK_ERR_NO_MEMORY;
        sk_sources_load(&check, files, count);
        bool is_loaded = check.err == SK_OK && check.sources != NULL;
        if (is_loaded)
                read_all(&check);
        if (is_loaded && check.err == SK_OK)
                check_whole(&check);
        if (check.err == SK_OK && sk_findings_count_of(findings, SK_ERROR) > 0)
                check.err = SK_ERR_CONFIG;
        if (check.err == SK_OK)
                keep_version(&check);
        if (check.err == SK_OK)
                make_digest(&check);
        sk_forms_end(&check);
        forget_sources(check.edition);
        sk_sources_free(&check);
        sk_findings_sort(findings);
        if (check.err != SK_OK) {
                edition_free(check.edition);
                return check.err;
        }
        assert(check.edition->partitions >= 1);
        assert(check.sources == NULL);
        *out = check.edition;
        return SK_OK;
}

sk_edition *sk_edition_retain(sk_edition *edition) {
        assert(edition != NULL);
        unsigned before = atomic_fetch_add_explicit(&edition->owners, 1, memory_order_relaxed);
        assert(before > 0);
        (void)before;
        return edition;
}

void sk_edition_release(sk_edition *edition) {
        if (edition == NULL)
                return;
        unsigned before = atomic_fetch_sub_explicit(&edition->owners, 1, memory_order_acq_rel);
        assert(before > 0);
        if (before == 1)
                edition_free(edition);
}

const sk_digest *sk_edition_digest(const sk_edition *edition) {
        assert(edition != NULL);
        return &edition->digest;
}

sk_slice sk_edition_chain(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->chain;
}

int32_t sk_edition_partitions(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->partitions;
}

uint32_t sk_edition_acceptance_days(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->acceptance_days;
}

uint64_t sk_edition_open_calls_max(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->open_calls_max;
}

bool sk_edition_is_kafka_prefix(sk_slice prefix) {
        assert(prefix.at != NULL);
        if (prefix.len > SK_KAFKA_PREFIX_MAX)
                return false;
        for (size_t i = 0; i < prefix.len; i++) {
                char c = prefix.at[i];
                if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' &&
                    c != '-' && c != '_')
                        return false;
        }
        return true;
}

const sk_chain_property *sk_edition_kafka(const sk_edition *edition, size_t *out_count) {
        assert(edition != NULL);
        assert(out_count != NULL);
        *out_count = edition->kafka_count;
        return edition->kafka;
}

sk_slice sk_edition_tzdata(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->tzdata;
}

size_t sk_edition_calendar_count(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->calendar_count;
}

sk_slice sk_edition_calendar_name(const sk_edition *edition, size_t index) {
        assert(edition != NULL);
        assert(index < edition->calendar_count);
        return edition->calendars[index].name;
}

const sk_hours *sk_edition_hours(const sk_edition *edition, sk_slice name) {
        assert(edition != NULL);
        for (size_t i = 0; i < edition->calendar_count; i++) {
                if (sk_slice_equal(edition->calendars[i].name, name))
                        return edition->calendars[i].hours;
        }
        return NULL;
}

size_t sk_edition_team_count(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->team_count;
}

const sk_team *sk_edition_team_at(const sk_edition *edition, size_t index) {
        assert(edition != NULL);
        assert(index < edition->team_count);
        return &edition->teams[index];
}

const sk_team *sk_edition_team(const sk_edition *edition, sk_slice name) {
        assert(edition != NULL);
        size_t from = 0;
        size_t to = edition->team_count;
        while (from < to) {
                size_t middle = from + (to - from) / 2;
                int order = sk_slice_compare(name, edition->teams[middle].name);
                if (order == 0)
                        return &edition->teams[middle];
                if (order < 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        return NULL;
}

size_t sk_edition_agreement_count(const sk_edition *edition) {
        assert(edition != NULL);
        return edition->agreement_count;
}

const sk_agreement *sk_edition_agreement_at(const sk_edition *edition, size_t index) {
        assert(edition != NULL);
        assert(index < edition->agreement_count);
        return &edition->agreements[index];
}

static int compare_parties(sk_slice customer, sk_slice provider, const sk_agreement *agreement) {
        assert(agreement != NULL);
        int order = sk_slice_compare(customer, agreement->customer);
        return order != 0 ? order : sk_slice_compare(provider, agreement->provider);
}

const sk_agreement *sk_edition_agreement(const sk_edition *edition, sk_slice customer, sk_slice provider) {
        assert(edition != NULL);
        size_t from = 0;
        size_t to = edition->agreement_count;
        while (from < to) {
                size_t middle = from + (to - from) / 2;
                int order = compare_parties(customer, provider, &edition->agreements[middle]);
                if (order == 0)
                        return &edition->agreements[middle];
                if (order < 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        return NULL;
}
