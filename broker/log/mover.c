#include "log/mover_inside.h"

#include <assert.h>

/* Finds the kind of log by the scheme of its URL. */

static const sk_mover_kind *const kinds[] = {
        &sk_local_mover_kind,
#ifdef SK_HAVE_RDKAFKA
        &sk_kafka_mover_kind,
#endif
};

static const sk_mover_kind *kind_find(const char *url, const char **out_place) {
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                size_t len = strlen(kinds[i]->scheme);
                if (strncmp(url, kinds[i]->scheme, len) == 0 && url[len] == ':') {
                        *out_place = url + len + 1;
                        return kinds[i];
                }
        }
        return NULL;
}

sk_err sk_mover_open(const sk_mover_config *config, char why[SK_LOG_WHY_MAX], sk_mover **out) {
        assert(config != NULL);
        assert(config->url != NULL);
        assert(sk_slice_there(config->chain));
        assert(out != NULL);
        sk_log_tool_config tool_config = {.url = config->url,
                                          .purpose = config->is_target ? SK_LOG_APPEND : SK_LOG_READ,
                                          .properties = config->properties,
                                          .property_count = config->property_count,
                                          .chain = config->chain};
        sk_log_tool *tool = NULL;
        const char *place = NULL;
        sk_err err = sk_log_tool_open_with(&tool_config, why, &tool);

        if (err != SK_OK)
                return err;
        const sk_mover_kind *kind = kind_find(config->url, &place);
        assert(kind != NULL); /* a tool was opened for it */
        return kind->open(config, place, tool, why, out);
}

void sk_mover_free(sk_mover *mover) {
        if (mover != NULL)
                mover->kind->free(mover);
}

const char *sk_mover_why(const sk_mover *mover) {
        assert(mover != NULL);
        return mover->why;
}

sk_log_tool *sk_mover_tool(const sk_mover *mover) {
        assert(mover != NULL);
        return mover->tool;
}

sk_err sk_mover_hold(sk_mover *mover, sk_slice team) {
        assert(mover != NULL);
        assert(team.len > 0);
        return mover->kind->hold(mover, team);
}

sk_err sk_mover_check(sk_mover *mover) {
        assert(mover != NULL);
        return mover->kind->check(mover);
}

sk_err sk_mover_settled(sk_mover *mover, sk_slice topic, int32_t partition) {
        assert(mover != NULL);
        return mover->kind->settled(mover, topic, partition);
}

int32_t sk_mover_partitions(sk_mover *mover, sk_slice topic) {
        assert(mover != NULL);
        return mover->kind->partitions(mover, topic);
}

sk_err sk_mover_write(sk_mover *mover, const sk_mover_record *record) {
        assert(mover != NULL);
        assert(record != NULL);
        assert(record->partition >= 0);
        return mover->kind->write(mover, record);
}

sk_err sk_mover_flush(sk_mover *mover) {
        assert(mover != NULL);
        return mover->kind->flush(mover);
}
