/*
 * `schakel plan`: what a chain needs of a Kafka cluster, or what a cluster lacks.
 */
#include "cli/chain/planned.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_CLUSTER,
        SK_OPTION_PROPERTIES,
        {.name = "format",
         .kind = SK_OPTION_TEXT,
         .value = "FORM",
         .text = "how to print it",
         .choices = "text|kafka-cli|strimzi|json"},
        SK_OPTION_REPLICATION,
        SK_OPTION_LINK_PRINCIPAL,
        SK_OPTION_PEOPLE_PRINCIPAL,
        {.name = "strimzi-cluster",
         .kind = SK_OPTION_TEXT,
         .value = "NAME",
         .text = "the Kafka resource that Strimzi's resources belong to (default: kafka)"},
        {0},
};

static int print(const sk_planned *planned) {
        const char *format = sk_cli_text_or(planned->cli, "format", "text");

        if (sk_cli_is_json(planned->cli) || strcmp(format, "json") == 0)
                return sk_plan_print_json(planned);
        if (strcmp(format, "kafka-cli") == 0)
                sk_plan_print_commands(planned);
        else if (strcmp(format, "strimzi") == 0)
                sk_plan_print_strimzi(planned, sk_cli_text_or(planned->cli, "strimzi-cluster", "kafka"));
        else if (planned->url == NULL)
                sk_plan_print_text(planned);
        else
                sk_plan_print_differences(planned);
        return SK_EXIT_OK;
}

static bool is_resource_name(const char *text) {
        size_t len = strlen(text);
        return len > 0 && len <= 253 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static int plan_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        sk_planned planned;
        if (!is_resource_name(sk_cli_text_or(cli, "strimzi-cluster", "kafka")))
                return sk_cli_usage_error(cli, "strimzi-cluster",
                                          "a resource is named in small letters, digits, dots and hyphens");
        int status = sk_planned_open(cli, false, &planned);
        if (status != SK_EXIT_OK)
                return status;
        status = print(&planned);
        if (status == SK_EXIT_OK && sk_planned_count(&planned) > 0)
                status = SK_EXIT_NEGATIVE;
        sk_planned_close(&planned);
        return status;
}

const sk_command sk_command_plan = {
        .name = "plan",
        .text = "say what topics and rights a chain needs of a Kafka cluster",
        .options = options,
        .details =
                "Prints the topics of all teams, how they are set, and what each team's link and people must be\n"
                "allowed, and no more. With a cluster only what it differs in: + it lacks, ! it has otherwise, - it\n"
                "does not need; the exit status is 1 if it lacks anything or has it otherwise. Nothing is changed.\n"
                "\n"
                "{team} in a principal stands for the team's name. The format kafka-cli is what an administrator\n"
                "types into a shell, strimzi what kubectl applies.",
        .example = "schakel plan -C teams/shared-service-centre --format kafka-cli\n"
                   "schakel plan -C teams/shared-service-centre --log kafka:kafka-1:9093 --properties admin.properties",
        .run = plan_run,
};
