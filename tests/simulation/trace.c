/* A readable line for each record that concerns the call that is traced, or what it caused. */

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

void sim_trace(sim *s, sk_slice who, const sk_memory_written *written) {
        const sk_record *record = &written->record;
        sk_slice topic = sk_memory_topic_name(written->topic);
        sk_slice type = sk_headers_find(record->headers, "ce_type");
        bool is_text = record->value.len > 0 && record->value.at[0] == '{';

        if (!concerns(s->options.trace_id, record))
                return;
        printf("%6llu %12.6f s  %-3.*s %.*s/%d@%lld  %.*s  %.*s\n", (unsigned long long)s->step,
               (double)(s->now_us % INT64_C(100000000000)) / 1e6, (int)who.len, who.at, (int)topic.len, topic.at,
               record->partition, (long long)record->offset, (int)(type.len > 0 ? type.len : record->key.len),
               type.len > 0 ? type.at : record->key.at, is_text ? (int)record->value.len : 0,
               is_text ? record->value.at : "");
}
