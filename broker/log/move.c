#include "log/move_inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "kit/alloc.h"

#define MARK_MAX 4096

/* ---- reports ---- */

void sk_move_report_free(sk_move_report *report) {
        sk_free(report->rows);
        report->rows = NULL;
        report->row_count = 0;
}

sk_move_row *sk_move_report_row(sk_move_report *report, sk_slice topic) {
        assert(topic.len < SK_MOVE_NAME_MAX);
        for (size_t i = 0; i < report->row_count; i++) {
                if (sk_slice_is(topic, report->rows[i].topic))
                        return &report->rows[i];
        }
        sk_move_row *rows = sk_realloc(report->rows, (report->row_count + 1) * sizeof(*rows));
        if (rows == NULL)
                return NULL;
        report->rows = rows;
        sk_move_row *row = &rows[report->row_count++];
        *row = (sk_move_row){.written = 0};
        (void)snprintf(row->topic, sizeof(row->topic), "%.*s", (int)topic.len, topic.at);
        return row;
}

void sk_move_report_add_up(sk_move_report *report) {
        report->records = report->unread = report->open = report->closed = report->written = 0;
        for (size_t i = 0; i < report->row_count; i++) {
                report->records += report->rows[i].sum.count;
                report->unread += report->rows[i].unread;
                report->open += report->rows[i].open;
                report->closed += report->rows[i].closed;
                report->written += report->rows[i].written;
        }
}

sk_err sk_move_fail(char *why, sk_err err, const char *format, ...) {
        va_list list;

        assert(err != SK_OK);
        va_start(list, format);
        (void)vsnprintf(why, SK_MOVE_WHY_MAX, format, list);
        va_end(list);
        return err;
}

sk_err sk_move_tell(const sk_move_config *config, const char *what, uint64_t done, uint64_t total) {
        if (config->progress == NULL || config->progress(config->progress_self, what, done, total))
                return SK_OK;
        return SK_ERR_ABORTED;
}

/* ---- topics ---- */

void sk_move_topics_free(sk_move_topics *topics) {
        for (size_t i = 0; i < topics->count; i++) {
                sk_free(topics->at[i].places);
                sk_buf_free(&topics->at[i].mark);
        }
        sk_free(topics->at);
        *topics = (sk_move_topics){NULL, 0, 0};
}

sk_move_topic *sk_move_topics_find(const sk_move_topics *topics, sk_slice name) {
        for (size_t i = 0; i < topics->count; i++) {
                if (sk_slice_is(name, topics->at[i].name))
                        return &topics->at[i];
        }
        return NULL;
}

static bool has_room(sk_move_topics *topics) {
        size_t room = topics->room == 0 ? 64 : 2 * topics->room;

        if (topics->count < topics->room)
                return true;
        sk_move_topic *at = sk_realloc(topics->at, room * sizeof(*at));
        if (at == NULL)
                return false;
        topics->at = at;
        topics->room = room;
        for (size_t i = 0; i < topics->count; i++) /* it points into the name */
                at[i].owner.at = strchr(at[i].name, '.') + 1;
        return true;
}

sk_err sk_move_topics_add(sk_move_topics *topics, sk_slice chain, sk_slice name, int32_t partitions,
                          sk_move_topic **out) {
        sk_slice of_chain;
        sk_slice owner;
        sk_slice peer;
        sk_topic_kind kind;

        assert(partitions >= 0);
        assert(partitions <= SK_MOVE_PARTITIONS_MAX);
        if (name.len >= SK_MOVE_NAME_MAX || !sk_topic_parse(name, &of_chain, &owner, &kind, &peer) ||
            !sk_slice_equal(of_chain, chain))
                return SK_ERR_SYNTAX;
        if (topics->count == SK_MOVE_TOPICS_MAX)
                return SK_ERR_FULL;
        sk_move_place *places = sk_alloc_zero((size_t)partitions + 1, sizeof(*places));
        if (places == NULL || !has_room(topics)) {
                sk_free(places);
                return SK_ERR_NO_MEMORY;
        }
        sk_move_topic *topic = &topics->at[topics->count++];
        *topic = (sk_move_topic){
                .kind = kind, .partitions = partitions, .places = places, .mark = sk_buf_make(MARK_MAX)};
        (void)snprintf(topic->name, sizeof(topic->name), "%.*s", (int)name.len, name.at);
        topic->owner = (sk_slice){strchr(topic->name, '.') + 1, owner.len};
        *out = topic;
        return SK_OK;
}

bool sk_move_is_inbound(const sk_move_topic *topic) {
        return topic->kind == SK_TOPIC_CALLS || topic->kind == SK_TOPIC_FEEDBACK || topic->kind == SK_TOPIC_WORK;
}

struct listing {
        sk_move_topics *topics;
        const sk_move_config *config;
        sk_err err;
};

/* Partitions of a topic come one after the other: how many there are is known from the last. */
static bool list_one(void *self, const sk_log_topic_info *info) {
        struct listing *listing = self;
        sk_move_topic *topic = sk_move_topics_find(listing->topics, info->topic);

        if (topic == NULL) {
                int32_t count = sk_mover_partitions(listing->config->mover, info->topic);
                if (count <= 0 || count > SK_MOVE_PARTITIONS_MAX)
                        listing->err = SK_ERR_IO;
                else
                        listing->err =
                                sk_move_topics_add(listing->topics, listing->config->chain, info->topic, count, &topic);
                if (listing->err == SK_ERR_SYNTAX) {
                        listing->err = SK_OK;
                        return true;
                }
        }
        if (listing->err != SK_OK || info->partition >= topic->partitions)
                return listing->err == SK_OK;
        topic->places[info->partition].low = info->low_offset;
        topic->places[info->partition].end = info->end_offset;
        return true;
}

sk_err sk_move_topics_list(sk_move_topics *topics, const sk_move_config *config, char *why) {
        struct listing listing = {.topics = topics, .config = config};
        char prefix[64];
        int len = snprintf(prefix, sizeof(prefix), "%.*s.", (int)config->chain.len, config->chain.at);

        assert(len > 0);
        assert((size_t)len < sizeof(prefix));
        sk_err err =
                sk_log_tool_topics(sk_mover_tool(config->mover), (sk_slice){prefix, (size_t)len}, list_one, &listing);
        if (err != SK_OK)
                return sk_move_fail(why, err, "the topics cannot be listed: %s",
                                    sk_log_tool_why(sk_mover_tool(config->mover)));
        if (listing.err == SK_ERR_IO)
                return sk_move_fail(why, SK_ERR_IO, "%s", sk_mover_why(config->mover));
        if (listing.err != SK_OK)
                return sk_move_fail(why, listing.err, "the topics cannot be listed: %s", sk_err_text(listing.err));
        return SK_OK;
}

/* ---- keeping links out ---- */

static bool was_held(const sk_move_topics *topics, size_t before, const sk_move_config *config) {
        for (size_t i = 0; i < config->team_count; i++) {
                if (sk_slice_equal(config->teams[i], topics->at[before].owner))
                        return true;
        }
        for (size_t i = 0; i < before; i++) {
                if (sk_slice_equal(topics->at[i].owner, topics->at[before].owner))
                        return true;
        }
        return false;
}

static sk_err hold_teams(const sk_move_topics *topics, const sk_move_config *config) {
        sk_err err = SK_OK;

        for (size_t i = 0; i < config->team_count && err == SK_OK; i++)
                err = sk_mover_hold(config->mover, config->teams[i]);
        for (size_t i = 0; i < topics->count && err == SK_OK; i++) {
                if (!was_held(topics, i, config))
                        err = sk_mover_hold(config->mover, topics->at[i].owner);
        }
        return err;
}

sk_err sk_move_hold(const sk_move_topics *topics, const sk_move_config *config, char *why) {
        sk_err err = hold_teams(topics, config);

        for (size_t i = 0; i < topics->count && err == SK_OK; i++) {
                for (int32_t p = 0; p < topics->at[i].partitions && err == SK_OK; p++)
                        err = sk_mover_settled(config->mover, sk_slice_of(topics->at[i].name), p);
        }
        if (err == SK_OK)
                return SK_OK;
        return sk_move_fail(why, err, "%s",
                            sk_mover_why(config->mover)[0] == '\0' ? sk_err_text(err) : sk_mover_why(config->mover));
}
