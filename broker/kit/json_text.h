#ifndef SK_KIT_JSON_TEXT_H
#define SK_KIT_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/slice.h"

/*
 * The inside of a JSON string, between its quotes. All but sk_json_text_escape rely on what
 * sk_json_check has accepted.
 */

/**
 * Length of the escape at @p at, which begins with a backslash: 2, 6 or, for a pair of surrogates, 12. 0 if it is none;
 * then *out_lone says whether it is one but stands for half a character.
 */
size_t sk_json_text_escape(const char *at, size_t left, bool *out_lone);

/** Writes what the escape or the byte at *at stands for to @p out, moves *at behind it, and gives the length. */
size_t sk_json_text_unit(const char **at, const char *end, char out[4]);

/** Whether two insides stand for the same text. */
bool sk_json_text_equal(sk_slice a, sk_slice b);

/** Order by what they stand for, as memcmp; a shorter one comes before a longer one that begins with it. */
int sk_json_text_compare(sk_slice a, sk_slice b);

/** A hash of what it stands for: equal texts have equal hashes, however they are escaped. */
uint32_t sk_json_text_hash(sk_slice inside);

#endif
