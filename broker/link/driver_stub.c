/*
 * Stubs that lie in the journal only: the record that needs one waits, and with it its partition, until its bytes have been
 * read back. What a batch under way has closed is still at hand.
 */
#include <assert.h>

#include "kit/when.h"
#include "link/driver_inside.h"
#include "link/journal.h"

/* As long as the chain's memory has not been given another length since. */
static int64_t closed_us(const sk_driver *driver, const sk_known_call *known) {
        int64_t days = (int64_t)sk_edition_acceptance_days(driver->edition) + SK_MEMORY_DAYS;

        assert(known->expires_us > 0);
        return known->expires_us > days * SK_DAY_US ? known->expires_us - days * SK_DAY_US : 0;
}

static bool ask_for_stub(sk_driver *driver, sk_share *share, int32_t partition, const sk_known_call *known,
                         const sk_id *id) {
        sk_command command = {.kind = SK_DO_READ_STUB, .partition = partition, .since_us = closed_us(driver, known)};

        assert(known->before.known == SK_KNOWN_CLOSED);
        sk_buf_clear(&share->stub_key);
        sk_journal_key_write(sk_customers_name(driver->customers, known->customer), id, false, &share->stub_key);
        command.key = sk_arena_copy(driver->commands.arena, sk_buf_slice(&share->stub_key));
        share->waits_for_stub = true;
        share->has_stub = false;
        return share->stub_key.err == SK_OK && sk_slice_there(command.key) &&
               sk_commands_put(&driver->commands, &command);
}

sk_stub_fetch sk_driver_stub_for(sk_driver *driver, int32_t partition, const sk_known_call *known, const sk_id *id,
                                 sk_slice *out) {
        sk_share *share = sk_driver_share(driver, partition);

        assert(share->state == SK_SHARE_READY);
        assert(known->before.known == SK_KNOWN_CLOSED);
        assert(known->expires_us > 0 || sk_slice_there(known->stub));
        *out = known->stub;
        if (sk_slice_there(*out))
                return SK_STUB_FETCHED;
        if (!share->has_stub)
                return ask_for_stub(driver, share, partition, known, id) ? SK_STUB_AWAITED : SK_STUB_NO_MEMORY;
        if (share->stub.len > 0)
                *out = sk_buf_slice(&share->stub);
        return SK_STUB_FETCHED;
}

void sk_driver_stub(sk_driver *driver, int32_t partition, sk_slice key, sk_slice value, int64_t now_us) {
        sk_share *share = sk_driver_share(driver, partition);
        sk_journal_kind kind;
        sk_slice payload;

        sk_driver_at(driver, now_us);
        if (driver->is_over || !share->waits_for_stub || !sk_slice_equal(key, sk_buf_slice(&share->stub_key)))
                return;
        assert(share->state == SK_SHARE_READY || share->state == SK_SHARE_REVOKING);
        sk_buf_clear(&share->stub);
        if (sk_slice_there(value) && sk_journal_unwrap(key, value, &kind, &payload) == SK_OK && kind == SK_JOURNAL_STUB)
                sk_buf_add_slice(&share->stub, payload);
        if (share->stub.err != SK_OK)
                sk_driver_exit(driver, 75, "out of memory for a stub");
        share->has_stub = true;
        sk_driver_advance(driver);
}
