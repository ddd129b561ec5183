#include "log/kafka_reason.h"

#include <assert.h>
#include <stdio.h>

/* librdkafka sends its SCRAM nonce twice before 2.6.1; Kafka up to 3.9 overlooks that, Kafka 4 does not. */
#define SCRAM_IS_RIGHT 0x02060100
/* Errors of transactions and of static members that are mended there. */
#define GOOD_VERSION 0x02030000

static unsigned weight_of(int error) {
        switch (error) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
                return 0;
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
                return 4;
        case RD_KAFKA_RESP_ERR__SSL:
                return 3;
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
                return 1;
        default:
                return 2;
        }
}

void sk_kafka_reason_take(sk_kafka_reason *reason, int error, const char *text) {
        assert(reason != NULL);
        if (weight_of(error) < weight_of(reason->error))
                return;
        reason->error = error;
        (void)snprintf(reason->text, sizeof(reason->text), "%s", text == NULL ? rd_kafka_err2str(error) : text);
}

static bool is_login(int error) {
        return weight_of(error) == weight_of(RD_KAFKA_RESP_ERR__AUTHENTICATION);
}

bool sk_kafka_reason_is_refusal(const sk_kafka_reason *reason) {
        assert(reason != NULL);
        return is_login(reason->error) || reason->error == RD_KAFKA_RESP_ERR__SSL;
}

static bool uses_scram(const sk_kafka_settings *settings) {
        for (size_t i = 0; i < settings->property_count; i++) {
                const sk_kafka_property *property = &settings->properties[i];
                if ((strcmp(property->name, "sasl.mechanism") == 0 || strcmp(property->name, "sasl.mechanisms") == 0) &&
                    strncmp(property->value, "SCRAM-", 6) == 0)
                        return true;
        }
        return false;
}

sk_kafka_reason sk_kafka_reason_make(const sk_kafka_settings *settings) {
        assert(settings != NULL);
        return (sk_kafka_reason){.is_scram = uses_scram(settings)};
}

static const char *remedy_of(const sk_kafka_reason *reason) {
        if (is_login(reason->error) && reason->is_scram && rd_kafka_version() < SCRAM_IS_RIGHT)
                return "; Kafka 4 refuses the SCRAM of librdkafka before 2.6.1 although the password is right: use "
                       "certificates, PLAIN over TLS, or a newer librdkafka";
        if (is_login(reason->error))
                return "; see to name and password (sasl.username, sasl.password)";
        if (reason->error == RD_KAFKA_RESP_ERR__SSL)
                return "; see to the certificates (ssl.ca.location, ssl.certificate.location, ssl.key.location)";
        return "";
}

/* Sentences end with how long it took, which makes each attempt a new one. */
static int without_times(const char *text) {
        const char *times = strstr(text, " (after ");

        return (int)(times == NULL ? strlen(text) : (size_t)(times - text));
}

/* Those about a login begin with the broker's address, and all brokers say the same. */
static const char *without_address(const char *text) {
        const char *mark = strstr(text, "://");
        const char *end = mark == NULL ? NULL : strstr(mark, ": ");

        return end == NULL ? text : end + 2;
}

void sk_kafka_reason_explain(const sk_kafka_reason *reason, const char *otherwise, char why[SK_KAFKA_WHY_MAX]) {
        assert(reason != NULL);
        assert(otherwise != NULL);
        const char *text = is_login(reason->error) ? without_address(reason->text) : reason->text;

        if (reason->error == RD_KAFKA_RESP_ERR_NO_ERROR)
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "no broker answers: %s", otherwise);
        else
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "%s: %.*s%s",
                               is_login(reason->error) ? "the brokers refuse the login" : "no broker answers",
                               without_times(text), text, remedy_of(reason));
}

bool sk_kafka_beware(const sk_kafka_settings *settings, unsigned index, char text[SK_KAFKA_WHY_MAX]) {
        assert(settings != NULL);
        assert(text != NULL);
        const struct {
                bool holds;
                const char *text;
        } all[] = {
                {true, "records of `work` are accepted unsigned: whoever may write to the topic may act as anybody of "
                       "the team; let only the team's people write there"},
                {rd_kafka_version() < SCRAM_IS_RIGHT && uses_scram(settings),
                 "logging in with SCRAM: Kafka 4 refuses that of librdkafka before 2.6.1 although the password is "
                 "right; use certificates or PLAIN over TLS there"},
                {rd_kafka_version() < GOOD_VERSION, "this librdkafka is older than 2.3 and starts afresh after "
                                                    "failures of brokers that a newer one may get "
                                                    "over; nothing is lost by it"},
        };

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                if (!all[i].holds || index-- > 0)
                        continue;
                (void)snprintf(text, SK_KAFKA_WHY_MAX, "%s", all[i].text);
                return true;
        }
        return false;
}
