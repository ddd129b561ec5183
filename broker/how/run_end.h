#ifndef SK_HOW_RUN_END_H
#define SK_HOW_RUN_END_H

#include "how/frame.h"
#include "kit/arena.h"
#include "link/port.h"

/*
 * What the end of a run means that a runner or the process of a plug-in has told: a program by its exit status, a plug-in by
 * its result and the JSON that its process makes of the rest (how/plugin_host.h). Whatever they say is one of few things.
 */

#define SK_RUN_CODE_MAX 32u

/** Of a program; the code of the report lies in @p code, the rest is borrowed from @p end. callid and the like are not
 * set. */
void sk_run_end_program(const sk_run_end *end, char code[SK_RUN_CODE_MAX], sk_effect_report *out);

/** Of a plug-in. @p arena keeps what is not borrowed; without one, or when it is full, there is no text for people. */
void sk_run_end_plugin(const sk_run_end *end, sk_arena *arena, sk_effect_report *out);

#endif
