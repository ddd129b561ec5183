/*
 * TEAM/routines/NAME.json: who does what and how, at the scope of a process or of a workflow, for all calls or, as a work
 * instruction, for those that it selects.
 */
#include <assert.h>
#include <stdlib.h>

#include "usm/check.h"

#define ROUTINES_MAX 1000 /* of one team */
#define SELECT_MAX 100    /* values of one member */

static void read_scope_process(sk_check *check, const sk_spot *spot, sk_routine *routine) {
        assert(routine->workflow == 0);
        sk_slice text = sk_read_text(check, spot);
        if (!sk_slice_there(text))
                return;
        routine->process = sk_process_find(text);
        if (routine->process != SK_PROCESSES)
                return;
        sk_suggestion suggestion = sk_suggest_make(text);
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                sk_suggest_offer(&suggestion, sk_slice_of(sk_process_get((sk_process)i)->id));
        sk_check_say(check, spot, SK_ERROR, "process-unknown",
                     "%s is no process\n%sthere are five and no more: \"agree\", \"change\", \"recover\", \"operate\" "
                     "and \"improve\"",
                     sk_quote(text).text, sk_suggest_hint(&suggestion).text);
}

static void read_scope_workflow(sk_check *check, const sk_spot *spot, sk_routine *routine) {
        assert(routine->process == SK_PROCESSES);
        if (json_is_integer(spot->value)) {
                int64_t number = json_integer_value(spot->value);
                if (number >= 1 && number <= 8) {
                        routine->workflow = (uint8_t)number;
                        return;
                }
        }
        sk_check_say(check, spot, SK_ERROR, "workflow-unknown",
                     "this is no workflow\nthere are eight, numbered 1 to 8: `schakel method` lists them");
}

static void read_scope(sk_check *check, const sk_spot *root, sk_routine *routine) {
        assert(routine->workflow == 0);
        sk_spot process = sk_spot_member(root, "process");
        sk_spot workflow = sk_spot_member(root, "workflow");
        routine->process = SK_PROCESSES;
        if (process.value == NULL && workflow.value == NULL) {
                sk_check_say(check, root, SK_ERROR, "member-missing",
                             "\"process\" or \"workflow\" is missing: what the routine is about\nadd one of the two: "
                             "\"process\": \"change\" or \"workflow\": 3");
        } else if (process.value != NULL && workflow.value != NULL) {
                sk_spot at = sk_spot_name(&workflow);
                sk_check_say(check, &at, SK_ERROR, "scope-twice",
                             "a routine is about a process or about a workflow, not both\ntake one of the two out");
        } else if (process.value != NULL) {
                read_scope_process(check, &process, routine);
        } else {
                read_scope_workflow(check, &workflow, routine);
        }
}

static sk_names read_selected(sk_check *check, const sk_spot *spot, uint8_t bit, sk_selector *selector) {
        assert(bit != 0);
        sk_names names = sk_read_names(check, spot);
        if (spot->value == NULL)
                return names;
        selector->given |= bit;
        if (names.count > SELECT_MAX || (json_is_array(spot->value) && json_array_size(spot->value) == 0))
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "the list has %zu values\ngive 1 to %d, or leave the member out to select every call",
                             names.count, SELECT_MAX);
        return names;
}

static void read_priorities(sk_check *check, const sk_spot *spot, sk_selector *selector) {
        assert(selector->priorities == 0);
        if (spot->value == NULL)
                return;
        selector->given |= SK_SELECTS_PRIORITY;
        size_t count = json_is_array(spot->value) ? json_array_size(spot->value) : 1;
        for (size_t i = 0; i < count; i++) {
                sk_spot item = json_is_array(spot->value) ? sk_spot_item(spot, i) : *spot;
                int64_t priority = sk_read_int(check, &item, 1, 5, 0);
                selector->priorities |= (uint8_t)(priority == 0 ? 0 : 1U << priority);
        }
        if (count == 0)
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "the list is empty\ngive priorities 1 to 5, or leave the member out");
}

static void check_selected(sk_check *check, const sk_team *team, const sk_spot *select, const sk_selector *selector) {
        assert(team != NULL);
        sk_spot customers = sk_spot_member(select, "customer");
        sk_spot facilities = sk_spot_member(select, "facility");
        for (size_t i = 0; i < selector->customers.count && i < SELECT_MAX; i++) {
                sk_spot item = json_is_array(customers.value) ? sk_spot_item(&customers, i) : customers;
                (void)sk_read_team(check, &item);
        }
        for (size_t i = 0; i < selector->facilities.count && i < SELECT_MAX; i++) {
                sk_spot item = json_is_array(facilities.value) ? sk_spot_item(&facilities, i) : facilities;
                sk_read_provided(check, team, &item, selector->facilities.at[i]);
        }
}

static void read_select(sk_check *check, const sk_team *team, const sk_spot *root, sk_routine *routine) {
        assert(!routine->is_instruction);
        static const char *const allowed[] = {"customer", "facility", "category", "priority", NULL};
        sk_selector *selector = &routine->selector;
        sk_spot select = sk_spot_member(root, "select");
        if (!sk_read_is_object(check, &select))
                return;
        sk_read_only(check, &select, allowed);
        sk_spot customer = sk_spot_member(&select, "customer");
        sk_spot facility = sk_spot_member(&select, "facility");
        sk_spot category = sk_spot_member(&select, "category");
        sk_spot priority = sk_spot_member(&select, "priority");
        selector->customers = read_selected(check, &customer, SK_SELECTS_CUSTOMER, selector);
        selector->facilities = read_selected(check, &facility, SK_SELECTS_FACILITY, selector);
        selector->categories = read_selected(check, &category, SK_SELECTS_CATEGORY, selector);
        read_priorities(check, &priority, selector);
        check_selected(check, team, &select, selector);
        routine->is_instruction = selector->given != 0;
}

static bool is_in_scope(const sk_routine *routine, sk_process process) {
        assert(process < SK_PROCESSES);
        if (routine->workflow == 0)
                return routine->process == SK_PROCESSES || routine->process == process;
        const sk_workflow *workflow = sk_workflow_get(routine->workflow);
        assert(workflow != NULL);
        for (unsigned i = 0; i < workflow->path_length; i++) {
                if (workflow->path[i] == process)
                        return true;
        }
        return false;
}

static void say_unknown_activity(sk_check *check, const sk_spot *spot) {
        assert(spot->name != NULL);
        sk_slice name = sk_slice_of(spot->name);
        sk_suggestion suggestion = sk_suggest_make(name);
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_process_info *info = sk_process_get((sk_process)p);
                for (unsigned i = 0; i < info->count; i++)
                        sk_suggest_offer(&suggestion, sk_slice_of(info->activities[i].id));
        }
        sk_suggest_offer(&suggestion, SK_SLICE("agree.cut"));
        sk_suggest_offer(&suggestion, SK_SLICE("change.cut"));
        sk_suggest_offer(&suggestion, SK_SLICE("recover.cut"));
        sk_suggest_offer(&suggestion, SK_SLICE("improve.cut"));
        sk_spot at = sk_spot_name(spot);
        sk_check_say(check, &at, SK_ERROR, "activity-unknown",
                     "%s is no activity of the method, and none can be added\n%s`schakel method` lists them",
                     sk_quote(name).text, sk_suggest_hint(&suggestion).text);
}

/** The process whose cut @p name is; SK_PROCESSES if it is no cut. */
static sk_process cut_of(sk_slice name) {
        assert(sk_slice_there(name));
        if (name.len < 4 || memcmp(name.at + name.len - 4, ".cut", 4) != 0)
                return SK_PROCESSES;
        sk_process process = sk_process_find((sk_slice){name.at, name.len - 4});
        if (process == SK_PROCESSES || sk_process_get(process)->may_trigger == 0)
                return SK_PROCESSES;
        return process;
}

static void read_activity(sk_check *check, const sk_team *team, const sk_spot *spot, sk_routine *routine) {
        assert(spot->name != NULL);
        sk_slice name = sk_slice_of(spot->name);
        const sk_activity *activity = sk_activity_find(name);
        sk_process process = activity != NULL ? activity->process : cut_of(name);
        if (process == SK_PROCESSES) {
                say_unknown_activity(check, spot);
                return;
        }
        if (!is_in_scope(routine, process)) {
                sk_spot at = sk_spot_name(spot);
                sk_check_say(check, &at, SK_ERROR, "activity-not-in-scope",
                             "%s does not belong to the %s that this routine is about\nput it into a routine about %s",
                             sk_quote(name).text, routine->workflow == 0 ? "process" : "workflow",
                             sk_process_get(process)->id);
                return;
        }
        if (!sk_read_is_object(check, spot))
                return;
        if (activity != NULL)
                sk_way_read(check, team, spot, activity, &routine->rows[routine->row_count++]);
        else
                sk_cut_read(check, team, spot, process, &routine->cuts[routine->cut_count++]);
}

static void read_activities(sk_check *check, const sk_team *team, const sk_spot *root, sk_routine *routine) {
        assert(routine->row_count == 0);
        assert(routine->cut_count == 0);
        const char *name;
        json_t *value;
        sk_spot activities = sk_spot_member(root, "activities");
        if (!sk_read_need(check, &activities, "who does what and how") || !sk_read_is_object(check, &activities))
                return;
        size_t count = json_object_size(activities.value);
        size_t cuts = count < SK_PROCESSES ? count : SK_PROCESSES;
        size_t rows = count < SK_PROCESSES * SK_ACTIVITIES_MAX ? count : SK_PROCESSES * SK_ACTIVITIES_MAX;
        routine->rows = sk_check_get(check, rows, sizeof *routine->rows);
        routine->cuts = sk_check_get(check, cuts, sizeof *routine->cuts);
        json_object_foreach(activities.value, name, value) {
                sk_spot member = sk_spot_member(&activities, name);
                if (check->err == SK_OK && !sk_read_is_remark(name))
                        read_activity(check, team, &member, routine);
        }
        assert(routine->row_count <= rows);
        assert(routine->cut_count <= cuts);
        for (size_t i = 0; i < routine->row_count; i++)
                routine->rows[i].routine = routine;
        for (size_t i = 0; i < routine->cut_count; i++)
                routine->cuts[i].routine = routine;
}

static void read_texts(sk_check *check, const sk_spot *root) {
        assert(root != NULL);
        static const char *const members[] = {"version", "author", "date", "reason"};
        sk_spot title = sk_spot_member(root, "title");
        (void)sk_read_title(check, &title);
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
                sk_spot member = sk_spot_member(root, members[i]);
                (void)sk_read_text(check, &member);
        }
}

static void read_name(sk_check *check, const sk_spot *root, sk_slice name) {
        assert(root != NULL);
        if (sk_read_name(check, root, name, "a routine") && sk_slice_is(name, "default"))
                sk_check_say(check, root, SK_ERROR, "name-reserved",
                             "\"default\" is the name of the built-in routine\nrename the file");
}

static void read_routine(sk_check *check, const sk_source *source, sk_team *team) {
        assert(source->kind == SK_FILE_ROUTINE);
        assert(team->routines != NULL);
        static const char *const allowed[] = {"title",   "version",  "author", "date",       "reason",
                                              "process", "workflow", "select", "activities", NULL};
        sk_routine *routine = &team->routines[team->routine_count];
        *routine = (sk_routine){.source = source, .name = sk_arena_copy(check->edition->arena, source->base)};
        if (routine->name.at == NULL) {
                sk_check_out_of_memory(check);
                return;
        }
        team->routine_count++;
        sk_spot root = sk_spot_root(source);
        read_name(check, &root, source->base);
        sk_read_only(check, &root, allowed);
        read_texts(check, &root);
        read_scope(check, &root, routine);
        read_select(check, team, &root, routine);
        read_activities(check, team, &root, routine);
}

static bool is_of(const sk_source *source, const sk_team *team) {
        assert(team != NULL);
        return source->kind == SK_FILE_ROUTINE && source->root != NULL && sk_slice_equal(source->team, team->name);
}

static void read_team(sk_check *check, sk_team *team) {
        assert(team->routine_count == 0);
        size_t count = 0;
        for (size_t i = 0; i < check->source_count; i++)
                count += is_of(&check->sources[i], team) ? 1 : 0;
        if (count > ROUTINES_MAX) {
                sk_spot root = sk_spot_root(team->source);
                sk_check_say(check, &root, SK_ERROR, "value-range",
                             "the team has %zu routines, more than %d\nput several calls into one selector", count,
                             ROUTINES_MAX);
                return;
        }
        team->routines = sk_check_get(check, count, sizeof *team->routines);
        for (size_t i = 0; i < check->source_count && check->err == SK_OK; i++) {
                if (is_of(&check->sources[i], team))
                        read_routine(check, &check->sources[i], team);
        }
        if (team->routine_count > 0 && team->says_consumer) {
                sk_spot root = sk_spot_root(team->source);
                sk_spot consumer = sk_spot_member(&root, "consumer");
                sk_check_say(check, &consumer, SK_ERROR, "consumer-provides",
                             "the team says that it only consumes, and has routines\ntake \"consumer\" out, or the "
                             "folder routines away");
        }
}

void sk_routines_read(sk_check *check) {
        assert(check != NULL);
        for (size_t i = 0; i < check->edition->team_count && check->err == SK_OK; i++)
                read_team(check, &check->edition->teams[i]);
}
