/*
 * The method as it has to be, written out here by hand and by nobody's table: what the build says of itself is held
 * against it, and simulated calls have to go the ways that stand here.
 */
#include <string.h>

#include "cli/chain/conformance.h"
#include "usm/method.h"

/* ---- the tables ---- */

/** What the build says of one process, in the same words as the rules below: a bar is the cut. */
static void write_process(const sk_process_info *process, sk_buf *out) {
        for (unsigned i = 0; i < process->count; i++) {
                if (i > 0 && i == process->before_cut)
                        sk_buf_add_text(out, " |");
                sk_buf_add_format(out, "%s%u %s", i == 0 ? "" : " ", (unsigned)process->activities[i].number,
                                  sk_activity_name_text(process->activities[i].name));
        }
}

static bool is_text(const sk_buf *found, const char *expected) {
        return sk_slice_is(sk_buf_slice(found), expected);
}

static bool has_five_processes(sk_buf *found) {
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                sk_buf_add_format(found, "%s%s", i == 0 ? "" : " ", sk_process_get((sk_process)i)->id);
        return is_text(found, "agree change recover operate improve");
}

static bool has_the_activities(sk_buf *found) {
        static const char *const lists[SK_PROCESSES] = {
                [SK_AGREE] = "1 accept 2 classify 3 specify 4 offer 5 negotiate | 6 review 7 close",
                [SK_CHANGE] = "11 accept 12 classify 13 plan 14 prepare 15 release | 16 review 17 register 18 close",
                [SK_RECOVER] = "21 accept 22 classify 23 analyse 24 prepare | 25 review 26 close",
                [SK_OPERATE] = "31 accept 32 classify 33 plan 34 perform 35 review 36 close",
                [SK_IMPROVE] = "41 identify 42 classify 43 analyse 44 select | 45 review 46 close",
        };
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                sk_buf_clear(found);
                write_process(sk_process_get((sk_process)i), found);
                if (!is_text(found, lists[i]))
                        return false;
        }
        return true;
}

static bool has_the_cuts(sk_buf *found) {
        for (unsigned from = 0; from < SK_PROCESSES; from++) {
                for (unsigned to = 0; to < SK_PROCESSES; to++) {
                        if (sk_process_may_trigger((sk_process)from, (sk_process)to))
                                sk_buf_add_format(found, "%s>%s ", sk_process_get((sk_process)from)->id,
                                                  sk_process_get((sk_process)to)->id);
                }
        }
        return is_text(found, "agree>change change>operate recover>change recover>operate improve>agree "
                              "improve>change improve>operate ");
}

#define ROOM 16

static void write_workflows(const sk_cut_table *table, sk_buf *out) {
        sk_workflow workflows[ROOM];
        unsigned count = sk_workflows_derive(table, workflows, ROOM);
        for (unsigned i = 0; i < count && i < ROOM; i++) {
                sk_buf_add_format(out, "%u %s", (unsigned)workflows[i].number, workflows[i].is_reactive ? "" : "pro");
                for (unsigned n = 0; n < workflows[i].path_length; n++)
                        sk_buf_add_byte(out, (uint8_t)sk_process_get(workflows[i].path[n])->id[0]);
                sk_buf_add_text(out, " ");
        }
}

/* Each process by its first letter. */
#define EIGHT "1 acoca 2 coc 3 rcocr 4 ror 5 o 6 proiacocai 7 proicoci 8 proioi "

static bool derives_eight(sk_buf *found) {
        sk_cut_table table = sk_cut_table_of_method();
        write_workflows(&table, found);
        return is_text(found, EIGHT);
}

static bool needs_every_cut(sk_buf *found) {
        for (unsigned from = 0; from < SK_PROCESSES; from++) {
                for (unsigned to = 0; to < SK_PROCESSES; to++) {
                        sk_cut_table table = sk_cut_table_of_method();
                        table.may_trigger[from] ^= (uint8_t)(1u << to);
                        sk_buf_clear(found);
                        write_workflows(&table, found);
                        if (is_text(found, EIGHT))
                                return false;
                }
        }
        return true;
}

static bool has_no_circles(sk_buf *found) {
        sk_cut_table table = sk_cut_table_of_method();
        table.may_trigger[SK_OPERATE] = 1u << SK_CHANGE;
        write_workflows(&table, found);
        return is_text(found, "");
}

static bool starts_right(sk_buf *found) {
        for (unsigned type = 0; type < SK_CALL_TYPES; type++) {
                sk_process process = sk_call_type_process((sk_call_type)type);
                sk_buf_add_format(found, "%s>%s ", sk_call_type_id((sk_call_type)type),
                                  process == SK_PROCESSES ? "?" : sk_process_get(process)->id);
        }
        return is_text(found, "wish>agree request-for-change>change incident>recover service-request>operate "
                              "support-request>? risk>improve ");
}

static bool ends_right(sk_buf *found) {
        static const struct row {
                const char *outcome;
                sk_ending ending;
                const char *activities;
        } rows[] = {
                {"declined", SK_GO_TO_CLOSE,
                 "agree.accept agree.classify agree.negotiate change.accept change.classify change.plan change.release "
                 "recover.accept recover.classify operate.accept operate.classify operate.plan improve.classify "},
                {"not-confirmed", SK_GO_TO_CUT,
                 "agree.review change.review recover.review operate.review improve.review "},
                {"completed", SK_NOT_ALLOWED, ""},
                {"failed", SK_NOT_ALLOWED, ""},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_buf_clear(found);
                for (uint16_t number = 1; number < 100; number++) {
                        const sk_activity *activity = sk_activity_by_number(number);
                        sk_outcome outcome = sk_outcome_find(sk_slice_of(rows[i].outcome));
                        if (activity != NULL && sk_ending_of(activity, outcome) == rows[i].ending)
                                sk_buf_add_format(found, "%s ", activity->id);
                }
                if (!is_text(found, rows[i].activities))
                        return false;
        }
        return true;
}

static bool knows_no_return(sk_buf *found) {
        for (uint16_t number = 1; number < 100; number++) {
                const sk_activity *activity = sk_activity_by_number(number);
                if (activity != NULL && activity->process == SK_OPERATE && sk_is_point_of_no_return(activity))
                        sk_buf_add_format(found, "%s ", activity->id);
        }
        return is_text(found, "operate.perform operate.review operate.close ");
}

const sk_conformance_rule sk_conformance_rules[] = {
        {"processes", "there are five processes", has_five_processes},
        {"activities", "each process has its activities, in order, under numbers that never change, and its cut",
         has_the_activities},
        {"cuts", "each cut may trigger what the method lets it, and nothing else", has_the_cuts},
        {"workflows", "the cuts give exactly eight workflows, five reactive and three proactive", derives_eight},
        {"every-cut", "any one way across a cut more or less gives other workflows", needs_every_cut},
        {"no-circles", "cuts that lead in a circle give no workflow at all", has_no_circles},
        {"call-types", "a call's type decides the process that it starts with", starts_right},
        {"endings", "an activity can always be completed or fail; only some can decline, and reviews not confirm",
         ends_right},
        {"no-return", "nothing is withdrawn from operate.perform on", knows_no_return},
        {0},
};

/* ---- the ways of calls ---- */

#define AGREE_DOWN "agree.accept agree.classify agree.specify agree.offer agree.negotiate agree>change "
/* Nobody to negotiate with: the call is the team's own. */
#define AGREE_OWN "agree.accept agree.classify agree.specify agree.offer (agree.negotiate) agree>change "
#define AGREE_UP "agree.review agree.close "
#define CHANGE_DOWN "change.accept change.classify change.plan change.prepare change.release change>operate "
#define CHANGE_UP "change.review change.register change.close "
#define RECOVER_DOWN "recover.accept recover.classify recover.analyse recover.prepare "
#define RECOVER_UP "recover.review recover.close "
#define IMPROVE_DOWN "improve.identify improve.classify improve.analyse improve.select "
#define IMPROVE_UP "improve.review improve.close "
#define OPERATE "operate.accept operate.classify operate.plan operate.perform operate.review operate.close "
#define AGAIN "recover>operate " OPERATE "recover.review "

#define NOTHING "{\"infrastructure\":false,\"agreement\":false}"
#define INFRASTRUCTURE "{\"infrastructure\":true,\"agreement\":false,\"components\":[\"thing\"]}"
#define AGREEMENT "{\"infrastructure\":true,\"agreement\":true,\"components\":[\"thing\"]}"

const sk_conformance_call sk_conformance_calls[] = {
        {.name = "workflow-1",
         .text = "a wish goes through agree, change, operate, and back",
         .type = "wish",
         .cut = INFRASTRUCTURE,
         .way = AGREE_DOWN CHANGE_DOWN OPERATE CHANGE_UP AGREE_UP "= completed 1"},
        {.name = "workflow-2",
         .text = "a request for change goes through change, operate, and back",
         .type = "request-for-change",
         .cut = INFRASTRUCTURE,
         .way = CHANGE_DOWN OPERATE CHANGE_UP "= completed 2"},
        {.name = "workflow-3",
         .text = "an incident that needs other infrastructure goes through recover, change, operate, and back",
         .type = "incident",
         .cut = INFRASTRUCTURE,
         .way = RECOVER_DOWN "recover>change " CHANGE_DOWN OPERATE CHANGE_UP RECOVER_UP "= completed 3"},
        {.name = "workflow-4",
         .text = "an incident that does not goes through recover, operate, and back",
         .type = "incident",
         .cut = NOTHING,
         .way = RECOVER_DOWN "recover>operate " OPERATE RECOVER_UP "= completed 4"},
        {.name = "workflow-5",
         .text = "a service request is operate alone",
         .type = "service-request",
         .cut = NOTHING,
         .way = OPERATE "= completed 5"},
        {.name = "workflow-6",
         .text = "a risk that needs another agreement goes through improve, agree, change, operate, and back",
         .type = "risk",
         .cut = AGREEMENT,
         .way = IMPROVE_DOWN "improve>agree " AGREE_OWN CHANGE_DOWN OPERATE CHANGE_UP AGREE_UP IMPROVE_UP
                             "= completed 6"},
        {.name = "workflow-7",
         .text = "a risk that needs other infrastructure goes through improve, change, operate, and back",
         .type = "risk",
         .cut = INFRASTRUCTURE,
         .way = IMPROVE_DOWN "improve>change " CHANGE_DOWN OPERATE CHANGE_UP IMPROVE_UP "= completed 7"},
        {.name = "workflow-8",
         .text = "a risk that needs neither goes through improve, operate, and back",
         .type = "risk",
         .cut = NOTHING,
         .way = IMPROVE_DOWN "improve>operate " OPERATE IMPROVE_UP "= completed 8"},
        {.name = "offer-refused",
         .text = "a wish whose offer the customer refuses ends before the cut",
         .type = "wish",
         .cut = INFRASTRUCTURE,
         .refuses = true,
         .way = "agree.accept agree.classify agree.specify agree.offer agree.negotiate (agree.review) agree.close "
                "= declined 1"},
        {.name = "declined",
         .text = "what is declined in operate.plan skips to close",
         .type = "service-request",
         .cut = NOTHING,
         .at = "operate.plan",
         .outcome = "declined",
         .times = 1,
         .way = "operate.accept operate.classify operate.plan (operate.perform) (operate.review) operate.close "
                "= declined 5"},
        {.name = "failed",
         .text = "what fails in operate.perform is still reviewed and closed",
         .type = "service-request",
         .cut = NOTHING,
         .at = "operate.perform",
         .outcome = "failed",
         .times = 1,
         .way = OPERATE "= failed 5"},
        {.name = "not-confirmed",
         .text = "what is not confirmed in the review crosses the cut again",
         .type = "incident",
         .cut = NOTHING,
         .at = "recover.review",
         .outcome = "not-confirmed",
         .times = 1,
         .way = RECOVER_DOWN "recover>operate " OPERATE "recover.review " AGAIN "recover.close = completed 4"},
        {.name = "three-attempts",
         .text = "three times at most; then the call has failed",
         .type = "incident",
         .cut = NOTHING,
         .at = "recover.review",
         .outcome = "not-confirmed",
         .times = 9,
         .way = RECOVER_DOWN "recover>operate " OPERATE "recover.review " AGAIN AGAIN "recover.close = failed 4"},
        {.name = "withdrawn",
         .text = "a customer may withdraw before operate.perform",
         .type = "service-request",
         .cut = NOTHING,
         .at = "operate.plan",
         .outcome = "withdrawn",
         .times = 1,
         .way = "operate.accept operate.classify operate.plan (operate.perform) (operate.review) operate.close "
                "= withdrawn 5"},
        {.name = "withdrawn-late",
         .text = "and not from there on",
         .type = "service-request",
         .cut = NOTHING,
         .at = "operate.perform",
         .outcome = "withdrawn",
         .times = 1,
         .way = "operate.accept operate.classify operate.plan operate.perform [too-late] operate.review operate.close "
                "= completed 5"},
        {0},
};
