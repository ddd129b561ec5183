/*
 * The workflows are not written down anywhere: they follow from the cuts. From each process that a call can start
 * with, every chain of triggers down to a process that triggers nothing is one workflow; the way back mirrors the
 * way down. A call's frames are the way down, so that a table that allows more than SK_FRAMES_MAX has no workflows,
 * and neither has one with a cycle.
 */
#include <assert.h>
#include <pthread.h>

#include "usm/method.h"

#define WORKFLOWS 8

typedef struct path_search {
        const sk_cut_table *table;
        sk_workflow *out;
        unsigned room;
        unsigned count;
        sk_call_type trigger;
        bool is_sound;
        uint8_t depth;
        sk_process down[SK_FRAMES_MAX];
} path_search;

static_assert(SK_WORKFLOW_STEPS == 2 * SK_FRAMES_MAX - 1, "a path is the way down and back");

static void path_write(path_search *search) {
        assert(search->depth > 0);
        assert(search->depth <= SK_FRAMES_MAX);
        unsigned number = ++search->count;
        if (number > search->room)
                return;
        sk_workflow *workflow = &search->out[number - 1];
        *workflow = (sk_workflow){.number = (uint8_t)number, .trigger = search->trigger};
        workflow->is_reactive = search->trigger != SK_RISK;
        workflow->path_length = (uint8_t)(2 * search->depth - 1);
        for (unsigned i = 0; i < search->depth; i++) {
                workflow->path[i] = search->down[i];
                workflow->path[workflow->path_length - 1 - i] = search->down[i];
        }
}

static bool path_has(const path_search *search, sk_process process) {
        assert(search->depth <= SK_FRAMES_MAX);
        for (unsigned i = 0; i < search->depth; i++) {
                if (search->down[i] == process)
                        return true;
        }
        return false;
}

/* The depth of the recursion is bounded by SK_FRAMES_MAX. */
static void paths_follow(path_search *search, sk_process process) {
        assert(process < SK_PROCESSES);
        if (search->depth == SK_FRAMES_MAX || path_has(search, process)) {
                search->is_sound = false;
                return;
        }
        search->down[search->depth++] = process;
        unsigned targets = search->table->may_trigger[process];
        if (targets == 0)
                path_write(search);
        for (unsigned target = 0; target < SK_PROCESSES && search->is_sound; target++) {
                if (targets & (1u << target))
                        paths_follow(search, (sk_process)target);
        }
        search->depth--;
}

sk_cut_table sk_cut_table_of_method(void) {
        sk_cut_table table;
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                table.may_trigger[i] = sk_process_get((sk_process)i)->may_trigger;
        return table;
}

unsigned sk_workflows_derive(const sk_cut_table *table, sk_workflow *out, unsigned room) {
        assert(table != NULL);
        assert(out != NULL || room == 0);
        path_search search = {.table = table, .out = out, .room = room, .is_sound = true};
        for (unsigned type = 0; type < SK_CALL_TYPES && search.is_sound; type++) {
                sk_process first = sk_call_type_process((sk_call_type)type);
                search.trigger = (sk_call_type)type;
                if (first != SK_PROCESSES)
                        paths_follow(&search, first);
        }
        return search.is_sound ? search.count : 0;
}

static sk_workflow workflows[WORKFLOWS];
static pthread_once_t workflows_once = PTHREAD_ONCE_INIT;

static void workflows_prepare(void) {
        sk_cut_table table = sk_cut_table_of_method();
        unsigned count = sk_workflows_derive(&table, workflows, WORKFLOWS);
        assert(count == WORKFLOWS);
}

const sk_workflow *sk_workflow_get(unsigned number) {
        pthread_once(&workflows_once, workflows_prepare);
        return number >= 1 && number <= WORKFLOWS ? &workflows[number - 1] : NULL;
}

static bool path_begins_with(const sk_workflow *workflow, const sk_process *path, unsigned length) {
        assert(workflow != NULL);
        if (length > sk_workflow_depth(workflow))
                return false;
        for (unsigned i = 0; i < length; i++) {
                if (workflow->path[i] != path[i])
                        return false;
        }
        return true;
}

uint16_t sk_workflows_possible(const sk_process *path, unsigned length) {
        assert(path != NULL || length == 0);
        unsigned possible = 0;
        for (unsigned number = 1; number <= WORKFLOWS; number++) {
                if (path_begins_with(sk_workflow_get(number), path, length))
                        possible |= 1u << number;
        }
        assert((possible & ~0x1feu) == 0);
        return (uint16_t)possible;
}
