/*
 * How long activities take, kept per partition: forecasts of its calls are made from them. Only what is committed counts;
 * the record that a batch writes holds what is committed, what the batch in flight adds, and what it adds itself.
 */

#include <assert.h>

#include "link/driver_inside.h"
#include "link/journal.h"

#define PREFIX "durations/"

void sk_driver_note_durations(sk_folding *batch, int32_t partition, const sk_after *after) {
        assert(partition >= 0);
        assert(partition < batch->partitions);
        assert(after->duration_count <= SK_STEP_DURATIONS_MAX);
        for (size_t i = 0; i < after->duration_count && batch->lasted_count < SK_BATCH_DURATIONS_MAX; i++)
                batch->lasted[batch->lasted_count++] = (sk_lasted){after->durations[i], partition};
}

static bool is_same(const sk_lasted *a, const sk_lasted *b) {
        return a->partition == b->partition && a->duration.key.activity == b->duration.key.activity &&
               sk_slice_equal(a->duration.key.routine, b->duration.key.routine);
}

/* More than a ring keeps are only the newest of them. */
static size_t gather(const sk_folding *batch, const sk_lasted *of, int64_t *out, size_t count) {
        assert(count <= SK_DURATIONS_KEPT);
        for (size_t i = 0; batch != NULL && i < batch->lasted_count; i++)
                if (is_same(&batch->lasted[i], of)) {
                        if (count == SK_DURATIONS_KEPT)
                                memmove(out, out + 1, --count * sizeof(*out));
                        out[count++] = batch->lasted[i].duration.duration_us;
                }
        assert(count <= SK_DURATIONS_KEPT);
        return count;
}

static bool is_first(const sk_folding *batch, size_t index) {
        assert(index < batch->lasted_count);
        for (size_t i = 0; i < index; i++)
                if (is_same(&batch->lasted[i], &batch->lasted[index]))
                        return false;
        return true;
}

static sk_err seal_one(sk_driver *driver, sk_folding *batch, const sk_lasted *of) {
        assert(batch->sealed.records == NULL);
        const sk_share *share = sk_driver_share(driver, of->partition);
        const sk_folding *before = driver->flying == batch || (driver->flying != NULL && driver->flying->is_merged)
                                           ? NULL
                                           : driver->flying;
        sk_seal seal = sk_driver_seal(driver);
        char key[sizeof(PREFIX) + SK_DURATION_KEY_TEXT] = PREFIX;
        int64_t more_us[SK_DURATIONS_KEPT];
        size_t count = gather(batch, of, more_us, gather(before, of, more_us, 0));
        size_t len = sizeof(PREFIX) - 1 + sk_duration_key_write(&of->duration.key, key + sizeof(PREFIX) - 1);

        sk_buf_clear(&driver->key);
        sk_durations_encode(share->durations, &of->duration.key, more_us, count, &driver->key);
        if (driver->key.err != SK_OK)
                return driver->key.err;
        return sk_folding_journal(batch, &seal, of->partition, SK_JOURNAL_DURATIONS, (sk_slice){key, len},
                                  sk_buf_slice(&driver->key));
}

sk_err sk_driver_seal_durations(sk_driver *driver, sk_folding *batch) {
        assert(batch->lasted_count <= SK_BATCH_DURATIONS_MAX);
        sk_err err = SK_OK;

        for (size_t i = 0; i < batch->lasted_count && err == SK_OK; i++)
                if (is_first(batch, i))
                        err = seal_one(driver, batch, &batch->lasted[i]);
        return err;
}

/* Without memory, or with too many activities, one is not counted: a forecast is no promise. */
void sk_driver_merge_durations(sk_driver *driver, const sk_folding *batch) {
        assert(batch->sealed.number > 0);
        for (size_t i = 0; i < batch->lasted_count; i++) {
                const sk_share *share = sk_driver_share(driver, batch->lasted[i].partition);

                if (share->durations != NULL)
                        (void)sk_durations_add(share->durations, &batch->lasted[i].duration.key,
                                               batch->lasted[i].duration.duration_us);
        }
}

sk_err sk_driver_restore_durations(sk_share *share, sk_slice name, sk_slice payload) {
        assert(share->state == SK_SHARE_RESTORING);
        sk_duration_key key;

        if (!sk_duration_key_parse(name, &key))
                return SK_ERR_SYNTAX;
        sk_err err = sk_durations_decode(share->durations, &key, payload);
        return err == SK_ERR_FULL ? SK_OK : err;
}
