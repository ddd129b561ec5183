/*
 * Reads what a report is made of. Events and archives are the provider's side, calls and feedback the customer's.
 */
#include <assert.h>

#include "cli/print/progress.h"
#include "cli/report/report.h"
#include "cli/session/reading.h"
#include "event/structured.h"
#include "usm/routine_view.h"

#define TRIES 3
#define LIST_MAX 1000000 /* calls as rows, of each work instruction */
#define SHOWN_MAX 200    /* the same on a page */
#define ARENA_MAX ((size_t)4 << 20)

/** One topic being read. */
typedef struct reading {
        sk_report *report;
        sk_slice team;
        bool is_for_roots;
        sk_told *told;
        bool is_feedback;
        sk_progress *progress;
        uint64_t *done;
        sk_arena *arena; /**< of what one message needs */
        sk_err err;
} reading;

static void advance(const reading *read) {
        if (++*read->done % 1024 == 0)
                sk_progress_set(read->progress, *read->done);
}

static bool on_event(void *self, const sk_log_entry *entry) {
        reading *read = self;
        sk_event_seen seen;
        advance(read);
        if (!sk_event_see(entry, read->team, &seen)) {
                read->report->unreadable += !read->is_for_roots;
                return true;
        }
        read->err = read->is_for_roots ? sk_figures_root(read->report->figures, &seen)
                                       : sk_figures_add(read->report->figures, &seen);
        if (read->err == SK_OK && !read->is_for_roots)
                read->err = sk_register_add(read->report->touches, &seen);
        if (read->err == SK_OK && !read->is_for_roots && seen.type == SK_ARCHIVE_CALL)
                read->err = sk_report_effects_need(read->report->effects, &seen);
        return read->err == SK_OK;
}

/* Partners that are no links may write structured mode; one that says nothing to a link says nothing here. */
static sk_err unwrap(reading *read, sk_log_entry *entry) {
        sk_record record = {.key = entry->key, .headers = entry->headers, .value = entry->value};
        sk_record plain;
        sk_reject reject;
        if (!sk_structured_is(&record))
                return SK_OK;
        sk_arena_reset(read->arena);
        sk_err err = sk_structured_unwrap(&record, read->arena, &plain, &reject);
        if (err != SK_OK)
                return sk_err_class_of(err) == SK_CLASS_INPUT ? SK_OK : err;
        entry->headers = plain.headers;
        entry->value = plain.value;
        return SK_OK;
}

static bool on_message(void *self, const sk_log_entry *entry) {
        reading *read = self;
        sk_log_entry plain = *entry;
        advance(read);
        read->err = unwrap(read, &plain);
        if (read->err == SK_OK)
                read->err = read->is_feedback ? sk_told_feedback(read->told, &plain) : sk_told_call(read->told, &plain);
        return read->err == SK_OK;
}

static int read_topic(reading *read, sk_topic_kind kind, sk_slice owner, sk_slice peer) {
        const sk_session *session = read->report->session;
        sk_slice topic = sk_session_topic(session, owner, kind, peer);
        sk_log_visit *visit = kind == SK_TOPIC_EVENTS || kind == SK_TOPIC_ARCHIVE ? on_event : on_message;
        int status = sk_read_topic(session, topic, visit, read);
        return status == SK_EXIT_OK && read->err != SK_OK ? sk_session_no_memory(session) : status;
}

/* ---- the provider's side ---- */

static int read_team(reading *read) {
        const sk_session *session = read->report->session;
        if (sk_figures_begin(read->report->figures, read->team) != SK_OK)
                return sk_session_no_memory(session);
        int status = read_topic(read, SK_TOPIC_EVENTS, read->team, SK_NONE);
        if (status == SK_EXIT_OK)
                status = read_topic(read, SK_TOPIC_ARCHIVE, read->team, SK_NONE);
        if (status == SK_EXIT_OK && sk_figures_end(read->report->figures) != SK_OK)
                return sk_session_no_memory(session);
        return status;
}

static int read_teams(sk_report *report, reading *read) {
        const sk_edition *edition = report->session->edition;
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(edition) && status == SK_EXIT_OK; i++) {
                const sk_team *team = sk_edition_team_at(edition, i);
                read->team = sk_team_name(team);
                if (read->is_for_roots)
                        status = read_topic(read, SK_TOPIC_EVENTS, read->team, SK_NONE);
                else if (report->team == NULL || report->team == team)
                        status = read_team(read);
        }
        return status;
}

/* ---- the customer's side ---- */

static int read_told(sk_report *report, reading *read, const sk_agreement *agreement) {
        sk_told_plan plan = {.customer = sk_agreement_customer(agreement),
                             .provider = sk_agreement_provider(agreement),
                             .from_us = report->from_us,
                             .to_us = report->to_us};
        read->told = sk_told_new(&plan);
        read->arena = sk_arena_new(ARENA_MAX);
        if (read->told == NULL || read->arena == NULL) {
                sk_told_free(read->told);
                sk_arena_free(read->arena);
                return sk_session_no_memory(report->session);
        }
        read->is_feedback = false;
        int status = read_topic(read, SK_TOPIC_CALLS, plan.provider, plan.customer);
        read->is_feedback = true;
        if (status == SK_EXIT_OK)
                status = read_topic(read, SK_TOPIC_FEEDBACK, plan.customer, plan.provider);
        if (status == SK_EXIT_OK && sk_told_end(read->told, report->told) != SK_OK)
                status = sk_session_no_memory(report->session);
        sk_told_free(read->told);
        sk_arena_free(read->arena);
        return status;
}

static bool is_about(const sk_report *report, sk_slice customer, sk_slice provider) {
        return (report->team == NULL || sk_slice_equal(provider, sk_team_name(report->team))) &&
               (report->customer == NULL || sk_slice_equal(customer, sk_team_name(report->customer)));
}

static int read_customers(sk_report *report, reading *read) {
        const sk_edition *edition = report->session->edition;
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_agreement_count(edition) && status == SK_EXIT_OK; i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                if (is_about(report, sk_agreement_customer(agreement), sk_agreement_provider(agreement)))
                        status = read_told(report, read, agreement);
        }
        return status;
}

/* ---- both ---- */

/* Calls of agreements that the chain no longer has, or of other customers of a chain of calls, have no other end here. */
static sk_err add_provided(void *self, const sk_figured *call) {
        sk_report *report = self;
        sk_err err = report->details == NULL ? SK_OK : sk_report_details_add(report->details, call);
        if (err != SK_OK)
                return err;
        if (!is_about(report, call->customer, call->provider) ||
            sk_edition_agreement(report->session->edition, call->customer, call->provider) == NULL)
                return SK_OK;
        return sk_end_add(report->provided, call);
}

static sk_err add_seen(void *self, const sk_figured *call) {
        sk_report *report = self;
        return sk_report_effects_add(report->effects, call);
}

/* As the chain's files have it now; one that they no longer know was one, so that it can be told apart. */
static bool is_instruction(void *self, sk_slice team, sk_slice routine) {
        const sk_report *report = self;
        const sk_team *found = sk_edition_team(report->session->edition, team);
        for (size_t i = 0; found != NULL && i < sk_team_routine_count(found); i++) {
                sk_routine_view view;
                sk_team_routine_at(found, i, &view);
                if (sk_slice_equal(view.name, routine))
                        return view.selector != NULL;
        }
        return !sk_slice_is(routine, "default");
}

static bool make(sk_report *report) {
        sk_figures_plan plan = {.by = report->by,
                                .from_us = report->from_us,
                                .to_us = report->to_us,
                                .customer = report->customer == NULL ? SK_NONE : sk_team_name(report->customer),
                                .workflow = report->workflow,
                                .instruction = report->instruction,
                                .is_instruction = is_instruction,
                                .visit = add_provided,
                                .seen = add_seen,
                                .self = report};
        sk_report_forget(report);
        report->unreadable = 0;
        report->figures = sk_figures_new(&plan);
        report->effects = sk_report_effects_new();
        report->touches = sk_register_new();
        report->details =
                sk_report_has_details(report) ? sk_report_details_new(report->is_list ? LIST_MAX : SHOWN_MAX) : NULL;
        report->provided = sk_end_new();
        report->told = sk_end_new();
        if (report->effects == NULL || report->touches == NULL ||
            (sk_report_has_details(report) && report->details == NULL))
                return false;
        return report->figures != NULL && report->provided != NULL && report->told != NULL;
}

void sk_report_forget(sk_report *report) {
        sk_figures_free(report->figures);
        sk_end_free(report->provided);
        sk_end_free(report->told);
        sk_report_effects_free(report->effects);
        sk_report_details_free(report->details);
        report->effects = NULL;
        sk_register_free(report->touches);
        report->touches = NULL;
        report->details = NULL;
        report->figures = NULL;
        report->provided = NULL;
        report->told = NULL;
}

static int read_once(sk_report *report) {
        uint64_t done = 0;
        sk_progress progress = sk_progress_begin(report->session->cli, "reading records", 0);
        reading read = {.report = report, .progress = &progress, .done = &done};
        int status = SK_EXIT_OK;
        if (!make(report))
                return sk_session_no_memory(report->session);
        if (report->by == SK_BY_LINE && report->customer != NULL) {
                read.is_for_roots = true;
                status = read_teams(report, &read);
                read.is_for_roots = false;
        }
        if (status == SK_EXIT_OK)
                status = read_teams(report, &read);
        if (status == SK_EXIT_OK)
                status = read_customers(report, &read);
        sk_progress_end(&progress);
        sk_end_sort(report->provided);
        sk_end_sort(report->told);
        sk_report_effects_end(report->effects, report->from_us, report->to_us);
        if (report->details != NULL)
                sk_report_details_sort(report->details);
        return status;
}

int sk_report_read(sk_report *report) {
        sk_log_tool *log = report->session->log;
        int status = SK_EXIT_OK;
        sk_cli_catch_interrupt();
        (void)sk_log_tool_wait(log, 0);
        for (int i = 0; i < TRIES; i++) {
                status = read_once(report);
                report->is_moving = sk_log_tool_wait(log, 0);
                if (status != SK_EXIT_OK || sk_report_is_equal(report) || !report->is_moving)
                        break;
        }
        return status;
}

/* ---- comparing ---- */

bool sk_report_ends_equal(const sk_report *report, sk_slice customer, sk_slice provider) {
        sk_digest provided = sk_end_digest(report->provided, customer, provider);
        sk_digest told = sk_end_digest(report->told, customer, provider);
        return memcmp(provided.bytes, told.bytes, SK_DIGEST_BYTES) == 0;
}

/* A customer does not learn by which workflow he is served. */
bool sk_report_is_comparable(const sk_report *report) {
        return report->workflow == 0 && !sk_slice_there(report->instruction);
}

bool sk_report_is_equal(const sk_report *report) {
        if (!sk_report_is_comparable(report))
                return true;
        return sk_report_ends_equal(report, SK_NONE, SK_NONE);
}

static bool has_any(const sk_end *end, sk_slice customer, sk_slice provider) {
        for (size_t i = 0; i < sk_end_count(end); i++) {
                const sk_end_row *row = sk_end_at(end, i);
                if (sk_slice_equal(row->customer, customer) && sk_slice_equal(row->provider, provider))
                        return true;
        }
        return false;
}

bool sk_report_agreement(const sk_report *report, size_t *position, sk_slice *out_customer, sk_slice *out_provider) {
        const sk_edition *edition = report->session->edition;
        while (*position < sk_edition_agreement_count(edition)) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, (*position)++);
                *out_customer = sk_agreement_customer(agreement);
                *out_provider = sk_agreement_provider(agreement);
                if (has_any(report->provided, *out_customer, *out_provider) ||
                    has_any(report->told, *out_customer, *out_provider))
                        return true;
        }
        return false;
}
