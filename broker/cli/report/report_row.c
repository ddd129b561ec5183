/*
 * Lines of a report: sums, percentiles, and where the time went.
 */
#include "cli/report/report_row.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/map.h"

#define NAMES_MAX 65535u
#define NAMES_BYTES ((size_t)16 << 20)

static const char *const wait_ids[SK_WAITS] = {"nobody", "person", "provider", "customer", "link", "unknown"};

const char *sk_wait_id(sk_wait wait) {
        assert(wait < SK_WAITS);
        return wait_ids[wait];
}

/* ---- names ---- */

struct sk_report_names {
        sk_map *numbers; /**< name to numbered */
        sk_arena *arena;
        sk_slice **at; /**< from number 1 on; each lies in the arena */
        size_t count;
        size_t room;
        sk_err err;
};

sk_report_names *sk_report_names_new(void) {
        sk_report_names *names = sk_alloc_zero(1, sizeof(*names));
        if (names == NULL)
                return NULL;
        names->numbers = sk_map_new();
        names->arena = sk_arena_new(NAMES_BYTES);
        if (names->numbers == NULL || names->arena == NULL) {
                sk_report_names_free(names);
                return NULL;
        }
        return names;
}

void sk_report_names_free(sk_report_names *names) {
        if (names == NULL)
                return;
        sk_map_free(names->numbers);
        sk_arena_free(names->arena);
        sk_free(names->at);
        sk_free(names);
}

/** A kept name with its number. */
typedef struct numbered {
        sk_slice name;
        uint32_t number;
} numbered;

static bool names_grow(sk_report_names *names) {
        if (names->count < names->room)
                return true;
        size_t room = names->room == 0 ? 32 : 2 * names->room;
        sk_slice **at = sk_realloc(names->at, room * sizeof(*at));
        if (at == NULL)
                return false;
        names->at = at;
        names->room = room;
        return true;
}

static numbered *name_new(sk_report_names *names, sk_slice name) {
        numbered *made = sk_arena_get(names->arena, sizeof(*made));
        if (made == NULL || !names_grow(names))
                return NULL;
        *made = (numbered){sk_arena_copy(names->arena, name), (uint32_t)names->count + 1};
        if (!sk_slice_there(made->name) || sk_map_put(names->numbers, name, made, NULL) != SK_OK)
                return NULL;
        names->at[names->count++] = &made->name;
        return made;
}

uint32_t sk_report_names_add(sk_report_names *names, sk_slice name) {
        const numbered *known = name.len == 0 ? NULL : sk_map_get(names->numbers, name);
        if (name.len == 0 || (known == NULL && names->count == NAMES_MAX))
                return 0;
        if (known == NULL)
                known = name_new(names, name);
        if (known == NULL)
                names->err = SK_ERR_NO_MEMORY;
        return known == NULL ? 0 : known->number;
}

sk_err sk_report_names_err(const sk_report_names *names) {
        return names->err;
}

uint32_t sk_report_names_count(const sk_report_names *names) {
        return (uint32_t)names->count;
}

sk_slice sk_report_names_at(const sk_report_names *names, uint32_t number) {
        assert(number <= names->count);
        return number == 0 ? SK_SLICE("") : *names->at[number - 1];
}

/* ---- rows ---- */

void sk_report_row_free(sk_report_row *row) {
        sk_free(row->leads);
        sk_free(row->parts);
        sk_free(row->endings);
        *row = (sk_report_row){0};
}

/* Room for one more item in a list that doubles. */
static sk_err grow(void **at, size_t count, size_t *room, size_t size) {
        if (count < *room)
                return SK_OK;
        size_t wanted = *room == 0 ? 4 : 2 * *room;
        void *more = sk_realloc(*at, wanted * size);
        if (more == NULL)
                return SK_ERR_NO_MEMORY;
        *at = more;
        *room = wanted;
        return SK_OK;
}

sk_err sk_report_part_add(sk_report_part **parts, size_t *count, size_t *room, const sk_report_part *part) {
        for (size_t i = 0; i < *count; i++) {
                if ((*parts)[i].wait == part->wait && (*parts)[i].team == part->team) {
                        (*parts)[i].time_us += part->time_us;
                        (*parts)[i].missed += part->missed;
                        (*parts)[i].missed_responses += part->missed_responses;
                        return SK_OK;
                }
        }
        void *at = *parts;
        sk_err err = grow(&at, *count, room, sizeof(**parts));
        if (err != SK_OK)
                return err;
        *parts = at;
        (*parts)[(*count)++] = *part;
        return SK_OK;
}

static sk_err add_lead(sk_report_row *row, int64_t lead_us) {
        void *at = row->leads;
        sk_err err = grow(&at, row->lead_count, &row->lead_room, sizeof(*row->leads));
        if (err != SK_OK)
                return err;
        row->leads = at;
        row->leads[row->lead_count++] = lead_us;
        row->is_sorted = false;
        return SK_OK;
}

sk_err sk_report_ending_add(sk_report_row *row, const sk_report_ending *ending) {
        for (size_t i = 0; i < row->ending_count; i++) {
                if (row->endings[i].outcome == ending->outcome && row->endings[i].code == ending->code) {
                        row->endings[i].count += ending->count;
                        return SK_OK;
                }
        }
        void *at = row->endings;
        sk_err err = grow(&at, row->ending_count, &row->ending_room, sizeof(*row->endings));
        if (err != SK_OK)
                return err;
        row->endings = at;
        row->endings[row->ending_count++] = *ending;
        return SK_OK;
}

size_t sk_report_part_largest(const sk_report_part *parts, size_t count) {
        size_t found = 0;
        for (size_t i = 1; i < count; i++) {
                if (parts[i].time_us > parts[found].time_us)
                        found = i;
        }
        return found;
}

/* A response that was missed is laid on what took most of the time until then. */
static sk_err add_response(sk_report_row *row, const sk_report_ended *ended) {
        row->response_promised += ended->is_response_promised;
        row->response_kept += ended->is_response_promised && ended->is_response_kept;
        if (!ended->is_response_promised || ended->is_response_kept)
                return SK_OK;
        sk_report_part part = {.wait = ended->response.wait, .team = ended->response.team, .missed_responses = 1};
        return sk_report_part_add(&row->parts, &row->part_count, &row->part_room, &part);
}

static sk_err add_parts(sk_report_row *row, const sk_report_ended *ended) {
        size_t guilty = sk_report_part_largest(ended->parts, ended->part_count);
        sk_err err = SK_OK;
        for (size_t i = 0; i < ended->part_count && err == SK_OK; i++) {
                sk_report_part part = ended->parts[i];
                part.missed = ended->is_promised && !ended->is_kept && i == guilty;
                row->total_us += part.time_us;
                err = sk_report_part_add(&row->parts, &row->part_count, &row->part_room, &part);
        }
        return err;
}

sk_err sk_report_row_add(sk_report_row *row, const sk_report_ended *ended) {
        assert(ended->outcome < SK_OUTCOMES && ended->lead_us >= 0);
        row->closed++;
        row->outcomes[ended->outcome]++;
        row->promised += ended->is_promised;
        row->kept += ended->is_promised && ended->is_kept;
        if (ended->is_traced && ended->outcome == SK_COMPLETED) {
                row->traced++;
                row->first_time += !ended->is_repeated;
        }
        sk_err err = add_lead(row, ended->lead_us);
        if (err == SK_OK && ended->outcome != SK_COMPLETED)
                err = sk_report_ending_add(row, &(sk_report_ending){ended->outcome, ended->code, 1});
        if (err == SK_OK)
                err = add_parts(row, ended);
        return err == SK_OK ? add_response(row, ended) : err;
}

/* ---- what follows ---- */

int sk_lead_compare(const void *a, const void *b) {
        int64_t left = *(const int64_t *)a;
        int64_t right = *(const int64_t *)b;
        return (left > right) - (left < right);
}

int64_t sk_percentile_of(const int64_t *sorted, size_t count, unsigned percent) {
        assert(percent > 0 && percent <= 100);
        if (count == 0)
                return 0;
        size_t rank = (count / 100) * percent + (count % 100 * percent + 99) / 100;
        return sorted[rank - 1];
}

int64_t sk_report_row_percentile(sk_report_row *row, unsigned percent) {
        if (!row->is_sorted && row->lead_count > 1)
                qsort(row->leads, row->lead_count, sizeof(*row->leads), sk_lead_compare);
        row->is_sorted = true;
        return sk_percentile_of(row->leads, row->lead_count, percent);
}

int64_t sk_report_row_time_in(const sk_report_row *row, uint32_t team) {
        int64_t time_us = 0;
        for (size_t i = 0; i < row->part_count; i++)
                time_us += row->parts[i].team == team ? row->parts[i].time_us : 0;
        return time_us;
}

int64_t sk_report_row_time_for(const sk_report_row *row, sk_wait wait) {
        int64_t time_us = 0;
        for (size_t i = 0; i < row->part_count; i++)
                time_us += row->parts[i].wait == wait ? row->parts[i].time_us : 0;
        return time_us;
}

uint32_t sk_report_row_longest(const sk_report_row *row, int64_t *out_us) {
        uint32_t found = 0;
        *out_us = 0;
        for (size_t i = 0; i < row->part_count; i++) {
                int64_t time_us = sk_report_row_time_in(row, row->parts[i].team);
                if (time_us > *out_us) {
                        *out_us = time_us;
                        found = row->parts[i].team;
                }
        }
        return found;
}
