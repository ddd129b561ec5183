#ifndef SK_LOG_MOVER_INSIDE_H
#define SK_LOG_MOVER_INSIDE_H

#include "log/mover.h"

/* What a kind of log provides for log/mover.h. A log embeds sk_mover as its first member. */
typedef struct sk_mover_kind {
        const char *scheme;
        /* The tool is taken also on failure. */
        sk_err (*open)(const sk_mover_config *config, const char *place, sk_log_tool *tool, char why[SK_LOG_WHY_MAX],
                       sk_mover **out);
        void (*free)(sk_mover *mover);
        sk_err (*hold)(sk_mover *mover, sk_slice team);
        sk_err (*check)(sk_mover *mover);
        sk_err (*settled)(sk_mover *mover, sk_slice topic, int32_t partition);
        int32_t (*partitions)(sk_mover *mover, sk_slice topic);
        sk_err (*write)(sk_mover *mover, const sk_mover_record *record);
        sk_err (*flush)(sk_mover *mover);
} sk_mover_kind;

struct sk_mover {
        const sk_mover_kind *kind;
        sk_log_tool *tool;
        char why[SK_LOG_WHY_MAX];
};

extern const sk_mover_kind sk_local_mover_kind;
extern const sk_mover_kind sk_kafka_mover_kind;

#endif
