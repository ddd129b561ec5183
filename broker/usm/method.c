/*
 * The method's tables: activities with their fixed numbers, processes with their cuts, calls. Numbers and ids are on
 * every journal and topic ever written, so that a row may be added at the end of a process's range but never changed.
 * schemas/usm.json says the same with texts; tests/unit/usm/method_test.c compares the two.
 */
#include "usm/method.h"

#include <assert.h>

#define COUNT(array) ((uint8_t)(sizeof(array) / sizeof((array)[0])))

static const sk_activity agree[] = {
        {1, SK_AGREE, SK_ACCEPT, false, "agree.accept"},       {2, SK_AGREE, SK_CLASSIFY, false, "agree.classify"},
        {3, SK_AGREE, SK_SPECIFY, false, "agree.specify"},     {4, SK_AGREE, SK_OFFER, false, "agree.offer"},
        {5, SK_AGREE, SK_NEGOTIATE, false, "agree.negotiate"}, {6, SK_AGREE, SK_REVIEW, true, "agree.review"},
        {7, SK_AGREE, SK_CLOSE, true, "agree.close"},
};

static const sk_activity change[] = {
        {11, SK_CHANGE, SK_ACCEPT, false, "change.accept"},    {12, SK_CHANGE, SK_CLASSIFY, false, "change.classify"},
        {13, SK_CHANGE, SK_PLAN, false, "change.plan"},        {14, SK_CHANGE, SK_PREPARE, false, "change.prepare"},
        {15, SK_CHANGE, SK_RELEASE, false, "change.release"},  {16, SK_CHANGE, SK_REVIEW, true, "change.review"},
        {17, SK_CHANGE, SK_REGISTER, true, "change.register"}, {18, SK_CHANGE, SK_CLOSE, true, "change.close"},
};

static const sk_activity recover[] = {
        {21, SK_RECOVER, SK_ACCEPT, false, "recover.accept"},
        {22, SK_RECOVER, SK_CLASSIFY, false, "recover.classify"},
        {23, SK_RECOVER, SK_ANALYSE, false, "recover.analyse"},
        {24, SK_RECOVER, SK_PREPARE, false, "recover.prepare"},
        {25, SK_RECOVER, SK_REVIEW, true, "recover.review"},
        {26, SK_RECOVER, SK_CLOSE, true, "recover.close"},
};

static const sk_activity operate[] = {
        {31, SK_OPERATE, SK_ACCEPT, false, "operate.accept"}, {32, SK_OPERATE, SK_CLASSIFY, false, "operate.classify"},
        {33, SK_OPERATE, SK_PLAN, false, "operate.plan"},     {34, SK_OPERATE, SK_PERFORM, false, "operate.perform"},
        {35, SK_OPERATE, SK_REVIEW, false, "operate.review"}, {36, SK_OPERATE, SK_CLOSE, false, "operate.close"},
};

static const sk_activity improve[] = {
        {41, SK_IMPROVE, SK_IDENTIFY, false, "improve.identify"},
        {42, SK_IMPROVE, SK_CLASSIFY, false, "improve.classify"},
        {43, SK_IMPROVE, SK_ANALYSE, false, "improve.analyse"},
        {44, SK_IMPROVE, SK_SELECT, false, "improve.select"},
        {45, SK_IMPROVE, SK_REVIEW, true, "improve.review"},
        {46, SK_IMPROVE, SK_CLOSE, true, "improve.close"},
};

#define CUT_TO(process) (1u << (process))

static const sk_process_info processes[SK_PROCESSES] = {
        {SK_AGREE, "agree", agree, COUNT(agree), 5, CUT_TO(SK_CHANGE)},
        {SK_CHANGE, "change", change, COUNT(change), 5, CUT_TO(SK_OPERATE)},
        {SK_RECOVER, "recover", recover, COUNT(recover), 4, CUT_TO(SK_CHANGE) | CUT_TO(SK_OPERATE)},
        {SK_OPERATE, "operate", operate, COUNT(operate), COUNT(operate), 0},
        {SK_IMPROVE, "improve", improve, COUNT(improve), 4, CUT_TO(SK_AGREE) | CUT_TO(SK_CHANGE) | CUT_TO(SK_OPERATE)},
};

static const char *const activity_names[SK_ACTIVITY_NAMES] = {
        [SK_ACCEPT] = "accept",   [SK_IDENTIFY] = "identify",   [SK_CLASSIFY] = "classify", [SK_SPECIFY] = "specify",
        [SK_OFFER] = "offer",     [SK_NEGOTIATE] = "negotiate", [SK_PLAN] = "plan",         [SK_PREPARE] = "prepare",
        [SK_RELEASE] = "release", [SK_ANALYSE] = "analyse",     [SK_SELECT] = "select",     [SK_PERFORM] = "perform",
        [SK_REVIEW] = "review",   [SK_REGISTER] = "register",   [SK_CLOSE] = "close",
};

typedef struct call_type_info {
        const char *id;
        sk_process process;
} call_type_info;

static const call_type_info call_types[SK_CALL_TYPES] = {
        [SK_WISH] = {"wish", SK_AGREE},
        [SK_REQUEST_FOR_CHANGE] = {"request-for-change", SK_CHANGE},
        [SK_INCIDENT] = {"incident", SK_RECOVER},
        [SK_SERVICE_REQUEST] = {"service-request", SK_OPERATE},
        [SK_SUPPORT_REQUEST] = {"support-request", SK_PROCESSES},
        [SK_RISK] = {"risk", SK_IMPROVE},
};

const sk_process_info *sk_process_get(sk_process process) {
        assert((unsigned)process < SK_PROCESSES);
        return &processes[process];
}

sk_process sk_process_find(sk_slice id) {
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if (sk_slice_is(id, processes[i].id))
                        return (sk_process)i;
        }
        return SK_PROCESSES;
}

const sk_activity *sk_activity_by_number(uint16_t number) {
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                const sk_process_info *info = &processes[i];
                uint16_t first = info->activities[0].number;
                if (number >= first && number < first + info->count)
                        return &info->activities[number - first];
        }
        return NULL;
}

const sk_activity *sk_activity_find(sk_slice id) {
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                for (unsigned n = 0; n < processes[i].count; n++) {
                        if (sk_slice_is(id, processes[i].activities[n].id))
                                return &processes[i].activities[n];
                }
        }
        return NULL;
}

const char *sk_activity_name_text(sk_activity_name name) {
        assert((unsigned)name < SK_ACTIVITY_NAMES);
        return activity_names[name];
}

const char *sk_call_type_id(sk_call_type type) {
        assert(call_types[type].id != NULL);
        assert((unsigned)type < SK_CALL_TYPES);
        return call_types[type].id;
}

sk_call_type sk_call_type_find(sk_slice id) {
        for (unsigned i = 0; i < SK_CALL_TYPES; i++) {
                if (sk_slice_is(id, call_types[i].id))
                        return (sk_call_type)i;
        }
        return SK_CALL_TYPES;
}

sk_process sk_call_type_process(sk_call_type type) {
        assert((unsigned)type < SK_CALL_TYPES);
        assert(call_types[type].process <= SK_PROCESSES);
        return call_types[type].process;
}

sk_call_type sk_process_call_type(sk_process process) {
        assert((unsigned)process < SK_PROCESSES);
        unsigned type = 0;
        while (type < SK_CALL_TYPES && call_types[type].process != process)
                type++;
        assert(type < SK_CALL_TYPES);
        return (sk_call_type)type;
}
