/*
 * The process runs of a call, each with its one result: what was performed, else what was found out last. Which
 * processes ran is told by the events; what they yielded lies with the call.
 */
#include "cli/call/show.h"

#include <assert.h>

#include "kit/json_scan.h"

#define RESULTS_MAX 256

/** The results of one pass through a process, in order. */
typedef struct pass {
        sk_process process;
        uint8_t last; /**< place of the last activity in the process */
        bool is_performed;
        sk_slice result;
} pass;

typedef struct passing {
        pass passes[RESULTS_MAX];
        size_t count;
} passing;

static pass *pass_of(passing *all, sk_process process) {
        for (size_t i = all->count; i > 0; i--) {
                if (all->passes[i - 1].process == process)
                        return &all->passes[i - 1];
        }
        return NULL;
}

/* Activities come in a fixed order: one that is not behind the last begins another pass. */
static bool on_result(void *self, const sk_known_piece *piece) {
        passing *all = self;
        const sk_activity *activity = sk_activity_find(piece->activity);
        if (strcmp(piece->kind, "result") != 0 || activity == NULL)
                return true;
        uint8_t place = (uint8_t)(activity - sk_process_get(activity->process)->activities);
        pass *present = pass_of(all, activity->process);
        if (present == NULL || place <= present->last) {
                if (all->count == RESULTS_MAX)
                        return false;
                present = &all->passes[all->count++];
                *present = (pass){.process = activity->process};
        }
        present->last = place;
        if (!present->is_performed)
                present->result = piece->value;
        present->is_performed = present->is_performed || activity->name == SK_PERFORM;
        return true;
}

/* ---- runs ---- */

static sk_show_run *add(sk_show *show, sk_process process, sk_slice team, sk_slice outcome) {
        if (show->run_count == SK_SHOW_RUNS || process == SK_PROCESSES)
                return NULL;
        sk_show_run *run = &show->runs[show->run_count++];
        *run = (sk_show_run){.process = process, .team = team, .outcome = outcome, .result = SK_NONE};
        return run;
}

static void add_remote(sk_show *show, size_t step, sk_process process) {
        const sk_story_call *story = show->story;
        for (size_t i = 0; i < story->ask_count; i++) {
                const sk_story_ask *ask = &story->asks[i];
                sk_show_run *run = ask->step == step ? add(show, process, ask->team, ask->outcome) : NULL;
                if (run == NULL)
                        continue;
                run->is_remote = true;
                run->ask = ask->id;
        }
}

static void find_told(sk_show *show) {
        const sk_story_call *story = show->story;
        sk_slice own = sk_team_name(show->known->team);
        sk_process first = sk_story_process(story->type);
        add(show, first, own, story->outcome);
        for (size_t i = 0; i < story->step_count; i++) {
                const sk_story_step *step = &story->steps[i];
                sk_process process = sk_process_find(step->target);
                if (step->kind != SK_STORY_CUT || step->target.len == 0)
                        continue;
                if (step->team.len > 0)
                        add_remote(show, i, process);
                else
                        add(show, process, own, step->outcome);
        }
}

/* The last pass through a process belongs to its last run, and so on backwards. */
static void give_results(sk_show *show, passing *all) {
        for (size_t i = show->run_count; i > 0; i--) {
                sk_show_run *run = &show->runs[i - 1];
                pass *found = run->is_remote ? NULL : pass_of(all, run->process);
                if (found == NULL)
                        continue;
                run->result = found->result;
                found->process = SK_PROCESSES;
        }
}

/* Events are gone: what lies with the call is all that is known. */
static void find_kept(sk_show *show, const passing *all) {
        for (size_t i = 0; i < all->count; i++) {
                sk_show_run *run = add(show, all->passes[i].process, sk_team_name(show->known->team), SK_SLICE(""));
                if (run != NULL)
                        run->result = all->passes[i].result;
        }
}

/* ---- what other links gave back ---- */

typedef struct asking {
        sk_show *show;
} asking;

/* Id of the ask that lies at that place of the call. */
static bool ask_at(const sk_show *show, unsigned index, sk_id *out) {
        const sk_known *known = show->known;
        if (known->open != NULL && index < known->call.ask_count) {
                *out = known->call.asks[index].id;
                return true;
        }
        sk_slice asks = sk_slice_there(known->archived) ? sk_json_member(known->archived, "asks") : SK_NONE;
        sk_slice name;
        sk_slice ask;
        if (!sk_slice_there(asks) || sk_json_kind_of(asks) != SK_JSON_ARRAY)
                return false;
        sk_json_walk walk = sk_json_walk_make(asks);
        for (unsigned i = 0; sk_json_walk_next(&walk, &name, &ask); i++) {
                if (i == index)
                        return sk_id_parse(sk_json_member_string(ask, "id", sk_cli_arena(show->session->cli)), out);
        }
        return false;
}

static bool on_given(void *self, const sk_known_piece *piece) {
        asking *ask = self;
        sk_id id;
        if (strcmp(piece->kind, "ask-result") != 0 || !ask_at(ask->show, piece->index, &id))
                return true;
        for (size_t i = 0; i < ask->show->run_count; i++) {
                sk_show_run *run = &ask->show->runs[i];
                if (run->is_remote && sk_id_equal(&run->ask, &id))
                        run->result = piece->value;
        }
        return true;
}

/* A call that the team raised for itself ran at the provider alone. */
static bool on_own_given(void *self, const sk_known_piece *piece) {
        asking *ask = self;
        if (strcmp(piece->kind, "ask-result") == 0 && ask->show->run_count > 0)
                ask->show->runs[ask->show->run_count - 1].result = piece->value;
        return true;
}

static void find_asked(sk_show *show) {
        const sk_story_call *story = show->story;
        asking ask = {show};
        for (size_t i = 0; story != NULL && i < story->ask_count; i++) {
                const sk_story_ask *asked = &story->asks[i];
                sk_process process = sk_story_process(asked->type);
                sk_show_run *run = add(show, process, asked->team, asked->outcome);
                if (run == NULL)
                        continue;
                run->is_remote = true;
                run->ask = asked->id;
        }
        sk_known_pieces(show->session, show->known, on_own_given, &ask);
}

void sk_show_find_runs(sk_show *show) {
        passing all = {.count = 0};
        asking ask = {show};
        assert(show->run_count == 0 && show->known->team != NULL);
        if (show->known->is_ask) {
                find_asked(show);
                return;
        }
        sk_known_pieces(show->session, show->known, on_result, &all);
        if (show->story == NULL) {
                find_kept(show, &all);
                return;
        }
        find_told(show);
        give_results(show, &all);
        sk_known_pieces(show->session, show->known, on_given, &ask);
}
