/*
 * Which partitions are ours, and how their state comes from the journal (rule R).
 *
 * A change of the assignment drops what is folded behind the batch in flight at once, and waits for the outcome of
 * that batch before anything is restored or resumed: only then does the journal say what counts. State is never parked:
 * a partition that returns is restored, which costs time and risks nothing.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "link/driver_inside.h"
#include "link/journal.h"
#include "link/mutation.h"

#define REVOKE_US (5 * SK_SECOND_US)
#define PASSED_US SK_DAY_US

static void openings_forget(sk_driver *driver, const sk_share *share) {
        size_t position = 0;
        sk_id id;
        sk_stored stored;

        while (share->store != NULL && sk_store_next(share->store, &position, &id, &stored))
                if (sk_slice_there(stored.head))
                        sk_openings_remove(driver->openings, &stored.opening);
}

void sk_share_clear(sk_driver *driver, int32_t partition) {
        sk_share *share = sk_driver_share(driver, partition);

        sk_driver_effects_forget(driver, partition);
        sk_driver_forget_changes(driver, partition);
        openings_forget(driver, share);
        sk_store_free(share->store);
        sk_stubs_free(share->stubs);
        sk_durations_free(share->durations);
        sk_free(share->scheduled);
        sk_buf_clear(&share->stub);
        sk_buf_clear(&share->stub_key);
        sk_inbox_close(driver->inbox, partition);
        *share = (sk_share){.stub = share->stub, .stub_key = share->stub_key};
        assert(share->store == NULL);
        assert(share->state == SK_SHARE_NONE);
}

static bool share_open(sk_driver *driver, int32_t partition) {
        sk_share *share = sk_driver_share(driver, partition);

        assert(share->state == SK_SHARE_NONE || share->state == SK_SHARE_REVOKING);
        sk_share_clear(driver, partition);
        share->store = sk_store_new();
        share->stubs = sk_stubs_new();
        share->durations = sk_durations_new();
        share->state = SK_SHARE_ASSIGNED;
        if (share->store != NULL && share->stubs != NULL && share->durations != NULL)
                return true;
        sk_share_clear(driver, partition);
        return false;
}

/* ---- assigned and revoked ---- */

void sk_driver_assigned(sk_driver *driver, uint64_t generation, const int32_t *partitions, size_t count,
                        int64_t now_us) {
        assert(partitions != NULL || count == 0);
        sk_driver_at(driver, now_us);
        if (driver->is_over)
                return;
        driver->generation = generation;
        driver->is_unsettled = true;
        sk_driver_drop_waiting(driver);
        assert(driver->waiting == NULL);
        for (size_t i = 0; i < count; i++) {
                sk_share_state state = sk_driver_share(driver, partitions[i])->state;

                if (state != SK_SHARE_NONE && state != SK_SHARE_REVOKING)
                        continue;
                if (!share_open(driver, partitions[i])) {
                        sk_driver_exit(driver, 75, "out of memory");
                        return;
                }
        }
        sk_driver_settle(driver);
        sk_driver_advance(driver);
}

static void let_go(sk_driver *driver, int32_t partition) {
        assert(sk_driver_share(driver, partition)->state == SK_SHARE_REVOKING);
        sk_share_clear(driver, partition);
        if (!sk_commands_put(&driver->commands, &(sk_command){.kind = SK_DO_REVOKED, .partition = partition}))
                sk_driver_exit(driver, 75, "out of memory");
}

void sk_driver_revoked(sk_driver *driver, const int32_t *partitions, size_t count, bool is_lost, int64_t now_us) {
        assert(partitions != NULL || count == 0);
        sk_driver_at(driver, now_us);
        if (driver->is_over)
                return;
        driver->is_unsettled = true;
        sk_driver_drop_waiting(driver);
        assert(driver->waiting == NULL);
        for (size_t i = 0; i < count; i++) {
                sk_share *share = sk_driver_share(driver, partitions[i]);

                if (is_lost) {
                        sk_share_clear(driver, partitions[i]);
                } else {
                        sk_driver_effects_forget(driver, partitions[i]);
                        share->state = SK_SHARE_REVOKING;
                        driver->revoke_us = driver->now_us + REVOKE_US;
                }
        }
        sk_driver_settle(driver);
        sk_driver_advance(driver);
}

static void revoke_all(sk_driver *driver) {
        assert(driver->waiting == NULL);
        driver->revoke_us = INT64_MAX;
        for (int32_t p = 0; p < driver->partitions; p++)
                if (driver->shares[p].state == SK_SHARE_REVOKING)
                        let_go(driver, p);
}

void sk_driver_revoke_due(sk_driver *driver) {
        assert(driver->revoke_us > 0);
        if (driver->revoke_us <= driver->now_us)
                revoke_all(driver);
}

void sk_driver_settle(sk_driver *driver) {
        if (!driver->is_unsettled || driver->flying != NULL || driver->is_over)
                return;
        if (sk_effects_has_stops(driver->effects) && !SK_MUTATED(E4))
                return; /* nothing of a partition may still run when somebody else has it */
        assert(driver->waiting == NULL);
        driver->is_unsettled = false;
        assert(driver->flying == NULL);
        revoke_all(driver);
        for (int32_t p = 0; p < driver->partitions && !driver->is_over; p++) {
                sk_share *share = sk_driver_share(driver, p);

                if (share->state == SK_SHARE_READY) {
                        sk_driver_resume(driver, p, false);
                } else if (share->state == SK_SHARE_ASSIGNED) {
                        share->state = SK_SHARE_RESTORING;
                        if (!sk_commands_put(&driver->commands, &(sk_command){.kind = SK_DO_RESTORE, .partition = p}))
                                sk_driver_exit(driver, 75, "out of memory");
                }
        }
}

/* ---- restore ---- */

static sk_err restore_head(sk_driver *driver, sk_share *share, uint32_t customer, const sk_id *id, sk_slice payload) {
        assert(id != NULL);
        sk_stored old;
        sk_opening opening;
        sk_err err = sk_opening_of_head(payload, &opening);

        assert(share->state == SK_SHARE_RESTORING);
        if (err == SK_OK)
                err = sk_openings_add(driver->openings, &opening);
        if (err != SK_OK)
                return err;
        if (sk_store_get(share->store, id, &old) && sk_slice_there(old.head))
                sk_openings_remove(driver->openings, &old.opening);
        err = sk_store_put_head(share->store, id, customer, payload, &opening);
        return err != SK_OK ? err : sk_store_arm(share->store, id, sk_head_timer_us(payload));
}

static void restore_drop(sk_driver *driver, sk_share *share, const sk_id *id) {
        assert(share->state == SK_SHARE_RESTORING);
        sk_stored old;

        assert(share->store != NULL);
        if (sk_store_get(share->store, id, &old) && sk_slice_there(old.head))
                sk_openings_remove(driver->openings, &old.opening);
        sk_store_drop(share->store, id);
}

static uint32_t seconds_up(int64_t time_us) {
        int64_t seconds = time_us / SK_SECOND_US + 1;

        return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

sk_err sk_closed_of(sk_slice payload, uint32_t customer, sk_closed *out) {
        assert(out != NULL);
        sk_stub stub;
        sk_err err = sk_stub_decode(payload, &stub);

        if (err == SK_OK)
                *out = (sk_closed){.id = stub.id,
                                   .customer = customer,
                                   .in_seqno = stub.in_seqno,
                                   .out_seqno = stub.out_seqno,
                                   .expires_s = seconds_up(stub.expires_us)};
        assert(err != SK_OK || out->expires_s > 0);
        return err;
}

static sk_err restore_stub(sk_driver *driver, sk_share *share, uint32_t customer, const sk_id *id, sk_slice payload) {
        sk_closed closed;
        sk_err err = sk_closed_of(payload, customer, &closed);

        assert(share->state == SK_SHARE_RESTORING);
        if (err != SK_OK)
                return err;
        if (!sk_id_equal(&closed.id, id))
                return SK_ERR_CONFLICT;
        restore_drop(driver, share, id);
        return sk_stubs_put(share->stubs, &closed);
}

/* A topic of which there is a mark is known from then on, also when no agreement is left that needs it. */
static sk_err inbound_topic(sk_driver *driver, sk_slice name, const sk_topic **out) {
        sk_slice chain;
        sk_slice team;
        sk_slice peer;
        sk_topic_kind kind;

        assert(sk_slice_there(name));
        *out = sk_topics_find(driver->topics, name);
        if (*out != NULL)
                return (*out)->is_inbound ? SK_OK : SK_ERR_CONFLICT;
        if (!sk_topic_parse(name, &chain, &team, &kind, &peer) ||
            !sk_slice_equal(team, sk_topics_team(driver->topics)) ||
            !sk_slice_equal(chain, sk_topics_chain(driver->topics)))
                return SK_ERR_NOT_FOUND;
        if (kind != SK_TOPIC_CALLS && kind != SK_TOPIC_FEEDBACK)
                return SK_ERR_CONFLICT;
        *out = kind == SK_TOPIC_CALLS ? sk_topics_calls_from(driver->topics, peer)
                                      : sk_topics_feedback_from(driver->topics, peer);
        return *out == NULL ? SK_ERR_NO_MEMORY : SK_OK;
}

static sk_err restore_offset(sk_driver *driver, int32_t partition, sk_slice name, sk_slice payload) {
        const sk_topic *topic;
        uint64_t next = 0;
        sk_lane *lane;
        sk_err err = inbound_topic(driver, name, &topic);

        if (err != SK_OK)
                return err;
        if (payload.len != sizeof(next))
                return SK_ERR_TRUNCATED;
        for (unsigned i = 0; i < sizeof(next); i++)
                next |= (uint64_t)(uint8_t)payload.at[i] << (8 * i);
        if (next > INT64_MAX)
                return SK_ERR_RANGE;
        lane = sk_inbox_lane(driver->inbox, topic, partition);
        if (lane == NULL)
                return SK_ERR_NO_MEMORY;
        assert(lane->partition == partition);
        sk_lane_start(lane, (int64_t)next);
        return SK_OK;
}

static sk_err restore_mark(sk_share *share, sk_slice payload) {
        sk_mark mark;
        sk_err err = sk_mark_decode(payload, &mark);

        assert(share->state == SK_SHARE_RESTORING);
        if (err != SK_OK)
                return err;
        if (mark.format > SK_JOURNAL_FORMAT)
                return SK_ERR_VERSION;
        share->mark_now_us = mark.now_us;
        return SK_OK;
}

typedef struct journal_key {
        sk_journal_place place;
        sk_slice name;
        sk_id id;
        uint32_t customer;
} journal_key;

static void restore_tombstone(sk_driver *driver, sk_share *share, const journal_key *key) {
        sk_stored stored;

        assert(share->state == SK_SHARE_RESTORING);
        if (key->place == SK_KEY_RESYNC)
                sk_driver_forget_resync(share, key->name);
        if (!sk_store_get(share->store, &key->id, &stored) || stored.customer != key->customer)
                stored.customer = SK_CUSTOMER_ANY;
        if (key->place == SK_KEY_CALL_DATA || key->place == SK_KEY_ASK_DATA) {
                if (stored.customer == key->customer)
                        sk_store_drop_data(share->store, &key->id);
        } else if (key->place == SK_KEY_CALL || key->place == SK_KEY_ASK) {
                if (stored.customer == key->customer)
                        restore_drop(driver, share, &key->id);
                sk_stubs_drop(share->stubs, &key->id, key->customer);
        }
}

static sk_err restore_value(sk_driver *driver, sk_share *share, const journal_key *key, const sk_record *record) {
        assert(key->customer != SK_CUSTOMER_ANY);
        sk_journal_kind kind;
        sk_slice payload;
        sk_err err = sk_journal_unwrap(record->key, record->value, &kind, &payload);
        bool is_call = key->place == SK_KEY_CALL || key->place == SK_KEY_ASK;
        bool is_data = key->place == SK_KEY_CALL_DATA || key->place == SK_KEY_ASK_DATA;

        assert(sk_slice_there(record->value));
        if (err != SK_OK)
                return err;
        if (kind == SK_JOURNAL_HEAD && is_call) {
                sk_stubs_drop(share->stubs, &key->id, key->customer);
                return restore_head(driver, share, key->customer, &key->id, payload);
        }
        if (kind == SK_JOURNAL_STUB && is_call)
                return restore_stub(driver, share, key->customer, &key->id, payload);
        if (kind == SK_JOURNAL_DATA && is_data)
                return sk_store_put_data(share->store, &key->id, key->customer, payload);
        if (kind == SK_JOURNAL_MARK && key->place == SK_KEY_MARK)
                return restore_mark(share, payload);
        if (kind == SK_JOURNAL_OFFSET && key->place == SK_KEY_OFFSET)
                return restore_offset(driver, record->partition, key->name, payload);
        if (kind == SK_JOURNAL_RESYNC && key->place == SK_KEY_RESYNC)
                return sk_driver_restore_resync(share, key->name, payload);
        if (kind == SK_JOURNAL_SCHEDULE && key->place == SK_KEY_SCHEDULE)
                return sk_driver_restore_schedule(driver, share, key->name, payload);
        if (kind == SK_JOURNAL_DURATIONS && key->place == SK_KEY_DURATIONS)
                return sk_driver_restore_durations(share, key->name, payload);
        return SK_ERR_CONFLICT;
}

static sk_err restore_record(sk_driver *driver, sk_share *share, const sk_record *record) {
        assert(share->state == SK_SHARE_RESTORING);
        journal_key key = {.name = SK_NONE, .customer = SK_CUSTOMER_ASK};
        sk_err err = sk_journal_key_parse(record->key, &key.place, &key.name, &key.id);

        if (err == SK_OK && (key.place == SK_KEY_CALL || key.place == SK_KEY_CALL_DATA))
                err = sk_customers_number(driver->customers, key.name, &key.customer);
        if (err != SK_OK)
                return err;
        if (sk_slice_there(record->value))
                return restore_value(driver, share, &key, record);
        restore_tombstone(driver, share, &key);
        return SK_OK;
}

static const char *broken_by(sk_err err) {
        assert(err != SK_OK);
        return err == SK_ERR_VERSION ? "the journal has a record of a format that this program does not read"
                                     : "the journal has an unreadable record";
}

void sk_driver_journal(sk_driver *driver, const sk_record *record) {
        assert(record != NULL);
        sk_share *share = sk_driver_share(driver, record->partition);
        sk_err err;

        if (driver->is_over || share->state != SK_SHARE_RESTORING)
                return;
        err = restore_record(driver, share, record);
        if (err == SK_ERR_NO_MEMORY || err == SK_ERR_FULL)
                sk_driver_exit(driver, 75, "out of memory while restoring");
        else if (err != SK_OK && sk_slice_there(record->value))
                sk_broken_add(&share->broken, record->key, record->offset, broken_by(err));
        else
                sk_broken_mend(&share->broken, record->key);
}

static void find_broken(sk_share *share) {
        assert(share->broken_why == NULL);
        const struct sk_broken_record *first = sk_broken_first(&share->broken);

        assert(share->state == SK_SHARE_RESTORING);
        share->broken_offset = -1;
        if (first != NULL) {
                share->broken_why = first->why;
                share->broken_offset = first->offset;
        } else if (sk_store_count_headless(share->store) > 0) {
                share->broken_why = "the journal has the data of a call without its head";
        }
}

void sk_driver_restored(sk_driver *driver, int32_t partition, int64_t end_offset, int64_t now_us) {
        sk_share *share = sk_driver_share(driver, partition);

        (void)end_offset;
        sk_driver_at(driver, now_us);
        if (driver->is_over || share->state != SK_SHARE_RESTORING)
                return;
        find_broken(share);
        if (share->broken_why == NULL) {
                share->state = SK_SHARE_READY;
                sk_driver_schedules_forget(driver);
                sk_driver_effects_restored(driver, partition);
                sk_driver_care_restored(driver, partition);
                if (!driver->is_unsettled)
                        sk_driver_resume(driver, partition, false);
        }
        assert(share->state == SK_SHARE_READY || share->broken_why != NULL);
        sk_driver_advance(driver);
}

void sk_driver_record(sk_driver *driver, const sk_record *record) {
        sk_share *share = sk_driver_share(driver, record->partition);
        sk_lane *lane;

        assert(record->topic->is_inbound);
        sk_commands_input(&driver->commands);
        if (driver->is_over || driver->is_unsettled || share->state != SK_SHARE_READY)
                return;
        lane = sk_inbox_find(driver->inbox, record->topic, record->partition);
        sk_share_note_backlog(driver, share, record->timestamp_us);
        if (lane != NULL && sk_inbox_put(driver->inbox, lane, record) != SK_OK)
                sk_driver_exit(driver, 75, "out of memory for what was fetched");
}

void sk_driver_passed(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t next_offset) {
        assert(topic != NULL);
        sk_share *share = sk_driver_share(driver, partition);
        sk_lane *lane;

        sk_commands_input(&driver->commands);
        if (driver->is_over || driver->is_unsettled || share->state != SK_SHARE_READY || share->has_gap)
                return;
        lane = sk_inbox_find(driver->inbox, topic, partition);
        if (lane != NULL && sk_lane_pass(lane, next_offset))
                share->has_passed = true;
}

void sk_driver_past_gap(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t low_offset) {
        sk_driver_share(driver, partition)->is_past_gap = true;
        sk_driver_passed(driver, topic, partition, low_offset);
}

int64_t sk_share_passed_us(const sk_share *share) {
        assert(share->mark_now_us >= 0);
        if (!share->has_passed)
                return INT64_MAX;
        return share->is_past_gap ? share->mark_now_us : share->mark_now_us + PASSED_US;
}

void sk_driver_gap(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t low_offset) {
        (void)topic;
        (void)low_offset;
        sk_commands_input(&driver->commands);
        sk_driver_share(driver, partition)->has_gap = true;
}

/* ---- resume ---- */

/* Positions of the inbound topics; returns SIZE_MAX without memory. */
static size_t positions_of(sk_driver *driver, int32_t partition, bool only_new, const sk_topic **topics,
                           sk_position *positions, size_t count) {
        size_t filled = 0;

        assert(topics != NULL);
        assert(positions != NULL);
        for (size_t i = 0; i < count; i++) {
                bool is_new = sk_inbox_find(driver->inbox, topics[i], partition) == NULL;
                sk_lane *lane = sk_inbox_lane(driver->inbox, topics[i], partition);

                if (lane == NULL)
                        return SIZE_MAX;
                if (is_new || !only_new)
                        positions[filled++] = (sk_position){topics[i], partition, lane->committed_next};
        }
        assert(filled <= count);
        return filled;
}

/* How many topics are to be read: one that could not be named for want of memory must not be left out unseen. */
static size_t inbound_count(const sk_driver *driver) {
        sk_slice own = sk_team_name(driver->team);
        size_t count = 1;

        for (size_t i = 0; i < sk_edition_agreement_count(driver->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(driver->edition, i);

                count += sk_slice_equal(sk_agreement_provider(agreement), own) ||
                         sk_slice_equal(sk_agreement_customer(agreement), own);
        }
        assert(count >= 1); /* work is always read */
        return count;
}

void sk_driver_resume(sk_driver *driver, int32_t partition, bool only_new) {
        assert(!driver->is_unsettled);
        sk_share *share = sk_driver_share(driver, partition);
        size_t room = inbound_count(driver);
        const sk_topic **topics = sk_arena_get(driver->commands.arena, room * sizeof(*topics));
        sk_position *positions = sk_arena_get(driver->commands.arena, room * sizeof(*positions));
        size_t filled = SIZE_MAX;
        sk_command command = {.kind = SK_DO_RESUME, .partition = partition, .positions = positions};

        assert(share->state == SK_SHARE_READY);
        if (!only_new) {
                sk_inbox_rewind(driver->inbox, partition);
                share->waits_for_stub = share->has_stub = share->has_passed = share->is_past_gap = false;
                share->resumed_us = driver->now_us;
                share->backlog_us = 0;
        }
        if (topics != NULL && positions != NULL && sk_driver_inbound(driver, topics, room) == room)
                filled = positions_of(driver, partition, only_new, topics, positions, room);
        command.position_count = filled;
        if (filled == SIZE_MAX || (filled > 0 && !sk_commands_put(&driver->commands, &command)))
                sk_driver_exit(driver, 75, "out of memory");
}

sk_err sk_driver_edition(sk_driver *driver, sk_edition *edition) {
        assert(edition != NULL);
        const sk_team *team = sk_edition_team(edition, sk_team_name(driver->team));

        sk_commands_input(&driver->commands);
        if (team == NULL || !sk_slice_equal(sk_edition_chain(edition), sk_edition_chain(driver->edition)))
                return SK_ERR_CONFLICT;
        (void)sk_edition_retain(edition);
        sk_edition_release(driver->edition);
        driver->edition = edition;
        driver->team = team;
        if (sk_driver_schedules_list(driver) != SK_OK)
                sk_driver_exit(driver, 75, "out of memory for the schedules");
        for (int32_t p = 0; p < driver->partitions && !driver->is_over; p++)
                if (driver->shares[p].state == SK_SHARE_READY && !driver->is_unsettled)
                        sk_driver_resume(driver, p, true);
        return SK_OK;
}
