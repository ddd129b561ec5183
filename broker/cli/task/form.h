#ifndef SK_CLI_FORM_H
#define SK_CLI_FORM_H

#include <jansson.h>
#include <stdint.h>

/**
 * Fills a task's form in as somebody might: every member but `cut` (which is decided elsewhere) and lists that may stay
 * empty. The same @p seed gives the same answers.
 *
 * @param form    JSON Schema; NULL: there is none
 * @param now_us  dates lie in the days after it
 * @return new: an object, perhaps empty; NULL without memory
 */
json_t *sk_form_fill(const json_t *form, uint32_t seed, int64_t now_us);

#endif
