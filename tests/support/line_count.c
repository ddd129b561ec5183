#include "support/line_count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/link_process.h"
#include "support/topic_count.h"

/* Name of a topic; good until the next call but three. */
static const char *topic_of(const char *chain, const char *rest) {
        static char names[4][128];
        static unsigned turn;
        char *name = names[turn++ % 4];

        (void)snprintf(name, sizeof(names[0]), "%.40s.%.80s", chain, rest);
        return name;
}

static const char *team_topic(const char *chain, const char *team, const char *kind) {
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "%.40s.%.20s", team, kind);
        return topic_of(chain, rest);
}

const char *const line_teams[LINE_TEAMS] = {"customer", "desk", "supplier"};

static void check_completed(sk_log_tool *tool, const char *chain, unsigned calls) {
        assert_int_equal(records_count(tool, topic_of(chain, "customer.feedback.desk"), "feedback.refused"), 0);
        assert_int_equal(records_count(tool, topic_of(chain, "desk.feedback.supplier"), "feedback.refused"), 0);
        assert_int_equal(records_count(tool, topic_of(chain, "desk.archive"), "archive.call"), calls);
        assert_int_equal(records_count(tool, topic_of(chain, "supplier.archive"), "archive.call"), calls);
}

void line_await(sk_log_tool *tool, const char *chain, unsigned calls) {
        records_await(tool, topic_of(chain, "customer.feedback.desk"), "feedback.closed", calls);
        records_await(tool, topic_of(chain, "customer.events"), "event.closed", calls);
}

static void check_sides(sk_log_tool *tool, const char *chain, unsigned calls) {
        const topic_tally tallies[] = {
                {topic_of(chain, "desk.calls.customer"), "ce_seqno", "call.raise", "call.raise", calls},
                {topic_of(chain, "supplier.calls.desk"), "ce_seqno", "call.raise", "call.raise", calls},
                {topic_of(chain, "customer.feedback.desk"), "ce_seqno", "feedback.accepted", "feedback.closed", calls},
                {topic_of(chain, "desk.feedback.supplier"), "ce_seqno", "feedback.accepted", "feedback.closed", calls},
        };

        for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
                (void)topic_check(tool, &tallies[i]);
}

void line_check(sk_log_tool *tool, const char *chain, unsigned calls) {
        for (size_t i = 0; i < LINE_TEAMS; i++) {
                const topic_tally events = {team_topic(chain, line_teams[i], "events"), NULL,
                                            i == 0 ? "event.delegated" : "event.opened", "event.closed", calls};
                topic_check_empty(tool, team_topic(chain, line_teams[i], "deadletter"));
                (void)topic_check(tool, &events);
                topic_check_journal(tool, team_topic(chain, line_teams[i], "journal"), calls);
        }
        check_sides(tool, chain, calls);
        topic_check_outcomes(tool, topic_of(chain, "customer.events"), calls);
        check_completed(tool, chain, calls);
}
