/*
 * Events in words.
 */
#include "cli/session/event_text.h"

#include "cli/session/ids.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define TEXT_MAX_BYTES 65536
#define SHORT_ID 8
#define SCHEDULE "schedule/"
#define SCHEDULE_LEN (sizeof(SCHEDULE) - 1)

/** One event being put into words. */
typedef struct wording {
        sk_cli *cli;
        sk_slice value;
        sk_buf text;
} wording;

/* ---- members ---- */

static sk_slice text_of(const wording *word, const char *name) {
        sk_slice text = sk_json_member_string(word->value, name, sk_cli_arena(word->cli));
        return sk_slice_there(text) ? text : SK_SLICE("");
}

static bool has(const wording *word, const char *name) {
        return sk_slice_there(sk_json_member(word->value, name));
}

static int64_t number_of(const wording *word, const char *name) {
        int64_t number = 0;
        return sk_json_member_int(word->value, name, 0, INT64_MAX, &number) ? number : 0;
}

/* @p before, then the member, if it is there. */
static void add(wording *word, const char *before, const char *name) {
        sk_slice text = text_of(word, name);
        if (text.len == 0)
                return;
        sk_buf_add_text(&word->text, before);
        sk_buf_add_slice(&word->text, text);
}

static void add_long(wording *word, const char *before, int64_t duration_us) {
        sk_buf_add_text(&word->text, before);
        sk_when_duration_write(&word->text, duration_us);
}

static void add_short_id(wording *word, const char *before, const char *name) {
        sk_id id;
        if (!sk_id_parse(text_of(word, name), &id))
                return;
        sk_buf_add_text(&word->text, before);
        sk_buf_add_text(&word->text, sk_cli_id(word->cli, &id, SHORT_ID));
}

static void add_list(wording *word, const char *before, const char *name) {
        sk_slice array = sk_json_member(word->value, name);
        sk_slice member;
        sk_slice value;
        if (!sk_slice_there(array) || sk_json_kind_of(array) != SK_JSON_ARRAY)
                return;
        sk_json_walk walk = sk_json_walk_make(array);
        while (sk_json_walk_next(&walk, &member, &value)) {
                sk_slice text = sk_json_string(value, sk_cli_arena(word->cli));
                sk_buf_add_text(&word->text, before);
                sk_buf_add_slice(&word->text, sk_slice_there(text) ? text : value);
                before = ", ";
        }
}

/* ---- one function for each kind of event ---- */

static void word_opened(wording *word) {
        add(word, "opened: ", "type");
        add(word, " ", "facility");
        add(word, " of ", "customer");
        sk_slice cause = text_of(word, "cause");
        const char *slash = cause.len > SCHEDULE_LEN && memcmp(cause.at, SCHEDULE, SCHEDULE_LEN) == 0
                                    ? memchr(cause.at + SCHEDULE_LEN, '/', cause.len - SCHEDULE_LEN)
                                    : NULL;
        if (slash != NULL)
                sk_buf_add_format(&word->text, ", by its schedule %.*s", (int)(slash - cause.at) - (int)SCHEDULE_LEN,
                                  cause.at + SCHEDULE_LEN);
}

static void word_typed(wording *word) {
        add(word, "typed: ", "type");
        add_list(word, ", workflow ", "workflows");
}

static void word_classified(wording *word) {
        add(word, "classified: ", "category");
        sk_buf_add_format(&word->text, ", priority %u", (unsigned)number_of(word, "priority"));
        add(word, " by ", "actor");
}

static void word_entered(wording *word) {
        add(word, "", "activity");
        bool is_manual = sk_slice_is(text_of(word, "how"), "manual");
        sk_buf_add_text(&word->text, is_manual ? " waits" : " begins");
        add(word, is_manual ? " for " : ", ", is_manual ? "profile" : "how");
        add(word, "; accountable in place of ", "instead_of");
        if (has(word, "instead_of"))
                add(word, ": ", "accountable");
}

static void word_claimed(wording *word) {
        add(word, "", "activity");
        add(word, has(word, "by") ? " given to " : " claimed by ", "actor");
        add(word, " by ", "by");
}

static void word_released(wording *word) {
        add(word, "", "activity");
        add(word, " given back by ", "actor");
}

static void word_saved(wording *word) {
        add(word, "", "activity");
        add(word, ": what is entered so far was saved by ", "actor");
}

static void word_consulted(wording *word) {
        add(word, "", "actor");
        add_list(word, " asks for advice: ", "to");
}

static void word_advised(wording *word) {
        add(word, "", "actor");
        sk_buf_add_text(&word->text, " advises");
}

static void word_appointed(wording *word) {
        add(word, "", "accountable");
        add(word, " is accountable for ", "activity");
        add(word, ", says ", "actor");
}

static void word_informed(wording *word) {
        add(word, "", "activity");
        add_list(word, " is told to ", "to");
        add(word, ": ", "outcome");
}

static void word_ended(wording *word) {
        add(word, "", "activity");
        add(word, " ", "outcome");
        add(word, ": ", "code");
        add(word, " by ", "actor");
        if (!has(word, "actor"))
                add(word, ", decided by ", "decided_by");
        add_long(word, ", ", number_of(word, "elapsed_us"));
}

static void word_not_applicable(wording *word) {
        add(word, "", "activity");
        add(word, " not applicable: ", "rule");
}

static void word_triggered(wording *word) {
        add(word, "", "from");
        add(word, " > ", "to");
        add(word, " at ", "team");
        add(word, ", decided by ", "decided_by");
        add(word, ": ", "reason");
        add_list(word, " · ", "components");
}

static void word_fed_back(wording *word) {
        add(word, "", "from");
        add(word, " fed back to ", "to");
        add(word, ": ", "outcome");
}

static void word_registered(wording *word) {
        sk_buf_add_text(&word->text, "registered");
        add_list(word, ": ", "components");
}

static void word_asked(wording *word) {
        sk_buf_add_text(&word->text, has(word, "offer") ? "an offer goes to the customer, the clock stands"
                                                        : "the customer is asked, the clock stands");
}

static void word_answered(wording *word) {
        if (has(word, "ask"))
                add_short_id(word, "the provider is answered: ", "ask");
        else if (sk_slice_is(text_of(word, "code"), "lapsed"))
                add(word, "no answer came in time, the clock runs; then: ", "then");
        else
                sk_buf_add_text(&word->text, "the customer has answered, the clock runs");
}

static void word_delegated(wording *word) {
        add(word, "asks ", "team");
        add(word, ": ", "type");
        add(word, " ", "facility");
        add_short_id(word, ", ", "ask");
        if (number_of(word, "attempt") > 1)
                sk_buf_add_format(&word->text, ", %u. try", (unsigned)number_of(word, "attempt"));
        if (sk_slice_is(sk_json_member(word->value, "onward"), "true"))
                sk_buf_add_text(&word->text, ", only onward");
}

static void word_fed(wording *word) {
        if (has(word, "team"))
                add(word, "", "team");
        else
                sk_buf_add_text(&word->text, "says");
        sk_slice message = text_of(word, "message");
        const char *dot = memchr(message.at, '.', message.len);
        sk_buf_add_text(&word->text, ": ");
        sk_buf_add_slice(&word->text,
                         dot == NULL ? message : (sk_slice){dot + 1, (size_t)(message.at + message.len - dot) - 1});
        add(word, " ", "outcome");
        add_short_id(word, ", ", "ask");
}

static void word_escalated(wording *word) {
        add(word, "", "activity");
        add(word, " escalated: ", "code");
        if (has(word, "percent"))
                sk_buf_add_format(&word->text, ", %u %% of the time is over", (unsigned)number_of(word, "percent"));
        add(word, ", to ", "profile");
}

static void word_closed(wording *word) {
        sk_slice kept = sk_json_member(word->value, "kept");
        add(word, "closed: ", "outcome");
        if (!sk_slice_equal(text_of(word, "code"), text_of(word, "outcome")))
                add(word, ": ", "code");
        if (number_of(word, "workflow") != 0)
                sk_buf_add_format(&word->text, ", workflow %u", (unsigned)number_of(word, "workflow"));
        add_long(word, ", ", number_of(word, "elapsed_us"));
        if (sk_slice_there(kept))
                sk_buf_add_text(&word->text, sk_slice_is(kept, "false") ? ", late" : ", kept");
}

static void word_outcome(wording *word) {
        add(word, "", "message");
        add(word, " of ", "actor");
        add(word, " ", "status");
        add(word, ": ", "code");
}

static void word_gap(wording *word) {
        sk_buf_add_format(&word->text, "a message is missing: number %lld came where %lld was expected",
                          (long long)number_of(word, "got"), (long long)number_of(word, "expected"));
}

static void word_refused(wording *word) {
        add(word, "a message was refused: ", "code");
}

/* It will be late: said by a supplier, or to the customer. */
static void word_forecast(wording *word) {
        int64_t forecast_us = 0;
        (void)sk_when_parse(text_of(word, "forecast"), &forecast_us);
        add(word, has(word, "activity") ? "late: " : "", has(word, "activity") ? "code" : "team");
        sk_buf_add_text(&word->text, has(word, "activity") ? ", the customer is told: " : " will be late: ");
        sk_buf_add_text(&word->text, sk_cli_when(word->cli, forecast_us));
}

static void word_late(wording *word) {
        if (has(word, "forecast")) {
                word_forecast(word);
                return;
        }
        sk_buf_add_text(&word->text, "a message came after the end");
        add(word, ": ", "message");
}

static void word_routine(wording *word) {
        bool is_proposed = sk_slice_is(text_of(word, "status"), "proposed");
        add(word, "routine ", "routine");
        sk_buf_add_text(&word->text, is_proposed ? ": a change is proposed" : " changed");
        add(word, " by ", "actor");
        add(word, ", proposed by ", "proposed_by");
        add(word, ": ", "reason");
}

static void word_designed(wording *word) {
        if (has(word, "routine")) {
                word_routine(word);
                return;
        }
        sk_slice to = sk_json_member(word->value, "to");
        wording choice = {.cli = word->cli, .value = to, .text = sk_buf_make(TEXT_MAX_BYTES)};
        add(word, "another ", "what");
        if (sk_slice_there(to)) {
                add(&choice, ": organised by ", "organised_by");
                add(&choice, ", coordinated by ", "coordinated_by");
                sk_buf_add_slice(&word->text, sk_buf_slice(&choice.text));
        }
        sk_buf_free(&choice.text);
        add(word, ", chosen by ", "actor");
        add(word, ": ", "reason");
}

/** NULL: the name of the event says it all. */
typedef struct wordings {
        sk_message type;
        void (*function)(wording *word);
        const char *plain;
} wordings;

static const wordings table[] = {
        {SK_EVENT_OPENED, word_opened, NULL},
        {SK_EVENT_TYPED, word_typed, NULL},
        {SK_EVENT_CLASSIFIED, word_classified, NULL},
        {SK_EVENT_ENTERED, word_entered, NULL},
        {SK_EVENT_CLAIMED, word_claimed, NULL},
        {SK_EVENT_RELEASED, word_released, NULL},
        {SK_EVENT_SAVED, word_saved, NULL},
        {SK_EVENT_CONSULTED, word_consulted, NULL},
        {SK_EVENT_ADVISED, word_advised, NULL},
        {SK_EVENT_APPOINTED, word_appointed, NULL},
        {SK_EVENT_INFORMED, word_informed, NULL},
        {SK_EVENT_ENDED, word_ended, NULL},
        {SK_EVENT_NOT_APPLICABLE, word_not_applicable, NULL},
        {SK_EVENT_TRIGGERED, word_triggered, NULL},
        {SK_EVENT_FED_BACK, word_fed_back, NULL},
        {SK_EVENT_REGISTERED, word_registered, NULL},
        {SK_EVENT_ASKED, word_asked, NULL},
        {SK_EVENT_ANSWERED, word_answered, NULL},
        {SK_EVENT_DELEGATED, word_delegated, NULL},
        {SK_EVENT_FED, word_fed, NULL},
        {SK_EVENT_LATE, word_late, NULL},
        {SK_EVENT_ESCALATED, word_escalated, NULL},
        {SK_EVENT_NOTED, NULL, "a note was written"},
        {SK_EVENT_WITHDRAWING, NULL, "the customer withdraws it"},
        {SK_EVENT_CLOSED, word_closed, NULL},
        {SK_EVENT_DESIGNED, word_designed, NULL},
        {SK_EVENT_OUTCOME, word_outcome, NULL},
        {SK_EVENT_DUPLICATE, NULL, "a message came twice; it counts once"},
        {SK_EVENT_GAP, word_gap, NULL},
        {SK_EVENT_REFUSED, word_refused, NULL},
        {SK_EVENT_UNKNOWN, NULL, "a message of a kind that this link does not know"},
};

const char *sk_event_text(sk_cli *cli, sk_message type, sk_slice value) {
        wording word = {.cli = cli, .value = value, .text = sk_buf_make(TEXT_MAX_BYTES)};
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                if (table[i].type != type)
                        continue;
                if (table[i].function != NULL)
                        table[i].function(&word);
                else
                        sk_buf_add_text(&word.text, table[i].plain);
        }
        if (word.text.len == 0)
                sk_buf_add_text(&word.text, sk_message_name(type));
        const char *kept = sk_cli_safe(cli, sk_buf_slice(&word.text));
        sk_buf_free(&word.text);
        return kept;
}

bool sk_event_matters(sk_message type, sk_slice value) {
        bool is_auto = sk_slice_is(sk_json_member(value, "how"), "\"auto\"");
        switch (type) {
        case SK_EVENT_TYPED:
                return false;
        case SK_EVENT_ENTERED:
                return !is_auto;
        case SK_EVENT_ENDED:
                return !is_auto || !sk_slice_is(sk_json_member(value, "outcome"), "\"completed\"");
        case SK_EVENT_OUTCOME:
                return !sk_slice_is(sk_json_member(value, "status"), "\"done\"");
        default:
                return true;
        }
}

sk_style sk_event_style(sk_message type, sk_slice value) {
        bool is_completed = sk_slice_is(sk_json_member(value, "outcome"), "\"completed\"");
        switch (type) {
        case SK_EVENT_OPENED:
                return SK_BOLD;
        case SK_EVENT_CLOSED:
                return is_completed ? SK_GREEN : SK_RED;
        case SK_EVENT_ENDED:
        case SK_EVENT_FED_BACK:
                return is_completed ? SK_PLAIN : SK_RED;
        case SK_EVENT_ENTERED:
        case SK_EVENT_ASKED:
        case SK_EVENT_WITHDRAWING:
        case SK_EVENT_LATE:
                return SK_YELLOW;
        case SK_EVENT_ESCALATED:
        case SK_EVENT_OUTCOME:
        case SK_EVENT_GAP:
        case SK_EVENT_REFUSED:
                return SK_RED;
        case SK_EVENT_NOT_APPLICABLE:
        case SK_EVENT_DUPLICATE:
                return SK_DIM;
        default:
                return SK_PLAIN;
        }
}
