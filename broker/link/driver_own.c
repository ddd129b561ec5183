/*
 * Calls that the link raises with its own team: by a schedule, or because somebody found something. Their ids derive
 * from what made them, with a salt that is counted up until the id falls on the partition where that stands: so all of
 * it is one transaction, and whoever makes it again makes the same call (rule I).
 */

#include <assert.h>

#include "kit/hash.h"
#include "link/driver_inside.h"

#define SALT_MAX 100000u /* one of a thousand partitions is hit long before */

static bool id_in(const sk_driver *driver, const sk_own_raise *raise, char text[SK_ID_TEXT], sk_id *out) {
        assert(sk_slice_there(raise->name));
        assert(raise->partition < driver->partitions);
        for (uint32_t salt = 0; salt < SALT_MAX; salt++) {
                *out = sk_id_derive_own(sk_edition_chain(driver->edition), sk_team_name(driver->team), raise->name,
                                        salt);
                sk_id_format(out, text);
                if (sk_hash_partition((sk_slice){text, SK_ID_TEXT}, driver->partitions) == raise->partition)
                        return true;
        }
        return false;
}

/* As a record of the team's own people, but on no topic. */
static sk_record record_of(sk_driver *driver, const sk_folding *batch, const sk_own_raise *raise, sk_slice key) {
        assert(key.len == SK_ID_TEXT);
        assert(sk_slice_there(raise->value));
        return (sk_record){.topic = sk_topics_own(driver->topics, SK_TOPIC_WORK),
                           .partition = raise->partition,
                           .offset = -1,
                           .timestamp_us = batch->now_us,
                           .key = key,
                           .value = raise->value};
}

sk_err sk_driver_own_step(sk_driver *driver, sk_folding *batch, const sk_own_raise *raise, sk_known_call *out_known,
                          sk_after *out_after) {
        assert(out_known != NULL);
        assert(out_after != NULL);
        sk_step_context context = sk_driver_context(driver, batch, raise->partition);
        char *text = sk_arena_get(batch->arena, SK_ID_TEXT);
        sk_reject reject = {0};
        sk_id id;

        if (text == NULL)
                return SK_ERR_FULL;
        *out_after = (sk_after){.change = SK_CHANGE_NOTHING, .customer = SK_NONE};
        if (!id_in(driver, raise, text, &id))
                return SK_OK;
        sk_record record = record_of(driver, batch, raise, (sk_slice){text, SK_ID_TEXT});
        sk_envelope envelope = {
                .type = SK_WORK_RAISE, .id = raise->cause, .time_us = batch->now_us, .callid = id, .has_callid = true};
        sk_step_input input = {.kind = SK_INPUT_OWN_RAISE, .record = &record, .envelope = &envelope};
        *out_known = sk_driver_look_open(driver, batch, raise->partition, &id);
        sk_err err = sk_step(&context, &out_known->before, &input, &batch->out, out_after, &reject);
        assert(err == SK_OK || sk_err_class_of(err) == SK_CLASS_RETRY); /* what is checked can be raised */
        return err == SK_OK ? batch->out.err : err;
}
