#ifndef SK_KIT_JSON_SCAN_H
#define SK_KIT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/arena.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * JSON (RFC 8259) read in place, without a tree: a text is checked once, then members are found by walking.
 * Everything but sk_json_check relies on text that sk_json_check has accepted.
 */

/** Where something stands in a text: line and column from 1 (columns count bytes), offset from 0. */
typedef struct sk_place {
        size_t offset;
        uint32_t line;
        uint32_t column;
} sk_place;

/** The place of @p offset in @p text, which need not be JSON; an offset behind the end counts as the end. */
sk_place sk_place_of(sk_slice text, size_t offset);

#define SK_JSON_SCAN_DEPTH_MAX 128 /**< no depth larger than this is ever accepted */

typedef enum sk_json_kind {
        SK_JSON_NULL,
        SK_JSON_FALSE,
        SK_JSON_TRUE,
        SK_JSON_NUMBER,
        SK_JSON_STRING,
        SK_JSON_ARRAY,
        SK_JSON_OBJECT,
} sk_json_kind;

/**
 * Checks that @p text is one JSON value in UTF-8 with no duplicate member in any object, nothing behind it
 * but white space, and at most @p max_depth arrays and objects inside each other. An escape that is half a
 * surrogate pair counts as bad UTF-8. Takes memory only while more than 128 names are in open objects.
 *
 * @return SK_OK, SK_ERR_SYNTAX, SK_ERR_UTF8, SK_ERR_DEPTH, SK_ERR_DUPLICATE or SK_ERR_NO_MEMORY; then *out_place
 *         (may be NULL) says where; for a duplicate that is the opening quote of the later name
 */
sk_err sk_json_check(sk_slice text, unsigned max_depth, sk_place *out_place);

/**
 * Whether two values, trimmed, mean the same: 1.0 is 1, texts are the same however they are escaped, and the order of an
 * object's members does not matter.
 */
bool sk_json_equal(sk_slice a, sk_slice b);

/** What kind of value @p value is; leading white space is skipped. */
sk_json_kind sk_json_kind_of(sk_slice value);

/** The value of member @p name of the object @p object, trimmed; SK_NONE if there is none or it is no object. */
sk_slice sk_json_member(sk_slice object, const char *name);

/** The string member @p name, unescaped; copied to @p arena only if it has escapes. SK_NONE if it is no string
 * or there is no room. */
sk_slice sk_json_member_string(sk_slice object, const char *name, sk_arena *arena);

/** An integer member, without fraction or exponent, in [min, max]; false otherwise. */
bool sk_json_member_int(sk_slice object, const char *name, int64_t min, int64_t max, int64_t *out);

/**
 * The text of string @p value; copied to @p arena only if it has escapes; SK_NONE if it is no string or there is no
 * room.
 */
sk_slice sk_json_string(sk_slice value, sk_arena *arena);

/** Walks the members of an object or the items of an array. */
typedef struct sk_json_walk {
        const char *at;
        const char *end;
        bool is_object;
} sk_json_walk;

/** A walk over the members of an object or the items of an array; over nothing of anything else. */
sk_json_walk sk_json_walk_make(sk_slice value);
/** Next member or item; *out_name is the raw name without quotes (SK_NONE for an item); false at the end. */
bool sk_json_walk_next(sk_json_walk *walk, sk_slice *out_name, sk_slice *out_value);

/**
 * Where the value at JSON Pointer (RFC 6901) @p pointer stands; if @p of_name, its member name instead.
 * An empty pointer is the whole text. false if it leads nowhere; then *out_place is the nearest parent.
 */
bool sk_json_place(sk_slice text, const char *pointer, bool of_name, sk_place *out_place);

#endif
