/*
 * The scenes of a demonstration: commands on a small chain beside the big one, each shown as somebody would type it, with
 * what it prints. They are data (history/scenes/scenes.json below the chain), a list of steps:
 *
 *   {"title": TEXT}, {"say": TEXT}
 *   {"run": [WORD...], "id": NAME}                 runs a command; the call that it raises is $NAME from then on
 *   {"until": [WORD...], "has": TEXT, "id": NAME}  waits until what a command prints has that; $NAME is the call of that line
 *
 * In words $NAME stands for such a call, and $+N for the moment N hours from now.
 */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/demo/demo.h"
#include "cli/inner.h"
#include "kit/json_load.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define SCENES "history/scenes"
#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 8
#define NAMES_MAX 16
#define NAME_ROOM 32
#define SHORT_ID 8 /* of what people type, the end */
#define TURN_MS 100
#define PATIENCE_MS 30000
#define UNTIL_US (180 * SK_SECOND_US)

/** What a name in the scenes stands for. */
typedef struct known {
        char name[NAME_ROOM];
        char id[SK_ID_TEXT + 1];
} known;

typedef struct scenes {
        sk_demo stage; /**< the small chain on a log of its own */
        char chain[SK_DEMO_PATH_MAX];
        char path[SK_DEMO_PATH_MAX];
        known known[NAMES_MAX];
        size_t known_count;
        char times[SK_WHEN_TEXT + 1];
        sk_buf printed;
        sk_buf complaints; /**< what is waited for may not be there yet */
} scenes;

static int fail_step(const scenes *at, size_t step, const char *what) {
        return sk_cli_fail(at->stage.cli, at->path, "links.log in the demonstration's folder may say more",
                           "step %zu: %s", step + 1, what);
}

/* ---- words ---- */

static const char *id_of(const scenes *at, const char *name) {
        for (size_t i = 0; i < at->known_count; i++)
                if (strcmp(at->known[i].name, name) == 0)
                        return at->known[i].id + SK_ID_TEXT - SHORT_ID;
        return NULL;
}

/** What a word stands for; NULL: a name that nothing was called. */
static const char *meaning(scenes *at, const char *word) {
        if (word[0] != '$')
                return word;
        if (word[1] != '+')
                return id_of(at, word + 1);
        sk_when_format(sk_cli_now_us() + strtol(word + 2, NULL, 10) * SK_HOUR_US, at->times);
        return at->times;
}

static bool read_words(scenes *at, const json_t *words, sk_inner *out) {
        static const char *const none[] = {NULL};
        *out = sk_inner_make(none);
        for (size_t i = 0; i < json_array_size(words) && i < SK_INNER_WORDS_MAX / 2; i++) {
                const char *word = json_string_value(json_array_get(words, i));
                word = word == NULL ? NULL : meaning(at, word);
                if (word == NULL)
                        return false;
                sk_inner_add(out, word);
        }
        return out->count > 0;
}

static void show_words(sk_cli *cli, const sk_inner *inner) {
        sk_cli_print(cli, "%s$ schakel", sk_cli_style(cli, SK_DIM));
        for (size_t i = 0; i < inner->count; i++) {
                const char *quote = strpbrk(inner->words[i], " ,") == NULL ? "" : "\"";
                sk_cli_print(cli, " %s%s%s", quote, inner->words[i], quote);
        }
        sk_cli_print(cli, "%s\n", sk_cli_style(cli, SK_PLAIN));
        fflush(sk_cli_out(cli));
}

/** What it prints is shown, or with @p out kept there, as JSON; what it complains about is shown unless @p err takes it. */
static int run(const scenes *at, sk_inner inner, sk_buf *out, sk_buf *err) {
        sk_inner_add_option(&inner, "-C", at->chain);
        sk_inner_add_option(&inner, "--log", at->stage.log);
        if (out != NULL)
                sk_inner_add(&inner, "--json");
        return sk_inner_run(at->stage.cli, &inner, out, err);
}

/* ---- names ---- */

static bool keep(scenes *at, const char *name, sk_slice id) {
        if (name == NULL)
                return true;
        if (at->known_count == NAMES_MAX || strlen(name) >= NAME_ROOM || id.len != SK_ID_TEXT)
                return false;
        known *one = &at->known[at->known_count++];
        (void)snprintf(one->name, sizeof(one->name), "%s", name);
        memcpy(one->id, id.at, SK_ID_TEXT);
        return true;
}

/** The first line that has @p text; SK_NONE: none. */
static sk_slice line_with(sk_slice printed, const char *text) {
        while (printed.len > 0) {
                const char *end = memchr(printed.at, '\n', printed.len);
                sk_slice line = {printed.at, end == NULL ? printed.len : (size_t)(end - printed.at)};
                if (memmem(line.at, line.len, text, strlen(text)) != NULL)
                        return line;
                printed = end == NULL ? SK_NONE : (sk_slice){end + 1, printed.len - line.len - 1};
        }
        return SK_NONE;
}

/* ---- steps ---- */

static int step_run(scenes *at, size_t step, const json_t *words, const char *name) {
        sk_cli *cli = at->stage.cli;
        sk_inner inner;
        if (!read_words(at, words, &inner))
                return fail_step(at, step, "a word is no text, or a name that is not known");
        show_words(cli, &inner);
        sk_buf_clear(&at->printed);
        if (run(at, inner, name == NULL ? NULL : &at->printed, NULL) != SK_EXIT_OK)
                return fail_step(at, step, "the command has failed");
        if (name == NULL)
                return SK_EXIT_OK;
        sk_slice line = line_with(sk_buf_slice(&at->printed), "\"call\"");
        if (!keep(at, name, sk_json_member_string(line, "call", sk_cli_arena(cli))))
                return fail_step(at, step, "it has raised no call");
        sk_cli_print(cli, "raised: %s\n", id_of(at, name));
        return SK_EXIT_OK;
}

static int step_until(scenes *at, size_t step, const json_t *of) {
        const char *text = json_string_value(json_object_get(of, "has"));
        int64_t until_us = sk_cli_now_us() + UNTIL_US;
        sk_slice line = SK_NONE;
        sk_inner inner;
        if (text == NULL || !read_words(at, json_object_get(of, "until"), &inner))
                return fail_step(at, step, "a word is no text, or a name that is not known");
        while (!sk_slice_there(line) && !sk_cli_is_interrupted()) {
                sk_children_turn(at->stage.children, TURN_MS);
                sk_buf_clear(&at->printed);
                sk_buf_clear(&at->complaints);
                if (run(at, inner, &at->printed, &at->complaints) == SK_EXIT_OK)
                        line = line_with(sk_buf_slice(&at->printed), text);
                if (sk_cli_now_us() > until_us)
                        return fail_step(at, step, "what it waits for does not happen");
        }
        if (sk_cli_is_interrupted() || keep(at, json_string_value(json_object_get(of, "id")),
                                            sk_json_member_string(line, "call", sk_cli_arena(at->stage.cli))))
                return SK_EXIT_OK;
        return fail_step(at, step, "what it waits for is no call");
}

static int step_one(scenes *at, size_t number, const json_t *step) {
        sk_cli *cli = at->stage.cli;
        const char *title = json_string_value(json_object_get(step, "title"));
        const char *said = json_string_value(json_object_get(step, "say"));
        const json_t *words = json_object_get(step, "run");
        if (title != NULL)
                sk_cli_print(cli, "\n%s%s%s\n", sk_cli_style(cli, SK_BOLD), title, sk_cli_style(cli, SK_PLAIN));
        if (said != NULL)
                sk_cli_print(cli, "%s\n", said);
        fflush(sk_cli_out(cli));
        if (words != NULL)
                return step_run(at, number, words, json_string_value(json_object_get(step, "id")));
        if (json_object_get(step, "until") != NULL)
                return step_until(at, number, step);
        return title == NULL && said == NULL ? fail_step(at, number, "it is none") : SK_EXIT_OK;
}

/* ---- all of them ---- */

static int load(const scenes *at, json_t **out) {
        sk_cli *cli = at->stage.cli;
        sk_slice text = SK_NONE;
        sk_place place = {0};
        int status = sk_cli_read(cli, at->path, TEXT_MAX, &text);
        if (status != SK_EXIT_OK)
                return status;
        sk_err err = sk_json_load(text, DEPTH_MAX, out, &place);
        if (err == SK_OK && json_is_array(*out))
                return SK_EXIT_OK;
        return sk_cli_fail(cli, at->path, "it is a list of steps", "line %u: %s", place.line, sk_err_text(err));
}

static int play(scenes *at) {
        json_t *steps = NULL;
        int status = load(at, &steps);
        if (status == SK_EXIT_OK)
                status = sk_demo_links_begin(&at->stage);
        for (size_t i = 0; i < json_array_size(steps) && status == SK_EXIT_OK && !sk_cli_is_interrupted(); i++)
                status = step_one(at, i, json_array_get(steps, i));
        json_decref(steps);
        return status;
}

static bool is_wanted(const sk_demo *demo, scenes *at) {
        (void)snprintf(at->chain, sizeof(at->chain), "%.*s/" SCENES, SK_DEMO_PATH_MAX / 2, demo->source);
        (void)snprintf(at->path, sizeof(at->path), "%.*s/" SCENES "/scenes.json", SK_DEMO_PATH_MAX / 2, demo->source);
        return !sk_cli_is_json(demo->cli) && !sk_cli_flag(demo->cli, "keep") && !sk_cli_flag(demo->cli, "no-scenes") &&
               access(at->path, R_OK) == 0;
}

int sk_demo_scenes(sk_demo *demo) {
        scenes at = {.stage = {.cli = demo->cli,
                               .folder = demo->folder,
                               .said = demo->said,
                               .replay = SK_DEMO_NONE,
                               .kafka = {.first = SK_DEMO_NONE, .second = SK_DEMO_NONE}},
                     .printed = sk_buf_make(TEXT_MAX),
                     .complaints = sk_buf_make(TEXT_MAX)};
        if (!is_wanted(demo, &at))
                return SK_EXIT_OK;
        at.stage.chain = at.chain;
        if (!sk_demo_path(demo, SK_DEMO_SCENES_LOG, at.stage.file))
                return SK_EXIT_NEGATIVE;
        (void)snprintf(at.stage.log, sizeof(at.stage.log), "local:%s", at.stage.file);
        int status = sk_links_edition(demo->cli, at.chain, &at.stage.session.edition);
        if (status == SK_EXIT_OK)
                status = play(&at);
        if (at.stage.children != NULL)
                (void)sk_children_end(at.stage.children, PATIENCE_MS);
        sk_children_free(at.stage.children);
        sk_session_close(&at.stage.session);
        sk_buf_free(&at.printed);
        sk_buf_free(&at.complaints);
        if (status == SK_EXIT_OK)
                sk_cli_print(demo->cli, "\n");
        return status;
}
