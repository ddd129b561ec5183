/*
 * The part of a task that says what an improvement is for: the figure that it wants to change, and at its review
 * whether it has. After is from the day on which it was raised, at most as many days as before.
 */
#include "cli/report/figure_days.h"
#include "cli/task/task_screen.h"
#include "kit/json_scan.h"
#include "link/data.h"

#define LINE_MAX_BYTES 1024

static sk_slice raise_of(const sk_view_record *record) {
        sk_section section;
        bool is_there = sk_slice_there(record->data) && sk_data_check(record->data) &&
                        sk_data_find(record->data, SK_SECTION_RAISE, 0, &section);
        return is_there ? section.bytes : SK_SLICE("{}");
}

static bool is_review(const sk_call *call) {
        const sk_activity *activity = sk_frame_activity(&call->frames[0]);
        return call->frame_count == 1 && activity != NULL && strcmp(activity->id, "improve.review") == 0;
}

static void write_value(sk_figure_kind kind, bool is_there, double value, sk_buf *out) {
        if (!is_there)
                sk_buf_add_text(out, "not known");
        else
                sk_buf_add_format(out, sk_figure_is_share(kind) ? "%.1f %%" : "%.0f", value);
}

static void write_share(const sk_wanted *wanted, const sk_share *share, sk_buf *out) {
        double value = 0;
        bool is_there = sk_share_figure(share, wanted->kind, &value);
        write_value(wanted->kind, is_there, value, out);
        if (sk_figure_is_share(wanted->kind))
                sk_buf_add_format(out, " of %llu calls", (unsigned long long)share->closed);
}

/* ---- before and after ---- */

static int write_review(const sk_session *session, const sk_team *team, const sk_call *call, const sk_wanted *wanted,
                        sk_buf *out) {
        sk_report_effects *effects = NULL;
        int64_t raised = sk_figure_day(call->opened_us);
        int64_t end = sk_figure_day(sk_cli_now_us()) + 1;
        int64_t from = end - raised > (int64_t)wanted->days ? end - (int64_t)wanted->days : raised;
        sk_slice facility = wanted->is_all ? SK_SLICE("") : call->facility;
        int status = sk_figure_days_read(session, team, &effects);
        if (status != SK_EXIT_OK)
                return status;
        sk_share before = sk_report_effects_sum(effects, sk_team_name(team), facility, raised - wanted->days, raised);
        sk_share after = sk_report_effects_sum(effects, sk_team_name(team), facility, from, end);
        sk_buf_add_text(out, "; before it was raised ");
        write_share(wanted, &before, out);
        sk_buf_add_text(out, ", since then ");
        write_share(wanted, &after, out);
        sk_report_effects_free(effects);
        return SK_EXIT_OK;
}

void sk_screen_figure(const sk_session *session, const sk_team *team, const sk_task *task) {
        sk_cli *cli = session->cli;
        const sk_call *call = task->call;
        sk_buf line = sk_buf_make(LINE_MAX_BYTES);
        sk_wanted wanted = sk_wanted_read(raise_of(task->record), sk_cli_arena(cli));
        if (call->type != SK_RISK || (!wanted.is_said && !is_review(call)))
                return;
        sk_buf_add_format(&line, "%s of %s over %u days", sk_figure_id(wanted.kind),
                          wanted.is_all ? "all" : sk_cli_safe(cli, call->facility), wanted.days);
        if (wanted.has_was) {
                sk_buf_add_text(&line, ", ");
                write_value(wanted.kind, true, wanted.was, &line);
                sk_buf_add_text(&line, " when it was raised");
        }
        if (!is_review(call) || write_review(session, team, call, &wanted, &line) == SK_EXIT_OK)
                sk_screen_text(cli, "What is to change", sk_buf_slice(&line));
        sk_buf_free(&line);
}
