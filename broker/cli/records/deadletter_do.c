/*
 * `schakel deadletter retry` and `drop`. A retry is a work record that holds the letter; the link takes it as if it
 * came from its topic. A drop is a mark: the letter stays on its topic until the log's retention takes it.
 */
#include <inttypes.h>

#include "cli/records/letters.h"
#include "cli/session/work.h"
#include "kit/hash.h"

#define LETTER_OPTIONS                                                                                                 \
        SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, SK_OPTION_PERSON, SK_OPTION_PATIENCE, {         \
                .name = "all", .letter = 'a', .kind = SK_OPTION_FLAG, .text = "all that are open; of --team, if given" \
        }

static const sk_option retry_options[] = {LETTER_OPTIONS, {0}};

static const sk_option drop_options[] = {
        LETTER_OPTIONS,
        {.name = "why", .kind = SK_OPTION_TEXT, .value = "TEXT", .text = "why it is not needed", .is_required = true},
        {0},
};

/** What both have at hand. */
typedef struct letter_deed {
        const sk_session *session;
        sk_who who;
        sk_letters *letters;
} letter_deed;

/* ---- retry ---- */

/* RFC 4648, with padding. */
static void base64_write(sk_buf *out, sk_slice bytes) {
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (size_t i = 0; i < bytes.len; i += 3) {
                unsigned group = 0;
                for (size_t n = 0; n < 3; n++)
                        group = group << 8 | (i + n < bytes.len ? (unsigned char)bytes.at[i + n] : 0u);
                for (unsigned n = 0; n < 4; n++) {
                        bool is_padding = i + n > bytes.len;
                        sk_buf_add_byte(out, (uint8_t)(is_padding ? '=' : letters[group >> (18 - 6 * n) & 63]));
                }
        }
}

/* The letter's headers with the count, which goes on. */
static void headers_write(const sk_letter *letter, sk_buf *out) {
        char count[24];
        int len = snprintf(count, sizeof(count), "%" PRIu64, letter->count);
        sk_buf_add_slice(out, letter->headers);
        if (sk_headers_check(letter->headers))
                sk_headers_add(out, "schakel-dl-count", (sk_slice){count, (size_t)len});
}

static void data_write(const sk_session *session, const sk_letter *letter, sk_buf *out) {
        sk_json_writer json = sk_json_writer_make(out);
        sk_buf headers = sk_buf_make(SK_VALUE_MAX);
        sk_buf text = sk_buf_make(2 * SK_VALUE_MAX);
        headers_write(letter, &headers);
        base64_write(&text, sk_buf_slice(&headers));
        sk_json_open_object(&json, NULL);
        sk_json_put_text(&json, "topic", letter->topic);
        sk_json_put_int(&json, "partition", sk_hash_partition(letter->key, sk_log_tool_partitions(session->log)));
        sk_json_put_text(&json, "key", letter->key);
        sk_json_put_text(&json, "headers", sk_buf_slice(&text));
        sk_buf_clear(&text);
        base64_write(&text, letter->value);
        sk_json_put_text(&json, "value", sk_buf_slice(&text));
        sk_json_close_object(&json);
        if (headers.err != SK_OK || text.err != SK_OK)
                out->err = SK_ERR_FULL;
        sk_buf_free(&headers);
        sk_buf_free(&text);
}

static int cannot(const sk_session *session, const sk_letter *letter, const char *why) {
        return sk_cli_fail(session->cli, sk_letter_name(session, letter),
                           "ask the sender to send it again as it should be, then drop this one", "%s", why);
}

/* Why the link would not even look at it; NULL: it will. */
static const char *why_not(const sk_letter *letter, const sk_id *key) {
        if (letter->state == SK_LETTER_DROPPED)
                return "it was dropped; nothing is done with it any more";
        if (sk_id_is_zero(key))
                return "its key is no id, so that no call can be meant";
        if (!sk_slice_there(letter->value))
                return "it has no value";
        if (!sk_headers_check(letter->headers))
                return "its headers cannot be read";
        return NULL;
}

/** The letter as it came back. */
typedef struct returned {
        sk_slice key;
        char reason[64]; /**< "": it did not */
} returned;

static bool on_returned(void *self, const sk_log_entry *entry) {
        returned *back = self;
        sk_slice reason = sk_headers_find(entry->headers, "schakel-dl-reason");
        if (sk_slice_equal(entry->key, back->key) && sk_slice_there(reason))
                snprintf(back->reason, sizeof(back->reason), "%.*s", (int)(reason.len < 60 ? reason.len : 60),
                         reason.at);
        return true;
}

/* Whether the link put it aside again, as is seen on the dead letters' topic. */
static int look_for_return(const sk_session *session, const sk_letter *letter, int64_t from, returned *out) {
        *out = (returned){.key = letter->key};
        sk_log_read read = {.topic =
                                    sk_session_topic(session, sk_team_name(letter->team), SK_TOPIC_DEADLETTER, SK_NONE),
                            .partition = letter->partition,
                            .from_offset = from};
        if (!sk_slice_there(read.topic) || sk_log_tool_read(session->log, &read, on_returned, out, NULL) != SK_OK)
                return sk_session_fail(session, session->log_url);
        return SK_EXIT_OK;
}

static int refused(const sk_session *session, const sk_letter *letter, const sk_work *work,
                   const sk_work_answer *answer) {
        static const struct {
                const char *code;
                const char *why;
        } codes[] = {
                {"unknown-topic", "the team does not read that topic any more: the agreement is gone"},
                {"misrouted", "its partition is not that of its key"},
                {"not-allowed", "it holds another letter, or another call than its key"},
                {"bad-data", "what came out is no record"},
        };
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
                if (strcmp(codes[i].code, answer->code) == 0)
                        return cannot(session, letter, codes[i].why);
        }
        return sk_work_refused(session, work, answer);
}

/* What came of it. A letter that was put aside again has a new number, so that the old one is done with. */
static int conclude(const sk_session *session, const sk_letter *letter, const sk_work *work,
                    const sk_work_answer *answer, int64_t from) {
        returned back;
        int status = answer->is_answered ? look_for_return(session, letter, from, &back) : SK_EXIT_OK;
        if (status != SK_EXIT_OK)
                return status;
        bool is_back = answer->is_answered && back.reason[0] != '\0';
        bool is_refused = answer->is_answered && !answer->is_done;
        if (is_back || (answer->is_answered && answer->is_done))
                status = sk_letters_mark(session, letter, SK_LETTER_RETRIED, work->person, SK_NONE);
        if (status == SK_EXIT_OK && (sk_cli_is_json(session->cli) || (!is_back && !is_refused)))
                status = sk_work_report(session, work, answer, "%s retried", sk_letter_name(session, letter));
        else if (status == SK_EXIT_OK && !is_back)
                status = refused(session, letter, work, answer);
        if (status != SK_EXIT_OK || !is_back)
                return status;
        return sk_cli_fail(session->cli, sk_letter_name(session, letter),
                           "schakel deadletter list shows it under its new number",
                           "the link could not use it again: %s", back.reason);
}

static int send(const letter_deed *deed, sk_letter *letter, const sk_id *key, sk_slice data) {
        const sk_session *session = deed->session;
        sk_work work = {.team = letter->team,
                        .person = sk_session_actor(session, &deed->who),
                        .type = SK_WORK_REDELIVER,
                        .call = *key,
                        .data = data};
        sk_work_answer answer;
        int64_t from = 0;
        sk_slice topic = sk_session_topic(session, sk_team_name(letter->team), SK_TOPIC_DEADLETTER, SK_NONE);
        if (!sk_slice_there(topic) || sk_log_tool_end(session->log, topic, letter->partition, &from) != SK_OK)
                return sk_session_fail(session, session->log_url);
        int status = sk_work_send(session, &work, &answer);
        if (status != SK_EXIT_OK)
                return status;
        return conclude(session, letter, &work, &answer, from);
}

static int retry(const letter_deed *deed, sk_letter *letter) {
        const sk_session *session = deed->session;
        sk_id key = {{0}};
        (void)sk_id_parse(letter->key, &key);
        int status = sk_letters_whole(session, deed->letters, letter);
        const char *why = status == SK_EXIT_OK ? why_not(letter, &key) : NULL;
        if (status != SK_EXIT_OK || why != NULL)
                return why == NULL ? status : cannot(session, letter, why);
        sk_buf data = sk_buf_make(SK_VALUE_MAX);
        data_write(session, letter, &data);
        if (data.err == SK_OK)
                status = send(deed, letter, &key, sk_buf_slice(&data));
        else
                status = cannot(session, letter, "it is too large to be handed in once more");
        sk_buf_free(&data);
        return status;
}

/* ---- drop ---- */

static int drop(const letter_deed *deed, sk_letter *letter) {
        const sk_session *session = deed->session;
        sk_cli *cli = session->cli;
        sk_slice person = sk_session_actor(session, &deed->who);
        if (letter->state == SK_LETTER_DROPPED)
                return sk_cli_fail(cli, sk_letter_name(session, letter), "there is nothing left to do",
                                   "it was dropped already");
        int status = sk_letters_mark(session, letter, SK_LETTER_DROPPED, person, sk_slice_of(sk_cli_text(cli, "why")));
        if (status != SK_EXIT_OK)
                return status;
        if (!sk_cli_is_json(cli)) {
                sk_cli_print(cli, "%s dropped; it stays on its topic as long as the log keeps it\n",
                             sk_letter_name(session, letter));
                return SK_EXIT_OK;
        }
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_bool(json, "ok", true);
        sk_json_put_cstr(json, "letter", sk_letter_name(session, letter));
        sk_json_put_cstr(json, "state", "dropped");
        sk_json_put_text(json, "person", person);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

/* ---- both ---- */

typedef int letter_action(const letter_deed *deed, sk_letter *letter);

static int do_all(const letter_deed *deed, letter_action *action) {
        int status = SK_EXIT_OK;
        size_t count = 0;
        for (size_t i = 0; i < sk_letters_count(deed->letters) && !sk_cli_is_interrupted(); i++) {
                sk_letter *letter = sk_letters_at(deed->letters, i);
                if (letter->state != SK_LETTER_OPEN)
                        continue;
                int one = action(deed, letter);
                status = one == SK_EXIT_OK ? status : one;
                count++;
                sk_cli_forget(deed->session->cli);
        }
        if (count == 0 && !sk_cli_is_json(deed->session->cli))
                sk_cli_print(deed->session->cli, "no dead letters\n");
        return status;
}

static int do_named(const letter_deed *deed, int argc, char **argv, letter_action *action) {
        int status = SK_EXIT_OK;
        for (int i = 0; i < argc && !sk_cli_is_interrupted(); i++) {
                sk_letter *letter;
                int one = sk_letters_find(deed->session, deed->letters, argv[i], &letter);
                if (one == SK_EXIT_OK)
                        one = action(deed, letter);
                status = one == SK_EXIT_OK ? status : one;
        }
        return status;
}

static int run(sk_cli *cli, int argc, char **argv, letter_action *action) {
        sk_session session;
        letter_deed deed = {.session = &session};
        bool is_all = sk_cli_flag(cli, "all");
        if ((argc == 0) != is_all)
                return sk_cli_usage_error(cli, "deadletter", "name dead letters as the list does, or give --all");
        int status = sk_session_open(cli, SK_ACT, &session);
        if (status != SK_EXIT_OK)
                return status;
        sk_cli_catch_interrupt();
        status = sk_session_who(&session, &deed.who);
        if (status == SK_EXIT_OK)
                status = sk_letters_load(&session, deed.who.team, &deed.letters);
        if (status == SK_EXIT_OK)
                status = is_all ? do_all(&deed, action) : do_named(&deed, argc, argv, action);
        sk_letters_free(deed.letters);
        sk_session_close(&session);
        return status;
}

static int retry_run(sk_cli *cli, int argc, char **argv) {
        return run(cli, argc, argv, retry);
}

static int drop_run(sk_cli *cli, int argc, char **argv) {
        return run(cli, argc, argv, drop);
}

const sk_command sk_command_deadletter_retry = {
        .name = "retry",
        .text = "give dead letters to the link once more",
        .arguments = "[LETTER...]",
        .arguments_max = 1000,
        .options = retry_options,
        .details = "The link takes the letter as if it had just come; nothing is done twice, however often it is\n"
                   "retried. When it still cannot be used it becomes a dead letter again, and the exit status is 1.",
        .example = "schakel deadletter retry network/12 --as bo\nschakel deadletter retry --all --team network",
        .run = retry_run,
};

const sk_command sk_command_deadletter_drop = {
        .name = "drop",
        .text = "mark dead letters as not needed",
        .arguments = "[LETTER...]",
        .arguments_max = 1000,
        .options = drop_options,
        .details = "A mark with name, time and reason goes to the topic of the dead letters; the letter itself stays\n"
                   "there as long as the log keeps it, and list --all shows both.",
        .example = "schakel deadletter drop network/12 --why \"sent again as 0198...\" --as bo",
        .run = drop_run,
};
