/*
 * chain.json: what holds for the chain as a whole.
 */
#include <assert.h>

#include "usm/check.h"

#define PARTITIONS 4
#define PARTITIONS_MAX 1024
#define ACCEPTANCE_DAYS 14
#define ACCEPTANCE_DAYS_MAX 365
#define OPEN_CALLS INT64_C(10000000)
#define OPEN_CALLS_MAX INT64_C(1000000000)

static void read_name(sk_check *check, const sk_spot *root) {
        assert(check->edition->chain.len == 0);
        sk_spot name = sk_spot_member(root, "name");
        if (!sk_read_need(check, &name, "the name of the chain begins the names of all topics"))
                return;
        sk_slice text = sk_read_text(check, &name);
        if (sk_slice_there(text) && sk_read_name(check, &name, text, "a chain"))
                check->edition->chain = text;
}

static void read_limits(sk_check *check, const sk_spot *root) {
        static const char *const allowed[] = {"open_calls", NULL};
        sk_spot limits = sk_spot_member(root, "limits");
        if (!sk_read_is_object(check, &limits))
                return;
        sk_read_only(check, &limits, allowed);
        sk_spot open_calls = sk_spot_member(&limits, "open_calls");
        check->edition->open_calls_max = (uint64_t)sk_read_int(check, &open_calls, 1, OPEN_CALLS_MAX, OPEN_CALLS);
        assert(check->edition->open_calls_max >= 1);
}

/* What may not stand in a file that is shown, copied and kept with others. */
static bool is_secret(const char *name) {
        assert(name != NULL);
        static const char *const secrets[] = {"sasl.password", "ssl.key.password", "ssl.keystore.password",
                                              "ssl.key.pem", "sasl.oauthbearer.client.secret"};
        for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
                if (strcmp(name, secrets[i]) == 0)
                        return true;
        }
        return false;
}

static bool is_elsewhere(sk_slice value) {
        assert(sk_slice_there(value));
        return (value.len > 4 && memcmp(value.at, "env:", 4) == 0) ||
               (value.len > 5 && memcmp(value.at, "file:", 5) == 0);
}

static void read_property(sk_check *check, const sk_spot *member, const char *name) {
        assert(name != NULL);
        sk_chain_property *list = check->edition->kafka;
        sk_slice value = sk_read_text(check, member);
        if (!sk_slice_there(value) || list == NULL)
                return;
        if (is_secret(name) && !is_elsewhere(value))
                sk_check_say(check, member, SK_ERROR, "secret-plain",
                             "a secret does not belong into this file\nsay where it is: env:NAME or file:PATH");
        if (strcmp(name, SK_KAFKA_PREFIX) == 0 && !sk_edition_is_kafka_prefix(value))
                sk_check_say(
                        check, member, SK_ERROR, "name-bad",
                        "this cannot stand before the names of groups and transactional ids\nuse up to 64 letters, "
                        "digits, dots, hyphens and underscores, such as \"trial.\"");
        sk_slice copy = sk_arena_copy(check->edition->arena, sk_slice_of(name));
        if (sk_slice_there(copy))
                list[check->edition->kafka_count++] = (sk_chain_property){.name = copy, .value = value};
}

static void read_kafka(sk_check *check, const sk_spot *root) {
        assert(check->edition->kafka_count == 0);
        const char *name;
        json_t *value;
        sk_spot kafka = sk_spot_member(root, "kafka");
        if (!sk_read_is_object(check, &kafka))
                return;
        size_t count = json_object_size(kafka.value);
        check->edition->kafka = sk_arena_get_zero(check->edition->arena, count + 1, sizeof(sk_chain_property));
        json_object_foreach(kafka.value, name, value) {
                sk_spot member = sk_spot_member(&kafka, name);
                if (!sk_read_is_remark(name))
                        read_property(check, &member, name);
        }
}

void sk_chain_read(sk_check *check) {
        assert(check->edition != NULL);
        static const char *const allowed[] = {"name",   "title", "partitions", "acceptance_days",
                                              "limits", "kafka", "calendars",  NULL};
        sk_edition *edition = check->edition;
        edition->chain = SK_SLICE("");
        edition->partitions = PARTITIONS;
        edition->acceptance_days = ACCEPTANCE_DAYS;
        edition->open_calls_max = OPEN_CALLS;
        if (sk_sources_count(check, SK_FILE_CHAIN) == 0) {
                sk_check_say_at(check, "", NULL, "chain-missing",
                                "there is no chain.json\nmake one in the chain directory: {\"name\": \"my-chain\"}");
                return;
        }
        const sk_source *source = sk_sources_find(check, SK_FILE_CHAIN, SK_NONE);
        if (source == NULL || source->root == NULL)
                return;
        sk_spot root = sk_spot_root(source);
        sk_read_only(check, &root, allowed);
        read_name(check, &root);
        sk_spot title = sk_spot_member(&root, "title");
        sk_spot partitions = sk_spot_member(&root, "partitions");
        sk_spot days = sk_spot_member(&root, "acceptance_days");
        (void)sk_read_title(check, &title);
        edition->partitions = (int32_t)sk_read_int(check, &partitions, 1, PARTITIONS_MAX, PARTITIONS);
        edition->acceptance_days = (uint32_t)sk_read_int(check, &days, 1, ACCEPTANCE_DAYS_MAX, ACCEPTANCE_DAYS);
        read_limits(check, &root);
        read_kafka(check, &root);
        sk_calendars_read(check, &root);
        assert(edition->partitions >= 1);
}
