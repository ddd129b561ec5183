#include "daemon/notice.h"

#include <assert.h>

#include "kit/id.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"

/** A notice being written. */
typedef struct notice {
        const sk_edition *edition;
        const sk_team *team;
        sk_slice event;
} notice;

/* Names and ids have no escapes: the raw text is the text. */
static sk_slice text_of(sk_slice event, const char *name) {
        sk_slice text = sk_json_string(sk_json_member(event, name), NULL);
        return sk_slice_there(text) ? text : SK_SLICE("");
}

sk_slice sk_notice_key(sk_slice event) {
        sk_slice key = text_of(event, "key");
        return key.len > SK_ID_TEXT && key.len < SK_NOTICE_KEY_MAX ? key : SK_NONE;
}

static sk_slice call_of(sk_slice event) {
        sk_slice key = sk_notice_key(event);
        return (sk_slice){key.at, SK_ID_TEXT};
}

static void add_summary(const notice *self, sk_buf *out) {
        static const char *const parts[][2] = {
                {"", "activity"}, {" (", "type"}, {" ", "facility"}, {" of ", "customer"}};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
                sk_buf_add_text(out, parts[i][0]);
                sk_buf_add_slice(out, text_of(self->event, parts[i][1]));
        }
        sk_buf_add_text(out, "): ");
        sk_buf_add_slice(out, text_of(self->event, "outcome"));
}

/* ---- JSON ---- */

static size_t put_persons(const notice *self, sk_json_writer *json) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(self->event, "to"));
        sk_slice name;
        sk_slice value;
        size_t count = 0;
        sk_json_open_array(json, "to");
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice person = sk_json_string(value, NULL);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "person", person);
                sk_json_put_optional(json, "mail", sk_team_person_mail(self->team, person));
                sk_json_close_object(json);
                count++;
        }
        sk_json_close_array(json);
        return count;
}

static size_t write_json(const notice *self, sk_buf *out) {
        static const char *const passed[] = {"activity", "outcome", "customer", "type", "facility"};
        sk_json_writer json = sk_json_writer_make(out);
        sk_buf summary = sk_buf_make(1024);
        sk_json_open_object(&json, NULL);
        sk_json_put_text(&json, "key", sk_notice_key(self->event));
        sk_json_put_text(&json, "chain", sk_edition_chain(self->edition));
        sk_json_put_text(&json, "team", sk_team_name(self->team));
        sk_json_put_text(&json, "call", call_of(self->event));
        for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
                sk_json_put_text(&json, passed[i], text_of(self->event, passed[i]));
        add_summary(self, &summary);
        sk_json_put_text(&json, "text", sk_buf_slice(&summary));
        size_t count = put_persons(self, &json);
        sk_json_close_object(&json);
        sk_buf_add_text(out, "\n");
        sk_buf_free(&summary);
        return count;
}

/* ---- mail ---- */

static size_t add_recipients(const notice *self, sk_buf *out) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(self->event, "to"));
        sk_slice name;
        sk_slice value;
        size_t count = 0;
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice mail = sk_team_person_mail(self->team, sk_json_string(value, NULL));
                if (!sk_slice_there(mail))
                        continue;
                sk_buf_add_text(out, count == 0 ? "To: " : ",\n ");
                sk_buf_add_slice(out, mail);
                count++;
        }
        sk_buf_add_text(out, "\n");
        return count;
}

/* The key with what a message id may not have taken out, so that a repeated message is known as such. */
static void add_message_id(const notice *self, sk_buf *out) {
        sk_slice key = sk_notice_key(self->event);
        sk_buf_add_text(out, "Message-ID: <");
        for (size_t i = 0; i < key.len; i++)
                sk_buf_add_byte(out, key.at[i] == '/' ? '.' : (uint8_t)key.at[i]);
        sk_buf_add_format(out, "@%.*s.%.*s.schakel>\n", (int)sk_team_name(self->team).len, sk_team_name(self->team).at,
                          (int)sk_edition_chain(self->edition).len, sk_edition_chain(self->edition).at);
}

static size_t write_mail(const notice *self, sk_buf *out) {
        sk_slice call = call_of(self->event);
        size_t count = add_recipients(self, out);
        sk_buf_add_text(out, "From: ");
        sk_buf_add_slice(out, sk_team_outlet(self->team).from);
        sk_buf_add_text(out, "\nSubject: ");
        add_summary(self, out);
        sk_buf_add_text(out, "\n");
        add_message_id(self, out);
        sk_buf_add_text(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; "
                             "charset=utf-8\n\n");
        add_summary(self, out);
        sk_buf_add_format(out, "\nCall %.*s\nschakel show %.*s tells more.\n", (int)call.len, call.at, (int)call.len,
                          call.at);
        return count;
}

size_t sk_notice_write(const sk_edition *edition, const sk_team *team, sk_slice event, sk_outlet_kind kind,
                       sk_buf *out) {
        notice self = {.edition = edition, .team = team, .event = event};
        assert(edition != NULL && team != NULL && kind != SK_OUTLET_NONE && sk_slice_there(sk_notice_key(event)));
        return kind == SK_OUTLET_MAIL ? write_mail(&self, out) : write_json(&self, out);
}
