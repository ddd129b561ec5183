/*
 * Facts about how a team works.
 */
#include "cli/report/maturity.h"

#include <assert.h>
#include <inttypes.h>

#include "cli/report/register.h"
#include "cli/template/template.h"
#include "kit/alloc.h"
#include "kit/idmap.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define ARENA_BYTES ((size_t)1 << 20)

/* ---- routines ---- */

void sk_maturity_routines(const sk_edition *edition, const sk_team *team, sk_maturity_facts *facts) {
        uint16_t workflows = sk_team_workflows(edition, team);
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++) {
                sk_selection selection = {0};
                sk_template table;
                if ((workflows & 1u << number) == 0)
                        continue;
                sk_template_of_workflow(team, &selection, number, &table);
                facts->workflows++;
                facts->complete += sk_template_whole(&table) == SK_TEMPLATE_INSTRUCTION;
                facts->who_missing += table.who_missing;
                facts->how_missing += table.how_missing;
        }
}

/* ---- the record ---- */

/** What an open call has been through; bits of its mark. */
enum { SEEN = 1, SKIPPED = 2, RETURNED = 4, IMPROVES = 8 };

#define MARKS 16u

struct sk_maturity {
        int64_t from_us;
        sk_idmap *open; /**< to the mark in `marks` */
        sk_arena *arena;
        sk_register *touches;
        sk_maturity_facts facts;
};

/* An open call has one of these as its value. */
static unsigned char marks[MARKS];

sk_maturity *sk_maturity_new(int64_t from_us) {
        sk_maturity *maturity = sk_alloc_zero(1, sizeof(*maturity));
        if (maturity == NULL)
                return NULL;
        maturity->from_us = from_us;
        maturity->open = sk_idmap_new();
        maturity->arena = sk_arena_new(ARENA_BYTES);
        maturity->touches = sk_register_new();
        if (maturity->open == NULL || maturity->arena == NULL || maturity->touches == NULL) {
                sk_maturity_free(maturity);
                return NULL;
        }
        return maturity;
}

void sk_maturity_free(sk_maturity *maturity) {
        if (maturity == NULL)
                return;
        sk_idmap_free(maturity->open);
        sk_arena_free(maturity->arena);
        sk_register_free(maturity->touches);
        sk_free(maturity);
}

static unsigned mark_of(const sk_maturity *maturity, const sk_id *id) {
        const unsigned char *mark = sk_idmap_get(maturity->open, id);
        return mark == NULL ? 0 : (unsigned)(mark - marks);
}

static sk_err put_mark(sk_maturity *maturity, const sk_id *id, unsigned mark) {
        assert(mark < MARKS);
        return sk_idmap_put(maturity->open, id, &marks[mark], NULL);
}

static bool is_text(sk_maturity *maturity, const sk_event_seen *event, const char *name, const char *text) {
        sk_slice found = sk_json_member_string(event->data, name, maturity->arena);
        return sk_slice_there(found) && sk_slice_is(found, text);
}

static bool is_again(const sk_event_seen *event) {
        int64_t number;
        return sk_json_member_int(event->data, "try", 2, UINT8_MAX, &number) ||
               sk_json_member_int(event->data, "attempt", 2, UINT8_MAX, &number);
}

/* What the event adds to the mark of its call. */
static unsigned added_by(sk_maturity *maturity, const sk_event_seen *event) {
        switch (event->type) {
        case SK_EVENT_NOT_APPLICABLE:
                return is_text(maturity, event, "rule", "no-component") ? 0 : SKIPPED;
        case SK_EVENT_ENTERED:
        case SK_EVENT_TRIGGERED:
                return is_again(event) ? RETURNED : 0;
        case SK_EVENT_ENDED:
        case SK_EVENT_FED_BACK:
                return is_text(maturity, event, "outcome", "not-confirmed") ? RETURNED : 0;
        default:
                return 0;
        }
}

static void count_closed(sk_maturity *maturity, const sk_event_seen *event, unsigned mark) {
        sk_maturity_facts *facts = &maturity->facts;
        bool is_late = sk_slice_is(sk_json_member(event->data, "kept"), "false") ||
                       sk_slice_is(sk_json_member(event->data, "response_kept"), "false");
        facts->closed++;
        facts->skipped += (mark & SKIPPED) != 0;
        facts->returned += (mark & RETURNED) != 0;
        facts->late += is_late;
        facts->clean += !is_late && (mark & (SKIPPED | RETURNED)) == 0;
        facts->improved += (mark & IMPROVES) != 0 && is_text(maturity, event, "outcome", "completed");
}

static int64_t now_of(sk_maturity *maturity, const sk_event_seen *event) {
        int64_t now_us;
        sk_slice text = sk_json_member_string(event->data, "now", maturity->arena);
        return sk_slice_there(text) && sk_when_parse(text, &now_us) ? now_us : event->time_us;
}

sk_err sk_maturity_add(sk_maturity *maturity, const sk_event_seen *event) {
        sk_err err = sk_register_add(maturity->touches, event);
        if (err != SK_OK)
                return err;
        sk_arena_reset(maturity->arena);
        unsigned mark = mark_of(maturity, &event->id);
        bool is_counted = now_of(maturity, event) >= maturity->from_us;
        if (event->type == SK_EVENT_OPENED) {
                bool improves = is_text(maturity, event, "type", "risk");
                maturity->facts.raised += improves && is_counted;
                return put_mark(maturity, &event->id, SEEN | (improves ? IMPROVES : 0u));
        }
        if (mark == 0)
                return SK_OK;
        if (event->type == SK_EVENT_CLOSED) {
                if (is_counted)
                        count_closed(maturity, event, mark);
                (void)sk_idmap_take(maturity->open, &event->id);
                return SK_OK;
        }
        unsigned added = added_by(maturity, event);
        return added == 0 ? SK_OK : put_mark(maturity, &event->id, mark | added);
}

void sk_maturity_take(const sk_maturity *maturity, sk_maturity_facts *facts) {
        facts->closed += maturity->facts.closed;
        facts->clean += maturity->facts.clean;
        facts->skipped += maturity->facts.skipped;
        facts->late += maturity->facts.late;
        facts->returned += maturity->facts.returned;
        facts->unnamed += sk_register_count_of(maturity->touches, SK_TOUCH_UNNAMED, maturity->from_us, INT64_MAX);
        facts->operated += sk_register_count_of(maturity->touches, SK_TOUCH_OPERATED, maturity->from_us, INT64_MAX);
        facts->raised += maturity->facts.raised;
        facts->improved += maturity->facts.improved;
}

/* ---- what it means for steering by workflows ---- */

bool sk_maturity_matters(sk_slice organised_by, sk_slice coordinated_by) {
        return sk_slice_is(organised_by, "workflow") || sk_slice_is(coordinated_by, "workflow");
}

unsigned sk_maturity_warnings(const sk_maturity_facts *facts, sk_buf out[SK_MATURITY_WARNINGS]) {
        unsigned count = 0;
        if (facts->complete < facts->workflows)
                sk_buf_add_format(
                        &out[count++],
                        "%u of %u workflows are not complete: nobody is named for %u activities, no how for %u",
                        facts->workflows - facts->complete, facts->workflows, facts->who_missing, facts->how_missing);
        if (facts->closed < SK_MATURITY_CALLS_LEAST)
                sk_buf_add_format(&out[count++], "%" PRIu64 " calls have closed: too few to tell whether it works",
                                  facts->closed);
        else if (100 * facts->clean < SK_MATURITY_CLEAN_LEAST * facts->closed)
                sk_buf_add_format(&out[count++],
                                  "only %" PRIu64 " %% of the closed calls had no skipped, late or returned activity",
                                  100 * facts->clean / facts->closed);
        if (facts->raised == 0)
                sk_buf_add_text(&out[count++], "no improvement was raised: nobody seems to use the reports");
        assert(count <= SK_MATURITY_WARNINGS);
        return count;
}
