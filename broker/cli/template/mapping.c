/*
 * `schakel map-test`: fills a template as a link would. The file tells what it is filled from, and can tell what shall come
 * out: then it is a test.
 */
#include "kit/mapping.h"
#include "cli/cli.h"
#include "kit/json_scan.h"
#include "usm/edition.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define OUT_MAX_BYTES ((size_t)1024 * 1024)

/** One case, and what became of it. */
typedef struct sk_trial {
        sk_slice at; /**< the object in the file */
        sk_slice title;
        sk_err err;
        sk_mapping_fault fault; /**< what is wrong with the template, or what lacks */
        bool is_right;          /**< as `gives` or `fails` has it; or it simply came to something */
        sk_buf out;
} sk_trial;

static bool is_as_told(const sk_trial *trial) {
        sk_slice gives = sk_json_member(trial->at, "gives");
        sk_slice fails = sk_json_member(trial->at, "fails");

        if (sk_slice_there(fails))
                return trial->err != SK_OK;
        return trial->err == SK_OK && (!sk_slice_there(gives) || sk_json_equal(gives, sk_buf_slice(&trial->out)));
}

static sk_err fill(sk_arena *arena, sk_trial *trial) {
        sk_slice template = sk_json_member(trial->at, "template");
        sk_slice values[SK_SOURCES];
        const sk_mapping *mapping = NULL;

        for (size_t i = 0; i < SK_SOURCES; i++)
                values[i] = sk_json_member(trial->at, sk_sources[i]);
        trial->err = sk_mapping_compile(arena, template, sk_sources, SK_SOURCES, &mapping, &trial->fault);
        if (trial->err == SK_OK)
                trial->err = sk_mapping_run(mapping, values, &trial->out, &trial->fault);
        trial->is_right = is_as_told(trial);
        return trial->err;
}

/* ---- saying ---- */

static void print_json(sk_json_writer *json, const sk_trial *trial) {
        sk_json_open_object(json, NULL);
        sk_json_put_optional(json, "title", trial->title);
        sk_json_put_bool(json, "ok", trial->is_right);
        if (trial->err == SK_OK) {
                sk_json_put_raw(json, "out", sk_buf_slice(&trial->out));
        } else {
                sk_json_put_cstr(json, "pointer", trial->fault.pointer);
                sk_json_put_cstr(json, "text", trial->fault.text);
        }
        sk_json_close_object(json);
}

static void print_fault(sk_cli *cli, const sk_trial *trial) {
        if (trial->fault.pointer[0] == '\0')
                sk_cli_print(cli, "%s\n", sk_cli_safe_text(cli, trial->fault.text));
        else
                sk_cli_print(cli, "%s: %s\n", sk_cli_safe_text(cli, trial->fault.pointer),
                             sk_cli_safe_text(cli, trial->fault.text));
}

static void print(sk_cli *cli, const sk_trial *trial) {
        sk_slice gives = sk_json_member(trial->at, "gives");

        if (sk_slice_there(trial->title))
                sk_cli_print(cli, "%s %s: ", trial->is_right ? "ok   " : "wrong", sk_cli_safe(cli, trial->title));
        if (trial->err == SK_OK)
                sk_cli_print(cli, "%s\n", sk_cli_safe(cli, sk_buf_slice(&trial->out)));
        else
                print_fault(cli, trial);
        if (!trial->is_right && trial->err == SK_OK && sk_slice_there(gives))
                sk_cli_print(cli, "      it was to give %s\n", sk_cli_safe(cli, gives));
        else if (!trial->is_right && trial->err == SK_OK)
                sk_cli_print(cli, "      it was to fail\n");
}

/* ---- the file ---- */

static int run_one(sk_cli *cli, sk_json_writer *json, sk_slice object, bool *all_right) {
        sk_arena *arena = sk_arena_new((size_t)4 * FILE_MAX_BYTES);
        sk_trial trial = {.at = object, .out = sk_buf_make(OUT_MAX_BYTES)};
        int status = SK_EXIT_OK;

        if (arena == NULL) {
                status = sk_cli_fail(cli, "map-test", "end other programs, then try again", "no memory is left");
        } else if (!sk_slice_there(sk_json_member(object, "template"))) {
                status = sk_cli_fail(cli, "map-test", "schakel map-test --help tells what it has",
                                     "there is no \"template\" in %s",
                                     sk_cli_safe(cli, (sk_slice){object.at, object.len > 60 ? 60 : object.len}));
        } else {
                trial.title = sk_json_member_string(object, "title", arena);
                (void)fill(arena, &trial);
                *all_right = *all_right && trial.is_right;
                if (json != NULL)
                        print_json(json, &trial);
                else
                        print(cli, &trial);
        }
        sk_buf_free(&trial.out);
        sk_arena_free(arena);
        return status;
}

static int map_test_run(sk_cli *cli, int argc, char **argv) {
        sk_json_writer *json = NULL;
        sk_place place = {0};
        bool all_right = true;
        sk_slice text, name, item;
        int status = sk_cli_read(cli, argv[0], FILE_MAX_BYTES, &text);

        (void)argc;
        if (status != SK_EXIT_OK)
                return status;
        sk_err err = sk_json_check(text, SK_JSON_SCAN_DEPTH_MAX, &place);
        if (err != SK_OK)
                return sk_cli_fail(cli, argv[0], "mend it there", "line %u, column %u: %s", place.line, place.column,
                                   sk_err_text(err));
        if (sk_cli_is_json(cli)) {
                json = sk_cli_json_begin(cli);
                sk_json_open_object(json, NULL);
                sk_json_open_array(json, "cases");
        }
        text = sk_slice_trimmed(text);
        sk_json_walk walk = sk_json_walk_make(text);
        if (sk_json_kind_of(text) != SK_JSON_ARRAY)
                status = run_one(cli, json, text, &all_right);
        else
                while (status == SK_EXIT_OK && sk_json_walk_next(&walk, &name, &item))
                        status = run_one(cli, json, item, &all_right);
        if (json != NULL) {
                sk_json_close_array(json);
                sk_json_close_object(json);
                (void)sk_cli_json_end(cli);
        }
        return status != SK_EXIT_OK ? status : all_right ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
}

const sk_command sk_command_map_test = {
        .name = "map-test",
        .text = "fill a mapping from what a file tells, as a link would",
        .arguments = "FILE",
        .arguments_min = 1,
        .arguments_max = 1,
        .details = "FILE (\"-\": standard input) is a JSON object, or a list of them, with\n"
                   "\n"
                   "  template   the mapping\n"
                   "  call, result, edition   what it is filled from, each optional\n"
                   "  gives      what shall come out; or \"fails\": true, if nothing can\n"
                   "  title      what to call it\n"
                   "\n"
                   "Exit status 1 if a mapping is wrong, lacks something, or gives something else.",
        .example = "echo '{\"template\": {\"text\": \"/call/need\"}, \"call\": {\"need\": \"A laptop\"}}' | schakel "
                   "map-test -",
        .run = map_test_run,
};
