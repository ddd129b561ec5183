#ifndef SK_LOG_TOOL_INSIDE_H
#define SK_LOG_TOOL_INSIDE_H

#include "log/tool.h"

/*
 * What a kind of log provides for log/tool.h. A log embeds sk_log_tool as its first member.
 */

typedef struct sk_log_tool_kind {
        const char *scheme; /**< "local": what stands before the colon of a URL */
        /* `place` is what stands behind the colon of the URL. */
        sk_err (*open)(const sk_log_tool_config *config, const char *place, char why[SK_LOG_WHY_MAX],
                       sk_log_tool **out);
        void (*free)(sk_log_tool *tool);
        int32_t (*partitions)(const sk_log_tool *tool);
        sk_err (*append)(sk_log_tool *tool, const sk_log_append *records, size_t count, int64_t *out_offset);
        sk_err (*read)(sk_log_tool *tool, const sk_log_read *read, sk_log_visit *visit, void *self, int64_t *out_next);
        sk_err (*latest)(sk_log_tool *tool, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self);
        sk_err (*topics)(sk_log_tool *tool, sk_slice prefix, sk_log_topic_visit *visit, void *self);
        sk_err (*end)(sk_log_tool *tool, sk_slice topic, int32_t partition, int64_t *out);
        bool (*wait)(sk_log_tool *tool, int timeout_ms);
        bool (*is_run)(sk_log_tool *tool, sk_slice chain, sk_slice team);
} sk_log_tool_kind;

struct sk_log_tool {
        const sk_log_tool_kind *kind;
        char why[SK_LOG_WHY_MAX];
};

extern const sk_log_tool_kind sk_local_tool_kind;
extern const sk_log_tool_kind sk_kafka_tool_kind;

#endif
