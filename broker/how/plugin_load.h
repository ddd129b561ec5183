#ifndef SK_HOW_PLUGIN_LOAD_H
#define SK_HOW_PLUGIN_LOAD_H

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"
#include "schakel/plugin.h"

/* Shared objects with a plug-in in them, and what their tables of options are good for. */

#define SK_PLUGIN_OPTIONS_MAX 64u
#define SK_PLUGIN_WHY_MAX 512u

/** A plug-in that is loaded. */
typedef struct sk_plugin_loaded {
        void *object;
        const schakel_plugin_descriptor *plugin;
        size_t option_count;
} sk_plugin_loaded;

/**
 * Loads one; its constructors run. It is not unloaded again: libraries that it brought along may not bear it.
 *
 * @param name  what it has to be called; NULL: any
 * @param why   on failure a sentence
 */
sk_err sk_plugin_load(const char *path, const char *name, sk_plugin_loaded *out, char why[SK_PLUGIN_WHY_MAX]);

/**
 * Reads a configuration by the table: every member is known and of its type, what must be there is there.
 *
 * @param config    JSON object that sk_json_check has accepted; SK_NONE: {}
 * @param team_dir  what files are relative to
 * @param values    gets as many texts as there are options, and NULL
 * @param why       on failure a sentence
 */
sk_err sk_plugin_values(const sk_plugin_loaded *loaded, sk_slice config, const char *team_dir, sk_arena *arena,
                        const char *values[SK_PLUGIN_OPTIONS_MAX + 1], char why[SK_PLUGIN_WHY_MAX]);

/** Appends what there is to know of it: a page in Markdown, which is read well as plain text. */
void sk_plugin_page(const sk_plugin_loaded *loaded, sk_buf *out);

#endif
