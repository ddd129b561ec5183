/*
 * Who and how of one activity, and of one cut, as a routine's file gives them. What is not given is inherited later.
 */
#include <assert.h>

#include "usm/check.h"
#include "usm/form.h"

#define ATTEMPTS_MAX 10
#define OTHERS_MAX 20 /* consulted or informed: they travel with each task */

static sk_slice read_profile(sk_check *check, const sk_team *team, const sk_spot *spot, sk_slice profile) {
        assert(team != NULL);
        if (!sk_slice_there(profile) || sk_team_has_profile(team, profile) || sk_findings_is_full(check->findings))
                return profile;
        sk_suggestion suggestion = sk_suggest_make(profile);
        sk_profile_suggest(team, &suggestion);
        sk_check_say(check, spot, SK_ERROR, "who-unknown",
                     "the team knows no profile and no person %s\n%sadd it to \"profiles\" in team.json",
                     sk_quote(profile).text, sk_suggest_hint(&suggestion).text);
        return SK_NONE;
}

static sk_slice read_one(sk_check *check, const sk_team *team, const sk_spot *way, const char *member,
                         const char *code) {
        assert(member != NULL);
        assert(code != NULL);
        sk_spot spot = sk_spot_member(way, member);
        sk_slice profile = sk_read_text(check, &spot);
        if (sk_slice_there(profile) && profile.len == 0) {
                sk_check_say(check, &spot, SK_ERROR, code,
                             "nobody is %s here\nname a profile, or leave the member out to inherit it", member);
                return SK_NONE;
        }
        return read_profile(check, team, &spot, profile);
}

/** Those of a list whom the team knows; @p given gets @p part if there is a list at all, be it empty. */
static sk_names read_others(sk_check *check, const sk_team *team, const sk_spot *way, const char *member, unsigned part,
                            unsigned *given) {
        assert(given != NULL);
        sk_spot spot = sk_spot_member(way, member);
        sk_names names = sk_read_names(check, &spot);
        *given |= spot.value != NULL ? part : 0;
        if (names.count > OTHERS_MAX) {
                sk_check_say(check, &spot, SK_ERROR, "value-range",
                             "there are %zu names here, more than %d\nname a profile that they hold", names.count,
                             OTHERS_MAX);
                names.count = OTHERS_MAX;
        }
        size_t known = 0;
        for (size_t i = 0; i < names.count; i++) {
                sk_spot item = json_is_array(spot.value) ? sk_spot_item(&spot, i) : spot;
                sk_slice name = read_profile(check, team, &item, names.at[i]);
                if (sk_slice_there(name))
                        names.at[known++] = name;
        }
        names.count = known;
        assert(names.count <= OTHERS_MAX);
        return names;
}

/** Who is what in one activity or cut. */
typedef struct who {
        sk_slice responsible;
        sk_slice accountable;
        sk_names consulted;
        sk_names informed;
} who;

static unsigned read_who(sk_check *check, const sk_team *team, const sk_spot *way, who *out) {
        assert(out != NULL);
        unsigned given = 0;
        out->responsible = read_one(check, team, way, "responsible", "responsible-missing");
        out->accountable = read_one(check, team, way, "accountable", "accountable-missing");
        out->consulted = read_others(check, team, way, "consulted", SK_GIVES_CONSULTED, &given);
        out->informed = read_others(check, team, way, "informed", SK_GIVES_INFORMED, &given);
        return given | (sk_slice_there(out->responsible) ? (unsigned)SK_GIVES_RESPONSIBLE : 0) |
               (sk_slice_there(out->accountable) ? (unsigned)SK_GIVES_ACCOUNTABLE : 0);
}

static unsigned read_times(sk_check *check, const sk_spot *way, sk_times *out) {
        sk_spot estimate = sk_spot_member(way, "estimate");
        sk_spot timeout = sk_spot_member(way, "timeout");
        out->estimate_us = sk_read_duration(check, &estimate);
        out->timeout_us = sk_read_duration(check, &timeout);
        assert(out->estimate_us >= 0);
        assert(out->timeout_us >= 0);
        return (out->estimate_us != 0 ? (unsigned)SK_GIVES_ESTIMATE : 0) |
               (out->timeout_us != 0 ? (unsigned)SK_GIVES_TIMEOUT : 0);
}

static void read_manual(sk_check *check, const sk_spot *spot, sk_way *way) {
        assert(way->how == SK_HOW_MANUAL);
        static const char *const allowed[] = {"instruction", "form", "wait_for_advice", NULL};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot text = sk_spot_member(spot, "instruction");
        sk_spot schema = sk_spot_member(spot, "form");
        sk_spot waits = sk_spot_member(spot, "wait_for_advice");
        sk_read_only(check, spot, allowed);
        way->instruction = sk_read_text(check, &text);
        way->waits_for_advice = sk_read_bool(check, &waits, false);
        if (sk_read_is_object(check, &schema))
                way->form = sk_form_read(check, &schema);
}

static void read_auto(sk_check *check, const sk_spot *spot, sk_way *way) {
        assert(way->how == SK_HOW_AUTO);
        static const char *const allowed[] = {"result", NULL};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot result = sk_spot_member(spot, "result");
        sk_read_only(check, spot, allowed);
        if (sk_read_is_object(check, &result))
                way->result = sk_read_json(check, &result);
}

/** Whether a delegation says that nobody waits for it; then it can say nothing of what would come back. */
static bool goes_onward(sk_check *check, const sk_spot *spot) {
        static const char *const allowed[] = {"to", "attempts", "wait", "out", "result", NULL};
        static const char *const of_waiting[] = {"attempts", "out", "result"};
        assert(spot->value != NULL);
        sk_spot wait = sk_spot_member(spot, "wait");
        if (sk_read_bool(check, &wait, true))
                return false;
        sk_read_only(check, spot, allowed);
        for (size_t i = 0; i < sizeof of_waiting / sizeof of_waiting[0]; i++) {
                sk_spot member = sk_spot_member(spot, of_waiting[i]);
                sk_spot at = sk_spot_name(&member);
                if (member.value != NULL)
                        sk_check_say(
                                check, &at, SK_ERROR, "onward-result",
                                "nobody waits for what only goes onward, so that \"%s\" can mean nothing\nleave \"%s\" "
                                "out, or \"wait\": false",
                                of_waiting[i], of_waiting[i]);
        }
        return true;
}

static void read_delegate(sk_check *check, const sk_team *team, const sk_spot *spot, sk_way *way) {
        assert(way->how == SK_HOW_DELEGATE);
        static const char *const allowed[] = {"to", "attempts", "wait", NULL};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot to = sk_spot_member(spot, "to");
        sk_spot attempts = sk_spot_member(spot, "attempts");
        bool is_onward = goes_onward(check, spot);
        if (!is_onward)
                sk_read_only(check, spot, allowed);
        way->attempts = (uint8_t)sk_read_int(check, &attempts, 1, ATTEMPTS_MAX, 1);
        if (!sk_read_need(check, &to, "the next links, such as [{\"team\": \"network\", \"type\": \"incident\"}]") ||
            !sk_read_is_array(check, &to))
                return;
        size_t count = json_array_size(to.value);
        if (count == 0 || count > SK_TARGETS_MAX) {
                sk_check_say(check, &to, SK_ERROR, "value-range",
                             "the delegation has %zu targets\ngive 1 to %d; more can be reached by a link that "
                             "delegates in turn",
                             count, SK_TARGETS_MAX);
                return;
        }
        for (size_t i = 0; i < count; i++) {
                sk_spot item = sk_spot_item(&to, i);
                if (!sk_target_read(check, team, &item, SK_CALL_TYPES, &way->targets[way->target_count]))
                        continue;
                way->targets[way->target_count++].is_onward = is_onward;
        }
        assert(way->target_count <= SK_TARGETS_MAX);
}

static void say_how(sk_check *check, const sk_spot *spot, sk_slice name, bool may_delegate) {
        assert(spot != NULL);
        sk_suggestion suggestion = sk_suggest_make(name);
        sk_suggest_offer(&suggestion, SK_SLICE("auto"));
        sk_suggest_offer(&suggestion, SK_SLICE("manual"));
        for (unsigned i = SK_HOW_DELEGATE; may_delegate && i < SK_HOWS; i++)
                sk_suggest_offer(&suggestion, sk_slice_of(sk_how_id((sk_how)i)));
        sk_check_say(check, spot, SK_ERROR, "how-unknown",
                     "%s is no how that can stand here\n%sthere are \"auto\", \"manual\"%s", sk_quote(name).text,
                     sk_suggest_hint(&suggestion).text,
                     may_delegate ? ", and by {\"delegate\": {...}}: delegate, exec, http, plugin"
                                  : "; another link does it by \"link\"");
}

/** The one how that the value names; its details, if it has any, in @p out_details. SK_HOWS: said what is wrong. */
static sk_how read_how(sk_check *check, const sk_spot *spot, bool may_delegate, sk_spot *out_details) {
        assert(out_details != NULL);
        sk_how how = SK_HOWS;
        unsigned count = 0;
        *out_details = (sk_spot){.source = spot->source, .above = spot, .name = "how"};
        if (json_is_string(spot->value)) {
                sk_slice text = {json_string_value(spot->value), json_string_length(spot->value)};
                how = sk_how_find(text);
                if (how == SK_HOW_AUTO || how == SK_HOW_MANUAL || (sk_how_is_effect(how) && may_delegate))
                        return how;
                say_how(check, spot, text, may_delegate);
                return SK_HOWS;
        }
        if (!sk_read_is_object(check, spot))
                return SK_HOWS;
        const char *name;
        json_t *value;
        json_object_foreach(spot->value, name, value) {
                sk_spot member = sk_spot_member(spot, name);
                if (sk_read_is_remark(name))
                        continue;
                count++;
                how = sk_how_find(sk_slice_of(name));
                *out_details = member;
                if (how == SK_HOWS || (how >= SK_HOW_DELEGATE && !may_delegate)) {
                        sk_spot at = sk_spot_name(&member);
                        say_how(check, &at, sk_slice_of(name), may_delegate);
                        return SK_HOWS;
                }
        }
        if (count == 1)
                return how;
        sk_check_say(check, spot, SK_ERROR, "how-unknown", "there are %u hows here\ngive exactly one", count);
        return SK_HOWS;
}

/** One how with its details; false if it cannot be used, which has been said. */
static bool read_one_how(sk_check *check, const sk_team *team, const sk_spot *how, sk_way *way) {
        assert(how != NULL);
        sk_spot details;
        way->how = read_how(check, how, true, &details);
        if (way->how == SK_HOWS)
                return false;
        if (way->how == SK_HOW_AUTO)
                read_auto(check, &details, way);
        else if (way->how == SK_HOW_MANUAL)
                read_manual(check, &details, way);
        else if (way->how == SK_HOW_DELEGATE)
                read_delegate(check, team, &details, way);
        else
                sk_effect_read(check, details.value == NULL ? how : &details, way);
        return true;
}

/** An item of a list: a how, and perhaps who does it. */
static bool read_action(sk_check *check, const sk_team *team, const sk_spot *item, sk_way *action) {
        assert(action != NULL);
        *action = (sk_way){.attempts = 1, .responsible = SK_NONE};
        if (!json_is_object(item->value))
                return read_one_how(check, team, item, action);
        action->responsible = read_one(check, team, item, "responsible", "responsible-missing");
        sk_spot when = sk_spot_member(item, "when");
        action->when = sk_read_is_object(check, &when) ? sk_form_read(check, &when) : SK_NONE;
        sk_spot bare = *item;
        bare.value = json_copy(item->value);
        (void)json_object_del(bare.value, "responsible");
        (void)json_object_del(bare.value, "when");
        bool is_good = bare.value != NULL && read_one_how(check, team, &bare, action);
        json_decref(bare.value);
        return is_good;
}

/** All targets of all actions stand with the first as well: who asks where work goes need not know of lists. */
static bool gather_targets(sk_check *check, const sk_spot *list, sk_way *way) {
        assert(way->action_count > 0);
        way->target_count = 0;
        for (unsigned i = 0; i < way->action_count; i++) {
                const sk_way *action = &way->actions[i];
                if (way->target_count + action->target_count > SK_TARGETS_MAX) {
                        sk_check_say(
                                check, list, SK_ERROR, "value-range",
                                "the actions have more than %d targets together\nmore can be reached by a link that "
                                "delegates in turn",
                                SK_TARGETS_MAX);
                        return false;
                }
                for (unsigned t = 0; t < action->target_count; t++)
                        way->targets[way->target_count++] = action->targets[t];
        }
        return true;
}

static bool read_actions(sk_check *check, const sk_team *team, const sk_spot *list, sk_way *way) {
        assert(way->action_count == 0);
        assert(json_is_array(list->value));
        size_t count = json_array_size(list->value);
        if (count == 0 || count > SK_ACTIONS_MAX) {
                sk_check_say(check, list, SK_ERROR, "value-range",
                             "there are %zu actions here\ngive 1 to %d, or one how without a list", count,
                             SK_ACTIONS_MAX);
                return false;
        }
        sk_way *actions = sk_check_get(check, count, sizeof *actions);
        for (size_t i = 0; i < count && actions != NULL; i++) {
                sk_spot item = sk_spot_item(list, i);
                if (!read_action(check, team, &item, &actions[i]))
                        return false;
        }
        if (actions == NULL)
                return false;
        sk_way above = *way;
        *way = actions[0];
        way->responsible = above.responsible;
        way->accountable = above.accountable;
        way->consulted = above.consulted;
        way->informed = above.informed;
        way->times = above.times;
        way->actions = actions;
        way->action_count = (uint8_t)count;
        return gather_targets(check, list, way);
}

/** Behind its close a call does nothing any more: what goes onward there would have nobody who waits for it (rule C6). */
static void check_onward(sk_check *check, const sk_spot *how, const sk_activity *activity, const sk_way *way) {
        assert(way->target_count <= SK_TARGETS_MAX);
        for (unsigned i = 0; activity->name == SK_CLOSE && i < way->target_count; i++) {
                if (!way->targets[i].is_onward)
                        continue;
                sk_check_say(
                        check, how, SK_ERROR, "onward-at-close",
                        "nothing comes after %s that could wait for what goes onward to %s\nleave \"wait\" out, or "
                        "delegate in an activity before",
                        activity->id, sk_quote(way->targets[i].team).text);
                return;
        }
}

void sk_way_read(sk_check *check, const sk_team *team, const sk_spot *spot, const sk_activity *activity,
                 sk_way_row *out) {
        static const char *const allowed[] = {"responsible", "accountable", "consulted", "informed",
                                              "how",         "estimate",    "timeout",   NULL};
        assert(activity != NULL);
        assert(spot->value != NULL);
        *out = (sk_way_row){.activity = activity, .way = {.attempts = 1}};
        sk_read_only(check, spot, allowed);
        who people = {0};
        out->given = (uint8_t)(read_who(check, team, spot, &people) | read_times(check, spot, &out->way.times));
        out->way.responsible = people.responsible;
        out->way.accountable = people.accountable;
        out->way.consulted = people.consulted;
        out->way.informed = people.informed;
        sk_spot how = sk_spot_member(spot, "how");
        if (how.value == NULL)
                return;
        bool is_good = json_is_array(how.value) ? read_actions(check, team, &how, &out->way)
                                                : read_one_how(check, team, &how, &out->way);
        check_onward(check, &how, activity, &out->way);
        out->given |= is_good ? (unsigned)SK_GIVES_HOW : 0u;
}

/** A process that the cut of @p process may trigger; SK_PROCESSES and said if it is none. */
static sk_process read_triggered(sk_check *check, const sk_spot *at, sk_slice text, sk_process process) {
        assert(process < SK_PROCESSES);
        sk_process target = sk_process_find(text);
        uint8_t may = sk_process_get(process)->may_trigger;
        char list[80] = "";
        if (target != SK_PROCESSES && (may & 1U << target) != 0)
                return target;
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if ((may & 1U << i) != 0) {
                        size_t used = strlen(list);
                        (void)snprintf(list + used, sizeof list - used, "%s\"%s\"", used == 0 ? "" : ", ",
                                       sk_process_get((sk_process)i)->id);
                }
        }
        sk_check_say(check, at, SK_ERROR, target == SK_PROCESSES ? "process-unknown" : "value-range",
                     "the cut of %s cannot trigger %s\nit may trigger %s", sk_process_get(process)->id,
                     sk_quote(text).text, list);
        return SK_PROCESSES;
}

static void read_cut_auto(sk_check *check, const sk_spot *spot, sk_process process, sk_cut_way *way) {
        assert(process < SK_PROCESSES);
        static const char *const allowed[] = {"target", NULL};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot target = sk_spot_member(spot, "target");
        sk_read_only(check, spot, allowed);
        sk_slice text = sk_read_text(check, &target);
        if (sk_slice_there(text))
                way->preset = read_triggered(check, &target, text, process);
}

static void read_cut_manual(sk_check *check, const sk_spot *spot, sk_cut_way *way) {
        assert(way->how == SK_HOW_MANUAL);
        static const char *const allowed[] = {"instruction", "wait_for_advice", NULL};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot text = sk_spot_member(spot, "instruction");
        sk_spot waits = sk_spot_member(spot, "wait_for_advice");
        sk_read_only(check, spot, allowed);
        way->instruction = sk_read_text(check, &text);
        way->waits_for_advice = sk_read_bool(check, &waits, false);
}

static void read_links(sk_check *check, const sk_team *team, const sk_spot *spot, sk_cut_row *out) {
        assert(out->process < SK_PROCESSES);
        const char *name;
        json_t *value;
        sk_spot links = sk_spot_member(spot, "link");
        if (!sk_read_is_object(check, &links))
                return;
        json_object_foreach(links.value, name, value) {
                sk_spot member = sk_spot_member(&links, name);
                if (sk_read_is_remark(name))
                        continue;
                sk_spot at = sk_spot_name(&member);
                sk_process process = read_triggered(check, &at, sk_slice_of(name), out->process);
                if (process != SK_PROCESSES &&
                    sk_target_read(check, team, &member, sk_process_call_type(process), &out->way.link[process]))
                        out->given |= (uint16_t)(SK_GIVES_LINK << process);
        }
}

/** What is decided by itself where only one process can be triggered. */
static sk_process only_target(sk_process process) {
        assert(process < SK_PROCESSES);
        uint8_t may = sk_process_get(process)->may_trigger;
        return __builtin_popcount(may) == 1 ? (sk_process)__builtin_ctz(may) : SK_PROCESSES;
}

void sk_cut_read(sk_check *check, const sk_team *team, const sk_spot *spot, sk_process process, sk_cut_row *out) {
        static const char *const allowed[] = {"responsible", "accountable", "consulted", "informed", "how",
                                              "link",        "estimate",    "timeout",   NULL};
        assert(process < SK_PROCESSES);
        assert(spot->value != NULL);
        *out = (sk_cut_row){.process = process, .way = {.preset = only_target(process)}};
        sk_read_only(check, spot, allowed);
        who people = {0};
        out->given = (uint16_t)(read_who(check, team, spot, &people) | read_times(check, spot, &out->way.times));
        out->way.responsible = people.responsible;
        out->way.accountable = people.accountable;
        out->way.consulted = people.consulted;
        out->way.informed = people.informed;
        read_links(check, team, spot, out);
        sk_spot how = sk_spot_member(spot, "how");
        sk_spot details;
        if (how.value == NULL)
                return;
        out->way.how = read_how(check, &how, false, &details);
        if (out->way.how == SK_HOWS)
                return;
        out->given |= SK_GIVES_HOW;
        if (out->way.how == SK_HOW_AUTO)
                read_cut_auto(check, &details, process, &out->way);
        else
                read_cut_manual(check, &details, &out->way);
        bool has_target = details.value != NULL && json_object_get(details.value, "target") != NULL;
        if (out->way.how == SK_HOW_AUTO && out->way.preset == SK_PROCESSES && !has_target)
                sk_check_say(check, &how, SK_NOTICE, "cut-undecided",
                             "the cut of %s has no target of its own: unless the answers on the call decide, a person "
                             "is asked\nto decide it beforehand write {\"auto\": {\"target\": \"operate\"}}",
                             sk_process_get(process)->id);
}
