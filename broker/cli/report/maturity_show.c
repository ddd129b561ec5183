/*
 * `schakel check --maturity`: facts about how teams work, with warnings where one of them steers by workflows too early.
 */
#include "cli/report/maturity_show.h"

#include <inttypes.h>

#include "cli/session/links.h"
#include "cli/session/reading.h"
#include "cli/session/team_files.h"
#include "kit/when.h"
#include "usm/steering.h"

#define WARNING_BYTES 1024

static sk_err on_event(void *self, const sk_event_seen *seen) {
        return sk_maturity_add(self, seen);
}

int sk_maturity_read(const sk_session *session, const sk_team *team, int64_t from_us, sk_maturity_facts *facts) {
        sk_maturity *maturity = sk_maturity_new(from_us);
        int status = SK_EXIT_OK;

        if (maturity == NULL)
                return sk_session_no_memory(session);
        status = sk_read_events(session, sk_team_name(team), SK_TOPIC_EVENTS, on_event, maturity);
        sk_maturity_take(maturity, facts);
        sk_maturity_free(maturity);
        return status;
}

/* ---- showing ---- */

/** A run. */
typedef struct showing {
        sk_cli *cli;
        sk_session session; /**< with a log only */
        sk_edition *edition;
        bool has_log;
        int64_t from_us;
} showing;

static void print_record(const showing *show, const sk_maturity_facts *facts) {
        sk_cli *cli = show->cli;
        if (!show->has_log) {
                sk_cli_print(cli, "  record          not looked at: give --log\n");
                return;
        }
        if (facts->closed == 0)
                sk_cli_print(cli, "  closed calls    none since %s\n", sk_cli_when(cli, show->from_us));
        else
                sk_cli_print(cli,
                             "  closed calls    %" PRIu64 " since %s, %" PRIu64
                             " %% of them with no skipped, late or returned activity (skipped %" PRIu64
                             ", late %" PRIu64 ", returned %" PRIu64 ")\n",
                             facts->closed, sk_cli_when(cli, show->from_us), 100 * facts->clean / facts->closed,
                             facts->skipped, facts->late, facts->returned);
        if (facts->unnamed + facts->operated > 0)
                sk_cli_print(cli,
                             "  infrastructure  %" PRIu64
                             " changes named no component, operate touched a named one %" PRIu64 " times\n",
                             facts->unnamed, facts->operated);
        sk_cli_print(cli, "  reports in use  %" PRIu64 " improvements raised, %" PRIu64 " completed\n", facts->raised,
                     facts->improved);
}

static void print_warnings(const showing *show, const sk_maturity_facts *facts) {
        sk_buf warnings[SK_MATURITY_WARNINGS];
        sk_cli *cli = show->cli;
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                warnings[i] = sk_buf_make(WARNING_BYTES);
        unsigned count = sk_maturity_warnings(facts, warnings);
        for (unsigned i = 0; i < count; i++)
                sk_cli_print(cli, "  %swarning:%s %s\n", sk_cli_style(cli, SK_YELLOW), sk_cli_style(cli, SK_PLAIN),
                             sk_cli_safe(cli, sk_buf_slice(&warnings[i])));
        if (count > 0)
                sk_cli_print(cli,
                             "           steering by workflows is for teams that control their processes already\n");
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                sk_buf_free(&warnings[i]);
}

static void print_team(const showing *show, const sk_team *team, const sk_maturity_facts *facts) {
        sk_cli *cli = show->cli;
        sk_steering steering = sk_team_steering(team);
        sk_cli_print(cli, "%s%s%s   organised by %s, coordinated by %s\n", sk_cli_style(cli, SK_BOLD),
                     sk_cli_safe(cli, sk_team_name(team)), sk_cli_style(cli, SK_PLAIN),
                     sk_cli_safe(cli, steering.organised_by), sk_cli_safe(cli, steering.coordinated_by));
        sk_cli_print(cli, "  routines        %u of %u workflows complete", facts->complete, facts->workflows);
        if (facts->complete < facts->workflows)
                sk_cli_print(cli, "; nobody named for %u activities, no how for %u", facts->who_missing,
                             facts->how_missing);
        sk_cli_print(cli, "\n");
        print_record(show, facts);
        if (show->has_log && sk_maturity_matters(steering.organised_by, steering.coordinated_by))
                print_warnings(show, facts);
        sk_cli_print(cli, "\n");
}

static void json_team(const showing *show, const sk_team *team, const sk_maturity_facts *facts, sk_json_writer *json) {
        sk_steering steering = sk_team_steering(team);
        sk_buf warnings[SK_MATURITY_WARNINGS];
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                warnings[i] = sk_buf_make(WARNING_BYTES);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "team", sk_team_name(team));
        sk_json_put_text(json, "organised_by", steering.organised_by);
        sk_json_put_text(json, "coordinated_by", steering.coordinated_by);
        sk_json_put_int(json, "workflows", facts->workflows);
        sk_json_put_int(json, "complete", facts->complete);
        sk_json_put_int(json, "who_missing", facts->who_missing);
        sk_json_put_int(json, "how_missing", facts->how_missing);
        if (show->has_log) {
                sk_json_put_time(json, "since", show->from_us);
                sk_json_put_int(json, "closed", (int64_t)facts->closed);
                sk_json_put_int(json, "clean", (int64_t)facts->clean);
                sk_json_put_int(json, "skipped", (int64_t)facts->skipped);
                sk_json_put_int(json, "late", (int64_t)facts->late);
                sk_json_put_int(json, "returned", (int64_t)facts->returned);
                sk_json_put_int(json, "improvements_raised", (int64_t)facts->raised);
                sk_json_put_int(json, "improvements_completed", (int64_t)facts->improved);
                unsigned count = sk_maturity_warnings(facts, warnings);
                sk_json_put_bool(json, "steers_by_workflow",
                                 sk_maturity_matters(steering.organised_by, steering.coordinated_by));
                sk_json_open_array(json, "too_early");
                for (unsigned i = 0; i < count; i++)
                        sk_json_put_text(json, NULL, sk_buf_slice(&warnings[i]));
                sk_json_close_array(json);
        }
        sk_json_close_object(json);
        for (unsigned i = 0; i < SK_MATURITY_WARNINGS; i++)
                sk_buf_free(&warnings[i]);
}

static int show_team(const showing *show, const sk_team *team, sk_json_writer *json) {
        sk_maturity_facts facts = {0};
        sk_maturity_routines(show->edition, team, &facts);
        if (show->has_log) {
                int status = sk_maturity_read(&show->session, team, show->from_us, &facts);
                if (status != SK_EXIT_OK)
                        return status;
        }
        if (json != NULL)
                json_team(show, team, &facts, json);
        else
                print_team(show, team, &facts);
        return SK_EXIT_OK;
}

static int show_all(const showing *show, const sk_team *only) {
        sk_json_writer *json = sk_cli_is_json(show->cli) ? sk_cli_json_begin(show->cli) : NULL;
        int status = SK_EXIT_OK;
        if (json != NULL) {
                sk_json_open_object(json, NULL);
                sk_json_open_array(json, "maturity");
        }
        for (size_t i = 0; i < sk_edition_team_count(show->edition) && status == SK_EXIT_OK; i++) {
                const sk_team *team = sk_edition_team_at(show->edition, i);
                if (only == NULL ? !sk_team_is_consumer_only(team) : team == only)
                        status = show_team(show, team, json);
        }
        if (json != NULL) {
                sk_json_close_array(json);
                sk_json_close_object(json);
                int written = sk_cli_json_end(show->cli);
                status = status == SK_EXIT_OK ? written : status;
        }
        return status;
}

static int find_team(const showing *show, const sk_team **out) {
        const char *name = sk_cli_text(show->cli, "team");
        *out = name == NULL ? NULL : sk_team_files_find(show->cli, show->edition, "team", sk_slice_of(name));
        return name != NULL && *out == NULL ? SK_EXIT_USAGE : SK_EXIT_OK;
}

int sk_maturity_check(sk_cli *cli) {
        showing show = {.cli = cli, .has_log = sk_cli_text(cli, "log") != NULL};
        const sk_team *only = NULL;
        show.from_us = sk_cli_time(cli, "since", sk_cli_now_us() - SK_MATURITY_DAYS * SK_DAY_US);
        int status = show.has_log ? sk_session_open(cli, SK_LOOK, &show.session)
                                  : sk_links_edition(cli, sk_cli_text_or(cli, "chain", "."), &show.edition);
        if (status != SK_EXIT_OK)
                return status;
        if (show.has_log)
                show.edition = show.session.edition;
        status = find_team(&show, &only);
        if (status == SK_EXIT_OK)
                status = show_all(&show, only);
        if (show.has_log)
                sk_session_close(&show.session);
        else
                sk_edition_release(show.edition);
        return status;
}
