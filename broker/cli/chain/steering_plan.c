/*
 * What another steering would touch.
 */
#include "cli/chain/steering_plan.h"

#include <assert.h>

#include "kit/json_scan.h"
#include "usm/routine_view.h"

#define TEXT_BYTES ((size_t)64 << 10)
#define TOUCHES_MAX 5000u

const char *sk_touched_id(sk_touched kind) {
        static const char *const ids[SK_TOUCHED_KINDS] = {"templates", "profiles", "worklists", "reports"};
        assert(kind < SK_TOUCHED_KINDS);
        return ids[kind];
}

/** While it is made. */
typedef struct planning {
        sk_steering_plan *plan;
        const sk_edition *edition;
        const sk_team *before;
        const sk_team *after;
        sk_arena *arena;
        bool is_full;
} planning;

static sk_slice keep(planning *make, sk_buf *text) {
        sk_slice kept = sk_arena_copy(make->arena, sk_buf_slice(text));
        make->is_full = make->is_full || !sk_slice_there(kept) || text->err != SK_OK;
        sk_buf_free(text);
        return sk_slice_there(kept) ? kept : SK_SLICE("");
}

static void add(planning *make, const sk_touch *touch) {
        sk_steering_plan *plan = make->plan;
        if (plan->count == plan->room)
                make->is_full = true;
        else
                plan->touches[plan->count++] = *touch;
}

static bool is_by_workflow(sk_slice word) {
        return sk_slice_is(word, "workflow");
}

/* ---- templates ---- */

/* Numbers of the workflows that contain the process, and that somebody can call the team for. */
static void write_workflows(const planning *make, sk_process process, sk_buf *out) {
        uint16_t takes = sk_team_workflows(make->edition, make->before);
        const char *separator = "";
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++) {
                const sk_workflow *workflow = sk_workflow_get(number);
                bool is_in = false;
                for (unsigned i = 0; i < workflow->path_length; i++)
                        is_in = is_in || workflow->path[i] == process;
                if (!is_in || (takes & 1u << number) == 0)
                        continue;
                sk_buf_add_format(out, "%s%u", separator, number);
                separator = ", ";
        }
}

/* Whether a row names a profile of the steering that is left: "process-…" or "workflow-…". */
static bool names_left(const planning *make, sk_slice profile) {
        const char *prefix = is_by_workflow(make->plan->to.organised_by) ? "process-" : "workflow-";
        size_t len = strlen(prefix);
        bool is_changed = !sk_slice_equal(make->plan->from.organised_by, make->plan->to.organised_by);
        return is_changed && sk_slice_there(profile) && profile.len > len && memcmp(profile.at, prefix, len) == 0;
}

static unsigned count_left(const planning *make, size_t index, const sk_routine_view *routine) {
        unsigned count = 0;
        for (size_t i = 0; i < routine->row_count; i++) {
                sk_row_view row;
                sk_team_routine_row(make->before, index, i, &row);
                count += (row.gives_responsible && names_left(make, row.way.responsible)) ||
                         (row.gives_accountable && names_left(make, row.way.accountable));
        }
        return count;
}

static void write_scope(const sk_routine_view *routine, sk_buf *out) {
        if (routine->workflow > 0)
                sk_buf_add_format(out, "about workflow %u", routine->workflow);
        else
                sk_buf_add_format(out, "about process %s", sk_process_get(routine->process)->id);
}

/* What becomes of a file whose scope is no longer what the team is organised by. */
static void write_move(planning *make, const sk_routine_view *routine, sk_buf *out) {
        bool to_workflows = is_by_workflow(make->plan->to.organised_by);
        if (to_workflows && routine->workflow == 0) {
                sk_buf_add_text(out, "it goes on to count; write what differs for each workflow that has it: ");
                write_workflows(make, routine->process, out);
        } else if (!to_workflows && routine->workflow != 0) {
                sk_buf_add_text(
                        out, "it goes on to count; what is the same elsewhere belongs to a routine about the process");
        }
}

static void touch_routine(planning *make, size_t index) {
        sk_routine_view routine;
        sk_buf before = sk_buf_make(TEXT_BYTES);
        sk_buf note = sk_buf_make(TEXT_BYTES);
        bool is_turned = !sk_slice_equal(make->plan->from.organised_by, make->plan->to.organised_by);
        sk_team_routine_at(make->before, index, &routine);
        unsigned left = count_left(make, index, &routine);
        write_scope(&routine, &before);
        if (is_turned)
                write_move(make, &routine, &note);
        if (left > 0)
                sk_buf_add_format(&note, "%snames a profile of the steering that is left in %u of its activities",
                                  note.len > 0 ? "; " : "", left);
        bool is_changed = note.len > 0;
        sk_slice scope = keep(make, &before);
        add(make, &(sk_touch){.kind = SK_TOUCHED_TEMPLATE,
                              .is_changed = is_changed,
                              .subject = routine.name,
                              .before = scope,
                              .after = scope,
                              .note = keep(make, &note)});
}

/* ---- profiles ---- */

static void write_holders(const sk_team *team, sk_slice profile, sk_buf *out) {
        const char *separator = " (";
        sk_buf_add_slice(out, profile);
        for (size_t i = 0; i < sk_team_person_count(team); i++) {
                sk_slice person = sk_team_person_at(team, i);
                if (!sk_team_holds(team, person, profile) || sk_slice_equal(person, profile))
                        continue;
                sk_buf_add_format(out, "%s%.*s", separator, (int)person.len, person.at);
                separator = ", ";
        }
        if (separator[0] == ',')
                sk_buf_add_byte(out, ')');
}

static sk_slice holders(planning *make, const sk_team *team, sk_slice profile) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        if (sk_slice_there(profile))
                write_holders(team, profile, &text);
        else
                sk_buf_add_text(&text, "nobody");
        return keep(make, &text);
}

/* Whether a profile is what was chosen: "workflow-coordinator" the coordinator of "workflow". */
static bool is_of(sk_slice profile, sk_slice choice, const char *role) {
        return sk_slice_there(profile) && profile.len == choice.len + 1 + strlen(role) &&
               profile.at[choice.len] == '-' && memcmp(profile.at, choice.at, choice.len) == 0 &&
               memcmp(profile.at + choice.len + 1, role, strlen(role)) == 0;
}

/* Somebody else stands in where nobody holds what was chosen: that is worth a word. */
static void note_missing(planning *make, sk_slice choice, sk_slice profile, const char *role) {
        sk_touch *last = &make->plan->touches[make->plan->count - 1];
        sk_buf note = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&note, "nobody is %.*s-%s: give somebody the profile", (int)choice.len, choice.at, role);
        sk_slice kept = keep(make, &note);
        if (!is_of(profile, choice, role))
                last->note = kept;
}

static void touch_profile(planning *make, const char *subject, sk_slice before, sk_slice after, const char *note) {
        bool is_changed = !sk_slice_equal(before, after);
        add(make, &(sk_touch){.kind = SK_TOUCHED_PROFILE,
                              .is_changed = is_changed,
                              .subject = sk_slice_of(subject),
                              .before = holders(make, make->before, before),
                              .after = holders(make, make->after, after),
                              .note = is_changed ? sk_slice_of(note) : SK_SLICE("")});
}

/* Activities and cuts of all workflows for which no routine says who is accountable. */
static unsigned count_unnamed(const planning *make) {
        unsigned count = 0;
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_process_info *info = sk_process_get((sk_process)p);
                sk_selection selection = {.first = (sk_process)p};
                for (unsigned i = 0; i < info->count; i++) {
                        sk_row_view row;
                        sk_team_row(make->before, &selection, &info->activities[i], &row);
                        count += !row.gives_accountable;
                }
        }
        return count;
}

static void touch_profiles(planning *make) {
        sk_buf note = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&note, "of %u activities no routine names an accountable", count_unnamed(make));
        touch_profile(make, "late and stuck work goes to", sk_team_coordinator(make->before, SK_PROCESSES),
                      sk_team_coordinator(make->after, SK_PROCESSES), "what is on a list already stays there");
        note_missing(make, make->plan->to.coordinated_by, sk_team_coordinator(make->after, SK_PROCESSES),
                     "coordinator");
        touch_profile(make, "then to", sk_team_manager(make->before), sk_team_manager(make->after), "");
        note_missing(make, make->plan->to.coordinated_by, sk_team_manager(make->after), "manager");
        touch_profile(make, "accountable where no routine says who", sk_team_steward(make->before),
                      sk_team_steward(make->after), "");
        make->plan->touches[make->plan->count - 1].note = keep(make, &note);
        if (!is_of(sk_team_steward(make->after), make->plan->to.organised_by, "manager"))
                note_missing(make, make->plan->to.organised_by, sk_team_steward(make->after), "manager");
}

/* ---- worklists ---- */

static bool receives_stuck(const sk_team *team, sk_slice person) {
        return sk_team_holds(team, person, sk_team_coordinator(team, SK_PROCESSES));
}

static sk_slice worklist_text(bool is_there) {
        return is_there ? SK_SLICE("own tasks, late and stuck work") : SK_SLICE("own tasks");
}

static void touch_worklists(planning *make) {
        for (size_t i = 0; i < sk_team_person_count(make->before); i++) {
                sk_slice person = sk_team_person_at(make->before, i);
                bool had = receives_stuck(make->before, person);
                bool has = receives_stuck(make->after, person);
                add(make, &(sk_touch){.kind = SK_TOUCHED_WORKLIST,
                                      .is_changed = had != has,
                                      .subject = person,
                                      .before = worklist_text(had),
                                      .after = worklist_text(has),
                                      .note = SK_SLICE("")});
        }
}

/* ---- reports ---- */

static sk_slice rows_text(const sk_steering *steering) {
        return is_by_workflow(steering->organised_by) ? SK_SLICE("a row for each workflow")
                                                      : SK_SLICE("a row for each process");
}

static void touch_customer(planning *make, sk_slice customer) {
        sk_buf subject = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&subject, "report for %.*s", (int)customer.len, customer.at);
        add(make, &(sk_touch){.kind = SK_TOUCHED_REPORT,
                              .subject = keep(make, &subject),
                              .before = SK_SLICE("a section for each workflow"),
                              .after = SK_SLICE("a section for each workflow"),
                              .note = SK_SLICE("")});
}

static void touch_reports(planning *make) {
        const sk_steering_plan *plan = make->plan;
        bool is_changed = !sk_slice_equal(plan->from.organised_by, plan->to.organised_by);
        add(make, &(sk_touch){.kind = SK_TOUCHED_REPORT,
                              .is_changed = is_changed,
                              .subject = SK_SLICE("the team's own report"),
                              .before = rows_text(&plan->from),
                              .after = rows_text(&plan->to),
                              .note = is_changed ? SK_SLICE("--by still gives the other one") : SK_SLICE("")});
        for (size_t i = 0; i < sk_edition_agreement_count(make->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(make->edition, i);
                if (sk_slice_equal(sk_agreement_provider(agreement), sk_team_name(make->before)))
                        touch_customer(make, sk_agreement_customer(agreement));
        }
}

/* ---- the whole ---- */

sk_steering_plan *sk_steering_plan_new(const sk_edition *before, const sk_edition *after, sk_slice team,
                                       sk_arena *arena) {
        planning make = {.plan = sk_arena_get_zero(arena, 1, sizeof(sk_steering_plan)),
                         .edition = before,
                         .before = sk_edition_team(before, team),
                         .after = sk_edition_team(after, team),
                         .arena = arena};
        assert(make.before != NULL && make.after != NULL);
        if (make.plan == NULL)
                return NULL;
        make.plan->team = sk_team_name(make.before);
        make.plan->from = sk_team_steering(make.before);
        make.plan->to = sk_team_steering(make.after);
        make.plan->room = TOUCHES_MAX;
        make.plan->touches = sk_arena_get(arena, TOUCHES_MAX * sizeof(sk_touch));
        if (make.plan->touches == NULL)
                return NULL;
        for (size_t i = 0; i < sk_team_routine_count(make.before); i++)
                touch_routine(&make, i);
        touch_profiles(&make);
        touch_worklists(&make);
        touch_reports(&make);
        return make.is_full ? NULL : make.plan;
}

size_t sk_steering_plan_changes(const sk_steering_plan *plan, sk_touched kind) {
        size_t count = 0;
        for (size_t i = 0; i < plan->count; i++)
                count += plan->touches[i].kind == kind && plan->touches[i].is_changed;
        return count;
}

/* ---- the file ---- */

/* Where the string at a pointer begins and ends, its quotes included; false if there is none. */
static bool find_string(sk_slice text, const char *pointer, size_t *out_begin, size_t *out_end) {
        sk_place place;
        if (!sk_json_place(text, pointer, false, &place) || place.offset >= text.len || text.at[place.offset] != '"')
                return false;
        *out_begin = place.offset;
        *out_end = place.offset + 1;
        while (*out_end < text.len && text.at[*out_end] != '"')
                *out_end += text.at[*out_end] == '\\' ? 2 : 1;
        (*out_end)++;
        return *out_end <= text.len;
}

static sk_err replace(sk_slice text, const char *pointer, sk_slice word, sk_buf *out) {
        size_t begin;
        size_t end;
        if (!find_string(text, pointer, &begin, &end))
                return SK_ERR_SYNTAX;
        sk_buf_add(out, text.at, begin);
        sk_buf_add_byte(out, '"');
        sk_buf_add_slice(out, word);
        sk_buf_add_byte(out, '"');
        sk_buf_add(out, text.at + end, text.len - end);
        return out->err;
}

sk_err sk_steering_rewrite(sk_slice text, const sk_steering *to, sk_buf *out) {
        sk_buf half = sk_buf_make(text.len + 100);
        assert(sk_steering_is_legal(to));
        sk_err err = sk_json_check(text, SK_JSON_SCAN_DEPTH_MAX, NULL) == SK_OK ? SK_OK : SK_ERR_SYNTAX;
        if (err == SK_OK)
                err = replace(text, "/organised_by", to->organised_by, &half);
        if (err == SK_OK)
                err = replace(sk_buf_slice(&half), "/coordinated_by", to->coordinated_by, out);
        sk_buf_free(&half);
        return err;
}
