/*
 * After an unclean exit inputs are taken one by one, each noted on disk before its step (rule R5). The note is taken
 * back as soon as the step has returned, so that an end from outside seldom finds a record noted that did no harm. A
 * record stands in the note once for each end that it has lived through, and once for now; found there twice at the
 * start, it is a dead letter.
 *
 * What was being worked on when the process ended lies within two batches of the marks, so two batches of inputs are
 * taken with care.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "link/driver_inside.h"
#include "link/mutation.h"

#define PLACES_MAX 1024

bool sk_driver_is_careful(const sk_driver *driver) {
        assert(driver->careful.left == 0 || driver->careful.note != NULL);
        return driver->careful.left > 0;
}

bool sk_driver_may_add(const sk_driver *driver, const sk_folding *batch) {
        const sk_careful *careful = &driver->careful;

        assert(!careful->is_asked || !careful->is_noted);
        return !sk_driver_is_careful(driver) || (batch->inputs == 0 && !careful->is_asked && !careful->is_noted);
}

void sk_careful_clear(sk_driver *driver) {
        sk_free(driver->careful.noted);
        sk_free(driver->careful.note);
        driver->careful = (sk_careful){0};
}

void sk_driver_noted_before(sk_driver *driver, const sk_input_place *places, size_t count) {
        sk_careful *careful = &driver->careful;

        assert(places != NULL || count == 0);
        sk_commands_input(&driver->commands);
        sk_careful_clear(driver);
        count = count > PLACES_MAX ? PLACES_MAX : count;
        careful->noted = sk_alloc_zero(count + 1, sizeof(*careful->noted));
        careful->note = sk_alloc_zero(count + 1, sizeof(*careful->note));
        if (careful->noted == NULL || careful->note == NULL) {
                sk_driver_exit(driver, 75, "out of memory");
                return;
        }
        if (count > 0)
                memcpy(careful->noted, places, count * sizeof(*places));
        careful->noted_count = count;
        careful->left = 2 * driver->batch_records_max + count;
        assert(careful->noted_count <= PLACES_MAX);
}

static sk_input_place place_of(const sk_record *record) {
        assert(record->topic != NULL);
        sk_input_place place = {.partition = record->partition, .offset = record->offset};
        size_t len = record->topic->name.len;

        assert(record->offset >= 0);
        if (len > sizeof(place.topic) - 1)
                len = sizeof(place.topic) - 1;
        memcpy(place.topic, record->topic->name.at, len);
        return place;
}

static bool is_same(const sk_input_place *a, const sk_input_place *b) {
        return a->offset == b->offset && a->partition == b->partition &&
               strncmp(a->topic, b->topic, sizeof(a->topic)) == 0;
}

static size_t times_noted(const sk_careful *careful, const sk_input_place *place) {
        assert(careful->noted_count <= PLACES_MAX);
        size_t times = 0;

        for (size_t i = 0; i < careful->noted_count; i++)
                times += is_same(&careful->noted[i], place);
        return times;
}

static void ask_for_note(sk_driver *driver, const sk_input_place *subject) {
        sk_careful *careful = &driver->careful;
        sk_command command = {.kind = SK_DO_NOTE};

        assert(!careful->is_asked);
        assert(careful->noted_count <= PLACES_MAX);
        assert(sk_driver_is_careful(driver));
        assert(careful->note != NULL);
        if (careful->noted_count > 0)
                memcpy(careful->note, careful->noted, careful->noted_count * sizeof(*careful->note));
        careful->note[careful->noted_count] = *subject;
        careful->note_count = careful->noted_count + 1;
        careful->subject = *subject;
        careful->is_asked = true;
        careful->is_noted = false;
        command.places = careful->note;
        command.place_count = careful->note_count;
        if (!sk_commands_put(&driver->commands, &command))
                sk_driver_exit(driver, 75, "out of memory");
}

sk_care sk_driver_care(sk_driver *driver, const sk_record *record) {
        assert(record != NULL);
        sk_careful *careful = &driver->careful;
        sk_input_place place;

        assert(!careful->is_asked); /* nothing is folded meanwhile */
        if (!sk_driver_is_careful(driver) || SK_MUTATED(R5))
                return SK_CARE_STEP;
        place = place_of(record);
        if (times_noted(careful, &place) >= 2)
                return SK_CARE_BURY;
        if (careful->is_noted && is_same(&careful->subject, &place))
                return SK_CARE_STEP;
        ask_for_note(driver, &place);
        return SK_CARE_WAIT;
}

static void noted_forget(sk_careful *careful, const sk_input_place *place) {
        size_t kept = 0;

        assert(careful->noted != NULL);
        for (size_t i = 0; i < careful->noted_count; i++)
                if (!is_same(&careful->noted[i], place))
                        careful->noted[kept++] = careful->noted[i];
        careful->noted_count = kept;
        assert(kept <= PLACES_MAX);
}

static bool is_behind_mark(const sk_driver *driver, const sk_input_place *place) {
        sk_lane *const *lanes = NULL;
        size_t count = sk_inbox_lanes(driver->inbox, place->partition, &lanes);

        assert(count == 0 || lanes != NULL);
        for (size_t i = 0; i < count; i++)
                if (sk_slice_is(lanes[i]->topic->name, place->topic))
                        return place->offset < lanes[i]->committed_next;
        return false;
}

void sk_driver_care_restored(sk_driver *driver, int32_t partition) {
        sk_careful *careful = &driver->careful;
        size_t kept = 0;

        assert(careful->noted_count == 0 || careful->noted != NULL);
        for (size_t i = 0; i < careful->noted_count; i++)
                if (careful->noted[i].partition != partition || !is_behind_mark(driver, &careful->noted[i]))
                        careful->noted[kept++] = careful->noted[i];
        careful->noted_count = kept;
}

/* Others that were noted before keep the note: it is written anew with the next input. */
void sk_driver_care_over(sk_driver *driver, const sk_record *record) {
        sk_careful *careful = &driver->careful;
        sk_input_place place;

        assert(record->topic->is_inbound);
        if (!sk_driver_is_careful(driver))
                return;
        place = place_of(record);
        assert(!careful->is_asked);
        noted_forget(careful, &place);
        careful->is_noted = false;
        careful->left--;
        if (careful->left == 0)
                careful->noted_count = 0;
        if (careful->noted_count == 0 && !sk_commands_put(&driver->commands, &(sk_command){.kind = SK_DO_FORGET}))
                sk_driver_exit(driver, 75, "out of memory");
}

void sk_driver_noted(sk_driver *driver, int64_t now_us) {
        sk_driver_at(driver, now_us);
        if (!driver->careful.is_asked)
                return;
        assert(sk_driver_is_careful(driver));
        driver->careful.is_asked = false;
        driver->careful.is_noted = true;
        sk_driver_advance(driver);
}
