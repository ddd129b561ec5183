/*
 * Calls found by a part of their id: by the keys of the journals and archives, and, where both have forgotten, of the
 * events.
 */
#include "cli/session/find.h"

#include "cli/session/ids.h"
#include "link/journal.h"

typedef struct finding {
        sk_slice text;
        bool is_journal;
        unsigned count; /**< different ids that fit; 2: several */
        sk_id found;
        sk_id other;
} finding;

static bool on_key(void *self, const sk_log_entry *entry) {
        finding *find = self;
        sk_journal_place place = SK_KEY_CALL;
        sk_slice name;
        sk_id id;
        bool is_id = find->is_journal ? sk_journal_key_parse(entry->key, &place, &name, &id) == SK_OK &&
                                                (place == SK_KEY_CALL || place == SK_KEY_ASK)
                                      : sk_id_parse(entry->key, &id);
        if (!is_id || !sk_id_fits(&id, find->text) || (find->count > 0 && sk_id_equal(&id, &find->found)))
                return true;
        if (find->count++ == 0)
                find->found = id;
        else
                find->other = id;
        return find->count < 2;
}

static int look_in(const sk_session *session, const sk_team *team, sk_topic_kind kind, finding *find) {
        sk_slice topic = sk_session_topic(session, sk_team_name(team), kind, SK_NONE);
        sk_err err = SK_OK;
        find->is_journal = kind == SK_TOPIC_JOURNAL;
        if (!sk_slice_there(topic))
                return sk_session_no_memory(session);
        if (find->is_journal)
                err = sk_log_tool_latest(session->log, topic, SK_NONE, on_key, find);
        for (int32_t i = 0; !find->is_journal && err == SK_OK && i < sk_log_tool_partitions(session->log); i++)
                err = sk_log_tool_read(session->log, &(sk_log_read){.topic = topic, .partition = i}, on_key, find,
                                       NULL);
        return err == SK_OK ? SK_EXIT_OK : sk_session_fail(session, session->log_url);
}

static int look(const sk_session *session, const sk_team *team, sk_topic_kind kind, finding *find) {
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_edition_team_count(session->edition) && status == SK_EXIT_OK; i++) {
                const sk_team *each = sk_edition_team_at(session->edition, i);
                if ((team == NULL || team == each) && find->count < 2)
                        status = look_in(session, each, kind, find);
        }
        return status;
}

static int report(const sk_session *session, const char *text, const finding *find) {
        char first[SK_ID_TEXT + 1] = "";
        char second[SK_ID_TEXT + 1] = "";
        if (find->count == 0)
                return sk_cli_fail(session->cli, text, "schakel calls lists what is open; --closed what was",
                                   "there is no such call here");
        sk_id_format(&find->found, first);
        sk_id_format(&find->other, second);
        return sk_cli_usage_error(session->cli, text, "several calls have it: %s, %s; give more of the id", first,
                                  second);
}

/* A task, CALL/VISIT, is about its call. */
static sk_slice call_in(const char *text) {
        const char *slash = strchr(text, '/');
        bool is_task = slash != NULL && slash[1] != '\0' && strspn(slash + 1, "0123456789") == strlen(slash + 1);
        return is_task ? (sk_slice){text, (size_t)(slash - text)} : sk_slice_of(text);
}

int sk_find_call(const sk_session *session, const sk_team *team, const char *text, sk_id *out) {
        finding find = {.text = call_in(text)};
        if (sk_id_parse(find.text, out))
                return SK_EXIT_OK;
        if (!sk_id_is_part(find.text))
                return sk_cli_usage_error(session->cli, text,
                                          "an id has 0 to 9, a to f and -; give at least 4 of them");
        int status = look(session, team, SK_TOPIC_JOURNAL, &find);
        if (status == SK_EXIT_OK)
                status = look(session, team, SK_TOPIC_ARCHIVE, &find);
        if (status == SK_EXIT_OK && find.count == 0)
                status = look(session, team, SK_TOPIC_EVENTS, &find);
        if (status != SK_EXIT_OK)
                return status;
        if (find.count != 1)
                return report(session, text, &find);
        *out = find.found;
        return SK_EXIT_OK;
}
