/*
 * Stories gathered from the events topics, hop by hop: first the call in all teams, then what it asked of others in
 * these teams alone, and so on. Only what belongs to the story stays in memory.
 */
#include "cli/story/story.h"

#include <assert.h>

#include "cli/print/progress.h"
#include "event/envelope.h"
#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/idmap.h"
#include "kit/json_scan.h"

#define STORY_MAX_BYTES ((size_t)512 << 20)
#define EVENT_PREFIX "schakel.event."

/** One round of reading. */
typedef struct gathering {
        const sk_session *session;
        sk_story *story;
        const sk_team *team; /**< whose events are being read */
        sk_idmap *wanted;    /**< ids to look for: values are the name of the team, or `anywhere` */
        bool *teams;         /**< which teams to read, by index in the edition */
        sk_progress progress;
        uint64_t read;
} gathering;

static const char anywhere[] = "";

/* ---- calls ---- */

const sk_story_call *sk_story_find(const sk_story *story, const sk_id *id, sk_slice team, bool is_ask) {
        for (size_t i = 0; i < story->count; i++) {
                const sk_story_call *call = story->calls[i];
                if (call->is_ask == is_ask && sk_id_equal(&call->id, id) &&
                    (!sk_slice_there(team) || sk_slice_equal(sk_team_name(call->team), team)))
                        return call;
        }
        return NULL;
}

static sk_story_call *call_of(gathering *gather, const sk_id *id) {
        sk_story *story = gather->story;
        for (size_t i = story->count; i > 0; i--) {
                sk_story_call *call = story->calls[i - 1];
                if (call->team == gather->team && sk_id_equal(&call->id, id))
                        return call;
        }
        if (story->count == story->capacity) {
                size_t capacity = story->capacity == 0 ? 16 : 2 * story->capacity;
                sk_story_call **more = sk_arena_get_zero(story->arena, capacity, sizeof(*more));
                if (more == NULL)
                        return NULL;
                if (story->count > 0)
                        memcpy(more, story->calls, story->count * sizeof(*more));
                story->calls = more;
                story->capacity = capacity;
        }
        sk_story_call *call = sk_arena_get_zero(story->arena, 1, sizeof(*call));
        if (call == NULL)
                return NULL;
        *call = (sk_story_call){.id = *id, .team = gather->team, .current = SK_STORY_NONE};
        story->calls[story->count++] = call;
        return call;
}

/* ---- reading ---- */

static bool is_wanted(const gathering *gather, const sk_id *id) {
        const char *team = sk_idmap_get(gather->wanted, id);
        return team != NULL && (team == anywhere || sk_slice_is(sk_team_name(gather->team), team));
}

static bool on_event(void *self, const sk_log_entry *entry) {
        gathering *gather = self;
        sk_id id;
        char name[SK_NAME_MAX];
        sk_slice prefix = SK_SLICE(EVENT_PREFIX);
        if (++gather->read % 1024 == 0)
                sk_progress_set(&gather->progress, gather->read);
        if (sk_cli_is_interrupted())
                return false;
        if (!sk_id_parse(entry->key, &id) || !is_wanted(gather, &id) || !sk_slice_there(entry->value))
                return true;
        sk_slice type = sk_headers_find(entry->headers, "ce_type");
        if (type.len <= prefix.len || type.len - prefix.len >= sizeof(name) ||
            memcmp(type.at, prefix.at, prefix.len) != 0 ||
            sk_json_check(entry->value, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                return true;
        memcpy(name, type.at + prefix.len, type.len - prefix.len);
        name[type.len - prefix.len] = '\0';
        sk_story_call *call = call_of(gather, &id);
        if (call == NULL)
                gather->story->is_full = true;
        else
                sk_story_tell(gather->story, call, name, entry->value, entry->timestamp_us);
        return !gather->story->is_full;
}

/* Whether any of the ids wanted lies in that partition. */
static bool is_partition_wanted(const gathering *gather, int32_t partition, int32_t partitions) {
        size_t position = 0;
        sk_id id;
        void *value;
        char key[SK_ID_TEXT];
        while (sk_idmap_next(gather->wanted, &position, &id, &value)) {
                sk_id_format(&id, key);
                if (sk_hash_partition((sk_slice){key, sizeof(key)}, partitions) == partition)
                        return true;
        }
        return false;
}

static int read_team(gathering *gather) {
        const sk_session *session = gather->session;
        int32_t partitions = sk_log_tool_partitions(session->log);
        sk_slice topic = sk_session_topic(session, sk_team_name(gather->team), SK_TOPIC_EVENTS, SK_NONE);
        if (!sk_slice_there(topic))
                return sk_session_no_memory(session);
        for (int32_t i = 0; i < partitions && !gather->story->is_full; i++) {
                sk_log_read part = {.topic = topic, .partition = i};
                if (!is_partition_wanted(gather, i, partitions))
                        continue;
                if (sk_log_tool_read(session->log, &part, on_event, gather, NULL) != SK_OK)
                        return sk_session_fail(session, session->log_url);
        }
        return SK_EXIT_OK;
}

static int read_round(gathering *gather) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(gather->session->edition) && status == SK_EXIT_OK; i++) {
                gather->team = sk_edition_team_at(gather->session->edition, i);
                if (gather->teams[i])
                        status = read_team(gather);
                gather->teams[i] = false;
        }
        return status;
}

/* ---- rounds ---- */

static size_t index_of(const sk_session *session, sk_slice name) {
        for (size_t i = 0; i < sk_edition_team_count(session->edition); i++) {
                if (sk_slice_equal(sk_team_name(sk_edition_team_at(session->edition, i)), name))
                        return i;
        }
        return SK_STORY_NONE;
}

/* What the calls from @p first on asked of others. */
static bool want_asks(gathering *gather, size_t first) {
        sk_story *story = gather->story;
        for (size_t i = first; i < story->count; i++) {
                const sk_story_call *call = story->calls[i];
                for (size_t j = 0; j < call->ask_count; j++) {
                        const sk_story_ask *ask = &call->asks[j];
                        size_t team = index_of(gather->session, ask->team);
                        if (team == SK_STORY_NONE || sk_story_find(story, &ask->id, ask->team, false) != NULL)
                                continue;
                        gather->teams[team] = true;
                        if (sk_idmap_put(gather->wanted, &ask->id, (void *)(uintptr_t)ask->team.at, NULL) != SK_OK)
                                return false;
                }
        }
        return true;
}

static int gather_all(gathering *gather, bool caused) {
        int status = SK_EXIT_OK;
        for (unsigned hop = 0; hop <= SK_HOPS_MAX + 1 && status == SK_EXIT_OK; hop++) {
                size_t before = gather->story->count;
                status = read_round(gather);
                if (status != SK_EXIT_OK || !caused || gather->story->is_full || sk_cli_is_interrupted())
                        break;
                sk_idmap_free(gather->wanted);
                gather->wanted = sk_idmap_new();
                if (gather->wanted == NULL || !want_asks(gather, before))
                        return sk_session_no_memory(gather->session);
                if (sk_idmap_count(gather->wanted) == 0)
                        break;
        }
        return status;
}

static int begin_and_read(gathering *gather, const sk_team *team, const sk_id *id, bool caused) {
        size_t count = sk_edition_team_count(gather->session->edition);
        gather->teams = sk_alloc_zero(count + 1, sizeof(*gather->teams));
        gather->wanted = sk_idmap_new();
        if (gather->teams == NULL || gather->wanted == NULL ||
            sk_idmap_put(gather->wanted, id, (void *)(uintptr_t)anywhere, NULL) != SK_OK)
                return sk_session_no_memory(gather->session);
        for (size_t i = 0; i < count; i++)
                gather->teams[i] = team == NULL || team == sk_edition_team_at(gather->session->edition, i);
        gather->progress = sk_progress_begin(gather->session->cli, "events read", 0);
        int status = gather_all(gather, caused);
        sk_progress_end(&gather->progress);
        return status;
}

int sk_story_read(const sk_session *session, const sk_team *team, const sk_id *id, bool caused, sk_story **out) {
        sk_story *story = sk_alloc_zero(1, sizeof(*story));
        if (story == NULL)
                return sk_session_no_memory(session);
        gathering gather = {.session = session, .story = story};
        story->now_us = sk_cli_now_us();
        story->arena = sk_arena_new(STORY_MAX_BYTES);
        int status = story->arena == NULL ? sk_session_no_memory(session) : begin_and_read(&gather, team, id, caused);
        sk_free(gather.teams);
        sk_idmap_free(gather.wanted);
        if (status == SK_EXIT_OK && story->is_full)
                status = sk_cli_fail(session->cli, "events", "look at a call that it caused, or use --team",
                                     "they tell more than fits into memory");
        if (status != SK_EXIT_OK) {
                sk_story_free(story);
                return status;
        }
        for (size_t i = 0; i < story->count; i++)
                sk_story_end(story, story->calls[i]);
        *out = story;
        return SK_EXIT_OK;
}

void sk_story_free(sk_story *story) {
        if (story == NULL)
                return;
        sk_arena_free(story->arena);
        sk_free(story);
}
