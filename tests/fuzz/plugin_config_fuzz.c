#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "how/plugin_load.h"
#include "kit/json_scan.h"

/*
 * The configuration of a plug-in, held against its table of options: either a sentence says what is wrong, or there is a text
 * for each option, of its type.
 */

#define ARENA_BYTES ((size_t)4 << 20)
#define DEPTH_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const schakel_plugin_option options[] = {{"word", SCHAKEL_PLUGIN_TEXT, "", "A word."},
                                                {"number", SCHAKEL_PLUGIN_INTEGER, "7", "A number."},
                                                {"loud", SCHAKEL_PLUGIN_BOOLEAN, "false", "Whether it is loud."},
                                                {"file", SCHAKEL_PLUGIN_FILE, "", "A file."},
                                                {"needed", SCHAKEL_PLUGIN_TEXT, NULL, "One that must be there."},
                                                {0}};
#define OPTIONS (sizeof(options) / sizeof(*options) - 1)

static const schakel_plugin_descriptor descriptor = {
        .abi = SCHAKEL_PLUGIN_ABI, .name = "fuzz", .about = "Nothing.", .options = options};

static bool is_whole_number(const char *text) {
        const char *digits = text[0] == '-' ? text + 1 : text;

        return digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

static void check_values(const char *const *values) {
        for (size_t i = 0; i < OPTIONS; i++)
                assert(values[i] != NULL);
        assert(values[OPTIONS] == NULL);
        assert(is_whole_number(values[1]));
        assert(strcmp(values[2], "true") == 0 || strcmp(values[2], "false") == 0);
        assert(values[3][0] == '\0' || values[3][0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const sk_plugin_loaded loaded = {.plugin = &descriptor, .option_count = OPTIONS};
        const char *values[SK_PLUGIN_OPTIONS_MAX + 1];
        sk_slice config = {(const char *)data, size};
        char why[SK_PLUGIN_WHY_MAX] = "";

        if (sk_json_check(config, DEPTH_MAX, NULL) != SK_OK)
                return 0;
        sk_arena *arena = sk_arena_new(ARENA_BYTES);
        assert(arena != NULL);
        memset(values, 0xff, sizeof(values));
        if (sk_plugin_values(&loaded, config, "/chain/team", arena, values, why) == SK_OK)
                check_values(values);
        else
                assert(why[0] != '\0' && memchr(why, '\0', sizeof(why)) != NULL);
        sk_arena_free(arena);
        return 0;
}
