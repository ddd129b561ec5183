#include "log/cluster.h"

#include <assert.h>

#include "event/topics.h"

#define BYTES_MAX ((size_t)64 << 20)
#define EVERY_OPERATION ((1u << SK_PLAN_OPERATIONS) - 1)
#define READ (1u << SK_PLAN_READ)
#define WRITE (1u << SK_PLAN_WRITE)
#define DESCRIBE (1u << SK_PLAN_DESCRIBE)

/* ---- looking ---- */

void sk_cluster_free(sk_cluster *cluster) {
        assert(cluster != NULL);
        sk_arena_free(cluster->arena);
        *cluster = (sk_cluster){0};
}

const sk_cluster_topic *sk_cluster_topic_find(const sk_cluster *cluster, sk_slice name) {
        assert(cluster != NULL);
        for (size_t i = 0; i < cluster->topic_count; i++) {
                if (sk_slice_equal(cluster->topics[i].name, name))
                        return &cluster->topics[i];
        }
        return NULL;
}

sk_slice sk_cluster_setting_of(const sk_cluster_topic *topic, const char *name) {
        assert(topic != NULL);
        assert(name != NULL);
        for (size_t i = 0; i < topic->setting_count; i++) {
                if (sk_slice_is(topic->settings[i].name, name))
                        return topic->settings[i].value;
        }
        return SK_NONE;
}

/* ---- rights ---- */

static bool begins_with(sk_slice name, sk_slice prefix) {
        return name.len >= prefix.len && memcmp(name.at, prefix.at, prefix.len) == 0;
}

/* A kind that librdkafka cannot name is taken for transactional ids: of all others it has names. */
static bool is_about(const sk_cluster_acl *acl, const sk_plan_right *right) {
        bool is_kind = acl->resource == right->resource ||
                       (acl->resource == SK_PLAN_RESOURCES && right->resource == SK_PLAN_TRANSACTION);

        if (!is_kind || !(sk_slice_equal(acl->principal, right->principal) || sk_slice_is(acl->principal, "User:*")))
                return false;
        if (acl->is_prefix)
                return begins_with(right->name, acl->name);
        return sk_slice_is(acl->name, "*") || (!right->is_prefix && sk_slice_equal(acl->name, right->name));
}

/* A denial counts also if it is about a part of what is wanted. */
static bool is_in_the_way(const sk_cluster_acl *acl, const sk_plan_right *right) {
        sk_plan_right part = *right;

        if (acl->answer != SK_CLUSTER_DENY || (acl->operations & right->operations) == 0)
                return false;
        if (is_about(acl, right))
                return true;
        part.name = acl->name;
        part.is_prefix = acl->is_prefix;
        return right->is_prefix && begins_with(acl->name, right->name) && is_about(acl, &part);
}

/* Who may read or write may also describe. */
static unsigned implied_by(unsigned operations) {
        return (operations & (READ | WRITE)) != 0 ? operations | DESCRIBE : operations;
}

/* @p spare: by ACL, those that do not count because they are to go; NULL: none. */
static unsigned lacks(const sk_cluster *cluster, const sk_plan_right *right, const bool *spare,
                      const sk_cluster_acl **out_denied) {
        unsigned lacking = right->operations;

        *out_denied = NULL;
        for (size_t i = 0; i < cluster->acl_count; i++) {
                const sk_cluster_acl *acl = &cluster->acls[i];
                if (is_in_the_way(acl, right)) {
                        *out_denied = acl;
                        return acl->operations & right->operations;
                }
                if (acl->answer == SK_CLUSTER_ALLOW && sk_slice_is(acl->host, "*") && is_about(acl, right) &&
                    (spare == NULL || !spare[i]))
                        lacking &= ~implied_by(acl->operations);
        }
        return lacking;
}

unsigned sk_cluster_lacks(const sk_cluster *cluster, const sk_plan_right *right, const sk_cluster_acl **out_denied) {
        assert(cluster != NULL);
        assert(right != NULL);
        assert(out_denied != NULL);
        return lacks(cluster, right, NULL, out_denied);
}

/* Whether the ACL gives no more than the right. */
static bool is_within(const sk_cluster_acl *acl, const sk_plan_right *right) {
        if (acl->resource != right->resource || !sk_slice_equal(acl->principal, right->principal) ||
            (acl->operations & ~implied_by(right->operations)) != 0 || acl->operations == 0)
                return false;
        return right->is_prefix ? begins_with(acl->name, right->name)
                                : !acl->is_prefix && sk_slice_equal(acl->name, right->name);
}

static bool is_needed(const sk_plan *plan, const sk_cluster_acl *acl) {
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                if (is_within(acl, sk_plan_right_at(plan, i)))
                        return true;
        }
        return false;
}

static bool is_of_plan(const sk_plan *plan, sk_slice principal) {
        for (size_t i = 0; i < sk_plan_team_count(plan); i++) {
                for (unsigned role = 0; role < SK_PLAN_ROLES; role++) {
                        if (sk_slice_equal(sk_plan_principal(plan, i, (sk_plan_role)role), principal))
                                return true;
                }
        }
        return false;
}

/* `<chain>.` */
static bool is_of_chain(const sk_plan *plan, sk_slice name) {
        sk_slice chain = sk_plan_chain(plan);

        return name.len > chain.len && begins_with(name, chain) && name.at[chain.len] == '.';
}

static bool is_spare(const sk_plan *plan, const sk_cluster_acl *acl) {
        return acl->answer == SK_CLUSTER_ALLOW && acl->resource == SK_PLAN_TOPIC && is_of_chain(plan, acl->name) &&
               is_of_plan(plan, acl->principal) && !is_needed(plan, acl);
}

/* ---- comparing ---- */

static void add(sk_differences *differences, const sk_difference *difference) {
        differences->list[differences->count++] = *difference;
        differences->counts[difference->kind]++;
}

static void compare_topic(const sk_plan *plan, const sk_cluster *cluster, const sk_plan_topic *topic,
                          sk_differences *out) {
        const sk_cluster_topic *found = sk_cluster_topic_find(cluster, topic->name);
        sk_difference difference = {.kind = SK_LACKS_TOPIC, .topic = topic, .found = found};

        if (found == NULL) {
                add(out, &difference);
                return;
        }
        difference.kind = SK_OTHER_PARTITIONS;
        if (found->partitions != sk_plan_partitions(plan))
                add(out, &difference);
        difference.kind = SK_OTHER_REPLICAS;
        if (found->replicas < sk_plan_replicas(plan))
                add(out, &difference);
        difference.kind = SK_HIDDEN_SETTINGS;
        if (found->setting_count == 0) {
                add(out, &difference);
                return;
        }
        difference.kind = SK_OTHER_SETTING;
        for (size_t i = 0; i < topic->setting_count; i++) {
                difference.setting = &topic->settings[i];
                difference.value = sk_cluster_setting_of(found, topic->settings[i].name);
                if (!sk_plan_setting_does(&topic->settings[i], difference.value))
                        add(out, &difference);
        }
}

static void compare_rights(const sk_plan *plan, const sk_cluster *cluster, const bool *spare, sk_differences *out) {
        for (size_t i = 0; i < sk_plan_right_count(plan) && cluster->guard == SK_CLUSTER_GUARDED; i++) {
                sk_difference difference = {.right = sk_plan_right_at(plan, i)};
                difference.operations = lacks(cluster, difference.right, spare, &difference.acl);
                difference.kind = difference.acl == NULL ? SK_LACKS_RIGHT : SK_DENIED_RIGHT;
                if (difference.operations != 0)
                        add(out, &difference);
        }
}

static void tell_spare(const sk_plan *plan, const sk_cluster *cluster, const bool *spare, sk_differences *out) {
        sk_slice parts[3];
        sk_topic_kind kind;

        for (size_t i = 0; i < cluster->topic_count; i++) {
                const sk_cluster_topic *topic = &cluster->topics[i];
                if (sk_topic_parse(topic->name, &parts[0], &parts[1], &kind, &parts[2]) &&
                    sk_slice_equal(parts[0], sk_plan_chain(plan)) && sk_plan_topic_find(plan, topic->name) == NULL)
                        add(out, &(sk_difference){.kind = SK_SPARE_TOPIC, .found = topic});
        }
        for (size_t i = 0; i < cluster->acl_count; i++) {
                if (spare[i])
                        add(out, &(sk_difference){.kind = SK_SPARE_RIGHT, .acl = &cluster->acls[i]});
        }
}

sk_err sk_cluster_compare(const sk_plan *plan, const sk_cluster *cluster, sk_differences *out) {
        assert(plan != NULL);
        assert(cluster != NULL);
        assert(out != NULL);
        size_t most = sk_plan_topic_count(plan) * (SK_PLAN_SETTINGS_MAX + 2) + sk_plan_right_count(plan) +
                      cluster->topic_count + cluster->acl_count;
        sk_differences made = {.arena = sk_arena_new(BYTES_MAX)};

        if (made.arena == NULL)
                return SK_ERR_NO_MEMORY;
        made.list = sk_arena_get_zero(made.arena, most + 1, sizeof(sk_difference));
        bool *spare = sk_arena_get_zero(made.arena, cluster->acl_count + 1, sizeof(bool));
        if (made.list == NULL || spare == NULL) {
                sk_arena_free(made.arena);
                return SK_ERR_NO_MEMORY;
        }
        /* What is to go does not count, so that the narrower right is there before. */
        for (size_t i = 0; i < cluster->acl_count; i++)
                spare[i] = is_spare(plan, &cluster->acls[i]);
        for (size_t i = 0; i < sk_plan_topic_count(plan); i++)
                compare_topic(plan, cluster, sk_plan_topic_at(plan, i), &made);
        compare_rights(plan, cluster, spare, &made);
        tell_spare(plan, cluster, spare, &made);
        assert(made.count <= most);
        *out = made;
        return SK_OK;
}

void sk_differences_drop(sk_differences *differences, size_t index) {
        assert(differences != NULL);
        assert(index < differences->count);
        sk_difference *at = &differences->list[index];

        differences->counts[at->kind]--;
        differences->count--;
        memmove(at, at + 1, (differences->count - index) * sizeof(*at));
}

void sk_differences_free(sk_differences *differences) {
        assert(differences != NULL);
        sk_arena_free(differences->arena);
        *differences = (sk_differences){0};
}
