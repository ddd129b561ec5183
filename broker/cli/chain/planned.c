/*
 * The plan of a chain, and the cluster beside it.
 */
#include "cli/chain/planned.h"

#include <assert.h>

#include "cli/session/links.h"
#include "log/properties.h"
#ifdef SK_HAVE_RDKAFKA
#include "log/kafka_admin.h"
#define CAN_ASK true
#else
#define CAN_ASK false
#endif

#define COPIES 3

/* ---- what is asked for ---- */

/* A principal is TYPE:NAME; it goes into commands and into the brokers' own files. */
static int check_principal(sk_cli *cli, const char *option) {
        const char *text = sk_cli_text(cli, option);
        const char *colon = text == NULL ? NULL : strchr(text, ':');

        if (text == NULL)
                return SK_EXIT_OK;
        if (colon == NULL || colon == text || colon[1] == '\0' || strlen(text) > 200)
                return sk_cli_usage_error(cli, option,
                                          "a principal is TYPE:NAME, such as User:" SK_PLAN_TEAM
                                          " or User:CN=" SK_PLAN_TEAM ",O=example");
        for (const char *at = text; *at != '\0'; at++) {
                if (*at < ' ' || *at > '~' || *at == '\'')
                        return sk_cli_usage_error(cli, option, "a principal has no quotes and no letters beyond ASCII");
        }
        return SK_EXIT_OK;
}

static int check_url(sk_planned *planned, bool needs_cluster) {
        static const char scheme[] = "kafka:";
        const char *url = sk_cli_text(planned->cli, "log");
        bool is_cluster = url != NULL && strncmp(url, scheme, strlen(scheme)) == 0 && url[strlen(scheme)] != '\0';
        bool is_local = url != NULL && strncmp(url, "local:", strlen("local:")) == 0;

        if (is_cluster && !CAN_ASK)
                return sk_cli_fail(planned->cli, url, "build it with librdkafka-dev installed",
                                   "this program was built without librdkafka");
        if (is_cluster) {
                planned->url = url;
                planned->brokers = url + strlen(scheme);
                return SK_EXIT_OK;
        }
        if (url != NULL && (!is_local || needs_cluster))
                return sk_cli_usage_error(planned->cli, "log", "%s",
                                          is_local ? "a local log makes what it needs by itself"
                                                   : "a cluster is named as kafka:HOST:PORT[,HOST:PORT...]");
        if (needs_cluster)
                return sk_cli_usage_error(planned->cli, "log", "say which cluster: --log kafka:HOST:PORT");
        return SK_EXIT_OK;
}

/* ---- how links log in ---- */

static sk_slice property_of(const sk_edition *edition, const char *name) {
        size_t count = 0;
        const sk_chain_property *list = sk_edition_kafka(edition, &count);

        for (size_t i = 0; i < count; i++) {
                if (sk_slice_is(list[i].name, name))
                        return list[i].value;
        }
        return SK_NONE;
}

static bool begins(sk_slice text, const char *with) {
        return sk_slice_there(text) && strncasecmp(text.at, with, strlen(with)) == 0;
}

static sk_login login_of(const sk_edition *edition) {
        sk_slice protocol = property_of(edition, "security.protocol");
        sk_slice mechanism = property_of(edition, "sasl.mechanism");

        if (!sk_slice_there(mechanism))
                mechanism = property_of(edition, "sasl.mechanisms");
        if (begins(protocol, "ssl"))
                return SK_LOGIN_CERTIFICATE;
        if (!begins(protocol, "sasl_"))
                return SK_LOGIN_NONE;
        if (begins(mechanism, "SCRAM-"))
                return SK_LOGIN_SCRAM;
        return begins(mechanism, "PLAIN") ? SK_LOGIN_PLAIN : SK_LOGIN_OTHER;
}

/* ---- the cluster ---- */

#ifdef SK_HAVE_RDKAFKA

static int fail_cluster(const sk_planned *planned, sk_err err, const char *why) {
        const char *remedy = err == SK_ERR_CONFIG
                                     ? "mend it in chain.json, or in the file that --properties names"
                                     : "see whether the brokers run there, and what --properties says about the login";

        return sk_cli_fail(planned->cli, planned->url, remedy, "%s", why[0] == '\0' ? sk_err_text(err) : why);
}

static int connect_cluster(sk_planned *planned) {
        char why[SK_LOG_WHY_MAX] = "";
        const sk_properties_config wanted = {.edition = planned->edition,
                                             .file = sk_cli_text(planned->cli, "properties"),
                                             .team = SK_NONE,
                                             .is_person = true};
        sk_properties *properties = NULL;
        sk_err err = sk_properties_new(&wanted, why, &properties);
        if (err != SK_OK)
                return fail_cluster(planned, err, why);

        sk_kafka_admin_config config = {.brokers = planned->brokers};
        config.properties = sk_properties_list(properties, &config.property_count);
        err = sk_kafka_admin_new(&config, why, &planned->admin);
        sk_properties_free(properties);
        return err == SK_OK ? SK_EXIT_OK : fail_cluster(planned, err, why);
}

static int count_brokers(sk_planned *planned, int *out) {
        char why[SK_LOG_WHY_MAX] = "";
        sk_err err = sk_kafka_admin_brokers(planned->admin, why, out);

        return err == SK_OK ? SK_EXIT_OK : fail_cluster(planned, err, why);
}

int sk_planned_look(sk_planned *planned) {
        assert(planned->admin != NULL && planned->plan != NULL);
        char why[SK_LOG_WHY_MAX] = "";

        sk_differences_free(&planned->differences);
        sk_cluster_free(&planned->cluster);
        sk_err err = sk_kafka_admin_look(planned->admin, planned->plan, why, &planned->cluster);
        if (err == SK_OK)
                err = sk_cluster_compare(planned->plan, &planned->cluster, &planned->differences);
        return err == SK_OK ? SK_EXIT_OK : fail_cluster(planned, err, why);
}

static void disconnect(sk_planned *planned) {
        sk_kafka_admin_free(planned->admin);
}

#else /* a URL of a cluster is refused before */

static int connect_cluster(sk_planned *planned) {
        (void)planned;
        return SK_EXIT_NEGATIVE;
}

static int count_brokers(sk_planned *planned, int *out) {
        (void)planned;
        (void)out;
        return SK_EXIT_NEGATIVE;
}

int sk_planned_look(sk_planned *planned) {
        (void)planned;
        return SK_EXIT_NEGATIVE;
}

static void disconnect(sk_planned *planned) {
        (void)planned;
}

#endif

/* ---- the whole ---- */

static int make_plan(sk_planned *planned, int broker_count) {
        int copies = broker_count < COPIES ? broker_count : COPIES;
        sk_slice prefix = property_of(planned->edition, SK_KAFKA_PREFIX);
        const sk_plan_config config = {.edition = planned->edition,
                                       .prefix = sk_slice_there(prefix) ? prefix.at : NULL,
                                       .link = sk_cli_text(planned->cli, "link"),
                                       .people = sk_cli_text(planned->cli, "people"),
                                       .replicas = (int)sk_cli_count(planned->cli, "replication", (uint64_t)copies)};
        sk_err err = sk_plan_new(&config, &planned->plan);

        if (err == SK_OK)
                return SK_EXIT_OK;
        if (err == SK_ERR_SIZE)
                return sk_cli_fail(planned->cli, "plan", "give the chain and its teams shorter names",
                                   "a name would be longer than Kafka allows");
        return sk_cli_fail(planned->cli, "plan", "end other programs, then try again", "%s", sk_err_text(err));
}

static int open_all(sk_planned *planned, bool needs_cluster) {
        int broker_count = COPIES;
        int status = check_url(planned, needs_cluster);

        if (status == SK_EXIT_OK)
                status = check_principal(planned->cli, "link");
        if (status == SK_EXIT_OK)
                status = check_principal(planned->cli, "people");
        if (status == SK_EXIT_OK)
                status = sk_links_edition(planned->cli, sk_cli_text_or(planned->cli, "chain", "."), &planned->edition);
        if (status != SK_EXIT_OK)
                return status;
        planned->login = login_of(planned->edition);
        if (planned->url != NULL)
                status = connect_cluster(planned);
        if (status == SK_EXIT_OK && planned->url != NULL)
                status = count_brokers(planned, &broker_count);
        if (status == SK_EXIT_OK)
                status = make_plan(planned, broker_count < 1 ? 1 : broker_count);
        return status == SK_EXIT_OK && planned->url != NULL ? sk_planned_look(planned) : status;
}

int sk_planned_open(sk_cli *cli, bool needs_cluster, sk_planned *out) {
        assert(cli != NULL && out != NULL);
        sk_planned planned = {.cli = cli};
        int status = open_all(&planned, needs_cluster);

        if (status != SK_EXIT_OK) {
                sk_planned_close(&planned);
                return status;
        }
        *out = planned;
        return SK_EXIT_OK;
}

void sk_planned_close(sk_planned *planned) {
        sk_differences_free(&planned->differences);
        sk_cluster_free(&planned->cluster);
        disconnect(planned);
        sk_plan_free(planned->plan);
        sk_edition_release(planned->edition);
        *planned = (sk_planned){0};
}

size_t sk_planned_count(const sk_planned *planned) {
        const size_t *counts = planned->differences.counts;

        return planned->differences.count - counts[SK_SPARE_TOPIC] - counts[SK_SPARE_RIGHT] -
               counts[SK_HIDDEN_SETTINGS];
}
