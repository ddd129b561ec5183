#ifndef SK_KIT_MAPPING_H
#define SK_KIT_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * Mappings: JSON templates that are filled from other JSON. A template gives itself, but that
 *
 *     "/call/need"                                    a text that begins with a slash is a JSON Pointer: its first name is
 *                                                     a source, the rest leads to what takes its place
 *     {"$from": "/call/data/floor", "$default": 0}    the same; the default, a template too, when nothing is there
 *     {"$from": "/call/data/floor", "$optional": true}  the same; without it the member or item is left out
 *     {"$text": ["Call ", "/call/id"]}                one text of texts, numbers, true and false
 *     {"$literal": "/etc/hosts"}                      what stands there, as it is
 *
 * schemas/README.md has examples of each. What is null in a source is there.
 */

#define SK_MAPPING_SOURCES_MAX 8
#define SK_MAPPING_NODES_MAX 2000 /**< values in one template */
#define SK_MAPPING_DEPTH_MAX 32   /**< of the template, and of what comes out */

/** A compiled template; lives in the arena and points into the template's text. */
typedef struct sk_mapping sk_mapping;

/** What is wrong, and where. */
typedef struct sk_mapping_fault {
        char pointer[200]; /**< JSON Pointer into the template; cut off when longer; "" for the whole */
        char text[200];    /**< one sentence without an end, for people: `there is nothing at "/call/need"` */
} sk_mapping_fault;

/**
 * Compiles a template.
 *
 * @param template  text that sk_json_check has accepted; borrowed for the life of @p arena
 * @param sources   names of the sources, static; @p count of them, up to SK_MAPPING_SOURCES_MAX
 * @param out       in the arena; untouched on failure
 * @param fault     filled on failure
 * @return SK_OK; SK_ERR_SYNTAX: a directive is not as it should be; SK_ERR_NOT_FOUND: no such source; SK_ERR_SIZE,
 *         SK_ERR_DEPTH; SK_ERR_NO_MEMORY, SK_ERR_FULL: the arena has no more
 */
sk_err sk_mapping_compile(sk_arena *arena, sk_slice template, const char *const *sources, size_t count,
                          const sk_mapping **out, sk_mapping_fault *fault);

/** Whether anything of that source is asked for: it need not be made otherwise. */
bool sk_mapping_uses(const sk_mapping *mapping, size_t source);

/**
 * Appends the filled template, one JSON value. Takes no memory but @p out's.
 *
 * @param sources  a JSON text that sk_json_check has accepted for each name, in their order; SK_NONE: there is none
 * @param out      its bound is the bound of what comes out; on failure what has been appended is taken back (an error of
 *                 the buffer stays in it)
 * @param fault    filled on failure
 * @return SK_OK; SK_ERR_MISSING: a source has nothing there, and no default; SK_ERR_TYPE: what is there cannot be part of
 *         a text; SK_ERR_DEPTH: nested too deeply; SK_ERR_FULL, SK_ERR_NO_MEMORY: of @p out
 */
sk_err sk_mapping_run(const sk_mapping *mapping, const sk_slice *sources, sk_buf *out, sk_mapping_fault *fault);

#endif
