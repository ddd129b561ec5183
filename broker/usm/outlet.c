/*
 * Where a team's notices go: what team.json says under "outlet", and people's addresses.
 */
#include <assert.h>

#include "usm/check.h"

#define ARGUMENTS_MAX 32
#define ADDRESS_MAX 200

/** Printable, without blanks and what ends an address or an option in a message. */
static bool is_plain(sk_slice text, const char *without) {
        assert(without != NULL);
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] <= ' ' || text.at[i] > '~' || strchr(without, text.at[i]) != NULL)
                        return false;
        }
        return text.len > 0 && text.len <= ADDRESS_MAX && text.at[0] != '-';
}

sk_slice sk_read_mail(sk_check *check, const sk_spot *spot) {
        assert(check != NULL);
        sk_slice mail = sk_read_text(check, spot);
        if (!sk_slice_there(mail))
                return SK_NONE;
        const char *at = memchr(mail.at, '@', mail.len);
        if (is_plain(mail, "<>(),;:\"\\[]") && at != NULL && at > mail.at && at + 1 < mail.at + mail.len)
                return mail;
        sk_check_say(check, spot, SK_ERROR, "value-range",
                     "%s is no address for mail\nwrite it as \"eva@example.org\", without a name around it",
                     sk_quote(mail).text);
        return SK_NONE;
}

static void read_command(sk_check *check, const sk_spot *spot, sk_outlet_terms *out) {
        assert(out != NULL);
        sk_names command = sk_read_names(check, spot);
        if (spot->value == NULL)
                return;
        if (command.count == 0 || command.count > ARGUMENTS_MAX || command.at[0].len == 0) {
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "a command is a program and at most %d arguments\nwrite [\"/usr/local/bin/tell\", "
                             "\"--quiet\"]; there is no shell between",
                             ARGUMENTS_MAX - 1);
                return;
        }
        out->command = command;
        out->kind = SK_OUTLET_COMMAND;
}

static void read_mail(sk_check *check, const sk_spot *object, sk_outlet_terms *out) {
        assert(out->from.len == 0);
        sk_spot program = sk_spot_member(object, "sendmail");
        sk_spot from = sk_spot_member(object, "from");
        if (program.value == NULL)
                return;
        read_command(check, &program, out);
        if (sk_read_need(check, &from, "the address that notices come from"))
                out->from = sk_read_mail(check, &from);
        out->kind = SK_OUTLET_MAIL;
}

static void read_webhook(sk_check *check, const sk_spot *spot, sk_outlet_terms *out) {
        assert(out->url.len == 0);
        sk_slice url = sk_read_text(check, spot);
        if (!sk_slice_there(url))
                return;
        bool is_known = (url.len > 8 && memcmp(url.at, "https://", 8) == 0) ||
                        (url.len > 7 && memcmp(url.at, "http://", 7) == 0);
        if (!is_known || !is_plain(url, "\"<>\\")) {
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "%s is no address of the web\nwrite \"https://tool.example.org/notices\"",
                             sk_quote(url).text);
                return;
        }
        out->url = url;
        out->kind = SK_OUTLET_WEBHOOK;
}

void sk_outlet_read(sk_check *check, const sk_spot *spot, sk_outlet_terms *out) {
        static const char *const allowed[] = {"command", "sendmail", "from", "webhook", NULL};
        assert(out != NULL);
        *out = (sk_outlet_terms){.kind = SK_OUTLET_NONE};
        if (!sk_read_is_object(check, spot))
                return;
        sk_spot command = sk_spot_member(spot, "command");
        sk_spot sendmail = sk_spot_member(spot, "sendmail");
        sk_spot webhook = sk_spot_member(spot, "webhook");
        sk_read_only(check, spot, allowed);
        int count = (command.value != NULL) + (sendmail.value != NULL) + (webhook.value != NULL);
        if (count != 1) {
                sk_check_say(check, spot, SK_ERROR, "value-range",
                             "there are %d outlets here\ngive exactly one of \"command\", \"sendmail\" and "
                             "\"webhook\"",
                             count);
                return;
        }
        read_command(check, &command, out);
        read_mail(check, spot, out);
        read_webhook(check, &webhook, out);
        assert(out->kind <= SK_OUTLET_WEBHOOK);
}

sk_outlet_terms sk_team_outlet(const sk_team *team) {
        assert(team != NULL);
        return team->outlet;
}

sk_slice sk_team_person_mail(const sk_team *team, sk_slice person) {
        assert(team != NULL);
        const sk_person *found = sk_person_find(team, person);
        return found == NULL ? SK_NONE : found->mail;
}
