/*
 * One call as it is known now: from the journal while it is open, from the archive afterwards.
 */
#include "cli/session/known.h"

#include "cli/session/archive.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/data.h"

/** The archive being searched for one call. */
typedef struct searching {
        const sk_session *session;
        sk_known *known;
        bool is_full;
} searching;

static bool on_archived(void *self, const sk_team *team, sk_slice value) {
        searching *search = self;
        sk_known *known = search->known;
        bool is_ask = sk_slice_is(sk_json_member(value, "is_ask"), "true");
        if (known->team != NULL && (is_ask || !known->is_ask))
                return true;
        sk_slice copy = sk_arena_copy(search->session->arena, value);
        search->is_full = !sk_slice_there(copy);
        *known = (sk_known){.team = team, .is_ask = is_ask, .view = known->view, .archived = copy};
        return !search->is_full;
}

static void choose_open(const sk_session *session, sk_known *known) {
        for (int is_ask = 0; is_ask < 2 && known->team == NULL; is_ask++) {
                for (size_t i = 0; i < sk_view_count(known->view) && known->team == NULL; i++) {
                        const sk_view_record *record = sk_view_at(known->view, i);
                        if (record->is_closed || record->is_ask != (is_ask == 1) ||
                            !sk_view_call(session, record, &known->call))
                                continue;
                        known->open = record;
                        known->is_ask = record->is_ask;
                        known->team = sk_edition_team(session->edition, record->team);
                }
        }
}

/* What is open at the customer's alone may be closed at the provider's: the archive is asked as well. */
int sk_known_load(const sk_session *session, const sk_team *team, const sk_id *id, sk_known *out) {
        *out = (sk_known){.archived = SK_NONE};
        searching search = {.session = session, .known = out};
        int status = sk_view_load_one(session, team, id, &out->view);
        if (status != SK_EXIT_OK)
                return status;
        choose_open(session, out);
        if (out->team == NULL || out->is_ask)
                status = sk_archive_read(session, team, id, on_archived, &search);
        if (status == SK_EXIT_OK && search.is_full)
                status = sk_session_no_memory(session);
        if (status != SK_EXIT_OK)
                sk_known_free(out);
        return status;
}

void sk_known_free(sk_known *known) {
        sk_view_free(known->view);
        *known = (sk_known){.archived = SK_NONE};
}

sk_slice sk_known_text(const sk_session *session, const sk_known *known, const char *name) {
        sk_slice text = SK_NONE;
        if (sk_slice_there(known->archived))
                text = sk_json_member_string(known->archived, name, sk_cli_arena(session->cli));
        return sk_slice_there(text) ? text : SK_SLICE("");
}

int64_t sk_known_time(const sk_session *session, sk_slice object, const char *name) {
        int64_t time_us = 0;
        sk_slice text = SK_NONE;
        if (sk_slice_there(object))
                text = sk_json_member_string(object, name, sk_cli_arena(session->cli));
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : 0;
}

/* ---- pieces ---- */

static void pieces_of_open(const sk_known *known, sk_known_visit *visit, void *self) {
        size_t position = 0;
        sk_section section;
        if (!sk_slice_there(known->open->data) || !sk_data_check(known->open->data))
                return;
        while (sk_data_next(known->open->data, &position, &section)) {
                bool is_result = section.kind == SK_SECTION_RESULT;
                const sk_activity *activity = is_result ? sk_activity_by_number(section.tag) : NULL;
                sk_known_piece piece = {.index = section.index, .activity = SK_SLICE(""), .value = section.bytes};
                piece.kind = sk_section_name(section.kind);
                if (piece.kind[0] == '\0' || sk_json_check(section.bytes, SK_JSON_SCAN_DEPTH_MAX, NULL) != SK_OK)
                        continue;
                if (is_result)
                        piece.activity = sk_slice_of(activity == NULL ? "cut" : activity->id);
                if (!visit(self, &piece))
                        return;
        }
}

static const char *kind_named(sk_slice name) {
        for (unsigned kind = SK_SECTION_RAISE; kind <= SK_SECTION_LAST; kind++) {
                if (sk_slice_is(name, sk_section_name(kind)))
                        return sk_section_name(kind);
        }
        return NULL;
}

static void pieces_of_archived(const sk_session *session, const sk_known *known, sk_known_visit *visit, void *self) {
        sk_arena *arena = sk_cli_arena(session->cli);
        sk_slice sections = sk_json_member(known->archived, "sections");
        sk_slice name;
        sk_slice section;
        if (!sk_slice_there(sections) || sk_json_kind_of(sections) != SK_JSON_ARRAY)
                return;
        sk_json_walk walk = sk_json_walk_make(sections);
        while (sk_json_walk_next(&walk, &name, &section)) {
                int64_t index = 0;
                sk_slice activity = sk_json_member_string(section, "activity", arena);
                sk_known_piece piece = {.kind = kind_named(sk_json_member_string(section, "kind", arena)),
                                        .activity = sk_slice_there(activity) ? activity : SK_SLICE(""),
                                        .value = sk_json_member(section, "value")};
                (void)sk_json_member_int(section, "index", 0, 255, &index);
                piece.index = (unsigned)index;
                if (piece.kind != NULL && sk_slice_there(piece.value) && !visit(self, &piece))
                        return;
        }
}

void sk_known_pieces(const sk_session *session, const sk_known *known, sk_known_visit *visit, void *self) {
        if (known->open != NULL)
                pieces_of_open(known, visit, self);
        else if (sk_slice_there(known->archived))
                pieces_of_archived(session, known, visit, self);
}

typedef struct needing {
        sk_slice raise;
        bool is_ask;
} needing;

static bool on_raise(void *self, const sk_known_piece *piece) {
        needing *need = self;
        if (strcmp(piece->kind, need->is_ask ? "ask-raise" : "raise") != 0 || piece->index != 0)
                return true;
        need->raise = piece->value;
        return false;
}

sk_slice sk_known_need(const sk_session *session, const sk_known *known) {
        needing need = {.raise = SK_NONE, .is_ask = known->is_ask};
        sk_slice text = SK_NONE;
        sk_known_pieces(session, known, on_raise, &need);
        if (sk_slice_there(need.raise))
                text = sk_json_member_string(need.raise, "need", sk_cli_arena(session->cli));
        return sk_slice_there(text) ? text : SK_SLICE("");
}
