/*
 * How the promises of recorded calls compare: with what the record says of them, and why where they differ.
 */
#include "cli/replay/recorded.h"
#include "cli/report/report_figures.h"
#include "kit/when.h"

#define LISTED_MAX 5

/** Why the two differ. */
typedef enum difference {
        SAME,
        OTHER_PRIORITY, /**< the record measures by the priority that it came to have */
        WITHOUT_PAUSES, /**< kept here: the clock stood while the customer was asked */
        IN_TIME,        /**< kept here: it took less than promised in any case */
        TOO_LONG,       /**< missed here: it took longer than promised */
        DIFFERENCES,
} difference;

typedef struct comparison {
        uint64_t table[2][2]; /**< [kept in the record][kept here] */
        uint64_t by[DIFFERENCES];
        uint64_t promised; /**< as the report has it */
        uint64_t kept;
        uint64_t unknown; /**< without an end or a verdict in the record, or not closed here, or nothing promised */
        uint64_t paused;  /**< calls whose customer was asked */
        const sk_recorded_call *examples[DIFFERENCES][LISTED_MAX];
} comparison;

/* ---- counting ---- */

static sk_err on_figured(void *own, const sk_figured *figured) {
        sk_recorded *self = own;
        char key[SK_ID_TEXT];
        sk_id_format(&figured->id, key);
        sk_recorded_call *one = sk_map_get(self->by_id, (sk_slice){key, SK_ID_TEXT});
        if (one == NULL || figured->is_open || !sk_slice_equal(figured->provider, one->call->provider))
                return SK_OK;
        one->is_closed = true;
        one->is_promised = figured->is_promised;
        one->is_kept = figured->is_kept;
        one->lead_us = figured->lead_us;
        one->stopped_us = figured->stopped_us;
        return SK_OK;
}

static sk_err add_topic(const sk_recorded *self, sk_figures *figures, size_t team, sk_topic_kind kind) {
        sk_memory_topic *topic = sk_memory_chain_topic(self->chain, team, kind);
        sk_err err = topic == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        sk_record record;
        int64_t next = 0;
        while (err == SK_OK && sk_memory_read(topic, 0, next, SK_READ_COMMITTED, &record, &next) == SK_OK) {
                sk_event_seen seen;
                sk_log_entry entry = {.topic = sk_memory_topic_name(topic),
                                      .key = record.key,
                                      .headers = record.headers,
                                      .value = record.value,
                                      .timestamp_us = record.timestamp_us};
                if (sk_event_see(&entry, sk_team_name(sk_edition_team_at(self->edition, team)), &seen))
                        err = sk_figures_add(figures, &seen);
        }
        return err;
}

static bool is_provider(const sk_recorded *self, sk_slice team) {
        for (size_t i = 0; i < self->count; i++) {
                if (sk_slice_equal(self->list[i].call->provider, team))
                        return true;
        }
        return false;
}

/* As `schakel report` counts them, of the teams that the record calls. */
static sk_err count_all(sk_recorded *self, comparison *out) {
        const sk_figures_plan plan = {
                .by = SK_BY_WORKFLOW, .from_us = INT64_MIN, .to_us = INT64_MAX, .visit = on_figured, .self = self};
        sk_figures *figures = sk_figures_new(&plan);
        sk_err err = figures == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        for (size_t i = 0; i < sk_edition_team_count(self->edition) && err == SK_OK; i++) {
                sk_slice team = sk_team_name(sk_edition_team_at(self->edition, i));
                if (!is_provider(self, team))
                        continue;
                err = sk_figures_begin(figures, team);
                if (err == SK_OK)
                        err = add_topic(self, figures, i, SK_TOPIC_EVENTS);
                if (err == SK_OK)
                        err = add_topic(self, figures, i, SK_TOPIC_ARCHIVE);
                if (err == SK_OK)
                        err = sk_figures_end(figures);
        }
        for (size_t i = 0; err == SK_OK && i < sk_figures_count(figures); i++) {
                out->promised += sk_figures_at(figures, i)->promised;
                out->kept += sk_figures_at(figures, i)->kept;
        }
        sk_figures_free(figures);
        return err;
}

/* ---- comparing ---- */

static int64_t promised_us(const sk_recorded *self, int priority) {
        int64_t within_us = 0;
        char text[2] = {(char)('0' + priority), '\0'};
        for (size_t i = 0; i < self->map->promise_count; i++) {
                if (sk_slice_is(self->map->promises[i].from, text))
                        (void)sk_when_duration_parse(self->map->promises[i].to, &within_us);
        }
        return within_us;
}

/* A promise stands as it was made; a record may judge by what became of the priority. */
static difference why(const sk_recorded *self, const sk_recorded_call *one) {
        const sk_history_call *call = one->call;
        int64_t last_us = promised_us(self, call->last_priority);
        bool is_changed = call->last_priority != call->priority;
        if (call->was_kept == one->is_kept)
                return SAME;
        if (is_changed && call->was_kept == (one->lead_us <= last_us))
                return OTHER_PRIORITY;
        if (!one->is_kept)
                return TOO_LONG;
        return one->lead_us > promised_us(self, call->priority) ? WITHOUT_PAUSES : IN_TIME;
}

static void compare(const sk_recorded *self, comparison *out) {
        for (size_t i = 0; i < self->count; i++) {
                const sk_recorded_call *one = &self->list[i];
                if (!one->is_closed || !one->is_promised || !one->call->has_verdict) {
                        out->unknown++;
                        continue;
                }
                difference reason = why(self, one);
                out->table[one->call->was_kept][one->is_kept]++;
                out->paused += one->stopped_us > 0;
                if (out->by[reason]++ < LISTED_MAX)
                        out->examples[reason][out->by[reason] - 1] = one;
        }
}

/* ---- printing ---- */

static double share(uint64_t part, uint64_t whole) {
        return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_table(sk_cli *cli, const comparison *all) {
        static const char *const names[] = {"missed", "kept"};
        sk_cli_print(cli, "%-12s  %9s  %11s  %8s\n", "recorded", "kept here", "missed here", "together");
        for (int recorded = 1; recorded >= 0; recorded--)
                sk_cli_print(cli, "%-12s  %9llu  %11llu  %8llu\n", names[recorded],
                             (unsigned long long)all->table[recorded][1], (unsigned long long)all->table[recorded][0],
                             (unsigned long long)(all->table[recorded][1] + all->table[recorded][0]));
        sk_cli_print(cli, "%-12s  %9llu  %11llu  %8llu\n\n", "together",
                     (unsigned long long)(all->table[1][1] + all->table[0][1]),
                     (unsigned long long)(all->table[1][0] + all->table[0][0]),
                     (unsigned long long)(all->table[1][1] + all->table[0][1] + all->table[1][0] + all->table[0][0]));
}

static const char *const reasons[DIFFERENCES] = {
        [OTHER_PRIORITY] = "by another priority: a promise stands as it was made, the record goes by the last priority",
        [WITHOUT_PAUSES] = "missed in the record, kept here: the clock stood while the customer was asked",
        [IN_TIME] = "missed in the record, kept here: it took no longer than the map promises",
        [TOO_LONG] = "kept in the record, missed here: it took longer than the map promises",
};

static void print_example(const sk_recorded *self, const sk_recorded_call *one) {
        sk_cli *cli = self->cli;
        sk_cli_print(cli, "        %s  priority %d", sk_cli_safe(cli, one->call->id), one->call->priority);
        if (one->call->last_priority != one->call->priority)
                sk_cli_print(cli, ", then %d", one->call->last_priority);
        sk_cli_print(cli, "  took %s", sk_cli_long(cli, one->lead_us));
        if (one->stopped_us > 0)
                sk_cli_print(cli, ", %s of it asked", sk_cli_long(cli, one->stopped_us));
        sk_cli_print(cli, ", promised %s\n", sk_cli_long(cli, promised_us(self, one->call->priority)));
}

static void print_reasons(const sk_recorded *self, const comparison *all) {
        for (unsigned i = SAME + 1; i < DIFFERENCES; i++) {
                if (all->by[i] == 0)
                        continue;
                sk_cli_print(self->cli, "%6llu  %s\n", (unsigned long long)all->by[i], reasons[i]);
                for (unsigned k = 0; k < LISTED_MAX && k < all->by[i]; k++)
                        print_example(self, all->examples[i][k]);
        }
}

static void print_targets(const sk_recorded *self) {
        sk_cli_print(self->cli, "promised by the map:");
        for (size_t i = 0; i < self->map->promise_count; i++)
                sk_cli_print(self->cli, "%s priority %s within %s", i == 0 ? "" : ",",
                             sk_cli_safe(self->cli, self->map->promises[i].from),
                             sk_cli_safe(self->cli, self->map->promises[i].to));
        sk_cli_print(self->cli, "\n\n");
}

static int print_text(const sk_recorded *self, const comparison *all) {
        sk_cli *cli = self->cli;
        uint64_t known = self->count - all->unknown;
        uint64_t was_kept = all->table[1][0] + all->table[1][1];
        print_targets(self);
        print_table(cli, all);
        sk_cli_print(cli,
                     "promises kept: %.1f %% here (%llu of %llu, as the report counts them), %.1f %% in the record "
                     "(%llu of %llu)\n",
                     share(all->kept, all->promised), (unsigned long long)all->kept, (unsigned long long)all->promised,
                     share(was_kept, known), (unsigned long long)was_kept, (unsigned long long)known);
        sk_cli_print(cli, "both say the same of %llu calls, and differ about %llu; the customers of %llu were asked\n",
                     (unsigned long long)all->by[SAME], (unsigned long long)(known - all->by[SAME]),
                     (unsigned long long)all->paused);
        print_reasons(self, all);
        if (all->unknown > 0)
                sk_cli_print(cli,
                             "%6llu  cannot be compared: not closed here, nothing promised, or no word of it in the "
                             "record\n",
                             (unsigned long long)all->unknown);
        return SK_EXIT_OK;
}

static int print_json(const sk_recorded *self, const comparison *all) {
        sk_json_writer *json = sk_cli_json_begin(self->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "calls", (int64_t)self->count);
        sk_json_put_int(json, "promised", (int64_t)all->promised);
        sk_json_put_int(json, "kept", (int64_t)all->kept);
        sk_json_put_int(json, "kept_both", (int64_t)all->table[1][1]);
        sk_json_put_int(json, "kept_in_the_record_only", (int64_t)all->table[1][0]);
        sk_json_put_int(json, "kept_here_only", (int64_t)all->table[0][1]);
        sk_json_put_int(json, "missed_both", (int64_t)all->table[0][0]);
        sk_json_put_int(json, "because_of_another_priority", (int64_t)all->by[OTHER_PRIORITY]);
        sk_json_put_int(json, "because_the_clock_stood", (int64_t)all->by[WITHOUT_PAUSES]);
        sk_json_put_int(json, "because_it_took_less", (int64_t)all->by[IN_TIME]);
        sk_json_put_int(json, "because_it_took_longer", (int64_t)all->by[TOO_LONG]);
        sk_json_put_int(json, "asked", (int64_t)all->paused);
        sk_json_put_int(json, "not_compared", (int64_t)all->unknown);
        sk_json_close_object(json);
        return sk_cli_json_end(self->cli);
}

int sk_recorded_print(sk_recorded *self) {
        comparison all = {0};
        if (count_all(self, &all) != SK_OK)
                return sk_cli_fail(self->cli, "memory", "end other programs, or ask for less: --limit N",
                                   "no memory is left");
        compare(self, &all);
        return sk_cli_is_json(self->cli) ? print_json(self, &all) : print_text(self, &all);
}
