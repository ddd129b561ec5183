/*
 * Consumer groups of the memory broker, as the classic protocol with static members has them. A generation lasts
 * until somebody joins, leaves or is thrown out; then all members must give back and rejoin, and when the last one
 * has, the next generation begins. Until that moment offsets of the old generation are still taken.
 */

#include <assert.h>

#include "kit/alloc.h"
#include "log/memory_inside.h"

#define SEATS_MAX 1000

static void group_complete(sk_memory_group *group);

void sk_memory_group_free(sk_memory_group *group) {
        for (size_t i = 0; i < group->seat_count; i++)
                sk_free(group->seats[i].instance);
        sk_free(group->seats);
        sk_free(group->offsets);
        sk_free(group->name);
        sk_free(group);
}

static sk_memory_group *group_find(const sk_memory_broker *broker, sk_slice name) {
        for (size_t i = 0; i < broker->group_count; i++) {
                if (sk_slice_equal((sk_slice){broker->groups[i]->name, broker->groups[i]->name_len}, name))
                        return broker->groups[i];
        }
        return NULL;
}

sk_memory_group *sk_memory_group_open(sk_memory_broker *broker, sk_slice name, int64_t session_timeout_us) {
        sk_memory_group *group = group_find(broker, name);
        if (group != NULL)
                return group;
        sk_memory_group **grown = sk_realloc(broker->groups, (broker->group_count + 1) * sizeof(sk_memory_group *));
        if (grown == NULL)
                return NULL;
        broker->groups = grown;
        group = sk_alloc_zero(1, sizeof(*group));
        char *copy = sk_alloc_copy(name.at, name.len);
        if (group == NULL || copy == NULL) {
                sk_free(group);
                sk_free(copy);
                return NULL;
        }
        *group = (sk_memory_group){
                .broker = broker, .name = copy, .name_len = name.len, .session_timeout_us = session_timeout_us};
        broker->groups[broker->group_count++] = group;
        return group;
}

static sk_memory_seat *seat_find(sk_memory_group *group, sk_slice instance) {
        for (size_t i = 0; i < group->seat_count; i++) {
                if (sk_slice_equal((sk_slice){group->seats[i].instance, group->seats[i].instance_len}, instance))
                        return &group->seats[i];
        }
        return NULL;
}

static sk_memory_seat *seat_add(sk_memory_group *group, sk_slice instance) {
        if (group->seat_count == SEATS_MAX)
                return NULL;
        sk_memory_seat *grown = sk_realloc(group->seats, (group->seat_count + 1) * sizeof(sk_memory_seat));
        if (grown == NULL)
                return NULL;
        group->seats = grown;
        char *copy = sk_alloc_copy(instance.at, instance.len);
        if (copy == NULL)
                return NULL;
        grown[group->seat_count] = (sk_memory_seat){.instance = copy, .instance_len = instance.len};
        return &grown[group->seat_count++];
}

static void group_unsettle(sk_memory_group *group) {
        if (group->is_rebalancing)
                return;
        group->is_rebalancing = true;
        for (size_t i = 0; i < group->seat_count; i++)
                group->seats[i].has_joined = false;
}

static size_t members_count(const sk_memory_group *group) {
        size_t count = 0;

        for (size_t i = 0; i < group->seat_count; i++)
                count += group->seats[i].is_member ? 1 : 0;
        return count;
}

/* How many members stand before this one by name. */
static size_t seat_rank(const sk_memory_group *group, const sk_memory_seat *seat) {
        size_t rank = 0;

        for (size_t i = 0; i < group->seat_count; i++) {
                const sk_memory_seat *other = &group->seats[i];
                size_t len = other->instance_len < seat->instance_len ? other->instance_len : seat->instance_len;
                int order = memcmp(other->instance, seat->instance, len);
                if (other->is_member && (order < 0 || (order == 0 && other->instance_len < seat->instance_len)))
                        rank++;
        }
        return rank;
}

/* Kafka's range assignor over one topic. */
static void seat_assign(const sk_memory_group *group, sk_memory_seat *seat, size_t members) {
        int32_t each = group->broker->partitions / (int32_t)members;
        int32_t extra = group->broker->partitions % (int32_t)members;
        int32_t rank = (int32_t)seat_rank(group, seat);

        seat->first = each * rank + (rank < extra ? rank : extra);
        seat->count = each + (rank < extra ? 1 : 0);
}

static void group_complete(sk_memory_group *group) {
        size_t members = members_count(group);

        if (!group->is_rebalancing)
                return;
        for (size_t i = 0; i < group->seat_count; i++) {
                if (group->seats[i].is_member && !group->seats[i].has_joined)
                        return;
        }
        group->generation++;
        group->broker->counts.generations++;
        group->is_rebalancing = false;
        for (size_t i = 0; i < group->seat_count; i++) {
                if (group->seats[i].is_member)
                        seat_assign(group, &group->seats[i], members);
        }
}

sk_err sk_memory_group_join(sk_memory_group *group, sk_slice instance, sk_memory_member *out) {
        sk_memory_seat *seat = seat_find(group, instance);
        if (seat == NULL)
                seat = seat_add(group, instance);
        if (seat == NULL)
                return SK_ERR_NO_MEMORY;

        seat->incarnation++;
        seat->seen_us = group->broker->now_us;
        if (!seat->is_member) {
                group_unsettle(group);
                seat->is_member = true;
        }
        if (group->is_rebalancing)
                seat->has_joined = true;
        group_complete(group);
        *out = (sk_memory_member){(uint32_t)(seat - group->seats), seat->incarnation, group->generation};
        return SK_OK;
}

static sk_memory_seat *seat_of(sk_memory_group *group, const sk_memory_member *member) {
        assert(member->index < group->seat_count);
        sk_memory_seat *seat = &group->seats[member->index];
        return seat->is_member && seat->incarnation == member->incarnation ? seat : NULL;
}

void sk_memory_group_rejoin(sk_memory_group *group, const sk_memory_member *member) {
        sk_memory_seat *seat = seat_of(group, member);
        if (seat == NULL)
                return;
        seat->seen_us = group->broker->now_us;
        seat->has_joined = true;
        group_complete(group);
}

static void seat_leave(sk_memory_group *group, sk_memory_seat *seat) {
        group_unsettle(group);
        seat->is_member = false;
        seat->has_joined = false;
        seat->count = 0;
        if (members_count(group) > 0)
                group_complete(group);
}

void sk_memory_group_leave(sk_memory_group *group, const sk_memory_member *member) {
        sk_memory_seat *seat = seat_of(group, member);
        if (seat != NULL)
                seat_leave(group, seat);
}

sk_membership sk_memory_group_poll(sk_memory_group *group, sk_memory_member *member, int32_t *out_first,
                                   int32_t *out_count) {
        assert(member->index < group->seat_count);
        sk_memory_seat *seat = &group->seats[member->index];
        if (seat->incarnation != member->incarnation)
                return SK_MEMBER_FENCED;
        if (!seat->is_member)
                return SK_MEMBER_UNKNOWN;
        seat->seen_us = group->broker->now_us;
        if (group->is_rebalancing)
                return SK_MEMBER_REBALANCING;
        member->generation = group->generation;
        *out_first = seat->first;
        *out_count = seat->count;
        return SK_MEMBER_STABLE;
}

void sk_memory_groups_expire(sk_memory_broker *broker) {
        for (size_t i = 0; i < broker->group_count; i++) {
                sk_memory_group *group = broker->groups[i];
                for (size_t j = 0; j < group->seat_count; j++) {
                        sk_memory_seat *seat = &group->seats[j];
                        if (!seat->is_member || broker->now_us - seat->seen_us <= group->session_timeout_us)
                                continue;
                        broker->counts.members_lost++;
                        seat_leave(group, seat);
                }
        }
}

size_t sk_memory_group_size(const sk_memory_group *group) {
        return members_count(group);
}

uint64_t sk_memory_group_generation(const sk_memory_group *group) {
        return group->generation;
}

bool sk_memory_group_allows(const sk_memory_group *group, const sk_memory_member *member) {
        assert(member->index < group->seat_count);
        const sk_memory_seat *seat = &group->seats[member->index];

        return seat->is_member && seat->incarnation == member->incarnation && member->generation == group->generation;
}

static sk_memory_group_offset *offset_find(const sk_memory_group *group, const sk_memory_topic *topic,
                                           int32_t partition) {
        for (size_t i = 0; i < group->offset_count; i++) {
                if (group->offsets[i].topic == topic && group->offsets[i].partition == partition)
                        return &group->offsets[i];
        }
        return NULL;
}

sk_err sk_memory_group_offset_pend(sk_memory_group *group, const sk_memory_offset *offset) {
        sk_memory_group_offset *found = offset_find(group, offset->topic, offset->partition);
        if (found == NULL) {
                sk_memory_group_offset *grown =
                        sk_realloc(group->offsets, (group->offset_count + 1) * sizeof(sk_memory_group_offset));
                if (grown == NULL)
                        return SK_ERR_NO_MEMORY;
                group->offsets = grown;
                found = &grown[group->offset_count++];
                *found = (sk_memory_group_offset){offset->topic, offset->partition, -1, 0, 0};
        }
        found->pending++;
        return SK_OK;
}

void sk_memory_group_offset_settle(sk_memory_group *group, const sk_memory_offset *offset, uint64_t transaction,
                                   bool is_commit) {
        sk_memory_group_offset *found = offset_find(group, offset->topic, offset->partition);

        assert(found != NULL);
        assert(found->pending > 0);
        found->pending--;
        if (is_commit && transaction > found->settled_by) {
                found->next_offset = offset->next_offset;
                found->settled_by = transaction;
        }
}

sk_err sk_memory_committed(const sk_memory_group *group, const sk_memory_topic *topic, int32_t partition,
                           sk_isolation isolation, int64_t *out_next) {
        const sk_memory_group_offset *found = offset_find(group, topic, partition);

        if (found != NULL && found->pending > 0 && isolation == SK_READ_COMMITTED) {
                group->broker->counts.offsets_unstable++;
                return SK_ERR_BUSY;
        }
        *out_next = found == NULL ? -1 : found->next_offset;
        return SK_OK;
}
