/* The driver's making and ending, its outputs, and the order in which things are done when something has come in. */

#include "link/driver.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "link/driver_inside.h"

#define MAGIC 0x51D21E5Au
#define BATCH_RECORDS 512
#define BATCH_BYTES ((size_t)8 << 20)
#define BATCH_BYTES_LEAST ((size_t)1 << 20)
#define INBOX_BYTES ((size_t)16 << 20)
#define KEY_MAX_BYTES 1024
#define HEADERS_MAX_BYTES ((size_t)1 << 20)
#define TURN_BATCHES_MAX 2
#define WALK_BITS 40

sk_share *sk_driver_share(const sk_driver *driver, int32_t partition) {
        assert(driver != NULL);
        assert(partition >= 0);
        assert(partition < driver->partitions);
        return &driver->shares[partition];
}

static void limits_set(sk_driver *driver, const sk_driver_config *config) {
        size_t bytes = config->batch_bytes_max == 0 ? BATCH_BYTES : config->batch_bytes_max;

        assert(config->partitions > 0);
        driver->batch_records_max = config->batch_records_max == 0 ? BATCH_RECORDS : config->batch_records_max;
        driver->batch_bytes_max = bytes < BATCH_BYTES_LEAST ? BATCH_BYTES_LEAST : bytes;
        driver->inbox_bytes_max = config->inbox_bytes_max == 0 ? INBOX_BYTES : config->inbox_bytes_max;
        driver->open_calls_max = config->open_calls_max;
        driver->contract = config->contract;
        driver->partitions = config->partitions;
        driver->revoke_us = INT64_MAX;
        driver->key = sk_buf_make(KEY_MAX_BYTES);
        driver->headers = sk_buf_make(HEADERS_MAX_BYTES);
}

static bool parts_make(sk_driver *driver) {
        assert(driver->edition != NULL);
        assert(driver->partitions > 0);
        assert(driver->team != NULL);
        driver->topics = sk_topics_new(sk_edition_chain(driver->edition), sk_team_name(driver->team));
        driver->customers = sk_customers_new();
        driver->openings = sk_openings_new();
        driver->inbox = sk_inbox_new(driver->partitions);
        driver->checks = sk_schema_run_new();
        driver->own_contract = driver->contract == NULL ? sk_contract_new() : NULL;
        driver->contract = driver->contract == NULL ? driver->own_contract : driver->contract;
        driver->shares = sk_alloc_zero((size_t)driver->partitions, sizeof(*driver->shares));
        if (!sk_driver_effects_make(driver) || driver->topics == NULL || driver->customers == NULL ||
            driver->openings == NULL || driver->inbox == NULL || driver->checks == NULL || driver->contract == NULL ||
            driver->shares == NULL || !sk_commands_init(&driver->commands))
                return false;
        for (int32_t p = 0; p < driver->partitions; p++) {
                driver->shares[p].stub = sk_buf_make(SIZE_MAX / 2);
                driver->shares[p].stub_key = sk_buf_make(KEY_MAX_BYTES);
        }
        if (sk_driver_schedules_list(driver) != SK_OK)
                return false;
        for (size_t i = 0; i < 2; i++)
                if (!sk_folding_init(&driver->foldings[i], driver->partitions, driver->batch_records_max,
                                     driver->batch_bytes_max))
                        return false;
        return true;
}

sk_driver *sk_driver_new(const sk_driver_config *config) {
        assert(config != NULL);
        assert(config->edition != NULL);
        const sk_team *team = sk_edition_team(config->edition, config->team);
        sk_driver *driver = team == NULL ? NULL : sk_alloc_zero(1, sizeof(*driver));

        assert(config->partitions > 0);
        if (driver == NULL)
                return NULL;
        driver->magic = MAGIC;
        driver->edition = sk_edition_retain(config->edition);
        driver->team = team;
        limits_set(driver, config);
        if (!parts_make(driver)) {
                sk_driver_free(driver);
                return NULL;
        }
        return driver;
}

void sk_driver_free(sk_driver *driver) {
        if (driver == NULL)
                return;
        assert(driver->magic == MAGIC);
        for (int32_t p = 0; driver->shares != NULL && p < driver->partitions; p++) {
                sk_store_free(driver->shares[p].store);
                sk_stubs_free(driver->shares[p].stubs);
                sk_durations_free(driver->shares[p].durations);
                sk_free(driver->shares[p].scheduled);
                sk_buf_free(&driver->shares[p].stub);
                sk_buf_free(&driver->shares[p].stub_key);
        }
        for (size_t i = 0; i < 2; i++)
                sk_folding_free(&driver->foldings[i]);
        sk_careful_clear(driver);
        sk_driver_effects_free(driver);
        sk_free(driver->shares);
        sk_free(driver->planned);
        sk_commands_free(&driver->commands);
        sk_inbox_free(driver->inbox);
        sk_schema_run_free(driver->checks);
        sk_contract_free(driver->own_contract);
        sk_openings_free(driver->openings);
        sk_customers_free(driver->customers);
        sk_topics_free(driver->topics);
        sk_edition_release(driver->edition);
        sk_buf_free(&driver->key);
        sk_buf_free(&driver->headers);
        driver->magic = 0;
        sk_free(driver);
}

/* ---- the course of things ---- */

void sk_driver_exit(sk_driver *driver, int code, const char *why) {
        assert(code <= 255);
        assert(code >= 0);
        assert(why != NULL);
        if (driver->is_over)
                return;
        driver->is_over = true;
        sk_commands_forget(&driver->commands);
        driver->commands.first = driver->commands.count = 0; /* so that there is room without asking for memory */
        (void)sk_commands_put(&driver->commands, &(sk_command){.kind = SK_DO_EXIT, .exit_code = code, .why = why});
}

void sk_driver_at(sk_driver *driver, int64_t now_us) {
        assert(driver->magic == MAGIC);
        sk_commands_input(&driver->commands);
        if (now_us > driver->now_us)
                driver->now_us = now_us;
}

void sk_driver_advance(sk_driver *driver) {
        assert(driver->magic == MAGIC);
        if (driver->is_over)
                return;
        sk_driver_settle(driver);
        sk_driver_revoke_due(driver);
        sk_driver_ask_for_once(driver);
        sk_driver_send(driver);
        for (unsigned i = 0; i < TURN_BATCHES_MAX && !driver->is_over; i++) {
                sk_driver_fold(driver);
                if (driver->waiting == NULL)
                        break;
                sk_driver_send(driver);
        }
        assert(driver->waiting == NULL || driver->flying != NULL || driver->is_over); /* what can go is on its way */
        if (driver->is_stopping && driver->flying == NULL && !driver->is_over)
                sk_driver_exit(driver, 0, "asked to stop");
}

void sk_driver_turn(sk_driver *driver, int64_t now_us) {
        assert(driver->magic == MAGIC);
        sk_driver_at(driver, now_us);
        sk_driver_advance(driver);
}

void sk_driver_stop(sk_driver *driver, int64_t now_us) {
        assert(driver->magic == MAGIC);
        sk_driver_at(driver, now_us);
        driver->is_stopping = true;
        sk_driver_drop_waiting(driver);
        sk_driver_advance(driver);
        assert(driver->waiting == NULL);
}

static int64_t earlier(int64_t a, int64_t b) {
        return a < b ? a : b;
}

bool sk_share_is_foldable(const sk_share *share) {
        assert(share != NULL);
        assert(share->state != SK_SHARE_READY || (share->store != NULL && share->stubs != NULL));
        assert(share->state != SK_SHARE_READY || share->broken_why == NULL);
        return share->state == SK_SHARE_READY && !share->has_gap && (!share->waits_for_stub || share->has_stub);
}

/* When there is something to fold: at once for an input, at its time for what is due. */
static int64_t fold_wake(const sk_driver *driver) {
        int64_t wake = INT64_MAX;

        assert(driver->flying == NULL);
        if (driver->memory_us > driver->now_us)
                return driver->memory_us;
        for (int32_t p = 0; p < driver->partitions; p++) {
                if (!sk_share_is_foldable(&driver->shares[p]))
                        continue;
                if (sk_inbox_count_of(driver->inbox, p) > 0)
                        return driver->now_us;
                wake = earlier(wake, sk_driver_timers_us(driver, p));
        }
        return sk_driver_has_locals(driver) ? driver->now_us : wake;
}

int64_t sk_driver_wake_us(const sk_driver *driver) {
        int64_t wake = driver->revoke_us;

        assert(driver->magic == MAGIC);
        if (driver->is_over)
                return INT64_MAX;
        if (driver->flying != NULL)
                return earlier(wake, earlier(driver->flying->retry_us, driver->flying->give_up_us));
        if (driver->is_unsettled)
                return driver->now_us; /* only what is to be stopped is waited for */
        if (driver->is_stopping || driver->careful.is_asked)
                return wake;
        return earlier(wake, fold_wake(driver));
}

/* ---- outputs ---- */

bool sk_driver_next(sk_driver *driver, sk_command *out) {
        assert(out != NULL);
        assert(driver->magic == MAGIC);
        return sk_commands_next(&driver->commands, out);
}

sk_topics *sk_driver_topics(sk_driver *driver) {
        assert(driver->magic == MAGIC);
        return driver->topics;
}

size_t sk_driver_inbound(sk_driver *driver, const sk_topic **out, size_t room) {
        assert(driver->magic == MAGIC);
        sk_slice own = sk_team_name(driver->team);
        size_t count = 0;

        assert(out != NULL || room == 0);
        if (room > count)
                out[count++] = sk_topics_own(driver->topics, SK_TOPIC_WORK);
        for (size_t i = 0; i < sk_edition_agreement_count(driver->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(driver->edition, i);
                sk_slice customer = sk_agreement_customer(agreement);
                sk_slice provider = sk_agreement_provider(agreement);
                const sk_topic *topic = NULL;

                if (sk_slice_equal(provider, own))
                        topic = sk_topics_calls_from(driver->topics, customer);
                else if (sk_slice_equal(customer, own))
                        topic = sk_topics_feedback_from(driver->topics, provider);
                if (topic != NULL && count < room)
                        out[count++] = topic;
        }
        assert(count <= room);
        return count;
}

static uint64_t open_calls(const sk_driver *driver) {
        assert(driver->shares != NULL);
        uint64_t count = 0;

        for (int32_t p = 0; p < driver->partitions; p++)
                if (driver->shares[p].store != NULL)
                        count += sk_store_count_calls(driver->shares[p].store);
        return count;
}

bool sk_driver_wants(const sk_driver *driver, sk_topic_kind kind) {
        assert(kind < SK_TOPIC_KINDS);
        uint64_t max =
                driver->open_calls_max != 0 ? driver->open_calls_max : sk_edition_open_calls_max(driver->edition);

        assert(driver->magic == MAGIC);
        if (driver->is_over || driver->is_stopping || sk_inbox_bytes(driver->inbox) >= driver->inbox_bytes_max)
                return false;
        return kind != SK_TOPIC_CALLS || open_calls(driver) < max;
}

static void count_readiness(const sk_driver *driver, sk_driver_numbers *out) {
        bool has_any = false;

        out->not_ready_why = NULL;
        out->is_stuck = false;
        for (int32_t p = 0; p < driver->partitions && out->not_ready_why == NULL; p++) {
                const sk_share *share = &driver->shares[p];
                assert(share->state != SK_SHARE_READY || share->broken_why == NULL);

                has_any |= share->state != SK_SHARE_NONE;
                out->is_stuck = share->broken_why != NULL || share->has_gap;
                out->stuck_partition = p;
                out->stuck_offset = share->broken_why != NULL ? share->broken_offset : -1;
                if (share->broken_why != NULL)
                        out->not_ready_why = share->broken_why;
                else if (share->has_gap)
                        out->not_ready_why = "records were deleted before they were read";
                else if (share->state == SK_SHARE_ASSIGNED || share->state == SK_SHARE_RESTORING)
                        out->not_ready_why = "a partition is being restored";
        }
        if (!has_any)
                out->not_ready_why = "no partition is assigned";
        out->is_ready = out->not_ready_why == NULL;
}

void sk_driver_count(const sk_driver *driver, sk_driver_numbers *out) {
        assert(driver->magic == MAGIC);
        assert(out != NULL);
        *out = driver->numbers;
        out->effects_waiting = sk_effects_waiting(driver->effects);
        out->effects_running = sk_effects_running(driver->effects);
        out->open_calls = open_calls(driver);
        for (int32_t p = 0; p < driver->partitions; p++) {
                const sk_share *share = &driver->shares[p];

                if (share->store == NULL)
                        continue;
                out->stubs += sk_stubs_count(share->stubs);
                out->state_bytes += sk_store_bytes(share->store);
        }
        count_readiness(driver, out);
}

/* A position is the partition and, below it, the position in its store. */
bool sk_driver_walk(const sk_driver *driver, size_t *position, sk_slice *out_head, sk_slice *out_data) {
        assert(position != NULL);
        assert(out_head != NULL);
        assert(out_data != NULL);
        const size_t mask = ((size_t)1 << WALK_BITS) - 1;
        sk_id id;
        sk_stored stored;

        assert(driver->magic == MAGIC);
        for (size_t p = *position >> WALK_BITS; p < (size_t)driver->partitions; p++) {
                size_t inner = p == *position >> WALK_BITS ? *position & mask : 0;

                while (driver->shares[p].store != NULL &&
                       sk_store_next(driver->shares[p].store, &inner, &id, &stored)) {
                        if (!sk_slice_there(stored.head))
                                continue;
                        *position = p << WALK_BITS | inner;
                        *out_head = stored.head;
                        *out_data = stored.data;
                        return true;
                }
        }
        *position = (size_t)driver->partitions << WALK_BITS;
        return false;
}
