#ifndef SK_TESTS_WAY_WATCH_H
#define SK_TESTS_WAY_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "event/record.h"
#include "link/step.h"
#include "usm/method.h"

/*
 * Reads along what one call writes and fails the test that runs when it says something that the method does not
 * allow: work outside the process where the call stands, a crossing that is not the cut's, a trigger without its
 * feedback, a process run that ends with a gap; or when an input leaves no trace, or a work record not one outcome.
 */

/** One run of a process within the call. */
typedef struct way_run {
        sk_process process;
        uint32_t done;     /**< activities that ended or were not applicable, a bit each */
        bool is_triggered; /**< its cut waits for the feedback */
        bool is_remote;    /**< of another link */
} way_run;

typedef struct way_watch {
        sk_slice team;
        way_run runs[SK_FRAMES_MAX];
        unsigned depth;
        const sk_activity *running; /**< entered and not ended */
        bool is_closed;
        uint32_t last_event;
        uint32_t last_feedback;
        unsigned events;     /**< of the input that is looked at */
        unsigned outcomes;   /**< of a work record */
        unsigned duplicates; /**< of the input */
} way_watch;

/** Number of the run, told when an expectation fails. */
extern unsigned way_watch_run;

void way_watch_begin(way_watch *w, sk_slice team);
/** One record that the step wrote, in order. */
void way_watch_record(way_watch *w, const sk_record *record);
/** The step of an input is over, unless its stub has to be read first. */
void way_watch_input(way_watch *w, const sk_step_input *input, bool wants_stub);

#endif
