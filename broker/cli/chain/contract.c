/*
 * `schakel contract`: what a team's link reads and writes, as an AsyncAPI 3 document with Kafka bindings, so that a partner's
 * tools can be made from it. It is the agreements' topics, the catalogue of messages and their schemas, in one file.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/session/team_files.h"
#include "event/contract.h"
#include "event/envelope.h"
#include "event/topics.h"
#include "kit/alloc.h"
#include "kit/json_load.h"

#define BINDING "0.5.0" /* version of AsyncAPI's Kafka bindings */
#define COMMON "schakel:common/1.0"
#define HEADERS "schakel:headers/1.0"
#define EVENT "schakel:event/1.0"
#define REFERENCE_MAX 200

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_TEAM,
        {.name = "output", .letter = 'o', .kind = SK_OPTION_TEXT, .value = "FILE", .text = "write it to a file"},
        {0},
};

/** The document being made. */
typedef struct contract {
        const sk_edition *edition;
        sk_slice team;
        json_t *channels;
        json_t *operations;
        json_t *messages;
        json_t *schemas;
        bool is_good; /**< memory has been enough so far */
} contract;

/* ---- small helpers ---- */

/** Takes the value in any case. */
static void put(contract *self, json_t *object, const char *name, json_t *value) {
        self->is_good = json_object_set_new(object, name, value) == 0 && self->is_good;
}

static json_t *text(sk_slice bytes) {
        return json_stringn(bytes.at, bytes.len);
}

static json_t *reference(const char *where, const char *name) {
        sk_buf to = sk_buf_make(4 * (size_t)REFERENCE_MAX);

        sk_buf_add_format(&to, "#/%s/%s", where, name);
        json_t *made = to.err == SK_OK ? json_pack("{s:o}", "$ref", text(sk_buf_slice(&to))) : NULL;
        sk_buf_free(&to);
        return made;
}

/* ---- schemas ---- */

/** `schakel:common/1.0#/$defs/time`, `#/$defs/time` and `schakel:event/1.0` as names of this document. */
static void rename_reference(contract *self, json_t *schema) {
        const char *to = json_string_value(json_object_get(schema, "$ref"));
        const char *name = to == NULL ? NULL : strstr(to, "#/$defs/");
        char own[REFERENCE_MAX];

        if (to == NULL)
                return;
        if (name != NULL)
                (void)snprintf(own, sizeof own, "#/components/schemas/%s", name + 8);
        else
                (void)snprintf(own, sizeof own, "#/components/schemas/%.*s", (int)strcspn(to + 8, "/"), to + 8);
        put(self, schema, "$ref", json_string(own));
}

static void rename_references(contract *self, json_t *value) {
        const char *name;
        json_t *child;
        size_t i;

        if (json_is_object(value)) {
                rename_reference(self, value);
                (void)json_object_del(value, "$schema");
                (void)json_object_del(value, "$id");
                json_object_foreach(value, name, child) {
                        rename_references(self, child);
                }
        }
        json_array_foreach(value, i, child) {
                rename_references(self, child);
        }
}

static json_t *load(contract *self, sk_slice id) {
        json_t *schema = NULL;

        if (sk_json_load(sk_contract_text(id), SK_JSON_SCAN_DEPTH_MAX, &schema, NULL) != SK_OK)
                self->is_good = false;
        rename_references(self, schema);
        return schema;
}

/** Definitions stand beside the schemas here: by their names, which are different in all of them. */
static void move_definitions(contract *self, json_t *schema) {
        const char *name;
        json_t *definition;

        json_object_foreach(json_object_get(schema, "$defs"), name, definition) {
                put(self, self->schemas, name, json_incref(definition));
        }
        (void)json_object_del(schema, "$defs");
}

static void put_definitions(contract *self, sk_slice id) {
        json_t *whole = load(self, id);

        move_definitions(self, whole);
        json_decref(whole);
}

/* ---- messages ---- */

static const char *kind_name(sk_topic_kind kind) {
        static const char *const names[SK_TOPIC_KINDS] = {
                [SK_TOPIC_CALLS] = "calls",          [SK_TOPIC_FEEDBACK] = "feedback", [SK_TOPIC_WORK] = "work",
                [SK_TOPIC_JOURNAL] = "journal",      [SK_TOPIC_EVENTS] = "events",     [SK_TOPIC_ARCHIVE] = "archive",
                [SK_TOPIC_DEADLETTER] = "deadletter"};

        return names[kind];
}

static bool is_on(sk_topic_kind kind, sk_message type) {
        switch (kind) {
        case SK_TOPIC_CALLS:
                return sk_message_is_call(type);
        case SK_TOPIC_FEEDBACK:
                return sk_message_is_feedback(type);
        case SK_TOPIC_WORK:
                return sk_message_is_work(type);
        case SK_TOPIC_EVENTS:
                return type >= SK_EVENT_OPENED && type <= SK_EVENT_UNKNOWN;
        default:
                return type == SK_ARCHIVE_CALL;
        }
}

static void put_message(contract *self, sk_message type, sk_topic_kind kind) {
        char schema[REFERENCE_MAX], full[REFERENCE_MAX], headers[REFERENCE_MAX];
        sk_slice id = sk_contract_id(type);
        const char *slash = memchr(id.at, '/', id.len);

        (void)snprintf(schema, sizeof schema, "%.*s", (int)(slash - id.at - 8), id.at + 8); /* schakel:NAME/VERSION */
        (void)snprintf(full, sizeof full, "schakel.%s", sk_message_name(type));
        (void)snprintf(headers, sizeof headers, "headers-%s", kind == SK_TOPIC_ARCHIVE ? "events" : kind_name(kind));
        if (json_object_get(self->schemas, schema) == NULL)
                put(self, self->schemas, schema, load(self, id));
        json_t *payload = json_object_get(self->schemas, schema);
        move_definitions(self, payload);
        put(self, self->messages, sk_message_name(type),
            json_pack("{s:s, s:O*, s:s, s:o, s:o, s:{s:{s:o, s:s}}}", "name", full, "title",
                      json_object_get(payload, "title"), "contentType", "application/json", "headers",
                      reference("components/schemas", headers), "payload", reference("components/schemas", schema),
                      "bindings", "kafka", "key", reference("components/schemas", "id"), "bindingVersion", BINDING));
}

/* ---- channels ---- */

static void put_channel(contract *self, const sk_topic *topic, const char *action, const char *summary) {
        json_t *messages = json_object();
        json_t *listed = json_array();
        char name[REFERENCE_MAX], id[2 * REFERENCE_MAX];

        (void)snprintf(name, sizeof name, "%.*s", (int)topic->name.len, topic->name.at);
        for (unsigned type = 0; type < SK_MESSAGES; type++) {
                if (!is_on(topic->kind, (sk_message)type))
                        continue;
                const char *message = sk_message_name((sk_message)type);
                if (json_object_get(self->messages, message) == NULL)
                        put_message(self, (sk_message)type, topic->kind);
                put(self, messages, message, reference("components/messages", message));
                (void)snprintf(id, sizeof id, "channels/%s/messages", name);
                self->is_good = json_array_append_new(listed, reference(id, message)) == 0 && self->is_good;
        }
        put(self, self->channels, name,
            json_pack("{s:o, s:s, s:o, s:{s:{s:i, s:s}}}", "address", text(topic->name), "summary", summary, "messages",
                      messages, "bindings", "kafka", "partitions", (int)sk_edition_partitions(self->edition),
                      "bindingVersion", BINDING));
        (void)snprintf(id, sizeof id, "%s.%s", action, name);
        put(self, self->operations, id,
            json_pack("{s:s, s:o, s:s, s:o}", "action", action, "channel", reference("channels", name), "summary",
                      summary, "messages", listed));
}

static void put_partner(contract *self, sk_topics *topics, const sk_agreement *agreement) {
        bool is_provider = sk_slice_equal(sk_agreement_provider(agreement), self->team);
        sk_slice peer = is_provider ? sk_agreement_customer(agreement) : sk_agreement_provider(agreement);
        const sk_topic *calls = is_provider ? sk_topics_calls_from(topics, peer) : sk_topics_calls_to(topics, peer);
        const sk_topic *feedback =
                is_provider ? sk_topics_feedback_to(topics, peer) : sk_topics_feedback_from(topics, peer);
        char summary[REFERENCE_MAX];

        if (calls == NULL || feedback == NULL) {
                self->is_good = false;
                return;
        }
        (void)snprintf(summary, sizeof summary, "calls %s %.*s", is_provider ? "of" : "to", (int)peer.len, peer.at);
        put_channel(self, calls, is_provider ? "receive" : "send", summary);
        (void)snprintf(summary, sizeof summary, "feedback %s %.*s", is_provider ? "to" : "of", (int)peer.len, peer.at);
        put_channel(self, feedback, is_provider ? "send" : "receive", summary);
}

static void put_channels(contract *self) {
        sk_topics *topics = sk_topics_new(sk_edition_chain(self->edition), self->team);

        if (topics == NULL) {
                self->is_good = false;
                return;
        }
        for (size_t i = 0; i < sk_edition_agreement_count(self->edition); i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(self->edition, i);
                if (sk_slice_equal(sk_agreement_provider(agreement), self->team) ||
                    sk_slice_equal(sk_agreement_customer(agreement), self->team))
                        put_partner(self, topics, agreement);
        }
        put_channel(self, sk_topics_own(topics, SK_TOPIC_WORK), "receive", "what the team's people and tools say");
        put_channel(self, sk_topics_own(topics, SK_TOPIC_EVENTS), "send", "what has happened, without call data");
        put_channel(self, sk_topics_own(topics, SK_TOPIC_ARCHIVE), "send", "closed calls, for the team alone");
        sk_topics_free(topics);
}

/* ---- the whole ---- */

static json_t *document_of(contract *self) {
        sk_slice chain = sk_edition_chain(self->edition);
        char title[REFERENCE_MAX];

        (void)snprintf(title, sizeof title, "%.*s in %.*s", (int)self->team.len, self->team.at, (int)chain.len,
                       chain.at);
        put_definitions(self, SK_SLICE(COMMON));
        put_definitions(self, SK_SLICE(HEADERS));
        put(self, self->schemas, "event", load(self, SK_SLICE(EVENT)));
        put_channels(self);
        return json_pack(
                "{s:s, s:{s:s, s:s, s:s}, s:s, s:O, s:O, s:{s:O, s:O}}", "asyncapi", "3.0.0", "info", "title", title,
                "version", SK_SCHEMA_VERSION ".0", "description",
                "What the link of this team reads (receive) and writes (send) on Kafka. Keys, partitions, order "
                "and duplicates: schemas/README.md of Schakel.",
                "defaultContentType", "application/json", "channels", self->channels, "operations", self->operations,
                "components", "messages", self->messages, "schemas", self->schemas);
}

static int write_document(sk_cli *cli, const json_t *document) {
        const char *path = sk_cli_text(cli, "output");
        char *lines = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        FILE *file = path == NULL || lines == NULL ? NULL : fopen(path, "w");
        int status = SK_EXIT_OK;

        if (lines == NULL)
                status = sk_cli_fail(cli, "contract", "end other programs, then try again", "no memory is left");
        else if (path == NULL)
                sk_cli_print(cli, "%s\n", lines);
        else if (file == NULL || fprintf(file, "%s\n", lines) < 0)
                status = sk_cli_fail(cli, path, "see that the folder is there and can be written",
                                     "it cannot be written");
        if (file != NULL && fclose(file) != 0 && status == SK_EXIT_OK)
                status = sk_cli_fail(cli, path, "see that there is room", "it cannot be written");
        sk_free(lines);
        return status;
}

static int contract_run(sk_cli *cli, int argc, char **argv) {
        sk_edition *edition = NULL;
        const sk_team *team = NULL;
        int status = sk_team_files_open(cli, &edition, &team);

        (void)argc;
        (void)argv;
        if (status == SK_EXIT_OK) {
                contract self = {.edition = edition,
                                 .team = sk_team_name(team),
                                 .channels = json_object(),
                                 .operations = json_object(),
                                 .messages = json_object(),
                                 .schemas = json_object(),
                                 .is_good = true};
                json_t *document = document_of(&self);
                status = document == NULL || !self.is_good
                                 ? sk_cli_fail(cli, "contract", "end other programs, then try again",
                                               "no memory is left")
                                 : write_document(cli, document);
                json_decref(document);
                json_decref(self.channels);
                json_decref(self.operations);
                json_decref(self.messages);
                json_decref(self.schemas);
        }
        sk_edition_release(edition);
        return status;
}

const sk_command sk_command_contract = {
        .name = "contract",
        .text = "what a team's link reads and writes, as an AsyncAPI 3 document",
        .options = options,
        .details =
                "Topics of all agreements of the team, the messages on them with headers, keys and the schemas of "
                "their\n"
                "data, with Kafka bindings, as JSON. Tools that read AsyncAPI make pages, types and clients from it.",
        .example = "schakel contract -C teams/shared-service-centre --team service-centre > contract.json",
        .run = contract_run,
};
