/* What an event says to people: a line each, and which of them they want to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/session/event_text.h"
#include "unit/cli/capture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ASK "01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3"

static const sk_command *const commands[] = {NULL};

typedef struct row {
        sk_message type;
        const char *value;
        const char *text;
} row;

static void check_rows(const row *rows, size_t count) {
        capture captured;

        capture_begin(&captured, commands);
        for (size_t i = 0; i < count; i++) {
                const char *text = sk_event_text(captured.cli, rows[i].type, sk_slice_of(rows[i].value));
                if (strcmp(text, rows[i].text) != 0)
                        fail_msg("%s: \"%s\", not \"%s\"", rows[i].value, text, rows[i].text);
        }
        capture_end(&captured);
}

static void test_how_a_call_begins_and_ends(void **state) {
        static const row rows[] = {
                {SK_EVENT_OPENED, "{\"type\":\"incident\",\"facility\":\"till\",\"customer\":\"shop\"}",
                 "opened: incident till of shop"},
                {SK_EVENT_OPENED, "{\"type\":\"risk\",\"cause\":\"schedule/week/2026-01-01\"}",
                 "opened: risk, by its schedule week"},
                {SK_EVENT_OPENED, "{\"type\":\"risk\",\"cause\":\"schedule/\"}", "opened: risk"},
                {SK_EVENT_TYPED, "{\"type\":\"incident\",\"workflows\":[3,4]}", "typed: incident, workflow 3, 4"},
                {SK_EVENT_CLASSIFIED, "{\"category\":\"screen\",\"priority\":2,\"actor\":\"dana\"}",
                 "classified: screen, priority 2 by dana"},
                {SK_EVENT_CLOSED, "{\"outcome\":\"completed\",\"workflow\":4,\"elapsed_us\":60000000,\"kept\":true}",
                 "closed: completed, workflow 4, 1 min, kept"},
                {SK_EVENT_CLOSED,
                 "{\"outcome\":\"declined\",\"code\":\"not-agreed\",\"elapsed_us\":60000000,\"kept\":false}",
                 "closed: declined: not-agreed, 1 min, late"},
                {SK_EVENT_CLOSED, "{\"outcome\":\"withdrawn\",\"code\":\"withdrawn\",\"elapsed_us\":60000000}",
                 "closed: withdrawn, 1 min"},
                {SK_EVENT_WITHDRAWING, "{}", "the customer withdraws it"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_what_people_do(void **state) {
        static const row rows[] = {
                {SK_EVENT_ENTERED, "{\"activity\":\"a.b\",\"how\":\"manual\",\"profile\":\"clerk\"}",
                 "a.b waits for clerk"},
                {SK_EVENT_ENTERED, "{\"activity\":\"a.b\",\"how\":\"exec\"}", "a.b begins, exec"},
                {SK_EVENT_ENTERED,
                 "{\"activity\":\"a.b\",\"how\":\"manual\",\"profile\":\"clerk\",\"accountable\":\"dana\",\"instead_"
                 "of\":\"eva\"}",
                 "a.b waits for clerk; accountable in place of eva: dana"},
                {SK_EVENT_CLAIMED, "{\"activity\":\"a.b\",\"actor\":\"dana\"}", "a.b claimed by dana"},
                {SK_EVENT_CLAIMED, "{\"activity\":\"a.b\",\"actor\":\"dana\",\"by\":\"eva\"}",
                 "a.b given to dana by eva"},
                {SK_EVENT_RELEASED, "{\"activity\":\"a.b\",\"actor\":\"dana\"}", "a.b given back by dana"},
                {SK_EVENT_SAVED, "{\"activity\":\"a.b\",\"actor\":\"dana\"}",
                 "a.b: what is entered so far was saved by dana"},
                {SK_EVENT_CONSULTED, "{\"actor\":\"dana\",\"to\":[\"eva\",\"tom\"]}", "dana asks for advice: eva, tom"},
                {SK_EVENT_ADVISED, "{\"actor\":\"eva\"}", "eva advises"},
                {SK_EVENT_APPOINTED, "{\"accountable\":\"eva\",\"activity\":\"a.b\",\"actor\":\"dina\"}",
                 "eva is accountable for a.b, says dina"},
                {SK_EVENT_INFORMED, "{\"activity\":\"a.b\",\"to\":[\"eva\"],\"outcome\":\"completed\"}",
                 "a.b is told to eva: completed"},
                {SK_EVENT_ENDED,
                 "{\"activity\":\"a.b\",\"outcome\":\"failed\",\"code\":\"gave-up\",\"actor\":\"dana\",\"elapsed_us\":"
                 "60000000}",
                 "a.b failed: gave-up by dana, 1 min"},
                {SK_EVENT_ENDED,
                 "{\"activity\":\"a.b\",\"outcome\":\"completed\",\"decided_by\":\"rule\",\"elapsed_us\":60000000}",
                 "a.b completed, decided by rule, 1 min"},
                {SK_EVENT_NOT_APPLICABLE, "{\"activity\":\"a.b\",\"rule\":\"declined\"}",
                 "a.b not applicable: declined"},
                {SK_EVENT_NOTED, "{}", "a note was written"},
                {SK_EVENT_ESCALATED,
                 "{\"activity\":\"a.b\",\"code\":\"late\",\"percent\":75,\"profile\":\"line-manager\"}",
                 "a.b escalated: late, 75 % of the time is over, to line-manager"},
                {SK_EVENT_OUTCOME,
                 "{\"message\":\"work.claim\",\"actor\":\"zoe\",\"status\":\"refused\",\"code\":\"held\"}",
                 "work.claim of zoe refused: held"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_what_goes_between_processes_and_teams(void **state) {
        static const row rows[] = {
                {SK_EVENT_TRIGGERED,
                 "{\"from\":\"recover\",\"to\":\"change\",\"decided_by\":\"dana\",\"reason\":\"worn\",\"components\":["
                 "\"c1\",\"c2\"]}",
                 "recover > change, decided by dana: worn \xc2\xb7 c1, c2"},
                {SK_EVENT_TRIGGERED, "{\"from\":\"recover\",\"to\":\"operate\",\"team\":\"bench\"}",
                 "recover > operate at bench"},
                {SK_EVENT_FED_BACK, "{\"from\":\"change\",\"to\":\"recover\",\"outcome\":\"completed\"}",
                 "change fed back to recover: completed"},
                {SK_EVENT_REGISTERED, "{\"components\":[\"c1\"]}", "registered: c1"},
                {SK_EVENT_REGISTERED, "{}", "registered"},
                {SK_EVENT_ASKED, "{\"question\":3}", "the customer is asked, the clock stands"},
                {SK_EVENT_ASKED, "{\"offer\":3}", "an offer goes to the customer, the clock stands"},
                {SK_EVENT_ANSWERED, "{\"question\":3}", "the customer has answered, the clock runs"},
                {SK_EVENT_ANSWERED, "{\"question\":3,\"code\":\"lapsed\",\"then\":\"go-on\"}",
                 "no answer came in time, the clock runs; then: go-on"},
                {SK_EVENT_ANSWERED, "{\"ask\":\"" ASK "\"}", "the provider is answered: 00c1d2e3"},
                {SK_EVENT_DELEGATED,
                 "{\"team\":\"bench\",\"type\":\"incident\",\"facility\":\"till\",\"ask\":\"" ASK
                 "\",\"attempt\":2,\"onward\":true}",
                 "asks bench: incident till, 00c1d2e3, 2. try, only onward"},
                {SK_EVENT_FED,
                 "{\"team\":\"bench\",\"message\":\"feedback.closed\",\"outcome\":\"declined\",\"ask\":\"" ASK "\"}",
                 "bench: closed declined, 00c1d2e3"},
                {SK_EVENT_FED, "{\"message\":\"progress\"}", "says: progress"},
                {SK_EVENT_LATE, "{\"message\":\"call.note\"}", "a message came after the end: call.note"},
                {SK_EVENT_GAP, "{\"expected\":2,\"got\":5}",
                 "a message is missing: number 5 came where 2 was expected"},
                {SK_EVENT_REFUSED, "{\"code\":\"too-old\"}", "a message was refused: too-old"},
                {SK_EVENT_DUPLICATE, "{}", "a message came twice; it counts once"},
                {SK_EVENT_UNKNOWN, "{}", "a message of a kind that this link does not know"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_what_is_designed(void **state) {
        static const row rows[] = {
                {SK_EVENT_DESIGNED, "{\"routine\":\"operate\",\"actor\":\"eva\",\"reason\":\"faster\"}",
                 "routine operate changed by eva: faster"},
                {SK_EVENT_DESIGNED,
                 "{\"routine\":\"operate\",\"status\":\"proposed\",\"actor\":\"eva\",\"reason\":\"faster\"}",
                 "routine operate: a change is proposed by eva: faster"},
                {SK_EVENT_DESIGNED,
                 "{\"routine\":\"operate\",\"actor\":\"tom\",\"proposed_by\":\"eva\",\"reason\":\"faster\"}",
                 "routine operate changed by tom, proposed by eva: faster"},
                {SK_EVENT_DESIGNED,
                 "{\"what\":\"steering\",\"to\":{\"organised_by\":\"process\",\"coordinated_by\":\"line\"},\"actor\":"
                 "\"eva\",\"reason\":\"x\"}",
                 "another steering: organised by process, coordinated by line, chosen by eva: x"},
                {SK_EVENT_DESIGNED, "{\"what\":\"steering\",\"actor\":\"eva\"}", "another steering, chosen by eva"},
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_hostile_texts_are_shown_and_not_obeyed(void **state) {
        static const row rows[] = {
                {SK_EVENT_REFUSED, "{\"code\":\"\\u001b[2J\\n\"}", "a message was refused: \\x1b[2J\\n"},
                {SK_EVENT_REGISTERED, "{\"components\":[1,null,{\"a\":2}]}", "registered: 1, null, {\"a\":2}"},
                {SK_EVENT_REGISTERED, "{\"components\":\"c1\"}", "registered"},
                {SK_EVENT_ANSWERED, "{\"ask\":\"no id\"}", "event.answered"},
                {SK_EVENT_CLASSIFIED, "{\"priority\":-1}", ", priority 0"},
                {SK_CALL_RAISE, "{}", "call.raise"}, /* which is no event */
        };
        (void)state;
        check_rows(rows, COUNT(rows));
}

static void test_people_do_not_want_to_see_what_a_link_does_by_itself(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *value;
                bool matters;
                sk_style style;
        } table[] = {
                {SK_EVENT_OPENED, "{}", true, SK_BOLD},
                {SK_EVENT_TYPED, "{}", false, SK_PLAIN},
                {SK_EVENT_ENTERED, "{\"how\":\"auto\"}", false, SK_YELLOW},
                {SK_EVENT_ENTERED, "{\"how\":\"manual\"}", true, SK_YELLOW},
                {SK_EVENT_ENDED, "{\"how\":\"auto\",\"outcome\":\"completed\"}", false, SK_PLAIN},
                {SK_EVENT_ENDED, "{\"how\":\"auto\",\"outcome\":\"failed\"}", true, SK_RED},
                {SK_EVENT_ENDED, "{\"how\":\"manual\",\"outcome\":\"completed\"}", true, SK_PLAIN},
                {SK_EVENT_OUTCOME, "{\"status\":\"done\"}", false, SK_RED},
                {SK_EVENT_OUTCOME, "{\"status\":\"refused\"}", true, SK_RED},
                {SK_EVENT_CLOSED, "{\"outcome\":\"completed\"}", true, SK_GREEN},
                {SK_EVENT_CLOSED, "{\"outcome\":\"failed\"}", true, SK_RED},
                {SK_EVENT_DUPLICATE, "{}", true, SK_DIM},
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                sk_slice value = sk_slice_of(table[i].value);
                if (sk_event_matters(table[i].type, value) != table[i].matters ||
                    sk_event_style(table[i].type, value) != table[i].style)
                        fail_msg("%s %s", sk_message_name(table[i].type), table[i].value);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_how_a_call_begins_and_ends),
                cmocka_unit_test(test_what_people_do),
                cmocka_unit_test(test_what_goes_between_processes_and_teams),
                cmocka_unit_test(test_what_is_designed),
                cmocka_unit_test(test_hostile_texts_are_shown_and_not_obeyed),
                cmocka_unit_test(test_people_do_not_want_to_see_what_a_link_does_by_itself),
        };

        return cmocka_run_group_tests_name("event_text", tests, NULL, NULL);
}
