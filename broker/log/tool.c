#include "log/tool.h"

#include <assert.h>
#include <stdio.h>

#include "event/topics.h"
#include "log/tool_inside.h"

/*
 * Finds the kind of log by the scheme of its URL and checks what every kind relies on.
 */

#define APPENDS_MAX 10000

static const sk_log_tool_kind *const kinds[] = {
        &sk_local_tool_kind,
#ifdef SK_HAVE_RDKAFKA
        &sk_kafka_tool_kind,
#endif
};

static sk_err fail(sk_log_tool *tool, sk_err err, const char *text) {
        (void)snprintf(tool->why, sizeof(tool->why), "%s", text);
        return err;
}

static const sk_log_tool_kind *kind_find(const char *url, const char **out_place) {
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                size_t len = strlen(kinds[i]->scheme);
                if (strncmp(url, kinds[i]->scheme, len) == 0 && url[len] == ':') {
                        *out_place = url + len + 1;
                        return kinds[i];
                }
        }
        return NULL;
}

sk_err sk_log_tool_open(const char *url, sk_log_open purpose, char why[SK_LOG_WHY_MAX], sk_log_tool **out) {
        return sk_log_tool_open_with(&(sk_log_tool_config){.url = url, .purpose = purpose}, why, out);
}

sk_err sk_log_tool_open_with(const sk_log_tool_config *config, char why[SK_LOG_WHY_MAX], sk_log_tool **out) {
        assert(config != NULL);
        assert(config->url != NULL);
        assert(out != NULL);
        const char *place = NULL;
        const sk_log_tool_kind *kind = kind_find(config->url, &place);

        if (kind == NULL || *place == '\0') {
                if (why != NULL)
                        (void)snprintf(why, SK_LOG_WHY_MAX,
                                       "a log is given as local:FILE or kafka:HOST:PORT, such as local:chain.log");
                return SK_ERR_SYNTAX;
        }
        return kind->open(config, place, why, out);
}

void sk_log_tool_free(sk_log_tool *tool) {
        if (tool != NULL)
                tool->kind->free(tool);
}

const char *sk_log_tool_why(const sk_log_tool *tool) {
        assert(tool != NULL);
        return tool->why;
}

int32_t sk_log_tool_partitions(const sk_log_tool *tool) {
        assert(tool != NULL);
        return tool->kind->partitions(tool);
}

static sk_err check_append(sk_log_tool *tool, const sk_log_append *record) {
        sk_slice chain;
        sk_slice team;
        sk_slice peer;
        sk_topic_kind kind;

        if (!sk_topic_parse(record->topic, &chain, &team, &kind, &peer))
                return fail(tool, SK_ERR_SYNTAX, "a record is for a topic that is none of the protocol's");
        if (kind == SK_TOPIC_JOURNAL)
                return fail(tool, SK_ERR_SYNTAX, "a journal is written by its link only");
        if (record->value.len > SK_VALUE_MAX)
                return fail(tool, SK_ERR_SIZE,
                            "a record's value is larger than 256 KiB; put it elsewhere and send a URI");
        if (!sk_headers_check(record->headers) || record->headers.len > SK_VALUE_MAX)
                return fail(tool, SK_ERR_SIZE, "a record's headers are too many or malformed");
        return SK_OK;
}

sk_err sk_log_tool_append(sk_log_tool *tool, const sk_log_append *records, size_t count, int64_t *out_offset) {
        assert(tool != NULL);
        assert((records != NULL || count == 0));
        tool->why[0] = '\0';
        if (count > APPENDS_MAX)
                return fail(tool, SK_ERR_SIZE, "more than 10,000 records at once; append them in parts");
        for (size_t i = 0; i < count; i++) {
                sk_err err = check_append(tool, &records[i]);
                if (err != SK_OK)
                        return err;
        }
        return count == 0 ? SK_OK : tool->kind->append(tool, records, count, out_offset);
}

sk_err sk_log_tool_read(sk_log_tool *tool, const sk_log_read *read, sk_log_visit *visit, void *self,
                        int64_t *out_next) {
        assert(tool != NULL);
        assert(read != NULL);
        assert(visit != NULL);
        tool->why[0] = '\0';
        if (read->from_offset < 0 || read->partition < 0 || read->partition >= sk_log_tool_partitions(tool))
                return fail(tool, SK_ERR_RANGE, "the partition is not there, or the offset is below zero");
        return tool->kind->read(tool, read, visit, self, out_next);
}

sk_err sk_log_tool_latest(sk_log_tool *tool, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self) {
        assert(tool != NULL);
        assert(visit != NULL);
        tool->why[0] = '\0';
        return tool->kind->latest(tool, topic, prefix, visit, self);
}

sk_err sk_log_tool_topics(sk_log_tool *tool, sk_slice prefix, sk_log_topic_visit *visit, void *self) {
        assert(tool != NULL);
        assert(visit != NULL);
        tool->why[0] = '\0';
        return tool->kind->topics(tool, prefix, visit, self);
}

sk_err sk_log_tool_end(sk_log_tool *tool, sk_slice topic, int32_t partition, int64_t *out) {
        assert(tool != NULL);
        assert(out != NULL);
        tool->why[0] = '\0';
        return tool->kind->end(tool, topic, partition, out);
}

bool sk_log_tool_wait(sk_log_tool *tool, int timeout_ms) {
        assert(tool != NULL);
        return tool->kind->wait(tool, timeout_ms);
}

bool sk_log_tool_is_run(sk_log_tool *tool, sk_slice chain, sk_slice team) {
        assert(tool != NULL);
        assert(sk_slice_there(chain));
        assert(sk_slice_there(team));
        return tool->kind->is_run(tool, chain, team);
}
