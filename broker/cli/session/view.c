/*
 * Journals folded into records. On a local log keys come in order, elsewhere they do not: heads and data are gathered
 * apart, sorted, and joined.
 */
#include "cli/session/view.h"

#include <assert.h>
#include <stdlib.h>

#include "cli/session/ids.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/data.h"
#include "link/spent.h"

#define VIEW_MAX_BYTES ((size_t)4 << 30)

/** A value of the journal, copied. */
typedef struct piece {
        sk_slice key; /**< without #d */
        sk_slice payload;
        sk_view_record record; /**< of a head */
} piece;

typedef struct pieces {
        piece *at;
        size_t count;
        size_t capacity;
} pieces;

struct sk_view {
        sk_arena *arena;
        sk_view_record *records;
        size_t count;
        size_t capacity;
        size_t damaged;
};

/** One journal being read. */
typedef struct folding {
        const sk_session *session;
        sk_view *view;
        sk_slice team;
        bool stubs;
        pieces heads;
        pieces data;
        bool is_full;
} folding;

/* ---- gathering ---- */

static bool grow(void **at, size_t *capacity, size_t size) {
        size_t wanted = *capacity == 0 ? 256 : 2 * *capacity;
        void *more = sk_realloc(*at, wanted * size);
        if (more == NULL)
                return false;
        *at = more;
        *capacity = wanted;
        return true;
}

static piece *pieces_add(pieces *list) {
        if (list->count == list->capacity && !grow((void **)&list->at, &list->capacity, sizeof(*list->at)))
                return NULL;
        list->at[list->count] = (piece){.record = {.is_ask = false}};
        return &list->at[list->count++];
}

static bool keep(folding *fold, pieces *list, sk_slice key, sk_slice payload) {
        piece *added = pieces_add(list);
        if (added == NULL)
                return false;
        added->key = sk_arena_copy(fold->view->arena, key);
        added->payload = sk_arena_copy(fold->view->arena, payload);
        return sk_slice_there(added->key) && sk_slice_there(added->payload);
}

static bool keep_head(folding *fold, const sk_log_entry *entry, sk_journal_place place, bool is_stub,
                      sk_slice payload) {
        if (is_stub && !fold->stubs)
                return true;
        if (!keep(fold, &fold->heads, entry->key, payload))
                return false;
        piece *head = &fold->heads.at[fold->heads.count - 1];
        head->record = (sk_view_record){
                .team = fold->team, .is_ask = place == SK_KEY_ASK, .is_closed = is_stub, .head = head->payload};
        return sk_journal_key_parse(head->key, &place, &head->record.customer, &head->record.id) == SK_OK;
}

static bool gather(void *self, const sk_log_entry *entry) {
        folding *fold = self;
        sk_journal_place place;
        sk_journal_kind kind;
        sk_slice name;
        sk_slice payload;
        sk_id id;
        bool is_kept = true;
        sk_err err = sk_journal_key_parse(entry->key, &place, &name, &id);
        if (err == SK_OK &&
            (place == SK_KEY_CALL || place == SK_KEY_ASK || place == SK_KEY_CALL_DATA || place == SK_KEY_ASK_DATA))
                err = sk_journal_unwrap(entry->key, entry->value, &kind, &payload);
        if (err != SK_OK) {
                fold->view->damaged++;
                sk_cli_remark(fold->session->cli, "journal of %.*s: %.*s is left out: %s", (int)fold->team.len,
                              fold->team.at, (int)entry->key.len, entry->key.at, sk_err_text(err));
                return true;
        }
        if (place == SK_KEY_CALL || place == SK_KEY_ASK)
                is_kept = keep_head(fold, entry, place, kind == SK_JOURNAL_STUB, payload);
        else if (place == SK_KEY_CALL_DATA || place == SK_KEY_ASK_DATA)
                is_kept = keep(fold, &fold->data, (sk_slice){entry->key.at, entry->key.len - 2}, payload);
        fold->is_full = !is_kept;
        return is_kept;
}

/* ---- joining ---- */

static int piece_compare(const void *a, const void *b) {
        sk_slice left = ((const piece *)a)->key;
        sk_slice right = ((const piece *)b)->key;
        size_t len = left.len < right.len ? left.len : right.len;
        int order = memcmp(left.at, right.at, len);
        return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static void sort(pieces *list) {
        if (list->count > 1)
                qsort(list->at, list->count, sizeof(*list->at), piece_compare);
}

static bool join(folding *fold) {
        sk_view *view = fold->view;
        size_t next = 0;
        sort(&fold->heads);
        sort(&fold->data);
        for (size_t i = 0; i < fold->heads.count; i++) {
                piece *head = &fold->heads.at[i];
                while (next < fold->data.count && piece_compare(&fold->data.at[next], head) < 0)
                        next++;
                if (next < fold->data.count && piece_compare(&fold->data.at[next], head) == 0)
                        head->record.data = fold->data.at[next].payload;
                if (view->count == view->capacity &&
                    !grow((void **)&view->records, &view->capacity, sizeof(*view->records)))
                        return false;
                view->records[view->count++] = head->record;
        }
        return true;
}

/* The keys of one call: asked by the team itself, a walk-in, or raised by any of its customers. */
static sk_err latest_of(folding *fold, sk_slice topic, const sk_id *id) {
        const sk_edition *edition = fold->session->edition;
        size_t count = sk_edition_agreement_count(edition);
        sk_err err = SK_OK;
        for (size_t i = 0; i < count + 2 && err == SK_OK; i++) {
                const sk_agreement *agreement = i < count ? sk_edition_agreement_at(edition, i) : NULL;
                sk_slice customer = i == count ? fold->team : SK_NONE;
                if (agreement != NULL && !sk_slice_equal(sk_agreement_provider(agreement), fold->team))
                        continue;
                if (agreement != NULL)
                        customer = sk_agreement_customer(agreement);
                sk_buf key = sk_buf_make(4096);
                sk_journal_key_write(customer, id, false, &key);
                err = key.err;
                if (err == SK_OK)
                        err = sk_log_tool_latest(fold->session->log, topic, sk_buf_slice(&key), gather, fold);
                sk_buf_free(&key);
        }
        return err;
}

/* @p id NULL: all calls. */
static int fold_team(const sk_session *session, sk_view *view, const sk_team *team, bool stubs, const sk_id *id) {
        folding fold = {.session = session, .view = view, .team = sk_team_name(team), .stubs = stubs};
        sk_slice topic = sk_session_topic(session, fold.team, SK_TOPIC_JOURNAL, SK_NONE);
        int status = SK_EXIT_OK;
        sk_err err = SK_ERR_NO_MEMORY;
        if (sk_slice_there(topic))
                err = id != NULL ? latest_of(&fold, topic, id)
                                 : sk_log_tool_latest(session->log, topic, SK_NONE, gather, &fold);
        if (err == SK_ERR_NO_MEMORY)
                status = sk_session_no_memory(session);
        else if (err != SK_OK)
                status = sk_session_fail(session, session->log_url);
        else if (fold.is_full || !join(&fold))
                status = sk_session_no_memory(session);
        sk_free(fold.heads.at);
        sk_free(fold.data.at);
        return status;
}

static int load(const sk_session *session, const sk_team *team, bool stubs, const sk_id *id, sk_view **out) {
        sk_view *view = sk_alloc_zero(1, sizeof(*view));
        if (view == NULL)
                return sk_session_no_memory(session);
        view->arena = sk_arena_new(VIEW_MAX_BYTES);
        int status = view->arena == NULL ? sk_session_no_memory(session) : SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(session->edition) && status == SK_EXIT_OK; i++) {
                const sk_team *each = sk_edition_team_at(session->edition, i);
                if (team == NULL || team == each)
                        status = fold_team(session, view, each, stubs, id);
        }
        if (status != SK_EXIT_OK) {
                sk_view_free(view);
                return status;
        }
        *out = view;
        return SK_EXIT_OK;
}

int sk_view_load(const sk_session *session, const sk_team *team, bool stubs, sk_view **out) {
        return load(session, team, stubs, NULL, out);
}

int sk_view_load_one(const sk_session *session, const sk_team *team, const sk_id *id, sk_view **out) {
        return load(session, team, true, id, out);
}

void sk_view_free(sk_view *view) {
        if (view == NULL)
                return;
        sk_arena_free(view->arena);
        sk_free(view->records);
        sk_free(view);
}

size_t sk_view_count(const sk_view *view) {
        return view->count;
}

const sk_view_record *sk_view_at(const sk_view *view, size_t index) {
        assert(index < view->count);
        return &view->records[index];
}

size_t sk_view_damaged(const sk_view *view) {
        return view->damaged;
}

bool sk_view_call(const sk_session *session, const sk_view_record *record, sk_call *out) {
        assert(!record->is_closed);
        sk_err err = sk_call_decode(record->head, out);
        if (err != SK_OK)
                sk_cli_remark(session->cli, "a call of %.*s is left out: its head is %s", (int)record->team.len,
                              record->team.at, sk_err_text(err));
        return err == SK_OK;
}

/* ---- finding ---- */

const sk_view_record *sk_view_find(const sk_view *view, sk_slice team, const sk_id *id, bool is_ask) {
        for (size_t i = 0; i < view->count; i++) {
                const sk_view_record *record = &view->records[i];
                if (record->is_ask == is_ask && sk_id_equal(&record->id, id) &&
                    (!sk_slice_there(team) || sk_slice_equal(record->team, team)))
                        return record;
        }
        return NULL;
}

bool sk_view_is_served(const sk_view *view, const sk_id *id) {
        return sk_view_find(view, SK_NONE, id, false) != NULL;
}

static int several(const sk_session *session, const char *text, const sk_id *a, const sk_id *b) {
        char first[SK_ID_TEXT + 1] = "";
        char second[SK_ID_TEXT + 1] = "";
        sk_id_format(a, first);
        sk_id_format(b, second);
        return sk_cli_usage_error(session->cli, text, "several calls have it: %s, %s; give more of the id", first,
                                  second);
}

int sk_view_resolve(const sk_session *session, const sk_view *view, const char *text, sk_id *out) {
        const sk_id *found = NULL;
        if (!sk_id_is_part(sk_slice_of(text)))
                return sk_cli_usage_error(session->cli, text,
                                          "an id has 0 to 9, a to f and -; give at least 4 of them");
        for (size_t i = 0; i < view->count; i++) {
                const sk_id *id = &view->records[i].id;
                if (!sk_id_fits(id, sk_slice_of(text)) || (found != NULL && sk_id_equal(found, id)))
                        continue;
                if (found != NULL)
                        return several(session, text, found, id);
                found = id;
        }
        if (found == NULL)
                return sk_cli_fail(session->cli, text, "schakel calls lists what is open; --closed what was",
                                   "there is no such call here");
        *out = *found;
        return SK_EXIT_OK;
}

size_t sk_view_id_length(const sk_view *view) {
        sk_id *ids = sk_alloc_zero(view->count + 1, sizeof(*ids));
        if (ids == NULL)
                return SK_ID_TEXT;
        for (size_t i = 0; i < view->count; i++)
                ids[i] = view->records[i].id;
        size_t length = sk_ids_short(ids, view->count);
        sk_free(ids);
        return length;
}

/* ---- what a record says ---- */

sk_slice sk_view_need(const sk_session *session, const sk_view_record *record) {
        sk_section section;
        sk_section_kind kind = record->is_ask ? SK_SECTION_ASK_RAISE : SK_SECTION_RAISE;
        if (!sk_slice_there(record->data) || !sk_data_check(record->data) ||
            !sk_data_find(record->data, kind, 0, &section))
                return SK_SLICE("");
        sk_slice need = sk_json_member_string(section.bytes, "need", sk_cli_arena(session->cli));
        return sk_slice_there(need) ? need : SK_SLICE("");
}

const char *sk_view_activity(sk_cli *cli, const sk_frame *frame) {
        const sk_activity *activity = sk_frame_activity(frame);
        sk_buf text = sk_buf_make(64);
        if (activity != NULL)
                return activity->id;
        sk_buf_add_format(&text, "%s.cut", sk_process_get(frame->process)->id);
        const char *kept = sk_cli_safe(cli, sk_buf_slice(&text));
        sk_buf_free(&text);
        return kept;
}

static void add_asks(sk_buf *text, const sk_call *call, bool is_onward, const char *separator) {
        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                if (ask->standing == SK_CLOSED || ask->is_onward != is_onward)
                        continue;
                sk_buf_add_text(text, separator);
                sk_buf_add_slice(text, ask->provider);
                separator = ", ";
        }
}

static void add_standing(sk_buf *text, const sk_call *call) {
        if (call->standing == SK_WITHDRAWING)
                sk_buf_add_text(text, ", being withdrawn");
        if (call->question != 0)
                sk_buf_add_text(text, ", customer is asked");
        if (call->offer != 0)
                sk_buf_add_text(text, ", customer has an offer");
        if (call->visit.number != 0 && call->visit.how == SK_HOW_MANUAL) {
                sk_buf_add_text(text, ", ");
                if (call->visit.holder.len == 0)
                        sk_buf_add_text(text, "nobody yet: ");
                sk_buf_add_slice(text, call->visit.holder.len > 0 ? call->visit.holder : call->visit.responsible);
        }
}

const char *sk_view_stands(const sk_session *session, const sk_call *call) {
        sk_buf text = sk_buf_make(1024);
        if (call->is_ask) {
                const sk_ask *ask = &call->asks[0];
                sk_buf_add_text(&text, sk_standing_id(ask->standing));
                if (ask->question != 0)
                        sk_buf_add_text(&text, ", asks a question");
                if (ask->offer != 0)
                        sk_buf_add_text(&text, ", makes an offer");
        } else {
                const sk_frame *frame = &call->frames[call->frame_count - 1];
                sk_buf_add_text(&text, sk_view_activity(session->cli, frame));
                add_standing(&text, call);
                add_asks(&text, call, false, ", waits for ");
                add_asks(&text, call, true, ", onward at ");
        }
        const char *kept = sk_cli_safe(session->cli, sk_buf_slice(&text));
        sk_buf_free(&text);
        return kept;
}

static const sk_hours *hours_of(const sk_session *session, const sk_call *call) {
        return call->calendar.len == 0 ? NULL : sk_edition_hours(session->edition, call->calendar);
}

int64_t sk_view_due_us(const sk_session *session, const sk_call *call, int64_t now_us) {
        return sk_call_due_us(call, hours_of(session, call), now_us);
}

int64_t sk_view_forecast_us(const sk_session *session, const sk_call *call, int64_t now_us) {
        return call->late_us == 0 ? 0 : sk_spent_moment(call, hours_of(session, call), call->late_us, now_us);
}

int64_t sk_view_stood_us(const sk_session *session, const sk_call *call, int64_t now_us) {
        int64_t standing_us =
                call->clock_stands ? sk_hours_between(hours_of(session, call), call->clock_changed_us, now_us) : 0;
        return call->stopped_us + standing_us;
}

const char *sk_view_left(const sk_session *session, const sk_call *call, int64_t due_us, int64_t now_us) {
        const sk_hours *hours = hours_of(session, call);
        sk_buf text = sk_buf_make(80);
        sk_when_duration_write(&text, sk_hours_between(hours, now_us, due_us));
        sk_buf_add_text(&text, hours == NULL ? "" : " of service hours");
        const char *kept = sk_cli_safe(session->cli, sk_buf_slice(&text));
        sk_buf_free(&text);
        return kept;
}
