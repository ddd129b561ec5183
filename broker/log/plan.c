#include "log/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/when.h"

#define PLAN_BYTES_MAX ((size_t)256 << 20)
#define NAME_BYTES_MAX 249 /* of a topic; groups, transactional ids and principals may be longer */
#define LONG_DAYS 400
#define OWN_TOPICS 5
#define RIGHTS_OF_TEAM 16
#define RIGHTS_OF_AGREEMENT 2

struct sk_plan {
        sk_arena *arena;
        sk_slice chain;
        const char *prefix;
        int32_t partitions;
        int replicas;
        uint32_t acceptance_days;
        sk_plan_topic *topics;
        size_t topic_count;
        sk_plan_right *rights;
        size_t right_count;
        struct principals {
                sk_slice team;
                sk_slice roles[SK_PLAN_ROLES];
        } * teams;
        size_t team_count;
        sk_err err; /* the first; sticks */
};

static const char *const kind_names[SK_TOPIC_KINDS] = {
        [SK_TOPIC_CALLS] = "calls",          [SK_TOPIC_FEEDBACK] = "feedback", [SK_TOPIC_WORK] = "work",
        [SK_TOPIC_JOURNAL] = "journal",      [SK_TOPIC_EVENTS] = "events",     [SK_TOPIC_ARCHIVE] = "archive",
        [SK_TOPIC_DEADLETTER] = "deadletter"};

/* ---- how topics are set ---- */

static const struct setting {
        unsigned kinds;
        const char *name;
        const char *value; /* NULL: milliseconds of `days` */
        uint32_t days;     /* 0: the acceptance age */
        sk_plan_relation relation;
} settings[] = {
#define OF(kind) (1u << SK_TOPIC_##kind)
#define SENT (OF(CALLS) | OF(FEEDBACK) | OF(WORK))
#define KEPT (OF(EVENTS) | OF(ARCHIVE) | OF(DEADLETTER))
        {SENT | KEPT, "cleanup.policy", "delete", 0, SK_PLAN_EQUAL},
        {SENT, "message.timestamp.type", "LogAppendTime", 0, SK_PLAN_EQUAL},
        {SENT, "retention.ms", NULL, 0, SK_PLAN_AT_LEAST},
        {KEPT, "retention.ms", NULL, LONG_DAYS, SK_PLAN_AT_LEAST},
        {OF(JOURNAL), "cleanup.policy", "compact", 0, SK_PLAN_EQUAL},
        {OF(JOURNAL), "segment.bytes", "67108864", 0, SK_PLAN_AT_MOST},
        {OF(JOURNAL), "segment.ms", "3600000", 0, SK_PLAN_AT_MOST},
        {OF(JOURNAL), "min.cleanable.dirty.ratio", "0.1", 0, SK_PLAN_AT_MOST},
        {OF(JOURNAL), "max.compaction.lag.ms", "3600000", 0, SK_PLAN_AT_MOST},
        {OF(JOURNAL), "delete.retention.ms", "86400000", 0, SK_PLAN_AT_LEAST},
        {OF(JOURNAL) | OF(ARCHIVE) | OF(DEADLETTER), "max.message.bytes", "4194304", 0, SK_PLAN_AT_LEAST},
};

static void set(sk_plan_setting *setting, const struct setting *row, uint32_t acceptance_days) {
        uint32_t days = row->days == 0 ? acceptance_days : row->days;

        setting->name = row->name;
        setting->relation = row->relation;
        if (row->value != NULL)
                (void)snprintf(setting->value, sizeof(setting->value), "%s", row->value);
        else
                (void)snprintf(setting->value, sizeof(setting->value), "%" PRIu64,
                               (uint64_t)days * (uint64_t)(SK_DAY_US / 1000));
}

size_t sk_plan_settings(sk_topic_kind kind, uint32_t acceptance_days, int replicas,
                        sk_plan_setting out[SK_PLAN_SETTINGS_MAX]) {
        assert(kind < SK_TOPIC_KINDS);
        assert(out != NULL);
        /* One copy of three may be away, and no record counts before a second one has it. */
        const struct setting in_sync = {
                .name = "min.insync.replicas", .value = replicas >= 3 ? "2" : "1", .relation = SK_PLAN_AT_LEAST};
        size_t count = 0;

        for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
                assert(count + 1 < SK_PLAN_SETTINGS_MAX);
                if ((settings[i].kinds & 1u << kind) != 0)
                        set(&out[count++], &settings[i], acceptance_days);
        }
        set(&out[count++], &in_sync, 0);
        return count;
}

static bool number_of(sk_slice text, double *out) {
        char copy[SK_PLAN_VALUE_MAX];
        char *end = NULL;

        if (text.len == 0 || text.len >= sizeof(copy))
                return false;
        memcpy(copy, text.at, text.len);
        copy[text.len] = '\0';
        *out = strtod(copy, &end);
        return *end == '\0';
}

bool sk_plan_setting_does(const sk_plan_setting *setting, sk_slice value) {
        assert(setting != NULL);
        double wanted = 0;
        double found = 0;

        if (sk_slice_is(value, setting->value))
                return true;
        if (setting->relation == SK_PLAN_EQUAL || !number_of(sk_slice_of(setting->value), &wanted) ||
            !number_of(value, &found))
                return false;
        /* Kafka's word for no bound. */
        if (found < 0)
                return setting->relation == SK_PLAN_AT_LEAST;
        return setting->relation == SK_PLAN_AT_LEAST ? found >= wanted : found <= wanted;
}

/* ---- names ---- */

static sk_slice keep(sk_plan *plan, sk_buf *text) {
        sk_slice kept = SK_NONE;

        if (text->err == SK_OK)
                kept = sk_arena_copy(plan->arena, sk_buf_slice(text));
        if (!sk_slice_there(kept) && plan->err == SK_OK)
                plan->err = text->err == SK_ERR_FULL ? SK_ERR_SIZE : SK_ERR_NO_MEMORY;
        sk_buf_free(text);
        return kept;
}

/* `<prefix><chain>.<team>`, and whatever stands behind it. */
static sk_slice name_make(sk_plan *plan, const char *prefix, sk_slice team, const char *middle, sk_slice last) {
        sk_buf text = sk_buf_make(NAME_BYTES_MAX);

        sk_buf_add_format(&text, "%s%.*s.%.*s%s%.*s", prefix == NULL ? "" : prefix, (int)plan->chain.len,
                          plan->chain.at, (int)team.len, team.at, middle, (int)last.len,
                          sk_slice_there(last) ? last.at : "");
        return keep(plan, &text);
}

static sk_slice topic_name(sk_plan *plan, sk_slice team, sk_topic_kind kind, sk_slice peer) {
        char middle[24];

        (void)snprintf(middle, sizeof(middle), ".%s%s", kind_names[kind], sk_slice_there(peer) ? "." : "");
        return name_make(plan, NULL, team, middle, peer);
}

static sk_slice principal_make(sk_plan *plan, const char *pattern, sk_slice team) {
        sk_buf text = sk_buf_make(NAME_BYTES_MAX);

        for (const char *mark; (mark = strstr(pattern, SK_PLAN_TEAM)) != NULL;) {
                sk_buf_add(&text, pattern, (size_t)(mark - pattern));
                sk_buf_add_slice(&text, team);
                pattern = mark + strlen(SK_PLAN_TEAM);
        }
        sk_buf_add_text(&text, pattern);
        return keep(plan, &text);
}

/* ---- topics ---- */

static void topic_add(sk_plan *plan, sk_slice team, sk_topic_kind kind, sk_slice peer) {
        sk_plan_topic *topic = &plan->topics[plan->topic_count++];

        topic->name = topic_name(plan, team, kind, peer);
        topic->kind = kind;
        topic->team = team;
        topic->setting_count = sk_plan_settings(kind, plan->acceptance_days, plan->replicas, topic->settings);
}

static void topics_of_team(sk_plan *plan, const sk_edition *edition, sk_slice team) {
        static const sk_topic_kind own[OWN_TOPICS] = {SK_TOPIC_WORK, SK_TOPIC_JOURNAL, SK_TOPIC_EVENTS,
                                                      SK_TOPIC_ARCHIVE, SK_TOPIC_DEADLETTER};

        for (size_t i = 0; i < OWN_TOPICS; i++)
                topic_add(plan, team, own[i], SK_NONE);
        for (size_t i = 0; i < sk_edition_agreement_count(edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                sk_slice customer = sk_agreement_customer(agreement);
                sk_slice provider = sk_agreement_provider(agreement);
                if (sk_slice_equal(provider, team))
                        topic_add(plan, team, SK_TOPIC_CALLS, customer);
                if (sk_slice_equal(customer, team))
                        topic_add(plan, team, SK_TOPIC_FEEDBACK, provider);
        }
}

/* ---- rights ---- */

#define READ (1u << SK_PLAN_READ)
#define WRITE (1u << SK_PLAN_WRITE)
#define DESCRIBE (1u << SK_PLAN_DESCRIBE)
#define DESCRIBE_CONFIGS (1u << SK_PLAN_DESCRIBE_CONFIGS)

static void right_add(sk_plan *plan, const struct principals *team, const sk_plan_right *right) {
        sk_plan_right *added = &plan->rights[plan->right_count++];

        *added = *right;
        added->team = team->team;
        added->principal = team->roles[right->role];
}

static void right_to_topic(sk_plan *plan, const struct principals *team, sk_slice name, unsigned operations) {
        right_add(plan, team, &(sk_plan_right){.resource = SK_PLAN_TOPIC, .name = name, .operations = operations});
}

static void right_to_inbound(sk_plan *plan, const struct principals *team, sk_topic_kind kind) {
        sk_slice name = topic_name(plan, team->team, kind, SK_SLICE(""));

        right_add(plan, team,
                  &(sk_plan_right){.resource = SK_PLAN_TOPIC, .name = name, .is_prefix = true, .operations = READ});
}

/* What goes to others: one topic each, since in their names stands who wrote it (rule K). */
static void rights_of_agreements(sk_plan *plan, const sk_edition *edition, const struct principals *team) {
        bool is_provider = false;
        bool is_customer = false;

        for (size_t i = 0; i < sk_edition_agreement_count(edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                sk_slice customer = sk_agreement_customer(agreement);
                sk_slice provider = sk_agreement_provider(agreement);
                if (sk_slice_equal(provider, team->team)) {
                        if (!is_provider)
                                right_to_inbound(plan, team, SK_TOPIC_CALLS);
                        is_provider = true;
                        right_to_topic(plan, team, topic_name(plan, customer, SK_TOPIC_FEEDBACK, provider), WRITE);
                }
                if (sk_slice_equal(customer, team->team)) {
                        if (!is_customer)
                                right_to_inbound(plan, team, SK_TOPIC_FEEDBACK);
                        is_customer = true;
                        right_to_topic(plan, team, topic_name(plan, provider, SK_TOPIC_CALLS, customer), WRITE);
                }
        }
}

static void rights_of_link(sk_plan *plan, const sk_edition *edition, const struct principals *team) {
        static const struct {
                sk_topic_kind kind;
                unsigned operations;
        } own[OWN_TOPICS] = {{SK_TOPIC_WORK, READ},
                             {SK_TOPIC_JOURNAL, READ | WRITE},
                             {SK_TOPIC_EVENTS, WRITE},
                             {SK_TOPIC_ARCHIVE, WRITE},
                             {SK_TOPIC_DEADLETTER, WRITE}};

        for (size_t i = 0; i < OWN_TOPICS; i++)
                right_to_topic(plan, team, topic_name(plan, team->team, own[i].kind, SK_NONE), own[i].operations);
        rights_of_agreements(plan, edition, team);
        right_add(plan, team,
                  &(sk_plan_right){.resource = SK_PLAN_TOPIC,
                                   .name = name_make(plan, NULL, team->team, ".", SK_NONE),
                                   .is_prefix = true,
                                   .operations = DESCRIBE_CONFIGS});
        right_add(plan, team,
                  &(sk_plan_right){.resource = SK_PLAN_GROUP,
                                   .name = name_make(plan, plan->prefix, team->team, "", SK_NONE),
                                   .operations = READ});
        right_add(plan, team,
                  &(sk_plan_right){.resource = SK_PLAN_TRANSACTION,
                                   .name = name_make(plan, plan->prefix, team->team, ".", SK_NONE),
                                   .is_prefix = true,
                                   .operations = WRITE | DESCRIBE});
}

/* People look at whatever their team has, and write its work. Whether its link runs shows in its group. */
static void rights_of_people(sk_plan *plan, const struct principals *team) {
        right_add(plan, team,
                  &(sk_plan_right){.role = SK_PLAN_PEOPLE,
                                   .resource = SK_PLAN_TOPIC,
                                   .name = topic_name(plan, team->team, SK_TOPIC_WORK, SK_NONE),
                                   .operations = WRITE});
        right_add(plan, team,
                  &(sk_plan_right){.role = SK_PLAN_PEOPLE,
                                   .resource = SK_PLAN_TOPIC,
                                   .name = name_make(plan, NULL, team->team, ".", SK_NONE),
                                   .is_prefix = true,
                                   .operations = READ});
        right_add(plan, team,
                  &(sk_plan_right){.role = SK_PLAN_PEOPLE,
                                   .resource = SK_PLAN_GROUP,
                                   .name = name_make(plan, plan->prefix, team->team, "", SK_NONE),
                                   .operations = DESCRIBE});
}

/* ---- the whole ---- */

static bool room_make(sk_plan *plan, const sk_edition *edition) {
        size_t teams = sk_edition_team_count(edition);
        size_t agreements = sk_edition_agreement_count(edition);

        plan->topics = sk_arena_get_zero(plan->arena, teams * OWN_TOPICS + agreements * 2 + 1, sizeof(sk_plan_topic));
        plan->rights = sk_arena_get_zero(plan->arena, teams * RIGHTS_OF_TEAM + agreements * RIGHTS_OF_AGREEMENT + 1,
                                         sizeof(sk_plan_right));
        plan->teams = sk_arena_get_zero(plan->arena, teams + 1, sizeof(plan->teams[0]));
        plan->chain = sk_arena_copy(plan->arena, sk_edition_chain(edition));
        return plan->topics != NULL && plan->rights != NULL && plan->teams != NULL && sk_slice_there(plan->chain);
}

static void team_add(sk_plan *plan, const sk_plan_config *config, sk_slice name) {
        struct principals *team = &plan->teams[plan->team_count++];

        team->team = sk_arena_copy(plan->arena, name);
        if (!sk_slice_there(team->team)) {
                plan->err = SK_ERR_NO_MEMORY;
                return;
        }
        team->roles[SK_PLAN_LINK] =
                principal_make(plan, config->link == NULL ? "User:" SK_PLAN_TEAM : config->link, team->team);
        team->roles[SK_PLAN_PEOPLE] = principal_make(
                plan, config->people == NULL ? "User:" SK_PLAN_TEAM "-people" : config->people, team->team);
        topics_of_team(plan, config->edition, team->team);
        rights_of_link(plan, config->edition, team);
        rights_of_people(plan, team);
}

sk_err sk_plan_new(const sk_plan_config *config, sk_plan **out) {
        assert(config != NULL);
        assert(config->edition != NULL);
        assert(config->replicas >= 1);
        assert(out != NULL);
        sk_plan *plan = sk_alloc_zero(1, sizeof(*plan));
        if (plan == NULL)
                return SK_ERR_NO_MEMORY;

        plan->arena = sk_arena_new(PLAN_BYTES_MAX);
        plan->prefix = config->prefix; /* only while it is made */
        plan->partitions = sk_edition_partitions(config->edition);
        plan->replicas = config->replicas;
        plan->acceptance_days = sk_edition_acceptance_days(config->edition);
        if (plan->arena == NULL || !room_make(plan, config->edition))
                plan->err = SK_ERR_NO_MEMORY;
        for (size_t i = 0; i < sk_edition_team_count(config->edition) && plan->err == SK_OK; i++)
                team_add(plan, config, sk_team_name(sk_edition_team_at(config->edition, i)));
        plan->prefix = NULL;
        if (plan->err != SK_OK) {
                sk_err err = plan->err;
                sk_plan_free(plan);
                return err;
        }
        *out = plan;
        return SK_OK;
}

void sk_plan_free(sk_plan *plan) {
        if (plan == NULL)
                return;
        sk_arena_free(plan->arena);
        sk_free(plan);
}

/* ---- looking ---- */

sk_slice sk_plan_chain(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->chain;
}

int32_t sk_plan_partitions(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->partitions;
}

int sk_plan_replicas(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->replicas;
}

size_t sk_plan_topic_count(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->topic_count;
}

const sk_plan_topic *sk_plan_topic_at(const sk_plan *plan, size_t index) {
        assert(plan != NULL);
        assert(index < plan->topic_count);
        return &plan->topics[index];
}

const sk_plan_topic *sk_plan_topic_find(const sk_plan *plan, sk_slice name) {
        assert(plan != NULL);
        for (size_t i = 0; i < plan->topic_count; i++) {
                if (sk_slice_equal(plan->topics[i].name, name))
                        return &plan->topics[i];
        }
        return NULL;
}

size_t sk_plan_right_count(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->right_count;
}

const sk_plan_right *sk_plan_right_at(const sk_plan *plan, size_t index) {
        assert(plan != NULL);
        assert(index < plan->right_count);
        return &plan->rights[index];
}

const char *sk_plan_kind_name(sk_topic_kind kind) {
        assert(kind < SK_TOPIC_KINDS);
        return kind_names[kind];
}

const char *sk_plan_resource_name(sk_plan_resource resource) {
        static const char *const names[SK_PLAN_RESOURCES] = {
                [SK_PLAN_TOPIC] = "topic", [SK_PLAN_GROUP] = "group", [SK_PLAN_TRANSACTION] = "transactional-id"};

        assert(resource < SK_PLAN_RESOURCES);
        return names[resource];
}

const char *sk_plan_operation_name(sk_plan_operation operation) {
        static const char *const names[SK_PLAN_OPERATIONS] = {[SK_PLAN_READ] = "Read",
                                                              [SK_PLAN_WRITE] = "Write",
                                                              [SK_PLAN_DESCRIBE] = "Describe",
                                                              [SK_PLAN_DESCRIBE_CONFIGS] = "DescribeConfigs"};

        assert(operation < SK_PLAN_OPERATIONS);
        return names[operation];
}

size_t sk_plan_team_count(const sk_plan *plan) {
        assert(plan != NULL);
        return plan->team_count;
}

sk_slice sk_plan_team_at(const sk_plan *plan, size_t index) {
        assert(plan != NULL);
        assert(index < plan->team_count);
        return plan->teams[index].team;
}

sk_slice sk_plan_principal(const sk_plan *plan, size_t team, sk_plan_role role) {
        assert(plan != NULL);
        assert(team < plan->team_count);
        assert(role < SK_PLAN_ROLES);
        return plan->teams[team].roles[role];
}
