/*
 * Dead letters read from their topics, with the marks that say what became of them.
 */
#include "cli/records/letters.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/session/reading.h"
#include "kit/alloc.h"
#include "kit/when.h"
#include "link/deadletter.h"

#define LETTERS_BYTES ((size_t)1 << 30)
#define HEADERS_MAX ((size_t)1 << 20)
#define TEXT_MAX 200
#define DL "schakel-dl-"
#define MARK DL "mark"

struct sk_letters {
        sk_arena *arena;
        sk_letter *at;
        size_t count;
        size_t room;
};

/** One topic being read. */
typedef struct reading {
        const sk_team *team;
        sk_letters *letters;
        size_t first; /**< letter of this team */
        bool is_full;
} reading;

static const char *const state_ids[] = {"open", "retried", "dropped"};

const char *sk_letter_state_id(sk_letter_state state) {
        assert(state <= SK_LETTER_DROPPED);
        return state_ids[state];
}

/* ---- loading ---- */

static sk_slice kept(reading *read, sk_slice text) {
        if (!sk_slice_there(text))
                return SK_NONE;
        sk_slice copy = sk_arena_copy(read->letters->arena, text);
        read->is_full = read->is_full || !sk_slice_there(copy);
        return copy;
}

static sk_slice header(reading *read, const sk_log_entry *entry, const char *name) {
        return kept(read, sk_headers_find(entry->headers, name));
}

static uint64_t number_of(sk_slice text) {
        char digits[20] = "";
        if (text.len == 0 || text.len >= sizeof(digits))
                return 0;
        memcpy(digits, text.at, text.len);
        return strtoull(digits, NULL, 10);
}

static bool add(reading *read, const sk_letter *letter) {
        sk_letters *letters = read->letters;
        if (letters->count == letters->room) {
                size_t room = letters->room == 0 ? 64 : 2 * letters->room;
                sk_letter *more = sk_realloc(letters->at, room * sizeof(*more));
                if (more == NULL)
                        return false;
                letters->at = more;
                letters->room = room;
        }
        letters->at[letters->count++] = *letter;
        return true;
}

/* A mark names the letter as PARTITION/OFFSET; one that names none is as good as not there. */
static void apply_mark(reading *read, const sk_log_entry *entry, sk_slice mark) {
        char name[64];
        sk_slice of = sk_headers_find(entry->headers, DL "of");
        for (size_t i = read->first; i < read->letters->count; i++) {
                sk_letter *letter = &read->letters->at[i];
                int len = snprintf(name, sizeof(name), "%" PRId32 "/%" PRId64, letter->partition, letter->offset);
                if (!sk_slice_equal(of, (sk_slice){name, (size_t)len}))
                        continue;
                letter->state = sk_slice_is(mark, "dropped") ? SK_LETTER_DROPPED : SK_LETTER_RETRIED;
                letter->by = header(read, entry, DL "by");
                letter->why = header(read, entry, DL "why");
        }
}

static bool on_letter(void *self, const sk_log_entry *entry) {
        reading *read = self;
        sk_slice mark = sk_headers_find(entry->headers, MARK);
        sk_slice time = sk_headers_find(entry->headers, DL "time");
        if (sk_slice_there(mark)) {
                apply_mark(read, entry, mark);
                return !read->is_full;
        }
        sk_letter letter = {.team = read->team,
                            .partition = entry->partition,
                            .offset = entry->offset,
                            .time_us = entry->timestamp_us,
                            .topic = header(read, entry, DL "topic"),
                            .from_partition = header(read, entry, DL "partition"),
                            .from_offset = header(read, entry, DL "offset"),
                            .reason = header(read, entry, DL "reason"),
                            .text = header(read, entry, DL "text"),
                            .type = header(read, entry, "ce_type"),
                            .key = kept(read, entry->key),
                            .count = number_of(sk_headers_find(entry->headers, DL "count")),
                            .size = entry->value.len};
        if (sk_slice_there(time))
                (void)sk_when_parse(time, &letter.time_us);
        read->is_full = read->is_full || !add(read, &letter);
        return !read->is_full;
}

static int load_team(const sk_session *session, reading *read) {
        sk_slice topic = sk_session_topic(session, sk_team_name(read->team), SK_TOPIC_DEADLETTER, SK_NONE);
        int status = sk_read_topic(session, topic, on_letter, read);

        return status == SK_EXIT_OK && read->is_full ? sk_session_no_memory(session) : status;
}

int sk_letters_load(const sk_session *session, const sk_team *team, sk_letters **out) {
        sk_letters *letters = sk_alloc_zero(1, sizeof(*letters));
        int status = SK_EXIT_OK;
        if (letters != NULL)
                letters->arena = sk_arena_new(LETTERS_BYTES);
        if (letters == NULL || letters->arena == NULL) {
                sk_letters_free(letters);
                return sk_session_no_memory(session);
        }
        for (size_t i = 0; i < sk_edition_team_count(session->edition) && status == SK_EXIT_OK; i++) {
                reading read = {
                        .team = sk_edition_team_at(session->edition, i), .letters = letters, .first = letters->count};
                if (team == NULL || team == read.team)
                        status = load_team(session, &read);
        }
        if (status != SK_EXIT_OK) {
                sk_letters_free(letters);
                return status;
        }
        *out = letters;
        return SK_EXIT_OK;
}

void sk_letters_free(sk_letters *letters) {
        if (letters == NULL)
                return;
        sk_arena_free(letters->arena);
        sk_free(letters->at);
        sk_free(letters);
}

size_t sk_letters_count(const sk_letters *letters) {
        return letters->count;
}

sk_letter *sk_letters_at(sk_letters *letters, size_t index) {
        assert(index < letters->count);
        return &letters->at[index];
}

/* ---- by name ---- */

static void name_write(const sk_session *session, const sk_letter *letter, sk_buf *out) {
        sk_buf_add_slice(out, sk_team_name(letter->team));
        if (sk_log_tool_partitions(session->log) > 1)
                sk_buf_add_format(out, "/%" PRId32, letter->partition);
        sk_buf_add_format(out, "/%" PRId64, letter->offset);
}

const char *sk_letter_name(const sk_session *session, const sk_letter *letter) {
        sk_buf name = sk_buf_make(TEXT_MAX);
        name_write(session, letter, &name);
        const char *safe = sk_cli_safe(session->cli, sk_buf_slice(&name));
        sk_buf_free(&name);
        return safe;
}

int sk_letters_find(const sk_session *session, sk_letters *letters, const char *name, sk_letter **out) {
        const char *team = sk_cli_text(session->cli, "team");
        if (strchr(name, '/') == NULL && team == NULL)
                return sk_cli_usage_error(session->cli, name, "name a dead letter as the list does: TEAM/NUMBER");
        for (size_t i = 0; i < letters->count; i++) {
                sk_buf whole = sk_buf_make(TEXT_MAX);
                name_write(session, &letters->at[i], &whole);
                sk_slice text = sk_buf_slice(&whole);
                size_t skip = strchr(name, '/') == NULL ? sk_team_name(letters->at[i].team).len + 1 : 0;
                bool is_it = sk_slice_is((sk_slice){text.at + skip, text.len - skip}, name);
                sk_buf_free(&whole);
                if (is_it) {
                        *out = &letters->at[i];
                        return SK_EXIT_OK;
                }
        }
        return sk_cli_fail(session->cli, name, "schakel deadletter list --all names them",
                           "there is no such dead letter");
}

/* ---- whole ---- */

/** A letter being fetched. */
typedef struct fetching {
        sk_letters *letters;
        sk_letter *letter;
        bool is_found;
        bool is_full;
} fetching;

/* What could not be kept as headers lies whole in one of them. */
static sk_slice own_headers(fetching *fetch, sk_slice headers) {
        sk_slice whole = sk_headers_find(headers, DL "headers");
        if (sk_slice_there(whole))
                return sk_arena_copy(fetch->letters->arena, whole);
        sk_buf own = sk_buf_make(HEADERS_MAX);
        sk_headers_without_dead_letter(headers, &own);
        sk_slice copy = own.err == SK_OK ? sk_arena_copy(fetch->letters->arena, sk_buf_slice(&own)) : SK_NONE;
        sk_buf_free(&own);
        return copy;
}

static bool on_whole(void *self, const sk_log_entry *entry) {
        fetching *fetch = self;
        fetch->is_found = entry->offset == fetch->letter->offset;
        if (!fetch->is_found)
                return false;
        fetch->letter->headers = own_headers(fetch, entry->headers);
        fetch->is_full = !sk_slice_there(fetch->letter->headers);
        if (sk_slice_there(entry->value)) {
                fetch->letter->value = sk_arena_copy(fetch->letters->arena, entry->value);
                fetch->is_full = fetch->is_full || !sk_slice_there(fetch->letter->value);
        }
        return false;
}

int sk_letters_whole(const sk_session *session, sk_letters *letters, sk_letter *letter) {
        fetching fetch = {.letters = letters, .letter = letter};
        sk_log_read read = {.topic =
                                    sk_session_topic(session, sk_team_name(letter->team), SK_TOPIC_DEADLETTER, SK_NONE),
                            .partition = letter->partition,
                            .from_offset = letter->offset,
                            .max = 1};
        if (!sk_slice_there(read.topic))
                return sk_session_no_memory(session);
        if (sk_log_tool_read(session->log, &read, on_whole, &fetch, NULL) != SK_OK)
                return sk_session_fail(session, session->log_url);
        if (fetch.is_full)
                return sk_session_no_memory(session);
        if (!fetch.is_found)
                return sk_cli_fail(session->cli, sk_letter_name(session, letter), "schakel deadletter list",
                                   "it is no longer on the log");
        return SK_EXIT_OK;
}

/* ---- marks ---- */

int sk_letters_mark(const sk_session *session, const sk_letter *letter, sk_letter_state state, sk_slice by,
                    sk_slice why) {
        char of[64];
        char time[SK_WHEN_TEXT];
        sk_buf headers = sk_buf_make(HEADERS_MAX);
        int len = snprintf(of, sizeof(of), "%" PRId32 "/%" PRId64, letter->partition, letter->offset);
        sk_when_format(sk_cli_now_us(), time);
        sk_headers_add(&headers, MARK, sk_slice_of(sk_letter_state_id(state)));
        sk_headers_add(&headers, DL "of", (sk_slice){of, (size_t)len});
        sk_headers_add(&headers, DL "by", by);
        sk_headers_add(&headers, DL "time", (sk_slice){time, SK_WHEN_TEXT});
        if (why.len > 0)
                sk_headers_add(&headers, DL "why", why);
        sk_log_append record = {
                .topic = sk_session_topic(session, sk_team_name(letter->team), SK_TOPIC_DEADLETTER, SK_NONE),
                .key = sk_slice_there(letter->key) ? letter->key : SK_SLICE(""),
                .headers = sk_buf_slice(&headers),
                .value = SK_SLICE("{}")};
        sk_err err = headers.err == SK_OK && sk_slice_there(record.topic)
                             ? sk_log_tool_append(session->log, &record, 1, NULL)
                             : SK_ERR_NO_MEMORY;
        sk_buf_free(&headers);
        if (err == SK_OK)
                return SK_EXIT_OK;
        return sk_cli_fail(session->cli, session->log_url, "make the log writable, then do it again",
                           "the mark could not be written: %s", sk_log_tool_why(session->log));
}
