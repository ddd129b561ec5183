#include "support/one_plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void one_plugin_open(one_plugin *bench, const char *name) {
        const char *build = getenv("SK_BUILD");
        char path[PATH_MAX];
        char why[SK_PLUGIN_WHY_MAX] = "";

        memset(bench, 0, sizeof(*bench));
        folder_make(&bench->folder);
        bench->arena = sk_arena_new(1 << 20);
        (void)snprintf(path, sizeof(path), "%s/plugins/%s.so", build == NULL ? "build/release" : build, name);
        if (sk_plugin_load(path, name, &bench->loaded, why) != SK_OK)
                fail_msg("%s: %s", path, why);
}

const char *one_plugin_begin(one_plugin *bench, const char *config) {
        static char why[SK_PLUGIN_WHY_MAX];
        const char *values[SK_PLUGIN_OPTIONS_MAX + 1];

        if (sk_plugin_values(&bench->loaded, sk_slice_of(config), bench->folder.path, bench->arena, values, why) !=
            SK_OK)
                return why;
        return bench->loaded.plugin->init(values, &bench->state);
}

schakel_plugin_result one_plugin_call(one_plugin *bench, const char *key, const char *input) {
        schakel_plugin_call call = {
                .key = key, .id = "id", .attempt = 1, .attempts = 5, .input = input, .input_len = strlen(input)};

        bench->answer = (schakel_plugin_answer){0};
        return bench->loaded.plugin->handle(bench->state, &call, &bench->answer);
}

void one_plugin_end(one_plugin *bench) {
        if (bench->state != NULL)
                bench->loaded.plugin->exit(bench->state);
        bench->state = NULL;
}

void one_plugin_close(one_plugin *bench) {
        one_plugin_end(bench);
        sk_arena_free(bench->arena);
        folder_remove(&bench->folder);
}
