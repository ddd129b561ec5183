/*
 * A readable line for each record that concerns the call that is traced, or what it caused: step, seconds since the
 * beginning, who wrote it, the topic partition and offset, what it is, and what it says.
 */

#include "simulation/sim.h"

#include <stdio.h>

static bool concerns(const char *id, const sk_record *record) {
        static const char *const names[] = {"ce_callid", "ce_rootid", "ce_replykey"};

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (sk_slice_is(sk_headers_find(record->headers, names[i]), id))
                        return true;
        }
        return record->key.len >= SK_ID_TEXT && memmem(record->key.at, record->key.len, id, strlen(id)) != NULL;
}

static sk_slice without(sk_slice text, const char *prefix) {
        size_t len = strlen(prefix);

        return text.len >= len && memcmp(text.at, prefix, len) == 0 ? (sk_slice){text.at + len, text.len - len} : text;
}

void sim_trace(sim *s, const sim_instance *who, const sk_memory_written *written) {
        const sk_record *record = &written->record;
        sk_slice topic = without(sk_memory_topic_name(written->topic), "sim.");
        sk_slice type = without(sk_headers_find(record->headers, "ce_type"), "schakel.");
        sk_slice what = type.len > 0 ? type : record->key;
        bool is_text = record->value.len > 0 && record->value.at[0] == '{';
        char place[80];
        char name[40] = "outside";

        if (!concerns(s->options.trace_id, record))
                return;
        if (who != NULL)
                snprintf(name, sizeof(name), "%s.%s", s->teams[who->team].name, who->name);
        snprintf(place, sizeof(place), "%.*s/%d@%lld", (int)topic.len, topic.at, record->partition,
                 (long long)record->offset);
        printf("%6llu %11.6f %-10s %-30s %-22.*s %.*s\n", (unsigned long long)s->step,
               (double)(s->now_us - s->start_us) / 1e6, name, place, (int)what.len, what.at,
               is_text ? (int)record->value.len : 0, is_text ? record->value.at : "");
}
