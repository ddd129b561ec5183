/*
 * `schakel method`: the method as this program knows it.
 */
#include <string.h>

#include "cli/cli.h"
#include "usm/method.h"
#include "usm/text.h"

static const sk_option options[] = {
        SK_OPTION_LANGUAGE("language of the texts"),
        {0},
};

static sk_process triggered(const sk_process_info *info, unsigned process) {
        return info->may_trigger & (1u << process) ? (sk_process)process : SK_PROCESSES;
}

static void json_activities(sk_json_writer *json, const sk_process_info *info, sk_language language) {
        sk_json_open_array(json, "activities");
        for (unsigned i = 0; i < info->count; i++)
                sk_json_put_cstr(json, NULL, info->activities[i].id);
        sk_json_close_array(json);
        sk_json_open_object(json, "details");
        for (unsigned i = 0; i < info->count; i++) {
                const sk_activity *activity = &info->activities[i];
                sk_json_open_object(json, activity->id);
                sk_json_put_int(json, "number", activity->number);
                sk_json_put_bool(json, "after_cut", activity->after_cut);
                sk_json_put_cstr(json, "name", sk_activity_text(activity)->name[language]);
                sk_json_put_cstr(json, "text", sk_activity_text(activity)->text[language]);
                sk_json_close_object(json);
        }
        sk_json_close_object(json);
}

static void json_process(sk_json_writer *json, sk_process process, sk_language language) {
        const sk_process_info *info = sk_process_get(process);
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "id", info->id);
        sk_json_put_cstr(json, "name", sk_process_text(process)->name[language]);
        sk_json_put_cstr(json, "goal", sk_process_text(process)->text[language]);
        json_activities(json, info, language);
        sk_json_open_array(json, "cut");
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if (triggered(info, i) != SK_PROCESSES)
                        sk_json_put_cstr(json, NULL, sk_process_get((sk_process)i)->id);
        }
        sk_json_close_array(json);
        sk_json_close_object(json);
}

static void json_workflow(sk_json_writer *json, const sk_workflow *workflow, sk_language language) {
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "no", workflow->number);
        sk_json_put_cstr(json, "name", sk_workflow_text(workflow->number)->name[language]);
        sk_json_put_cstr(json, "trigger", sk_call_type_id(workflow->trigger));
        sk_json_open_array(json, "path");
        for (unsigned i = 0; i < workflow->path_length; i++)
                sk_json_put_cstr(json, NULL, sk_process_get(workflow->path[i])->id);
        sk_json_close_array(json);
        sk_json_put_bool(json, "reactive", workflow->is_reactive);
        sk_json_close_object(json);
}

static int print_json(sk_cli *cli, sk_language language) {
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "revision", SK_METHOD_REVISION);
        sk_json_put_cstr(json, "language", sk_language_id(language));
        sk_json_open_array(json, "processes");
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                json_process(json, (sk_process)i, language);
        sk_json_close_array(json);
        sk_json_open_array(json, "workflows");
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++)
                json_workflow(json, sk_workflow_get(number), language);
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

/** Headings of the readable form. */
typedef struct headings {
        const char *method;
        const char *cut;
        const char *workflows;
        const char *reactive;
        const char *proactive;
} headings;

static const headings headings_of[SK_LANGUAGES] = {
        [SK_ENGLISH] = {"The method, revision", "the cut", "Workflows",
                        "A customer calls:", "The team itself raises a risk:"},
        [SK_DUTCH] = {"De methode, revisie", "de knip", "Workflows",
                      "Een klant doet een melding:", "Het team zelf ziet een risico:"},
        [SK_SPANISH] = {"El método, revisión", "el corte", "Flujos",
                        "Llama un cliente:", "El propio equipo ve un riesgo:"},
};

static void print_cut(sk_cli *cli, const sk_process_info *info, sk_language language) {
        sk_cli_print(cli, "      %s-- %s >", sk_cli_style(cli, SK_BLUE), headings_of[language].cut);
        const char *separator = " ";
        for (unsigned i = 0; i < SK_PROCESSES; i++) {
                if (triggered(info, i) == SK_PROCESSES)
                        continue;
                sk_cli_print(cli, "%s%s", separator, sk_process_get((sk_process)i)->id);
                separator = " | ";
        }
        sk_cli_print(cli, "%s  %s\n", sk_cli_style(cli, SK_PLAIN), sk_cut_text(info->process)->text[language]);
}

static void print_process(sk_cli *cli, sk_process process, sk_language language) {
        const sk_process_info *info = sk_process_get(process);
        const sk_text *text = sk_process_text(process);
        sk_cli_print(cli, "\n%s%s%s (%s): %s\n", sk_cli_style(cli, SK_BOLD), text->name[language],
                     sk_cli_style(cli, SK_PLAIN), info->id, text->text[language]);
        for (unsigned i = 0; i < info->count; i++) {
                const sk_activity *activity = &info->activities[i];
                if (i == info->before_cut)
                        print_cut(cli, info, language);
                sk_cli_print(cli, "  %2u  %-18s%s\n", activity->number, activity->id,
                             sk_activity_text(activity)->text[language]);
        }
}

static void print_workflow(sk_cli *cli, const sk_workflow *workflow, sk_language language) {
        sk_cli_print(cli, "  %u  %-19s", workflow->number, sk_call_type_id(workflow->trigger));
        for (unsigned i = 0; i < workflow->path_length; i++)
                sk_cli_print(cli, "%s%s", i == 0 ? "" : " > ", sk_process_get(workflow->path[i])->id);
        sk_cli_print(cli, "\n     %s%s%s\n", sk_cli_style(cli, SK_DIM),
                     sk_workflow_text(workflow->number)->text[language], sk_cli_style(cli, SK_PLAIN));
}

static void print_workflows(sk_cli *cli, sk_language language) {
        const headings *heading = &headings_of[language];
        sk_cli_print(cli, "\n%s%s%s\n", sk_cli_style(cli, SK_BOLD), heading->workflows, sk_cli_style(cli, SK_PLAIN));
        sk_cli_print(cli, "\n %s\n", heading->reactive);
        const sk_workflow *workflow = sk_workflow_get(1);
        for (unsigned number = 1; workflow != NULL; workflow = sk_workflow_get(++number)) {
                if (number > 1 && !workflow->is_reactive && sk_workflow_get(number - 1)->is_reactive)
                        sk_cli_print(cli, "\n %s\n", heading->proactive);
                print_workflow(cli, workflow, language);
        }
}

static int method_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        sk_language language = sk_language_find(sk_slice_of(sk_cli_text_or(cli, "lang", "en")));
        if (sk_cli_is_json(cli))
                return print_json(cli, language);
        sk_cli_print(cli, "%s %d\n", headings_of[language].method, SK_METHOD_REVISION);
        for (unsigned i = 0; i < SK_PROCESSES; i++)
                print_process(cli, (sk_process)i, language);
        print_workflows(cli, language);
        return SK_EXIT_OK;
}

const sk_command sk_command_method = {
        .name = "method",
        .text = "print the processes, their activities and cuts, and the eight workflows",
        .options = options,
        .example = "schakel method --lang nl\nschakel method --json",
        .run = method_run,
};
