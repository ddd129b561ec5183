/*
 * `schakel apply`: makes what a cluster lacks of a chain's plan, after it was shown and agreed to.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/chain/planned.h"
#include "log/properties.h"
#ifdef SK_HAVE_RDKAFKA
#include "log/kafka_admin.h"

#define LOOKS_MAX 150
#define LOOK_MS 200

typedef struct apply {
        sk_planned planned;
        sk_cli *cli;
        const sk_difference **list; /**< of one kind, while it is worked on */
        size_t made;
        size_t dropped;
        size_t failed;
        sk_json_writer *json; /**< NULL: text */
} apply;

/* ---- asking ---- */

static bool has_terminal(const apply *self) {
        return isatty(STDIN_FILENO) == 1 && sk_cli_is_terminal(self->cli) && !sk_cli_is_json(self->cli);
}

/* One line of the terminal without its end; false when there is none. */
static bool read_line(char *out, size_t room) {
        if (fgets(out, (int)room, stdin) == NULL)
                return false;
        out[strcspn(out, "\r\n")] = '\0';
        return true;
}

static int ask_to_make(apply *self) {
        const size_t *counts = self->planned.differences.counts;
        char line[16];

        if (counts[SK_LACKS_TOPIC] + counts[SK_LACKS_RIGHT] == 0 || sk_cli_flag(self->cli, "yes"))
                return SK_EXIT_OK;
        if (!has_terminal(self))
                return sk_cli_usage_error(self->cli, "yes",
                                          "there is no terminal to ask on: look at schakel plan, then "
                                          "say --yes");
        sk_cli_print(self->cli, "make %zu topics and give %zu rights? [y/N] ", counts[SK_LACKS_TOPIC],
                     counts[SK_LACKS_RIGHT]);
        fflush(sk_cli_out(self->cli));
        if (read_line(line, sizeof(line)) && (strcmp(line, "y") == 0 || strcmp(line, "yes") == 0))
                return SK_EXIT_OK;
        sk_cli_print(self->cli, "nothing was changed\n");
        return SK_EXIT_NEGATIVE;
}

/* Whoever deletes types the name of what he deletes from; --yes is not enough. */
static int ask_to_prune(apply *self, bool *out) {
        const size_t *counts = self->planned.differences.counts;
        const char *typed = sk_cli_text(self->cli, "confirm");
        char line[SK_NAME_MAX + 8] = "";

        *out = false;
        if (!sk_cli_flag(self->cli, "prune") || counts[SK_SPARE_TOPIC] + counts[SK_SPARE_RIGHT] == 0)
                return SK_EXIT_OK;
        if (typed == NULL && !has_terminal(self))
                return sk_cli_usage_error(self->cli, "prune",
                                          "there is no terminal to ask on: say --confirm with the "
                                          "name of the chain");
        if (typed == NULL) {
                sk_cli_print(self->cli,
                             "delete %zu topics, with all that is in them, and take %zu rights away? There is no way "
                             "back.\ntype the name of the chain: ",
                             counts[SK_SPARE_TOPIC], counts[SK_SPARE_RIGHT]);
                fflush(sk_cli_out(self->cli));
                typed = read_line(line, sizeof(line)) ? line : "";
        }
        *out = sk_slice_is(sk_plan_chain(self->planned.plan), typed);
        if (*out)
                return SK_EXIT_OK;
        return sk_cli_fail(self->cli, "prune", "type the name of the chain as chain.json has it",
                           "that is not the name of the chain; nothing was changed");
}

/* ---- doing ---- */

static void told(void *own, size_t index, sk_err err, const char *why) {
        apply *self = own;

        /* Who cannot give a right prints, at the end, how others do. */
        if (err == SK_ERR_VERSION)
                return;
        if (err == SK_OK) {
                bool is_spare = self->list[index]->kind == SK_SPARE_TOPIC || self->list[index]->kind == SK_SPARE_RIGHT;
                *(is_spare ? &self->dropped : &self->made) += 1;
                return;
        }
        self->failed++;
        if (self->json != NULL)
                return;
        sk_plan_print_difference(&self->planned, self->list[index]);
        sk_cli_print(self->cli, "  failed: %s\n", sk_cli_safe_text(self->cli, why));
}

/* Those of one kind; the next pick takes their place. */
static sk_kafka_changes pick(apply *self, sk_difference_kind kind) {
        const sk_differences *differences = &self->planned.differences;
        size_t count = 0;

        for (size_t i = 0; i < differences->count; i++) {
                if (differences->list[i].kind == kind)
                        self->list[count++] = &differences->list[i];
        }
        return (sk_kafka_changes){self->list, count, told, self};
}

static int fail(apply *self, sk_err err, const char *why) {
        return sk_cli_fail(self->cli, self->planned.url,
                           "see whether the brokers run, then run it again: what is done "
                           "is done once",
                           "%s", why[0] == '\0' ? sk_err_text(err) : why);
}

static int make_all(apply *self) {
        char why[SK_LOG_WHY_MAX] = "";
        sk_planned *planned = &self->planned;
        sk_kafka_changes changes = pick(self, SK_LACKS_TOPIC);
        sk_err err = sk_kafka_admin_make_topics(planned->admin, planned->plan, &changes, why);

        if (err != SK_OK)
                return fail(self, err, why);
        changes = pick(self, SK_LACKS_RIGHT);
        err = sk_kafka_admin_make_rights(planned->admin, &changes, why);
        return err == SK_OK ? SK_EXIT_OK : fail(self, err, why);
}

static int prune_all(apply *self) {
        char why[SK_LOG_WHY_MAX] = "";
        sk_planned *planned = &self->planned;
        sk_kafka_changes changes = pick(self, SK_SPARE_RIGHT);
        sk_err err = sk_kafka_admin_drop_rights(planned->admin, &changes, why);

        if (err != SK_OK)
                return fail(self, err, why);
        changes = pick(self, SK_SPARE_TOPIC);
        err = sk_kafka_admin_drop_topics(planned->admin, &changes, why);
        return err == SK_OK ? SK_EXIT_OK : fail(self, err, why);
}

/* ---- trying ---- */

static sk_err try_team(const apply *self, sk_slice team, char why[SK_LOG_WHY_MAX]) {
        const sk_planned *planned = &self->planned;
        const sk_properties_config wanted = {.edition = planned->edition, .team = team};
        sk_kafka_try try = {.brokers = planned->brokers, .chain = sk_plan_chain(planned->plan), .team = team};
        sk_properties *properties = NULL;
        sk_err err = sk_properties_new(&wanted, why, &properties);

        if (err != SK_OK)
                return SK_ERR_MISSING;
        try.properties = sk_properties_list(properties, &try.property_count);
        err = sk_kafka_try_link(&try, why);
        sk_properties_free(properties);
        return err;
}

static void tell_try(apply *self, sk_slice team, sk_err err, const char *why) {
        static const char *const words[] = {"works", "not-tried", "refused"};
        unsigned word = err == SK_OK ? 0 : err == SK_ERR_MISSING ? 1 : 2;

        if (self->json != NULL) {
                sk_json_open_object(self->json, NULL);
                sk_json_put_text(self->json, "team", team);
                sk_json_put_cstr(self->json, "result", words[word]);
                if (why[0] != '\0' && err != SK_OK)
                        sk_json_put_cstr(self->json, "why", why);
                sk_json_close_object(self->json);
                return;
        }
        static const char *const texts[] = {"logs in, and may have transactions", "was not tried", "is refused"};
        sk_cli_print(self->cli, "link of %s: %s%s%s\n", sk_cli_safe(self->cli, team), texts[word],
                     err == SK_OK ? "" : ": ", err == SK_OK ? "" : sk_cli_safe_text(self->cli, why));
}

/* A right of a link to its transactional ids that cannot be seen, but that works, is there. */
static void settle_transactions(sk_differences *differences, sk_slice team) {
        for (size_t i = 0; i < differences->count; i++) {
                const sk_difference *difference = &differences->list[i];
                if (difference->kind != SK_LACKS_RIGHT || difference->right->resource != SK_PLAN_TRANSACTION ||
                    !sk_slice_equal(difference->right->team, team))
                        continue;
                sk_differences_drop(differences, i);
                return;
        }
}

/**
 * Logs in as each link whose login this program can read.
 *
 * @return how many links cannot work yet, or may not
 */
static size_t try_all(apply *self) {
        sk_planned *planned = &self->planned;
        size_t bad = 0;

        for (size_t i = 0; i < sk_plan_team_count(planned->plan); i++) {
                char why[SK_LOG_WHY_MAX] = "";
                sk_slice team = sk_plan_team_at(planned->plan, i);
                sk_err err = try_team(self, team, why);
                tell_try(self, team, err, why);
                if (err == SK_OK)
                        settle_transactions(&planned->differences, team);
                bad += err != SK_OK && err != SK_ERR_MISSING;
                sk_cli_forget(self->cli);
        }
        return bad;
}

/* ---- the end ---- */

static void tell_what_is_left(apply *self) {
        const sk_planned *planned = &self->planned;
        bool is_first = true;

        for (size_t i = 0; i < planned->differences.count; i++) {
                const sk_difference *difference = &planned->differences.list[i];
                if (difference->kind != SK_LACKS_RIGHT)
                        continue;
                if (is_first)
                        sk_cli_print(self->cli, "\nthese rights must be given by other means, such as Kafka's own "
                                                "(BOOTSTRAP=HOST:PORT, ADMIN=FILE):\n");
                is_first = false;
                sk_plan_print_right(planned, difference->right, difference->operations);
        }
        for (size_t i = 0; i < planned->differences.count; i++) {
                sk_difference_kind kind = planned->differences.list[i].kind;
                if (kind != SK_LACKS_RIGHT && kind != SK_SPARE_TOPIC && kind != SK_SPARE_RIGHT)
                        sk_plan_print_difference(planned, &planned->differences.list[i]);
        }
        if (planned->differences.counts[SK_OTHER_SETTING] > 0)
                sk_cli_print(self->cli, "settings of topics that are there are not altered; schakel plan --format "
                                        "kafka-cli prints the commands\n");
}

static size_t left_of(const apply *self) {
        const size_t *counts = self->planned.differences.counts;

        return counts[SK_LACKS_TOPIC] + counts[SK_LACKS_RIGHT] + counts[SK_OTHER_PARTITIONS] +
               counts[SK_OTHER_REPLICAS] + counts[SK_OTHER_SETTING] + counts[SK_DENIED_RIGHT];
}

static int finish_json(apply *self, size_t bad) {
        bool is_good = left_of(self) == 0 && self->failed == 0 && bad == 0;

        sk_json_close_array(self->json);
        sk_json_put_int(self->json, "made", (int64_t)self->made);
        sk_json_put_int(self->json, "deleted", (int64_t)self->dropped);
        sk_json_put_int(self->json, "failed", (int64_t)self->failed);
        sk_json_put_bool(self->json, "fits", is_good);
        sk_json_open_array(self->json, "differences");
        sk_plan_write_differences(&self->planned, self->json);
        sk_json_close_array(self->json);
        sk_json_close_object(self->json);
        int status = sk_cli_json_end(self->cli);
        return status == SK_EXIT_OK && !is_good ? SK_EXIT_NEGATIVE : status;
}

/** What was made shows a moment later: a controller has taken it on, and brokers learn of it. */
static int look_again(apply *self) {
        int status = sk_planned_look(&self->planned);

        for (unsigned tries = 0; status == SK_EXIT_OK && self->failed == 0 && tries < LOOKS_MAX &&
                                 self->planned.differences.counts[SK_LACKS_TOPIC] > 0;
             tries++) {
                (void)poll(NULL, 0, LOOK_MS);
                status = sk_planned_look(&self->planned);
        }
        return status;
}

static int finish(apply *self) {
        int status = look_again(self);
        size_t bad;

        if (status != SK_EXIT_OK)
                return status;
        if (sk_cli_is_json(self->cli)) {
                self->json = sk_cli_json_begin(self->cli);
                sk_json_open_object(self->json, NULL);
                sk_json_put_text(self->json, "chain", sk_plan_chain(self->planned.plan));
                sk_json_open_array(self->json, "links");
                return finish_json(self, try_all(self));
        }
        sk_cli_print(self->cli, "%zu made, %zu deleted, %zu failed\n", self->made, self->dropped, self->failed);
        bad = self->planned.cluster.guard == SK_CLUSTER_UNGUARDED ? 0 : try_all(self);
        tell_what_is_left(self);
        return left_of(self) == 0 && self->failed == 0 && bad == 0 ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
}

static int run(apply *self) {
        bool is_pruning = false;
        self->list = sk_arena_get_zero(self->planned.differences.arena, self->planned.differences.count + 1,
                                       sizeof(sk_difference *));
        if (self->list == NULL)
                return sk_cli_fail(self->cli, "memory", "end other programs, then try again", "none left");
        if (!sk_cli_is_json(self->cli))
                sk_plan_print_differences(&self->planned);
        int status = ask_to_prune(self, &is_pruning);
        if (status == SK_EXIT_OK)
                status = ask_to_make(self);
        if (status == SK_EXIT_OK)
                status = make_all(self);
        if (status == SK_EXIT_OK && is_pruning)
                status = prune_all(self);
        return status == SK_EXIT_OK ? finish(self) : status;
}

static int apply_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        apply self = {.cli = cli};
        int status = sk_planned_open(cli, true, &self.planned);
        if (status != SK_EXIT_OK)
                return status;
        status = run(&self);
        sk_planned_close(&self.planned);
        return status;
}

#else

static int apply_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        return sk_cli_fail(cli, "apply", "build it with librdkafka-dev installed",
                           "this program was built without librdkafka");
}

#endif

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_CLUSTER,
        SK_OPTION_PROPERTIES,
        SK_OPTION_REPLICATION,
        SK_OPTION_LINK_PRINCIPAL,
        SK_OPTION_PEOPLE_PRINCIPAL,
        {.name = "yes", .letter = 'y', .kind = SK_OPTION_FLAG, .text = "make what is lacking without asking"},
        {.name = "prune",
         .kind = SK_OPTION_FLAG,
         .text = "also delete topics and rights of the chain that it does not need"},
        {.name = "confirm",
         .kind = SK_OPTION_TEXT,
         .value = "CHAIN",
         .text = "with --prune: the name of the chain, typed; where there is no terminal"},
        {0},
};

const sk_command sk_command_apply = {
        .name = "apply",
        .text = "make on a Kafka cluster what a chain needs",
        .options = options,
        .details =
                "Shows in what the cluster differs from the plan (see schakel plan), asks, and makes the topics and\n"
                "rights that it lacks. What is there is not altered: for a setting that is otherwise it prints what "
                "to\n"
                "do. Nothing is deleted without --prune and the name of the chain, typed. Rights that the installed\n"
                "librdkafka cannot give are printed as commands. In the end it logs in as the link of each team whose\n"
                "login chain.json gives and this user may read.",
        .example = "schakel apply -C teams/shared-service-centre --log kafka:kafka-1:9093 "
                   "--properties admin.properties",
        .run = apply_run,
};
