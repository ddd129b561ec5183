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
}

static void read_kafka(sk_check *check, const sk_spot *root) {
        const char *name;
        json_t *value;
        sk_spot kafka = sk_spot_member(root, "kafka");
        if (!sk_read_is_object(check, &kafka))
                return;
        json_object_foreach(kafka.value, name, value) {
                sk_spot member = sk_spot_member(&kafka, name);
                if (!sk_read_is_remark(name))
                        (void)sk_read_text(check, &member);
        }
}

void sk_chain_read(sk_check *check) {
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
